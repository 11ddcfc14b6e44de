# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Properties of existing objects that can be changed: tags, retention, legal hold, ACL and encryption."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..call import Call, Handler, Output
from ..errors import ServiceError, invalid_request
from ..kms import crypto
from ..protocol.authorization import parse_authorization
from ..protocol.xml_shapes import malformed_xml
from ..tags import tag_list
from .access import authorize, find_bucket
from .acls import acl_document, acl_from_request
from .encryption import intern_scheme, unwrap_object_key
from .key_use import authorize_key_use, key_use_denial, resolve_kms_key
from .object_conditions import existing_tag_conditions, requested_tag_conditions
from .object_lock import change_legal_hold, change_retention, check_reencryption
from .state import Bucket, ObjectVersion, WrappedKey
from .tag_sets import OBJECT_TAGS, check_tags
from .versions import find_version, refuse_current_marker, visible_version_id

_KEY_ARN = re.compile(r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/.+")


def _find_authorized_version(call: Call, action: str) -> tuple[Bucket, ObjectVersion]:
    bucket = find_bucket(call)
    version_id = call.get("VersionId")
    versioned = ("GetObjectTagging", "PutObjectTagging", "DeleteObjectTagging", "GetObjectAcl", "PutObjectAcl")
    if version_id is not None and action in versioned:
        action = action.replace("Object", "ObjectVersion", 1)
    authorize(call, bucket, action, call["Key"], _tag_conditions(call, bucket))
    if action.endswith("Tagging") or action.startswith(("PutObjectAcl", "PutObjectVersionAcl")):
        refuse_current_marker(call, bucket)
    return bucket, find_version(call, bucket, call["Key"], version_id)


def _tag_conditions(call: Call, bucket: Bucket) -> dict[str, list[str]]:
    """Return the condition keys for the tags of the version, and for those that PutObjectTagging sets."""
    tags = (call.get("Tagging") or {}).get("TagSet", ())
    return {
        **existing_tag_conditions(bucket, call["Key"], call.get("VersionId")),
        **requested_tag_conditions(tags),
    }


def _version_id_field(bucket: Bucket, version: ObjectVersion) -> Output:
    version_id = visible_version_id(bucket, version)
    return {} if version_id is None else {"VersionId": version_id}


def get_object_tagging(call: Call) -> Output:
    """Return the tag set."""
    try:
        bucket, version = _find_authorized_version(call, "GetObjectTagging")
    except ServiceError as error:
        if error.code == "NoSuchKey":
            # Recorded for this operation alone: the key in the error has the name of the bucket in front of it.
            error.fields = {"Key": f"{call['Bucket']}/{call['Key']}"}
        raise
    return {"TagSet": tag_list(dict(version.tags)), **_version_id_field(bucket, version)}


def put_object_tagging(call: Call) -> Output:
    """Replace the tag set."""
    bucket, version = _find_authorized_version(call, "PutObjectTagging")
    version.tags = tuple(check_tags(call["Tagging"].get("TagSet", ()), OBJECT_TAGS).items())
    return _version_id_field(bucket, version)


def delete_object_tagging(call: Call) -> Output:
    """Remove the tag set."""
    bucket, version = _find_authorized_version(call, "DeleteObjectTagging")
    version.tags = ()
    return _version_id_field(bucket, version)


def get_object_retention(call: Call) -> Output:
    """Return the retention of a version."""
    bucket, version = _find_authorized_version(call, "GetObjectRetention")
    if not bucket.lock_enabled:
        raise invalid_request("Bucket is missing Object Lock Configuration")
    if version.lock is None or not version.lock.mode:
        raise ServiceError(
            "NoSuchObjectLockConfiguration", "The specified object does not have a ObjectLock configuration", 404
        )
    return {"Retention": {"Mode": version.lock.mode, "RetainUntilDate": version.lock.until}}


def put_object_retention(call: Call) -> Output:
    """Set or extend the retention. A shorter or weaker retention is refused, or needs the governance bypass."""
    bucket, version = _find_authorized_version(call, "PutObjectRetention")
    version.lock = change_retention(call, bucket, version, call.get("Retention", {}))
    return {}


def get_object_legal_hold(call: Call) -> Output:
    """Return ON or OFF."""
    bucket, version = _find_authorized_version(call, "GetObjectLegalHold")
    if not bucket.lock_enabled:
        raise invalid_request("Bucket is missing Object Lock Configuration")
    if version.lock is None or version.lock.legal_hold is None:
        raise ServiceError(
            "NoSuchObjectLockConfiguration", "The specified object does not have a ObjectLock configuration", 404
        )
    return {"LegalHold": {"Status": "ON" if version.lock.legal_hold else "OFF"}}


def put_object_legal_hold(call: Call) -> Output:
    """Set the legal hold."""
    bucket, version = _find_authorized_version(call, "PutObjectLegalHold")
    status = call.get("LegalHold", {}).get("Status")
    if status is None:
        raise malformed_xml()
    version.lock = change_legal_hold(bucket, version, status)
    return {}


def get_object_acl(call: Call) -> Output:
    """Return the ACL: the full control of the owner, and all other grants."""
    bucket, version = _find_authorized_version(call, "GetObjectAcl")
    return acl_document(bucket, version.owner, version.acl)


def put_object_acl(call: Call) -> Output:
    """Replace the grants by a document or by headers."""
    bucket, version = _find_authorized_version(call, "PutObjectAcl")
    version.acl = acl_from_request(call, bucket, version.owner)
    return {}


# ---------------------------------------------------------------- encryption in place


# https://docs.aws.amazon.com/AmazonS3/latest/API/API_UpdateObjectEncryption.html
_UNSUPPORTED_SOURCE = (
    "The UpdateObjectEncryption operation doesn't support source objects with the encryption type DSSE-KMS or SSE-C. "
    "Only source objects encrypted with SSE-S3 or SSE-KMS are supported."
)
_OLD_SIGNATURE = (
    "Requests that modify an object encryption configuration require AWS Signature Version 4. Modify the request to "
    "use AWS Signature Version 4, and then try again."
)
_NO_TARGET = (
    "Requests that modify an object encryption configuration require a valid new encryption type. Valid values are "
    "SSEKMS. Modify the request to specify SSE-KMS for the updated encryption type, and then try again."
)
_INVALID_KEY = (
    "Requests that modify an object's encryption type to SSE-KMS require a valid AWS KMS key Amazon Resource Name "
    "(ARN). Confirm that you have a correctly formatted KMS key ARN in your request, and then try again."
)
_KEY_OF_OTHER_ACCOUNT = (
    "The AWS KMS key in the request must be owned by the same account as the bucket. Modify the request to specify a "
    "KMS key from the same account, and then try again."
)


def _encryption_conditions(requested: Mapping[str, Any] | None) -> dict[str, list[str]]:
    """Return the condition keys of the target. The Service Authorization Reference lists them for this action.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
    """
    header = "s3:x-amz-server-side-encryption"
    return {} if requested is None else {header: ["aws:kms"], f"{header}-aws-kms-key-id": [requested["KMSKeyArn"]]}


def update_object_encryption(call: Call) -> Output:
    """Change the KMS key of an object without changing its bytes (API Reference, UpdateObjectEncryption)."""
    bucket = find_bucket(call)
    key = call["Key"]
    authorization = parse_authorization(call.request)
    if authorization is not None and authorization.version == 2:
        raise invalid_request(_OLD_SIGNATURE)
    requested = call.get("ObjectEncryption", {}).get("SSEKMS")
    target = _encryption_conditions(requested)
    authorize(call, bucket, "UpdateObjectEncryption", key, {**target, **_tag_conditions(call, bucket)})
    # Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/update-sse-encryption.html (permissions)
    authorize(call, bucket, "PutObject", key, target)
    if requested is None:
        raise invalid_request(_NO_TARGET)
    version = find_version(call, bucket, key, call.get("VersionId"))
    reencrypt_in_place(call, bucket, version, requested["KMSKeyArn"], bool(requested.get("BucketKeyEnabled", False)))
    return {}


def reencrypt_in_place(call: Call, bucket: Bucket, version: ObjectVersion, arn: str, bucket_key: bool) -> None:
    """Wrap the object key with another key. ETag, size, dates, metadata and checksums do not change."""
    scheme, wrapped_key = version.scheme, version.wrapped_key
    assert scheme is not None
    assert wrapped_key is not None
    if scheme.algorithm not in ("AES256", "aws:kms"):
        raise invalid_request(_UNSUPPORTED_SOURCE)
    if not _KEY_ARN.fullmatch(arn):
        raise invalid_request(_INVALID_KEY)
    if arn.split(":")[4] != bucket.account:
        raise ServiceError("AccessDenied", _KEY_OF_OTHER_ACCOUNT, 403)
    check_reencryption(call, version)
    target = resolve_kms_key(call, bucket, arn)
    context = {"aws:s3:arn": bucket.arn if bucket_key else bucket.object_arn(version.key)}
    for action in ("Encrypt", "GenerateDataKey", "ReEncryptTo"):
        message = key_use_denial(call, bucket, target, action, context)
        if message is not None:
            raise ServiceError("AccessDenied", message, 403)
    object_key = unwrap_object_key(call, bucket, scheme, wrapped_key, None)
    if scheme.key_arn:  # the documented kms:ReEncrypt* is two actions, one for each key
        source = call.lab.state.kms.find(scheme.key_arn.split(":")[4], bucket.region, scheme.key_arn, call.now())
        message = key_use_denial(call, bucket, source, "ReEncryptFrom", dict(wrapped_key.context))
        if message is not None:
            raise ServiceError("AccessDenied", message, 403)
    authorize_key_use(call, bucket, target, "GenerateDataKey", context)
    updated = replace(version)
    updated.scheme = intern_scheme("aws:kms", target.arn, bucket_key)
    updated.wrapped_key = WrappedKey(crypto.encrypt_with(target, object_key, context), tuple(context.items()))
    bucket.objects.replace(version, updated)


OPERATIONS: dict[str, Handler] = {
    "GetObjectTagging": get_object_tagging,
    "PutObjectTagging": put_object_tagging,
    "DeleteObjectTagging": delete_object_tagging,
    "GetObjectRetention": get_object_retention,
    "PutObjectRetention": put_object_retention,
    "GetObjectLegalHold": get_object_legal_hold,
    "PutObjectLegalHold": put_object_legal_hold,
    "GetObjectAcl": get_object_acl,
    "PutObjectAcl": put_object_acl,
    "UpdateObjectEncryption": update_object_encryption,
}
