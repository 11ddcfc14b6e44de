# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A report of any size, in a private temporary database."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from datetime import datetime, timezone
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeVar

from ...model.errors import Failure, FailureKind, OperationError, invalid_input
from ...model.finding import Rule
from ...model.report.earlier_report import EarlierReport
from ...model.report.fields import plain_text
from ...model.report.fingerprint import fingerprint
from ...model.report.observation import (
    Aspect,
    InspectedAt,
    ObjectCount,
    Observation,
    ReportedFinding,
    Resource,
    ResourceKind,
    Value,
)
from ...model.report.report import (
    AccountRow,
    AspectStatus,
    Change,
    Comparison,
    ErrorRow,
    FindingGroup,
    FindingRow,
    Row,
    Status,
    Totals,
)
from ...model.report.rules import RULES, Severity

if TYPE_CHECKING:
    import sqlite3

# The page cache in KiB. Everything else of the database is in a temporary file without a name.
_CACHE_KIB = 8 * 1024
# Rows that wait to be written together.
_BATCH = 500
_SHOWN_MESSAGES = 5
_SHOWN_NAMES = 20

_KINDS, _STATUSES, _ASPECTS, _RULES, _CHANGES = list(ResourceKind), list(Status), list(Aspect), list(Rule), list(Change)
_SEVERITIES = list(Severity)
# The place of a rule: the most severe first.
_RANKS = {rule: _SEVERITIES.index(RULES[rule].severity) * len(_RULES) + _RULES.index(rule) for rule in _RULES}
_RULES_BY_RANK = {rank: rule for rule, rank in _RANKS.items()}
# Of these, a report lists only those that could not be read.
_CONTAINERS = (ResourceKind.ACCOUNT, ResourceKind.REGION)

_TABLES = """
CREATE TABLE observation (
  kind INTEGER, account_id TEXT, bucket TEXT, identity TEXT, arn TEXT, name TEXT, account_name TEXT, region TEXT,
  aspect INTEGER, is_compliant INTEGER, error TEXT, columns TEXT, findings TEXT
);
CREATE TABLE counted (
  account_id TEXT, bucket TEXT, encryption TEXT, kms_key_arn TEXT, objects INTEGER, high INTEGER, low INTEGER,
  is_estimate INTEGER
);
CREATE TABLE earlier (
  rank INTEGER, kind INTEGER, identity TEXT, bucket TEXT, name TEXT, arn TEXT, account_id TEXT, account_name TEXT,
  region TEXT, message TEXT, control TEXT, options TEXT, fingerprint TEXT
);
"""
# Made of the tables above when the report is first read.
_SETTLED = """
DROP TABLE IF EXISTS resource;
DROP TABLE IF EXISTS finding;
DROP TABLE IF EXISTS error;
DROP TABLE IF EXISTS owner;
CREATE TABLE resource (
  id INTEGER PRIMARY KEY, kind INTEGER, identity TEXT, name TEXT, arn TEXT, account_id TEXT, account_name TEXT,
  region TEXT, status INTEGER, findings INTEGER, aspects TEXT, columns TEXT, errors TEXT
);
CREATE TABLE finding (
  resource_id INTEGER, rank INTEGER, message TEXT, control TEXT, options TEXT, fingerprint TEXT, change INTEGER
);
CREATE TABLE error (resource_id INTEGER, aspect INTEGER, message TEXT);
CREATE TABLE owner (bucket TEXT PRIMARY KEY, account_id TEXT, account_name TEXT) WITHOUT ROWID;
"""
# Results about objects do not name the account of their bucket, and those about buckets may.
_OWNERS = """
INSERT INTO owner SELECT bucket, max(account_id), max(account_name) FROM observation
  WHERE kind = ? AND account_id != '' AND bucket IN (
    SELECT bucket FROM observation WHERE account_id = '' UNION SELECT bucket FROM counted WHERE account_id = ''
  ) GROUP BY bucket HAVING count(DISTINCT account_id) = 1
"""
_OBSERVATIONS = """
SELECT o.kind, ifnull(w.account_id, o.account_id) AS account, o.identity, o.arn, o.name,
  ifnull(w.account_name, o.account_name) AS label, o.region, o.aspect, o.is_compliant, o.error, o.columns, o.findings
FROM observation o LEFT JOIN owner w ON o.account_id = '' AND w.bucket = o.bucket
ORDER BY o.kind, account, o.identity, o.aspect, o.columns, o.error, o.findings, o.is_compliant, o.arn, o.name,
  o.region, label
"""
# Those absent findings whose resource, or a part of it, could not be read, or its account, region or bucket.
_NOT_READ = """
SELECT count(*) FROM absent a JOIN earlier e ON e.rowid = a.id WHERE EXISTS (
  SELECT 1 FROM resource r WHERE r.errors != '[]' AND r.account_id = e.account_id AND (
    (r.kind = e.kind AND r.identity = e.identity) OR (r.kind = ? AND r.identity = e.account_id)
    OR (r.kind = ? AND r.identity = e.region) OR (r.kind = ? AND r.identity = e.bucket)
  )
)
"""
_INDEXES = """
CREATE INDEX resource_identity ON resource (kind, account_id, identity);
CREATE INDEX finding_resource ON finding (resource_id);
CREATE INDEX finding_group ON finding (rank, options);
"""
_RESOURCE = "r.kind, r.name, r.arn, r.account_id, r.account_name, r.region"
# Where two resources of an account and a region have one name, such as a key and its replica, the ARN decides.
_PLACE = "r.account_id, r.region, r.name, r.arn, r.id"
_FINDING = f"{_RESOURCE}, f.rank, f.message, f.control, f.options, f.fingerprint, f.change"

