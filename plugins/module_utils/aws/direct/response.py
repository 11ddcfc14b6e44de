# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Responses of S3 as the SDK's client reads them: its events with their handlers, and its parser."""

from __future__ import annotations

from copy import copy
from typing import Any, NamedTuple, cast

from .connection import Headers, Response
from .first_attempt import CompleteBody
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

_MOST_SHAPES = 256  # of one operation; others are made for one response


class _HttpResponse(NamedTuple):
    """A response as the handlers of the SDK's events read it."""

    status_code: int
    headers: Headers
    content: bytes
    raw: Any


class _OutputShape:
    """The output of an operation, for the parser, which looks for every member in the headers of every response.

    Safe for threads.
    """

    def __init__(self, shape: Any) -> None:
        self._shape = shape
        self._headers = {
            member.serialization.get("name", name).lower()
            for name, member in shape.members.items()
            if member.serialization.get("location") == "header"
        }
        self._reduced: dict[frozenset[str], Any] = {}

    def reduce(self, headers: Headers) -> Any:
        """The same output without the members whose header a response has not."""
        present = frozenset(self._headers.intersection(headers))
        reduced = self._reduced.get(present)
        if reduced is None:
            reduced = copy(self._shape)
            reduced.members = {
                name: member
                for name, member in self._shape.members.items()
                if member.serialization.get("location") != "header"
                or member.serialization.get("name", name).lower() in present
            }
            if len(self._reduced) < _MOST_SHAPES:
                self._reduced[present] = reduced
        return reduced


class ResponseReader:
    """Reads the responses to requests of a client. Safe for threads."""

    def __init__(self, client: Any) -> None:
        parsers = ResponseParserFactory()
        parsers.set_parser_defaults(timestamp_parser=parse_time)
        self._parser = parsers.create_parser(client.meta.service_model.resolved_protocol)
        self._events = client.meta.events
        self._shapes: dict[str, _OutputShape] = {}

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

    def _shape(self, model: Any, headers: Headers) -> Any:
        if model.output_shape is None:
            return None
        shape = self._shapes.get(model.name)
        if shape is None:
            shape = self._shapes[model.name] = _OutputShape(model.output_shape)
        return shape.reduce(headers)

    def _parse(self, request: Request, response: Response) -> Any:
        model, status = request.model, response.status
        stream = response.stream or CompleteBody(response.body)
        http = _HttpResponse(status, response.headers, response.body, stream)
        raw = {"status_code": status, "headers": http.headers, "body": http.content, "context": request.context}
        if status < 300 and model.has_streaming_output:
            raw["body"] = StreamingBody(stream, http.headers.get("content-length"))
            handle_checksum_body(cast(Any, http), raw, request.context, model)
        extra: dict[str, Any] = {}
        self._events.emit(
            f"before-parse.s3.{model.name}", operation_model=model, response_dict=raw, customized_response_dict=extra
        )
        if raw["status_code"] != status:  # an error in the body
            return None
        parsed = self._parser.parse(raw, self._shape(model, http.headers) if status < 300 else model.output_shape)
        parsed.update(extra)
        code = parsed.get("Error", {}).get("Code")
        if status >= 300 and code not in (_FINAL[status] or (code,)):
            return None
        self._events.emit(
            f"after-call.s3.{model.name}", http_response=http, parsed=parsed, model=model, context=request.context
        )
        parsed["ResponseMetadata"]["RetryAttempts"] = 0
        return parsed
