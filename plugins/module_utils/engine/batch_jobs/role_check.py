# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The check of a job's role, before the job is created: who may assume the role, and what the role may do.

S3 accepts a job with any role, and then fails it, or each of its tasks.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshooting-batch-operations.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...model.arn import Arn
from ...model.batch_jobs.role_findings import (
    RoleFindings,
    attached_to,
    judge,
    simulation_context,
    trusts_batch_operations,
)
from ...model.batch_jobs.role_policy import (
    BATCH_OPERATIONS,
    NeededPermission,
    permissions_policy,
    render_document,
    role_name,
    trust_policy,
)
from ...model.errors import Failure, FailureKind, OperationError
from ...model.plan import NotThereYet

if TYPE_CHECKING:
    from ...aws.accounts.ports import RolePort
    from ...aws.buckets.ports import BucketPolicyReadPort
    from ...aws.keys.ports import KeyPolicyPort
    from ...model.iam.iam_role import SimulatedAction

# The actions and the resources of a statement in a message, so that it stays a page.
_MOST_RESOURCES = 12
# Resources in one request, so that its answer is one page of 100 results.
_RESOURCES_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class RoleCheck:
    """The result of a check.

    `missing` can be added to the role's policies: `policy` is the document for it. `failure` is what ends a real run.
    `not_there_yet` is set for a role that does not exist: a check run warns of it, and goes on.
    """

    missing: tuple[NeededPermission, ...] = ()
    trust_is_missing: bool = False
    warnings: tuple[str, ...] = ()
    failure: Failure | None = None
    not_there_yet: NotThereYet | None = None

    @property
    def policy(self) -> dict[str, Any] | None:
        """The whole policy document to add to the role; None if nothing is missing."""
        return permissions_policy(self.missing) if self.missing else None


@dataclass(frozen=True, slots=True)
class ResourcePolicies:
    """The policies of buckets and keys, which can allow a role what its own policies do not, and deny it anything."""

    buckets: BucketPolicyReadPort
    keys: KeyPolicyPort

    def read(self, resource: str) -> str | None:
        """The policy (JSON; None: there is none) of a bucket or a key. Raises OperationError if it cannot be read."""
        arn = Arn.parse(resource)
        if arn.service == "kms":
            return self.keys.get_key_policy(resource, arn.region)
        policy, _region = self.buckets.get_bucket_policy(arn.resource)
        return policy


@dataclass(frozen=True, slots=True)
class _Reading:
    """The policies that could be read, by ARN, and the first failure for the buckets and for the keys.

    `attached` is None if none was to be read.
    """

    attached: dict[str, str | None] | None = None
    refused: tuple[tuple[str, Failure], ...] = ()


def check_role(
    roles: RolePort,
    role_arn: str,
    needed: tuple[NeededPermission, ...],
    policies: ResourcePolicies | None = None,
) -> RoleCheck:
    """Whether S3 Batch Operations can assume a role, and the role has the permissions that a job needs.

    The calls: GetRole, SimulatePrincipalPolicy for each needed permission, and with `policies` GetBucketPolicy and
    GetKeyPolicy for each bucket and key, which can allow the role what its own policies do not, and deny it anything.
    Without `policies`, the role's own policies alone decide. What cannot be read is not checked, and is a warning with
    the policy that the job needs. Raises no OperationError.
    """
    role = Arn.parse(role_arn)
    warnings: list[str] = []
    trusted: bool | None = True
    try:
        found = roles.get_role(role_name(role))
    except OperationError as error:
        failure = error.failure
        if failure.kind is FailureKind.ABSENT:
            return _absent(role_arn, failure, needed)
        warnings.append(_not_checked(f"Whether {BATCH_OPERATIONS} can assume the role {role_arn}", failure))
        if failure.kind is FailureKind.UNREACHABLE:
            return RoleCheck(warnings=(*warnings, _unchecked_permissions(role_arn, failure, needed)))
    else:
        if found.arn != role_arn:
            return RoleCheck(failure=_other_arn(role_arn, found.arn))
        trusted = trusts_batch_operations(found.trust_policy, role.account)
        if trusted is None:
            warnings.append(
                f"The trust policy of the role {role_arn} has conditions, and S3 does not document which condition "
                f"keys {BATCH_OPERATIONS} sends. If the job fails because it cannot assume the role, use this trust "
                f"policy: {render_document(trust_policy())}"
            )
    try:
        simulated = tuple(_simulate(roles, role, needed))
    except OperationError as error:
        if error.failure.kind is FailureKind.ABSENT:
            return _absent(role_arn, error.failure, needed)
        warnings.append(_unchecked_permissions(role_arn, error.failure, needed))
        findings = RoleFindings()
    else:
        reading = _read_policies(policies, needed)
        findings = judge(role, needed, simulated, reading.attached)
        warnings += _warnings(role_arn, findings, reading)
    failure_found = _failure(role_arn, findings, trust_is_missing=trusted is False)
    return RoleCheck(findings.missing, trusted is False, tuple(warnings), failure_found)


