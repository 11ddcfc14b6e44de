# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Requests to S3 as the SDK's client makes them, with its own parts: events, serializer, checksum and signer."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from .endpoint import S3Endpoint
from .request_form import ANY_KEY, OF_OBJECT, FormName, RequestForm, form_name

try:
    from botocore.auth import S3SigV4Auth
    from botocore.awsrequest import create_request_object, prepare_request_dict
    from botocore.hooks import first_non_none_response
    from botocore.httpchecksum import apply_request_checksum, resolve_checksum_context
    from botocore.serialize import create_serializer
except ImportError:  # the frontend reports a missing SDK before anything here is called
    pass

_LARGEST_BODY = 1024 * 1024  # bytes; a larger one is sent by the client, which asks the service before it sends it
_MOST_FORMS = 64  # of one client: a run for many buckets begins anew
_RANGE = re.compile(r"bytes=(\d+)-(\d+)", re.ASCII)
_TARGET = re.compile(r"[!-~]*")


class Request(NamedTuple):
    """A request as it is sent, with its operation's model and the context for the handlers of the SDK's events."""

    model: Any
    context: dict[str, Any]
    content: bytes

    @property
    def method(self) -> str:
        """The HTTP method."""
        return str(self.model.http["method"])


class RequestBuilder:
    """Makes the requests of a client to its endpoint. Safe for threads.

    `authority` is the value of the header Host.
    """

    def __init__(self, client: Any, endpoint: S3Endpoint, authority: str) -> None:
        self._events = client.meta.events
        self._config = client.meta.config
        self._region_name = client.meta.region_name
        self._service = client.meta.service_model
        self._endpoint = endpoint
        self._authority = authority
        self._serializer = create_serializer(self._service.resolved_protocol, self._config.parameter_validation)
        self._forms: dict[FormName, RequestForm | None] = {}

    def build(self, name: str, parameters: Mapping[str, Any], credentials: Any) -> Request | None:
        """The signed request of an operation; None if the client has to make it. Its bucket is `parameters["Bucket"]`.

        Raises what the client raises for these parameters. The position of a body does not change.
        """
        form = self._form(name, parameters, credentials)
        if form:
            content = form.content(parameters["Key"], parameters.get("VersionId"))
            return Request(form.model, dict(form.context), content)
        return None if _reads_much(parameters) else self._build(name, parameters, credentials)

    def _form(self, operation: str, parameters: Mapping[str, Any], credentials: Any) -> RequestForm | None:
        """The form of a request, which the first of its requests makes; None if there is none."""
        name = form_name(operation, parameters)
        if name is None:
            return None
        form = self._forms.get(name)
        if form is None and name in self._forms:
            return None
        if form is None or form.credentials != credentials:
            form = self._make_form(operation, parameters, credentials)
            if len(self._forms) >= _MOST_FORMS:
                self._forms.clear()
            self._forms[name] = form
        return form

    def _make_form(self, operation: str, parameters: Mapping[str, Any], credentials: Any) -> RequestForm | None:
        shared = {name: value for name, value in parameters.items() if name not in OF_OBJECT}
        request = self._build(operation, {**shared, "Key": ANY_KEY}, credentials)
        if request is None:
            return None
        try:
            return RequestForm(request.model, request.context, request.content, credentials, self._endpoint.region)
        except (ValueError, KeyError):  # the SDK makes another request than the form expects
            return None

    def _build(self, name: str, parameters: Mapping[str, Any], credentials: Any) -> Request | None:
        model = self._service.operation_model(name)
        context = self._context(model)
        request = self._serialize(model, parameters, context)
        if request is None:
            return None
        signed = create_request_object(request)
        S3SigV4Auth(credentials, "s3", self._endpoint.region).add_auth(signed)
        content = _to_bytes(self._authority, signed.prepare())
        return Request(model, context, content) if content else None

    def _context(self, model: Any) -> dict[str, Any]:
        """The context of a call, as the client makes it."""
        return {
            "client_region": self._region_name,
            "client_config": self._config,
            "has_streaming_input": model.has_streaming_input,
            "auth_type": "v4",
            "unsigned_payload": model.unsigned_payload,
            "auth_options": self._service.metadata.get("auth"),
            "signing": {"region": self._endpoint.region, "signing_name": "s3", "disableDoubleEncoding": True},
        }

    def _serialize(self, model: Any, parameters: Mapping[str, Any], context: dict[str, Any]) -> dict[str, Any] | None:
        """The request as a dictionary of the SDK, with its body as bytes."""
        own = dict(parameters)  # handlers change it
        event = {"model": model, "context": context}
        replaced = self._events.emit(f"provide-client-params.s3.{model.name}", params=own, **event)
        own = first_non_none_response(replaced, default=own)
        self._events.emit(f"before-parameter-build.s3.{model.name}", params=own, **event)
        request: dict[str, Any] = self._serializer.serialize_to_request(own, model)
        # Handlers of the SDK take the bucket out of the path, because the endpoint's URL has it.
        prepare_request_dict(request, f"{self._endpoint.url}/{own['Bucket']}", context, self._config.user_agent)
        resolve_checksum_context(request, model, own)
        _handler, answer = self._events.emit_until_response(
            f"before-call.s3.{model.name}", params=request, request_signer=None, **event
        )
        algorithm = context.get("checksum", {}).get("request_algorithm")
        if answer is not None or (algorithm and algorithm["in"] != "header") or not _read_body(request):
            return None
        apply_request_checksum(request)
        return request


def _reads_much(parameters: Mapping[str, Any]) -> bool:
    """Whether a request is for a large range. The SDK's transport reads megabytes at the same cost."""
    match = _RANGE.fullmatch(str(parameters.get("Range", "")))
    return match is not None and int(match[2]) - int(match[1]) >= _LARGEST_BODY


def _read_body(request: dict[str, Any]) -> bool:
    """Replace the body by its bytes, and leave its stream as it was. False if it is large, or of another kind."""
    request["headers"].pop("Expect", None)  # a small body is sent without asking before
    body = request["body"]
    if isinstance(body, (bytes, bytearray)):
        return len(body) <= _LARGEST_BODY
    if not hasattr(body, "read") or not hasattr(body, "seek"):
        return False
    start = body.tell()
    size = int(request["headers"].get("Content-Length") or body.seek(0, io.SEEK_END) - start)
    try:
        body.seek(start)
        if size <= _LARGEST_BODY:
            request["body"] = b"".join(iter(lambda: body.read(_LARGEST_BODY), b""))
    finally:
        body.seek(start)
    return request["body"] is not body and len(request["body"]) == size


def _to_bytes(authority: str, request: Any) -> bytes | None:
    """A signed request as it is sent; None for characters that a request must not have."""
    host, _slash, target = request.url.partition("://")[2].partition("/")
    if host != authority or not _TARGET.fullmatch(target):
        return None
    lines = [f"{request.method} /{target} HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: identity".encode("ascii")]
    for name, value in request.headers.items():
        lines.append(b"%s: %s" % (name.encode("ascii"), value if isinstance(value, bytes) else value.encode()))
    head = b"\r\n".join(lines)
    line_ends = len(lines) + 1
    if head.count(b"\n") != line_ends or head.count(b"\r") != line_ends or b"\0" in head:
        return None
    return head + b"\r\n\r\n" + (request.body or b"")
