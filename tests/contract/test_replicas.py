# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Keys with replicas in other regions: created, kept equal, repaired, and restored."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.iam.policy_form import shown_policy

from .conftest import ACCOUNT, LabClock, Task, TestClock
from .test_interruption import HANG_SECONDS, start, wait_for_the_delayed_call
from .test_keys import ADMIN, APP, step

IRELAND, FRANKFURT = "eu-west-1", "eu-central-1"
BOTH = [IRELAND, FRANKFURT]
Calls = Callable[[], list[str]]


@pytest.fixture
def clock(lab: Any) -> TestClock:
    """The clock of the lab: while a module waits, the lab makes a replica."""
    return LabClock(lab)


@pytest.fixture
def stopped_lab_clock(lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only waits move the lab's clock, so that a slow host does not find a replica earlier than a fast one."""
    started = lab.clock.now() - lab.clock.offset
    monkeypatch.setattr(lab.clock, "now", lambda: started + lab.clock.offset)


@pytest.fixture(autouse=True)
def roles(lab: Any) -> None:
    """The principals that policies name."""
    iam = lab.client("iam", region="us-east-1", account=ACCOUNT)
    principal = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [principal]})
    for name in ("platform", "app"):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)


def kms_in(lab: Any, region: str) -> Any:
    """The KMS of another region, to prepare and to check a test."""
    return lab.client("kms", region=region, account=ACCOUNT)


def describe(lab: Any, region: str, key: str = "alias/app") -> dict[str, Any]:
    """A key of another region."""
    found: dict[str, Any] = kms_in(lab, region).describe_key(KeyId=key)["KeyMetadata"]
    return found


def policy_of(lab: Any, region: str) -> str:
    """The policy of the replica in a region."""
    key = describe(lab, region)["KeyId"]
    text: str = kms_in(lab, region).get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    return text


def test_a_key_is_created_with_its_replicas(task: Task, lab: Any) -> None:
    """Created by one task, each replica with alias, tags, description and a policy for its region."""
    options = {
        "alias": "app",
        "replica_regions": BOTH,
        "description": "for the app",
        "tags": {"app": "orders"},
        "administrators": [ADMIN],
        "users": [APP],
        "buckets": ["orders-raw"],
    }
    made = step(task, **options)
    assert made["actions"] == [
        *("CreateKey", "CreateAlias", "EnableKeyRotation", "UntagResource"),
        *("ReplicateKey", "CreateAlias") * 2,
    ]
    key = made["kms_key"]
    assert (key["multi_region"], key["replica_regions"]) == (True, [FRANKFURT, IRELAND])
    assert set(made["diff"]["after"]["replicas"]) == set(BOTH)
    for replica in key["replicas"]:
        metadata = describe(lab, replica["region"])
        assert (metadata["Arn"], metadata["Description"], metadata["KeyState"]) == (
            replica["arn"],
            "for the app",
            "Enabled",
        )
        assert (replica["aliases"], replica["tags"]) == (["alias/app"], {"app": "orders"})
        tags = kms_in(lab, replica["region"]).list_resource_tags(KeyId=metadata["KeyId"])["Tags"]
        assert tags == [{"TagKey": "app", "TagValue": "orders"}]
        policy = policy_of(lab, replica["region"])
        assert shown_policy(policy) == replica["policy"]
        assert f"s3.{replica['region']}.amazonaws.com" in policy
        assert "s3.us-east-1" not in policy
        assert "arn:aws:s3:::orders-raw/*" in policy
    # What the task does not name stays. A region that the task no longer lists keeps its replica.
    assert not task("kms_key_for_s3", alias="app")["changed"]
    assert not task("kms_key_for_s3", alias="app", replica_regions=[IRELAND])["changed"]
    assert not task("kms_key_for_s3", alias="app", replica_regions=[])["changed"]
    (found,) = task("kms_key_for_s3_info", alias="app")["kms_keys"]
    assert [replica["region"] for replica in found["replicas"]] == [FRANKFURT, IRELAND]


