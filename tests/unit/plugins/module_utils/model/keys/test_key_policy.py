# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Key policies: owned statements as desired, foreign statements unchanged, and comparison in any written form."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.iam.policy_document import (
    parse_policy,
    same_policy,
    statements,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.iam.policy_principals import new_principals, unique_ids
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.desired_key import DesiredPolicy, PolicyScope
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_policy import account_warnings, merge_policy
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.policy_statements import (
    ADMINISTRATION,
    OWNED_SIDS,
    USE,
)

SCOPE = PolicyScope("aws", "eu-west-1", "111122223333")
ROOT = "arn:aws:iam::111122223333:root"
ADMIN = "arn:aws:iam::111122223333:role/admin"
USER = "arn:aws:iam::111122223333:role/app"
USER_2 = "arn:aws:iam::111122223333:user/zoe"

# The default policy of KMS, which enables IAM policies of the account.
DEFAULT: dict[str, Any] = {
    "Sid": "Enable IAM User Permissions",
    "Effect": "Allow",
    "Principal": {"AWS": ROOT},
    "Action": "kms:*",
    "Resource": "*",
}
FOREIGN: dict[str, Any] = {
    "Sid": "Logs",
    "Effect": "Allow",
    "Principal": {"Service": "logs.eu-west-1.amazonaws.com"},
    "Action": ["kms:Encrypt*", "kms:Decrypt*"],
    "Resource": "*",
    "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:eu-west-1:111122223333:*"}},
}


def policy(*found: dict[str, Any], **more: Any) -> str:
    return json.dumps({"Version": "2012-10-17", **more, "Statement": list(found)})


def merged(current: str | None, desired: DesiredPolicy, scope: PolicyScope = SCOPE) -> dict[str, dict[str, Any]]:
    """The statements of the merged policy by their Sid, which is unique."""
    text = merge_policy(current, desired, scope)
    assert text is not None
    found = statements(json.loads(text))
    by_sid = {statement["Sid"]: statement for statement in found}
    assert len(by_sid) == len(found)
    return by_sid


def test_a_new_policy_in_full() -> None:
    """Administrators cannot decrypt, users can use the key only through S3, and the account can manage the key."""
    desired = DesiredPolicy(administrators=(ADMIN,), users=(USER_2, USER))
    assert merged(None, desired) == {
        "S3KeyAccount": {
            "Sid": "S3KeyAccount",
            "Effect": "Allow",
            "Principal": {"AWS": ROOT},
            "Action": list(ADMINISTRATION),
            "Resource": "*",
        },
        "S3KeyAdministrators": {
            "Sid": "S3KeyAdministrators",
            "Effect": "Allow",
            "Principal": {"AWS": [ADMIN]},
            "Action": list(ADMINISTRATION),
            "Resource": "*",
        },
        "S3KeyUsers": {
            "Sid": "S3KeyUsers",
            "Effect": "Allow",
            "Principal": {"AWS": [USER, USER_2]},
            "Action": list(USE),
            "Resource": "*",
            "Condition": {
                "StringEquals": {"kms:CallerAccount": "111122223333", "kms:ViaService": "s3.eu-west-1.amazonaws.com"}
            },
        },
        "S3KeyDescribe": {
            "Sid": "S3KeyDescribe",
            "Effect": "Allow",
            "Principal": {"AWS": [USER, USER_2]},
            "Action": ["kms:DescribeKey"],
            "Resource": "*",
        },
    }


def test_administrators_cannot_use_the_key() -> None:
    """No administrative action encrypts, decrypts, or allows that by a grant."""
    cryptography = {"kms:decrypt", "kms:encrypt", "kms:generatedatakey", "kms:reencryptfrom", "kms:creategrant"}
    allowed = {
        secret
        for secret in cryptography
        for action in ADMINISTRATION
        if secret == action.lower() or (action.endswith("*") and secret.startswith(action[:-1].lower()))
    }
    assert allowed == set()


PARTITIONS = [
    ("aws", "us-east-1", "s3.us-east-1.amazonaws.com"),
    ("aws-us-gov", "us-gov-west-1", "s3.us-gov-west-1.amazonaws.com"),
    ("aws-cn", "cn-north-1", "s3.cn-north-1.amazonaws.com.cn"),
    ("aws-iso", "us-iso-east-1", "s3.us-iso-east-1.c2s.ic.gov"),
    ("aws-iso-b", "us-isob-east-1", "s3.us-isob-east-1.sc2s.sgov.gov"),
    ("aws-iso-e", "eu-isoe-west-1", "s3.eu-isoe-west-1.cloud.adc-e.uk"),
    ("aws-iso-f", "us-isof-south-1", "s3.us-isof-south-1.csp.hci.ic.gov"),
    ("aws-eusc", "eusc-de-east-1", "s3.eusc-de-east-1.amazonaws.eu"),
]


