# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The query protocol (STS and IAM): form parameters in requests, XML in responses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import ServiceError, not_implemented
from .models import Operation
from .values import InvalidValue, parse_text
from .wire import WireResponse, split_query
from .xml_shapes import escape, write_members


def form_fields(data: bytes) -> dict[str, str]:
    """Return the fields of a form. A repeated field has its last value."""
    return dict(split_query(data.decode("utf-8", "replace")))


def parse_request(operation: Operation, fields: Mapping[str, str]) -> dict[str, Any]:
    """Return the parameters. Raise the 501 error for a field that the model does not have."""
    used: set[str] = {"Action", "Version"}
    shape = operation.model.input_shape
    params: dict[str, Any] = {}
    if shape is not None:
        params = _structure(shape, fields, "", used)
    unknown = sorted(set(fields) - used)
    if unknown:
        raise not_implemented(f"the parameter {unknown[0]!r} of {operation.name}")
    return params


def _structure(shape: Any, fields: Mapping[str, str], prefix: str, used: set[str]) -> dict[str, Any]:
    result = {}
    for name, member in shape.members.items():
        value = _read(member, fields, prefix + member.serialization.get("name", name), used)
        if value is not None:
            result[name] = value
    return result


def _read(shape: Any, fields: Mapping[str, str], path: str, used: set[str]) -> Any:
    kind = shape.type_name
    if kind == "structure":
        return _structure(shape, fields, path + ".", used) or None
    if kind == "list":
        if fields.get(path) == "":
            used.add(path)
            return []
        step = path if shape.serialization.get("flattened") else (
            f"{path}.{shape.member.serialization.get('name', 'member')}"
        )  # fmt: skip
        items: list[Any] = []
        while True:
            item = _read(shape.member, fields, f"{step}.{len(items) + 1}", used)
            if item is None:
                return items or None
            items.append(item)
    if path not in fields:
        return None
    used.add(path)
    try:
        return parse_text(shape, fields[path])
    except InvalidValue as exc:
        raise ServiceError("ValidationError", f"The value of {path} is not valid: {fields[path]}", 400) from exc


def serialize_response(
    operation: Operation, namespace: str, output: Mapping[str, Any], request_id: str
) -> WireResponse:
    """Return the response: ``<XResponse><XResult>…</XResult><ResponseMetadata>``."""
    name = operation.name
    out = [f'<{name}Response xmlns="{namespace}">']
    shape = operation.model.output_shape
    if shape is not None:
        wrapper = shape.serialization.get("resultWrapper", f"{name}Result")
        out.append(f"<{wrapper}>")
        write_members(shape, output, out)
        out.append(f"</{wrapper}>")
    out.append(f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{name}Response>")
    return WireResponse(200, {"Content-Type": "text/xml"}, "".join(out).encode())


def serialize_error(error: ServiceError, namespace: str, request_id: str) -> WireResponse:
    """Return the ``<ErrorResponse>``. Its type is Sender or Receiver."""
    kind = "Sender" if error.status < 500 else "Receiver"
    response = WireResponse(error.status, {"Content-Type": "text/xml", **error.headers}, error_code=error.code)
    response.body = (
        f'<ErrorResponse xmlns="{namespace}"><Error><Type>{kind}</Type><Code>{escape(error.code)}</Code>'
        f"<Message>{escape(error.message)}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    ).encode()
    return response
