# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Whether a write succeeded although its response was lost.

The SDK repeats a request whose response is lost. If the first attempt succeeded, a conditional write then fails,
because the object has changed, as after a write by another client. So the current state has to decide.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ...aws.objects.ports import ObjectPort
from ...model.errors import Failure, FailureKind, OperationError, Reason, assert_never
from ...model.objects.object_id import ObjectId
from ...model.objects.object_state import ObjectState, Properties
from ...model.objects.object_steps import (
    CopyObject,
    DeleteObject,
    ObjectStep,
    PutObject,
    PutObjectTagging,
    UpdateObjectEncryption,
    WriteCustomerKeyFile,
    as_write,
)
from ...model.secret import CustomerKey


def was_applied(
    s3: ObjectPort,
    target: ObjectId,
    step: ObjectStep,
    before: ObjectState | None,
    has_desired_content: Callable[[ObjectState, CustomerKey | None], bool] | None = None,
) -> bool:
    """Whether the current state is what the step makes of `before`; False if it cannot be read.

    `has_desired_content` compares the content with that of the task, if checksums do not decide.
    """
    try:
        match step:
            case PutObject():
                return _is_uploaded(step, s3.head_object(target, step.encryption.request_key))
            case CopyObject():
                key = step.encryption.request_key
                now = s3.head_object(target, key)
                return before is not None and _is_copied(step, before, now, key, has_desired_content)
            case UpdateObjectEncryption():
                now = s3.head_object(target._replace(version_id=step.version_id), None)
                return step.encryption.is_satisfied_by(now.encryption)
            case PutObjectTagging():
                return s3.get_object_tagging(target) == step.tags
            case DeleteObject():
                return _is_deleted(s3, target)
            case WriteCustomerKeyFile():  # the result of a local write is never lost
                return False
            case _:
                assert_never(step)
    except OperationError:
        return False


def as_conflict(failure: Failure, step: ObjectStep) -> Failure:
    """A conditional write that finds no object is a conflict: another client has deleted it since it was read."""
    write = as_write(step)
    if failure.reason is not Reason.OBJECT_NOT_FOUND or write is None or write.if_match is None:
        return failure
    conflict = replace(failure, kind=FailureKind.CONFLICT)
    return conflict.with_advice("The object was deleted by another client during the run: run the task again.")


def _is_uploaded(step: PutObject, now: ObjectState) -> bool:
    return (
        step.encryption.is_satisfied_by(now.encryption)
        and _has(step.properties, now)
        and step.content.checksum in now.checksums
    )


def _is_copied(
    step: CopyObject,
    before: ObjectState,
    now: ObjectState,
    key: CustomerKey | None,
    has_desired_content: Callable[[ObjectState, CustomerKey | None], bool] | None,
) -> bool:
    same = _same_checksums(before, now)
    if same is None:
        same = has_desired_content is None or has_desired_content(now, key)
    return (
        same
        and step.encryption.is_satisfied_by(now.encryption)
        and _has(step.properties, now)
        and step.lock in (None, now.lock)
        and now.size == before.size
    )


def _has(properties: Properties, now: ObjectState) -> bool:
    return properties.merged_with(now.properties) == now.properties


def _same_checksums(before: ObjectState, now: ObjectState) -> bool | None:
    """Whether a copy has the checksum of its source. None: unknown, as a copy replaces a composite checksum."""
    known = {checksum.algorithm: checksum.value for checksum in before.checksums if checksum.full_object}
    shared = [checksum for checksum in now.checksums if checksum.full_object and checksum.algorithm in known]
    return all(known[checksum.algorithm] == checksum.value for checksum in shared) if shared else None


def _is_deleted(s3: ObjectPort, target: ObjectId) -> bool:
    try:
        s3.head_object(target, None)
    except OperationError as error:
        return error.failure.reason is Reason.UNEXPLAINED_ABSENCE
    return False
