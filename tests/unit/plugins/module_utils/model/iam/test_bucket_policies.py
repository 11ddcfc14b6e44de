# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Bucket policies in the forms that accounts have: read, compared and measured as S3 does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.statements import meaning
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.iam.policy_document import (
    comparable,
    differing_statements,
    parse_policy,
    same_policy,
    statements,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.iam.policy_kind import BUCKET_POLICY
from ansible_collections.sealed.s3.plugins.module_utils.model.iam.policy_principals import remove_principals, unique_ids
from ansible_collections.sealed.s3.plugins.module_utils.model.iam.policy_size import fit_policy
from ansible_collections.sealed.s3.plugins.module_utils.model.iam.public_access import public_statements

ACCOUNT = "111122223333"
BUCKET = "arn:aws:s3:::orders"
DELETED = "AROAEXAMPLEDELETED123"
TLS: dict[str, Any] = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": [BUCKET, f"{BUCKET}/*"],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


def policy(*found: dict[str, Any], **more: Any) -> str:
    return json.dumps({"Version": "2012-10-17", **more, "Statement": list(found)})


def allow(principal: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": f"{BUCKET}/*", **more}


def when(operator: str, key: str, *values: str) -> dict[str, Any]:
    return {"Condition": {operator: {key: list(values)}}}


SHAPES = {
    "no Version": json.dumps({"Statement": [TLS]}),
    "an old Version": json.dumps({"Version": "2008-10-17", "Statement": [TLS]}),
    "an Id": policy(TLS, Id="Policy1415115909152"),
    "one statement without a list": json.dumps({"Version": "2012-10-17", "Statement": TLS}),
    "an empty Sid": policy({**TLS, "Sid": ""}),
    "a Sid twice": policy({**TLS, "Sid": "One"}, {**allow({"AWS": ACCOUNT}), "Sid": "One"}),
    "a Sid with spaces": policy({**TLS, "Sid": "only TLS - *"}),
    "the other star": policy({**TLS, "Principal": {"AWS": "*"}}),
    "a boolean": policy({**TLS, "Condition": {"Bool": {"aws:SecureTransport": False}}}),
    "a number": policy({**TLS, "Condition": {"NumericLessThan": {"s3:TlsVersion": 1.2}}}),
    "no condition": policy({**TLS, "Condition": {}}),
    "NotResource": policy({**{k: v for k, v in TLS.items() if k != "Resource"}, "NotResource": f"{BUCKET}/public/*"}),
    "NotAction": policy({**{k: v for k, v in TLS.items() if k != "Action"}, "NotAction": ["s3:GetObject"]}),
    "NotPrincipal": policy({**{k: v for k, v in TLS.items() if k != "Principal"}, "NotPrincipal": {"AWS": ACCOUNT}}),
    "a canonical user": policy(
        allow({"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"})
    ),
    "a federated user": policy(allow({"Federated": "cognito-identity.amazonaws.com"})),
    "a service": policy(allow({"Service": "cloudtrail.amazonaws.com"})),
    "all types": policy(allow({"AWS": [ACCOUNT, DELETED], "Service": ["a.amazonaws.com"], "Federated": "x"})),
}


@pytest.mark.parametrize("text", SHAPES.values(), ids=SHAPES)
def test_every_real_shape_is_read_and_kept(text: str) -> None:
    """As it is: nothing of the document is lost, and it has the meaning of itself."""
    assert parse_policy(text, BUCKET_POLICY) == json.loads(text)
    assert same_policy(text, text, BUCKET_POLICY)
    assert differing_statements(text, text, BUCKET_POLICY) == ()
    assert fit_policy(text, BUCKET_POLICY) == text
    found = parse_policy(text, BUCKET_POLICY)
    assert remove_principals(found, ()) == {**found, "Statement": statements(found)}


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ({"Sid": ""}, {}),
        ({"Principal": {"AWS": "*"}}, {}),
        ({"Principal": {"AWS": ["*"]}}, {}),
        ({"Condition": {"Bool": {"aws:SecureTransport": False}}}, {}),
        ({"Condition": {"Bool": {"AWS:securetransport": ["false"]}}}, {}),
        ({"Resource": [f"{BUCKET}/*", BUCKET]}, {}),
        ({"Action": ["S3:*"]}, {}),
        ({"Condition": {}}, {"Condition": None}),
        ({"Condition": {"Bool": {}}}, {"Condition": None}),
        ({"Principal": {"AWS": ACCOUNT}}, {"Principal": {"AWS": [f"arn:aws:iam::{ACCOUNT}:root"]}}),
        (
            {"Condition": {"NumericLessThan": {"s3:TlsVersion": 1.2}}},
            {"Condition": {"NumericLessThan": {"s3:TlsVersion": ["1.2"]}}},
        ),
    ],
)
def test_forms_of_one_meaning_are_equal(left: dict[str, Any], right: dict[str, Any]) -> None:
    """Those that S3 rewrites, and those that people write."""
    one, other = (
        {name: value for name, value in {**TLS, **each}.items() if value is not None} for each in (left, right)
    )
    assert comparable(one) == comparable(other)


def test_without_the_sid_statements_of_two_sids_are_equal() -> None:
    """And a statement with another meaning is not."""
    assert comparable({**TLS, "Sid": "A"}) != comparable({**TLS, "Sid": "B"})
    assert meaning({**TLS, "Sid": "A"}) == meaning({**TLS, "Sid": "B"}) == meaning(TLS)
    assert meaning({**TLS, "Resource": BUCKET}) != meaning(TLS)


def test_a_difference_in_one_of_two_statements_with_one_sid_is_found() -> None:
    """S3 accepts a Sid twice."""
    first, second = {**TLS, "Sid": "One"}, {**allow({"AWS": ACCOUNT}), "Sid": "One"}
    changed = {**first, "Resource": BUCKET}
    assert differing_statements(policy(first, second), policy(changed, second)) == ("One",)
    assert differing_statements(policy(first, second), policy(second)) == ("One",)
    assert differing_statements(policy(first, second), policy(second, first)) == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "The bucket policy is malformed at line 1, column 2: it is not JSON"),
        ("[]", "The bucket policy is malformed: it is a list"),
        (
            '{"Statement": {"Sid": "a", "Sid": "b"}}',
            "The bucket policy is malformed at Sid: an object has this element twice",
        ),
        (
            policy({**TLS, "Condition": []}),
            "The bucket policy is malformed at statement 1, Condition: .*aws:SecureTransport",
        ),
        (policy({**TLS, "Principal": 7}), "The bucket policy is malformed at statement 1, Principal: it is a number"),
        ('{"Statement": NaN}', "The bucket policy is malformed: it is not JSON"),
    ],
)
def test_what_is_no_policy_is_refused_as_a_bucket_policy(text: str, message: str) -> None:
    """By every function that reads one; an object with an element twice cannot be kept."""
    for read in (
        lambda: parse_policy(text, BUCKET_POLICY),
        lambda: unique_ids(text, BUCKET_POLICY),
        lambda: same_policy(text, text, BUCKET_POLICY),
        lambda: differing_statements(policy(TLS), text, BUCKET_POLICY),
        lambda: public_statements(text, BUCKET_POLICY),
    ):
        with pytest.raises(OperationError, match=message):
            read()


def test_deleted_principals_are_removed_and_nothing_else() -> None:
    """A statement that names others too keeps them; one that names no other is removed."""
    text = policy(
        allow({"AWS": [DELETED, ACCOUNT], "Service": "a.amazonaws.com"}), TLS, {**allow({"AWS": DELETED}), "Sid": "Old"}
    )
    assert unique_ids(text, BUCKET_POLICY) == (DELETED,)
    kept = remove_principals(parse_policy(text, BUCKET_POLICY), unique_ids(text, BUCKET_POLICY))
    assert kept["Statement"] == [allow({"AWS": [ACCOUNT], "Service": "a.amazonaws.com"}), TLS]


def sized(size: int, spaces: str = "") -> str:
    """A policy of that many bytes without its spaces."""
    compact = json.dumps({"Statement": [{**TLS, "Sid": ""}]}, separators=(",", ":"))
    return compact.replace('"Sid":""', f'{spaces}"Sid":"{"x" * (size - len(compact))}"')


def test_the_limit_is_20_kilobytes_without_spaces() -> None:
    """One byte more is refused, with the size and what to do. A text is sent as it is while it fits."""
    assert fit_policy(sized(20_480), BUCKET_POLICY) == sized(20_480)
    assert fit_policy(sized(20_480, " \n"), BUCKET_POLICY) == sized(20_480)
    with pytest.raises(OperationError, match="The bucket policy would have 20481 bytes, and S3 accepts 20480. Shorten"):
        fit_policy(sized(20_481), BUCKET_POLICY)


def test_bytes_are_counted_and_not_characters_or_escapes() -> None:
    """In UTF-8, a letter such as an umlaut has two bytes, and its escape in JSON has six."""
    text = json.dumps({"Statement": [{**TLS, "Sid": "ü" * 10_000}]})
    assert len(text) > 60_000
    assert "ü" in fit_policy(text, BUCKET_POLICY)
    with pytest.raises(OperationError, match="S3 accepts 20480"):
        fit_policy(json.dumps({"Statement": [{**TLS, "Sid": "ü" * 10_300}]}), BUCKET_POLICY)


@pytest.mark.parametrize(
    ("condition", "public"),
    [
        ({}, True),
        (when("StringEquals", "aws:SourceVpce", "vpce-1a2b3c4d"), False),
        (when("StringLike", "aws:SourceVpce", "vpce-*"), True),
        (when("StringEquals", "aws:PrincipalOrgID", "o-a1b2c3d4e5"), False),
        (when("StringEquals", "aws:PrincipalServiceName", "cloudtrail.amazonaws.com"), False),
        (when("IpAddress", "aws:SourceIp", "203.0.113.0/24"), False),
        (when("IpAddress", "aws:SourceIp", "0.0.0.0/1"), True),
        (when("NotIpAddress", "aws:SourceIp", "203.0.113.0/24"), True),
        (when("StringEquals", "aws:userid", "AROAEXAMPLE:session"), False),
        (when("StringLike", "aws:userid", "AROAEXAMPLE:*"), True),
        (when("StringEquals", "s3:DataAccessPointAccount", ACCOUNT), False),
        (when("StringLike", "s3:DataAccessPointArn", f"arn:aws:s3:eu-west-1:{ACCOUNT}:accesspoint/*"), False),
        (when("StringLike", "s3:DataAccessPointArn", "arn:aws:s3:eu-west-1:*:accesspoint/*"), True),
        (when("StringLike", "s3:DataAccessPointArn", f"arn:aws:s3:eu-west-1:{ACCOUNT}:accesspoint/${{aws:x}}"), True),
        (when("StringEqualsIfExists", "aws:SourceVpce", "vpce-1a2b3c4d"), True),
        (when("StringLike", "aws:Referer", "https://example.com/*"), True),
        (when("StringEquals", "kms:CallerAccount", ACCOUNT), True),
    ],
)
def test_what_s3_calls_public(condition: dict[str, Any], public: bool) -> None:
    """By its own condition keys, which are not those of KMS."""
    found = public_statements(policy(TLS, allow(Sid="Read", **condition)), BUCKET_POLICY)
    assert [(each.sid, each.number) for each in found] == ([("Read", 2)] if public else [])


def test_a_denial_and_named_principals_are_not_public() -> None:
    """Whatever the rest of the policy is."""
    text = policy(TLS, allow({"AWS": ACCOUNT}), allow({"Service": "a.amazonaws.com"}), allow({"CanonicalUser": "79"}))
    assert public_statements(text, BUCKET_POLICY) == ()
