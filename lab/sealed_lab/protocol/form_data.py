# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Bodies of the type ``multipart/form-data``: the fields of a form, then the bytes of its file as a stream.

RFC 7578. S3 ignores what follows the file.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import unquote

from ..errors import ServiceError, invalid_argument

# API reference, "POST Object": the form without the file has at most 20 KB.
_FIELDS_LIMIT = 20_000
_BOUNDARY = re.compile(r';\s*boundary=(?:"([^"]+)"|([^\s;]+))', re.IGNORECASE)
_PARAMETER = re.compile(r';\s*(name|filename)="((?:[^"\\]|\\.)*)"', re.IGNORECASE)
_FILE = "file"


@dataclass(frozen=True, slots=True)
class Form:
    """The fields by their names in lower case, the name of the file (None for none), and its bytes."""

    fields: dict[str, str]
    filename: str | None
    file: AsyncIterator[bytes]


def _malformed() -> ServiceError:
    return ServiceError(
        "MalformedPOSTRequest", "The body of your POST request is not well-formed multipart/form-data.", 400
    )


class _Parts:
    """Reads a body part by part."""

    def __init__(self, body: AsyncIterator[bytes], boundary: str) -> None:
        self._body = body
        self._delimiter = b"\r\n--" + boundary.encode("latin-1", "replace")
        self._buffer = bytearray(b"\r\n")  # the first delimiter can be at the very start

    async def _fill(self) -> None:
        try:
            self._buffer += await self._body.__anext__()
        except StopAsyncIteration:
            raise _malformed() from None

    async def until(self, marker: bytes) -> bytes:
        """Return what is before the marker, and remove both."""
        while (end := self._buffer.find(marker)) < 0:
            if len(self._buffer) > _FIELDS_LIMIT:
                raise _fields_too_large()
            await self._fill()
        found = bytes(self._buffer[:end])
        del self._buffer[: end + len(marker)]
        return found

    async def next_headers(self) -> str | None:
        """Return the headers of the next part, None after the last one. Call it behind a delimiter."""
        if await self.until(b"\r\n") == b"--":
            return None
        if self._buffer.startswith(b"\r\n"):
            return ""
        return (await self.until(b"\r\n\r\n")).decode("utf-8", "replace")

    async def value(self) -> bytes:
        """Return the content of a part."""
        return await self.until(self._delimiter)

    async def start(self) -> None:
        """Skip what is before the first part."""
        await self.until(self._delimiter)

    async def stream(self) -> AsyncIterator[bytes]:
        """Yield the content of a part."""
        keep = len(self._delimiter) - 1
        while (end := self._buffer.find(self._delimiter)) < 0:
            if len(self._buffer) > keep:
                yield bytes(self._buffer[:-keep])
                del self._buffer[:-keep]
            await self._fill()
        if end:
            yield bytes(self._buffer[:end])
        del self._buffer[:]


def _fields_too_large() -> ServiceError:
    return ServiceError(
        "MaxPostPreDataLengthExceededError",
        "Your POST request fields preceding the upload file were too large.",
        400,
        fields={"MaxPostPreDataLengthInBytes": str(_FIELDS_LIMIT)},
    )


async def read_form(content_type: str, body: AsyncIterator[bytes]) -> Form:
    """Read a form up to the bytes of its file."""
    match = _BOUNDARY.search(content_type)
    if not content_type.lower().startswith("multipart/form-data"):
        raise ServiceError(
            "PreconditionFailed",
            "At least one of the pre-conditions you specified did not hold",
            412,
            fields={"Condition": "Bucket POST must be of the enclosure-type multipart/form-data"},
        )
    if match is None:
        raise _malformed()
    parts = _Parts(aiter(body), match[1] or match[2])
    await parts.start()
    fields: dict[str, str] = {}
    size = 0
    while (headers := await parts.next_headers()) is not None:
        parameters = {name.lower(): _unescape(value) for name, value in _PARAMETER.findall(headers)}
        name = parameters.get("name", "").lower()
        if not name:
            raise _malformed()
        if name == _FILE:
            return Form(fields, parameters.get("filename"), parts.stream())
        value = await parts.value()
        size += len(name) + len(value)
        if size > _FIELDS_LIMIT:
            raise _fields_too_large()
        fields[name] = value.decode("utf-8", "replace")
    raise invalid_argument("POST requires exactly one file upload per request.", _FILE, "0")


def _unescape(value: str) -> str:
    """Return a parameter as it was in the form. Browsers encode quotes and line breaks in percents."""
    value = re.sub(r"\\(.)", r"\1", value) if '\\"' in value else value
    return re.sub("%(?:22|0D|0A)", lambda match: unquote(match[0]), value)
