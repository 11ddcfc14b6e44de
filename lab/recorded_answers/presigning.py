# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Presigned URLs and forms. They are signed in the past, where a test waits until they expire."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import botocore.auth
import botocore.compat
import botocore.crt.auth
import botocore.signers

_SCOPE = re.compile(r"Credential=[^/]+/\d{8}/(?P<region>[^/]*)/(?P<service>[^/]*)/aws4_request")


def is_presigned(request: dict[str, Any]) -> bool:
    """Return whether a request of the table is the signing of a URL or a form."""
    return "presigned_url" in request or "presigned_post" in request


def signed_parts(answer: str | dict[str, Any]) -> dict[str, Any]:
    """Return a signed URL with the values of its parameters, as they are encoded; a form as it is."""
    if not isinstance(answer, str):
        return answer
    pairs = [each.partition("=") for each in urlsplit(answer).query.split("&")]
    return {"url": answer, "parameters": {name: value for name, _, value in pairs}}


def take_signature(headers: dict[str, str]) -> dict[str, Any]:
    """Remove a signature from headers. Return which service and region it is for, so that it can be made again."""
    scope = _SCOPE.search(headers.get("Authorization", ""))
    if scope is None:
        return {}
    for name in ("Authorization", "X-Amz-Date", "X-Amz-Security-Token"):
        headers.pop(name, None)
    return {"signed_for": [scope["service"], scope["region"]]}


@contextlib.contextmanager
def signed_before(seconds: float) -> Iterator[None]:
    """Let the SDK sign as it did this many seconds ago."""

    def past(remove_tzinfo: bool = True) -> datetime:
        now: datetime = botocore.compat.get_current_datetime(remove_tzinfo)
        return now - timedelta(seconds=seconds)

    with contextlib.ExitStack() as stack:
        for module in (botocore.auth, botocore.crt.auth, botocore.signers):
            stack.enter_context(mock.patch.object(module, "get_current_datetime", past))
        stack.enter_context(
            mock.patch.object(botocore.auth, "time", mock.Mock(wraps=time, time=lambda: _past(seconds)))
        )
        yield


def _past(seconds: float) -> float:
    return time.time() - seconds
