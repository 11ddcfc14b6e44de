# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Key policies in a lab that enforces them: their effect, and policies that are refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import ACCOUNT, REGION, Task
from .test_keys import step

OTHER = "210987654321"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
S3_ALL = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
KMS_ALL = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}


def document(*statements: dict[str, Any]) -> str:
    """A policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


class People:
    """IAM users of the lab, each with permissions of their own."""

    def __init__(self, lab: Any) -> None:
        self._lab = lab
        self._keys: dict[str, dict[str, str]] = {}

    def add(self, name: str, *permissions: dict[str, Any], account: str = ACCOUNT) -> str:
        """A user with these permissions; the ARN."""
        iam = self._lab.client("iam", region=REGION, account=account)
        arn: str = iam.create_user(UserName=name)["User"]["Arn"]
        if permissions:
            iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=document(*permissions))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        self._keys[name] = {"AccessKeyId": key["AccessKeyId"], "SecretAccessKey": key["SecretAccessKey"]}
        return arn

    def client(self, service: str, name: str) -> Any:
        """A client of one of them."""
        return self._lab.client(service, region=REGION, credentials=self._keys[name])


@pytest.fixture
def people(lab: Any, monkeypatch: pytest.MonkeyPatch) -> People:
    """Enforcement is on; the tasks run as the account's root user."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    lab.enforcing = True
    return People(lab)


def denied(call: Any, **parameters: Any) -> bool:
    """Whether a call is refused because a permission is missing."""
    try:
        call(**parameters)
    except ClientError as error:
        if error.response["Error"]["Code"] in ("AccessDenied", "AccessDeniedException"):
            return True
        raise
    return False


def put(client: Any, bucket: str, key_arn: str, key: str = "a", **more: Any) -> Any:
    """An upload under the key."""
    return client.put_object(
        Bucket=bucket, Key=key, Body=b"text", ServerSideEncryption="aws:kms", SSEKMSKeyId=key_arn, **more
    )


def assert_no_direct_use(client: Any, arn: str, ciphertext: bytes) -> None:
    """Every direct use of the key in KMS is refused, also with a ciphertext of this key."""
    assert denied(client.decrypt, CiphertextBlob=ciphertext)
    assert denied(client.decrypt, CiphertextBlob=ciphertext, KeyId=arn)
    assert denied(client.encrypt, KeyId=arn, Plaintext=b"text")
    assert denied(client.generate_data_key, KeyId=arn, KeySpec="AES_256")


@pytest.mark.parametrize("bucket_key", [False, True], ids=["without bucket key", "with bucket key"])
def test_users_strangers_and_administrators(
    task: Task, people: People, bucket: str, s3: Any, kms: Any, bucket_key: bool
) -> None:
    """A user can use the key through S3 only; a stranger cannot use it; an administrator cannot decrypt.

    IAM allows all of them everything, so only the key policy decides.
    """
    user, admin, _stranger = (people.add(name, S3_ALL, KMS_ALL) for name in ("user", "admin", "stranger"))
    s3.create_bucket(Bucket="another-bucket")
    arn = step(task, alias="app")["kms_key"]["arn"]
    ciphertext = kms.encrypt(KeyId=arn, Plaintext=b"text")["CiphertextBlob"]
    assert not denied(people.client("kms", "stranger").decrypt, CiphertextBlob=ciphertext)
    whole = {"purge_policy_statements": True}  # KMS's default policy lets IAM allow all
    step(task, alias="app", administrators=[admin], users=[user], buckets=[bucket], **whole)

    through = people.client("s3", "user")
    put(through, bucket, arn, BucketKeyEnabled=bucket_key)
    assert through.get_object(Bucket=bucket, Key="a")["Body"].read() == b"text"
    assert denied(lambda: put(through, "another-bucket", arn, BucketKeyEnabled=bucket_key))

    for name in ("stranger", "admin"):
        theirs = people.client("s3", name)
        assert denied(lambda theirs=theirs: put(theirs, bucket, arn, "b", BucketKeyEnabled=bucket_key))
        assert denied(theirs.get_object, Bucket=bucket, Key="a")
    for name in ("user", "stranger", "admin"):
        assert_no_direct_use(people.client("kms", name), arn, ciphertext)


