# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A plan is a value: what is, what to do, and what will be. Nothing here does it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from .errors import Failure
from .operations import Operations

StateT = TypeVar("StateT")
StepT = TypeVar("StepT", bound="Step")


class Step(Protocol):
    """One write, with all that it needs."""

    @property
    def operations(self) -> Operations:
        """AWS's names of its calls, each once: mostly one, such as PutBucketEncryption."""


def step_group(step: Step) -> str:
    """The branch that a step is on, such as a replica's region; empty for the trunk.

    A failure on a branch ends that branch and leaves the others. What comes on the trunk presupposes all before it.
    """
    return str(getattr(step, "branch", ""))


@dataclass(frozen=True, slots=True)
class Plan(Generic[StateT, StepT]):
    """The way from `before` to `after`; None where there is nothing. No steps: nothing to change.

    `failures` are branches that could not be planned. The plan for all else is good without them.
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


class Replanned(Exception):
    """Raised for a step that was refused, and has written nothing, where there is another way to the same end."""

    def __init__(self, plan: Plan[Any, Any]) -> None:
        super().__init__("another plan leads to the same end")
        self.plan = plan
