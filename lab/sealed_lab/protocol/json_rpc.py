# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The JSON 1.1 protocol (KMS, the tagging API and CloudTrail)."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from ..errors import ServiceError, not_implemented
from .models import Operation
from .values import InvalidValue, decode_base64, parse_timestamp
from .wire import WireResponse

CONTENT_TYPE = "application/x-amz-json-1.1"


def parse_request(operation: Operation, data: bytes) -> dict[str, Any]:
    """Return the body as parameters. Every name and type is checked against the model."""
    try:
        document = json.loads(data or b"{}")
    except ValueError as exc:
        raise ServiceError("SerializationException", "", 400) from exc
    if not isinstance(document, dict):
        raise ServiceError("SerializationException", "Start of structure or map found where not expected.", 400)
    shape = operation.model.input_shape
    if shape is None:
        return {}
    result: dict[str, Any] = _read(shape, document, operation.name)
    return result


def _read(shape: Any, value: Any, path: str) -> Any:
    kind = shape.type_name
    wrong = ServiceError("SerializationException", f"The value at {path} is not of the type {kind}.", 400)
    if kind == "structure":
        if not isinstance(value, dict):
            raise wrong
        result = {}
        for name, item in value.items():
            member = shape.members.get(name)
            if member is None:
                raise not_implemented(f"the parameter {name!r} of {path}")
            if item is not None:
                result[name] = _read(member, item, f"{path}.{name}")
        return result
    if kind == "list":
        if not isinstance(value, list):
            raise wrong
        return [_read(shape.member, item, path) for item in value]
    if kind == "map":
        if not isinstance(value, dict):
            raise wrong
        return {key: _read(shape.value, item, path) for key, item in value.items()}
    if kind == "blob":
        try:
            return decode_base64(value)
        except (InvalidValue, AttributeError) as exc:
            raise wrong from exc
    if kind == "timestamp":
        try:
            return parse_timestamp(str(value))
        except InvalidValue as exc:
            raise wrong from exc
    if kind == "boolean":
        if not isinstance(value, bool):
            raise wrong
        return value
    if kind in ("integer", "long"):
        if isinstance(value, bool) or not isinstance(value, (int, float)) or int(value) != value:
            raise wrong
        return int(value)
    if kind == "string" and not isinstance(value, str):
        raise wrong
    return value


def _write(shape: Any, value: Any) -> Any:
    kind = shape.type_name
    if kind == "structure":
        members = shape.members
        return {name: _write(members[name], item) for name, item in value.items() if item is not None}
    if kind == "list":
        return [_write(shape.member, item) for item in value]
    if kind == "map":
        return {key: _write(shape.value, item) for key, item in value.items()}
    if kind == "blob":
        return base64.b64encode(value).decode("ascii")
    if kind == "timestamp":
        return round(float(value), 3)
    return value


def serialize_response(operation: Operation, output: Mapping[str, Any]) -> WireResponse:
    """Return the response of a successful operation."""
    shape = operation.model.output_shape
    response = WireResponse(200, {"Content-Type": CONTENT_TYPE})
    if shape is not None:
        response.body = json.dumps(_write(shape, output), separators=(",", ":")).encode()
    return response


def serialize_error(error: ServiceError) -> WireResponse:
    """Return the error response. KMS writes ``message``, if there is one. AccessDeniedException has ``Message`` too."""
    document = {"__type": error.code, **({"message": error.message} if error.message else {}), **error.fields}
    if error.code == "AccessDeniedException":
        document["Message"] = error.message
    response = WireResponse(error.status, {"Content-Type": CONTENT_TYPE, **error.headers}, error_code=error.code)
    response.body = json.dumps(document).encode()
    return response
