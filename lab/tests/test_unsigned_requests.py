# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Requests without a signature: what ACLs allow everyone, and the rules for scripts on web pages of another origin."""

from __future__ import annotations

import http.client
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from sealed_lab import RunningLab

pytestmark = pytest.mark.behaviour

ORIGIN = "https://localhost:4200"
VARY = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"
NOT_ALLOWED = (
    "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / "
    "Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec."
)
_HEADERS = {
    "origin": "Origin",
    "next_method": "Access-Control-Request-Method",
    "next_headers": "Access-Control-Request-Headers",
}
Send = Callable[..., tuple[int, dict[str, str], bytes]]


@pytest.fixture
def send(lab: RunningLab) -> Send:
    """Sends a request without a signature. Returns the status, the headers and the body."""

    def send(method: str, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection(urlsplit(lab.url).netloc, timeout=20)
        connection.request(method, path, headers={_HEADERS[name]: value for name, value in headers.items()})
        response = connection.getresponse()
        result = response.status, dict(response.getheaders()), response.read()
        connection.close()
        return result

    return send


@pytest.fixture
def open_bucket(s3: Any, bucket: str) -> str:
    """A bucket whose ACL lets everyone list and write, with a private and a public object."""
    s3.delete_bucket_ownership_controls(Bucket=bucket)
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_acl(Bucket=bucket, ACL="public-read-write")
    s3.put_object(Bucket=bucket, Key="private", Body=b"x")
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", ACL="public-read")
    return bucket


def put_cors(s3: Any, bucket: str, **members: Any) -> None:
    """Put one CORS rule."""
    rule = {"AllowedOrigins": [ORIGIN], "AllowedMethods": ["GET"], **members}
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [rule]})


def cors_part(headers: dict[str, str]) -> dict[str, str]:
    """Return the headers of CORS, without the common part of their names."""
    return {
        name.removeprefix("Access-Control-"): value
        for name, value in headers.items()
        if name.startswith("Access-Control-") or name == "Vary"
    }


def error_of(body: bytes) -> dict[str, str]:
    """Return the error without the ids of the request."""
    found = {each.tag: each.text or "" for each in ElementTree.fromstring(body)}
    return {name: value for name, value in found.items() if name not in ("RequestId", "HostId")}


def test_what_acls_allow_everyone(s3: Any, open_bucket: str, send: Send) -> None:
    cases = [
        ("GET", "k", 200),
        ("GET", "private", 403),
        ("GET", "", 200),
        ("PUT", "new", 200),
        ("DELETE", "k", 403),
        ("GET", "?acl", 403),
    ]
    for method, path, expected in cases:
        assert send(method, f"/{open_bucket}/{path}")[0] == expected, (method, path)
    block = {
        "BlockPublicAcls": False,
        "IgnorePublicAcls": True,
        "BlockPublicPolicy": False,
        "RestrictPublicBuckets": False,
    }
    s3.put_public_access_block(Bucket=open_bucket, PublicAccessBlockConfiguration=block)
    assert send("GET", f"/{open_bucket}/k")[0] == 403
    s3.delete_public_access_block(Bucket=open_bucket)
    s3.put_bucket_acl(Bucket=open_bucket, ACL="private")
    enforced = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    s3.put_bucket_ownership_controls(Bucket=open_bucket, OwnershipControls=enforced)
    assert send("GET", f"/{open_bucket}/k")[0] == 403


def test_the_owner_of_objects_is_not_listed_for_everyone(open_bucket: str, send: Send) -> None:
    body = send("GET", f"/{open_bucket}")[2]
    assert body.count(b"<Contents>") == 2
    assert b"<Owner>" not in body


def test_what_acls_allow_other_accounts(s3: Any, open_bucket: str, lab: RunningLab, send: Send) -> None:
    other = lab.client("s3", account="222222222222")
    s3.put_object_acl(Bucket=open_bucket, Key="private", ACL="authenticated-read")
    assert other.get_object(Bucket=open_bucket, Key="private")["Body"].read() == b"x"
    assert send("GET", f"/{open_bucket}/private")[0] == 403
    identity = other.list_buckets()["Owner"]["ID"]
    s3.put_object_acl(Bucket=open_bucket, Key="private", GrantFullControl=f"id={identity}")
    assert other.get_object_acl(Bucket=open_bucket, Key="private")["Grants"]


