# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Turn what a test observed into a case of the table: its requests, with what AWS was recorded to answer to them."""

from __future__ import annotations

from typing import Any

from .comparison import compare
from .expectation import IGNORED, expectation, kind_of_message, sentence, unbound
from .request import Request
from .responses import without_metadata
from .values import follow


def case_of(test: str, rows: list[dict[str, Any]], requests: list[Request]) -> dict[str, Any]:
    """Return the case of one test: the requests as far as a recorded answer needs them, and each recorded answer.

    An answer that is not that of one request (a number that the test computed, a list that it collected) has
    ``request: null``. A recorded answer that the lab does not give has its ``difference``.
    """
    shown = [shown_request(each) for each in requests]
    answers = []
    known: dict[str, str] = {}
    for row in rows:
        answer: dict[str, Any] = {"name": row["name"], "request": None}
        if row["difference"]:
            answer["difference"] = row["difference"][:2000]
        if row["found"] and not row["difference"]:
            step, path = row["found"]
            expected = expected_of(row, path, requests[step])
            if expected is not None:
                if compare(expected, requests[step].kept, known):
                    # The test replaced different values by one name, before it compared them.
                    expected = unbound(expected)
                answer |= {"request": step, "expected": expected}
        answers.append(answer)
    return {"test": test, "requests": shown, "answers": answers}


def shown_request(request: Request) -> dict[str, Any]:
    """Return a request as the table shows it, with the code of the error that it caused."""
    return request.shown | ({"fails": request.code} if request.code else {})


def expected_of(row: dict[str, Any], path: list[Any] | None, request: Request) -> dict[str, Any] | None:
    """Return what the recorded answer demands of the answer to this request, or of its part at this path.

    None if the value was computed from the answer in another way.
    """
    recorded = row["recorded"]
    if "http" in request.shown:
        return _of_http(recorded, row["value"], request.kept)
    if path is None:
        return None
    if path:
        fields = expectation(recorded, follow(request.kept, path))
        if path == ["ResponseMetadata"]:  # what the SDK adds
            fields |= dict.fromkeys(("MaxAttemptsReached", "RetryAttempts"), IGNORED)
        return {"at": path, "fields": fields}
    answer = without_metadata(request.kept)
    expected: dict[str, Any] = {"status": recorded.get("ResponseMetadata", {}).get("HTTPStatusCode")}
    fields = expectation(without_metadata(recorded), answer)
    error = fields.get("Error")
    if isinstance(error, dict):
        expected["code"] = error.pop("Code", None)
        error.pop("Message", None)
        expected["message"] = kind_of_message(str(recorded["Error"].get("Message") or ""))
    expected["fields"] = fields
    return expected


def _of_http(recorded: Any, value: Any, parts: dict[str, Any]) -> dict[str, Any] | None:
    """Return what is demanded of an HTTP answer. The test made the value of one part of it, or of several."""
    found = _facet(recorded, value, parts)
    if found is None and isinstance(value, dict) and isinstance(recorded, dict):
        found = _facets(recorded, value, parts) or _with_status(recorded, value, parts)
    return found


def _facets(recorded: dict[str, Any], value: dict[str, Any], parts: dict[str, Any]) -> dict[str, Any] | None:
    """Return the demand if each item of the value is a part of the answer."""
    expected: dict[str, Any] = {}
    for name, each in value.items():
        part = _facet(recorded.get(name), each, parts)
        if part is None:
            return None
        expected |= part
    return expected


def _with_status(recorded: dict[str, Any], value: dict[str, Any], parts: dict[str, Any]) -> dict[str, Any] | None:
    """Return the demand if the value is the document of the answer, to which the test added the status."""
    status = value.get("StatusCode")
    if status is None or status != parts["status"]:
        return None
    rest, document = ({name: v for name, v in each.items() if name != "StatusCode"} for each in (recorded, value))
    content = _facet(rest, document, parts) if document or parts["text"] else {"text": ""}
    return None if content is None else {"status": recorded.get("StatusCode"), **content}


def _facet(recorded: Any, value: Any, parts: dict[str, Any]) -> dict[str, Any] | None:
    if isinstance(value, bool) or value is None:
        return None
    if value == parts["status"]:
        return {"status": recorded}
    if isinstance(value, (str, bytes)) and _text(value) == parts["text"]:
        demand = sentence if parts["status"] >= 400 else expectation
        return {"text": demand(recorded, parts["text"])}
    if isinstance(value, dict) and parts["xml"] and value == _as_compared(parts["xml"], value):
        return {"xml": expectation(recorded, parts["xml"])}
    if isinstance(value, dict) and value and all(parts["headers"].get(str(n).lower()) == v for n, v in value.items()):
        lower = {name.lower(): each for name, each in recorded.items()} if isinstance(recorded, dict) else {}
        chosen = {name: parts["headers"][name] for name in lower if name in parts["headers"]}
        return {"headers": expectation(lower, chosen)}
    return None


def _as_compared(document: dict[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    """Return a document without its namespace where a test removed that before it compared the document."""
    return {
        name: {each: v for each, v in content.items() if each != "@xmlns" or each in value.get(name, {})}
        if isinstance(content, dict)
        else content
        for name, content in document.items()
    }


def _text(value: str | bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
