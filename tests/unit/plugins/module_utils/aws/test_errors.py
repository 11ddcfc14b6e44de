# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Answers that are a status and no reason, from S3 to a HEAD, from proxies, and from stores of other makers."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config

from ansible_collections.sealed.s3.plugins.module_utils.aws.errors import translate_errors
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind, OperationError, Reason

Kind = FailureKind

PAGE = b"<html><head><title>Sorry</title></head><body><h1>Blocked by the company</h1></body></html>"
XHTML = b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title>Sorry</title></head></html>'
BODIES = {"nothing": b"", "a page": PAGE, "a page of XML": XHTML, "text": b"sorry"}
FROM_S3 = {"x-amz-request-id": "4442587FB7D0A2F9"}
NO_MARK = "The answer has no request id"


class _Body(io.BytesIO):
    def stream(self, **_options: Any) -> Iterator[bytes]:
        """What urllib3 calls it."""
        yield self.read()


def refusal(service: str, operation: str, status: int, headers: Mapping[str, str], body: bytes) -> Failure:
    """What a call becomes that gets this answer, parsed by the SDK itself."""
    client: Any = boto3.session.Session().client(  # type: ignore[call-overload]
        service,
        region_name="us-east-1",
        aws_access_key_id="any",
        aws_secret_access_key="any",
        config=Config(retries={"total_max_attempts": 1}),
    )
    client.meta.events.register(
        "before-send", lambda request, **_event: AWSResponse(request.url, status, dict(headers), _Body(body))
    )
    call, options = {
        "HeadObject": (getattr(client, "head_object", None), {"Bucket": "a-bucket", "Key": "a"}),
        "GetObject": (getattr(client, "get_object", None), {"Bucket": "a-bucket", "Key": "a"}),
        "UploadPart": (
            getattr(client, "upload_part", None),
            {"Bucket": "a-bucket", "Key": "a", "UploadId": "one", "PartNumber": 1},
        ),
        "PutKeyPolicy": (getattr(client, "put_key_policy", None), {"KeyId": "one", "Policy": "{}"}),
        "GetBucketEncryption": (getattr(client, "get_bucket_encryption", None), {"Bucket": "a-bucket"}),
        "DescribeKey": (getattr(client, "describe_key", None), {"KeyId": "alias/app"}),
    }[operation]
    assert call
    with pytest.raises(OperationError) as error, translate_errors(service, operation, "a-bucket"):
        call(**options)
    return error.value.failure


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        pytest.param(400, Kind.FAILED, ["expired", "customer key", "https"], id="400"),
        pytest.param(401, Kind.CREDENTIALS, ["credentials"], id="401"),
        pytest.param(403, Kind.FORBIDDEN, ["permission"], id="403"),
        pytest.param(404, Kind.FAILED, ["names of bucket and key", "endpoint_url"], id="404"),
        pytest.param(405, Kind.UNSUPPORTED, ["does not allow", "delete marker"], id="405"),
        pytest.param(407, Kind.UNREACHABLE, ["HTTPS_PROXY"], id="407"),
        pytest.param(411, Kind.UNSUPPORTED, ["uploads"], id="411"),
        pytest.param(412, Kind.CONFLICT, ["run the task again"], id="412"),
        pytest.param(413, Kind.FAILED, ["in one request"], id="413"),
        pytest.param(429, Kind.THROTTLED, ["concurrency"], id="429"),
        pytest.param(500, Kind.FAILED, ["again later"], id="500"),
        pytest.param(501, Kind.UNSUPPORTED, ["does not know the operation"], id="501"),
        pytest.param(502, Kind.UNREACHABLE, ["behind the proxy"], id="502"),
        pytest.param(503, Kind.THROTTLED, ["concurrency"], id="503"),
        pytest.param(504, Kind.UNREACHABLE, ["behind the proxy"], id="504"),
        pytest.param(418, Kind.FAILED, [], id="a status that nobody expects"),
    ],
)
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_status_without_a_reason(status: int, kind: FailureKind, words: list[str], body: bytes) -> None:
    """Whatever page is with it, it is told by its number, with what to do and who may have said it."""
    failure = refusal("s3", "GetBucketEncryption", status, {}, body)
    assert failure.kind is kind
    assert failure.code == str(status)
    assert f"({status})" in failure.message
    for word in [*words, NO_MARK]:
        assert word in failure.advice
    assert "<" not in failure.sentence()
    assert failure.sentence().endswith(".")


def test_the_same_from_s3_itself() -> None:
    """An answer with a request id is S3's own, and nobody else is suspected."""
    for status in (400, 403, 405, 412, 503):
        assert NO_MARK not in refusal("s3", "HeadObject", status, FROM_S3, b"").sentence()


@pytest.mark.parametrize("status", [301, 302, 307])
@pytest.mark.parametrize("operation", ["GetBucketEncryption", "HeadObject"])
def test_a_redirect_to_nowhere(operation: str, status: int) -> None:
    """As of a server that sends http to https: the SDK follows only to regions, and asks for one without end."""
    failure = refusal("s3", operation, status, {"location": "https://store.example/"}, PAGE)
    assert failure.kind is Kind.INVALID
    assert "endpoint_url" in failure.advice
    assert "https" in failure.advice


