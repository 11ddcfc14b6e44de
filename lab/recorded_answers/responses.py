# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The parts of an answer that are compared."""

from __future__ import annotations

from typing import Any
from xml.parsers.expat import ExpatError

import xmltodict


def without_metadata(answer: Any) -> Any:
    """Return an answer without what the SDK adds to it."""
    if isinstance(answer, dict):
        return {name: value for name, value in answer.items() if name != "ResponseMetadata"}
    return answer


def status_of(answer: dict[str, Any]) -> Any:
    """Return the HTTP status of an answer, of the SDK or in parts."""
    return answer.get("status", answer.get("ResponseMetadata", {}).get("HTTPStatusCode"))


def code_of(answer: dict[str, Any]) -> str | None:
    """Return the error code of an answer of the SDK, None if it has none."""
    error = answer.get("Error")
    return str(error.get("Code")) if isinstance(error, dict) else None


def http_parts(status: int, headers: dict[str, str], content: bytes) -> dict[str, Any]:
    """Return an HTTP answer as the parts that a test compares."""
    try:
        document = xmltodict.parse(content)
    except ExpatError:
        document = None
    lower = {name.lower(): value for name, value in headers.items()}
    return {"status": status, "headers": lower, "xml": document, "text": content.decode("utf-8", "replace")}
