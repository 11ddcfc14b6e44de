# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The API calls for buckets, as the engine uses them: one method for each, in values of the model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from ...model.buckets.bucket_default import BucketDefault
from ...model.buckets.selection import Bucket
from ...model.tags import Tags


class BucketListPort(Protocol):
    """Which buckets there are."""

    def list_buckets(self, prefix: str, region: str | None) -> Iterator[Bucket]:
        """The account's buckets with their regions, filtered by the service."""

    def find_buckets_by_tags(self, tags: Tags, region: str) -> Iterator[str]:
        """The names of one region's buckets with all of these tags, in bulk."""

    def get_bucket_tagging(self, bucket: Bucket) -> Tags:
        """All tags of one bucket."""


class BucketEncryptionPort(Protocol):
    """The default encryption of buckets."""

    def get_bucket_encryption(
        self, bucket: str, expected_bucket_owner: str | None = None, region: str | None = None
    ) -> tuple[BucketDefault, str]:
        """The rule, and the region of the bucket: that of the task is asked first, or the one named."""

    def put_bucket_encryption(self, bucket: str, rule: BucketDefault, region: str) -> None:
        """Replace the whole rule."""

    def delete_bucket_encryption(self, bucket: str, region: str) -> None:
        """Give S3's own default back."""


class BucketSettingsPort(Protocol):
    """The settings of a bucket that decide what becomes of the objects in it."""

    def get_bucket_encryption(
        self, bucket: str, expected_bucket_owner: str | None = None, region: str | None = None
    ) -> tuple[BucketDefault, str]:
        """The default encryption with the encryption types that the bucket blocks, and the bucket's region."""

    def acls_are_disabled(self, bucket: str, expected_bucket_owner: str | None) -> bool:
        """Whether the bucket's owner owns every object in it, so that ACLs have no effect."""

    def default_retention(self, bucket: str, expected_bucket_owner: str | None) -> str | None:
        """The retention that new versions get, in words; empty if there is none.

        None: the bucket has no Object Lock.
        """
