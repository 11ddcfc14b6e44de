# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""One run over one resource: the gate, and what is told of a run that fails in the middle."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.outcome import Outcome
from ansible_collections.sealed.s3.plugins.module_utils.model.plan import Applied, Plan, PreparedPlan

FAILURE = Failure(FailureKind.FORBIDDEN, "No.")
Steps = tuple[str, ...]


@dataclass(frozen=True)
class Write:
    """A step."""

    operation: str
    group: str = ""

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

    def plan(self) -> PreparedPlan[str, Write, Steps]:
        """From old to new, by the steps."""
        self._fail("plan")
        after = "new" if self.steps else "old"
        return PreparedPlan(Plan("old", tuple(Write(name) for name in self.steps), after, ("careful",)), ())

    def apply(self, step: Write, context: Steps) -> Applied[Steps] | PreparedPlan[str, Write, Steps]:
        """Note the step."""
        self._fail(step.operation)
        self.applied.append(step.operation)
        return Applied((*context, step.operation))

    def read_back(self, planned: str | None, context: Steps) -> str | None:
        """The state, with the steps that led to it."""
        self._fail("read back")
        self.looked_back += 1
        return f"{planned} by {', '.join(context)}"

    def _fail(self, place: str) -> None:
        if place == self.fails_at:
            raise OperationError(FAILURE)


def test_nothing_to_do_is_no_change_and_no_second_look() -> None:
    """The state is the one that was read."""
    thing = Thing()
    assert reconcile(thing, check_mode=False) == Outcome("old", "old", "old", warnings=("careful",), context=())
    assert (thing.applied, thing.looked_back) == ([], 0)


def test_a_check_run_stops_at_the_gate() -> None:
    """It tells the plan, and does nothing."""
    thing = Thing(("A", "B"))
    outcome = reconcile(thing, check_mode=True)
    assert outcome == Outcome("old", "new", "new", ("A", "B"), True, None, ("careful",), ())
    assert (thing.applied, thing.looked_back) == ([], 0)


def test_a_real_run_applies_in_order_and_reads_back() -> None:
    """What was planned stays beside what was found."""
    thing = Thing(("A", "B"))
    outcome = reconcile(thing, check_mode=False)
    assert outcome == Outcome("old", "new", "new by A, B", ("A", "B"), True, None, ("careful",), ("A", "B"))
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
    assert outcome == Outcome("old", "new", None, actions, changed, FAILURE, ("careful",), actions)
    assert thing.applied == list(actions)


def test_a_step_that_is_verified_is_done_whatever_comes_of_it() -> None:
    """It was written, and nothing is written after it where it is not what was asked."""

    class Careful(Thing):
        """Finds the second step wanting."""

        def apply(self, step: Write, context: Steps) -> Applied[Steps] | PreparedPlan[str, Write, Steps]:
            """Compare what the step made."""
            applied = super().apply(step, context)
            assert isinstance(applied, Applied)
            return replace(applied, failure=FAILURE) if step.operation == "B" else applied

    thing = Careful(("A", "B", "C"))
    outcome = reconcile(thing, check_mode=False)
    assert outcome == Outcome("old", "new", None, ("A", "B"), True, FAILURE, ("careful",), ("A", "B"))
    assert (thing.applied, thing.looked_back) == (["A", "B"], 0)


def test_another_plan_is_taken_where_a_step_is_refused() -> None:
    """Its steps, its state and its warnings are told."""

    class Flexible(Thing):
        """Knows another way than A."""

        def apply(self, step: Write, context: Steps) -> Applied[Steps] | PreparedPlan[str, Write, Steps]:
            """Note the step."""
            if step.operation == "A":
                return PreparedPlan(Plan("old", (Write("B"),), "newer", ("otherwise",)), ("read again",))
            return super().apply(step, context)

    outcome = reconcile(Flexible(("A",)), check_mode=False)
    assert outcome == Outcome(
        "old", "newer", "newer by read again, B", ("B",), True, None, ("otherwise",), ("read again", "B")
    )


@pytest.mark.parametrize(
    ("fails_at", "applied"),
    [
        pytest.param(
            "A in x", ["B in y"], id="a group ends by itself, and the main sequence does not go on without it"
        ),
        pytest.param("C", ["A in x", "B in y"], id="nothing follows a failure of the main sequence"),
        pytest.param("D in x", ["A in x", "B in y", "C", "E in y"], id="nor another step of its group"),
    ],
)
def test_a_failure_ends_its_group(fails_at: str, applied: list[str]) -> None:
    """Groups are the regions of replicas; a step of the main sequence needs all before it."""
    steps = (Write("A", "x"), Write("B", "y"), Write("C"), Write("D", "x"), Write("F", "x"), Write("E", "y"))

    class Grouped(Thing):
        """Has steps in two groups."""

        def plan(self) -> PreparedPlan[str, Write, Steps]:
            """All of them."""
            return PreparedPlan(Plan("old", steps, "new"), ())

        def apply(self, step: Write, context: Steps) -> Applied[Steps] | PreparedPlan[str, Write, Steps]:
            """Note the step with its group."""
            return super().apply(Write(f"{step.operation} in {step.group}" if step.group else step.operation), context)

    thing = Grouped(fails_at=fails_at)
    assert reconcile(thing, check_mode=False).failure == FAILURE
    assert thing.applied == applied


def test_what_is_no_refusal_is_not_swallowed() -> None:
    """A bug stays one."""

    class Broken(Thing):
        """Raises what no port raises."""

        def apply(self, step: Write, context: Steps) -> Applied[Steps] | PreparedPlan[str, Write, Steps]:
            """Break."""
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        reconcile(Broken(("A",)), check_mode=False)
