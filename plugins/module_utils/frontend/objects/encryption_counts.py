# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The number of objects under each encryption, and under each KMS key, in bounded memory."""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass, field
from typing import NamedTuple

from ...model.kinds.encryption import ObjectEncryption

# The number of different encryptions that are counted apart. A bucket has a few; with one key for each object, it may
# have as many as objects.
MOST_ENCRYPTIONS = 1000
# The number of names that are kept to show some of them.
MOST_NAMES = 5


@dataclass(slots=True)
class CountedNames:
    """The number of objects, and the keys of the first of them in the order of the list. They come in any order."""

    number: int = 0
    _first: list[tuple[int, str]] = field(default_factory=list)

    def add(self, position: int, key: str) -> None:
        """Count an object."""
        self.number += 1
        insort(self._first, (position, key))
        del self._first[MOST_NAMES:]

    @property
    def first(self) -> list[str]:
        """The keys of the first objects."""
        return [key for _position, key in self._first]

    @property
    def first_position(self) -> int:
        """The position of the first object; there has to be one."""
        return self._first[0][0]


class EncryptionGroup(NamedTuple):
    """What objects have in common that are counted together. None: they have none, or S3 does not report it."""

    type: str | None
    kms_key_arn: str | None
    bucket_key_enabled: bool | None


@dataclass(slots=True)
class EncryptionCount:
    """The objects of a group: the encryption of one of them, their number, and the bytes that S3 stores for them."""

    encryption: ObjectEncryption
    names: CountedNames = field(default_factory=CountedNames)
    stored_bytes: int = 0


@dataclass(slots=True)
class EncryptionCounts:
    """Counts objects by type, KMS key and bucket key. `others` are those beyond the first `MOST_ENCRYPTIONS` groups."""

    _groups: dict[EncryptionGroup, EncryptionCount] = field(default_factory=dict)
    others: int = 0
    bytes_of_others: int = 0

    def add(self, position: int, key: str, size: int, encryption: ObjectEncryption) -> None:
        """Count an object."""
        group = EncryptionGroup(encryption.type, encryption.kms_key_arn, encryption.bucket_key_enabled)
        count = self._groups.get(group)
        if count is None and len(self._groups) >= MOST_ENCRYPTIONS:
            self.others += 1
            self.bytes_of_others += size
            return
        if count is None:
            count = self._groups[group] = EncryptionCount(encryption)
        count.names.add(position, key)
        count.stored_bytes += size

    def by_number(self) -> list[EncryptionCount]:
        """The groups, that of most objects first."""
        return sorted(self._groups.values(), key=lambda count: (-count.names.number, count.names.first_position))
