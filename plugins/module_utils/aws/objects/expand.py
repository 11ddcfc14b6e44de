# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Values of the model as parameters of requests to S3."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from ...model.errors import assert_never
from ...model.kinds.encryption import DesiredEncryption
from ...model.kinds.kind import KeyParameters, WriteParameters
from ...model.kinds.registry import CUSTOMER_KEY
from ...model.objects.object_state import Checksum, Grants, ObjectId, ObjectLock, Properties
from ...model.objects.object_steps import CopyObject, ObjectWrite, PutObject
from ...model.secret import CustomerKey
from ...model.tags import Tags
from ..session import Clients

PROPERTY_PARAMETERS = {
    "content_type": "ContentType",
    "cache_control": "CacheControl",
    "content_disposition": "ContentDisposition",
    "content_encoding": "ContentEncoding",
    "content_language": "ContentLanguage",
    "expires": "Expires",
    "website_redirect_location": "WebsiteRedirectLocation",
    "storage_class": "StorageClass",
}


def expand_properties(properties: Properties) -> dict[str, Any]:
    """The parameters of a write for these properties but the metadata. Properties that are not set are omitted."""
    return {
        parameter: getattr(properties, name)
        for name, parameter in PROPERTY_PARAMETERS.items()
        if getattr(properties, name) is not None
    }


def expand_checksum(checksum: Checksum) -> dict[str, str]:
    """The parameter with the checksum of the body, which S3 verifies and stores."""
    return {f"Checksum{checksum.algorithm}": checksum.value}


def expand_tags(tags: Tags) -> str:
    """Tags in the format of the header of a write."""
    return urlencode(tags)


def expand_encryption(encryption: DesiredEncryption) -> WriteParameters:
    """The encryption parameters of PutObject, CopyObject and CreateMultipartUpload; none for the bucket's default."""
    return encryption.kind.write_parameters(encryption)


def expand_customer_key(key: CustomerKey | None) -> KeyParameters:
    """The parameters with the customer key of a request for the object's bytes; none without a key."""
    return CUSTOMER_KEY.key_parameters(key)


def expand_target(target: ObjectId) -> dict[str, Any]:
    """The parameters that identify the object."""
    address = {"Bucket": target.bucket, "Key": target.key}
    if target.version_id:
        address["VersionId"] = target.version_id
    if target.expected_bucket_owner:
        address["ExpectedBucketOwner"] = target.expected_bucket_owner
    return address


def name_of(target: ObjectId) -> str:
    """The object in a message."""
    version = f" (version {target.version_id})" if target.version_id else ""
    return f"{target.name}{version}"


def expand_lock(lock: ObjectLock | None) -> dict[str, Any]:
    """The parameters of a write that lock the new version."""
    if lock is None:
        return {}
    expanded = {
        "ObjectLockMode": lock.mode,
        "ObjectLockRetainUntilDate": lock.retain_until,
        "ObjectLockLegalHoldStatus": "ON" if lock.legal_hold else None,
        "ObjectLockEventHold": "ON" if lock.event_hold else None,
        "ObjectLockEventHoldDurationDays": lock.event_hold_days,
        "ObjectLockEventHoldDurationYears": lock.event_hold_years,
    }
    return {name: value for name, value in expanded.items() if value is not None}


_GRANT_PARAMETERS = {
    "FULL_CONTROL": "GrantFullControl",
    "READ": "GrantRead",
    "READ_ACP": "GrantReadACP",
    "WRITE_ACP": "GrantWriteACP",
}


def expand_grants(grants: Grants) -> dict[str, str]:
    """The parameters of a write that set this ACL. Without them the ACL is private."""
    expanded: dict[str, str] = {}
    for grant in grants:
        name, value = _GRANT_PARAMETERS[grant.permission], f'{grant.kind}="{grant.grantee}"'
        expanded[name] = f"{expanded[name]}, {value}" if name in expanded else value
    return expanded


def expand_write(step: ObjectWrite) -> dict[str, Any]:
    """The parameters that the request of a write and CreateMultipartUpload share: all but the tags."""
    match step:
        case PutObject() | CopyObject():
            return {
                **expand_properties(step.properties),
                **_expand_metadata(step),
                **expand_encryption(step.encryption),
                **expand_grants(step.grants),
                **expand_lock(step.lock),
            }
        case _:
            assert_never(step)


def _expand_metadata(step: ObjectWrite) -> dict[str, dict[str, str]]:
    """The metadata of the user, and the fields of client-side encryption, which are metadata for S3."""
    metadata = {**dict(step.properties.metadata or ()), **dict(step.envelope_fields)}
    return {"Metadata": metadata} if metadata else {}


def expand_condition(step: ObjectWrite) -> dict[str, str]:
    """The condition on the object that is replaced: it is as it was read, or does not exist."""
    return {"IfMatch": step.if_match} if step.if_match else {"IfNoneMatch": "*"}


def expand_deletion_condition(clients: Clients, etag: str | None) -> dict[str, str]:
    """The condition that the deleted object has this ETag, at AWS alone. It needs s3:GetObject, too.

    Older SDKs do not have it, and stores may not.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-delete-enforce.html
    """
    if not etag or clients.custom_endpoint("s3"):
        return {}
    known = clients.get("s3").meta.service_model.operation_model("DeleteObject").input_shape.members
    return {"IfMatch": etag} if "IfMatch" in known else {}


def expand_source(target: ObjectId, step: CopyObject) -> dict[str, Any]:
    """The parameters of the source of a copy, by default the object itself: as it was read, with its customer key."""
    key = expand_customer_key(step.source_key)
    source = step.source.id if step.source else target._replace(version_id=None)
    etag = step.source.state.etag if step.source else step.if_match
    owner = source.expected_bucket_owner
    version = {"VersionId": source.version_id} if source.version_id else {}
    return {
        "CopySource": {"Bucket": source.bucket, "Key": source.key, **version},
        **({"CopySourceIfMatch": etag} if etag else {}),
        **{f"CopySource{name}": value for name, value in key.items()},
        **({"ExpectedSourceBucketOwner": owner} if owner else {}),
    }
