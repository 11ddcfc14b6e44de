# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""KMS keys for S3: created once, changed if they differ, and found after an interrupted run."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.engine.keys.waiters import (
    CONSISTENCY_DELAYS,
    INDEX_DELAYS,
    UNKNOWN_PRINCIPAL_DELAYS,
)

from .conftest import ACCOUNT, LabClock, Task, TestClock

ADMIN = f"arn:aws:iam::{ACCOUNT}:role/platform"
APP = f"arn:aws:iam::{ACCOUNT}:role/app"


@pytest.fixture
def clock(lab: Any) -> TestClock:
    """The clock of the lab, which a test or a wait moves."""
    return LabClock(lab)


@pytest.fixture(autouse=True)
def roles(lab: Any) -> None:
    """The principals that the policies name: KMS refuses those that do not exist."""
    iam = lab.client("iam", region="us-east-1", account=ACCOUNT)
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
    for name in ("platform", "app"):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))


def step(task: Task, **options: Any) -> dict[str, Any]:
    """One task: its check run predicts it, and a second run changes nothing."""
    predicted = task("kms_key_for_s3", check=True, **options)
    done = task("kms_key_for_s3", **options)
    assert not done.get("failed"), done
    assert (predicted["changed"], predicted["diff"], predicted["actions"]) == (
        done["changed"],
        done["diff"],
        done["actions"],
    )
    again = task("kms_key_for_s3", **options)
    assert (again["changed"], again["actions"]) == (False, []), again
    return done


def test_create_and_change_a_key(task: Task, kms: Any) -> None:
    """Created completely, then changed one property at a time."""
    made = step(
        task,
        alias="alias/app",
        description="for the app",
        administrators=[ADMIN],
        users=[APP],
        tags={"app": "orders"},
        rotation_period_in_days=180,
    )
    key = made["kms_key"]
    assert made["actions"] == ["CreateKey", "CreateAlias", "EnableKeyRotation", "UntagResource"]
    assert (key["alias"], key["aliases"], key["tags"]) == ("alias/app", ["alias/app"], {"app": "orders"})
    assert key["rotation"] == {"enabled": True, "period_in_days": 180}
    assert kms.list_resource_tags(KeyId=key["key_id"])["Tags"] == [{"TagKey": "app", "TagValue": "orders"}]
    assert len(kms.list_keys()["Keys"]) == 1

    assert step(task, alias="app", description="for the orders")["actions"] == ["UpdateKeyDescription"]
    assert step(task, alias="app", rotation_enabled=False)["actions"] == ["DisableKeyRotation"]
    assert step(task, alias="app", rotation_enabled=True)["kms_key"]["rotation"]["period_in_days"] == 365
    assert step(task, alias="app", tags={"team": "blue"}, purge_tags=False)["actions"] == ["TagResource"]
    assert step(task, alias="app", tags={"team": "red"})["actions"] == ["TagResource", "UntagResource"]
    assert step(task, alias="app", users=[APP, ADMIN])["actions"] == ["PutKeyPolicy"]
    assert step(task, alias="app", enabled=False)["actions"] == ["DisableKey"]
    assert step(task, alias="app", enabled=True)["actions"] == ["EnableKey"]
    assert step(task, alias="other", key_id=key["key_id"])["actions"] == ["CreateAlias"]
    kms.schedule_key_deletion(KeyId=key["key_id"], PendingWindowInDays=7)
    assert step(task, alias="app")["actions"] == ["CancelKeyDeletion", "EnableKey", "EnableKeyRotation"]
    assert len(kms.list_keys()["Keys"]) == 1


