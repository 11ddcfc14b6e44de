# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Hooks on the calls of the SDK: for a client that writes between two calls, and for other stores than the lab."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.httpsession import URLLib3Session

from ansible_collections.sealed.s3.plugins.module_utils.aws.direct.calls import DirectCalls
from ansible_collections.sealed.s3.plugins.module_utils.aws.direct.transport import Transport

# Of a client, an operation and its parameters.
Call = Callable[[Any, str, Any], Any]


def wrap_calls(patch: pytest.MonkeyPatch, wrap: Callable[[Call], Call]) -> None:
    """Replace the function through which every call of a client goes; for the direct calls, that is another one."""
    name = "_make_api_call"  # the stubs do not have it
    by_client: Call = getattr(BaseClient, name)
    wrapped = wrap(by_client)

    def call_once(client: Any, operation: str, parameters: Any) -> Any:
        call = by_client if isinstance(client, DirectCalls) else wrapped
        return call(client, operation, parameters)

    patch.setattr(DirectCalls, name, wrap(getattr(DirectCalls, name)))
    patch.setattr(BaseClient, name, call_once)


def before_requests(
    patch: pytest.MonkeyPatch, action: Callable[[str, str, dict[str, str], Callable[[], bytes]], object]
) -> None:
    """Run the action before each request: with the method, the URL, the headers by lower case, and the body."""
    send, send_directly = URLLib3Session.send, Transport.send

    def recorded(session: URLLib3Session, request: Any) -> Any:
        named = request.headers.items()
        headers = {name.lower(): value.decode() if isinstance(value, bytes) else str(value) for name, value in named}
        action(request.method, request.url, headers, lambda: _body(request))
        return send(session, request)

    def recorded_directly(transport: Transport, method: str, content: bytes, **options: Any) -> Any:
        head, _end, body = content.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, _colon, value in (line.partition(": ") for line in lines)}
        action(method, f"https://{headers['host']}{first.split(' ')[1]}", headers, lambda: body)
        return send_directly(transport, method, content, **options)

    patch.setattr(URLLib3Session, "send", recorded)
    patch.setattr(Transport, "send", recorded_directly)


def _body(request: Any) -> bytes:
    """The body of a request, which can be read again."""
    if not hasattr(request.body, "seek"):
        return request.body if isinstance(request.body, bytes) else repr(request.body or "").encode()
    place = request.body.tell()
    content: bytes = request.body.read()
    request.body.seek(place)
    return content


class SdkCalls:
    """The calls of all clients in this process, until the test ends."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._before: dict[str, tuple[int, Callable[[], object]]] = {}
        self._instead: dict[str, Callable[[], object]] = {}
        self._changes: dict[str, Callable[[dict[str, Any]], object]] = {}
        wrap_calls(monkeypatch, self._hook)

    def _hook(self, call: Call) -> Call:
        def hooked(client: Any, operation: str, parameters: Any) -> Any:
            self._run_before(operation)
            if operation in self._instead:
                self._instead[operation]()
                return {}
            response = call(client, operation, parameters)
            if operation in self._changes:
                self._changes[operation](response)
            return response

        return hooked

    def before(self, operation: str, action: Callable[[], object], *, after: int = 0) -> None:
        """Run `action` once, before the next call of an operation; `after` calls go through first."""
        self._before[operation] = (after, action)

    def instead(self, operation: str, action: Callable[[], object]) -> None:
        """Run `action` for every call of an operation, which is not sent and gets an empty response."""
        self._instead[operation] = action

    def change_response(self, operation: str, change: Callable[[dict[str, Any]], object]) -> None:
        """Change every response of an operation."""
        self._changes[operation] = change

    def _run_before(self, operation: str) -> None:
        if operation not in self._before:
            return
        # Removed first, as the action may call the same operation.
        after, action = self._before.pop(operation)
        if after:
            self._before[operation] = (after - 1, action)
        else:
            action()
