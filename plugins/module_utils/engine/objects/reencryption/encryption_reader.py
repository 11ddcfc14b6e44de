# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Reads the encryption of listed objects and versions, without a change."""

from __future__ import annotations

from dataclasses import dataclass

from ....model.errors import FailureKind, OperationError
from ....model.kinds.encryption import ObjectEncryption
from ....model.kinds.registry import CUSTOMER_KEY
from ....model.objects.archive import ARCHIVE_CLASSES
from ....model.objects.listed_object import ListedObject
from ....model.objects.object_state import ObjectId, ObjectState
from ....model.outcome import Outcome
from ..object_inspector import ObjectInspector


@dataclass(frozen=True, slots=True)
class ReadObject:
    """One listed object, or version of it, as it was read.

    `needs_other_key` is true if S3 reads it only with a customer key that the task does not have.
    """

    listed: ListedObject
    state: ObjectState | None = None
    needs_other_key: bool = False

    @property
    def encryption(self) -> ObjectEncryption | None:
        """The encryption by S3. None: it could not be read, or the object was deleted after it was listed.

        That of an object which needs another customer key is known, but for its key.
        """
        if self.state:
            return self.state.encryption.server_side
        return ObjectEncryption(CUSTOMER_KEY.name) if self.needs_other_key else None

    @property
    def is_archived(self) -> bool:
        """Whether the content cannot be read before it is restored. For another customer key, the list tells it."""
        if self.state:
            return self.state.archive is not None
        return self.listed.storage_class in ARCHIVE_CLASSES

    @property
    def is_locked(self) -> bool:
        """Whether S3 reports a lock that is in force."""
        return self.state is not None and self.state.lock is not None


# The context is None for an object that could not be read, or was deleted after it was listed.
Reading = Outcome[ObjectState, ReadObject]


@dataclass(frozen=True, slots=True)
class EncryptionReader:
    """Reads objects of a bucket with one HeadObject each. Safe for threads.

    The encryption is that by S3: the envelope of client-side encryption is metadata.
    """

    inspector: ObjectInspector
    bucket: str
    expected_bucket_owner: str | None = None

    def read(self, listed: ListedObject) -> Reading:
        """Read one object. The failure is in the outcome."""
        try:
            found = self.inspector.find(self.target(listed)).object
        except OperationError as error:
            if error.failure.kind is FailureKind.WRONG_KEY:
                return Outcome(context=ReadObject(listed, needs_other_key=True))
            return Outcome(failure=error.failure)
        return Outcome(context=ReadObject(listed, found)) if found else Outcome()

    def target(self, listed: ListedObject) -> ObjectId:
        """The object, as it is read."""
        return target_of(listed, self.bucket, self.expected_bucket_owner)


def target_of(listed: ListedObject, bucket: str, expected_bucket_owner: str | None) -> ObjectId:
    """The listed object. A version is named only where it is not the current one, as that needs a permission."""
    version_id = listed.version_id if listed.is_noncurrent else None
    return ObjectId(bucket, listed.key, version_id, expected_bucket_owner)
