# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Error responses of AWS's services as failures: which action was refused, by which layer, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..model.errors import Failure, FailureKind, Reason
from .customer_key_errors import explain_wrong_key
from .denials import BLOCKED_ENCRYPTION, parse_denial
from .error_codes import (
    ERROR_CODES,
    IAM_ACTIONS,
    INVALID_VERSION_ID,
    JOB_NOT_FOUND,
    POLICY_OF_ANOTHER_ACCOUNT,
    REASONS,
    STATUSES,
)
from .refused_headers import explain_refused_header
from .response_check import UnexpectedResponseError

try:
    from botocore.exceptions import ClientError
except ImportError:  # the frontend reports a missing SDK before anything here is called
    pass

Kind = FailureKind

# The request id headers of S3, and of the services with a JSON protocol.
_REQUEST_IDS = ("x-amz-request-id", "x-amzn-requestid")
# The statuses of a store without KMS, which takes a request for KMS for one for S3.
_STATUSES_WITHOUT_KMS = ("400", "404", "405", "411", "501")
# What the names of the operations for one job of S3 Batch Operations begin with.
_OF_JOBS = ("DescribeJob", "GetJob", "UpdateJob")

_NO_KMS = "There is no KMS at this endpoint: set kms_endpoint_url to the endpoint of KMS."


def from_client_error(error: ClientError, service: str, operation: str, resource: str) -> Failure:
    """An error response as a failure. It has AWS's own message, which names the principal, the action and often the
    layer that refused the action."""
    body: Mapping[str, Any] = error.response.get("Error", {})
    metadata = error.response.get("ResponseMetadata", {})
    code = str(body.get("Code") or metadata.get("HTTPStatusCode", ""))
    text = _text(str(body.get("Message", "")))
    if body.get("Detail"):  # S3 names there what its message does not, such as a principal
        text = f"{text} ({_text(str(body['Detail']))})"
    kind, advice = _from_status(code, service, metadata) if code.isdecimal() else _from_code(code, text, operation)
    denial = parse_denial(text, IAM_ACTIONS.get(operation, f"{service}:{operation}"))
    if kind is Kind.FAILED and denial.layer:
        kind = Kind.FORBIDDEN
    if kind is Kind.FORBIDDEN:
        message = f"{denial.action} on {resource} is forbidden ({code}){_after_colon(text)}"
    elif kind is Kind.ABSENT and code == "NoSuchBucket":
        message = f"The bucket of {resource} does not exist." if "/" in resource else f"There is no bucket {resource}."
    else:
        message = f"{service}:{operation} on {resource} was refused ({code}){_after_colon(text)}"
    # A 5xx response, except 503 (slow down), may come after the operation was carried out. A conflict after a retry, or
    # the refusal of a key by KMS, may be due to the first attempt of this call, whose response was lost.
    caused_by_first = kind is Kind.CONFLICT or (service == "kms" and kind is Kind.KEY_UNUSABLE)
    repeated = caused_by_first and bool(metadata.get("RetryAttempts"))
    may_have_been_applied = repeated or metadata.get("HTTPStatusCode") in (500, 502, 504)
    failure = Failure(
        Kind.BLOCKED if denial.layer == BLOCKED_ENCRYPTION else kind,
        message,
        denial.advice or advice,
        denial.action,
        resource,
        denial.layer,
        code,
        may_have_been_applied,
        _reason(operation, code, text, metadata) or denial.reason,
    )
    return explain_refused_header(explain_wrong_key(failure, text), text, error.response)


def from_unexpected_response(error: UnexpectedResponseError, service: str, operation: str, resource: str) -> Failure:
    """A success response that is not the operation's: of a store that does not know it, or of another server."""
    action = f"{service}:{operation}"
    if error.is_of_store:
        message = f"The store answered {action} on {resource} with {error.found}, so it does not know this operation."
        advice = _NO_KMS if service == "kms" else "Leave out the options that need it, or use another store."
        return Failure(Kind.UNSUPPORTED, message, advice, action, resource, "", "UnexpectedResponse", True)
    return Failure(
        Kind.UNREACHABLE,
        f"The response to {action} on {resource} did not come from the service: it is {error.found}.",
        "Check endpoint_url, and the proxy of the host that runs the task.",
        action,
        resource,
        "",
        "NotFromAws",
        True,
    )


def _reason(operation: str, code: str, text: str, metadata: Mapping[str, Any]) -> Reason | None:
    """The reason, by the code; where one code has several meanings, by the operation or AWS's message."""
    # The page of a web server does not prove that an object is missing. A HEAD is followed by another request.
    if code == "404" and not operation.startswith("Head") and not _has_request_id(metadata):
        return None
    # Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
    if (operation, code) == ("HeadObject", "405"):
        return Reason.DELETE_MARKER
    if operation == "GetObject" and (code == "InvalidRequest" or (code == "InvalidArgument" and "ncrypt" in text)):
        return Reason.CUSTOMER_KEY_REQUIRED
    if code == "NotFoundException" and operation.startswith(_OF_JOBS):
        return Reason.JOB_NOT_FOUND
    if code == "MalformedPolicyDocumentException" and "principal" in text.lower():
        return Reason.UNKNOWN_PRINCIPAL
    return REASONS.get(code)


def _from_code(code: str, text: str, operation: str) -> tuple[FailureKind, str]:
    """Kind and advice for an error code; where one code has several meanings, by AWS's message or the operation."""
    if code == "MethodNotAllowed" and operation.endswith("BucketPolicy"):
        return POLICY_OF_ANOTHER_ACCOUNT
    if code == "InvalidArgument" and "version id" in text.lower():
        return INVALID_VERSION_ID
    if code == "NotFoundException" and operation.startswith(_OF_JOBS):
        return JOB_NOT_FOUND
    return ERROR_CODES.get(code, (Kind.FAILED, ""))


def _from_status(code: str, service: str, metadata: Mapping[str, Any]) -> tuple[FailureKind, str]:
    """Kind and advice for a response that has a status and no error code."""
    kind, advice = STATUSES.get(code, (Kind.FAILED, ""))
    headers = metadata.get("HTTPHeaders", {})
    region = headers.get("x-amz-bucket-region")
    if service == "kms" and code in _STATUSES_WITHOUT_KMS:
        return Kind.UNSUPPORTED, _NO_KMS
    if kind is Kind.INVALID and region:
        return kind, f"Set region: {region}, where the bucket is."
    if not _has_request_id(metadata):
        kind = Kind.UNREACHABLE if code == "404" else kind
        advice = f"{advice} The response has no request id, so it may come from a proxy or another server.".strip()
    return kind, advice


def _has_request_id(metadata: Mapping[str, Any]) -> bool:
    return any(metadata.get("HTTPHeaders", {}).get(name) for name in _REQUEST_IDS)


def _text(message: str) -> str:
    """The message in one line; empty if it is a page. For some services the SDK takes any body for a message."""
    return "" if message.lstrip().startswith("<") else " ".join(message.split())


def _after_colon(message: str) -> str:
    return f": {message.rstrip('.')}." if message else "."
