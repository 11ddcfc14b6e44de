# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The ciphertext as the body of an upload: it equals that of the first pass, or nothing of it is sent."""

from __future__ import annotations

import base64
import hashlib
import os
import tracemalloc
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.aws.objects.ports import Body
from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.content_upload import ATTEMPTS, upload_in_parts
from ansible_collections.sealed.s3.plugins.module_utils.engine.transfer import encrypted_body
from ansible_collections.sealed.s3.plugins.module_utils.engine.transfer.atomic_file import unnamed
from ansible_collections.sealed.s3.plugins.module_utils.engine.transfer.content import CHUNK, Source, digest_of_stream
from ansible_collections.sealed.s3.plugins.module_utils.engine.transfer.digests import WHOLE_OF_PARTS
from ansible_collections.sealed.s3.plugins.module_utils.engine.transfer.encrypted_body import (
    VERIFIED_CHUNK,
    Measured,
    measure,
    open_encrypted,
)
from ansible_collections.sealed.s3.plugins.module_utils.engine.transfer.encrypted_stream import (
    ChunkReader,
    EncryptedSource,
)
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
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.parts import Part, SentPart
from ansible_collections.sealed.s3.plugins.module_utils.model.secret import CustomerKey
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.engine.transfer.gcm_cipher import Cbc, Gcm, sealed
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_aws import FakeS3

RANDOM = os.urandom(3 * VERIFIED_CHUNK)
# Around the blocks of AES, the chunks that are verified and those that are read, and with a boundary inside the tag.
SIZES = (
    *(0, 1, 15, 16, 17),
    *(VERIFIED_CHUNK + change for change in (-17, -16, -8, -1, 0, 1)),
    *(2 * VERIFIED_CHUNK + change for change in (-16, -8, 0, 1)),
    *(CHUNK + change for change in (-16, -8, -1, 0, 1)),
)
# Not all of them are multiples of a block or of a chunk.
PART_SIZES = (5000, 65_537, VERIFIED_CHUNK, 2 * CHUNK)