@pytest.mark.parametrize(("partition", "region", "endpoint"), PARTITIONS, ids=[p for p, _r, _e in PARTITIONS])
def test_every_partition_has_its_own_names(partition: str, region: str, endpoint: str) -> None:
    """The ARN of the root user, and the endpoint of S3 in kms:ViaService."""
    scope = PolicyScope(partition, region, "111122223333")
    found = merged(None, DesiredPolicy(users=(USER.replace("aws", partition, 1),)), scope)
    assert found["S3KeyAccount"]["Principal"] == {"AWS": f"arn:{partition}:iam::111122223333:root"}
    assert found["S3KeyUsers"]["Condition"]["StringEquals"]["kms:ViaService"] == endpoint


def test_principals_of_another_partition_are_refused() -> None:
    """KMS would report them as unknown principals, which may be new."""
    scope = PolicyScope("aws-cn", "cn-north-1", "111122223333")
    for desired in (DesiredPolicy(users=(USER,)), DesiredPolicy(administrators=(USER,))):
        with pytest.raises(OperationError, match="in the partition aws, and the key in cn-north-1 is in aws-cn"):
            merge_policy(None, desired, scope)


def test_without_through_s3_only_there_is_no_condition() -> None:
    """Client-side encryption calls KMS directly."""
    assert "Condition" not in merged(None, DesiredPolicy(users=(USER,), through_s3_only=False))["S3KeyUsers"]


@pytest.mark.parametrize("current", [None, policy(DEFAULT, FOREIGN)], ids=["new key", "existing key"])
def test_without_options_the_policy_does_not_change(current: str | None) -> None:
    """A new key gets the default policy of KMS."""
    assert merge_policy(current, DesiredPolicy(), SCOPE) == current


OWNED = OWNED_SIDS

SIDS = [
    pytest.param(
        policy(DEFAULT), DesiredPolicy((ADMIN,)), {DEFAULT["Sid"], "S3KeyAdministrators"}, id="the root rules already"
    ),
    pytest.param(
        policy(FOREIGN),
        DesiredPolicy(users=(USER,)),
        {"Logs", "S3KeyAccount", "S3KeyUsers", "S3KeyDescribe"},
        id="no principal can manage the key",
    ),
    pytest.param(
        policy(FOREIGN),
        DesiredPolicy((ADMIN,)),
        {"Logs", "S3KeyAdministrators"},
        id="the new administrators can manage the key",
    ),
    pytest.param(
        policy(FOREIGN),
        DesiredPolicy(users=(USER,), never_account=True),
        {"Logs", "S3KeyUsers", "S3KeyDescribe"},
        id="never the account",
    ),
    pytest.param(
        policy({**DEFAULT, "Sid": "S3KeyAccount"}, {**DEFAULT, "Sid": "Admins", "Principal": {"AWS": ADMIN}}),
        DesiredPolicy(users=()),
        {"Admins"},
        id="the account's statement is removed with the last owned one",
    ),
    pytest.param(
        policy({**DEFAULT, "Sid": "S3KeyAccount"}, FOREIGN),
        DesiredPolicy(users=()),
        {"S3KeyAccount", "Logs"},
        id="but not if no principal could manage the key then",
    ),
    pytest.param(
        policy({**DEFAULT, "Sid": "S3KeyAccount"}, {**DEFAULT, "Sid": "Admins", "Principal": {"AWS": ADMIN}}),
        DesiredPolicy(users=(USER,)),
        {"S3KeyAccount", "Admins", "S3KeyUsers", "S3KeyDescribe"},
        id="and not while another owned one remains",
    ),
    pytest.param(
        policy({**DEFAULT, "Sid": "S3KeyAccount"}, {**DEFAULT, "Sid": "Admins", "Principal": {"AWS": ADMIN}}),
        DesiredPolicy(users=(USER,), never_account=True),
        {"Admins", "S3KeyUsers", "S3KeyDescribe"},
        id="never the account, which was in charge",
    ),
    pytest.param(
        policy(DEFAULT, FOREIGN),
        DesiredPolicy(None, (USER,)),
        {DEFAULT["Sid"], "Logs", "S3KeyUsers", "S3KeyDescribe"},
        id="users alone",
    ),
    pytest.param(
        policy(DEFAULT, {**FOREIGN, "Sid": "S3KeyAdministrators"}),
        DesiredPolicy(None, (USER,)),
        {DEFAULT["Sid"], "S3KeyAdministrators", "S3KeyUsers", "S3KeyDescribe"},
        id="administrators not named, so kept",
    ),
    pytest.param(
        policy(DEFAULT, {**FOREIGN, "Sid": "S3KeyUsers"}, {**FOREIGN, "Sid": "S3KeyDescribe"}),
        DesiredPolicy(None, ()),
        {DEFAULT["Sid"]},
        id="no users: their statements go",
    ),
    pytest.param(
        policy({**DEFAULT, "Sid": "S3KeyAccount"}, DEFAULT),
        DesiredPolicy((ADMIN,)),
        {DEFAULT["Sid"], "S3KeyAdministrators"},
        id="the account's statement goes where it says nothing new",
    ),
]