def test_a_redirect_that_names_the_region() -> None:
    """What S3 tells is told."""
    failure = refusal("s3", "HeadObject", 301, {**FROM_S3, "x-amz-bucket-region": "eu-west-1"}, b"")
    assert failure.kind is Kind.INVALID
    assert failure.advice == "Set region: eu-west-1, where the bucket is."


@pytest.mark.parametrize("status", [400, 404, 405, 501])
@pytest.mark.parametrize("body", [b"", PAGE, b"<?xml version='1.0'?><Error><Code>MethodNotAllowed</Code></Error>"])
def test_a_store_without_keys(status: int, body: bytes) -> None:
    """It takes a request for KMS for one of its own."""
    failure = refusal("kms", "DescribeKey", status, {}, body)
    assert failure.kind is Kind.UNSUPPORTED
    assert "kms_endpoint_url" in failure.advice
    assert "<" not in failure.sentence()


@pytest.mark.parametrize(("status", "kind"), [(403, Kind.FORBIDDEN), (407, Kind.UNREACHABLE), (503, Kind.THROTTLED)])
def test_a_proxy_before_kms(status: int, kind: FailureKind) -> None:
    """Its page is not told for a message."""
    failure = refusal("kms", "DescribeKey", status, {}, PAGE)
    assert failure.kind is kind
    assert NO_MARK in failure.advice
    assert "<" not in failure.sentence()


def error(code: str, message: str = "") -> bytes:
    """An error of S3 in a body."""
    return f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()


def kms_error(code: str, message: str) -> bytes:
    """An error of KMS in a body."""
    return json.dumps({"__type": code, "message": message}).encode()


LOST = "The object was stored using a form of Server Side Encryption."
PRINCIPALS = "Policy contains a statement with one or more invalid principals."
REASONS = [
    pytest.param("HeadObject", 400, b"", Reason.UNEXPLAINED_BAD_REQUEST, id="HEAD 400"),
    pytest.param("HeadObject", 403, b"", Reason.UNEXPLAINED_DENIAL, id="HEAD 403"),
    pytest.param("HeadObject", 404, b"", Reason.UNEXPLAINED_ABSENCE, id="HEAD 404"),
    pytest.param("HeadObject", 405, b"", Reason.DELETE_MARKER, id="HEAD 405"),
    pytest.param("GetObject", 405, b"", None, id="GET 405: a proxy that does not allow it"),
    pytest.param("GetObject", 404, error("NoSuchKey"), Reason.OBJECT_NOT_FOUND, id="no such key"),
    pytest.param("GetObject", 404, error("NoSuchVersion"), Reason.VERSION_NOT_FOUND, id="no such version"),
    pytest.param("GetObject", 404, error("NoSuchBucket"), None, id="no such bucket"),
    pytest.param("GetObject", 400, error("InvalidRequest", LOST), Reason.CUSTOMER_KEY_REQUIRED, id="a key is needed"),
    pytest.param(
        "GetObject",
        400,
        error("InvalidArgument", "Requests specifying Server Side Encryption with Customer provided keys"),
        Reason.CUSTOMER_KEY_REQUIRED,
        id="a key is needed, in other words",
    ),
    pytest.param("GetObject", 400, error("InvalidArgument", "part number"), None, id="another argument"),
    pytest.param("UploadPart", 400, error("InvalidRequest", LOST), None, id="a refusal of an upload"),
    pytest.param("UploadPart", 404, error("NoSuchUpload"), Reason.UPLOAD_NOT_FOUND, id="no such upload"),
    pytest.param("UploadPart", 400, error("BadDigest"), Reason.BODY_DAMAGED, id="other bytes"),
    pytest.param("UploadPart", 400, error("IncompleteBody"), Reason.BODY_DAMAGED, id="fewer bytes"),
    pytest.param("UploadPart", 400, error("RequestTimeout"), Reason.BODY_DAMAGED, id="no more bytes"),
    pytest.param("UploadPart", 400, error("XAmzContentSHA256Mismatch"), Reason.BODY_DAMAGED, id="another SHA-256"),
    pytest.param(
        "PutKeyPolicy",
        400,
        kms_error("MalformedPolicyDocumentException", PRINCIPALS),
        Reason.UNKNOWN_PRINCIPAL,
        id="an unknown principal",
    ),
    pytest.param(
        "PutKeyPolicy",
        400,
        kms_error("MalformedPolicyDocumentException", "The new key policy will not allow you to update it."),
        None,
        id="another fault of a policy",
    ),
]


@pytest.mark.parametrize(("operation", "status", "body", "reason"), REASONS)
def test_what_a_run_goes_on_by(operation: str, status: int, body: bytes, reason: Reason | None) -> None:
    """AWS's codes and sentences are known here, and nowhere above."""
    service = "kms" if operation == "PutKeyPolicy" else "s3"
    assert refusal(service, operation, status, FROM_S3, body).reason is reason
