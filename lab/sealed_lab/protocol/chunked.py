# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Bodies with the content encoding ``aws-chunked``: every ``STREAMING-…`` form, with trailing headers.

The format is described in the S3 API reference, "Signature calculations: transferring payload in multiple chunks".
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from ..errors import ServiceError

ChunkCheck = Callable[[bytes, str], None]
_LINE_LIMIT = 8192


def _incomplete() -> ServiceError:
    return ServiceError(
        "IncompleteBody", "The request body terminated unexpectedly or does not match the declared length.", 400
    )


class ChunkedBody:
    """Decodes a body. ``trailers`` is complete after the last chunk."""

    def __init__(self, source: AsyncIterator[bytes], check: ChunkCheck | None = None) -> None:
        self._source = source
        self._buffer = bytearray()
        self._check = check
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
        while True:
            header = await self._line()
            size_text, _, extension = header.partition(";")
            try:
                remaining = int(size_text.strip(), 16)
            except ValueError as exc:
                raise _incomplete() from exc
            signature = extension.partition("chunk-signature=")[2]
            if remaining == 0:
                if self._check is not None:
                    self._check(b"", signature)
                await self._read_trailers()
                return
            async for piece in self._chunk(remaining, signature):
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
            if self._check is None:
                yield piece
            else:
                collected.append(piece)
        if self._check is not None:
            data = b"".join(collected)
            self._check(data, signature)
            yield data

    async def _read_trailers(self) -> None:
        while True:
            try:
                line = await self._line()
            except ServiceError:
                return
            if line:
                name, _, value = line.partition(":")
                self.trailers[name.strip().lower()] = value.strip()