@pytest.mark.parametrize(("current", "desired", "sids"), SIDS)
def test_which_statements_the_policy_has(current: str, desired: DesiredPolicy, sids: set[str]) -> None:
    """Named statements are built, owned ones that are not named stay, and foreign ones always stay."""
    found = merged(current, desired)
    assert set(found) == sids
    for statement in statements(json.loads(current)):
        if statement["Sid"] in sids and statement["Sid"] not in OWNED:
            assert found[statement["Sid"]] == statement


MFA = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
OTHER_KEY = "arn:aws:kms:eu-west-1:111122223333:key/other"
KEY_SCOPE = PolicyScope("aws", "eu-west-1", "111122223333", "one")
WITHOUT_ACTION = {name: value for name, value in DEFAULT.items() if name != "Action"}
IN_CHARGE = [
    pytest.param({**DEFAULT, **MFA}, id="the account with MFA"),
    pytest.param({**DEFAULT, "Principal": {"AWS": ADMIN}}, id="a role"),
    pytest.param({**DEFAULT, "Principal": {"AWS": ADMIN}, **MFA}, id="a role with MFA"),
    pytest.param({**DEFAULT, "Action": "kms:P*"}, id="by kms:P*"),
    pytest.param({**WITHOUT_ACTION, "NotAction": "kms:Decrypt"}, id="by NotAction"),
    pytest.param({**DEFAULT, "Resource": OTHER_KEY.replace("other", "one")}, id="the key by its ARN"),
    pytest.param({**DEFAULT, "Condition": {"StringEquals": {"aws:PrincipalAccount": "111122223333"}}}, id="account"),
    pytest.param(
        {**DEFAULT, "Principal": "*", "Condition": {"ArnLike": {"aws:PrincipalArn": ADMIN}}}, id="by its PrincipalArn"
    ),
]


@pytest.mark.parametrize("statement", IN_CHARGE)
def test_the_account_is_not_put_in_charge_if_another_principal_can_manage_the_key(statement: dict[str, Any]) -> None:
    """The owner of the key has decided who manages it, and under which condition."""
    assert "S3KeyAccount" not in merged(policy(statement), DesiredPolicy(users=(USER,)), KEY_SCOPE)
    with_user = merge_policy(policy(statement), DesiredPolicy(users=(USER,)), KEY_SCOPE)
    assert len(merged(with_user, DesiredPolicy(users=()), KEY_SCOPE)) == 1


def test_the_account_is_put_in_charge_with_a_warning() -> None:
    """Of a key that exists. A new key has the statement instead of KMS's default policy, which allows more."""
    desired = DesiredPolicy(users=(USER,))
    before, after = policy(FOREIGN), merge_policy(policy(FOREIGN), desired, SCOPE)
    (warning,) = account_warnings("KEY", before, after)
    assert "S3KeyAccount is added" in warning
    assert "account_statement: never" in warning
    assert account_warnings("KEY", after, after) == account_warnings("KEY", None, after) == ()
    assert account_warnings("KEY", policy(DEFAULT), merge_policy(policy(DEFAULT), desired, SCOPE)) == ()


NOT_IN_CHARGE = [
    pytest.param({**DEFAULT, "Effect": "Deny"}, id="a denial"),
    pytest.param({**DEFAULT, "Resource": OTHER_KEY}, id="of another key"),
    pytest.param({**DEFAULT, "Condition": {"StringEquals": {"kms:CallerAccount": "444455556666"}}}, id="never met"),
    pytest.param({**DEFAULT, "Condition": {"StringLike": {"kms:ViaService": "s3.*"}}}, id="through S3"),
    pytest.param({**DEFAULT, "Principal": {"AWS": "AROADBQP57FF2AEXAMPLE"}}, id="of a deleted role"),
    pytest.param({**WITHOUT_ACTION, "NotAction": "kms:Put*"}, id="all but administration"),
    pytest.param({**DEFAULT, "Action": "kms:Decrypt"}, id="without administration"),
    pytest.param(
        {**DEFAULT, "Principal": {"AWS": ROOT.replace("111122223333", "444455556666")}}, id="of another account"
    ),
    pytest.param({**DEFAULT, "Principal": {"Service": "s3.amazonaws.com"}}, id="of a service"),
]


@pytest.mark.parametrize("statement", NOT_IN_CHARGE)
def test_the_account_can_manage_the_key_if_no_other_principal_can(statement: dict[str, Any]) -> None:
    """A key without an administrator cannot be repaired."""
    assert "S3KeyAccount" in merged(policy(statement), DesiredPolicy(users=(USER,)), KEY_SCOPE)


def test_the_rest_of_the_document_is_kept() -> None:
    """Id and version are kept."""
    text = merge_policy(policy(DEFAULT, Id="mine"), DesiredPolicy((ADMIN,)), SCOPE)
    assert text is not None
    assert {name: value for name, value in json.loads(text).items() if name != "Statement"} == {
        "Id": "mine",
        "Version": "2012-10-17",
    }


def test_a_single_statement_without_a_list_is_kept() -> None:
    """The grammar allows it."""
    current = json.dumps({"Version": "2012-10-17", "Statement": FOREIGN})
    assert merged(current, DesiredPolicy((ADMIN,)))["Logs"] == FOREIGN