def test_an_existing_key_gets_replicas(task: Task, lab: Any) -> None:
    """They get the properties of the key, also those that the task does not name: its policy, and not a wider one."""
    step(task, alias="app", multi_region=True, description="x", tags={"a": "b"}, users=[APP])
    done = step(task, alias="app", replica_regions=[IRELAND])
    assert done["actions"] == ["ReplicateKey", "CreateAlias"]
    assert done["diff"]["before"] == {"replica_regions": [], "replicas": {IRELAND: None}}
    metadata = describe(lab, IRELAND)
    assert metadata["Description"] == "x"
    assert policy_of(lab, IRELAND) == policy_of(lab, "us-east-1").replace("s3.us-east-1.", "s3.eu-west-1.")
    single = task("kms_key_for_s3", alias="single")["kms_key"]["arn"]
    error = task("kms_key_for_s3", alias="single", replica_regions=[IRELAND])
    assert (error["failed"], error["changed"], error["error"]["resource"]) == (True, False, single)
    assert "created with multi_region: false" in error["msg"]


CHANGES = [
    pytest.param({"description": "y"}, ["UpdateKeyDescription"], id="description"),
    pytest.param({"tags": {"c": "d"}}, ["TagResource"], id="tags"),
    pytest.param({"users": [APP]}, ["PutKeyPolicy"], id="policy"),
    pytest.param({"enabled": False}, ["DisableKey"], id="disabled"),
]


@pytest.mark.parametrize(("options", "actions"), CHANGES)
def test_replicas_are_kept_equal_to_their_primary(
    task: Task, lab: Any, options: dict[str, Any], actions: list[str]
) -> None:
    """A change is made in each region; a replica that was changed elsewhere is repaired alone."""
    step(task, alias="app", replica_regions=BOTH)
    assert step(task, alias="app", replica_regions=BOTH, **options)["actions"] == actions * 3
    key, kms = describe(lab, IRELAND)["KeyId"], kms_in(lab, IRELAND)
    kms.enable_key(KeyId=key)
    kms.update_key_description(KeyId=key, Description="theirs")
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=everything())
    kms.tag_resource(KeyId=key, Tags=[{"TagKey": "c", "TagValue": "theirs"}])
    mended = step(task, alias="app", replica_regions=BOTH, **options)
    assert mended["actions"] == actions
    assert list(mended["diff"]["after"]["replicas"]) == [IRELAND]
    kms.delete_alias(AliasName="alias/app")
    assert step(task, alias="app", replica_regions=BOTH, **options)["actions"] == ["CreateAlias"]


