# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Concurrent parts: their number, their order, and the end of the upload after a failure."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.aws.objects.ports import Body
from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.content_upload import ATTEMPTS, upload_in_parts
from ansible_collections.sealed.s3.plugins.module_utils.engine.transfer.content import Source
from ansible_collections.sealed.s3.plugins.module_utils.engine.transfer.multipart import send_all
from ansible_collections.sealed.s3.plugins.module_utils.engine.transfer.upload_aborted import UploadAborted
from ansible_collections.sealed.s3.plugins.module_utils.engine.transfer.upload_body import open_source
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind, OperationError, Reason
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.desired_object import (
    Content,
    DesiredObject,
    ObjectReading,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.encrypted_object import plan_encrypted_object
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.large_objects import Limits, to_multipart
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_state import Checksum, ObjectId
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_steps import PutObject
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.parts import Part, SentPart, split_into_parts
from ansible_collections.sealed.s3.plugins.module_utils.model.secret import CustomerKey
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_aws import FakeS3

DATA = bytes(range(256)) * 4
TARGET = ObjectId("bucket", "key")


class Workers:
    """Counts the concurrent calls, and the parts that were read in advance."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.busy = self.most = self.done = self.started = self.furthest = 0

    def parts(self, count: int) -> Iterator[Part]:
        """Parts that record when they are read."""
        for part in split_into_parts(count, 1):
            self.started += 1
            self.furthest = max(self.furthest, self.started - self.done)
            yield part

    def send(self, part: Part) -> SentPart:
        """Take a short time."""
        with self.lock:
            self.busy += 1
            self.most = max(self.most, self.busy)
        time.sleep(0.002)
        with self.lock:
            self.busy -= 1
            self.done += 1
        return SentPart(part.number, str(part.number), None)


@pytest.mark.parametrize("concurrency", [1, 3, 8])
def test_never_more_parts_than_workers(concurrency: int) -> None:
    """The next part is read only when a thread is free."""
    workers = Workers()
    sent = send_all(workers.parts(40), workers.send, concurrency, lambda: None)
    assert sorted(part.number for part in sent) == list(range(1, 41))
    assert workers.most <= concurrency
    assert workers.furthest <= concurrency + 1  # plus the one that waits for a thread


def test_after_a_failed_part_no_other_is_started() -> None:
    """The running ones are stopped, and the first failure is raised."""
    begun: list[int] = []
    stopped = threading.Event()

    def send(part: Part) -> SentPart:
        begun.append(part.number)
        if part.number == 3:
            raise OperationError(Failure(FailureKind.FAILED, "the third"))
        stopped.wait(5)
        return SentPart(part.number, "", None)

    with pytest.raises(OperationError) as error:
        send_all(split_into_parts(100, 1), send, 4, stopped.set)
    assert error.value.failure.message == "the third"
    assert stopped.is_set()
    assert len(begun) <= 5


def upload(s3: FakeS3, content: bytes, source: Source, part_size: int = 100) -> None:
    """Upload a source in parts."""
    s3.add_bucket("bucket")
    measured = Source(data=content).describe(part_size)
    desired = DesiredObject("bucket", "key", content=measured)
    (step,) = to_multipart(plan_encrypted_object(desired, ObjectReading(None)), Limits(part_size), "CRC32").steps
    assert isinstance(step, PutObject)
    assert step.in_parts
    with open_source(source, measured) as stream:
        upload_in_parts(s3, TARGET, step, step.in_parts, stream, concurrency=3)


@pytest.mark.parametrize("size", [101, 200, 201, 1024])
def test_an_upload_from_a_file(tmp_path: Path, size: int) -> None:
    """It is complete, and no parts remain."""
    (tmp_path / "src").write_bytes(DATA[:size])
    s3 = FakeS3()
    upload(s3, DATA[:size], Source(tmp_path / "src"))
    assert s3.bytes["bucket", "key"] == DATA[:size]
    assert s3.uploads == {}


class UnreliableS3(FakeS3):
    """S3 behind a network that corrupts or interrupts the first attempts of each part."""

    def __init__(self, failure: Failure, times: int) -> None:
        super().__init__()
        self.failure, self.times = failure, times
        self.attempts: dict[int, int] = {}

    def upload_part(
        self,
        target: ObjectId,
        upload_id: str,
        part: Part,
        body: Body,
        checksum: Checksum,
        customer_key: CustomerKey | None,
    ) -> SentPart:
        """Fail the given number of times."""
        self.attempts[part.number] = self.attempts.get(part.number, 0) + 1
        if self.attempts[part.number] <= self.times:
            raise OperationError(self.failure)
        return super().upload_part(target, upload_id, part, body, checksum, customer_key)


AGAIN = [
    Failure(FailureKind.CONFLICT, "other bytes than announced", reason=Reason.BODY_DAMAGED),
    Failure(FailureKind.UNREACHABLE, "no response", may_have_been_applied=True),
    Failure(FailureKind.THROTTLED, "slow down", code="SlowDown"),
    Failure(FailureKind.FAILED, "internal error", code="InternalError", may_have_been_applied=True),
]


@pytest.mark.parametrize("failure", AGAIN, ids=lambda failure: failure.message)
def test_a_part_is_read_and_sent_again(failure: Failure) -> None:
    """After failures that the SDK does not retry, or no longer."""
    s3 = UnreliableS3(failure, ATTEMPTS - 1)
    upload(s3, DATA, Source(data=DATA))
    assert s3.bytes["bucket", "key"] == DATA
    assert set(s3.attempts.values()) == {ATTEMPTS}


@pytest.mark.parametrize(
    ("failure", "attempts"),
    [
        *((failure, ATTEMPTS) for failure in AGAIN),
        (Failure(FailureKind.FORBIDDEN, "no", code="AccessDenied"), 1),
    ],
    ids=lambda value: value.message if isinstance(value, Failure) else "",
)
def test_a_part_that_always_fails_ends_the_upload(failure: Failure, attempts: int) -> None:
    """After some attempts, or at once if a retry cannot help. No parts remain."""
    s3 = UnreliableS3(failure, 100)
    with pytest.raises(OperationError) as error:
        upload(s3, DATA, Source(data=DATA))
    assert error.value.failure == replace(failure, may_have_been_applied=False)  # the last call would create the object
    assert max(s3.attempts.values()) == attempts
    assert (s3.uploads, s3.objects) == ({}, {})


def test_an_abort_of_a_deleted_upload_is_no_failure() -> None:
    """The first failure is reported."""
    s3 = UnreliableS3(Failure(FailureKind.FORBIDDEN, "no"), 100)
    s3.failures["AbortMultipartUpload"] = Failure(
        FailureKind.ABSENT, "The upload does not exist.", reason=Reason.UPLOAD_NOT_FOUND
    )
    with pytest.raises(OperationError) as error:
        upload(s3, DATA, Source(data=DATA))
    assert error.value.failure.message == "no"


def test_a_source_of_another_size_is_not_uploaded(tmp_path: Path) -> None:
    """The file was replaced after its description."""
    (tmp_path / "src").write_bytes(DATA + b"more")
    s3 = FakeS3()
    with pytest.raises(OperationError) as error:
        upload(s3, DATA, Source(tmp_path / "src"))
    assert error.value.failure.kind is FailureKind.CONFLICT
    assert s3.writes == []


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A small file."""
    path = tmp_path / "src"
    path.write_bytes(DATA)
    return path


def measured(path: Path) -> Content:
    return Source(path).describe()


def test_file_slices_are_independent_streams(file: Path) -> None:
    """Each has its own position and its own end."""
    with open_source(Source(file), measured(file)) as source:
        one, other = source.slice(0, 300), source.slice(300)
        assert (one.read(), other.readall(), one.read(5)) == (DATA[:300], DATA[300:], b"")
        assert (one.seek(-1, 2), one.read(), one.seek(0), one.tell()) == (299, DATA[299:300], 0, 0)
        assert (one.seek(10), one.seek(5, 1), one.read()) == (10, 15, DATA[15:300])
        one.seek(290)
        buffer = bytearray(20)
        assert (one.readinto(buffer), bytes(buffer[:10]), one.readinto(buffer)) == (10, DATA[290:300], 0)
        assert (len(one), one.readable(), one.seekable()) == (300, True, True)


def test_a_signer_that_reads_little_at_a_time_reads_the_file_in_large_chunks(tmp_path: Path) -> None:
    """`readinto` reads ahead. The position is that of what was returned, also for `read` and after `seek`."""
    data, reads = bytes(range(251)) * 2000, list[tuple[int, int]]()
    path = tmp_path / "src"
    path.write_bytes(data)
    with open_source(Source(path), measured(path)) as source:
        read = source.read

        def counted(size: int, at: int) -> bytes:
            reads.append((size, at))
            return read(size, at)

        source.read = counted  # type: ignore[method-assign]
        one, buffer, received = source.slice(7), bytearray(4096), b""
        while count := one.readinto(buffer):
            received += buffer[:count]
        assert (received == data[7:], len(reads)) == (True, 2)
        one.seek(100)
        assert (one.readinto(buffer), buffer == data[107 : 107 + 4096], one.tell()) == (4096, True, 4196)
        assert (one.readall() == data[7 + 4196 :], one.readinto(buffer)) == (True, 0)
        one.seek(0)
        one.readinto(buffer)
        one.seek(5)
        assert (one.readinto(buffer), buffer == data[12 : 12 + 4096]) == (4096, True)


def test_a_slice_of_a_file_that_shrank_raises_an_error(file: Path) -> None:
    """With an end of file, S3 would wait for the missing bytes."""
    with open_source(Source(file), measured(file)) as source:
        window = source.slice()
        file.write_bytes(DATA[:10])
        assert window.read(10) == DATA[:10]
        with pytest.raises(UploadAborted) as unsent:
            window.read(10)
        assert unsent.value.failure.kind is FailureKind.CONFLICT
        with pytest.raises(OperationError):
            source.require_unchanged()


def test_a_slice_of_an_aborted_upload_is_not_read_further(file: Path) -> None:
    """So the running parts end."""
    with open_source(Source(file), measured(file)) as source:
        window = source.slice()
        source.stop.set()
        with pytest.raises(UploadAborted):
            window.read()
