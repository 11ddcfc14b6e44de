# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Check that a success response is that of the operation. The SDK itself takes any document for the expected one.

A store that ignores a subresource such as `?encryption` sends a list of objects, a proxy sends its login page, and
both have status 200. Without this check, the SDK returns an empty response for them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

try:
    from botocore import handlers as sdk_handlers
except ImportError:  # the frontend reports a missing SDK before anything here is called
    pass

# The root elements of the responses of S3 whose document is not a payload in the SDK's model: it has no name for them.
# Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
_S3_ROOTS = {
    "CompleteMultipartUpload": ("CompleteMultipartUploadResult",),
    "CreateMultipartUpload": ("InitiateMultipartUploadResult",),
    "DeleteObjects": ("DeleteResult",),
    "GetBucketAcl": ("AccessControlPolicy",),
    "GetBucketLocation": ("LocationConstraint",),
    "GetBucketTagging": ("Tagging",),
    "GetBucketVersioning": ("VersioningConfiguration",),
    "GetObjectAcl": ("AccessControlPolicy",),
    # The service sends the first name, and its documentation has the second.
    "GetObjectAttributes": ("GetObjectAttributesResponse", "GetObjectAttributesOutput"),
    "GetObjectTagging": ("Tagging",),
    "ListBuckets": ("ListAllMyBucketsResult",),
    "ListMultipartUploads": ("ListMultipartUploadsResult",),
    "ListObjects": ("ListBucketResult",),
    "ListObjectsV2": ("ListBucketResult",),
    "ListObjectVersions": ("ListVersionsResult",),
    "ListParts": ("ListPartsResult",),
}

# The headers that every success response of these operations of S3 has.
_HEADERS = {"HeadObject": "ETag", "GetObject": "ETag", "PutObject": "ETag", "UploadPart": "ETag"}

# The members that every success response has, by service and structure. In the SDK's model nearly all are optional.
# Sources: the same, and https://docs.aws.amazon.com/kms/latest/APIReference/API_Operations.html
_MEMBERS: dict[str, dict[str, tuple[str, ...]]] = {
    "s3": {
        "Bucket": ("Name",),
        "CompleteMultipartUploadOutput": ("ETag",),
        "CopyObjectOutput": ("CopyObjectResult",),
        "CopyPartResult": ("ETag",),
        "CreateMultipartUploadOutput": ("UploadId",),
        "GetBucketTaggingOutput": ("TagSet",),
        "GetObjectTaggingOutput": ("TagSet",),
        "Object": ("Key",),
        "ObjectPart": ("Size",),
        "ObjectVersion": ("Key",),
        "OwnershipControls": ("Rules",),
        "Tag": ("Key", "Value"),
        "UploadPartCopyOutput": ("CopyPartResult",),
    },
    "s3control": {
        "CreateJobResult": ("JobId",),
        "DescribeJobResult": ("Job",),
        "JobDescriptor": ("JobId", "Status"),
        "JobListDescriptor": ("JobId", "Status"),
        "S3Tag": ("Key", "Value"),
        "UpdateJobStatusResult": ("Status",),
    },
    "kms": {
        "AliasListEntry": ("AliasName",),
        "CancelKeyDeletionResponse": ("KeyId",),
        "CreateKeyResponse": ("KeyMetadata",),
        "DecryptResponse": ("KeyId", "Plaintext"),
        "DescribeKeyResponse": ("KeyMetadata",),
        "EncryptResponse": ("CiphertextBlob", "KeyId"),
        "GenerateDataKeyResponse": ("CiphertextBlob", "KeyId", "Plaintext"),
        "GetKeyLastUsageResponse": ("TrackingStartDate", "KeyCreationDate"),
        "GetKeyPolicyResponse": ("Policy",),
        "GetKeyRotationStatusResponse": ("KeyRotationEnabled",),
        "KeyListEntry": ("KeyId",),
        "KeyMetadata": ("KeyId", "Arn"),
        "ListAliasesResponse": ("Aliases",),
        "ListGrantsResponse": ("Grants",),
        "ListKeyRotationsResponse": ("Rotations",),
        "ListKeysResponse": ("Keys",),
        "ListResourceTagsResponse": ("Tags",),
        "MultiRegionKey": ("Region",),
        "ReplicateKeyResponse": ("ReplicaKeyMetadata",),
        "RotateKeyOnDemandResponse": ("KeyId",),
        "ScheduleKeyDeletionResponse": ("KeyId",),
        "Tag": ("TagKey", "TagValue"),
    },
    "resourcegroupstaggingapi": {
        "GetResourcesOutput": ("ResourceTagMappingList",),
        "ResourceTagMapping": ("ResourceARN",),
    },
    "cloudtrail": {"LookupEventsResponse": ("Events",), "Event": ("EventTime",)},
    "sts": {
        "AssumeRoleResponse": ("AssumedRoleUser", "Credentials"),
        "AssumedRoleUser": ("Arn",),
        "Credentials": ("AccessKeyId", "Expiration", "SecretAccessKey", "SessionToken"),
        "GetCallerIdentityResponse": ("Account", "Arn"),
    },
    "iam": {
        "EvaluationResult": ("EvalActionName", "EvalDecision"),
        "GetRoleResponse": ("Role",),
        "ResourceSpecificResult": ("EvalResourceName", "EvalResourceDecision"),
        "Role": ("Arn", "AssumeRolePolicyDocument"),
        "SimulatePolicyResponse": ("EvaluationResults",),
    },
}

