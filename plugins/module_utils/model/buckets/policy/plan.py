# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The plan that brings the rules of a bucket policy to the desired ones, and keeps every other statement."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Union

from ...errors import invalid_input
from ...iam.policy_document import Statement, dump_policy, parse_policy
from ...iam.policy_kind import BUCKET_POLICY
from ...iam.policy_principals import remove_principals, unique_ids
from ...iam.policy_size import fit_policy
from ...kinds.registry import CUSTOMER_KEY, HEADER_KINDS, find_kind
from ...operations import Operations
from ...plan import Plan
from .desired_policy import DesiredPolicy
from .exempt_names import exempt_in_both
from .minimum import apply_minimum, restrict_further, without_satisfied
from .policy_state import Guards, PolicyState, read_policy_state
from .policy_warnings import change_warnings, remaining_warnings, unknown_warnings
from .statements import (
    ALLOW_ENCRYPTION,
    ALLOW_ENCRYPTION_CUSTOMER_KEYS,
    ALLOW_KMS_KEYS,
    DENIALS,
    DENY_CUSTOMER_KEYS,
    KMS_KEY_REQUIRED,
    KMS_KEYS_IN_PLACE,
    MINIMUM_TLS_VERSION,
    REQUIRE_HEADER,
    REQUIRE_TLS,
    SIDS_OF_RULES,
    TLS_SIDS,
    Exemptions,
    Guard,
    build_statement,
    is_owned,
    meaning,
)


@dataclass(frozen=True, slots=True)
class PutBucketPolicy:
    """Write the whole policy. The operation has no condition on the current one.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
    """

    document: str
    operations: ClassVar[Operations] = ("PutBucketPolicy",)


@dataclass(frozen=True, slots=True)
class DeleteBucketPolicy:
    """Delete the policy, because no statement remains, and S3 accepts no policy without one."""

    operations: ClassVar[Operations] = ("DeleteBucketPolicy",)


PolicyStep = Union[PutBucketPolicy, DeleteBucketPolicy]
PolicyPlan = Plan[PolicyState, PolicyStep]

# Sid -> the statement to have; None: the one to take away. A Sid that is missing is left as it is.
_Wanted = dict[str, "Guard | None"]

_NEW_POLICY: dict[str, Any] = {"Version": "2012-10-17", "Statement": []}


def plan_policy(desired: DesiredPolicy, actual: PolicyState, bucket_arn: str) -> PolicyPlan:
    """The plan with the one write that brings the rules to the desired ones, or without a step.

    Statements of others keep their meaning and their order. One that already does what a rule asks for satisfies it,
    and no second one is added. Raises OperationError if the desired rules cannot apply to this policy.
    """
    found, guards = list(actual.statements), actual.guards
    wanted = _all_owned(found) if desired.absent else _wanted(desired, guards)
    merged = _merge(found, wanted, bucket_arn)
    remaining = remaining_warnings(desired, guards)
    if merged == found:
        return Plan(actual, (), actual, remaining)
    deleted = unique_ids(actual.document, BUCKET_POLICY)
    document = _writable(actual.document, merged, deleted)
    after = read_policy_state(document, bucket_arn)
    step = DeleteBucketPolicy() if document is None else PutBucketPolicy(document)
    unknown = unknown_warnings(sid for sid in wanted if sid not in DENIALS)
    return Plan(actual, (step,), after, (*change_warnings(actual, after, deleted), *unknown, *remaining))


def _writable(current: str | None, merged: list[Statement], deleted: Collection[str]) -> str | None:
    """The policy that S3 accepts, with these statements; None if none of them remains.

    Raises OperationError if it is too large for S3.
    """
    policy = parse_policy(current, BUCKET_POLICY) if current else _NEW_POLICY
    kept = remove_principals({**policy, "Statement": merged}, deleted)
    return fit_policy(dump_policy(kept), BUCKET_POLICY) if kept["Statement"] else None


def _all_owned(found: Sequence[Statement]) -> _Wanted:
    return {str(each["Sid"]): None for each in found if is_owned(each)}


def _wanted(desired: DesiredPolicy, guards: Guards) -> _Wanted:
    if desired.minimum:
        desired = apply_minimum(desired, guards)
    wanted: _Wanted = {sid: None for rule, sids in SIDS_OF_RULES.items() if desired.removes(rule) for sid in sids}
    built = _built(desired)
    if desired.minimum:
        built = {sid: restrict_further(guard, sid, guards) for sid, guard in built.items()}
    wanted |= {sid: _with_exemptions(guard, sid, desired, guards) for sid, guard in built.items()}
    if desired.minimum:
        wanted = without_satisfied(wanted, guards)
    if _changes_exemptions(desired):
        # The statements of rules that are not named keep all but their exemptions.
        for sid, owned in guards.owned.items():
            if sid not in wanted and sid not in TLS_SIDS:
                wanted[sid] = _with_exemptions(_readable(owned, sid), sid, desired, guards)
    return wanted


