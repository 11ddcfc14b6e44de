# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""bucket_reencryption when requests fail, and when others write at the same time: what is told as done is done."""

from __future__ import annotations

import json
import signal
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore import endpoint

from ansible_collections.sealed.s3.plugins.module_utils.aws.objects import object_list

from . import scale
from .conftest import REGION, LabClock, Result, Task
from .lying_store import Lie, lying_store
from .reencryption_world import CUSTOMER_KEY, PLAIN, SECOND, SSE_C, SSE_S3, Protection, Source, World
from .sdk_calls import SdkCalls

MODULE = "bucket_reencryption"
BUCKET = "example-failures"
KEYS = [f"{folder}/{number}" for folder in ("a", "b") for number in range(6)]
TO_KMS = {"bucket": BUCKET, "encryption": "SSE-KMS", "kms_key": SECOND, "bucket_key_enabled": True, "concurrency": 3}
TO_DSSE = {"bucket": BUCKET, "encryption": "DSSE-KMS", "kms_key": SECOND, "concurrency": 3}
BY_OPERATION = {"UpdateObjectEncryption": TO_KMS, "CopyObject": TO_DSSE}
WRITES = tuple(BY_OPERATION)
ONE_BY_ONE = {"concurrency": 1}
ONCE = {"aws_config": {"retries": {"total_max_attempts": 1}}}


def some(*values: Any, number: int) -> Sequence[Any]:
    """So many of the values in `make test`, and all in `make soak reencryption`."""
    return values if scale.IS_SOAK else values[:number]


@pytest.fixture
def clock(lab: Any) -> LabClock:
    """The clock of the lab: no wait takes time."""
    return LabClock(lab)


