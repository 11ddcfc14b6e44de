# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Which buckets' default encryption names a key."""

from __future__ import annotations

from dataclasses import dataclass

from ..aws.ports import BucketEncryptionPort, BucketListPort
from ..model.errors import FailureKind, Refused
from ..model.key_ref import KeyRef, KeyRefForm
from ..model.selection import Bucket
from .fleet import each
from .keys import KeyResolver

# As many connections as a client keeps without being asked for more.
_CONCURRENCY = 10


@dataclass(frozen=True)
class KeyUsers:
    """Looks through the buckets of a region: one list, and one read for each bucket."""

    lists: BucketListPort
    s3: BucketEncryptionPort
    keys: KeyResolver

    def of(self, key_arn: str, region: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The buckets of the region whose default encryption names the key, and those that could not be looked at."""
        found: dict[bool | None, list[str]] = {True: [], False: [], None: []}

        def names_it(bucket: Bucket) -> bool | None:
            return self._names(bucket, key_arn, region)

        for _position, bucket, result in each(self.lists.list_buckets("", region), names_it, concurrency=_CONCURRENCY):
            found[result].append(bucket.name)
        return tuple(sorted(found[True])), tuple(sorted(found[None]))

    def _names(self, bucket: Bucket, key_arn: str, region: str) -> bool | None:
        """Whether the bucket's default encryption names the key; None where that may not be read."""
        try:
            rule, _region = self.s3.get_bucket_encryption(bucket.name, region=bucket.region or region)
        except Refused as refused:
            return False if refused.failure.kind is FailureKind.ABSENT else None
        return rule.kms_key is not None and self._is(rule.kms_key, key_arn, region)

    def _is(self, text: str, key_arn: str, region: str) -> bool | None:
        """Whether a rule's key, which S3 keeps as it was written and never checks, stands for this one."""
        try:
            reference = KeyRef.parse(text)
            if reference.form in (KeyRefForm.KEY_ID, KeyRefForm.KEY_ARN):
                return reference.resource == key_arn.rpartition("/")[2]
            return self.keys.arn(reference, region) == key_arn
        except Refused as refused:
            absent = refused.failure.kind in (FailureKind.KEY_UNUSABLE, FailureKind.INVALID)
            return False if absent else None
