# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""One request for many objects of a bucket: the SDK makes and signs it once, then only the object and the time differ.

To serialize and to sign a request takes the SDK four times as long as to send it. A form signs it again by the rules of
Signature Version 4, and exists only if it makes of the SDK's own request the same bytes that the SDK made.
Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import quote

try:
    from botocore.compat import get_current_datetime
except ImportError:  # the frontend reports a missing SDK before anything here is called
    pass

# The parameters of an object, and those that are the same for all objects of a run.
OF_OBJECT = ("Key", "VersionId")
_SHARED = frozenset({"Bucket", "ExpectedBucketOwner", "ChecksumMode", "ObjectEncryption"})
_OPERATIONS = frozenset({"HeadObject", "UpdateObjectEncryption"})
# The key of the request that a form is made of.
ANY_KEY = "any-key"

FormName = tuple[str, str]


def form_name(operation: str, parameters: Mapping[str, Any]) -> FormName | None:
    """What all requests of one form have in common; None for a request that is made in full."""
    if operation not in _OPERATIONS or not isinstance(parameters.get("Key"), str) or not parameters["Key"]:
        return None
    if not isinstance(parameters.get("VersionId", ""), str):
        return None
    shared = {name: value for name, value in parameters.items() if name not in OF_OBJECT}
    return (operation, repr(shared)) if _SHARED.issuperset(shared) else None


class RequestForm:
    """A signed request, for any object of its bucket. Safe for threads.

    `content` is the SDK's request as it is sent, for the key ANY_KEY without a version, with its model and context.
    `credentials` signed it for this region. Raises ValueError for a request that a form cannot repeat.
    """

    def __init__(self, model: Any, context: Mapping[str, Any], content: bytes, credentials: Any, region: str) -> None:
        self.model = model
        self.context = context
        self.credentials = credentials
        # As text, in which each character is a byte.
        head, _end, self._body = content.decode("latin-1").partition("\r\n\r\n")
        first, *lines = head.split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        self._method, target, _protocol = first.split(" ")
        path, _mark, self._query = target.partition("?")
        self._path = path.removesuffix(ANY_KEY)
        time, authorization = headers.pop("X-Amz-Date"), headers.pop("Authorization")
        self._headers = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self._signed = authorization.partition("SignedHeaders=")[2].partition(",")[0]
        self._payload = headers["X-Amz-Content-SHA256"]
        values = {name.lower(): " ".join(value.split()) for name, value in headers.items()}
        names = self._signed.split(";")
        place = names.index("x-amz-date")
        self._signed_before = "".join(f"{name}:{values[name]}\n" for name in names[:place])
        self._signed_after = "".join(f"{name}:{values[name]}\n" for name in names[place + 1 :])
        self._region = region
        self._day_key = ("", b"")
        again = self.content(ANY_KEY, None, time)
        if sorted(again.split(b"\r\n")) != sorted(content.split(b"\r\n")):
            raise ValueError("the SDK signs this request in another way")

    def content(self, key: str, version_id: str | None, time: str | None = None) -> bytes:
        """The request for this object, signed now, or at this time in the format of its header."""
        time = time or f"{get_current_datetime().isoformat(timespec='seconds').replace('-', '').replace(':', '')}Z"
        path = self._path + quote(key, safe="/~")
        query = self._query
        if version_id is not None:
            version = f"versionId={quote(version_id, safe='-._~')}"
            query = f"{query}&{version}" if query else version
        pairs = sorted(pair if "=" in pair else f"{pair}=" for pair in query.split("&")) if query else []
        canonical = (
            f"{self._method}\n{path}\n{'&'.join(pairs)}\n{self._signed_before}x-amz-date:{time}\n{self._signed_after}\n"
            f"{self._signed}\n{self._payload}"
        )
        scope = f"{time[:8]}/{self._region}/s3/aws4_request"
        to_sign = f"AWS4-HMAC-SHA256\n{time}\n{scope}\n{sha256(canonical.encode('latin-1')).hexdigest()}"
        signature = hmac.digest(self._key_of(time[:8]), to_sign.encode(), "sha256").hex()
        return (
            f"{self._method} {path}{'?' if query else ''}{query} HTTP/1.1\r\n{self._headers}X-Amz-Date: {time}\r\n"
            f"Authorization: AWS4-HMAC-SHA256 Credential={self.credentials.access_key}/{scope}, "
            f"SignedHeaders={self._signed}, Signature={signature}\r\n\r\n{self._body}"
        ).encode("latin-1")

    def _key_of(self, day: str) -> bytes:
        """The signing key of a day, which is derived once."""
        known, key = self._day_key
        if known != day:
            key = f"AWS4{self.credentials.secret_key}".encode()
            for part in (day, self._region, "s3", "aws4_request"):
                key = hmac.digest(key, part.encode(), "sha256")
            self._day_key = (day, key)
        return key
