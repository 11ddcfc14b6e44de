# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""ListObjects, ListObjectsV2 and ListObjectVersions."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from typing import Any
from urllib.parse import quote_plus

from ..call import Call, Handler, Output
from ..errors import invalid_argument
from ..page_tokens import decode_token, encode_token
from .access import get_authorized_bucket
from .names import canonical_id, is_version_id, version_sequence
from .state import Bucket, ObjectVersion

_LAST_CHARACTER = "\U0010ffff"


def encoder(call: Call) -> Callable[[str], str]:
    """Return the function that encodes keys as the request demands.

    A space becomes a plus sign. Measured at AWS on 2026-09-14: https://github.com/brekkylab/backlot/issues/178
    """
    if call.get("EncodingType") == "url":
        return lambda text: quote_plus(text, safe="/*").replace("~", "%7E")
    return lambda text: text


def _limit(call: Call) -> int:
    limit = int(call.get("MaxKeys", 1000))
    if limit < 0:
        raise invalid_argument("Argument maxKeys must be an integer between 0 and 2147483647")
    return min(limit, 1000)


def _last_of_previous_page(token: str) -> str:
    try:
        return decode_token(token)
    except ValueError as exc:
        raise invalid_argument("The continuation token provided is incorrect", "continuation-token") from exc


def _select_page(
    bucket: Bucket, prefix: str, delimiter: str, after: str, limit: int
) -> tuple[list[ObjectVersion], list[str], bool, str]:
    """Return one page after ``after``: objects, common prefixes, whether it is truncated, and its last entry."""
    keys = bucket.objects.keys()
    position = bisect_left(keys, max(prefix, after))
    selected: list[ObjectVersion] = []
    prefixes: list[str] = []
    last = ""
    while position < len(keys):
        key = keys[position]
        if not key.startswith(prefix):
            break
        latest = bucket.objects.listed(key)[-1]
        if key <= after or latest.is_marker:
            position += 1
            continue
        delimiter_at = key.find(delimiter, len(prefix)) if delimiter else -1
        if delimiter_at >= 0:
            common = key[: delimiter_at + len(delimiter)]
            position = bisect_left(keys, common + _LAST_CHARACTER, position)
            if common <= after or after.startswith(common):
                continue
            if len(selected) + len(prefixes) >= limit:
                return selected, prefixes, True, last
            prefixes.append(common)
            last = common
            continue
        if len(selected) + len(prefixes) >= limit:
            return selected, prefixes, True, last
        selected.append(latest)
        last = key
        position += 1
    return selected, prefixes, False, last


def _entry(version: ObjectVersion, encode: Callable[[str], str], owner: bool) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "Key": encode(version.key),
        "LastModified": float(int(version.modified)),
        "ETag": f'"{version.etag}"',
        "ChecksumAlgorithm": [name for name, _ in version.checksums],
        "Size": version.size,
        "StorageClass": version.storage_class,
    }
    if version.checksums:
        entry["ChecksumType"] = version.checksum_type
    if owner:
        entry["Owner"] = {"ID": canonical_id(version.owner)}
    return entry


def list_objects_v2(call: Call) -> Output:
    """List keys in UTF-8 order, by prefix and delimiter, in pages of at most 1,000."""
    bucket = get_authorized_bucket(call, "ListBucket")
    call.extra_headers["x-amz-bucket-region"] = bucket.region
    encode = encoder(call)
    limit = _limit(call)
    prefix, delimiter = call.get("Prefix", ""), call.get("Delimiter", "")
    token = call.get("ContinuationToken")
    after = call.get("StartAfter", "") if token is None else _last_of_previous_page(token)
    objects, prefixes, truncated, last = _select_page(bucket, prefix, delimiter, after, limit)
    output: Output = {
        "Name": bucket.name,
        "Prefix": encode(prefix),
        "MaxKeys": limit,
        "KeyCount": len(objects) + len(prefixes),
        "IsTruncated": truncated and limit > 0,
        "Contents": [_entry(each, encode, bool(call.get("FetchOwner"))) for each in objects],
        "CommonPrefixes": [{"Prefix": encode(each)} for each in prefixes],
    }
    if delimiter:
        output["Delimiter"] = encode(delimiter)
    if call.get("EncodingType"):
        output["EncodingType"] = call["EncodingType"]
    if token is not None:
        output["ContinuationToken"] = token
    elif after:
        output["StartAfter"] = encode(after)
    if output["IsTruncated"]:
        output["NextContinuationToken"] = encode_token(last)
    return output


