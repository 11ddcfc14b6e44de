# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The headers of a response that a GetObject or HeadObject request sets, with its parameters ``response-*``."""

from __future__ import annotations

from ..call import Call, Output
from ..errors import invalid_argument, invalid_request
from ..protocol.values import rfc822
from ..protocol.wire import latin_header

_OVERRIDES = {
    "CacheControl": "cache-control",
    "ContentDisposition": "content-disposition",
    "ContentEncoding": "content-encoding",
    "ContentLanguage": "content-language",
    "ContentType": "content-type",
}


def response_overrides(call: Call) -> Output:
    """Return the headers that the request sets, with its parameters ``response-*``."""
    found: Output = {}
    for name, wire in _OVERRIDES.items():
        value = call.get(f"Response{name}")
        if value is not None:
            _require_latin(f"response-{wire}", value)
            found[name] = latin_header(value)
    if call.get("ResponseExpires") is not None:
        call.extra_headers["Expires"] = rfc822(call["ResponseExpires"])
        found["Expires"] = None
    if found and call.caller.anonymous:
        raise invalid_request("Request specific response headers cannot be used for anonymous GET requests.")
    return found


def _require_latin(name: str, value: str) -> None:
    try:
        value.encode("latin-1")
    except UnicodeEncodeError as exc:
        raise invalid_argument("Header value cannot be represented using ISO-8859-1.", name, value) from exc
