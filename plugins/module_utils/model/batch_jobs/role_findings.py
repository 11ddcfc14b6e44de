# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What is missing in a role for a job: by the policies of the role, and by those of its buckets and keys.

Only what is certain is missing or refused. A verdict that depends on what is not known, such as a condition on the
address of the caller, is unsure.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Union

from ..arn import Arn
from ..iam.conditions import Facts, one_of
from ..iam.iam_role import SimulatedAction, Verdict
from ..iam.policy_kind import BUCKET_POLICY, KEY_POLICY, TRUST_POLICY
from ..iam.resource_policy import Effect, Request, effect_on, request_of_role
from .role_policy import BATCH_OPERATIONS, NeededPermission

# The policies (JSON; None: there is none) of buckets and keys, by their ARN.
Attached = Mapping[str, Union[str, None]]


class _Judgement(Enum):
    FINE = "fine"
    MISSING = "missing"
    REFUSED = "refused"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A permission that the role does not get by another statement in its own policies. `by` names what refuses it."""

    permission: NeededPermission
    by: str


@dataclass(frozen=True, slots=True)
class RoleFindings:
    """What a role lacks. `unsure` has the permissions whose verdict depends on `unknown_keys`, which are conditions."""

    missing: tuple[NeededPermission, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    unsure: tuple[NeededPermission, ...] = ()
    unknown_keys: tuple[str, ...] = ()


def attached_to(resource: str) -> str:
    """The ARN of the bucket or the key whose policy decides about a resource."""
    arn = Arn.parse(resource)
    return str(Arn(arn.partition, "s3", "", "", arn.resource.partition("/")[0])) if arn.service == "s3" else resource


def simulation_context(role: Arn, resource: str) -> dict[str, str]:
    """The condition keys of a request by the role, as far as they are known before a job runs.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    arn = Arn.parse(resource)
    context = {
        "aws:PrincipalArn": str(role),
        "aws:PrincipalAccount": role.account,
        "aws:SecureTransport": "true",
    }
    if arn.service == "kms":
        domain = "amazonaws.com.cn" if arn.partition == "aws-cn" else "amazonaws.com"
        context["aws:ResourceAccount"] = arn.account
        context["kms:CallerAccount"] = role.account
        context["kms:ViaService"] = f"s3.{arn.region}.{domain}"
    return context


def _facts(role: Arn, resource: str) -> Facts:
    return {name.lower(): one_of(value) for name, value in simulation_context(role, resource).items()}


def judge(
    role: Arn,
    needed: Iterable[NeededPermission],
    simulated: Iterable[SimulatedAction],
    attached: Attached | None,
) -> RoleFindings:
    """What the role lacks.

    `attached` has the policies of the buckets and the keys, as far as they could be read: one that was not read may
    allow the role what its own policies do not. None: the policies of the role alone decide.
    """
    verdicts = {(each.action, each.resource): each for each in simulated}
    missing: list[NeededPermission] = []
    refusals: dict[tuple[str, NeededPermission], list[tuple[str, str]]] = {}
    unsure: list[NeededPermission] = []
    keys: dict[str, None] = {}
    for need in needed:
        pairs: dict[_Judgement, list[tuple[str, str]]] = {}
        for action in need.actions:
            for resource in need.resources:
                verdict = verdicts.get((action, resource))
                judgement, by = _judge(role, action, resource, verdict, attached)
                if judgement is _Judgement.REFUSED:
                    refusals.setdefault((by, need), []).append((action, resource))
                elif judgement is _Judgement.UNSURE and verdict:
                    keys.update(dict.fromkeys(verdict.missing_keys))
                pairs.setdefault(judgement, []).append((action, resource))
        missing += _part(need, pairs.get(_Judgement.MISSING))
        unsure += _part(need, pairs.get(_Judgement.UNSURE))
    refused = tuple(Refusal(part, by) for (by, need), pairs_ in refusals.items() for part in _part(need, pairs_))
    return RoleFindings(tuple(missing), refused, tuple(unsure), tuple(keys))


def _part(need: NeededPermission, pairs: list[tuple[str, str]] | None) -> tuple[NeededPermission, ...]:
    if not pairs:
        return ()
    return (need.only([action for action, _resource in pairs], [resource for _action, resource in pairs]),)


def _judge(
    role: Arn, action: str, resource: str, found: SimulatedAction | None, attached: Attached | None
) -> tuple[_Judgement, str]:
    """The judgement on one action, and what refuses it."""
    owner = attached_to(resource)
    is_key = _is_key(resource)
    own, delegated, sid = _effects(role, action, resource, attached)
    if own is Effect.DENIES:
        what = "key" if is_key else "bucket"
        statement = f", whose statement {sid} denies it" if sid else ", which denies it"
        return _Judgement.REFUSED, f"the policy of the {what} {_name(owner)}{statement}"
    if found is None:
        return _Judgement.UNSURE, ""
    if found.verdict is Verdict.ALLOWED:
        # The policy of a key has to take part: it allows the role, or its account. That of a bucket has not.
        if is_key and delegated is Effect.NOTHING:
            return _Judgement.REFUSED, f"the policy of the key {_name(owner)}, which does not allow it"
        return _Judgement.FINE, ""
    if found.missing_keys:
        return _Judgement.UNSURE, ""
    if found.layer:
        return _Judgement.REFUSED, f"a {found.layer}"
    if found.verdict is Verdict.DENIED:
        return _Judgement.REFUSED, "a statement of the role's own policies, which denies it"
    if is_key and Arn.parse(resource).account != role.account:
        return _Judgement.MISSING, ""
    if own is None and attached is not None:
        return _Judgement.UNSURE, ""
    return (_Judgement.FINE if own in (Effect.ALLOWS, Effect.MAY_ALLOW) else _Judgement.MISSING), ""


def _effects(
    role: Arn, action: str, resource: str, attached: Attached | None
) -> tuple[Effect | None, Effect | None, str]:
    """What the policy of the bucket or the key does for the role itself, and for the role or its account.

    None: it was not read. The last one is the Sid of the statement that decides.
    """
    owner = attached_to(resource)
    if attached is None or owner not in attached:
        return None, None, ""
    policy = attached[owner]
    if policy is None:
        return Effect.NOTHING, Effect.NOTHING, ""
    kind = KEY_POLICY if _is_key(resource) else BUCKET_POLICY
    request = request_of_role(role, action, resource, _facts(role, resource))
    own, sid = effect_on(policy, kind, request)
    delegated, _sid = effect_on(policy, kind, request.of_account())
    return own, delegated, sid


def _is_key(resource: str) -> bool:
    return Arn.parse(resource).service == "kms"


def _name(arn: str) -> str:
    parsed = Arn.parse(arn)
    return parsed.resource if parsed.service == "s3" else arn


def trusts_batch_operations(trust_policy: str, account: str) -> bool | None:
    """Whether a trust policy (JSON) lets S3 Batch Operations assume the role; None if a condition decides.

    AWS documents no condition key for this service. So a condition on the own account may be met or not, and one on
    another account is not.
    """
    names = frozenset({("Service", BATCH_OPERATIONS), ("AWS", "*"), ("*", "*")})
    request = Request(names, "sts:AssumeRole", "*")
    if effect_on(trust_policy, TRUST_POLICY, request)[0] is Effect.ALLOWS:
        return True
    at_best = replace(request, facts={"aws:sourceaccount": one_of(account)})
    possible = effect_on(trust_policy, TRUST_POLICY, at_best)[0] in (Effect.ALLOWS, Effect.MAY_ALLOW)
    return None if possible else False
