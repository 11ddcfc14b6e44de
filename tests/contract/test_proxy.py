# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""AWS behind a proxy: what refuses the connection, and what breaks it."""

from __future__ import annotations

from typing import Any

import pytest

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


def test_a_lost_response_to_a_read_of_a_fleet(task: Task, bucket: str, lab: Any) -> None:
    """The SDK reports it as a failure of the proxy, and the read is repeated."""
    lab.faults.add("lost_answer", operation="GetBucketEncryption")
    result = task("bucket_default_encryption", buckets=[bucket], encryption="SSE-KMS")
    assert not result.get("failed"), result
    assert result["changed"]
