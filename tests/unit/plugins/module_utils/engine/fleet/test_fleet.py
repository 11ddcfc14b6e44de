# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""One run for many resources: the numbers, the stop, and the effect of a failure."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.engine.fleet.fleet import FleetStatus, run_fleet
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.outcome import Outcome

FAILURE = Failure(FailureKind.FORBIDDEN, "No.")
Done = Outcome[str, None]
OUTCOMES: dict[str, Done] = {
    "changed": Outcome(changed=True),
    "unchanged": Outcome(),
    "failed": Outcome(failure=FAILURE),
    "changed and failed": Outcome(changed=True, failure=FAILURE),
}


class Collector:
    """Collects what a fleet reports."""

    def __init__(self) -> None:
        self.outcomes: dict[int, tuple[str, Done]] = {}
        self.statuses: list[FleetStatus] = []

    def add(self, position: int, item: str, outcome: Done) -> None:
        """Collect an outcome."""
        assert position not in self.outcomes
        self.outcomes[position] = (item, outcome)

    @property
    def items(self) -> list[str]:
        """The items in the order of their positions."""
        return [self.outcomes[position][0] for position in sorted(self.outcomes)]


@given(st.lists(st.sampled_from(sorted(OUTCOMES))), st.integers(1, 9))
def test_every_outcome_is_collected_and_counted_once(items: list[str], concurrency: int) -> None:
    """A failed item counts as failed, also if it was changed."""
    found = Collector()
    status = run_fleet(
        items,
        OUTCOMES.__getitem__,
        concurrency=concurrency,
        on_outcome=found.add,
        on_progress=found.statuses.append,
        group_by=lambda item: item[0],
    )
    assert found.outcomes == {position: (item, OUTCOMES[item]) for position, item in enumerate(items)}
    failed = sum("failed" in item for item in items)
    assert status == FleetStatus(len(items), True, None, items.count("changed"), items.count("unchanged"), failed)
    assert (status.done, status.skipped) == (len(items), 0)
    assert [each.done for each in found.statuses] == list(range(1, len(items) + 1))


def test_a_stop_counts_the_items_that_were_not_started() -> None:
    """The whole list is still read, so that the result says how many items were skipped."""
    found = Collector()
    items = ["failed", *["unchanged"] * 999]
    status = run_fleet(iter(items), OUTCOMES.__getitem__, concurrency=1, on_outcome=found.add, stop_on_failure=True)
    assert (status.matched, status.is_complete, status.failed) == (1000, True, 1)
    assert status.skipped >= 998
    assert status.done == len(found.outcomes)


def test_without_a_stop_a_failure_affects_one_item() -> None:
    """All others are done."""
    found = Collector()
    status = run_fleet(
        ["failed", "changed", "failed", "unchanged"], OUTCOMES.__getitem__, concurrency=1, on_outcome=found.add
    )
    assert (status.changed, status.unchanged, status.failed, status.skipped) == (1, 1, 2, 0)


def test_a_list_that_fails_keeps_the_earlier_items() -> None:
    """They are processed, and the status has the failure of the list."""

    def items() -> Iterator[str]:
        yield "changed"
        yield "unchanged"
        raise OperationError(FAILURE)

    found = Collector()
    status = run_fleet(items(), OUTCOMES.__getitem__, concurrency=4, on_outcome=found.add)
    assert found.items == ["changed", "unchanged"]
    assert status == FleetStatus(2, False, FAILURE, 1, 1, 0)


def test_an_unexpected_exception_affects_one_item() -> None:
    """Its failure names the exception and the place."""

    def work(item: str) -> Done:
        if item == "odd":
            raise ZeroDivisionError
        return OUTCOMES[item]

    found = Collector()
    status = run_fleet(["changed", "odd", "changed"], work, concurrency=2, on_outcome=found.add)
    assert (status.changed, status.failed) == (2, 1)
    failure = found.outcomes[1][1].failure
    assert failure
    assert failure.kind is FailureKind.FAILED
    assert "ZeroDivisionError in test_fleet.py, line " in failure.message
    assert failure.advice == "Please report it with the task's options."


@pytest.mark.parametrize("stop", [True, False])
def test_an_empty_fleet(stop: bool) -> None:
    """Nothing is matched, and the list is complete."""
    found = Collector()
    status = run_fleet((), OUTCOMES.__getitem__, concurrency=4, on_outcome=found.add, stop_on_failure=stop)
    assert status == FleetStatus(is_complete=True)
    assert found.outcomes == {}


def test_credentials_that_are_refused_end_the_run() -> None:
    """Every further item would get the same answer. The first such failure is in the status."""
    found = Collector()
    expired = Failure(FailureKind.CREDENTIALS, "Expired.")
    outcomes: dict[str, Done] = {**OUTCOMES, "expired": Outcome(failure=expired)}
    items = ["unchanged", "failed", "expired", *["unchanged"] * 997]
    status = run_fleet(iter(items), outcomes.__getitem__, concurrency=1, on_outcome=found.add)
    assert found.items == items[:3]
    assert status == FleetStatus(1000, True, None, 0, 1, 2, 0, expired)
    assert (status.done, status.not_started, status.skipped) == (3, 997, 997)


def test_vanished_items_are_counted_and_not_reported() -> None:
    """They do not stop a run, as they are no failure."""
    found = Collector()
    status = run_fleet(
        ["failed", "changed", "failed"],
        OUTCOMES.__getitem__,
        concurrency=1,
        on_outcome=found.add,
        stop_on_failure=False,
        is_vanished=lambda item, outcome: outcome.failure is FAILURE,
    )
    assert found.items == ["changed"]
    assert status == FleetStatus(3, True, None, changed=1, vanished=2)
    assert (status.done, status.not_started, status.skipped) == (3, 0, 2)


def test_kept_items_are_reported_and_counted_apart() -> None:
    """They count as skipped, and not as unchanged. A failed one counts as failed, as every other."""
    found = Collector()
    status = run_fleet(
        ["unchanged", "changed", "failed", "unchanged"],
        OUTCOMES.__getitem__,
        concurrency=1,
        on_outcome=found.add,
        on_progress=found.statuses.append,
        is_kept=lambda outcome: not outcome.changed,
    )
    assert status == FleetStatus(4, True, None, changed=1, failed=1, kept=2)
    assert (status.done, status.not_started, status.skipped) == (4, 0, 2)
    assert len(found.outcomes) == len(found.statuses) == 4
