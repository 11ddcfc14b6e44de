# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Files and objects side by side, by the path below the directory and the prefix.

Both sides are in the order of S3: that of the bytes of their names in UTF-8. So they are merged, and neither the list
of objects nor the pairs are ever in memory as a whole.
Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from ...errors import Failure, FailureKind, OperationError
from ..envelope_fields import INSTRUCTION_SUFFIX
from ..listed_object import ListedObject

# How many listed objects are read ahead to find the instruction file of one. Its key follows after those that begin
# with the key of the object and a character before the full stop.
LOOKAHEAD = 10_000


class HasPath(Protocol):
    """A file, or a file that failed, with its path below the directory, `/` between its parts."""

    @property
    def path(self) -> str:
        """The path."""


LocalT = TypeVar("LocalT", bound=HasPath)


@dataclass(frozen=True, slots=True)
class Owner:
    """The object that an instruction file of this name belongs to: whether it is listed, and whether it is a file."""

    key: str
    is_listed: bool
    is_local: bool


@dataclass(frozen=True, slots=True)
class Pair(Generic[LocalT]):
    """A file and its object. None: that side does not have it.

    `owner` is set for a name that ends like that of an instruction file. `has_instruction_file` says whether an object
    with the name of the instruction file of this one is listed, or None where it was not looked for.
    """

    key: str
    path: str
    local: LocalT | None
    listed: ListedObject | None
    owner: Owner | None = None
    has_instruction_file: bool | None = None


def name_order(name: str) -> bytes:
    """The key to sort names by, as S3 does. Names that are not UTF-8 are sorted, too."""
    return name.encode("utf-8", "surrogatepass")


def in_order(listed: Iterable[ListedObject], *, at_aws: bool) -> Iterator[ListedObject]:
    """The objects in the order of S3. Raises OperationError if AWS lists them in another one.

    What another store lists is sorted here, because not every store has an order.
    """
    if not at_aws:
        yield from sorted(listed, key=lambda found: name_order(found.key))
        return
    previous = b""
    for found in listed:
        current = name_order(found.key)
        if current <= previous and previous:
            raise _out_of_order(found.key)
        previous = current
        yield found


def pair(
    prefix: str, local: Iterable[LocalT], listed: Iterable[ListedObject], *, finds_instruction_files: bool = False
) -> Iterator[Pair[LocalT]]:
    """The pairs in the order of S3. Both sides have to be in this order.

    With `finds_instruction_files`, each pair says whether its instruction file is listed. Otherwise only those without
    a file do, because deleting an object depends on it.
    """
    objects, names = _Ahead(listed), _Names()
    files = iter(local)
    file = next(files, None)
    found = objects.next()
    while file is not None or found is not None:
        key, has_file, has_object = _first(prefix, file, found)
        this_file, this_object = file if has_file else None, found if has_object else None
        if has_file:
            file = next(files, None)
        owner = names.add(key, is_listed=has_object, is_local=has_file)
        looks = finds_instruction_files or this_file is None
        beside = objects.has(key + INSTRUCTION_SUFFIX) if looks else None
        yield Pair(key, key[len(prefix) :], this_file, this_object, owner, beside)
        if has_object:
            found = objects.next()


def _first(prefix: str, file: HasPath | None, found: ListedObject | None) -> tuple[str, bool, bool]:
    """The next key of both sides, and which sides have it."""
    if file is None:
        return (found.key if found else ""), False, True
    key = prefix + file.path
    if found is None:
        return key, True, False
    if key == found.key:
        return key, True, True
    is_file = name_order(key) < name_order(found.key)
    return (key if is_file else found.key), is_file, not is_file


class _Ahead:
    """The listed objects, of which some are read ahead. The one that was returned last is not part of them."""

    def __init__(self, listed: Iterable[ListedObject]) -> None:
        self._listed = iter(listed)
        self._ahead: deque[ListedObject] = deque()
        self._current: ListedObject | None = None

    def next(self) -> ListedObject | None:
        """The next object; None after the last one."""
        self._current = self._ahead.popleft() if self._ahead else next(self._listed, None)
        return self._current

    def has(self, key: str) -> bool | None:
        """Whether an object with this key is listed, from the current one on. None: it would be too far ahead."""
        wanted = name_order(key)
        if self._current and (order := name_order(self._current.key)) >= wanted:
            return order == wanted
        for found in self._ahead:
            if (order := name_order(found.key)) >= wanted:
                return order == wanted
        while len(self._ahead) < LOOKAHEAD:
            following = next(self._listed, None)
            if following is None:
                return False
            self._ahead.append(following)
            if (order := name_order(following.key)) >= wanted:
                return order == wanted
        return None


class _Names:
    """The names so far that the next one may begin with. In their order, those form a chain."""

    def __init__(self) -> None:
        self._chain: list[Owner] = []

    def add(self, key: str, *, is_listed: bool, is_local: bool) -> Owner | None:
        """Add the next name, and return the object that it would be the instruction file of, if that is known."""
        while self._chain and not key.startswith(self._chain[-1].key):
            self._chain.pop()
        owner = None
        if key.endswith(INSTRUCTION_SUFFIX):
            name = key[: -len(INSTRUCTION_SUFFIX)]
            known = (each for each in reversed(self._chain) if each.key == name)
            owner = next(known, Owner(name, is_listed=False, is_local=False))
        self._chain.append(Owner(key, is_listed, is_local))
        return owner


def _out_of_order(key: str) -> OperationError:
    return OperationError(
        Failure(
            FailureKind.UNVERIFIED,
            f"ListObjectsV2 returned the key {key!r} after one that follows it, so the list may not be complete.",
            "Nothing is deleted. Use a general purpose bucket: only these list their objects in order.",
            "s3:ListObjectsV2",
        )
    )
