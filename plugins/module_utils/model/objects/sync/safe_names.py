# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Which keys can be the paths of files below a directory. All others fail before anything of them is written.

A key may have any characters, and anyone who can write to the bucket chooses it.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping

from ...errors import Failure, FailureKind

# The limits of Linux, in bytes. Other systems that run Ansible have the same or lower ones.
LONGEST_NAME, LONGEST_PATH = 255, 4095

_ADVICE = "Exclude it with exclude, or give the object another key."


def unsafe_path(path: str, directory: str, encode: Callable[[str], bytes]) -> str:
    """Why a path is not one of a file below the directory, to complete "the key …". Empty: it is one.

    `encode` returns the bytes that the file system gets, and raises UnicodeEncodeError for a text that it cannot have.
    """
    parts = path.split("/")
    if path.startswith("/"):
        return "is an absolute path"
    if "" in parts:
        return "ends with a slash" if path.endswith("/") else "has an empty part between two slashes"
    if ".." in parts or "." in parts:
        return "has a part . or .., which leads to another directory"
    if "\0" in path:
        return "has a NUL character, which no name of a file can have"
    try:
        names = [encode(part) for part in parts]
        length = len(encode(directory)) + 1 + sum(map(len, names)) + len(names) - 1
    except UnicodeEncodeError:
        return "has characters that the file system of the target cannot have in a name"
    if max(map(len, names)) > LONGEST_NAME:
        return f"has a part of more than {LONGEST_NAME} bytes"
    return f"makes a path of more than {LONGEST_PATH} bytes" if length > LONGEST_PATH else ""


def same_case(path: str) -> str:
    """The path as a file system sees it that distinguishes neither cases nor the forms of one character."""
    return path.lower() if path.isascii() else unicodedata.normalize("NFC", path.casefold())


def find_conflicts(paths: Iterable[str], fold: Callable[[str], str] = lambda path: path) -> dict[str, str]:
    """The paths that cannot be files beside others, each with one of those others.

    Of the paths that are one name after `fold`, all but the first; and every path below another path, as that one is
    a file.
    """
    conflicts: dict[str, str] = {}
    files: dict[str, str] = {}
    for path in paths:
        first = files.setdefault(fold(path), path)
        if first is not path:
            conflicts[path] = first
    for folded, path in files.items():
        above = next((files[parent] for parent in _parents(folded) if parent in files), None)
        if above is not None:
            conflicts[path] = above
    return conflicts


def refuse_name(key: str, reason: str) -> Failure:
    """The failure of an object whose key cannot be the path of a file."""
    return Failure(FailureKind.INVALID, f"The key {key!r} {reason}, so it is not written.", _ADVICE, resource=key)


def conflict_failures(conflicts: Mapping[str, str], prefix: str) -> dict[str, Failure]:
    """The failures of the paths of `find_conflicts`."""
    return {
        path: refuse_name(prefix + path, f"cannot be a file beside that of the key {prefix + other!r}")
        for path, other in conflicts.items()
    }


def _parents(path: str) -> Iterator[str]:
    """The directories of a path, the longest first."""
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path
