# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Fault injection, the clock, and the call log."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    FlexibleChecksumError,
    HTTPClientError,
    IncompleteReadError,
    ResponseStreamingError,
)
from client_calls import (
    BODY,
    MIB,
    get_default_encryption,
    put_default_encryption,
    raises_client_error,
    read_object,
    sse_kms,
)

from sealed_lab import Fault, FaultKind, RemoteLab, RunningLab


def test_throttling(lab: RunningLab, s3: Any, kms: Any, bucket: str) -> None:
    lab.faults.add("throttle", operation="PutObject", times=2)
    for _ in range(2):
        with raises_client_error("SlowDown", 503):
            s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    lab.faults.add("throttle", operation="kms:*")
    with raises_client_error("ThrottlingException", 400):
        kms.list_keys()


def test_sdk_retries_throttled_calls(lab: RunningLab, bucket: str) -> None:
    lab.faults.add("throttle", operation="PutObject", times=2)
    retrying = lab.client("s3", retries={"max_attempts": 5, "mode": "standard"})
    retrying.put_object(Bucket=bucket, Key="k", Body=b"x")
    assert [each.status for each in lab.calls.select(operation="PutObject")] == [503, 503, 200]


def test_internal_error_after_one_call(lab: RunningLab, s3: Any, bucket: str) -> None:
    lab.faults.add("internal_error", operation="HeadBucket", after=1)
    s3.head_bucket(Bucket=bucket)
    with raises_client_error("500", 500):
        s3.head_bucket(Bucket=bucket)
    s3.head_bucket(Bucket=bucket)


@pytest.mark.parametrize(("kind", "written"), [("reset_before", False), ("reset_after", True), ("lost_answer", True)])
def test_broken_connections(lab: RunningLab, s3: Any, bucket: str, kind: FaultKind, written: bool) -> None:
    lab.faults.add(kind, operation="PutObject", resource=f"arn:aws:s3:::{bucket}/*")
    with pytest.raises((ConnectionClosedError, HTTPClientError)):
        s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    assert ("Contents" in s3.list_objects_v2(Bucket=bucket)) is written
    assert lab.calls.select(operation="PutObject")[0].fault == kind


def test_reset_during_a_delayed_call(lab: RunningLab, kms: Any) -> None:
    """The call is neither executed nor recorded in the state after the reset."""
    lab.faults.add("delay", operation="CreateKey", seconds=0.5)
    with ThreadPoolExecutor(1) as pool:
        pending = pool.submit(kms.create_key)
        while not lab.faults.hits():
            time.sleep(0.01)
        lab.reset()
        with pytest.raises((ConnectionClosedError, HTTPClientError)):
            pending.result()
    assert lab.calls.operations() == []
    assert kms.list_keys()["Keys"] == []


@pytest.mark.parametrize("kind", ["cut_answer", "reset_answer", "corrupt_answer"])
def test_broken_downloads(lab: RunningLab, s3: Any, bucket: str, kind: FaultKind) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"y" * MIB)
    lab.faults.add(kind, operation="GetObject")
    with pytest.raises((IncompleteReadError, ResponseStreamingError, FlexibleChecksumError)):
        read_object(s3, bucket, "k")
    assert read_object(s3, bucket, "k") == b"y" * MIB


@pytest.mark.parametrize(("size", "sent"), [(MIB, 100 * 1024), (1000, 500)])
def test_response_that_is_reset_early(lab: RunningLab, s3: Any, bucket: str, size: int, sent: int) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"y" * size)
    lab.faults.add("reset_answer", operation="GetObject")
    body = s3.get_object(Bucket=bucket, Key="k")["Body"]
    assert body.read(sent) == b"y" * sent
    with pytest.raises(ResponseStreamingError, match="reset by peer"):
        body.read(1)
    assert lab.calls.select(operation="GetObject")[0].fault == "reset_answer"


def test_delay(lab: RunningLab, bucket: str) -> None:
    lab.faults.add("delay", operation="HeadBucket", seconds=0.5)
    short_timeout = lab.client("s3", read_timeout=0.2)
    with pytest.raises(HTTPClientError):
        short_timeout.head_bucket(Bucket=bucket)


