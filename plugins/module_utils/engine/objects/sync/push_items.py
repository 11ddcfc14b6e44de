# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What a push is about, one after the other: files, entries that failed, and objects without a file."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from typing import Union

from ....model.errors import Failure, FailureKind, OperationError, assert_never
from ....model.objects.limits import require_object_key
from ....model.objects.listed_object import ListedObject
from ....model.objects.sync.pairing import Owner, Pair, name_order, pair
from ....model.objects.sync.selection import PathSelection
from .local_files import FailedEntry, LocalFile, LocalList


@dataclass(frozen=True, slots=True)
class Upload:
    """A file, and what the list says of its object."""

    key: str
    file: LocalFile
    is_listed: bool
    has_instruction_file: bool | None


@dataclass(frozen=True, slots=True)
class Deletion:
    """A listed object without a file. `owner` is set if its key is that of an instruction file."""

    key: str
    listed: ListedObject
    owner: Owner | None
    has_instruction_file: bool | None


@dataclass(frozen=True, slots=True)
class FailedItem:
    """A file that is not sent."""

    key: str
    failure: Failure


PushItem = Union[Upload, Deletion, FailedItem]


@dataclass(frozen=True)
class PushItems:
    """The items of one push. Objects are deleted last, once all of the list was read.

    With `writes_instruction_files`, each object gets one, so that no file can have its key.
    """

    prefix: str
    selection: PathSelection
    delete: bool
    writes_instruction_files: bool

    def __call__(self, local: LocalList, listed: Iterable[ListedObject]) -> Iterator[PushItem]:
        """The items. `listed` is in the order of S3. Raises OperationError where the list fails or ends early."""
        deletions: list[Deletion] = []
        entries: Iterator[LocalFile | FailedEntry] = heapq.merge(
            local.files, local.failed, key=lambda entry: name_order(entry.path)
        )
        failed = {entry.path for entry in local.failed}
        pairs = pair(self.prefix, entries, listed, finds_instruction_files=self.writes_instruction_files)
        for each in pairs:
            match each.local:
                case LocalFile():
                    yield self._upload(each, each.local)
                case FailedEntry():
                    yield FailedItem(each.key, each.local.failure)
                case None:
                    if each.listed and self._deletes(each.listed, each) and not _is_below(each.path, failed):
                        deletions.append(Deletion(each.key, each.listed, each.owner, each.has_instruction_file))
                case _:
                    assert_never(each.local)
        if local.is_complete:
            yield from deletions

    def _deletes(self, found: ListedObject, each: Pair[LocalFile | FailedEntry]) -> bool:
        """Whether the object is one without a file. Instruction files that this task writes are not."""
        if not self.delete or found.is_directory_marker or not self.selection.matches(each.path):
            return False
        return not (self.writes_instruction_files and each.owner and each.owner.is_local)

    def _upload(self, each: Pair[LocalFile | FailedEntry], file: LocalFile) -> PushItem:
        try:
            require_object_key(each.key)
        except OperationError as error:
            return FailedItem(each.key, error.failure.with_more_advice(f"Or exclude {file.path}."))
        owner = each.owner
        if owner and owner.is_local and self.writes_instruction_files:
            return FailedItem(each.key, _key_of_instruction_file(file.path, owner.key))
        return Upload(each.key, file, each.listed is not None, each.has_instruction_file)


def _is_below(path: str, failed: Set[str]) -> bool:
    """Whether the path leads through an entry that failed, such as a symbolic link to a directory with more files."""
    parts = path.split("/")
    return bool(failed) and any("/".join(parts[:length]) in failed for length in range(1, len(parts)))


def _key_of_instruction_file(path: str, owner: str) -> Failure:
    return Failure(
        FailureKind.INVALID,
        f"The file {path} is not uploaded, because its key is that of the instruction file which this task writes for "
        f"the object {owner!r}.",
        "Exclude the file, rename it, or use envelope: metadata.",
        resource=path,
    )
