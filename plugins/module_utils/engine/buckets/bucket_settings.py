# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What a bucket sets for its objects. Each setting is read at most once per bucket in a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..once_per_key import OncePerKey

if TYPE_CHECKING:
    from ...aws.buckets.ports import BucketSettingsPort
    from ...model.buckets.bucket_default import BucketDefault


class BucketSettings:
    """Reads the settings of buckets, from any thread. A result or a failure is kept for the run.

    With `serves_many`, many objects share the settings of a bucket, so that one read may spare a call for each of them.
    Every method raises OperationError where the setting cannot be read.
    """

    def __init__(
        self, s3: BucketSettingsPort, expected_bucket_owner: str | None = None, *, serves_many: bool = False
    ) -> None:
        owner = expected_bucket_owner
        self.serves_many = serves_many
        self._default: OncePerKey[str, BucketDefault] = OncePerKey(
            lambda bucket: s3.get_bucket_encryption(bucket, owner)[0]
        )
        self._acls_are_disabled: OncePerKey[str, bool] = OncePerKey(lambda bucket: s3.acls_are_disabled(bucket, owner))
        self._keeps_versions: OncePerKey[str, bool] = OncePerKey(lambda bucket: s3.keeps_versions(bucket, owner))
        self._replicates: OncePerKey[str, bool] = OncePerKey(lambda bucket: s3.replicates(bucket, owner))
        self._retention: OncePerKey[str, str | None] = OncePerKey(lambda bucket: s3.default_retention(bucket, owner))

    def default_encryption(self, bucket: str) -> BucketDefault:
        """The default encryption, and the encryption types that the bucket blocks."""
        return self._default.get(bucket)

    def acls_are_disabled(self, bucket: str) -> bool:
        """Whether the bucket's owner owns every object in it, so that ACLs have no effect."""
        return self._acls_are_disabled.get(bucket)

    def default_retention(self, bucket: str) -> str | None:
        """The retention of new versions in words, empty if there is none. None: the bucket has no Object Lock."""
        return self._retention.get(bucket)

    def keeps_versions(self, bucket: str) -> bool:
        """Whether a new version leaves the current one as a noncurrent version: versioning is enabled."""
        return self._keeps_versions.get(bucket)

    def replicates(self, bucket: str) -> bool:
        """Whether a rule replicates objects of the bucket."""
        return self._replicates.get(bucket)
