# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Which objects a task selects: by what a list says of them, and by the encryption that they have now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ...arn import same_kms_key
from ...kinds.encryption import ObjectEncryption
from ..listed_object import ListedObject

# What S3 reports as the storage class of an object.
# Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
STORAGE_CLASSES = (
    "STANDARD",
    "REDUCED_REDUNDANCY",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER_IR",
    "GLACIER",
    "DEEP_ARCHIVE",
)


@dataclass(frozen=True, slots=True)
class SelectedEncryption:
    """An encryption that an object has to have to be selected. None: any type, or any KMS key.

    That of an object under client-side encryption is its encryption by S3.
    """

    type: str | None = None
    kms_key_arn: str | None = None

    def includes(self, found: ObjectEncryption) -> bool:
        """Whether an encryption that was found is this one."""
        found = found.server_side
        if self.type not in (None, found.type):
            return False
        return self.kms_key_arn is None or same_kms_key(self.kms_key_arn, found.kms_key_arn)


@dataclass(frozen=True, slots=True)
class ObjectSelection:
    """What an object has to be like. What is None or empty selects all.

    The times are in UTC and the sizes in bytes; all four are exclusive, as in the filters of S3 Batch Operations.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_JobManifestGeneratorFilter.html
    """

    prefix: str = ""
    suffix: str = ""
    older_than: datetime | None = None
    newer_than: datetime | None = None
    larger_than: int | None = None
    smaller_than: int | None = None
    storage_classes: tuple[str, ...] = ()
    encryption: tuple[SelectedEncryption, ...] = ()

    def selects(self, listed: ListedObject) -> bool:
        """Whether a listed object is selected, as far as a list tells. The prefix is that of the list."""
        if not listed.key.endswith(self.suffix):
            return False
        if self.larger_than is not None and listed.size <= self.larger_than:
            return False
        if self.smaller_than is not None and listed.size >= self.smaller_than:
            return False
        if self.storage_classes and (listed.storage_class or "STANDARD") not in self.storage_classes:
            return False
        return self._selects_time(listed)

    def selects_encryption(self, found: ObjectEncryption) -> bool:
        """Whether an object with this encryption is selected."""
        return not self.encryption or any(each.includes(found) for each in self.encryption)

    def _selects_time(self, listed: ListedObject) -> bool:
        if self.older_than is None and self.newer_than is None:
            return True
        if not listed.last_modified:  # a store that reports no time
            return False
        written = datetime.fromisoformat(listed.last_modified)
        if self.older_than is not None and written >= self.older_than:
            return False
        return self.newer_than is None or written > self.newer_than
