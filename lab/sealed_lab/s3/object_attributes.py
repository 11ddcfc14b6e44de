# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""GetObjectAttributes."""

from __future__ import annotations

from ..call import Call, Handler, Output
from .checksums import ALGORITHMS
from .customer_keys import read_customer_key
from .encryption import check_customer_key
from .reading import checksum_fields, find_readable_version
from .state import ObjectVersion
from .versions import visible_version_id


def get_object_attributes(call: Call) -> Output:
    """Return the requested attributes. An object with SSE-C needs its key."""
    bucket, version = find_readable_version(call, "GetObject")
    find_readable_version(call, "GetObjectAttributes")
    assert version.scheme is not None
    assert version.wrapped_key is not None
    check_customer_key(version.scheme, version.wrapped_key, read_customer_key(call.params, reading=True))
    attributes = set(call["ObjectAttributes"])
    output: Output = {"LastModified": float(int(version.modified))}
    if visible_version_id(bucket, version) is not None:
        output["VersionId"] = version.version_id
    if "ETag" in attributes:
        output["ETag"] = version.etag
    if "ObjectSize" in attributes:
        output["ObjectSize"] = version.size
    if "StorageClass" in attributes:
        output["StorageClass"] = version.storage_class
    if "Checksum" in attributes and version.checksums:
        output["Checksum"] = {
            name: value.partition("-")[0] if name != "ChecksumType" else value
            for name, value in checksum_fields(version).items()
        }
    if "ObjectParts" in attributes and version.parts is not None:
        output["ObjectParts"] = _part_fields(call, version)
    return output


def _part_fields(call: Call, version: ObjectVersion) -> Output:
    """Return a page of the parts. S3 lists them only if it has their checksums, of the type COMPOSITE."""
    parts = version.parts or ()
    if version.checksum_type != "COMPOSITE":
        return {"TotalPartsCount": len(parts)}
    marker = int(call.get("PartNumberMarker", 0) or 0)
    limit = min(int(call.get("MaxParts", 1000)), 1000)
    remaining = [part for part in parts if part.number > marker]
    page = remaining[:limit]
    found: Output = {
        "TotalPartsCount": len(parts),
        "PartNumberMarker": marker,
        "MaxParts": limit,
        "IsTruncated": len(remaining) > limit,
    }
    found["NextPartNumberMarker"] = page[-1].number if page else 0
    member = ALGORITHMS[version.checksums[0][0]].member
    if page:
        found["Parts"] = [{"PartNumber": part.number, "Size": part.size, member: part.checksum} for part in page]
    return found


OPERATIONS: dict[str, Handler] = {"GetObjectAttributes": get_object_attributes}
