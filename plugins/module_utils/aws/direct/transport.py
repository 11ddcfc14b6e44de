# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Connections to the endpoints of a run: directly, or through a tunnel of an HTTP proxy; with TLS as the SDK has it.

Measured in processor time for one request over TLS: urllib3, as the SDK uses it, takes 346 microseconds, `http.client`
120, and this transport 53. It opens its connections by `http.client`, and has its own HTTP for what follows.
What this transport does not do is left to the SDK's: proxies with TLS or with settings of their own, and requests over
plain HTTP through a proxy.
"""

from __future__ import annotations

import socket
import ssl
import threading
import weakref
from collections import deque
from collections.abc import Mapping
from functools import partial
from http.client import HTTPConnection, HTTPException
from typing import Any, NamedTuple, cast
from urllib.parse import urlsplit

from .body_stream import BodyStream
from .connection import BrokenConnection, HttpConnection, Response, StartedResponse

try:
    from botocore.exceptions import ConnectionClosedError, ConnectTimeoutError, ReadTimeoutError
    from botocore.httpsession import ProxyConfiguration, create_urllib3_context, get_cert_path
except ImportError:  # the frontend reports a missing SDK before anything here is called
    pass

_PORTS = {"http": 80, "https": 443}
_LARGE = 262144  # bytes of a body that is not read at once


class CannotConnect(Exception):
    """There is no connection, so nothing was sent. The SDK's own transport finds the exact reason."""


class Address(NamedTuple):
    """Where connections lead to: an endpoint, and the proxy on the way to it, with its headers.

    `authority` is the value of the header Host, as the SDK's signer has it.
    """

    url: str
    scheme: str
    host: str
    port: int
    authority: str
    proxy: tuple[str, int] | None = None
    proxy_headers: tuple[tuple[str, str], ...] = ()


def find_address(url: str, proxies: Mapping[str, str], has_proxy_settings: bool) -> Address | None:
    """The address of an endpoint's URL; None if its connections are left to the SDK."""
    parts = urlsplit(url)
    try:
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname or not port or parts.username is not None:
        return None
    name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    authority = name if port == _PORTS[parts.scheme] else f"{name}:{port}"
    address = Address(url, parts.scheme, parts.hostname, port, authority)
    configuration = ProxyConfiguration(proxies=dict(proxies))
    proxy_url = configuration.proxy_url_for(url)
    if not proxy_url:
        return address
    proxy = urlsplit(proxy_url)
    is_plain = parts.scheme == "https" and proxy.scheme == "http" and proxy.hostname and proxy.path in ("", "/")
    if not is_plain or has_proxy_settings:
        return None
    headers = tuple(configuration.proxy_headers_for(proxy_url).items())
    return address._replace(proxy=(str(proxy.hostname), proxy.port or _PORTS["http"]), proxy_headers=headers)


class Transport:
    """The connections of a client to its endpoint. Safe for threads: no connection is shared.

    `config` is that of the client: timeouts, size of the pool, client certificate.
    """

    def __init__(self, address: Address, verify: bool | str, config: Any) -> None:
        self._address = address
        self._verify = verify
        self._config = config
        self._lock = threading.Lock()
        self._context: ssl.SSLContext | None = None
        self._idle: deque[HttpConnection] = deque()
        weakref.finalize(self, _close_all, self._idle)

    def send(self, method: str, request: bytes, *, streams: bool = False) -> Response:
        """The response to a request; if it `streams`, with a large body of a success as a stream, to be closed.

        Raises CannotConnect if nothing was sent, or an error of the SDK as its own transport does.
        """
        connection = self._take() or self._connect()
        try:
            started = connection.start(method, request)
            if streams and started.status < 300 and _is_large(started):
                release = partial(self._release, connection, started)
                stream = BodyStream(self._address.url, started.pieces, release, connection.close)
                return Response(started.status, started.headers, b"", stream)
            body = b"".join(started.pieces)
        except BaseException as error:
            connection.close()
            if isinstance(error, TimeoutError):
                raise ReadTimeoutError(endpoint_url=self._address.url, error=error) from error
            if isinstance(error, (BrokenConnection, OSError, ValueError)):
                raise ConnectionClosedError(endpoint_url=self._address.url, error=error) from error
            raise
        self._release(connection, started)
        return Response(started.status, started.headers, body)

    def _release(self, connection: HttpConnection, response: StartedResponse) -> None:
        """Keep a connection whose response was read, if it can be used again."""
        if response.reusable and len(self._idle) < self._config.max_pool_connections:
            self._idle.append(connection)
        else:
            connection.close()

    def _take(self) -> HttpConnection | None:
        """An idle connection that is still open. The last one used is the least likely to be closed."""
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                return None
            if connection.is_usable():
                return connection
            connection.close()

    def _connect(self) -> HttpConnection:
        address, config = self._address, self._config
        try:
            connected = self._open_socket()
        except TimeoutError as error:
            if address.proxy:
                raise CannotConnect from error
            raise ConnectTimeoutError(endpoint_url=address.url, error=error) from error
        except (OSError, ValueError, HTTPException) as error:
            raise CannotConnect from error
        connected.settimeout(config.read_timeout)
        return HttpConnection(connected)

    def _open_socket(self) -> socket.socket:
        address, config = self._address, self._config
        # It opens the socket with TCP_NODELAY, and the tunnel through the proxy.
        opener = HTTPConnection(*(address.proxy or (address.host, address.port)), timeout=config.connect_timeout)
        if address.proxy:
            opener.set_tunnel(address.host, address.port, dict(address.proxy_headers))
        try:
            opener.connect()
            if getattr(config, "tcp_keepalive", None):
                opener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            if address.scheme == "http":
                return opener.sock
            return self._tls().wrap_socket(opener.sock, server_hostname=address.host)
        except BaseException:
            opener.close()
            raise

    def _tls(self) -> ssl.SSLContext:
        with self._lock:
            if self._context is None:
                self._context = _tls_context(self._verify, self._config.client_cert)
            return self._context


def _tls_context(verify: bool | str, client_cert: str | tuple[str, str] | None) -> ssl.SSLContext:
    """A context as the SDK makes it. The SDK compares host names itself; here OpenSSL does."""
    context: ssl.SSLContext = create_urllib3_context(
        cert_reqs=cast(Any, ssl.CERT_REQUIRED if verify else ssl.CERT_NONE)
    )
    if verify:
        context.load_verify_locations(get_cert_path(cast(Any, verify)))
        context.check_hostname = True
        context.hostname_checks_common_name = False
    if isinstance(client_cert, str):
        context.load_cert_chain(client_cert)
    elif client_cert:
        context.load_cert_chain(*client_cert)
    context.set_alpn_protocols(["http/1.1"])
    return context


def _is_large(response: StartedResponse) -> bool:
    """Whether a body is large, or of unknown size."""
    return int(response.headers.get("content-length", _LARGE)) >= _LARGE


def _close_all(idle: deque[HttpConnection]) -> None:
    while idle:
        idle.pop().close()
