# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The policy language: validation, matching, evaluation and explanations."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealed_lab.policy_language import (
    Decision,
    Match,
    Policy,
    PolicyError,
    PolicyKind,
    Principal,
    PrincipalKind,
    Reason,
    Request,
    evaluate,
    explain,
    parse_policy,
    wildcard_match,
    would_lock_out,
)

ACCOUNT = "111111111111"
OTHER_ACCOUNT = "222222222222"
USER_ARN = f"arn:aws:iam::{ACCOUNT}:user/team/alice"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/path/writer"
SESSION_ARN = f"arn:aws:sts::{ACCOUNT}:assumed-role/writer/monday"
ROOT_ARN = f"arn:aws:iam::{ACCOUNT}:root"
STRANGER_ARN = f"arn:aws:iam::{OTHER_ACCOUNT}:user/mallory"
KEY_ARN = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
BUCKET_ARN = "arn:aws:s3:::records"

USER = Principal.from_arn(USER_ARN, unique_id="AIDAALICE0000000001")
SESSION = Principal.from_arn(SESSION_ARN, role_arn=ROLE_ARN, unique_id="AROAWRITER000000001")
ROOT = Principal.from_arn(ROOT_ARN)
STRANGER = Principal.from_arn(STRANGER_ARN)
SERVICE = Principal.service("logging.s3.amazonaws.com")
ANONYMOUS = Principal.anonymous()

SSE = "s3:x-amz-server-side-encryption"
NOTHING: tuple[Any, ...] = (None, [], "")
SSE_KEY = "s3:x-amz-server-side-encryption-aws-kms-key-id"
SSE_C = "s3:x-amz-server-side-encryption-customer-algorithm"

Json = dict[str, Any]
Conditions = Mapping[str, Mapping[str, Any]]


def document(*statements: Json, version: str | None = "2012-10-17") -> str:
    return json.dumps({**({"Version": version} if version else {}), "Statement": list(statements)})


def statement(effect: str = "Allow", **elements: Any) -> Json:
    return {"Effect": effect, "Action": "s3:*", "Resource": "*", **elements}


def identity(*statements: Json, version: str | None = "2012-10-17") -> Policy:
    return parse_policy(document(*statements, version=version), PolicyKind.IDENTITY)


def bucket_policy(*statements: Json) -> Policy:
    defaults = {"Principal": "*", "Action": "s3:*", "Resource": [BUCKET_ARN, f"{BUCKET_ARN}/*"], "Effect": "Allow"}
    return parse_policy(document(*({**defaults, **each} for each in statements)), PolicyKind.RESOURCE, bucket="records")


def key_policy(*statements: Json) -> Policy:
    defaults = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}
    return parse_policy(document(*({**defaults, **each} for each in statements)), PolicyKind.KEY)


ROOT_STATEMENT: Json = {"Sid": "Enable IAM User Permissions", "Principal": {"AWS": ROOT_ARN}}
IAM_KMS = identity(statement(Action="kms:*"))
IAM_S3 = identity(statement())


def put(principal: Principal = USER, account: str = ACCOUNT, **context: str) -> Request:
    keys = {"sse": SSE, "key": SSE_KEY, "customer": SSE_C}
    context_keys = {keys[name]: [value] for name, value in context.items()}
    return Request(principal, "s3:PutObject", f"{BUCKET_ARN}/a/b", account, context_keys)


def decrypt(principal: Principal = USER, **context: Sequence[str]) -> Request:
    keys = {"via": "kms:viaservice", "context": "kms:encryptioncontext:aws:s3:arn"}
    return Request(principal, "kms:Decrypt", KEY_ARN, ACCOUNT, {keys[name]: value for name, value in context.items()})


def condition_met(
    conditions: Conditions, context: Mapping[str, Sequence[str]], *, version: str | None = "2012-10-17"
) -> bool:
    policy = identity(statement(Condition=conditions), version=version)
    return evaluate(Request(USER, "s3:GetObject", f"{BUCKET_ARN}/k", ACCOUNT, context), [policy], None).allowed


# ------------------------------------------------------------------------------------------------ invalid documents

VALID: Json = {
    "Effect": "Allow",
    "Principal": {"AWS": ACCOUNT},
    "Action": "s3:GetObject",
    "Resource": f"{BUCKET_ARN}/*",
}


def without(base: Json, *names: str, **changes: Any) -> Json:
    return {**{name: value for name, value in base.items() if name not in names}, **changes}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (without(VALID, Effect="Maybe"), "Invalid effect"),
        (without(VALID, Effect="allow"), "Invalid effect"),
        (without(VALID, "Effect"), "Missing required field Effect"),
        (without(VALID, "Principal"), "Missing required field Principal"),
        (without(VALID, "Action"), "Missing required field Action"),
        (without(VALID, Action=[]), "Missing required field Action"),
        (without(VALID, "Resource"), "Missing required field Resource"),
        (without(VALID, Action="kms:Decrypt"), "invalid action"),
        (without(VALID, Action="GetObject"), "invalid action"),
        (without(VALID, Action=7), "Action"),
        (without(VALID, NotAction="s3:PutObject"), "NotAction"),
        (without(VALID, NotResource=BUCKET_ARN), "NotResource"),
        (without(VALID, NotPrincipal="*"), "NotPrincipal"),
        (without(VALID, "Principal", NotPrincipal={"AWS": ACCOUNT}), "NotPrincipal"),
        (without(VALID, Resource="arn:aws:s3:::other/*"), "invalid resource"),
        (without(VALID, Resource="arn:aws:s3:::records2/*"), "invalid resource"),
        (without(VALID, Resource=[f"{BUCKET_ARN}/*", "arn:aws:s3:::other/*"]), "invalid resource"),
        (without(VALID, Resource="*"), "invalid resource"),
        (without(VALID, Resource="records/*"), "invalid resource"),
        (without(VALID, Resource=BUCKET_ARN), "does not apply"),
        (without(VALID, Action=["s3:GetObject", "s3:ListBucket"]), "does not apply"),
        (without(VALID, Actions="s3:GetObject"), "Unknown field Actions"),
        (without(VALID, Sid=1), "Sid"),
        (without(VALID, Condition=[]), "Condition"),
        (without(VALID, Condition={"StringEqual": {SSE: "AES256"}}), "Invalid Condition type"),
        (without(VALID, Condition={"ForSomeValues:StringEquals": {SSE: "AES256"}}), "Invalid Condition type"),
        (without(VALID, Condition={":StringEquals": {SSE: "AES256"}}), "Invalid Condition type"),
        (without(VALID, Condition={"NullIfExists": {SSE: "true"}}), "Invalid Condition type"),
        (without(VALID, Condition={"StringEquals": "aws:kms"}), "condition keys"),
        (without(VALID, Condition={"StringEquals": {"encryption": "aws:kms"}}), "condition key"),
        (without(VALID, Condition={"StringEquals": {SSE: {"a": 1}}}), "StringEquals"),
        (without(VALID, Condition={"Null": {SSE: "perhaps"}}), "Null"),
        (without(VALID, Condition={"NumericLessThan": {"s3:max-keys": "ten"}}), "NumericLessThan"),
        (without(VALID, Condition={"NumericLessThan": {"s3:max-keys": "NaN"}}), "NumericLessThan"),
        (without(VALID, Condition={"DateLessThan": {"aws:CurrentTime": "soon"}}), "DateLessThan"),
        (without(VALID, Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/40"}}), "IpAddress"),
        (without(VALID, Condition={"BinaryEquals": {"aws:x": "???"}}), "BinaryEquals"),
    ],
)
def test_invalid_bucket_policies(changed: Json, message: str) -> None:
    assert parse_policy(document(VALID), PolicyKind.RESOURCE, bucket="records").statements
    with pytest.raises(PolicyError, match=message) as refused:
        parse_policy(document(changed), PolicyKind.RESOURCE, bucket="records")
    assert refused.value.error_code == "MalformedPolicy"


