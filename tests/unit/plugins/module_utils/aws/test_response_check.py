# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Success responses that are not those of the operation."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, cast

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config

from ansible_collections.sealed.s3.plugins.module_utils.aws.errors import translate_errors
from ansible_collections.sealed.s3.plugins.module_utils.aws.response_check import register_response_checks
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind, OperationError

OBJECT = {"Bucket": "a-bucket", "Key": "a"}
RULE = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
PARAMETERS: dict[str, dict[str, Any]] = {
    "GetBucketEncryption": {"Bucket": "a-bucket"},
    "PutBucketEncryption": {"Bucket": "a-bucket", "ServerSideEncryptionConfiguration": RULE},
    "DeleteBucketEncryption": {"Bucket": "a-bucket"},
    "ListObjectsV2": {"Bucket": "a-bucket"},
    "ListObjectVersions": {"Bucket": "a-bucket"},
    "ListBuckets": {},
    "GetBucketPolicy": {"Bucket": "a-bucket"},
    "PutObject": {**OBJECT, "Body": b"x"},
    "CopyObject": {**OBJECT, "CopySource": "a-bucket/a"},
    "UploadPartCopy": {**OBJECT, "UploadId": "one", "PartNumber": 1, "CopySource": "a-bucket/a"},
    "PutBucketPolicy": {"Bucket": "a-bucket", "Policy": "{}"},
    "UploadPart": {**OBJECT, "UploadId": "one", "PartNumber": 1, "Body": b"x"},
    "GetObjectAttributes": {**OBJECT, "ObjectAttributes": ["ETag"]},
    "PutObjectTagging": {**OBJECT, "Tagging": {"TagSet": []}},
    "DescribeKey": {"KeyId": "alias/app"},
    "GetKeyPolicy": {"KeyId": "one"},
    "GenerateDataKey": {"KeyId": "one", "KeySpec": "AES_256"},
    "Encrypt": {"KeyId": "one", "Plaintext": b"x"},
    "Decrypt": {"CiphertextBlob": b"x"},
    "ListKeys": {},
    "EnableKey": {"KeyId": "one"},
    "GetResources": {},
    "LookupEvents": {},
    "GetCallerIdentity": {},
}
SERVICES = {
    **dict.fromkeys(("DescribeKey", "GetKeyPolicy", "ListKeys", "EnableKey"), "kms"),
    **dict.fromkeys(("GenerateDataKey", "Encrypt", "Decrypt"), "kms"),
    "GetResources": "resourcegroupstaggingapi",
    "LookupEvents": "cloudtrail",
    "GetCallerIdentity": "sts",
}
PAGE = b"<!DOCTYPE html>\n<html><head><title>Sorry</title></head><body>Log in</body></html>"
XHTML = b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title>Sorry</title></head></html>'
LISTING = (
    b'<?xml version="1.0"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"></ListBucketResult>'
)
OK_RULE = (
    b"<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm>"
    b"</ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>"
)
STORE = {"x-amz-request-id": "4442587FB7D0A2F9"}
ETAG = {"ETag": '"5d41402abc4b2a76b9719d911017c592"'}
Kind = FailureKind
READS = ("Get", "Head", "List", "Describe", "Lookup", "GenerateDataKey", "Encrypt", "Decrypt")


class Body(io.BytesIO):
    def stream(self, **_options: Any) -> Iterator[bytes]:
        """The same method as in urllib3."""
        yield self.read()


@cache
def client_of(service: str) -> Any:
    """A client whose responses are checked, with the response in `canned`."""
    client: Any = boto3.session.Session().client(  # type: ignore[call-overload]
        service,
        region_name="us-east-1",
        aws_access_key_id="any",
        aws_secret_access_key="any",
        config=Config(retries={"total_max_attempts": 1}),
    )
    register_response_checks(client)
    return client


def call(operation: str, status: int, headers: Mapping[str, str], body: bytes) -> Any:
    """The parsed response of a call that gets this response; raises OperationError."""
    service = SERVICES.get(operation, "s3")
    client = client_of(service)
    method = {each: name for name, each in client.meta.method_to_api_mapping.items()}[operation]

    def answer(request: Any, **_event: Any) -> AWSResponse:
        return AWSResponse(request.url, status, cast(Any, dict(headers)), Body(body))

    client.meta.events.register("before-send", answer)
    try:
        with translate_errors(service, operation, "a-bucket/a"):
            return getattr(client, method)(**PARAMETERS.get(operation, OBJECT))
    finally:
        client.meta.events.unregister("before-send", answer)


def refusal(operation: str, status: int, headers: Mapping[str, str], body: bytes) -> Failure:
    """The failure of a call that gets this response."""
    with pytest.raises(OperationError) as error:
        call(operation, status, headers, body)
    return error.value.failure


