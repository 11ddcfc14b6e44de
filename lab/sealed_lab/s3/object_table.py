# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The table of the objects of a bucket."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar

NULL_VERSION = "null"
# Up to this number, changes of the sorted list of keys are made one by one, above it all keys are sorted.
_MOST_SINGLE_CHANGES = 32


class Version(Protocol):
    """What the table knows of a version."""

    key: str
    version_id: str


V = TypeVar("V", bound=Version)


class VersionSeries(Generic[V]):
    """The versions of many keys, which are made from a few values when they are needed."""

    __slots__ = ()

    def listed(self, key: str) -> list[V]:
        """Return the versions of a key, oldest first, with what a listing shows of them."""
        raise NotImplementedError

    def versions(self, key: str) -> list[V]:
        """Return the whole versions of a key, oldest first."""
        raise NotImplementedError


class ObjectTable(Generic[V]):
    """The objects of one bucket: keys in UTF-8 order, versions from oldest to newest.

    A single version is stored without a list, and the versions of a series when they are first read or changed.
    """

    __slots__ = ("_added", "_entries", "_keys", "_removed")

    def __init__(self) -> None:
        self._entries: dict[str, V | list[V] | VersionSeries[V]] = {}
        self._keys: list[str] = []  # sorted; without the changes since it was read
        self._added: list[str] = []
        self._removed: list[str] = []

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: str) -> bool:
        return key in self._entries

    def keys(self) -> list[str]:
        """Return every key that has a version, sorted. Do not change the list."""
        if len(self._added) + len(self._removed) > _MOST_SINGLE_CHANGES:
            self._keys = sorted(self._entries)
        else:
            for key in self._added:
                insort(self._keys, key)
            for key in self._removed:
                del self._keys[bisect_left(self._keys, key)]
        self._added.clear()
        self._removed.clear()
        return self._keys

    def listed(self, key: str) -> list[V]:
        """Return the versions of a key as a listing needs them, oldest first. Do not change them."""
        found = self._entries.get(key)
        if isinstance(found, VersionSeries):
            return found.listed(key)
        return self.versions(key)

    def versions(self, key: str) -> list[V]:
        """Return the versions of a key, oldest first."""
        found = self._entries.get(key)
        if found is None:
            return []
        if isinstance(found, VersionSeries):
            versions = found.versions(key)
            self._set_versions(key, versions)
            return versions
        return found if isinstance(found, list) else [found]

    def latest(self, key: str) -> V | None:
        """Return the newest version, which can be a delete marker."""
        found = self._entries.get(key)
        if isinstance(found, VersionSeries):
            return self.versions(key)[-1]
        if isinstance(found, list):
            return found[-1]
        return found

    def add(self, version: V) -> None:
        """Add a version as the newest one. A null version replaces the previous null version."""
        found = self._entries.get(version.key)
        if found is None:
            self._entries[version.key] = version
            self._added.append(version.key)
        elif version.version_id == NULL_VERSION:
            remaining = [each for each in self.versions(version.key) if each.version_id != NULL_VERSION]
            self._set_versions(version.key, [*remaining, version])
        else:
            self._set_versions(version.key, [*self.versions(version.key), version])

    def add_series(self, keys: list[str], series: VersionSeries[V]) -> None:
        """Add the keys of a series. None of them may exist."""
        self._entries.update(dict.fromkeys(keys, series))
        self._added.extend(keys)

    def remove(self, version: V) -> None:
        """Remove one version."""
        self._set_versions(version.key, [each for each in self.versions(version.key) if each is not version])

    def replace(self, before: V, after: V) -> None:
        """Replace the record of one version."""
        self._set_versions(before.key, [after if each is before else each for each in self.versions(before.key)])

    def _set_versions(self, key: str, versions: list[V]) -> None:
        if not versions:
            if self._entries.pop(key, None) is not None:
                self._removed.append(key)
        elif len(versions) == 1:
            self._entries[key] = versions[0]
        else:
            self._entries[key] = versions

    def all_listed(self) -> Iterator[V]:
        """Yield every version of every key, with what a listing shows of it. The table can change meanwhile."""
        for key in list(self.keys()):
            yield from self.listed(key)
