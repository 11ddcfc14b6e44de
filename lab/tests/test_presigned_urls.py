# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Presigned URLs that AWS refuses, as recorded from it. Their signatures are verified in every mode."""

from __future__ import annotations

import base64
import hashlib
import urllib.error
import urllib.request
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import pytest
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from client_calls import read_object

from sealed_lab import RunningLab

_V4_REQUIRED = (
    "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, "
    "X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."
)
_V2_REQUIRED = "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters"
_CREDENTIAL = "Error parsing the X-Amz-Credential parameter; "


@pytest.fixture(scope="module")
def signers(lab_server: RunningLab) -> dict[str, Any]:
    """Clients that sign with Signature Version 4 and 2."""
    return {version: lab_server.client("s3", signature_version=version) for version in ("s3v4", "s3")}


def send(url: str, method: str = "GET", headers: Mapping[str, str] | None = None) -> tuple[int, dict[str, str]]:
    """Return the status, and the elements of an error."""
    body = b"data" if method in ("PUT", "POST") else None
    request = urllib.request.Request(url, body, {"Content-Type": "", **(headers or {})}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.status, {}
    except urllib.error.HTTPError as error:
        return error.code, {each.tag: each.text or "" for each in ElementTree.fromstring(error.read())}


def changed(url: str, **parameters: str | None) -> str:
    """Return the URL with other parameters; None removes one."""
    parts = urlsplit(url)
    query = {**dict(parse_qsl(parts.query)), **{name.replace("_", "-"): value for name, value in parameters.items()}}
    return urlunsplit(parts._replace(query=urlencode({name: value for name, value in query.items() if value})))


@pytest.mark.behaviour
@pytest.mark.parametrize(
    ("version", "parameters", "answer", "message"),
    [
        ("s3", {"Expires": None}, (403, "AccessDenied"), _V2_REQUIRED),
        ("s3", {"Signature": None}, (403, "AccessDenied"), _V2_REQUIRED),
        ("s3", {"Expires": "1"}, (403, "AccessDenied"), "Request has expired"),
        ("s3", {"response_expires": "x"}, (403, "SignatureDoesNotMatch"), ""),
        ("s3v4", {"X_Amz_Date": None}, (400, "AuthorizationQueryParametersError"), _V4_REQUIRED),
        ("s3v4", {"X_Amz_Expires": None}, (400, "AuthorizationQueryParametersError"), _V4_REQUIRED),
        ("s3v4", {"X_Amz_Expires": "604801"}, (400, "AuthorizationQueryParametersError"), "X-Amz-Expires must be less"),
        ("s3v4", {"X_Amz_Expires": "-1"}, (400, "AuthorizationQueryParametersError"), "X-Amz-Expires must be non-neg"),
        (
            "s3v4",
            {"X_Amz_Expires": "x"},
            (400, "AuthorizationQueryParametersError"),
            "X-Amz-Expires should be a number",
        ),
        ("s3v4", {"X_Amz_Credential": "test%2F2026"}, (400, "AuthorizationQueryParametersError"), _CREDENTIAL),
        ("s3v4", {"X_Amz_Algorithm": "x"}, (400, "AuthorizationQueryParametersError"), "X-Amz-Algorithm only supports"),
        ("s3v4", {"X_Amz_Expires": "7"}, (403, "SignatureDoesNotMatch"), ""),
        ("s3v4", {"requestedBy": "x"}, (403, "SignatureDoesNotMatch"), ""),
    ],
)
def test_parameters(
    signers: dict[str, Any], bucket: str, version: str, parameters: Any, answer: tuple[int, str], message: str
) -> None:
    url = signers[version].generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"}, ExpiresIn=60)
    status, error = send(changed(url, **parameters))
    assert (status, error["Code"]) == answer
    assert error["Message"].startswith(message)


@pytest.mark.behaviour
def test_fields_of_errors(signers: dict[str, Any], bucket: str) -> None:
    """What a client needs to compare signatures and times."""
    params = {"Bucket": bucket, "Key": "k"}
    url = signers["s3v4"].generate_presigned_url("get_object", Params=params, ExpiresIn=60)
    error = send(changed(url, X_Amz_Expires="61"))[1]
    assert error["CanonicalRequest"].startswith(f"GET\n/{bucket}/k\n")
    assert bytes.fromhex(error["CanonicalRequestBytes"]).decode() == error["CanonicalRequest"]
    assert bytes.fromhex(error["StringToSignBytes"]).decode() == error["StringToSign"]
    assert (error["AWSAccessKeyId"], error["SignatureProvided"] in url) == ("000000000000", True)
    past = datetime.now(timezone.utc) - timedelta(hours=1)
    query = {
        "X_Amz_Date": f"{past:%Y%m%dT%H%M%SZ}",
        "X_Amz_Credential": f"000000000000/{past:%Y%m%d}/us-east-1/s3/aws4_request",
    }
    error = send(changed(url, **query))[1]
    assert (error["Message"], error["X-Amz-Expires"]) == ("Request has expired", "60")
    assert error["Expires"] == f"{past + timedelta(seconds=60):%Y-%m-%dT%H:%M:%SZ}" < error["ServerTime"]
    error = send(signers["s3"].generate_presigned_url("put_object", Params=params))[1]
    assert (error["Code"], "CanonicalRequest" in error) == ("SignatureDoesNotMatch", False)


@pytest.mark.behaviour
def test_headers_of_a_presigned_upload(s3: Any, signers: dict[str, Any], bucket: str) -> None:
    params = {"Bucket": bucket, "Key": "k", "Metadata": {"foo": "bar"}, "ContentType": "text/plain"}
    url = signers["s3v4"].generate_presigned_url("put_object", Params=params)
    signed = {"Content-Type": "text/plain", "x-amz-meta-foo": "bar"}
    assert send(url, "PUT", signed) == (200, {})
    assert s3.head_object(Bucket=bucket, Key="k")["Metadata"] == {"foo": "bar"}
    assert send(url, "PUT", {**signed, "Content-Type": "text/xml"})[1]["Code"] == "SignatureDoesNotMatch"
    status, error = send(url, "PUT", {"Content-Type": "text/plain", "x-amz-date": "x", "x-amz-acl": "private"})
    assert (status, error["Code"], error["HeadersNotSigned"]) == (403, "AccessDenied", "x-amz-acl, x-amz-date")
    assert send(url, "PUT", {**signed, "x-amz-content-sha256": "UNSIGNED-PAYLOAD"})[0] == 200  # ignored
    # Signature Version 2 moves the headers into the query. It covers the content type, and no other header.
    url = signers["s3"].generate_presigned_url(
        "put_object", Params={"Bucket": bucket, "Key": "k", "Metadata": {"a": "b"}}
    )
    assert send(url, "PUT", {"Content-Encoding": "gzip"})[0] == 200
    head = s3.head_object(Bucket=bucket, Key="k")
    assert (head["Metadata"], "Expires" in head) == ({"a": "b"}, False)
    for headers in ({"Content-Type": "text/plain"}, {"x-amz-meta-wrong": "x"}):
        assert send(url, "PUT", headers)[1]["Code"] == "SignatureDoesNotMatch"


def test_keys_whose_secret_the_lab_does_not_know(lab: RunningLab, bucket: str) -> None:
    """They are accepted while enforcement is off, so nothing can be verified."""
    client = lab.client("s3", credentials={"AccessKeyId": "AKIAUNKNOWN", "SecretAccessKey": "any", "SessionToken": ""})
    url = client.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "k"})
    assert send(url, "PUT")[0] == 200
    lab.enforcing = True
    assert send(url, "PUT")[1]["Code"] == "InvalidAccessKeyId"