@pytest.mark.parametrize(
    "principal",
    [
        "alice",
        ACCOUNT,
        [USER_ARN],
        {},
        {"AWS": []},
        {"AWS": "alice"},
        {"AWS": "12345"},
        {"AWS": f"arn:aws:iam::{ACCOUNT}:user/*"},
        {"AWS": f"arn:aws:iam::{ACCOUNT}:group/admins"},
        {"AWS": f"arn:aws:iam::{ACCOUNT}:user/"},
        {"AWS": 111111111111},
        {"Aws": ACCOUNT},
        {"Service": "*"},
        {"Service": "s3"},
        {"CanonicalUser": "xyz"},
        {"Federated": "*"},
    ],
)
@pytest.mark.parametrize("kind", [PolicyKind.RESOURCE, PolicyKind.KEY])
def test_invalid_principals(principal: Any, kind: PolicyKind) -> None:
    action = "kms:*" if kind is PolicyKind.KEY else "s3:GetObject"
    with pytest.raises(PolicyError, match=r"invalid principals|Invalid principal") as refused:
        parse_policy(document(without(VALID, Principal=principal, Action=action)), kind)
    assert refused.value.error_code == kind.error_code


@pytest.mark.parametrize("kind", list(PolicyKind))
@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "[]",
        "1",
        "{}",
        '{"Version": "2012-10-17"}',
        '{"Version": "2012-10-17", "Statement": []}',
        '{"Version": "2012-10-17", "Statement": ["x"]}',
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Maybe"}]}',
        '{"Statement": [], "Statement": []}',
        "[" * 2000,
    ],
)
def test_invalid_documents(kind: PolicyKind, text: str) -> None:
    with pytest.raises(PolicyError) as refused:
        parse_policy(text, kind)
    assert refused.value.error_code == kind.error_code
    assert str(refused.value) == refused.value.message


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        (PolicyKind.IDENTITY, document(statement(), version="2012-10-18"), "valid version"),
        (PolicyKind.IDENTITY, document(statement(Principal="*")), "should not specify a principal"),
        (PolicyKind.IDENTITY, document(statement(NotPrincipal="*")), "should not specify a principal"),
        (PolicyKind.IDENTITY, document(without(statement(), "Action")), "must contain actions"),
        (PolicyKind.IDENTITY, document(without(statement(), "Resource")), "must contain resources"),
        (PolicyKind.IDENTITY, document(statement(Action="GetObject")), "vendor"),
        (PolicyKind.IDENTITY, document(statement(Resource="records")), "ARN format"),
        (PolicyKind.IDENTITY, document(statement(Sid="a b")), "alpha-numeric"),
        (PolicyKind.IDENTITY, document(statement(Sid="a"), statement(Sid="a")), "unique"),
        (PolicyKind.IDENTITY, document(statement(Extra=1)), "Syntax errors"),
        (
            PolicyKind.IDENTITY,
            document(statement(Resource="arn:aws:s3:::\u4e16")).encode().decode("unicode_escape"),
            "character",
        ),
        (PolicyKind.IDENTITY, '{"Id": 1, "Statement": {}}', "Id"),
        (PolicyKind.IDENTITY, '{"Comment": "x", "Statement": {}}', "Syntax errors"),
        (PolicyKind.TRUST, document({"Effect": "Allow", "Action": "sts:AssumeRole"}), "field Principal"),
        (PolicyKind.TRUST, document({"Effect": "Allow", "Principal": "*", "Action": "s3:*"}), "STS AssumeRole"),
        (PolicyKind.TRUST, document(statement(Principal="*", Action="sts:AssumeRole")), "prohibited field Resource"),
        (PolicyKind.TRUST, document({"Effect": "Deny", "NotPrincipal": "*", "Action": "sts:*"}), "NotPrincipal"),
        (
            PolicyKind.TRUST,
            document({"Effect": "Deny", "Principal": {"AWS": "x"}, "Action": "sts:*"}),
            "Invalid principal",
        ),
        (PolicyKind.KEY, document(statement(Action="kms:*")), "Missing required field Principal"),
        (PolicyKind.RESOURCE, document({**VALID, "Sid": "x" * 20480}), "Normalized policy document exceeds"),
    ],
)
def test_invalid_policies_of_other_kinds(kind: PolicyKind, text: str, message: str) -> None:
    with pytest.raises(PolicyError, match=message) as refused:
        parse_policy(text, kind)
    assert refused.value.error_code == kind.error_code


@pytest.mark.parametrize(
    ("kind", "code"), [(PolicyKind.KEY, "LimitExceededException"), (PolicyKind.TRUST, "LimitExceeded")]
)
def test_policy_beyond_its_quota_has_its_own_code(kind: PolicyKind, code: str) -> None:
    with pytest.raises(PolicyError) as refused:
        parse_policy(document({"Sid": "x" * 33000}), kind)
    assert refused.value.error_code == code


