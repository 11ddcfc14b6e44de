# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A selection of buckets by name patterns, regions and tags."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from ..errors import Failure
from ..tags import Tags

if TYPE_CHECKING:
    from ..accounts.account import Account

_WILDCARDS = "*?["
ANY_NAME = ("*",)


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket by name. `region` is empty while unknown. `failure` is why a selection could not check the bucket.

    `account` is the one that lists it, in a task for many accounts.
    """

    name: str
    region: str = ""
    failure: Failure | None = None
    account: Account | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """All buckets whose name matches one of `names` and none of `exclude` (shell patterns), in one of `regions` (empty:
    in any), with all of `tags`."""

    names: tuple[str, ...] = ANY_NAME
    exclude: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    tags: Tags = ()

    def matches(self, bucket: Bucket) -> bool:
        """Whether name and region match. The tags are not checked here."""
        return (
            any(fnmatchcase(bucket.name, pattern) for pattern in self.names)
            and not any(fnmatchcase(bucket.name, pattern) for pattern in self.exclude)
            and (not self.regions or bucket.region in self.regions)
        )

    @property
    def prefix(self) -> str:
        """The common prefix of all matching names, for S3 to filter by; empty if there is none."""
        starts = [_literal_start(pattern) for pattern in self.names]
        shared = 0
        for letters in zip(*starts, strict=False):
            if len(set(letters)) > 1:
                break
            shared += 1
        return starts[0][:shared] if starts else ""


def _literal_start(pattern: str) -> str:
    return pattern[
        : min((pattern.find(wildcard) for wildcard in _WILDCARDS if wildcard in pattern), default=len(pattern))
    ]
