# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Policies that the caller could not change again are refused, and no other policies."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.model.arn import Arn
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.desired_key import DesiredPolicy, PolicyScope
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_lockout import require_manageable
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_policy import merge_policy

SCOPE = PolicyScope("aws", "eu-west-1", "111122223333", "one")
ROOT = "arn:aws:iam::111122223333:root"
ROLE = "arn:aws:iam::111122223333:role/deploy"
SESSION = "arn:aws:sts::111122223333:assumed-role/deploy/me"
ADMIN = "arn:aws:iam::111122223333:role/admin"
MANAGES: dict[str, Any] = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}
DENIES = {**MANAGES, "Effect": "Deny"}


def policy(*found: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(found)})


def by(principal: Any, **more: Any) -> dict[str, Any]:
    return {**MANAGES, "Principal": principal, **more}


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in MANAGES.items() if key != name}


MANAGEABLE = [
    pytest.param([MANAGES], id="by the account"),
    pytest.param([by({"AWS": "111122223333"})], id="by the account's id"),
    pytest.param([by({"AWS": ["444455556666", ROLE]})], id="by the session's role"),
    pytest.param([by({"AWS": "arn:aws:iam::111122223333:role/teams/deploy"})], id="by its role, with a path"),
    pytest.param([by({"AWS": SESSION})], id="by the session itself"),
    pytest.param([by("*")], id="by anybody"),
    pytest.param([by({"AWS": ROOT}, Action=["kms:Decrypt", "KMS:Put*"])], id="by a pattern"),
    pytest.param([{**without("Action"), "NotAction": "kms:Decrypt"}], id="all but another action"),
    pytest.param([by({"AWS": ROOT}, Resource="arn:aws:kms:eu-west-1:111122223333:key/one")], id="the key by its ARN"),
    pytest.param(
        [by({"AWS": "*"}, Condition={"StringEquals": {"kms:CallerAccount": "111122223333"}})],
        id="by anybody of the account",
    ),
    pytest.param([by({"AWS": ROOT}, Action="kms:P*")], id="by a short pattern"),
    *(
        pytest.param([by({"AWS": ROOT}, Condition=condition)], id=f"under a condition that holds: {condition}")
        for condition in (
            {"Bool": {"aws:SecureTransport": "true"}},
            {"StringEquals": {"aws:PrincipalAccount": ["444455556666", "111122223333"]}},
            {"StringEqualsIfExists": {"AWS:principalaccount": "111122223333"}},
            {"StringNotEquals": {"kms:CallerAccount": "444455556666"}},
            {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}},
            {"ArnLike": {"aws:PrincipalArn": ["arn:aws:iam::*:role/teams/*/dep?oy", ADMIN]}},
            {"ArnEquals": {"aws:PrincipalArn": ROLE}},
            {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/d*"}},
            {"ArnNotLike": {"aws:PrincipalArn": ADMIN}},
            {"Null": {"aws:PrincipalArn": "false", "kms:ViaService": "true"}},
            {"Bool": {"aws:PrincipalIsAWSService": "false", "aws:ViaAWSService": False}},
        )
    ),
    pytest.param([by("*", Condition={"ArnLike": {"aws:PrincipalArn": ROLE}})], id="by anybody who is the caller"),
    pytest.param(
        [MANAGES, {**DENIES, "Condition": {"ArnNotLike": {"aws:PrincipalArn": ["*:role/deploy", ADMIN]}}}],
        id="a denial for all but the caller by a condition",
    ),
    pytest.param(
        [MANAGES, {**DENIES, "Condition": {"ArnNotLike": {"aws:PrincipalArn": "*:role/teams/deploy"}}}],
        id="a denial for all but the caller, if its role has that path",
    ),
    pytest.param([MANAGES, {**DENIES, "Action": "kms:Decrypt"}], id="a denial of another action"),
    pytest.param([MANAGES, {**DENIES, "Principal": {"AWS": ADMIN}}], id="a denial of another principal"),
    pytest.param(
        [MANAGES, {**without("Principal"), "Effect": "Deny", "NotPrincipal": {"AWS": [ROOT, ROLE]}}],
        id="a denial of all but the caller",
    ),
    pytest.param([MANAGES, {**DENIES, "Resource": "arn:aws:s3:::bucket"}], id="a denial for another resource"),
    pytest.param([{**without("Resource"), "NotResource": "arn:aws:s3:::bucket"}], id="for all but another resource"),
    pytest.param(
        [MANAGES, {**DENIES, "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}],
        id="a denial under a condition, which KMS knows better",
    ),
]
LOCKED = [
    pytest.param([], "no principal", id="nothing"),
    pytest.param([by({"AWS": ROOT}, Action="kms:Decrypt")], "no principal", id="without administration"),
    pytest.param([{**without("Action"), "NotAction": "kms:Put*"}], "no principal", id="all but administration"),
    pytest.param(
        [by({"AWS": ROOT}, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})],
        "statement number 1 has a condition on aws:multifactorauthpresent, which may not be met",
        id="condition",
    ),
    pytest.param(
        [by({"AWS": ROOT}, Sid="Root", Resource="arn:aws:kms:eu-west-1:111122223333:key/other")],
        "the statement Root is not for this key, because its Resource is arn:aws:kms:eu-west-1:111122223333:key/other",
        id="of another key",
    ),
    pytest.param(
        [by("*", Condition={"ArnLike": {"aws:PrincipalArn": ADMIN}})], "no principal", id="by anybody who is another"
    ),
    pytest.param(
        [MANAGES, {**DENIES, "Condition": {"ArnNotLike": {"aws:PrincipalArn": ADMIN}}}], "denies", id="denied to others"
    ),
    pytest.param(
        [MANAGES, {**DENIES, "Condition": {"StringNotEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}}],
        "denies",
        id="denied but through S3",
    ),
    pytest.param([by({"AWS": ROOT}, Resource="arn:aws:s3:::bucket")], "no principal", id="of another action"),
    pytest.param([by({"AWS": ADMIN})], "locked out", id="by another principal"),
    pytest.param([by({"AWS": "arn:aws:iam::444455556666:root"})], "locked out", id="by another account"),
    pytest.param([by({"AWS": "AROADBQP57FF2AEXAMPLE"})], "locked out", id="by a deleted principal"),
    pytest.param([by({"Service": "s3.amazonaws.com"})], "locked out", id="by a service"),
    pytest.param([MANAGES, DENIES], "denies", id="denied to the account"),
    pytest.param([MANAGES, {**DENIES, "Principal": "*"}], "denies", id="denied to all"),
    pytest.param([MANAGES, {**DENIES, "Resource": "arn:aws:kms:*:*:key/*"}], "denies", id="denied for all keys"),
    pytest.param(
        [MANAGES, {**DENIES, "Resource": "arn:aws:kms:eu-west-1:111122223333:*"}], "denies", id="denied in the region"
    ),
    pytest.param(
        [{**without("Resource"), "NotResource": "arn:aws:kms:*:*:key/*"}], "no principal", id="for all but all keys"
    ),
    pytest.param([MANAGES, {**DENIES, "Principal": {"AWS": ROLE}}], "denies", id="denied to the caller"),
    pytest.param(
        [MANAGES, {**without("Principal"), "Effect": "Deny", "NotPrincipal": {"AWS": ADMIN}}],
        "denies",
        id="denied to all but another",
    ),
    pytest.param(
        [MANAGES, {**without("Principal"), "Effect": "Deny", "NotPrincipal": {"AWS": ROOT}}],
        "denies",
        id="denied to all but the account, whose roles are others",
    ),
    pytest.param(
        [MANAGES, {**DENIES, "Condition": {"StringEquals": {"kms:CallerAccount": "111122223333"}}}],
        "denies",
        id="denied under a condition that surely holds",
    ),
]


@pytest.mark.parametrize("found", MANAGEABLE)
def test_a_policy_that_the_caller_can_change_is_accepted(found: list[dict[str, Any]]) -> None:
    """Nothing is raised."""
    require_manageable(policy(*found), SCOPE, Arn.parse(SESSION))


def test_a_denial_that_exempts_a_caller_of_another_account() -> None:
    """By the account of the caller, and not that of the key."""
    other, user = "arn:aws:iam::444455556666:root", "arn:aws:iam::444455556666:user/me"
    spares = {**without("Principal"), "Effect": "Deny", "NotPrincipal": {"AWS": [other, user]}}
    require_manageable(policy(by({"AWS": user}), spares), SCOPE, Arn.parse(user))


@pytest.mark.parametrize(("found", "message"), LOCKED)
def test_a_policy_that_locks_the_caller_out_is_refused(found: list[dict[str, Any]], message: str) -> None:
    """The message says what is missing."""
    with pytest.raises(OperationError, match=message) as error:
        require_manageable(policy(*found), SCOPE, Arn.parse(SESSION))
    assert error.value.failure.kind is FailureKind.INVALID
    assert ROOT in error.value.failure.advice


# The elements of a statement, each with whether the statement then applies to kms:PutKeyPolicy of the caller. So the
# expected result for a policy is known without evaluating it.
Part = tuple[dict[str, Any], bool]
ACTIONS: list[Part] = [
    ({"Action": "kms:*"}, True),
    ({"Action": ["kms:Decrypt", "KMS:Put*"]}, True),
    ({"Action": "*"}, True),
    ({"Action": ["kms:Decrypt", "kms:Encrypt"]}, False),
    ({"NotAction": "kms:Decrypt"}, True),
    ({"NotAction": ["kms:Decrypt", "kms:PutKeyPolicy"]}, False),
    ({"NotAction": "kms:p*"}, False),
    ({"NotAction": "*"}, False),
]
PRINCIPALS: list[Part] = [
    ({"Principal": "*"}, True),
    ({"Principal": {"AWS": [ADMIN, ROOT]}}, True),
    ({"Principal": {"AWS": "111122223333"}}, True),
    ({"Principal": {"AWS": ADMIN}}, False),
    ({"Principal": {"AWS": "arn:aws:iam::444455556666:root"}}, False),
    ({"Principal": {"AWS": "AROADBQP57FF2AEXAMPLE"}}, False),
    ({"Principal": {"Service": "s3.amazonaws.com"}}, False),
]
# Only for Deny: KMS does not accept NotPrincipal in an Allow.
ALL_BUT: list[Part] = [
    ({"NotPrincipal": {"AWS": ADMIN}}, True),
    ({"NotPrincipal": {"AWS": [ADMIN, "arn:aws:iam::444455556666:root"]}}, True),
    ({"NotPrincipal": {"Service": "s3.amazonaws.com"}}, True),
    ({"NotPrincipal": {"AWS": [ROOT, ROLE, SESSION]}}, False),
    ({"NotPrincipal": {"AWS": "*"}}, False),
]
RESOURCES: list[Part] = [
    ({"Resource": "*"}, True),
    ({"Resource": ["arn:aws:s3:::bucket", "arn:aws:kms:eu-west-1:111122223333:key/one"]}, True),
    ({"NotResource": "arn:aws:s3:::bucket"}, True),
    ({"Resource": "arn:aws:s3:::bucket"}, False),
    ({}, False),
]
CONDITIONS: list[Part] = [
    ({}, True),
    ({"Condition": {}}, True),
    ({"Condition": {"StringEquals": {"kms:CallerAccount": ["444455556666", "111122223333"]}}}, True),
    ({"Condition": {"StringNotEquals": {"aws:PrincipalAccount": "444455556666"}}}, True),
    ({"Condition": {"StringEquals": {"kms:CallerAccount": "444455556666"}}}, False),
    ({"Condition": {"Bool": {"aws:SecureTransport": "true"}}}, True),
    ({"Condition": {"Bool": {"aws:SecureTransport": False}}}, False),
    ({"Condition": {"StringLike": {"kms:ViaService": "*"}}}, False),
]
OPERATORS = st.sampled_from(["StringEquals", "StringNotEquals", "StringLikeIfExists", "Bool", "Null"])
KEYS = st.sampled_from(["aws:PrincipalOrgID", "aws:MultiFactorAuthPresent", "aws:SourceIp", "aws:CurrentTime"])
VALUES = st.sampled_from(["true", "false", "o-1", "s3.eu-west-1.amazonaws.com", "444455556666"])
# Conditions that may be false or true: what they are about is not known before the call.
UNSURE = st.dictionaries(OPERATORS, st.dictionaries(KEYS, VALUES, min_size=1, max_size=2), min_size=1, max_size=2).map(
    lambda condition: ({"Condition": condition}, False)
)


@st.composite
def policy_statements(draw: st.DrawFn) -> tuple[dict[str, Any], bool]:
    """Any statement, with whether it certainly applies to kms:PutKeyPolicy of the caller."""
    effect = draw(st.sampled_from(["Allow", "Deny"]))
    whom = PRINCIPALS if effect == "Allow" else [*PRINCIPALS, *ALL_BUT]
    parts = [draw(st.sampled_from(each)) for each in (ACTIONS, whom, RESOURCES)]
    parts.append(draw(st.sampled_from(CONDITIONS) | UNSURE))
    statement = {"Effect": effect}
    for elements, _applies in parts:
        statement.update(elements)
    return statement, all(applies for _elements, applies in parts)


def refuses(found: list[dict[str, Any]], caller: str) -> bool:
    try:
        require_manageable(policy(*found), SCOPE, Arn.parse(caller))
    except OperationError:
        return True
    return False


@settings(max_examples=300)
@given(st.lists(policy_statements(), max_size=5), st.booleans(), st.sampled_from([ROOT, SESSION, ROLE]))
def test_a_lockout_is_always_refused(found: list[tuple[dict[str, Any], bool]], managed: bool, caller: str) -> None:
    """Refused if no statement certainly allows the caller, or any certainly denies it; otherwise accepted."""
    found = [*found, (MANAGES, True)] if managed else found
    sure = {statement["Effect"] for statement, applies in found if applies}
    event(" and ".join(sorted(sure)) or "neither")
    assert refuses([statement for statement, _applies in found], caller) == (sure != {"Allow"})


@given(st.lists(policy_statements(), max_size=5), st.randoms(use_true_random=False))
def test_the_order_of_statements_does_not_matter(found: list[tuple[dict[str, Any], bool]], random: Any) -> None:
    """A denial applies at any position."""
    listed = [MANAGES, *(statement for statement, _applies in found)]
    shuffled = random.sample(listed, len(listed))
    assert refuses(listed, SESSION) == refuses(shuffled, SESSION)


LISTS = st.lists(st.sampled_from([ROOT, ROLE, ADMIN]), max_size=2).map(tuple)


@given(st.none() | st.lists(st.sampled_from([MANAGES, by({"AWS": ADMIN})])), LISTS, LISTS, st.booleans())
def test_a_built_policy_never_locks_out(
    current: list[dict[str, Any]] | None, administrators: tuple[str, ...], users: tuple[str, ...], purge: bool
) -> None:
    """The principals that could manage the key can do so after any merge, and the account a new key.

    Unless the merge removes the statement of a role, which the check then refuses.
    """
    text = None if current is None else policy(*current)
    built = merge_policy(text, DesiredPolicy(administrators, users, purge=purge), SCOPE)
    for caller in (SESSION, ADMIN):
        purged = purge and current is not None and MANAGES not in current
        if text is None or not (purged or refuses(json.loads(text)["Statement"], caller)):
            require_manageable(built or "", SCOPE, Arn.parse(caller), text)


def test_a_write_that_does_not_change_who_can_manage_the_key_is_left_to_kms() -> None:
    """Such as another user for a key that its account manages with MFA. KMS knows whether the caller has MFA."""
    with_mfa = by({"AWS": ROOT}, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})
    current = policy(with_mfa)
    changed = merge_policy(current, DesiredPolicy(users=(ADMIN,)), SCOPE) or ""
    require_manageable(changed, SCOPE, Arn.parse(SESSION), current)
    with pytest.raises(OperationError, match="may become unmanageable"):
        require_manageable(changed, SCOPE, Arn.parse(SESSION), policy(MANAGES))
