# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Serialize the output or the error of an operation in the protocol of its service."""

from __future__ import annotations

import base64
import hashlib

from .call import Call, Output
from .errors import ServiceError
from .protocol import json_rpc, query, rest_xml
from .protocol.models import service_model
from .protocol.values import rfc822
from .protocol.wire import WireRequest, WireResponse


def host_id(request_id: str) -> str:
    """Return the extended request id that S3 adds to its responses."""
    return base64.b64encode(hashlib.sha512(request_id.encode()).digest()[:56]).decode("ascii")


def serialize(service: str, call: Call, output: Output, request_id: str) -> WireResponse:
    """Return the response of a successful operation."""
    operation = call.operation
    namespace = service_model(service).namespace
    if service in ("s3", "s3control"):
        response = rest_xml.serialize_response(operation, namespace, output)
        if call.stream is not None:
            response.stream, response.stream_length = call.stream, call.stream_length
    elif service in ("sts", "iam"):
        response = query.serialize_response(operation, namespace, output, request_id)
    else:
        response = json_rpc.serialize_response(operation, output)
    response.headers["Date"] = rfc822(call.now())
    response.headers.update(call.extra_headers)
    if call.status:
        response.status = call.status
    return response


def serialize_error(service: str, request: WireRequest, error: ServiceError, request_id: str) -> WireResponse:
    """Return the error response of a service."""
    if service == "s3":
        return rest_xml.serialize_error(
            error, method=request.method, request_id=request_id, host_id=host_id(request_id)
        )
    if service == "s3control":
        return rest_xml.serialize_control_error(error, request_id=request_id, host_id=host_id(request_id))
    if service in ("sts", "iam"):
        return query.serialize_error(error, service_model(service).namespace, request_id)
    return json_rpc.serialize_error(error)