def test_the_policy_follows_the_options(task: Task, kms: Any) -> None:
    """Owned statements follow the options; other statements are kept."""
    key = step(task, alias="app", administrators=[ADMIN], users=[APP])["kms_key"]
    by_sid = {statement["Sid"]: statement for statement in key["policy"]["Statement"]}
    assert set(by_sid) == {"S3KeyAccount", "S3KeyAdministrators", "S3KeyUsers", "S3KeyDescribe"}
    assert not any("Decrypt" in action for action in by_sid["S3KeyAdministrators"]["Action"])
    assert by_sid["S3KeyUsers"]["Condition"] == {
        "StringEquals": {"kms:CallerAccount": ACCOUNT, "kms:ViaService": "s3.us-east-1.amazonaws.com"}
    }
    theirs = {
        "Sid": "Theirs",
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "kms:GenerateDataKey*",
        "Resource": "*",
    }
    policy = {**key["policy"], "Statement": [*key["policy"]["Statement"], theirs]}
    kms.put_key_policy(KeyId=key["key_id"], PolicyName="default", Policy=json.dumps(policy))
    assert not task("kms_key_for_s3", alias="app", administrators=[ADMIN], users=[APP])["changed"]
    changed = step(task, alias="app", users=[], through_s3_only=False)["kms_key"]["policy"]["Statement"]
    assert {statement["Sid"] for statement in changed} == {"S3KeyAccount", "S3KeyAdministrators", "Theirs"}


def test_the_key_of_an_interrupted_run_is_found(task: Task, kms: Any, lab: Any) -> None:
    """After CreateKey without CreateAlias, the next run uses the same key: a second key is never created."""
    lab.faults.add("internal_error", operation="CreateAlias", times=None)
    cut = task("kms_key_for_s3", alias="app", aws_config={"retries": {"total_max_attempts": 1}})
    assert (cut["failed"], cut["changed"], cut["actions"]) == (True, True, ["CreateKey"])
    lab.faults.clear()
    done = step(task, alias="app")
    assert done["actions"] == ["CreateAlias", "EnableKeyRotation", "UntagResource"]
    assert len(kms.list_keys()["Keys"]) == 1
    assert kms.list_resource_tags(KeyId=done["kms_key"]["key_id"])["Tags"] == []


def test_the_index_of_the_tagging_api_is_late(task: Task, kms: Any, lab: Any, clock: TestClock) -> None:
    """A run soon after an interrupted one, that may not list keys, searches again, and completes the first key."""
    lab.index_seconds = 2
    lab.faults.add("deny", operation="kms:CreateAlias")
    assert task("kms_key_for_s3", alias="app")["actions"] == ["CreateKey"]
    clock.slept.clear()
    lab.faults.add("deny", operation="kms:ListKeys", times=None)
    done = task("kms_key_for_s3", alias="app")
    lab.faults.clear()
    assert (done["actions"][0], len(kms.list_keys()["Keys"])) == ("CreateAlias", 1)
    assert tuple(clock.slept) == INDEX_DELAYS


@pytest.mark.parametrize("cut", [("deny", "kms:CreateAlias"), ("internal_error", "CreateAlias")])
def test_the_key_of_an_interrupted_run_is_found_without_a_wait(
    task: Task, kms: Any, lab: Any, clock: TestClock, cut: tuple[str, str]
) -> None:
    """Whatever the index shows: KMS's own lists have the key, among others with and without an alias."""
    lab.index_seconds = 3600
    for number in range(5):
        other = kms.create_key(Tags=[{"TagKey": "sealed.s3:unfinished", "TagValue": f"alias/app-{number}"}])
        if number % 2:
            kms.create_alias(AliasName=f"alias/app-{number}", TargetKeyId=other["KeyMetadata"]["KeyId"])
    kind, operation = cut
    lab.faults.add(kind, operation=operation, times=None)
    first = task("kms_key_for_s3", alias="app", aws_config={"retries": {"total_max_attempts": 1}})
    assert first["actions"] == ["CreateKey"]
    lab.faults.clear()
    clock.slept.clear()
    checked = task("kms_key_for_s3", check=True, alias="app")
    done = step(task, alias="app")
    assert (done["actions"][0], checked["actions"]) == ("CreateAlias", done["actions"])
    assert (len(kms.list_keys()["Keys"]), clock.slept) == (6, [])


