# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Which buckets' default encryption names a key."""

from __future__ import annotations

from dataclasses import dataclass

from ...aws.buckets.ports import BucketEncryptionPort, BucketListPort
from ...model.arn import Arn
from ...model.buckets.selection import Bucket
from ...model.errors import FailureKind, OperationError
from ...model.keys.key_ref import KeyRef, KeyRefForm
from ..fleet.worker_pool import map_unordered
from .key_resolver import KeyResolver

# As many connections as a client keeps without being asked for more.
_CONCURRENCY = 10


@dataclass(frozen=True)
class BucketsByKey:
    """Looks through the buckets of a region: one list, and one read for each bucket."""

    lists: BucketListPort
    s3: BucketEncryptionPort
    keys: KeyResolver

    def of(self, key_arn: str, region: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The buckets of the region whose default encryption names the key, and those that could not be looked at."""
        by_key, unseen = self.by_key(region)
        return by_key.get(_id_of(key_arn), ()), unseen

    def by_key(self, region: str) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
        """The buckets of the region by the id of the key that their default encryption names, and those that could not
        be looked at: one pass, however many keys are asked for."""
        found: dict[str, list[str]] = {}
        unseen: list[str] = []

        def look(bucket: Bucket) -> str | None:
            return self._key_of(bucket, region)

        for _position, bucket, key_id in map_unordered(
            self.lists.list_buckets("", region), look, concurrency=_CONCURRENCY
        ):
            if key_id is None:
                unseen.append(bucket.name)
            elif key_id:
                found.setdefault(key_id, []).append(bucket.name)
        return {key_id: tuple(sorted(names)) for key_id, names in found.items()}, tuple(sorted(unseen))

    def _key_of(self, bucket: Bucket, region: str) -> str | None:
        """The id of the key that the bucket's default encryption names; empty: none, None: that may not be read."""
        try:
            rule, _region = self.s3.get_bucket_encryption(bucket.name, region=bucket.region or region)
        except OperationError as error:
            return "" if error.failure.kind is FailureKind.ABSENT else None
        return "" if rule.kms_key is None else self._id(rule.kms_key, region)

    def _id(self, text: str, region: str) -> str | None:
        """The id of the key that a rule's text stands for, which S3 keeps as it was written and never checks."""
        try:
            reference = KeyRef.parse(text)
            if reference.form in (KeyRefForm.KEY_ID, KeyRefForm.KEY_ARN):
                return reference.resource
            return _id_of(self.keys.arn(reference, region))
        except OperationError as error:
            absent = error.failure.kind in (FailureKind.KEY_UNUSABLE, FailureKind.INVALID)
            return "" if absent else None


def _id_of(key_arn: str) -> str:
    return Arn.parse(key_arn).resource_id
