# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Exceptions for some of the buckets of a task: which one applies to a bucket, and what it changes in the options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .selection import ANY_NAME

if TYPE_CHECKING:
    from .selection import Bucket

TargetT = TypeVar("TargetT")

# A bucket has no value of these, so null means the same as for an option of the task: not named.
_SETTINGS_OF_THE_TASK = ("minimum", "state", "log_targets")


def merge_override(
    task: Mapping[str, Any], entry: Mapping[str, Any], dropped_with: Mapping[str, tuple[str, ...]]
) -> dict[str, Any]:
    """The options for the buckets of an entry. `entry` has only the options that are written in it; None is null.

    `dropped_with` has, for an option, the options of the task that do not apply where an entry writes it; for
    `absent`, those that do not apply where the entry's state is that.
    """
    written = {name: value for name, value in entry.items() if value is not None or name not in _SETTINGS_OF_THE_TASK}
    causes = ("absent",) if written.get("state") == "absent" else tuple(written)
    dropped = [option for cause in causes for option in dropped_with.get(cause, ())]
    return {**task, **dict.fromkeys(dropped), **written}


@dataclass(frozen=True, slots=True)
class Override(Generic[TargetT]):
    """The desired state for all buckets whose name matches one of `names`, in the accounts whose id or name matches one
    of `accounts` (shell patterns). None of them: in any account."""

    names: tuple[str, ...]
    target: TargetT
    accounts: tuple[str, ...] = ()

    def matches(self, bucket: Bucket) -> bool:
        """Whether the entry applies to a bucket, unless an earlier one does."""
        return any(fnmatchcase(bucket.name, pattern) for pattern in self.names) and (
            not self.accounts or (bucket.account is not None and bucket.account.matches(self.accounts))
        )

    @property
    def criteria(self) -> str:
        """What the entry applies to, for a sentence."""
        accounts = f"accounts: {', '.join(self.accounts)}" if self.accounts else ""
        names = "" if accounts and self.names == ANY_NAME else f"names: {', '.join(self.names)}"
        return "; ".join(filter(None, (accounts, names)))


@dataclass(frozen=True, slots=True)
class Targets(Generic[TargetT]):
    """The desired state of a task, with its exceptions."""

    default: TargetT
    overrides: tuple[Override[TargetT], ...] = ()

    def position(self, bucket: Bucket) -> int | None:
        """The position of the first entry that matches; None if the bucket is no exception."""
        return next((position for position, entry in enumerate(self.overrides) if entry.matches(bucket)), None)

    def find(self, bucket: Bucket) -> TargetT:
        """The desired state of a bucket."""
        position = self.position(bucket)
        return self.default if position is None else self.overrides[position].target