def everything() -> str:
    """A policy that allows the account everything."""
    statement = {
        "Sid": "All",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_a_disabled_key_with_replicas(task: Task, lab: Any) -> None:
    """KMS replicates enabled keys only, so DisableKey comes last, and a disabled key is refused."""
    made = step(task, alias="app", replica_regions=[IRELAND], enabled=False)
    assert made["actions"][-4:] == ["ReplicateKey", "CreateAlias", "DisableKey", "DisableKey"]
    assert describe(lab, IRELAND)["KeyState"] == describe(lab, "us-east-1")["KeyState"] == "Disabled"
    error = task("kms_key_for_s3", alias="app", replica_regions=BOTH, enabled=False)
    assert (error["error"]["kind"], error["changed"]) == ("key_unusable", False)
    assert "KMS replicates enabled keys only" in error["msg"]
    assert step(task, alias="app", replica_regions=BOTH, enabled=True)["actions"] == [
        "EnableKey",
        *("ReplicateKey", "CreateAlias"),
        "EnableKey",
    ]


def test_a_key_for_imported_material_gets_its_replicas_later(task: Task) -> None:
    """A warning and no failure: KMS replicates enabled keys only."""
    made = step(task, alias="app", origin="EXTERNAL", replica_regions=[IRELAND])
    assert made["actions"] == ["CreateKey", "CreateAlias", "UntagResource"]
    warned = task("kms_key_for_s3", alias="app", replica_regions=[IRELAND])["warnings"]
    assert any(f"replicas in {IRELAND}" in warning for warning in warned)


def test_a_replica_is_not_a_primary(task: Task) -> None:
    """Its own properties are managed; for the others the message names the region of the primary key."""
    step(task, alias="app", replica_regions=[IRELAND])
    local = {"alias": "app", "region": IRELAND}
    result = task("kms_key_for_s3", **local)
    assert (result["changed"], result["kms_key"]["primary_region"]) == (False, "us-east-1")
    assert result["kms_key"]["rotation"] == {"enabled": True, "period_in_days": 365}
    assert step(task, **local, description="here")["actions"] == ["UpdateKeyDescription"]
    assert not task("kms_key_for_s3", **local, rotation_enabled=True)["changed"]
    for options in ({"rotation_enabled": False}, {"rotate_if_older_than_days": 9}, {"replica_regions": [FRANKFURT]}):
        error = task("kms_key_for_s3", **local, **options)
        assert (error["failed"], error["error"]["kind"], error["changed"]) == (True, "invalid", False)
        assert "region: us-east-1" in error["msg"]


def test_an_alias_of_another_key_in_the_region(task: Task, lab: Any) -> None:
    """Refused with both ids before any write, unless the task names key_id."""
    kms = kms_in(lab, IRELAND)
    theirs = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/app", TargetKeyId=theirs)
    error = task("kms_key_for_s3", alias="app", replica_regions=BOTH, check=True)
    assert error["error"]["kind"] == "conflict"
    done = task("kms_key_for_s3", alias="app", replica_regions=BOTH)
    assert (done["failed"], done["error"]) == (True, error["error"])
    assert theirs in done["msg"]
    assert IRELAND in done["msg"]
    assert describe(lab, FRANKFURT)["KeyState"] == "Enabled"
    key = describe(lab, FRANKFURT)["KeyId"]
    moved = step(task, alias="app", key_id=key, replica_regions=BOTH)
    assert moved["actions"] == ["ReplicateKey", "UpdateAlias"]
    assert any(f"{IRELAND}: alias/app moves from the key {theirs}" in warning for warning in moved["warnings"])
    assert describe(lab, IRELAND)["KeyId"] == key


def test_an_alias_that_moved_from_a_replica_to_another_key(task: Task, lab: Any) -> None:
    """Another key has the alias there: the message has both ids, and the alias moves only if the task names the key."""
    key = step(task, alias="app", replica_regions=[IRELAND])["kms_key"]["key_id"]
    kms = kms_in(lab, IRELAND)
    theirs = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.update_alias(AliasName="alias/app", TargetKeyId=theirs)
    error = task("kms_key_for_s3", alias="app", replica_regions=[IRELAND])
    assert (error["error"]["kind"], error["changed"]) == ("conflict", False)
    assert theirs in error["msg"]
    assert key in error["msg"]
    assert step(task, alias="app", key_id=key, replica_regions=[IRELAND])["actions"] == ["UpdateAlias"]
    assert describe(lab, IRELAND)["KeyId"] == key


def test_a_region_that_fails_does_not_affect_the_others(task: Task, lab: Any) -> None:
    """The failure names it, the others are completed, and the next run continues."""
    step(task, alias="app", multi_region=True)
    lab.faults.add("internal_error", operation="CreateAlias")
    once = {"retries": {"total_max_attempts": 1}}
    failed = task("kms_key_for_s3", alias="app", replica_regions=BOTH, aws_config=once)
    assert (failed["failed"], failed["changed"]) == (True, True)
    assert f"The replica in {FRANKFURT}: kms:CreateAlias" in failed["msg"]
    assert failed["actions"] == ["ReplicateKey", "ReplicateKey", "CreateAlias"]
    assert describe(lab, IRELAND)["KeyState"] == "Enabled"
    assert step(task, alias="app", replica_regions=BOTH)["actions"] == ["CreateAlias"]
    lab.faults.add("deny", operation="kms:DescribeKey", resource=f"arn:aws:kms:{FRANKFURT}:*", times=None)
    options = {"alias": "app", "replica_regions": BOTH, "description": "x"}
    predicted, failed = task("kms_key_for_s3", check=True, **options), task("kms_key_for_s3", **options)
    assert (failed["msg"], failed["actions"], failed["diff"]) == (
        predicted["msg"],
        predicted["actions"],
        predicted["diff"],
    )
    assert failed["error"]["kind"] == "forbidden"
    assert failed["actions"] == ["UpdateKeyDescription", "UpdateKeyDescription"]
    assert describe(lab, IRELAND)["Description"] == "x"
    lab.faults.clear()
    assert step(task, **options)["actions"] == ["UpdateKeyDescription"]


@pytest.mark.parametrize("kind", ["lost_answer", "reset_after"])
def test_a_lost_response_of_replicate_key(task: Task, lab: Any, kind: str) -> None:
    """A region has at most one replica of a key, so a replica that exists already is the desired one."""
    step(task, alias="app", multi_region=True)
    lab.faults.add(kind, operation="ReplicateKey")
    done = task("kms_key_for_s3", alias="app", replica_regions=[IRELAND])
    assert not done.get("failed"), done
    assert done["actions"] == ["ReplicateKey", "CreateAlias"]
    assert not task("kms_key_for_s3", alias="app", replica_regions=[IRELAND])["changed"]


def test_a_killed_run_is_completed_by_the_next(task: Task, lab: Any) -> None:
    """Killed between ReplicateKey and CreateAlias."""
    step(task, alias="app", multi_region=True)
    lab.faults.add("delay", operation="CreateAlias", seconds=5)
    lab.calls.clear()
    process = start("kms_key_for_s3", alias="app", replica_regions=[IRELAND])
    wait_for_the_delayed_call(lab)
    process.kill()
    process.wait(HANG_SECONDS)
    lab.faults.clear()
    task("kms_key_for_s3", alias="app", replica_regions=[IRELAND])
    assert not task("kms_key_for_s3", alias="app", replica_regions=[IRELAND])["changed"]
    assert describe(lab, IRELAND)["KeyState"] == "Enabled"


@pytest.mark.usefixtures("stopped_lab_clock")
def test_a_replica_that_takes_too_long(task: Task, clock: TestClock) -> None:
    """Reported as a failure, and completed by the next run."""
    step(task, alias="app", multi_region=True)
    advance, clock.on_sleep = clock.on_sleep, lambda seconds: None
    failed = task("kms_key_for_s3", alias="app", replica_regions=[IRELAND])
    assert (failed["failed"], failed["changed"], failed["actions"]) == (True, True, ["ReplicateKey"])
    assert "is still creating" in failed["msg"]
    clock.on_sleep = advance
    assert step(task, alias="app", replica_regions=[IRELAND])["actions"] == ["CreateAlias"]


@pytest.mark.usefixtures("at_aws")
def test_the_calls_of_replicas(task: Task, calls: Calls) -> None:
    """The rows of the table: a fixed number of calls for each region, and none without regions."""
    options = {"alias": "app", "users": [APP], "rotation_enabled": True}
    task("kms_key_for_s3", multi_region=True, **options)
    calls()
    task("kms_key_for_s3", **options)
    alone = calls()
    assert len(alone) == 5
    regions = {"replica_regions": BOTH}
    assert task("kms_key_for_s3", **options, **regions)["changed"]
    new = [call for call in calls() if call != "DescribeKey"]
    assert sorted(new) == sorted(
        [call for call in alone if call != "DescribeKey"] + ["GetCallerIdentity"] + ["ReplicateKey", "CreateAlias"] * 2
    )
    assert not task("kms_key_for_s3", **options, **regions)["changed"]
    each = ["DescribeKey", "ListAliases", "GetKeyPolicy", "ListResourceTags"]
    assert sorted(calls()) == sorted(alone + each * 2)


@pytest.mark.usefixtures("stopped_lab_clock", "at_aws")
def test_the_calls_of_a_new_replica(task: Task, lab: Any) -> None:
    """The row of the table, if KMS has created the replica by the second read; and the extra calls for the key."""
    step(task, alias="app", multi_region=True)
    lab.calls.clear()
    task("kms_key_for_s3", alias="app")
    alone = len(lab.calls.operations())
    for regions in ([IRELAND], BOTH):
        lab.calls.clear()
        assert not task("kms_key_for_s3", alias="app", replica_regions=regions).get("failed")
        new = [call.operation for call in lab.calls.select() if call.region == regions[-1]]
        reads_until_created = ["DescribeKey", "DescribeKey"]
        assert new == ["DescribeKey", *reads_until_created, "CreateAlias", "DescribeKey", "DescribeKey", "DescribeKey"]
        home = [call.operation for call in lab.calls.select() if call.region == "us-east-1"]
        assert sorted(home[alone:]) == ["GetCallerIdentity", "GetKeyPolicy", "ReplicateKey"]


@pytest.mark.usefixtures("at_aws")
def test_the_calls_of_a_changed_replica(task: Task, lab: Any) -> None:
    """The row of the table: one call for the change, and three to read it back."""
    step(task, alias="app", replica_regions=[IRELAND])
    lab.calls.clear()
    assert task("kms_key_for_s3", alias="app", replica_regions=[IRELAND], description="x")["changed"]
    changed = [call.operation for call in lab.calls.select() if call.region == IRELAND]
    assert sorted(changed) == sorted(
        ["DescribeKey", "ListAliases", "ListResourceTags", "UpdateKeyDescription"] + ["DescribeKey"] * 3
    )


def test_a_bucket_uses_the_replica_of_its_region(task: Task, lab: Any) -> None:
    """By the ARN of the primary, and by the alias."""
    key = step(task, alias="app", replica_regions=[IRELAND])["kms_key"]
    s3 = lab.client("s3", region=IRELAND, account=ACCOUNT)
    s3.create_bucket(Bucket="there", CreateBucketConfiguration={"LocationConstraint": IRELAND})
    for name in (key["arn"], "alias/app"):
        default = {"buckets": ["there"], "encryption": "SSE-KMS", "kms_key": name}
        result = task("bucket_default_encryption", **default)
        assert not result.get("failed"), result
        (rule,) = s3.get_bucket_encryption(Bucket="there")["ServerSideEncryptionConfiguration"]["Rules"]
        assert rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == key["replicas"][0]["arn"]
    s3.put_object(Bucket="there", Key="a", Body=b"x")
    assert s3.get_object(Bucket="there", Key="a")["Body"].read() == b"x"


def test_a_key_is_deleted_with_its_replicas_and_restored(task: Task, lab: Any) -> None:
    """Replicas first, each with its date; all of them are restored, also if the task does not name them."""
    step(task, alias="app", replica_regions=BOTH)
    deleted = step(task, alias="app", state="absent", deletion_window_in_days=7)
    assert deleted["actions"] == ["ScheduleKeyDeletion"] * 3
    key = deleted["kms_key"]
    assert (key["state"], key["pending_deletion_window_in_days"]) == ("PendingReplicaDeletion", 7)
    dates = [describe(lab, region)["DeletionDate"].isoformat() for region in (FRANKFURT, IRELAND)]
    assert [replica["deletion_date"] for replica in key["replicas"]] == dates
    again = task("kms_key_for_s3", alias="app", state="absent")["kms_key"]
    assert again["pending_deletion_window_in_days"] == 7
    assert [replica["deletion_date"] for replica in again["replicas"]] == dates
    # A replica whose deletion was cancelled would keep the primary key pending for ever.
    kms_in(lab, IRELAND).cancel_key_deletion(KeyId=describe(lab, IRELAND)["KeyId"])
    assert step(task, alias="app", state="absent", deletion_window_in_days=7)["actions"] == ["ScheduleKeyDeletion"]
    back = step(task, alias="app", replica_regions=[IRELAND])
    assert back["actions"] == [
        *("CancelKeyDeletion", "EnableKey"),
        *("CancelKeyDeletion", "EnableKey", "EnableKeyRotation"),
        *("CancelKeyDeletion", "EnableKey"),
    ]
    for region in (IRELAND, FRANKFURT, "us-east-1"):
        assert describe(lab, region)["KeyState"] == "Enabled"


def test_a_replica_whose_deletion_fails_keeps_its_primary(task: Task, lab: Any) -> None:
    """The others are scheduled, and the next run continues; use in any region prevents the deletion."""
    step(task, alias="app", replica_regions=BOTH)
    lab.faults.add("deny", operation="kms:ScheduleKeyDeletion", resource=f"arn:aws:kms:{FRANKFURT}:*", times=None)
    failed = task("kms_key_for_s3", alias="app", state="absent")
    assert (failed["error"]["kind"], failed["changed"], failed["actions"]) == (
        "forbidden",
        True,
        ["ScheduleKeyDeletion"],
    )
    assert FRANKFURT in failed["msg"]
    assert describe(lab, "us-east-1")["KeyState"] == "Enabled"
    lab.faults.clear()
    kms_in(lab, FRANKFURT).encrypt(KeyId="alias/app", Plaintext=b"text")
    assert task("kms_key_for_s3", alias="app", state="absent")["error"]["kind"] == "in_use"
    assert step(task, alias="app", state="absent", unused_days=0)["actions"] == ["ScheduleKeyDeletion"] * 2


def test_a_replica_is_deleted_alone(task: Task, lab: Any) -> None:
    """Named in its region."""
    step(task, alias="app", replica_regions=[IRELAND])
    deleted = step(task, alias="app", region=IRELAND, state="absent")
    assert (deleted["actions"], deleted["kms_key"]["state"]) == (["ScheduleKeyDeletion"], "PendingDeletion")
    assert describe(lab, "us-east-1")["KeyState"] == "Enabled"
