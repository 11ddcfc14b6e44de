# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The sentences about what a bucket policy has, and what is expected of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...finding import Finding, Options, OptionValue, Rule
from ...iam.policy_document import Statement, normal_statement
from .desired_policy import DesiredPolicy
from .policy_state import PolicyState
from .rules import ENCRYPTION_RULES, EXEMPTIONS, RULES, TLS_RULES
from .statements import (
    DENIALS,
    SIDS_OF_RULES,
    TLS_SIDS,
    Denial,
    Guard,
    build_statement,
    is_owned,
    meaning,
    read_guard,
)

# "S3 general purpose buckets should require requests to use SSL". It is the Config rule s3-bucket-ssl-requests-only,
# and the recommendation 2.1.1 of the CIS benchmark 3.0 and 5.0 (2.1.2 in 1.4, 3.1.1 in 7.0).
# Source: https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html#s3-5
TLS_CONTROL = "Security Hub S3.5"
# Macie reports whether the policy requires the header of a server-side encryption in PutObject.
# Source: https://docs.aws.amazon.com/macie/latest/APIReference/datasources-s3.html
HEADER_CONTROL = "Macie allowsUnencryptedObjectUploads"
_CONTROLS = {"require_tls": TLS_CONTROL, "require_encryption_header": HEADER_CONTROL}
_RULES: Mapping[str, Rule] = {
    "require_tls": Rule.TLS,
    "minimum_tls_version": Rule.TLS_VERSION,
    "allow_encryption": Rule.ALLOWED_ENCRYPTION,
    "allow_kms_keys": Rule.ALLOWED_KMS_KEYS,
    "deny_customer_keys": Rule.CUSTOMER_KEYS,
    "require_encryption_header": Rule.ENCRYPTION_HEADER,
    "exempt_principals": Rule.EXEMPTIONS,
    "exempt_services": Rule.EXEMPTIONS,
}


def value_findings(
    desired: DesiredPolicy, before: PolicyState, after: PolicyState, bucket_arn: str, key_names: Sequence[str] = ()
) -> Iterator[tuple[str, Finding]]:
    """The rules that differ by their value, each with its finding. `key_names` are as in `options_of`."""
    for rule in (*TLS_RULES, *ENCRYPTION_RULES):
        current, expected = getattr(before.rules, rule), getattr(after.rules, rule)
        if current == expected:
            continue
        # The statements of a rule have the exemptions that the task names, too.
        rules = (rule, *EXEMPTIONS) if expected and rule in ENCRYPTION_RULES else (rule,)
        options = options_of(desired, rules, key_names)
        if current and expected:
            message = _other_value(rule, current, _floor_or(desired, rule, expected), desired)
            yield rule, Finding(message, _RULES[rule], options=options)
        elif current:
            yield rule, Finding(f"The bucket policy denies {_denied(rule, current)}.", _RULES[rule], options=options)
        elif not _denies_otherwise(rule, before):
            yield rule, _missing(rule, _floor_or(desired, rule, expected), before, bucket_arn, options)
    if _owned_encryption(before) and _owned_encryption(after):
        for rule in EXEMPTIONS:
            current, expected = getattr(before.rules, rule), getattr(after.rules, rule)
            if current != expected:
                message = _other_value(rule, current, _floor_or(desired, rule, expected), desired)
                yield rule, Finding(message, Rule.EXEMPTIONS, options=options_of(desired, (rule,), key_names))


def options_of(desired: DesiredPolicy, rules: Sequence[str] = RULES, key_names: Sequence[str] = ()) -> Options:
    """What the task names of these rules, as the options of bucket_encryption_policy; if it names none, all it names.

    `key_names` are the keys of `allow_kms_keys` in the words of the task; empty: the ARNs in `desired`.
    """
    if desired.absent:
        return (("state", "absent"),)
    named: dict[str, OptionValue] = {
        rule: getattr(desired, rule) for rule in RULES if rule in rules and getattr(desired, rule) is not None
    }
    if key_names and "allow_kms_keys" in named:
        named["allow_kms_keys"] = tuple(key_names)
    removed = tuple(rule for rule in RULES if rule in rules and rule in desired.removed)
    own = [rule for rule in rules if rule not in EXEMPTIONS] or rules
    if not {*named, *removed}.intersection(own) and set(rules) != set(RULES):
        return options_of(desired, RULES, key_names)
    found = [*named.items(), *([("remove_rules", removed)] if removed else [])]
    return (*found, ("minimum", True)) if desired.minimum else tuple(found)


