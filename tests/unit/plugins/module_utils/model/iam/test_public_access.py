# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Public key policies: each form of public access, each form of restriction, and their combinations."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.model.iam.public_access import (
    LooseValue,
    PublicStatement,
    public_statements,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.desired_key import PolicyScope
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_policy import merge_policy
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.strategies import desired_policies

ACCOUNT = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app"


def policy(*found: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(found)})


def allow(principal: Any = "*", **more: Any) -> dict[str, Any]:
    return {
        "Sid": "One",
        "Effect": "Allow",
        "Principal": principal,
        "Action": "kms:Decrypt",
        "Resource": "*",
        **more,
    }


def when(operator: str, key: str, *values: str) -> dict[str, Any]:
    return {"Condition": {operator: {key: list(values)}}}


@pytest.mark.parametrize(
    ("principal", "public"),
    [
        pytest.param("*", True, id="everyone"),
        pytest.param({"AWS": "*"}, True, id="every AWS principal"),
        pytest.param({"AWS": [ROLE, "*"]}, True, id="one and everyone"),
        pytest.param({"AWS": ROLE}, False, id="a role"),
        pytest.param({"AWS": ACCOUNT}, False, id="an account"),
        pytest.param({"AWS": "444455556666"}, False, id="another account"),
        pytest.param({"Service": "logging.s3.amazonaws.com"}, False, id="a service"),
        pytest.param({"Service": "logging.s3.amazonaws.com", "AWS": "*"}, True, id="a service and everyone"),
    ],
)
def test_principals(principal: Any, public: bool) -> None:
    """A wildcard at any position is public; named accounts, roles and services are not."""
    assert bool(public_statements(policy(allow(principal)))) == public


def test_not_principal_is_public() -> None:
    """An Allow with NotPrincipal gives access to every other principal."""
    statement = allow()
    del statement["Principal"]
    assert public_statements(policy({**statement, "NotPrincipal": {"AWS": ROLE}})) == (PublicStatement("One"),)


def test_a_deny_is_not_public() -> None:
    """For any principals."""
    assert public_statements(policy(allow(Effect="Deny"))) == ()


BOUND, LOOSE, OPEN = "bound", "loose", "open"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (when("StringEquals", "kms:CallerAccount", ACCOUNT), BOUND),
        (when("StringEquals", "KMS:calleraccount", ACCOUNT), BOUND),
        (when("StringEqualsIgnoreCase", "aws:PrincipalOrgID", "o-a1b2c3d4e5"), BOUND),
        (when("ArnEquals", "aws:PrincipalArn", ROLE), BOUND),
        (when("ForAnyValue:StringEquals", "aws:PrincipalOrgPaths", "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/"), BOUND),
        (when("StringEquals", "aws:SourceVpce", "vpce-1a2b3c4d"), BOUND),
        (when("IpAddress", "aws:SourceIp", "203.0.113.0/24"), BOUND),
        (when("IpAddress", "aws:SourceIp", "10.0.0.0/8", "2001:db8::/32"), BOUND),
        (when("IpAddress", "aws:SourceIp", "0.0.0.0/0"), LOOSE),
        (when("IpAddress", "aws:SourceIp", "203.0.113.0/24", "::/0"), LOOSE),
        (when("StringLike", "kms:CallerAccount", "*"), LOOSE),
        (when("StringEquals", "kms:CallerAccount", ACCOUNT, "${aws:PrincipalAccount}"), LOOSE),
        (when("ArnLike", "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:role/*"), LOOSE),
        # S3 is open to every account, and so are its encryption contexts
        (when("StringEquals", "kms:ViaService", "s3.us-east-1.amazonaws.com"), OPEN),
        (when("ArnLike", "kms:EncryptionContext:aws:s3:arn", "arn:aws:s3:::example"), OPEN),
        (when("Bool", "aws:SecureTransport", "true"), OPEN),
        (when("StringNotEquals", "kms:CallerAccount", ACCOUNT), OPEN),
        (when("NotIpAddress", "aws:SourceIp", "203.0.113.0/24"), OPEN),
        # these conditions are true if the key is missing in the request
        (when("StringEqualsIfExists", "aws:PrincipalOrgID", "o-a1b2c3d4e5"), OPEN),
        (when("ForAllValues:StringEquals", "aws:PrincipalOrgPaths", "o-a1b2c3d4e5/"), OPEN),
        (when("Null", "aws:PrincipalOrgID", "false"), OPEN),
    ],
    ids=str,
)
def test_which_conditions_restrict_access(condition: dict[str, Any], expected: str) -> None:
    """Fixed values of the caller or its network restrict access. Wildcards, variables and huge networks do not."""
    found = public_statements(policy(allow(**condition)))
    assert [each.sid for each in found] == ([] if expected is BOUND else ["One"])
    assert [bool(each.loose) for each in found] == ([] if expected is BOUND else [expected is LOOSE])


