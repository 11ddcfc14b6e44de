# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The signer that a request declares, in a header or in the query of a presigned URL, and for how long it is valid.

Presigned URLs of Signature Version 2 are accepted too: botocore still creates them for a custom endpoint.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import lru_cache

from ..errors import ServiceError
from .wire import WireRequest

ALGORITHM = "AWS4-HMAC-SHA256"
_QUERY_PARAMETERS = {
    "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-Date", "X-Amz-SignedHeaders", "X-Amz-Expires",
}  # fmt: skip
_MALFORMED_CREDENTIAL = 'the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".'


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
    fields = dict(request.query_pairs())
    if fields.keys() & {"X-Amz-Signature", "X-Amz-Credential", "X-Amz-Algorithm"}:
        return _from_query(fields)
    if fields.keys() & {"AWSAccessKeyId", "Signature"}:
        return _from_v2_query(fields)
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
    credential = _credential(fields["Credential"])
    if credential is None:
        raise _malformed(_MALFORMED_CREDENTIAL)
    access_key, date, region, service = credential
    timestamp = request.header("x-amz-date") or request.header("date")
    return Authorization(
        access_key, date, region, service, fields["SignedHeaders"], fields["Signature"], timestamp,
        request.header("x-amz-security-token"),
    )  # fmt: skip


def _invalid_parameters(message: str) -> ServiceError:
    return ServiceError("AuthorizationQueryParametersError", message, 400)


def _from_query(fields: Mapping[str, str]) -> Authorization:
    if not fields.keys() >= _QUERY_PARAMETERS:
        raise _invalid_parameters(
            "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, "
            "X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."
        )
    if fields["X-Amz-Algorithm"] != ALGORITHM:
        raise _unsupported_mechanism()
    credential = _credential(fields["X-Amz-Credential"])
    if credential is None:
        raise _invalid_parameters(f"Error parsing the X-Amz-Credential parameter; {_MALFORMED_CREDENTIAL}")
    access_key, date, region, service = credential
    expires = fields["X-Amz-Expires"]
    if not expires.isdigit() or not 0 < int(expires) <= 604800:
        raise _invalid_parameters("X-Amz-Expires must be between 1 and 604800 seconds")
    return Authorization(
        access_key, date, region, service, fields["X-Amz-SignedHeaders"], fields["X-Amz-Signature"],
        fields["X-Amz-Date"], fields.get("X-Amz-Security-Token", ""), True, int(expires),
    )  # fmt: skip


def _from_v2_query(fields: Mapping[str, str]) -> Authorization:
    if not fields.keys() >= {"Signature", "Expires", "AWSAccessKeyId"}:
        raise ServiceError(
            "AccessDenied",
            "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters",
            403,
        )
    if not fields["Expires"].isdigit():
        raise ServiceError("AccessDenied", "Invalid date (should be seconds since epoch): " + fields["Expires"], 403)
    return Authorization(
        fields["AWSAccessKeyId"], "", "", "s3", "", fields["Signature"], "",
        fields.get("x-amz-security-token", ""), True, int(fields["Expires"]), 2,
    )  # fmt: skip


def _credential(text: str) -> tuple[str, str, str, str] | None:
    """Return access key, date, region and service, or None for a credential that is not valid."""
    pieces = text.rsplit("/", 4)
    if len(pieces) != 5 or pieces[4] != "aws4_request":
        return None
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


def _expired(fields: Mapping[str, str], expires: float, now: float) -> ServiceError:
    times = {"Expires": _iso8601(expires), "ServerTime": _iso8601(now)}
    return ServiceError("AccessDenied", "Request has expired", 403, fields={**fields, **times})


def _iso8601(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, timezone.utc):%Y-%m-%dT%H:%M:%SZ}"


def check_time(authorization: Authorization) -> None:
    """Raise an error for a request that has expired.

    A signed header is valid for 15 minutes, a presigned URL for its own period. The real clock decides, not the lab's.
    """
    now = time.time()
    if authorization.version == 2:
        if now > authorization.expires:
            raise _expired({}, authorization.expires, now)
        return
    signing_time = parse_signing_time(authorization.timestamp)
    if authorization.presigned:
        if now > signing_time + authorization.expires:
            seconds = {"X-Amz-Expires": str(authorization.expires)}
            raise _expired(seconds, signing_time + authorization.expires, now)
    elif abs(now - signing_time) > 900:
        raise ServiceError(
            "RequestTimeTooSkewed",
            "The difference between the request time and the current time is too large.",
            403,
        )
