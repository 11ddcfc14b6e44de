# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The use of a KMS key: the buckets that reference it, and its use as KMS and CloudTrail report it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..errors import Failure

# How long CloudTrail keeps its event history.
# Source: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
MOST_DAYS = 90

# Operations that use a key. All other operations manage or describe it.
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
class UsageEvent:
    """One event of CloudTrail about a key.

    `principal` is the role for a session of a role. `via` is the service that called KMS for the principal. `time` is
    ISO 8601 in UTC, always in the same format, so that times sort as texts.
    """

    time: str
    operation: str
    principal: str
    via: str | None = None
    error: str | None = None
    bucket: str | None = None


@dataclass(frozen=True, slots=True)
class PrincipalUsage:
    """The events of one principal that differ in time and bucket only."""

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
        """Whether the operation uses the key, and does not manage or describe it. It may have failed (`error`)."""
        return self.operation in _CRYPTOGRAPHIC


@dataclass(frozen=True, slots=True)
class KeyUsage:
    """The events of a key between two times, by principal and operation.

    If not `complete`, there are earlier events: more than the task wants, or a read failed (`failure`). `since` is then
    the time of the earliest event that was read.
    """

    since: str
    until: str
    complete: bool
    principals: tuple[PrincipalUsage, ...] = ()
    failure: Failure | None = None

    @property
    def events(self) -> int:
        """The number of events."""
        return sum(usage.count for usage in self.principals)


def summarise(events: Iterable[UsageEvent]) -> tuple[PrincipalUsage, ...]:
    """The events grouped by principal, operation, calling service and error; the largest group first."""
    groups: dict[tuple[str, str, str | None, str | None], list[UsageEvent]] = {}
    for event in events:
        groups.setdefault((event.principal, event.operation, event.via, event.error), []).append(event)
    usages = [
        PrincipalUsage(
            *group,
            len(found),
            min(event.time for event in found),
            max(event.time for event in found),
            tuple(sorted({event.bucket for event in found if event.bucket})),
        )
        for group, found in groups.items()
    ]
    return tuple(sorted(usages, key=lambda usage: (-usage.count, usage.principal, usage.operation, repr(usage))))


# The number of names in a sentence, so that it stays readable.
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class KeyReferences:
    """The buckets whose default encryption names a key.

    The default encryption of the buckets in `unreadable` could not be read, so they may reference the key too.
    """

    buckets: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()


def list_names(names: Sequence[str], unit: str = "") -> str:
    """Names for a sentence: all of a few; of many the first ones, and how many more there are (of this unit)."""
    shown, more = ", ".join(names[:_SHOWN]), len(names) - _SHOWN
    if more <= 0:
        return shown
    return " ".join(filter(None, (shown, f"and {more} more", unit)))