def test_stale_read_sees_the_state_of_its_rule(lab: RunningLab, s3: Any, bucket: str) -> None:
    lab.faults.add("stale_read", operation="GetBucketEncryption", times=2)
    put_default_encryption(s3, bucket, "aws:kms")
    results = [
        get_default_encryption(s3, bucket)["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] for _ in range(3)
    ]
    assert results == ["AES256", "AES256", "aws:kms"]


def test_a_saved_state_is_restored(lab: RunningLab, s3: Any, kms: Any, bucket: str) -> None:
    key = kms.create_key()["KeyMetadata"]["Arn"]
    s3.put_object(Bucket=bucket, Key="k", Body=b"saved", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
    lab.clock.advance(days=2)
    saved, then = lab.save(), lab.clock.now()
    for _ in range(2):
        s3.put_object(Bucket=bucket, Key="k", Body=b"later")
        kms.disable_key(KeyId=key)
        lab.reset()
        assert lab.clock.now() < then
        lab.restore(saved)
        assert lab.clock.now() >= then
        assert read_object(s3, bucket, "k") == b"saved"


def test_stale_read_of_a_new_key(lab: RunningLab, kms: Any) -> None:
    lab.faults.add("stale_read", operation="DescribeKey")
    created = kms.create_key()["KeyMetadata"]["KeyId"]
    with raises_client_error("NotFoundException", 400):
        kms.describe_key(KeyId=created)
    kms.describe_key(KeyId=created)


def test_deny_one_action_on_one_resource(lab: RunningLab, s3: Any, bucket: str, key: dict[str, Any]) -> None:
    lab.faults.add("deny", operation="kms:GenerateDataKey", resource=key["Arn"], times=None)
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    with raises_client_error("AccessDenied", 403) as messages:
        s3.put_object(Bucket=bucket, Key="k", Body=b"x", **sse_kms(key["Arn"]))
    assert f"not authorized to perform: kms:GenerateDataKey on resource: {key['Arn']}" in messages[0]


def test_expired_credentials(lab: RunningLab, s3: Any, kms: Any, sts: Any) -> None:
    lab.faults.add("expired_credentials", times=3)
    for call, code in (
        (s3.list_buckets, "ExpiredToken"),
        (kms.list_keys, "ExpiredTokenException"),
        (sts.get_caller_identity, "ExpiredToken"),
    ):
        with raises_client_error(code):
            call()


def test_random_faults_are_reproducible(lab: RunningLab, s3: Any, bucket: str) -> None:
    def run() -> list[bool]:
        lab.faults.clear()
        lab.faults.add("throttle", operation="HeadBucket", probability=0.5, seed=7, times=None)
        results = []
        for _ in range(20):
            try:
                s3.head_bucket(Bucket=bucket)
                results.append(True)
            except ClientError:
                results.append(False)
        return results

    first = run()
    assert first == run()
    assert True in first
    assert False in first


def test_every_third_call_fails(lab: RunningLab, s3: Any, bucket: str) -> None:
    lab.faults.add("throttle", operation="HeadBucket", every=3, times=2, after=1)

    def fails(_number: int) -> bool:
        try:
            s3.head_bucket(Bucket=bucket)
        except ClientError as error:
            return bool(error.response["ResponseMetadata"]["HTTPStatusCode"] == 503)
        return False

    assert [number for number in range(14) if fails(number)] == [3, 6]
    assert lab.faults.hits() == 2


def test_calls_above_a_rate_fail() -> None:
    """At once as many calls as in a second, then one for each part of a second that passed."""
    fault = Fault.from_mapping({"kind": "throttle", "rate": 5, "times": None})
    assert [fault.trigger(1000.0) for _ in range(7)] == [False] * 5 + [True] * 2
    assert [fault.trigger(1000.25) for _ in range(3)] == [False, True, True]
    assert [fault.trigger(1001.0) for _ in range(5)] == [False] * 4 + [True]
    assert sum(not fault.trigger(2000.0) for _ in range(20)) == 5
    assert sum(not fault.trigger(2000.0 + number / 10) for number in range(1, 101)) == 50


def test_a_rate_is_measured_by_the_clock_of_the_lab(lab: RunningLab, s3: Any, bucket: str) -> None:
    lab.faults.add("throttle", operation="HeadBucket", rate=0.001, times=None)
    s3.head_bucket(Bucket=bucket)
    for _ in range(2):
        with raises_client_error("503", 503):
            s3.head_bucket(Bucket=bucket)
        lab.clock.advance(1000)
        s3.head_bucket(Bucket=bucket)


@pytest.mark.parametrize("options", [{"every": 0}, {"rate": 0}, {"rate": -1.0}])
def test_faults_that_never_apply_are_refused(lab: RunningLab, options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        lab.faults.add("throttle", **options)


def test_unknown_fault_is_refused(lab: RunningLab) -> None:
    with pytest.raises(ValueError, match="throttle"):
        lab.faults.add("nonsense")  # type: ignore[arg-type]


# ---------------------------------------------------------------- clock


def test_keys_rotate_over_time(lab: RunningLab, kms: Any, key: dict[str, Any]) -> None:
    kms.enable_key_rotation(KeyId=key["KeyId"], RotationPeriodInDays=100)
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    lab.clock.advance(days=250)
    rotations = kms.list_key_rotations(KeyId=key["KeyId"])["Rotations"]
    assert [each["RotationType"] for each in rotations] == ["AUTOMATIC", "AUTOMATIC"]
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    assert kms.get_key_rotation_status(KeyId=key["KeyId"])["NextRotationDate"].timestamp() > lab.clock.now()


def test_scheduled_deletion_of_a_key_makes_its_objects_unreadable(
    lab: RunningLab, s3: Any, kms: Any, bucket: str, key: dict[str, Any]
) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=BODY, **sse_kms(key["Arn"]))
    kms.create_alias(AliasName="alias/short-lived", TargetKeyId=key["KeyId"])
    kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)
    lab.clock.advance(days=6)
    assert kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] == "PendingDeletion"
    lab.clock.advance(days=1.1)
    with raises_client_error("NotFoundException", 400):
        kms.describe_key(KeyId=key["KeyId"])
    assert kms.list_aliases()["Aliases"] == []
    with raises_client_error("KMS.NotFoundException", 400):
        s3.get_object(Bucket=bucket, Key="k")