# The root elements of S3, with those that the model has. Such a document is the response of that operation only.
_KNOWN_ROOTS = {root for roots in _S3_ROOTS.values() for root in roots} | {
    "CopyObjectResult",
    "CopyPartResult",
    "LegalHold",
    "ObjectLockConfiguration",
    "OwnershipControls",
    "PolicyStatus",
    "PublicAccessBlockConfiguration",
    "Retention",
    "ServerSideEncryptionConfiguration",
}

# White space may precede the root element: S3 sends it to keep the connection open until the result is known.
# Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
_ROOT_ELEMENT = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:[\w.-]+:)?([A-Za-z][\w.-]*)", re.DOTALL
)
_PAGE = re.compile(rb"\s*<(?:!doctype|html|head|body|center|h1)\b", re.IGNORECASE)


class UnexpectedResponseError(Exception):
    """A success response that is not the operation's. `found` describes it.

    `is_of_store` says that a store sent it, so the store does not know the operation. Otherwise it is from a server
    that is no store at all.
    """

    def __init__(self, found: str, is_of_store: bool) -> None:
        super().__init__(found)
        self.found = found
        self.is_of_store = is_of_store


def register_response_checks(client: Any) -> None:
    """Check every response of a client. For a response that is not the operation's, its call raises
    UnexpectedResponseError."""
    events, service = client.meta.events, client.meta.service_model.service_id.hyphenize()
    # For a body that is not XML, the SDK acts as for status 500, and sends the request again. So its check runs last.
    sdk_check = getattr(sdk_handlers, "_handle_200_error", None) if service == "s3" else None
    if sdk_check:
        events.unregister("before-parse.s3.*", sdk_check)
    events.register_first(f"before-parse.{service}.*", check_response)
    if sdk_check:
        events.register("before-parse.s3.*", sdk_check)
    events.register_first(f"after-call.{service}.*", _check_parsed)


def check_response(operation_model: Any, response_dict: dict[str, Any], **_event: Any) -> None:
    """Raise UnexpectedResponseError if the headers or the body of a success response are not the operation's.

    An error in the body becomes status 500. The SDK does so only for operations that have an output.
    """
    if response_dict["status_code"] > 300:
        return
    if response_dict["status_code"] == 300:  # the SDK parses it as a success, and raises an error without a code for it
        raise UnexpectedResponseError("an answer with status 300", _is_of_store(response_dict["headers"]))
    headers, body, name = response_dict["headers"], response_dict["body"], operation_model.name
    is_s3 = operation_model.service_model.service_name == "s3"
    if is_s3 and name in _HEADERS and not headers.get(_HEADERS[name]):
        if operation_model.has_streaming_output:
            body.close()
        raise UnexpectedResponseError(f"an answer without {_HEADERS[name]}", _is_of_store(headers))
    if operation_model.has_streaming_output or operation_model.http.get("method") == "HEAD":
        return
    match = _ROOT_ELEMENT.match(body)
    root = match[1].decode("ascii") if match else ""
    if is_s3 and root == "Error":
        response_dict["status_code"] = 500
    elif not _is_expected(operation_model, root, body, headers):
        raise UnexpectedResponseError(*_describe(root, body, headers))


