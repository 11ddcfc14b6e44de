# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A KMS key as the modules return it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...model.arn import Arn
from ...model.iam.policy_form import shown_policy
from ...model.keys.key_ref import placeholder_arn
from ...model.keys.key_state import KeyState
from ..result import error_of_row

if TYPE_CHECKING:
    from ...model.keys.desired_key import PolicyScope
    from ...model.outcome import Outcome
    from ..result import Result


def key_to_dict(key: KeyState | None, alias: str | None, region: str, last_used: str | None = None) -> Result | None:
    """A KMS key; null for parts that were not read, and in check mode for values that KMS chooses later."""
    if key is None:
        return None
    rotation = key.rotation
    return {
        "key_id": key.key_id,
        "arn": key.arn,
        "alias": alias or next(iter(key.aliases), None),
        "aliases": list(key.aliases),
        "region": region,
        **_parts_to_dict(key),
        "rotation": {"enabled": rotation.enabled, "period_in_days": rotation.period_in_days} if rotation else None,
        "key_spec": key.spec,
        "key_usage": key.usage,
        "origin": key.origin,
        "manager": key.manager,
        "multi_region": key.multi_region,
        "pending_deletion_window_in_days": key.pending_window_in_days,
        "last_used": last_used,
        "primary_region": key.primary_region,
        "replica_regions": list(key.replica_regions),
        "replicas": _replicas_to_list(key),
        "custom_key_store_id": key.custom_key_store_id,
        "xks_key_id": key.xks_key_id,
    }


def with_placeholder(key: KeyState, scope: PolicyScope) -> KeyState:
    """A key that a check run would create, with a placeholder for its id that later tasks can plan with."""
    arn = placeholder_arn(scope.partition, scope.region, scope.account, multi_region=key.multi_region)
    return replace(key, key_id=Arn.parse(arn).resource_id, arn=arn)


def _replicas_to_list(key: KeyState) -> list[Result]:
    read = {replica.region: replica for replica in key.replicas or ()}
    return [_replica_to_dict(key, region, read.get(region)) for region in key.replica_regions]


def _replica_to_dict(primary: KeyState, region: str, key: KeyState | None) -> Result:
    """A replica; only the region and the ARN are set if the replica was not read."""
    arn = primary.arn_in(region) if primary.arn else None
    parts = _parts_to_dict(key) if key else dict.fromkeys(_parts_to_dict(KeyState()))
    return {"region": region, "arn": arn, **parts, "aliases": (list(key.aliases) or None) if key else None}


def _parts_to_dict(key: KeyState) -> Result:
    """The properties that each key and each replica has of its own."""
    return {
        "state": key.state,
        "description": key.description,
        "policy": shown_policy(key.policy) if key.policy else None,
        "tags": None if key.tags is None else dict(key.tags),
        "creation_date": key.creation_date,
        "deletion_date": key.deletion_date,
    }


_DECIDED_BY_KMS = ("key_id", "arn", "creation_date", "deletion_date", "last_used")


def key_plan_to_dict(key: KeyState | None, alias: str | None, region: str) -> Result | None:
    """A KMS key in a diff: without the values that KMS chooses."""
    result = key_to_dict(key, alias, region)
    if result and key:
        for name in _DECIDED_BY_KMS:
            del result[name]
        if key.material:
            # KMS generates new material after its response, and chooses its date.
            since = key.material.since
            result["key_material"] = {
                "since": since.isoformat() if since else None,
                "on_demand_rotations": key.material.on_demand,
            }
        # By region, so that a diff shows the changes of each replica.
        result["replicas"] = {
            replica["region"]: {name: value for name, value in replica.items() if name not in _DECIDED_BY_KMS}
            for replica in result["replicas"]
        }
    return result


def key_row(outcome: Outcome[KeyState, Any], key: Result | None, alias: str | None, region: str) -> Result:
    """The row of one of many keys: what was done, and the key as `kms_key` has it; null if nothing is known of it."""
    empty = dict.fromkeys(key_to_dict(KeyState(), alias, region) or {})
    return {
        "region": region,
        "changed": outcome.changed,
        "actions": list(outcome.actions),
        "error": error_of_row(outcome.failure) if outcome.failure else None,
        **(key or {**empty, "alias": alias, "region": region}),
    }
