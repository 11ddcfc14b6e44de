# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Events of CloudTrail in the documented format, and the endpoint of the requests."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

pytest.importorskip("boto3")

from ansible_collections.sealed.s3.plugins.module_utils.aws.keys.cloudtrail import CloudTrail, flatten_event
from ansible_collections.sealed.s3.plugins.module_utils.aws.session import Clients, Connection
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_usage import UsageEvent

KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
WHEN = datetime(2026, 11, 1, 13, tzinfo=timezone(timedelta(hours=1)))
USER = {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/alice", "accountId": "111122223333"}
ROLE = "arn:aws:iam::111122223333:role/team/app"
SESSION = {
    "type": "AssumedRole",
    "arn": "arn:aws:sts::111122223333:assumed-role/app/nightly",
    "sessionContext": {"sessionIssuer": {"type": "Role", "arn": ROLE}},
}


def event(record: Any, **more: Any) -> dict[str, Any]:
    return {
        "EventName": "GenerateDataKey",
        "EventTime": WHEN,
        "Username": "some-user",
        "CloudTrailEvent": json.dumps(record),
        **more,
    }


@pytest.mark.parametrize(
    ("identity", "principal", "via"),
    [
        pytest.param(USER, "arn:aws:iam::111122223333:user/alice", None, id="user"),
        pytest.param({**SESSION, "invokedBy": "AWS Internal"}, ROLE, "AWS Internal", id="role, through a service"),
        pytest.param(
            {"type": "AWSService", "invokedBy": "dynamodb.amazonaws.com"}, "dynamodb.amazonaws.com", None, id="service"
        ),
        pytest.param(
            {"type": "AWSService", "principalId": "user", "invokedBy": "AWS Internal"},
            "AWS Internal",
            None,
            id="service with a principal id",
        ),
        pytest.param(
            {"type": "AWSAccount", "accountId": "444455556666", "principalId": "AIDAEXAMPLE"},
            "444455556666",
            None,
            id="another account",
        ),
        pytest.param({"type": "WebIdentityUser", "principalId": "idp:app"}, "idp:app", None, id="federated"),
        pytest.param({}, "some-user", None, id="nothing reported"),
        pytest.param(None, "some-user", None, id="null"),
    ],
)
def test_the_principal_of_an_event(identity: Any, principal: str, via: str | None) -> None:
    """The role of a session with any name; a service that calls for a principal is not the principal."""
    found = flatten_event(event({"userIdentity": identity}))
    assert (found.principal, found.via) == (principal, via)


def test_all_fields_of_an_event() -> None:
    """In UTC, with the bucket of the encryption context and the error."""
    record = {
        "userIdentity": USER,
        "requestParameters": {"encryptionContext": {"aws:s3:arn": "arn:aws:s3:::amzn-s3-demo-bucket/a/b:::c"}},
        "errorCode": "AccessDenied",
    }
    assert flatten_event(event(record)) == UsageEvent(
        "2026-11-01T12:00:00+00:00",
        "GenerateDataKey",
        "arn:aws:iam::111122223333:user/alice",
        None,
        "AccessDenied",
        "amzn-s3-demo-bucket",
    )


@pytest.mark.parametrize(
    ("context", "bucket"),
    [
        ({"aws:s3:arn": "arn:aws-cn:s3:::amzn-s3-demo-bucket"}, "amzn-s3-demo-bucket"),
        ({"Department": "Engineering"}, None),
        (None, None),
    ],
)
def test_the_bucket(context: Any, bucket: str | None) -> None:
    """With a bucket key, the context is the ARN of the bucket. Other services use other contexts."""
    assert flatten_event(event({"requestParameters": {"encryptionContext": context}})).bucket == bucket
    assert flatten_event(event({"requestParameters": None})).bucket is None


AWS, STORE, LAB = None, "https://store.example", "https://trail.example"
KMS, TRAIL = "https://kms.us-east-1.amazonaws.com", "cloudtrail.us-east-1.amazonaws.com"


@pytest.mark.parametrize(
    ("endpoint", "kms", "cloudtrail", "host"),
    [
        pytest.param(AWS, AWS, AWS, TRAIL, id="AWS"),
        pytest.param(STORE, KMS, AWS, TRAIL, id="keys at AWS"),
        pytest.param(STORE, AWS, AWS, None, id="a store"),
        pytest.param(AWS, STORE, AWS, None, id="keys elsewhere"),
        pytest.param(STORE, AWS, LAB, "trail.example", id="named"),
        pytest.param(AWS, AWS, LAB, "trail.example", id="named, with keys at AWS"),
    ],
)
def test_the_endpoint_of_requests(
    endpoint: str | None, kms: str | None, cloudtrail: str | None, host: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AWS if the keys are at AWS, or the named endpoint, and no other server: requests carry credentials."""
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_CLOUDTRAIL", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    options = {"aws_access_key_id": "AKIAEXAMPLE", "aws_secret_access_key": "secret"}
    clients = Clients(Connection("us-east-1", endpoint, kms, cloudtrail, options=options))
    sent: list[str] = []

    class Stopped(Exception):
        pass

    def note(request: Any, **_event: Any) -> None:
        sent.append(request.url.split("/")[2])
        raise Stopped

    clients.get("cloudtrail").meta.events.register("before-send", note)
    with pytest.raises((Stopped, OperationError)) as stopped:
        CloudTrail(clients).lookup_events(KEY, None, None)
    assert sent == ([host] if host else [])
    if not host:
        assert isinstance(stopped.value, OperationError)
        assert stopped.value.failure.kind is FailureKind.UNSUPPORTED


def test_the_endpoint_of_all_services_is_not_used_for_cloudtrail(monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS_ENDPOINT_URL applies to every service of the SDK, but requests to CloudTrail are not sent there."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", STORE)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    options = {"aws_access_key_id": "AKIAEXAMPLE", "aws_secret_access_key": "secret"}
    with pytest.raises(OperationError, match="not at AWS"):
        CloudTrail(Clients(Connection("us-east-1", None, KMS, options=options))).lookup_events(KEY, None, None)


def test_no_server_is_known_to_be_aws_without_a_check_of_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the cause: the endpoint itself is right."""
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    options = {"aws_access_key_id": "AKIAEXAMPLE", "aws_secret_access_key": "secret", "verify": False}
    with pytest.raises(OperationError, match="Certificates are not checked") as refused:
        CloudTrail(Clients(Connection("us-east-1", None, KMS, options=options))).lookup_events(KEY, None, None)
    assert "validate_certs" in (refused.value.failure.advice or "")