def list_objects(call: Call) -> Output:
    """List keys as the first version of the operation does, with markers."""
    bucket = get_authorized_bucket(call, "ListBucket")
    call.extra_headers["x-amz-bucket-region"] = bucket.region
    encode = encoder(call)
    limit = _limit(call)
    prefix, delimiter, marker = call.get("Prefix", ""), call.get("Delimiter", ""), call.get("Marker", "")
    objects, prefixes, truncated, last = _select_page(bucket, prefix, delimiter, marker, limit)
    output: Output = {
        "Name": bucket.name,
        "Prefix": encode(prefix),
        "Marker": encode(marker),
        "MaxKeys": limit,
        "IsTruncated": truncated and limit > 0,
        "Contents": [_entry(each, encode, not call.caller.anonymous) for each in objects],
        "CommonPrefixes": [{"Prefix": encode(each)} for each in prefixes],
    }
    if delimiter:
        output["Delimiter"] = encode(delimiter)
    if call.get("EncodingType"):
        output["EncodingType"] = call["EncodingType"]
    if output["IsTruncated"] and delimiter:
        output["NextMarker"] = encode(last)
    return output


def list_object_versions(call: Call) -> Output:
    """List versions and delete markers. The newest version of a key is first."""
    bucket = get_authorized_bucket(call, "ListBucketVersions")
    encode = encoder(call)
    limit = _limit(call)
    prefix, delimiter = call.get("Prefix", ""), call.get("Delimiter", "")
    marker, version_marker = call.get("KeyMarker", ""), call.get("VersionIdMarker", "")
    if version_marker and not marker:
        raise invalid_argument(
            "A version-id marker cannot be specified without a key marker.", "version-id-marker", version_marker
        )
    versions: list[dict[str, Any]] = []
    markers: list[dict[str, Any]] = []
    prefixes: list[str] = []
    truncated = False
    last: tuple[str, str] = ("", "")
    keys = bucket.objects.keys()
    position = bisect_left(keys, max(prefix, marker))
    while position < len(keys) and not truncated:
        key = keys[position]
        position += 1
        if not key.startswith(prefix):
            break
        delimiter_at = key.find(delimiter, len(prefix)) if delimiter else -1
        if delimiter_at >= 0:
            common = key[: delimiter_at + len(delimiter)]
            position = bisect_left(keys, common + _LAST_CHARACTER, position)
            if marker.startswith(common):
                continue
            if _page_is_full(versions, markers, prefixes, limit):
                truncated = True
            else:
                prefixes.append(common)
                last = (common, "")
            continue
        if key < marker or (key == marker and not version_marker):
            continue
        newest_first = list(reversed(bucket.objects.listed(key)))
        before = _marked_sequence(newest_first, version_marker) if key == marker else None
        for index, version in enumerate(newest_first):
            if before is not None and version.sequence >= before:
                continue
            if _page_is_full(versions, markers, prefixes, limit):
                truncated = True
                break
            (markers if version.is_marker else versions).append(_version_entry(version, index == 0, encode))
            last = (key, version.version_id)
    output: Output = {
        "Name": bucket.name,
        "Prefix": encode(prefix),
        "KeyMarker": encode(marker),
        "VersionIdMarker": version_marker,
        "MaxKeys": limit,
        "IsTruncated": truncated and limit > 0,
        "Versions": versions,
        "DeleteMarkers": markers,
        "CommonPrefixes": [{"Prefix": encode(each)} for each in prefixes],
    }
    if delimiter:
        output["Delimiter"] = encode(delimiter)
    if call.get("EncodingType"):
        output["EncodingType"] = call["EncodingType"]
    if output["IsTruncated"]:
        output["NextKeyMarker"] = encode(last[0])
        if last[1]:
            output["NextVersionIdMarker"] = last[1]
    return output


def _marked_sequence(versions: list[ObjectVersion], marker: str) -> int:
    """Return the number of the version at the marker. Pages can continue after it was deleted."""
    if is_version_id(marker):
        return version_sequence(marker)
    return next((each.sequence for each in versions if each.version_id == marker), 0)


def _page_is_full(versions: list[Any], markers: list[Any], prefixes: list[str], limit: int) -> bool:
    return len(versions) + len(markers) + len(prefixes) >= limit


def _version_entry(version: ObjectVersion, latest: bool, encode: Any) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "Key": encode(version.key),
        "VersionId": version.version_id,
        "IsLatest": latest,
        "LastModified": float(int(version.modified)),
        "Owner": {"ID": canonical_id(version.owner)},
    }
    if not version.is_marker:
        entry["ETag"] = f'"{version.etag}"'
        entry["Size"] = version.size
        entry["StorageClass"] = version.storage_class
        entry["ChecksumAlgorithm"] = [name for name, _ in version.checksums]
        if version.checksums:
            entry["ChecksumType"] = version.checksum_type
    return entry


OPERATIONS: dict[str, Handler] = {
    "ListObjectsV2": list_objects_v2,
    "ListObjects": list_objects,
    "ListObjectVersions": list_object_versions,
}
