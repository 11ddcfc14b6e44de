# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The buckets of a region that reference KMS keys in their default encryption."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...model.arn import Arn
from ...model.errors import FailureKind, OperationError
from ...model.keys.key_ref import KeyRef, KeyRefForm
from ...model.keys.key_usage import KeyReferences
from ..fleet.worker_pool import map_unordered

if TYPE_CHECKING:
    from ...aws.buckets.ports import BucketEncryptionReadPort, BucketListPort
    from ...model.buckets.selection import Bucket
    from .key_resolver import KeyResolver

# The number of connections in a client's pool unless the task sets another.
_CONCURRENCY = 10


@dataclass(frozen=True, slots=True)
class ReferencesByKey:
    """The buckets of a region by the id of the key that their default encryption names.

    The default encryption of the buckets in `unreadable` could not be read.
    """

    buckets: dict[str, tuple[str, ...]]
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True)
class KeyReferenceReader:
    """Reads the default encryption of all buckets of a region: one list, and one read for each bucket."""

    lists: BucketListPort
    s3: BucketEncryptionReadPort
    keys: KeyResolver
    on_progress: Callable[[int], None] = lambda done: None  # gets the number of buckets that were read
    concurrency: int = _CONCURRENCY

    def for_key(self, key_arn: str, region: str) -> KeyReferences:
        """The buckets of the region that reference the key; raises OperationError if they cannot be listed."""
        by_key = self.group_by_key(region)
        return KeyReferences(by_key.buckets.get(Arn.parse(key_arn).resource_id, ()), by_key.unreadable)

    def group_by_key(self, region: str) -> ReferencesByKey:
        """The buckets of the region by the key that they reference, in one pass for any number of keys.

        Raises OperationError if they cannot be listed.
        """
        found: dict[str, list[str]] = {}
        unreadable: list[str] = []

        def read(bucket: Bucket) -> str | None:
            return self._key_id(bucket, region)

        results = map_unordered(self.lists.list_buckets("", region), read, concurrency=self.concurrency)
        for done, (_position, bucket, key_id) in enumerate(results, start=1):
            self.on_progress(done)
            if key_id is None:
                unreadable.append(bucket.name)
            elif key_id:
                found.setdefault(key_id, []).append(bucket.name)
        buckets = {key_id: tuple(sorted(names)) for key_id, names in found.items()}
        return ReferencesByKey(buckets, tuple(sorted(unreadable)))

    def _key_id(self, bucket: Bucket, region: str) -> str | None:
        """The id of the key that the bucket's default encryption names; empty for none, None if it is not readable."""
        try:
            rule, _region = self.s3.get_bucket_encryption(bucket.name, region=bucket.region or region)
        except OperationError as error:
            return "" if error.failure.kind is FailureKind.ABSENT else None
        return "" if rule.kms_key is None else self._resolve(rule.kms_key, region)

    def _resolve(self, text: str, region: str) -> str | None:
        """The id of the key that a rule names. S3 keeps the text of a rule as it was written, and never checks it."""
        try:
            reference = KeyRef.parse(text)
            if reference.form in (KeyRefForm.KEY_ID, KeyRefForm.KEY_ARN):
                return reference.resource
            return Arn.parse(self.keys.arn(reference, region)).resource_id
        except OperationError as error:
            absent = error.failure.kind in (FailureKind.KEY_UNUSABLE, FailureKind.INVALID)
            return "" if absent else None
