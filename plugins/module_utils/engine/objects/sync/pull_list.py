# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What a pull is about: the objects of the prefix with the paths of their files, and the files to delete.

Both sides are listed completely before anything is written. A name can be refused because of one that is listed later,
and a list that ends early must not lead to a deletion.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field

from ....aws.objects.ports import InstructionFilePort, ObjectListPort
from ....envelope.parsing import parse_instruction_file
from ....model.errors import Failure, OperationError, assert_never, invalid_input
from ....model.kinds.encryption import DesiredEncryption
from ....model.objects.envelope_fields import INSTRUCTION_SUFFIX
from ....model.objects.instruction_file import LARGEST_INSTRUCTION_FILE
from ....model.objects.listed_object import ListedObject
from ....model.objects.object_state import InstructionFile, ObjectId
from ....model.objects.sync.safe_names import conflict_failures, find_conflicts, refuse_name, same_case, unsafe_path
from ....model.objects.sync.selection import PathSelection
from ...fleet.worker_pool import map_unordered
from ...transfer.directory import Parts, TargetDirectory
from ...transfer.file_errors import refused


@dataclass(frozen=True, slots=True)
class PullItem:
    """An object to pull, or (`listed` is None) a file to delete. With a `failure`, neither is done."""

    key: str
    parts: Parts
    listed: ListedObject | None = None
    failure: Failure | None = None


@dataclass(frozen=True)
class KnownFiles:
    """The instruction files of the prefix, which are read already. So an object without one costs no call."""

    known: dict[str, InstructionFile] = field(default_factory=dict)
    failures: dict[str, Failure] = field(default_factory=dict)

    def get_instruction_file(self, target: ObjectId) -> InstructionFile | None:
        """The file that was read. None: there is none of this name."""
        if target.key in self.failures:
            raise OperationError(self.failures[target.key])
        return self.known.get(target.key)

    def put_instruction_file(
        self, target: ObjectId, body: bytes, *, if_match: str | None, encryption: DesiredEncryption
    ) -> str:
        """A pull writes none."""
        raise AssertionError("a pull writes no instruction file")

    def delete_instruction_file(self, target: ObjectId, if_match: str | None = None) -> None:
        """A pull deletes none."""
        raise AssertionError("a pull deletes no instruction file")

    def has_other_versions(self, target: ObjectId) -> bool | None:
        """A pull does not need it."""
        raise AssertionError("a pull deletes no instruction file")


