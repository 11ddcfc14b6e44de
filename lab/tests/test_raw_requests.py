# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Requests that no SDK sends: without a length, with wrong headers, or with methods that do not exist."""

from __future__ import annotations

import http.client
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from datetime import datetime, timezone

import pytest

from sealed_lab import RunningLab

_CHUNKED = {"Transfer-Encoding": "chunked"}
_UNSIGNED = "UNSIGNED-PAYLOAD"
_STREAM = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
_METHOD = "The specified method is not allowed against this resource."


def send(lab: RunningLab, line: str, headers: Mapping[str, str], body: bytes = b"") -> tuple[int, dict[str, str]]:
    """Send a request with the headers of a signature. Return the status, and the elements of an error."""
    now = datetime.now(timezone.utc)
    scope = f"Credential=test/{now:%Y%m%d}/us-east-1/s3/aws4_request"
    signature = f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=x"
    signed = {"Authorization": signature, "X-Amz-Date": f"{now:%Y%m%dT%H%M%SZ}", "X-Amz-Content-SHA256": _UNSIGNED}
    connection = http.client.HTTPConnection(lab.url.removeprefix("http://"), timeout=20)
    method, path = line.split()
    connection.putrequest(method, path, skip_accept_encoding=True)
    for name, value in {**signed, **headers}.items():
        if value or name == "Content-MD5":
            connection.putheader(name, value)
    connection.endheaders(body)
    response = connection.getresponse()
    text = response.read()
    connection.close()
    return response.status, {each.tag: each.text or "" for each in ElementTree.fromstring(text)} if text else {}


@pytest.mark.behaviour
@pytest.mark.parametrize(
    ("line", "headers", "answer", "element"),
    [
        ("PUT /{}/k", {}, (411, "MissingContentLength"), {}),
        ("PUT /{}/k", _CHUNKED, (501, "NotImplemented"), {"Header": "Transfer-Encoding"}),
        ("PUT /{}/k", {"Content-Length": "0", "Content-MD5": ""}, (400, "InvalidDigest"), {"Content-MD5": ""}),
        ("PUT /{}/k", {"Content-Length": "0", "X-Amz-Content-SHA256": _STREAM}, (411, "MissingContentLength"), {}),
        ("PUT /{}/k", {"X-Amz-Content-SHA256": "x"}, (400, "InvalidArgument"), {"ArgumentValue": "x"}),
        ("GET /{}/k", {"X-Amz-Content-SHA256": ""}, (400, "InvalidRequest"), {}),
        ("GET /{}/k", {"X-Amz-Date": "x"}, (403, "AccessDenied"), {}),
        ("PUT /new", {"Authorization": ""}, (403, "AccessDenied"), {"Message": "Access Denied"}),
        ("GET /missing/k", {"Authorization": ""}, (404, "NoSuchBucket"), {"BucketName": "missing"}),
        ("DELETE /", {}, (405, "MethodNotAllowed"), {"Message": _METHOD, "ResourceType": "SERVICE"}),
        ("PATCH /{}", {}, (405, "MethodNotAllowed"), {"Method": "PATCH", "ResourceType": "BUCKET"}),
        ("POST /{}/k", {}, (405, "MethodNotAllowed"), {"Method": "POST", "ResourceType": "OBJECT"}),
        ("GET /{}/k?partNumber=x", {}, (400, "InvalidArgument"), {"ArgumentName": "partNumber", "ArgumentValue": "x"}),
        ("GET /{}?max-keys=x", {}, (400, "InvalidArgument"), {"ArgumentName": "max-keys"}),
        ("GET /{}/k?subresource", {}, (501, "NotImplemented"), {}),
        ("GET /{}/k?x-for-the-log=1", {}, (404, "NoSuchKey"), {}),
        ("PUT /{}/%FF", {}, (400, "InvalidURI"), {}),
    ],
)
def test_requests(
    lab: RunningLab, bucket: str, line: str, headers: dict[str, str], answer: tuple[int, str], element: dict[str, str]
) -> None:
    body = b"0\r\n\r\n" if headers is _CHUNKED else b""
    status, found = send(lab, line.format(bucket), headers, body)
    assert (status, found.get("Code")) == answer
    assert found.items() >= element.items()
