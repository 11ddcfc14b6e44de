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


UNLIMITED = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}


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

    def delete(self, name: str) -> str:
        """Delete one of them, which has no permissions; the unique id."""
        iam = self._lab.client("iam", region=REGION, account=ACCOUNT)
        unique_id: str = iam.get_user(UserName=name)["User"]["UserId"]
        iam.delete_access_key(UserName=name, AccessKeyId=self._keys[name]["AccessKeyId"])
        iam.delete_user(UserName=name)
        return unique_id

    def client(self, service: str, name: str) -> Any:
        """A client of one of them."""
        return self._lab.client(service, region=REGION, credentials=self._keys[name])

    def credentials(self, name: str) -> dict[str, str]:
        """The credentials of one of them, as variables of the environment."""
        keys = self._keys[name]
        return {"AWS_ACCESS_KEY_ID": keys["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"]}


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
            {
                "Principal": {"AWS": ROOT},
                "Action": "kms:*",
                "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
            },
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


WITH_MFA = {**UNLIMITED, "Sid": "Root", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}


def test_the_account_is_not_put_in_charge_of_a_key_that_others_manage(
    task: Task, people: People, kms: Any, lab: Any
) -> None:
    """Neither for a root statement with a condition, nor for a key that a role alone administers."""
    admin, user = people.add("admin"), people.add("user")
    key_id = step(task, alias="app")["kms_key"]["key_id"]
    by_admin = {**UNLIMITED, "Sid": "Admins", "Principal": {"AWS": admin}}
    for mine in (WITH_MFA, by_admin):
        theirs = [{**WITH_MFA, "Sid": "Theirs"}, mine] if mine is by_admin else [mine]
        lab.enforcing = False
        bypass = {"BypassPolicyLockoutSafetyCheck": True}
        kms.put_key_policy(KeyId=key_id, PolicyName="default", Policy=document(*theirs), **bypass)
        done = task("kms_key_for_s3", check=True, alias="app", users=[user])
        assert not done.get("failed"), done
        sids = {statement["Sid"] for statement in done["kms_key"]["policy"]["Statement"]}
        assert sids == {*(each["Sid"] for each in theirs), "S3KeyUsers", "S3KeyDescribe"}
        assert done.get("warnings", []) == []


def test_the_account_is_put_in_charge_if_nobody_else_can_manage_the_key(task: Task, kms: Any, people: People) -> None:
    """With a warning, until the last statement of the module is removed; and never, if the task says so."""
    user = people.add("user")
    key_id = step(task, alias="app")["kms_key"]["key_id"]
    reads = {**UNLIMITED, "Sid": "Reads", "Action": ["kms:Describe*", "kms:Get*", "kms:List*"]}
    bypass = {"BypassPolicyLockoutSafetyCheck": True}
    kms.put_key_policy(KeyId=key_id, PolicyName="default", Policy=document(reads), **bypass)
    never = task("kms_key_for_s3", check=True, alias="app", users=[user], account_statement="never")
    assert "no principal can change it" in never["msg"]
    done = task("kms_key_for_s3", check=True, alias="app", users=[user])
    assert "So the statement S3KeyAccount is added" in done["warnings"][0]
    kms_policy = done["kms_key"]["policy"]["Statement"]
    assert {each["Sid"] for each in kms_policy} == {"Reads", "S3KeyAccount", "S3KeyUsers", "S3KeyDescribe"}


def test_a_policy_that_kms_refuses_to_lock_out_the_caller(task: Task, kms: Any) -> None:
    """The module does not know whether the caller has MFA, so KMS decides. The error says which credentials can."""
    key_id = step(task, alias="app")["kms_key"]["key_id"]
    bypass = {"BypassPolicyLockoutSafetyCheck": True}
    kms.put_key_policy(KeyId=key_id, PolicyName="default", Policy=document(WITH_MFA), **bypass)
    refused = task("kms_key_for_s3", alias="app", users=[ROOT])
    assert (refused["error"]["kind"], refused["changed"]) == ("invalid", False)
    assert "use credentials that meet its conditions, such as MFA" in refused["msg"]
    assert not task("kms_key_for_s3", alias="app", users=[])["changed"]