@pytest.fixture(autouse=True)
def the_sdk_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between its attempts."""
    monkeypatch.setattr(endpoint, "time", SimpleNamespace(sleep=lambda seconds: None))


@pytest.fixture
def filled(lab: Any, s3: Any, kms: Any, request: pytest.FixtureRequest) -> World:
    """A lab in the place of AWS, and a bucket with objects under SSE-S3."""
    request.getfixturevalue("at_aws")
    return fill(World(lab, s3, kms))


def fill(world: World, *, versioning: str = "") -> World:
    """Objects in two folders."""
    world.new_bucket(BUCKET, versioning=versioning)
    for key in KEYS:
        world.place(BUCKET, SSE_S3, PLAIN, key=key)
    return world


def encrypted(s3: Any, wish: dict[str, Any]) -> set[str]:
    """The keys of the objects that have what a task asks for."""
    wire = {"SSE-KMS": "aws:kms", "DSSE-KMS": "aws:kms:dsse"}[wish["encryption"]]
    listed = s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
    heads = ((each["Key"], s3.head_object(Bucket=BUCKET, Key=each["Key"])) for each in listed)
    return {key for key, head in heads if head.get("ServerSideEncryption") == wire}


def require_true(result: Result, s3: Any, wish: dict[str, Any]) -> None:
    """What is told as done or as asked is so, and each other object is told as failed, skipped or gone."""
    summary = result["summary"]
    assert summary["done"] + summary["as_asked"] == len(encrypted(s3, wish)), result
    others = sum(summary[name] for name in ("failed", "skipped", "vanished"))
    assert summary["seen"] == summary["done"] + summary["as_asked"] + others
    assert result["changed"] or not summary["done"]
    assert bool(result.get("failed")) is bool(summary["failed"])


def require_finished(task: Task, s3: Any, wish: dict[str, Any]) -> None:
    """The next run does the rest."""
    rest = task(MODULE, **wish)
    assert not rest.get("failed"), rest["msg"]
    assert len(encrypted(s3, wish)) == len(s3.list_objects_v2(Bucket=BUCKET)["Contents"])


# Requests that fail


@pytest.mark.parametrize(("wish", "seed"), some((TO_DSSE, 2), (TO_KMS, 1), number=1))
def test_throttled_requests_are_sent_again(
    task: Task, filled: World, lab: Any, s3: Any, wish: dict[str, Any], seed: int
) -> None:
    """A third of all requests, at random. Each object is written by one request that is carried out."""
    lab.faults.add("throttle", operation="s3:*", probability=0.3, times=None, seed=seed)
    lab.calls.clear()
    done = task(MODULE, **wish)
    assert not done.get("failed"), done["msg"]
    assert lab.faults.hits() > 3
    succeeded = Counter(call.resource for call in lab.writes() if not call.error)
    assert (len(succeeded), set(succeeded.values())) == (len(KEYS), {1})
    lab.faults.clear()
    require_true(done, s3, wish)


@pytest.mark.parametrize(
    ("operation", "fault"),
    some(
        ("UpdateObjectEncryption", "throttle"), ("CopyObject", "internal_error"), ("HeadObject", "throttle"), number=2
    ),
)
def test_an_object_that_always_fails_costs_only_itself(
    task: Task, filled: World, lab: Any, s3: Any, operation: str, fault: Any
) -> None:
    """The others are done, it is named, and the next run does it."""
    wish = BY_OPERATION.get(operation, TO_KMS)
    lab.faults.add(fault, operation=operation, resource="*/a/3", times=None)
    result = task(MODULE, **wish)
    lab.faults.clear()
    assert [each["key"] for each in result["failed_objects"]] == ["a/3"]
    assert result["summary"]["done"] == len(KEYS) - 1
    require_true(result, s3, wish)
    require_finished(task, s3, wish)


@pytest.mark.parametrize("permission", some("s3:UpdateObjectEncryption", "s3:GetObject", "s3:PutObject", number=1))
def test_denied_objects_are_told_by_their_cause(
    task: Task, filled: World, lab: Any, s3: Any, permission: str, tmp_path: Path
) -> None:
    """One sentence for all objects of a folder, and the rest is done."""
    lab.faults.add("deny", operation=permission, resource="*/b/*", times=None)
    result = task(MODULE, **TO_KMS, report_file=str(tmp_path / "report"))
    lab.faults.clear()
    assert result["summary"]["failed"] == 6
    assert {each["error"]["kind"] for each in result["failed_objects"]} == {"forbidden"}
    assert permission in result["msg"]
    assert "The same cause for 5 more: b/1, " in result["msg"], result["msg"]
    assert len((tmp_path / "report").read_text().splitlines()) == 6
    require_true(result, s3, TO_KMS)
    require_finished(task, s3, TO_KMS)


@pytest.mark.parametrize(
    ("operation", "event"),
    some(
        ("UpdateObjectEncryption", "disabled"),
        ("CopyObject", "denied"),
        ("UpdateObjectEncryption", "denied"),
        ("CopyObject", "pending deletion"),
        number=2,
    ),
)
def test_a_kms_key_that_is_taken_away_in_the_middle(
    task: Task, filled: World, lab: Any, s3: Any, kms: Any, monkeypatch: pytest.MonkeyPatch, operation: str, event: str
) -> None:
    """What was done before is told as done, and the rest as failed. Once the key is back, the next run finishes."""
    wish, arn = BY_OPERATION[operation], filled.arns[SECOND]
    take: dict[str, Callable[[], object]] = {
        "disabled": partial(kms.disable_key, KeyId=arn),
        "pending deletion": partial(kms.schedule_key_deletion, KeyId=arn),
        "denied": partial(lab.faults.add, "deny", operation="kms:GenerateDataKey", times=None),
    }
    SdkCalls(monkeypatch).before(operation, take[event], after=4)
    result = task(MODULE, **{**wish, **ONE_BY_ONE})
    assert (result["failed"], result["changed"]) == (True, True)
    if event == "pending deletion":
        kms.cancel_key_deletion(KeyId=arn)
    kms.enable_key(KeyId=arn)
    lab.faults.clear()
    assert (result["summary"]["done"], result["summary"]["failed"]) == (4, len(KEYS) - 4)
    word = {"disabled": "disabled", "pending deletion": "deletion", "denied": "kms:GenerateDataKey"}[event]
    assert word in result["msg"], result["msg"]
    require_true(result, s3, wish)
    require_finished(task, s3, wish)


def test_a_key_of_another_account(task: Task, filled: World, lab: Any, s3: Any) -> None:
    """S3 refuses the changes in place that are sent at the same time. Each of these objects is copied."""
    everyone = {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": everyone})
    foreign = lab.client("kms", region=REGION, account="444455556666").create_key(Policy=policy)["KeyMetadata"]["Arn"]
    result = task(MODULE, **{**TO_KMS, "kms_key": foreign, "concurrency": len(KEYS)})
    assert not result.get("failed"), result["msg"]
    assert result["summary"]["by_route"] == {"in_place": 0, "copied": len(KEYS), "copied_in_parts": 0}
    require_true(result, s3, TO_KMS)


def test_expired_credentials_end_the_run(task: Task, filled: World, lab: Any, s3: Any) -> None:
    """It says how far it came, and the next one goes on from there."""
    lab.faults.add("expired_credentials", operation="UpdateObjectEncryption", after=5, times=None)
    result = task(MODULE, **{**TO_KMS, **ONE_BY_ONE})
    lab.faults.clear()
    assert (result["failed"], result["error"]["kind"], result["summary"]["done"]) == (True, "credentials", 5)
    assert result["resume"] == "a/4"
    rest = task(MODULE, **TO_KMS, start_after=result["resume"])
    assert (rest.get("failed"), rest["summary"]["seen"], rest["summary"]["done"]) == (None, 7, 7)


@pytest.mark.parametrize("engine", some({}, {"versions": "all"}, number=1))
def test_a_list_that_fails_in_the_middle(
    task: Task, filled: World, lab: Any, s3: Any, monkeypatch: pytest.MonkeyPatch, engine: dict[str, Any]
) -> None:
    """What was listed is done, the run fails, and `resume` leads to the rest."""
    monkeypatch.setattr(object_list, "_PAGE", 5)
    permission = "s3:ListBucketVersions" if engine else "s3:ListBucket"
    if engine:  # that request has no size of a page: the second one is that of another prefix
        lab.faults.add("deny", operation="s3:ListBucketVersions", after=1, times=None)
        first = task(MODULE, **TO_KMS, **engine, select={"prefix": "a/"})
        assert first["summary"]["done"] == 6
    else:
        lab.faults.add("deny", operation="s3:ListBucket", after=1, times=None)
    result = task(MODULE, **TO_KMS, **engine)
    lab.faults.clear()
    assert result["failed"]
    assert permission in result["msg"]
    assert "resume" not in result or result["resume"] == (None if engine else "a/4")
    if not engine:
        assert result["summary"]["done"] == 5
        rest = task(MODULE, **TO_KMS, start_after="a/4")
        assert rest["summary"]["done"] == 7
    require_finished(task, s3, TO_KMS)


LOST = list(product(WRITES, ["at_aws", "environment"], ["lost_answer", "reset_after"], [ONCE, {}]))


@pytest.mark.parametrize(("operation", "place", "fault", "more"), LOST if scale.IS_SOAK else LOST[::5])
def test_a_write_whose_answer_is_lost_is_recognised(
    task: Task,
    lab: Any,
    s3: Any,
    kms: Any,
    request: pytest.FixtureRequest,
    place: str,
    fault: Any,
    more: dict[str, Any],
    operation: str,
) -> None:
    """It is told as done, and the object is not copied a second time."""
    request.getfixturevalue(place)
    fill(World(lab, s3, kms), versioning="Enabled")
    wish = BY_OPERATION[operation]
    method = {"method": "update"} if operation == "UpdateObjectEncryption" and place == "environment" else {}
    lab.faults.add(fault, operation=operation, resource="*/a/*", times=4)
    done = task(MODULE, **wish, **method, **more)
    lab.faults.clear()
    assert not done.get("failed"), done["msg"]
    assert done["summary"]["done"] == len(KEYS)
    require_true(done, s3, wish)
    versions = s3.list_object_versions(Bucket=BUCKET)["Versions"]
    assert len(versions) == len(KEYS) * (2 if operation == "CopyObject" else 1)


# Others that write at the same time


EVENTS = ("deleted", "overwritten", "encrypted by another run")


def happen(s3: Any, arn: str, event: str, key: str) -> None:
    """Something that another client does to an object."""
    if event == "deleted":
        s3.delete_object(Bucket=BUCKET, Key=key)
    elif event == "overwritten":
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"theirs", ServerSideEncryption="AES256")
    else:
        s3.put_object(
            Bucket=BUCKET, Key=key, Body=PLAIN.content, BucketKeyEnabled=True,
            ServerSideEncryption="aws:kms", SSEKMSKeyId=arn,
        )  # fmt: skip


MOMENTS = [
    ("HeadObject", TO_KMS),
    ("UpdateObjectEncryption", TO_KMS),
    ("CopyObject", TO_DSSE),
    ("HeadObject", TO_DSSE),
]
RACES = [
    pytest.param(*moment, versioning, event, id=f"{event}, before {moment[0]}, {versioning or 'unversioned'}")
    for moment in MOMENTS
    for versioning in ("Enabled", "")
    for event in EVENTS
    if scale.IS_SOAK or (moment[0] != "HeadObject" and (versioning or event == "overwritten"))
]


@pytest.mark.parametrize(("moment", "wish", "versioning", "event"), RACES)
def test_an_object_that_another_client_changes_in_the_middle(
    task: Task,
    lab: Any,
    s3: Any,
    kms: Any,
    at_aws: None,
    monkeypatch: pytest.MonkeyPatch,
    moment: str,
    wish: dict[str, Any],
    versioning: str,
    event: str,
) -> None:
    """Between the list and the read, or the read and the write: their object is not lost, and none is told wrongly."""
    world = fill(World(lab, s3, kms), versioning=versioning)
    action = partial(happen, s3, world.arns[SECOND], event, "a/4")
    SdkCalls(monkeypatch).before(moment, action, after=4)  # that of this object
    result = task(MODULE, **{**wish, **ONE_BY_ONE})
    assert not result.get("failed"), result["msg"]
    summary = result["summary"]
    listed = {each["Key"]: each["Size"] for each in s3.list_objects_v2(Bucket=BUCKET)["Contents"]}
    if event == "deleted":
        assert "a/4" not in listed
        # Where the bucket keeps versions, the version that was read was changed in place below the delete marker.
        in_place = moment == "UpdateObjectEncryption" and versioning
        assert (summary["vanished"], summary["done"]) == ((0, 12) if in_place else (1, 11))
    elif event == "overwritten":
        assert listed["a/4"] == len(b"theirs")
        assert s3.get_object(Bucket=BUCKET, Key="a/4")["Body"].read() == b"theirs"
    assert summary["seen"] == len(KEYS)
    if event == "overwritten" and moment == "UpdateObjectEncryption" and versioning:
        # The request names the version that was read, so the newer one is left to the next run.
        assert encrypted(s3, wish) == {*KEYS} - {"a/4"}
    elif event != "encrypted by another run" or wish is TO_KMS:
        assert encrypted(s3, wish) == {*listed}
    if event == "encrypted by another run" and moment == "HeadObject" and wish is TO_KMS:
        assert (summary["as_asked"], summary["done"]) == (1, 11)
    require_finished(task, s3, wish)


def test_versions_that_are_deleted_in_the_middle(
    task: Task, lab: Any, s3: Any, kms: Any, at_aws: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are counted as gone, before they are read and after it. The others are done."""
    world = World(lab, s3, kms)
    world.new_bucket(BUCKET, versioning="Enabled")
    for _version in range(3):
        world.place(BUCKET, SSE_S3, PLAIN, key="a")
    _newest, *older = s3.list_object_versions(Bucket=BUCKET)["Versions"]
    sdk = SdkCalls(monkeypatch)
    for operation, version in zip(("UpdateObjectEncryption", "HeadObject"), older, strict=True):
        delete = partial(s3.delete_object, Bucket=BUCKET, Key="a", VersionId=version["VersionId"])
        sdk.before(operation, delete, after=1 if operation == "UpdateObjectEncryption" else 2)
    done = task(MODULE, **{**TO_KMS, **ONE_BY_ONE}, versions="all")
    assert not done.get("failed"), done["msg"]
    assert (done["summary"]["vanished"], done["summary"]["done"], done["summary"]["seen"]) == (2, 1, 3)