A_STATEMENT = {
    "Sid": "X",
    "Effect": "Allow",
    "Principal": {"AWS": [ROOT, USER]},
    "Action": ["kms:Decrypt", "kms:Encrypt"],
    "Resource": ["*"],
    "Condition": {"StringEquals": {"kms:CallerAccount": ["111122223333"]}, "Bool": {"aws:SecureTransport": "true"}},
}

THE_SAME = [
    pytest.param({"Action": ["kms:Encrypt", "kms:Decrypt"]}, id="order of actions"),
    pytest.param({"Action": ["kms:Encrypt", "kms:Decrypt", "kms:Encrypt"]}, id="an action twice"),
    pytest.param({"Action": ["KMS:decrypt", "kms:ENCRYPT"]}, id="case of actions"),
    pytest.param({"Principal": {"AWS": [USER, ROOT]}}, id="order of principals"),
    pytest.param({"Principal": {"AWS": ["111122223333", USER]}}, id="the account's id for its root"),
    pytest.param({"Principal": {"AWS": [USER, ROOT.replace("arn:aws:", "arn:aws-cn:")]}}, id="a root of any partition"),
    pytest.param({"Resource": "*"}, id="a single value for a list"),
    pytest.param(
        {"Condition": {"Bool": {"AWS:securetransport": True}, "StringEquals": {"kms:callerAccount": "111122223333"}}},
        id="order, case and single values of conditions",
    ),
]


@pytest.mark.parametrize("change", THE_SAME)
def test_equivalent_policies_are_equal(change: dict[str, Any]) -> None:
    """AWS returns a policy in another format."""
    assert same_policy(policy(A_STATEMENT), policy({**A_STATEMENT, **change}))


def test_documents_that_mean_the_same() -> None:
    """The order of statements, a repeated statement, an empty Sid, and a single statement without a list."""
    assert same_policy(policy(DEFAULT, FOREIGN), policy(FOREIGN, DEFAULT))
    assert same_policy(policy(DEFAULT), policy(DEFAULT, DEFAULT))
    assert same_policy(policy({**DEFAULT, "Sid": ""}), policy({n: v for n, v in DEFAULT.items() if n != "Sid"}))
    assert same_policy(policy(DEFAULT), json.dumps({"Version": "2012-10-17", "Statement": DEFAULT}))
    anybody = {**DEFAULT, "Principal": {"AWS": "*"}}
    assert same_policy(policy(anybody), policy({**DEFAULT, "Principal": "*"}))


ANOTHER = [
    pytest.param({"Sid": "Y"}, id="Sid"),
    pytest.param({"Effect": "Deny"}, id="effect"),
    pytest.param({"Action": ["kms:Decrypt"]}, id="an action less"),
    pytest.param({"Action": ["kms:Decrypt", "kms:Encrypt", "kms:*"]}, id="an action more"),
    pytest.param({"Principal": {"AWS": [ROOT]}}, id="a principal less"),
    pytest.param({"Principal": {"AWS": [ROOT, USER.upper()]}}, id="case of principals"),
    pytest.param({"Principal": {"Service": [ROOT, USER]}}, id="sort of principal"),
    pytest.param({"Resource": ["arn:aws:kms:eu-west-1:111122223333:key/one"]}, id="resource"),
    pytest.param({"Condition": {"Bool": {"aws:SecureTransport": "true"}}}, id="a condition less"),
    pytest.param(
        {"Condition": {**A_STATEMENT["Condition"], "Bool": {"aws:SecureTransport": "false"}}},  # type: ignore[dict-item]
        id="value of a condition",
    ),
]


def test_another_language_version_is_another_policy() -> None:
    """The older version has no policy variables."""
    assert not same_policy(policy(DEFAULT), policy(DEFAULT, Version="2008-10-17"))
    assert same_policy(json.dumps({"Statement": [DEFAULT]}), policy(DEFAULT, Version="2008-10-17"))


@pytest.mark.parametrize("change", ANOTHER)
def test_different_policies_are_not_equal(change: dict[str, Any]) -> None:
    """Each of these allows another principal or another action."""
    assert not same_policy(policy(A_STATEMENT), policy({**A_STATEMENT, **change}))


@pytest.mark.parametrize("text", ["", "null", "[]", "{}", '"Statement"', "{", '{"Version": "2012-10-17"}'])
def test_an_invalid_policy_is_refused(text: str) -> None:
    """With a message, not a traceback."""
    with pytest.raises(OperationError) as error:
        parse_policy(text)
    assert error.value.failure.kind is FailureKind.INVALID


PRINCIPALS = st.sampled_from([ROOT, "111122223333", ADMIN, USER, USER_2, "arn:aws:iam::444455556666:root"])
ARNS = st.lists(PRINCIPALS, max_size=3).map(tuple)
SERVICES = st.lists(st.sampled_from(["logging.s3.amazonaws.com", "cloudtrail.amazonaws.com"]), max_size=2).map(tuple)
ACCOUNTS = st.lists(st.sampled_from(["444455556666", "777788889999"]), max_size=2).map(tuple)
BUCKETS = st.lists(st.sampled_from(["raw", "curated"]), max_size=2).map(tuple)
DESIRED = st.builds(
    DesiredPolicy,
    st.none() | ARNS,
    st.none() | ARNS,
    st.booleans(),
    st.none() | SERVICES,
    st.none() | ACCOUNTS,
    st.none() | BUCKETS,
)


