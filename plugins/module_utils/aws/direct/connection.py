# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""HTTP/1.1 over one open socket: one request, its response, and whether the connection can be used again.

The parser of the standard library takes a response's headers for those of a mail, which costs more than all else that
is done here. This one accepts what HTTP/1.1 servers send, and raises BrokenConnection for everything else.
Source: https://www.rfc-editor.org/rfc/rfc9112
"""

from __future__ import annotations

import re
import select
import socket
from collections.abc import Iterator
from typing import Any, NamedTuple

_RECEIVE = 65536  # bytes, at most in one call
_MAX_HEAD = 262144  # bytes of status line and headers; those of S3 have at most 2 KiB of metadata
_MAX_LINE = 4096  # bytes of the line before a chunk
_MAX_INTERIM = 10

_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([1-9]\d\d)(?: .*)?")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?")


class BrokenConnection(Exception):
    """The connection ended before the response was complete, or what was received is not HTTP."""


class Headers(dict[str, str]):
    """The headers of a response, with names in lower case. Reading them ignores the case, as the SDK expects."""

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and super().__contains__(name.lower())

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a header."""
        return super().get(name.lower(), default)


class Response(NamedTuple):
    """A complete response; with a `stream`, all but its body."""

    status: int
    headers: Headers
    body: bytes
    stream: Any = None


class StartedResponse(NamedTuple):
    """A response whose body is still to be read, in pieces. After that, `reusable` connections can carry a request."""

    status: int
    headers: Headers
    pieces: Iterator[bytes]
    reusable: bool


class HttpConnection:
    """A connected socket, with TLS if that is needed. For one thread at a time."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._buffer = bytearray()
        self._poll = select.poll() if hasattr(select, "poll") else None
        if self._poll:
            self._poll.register(connected, select.POLLIN)

    def is_usable(self) -> bool:
        """Whether an idle connection is open, and nothing was received that no request asked for."""
        pending = getattr(self._socket, "pending", None)
        if self._buffer or (pending and pending()):
            return False
        if self._poll:
            return not self._poll.poll(0)
        return not select.select([self._socket], [], [], 0)[0]

    def start(self, method: str, request: bytes) -> StartedResponse:
        """Send a request, with its body, and read the status and headers of the response.

        This and reading the pieces raises BrokenConnection, TimeoutError or another OSError. The server may have
        received the request.
        """
        self._socket.sendall(request)
        status, headers, keeps_alive = self._read_head()
        if method == "HEAD" or status in (204, 304):
            return StartedResponse(status, headers, iter(()), keeps_alive)
        if "transfer-encoding" in headers:
            if headers["transfer-encoding"].lower() != "chunked":
                raise BrokenConnection("a response with an unknown Transfer-Encoding")
            return StartedResponse(status, headers, self._read_chunks(), keeps_alive)
        length = headers.get("content-length")
        if length is None:
            return StartedResponse(status, headers, self._read_all(), False)
        if not (length.isascii() and length.isdecimal()):
            raise BrokenConnection(f"a response with the Content-Length {length!r}")
        return StartedResponse(status, headers, self._read_exactly(int(length)), keeps_alive)

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    def _read_head(self) -> tuple[int, Headers, bool]:
        """The status, the headers, and whether the server keeps the connection open."""
        for _interim in range(_MAX_INTERIM):
            line, *lines = self._receive_head().splitlines()
            match = _STATUS_LINE.fullmatch(line)
            if not match:
                raise BrokenConnection("an answer that is not HTTP/1.1")
            status = int(match[2])
            if status >= 200:
                headers = _parse_headers(lines)
                closes = match[1] == b"0" or "close" in headers.get("connection", "").lower()
                return status, headers, not closes
            if status == 101:
                break
        raise BrokenConnection("interim responses without a final one")

    def _receive_head(self) -> bytes:
        start = 0
        while True:
            end = _END_OF_HEAD.search(self._buffer, start)
            if end:
                head = bytes(self._buffer[: end.start()])
                del self._buffer[: end.end()]
                return head
            if len(self._buffer) > _MAX_HEAD:
                raise BrokenConnection("a response with headers without end")
            start = max(0, len(self._buffer) - 3)
            self._receive()

    def _read_chunks(self) -> Iterator[bytes]:
        while True:
            match = _CHUNK_SIZE.fullmatch(self._read_line())
            if not match:
                raise BrokenConnection("a response with a broken chunk")
            size = int(match[1], 16)
            if not size:
                break
            yield from self._read_exactly(size)
            if self._read_line():
                raise BrokenConnection("a response with a broken chunk")
        while self._read_line():  # the trailer
            pass

    def _read_line(self) -> bytes:
        while True:
            end = self._buffer.find(b"\n")
            if end >= 0:
                line = bytes(self._buffer[:end])
                del self._buffer[: end + 1]
                return line.removesuffix(b"\r")
            if len(self._buffer) > _MAX_LINE:
                raise BrokenConnection("a response with a line without end")
            self._receive()

    def _read_exactly(self, size: int) -> Iterator[bytes]:
        while size:
            if not self._buffer:
                self._receive()
            piece = bytes(self._buffer[:size])
            del self._buffer[: len(piece)]
            size -= len(piece)
            yield piece

    def _read_all(self) -> Iterator[bytes]:
        """The bytes until the server closes the connection."""
        yield bytes(self._buffer)
        while data := self._socket.recv(_RECEIVE):
            yield data

    def _receive(self) -> None:
        data = self._socket.recv(_RECEIVE)
        if not data:
            raise BrokenConnection(f"the end of the connection after {len(self._buffer)} bytes of a response")
        self._buffer += data


def _parse_headers(lines: list[bytes]) -> Headers:
    """The headers. The values of a header that is there several times are joined, as the SDK does."""
    headers = Headers()
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon or not name or name != name.strip():  # also a value that continues on a second line
            raise BrokenConnection("a response with a broken header")
        key, text = name.decode("latin-1").lower(), value.strip().decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers
