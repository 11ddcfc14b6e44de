# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The lab's own endpoints under ``/_lab/``: health, reset, calls, faults, clock, and the settings."""

from __future__ import annotations

import json
from typing import Any

from .faults import Fault
from .lab import Lab
from .protocol.wire import WireRequest, WireResponse, read_body
from .transport import Transport


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
        try:
            document, status = self._route(request, body)
        except (ValueError, TypeError, KeyError) as exc:
            return _json({"error": str(exc)}, 400)
        return _json(document, status)

    def _route(self, request: WireRequest, body: Any) -> tuple[Any, int]:
        lab = self._lab
        path = request.raw_path.removeprefix("/_lab/").strip("/")
        method = request.method
        if (method, path) == ("GET", "health"):
            return lab.status(), 200
        if (method, path) == ("POST", "reset"):
            lab.reset()
            return {"status": "reset"}, 200
        if path == "calls":
            if method == "DELETE":
                lab.calls.clear()
                return {"calls": []}, 200
            filters: dict[str, Any] = dict(request.query_pairs())
            for name in ("since", "status"):
                if name in filters:
                    filters[name] = int(filters[name])
            return {"calls": [record.as_dict() for record in lab.calls.select(**filters)]}, 200
        if path == "faults":
            if method == "POST":
                return lab.add_fault(Fault.from_mapping(body)).as_dict(), 201
            if method == "DELETE":
                lab.faults.clear()
            return {"faults": [fault.as_dict() for fault in lab.faults.rules]}, 200
        if path.startswith("faults/") and method == "DELETE":
            lab.faults.remove(int(path.partition("/")[2]))
            return {"faults": [fault.as_dict() for fault in lab.faults.rules]}, 200
        if path == "clock":
            if method == "POST":
                lab.clock.advance(float(body.get("seconds", 0)), days=float(body.get("days", 0)))
            return {"time": lab.clock.now(), "offset": lab.clock.offset}, 200
        if path == "enforcement":
            if method in ("POST", "PUT"):
                lab.enforcing = bool(body["enforcing"])
            return {"enforcing": lab.enforcing}, 200
        if path == "rotation":
            if method in ("POST", "PUT"):
                lab.state.kms.rotation_seconds = float(body["seconds"])
            return {"seconds": lab.state.kms.rotation_seconds}, 200
        if path == "new-buckets":
            if method in ("POST", "PUT"):
                lab.blocks_sse_c = bool(body["blocks_sse_c"])
            return {"blocks_sse_c": lab.blocks_sse_c}, 200
        if path == "transport":
            if method in ("POST", "PUT"):
                lab.transport = Transport(**body)
            return lab.transport.as_dict(), 200
        return {"error": f"{method} /_lab/{path} does not exist"}, 404


def _json(document: object, status: int = 200) -> WireResponse:
    return WireResponse(status, {"Content-Type": "application/json"}, json.dumps(document).encode())
