# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""An HTTP proxy that leads to the lab, and never out of this machine.

A client of AWS with the proxy ``HTTPS_PROXY`` sends ``CONNECT s3.us-east-1.amazonaws.com:443``. The lab answers the TLS
connection that follows itself, under that name.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

from .authority import Authority
from .host_names import HostName, parse_host_name

_LIMIT = 65536


class FirstBytes(asyncio.Protocol):
    """The protocol of a new connection: the first bytes decide whether it is a tunnel or a request to the lab."""

    def __init__(self, server: Callable[[], asyncio.Protocol], authority: Callable[[], Authority]) -> None:
        self._server = server
        self._authority = authority
        self._received = b""
        self._transport: asyncio.Transport
        self._opening: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the first bytes."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Open a tunnel, or leave the connection to the server of the lab."""
        self._received += data
        method = self._received[:8]
        if not b"CONNECT ".startswith(method):
            _hand_over(self._transport, self._server(), self._received)
        elif b"\r\n\r\n" in self._received:
            self._connect(self._received.partition(b"\r\n")[0].split(b" ")[1].decode("ascii", "replace"))
        elif len(self._received) > _LIMIT:
            self._transport.abort()

    def _connect(self, target: str) -> None:
        host, _, port = target.lower().rpartition(":")
        name = parse_host_name(host) if port == "443" else None
        if name is None:
            reason = f"The lab plays no service at {target}, and opens no connection to other machines."
            self._transport.write(
                f"HTTP/1.1 403 {reason}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode("ascii", "replace")
            )
            self._transport.close()
            return
        self._transport.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self._opening = asyncio.ensure_future(self._open_tunnel(name))

    async def _open_tunnel(self, name: HostName) -> None:
        early = _Collector()
        context = self._authority().server_context(name.endpoint)
        try:
            transport = await asyncio.get_running_loop().start_tls(self._transport, early, context, server_side=True)
        except OSError:  # the client closed the connection, or does not trust the lab's authority
            self._transport.abort()
            return
        if transport is not None:
            _hand_over(transport, self._server(), early.received)


class _Collector(asyncio.Protocol):
    """Keeps what a client sends before the server of the lab has the connection."""

    def __init__(self) -> None:
        self.received = b""

    def data_received(self, data: bytes) -> None:
        self.received += data


def _hand_over(transport: asyncio.Transport, protocol: asyncio.Protocol, received: bytes) -> None:
    transport.set_protocol(protocol)
    protocol.connection_made(transport)
    if received:
        protocol.data_received(received)
