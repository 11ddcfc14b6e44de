# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What a move to a KMS key means for logs: refused reads, stores without policies, and keys that do not exist yet."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.engine.buckets.log_targets import LogTargets
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.log_delivery import (
    LOG_DELIVERY_GROUP,
    VENDED_SERVICE,
    AclGrant,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import (
    Failure,
    FailureKind,
    OperationError,
    Reason,
)

REGION = "us-east-1"
KEY = f"arn:aws:kms:{REGION}:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def allow(service: str, action: str) -> str:
    """A policy that allows an action to a service."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


VENDED_LOGS = allow(VENDED_SERVICE, "s3:PutObject")


@dataclass
class FakePermissions:
    """A bucket with this policy and this ACL, or what its reads fail with."""

    policy: str | Failure | None = None
    grants: tuple[AclGrant, ...] | Failure = ()
    custom_endpoint: bool = False

    def get_bucket_policy(self, bucket: str, region: str | None = None) -> tuple[str | None, str]:
        """The policy."""
        if isinstance(self.policy, Failure):
            raise OperationError(self.policy)
        return self.policy, region or ""

    def get_bucket_acl(self, bucket: str, region: str) -> tuple[AclGrant, ...]:
        """The grants."""
        if isinstance(self.grants, Failure):
            raise OperationError(self.grants)
        return self.grants


@dataclass
class FakeKeyPolicies:
    """Keys that all have this policy, and which of them were read."""

    policy: str | Failure = "{}"
    read: list[tuple[str, str]] = field(default_factory=list)

    def get_key_policy(self, key: str, region: str) -> str:
        """The policy."""
        self.read.append((key, region))
        if isinstance(self.policy, Failure):
            raise OperationError(self.policy)
        return self.policy


def refusal(kind: FailureKind, action: str = "s3:GetBucketPolicy", reason: Reason | None = None) -> Failure:
    """A failure of a read."""
    return Failure(kind, f"{action} on bucket failed.", "Do something.", action, "bucket", reason=reason)


@pytest.mark.parametrize("at_store", [False, True])
def test_an_operation_that_a_store_does_not_know(at_store: bool) -> None:
    """A store without policies and ACLs lets no service write. At AWS, it is the bucket of another account."""
    unknown = refusal(FailureKind.UNSUPPORTED)
    found = LogTargets(FakePermissions(unknown, unknown, at_store), FakeKeyPolicies()).examine("bucket", REGION, None)
    assert bool(found) is not at_store
    assert all("because s3:GetBucketPolicy fails" in each.subject and not each.stops for each in found)


def test_what_one_read_shows_counts_although_the_other_is_refused() -> None:
    """The layer that refused is named, and the sentence has no name of a bucket."""
    denied = Failure(FailureKind.FORBIDDEN, "No.", "", "s3:GetBucketPolicy", "bucket", layer="service control policy")
    acl = (AclGrant(LOG_DELIVERY_GROUP, "WRITE"),)
    logs, unknown = LogTargets(FakePermissions(denied, acl), FakeKeyPolicies()).examine("bucket", REGION, None)
    assert logs.stops
    assert unknown.subject == (
        "It is not known whether a bucket gets logs that can only be delivered under SSE-S3, because "
        "s3:GetBucketPolicy is forbidden (service control policy): allow it, or set log_targets to ignore"
    )


@pytest.mark.parametrize("policy", ["", "no policy", '{"Statement": 1}', '{"Statement": [{"Principal": 1}]}'])
def test_a_policy_that_cannot_be_understood_is_not_taken_for_none(policy: str) -> None:
    """It may let AWS deliver logs."""
    (unknown,) = LogTargets(FakePermissions(policy), FakeKeyPolicies()).examine("bucket", REGION, KEY)
    assert "its bucket policy cannot be understood" in unknown.subject


@pytest.mark.parametrize(
    "failure",
    [
        refusal(FailureKind.ABSENT, reason=Reason.BUCKET_NOT_FOUND),
        refusal(FailureKind.CREDENTIALS),
        refusal(FailureKind.THROTTLED),
        refusal(FailureKind.UNREACHABLE),
        refusal(FailureKind.FAILED),
    ],
    ids=lambda failure: failure.kind.value,
)
def test_any_other_failure_is_that_of_the_bucket(failure: Failure) -> None:
    """The bucket was deleted, every further call would fail too, or a second run finds out."""
    for permissions in (FakePermissions(failure), FakePermissions(grants=failure)):
        with pytest.raises(OperationError) as raised:
            LogTargets(permissions, FakeKeyPolicies()).examine("bucket", REGION, KEY)
        assert raised.value.failure is failure


@pytest.mark.parametrize("kind", [FailureKind.FAILED, FailureKind.ABSENT])
def test_a_store_that_answers_with_any_error_is_changed_with_a_warning(kind: FailureKind) -> None:
    """It may not know the operation, so that its buckets could never be changed."""
    failure = refusal(kind)
    found = LogTargets(FakePermissions(failure, failure, custom_endpoint=True), FakeKeyPolicies()).examine(
        "b", "", None
    )
    assert [each.stops for each in found] == [False, False]


@pytest.mark.parametrize(
    ("key_policy", "problem"),
    [
        pytest.param(allow(VENDED_SERVICE, "kms:*"), None, id="allowed"),
        pytest.param(allow("s3.amazonaws.com", "kms:*"), "is not known to allow kms:GenerateDataKey", id="another"),
        pytest.param("no policy", "cannot be read (", id="no policy"),
        pytest.param(refusal(FailureKind.FORBIDDEN, "kms:GetKeyPolicy"), "kms:GetKeyPolicy on", id="denied"),
    ],
)
def test_the_policy_of_a_key_is_read_once_for_each_region(key_policy: str | Failure, problem: str | None) -> None:
    """And only for a bucket that vended logs may be delivered to. A key of no problem is remembered, too."""
    keys, permissions = FakeKeyPolicies(key_policy), FakePermissions()
    targets = LogTargets(permissions, keys)
    assert targets.examine("plain", REGION, KEY) == ()
    assert keys.read == []
    permissions.policy = VENDED_LOGS
    for _bucket in range(3):
        found = targets.examine("bucket", REGION, KEY)
        assert [each.stops for each in found] == ([] if problem is None else [False])
        assert all(problem and KEY in each.subject and problem in each.subject for each in found)
    targets.examine("bucket", "eu-west-1", KEY)
    assert keys.read == [(KEY, REGION), (KEY, "eu-west-1")]


def test_keys_without_a_policy_of_their_own() -> None:
    """That of the AWS managed key cannot be changed, and a key that does not exist yet has none. Neither is read."""
    keys = FakeKeyPolicies()
    targets = LogTargets(FakePermissions(VENDED_LOGS), keys)
    (managed,) = targets.examine("bucket", REGION, None)
    (future,) = targets.examine("bucket", REGION, KEY, key_exists=False)
    assert "the policy of the AWS managed key does not, and cannot be changed" in managed.subject
    assert "as the key does not exist yet" in future.subject
    assert keys.read == []
