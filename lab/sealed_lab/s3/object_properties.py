# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""What can be changed about an object that exists: tags, retention, legal hold, encryption; and its ACL."""

from __future__ import annotations

import re
from dataclasses import replace

from ..call import Call, Handler, Output
from ..errors import ServiceError
from .access import authorize, find_bucket
from .acls import acl_of_document, acl_of_write, names_acl
from .acls import shown as acl_shown
from .encryption import find_key, may_use, open_key, scheme, use_key
from .object_lock import change_hold, change_retention, check_reencryption
from .state import Bucket, ObjectVersion, SealedKey
from .tag_sets import check_tags
from .tag_sets import shown as tags_shown
from .versions import find_version, shown_id

_KEY_ARN = re.compile(r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/.+")


def _version(call: Call, action: str) -> tuple[Bucket, ObjectVersion]:
    bucket = find_bucket(call)
    version_id = call.get("VersionId")
    versioned = ("GetObjectTagging", "PutObjectTagging", "DeleteObjectTagging", "GetObjectAcl", "PutObjectAcl")
    if version_id is not None and action in versioned:
        action = action.replace("Object", "ObjectVersion", 1)
    authorize(call, bucket, action, call["Key"])
    return bucket, find_version(call, bucket, call["Key"], version_id)


def _id_field(bucket: Bucket, version: ObjectVersion) -> Output:
    version_id = shown_id(bucket, version)
    return {} if version_id is None else {"VersionId": version_id}


def get_object_tagging(call: Call) -> Output:
    """The tag set, empty when there is none."""
    bucket, version = _version(call, "GetObjectTagging")
    return {"TagSet": tags_shown(dict(version.tags)), **_id_field(bucket, version)}


def put_object_tagging(call: Call) -> Output:
    """Replace the tag set."""
    bucket, version = _version(call, "PutObjectTagging")
    version.tags = tuple(check_tags(call["Tagging"]["TagSet"], 10).items())
    return _id_field(bucket, version)


def delete_object_tagging(call: Call) -> Output:
    """Remove the tag set."""
    bucket, version = _version(call, "DeleteObjectTagging")
    version.tags = ()
    return _id_field(bucket, version)


def get_object_retention(call: Call) -> Output:
    """The retention of a version."""
    bucket, version = _version(call, "GetObjectRetention")
    if not bucket.lock_enabled:
        raise ServiceError("InvalidRequest", "Bucket is missing Object Lock Configuration", 400)
    if version.lock is None or not version.lock.mode:
        raise ServiceError(
            "NoSuchObjectLockConfiguration", "The specified object does not have a ObjectLock configuration", 404
        )
    return {"Retention": {"Mode": version.lock.mode, "RetainUntilDate": version.lock.until}}


def put_object_retention(call: Call) -> Output:
    """Set or lengthen it; to weaken it is refused or needs the governance bypass."""
    bucket, version = _version(call, "PutObjectRetention")
    version.lock = change_retention(call, bucket, version, call.get("Retention", {}))
    return {}


def get_object_legal_hold(call: Call) -> Output:
    """ON or OFF."""
    bucket, version = _version(call, "GetObjectLegalHold")
    if not bucket.lock_enabled:
        raise ServiceError("InvalidRequest", "Bucket is missing Object Lock Configuration", 400)
    if version.lock is None:
        raise ServiceError(
            "NoSuchObjectLockConfiguration", "The specified object does not have a ObjectLock configuration", 404
        )
    return {"LegalHold": {"Status": "ON" if version.lock.legal_hold else "OFF"}}


def put_object_legal_hold(call: Call) -> Output:
    """Set it."""
    bucket, version = _version(call, "PutObjectLegalHold")
    version.lock = change_hold(bucket, version, call.get("LegalHold", {}).get("Status", "OFF"))
    return {}


def get_object_acl(call: Call) -> Output:
    """The owner's full control, and whatever else was granted."""
    bucket, version = _version(call, "GetObjectAcl")
    return acl_shown(bucket, version.owner, version.acl)


def put_object_acl(call: Call) -> Output:
    """Replace the grants: by a document, or by headers."""
    bucket, version = _version(call, "PutObjectAcl")
    document = call.get("AccessControlPolicy")
    if document is not None and names_acl(call.params):
        raise ServiceError("UnexpectedContent", "This request does not support content", 400)
    if document is None and not names_acl(call.params):
        raise ServiceError("MissingSecurityHeader", "Your request was missing a required header", 400)
    if document is None:
        version.acl = acl_of_write(bucket, version.owner, call.params)
    else:
        version.acl = acl_of_document(bucket, version.owner, document)
    return {}


# ---------------------------------------------------------------- encryption in place


_FOREIGN_KEY = (
    "The AWS KMS key in the request must be owned by the same account as the bucket. Modify the request to specify a "
    "KMS key from the same account, and then try again."
)


def _refused(message: str) -> ServiceError:
    return ServiceError("InvalidRequest", message, 400)


def update_object_encryption(call: Call) -> Output:
    """Another KMS key for an object without moving its bytes (API Reference, UpdateObjectEncryption)."""
    bucket = find_bucket(call)
    key = call["Key"]
    authorize(call, bucket, "UpdateObjectEncryption", key)
    wanted = call.get("ObjectEncryption", {}).get("SSEKMS")
    if wanted is None:
        raise _refused("The only target encryption is SSE-KMS.")
    version = find_version(call, bucket, key, call.get("VersionId"))
    reencrypt_in_place(call, bucket, version, wanted["KMSKeyArn"], bool(wanted.get("BucketKeyEnabled", False)))
    return {}


def reencrypt_in_place(call: Call, bucket: Bucket, version: ObjectVersion, arn: str, shared: bool) -> None:
    """Wrap the object key anew. ETag, size, dates, metadata and checksums stay as they are."""
    chosen, sealed = version.scheme, version.sealed
    assert chosen is not None
    assert sealed is not None
    if chosen.algorithm not in ("AES256", "aws:kms"):
        kind = {"": "SSE-C", "aws:kms:dsse": "DSSE-KMS"}[chosen.algorithm]
        raise _refused(f"UpdateObjectEncryption is not supported for objects that are encrypted with {kind}.")
    if not _KEY_ARN.fullmatch(arn):
        raise _refused("The KMS key must be given as a full key ARN.")
    if arn.split(":")[4] != bucket.account:
        raise ServiceError("AccessDenied", _FOREIGN_KEY, 403)
    check_reencryption(call, version)
    target = find_key(call, bucket, arn)
    full = {"aws:s3:arn": bucket.arn if shared else bucket.object_arn(version.key)}
    for action in ("Encrypt", "GenerateDataKey", "ReEncryptTo"):
        message = may_use(call, bucket, target, action, full)
        if message is not None:
            raise ServiceError("AccessDenied", message, 403)
    object_key = open_key(call, bucket, chosen, sealed, None)
    use_key(call, bucket, target, "GenerateDataKey", full)
    from ..kms import crypto

    after = replace(version)
    after.scheme = scheme("aws:kms", target.arn, shared)
    after.sealed = SealedKey(crypto.seal_under(target, object_key, full), tuple(full.items()))
    bucket.objects.replace(version, after)


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
