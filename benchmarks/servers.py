# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What is measured against: the fast endpoint, with a delay, and the lab. Each counts the calls that reach it."""

from __future__ import annotations

import base64
import collections
import hashlib
import http.client
import json
import subprocess
import time
from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from endpoint import ACCOUNT, bucket_names

REGION = "us-east-1"
STARTUP_TIMEOUT = 30.0  # seconds that a server may take until it answers

_RULE = (
    '<ServerSideEncryptionConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Rule>'
    "<ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>{kms_key}</KMSMasterKeyID>"
    "</ApplyServerSideEncryptionByDefault><BucketKeyEnabled>true</BucketKeyEnabled></Rule>"
    "</ServerSideEncryptionConfiguration>"
)


ServerT = TypeVar("ServerT", bound="Server")


class Server(ABC):
    """A process of ours that answers like S3, for the length of a `with` block."""

    label: str

    def __init__(self, command: list[str | Path]) -> None:
        self._command = command
        self._process: subprocess.Popen[str]
        self._connection: http.client.HTTPConnection
        self.url = ""
        self.kms_key = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"

    def __enter__(self: ServerT) -> ServerT:
        """Start, wait until it answers, and have what all scenes share."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True, start_new_session=True)
        assert self._process.stdout
        self.url = self._process.stdout.readline().strip()
        if not self.url.startswith("http://127.0.0.1:"):
            raise SystemExit(f"{self._command[-1]} did not start")
        self._connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=STARTUP_TIMEOUT)
        try:
            self.set_up()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self._connection.close()
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def set_up(self) -> None:  # noqa: B027 (most servers have nothing)
        """Have what all scenes share."""

    @abstractmethod
    def prepare(self, count: int, *, as_asked: bool) -> None:
        """Have this many buckets, all of them as the task asks or none, and count from zero."""

    @abstractmethod
    def counts(self) -> dict[str, int]:
        """The calls since then, by operation."""

    def _ask(self, method: str, path: str, body: str = "", headers: dict[str, str] | None = None) -> bytes:
        self._connection.request(method, path, body, headers or {})
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status >= 300:
            raise SystemExit(f"{method} {path}: {answer.status} {content.decode(errors='replace')}")
        return content


class FastEndpoint(Server):
    """Canned answers, each of them late by the same delay."""

    def __init__(self, python: Path, delay_ms: int) -> None:
        super().__init__([python, Path(__file__).parent / "endpoint.py"])
        self._delay_ms = delay_ms
        self.label = f"fast, {delay_ms} ms"

    def prepare(self, count: int, *, as_asked: bool) -> None:
        """Begin again."""
        wanted = {"buckets": count, "delay_ms": self._delay_ms, "kms_key": self.kms_key if as_asked else None}
        self._ask("POST", "/_bench/reset", json.dumps(wanted))

    def counts(self) -> dict[str, int]:
        """As the endpoint counted."""
        counted: dict[str, int] = json.loads(self._ask("GET", "/_bench/counts"))
        return counted


class LabServer(Server):
    """The tests' stand-in for AWS. It keeps its buckets between the runs, so only their rules are set again."""

    label = "lab"

    def __init__(self, python: Path) -> None:
        super().__init__([python, "-m", "sealed_lab", "--port", "0"])
        self._buckets: list[str] = []

    def set_up(self) -> None:
        """Make the key."""
        what = {"X-Amz-Target": "TrentService.CreateKey", "Content-Type": "application/x-amz-json-1.1"}
        answer: dict[str, Any] = json.loads(self._ask("POST", "/", "{}", signed(**what)))
        self.kms_key = answer["KeyMetadata"]["Arn"]

    def prepare(self, count: int, *, as_asked: bool) -> None:
        """Make the buckets that are missing, take away those that are too many, and set all rules."""
        wanted = bucket_names(count)
        for bucket in self._buckets[count:]:
            self._ask("DELETE", f"/{bucket}", headers=signed())
        for bucket in wanted[len(self._buckets) :]:
            self._ask("PUT", f"/{bucket}", headers=signed())
        self._buckets = wanted
        rule = _RULE.format(kms_key=self.kms_key)
        checksum = base64.b64encode(hashlib.md5(rule.encode()).digest()).decode()
        for bucket in wanted:
            if as_asked:
                self._ask("PUT", f"/{bucket}?encryption", rule, signed(**{"Content-MD5": checksum}))
            else:
                self._ask("DELETE", f"/{bucket}?encryption", headers=signed())
        self._ask("DELETE", "/_lab/calls")

    def counts(self) -> dict[str, int]:
        """As the lab's own record has it."""
        return dict(collections.Counter(call["operation"] for call in self.records()))

    def records(self) -> list[dict[str, Any]]:
        """Each call in the lab's own record."""
        calls: list[dict[str, Any]] = json.loads(self._ask("GET", "/_lab/calls"))["calls"]
        return calls


def signed(**headers: str) -> dict[str, str]:
    """Enough for the lab: unless it is told to, it checks no signature, but it looks at the clock."""
    now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    scope = f"{ACCOUNT}/{now[:8]}/{REGION}/s3/aws4_request"
    return {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
        "X-Amz-Content-Sha256": "UNSIGNED-PAYLOAD",
        "X-Amz-Date": now,
        **headers,
    }
