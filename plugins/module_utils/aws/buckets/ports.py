# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The API calls for buckets that the engine uses, one method for each, with values of the model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from ...model.buckets.bucket_default import BucketDefault
from ...model.buckets.log_delivery import AclGrant
from ...model.buckets.selection import Bucket
from ...model.tags import Tags


class BucketListPort(Protocol):
    """The buckets of an account."""

    def list_buckets(self, prefix: str, region: str | None) -> Iterator[Bucket]:
        """All buckets of the account with this prefix, in this region or in any (None), with their regions."""

    def find_buckets_by_tags(self, tags: Tags, region: str) -> Iterator[str]:
        """The names of the buckets in a region that have all of these tags."""

    def get_bucket_tagging(self, bucket: Bucket) -> Tags:
        """All tags of a bucket."""


class BucketEncryptionReadPort(Protocol):
    """The default encryption of buckets, without the calls that change it."""

    def get_bucket_encryption(
        self, bucket: str, expected_bucket_owner: str | None = None, region: str | None = None
    ) -> tuple[BucketDefault, str]:
        """The rule, with the encryption types that the bucket blocks, and the bucket's region.

        The first request goes to `region`, or to the region of the task.
        """


class BucketEncryptionPort(BucketEncryptionReadPort, Protocol):
    """The default encryption of buckets."""

    @property
    def custom_endpoint(self) -> bool:
        """Whether the endpoint is not AWS's own, so that a write has to be proven by a read."""

    def put_bucket_encryption(self, bucket: str, rule: BucketDefault, region: str) -> None:
        """Replace the whole rule. `region` is the bucket's."""

    def delete_bucket_encryption(self, bucket: str, region: str) -> None:
        """Give S3's own default back."""


class BucketSettingsPort(BucketEncryptionReadPort, Protocol):
    """The settings of a bucket that decide what becomes of the objects in it."""

    def acls_are_disabled(self, bucket: str, expected_bucket_owner: str | None) -> bool:
        """Whether the bucket's owner owns every object in it, so that ACLs have no effect."""

    def default_retention(self, bucket: str, expected_bucket_owner: str | None) -> str | None:
        """The retention that new versions get, in words; empty if there is none.

        None: the bucket has no Object Lock.
        """

    def keeps_versions(self, bucket: str, expected_bucket_owner: str | None) -> bool:
        """Whether versioning is enabled, and neither suspended nor off."""

    def replicates(self, bucket: str, expected_bucket_owner: str | None) -> bool:
        """Whether a rule for replication is enabled."""


class LogPermissionPort(Protocol):
    """The policy and the ACL of a bucket, which decide whose logs may be delivered to it."""

    @property
    def custom_endpoint(self) -> bool:
        """Whether the endpoint is not AWS's own, so that it may have neither."""

    def get_bucket_policy(self, bucket: str, region: str | None = None) -> tuple[str | None, str]:
        """The policy (JSON; None: there is none), and the bucket's region."""

    def get_bucket_acl(self, bucket: str, region: str) -> tuple[AclGrant, ...]:
        """The grants of the bucket's ACL. `region` is the bucket's."""


class BucketPolicyReadPort(Protocol):
    """The policies of buckets, without the calls that change them."""

    def get_bucket_policy(self, bucket: str, region: str | None = None) -> tuple[str | None, str]:
        """The policy (JSON; None: there is none), and the bucket's region."""


class BucketPolicyPort(Protocol):
    """The policies of buckets. `region` is the bucket's, and empty or None for the region of the task."""

    @property
    def custom_endpoint(self) -> bool:
        """Whether the endpoint is not AWS's own, so that the store may not keep what is written."""

    @property
    def plain_http_endpoint(self) -> str:
        """The endpoint of the run if its requests are not encrypted; empty if they are."""

    def bucket_arn(self, bucket: str, region: str) -> str:
        """The ARN of a bucket, in the partition of its region."""

    def get_bucket_policy(self, bucket: str, region: str | None = None) -> tuple[str | None, str]:
        """The policy (JSON; None: there is none), and the bucket's region."""

    def put_bucket_policy(self, bucket: str, document: str, region: str) -> None:
        """Replace the whole policy."""

    def delete_bucket_policy(self, bucket: str, region: str) -> None:
        """Delete the policy."""

    def serves_website(self, bucket: str, region: str) -> bool:
        """Whether the bucket is configured as a website, whose endpoints have no TLS."""
