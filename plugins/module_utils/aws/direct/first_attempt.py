# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What became of a direct request, given to the SDK as the result of its own first attempt.

So the SDK decides on it with all that it has for a client: redirects, retries and their limits, errors, and whether a
request that got no response may have been carried out.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from typing import Any

from .connection import Response

try:
    from botocore.awsrequest import AWSResponse
except ImportError:  # the frontend reports a missing SDK before anything here is called
    pass


class CompleteBody(io.BytesIO):
    """A body as the SDK's transport has it."""

    def stream(self, *_size: int, **_options: Any) -> Iterator[bytes]:
        """The whole body."""
        yield self.read()


class FirstAttempt:
    """Answers the first request of a client's call with a known result. Safe for threads.

    Every other request of the client has to `wait` for its turn.
    """

    def __init__(self, client: Any, wait: Callable[[], None]) -> None:
        self._wait = wait
        self._known = threading.local()
        client.meta.events.register("before-call.s3", self._limit_redirects)
        client.meta.events.register("before-send.s3", self._answer)

    def call(self, result: Response | Exception, call: Callable[[], Any], *, redirected: bool) -> Any:
        """Run the client's call, with this result of its first attempt. A call is redirected once at most."""
        self._known.result, self._known.redirected = result, redirected
        try:
            return call()
        finally:
            self._known.result, self._known.redirected = None, False

    def _limit_redirects(self, context: dict[str, Any], **_event: Any) -> None:
        if getattr(self._known, "redirected", False):
            context.setdefault("s3_redirect", {})["redirected"] = True

    def _answer(self, request: Any, **_event: Any) -> Any:
        result = getattr(self._known, "result", None)
        self._known.result = None
        if isinstance(result, Exception):
            raise result
        if result is None:
            self._wait()
        return result and AWSResponse(request.url, result.status, result.headers, CompleteBody(result.body))
