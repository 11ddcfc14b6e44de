# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Changes of a KMS key by another client at the same time: KMS has no conditional writes, so the last writer wins.

A value that is neither that before the run nor that which the run wrote comes from another client. A value that equals
the one before the run proves nothing, because reads of KMS are eventually consistent.
Source: https://docs.aws.amazon.com/kms/latest/developerguide/accessing-kms.html#programming-eventual-consistency
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import Failure, FailureKind, assert_never
from ..iam.policy_document import differing_statements, same_policy
from .key_steps import (
    CreateKey,
    KeyStep,
    PutKeyPolicy,
    RotateKeyOnDemand,
    SetAlias,
    SetRotation,
    SetState,
    TagResource,
    UntagResource,
    UpdateKeyDescription,
)

if TYPE_CHECKING:
    from ..tags import Tags
    from .key_state import KeyState


@dataclass(frozen=True, slots=True)
class Reported:
    """What KMS reports after the writes, and the id of the key that has the alias that was set."""

    key: KeyState
    alias_holder: str | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """The key before the run and as the run has written it, and the id of the key that had the alias before."""

    before: KeyState
    after: KeyState
    alias_holder: str | None = None


def foreign_change(step: KeyStep, written: Written, reported: Reported) -> str | None:
    """What another client has written over the effect of this step, as a noun phrase; None if nothing proves it."""
    before, after, found = written.before, written.after, reported.key
    match step:
        case UpdateKeyDescription():
            is_foreign = found.description not in (before.description, after.description)
            return f"the description {found.description!r}" if is_foreign else None
        case PutKeyPolicy():
            return _foreign_policy(before.policy, after.policy, found.policy)
        case SetRotation():
            is_foreign = before.rotation is not None and found.rotation not in (before.rotation, after.rotation)
            return "another rotation" if is_foreign else None
        case TagResource() | UntagResource():
            return _foreign_tags(before.tags, after.tags, found.tags)
        case SetAlias():
            is_foreign = reported.alias_holder not in (None, after.key_id, written.alias_holder)
            return (
                f"the alias {step.alias}, which now refers to the key {reported.alias_holder}" if is_foreign else None
            )
        case SetState():
            is_foreign = found.is_pending_deletion and not before.is_pending_deletion
            return "the state: the key is now scheduled for deletion" if is_foreign else None
        case CreateKey() | RotateKeyOnDemand():
            return None
        case _:
            assert_never(step)


def _foreign_policy(before: str | None, after: str | None, found: str | None) -> str | None:
    if not (before and after and found) or same_policy(found, before) or same_policy(found, after):
        return None
    return f"the key policy, in which these statements differ: {', '.join(differing_statements(after, found))}"


def _foreign_tags(before: Tags | None, after: Tags | None, found: Tags | None) -> str | None:
    """Tags that this run neither found nor wrote, or that it kept and that are missing."""
    old, new, current = set(before or ()), set(after or ()), set(found or ())
    names = sorted({name for name, _value in (current - old - new) | ((old & new) - current)})
    return f"the tags {', '.join(names)}" if names else None


def overwritten(arn: str, changes: tuple[str, ...]) -> Failure:
    """The failure of a run whose change another client has overwritten."""
    return Failure(
        FailureKind.CONFLICT,
        f"The key {arn} was changed, but meanwhile another run has written {'; and '.join(changes)}.",
        "Run the tasks for one key one after the other, with the same options. Then run this task again.",
        resource=arn,
    )
