# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""HeadObject's answer as the model's value, and the model's properties as parameters of a write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..model.encrypted_object import DEFAULT_STORAGE_CLASS, Checksum, ObjectState, Properties
from ..model.encryption import ObjectEncryption
from ..model.kinds.registry import BY_WIRE, NONE, SSE_C
from .ports import ObjectId

# The checksums that S3 knows, the strongest first.
# Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
CHECKSUM_ALGORITHMS = (
    "SHA512",
    "SHA256",
    "SHA1",
    "MD5",
    "XXHASH128",
    "XXHASH3",
    "XXHASH64",
    "CRC64NVME",
    "CRC32C",
    "CRC32",
)

_PARAMETERS = {
    "content_type": "ContentType",
    "cache_control": "CacheControl",
    "content_disposition": "ContentDisposition",
    "content_encoding": "ContentEncoding",
    "content_language": "ContentLanguage",
    "expires": "Expires",
    "website_redirect_location": "WebsiteRedirectLocation",
    "storage_class": "StorageClass",
}


def flatten_object(target: ObjectId, answer: Mapping[str, Any]) -> ObjectState:
    """The object of HeadObject's answer."""
    metadata = answer.get("Metadata", {})
    return ObjectState(
        bucket=target.bucket,
        key=target.key,
        size=answer["ContentLength"],
        encryption=flatten_encryption(answer),
        properties=_properties(answer, metadata),
        version_id=None if answer.get("VersionId") in (None, "null") else answer["VersionId"],
        etag=answer.get("ETag"),
        last_modified=answer["LastModified"].isoformat() if answer.get("LastModified") else None,
        checksums=_checksums(answer),
        tag_count=answer.get("TagCount") or 0,
        locked=bool(answer.get("ObjectLockMode")) or answer.get("ObjectLockLegalHoldStatus") == "ON",
    )


def flatten_encryption(answer: Mapping[str, Any]) -> ObjectEncryption:
    """The encryption that an answer about an object reports. No header at all: encrypted by nobody."""
    if answer.get("SSECustomerAlgorithm"):
        return ObjectEncryption(SSE_C.name, customer_key_md5=_once(answer.get("SSECustomerKeyMD5")))
    wire = answer.get("ServerSideEncryption")
    if not wire:
        return ObjectEncryption(NONE.name)
    kind = BY_WIRE.get(wire)
    # The flag is named in the answer only where it is on.
    bucket_key = bool(answer.get("BucketKeyEnabled")) if kind and "bucket_key_enabled" in kind.options else None
    return ObjectEncryption(kind.name if kind else wire, answer.get("SSEKMSKeyId"), bucket_key)


def _once(header: str | None) -> str | None:
    """The value of a header that some stores (SeaweedFS 4) send twice, which arrives as 'a, a'."""
    values = set((header or "").split(", "))
    return values.pop() if len(values) == 1 and header else header


def expand_properties(properties: Properties) -> dict[str, Any]:
    """The parameters that a write takes for these properties; those that are not set are left out."""
    expanded = {
        parameter: getattr(properties, name)
        for name, parameter in _PARAMETERS.items()
        if getattr(properties, name) is not None
    }
    if properties.metadata:
        expanded["Metadata"] = dict(properties.metadata)
    return expanded


def expand_checksum(checksum: Checksum) -> dict[str, str]:
    """The parameter that tells S3 the checksum of what is sent, for S3 to check and to store."""
    return {f"Checksum{checksum.algorithm}": checksum.value}


def flatten_grants(acl: Mapping[str, Any]) -> tuple[str, ...]:
    """The grants of GetObjectAcl's answer beyond the full control of the owner, each in words."""
    owner = acl.get("Owner", {}).get("ID")
    return tuple(
        f"{grant.get('Permission')} to {_grantee(grant.get('Grantee', {}))}"
        for grant in acl.get("Grants", ())
        if (grant.get("Grantee", {}).get("ID"), grant.get("Permission")) != (owner, "FULL_CONTROL")
    )


def _grantee(grantee: Mapping[str, Any]) -> str:
    known = (grantee.get(name) for name in ("URI", "EmailAddress", "ID", "DisplayName"))
    return next(filter(None, known), "somebody unnamed")


def _properties(answer: Mapping[str, Any], metadata: Mapping[str, str]) -> Properties:
    read = {name: answer.get(parameter) for name, parameter in _PARAMETERS.items()}
    # The SDK parses Expires where it can; the text itself is what a copy has to carry.
    read["expires"] = answer.get("ExpiresString")
    read["storage_class"] = answer.get("StorageClass") or DEFAULT_STORAGE_CLASS
    return Properties(**read, metadata=tuple(sorted(metadata.items())))


def _checksums(answer: Mapping[str, Any]) -> tuple[Checksum, ...]:
    full = answer.get("ChecksumType", "FULL_OBJECT") == "FULL_OBJECT"
    return tuple(
        Checksum(algorithm, answer[f"Checksum{algorithm}"], full and "-" not in answer[f"Checksum{algorithm}"])
        for algorithm in CHECKSUM_ALGORITHMS
        if answer.get(f"Checksum{algorithm}")
    )
