# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A plan is a value: the current state, the steps, and the resulting state. Nothing here carries it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from .errors import Failure
    from .operations import Operations

StateT = TypeVar("StateT")
StepT = TypeVar("StepT", bound="Step")
ContextT = TypeVar("ContextT")
# Plans are immutable, so a plan with some kinds of steps can be used as a plan with more kinds.
StateT_co = TypeVar("StateT_co", covariant=True)
StepT_co = TypeVar("StepT_co", bound="Step", covariant=True)


class Step(Protocol):
    """One write, with all that it needs."""

    @property
    def operations(self) -> Operations:
        """AWS's names of its calls, each once: mostly one, such as PutBucketEncryption."""


def step_group(step: Step) -> str:
    """The group of a step, such as the region of a replica; empty for the main sequence of steps.

    A failure in a group ends that group only. A step of the main sequence needs all steps before it.
    """
    return str(getattr(step, "group", ""))


@dataclass(frozen=True, slots=True)
class NotThereYet:
    """A bucket or a key that does not exist yet, and that an earlier task of the same play may create.

    `name` is as the task names it, `description` is for a sentence, and `failure` is what ends a real run.
    """

    name: str
    description: str
    failure: Failure

    @property
    def warning(self) -> str:
        """The warning of a check run."""
        return self.warning_in("")

    def warning_in(self, accounts: str) -> str:
        """The warning of a check run for these accounts, in words; empty in a task for one account."""
        where = f" in {accounts}" if accounts else ""
        return f"{self.description} does not exist yet{where}. The real run fails unless an earlier task creates it."


@dataclass(frozen=True, slots=True)
class Plan(Generic[StateT_co, StepT_co]):
    """The steps from `before` to `after`; None where nothing exists. Without steps there is nothing to change.

    `failures` are those of the groups that could not be planned; the steps can be carried out without these groups.
    Failures without steps mean that the whole plan failed. With `not_there_yet`, the plan is computed as if these
    things existed, with AWS's defaults: a real run fails before any write, and a check run warns.
    """

    before: StateT_co | None
    steps: tuple[StepT_co, ...]
    after: StateT_co | None
    warnings: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    not_there_yet: tuple[NotThereYet, ...] = ()

    @property
    def operations(self) -> Operations:
        """The operations of all steps, in their order."""
        return tuple(operation for step in self.steps for operation in step.operations)


@dataclass(frozen=True, slots=True)
class PreparedPlan(Generic[StateT_co, StepT_co, ContextT]):
    """A plan, with the context: what was read that the steps and the result need."""

    plan: Plan[StateT_co, StepT_co]
    context: ContextT

    @classmethod
    def failed(
        cls, failure: Failure, context: ContextT, not_there_yet: tuple[NotThereYet, ...] = ()
    ) -> PreparedPlan[StateT_co, StepT_co, ContextT]:
        """A plan that failed as a whole, with what was read before."""
        return cls(Plan(None, (), None, failures=(failure,), not_there_yet=not_there_yet), context)


@dataclass(frozen=True, slots=True)
class Applied(Generic[ContextT]):
    """A step that was carried out. `context` is for the next steps, and includes what this one returned.

    With a `failure`, the step was carried out, but its result is not the desired one. No further step of its group is
    carried out.
    """

    context: ContextT
    failure: Failure | None = None
