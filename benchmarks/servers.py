# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The servers of the measurements: the fast endpoint, with a delay, and the lab. Each counts the calls it receives.

Both stand in the place of AWS: the tools send their requests to AWS's own host names, over TLS, through a proxy.
"""

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

import environments
import lab
from contestants import Programs
from names import ACCOUNT, bucket_names

REGION = "us-east-1"
STARTUP_TIMEOUT = 30.0  # seconds until a server must answer

_RULE = (
    '<ServerSideEncryptionConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Rule>'
    "<ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>{kms_key}</KMSMasterKeyID>"
    "</ApplyServerSideEncryptionByDefault><BucketKeyEnabled>true</BucketKeyEnabled></Rule>"
    "</ServerSideEncryptionConfiguration>"
)


ServerT = TypeVar("ServerT", bound="Server")


class Server(ABC):
    """A server process that emulates S3 during a `with` block."""

    label: str

    def __init__(self, command: list[str | Path]) -> None:
        self._authority = environments.CACHE / "bench" / "authority.pem"
        self._authority.parent.mkdir(parents=True, exist_ok=True)
        self._command = [*command, "--ca-file", self._authority]
        self._process: subprocess.Popen[str]
        self._connection: http.client.HTTPConnection
        self.url = ""
        self.kms_key = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
        self.other_key = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0987dcba-09fe-87dc-65ba-ab0987654321"

    def __enter__(self: ServerT) -> ServerT:
        """Start the server, wait until it answers, and create what all scenarios share."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True, start_new_session=True)
        assert self._process.stdout
        self.url = self._process.stdout.readline().strip()
        if not self.url.startswith("http://127.0.0.1:"):
            raise SystemExit(f"{' '.join(map(str, self._command))} did not start")
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
        """Stop the server."""
        self._connection.close()
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def environment(self) -> dict[str, str]:
        """The environment of a tool: the server in the place of AWS, without a real account or settings of Ansible."""
        variables = lab.environment_at_aws(self.url, self._authority)
        return {name: value for name, value in variables.items() if not name.startswith("ANSIBLE_")}

    def set_up(self) -> None:  # noqa: B027 (optional for subclasses)
        """Create what all scenarios share."""

    def prepare(self, count: int, *, compliant: bool) -> None:
        """Provide this many buckets, all of them compliant or all under SSE-S3, and reset the counts."""
        self.prepare_with(count, self.kms_key if compliant else None)

    @abstractmethod
    def prepare_with(self, count: int, kms_key: str | None) -> None:
        """Provide this many buckets, all of them with this key or under SSE-S3 (None), and reset the counts."""

    @abstractmethod
    def counts(self) -> dict[str, int]:
        """The calls since `prepare`, by operation."""

    def _request(self, method: str, path: str, body: str = "", headers: dict[str, str] | None = None) -> bytes:
        self._connection.request(method, path, body, headers or {})
        response = self._connection.getresponse()
        content = response.read()
        if response.status >= 300:
            raise SystemExit(f"{method} {path}: {response.status} {content.decode(errors='replace')}")
        return content


class FastEndpoint(Server):
    """Canned responses, all with the same delay."""

    def __init__(self, programs: Programs, delay_ms: int) -> None:
        # It needs the lab of the tools, and uvloop of the environment of the benchmarks.
        (packages,) = programs.own.parent.glob("lib/python*/site-packages")
        endpoint = Path(__file__).parent / "endpoint.py"
        super().__init__([programs.tools / "python", endpoint, "--packages", packages])
        self._delay_ms = delay_ms
        self.label = f"fast, {delay_ms} ms"

    def prepare_with(self, count: int, kms_key: str | None) -> None:
        """Reset the endpoint."""
        settings = {"buckets": count, "delay_ms": self._delay_ms, "kms_key": kms_key}
        self._request("POST", "/_bench/reset", json.dumps(settings))

    def counts(self) -> dict[str, int]:
        """The counts of the endpoint."""
        counted: dict[str, int] = json.loads(self._request("GET", "/_bench/counts"))
        return counted


class LabServer(Server):
    """The emulator of the tests. It keeps its buckets between the runs, so that only their rules are set again."""

    label = "lab"

    def __init__(self, python: Path, port: int = 0) -> None:
        super().__init__([python, "-m", "sealed_lab", "--port", str(port)])
        self._buckets: list[str] = []

    def set_up(self) -> None:
        """Create the key."""
        headers = {"X-Amz-Target": "TrentService.CreateKey", "Content-Type": "application/x-amz-json-1.1"}
        response: dict[str, Any] = json.loads(self._request("POST", "/", "{}", signed(**headers)))
        self.kms_key = response["KeyMetadata"]["Arn"]

    def prepare_with(self, count: int, kms_key: str | None) -> None:
        """Create the missing buckets, delete the surplus ones, and set all rules."""
        names = bucket_names(count)
        for bucket in self._buckets[count:]:
            self._request("DELETE", f"/{bucket}", headers=signed())
        for bucket in names[len(self._buckets) :]:
            self._request("PUT", f"/{bucket}", headers=signed())
        self._buckets = names
        for bucket in names:
            self._set_key(bucket, kms_key)
        self._request("DELETE", "/_lab/calls")

    def set_rule(self, bucket: str, *, compliant: bool) -> None:
        """Set the default encryption of a bucket, or remove it."""
        self._set_key(bucket, self.kms_key if compliant else None)

    def _set_key(self, bucket: str, kms_key: str | None) -> None:
        if kms_key is None:
            self._request("DELETE", f"/{bucket}?encryption", headers=signed())
            return
        rule = _RULE.format(kms_key=kms_key)
        checksum = base64.b64encode(hashlib.md5(rule.encode()).digest()).decode()
        self._request("PUT", f"/{bucket}?encryption", rule, signed(**{"Content-MD5": checksum}))

    def counts(self) -> dict[str, int]:
        """The counts of the lab's call log."""
        return dict(collections.Counter(call["operation"] for call in self.records()))

    def records(self) -> list[dict[str, Any]]:
        """All calls in the lab's call log."""
        calls: list[dict[str, Any]] = json.loads(self._request("GET", "/_lab/calls"))["calls"]
        return calls


def signed(**headers: str) -> dict[str, str]:
    """Headers that the lab accepts: by default it checks the time of a request, but not its signature."""
    now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    scope = f"{ACCOUNT}/{now[:8]}/{REGION}/s3/aws4_request"
    return {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
        "X-Amz-Content-Sha256": "UNSIGNED-PAYLOAD",
        "X-Amz-Date": now,
        **headers,
    }
