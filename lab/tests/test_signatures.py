# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""All ways to sign and send a body, with enforced signatures."""

from __future__ import annotations

import base64
import datetime
import hashlib
import hmac
import http.client
import io
import json
import urllib.request
import zlib
from typing import Any

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from client_calls import BODY, MIB, raises_client_error, read_object

from sealed_lab import RunningLab


@pytest.fixture
def enforced_s3(lab: RunningLab, bucket: str) -> Any:
    """A client for S3 with enforcement on."""
    lab.enforcing = True
    return lab.client("s3")


def test_ordinary_requests(enforced_s3: Any, bucket: str) -> None:
    for key in ("plain", "a b+c", "é/ü//x", "per%20cent", "q?z&w=1", "/leading", "t\ttab", "~._-"):
        enforced_s3.put_object(Bucket=bucket, Key=key, Body=BODY, Metadata={"a": "b  c"})
        assert read_object(enforced_s3, bucket, key) == BODY
        assert enforced_s3.list_objects_v2(Bucket=bucket, Prefix=key)["Contents"][0]["Key"] == key


def test_transfer_manager(enforced_s3: Any, bucket: str) -> None:
    enforced_s3.upload_fileobj(io.BytesIO(b"y" * 17 * MIB), bucket, "big")
    target = io.BytesIO()
    enforced_s3.download_fileobj(bucket, "big", target)
    assert target.getvalue() == b"y" * 17 * MIB


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_presigned_urls(lab: RunningLab, enforced_s3: Any, bucket: str, version: str) -> None:
    client = lab.client("s3", signature_version=version)
    put = client.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "a b/é"})
    request = urllib.request.Request(put, data=b"data", method="PUT", headers={"Content-Type": ""})
    with urllib.request.urlopen(request, timeout=20) as response:
        assert response.status == 200
    get = client.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a b/é"})
    with urllib.request.urlopen(get, timeout=20) as response:
        assert response.read() == b"data"
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(get.replace("%C3%A9", "e"), timeout=20)


def signer(payload: str) -> Any:
    """Return botocore's signer with this value instead of the hash of the body."""

    class Signer(S3SigV4Auth):
        def payload(self, request: Any) -> str:
            return payload

    return Signer(Credentials("test", "test"), "s3", "us-east-1")


def _put(lab: RunningLab, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(lab.url.removeprefix("http://"))
    connection.request("PUT", "/bucket-001/k", body=body, headers=headers)
    response = connection.getresponse()
    return response.status, response.read()


def test_unsigned_chunked_body_with_a_trailing_checksum(lab: RunningLab, enforced_s3: Any, bucket: str) -> None:
    value = base64.b64encode(zlib.crc32(BODY).to_bytes(4, "big")).decode()

    def send(trailer: str) -> tuple[int, bytes]:
        half = len(BODY) // 2
        body = b"%x\r\n%s\r\n%x\r\n%s\r\n0\r\n" % (half, BODY[:half], len(BODY) - half, BODY[half:])
        body += f"x-amz-checksum-crc32:{trailer}\r\n\r\n".encode()
        headers = {
            "Host": lab.url.removeprefix("http://"),
            "X-Amz-Content-SHA256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
            "x-amz-decoded-content-length": str(len(BODY)),
            "x-amz-trailer": "x-amz-checksum-crc32",
            "Content-Encoding": "aws-chunked",
        }
        request = AWSRequest("PUT", f"{lab.url}/bucket-001/k", headers=headers)
        signer("STREAMING-UNSIGNED-PAYLOAD-TRAILER").add_auth(request)
        return _put(lab, dict(request.headers.items()), body)

    assert send(value)[0] == 200
    assert read_object(enforced_s3, bucket, "k") == BODY
    assert "ContentEncoding" not in enforced_s3.head_object(Bucket=bucket, Key="k")
    status, response = send("AAAAAA==")
    assert (status, b"BadDigest" in response) == (400, True)


def test_signed_chunked_body(lab: RunningLab, enforced_s3: Any, bucket: str) -> None:
    def send(data: bytes) -> int:
        headers = {
            "Host": lab.url.removeprefix("http://"),
            "x-amz-decoded-content-length": str(len(BODY)),
            "Content-Encoding": "aws-chunked",
        }
        request = AWSRequest("PUT", f"{lab.url}/bucket-001/k", headers=headers)
        signer("STREAMING-AWS4-HMAC-SHA256-PAYLOAD").add_auth(request)
        found = dict(request.headers.items())
        found["X-Amz-Content-SHA256"] = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
        timestamp = found["X-Amz-Date"]
        scope = f"{timestamp[:8]}/us-east-1/s3/aws4_request"
        signing = b"AWS4test"
        for piece in (timestamp[:8], "us-east-1", "s3", "aws4_request"):
            signing = hmac.new(signing, piece.encode(), hashlib.sha256).digest()
        previous = found["Authorization"].rpartition("Signature=")[2]
        body = b""
        for chunk in (BODY, b""):
            empty = hashlib.sha256(b"").hexdigest()
            lines = ["AWS4-HMAC-SHA256-PAYLOAD", timestamp, scope, previous, empty, hashlib.sha256(chunk).hexdigest()]
            previous = hmac.new(signing, "\n".join(lines).encode(), hashlib.sha256).hexdigest()
            sent = data if chunk else b""
            body += f"{len(sent):x};chunk-signature={previous}\r\n".encode() + sent + b"\r\n"
        return _put(lab, found, body)[0]

    assert send(BODY) == 200
    assert read_object(enforced_s3, bucket, "k") == BODY
    assert send(BODY.replace(b"fox", b"dog")) == 403


def test_body_that_does_not_match_its_signed_hash(lab: RunningLab, bucket: str) -> None:
    headers = {
        "Host": lab.url.removeprefix("http://"),
        "X-Amz-Content-SHA256": hashlib.sha256(b"other").hexdigest(),
    }
    request = AWSRequest("PUT", f"{lab.url}/bucket-001/k", headers=headers, data=b"other")
    S3SigV4Auth(Credentials("test", "test"), "s3", "us-east-1").add_auth(request)
    status, response = _put(lab, dict(request.headers.items()), b"right")
    assert (status, b"XAmzContentSHA256Mismatch" in response) == (400, True)


def test_unsigned_request(lab: RunningLab, bucket: str) -> None:
    assert _put(lab, {}, b"x")[0] == 403


def test_request_with_an_old_date(lab: RunningLab, bucket: str) -> None:
    old = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1)
    scope = f"{old:%Y%m%d}/us-east-1/s3/aws4_request"
    headers = {
        "X-Amz-Date": f"{old:%Y%m%dT%H%M%SZ}",
        "Authorization": f"AWS4-HMAC-SHA256 Credential=test/{scope}, SignedHeaders=host, Signature=0",
    }
    status, response = _put(lab, headers, b"x")
    assert (status, b"RequestTimeTooSkewed" in response) == (403, True)