@pytest.mark.parametrize("body", [PAGE, XHTML, b"<h1>Welcome</h1>", b"It works", b""], ids=repr)
@pytest.mark.parametrize(
    "operation",
    ["GetBucketEncryption", "ListObjectsV2", "ListBuckets", "GetObjectTagging", "GetObjectAcl", "CopyObject"]
    + ["CreateMultipartUpload", "GetObject", "HeadObject", "PutObject", "UploadPart", "GetObjectAttributes"]
    + ["GenerateDataKey", "Encrypt", "Decrypt"]
    + ["DescribeKey", "GetKeyPolicy", "ListKeys", "GetResources", "LookupEvents", "GetCallerIdentity"],
)  # fmt: skip
def test_a_page_is_not_from_the_service(operation: str, body: bytes) -> None:
    """The login page of a proxy, or another web server, has status 200 too."""
    failure = refusal(operation, 200, {"content-type": "text/html"}, body)
    assert failure.kind is Kind.UNREACHABLE
    assert "did not come from the service" in failure.message
    assert "endpoint_url" in failure.advice
    assert "<" not in failure.sentence()
    assert failure.may_have_been_applied == (not operation.startswith(READS))


@pytest.mark.parametrize(
    "operation", ["PutBucketEncryption", "DeleteBucketEncryption", "PutObjectTagging", "EnableKey"]
)
@pytest.mark.parametrize("body", [PAGE, b"OK"], ids=repr)
def test_a_page_instead_of_no_body(operation: str, body: bytes) -> None:
    """These responses have no body."""
    failure = refusal(operation, 200, {}, body)
    assert failure.kind is Kind.UNREACHABLE
    assert failure.may_have_been_applied


@pytest.mark.parametrize(
    ("operation", "headers", "body", "found"),
    [
        pytest.param("GetBucketEncryption", STORE, LISTING, "ListBucketResult", id="a listing for ?encryption"),
        pytest.param("GetBucketEncryption", {}, LISTING, "ListBucketResult", id="without a request id"),
        pytest.param("GetObjectTagging", {**STORE, **ETAG}, b"hello", "a text", id="the object for ?tagging"),
        pytest.param("GetObjectTagging", {**STORE, **ETAG}, PAGE, "a page", id="a page as the object for ?tagging"),
        pytest.param("GetObjectAcl", {**STORE, **ETAG}, b"", "an empty answer", id="an empty object for ?acl"),
        pytest.param("GetObjectAcl", {**STORE, **ETAG}, b'{"a": 1}', "JSON", id="JSON as the object for ?acl"),
        pytest.param("GetObjectTagging", STORE, b"<Tagging/>", "TagSet", id="tags without a set"),
        pytest.param("UploadPartCopy", STORE, b"<CopyPartResult/>", "ETag", id="a copy of a part without an ETag"),
        pytest.param(
            "ListObjectVersions", STORE, b"<ListVersionsResult><Version/></ListVersionsResult>", "Key", id="no key"
        ),
        pytest.param("ListObjectVersions", STORE, LISTING, "ListBucketResult", id="a listing for ?versions"),
        pytest.param("ListObjectsV2", STORE, b"<Thing><Other/></Thing>", "Thing", id="a document of no operation"),
        pytest.param("PutObject", STORE, b"", "ETag", id="a write without an ETag"),
        pytest.param("HeadObject", STORE, b"", "ETag", id="an object without an ETag"),
        pytest.param("PutObjectTagging", STORE, LISTING, "ListBucketResult", id="a listing for a write"),
        pytest.param("GetBucketPolicy", STORE, LISTING, "ListBucketResult", id="a listing for ?policy"),
        pytest.param("DescribeKey", STORE, LISTING, "ListBucketResult", id="a listing for KMS"),
        pytest.param("DescribeKey", {"x-amzn-requestid": "1"}, b"{}", "KeyMetadata", id="no key"),
        pytest.param(
            "DescribeKey", {"x-amzn-requestid": "1"}, b'{"KeyMetadata": {"KeyId": "a"}}', "Arn", id="a key without ARN"
        ),
        pytest.param("ListKeys", {"x-amzn-requestid": "1"}, b'{"Keys": [{}]}', "KeyId", id="an entry without its id"),
        pytest.param("LookupEvents", {"x-amzn-requestid": "1"}, b"{}", "Events", id="no events"),
        *(
            pytest.param(
                operation, {"x-amzn-requestid": "1"}, json.dumps(body).encode(), name, id=f"{operation} without {name}"
            )
            for operation, members in (
                ("GenerateDataKey", ("CiphertextBlob", "KeyId", "Plaintext")),
                ("Encrypt", ("CiphertextBlob", "KeyId")),
                ("Decrypt", ("KeyId", "Plaintext")),
            )
            for name in members
            for body in [{each: "YQ==" for each in members if each != name}]
        ),
        pytest.param("GetResources", {"x-amzn-requestid": "1"}, b"{}", "ResourceTagMappingList", id="no resources"),
    ],
)  # fmt: skip
def test_another_answer_of_a_store(operation: str, headers: Mapping[str, str], body: bytes, found: str) -> None:
    """The store does not know the operation, and answers another one."""
    failure = refusal(operation, 200, headers, body)
    assert failure.kind is Kind.UNSUPPORTED
    assert "does not know this operation" in failure.message
    assert found in failure.message
    assert ("kms_endpoint_url" in failure.advice) == (SERVICES.get(operation) == "kms")


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        pytest.param("DescribeKey", b"[]", id="a list"),
        pytest.param("DescribeKey", b'{"KeyMetadata": []}', id="a list for a structure"),
        pytest.param("ListKeys", b'{"Keys": 7}', id="a number for a list"),
        pytest.param("DescribeKey", b'{"KeyMetadata": {"KeyId": "a", "Arn": "b", "CreationDate": {}}}', id="no date"),
        pytest.param("DescribeKey", b"{truncated", id="truncated JSON"),
        pytest.param("DescribeKey", b"\xff\xfe{", id="not UTF-8"),
        pytest.param(
            "ListObjectsV2", b"<ListBucketResult><Contents><Size>many</Size></Contents></ListBucketResult>", id="size"
        ),
    ],
)  # fmt: skip
def test_an_answer_that_the_sdk_cannot_read(operation: str, body: bytes) -> None:
    """Its parser raises exceptions of any class for values of the wrong type."""
    failure = refusal(operation, 200, {}, body)
    assert failure.kind is Kind.UNREACHABLE
    assert "did not come from the service" in failure.message


