# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What AWS and the SDK answer when they refuse, told as a Failure: who refused what, and what to do next.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
and https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ..model.errors import Failure, FailureKind, OperationError, Reason

try:
    from botocore import exceptions as sdk
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError
except ImportError:  # the frontend says what is missing before anything here is called
    pass

Kind = FailureKind

# Error code -> what it means, what to do. AWS's own message stands between the two.
_CODES: dict[str, tuple[FailureKind, str]] = {
    "NoSuchBucket": (Kind.ABSENT, "Check the bucket's name, and that these credentials are its account's."),
    "NoSuchKey": (Kind.ABSENT, "Check the object's key."),
    "NoSuchVersion": (Kind.ABSENT, "Check version_id."),
    "NotFoundException": (Kind.ABSENT, "Check the key's name, the region and the account."),
    "AccessDenied": (Kind.FORBIDDEN, "Ask for that permission, or use other credentials."),
    "AccessDeniedException": (Kind.FORBIDDEN, "Ask for that permission, or use other credentials."),
    "AllAccessDisabled": (Kind.FORBIDDEN, "Use another bucket."),
    "KMS.NotFoundException": (Kind.KEY_UNUSABLE, "Name a KMS key that exists in the bucket's region."),
    "KMS.DisabledException": (Kind.KEY_UNUSABLE, "Enable the KMS key."),
    "KMS.KMSInvalidStateException": (Kind.KEY_UNUSABLE, "Cancel the key's deletion and enable it, or use another."),
    "KMS.InvalidKeyUsageException": (Kind.KEY_UNUSABLE, "Name a symmetric encryption key."),
    "DisabledException": (Kind.KEY_UNUSABLE, "Enable the KMS key."),
    "KMSInvalidStateException": (Kind.KEY_UNUSABLE, "Bring the key into the state Enabled first."),
    "InvalidArnException": (Kind.INVALID, "Check the key's ARN."),
    "MalformedPolicyDocumentException": (
        Kind.INVALID,
        "Check that every principal of the policy exists, and that the policy keeps somebody able to change it.",
    ),
    "ConflictException": (Kind.CONFLICT, "A rotation of the key is under way or near: run the task again later."),
    "AlreadyExistsException": (Kind.CONFLICT, "Somebody made it meanwhile: run the task again."),
    "PreconditionFailed": (Kind.CONFLICT, "Somebody changed the object meanwhile: run the task again."),
    "412": (Kind.CONFLICT, "Somebody changed the object meanwhile: run the task again."),
    "ConditionalRequestConflict": (Kind.CONFLICT, "Somebody writes the object at this moment: run the task again."),
    "OperationAborted": (Kind.CONFLICT, "Another change of the bucket is under way: run the task again."),
    "UnknownOperationException": (Kind.UNSUPPORTED, "The store at this endpoint does not know the operation."),
    "NotImplemented": (
        Kind.UNSUPPORTED,
        "The store at this endpoint does not know the operation or one of its options.",
    ),
    "MethodNotAllowed": (Kind.UNSUPPORTED, "The store at this endpoint does not allow the operation."),
    "UnsupportedOperationException": (Kind.UNSUPPORTED, "This kind of KMS key does not know the operation."),
    "CustomKeyStoreNotFoundException": (
        Kind.INVALID,
        "Check custom_key_store_id: a key store is known in its own account and region only.",
    ),
    "CustomKeyStoreInvalidStateException": (
        Kind.KEY_UNUSABLE,
        "Connect the key store (kms:ConnectCustomKeyStore, which takes up to 20 minutes), and run the task again.",
    ),
    "CloudHsmClusterInvalidConfigurationException": (
        Kind.KEY_UNUSABLE,
        "Give the CloudHSM cluster at least two active HSMs in different Availability Zones, and leave its security "
        "group as CloudHSM made it.",
    ),
    "XksKeyNotFoundException": (
        Kind.INVALID,
        "Name in xks_key_id a key that the key store's external key manager has, by the id that its proxy uses.",
    ),
    "XksKeyAlreadyInUseException": (
        Kind.INVALID,
        "Name another external key in xks_key_id: each serves one KMS key of a key store.",
    ),
    "XksKeyInvalidConfigurationException": (
        Kind.INVALID,
        "Name in xks_key_id an AES key of 256 bits that is enabled, for encryption and decryption.",
    ),
    "DependencyTimeoutException": (Kind.THROTTLED, "Run the task again later: something that KMS needs was too slow."),
    "LimitExceededException": (Kind.FAILED, "Raise the quota, or remove what is not needed."),
    "SlowDown": (Kind.THROTTLED, "Lower concurrency, or run the task again later."),
    "ThrottlingException": (Kind.THROTTLED, "Lower concurrency, or run the task again later."),
    "ServiceUnavailable": (Kind.THROTTLED, "Run the task again later."),
    "InternalError": (Kind.FAILED, "Run the task again later: something went wrong at the service."),
    "PermanentRedirect": (Kind.INVALID, "Set region to the bucket's own, and check endpoint_url."),
    "TemporaryRedirect": (Kind.INVALID, "Set region to the bucket's own, or run the task again later."),
    "ExpiredToken": (Kind.CREDENTIALS, "Get new credentials: these have expired."),
    "ExpiredTokenException": (Kind.CREDENTIALS, "Get new credentials: these have expired."),
    "InvalidAccessKeyId": (Kind.CREDENTIALS, "Check access_key: the service does not know it."),
    "UnrecognizedClientException": (Kind.CREDENTIALS, "Check the credentials: the service does not know them."),
    "InvalidClientTokenId": (Kind.CREDENTIALS, "Check the credentials: the service does not know them."),
    "InvalidSignatureException": (Kind.CREDENTIALS, "Check secret_key: it does not belong to the access key."),
    "SignatureDoesNotMatch": (Kind.CREDENTIALS, "Check secret_key: it does not belong to the access key."),
    "RequestTimeTooSkewed": (Kind.CREDENTIALS, "Set the clock of the host that runs the task."),
    "BadDigest": (Kind.CONFLICT, "The file changed while it was read: run the task again."),
    "InvalidObjectState": (Kind.INVALID, "Restore the archived object first."),
}

