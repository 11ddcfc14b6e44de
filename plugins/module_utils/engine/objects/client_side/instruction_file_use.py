# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The room that an envelope needs, and the versions that need an instruction file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ....envelope.serializing import bound_context
from ....envelope.sizes import KMS_CIPHERTEXT_BYTES, envelope_metadata_size
from ....model.envelope import Envelope, EnvelopePlace, Format
from ....model.errors import Failure, FailureKind, OperationError, invalid_input
from ....model.kinds.kind import KeyHolder
from ....model.objects.client_side_steps import (
    as_file_deletion,
    as_file_write,
)
from ....model.objects.instruction_file import can_have_instruction_file
from ....model.objects.limits import LONGEST_KEY, MOST_METADATA, metadata_size
from ....model.objects.object_steps import (
    DeleteInstructionFile,
    ObjectPlan,
    as_copy,
    as_upload,
)

if TYPE_CHECKING:
    from ....aws.objects.ports import InstructionFilePort
    from ....model.kinds.encryption import DesiredEncryption
    from ....model.objects.object_state import ObjectId, Properties
    from ....model.objects.sealing import Rewrap

# The lengths of V3: message id and commitment, and a data key of 32 bytes under a customer key.
_MESSAGE_ID, _COMMITMENT, _OWN_DATA_KEY = 28, 28, 60


def require_room(plan: ObjectPlan, target: ObjectId) -> None:
    """Raise OperationError if metadata and envelope are together too large for S3, or the name of the instruction file.

    The length of a data key under a KMS key is an upper estimate, as KMS makes it only in the real run.
    """
    for step in plan.steps:
        upload, copy = as_upload(step), as_copy(step)
        if upload and upload.sealing:
            envelope = _planned_envelope(upload.encryption, upload.sealing.place)
            _require_room(upload.properties, envelope_metadata_size(envelope))
        elif copy and copy.rewrap:
            _require_room(copy.properties, envelope_metadata_size(_rewrapped_envelope(copy.rewrap)))
        elif copy:
            _require_room(copy.properties, metadata_size(copy.envelope_fields))
        elif as_file_write(step) and not can_have_instruction_file(target.key):
            raise invalid_input(
                f"The key of the instruction file, {target.key}.instruction, is longer than the {LONGEST_KEY} bytes "
                "that S3 accepts.",
                "Use a shorter key, or envelope: metadata.",
            )


def _rewrapped_envelope(rewrap: Rewrap) -> Envelope:
    if rewrap.encryption is None:
        return replace(rewrap.envelope, place=rewrap.place)
    return _planned_envelope(rewrap.encryption, rewrap.place)


def _planned_envelope(encryption: DesiredEncryption, place: EnvelopePlace) -> Envelope:
    """A new envelope, with zeros for what is made in the real run."""
    by_kms = encryption.kind.key_holder is KeyHolder.KMS
    return Envelope(
        Format.V3,
        encryption.kind.wraps[0],
        bytes(KMS_CIPHERTEXT_BYTES if by_kms else _OWN_DATA_KEY),
        bytes(_MESSAGE_ID),
        bytes(_COMMITMENT),
        bound_context(encryption.encryption_context) if by_kms else (),
        place=place,
    )


def _require_room(properties: Properties, envelope: int) -> None:
    own = metadata_size(properties.metadata or ())
    if envelope and own + envelope > MOST_METADATA:
        raise invalid_input(
            f"metadata has {own} bytes and the envelope of client-side encryption up to {envelope}, and S3 accepts "
            f"{MOST_METADATA} for both together.",
            "Shorten metadata or encryption_context, or set envelope: instruction_file.",
        )


def keep_needed_file(files: InstructionFilePort, target: ObjectId, plan: ObjectPlan) -> ObjectPlan:
    """The plan without the deletion of an instruction file that a version of the object still needs, or may need.

    The file belongs to all versions of the object, so it is deleted only with the last one, and only as it was before
    that: another client may write the object again, with this file.
    """
    deletion = next(filter(None, map(as_file_deletion, plan.steps)), None)
    if plan.before is None or deletion is None:
        return plan
    # In a bucket without versioning, the object itself is listed as the version "null".
    is_versioned = plan.before.version_id is not None
    needed = True if is_versioned else files.has_other_versions(target._replace(version_id="null"))
    if needed is False:
        return _with_condition(files, target, plan, deletion)
    return _without(deletion, plan, *file_stays(target, needed))


def _with_condition(
    files: InstructionFilePort, target: ObjectId, plan: ObjectPlan, deletion: DeleteInstructionFile
) -> ObjectPlan:
    """The plan, which deletes the instruction file as it is now. A file that cannot be read stays."""
    if deletion.etag:
        return plan
    try:
        file = files.get_instruction_file(target)
    except OperationError as error:
        return _without(
            deletion, plan, f"The instruction file {target.name}.instruction stays. {error.failure.sentence()}"
        )
    if file is None:
        return _without(deletion, plan)
    conditional = replace(deletion, etag=file.etag)
    return replace(plan, steps=tuple(conditional if step is deletion else step for step in plan.steps))


def _without(deletion: DeleteInstructionFile, plan: ObjectPlan, *warnings: str) -> ObjectPlan:
    steps = tuple(step for step in plan.steps if step is not deletion)
    return replace(plan, steps=steps, warnings=(*plan.warnings, *warnings))


def file_stays(target: ObjectId, needed: bool | None) -> tuple[str, ...]:
    """A warning about an instruction file of which nothing shows whether a version of the object needs it."""
    if needed:
        return ()
    return (
        f"The instruction file {target.name}.instruction stays, because whether a version of the object needs it "
        "cannot be read. Allow s3:ListBucketVersions to have it deleted.",
    )


def file_in_use(target: ObjectId) -> OperationError:
    """The exception for a file that is not deleted, because another client uses it since the plan."""
    return OperationError(
        Failure(
            FailureKind.CONFLICT,
            f"The instruction file {target.name}.instruction stays, because another client has written the object or "
            "this file during the run.",
            "Run the task again.",
            resource=target.name,
        )
    )
