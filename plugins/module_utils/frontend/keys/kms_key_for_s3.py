# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The module kms_key_for_s3."""

from __future__ import annotations

from typing import Any

from ...aws.accounts.sts import Sts
from ...engine.clock import SYSTEM_CLOCK, Clock
from ...engine.keys.kms_key import CallerIdentity, KmsKeyResource
from ...engine.keys.replicas import ReplicatedKeyResource
from ...engine.reconcile import reconcile
from ...model.errors import invalid_input
from ...model.keys.desired_key import DesiredKey
from ...model.keys.key_limits import require_description, require_no_tag_of_module
from ...model.keys.key_ref import KeyRef
from ...model.tags import validate_tags
from ..arguments import (
    ACCOUNT_CONSTRAINTS,
    account_arguments,
    has_accounts,
    require_no_empty_text,
    results_file_arguments,
)
from ..result import Result, outcome_result
from ..run import ModuleContext, run_module
from .key_diff import key_diff
from .key_options import (
    deletion_arguments,
    identity_arguments,
    origin_arguments,
    parse_alias,
    parse_origin,
    parse_replica_regions,
    regions_arguments,
    require_no_regions,
)
from .key_policy import POLICY_EXCLUSIVE, parse_policy_options, policy_arguments
from .key_run import KeyPlace, KeyRun
from .serialize import key_plan_to_dict, key_row, key_to_dict, with_placeholder

# Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html
_PERIODS = range(90, 2561)


def main(clock: Clock = SYSTEM_CLOCK) -> None:
    """Run kms_key_for_s3."""
    run_module(
        {
            **identity_arguments(),
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "description": {"type": "str"},
            "enabled": {"type": "bool"},
            **policy_arguments(),
            "rotation_enabled": {"type": "bool", "aliases": ["enable_key_rotation"]},
            "rotation_period_in_days": {"type": "int"},
            "rotate_if_older_than_days": {"type": "int"},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
            **origin_arguments(),
            **deletion_arguments(),
            **account_arguments(),
            **regions_arguments(),
            "concurrency": {"type": "int", "default": 16},
            **results_file_arguments(),
        },
        _ensure_present_or_absent,
        name="kms_key_for_s3",
        clock=clock,
        required_one_of=[("alias", "key_id")],
        mutually_exclusive=[*POLICY_EXCLUSIVE, *ACCOUNT_CONSTRAINTS["mutually_exclusive"]],
    )


def _ensure_present_or_absent(task: ModuleContext) -> Result:
    """The key of the task's own account and region, or those of many accounts."""
    params, region = task.params, task.clients.region
    if has_accounts(params):
        from .account_keys import manage_keys  # for these tasks only: others start faster without it

        in_each = _parse(params, "", in_many_accounts=True)
        return manage_keys(task, in_each.alias or "", lambda place: _run_for_key(params, in_each, place))
    require_no_regions(params)
    desired = _parse(params, region)
    if desired.key_id:
        KeyRef.parse(desired.key_id).require_region(region)
    identity = CallerIdentity(Sts(task.clients))
    run = _run_for_key(params, desired, KeyPlace(task.clients, identity, task.clock, task.check_mode))
    if task.rows:
        task.rows.add(0, key_row(run.outcome, run.key, desired.alias, region))
    diff = key_diff(run.before, run.after, _name(desired, params["state"]))
    return outcome_result(run.outcome, diff, kms_key=run.key)


def _name(desired: DesiredKey, state: str) -> str:
    """What a diff calls the key. A key to delete is known by its id, if the task names both."""
    names = (desired.key_id, desired.alias) if state == "absent" else (desired.alias, desired.key_id)
    return names[0] or names[1] or ""


def _run_for_key(params: dict[str, Any], desired: DesiredKey, place: KeyPlace) -> KeyRun:
    """Bring the key of one account and region to the desired state, or schedule its deletion."""
    if params["state"] == "absent":
        from .key_deletion import parse_deletion, schedule_deletion  # for this state only, as above

        return schedule_deletion(parse_deletion(params), desired, place)
    return _ensure_present(desired, place)


def _ensure_present(desired: DesiredKey, place: KeyPlace) -> KeyRun:
    resource = ReplicatedKeyResource(KmsKeyResource(desired, place.kms, place.identity, place.waiter))
    outcome = reconcile(resource, check_mode=place.check_mode)
    alias, region = desired.alias, place.region
    before, after = (key_plan_to_dict(key, alias, region) for key in (outcome.before, outcome.planned))
    holder = outcome.context.primary.alias_holder if outcome.context else None
    if holder and before and after and outcome.before:
        before["alias_stands_for"], after["alias_stands_for"] = holder, outcome.before.key_id
    key = outcome.after
    if key and key.arn is None and outcome.context:
        key = with_placeholder(key, outcome.context.primary.scope)
    return KeyRun(outcome, key_to_dict(key, alias, region), before, after)


def _parse(params: dict[str, Any], region: str, *, in_many_accounts: bool = False) -> DesiredKey:
    """The desired key; raises OperationError for invalid options. `region` is that of the task, if it has one key."""
    require_no_empty_text(params, ("alias", "key_id"))
    require_description(params["description"])
    enabled, period = params["rotation_enabled"], params["rotation_period_in_days"]
    if period is not None and enabled is False:
        raise invalid_input("rotation_period_in_days has no effect with rotation_enabled: false.", "Omit one of them.")
    if period is not None and period not in _PERIODS:
        raise invalid_input(
            f"rotation_period_in_days: {period} is not accepted by KMS.",
            f"Give {_PERIODS.start} to {_PERIODS.stop - 1} days.",
        )
    days = params["rotate_if_older_than_days"]
    if days is not None and days < 1:
        raise invalid_input(f"rotate_if_older_than_days: {days} is not a number of days.", "Set 1 or more, or omit it.")
    tags = None if params["tags"] is None else validate_tags(params["tags"])
    require_no_tag_of_module(tags or ())
    return DesiredKey(
        alias=parse_alias(params["alias"]) if params["alias"] else None,
        key_id=KeyRef.parse(params["key_id"]).text if params["key_id"] else None,
        description=params["description"],
        enabled=params["enabled"],
        policy=parse_policy_options(params, in_many_accounts=in_many_accounts),
        rotation_enabled=True if enabled is None else enabled,
        rotation_period_in_days=period,
        tags=tags,
        purge_tags=params["purge_tags"],
        creation_options=parse_origin(params, names_rotation=bool(enabled) or period is not None),
        rotation_named=enabled is not None or period is not None,
        rotate_if_older_than_days=days,
        replica_regions=parse_replica_regions(params["replica_regions"], region),
    )
