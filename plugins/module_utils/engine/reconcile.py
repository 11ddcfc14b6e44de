# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Read, plan, pass the gate, apply, read back: one run over one resource. The only place that knows of check mode."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol, TypeVar, runtime_checkable

from ..model.errors import Failure, OperationError, combine_failures
from ..model.operations import Operation
from ..model.outcome import Outcome
from ..model.plan import Plan, Replanned, StepT, step_group

StateT = TypeVar("StateT")


class Resource(Protocol[StateT, StepT]):
    """One thing in AWS that is compared with a desire. Each method raises OperationError."""

    def plan(self) -> Plan[StateT, StepT]:
        """Read what is there, with the fewest calls that tell, and plan what to do. Writes nothing."""

    def apply(self, step: StepT) -> None:
        """Make the one write call of a step.

        Raises Replanned instead where it is refused, and another plan, which is then taken, leads to the same end.
        """

    def read_back(self, planned: StateT | None) -> StateT | None:
        """What is there after the steps; raises OperationError where it is not what was asked.

        A resource whose write calls leave nothing to doubt returns `planned`, and spares the call.
        """


@runtime_checkable
class Verifying(Protocol):
    """A resource that looks at what a step made before it takes the next one, which may fail."""

    def verify(self, step: Any) -> None:
        """Raise OperationError where the step that has just been carried out made something else than was asked."""


def reconcile(resource: Resource[StateT, StepT], *, check_mode: bool) -> Outcome[StateT]:
    """Bring one resource to what is asked; in check mode stop at the gate. Failures are in the outcome."""
    try:
        plan = resource.plan()
    except OperationError as error:
        return Outcome(failure=error.failure)
    planned = _foretold(plan)
    if check_mode or not plan.steps:
        return planned
    return _apply(resource, plan, planned)


def _foretold(plan: Plan[StateT, StepT]) -> Outcome[StateT]:
    return Outcome(
        before=plan.before,
        planned=plan.after,
        after=plan.after,
        actions=plan.operations,
        changed=bool(plan.steps),
        failure=combine_failures(plan.failures) if plan.failures else None,
        warnings=plan.warnings,
    )


def _told(failure: Failure) -> Failure:
    if not failure.may_have_been_applied:
        return failure
    message = f"{failure.message} It may have been carried out all the same, which a second run finds out."
    return replace(failure, message=message)


def _apply(resource: Resource[StateT, StepT], plan: Plan[StateT, StepT], planned: Outcome[StateT]) -> Outcome[StateT]:
    done: list[Operation] = []
    failed: dict[str, Failure] = {}
    after: StateT | None = None
    for step in plan.steps:
        branch = step_group(step)
        if branch in failed:
            continue
        if failed and not branch:
            break
        try:
            resource.apply(step)
            done += step.operations
            if isinstance(resource, Verifying):
                resource.verify(step)
        except Replanned as replanned:
            if done:
                raise AssertionError("a plan is left for another one only before anything is written") from replanned
            return _apply(resource, replanned.plan, _foretold(replanned.plan))
        except OperationError as error:
            failed[branch] = _told(error.failure)
            if not branch:
                break
    if not failed:
        try:
            after = resource.read_back(plan.after)
        except OperationError as error:
            failed[""] = _told(error.failure)
    failures = (*failed.values(), *plan.failures)
    return replace(
        planned,
        after=after,
        actions=tuple(done),
        changed=bool(done) or any(failure.may_have_been_applied for failure in failures),
        failure=combine_failures(failures) if failures else None,
    )