def _built(desired: DesiredPolicy) -> _Wanted:
    """The statements of the rules that are named, without exemptions."""

    def guard(sid: str, values: tuple[str, ...] = ()) -> Guard:
        return Guard(DENIALS[sid], values)

    built: _Wanted = {}
    if desired.require_tls or desired.minimum_tls_version:
        built[REQUIRE_TLS] = guard(REQUIRE_TLS)
    if desired.minimum_tls_version:
        built[MINIMUM_TLS_VERSION] = guard(MINIMUM_TLS_VERSION, (desired.minimum_tls_version,))
    if desired.allow_encryption is not None:
        wires = tuple(find_kind(name).wire for name in HEADER_KINDS if name in desired.allow_encryption)
        built[ALLOW_ENCRYPTION] = guard(ALLOW_ENCRYPTION, tuple(sorted(filter(None, wires))))
        denies = CUSTOMER_KEY.name not in desired.allow_encryption
        built[ALLOW_ENCRYPTION_CUSTOMER_KEYS] = guard(ALLOW_ENCRYPTION_CUSTOMER_KEYS) if denies else None
    if desired.deny_customer_keys:
        built[DENY_CUSTOMER_KEYS] = guard(DENY_CUSTOMER_KEYS)
    if desired.allow_kms_keys is not None:
        keys = tuple(sorted(set(desired.allow_kms_keys)))
        built[ALLOW_KMS_KEYS] = guard(ALLOW_KMS_KEYS, keys)
        built[KMS_KEY_REQUIRED] = None if desired.allows_aws_managed_key else guard(KMS_KEY_REQUIRED)
        built[KMS_KEYS_IN_PLACE] = guard(KMS_KEYS_IN_PLACE, keys)
    if desired.require_encryption_header:
        built[REQUIRE_HEADER] = guard(REQUIRE_HEADER)
    return built


def _with_exemptions(guard: Guard | None, sid: str, desired: DesiredPolicy, guards: Guards) -> Guard | None:
    """The statement with the exemptions that the task names, and otherwise with those that it has.

    A new statement gets the exemptions of the others of this collection.
    """
    if guard is None or sid in TLS_SIDS:
        return guard
    current = guards.owned.get(sid)
    kept = current.exempt if current else guards.exempt
    is_floor = desired.minimum and any(owned and each not in TLS_SIDS for each, owned in guards.owned.items())
    return replace(
        guard,
        exempt=Exemptions(
            _exempt(desired, "exempt_principals", kept.principals, is_floor=is_floor),
            _exempt(desired, "exempt_services", kept.services, is_floor=is_floor),
        ),
    )


def _exempt(desired: DesiredPolicy, option: str, kept: tuple[str, ...], *, is_floor: bool) -> tuple[str, ...]:
    named: tuple[str, ...] | None = getattr(desired, option)
    if option in desired.removed:
        return ()
    if named is None:
        return kept
    return exempt_in_both(named, kept) if is_floor else tuple(sorted(set(named)))


def _changes_exemptions(desired: DesiredPolicy) -> bool:
    named = desired.exempt_principals is not None or desired.exempt_services is not None
    return named or bool(desired.removed & {"exempt_principals", "exempt_services"})


def _readable(guard: Guard | None, sid: str) -> Guard:
    if guard is None:
        raise invalid_input(
            f"The exemptions cannot be changed in the statement {sid}, because it has another form than this "
            "collection writes.",
            "Name the option that the statement is for, so that it is written anew, or take it away with remove_rules.",
        )
    return guard


def _merge(found: list[Statement], wanted: _Wanted, bucket_arn: str) -> list[Statement]:
    """The statements with the wanted ones at their places. New ones are added at the end, in a fixed order."""
    merged = []
    for statement in found:
        sid = str(statement.get("Sid") or "")
        if not is_owned(statement) or sid not in wanted:
            merged.append(statement)
            continue
        guard = wanted[sid]
        if guard is not None:
            built = build_statement(guard, sid, bucket_arn)
            merged.append(statement if meaning(statement) == meaning(built) else built)
    present = {str(each.get("Sid") or "") for each in found}
    foreign = [meaning(each) for each in found if not is_owned(each)]
    for sid in DENIALS:
        new = wanted.get(sid)
        if new is not None and sid not in present:
            built = build_statement(new, sid, bucket_arn)
            if meaning(built) not in foreign:
                merged.append(built)
    return merged
