# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The table of the objects of a bucket."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar

NULL_VERSION = "null"


class Version(Protocol):
    """What the table knows of a version."""

    key: str
    version_id: str


V = TypeVar("V", bound=Version)


class ObjectTable(Generic[V]):
    """The objects of one bucket: keys in UTF-8 order, versions from oldest to newest.

    A single version is stored without a list.
    """

    __slots__ = ("_entries", "_keys", "_sorted")

    def __init__(self) -> None:
        self._entries: dict[str, V | list[V]] = {}
        self._keys: list[str] = []
        self._sorted = True

    def __len__(self) -> int:
        return len(self._entries)

    def keys(self) -> list[str]:
        """Return every key that has a version, sorted. Do not change the list."""
        if not self._sorted or len(self._keys) != len(self._entries):
            self._keys = sorted(self._entries)
            self._sorted = True
        return self._keys

    def versions(self, key: str) -> list[V]:
        """Return the versions of a key, oldest first."""
        found = self._entries.get(key)
        if found is None:
            return []
        return found if isinstance(found, list) else [found]

    def latest(self, key: str) -> V | None:
        """Return the newest version, which can be a delete marker."""
        found = self._entries.get(key)
        if isinstance(found, list):
            return found[-1]
        return found

    def add(self, version: V) -> None:
        """Add a version as the newest one. A null version replaces the previous null version."""
        found = self._entries.get(version.key)
        if found is None:
            self._entries[version.key] = version
            self._keys.append(version.key)
            self._sorted = False
        elif version.version_id == NULL_VERSION:
            remaining = [each for each in self.versions(version.key) if each.version_id != NULL_VERSION]
            self._set_versions(version.key, [*remaining, version])
        else:
            self._set_versions(version.key, [*self.versions(version.key), version])

    def remove(self, version: V) -> None:
        """Remove one version."""
        self._set_versions(version.key, [each for each in self.versions(version.key) if each is not version])

    def replace(self, before: V, after: V) -> None:
        """Replace the record of one version."""
        self._set_versions(before.key, [after if each is before else each for each in self.versions(before.key)])

    def _set_versions(self, key: str, versions: list[V]) -> None:
        if not versions:
            self._entries.pop(key, None)
            self._sorted = False
        elif len(versions) == 1:
            self._entries[key] = versions[0]
        else:
            self._entries[key] = versions

    def all_versions(self) -> Iterator[V]:
        """Yield every version of every key."""
        for key in self.keys():
            yield from self.versions(key)
