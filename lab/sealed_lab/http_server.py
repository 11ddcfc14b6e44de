# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""aiohttp's low-level server for the gateway, on the loopback interface only."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import sys
import threading
from collections.abc import AsyncIterator
from functools import cached_property
from pathlib import Path

from aiohttp import HttpVersion11, web

from .authority import Authority
from .control import ControlPlane
from .errors import ConnectionDropped
from .gateway import Gateway
from .host_names import HostName, parse_host_name, parse_plain_host_name, parse_website_host
from .lab import Lab
from .protocol.wire import WireRequest, WireResponse, join_headers
from .raw_headers import has_raw_headers, send_raw
from .transport import Transport
from .tunnel import FirstBytes

_LINGER_RESET = struct.pack("ii", 1, 0)


class _RequestBody:
    """The body of a request. The server sends ``100 Continue`` when the first piece is read."""

    def __init__(self, request: web.BaseRequest) -> None:
        self._request = request
        self.expects_continue = (
            request.version == HttpVersion11 and request.headers.get("Expect", "").lower() == "100-continue"
        )
        self.started = False
        self.wire: WireRequest | None = None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if not self.started:
            self.started = True
            if self.expects_continue:
                writer = self._request._payload_writer
                await writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                writer.output_size = 0
        async for chunk in self._request.content.iter_any():
            if self.wire is not None:
                self.wire.bytes_in += len(chunk)
            yield chunk


class HttpServer:
    """Serves one lab on 127.0.0.1: plain requests, tunnels to AWS's host names, and https if ``tls_port`` is given."""

    def __init__(self, lab: Lab, port: int = 0, *, tls_port: int | None = None) -> None:
        self.lab = lab
        self.port = port
        self.tls_port = tls_port
        self._gateway = Gateway(lab)
        self._control = ControlPlane(lab)
        self._servers: list[asyncio.Server] = []
        self._web: web.Server | None = None

    @property
    def url(self) -> str:
        """The endpoint URL."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def tls_url(self) -> str:
        """The endpoint URL of the TLS port."""
        if self.tls_port is None:
            raise ValueError("The lab was started without a TLS port.")
        return f"https://127.0.0.1:{self.tls_port}"

    @cached_property
    def authority(self) -> Authority:
        """The authority of the certificates in tunnels and of the TLS port."""
        return Authority()

    async def start(self) -> None:
        """Start to listen. Port 0 is replaced by the port that the system chose."""
        self._web = web.Server(
            self._handle, auto_decompress=False, max_line_size=65536, max_field_size=65536, access_log=None,
            keepalive_timeout=300.0, lingering_time=2.0,
        )  # fmt: skip
        loop = asyncio.get_running_loop()
        plain = await loop.create_server(self._new_protocol, "127.0.0.1", self.port, backlog=1024)
        self._servers.append(plain)
        self.port = plain.sockets[0].getsockname()[1]
        if self.tls_port is not None:
            context = self.authority.loopback_context()
            secure = await loop.create_server(self._web, "127.0.0.1", self.tls_port, ssl=context, backlog=1024)
            self._servers.append(secure)
            self.tls_port = secure.sockets[0].getsockname()[1]

    def _new_protocol(self) -> FirstBytes:
        assert self._web is not None
        return FirstBytes(self._web, lambda: self.authority)

    async def stop(self) -> None:
        """Stop to listen, and close every connection."""
        for server in self._servers:
            server.close()
        if self._web is not None:
            await self._web.shutdown(0.1)
        if "authority" in self.__dict__:
            self.authority.close()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        raw_path, _, raw_query = request.raw_path.partition("?")
        body = _RequestBody(request)
        wire = WireRequest(request.method, raw_path, raw_query, join_headers(request.headers.items()), aiter(body))
        body.wire = wire
        wire.transport = _tls(request)
        in_tunnel = wire.transport is not None and _port(request) != self.tls_port
        if in_tunnel and not _address(wire):
            return web.Response(status=400, text="The host is not one of AWS.")
        if not raw_path.startswith("/") and not _address_plain(wire):
            return web.Response(status=403, text="The lab is a proxy only to itself.")
        try:
            if raw_path.startswith("/_lab/") and not in_tunnel:
                wire_response = await self._control.handle(wire)
            else:
                wire_response = await self._gateway.handle(wire)
        except ConnectionDropped as dropped:
            _drop_connection(request, abrupt=dropped.abrupt)
            return web.Response()
        if request.body_exists and not request.content.is_eof():
            if body.expects_continue and not body.started:
                wire_response.headers["Connection"] = "close"
            else:
                with contextlib.suppress(Exception):
                    async for _ in request.content.iter_any():
                        pass
        return await _send_response(request, wire_response)


def _tls(request: web.BaseRequest) -> Transport | None:
    """Return the TLS version of the connection, None for a plain one."""
    tls = request.transport.get_extra_info("ssl_object") if request.transport is not None else None
    return Transport("https", tls.version().removeprefix("TLSv")) if tls is not None else None


def _port(request: web.BaseRequest) -> int:
    """Return the port of the lab that the connection was opened to."""
    return int(request.transport.get_extra_info("sockname")[1]) if request.transport is not None else 0


def _address(wire: WireRequest) -> bool:
    """Apply AWS's host name to a request that was sent to it. Return whether it is one."""
    name = parse_host_name(wire.header("host").lower().removesuffix(":443"))
    if name is not None:
        _apply(wire, name)
    return name is not None


