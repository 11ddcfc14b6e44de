# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A plan is a value: the current state, the steps, and the resulting state. Nothing here carries it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from .errors import Failure
from .operations import Operations

StateT = TypeVar("StateT")
StepT = TypeVar("StepT", bound="Step")
ContextT = TypeVar("ContextT")


class Step(Protocol):
    """One write, with all that it needs."""

    @property
    def operations(self) -> Operations:
        """AWS's names of its calls, each once: mostly one, such as PutBucketEncryption."""


def step_group(step: Step) -> str:
    """The group of a step, such as the region of a replica; empty for the main sequence.

    A failure in a group ends that group only. A step of the main sequence needs all steps before it.
    """
    return str(getattr(step, "group", ""))


@dataclass(frozen=True, slots=True)
class Plan(Generic[StateT, StepT]):
    """The steps from `before` to `after`; None where nothing exists. No steps: nothing to change.

    `failures` are the groups that could not be planned, or all of it where there are no steps. What is planned can be
    carried out without them.
    """

    before: StateT | None
    steps: tuple[StepT, ...]
    after: StateT | None
    warnings: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()

    @property
    def operations(self) -> Operations:
        """The operations of all steps, in their order."""
        return tuple(operation for step in self.steps for operation in step.operations)


@dataclass(frozen=True, slots=True)
class PreparedPlan(Generic[StateT, StepT, ContextT]):
    """A plan, and what was read for it that its steps and the answer need (`context`)."""

    plan: Plan[StateT, StepT]
    context: ContextT


@dataclass(frozen=True, slots=True)
class Applied(Generic[ContextT]):
    """A step was carried out. `context` is what the next steps need, with what this one returned.

    `failure` says that the step made something else than was asked for. No further step of its group is carried out.
    """

    context: ContextT
    failure: Failure | None = None