def one_or_list(values: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    return values | st.lists(values, min_size=1, max_size=3)


STATEMENTS = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Deny"]),
        "Principal": st.just("*")
        | st.fixed_dictionaries({"AWS": one_or_list(PRINCIPALS)})
        | st.fixed_dictionaries({"Service": one_or_list(st.sampled_from(["s3.amazonaws.com", "logs.amazonaws.com"]))}),
        "Action": one_or_list(st.sampled_from(["kms:*", "kms:Decrypt", "KMS:PutKeyPolicy", "*", "kms:Put*"])),
        "Resource": st.just("*"),
    },
    optional={
        "Sid": st.sampled_from(["", "Logs", "Other", *OWNED]),
        "Condition": st.just({"Bool": {"aws:SecureTransport": "true"}})
        | st.fixed_dictionaries(
            {"StringEquals": st.fixed_dictionaries({"aws:PrincipalOrgID": one_or_list(PRINCIPALS)})}
        ),
    },
)
POLICIES = st.lists(STATEMENTS, max_size=4).map(lambda found: policy(*found))


def foreign(text: str | None) -> list[str]:
    """The statements that are not ours, each as text, in any order."""
    assert text is not None
    found = statements(json.loads(text))
    return sorted(json.dumps(statement, sort_keys=True) for statement in found if statement.get("Sid") not in OWNED)


@settings(max_examples=150)
@given(POLICIES, DESIRED)
def test_merging_keeps_foreign_statements_and_is_idempotent(current: str, desired: DesiredPolicy) -> None:
    """Laws 1 and 4: the second merge returns the same text, and foreign statements do not change."""
    once = merge_policy(current, desired, SCOPE)
    assert once is not None
    assert foreign(once) == foreign(current)
    assert merge_policy(once, desired, SCOPE) == once
    kept_sids = {"S3KeyAdministrators"} if desired.administrators is None else set()
    kept_sids |= {"S3KeyUsers", "S3KeyDescribe"} if desired.users is None else set()
    kept_sids |= {"S3KeyServices"} if desired.services is None else set()
    if desired.allowed_accounts is None:
        kept_sids |= {"S3KeyOtherAccounts", "S3KeyOtherAccountsDescribe"}
    for sid in kept_sids:
        assert [s for s in statements(json.loads(once)) if s.get("Sid") == sid] == [
            s for s in statements(json.loads(current)) if s.get("Sid") == sid
        ]


@given(POLICIES, st.randoms(use_true_random=False))
def test_order_never_matters(text: str, random: Any) -> None:
    """Shuffled statements, fields and lists are equivalent, and give an equivalent merge."""

    def shuffled(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: shuffled(value[name]) for name in random.sample(sorted(value), len(value))}
        if isinstance(value, list):
            return [shuffled(item) for item in random.sample(value, len(value))]
        return value

    other = json.dumps(shuffled(json.loads(text)))
    assert same_policy(text, other)
    desired = DesiredPolicy((ADMIN,), (USER,))
    merged_text, merged_other = merge_policy(text, desired, SCOPE), merge_policy(other, desired, SCOPE)
    assert merged_text is not None
    assert merged_other is not None
    assert same_policy(merged_text, merged_other)


@given(POLICIES, DESIRED)
def test_an_unchanged_policy_keeps_its_text(current: str, desired: DesiredPolicy) -> None:
    """It is not written again, whatever format AWS uses."""
    once = merge_policy(current, desired, SCOPE)
    assert once is not None
    rewritten = json.dumps(json.loads(once), indent=4)
    assert merge_policy(rewritten, desired, SCOPE) == rewritten


def test_services_and_other_accounts_in_full() -> None:
    """Services for this account's resources only, other accounts through S3 and for the named buckets only."""
    found = merged(
        None,
        DesiredPolicy(services=("logging.s3.amazonaws.com",), allowed_accounts=("444455556666",), buckets=("raw",)),
    )
    assert set(found) == {"S3KeyAccount", "S3KeyServices", "S3KeyOtherAccounts", "S3KeyOtherAccountsDescribe"}
    assert found["S3KeyServices"] == {
        "Sid": "S3KeyServices",
        "Effect": "Allow",
        "Principal": {"Service": ["logging.s3.amazonaws.com"]},
        "Action": ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey*"],
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}},
    }
    assert found["S3KeyOtherAccounts"]["Principal"] == {"AWS": ["arn:aws:iam::444455556666:root"]}
    assert found["S3KeyOtherAccounts"]["Condition"] == {
        "StringEquals": {"kms:CallerAccount": "444455556666", "kms:ViaService": "s3.eu-west-1.amazonaws.com"},
        "ArnLike": {"kms:EncryptionContext:aws:s3:arn": ["arn:aws:s3:::raw", "arn:aws:s3:::raw/*"]},
    }


