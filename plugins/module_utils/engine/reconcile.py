# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""One run for one resource: read, plan, stop in check mode, apply, read back. The only code that knows check mode."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from ..model.errors import Failure, OperationError, assert_never, combine_failures
from ..model.outcome import Outcome
from ..model.plan import Applied, ContextT, Plan, PreparedPlan, StateT, StepT, step_group

if TYPE_CHECKING:
    from ..model.operations import Operation


class Resource(Protocol[StateT, StepT, ContextT]):
    """One resource that is compared with its desired state. It is immutable: what a run finds is in the context.

    Every method may raise OperationError.
    """

    def plan(self) -> PreparedPlan[StateT, StepT, ContextT]:
        """Read the current state with as few calls as possible, and plan. Writes nothing.

        A bucket or key that does not exist, and that another task can create, is in the plan's `not_there_yet`.
        """

    def apply(self, step: StepT, context: ContextT) -> Applied[ContextT] | PreparedPlan[StateT, StepT, ContextT]:
        """Carry out one step; or return another plan, if the step was refused and has written nothing.

        The other plan replaces the current one, so only the first step may return one.
        """

    def read_back(self, planned: StateT | None, context: ContextT) -> StateT | None:
        """The state after the steps; raises OperationError if it is not the desired one.

        If a successful write guarantees the result, this returns `planned` to save a read.
        """


@dataclass
class _Progress:
    """The steps that were carried out so far, and the groups that failed."""

    done: list[Operation] = field(default_factory=list)
    failed: dict[str, Failure] = field(default_factory=dict)

    def fail(self, group: str, failure: Failure) -> None:
        """Record the failure of a group. For an uncertain write, the message says that a second run finds out."""
        if failure.may_have_been_applied:
            message = f"{failure.message} It may have been carried out all the same: a second run finds out."
            failure = replace(failure, message=message)
        self.failed[group] = failure

    def ends_before(self, group: str) -> bool:
        """Whether no further step is carried out: the main sequence failed, or its next step follows a failed group."""
        return "" in self.failed or (bool(self.failed) and not group)


def reconcile(resource: Resource[StateT, StepT, ContextT], *, check_mode: bool) -> Outcome[StateT, ContextT]:
    """Bring one resource to its desired state; in check mode, only plan. Failures are in the outcome.

    Only a check run goes on with a plan that needs what does not exist yet.
    """
    try:
        prepared = resource.plan()
    except OperationError as error:
        return Outcome(failure=error.failure)
    if prepared.plan.not_there_yet and not check_mode:
        return Outcome(failure=prepared.plan.not_there_yet[0].failure, context=prepared.context)
    if check_mode or not prepared.plan.steps:
        return _expected(prepared)
    return _apply(resource, prepared)


def _expected(prepared: PreparedPlan[StateT, StepT, ContextT]) -> Outcome[StateT, ContextT]:
    """The outcome of a plan if all its steps succeed."""
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
        not_there_yet=plan.not_there_yet,
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
    changed = bool(progress.done) or any(failure.may_have_been_applied for failure in failures)
    return replace(
        _expected(prepared),
        after=after,
        actions=tuple(progress.done),
        changed=changed,
        failure=combine_failures(failures) if failures else None,
        # Warnings are about the effects of the steps. If none of them was carried out, they would not be true.
        warnings=plan.warnings if changed else (),
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
