# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""HTTP requests and responses, independent of any web framework."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import unquote, unquote_plus

from ..errors import ServiceError
from ..transport import Transport


async def empty_body() -> AsyncIterator[bytes]:
    """The body of a request without one."""
    return
    yield b""


@dataclass(slots=True)
class WireRequest:
    """A request. The path is raw (still percent-encoded). Header names are in lower case.

    ``service``, ``region`` and ``interface`` are those of AWS's host name, if the request was sent to one. If the host
    name has a bucket, the path has it too, as in a request in path style, and ``signed_path`` is the path that was
    sent. ``transport`` is None for a request over the plain port. ``website`` is the host name of a website endpoint.
    ``source_address`` is "" if the request comes from a service of AWS.
    """

    method: str
    raw_path: str
    raw_query: str
    headers: Mapping[str, str]
    body: AsyncIterator[bytes] = field(default_factory=empty_body)
    bytes_in: int = 0
    service: str = ""
    signed_path: str = ""
    region: str = ""
    interface: str = ""
    website: str = ""
    transport: Transport | None = None
    source_address: str = "127.0.0.1"

    @property
    def path(self) -> str:
        """The decoded path. Only for services whose paths contain no user data."""
        return unquote(self.raw_path)

    def query_pairs(self) -> list[tuple[str, str]]:
        """Return all query parameters in order. A parameter without ``=`` has an empty value."""
        return list(_split_query_of_url(self.raw_query))

    def header(self, name: str, default: str = "") -> str:
        """Return a header by its name in lower case."""
        return self.headers.get(name, default)


@dataclass(slots=True)
class WireResponse:
    """A response: bytes, or a stream of known length. ``chunked`` bytes are sent without their length."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    stream: AsyncIterator[bytes] | None = None
    stream_length: int = 0
    error_code: str = ""
    chunked: bool = False

    @property
    def length(self) -> int:
        """The number of bytes of the body."""
        return self.stream_length if self.stream is not None else len(self.body)


def split_query(raw: str) -> tuple[tuple[str, str], ...]:
    """Split a raw query string. ``+`` is a space, as all AWS clients encode it."""
    pairs: list[tuple[str, str]] = []
    for piece in filter(None, raw.split("&")):
        name, _, value = piece.partition("=")
        pairs.append((unquote_plus(name), unquote_plus(value)))
    return tuple(pairs)


_split_query_of_url = lru_cache(maxsize=256)(split_query)


def join_headers(items: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return headers with names in lower case. Repeated headers are joined by commas, as HTTP defines it."""
    result: dict[str, str] = {}
    for name, value in items:
        lower = name.lower()
        result[lower] = f"{result[lower]},{value}" if lower in result else value
    return result


def latin_header(text: str) -> str:
    """Return a header value for ISO-8859-1, in which S3 replaces all other characters by spaces.

    A byte that is not ASCII is a lone surrogate (PEP 383), as in the headers of requests.
    """
    return "".join(each if each.isascii() else chr(0xDC00 + ord(each)) if ord(each) < 256 else " " for each in text)


async def read_body(body: AsyncIterator[bytes], limit: int) -> bytes:
    """Read the whole body into memory. Raise EntityTooLarge for more than ``limit`` bytes."""
    pieces: list[bytes] = []
    size = 0
    async for piece in body:
        size += len(piece)
        if size > limit:
            raise ServiceError("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", 400)
        pieces.append(piece)
    return b"".join(pieces)