def test_who_can_manage(task: Task, people: People, bucket: str) -> None:
    """The policy allows an administrator to manage the key, a user to describe it, and others only what IAM allows."""
    user, admin, _stranger = (people.add(name, S3_ALL) for name in ("user", "admin", "stranger"))
    people.add("operator", KMS_ALL)
    arn = step(task, alias="app", administrators=[admin], users=[user], buckets=[bucket])["kms_key"]["arn"]
    assert not denied(people.client("kms", "user").describe_key, KeyId=arn)
    assert denied(people.client("kms", "user").disable_key, KeyId=arn)
    assert denied(people.client("kms", "stranger").describe_key, KeyId=arn)
    assert not denied(people.client("kms", "operator").describe_key, KeyId=arn)
    assert not denied(people.client("kms", "admin").disable_key, KeyId=arn)


def test_principals_of_an_allowed_account(task: Task, people: People, bucket: str, s3: Any) -> None:
    """Principals of an allowed account that have IAM permissions can use the key through S3 only."""
    arn = step(task, alias="app", users=[], allowed_accounts=[OTHER])["kms_key"]["arn"]
    theirs = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"}, "Action": "s3:*"}
    s3.put_bucket_policy(Bucket=bucket, Policy=document({**theirs, "Resource": f"arn:aws:s3:::{bucket}/*"}))
    people.add("guest", S3_ALL, KMS_ALL, account=OTHER)
    guest = people.client("s3", "guest")
    put(guest, bucket, arn)
    assert guest.get_object(Bucket=bucket, Key="a")["Body"].read() == b"text"
    assert denied(people.client("kms", "guest").encrypt, KeyId=arn, Plaintext=b"text")
    step(task, alias="app", allowed_accounts=[])
    assert denied(guest.get_object, Bucket=bucket, Key="a")


def test_the_statements_follow_their_options(task: Task, bucket: str) -> None:
    """Services with their source account; buckets kept, changed and removed; foreign statements purged."""
    made = step(task, alias="app", users=[ROOT], buckets=[bucket], services=["logging.s3.amazonaws.com"])
    by_sid = {statement["Sid"]: statement for statement in made["kms_key"]["policy"]["Statement"]}
    assert by_sid["S3KeyServices"]["Principal"] == {"Service": ["logging.s3.amazonaws.com"]}
    assert by_sid["S3KeyServices"]["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    arns = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    assert by_sid["S3KeyUsers"]["Condition"]["ArnLike"] == {"kms:EncryptionContext:aws:s3:arn": arns}
    assert not task("kms_key_for_s3", alias="app", users=[ROOT])["changed"]
    assert step(task, alias="app", users=[ROOT], buckets=[])["actions"] == ["PutKeyPolicy"]
    remaining = step(task, alias="app", services=[], purge_policy_statements=True)["kms_key"]["policy"]["Statement"]
    assert {statement["Sid"] for statement in remaining} == {"S3KeyAccount", "S3KeyUsers", "S3KeyDescribe"}


def test_the_option_policy_replaces_the_whole_policy(task: Task) -> None:
    """Written unchanged, and compared by its meaning; mutually exclusive with the options that build a policy."""
    own = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}
    logs = {**own, "Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": ["kms:Decrypt"]}
    assert step(task, alias="app", policy=document(own, logs))["actions"][0] == "CreateKey"
    rewritten = {**own, "Principal": {"AWS": [ACCOUNT]}, "Action": ["KMS:*"]}
    assert not task("kms_key_for_s3", alias="app", policy=document({**logs, "Action": "kms:decrypt"}, rewritten))[
        "changed"
    ]
    assert step(task, alias="app", policy=document(own))["actions"] == ["PutKeyPolicy"]
    assert "mutually exclusive" in task("kms_key_for_s3", alias="app", policy=document(own), users=[])["msg"]


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param({"Principal": {"AWS": ROOT}, "Action": "kms:Decrypt"}, id="no principal"),
        pytest.param({"Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"}, "Action": "kms:*"}, id="another account"),
        pytest.param(
            {"Principal": {"AWS": ROOT}, "Action": "kms:*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}},
            id="under a condition",
        ),
    ],
)
@pytest.mark.parametrize("there", [False, True], ids=["new key", "existing key"])
def test_a_lock_out_is_refused_before_any_write(task: Task, lab: Any, statement: dict[str, Any], there: bool) -> None:
    """In a check run, too, with an explanation."""
    if there:
        task("kms_key_for_s3", alias="app")
    lab.calls.clear()
    whole = document({"Effect": "Allow", "Resource": "*", **statement})
    for check in (True, False):
        result = task("kms_key_for_s3", check=check, alias="app", policy=whole)
        assert (result["failed"], result["error"]["kind"]) == (True, "invalid"), result
        assert "not written" in result["msg"]
    assert list(lab.calls.writes()) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"users": ["app"]}, "not the ARN"),
        ({"services": ["logging"]}, "not a service principal"),
        ({"allowed_accounts": ["1"]}, "not an AWS account id"),
        ({"users": [ROOT], "buckets": ["a/b"]}, "not the name of a bucket"),
        ({"buckets": ["abc"]}, "no effect without users"),
        ({"users": [ROOT], "buckets": ["abc"], "through_s3_only": False}, "direct caller"),
        ({"purge_policy_statements": True}, "no effect"),
        ({"policy": "{}"}, "not a JSON policy document"),
    ],
)
def test_invalid_options_are_refused(task: Task, lab: Any, options: dict[str, Any], message: str) -> None:
    """Refused before any call."""
    lab.calls.clear()
    assert message in task("kms_key_for_s3", alias="app", **options)["msg"]
    assert list(lab.calls.operations()) == []


