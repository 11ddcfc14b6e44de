# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The role of a batch job, in a lab that enforces policies.

With the permissions that `needed_permissions` names, a job does all of its tasks. Without each of them the job or its
tasks fail, and the check of the role says so before, with the policy to add.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.aws.accounts.iam_roles import IamRoles
from ansible_collections.sealed.s3.plugins.module_utils.aws.buckets.s3_bucket_policies import S3BucketPolicies
from ansible_collections.sealed.s3.plugins.module_utils.aws.keys.key_policies import KeyPolicies
from ansible_collections.sealed.s3.plugins.module_utils.aws.session import Clients, Connection
from ansible_collections.sealed.s3.plugins.module_utils.engine.batch_jobs.role_check import (
    ResourcePolicies,
    RoleCheck,
    check_role,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.batch_jobs.role_policy import (
    JobAccess,
    JobFiles,
    NeededPermission,
    Purpose,
    RoleTask,
    needed_permissions,
    permissions_policy,
    trust_policy,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind

from .conftest import ACCOUNT, REGION, LabClock, Task

pytestmark = pytest.mark.usefixtures("at_aws")

ROLE = f"arn:aws:iam::{ACCOUNT}:role/batch"
BUCKET, MANIFESTS, REPORTS = "example-data", "example-manifests", "example-reports"
FINAL = ("Complete", "Failed", "Cancelled")


@dataclass(frozen=True)
class Jobs:
    """Buckets, keys and a role, and jobs that use them, as the root user of the account."""

    lab: Any
    s3: Any
    iam: Any
    control: Any
    old_key: str
    new_key: str
    list_key: str

    def access(self, task: RoleTask, *, generated: bool = False, versions: bool = False) -> JobAccess:
        """What a job reads and writes: objects under the old key, which it changes to the new one."""
        return JobAccess(
            task,
            "aws",
            BUCKET,
            "data/",
            JobFiles(MANIFESTS, "lists/", self.list_key if generated else None),
            JobFiles(REPORTS, "reports"),
            generated,
            versions,
            (self.old_key,),
            self.new_key,
        )

    def allow(self, needed: tuple[NeededPermission, ...], more: list[dict[str, Any]] | None = None) -> None:
        """Replace the policy of the role."""
        document = permissions_policy(needed)
        document["Statement"] += more or []
        self.iam.put_role_policy(RoleName="batch", PolicyName="own", PolicyDocument=json.dumps(document))

    def prepare(self) -> str:
        """An object under the old key, with a tag. Returns its version."""
        under = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": self.old_key}
        put = self.s3.put_object(Bucket=BUCKET, Key="data/a", Body=b"text", Tagging="a=b", **under)
        version: str = put["VersionId"]
        return version

    def run(self, access: JobAccess, version: str) -> tuple[str, int, str]:
        """Run a job. Returns its status, the number of failed tasks, and the reasons of its failure."""
        if access.task is RoleTask.UPDATE:
            key = {"KMSKeyArn": self.new_key, "BucketKeyEnabled": True}
            operation: dict[str, Any] = {"S3UpdateObjectEncryption": {"ObjectEncryption": {"SSEKMS": key}}}
        else:
            copy = {"TargetResource": f"arn:aws:s3:::{BUCKET}", "SSEAwsKmsKeyId": self.new_key}
            operation = {"S3PutObjectCopy": {**copy, "BucketKeyEnabled": True}}
        report = {"Enabled": True, "Bucket": f"arn:aws:s3:::{REPORTS}", "Format": "Report_CSV_20180820"}
        job = self.control.create_job(
            AccountId=ACCOUNT,
            ConfirmationRequired=False,
            Operation=operation,
            Priority=10,
            RoleArn=ROLE,
            ClientRequestToken=str(uuid.uuid4()),
            Report={**report, "Prefix": "reports", "ReportScope": "AllTasks"},
            **(self._generator() if access.manifest_is_generated else self._manifest(version)),
        )["JobId"]
        while True:
            found = self.control.describe_job(AccountId=ACCOUNT, JobId=job)["Job"]
            if found["Status"] in FINAL:
                failed = found["ProgressSummary"]["NumberOfTasksFailed"]
                return found["Status"], failed, json.dumps(found["FailureReasons"])

    def _manifest(self, version: str) -> dict[str, Any]:
        row = ",".join(filter(None, (BUCKET, "data/a", version)))
        put = self.s3.put_object(
            Bucket=MANIFESTS, Key="lists/one.csv", Body=row.encode(), ServerSideEncryption="AES256"
        )
        location = {"ObjectArn": f"arn:aws:s3:::{MANIFESTS}/lists/one.csv", "ETag": put["ETag"].strip('"')}
        fields = ["Bucket", "Key", *(["VersionId"] if version else [])]
        return {
            "Manifest": {"Spec": {"Format": "S3BatchOperations_CSV_20180820", "Fields": fields}, "Location": location}
        }

    def _generator(self) -> dict[str, Any]:
        output = {
            "Bucket": f"arn:aws:s3:::{MANIFESTS}",
            "ManifestPrefix": "lists/",
            "ManifestFormat": "S3InventoryReport_CSV_20211130",
            "ManifestEncryption": {"SSEKMS": {"KeyId": self.list_key}},
        }
        generator = {
            "SourceBucket": f"arn:aws:s3:::{BUCKET}",
            "EnableManifestOutput": True,
            "ManifestOutputLocation": output,
            "Filter": {"MatchAnyObjectEncryption": [{"SSEKMS": {"KmsKeyArn": self.old_key}}]},
        }
        return {"ManifestGenerator": {"S3JobManifestGenerator": generator}}


@pytest.fixture
def jobs(lab: Any, s3: Any, kms: Any) -> Jobs:
    """A lab that enforces policies, with a role that S3 Batch Operations may assume."""
    iam = lab.client("iam", region=REGION, account=ACCOUNT)
    iam.create_role(RoleName="batch", AssumeRolePolicyDocument=json.dumps(trust_policy()))
    keys = [kms.create_key()["KeyMetadata"]["Arn"] for _number in range(3)]
    for name, key in ((BUCKET, None), (MANIFESTS, keys[2]), (REPORTS, keys[2])):
        s3.create_bucket(Bucket=name)
        default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key} if key else {"SSEAlgorithm": "AES256"}
        rules = [{"ApplyServerSideEncryptionByDefault": default}]
        s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": rules})
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    lab.enforcing = True
    return Jobs(lab, s3, iam, lab.client("s3control", region=REGION, account=ACCOUNT), *keys)


READS = ("iam:GetRole", "iam:SimulatePrincipalPolicy", "s3:GetBucketPolicy", "kms:GetKeyPolicy")


@pytest.fixture
def operator(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """The user whose credentials the check has. It may do what the check reads, until it is allowed other actions."""
    jobs.iam.create_user(UserName="operator")
    access = jobs.iam.create_access_key(UserName="operator")["AccessKey"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", access["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", access["SecretAccessKey"])

    def allow(*actions: str) -> None:
        statement = {"Effect": "Allow", "Action": ["sts:GetCallerIdentity", *actions], "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        jobs.iam.put_user_policy(UserName="operator", PolicyName="own", PolicyDocument=document)

    allow(*READS)
    return allow


@pytest.fixture
def check(operator: Callable[..., None]) -> Callable[..., RoleCheck]:
    """Checks the role with the credentials of the environment, as the module does."""

    clients = Clients(Connection(region=REGION))
    policies = ResourcePolicies(S3BucketPolicies(clients), KeyPolicies(clients))

    def run(needed: tuple[NeededPermission, ...], role: str = ROLE, **options: Any) -> RoleCheck:
        return check_role(IamRoles(clients), role, needed, **{"policies": policies, **options})

    return run


def _without(
    needed: tuple[NeededPermission, ...],
) -> Iterator[tuple[NeededPermission, str, tuple[NeededPermission, ...]]]:
    """Every needed action, with the permissions without it."""
    for number, each in enumerate(needed):
        for action in each.actions:
            rest = replace(each, actions=tuple(other for other in each.actions if other != action))
            kept = (*needed[:number], *((rest,) if rest.actions else ()), *needed[number + 1 :])
            yield each, action, kept


@pytest.mark.parametrize(
    ("task", "generated", "versions"),
    [
        (RoleTask.UPDATE, False, True),
        (RoleTask.UPDATE, True, True),
        (RoleTask.COPY, False, False),
    ],
    ids=["update", "update, generated manifest", "copy"],
)
def test_a_job_needs_each_permission(
    jobs: Jobs, check: Callable[..., RoleCheck], task: RoleTask, *, generated: bool, versions: bool
) -> None:
    """With all: every task is done. Without one: the job or its task fails, and the check says so before."""
    access = jobs.access(task, generated=generated, versions=versions)
    needed = needed_permissions(access)
    jobs.allow(needed)
    assert check(needed) == RoleCheck()
    version = jobs.prepare()
    assert jobs.run(access, version if versions else "") == ("Complete", 0, "[]")
    for each, action, kept in _without(needed):
        jobs.allow(kept)
        version = jobs.prepare()
        checked = check(needed)
        assert checked.failure is not None, (each, action)
        assert checked.missing == (replace(each, actions=(action,)),)
        assert checked.failure.kind is FailureKind.FORBIDDEN
        assert action in checked.failure.message
        assert json.dumps(permissions_policy(checked.missing)["Statement"][0]) in checked.failure.advice
        if generated and (each.purpose, action) == (Purpose.CHANGE_OBJECTS, "s3:GetObject"):
            continue  # the manifest of this bucket names versions, which S3 decides
        status, failed, reasons = jobs.run(access, version if versions else "")
        assert (status, failed) != ("Complete", 0), (each.purpose, action)
        assert failed or action in reasons, (each.purpose, action, reasons)


def test_the_role_must_be_assumed_by_batch_operations(jobs: Jobs, check: Callable[..., RoleCheck]) -> None:
    """Another service in the trust policy is an error with the statement to add. A condition is a warning."""
    needed = needed_permissions(jobs.access(RoleTask.UPDATE))
    jobs.allow(needed)
    other = {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sts:AssumeRole"}

    def trust(statement: dict[str, Any]) -> RoleCheck:
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        jobs.iam.update_assume_role_policy(RoleName="batch", PolicyDocument=document)
        return check(needed)

    refused = trust(other)
    assert refused.trust_is_missing
    assert refused.failure is not None
    assert f"cannot assume the role {ROLE}" in refused.failure.message
    assert json.dumps(trust_policy()) in refused.failure.advice
    own = trust_policy()["Statement"][0]
    conditional = trust({**own, "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}})
    assert (conditional.failure, conditional.trust_is_missing) == (None, False)
    assert ["has conditions" in each for each in conditional.warnings] == [True]
    assert trust({**own, "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}}).trust_is_missing
    assert trust(own) == RoleCheck()


def test_a_role_that_does_not_exist(jobs: Jobs, check: Callable[..., RoleCheck]) -> None:
    """The error has both policies. A check run can go on. Another path is another ARN."""
    needed = needed_permissions(jobs.access(RoleTask.COPY))
    absent = check(needed, ROLE + "-2")
    assert absent.failure is not None
    assert absent.failure.kind is FailureKind.ABSENT
    assert json.dumps(trust_policy()) in absent.failure.advice
    assert json.dumps(permissions_policy(needed)) in absent.failure.advice
    assert absent.not_there_yet is not None
    assert absent.not_there_yet.name == ROLE + "-2"
    misnamed = check(needed, ROLE.replace("role/", "role/path/"))
    assert misnamed.failure is not None
    assert f"the role of this name is {ROLE}" in misnamed.failure.message


def test_reads_that_are_refused_are_warnings(
    jobs: Jobs, check: Callable[..., RoleCheck], operator: Callable[..., None], calls: Callable[[], list[str]]
) -> None:
    """The job may do all the same, so nothing fails. The warning has the policy that the job needs."""
    needed = needed_permissions(jobs.access(RoleTask.UPDATE))
    jobs.allow(needed)
    calls()  # those of the preparation
    assert check(needed) == RoleCheck()
    assert sorted(calls()) == sorted(
        ["GetRole", *["SimulatePrincipalPolicy"] * len(needed), *["GetBucketPolicy"] * 3, *["GetKeyPolicy"] * 2]
    )
    for missing in READS:
        operator(*(each for each in READS if each != missing))
        found = check(needed)
        assert found.failure is None
        assert [f"{missing} is forbidden" in each for each in found.warnings] == [True], missing
    operator()
    unchecked = check(needed)
    assert unchecked.failure is None
    assert [json.dumps(permissions_policy(needed)) in each for each in unchecked.warnings] == [False, True]


def test_policies_of_buckets_and_keys_take_part(jobs: Jobs, kms: Any, check: Callable[..., RoleCheck]) -> None:
    """They allow the role what its own policies do not, and deny it what these allow."""
    access = jobs.access(RoleTask.UPDATE)
    needed = needed_permissions(access)
    keys = tuple(each for each in needed if each.actions[0].startswith("kms:"))
    jobs.allow(tuple(each for each in needed if each not in keys))
    lacking = check(needed)
    assert lacking.missing == keys
    own = json.loads(kms.get_key_policy(KeyId=jobs.old_key)["Policy"])
    role = {"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "kms:*", "Resource": "*"}
    for key in (jobs.old_key, jobs.new_key):
        policy = json.dumps({**own, "Statement": [*own["Statement"], role]})
        kms.put_key_policy(KeyId=key, Policy=policy)
    assert check(needed) == RoleCheck()
    assert check(needed, policies=None).missing == keys
    jobs.prepare()
    assert jobs.run(access, "") == ("Complete", 0, "[]")
    exempt = {"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/other"}}
    deny = {"Sid": "Guard", "Effect": "Deny", "Principal": "*", "Action": "s3:UpdateObjectEncryption"}
    statement = {**deny, "Resource": f"arn:aws:s3:::{BUCKET}/*", "Condition": exempt}
    jobs.s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    denied = check(needed)
    assert denied.failure is not None
    assert denied.missing == ()
    assert f"the policy of the bucket {BUCKET}, whose statement Guard denies it" in denied.failure.message


def test_conditions_that_are_not_known_are_warnings(jobs: Jobs, check: Callable[..., RoleCheck]) -> None:
    """A request of S3 has an address that nobody knows before, so the verdict of the simulator may be wrong."""
    needed = needed_permissions(jobs.access(RoleTask.UPDATE))
    deny = {"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*"}
    jobs.allow(needed, [{**deny, "Condition": {"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}])
    found = check(needed)
    assert found.failure is None
    assert ["conditions on aws:sourceip decide" in each for each in found.warnings] == [True]
    jobs.allow(needed, [deny])
    denied = check(needed)
    assert denied.failure is not None
    assert "a statement of the role's own policies, which denies it" in denied.failure.message
    assert denied.missing == ()


@pytest.fixture
def clock(lab: Any) -> LabClock:
    """The clock of the lab, which goes on while a task waits for a job."""
    return LabClock(lab)


def test_the_module_creates_no_job_with_such_a_role(
    jobs: Jobs, task: Task, operator: Callable[..., None], calls: Callable[[], list[str]]
) -> None:
    """With the documented policy, the task is done. Without a part of it, it fails before a job is created."""
    operator("s3:*", "kms:*", "iam:*")
    options = {
        "bucket": BUCKET,
        "select": {"prefix": "data/"},
        "encryption": "SSE-KMS",
        "kms_key": jobs.new_key,
        "engine": "batch_operations",
        "batch": {
            "role_arn": ROLE,
            "manifest": {"bucket": MANIFESTS, "prefix": "lists"},
            "report": {"bucket": REPORTS, "prefix": "reports"},
        },
    }
    needed = needed_permissions(jobs.access(RoleTask.UPDATE, versions=True))
    jobs.prepare()
    for number, each in enumerate(needed):  # the tests above leave out each action
        jobs.allow(tuple(other for other in needed if other is not each))
        calls()
        refused = task("bucket_reencryption", check=bool(number % 2), **options)
        assert refused.get("failed"), each
        assert json.dumps(permissions_policy([each])) in refused["msg"]
        assert {"CreateJob", "PutObject"}.isdisjoint(calls())
    jobs.allow(needed)
    done = task("bucket_reencryption", **options)
    assert (done.get("failed"), done["changed"]) == (None, True), done
    assert not any("role" in each for each in done["warnings"])
    absent = {**options, "batch": {**options["batch"], "role_arn": f"{ROLE}-2"}}  # type: ignore[dict-item]
    jobs.prepare()
    planned = task("bucket_reencryption", check=True, **absent)
    assert planned["not_there_yet"] == [f"{ROLE}-2"]
    assert task("bucket_reencryption", **absent)["msg"].startswith(f"There is no role {ROLE}-2.")


def test_the_policy_in_the_message_is_enough(jobs: Jobs, task: Task, operator: Callable[..., None]) -> None:
    """Pasted as it is, for a job in place, a job of copies, and manifests under a key."""
    operator("s3:*", "kms:*", "iam:*")
    jobs.prepare()
    layers = {"ServerSideEncryption": "aws:kms:dsse", "SSEKMSKeyId": jobs.old_key}
    jobs.s3.put_object(Bucket=BUCKET, Key="data/b", Body=b"text", **layers)
    options = {
        "bucket": BUCKET,
        "encryption": "SSE-KMS",
        "kms_key": jobs.new_key,
        "engine": "batch_operations",
        "batch": {"role_arn": ROLE, "manifest": {"bucket": MANIFESTS, "kms_key": jobs.list_key}},
    }
    refused = task("bucket_reencryption", **options)
    text = refused["msg"]
    policy, _end = json.JSONDecoder().raw_decode(text[text.index('{"Version"') :])
    jobs.iam.put_role_policy(RoleName="batch", PolicyName="pasted", PolicyDocument=json.dumps(policy))
    done = task("bucket_reencryption", **options)
    assert not done.get("failed"), done
    assert [job["tasks"]["succeeded"] for job in done["jobs"]] == [1, 1]
