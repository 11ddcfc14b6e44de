# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""bucket_encryption_policy: what a change would stop, what refuses it, and the keys that it allows."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sealed_lab.transport import Transport

from ansible_collections.sealed.s3.plugins.module_utils.aws.buckets.s3_bucket_policies import S3BucketPolicies

from .conftest import ACCOUNT, REGION, LabClock, Result, Task
from .test_bucket_policies import BUCKET, FOREIGN, MODULE, done, own_sids, policy_of, put_policy

AT_AWS = pytest.mark.usefixtures("at_aws")
WEBSITE = {"IndexDocument": {"Suffix": "index.html"}}
PUBLIC = {
    "Sid": "Public",
    "Effect": "Allow",
    "Principal": "*",
    "Action": "s3:GetObject",
    "Resource": f"arn:aws:s3:::{BUCKET}/*",
}


def refused(result: Result, kind: str, *words: str) -> Result:
    """The result of a task whose only bucket failed, and did not change."""
    assert result.get("failed"), result
    assert (result["changed"], result["failed_buckets"]) == (False, [BUCKET])
    row: Result = result["buckets"][0]
    assert (row["changed"], row["after"], row["error"]["kind"]) == (False, None, kind)
    for word in words:
        assert word in result["msg"], result["msg"]
    return row


@AT_AWS
def test_a_website_would_stop_under_tls(task: Task, s3: Any, bucket: str, calls: Any) -> None:
    """The check run says so before the change. A rule that does not newly require TLS does not look for one."""
    s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration=WEBSITE)
    sentence = (
        "1 bucket: the bucket serves a website, whose endpoints have no TLS; the policy denies all requests to it."
    )
    for check in (True, False):
        assert done(task(MODULE, check=check, bucket=bucket, require_tls=True))["warnings"] == [sentence]
    calls()
    more = done(task(MODULE, bucket=bucket, minimum_tls_version="1.2"))
    assert (more["changed"], more.get("warnings")) == (True, None)
    assert "GetBucketWebsite" not in calls()


@AT_AWS
@pytest.mark.parametrize(
    ("default", "options", "words"),
    [
        ("AES256", {"allow_encryption": ["SSE-KMS"]}, "SSE-S3, is not in allow_encryption"),
        ("aws:kms", {"allow_kms_keys": ["alias/app"]}, "the AWS managed key, is not in allow_kms_keys"),
        ("aws:kms", {"allow_kms_keys": ["alias/app", "alias/aws/s3"]}, None),
        ("aws:kms alias/other", {"allow_kms_keys": ["alias/app"]}, "alias/other, is not in allow_kms_keys"),
        ("aws:kms alias/app", {"allow_kms_keys": ["alias/app"], "allow_encryption": ["aws:kms"]}, None),
        ("aws:kms:dsse alias/app", {"allow_encryption": ["SSE-S3"]}, "DSSE-KMS, is not in allow_encryption"),
        ("AES256", {"allow_kms_keys": ["alias/app"]}, None),
    ],
)
def test_a_default_that_uploads_may_not_name(
    task: Task, s3: Any, kms: Any, bucket: str, key_arn: str, default: str, options: Any, words: str | None
) -> None:
    """Uploads that name nothing get it, so the policy alone does not achieve what it seems to."""
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/other", TargetKeyId=other)
    algorithm, *key = default.split()
    rule = {"SSEAlgorithm": algorithm, **({"KMSMasterKeyID": key[0]} if key else {})}
    configuration = {"Rules": [{"ApplyServerSideEncryptionByDefault": rule}]}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=configuration)
    result = done(task(MODULE, bucket=bucket, **options))
    warnings = result.get("warnings", [])
    assert len(warnings) == (words is not None)
    assert (words or "") in " ".join(warnings)
    assert "warnings" not in done(task(MODULE, bucket=bucket, **options))


@AT_AWS
def test_a_read_that_is_refused_is_a_warning(task: Task, bucket: str, lab: Any) -> None:
    """The change is made all the same."""
    for action in ("s3:GetBucketWebsite", "s3:GetEncryptionConfiguration"):
        lab.faults.add("deny", operation=action, times=None)
    result = done(task(MODULE, bucket=bucket, require_tls=True, allow_encryption=["SSE-S3"]))
    assert result["warnings"] == [
        "1 bucket: whether the bucket serves a website, which would stop, is not known (s3:GetBucketWebsite is "
        "forbidden).",
        "1 bucket: whether the policy allows the bucket's own default encryption is not known "
        "(s3:GetEncryptionConfiguration is forbidden).",
    ]


