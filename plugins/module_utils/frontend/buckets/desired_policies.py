# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The desired rules of the policies of a task's buckets: its options, and the exceptions in `overrides`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...model.buckets.overrides import Targets, merge_override
from ...model.buckets.policy.desired_policy import DesiredPolicy
from ...model.buckets.policy.exempt_names import parse_exempt_principal, parse_exempt_service
from ...model.buckets.policy.rules import RULES, TLS_VERSIONS
from ...model.errors import invalid_input
from ...model.keys.key_ref import KeyRef
from ...model.kinds.registry import HEADER_KINDS, find_kind, name_of_choice
from ..arguments import ArgumentSpec
from .override_entries import OverrideOptions
from .policy_option_checks import (
    require_no_contradiction,
    require_no_empty_list,
    require_nothing_for_absent,
    require_strict_minimum,
)


@dataclass(frozen=True)
class PolicyTarget:
    """The desired rules of a bucket's policy, and the KMS keys as the task names them (None: not named)."""

    desired: DesiredPolicy
    kms_keys: tuple[KeyRef, ...] | None = None


NO_RULES = Targets(PolicyTarget(DesiredPolicy()))


def rule_arguments() -> ArgumentSpec:
    """The rules of a bucket policy.

    `allow_encryption` has no choices: a kind that a policy cannot see is refused with the reason.
    """
    texts = {"type": "list", "elements": "str"}
    return {
        "require_tls": {"type": "bool"},
        "minimum_tls_version": {"type": "str", "choices": list(TLS_VERSIONS)},
        "allow_encryption": texts,
        "allow_kms_keys": {**texts, "no_log": False},
        "deny_customer_keys": {"type": "bool", "no_log": False},
        "require_encryption_header": {"type": "bool"},
        "exempt_principals": texts,
        "exempt_services": texts,
        "remove_rules": {**texts, "choices": list(RULES)},
    }


def policy_overrides_arguments() -> ArgumentSpec:
    """The exceptions for some of the buckets."""
    return _overrides().arguments()


def parse_policy_targets(
    params: Mapping[str, Any], written: Mapping[str, Any], *, many_accounts: bool = False
) -> Targets[PolicyTarget]:
    """The desired rules of a task, all of them checked; raises OperationError where options contradict each other.

    `written` are the options as the task has them, so that null differs from an omitted option. `many_accounts` is as
    in `OverrideOptions.parse_all`.
    """
    return Targets(parse_rules(params), _overrides().parse_all(params, written, many_accounts=many_accounts))


def _overrides() -> OverrideOptions[PolicyTarget]:
    return OverrideOptions(
        rule_arguments(),
        {"minimum_tls_version": TLS_VERSIONS, "remove_rules": RULES},
        merge_policy_override,
        lambda params, may_be_empty: parse_rules(params, may_be_empty=may_be_empty),
    )


def merge_policy_override(task: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, Any]:
    """The options for the buckets of an entry, which has only those that are written in it.

    What an entry writes about a rule replaces all that the task says about that rule. Without TLS there is no version,
    so an entry with `require_tls` false or null does not use the version of the task.
    """
    dropped: dict[str, tuple[str, ...]] = {"absent": (*RULES, "remove_rules", "minimum")}
    if not entry.get("require_tls", True):
        dropped["require_tls"] = ("minimum_tls_version",)
    removed = tuple(entry.get("remove_rules") or ())
    dropped["remove_rules"] = (*removed, *(("minimum_tls_version",) if "require_tls" in removed else ()))
    of_task = task.get("remove_rules")
    if of_task and "remove_rules" not in entry:
        task = {**task, "remove_rules": [rule for rule in of_task if rule not in entry] or None}
    return merge_override(task, entry, dropped)


def parse_rules(params: Mapping[str, Any], *, may_be_empty: bool = False) -> PolicyTarget:
    """The desired rules of a task or an entry; raises OperationError where options contradict each other."""
    named = [name for name in (*RULES, "remove_rules") if params[name] is not None]
    if params["state"] == "absent":
        require_nothing_for_absent(named, minimum=bool(params["minimum"]))
        return PolicyTarget(DesiredPolicy(absent=True))
    if not named and not may_be_empty:
        raise invalid_input(
            "The task has no rule for the policies of the buckets.",
            f"Name at least one of {', '.join(RULES)} and remove_rules, or use bucket_encryption_policy_info to read "
            "the policies.",
        )
    for name in named:
        require_no_empty_list(name, params[name])
    kinds = None if params["allow_encryption"] is None else _parse_kinds(params["allow_encryption"])
    removed = frozenset(params["remove_rules"] or ())
    require_no_contradiction(params, removed, kinds)
    if params["minimum"]:
        require_strict_minimum(params, removed)
    principals, services = params["exempt_principals"], params["exempt_services"]
    keys = params["allow_kms_keys"]
    desired = DesiredPolicy(
        require_tls=params["require_tls"],
        minimum_tls_version=params["minimum_tls_version"],
        allow_encryption=kinds,
        deny_customer_keys=params["deny_customer_keys"],
        require_encryption_header=params["require_encryption_header"],
        exempt_principals=None if principals is None else _sorted(map(parse_exempt_principal, principals)),
        exempt_services=None if services is None else _sorted(map(parse_exempt_service, services)),
        removed=removed,
        minimum=bool(params["minimum"]),
    )
    references = None if keys is None else tuple(KeyRef.parse(key, of_store=True) for key in dict.fromkeys(keys))
    return PolicyTarget(desired, references)


def _sorted(texts: Any) -> tuple[str, ...]:
    return tuple(sorted(set(texts)))


def _parse_kinds(choices: list[str]) -> tuple[str, ...]:
    """The kinds in the order of the registry; raises OperationError for what no header of an upload names."""
    names = {name_of_choice(choice) for choice in choices}
    for name in sorted(names - set(HEADER_KINDS)):
        if find_kind(name).is_client_side:
            raise invalid_input(
                f"allow_encryption: S3 cannot see {name}, because the content is encrypted before the upload. So no "
                "bucket policy can allow or deny it.",
                "Name the encryption that S3 gives the ciphertext.",
            )
        raise invalid_input(f"{name!r} is no value of allow_encryption.", f"Give {' or '.join(HEADER_KINDS)}.")
    return tuple(name for name in HEADER_KINDS if name in names)
