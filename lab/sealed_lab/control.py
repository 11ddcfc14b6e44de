# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The lab's own endpoints under ``/_lab/``: health, reset, calls, objects, faults, clock, and the settings."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .call_log import CallRecord
from .faults import Fault
from .lab import Lab
from .protocol.wire import WireRequest, WireResponse, read_body
from .s3.object_series import add_series
from .similar_accounts import add_similar_accounts
from .transport import Transport

_Document = dict[str, Any]
_NO_CALL = CallRecord()


@dataclass(frozen=True, slots=True)
class _Setting:
    """A setting of the lab as a JSON object. ``types`` has the types of its required fields."""

    types: Mapping[str, tuple[type, ...]]
    read: Callable[[Lab], _Document]
    write: Callable[[Lab, _Document], None]


def _set_enforcing(lab: Lab, body: _Document) -> None:
    lab.enforcing = body["enforcing"]


def _set_rotation(lab: Lab, body: _Document) -> None:
    lab.state.kms.rotation_seconds = float(body["seconds"])


def _set_index(lab: Lab, body: _Document) -> None:
    lab.state.kms.index_seconds = float(body["seconds"])


def _set_new_buckets(lab: Lab, body: _Document) -> None:
    lab.blocks_sse_c = body["blocks_sse_c"]


def _set_transport(lab: Lab, body: _Document) -> None:
    lab.transport = Transport(**body)


_NUMBER = (int, float)
_SETTINGS = {
    "enforcement": _Setting({"enforcing": (bool,)}, lambda lab: {"enforcing": lab.enforcing}, _set_enforcing),
    "rotation": _Setting({"seconds": _NUMBER}, lambda lab: {"seconds": lab.state.kms.rotation_seconds}, _set_rotation),
    "index": _Setting({"seconds": _NUMBER}, lambda lab: {"seconds": lab.state.kms.index_seconds}, _set_index),
    "new-buckets": _Setting(
        {"blocks_sse_c": (bool,)}, lambda lab: {"blocks_sse_c": lab.blocks_sse_c}, _set_new_buckets
    ),
    "transport": _Setting({"scheme": (str,)}, lambda lab: lab.transport.as_dict(), _set_transport),
}


class ControlPlane:
    """The methods of the fixture over HTTP. Requests need no signature."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    async def handle(self, request: WireRequest) -> WireResponse:
        """Handle one control request."""
        data = await read_body(request.body, 1024 * 1024)
        try:
            body = json.loads(data) if data.strip() else {}
        except ValueError:
            return _json({"error": "the body is not JSON"}, 400)
        if not isinstance(body, dict):
            return _json({"error": "the body is not a JSON object"}, 400)
        try:
            document, status = self._route(request, body)
        except (ValueError, TypeError) as exc:
            return _json({"error": str(exc)}, 400)
        return _json(document, status)

    def _route(self, request: WireRequest, body: _Document) -> tuple[_Document, int]:
        lab = self._lab
        name, _, number = request.raw_path.removeprefix("/_lab/").strip("/").partition("/")
        match request.method, name:
            case "GET", "health" if not number:
                return lab.status(), 200
            case "POST", "reset" if not number:
                lab.reset()
                return {"status": "reset"}, 200
            case "GET" | "DELETE", "calls" if not number:
                return self._calls(request), 200
            case "POST", "objects" if not number:
                return {"added": _add_objects(lab, body)}, 201
            case "POST", "accounts" if not number:
                _check(body, {"like": (str,), "accounts": (list,)}, {})
                return {
                    "buckets": add_similar_accounts(lab, body["like"], [str(each) for each in body["accounts"]])
                }, 201
            case "PUT", "region" if not number:
                _check(body, {"account": (str,), "region": (str,), "enabled": (bool,)}, {})
                lab.set_region(**body)
                return body, 200
            case "PUT", "account" if not number:
                _check(body, {"account": (str,), "state": (str,)}, {})
                lab.set_account_state(**body)
                return body, 200
            case "GET" | "POST" | "DELETE", "faults" if not number or request.method == "DELETE":
                return self._faults(request.method, number, body)
            case "GET" | "POST", "clock" if not number:
                if request.method == "POST":
                    _check(body, {}, {"seconds": _NUMBER, "days": _NUMBER})
                    lab.clock.advance(body.get("seconds", 0.0), days=body.get("days", 0.0))
                return {"time": lab.clock.now(), "offset": lab.clock.offset}, 200
            case "GET" | "POST" | "PUT", _ if name in _SETTINGS and not number:
                setting = _SETTINGS[name]
                if request.method != "GET":
                    _check(body, setting.types, {"tls_version": (str,)} if name == "transport" else {})
                    setting.write(lab, body)
                return setting.read(lab), 200
        return {"error": f"{request.method} {request.raw_path} does not exist"}, 404

    def _calls(self, request: WireRequest) -> _Document:
        if request.method == "DELETE":
            self._lab.calls.clear()
        filters = {name: _parse_filter(name, value) for name, value in request.query_pairs()}
        return {"calls": [record.as_dict() for record in self._lab.calls.select(**filters)]}

    def _faults(self, method: str, number: str, body: _Document) -> tuple[_Document, int]:
        lab = self._lab
        if method == "POST":
            return lab.add_fault(Fault.from_mapping(body)).as_dict(), 201
        if method == "DELETE" and not number:
            lab.faults.clear()
        elif method == "DELETE":
            lab.faults.remove(int(number))
        return {"faults": [fault.as_dict() for fault in lab.faults.rules]}, 200


def _add_objects(lab: Lab, body: _Document) -> int:
    numbers = ("start", "step", "digits", "versions")
    texts = ("prefix", "suffix", "partition")
    optional = {**dict.fromkeys(numbers, (int,)), **dict.fromkeys(texts, (str,))}
    _check(body, {"bucket": (str,), "key": (str,), "count": (int,)}, optional)
    options = {name: value for name, value in body.items() if name in optional}
    return add_series(lab, body["bucket"], body["key"], body["count"], options)


def _check(body: _Document, required: Mapping[str, tuple[type, ...]], optional: Mapping[str, tuple[type, ...]]) -> None:
    """Raise ``ValueError`` unless the body has the required fields, no unknown ones, and values of their types."""
    types = {**required, **optional}
    if not set(required) <= set(body) <= set(types):
        raise ValueError(f"the body needs the fields {sorted(required)}, and can have {sorted(optional)}")
    for name, value in body.items():
        if type(value) not in types[name]:
            raise ValueError(f"the field {name} is not a {types[name][-1].__name__}")


def _parse_filter(name: str, value: str) -> Any:
    """Return a filter with the type of its field."""
    default = 0 if name == "since" else getattr(_NO_CALL, name, "")
    return type(default)(value)


def _json(document: object, status: int = 200) -> WireResponse:
    return WireResponse(status, {"Content-Type": "application/json"}, json.dumps(document).encode())
