# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Tags as values: check and merge them. Also the rule for the values of every option that maps names to texts."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from .errors import invalid_input

Tags = tuple[tuple[str, str], ...]

# The prefix of the tags that only AWS's services can write.
# Source: https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
RESERVED_PREFIX = "aws:"

# The limits that S3 and KMS share. Both count UTF-16 units, and accept letters, numbers and spaces of any script.
# Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/tagging-managing.html
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_S3Tag.html
# https://docs.aws.amazon.com/kms/latest/APIReference/API_Tag.html
_LONGEST_KEY, _LONGEST_VALUE = 128, 256
_CATEGORIES = "LZN"
_SIGNS = "_.:/=+-@"


def freeze_tags(tags: Mapping[str, str]) -> Tags:
    """Tags as a value, sorted by key."""
    return tuple(sorted(tags.items()))


def freeze_texts(option: str, given: Mapping[Any, Any]) -> Tags:
    """The names and texts of an option that is a dict, sorted by name. Numbers and booleans of YAML become text.

    Raises OperationError for a name without a value, which is often an undefined variable and would be stored as the
    text "None", and for a value that is a list or a dict.
    """
    for name, value in given.items():
        if value is None:
            raise invalid_input(
                f"{option}: {str(name)!r} has no value.", 'Give it a text ("" for an empty one), or leave it out.'
            )
        if isinstance(value, (list, dict)):
            kind = "list" if isinstance(value, list) else "dict"
            raise invalid_input(
                f"{option}: the value of {str(name)!r} is a {kind}.", "Give it a text, such as one made by to_json."
            )
    return freeze_tags({str(name): str(value) for name, value in given.items()})


def validate_tags(given: Mapping[Any, Any]) -> Tags:
    """The tags that a task may write.

    Raises OperationError for those with AWS's own prefix, in any letter case, and for what neither S3 nor KMS accepts.
    """
    tags = freeze_texts("tags", given)
    reserved = [key for key, _value in tags if key.lower().startswith(RESERVED_PREFIX)]
    if reserved:
        raise invalid_input(
            f"tags: {', '.join(reserved)} cannot be written, as {RESERVED_PREFIX} is for AWS's own tags.",
            "Leave them out. Existing ones are kept.",
        )
    for key, value in tags:
        if not key:
            raise invalid_input("tags: a key is empty.", "Give each tag a key.")
        _require_text(f"the key {_shown(key)}", key, _LONGEST_KEY)
        _require_text(f"the value of {_shown(key)}", value, _LONGEST_VALUE)
    return tags


def _require_text(what: str, text: str, longest: int) -> None:
    length = len(text.encode("utf-16-le")) // 2
    if length > longest:
        raise invalid_input(f"tags: {what} has {length} characters, and AWS accepts at most {longest}.", "Shorten it.")
    for character in text:
        if unicodedata.category(character)[0] not in _CATEGORIES and character not in _SIGNS:
            raise invalid_input(
                f"tags: {what} contains {character!r}, which AWS does not accept in tags.",
                f"Use letters, numbers, spaces and {' '.join(_SIGNS)}.",
            )


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:40]}…")


def merge_tags(current: Tags, desired: Tags | None, purge: bool) -> Tags:
    """The current tags with the desired ones added; with `purge`, other tags are removed, except AWS's own.

    None as the desired tags keeps all of the current ones.
    """
    if desired is None:
        return current
    kept = {key: value for key, value in current if not purge or key.startswith(RESERVED_PREFIX)}
    return freeze_tags(kept | dict(desired))