def content(size: int) -> bytes:
    return (RANDOM * (size // len(RANDOM) + 1))[:size]


def sent(source: Source, measured: Measured) -> list[bytes]:
    """What an upload in the measured parts sends."""
    with open_encrypted(source, Gcm(), measured) as reader:
        return [reader.slice(part.start, part.size).readall() for part in measured.parts]


@pytest.mark.parametrize("size", SIZES)
def test_the_stream_is_the_ciphertext_with_its_tag(tmp_path: Path, size: int) -> None:
    """As often as it is opened, and in reads of any size."""
    (tmp_path / "src").write_bytes(content(size))
    encrypted = EncryptedSource(Source(tmp_path / "src"), Gcm())
    assert encrypted.size() == size + 16
    for read_size in (-1, 100_001, CHUNK):
        with encrypted.open() as stream:
            chunks = list(iter(partial(stream.read, read_size), b""))
        assert b"".join(chunks) == sealed(content(size))
        assert read_size < 0 or {len(chunk) for chunk in chunks[:-1]} <= {read_size}


@given(st.lists(st.binary(max_size=9)), st.integers(1, 20))
def test_chunks_are_read_in_any_sizes(chunks: list[bytes], size: int) -> None:
    """Only the last read returns fewer bytes than requested, and empty chunks do not end the stream."""
    reader = ChunkReader(iter(chunks))
    found = list(iter(lambda: reader.read(size), b""))
    assert b"".join(found) == b"".join(chunks)
    assert all(len(piece) == size for piece in found[:-1])
    assert ChunkReader(iter(chunks)).read(-1) == b"".join(chunks)
    assert ChunkReader(iter(chunks)).read(0) == b""


@pytest.mark.parametrize("part_size", PART_SIZES)
@pytest.mark.parametrize("size", SIZES)
def test_what_is_sent_is_what_was_measured(tmp_path: Path, size: int, part_size: int) -> None:
    """In parts of any size, with the checksum of each part and of the whole, and a boundary also inside the tag."""
    (tmp_path / "src").write_bytes(content(size))
    source, expected = Source(tmp_path / "src"), sealed(content(size))
    measured = measure(source, Gcm(), part_size)
    assert (measured.size, measured.tag, measured.plaintext_size) == (size + 16, expected[-16:], size)
    assert Content(measured.size, measured.checksum) == Source(data=expected).describe(part_size)
    parts = sent(source, measured)
    assert b"".join(parts) == expected
    assert parts == sent(source, measured)  # a retry
    for part, data in zip(measured.parts, parts, strict=True):
        with Source(data=data).open() as stream:
            assert measured.checksum_of(part) == digest_of_stream(stream, measured.checksum.algorithm)


@pytest.mark.parametrize("cut", range(0, 18))
def test_a_part_boundary_may_be_anywhere_near_the_tag(cut: int) -> None:
    """Also where the last part has a piece of the tag only."""
    data = content(2000)
    measured = measure(Source(data=data), Gcm(), 2016 - cut if cut else 2016)
    parts = sent(Source(data=data), measured)
    assert b"".join(parts) == sealed(data)
    assert len(parts) == (2 if cut else 1)
    assert len(parts[-1]) == cut or not cut


def test_only_the_measured_parts_have_a_known_checksum() -> None:
    """The checksum of another part is computed from its bytes."""
    data = content(5000)
    measured = measure(Source(data=data), Gcm(), 1000)
    others = (Part(1, 0, 999), Part(2, 999, 1000), Part(6, 5000, 17), Part(7, 6000, 1), Part(5, 4000, 999))
    assert [measured.checksum_of(part) for part in others] == [None] * len(others)
    with open_encrypted(Source(data=data), Gcm(), measured) as reader:
        digest = base64.b64encode(hashlib.sha256(sealed(data)[:999]).digest()).decode()
        assert reader.checksum_of(Part(1, 0, 999), "SHA256").value == digest
        assert reader.checksum_of(Part(1, 0, 1000), WHOLE_OF_PARTS).value == measured.part_checksums[0]


@pytest.mark.parametrize("portable", [False, True], ids=["host", "without awscrt"])
@pytest.mark.parametrize("changed", [0, 1, VERIFIED_CHUNK - 1, VERIFIED_CHUNK, 2 * VERIFIED_CHUNK + 99])
def test_a_changed_byte_aborts_before_a_byte_of_its_chunk_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: int, portable: bool
) -> None:
    """Also if size and time of the file are those of the first pass. Unchanged chunks before it may be sent."""
    if portable:
        monkeypatch.setattr(encrypted_body, "SLOW", {"CRC64NVME"})
    path = tmp_path / "src"
    data = content(2 * VERIFIED_CHUNK + 100)
    path.write_bytes(data)
    measured = measure(Source(path), Gcm(), 16 * CHUNK)
    with open_encrypted(Source(path), Gcm(), measured) as reader:
        _change_byte(path, changed)
        reader.require_unchanged()  # size and time do not show it
        body, received = reader.slice(), bytearray()
        with pytest.raises(UploadAborted) as aborted:
            _receive(body, received)
        assert aborted.value.failure.kind is FailureKind.CONFLICT
        assert aborted.value.failure.code == "SourceChanged"
        assert received == sealed(data)[: changed // VERIFIED_CHUNK * VERIFIED_CHUNK]
        assert reader.slice(changed, 1).readinto(bytearray(1)) == 0  # for a signer, this is the end


def _receive(body: Body, received: bytearray) -> None:
    while chunk := body.read(16 * 1024):
        received += chunk


def _change_byte(path: Path, at: int) -> None:
    status = path.stat()
    with path.open("r+b") as stream:
        stream.seek(at)
        before = stream.read(1)
        stream.seek(at)
        stream.write(bytes([before[0] ^ 1]))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_a_changed_byte_is_found_in_a_retry(tmp_path: Path) -> None:
    """The part was sent once, and is encrypted again to be sent again."""
    path = tmp_path / "src"
    path.write_bytes(content(3000))
    measured = measure(Source(path), Gcm(), 1000)
    with open_encrypted(Source(path), Gcm(), measured) as reader, ThreadPoolExecutor() as pool:
        body = reader.slice(0, 1000)
        assert body.readall() == sealed(content(3000))[:1000]
        _change_byte(path, 2999)
        with pytest.raises(UploadAborted):  # another thread, which has read no chunk yet
            pool.submit(lambda: reader.slice(0, 1000).readall()).result()


@pytest.mark.parametrize("size", [10, 99, 101, 1_000_000])
def test_a_content_of_another_size_is_not_opened(tmp_path: Path, size: int) -> None:
    """It was replaced after the first pass."""
    path = tmp_path / "src"
    path.write_bytes(content(100))
    measured = measure(Source(path), Gcm(), 1000)
    path.write_bytes(content(size))
    with pytest.raises(OperationError) as error, open_encrypted(Source(path), Gcm(), measured):
        pass
    assert error.value.failure.code == "SourceChanged"


def test_a_content_that_shrinks_while_it_is_sent_aborts(tmp_path: Path) -> None:
    """The chunk that is too short is not sent."""
    path = tmp_path / "src"
    path.write_bytes(content(VERIFIED_CHUNK + 100))
    measured = measure(Source(path), Gcm(), CHUNK)
    with open_encrypted(Source(path), Gcm(), measured) as reader:
        os.truncate(path, VERIFIED_CHUNK + 10)
        body = reader.slice()
        assert body.read() == sealed(content(VERIFIED_CHUNK + 100))[:VERIFIED_CHUNK]
        with pytest.raises(UploadAborted):
            body.read()


@dataclass(frozen=True)
class Growing(Gcm):
    """A cipher during whose first pass another process appends to the file."""

    path: Path = Path()

    def encrypt(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Append, then encrypt."""
        with self.path.open("ab") as stream:
            stream.write(b"more")
        return super().encrypt(chunks)


def test_a_content_that_grows_during_the_first_pass_is_refused(tmp_path: Path) -> None:
    """Its parts are not those that were planned."""
    (tmp_path / "src").write_bytes(content(100))
    with pytest.raises(OperationError) as error:
        measure(Source(tmp_path / "src"), Growing(path=tmp_path / "src"), 1000)
    assert error.value.failure.code == "SourceChanged"


def test_system_calls_may_return_fewer_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on network file systems. The chunk is read to its end."""
    (tmp_path / "src").write_bytes(content(5000))
    measured = measure(Source(tmp_path / "src"), Gcm(), 2000)
    pread = os.pread
    monkeypatch.setattr(os, "pread", lambda descriptor, size, at: pread(descriptor, min(size, 700), at))
    assert b"".join(sent(Source(tmp_path / "src"), measured)) == sealed(content(5000))


def test_a_temporary_file_without_a_name_is_a_source(tmp_path: Path) -> None:
    """It is encrypted as a file is, and is deleted at the end."""
    with unnamed(tmp_path) as file:
        with file.writer() as write:
            write(0, content(5000))
        source = Source(temporary=file)
        assert list(tmp_path.iterdir()) == []
        assert (source.size(), source.describe()) == (5000, Source(data=content(5000)).describe())
        with open_source(source, source.describe()) as reader:
            assert reader.slice().readall() == content(5000)
        assert b"".join(sent(source, measure(source, Gcm(), 2000))) == sealed(content(5000))
        file.truncate(4999)
        with pytest.raises(OperationError), open_encrypted(source, Gcm(), measure(Source(data=RANDOM), Gcm(), 2000)):
            pass


@dataclass(frozen=True)
class Counting(Gcm):
    """A cipher that records the sizes that it encrypts."""

    pieces: list[int] = field(default_factory=list)

    def encrypt_at(self, plaintext: bytes, offset: int) -> bytes:
        """Record, then encrypt."""
        self.pieces.append(len(plaintext))
        return super().encrypt_at(plaintext, offset)


def test_a_chunk_is_encrypted_once_for_small_reads_of_one_thread() -> None:
    """A signer reads in pieces that are smaller than a chunk."""
    data, cipher = content(2 * VERIFIED_CHUNK), Counting()
    measured = measure(Source(data=data), cipher, CHUNK)
    with open_encrypted(Source(data=data), cipher, measured) as reader:
        body, buffer, received = reader.slice(), bytearray(4096), b""
        while count := body.readinto(buffer):
            received += buffer[:count]
    assert received == sealed(data)
    assert cipher.pieces == [VERIFIED_CHUNK] * 2


def test_the_memory_does_not_depend_on_the_size(tmp_path: Path) -> None:
    """The first pass and eight parts at a time need a few chunks each."""
    size, part_size = 24 * CHUNK, 3 * CHUNK
    with (tmp_path / "src").open("wb") as stream:
        stream.truncate(size)
    source = Source(tmp_path / "src")
    tracemalloc.start()
    try:
        measured = measure(source, Gcm(), part_size)
        in_first_pass = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        with open_encrypted(source, Gcm(), measured) as reader, ThreadPoolExecutor(8) as pool:

            def send(part: Part) -> int:
                return sum(map(len, iter(reader.slice(part.start, part.size).read, b"")))

            assert sum(pool.map(send, measured.parts)) == size + 16
        in_parts = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert in_first_pass < 6 * CHUNK
    assert in_parts < 8 * 5 * VERIFIED_CHUNK


class UnreliableS3(FakeS3):
    """S3 that reads each part, and fails in all attempts but the last."""

    def __init__(self) -> None:
        super().__init__()
        self.attempts: dict[int, list[tuple[bytes, Checksum]]] = {}

    def upload_part(
        self,
        target: ObjectId,
        upload_id: str,
        part: Part,
        body: Body,
        checksum: Checksum,
        customer_key: CustomerKey | None,
    ) -> SentPart:
        """Keep what arrived."""
        data = b"".join(iter(lambda: body.read(1000), b""))
        attempts = self.attempts.setdefault(part.number, [])
        attempts.append((data, checksum))
        if len(attempts) < ATTEMPTS:
            raise OperationError(Failure(FailureKind.CONFLICT, "damaged", reason=Reason.BODY_DAMAGED))
        body.seek(0)
        return super().upload_part(target, upload_id, part, body, checksum, customer_key)


def upload(s3: FakeS3, source: Source, measured: Measured) -> None:
    """Upload the ciphertext in its parts, three at a time."""
    s3.add_bucket("bucket")
    desired = DesiredObject("bucket", "key", content=Content(measured.size, measured.checksum))
    limits = Limits(measured.parts.part_size)
    (step,) = to_multipart(plan_encrypted_object(desired, ObjectReading(None)), limits, "CRC32").steps
    assert isinstance(step, PutObject)
    assert step.in_parts
    with open_encrypted(source, Gcm(), measured) as reader:
        upload_in_parts(s3, ObjectId("bucket", "key"), step, step.in_parts, reader, concurrency=3)


def test_every_attempt_of_a_part_sends_the_same_bytes(tmp_path: Path) -> None:
    """With the checksum of the first pass, which is not computed again."""
    data = content(VERIFIED_CHUNK + 5)
    (tmp_path / "src").write_bytes(data)
    s3, measured = UnreliableS3(), measure(Source(tmp_path / "src"), Gcm(), 65_537)
    upload(s3, Source(tmp_path / "src"), measured)
    assert s3.bytes["bucket", "key"] == sealed(data)
    assert len(s3.attempts) == len(measured.parts)
    for part in measured.parts:
        expected = (sealed(data)[part.start : part.start + part.size], measured.checksum_of(part))
        assert s3.attempts[part.number] == [expected] * ATTEMPTS


def test_an_upload_of_a_changed_file_is_aborted(tmp_path: Path) -> None:
    """No object and no parts remain, and no byte of the changed chunk was sent."""
    path = tmp_path / "src"
    data = content(3 * VERIFIED_CHUNK)
    path.write_bytes(data)
    s3, measured = FakeS3(), measure(Source(path), Gcm(), VERIFIED_CHUNK)
    _change_byte(path, len(data) - 1)
    with pytest.raises(OperationError) as error:
        upload(s3, Source(path), measured)
    assert error.value.failure.code == "SourceChanged"
    assert not error.value.failure.may_have_been_applied
    assert (s3.uploads, s3.objects) == ({}, {})


def test_cbc_is_measured_for_a_comparison_only() -> None:
    """Its stream is the whole ciphertext with the padding."""
    with EncryptedSource(Source(data=b"x" * 100), Cbc()).open() as stream:
        assert len(stream.read()) == Cbc().ciphertext_size(100) == 112