def test_expired_session(lab: RunningLab, sts: Any) -> None:
    session = sts.assume_role(RoleArn="arn:aws:iam::000000000000:role/r", RoleSessionName="session")["Credentials"]
    lab.client("s3", credentials=session).list_buckets()
    lab.clock.advance(3601)
    with raises_client_error("ExpiredToken", 400):
        lab.client("s3", credentials=session).list_buckets()
    with raises_client_error("ExpiredTokenException", 400):
        lab.client("kms", credentials=session).list_keys()


def _status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=20) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code


@pytest.fixture
def urls(lab: RunningLab, s3: Any, bucket: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses of a public object: presigned, presigned ten minutes ago, by Version 2, and without a signature."""
    s3.put_object(Bucket=bucket, Key="k", Body=BODY)
    s3.delete_public_access_block(Bucket=bucket)
    request = {"ClientMethod": "get_object", "Params": {"Bucket": bucket, "Key": "k"}}
    version_4 = lab.client("s3", signature_version="s3v4")
    found = [version_4.generate_presigned_url(**request)]
    old = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=10)
    with monkeypatch.context() as patched:
        for module in ("botocore.auth", "botocore.crt.auth"):  # the SDK signs with awscrt where it is installed
            patched.setattr(f"{module}.get_current_datetime", lambda **_options: old)
        found.append(version_4.generate_presigned_url(**request))
    found.append(lab.client("s3", signature_version="s3").generate_presigned_url(**request))
    return [*found, f"{lab.url}/{bucket}/k"]


@pytest.mark.enforcement
@pytest.mark.parametrize(
    ("condition", "statuses"),
    [
        ({"NumericGreaterThan": {"s3:signatureAge": "300000"}}, [200, 403, 200, 200]),
        ({"StringEquals": {"s3:authType": "REST-QUERY-STRING"}}, [403, 403, 403, 200]),
        ({"StringEquals": {"s3:signatureversion": "AWS"}}, [200, 200, 403, 200]),
        ({"Null": {"s3:authType": "true"}}, [200, 200, 200, 403]),
    ],
)
def test_conditions_on_the_signature(
    s3: Any, bucket: str, urls: list[str], condition: dict[str, Any], statuses: list[int]
) -> None:
    """Its age in milliseconds, its version, and where it is. A request without a signature has none of them."""
    where = {"Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    statements = [{"Effect": "Allow", **where}, {"Effect": "Deny", **where, "Condition": condition}]
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Statement": statements}))
    assert [_status(url) for url in urls] == statuses
