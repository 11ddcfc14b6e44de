# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Policies that nobody could change again: always refused, and no others."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind, Refused
from ansible_collections.sealed.s3.plugins.module_utils.model.key_lockout import require_manageable
from ansible_collections.sealed.s3.plugins.module_utils.model.key_policy import DesiredPolicy, PolicyScope, merge_policy

SCOPE = PolicyScope("aws", "eu-west-1", "111122223333")
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
    pytest.param([MANAGES, {**DENIES, "Action": "kms:Decrypt"}], id="a denial of something else"),
    pytest.param([MANAGES, {**DENIES, "Principal": {"AWS": ADMIN}}], id="a denial of somebody else"),
    pytest.param(
        [MANAGES, {**without("Principal"), "Effect": "Deny", "NotPrincipal": {"AWS": [ROOT, ROLE]}}],
        id="a denial of all but the caller",
    ),
    pytest.param(
        [MANAGES, {**DENIES, "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}],
        id="a denial under a condition, which KMS knows better",
    ),
]
LOCKED = [
    pytest.param([], "nobody", id="nothing"),
    pytest.param([by({"AWS": ROOT}, Action="kms:Decrypt")], "nobody", id="without administration"),
    pytest.param([{**without("Action"), "NotAction": "kms:Put*"}], "nobody", id="all but administration"),
    pytest.param([by({"AWS": ROOT}, Condition={"Bool": {"aws:SecureTransport": "true"}})], "nobody", id="condition"),
    pytest.param([by({"AWS": ROOT}, Resource="arn:aws:s3:::bucket")], "nobody", id="of something else"),
    pytest.param([by({"AWS": ADMIN})], "locked out", id="by somebody else"),
    pytest.param([by({"AWS": "arn:aws:iam::444455556666:root"})], "locked out", id="by another account"),
    pytest.param([by({"AWS": "AROADBQP57FF2AEXAMPLE"})], "locked out", id="by one who is gone"),
    pytest.param([by({"Service": "s3.amazonaws.com"})], "locked out", id="by a service"),
    pytest.param([MANAGES, DENIES], "denies", id="denied to the account"),
    pytest.param([MANAGES, {**DENIES, "Principal": "*"}], "denies", id="denied to all"),
    pytest.param([MANAGES, {**DENIES, "Principal": {"AWS": ROLE}}], "denies", id="denied to the caller"),
    pytest.param(
        [MANAGES, {**without("Principal"), "Effect": "Deny", "NotPrincipal": {"AWS": ADMIN}}],
        "denies",
        id="denied to all but another",
    ),
]


@pytest.mark.parametrize("found", MANAGEABLE)
def test_what_the_caller_can_change_again(found: list[dict[str, Any]]) -> None:
    """Nothing is raised."""
    require_manageable(policy(*found), SCOPE, SESSION)


@pytest.mark.parametrize(("found", "told"), LOCKED)
def test_what_locks_out(found: list[dict[str, Any]], told: str) -> None:
    """Refused in a sentence that says what is missing."""
    with pytest.raises(Refused, match=told) as refused:
        require_manageable(policy(*found), SCOPE, SESSION)
    assert refused.value.failure.kind is FailureKind.INVALID
    assert ROOT in refused.value.failure.advice


HARMLESS = st.lists(
    st.sampled_from(
        [
            by({"AWS": ROOT}, Action="kms:Decrypt"),
            by({"AWS": ADMIN}),
            by({"Service": "s3.amazonaws.com"}),
            by({"AWS": ROLE}, Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}}),
            {**DENIES, "Action": "kms:Decrypt"},
        ]
    )
)


@given(HARMLESS, st.randoms(use_true_random=False), st.sampled_from([ROOT, SESSION, ROLE]))
def test_a_lock_out_is_always_refused(others: list[dict[str, Any]], random: Any, caller: str) -> None:
    """However many statements are beside: none lets the caller in, one that does is enough, and so is one denial."""
    with pytest.raises(Refused):
        require_manageable(policy(*others), SCOPE, caller)
    allowed = [*others, MANAGES]
    random.shuffle(allowed)
    require_manageable(policy(*allowed), SCOPE, caller)
    denied = [*allowed, {**DENIES, "Principal": "*"}]
    random.shuffle(denied)
    with pytest.raises(Refused):
        require_manageable(policy(*denied), SCOPE, caller)


LISTS = st.lists(st.sampled_from([ROOT, ROLE, ADMIN]), max_size=2).map(tuple)


@given(st.none() | st.lists(st.sampled_from([MANAGES, by({"AWS": ADMIN})])), LISTS, LISTS, st.booleans())
def test_a_built_policy_never_locks_out(
    current: list[dict[str, Any]] | None, administrators: tuple[str, ...], users: tuple[str, ...], purge: bool
) -> None:
    """The account stays in charge, whoever is named."""
    text = None if current is None else policy(*current)
    built = merge_policy(text, DesiredPolicy(administrators, users, purge=purge), SCOPE)
    require_manageable(built or "", SCOPE, SESSION)
