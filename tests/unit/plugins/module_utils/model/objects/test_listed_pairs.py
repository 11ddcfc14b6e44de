# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Listed objects and the objects with the names of their instruction files."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.instruction_file import owner_of_file
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.listed_object import ListedObject
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.listed_pairs import (
    ListedEntry,
    with_instruction_files,
)

FILE = ".instruction"


def listed(*keys: str) -> Iterator[ListedObject]:
    """These keys as S3 lists them."""
    return (ListedObject(key, 1, "", "") for key in sorted(keys, key=lambda key: key.encode()))


def chain(entry: ListedEntry | None) -> tuple[str, ...]:
    """The key of an object, that of its file, that of the file of this one, and so on."""
    return (entry.listed.key, *chain(entry.file)) if entry else ()


@pytest.mark.parametrize(
    ("keys", "chains", "without_owner"),
    [
        ((), [], []),
        (("a",), [("a",)], []),
        (("a", f"a{FILE}"), [("a", f"a{FILE}")], []),
        # Keys between an object and its file, and after it.
        (
            ("a", "a b", "a-1", "a-2", f"a-2{FILE}", "a.a", f"a{FILE}", f"a{FILE}2", "a/b", f"a/b{FILE}", "b"),
            [
                ("a", f"a{FILE}"), ("a b",), ("a-1",), ("a-2", f"a-2{FILE}"), ("a.a",), (f"a{FILE}2",),
                ("a/b", f"a/b{FILE}"), ("b",),
            ],
            [],
        ),
        ((f"a{FILE}", "b"), [(f"a{FILE}",), ("b",)], [f"a{FILE}"]),
        (("a", f"a{FILE}", f"a{FILE}{FILE}"), [("a", f"a{FILE}", f"a{FILE}{FILE}")], []),
        ((FILE, f"{FILE}{FILE}"), [(FILE, f"{FILE}{FILE}")], []),
        (("ä", f"ä{FILE}", "ä\U0001f511"), [("ä", f"ä{FILE}"), ("ä\U0001f511",)], []),
    ],
)  # fmt: skip
def test_a_file_comes_with_its_object(
    keys: tuple[str, ...], chains: list[tuple[str, ...]], without_owner: list[str]
) -> None:
    """And only with its own."""
    found = sorted(with_instruction_files(listed(*keys), ""), key=lambda entry: entry.position)
    assert [chain(entry) for entry in found] == chains
    assert [entry.listed.key for entry in found if entry.has_no_owner] == without_owner


def test_an_owner_without_the_prefix_may_exist() -> None:
    """The list does not have it."""
    (entry,) = with_instruction_files(listed(f"a{FILE}"), "a.")
    assert not entry.has_no_owner
    (entry,) = with_instruction_files(listed(f"a{FILE}"), "a")
    assert entry.has_no_owner


KEYS = st.sets(st.text(alphabet="a-/.\uffff\U00010000", max_size=3).map(lambda key: key or "a"), max_size=12)


@given(keys=KEYS, files=st.sets(st.integers(0, 11)))
def test_each_object_is_found_once(keys: set[str], files: set[int]) -> None:
    """As a search in the set of all keys finds it."""
    every = keys | {f"{key}{FILE}" for number, key in enumerate(sorted(keys)) if number in files}
    entries = list(with_instruction_files(listed(*every), ""))
    chains = [chain(entry) for entry in entries]
    assert sorted(key for found in chains for key in found) == sorted(every)
    assert all(later == f"{earlier}{FILE}" for found in chains for earlier, later in itertools.pairwise(found))
    for entry in entries:
        owner = owner_of_file(entry.listed.key)
        assert (owner is not None, entry.has_no_owner) in ((False, False), (True, owner not in every))
        assert owner not in every


def test_few_objects_wait_at_a_time() -> None:
    """However long the list is, and however many keys are between an object and its file."""
    taken = 0

    def source() -> Iterator[ListedObject]:
        nonlocal taken
        yield ListedObject("a", 1, "", "")
        for number in range(20_000):
            taken += 1
            yield ListedObject(f"a-{number:05}", 1, "", "")
        yield ListedObject(f"a{FILE}", 1, "", "")

    ahead = 0
    for done, _entry in enumerate(with_instruction_files(source(), "")):
        ahead = max(ahead, taken - done)
    assert ahead <= 2


def test_what_a_failed_list_had_comes_before_the_failure() -> None:
    """Also the objects that still wait."""

    def source() -> Iterator[ListedObject]:
        yield from listed("a", "a-1")
        raise OperationError(Failure(FailureKind.THROTTLED, "Slow down."))

    entries = with_instruction_files(source(), "")
    assert [next(entries).listed.key for _each in range(2)] == ["a-1", "a"]
    with pytest.raises(OperationError, match="Slow down"):
        next(entries)