def test_buckets_that_are_not_named_stay() -> None:
    """Omitted keeps the buckets; an empty list allows all buckets."""
    first = merge_policy(None, DesiredPolicy(users=(USER,), buckets=("raw",)), SCOPE)
    context = ["arn:aws:s3:::raw", "arn:aws:s3:::raw/*"]
    kept = merged(first, DesiredPolicy(users=(USER, USER_2)))["S3KeyUsers"]["Condition"]
    assert kept["ArnLike"] == {"kms:EncryptionContext:aws:s3:arn": context}
    assert "ArnLike" not in merged(first, DesiredPolicy(users=(USER,), buckets=()))["S3KeyUsers"]["Condition"]


CONTEXT = "kms:EncryptionContext:aws:s3:arn"
NAMED = [
    (DesiredPolicy(users=(USER,), buckets=("raw",)), DesiredPolicy(users=(USER,), allowed_accounts=("444455556666",))),
    (DesiredPolicy(users=(USER,), buckets=("raw",)), DesiredPolicy(allowed_accounts=("444455556666",))),
    (DesiredPolicy(allowed_accounts=("444455556666",), buckets=("raw",)), DesiredPolicy(users=(USER,))),
]


@pytest.mark.parametrize(("before", "after"), NAMED)
def test_an_added_user_gets_the_buckets_of_the_others(before: DesiredPolicy, after: DesiredPolicy) -> None:
    """If the option is omitted, the buckets of the other users apply."""
    found = merged(merge_policy(None, before, SCOPE), after)
    for sid in ("S3KeyUsers", "S3KeyOtherAccounts"):
        assert found[sid]["Condition"]["ArnLike"] == {CONTEXT: ["arn:aws:s3:::raw", "arn:aws:s3:::raw/*"]}


def test_a_statement_without_buckets_stays_so_beside_one_with_some() -> None:
    """Each statement keeps its buckets."""
    first = merge_policy(None, DesiredPolicy(users=(USER,), buckets=("raw",)), SCOPE)
    both = merge_policy(first, DesiredPolicy(allowed_accounts=("444455556666",), buckets=()), SCOPE)
    found = merged(both, DesiredPolicy(users=(USER,), allowed_accounts=("444455556666",)))
    assert "ArnLike" not in found["S3KeyOtherAccounts"]["Condition"]
    assert "ArnLike" in found["S3KeyUsers"]["Condition"]


@pytest.mark.parametrize(
    "operator", ["ArnLike", "ArnEquals", "StringLike", "StringEquals", "StringLikeIfExists", "StringNotEquals"]
)
def test_buckets_that_are_not_named_stay_under_any_operator(operator: str) -> None:
    """The policy does not allow more, neither for an unchanged statement nor for another user."""
    first = merged(None, DesiredPolicy(users=(USER,)))
    condition = {name: dict(keys) for name, keys in first["S3KeyUsers"]["Condition"].items()}
    condition.setdefault(operator, {})[CONTEXT.lower()] = "arn:aws:s3:::raw/*"
    first["S3KeyUsers"]["Condition"] = condition
    current = policy(*first.values())
    assert merge_policy(current, DesiredPolicy(users=(USER,)), SCOPE) == current
    kept = merged(current, DesiredPolicy(users=(USER, USER_2)))["S3KeyUsers"]["Condition"]
    assert kept[operator][CONTEXT] == ["arn:aws:s3:::raw/*"]
    assert kept["StringEquals"]["kms:ViaService"] == "s3.eu-west-1.amazonaws.com"
    named = merged(current, DesiredPolicy(users=(USER,), buckets=("raw",)))["S3KeyUsers"]["Condition"]
    assert {name for name, keys in named.items() if CONTEXT in keys} == {"ArnLike"}


def test_users_of_two_accounts_may_call_from_both() -> None:
    """A condition on one kms:CallerAccount would exclude the users of the other account."""
    other = "arn:aws:iam::444455556666:role/app"
    condition = merged(None, DesiredPolicy(users=(USER, other)))["S3KeyUsers"]["Condition"]
    assert condition["StringEquals"]["kms:CallerAccount"] == ["111122223333", "444455556666"]


def test_purged_means_that_only_owned_statements_stay() -> None:
    """The account can still manage the key."""
    current = merge_policy(policy(DEFAULT, FOREIGN), DesiredPolicy(users=(USER,)), SCOPE)
    found = merged(current, DesiredPolicy((ADMIN,), purge=True))
    assert set(found) == {"S3KeyAccount", "S3KeyAdministrators", "S3KeyUsers", "S3KeyDescribe"}


@given(POLICIES, st.none() | POLICIES)
def test_a_whole_policy_is_written_as_given(whole: str, current: str | None) -> None:
    """For any current policy; the second time nothing changes."""
    once = merge_policy(current, DesiredPolicy(whole=whole), SCOPE)
    assert once is not None
    assert same_policy(once, whole)
    assert merge_policy(once, DesiredPolicy(whole=whole), SCOPE) == once


