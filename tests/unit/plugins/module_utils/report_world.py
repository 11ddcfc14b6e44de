# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Reports of any size for tests: always the same, with every status, rule and kind, and with hostile names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Union

from ansible_collections.sealed.s3.plugins.module_utils.engine.report.report_store import ReportStore
from ansible_collections.sealed.s3.plugins.module_utils.model.finding import Rule
from ansible_collections.sealed.s3.plugins.module_utils.model.report.observation import (
    Aspect,
    ObjectCount,
    Observation,
    ReportedFinding,
    Resource,
    ResourceKind,
)

TITLE = "Encryption at <Example> & Co."
TIME = datetime(2026, 11, 27, 8, 30, tzinfo=timezone.utc)

# What each format has to write as text. Stores other than AWS do not restrict the names of buckets.
HOSTILE_NAMES = (
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    '=HYPERLINK("http://example.com","x")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "-2+3",
    "+1",
    "\tleading tab",
    "{{ lookup('pipe', 'id') }}",
    "{% for x in () %}",
    "]]><x/>",
    "--><b>",
    "a\nb\r\nc\u2028d",
    "nul\x00 bell\x07 escape\x1b[31m delete\x7f",
    "\ufffe not a character \uffff",
    "half \ud800 of a pair",
    "\u202egnp.exe",
    "../../etc/passwd",
    "50% of %2e%2e/#?",
    "*bold* [link](javascript:alert(1)) `code`",
    "'; DROP TABLE resource; --",
    '"quoted", and a comma',
    "yes",
    "null",
    "~",
    "é 🔑 日本",
    " spaces ",
    "x" * 1024,
)

ACCOUNTS = (
    ("111122223333", "production"),
    ("222233334444", '<b>Research</b> & "Co"'),
    ("333344445555", ""),
    ("444455556666", "=1+1"),
)
_REGIONS = ("eu-central-1", "us-east-1", "us-gov-west-1")
_BUCKET_RULES = [rule for rule in Rule if rule.value.startswith("bucket-") and "policy" not in rule.value]
_POLICY_RULES = [rule for rule in Rule if rule.value.startswith("bucket-policy")]
_KEY_RULES = [rule for rule in Rule if rule.value.startswith("kms-")]
_OBJECT_RULES = [rule for rule in Rule if rule.value.startswith("object-")]

Observed = Union[Observation, ObjectCount]


def report_of(buckets: int, *, is_hostile: bool = True, has_accounts: bool = True) -> ReportStore:
    """A report about so many buckets; the caller closes it. Without findings and errors it has fewer than 4 buckets."""
    store = ReportStore(TITLE)
    store.set_time(TIME)
    for observed in observations(buckets, is_hostile=is_hostile, has_accounts=has_accounts):
        store.add(observed)
    return store


def observations(buckets: int, *, is_hostile: bool = True, has_accounts: bool = True) -> Iterator[Observed]:
    """What a report about so many buckets is made of: two rows for each, a key for five, an object for four.

    With `is_hostile`, one bucket, key, object and error for each of HOSTILE_NAMES. With accounts, one more account and
    one region could not be read.
    """
    for number in range(buckets):
        yield from _bucket(number, f"bucket-{number:07d}", has_accounts)
        if number % 5 == 0:
            yield _key(number, f"alias/data-{number:07d}", has_accounts)
        if number % 4 == 0:
            yield _object(number, f"bucket-{number:07d}/logs/{number}.gz", has_accounts)
    for number, name in enumerate(HOSTILE_NAMES if is_hostile else ()):
        yield from _bucket(number, name, has_accounts, name)
        yield _key(number, name, has_accounts, name)
        yield _object(number, f"{name}/{name}", has_accounts, name)
    if has_accounts:
        for account_id, account_name in ACCOUNTS:
            yield _account(account_id, account_name)
        yield _account("555566667777", "suspended", "sts:AssumeRole is forbidden (AccessDenied). Check the role.")
        region = Resource(ResourceKind.REGION, "eu-south-2", "", *ACCOUNTS[0], "eu-south-2")
        yield Observation(region, Aspect.ACCESS, error="kms:ListKeys is forbidden (AccessDenied).")


def _account(account_id: str, name: str, error: str = "") -> Observation:
    resource = Resource(ResourceKind.ACCOUNT, account_id, "", account_id, name)
    return Observation(resource, Aspect.ACCESS, error=error)


