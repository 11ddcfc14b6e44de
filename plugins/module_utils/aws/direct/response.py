# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Responses of S3 as the SDK's client reads them: its events with their handlers, and its parser."""

from __future__ import annotations

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


class _HttpResponse(NamedTuple):
    """A response as the handlers of the SDK's events read it."""

    status_code: int
    headers: Headers
    content: bytes
    raw: Any


class ResponseReader:
    """Reads the responses to requests of a client. Safe for threads."""

    def __init__(self, client: Any) -> None:
        parsers = ResponseParserFactory()
        parsers.set_parser_defaults(timestamp_parser=parse_time)
        self._parser = parsers.create_parser(client.meta.service_model.resolved_protocol)
        self._events = client.meta.events

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
        parsed = self._parser.parse(raw, model.output_shape)
        parsed.update(extra)
        code = parsed.get("Error", {}).get("Code")
        if status >= 300 and code not in (_FINAL[status] or (code,)):
            return None
        self._events.emit(
            f"after-call.s3.{model.name}", http_response=http, parsed=parsed, model=model, context=request.context
        )
        parsed["ResponseMetadata"]["RetryAttempts"] = 0
        return parsed
