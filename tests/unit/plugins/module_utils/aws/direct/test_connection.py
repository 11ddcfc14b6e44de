# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""HTTP over a socket: what servers send, in any pieces."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.aws.direct.connection import (
    BrokenConnection,
    Headers,
    HttpConnection,
)

REQUEST = b"GET /a HTTP/1.1\r\nHost: store.example\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\n"


@contextlib.contextmanager
def connected(*pieces: bytes, ends: bool = True) -> Iterator[HttpConnection]:
    """A connection on which these pieces arrive after the request, and then its end."""
    client, server = socket.socketpair()

    def respond() -> None:
        received = b""
        while not received.endswith(REQUEST):
            received += server.recv(65536)
        for piece in pieces:
            server.sendall(piece)
        if ends:
            server.close()

    thread = threading.Thread(target=respond, daemon=True)
    thread.start()
    client.settimeout(10)
    connection = HttpConnection(client)
    try:
        yield connection
    finally:
        connection.close()
        thread.join()
        server.close()


def finish(connection: HttpConnection, method: str = "GET") -> tuple[int, Headers, bytes, bool]:
    """Send a request, and read the whole response."""
    started = connection.start(method, REQUEST)
    return started.status, started.headers, b"".join(started.pieces), started.reusable


def exchange(content: bytes, method: str = "GET", *, split: bool = False) -> tuple[int, Headers, bytes, bool]:
    """The response to a request, for these bytes of a server; byte by byte if `split`."""
    pieces = [content[place : place + 1] for place in range(len(content))] if split else [content]
    with connected(*pieces) as connection:
        return finish(connection, method)


@pytest.mark.parametrize("split", [False, True], ids=["at once", "byte by byte"])
@pytest.mark.parametrize(
    ("content", "method", "expected"),
    [
        (OK + b"Content-Length: 3\r\nETag: a\r\n\r\nabc", "GET", (200, b"abc", True)),
        (b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "GET", (200, b"", True)),
        (OK + b"Content-Length: 3\r\n\r\n", "HEAD", (200, b"", True)),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", "HEAD", (200, b"", True)),
        (b"HTTP/1.1 204 No Content\r\n\r\n", "DELETE", (204, b"", True)),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", "GET", (304, b"", True)),
        (OK + b"\r\nto the end", "GET", (200, b"to the end", False)),
        (OK + b"Content-Length: 1\r\nConnection: Close\r\n\r\na", "GET", (200, b"a", False)),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na", "GET", (200, b"a", False)),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"Content-Length: 1\r\n\r\na", "PUT", (200, b"a", True)),
        (b"HTTP/1.1 200 OK\nContent-Length: 1\n\na", "GET", (200, b"a", True)),
        (
            OK + b"Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0A\r\n0123456789\r\n0\r\nX-Sum: 1\r\n\r\n",
            "GET",
            (200, b"abc0123456789", True),
        ),
    ],
)
def test_a_response(content: bytes, method: str, expected: tuple[int, bytes, bool], split: bool) -> None:
    """It is read whole, from any pieces, and says whether the connection can be used again."""
    status, _headers, body, reusable = exchange(content, method, split=split)
    assert (status, body, reusable) == expected


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"HTTP/1.1 2",
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"HTTP/2.0 200 OK\r\n\r\n",
        b"HTTP/1.1 99 Odd\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + OK + b"Content-Length: 0\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 20,
        OK + b"Content-Length: 3\r\n\r\nab",
        OK + b"Content-Length: -1\r\n\r\n",
        OK + "Content-Length: ١\r\n\r\na".encode(),
        OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        OK + b"no colon\r\n\r\n",
        OK + b"X: a\r\n continued\r\n\r\n",
        OK + b"Name : a\r\n\r\n",
        OK + b"X: " + b"a" * 300_000,
        OK + b"Transfer-Encoding: gzip\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nab",
        OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"0" * 10_000,
    ],
)
def test_what_is_no_response(content: bytes) -> None:
    """It is never taken for one."""
    with pytest.raises(BrokenConnection):
        exchange(content)


def test_headers() -> None:
    """Their names have no case, and equal names are joined."""
    headers = exchange(OK + b"ETag: \xe9 \r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 0\r\n\r\n")[1]
    assert (headers["etag"], headers.get("ETag"), headers.get("none", "x")) == ("é", "é", "x")
    assert headers["X-A"] == "1, 2"
    assert [name in headers for name in ("x-A", "none", 1)] == [True, False, False]
    assert dict(headers) == {"etag": "é", "x-a": "1, 2", "content-length": "0"}
    with pytest.raises(KeyError):
        Headers()["none"]


@pytest.mark.parametrize(
    ("after", "usable"),
    [(b"", True), (b"HTTP/1.1 200 OK\r\n\r\n", False)],
    ids=["nothing", "bytes that nothing asked for"],
)
def test_an_idle_connection(after: bytes, usable: bool) -> None:
    """It is not used again after it received what no request asked for: that would be taken for the next response."""
    with connected(OK + b"Content-Length: 1\r\n\r\na" + after, ends=False) as connection:
        assert finish(connection)[3]
        assert connection.is_usable() is usable


def test_a_connection_that_the_server_closed() -> None:
    """It is not usable."""
    with connected(OK + b"Content-Length: 1\r\n\r\na") as connection:
        finish(connection)
        while connection.is_usable():  # until the end has arrived
            pass
