# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Plans for a bucket policy: the statements that are written, and what is kept."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.desired_policy import DesiredPolicy
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.plan import (
    DeleteBucketPolicy,
    PolicyPlan,
    PutBucketPolicy,
    plan_policy,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.policy_state import read_policy_state
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.rules import PolicyRules
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import OperationError

BUCKET = "arn:aws:s3:::amzn-s3-demo-bucket"
ONE = "arn:aws:kms:eu-west-1:111122223333:key/one"
TWO = "arn:aws:kms:eu-west-1:111122223333:key/two"
ROLE = "arn:aws:iam::111122223333:role/backup"
SSE = "s3:x-amz-server-side-encryption"
KEY = f"{SSE}-aws-kms-key-id"
CUSTOMER = f"{SSE}-customer-algorithm"

Desired = DesiredPolicy
Json = dict[str, Any]

READERS = {
    "Sid": "Readers",
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::111122223333:role/reader"},
    "Action": ["s3:GetObject"],
    "Resource": [f"{BUCKET}/*"],
}
# What AWS's own pages publish, with a boolean and another star.
SSL_ONLY = {
    "Sid": "AllowSSLRequestsOnly",
    "Effect": "Deny",
    "Principal": {"AWS": "*"},
    "Action": "s3:*",
    "Resource": [f"{BUCKET}/*", BUCKET],
    "Condition": {"Bool": {"aws:securetransport": False}},
}
EVERYTHING = Desired(
    minimum_tls_version="1.2",
    allow_encryption=("SSE-KMS", "DSSE-KMS"),
    allow_kms_keys=(ONE,),
    deny_customer_keys=True,
    require_encryption_header=True,
    exempt_principals=(ROLE, "444455556666"),
    exempt_services=("logging.s3.amazonaws.com",),
)


def policy(*found: Json, **elements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", **elements, "Statement": list(found)})


def plan(desired: DesiredPolicy, before: str | None = None) -> PolicyPlan:
    return plan_policy(desired, read_policy_state(before, BUCKET), BUCKET)


def written(desired: DesiredPolicy, before: str | None = None) -> Json:
    (step,) = plan(desired, before).steps
    assert isinstance(step, PutBucketPolicy)
    document: Json = json.loads(step.document)
    return document


def conditions(desired: DesiredPolicy, before: str | None = None) -> dict[str, tuple[str, Any]]:
    """The action and the condition of each statement, by its Sid."""
    return {each["Sid"]: (each["Action"], each.get("Condition")) for each in written(desired, before)["Statement"]}


TLS = ("s3:*", {"Bool": {"aws:SecureTransport": "false"}})


@pytest.mark.parametrize(
    ("desired", "expected"),
    [
        pytest.param(Desired(require_tls=True), {"SealedS3RequireTls": TLS}, id="TLS"),
        pytest.param(
            Desired(minimum_tls_version="1.3"),
            {
                "SealedS3RequireTls": TLS,
                "SealedS3MinimumTlsVersion": ("s3:*", {"NumericLessThan": {"s3:TlsVersion": "1.3"}}),
            },
            id="a version of TLS, and TLS with it",
        ),
        pytest.param(
            Desired(allow_encryption=("SSE-KMS", "SSE-C")),
            {
                "SealedS3AllowEncryption": (
                    "s3:PutObject",
                    {"Null": {SSE: "false"}, "StringNotEquals": {SSE: "aws:kms"}},
                )
            },
            id="kinds with customer keys",
        ),
        pytest.param(
            Desired(allow_encryption=("DSSE-KMS", "SSE-S3")),
            {
                "SealedS3AllowEncryption": (
                    "s3:PutObject",
                    {"Null": {SSE: "false"}, "StringNotEquals": {SSE: ["AES256", "aws:kms:dsse"]}},
                ),
                "SealedS3AllowEncryptionCustomerKeys": ("s3:PutObject", {"Null": {CUSTOMER: "false"}}),
            },
            id="kinds without customer keys",
        ),
        pytest.param(
            Desired(allow_encryption=("SSE-C",)),
            {"SealedS3AllowEncryption": ("s3:PutObject", {"Null": {SSE: "false"}})},
            id="customer keys alone",
        ),
        pytest.param(
            Desired(allow_kms_keys=(TWO, ONE)),
            {
                "SealedS3AllowKmsKeys": (
                    "s3:PutObject",
                    {"Null": {KEY: "false"}, "StringNotEquals": {KEY: [ONE, TWO]}},
                ),
                "SealedS3AllowKmsKeysKeyRequired": (
                    "s3:PutObject",
                    {"StringEquals": {SSE: ["aws:kms", "aws:kms:dsse"]}, "Null": {KEY: "true"}},
                ),
                "SealedS3AllowKmsKeysInPlace": ("s3:UpdateObjectEncryption", {"StringNotEquals": {KEY: [ONE, TWO]}}),
            },
            id="keys",
        ),
        pytest.param(
            Desired(allow_kms_keys=(ONE,), allows_aws_managed_key=True),
            {
                "SealedS3AllowKmsKeys": ("s3:PutObject", {"Null": {KEY: "false"}, "StringNotEquals": {KEY: ONE}}),
                "SealedS3AllowKmsKeysInPlace": ("s3:UpdateObjectEncryption", {"StringNotEquals": {KEY: ONE}}),
            },
            id="the AWS managed key",
        ),
        pytest.param(
            Desired(deny_customer_keys=True),
            {"SealedS3DenyCustomerKeys": ("s3:PutObject", {"Null": {CUSTOMER: "false"}})},
            id="no customer keys",
        ),
        pytest.param(
            Desired(require_encryption_header=True),
            {"SealedS3RequireEncryptionHeader": ("s3:PutObject", {"Null": {SSE: "true", CUSTOMER: "true"}})},
            id="a header",
        ),
        pytest.param(
            Desired(
                deny_customer_keys=True,
                require_tls=True,
                exempt_principals=(ROLE, "444455556666"),
                exempt_services=("logging.s3.amazonaws.com",),
            ),
            {
                "SealedS3RequireTls": TLS,
                "SealedS3DenyCustomerKeys": (
                    "s3:PutObject",
                    {
                        "Null": {CUSTOMER: "false"},
                        "ArnNotLike": {"aws:PrincipalArn": [ROLE]},
                        "StringNotEquals": {
                            "aws:PrincipalAccount": ["444455556666"],
                            "aws:PrincipalServiceName": ["logging.s3.amazonaws.com"],
                        },
                    },
                ),
            },
            id="exemptions, which are never from TLS",
        ),
    ],
)
def test_each_option_writes_its_statements(desired: DesiredPolicy, expected: dict[str, Any]) -> None:
    assert conditions(desired) == expected


def test_every_statement_denies_everybody_on_this_bucket() -> None:
    document = written(EVERYTHING)
    assert document["Version"] == "2012-10-17"
    for each in document["Statement"]:
        whole = each["Action"] == "s3:*"
        assert (each["Effect"], each["Principal"]) == ("Deny", "*")
        assert each["Resource"] == ([BUCKET, f"{BUCKET}/*"] if whole else f"{BUCKET}/*")


def test_rules_are_read_as_they_were_written() -> None:
    after = plan(EVERYTHING).after
    assert after is not None
    assert after.deviating == ()
    assert after.rules == PolicyRules(
        require_tls=True,
        minimum_tls_version="1.2",
        allow_encryption=("SSE-KMS", "DSSE-KMS"),
        allow_kms_keys=(ONE,),
        deny_customer_keys=True,
        require_encryption_header=True,
        exempt_principals=("444455556666", ROLE),
        exempt_services=("logging.s3.amazonaws.com",),
    )
    assert plan_policy(EVERYTHING, after, BUCKET).steps == ()


def test_foreign_statements_and_elements_are_kept() -> None:
    unnamed = {**READERS, "Sid": ""}
    document = written(Desired(require_tls=True), policy(READERS, unnamed, READERS, Version="2008-10-17", Id="mine"))
    assert (document["Version"], document["Id"]) == ("2008-10-17", "mine")
    assert document["Statement"][:3] == [READERS, unnamed, READERS]


def test_an_absent_version_stays_absent_and_a_single_statement_becomes_a_list() -> None:
    document = written(Desired(require_tls=True), json.dumps({"Statement": READERS}))
    assert "Version" not in document
    assert document["Statement"][0] == READERS


def test_a_foreign_statement_with_the_same_meaning_satisfies_an_option() -> None:
    before = policy(SSL_ONLY)
    assert plan(Desired(require_tls=True), before).steps == ()
    assert list(conditions(Desired(minimum_tls_version="1.2"), before)) == [
        "AllowSSLRequestsOnly",
        "SealedS3MinimumTlsVersion",
    ]


@pytest.mark.parametrize(
    "desired", [Desired(require_tls=False), Desired(removed=frozenset({"require_tls"})), Desired(absent=True)]
)
def test_a_foreign_statement_stays_when_a_rule_is_taken_away(desired: DesiredPolicy) -> None:
    before = policy(SSL_ONLY)
    found = plan(desired, before)
    assert found.steps == ()
    assert found.warnings == (
        "the statement AllowSSLRequestsOnly, which is not of this collection, still denies requests without TLS",
    )
    own = plan(EVERYTHING, before).after
    assert own is not None
    after = plan_policy(desired, own, BUCKET).after
    assert after is not None
    assert after.rules.require_tls


def test_absent_gives_back_what_was() -> None:
    everything = plan(EVERYTHING, policy(READERS)).after
    assert everything is not None
    (step,) = plan_policy(Desired(absent=True), everything, BUCKET).steps
    assert isinstance(step, PutBucketPolicy)
    assert json.loads(step.document)["Statement"] == [READERS]


def test_a_policy_without_a_statement_is_deleted() -> None:
    found = plan(Desired(absent=True), policy(*written(EVERYTHING)["Statement"]))
    assert found.steps == (DeleteBucketPolicy(),)
    assert found.after == read_policy_state(None, BUCKET)


def test_a_statement_that_somebody_changed_is_written_anew_at_its_place() -> None:
    mine = {**written(Desired(require_tls=True))["Statement"][0], "Action": "s3:GetObject"}
    before = policy(mine, READERS)
    assert read_policy_state(before, BUCKET).deviating == ("SealedS3RequireTls",)
    assert not read_policy_state(before, BUCKET).rules.require_tls
    assert list(conditions(Desired(require_tls=True), before)) == ["SealedS3RequireTls", "Readers"]
    assert plan(Desired(deny_customer_keys=False), before).steps == ()


def test_two_statements_with_one_sid_of_this_collection_are_refused() -> None:
    mine = written(Desired(require_tls=True))["Statement"][0]
    with pytest.raises(OperationError, match="more than one with the Sid SealedS3RequireTls"):
        read_policy_state(policy(mine, mine), BUCKET)


def test_omitted_exemptions_are_kept_also_for_a_new_rule() -> None:
    before = policy(*written(Desired(deny_customer_keys=True, exempt_principals=(ROLE,)))["Statement"])
    exempt = {
        sid: each[1].get("ArnNotLike") for sid, each in conditions(Desired(allow_kms_keys=(ONE,)), before).items()
    }
    assert set(map(str, exempt.values())) == {str({"aws:PrincipalArn": [ROLE]})}


def test_exemptions_alone_change_the_statements_that_are_there() -> None:
    before = policy(*written(Desired(require_tls=True, allow_kms_keys=(ONE,)))["Statement"])
    after = plan(Desired(exempt_principals=(ROLE,)), before).after
    assert after is not None
    assert after.rules.exempt_principals == (ROLE,)
    assert after.rules.allow_kms_keys == (ONE,)
    assert after.deviating == ()


def test_exemptions_without_a_rule_have_no_effect() -> None:
    found = plan(Desired(exempt_principals=(ROLE,)), policy(READERS))
    assert found.steps == ()
    assert found.warnings == (
        "the exemptions have no effect, because the policy has no rule on encryption of this collection",
    )


@pytest.mark.parametrize(
    ("before", "floor", "expected"),
    [
        (Desired(minimum_tls_version="1.3"), Desired(minimum_tls_version="1.2"), {"minimum_tls_version": "1.3"}),
        (Desired(minimum_tls_version="1.2"), Desired(minimum_tls_version="1.3"), {"minimum_tls_version": "1.3"}),
        (
            Desired(allow_encryption=("DSSE-KMS",)),
            Desired(allow_encryption=("SSE-KMS", "DSSE-KMS")),
            {"allow_encryption": ("DSSE-KMS",)},
        ),
        (
            Desired(allow_encryption=("SSE-S3", "SSE-KMS", "SSE-C")),
            Desired(allow_encryption=("SSE-KMS", "DSSE-KMS")),
            {"allow_encryption": ("SSE-KMS",)},
        ),
        (Desired(allow_kms_keys=(ONE,)), Desired(allow_kms_keys=(ONE, TWO)), {"allow_kms_keys": (ONE,)}),
        (
            Desired(deny_customer_keys=True, exempt_principals=(ROLE,)),
            Desired(deny_customer_keys=True, exempt_principals=(ROLE, "444455556666")),
            {"exempt_principals": (ROLE,)},
        ),
    ],
)
def test_a_minimum_never_weakens(before: DesiredPolicy, floor: DesiredPolicy, expected: Json) -> None:
    fields = {name: getattr(floor, name) for name in floor.__dataclass_fields__} | {"minimum": True}
    found = plan(DesiredPolicy(**fields), policy(*written(before)["Statement"]))
    assert found.after is not None
    assert {name: getattr(found.after.rules, name) for name in expected} == expected
    assert found.warnings == ()


def test_a_minimum_without_a_common_value_is_refused() -> None:
    before = policy(*written(Desired(allow_encryption=("SSE-S3",)))["Statement"])
    with pytest.raises(OperationError, match="could name nothing that both allow"):
        plan(Desired(allow_encryption=("SSE-KMS",), minimum=True), before)


@pytest.mark.parametrize(
    ("desired", "warning"),
    [
        (Desired(require_tls=False), "TLS is no longer required"),
        (Desired(removed=frozenset({"minimum_tls_version"})), "there is no minimum version of TLS any more"),
        (Desired(allow_encryption=("SSE-S3", "SSE-KMS", "DSSE-KMS")), "uploads may newly name the encryption SSE-S3"),
        (Desired(removed=frozenset({"allow_kms_keys"})), "uploads may name any KMS key"),
        (Desired(deny_customer_keys=False), "SSE-C is no longer denied by deny_customer_keys"),
        (
            Desired(removed=frozenset({"require_encryption_header"})),
            "uploads that name no encryption are no longer denied",
        ),
        (
            Desired(exempt_services=("logging.s3.amazonaws.com", "backup.amazonaws.com")),
            "backup.amazonaws.com is newly exempt from the rules on encryption",
        ),
        (
            Desired(allow_encryption=("SSE-KMS", "DSSE-KMS", "SSE-C")),
            "SSE-C is in allow_encryption, and the statement SealedS3DenyCustomerKeys of deny_customer_keys still "
            "denies it",
        ),
    ],
)
def test_what_gets_weaker_is_a_warning(desired: DesiredPolicy, warning: str) -> None:
    assert warning in plan(desired, policy(*written(EVERYTHING)["Statement"])).warnings


def test_customer_keys_that_another_rule_denies_are_a_warning() -> None:
    """deny_customer_keys is false, and a list of kinds without SSE-C denies the same."""
    before = policy(*written(Desired(allow_encryption=("SSE-KMS",)))["Statement"])
    found = plan(Desired(deny_customer_keys=False), before)
    assert found.steps == ()
    assert found.warnings == (
        "the list of allow_encryption does not have SSE-C, and still denies uploads with a customer key",
    )
    both = Desired(deny_customer_keys=False, removed=frozenset({"allow_encryption"}))
    assert not any("still denies" in warning for warning in plan(both, before).warnings)


def test_absent_tells_of_a_statement_that_only_has_a_sid_of_this_collection() -> None:
    """Its Sid makes it one of this collection. Without the warning, nothing would show that a protection ends."""
    mine = {**written(Desired(require_tls=True))["Statement"][0], "Sid": "SealedS3Custom"}
    found = plan(Desired(absent=True), policy(mine))
    assert found.after is not None
    assert found.after.document is None
    assert found.warnings == (
        "the statement SealedS3Custom is taken away, too, because its Sid begins with SealedS3; this version of the "
        "collection does not write it",
    )
    assert plan(Desired(deny_customer_keys=True), policy(mine)).warnings == ()
