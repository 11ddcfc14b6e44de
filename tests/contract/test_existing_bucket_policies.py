# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A fleet of buckets with policies in the forms that accounts have: one task for all of them, and back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.iam.policy_document import same_policy
from ansible_collections.sealed.s3.plugins.module_utils.model.iam.policy_kind import BUCKET_POLICY
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.model.buckets.policy.policy_strategies import (
    ACCOUNT,
    GUARDS,
    NAME,
    OTHERS,
    is_owned,
)

from .conftest import Task

MODULE = "bucket_encryption_policy"
Json = dict[str, Any]
TLS = GUARDS[0]
READERS = OTHERS[0]
STARS: tuple[Any, ...] = ("*", {"AWS": "*"}, {"AWS": ["*"]})


def document(*found: Json, **elements: Any) -> Json:
    return {"Version": "2012-10-17", **elements, "Statement": list(found)}


# By the name of the bucket: its policy. Forms of public policies about encryption, written for this test.
POLICIES: dict[str, Json] = {
    "no-version": {"Statement": [READERS, TLS]},
    "old-version": document(READERS, Version="2008-10-17"),
    "an-id": document(READERS, Id="PutObjPolicy"),
    "an-empty-id": document(READERS, Id=""),
    "one-object": {"Version": "2012-10-17", "Statement": TLS},
    "no-sids": document(READERS, TLS, *OTHERS[6:9]),
    "empty-sids": document({**READERS, "Sid": ""}, {**OTHERS[8], "Sid": ""}),
    "one-sid-twice": document({**READERS, "Sid": "Stmt1"}, {**OTHERS[8], "Sid": "Stmt1"}),
    "odd-sids": document({**READERS, "Sid": "read - only *"}, {**TLS, "Sid": "Deny insecure (HTTP) requests!"}),
    "aws-managed-sid": document({**TLS, "Sid": "AllowSSLRequestsOnly"}),
    "a-boolean": document({**TLS, "Condition": {"Bool": {"aws:SecureTransport": False}}}),
    "booleans-in-a-list": document({**TLS, "Condition": {"Bool": {"aws:securetransport": [False]}}}),
    "a-number": document({**TLS, "Condition": {"NumericLessThan": {"s3:TlsVersion": 1.2}}}),
    "star-one": document({**TLS, "Principal": STARS[0]}, READERS),
    "star-two": document({**TLS, "Principal": STARS[1]}, READERS),
    "star-three": document({**TLS, "Principal": STARS[2]}, READERS),
    "only-objects": document(GUARDS[1]),
    "algorithm-pins": document(GUARDS[4], GUARDS[6]),
    "key-pins": document(GUARDS[10]),
    "not-principal": document(OTHERS[9]),
    "not-action": document(OTHERS[10]),
    "not-resource": document(OTHERS[11]),
    "canonical-user": document(OTHERS[3]),
    "identity-provider": document(OTHERS[4]),
    "cloudfront": document(OTHERS[5]),
    "public-website": document(OTHERS[6], TLS),
    "account-ids": document({**READERS, "Principal": {"AWS": [ACCOUNT, "444455556666"]}}),
    "all-of-them": document(*OTHERS, *GUARDS[:3], *GUARDS[4:]),
}


def of_bucket(policy: Json, bucket: str) -> str:
    """The policy for a bucket of this name."""
    return json.dumps(policy).replace(NAME, bucket)


def policies(s3: Any) -> dict[str, str]:
    """The policy that S3 returns for each bucket."""
    return {name: s3.get_bucket_policy(Bucket=name)["Policy"] for name in POLICIES}


@pytest.fixture
def before(s3: Any) -> dict[str, str]:
    """The policies, as S3 returns them."""
    for name, policy in POLICIES.items():
        s3.create_bucket(Bucket=name)
        s3.delete_public_access_block(Bucket=name)
        s3.put_bucket_policy(Bucket=name, Policy=of_bucket(policy, name))
    return policies(s3)


def test_one_task_for_all_forms_and_back(task: Task, s3: Any, before: dict[str, str]) -> None:
    """Statements of others keep their order and their content. What was there is there again after state: absent."""
    options = {"buckets": list(POLICIES), "minimum_tls_version": "1.2", "require_encryption_header": True}
    check = task(MODULE, check=True, results="all", **options)
    real = task(MODULE, results="all", **options)
    assert not real.get("failed"), real["msg"]
    assert {row["name"] for row in real["buckets"] if not row["changed"]} == {"all-of-them"}  # it has these rules
    assert (check["buckets"], check["diff"]) == (real["buckets"], real["diff"])
    after = policies(s3)
    for name, text in before.items():
        old, new = json.loads(text), json.loads(after[name])
        assert [each for each in new["Statement"] if not is_owned(each)] == old["Statement"], name
        assert {key: new.get(key) for key in ("Version", "Id")} == {key: old.get(key) for key in ("Version", "Id")}
    rows = {row["name"]: row["after"] for row in real["buckets"]}
    for name, row in rows.items():
        assert (row["require_tls"], row["minimum_tls_version"]) == (True, "1.2"), name
        assert row["require_encryption_header"], name
    assert not task(MODULE, **options)["changed"]
    absent = task(MODULE, buckets=list(POLICIES), state="absent")
    assert not absent.get("failed"), absent["msg"]
    assert {name: json.loads(text) for name, text in policies(s3).items()} == {
        name: json.loads(text) for name, text in before.items()
    }
    assert all(same_policy(text, of_bucket(POLICIES[name], name), BUCKET_POLICY) for name, text in policies(s3).items())


# The buckets whose policy requires TLS already, in one form or another.
REQUIRES_TLS = {
    *("no-version", "one-object", "no-sids", "odd-sids", "aws-managed-sid", "a-boolean", "booleans-in-a-list"),
    *("star-one", "star-two", "star-three", "public-website", "all-of-them"),
}


@pytest.mark.usefixtures("before")
def test_a_statement_of_others_that_requires_tls_is_enough(task: Task) -> None:
    """In each of its forms, and under any Sid. One on a part of the bucket is not enough."""
    result = task(MODULE, buckets=list(POLICIES), require_tls=True)
    assert {row["name"] for row in result["buckets"]} == POLICIES.keys() - REQUIRES_TLS