def _simulate(roles: RolePort, role: Arn, needed: Sequence[NeededPermission]) -> Iterator[SimulatedAction]:
    for need in needed:
        regions: dict[str, list[str]] = {}
        for resource in need.resources:  # the context has the region and the account of a key
            key = Arn.parse(resource)
            regions.setdefault(f"{key.region}:{key.account}", []).append(resource)
        for resources in regions.values():
            for start in range(0, len(resources), _RESOURCES_AT_ONCE):
                chunk = tuple(resources[start : start + _RESOURCES_AT_ONCE])
                context = simulation_context(role, chunk[0])
                yield from roles.simulate_principal_policy(str(role), need.actions, chunk, context)


def _read_policies(policies: ResourcePolicies | None, needed: Sequence[NeededPermission]) -> _Reading:
    """Read the policy of each bucket and key once. The first refusal ends the reads of its kind."""
    if policies is None:
        return _Reading()
    attached: dict[str, str | None] = {}
    refused: dict[str, Failure] = {}
    for owner in dict.fromkeys(attached_to(resource) for need in needed for resource in need.resources):
        what = "keys" if Arn.parse(owner).service == "kms" else "buckets"
        if what in refused:
            continue
        try:
            attached[owner] = policies.read(owner)
        except OperationError as error:
            refused[what] = error.failure
    return _Reading(attached, tuple(refused.items()))


def _warnings(role_arn: str, findings: RoleFindings, reading: _Reading) -> Iterator[str]:
    for what, failure in reading.refused:
        yield _not_checked(f"Whether the policies of the {what} deny the role {role_arn} what the job needs", failure)
    if findings.unsure:
        why = (
            f"conditions on {', '.join(findings.unknown_keys)} decide"
            if findings.unknown_keys
            else "no policy of the role allows it, and the policy of the bucket or the key may"
        )
        yield (
            f"Whether the role {role_arn} may {_in_words(findings.unsure)} is not known, because {why}. "
            f"This policy allows it: {_document(findings.unsure)}"
        )


def _failure(role_arn: str, findings: RoleFindings, *, trust_is_missing: bool) -> Failure | None:
    """The failure of a role that cannot do the job; None if nothing is certain to be missing."""
    messages: list[str] = []
    advice: list[str] = []
    if trust_is_missing:
        messages.append(f"S3 Batch Operations cannot assume the role {role_arn}, so the job would fail.")
        advice.append(f"Add to the role's trust policy: {render_document(trust_policy())}.")
    if findings.missing:
        messages.append(f"The role {role_arn} may not {_in_words(findings.missing)}, which the job needs.")
        advice.append(f"Add this policy to the role: {_document(findings.missing)}.")
    for refusal in findings.refusals:
        messages.append(
            f"The role {role_arn} may not {_in_words((refusal.permission,))}, which the job needs: it is refused by "
            f"{refusal.by}."
        )
    if findings.refusals:
        advice.append("Change what refuses it, such as with exempt_principals of bucket_encryption_policy.")
    if not messages:
        return None
    parts = (*findings.missing, *(each.permission for each in findings.refusals))
    action = parts[0].actions[0] if parts else "sts:AssumeRole"
    return Failure(FailureKind.FORBIDDEN, " ".join(messages), " ".join(advice), action, role_arn)


def _in_words(permissions: Sequence[NeededPermission]) -> str:
    """The actions and their resources, for a sentence."""
    return "; ".join(f"{', '.join(each.actions)} on {_listed(each.resources)}" for each in permissions)


def _listed(resources: Sequence[str]) -> str:
    rest = len(resources) - 2
    shown = ", ".join(resources[:2])
    return f"{shown} and {rest:,} more" if rest > 0 else shown


def _document(permissions: Sequence[NeededPermission]) -> str:
    """The policy in a message. Its resources are bounded, and the sentence says how many are left out."""
    left_out = sum(max(0, len(each.resources) - _MOST_RESOURCES) for each in permissions)
    shown = [each.only(each.actions, each.resources[:_MOST_RESOURCES]) for each in permissions]
    more = f" (and {left_out:,} more resources)" if left_out else ""
    return f"{render_document(permissions_policy(shown))}{more}"


def _absent(role_arn: str, failure: Failure, needed: Sequence[NeededPermission]) -> RoleCheck:
    advice = (
        f"Create it with this trust policy: {render_document(trust_policy())}, and with this policy: "
        f"{_document(needed)}."
    )
    absent = Failure(
        FailureKind.ABSENT, f"There is no role {role_arn}.", advice, failure.action, role_arn, code=failure.code
    )
    return RoleCheck(failure=absent, not_there_yet=NotThereYet(role_arn, f"The role {role_arn}", absent))


def _other_arn(named: str, found: str) -> Failure:
    return Failure(
        FailureKind.INVALID,
        f"There is no role {named}: the role of this name is {found}.",
        f"Name {found}. The path of a role is part of its ARN.",
        resource=named,
    )


def _unchecked_permissions(role_arn: str, failure: Failure, needed: Sequence[NeededPermission]) -> str:
    return (
        _not_checked(f"Whether the role {role_arn} may do what the job needs", failure)
        + f" The job needs this policy: {_document(needed)}"
    )


def _not_checked(what: str, failure: Failure) -> str:
    """The sentence that something was not checked, and why."""
    if failure.kind is not FailureKind.FORBIDDEN:
        return f"{what} was not checked: {failure.sentence()}"
    layer = f" ({failure.layer})" if failure.layer else ""
    return f"{what} was not checked, because {failure.action} is forbidden{layer}."
