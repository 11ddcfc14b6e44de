# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The source of a copy: read, compared with the object that is to be its copy, and decrypted where S3 cannot copy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from ...model.envelope import EnvelopePlace
from ...model.errors import Failure, FailureKind, OperationError
from ...model.kinds.kind import KeyHolder, ObjectEncryption
from ...model.kinds.registry import find_kind
from ...model.objects.archive import require_readable
from ...model.objects.client_side_plan import needs_rewrite, own_content
from ...model.objects.copied_envelope import place_of_copy
from ...model.objects.copy_source import CopySource, compare_stored, is_same_encryption
from ...model.objects.desired_object import DesiredObject, Overwrite
from ...model.objects.object_state import ObjectId, ObjectState
from ...model.objects.sealing import FoundFile
from ...model.plan import NotThereYet
from ...model.secret import CustomerKey
from ..transfer.content import Readable
from ..transfer.encrypted_stream import ChunkReader
from .client_side.envelope_reading import with_envelope
from .client_side.key_opening import KeysOfTask, open_object, with_opened_key
from .comparison import StoredContent
from .content_upload import ContentUpload
from .head_object import FoundObject, find_object, missing_bucket
from .object_access import ObjectAccess
from .object_fetch import ObjectFetch
from .object_reading import has_content, read_tags
from .store_proof import require_customer_key_needed


@dataclass(frozen=True)
class Copying:
    """The source that a task names, with its customer key. `upload` is for the object that is to be the copy."""

    source: ObjectId
    customer_key: CustomerKey | None
    upload: ContentUpload
    task_keys: tuple[CustomerKey, ...] = ()

    @property
    def access(self) -> ObjectAccess:
        """The object that is to be the copy, and what is called for it."""
        return self.upload.access

    def find(self) -> CopySource:
        """HeadObject of the source. Raises OperationError if it does not exist, or the task has not its key."""
        s3 = self.access.s3
        try:
            found = find_object(s3, self.source, None, self.customer_key)
        except OperationError as error:
            raise OperationError(_with_key_of_source(error.failure)) from error
        found.require_protected()
        if found.object is None:
            raise _no_source(self.source)
        if found.decrypted_with and s3.custom_endpoint:
            require_customer_key_needed(s3, self.source, found.object)
        return CopySource(self.source, found.object, found.decrypted_with)

    def unread(self) -> CopySource:
        """A source of which nothing is known, because its bucket does not exist yet in a check run."""
        state = ObjectState(self.source.bucket, self.source.key, None, ObjectEncryption(None), tag_count=None)
        return CopySource(self.source, state)

    def compare_stored(self, desired: DesiredObject, source: CopySource, target: ObjectState | None) -> bool | None:
        """Whether the object is a copy, by what HeadObject reports of both. None: the contents have to be compared.

        Without a named encryption, a source under client-side encryption is compared as it is stored, so that no key
        is needed.
        """
        if target is None or not source.is_read or desired.overwrite is Overwrite.ALWAYS:
            return False
        if is_same_encryption(source.state, target):
            return compare_stored(source.state, target)
        is_kept = desired.encryption.kind.defers_to_bucket and bool(source.state.envelope_fields)
        return False if is_kept else None

    def complete(self, desired: DesiredObject, source: CopySource, found: FoundObject) -> CopySource:
        """The source with its envelope, its data key and its tags, as far as a copy of it needs them."""
        if not source.is_read:
            return source
        source = self._opened(desired, self._with_envelope(desired, source))
        takes_tags = found.object is None and (desired.tags is None or not desired.purge_tags)
        if not takes_tags:
            return source
        tags = read_tags(replace(self.access, target=source.id))
        return replace(source, state=replace(source.state, tags=tags))

    def has_content_of(self, desired: DesiredObject, source: CopySource, found: FoundObject) -> bool:
        """Whether the object has the content of the source, where HeadObject does not decide. This reads the source."""
        target = found.object
        if target is None:
            return False
        if is_same_encryption(source.state, target):
            return self.has_stored_bytes(source, target, found.decrypted_with)
        sizes = {own_content(state).size for state in (source.state, target) if not _is_padded(state)}
        if len(sizes) > 1:
            return False
        require_readable(source.state.bucket, source.state.key, source.state.archive, "compared by its content")
        source = self._opened(desired, source, opens=True)
        with self.upload.content_of(source) as content:
            desired = replace(desired, content=replace(own_content(source.state), size=content.size()))
            return has_content(self.access, desired, content, found)

    def has_stored_bytes(self, source: CopySource, target: ObjectState, key: CustomerKey | None) -> bool:
        """Whether S3 stores the same bytes for both; if nothing else decides, the source is read."""
        known = compare_stored(source.state, target)
        if known is not None:
            return known
        state = source.state
        require_readable(state.bucket, state.key, state.archive, "compared by its content")
        stored = StoredContent(self.access.s3, self.access.target, key, target)
        return stored.equals(_StoredBytes(self._fetch(source)))

    def file_of_target(self, desired: DesiredObject, source: CopySource, found: FoundObject) -> FoundFile | None:
        """The instruction file that the object has already, if the envelope of the copy belongs there."""
        if found.found_file or place_of_copy(desired.encryption, source.state) is not EnvelopePlace.INSTRUCTION_FILE:
            return found.found_file
        file = found.object.instruction_file if found.object else None
        file = file or self.access.client_side.files.get_instruction_file(self.access.target)
        return FoundFile(file) if file else None

    def _with_envelope(self, desired: DesiredObject, source: CopySource) -> CopySource:
        """The envelope, also that of an older format, of which the object itself shows nothing."""
        is_needed = bool(source.state.envelope_fields) or desired.encryption.kind.is_client_side
        try:
            state = with_envelope(self.access.client_side.files, source.id, source.state, reads_file=True)
        except OperationError as error:
            if is_needed or error.failure.kind is not FailureKind.FORBIDDEN:
                raise
            return source
        return replace(source, state=state)

    def _opened(self, desired: DesiredObject, source: CopySource, *, opens: bool = False) -> CopySource:
        """The data key, if the copy is encrypted otherwise than the source."""
        state = source.state
        opens = opens or needs_rewrite(desired.encryption, state, None)
        if state.envelope is None or source.opened or not opens:
            return source
        arn = desired.encryption.kms_key_arn if desired.encryption.kind.is_client_side else None
        own = (self.customer_key,) if self.customer_key else ()
        owner = self.source.expected_bucket_owner
        region = self.access.s3.bucket_region(self.source.bucket)
        try:
            opened = open_object(
                self.access.client_side,
                KeysOfTask(region, arn, (*own, *self.task_keys), bucket_owner=owner),
                state,
            )
        except OperationError as error:
            by_kms = find_kind(state.encryption.type).key_holder is KeyHolder.KMS
            raise OperationError(_with_key_of_source(error.failure, by_kms=by_kms)) from error
        return replace(source, state=with_opened_key(state, opened), opened=opened)

    def _fetch(self, source: CopySource) -> ObjectFetch:
        upload = self.upload
        return ObjectFetch(
            self.access.s3,
            source.id,
            source.decrypted_with,
            source.state,
            upload.clock,
            upload.part_size,
            upload.concurrency,
        )


