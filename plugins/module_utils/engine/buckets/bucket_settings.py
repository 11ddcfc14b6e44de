# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What a bucket sets for its objects. Each setting is read at most once per bucket in a run."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from ...aws.buckets.ports import BucketSettingsPort
from ...model.buckets.bucket_default import BucketDefault
from ...model.errors import Failure, OperationError

SettingT = TypeVar("SettingT")


@dataclass
class _Slot(Generic[SettingT]):
    """The setting of one bucket: in a tuple once it was read, as it may be None."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    result: tuple[SettingT] | Failure | None = None


class _PerBucket(Generic[SettingT]):
    """One setting of any number of buckets, with the call that reads it."""

    def __init__(self, read: Callable[[str], SettingT]) -> None:
        self._read = read
        self._lock = threading.Lock()
        self._slots: dict[str, _Slot[SettingT]] = {}

    def get(self, bucket: str) -> SettingT:
        """The setting. Raises OperationError with the same failure again where it could not be read."""
        with self._lock:
            slot = self._slots.setdefault(bucket, _Slot())
        with slot.lock:
            if slot.result is None:
                slot.result = self._read_once(bucket)
        if isinstance(slot.result, Failure):
            raise OperationError(slot.result)
        return slot.result[0]

    def _read_once(self, bucket: str) -> tuple[SettingT] | Failure:
        try:
            return (self._read(bucket),)
        except OperationError as error:
            return error.failure


class BucketSettings:
    """Reads the settings of buckets, from any thread. A result or a failure is kept for the run.

    Every method raises OperationError where the setting cannot be read.
    """

    def __init__(self, s3: BucketSettingsPort, expected_bucket_owner: str | None = None) -> None:
        owner = expected_bucket_owner
        self._default = _PerBucket(lambda bucket: s3.get_bucket_encryption(bucket, owner)[0])
        self._acls_are_disabled = _PerBucket(lambda bucket: s3.acls_are_disabled(bucket, owner))
        self._retention = _PerBucket(lambda bucket: s3.default_retention(bucket, owner))

    def default_encryption(self, bucket: str) -> BucketDefault:
        """The default encryption, and the encryption types that the bucket blocks."""
        return self._default.get(bucket)

    def acls_are_disabled(self, bucket: str) -> bool:
        """Whether the bucket's owner owns every object in it, so that ACLs have no effect."""
        return self._acls_are_disabled.get(bucket)

    def default_retention(self, bucket: str) -> str | None:
        """The retention of new versions in words, empty if there is none. None: the bucket has no Object Lock."""
        return self._retention.get(bucket)
