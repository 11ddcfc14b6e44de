# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Who used a KMS key: the events of CloudTrail, told together by principal and operation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from ..errors import Failure

# How long CloudTrail keeps its event history.
# Source: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
MOST_DAYS = 90

# What uses a key, rather than managing it or looking at it.
# Source: https://docs.aws.amazon.com/kms/latest/developerguide/kms-cryptography.html#cryptographic-operations
_CRYPTOGRAPHIC = frozenset(
    {
        "Decrypt",
        "DeriveSharedSecret",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
        "GenerateDataKeyWithoutPlaintext",
        "GenerateMac",
        "ReEncrypt",
        "Sign",
        "Verify",
        "VerifyMac",
    }
)


@dataclass(frozen=True, slots=True)
class KeyEvent:
    """One event about a key. `principal` is a role for its sessions; `via` is what called KMS for it; times are ISO
    8601 in UTC, all in one form, so that they sort as texts."""

    time: str
    operation: str
    principal: str
    via: str | None = None
    error: str | None = None
    bucket: str | None = None


@dataclass(frozen=True, slots=True)
class KeyUser:
    """The events of one principal that are alike but for their time and bucket."""

    principal: str
    operation: str
    via: str | None
    error: str | None
    count: int
    first: str
    last: str
    buckets: tuple[str, ...] = ()

    @property
    def cryptographic(self) -> bool:
        """Whether the key was used, or tried to be, and not only looked at or managed."""
        return self.operation in _CRYPTOGRAPHIC


@dataclass(frozen=True, slots=True)
class KeyUsage:
    """Who did what with a key between two times. Not `complete`: there was more before `since` than was asked for, or
    than could be read, which `failure` then tells."""

    since: str
    until: str
    complete: bool
    users: tuple[KeyUser, ...] = ()
    failure: Failure | None = None

    @property
    def events(self) -> int:
        """How many events there are in all."""
        return sum(user.count for user in self.users)


def summarise(events: Iterable[KeyEvent]) -> tuple[KeyUser, ...]:
    """The events together by principal, operation, way and error: whoever did most comes first."""
    alike: dict[tuple[str, str, str | None, str | None], list[KeyEvent]] = {}
    for event in events:
        alike.setdefault((event.principal, event.operation, event.via, event.error), []).append(event)
    users = [
        KeyUser(
            *same,
            len(found),
            min(event.time for event in found),
            max(event.time for event in found),
            tuple(sorted({event.bucket for event in found if event.bucket})),
        )
        for same, found in alike.items()
    ]
    return tuple(sorted(users, key=lambda user: (-user.count, user.principal, user.operation, repr(user))))


class LastUse(NamedTuple):
    """When a key was last used (None: not since the record begins), since when that is recorded, when it was made, and
    what it was used for."""

    last_used: datetime | None
    tracked_since: datetime
    created: datetime
    operation: str | None = None