@given(DESIRED)
def test_what_is_built_is_parsed_as_the_same(desired: DesiredPolicy) -> None:
    """Built, written, read in another form, and planned again: no difference."""
    built = merge_policy(None, desired, SCOPE)
    if built is not None:
        assert merge_policy(json.dumps(parse_policy(built), indent=1), desired, SCOPE) == json.dumps(
            json.loads(built), indent=1
        )


DELETED_ID = "AROADBQP57FF2AEXAMPLE"
ID_CASES = [
    pytest.param([USER], [DELETED_ID], True, id="deleted"),
    pytest.param([USER, USER_2], [USER_2, DELETED_ID], True, id="one of two deleted"),
    pytest.param([USER], [USER, DELETED_ID], False, id="an extra id: removed"),
    pytest.param([USER, USER_2], [DELETED_ID], False, id="an additional principal: written"),
    pytest.param([USER], [ADMIN], False, id="another principal"),
]


@pytest.mark.parametrize(("desired_users", "reported", "kept"), ID_CASES)
def test_unique_ids_stand_for_deleted_principals(desired_users: list[str], reported: list[str], kept: bool) -> None:
    """The number of ids equals that of the missing principals. AWS would refuse their ARNs."""
    desired = DesiredPolicy(users=tuple(desired_users))
    was = policy(
        *(
            {**statement, "Principal": {"AWS": reported}} if "User" in sid or "Describe" in sid else statement
            for sid, statement in merged(None, desired).items()
        )
    )
    assert (merge_policy(was, desired, SCOPE) == was) == kept
    assert (DELETED_ID in unique_ids(was)) == (DELETED_ID in reported)


DELETED_ID_2 = "AIDADBQP57FF2AEXAMPLE"
BACKUP: dict[str, Any] = {**DEFAULT, "Sid": "Backup", "Principal": {"AWS": DELETED_ID}, "Action": "kms:Decrypt"}


def policy_with_users(*names: str) -> str:
    """A policy for USER, in which AWS reports these principals instead."""
    found = merged(None, DesiredPolicy(users=(USER,), buckets=("raw",)))
    return policy(
        *({**each, "Principal": {"AWS": list(names)}} if "User" in sid or "Describe" in sid else each
          for sid, each in found.items()),
    )  # fmt: skip


STATEMENTS_WITH_IDS = [
    pytest.param({"Principal": {"AWS": [USER, DELETED_ID]}}, {"Principal": {"AWS": [USER]}}, id="others remain"),
    pytest.param(
        {"Principal": {"AWS": DELETED_ID, "Service": "s3.amazonaws.com"}},
        {"Principal": {"Service": "s3.amazonaws.com"}},
        id="a service remains",
    ),
    pytest.param({"Principal": {"AWS": DELETED_ID}}, None, id="no principal remains"),
    pytest.param(
        {"Principal": {"AWS": [DELETED_ID, DELETED_ID_2]}, "Effect": "Deny"}, None, id="a deny without principals"
    ),
    pytest.param({"Principal": "*"}, {"Principal": "*"}, id="everyone"),
    pytest.param(
        {"NotPrincipal": {"AWS": [ROOT, DELETED_ID]}, "Effect": "Deny"},
        {"NotPrincipal": {"AWS": [ROOT]}},
        id="all but two",
    ),
    pytest.param(
        {"NotPrincipal": {"AWS": [DELETED_ID]}, "Effect": "Deny"},
        {"Principal": "*"},
        id="NotPrincipal without exceptions",
    ),
]


@pytest.mark.parametrize(("current", "remaining"), STATEMENTS_WITH_IDS)
def test_foreign_statements_are_written_without_ids_of_deleted_principals(
    current: dict[str, Any], remaining: dict[str, Any] | None
) -> None:
    """KMS refuses the ids. Nothing else of the statement changes."""
    rest = {"Sid": "Backup", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}
    written = merged(policy(DEFAULT, {**rest, **current}), DesiredPolicy((ADMIN,)))
    assert "S3KeyAdministrators" in written
    effect = {"Effect": current.get("Effect", "Allow")}
    assert written.get("Backup") == (None if remaining is None else {**rest, **effect, **remaining})


@pytest.mark.parametrize(("element", "value"), [("Action", ...), ("Action", []), ("Action", None), ("Resource", ...)])
def test_a_statement_that_kms_no_longer_accepts_is_not_written(element: str, value: Any) -> None:
    """It stays in the policy of a key from before August 2025, without an effect, until the policy is written."""
    old = {name: each for name, each in BACKUP.items() if name != element}
    current = policy(DEFAULT, {**old, **({} if value is ... else {element: value})})
    with pytest.raises(OperationError, match=f"Statement 2 .Backup. of the current key policy has no {element}, and"):
        merge_policy(current, DesiredPolicy((ADMIN,)), SCOPE)
    assert "Backup" not in merged(current, DesiredPolicy((ADMIN,), purge=True))
    assert merge_policy(current, DesiredPolicy(whole=current), SCOPE) == current


def test_ids_alone_do_not_cause_a_write() -> None:
    """A run that changes nothing else keeps them."""
    current = merge_policy(policy(DEFAULT), DesiredPolicy((ADMIN,)), SCOPE)
    current_policy = policy(*statements(json.loads(current or "")), BACKUP)
    assert merge_policy(current_policy, DesiredPolicy((ADMIN,)), SCOPE) == current_policy


