# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Authenticate a request: find its caller and verify its signature, with the errors of each service."""

from __future__ import annotations

import hashlib

from .errors import ServiceError
from .identity.directory import unknown_key
from .identity.records import Caller
from .lab import Lab
from .partitions import partition_of
from .policy_language import Principal
from .protocol.authorization import Authorization, check_time
from .protocol.signature import EMPTY_SHA256, UNSIGNED, verify
from .protocol.wire import WireRequest

_MISSING_TOKEN = {
    "kms": "MissingAuthenticationTokenException",
    "resourcegroupstaggingapi": "MissingAuthenticationTokenException",
    "cloudtrail": "MissingAuthenticationTokenException",
    "organizations": "MissingAuthenticationTokenException",
}
# S3's error code -> code, message ("" keeps S3's message) and status of the services with the JSON protocol.
_JSON_CODES = {
    "InvalidAccessKeyId": (
        "UnrecognizedClientException",
        "The security token included in the request is invalid.",
        400,
    ),
    "InvalidToken": ("UnrecognizedClientException", "The security token included in the request is invalid.", 400),
    "ExpiredToken": ("ExpiredTokenException", "The security token included in the request is expired", 400),
    "SignatureDoesNotMatch": ("InvalidSignatureException", "", 400),
}
# The same for the services with the query protocol.
_QUERY_CODES = {
    "InvalidAccessKeyId": ("InvalidClientTokenId", "The security token included in the request is invalid.", 403),
    "InvalidToken": ("InvalidClientTokenId", "The security token included in the request is invalid", 403),
    "ExpiredToken": ("ExpiredToken", "The security token included in the request is expired", 403),
    "SignatureDoesNotMatch": ("SignatureDoesNotMatch", "", 403),
}


def authenticate(lab: Lab, service: str, authorization: Authorization | None) -> Caller:
    """Return the caller of a request. A request to S3 without a signature has an anonymous caller.

    Raise ``ServiceError`` for credentials that are missing, unknown or expired, and for a request that is too old.
    """
    if authorization is None:
        if service != "s3":
            code = _MISSING_TOKEN.get(service, "MissingAuthenticationToken")
            raise ServiceError(code, "Missing Authentication Token", 403)
        return Caller(Principal.anonymous())
    check_time(authorization)
    try:
        caller = lab.state.directory.resolve(
            authorization.access_key, authorization.token, lab.clock.now(), strict=lab.enforcing
        )
        # Signature Version 2 has no region. Its keys are of the partition of their account.
        if authorization.region and caller.partition != partition_of(authorization.region):
            raise unknown_key(authorization.access_key)
        if service == "iam" and caller.session.basic:
            raise ServiceError("InvalidToken", "", 400)
    except ServiceError as error:
        raise _translate_error(service, error) from error
    return caller


def check_scope(service: str, request: WireRequest, authorization: Authorization | None) -> None:
    """Raise the error of the service if AWS's host name is that of another region than the signature.

    Global services have the region of their partition. At the lab's own address every region is accepted.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
    """
    if authorization is None or authorization.region in ("", request.region):
        return
    # S3's name without a region accepts every region, but not a name as "aws-global", with which some SDKs sign.
    expected = request.region or ("us-east-1" if service == "s3" and not authorization.region[-1].isdigit() else "")
    if not expected:
        return
    if service in ("s3", "s3control"):
        raise ServiceError(
            "AuthorizationHeaderMalformed",
            f"The authorization header is malformed; the region '{authorization.region}' is wrong; "
            f"expecting '{expected}'",
            400,
            fields={"Region": expected},
        )
    message = f"Credential should be scoped to a valid region, not '{authorization.region}'. "
    raise _translate_error(service, ServiceError("SignatureDoesNotMatch", message, 403))


def check_signature(
    lab: Lab,
    service: str,
    request: WireRequest,
    authorization: Authorization | None,
    caller: Caller,
    document: bytes,
) -> bytes | None:
    """Verify the signature where enforcement is on; return the signing key, or None if nothing was verified."""
    if authorization is None or not lab.enforcing or caller.secret is None:
        return None
    if service in ("s3", "s3control"):
        payload = UNSIGNED if authorization.presigned else request.header("x-amz-content-sha256", EMPTY_SHA256)
    else:
        payload = hashlib.sha256(document).hexdigest()
    try:
        return verify(request, authorization, caller.secret, payload)
    except ServiceError as error:
        raise _translate_error(service, error) from error


def _translate_error(service: str, error: ServiceError) -> ServiceError:
    """Replace S3's code and message by those of the service."""
    if service in ("s3", "s3control"):
        return error
    table = _QUERY_CODES if service in ("sts", "iam") else _JSON_CODES
    code, message, status = table.get(error.code, (error.code, error.message, error.status))
    return ServiceError(code, message or error.message, status)
