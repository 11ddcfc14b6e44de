# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Signature Version 4: the signer of a request, its region, and the verification of the signature.

Presigned URLs of Signature Version 2 are accepted too: botocore still creates them for a custom endpoint.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import lru_cache
from urllib.parse import quote, unquote

from ..errors import ServiceError
from .wire import WireRequest

ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED = "UNSIGNED-PAYLOAD"
EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Authorization:
    """What a request declares about its signer."""

    access_key: str
    date: str
    region: str
    service: str
    signed_headers: str
    signature: str
    timestamp: str
    token: str
    presigned: bool = False
    expires: int = 0
    version: int = 4

    @property
    def scope(self) -> str:
        """The credential scope without the access key."""
        return f"{self.date}/{self.region}/{self.service}/aws4_request"


def _malformed(message: str) -> ServiceError:
    return ServiceError("AuthorizationHeaderMalformed", f"The authorization header is malformed; {message}", 400)


def parse_authorization(request: WireRequest) -> Authorization | None:
    """Return the signer from the header or from the query of a presigned URL, or None for an unsigned request."""
    header = request.header("authorization")
    if header:
        return _from_header(request, header)
    if "X-Amz-Signature=" in request.raw_query:
        return _from_query(request)
    if "AWSAccessKeyId=" in request.raw_query and "Signature=" in request.raw_query:
        return _from_v2_query(request)
    return None


def _unsupported_mechanism() -> ServiceError:
    return ServiceError(
        "InvalidRequest",
        "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
        400,
    )


def _from_header(request: WireRequest, header: str) -> Authorization:
    algorithm, _, rest = header.partition(" ")
    if algorithm != ALGORITHM:
        raise _unsupported_mechanism()
    fields: dict[str, str] = {}
    for piece in rest.split(","):
        name, _, value = piece.strip().partition("=")
        fields[name] = value
    for name in ("Credential", "SignedHeaders", "Signature"):
        if not fields.get(name):
            raise _malformed(f"{name} is missing.")
    access_key, date, region, service = _credential(fields["Credential"])
    timestamp = request.header("x-amz-date") or request.header("date")
    return Authorization(
        access_key, date, region, service, fields["SignedHeaders"], fields["Signature"], timestamp,
        request.header("x-amz-security-token"),
    )  # fmt: skip


def _from_query(request: WireRequest) -> Authorization:
    fields = dict(request.query_pairs())
    if fields.get("X-Amz-Algorithm") != ALGORITHM:
        raise _unsupported_mechanism()
    access_key, date, region, service = _credential(fields.get("X-Amz-Credential", ""))
    expires = fields.get("X-Amz-Expires", "")
    if not expires.isdigit() or not 0 < int(expires) <= 604800:
        raise ServiceError(
            "AuthorizationQueryParametersError", "X-Amz-Expires must be between 1 and 604800 seconds", 400
        )
    return Authorization(
        access_key, date, region, service, fields.get("X-Amz-SignedHeaders", ""), fields["X-Amz-Signature"],
        fields.get("X-Amz-Date", ""), fields.get("X-Amz-Security-Token", ""), True, int(expires),
    )  # fmt: skip


def _from_v2_query(request: WireRequest) -> Authorization:
    fields = dict(request.query_pairs())
    if not fields.get("Expires", "").isdigit():
        raise ServiceError(
            "AccessDenied", "Invalid date (should be seconds since epoch): " + fields.get("Expires", ""), 403
        )
    return Authorization(
        fields["AWSAccessKeyId"], "", "", "s3", "", fields["Signature"], "",
        fields.get("x-amz-security-token", ""), True, int(fields["Expires"]), 2,
    )  # fmt: skip


def _credential(text: str) -> tuple[str, str, str, str]:
    pieces = text.rsplit("/", 4)
    if len(pieces) != 5 or pieces[4] != "aws4_request":
        raise _malformed('the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".')
    return pieces[0], pieces[1], pieces[2], pieces[3]


@lru_cache(maxsize=256)
def parse_signing_time(timestamp: str) -> float:
    """Return an ``X-Amz-Date`` as seconds since the epoch."""
    try:
        return datetime.strptime(timestamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc).timestamp()
    except ValueError as exc:
        raise ServiceError(
            "AccessDenied", "AWS authentication requires a valid Date or x-amz-date header", 403
        ) from exc


def check_time(authorization: Authorization) -> None:
    """Raise an error for a request that has expired.

    A signed header is valid for 15 minutes, a presigned URL for its own period. The real clock decides, not the lab's.
    """
    now = time.time()
    if authorization.version == 2:
        if now > authorization.expires:
            raise ServiceError("AccessDenied", "Request has expired", 403)
        return
    signing_time = parse_signing_time(authorization.timestamp)
    if authorization.presigned:
        if now > signing_time + authorization.expires:
            raise ServiceError("AccessDenied", "Request has expired", 403)
    elif abs(now - signing_time) > 900:
        raise ServiceError(
            "RequestTimeTooSkewed",
            "The difference between the request time and the current time is too large.",
            403,
        )


# ---------------------------------------------------------------- verification


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
        _verify_v2(request, authorization, secret)
        return b""
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
        raise ServiceError(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. "
            "Check your key and signing method.",
            403,
            fields={"AWSAccessKeyId": authorization.access_key, "StringToSign": text, "CanonicalRequest": canonical},
        )
    return key


_V2_SUBRESOURCES = {
    "accelerate", "acl", "cors", "location", "logging", "partNumber", "policy", "requestPayment", "torrent",
    "versioning", "versionId", "versions", "website", "uploads", "uploadId", "response-content-type",
    "response-content-language", "response-expires", "response-cache-control", "response-content-disposition",
    "response-content-encoding", "delete", "lifecycle", "tagging", "restore", "notification", "replication",
    "analytics", "metrics", "inventory", "select", "select-type", "object-lock",
}  # fmt: skip


def _verify_v2(request: WireRequest, authorization: Authorization, secret: str) -> None:
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
        raise ServiceError(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. "
            "Check your key and signing method.",
            403,
            fields={"AWSAccessKeyId": authorization.access_key, "StringToSign": "\n".join(lines)},
        )


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
