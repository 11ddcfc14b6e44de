# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""One run for one resource: check mode, and the report of a run that fails halfway."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.operations import Operation, Operations
from ansible_collections.sealed.s3.plugins.module_utils.model.outcome import Outcome
from ansible_collections.sealed.s3.plugins.module_utils.model.plan import Applied, NotThereYet, Plan, PreparedPlan

FAILURE = Failure(FailureKind.FORBIDDEN, "No.")
PLAN, READ_BACK = "plan", "read back"
THREE_STEPS: Operations = ("CreateKey", "TagResource", "CreateAlias")


@dataclass(frozen=True)
class Write:
    """A step with one operation."""

    operation: Operation
    group: str = ""

    @property
    def operations(self) -> Operations:
        """The one operation."""
        return (self.operation,)


ThingPlan = PreparedPlan[str, Write, Operations]


@dataclass
class TextResource:
    """A resource whose state is a string. Its context is the operations that were applied.

    `applied` and `read_backs` record the calls. `fails_at` is an operation, or `PLAN`, or `READ_BACK`.
    """

    operations: Operations = ()
    fails_at: str = ""
    applied: list[Write] = field(default_factory=list)
    read_backs: int = 0

    def plan(self) -> ThingPlan:
        """A plan from "old" to "new" with the operations."""
        self._fail(PLAN)
        after = "new" if self.operations else "old"
        return PreparedPlan(Plan("old", tuple(map(Write, self.operations)), after, ("careful",)), ())

    def apply(self, step: Write, context: Operations) -> Applied[Operations] | ThingPlan:
        """Record the step."""
        self._fail(step.operation)
        self.applied.append(step)
        return Applied((*context, step.operation))

    def read_back(self, planned: str | None, context: Operations) -> str | None:
        """The state, with the operations that led to it."""
        self._fail(READ_BACK)
        self.read_backs += 1
        return f"{planned} by {', '.join(context)}"

    def _fail(self, place: str) -> None:
        if place == self.fails_at:
            raise OperationError(FAILURE)


def written(thing: TextResource) -> Operations:
    """The operations that a resource has applied."""
    return tuple(step.operation for step in thing.applied)


def test_a_plan_without_steps_changes_nothing_and_reads_nothing_back() -> None:
    """The state is the one that was read."""
    thing = TextResource()
    assert reconcile(thing, check_mode=False) == Outcome("old", "old", "old", warnings=("careful",), context=())
    assert (thing.applied, thing.read_backs) == ([], 0)


def test_a_check_run_applies_nothing() -> None:
    """It reports the plan."""
    thing = TextResource(THREE_STEPS)
    outcome = reconcile(thing, check_mode=True)
    assert outcome == Outcome("old", "new", "new", THREE_STEPS, True, None, ("careful",), ())
    assert (thing.applied, thing.read_backs) == ([], 0)


def test_a_real_run_applies_in_order_and_reads_back() -> None:
    """The planned state and the state that was read back are both in the outcome."""
    thing = TextResource(("CreateKey", "CreateAlias"))
    outcome = reconcile(thing, check_mode=False)
    done: Operations = ("CreateKey", "CreateAlias")
    after = "new by CreateKey, CreateAlias"
    assert outcome == Outcome("old", "new", after, done, True, None, ("careful",), done)
    assert (written(thing), thing.read_backs) == (done, 1)


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_failure_of_the_plan_changes_nothing(check_mode: bool) -> None:
    """It is a value, not an exception."""
    assert reconcile(TextResource(THREE_STEPS, PLAN), check_mode=check_mode) == Outcome(failure=FAILURE)


def test_only_a_check_run_goes_on_without_what_does_not_exist_yet() -> None:
    """A real run fails before any write, with the first failure. A check run names all of it."""
    missing = (NotThereYet("one", "The bucket one", FAILURE), NotThereYet("two", "The key two", FAILURE))

    class NeedsMore(TextResource):
        """Plans with two things that do not exist."""

        def plan(self) -> ThingPlan:
            """The same plan, as if they existed."""
            prepared = super().plan()
            return replace(prepared, plan=replace(prepared.plan, not_there_yet=missing))

    thing = NeedsMore(THREE_STEPS)
    outcome = reconcile(thing, check_mode=True)
    assert (outcome.failure, outcome.planned, outcome.actions) == (None, "new", THREE_STEPS)
    assert outcome.not_there_yet == missing
    assert missing[0].warning == (
        "The bucket one does not exist yet. The real run fails unless an earlier task creates it."
    )
    for operations in (THREE_STEPS, ()):
        assert reconcile(NeedsMore(operations), check_mode=False) == Outcome(failure=FAILURE, context=())
    assert (thing.applied, thing.read_backs) == ([], 0)


