# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The report in a temporary database: its orders, its numbers, its comparison, and what it does with strange rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.engine.report.report_store import ReportStore
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.finding import Rule
from ansible_collections.sealed.s3.plugins.module_utils.model.report.earlier_report import EarlierReport
from ansible_collections.sealed.s3.plugins.module_utils.model.report.observation import (
    Aspect,
    ObjectCount,
    Observation,
    ReportedFinding,
    Resource,
    ResourceKind,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.report.report import Change, Report, Status
from ansible_collections.sealed.s3.plugins.module_utils.model.report.rules import RULES, Severity
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.report_world import (
    ACCOUNTS,
    HOSTILE_NAMES,
    TIME,
    Observed,
    observations,
    report_of,
)

BUCKET = Resource(ResourceKind.BUCKET, "data", "arn:aws:s3:::data", "111122223333", "", "eu-central-1")
FOUND = ReportedFinding(Rule.TLS, "Requests without TLS are allowed.", "S3.5", '{"require_tls": true}')
OTHER = ReportedFinding(Rule.TLS_VERSION, "Old versions of TLS are allowed.")
IN_ACCOUNT = Resource(ResourceKind.ACCOUNT, "111122223333", "", "111122223333")
IN_REGION = Resource(ResourceKind.REGION, "eu-central-1", "", "111122223333", "", "eu-central-1")


def store_of(observed: Iterable[Observed]) -> ReportStore:
    store = ReportStore("Report")
    for each in observed:
        store.add(each)
    return store


def whole(report: Report) -> tuple[object, ...]:
    """Everything that a report says."""
    rows = [row for kind in ResourceKind for row in report.rows(kind)]
    lists = (report.accounts(), report.groups(), report.findings(), report.errors(), report.object_counts())
    of_rows = [list(report.findings_of(row.resource)) for row in rows]
    return (report.title, report.time, report.totals(), report.comparison(), rows, of_rows, *map(list, lists))


STATUSES = [
    ([(None, (), "")], Status.NOT_COMPARED),
    ([(True, (), "")], Status.PASSED),
    ([(True, (), ""), (None, (), "")], Status.PASSED),
    ([(False, (FOUND,), "")], Status.FAILED),
    ([(True, (), ""), (False, (FOUND,), "")], Status.FAILED),
    ([(None, (FOUND,), "")], Status.FAILED),
    ([(False, (), "No permission.")], Status.NOT_AVAILABLE),
    ([(True, (), ""), (False, (), "No permission.")], Status.NOT_AVAILABLE),
    ([(True, (), "No permission.")], Status.NOT_AVAILABLE),
    ([(None, (), "No permission.")], Status.NOT_AVAILABLE),
    ([(False, (FOUND,), "No permission.")], Status.FAILED),
    ([(False, (), "No permission."), (False, (FOUND,), "")], Status.FAILED),
    ([(False, (), "")], Status.FAILED),
]


@pytest.mark.parametrize(("observed", "expected"), STATUSES)
def test_status(observed: list[tuple[bool | None, tuple[ReportedFinding, ...], str]], expected: Status) -> None:
    """A finding is a finding, and what was not read never passes."""
    aspects = (Aspect.DEFAULT_ENCRYPTION, Aspect.POLICY)
    with store_of(
        Observation(BUCKET, aspect, (), is_compliant, findings, error)
        for aspect, (is_compliant, findings, error) in zip(aspects, observed, strict=False)
    ) as store:
        (row,) = store.rows(ResourceKind.BUCKET)
        assert (row.status, row.aspects) == (expected, aspects[: len(observed)])
        assert store.totals().resources == ((ResourceKind.BUCKET, expected, 1),)
        (account,) = store.accounts()
        numbers = (account.failed, account.not_available, account.passed, account.not_compared)
        assert numbers == tuple(int(expected is status) for status in Status)


def test_two_tasks_that_read_the_same_aspect() -> None:
    """Their findings are united, equal ones are one, and what one of them could not read is taken from the other."""
    other = replace(FOUND, message="Another one.")
    with store_of(
        [
            Observation(BUCKET, Aspect.POLICY, (("require_tls", None),), False, (), "No permission."),
            Observation(replace(BUCKET, region=""), Aspect.POLICY, (("require_tls", False),), False, (FOUND, other)),
            Observation(BUCKET, Aspect.POLICY, (("require_tls", False),), False, (FOUND,)),
        ]
    ) as store:
        (row,) = store.rows(ResourceKind.BUCKET)
        assert (row.resource, row.columns, row.findings) == (BUCKET, (("require_tls", False),), 2)
        assert [each.message for each in store.findings()] == ["Another one.", FOUND.message]


def test_resources_that_are_the_same_and_that_are_not() -> None:
    """Keys of two regions may have the same alias, and accounts of stores the same buckets."""
    key = Resource(ResourceKind.KMS_KEY, "alias/data", "arn:aws:kms:us-east-1:111122223333:key/1", "111122223333")
    named = [
        key,
        replace(key, name="1"),  # the same key under its id
        replace(key, arn=key.arn.replace("us-east-1", "eu-west-1")),
        replace(key, arn="", region="us-east-1"),
        replace(key, arn="", region="us-west-2"),
        BUCKET,
        replace(BUCKET, account_id="222233334444"),
        replace(BUCKET, kind=ResourceKind.OBJECT),
    ]
    with store_of(Observation(each, Aspect.KEY) for each in named) as store:
        assert [row.resource.name for row in store.rows(ResourceKind.KMS_KEY)] == ["alias/data"] * 4
        assert len(list(store.rows(ResourceKind.BUCKET))) == 2
        assert len(list(store.rows(ResourceKind.OBJECT))) == 1


def test_objects_are_in_the_account_of_their_bucket() -> None:
    """Results about objects do not name it. Where two accounts have a bucket of that name, it is not known."""
    account_id, other = "111122223333", "222233334444"
    unknown = Resource(ResourceKind.OBJECT, "data/key")
    observed: list[Observed] = [
        Observation(unknown, Aspect.ENCRYPTION),
        Observation(Resource(ResourceKind.BUCKET, "data"), Aspect.ENCRYPTION),
        ObjectCount("data", "SSE-S3", "", 1, 1),
        ObjectCount("data", "SSE-S3", "", 1, 1, account_id=account_id),
        Observation(replace(unknown, name="elsewhere/key"), Aspect.ENCRYPTION),
    ]
    named = replace(BUCKET, account_name="production")
    with store_of([*observed, Observation(named, Aspect.POLICY)]) as store:
        (bucket,) = store.rows(ResourceKind.BUCKET)
        assert (bucket.resource, bucket.aspects) == (named, (Aspect.POLICY, Aspect.ENCRYPTION))
        places = [(each.resource.name, each.resource.account_id) for each in store.rows(ResourceKind.OBJECT)]
        assert places == [("elsewhere/key", ""), ("data/key", account_id)]
        assert [(each.account_id, each.objects) for each in store.object_counts()] == [(account_id, 2)]
        store.add(Observation(replace(BUCKET, account_id=other), Aspect.POLICY))
        assert [row.resource.account_id for row in store.rows(ResourceKind.BUCKET)] == ["", account_id, other]
        assert [row.resource.account_id for row in store.rows(ResourceKind.OBJECT)] == ["", ""]
        assert [each.account_id for each in store.object_counts()] == ["", account_id]


@pytest.mark.parametrize("has_accounts", [True, False])
def test_numbers_are_those_of_the_rows(has_accounts: bool) -> None:
    """The totals, the rows, the accounts and the groups count the same."""
    with report_of(60, has_accounts=has_accounts) as report:
        totals = report.totals()
        rows = [row for kind in ResourceKind for row in report.rows(kind)]
        counted = Counter((row.resource.kind, row.status) for row in rows)
        assert totals.resources == tuple(
            (kind, status, counted[kind, status]) for kind in ResourceKind for status in Status if counted[kind, status]
        )
        findings = list(report.findings())
        assert totals.findings == len(findings) == sum(row.findings for row in rows)
        assert dict(totals.by_rule) == Counter(each.rule for each in findings)
        groups = list(report.groups())
        assert sum(group.findings for group in groups) == totals.findings
        for group in groups:
            members = [each for each in findings if (each.rule, each.options) == (group.rule, group.options)]
            assert len(members) == group.findings == sum(n for _message, n in group.messages) + group.other_messages
            assert group.resources == len({each.resource for each in members})
            assert group.accounts == len({each.resource.account_id for each in members} - {""})
            assert group.names == tuple(dict.fromkeys(each.resource for each in members))[:20]
        accounts = list(report.accounts())
        assert sum(account.findings for account in accounts) == totals.findings
        inside = [row for row in rows if row.resource.kind is not ResourceKind.ACCOUNT]
        assert sum(account.resources for account in accounts) == len(inside)
        assert sum(account.passed for account in accounts) == sum(row.status is Status.PASSED for row in inside)
        assert (totals.accounts, totals.unread_accounts) == ((len(ACCOUNTS) + 1, 1) if has_accounts else (0, 0))
        counts = list(report.object_counts())
        assert totals.objects == sum(each.objects for each in counts)
        assert totals.stored_bytes == sum(each.stored_bytes for each in counts)
        errors = list(report.errors())
        assert sum(len(row.errors) for row in rows) == len(errors)
        assert {row.status for row in rows} == set(Status)


def test_orders() -> None:
    """As the Protocol promises them."""
    severities = list(Severity)

    def severity(rule: Rule) -> int:
        return severities.index(RULES[rule].severity)

    with report_of(60) as report:
        for kind in ResourceKind:
            rows = list(report.rows(kind))
            places = [
                (list(Status).index(row.status), row.resource.account_id, row.resource.region, row.resource.name)
                for row in rows
            ]
            assert places == sorted(places)
            assert list(report.rows(kind, 3)) == rows[:3]
        found = [
            (
                severity(each.rule),
                list(Rule).index(each.rule),
                each.resource.account_id,
                each.resource.region,
                each.resource.name,
            )
            for each in report.findings()
        ]
        assert found == sorted(found)
        assert len({each[1] for each in found}) == len(Rule)
        groups = [(severity(group.rule), -group.findings) for group in report.groups()]
        assert groups == sorted(groups)
        accounts = [(not account.error, account.account_id) for account in report.accounts()]
        assert accounts == sorted(accounts)
        assert accounts[0] == (False, "555566667777")
        kinds = [list(ResourceKind).index(each.resource.kind) for each in report.errors()]
        assert kinds == sorted(kinds)
        objects = [-each.objects for each in report.object_counts()]
        assert objects == sorted(objects)
        for row in report.rows(ResourceKind.BUCKET):
            ranks = [severity(each.rule) for each in report.findings_of(row.resource)]
            assert ranks == sorted(ranks)
            assert len(ranks) == row.findings


def test_strange_texts_are_kept() -> None:
    """All but the half of a surrogate pair, which UTF-8 cannot have."""
    with report_of(0) as report:
        names = {row.resource.name for row in report.rows(ResourceKind.BUCKET)}
    assert names == {name.replace("\ud800", "\ufffd") for name in HOSTILE_NAMES}


@settings(max_examples=8)
@given(st.data())
def test_the_order_of_adding_does_not_matter(data: st.DataObject) -> None:
    """Nor does it matter whether a row is added twice."""
    observed = [each for each in observations(9, is_hostile=False) if not isinstance(each, ObjectCount)]
    keyed = [replace(each, resource=replace(each.resource, name="same", arn="")) for each in observed[::4]]
    counts = [ObjectCount("b", "SSE-S3", "", 1 << 40, (1 << 60) + number) for number in range(3)]
    first: list[Observed] = [*observed, *keyed, *counts]
    repeated = data.draw(st.lists(st.sampled_from([*observed, *keyed]), max_size=5))
    other = data.draw(st.permutations([*first, *repeated]))
    with store_of(first) as report, store_of(other) as another:
        assert whole(report) == whole(another)


def test_rows_that_are_added_after_reading() -> None:
    """The report then says what one says that got all rows before."""
    observed = list(observations(12))
    with store_of(observed[:20]) as report, store_of(observed) as expected:
        whole(report)
        for each in observed[20:]:
            report.add(each)
        assert whole(report) == whole(expected)


def test_time_is_that_of_the_newest_result() -> None:
    """In UTC, whatever the time zone of a result."""
    with ReportStore("Report") as store:
        times = [store.time]
        for hours in (1, 3, 2):
            store.set_time((TIME + timedelta(hours=hours)).astimezone(timezone(timedelta(hours=-5))))
            times.append(store.time)
        assert times == [None, *(TIME + timedelta(hours=hours) for hours in (1, 3, 3))]
        assert {time.tzinfo for time in times if time} == {timezone.utc}


def earlier_of(report: Report) -> EarlierReport:
    return EarlierReport(report.title, report.time, report.totals(), list(report.findings()))


def test_comparison_with_itself() -> None:
    """Nothing is new, and nothing is absent."""
    with report_of(40) as report:
        report.compare(earlier_of(report))
        totals, comparison = report.totals(), report.comparison()
        assert comparison
        assert (comparison.title, comparison.time, comparison.before) == (report.title, TIME, totals)
        assert (comparison.new, comparison.unchanged, comparison.absent) == (0, totals.findings, 0)
        assert {each.change for each in report.findings()} == {Change.UNCHANGED}


def test_comparison_with_another() -> None:
    """A finding without the earlier one is new; one that only the earlier report had is at the end."""
    gone, stays = replace(BUCKET, name="gone", arn="arn:aws:s3:::gone"), BUCKET
    with (
        store_of(Observation(each, Aspect.POLICY, (), False, (FOUND,)) for each in (gone, stays)) as earlier,
        store_of(
            [
                Observation(stays, Aspect.POLICY, (), False, (FOUND, replace(FOUND, rule=Rule.TLS_VERSION))),
                Observation(gone, Aspect.POLICY, (), True),
            ]
        ) as report,
    ):
        assert report.comparison() is None
        assert {each.change for each in report.findings()} == {None}
        report.compare(earlier_of(earlier))
        changes = Counter(each.change for each in report.findings())
        assert changes == {Change.UNCHANGED: 1, Change.NEW: 1, Change.ABSENT: 1}
        *_present, last = report.findings()
        assert (last.resource, last.change) == (gone, Change.ABSENT)
        assert list(report.findings_of(gone)) == []
        assert report.totals().findings == 2
        comparison = report.comparison()
        assert comparison
        assert (comparison.new, comparison.unchanged, comparison.absent) == (1, 1, 1)
        report.compare(earlier_of(report))  # an absent finding is not a finding of this report
        assert (comparison.new, comparison.absent) == (1, 1)


@pytest.mark.parametrize(
    ("now", "not_read"),
    [
        ([], 0),
        ([Observation(BUCKET, Aspect.POLICY, (), True)], 0),
        ([Observation(BUCKET, Aspect.POLICY, error="Denied.")], 1),
        (
            [Observation(BUCKET, Aspect.POLICY, error="Denied."), Observation(BUCKET, Aspect.KEY, (), False, (OTHER,))],
            1,
        ),
        ([Observation(replace(BUCKET, name="other", arn=""), Aspect.POLICY, error="Denied.")], 0),
        ([Observation(IN_ACCOUNT, Aspect.ACCESS, error="Denied.")], 1),
        ([Observation(IN_ACCOUNT, Aspect.ACCESS)], 0),
        ([Observation(IN_REGION, Aspect.ACCESS, error="Denied.")], 1),
        ([Observation(replace(IN_REGION, name="us-east-1"), Aspect.ACCESS, error="Denied.")], 0),
    ],
)
def test_absent_findings_that_may_still_be_there(now: list[Observation], not_read: int) -> None:
    """What could not be read this time is not known to be mended."""
    with store_of([Observation(BUCKET, Aspect.POLICY, (), False, (FOUND,))]) as earlier, store_of(now) as report:
        report.compare(earlier_of(earlier))
        comparison = report.comparison()
        assert comparison
        assert (comparison.absent, comparison.not_read) == (1, not_read)


def test_no_space_for_the_rows() -> None:
    """The error names the cause and what to do. A database that was closed stands in for a full disk."""
    store = ReportStore("Report")
    store.close()
    with pytest.raises(OperationError, match=r"directory for temporary files: .*TMPDIR"):
        store.totals()


def test_empty_report() -> None:
    """Everything is zero."""
    with ReportStore("Report") as store:
        totals = store.totals()
        assert (totals.accounts, totals.resources, totals.findings, totals.objects) == (0, (), 0, 0)
        assert whole(store)[4:] == ([], [], [], [], [], [], [])
