# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""`state: absent` of kms_key_for_s3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...aws.buckets.bucket_list import BucketList
from ...aws.buckets.s3_buckets import S3Buckets
from ...engine.keys.key_deletion import KeyDeletionResource
from ...engine.keys.key_references import KeyReferenceReader
from ...engine.keys.key_resolver import KeyResolver
from ...engine.reconcile import reconcile
from ...model.errors import invalid_input
from ...model.keys.key_deletion import DeletionCheck, DesiredDeletion
from ..progress import Progress
from .key_run import KeyPlace, KeyRun
from .serialize import key_plan_to_dict, key_to_dict

if TYPE_CHECKING:
    from ...model.keys.desired_key import DesiredKey

# Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html
_WINDOWS = range(7, 31)


def schedule_deletion(deletion: DesiredDeletion, desired: DesiredKey, place: KeyPlace) -> KeyRun:
    """Schedule the deletion of a key that is not in use. The diff names the buckets that reference it."""
    kms, alias = place.kms, desired.alias
    progress = Progress(place.clock, "buckets")
    references = KeyReferenceReader(
        BucketList(place.clients), S3Buckets(place.clients), KeyResolver(kms), progress.count
    )
    name = desired.key_id or alias or ""
    outcome = reconcile(KeyDeletionResource(name, deletion, kms, references, place.waiter), check_mode=place.check_mode)
    check = outcome.context.check if outcome.context else DeletionCheck()
    before = key_plan_to_dict(outcome.before, alias, kms.region)
    after = key_plan_to_dict(outcome.planned, alias, kms.region)
    if outcome.changed and before and after:
        before |= {"unreadable_buckets": [], "buckets_not_looked_at": []}
        after |= {
            "unreadable_buckets": list(check.references.buckets),
            "buckets_not_looked_at": list(check.references.unreadable),
        }
    return KeyRun(outcome, key_to_dict(outcome.after, alias, kms.region, check.last_used), before, after)


def parse_deletion(params: dict[str, Any]) -> DesiredDeletion:
    """The options of the deletion; raises OperationError for those that KMS refuses."""
    window, unused = params["deletion_window_in_days"], params["unused_days"]
    if window not in _WINDOWS:
        raise invalid_input(
            f"deletion_window_in_days: {window} is not accepted by KMS.",
            f"Give {_WINDOWS.start} to {_WINDOWS.stop - 1} days.",
        )
    if unused < 0:
        raise invalid_input(f"unused_days: {unused} is not a number of days.", "Set 1 or more, or 0 to skip the check.")
    return DesiredDeletion(window, unused, params["force"])
