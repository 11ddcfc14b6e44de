# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Listed objects, each together with the object that has the name of its instruction file.

S3 lists keys in the order of their bytes, so `K` comes before `K.instruction`. Any number of keys can be between them,
such as `K-x`, but all of those begin with `K`. So an object is kept back until a key is listed that does not begin with
its own. At most as many objects are kept back as a key has bytes, because each is a prefix of the next one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ..errors import OperationError
from .instruction_file import owner_of_file
from .listed_object import ListedObject


@dataclass(frozen=True, slots=True)
class ListedEntry:
    """A listed object, with its position in the list, which starts at 0.

    `file` is the object with the name of its instruction file; it may have one, too. `has_no_owner` is true for an
    object with such a name if the object that it would belong to is not in the list, although its key has the prefix.
    """

    position: int
    listed: ListedObject
    file: ListedEntry | None = None
    has_no_owner: bool = False


def with_instruction_files(listed: Iterable[ListedObject], prefix: str) -> Iterator[ListedEntry]:
    """The objects of a list of a prefix. An instruction file comes with its object, and not as an entry of its own.

    Whether the object uses the file is not known here. A list that raises OperationError is raised after what it had.
    """
    waiting: list[ListedEntry] = []
    failure: OperationError | None = None
    try:
        for position, found in enumerate(listed):
            while waiting and not found.key.startswith(waiting[-1].listed.key):
                yield from _release(waiting)
            owner = owner_of_file(found.key)
            has_no_owner = owner is not None and owner.startswith(prefix) and _place(owner, waiting) is None
            waiting.append(ListedEntry(position, found, None, has_no_owner))
    except OperationError as error:
        failure = error
    while waiting:
        yield from _release(waiting)
    if failure:
        raise failure


def _release(waiting: list[ListedEntry]) -> Iterator[ListedEntry]:
    """Take the last object away. As the instruction file of one that still waits, it becomes a part of that."""
    last = waiting.pop()
    place = _place(owner_of_file(last.listed.key), waiting)
    if place is None:
        yield last
    else:
        waiting[place] = replace(waiting[place], file=last)


def _place(key: str | None, waiting: list[ListedEntry]) -> int | None:
    if key is None:
        return None
    return next((place for place in reversed(range(len(waiting))) if waiting[place].listed.key == key), None)