def test_a_dozen_new_keys_wait_for_nothing(task: Task, kms: Any, lab: Any, clock: TestClock) -> None:
    """Each task sees by the lists of KMS that no run was interrupted. The index would cost each of them a wait."""
    lab.index_seconds = 2
    calls = []
    for number in range(12):
        lab.calls.clear()
        assert task("kms_key_for_s3", alias=f"app-{number}")["actions"][0] == "CreateKey"
        calls.append(lab.calls.operations())
    assert clock.slept == []
    assert len(kms.list_keys()["Keys"]) == 12
    assert all(made == calls[0] for made in calls)
    assert calls[0][:5] == ["DescribeKey", "ListKeys", "ListKeys", "ListKeys", "ListAliases"]
    assert "GetResources" not in calls[0]


@pytest.mark.parametrize("operation", ["CreateKey", "CreateAlias"])
@pytest.mark.parametrize("kind", ["lost_answer", "reset_after"])
def test_a_lost_response_is_resolved_in_the_same_run(task: Task, kms: Any, lab: Any, operation: str, kind: str) -> None:
    """CreateKey is not repeated: the created key is found. After CreateAlias the alias is found."""
    lab.faults.add(kind, operation=operation)
    done = task("kms_key_for_s3", alias="app", tags={"a": "b"})
    assert not done.get("failed"), done
    assert lab.calls.operations().count("CreateKey") == 1
    (key,) = kms.list_keys()["Keys"]
    assert key["KeyId"] == done["kms_key"]["key_id"]
    again = task("kms_key_for_s3", alias="app", tags={"a": "b"})
    assert (again["changed"], again["kms_key"]) == (False, {**done["kms_key"], "policy": None})


@pytest.mark.parametrize("operation", ["CancelKeyDeletion", "EnableKey", "EnableKeyRotation"])
@pytest.mark.parametrize("kind", ["lost_answer", "reset_after"])
def test_a_lost_response_of_a_cancellation(task: Task, kms: Any, lab: Any, operation: str, kind: str) -> None:
    """KMS refuses the repeated CancelKeyDeletion; the key is enabled all the same, as in an undisturbed run."""
    key_id = step(task, alias="app")["kms_key"]["key_id"]
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    lab.faults.add(kind, operation=operation)
    done = task("kms_key_for_s3", alias="app")
    assert not done.get("failed"), done
    assert done["actions"] == ["CancelKeyDeletion", "EnableKey", "EnableKeyRotation"]
    assert kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"] == "Enabled"
    assert not task("kms_key_for_s3", alias="app")["changed"]


def test_a_throttled_creation(task: Task, kms: Any, lab: Any) -> None:
    """KMS has created nothing, so the request is sent again, and there is one key."""
    lab.faults.add("throttle", operation="CreateKey", times=2)
    done = task("kms_key_for_s3", alias="app")
    assert not done.get("failed"), done
    assert lab.calls.operations().count("CreateKey") == 3
    assert len(kms.list_keys()["Keys"]) == 1


def test_an_alias_that_another_key_gets_during_the_run(task: Task, kms: Any, lab: Any, key_arn: str) -> None:
    """The message has both ids; the key of this run is kept, and gets the alias if the task names key_id."""
    kms.create_alias(AliasName="alias/late", TargetKeyId=key_arn)
    kms.delete_alias(AliasName="alias/late")
    lab.faults.add("stale_read", operation="DescribeKey")
    kms.create_alias(AliasName="alias/late", TargetKeyId=key_arn)
    result = task("kms_key_for_s3", alias="late")
    assert (result["failed"], result["error"]["kind"], result["actions"]) == (True, "conflict", ["CreateKey"])
    theirs = key_arn.rpartition("/")[2]
    (ours,) = {key["KeyId"] for key in kms.list_keys()["Keys"]} - {theirs}
    assert theirs in result["msg"]
    assert ours in result["msg"]
    moved = step(task, alias="late", key_id=ours)
    assert moved["actions"][0] == "UpdateAlias"
    assert (moved["diff"]["before"]["alias_stands_for"], moved["diff"]["after"]["alias_stands_for"]) == (theirs, ours)
    assert f"from the key {theirs} to the key {ours}" in moved["warnings"][0]


