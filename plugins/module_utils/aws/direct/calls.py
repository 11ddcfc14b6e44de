# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Calls of S3 that take a third of the time of the SDK's client, with the SDK's own parts.

For every call, a client resolves the endpoint by a set of rules, opens a connection for the bucket's host name, and
sends the request through several layers. Here a plain call takes the same steps with the same public parts of the SDK
(the events with their handlers, serializer, checksum, signer, parser), but with an endpoint that was resolved once, in
path style, and over a leaner transport. All that is not plain is left to the client, with the result of the request if
one was sent: errors, redirects, retries, other resources than general purpose buckets, large bodies.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from .connection import Headers, Response
from .endpoint import S3Endpoint, find_endpoint, is_general_purpose
from .first_attempt import FirstAttempt
from .timestamps import parse_time
from .transport import Address, CannotConnect, Transport, find_address

try:
    from botocore.auth import S3SigV4Auth
    from botocore.awsrequest import create_request_object, prepare_request_dict
    from botocore.exceptions import BotoCoreError
    from botocore.hooks import first_non_none_response
    from botocore.httpchecksum import apply_request_checksum, resolve_checksum_context
    from botocore.parsers import ResponseParserFactory
    from botocore.serialize import create_serializer
    from botocore.utils import get_environ_proxies
except ImportError:  # the frontend reports a missing SDK before anything here is called
    pass

_OPERATIONS = frozenset(
    {
        "DeleteBucketEncryption",
        "DeleteObject",
        "GetBucketEncryption",
        "GetObjectTagging",
        "HeadObject",
        "ListObjectsV2",
        "PutBucketEncryption",
        "PutObject",
        "PutObjectTagging",
    }
)
_LARGEST_BODY = 1024 * 1024  # bytes; a larger one is sent by the client, which asks the service before it sends it
# Statuses of a request that was signed for another region than the bucket's.
_WRONG_REGION = (301, 307, 400)
# Errors that a retry would not change. The error of a HEAD has no body, so that its status stands for a code.
_FINAL = {404: None, 403: ("AccessDenied", "403")}
_REGION_NAME = re.compile(r"[a-z0-9-]{1,63}")
_TARGET = re.compile(r"[!-~]*")

_Call = Callable[[str, Mapping[str, Any]], Any]


class DirectCalls:
    """A base of the SDK's client class: its calls go the direct way if there is one."""

    direct: DirectSender | None = None

    def _make_api_call(self, operation_name: str, api_params: Mapping[str, Any]) -> Any:
        by_client: _Call = super()._make_api_call  # type: ignore[misc]
        if self.direct is None:
            return by_client(operation_name, api_params)
        return self.direct.call(operation_name, api_params, by_client)

    def call_after_redirect(self, operation_name: str, api_params: Mapping[str, Any]) -> Any:
        """Make a call that a client of another region was redirected with."""
        by_client: _Call = super()._make_api_call  # type: ignore[misc]
        if self.direct is None:
            return by_client(operation_name, api_params)
        return self.direct.call(operation_name, api_params, by_client, redirected=True)


def add_direct_calls(base_classes: list[type], **_event: Any) -> None:
    """Handle the event `creating-client-class.s3` of a session of the SDK."""
    base_classes.insert(0, DirectCalls)


class Siblings(Protocol):
    """What the clients of a run share."""

    @property
    def verify(self) -> bool | str:
        """How TLS certificates are verified: a boolean, or the path of a CA bundle."""

    def credentials(self) -> Any:
        """The current credentials; None if there are none."""

    def in_region(self, region: str) -> Any:
        """The same client in another region."""

    def is_custom(self) -> bool:
        """Whether the endpoint is not AWS's own."""

    def record(self, event_name: str) -> None:
        """Count a request."""


class _Way(NamedTuple):
    endpoint: S3Endpoint
    address: Address
    transport: Transport
    serializer: Any
    parser: Any


class _Request(NamedTuple):
    model: Any
    context: dict[str, Any]
    method: str
    content: bytes


class _Answer(NamedTuple):
    """A response as the handlers of the SDK's events read it."""

    status_code: int
    headers: Headers
    content: bytes


