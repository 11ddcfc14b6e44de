# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""bucket_encryption_policy: each rule on a bucket with and without a policy of others, at AWS."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from .conftest import ACCOUNT, Result, Task

pytestmark = pytest.mark.usefixtures("at_aws")

MODULE = "bucket_encryption_policy"
BUCKET = "example-bucket"
SERVICE = "logging.s3.amazonaws.com"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/backup"

# A statement without a Sid before the others, and one that restricts another service.
FOREIGN: list[dict[str, Any]] = [
    {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": ["s3:GetObject", "s3:PutObject"],
        "Resource": f"arn:aws:s3:::{BUCKET}/*",
    },
    {
        "Sid": "Logs",
        "Effect": "Allow",
        "Principal": {"Service": SERVICE},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{BUCKET}/logs/*",
        "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
    },
]
TLS = {
    "Sid": "DenyHttp",
    "Effect": "Deny",
    "Principal": {"AWS": "*"},
    "Action": "s3:*",
    "Resource": [f"arn:aws:s3:::{BUCKET}/*", f"arn:aws:s3:::{BUCKET}"],
    "Condition": {"Bool": {"aws:SecureTransport": False}},
}
RULES = (
    "require_tls",
    "minimum_tls_version",
    "allow_encryption",
    "allow_kms_keys",
    "deny_customer_keys",
    "require_encryption_header",
    "exempt_principals",
    "exempt_services",
)


def put_policy(s3: Any, statements: list[dict[str, Any]], bucket: str = BUCKET, **others: Any) -> None:
    """Give a bucket a policy."""
    document = {"Version": "2012-10-17", **others, "Statement": statements}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(document))


def policy_of(s3: Any, bucket: str = BUCKET) -> dict[str, Any] | None:
    """The policy that S3 reports."""
    try:
        found: dict[str, Any] = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    except s3.exceptions.ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucketPolicy":
            raise
        return None
    return found


def own_sids(policy: dict[str, Any] | None) -> list[str]:
    """The Sids of this collection, without their prefix."""
    sids = [str(each.get("Sid", "")) for each in (policy or {}).get("Statement", [])]
    return [sid.removeprefix("SealedS3") for sid in sids if sid.startswith("SealedS3")]


def done(result: Result) -> Result:
    """The result of a task that did not fail."""
    assert not result.get("failed"), result
    return result


def ensure(task: Task, **options: Any) -> dict[str, Any]:
    """Check, run, and run again. The check run says what the run does, and the second run changes nothing."""
    options.setdefault("bucket", BUCKET)
    check = done(task(MODULE, check=True, **options))
    made = done(task(MODULE, **options))
    assert made["changed"]
    for name in ("changed", "diff", "buckets", "warnings"):
        assert check.get(name) == made.get(name), name
    again = done(task(MODULE, **options))
    assert (again["changed"], again["diff"]) == (False, {"before": {}, "after": {}})
    row: dict[str, Any] = made["buckets"][0]
    return {**row, "warnings": made.get("warnings", [])}


OF_RULES = [
    pytest.param({"require_tls": True}, ["RequireTls"], id="TLS"),
    pytest.param({"minimum_tls_version": "1.2"}, ["RequireTls", "MinimumTlsVersion"], id="TLS version"),
    pytest.param({"allow_encryption": ["SSE-S3", "SSE-C"]}, ["AllowEncryption"], id="kinds with SSE-C"),
    pytest.param(
        {"allow_encryption": ["SSE-KMS", "DSSE-KMS"]},
        ["AllowEncryption", "AllowEncryptionCustomerKeys"],
        id="kinds without SSE-C",
    ),
    pytest.param(
        {"allow_kms_keys": ["alias/app"]},
        ["AllowKmsKeys", "AllowKmsKeysKeyRequired", "AllowKmsKeysInPlace"],
        id="keys",
    ),
    pytest.param(
        {"allow_kms_keys": ["alias/app", "alias/aws/s3"]},
        ["AllowKmsKeys", "AllowKmsKeysInPlace"],
        id="keys with that of AWS",
    ),
    pytest.param({"deny_customer_keys": True}, ["DenyCustomerKeys"], id="customer keys"),
    pytest.param({"require_encryption_header": True}, ["RequireEncryptionHeader"], id="header"),
    pytest.param(
        {"deny_customer_keys": True, "exempt_principals": [ROLE, ACCOUNT], "exempt_services": [SERVICE]},
        ["DenyCustomerKeys"],
        id="exemptions",
    ),
]


@pytest.mark.usefixtures("bucket", "key_arn")
@pytest.mark.parametrize(("options", "sids"), OF_RULES)
def test_each_rule_is_added_and_taken_away(task: Task, s3: Any, options: dict[str, Any], sids: list[str]) -> None:
    """The statements of others, the version and the Id stay as they were. `absent` gives back what was."""
    put_policy(s3, FOREIGN, Version="2008-10-17", Id="of-others")
    before = policy_of(s3)
    row = ensure(task, **options)
    after = policy_of(s3)
    assert before
    assert after
    assert own_sids(after) == sids
    assert after == {**before, "Statement": [*before["Statement"], *after["Statement"][2:]]}
    removed = ensure(task, state="absent")
    assert policy_of(s3) == before
    assert removed["after"] == row["before"]
    assert removed["warnings"] != []


@pytest.mark.usefixtures("bucket")
def test_the_aws_managed_key_is_known_by_its_arn(
    task: Task, s3: Any, kms: Any, key_arn: str, calls: Callable[[], list[str]]
) -> None:
    """Uploads that name no key get it. A policy as asked costs no call for that."""
    managed = kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]["Arn"]
    ensure(task, allow_kms_keys=[key_arn, managed])
    assert own_sids(policy_of(s3)) == ["AllowKmsKeys", "AllowKmsKeysInPlace"]
    ensure(task, allow_kms_keys=[key_arn])
    assert "AllowKmsKeysKeyRequired" in own_sids(policy_of(s3))
    calls()
    done(task(MODULE, bucket=BUCKET, allow_kms_keys=[key_arn]))
    assert list(calls()) == ["GetBucketPolicy"]


def test_a_bucket_without_a_policy_gets_one_and_has_none_after_absent(task: Task, s3: Any, bucket: str) -> None:
    """S3 accepts no policy without a statement, so it is deleted."""
    row = ensure(task, require_tls=True)
    assert (row["before"]["policy"], row["after"]["require_tls"]) == (None, True)
    (statement,) = (policy_of(s3) or {})["Statement"]
    assert {**statement, "Resource": sorted(statement["Resource"])} == {
        "Sid": "SealedS3RequireTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    removed = ensure(task, remove_rules=["require_tls"])
    assert (removed["after"]["policy"], policy_of(s3)) == (None, None)


def test_the_result_shows_all_rules_and_the_whole_policy(task: Task, s3: Any, bucket: str, key_arn: str) -> None:
    """`before` and `after` have the names of the options, as they can be written in a task."""
    put_policy(s3, FOREIGN)
    options = {
        "minimum_tls_version": "1.2",
        "allow_encryption": ["SSE-KMS", "SSE-C"],
        "allow_kms_keys": [key_arn],
        "require_encryption_header": True,
        "exempt_principals": [ROLE],
        "exempt_services": [SERVICE],
    }
    row = ensure(task, **options)
    assert row["before"] == {
        **dict.fromkeys(RULES),
        "require_tls": False,
        "deny_customer_keys": False,
        "require_encryption_header": False,
        "exempt_principals": [],
        "exempt_services": [],
        "policy": row["before"]["policy"],
    }
    assert row["after"] == {
        **options,
        "require_tls": True,
        "deny_customer_keys": False,
        "policy": row["after"]["policy"],
    }
    assert [len(row[side]["policy"]["Statement"]) for side in ("before", "after")] == [2, 9]
    again = {name: value for name, value in row["after"].items() if name != "policy" and value is not False}
    assert not done(task(MODULE, bucket=BUCKET, **again))["changed"]


def test_a_diff_shows_only_what_changes(task: Task, s3: Any, bucket: str) -> None:
    """Whatever order S3 gives the values of a list, and although it reports a list of one as a text."""
    put_policy(s3, [{**each, "Action": ["s3:PutObject", "s3:GetObject"]} for each in FOREIGN])
    ensure(task, minimum_tls_version="1.2", deny_customer_keys=True, exempt_services=[SERVICE])
    diff = done(task(MODULE, bucket=BUCKET, minimum_tls_version="1.3"))["diff"]
    before, after = (json.dumps(diff[side], indent=1, sort_keys=True).splitlines() for side in ("before", "after"))
    changed = [new.strip(" ,") for old, new in zip(before, after, strict=True) if old != new]
    assert changed == ['"minimum_tls_version": "1.3"', '"s3:TlsVersion": "1.3"']


def test_an_omitted_rule_is_kept(task: Task, s3: Any, bucket: str, key_arn: str) -> None:
    """A rule that is added gets the exemptions of the others. A rule that changes keeps its place."""
    ensure(task, require_tls=True, allow_encryption=["SSE-KMS"], exempt_services=[SERVICE])
    row = ensure(task, deny_customer_keys=True)
    assert (row["after"]["require_tls"], row["after"]["allow_encryption"]) == (True, ["SSE-KMS"])
    statements = (policy_of(s3) or {})["Statement"]
    added = next(each for each in statements if each["Sid"] == "SealedS3DenyCustomerKeys")
    assert added["Condition"]["StringNotEquals"] == {"aws:PrincipalServiceName": SERVICE}
    order = own_sids(policy_of(s3))
    ensure(task, allow_encryption=["SSE-KMS", "DSSE-KMS"])
    assert own_sids(policy_of(s3)) == order


@pytest.mark.parametrize(
    ("options", "left"),
    [
        ({"require_tls": False}, ["DenyCustomerKeys", "RequireEncryptionHeader"]),
        ({"remove_rules": ["require_tls"]}, ["DenyCustomerKeys", "RequireEncryptionHeader"]),
        (
            {"remove_rules": ["minimum_tls_version"]},
            ["RequireTls", "DenyCustomerKeys", "RequireEncryptionHeader"],
        ),
        ({"deny_customer_keys": False}, ["RequireTls", "MinimumTlsVersion", "RequireEncryptionHeader"]),
        ({"remove_rules": ["require_encryption_header"]}, ["RequireTls", "MinimumTlsVersion", "DenyCustomerKeys"]),
    ],
)
def test_false_and_remove_rules_take_a_rule_away(
    task: Task, s3: Any, bucket: str, options: dict[str, Any], left: list[str]
) -> None:
    """TLS takes its version with it. All other statements stay."""
    put_policy(s3, FOREIGN)
    ensure(task, minimum_tls_version="1.2", deny_customer_keys=True, require_encryption_header=True)
    row = ensure(task, **options)
    assert own_sids(policy_of(s3)) == left
    assert (policy_of(s3) or {})["Statement"][:2] == FOREIGN
    assert row["warnings"]


def test_exemptions_are_taken_away_from_every_rule(task: Task, s3: Any, bucket: str) -> None:
    """They are one setting of all rules on encryption."""
    ensure(task, deny_customer_keys=True, allow_encryption=["SSE-KMS"], exempt_principals=[ROLE])
    row = ensure(task, remove_rules=["exempt_principals"])
    assert row["after"]["exempt_principals"] == []
    assert "PrincipalArn" not in json.dumps(policy_of(s3))
    row = ensure(task, exempt_principals=[f"arn:aws:iam::{ACCOUNT}:root"])
    assert row["after"]["exempt_principals"] == [ACCOUNT]


def test_an_equal_statement_of_others_satisfies_a_rule(task: Task, s3: Any, bucket: str) -> None:
    """No second one is added. `absent` and `false` leave it, and say so."""
    put_policy(s3, [TLS])
    before = policy_of(s3)
    assert not done(task(MODULE, bucket=BUCKET, require_tls=True))["changed"]
    for options in ({"state": "absent"}, {"require_tls": False}):
        kept = done(task(MODULE, bucket=BUCKET, **options))
        assert not kept["changed"]
        assert "1 bucket: the statement DenyHttp, which is not of this collection, still denies" in kept["warnings"][0]
    assert policy_of(s3) == before
    ensure(task, minimum_tls_version="1.3")
    assert own_sids(policy_of(s3)) == ["MinimumTlsVersion"]


def test_an_own_statement_that_was_edited_is_restored(task: Task, s3: Any, bucket: str) -> None:
    """Its Sid makes it ours, at its place."""
    edited = {**TLS, "Sid": "SealedS3RequireTls", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"}
    put_policy(s3, [edited, *FOREIGN])
    row = ensure(task, require_tls=True)
    assert (row["before"]["require_tls"], row["after"]["require_tls"]) == (False, True)
    assert [each.get("Sid") for each in (policy_of(s3) or {})["Statement"]] == ["SealedS3RequireTls", None, "Logs"]


def test_two_statements_with_one_sid_are_refused(task: Task, s3: Any, bucket: str) -> None:
    """S3 accepts them. Which of them is this collection's is not known."""
    own = {**TLS, "Sid": "SealedS3RequireTls"}
    put_policy(s3, [own, {**own, "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"}])
    before = policy_of(s3)
    for options in ({"require_tls": True}, {"state": "absent"}):
        result = task(MODULE, bucket=BUCKET, **options)
        assert result["buckets"][0]["error"]["kind"] == "invalid"
        assert "more than one with the Sid SealedS3RequireTls" in result["msg"]
    assert policy_of(s3) == before


def test_minimum_keeps_what_is_stricter(task: Task, s3: Any, bucket: str) -> None:
    """A floor: the version is raised, and the kinds are those that both allow. Nothing in common is a failure."""
    ensure(task, minimum_tls_version="1.2", allow_encryption=["SSE-S3", "SSE-KMS"])
    assert not done(task(MODULE, bucket=BUCKET, minimum=True, require_tls=True))["changed"]
    row = ensure(task, minimum=True, minimum_tls_version="1.3", allow_encryption=["SSE-KMS", "DSSE-KMS"])
    assert (row["after"]["minimum_tls_version"], row["after"]["allow_encryption"]) == ("1.3", ["SSE-KMS"])
    assert not done(task(MODULE, bucket=BUCKET, minimum=True, minimum_tls_version="1.2"))["changed"]
    result = task(MODULE, bucket=BUCKET, minimum=True, allow_encryption=["SSE-S3"])
    assert result["buckets"][0]["error"]["kind"] == "invalid"
    assert "allow_encryption: the policy allows SSE-KMS, and the minimum SSE-S3." in result["msg"]