def test_a_key_that_a_run_left_without_its_alias(task: Task, kms: Any, lab: Any, key_arn: str) -> None:
    """Another run has won the race for the alias: the report says how to delete the key, and that works."""
    kms.create_alias(AliasName="alias/late", TargetKeyId=key_arn)
    kms.delete_alias(AliasName="alias/late")
    lab.faults.add("stale_read", operation="DescribeKey")
    kms.create_alias(AliasName="alias/late", TargetKeyId=key_arn)
    lost = task("kms_key_for_s3", alias="late")
    assert lost["error"]["kind"] == "conflict"
    (ours,) = {key["KeyId"] for key in kms.list_keys()["Keys"]} - {key_arn.rpartition("/")[2]}
    assert f"set key_id: {ours} and state: absent" in lost["msg"]
    (report,) = task("kms_key_for_s3_info", key_id=ours)["kms_keys"]
    assert f"set key_id: {ours} and state: absent" in report["findings"][-1]["message"]
    deleted = task("kms_key_for_s3", key_id=ours, state="absent")
    assert (deleted.get("failed", False), deleted["actions"]) == (False, ["ScheduleKeyDeletion"])
    (report,) = task("kms_key_for_s3_info", key_id=ours)["kms_keys"]
    assert [finding["control"] for finding in report["findings"]] == ["Security Hub KMS.3"]
    assert not task("kms_key_for_s3", alias="late", rotation_enabled=False)["changed"]


LIMITS: list[tuple[dict[str, Any], str]] = [
    ({"description": "x" * 8193}, "description has 8193 characters"),
    ({"alias": "x" * 251}, "at most 250"),
    ({"tags": {f"tag{number}": "x" for number in range(51)}}, "would have 51 tags, and KMS accepts 50"),
    ({"tags": {"k" * 129: "x"}}, "has 129 characters"),
    ({"tags": {"k": "v" * 257}}, "has 257 characters"),
    ({"tags": {"k": "a#b"}}, "does not accept in tags"),
    ({"tags": {"aws:k": "v"}}, "AWS's own tags"),
    ({"users": [f"arn:aws:iam::{ACCOUNT}:role/{'r' * 50}{number:03}" for number in range(350)]}, "KMS accepts 32768"),
    ({"rotation_period_in_days": 89}, "not accepted by KMS"),
    ({"rotation_period_in_days": 2561}, "not accepted by KMS"),
    ({"state": "absent", "deletion_window_in_days": 6}, "not accepted by KMS"),
    ({"state": "absent", "deletion_window_in_days": 31}, "not accepted by KMS"),
    ({"tags": {"sealed.s3:unfinished": "alias/app"}}, "is the tag with which this module finds a key"),
    ({"alias": ""}, "alias is empty"),
    ({"key_id": ""}, "key_id is empty"),
]


def test_the_fixed_limits_of_kms_are_part_of_the_plan(task: Task, lab: Any) -> None:
    """Refused in check mode and in a real run, and nothing is written."""
    lab.calls.clear()
    for (options, message), check in product(LIMITS, (True, False)):
        result = task("kms_key_for_s3", check=check, **{"alias": "app", **options})
        assert (result["failed"], result["error"]["kind"]) == (True, "invalid"), result
        assert message in result["msg"]
    assert list(lab.calls.writes()) == []


def test_a_key_with_as_many_tags_as_kms_accepts(task: Task, kms: Any, lab: Any) -> None:
    """The mark of an unfinished key is not one too many; an interrupted run is completed, and all tags replaced."""
    tags = {f"tag{number:02}": "x" for number in range(50)}
    lab.faults.add("deny", operation="kms:CreateAlias")
    assert task("kms_key_for_s3", alias="app", tags=tags)["actions"] == ["CreateKey"]
    done = step(task, alias="app", tags=tags)
    assert done["actions"] == ["CreateAlias", "EnableKeyRotation", "UntagResource", "TagResource"]
    assert (len(kms.list_keys()["Keys"]), done["kms_key"]["tags"]) == (1, tags)
    step(task, alias="other", tags=tags)
    others = {f"other{number:02}": "x" for number in range(50)}
    assert step(task, alias="app", tags=others)["kms_key"]["tags"] == others