def test_preflight_requests_that_are_refused(s3: Any, bucket: str, send: Send) -> None:
    forbidden = {"Code": "AccessForbidden", "Method": "OPTIONS", "ResourceType": "BUCKET"}
    without_origin = {"Code": "BadRequest", "Message": "Insufficient information. Origin request header needed."}
    status, headers, body = send("OPTIONS", f"/{bucket}/k")
    assert (status, error_of(body)) == (400, without_origin)
    assert (headers["Transfer-Encoding"], headers["Connection"]) == ("chunked", "close")
    status, _, body = send("OPTIONS", "/missing-bucket/k", origin=ORIGIN)
    assert (status, error_of(body)) == (403, {**forbidden, "Message": "CORSResponse: Bucket not found"})
    status, _, body = send("OPTIONS", f"/{bucket}/k", origin=ORIGIN)
    disabled = {**forbidden, "Message": "CORSResponse: CORS is not enabled for this bucket."}
    assert (status, error_of(body)) == (403, disabled)
    put_cors(s3, bucket, AllowedHeaders=["x-amz-expected-bucket-owner", "x-AMZ-meta-*"])
    refused = {**forbidden, "Message": NOT_ALLOWED}
    cases = [
        ("k", ORIGIN, "PUT", "", "OBJECT"),
        ("", "https://localhost:42000", "GET", "", "BUCKET"),
        ("k", ORIGIN, "GET", "x-amz-meta-a, x-amz-request-payer", "OBJECT"),
    ]
    for key, origin, method, names, resource in cases:
        status, _, body = send("OPTIONS", f"/{bucket}/{key}", origin=origin, next_method=method, next_headers=names)
        assert status == 403
        assert error_of(body) == {**refused, "Method": method, "ResourceType": resource}


def test_errors_for_http_1_0_have_a_length(lab: RunningLab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http.client.HTTPConnection, "_http_vsn_str", "HTTP/1.0")
    connection = http.client.HTTPConnection(urlsplit(lab.url).netloc, timeout=20)
    connection.request("GET", "/missing-bucket")
    response = connection.getresponse()
    assert response.getheader("Content-Length") == str(len(response.read()))
    connection.close()


def test_preflight_requests_that_are_allowed(s3: Any, bucket: str, send: Send) -> None:
    put_cors(s3, bucket, AllowedHeaders=["x-AMZ-*"], MaxAgeSeconds=3000)
    names = "x-AMZ-request-payer,x-amz-meta-a"
    status, headers, body = send("OPTIONS", f"/{bucket}/k", origin=ORIGIN, next_method="GET", next_headers=names)
    assert (status, body, headers["Content-Length"]) == (200, b"", "0")
    assert cors_part(headers) == {
        "Allow-Origin": ORIGIN,
        "Allow-Methods": "GET",
        "Allow-Headers": "x-amz-request-payer, x-amz-meta-a",
        "Allow-Credentials": "true",
        "Max-Age": "3000",
        "Vary": VARY,
    }
    put_cors(s3, bucket, AllowedOrigins=["*"], AllowedMethods=["GET", "PUT"], ExposeHeaders=["a", "b"])
    everyone = {"Allow-Origin": "*", "Allow-Methods": "GET, PUT", "Expose-Headers": "a, b", "Vary": VARY}
    assert cors_part(send("OPTIONS", f"/{bucket}/k", origin=ORIGIN, next_method="PUT")[1]) == everyone
    put_cors(s3, bucket, AllowedOrigins=["http://*.origin.com"])
    for origin, expected in (("http://test.origin.com", 200), ("http://test.origin.com/", 403)):
        assert send("OPTIONS", f"/{bucket}", origin=origin, next_method="GET")[0] == expected


def test_responses_to_requests_of_another_origin(s3: Any, open_bucket: str, send: Send) -> None:
    put_cors(s3, open_bucket)
    path = f"/{open_bucket}/k"
    allowed = {"Allow-Origin": ORIGIN, "Allow-Methods": "GET", "Allow-Credentials": "true", "Vary": VARY}
    assert cors_part(send("GET", path, origin=ORIGIN)[1]) == allowed
    assert cors_part(send("GET", f"/{open_bucket}/private", origin=ORIGIN)[1]) == allowed
    for method, headers in (
        ("GET", {}),
        ("GET", {"origin": "http://localhost:4200"}),
        ("GET", {"origin": ORIGIN, "next_method": "PUT"}),
        ("GET", {"origin": ORIGIN, "next_headers": "x-amz-request-payer"}),
        ("PUT", {"origin": ORIGIN}),
    ):
        assert cors_part(send(method, path, **headers)[1]) == {}, (method, headers)


def test_cors_rules_that_are_not_valid(s3: Any, bucket: str) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"AllowedMethods": ["MYMETHOD"]},
         "Found unsupported HTTP method in CORS config. Unsupported method is MYMETHOD"),
        ({"AllowedOrigins": ["http://*.*"]}, 'AllowedOrigin "http://*.*" can not have more than one wildcard.'),
        ({"ExposeHeaders": ["*"]},
         'ExposeHeader "*" contains wildcard. We currently do not support wildcard for ExposeHeader.'),
    ]  # fmt: skip
    for members, message in cases:
        with pytest.raises(s3.exceptions.ClientError) as caught:
            put_cors(s3, bucket, **members)
        assert caught.value.response["Error"] == {"Code": "InvalidRequest", "Message": message}