def test_accepted_forms() -> None:
    parsed = parse_policy(json.dumps({"Id": "x", "Statement": VALID}), PolicyKind.RESOURCE)
    assert (parsed.version, parsed.id, len(parsed.statements)) == ("2008-10-17", "x", 1)
    named = bucket_policy({"Principal": {"AWS": [USER_ARN, ACCOUNT, "AROAWRITER000000001"], "Service": SERVICE.arn}})
    assert named.named_principals() == (ACCOUNT, "AROAWRITER000000001", USER_ARN)
    assert bucket_policy({"Action": "*"}, {"Action": "s3:UnknownToUs"}, {"Resource": f"{BUCKET_ARN}*"})
    origin = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1ABC"
    assert bucket_policy({"Principal": {"AWS": origin}}, {"Principal": {"CanonicalUser": "a" * 64}})
    assert identity(statement(Condition={"Bool": {"aws:SecureTransport": True}, "NumericEquals": {"s3:max-keys": 5}}))


def test_repeated_element_is_refused() -> None:
    text = document(VALID)
    repeated = text.replace('"Effect": "Allow"', '"Effect": "Deny", "Effect": "Allow"')
    assert parse_policy(text, PolicyKind.RESOURCE).statements[0].allow
    with pytest.raises(PolicyError, match="Duplicate"):
        parse_policy(repeated, PolicyKind.RESOURCE)


@pytest.mark.parametrize(
    ("element", "changes"),
    [
        *((element, {element: value}) for element in ("Action", "Resource") for value in NOTHING),
        ("Resource", {"NotResource": "arn:aws:s3:::bucket"}),
    ],
)
def test_key_policy_statement_needs_action_and_resource(element: str, changes: dict[str, Any]) -> None:
    valid = statement(Principal="*", Action="kms:*")
    assert parse_policy(document(valid), PolicyKind.KEY)
    for invalid in (without(valid, element), {**without(valid, element), **changes}):
        with pytest.raises(PolicyError) as refused:
            parse_policy(document(invalid), PolicyKind.KEY)
        assert refused.value.error_code == "MalformedPolicyDocumentException"


# -------------------------------------------------------------------------------------------------------- wildcards


def reference_match(pattern: str, value: str) -> bool:
    """Return whether the value matches, by a table of the prefixes that match each other."""
    reachable = [True] + [False] * len(value)
    for policy_value in pattern:
        following = [reachable[0] and policy_value == "*"]
        for position, character in enumerate(value, 1):
            if policy_value == "*":
                following.append(reachable[position] or following[position - 1])
            else:
                following.append(reachable[position - 1] and policy_value in ("?", character))
        reachable = following
    return reachable[-1]


@given(pattern=st.text(alphabet="ab0*?${}.\n", max_size=12), value=st.text(alphabet="ab0*.\n", max_size=12))
@settings(max_examples=400, deadline=None)
def test_wildcards_match_like_the_reference(pattern: str, value: str) -> None:
    assert wildcard_match(pattern, value) == reference_match(pattern, value)


@given(value=st.text(alphabet="ab0*?:/.\n", max_size=10), data=st.data())
@settings(max_examples=100, deadline=None)
def test_pattern_derived_from_the_value_matches(value: str, data: st.DataObject) -> None:
    changes = [data.draw(st.sampled_from([character, "?", "*", character + "*"])) for character in value]
    assert wildcard_match("".join(changes), value)


def test_many_wildcards_are_fast() -> None:
    assert not wildcard_match("*a" * 60 + "b", "a" * 3000)


@pytest.mark.parametrize(
    ("pattern", "value", "agrees"),
    [
        ("arn:aws:s3:::records/*", "arn:aws:s3:::records/a", True),
        ("arn:aws:s3:::*", "arn:aws:s3:::records/a:b", True),
        ("arn:*:s3:::records/a", "arn:aws:s3:::records/a", True),
        ("arn:aws:*", "arn:aws:s3:::records/a", False),
        ("arn:aws:s3*:records/a", "arn:aws:s3:::records/a", False),
        ("arn:aws:iam::*:role/?riter", "arn:aws:iam::111111111111:role/writer", True),
        ("arn:aws:iam::*:role/writer", "not-an-arn", False),
        ("*", "arn:aws:s3:::records", True),
        ("arn:aws:s3:::Records", "arn:aws:s3:::records", False),
    ],
)
def test_arns_are_matched_part_by_part(pattern: str, value: str, agrees: bool) -> None:
    for operator, expected in (("ArnLike", agrees), ("ArnEquals", agrees), ("ArnNotLike", not agrees)):
        assert condition_met({operator: {"aws:SourceArn": pattern}}, {"aws:sourcearn": [value]}) == expected


# ------------------------------------------------------------------------------------------------------- conditions


