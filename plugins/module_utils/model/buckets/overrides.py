# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Exceptions for some of the buckets of a task: which one applies to a bucket, and what it changes in the options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Generic, TypeVar

TargetT = TypeVar("TargetT")

# An entry that names the encryption is about another key, so the task's key does not apply to its buckets.
_DROPPED_WITH_ENCRYPTION = ("kms_key", "bucket_key_enabled")
# S3's own default leaves nothing to choose, so no option of the task applies.
_DROPPED_WITH_ABSENT = ("encryption", *_DROPPED_WITH_ENCRYPTION, "blocked_encryption_types", "minimum")
# A bucket has no value of these, so null means the same as for an option of the task: not named.
_SETTINGS_OF_THE_TASK = ("minimum", "state", "log_targets")


def merge_override(task: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, Any]:
    """The options for the buckets of an entry. `entry` has only the options that are written in it; None is null."""
    written = {name: value for name, value in entry.items() if value is not None or name not in _SETTINGS_OF_THE_TASK}
    dropped: tuple[str, ...] = ()
    if written.get("state") == "absent":
        dropped = _DROPPED_WITH_ABSENT
    elif "encryption" in written:
        dropped = _DROPPED_WITH_ENCRYPTION
    return {**task, **dict.fromkeys(dropped), **written}


@dataclass(frozen=True, slots=True)
class Override(Generic[TargetT]):
    """The desired state for all buckets whose name matches one of `names` (shell patterns)."""

    names: tuple[str, ...]
    target: TargetT

    def matches(self, bucket: str) -> bool:
        """Whether the entry applies to a bucket, unless an earlier one does."""
        return any(fnmatchcase(bucket, pattern) for pattern in self.names)


@dataclass(frozen=True, slots=True)
class Targets(Generic[TargetT]):
    """The desired state of a task, with its exceptions."""

    default: TargetT
    overrides: tuple[Override[TargetT], ...] = ()

    def position(self, bucket: str) -> int | None:
        """The position of the first entry that matches; None if the bucket is no exception."""
        return next((position for position, entry in enumerate(self.overrides) if entry.matches(bucket)), None)

    def find(self, bucket: str) -> TargetT:
        """The desired state of a bucket."""
        position = self.position(bucket)
        return self.default if position is None else self.overrides[position].target