# Error code, or status where that is all there is -> the reason that a run goes on by.
_REASONS = {
    "NoSuchKey": Reason.OBJECT_NOT_FOUND,
    "NoSuchVersion": Reason.VERSION_NOT_FOUND,
    "NoSuchUpload": Reason.UPLOAD_NOT_FOUND,
    "BadDigest": Reason.BODY_DAMAGED,
    "IncompleteBody": Reason.BODY_DAMAGED,
    "RequestTimeout": Reason.BODY_DAMAGED,
    "XAmzContentSHA256Mismatch": Reason.BODY_DAMAGED,
    "400": Reason.UNEXPLAINED_BAD_REQUEST,
    "403": Reason.UNEXPLAINED_DENIAL,
    "404": Reason.UNEXPLAINED_ABSENCE,
}

_ELSEWHERE = (
    Kind.INVALID,
    "Set region to the bucket's own, and in endpoint_url the address that the store has at last: a redirect from http "
    "to https, say, is not followed.",
)
_BEHIND_A_PROXY = (Kind.UNREACHABLE, "Check that the store behind the proxy at endpoint_url runs, and run again later.")

# HTTP status -> the same, where that is all there is: the answer to a HEAD has no body, and the pages of proxies and of
# web servers before a store are none of S3's.
_STATUSES: dict[str, tuple[FailureKind, str]] = {
    "301": _ELSEWHERE,
    "302": _ELSEWHERE,
    "307": _ELSEWHERE,
    "308": _ELSEWHERE,
    "400": (
        Kind.FAILED,
        "Check what S3 answers so without a reason: a token that has expired, another region than the bucket's, "
        "a customer key that does not fit, or plain HTTP where the endpoint wants https.",
    ),
    "401": (Kind.CREDENTIALS, "Check the credentials, and whether a proxy before the store wants some of its own."),
    "403": (Kind.FORBIDDEN, "Ask for that permission, or use other credentials."),
    # No proof of absence: what S3 itself says of a bucket or object in a body has a code, and a HEAD is followed up.
    "404": (Kind.FAILED, "Check the names of bucket and key, and the path in endpoint_url."),
    "405": (
        Kind.UNSUPPORTED,
        "The store at this endpoint, or a proxy before it, does not allow the operation. S3 answers so for a version "
        "that is a delete marker.",
    ),
    "407": (Kind.UNREACHABLE, "Give the proxy its user and password, in HTTPS_PROXY or in aws_config."),
    "408": (Kind.UNREACHABLE, "Run the task again later, with less concurrency: the request was too slow."),
    "411": (Kind.UNSUPPORTED, "The store, or a proxy before it, does not take uploads as the SDK sends them."),
    "412": (Kind.CONFLICT, "Somebody changed the object meanwhile: run the task again."),
    "413": (Kind.FAILED, "Raise what the store, or the proxy before it, takes in one request."),
    "429": (Kind.THROTTLED, "Lower concurrency, or run the task again later."),
    "500": (Kind.FAILED, "Run the task again later: something went wrong at the service."),
    "501": (Kind.UNSUPPORTED, "The store at this endpoint does not know the operation or one of its options."),
    "502": _BEHIND_A_PROXY,
    "503": (Kind.THROTTLED, "Lower concurrency, or run the task again later."),
    "504": _BEHIND_A_PROXY,
}
# Headers of S3, and of the services that speak JSON.
_REQUEST_IDS = ("x-amz-request-id", "x-amzn-requestid")
# A store that has no KMS takes its requests for those of S3.
_NO_KMS = ("400", "404", "405", "411", "501")

