# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""One object of a prefix and its file below a directory, as a resource that is reconciled."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Event

from ....model.errors import Failure, FailureKind, OperationError, assert_never
from ....model.objects.download_plan import AttributeChange, Download, SetFileAttributes
from ....model.objects.object_state import ObjectState
from ....model.objects.sync.pull_plan import DeleteFile, PullStep, plan_deletion, plan_pull, pull_warnings
from ....model.objects.sync.sync_state import SyncState
from ....model.plan import Applied, PreparedPlan
from ...clock import Clock
from ...transfer.atomic_file import NewFile, replacing_in
from ...transfer.content import CHUNK, Source
from ...transfer.directory import Parts, TargetDirectory
from ...transfer.file_errors import refused
from ...transfer.file_permissions import FilePermissions
from ..comparison import StoredContent
from ..object_fetch import ObjectFetch
from .object_source import ObjectSource, SourceObject

# What client-side encryption adds to a content: a tag, or at most one block of padding.
MOST_ADDED_BYTES = 16


@dataclass(frozen=True)
class Target:
    """Where files are written, and what all of them have to have.

    Objects larger than `part_size` bytes are read in ranges of that size, `part_concurrency` at a time. With
    `by_time`, a file of the same size that is not older than its object is not read. Once `stop` is set, running
    downloads end.
    """

    directory: TargetDirectory
    permissions: FilePermissions
    clock: Clock
    part_size: int
    part_concurrency: int = 4
    by_time: bool = False
    stop: Event = field(default_factory=Event, compare=False)


@dataclass(frozen=True)
class PullContext:
    """The object that the plan found, and what is known of its content and of the file."""

    found: SourceObject | None = None
    stored: StoredContent | None = field(default=None, repr=False)
    is_new: bool = True
    attribute_change: AttributeChange | None = None