def test_a_role_that_the_caller_is_not_manages_the_key(task: Task, people: People, kms: Any, lab: Any) -> None:
    """The policy of a new key is written last and without KMS's check, and then locks out the caller."""
    admin, owner = people.add("admin"), people.add("owner", KMS_ALL)
    whole = document({**UNLIMITED, "Principal": {"AWS": admin}})
    refused = task("kms_key_for_s3", alias="app", policy=whole)
    assert "would be locked out" in refused["msg"]
    assert "bypass_policy_lockout_safety_check: true" in refused["msg"]
    options = {"bypass_policy_lockout_safety_check": True, "tags": {"a": "b"}}
    by_options = {"administrators": [admin], "account_statement": "never", **options}
    for alias, more in (("whole", {"policy": whole, **options}), ("built", by_options)):
        predicted = task("kms_key_for_s3", check=True, alias=alias, **more)
        done = task("kms_key_for_s3", alias=alias, **more)
        assert not done.get("failed"), done
        assert predicted["actions"] == done["actions"]
        assert done["actions"] == ["CreateKey", "CreateAlias", "EnableKeyRotation", "UntagResource", "PutKeyPolicy"]
        assert "is written although others can change it" in done["warnings"][0]
        arn = done["kms_key"]["arn"]
        assert denied(people.client("kms", "owner").put_key_policy, KeyId=arn, PolicyName="default", Policy=whole)
        people.client("kms", "admin").put_key_policy(KeyId=arn, PolicyName="default", Policy=whole)
    assert owner


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"users": ["app"]}, "not the ARN"),
        ({"users": [f"arn:aws:iam::{ACCOUNT}:group/developers"]}, "a group is not a principal. Name the users"),
        ({"administrators": [f"arn:aws:iam::{ACCOUNT}:role/*"]}, "has a wildcard"),
        (
            {"services": ["logging"]},
            "logging is not the name of a service. Write it in full, such as logging.amazonaws",
        ),
        ({"services": ["logging.s3.amazon.aws"]}, "does not end like the name of a service"),
        ({"services": [""]}, "not a service principal"),
        ({"allowed_accounts": ["1"]}, "not an AWS account id"),
        ({"users": [ROOT], "buckets": ["a/b"]}, "not the name of a bucket"),
        ({"buckets": ["abc"]}, "no effect without users"),
        ({"users": [ROOT], "buckets": ["abc"], "through_s3_only": False}, "direct caller"),
        ({"purge_policy_statements": True}, "no effect"),
        ({"policy": "{}"}, "it has no Statement"),
        ({"policy": json.dumps(document({}))}, "a JSON text within a JSON text. Leave out one to_json"),
        ({"policy": document({"Effect": "Allow", "Principal": [ROOT]})}, "at statement 1, Principal: it is a list"),
        ({"policy": document(UNLIMITED, {**UNLIMITED, "Condition": []})}, "at statement 2, Condition: it is a list"),
        ({"policy": {"Statement": None}}, "at Statement: it is null"),
        (
            {"policy": document({**UNLIMITED, "Principal": {"AWS": 123456789012, "Service": "s3.amazonaws.com"}})},
            "123456789012 is a number, which loses its leading zeros. Write the account id as a text of 12",
        ),
        ({"policy": document({**UNLIMITED, "Principal": {"CanonicalUser": "79a5"}})}, "only bucket policies accept"),
        ({"users": [ROOT], "account_statement": "never", "policy": "{}"}, "mutually exclusive"),
        ({"policy": document(UNLIMITED), "account_statement": "never"}, "account_statement: never has no effect"),
        ({"bypass_policy_lockout_safety_check": True}, "has no effect if the task sets nothing of the policy"),
    ],
)
def test_invalid_options_are_refused(task: Task, lab: Any, options: dict[str, Any], message: str) -> None:
    """Refused before any call."""
    lab.calls.clear()
    assert message in task("kms_key_for_s3", alias="app", **options)["msg"]
    assert list(lab.calls.operations()) == []


def test_a_deleted_user_causes_a_warning_and_no_change(task: Task, people: People) -> None:
    """AWS shows its unique id in place of the ARN, also if another user has its name by then."""
    user = people.add("user")
    step(task, alias="app", users=[user])
    unique_id = people.delete("user")
    for add_another in (True, False):
        result = task("kms_key_for_s3", alias="app", users=[user])
        assert not result["changed"]
        assert unique_id in result["warnings"][0]
        if add_another:
            people.add("user")


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
