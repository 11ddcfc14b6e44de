# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The values of requests and answers as JSON: bytes, times, and references to earlier answers.

A request of the table names what an earlier answer contained as ``{"$from": [step, path…]}``; inside of a text it is
``{{step|path|…}}``. Times are relative to the time of the request: ``{"$seconds_from_now": 60}``. Key material is
wrapped with the key of an earlier answer: ``{"$wrapped": {…}, "$then": …}``. ``$then`` are bytes that follow.
"""

from __future__ import annotations

import base64
import random
import re
import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from datetime import time as time_of_day
from typing import Any

from .wrapping import wrap

UNQUOTED = "$unquoted"  # the end of a path to an ETag without its quotes
Path = tuple[Any, ...]

_SHORT = 200  # bytes that the table shows as they are
_DAY = 86_400
_PACKED = 6_000  # characters of compressed bytes that the table takes; longer bytes are replaced by others of that size
_REFERENCE = re.compile(r"\{\{(\d+)\|([^{}]*)\}\}")


def encode(value: Any, now: datetime) -> Any:
    """Return ``value`` as JSON. Files are read to their end and set back."""
    if isinstance(value, dict):
        return {str(name): encode(each, now) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [encode(each, now) for each in value]
    if isinstance(value, datetime):
        return _encode_time(value if value.tzinfo else value.replace(tzinfo=timezone.utc), now)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str) and len(value) <= _PACKED:
        return value
    return _encode_bytes(_bytes_of(value))


def _encode_time(moment: datetime, now: datetime) -> dict[str, Any]:
    """Return a time that stays right: long past times as they are, midnights by days, others by seconds."""
    seconds = round((moment - now).total_seconds())
    if seconds < -2 * _DAY:
        return {"$time": moment.isoformat()}
    if moment.time() == time_of_day.min:
        return {"$midnight_in_days": (moment.date() - now.date()).days}
    return {"$seconds_from_now": seconds}


def _bytes_of(value: Any) -> bytes:
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, (bytes, bytearray)):
        return bytes(value)
    position = value.tell()
    content = value.read()
    value.seek(position)
    return content.encode() if isinstance(content, str) else bytes(content)


def _encode_bytes(content: bytes) -> dict[str, Any]:
    if len(content) <= _SHORT:
        try:
            return {"$text": content.decode("ascii")}
        except UnicodeDecodeError:
            return {"$base64": base64.b64encode(content).decode()}
    unit = content[: content.find(content[:_SHORT], 1)]
    if 0 < len(unit) <= _SHORT and _repeated(unit, len(content)) == content:
        return {"$repeat": [_encode_bytes(unit), len(content)]}
    packed = base64.b64encode(zlib.compress(content, 9)).decode()
    return {"$zlib": packed} if len(packed) <= _PACKED else {"$size": len(content)}


def _repeated(unit: bytes, size: int) -> bytes:
    return (unit * (size // len(unit) + 1))[:size]


def decode(value: Any, now: datetime, answers: Sequence[Any]) -> Any:
    """Return what ``encode`` took, with the values of the earlier ``answers`` of this replay."""
    if isinstance(value, list):
        return [decode(each, now, answers) for each in value]
    if isinstance(value, str):
        return _REFERENCE.sub(lambda found: str(follow(answers[int(found[1])], found[2].split("|"))), value)
    if not isinstance(value, dict):
        return value
    if "$wrapped" in value:
        source = decode(value["$wrapped"], now, answers)
        wrapped = wrap(source["public_key"], source["hash"], source["plaintext"])
        return wrapped + bytes(decode(value["$then"], now, answers))
    if "$from" in value and "$then" in value:
        step, *path = value["$from"]
        return bytes(follow(answers[step], path)) + bytes(decode(value["$then"], now, answers))
    if len(value) == 1:
        ((name, content),) = value.items()
        match name:
            case "$text":
                return str(decode(content, now, answers)).encode()
            case "$base64":
                return base64.b64decode(content)
            case "$zlib":
                return zlib.decompress(base64.b64decode(content))
            case "$repeat":
                return _repeated(decode(content[0], now, answers), content[1])
            case "$size":
                return random.Random(content).randbytes(content)
            case "$seconds_from_now":
                return now + timedelta(seconds=content)
            case "$time":
                return datetime.fromisoformat(content)
            case "$midnight_in_days":
                return datetime.combine(now.date() + timedelta(days=content), time_of_day.min, timezone.utc)
            case "$from":
                return follow(answers[content[0]], content[1:])
    return {name: decode(each, now, answers) for name, each in value.items()}


def follow(value: Any, path: Sequence[Any]) -> Any:
    """Return the part of a value at this path. Raises KeyError, IndexError or TypeError if there is none."""
    for name in path:
        if name == UNQUOTED:
            return value.strip('"')
        value = value[int(name)] if isinstance(value, list) else value[name]
    return value


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Return each value in ``value`` that is neither an object nor a list, with its path."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from leaves(each, (*path, name))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from leaves(each, (*path, index))
    else:
        yield path, value
