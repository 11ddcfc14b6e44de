# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""AWS behind a proxy: what refuses the connection, and what breaks it."""

from __future__ import annotations

import itertools
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore import auth
from botocore.httpsession import URLLib3Session
from sealed_lab.authority import Authority

from ansible_collections.sealed.s3.plugins.module_utils.aws.direct.transport import Transport

from .conftest import Task

pytestmark = pytest.mark.usefixtures("at_aws")
ONE_ATTEMPT = {"aws_config": {"retries": {"total_max_attempts": 1}}}


@pytest.mark.parametrize(
    ("module", "options"),
    [
        pytest.param("bucket_default_encryption", {"buckets": ["any"], "encryption": "SSE-KMS"}, id="buckets"),
        pytest.param("s3_encrypted_object", {"bucket": "any", "key": "a", "content": "text"}, id="objects"),
        pytest.param("kms_key_for_s3", {"alias": "app"}, id="keys"),
    ],
)
@pytest.mark.parametrize(
    ("proxy", "region", "cause"),
    [
        pytest.param(None, "us-east-99", "Tunnel connection failed: 403", id="refused"),
        pytest.param("http://user:hunter2@127.0.0.1:1", "us-east-1", "Connection refused", id="down"),
    ],
)
def test_a_proxy_that_does_not_connect(
    task: Task,
    monkeypatch: pytest.MonkeyPatch,
    module: str,
    options: dict[str, Any],
    proxy: str | None,
    region: str,
    cause: str,
) -> None:
    """The task is unreachable, with the cause and without the password of the proxy. Nothing has been sent."""
    if proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        monkeypatch.setenv("https_proxy", proxy)
    result = task(module, region=region, **options, **ONE_ATTEMPT)
    failed = result["buckets"][0] if module == "bucket_default_encryption" else result
    assert failed["error"]["kind"] == "unreachable", result
    message = failed["error"]["message"] if module == "bucket_default_encryption" else failed["msg"]
    assert cause in message
    assert "could not be called" in message
    assert "hunter2" not in str(result)


FAULTS = ("lost_answer", "reset_before", "reset_after", "internal_error", "throttle")
FAILURES = [
    *itertools.product(FAULTS, ["GetBucketEncryption", "PutBucketEncryption"]),
    ("lost_answer", "GetBucketPolicy"),
    ("internal_error", "GetBucketAcl"),
]


@pytest.mark.parametrize(("fault", "operation"), FAILURES)
def test_a_call_of_a_fleet_that_fails_once(task: Task, bucket: str, lab: Any, fault: str, operation: str) -> None:
    """It is repeated once, and the task succeeds."""
    lab.faults.add(fault, operation=operation)
    result = task("bucket_default_encryption", buckets=[bucket], encryption="SSE-KMS")
    assert not result.get("failed"), result
    assert result["changed"]
    assert result["summary"]["api_calls"] == 5
    assert not result.get("warnings")


@pytest.mark.parametrize("right", [pytest.param(0, id="read"), pytest.param(1, id="write")])
def test_a_clock_that_is_wrong(task: Task, bucket: str, monkeypatch: pytest.MonkeyPatch, right: int) -> None:
    """S3 refuses the request, and the error says why. The request is not sent again. `right` signatures are right."""
    clock: Any = auth  # the stubs do not have its function
    signatures, sign, now = itertools.count(), auth.S3SigV4Auth.add_auth, clock.get_current_datetime

    def sign_late(signer: Any, request: Any) -> Any:
        with pytest.MonkeyPatch.context() as patch:
            if next(signatures) >= right:
                patch.setattr(auth, "get_current_datetime", lambda: now() - timedelta(hours=1))
            return sign(signer, request)

    monkeypatch.setattr(auth.S3SigV4Auth, "add_auth", sign_late)
    result = task("bucket_default_encryption", buckets=[bucket], encryption="SSE-KMS")
    assert result["buckets"][0]["error"]["code"] == "RequestTimeTooSkewed"
    assert result["summary"]["api_calls"] == right + 1


@pytest.fixture
def sent_by(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Records the transport of each request to S3."""
    sent: list[str] = []
    by_client, directly = URLLib3Session.send, Transport.send

    def send_by_client(session: URLLib3Session, request: Any) -> Any:
        if "s3" in request.url:
            sent.append("client")
        return by_client(session, request)

    def send_directly(transport: Transport, method: str, content: bytes, **options: Any) -> Any:
        sent.append("direct")
        return directly(transport, method, content, **options)

    monkeypatch.setattr(URLLib3Session, "send", send_by_client)
    monkeypatch.setattr(Transport, "send", send_directly)
    return sent


@pytest.mark.parametrize(
    ("options", "transport"),
    [
        pytest.param({}, "direct", id="tunnel"),
        pytest.param({"aws_config": {"use_fips_endpoint": True}}, "direct", id="FIPS"),
        pytest.param({"aws_config": {"use_dualstack_endpoint": True}}, "direct", id="dual stack"),
        pytest.param({"aws_config": {"s3": {"addressing_style": "virtual"}}}, "client", id="virtual hosts"),
    ],
)
def test_the_calls_of_a_fleet_are_direct(
    task: Task, bucket: str, sent_by: list[str], options: dict[str, Any], transport: str
) -> None:
    """Through the tunnel of a proxy, with TLS. Other addresses than path style are left to the client."""
    result = task("bucket_default_encryption", buckets=[bucket], encryption="SSE-KMS", **options)
    assert result["changed"], result
    assert sent_by == [transport] * 4  # a move to a KMS key also reads the policy and the ACL


def test_a_server_with_an_unknown_authority(task: Task, bucket: str, lab: Any, tmp_path: Path) -> None:
    """Nothing is sent to it, and the error is that of the certificate."""
    bundle = tmp_path / "other.pem"
    bundle.write_bytes(Authority().certificate)
    result = task("bucket_default_encryption", buckets=[bucket], encryption="SSE-KMS", aws_ca_bundle=str(bundle))
    assert "CERTIFICATE_VERIFY_FAILED" in result["buckets"][0]["error"]["message"]
    assert lab.calls.select(operation="GetBucketEncryption") == []


def test_without_verification_the_calls_are_made(task: Task, bucket: str, tmp_path: Path) -> None:
    """As the task says. The server is not known to be AWS, so the write is read back."""
    result = task("bucket_default_encryption", buckets=[bucket], encryption="SSE-KMS", validate_certs=False)
    assert result["changed"], result
    assert result["summary"]["api_calls"] == 5
