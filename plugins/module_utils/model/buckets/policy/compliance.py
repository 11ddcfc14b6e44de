# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The differences between a bucket policy and the expected rules, and the AWS controls they violate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from ...errors import OperationError
from ...finding import Finding, OptionValue, Rule
from ...kinds.kind import KeyHolder
from ...kinds.registry import BUCKET_DEFAULT_KINDS, find_kind
from ..bucket_default import BucketDefault
from ..compliance import KMS_CONTROL, KMS_KEY_CONTROL
from .desired_policy import DesiredPolicy
from .own_default import UnlistedDefault, unlisted_defaults
from .plan import PolicyPlan, plan_policy
from .policy_state import PolicyState
from .rule_findings import statement_findings, value_findings
from .rules import ENCRYPTION_RULES, EXEMPTIONS, TLS_RULES


def findings(
    desired: DesiredPolicy,
    actual: PolicyState,
    bucket_arn: str,
    default: BucketDefault | None = None,
    key_names: Sequence[str] = (),
) -> tuple[Finding, ...]:
    """The findings about the policy of a bucket. Without `default`, there are none exactly if nothing has to change.

    `default` is the default encryption of the bucket, with the ARN of its key, where `compares_own_default` asks for
    it. Rules that the policy cannot have, such as a minimum that shares no key with it, are findings, too. `key_names`
    are the keys of `allow_kms_keys` in the words of the task.
    """
    try:
        plan = plan_policy(desired, actual, bucket_arn)
    except OperationError as error:
        return _compare_each_rule(desired, actual, bucket_arn, error, key_names)
    own = () if default is None else tuple(_own_default_findings(desired, plan.after or actual, default, key_names))
    return (*_plan_findings(desired, plan, bucket_arn, key_names), *own)


def compares_own_default(desired: DesiredPolicy) -> bool:
    """Whether the default encryption of the bucket itself has to be among what the policy lets uploads name."""
    return desired.allow_encryption is not None or desired.allow_kms_keys is not None


def _compare_each_rule(
    desired: DesiredPolicy, actual: PolicyState, bucket_arn: str, error: OperationError, key_names: Sequence[str]
) -> tuple[Finding, ...]:
    """The findings of each rule by itself, so that one that the policy cannot have does not hide the others."""
    found: list[Finding] = []
    for part in _single_rules(desired):
        try:
            found += _plan_findings(part, plan_policy(part, actual, bucket_arn), bucket_arn, key_names)
        except OperationError as refused:
            found.append(Finding(message=refused.failure.message, rule=Rule.POLICY_CONFLICT))
    return tuple(dict.fromkeys(found)) or (Finding(message=error.failure.message, rule=Rule.POLICY_CONFLICT),)


def _single_rules(desired: DesiredPolicy) -> Iterator[DesiredPolicy]:
    """The desired state of each rule that is named, with the exemptions, which are part of its statements."""
    values: dict[str, Any] = {name: getattr(desired, name) for name in (*TLS_RULES, *ENCRYPTION_RULES)}
    nothing: dict[str, Any] = dict.fromkeys(values)
    others = replace(desired, **nothing, removed=desired.removed & set(EXEMPTIONS))
    for name, value in values.items():
        if value is not None:
            yield replace(others, **{name: value})
        elif name in desired.removed:
            yield replace(others, removed=others.removed | {name})
    yield others


def _plan_findings(
    desired: DesiredPolicy, plan: PolicyPlan, bucket_arn: str, key_names: Sequence[str]
) -> tuple[Finding, ...]:
    """What a plan changes: each rule by its value, and what is left of the statements by their Sids."""
    before, after = plan.before, plan.after
    if not plan.steps or before is None or after is None:
        return ()
    by_rule = dict(value_findings(desired, before, after, bucket_arn, key_names))
    return (*by_rule.values(), *statement_findings(desired, before, after, frozenset(by_rule), key_names))


def _own_default_findings(
    desired: DesiredPolicy, after: PolicyState, default: BucketDefault, key_names: Sequence[str]
) -> Iterator[Finding]:
    """Where the bucket gives new objects by default what an upload may not name under the expected policy."""
    for unlisted in unlisted_defaults(default, after):
        if getattr(desired, unlisted.option) is not None:
            options = tuple(_default_options(unlisted, key_names or after.rules.allow_kms_keys or ()))
            yield Finding(unlisted.sentence, Rule.DENIED_DEFAULT, _control_of(unlisted), options)


def _default_options(unlisted: UnlistedDefault, keys: Sequence[str]) -> Iterator[tuple[str, OptionValue]]:
    """The options of bucket_default_encryption that give new objects what the policy allows, if it allows one thing."""
    kind = unlisted.allowed[0] if unlisted.option == "allow_encryption" and len(unlisted.allowed) == 1 else None
    if kind in BUCKET_DEFAULT_KINDS:
        yield "encryption", kind
    if len(keys) == 1 and (unlisted.option == "allow_kms_keys" or _uses_kms(kind)):
        yield "kms_key", keys[0]


def _control_of(unlisted: UnlistedDefault) -> str | None:
    if unlisted.option == "allow_kms_keys":
        return KMS_KEY_CONTROL
    return KMS_CONTROL if any(map(_uses_kms, unlisted.allowed)) and not _uses_kms(unlisted.given) else None


def _uses_kms(encryption: str | None) -> bool:
    return find_kind(encryption).key_holder is KeyHolder.KMS
