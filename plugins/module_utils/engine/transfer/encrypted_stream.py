# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A local content as the stream of its ciphertext, for comparisons. What is encrypted here stays in the process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from ...model.envelope import Format
from ...model.errors import assert_never
from .content import Readable, Source, read_chunks


class Cipher(Protocol):
    """The content cipher of one object, with its content key. Every method raises OperationError."""

    @property
    def format(self) -> Format:
        """The format, which says whether the ciphertext is authenticated."""

    def ciphertext_size(self, plaintext: int, /) -> int:
        """The bytes of the ciphertext, with its tag or its padding."""

    def encrypt(self, chunks: Iterable[bytes], /) -> Iterator[bytes]:
        """The ciphertext of a plaintext in chunks, and then its tag or its padding."""

    def decrypt(self, chunks: Iterable[bytes], /) -> Iterator[bytes]:
        """The plaintext of a ciphertext in chunks. Only its end shows that it is authentic."""

    def encrypt_at(self, plaintext: bytes, offset: int, /) -> bytes:
        """The ciphertext of a piece of the plaintext that begins at the offset, without the tag."""


def is_authenticated(cipher: Cipher) -> bool:
    """Whether `decrypt` raises OperationError for every ciphertext that is not what was encrypted."""
    match cipher.format:
        case Format.V3 | Format.V2 | Format.V1:
            return True
        case Format.V1_CBC:
            return False
        case _:
            assert_never(cipher.format)


@dataclass(frozen=True, slots=True)
class EncryptedSource:
    """The ciphertext of a source, as often as it is opened."""

    source: Source
    cipher: Cipher = field(repr=False)

    @contextmanager
    def open(self) -> Iterator[Readable]:
        """A stream of the ciphertext with its tag, from its first byte."""
        with self.source.open() as stream:
            yield ChunkReader(self.cipher.encrypt(read_chunks(stream)))

    def size(self) -> int:
        """The bytes of the ciphertext."""
        return self.cipher.ciphertext_size(self.source.size())


class ChunkReader:
    """Chunks of any sizes as a stream. `read` returns fewer bytes than requested only at the end."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = memoryview(b"")

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes; by default all that remain. A chunk of exactly this size is not copied."""
        pieces: list[bytes] = []
        missing = size
        while missing and (piece := self._next(missing)):
            pieces.append(piece)
            missing -= len(piece) if size >= 0 else 0
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _next(self, most: int) -> bytes:
        """At most this many bytes of the current chunk. Empty: the end."""
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return b""
            if most < 0 or len(chunk) <= most:
                if chunk:
                    return chunk
                continue
            self._rest = memoryview(chunk)
        piece = self._rest if most < 0 else self._rest[:most]
        self._rest = self._rest[len(piece) :]
        return bytes(piece)
