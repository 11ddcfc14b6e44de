# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The objects of a prefix, their versions, and unfinished uploads, page by page.

A list that ends early must not look like a complete one: what is missing in it would be uploaded again, or deleted on
the other side. So the pages are requested here, and checked.
Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote_plus

from ...model.errors import Failure, FailureKind, OperationError
from ...model.objects.listed_object import ListedObject, ListedUpload
from ..buckets.s3_buckets import expand_owner, signed_region
from ..errors import translate_errors
from ..session import Clients

# S3 returns at most so many keys in one page.
_PAGE = 1000


class ObjectList:
    """ListObjectsV2, ListObjectVersions and ListMultipartUploads of a run's session.

    Every iterator may raise OperationError.
    """

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def list_objects(
        self, bucket: str, prefix: str, owner: str | None, page_size: int = _PAGE, start_after: str = ""
    ) -> Iterator[ListedObject]:
        """All objects whose key begins with the prefix, in the order of S3: that of the bytes of the keys in UTF-8.

        With `start_after`, only those after this key.
        """
        request: dict[str, Any] = {
            "Bucket": bucket,
            "Prefix": prefix,
            "MaxKeys": min(page_size, _PAGE),
            # XML cannot contain every character that a key can.
            "EncodingType": "url",
            **({"StartAfter": start_after} if start_after else {}),
            **expand_owner(owner),
        }
        name = f"{bucket}/{prefix}"
        previous: str | None = None
        while True:
            with translate_errors("s3", "ListObjectsV2", name):
                page = self._clients.get("s3").list_objects_v2(**request)
            self._clients.bucket_regions[bucket] = signed_region(page)
            for found in page.get("Contents", ()):
                listed = _listed(found, page)
                if not listed.key.startswith(prefix):
                    raise _elsewhere("ListObjectsV2", name, listed.key)
                yield listed
            if not page.get("IsTruncated"):
                return
            token = page.get("NextContinuationToken")
            if not token or token == previous:
                raise _incomplete("ListObjectsV2", name)
            request["ContinuationToken"] = previous = token

    def list_versions(
        self, bucket: str, prefix: str, owner: str | None, start_after: str = ""
    ) -> Iterator[ListedObject]:
        """All versions of these objects, each key with its newest version first. Delete markers are left out.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
        """
        request: dict[str, Any] = {
            "Bucket": bucket,
            "Prefix": prefix,
            "EncodingType": "url",
            **({"KeyMarker": start_after} if start_after else {}),
            **expand_owner(owner),
        }
        name = f"{bucket}/{prefix}"
        previous: tuple[str, str] | None = None
        while True:
            with translate_errors("s3", "ListObjectVersions", name):
                page = self._clients.get("s3").list_object_versions(**request)
            self._clients.bucket_regions[bucket] = signed_region(page)
            for found in page.get("Versions", ()):
                listed = _listed(found, page)._replace(
                    version_id=str(found["VersionId"]) if found.get("VersionId") else None,
                    is_noncurrent=not found.get("IsLatest", True),
                )
                if not listed.key.startswith(prefix):
                    raise _elsewhere("ListObjectVersions", name, listed.key)
                yield listed
            if not page.get("IsTruncated"):
                return
            markers = (_decoded(page.get("NextKeyMarker", ""), page), str(page.get("NextVersionIdMarker", "")))
            if not markers[0] or markers == previous:
                raise _incomplete("ListObjectVersions", name)
            previous = markers
            request |= {"KeyMarker": markers[0], "VersionIdMarker": markers[1]}
            if not markers[1]:  # the page ended between two keys
                del request["VersionIdMarker"]

    def list_uploads(self, bucket: str, prefix: str, owner: str | None) -> Iterator[ListedUpload]:
        """All uploads in parts below the prefix that are neither completed nor aborted."""
        request: dict[str, Any] = {"Bucket": bucket, "Prefix": prefix, "EncodingType": "url", **expand_owner(owner)}
        name = f"{bucket}/{prefix}"
        previous: tuple[str, str] | None = None
        while True:
            with translate_errors("s3", "ListMultipartUploads", name):
                page = self._clients.get("s3").list_multipart_uploads(**request)
            for found in page.get("Uploads", ()):
                key = _decoded(found["Key"], page)
                if not key.startswith(prefix):  # some stores ignore the prefix here, and the list is only for a report
                    continue
                yield ListedUpload(key, str(found["UploadId"]), found["Initiated"].isoformat())
            if not page.get("IsTruncated"):
                return
            markers = (_decoded(page.get("NextKeyMarker", ""), page), str(page.get("NextUploadIdMarker", "")))
            if not markers[0] or markers == previous:
                raise _incomplete("ListMultipartUploads", name)
            previous = markers
            request |= {"KeyMarker": markers[0], "UploadIdMarker": markers[1]}


def _listed(found: Mapping[str, Any], page: Mapping[str, Any]) -> ListedObject:
    return ListedObject(
        _decoded(found["Key"], page),
        int(found.get("Size", 0)),
        _quoted(str(found.get("ETag", ""))),
        found["LastModified"].isoformat() if "LastModified" in found else "",
        found.get("StorageClass"),
    )


def _decoded(key: str, page: Mapping[str, Any]) -> str:
    """The key of a page. A store that does not know the encoding does not name it, and returns the key as it is."""
    return unquote_plus(key) if page.get("EncodingType") == "url" else key


def _incomplete(operation: str, name: str) -> OperationError:
    return OperationError(
        Failure(
            FailureKind.UNVERIFIED,
            f"{operation} of {name} ended before the end of the list: the store says that there is more, and not where "
            "it goes on.",
            "Nothing is known of the rest. Run the task again; if it happens again, the store at this endpoint cannot "
            "list the bucket.",
            f"s3:{operation}",
            name,
        )
    )


def _elsewhere(operation: str, name: str, key: str) -> OperationError:
    return OperationError(
        Failure(
            FailureKind.UNVERIFIED,
            f"{operation} of {name} returned the key {key!r}, which does not begin with the prefix.",
            "The store at this endpoint ignores the prefix, so nothing can be done for the objects of a prefix there.",
            f"s3:{operation}",
            name,
        )
    )


def _quoted(etag: str) -> str:
    """The ETag as in the response for its object: rclone lists it without quotes."""
    return f'"{etag}"' if etag and '"' not in etag else etag
