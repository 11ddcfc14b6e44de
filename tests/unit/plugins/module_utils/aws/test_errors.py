# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Error responses of S3, KMS, proxies and other stores, as failures."""

from __future__ import annotations

import functools
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

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
NO_MARK = "The response has no request id"


class _Body(io.BytesIO):
    def stream(self, **_options: Any) -> Iterator[bytes]:
        """The same method as in urllib3."""
        yield self.read()


@functools.cache
def session() -> boto3.session.Session:
    """One session for all tests, because each one reads the models of the services again."""
    return boto3.session.Session()


def refusal(service: str, operation: str, status: int, headers: Mapping[str, str], body: bytes) -> Failure:
    """The failure of a call that gets this response. The SDK itself parses the response."""
    client: Any = session().client(  # type: ignore[call-overload]
        service,
        region_name="us-east-1",
        aws_access_key_id="any",
        aws_secret_access_key="any",
        config=Config(retries={"total_max_attempts": 1}),
    )
    client.meta.events.register(
        "before-send", lambda request, **_event: AWSResponse(request.url, status, cast(Any, dict(headers)), _Body(body))
    )
    calls: dict[str, tuple[Any, dict[str, Any]]] = {
        "HeadObject": (getattr(client, "head_object", None), {"Bucket": "a-bucket", "Key": "a"}),
        "GetObject": (getattr(client, "get_object", None), {"Bucket": "a-bucket", "Key": "a"}),
        "UploadPart": (
            getattr(client, "upload_part", None),
            {"Bucket": "a-bucket", "Key": "a", "UploadId": "one", "PartNumber": 1},
        ),
        "PutKeyPolicy": (getattr(client, "put_key_policy", None), {"KeyId": "one", "Policy": "{}"}),
        "GetBucketEncryption": (getattr(client, "get_bucket_encryption", None), {"Bucket": "a-bucket"}),
        "DescribeKey": (getattr(client, "describe_key", None), {"KeyId": "alias/app"}),
    }
    call, options = calls[operation]
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
        pytest.param(404, Kind.UNREACHABLE, ["names of bucket and key", "endpoint_url"], id="404"),
        pytest.param(405, Kind.UNSUPPORTED, ["does not allow", "delete marker"], id="405"),
        pytest.param(407, Kind.UNREACHABLE, ["HTTPS_PROXY"], id="407"),
        pytest.param(411, Kind.UNSUPPORTED, ["uploads"], id="411"),
        pytest.param(412, Kind.CONFLICT, ["run the task again"], id="412"),
        pytest.param(413, Kind.FAILED, ["request size limit"], id="413"),
        pytest.param(429, Kind.THROTTLED, ["fewer requests"], id="429"),
        pytest.param(500, Kind.FAILED, ["again later"], id="500"),
        pytest.param(501, Kind.UNSUPPORTED, ["does not support the operation"], id="501"),
        pytest.param(502, Kind.UNREACHABLE, ["behind the proxy"], id="502"),
        pytest.param(503, Kind.THROTTLED, ["fewer requests"], id="503"),
        pytest.param(504, Kind.UNREACHABLE, ["behind the proxy"], id="504"),
        pytest.param(418, Kind.FAILED, [], id="a status that is not in the table"),
    ],
)
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_status_without_an_error_code(status: int, kind: FailureKind, words: list[str], body: bytes) -> None:
    """The failure has the status, the advice, and a hint at a proxy; it does not have the text of the page."""
    failure = refusal("s3", "GetBucketEncryption", status, {}, body)
    assert failure.kind is kind
    assert failure.code == str(status)
    assert f"({status})" in failure.message
    for word in [*words, NO_MARK]:
        assert word in failure.advice
    assert "<" not in failure.sentence()
    assert failure.sentence().endswith(".")


def test_a_status_with_a_request_id_is_from_s3() -> None:
    """The advice does not mention a proxy."""
    for status in (400, 403, 405, 412, 503):
        assert NO_MARK not in refusal("s3", "HeadObject", status, FROM_S3, b"").sentence()


@pytest.mark.parametrize("status", [301, 302, 307])
@pytest.mark.parametrize("operation", ["GetBucketEncryption", "HeadObject"])
def test_a_redirect_without_a_region(operation: str, status: int) -> None:
    """For example from http to https. The SDK follows redirects to regions only, and would request the region again."""
    failure = refusal("s3", operation, status, {"location": "https://store.example/"}, PAGE)
    assert failure.kind is Kind.INVALID
    assert "endpoint_url" in failure.advice
    assert "https" in failure.advice