@dataclass(frozen=True)
class _StoredBytes:
    """The bytes of an object as S3 stores them, read while they are compared."""

    fetch: ObjectFetch

    @contextmanager
    def open(self) -> Iterator[Readable]:
        """A stream of all bytes. Raises OperationError if they cannot be read."""
        chunks = self.fetch.read((0, self.fetch.state.size or 0))
        try:
            yield ChunkReader(chunks)
        finally:
            close = getattr(chunks, "close", None)  # a comparison ends at the first byte that differs
            if callable(close):
                close()


def _is_padded(state: ObjectState) -> bool:
    found = state.encryption.client_side
    return found is not None and found.plaintext_size is None


def _no_source(source: ObjectId) -> OperationError:
    version = f" with the version {source.version_id}" if source.version_id else ""
    return OperationError(
        Failure(
            FailureKind.ABSENT,
            f"There is no object {source.key!r}{version} in the bucket {source.bucket} to copy.",
            "Check copy_src.",
            resource=source.name,
        )
    )


def _with_key_of_source(failure: Failure, *, by_kms: bool = False) -> Failure:
    """The failure of a wrong key, with the option for the key of the source, or for the account of its KMS key."""
    if failure.kind is not FailureKind.WRONG_KEY:
        return failure
    if by_kms:  # a key of an account that the task has no reason to trust
        return failure.with_advice(
            "Set expected_bucket_owner of copy_src, if the account of the key owns that bucket. Or copy the object "
            "without encryption, so that its data key is not decrypted."
        )
    return failure.with_advice(
        "Set the key that the source was written with in customer_key or customer_key_file of copy_src."
    )


@dataclass(frozen=True)
class SourceComparison:
    """The desired state with the source of its content, and whether the object is a copy of it (None: unknown yet)."""

    copying: Copying | None
    desired: DesiredObject
    is_copy: bool | None = None

    def complete(self, found: FoundObject) -> tuple[SourceComparison, FoundObject]:
        """The same, once the envelope of the object is known; and the object with its instruction file, if it has one.

        The source is read further only if the object is not its copy for certain.
        """
        copying, desired, source = self.copying, self.desired, self.desired.copied_from
        if copying is None or source is None or self.is_copy:
            return self, found
        is_copy: bool | None = self.is_copy
        if is_copy is None and found.object and needs_rewrite(desired.encryption, found.object, found.opened):
            is_copy = False
        source = copying.complete(desired, source, found)
        if is_copy is None:
            is_copy = copying.has_content_of(desired, source, found)
        if not is_copy:
            found = replace(found, found_file=copying.file_of_target(desired, source, found))
        desired = replace(desired, content=own_content(source.state), copied_from=source)
        return replace(self, desired=desired, is_copy=is_copy), found


def compare_with_source(
    copying: Copying | None, desired: DesiredObject, target: ObjectState | None
) -> tuple[SourceComparison, tuple[NotThereYet, ...]]:
    """Read the source, and compare it with the object as far as HeadObject shows. Nothing is read for a task that keeps
    an existing object. The bucket of the source may be one that an earlier task makes."""
    if copying is None or (target is not None and desired.overwrite is Overwrite.NEVER):
        return SourceComparison(None, desired), ()
    missing: tuple[NotThereYet, ...] = ()
    try:
        source = copying.find()
    except OperationError as error:
        missing = missing_bucket(copying.source, error.failure)
        if not missing:
            raise
        source = copying.unread()
    desired = replace(desired, content=own_content(source.state), copied_from=source)
    return SourceComparison(copying, desired, copying.compare_stored(desired, source, target)), missing
