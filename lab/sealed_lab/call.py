# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""One call, from the parsed request to the output of its handler."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .call_log import CallRecord
from .identity.records import Caller
from .lab import Lab
from .partitions import partition_of
from .protocol.browser_upload import BrowserUpload
from .protocol.models import Operation
from .protocol.values import iso8601_second
from .protocol.wire import WireRequest
from .transport import Transport

Output = dict[str, Any]
Handler = Callable[["Call"], Output | Coroutine[Any, Any, Output]]


@dataclass(slots=True)
class Call:
    """An operation with its parameters, its caller and the region of its signature."""

    lab: Lab
    operation: Operation
    params: dict[str, Any]
    caller: Caller
    region: str
    request: WireRequest
    record: CallRecord
    body: AsyncIterator[bytes] | None = None
    trailers: Callable[[], Mapping[str, str]] = dict
    extra_headers: dict[str, str] = field(default_factory=dict)
    stream: AsyncIterator[bytes] | None = None
    stream_length: int = 0
    status: int = 0
    upload: BrowserUpload | None = None
    keys: list[str] = field(default_factory=list)  # ARNs of the KMS keys that the call uses

    def __post_init__(self) -> None:
        """Give the caller the condition keys of this request."""
        self.caller = replace(self.caller, request_conditions=self.request_conditions)

    @property
    def account(self) -> str:
        """The caller's account."""
        return self.caller.account

    @property
    def partition(self) -> str:
        """The partition of the call, such as ``aws-cn``."""
        return partition_of(self.region)

    @property
    def transport(self) -> Transport:
        """How the request was sent: the real TLS version, or over the plain port what the setting of the lab says."""
        return self.request.transport or self.lab.transport

    def request_conditions(self) -> dict[str, list[str]]:
        """Return the condition keys that the request has for the actions of every service.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
        """
        now = int(self.now())
        texts = {
            "aws:referer": self.request.header("referer"),
            "aws:sourceip": self.request.source_address,
            "aws:sourcevpce": self.request.interface,
            "aws:useragent": self.request.header("user-agent"),
        }
        return {
            **self.transport.conditions(),
            **{name: [text] for name, text in texts.items() if text},
            "aws:currenttime": [iso8601_second(now)],
            "aws:epochtime": [str(now)],
            "aws:requestedregion": [self.region],
            "aws:viaawsservice": ["false"],
        }

    def now(self) -> float:
        """The time by the lab's clock."""
        return self.lab.clock.now()

    def get(self, name: str, default: Any = None) -> Any:
        """Return a parameter, or the default if the request does not have it."""
        return self.params.get(name, default)

    def __getitem__(self, name: str) -> Any:
        return self.params[name]
