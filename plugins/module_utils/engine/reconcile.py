# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Read, plan, pass the gate, apply, read back: one run for one resource. The only place that knows of check mode."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Protocol

from ..model.errors import Failure, OperationError, assert_never, combine_failures
from ..model.operations import Operation
from ..model.outcome import Outcome
from ..model.plan import Applied, ContextT, Plan, PreparedPlan, StateT, StepT, step_group


class Resource(Protocol[StateT, StepT, ContextT]):
    """One resource of AWS that is compared with its desired state. It keeps nothing: a run hands its context on.

    Every method raises OperationError.
    """

    def plan(self) -> PreparedPlan[StateT, StepT, ContextT]:
        """Read the current state with the fewest calls that suffice, and plan. Writes nothing."""

    def apply(self, step: StepT, context: ContextT) -> Applied[ContextT] | PreparedPlan[StateT, StepT, ContextT]:
        """Carry out one step; or return another plan, where the step was refused and has written nothing.

        The other plan replaces this one, so only the first step may return one.
        """

    def read_back(self, planned: StateT | None, context: ContextT) -> StateT | None:
        """The state after the steps; raises OperationError where it is not the desired one.

        If a successful write guarantees the result, this returns `planned`, which saves a call.
        """


@dataclass
class _Progress:
    """What was carried out of a plan so far."""

    done: list[Operation] = field(default_factory=list)
    failed: dict[str, Failure] = field(default_factory=dict)

    def fail(self, group: str, failure: Failure) -> None:
        """Note the failure of a group of steps, and that a second run resolves a doubt."""
        if failure.may_have_been_applied:
            message = f"{failure.message} It may have been carried out all the same, which a second run finds out."
            failure = replace(failure, message=message)
        self.failed[group] = failure

    def ends_before(self, group: str) -> bool:
        """Whether nothing more is carried out: the main sequence failed, or would go on without a group that did."""
        return "" in self.failed or (bool(self.failed) and not group)


def reconcile(resource: Resource[StateT, StepT, ContextT], *, check_mode: bool) -> Outcome[StateT, ContextT]:
    """Bring one resource to its desired state; in check mode stop at the gate. Failures are in the outcome."""
    try:
        prepared = resource.plan()
    except OperationError as error:
        return Outcome(failure=error.failure)
    if check_mode or not prepared.plan.steps:
        return _expected(prepared)
    return _apply(resource, prepared)


def _expected(prepared: PreparedPlan[StateT, StepT, ContextT]) -> Outcome[StateT, ContextT]:
    """The outcome of a plan whose steps all succeed."""
    plan = prepared.plan
    return Outcome(
        before=plan.before,
        planned=plan.after,
        after=plan.after,
        actions=plan.operations,
        changed=bool(plan.steps),
        failure=combine_failures(plan.failures) if plan.failures else None,
        warnings=plan.warnings,
        context=prepared.context,
    )


def _apply(
    resource: Resource[StateT, StepT, ContextT], prepared: PreparedPlan[StateT, StepT, ContextT]
) -> Outcome[StateT, ContextT]:
    plan, context, progress = prepared.plan, prepared.context, _Progress()
    for step in plan.steps:
        group = step_group(step)
        if progress.ends_before(group):
            break
        if group in progress.failed:
            continue
        try:
            applied = resource.apply(step, context)
        except OperationError as error:
            progress.fail(group, error.failure)
            continue
        match applied:
            case Applied():
                context = applied.context
                progress.done += step.operations
                if applied.failure:
                    progress.fail(group, applied.failure)
            case PreparedPlan():
                if progress.done:
                    raise AssertionError("a plan is replaced only before anything is written")
                return _apply(resource, applied)
            case _:
                assert_never(applied)
    after = _read_back(resource, plan, context, progress)
    failures = (*progress.failed.values(), *plan.failures)
    return replace(
        _expected(prepared),
        after=after,
        actions=tuple(progress.done),
        changed=bool(progress.done) or any(failure.may_have_been_applied for failure in failures),
        failure=combine_failures(failures) if failures else None,
        context=context,
    )


def _read_back(
    resource: Resource[StateT, StepT, ContextT], plan: Plan[StateT, StepT], context: ContextT, progress: _Progress
) -> StateT | None:
    if progress.failed:
        return None
    try:
        return resource.read_back(plan.after, context)
    except OperationError as error:
        progress.fail("", error.failure)
        return None
