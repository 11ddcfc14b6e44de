# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Connections to an endpoint: how they are made, used again, and closed."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore import exceptions as sdk
from botocore.config import Config

from ansible_collections.sealed.s3.plugins.module_utils.aws.direct.transport import (
    Address,
    CannotConnect,
    Transport,
    find_address,
)

REQUEST = b"GET / HTTP/1.1\r\nHost: store.example\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na"


class Server(socketserver.ThreadingTCPServer):
    """Answers every request of a connection, and keeps what it received."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.respond: Callable[[socket.socket, int], object] = lambda to, _number: to.sendall(OK)
        self.greeting = b""
        self.connections = 0
        self.received: list[bytes] = []
        self.open: list[socket.socket] = []
        self.at_once = threading.Barrier(1)

    @property
    def url(self) -> str:
        """Its URL."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Connection(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        """Answer requests until the client, or the answer, closes the connection."""
        server = self.server
        assert isinstance(server, Server)
        server.connections += 1
        server.open.append(self.request)
        self.request.sendall(server.greeting)
        number, received = 0, b""
        while True:
            try:
                data = self.request.recv(65536)
            except OSError:
                return
            if not data:
                return
            received += data
            while b"\r\n\r\n" in received:
                head, _end, received = received.partition(b"\r\n\r\n")
                server.received.append(head)
                server.at_once.wait(10)
                server.respond(self.request, number)
                number += 1


@pytest.fixture
def server() -> Iterator[Server]:
    """A server on this machine."""
    with Server() as listening:
        threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield listening
        listening.shutdown()


def transport_to(url: str, proxies: Mapping[str, str] | None = None, **config: Any) -> Transport:
    """The transport of a client with these settings."""
    address = find_address(url, proxies or {}, False)
    assert address
    return Transport(address, True, Config(connect_timeout=5, read_timeout=5, **config))


def test_a_connection_is_used_again(server: Server) -> None:
    """One connection for all requests of one thread."""
    transport = transport_to(server.url)
    assert [transport.send("GET", REQUEST).body for _number in range(5)] == [b"a"] * 5
    assert (server.connections, len(server.received)) == (1, 5)


def test_threads_share_no_connection(server: Server) -> None:
    """Four requests at once need four connections. No more stay open than the pool has places."""
    transport = transport_to(server.url, max_pool_connections=2)
    server.at_once = threading.Barrier(4)
    with ThreadPoolExecutor(4) as pool:
        assert [each.body for each in pool.map(lambda _number: transport.send("GET", REQUEST), range(8))] == [b"a"] * 8
    assert 4 <= server.connections <= 6
    assert len(transport._idle) == 2


def test_a_connection_that_the_server_closes(server: Server) -> None:
    """The next request opens a new one, and no request is lost or sent twice."""

    def close(to: socket.socket, _number: int) -> None:
        to.sendall(OK)
        to.shutdown(socket.SHUT_RDWR)

    transport = transport_to(server.url)
    server.respond = close
    for _number in range(3):
        assert transport.send("GET", REQUEST).body == b"a"
        idle = transport._idle[-1]
        while idle.is_usable():  # until the end has arrived
            pass
    assert (server.connections, len(server.received)) == (3, 3)


@pytest.mark.parametrize(
    "answer",
    [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\na", b"nonsense\r\n\r\n"],
    ids=["none", "short", "nonsense"],
)
def test_a_connection_that_breaks(server: Server, answer: bytes) -> None:
    """It is an error of the SDK for a request that may have arrived. It is not sent again here."""

    def break_off(to: socket.socket, _number: int) -> None:
        to.sendall(answer)
        to.shutdown(socket.SHUT_RDWR)

    server.respond = break_off
    transport = transport_to(server.url)
    with pytest.raises(sdk.ConnectionClosedError):
        transport.send("PUT", REQUEST)
    assert len(server.received) == 1
    assert not transport._idle


def test_a_server_that_does_not_respond(server: Server) -> None:
    """The read timeout of the client applies. The connection is not used again: its response may still arrive."""
    address = find_address(server.url, {}, False)
    assert address
    server.respond = lambda _to, _number: None
    transport = Transport(address, True, Config(read_timeout=0.05))
    with pytest.raises(sdk.ReadTimeoutError):
        transport.send("GET", REQUEST)
    assert not transport._idle


def test_an_interrupted_request_closes_its_connection(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also for a signal. The exception is passed on."""
    transport = transport_to(server.url)
    transport.send("GET", REQUEST)

    def interrupt(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(transport._idle[0], "_read_head", interrupt)
    with pytest.raises(KeyboardInterrupt):
        transport.send("GET", REQUEST)
    assert not transport._idle


LARGE = bytes(range(256)) * 4096


def stream_of(server: Server, answer: bytes) -> tuple[Transport, Any]:
    """A transport, and the stream of this answer to its first request."""
    server.respond = lambda to, number: to.sendall(OK if number else answer)
    transport = Transport(address_of(server), True, Config(read_timeout=0.2))
    return transport, transport.send("GET", REQUEST, streams=True).stream


def address_of(server: Server) -> Address:
    """Where the server is."""
    address = find_address(server.url, {}, False)
    assert address
    return address


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(LARGE), LARGE)
SIZED = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(LARGE), LARGE)


