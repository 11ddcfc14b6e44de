# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The modules kms_key_for_s3 and kms_key_for_s3_info."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from ..aws.kms import Kms
from ..engine.fleet import each
from ..engine.kms_key import KmsKeyResource
from ..engine.reconcile import reconcile
from ..model.diff import difference
from ..model.errors import FailureKind, Refused, invalid
from ..model.key_ref import KeyRef
from ..model.kms_key import DesiredKey, KeyState
from ..model.tags import freeze_tags
from .arguments import ArgumentSpec, require_no_empty_text, workers
from .failure import error_details, failure_answer
from .key_deletion import deletion_arguments, let_go
from .key_policy import POLICY_EXCLUSIVE, parse_policy_options, policy_arguments
from .present import show_key, show_key_plan
from .run import Answer, Run, run

_ALIAS = re.compile(r"alias/[a-zA-Z0-9/_-]{1,250}\Z")
# Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html
_PERIODS = range(90, 2561)


def main() -> None:
    """Run kms_key_for_s3."""
    run(
        {
            **_identity_arguments(),
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "description": {"type": "str"},
            "enabled": {"type": "bool"},
            **policy_arguments(),
            "rotation_enabled": {"type": "bool", "default": True},
            "rotation_period_in_days": {"type": "int"},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
            **deletion_arguments(),
        },
        _hold,
        required_one_of=[("alias", "key_id")],
        mutually_exclusive=POLICY_EXCLUSIVE,
    )


def main_info() -> None:
    """Run kms_key_for_s3_info."""
    run(
        {**_identity_arguments(), "concurrency": {"type": "int", "default": 16}},
        _look,
        mutually_exclusive=[("alias", "key_id")],
    )


def _identity_arguments() -> ArgumentSpec:
    return {"alias": {"type": "str"}, "key_id": {"type": "str", "no_log": False}}


def _hold(task: Run) -> Answer:
    desired = _parse(task.params)
    if task.params["state"] == "absent":
        return let_go(task, desired.key_id or desired.alias or "", desired.alias)
    kms = Kms(task.clients)
    resource = KmsKeyResource(desired, kms)
    outcome = reconcile(resource, check_mode=task.check_mode)
    alias, region = desired.alias, kms.region
    answer: Answer = {
        "changed": outcome.changed,
        "kms_key": show_key(outcome.after, alias, region),
        "actions": list(outcome.actions),
        "diff": difference(
            show_key_plan(outcome.before, alias, region),
            show_key_plan(outcome.planned, alias, region),
            alias or desired.key_id or "",
        ),
        "warnings": list(outcome.warnings),
    }
    return {**answer, **failure_answer(outcome.failure)} if outcome.failure else answer


def _look(task: Run) -> Answer:
    kms, params = Kms(task.clients), task.params
    require_no_empty_text(params, ("alias", "key_id"))
    alias = _alias(params["alias"]) if params["alias"] else None
    name = alias or params["key_id"]
    if name:
        try:
            key = _read(kms, kms.get_key(KeyRef.parse(name).text))
        except Refused as refused:
            if refused.failure.kind is not FailureKind.ABSENT:
                raise
            return {"changed": False, "kms_keys": []}
        return {"changed": False, "kms_keys": [show_key(key, alias, kms.region)]}
    shown: dict[int, dict[str, Any]] = {}

    def work(key_id: str) -> dict[str, Any] | None:
        try:
            key = kms.get_key(key_id)
            return show_key(_read(kms, key), None, kms.region) if key.manager == "CUSTOMER" else None
        except Refused as refused:
            return {"key_id": key_id, "error": error_details(refused.failure)}

    for position, _key_id, result in each(kms.list_keys(), work, concurrency=workers(params)):
        if result:
            shown[position] = result
    return {"changed": False, "kms_keys": [shown[position] for position in sorted(shown)]}


def _read(kms: Kms, key: KeyState) -> KeyState:
    """All that KMS tells of a key."""
    key_id = key.key_id or ""
    return replace(
        key,
        aliases=kms.list_aliases(key_id),
        policy=kms.get_key_policy(key_id),
        tags=kms.list_resource_tags(key_id),
        rotation=kms.get_key_rotation_status(key_id) if key.rotates else None,
    )


def _parse(params: dict[str, Any]) -> DesiredKey:
    """What the options ask for; raises Refused where they cannot be."""
    period = params["rotation_period_in_days"]
    if period is not None and not params["rotation_enabled"]:
        raise invalid("rotation_period_in_days has no effect with rotation_enabled: false.", "Leave one of them out.")
    if period is not None and period not in _PERIODS:
        raise invalid(
            f"rotation_period_in_days: {period} is not taken by KMS.",
            f"Give {_PERIODS.start} to {_PERIODS.stop - 1} days.",
        )
    tags = params["tags"]
    return DesiredKey(
        alias=_alias(params["alias"]) if params["alias"] else None,
        key_id=KeyRef.parse(params["key_id"]).text if params["key_id"] else None,
        description=params["description"],
        enabled=params["enabled"],
        policy=parse_policy_options(params),
        rotation_enabled=params["rotation_enabled"],
        rotation_period_in_days=period,
        tags=None if tags is None else freeze_tags(tags),
        purge_tags=params["purge_tags"],
    )


def _alias(text: str) -> str:
    """The full name of an alias, which may be given without its prefix."""
    alias = text if text.startswith("alias/") else f"alias/{text}"
    if not _ALIAS.match(alias) or alias.startswith("alias/aws/"):
        raise invalid(
            f"{text!r} cannot be the alias of a key of yours.",
            "Give letters, digits, /, _ and - after alias/; alias/aws/ is for AWS's own keys.",
        )
    return alias
