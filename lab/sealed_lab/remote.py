# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""A lab in another process, over its control endpoints, with the same methods as ``RunningLab``."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any

from .aws_clients import aws_client
from .call_log import CallRecord


class _ControlClient:
    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")

    def request(self, method: str, path: str, document: Any = None) -> Any:
        data = None if document is None else json.dumps(document).encode()
        request = urllib.request.Request(f"{self.url}/_lab/{path}", data=data, method=method)
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.loads(response.read())


class RemoteCalls:
    """The call log of a remote lab; every look is a request."""

    def __init__(self, client: _ControlClient) -> None:
        self._client = client

    def select(self, **filters: Any) -> list[CallRecord]:
        """Calls whose fields equal what is wanted."""
        query = urllib.parse.urlencode(filters)
        return [CallRecord(**each) for each in self._client.request("GET", f"calls?{query}")["calls"]]

    def writes(self) -> list[CallRecord]:
        """Calls that would change something."""
        return self.select(access="write")

    def operations(self) -> list[str]:
        """Operation names in order."""
        return [record.operation for record in self.select()]

    def clear(self) -> None:
        """Forget everything."""
        self._client.request("DELETE", "calls")

    def __iter__(self) -> Iterator[CallRecord]:
        return iter(self.select())

    def __len__(self) -> int:
        return len(self.select())


class RemoteFaults:
    """The rules in force in a remote lab."""

    def __init__(self, client: _ControlClient) -> None:
        self._client = client

    def add(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Put a rule in force."""
        rule: dict[str, Any] = self._client.request("POST", "faults", {"kind": kind, **fields})
        return rule

    def clear(self) -> None:
        """No more failures."""
        self._client.request("DELETE", "faults")

    def hits(self) -> int:
        """How many calls were befallen so far."""
        return sum(rule["hits"] for rule in self._client.request("GET", "faults")["faults"])


class RemoteClock:
    """The time of a remote lab."""

    def __init__(self, client: _ControlClient) -> None:
        self._client = client

    def now(self) -> float:
        """Seconds since the epoch."""
        return float(self._client.request("GET", "clock")["time"])

    def advance(self, seconds: float = 0.0, *, days: float = 0.0) -> float:
        """Move time; returns the new time."""
        return float(self._client.request("POST", "clock", {"seconds": seconds, "days": days})["time"])


class RemoteLab:
    """A lab that somebody else started."""

    def __init__(self, url: str) -> None:
        self._client = _ControlClient(url)
        self.calls = RemoteCalls(self._client)
        self.faults = RemoteFaults(self._client)
        self.clock = RemoteClock(self._client)

    @property
    def url(self) -> str:
        """The endpoint for every service."""
        return self._client.url

    @property
    def rotation_seconds(self) -> float:
        """How long KMS takes for a rotation on demand after its answer, by the lab's clock; assignable."""
        return float(self._client.request("GET", "rotation")["seconds"])

    @rotation_seconds.setter
    def rotation_seconds(self, value: float) -> None:
        self._client.request("PUT", "rotation", {"seconds": value})

    @property
    def enforcing(self) -> bool:
        """Whether signatures and policies are enforced; assignable."""
        return bool(self._client.request("GET", "enforcement")["enforcing"])

    @enforcing.setter
    def enforcing(self, value: bool) -> None:
        self._client.request("PUT", "enforcement", {"enforcing": value})

    def healthy(self) -> bool:
        """Whether it answers."""
        try:
            return bool(self._client.request("GET", "health")["status"] == "ok")
        except OSError:
            return False

    def reset(self) -> None:
        """A new world."""
        self._client.request("POST", "reset")

    def client(self, service: str, **options: Any) -> Any:
        """A boto3 client; see ``aws_client`` for the options."""
        return aws_client(self.url, service, **options)

    def writes(self) -> list[CallRecord]:
        """Calls that would change something."""
        return self.calls.writes()
