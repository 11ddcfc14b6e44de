# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A local file that equals an object, as a resource that is reconciled."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ...model.errors import Failure, FailureKind, OperationError, assert_never, invalid_input
from ...model.kinds.encryption import DesiredEncryption, ObjectEncryption
from ...model.objects.comparison import PartKnowledge
from ...model.objects.desired_object import Overwrite
from ...model.objects.download_plan import (
    AttributeChange,
    Download,
    DownloadStep,
    FilePlan,
    LocalFile,
    SetFileAttributes,
    add_attributes,
    plan_download,
)
from ...model.objects.object_state import ObjectId, ObjectState
from ...model.plan import Applied, NotThereYet, PreparedPlan
from ..transfer.atomic_file import replacing
from ..transfer.content import CHUNK, Source
from .comparison import StoredContent
from .head_object import missing_bucket
from .object_fetch import RESUMED_CHUNK, ObjectFetch
from .object_opening import ObjectOpening, OpenedObject

if TYPE_CHECKING:
    from ...aws.objects.ports import ObjectPort
    from ...model.keys.key_ref import KeyRef
    from ...model.secret import CustomerKey
    from ..clock import Clock
    from ..keys.key_resolver import KeyResolver
    from ..transfer.encrypted_stream import Cipher
    from .client_side.envelope_reading import ClientSidePorts


class FileAttributesPort(Protocol):
    """The attributes that the task names. Every method raises OperationError."""

    def difference(self, path: Path) -> AttributeChange | None:
        """What would change on an existing file. Reads only. None: nothing."""

    def prepare(self, path: Path) -> None:
        """Set the attributes on a new file that is renamed next: all but those that forbid to rename it."""

    def set_on(self, path: Path) -> None:
        """Set the attributes on a file, where they differ."""


@dataclass(frozen=True)
class DownloadContext:
    """The object that the plan found, the customer key that S3 decrypts it with, and what is known of its parts.

    `cipher` decrypts an object that was encrypted on the client side.
    """

    object: ObjectState
    decrypted_with: CustomerKey | None
    parts: PartKnowledge = PartKnowledge()
    attribute_change: AttributeChange | None = None
    cipher: Cipher | None = field(default=None, repr=False)