def _apply(wire: WireRequest, name: HostName) -> None:
    wire.service, wire.region, wire.interface = name.service, name.region, name.interface
    if name.bucket:
        wire.signed_path = wire.raw_path
        wire.raw_path = f"/{name.bucket}{wire.raw_path}"


def _address_plain(wire: WireRequest) -> bool:
    """Apply the host name of a request that was sent to the lab as a proxy. Return whether it is one without TLS.

    S3 and its websites are the only services of AWS that the lab plays and that do not require TLS.
    """
    host, _, path = wire.raw_path.removeprefix("http://").partition("/")
    name = host.lower().removesuffix(":80")
    website = parse_website_host(name)
    found = website or parse_plain_host_name(name)
    if found is None:
        return False
    wire.website = host if website is not None else ""
    wire.raw_path = f"/{path}"
    _apply(wire, found)
    wire.transport = Transport("http")
    return True


def _drop_connection(request: web.BaseRequest, *, abrupt: bool) -> None:
    transport = request.transport
    if transport is not None and not abrupt:
        transport.close()
    elif transport is not None:
        sock = transport.get_extra_info("socket")
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_RESET)
        transport.abort()


async def _send_response(request: web.BaseRequest, wire_response: WireResponse) -> web.StreamResponse:
    if has_raw_headers(wire_response):
        await send_raw(request, wire_response)
        _drop_connection(request, abrupt=False)
        return web.Response()
    if wire_response.stream is None:
        response = web.Response(status=wire_response.status, body=wire_response.body, headers=wire_response.headers)
        if wire_response.headers.get("Connection") == "close":
            response.force_close()
        if wire_response.chunked and request.version >= HttpVersion11:
            response.enable_chunked_encoding()
        if "Content-Type" not in wire_response.headers and not wire_response.body:
            response.headers.popall("Content-Type", None)
        return response
    stream_response = web.StreamResponse(status=wire_response.status, headers=wire_response.headers)
    stream_response.content_length = wire_response.stream_length
    await stream_response.prepare(request)
    if request.method != "HEAD":
        try:
            async for chunk in wire_response.stream:
                await stream_response.write(chunk)
        except ConnectionDropped as dropped:
            _drop_connection(request, abrupt=dropped.abrupt)
            return stream_response
    await stream_response.write_eof()
    return stream_response


class ServerThread:
    """Serves a lab from a thread of this process."""

    def __init__(self, lab: Lab | None = None, port: int = 0, *, tls_port: int | None = None) -> None:
        self.lab = lab or Lab()
        self._server = HttpServer(self.lab, port, tls_port=tls_port)
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="sealed-lab", daemon=True)

    @property
    def url(self) -> str:
        """The endpoint URL."""
        return self._server.url

    @property
    def tls_url(self) -> str:
        """The endpoint URL of the TLS port."""
        return self._server.tls_url

    @property
    def ca_file(self) -> Path:
        """The certificate of the authority that signs the lab's certificates for AWS's host names."""
        return self._server.authority.file

    def start(self) -> ServerThread:
        """Start the thread, and return when the server listens."""
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            raise self._failure
        return self

    def _run(self) -> None:
        # A tracer, such as that of a coverage run of the tests, measures the code under test and not the server.
        sys.settrace(None)
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._server.start())
        except BaseException as exc:
            self._failure = exc
            self._ready.set()
            return
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(self._shut_down())
        self._loop.close()

    async def _shut_down(self) -> None:
        """Close the server, then cancel the remaining tasks: idle connections and batch jobs."""
        await self._server.stop()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def stop(self) -> None:
        """Stop the server, and delete the files of the lab."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(5)
        self.lab.close()
