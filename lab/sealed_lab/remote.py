# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""A client for a lab in another process.

It has the methods of ``RunningLab`` that need no file of the other process.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .aws_clients import DEFAULT_REGION, aws_client
from .call_log import CallRecord
from .faults import Fault, FaultKind, FaultOptions
from .identity.directory import DEFAULT_ACCOUNT
from .s3.object_series import SeriesOptions
from .transport import Transport

if TYPE_CHECKING:
    from typing_extensions import Unpack  # a part of typing since Python 3.11


class _ControlClient:
    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")

    def request(self, method: str, path: str, document: Any = None) -> Any:
        """Send a control request. Raise ``ValueError`` with the reason if the lab refuses it."""
        data = None if document is None else json.dumps(document).encode()
        request = urllib.request.Request(f"{self.url}/_lab/{path}", data=data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return json.loads(response.read())
        except urllib.error.HTTPError as error:
            if error.code != 400:
                raise
            raise ValueError(json.loads(error.read())["error"]) from error


class RemoteCalls:
    """The call log of a remote lab. Every method sends a request."""

    def __init__(self, client: _ControlClient) -> None:
        self._client = client

    def select(self, **filters: Any) -> list[CallRecord]:
        """Return the calls whose fields equal the filters. A filter that is callable is called with the value."""
        functions = {name: each for name, each in filters.items() if callable(each)}
        query = urllib.parse.urlencode({name: each for name, each in filters.items() if name not in functions})
        records = [CallRecord(**each) for each in self._client.request("GET", f"calls?{query}")["calls"]]
        return [each for each in records if all(test(getattr(each, name)) for name, test in functions.items())]

    def writes(self) -> list[CallRecord]:
        """Return the calls that can change a resource."""
        return self.select(access="write")

    def operations(self) -> list[str]:
        """Return the names of the operations, in order."""
        return [record.operation for record in self.select()]

    def clear(self) -> None:
        """Delete all records."""
        self._client.request("DELETE", "calls")

    def __iter__(self) -> Iterator[CallRecord]:
        return iter(self.select())

    def __len__(self) -> int:
        return len(self.select())


class RemoteFaults:
    """The active fault rules of a remote lab."""

    def __init__(self, client: _ControlClient) -> None:
        self._client = client

    def add(self, kind: FaultKind, **options: Unpack[FaultOptions]) -> Fault:
        """Activate a rule. The returned rule does not change when calls fail by it; ``hits`` counts them."""
        return Fault(**self._client.request("POST", "faults", {"kind": kind, **options}))

    def clear(self) -> None:
        """Remove all rules."""
        self._client.request("DELETE", "faults")

    def hits(self) -> int:
        """Return how many calls have failed by a rule so far."""
        return sum(rule["hits"] for rule in self._client.request("GET", "faults")["faults"])


class RemoteClock:
    """The clock of a remote lab."""

    def __init__(self, client: _ControlClient) -> None:
        self._client = client

    def now(self) -> float:
        """Seconds since the epoch."""
        return float(self._client.request("GET", "clock")["time"])

    def advance(self, seconds: float = 0.0, *, days: float = 0.0) -> float:
        """Move the clock forward, and return the new time."""
        return float(self._client.request("POST", "clock", {"seconds": seconds, "days": days})["time"])


class RemoteLab:
    """A client for a lab that runs elsewhere."""

    def __init__(self, url: str) -> None:
        self._client = _ControlClient(url)
        self.calls = RemoteCalls(self._client)
        self.faults = RemoteFaults(self._client)
        self.clock = RemoteClock(self._client)

    @property
    def url(self) -> str:
        """The endpoint URL for every service."""
        return self._client.url

    @property
    def rotation_seconds(self) -> float:
        """How long KMS takes for a rotation on demand after its response, by the lab's clock. Can be set."""
        return float(self._client.request("GET", "rotation")["seconds"])

    @rotation_seconds.setter
    def rotation_seconds(self, value: float) -> None:
        self._client.request("PUT", "rotation", {"seconds": value})

    @property
    def index_seconds(self) -> float:
        """How long the index of the tagging API lags behind the tags of keys, by the lab's clock. Can be set."""
        return float(self._client.request("GET", "index")["seconds"])

    @index_seconds.setter
    def index_seconds(self, value: float) -> None:
        self._client.request("PUT", "index", {"seconds": value})

    @property
    def enforcing(self) -> bool:
        """Whether signatures and policies are enforced. Can be set."""
        return bool(self._client.request("GET", "enforcement")["enforcing"])

    @enforcing.setter
    def enforcing(self, value: bool) -> None:
        self._client.request("PUT", "enforcement", {"enforcing": value})

    @property
    def blocks_sse_c(self) -> bool:
        """Whether new buckets block SSE-C, as at AWS since April 2026. Can be set."""
        return bool(self._client.request("GET", "new-buckets")["blocks_sse_c"])

    @blocks_sse_c.setter
    def blocks_sse_c(self, value: bool) -> None:
        self._client.request("PUT", "new-buckets", {"blocks_sse_c": value})

    @property
    def transport(self) -> Transport:
        """How requests over the plain port count as sent. Can be set."""
        return Transport(**self._client.request("GET", "transport"))

    @transport.setter
    def transport(self, value: Transport) -> None:
        self._client.request("PUT", "transport", value.as_dict())

    def healthy(self) -> bool:
        """Return whether the lab responds."""
        try:
            return bool(self._client.request("GET", "health")["status"] == "ok")
        except OSError:
            return False

    def add_objects(self, bucket: str, key: str, count: int, **options: Unpack[SeriesOptions]) -> int:
        """Add many objects that are like the object ``key``. See ``RunningLab.add_objects``."""
        body = {"bucket": bucket, "key": key, "count": count, **options}
        return int(self._client.request("POST", "objects", body)["added"])

    def add_accounts(self, like: str, accounts: Sequence[str]) -> int:
        """Add accounts that are like the account ``like``. See ``RunningLab.add_accounts``."""
        return int(self._client.request("POST", "accounts", {"like": like, "accounts": list(accounts)})["buckets"])

    def set_region(self, account: str, region: str, *, enabled: bool) -> None:
        """Enable or disable a region in an account. See ``RunningLab.set_region``."""
        self._client.request("PUT", "region", {"account": account, "region": region, "enabled": enabled})

    def set_account_state(self, account: str, state: str) -> None:
        """Set the state of an account. See ``RunningLab.set_account_state``."""
        self._client.request("PUT", "account", {"account": account, "state": state})

    def reset(self) -> None:
        """Start with an empty state."""
        self._client.request("POST", "reset")

    def client(
        self,
        service: str,
        *,
        region: str = DEFAULT_REGION,
        account: str = DEFAULT_ACCOUNT,
        credentials: Mapping[str, Any] | None = None,
        **config: Any,
    ) -> Any:
        """Return a boto3 client. See ``aws_client`` for the options."""
        return aws_client(self.url, service, region=region, account=account, credentials=credentials, **config)

    def writes(self) -> list[CallRecord]:
        """Return the calls that can change a resource."""
        return self.calls.writes()
