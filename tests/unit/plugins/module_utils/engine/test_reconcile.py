# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""One run over one resource: the gate, and what is told of a run that fails in the middle."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.outcome import Outcome
from ansible_collections.sealed.s3.plugins.module_utils.model.plan import Plan, Replanned

FAILURE = Failure(FailureKind.FORBIDDEN, "No.")


@dataclass(frozen=True)
class Write:
    """A step."""

    operation: str

    @property
    def operations(self) -> tuple[str, ...]:
        """The one."""
        return (self.operation,)


@dataclass
class Thing:
    """A resource whose state is a text."""

    steps: tuple[str, ...] = ()
    fails_at: str = ""
    applied: list[str] = field(default_factory=list)
    looked_back: int = 0

    def plan(self) -> Plan[str, Write]:
        """From old to new, by the steps."""
        self._fail("plan")
        return Plan("old", tuple(Write(name) for name in self.steps), "new" if self.steps else "old", ("careful",))

    def apply(self, step: Write) -> None:
        """Note the step."""
        self._fail(step.operation)
        self.applied.append(step.operation)

    def read_back(self, planned: str | None) -> str | None:
        """What is there."""
        self._fail("read back")
        self.looked_back += 1
        return f"{planned}, as it is"

    def _fail(self, place: str) -> None:
        if place == self.fails_at:
            raise OperationError(FAILURE)


def test_nothing_to_do_is_no_change_and_no_second_look() -> None:
    """The state is the one that was read."""
    thing = Thing()
    assert reconcile(thing, check_mode=False) == Outcome("old", "old", "old", warnings=("careful",))
    assert (thing.applied, thing.looked_back) == ([], 0)


def test_a_check_run_stops_at_the_gate() -> None:
    """It tells the plan, and does nothing."""
    thing = Thing(("A", "B"))
    outcome = reconcile(thing, check_mode=True)
    assert outcome == Outcome("old", "new", "new", ("A", "B"), True, None, ("careful",))
    assert (thing.applied, thing.looked_back) == ([], 0)


def test_a_real_run_applies_in_order_and_reads_back() -> None:
    """What was planned stays beside what was found."""
    thing = Thing(("A", "B"))
    outcome = reconcile(thing, check_mode=False)
    assert outcome == Outcome("old", "new", "new, as it is", ("A", "B"), True, None, ("careful",))
    assert (thing.applied, thing.looked_back) == (["A", "B"], 1)


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_failure_of_the_plan_changes_nothing(check_mode: bool) -> None:
    """It is a value, not an exception."""
    assert reconcile(Thing(("A",), "plan"), check_mode=check_mode) == Outcome(failure=FAILURE)


@pytest.mark.parametrize(
    ("fails_at", "actions", "changed"),
    [("A", (), False), ("B", ("A",), True), ("C", ("A", "B"), True), ("read back", ("A", "B", "C"), True)],
)
def test_a_failure_on_the_way_keeps_what_was_done(fails_at: str, actions: tuple[str, ...], changed: bool) -> None:
    """`changed` is true if anything was written, also when the task fails."""
    thing = Thing(("A", "B", "C"), fails_at)
    outcome = reconcile(thing, check_mode=False)
    assert outcome == Outcome("old", "new", None, actions, changed, FAILURE, ("careful",))
    assert thing.applied == list(actions)


def test_a_step_that_is_verified_is_done_whatever_comes_of_it() -> None:
    """It was written, and nothing is written after it where it is not what was asked."""

    class Careful(Thing):
        """Finds the second step wanting."""

        def verify(self, step: Write) -> None:
            """Look."""
            self._fail(f"after {step.operation}")

    thing = Careful(("A", "B", "C"), "after B")
    outcome = reconcile(thing, check_mode=False)
    assert outcome == Outcome("old", "new", None, ("A", "B"), True, FAILURE, ("careful",))
    assert (thing.applied, thing.looked_back) == (["A", "B"], 0)


def test_another_plan_is_taken_where_a_step_is_refused() -> None:
    """Its steps, its state and its warnings are told."""

    class Flexible(Thing):
        """Knows another way than A."""

        def apply(self, step: Write) -> None:
            """Note the step."""
            if step.operation == "A":
                raise Replanned(Plan("old", (Write("B"),), "newer", ("otherwise",)))
            super().apply(step)

    outcome = reconcile(Flexible(("A",)), check_mode=False)
    assert outcome == Outcome("old", "newer", "newer, as it is", ("B",), True, None, ("otherwise",))


def test_what_is_no_refusal_is_not_swallowed() -> None:
    """A bug stays one."""

    class Broken(Thing):
        """Raises what no port raises."""

        def apply(self, step: Write) -> None:
            """Break."""
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        reconcile(Broken(("A",)), check_mode=False)