def _place(number: int, has_accounts: bool) -> tuple[str, str, str, str]:
    """Account, its name, region, and the partition of that."""
    account_id, name = ACCOUNTS[number % len(ACCOUNTS)] if has_accounts else ("", "")
    region = _REGIONS[number % len(_REGIONS)]
    return account_id, name, region, "aws-us-gov" if region.startswith("us-gov") else "aws"


def _findings(number: int, rules: list[Rule], hostile: str, options: dict[str, object]) -> tuple[ReportedFinding, ...]:
    """None for most; each rule in its turn; and sometimes two."""
    if number % 4 != 3 and not hostile:
        return ()
    place = number // 4
    chosen = [rules[place % len(rules)], *([rules[(place + 1) % len(rules)]] if place % 3 == 0 else [])]
    control = "Security Hub S3.17" if place % 2 else None
    return tuple(
        ReportedFinding(rule, f"{rule.value} is not as expected{hostile}.", control, json.dumps(options))
        for rule in chosen
    )


def _bucket(number: int, name: str, has_accounts: bool, hostile: str = "") -> Iterator[Observed]:
    account_id, account_name, region, partition = _place(number, has_accounts)
    resource = Resource(ResourceKind.BUCKET, name, f"arn:{partition}:s3:::{name}", account_id, account_name, region)
    key = f"arn:{partition}:kms:{region}:{account_id or '111122223333'}:key/{number:08x}"
    if number % 13 == 12:
        message = f"s3:GetEncryptionConfiguration on {name} is forbidden (AccessDenied). Ask for it."
        unread = Observation(resource, Aspect.DEFAULT_ENCRYPTION, _columns(None, None, None, None), False, (), message)
        yield unread
    else:
        found = _findings(number, _BUCKET_RULES, hostile, {"encryption": "SSE-KMS", "kms_key": hostile or "alias/data"})
        columns = _columns("SSE-KMS" if number % 2 else "SSE-S3", key if number % 2 else None, number % 2 == 1, "SSE-C")
        is_compliant = None if number % 11 == 10 and not found else not found
        yield Observation(resource, Aspect.DEFAULT_ENCRYPTION, columns, is_compliant, found)
    found = _findings(number + 1, _POLICY_RULES, hostile, {"require_tls": True})
    columns = (("require_tls", number % 3 != 0), ("minimum_tls_version", "1.2"), ("allow_encryption", None))
    is_compliant = None if number % 11 == 10 and not found else not found
    yield Observation(resource, Aspect.POLICY, columns, is_compliant, found)
    yield ObjectCount(name, "SSE-KMS", key, number * 10, number * 10_000, number % 2 == 1, account_id)
    yield ObjectCount(name, "SSE-S3", "", number, number * 1000, number % 2 == 1, account_id)


def _columns(
    encryption: str | None, key: str | None, bucket_key: bool | None, blocked: str | None
) -> tuple[tuple[str, str | bool | None], ...]:
    names = ("encryption", "kms_key_arn", "bucket_key_enabled", "blocked_encryption_types")
    return tuple(zip(names, (encryption, key, bucket_key, blocked), strict=True))


def _key(number: int, name: str, has_accounts: bool, hostile: str = "") -> Observation:
    account_id, account_name, region, partition = _place(number, has_accounts)
    arn = f"arn:{partition}:kms:{region}:{account_id or '111122223333'}:key/{number:08x}-{name}"
    resource = Resource(ResourceKind.KMS_KEY, name, arn, account_id, account_name, region)
    found = _findings(number, _KEY_RULES, hostile, {} if number % 2 else {"rotation": {"enabled": True}})
    columns = (
        ("state", "Enabled"),
        ("rotation", number % 2 == 0),
        ("rotation_period_in_days", 365 if number % 2 == 0 else None),
        ("manager", "CUSTOMER"),
        ("deletion_date", None),
        ("aliases", name),
    )
    error = f"kms:GetKeyPolicy is forbidden{hostile}." if hostile else ""
    return Observation(resource, Aspect.KEY, columns, not found and not error, found, error)


def _object(number: int, name: str, has_accounts: bool, hostile: str = "") -> Observation:
    account_id, account_name, region, partition = _place(number, has_accounts)
    resource = Resource(ResourceKind.OBJECT, name, f"arn:{partition}:s3:::{name}", account_id, account_name, region)
    found = _findings(number // 4, _OBJECT_RULES, hostile, {})
    return Observation(resource, Aspect.ENCRYPTION, (("encryption", "SSE-S3"), ("kms_key_arn", None)), not found, found)
