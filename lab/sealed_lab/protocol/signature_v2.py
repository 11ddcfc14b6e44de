# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Signature Version 2 of presigned URLs."""

from __future__ import annotations

import base64
import hashlib
import hmac

from .authorization import Authorization
from .signature_errors import signature_does_not_match
from .wire import WireRequest

_V2_SUBRESOURCES = {
    "accelerate", "acl", "cors", "location", "logging", "partNumber", "policy", "requestPayment", "torrent",
    "versioning", "versionId", "versions", "website", "uploads", "uploadId", "response-content-type",
    "response-content-language", "response-expires", "response-cache-control", "response-content-disposition",
    "response-content-encoding", "delete", "lifecycle", "tagging", "restore", "notification", "replication",
    "analytics", "metrics", "inventory", "select", "select-type", "object-lock",
}  # fmt: skip


def verify_v2(request: WireRequest, authorization: Authorization, secret: str) -> None:
    """Verify Signature Version 2 of a presigned URL (S3 User Guide, "Signing and authenticating REST requests")."""
    pairs = request.query_pairs()
    amz_headers = {name: value for name, value in pairs if name.startswith("x-amz-")}
    amz_headers.update({name: value for name, value in request.headers.items() if name.startswith("x-amz-")})
    query = dict(pairs)
    resource = request.raw_path
    subresources = sorted((name, value) for name, value in pairs if name in _V2_SUBRESOURCES)
    if subresources:
        resource += "?" + "&".join(f"{name}={value}" if value else name for name, value in subresources)
    lines = [
        request.method,
        request.header("content-md5") or query.get("content-md5", ""),
        request.header("content-type") or query.get("content-type", ""),
        str(authorization.expires),
        *(f"{name}:{amz_headers[name]}" for name in sorted(amz_headers)),
        resource,
    ]
    expected = base64.b64encode(hmac.new(secret.encode(), "\n".join(lines).encode(), hashlib.sha1).digest()).decode()
    if not hmac.compare_digest(expected, authorization.signature):
        raise signature_does_not_match(authorization, "\n".join(lines))
