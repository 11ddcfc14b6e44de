# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Finding out whether a write to a KMS key was carried out although its response was lost.

If a response is lost, the SDK sends the request again. KMS then refuses CancelKeyDeletion and ScheduleKeyDeletion,
because the key is no longer in the state that they need.
Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Union

from ...model.errors import OperationError, assert_never
from ...model.iam.policy_document import same_policy
from ...model.keys.key_steps import (
    PutKeyPolicy,
    SetRotation,
    SetState,
    TagResource,
    UntagResource,
    UpdateKeyDescription,
)
from .waiters import LOST_RESPONSE_DELAYS, Waiter

if TYPE_CHECKING:
    from ...aws.keys.ports import KmsPort

VerifiableStep = Union[SetState, UpdateKeyDescription, PutKeyPolicy, SetRotation, TagResource, UntagResource]


def write_or_verify(write: Callable[[], None], was_applied: Callable[[], bool], waiter: Waiter) -> None:
    """Write. If the response is lost, return if the change is visible; raises OperationError if it is not."""
    try:
        write()
    except OperationError as error:
        if not error.failure.may_have_been_applied or not _is_visible(was_applied, waiter):
            raise


def _is_visible(was_applied: Callable[[], bool], waiter: Waiter) -> bool:
    """Whether a read shows the change within some seconds. A read that fails proves nothing."""
    try:
        return waiter.wait_for_result(lambda: was_applied() or None, LOST_RESPONSE_DELAYS) is not None
    except OperationError:
        return False


def is_as_written(step: VerifiableStep, key_id: str, kms: KmsPort) -> bool:
    """Whether KMS reports the key as this step writes it."""
    match step:
        case SetState():
            return _is_in_state(step, key_id, kms)
        case UpdateKeyDescription():
            return kms.get_key(key_id).description == step.description
        case PutKeyPolicy():
            return same_policy(kms.get_key_policy(key_id), step.policy)
        case SetRotation():
            rotation = kms.get_key_rotation_status(key_id)
            if step.operation == "DisableKeyRotation":
                return not rotation.enabled
            return rotation.enabled and step.period_in_days in (None, rotation.period_in_days)
        case TagResource():
            return set(step.tags) <= set(kms.list_resource_tags(key_id))
        case UntagResource():
            return not set(step.keys) & {name for name, _value in kms.list_resource_tags(key_id)}
        case _:
            assert_never(step)


def _is_in_state(step: SetState, key_id: str, kms: KmsPort) -> bool:
    key = kms.get_key(key_id)
    match step.operation:
        case "CancelKeyDeletion":
            return not key.is_pending_deletion
        case "EnableKey":
            return key.state == "Enabled"
        case "DisableKey":
            return key.state == "Disabled"
        case _:
            assert_never(step.operation)