def test_a_redirect_that_names_the_region() -> None:
    """The advice names the region that S3 reports."""
    failure = refusal("s3", "HeadObject", 301, {**FROM_S3, "x-amz-bucket-region": "eu-west-1"}, b"")
    assert failure.kind is Kind.INVALID
    assert failure.advice == "Set region: eu-west-1, where the bucket is."


def test_a_signature_for_another_region() -> None:
    """S3 names the region that it expects in its message."""
    text = "The authorization header is malformed; the region 'aws-global' is wrong; expecting 'us-east-1'"
    body = f"<Error><Code>AuthorizationHeaderMalformed</Code><Message>{text}</Message></Error>".encode()
    failure = refusal("s3", "GetObject", 400, FROM_S3, body)
    assert (failure.kind, failure.advice) == (Kind.INVALID, "Set region to the one that S3 expects.")
    assert "expecting 'us-east-1'" in failure.message


@pytest.mark.parametrize("status", [400, 404, 405, 501])
@pytest.mark.parametrize("body", [b"", PAGE, b"<?xml version='1.0'?><Error><Code>MethodNotAllowed</Code></Error>"])
def test_a_store_without_kms(status: int, body: bytes) -> None:
    """It handles a request for KMS as a request for S3."""
    failure = refusal("kms", "DescribeKey", status, {}, body)
    assert failure.kind is Kind.UNSUPPORTED
    assert "kms_endpoint_url" in failure.advice
    assert "<" not in failure.sentence()