@pytest.mark.behaviour
def test_more_than_one_signature(signers: dict[str, Any], bucket: str) -> None:
    url = signers["s3v4"].generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"})
    for header, code, message in (
        ("AWS4-HMAC-SHA256 x", "InvalidArgument", "Only one auth mechanism allowed"),
        ("Bearer x", "InvalidArgument", "Only one auth mechanism allowed"),
    ):
        error = send(url, headers={"Authorization": header})[1]
        assert (error["Code"], error["Message"].startswith(message)) == (code, True)
    error = send(url.partition("?")[0], headers={"Authorization": "Bearer x"})[1]
    assert (error["Message"], error["ArgumentValue"]) == ("Unsupported Authorization Type", "Bearer x")


@pytest.mark.behaviour
def test_signature_version_2(lab: RunningLab, signers: dict[str, Any], bucket: str) -> None:
    """In the header of a request too. Regions that are newer than it refuse it."""
    lab.enforcing = True
    signers["s3"].put_object(Bucket=bucket, Key="k", Body=b"x")
    assert read_object(signers["s3"], bucket, "k") == b"x"
    lab.client("s3", region="eu-central-1").create_bucket(
        Bucket="newer", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    url = signers["s3"].generate_presigned_url("get_object", Params={"Bucket": "newer", "Key": "k"})
    assert send(url)[1]["Message"].endswith("Please use AWS4-HMAC-SHA256.")


@pytest.mark.behaviour
def test_overrides_of_headers(signers: dict[str, Any], s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    params = {"Bucket": bucket, "Key": "k", "ResponseCacheControl": "a—b"}
    error = send(signers["s3v4"].generate_presigned_url("get_object", Params=params))[1]
    assert (error["Code"], error["ArgumentName"]) == ("InvalidArgument", "response-cache-control")
    assert error["Message"] == "Header value cannot be represented using ISO-8859-1."


@pytest.mark.behaviour
def test_headers_that_an_sdk_moves_into_the_query(lab: RunningLab, s3: Any, bucket: str) -> None:
    """As the SDK for JavaScript does. The MD5 remains a header. The checksum is of no bytes, and is not compared."""
    moved = {
        "x-amz-checksum-crc32": "AAAAAA==",
        "x-amz-meta-foo": "bar",
        "x-amz-sdk-checksum-algorithm": "CRC32",
        "x-amz-storage-class": "STANDARD_IA",
    }
    md5 = {"Content-MD5": base64.b64encode(hashlib.md5(b"data").digest()).decode()}
    request = AWSRequest("PUT", f"{lab.url}/{bucket}/k", headers=dict(md5), params={**moved, "x-id": "PutObject"})
    S3SigV4QueryAuth(Credentials("test", "test"), "s3", "us-east-1").add_auth(request)
    url = str(request.url)
    assert send(url, "PUT")[1]["Code"] == "SignatureDoesNotMatch"
    assert send(url, "PUT", md5)[0] == 200
    assert send(url.replace("AAAAAA", "BBBBBB"), "PUT", md5)[0] == 403
    head = s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert (head["Metadata"], head["StorageClass"], "ChecksumCRC64NVME" in head) == (
        {"foo": "bar"},
        "STANDARD_IA",
        True,
    )
