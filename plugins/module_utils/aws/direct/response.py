# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Responses of S3 as the SDK's client reads them: its events with their handlers, and its parser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, cast

from .connection import Headers, Response
from .first_attempt import CompleteBody
from .list_output import take_rows
from .request import Request
from .timestamps import parse_time

try:
    from botocore.httpchecksum import handle_checksum_body
    from botocore.parsers import ResponseParserFactory
    from botocore.response import StreamingBody
except ImportError:  # the frontend reports a missing SDK before anything here is called
    pass

# Errors that a retry would not change. The error of a HEAD has no body, so that its status stands for a code.
_FINAL = {404: None, 403: ("AccessDenied", "403")}


class _HttpResponse(NamedTuple):
    """A response as the handlers of the SDK's events read it."""

    status_code: int
    headers: Headers
    content: bytes
    raw: Any


_CONVERTERS: dict[str, Callable[[str], Any]] = {
    "boolean": lambda text: text == "true",
    "double": float,
    "float": float,
    "integer": int,
    "long": int,
    "string": str,
    "timestamp": parse_time,
}


class _HeaderOutput:
    """The output of an operation whose members are headers, as the SDK's parser returns it.

    The parser looks for every member in the headers of every response, which takes as long as to send the request.
    """

    def __init__(self, shape: Any) -> None:
        self._members: dict[str, tuple[str, Callable[[str], Any]]] = {}
        self._maps: list[tuple[str, str]] = []
        self.is_complete = shape is not None and "payload" not in shape.serialization
        for name, member in shape.members.items() if self.is_complete else ():
            location, header = member.serialization.get("location"), member.serialization.get("name", name).lower()
            if location == "headers":
                self._maps.append((name, header))
            elif location == "header" and member.type_name in _CONVERTERS and "jsonvalue" not in member.serialization:
                self._members[header] = name, _CONVERTERS[member.type_name]
            else:
                self.is_complete = False

    def parse(self, status: int, headers: Headers) -> dict[str, Any]:
        """The parsed response."""
        metadata: dict[str, Any] = {}
        if "x-amz-request-id" in headers:
            metadata = {"RequestId": headers["x-amz-request-id"], "HostId": headers.get("x-amz-id-2", "")}
        parsed: dict[str, Any] = {"ResponseMetadata": metadata}
        for header in self._members.keys() & headers.keys():
            name, convert = self._members[header]
            parsed[name] = convert(headers[header])
        for name, prefix in self._maps:
            parsed[name] = {key[len(prefix) :]: value for key, value in headers.items() if key.startswith(prefix)}
        metadata |= {"HTTPStatusCode": status, "HTTPHeaders": dict(headers)}
        return parsed


class ResponseReader:
    """Reads the responses to requests of a client. Safe for threads."""

    def __init__(self, client: Any) -> None:
        parsers = ResponseParserFactory()
        parsers.set_parser_defaults(timestamp_parser=parse_time)
        self._parser = parsers.create_parser(client.meta.service_model.resolved_protocol)
        self._events = client.meta.events
        self._outputs: dict[str, _HeaderOutput] = {}

    def read(self, request: Request, response: Response) -> Any:
        """The parsed success or final error; None if the client has to decide on the response."""
        if response.status >= 300 and response.status not in _FINAL:
            return None
        parsed: Any = None
        try:
            parsed = self._parse(request, response)
        except Exception:  # not a response to this operation, or unreadable: the client raises the error for it
            return None
        finally:
            if parsed is None and response.stream:
                response.stream.close()
        return parsed

    def _output(self, model: Any) -> _HeaderOutput:
        output = self._outputs.get(model.name)
        if output is None:
            output = self._outputs[model.name] = _HeaderOutput(model.output_shape)
        return output

    def _parse(self, request: Request, response: Response) -> Any:
        model, status = request.model, response.status
        stream = response.stream or CompleteBody(response.body)
        http = _HttpResponse(status, response.headers, response.body, stream)
        raw = {"status_code": status, "headers": http.headers, "body": http.content, "context": request.context}
        if status < 300 and model.has_streaming_output:
            raw["body"] = StreamingBody(stream, http.headers.get("content-length"))
            handle_checksum_body(cast(Any, http), raw, request.context, model)
        taken = take_rows(model.name, response.body) if status < 300 else None
        if taken:  # now, because a handler parses the body, too
            raw["body"] = taken[0]
        extra: dict[str, Any] = {}
        self._events.emit(
            f"before-parse.s3.{model.name}", operation_model=model, response_dict=raw, customized_response_dict=extra
        )
        if raw["status_code"] != status:  # an error in the body
            return None
        output = self._output(model)
        # A second request id is one of another server.
        is_plain = status < 300 and not response.body.strip() and "x-amzn-requestid" not in http.headers
        if output.is_complete and is_plain and "response_algorithm" not in request.context.get("checksum", {}):
            parsed = output.parse(status, http.headers)
        else:
            parsed = self._parser.parse(raw, model.output_shape)
            parsed.update(taken[1] if taken else {})
        parsed.update(extra)
        code = parsed.get("Error", {}).get("Code")
        if status >= 300 and code not in (_FINAL[status] or (code,)):
            return None
        self._events.emit(
            f"after-call.s3.{model.name}", http_response=http, parsed=parsed, model=model, context=request.context
        )
        parsed["ResponseMetadata"]["RetryAttempts"] = 0
        return parsed