def test_a_written_policy_has_no_ids_of_deleted_principals() -> None:
    """The ids are removed from owned statements, and the ARNs of the deleted principals are not sent."""
    desired = DesiredPolicy((ADMIN,), (USER, USER_2), buckets=("raw",))
    written = merged(policy_with_users(DELETED_ID, USER_2), desired)
    assert written["S3KeyUsers"]["Principal"] == written["S3KeyDescribe"]["Principal"] == {"AWS": [USER_2]}
    assert written["S3KeyAdministrators"]["Principal"] == {"AWS": [ADMIN]}


def test_a_deleted_user_does_not_prevent_a_change_of_buckets() -> None:
    """Nor any other change of the statement with the id."""
    written = merged(policy_with_users(DELETED_ID, USER_2), DesiredPolicy(users=(USER, USER_2), buckets=("curated",)))[
        "S3KeyUsers"
    ]
    assert written["Principal"] == {"AWS": [USER_2]}
    assert "arn:aws:s3:::curated" in json.dumps(written["Condition"])


def test_another_user_for_a_deleted_one_gets_other_buckets() -> None:
    """A statement with unique ids only may be for other principals: the desired statement is written."""
    written = merged(policy_with_users(DELETED_ID), DesiredPolicy(users=(USER_2,), buckets=("curated",)))["S3KeyUsers"]
    assert written["Principal"] == {"AWS": [USER_2]}


def test_a_deny_is_written_as_desired() -> None:
    """Also if the current statement with this Sid has a deleted principal."""
    denial = {**BACKUP, "Sid": "Block", "Effect": "Deny"}
    statement = {**denial, "Principal": {"AWS": [USER, USER_2]}, "Action": "kms:*"}
    current_policy = policy(DEFAULT, {**denial, "Principal": {"AWS": [DELETED_ID, USER_2]}})
    assert merged(current_policy, DesiredPolicy(whole=policy(DEFAULT, statement)))["Block"] == statement


def test_no_bucket_is_lost_with_a_deleted_user() -> None:
    """The statement would return for all buckets, so the task has to name them, or remove the user."""
    current_policy = policy_with_users(DELETED_ID)
    with pytest.raises(OperationError, match="S3KeyUsers of the key policy is restricted to some buckets") as error:
        merge_policy(current_policy, DesiredPolicy((ADMIN,), (USER,)), SCOPE)
    assert "Set buckets" in error.value.failure.advice
    named = DesiredPolicy((ADMIN,), (USER,), buckets=("raw",))
    again = merged(merge_policy(current_policy, named, SCOPE), named)["S3KeyUsers"]
    assert (again["Principal"], "arn:aws:s3:::raw" in json.dumps(again)) == ({"AWS": [USER]}, True)
    assert "S3KeyUsers" not in merged(current_policy, DesiredPolicy((ADMIN,), ()))


def test_a_deletion_and_an_added_user_at_once() -> None:
    """It is not known which of the two was deleted: both ARNs are sent, and no id."""
    text = merge_policy(policy_with_users(DELETED_ID), DesiredPolicy(users=(USER, USER_2)), SCOPE)
    assert text is not None
    assert DELETED_ID not in text
    assert merged(policy_with_users(DELETED_ID), DesiredPolicy(users=(USER, USER_2)))["S3KeyUsers"]["Principal"][
        "AWS"
    ] == [USER, USER_2]


def test_an_id_that_the_task_names_is_sent() -> None:
    """In the option policy. An id that AWS reports in place of a named ARN is not sent."""
    own = policy(DEFAULT, BACKUP)
    assert DELETED_ID in (merge_policy(policy(DEFAULT), DesiredPolicy(whole=own), SCOPE) or "")
    whole = policy(DEFAULT, {**BACKUP, "Principal": {"AWS": [USER, USER_2]}}, FOREIGN)
    current_policy = policy(DEFAULT, {**BACKUP, "Principal": {"AWS": [DELETED_ID, USER_2]}})
    written = merged(current_policy, DesiredPolicy(whole=whole))
    assert written["Backup"]["Principal"] == {"AWS": [USER_2]}


def test_which_principals_are_new() -> None:
    """The key's own account is known; users, roles, other accounts and services may not be."""
    desired = DesiredPolicy(
        users=(USER, ROOT), services=("loging.s3.amazonaws.com",), allowed_accounts=("444455556666",)
    )
    before, after = policy(DEFAULT), merge_policy(policy(DEFAULT), desired, SCOPE)
    assert after is not None
    assert new_principals(before, after, SCOPE.account) == ("444455556666", USER, "loging.s3.amazonaws.com")
    assert new_principals(after, after, SCOPE.account) == ()
    assert new_principals(None, policy({**DEFAULT, "Principal": "*"}), SCOPE.account) == ()


def test_a_unique_id_is_always_a_new_principal() -> None:
    """Its user may have been deleted since the policy was written."""
    assert new_principals(policy(BACKUP), policy(BACKUP), SCOPE.account) == (DELETED_ID,)
