# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What a new bucket policy stops: which settings are read, and what a refused read means."""

from __future__ import annotations

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.engine.buckets.policy_effects import PolicyEffects
from ansible_collections.sealed.s3.plugins.module_utils.engine.keys.key_resolver import KeyResolver
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.bucket_default import BucketDefault
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.desired_policy import DesiredPolicy
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.plan import plan_policy
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.policy_state import read_policy_state
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_aws import (
    REGION,
    CallRecorder,
    FakeKms,
    FakeS3,
    key_arn,
)

ARN = "arn:aws:s3:::bucket"
TLS = DesiredPolicy(require_tls=True)
KINDS = DesiredPolicy(allow_encryption=("SSE-KMS",))
KEYS = DesiredPolicy(allow_kms_keys=(key_arn("one"),))


class FakePolicies(CallRecorder):
    """The policies of S3 or of another store, with a bucket that is no website."""

    def __init__(self, *, custom_endpoint: bool = False, plain_http_endpoint: str = "") -> None:
        super().__init__()
        self.custom_endpoint = custom_endpoint
        self.plain_http_endpoint = plain_http_endpoint

    def bucket_arn(self, bucket: str, region: str) -> str:
        """The ARN of a bucket."""
        return f"arn:aws:s3:::{bucket}" if region else ""

    def get_bucket_policy(self, bucket: str, region: str | None = None) -> tuple[str | None, str]:
        """No policy."""
        self.read(f"GetBucketPolicy {bucket}")
        return None, region or ""

    def put_bucket_policy(self, bucket: str, document: str, region: str) -> None:
        """Record the write."""
        self.write(f"PutBucketPolicy {bucket} {region} {document}")

    def delete_bucket_policy(self, bucket: str, region: str) -> None:
        """Record the write."""
        self.write(f"DeleteBucketPolicy {bucket} {region}")

    def serves_website(self, bucket: str, region: str) -> bool:
        """No website."""
        self.read("GetBucketWebsite")
        return bucket == region


def warnings(
    desired: DesiredPolicy, policies: FakePolicies, s3: FakeS3, before: DesiredPolicy | None = None
) -> list[str]:
    """The warnings about the plan for a bucket that has the rules of `before`."""
    state = read_policy_state(None, ARN)
    if before:
        state = plan_policy(before, state, ARN).after or state
    effects = PolicyEffects(policies, s3, KeyResolver(FakeKms()))
    return list(effects.warnings("bucket", REGION, plan_policy(desired, state, ARN)))


def bucket(rule: BucketDefault) -> FakeS3:
    """S3 with one bucket."""
    s3 = FakeS3()
    s3.add_bucket("bucket", rule)
    return s3


@pytest.mark.parametrize(
    ("desired", "before", "reads"),
    [
        pytest.param(TLS, None, ["GetBucketWebsite"], id="new TLS"),
        pytest.param(TLS, TLS, [], id="as asked"),
        pytest.param(DesiredPolicy(minimum_tls_version="1.2"), TLS, [], id="only a version"),
        pytest.param(KINDS, None, ["GetBucketEncryption"], id="new kinds"),
        pytest.param(KEYS, KINDS, ["GetBucketEncryption"], id="new keys"),
        pytest.param(DesiredPolicy(deny_customer_keys=True), KINDS, [], id="another rule"),
        pytest.param(DesiredPolicy(absent=True), KINDS, [], id="no rule remains"),
    ],
)
def test_only_what_the_change_is_about_is_read(
    desired: DesiredPolicy, before: DesiredPolicy | None, reads: list[str]
) -> None:
    """A bucket as asked costs no further call."""
    policies, s3 = FakePolicies(), bucket(BucketDefault("SSE-KMS", key_arn("one")))
    assert warnings(desired, policies, s3, before) == []
    assert [*policies.reads, *s3.reads] == reads


@pytest.mark.parametrize("kind", [FailureKind.FORBIDDEN, FailureKind.UNSUPPORTED, FailureKind.UNREACHABLE])
@pytest.mark.parametrize("custom_endpoint", [False, True])
def test_a_setting_that_cannot_be_read(kind: FailureKind, custom_endpoint: bool) -> None:
    """It is a warning, unless the store has no such setting."""
    policies, s3 = FakePolicies(custom_endpoint=custom_endpoint), bucket(BucketDefault("SSE-KMS"))
    policies.failures["GetBucketWebsite"] = Failure(kind, "No.", action="s3:GetBucketWebsite")
    s3.failures["GetBucketEncryption"] = Failure(kind, "No.", action="s3:GetEncryptionConfiguration")
    found = [*warnings(TLS, policies, s3), *warnings(KINDS, policies, s3)]
    if kind is FailureKind.UNSUPPORTED and custom_endpoint:
        assert found == []
        return
    word = "forbidden" if kind is FailureKind.FORBIDDEN else kind.value
    assert found == [
        f"whether the bucket serves a website, which would stop, is not known (s3:GetBucketWebsite is {word})",
        "whether the policy allows the bucket's own default encryption is not known "
        f"(s3:GetEncryptionConfiguration is {word})",
    ]


def test_the_endpoint_of_the_task_without_tls() -> None:
    """The next request of the task itself would be denied."""
    policies = FakePolicies(custom_endpoint=True, plain_http_endpoint="http://store:9000")
    (warning,) = warnings(TLS, policies, bucket(BucketDefault("SSE-S3")))
    assert warning.startswith("the endpoint of this task, http://store:9000, does not use TLS")
