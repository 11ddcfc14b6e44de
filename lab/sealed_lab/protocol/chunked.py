# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Bodies with the content encoding ``aws-chunked``: every ``STREAMING-…`` form, with trailing headers.

The format is described in the S3 API reference, "Signature calculations: transferring payload in multiple chunks".
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection

from ..errors import ServiceError
from .signature import ChunkVerifier

_LINE_LIMIT = 8192
# https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html: all chunks but the last have at least 8 KB.
_SMALLEST = 8192
_SIGNATURE = "x-amz-trailer-signature"


def _incomplete() -> ServiceError:
    return ServiceError(
        "IncompleteBody", "The request body terminated unexpectedly or does not match the declared length.", 400
    )


def malformed_trailer() -> ServiceError:
    """Return S3's error for trailing headers that are not valid, or not those that ``x-amz-trailer`` announces."""
    return ServiceError(
        "MalformedTrailerError",
        "The request contained trailing data that was not well-formed or did not conform to our published schema.",
        400,
    )


class ChunkedBody:
    """Decodes a body. ``trailers`` is complete after the last chunk. ``announced`` are the names of the trailers."""

    def __init__(
        self, source: AsyncIterator[bytes], announced: Collection[str] = (), verifier: ChunkVerifier | None = None
    ) -> None:
        self._source = source
        self._buffer = bytearray()
        self._announced = announced
        self._verifier = verifier
        self.trailers: dict[str, str] = {}

    async def _fill(self) -> None:
        try:
            self._buffer += await self._source.__anext__()
        except StopAsyncIteration:
            raise _incomplete() from None

    async def _line(self) -> str:
        while True:
            end = self._buffer.find(b"\n")
            if end >= 0:
                line = bytes(self._buffer[:end])
                del self._buffer[: end + 1]
                return line.rstrip(b"\r").decode("latin-1")
            if len(self._buffer) > _LINE_LIMIT:
                raise _incomplete()
            await self._fill()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        number, previous = 0, _SMALLEST
        while True:
            header = await self._line()
            size_text, _, extension = header.partition(";")
            try:
                size = int(size_text.strip(), 16)
            except ValueError as exc:
                raise _incomplete() from exc
            signature = extension.partition("chunk-signature=")[2]
            if size == 0:
                if self._verifier is not None:
                    self._verifier.check_chunk(b"", signature)
                await self._read_trailers()
                return
            number += 1
            if previous < _SMALLEST:
                raise _small_chunk(number, previous)
            previous = size
            async for piece in self._chunk(size, signature):
                yield piece
            if await self._line():
                raise _incomplete()

    async def _chunk(self, remaining: int, signature: str) -> AsyncIterator[bytes]:
        collected: list[bytes] = []
        while remaining:
            if not self._buffer:
                await self._fill()
            piece = bytes(self._buffer[:remaining])
            del self._buffer[: len(piece)]
            remaining -= len(piece)
            if self._verifier is None:
                yield piece
            else:
                collected.append(piece)
        if self._verifier is not None:
            data = b"".join(collected)
            self._verifier.check_chunk(data, signature)
            yield data

    async def _read_trailers(self) -> None:
        async for line in self._lines():
            name, colon, value = line.partition(":")
            if not colon:
                raise malformed_trailer()
            self.trailers[name.strip().lower()] = value.strip()
        signature = self.trailers.pop(_SIGNATURE, "")
        if self.trailers.keys() != set(self._announced):
            raise malformed_trailer()
        if self._verifier is not None and self.trailers:
            self._verifier.check_trailers(self.trailers, signature)

    async def _lines(self) -> AsyncIterator[str]:
        """Yield the remaining lines that are not empty."""
        while True:
            try:
                line = await self._line()
            except ServiceError:
                return
            if line:
                yield line


def _small_chunk(number: int, size: int) -> ServiceError:
    return ServiceError(
        "InvalidChunkSizeError",
        f"Only the last chunk is allowed to have a size less than {_SMALLEST} bytes",
        403,
        fields={"Chunk": str(number), "BadChunkSize": str(size)},
    )
