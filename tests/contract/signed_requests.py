# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Requests to S3 with exactly the headers of a test, signed by the SDK, over one connection with a version of TLS."""

from __future__ import annotations

import base64
import hashlib
import http.client
import ssl
import urllib.parse
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from .conftest import REGION

_BOUNDARY = "boundary-of-the-test"
BY_BUCKET_POLICY = "with an explicit deny in a resource-based policy"


@dataclass(frozen=True)
class Answer:
    """A response of S3: its headers, and the elements of its document."""

    status: int
    elements: Mapping[str, str]
    headers: Mapping[str, str]

    @property
    def is_refused(self) -> bool:
        """Whether the bucket policy denies the request. Fails for any other error."""
        message = self.elements.get("Message", "Access Denied")  # all that HEAD and other accounts learn
        denied = self.status == 403 and message.endswith(("Access Denied", BY_BUCKET_POLICY))
        assert denied or self.status < 300, self
        return denied


def sse_c_headers(key: bytes) -> dict[str, str]:
    """The headers of a customer key."""
    start = "x-amz-server-side-encryption-customer"
    return {
        f"{start}-algorithm": "AES256",
        f"{start}-key": base64.b64encode(key).decode(),
        f"{start}-key-MD5": _md5(key),
    }


def _md5(content: bytes) -> str:
    return base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()


class Requester:
    """Sends requests as one principal. Without credentials they are not signed."""

    def __init__(self, url: str, credentials: Mapping[str, str] | None, context: ssl.SSLContext | None = None) -> None:
        self.url = url
        keys = credentials
        self._signer = keys and S3SigV4Auth(
            Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys.get("SessionToken")), "s3", REGION
        )
        host = urllib.parse.urlsplit(url).netloc
        self._connection = (
            http.client.HTTPSConnection(host, context=context, timeout=20)
            if context
            else http.client.HTTPConnection(host, timeout=20)
        )

    def __enter__(self) -> Requester:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def send(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        """Send a signed request to /bucket/key?query."""
        # Most requests with a document require it, also an empty one.
        checked = {"Content-MD5": _md5(body)} if method in ("PUT", "POST") else {}
        request = AWSRequest(method, self.url + path, {**checked, **(headers or {})}, body)
        if self._signer:
            self._signer.add_auth(request)
        return self._exchange(method, path, body, dict(request.headers.items()))

    def post_form(self, bucket: str, fields: Mapping[str, str], content: bytes) -> Answer:
        """Send the form of a browser."""
        head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="'
        text = "".join(f'{head}{name}"\r\n\r\n{value}\r\n' for name, value in fields.items())
        text += f'{head}file"; filename="name"\r\n\r\n'
        body = text.encode() + content + f"\r\n--{_BOUNDARY}--\r\n".encode()
        return self._exchange(
            "POST", f"/{bucket}", body, {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"}
        )

    def _exchange(self, method: str, path: str, body: bytes, headers: dict[str, Any]) -> Answer:
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        content = response.read()
        root = ElementTree.fromstring(content) if content.lstrip().startswith(b"<") else ()
        elements = {each.tag.rpartition("}")[2]: each.text or "" for each in root}
        return Answer(response.status, elements, {name.lower(): value for name, value in response.getheaders()})
