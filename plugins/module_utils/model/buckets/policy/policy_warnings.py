# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What a change of a bucket policy weakens, and what it does not change."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from ...kinds.registry import CUSTOMER_KEY, find_kind
from .desired_policy import DesiredPolicy
from .policy_state import Guards, PolicyState
from .rules import ENCRYPTION_RULES, PolicyRules
from .statements import (
    ALLOW_ENCRYPTION_CUSTOMER_KEYS,
    DENIALS,
    DENY_CUSTOMER_KEYS,
    SID_PREFIX,
    SIDS_OF_RULES,
    TLS_SIDS,
    Denial,
)

_TLS_DENIALS = (Denial.PLAIN_HTTP, Denial.OLD_TLS)


def change_warnings(before: PolicyState, after: PolicyState, deleted: Collection[str]) -> tuple[str, ...]:
    """Warnings about what the new policy protects less, and about the deleted principals that it does not name."""
    warnings = [*_of_tls(before.rules, after.rules), *_of_encryption(before.rules, after.rules)]
    if deleted:
        warnings.append(
            f"the policy is written without {', '.join(sorted(deleted))}, which S3 reports for a deleted user or role "
            "and does not accept"
        )
    return tuple(warnings)


def unknown_warnings(sids: Iterable[str]) -> tuple[str, ...]:
    """Warnings about statements that are taken away because of their Sid, and that this collection does not write."""
    return tuple(
        f"the statement {sid} is taken away, too, because its Sid begins with {SID_PREFIX}; this version of the "
        "collection does not write it"
        for sid in sids
    )


def _of_tls(before: PolicyRules, after: PolicyRules) -> Iterator[str]:
    if before.require_tls and not after.require_tls:
        yield "TLS is no longer required"
    old, new = before.minimum_tls_version, after.minimum_tls_version
    if old and new is None:
        yield "there is no minimum version of TLS any more"
    elif old and new and float(new) < float(old):
        yield f"the minimum version of TLS gets lower, from {old} to {new}"


def _of_encryption(before: PolicyRules, after: PolicyRules) -> Iterator[str]:
    yield from _widened(before.allow_encryption, after.allow_encryption, "encryption")
    yield from _widened(before.allow_kms_keys, after.allow_kms_keys, "KMS key")
    if before.deny_customer_keys and not after.deny_customer_keys:
        yield f"{CUSTOMER_KEY.name} is no longer denied by deny_customer_keys"
    if before.require_encryption_header and not after.require_encryption_header:
        yield "uploads that name no encryption are no longer denied"
    # A new rule with exemptions denies more than none, and without a rule there is nothing to be exempt from.
    if _restricts_encryption(before) and _restricts_encryption(after):
        exempt = {*after.exempt_principals, *after.exempt_services}
        added = sorted(exempt - {*before.exempt_principals, *before.exempt_services})
        if added:
            yield f"{', '.join(added)} {'is' if len(added) == 1 else 'are'} newly exempt from the rules on encryption"


def _widened(before: tuple[str, ...] | None, after: tuple[str, ...] | None, what: str) -> Iterator[str]:
    if before is None:
        return
    if after is None:
        yield f"uploads may name any {what}"
    elif added := sorted(set(after) - set(before)):
        yield f"uploads may newly name the {what} {', '.join(added)}"


def _restricts_encryption(rules: PolicyRules) -> bool:
    return any(getattr(rules, rule) not in (None, False) for rule in ENCRYPTION_RULES)


def remaining_warnings(desired: DesiredPolicy, guards: Guards) -> tuple[str, ...]:
    """Warnings about what is denied all the same, and about exemptions without a rule."""
    return tuple(
        dict.fromkeys(
            (
                *_of_removed(desired, guards),
                *_of_narrower_lists(desired, guards),
                *_of_customer_keys(desired, guards),
                *_of_exemptions(desired, guards),
            )
        )
    )


def _of_removed(desired: DesiredPolicy, guards: Guards) -> Iterator[str]:
    """The statements of others that do what is taken away."""
    for rule, sids in SIDS_OF_RULES.items():
        if desired.absent or desired.removes(rule):
            denials = [DENIALS[sid] for sid in sids]
            for name, guard in guards.foreign:
                if guard.denial in denials:
                    yield _still_denied(name, guard.denial)


def _of_narrower_lists(desired: DesiredPolicy, guards: Guards) -> Iterator[str]:
    """The statements of others that do not let uploads name all that a list allows."""
    if desired.minimum:
        return
    kinds = {kind.wire: kind.name for kind in map(find_kind, desired.allow_encryption or ()) if kind.wire}
    keys = {key: f"the KMS key {key}" for key in desired.allow_kms_keys or ()}
    for name, guard in guards.foreign:
        allowed = {Denial.OTHER_ENCRYPTION: kinds, Denial.OTHER_KMS_KEY: keys}.get(guard.denial, {})
        denied = [text for value, text in allowed.items() if value not in guard.values]
        if denied:
            yield (
                f"the statement {name}, which is not of this collection, still denies uploads that name "
                f"{', '.join(denied)}"
            )


def _of_customer_keys(desired: DesiredPolicy, guards: Guards) -> Iterator[str]:
    kinds_stay = desired.allow_encryption is None and not desired.removes("allow_encryption")
    if desired.removes("deny_customer_keys") and kinds_stay and guards.owned.get(ALLOW_ENCRYPTION_CUSTOMER_KEYS):
        yield (
            f"the list of allow_encryption does not have {CUSTOMER_KEY.name}, and still denies "
            f"{Denial.CUSTOMER_KEYS.value}"
        )
    if CUSTOMER_KEY.name not in (desired.allow_encryption or ()):
        return
    if DENY_CUSTOMER_KEYS in guards.owned and not desired.removes("deny_customer_keys"):
        yield (
            f"{CUSTOMER_KEY.name} is in allow_encryption, and the statement {DENY_CUSTOMER_KEYS} of deny_customer_keys "
            "still denies it"
        )
    yield from (
        _still_denied(name, guard.denial) for name, guard in guards.foreign if (guard.denial is Denial.CUSTOMER_KEYS)
    )


def _of_exemptions(desired: DesiredPolicy, guards: Guards) -> Iterator[str]:
    named = {*(desired.exempt_principals or ()), *(desired.exempt_services or ())}
    if not named:
        return
    if not _has_encryption_rule(desired, guards):
        yield "the exemptions have no effect, because the policy has no rule on encryption of this collection"
    for name, guard in guards.foreign:
        if guard.denial not in _TLS_DENIALS and named - {*guard.exempt.principals, *guard.exempt.services}:
            yield f"those who are exempt are not exempt from the statement {name}, which is not of this collection"


def _has_encryption_rule(desired: DesiredPolicy, guards: Guards) -> bool:
    if any(getattr(desired, rule) not in (None, False) for rule in ENCRYPTION_RULES):
        return True
    removed = {sid for rule, sids in SIDS_OF_RULES.items() if desired.removes(rule) for sid in sids}
    return any(sid not in TLS_SIDS and sid not in removed for sid in guards.owned)


def _still_denied(name: str, denial: Denial) -> str:
    return f"the statement {name}, which is not of this collection, still denies {denial.value}"