@pytest.mark.parametrize("check_mode", [True, False])
def test_the_context_of_a_failed_plan_is_returned(check_mode: bool) -> None:
    """The failure is a value of the plan."""

    class FailsToPlan(TextResource):
        """Finds something, but cannot plan."""

        def plan(self) -> ThingPlan:
            """A failure, and a context."""
            return PreparedPlan(Plan(None, (), None, failures=(FAILURE,)), ("CreateKey",))

    assert reconcile(FailsToPlan(), check_mode=check_mode) == Outcome(failure=FAILURE, context=("CreateKey",))


@pytest.mark.parametrize(
    ("fails_at", "number", "changed"),
    [("CreateKey", 0, False), ("TagResource", 1, True), ("CreateAlias", 2, True), (READ_BACK, 3, True)],
)
def test_a_failure_halfway_reports_the_applied_steps(fails_at: str, number: int, changed: bool) -> None:
    """`changed` is true if anything was written, also when the task fails. Without a write, no effect is warned of."""
    thing = TextResource(THREE_STEPS, fails_at)
    done = THREE_STEPS[:number]
    outcome = reconcile(thing, check_mode=False)
    warnings = ("careful",) if changed else ()
    assert outcome == Outcome("old", "new", None, done, changed, FAILURE, warnings, done)
    assert written(thing) == done


def test_a_step_with_a_wrong_result_is_reported_and_ends_the_run() -> None:
    """It is among the actions; no further step is applied."""

    class Wrong(TextResource):
        """The second step has another result than planned."""

        def apply(self, step: Write, context: Operations) -> Applied[Operations] | ThingPlan:
            """Check the result of the step."""
            applied = super().apply(step, context)
            assert isinstance(applied, Applied)
            return replace(applied, failure=FAILURE) if step.operation == "TagResource" else applied

    thing = Wrong(THREE_STEPS)
    done = THREE_STEPS[:2]
    outcome = reconcile(thing, check_mode=False)
    assert outcome == Outcome("old", "new", None, done, True, FAILURE, ("careful",), done)
    assert (written(thing), thing.read_backs) == (done, 0)


def test_a_refused_first_step_can_return_another_plan() -> None:
    """The outcome has the steps, the state, the warnings and the context of the other plan."""

    class Flexible(TextResource):
        """Has an alternative to CreateAlias."""

        def apply(self, step: Write, context: Operations) -> Applied[Operations] | ThingPlan:
            """Record the step, or return the other plan."""
            if step.operation == "CreateAlias":
                return PreparedPlan(Plan("old", (Write("UpdateAlias"),), "newer", ("otherwise",)), ("EnableKey",))
            return super().apply(step, context)

    outcome = reconcile(Flexible(("CreateAlias",)), check_mode=False)
    assert outcome == Outcome(
        before="old",
        planned="newer",
        after="newer by EnableKey, UpdateAlias",
        actions=("UpdateAlias",),
        changed=True,
        warnings=("otherwise",),
        context=("EnableKey", "UpdateAlias"),
    )


def test_another_plan_after_a_write_is_a_bug() -> None:
    """What was written would be missing from the outcome."""

    class Late(TextResource):
        """Returns another plan from its second step."""

        def apply(self, step: Write, context: Operations) -> Applied[Operations] | ThingPlan:
            """Record the first step."""
            return super().apply(step, context) if not context else self.plan()

    with pytest.raises(AssertionError, match="before anything is written"):
        reconcile(Late(THREE_STEPS), check_mode=False)


GROUPED = (
    Write("CreateAlias", "x"),
    Write("TagResource", "y"),
    Write("PutKeyPolicy"),
    Write("EnableKey", "x"),
    Write("EnableKeyRotation", "x"),
    Write("UntagResource", "y"),
)


@pytest.mark.parametrize(
    ("fails_at", "applied"),
    [
        pytest.param(
            "CreateAlias",
            ["TagResource"],
            id="the other group continues, the main sequence does not",
        ),
        pytest.param("PutKeyPolicy", ["CreateAlias", "TagResource"], id="nothing follows the main sequence's failure"),
        pytest.param(
            "EnableKey",
            ["CreateAlias", "TagResource", "PutKeyPolicy", "UntagResource"],
            id="no further step of the failed group",
        ),
    ],
)
def test_a_failure_ends_its_group(fails_at: str, applied: list[str]) -> None:
    """Groups are the regions of replicas; a step of the main sequence needs all steps before it."""

    class Grouped(TextResource):
        """Has steps in two groups."""

        def plan(self) -> ThingPlan:
            """All of them."""
            return PreparedPlan(Plan("old", GROUPED, "new"), ())

    thing = Grouped(fails_at=fails_at)
    assert reconcile(thing, check_mode=False).failure == FAILURE
    assert list(written(thing)) == applied


def test_other_exceptions_are_not_caught() -> None:
    """An exception that is not an OperationError is a bug, and is raised."""

    class Broken(TextResource):
        """Raises an exception that no port raises."""

        def apply(self, step: Write, context: Operations) -> Applied[Operations] | ThingPlan:
            """Raise."""
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        reconcile(Broken(THREE_STEPS), check_mode=False)