def test_two_runs_at_the_same_time(
    task: Task, lab: Any, s3: Any, kms: Any, at_aws: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one begins and ends in the middle of the first: each object is copied once."""
    fill(World(lab, s3, kms), versioning="Enabled")
    monkeypatch.setattr(signal, "signal", lambda number, handler: None)  # only the main thread may call it
    inner: list[Result] = []
    SdkCalls(monkeypatch).before("CopyObject", lambda: inner.append(task(MODULE, **TO_DSSE)), after=3)
    outer = task(MODULE, **{**TO_DSSE, **ONE_BY_ONE})
    assert not outer.get("failed"), outer["msg"]
    assert not inner[0].get("failed"), inner[0]["msg"]
    assert len(s3.list_object_versions(Bucket=BUCKET)["Versions"]) == 2 * len(KEYS)
    assert (inner[0]["summary"]["done"], outer["summary"]["done"], outer["summary"]["as_asked"]) == (9, 3, 9)


# Stores that do not do what they answer


LIES: list[tuple[str, Lie, dict[str, Any]]] = [
    ("ignores the change in place", Lie(ignores=("PUT ?encryption",)), {**TO_KMS, "method": "update"}),
    ("drops the header", Lie(drops=("x-amz-server-side-encryption*",)), {**TO_KMS, "method": "copy"}),
    ("breaks the bytes", Lie(breaks="bytes"), TO_DSSE),
    ("drops the bucket key", Lie(drops=("*bucket-key-enabled",)), {**TO_KMS, "method": "copy"}),
    ("breaks the reads", Lie(breaks="reads"), TO_DSSE),
    ("drops a property", Lie(drops=("x-amz-storage-class",)), TO_DSSE),
]


@pytest.mark.parametrize(("name", "lie", "wish"), some(*LIES, number=3))
def test_a_store_that_lies_is_found_out(
    task: Task, lab: Any, s3: Any, kms: Any, name: str, lie: Lie, wish: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is told as done that is not."""
    world = World(lab, s3, kms)
    world.new_bucket(BUCKET)
    for key in KEYS[:3]:
        world.place(BUCKET, SSE_S3, PLAIN, key=key, StorageClass="STANDARD_IA")
    with lying_store(lab.url, lie) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", url)
        result = task(MODULE, **{**wish, **ONE_BY_ONE})
    assert result["failed"], result
    assert (result["summary"]["failed"], result["summary"]["done"]) == (3, 0)
    assert {each["error"]["kind"] for each in result["failed_objects"]} <= {"unverified", "unsupported", "failed"}


def test_another_store_is_copied_by_default(task: Task, lab: Any, s3: Any, kms: Any) -> None:
    """Only method: update asks for a change in place there, which the store has to know. Each is read back."""
    fill(World(lab, s3, kms))
    lab.calls.clear()
    done = task(MODULE, **TO_KMS)
    assert not done.get("failed"), done["msg"]
    assert done["summary"]["by_route"] == {"in_place": 0, "copied": len(KEYS), "copied_in_parts": 0}
    assert "UpdateObjectEncryption" not in lab.calls.operations()
    bucket_key_off = {**TO_KMS, "bucket_key_enabled": False, "method": "update"}
    moved = task(MODULE, **bucket_key_off)
    assert not moved.get("failed"), moved["msg"]
    assert moved["summary"]["by_route"] == {"in_place": len(KEYS), "copied": 0, "copied_in_parts": 0}
    require_finished(task, s3, bucket_key_off)


def test_customer_keys_at_another_store(task: Task, lab: Any, s3: Any, kms: Any) -> None:
    """They are opened there, too, and skipped without their key."""
    world = World(lab, s3, kms)
    world.new_bucket(BUCKET)
    world.place(BUCKET, SSE_C, PLAIN, key="a")
    world.place(BUCKET, Source("", Protection("SSE-KMS", SECOND, bucket_key=True)), PLAIN, key="b")
    skipped = task(MODULE, **TO_KMS)
    assert (skipped["changed"], skipped["summary"]["skipped_by_reason"]) == (False, {"customer_key": 1})
    done = task(MODULE, **TO_KMS, customer_key=CUSTOMER_KEY)
    assert not done.get("failed"), done["msg"]
    assert encrypted(s3, TO_KMS) == {"a", "b"}
