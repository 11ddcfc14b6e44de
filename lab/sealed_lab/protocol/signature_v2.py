# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Verification of Signature Version 2: requests, presigned URLs, and the policies of forms.

S3 User Guide, "Signing and authenticating REST requests".
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from .authorization import Authorization
from .signature import mismatch
from .wire import WireRequest

_V2_SUBRESOURCES = {
    "accelerate", "acl", "cors", "location", "logging", "partNumber", "policy", "requestPayment", "torrent",
    "versioning", "versionId", "versions", "website", "uploads", "uploadId", "response-content-type",
    "response-content-language", "response-expires", "response-cache-control", "response-content-disposition",
    "response-content-encoding", "delete", "lifecycle", "tagging", "restore", "notification", "replication",
    "analytics", "metrics", "inventory", "select", "select-type", "object-lock",
}  # fmt: skip


def verify_v2(request: WireRequest, authorization: Authorization, secret: str) -> None:
    """Raise ``SignatureDoesNotMatch`` if the signature of a request was not made with the secret.

    botocore signs the path of a bucket with a slash at the end, and sends it without one.
    Source: https://github.com/boto/botocore/blob/develop/botocore/handlers.py (remove_bucket_from_url_paths_from_model)
    """
    texts = [_string_to_sign(request, authorization, request.raw_path)]
    if "/" not in request.raw_path.removeprefix("/"):
        texts.append(_string_to_sign(request, authorization, f"{request.raw_path}/"))
    if not any(_matches(authorization, secret, text) for text in texts):
        raise mismatch(authorization, texts[-1])


def _string_to_sign(request: WireRequest, authorization: Authorization, resource: str) -> str:
    pairs = request.query_pairs()
    amz_headers = {name: value for name, value in pairs if name.startswith("x-amz-")}
    amz_headers.update({name: value for name, value in request.headers.items() if name.startswith("x-amz-")})
    query = dict(pairs)
    subresources = sorted((name, value) for name, value in pairs if name in _V2_SUBRESOURCES)
    if subresources:
        resource += "?" + "&".join(f"{name}={value}" if value else name for name, value in subresources)
    lines = [
        request.method,
        request.header("content-md5") or query.get("content-md5", ""),
        request.header("content-type") or query.get("content-type", ""),
        str(authorization.expires) if authorization.presigned else _date(request),
        *(f"{name}:{amz_headers[name]}" for name in sorted(amz_headers)),
        resource,
    ]
    return "\n".join(lines)


def _date(request: WireRequest) -> str:
    return "" if "x-amz-date" in request.headers else request.header("date")


def verify_policy_v2(authorization: Authorization, secret: str, policy: str) -> None:
    """Verify the signature of a form, which is that of its policy in base64."""
    if not _matches(authorization, secret, policy):
        raise mismatch(authorization, policy)


def _matches(authorization: Authorization, secret: str, text: str) -> bool:
    digest = hmac.new(secret.encode(), text.encode("utf-8", "surrogateescape"), hashlib.sha1).digest()
    return hmac.compare_digest(base64.b64encode(digest), authorization.signature.encode("utf-8", "surrogateescape"))
