# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Compare an answer with what the table demands of it."""

from __future__ import annotations

from typing import Any

from .expectation import differences, kind_of_message
from .responses import code_of, status_of, without_metadata
from .values import follow


def unexpected_outcome(number: int, request: dict[str, Any], answer: Any) -> list[str]:
    """Return whether the lab now accepts a request that it refused when the table was made, or the opposite."""
    if "call" not in request or "stopped_by" in request:
        return []
    code = code_of(answer)
    refused = request.get("fails")
    return [] if code == refused else [f"request {number}: the error is {code}, not {refused}: {answer}"]


def compare_outcomes(expected: list[list[Any]], answers: list[Any]) -> list[str]:
    """Return which answers of a test without recorded answers have another status or code than AWS's."""
    found = []
    for number, ((status, code), answer) in enumerate(zip(expected, answers, strict=True)):
        seen, seen_code = status_of(answer), code_of(answer)
        if (seen, seen_code) != (status, code):
            found.append(f"request {number}: {seen} {seen_code}, but AWS answered {status} {code}")
    return found


def compare(expected: dict[str, Any], answer: Any, known: dict[str, str]) -> list[str]:
    """Return how the answer to one request differs from what AWS was recorded to answer."""
    if "at" in expected:
        try:
            part = follow(answer, expected["at"])
        except (KeyError, IndexError, TypeError):
            return [f": has no {expected['at']}: {answer!r}"]
        return differences(expected["fields"], part, known)
    if "fields" not in expected:
        parts = [(part, answer.get(name), f".{name}") for name, part in expected.items()]
        return [each for part, seen, path in parts for each in differences(part, seen, known, path)]
    seen: dict[str, Any] = {"status": status_of(answer), "fields": without_metadata(answer)}
    if "code" in expected:
        error = dict(seen["fields"].get("Error", {}))
        seen |= {"code": error.pop("Code", None), "message": kind_of_message(str(error.pop("Message", None) or ""))}
        seen["fields"] = {**seen["fields"], "Error": error}
    return differences(expected, seen, known)
