# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Turn what a test observed into a case of the table: its requests, with what AWS was recorded to answer to them."""

from __future__ import annotations

from typing import Any

from .expectation import IGNORED, expectation, kind_of_message
from .observing import Request
from .responses import without_metadata


def case_of(test: str, rows: list[dict[str, Any]], requests: list[Request]) -> dict[str, Any]:
    """Return the case of one test: the requests as far as a recorded answer needs them, and each recorded answer.

    An answer that is not that of one request (a number that the test computed, a list that it collected) has
    ``request: null``. A recorded answer that the lab does not give has its ``difference``.
    """
    shown = [_shown(each) for each in requests]
    answers = []
    for row in rows:
        answer: dict[str, Any] = {"name": row["name"], "request": None}
        if row["difference"]:
            answer["difference"] = row["difference"][:2000]
        step = row["found"][0] if row["found"] else _last_http(requests, row["value"])
        if step is not None:
            answer["request"] = step
            answer["expected"] = expected_of(row, requests[step]) if not row["difference"] else None
        answer["is_answer"] = isinstance(row["recorded"], dict) and "ResponseMetadata" in row["recorded"]
        answers.append(answer)
    return {"test": test, "requests": shown, "answers": answers}


def _shown(request: Request) -> dict[str, Any]:
    return request.shown | ({"fails": request.code} if request.code else {})


def expected_of(row: dict[str, Any], request: Request) -> dict[str, Any] | None:
    """Return what the recorded answer demands of the answer to this request."""
    recorded = row["recorded"]
    if "http" in request.shown:
        return _of_http(recorded, row["value"], request.answer)
    if row["value"] is not request.answer:
        path = _path(request.answer, row["value"])
        fields = expectation(recorded, row["value"])
        if path == ["ResponseMetadata"]:  # what the SDK adds
            fields |= dict.fromkeys(("MaxAttemptsReached", "RetryAttempts"), IGNORED)
        return {"at": path, "fields": fields}
    answer = without_metadata(request.answer)
    if "Body" in answer and isinstance(recorded.get("Body"), str):
        answer = {**answer, "Body": request.content}
    expected: dict[str, Any] = {"status": recorded.get("ResponseMetadata", {}).get("HTTPStatusCode")}
    fields = expectation(without_metadata(recorded), answer)
    error = fields.get("Error")
    if isinstance(error, dict):
        expected["code"] = error.pop("Code", None)
        error.pop("Message", None)
        expected["message"] = kind_of_message(str(answer["Error"].get("Message") or ""))
    expected["fields"] = fields
    return expected


def _path(answer: Any, part: Any) -> list[Any] | None:
    if answer is part:
        return []
    items = answer.items() if isinstance(answer, dict) else enumerate(answer) if isinstance(answer, list) else ()
    for name, each in items:
        path = _path(each, part)
        if path is not None:
            return [name, *path]
    return None


def _last_http(requests: list[Request], value: Any) -> int | None:
    """Return the number of the last HTTP request before the comparison, if the value is taken from its answer."""
    for index in range(len(requests) - 1, -1, -1):
        if "http" in requests[index].shown and requests[index].answer is not None:
            return index if _of_http(value, value, requests[index].answer) else None
    return None


def _of_http(recorded: Any, value: Any, parts: dict[str, Any]) -> dict[str, Any] | None:
    direct = _facet(recorded, value, parts)
    if direct:
        return direct
    if not isinstance(value, dict) or not isinstance(recorded, dict):
        return None
    expected: dict[str, Any] = {}
    for name, each in value.items():
        part = _facet(recorded.get(name), each, parts)
        if part is None:
            return None
        expected |= part
    return expected


def _facet(recorded: Any, value: Any, parts: dict[str, Any]) -> dict[str, Any] | None:
    if isinstance(value, bool) or value is None:
        return None
    if value == parts["status"]:
        return {"status": recorded}
    if isinstance(value, (str, bytes)) and _text(value) == parts["text"]:
        return {"text": expectation(recorded, parts["text"])}
    if isinstance(value, dict) and value == parts["xml"]:
        return {"xml": expectation(recorded, parts["xml"])}
    if isinstance(value, dict) and value and all(parts["headers"].get(str(n).lower()) == v for n, v in value.items()):
        lower = {name.lower(): each for name, each in recorded.items()} if isinstance(recorded, dict) else {}
        chosen = {name: parts["headers"][name] for name in lower if name in parts["headers"]}
        return {"headers": expectation(lower, chosen)}
    return None


def _text(value: str | bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
