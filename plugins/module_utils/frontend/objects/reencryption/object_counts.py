# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The objects of a bucket, counted by what decides how they can be encrypted again, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from ....engine.objects.reencryption.encryption_reader import ReadObject
from ....model.objects.listed_object import ListedObject
from ....model.objects.object_state import DEFAULT_STORAGE_CLASS
from ....model.objects.object_steps import COPY_LIMIT

# The number of different encryptions that are counted apart. A bucket has a few; with one key for each object, it may
# have as many as objects.
MOST_GROUPS = 1000


class EncryptionGroup(NamedTuple):
    """What objects have in common that are counted together. None: they have none, or S3 does not report it."""

    encryption: str | None
    kms_key_arn: str | None
    bucket_key_enabled: bool | None
    customer_key_md5: str | None


@dataclass(slots=True)
class ObjectCount:
    """Numbers of objects, of all of them and of some. The bytes are those that S3 stores."""

    objects: int = 0
    stored_bytes: int = 0
    noncurrent: int = 0
    archived: int = 0
    locked: int = 0
    over_copy_limit: int = 0

    def add(self, read: ReadObject) -> None:
        """Count an object."""
        self.add_listed(read.listed)
        self.archived += read.is_archived
        self.locked += read.is_locked

    def add_listed(self, listed: ListedObject) -> None:
        """Count an object by what a list tells."""
        self.objects += 1
        self.stored_bytes += listed.size
        self.noncurrent += listed.is_noncurrent
        self.over_copy_limit += listed.size > COPY_LIMIT

    def add_all(self, others: Iterable[ObjectCount]) -> ObjectCount:
        """Add what others have counted, and return this count."""
        for other in others:
            self.objects += other.objects
            self.stored_bytes += other.stored_bytes
            self.noncurrent += other.noncurrent
            self.archived += other.archived
            self.locked += other.locked
            self.over_copy_limit += other.over_copy_limit
        return self


@dataclass(slots=True)
class ListedCounts:
    """What a list of the objects tells: their number and size, of all and by storage class."""

    total: ObjectCount = field(default_factory=ObjectCount)
    by_storage_class: dict[str, ObjectCount] = field(default_factory=dict)

    def count(self, objects: Iterable[ListedObject]) -> Iterator[ListedObject]:
        """The same objects, counted as they are listed."""
        for listed in objects:
            name = listed.storage_class or DEFAULT_STORAGE_CLASS
            self.total.add_listed(listed)
            self.by_storage_class.setdefault(name, ObjectCount()).add_listed(listed)
            yield listed


@dataclass(slots=True)
class ReadCounts:
    """The objects that were read, by their encryption. `others` are those beyond the first `MOST_GROUPS` groups."""

    groups: dict[EncryptionGroup, ObjectCount] = field(default_factory=dict)
    others: ObjectCount = field(default_factory=ObjectCount)

    def add(self, read: ReadObject) -> None:
        """Count an object whose encryption is known."""
        found = read.encryption
        if found is None:
            return
        group = EncryptionGroup(found.type, found.kms_key_arn, found.bucket_key_enabled, found.customer_key_md5)
        count = self.groups.get(group)
        if count is None and len(self.groups) >= MOST_GROUPS:
            self.others.add(read)
            return
        if count is None:
            count = self.groups[group] = ObjectCount()
        count.add(read)

    @property
    def total(self) -> ObjectCount:
        """All objects that were read."""
        return ObjectCount().add_all([*self.groups.values(), self.others])

    def by_number(self) -> list[tuple[EncryptionGroup, ObjectCount]]:
        """The groups, that of most objects first; those of as many in the order of their names."""
        return sorted(self.groups.items(), key=lambda each: (-each[1].objects, [str(part) for part in each[0]]))