class DirectSender:
    """The direct calls of one client. Safe for threads."""

    def __init__(self, client: Any, siblings: Siblings) -> None:
        self._client = client
        self._siblings = siblings
        self._events = client.meta.events
        self._first_attempt = FirstAttempt(client)
        self._lock = threading.Lock()
        self._is_open = False
        self._way: _Way | None = None
        self._other_regions: dict[str, str] = {}

    def call(self, name: str, parameters: Mapping[str, Any], by_client: _Call, *, redirected: bool = False) -> Any:
        """Make the call, by the client if it is not plain. Raises what a call of the client raises."""
        if name not in _OPERATIONS or not is_general_purpose(parameters.get("Bucket")):
            return by_client(name, parameters)
        region = None if redirected else self._other_regions.get(parameters["Bucket"])
        if region:
            return self._siblings.in_region(region).call_after_redirect(name, parameters)
        way = self._open()
        request = way and self._build(way, name, parameters)
        if not way or not request:
            return by_client(name, parameters)
        try:
            response: Response | Exception = way.transport.send(request.method, request.content)
        except CannotConnect:
            return by_client(name, parameters)
        except BotoCoreError as error:
            response = error
        if isinstance(response, Response):
            parsed = self._parse(way, request, response)
            if parsed is not None:
                return parsed
            region = None if redirected else _region_of_bucket(response, way.endpoint.region)
            if region:
                self._siblings.record(f"before-send.s3.{name}")
                self._other_regions[parameters["Bucket"]] = region
                return self._siblings.in_region(region).call_after_redirect(name, parameters)
        return self._first_attempt.call(response, lambda: by_client(name, parameters))

    def _open(self) -> _Way | None:
        with self._lock:
            if not self._is_open:
                self._way = self._find_way()
                self._is_open = True
            return self._way

    def _find_way(self) -> _Way | None:
        config, service = self._client.meta.config, self._client.meta.service_model
        try:
            endpoint = find_endpoint(self._client, self._siblings.is_custom)
        except Exception:  # the client raises the same, with its own words, for the call itself
            return None
        if endpoint is None:
            return None
        proxies = config.proxies if config.proxies is not None else get_environ_proxies(endpoint.url)
        address = find_address(endpoint.url, proxies, bool(config.proxies_config))
        if address is None:
            return None
        protocol, parsers = service.resolved_protocol, ResponseParserFactory()
        parsers.set_parser_defaults(timestamp_parser=parse_time)
        return _Way(
            endpoint,
            address,
            Transport(address, self._siblings.verify, config),
            create_serializer(protocol, config.parameter_validation),
            parsers.create_parser(protocol),
        )

    def _build(self, way: _Way, name: str, parameters: Mapping[str, Any]) -> _Request | None:
        """The signed request; None if the client must make it. Nothing has been sent, so its errors are the client's."""
        credentials = self._siblings.credentials()
        if credentials is None:
            return None
        model = self._client.meta.service_model.operation_model(name)
        try:
            context = self._context(way, model)
            request = self._serialize(way, model, parameters, context)
            if request is None:
                return None
            signed = create_request_object(request)
            S3SigV4Auth(credentials, "s3", way.endpoint.region).add_auth(signed)
            content = _to_bytes(way.address, signed.prepare())
        except Exception:  # the client raises it again
            return None
        return content and _Request(model, context, signed.method, content)

    def _context(self, way: _Way, model: Any) -> dict[str, Any]:
        """The context of a call, as the client makes it."""
        service = model.service_model
        return {
            "client_region": self._client.meta.region_name,
            "client_config": self._client.meta.config,
            "has_streaming_input": model.has_streaming_input,
            "auth_type": "v4",
            "unsigned_payload": model.unsigned_payload,
            "auth_options": service.metadata.get("auth"),
            "signing": {"region": way.endpoint.region, "signing_name": "s3", "disableDoubleEncoding": True},
        }

    def _serialize(
        self, way: _Way, model: Any, parameters: Mapping[str, Any], context: dict[str, Any]
    ) -> dict[str, Any] | None:
        """The request as a dictionary of the SDK, with its body as bytes."""
        own = dict(parameters)  # handlers change it
        event = {"model": model, "context": context}
        replaced = self._events.emit(f"provide-client-params.s3.{model.name}", params=own, **event)
        own = first_non_none_response(replaced, default=own)
        self._events.emit(f"before-parameter-build.s3.{model.name}", params=own, **event)
        request: dict[str, Any] = way.serializer.serialize_to_request(own, model)
        url = f"{way.endpoint.url}/{parameters['Bucket']}"
        prepare_request_dict(request, url, context, self._client.meta.config.user_agent)
        resolve_checksum_context(request, model, own)
        _handler, answer = self._events.emit_until_response(
            f"before-call.s3.{model.name}", params=request, request_signer=None, **event
        )
        algorithm = context.get("checksum", {}).get("request_algorithm")
        if answer is not None or (algorithm and algorithm["in"] != "header") or not _read_body(request):
            return None
        apply_request_checksum(request)
        return request

    def _parse(self, way: _Way, request: _Request, response: Response) -> Any:
        """The result of a call; None if the client has to decide. Raises ClientError for a final error."""
        name, status = request.model.name, response.status
        if status >= 300 and status not in _FINAL:
            return None
        raw = {"status_code": status, "headers": response.headers, "body": response.body, "context": request.context}
        extra: dict[str, Any] = {}
        try:
            self._events.emit(
                f"before-parse.s3.{name}",
                operation_model=request.model,
                response_dict=raw,
                customized_response_dict=extra,
            )
            if raw["status_code"] != status:  # an error in the body
                return None
            parsed = way.parser.parse(raw, request.model.output_shape)
            parsed.update(extra)
            code = parsed.get("Error", {}).get("Code")
            if status >= 300 and code not in (_FINAL[status] or (code,)):
                return None
            self._events.emit(
                f"after-call.s3.{name}",
                http_response=_Answer(status, response.headers, response.body),
                parsed=parsed,
                model=request.model,
                context=request.context,
            )
        except Exception:  # not a response to this operation, or unreadable: the client raises the error for it
            return None
        parsed["ResponseMetadata"]["RetryAttempts"] = 0
        self._siblings.record(f"before-send.s3.{name}")
        if status >= 300:
            raise self._client.exceptions.from_code(code)(parsed, name)
        return parsed