# IAM's own sentence: "... is not authorized to perform: ACTION on resource: ARN because no LAYER allows the ACTION"
# or "... with an explicit deny in a LAYER".
# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
_DENIED_ACTION = re.compile(r"not authorized to perform: (?P<action>[\w:*-]+)")
_DENYING_LAYER = re.compile(
    r"(?:explicit deny in an?|because no) (?P<layer>[\w -]+?)(?: policy)?(?: allows|$|[.:,])", re.IGNORECASE
)

# The IAM actions of S3 operations that are not simply called like them.
# Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
_IAM_ACTIONS = {
    "GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "PutBucketEncryption": "s3:PutEncryptionConfiguration",
    "DeleteBucketEncryption": "s3:PutEncryptionConfiguration",
    "HeadObject": "s3:GetObject",
    "CopyObject": "s3:PutObject",
    "ListObjectsV2": "s3:ListBucket",
    "ListBuckets": "s3:ListAllMyBuckets",
}


@contextmanager
def translate_errors(service: str, operation: str, resource: str) -> Iterator[None]:
    """Turn whatever the SDK raises for this call into OperationError. `resource` is told to a person as it is written
    here."""
    try:
        yield
    except ClientError as error:
        raise OperationError(from_client_error(error, service, operation, resource)) from error
    except BotoCoreError as error:
        raise OperationError(from_sdk_error(error, service, operation, resource)) from error
    except ResponseParserError as error:
        raise OperationError(unexpected_responder(f"{service}:{operation}", resource)) from error
    except RecursionError as error:  # the SDK asks where the bucket is, is redirected, asks where it is, ...
        raise OperationError(_redirected(f"{service}:{operation}", resource)) from error


def unexpected_responder(action: str, resource: str) -> Failure:
    """An answer that is none of the service's: a proxy's page, or another server's."""
    return Failure(
        Kind.UNREACHABLE,
        f"What answered {action} on {resource} is not the service that was asked.",
        "Check endpoint_url, and the proxy of the host that runs the task.",
        action,
        resource,
        code="NotFromAws",
        may_have_been_applied=True,
    )


def _redirected(action: str, resource: str) -> Failure:
    """Redirects that name no region of a bucket, which S3's own do."""
    kind, advice = _ELSEWHERE
    return Failure(
        kind, f"{action} on {resource} was redirected, again and again.", advice, action, resource, code="301"
    )


def from_client_error(error: ClientError, service: str, operation: str, resource: str) -> Failure:
    """An answer of the service. AWS's own message is kept: it names the principal, the action and often the layer."""
    body = error.response.get("Error", {})
    metadata = error.response.get("ResponseMetadata", {})
    code = str(body.get("Code") or metadata.get("HTTPStatusCode", ""))
    said = _text(str(body.get("Message", "")))
    kind, advice = _bare_status(code, service, metadata) if code.isdecimal() else _CODES.get(code, (Kind.FAILED, ""))
    denied = _DENIED_ACTION.search(said)
    layer = _DENYING_LAYER.search(said)
    action = denied["action"] if denied else _IAM_ACTIONS.get(operation, f"{service}:{operation}")
    if kind is Kind.FORBIDDEN:
        message = f"{action} on {resource} is forbidden ({code}){_said(said)}"
    elif kind is Kind.ABSENT and code == "NoSuchBucket":
        message = f"The bucket of {resource} does not exist." if "/" in resource else f"There is no bucket {resource}."
    else:
        message = f"{service}:{operation} on {resource} was refused ({code}){_said(said)}"
    # A 5xx but the one that asks to slow down may come after the work; and a conflict may be with one's own first
    # attempt, whose answer was lost.
    repeated = kind is Kind.CONFLICT and bool(metadata.get("RetryAttempts"))
    may_have_been_applied = repeated or metadata.get("HTTPStatusCode") in (500, 502, 504)
    return Failure(
        kind,
        message,
        advice,
        action,
        resource,
        layer["layer"] if layer else "",
        code,
        may_have_been_applied,
        _reason(operation, code, said),
    )