@dataclass(frozen=True)
class PullList:
    """The items in the order of the list, deletions last. `files` are the instruction files of the objects."""

    items: tuple[PullItem, ...]
    files: KnownFiles
    deletions: int = 0
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class PullLister:
    """Lists both sides of a pull. `deletes` says that files without an object are to be deleted."""

    bucket: str
    prefix: str
    owner: str | None
    selection: PathSelection
    objects: ObjectListPort
    files: InstructionFilePort
    directory: TargetDirectory
    concurrency: int
    deletes: bool = False
    delete_all: bool = False

    def read(self) -> PullList:
        """List the objects, read the instruction files among them, and list the files if some may be deleted.

        Raises OperationError if a list is not complete, and for a deletion of all files that the task does not allow.
        """
        everything = self.objects.list_objects(self.bucket, self.prefix, self.owner)
        # A list that is read page by page may have a key twice that is written meanwhile.
        by_key = {found.key: found for found in everything if not found.is_directory_marker}
        listed = list(by_key.values())
        files, orphans = self._instruction_files(listed)
        selected = [found for found in listed if self.selection.matches(self._path(found.key))]
        own_files = {key + INSTRUCTION_SUFFIX for key in files.known}
        pulled = [found for found in selected if found.key not in own_files]
        if self.deletes and not pulled and not self.delete_all:
            raise self._nothing_selected()
        items = self._items(pulled)
        warnings = tuple(
            f"{key} is an instruction file of client-side encryption without an object. It is not downloaded."
            for key in orphans
        )
        if not self.deletes:
            return PullList(tuple(items), files, 0, warnings)
        if items and not self.delete_all and all(item.failure for item in items):
            warning = "No file was deleted, because no object that is selected can be a file."
            return PullList(tuple(items), files, 0, (*warnings, warning))
        deletions = self._deletions(items, selected)
        return PullList((*items, *deletions), files, len(deletions), warnings)

    def _path(self, key: str) -> str:
        return key[len(self.prefix) :]

    def _instruction_files(self, listed: Sequence[ListedObject]) -> tuple[KnownFiles, list[str]]:
        """The instruction files by the key of their object, and the keys of those without an object.

        A name does not show what an object is: its content does. A file that cannot be read is pulled as any object,
        and fails with the cause.
        """
        keys = {found.key for found in listed}
        candidates = [
            found.key[: -len(INSTRUCTION_SUFFIX)]
            for found in listed
            if found.key.endswith(INSTRUCTION_SUFFIX) and found.size <= LARGEST_INSTRUCTION_FILE
        ]
        candidates = [key for key in candidates if self._needs_file(key)]
        files, orphans = KnownFiles(), list[str]()
        for _position, key, found in map_unordered(candidates, self._read_file, concurrency=self.concurrency):
            match found:
                case Failure():
                    files.failures[key] = found
                case InstructionFile():
                    files.known[key] = found
                    if key not in keys:
                        orphans.append(key + INSTRUCTION_SUFFIX)
                case None:
                    pass
                case _:
                    assert_never(found)
        return files, sorted(orphans)

    def _needs_file(self, key: str) -> bool:
        """Whether the object or its instruction file is selected."""
        return self.selection.matches(self._path(key)) or self.selection.matches(self._path(key + INSTRUCTION_SUFFIX))

    def _read_file(self, key: str) -> InstructionFile | Failure | None:
        try:
            file = self.files.get_instruction_file(ObjectId(self.bucket, key, None, self.owner))
        except OperationError as error:
            return error.failure
        if file is None:
            return None
        try:
            parse_instruction_file(file.body)
        except OperationError:
            return None
        return file

    def _items(self, pulled: Sequence[ListedObject]) -> list[PullItem]:
        failures: dict[str, Failure] = {}
        for found in pulled:
            path = self._path(found.key)
            if reason := unsafe_path(path, self.directory.name, os.fsencode):
                failures[path] = refuse_name(found.key, reason)
        safe = [path for found in pulled if (path := self._path(found.key)) not in failures]
        failures |= conflict_failures(self._conflicts(safe), self.prefix)
        return [
            PullItem(found.key, tuple(path.split("/")), found, failures.get(path))
            for found in pulled
            for path in (self._path(found.key),)
        ]

    def _conflicts(self, paths: Sequence[str]) -> dict[str, str]:
        """The file system is asked only about names that differ in nothing else than their case."""
        conflicts, ignoring_case = find_conflicts(paths), find_conflicts(paths, same_case)
        return ignoring_case if ignoring_case.keys() != conflicts.keys() and self._ignores_case() else conflicts

    def _ignores_case(self) -> bool:
        try:
            return self.directory.ignores_case()
        except OSError as error:
            raise refused("listed", self.directory.name, error) from error

    def _deletions(self, items: Sequence[PullItem], selected: Sequence[ListedObject]) -> list[PullItem]:
        """The selected files that have no object. A file in the way of one that is pulled is not deleted."""
        kept = {self._path(found.key) for found in selected}
        for item in items:
            kept.update("/".join(item.parts[:length]) for length in range(1, len(item.parts)))
        try:
            present = list(self.directory.files(self.selection.may_match_below))
        except OSError as error:
            raise refused("listed", self.directory.name, error) from error
        extra = [path for path in present if path not in kept and self.selection.matches(path)]
        folded = {same_case(path) for path in kept}
        if any(same_case(path) in folded for path in extra) and self._ignores_case():
            extra = [path for path in extra if same_case(path) not in folded]
        return [PullItem(self.prefix + path, tuple(path.split("/"))) for path in sorted(extra)]

    def _nothing_selected(self) -> OperationError:
        return invalid_input(
            f"No object below {self.bucket}/{self.prefix} is selected, and delete: true would delete all such files.",
            "Check prefix, include and exclude. If all files are to be deleted, set delete_all: true.",
            f"{self.bucket}/{self.prefix}",
        )
