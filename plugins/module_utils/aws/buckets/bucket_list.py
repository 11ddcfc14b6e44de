# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The buckets of an account, and their tags."""

from __future__ import annotations

from collections.abc import Iterator

from ...model.arn import Arn
from ...model.buckets.selection import Bucket
from ...model.tags import Tags, freeze_tags
from ..errors import translate_errors
from ..session import Clients


class BucketList:
    """ListBuckets and the tagging API of a run's session."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def list_buckets(self, prefix: str, region: str | None) -> Iterator[Bucket]:
        """ListBuckets with regions, page by page; the service filters by prefix, and by a single region.

        S3 returns BucketRegion only for requests with at least one valid parameter, such as the page size. A filter by
        region must be sent to the endpoint of that region.
        Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html
        """
        filters = {"Prefix": prefix} if prefix else {}
        if region:
            filters["BucketRegion"] = region
        with translate_errors("s3", "ListBuckets", region or "all regions"):
            pages = self._clients.get("s3", region).get_paginator("list_buckets")
            for page in pages.paginate(PaginationConfig={"PageSize": 1000}, **filters):
                for bucket in page.get("Buckets", ()):
                    yield Bucket(bucket["Name"], bucket.get("BucketRegion") or region or "")

    def find_buckets_by_tags(self, tags: Tags, region: str) -> Iterator[str]:
        """GetResources of one region: the names of its buckets with all of these tags."""
        with translate_errors("tag", "GetResources", f"the buckets in {region or 'the region of the task'}"):
            pages = self._clients.get("resourcegroupstaggingapi", region or None).get_paginator("get_resources")
            for page in pages.paginate(
                ResourceTypeFilters=["s3"], TagFilters=[{"Key": key, "Values": [value]} for key, value in tags]
            ):
                for resource in page["ResourceTagMappingList"]:
                    yield Arn.parse(resource["ResourceARN"]).resource

    def get_bucket_tagging(self, bucket: Bucket) -> Tags:
        """GetBucketTagging. S3 returns an error for a bucket without tags."""
        with translate_errors("s3", "GetBucketTagging", bucket.name):
            client = self._clients.get("s3", bucket.region or None)
            try:
                response = client.get_bucket_tagging(Bucket=bucket.name)
            except client.exceptions.ClientError as error:
                if error.response["Error"].get("Code") != "NoSuchTagSet":
                    raise
                return ()
        return freeze_tags({tag["Key"]: tag["Value"] for tag in response["TagSet"]})
