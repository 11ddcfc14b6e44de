# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A local file that equals an object, or stays what it was."""

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
from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.download import DownloadResource
from ansible_collections.sealed.s3.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.archive import Archive
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.desired_object import Overwrite
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.download_plan import AttributeChange
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.encryption import ObjectEncryption
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_id import ObjectId
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_state import Checksum, ObjectState
from ansible_collections.sealed.s3.plugins.module_utils.model.secret import CustomerKey
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.backend import Store, operation_error
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.strategies import content_of

DATA = b"what the object holds" * 100000
KEY = CustomerKey(b"k" * 32)
SHA256 = content_of(DATA).checksum
KINDS = [
    pytest.param(ObjectEncryption("SSE-S3"), None, id="SSE-S3"),
    pytest.param(ObjectEncryption("SSE-KMS", "arn"), None, id="SSE-KMS"),
    pytest.param(ObjectEncryption("SSE-C", customer_key_md5=KEY.md5), KEY, id="SSE-C"),
    pytest.param(ObjectEncryption("SSE-S3"), KEY, id="SSE-S3, and a key that is not needed"),
]


class Faulty(Store):
    """S3 whose answers to GET are garbled on the way."""

    garble: bytes | None = None
    breaks: bool = False
    breaks_left = 0
    early_breaks_left = 0
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
        """The object's bytes, or others, or half of them."""
        with self.lock:
            self.spans.append(span)
            if len(self.spans) == self.changes_after:
                self.objects["bucket", "key"] = replace(self.objects["bucket", "key"], etag='"another"')
        if self.breaks:
            raise operation_error(FailureKind.UNREACHABLE, "The connection is cut.")
        return self._spoil(super().get_object(target, customer_key, if_match, chunk_size, span))

    def _spoil(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        with self.lock:
            self.early_breaks_left -= 1
            if self.early_breaks_left >= 0:
                raise operation_error(FailureKind.UNREACHABLE, "The connection is cut.")
        for chunk in chunks:
            yield chunk if self.garble is None else self.garble
            with self.lock:
                self.breaks_left -= 1
                if self.breaks_left >= 0:
                    raise operation_error(FailureKind.UNREACHABLE, "The connection is cut.")
            if self.garble is not None:
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
        """Note the wait."""
        self.slept.append(seconds)


@dataclass
class Attributes:
    """The mode that a task names, with nothing of Ansible. Setting it fails with `failure`."""

    mode: int | None = None
    failure: OperationError | None = None
    seen: list[bytes] = field(default_factory=list)

    def difference(self, path: Path) -> AttributeChange | None:
        """Of the mode."""
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


def store_with(
    encryption: ObjectEncryption | None = None, checksums: tuple[Checksum, ...] = (SHA256,), data: bytes = DATA
) -> Faulty:
    store = Faulty()
    store.add_bucket("bucket")
    kind = encryption or ObjectEncryption("SSE-KMS")
    etag = hashlib.md5(data if kind.type == "SSE-S3" else b"?").hexdigest()
    store.add_object(ObjectState("bucket", "key", 0, kind, etag=f'"{etag}"', checksums=checksums), data)
    return store


def resource(
    store: Store,
    path: Path,
    key: CustomerKey | None = None,
    overwrite: Overwrite = Overwrite.DIFFERENT,
    part_size: int = 16 * 1024**2,
) -> DownloadResource:
    return DownloadResource(
        ObjectId("bucket", "key"), path, overwrite, key, store, Attributes(), InstantClock(), part_size=part_size
    )


@pytest.mark.parametrize(("encryption", "key"), KINDS)
def test_a_download_and_nothing_to_do_after_it(
    tmp_path: Path, encryption: ObjectEncryption, key: CustomerKey | None
) -> None:
    """The encryption is detected, and the check run reports what the real one does."""
    store, path = store_with(encryption), tmp_path / "file"
    check = reconcile(resource(store, path, key), check_mode=True)
    assert not path.exists()
    real = reconcile(resource(store, path, key), check_mode=False)
    assert (check.failure, check.changed, check.actions, check.planned) == (None, True, ("GetObject",), real.planned)
    assert (real.failure, real.changed, real.actions) == (None, True, ("GetObject",))
    assert path.read_bytes() == DATA
    reads = len(store.reads)
    again = reconcile(resource(store, path, key), check_mode=False)
    assert (again.failure, again.changed) == (None, False)
    assert set(store.reads[reads:]) == {"HeadObject"}
    assert store.writes == []


def test_a_file_that_equals_by_its_bytes_is_left_alone(tmp_path: Path) -> None:
    """Where S3 stores no checksum that can be computed here, the object is streamed, and the file not touched."""
    store, path = store_with(checksums=()), tmp_path / "file"
    path.write_bytes(DATA)
    before = path.stat()
    outcome = reconcile(resource(store, path), check_mode=False)
    assert (outcome.failure, outcome.changed) == (None, False)
    assert path.stat().st_ino == before.st_ino
    path.write_bytes(DATA.upper())
    assert reconcile(resource(store, path), check_mode=False).changed
    assert path.read_bytes() == DATA


@pytest.mark.parametrize("checksums", [(SHA256,), ()], ids=["checksum", "no checksum"])
@pytest.mark.parametrize("old", [b"another size", DATA.upper()], ids=["another size", "the same size"])
def test_a_file_that_differs_is_replaced(tmp_path: Path, checksums: tuple[Checksum, ...], old: bytes) -> None:
    """And keeps its mode."""
    path = tmp_path / "file"
    path.write_bytes(old)
    path.chmod(0o640)
    outcome = reconcile(resource(store_with(checksums=checksums), path), check_mode=False)
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
    outcome = reconcile(resource(store_with(), path, overwrite=overwrite), check_mode=False)
    assert (outcome.failure, outcome.changed) == (None, changed)
    assert path.read_bytes() == (DATA if changed else old)


FAULTS = [
    pytest.param(b"short", (SHA256,), False, FailureKind.CONFLICT, id="another size"),
    pytest.param(b"short", (), False, FailureKind.CONFLICT, id="another size, no checksum"),
    pytest.param(DATA.upper(), (SHA256,), False, FailureKind.CONFLICT, id="another checksum"),
    pytest.param(None, (SHA256,), True, FailureKind.UNREACHABLE, id="cut off"),
]


@pytest.mark.parametrize("old", [None, b"old"], ids=["no file before", "a file before"])
@pytest.mark.parametrize(("garble", "checksums", "breaks", "kind"), FAULTS)
def test_what_is_not_verified_leaves_the_file_as_it_was(
    tmp_path: Path,
    old: bytes | None,
    garble: bytes | None,
    checksums: tuple[Checksum, ...],
    breaks: bool,
    kind: FailureKind,
) -> None:
    """A failure, no change, and nothing beside the file."""
    store, path = store_with(checksums=checksums), tmp_path / "file"
    store.garble, store.breaks = garble, breaks
    if old is not None:
        path.write_bytes(old)
    outcome = reconcile(resource(store, path), check_mode=False)
    assert outcome.failure is not None
    assert (outcome.failure.kind, outcome.changed, outcome.actions) == (kind, False, ())
    assert [found.name for found in tmp_path.iterdir()] == ([] if old is None else ["file"])
    assert (path.read_bytes() if path.exists() else None) == old


def test_an_object_that_changes_meanwhile_is_not_mixed(tmp_path: Path) -> None:
    """GET is conditional on the object that HEAD reported."""
    store, path = store_with(), tmp_path / "file"
    late = resource(store, path)
    prepared = late.plan()
    (step,) = prepared.plan.steps
    store.objects["bucket", "key"] = replace(store.objects["bucket", "key"], etag='"another"')
    with pytest.raises(Exception, match="changed meanwhile"):
        late.apply(step, prepared.context)
    assert not path.exists()


def test_no_object_is_a_failure(tmp_path: Path) -> None:
    """A download of nothing is a mistake in the playbook."""
    store = Faulty()
    store.add_bucket("bucket")
    outcome = reconcile(resource(store, tmp_path / "file"), check_mode=True)
    assert outcome.failure is not None
    assert (outcome.failure.kind, outcome.failure.resource) == (FailureKind.ABSENT, "bucket/key")


def test_a_folder_that_is_missing_is_told(tmp_path: Path) -> None:
    """As a sentence of the module, not as a traceback."""
    outcome = reconcile(resource(store_with(), tmp_path / "missing" / "file"), check_mode=False)
    assert outcome.failure is not None
    assert "cannot be written: No such file or directory" in outcome.failure.message
    assert outcome.changed is False


def test_a_private_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    """Until it gets another mode."""
    reconcile(replace(resource(store_with(), tmp_path / "file"), private=True), check_mode=False)
    assert oct((tmp_path / "file").stat().st_mode)[-3:] == "600"


RANGES = [
    pytest.param(len(DATA), [None], id="just one part"),
    pytest.param(len(DATA) - 1, [(0, len(DATA) - 1), (len(DATA) - 1, len(DATA))], id="a byte more than one part"),
    pytest.param(1000000, [(0, 1000000), (1000000, 2000000), (2000000, len(DATA))], id="three parts"),
]


@pytest.mark.parametrize(("part_size", "spans"), RANGES)
@pytest.mark.parametrize("checksums", [(SHA256,), ()], ids=["checksum", "no checksum"])
def test_a_large_object_comes_in_ranges(
    tmp_path: Path, part_size: int, spans: list[tuple[int, int] | None], checksums: tuple[Checksum, ...]
) -> None:
    """Each is requested once, and together they are the object."""
    store, path = store_with(checksums=checksums), tmp_path / "file"
    outcome = reconcile(resource(store, path, part_size=part_size), check_mode=False)
    assert (outcome.failure, outcome.changed, outcome.actions) == (None, True, ("GetObject",))
    assert path.read_bytes() == DATA
    assert sorted(store.spans, key=str) == sorted(spans, key=str)
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize("part_size", [len(DATA), 300000], ids=["whole", "ranges"])
def test_a_range_that_breaks_is_continued(tmp_path: Path, part_size: int) -> None:
    """From where it broke, and not from its beginning."""
    store, path = store_with(), tmp_path / "file"
    store.breaks_left = 3
    in_chunks = replace(resource(store, path, part_size=part_size), chunk_size=100000, resumed_chunk_size=100000)
    outcome = reconcile(in_chunks, check_mode=False)
    assert (outcome.failure, outcome.changed) == (None, True)
    assert path.read_bytes() == DATA
    requested = [end - start for start, end in (span or (0, len(DATA)) for span in store.spans)]
    assert len(DATA) <= sum(requested) < 4 * len(DATA)
    # a range that breaks after its last byte is not requested again
    assert 0 <= len(store.spans) - -(-len(DATA) // part_size) <= 3
    assert part_size < len(DATA) or len(store.spans) == 4


@pytest.mark.parametrize("part_size", [len(DATA), 300000], ids=["whole", "ranges"])
@pytest.mark.parametrize("breaks", [1, 4, 5])
def test_a_range_that_breaks_before_its_first_chunk_is_asked_for_again(
    tmp_path: Path, part_size: int, breaks: int
) -> None:
    """A few times, after longer and longer waits; then it is a failure."""
    store, path, clock = store_with(), tmp_path / "file", InstantClock()
    store.early_breaks_left = breaks
    slow = replace(resource(store, path, part_size=part_size), concurrency=1, clock=clock)
    outcome = reconcile(slow, check_mode=False)
    assert clock.slept[:4] == [0.5, 1, 2, 4][:breaks]
    assert (outcome.failure is None, outcome.changed, path.exists()) == (breaks < 5,) * 3
    if breaks == 5:  # the next range may be under way by then
        assert store.spans.count(store.spans[0]) == breaks
    else:
        assert len(store.spans) == -(-len(DATA) // part_size) + breaks


def test_where_there_is_no_answer_the_sdk_has_tried_enough(tmp_path: Path) -> None:
    """What failed before an answer came is not repeated on top of it."""
    store = store_with()
    store.breaks = True
    assert reconcile(resource(store, tmp_path / "file"), check_mode=False).failure
    assert len(store.spans) == 1


def test_a_connection_that_breaks_again_and_again_is_a_failure(tmp_path: Path) -> None:
    """There is an end to it."""
    store = store_with()
    store.breaks_left = 10**6
    in_chunks = replace(resource(store, tmp_path / "file"), chunk_size=100)
    outcome = reconcile(in_chunks, check_mode=False)
    assert outcome.failure is not None
    assert outcome.failure.kind is FailureKind.UNREACHABLE
    assert len(store.spans) == 5
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("number", [1, 2, 7])
def test_an_object_that_is_overwritten_between_two_ranges_is_a_failure(tmp_path: Path, number: int) -> None:
    """Never a file of both: every range is conditional on the object that HEAD reported."""
    store, path = store_with(), tmp_path / "file"
    path.write_bytes(b"old")
    store.changes_after = number
    outcome = reconcile(resource(store, path, part_size=300000), check_mode=False)
    assert outcome.failure is not None
    assert (outcome.failure.kind, outcome.changed) == (FailureKind.CONFLICT, False)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize("part_size", [len(DATA), 300000], ids=["whole", "ranges"])
def test_garbled_ranges_are_found_out(tmp_path: Path, part_size: int) -> None:
    """By their length, or by the checksum of the whole."""
    store = store_with()
    store.garble = b"x" * 100
    outcome = reconcile(resource(store, tmp_path / "file", part_size=part_size), check_mode=False)
    assert outcome.failure is not None
    assert (outcome.failure.kind, os.listdir(tmp_path)) == (FailureKind.CONFLICT, [])


def composed(sizes: tuple[int, ...], data: bytes) -> Checksum:
    """A checksum composed of those of the parts."""
    digests, place = b"", 0
    for size in sizes:
        digests += hashlib.sha256(data[place : place + size]).digest()
        place += size
    value = base64.b64encode(hashlib.sha256(digests).digest()).decode()
    return Checksum("SHA256", f"{value}-{len(sizes)}", full_object=False)


@pytest.mark.parametrize("sizes", [(700000, 700000, 700000), (1000000, 300000, 800000), (len(DATA),)])
@pytest.mark.parametrize("part_size", [len(DATA), 300000], ids=["whole", "ranges"])
@pytest.mark.parametrize("sound", [True, False], ids=["sound", "garbled"])
def test_a_composed_checksum_verifies_too(tmp_path: Path, sizes: tuple[int, ...], part_size: int, sound: bool) -> None:
    """The parts of the upload are not the ranges of the download."""
    store = store_with(checksums=(composed(sizes, DATA if sound else DATA.upper()),))
    store.parts["bucket", "key"] = sizes
    outcome = reconcile(resource(store, tmp_path / "file", part_size=part_size), check_mode=False)
    assert (outcome.failure is None) == sound
    assert os.listdir(tmp_path) == (["file"] if sound else [])
    if sound:
        reads = len(store.reads)
        assert not reconcile(resource(store, tmp_path / "file"), check_mode=False).changed
        assert set(store.reads[reads:]) <= {"HeadObject", "HeadPart", "GetObjectAttributes"}


@pytest.mark.parametrize("check_mode", [True, False])
def test_what_is_in_an_archive_is_refused_before_it_is_read(tmp_path: Path, check_mode: bool) -> None:
    """With the way out, in a check run too."""
    store = store_with()
    store.objects["bucket", "key"] = replace(store.objects["bucket", "key"], archive=Archive("DEEP_ARCHIVE"))
    outcome = reconcile(resource(store, tmp_path / "file"), check_mode=check_mode)
    assert outcome.failure is not None
    assert "it is archived in DEEP_ARCHIVE. Restore it first" in outcome.failure.sentence()
    assert store.reads == ["HeadObject"]
    (tmp_path / "file").write_bytes(DATA)
    assert reconcile(resource(store, tmp_path / "file"), check_mode=check_mode).failure is None


REFUSED = OperationError(Failure(FailureKind.FAILED, "no"))


def with_mode(path: Path, mode: int | None, failure: OperationError | None = None) -> DownloadResource:
    return replace(resource(store_with(), path), attributes=Attributes(mode, failure))


def test_attributes_are_set_before_the_file_is_in_its_place(tmp_path: Path) -> None:
    """It is complete by then."""
    attributes = Attributes()
    reconcile(replace(resource(store_with(), tmp_path / "file"), attributes=attributes), check_mode=False)
    assert attributes.seen == [DATA]


CHANGES = [
    pytest.param(None, None, ("GetObject",), id="new file"),
    pytest.param(None, 0o640, ("GetObject",), id="new file with a mode"),
    pytest.param(DATA, 0o600, (), id="nothing differs"),
    pytest.param(DATA, 0o640, ("SetFileAttributes",), id="other mode"),
    pytest.param(b"old", 0o600, ("GetObject",), id="other content"),
    pytest.param(b"old", 0o640, ("GetObject", "SetFileAttributes"), id="other content and mode"),
]


@pytest.mark.parametrize(("old", "mode", "actions"), CHANGES)
def test_attributes_are_part_of_the_plan(
    tmp_path: Path, old: bytes | None, mode: int | None, actions: tuple[str, ...]
) -> None:
    """A check run and a real run report the same, and a second run changes nothing."""
    path = tmp_path / "file"
    if old is not None:
        path.write_bytes(old)
        path.chmod(0o600)
    resource_with_mode = with_mode(path, mode)
    check = reconcile(resource_with_mode, check_mode=True)
    assert reconcile(resource_with_mode, check_mode=True) == check
    assert (path.read_bytes() if path.exists() else None) == old
    real = reconcile(with_mode(path, mode), check_mode=False)
    for outcome in (check, real):
        assert (outcome.failure, outcome.actions, outcome.changed) == (None, actions, bool(actions))
    assert (check.before, check.planned) == (real.before, real.planned)
    assert path.read_bytes() == DATA
    assert mode is None or stat.S_IMODE(path.stat().st_mode) == mode
    assert not reconcile(with_mode(path, mode), check_mode=False).changed


@pytest.mark.parametrize("old", [None, b"old", DATA], ids=["new", "other content", "same content"])
def test_attributes_that_cannot_be_set_change_nothing(tmp_path: Path, old: bytes | None) -> None:
    """Neither the content nor the mode, and no temporary file remains."""
    path = tmp_path / "file"
    if old is not None:
        path.write_bytes(old)
        path.chmod(0o600)
    outcome = reconcile(with_mode(path, 0o640, REFUSED), check_mode=False)
    assert (outcome.failure, outcome.actions, outcome.changed) == (REFUSED.failure, (), False)
    assert os.listdir(tmp_path) == ([] if old is None else ["file"])
    if old is not None:
        assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (old, 0o600)


def test_attributes_that_are_set_in_part_are_a_change(tmp_path: Path) -> None:
    """What was set before the failure stays set."""

    class InPart(Attributes):
        """Fails after it has set another mode than the desired one."""

        def set_on(self, path: Path) -> None:
            """Set it, and fail."""
            path.chmod(0o644)
            raise REFUSED

    (tmp_path / "file").write_bytes(DATA)
    (tmp_path / "file").chmod(0o600)
    partial = replace(resource(store_with(), tmp_path / "file"), attributes=InPart(0o640))
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
    refusing = replace(resource(store_with(), path), attributes=LastOne(failure=REFUSED))
    outcome = reconcile(refusing, check_mode=False)
    assert (outcome.failure, outcome.actions, outcome.changed) == (REFUSED.failure, ("GetObject",), True)
    assert path.read_bytes() == DATA


def test_an_interrupted_download_leaves_nothing(tmp_path: Path) -> None:
    """Not even where the process ends while attributes are set."""

    class Ending(Attributes):
        """Ends the process."""

        def set_on(self, path: Path) -> None:
            """End."""
            raise SystemExit(1)

    ending = replace(resource(store_with(), tmp_path / "file"), attributes=Ending())
    with pytest.raises(SystemExit):
        reconcile(ending, check_mode=False)
    assert os.listdir(tmp_path) == []
