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
from .protocol.authorization import Authorization, check_time, malformed
from .protocol.signature import UNSIGNED, require_payload_hash, verify, verify_policy
from .protocol.signature_v2 import verify_policy_v2, verify_v2
from .protocol.wire import WireRequest

_DEFAULT_REGION = "us-east-1"
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
    "AccountProblem": ("UnrecognizedClientException", "The security token included in the request is invalid.", 400),
    "ExpiredToken": ("ExpiredTokenException", "The security token included in the request is expired", 400),
    "SignatureDoesNotMatch": ("InvalidSignatureException", "", 400),
}
# The same for the services with the query protocol.
_QUERY_CODES = {
    "InvalidAccessKeyId": ("InvalidClientTokenId", "The security token included in the request is invalid.", 403),
    "InvalidToken": ("InvalidClientTokenId", "The security token included in the request is invalid", 403),
    "AccountProblem": ("InvalidClientTokenId", "The security token included in the request is invalid", 403),
    "ExpiredToken": ("ExpiredToken", "The security token included in the request is expired", 403),
    "SignatureDoesNotMatch": ("SignatureDoesNotMatch", "", 403),
}


def authenticate(lab: Lab, service: str, authorization: Authorization | None) -> Caller:
    """Return the caller of a request. A request to S3 without a signature has an anonymous caller.

    Raise ``ServiceError`` for credentials that are missing, unknown or expired, for those of an account that is closed
    or has disabled the region, and for a request that is too old.
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
        lab.state.directory.check_access(caller, authorization.region)
        if service == "iam" and caller.session.basic:
            raise ServiceError("InvalidToken", "", 400)
    except ServiceError as error:
        raise translate_error(service, error) from error
    return caller


def check_scope(service: str, request: WireRequest, authorization: Authorization | None) -> None:
    """Raise the error of the service if AWS's host name is that of another region than the signature.

    Global services have the region of their partition. At the lab's own address every region is accepted.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
    """
    if authorization is None or not authorization.region:
        return
    expected = request.region
    if service == "s3" and not expected:
        # A host name with a bucket leads to its region. Some SDKs sign with a name that no region has: "aws-global".
        no_region = not authorization.region[-1].isdigit()
        expected = _DEFAULT_REGION if no_region or (request.service and not request.signed_path) else ""
    if expected in ("", authorization.region):
        return
    if service in ("s3", "s3control"):
        raise _wrong_region(authorization, expected)
    message = f"Credential should be scoped to a valid region, not '{authorization.region}'. "
    raise translate_error(service, ServiceError("SignatureDoesNotMatch", message, 403))


def _wrong_region(authorization: Authorization, expected: str) -> ServiceError:
    """Return the error for a signature for another region, or for ``aws-global``, which some SDKs use and none is."""
    message = f"the region '{authorization.region}' is wrong; expecting '{expected}'"
    return malformed(authorization.source, message, {"Region": expected})


def check_signature(
    lab: Lab,
    service: str,
    request: WireRequest,
    authorization: Authorization | None,
    caller: Caller,
    document: bytes,
) -> bytes | None:
    """Verify the signature; return the signing key, or None if nothing was verified.

    That of a header is verified where enforcement is on. A presigned URL is nothing but its signature, so it is
    verified wherever the secret is known.
    """
    if authorization is None:
        return None
    if service in ("s3", "s3control"):
        require_payload_hash(request, authorization)
    if caller.secret is None or not (lab.enforcing or authorization.presigned):
        return None
    try:
        if authorization.version == 2:
            verify_v2(request, authorization, caller.secret)
            return None
        return verify(request, authorization, caller.secret, _payload_hash(service, request, authorization, document))
    except ServiceError as error:
        raise translate_error(service, error) from error


def _payload_hash(service: str, request: WireRequest, authorization: Authorization, document: bytes) -> str:
    """Return what the signature has as the hash of the body."""
    if service not in ("s3", "s3control"):
        return hashlib.sha256(document).hexdigest()
    if not authorization.presigned:
        return request.header("x-amz-content-sha256")
    if "x-amz-content-sha256" in authorization.signed_headers.split(";"):
        return request.header("x-amz-content-sha256", UNSIGNED)
    return dict(request.query_pairs()).get("X-Amz-Content-Sha256", UNSIGNED)


def check_policy_signature(authorization: Authorization | None, caller: Caller, policy: str) -> None:
    """Verify the signature of a form wherever the secret is known."""
    if authorization is None or caller.secret is None:
        return
    if authorization.version == 2:
        verify_policy_v2(authorization, caller.secret, policy)
    else:
        verify_policy(authorization, caller.secret, policy)


def translate_error(service: str, error: ServiceError) -> ServiceError:
    """Replace S3's code and message by those of the service."""
    if service in ("s3", "s3control"):
        return error
    table = _QUERY_CODES if service in ("sts", "iam") else _JSON_CODES
    code, message, status = table.get(error.code, (error.code, error.message, error.status))
    return ServiceError(code, message or error.message, status)
