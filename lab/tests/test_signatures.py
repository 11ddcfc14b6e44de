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
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from client_calls import BODY, MIB, raises_client_error, read_object

from sealed_lab import RunningLab

LARGE = b"The quick brown fox " * 500
NAME = "x-amz-checksum-crc32"
CRC = base64.b64encode(zlib.crc32(LARGE).to_bytes(4, "big")).decode()


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


def _put(lab: RunningLab, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(lab.url.removeprefix("http://"))
    connection.request("PUT", path, body=body, headers=headers)
    response = connection.getresponse()
    return response.status, response.read()


@pytest.fixture
def chunked(lab: RunningLab, enforced_s3: Any, bucket: str) -> Chunked:
    """Sends signed and unsigned chunks."""
    return Chunked(lab, f"/{bucket}/k")


@dataclass
class Chunked:
    """Sends a body in two chunks with a trailing CRC-32."""

    lab: RunningLab
    path: str
    sizes: tuple[int, ...] = (8192, 0)

    def send(self, payload: str, *, trailer: str = CRC, announced: str = NAME, wrong: str = "") -> str:
        """Return the status and the code. The signatures of chunks named in ``wrong`` are not valid."""
        headers = {
            "Host": self.lab.url.removeprefix("http://"),
            "x-amz-decoded-content-length": str(len(LARGE)),
            "Content-Encoding": "aws-chunked",
            **({"x-amz-trailer": announced} if announced else {}),
        }
        request = AWSRequest("PUT", self.lab.url + self.path, headers={**headers, "X-Amz-Content-SHA256": payload})
        signer(payload).add_auth(request)
        found = dict(request.headers.items())
        body = b""
        signed = Signatures(found) if "HMAC" in payload else None
        start = 0
        for size in (*self.sizes[:-1], len(LARGE) - sum(self.sizes), 0):
            chunk = LARGE[start : start + size] if size else b""
            start += size
            extension = f";chunk-signature={signed.chunk(chunk)}" if signed is not None else ""
            sent = chunk.swapcase() if "chunk" in wrong else chunk
            body += f"{len(chunk):x}{extension}\r\n".encode() + sent + (b"\r\n" if size else b"")
        if trailer:
            body += f"{NAME}:{trailer}\r\n".encode()
            if signed is not None:
                value = signed.trailer("other" if "trailer" in wrong else f"{NAME}:{trailer}\n")
                body += f"x-amz-trailer-signature:{value}\r\n".encode()
        status, response = _put(self.lab, self.path, {**found, "X-Amz-Content-SHA256": payload}, body + b"\r\n")
        return f"{status} {response.partition(b'<Code>')[2].partition(b'<')[0].decode()}".strip()


class Signatures:
    """The signatures of chunks, each after the one before it."""

    def __init__(self, headers: dict[str, str]) -> None:
        self.timestamp = headers["X-Amz-Date"]
        self.scope = f"{self.timestamp[:8]}/us-east-1/s3/aws4_request"
        self.previous = headers["Authorization"].rpartition("Signature=")[2]
        self.key = b"AWS4test"
        for piece in (self.timestamp[:8], "us-east-1", "s3", "aws4_request"):
            self.key = hmac.new(self.key, piece.encode(), hashlib.sha256).digest()

    def chunk(self, data: bytes) -> str:
        return self._sign("PAYLOAD", hashlib.sha256(b"").hexdigest(), hashlib.sha256(data).hexdigest())

    def trailer(self, text: str) -> str:
        return self._sign("TRAILER", hashlib.sha256(text.encode()).hexdigest())

    def _sign(self, kind: str, *hashes: str) -> str:
        text = "\n".join((f"AWS4-HMAC-SHA256-{kind}", self.timestamp, self.scope, self.previous, *hashes))
        self.previous = hmac.new(self.key, text.encode(), hashlib.sha256).hexdigest()
        return self.previous


@pytest.mark.behaviour
def test_unsigned_chunks(chunked: Chunked, enforced_s3: Any, bucket: str) -> None:
    payload = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
    assert chunked.send(payload) == "200"
    assert read_object(enforced_s3, bucket, "k") == LARGE
    assert "ContentEncoding" not in enforced_s3.head_object(Bucket=bucket, Key="k")
    assert chunked.send(payload, trailer="AAAAAA==") == "400 BadDigest"
    assert chunked.send(payload, trailer="") == "400 MalformedTrailerError"
    assert chunked.send(payload, announced="") == "400 MalformedTrailerError"
    assert chunked.send(payload, announced="x-amz-checksum-crc32c") == "400 MalformedTrailerError"
    chunked.sizes = (8191, 0)
    assert chunked.send(payload) == "403 InvalidChunkSizeError"


@pytest.mark.behaviour
def test_signed_chunks(chunked: Chunked, enforced_s3: Any, bucket: str) -> None:
    payload = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
    assert chunked.send(payload, trailer="", announced="") == "200"
    assert chunked.send(payload, trailer="", announced="", wrong="chunk") == "403 SignatureDoesNotMatch"
    assert chunked.send(f"{payload}-TRAILER") == "200"
    assert read_object(enforced_s3, bucket, "k") == LARGE
    assert chunked.send(f"{payload}-TRAILER", wrong="trailer") == "403 SignatureDoesNotMatch"
    assert chunked.send(f"{payload}-TRAILER", trailer="AAAAAA==") == "400 BadDigest"


def test_body_that_does_not_match_its_signed_hash(lab: RunningLab, bucket: str) -> None:
    headers = {
        "Host": lab.url.removeprefix("http://"),
        "X-Amz-Content-SHA256": hashlib.sha256(b"other").hexdigest(),
    }
    request = AWSRequest("PUT", f"{lab.url}/bucket-001/k", headers=headers, data=b"other")
    S3SigV4Auth(Credentials("test", "test"), "s3", "us-east-1").add_auth(request)
    status, response = _put(lab, "/bucket-001/k", dict(request.headers.items()), b"right")
    assert (status, b"XAmzContentSHA256Mismatch" in response) == (400, True)


def test_unsigned_request(lab: RunningLab, bucket: str) -> None:
    assert _put(lab, "/bucket-001/k", {}, b"x")[0] == 403


def test_request_with_an_old_date(lab: RunningLab, bucket: str) -> None:
    old = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1)
    scope = f"{old:%Y%m%d}/us-east-1/s3/aws4_request"
    headers = {
        "X-Amz-Date": f"{old:%Y%m%dT%H%M%SZ}",
        "Authorization": f"AWS4-HMAC-SHA256 Credential=test/{scope}, SignedHeaders=host, Signature=0",
    }
    status, response = _put(lab, "/bucket-001/k", headers, b"x")
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
