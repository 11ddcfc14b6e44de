# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Conversion of scalar values between text and Python, by the shapes of the models."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import datetime, timezone
from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache
from typing import Any


class InvalidValue(ValueError):
    """The text is not a value of the shape's type."""


def parse_timestamp(text: str) -> float:
    """Return seconds since the epoch, from ISO 8601, RFC 822 or epoch seconds (the three formats of the models)."""
    text = text.strip()
    try:
        return float(text)
    except ValueError:
        pass
    try:
        if "," in text:
            return parsedate_to_datetime(text).timestamp()
        iso = re.sub(r"(\.\d{6})\d+", r"\1", text.replace("Z", "+00:00"))
        parsed = datetime.fromisoformat(iso)
    except (ValueError, TypeError, IndexError) as exc:
        raise InvalidValue(text) from exc
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=timezone.utc)
    return parsed.timestamp()


@lru_cache(maxsize=4096)
def iso8601(seconds: float) -> str:
    """Format a time as in XML bodies: ``2026-01-02T03:04:05.000Z``."""
    parsed = datetime.fromtimestamp(seconds, timezone.utc)
    return f"{parsed:%Y-%m-%dT%H:%M:%S}.{parsed.microsecond // 1000:03d}Z"


@lru_cache(maxsize=4096)
def iso8601_second(seconds: int) -> str:
    """Format a time as in policies and in CloudTrail: ``2026-01-02T03:04:05Z``."""
    return f"{datetime.fromtimestamp(seconds, timezone.utc):%Y-%m-%dT%H:%M:%SZ}"


@lru_cache(maxsize=4096)
def rfc822(seconds: float) -> str:
    """Format a time as in headers: ``Fri, 02 Jan 2026 03:04:05 GMT``."""
    return formatdate(seconds, usegmt=True)


def parse_text(shape: Any, text: str) -> Any:
    """Return a scalar of the shape's type. Raise ``InvalidValue``."""
    kind = shape.type_name
    if kind == "string":
        return text
    if kind in ("integer", "long"):
        if not re.fullmatch(r"\s*[+-]?\d+\s*", text):
            raise InvalidValue(text)
        return int(text)
    if kind == "boolean":
        lowered = text.strip().lower()
        if lowered not in ("true", "false"):
            raise InvalidValue(text)
        return lowered == "true"
    if kind == "timestamp":
        return parse_timestamp(text)
    if kind in ("float", "double"):
        try:
            return float(text)
        except ValueError as exc:
            raise InvalidValue(text) from exc
    if kind == "blob":
        return decode_base64(text)
    raise InvalidValue(f"{kind} is not a scalar")


def lower_camel_case(name: str) -> str:
    """Return a member's name as error messages and CloudTrail write it: ``KeyId`` is ``keyId``."""
    return name[:1].lower() + name[1:]


def decode_base64(text: str) -> bytes:
    """Decode strict base64. Raise ``InvalidValue``."""
    try:
        return base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError) as exc:
        raise InvalidValue(text) from exc


def write_text(shape: Any, value: Any, *, header: bool = False) -> str:
    """Format a scalar for XML or for a header."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    kind = shape.type_name
    if kind == "timestamp":
        style = shape.serialization.get("timestampFormat")
        if style == "unixTimestamp":
            return str(int(value))
        if style == "rfc822" or (header and style is None):
            return rfc822(value)
        return iso8601(value)
    if kind == "blob":
        return base64.b64encode(value).decode("ascii")
    return str(value)