@pytest.mark.parametrize("answer", [SIZED, CHUNKED], ids=["sized", "chunked"])
@pytest.mark.parametrize("size", [1000, 300_000, None])
def test_a_large_body_is_a_stream(server: Server, answer: bytes, size: int | None) -> None:
    """It has pieces of the given size. After its end, the connection is used again."""
    transport, stream = stream_of(server, answer)
    pieces = list(iter(lambda: stream.read(size), b""))
    assert b"".join(pieces) == LARGE
    assert {len(piece) for piece in pieces[:-1]} <= {size}
    assert transport.send("GET", REQUEST, streams=True)[2:] == (b"a", None)
    assert server.connections == 1


def test_a_stream_that_is_given_up_closes_its_connection(server: Server) -> None:
    """The rest of its body cannot be taken for another response."""
    transport, stream = stream_of(server, SIZED)
    assert stream.read(10) == LARGE[:10]
    stream.close()
    assert not transport._idle
    assert transport.send("GET", REQUEST).body == SIZED.partition(b"\r\n\r\n")[2]
    assert server.connections == 2


def test_a_stream_that_stops(server: Server) -> None:
    """It is a timeout of the SDK, and the connection is closed."""
    transport, stream = stream_of(server, SIZED[:-1])
    with pytest.raises(sdk.ReadTimeoutError):
        stream.read()
    assert not transport._idle


def test_a_stream_that_breaks(server: Server) -> None:
    """It is an error of the SDK, not the end of the body."""
    transport, stream = stream_of(server, SIZED[:-1])
    stream.read(10)
    for connection in server.open:
        connection.shutdown(socket.SHUT_RDWR)
    with pytest.raises(sdk.ResponseStreamingError):
        stream.read()
    assert not transport._idle


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "https://127.0.0.1:1", "http://host.invalid"])
def test_no_connection(url: str) -> None:
    """Nothing was sent, and the SDK's own transport finds the reason."""
    with pytest.raises(CannotConnect):
        transport_to(url).send("GET", REQUEST)


def test_a_server_without_tls(server: Server) -> None:
    """Nothing of the request is sent to it."""
    server.greeting = b"HTTP/1.1 400 Bad Request\r\n\r\n"
    with pytest.raises(CannotConnect):
        transport_to(server.url.replace("http:", "https:")).send("GET", REQUEST)
    assert server.received == []


def test_a_proxy_that_refuses_the_tunnel(server: Server) -> None:
    """It gets the name of the endpoint and the password for itself, and nothing of the request."""
    server.respond = lambda to, _number: to.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
    proxy = server.url.replace("//", "//user:p%40ss@")
    with pytest.raises(CannotConnect):
        transport_to("https://s3.eu-west-1.amazonaws.com", {"https": proxy}).send("GET", REQUEST)
    (head,) = server.received
    assert head.startswith(b"CONNECT s3.eu-west-1.amazonaws.com:443 HTTP/1.")
    assert b"Proxy-Authorization: Basic dXNlcjpwQHNz" in head


HTTP, HTTPS = "http://store.example", "https://store.example"
STORE = Address(HTTPS, "https", "store.example", 443, "store.example")


@pytest.mark.parametrize(
    ("url", "proxies", "expected"),
    [
        (HTTPS, {}, STORE),
        (f"{HTTPS}:443", {}, STORE._replace(url=f"{HTTPS}:443")),
        (f"{HTTPS}:9000/x", {}, Address(f"{HTTPS}:9000/x", "https", "store.example", 9000, "store.example:9000")),
        ("http://[::1]:9000", {}, Address("http://[::1]:9000", "http", "::1", 9000, "[::1]:9000")),
        (HTTP, {"https": "http://p:1"}, Address(HTTP, "http", "store.example", 80, "store.example")),
        (HTTPS, {"https": "p:3128"}, STORE._replace(proxy=("p", 3128))),
        (HTTPS, {"https": "http://p"}, STORE._replace(proxy=("p", 80))),
        (HTTPS, {"https": "https://p:1"}, None),
        (HTTPS, {"https": "socks5://p:1"}, None),
        (HTTP, {"http": "http://p:1"}, None),
        ("https://user:secret@store.example", {}, None),
        (f"{HTTPS}:port", {}, None),
        ("ftp://store.example", {}, None),
    ],
)
def test_addresses(url: str, proxies: dict[str, str], expected: Address | None) -> None:
    """What is not plain is left to the SDK (None)."""
    assert find_address(url, proxies, False) == expected
    has_proxy = expected is None or expected.proxy is not None
    assert find_address(url, proxies, True) == (None if has_proxy else expected)
