# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Retries: a bucket that is throttled without end costs itself only."""

from __future__ import annotations

import random
from typing import Any, cast

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ReadTimeoutError
from botocore.httpsession import URLLib3Session

from ansible_collections.sealed.s3.plugins.module_utils.aws.accounts.assume_role import assume_role
from ansible_collections.sealed.s3.plugins.module_utils.aws.buckets.s3_buckets import S3Buckets
from ansible_collections.sealed.s3.plugins.module_utils.aws.direct.connection import Headers, Response
from ansible_collections.sealed.s3.plugins.module_utils.aws.direct.transport import CannotConnect, Transport
from ansible_collections.sealed.s3.plugins.module_utils.aws.retries import MAX_ATTEMPTS
from ansible_collections.sealed.s3.plugins.module_utils.aws.session import Clients, Connection
from ansible_collections.sealed.s3.plugins.module_utils.model.accounts.account import AssumedRole
from ansible_collections.sealed.s3.plugins.module_utils.model.arn import Arn
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


class CountedPace:
    """Counts what a pace is told."""

    def __init__(self) -> None:
        self.waits = self.refusals = 0

    def wait(self) -> None:
        """Count a request."""
        self.waits += 1

    def throttled(self) -> None:
        """Count an answer that asks for fewer requests."""
        self.refusals += 1


@pytest.mark.parametrize("has_client", [False, True])
def test_each_attempt_waits_for_the_pace(
    buckets: tuple[S3Buckets, list[str], list[float]], has_client: bool, request: pytest.FixtureRequest
) -> None:
    """Those of direct calls, too. Each answer that asks for fewer requests is told."""
    s3, requested, _slept = buckets
    pace, clients = CountedPace(), s3._clients
    if has_client:
        clients.get("s3")
    clients.set_pace(pace)
    names = ["stuck-0", *(f"other-{number}" for number in range(50))]
    assert list(failures(s3, names, write=False)) == ["stuck-0"]
    assert pace.refusals == len(requested) - 50 > MAX_ATTEMPTS
    # A direct call that finds no connection has waited, too.
    without_connection = 0 if request.node.callspec.params["buckets"] == "directly" else len(names)
    assert pace.waits == len(requested) + without_connection


def test_a_later_client_has_the_pace(buckets: tuple[S3Buckets, list[str], list[float]]) -> None:
    """That of a region which a redirect leads to, and that for calls which are made once."""
    s3, requested, _slept = buckets
    pace, clients = CountedPace(), s3._clients
    clients.set_pace(pace)
    for client in (clients.get("s3", "eu-west-1"), clients.get("s3", retries=False)):
        client.direct = None
        with pytest.raises(client.exceptions.ClientError):
            client.delete_bucket_encryption(Bucket="stuck")
    assert (pace.waits, pace.refusals) == (len(requested), len(requested)) == (MAX_ATTEMPTS + 1,) * 2


def test_a_silent_sts_is_asked_twice_for_a_role(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each account of a fleet would wait for all attempts, and a signal that ends the run with it."""
    sent = []

    def send(_session: object, request: Any) -> AWSResponse:
        sent.append(request.url)
        raise ReadTimeoutError(endpoint_url=request.url)

    monkeypatch.setattr(URLLib3Session, "send", send)
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)
    options = {"aws_access_key_id": "any", "aws_secret_access_key": "any"}
    clients = Clients(Connection(region="us-east-1", options=options))
    with pytest.raises(OperationError) as caught:
        assume_role(clients, AssumedRole(Arn.parse("arn:aws:iam::111122223333:role/fleet")), "{}")
    assert (caught.value.failure.kind, len(sent)) == (FailureKind.UNREACHABLE, 2)
