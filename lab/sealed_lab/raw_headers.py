# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Responses with header values that are not ASCII. aiohttp would write them in UTF-8, and S3 writes ISO-8859-1.

A byte of a header that is no UTF-8 is a lone surrogate in Python (PEP 383), as aiohttp decodes it in requests.
"""

from __future__ import annotations

from http import HTTPStatus

from aiohttp import web

from .protocol.wire import WireResponse


def has_raw_headers(response: WireResponse) -> bool:
    """Return whether a response needs bytes in its headers."""
    return not all(value.isascii() for value in response.headers.values())


async def send_raw(request: web.BaseRequest, response: WireResponse) -> None:
    """Send the response. The connection is closed after it, because aiohttp does not know of it."""
    lines = [f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}"]
    lines += [f"{name}: {value}" for name, value in response.headers.items()]
    if "Content-Length" not in response.headers:
        lines.append(f"Content-Length: {response.length}")
    writer = request._payload_writer
    await writer.write("\r\n".join([*lines, "Connection: close", "", ""]).encode("utf-8", "surrogateescape"))
    if request.method == "HEAD":
        return
    if response.stream is None:
        await writer.write(response.body)
    else:
        async for chunk in response.stream:
            await writer.write(chunk)