def _region_of_bucket(response: Response, signed_for: str) -> str | None:
    """The region that a response names as the bucket's, if the request was signed for another one."""
    region = response.headers.get("x-amz-bucket-region")
    if response.status not in _WRONG_REGION or not region or region == signed_for:
        return None
    return str(region) if _REGION_NAME.fullmatch(region) else None


def _read_body(request: dict[str, Any]) -> bool:
    """Replace the body by its bytes, and leave its stream as it was. False if it is large, or of another kind."""
    # It asks for permission to send the body. A small body is sent at once.
    request["headers"].pop("Expect", None)
    body = request["body"]
    if isinstance(body, (bytes, bytearray)):
        return len(body) <= _LARGEST_BODY
    length = request["headers"].get("Content-Length")
    if not hasattr(body, "read") or length is None or int(length) > _LARGEST_BODY:
        return False
    start = body.tell()
    try:
        request["body"] = b"".join(iter(lambda: body.read(_LARGEST_BODY), b""))
    finally:
        body.seek(start)
    return len(request["body"]) == int(length)


def _to_bytes(address: Address, request: Any) -> bytes | None:
    """A signed request as it is sent; None for characters that a request must not have."""
    authority, _slash, target = request.url.partition("://")[2].partition("/")
    if authority != address.authority or not _TARGET.fullmatch(target):
        return None
    lines = [f"{request.method} /{target} HTTP/1.1\r\nHost: {authority}\r\nAccept-Encoding: identity".encode("ascii")]
    for name, value in request.headers.items():
        lines.append(b"%s: %s" % (name.encode("ascii"), value if isinstance(value, bytes) else value.encode()))
    head = b"\r\n".join(lines)
    line_ends = len(lines) + 1
    if head.count(b"\n") != line_ends or head.count(b"\r") != line_ends or b"\0" in head:
        return None
    return head + b"\r\n\r\n" + (request.body or b"")