@pytest.mark.parametrize(
    ("operator", "policy_value", "value", "expected"),
    [
        ("StringEquals", "aws:kms", "aws:kms", True),
        ("StringEquals", "aws:kms", "AWS:KMS", False),
        ("StringEquals", "aws:*", "aws:kms", False),
        ("StringEquals", ["AES256", "aws:kms"], "aws:kms", True),
        ("StringNotEquals", ["AES256", "aws:kms"], "aws:kms", False),
        ("StringNotEquals", ["AES256", "aws:kms"], "aws:kms:dsse", True),
        ("StringEqualsIgnoreCase", "aws:KMS", "AWS:kms", True),
        ("StringNotEqualsIgnoreCase", "aws:KMS", "AWS:kms", False),
        ("StringLike", "aws:kms*", "aws:kms:dsse", True),
        ("StringLike", "aws:km?", "aws:kms", True),
        ("StringNotLike", "aws:kms*", "aws:kms:dsse", False),
        ("NumericEquals", "5", "5.0", True),
        ("NumericNotEquals", 5, "6", True),
        ("NumericLessThan", "10", "9", True),
        ("NumericLessThan", "10", "10", False),
        ("NumericLessThanEquals", "10", "10", True),
        ("NumericGreaterThan", "10", "11", True),
        ("NumericGreaterThanEquals", "10", "9", False),
        ("NumericEquals", "5", "five", False),
        ("DateEquals", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", True),
        ("DateNotEquals", "2026-01-01", "2026-01-02", True),
        ("DateLessThan", "2026-01-01T00:00:00Z", "2025-12-31T23:59:59Z", True),
        ("DateLessThanEquals", "2026-01-01", "2026-01-01", True),
        ("DateGreaterThan", "1767225600", "2026-01-01T00:00:01Z", True),
        ("DateGreaterThanEquals", "2026-01-01", "2025-01-01", False),
        ("Bool", "true", "true", True),
        ("Bool", False, "true", False),
        ("BinaryEquals", "QmluYXJ5", "QmluYXJ5", True),
        ("BinaryEquals", "QmluYXJ5", "QmluYXJz", False),
        ("IpAddress", "203.0.113.0/24", "203.0.113.9", True),
        ("IpAddress", "203.0.113.0/24", "198.51.100.1", False),
        ("IpAddress", "203.0.113.0/24", "2001:db8::1", False),
        ("IpAddress", "2001:db8::/32", "2001:db8::1", True),
        ("NotIpAddress", "203.0.113.0/24", "198.51.100.1", True),
        ("Null", "true", "present", False),
        ("Null", "false", "present", True),
    ],
)
def test_operators(operator: str, policy_value: Any, value: str, expected: bool) -> None:
    assert condition_met({operator: {"AWS:Some-Key": policy_value}}, {"aws:some-key": [value]}) == expected
    if operator != "Null":
        assert (
            condition_met({f"{operator}IfExists": {"aws:some-key": policy_value}}, {"aws:some-key": [value]})
            == expected
        )
        assert condition_met({f"{operator}IfExists": {"aws:some-key": policy_value}}, {})
        assert condition_met({operator: {"aws:some-key": policy_value}}, {}) == ("Not" in operator)


@pytest.mark.parametrize("absent", [{}, {"aws:key": []}])
def test_null_operator(absent: Mapping[str, Sequence[str]]) -> None:
    assert condition_met({"Null": {"aws:Key": "true"}}, absent)
    assert not condition_met({"Null": {"aws:Key": "false"}}, absent)


@pytest.mark.parametrize(
    ("operator", "values", "expected"),
    [
        ("ForAllValues:StringEquals", ["a", "b"], True),
        ("ForAllValues:StringEquals", ["a", "c"], False),
        ("ForAllValues:StringEquals", [], True),
        ("ForAnyValue:StringEquals", ["c", "a"], True),
        ("ForAnyValue:StringEquals", ["c"], False),
        ("ForAnyValue:StringEquals", [], False),
        ("ForAnyValue:StringEqualsIfExists", [], True),
        ("ForAllValues:StringNotEquals", ["c", "d"], True),
        ("ForAllValues:StringNotEquals", ["c", "a"], False),
        ("ForAnyValue:StringNotEquals", ["c", "a"], True),
        ("ForAnyValue:StringNotEquals", ["a", "b"], False),
        ("ForAnyValue:StringNotEquals", [], False),
        ("StringNotEquals", ["c", "a"], False),
        ("StringEquals", ["c", "a"], True),
    ],
)
def test_set_operators(operator: str, values: list[str], expected: bool) -> None:
    assert (
        condition_met({operator: {"kms:EncryptionContextKeys": ["a", "b"]}}, {"kms:encryptioncontextkeys": values})
        == expected
    )


def test_every_key_and_every_operator_must_be_met() -> None:
    both: Conditions = {"StringEquals": {"aws:a": "1", "aws:b": "2"}, "Null": {"aws:c": "true"}}
    assert condition_met(both, {"aws:a": ["1"], "aws:b": ["2"]})
    assert not condition_met(both, {"aws:a": ["1"], "aws:b": ["3"]})
    assert not condition_met(both, {"aws:a": ["1"], "aws:b": ["2"], "aws:c": ["4"]})


@pytest.mark.parametrize(
    ("operator", "policy_value", "value", "expected"),
    [
        ("StringEquals", "home/${aws:username}", "home/alice", True),
        ("StringEquals", "${AWS:UserName}", "alice", True),
        ("StringEqualsIgnoreCase", "${aws:username}", "ALICE", True),
        ("StringLike", "${aws:username}/*", "alice/x", True),
        ("StringLike", "${aws:star}", "anything", False),
        ("StringLike", "${aws:star}", "*", True),
        ("StringLike", "${*}x", "*x", True),
        ("StringLike", "${*}x", "ax", False),
        ("StringEquals", "${?}${$}", "?$", True),
        ("StringEquals", "${aws:missing}", "", False),
        ("StringNotEquals", "${aws:missing}", "x", True),
        ("StringEquals", "${aws:missing, 'everyone'}", "everyone", True),
        ("StringEquals", "${aws:username, 'everyone'}", "alice", True),
        ("StringEquals", "${aws:many}", "1", False),
        ("ArnLike", "arn:aws:iam::${aws:PrincipalAccount}:role/*", ROLE_ARN, True),
        ("ArnLike", "${aws:PrincipalArn}", USER_ARN, True),
    ],
)
def test_policy_variables(operator: str, policy_value: str, value: str, expected: bool) -> None:
    context = {"aws:key": [value], "aws:star": ["*"], "aws:many": ["1", "2"]}
    assert condition_met({operator: {"aws:key": policy_value}}, context) == expected


def test_policy_variables_require_the_later_version() -> None:
    assert condition_met(
        {"StringEquals": {"aws:key": "${aws:username}"}}, {"aws:key": ["${aws:username}"]}, version=None
    )
    assert not condition_met(
        {"StringEquals": {"aws:key": "${aws:username}"}}, {"aws:key": ["alice"]}, version="2008-10-17"
    )


# ---------------------------------------------------------------------------------------------- actions, resources


@pytest.mark.parametrize(
    ("elements", "allowed"),
    [
        ({"Action": "s3:PutObject"}, True),
        ({"Action": "S3:putobject"}, True),
        ({"Action": "s3:Put*"}, True),
        ({"Action": "s3:PutObjec?"}, True),
        ({"Action": "*"}, True),
        ({"Action": ["s3:GetObject", "kms:*"]}, False),
        ({"NotAction": "s3:GetObject"}, True),
        ({"NotAction": ["s3:Put*", "kms:*"]}, False),
        ({"Resource": f"{BUCKET_ARN}/*"}, True),
        ({"Resource": f"{BUCKET_ARN}/a/?"}, True),
        ({"Resource": BUCKET_ARN}, False),
        ({"Resource": "arn:aws:s3:::Records/*"}, False),
        ({"Resource": ["arn:aws:s3:::other/*", "arn:aws:s3:::rec*"]}, True),
        ({"Resource": "arn:aws:s3:::${aws:missing}/*"}, False),
        ({"NotResource": "arn:aws:s3:::other/*"}, True),
        ({"NotResource": f"{BUCKET_ARN}/*"}, False),
    ],
)
def test_actions_and_resources(elements: Json, allowed: bool) -> None:
    expected_elements = statement(**elements)
    for name, opposite in (("Action", "NotAction"), ("Resource", "NotResource")):
        if opposite in elements:
            del expected_elements[name]
    assert evaluate(put(), [identity(expected_elements)], None).allowed == allowed


# ------------------------------------------------------------------------------------------------------- principals


@pytest.mark.parametrize(
    ("element", "matches"),
    [
        ("*", "DDDDDD"),
        ({"AWS": "*"}, "DDDDDD"),
        ({"AWS": ACCOUNT}, "AAD---"),
        ({"AWS": ROOT_ARN}, "AAD---"),
        ({"AWS": [ROOT_ARN, USER_ARN]}, "DAD---"),
        ({"AWS": USER_ARN}, "D-----"),
        ({"AWS": ROLE_ARN}, "-D----"),
        ({"AWS": SESSION_ARN}, "-D----"),
        ({"AWS": SESSION_ARN + "2"}, "------"),
        ({"AWS": "AIDAALICE0000000001"}, "D-----"),
        ({"AWS": "AROAWRITER000000001"}, "-D----"),
        ({"Service": SERVICE.arn}, "----D-"),
        ({"Service": ["s3.amazonaws.com"], "AWS": OTHER_ACCOUNT}, "---A--"),
    ],
)
def test_principals(element: Any, matches: str) -> None:
    """The letters are for the user, the session, the root user, another account, the service, and no signature."""
    principal = key_policy({"Principal": element}).statements[0].principal
    assert principal is not None
    words = {"-": Match.NONE, "A": Match.ACCOUNT, "D": Match.DIRECT}
    everyone = (USER, SESSION, ROOT, STRANGER, SERVICE, ANONYMOUS)
    expected = [words[letter] for letter in matches]
    assert [principal.match(each) for each in everyone] == expected


@pytest.mark.parametrize(
    ("exempt", "names"),
    [
        (set(), [USER_ARN]),
        ({ROOT_ARN}, [ROOT_ARN]),
        ({ROOT_ARN, USER_ARN}, [ROOT_ARN, USER_ARN]),
        ({ROOT_ARN}, [ROOT_ARN, ROLE_ARN]),
        ({ROOT_ARN, SESSION_ARN}, [ACCOUNT, ROLE_ARN, SESSION_ARN]),
    ],
)
def test_not_principal_exempts_a_requester_named_with_its_account(exempt: set[str], names: list[str]) -> None:
    text = document(
        {"Effect": "Deny", "NotPrincipal": {"AWS": names}, "Action": "s3:*", "Resource": f"{BUCKET_ARN}/*"},
    )
    policy = parse_policy(text, PolicyKind.RESOURCE, bucket="records")
    allowed = {each.arn for each in (USER, SESSION, ROOT) if evaluate(put(each), [IAM_S3], policy).allowed}
    assert allowed == exempt
    assert evaluate(put(ANONYMOUS), [], policy).reason is Reason.EXPLICIT_DENY_RESOURCE


def test_kinds_of_requesters() -> None:
    kinds = [each.kind.name for each in (USER, SESSION, ROOT, SERVICE, ANONYMOUS)]
    assert kinds == ["USER", "ROLE_SESSION", "ROOT", "SERVICE", "ANONYMOUS"]
    assert Principal.from_arn(SESSION_ARN).role_arn == f"arn:aws:iam::{ACCOUNT}:role/writer"
    assert USER.context()["aws:username"] == ["alice"]
    assert SESSION.context()["aws:principalarn"] == [ROLE_ARN]
    assert SESSION.context()["aws:userid"] == ["AROAWRITER000000001:monday"]
    assert "aws:username" not in SESSION.context()
    assert ROOT.context()["aws:userid"] == [ACCOUNT]
    assert SERVICE.context()["aws:principalservicename"] == [SERVICE.arn]
    assert "aws:principalaccount" not in ANONYMOUS.context()
    china = Principal.from_arn(f"arn:aws-cn:iam::{ACCOUNT}:user/alice")
    assert china.root_arn == f"arn:aws-cn:iam::{ACCOUNT}:root"
    assert china.kind is PrincipalKind.USER


# -------------------------------------------------------------------------------------------------------- decisions


@pytest.mark.parametrize(
    ("principal", "policies", "resource", "reason"),
    [
        (USER, [], None, Reason.NO_IDENTITY_ALLOW),
        (USER, [IAM_S3], None, Reason.ALLOWED),
        (USER, [], {"Principal": {"AWS": USER_ARN}}, Reason.ALLOWED),
        (USER, [], {"Principal": "*"}, Reason.ALLOWED),
        (USER, [], {"Principal": {"AWS": ACCOUNT}}, Reason.NO_IDENTITY_ALLOW),
        (USER, [IAM_S3], {"Principal": {"AWS": ACCOUNT}, "Effect": "Deny"}, Reason.EXPLICIT_DENY_RESOURCE),
        (USER, [IAM_S3, identity(statement("Deny"))], {}, Reason.EXPLICIT_DENY_IDENTITY),
        (SESSION, [], {"Principal": {"AWS": ROLE_ARN}}, Reason.ALLOWED),
        (ROOT, [], None, Reason.ALLOWED),
        (ROOT, [], {"Effect": "Deny"}, Reason.EXPLICIT_DENY_RESOURCE),
        (STRANGER, [IAM_S3], None, Reason.NO_RESOURCE_ALLOW),
        (STRANGER, [IAM_S3], {"Principal": {"AWS": ACCOUNT}}, Reason.NO_RESOURCE_ALLOW),
        (STRANGER, [], {"Principal": {"AWS": STRANGER_ARN}}, Reason.NO_IDENTITY_ALLOW),
        (STRANGER, [IAM_S3], {"Principal": {"AWS": STRANGER_ARN}}, Reason.ALLOWED),
        (STRANGER, [IAM_S3], {"Principal": {"AWS": OTHER_ACCOUNT}}, Reason.ALLOWED),
        (
            Principal.from_arn(f"arn:aws:iam::{OTHER_ACCOUNT}:root"),
            [],
            {"Principal": {"AWS": OTHER_ACCOUNT}},
            Reason.ALLOWED,
        ),
        (SERVICE, [], {"Principal": {"Service": SERVICE.arn}}, Reason.ALLOWED),
        (SERVICE, [], {"Principal": {"AWS": ACCOUNT}}, Reason.NO_RESOURCE_ALLOW),
        (ANONYMOUS, [], {"Principal": "*"}, Reason.ALLOWED),
        (ANONYMOUS, [], None, Reason.NO_RESOURCE_ALLOW),
    ],
)
def test_decisions_on_a_bucket(
    principal: Principal, policies: list[Policy], resource: Json | None, reason: Reason
) -> None:
    policy = None if resource is None else bucket_policy(resource)
    assert evaluate(put(principal), policies, policy).reason is reason


@pytest.mark.parametrize(
    ("principal", "policies", "statements", "reason"),
    [
        (USER, [IAM_KMS], [ROOT_STATEMENT], Reason.ALLOWED),
        (USER, [], [ROOT_STATEMENT], Reason.NO_IDENTITY_ALLOW),
        (USER, [IAM_KMS], [{"Principal": {"AWS": ROLE_ARN}}], Reason.NO_RESOURCE_ALLOW),
        (USER, [], [{"Principal": {"AWS": USER_ARN}}], Reason.ALLOWED),
        (USER, [IAM_KMS], [{**ROOT_STATEMENT, "Action": "kms:Describe*"}], Reason.NO_RESOURCE_ALLOW),
        (USER, [IAM_KMS], [ROOT_STATEMENT, {"Effect": "Deny", "Principal": "*"}], Reason.EXPLICIT_DENY_RESOURCE),
        (SESSION, [], [{"Principal": {"AWS": ROLE_ARN}}], Reason.ALLOWED),
        (ROOT, [], [ROOT_STATEMENT], Reason.ALLOWED),
        (ROOT, [], [{"Principal": {"AWS": USER_ARN}}], Reason.NO_RESOURCE_ALLOW),
        (STRANGER, [IAM_KMS], [ROOT_STATEMENT], Reason.NO_RESOURCE_ALLOW),
        (STRANGER, [IAM_KMS], [{"Principal": {"AWS": "*"}}], Reason.ALLOWED),
        (STRANGER, [], [{"Principal": {"AWS": STRANGER_ARN}}], Reason.NO_IDENTITY_ALLOW),
        (SERVICE, [], [{"Principal": {"Service": SERVICE.arn}}], Reason.ALLOWED),
        (SERVICE, [], [ROOT_STATEMENT], Reason.NO_RESOURCE_ALLOW),
    ],
)
def test_decisions_on_a_key(
    principal: Principal, policies: list[Policy], statements: list[Json], reason: Reason
) -> None:
    decision = evaluate(decrypt(principal), policies, key_policy(*statements), key_policy=True)
    assert decision.reason is reason
    assert evaluate(decrypt(principal), policies, key_policy(*statements)) == decision


def test_sid_is_that_of_the_deciding_statement() -> None:
    identity_statements = {"Principal": {"AWS": USER_ARN}}
    policy = key_policy(
        ROOT_STATEMENT, {**identity_statements, "Sid": "First"}, {**identity_statements, "Sid": "Second"}
    )
    assert evaluate(decrypt(), [], policy).sid == "First"
    repeated = [identity(statement("Deny", Sid="One"), statement("Deny", Sid="Two"))]
    assert evaluate(decrypt(), repeated, policy).allowed
    assert evaluate(put(), repeated, None).sid == "One"


def test_key_without_a_policy_is_denied() -> None:
    assert evaluate(decrypt(), [IAM_KMS], None, key_policy=True).reason is Reason.NO_RESOURCE_ALLOW


def test_assume_role_requires_the_trust_policy() -> None:
    request = Request(USER, "sts:AssumeRole", ROLE_ARN, ACCOUNT)
    may_assume = identity(statement(Action="sts:AssumeRole"))

    def trust(principal: Any) -> Policy:
        return parse_policy(
            document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}), PolicyKind.TRUST
        )

    assert evaluate(request, [], trust({"AWS": USER_ARN})).allowed
    assert evaluate(request, [may_assume], trust({"AWS": ACCOUNT})).allowed
    assert evaluate(request, [], trust({"AWS": ACCOUNT})).reason is Reason.NO_IDENTITY_ALLOW
    assert evaluate(request, [may_assume], trust({"Service": "ec2.amazonaws.com"})).reason is Reason.NO_RESOURCE_ALLOW