def _reason(operation: str, code: str, said: str) -> Reason | None:
    """The reason, by the code; where several have one code, by the operation or by AWS's words."""
    # Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
    if (operation, code) == ("HeadObject", "405"):
        return Reason.DELETE_MARKER
    if operation == "GetObject" and (code == "InvalidRequest" or (code == "InvalidArgument" and "ncrypt" in said)):
        return Reason.CUSTOMER_KEY_REQUIRED
    if code == "MalformedPolicyDocumentException" and "principal" in said.lower():
        return Reason.UNKNOWN_PRINCIPAL
    return _REASONS.get(code)


def _bare_status(code: str, service: str, metadata: Mapping[str, Any]) -> tuple[FailureKind, str]:
    """What an answer means that is a status and nothing more."""
    kind, advice = _STATUSES.get(code, (Kind.FAILED, ""))
    headers = metadata.get("HTTPHeaders", {})
    region = headers.get("x-amz-bucket-region")
    if service == "kms" and code in _NO_KMS:
        return Kind.UNSUPPORTED, "There is no KMS at this endpoint: set kms_endpoint_url to where the keys live."
    if kind is Kind.INVALID and region:
        return kind, f"Set region: {region}, where the bucket is."
    if not any(headers.get(name) for name in _REQUEST_IDS):
        advice = f"{advice} The answer has no request id, so it may be that of a proxy or another server.".strip()
    return kind, advice


def _text(message: str) -> str:
    """A message in words. A page is none: some services' answers are taken for one as they come."""
    return "" if message.lstrip().startswith("<") else " ".join(message.split())


def _said(message: str) -> str:
    return f": {message.rstrip('.')}." if message else "."


def from_sdk_error(error: BotoCoreError, service: str, operation: str, resource: str) -> Failure:
    """No answer at all: credentials, route, time or trust are missing, or the SDK refused to send."""
    action = f"{service}:{operation}"
    if isinstance(error, sdk.ParamValidationError) and "Unknown parameter" in str(error):
        message = f"{action} on {resource} needs an option that the installed boto3 is too old for: {_one_line(error)}"
        return Failure(
            Kind.UNSUPPORTED, message, "Install a newer boto3 on the host that runs the task.", action, resource
        )
    for types, kind, advice in _sdk_errors():
        if isinstance(error, types):
            never_sent = (sdk.ConnectTimeoutError, sdk.EndpointConnectionError, sdk.SSLError, sdk.ProxyConnectionError)
            may_have_been_applied = kind is Kind.UNREACHABLE and not isinstance(error, never_sent)
            told = "got no answer" if may_have_been_applied else "could not be called"
            message = f"{action} on {resource} {told}: {_one_line(error)}"
            return Failure(
                kind,
                message,
                advice,
                action,
                resource,
                code=type(error).__name__,
                may_have_been_applied=may_have_been_applied,
            )
    message = f"{action} on {resource} failed: {_one_line(error)}"
    return Failure(Kind.FAILED, message, "", action, resource, code=type(error).__name__)


def _sdk_errors() -> tuple[tuple[tuple[type[Exception], ...], FailureKind, str], ...]:
    credentials = (
        sdk.NoCredentialsError,
        sdk.PartialCredentialsError,
        sdk.CredentialRetrievalError,
        sdk.ProfileNotFound,
        sdk.TokenRetrievalError,
        sdk.NoAuthTokenError,
    )
    return (
        (
            credentials,
            Kind.CREDENTIALS,
            "Set access_key and secret_key, or profile, or give the host that runs the task credentials of its own.",
        ),
        (
            (sdk.NoRegionError,),
            Kind.INVALID,
            "Set region, or AWS_REGION in the environment of the host that runs the task.",
        ),
        (
            (sdk.SSLError,),
            Kind.UNREACHABLE,
            "Name the authority that signed the endpoint's certificate in aws_ca_bundle.",
        ),
        (
            (
                sdk.ConnectTimeoutError,
                sdk.ReadTimeoutError,
                sdk.EndpointConnectionError,
                sdk.HTTPClientError,
                sdk.IncompleteReadError,
            ),
            Kind.UNREACHABLE,
            "Check endpoint_url, the region's name, and the route and proxy of the host that runs the task.",
        ),
        (
            (sdk.InvalidEndpointConfigurationError, sdk.UnknownEndpointError, sdk.EndpointProviderError),
            Kind.INVALID,
            "Check endpoint_url and region.",
        ),
        ((sdk.ParamValidationError,), Kind.INVALID, "Check the options of the task."),
    )


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".") + "."
