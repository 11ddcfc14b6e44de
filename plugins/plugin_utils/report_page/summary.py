# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The first part of the page: what the report is about, the verdict, the totals, and the difference from before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone

from ansible_collections.sealed.s3.plugins.module_utils.model.report.observation import ResourceKind
from ansible_collections.sealed.s3.plugins.module_utils.model.report.report import (
    Change,
    Comparison,
    Report,
    Status,
    Totals,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.report.rules import RULES, Severity
from ansible_collections.sealed.s3.plugins.plugin_utils.report_page.shown_text import (
    counted,
    day,
    enumeration,
    number,
    size,
)

# What a status is called, and the class of its colour in page.css.
WORDS = {
    Status.FAILED: "Failed",
    Status.NOT_AVAILABLE: "Not read",
    Status.PASSED: "Passed",
    Status.NOT_COMPARED: "Not compared",
}
MARKS = {Status.FAILED: "F", Status.NOT_AVAILABLE: "U", Status.PASSED: "P", Status.NOT_COMPARED: "N"}
NOUNS = {
    ResourceKind.ACCOUNT: ("account", "accounts"),
    ResourceKind.REGION: ("region of an account", "regions of accounts"),
    ResourceKind.BUCKET: ("bucket", "buckets"),
    ResourceKind.KMS_KEY: ("key", "keys"),
    ResourceKind.OBJECT: ("object", "objects"),
}
# What is compared with expectations. Accounts and regions can only be read, or not.
COMPARED = (ResourceKind.BUCKET, ResourceKind.KMS_KEY, ResourceKind.OBJECT)

_MOST_NAMES = 6
_MOST_CHANGES = 100
_BAR = 1000  # units of the drawing


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact about the report. `datetime` is empty if it is not a time."""

    name: str
    text: str
    datetime: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The report in a sentence or two."""

    mark: str
    text: str


@dataclass(frozen=True, slots=True)
class Card:
    """One total."""

    name: str
    number: str
    note: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class BarPart:
    """A part of a bar, and its words beside it."""

    mark: str
    start: str
    width: str
    text: str


@dataclass(frozen=True, slots=True)
class Bar:
    """The resources of one kind by their status."""

    name: str
    parts: tuple[BarPart, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """A finding that is new, or that only the earlier report had."""

    name: str
    message: str


@dataclass(frozen=True, slots=True)
class ChangeList:
    """Some of the new findings, or of those that only the earlier report had."""

    title: str
    findings: tuple[Changed, ...]
    more: str


@dataclass(frozen=True, slots=True)
class Difference:
    """The difference from an earlier report."""

    earlier: str
    cards: tuple[Card, ...]
    lists: tuple[ChangeList, ...]


class Numbers:
    """The totals by kind and status."""

    def __init__(self, totals: Totals) -> None:
        self._numbers = {(kind, status): value for kind, status, value in totals.resources}
        self.unread_accounts = max(totals.unread_accounts, self.of(ResourceKind.ACCOUNT, Status.NOT_AVAILABLE))

    def of(self, kind: ResourceKind, status: Status) -> int:
        """The number of the resources of this kind with this status."""
        return self._numbers.get((kind, status), 0)

    def all_of(self, kind: ResourceKind) -> int:
        """The number of the resources of this kind."""
        return sum(self.of(kind, status) for status in Status)

    def with_status(self, status: Status) -> int:
        """The number of the buckets, keys and objects with this status."""
        return sum(self.of(kind, status) for kind in COMPARED)

    def unread(self) -> dict[ResourceKind, int]:
        """What could not be read, by kind."""
        numbers = {kind: self.of(kind, Status.NOT_AVAILABLE) for kind in ResourceKind}
        return {kind: value for kind, value in {**numbers, ResourceKind.ACCOUNT: self.unread_accounts}.items() if value}


def _listed(numbers: dict[ResourceKind, int]) -> str:
    return enumeration([counted(value, *NOUNS[kind]) for kind, value in numbers.items()])


def verdict(totals: Totals) -> Verdict:
    """What the report says. It says that all passes only if something was compared and everything was read."""
    numbers = Numbers(totals)
    failed = {kind: numbers.of(kind, Status.FAILED) for kind in COMPARED}
    failed = {kind: value for kind, value in failed.items() if value}
    passed = {kind: numbers.of(kind, Status.PASSED) for kind in COMPARED}
    passed = {kind: value for kind, value in passed.items() if value}
    unread = numbers.unread()
    sentences = []
    if failed:
        parts = [f"{number(value)} of {counted(numbers.all_of(kind), *NOUNS[kind])}" for kind, value in failed.items()]
        sentences.append(f"{enumeration(parts)} {'has' if sum(failed.values()) == 1 else 'have'} findings")
    elif passed:
        one = sum(passed.values()) == 1
        everything = "" if unread or one or numbers.with_status(Status.NOT_COMPARED) else "All "
        sentences.append(f"{everything}{_listed(passed)} {'passes' if one else 'pass'}")
    if unread:
        sentences.append(f"{_listed(unread)} could not be read")
    text = "; ".join(sentences)
    text = f"{text}." if text else ""
    if not_compared := numbers.with_status(Status.NOT_COMPARED):
        were = "was" if not_compared == 1 else "were"
        kinds = {kind: numbers.of(kind, Status.NOT_COMPARED) for kind in COMPARED}
        listed = _listed({kind: value for kind, value in kinds.items() if value})
        text = f"{text} {listed} {were} read, but not compared with anything.".strip()
    if not text and totals.objects:
        text = f"{counted(totals.objects, 'object', 'objects')} were counted, and nothing was compared with anything."
    mark = "F" if failed else "U" if unread else "P" if passed else "N"
    return Verdict(mark, text or "Nothing was inspected, so this report proves nothing.")


def moment(time: datetime) -> str:
    """A time in words, in UTC."""
    at = time.astimezone(timezone.utc)
    return f"{day(at)}, {at:%H:%M} UTC"


def facts(report: Report, regions: tuple[str, ...] | None) -> Iterator[Fact]:
    """What the report is about. `regions` is None if there are too many resources to read all of them twice."""
    if report.time is not None:
        yield Fact("Newest result", moment(report.time), f"{report.time.astimezone(timezone.utc):%Y-%m-%dT%H:%M:%SZ}")
    names = [account.account_name or account.account_id for account in report.accounts()]
    names = [name for name in names if name]
    if names:
        yield Fact("Account" if len(names) == 1 else "Accounts", _few(names))
    if regions:
        yield Fact("Region" if len(regions) == 1 else "Regions", _few(list(regions)))


def _few(names: list[str]) -> str:
    if len(names) <= _MOST_NAMES:
        return ", ".join(names)
    named = _MOST_NAMES - 1
    return f"{number(len(names))}: {', '.join(names[:named])} and {number(len(names) - named)} more"


def severities(totals: Totals) -> dict[Severity, int]:
    """The number of findings by severity, the most severe first."""
    numbers: dict[Severity, int] = {}
    for rule, value in totals.by_rule:
        numbers[RULES[rule].severity] = numbers.get(RULES[rule].severity, 0) + value
    return {severity: numbers[severity] for severity in Severity if severity in numbers}


def cards(totals: Totals) -> Iterator[Card]:
    """The totals."""
    numbers = Numbers(totals)
    compared = numbers.with_status(Status.FAILED) + numbers.with_status(Status.PASSED)
    by_severity = ", ".join(f"{number(value)} {each.value.lower()}" for each, value in severities(totals).items())
    yield Card("Findings", number(totals.findings), by_severity, "F" if totals.findings else "P" if compared else "")
    for kind in COMPARED:
        if everything := numbers.all_of(kind):
            # Rounded down: not everything passes where one fails.
            share = numbers.of(kind, Status.PASSED) * 100 // everything
            yield Card(NOUNS[kind][1].capitalize(), number(everything), f"{share} % passed")
    unread = numbers.unread()
    note = ", ".join(counted(value, *NOUNS[kind]) for kind, value in unread.items())
    yield Card("Could not be read", number(sum(unread.values())), note, "U" if unread else "")
    if totals.accounts:
        yield Card("Accounts", number(totals.accounts))
    if totals.objects:
        yield Card("Objects counted", number(totals.objects), f"{size(totals.stored_bytes)} stored")


def bars(totals: Totals) -> Iterator[Bar]:
    """A bar for each kind: how many passed, failed, could not be read, and were not compared."""
    numbers = Numbers(totals)
    for kind in COMPARED:
        by_status = {status: numbers.of(kind, status) for status in Status}
        if any(by_status.values()):
            yield Bar(NOUNS[kind][1].capitalize(), bar_parts(by_status))


def bar_parts(by_status: dict[Status, int]) -> tuple[BarPart, ...]:
    """The parts of a bar. None of them is too narrow to be seen, however few it stands for."""
    present = {status: value for status, value in by_status.items() if value}
    total = sum(present.values())
    least = 6.0
    widths = {status: max(_BAR * value / total, least) for status, value in present.items()}
    scale = _BAR / sum(widths.values()) if widths else 1.0
    parts, start = [], 0.0
    for status, width in widths.items():
        text = f"{number(present[status])} {WORDS[status].lower()}"
        parts.append(BarPart(MARKS[status], f"{start:.1f}", f"{width * scale:.1f}", text))
        start += width * scale
    return tuple(parts)


def difference(report: Report) -> Difference | None:
    """What has changed since the earlier report; None without one."""
    comparison = report.comparison()
    if comparison is None:
        return None
    found: dict[Change, list[Changed]] = {Change.NEW: [], Change.ABSENT: []}
    for each in report.findings():
        listed = found.get(each.change) if each.change else None
        if listed is not None and len(listed) < _MOST_CHANGES:
            listed.append(Changed(each.resource.name, each.message))
    before, now = comparison.before.findings, report.totals().findings
    time = f" of {moment(comparison.time)}" if comparison.time else ""
    titles = {Change.NEW: ("New findings", comparison.new), Change.ABSENT: ("No longer found", comparison.absent)}
    return Difference(
        f'Compared with "{comparison.title}"{time}.',
        (
            Card("New", number(comparison.new), "", "F" if comparison.new else ""),
            Card("No longer found", number(comparison.absent), _why_absent(comparison)),
            Card("Unchanged", number(comparison.unchanged)),
            Card("Findings before and now", f"{number(before)} → {number(now)}"),
        ),
        tuple(
            ChangeList(f"{title} ({number(total)})", tuple(found[change]), _more(total - len(found[change])))
            for change, (title, total) in titles.items()
            if total
        ),
    )


def _why_absent(comparison: Comparison) -> str:
    """What it may mean that a finding is no longer found: it is mended only if its resource was read."""
    if comparison.not_read:
        return f"{number(comparison.not_read)} of them could not be read this time"
    return "mended, or not inspected again" if comparison.absent else ""


def _more(left: int) -> str:
    return f"and {number(left)} more" if left > 0 else ""
