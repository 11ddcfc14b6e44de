# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Many objects that are like one object: they share its bytes, and have records of their own when they are needed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypedDict

from ..kms import ciphertext
from ..lab import Lab
from ..partitions import DEFAULT_PARTITION
from .names import new_version_id
from .object_table import NULL_VERSION, VersionSeries
from .state import Bucket, ObjectVersion, WrappedKey

_LONGEST_KEY = 1024


class SeriesOptions(TypedDict, total=False):
    """How the objects of a series are named: ``prefix``, a number of at least ``digits`` digits, ``suffix``.

    The numbers begin with ``start`` and increase by ``step``. Each key has ``versions`` versions.
    """

    prefix: str
    suffix: str
    start: int
    step: int
    digits: int
    versions: int
    partition: str


@dataclass(frozen=True, slots=True)
class _Names:
    """How the keys of a series are made from numbers."""

    prefix: str = ""
    suffix: str = ""
    start: int = 0
    step: int = 1
    digits: int = 7
    versions: int = 1

    def key(self, index: int) -> str:
        """Return the key at a position of the series."""
        return f"{self.prefix}{self.start + index * self.step:0{self.digits}d}{self.suffix}"

    def index(self, key: str) -> int:
        """Return the position of a key."""
        number = key[len(self.prefix) : len(key) - len(self.suffix)]
        return (int(number) - self.start) // self.step


@dataclass(frozen=True, slots=True)
class _Wrapping:
    """How S3 wraps the object key for each object: the KMS key with its material at that time."""

    key_arn: str
    material_id: str
    material: bytes
    object_key: bytes

    def wrap(self, like: WrappedKey, object_arn: str) -> WrappedKey:
        """Return the object key as it is wrapped for one object."""
        context = {**dict(like.context), "aws:s3:arn": object_arn}
        wrapped = ciphertext.encrypt(self.key_arn, self.material_id, self.material, self.object_key, context)
        return WrappedKey(wrapped, tuple(sorted(context.items())), like.context_header)


class ObjectSeries(VersionSeries[ObjectVersion]):
    """The objects of a series, by their keys. It does not change."""

    __slots__ = ("_arn", "_first_sequence", "_like", "_names", "_versioned", "_wrapping")

    def __init__(self, bucket: Bucket, like: ObjectVersion, names: _Names, first_sequence: int) -> None:
        self._arn = bucket.arn
        self._versioned = bucket.versioning == "Enabled"
        self._like = like
        self._names = names
        self._first_sequence = first_sequence
        self._wrapping: _Wrapping | None = None

    def __deepcopy__(self, memo: dict[int, Any]) -> ObjectSeries:
        return self

    def wrap_for_each(self, wrapping: _Wrapping) -> None:
        """Wrap the object key for each object, because its encryption context names the object."""
        self._wrapping = wrapping

    def listed(self, key: str) -> list[ObjectVersion]:
        """Return the versions of a key, oldest first, without their wrapped object keys."""
        like = self._like
        first = self._first_sequence + self._names.index(key) * self._names.versions
        return [
            ObjectVersion(
                key, self._version_id(sequence), like.modified, like.etag, like.size, like.scheme,
                checksums=like.checksums, checksum_type=like.checksum_type, storage_class=like.storage_class,
                owner=like.owner, restore=like.restore, sequence=sequence,
            )
            for sequence in range(first, first + self._names.versions)
        ]  # fmt: skip

    def versions(self, key: str) -> list[ObjectVersion]:
        """Return the whole versions of a key, oldest first."""
        wrapped_key = self._like.wrapped_key
        if self._wrapping is not None and wrapped_key is not None:
            wrapped_key = self._wrapping.wrap(wrapped_key, f"{self._arn}/{key}")
        return [
            replace(self._like, key=key, version_id=each.version_id, sequence=each.sequence, wrapped_key=wrapped_key)
            for each in self.listed(key)
        ]

    def _version_id(self, sequence: int) -> str:
        if not self._versioned:
            return NULL_VERSION
        return new_version_id(sequence, hashlib.sha256(b"version %d" % sequence).digest()[:15])


def add_series(lab: Lab, bucket_name: str, key: str, count: int, options: Mapping[str, Any]) -> int:
    """Add ``count`` objects that are like the current version of an object, and return the number of their versions.

    They have its bytes, its encryption, its time and all its properties. Raise ``ValueError`` where this is impossible.
    """
    options = dict(options)
    bucket = lab.state.s3.bucket(options.pop("partition", DEFAULT_PARTITION), bucket_name)
    names = _Names(**options)
    if bucket is None:
        raise ValueError(f"the bucket {bucket_name!r} does not exist")
    like = bucket.objects.latest(key)
    if like is None or like.is_marker:
        raise ValueError(f"the object {key!r} does not exist")
    if min(count, names.step, names.versions) < 1 or min(names.start, names.digits) < 0:
        raise ValueError("count, step and versions are at least 1, and start and digits at least 0")
    if names.versions > 1 and bucket.versioning != "Enabled":
        raise ValueError("only a bucket with versioning has more than one version of a key")
    keys = [names.key(index) for index in range(count)]
    if len(keys[-1].encode()) > _LONGEST_KEY:
        raise ValueError(f"a key has at most {_LONGEST_KEY} bytes")
    existing = next((each for each in keys if each in bucket.objects), None)
    if existing is not None:
        raise ValueError(f"the object {existing!r} exists already")
    series = ObjectSeries(bucket, like, names, lab.state.s3.sequence + 1)
    lab.state.s3.sequence += count * names.versions
    _wrap_object_key(lab, bucket, like, series)
    bucket.objects.add_series(keys, series)
    return count * names.versions


def _wrap_object_key(lab: Lab, bucket: Bucket, like: ObjectVersion, series: ObjectSeries) -> None:
    """Let a series wrap its object key for each object, if the KMS key demands it: under SSE-KMS without bucket key."""
    scheme, wrapped_key = like.scheme, like.wrapped_key
    assert scheme is not None
    assert wrapped_key is not None
    if not scheme.key_arn or scheme.bucket_key:
        return
    key = lab.state.kms.find(scheme.key_arn.split(":")[4], bucket.region, scheme.key_arn, lab.clock.now())
    parsed = ciphertext.parse(wrapped_key.wrapped)
    material = next(each for each in key.materials if each.material_id == parsed.material_id)
    object_key = ciphertext.decrypt(parsed, material.data, dict(wrapped_key.context))
    series.wrap_for_each(_Wrapping(key.arn, material.material_id, material.data, object_key))
