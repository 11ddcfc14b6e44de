# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The plan that makes an object a copy of another one, by S3 alone."""

from __future__ import annotations

from dataclasses import replace

from ..envelope import EnvelopePlace
from ..kinds.encryption import DesiredEncryption, ObjectEncryption
from ..plan import Plan
from ..tags import Tags
from .archive import require_readable
from .change_warnings import change_warnings, lock_left_behind
from .client_side_plan import EnvelopeChange, file_left_behind, without_file
from .copied_envelope import copy_envelope
from .copy_source import CopySource
from .desired_object import DesiredObject, ObjectReading
from .object_state import DEFAULT_STORAGE_CLASS, Checksum, ObjectState, Properties
from .object_steps import CopyObject, ObjectPlan, ObjectStep


def plan_copy_of(
    source: CopySource, desired: DesiredObject, reading: ObjectReading, properties: Properties, tags: Tags
) -> ObjectPlan:
    """The plan that replaces the object, or creates it, with these properties and tags.

    Raises OperationError for an archived source.
    """
    state, before = source.state, reading.object
    require_readable(state.bucket, state.key, state.archive, "copied")
    envelope = copy_envelope(desired.encryption, source, reading.found_file)
    by_s3 = desired.encryption.of_server_side.with_current_values(before.encryption.server_side if before else None)
    has_envelope = state.envelope is not None
    keeps_metadata = envelope.rewrap is None and envelope.envelope_fields == state.envelope_fields
    step = CopyObject(
        properties,
        not keeps_metadata or _as_replaced(properties) != _as_replaced(source.properties),
        by_s3,
        source.decrypted_with,
        before.etag if before else None,
        envelope_fields=envelope.envelope_fields,
        rewrap=envelope.rewrap,
        source=source,
        tags=tags,
    )
    after = ObjectState(
        bucket=desired.bucket,
        key=desired.key,
        size=state.size,
        encryption=_expected(by_s3, envelope, has_envelope=has_envelope),
        properties=replace(properties, storage_class=properties.storage_class or DEFAULT_STORAGE_CLASS),
        checksums=tuple(copied_checksum(checksum) for checksum in state.checksums),
        tags=tags,
        tag_count=len(tags),
    )
    steps: tuple[ObjectStep, ...] = (*envelope.steps, step)
    warnings = envelope.warnings
    place = envelope.expected.client_side.envelope if envelope.expected.client_side else None
    if place is EnvelopePlace.METADATA:
        warnings = (*warnings, *file_left_behind(before))
    if not has_envelope:
        steps = (*steps, *without_file(before, desired.encryption.kind))
    if before:
        warnings = (*warnings, *change_warnings(before, after, reading.implicit_defaults))
    return Plan(before, steps, after, (*lock_left_behind(before), *warnings))


def copied_checksum(checksum: Checksum) -> Checksum:
    """The checksum after a copy. CopyObject writes no parts, so a composite checksum becomes one of the whole object.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
    """
    return checksum if checksum.full_object else Checksum(checksum.algorithm, "", full_object=True)


def _as_replaced(properties: Properties) -> Properties:
    """The properties that S3 takes from the source with the directive COPY. It reads the others from every request."""
    metadata = tuple(sorted(properties.metadata or ()))
    return replace(properties, storage_class=None, website_redirect_location=None, metadata=metadata)


def _expected(by_s3: DesiredEncryption, envelope: EnvelopeChange, *, has_envelope: bool) -> ObjectEncryption:
    server_side = by_s3.kind.expected_after_write(by_s3)
    return envelope.expected.with_server_side(server_side) if has_envelope else server_side