_Columns = tuple[tuple[str, Value], ...]
_MadeT = TypeVar("_MadeT")


class ReportStore:
    """Collects observations in any order, and is the `Report` about them.

    Memory has the same bound for any number of rows. What is equal is kept once, so a result that is added twice
    changes only the numbers of objects. A bucket or object of a result that names no account is in the account that
    other results name for the bucket. All texts are kept as UTF-8; half of a surrogate pair becomes U+FFFD.

    Raises OperationError where the directory for temporary files has no space, or where Python has no SQLite.
    """

    def __init__(self, title: str) -> None:
        self.title = title
        self.time: datetime | None = None
        self._database = _open()
        self._observations: list[tuple[object, ...]] = []
        self._counts: list[tuple[object, ...]] = []
        self._is_settled = False
        self._before: EarlierReport | None = None

    def __enter__(self) -> ReportStore:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove the database."""
        self._database.close()

    def set_time(self, time: datetime) -> None:
        """Add the time of a result, with its time zone. The report has the newest."""
        time = time.astimezone(timezone.utc)
        self.time = max(self.time, time) if self.time else time

    def add(self, observed: Observation | ObjectCount | InspectedAt) -> None:
        """Add a row of a result, or its time."""
        if isinstance(observed, InspectedAt):
            self.set_time(observed.time)
            return
        self._is_settled = False
        if isinstance(observed, ObjectCount):
            self._counts.append(_count_values(observed))
        else:
            self._observations.append(_observation_values(observed))
        if len(self._observations) + len(self._counts) >= _BATCH:
            self._write()

    def compare(self, earlier: EarlierReport) -> None:
        """Say of each finding whether the earlier report had it, and list those absent that only that one had.

        Raises the errors of reading its findings.
        """
        self._is_settled = False
        self._before = EarlierReport(earlier.title, earlier.time, earlier.totals, ())
        with _naming_full_disk():
            self._database.execute("DELETE FROM earlier")
            self._insert("earlier", map(_earlier_values, earlier.findings))

    def totals(self) -> Totals:
        """The numbers."""
        self._settle()
        accounts, unread = self._one(
            "SELECT count(DISTINCT account_id), count(DISTINCT CASE WHEN kind = ? AND errors != '[]'"
            " THEN account_id END) FROM resource WHERE account_id != '' OR (kind = ? AND errors != '[]')",
            (_KINDS.index(ResourceKind.ACCOUNT),) * 2,
        )
        resources = self._rows(
            f"SELECT kind, status, count(*) FROM resource r WHERE {_LISTED} GROUP BY kind, status", ()
        )
        by_rule = tuple(
            (_RULES_BY_RANK[rank], number)
            for rank, number in self._rows("SELECT rank, count(*) FROM finding GROUP BY rank ORDER BY rank", ())
        )
        objects, high, low = self._one("SELECT sum(objects), sum(high), sum(low) FROM counted", ())
        return Totals(
            accounts,
            unread,
            tuple((_KINDS[kind], _STATUSES[status], number) for kind, status, number in resources),
            sum(number for _rule, number in by_rule),
            by_rule,
            objects or 0,
            _join_bytes(high or 0, low or 0),
        )

    def comparison(self) -> Comparison | None:
        """The difference from the earlier report; None without one."""
        if self._before is None:
            return None
        self._settle()
        changes: Counter[int] = Counter(dict(self._rows("SELECT change, count(*) FROM finding GROUP BY change", ())))
        (absent,) = self._one("SELECT count(*) FROM absent", ())
        (not_read,) = self._one(_NOT_READ, tuple(map(_KINDS.index, (*_CONTAINERS, ResourceKind.BUCKET))))
        return Comparison(
            self._before.title,
            self._before.time,
            self._before.totals,
            changes[_CHANGES.index(Change.NEW)],
            changes[_CHANGES.index(Change.UNCHANGED)],
            absent,
            not_read,
        )

    def accounts(self) -> Iterator[AccountRow]:
        """The accounts by their ids, those first that could not be entered."""
        account = _KINDS.index(ResourceKind.ACCOUNT)
        numbers = ", ".join(
            f"sum(CASE WHEN r.status = {status} AND r.kind != {account} AND {_LISTED} THEN 1 ELSE 0 END)"
            for status in range(len(_STATUSES))
        )
        sql = (
            f"SELECT account_id, max(account_name), {numbers}, sum(findings),"
            f" max(CASE WHEN kind = {account} THEN errors ELSE '' END) AS unread"
            " FROM resource r GROUP BY account_id ORDER BY unread IN ('', '[]'), account_id"
        )
        return self._each(sql, (), _account_row)

    def rows(self, kind: ResourceKind, most: int | None = None) -> Iterator[Row]:
        """The resources of one kind, at most so many: by status as in `Status`, then account, region, name.

        Accounts and regions are listed only if they could not be read.
        """
        sql = (
            f"SELECT {_RESOURCE}, r.status, r.aspects, r.columns, r.errors, r.findings FROM resource r"
            f" WHERE r.kind = ? AND {_LISTED} ORDER BY r.status, {_PLACE} LIMIT ?"
        )
        return self._each(sql, (_KINDS.index(kind), -1 if most is None else most), _row)

    def groups(self) -> Iterator[FindingGroup]:
        """The findings in groups: the most severe first, then those with most findings."""
        sql = (
            "SELECT f.rank, f.options, max(f.control), count(*), count(DISTINCT f.resource_id),"
            " count(DISTINCT nullif(r.account_id, '')) FROM finding f JOIN resource r ON r.id = f.resource_id"
            f" GROUP BY f.rank, f.options ORDER BY f.rank / {len(_RULES)}, count(*) DESC, f.rank, f.options"
        )
        return self._each(sql, (), self._group)

    def findings(self) -> Iterator[FindingRow]:
        """The findings: the most severe first, then by rule, account, region and name; those absent at the end."""
        yield from self._each(
            f"SELECT {_FINDING} FROM finding f JOIN resource r ON r.id = f.resource_id"
            f" ORDER BY f.rank, {_PLACE}, f.message",
            (),
            _finding_row,
        )
        yield from self._each(
            f"SELECT {_RESOURCE}, r.rank, r.message, r.control, r.options, r.fingerprint, ? FROM earlier r"
            " WHERE r.rowid IN (SELECT id FROM absent)"
            " ORDER BY r.rank, r.account_id, r.region, r.name, r.arn, r.message, r.rowid",
            (_CHANGES.index(Change.ABSENT),),
            _finding_row,
        )

    def findings_of(self, resource: Resource) -> Iterator[FindingRow]:
        """The findings of one resource, the most severe first."""
        sql = (
            f"SELECT {_FINDING} FROM resource r JOIN finding f ON f.resource_id = r.id"
            " WHERE r.kind = ? AND r.account_id = ? AND r.identity = ? ORDER BY f.rank, f.message"
        )
        key = (_KINDS.index(resource.kind), plain_text(resource.account_id), _identity(resource))
        return self._each(sql, key, _finding_row)

    def errors(self) -> Iterator[ErrorRow]:
        """What could not be read, accounts first."""
        sql = (
            f"SELECT {_RESOURCE}, e.aspect, e.message FROM error e JOIN resource r ON r.id = e.resource_id"
            f" ORDER BY r.kind, {_PLACE}, e.aspect, e.message"
        )
        return self._each(sql, (), lambda row: ErrorRow(_resource(row[:6]), _ASPECTS[row[6]], row[7]))

    def object_counts(self) -> Iterator[ObjectCount]:
        """The objects by bucket and encryption, those of most objects first."""
        sql = (
            "SELECT c.bucket, c.encryption, c.kms_key_arn, sum(c.objects), sum(c.high), sum(c.low), max(c.is_estimate),"
            " ifnull(w.account_id, c.account_id) AS account"
            " FROM counted c LEFT JOIN owner w ON c.account_id = '' AND w.bucket = c.bucket"
            " GROUP BY account, c.bucket, c.encryption, c.kms_key_arn"
            " ORDER BY sum(c.objects) DESC, account, c.bucket, c.encryption, c.kms_key_arn"
        )
        return self._each(sql, (), _object_count)

    def _group(self, row: tuple[Any, ...]) -> FindingGroup:
        rank, options, control, findings, resources, accounts = row
        messages = tuple(
            self._rows(
                "SELECT message, count(*) FROM finding WHERE rank = ? AND options = ?"
                " GROUP BY message ORDER BY count(*) DESC, message LIMIT ?",
                (rank, options, _SHOWN_MESSAGES),
            )
        )
        names = self._rows(
            f"SELECT {_RESOURCE} FROM resource r"
            " WHERE r.id IN (SELECT resource_id FROM finding WHERE rank = ? AND options = ?)"
            f" ORDER BY {_PLACE} LIMIT ?",
            (rank, options, _SHOWN_NAMES),
        )
        return FindingGroup(
            _RULES_BY_RANK[rank],
            control,
            options,
            findings,
            resources,
            accounts,
            tuple((message, number) for message, number in messages),
            findings - sum(number for _message, number in messages),
            tuple(map(_resource, names)),
        )

    def _settle(self) -> None:
        """Make the resources and their findings of all observations that have been added."""
        if self._is_settled:
            return
        self._write()
        with _naming_full_disk():
            self._run(_SETTLED)
            self._database.execute(_OWNERS, (_KINDS.index(ResourceKind.BUCKET),))
            found = groupby(self._database.execute(_OBSERVATIONS), lambda row: row[:3])
            for number, (_identity_of, rows) in enumerate(found, 1):
                self._settle_resource(number, list(rows))
            self._run(_INDEXES)
            self._settle_changes()
        self._is_settled = True

    def _settle_resource(self, number: int, rows: list[tuple[Any, ...]]) -> None:
        kind, account_id, identity = rows[0][:3]
        known = _Known(rows)
        resource = known.resource
        found = sorted(known.findings(), key=lambda each: (_RANKS[each.rule], each.message))
        self._database.execute(
            "INSERT INTO resource VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                number,
                kind,
                identity,
                resource.name,
                resource.arn,
                account_id,
                resource.account_name,
                resource.region,
                _STATUSES.index(known.status(bool(found))),
                len(found),
                _json(known.by_aspect()),
                _json(known.columns()),
                _json([message for _aspect, message in known.errors]),
            ),
        )
        self._database.executemany(
            "INSERT INTO finding VALUES (?, ?, ?, ?, ?, ?, NULL)",
            [
                (
                    number,
                    _RANKS[each.rule],
                    each.message,
                    each.control,
                    each.options,
                    fingerprint(each.rule, resource, each.message),
                )
                for each in found
            ],
        )
        self._database.executemany("INSERT INTO error VALUES (?, ?, ?)", [(number, *each) for each in known.errors])

    def _settle_changes(self) -> None:
        self._run(
            "DROP TABLE IF EXISTS absent; CREATE TABLE absent (id INTEGER PRIMARY KEY);"
            "DROP INDEX IF EXISTS earlier_fingerprint;"
        )
        if self._before is None:
            return
        self._run(
            "CREATE INDEX earlier_fingerprint ON earlier (fingerprint);"
            "CREATE INDEX finding_fingerprint ON finding (fingerprint);"
            "INSERT INTO absent SELECT rowid FROM earlier e"
            " WHERE NOT EXISTS (SELECT 1 FROM finding f WHERE f.fingerprint = e.fingerprint);"
        )
        self._database.execute(
            "UPDATE finding SET change = CASE WHEN EXISTS"
            " (SELECT 1 FROM earlier e WHERE e.fingerprint = finding.fingerprint) THEN ? ELSE ? END",
            (_CHANGES.index(Change.UNCHANGED), _CHANGES.index(Change.NEW)),
        )

    def _run(self, script: str) -> None:
        """Run some statements. `executescript` would end the transaction."""
        for statement in _statements(script):
            self._database.execute(statement)

    def _write(self) -> None:
        with _naming_full_disk():
            self._insert("observation", self._observations)
            self._insert("counted", self._counts)
        self._observations.clear()
        self._counts.clear()

    def _insert(self, table: str, rows: Iterable[tuple[object, ...]]) -> None:
        columns = len(self._database.execute(f"SELECT * FROM {table} LIMIT 0").description)
        self._database.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * columns)})", rows)

    def _each(
        self, sql: str, parameters: tuple[object, ...], make: Callable[[tuple[Any, ...]], _MadeT]
    ) -> Iterator[_MadeT]:
        self._settle()
        with _naming_full_disk():
            for row in self._database.execute(sql, parameters):
                yield make(row)

    def _rows(self, sql: str, parameters: tuple[object, ...]) -> list[tuple[Any, ...]]:
        """The rows of a query that has few."""
        with _naming_full_disk():
            return self._database.execute(sql, parameters).fetchall()

    def _one(self, sql: str, parameters: tuple[object, ...]) -> tuple[Any, ...]:
        (row,) = self._rows(sql, parameters)
        return row


# What a report lists: an account or a region only if it could not be read.
_LISTED = f"(r.kind NOT IN ({', '.join(str(_KINDS.index(kind)) for kind in _CONTAINERS)}) OR r.errors != '[]')"


def _open() -> sqlite3.Connection:
    """A database in a file without a name, which disappears with the process."""
    try:
        import sqlite3  # a Python may be built without it
    except ImportError as error:
        raise invalid_input(
            "The Python of the controller has no module sqlite3, in which a report is collected.",
            "Install the package of the operating system that has it, such as python3-sqlite3.",
        ) from error
    with _naming_full_disk():
        database = sqlite3.connect("", isolation_level=None)
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "temp_store = FILE", f"cache_size = -{_CACHE_KIB}"):
            database.execute(f"PRAGMA {pragma}")
        # One transaction for everything: there is nothing to roll back, and each statement would be one of its own.
        for statement in ("BEGIN", *_statements(_TABLES)):
            database.execute(statement)
        return database


def _statements(script: str) -> list[str]:
    return [statement for statement in script.split(";") if statement.strip()]


@contextmanager
def _naming_full_disk() -> Iterator[None]:
    import sqlite3

    try:
        yield
    except sqlite3.Error as error:
        raise _not_kept(error) from error


def _not_kept(error: Exception) -> OperationError:
    return OperationError(
        Failure(
            FailureKind.FAILED,
            f"The rows of the report cannot be kept in the directory for temporary files: {error}.",
            "Check its free space. TMPDIR in the environment of Ansible names another directory.",
            code=type(error).__name__,
        )
    )


@dataclass(frozen=True, slots=True)
class _Known:
    """What the observations of one resource say together."""

    rows: list[tuple[Any, ...]]

    @property
    def resource(self) -> Resource:
        """The resource, with what any of the observations knows about it."""
        kind, account_id = self.rows[0][:2]
        arns, names, account_names, regions = zip(*(row[3:7] for row in self.rows), strict=True)
        # An alias says more than the id of a key.
        name = min(names, key=lambda each: (not each.startswith("alias/"), each))
        return Resource(_KINDS[kind], name, max(arns), account_id, max(account_names), max(regions))

    def by_aspect(self) -> list[tuple[int, int, list[str]]]:
        """The places of each aspect that was inspected and of its status, and its errors."""
        found = []
        for aspect in sorted({row[7] for row in self.rows}):
            known = _Known([row for row in self.rows if row[7] == aspect])
            status = _STATUSES.index(known.status(bool(known.findings())))
            found.append((aspect, status, [message for _aspect, message in known.errors]))
        return found

    @property
    def errors(self) -> list[tuple[int, str]]:
        """Each error, with the place of its aspect."""
        return sorted({(row[7], row[9]) for row in self.rows if row[9]})

    def status(self, has_findings: bool) -> Status:
        """A finding is a finding, and what was not read is never known to pass."""
        compliance = {row[8] for row in self.rows}
        if has_findings or (0 in compliance and not self.errors):
            return Status.FAILED
        if self.errors:
            return Status.NOT_AVAILABLE
        return Status.PASSED if 1 in compliance else Status.NOT_COMPARED

    def columns(self) -> _Columns:
        """The columns of all aspects. Where two tasks read the same aspect, what one of them could read is shown."""
        columns: dict[str, Value] = {}
        for row in self.rows:
            for name, value in json.loads(row[10]):
                if columns.get(name) is None:
                    columns[name] = value
        return tuple(columns.items())

    def findings(self) -> Iterable[ReportedFinding]:
        """The findings of all observations; those with the same rule and message are one."""
        found: dict[tuple[Rule, str], ReportedFinding] = {}
        for row in self.rows:
            for rule, message, control, options in json.loads(row[11]):
                finding = ReportedFinding(Rule(rule), message, control, options)
                found.setdefault((finding.rule, message), finding)
        return found.values()


def _json(value: object) -> str:
    return plain_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def _identity(resource: Resource) -> str:
    """What two observations of one resource share, besides its kind and account.

    The name of a key is one of its aliases, and keys of several regions may have the same.
    """
    if resource.kind is not ResourceKind.KMS_KEY:
        return plain_text(resource.name)
    return plain_text(resource.arn or f"{resource.region}/{resource.name}")


def _bucket_of(resource: Resource) -> str:
    """The bucket that a resource is or is in; empty for others."""
    if resource.kind is ResourceKind.OBJECT:
        # The ARN of an access point, in the place of the bucket, has a slash itself.
        return "/".join(resource.name.split("/")[: 2 if resource.name.startswith("arn:") else 1])
    return resource.name if resource.kind is ResourceKind.BUCKET else ""


def _observation_values(observed: Observation) -> tuple[object, ...]:
    resource = observed.resource
    texts = map(plain_text, (resource.arn, resource.name, resource.account_name, resource.region))
    return (
        _KINDS.index(resource.kind),
        plain_text(resource.account_id),
        plain_text(_bucket_of(resource)),
        _identity(resource),
        *texts,
        _ASPECTS.index(observed.aspect),
        observed.is_compliant,
        plain_text(observed.error),
        _json(observed.columns),
        _json([(each.rule.value, *astuple(each)[1:]) for each in observed.findings]),
    )


def _count_values(counted: ObjectCount) -> tuple[object, ...]:
    texts = map(plain_text, (counted.account_id, counted.bucket, counted.encryption, counted.kms_key_arn))
    # Added in halves, because SQLite adds no numbers above 63 bits.
    return (*texts, counted.objects, counted.stored_bytes >> 32, counted.stored_bytes & 0xFFFFFFFF, counted.is_estimate)


def _join_bytes(high: int, low: int) -> int:
    return (high << 32) + low


def _earlier_values(finding: FindingRow) -> tuple[object, ...]:
    resource = finding.resource
    return (
        _RANKS[finding.rule],
        _KINDS.index(resource.kind),
        _identity(resource),
        plain_text(_bucket_of(resource)),
        *map(plain_text, (resource.name, resource.arn, resource.account_id, resource.account_name, resource.region)),
        plain_text(finding.message),
        finding.control and plain_text(finding.control),
        plain_text(finding.options),
        finding.fingerprint,
    )


def _resource(row: tuple[Any, ...]) -> Resource:
    return Resource(_KINDS[row[0]], *row[1:])


def _account_row(row: tuple[Any, ...]) -> AccountRow:
    account_id, account_name, failed, not_available, passed, not_compared, findings, errors = row
    return AccountRow(
        account_id,
        account_name,
        failed + not_available + passed + not_compared,
        passed,
        failed,
        not_available,
        not_compared,
        findings,
        " ".join(json.loads(errors or "[]")),
    )


def _row(row: tuple[Any, ...]) -> Row:
    status, aspects, columns, errors, findings = row[6:]
    by_aspect = tuple(
        AspectStatus(_ASPECTS[aspect], _STATUSES[of_aspect], tuple(why))
        for aspect, of_aspect, why in json.loads(aspects)
    )
    return Row(
        _resource(row[:6]),
        _STATUSES[status],
        tuple(each.aspect for each in by_aspect),
        tuple((name, value) for name, value in json.loads(columns)),
        tuple(json.loads(errors)),
        findings,
        by_aspect,
    )


def _finding_row(row: tuple[Any, ...]) -> FindingRow:
    rank, message, control, options, mark, change = row[6:]
    return FindingRow(
        _resource(row[:6]),
        _RULES_BY_RANK[rank],
        message,
        control,
        options,
        mark,
        None if change is None else _CHANGES[change],
    )


def _object_count(row: tuple[Any, ...]) -> ObjectCount:
    bucket, encryption, kms_key_arn, objects, high, low, is_estimate, account_id = row
    return ObjectCount(bucket, encryption, kms_key_arn, objects, _join_bytes(high, low), bool(is_estimate), account_id)
