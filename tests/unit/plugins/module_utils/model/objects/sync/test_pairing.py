# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Files and objects side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.model.errors import OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.listed_object import ListedObject
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.sync import pairing
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.sync.pairing import (
    Owner,
    Pair,
    in_order,
    name_order,
    pair,
)


@dataclass(frozen=True)
class File:
    """A local file."""

    path: str


def listed(*keys: str) -> list[ListedObject]:
    """Objects with these keys, in the order of S3."""
    return [ListedObject(key, 1, '"e"', "") for key in sorted(keys, key=name_order)]


def pairs(prefix: str, paths: tuple[str, ...], keys: tuple[str, ...], *, finds: bool = False) -> list[Pair[File]]:
    """The pairs of these files and objects."""
    files = [File(path) for path in sorted(paths, key=name_order)]
    return list(pair(prefix, files, listed(*keys), finds_instruction_files=finds))


@pytest.mark.parametrize(
    ("paths", "keys", "expected"),
    [
        ((), (), []),
        (("a",), (), [("a", True, False)]),
        ((), ("p/a",), [("a", False, True)]),
        (("a", "b"), ("p/b", "p/c"), [("a", True, False), ("b", True, True), ("c", False, True)]),
        # A slash is after a full stop, and a hyphen before both.
        (("a/b", "a.b", "a-b"), ("p/a.b",), [("a-b", True, False), ("a.b", True, True), ("a/b", True, False)]),
        # Bytes of UTF-8, and not units of UTF-16, decide.
        (("\uffee", "\U0001f600"), ("p/\U0001f600",), [("\uffee", True, False), ("\U0001f600", True, True)]),
        # The prefix itself is the marker of a folder.
        (("a",), ("p/", "p/a"), [("", False, True), ("a", True, True)]),
    ],
)
def test_both_sides_are_merged(
    paths: tuple[str, ...], keys: tuple[str, ...], expected: list[tuple[str, bool, bool]]
) -> None:
    """Each name once, in the order of S3."""
    found = pairs("p/", paths, keys)
    assert [(each.path, each.local is not None, each.listed is not None) for each in found] == expected
    assert all(each.key == f"p/{each.path}" for each in found)


NAMES = st.text(alphabet="ab-./\u00e9\U0001f600", min_size=1, max_size=4) | st.sampled_from(
    ["a.instruction", "b", "a-x", "a.instruction.instruction", "a/b.instruction", "a.instruction/x"]
)


@given(st.frozensets(NAMES, max_size=8), st.frozensets(NAMES, max_size=8), st.sampled_from(["", "p/"]))
def test_the_merge_is_that_of_two_sets(paths: frozenset[str], objects: frozenset[str], prefix: str) -> None:
    """Nothing is lost or doubled, and what is said of instruction files is true."""
    found = pairs(prefix, tuple(paths), tuple(prefix + name for name in objects), finds=True)
    assert [each.path for each in found] == sorted(paths | objects, key=name_order)
    for each in found:
        assert (each.local is not None, each.listed is not None) == (each.path in paths, each.path in objects)
        assert each.has_instruction_file == (f"{each.path}.instruction" in objects)
        base = each.path.removesuffix(".instruction")
        expected = Owner(prefix + base, base in objects, base in paths) if base != each.path else None
        assert each.owner == expected


def test_what_is_between_an_object_and_its_instruction_file() -> None:
    """`K-x` follows K, and precedes K.instruction."""
    found = {each.path: each for each in pairs("", ("K",), ("K", "K-x", "K.instruction"), finds=True)}
    assert found["K"].has_instruction_file is True
    assert found["K-x"].has_instruction_file is False
    assert found["K.instruction"].owner == Owner("K", is_listed=True, is_local=True)


def test_an_instruction_file_too_far_ahead_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list is read ahead only so far, because memory is bounded."""
    monkeypatch.setattr(pairing, "LOOKAHEAD", 2)
    keys = ("K", "K-1", "K-2", "K-3", "K.instruction")
    found = {each.path: each.has_instruction_file for each in pairs("", (), keys)}
    assert found == {"K": None, "K-1": False, "K-2": False, "K-3": False, "K.instruction": False}


def test_a_file_with_an_object_reads_nothing_ahead() -> None:
    """Only what is deleted, and what gets an instruction file, needs to know."""
    read: list[str] = []

    def reading() -> Iterator[ListedObject]:
        for found in listed("a", "b"):
            read.append(found.key)
            yield found

    first = next(pair("", [File("a")], reading()))
    assert (first.has_instruction_file, read) == (None, ["a"])


def test_the_order_of_aws_is_checked() -> None:
    """A list in another order would look as if objects were missing."""
    keys = [ListedObject(key, 1, "", "") for key in ("a", "c", "b")]
    with pytest.raises(OperationError, match="'b' after one that follows it"):
        list(in_order(keys, at_aws=True))
    with pytest.raises(OperationError, match="'a' after one"):
        list(in_order([*keys[:1], *keys[:1]], at_aws=True))
    assert [found.key for found in in_order(keys, at_aws=False)] == ["a", "b", "c"]
