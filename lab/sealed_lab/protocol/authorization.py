# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Who has signed a request: the Authorization header, or the query of a presigned URL of Signature Version 4 or 2.

S3 API reference, "Authenticating requests". The words of the errors are recorded from S3.
"""

from __future__ import annotations

import enum
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from functools import lru_cache

from ..errors import ServiceError, invalid_argument, invalid_request
from ..partitions import FIRST_REGIONS
from .values import iso8601
from .wire import WireRequest

ALGORITHM = "AWS4-HMAC-SHA256"
_WEEK = 604800
_MAX_SKEW = 900
_V4_PARAMETERS = (
    "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-Date", "X-Amz-SignedHeaders", "X-Amz-Expires",
)  # fmt: skip
_QUERY_MARK = re.compile("X-Amz-|Signature|AWSAccessKeyId")
_V2_PARAMETERS = ("Signature", "Expires", "AWSAccessKeyId")
_CREDENTIAL_FORM = (
    'the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".'  # AWS's words
)


class Source(enum.Enum):
    """Where the signature of a request is."""

    HEADER = "header"
    QUERY = "query"
    FORM = "form"


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
    source: Source = Source.HEADER
    expires: int = 0
    version: int = 4

    @property
    def presigned(self) -> bool:
        """Whether the request is a presigned URL."""
        return self.source is Source.QUERY

    @property
    def scope(self) -> str:
        """The credential scope without the access key."""
        return f"{self.date}/{self.region}/{self.service}/aws4_request"


def malformed(source: Source, message: str, fields: Mapping[str, str] | None = None) -> ServiceError:
    """Return the error for a credential or a signature that cannot be read."""
    if source is Source.HEADER:
        return ServiceError(
            "AuthorizationHeaderMalformed", f"The authorization header is malformed; {message}", 400, fields=fields
        )
    return ServiceError(
        "AuthorizationQueryParametersError",
        f"Error parsing the X-Amz-Credential parameter; {message}",
        400,
        fields=fields,
    )


def parse_authorization(request: WireRequest) -> Authorization | None:
    """Return the signer from the header or from the query of a presigned URL, or None for an unsigned request."""
    header = request.header("authorization")
    fields = dict(request.query_pairs()) if _QUERY_MARK.search(request.raw_query) else {}
    by_query = any(name in fields for name in ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature"))
    by_v2_query = "AWSAccessKeyId" in fields or "Signature" in fields
    if header and (by_query or by_v2_query):
        raise invalid_argument(
            "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string "
            "parameter or the Authorization header should be specified",
            "Authorization",
            header,
        )
    if header:
        return _from_header(request, header)
    if by_query:
        return _from_query(fields)
    return _from_v2_query(fields) if by_v2_query else None


def _from_header(request: WireRequest, header: str) -> Authorization:
    algorithm, _, rest = header.partition(" ")
    if algorithm == "AWS":
        return _from_v2_header(request, rest)
    if algorithm != ALGORITHM:
        raise invalid_argument("Unsupported Authorization Type", "Authorization", header)
    fields: dict[str, str] = {}
    for piece in rest.split(","):
        name, _, value = piece.strip().partition("=")
        fields[name] = value
    for name in ("Credential", "SignedHeaders", "Signature"):
        if not fields.get(name):
            raise malformed(Source.HEADER, f"{name} is missing.")
    access_key, date, region, service = parse_credential(fields["Credential"], Source.HEADER)
    timestamp = request.header("x-amz-date") or request.header("date")
    return Authorization(
        access_key, date, region, service, fields["SignedHeaders"], fields["Signature"], timestamp,
        request.header("x-amz-security-token"),
    )  # fmt: skip


def _from_v2_header(request: WireRequest, text: str) -> Authorization:
    access_key, colon, signature = text.strip().rpartition(":")
    if not colon:
        raise invalid_argument("AWS authorization header is invalid.  Expected AwsAccessKeyId:signature")
    timestamp = request.header("x-amz-date") or request.header("date")
    token = request.header("x-amz-security-token")
    return Authorization(access_key, "", "", "s3", "", signature, timestamp, token, version=2)


def require_v2_region(region: str) -> None:
    """Raise InvalidRequest for Signature Version 2 in a region that is newer than it.

    https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
    """
    if region not in FIRST_REGIONS:
        raise invalid_request(
            "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
        )


def _from_query(fields: Mapping[str, str]) -> Authorization:
    if any(not fields.get(name) for name in _V4_PARAMETERS):
        names = ", ".join(_V4_PARAMETERS[:-1])
        raise _invalid_query(
            f"Query-string authentication version 4 requires the {names}, and {_V4_PARAMETERS[-1]} parameters."
        )
    if fields["X-Amz-Algorithm"] != ALGORITHM:
        raise _invalid_query(f'X-Amz-Algorithm only supports "{ALGORITHM} and AWS4-ECDSA-P256-SHA256"')
    access_key, date, region, service = parse_credential(fields["X-Amz-Credential"], Source.QUERY)
    timestamp = fields["X-Amz-Date"]
    if _signing_time(timestamp) is None:
        raise _invalid_query("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
    if timestamp[:8] != date:
        raise malformed(
            Source.QUERY,
            f'Invalid credential date "{date}". This date is not the same as X-Amz-Date: "{timestamp[:8]}".',
        )
    return Authorization(
        access_key, date, region, service, fields["X-Amz-SignedHeaders"], fields["X-Amz-Signature"], timestamp,
        fields.get("X-Amz-Security-Token", ""), Source.QUERY, _expires(fields["X-Amz-Expires"]),
    )  # fmt: skip


def _invalid_query(message: str) -> ServiceError:
    return ServiceError("AuthorizationQueryParametersError", message, 400)


def _expires(text: str) -> int:
    if not text.removeprefix("-").isdigit():
        raise _invalid_query("X-Amz-Expires should be a number")
    if text.startswith("-"):
        raise _invalid_query("X-Amz-Expires must be non-negative")
    if int(text) > _WEEK:
        raise _invalid_query(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than "
            f"{_WEEK} seconds"
        )
    return int(text)


def _from_v2_query(fields: Mapping[str, str]) -> Authorization:
    if any(not fields.get(name) for name in _V2_PARAMETERS):
        raise ServiceError(
            "AccessDenied",
            "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters",
            403,
        )
    if not fields["Expires"].isdigit():
        raise ServiceError("AccessDenied", f"Invalid date (should be seconds since epoch): {fields['Expires']}", 403)
    return Authorization(
        fields["AWSAccessKeyId"], "", "", "s3", "", fields["Signature"], "",
        fields.get("x-amz-security-token", ""), Source.QUERY, int(fields["Expires"]), 2,
    )  # fmt: skip


def parse_credential(text: str, source: Source) -> tuple[str, str, str, str]:
    """Return access key, day, region and service of a credential scope."""
    pieces = text.rsplit("/", 4)
    if len(pieces) != 5 or pieces[4] != "aws4_request":
        raise malformed(source, _CREDENTIAL_FORM)
    return pieces[0], pieces[1], pieces[2], pieces[3]


# ---------------------------------------------------------------- time


@lru_cache(maxsize=256)
def _signing_time(timestamp: str) -> float | None:
    """Return an ``X-Amz-Date`` as seconds since the epoch, None for another format."""
    try:
        return datetime.strptime(timestamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc).timestamp()
    except ValueError:
        return None


def _http_date(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (TypeError, ValueError):
        return None


def signature_age(authorization: Authorization) -> float | None:
    """Return the seconds since the signature was made, by the real clock; None if it does not have its time."""
    signing_time = _signing_time(authorization.timestamp) or _http_date(authorization.timestamp)
    return None if signing_time is None else max(0.0, time.time() - signing_time)


def check_time(authorization: Authorization) -> None:
    """Raise an error for a request that has expired.

    A signed header is valid for 15 minutes, a presigned URL for its own period, a form as long as its policy. The real
    clock decides, not the lab's.
    """
    if authorization.source is Source.FORM:
        return
    now = time.time()
    if authorization.version == 2 and authorization.presigned:
        if now > authorization.expires:
            raise _expired(authorization.expires, now)
        return
    signing_time = _signing_time(authorization.timestamp) or _http_date(authorization.timestamp)
    if signing_time is None:
        raise ServiceError("AccessDenied", "AWS authentication requires a valid Date or x-amz-date header", 403)
    if not authorization.presigned:
        if abs(now - signing_time) > _MAX_SKEW:
            raise _skewed(authorization.timestamp, now)
    elif now > signing_time + authorization.expires:
        raise _expired(signing_time + authorization.expires, now, {"X-Amz-Expires": str(authorization.expires)})
    elif signing_time - now > _MAX_SKEW:
        raise ServiceError("AccessDenied", "Request is not valid yet", 403)


def _whole_seconds(seconds: float) -> str:
    return iso8601(float(int(seconds))).replace(".000Z", "Z")


def _expired(expires: float, now: float, more: Mapping[str, str] | None = None) -> ServiceError:
    fields = {**(more or {}), "Expires": _whole_seconds(expires), "ServerTime": _whole_seconds(now)}
    return ServiceError("AccessDenied", "Request has expired", 403, fields=fields)


def _skewed(timestamp: str, now: float) -> ServiceError:
    return ServiceError(
        "RequestTimeTooSkewed",
        "The difference between the request time and the current time is too large.",
        403,
        fields={
            "RequestTime": timestamp,
            "ServerTime": _whole_seconds(now),
            "MaxAllowedSkewMilliseconds": str(_MAX_SKEW * 1000),
        },
    )
