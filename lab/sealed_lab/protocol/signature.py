# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Verification of Signature Version 4: requests, presigned URLs, the policies of forms, and chunks."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from urllib.parse import quote, unquote

from ..errors import ServiceError, invalid_argument, invalid_request
from .authorization import ALGORITHM, Authorization
from .wire import WireRequest

UNSIGNED = "UNSIGNED-PAYLOAD"
EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()
_PAYLOADS = (
    UNSIGNED,
    "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
    "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD",
    "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER",
)
_SHA256 = re.compile("[0-9a-f]{64}")
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
    query = {name.lower(): value for name, value in request.query_pairs()} if authorization.presigned else {}
    lines = []
    for name in authorization.signed_headers.split(";"):
        value = request.headers.get(name)
        if value is None:
            # Some SDKs sign a header and move it into the query of a presigned URL.
            value = query.get(name, "") if name.startswith("x-amz-") else ""
        lines.append(f"{name}:{_SPACES.sub(' ', value).strip()}\n")
    return "\n".join(
        (request.method, path, _canonical_query(request), "".join(lines), authorization.signed_headers, payload_hash)
    )


def mismatch(authorization: Authorization, text: str, canonical: str | None = None) -> ServiceError:
    """Return S3's error for a signature that the secret does not give, with all that the client needs to compare."""
    fields = {
        "AWSAccessKeyId": authorization.access_key,
        "StringToSign": text,
        "SignatureProvided": authorization.signature,
        "StringToSignBytes": _hex_bytes(text),
    }
    if canonical is not None:
        fields["CanonicalRequest"] = canonical
        fields["CanonicalRequestBytes"] = _hex_bytes(canonical)
    return ServiceError(
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. "
        "Check your key and signing method.",
        403,
        fields=fields,
    )


def _hex_bytes(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").hex(" ")


def _require_signed_headers(request: WireRequest, authorization: Authorization) -> None:
    """Raise AccessDenied for a header that has to be signed, and is not: ``host`` and ``x-amz-*``.

    S3 ignores an ``x-amz-content-sha256`` that is not signed.
    https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
    """
    signed = {*authorization.signed_headers.split(";"), "x-amz-content-sha256"}
    missing = sorted(name for name in request.headers if name.startswith("x-amz-") or name == "host")
    missing = [name for name in missing if name not in signed]
    if missing:
        raise ServiceError(
            "AccessDenied",
            "There were headers present in the request which were not signed",
            403,
            fields={"HeadersNotSigned": ", ".join(missing)},
        )


def require_payload_hash(request: WireRequest, authorization: Authorization) -> None:
    """Raise an error if a request with a signature in its header does not say how its body is signed.

    https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
    """
    if authorization.version != 4 or authorization.presigned:
        return
    value = request.header("x-amz-content-sha256")
    if not value:
        raise invalid_request("Missing required header for this request: x-amz-content-sha256")
    if value not in _PAYLOADS and not _SHA256.fullmatch(value):
        raise invalid_argument(
            f"x-amz-content-sha256 must be {', '.join(_PAYLOADS)} or a valid sha256 value.",
            "x-amz-content-sha256",
            value,
        )


def verify(request: WireRequest, authorization: Authorization, secret: str, payload_hash: str) -> bytes:
    """Raise ``SignatureDoesNotMatch`` if the signature was not made with the secret. Return the signing key."""
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
    if not hmac.compare_digest(expected.encode(), authorization.signature.encode("utf-8", "surrogateescape")):
        raise mismatch(authorization, text, canonical)
    return key


def verify_policy(authorization: Authorization, secret: str, policy: str) -> None:
    """Verify the signature of a form, which is that of its policy in base64.

    https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-UsingHTTPPOST.html
    """
    expected = hmac.new(signing_key(secret, authorization), policy.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), authorization.signature.encode()):
        raise mismatch(authorization, policy)


class ChunkVerifier:
    """Verifies the signature of each chunk, and of the trailers. Each one depends on the signature before it.

    https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
    """

    def __init__(self, authorization: Authorization, key: bytes) -> None:
        self._authorization = authorization
        self._key = key
        self._previous = authorization.signature

    def check_chunk(self, data: bytes, signature: str) -> None:
        """Raise ``SignatureDoesNotMatch`` if it is not the signature of the chunk."""
        self._check(("PAYLOAD", EMPTY_SHA256, hashlib.sha256(data).hexdigest()), signature)

    def check_trailers(self, trailers: Mapping[str, str], signature: str) -> None:
        """Raise ``SignatureDoesNotMatch`` if it is not the signature of the trailers."""
        text = "".join(f"{name}:{trailers[name]}\n" for name in sorted(trailers))
        self._check(("TRAILER", hashlib.sha256(text.encode("latin-1")).hexdigest()), signature)

    def _check(self, signed: tuple[str, ...], signature: str) -> None:
        kind, *hashes = signed
        signer = self._authorization
        text = "\n".join((f"{ALGORITHM}-{kind}", signer.timestamp, signer.scope, self._previous, *hashes))
        expected = hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected.encode(), signature.encode()):
            raise ServiceError(
                "SignatureDoesNotMatch", "The signature of a chunk does not match the signature you provided.", 403
            )
        self._previous = expected
