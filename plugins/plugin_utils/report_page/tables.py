# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The tables of the page, row by row, and the numbers by which the script of the page filters and sorts them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar, Union

from markupsafe import Markup

from ansible_collections.sealed.s3.plugins.module_utils.frontend.report.sentences import UNKNOWN
from ansible_collections.sealed.s3.plugins.module_utils.model.report.observation import (
    Aspect,
    ObjectCount,
    Resource,
    ResourceKind,
    Value,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.report.report import (
    AccountRow,
    Change,
    ErrorRow,
    FindingRow,
    Report,
    Row,
    Status,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.report.rules import RULES
from ansible_collections.sealed.s3.plugins.plugin_utils.report_page.shown_text import (
    counted,
    number,
    rounded,
    shown,
    size,
)
from ansible_collections.sealed.s3.plugins.plugin_utils.report_page.summary import (
    MARKS,
    NOUNS,
    WORDS,
    BarPart,
    bar_parts,
)

# The rows of one table. A browser draws so many at once; more are in the other formats.
MOST_ROWS = 20_000
_MOST_FINDINGS = 8
# A table of more rows is laid out only when it comes near the screen.
_LONG = 200

_NO_ENCRYPTION = "None"
_BUCKET_KEY = "S3 bucket key on"

_RowT = TypeVar("_RowT")
_ViewT = TypeVar("_ViewT")
_Codes = list[Union[int, list[int]]]


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column. `css_class` gives its width, and its name in the numbers of the script."""

    text: str
    css_class: str
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class StatusText:
    """A status in a word, and the class of its colour."""

    word: str
    mark: str


STATUS_TEXTS = {status: StatusText(WORDS[status], MARKS[status]) for status in Status}


@dataclass(frozen=True, slots=True)
class NamedNumber:
    """A number with the head of its column, which a narrow screen shows beside it."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class FoundText:
    """A finding in a row."""

    message: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class ResourceText:
    """A row about a bucket, a key or an object. What a kind does not have is empty."""

    status: StatusText
    name: str
    account_id: str
    account_name: str
    region: str
    findings: tuple[FoundText, ...]
    more_findings: str
    errors: tuple[str, ...]
    encryption: str = ""
    notes: tuple[str, ...] = ()
    kms_key: str = ""
    alias: str = ""
    tls: str = ""
    arn: str = ""
    state: str = ""
    rotation: str = ""


@dataclass(frozen=True, slots=True)
class AccountText:
    """A row about an account."""

    status: StatusText
    account_id: str
    account_name: str
    parts: tuple[BarPart, ...]
    numbers: tuple[NamedNumber, ...]


@dataclass(frozen=True, slots=True)
class UnreadText:
    """A row about what could not be read."""

    name: str
    what: str
    account_id: str
    account_name: str
    region: str
    message: str


@dataclass(frozen=True, slots=True)
class CountText:
    """A row about the objects of a bucket that have one encryption."""

    name: str
    account_id: str
    encryption: str
    kms_key: str
    objects: str
    stored: str


class Facet:
    """One property by which rows are filtered: a number for each of its values, in the order in which they come."""

    def __init__(self, name: str, label: str, any_value: str) -> None:
        self.name = name
        self.label = label
        self.any = any_value
        self._codes: dict[str, int] = {}
        self._labels: list[str] = []

    def number_of(self, value: str, label: str = "") -> int:
        """The number of a value."""
        known = self._codes.get(value)
        if known is None:
            known = self._codes[value] = len(self._codes)
            self._labels.append(label or value)
        return known

    def in_order(self) -> tuple[list[tuple[str, str]], list[int]]:
        """The values with their labels, by label, and the new number of each old one."""
        order = sorted(range(len(self._labels)), key=lambda code: self._labels[code].casefold())
        values = list(self._codes)
        places = [0] * len(order)
        for place, code in enumerate(order):
            places[code] = place
        return [(values[code], shown(self._labels[code])) for code in order], places


@dataclass(slots=True)
class Facets:
    """All properties by which rows are filtered."""

    status: Facet = field(default_factory=lambda: Facet("status", "Status", "Any status"))
    account: Facet = field(default_factory=lambda: Facet("account", "Account", "All accounts"))
    region: Facet = field(default_factory=lambda: Facet("region", "Region", "All regions"))
    encryption: Facet = field(default_factory=lambda: Facet("encryption", "Encryption", "Any encryption"))
    rule: Facet = field(default_factory=lambda: Facet("rule", "Finding", "Any or none"))

    def __post_init__(self) -> None:
        for status in Status:
            self.status.number_of(status.value, WORDS[status])

    def all(self) -> tuple[Facet, ...]:
        """The facets in the order of the page."""
        return (self.status, self.account, self.region, self.encryption, self.rule)


class Table:
    """A table whose rows are read once, while the page is written."""

    def __init__(self, anchor: str, nouns: tuple[str, str], heads: list[Head], *, has_accounts: bool) -> None:
        self.anchor = anchor
        self.nouns = nouns
        self.has_accounts = has_accounts
        self.heads = [head for head in heads if has_accounts or head.css_class != "w-account"]
        self.is_shown = False
        self.is_long = False
        self.rows: Iterator[object] = iter(())
        self.codes: dict[str, _Codes] = {}
        self.values: dict[str, list[int]] = {}
        self._left = 0

    def read(self, rows: Iterable[_RowT], view: Callable[[_RowT], _ViewT], left: int | None = None) -> None:
        """Show these rows, or the first of them. `left` is the number of those left out, if it is known already."""
        reader = iter(rows)
        first = list(islice(reader, min(_LONG + 1, MOST_ROWS)))
        self.is_shown = bool(first)
        self.is_long = len(first) > _LONG

        def views() -> Iterator[_ViewT]:
            yield from map(view, first)
            yield from map(view, islice(reader, MOST_ROWS - len(first)))
            self._left = sum(1 for _row in reader) if left is None else left

        self.rows = views()

    def note(self, facet: Facet, code: int | list[int]) -> None:
        """Note what a row has of a facet."""
        self.codes.setdefault(facet.name, []).append(code)

    def value(self, css_class: str, value: int) -> None:
        """Note the number by which a row is sorted, where its text is none."""
        self.values.setdefault(css_class, []).append(value)

    def left_out(self) -> str:
        """How many rows are not in the page. It is known when the rows have been read."""
        if self._left <= 0:
            return ""
        return (
            f"{number(self._left)} more {'is' if self._left == 1 else 'are'} left out here, those with findings last. "
            "The formats json and csv have all of them."
        )


def _rest_of(value: str) -> str:
    return value.rsplit(":", 1)[-1]


def short_arn(arn: str, resource: Resource) -> str:
    """The ARN, or only its last part if it is in the account and the region of the resource."""
    parts = arn.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn" or not resource.region:
        return arn
    is_near = parts[3] == resource.region and resource.account_id in ("", parts[4])
    return parts[5] if is_near else arn


def _words(value: Value) -> str:
    return "" if value is None else ("Yes" if value else "No") if isinstance(value, bool) else str(value)


class Tables:
    """All tables of the page, and the data for its script."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._is_compared = report.comparison() is not None
        self._totals = {
            kind: sum(value for each, _status, value in report.totals().resources if each is kind)
            for kind in ResourceKind
        }
        self.has_accounts = any(row.account_id or row.account_name for row in report.accounts())
        self.facets = Facets()
        self._aliases = {
            row.resource.arn: row.resource.name
            for row in report.rows(ResourceKind.KMS_KEY, MOST_ROWS)
            if row.resource.arn and row.resource.name.startswith("alias/")
        }
        self.unread = self._unread()
        self.accounts = self._accounts()
        self.buckets = self._resources(
            "buckets",
            ResourceKind.BUCKET,
            [
                Head("Status", "w-status"),
                Head("Bucket", "w-name"),
                Head("Account", "w-account"),
                Head("Region", "w-region"),
                Head("Default encryption", "w-encryption"),
                Head("KMS key", "w-key"),
                Head("TLS", "w-tls"),
                Head("Findings", "w-findings"),
            ],
            self._bucket,
        )
        self.keys = self._resources(
            "keys",
            ResourceKind.KMS_KEY,
            [
                Head("Status", "w-status"),
                Head("Key", "w-name"),
                Head("Account", "w-account"),
                Head("Region", "w-region"),
                Head("Key ID", "w-key"),
                Head("State", "w-tls"),
                Head("Rotation", "w-tls"),
                Head("Findings", "w-findings"),
            ],
            self._key,
        )
        self.objects = self._resources(
            "objects",
            ResourceKind.OBJECT,
            [
                Head("Status", "w-status"),
                Head("Object", "w-name"),
                Head("Account", "w-account"),
                Head("Encryption", "w-encryption"),
                Head("KMS key", "w-key"),
                Head("Findings", "w-findings"),
            ],
            self._object,
        )
        self.counts = self._counts()

    def all(self) -> tuple[Table, ...]:
        """The tables that are filtered, in the order of the page."""
        return (self.accounts, self.buckets, self.keys, self.objects, self.counts)

    def data(self) -> Markup:
        """The JSON for the script. It is complete when all rows have been read."""
        ordered = {facet.name: facet.in_order() for facet in self.facets.all() if facet is not self.facets.status}
        statuses = [(status.value, WORDS[status]) for status in Status]
        ordered = {"status": (statuses, list(range(len(statuses)))), **ordered}

        def placed(name: str, code: int | list[int]) -> int | list[int]:
            places = ordered[name][1]
            return [places[each] for each in code] if isinstance(code, list) else places[code]

        data = {
            "facets": {name: values for name, (values, _places) in ordered.items()},
            "tables": [
                {
                    "id": table.anchor,
                    "one": table.nouns[0],
                    "many": table.nouns[1],
                    "codes": {name: [placed(name, code) for code in codes] for name, codes in table.codes.items()},
                    "values": table.values,
                }
                for table in self.all()
                if table.is_shown
            ],
        }
        return script_data(data)

    def _unread(self) -> Table:
        heads = [
            Head("What", "w-name"),
            Head("Account", "w-account"),
            Head("Region", "w-region"),
            Head("Why", "w-findings"),
        ]
        table = Table("not-read", ("", ""), heads, has_accounts=self.has_accounts)

        def view(row: ErrorRow) -> UnreadText:
            resource = row.resource
            is_account = resource.kind is ResourceKind.ACCOUNT
            return UnreadText(
                (resource.account_name if is_account else "") or resource.name or UNKNOWN,
                _UNREAD_WORDS[row.aspect] or NOUNS[resource.kind][0],
                resource.account_id,
                "" if is_account else resource.account_name,
                resource.region,
                row.message,
            )

        table.read(self._report.errors(), view)
        return table

    def _accounts(self) -> Table:
        heads = [Head("Status", "w-status"), Head("Account", "w-name"), Head("Resources", "w-bar")]
        heads += [Head(name, "w-number n", is_number=True) for name in _ACCOUNT_NUMBERS]
        table = Table("accounts", NOUNS[ResourceKind.ACCOUNT], heads, has_accounts=True)

        def view(row: AccountRow) -> AccountText:
            by_status = {
                Status.FAILED: row.failed,
                Status.NOT_AVAILABLE: row.not_available,
                Status.PASSED: row.passed,
                Status.NOT_COMPARED: row.not_compared,
            }
            status = next((status for status, value in by_status.items() if value), Status.NOT_COMPARED)
            if row.error and status is not Status.FAILED:
                status = Status.NOT_AVAILABLE
            table.note(self.facets.status, self.facets.status.number_of(status.value))
            table.note(self.facets.account, self._account_code(row.account_id, row.account_name))
            table.value("w-bar", row.resources)
            numbers = (row.resources, *by_status.values(), row.findings)
            is_known = row.resources > 0 or not row.error
            return AccountText(
                STATUS_TEXTS[status],
                row.account_id or UNKNOWN,
                row.account_name,
                bar_parts(by_status),
                tuple(
                    NamedNumber(name, number(value) if is_known else "–")
                    for name, value in zip(_ACCOUNT_NUMBERS, numbers, strict=True)
                ),
            )

        if self.has_accounts:
            table.read(self._report.accounts(), view)
        return table

    def _resources(
        self, anchor: str, kind: ResourceKind, heads: list[Head], view: Callable[[Table, Row], ResourceText]
    ) -> Table:
        table = Table(anchor, NOUNS[kind], heads, has_accounts=self.has_accounts)
        left = max(0, self._totals[kind] - MOST_ROWS)
        table.read(self._report.rows(kind, MOST_ROWS), lambda row: view(table, row), left)
        return table

    def _counts(self) -> Table:
        heads = [
            Head("Bucket", "w-name"),
            Head("Account", "w-account"),
            Head("Encryption", "w-encryption"),
            Head("KMS key", "w-arn"),
            Head("Objects", "w-number n", is_number=True),
            Head("Stored", "w-stored n", is_number=True),
        ]
        nouns = ("group of objects", "groups of objects")
        table = Table("counts", nouns, heads, has_accounts=self.has_accounts)

        def view(row: ObjectCount) -> CountText:
            table.note(self.facets.account, self._account_code(row.account_id, ""))
            table.note(self.facets.encryption, self.facets.encryption.number_of(row.encryption))
            table.value("w-stored", row.stored_bytes)
            about = "about " if row.is_estimate else ""
            return CountText(
                row.bucket,
                row.account_id,
                row.encryption,
                row.kms_key_arn,
                about + number(rounded(row.objects) if row.is_estimate else row.objects),
                about + size(row.stored_bytes),
            )

        table.read(self._report.object_counts(), view)
        return table

    def _account_code(self, account_id: str, account_name: str) -> int:
        label = f"{account_name} {account_id}".strip()
        return self.facets.account.number_of(account_id or UNKNOWN, label)

    def _bucket(self, table: Table, row: Row) -> ResourceText:
        columns = dict(row.columns)
        has_default = Aspect.DEFAULT_ENCRYPTION in row.aspects and "encryption" in columns
        encryption = _words(columns.get("encryption"))
        if has_default and not encryption and not row.errors:
            encryption = _NO_ENCRYPTION
        notes = [_BUCKET_KEY] if columns.get("bucket_key_enabled") is True else []
        if (blocked := _words(columns.get("blocked_encryption_types"))) not in ("", "none"):
            notes.append(f"{blocked} blocked")
        return self._row(
            table,
            row,
            encryption=encryption,
            notes=tuple(notes),
            kms_key=_words(columns.get("kms_key", columns.get("kms_key_arn"))),
            tls=_tls(columns),
        )

    def _key(self, table: Table, row: Row) -> ResourceText:
        columns = dict(row.columns)
        resource = row.resource
        return self._row(
            table,
            row,
            arn=_rest_of(resource.arn).removeprefix("key/") if resource.arn else "",
            state=_words(columns.get("state")),
            rotation=_rotation(columns),
        )

    def _object(self, table: Table, row: Row) -> ResourceText:
        columns = dict(row.columns)
        return self._row(
            table,
            row,
            encryption=_words(columns.get("encryption")),
            notes=(_BUCKET_KEY,) if columns.get("bucket_key_enabled") is True else (),
            kms_key=_words(columns.get("kms_key_arn", columns.get("kms_key"))),
        )

    def _row(
        self,
        table: Table,
        row: Row,
        *,
        encryption: str = "",
        notes: tuple[str, ...] = (),
        kms_key: str = "",
        tls: str = "",
        arn: str = "",
        state: str = "",
        rotation: str = "",
    ) -> ResourceText:
        resource = row.resource
        found = list(self._report.findings_of(resource)) if row.findings else []
        facets = self.facets
        table.note(facets.status, facets.status.number_of(row.status.value))
        table.note(facets.account, self._account_code(resource.account_id, resource.account_name))
        table.note(facets.region, facets.region.number_of(resource.region or UNKNOWN))
        if table.anchor != "keys":
            table.note(facets.encryption, facets.encryption.number_of(encryption or UNKNOWN))
        rules = dict.fromkeys(each.rule for each in found)
        table.note(facets.rule, [facets.rule.number_of(rule.value, RULES[rule].title) for rule in rules])
        table.value("w-findings", row.findings)
        more = len(found) - _MOST_FINDINGS
        return ResourceText(
            STATUS_TEXTS[row.status],
            resource.name,
            resource.account_id,
            resource.account_name,
            resource.region,
            tuple(self._found(each) for each in found[:_MOST_FINDINGS]),
            f"and {counted(more, 'finding', 'findings')} more" if more > 0 else "",
            row.errors,
            encryption=encryption,
            notes=notes,
            kms_key=short_arn(kms_key, resource).removeprefix("key/"),
            alias=self._aliases.get(kms_key, ""),
            tls=tls,
            arn=arn,
            state=state,
            rotation=rotation,
        )

    def _found(self, found: FindingRow) -> FoundText:
        return FoundText(found.message, self._is_compared and found.change is Change.NEW)


_ACCOUNT_NUMBERS = ("All", "Failed", "Not read", "Passed", "Not compared", "Findings")

# What could not be read of a resource; empty: the resource itself.
_UNREAD_WORDS = {
    Aspect.ACCESS: "",
    Aspect.DEFAULT_ENCRYPTION: "default encryption of a bucket",
    Aspect.POLICY: "policy of a bucket",
    Aspect.KEY: "",
    Aspect.ENCRYPTION: "",
}


def _tls(columns: dict[str, Value]) -> str:
    required = columns.get("require_tls")
    version = _words(columns.get("minimum_tls_version"))
    newer = f"{version} or newer" if version else ""
    if required is None:
        return newer
    return newer or "Required" if required else ", ".join(filter(None, ("Not required", newer)))


def _rotation(columns: dict[str, Value]) -> str:
    rotated = columns.get("rotation", columns.get("rotation_enabled"))
    if not isinstance(rotated, bool):
        return _words(rotated)
    period = _words(columns.get("rotation_period_in_days"))
    return (f"Every {period} days" if period else "On") if rotated else "Off"


def script_data(data: object) -> Markup:
    """JSON that no HTML parser takes for the end of a script, a comment or a reference."""
    text = json.dumps(data, separators=(",", ":"))  # ASCII only, so U+2028 and U+2029 are escaped, too
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))
