# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The state absent of kms_key_for_s3."""

from __future__ import annotations

from typing import Any

from ...aws.buckets.bucket_list import BucketList
from ...aws.buckets.s3_buckets import S3Buckets
from ...aws.keys.kms import Kms
from ...engine.keys.key_deletion import KeyDeletionResource
from ...engine.keys.key_references import BucketsByKey
from ...engine.keys.key_resolver import KeyResolver
from ...engine.reconcile import reconcile
from ...model.diff import difference
from ...model.errors import invalid_input
from ...model.keys.key_deletion import DesiredDeletion
from ..arguments import ArgumentSpec
from ..failure import failure_answer
from ..result import Result
from ..run import ModuleContext
from .serialize import key_plan_to_dict, key_to_dict

# Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html
_WINDOWS = range(7, 31)


def deletion_arguments() -> ArgumentSpec:
    """How a key goes."""
    return {
        "deletion_window_in_days": {"type": "int", "default": 30},
        "unused_days": {"type": "int", "default": 30},
        "force": {"type": "bool", "default": False},
    }


def let_go(task: ModuleContext, name: str, alias: str | None) -> Result:
    """Schedule the deletion of a key that nothing needs; the diff says what could not be read any more."""
    kms = Kms(task.clients)
    users = BucketsByKey(BucketList(task.clients), S3Buckets(task.clients), KeyResolver(kms))
    resource = KeyDeletionResource(name, _parse(task.params), kms, users)
    outcome = reconcile(resource, check_mode=task.check_mode)
    before = key_plan_to_dict(outcome.before, alias, kms.region)
    after = key_plan_to_dict(outcome.planned, alias, kms.region)
    if outcome.changed and before and after:
        before |= {"unreadable_buckets": [], "buckets_not_looked_at": []}
        use = resource.use
        after |= {"unreadable_buckets": list(use.buckets), "buckets_not_looked_at": list(use.unseen)}
    answer: Result = {
        "changed": outcome.changed,
        "kms_key": key_to_dict(outcome.after, alias, kms.region, resource.use.last_used),
        "actions": list(outcome.actions),
        "diff": difference(before, after, name),
        "warnings": list(outcome.warnings),
    }
    return {**answer, **failure_answer(outcome.failure)} if outcome.failure else answer


def _parse(params: dict[str, Any]) -> DesiredDeletion:
    window, unused = params["deletion_window_in_days"], params["unused_days"]
    if window not in _WINDOWS:
        raise invalid_input(
            f"deletion_window_in_days: {window} is not taken by KMS.",
            f"Give {_WINDOWS.start} to {_WINDOWS.stop - 1} days.",
        )
    if unused < 0:
        raise invalid_input(f"unused_days: {unused} is no number of days.", "Give 0 not to ask, or more.")
    return DesiredDeletion(window, unused, params["force"])