ORGANIZATION = "o-a1b2c3d4e5"
LOOSE_VALUES = [
    ("ArnLike", "aws:PrincipalArn", [f"arn:aws:iam::{ACCOUNT}:role/*"], "has a wildcard", (f"the account {ACCOUNT}",)),
    ("ArnLike", "aws:PrincipalArn", ["arn:aws:iam::*:role/app"], "has a wildcard", ()),
    (
        "ForAnyValue:StringLike",
        "aws:PrincipalOrgPaths",
        [f"{ORGANIZATION}/*"],
        "has a wildcard",
        (f"the organization {ORGANIZATION}",),
    ),
    ("StringEquals", "kms:CallerAccount", ["${aws:PrincipalAccount}"], "has a policy variable", ()),
    ("IpAddress", "aws:SourceIp", ["0.0.0.0/0"], "is a very large network", ()),
    ("StringLike", "kms:CallerAccount", ["*", ACCOUNT], "has a wildcard", ()),
]


@pytest.mark.parametrize(("operator", "key", "values", "reason", "bounds"), LOOSE_VALUES)
def test_a_loose_value_is_named_with_what_bounds_it(
    operator: str, key: str, values: list[str], reason: str, bounds: tuple[str, ...]
) -> None:
    """The key of the condition as it is written, the value, and an account or organization in it."""
    (found,) = public_statements(policy(allow(**when(operator, key, *values))))
    assert found == PublicStatement("One", (LooseValue(key, values[0], reason),), bounds)


def test_one_good_condition_is_enough() -> None:
    """All conditions have to be true."""
    good = {"StringEquals": {"kms:CallerAccount": ACCOUNT}, "StringLike": {"aws:userid": "*"}}
    assert public_statements(policy(allow(Condition=good))) == ()


def test_each_public_statement_is_reported() -> None:
    """In the order of the policy; also without a Sid, and for a single statement without a list."""
    nameless = {key: value for key, value in allow().items() if key != "Sid"}
    found = public_statements(policy(allow(Sid="A"), allow({"AWS": ROLE}), nameless))
    assert found == (PublicStatement("A"), PublicStatement(None))
    assert public_statements(json.dumps({"Statement": allow()})) == (PublicStatement("One"),)


CONDITIONS = st.sampled_from(
    [
        when("StringEquals", "kms:CallerAccount", ACCOUNT),
        when("StringLike", "kms:CallerAccount", "*"),
        when("StringEquals", "kms:ViaService", "s3.us-east-1.amazonaws.com"),
        when("IpAddress", "aws:SourceIp", "198.51.100.0/24"),
        when("StringEqualsIfExists", "aws:PrincipalOrgID", "o-a1b2c3d4e5"),
        {},
    ]
)
PRINCIPALS = st.sampled_from(["*", {"AWS": "*"}, {"AWS": ROLE}, {"AWS": [ROLE, "*"]}, {"Service": "s3.amazonaws.com"}])
STATEMENTS = st.builds(
    lambda principal, effect, condition, sid: allow(principal, Effect=effect, Sid=sid, **condition),
    PRINCIPALS,
    st.sampled_from(["Allow", "Allow", "Deny"]),
    CONDITIONS,
    st.sampled_from(["A", "B", "C"]),
)


@given(st.lists(STATEMENTS, max_size=4), st.randoms(use_true_random=False))
def test_order_does_not_matter(found: list[dict[str, Any]], chance: Any) -> None:
    """Each statement is checked separately."""
    shuffled = found[:]
    chance.shuffle(shuffled)
    assert sorted(map(repr, public_statements(policy(*found)))) == sorted(
        map(repr, public_statements(policy(*shuffled)))
    )


@given(STATEMENTS, CONDITIONS)
def test_a_further_condition_never_makes_a_statement_public(
    statement: dict[str, Any], condition: dict[str, Any]
) -> None:
    """An additional condition can only restrict access."""
    more = {**condition.get("Condition", {}), **statement.get("Condition", {})}
    if not public_statements(policy(statement)):
        assert not public_statements(policy({**statement, "Condition": more}))


@given(STATEMENTS)
def test_a_condition_on_the_account_of_the_caller_restricts_every_statement(statement: dict[str, Any]) -> None:
    """Whatever else the statement contains."""
    operators = dict(statement.get("Condition", {}))
    operators["StringEquals"] = {**operators.get("StringEquals", {}), "kms:CallerAccount": ACCOUNT}
    assert public_statements(policy({**statement, "Condition": operators})) == ()


def _in(partition: str, arn: str) -> str:
    return arn.replace("arn:aws:", f"arn:{partition}:", 1)


@given(desired_policies(), st.sampled_from(["aws", "aws-cn", "aws-us-gov"]))
def test_a_built_policy_is_never_public(desired: Any, partition: str) -> None:
    """For any options."""
    named = (desired.administrators, desired.users)
    administrators, users = (arns and tuple(_in(partition, arn) for arn in arns) for arns in named)
    desired = replace(desired, administrators=administrators, users=users)
    built = merge_policy(None, desired, PolicyScope(partition, "eu-west-1", ACCOUNT))
    assert built is None or public_statements(built) == ()