def test_aws_managed_keys_are_refused(task: Task, s3: Any, bucket: str) -> None:
    """Keys that AWS manages cannot be changed, so naming one is an error."""
    head = s3.put_object(Bucket=bucket, Key="a", Body=b"x", ServerSideEncryption="aws:kms")
    result = task("kms_key_for_s3", key_id=head["SSEKMSKeyId"])
    assert result["failed"]
    assert "managed by AWS" in result["msg"]


def test_an_unknown_key_id(task: Task) -> None:
    """A key cannot be created with a given id."""
    result = task("kms_key_for_s3", key_id="11111111-2222-3333-4444-555555555555")
    assert result["error"]["kind"] == "absent"
    assert "set its alias" in result["msg"]


def test_a_principal_that_does_not_exist(task: Task, kms: Any, lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """KMS refuses an unknown principal: after a minute the message names it, and no key was created."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")  # the root user's, where the lab checks signatures
    lab.enforcing = True
    result = task("kms_key_for_s3", alias="app", users=[f"arn:aws:iam::{ACCOUNT}:role/nobody"])
    assert result["failed"]
    assert f"does not know the principal arn:aws:iam::{ACCOUNT}:role/nobody" in result["msg"]
    assert result["error"]["code"] == "MalformedPolicyDocumentException"
    assert lab.calls.operations().count("CreateKey") == len(UNKNOWN_PRINCIPAL_DELAYS) + 1
    assert kms.list_keys()["Keys"] == []


def test_info_reports_one_key_or_all(task: Task, kms: Any, key_arn: str) -> None:
    """One key, or all customer keys of the region, in the shape of the module."""
    made = step(task, alias="made", tags={"a": "b"}, users=[APP])["kms_key"]
    (found,) = task("kms_key_for_s3_info", alias="made")["kms_keys"]
    assert found | made == found
    everything = task("kms_key_for_s3_info")["kms_keys"]
    assert {key["arn"] for key in everything} == {made["arn"], key_arn}
    assert task("kms_key_for_s3_info", alias="none")["kms_keys"] == []


@pytest.mark.parametrize(
    ("spec", "usage"),
    [("RSA_2048", "ENCRYPT_DECRYPT"), ("RSA_2048", "SIGN_VERIFY"), ("HMAC_256", "GENERATE_VERIFY_MAC")],
)
def test_a_key_that_s3_cannot_use(task: Task, kms: Any, lab: Any, spec: str, usage: str) -> None:
    """No statement allows its use."""
    arn = kms.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName="alias/other-kind", TargetKeyId=arn)
    lab.calls.clear()
    result = task("kms_key_for_s3", alias="other-kind", users=[APP])
    assert (result["failed"], result["error"]["kind"], result["changed"]) == (True, "key_unusable", False)
    assert f"has the spec {spec} and the usage {usage}" in result["msg"]
    assert list(lab.calls.writes()) == []


@pytest.mark.parametrize("period", [None, 100], ids=["rotation off", "every 100 days"])
@pytest.mark.parametrize("enabled", [None, True, False])
def test_a_deletion_is_cancelled(task: Task, kms: Any, period: int | None, enabled: bool | None) -> None:
    """Together with all other differences, and with the rotation that KMS did not report during the deletion."""
    rotation: dict[str, Any] = {"rotation_enabled": False} if period is None else {"rotation_period_in_days": period}
    key_id = step(task, alias="app", **rotation)["kms_key"]["key_id"]
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    options: dict[str, Any] = {
        "alias": "app",
        "description": "wanted again",
        "tags": {"a": "b"},
        "users": [APP],
        "enabled": enabled,
    }
    done = step(task, **options)
    changes = ["UpdateKeyDescription", "PutKeyPolicy", "TagResource"]
    if enabled is False:
        assert done["actions"] == ["CancelKeyDeletion", *changes]
        assert "its rotation is not changed" in done["warnings"][0]
        kms.enable_key(KeyId=key_id)
    else:
        assert done["actions"] == ["CancelKeyDeletion", "EnableKey", *changes[:2], "EnableKeyRotation", changes[2]]
        assert done["kms_key"]["rotation"] == {"enabled": True, "period_in_days": period or 365}
    assert kms.get_key_rotation_status(KeyId=key_id).get("RotationPeriodInDays") == (
        period if enabled is False else period or 365
    )


def test_an_unfinished_key_that_is_scheduled_for_deletion(task: Task, kms: Any, lab: Any) -> None:
    """Another caller has deleted it, so a new key is created."""
    lab.faults.add("deny", operation="kms:CreateAlias")
    assert task("kms_key_for_s3", alias="app")["actions"] == ["CreateKey"]
    (deleted_key,) = kms.list_keys()["Keys"]
    kms.schedule_key_deletion(KeyId=deleted_key["KeyId"], PendingWindowInDays=7)
    made = step(task, alias="app")
    assert made["actions"][0] == "CreateKey"
    assert made["kms_key"]["key_id"] != deleted_key["KeyId"]
    assert kms.describe_key(KeyId=deleted_key["KeyId"])["KeyMetadata"]["KeyState"] == "PendingDeletion"


def test_an_arn_of_another_region(task: Task, lab: Any, key_arn: str) -> None:
    """Refused before any call, by every module and state."""
    elsewhere = key_arn.replace("us-east-1", "eu-west-1")
    lab.calls.clear()
    for module, options in (
        ("kms_key_for_s3", {}),
        ("kms_key_for_s3", {"state": "absent"}),
        ("kms_key_for_s3_info", {}),
    ):
        result = task(module, key_id=elsewhere, **options)
        assert (result["failed"], result["error"]["kind"]) == (True, "invalid")
        assert "is in eu-west-1, but the region of the task is us-east-1. Set region: eu-west-1" in result["msg"]
    assert list(lab.calls.operations()) == []


def test_old_key_material(task: Task, kms: Any, lab: Any) -> None:
    """Rotated once when it is too old, and not during a rotation; a young key costs no extra call."""
    options = {"alias": "app", "rotate_if_older_than_days": 30}
    key_id = step(task, **options)["kms_key"]["key_id"]
    assert "ListKeyRotations" not in lab.calls.operations()
    lab.clock.advance(days=31)
    lab.rotation_seconds = 60
    done = step(task, **options)
    assert done["actions"] == ["RotateKeyOnDemand"]
    assert done["diff"]["after"] == {"key_material": {"since": None, "on_demand_rotations": 1}}
    lab.clock.advance(seconds=61)
    assert not task("kms_key_for_s3", **options)["changed"]
    lab.clock.advance(days=29)
    assert not task("kms_key_for_s3", **options)["changed"]
    lab.clock.advance(days=2)
    assert task("kms_key_for_s3", alias="app")["changed"] is False
    assert step(task, **options)["diff"]["before"]["key_material"]["on_demand_rotations"] == 1
    assert kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"] == "Enabled"


def test_the_limit_of_rotations_on_demand(task: Task, kms: Any, lab: Any) -> None:
    """KMS allows 25 of them; the task fails before KMS would refuse, and before any other write."""
    key_id = task("kms_key_for_s3", alias="app")["kms_key"]["key_id"]
    for _rotation in range(25):
        kms.rotate_key_on_demand(KeyId=key_id)
    lab.clock.advance(days=31)
    lab.calls.clear()
    result = task("kms_key_for_s3", alias="app", rotate_if_older_than_days=30, description="x")
    assert (result["failed"], result["changed"], result["error"]["action"]) == (True, False, "kms:RotateKeyOnDemand")
    assert "was rotated on demand 25 times" in result["msg"]
    assert list(lab.calls.writes()) == []


def test_imported_material(task: Task, kms: Any, lab: Any) -> None:
    """A key without material: state and rotation are not managed, and warnings say so."""
    arn = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName="alias/imported", TargetKeyId=arn)
    options = {"alias": "imported", "description": "from elsewhere", "users": [APP], "tags": {"a": "b"}}
    done = step(task, **options)
    assert done["kms_key"]["state"] == "PendingImport"
    assert "has no key material" in done["warnings"][0]
    error = task("kms_key_for_s3", enabled=True, **options)
    assert "waits for its key material. Import the key material" in error["msg"]
    lab.clock.advance(days=31)
    unchanged = task("kms_key_for_s3", rotate_if_older_than_days=30, **options)
    assert (unchanged["changed"], "its rotation is not changed" in unchanged["warnings"][1]) == (False, True)


@pytest.mark.parametrize("origin", ["lost_answer", "reset_after"])
def test_a_lost_response_of_a_rotation_on_demand(task: Task, lab: Any, origin: str) -> None:
    """Not repeated, as each one counts; the started rotation is found."""
    task("kms_key_for_s3", alias="app")
    lab.clock.advance(days=31)
    lab.faults.add(origin, operation="RotateKeyOnDemand")
    done = task("kms_key_for_s3", alias="app", rotate_if_older_than_days=30)
    assert (done.get("failed", False), done["actions"]) == (False, ["RotateKeyOnDemand"])
    assert lab.calls.operations().count("RotateKeyOnDemand") == 1


LATE_READS = [
    pytest.param({"description": "x"}, "DescribeKey", id="description"),
    pytest.param({"users": [APP]}, "GetKeyPolicy", id="policy"),
    pytest.param({"rotation_period_in_days": 100}, "GetKeyRotationStatus", id="rotation"),
    pytest.param({"tags": {"a": "b"}}, "ListResourceTags", id="tags"),
]


@pytest.mark.parametrize(("options", "read"), LATE_READS)
def test_late_reads_are_waited_for(task: Task, lab: Any, options: dict[str, Any], read: str) -> None:
    """What was written is read until three consecutive reads show it; a run that changes nothing reads once."""
    task("kms_key_for_s3", alias="app")
    lab.faults.add("stale_read", operation=read, times=4)
    lab.calls.clear()
    done = task("kms_key_for_s3", alias="app", **options)
    assert (done.get("failed", False), done["changed"]) == (False, True)
    assert lab.calls.operations().count(read) == 1 + 3 + 3
    lab.calls.clear()
    assert not task("kms_key_for_s3", alias="app", **options)["changed"]
    assert lab.calls.operations().count(read) == 1


def test_a_new_key_is_waited_for(task: Task, kms: Any, lab: Any) -> None:
    """Until KMS reports its alias; writes to the key are repeated while a part of KMS does not know it."""
    lab.faults.add("stale_read", operation="DescribeKey", times=3)
    lab.faults.add("stale_read", operation="EnableKeyRotation", times=2)
    done = task("kms_key_for_s3", alias="app")
    assert not done.get("failed"), done
    assert done["actions"] == ["CreateKey", "CreateAlias", "EnableKeyRotation", "UntagResource"]
    assert len(kms.list_keys()["Keys"]) == 1
    assert not task("kms_key_for_s3", alias="app")["changed"]


def test_a_change_that_kms_never_reports(task: Task, lab: Any, clock: TestClock) -> None:
    """The task fails after a minute and names the change."""
    task("kms_key_for_s3", alias="app")
    lab.faults.add("stale_read", operation="DescribeKey", times=None)
    result = task("kms_key_for_s3", alias="app", description="x")
    assert (result["failed"], result["changed"], result["error"]["kind"]) == (True, True, "unverified")
    assert "its state before UpdateKeyDescription" in result["msg"]
    assert tuple(clock.slept[-len(CONSISTENCY_DELAYS) :]) == CONSISTENCY_DELAYS