def check_members(operation_model: Any, parsed: Mapping[str, Any], headers: Mapping[str, str]) -> None:
    """Raise UnexpectedResponseError if a parsed response lacks a member that the operation's responses always have."""
    missing = _missing(_requirements(operation_model.service_model.service_name, operation_model.output_shape), parsed)
    if missing:
        raise UnexpectedResponseError(f"an answer without {missing}", _is_of_store(headers))


def _check_parsed(http_response: Any, parsed: Mapping[str, Any], model: Any, **_event: Any) -> None:
    if http_response.status_code < 300:
        check_members(model, parsed, http_response.headers)


def _is_expected(operation_model: Any, root: str, body: bytes, headers: Mapping[str, str]) -> bool:
    """Whether a body begins as that of the operation does. `root` is its XML root element, empty without one."""
    shape, protocol = operation_model.output_shape, operation_model.service_model.resolved_protocol
    if protocol == "query":
        return root == f"{operation_model.name}Response"
    if protocol in ("json", "rest-json"):
        return body.lstrip().startswith(b"{") or (shape is None and body.strip() in (b"", b"null"))
    if protocol != "rest-xml":
        return not root
    document = _document(operation_model)
    if document is None:  # moto, for example, answers PutBucketPolicy with the word True
        return not body.strip() or (not root and _is_of_store(headers))
    names, members = document
    if not names:  # a text: of the operations in use, only the policy of a bucket, which is JSON
        return body.lstrip().startswith(b"{")
    if root in names or root in (f"{operation_model.name}Response", f"{operation_model.name}Result"):
        return True
    return bool(root) and root not in _KNOWN_ROOTS and _has_member(body, members)


def _document(operation_model: Any) -> tuple[tuple[str, ...], Any] | None:
    """The names that the root element of a response in XML may have, none for a text, and the members in it.

    None for a response without a body.
    """
    name, shape = operation_model.name, operation_model.output_shape
    payload = shape.serialization.get("payload") if shape else None
    if payload:
        member = shape.members[payload]
        is_text = member.type_name != "structure"
        return ((), ()) if is_text else ((member.serialization.get("name", payload),), member.members)
    members = (
        {each: member for each, member in shape.members.items() if "location" not in member.serialization}
        if shape
        else {}
    )
    return (_S3_ROOTS.get(name, (f"{name}Result",)), members) if members else None


def _has_member(body: bytes, members: Mapping[str, Any]) -> bool:
    """Whether the operation's members are in a document. rclone, for example, names the root element otherwise."""
    return any(f"<{member.serialization.get('name', name)}".encode() in body for name, member in members.items())


def _describe(root: str, body: bytes, headers: Mapping[str, str]) -> tuple[str, bool]:
    """What a body is, and whether it is of a store."""
    if not body.strip():
        return "an empty answer", _is_of_store(headers)
    if _PAGE.match(body) or root.lower() == "html":
        return "a page", _is_of_store(headers)
    if root:
        return f"a document of the type {root}", True
    return ("JSON" if body.lstrip().startswith((b"{", b"[")) else "a text"), _is_of_store(headers)


def _is_of_store(headers: Mapping[str, str]) -> bool:
    """Whether a response has a header of the API of S3 or KMS, such as a request id."""
    return any(name.lower().startswith(("x-amz-", "x-amzn-")) for name in headers)


# The members that a structure must have, and the requirements of its members, for lists those of each element.
_Requirements = tuple[tuple[str, ...], tuple[tuple[str, bool, Any], ...]]


@cache
def _requirements(service: str, shape: Any) -> _Requirements:
    if shape is None or shape.type_name != "structure":
        return (), ()
    inner = []
    for name, member in shape.members.items():
        is_list = member.type_name == "list"
        requirements = _requirements(service, member.member if is_list else member)
        if any(requirements):
            inner.append((name, is_list, requirements))
    return _MEMBERS.get(service, {}).get(shape.name, ()), tuple(inner)


def _missing(requirements: _Requirements, value: Any) -> str:
    """The name of the first missing member; empty if there is none."""
    required, inner = requirements
    for name in required:
        if value.get(name) is None:
            return name
    for name, is_list, nested in inner:
        found = value.get(name)
        for element in (found or ()) if is_list else (found,):
            missing = element is not None and _missing(nested, element)
            if missing:
                return missing
    return ""
