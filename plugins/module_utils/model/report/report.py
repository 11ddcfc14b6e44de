# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A report as the formats read it: totals, and rows that are read one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol

from ..finding import Rule
from .observation import Aspect, ObjectCount, Resource, ResourceKind, Value


class Status(Enum):
    """What is known about a resource, in the words of Security Hub.

    NOT_AVAILABLE: it could not be read, or not all of it. FAILED comes before it: a finding is a finding.

    Source: https://docs.aws.amazon.com/securityhub/latest/userguide/controls-overall-status.html
    """

    FAILED = "FAILED"
    NOT_AVAILABLE = "NOT_AVAILABLE"
    PASSED = "PASSED"
    NOT_COMPARED = "NOT_COMPARED"  # nothing was expected of it


class Change(Enum):
    """How a finding differs from the earlier report, in the words of SARIF."""

    NEW = "new"
    UNCHANGED = "unchanged"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class AspectStatus:
    """What is known about one aspect of a resource. `errors` say why not all of it could be read."""

    aspect: Aspect
    status: Status
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A resource with what is known about all its aspects, together and each."""

    resource: Resource
    status: Status
    aspects: tuple[Aspect, ...]
    columns: tuple[tuple[str, Value], ...]
    errors: tuple[str, ...]
    findings: int
    by_aspect: tuple[AspectStatus, ...]


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding of a report. `fingerprint` is the same in every report that has it (`model/report/fingerprint.py`).

    `change` is None without an earlier report. `options` is JSON, as in `ReportedFinding`.
    """

    resource: Resource
    rule: Rule
    message: str
    control: str | None
    options: str
    fingerprint: str
    change: Change | None = None


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """A resource that could not be read, or not all of it, and why."""

    resource: Resource
    aspect: Aspect
    message: str


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """The findings that the same options mend: those of one rule with equal `options`.

    `messages` are the most frequent ones with their numbers, at most five; `other_messages` is the number of findings
    with other ones. `names` are the first resources, at most twenty.
    """

    rule: Rule
    control: str | None
    options: str
    findings: int
    resources: int
    accounts: int
    messages: tuple[tuple[str, int], ...]
    other_messages: int
    names: tuple[Resource, ...]


@dataclass(frozen=True, slots=True)
class AccountRow:
    """The numbers of one account; the resources of results that name no account have the id `""`."""

    account_id: str
    account_name: str
    resources: int
    passed: int
    failed: int
    not_available: int
    not_compared: int
    findings: int
    error: str = ""


@dataclass(frozen=True, slots=True)
class Totals:
    """The numbers of a report. What has no resource or finding is left out."""

    accounts: int
    unread_accounts: int
    resources: tuple[tuple[ResourceKind, Status, int], ...]
    findings: int
    by_rule: tuple[tuple[Rule, int], ...]
    objects: int
    stored_bytes: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """The difference from the earlier report. `before` are its totals.

    `not_read` is the number of those absent that may be there still: their resource, or a part of it, could not be
    read this time, or its account, region or bucket.
    """

    title: str
    time: datetime | None
    before: Totals
    new: int
    unchanged: int
    absent: int
    not_read: int = 0


class Report(Protocol):
    """A report. Each iterator reads its rows anew, so that memory holds one of them.

    `time` is that of the newest result (None: no result says it).
    """

    title: str
    time: datetime | None

    def totals(self) -> Totals:
        """The numbers."""

    def comparison(self) -> Comparison | None:
        """The difference from an earlier report; None without one."""

    def accounts(self) -> Iterator[AccountRow]:
        """The accounts by their ids, those first that could not be entered."""

    def rows(self, kind: ResourceKind, most: int | None = None) -> Iterator[Row]:
        """The resources of one kind, at most so many: by status as in `Status`, then account, region, name."""

    def groups(self) -> Iterator[FindingGroup]:
        """The findings in groups: the most severe first, then those with most findings."""

    def findings(self) -> Iterator[FindingRow]:
        """The findings: the most severe first, then by rule, account, region and name; those absent at the end."""

    def findings_of(self, resource: Resource) -> Iterator[FindingRow]:
        """The findings of one resource, the most severe first."""

    def errors(self) -> Iterator[ErrorRow]:
        """What could not be read, accounts first."""

    def object_counts(self) -> Iterator[ObjectCount]:
        """The objects by bucket and encryption, those of most objects first."""
