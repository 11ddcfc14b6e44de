# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Lists of objects and uploads: their pages, names that XML cannot contain, and lists that end early."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.aws.objects.object_list import ObjectList
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.listed_object import ListedObject, ListedUpload

pytest.importorskip("botocore.exceptions")

TIME = datetime(2026, 11, 26, tzinfo=timezone.utc)


class ListingClients:
    """Clients of a store that returns these pages, one after the other."""

    def __init__(self, *pages: dict[str, Any]) -> None:
        self.pages = list(pages)
        self.requests: list[dict[str, Any]] = []
        self.bucket_regions: dict[str, str] = {}

    def get(self, service: str) -> ListingClients:
        return self

    def list_objects_v2(self, **request: Any) -> dict[str, Any]:
        self.requests.append(dict(request))
        return self.pages.pop(0)

    list_multipart_uploads = list_objects_v2


def page(*keys: str, **more: Any) -> dict[str, Any]:
    contents = [{"Key": key, "Size": 3, "ETag": '"e"', "LastModified": TIME} for key in keys]
    return {"Contents": contents, "EncodingType": "url", "ResponseMetadata": {"SignedRegion": "eu-west-1"}, **more}


def keys_of(found: Iterator[ListedObject | ListedUpload]) -> list[str]:
    return [each.key for each in found]


def test_pages_follow_each_other() -> None:
    clients = ListingClients(page("a", IsTruncated=True, NextContinuationToken="t"), page("b"))
    assert keys_of(ObjectList(clients).list_objects("bucket", "", "111122223333")) == ["a", "b"]  # type: ignore[arg-type]
    assert [each.get("ContinuationToken") for each in clients.requests] == [None, "t"]
    assert all(each["ExpectedBucketOwner"] == "111122223333" for each in clients.requests)
    assert clients.bucket_regions == {"bucket": "eu-west-1"}


@pytest.mark.parametrize("etag", ['"e"', "e"])
def test_an_etag_is_that_of_the_object(etag: str) -> None:
    """A list of rclone leaves out the quotes that HeadObject has."""
    listed = {"Key": "a", "Size": 3, "ETag": etag, "LastModified": TIME}
    (found,) = ObjectList(ListingClients(page(Contents=[listed]))).list_objects("bucket", "", None)  # type: ignore[arg-type]
    assert found.etag == '"e"'


@pytest.mark.parametrize(("encoding", "key"), [("url", "a\x01 b+é"), (None, "a%01+b%2B%C3%A9")])
def test_keys_are_decoded_only_where_the_store_encodes_them(encoding: str | None, key: str) -> None:
    clients = ListingClients(page("a%01+b%2B%C3%A9", EncodingType=encoding))
    assert keys_of(ObjectList(clients).list_objects("bucket", "", None)) == [key]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "pages",
    [
        [page("a", IsTruncated=True)],
        [page("a", IsTruncated=True, NextContinuationToken="t"), page(IsTruncated=True, NextContinuationToken="t")],
    ],
    ids=["no token", "the same token"],
)
def test_a_list_that_ends_early_is_a_failure(pages: list[dict[str, Any]]) -> None:
    """The objects before the end are yielded, so that they can be reported."""
    found = ObjectList(ListingClients(*pages)).list_objects("bucket", "", None)  # type: ignore[arg-type]
    assert next(found).key == "a"
    with pytest.raises(OperationError) as caught:
        next(found)
    assert caught.value.failure.kind is FailureKind.UNVERIFIED


def test_a_store_that_ignores_the_prefix_is_a_failure() -> None:
    """Otherwise a sync would delete what is below other prefixes. Uploads are only reported."""
    found = ObjectList(ListingClients(page("p/a", "q"))).list_objects("bucket", "p/", None)  # type: ignore[arg-type]
    assert next(found).key == "p/a"
    with pytest.raises(OperationError, match="does not begin with the prefix") as caught:
        next(found)
    assert caught.value.failure.kind is FailureKind.UNVERIFIED
    clients = ListingClients(upload_page("p/a", "q"))
    assert keys_of(ObjectList(clients).list_uploads("bucket", "p/", None)) == ["p/a"]  # type: ignore[arg-type]


def upload_page(*keys: str, **more: Any) -> dict[str, Any]:
    uploads = [{"Key": key, "UploadId": f"of {key}", "Initiated": TIME} for key in keys]
    return {"Uploads": uploads, "EncodingType": "url", **more}


def test_uploads_follow_their_two_markers() -> None:
    first = upload_page("a+b", IsTruncated=True, NextKeyMarker="a+b", NextUploadIdMarker="of a+b")
    clients = ListingClients(first, upload_page("c"))
    found = list(ObjectList(clients).list_uploads("bucket", "", None))  # type: ignore[arg-type]
    assert found[0] == ListedUpload("a b", "of a+b", TIME.isoformat())
    assert [each.key for each in found] == ["a b", "c"]
    assert clients.requests[1]["KeyMarker"] == "a b"
    assert clients.requests[1]["UploadIdMarker"] == "of a+b"


def test_uploads_without_a_marker_are_a_failure() -> None:
    with pytest.raises(OperationError):
        list(ObjectList(ListingClients(upload_page("a", IsTruncated=True))).list_uploads("bucket", "", None))  # type: ignore[arg-type]


@pytest.mark.parametrize(("key", "size", "is_marker"), [("a/", 0, True), ("a/", 1, False), ("a", 0, False)])
def test_directory_markers(key: str, size: int, is_marker: bool) -> None:
    assert ListedObject(key, size, "", "").is_directory_marker is is_marker