def test_an_endpoint_without_tls_denies_the_task_itself(
    task: Task, s3: Any, bucket: str, lab: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lab as another store, over http. The warning says it before; the read back is denied, so the task fails.

    The root user of the account may read and delete a policy that denies it.
    """
    iam = lab.client("iam", region=REGION, account=ACCOUNT)
    iam.create_user(UserName="operator")
    allow = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    iam.put_user_policy(UserName="operator", PolicyName="own", PolicyDocument=document)
    access = iam.create_access_key(UserName="operator")["AccessKey"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", access["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", access["SecretAccessKey"])
    lab.enforcing, lab.transport = True, Transport("http")
    check = done(task(MODULE, check=True, bucket=bucket, require_tls=True))
    assert f"the endpoint of this task, {lab.url}, does not use TLS" in " ".join(check["warnings"])
    result = task(MODULE, bucket=bucket, require_tls=True)
    lab.enforcing, lab.transport = False, Transport()
    assert (result["changed"], result["failed"]) == (True, True)
    assert result["buckets"][0]["error"]["action"] == "s3:GetBucketPolicy"
    assert own_sids(policy_of(s3)) == ["RequireTls"]


@AT_AWS
def test_a_public_policy_is_named_as_what_block_public_access_refuses(task: Task, s3: Any, bucket: str) -> None:
    """S3 judges the whole new policy, so a denial is refused that is merged into a policy that was public before."""
    s3.delete_public_access_block(Bucket=bucket)
    put_policy(s3, [PUBLIC])
    block = {"BlockPublicPolicy": True, "BlockPublicAcls": True, "IgnorePublicAcls": True}
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=block)
    before = policy_of(s3)
    row = refused(task(MODULE, bucket=bucket, require_tls=True), "forbidden", "s3:PutBucketPolicy", "Public")
    assert row["error"]["layer"] == "S3 Block Public Access"
    assert policy_of(s3) == before


@AT_AWS
@pytest.mark.parametrize("action", ["s3:GetBucketPolicy", "s3:PutBucketPolicy"])
def test_what_is_denied_is_named(task: Task, s3: Any, bucket: str, lab: Any, action: str) -> None:
    """A policy that may not be read is no empty policy. Nothing is written."""
    put_policy(s3, FOREIGN)
    before = policy_of(s3)
    lab.faults.add("deny", operation=action, times=None)
    row = refused(task(MODULE, bucket=bucket, deny_customer_keys=True), "forbidden", f"{action} on {bucket}")
    assert (row["error"]["action"], row["error"]["code"]) == (action, "AccessDenied")
    lab.faults.clear()
    assert policy_of(s3) == before


@AT_AWS
def test_a_policy_that_is_too_large_is_refused_before_the_write(task: Task, s3: Any, bucket: str, calls: Any) -> None:
    """20 KB. The check run says so, too."""
    names = [f"arn:aws:s3:::{BUCKET}/{number:03d}-{'x' * 180}" for number in range(92)]
    put_policy(s3, [{**FOREIGN[0], "Resource": names}])
    calls()
    for check in (True, False):
        result = task(MODULE, check=check, bucket=bucket, minimum_tls_version="1.2", allow_encryption=["SSE-KMS"])
        refused(result, "invalid", "S3 accepts 20480")
    assert set(calls()) == {"GetBucketPolicy"}


@AT_AWS
def test_a_bucket_that_an_earlier_task_would_create(task: Task, lab: Any) -> None:
    """A check run plans with an empty policy, and reads nothing else of it. A real run fails."""
    check = done(task(MODULE, check=True, bucket=BUCKET, require_tls=True, allow_kms_keys=["alias/new"]))
    assert (check["not_there_yet"], check["changed"]) == ([BUCKET, "alias/new"], True)
    row = check["buckets"][0]
    assert (row["before"], row["after"]["require_tls"]) == (None, True)
    assert row["after"]["allow_kms_keys"] == [f"arn:aws:kms:us-east-1:{ACCOUNT}:key/known-after-the-real-run"]
    assert "GetBucketWebsite" not in lab.calls.operations()
    refused(task(MODULE, bucket=BUCKET, require_tls=True), "absent", BUCKET)


@AT_AWS
def test_the_keys_of_a_bucket_are_those_of_its_region(task: Task, s3: Any, lab: Any, key_arn: str) -> None:
    """An ARN of another region is left out; an alias is resolved in each; no key at all is a failure."""
    west = lab.client("kms", region="eu-west-1", account=ACCOUNT)
    west_arn = west.create_key()["KeyMetadata"]["Arn"]
    s3.create_bucket(Bucket="example-east")
    s3.create_bucket(Bucket="example-west", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    buckets = ["example-east", "example-west"]
    result = done(task(MODULE, buckets=buckets, allow_kms_keys=[key_arn, west_arn]))
    assert [row["after"]["allow_kms_keys"] for row in result["buckets"]] == [[key_arn], [west_arn]]
    result = task(MODULE, buckets=buckets, allow_kms_keys=[key_arn])
    assert result["failed_buckets"] == ["example-west"]
    assert "allow_kms_keys has no key in eu-west-1, the region of example-west." in result["msg"]
    result = task(MODULE, buckets=buckets, allow_kms_keys=["alias/app"])
    assert result["failed_buckets"] == ["example-west"]
    assert "There is no KMS key alias/app in eu-west-1." in result["msg"]


@AT_AWS
def test_a_key_that_cannot_be_used_is_refused_only_where_it_is_new(
    task: Task, kms: Any, bucket: str, key_arn: str
) -> None:
    """Nothing is written with a disabled key. A policy that has it already is as asked."""
    kms.disable_key(KeyId=key_arn)
    refused(task(MODULE, bucket=bucket, allow_kms_keys=[key_arn]), "key_unusable", key_arn)
    kms.enable_key(KeyId=key_arn)
    assert done(task(MODULE, bucket=bucket, allow_kms_keys=[key_arn]))["changed"]
    kms.disable_key(KeyId=key_arn)
    assert not done(task(MODULE, bucket=bucket, allow_kms_keys=[key_arn]))["changed"]
    assert done(task(MODULE, bucket=bucket, allow_kms_keys=[key_arn], deny_customer_keys=True))["changed"]


@AT_AWS
def test_a_directory_bucket_is_refused(task: Task, lab: Any) -> None:
    """Without a call."""
    name = "example--use1-az4--x-s3"
    result = task(MODULE, buckets=[name], require_tls=True)
    assert result["buckets"][0]["error"]["kind"] == "unsupported"
    assert "directory bucket" in result["msg"]
    assert list(lab.calls.operations()) == []


@AT_AWS
def test_the_policy_is_read_until_s3_reports_the_new_one(
    task: Task, s3: Any, bucket: str, clock: LabClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A read that still has the policy from before is repeated. The wait is by the clock of the task."""
    read = S3BucketPolicies.get_bucket_policy
    late = iter([False, True, True, False])

    def read_late(self: S3BucketPolicies, name: str, region: str | None = None) -> tuple[str | None, str]:
        document, found = read(self, name, region)
        return (None, found) if next(late, False) else (document, found)

    monkeypatch.setattr(S3BucketPolicies, "get_bucket_policy", read_late)
    assert done(task(MODULE, bucket=bucket, require_tls=True))["changed"]
    assert clock.slept == [0.25, 0.5]


@AT_AWS
def test_another_writer_after_the_write_is_reported(task: Task, s3: Any, bucket: str, lab: Any) -> None:
    """The policy that S3 reports is another one, so the result is not ok. The next run merges with it."""
    write = S3BucketPolicies.put_bucket_policy

    def overwritten(self: S3BucketPolicies, name: str, document: str, region: str) -> None:
        write(self, name, document, region)
        put_policy(s3, FOREIGN)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(S3BucketPolicies, "put_bucket_policy", overwritten)
        result = task(MODULE, bucket=bucket, require_tls=True)
    assert (result["changed"], result["failed_buckets"]) == (True, [bucket])
    assert result["buckets"][0]["error"]["kind"] == "unverified"
    assert "another client changed it meanwhile" in result["msg"]
    assert "SealedS3RequireTls" in result["msg"]
    assert done(task(MODULE, bucket=bucket, require_tls=True))["changed"]
    assert json.dumps(policy_of(s3)).count("Sid") == 2


@AT_AWS
def test_the_policy_of_another_account_is_not_managed(task: Task, lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """S3 answers 405, although the policy allows the account all actions. The failure says whose keys to use."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCOUNT)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    owner = lab.client("s3", account="210987654321")
    owner.create_bucket(Bucket=BUCKET)
    resources = [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"]
    put_policy(owner, [{**FOREIGN[0], "Action": "s3:*", "Resource": resources}])
    before = policy_of(owner)
    lab.enforcing = True
    for module, options in ((MODULE, {"require_tls": True}), (f"{MODULE}_info", {})):
        result = task(module, bucket=BUCKET, **options)
        assert result["buckets"][0]["error"]["kind"] == "forbidden"
        assert "use those of the bucket's account" in result["msg"]
    assert policy_of(owner) == before
