# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The verification of Signature Version 4."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable
from urllib.parse import quote, unquote

from ..errors import ServiceError
from .authorization import ALGORITHM, Authorization
from .signature_errors import headers_not_signed, signature_does_not_match
from .signature_v2 import verify_v2
from .wire import WireRequest

UNSIGNED = "UNSIGNED-PAYLOAD"
EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()
_SPACES = re.compile(r"\s+")


def signing_key(secret: str, authorization: Authorization) -> bytes:
    """Derive the key for the day, region and service."""
    key = ("AWS4" + secret).encode()
    for piece in (authorization.date, authorization.region, authorization.service, "aws4_request"):
        key = hmac.new(key, piece.encode(), hashlib.sha256).digest()
    return key


def _canonical_query(request: WireRequest) -> str:
    pairs = []
    for name, value in request.query_pairs():
        if name != "X-Amz-Signature":
            pairs.append((quote(name, safe="-_.~"), quote(value, safe="-_.~")))
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def canonical_request(request: WireRequest, authorization: Authorization, payload_hash: str) -> str:
    """Return the canonical request, which the client has signed."""
    path = request.signed_path or request.raw_path
    if authorization.service in ("s3", "s3express"):
        path = quote(unquote(path, errors="surrogateescape"), safe="/~-_.", errors="surrogateescape")
    else:
        path = quote(path, safe="/~-_.")
    lines = []
    for name in authorization.signed_headers.split(";"):
        lines.append(f"{name}:{_SPACES.sub(' ', request.header(name)).strip()}\n")
    return "\n".join(
        (request.method, path, _canonical_query(request), "".join(lines), authorization.signed_headers, payload_hash)
    )


def verify(request: WireRequest, authorization: Authorization, secret: str, payload_hash: str) -> bytes:
    """Raise ``SignatureDoesNotMatch`` if the signature was not made with the secret. Return the signing key."""
    if authorization.version == 2:
        verify_v2(request, authorization, secret)
        return b""
    _require_signed_headers(request, authorization)
    canonical = canonical_request(request, authorization, payload_hash)
    text = "\n".join(
        (
            ALGORITHM,
            authorization.timestamp,
            authorization.scope,
            hashlib.sha256(canonical.encode("utf-8", "surrogateescape")).hexdigest(),
        )
    )
    key = signing_key(secret, authorization)
    expected = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, authorization.signature):
        raise signature_does_not_match(authorization, text, canonical)
    return key


def _require_signed_headers(request: WireRequest, authorization: Authorization) -> None:
    """Raise an error for a header of S3 that is not signed, except the hash of the body.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html (CanonicalHeaders)
    """
    signed = {"x-amz-content-sha256", *authorization.signed_headers.split(";")}
    unsigned = sorted(name for name in request.headers if name.startswith("x-amz-") and name not in signed)
    if authorization.service == "s3" and unsigned:
        raise headers_not_signed(unsigned)


def chunk_verifier(authorization: Authorization, key: bytes) -> Callable[[bytes, str], None]:
    """Return a function that verifies the signature of each chunk. Each one depends on the signature before it."""
    previous = authorization.signature

    def verify_chunk(data: bytes, signature: str) -> None:
        nonlocal previous
        text = "\n".join(
            (ALGORITHM + "-PAYLOAD", authorization.timestamp, authorization.scope, previous, EMPTY_SHA256,
             hashlib.sha256(data).hexdigest())
        )  # fmt: skip
        expected = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, signature):
            raise ServiceError(
                "SignatureDoesNotMatch", "The signature of a chunk does not match the signature you provided.", 403
            )
        previous = expected

    return verify_chunk