def test_permission_through_s3_only() -> None:
    policy = key_policy(
        {
            "Sid": "ThroughS3",
            "Principal": {"AWS": USER_ARN},
            "Action": ["kms:GenerateDataKey*", "kms:Decrypt"],
            "Condition": {
                "StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com", "kms:CallerAccount": ACCOUNT},
                "ArnLike": {"kms:EncryptionContext:aws:s3:arn": [BUCKET_ARN, f"{BUCKET_ARN}/*"]},
            },
        }
    )
    through_s3 = decrypt(via=["s3.eu-west-1.amazonaws.com"], context=[f"{BUCKET_ARN}/k"])
    assert evaluate(through_s3, [], policy) == Decision(Reason.ALLOWED, "ThroughS3")
    assert evaluate(decrypt(via=["s3.eu-west-1.amazonaws.com"], context=[BUCKET_ARN]), [], policy).allowed
    assert not evaluate(decrypt(), [], policy).allowed
    assert not evaluate(decrypt(via=["s3.eu-west-1.amazonaws.com"], context=["arn:aws:s3:::other"]), [], policy).allowed
    assert not evaluate(decrypt(via=["s3.us-east-1.amazonaws.com"], context=[BUCKET_ARN]), [], policy).allowed


def test_service_for_one_account() -> None:
    condition = {"StringEquals": {"aws:SourceAccount": ACCOUNT}, "ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}}
    policy = key_policy({"Principal": {"Service": SERVICE.arn}, "Condition": condition})
    for account, allowed in ((ACCOUNT, True), (OTHER_ACCOUNT, False)):
        context = {"aws:sourceaccount": [account], "aws:sourcearn": [BUCKET_ARN]}
        request = Request(SERVICE, "kms:GenerateDataKey", KEY_ARN, ACCOUNT, context)
        assert evaluate(request, [], policy).allowed == allowed


@pytest.mark.parametrize(
    ("request_", "sid"),
    [
        (put(sse="aws:kms", key=KEY_ARN), ""),
        (put(sse="aws:kms", key=KEY_ARN + "x"), "WrongKey"),
        (put(sse="AES256"), "NotS3"),
        (put(customer="AES256"), "NotCustomer"),
        (put(), ""),
    ],
)
def test_bucket_policy_that_requires_a_key(request_: Request, sid: str) -> None:
    deny = {"Effect": "Deny", "Action": "s3:PutObject", "Resource": f"{BUCKET_ARN}/*"}
    policy = bucket_policy(
        {
            **deny,
            "Sid": "WrongKey",
            "Condition": {"StringNotEquals": {SSE_KEY: KEY_ARN}, "Null": {SSE_KEY: "false"}},
        },
        {**deny, "Sid": "NotCustomer", "Condition": {"Null": {SSE_C: "false"}}},
        {**deny, "Sid": "NotS3", "Condition": {"StringEquals": {SSE: "AES256"}}},
    )
    decision = evaluate(request_, [IAM_S3], policy)
    assert (decision.allowed, decision.sid) == (not sid, sid)


@pytest.mark.parametrize(
    ("action", "allowed"),
    [
        ("s3:GetBucketPolicy", True),
        ("s3:PutBucketPolicy", True),
        ("s3:DeleteBucketPolicy", True),
        ("s3:ListBucket", False),
    ],
)
def test_owner_can_always_repair_a_bucket_policy(action: str, allowed: bool) -> None:
    policy = bucket_policy({"Effect": "Deny"})
    assert evaluate(Request(ROOT, action, BUCKET_ARN, ACCOUNT), [], policy).allowed == allowed
    assert not evaluate(Request(USER, action, BUCKET_ARN, ACCOUNT), [IAM_S3], policy).allowed
    other_root = Principal.from_arn(f"arn:aws:iam::{OTHER_ACCOUNT}:root")
    open_but_denied = bucket_policy({}, {"Effect": "Deny"})
    assert not evaluate(Request(other_root, action, BUCKET_ARN, ACCOUNT), [], open_but_denied).allowed


def test_anonymous_requests_are_of_no_known_kind() -> None:
    """A Deny that exempts services with ``Bool`` does not apply to them, with ``BoolIfExists`` it does."""
    assert "aws:principalisawsservice" not in ANONYMOUS.context()
    for operator, allowed in (("Bool", True), ("BoolIfExists", False)):
        everyone = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
        condition = {operator: {"aws:PrincipalIsAWSService": "false"}}
        statements = [everyone, {**everyone, "Effect": "Deny", "Condition": condition}]
        text = json.dumps({"Version": "2012-10-17", "Statement": statements})
        policy = parse_policy(text, PolicyKind.RESOURCE, bucket="b")
        request = Request(ANONYMOUS, "s3:GetObject", "arn:aws:s3:::b/a", ACCOUNT)
        assert evaluate(request, [], policy).allowed is allowed


def test_condition_keys_that_follow_from_the_request() -> None:
    context = decrypt().condition_context()
    assert context["kms:calleraccount"] == [ACCOUNT]
    assert context["aws:resourceaccount"] == [ACCOUNT]
    assert "kms:calleraccount" not in put().condition_context()
    overridden = Request(USER, "kms:Decrypt", KEY_ARN, ACCOUNT, {"kms:calleraccount": [OTHER_ACCOUNT]})
    assert overridden.condition_context()["kms:calleraccount"] == [OTHER_ACCOUNT]


@pytest.mark.parametrize(
    ("reason", "ending", "simulated"),
    [
        (Reason.NO_IDENTITY_ALLOW, "because no identity-based policy allows the kms:Decrypt action", "implicitDeny"),
        (Reason.NO_RESOURCE_ALLOW, "because no resource-based policy allows the kms:Decrypt action", "implicitDeny"),
        (Reason.EXPLICIT_DENY_IDENTITY, "with an explicit deny in an identity-based policy", "explicitDeny"),
        (Reason.EXPLICIT_DENY_RESOURCE, "with an explicit deny in a resource-based policy", "explicitDeny"),
    ],
)
def test_explanations(reason: Reason, ending: str, simulated: str) -> None:
    start = f"User: {USER_ARN} is not authorized to perform: kms:Decrypt on resource: {KEY_ARN} "
    assert explain(Decision(reason), decrypt()) == start + ending
    assert Decision(reason).simulated == simulated


def test_explanation_quotes_s3_resources_and_names_allowed_requests() -> None:
    assert f'on resource: "{BUCKET_ARN}/a/b" because' in explain(Decision(Reason.NO_IDENTITY_ALLOW), put())
    assert "is authorized to perform" in explain(Decision(Reason.ALLOWED), put())
    assert Decision(Reason.ALLOWED).simulated == "allowed"


# ---------------------------------------------------------------------------------------------------------- lockout


@pytest.mark.parametrize(
    ("statements", "caller", "policies", "locked_out"),
    [
        ([ROOT_STATEMENT], USER, None, False),
        ([ROOT_STATEMENT], USER, [IAM_KMS], False),
        ([ROOT_STATEMENT], USER, [], True),
        ([ROOT_STATEMENT], ROOT, None, False),
        ([{"Principal": {"AWS": USER_ARN}}], USER, [], False),
        ([{"Principal": {"AWS": USER_ARN}}], SESSION, None, True),
        ([{"Principal": {"AWS": USER_ARN}}], ROOT, None, True),
        ([{"Principal": {"AWS": "*"}}], USER, [], False),
        ([{"Principal": {"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:root"}, "Action": "kms:Encrypt"}], USER, None, True),
        ([{**ROOT_STATEMENT, "Action": ["kms:Create*", "kms:Describe*"]}], USER, None, True),
        ([{**ROOT_STATEMENT, "Action": ["kms:Put*"]}], USER, None, False),
        ([ROOT_STATEMENT, {"Effect": "Deny", "Principal": "*", "Action": "kms:PutKeyPolicy"}], USER, None, True),
        (
            [{**ROOT_STATEMENT, "Condition": {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}}],
            USER,
            None,
            True,
        ),
        ([{**ROOT_STATEMENT, "Condition": {"StringEquals": {"kms:CallerAccount": ACCOUNT}}}], USER, None, False),
        ([{"Principal": {"AWS": "*"}}], STRANGER, None, True),
    ],
)
def test_lockout_check(
    statements: list[Json], caller: Principal, policies: list[Policy] | None, locked_out: bool
) -> None:
    assert would_lock_out(key_policy(*statements), caller, ACCOUNT, policies) == locked_out


def test_lockout_check_uses_the_key_and_the_context() -> None:
    identity_statements = key_policy({"Principal": {"AWS": USER_ARN}, "Resource": KEY_ARN})
    assert would_lock_out(identity_statements, USER, ACCOUNT, [])
    assert not would_lock_out(identity_statements, USER, ACCOUNT, [], key_arn=KEY_ARN)
    from_office = key_policy({**ROOT_STATEMENT, "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}})
    assert would_lock_out(from_office, USER, ACCOUNT, None)
    assert not would_lock_out(from_office, USER, ACCOUNT, None, context={"aws:sourceip": ["203.0.113.7"]})


# ------------------------------------------------------------------------------------------------------- properties

PRINCIPALS = st.sampled_from([USER, SESSION, ROOT, STRANGER, SERVICE, ANONYMOUS])
ELEMENTS = st.sampled_from(
    [
        "*",
        {"AWS": ACCOUNT},
        {"AWS": USER_ARN},
        {"AWS": [ROLE_ARN, OTHER_ACCOUNT]},
        {"AWS": STRANGER_ARN},
        {"Service": SERVICE.arn},
    ]
)
GLOBAL_CONDITIONS = st.sampled_from([{}, {"StringLike": {"aws:PrincipalArn": "*alice"}}])
CONDITIONS = GLOBAL_CONDITIONS | st.sampled_from(
    [{"StringEquals": {SSE: "aws:kms"}}, {"StringNotEqualsIfExists": {SSE: "aws:kms"}}, {"Null": {SSE: "true"}}]
)
ACTIONS = st.sampled_from(["s3:*", "s3:PutObject", ["s3:GetObject", "s3:Put*"], "s3:Get*"])
SETTINGS = st.sampled_from([{}, {"sse": "aws:kms"}, {"sse": "AES256"}])


@st.composite
def statements(draw: st.DrawFn, *, principal: bool, effects: Sequence[str] = ("Allow", "Deny")) -> Json:
    actions = draw(ACTIONS)
    # A bucket policy cannot have a condition on a key that one of its actions does not have.
    has_encryption = not principal or actions in ("s3:*", "s3:PutObject")
    generated: Json = {
        "Effect": draw(st.sampled_from(effects)),
        "Action": actions,
        "Resource": f"{BUCKET_ARN}/*",
        "Condition": draw(CONDITIONS if has_encryption else GLOBAL_CONDITIONS),
    }
    if principal:
        generated["Principal"] = draw(ELEMENTS)
    return generated


def draw_statements(draw: st.DataObject) -> tuple[list[Json], list[Json]]:
    identity_statements = draw.draw(st.lists(statements(principal=False), min_size=1, max_size=3))
    resource_statements = draw.draw(st.lists(statements(principal=True), min_size=1, max_size=3))
    return identity_statements, resource_statements


@given(data=st.data(), principal=PRINCIPALS, context=SETTINGS)
@settings(max_examples=150, deadline=None)
def test_applicable_deny_always_wins(data: st.DataObject, principal: Principal, context: dict[str, str]) -> None:
    identity_statements, resource_statements = draw_statements(data)
    request = put(principal, **context)
    deny: Json = {"Effect": "Deny", "Action": "s3:Put*", "Resource": f"{BUCKET_ARN}/*"}
    position = data.draw(st.integers(0, len(identity_statements)))
    by_identity = evaluate(
        request,
        [identity(*identity_statements[:position], deny, *identity_statements[position:])],
        bucket_policy(*resource_statements),
    )
    assert by_identity.reason is Reason.EXPLICIT_DENY_IDENTITY
    position = data.draw(st.integers(0, len(resource_statements)))
    denied = bucket_policy(*resource_statements[:position], {**deny, "Principal": "*"}, *resource_statements[position:])
    assert evaluate(request, [], denied).reason is Reason.EXPLICIT_DENY_RESOURCE
    assert not evaluate(request, [identity(*identity_statements)], denied).allowed


@given(data=st.data(), principal=PRINCIPALS, context=SETTINGS)
@settings(max_examples=150, deadline=None)
def test_additional_allow_never_denies(data: st.DataObject, principal: Principal, context: dict[str, str]) -> None:
    identity_statements, resource_statements = draw_statements(data)
    request = put(principal, **context)
    more_identity_statements = data.draw(statements(principal=False, effects=["Allow"]))
    more_resource_statements = data.draw(statements(principal=True, effects=["Allow"]))
    before = evaluate(request, [identity(*identity_statements)], bucket_policy(*resource_statements))
    for after in (
        evaluate(
            request, [identity(*identity_statements, more_identity_statements)], bucket_policy(*resource_statements)
        ),
        evaluate(
            request,
            [identity(*identity_statements), identity(more_identity_statements)],
            bucket_policy(*resource_statements),
        ),
        evaluate(
            request, [identity(*identity_statements)], bucket_policy(more_resource_statements, *resource_statements)
        ),
    ):
        assert after.allowed or not before.allowed
        assert (after.simulated == "explicitDeny") == (before.simulated == "explicitDeny")


@given(data=st.data(), principal=PRINCIPALS, context=SETTINGS)
@settings(max_examples=100, deadline=None)
def test_order_and_number_of_policies_do_not_matter(
    data: st.DataObject, principal: Principal, context: dict[str, str]
) -> None:
    identity_statements, resource_statements = draw_statements(data)
    request = put(principal, **context)
    expected_reason = evaluate(request, [identity(*identity_statements)], bucket_policy(*resource_statements)).reason
    shuffled = data.draw(st.permutations(identity_statements))
    split_policies = [identity(each) for each in shuffled]
    assert (
        evaluate(request, split_policies, bucket_policy(*data.draw(st.permutations(resource_statements)))).reason
        is expected_reason
    )


@given(
    value=st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.text(max_size=5)
        | st.sampled_from(["Allow", "*", "s3:*", ACCOUNT]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["AWS", "StringEquals", "aws:x", "Effect"]), inner, max_size=3)
        ),
        max_leaves=6,
    ),
    element=st.sampled_from(["Sid", "Effect", "Principal", "NotPrincipal", "Action", "Resource", "Condition"]),
    kind=st.sampled_from(list(PolicyKind)),
)
@settings(max_examples=300, deadline=None)
def test_any_json_is_parsed_or_refused(value: Any, element: str, kind: PolicyKind) -> None:
    bases = {
        PolicyKind.IDENTITY: statement(),
        PolicyKind.RESOURCE: VALID,
        PolicyKind.KEY: statement(Principal="*", Action="kms:*"),
        PolicyKind.TRUST: {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"},
    }
    try:
        policy = parse_policy(json.dumps({"Version": "2012-10-17", "Statement": {**bases[kind], element: value}}), kind)
    except PolicyError:
        return
    identity_statements = kind is PolicyKind.IDENTITY
    evaluate(put(), [policy] if identity_statements else [], None if identity_statements else policy)