@dataclass(frozen=True)
class PullResource:
    """The file at `parts` below the directory, which is to equal an object of the list.

    `has_instruction_file` says that an instruction file with the name of the object is listed.
    """

    source: ObjectSource
    parts: Parts
    target: Target
    has_instruction_file: bool = False

    def plan(self) -> PreparedPlan[SyncState, PullStep, PullContext]:
        """Compare the file with the object. The place of the file is checked before any call."""
        try:
            with self.target.directory.folder(self.parts[:-1]) as folder:
                status = None if folder is None else self.target.directory.status(folder, self.parts)
                if folder is None or status is None:
                    return self._plan_new()
                return self._plan_existing(folder, status)
        except OSError as error:
            raise refused("read", self._name, error) from error

    def apply(self, step: PullStep, context: PullContext) -> Applied[PullContext]:
        """Carry out one step. A downloaded file takes its place once size and checksum are verified."""
        match step:
            case Download():
                self._download(context)
            case SetFileAttributes():
                self._set_attributes(context)
            case DeleteFile():
                raise AssertionError("a file that an object belongs to is not deleted")
            case _:
                assert_never(step)
        return Applied(context)

    def read_back(self, planned: SyncState | None, context: PullContext) -> SyncState | None:
        """The planned state: the bytes were verified before they were written."""
        return planned

    @property
    def _name(self) -> str:
        return self.target.directory.path_of(self.parts)

    def _plan_new(self) -> PreparedPlan[SyncState, PullStep, PullContext]:
        found = self.source.open(is_needed=True)
        try:
            plan = plan_pull(found.state, exists=False, is_same=False, change=None)
        except OperationError:
            found.close()
            raise
        warnings = self._warnings(found.state)
        return PreparedPlan(replace(plan, warnings=warnings), PullContext(found, self._stored(found)))

    def _plan_existing(self, folder: int, status: os.stat_result) -> PreparedPlan[SyncState, PullStep, PullContext]:
        found = self.source.open(is_needed=not 0 <= self.source.listed.size - status.st_size <= MOST_ADDED_BYTES)
        try:
            stored = self._stored(found)
            change = self.target.permissions.difference(status)
            is_same = self._equals(folder, status, found, stored)
            plan = plan_pull(found.state, exists=True, is_same=is_same, change=change)
        except BaseException:
            found.close()
            raise
        if is_same:
            found.close()
        context = PullContext(found, stored, False, change)
        return PreparedPlan(replace(plan, warnings=self._warnings(found.state)), context)

    def _warnings(self, state: ObjectState) -> tuple[str, ...]:
        return pull_warnings(state, names_context=self.source.names_context, has_file=self.has_instruction_file)

    def _stored(self, found: SourceObject) -> StoredContent:
        return StoredContent(self.source.s3, self.source.target, found.decrypted_with, found.state)

    def _equals(self, folder: int, status: os.stat_result, found: SourceObject, stored: StoredContent) -> bool:
        cipher, size = found.cipher, status.st_size
        if (cipher.ciphertext_size(size) if cipher else size) != found.state.size:
            return False
        if self.target.by_time and _is_not_older(status, found.state):
            return True
        with self.target.directory.reading(folder, self.parts) as descriptor:
            content = NewFile(descriptor)
            return stored.equals_encrypted(Source(temporary=content), cipher) if cipher else stored.equals(content)

    def _download(self, context: PullContext) -> None:
        """Write the file. Folders are created once its content is verified."""
        found, stored = context.found, context.stored
        if found is None or stored is None:
            raise AssertionError("a plan with a download has found the object")
        directory, folders = self.target.directory, self.parts[:-1]
        fetch = ObjectFetch(
            stored.s3,
            stored.target,
            stored.customer_key,
            stored.state,
            self.target.clock,
            self.target.part_size,
            self.target.part_concurrency,
            min(CHUNK, self.target.part_size),
            cipher=found.cipher,
            opened=found.chunks,
            stop=self.target.stop,
        )
        try:
            with ExitStack() as stack:
                stack.callback(found.close)
                near = stack.enter_context(directory.nearest(folders))
                with replacing_in(
                    near,
                    self.parts[-1],
                    self._prepare,
                    exclusive=context.is_new,
                    destination=lambda: directory.created(folders),
                ) as file:
                    fetch.into(file, stored)
        except OperationError as error:
            # Reading an object changes nothing, and a file that is not complete replaces nothing.
            raise OperationError(replace(error.failure, may_have_been_applied=False)) from error
        except FileExistsError as error:
            raise OperationError(_appeared(self._name)) from error
        except OSError as error:
            raise refused("written", self._name, error) from error

    def _prepare(self, descriptor: int, existing: os.stat_result | None) -> None:
        if existing is not None:
            self.target.directory.require_file(self.parts, existing)
        self.target.permissions.prepare(descriptor, existing)

    def _set_attributes(self, context: PullContext) -> None:
        """Set them on the existing file. If that fails, compare again: some of them may have been set."""
        directory = self.target.directory
        with ExitStack() as stack:
            try:
                folder = stack.enter_context(directory.created(self.parts[:-1]))
                descriptor = stack.enter_context(directory.reading(folder, self.parts))
            except OSError as error:
                raise refused("read", self._name, error) from error
            try:
                self.target.permissions.set_on(descriptor)
            except OSError as error:
                now = self.target.permissions.difference(os.fstat(descriptor))
                failure = refused("given the attributes of the task", self._name, error).failure
                raise OperationError(replace(failure, may_have_been_applied=now != context.attribute_change)) from error


@dataclass(frozen=True)
class DeletedFileResource:
    """A file or symbolic link below the directory that no object belongs to, and that is to be deleted."""

    parts: Parts
    directory: TargetDirectory

    def plan(self) -> PreparedPlan[SyncState, PullStep, PullContext]:
        """Delete it. It was listed just now."""
        return PreparedPlan(plan_deletion(), PullContext())

    def apply(self, step: PullStep, context: PullContext) -> Applied[PullContext]:
        """Delete the file. One that another process has deleted meanwhile is as it should be."""
        match step:
            case DeleteFile():
                try:
                    self.directory.remove(self.parts)
                except OSError as error:
                    raise refused("deleted", self.directory.path_of(self.parts), error) from error
            case Download() | SetFileAttributes():
                raise AssertionError("a file without an object is only deleted")
            case _:
                assert_never(step)
        return Applied(context)

    def read_back(self, planned: SyncState | None, context: PullContext) -> SyncState | None:
        """The planned state."""
        return planned


def _appeared(path: str) -> Failure:
    return Failure(
        FailureKind.CONFLICT,
        f"{path} was created by another process during the run, or is one file with another name on this file system.",
        "Run the task again.",
        resource=path,
    )


def _is_not_older(status: os.stat_result, state: ObjectState) -> bool:
    """Whether the file was modified after the object was. S3 reports whole seconds."""
    if not state.last_modified:
        return False
    return status.st_mtime >= datetime.fromisoformat(state.last_modified).timestamp()
