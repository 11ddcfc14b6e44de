# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Objects that were encrypted on the client side: what is read of them is decrypted, and verified before it is used."""

from __future__ import annotations

import base64
import hashlib
import os
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event, Lock

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.comparison import StoredContent
from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.object_fetch import ObjectFetch
from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.temporary_copy import temporary_copy
from ansible_collections.sealed.s3.plugins.module_utils.engine.transfer import atomic_file
from ansible_collections.sealed.s3.plugins.module_utils.engine.transfer.atomic_file import replacing
from ansible_collections.sealed.s3.plugins.module_utils.engine.transfer.content import CHUNK, Source
from ansible_collections.sealed.s3.plugins.module_utils.engine.transfer.encrypted_stream import Cipher
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.encryption import ObjectEncryption
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_state import (
    Checksum,
    ObjectId,
    ObjectState,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.secret import CustomerKey
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.engine.transfer.gcm_cipher import Cbc, Gcm, sealed
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_aws import FakeS3, operation_error
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_clock import FakeClock

DATA = os.urandom(5000)
PART = 1000
TARGET = ObjectId("bucket", "key")
GCM = Gcm()
# Around the blocks, the ranges, and with the boundary of a range inside the tag.
SIZES = (0, 1, 15, 16, 17, *(PART + change for change in (-17, -16, -8, -1, 0, 1)), 4 * PART - 8, 5000)


class BreakingS3(FakeS3):
    """S3 whose connections break after some chunks, and whose reads are recorded."""

    breaks_remaining = 0
    chunks_sent = 0

    def __init__(self) -> None:
        super().__init__()
        self.lock = Lock()
        self.spans: list[tuple[int, int] | None] = []

    def get_object(
        self,
        target: ObjectId,
        customer_key: CustomerKey | None,
        if_match: str | None,
        chunk_size: int,
        span: tuple[int, int] | None = None,
    ) -> Iterator[bytes]:
        """The bytes, or the first of them."""
        with self.lock:
            self.spans.append(span)
        for chunk in super().get_object(target, customer_key, if_match, chunk_size, span):
            with self.lock:
                self.chunks_sent += 1
            yield chunk
            with self.lock:
                self.breaks_remaining -= 1
                if self.breaks_remaining >= 0:
                    raise operation_error(FailureKind.UNREACHABLE, "The connection is cut.")


@dataclass(frozen=True)
class Stored:
    """A stored ciphertext, and what reads it."""

    s3: BreakingS3
    fetch: ObjectFetch
    content: StoredContent

    def into(self, path: Path) -> None:
        """Download it."""
        with replacing(path) as file:
            self.fetch.into(file, self.content)


def sha256(data: bytes) -> Checksum:
    return Checksum("SHA256", base64.b64encode(hashlib.sha256(data).digest()).decode(), full_object=True)


def composite(data: bytes, part_size: int) -> Checksum:
    digests = [hashlib.sha256(data[at : at + part_size]).digest() for at in range(0, len(data), part_size)]
    value = base64.b64encode(hashlib.sha256(b"".join(digests)).digest()).decode()
    return Checksum("SHA256", f"{value}-{len(digests)}", full_object=False)


def stored(
    ciphertext: bytes, cipher: Cipher | None = GCM, checksum: Checksum | None = None, part_size: int = PART
) -> Stored:
    s3 = BreakingS3()
    s3.add_bucket("bucket")
    checksums = (checksum,) if checksum else ()
    state = ObjectState("bucket", "key", len(ciphertext), ObjectEncryption("SSE-KMS"), etag='"e"', checksums=checksums)
    s3.add_object(state, ciphertext)
    fetch = ObjectFetch(s3, TARGET, None, state, FakeClock(), part_size, 3, 300, 100, cipher)
    return Stored(s3, fetch, StoredContent(s3, TARGET, None, state))


def cbc(plaintext: bytes) -> bytes:
    return b"".join(Cbc().encrypt([plaintext]))


@pytest.mark.parametrize("part_size", [PART, 100_000], ids=["ranges", "whole"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("cipher", "encrypt"), [(Gcm(), sealed), (Cbc(), cbc)], ids=["GCM", "CBC"])
def test_an_object_is_decrypted_into_the_file(
    tmp_path: Path, size: int, part_size: int, cipher: Cipher, encrypt: Callable[[bytes], bytes]
) -> None:
    """Each range is requested once, and the file has the plaintext only."""
    ciphertext = encrypt(DATA[:size])
    found = stored(ciphertext, cipher, sha256(ciphertext), part_size)
    found.into(tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == DATA[:size]
    assert os.listdir(tmp_path) == ["file"]
    assert len(found.s3.spans) == (-(-len(ciphertext) // part_size) if len(ciphertext) > part_size else 1)
    assert found.fetch.in_memory(found.content) == DATA[:size]


@pytest.mark.parametrize("part_size", [PART, 100_000], ids=["ranges", "whole"])
def test_a_broken_connection_is_continued(tmp_path: Path, part_size: int) -> None:
    """No byte is decrypted twice."""
    found = stored(sealed(DATA), part_size=part_size)
    found.s3.breaks_remaining = 3
    found.into(tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == DATA
    assert len(found.s3.spans) > -(-len(sealed(DATA)) // part_size)


def _flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


ALTERED = {
    "first byte": _flipped(sealed(DATA), 0),
    "a byte": _flipped(sealed(DATA), 2500),
    "the tag": _flipped(sealed(DATA), 5015),
    "truncated by a byte": sealed(DATA)[:-1],
    "truncated to a part": sealed(DATA)[:PART],
    "no tag": sealed(DATA)[:-16],
    "shorter than a tag": sealed(DATA)[:15],
    "empty": b"",
    "extended": sealed(DATA) + b"\0",
    "extended by a part": sealed(DATA) + bytes(PART),
    "parts in another order": sealed(DATA)[PART : 2 * PART] + sealed(DATA)[:PART] + sealed(DATA)[2 * PART :],
    "a part twice": sealed(DATA)[:PART] * 2 + sealed(DATA)[2 * PART :],
}


@pytest.mark.parametrize("part_size", [PART, 100_000], ids=["ranges", "whole"])
@pytest.mark.parametrize("ciphertext", ALTERED.values(), ids=ALTERED)
def test_altered_ciphertext_is_refused(tmp_path: Path, ciphertext: bytes, part_size: int) -> None:
    """Also with the checksum of the altered object. The old file stays, and no other file exists."""
    (tmp_path / "file").write_bytes(b"old")
    found = stored(ciphertext, checksum=sha256(ciphertext), part_size=part_size)
    with pytest.raises(OperationError) as error:
        found.into(tmp_path / "file")
    assert (error.value.failure.kind, error.value.failure.resource) == (FailureKind.NOT_AUTHENTIC, "bucket/key")
    assert error.value.failure.message.startswith("bucket/key: ")
    assert os.listdir(tmp_path) == ["file"]
    assert (tmp_path / "file").read_bytes() == b"old"
    with pytest.raises(OperationError) as error:
        found.fetch.in_memory(found.content)
    assert error.value.failure.kind is FailureKind.NOT_AUTHENTIC


@pytest.mark.parametrize("part_size", [PART, 100_000], ids=["ranges", "whole"])
def test_an_incomplete_answer_is_a_failure_of_the_connection(tmp_path: Path, part_size: int) -> None:
    """It is not taken for an altered object."""
    found = stored(sealed(DATA), part_size=part_size)
    found.s3.bytes["bucket", "key"] = sealed(DATA)[:-20]
    with pytest.raises(OperationError) as error:
        found.into(tmp_path / "file")
    assert error.value.failure.kind is FailureKind.CONFLICT
    with pytest.raises(OperationError) as error:
        found.fetch.in_memory(found.content)
    assert error.value.failure.kind is FailureKind.CONFLICT
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("cipher", [None, GCM], ids=["plaintext", "GCM"])
def test_an_answer_that_is_longer_than_the_object_is_not_read_to_its_end(tmp_path: Path, cipher: Cipher | None) -> None:
    """At most one chunk too many is in memory, or on the disk."""
    found = stored(sealed(DATA), cipher, part_size=100_000)
    found.s3.bytes["bucket", "key"] = sealed(DATA) + bytes(100_000)
    for read in (lambda: found.fetch.in_memory(found.content), lambda: found.into(tmp_path / "file")):
        found.s3.chunks_sent = 0
        with pytest.raises(OperationError) as error:
            read()
        assert f"more than {len(sealed(DATA))} bytes" in error.value.failure.message
        assert found.s3.chunks_sent == len(sealed(DATA)) // 300 + 1
    assert os.listdir(tmp_path) == []


CBC = cbc(DATA)


@pytest.mark.parametrize(
    "checksum", [sha256(CBC), composite(CBC, 2000), composite(CBC, 1700)], ids=["whole", "composite", "of 3 parts"]
)
@pytest.mark.parametrize("part_size", [PART, 100_000], ids=["ranges", "whole"])
def test_cbc_is_verified_by_the_checksum_of_s3(tmp_path: Path, checksum: Checksum, part_size: int) -> None:
    """CBC shows no change but in its padding."""
    found = stored(CBC, Cbc(), checksum, part_size)
    sizes = {2000: (2000, 2000, len(CBC) - 4000), 1700: (1700, 1700, len(CBC) - 3400)}
    found.s3.parts["bucket", "key"] = sizes[1700 if checksum == composite(CBC, 1700) else 2000]
    found.into(tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == DATA
    assert found.fetch.in_memory(found.content) == DATA
    found.s3.bytes["bucket", "key"] = _flipped(CBC, 100)
    (tmp_path / "file").unlink()
    for read in (lambda: found.into(tmp_path / "file"), lambda: found.fetch.in_memory(found.content)):
        with pytest.raises(OperationError) as error:
            read()
        assert "another checksum" in error.value.failure.message
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("ciphertext", [b"", CBC[:-16], CBC[:-1]], ids=["empty", "no padding", "part of a block"])
def test_cbc_without_its_padding_is_refused(tmp_path: Path, ciphertext: bytes) -> None:
    """Nothing is written."""
    with pytest.raises(OperationError) as error:
        stored(ciphertext, Cbc()).into(tmp_path / "file")
    assert error.value.failure.kind is FailureKind.NOT_AUTHENTIC
    assert os.listdir(tmp_path) == []


def test_an_object_that_s3_decrypts_is_verified_in_memory() -> None:
    """By its checksum, if it has one."""
    assert stored(DATA, None).fetch.in_memory(stored(DATA, None).content) == DATA
    found = stored(DATA, None, sha256(DATA))
    assert found.fetch.in_memory(found.content) == DATA
    found.s3.bytes["bucket", "key"] = DATA[::-1]
    with pytest.raises(OperationError) as error:
        found.fetch.in_memory(found.content)
    assert "another checksum" in error.value.failure.message


@pytest.mark.parametrize(("stored_bytes", "cipher"), [(sealed(DATA), Gcm()), (DATA, None)], ids=["GCM", "plaintext"])
def test_a_temporary_copy_is_a_source(tmp_path: Path, stored_bytes: bytes, cipher: Cipher | None) -> None:
    """It has no name, and ends with the block."""
    found = stored(stored_bytes, cipher, sha256(stored_bytes))
    with temporary_copy(found.fetch, found.content, tmp_path) as source:
        assert os.listdir(tmp_path) == []
        assert source.describe() == Source(data=DATA).describe()
        with source.open() as stream:
            assert stream.read() == DATA
    found.s3.bytes["bucket", "key"] = _flipped(stored_bytes, 7)
    with pytest.raises(OperationError) as error, temporary_copy(found.fetch, found.content, tmp_path):
        raise AssertionError("it is not verified")
    assert error.value.failure.kind is (FailureKind.NOT_AUTHENTIC if cipher else FailureKind.CONFLICT)


def test_a_temporary_copy_that_cannot_be_written_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No folder, or no space. An error of the block is not taken for it."""
    found = stored(sealed(DATA))
    with pytest.raises(OperationError) as error, temporary_copy(found.fetch, found.content, tmp_path / "missing"):
        pass
    assert "cannot be written: No such file or directory" in error.value.failure.message
    with pytest.raises(OSError, match="of the block"), temporary_copy(found.fetch, found.content, tmp_path):
        raise OSError("of the block")

    def full(descriptor: int, data: bytes, position: int) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(OperationError) as error, temporary_copy(found.fetch, found.content, tmp_path):
        pass
    assert "No space left on device" in error.value.failure.message


def test_a_temporary_file_can_be_opened_by_its_owner_only(tmp_path: Path) -> None:
    """It has the mode 0600 from the start."""
    with atomic_file.unnamed(tmp_path) as file:
        assert os.fstat(file._descriptor).st_mode & 0o777 == 0o600


def test_the_memory_does_not_depend_on_the_size(tmp_path: Path) -> None:
    """A few chunks of each range that is read at the same time."""
    found = stored(sealed(bytes(24 * CHUNK)), part_size=2 * CHUNK)
    fetch = replace(found.fetch, chunk_size=CHUNK // 4, concurrency=4)
    tracemalloc.start()
    try:
        with replacing(tmp_path / "file") as file:
            fetch.into(file, found.content)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (tmp_path / "file").read_bytes() == bytes(24 * CHUNK)
    # The fake store copies each range as a whole.
    assert peak < 4 * 2 * CHUNK + 6 * CHUNK


SAME = {"whole": sha256(sealed(DATA)), "composite": composite(sealed(DATA), 2000), "none": None}


@pytest.mark.parametrize("checksum", SAME.values(), ids=SAME)
def test_a_local_content_is_compared_as_ciphertext(checksum: Checksum | None) -> None:
    """By the checksum of the stored ciphertext; if there is none, with the stored ciphertext itself."""
    found = stored(sealed(DATA), checksum=checksum)
    found.s3.parts["bucket", "key"] = (2000, 2000, 1016)
    assert found.content.equals_encrypted(Source(data=DATA), Gcm())
    for other in (DATA[:-1] + bytes([DATA[-1] ^ 1]), DATA[:-1], DATA + b"x", b"", sealed(DATA)):
        assert not found.content.equals_encrypted(Source(data=other), Gcm())
    assert ("GetObject" in found.s3.reads) == (checksum is None)


def test_a_local_content_is_compared_with_cbc() -> None:
    """Its ciphertext is the same for the same content, too."""
    for checksum in (sha256(CBC), None):
        found = stored(CBC, Cbc(), checksum)
        assert found.content.equals_encrypted(Source(data=DATA), Cbc())
        assert not found.content.equals_encrypted(Source(data=DATA[::-1]), Cbc())
        assert not found.content.equals_encrypted(Source(data=DATA[:-9]), Cbc())


@pytest.mark.parametrize("part_size", [PART, 100_000], ids=["ranges", "whole"])
def test_a_run_that_ends_reads_no_more(tmp_path: Path, part_size: int) -> None:
    """Nor does it resume the rest. No file is written."""
    stop = Event()
    found = stored(DATA, None, sha256(DATA), part_size)
    fetch = replace(found.fetch, stop=stop)
    reading = fetch.read((0, len(DATA)))
    next(reading)
    stop.set()
    with pytest.raises(OperationError, match="stopped"):
        next(reading)
    with pytest.raises(OperationError, match="stopped"), replacing(tmp_path / "file") as file:
        fetch.into(file, found.content)
    assert os.listdir(tmp_path) == []


def test_an_answer_that_arrived_already_is_not_requested_again() -> None:
    """Only the rest of it is, if its connection breaks."""
    found = stored(DATA, None, sha256(DATA), 100_000)

    def broken() -> Iterator[bytes]:
        yield DATA[:700]
        raise operation_error(FailureKind.UNREACHABLE, "The connection is cut.")

    assert b"".join(replace(found.fetch, opened=iter([DATA])).read((0, len(DATA)))) == DATA
    assert found.s3.spans == []
    assert b"".join(replace(found.fetch, opened=broken()).read((0, len(DATA)))) == DATA
    assert found.s3.spans == [(700, len(DATA))]
