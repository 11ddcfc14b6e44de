# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The ciphertext of a content as the body of an upload: never two different ciphertexts under one key stream.

Two plaintexts that are encrypted under one key stream give both away. So a first pass over the content records a
checksum of each chunk of its ciphertext, and sends nothing. Whenever a chunk is sent, and sent again, it is encrypted
again, and it leaves only with the checksum of the first pass.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from ...model.errors import OperationError
from ...model.objects.comparison import Compute
from ...model.objects.desired_object import Content
from ...model.objects.object_state import Checksum
from ...model.objects.parts import Part, Parts, split_into_parts
from .checksum_calculator import ChecksumCalculator
from .content import FILE_CHUNK, Source
from .digests import DIGESTS, SLOW, WHOLE_OF_PARTS
from .encrypted_stream import Cipher, EncryptedSource
from .listed_file import source_changed
from .upload_body import SourceReader, open_at_offsets

# The unit in which the ciphertext is compared with that of the first pass. It is also what an upload reads at a time.
VERIFIED_CHUNK = FILE_CHUNK
_64_BITS = 2**64 - 1


@dataclass(frozen=True, slots=True)
class Measured:
    """What the first pass found: size, checksums and tag of the ciphertext.

    `part_checksums` are those of the parts of an upload in `parts`, and `chunk_checksums` those of its chunks of
    VERIFIED_CHUNK bytes.
    """

    parts: Parts
    checksum: Checksum
    part_checksums: tuple[str, ...] = field(repr=False)
    chunk_checksums: array[int] = field(repr=False)
    tag: bytes = field(repr=False)

    @property
    def size(self) -> int:
        """The bytes of the ciphertext, with its tag."""
        return self.parts.size

    @property
    def plaintext_size(self) -> int:
        """The bytes of the content."""
        return self.size - len(self.tag)

    def checksum_of(self, part: Part) -> Checksum | None:
        """The checksum of a part. None: the parts of the upload are not those of the first pass."""
        if (part.number - 1) * self.parts.part_size != part.start or part.number > len(self.part_checksums):
            return None
        if part.size != min(self.parts.part_size, self.size - part.start):
            return None
        return Checksum(self.checksum.algorithm, self.part_checksums[part.number - 1], full_object=True)


def measure(source: Source, cipher: Cipher, part_size: int) -> Measured:
    """Encrypt the content once, in order, and keep what the upload needs of it: its ciphertext is not kept.

    The checksum is SHA-256 for one part, and a CRC otherwise, as for a content that is not encrypted. Raises
    OperationError if the content cannot be read or changes its size.
    """
    size = source.size()
    parts = split_into_parts(cipher.ciphertext_size(size), part_size)
    first_pass = _FirstPass(parts, tag_size=parts.size - size)
    with EncryptedSource(source, cipher).open() as stream:
        for chunk in iter(partial(stream.read, VERIFIED_CHUNK), b""):
            first_pass.update(chunk)
    if first_pass.size != parts.size:
        raise OperationError(source_changed(source.name))
    return first_pass.measured()


@contextmanager
def open_encrypted(source: Source, cipher: Cipher, measured: Measured) -> Iterator[SourceReader]:
    """Open the source to send its ciphertext, which any number of threads can read at the same time.

    A read raises UploadAborted, and returns nothing, if the chunk is not that of the first pass. Raises OperationError
    if the source cannot be read, or its size has changed.
    """
    with open_at_offsets(source) as opened:
        reader = SourceReader(
            Content(measured.size, measured.checksum),
            opened.name,
            _VerifiedCiphertext(opened.read_at, cipher, measured).read,
            lambda: opened.fingerprint().encrypted_by(cipher.ciphertext_size),
            measured.checksum_of,
        )
        reader.require_unchanged()
        yield reader


class _FirstPass:
    """Collects the checksums of a ciphertext whose chunks have VERIFIED_CHUNK bytes, but for the last."""

    def __init__(self, parts: Parts, tag_size: int) -> None:
        self.size = 0
        self._parts = parts
        self._algorithm = WHOLE_OF_PARTS if len(parts) > 1 else "SHA256"
        unknown = Checksum(self._algorithm, "", full_object=True)
        self._whole = ChecksumCalculator(Compute(unknown))
        sizes = tuple(part.size for part in parts) if len(parts) > 1 else ()
        self._by_parts = ChecksumCalculator(Compute(unknown, sizes)) if sizes else None
        self._chunks = array("Q")
        self._tag_size = tag_size
        self._tag = b""

    def update(self, chunk: bytes) -> None:
        """Add the next chunk."""
        self.size += len(chunk)
        self._whole.update(chunk)
        if self._by_parts:
            self._by_parts.update(chunk)
        self._chunks.append(_checksum_of_chunk(chunk))
        # A chunk boundary may be inside the tag.
        self._tag = (self._tag + chunk[-self._tag_size :])[-self._tag_size :]

    def measured(self) -> Measured:
        """All checksums."""
        whole = self._whole.value()
        by_parts = self._by_parts.part_values() if self._by_parts else (whole,)
        return Measured(
            self._parts, Checksum(self._algorithm, whole, full_object=True), by_parts, self._chunks, self._tag
        )


class _VerifiedCiphertext:
    """The ciphertext at any offset, encrypted again for each read, and compared with that of the first pass."""

    def __init__(self, read_at: Callable[[int, int], bytes], cipher: Cipher, measured: Measured) -> None:
        self._read_at = read_at
        self._cipher = cipher
        self._measured = measured

    def read(self, size: int, at: int) -> bytes:
        """At most `size` bytes from `at` on, to the end of the chunk. Empty: the content has changed."""
        start = at - at % VERIFIED_CHUNK
        chunk = self._chunk(start)
        return chunk[at - start : at - start + size]

    def _chunk(self, start: int) -> bytes:
        chunk = self._encrypt(start)
        is_known = _checksum_of_chunk(chunk) == self._measured.chunk_checksums[start // VERIFIED_CHUNK]
        return chunk if is_known else b""

    def _encrypt(self, start: int) -> bytes:
        """The chunk at this offset. After the plaintext follows the tag of the first pass."""
        remaining = self._measured.plaintext_size - start
        plaintext = _read_fully(self._read_at, min(VERIFIED_CHUNK, remaining), start) if remaining > 0 else b""
        ciphertext = self._cipher.encrypt_at(plaintext, start) if plaintext else b""
        if remaining >= VERIFIED_CHUNK:
            return ciphertext
        return ciphertext + self._measured.tag[max(0, -remaining) : VERIFIED_CHUNK - remaining]


def _read_fully(read_at: Callable[[int, int], bytes], size: int, at: int) -> bytes:
    """The bytes at an offset, fewer only at the end of the file: a system call may return fewer anywhere."""
    data = read_at(size, at)
    while len(data) < size and (more := read_at(size - len(data), at + len(data))):
        data += more
    return data


def _checksum_of_chunk(chunk: bytes) -> int:
    """64 bits that change with the chunk, from what is fast on this host.

    A secret is not needed: an author of a second plaintext with the same checksum has to know how it differs from the
    first, and more than that the two ciphertexts do not show.
    """
    if "CRC64NVME" in SLOW:
        return hash(chunk) & _64_BITS  # SipHash: half the time of CRC32 and Adler-32 together
    digest = DIGESTS["CRC64NVME"]()
    digest.update(chunk)
    return int.from_bytes(digest.digest(), "big")