@dataclass(frozen=True)
class DownloadResource:
    """The file at `path`. If it equals the object, one HeadObject and a local digest are all that is needed.

    `private` makes a new file readable by its owner only, until `attributes` are set. Objects larger than `part_size`
    bytes are read in ranges of that size, `concurrency` at a time. `named` is the encryption that the object has to
    have, with the keys of the task, and `kms_key` the KMS key.
    """

    target: ObjectId
    path: Path
    overwrite: Overwrite
    named: DesiredEncryption
    kms_key: KeyRef | None
    s3: ObjectPort
    keys: KeyResolver
    client_side: ClientSidePorts
    attributes: FileAttributesPort
    clock: Clock
    private: bool = False
    part_size: int = 16 * CHUNK
    concurrency: int = 8
    chunk_size: int = CHUNK
    resumed_chunk_size: int = RESUMED_CHUNK

    def plan(self) -> PreparedPlan[LocalFile, DownloadStep, DownloadContext]:
        """Compare the file with the object. The encryption of the object is detected."""
        try:
            found = self._opening.find()
        except OperationError as error:
            missing = missing_bucket(self.target, error.failure)
            if not missing:
                raise
            return self._plan_from_new_bucket(missing)
        try:
            found = self._opening.with_envelope(found)
            found = self._opening.open(found)
            return self._compare(_context(found))
        except OperationError as error:
            return PreparedPlan.failed(error.failure, _context(found))

    @property
    def _opening(self) -> ObjectOpening:
        return ObjectOpening(self.target, self.named, self.kms_key, self.s3, self.keys, self.client_side)

    def apply(self, step: DownloadStep, context: DownloadContext) -> Applied[DownloadContext]:
        """Carry out one step. A downloaded file replaces the old one once size and checksum are verified."""
        match step:
            case Download():
                return Applied(context, self._download(context))
            case SetFileAttributes():
                self._set_attributes(context)
            case _:
                assert_never(step)
        return Applied(context)

    def read_back(self, planned: LocalFile | None, context: DownloadContext) -> LocalFile | None:
        """The planned state: the bytes were verified before they were written."""
        return planned

    def _compare(self, context: DownloadContext) -> PreparedPlan[LocalFile, DownloadStep, DownloadContext]:
        local, is_same = self._local(), False
        stored = self._stored(context)
        if local is not None and self.overwrite is Overwrite.DIFFERENT:
            is_same = self._equals(local, stored, context.cipher)
        plan: FilePlan = plan_download(
            str(self.path),
            self.overwrite,
            context.object,
            local,
            is_same,
            names_context=bool(self.named.encryption_context),
        )
        change = self.attributes.difference(self.path.resolve()) if local else None
        context = replace(context, parts=stored.parts, attribute_change=change)
        return PreparedPlan(add_attributes(plan, change) if change else plan, context)

    def _plan_from_new_bucket(
        self, missing: tuple[NotThereYet, ...]
    ) -> PreparedPlan[LocalFile, DownloadStep, DownloadContext]:
        """The plan for an object in a bucket that does not exist yet. Nothing is known of it, so a file is replaced."""
        unknown = ObjectState(self.target.bucket, self.target.key, None, ObjectEncryption(None), tag_count=None)
        context = DownloadContext(unknown, None)
        try:
            prepared = self._compare(context)
        except OperationError as error:
            return PreparedPlan.failed(error.failure, context, missing)
        return replace(prepared, plan=replace(prepared.plan, not_there_yet=missing))

    def _stored(self, context: DownloadContext) -> StoredContent:
        return StoredContent(self.s3, self.target, context.decrypted_with, context.object, context.parts)

    def _download(self, context: DownloadContext) -> Failure | None:
        """Replace the file. Returns the failure of an attribute that is set last, on the file in its place."""
        fetch = ObjectFetch(
            self.s3,
            self.target,
            context.decrypted_with,
            context.object,
            self.clock,
            self.part_size,
            self.concurrency,
            self.chunk_size,
            self.resumed_chunk_size,
            context.cipher,
        )
        try:
            with replacing(self.path, self.private, before_replace=self.attributes.prepare) as file:
                fetch.into(file, self._stored(context))
        except OperationError as error:
            # Reading an object changes nothing, and a file that is not complete replaces nothing.
            raise OperationError(replace(error.failure, may_have_been_applied=False)) from error
        except OSError as error:
            raise OperationError(
                Failure(
                    FailureKind.FAILED,
                    f"{self.path} cannot be written: {error.strerror or error}.",
                    "Check the folder, its permissions and the free space.",
                    resource=str(self.path),
                )
            ) from error
        try:
            self.attributes.set_on(self.path.resolve())
        except OperationError as error:
            return error.failure
        return None

    def _set_attributes(self, context: DownloadContext) -> None:
        """Set them on the existing file. If that fails, compare again: some of them may have been set."""
        path = self.path.resolve()
        try:
            self.attributes.set_on(path)
        except OperationError as error:
            may_have_been_applied = True
            with suppress(OperationError):
                may_have_been_applied = self.attributes.difference(path) != context.attribute_change
            raise OperationError(replace(error.failure, may_have_been_applied=may_have_been_applied)) from error

    def _local(self) -> LocalFile | None:
        try:
            return LocalFile(str(self.path), self.path.stat().st_size)
        except FileNotFoundError:
            return None

    def _equals(self, local: LocalFile, stored: StoredContent, cipher: Cipher | None) -> bool:
        source = Source(self.path, option="dest")
        try:
            if cipher:
                return stored.equals_encrypted(source, cipher)
            return local.size == stored.state.size and stored.equals(source)
        except OSError as error:
            raise invalid_input(
                f"dest {self.path} cannot be read: {error.strerror}.", "Check its permissions."
            ) from error


def _context(found: OpenedObject) -> DownloadContext:
    return DownloadContext(found.state, found.decrypted_with, cipher=found.cipher)
