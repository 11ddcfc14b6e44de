# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The committed table of answers that others recorded from AWS, replayed against the lab."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from recorded_answers import table
from recorded_answers.replay import Replay, reset
from sealed_lab import RunningLab

ALL = list(table.cases())
# The few longer cases are repeated by the count alone: they would take a fourth of the time of all others.
LONGEST = 100


def _groups() -> dict[str, list[dict[str, Any]]]:
    """Return the cases by the file and the class of their tests: a test for each takes a fifth of the time more."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for case in (each for each in ALL if len(each["requests"]) < LONGEST):
        groups.setdefault(case["test"].rpartition("::")[0].rpartition("/")[2], []).append(case)
    return groups


GROUPS = _groups()


@pytest.fixture(scope="module")
def replay(lab_server: RunningLab) -> Replay:
    """Clients that find the lab in the place of AWS."""
    return Replay(lab_server)


@pytest.mark.recorded
@pytest.mark.parametrize("group", GROUPS.values(), ids=GROUPS)
def test_the_lab_answers_as_aws_was_recorded_to_answer(
    lab: RunningLab, replay: Replay, group: list[dict[str, Any]], record_property: Callable[[str, object], None]
) -> None:
    """Each answer in the table, with the requests of its test before it."""
    record_property("cases", sum("exception" not in each for case in group for each in case["answers"]))
    found = {}
    for case in group:
        reset(lab, case)
        found[case["test"]] = replay.run(case)
    assert {test: differences for test, differences in found.items() if differences} == {}


def test_the_table_has_the_rows_that_were_counted() -> None:
    """A row that is lost, or added by hand, is found."""
    answers = [answer for case in ALL for answer in case["answers"]]
    figures = table.counts()
    excepted = sum("exception" in each for each in answers)
    assert (len(answers), excepted) == (figures["rows"], figures["exceptions"])


def test_what_the_rule_demands() -> None:
    """At least 98 % agree, at most 2 % are exceptions, and the rule leaves out at most 10 %."""
    figures = table.counts()
    rows, left_out = figures["rows"], figures["out_of_scope"]
    assert figures["agreeing"] >= 0.98 * rows
    assert figures["exceptions"] <= 0.02 * rows
    assert figures["agreeing"] + figures["exceptions"] == rows
    assert left_out <= 0.1 * (rows + left_out)


def test_each_exception_has_a_reason_in_the_readme() -> None:
    """Exceptions stand in the README."""
    readme = (table.TABLE.parent.parent / "README.md").read_text()
    assert [reason for reason in set(table.exceptions().values()) if reason not in readme] == []