def test_a_header_that_the_sdk_cannot_read() -> None:
    """Headers are parsed too."""
    failure = refusal("HeadObject", 200, {**ETAG, "Content-Length": "1", "Last-Modified": "yesterday, or so"}, b"")
    assert failure.kind is Kind.UNREACHABLE


def test_an_error_with_status_200() -> None:
    """The SDK knows it for operations that have an output; this collection for all."""
    body = b"<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>No.</Message></Error>"
    for operation in ("GetBucketEncryption", "PutBucketEncryption", "CopyObject"):
        failure = refusal(operation, 200, STORE, body)
        assert (failure.kind, failure.code) == (Kind.FORBIDDEN, "AccessDenied")


@pytest.mark.parametrize(
    ("operation", "headers", "body"),
    [
        pytest.param("GetBucketEncryption", {}, OK_RULE, id="a rule"),
        pytest.param("GetBucketEncryption", {}, b"\xef\xbb\xbf<?xml version='1.0'?><!-- a -->" + OK_RULE, id="prolog"),
        pytest.param("GetObjectTagging", {}, b'<s:Tagging xmlns:s="any"><s:TagSet/></s:Tagging>', id="a prefix"),
        pytest.param(
            "CopyObject",
            {},
            b'<?xml version="1.0"?>' + b"\n " * 500 + b"<CopyObjectResult><ETag>a</ETag></CopyObjectResult>",
            id="white space that keeps the connection open",
        ),
        pytest.param("PutBucketEncryption", {}, b"", id="a write"),
        pytest.param("GetBucketPolicy", {}, b'{"Version": "2012-10-17"}', id="a policy"),
        pytest.param("EnableKey", {}, b"", id="nothing from KMS"),
        pytest.param("EnableKey", {}, b"{}", id="an empty structure from a stand-in for KMS"),
        pytest.param("EnableKey", {"x-amzn-requestid": "1"}, b"null", id="moto's nothing from KMS"),
        pytest.param("PutBucketPolicy", {"x-amzn-requestid": "1"}, b"True", id="moto's policy"),
        pytest.param("CopyObject", STORE, b"<CopyObjectResult></CopyObjectResult>", id="rclone's copy"),
        pytest.param(
            "CreateMultipartUpload",
            STORE,
            b"<InitiateMultipartUpload><UploadId>1</UploadId></InitiateMultipartUpload>",
            id="rclone's upload in parts",
        ),
        pytest.param("HeadObject", ETAG, b"", id="headers"),
        pytest.param("GetObject", ETAG, PAGE, id="an object that is a page"),
        pytest.param("GetObjectTagging", {}, b"<Tagging><TagSet/></Tagging>", id="no tags"),
        pytest.param("ListObjectsV2", {}, LISTING, id="no objects"),
        pytest.param("GetResources", {}, b'{"ResourceTagMappingList": []}', id="no resources"),
    ],
)  # fmt: skip
def test_the_answer_of_the_operation(operation: str, headers: Mapping[str, str], body: bytes) -> None:
    """It passes, in every form that S3 and stores send it in."""
    assert call(operation, 200, headers, body)["ResponseMetadata"]["HTTPStatusCode"] == 200
