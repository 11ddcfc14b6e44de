# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Retries: a bucket that is throttled without end costs itself only."""

from __future__ import annotations

import random
from typing import Any, cast

import pytest
from botocore.awsrequest import AWSResponse
from botocore.httpsession import URLLib3Session

from ansible_collections.sealed.s3.plugins.module_utils.aws.buckets.s3_buckets import S3Buckets
from ansible_collections.sealed.s3.plugins.module_utils.aws.direct.connection import Headers, Response
from ansible_collections.sealed.s3.plugins.module_utils.aws.direct.transport import CannotConnect, Transport
from ansible_collections.sealed.s3.plugins.module_utils.aws.retries import MAX_ATTEMPTS
from ansible_collections.sealed.s3.plugins.module_utils.aws.session import Clients, Connection
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.bucket_default import BucketDefault
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind, OperationError

from .test_response_check import OK_RULE, STORE, Body

SLOW_DOWN = b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"


@pytest.fixture(params=["directly", "by the client"])
def buckets(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> tuple[S3Buckets, list[str], list[float]]:
    """The buckets of a store that throttles every request for `stuck-…`, and each tenth request for another.

    With them, the names of the buckets that were requested, and the seconds of each wait.
    """
    chance, requested, slept = random.Random(12), list[str](), list[float]()

    def answer(method: str, url: str) -> tuple[int, bytes]:
        name = url.split("?")[0].rsplit("/", 1)[-1]
        requested.append(name)
        throttled = name.startswith("stuck") or chance.random() < 0.1
        return (503, SLOW_DOWN) if throttled else (200, b"" if method == "PUT" else OK_RULE)

    def send(_session: object, sent: Any) -> AWSResponse:
        status, body = answer(sent.method, sent.url)
        return AWSResponse(sent.url, status, cast(Any, STORE), Body(body))

    def send_directly(_transport: object, method: str, content: bytes, **_options: Any) -> Response:
        if request.param != "directly":
            raise CannotConnect
        status, body = answer(method, content.split(b" ")[1].decode())
        return Response(status, Headers({name.lower(): value for name, value in STORE.items()}), body)

    monkeypatch.setattr(Transport, "send", send_directly)

    monkeypatch.setattr(URLLib3Session, "send", send)
    monkeypatch.setattr("botocore.endpoint.time.sleep", slept.append)
    options = {"aws_access_key_id": "any", "aws_secret_access_key": "any"}
    clients = Clients(Connection(region="us-east-1", endpoint_url="http://store.example", options=options))
    return S3Buckets(clients), requested, slept


def failures(s3: S3Buckets, names: list[str], *, write: bool) -> dict[str, Failure]:
    """The failure of each bucket that could not be read or written."""
    found = {}
    for name in names:
        try:
            if write:
                s3.put_bucket_encryption(name, BucketDefault("SSE-S3"), "us-east-1")
            else:
                s3.get_bucket_encryption(name)
        except OperationError as error:
            found[name] = error.failure
    return found


@pytest.mark.parametrize("write", [False, True], ids=["read", "write"])
def test_buckets_that_are_throttled_without_end_cost_no_other(
    buckets: tuple[S3Buckets, list[str], list[float]], write: bool
) -> None:
    """With the quota of the SDK, which all calls share, other buckets fail at their first throttle."""
    s3, requested, slept = buckets
    stuck = [f"stuck-{number}" for number in range(100)]
    names = [*stuck, *(f"other-{number}" for number in range(200))]
    failed = failures(s3, names, write=write)
    assert list(failed) == stuck
    assert {failure.kind for failure in failed.values()} == {FailureKind.THROTTLED}
    assert requested.count("stuck-0") == MAX_ATTEMPTS
    assert max(slept) <= 16
