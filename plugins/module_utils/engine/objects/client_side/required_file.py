# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""An object that is the instruction file of another object, which cannot be read without it."""

from __future__ import annotations

from ....aws.objects.ports import InstructionFilePort, ObjectPort
from ....envelope.parsing import parse_instruction_file
from ....model.envelope import Format
from ....model.errors import FailureKind, OperationError, Reason, invalid_input
from ....model.objects.instruction_file import owner_of_file
from ....model.objects.object_state import ObjectId, ObjectState
from ....model.objects.object_steps import ObjectPlan, ObjectStep, as_copy, as_deletion, as_write, source_of


def require_file_not_in_use(s3: ObjectPort, files: InstructionFilePort, target: ObjectId) -> tuple[str, ...]:
    """Raise OperationError if the object is the instruction file of an object that is encrypted with its data key.

    Otherwise returns a warning if that cannot be read. Only a key that ends like that of an instruction file costs a
    HeadObject, and another call if the other object exists and shows no envelope, as in the older formats.
    """
    parent = _object_of(target)
    if parent is None:
        return ()
    try:
        state = s3.head_object(parent, None)
        is_used = state.needs_file or (not state.envelope_fields and _has_older_file(files, parent))
    except OperationError as error:
        return _unknown(parent, target, error)
    if is_used:
        raise _in_use(state, target)
    return ()


def require_no_loss_of_file(
    s3: ObjectPort, files: InstructionFilePort, target: ObjectId, plan: ObjectPlan
) -> tuple[str, ...]:
    """The same for a plan that deletes the object or writes other bytes. A noncurrent version may be deleted.

    A copy of the object onto itself keeps its bytes, unless it is to be under a customer key, which no client sends.
    """
    if _object_of(target) is None or not any(map(_replaces, plan.steps)):
        return ()
    if target.version_id and not _is_current(s3, target):
        return ()
    return require_file_not_in_use(s3, files, target)


def _replaces(step: ObjectStep) -> bool:
    write = as_write(step)
    if as_deletion(step):
        return True
    if write is None:
        return False
    keeps_bytes = as_copy(step) is not None and source_of(step) is None
    return not keeps_bytes or write.encryption.kind.key_in_requests


def _is_current(s3: ObjectPort, target: ObjectId) -> bool:
    try:
        return s3.head_object(target._replace(version_id=None), None).version_id == target.version_id
    except OperationError as error:
        return error.failure.reason not in (Reason.UNEXPLAINED_ABSENCE, Reason.DELETE_MARKER)


def _object_of(target: ObjectId) -> ObjectId | None:
    """The object whose instruction file has this key; None for any other key."""
    key = owner_of_file(target.key)
    return None if key is None else target._replace(key=key, version_id=None)


def _has_older_file(files: InstructionFilePort, parent: ObjectId) -> bool:
    """Whether the file is one of version 1 or 2, whose objects may show nothing of it."""
    file = files.get_instruction_file(parent)
    if file is None:
        return False
    try:
        return parse_instruction_file(file.body).format is not Format.V3
    except OperationError:
        return False


def _unknown(parent: ObjectId, target: ObjectId, error: OperationError) -> tuple[str, ...]:
    """No warning where there is no such object, or S3 needs a customer key for it: then it has no envelope."""
    reason, kind = error.failure.reason, error.failure.kind
    known = (Reason.UNEXPLAINED_ABSENCE, Reason.UNEXPLAINED_BAD_REQUEST, Reason.DELETE_MARKER, Reason.BUCKET_NOT_FOUND)
    if reason in known:
        return ()
    if kind is FailureKind.FORBIDDEN or reason is Reason.UNEXPLAINED_DENIAL:
        return (
            f"Whether {target.name} is the instruction file of {parent.name} cannot be read, because s3:GetObject on "
            "that object is forbidden. If it is, that object cannot be read any more.",
        )
    raise error


def _in_use(parent: ObjectState, target: ObjectId) -> OperationError:
    return invalid_input(
        f"{target.name} is the instruction file of {parent.name}, which has its encrypted data key there: without it, "
        "that object cannot be read any more.",
        "Use another key. To be rid of both, delete the object itself, which deletes its instruction file, too.",
        resource=target.name,
    )
