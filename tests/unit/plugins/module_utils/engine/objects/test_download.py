# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A local file equals the object after the run, or does not change."""

from __future__ import annotations

import base64
import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from threading import Lock

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.engine.clock import SYSTEM_CLOCK
from ansible_collections.sealed.s3.plugins.module_utils.engine.keys.key_resolver import KeyResolver
from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.download import DownloadResource
from ansible_collections.sealed.s3.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.encryption import (
    DesiredEncryption,
    ObjectEncryption,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.archive import Archive
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.desired_object import Overwrite
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.download_plan import AttributeChange
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_state import (
    Checksum,
    ObjectId,
    ObjectState,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.secret import CustomerKey
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_aws import FakeKms, FakeS3, operation_error
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_client_side import client_side_ports
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.strategies import content_of

DATA = b"content of the object" * 100000
SHA256 = content_of(DATA).checksum


class FaultyS3(FakeS3):
    """S3 whose responses to GET are corrupted or interrupted."""

    corrupted: bytes | None = None
    breaks: bool = False
    breaks_remaining = 0
    early_breaks_remaining = 0
    changes_after = -1

    def __init__(self) -> None:
        super().__init__()
        self.spans: list[tuple[int, int] | None] = []
        self.lock = Lock()

    def get_object(
        self,
        target: ObjectId,
        customer_key: CustomerKey | None,
        if_match: str | None,
        chunk_size: int,
        span: tuple[int, int] | None = None,
    ) -> Iterator[bytes]:
        """The object's bytes, other bytes, or only the first of them."""
        with self.lock:
            self.spans.append(span)
            if len(self.spans) == self.changes_after:
                self.objects["bucket", "key"] = replace(self.objects["bucket", "key"], etag='"another"')
        if self.breaks:
            raise operation_error(FailureKind.UNREACHABLE, "The connection is cut.")
        return self._with_faults(super().get_object(target, customer_key, if_match, chunk_size, span))

    def _with_faults(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        with self.lock:
            self.early_breaks_remaining -= 1
            if self.early_breaks_remaining >= 0:
                raise operation_error(FailureKind.UNREACHABLE, "The connection is cut.")
        for chunk in chunks:
            yield chunk if self.corrupted is None else self.corrupted
            with self.lock:
                self.breaks_remaining -= 1
                if self.breaks_remaining >= 0:
                    raise operation_error(FailureKind.UNREACHABLE, "The connection is cut.")
            if self.corrupted is not None:
                return


class InstantClock:
    """A clock whose waits take no time."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> datetime:
        """The current time."""
        return SYSTEM_CLOCK.now()

    def monotonic(self) -> float:
        """Seconds."""
        return SYSTEM_CLOCK.monotonic()

    def sleep(self, seconds: float) -> None:
        """Record the wait."""
        self.slept.append(seconds)


@dataclass
class Attributes:
    """The mode that a task names, without Ansible. Setting it fails with `failure`."""

    mode: int | None = None
    failure: OperationError | None = None
    seen: list[bytes] = field(default_factory=list)

    def difference(self, path: Path) -> AttributeChange | None:
        """The difference of the mode."""
        current = stat.S_IMODE(path.stat().st_mode)
        if self.mode in (None, current):
            return None
        return AttributeChange((("mode", current),), (("mode", self.mode),))

    def prepare(self, path: Path) -> None:
        """Set the mode on the new file."""
        self.seen.append(path.read_bytes())
        self.set_on(path)

    def set_on(self, path: Path) -> None:
        """Set the mode."""
        if self.failure:
            raise self.failure
        if self.mode is not None:
            path.chmod(self.mode)


def s3_with(
    encryption: ObjectEncryption | None = None, checksums: tuple[Checksum, ...] = (SHA256,), data: bytes = DATA
) -> FaultyS3:
    s3 = FaultyS3()
    s3.add_bucket("bucket")
    kind = encryption or ObjectEncryption("SSE-KMS")
    etag = hashlib.md5(data if kind.type == "SSE-S3" else b"?").hexdigest()
    s3.add_object(ObjectState("bucket", "key", 0, kind, etag=f'"{etag}"', checksums=checksums), data)
    return s3


def resource(
    s3: FakeS3,
    path: Path,
    key: CustomerKey | None = None,
    overwrite: Overwrite = Overwrite.DIFFERENT,
    part_size: int = 16 * 1024**2,
) -> DownloadResource:
    return DownloadResource(
        ObjectId("bucket", "key"),
        path,
        overwrite,
        DesiredEncryption(customer_key=key),
        None,
        s3,
        KeyResolver(FakeKms()),
        client_side_ports(),
        Attributes(),
        InstantClock(),
        part_size=part_size,
    )


def test_a_file_that_equals_by_its_bytes_is_left_alone(tmp_path: Path) -> None:
    """Where S3 stores no checksum that can be computed here, the object is streamed, and the file not touched."""
    s3, path = s3_with(checksums=()), tmp_path / "file"
    path.write_bytes(DATA)
    before = path.stat()
    outcome = reconcile(resource(s3, path), check_mode=False)
    assert (outcome.failure, outcome.changed) == (None, False)
    assert path.stat().st_ino == before.st_ino
    path.write_bytes(DATA.upper())
    assert reconcile(resource(s3, path), check_mode=False).changed
    assert path.read_bytes() == DATA


@pytest.mark.parametrize("checksums", [(SHA256,), ()], ids=["checksum", "no checksum"])
@pytest.mark.parametrize("old", [b"another size", DATA.upper()], ids=["another size", "the same size"])
def test_a_file_that_differs_is_replaced(tmp_path: Path, checksums: tuple[Checksum, ...], old: bytes) -> None:
    """It keeps its mode."""
    path = tmp_path / "file"
    path.write_bytes(old)
    path.chmod(0o640)
    outcome = reconcile(resource(s3_with(checksums=checksums), path), check_mode=False)
    assert (outcome.failure, outcome.changed) == (None, True)
    assert path.read_bytes() == DATA
    assert oct(path.stat().st_mode)[-3:] == "640"


@pytest.mark.parametrize(
    ("overwrite", "old", "changed"),
    [
        (Overwrite.NEVER, b"old", False),
        (Overwrite.NEVER, None, True),
        (Overwrite.ALWAYS, DATA, True),
        (Overwrite.ALWAYS, None, True),
    ],
)
def test_overwrite(tmp_path: Path, overwrite: Overwrite, old: bytes | None, changed: bool) -> None:
    """`never` keeps any file, `always` compares none."""
    path = tmp_path / "file"
    if old is not None:
        path.write_bytes(old)
    outcome = reconcile(resource(s3_with(), path, overwrite=overwrite), check_mode=False)
    assert (outcome.failure, outcome.changed) == (None, changed)
    assert path.read_bytes() == (DATA if changed else old)


FAULTS = [
    pytest.param(b"short", (SHA256,), False, FailureKind.CONFLICT, id="another size"),
    pytest.param(b"short", (), False, FailureKind.CONFLICT, id="another size, no checksum"),
    pytest.param(DATA.upper(), (SHA256,), False, FailureKind.CONFLICT, id="another checksum"),
    pytest.param(None, (SHA256,), True, FailureKind.UNREACHABLE, id="cut off"),
]


@pytest.mark.parametrize("old", [None, b"old"], ids=["no file before", "a file before"])
@pytest.mark.parametrize(("corrupted", "checksums", "breaks", "kind"), FAULTS)
def test_a_download_that_cannot_be_verified_changes_nothing(
    tmp_path: Path,
    old: bytes | None,
    corrupted: bytes | None,
    checksums: tuple[Checksum, ...],
    breaks: bool,
    kind: FailureKind,
) -> None:
    """The run fails, the file is unchanged, and no other file exists."""
    s3, path = s3_with(checksums=checksums), tmp_path / "file"
    s3.corrupted, s3.breaks = corrupted, breaks
    if old is not None:
        path.write_bytes(old)
    outcome = reconcile(resource(s3, path), check_mode=False)
    assert outcome.failure is not None
    assert (outcome.failure.kind, outcome.changed, outcome.actions) == (kind, False, ())
    assert [found.name for found in tmp_path.iterdir()] == ([] if old is None else ["file"])
    assert (path.read_bytes() if path.exists() else None) == old


def test_a_missing_object_is_a_failure(tmp_path: Path) -> None:
    """The playbook has a mistake."""
    s3 = FaultyS3()
    s3.add_bucket("bucket")
    outcome = reconcile(resource(s3, tmp_path / "file"), check_mode=True)
    assert outcome.failure is not None
    assert (outcome.failure.kind, outcome.failure.resource) == (FailureKind.ABSENT, "bucket/key")


def test_a_missing_folder_is_reported(tmp_path: Path) -> None:
    """As a message, not as a traceback."""
    outcome = reconcile(resource(s3_with(), tmp_path / "missing" / "file"), check_mode=False)
    assert outcome.failure is not None
    assert "cannot be written: No such file or directory" in outcome.failure.message
    assert outcome.changed is False


def test_only_its_owner_can_read_a_private_file(tmp_path: Path) -> None:
    """Until it gets another mode."""
    reconcile(replace(resource(s3_with(), tmp_path / "file"), private=True), check_mode=False)
    assert oct((tmp_path / "file").stat().st_mode)[-3:] == "600"


RANGES = [
    pytest.param(len(DATA), [None], id="just one part"),
    pytest.param(len(DATA) - 1, [(0, len(DATA) - 1), (len(DATA) - 1, len(DATA))], id="a byte more than one part"),
    pytest.param(1000000, [(0, 1000000), (1000000, 2000000), (2000000, len(DATA))], id="three parts"),
]


@pytest.mark.parametrize(("part_size", "spans"), RANGES)
@pytest.mark.parametrize("checksums", [(SHA256,), ()], ids=["checksum", "no checksum"])
def test_a_large_object_is_downloaded_in_ranges(
    tmp_path: Path, part_size: int, spans: list[tuple[int, int] | None], checksums: tuple[Checksum, ...]
) -> None:
    """Each range is requested once, and the file is complete."""
    s3, path = s3_with(checksums=checksums), tmp_path / "file"
    outcome = reconcile(resource(s3, path, part_size=part_size), check_mode=False)
    assert (outcome.failure, outcome.changed, outcome.actions) == (None, True, ("GetObject",))
    assert path.read_bytes() == DATA
    assert sorted(s3.spans, key=str) == sorted(spans, key=str)
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize("part_size", [len(DATA), 300000], ids=["whole", "ranges"])
def test_an_interrupted_range_is_continued(tmp_path: Path, part_size: int) -> None:
    """From the last byte, and not from its beginning."""
    s3, path = s3_with(), tmp_path / "file"
    s3.breaks_remaining = 3
    in_chunks = replace(resource(s3, path, part_size=part_size), chunk_size=100000, resumed_chunk_size=100000)
    outcome = reconcile(in_chunks, check_mode=False)
    assert (outcome.failure, outcome.changed) == (None, True)
    assert path.read_bytes() == DATA
    requested = [end - start for start, end in (span or (0, len(DATA)) for span in s3.spans)]
    assert len(DATA) <= sum(requested) < 4 * len(DATA)
    # a range that is interrupted after its last byte is not requested again
    assert 0 <= len(s3.spans) - -(-len(DATA) // part_size) <= 3
    assert part_size < len(DATA) or len(s3.spans) == 4


def test_a_request_without_a_response_is_not_repeated(tmp_path: Path) -> None:
    """The SDK has already retried it."""
    s3 = s3_with()
    s3.breaks = True
    assert reconcile(resource(s3, tmp_path / "file"), check_mode=False).failure
    assert len(s3.spans) == 1


def test_a_connection_that_always_breaks_is_a_failure(tmp_path: Path) -> None:
    """The retries are limited."""
    s3 = s3_with()
    s3.breaks_remaining = 10**6
    in_chunks = replace(resource(s3, tmp_path / "file"), chunk_size=100)
    outcome = reconcile(in_chunks, check_mode=False)
    assert outcome.failure is not None
    assert outcome.failure.kind is FailureKind.UNREACHABLE
    assert len(s3.spans) == 5
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("number", [1, 2, 7])
def test_an_object_that_is_overwritten_between_two_ranges_is_a_failure(tmp_path: Path, number: int) -> None:
    """Every range is conditional on the object that HEAD reported, so the file never mixes two objects."""
    s3, path = s3_with(), tmp_path / "file"
    path.write_bytes(b"old")
    s3.changes_after = number
    outcome = reconcile(resource(s3, path, part_size=300000), check_mode=False)
    assert outcome.failure is not None
    assert (outcome.failure.kind, outcome.changed) == (FailureKind.CONFLICT, False)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize("part_size", [len(DATA), 300000], ids=["whole", "ranges"])
def test_corrupted_ranges_are_detected(tmp_path: Path, part_size: int) -> None:
    """By their length, or by the checksum of the whole object."""
    s3 = s3_with()
    s3.corrupted = b"x" * 100
    outcome = reconcile(resource(s3, tmp_path / "file", part_size=part_size), check_mode=False)
    assert outcome.failure is not None
    assert (outcome.failure.kind, os.listdir(tmp_path)) == (FailureKind.CONFLICT, [])


def composed(sizes: tuple[int, ...], data: bytes) -> Checksum:
    """A composite checksum of parts with these sizes."""
    digests, place = b"", 0
    for size in sizes:
        digests += hashlib.sha256(data[place : place + size]).digest()
        place += size
    value = base64.b64encode(hashlib.sha256(digests).digest()).decode()
    return Checksum("SHA256", f"{value}-{len(sizes)}", full_object=False)


@pytest.mark.parametrize("sizes", [(700000, 700000, 700000), (1000000, 300000, 800000), (len(DATA),)])
@pytest.mark.parametrize("part_size", [len(DATA), 300000], ids=["whole", "ranges"])
@pytest.mark.parametrize("sound", [True, False], ids=["sound", "corrupted"])
def test_a_composite_checksum_is_verified(tmp_path: Path, sizes: tuple[int, ...], part_size: int, sound: bool) -> None:
    """The parts of the upload are not the ranges of the download."""
    s3 = s3_with(checksums=(composed(sizes, DATA if sound else DATA.upper()),))
    s3.parts["bucket", "key"] = sizes
    outcome = reconcile(resource(s3, tmp_path / "file", part_size=part_size), check_mode=False)
    assert (outcome.failure is None) == sound
    assert os.listdir(tmp_path) == (["file"] if sound else [])
    if sound:
        reads = len(s3.reads)
        assert not reconcile(resource(s3, tmp_path / "file"), check_mode=False).changed
        assert set(s3.reads[reads:]) <= {"HeadObject", "HeadPart", "GetObjectAttributes"}


@pytest.mark.parametrize("check_mode", [True, False])
def test_an_archived_object_that_equals_the_file_is_no_failure(tmp_path: Path, check_mode: bool) -> None:
    """The checksum decides, and nothing is downloaded."""
    s3 = s3_with()
    s3.objects["bucket", "key"] = replace(s3.objects["bucket", "key"], archive=Archive("DEEP_ARCHIVE"))
    (tmp_path / "file").write_bytes(DATA)
    outcome = reconcile(resource(s3, tmp_path / "file"), check_mode=check_mode)
    assert (outcome.failure, outcome.changed, s3.reads) == (None, False, ["HeadObject"])


REFUSED = OperationError(Failure(FailureKind.FAILED, "no"))


def test_attributes_are_set_before_the_file_is_renamed(tmp_path: Path) -> None:
    """The file is complete at that time."""
    attributes = Attributes()
    reconcile(replace(resource(s3_with(), tmp_path / "file"), attributes=attributes), check_mode=False)
    assert attributes.seen == [DATA]


def test_partially_set_attributes_are_a_change(tmp_path: Path) -> None:
    """What was set before the failure stays set."""

    class InPart(Attributes):
        """Fails after it has set another mode than the desired one."""

        def set_on(self, path: Path) -> None:
            """Set it, and fail."""
            path.chmod(0o644)
            raise REFUSED

    (tmp_path / "file").write_bytes(DATA)
    (tmp_path / "file").chmod(0o600)
    partial = replace(resource(s3_with(), tmp_path / "file"), attributes=InPart(0o640))
    outcome = reconcile(partial, check_mode=False)
    assert (outcome.changed, outcome.actions) == (True, ())
    assert outcome.failure is not None
    assert outcome.failure.may_have_been_applied


def test_an_attribute_that_cannot_be_set_last_is_a_failure_after_the_change(tmp_path: Path) -> None:
    """Such as one of the file system that forbids to rename the file, and is therefore set in its place."""

    class LastOne(Attributes):
        """Prepares a new file, and refuses the file in its place."""

        def prepare(self, path: Path) -> None:
            """Nothing."""

    path = tmp_path / "file"
    refusing = replace(resource(s3_with(), path), attributes=LastOne(failure=REFUSED))
    outcome = reconcile(refusing, check_mode=False)
    assert (outcome.failure, outcome.actions, outcome.changed) == (REFUSED.failure, ("GetObject",), True)
    assert path.read_bytes() == DATA


def test_an_interrupted_download_leaves_no_file(tmp_path: Path) -> None:
    """Not even if the process ends while attributes are set."""

    class EndsTheProcess(Attributes):
        """Ends the process."""

        def set_on(self, path: Path) -> None:
            """End."""
            raise SystemExit(1)

    ending = replace(resource(s3_with(), tmp_path / "file"), attributes=EndsTheProcess())
    with pytest.raises(SystemExit):
        reconcile(ending, check_mode=False)
    assert os.listdir(tmp_path) == []