def test_a_deleted_role_causes_a_warning_and_no_change(task: Task, kms: Any) -> None:
    """AWS shows its unique id in place of the ARN, and would refuse the ARN."""
    role = f"arn:aws:iam::{ACCOUNT}:role/app"
    key = step(task, alias="app", users=[role])["kms_key"]
    policy_of_aws = json.dumps(key["policy"]).replace(role, "AROADBQP57FF2AEXAMPLE")
    kms.put_key_policy(KeyId=key["key_id"], PolicyName="default", Policy=policy_of_aws)
    result = task("kms_key_for_s3", alias="app", users=[role])
    assert not result["changed"]
    assert "AROADBQP57FF2AEXAMPLE" in result["warnings"][0]


def test_a_deleted_role_does_not_prevent_other_changes(task: Task, people: People, lab: Any, kms: Any) -> None:
    """KMS refuses the unique id of a deleted principal: a policy that is written omits it, as diff and warning show."""
    admin, user, other = (people.add(name) for name in ("admin", "user", "other"))
    key = step(task, alias="app", administrators=[], users=[user, other])["kms_key"]
    backup = {"Sid": "Backup", "Effect": "Allow", "Principal": {"AWS": user}, "Action": "kms:Decrypt", "Resource": "*"}
    deleted_user = {"AWS": "AIDADBQP57FF2AEXAMPLE"}
    policy_of_aws = document(*key["policy"]["Statement"], {**backup, "Principal": deleted_user}).replace(
        user, deleted_user["AWS"]
    )
    lab.enforcing = False
    kms.put_key_policy(KeyId=key["key_id"], PolicyName="default", Policy=policy_of_aws)
    lab.enforcing = True
    assert not task("kms_key_for_s3", alias="app", users=[user, other])["changed"]
    result = task("kms_key_for_s3", check=True, alias="app", users=[user, other], administrators=[admin])
    assert not result.get("failed"), result
    assert result["diff"]["before"] != result["diff"]["after"]
    result = task("kms_key_for_s3", alias="app", users=[user, other], administrators=[admin])
    assert not result.get("failed"), result
    assert "without AIDADBQP57FF2AEXAMPLE" in result["warnings"][0]
    assert "name no other principal are removed: Backup." in result["warnings"][0]
    by_sid = {statement["Sid"]: statement for statement in result["kms_key"]["policy"]["Statement"]}
    assert by_sid["S3KeyUsers"]["Principal"] == {"AWS": [other]}
    assert "Backup" not in by_sid