@pytest.mark.parametrize(("status", "kind"), [(403, Kind.FORBIDDEN), (407, Kind.UNREACHABLE), (503, Kind.THROTTLED)])
def test_a_proxy_before_kms(status: int, kind: FailureKind) -> None:
    """The text of its page is not in the failure."""
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
DENIED = "User: arn:aws:iam::111122223333:user/ann is not authorized to perform: {} on resource: &quot;a&quot; {}"
PRINCIPALS = "Policy contains a statement with one or more invalid principals."
REASONS = [
    pytest.param("HeadObject", 400, b"", Reason.UNEXPLAINED_BAD_REQUEST, id="HEAD 400"),
    pytest.param("HeadObject", 403, b"", Reason.UNEXPLAINED_DENIAL, id="HEAD 403"),
    pytest.param("HeadObject", 404, b"", Reason.UNEXPLAINED_ABSENCE, id="HEAD 404"),
    pytest.param("HeadObject", 405, b"", Reason.DELETE_MARKER, id="HEAD 405"),
    pytest.param("GetObject", 405, b"", None, id="GET 405: a proxy that does not allow it"),
    pytest.param("GetObject", 404, b"", Reason.UNEXPLAINED_ABSENCE, id="GET 404 of a store, which has a request id"),
    pytest.param("GetObject", 404, error("NoSuchKey"), Reason.OBJECT_NOT_FOUND, id="missing object"),
    pytest.param("GetObject", 404, error("NoSuchVersion"), Reason.VERSION_NOT_FOUND, id="missing version"),
    pytest.param("GetObject", 404, error("NoSuchBucket"), Reason.BUCKET_NOT_FOUND, id="missing bucket"),
    pytest.param(
        "GetObject", 400, error("InvalidRequest", LOST), Reason.CUSTOMER_KEY_REQUIRED, id="needs a customer key"
    ),
    pytest.param(
        "GetObject",
        400,
        error("InvalidArgument", "Requests specifying Server Side Encryption with Customer provided keys"),
        Reason.CUSTOMER_KEY_REQUIRED,
        id="needs a customer key, in another message",
    ),
    pytest.param("GetObject", 400, error("InvalidArgument", "part number"), None, id="another argument"),
    pytest.param("UploadPart", 400, error("InvalidRequest", LOST), None, id="a refusal of an upload"),
    pytest.param("UploadPart", 404, error("NoSuchUpload"), Reason.UPLOAD_NOT_FOUND, id="missing upload"),
    pytest.param("UploadPart", 400, error("BadDigest"), Reason.BODY_DAMAGED, id="other bytes"),
    pytest.param("UploadPart", 400, error("IncompleteBody"), Reason.BODY_DAMAGED, id="fewer bytes"),
    pytest.param("UploadPart", 400, error("RequestTimeout"), Reason.BODY_DAMAGED, id="no more bytes"),
    pytest.param("UploadPart", 400, error("XAmzContentSHA256Mismatch"), Reason.BODY_DAMAGED, id="another SHA-256"),
    *(
        pytest.param("UploadPart", 403, error("AccessDenied", DENIED.format(action, layer)), reason, id=name)
        for name, action, layer, reason in (
            (
                "an explicit deny of the bucket",
                "s3:PutObject",
                "with an explicit deny in a resource-based policy",
                Reason.DENIED_BY_BUCKET_POLICY,
            ),
            (
                "an explicit deny of the organization",
                "s3:PutObject",
                "with an explicit deny in a service control policy",
                Reason.DENIED,
            ),
            (
                "no permission",
                "s3:PutObject",
                "because no identity-based policy allows the s3:PutObject action",
                Reason.NOT_ALLOWED,
            ),
            (
                "an explicit deny of the key",
                "kms:GenerateDataKey",
                "with an explicit deny in a resource-based policy",
                Reason.KEY_DENIED,
            ),
        )
    ),
    pytest.param(
        "UploadPart",
        400,
        error("InvalidArgument", "Unsupported header 'x-amz-checksum-mode' received for this API call."),
        None,
        id="a store without checksums",
    ),
    pytest.param(
        "GetObject",
        400,
        error("InvalidRequest", "Unsupported header 'x-amz-checksum-mode'."),
        None,
        id="a store without checksums, with the code of a missing customer key",
    ),
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
def test_the_reason_of_a_failure(operation: str, status: int, body: bytes, reason: Reason | None) -> None:
    """The rest of the code decides by reasons, not by AWS's codes and messages."""
    service = "kms" if operation == "PutKeyPolicy" else "s3"
    assert refusal(service, operation, status, FROM_S3, body).reason is reason


def test_a_wrong_customer_key_is_not_a_missing_permission() -> None:
    """S3 refuses both with AccessDenied. A permission does not help against a wrong key."""
    text = "Requests specifying Server Side Encryption with Customer provided keys must provide the correct secret key."
    failure = refusal("s3", "GetObject", 403, FROM_S3, error("AccessDenied", text))
    assert (failure.kind, failure.reason) == (Kind.WRONG_KEY, Reason.CUSTOMER_KEY_REQUIRED)
    assert "is not the key of a-bucket (AccessDenied)" in failure.message
    assert "permission" not in failure.sentence()
    assert refusal("s3", "GetObject", 403, FROM_S3, error("AccessDenied", "Access Denied")).kind is Kind.FORBIDDEN
    assert refusal("s3", "HeadObject", 403, FROM_S3, b"").kind is Kind.FORBIDDEN


def test_a_version_id_that_s3_has_not_issued() -> None:
    """S3 reports it as an invalid argument, which other arguments are, too."""
    invalid = refusal("s3", "GetObject", 400, FROM_S3, error("InvalidArgument", "Invalid version id specified"))
    assert (invalid.kind, "version_id" in invalid.advice) == (Kind.INVALID, True)
    other = refusal("s3", "GetObject", 400, FROM_S3, error("InvalidArgument", "part number"))
    assert (other.kind, other.advice) == (Kind.FAILED, "")


@pytest.mark.parametrize(
    ("code", "option"),
    [
        ("InvalidBucketOwnerAWSAccountID", "expected_bucket_owner"),
        ("InvalidStorageClass", "storage_class"),
        ("InvalidTag", "tags"),
    ],
)
def test_the_advice_for_an_invalid_value_names_its_option(code: str, option: str) -> None:
    """S3 describes the value, and does not know the options."""
    failure = refusal("s3", "GetObject", 400, FROM_S3, error(code, "This value is not valid."))
    assert (failure.kind, option in failure.advice) == (Kind.INVALID, True)


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_page_does_not_prove_that_an_object_is_missing(body: bytes) -> None:
    """Such as the one that a web server sends for a wrong path in endpoint_url."""
    failure = refusal("s3", "GetObject", 404, {}, body)
    assert failure.kind is Kind.UNREACHABLE
    assert failure.reason is None
    assert "path in endpoint_url" in failure.advice