def test_clock_does_not_move_back(lab: RunningLab) -> None:
    with pytest.raises(ValueError, match="forward"):
        lab.clock.advance(-1)


# ---------------------------------------------------------------- the log and the control endpoints


def test_call_log(lab: RunningLab, s3: Any, bucket: str) -> None:
    lab.calls.clear()
    s3.put_object(Bucket=bucket, Key="k", Body=BODY)
    read_object(s3, bucket, "k")
    write, download = lab.calls
    assert (write.operation, write.access, write.bytes_in) == ("PutObject", "write", len(BODY))
    assert write.resource == f"arn:aws:s3:::{bucket}/k"
    assert write.caller == "arn:aws:iam::000000000000:root"
    assert (download.operation, download.access, download.bytes_out, download.status) == (
        "GetObject",
        "read",
        len(BODY),
        200,
    )
    assert lab.calls.operations() == ["PutObject", "GetObject"]
    assert lab.writes() == [write]


def test_control_endpoints(lab: RunningLab, s3: Any, bucket: str) -> None:
    remote = RemoteLab(lab.url)
    assert remote.healthy()
    assert remote.faults.add("throttle", operation="HeadBucket").hits == 0
    with raises_client_error("503", 503):
        s3.head_bucket(Bucket=bucket)
    assert remote.faults.hits() == 1
    assert [each.operation for each in remote.calls.select(error="SlowDown")] == ["HeadBucket"]
    assert remote.writes()[0].operation == "CreateBucket"
    before = remote.clock.now()
    assert remote.clock.advance(days=1) >= before + 86400
    remote.enforcing = True
    assert lab.enforcing
    remote.rotation_seconds = 60
    assert lab.rotation_seconds == remote.rotation_seconds == 60
    remote.calls.clear()
    assert len(remote.calls) == 0
    remote.reset()
    assert s3.list_buckets()["Buckets"] == []
    assert not lab.enforcing
    assert lab.rotation_seconds == 0