def statement_findings(
    desired: DesiredPolicy,
    before: PolicyState,
    after: PolicyState,
    found: frozenset[str],
    key_names: Sequence[str] = (),
) -> Iterator[Finding]:
    """The statements of this collection that differ, without those that the findings about the rules `found` cover.

    `key_names` are as in `options_of`.
    """
    options = options_of(desired, RULES, key_names)
    current, expected = _owned(before), _owned(after)
    covered = {sid for rule in found - set(EXEMPTIONS) for sid in SIDS_OF_RULES[rule]}
    if found & set(EXEMPTIONS):
        covered |= {sid for sid in current.keys() & expected.keys() if sid not in before.deviating}
    for sid in (*DENIALS, *sorted({*current, *expected} - set(DENIALS))):
        if sid in covered or current.get(sid) == expected.get(sid):
            continue
        if sid in current and (sid in expected or sid in before.deviating):
            message = f"The statement {sid} of the bucket policy has another form than expected."
        else:
            has = "has the statement" if sid in current else "has no statement"
            denies = f", which denies {DENIALS[sid].value}" if sid in DENIALS else ""
            message = f"The bucket policy {has} {sid}{denies}."
        yield Finding(message, Rule.POLICY_STATEMENT, options=options)


def _floor_or(desired: DesiredPolicy, rule: str, expected: Any) -> Any:
    """The value that the task names, if it is a minimum; otherwise the expected one."""
    named = getattr(desired, rule)
    return named if desired.minimum and isinstance(named, tuple) else expected


def _other_value(rule: str, current: Any, expected: Any, desired: DesiredPolicy) -> str:
    if rule == "minimum_tls_version":
        return f"The bucket policy denies {_denied(rule, current)}, not {_denied(rule, expected)}."
    bound = "expected at most" if desired.minimum else "expected"
    form = ", the form in which uploads have to name a key" if rule == "allow_kms_keys" else ""
    return f"{rule} of the bucket policy is {_listed(current)}; {bound}: {_listed(expected)}{form}."


def _missing(rule: str, expected: Any, before: PolicyState, bucket_arn: str, options: Options) -> Finding:
    """A rule that the policy does not have. A statement in another form may deny the same, so it is not a violation."""
    form = ", the form in which uploads have to name a key" if rule == "allow_kms_keys" else ""
    similar = _similar_statements(rule, before, bucket_arn)
    if not similar:
        message = f"The bucket policy does not deny {_denied(rule, expected)}{form}."
        return Finding(message, _RULES[rule], _CONTROLS.get(rule), options)
    count = "statement" if len(similar) == 1 else "statements"
    return Finding(
        f"The bucket policy is not known to deny {_denied(rule, expected)}{form}: the {count} {', '.join(similar)} "
        f"{'has' if len(similar) == 1 else 'have'} another form.",
        _RULES[rule],
        options=options,
    )


def _denied(rule: str, value: Any) -> str:
    if rule == "minimum_tls_version":
        return f"versions of TLS below {value}"
    if isinstance(value, tuple):
        return f"{DENIALS[SIDS_OF_RULES[rule][0]].value} than {_listed(value)}"
    return DENIALS[SIDS_OF_RULES[rule][0]].value


def _listed(values: Sequence[str]) -> str:
    return ", ".join(values) or "empty"


def _denies_otherwise(rule: str, state: PolicyState) -> bool:
    """Whether the policy denies the same by a statement of another rule, so that only its own statement is missing."""
    return rule == "deny_customer_keys" and bool(state.guards.all(Denial.CUSTOMER_KEYS))


def _similar_statements(rule: str, state: PolicyState, bucket_arn: str) -> list[str]:
    """The statements that deny by the same condition keys in a form that is not understood."""
    built = build_statement(Guard(DENIALS[SIDS_OF_RULES[rule][0]], ("",)), "", bucket_arn)
    keys = _condition_keys(built)
    return [
        str(each.get("Sid") or f"number {number}")
        for number, each in enumerate(state.statements, 1)
        if each.get("Effect") == "Deny" and _condition_keys(each) & keys and read_guard(each, bucket_arn) is None
    ]


def _condition_keys(statement: Statement) -> set[str]:
    return {key for _operator, key, _values in normal_statement(statement).get("Condition", ())}


def _owned(state: PolicyState) -> dict[str, dict[str, Any]]:
    """The statements of this collection by their Sid, in normal form."""
    return {str(each["Sid"]): meaning(each) for each in state.statements if is_owned(each)}


def _owned_encryption(state: PolicyState) -> bool:
    return any(sid not in TLS_SIDS for sid in _owned(state))
