# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The endpoint of S3 Control, for each endpoint that a task may set."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.httpsession import URLLib3Session

from ansible_collections.sealed.s3.plugins.module_utils.aws.batch_jobs.batch_jobs import BatchJobs
from ansible_collections.sealed.s3.plugins.module_utils.aws.session import Clients, Connection

ACCOUNT = "111122223333"
VPCE = "vpce-1a2b3c4d-5e6f"

# The endpoint of the task, its region, the SDK's options, and the host that gets the request.
CASES: dict[str, tuple[str | None, str, dict[str, Any], str]] = {
    "AWS": (None, "us-east-1", {}, f"{ACCOUNT}.s3-control.us-east-1.amazonaws.com"),
    "China": (None, "cn-north-1", {}, f"{ACCOUNT}.s3-control.cn-north-1.amazonaws.com.cn"),
    "GovCloud": (None, "us-gov-west-1", {}, f"{ACCOUNT}.s3-control.us-gov-west-1.amazonaws.com"),
    "FIPS": (
        None,
        "us-east-1",
        {"use_fips_endpoint": True},
        f"{ACCOUNT}.s3-control-fips.us-east-1.amazonaws.com",
    ),
    "dual stack": (
        None,
        "us-east-1",
        {"use_dualstack_endpoint": True},
        f"{ACCOUNT}.s3-control.dualstack.us-east-1.amazonaws.com",
    ),
    "the endpoint of S3": (
        "https://s3.us-east-1.amazonaws.com",
        "us-east-1",
        {},
        f"{ACCOUNT}.s3-control.us-east-1.amazonaws.com",
    ),
    "acceleration": (
        "https://s3-accelerate.amazonaws.com",
        "us-east-1",
        {},
        f"{ACCOUNT}.s3-control.us-east-1.amazonaws.com",
    ),
    "an interface endpoint": (
        f"https://bucket.{VPCE}.s3.us-east-1.vpce.amazonaws.com",
        "us-east-1",
        {},
        f"{ACCOUNT}.control.{VPCE}.s3.us-east-1.vpce.amazonaws.com",
    ),
    "the interface endpoint of S3 Control": (
        f"https://control.{VPCE}.s3.us-east-1.vpce.amazonaws.com",
        "us-east-1",
        {},
        f"{ACCOUNT}.control.{VPCE}.s3.us-east-1.vpce.amazonaws.com",
    ),
    "an address": ("http://127.0.0.1:9000", "us-east-1", {}, "127.0.0.1:9000"),
    "an IPv6 address": ("http://[::1]:9000", "us-east-1", {}, "[::1]:9000"),
    "a store": ("https://store.example/base", "us-east-1", {}, "store.example"),
}


@pytest.mark.parametrize("case", list(CASES))
def test_the_host_of_a_request(monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    """The account id is a part of it at AWS only. The request is signed for that host, with Signature Version 4."""
    endpoint, region, config, host = CASES[case]
    sent: list[AWSPreparedRequest] = []

    class Sent(Exception):
        pass

    def send(session: URLLib3Session, request: AWSPreparedRequest) -> None:
        sent.append(request)
        raise Sent

    monkeypatch.setattr(URLLib3Session, "send", send)
    options = {"aws_access_key_id": "key", "aws_secret_access_key": "secret"}
    clients = Clients(Connection(region=region, endpoint_url=endpoint, options=options, config=config))
    with pytest.raises(Sent):
        list(BatchJobs(clients, ACCOUNT, region).list_jobs())
    (request,) = sent
    headers = {name.lower(): value for name, value in request.headers.items()}
    assert urlsplit(request.url).netloc == host
    assert headers["x-amz-account-id"] in (ACCOUNT, ACCOUNT.encode())
    assert f"/{region}/s3/aws4_request" in str(headers["authorization"])
    assert "SignedHeaders=host;" in str(headers["authorization"])
    assert "x-amz-content-sha256" in headers
