# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The steps that change one KMS key, each with all parameters of its call."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, ClassVar, Union

from ..errors import assert_never
from ..plan import Plan
from .key_origin import DesiredOrigin
from .key_state import KeyState

if TYPE_CHECKING:
    from ..operations import AliasOperation, KeyStateOperation, Operations, RotationOperation
    from ..tags import Tags


@dataclass(frozen=True, slots=True)
class CreateKey:
    """Create the key with its policy and tags. `bypass_lockout_check`: KMS does not check the policy for a lockout."""

    description: str
    policy: str | None
    tags: Tags
    creation_options: DesiredOrigin = DesiredOrigin()
    bypass_lockout_check: bool = False
    operations: ClassVar[Operations] = ("CreateKey",)


@dataclass(frozen=True, slots=True)
class SetAlias:
    """Set the alias of the key: CreateAlias for a new alias, UpdateAlias for an alias of another key."""

    alias: str
    operation: AliasOperation

    @property
    def operations(self) -> Operations:
        """The operation of this step."""
        return (self.operation,)


@dataclass(frozen=True, slots=True)
class SetState:
    """CancelKeyDeletion, EnableKey or DisableKey."""

    operation: KeyStateOperation

    @property
    def operations(self) -> Operations:
        """The operation of this step."""
        return (self.operation,)


@dataclass(frozen=True, slots=True)
class UpdateKeyDescription:
    """Set the description."""

    description: str
    operations: ClassVar[Operations] = ("UpdateKeyDescription",)


@dataclass(frozen=True, slots=True)
class PutKeyPolicy:
    """Replace the whole policy. `bypass_lockout_check`: KMS does not check it for a lockout.

    `locks_out`: the caller can do nothing more with the key after this step, so it is the last one.
    """

    policy: str
    bypass_lockout_check: bool = False
    locks_out: bool = False
    operations: ClassVar[Operations] = ("PutKeyPolicy",)


@dataclass(frozen=True, slots=True)
class SetRotation:
    """EnableKeyRotation, which also sets the period, or DisableKeyRotation.

    `keeps_period`: with the period that KMS reports when the step is carried out. While a deletion is pending, KMS does
    not report it.
    """

    period_in_days: int | None
    operation: RotationOperation
    keeps_period: bool = False

    @property
    def operations(self) -> Operations:
        """The operation of this step."""
        return (self.operation,)


@dataclass(frozen=True, slots=True)
class RotateKeyOnDemand:
    """Replace the key material now: by new material, or by imported material that is pending."""

    operations: ClassVar[Operations] = ("RotateKeyOnDemand",)


@dataclass(frozen=True, slots=True)
class TagResource:
    """Set these tags."""

    tags: Tags
    operations: ClassVar[Operations] = ("TagResource",)


@dataclass(frozen=True, slots=True)
class UntagResource:
    """Remove these tags."""

    keys: tuple[str, ...]
    operations: ClassVar[Operations] = ("UntagResource",)


KeyStep = Union[
    CreateKey,
    SetAlias,
    SetState,
    UpdateKeyDescription,
    PutKeyPolicy,
    SetRotation,
    RotateKeyOnDemand,
    TagResource,
    UntagResource,
]
KeyPlan = Plan[KeyState, KeyStep]


def written_policy(plan: KeyPlan) -> str | None:
    """The policy that a plan writes; None if it writes none."""
    return next((policy for policy in map(_policy_of, plan.steps) if policy), None)


def with_policy_last(steps: tuple[KeyStep, ...]) -> tuple[KeyStep, ...]:
    """The steps in an order in which the policy, which locks out the caller, is written last.

    A new key has KMS's default policy until then: its alias and tags could not be set any more.
    """
    others: list[KeyStep] = []
    last: list[KeyStep] = []
    for step in steps:
        match step:
            case CreateKey():
                others.append(replace(step, policy=None, bypass_lockout_check=False))
                if step.policy:
                    last.append(PutKeyPolicy(step.policy, step.bypass_lockout_check, locks_out=True))
            case PutKeyPolicy():
                last.append(replace(step, locks_out=True))
            case (
                SetAlias()
                | SetState()
                | UpdateKeyDescription()
                | SetRotation()
                | RotateKeyOnDemand()
                | TagResource()
                | UntagResource()
            ):
                others.append(step)
            case _:
                assert_never(step)
    return (*others, *last)


def prevents_replication(step: KeyStep) -> bool:
    """Whether the key cannot be replicated after this step: it is disabled, or the caller is locked out."""
    match step:
        case SetState():
            return step.operation == "DisableKey"
        case PutKeyPolicy():
            return step.locks_out
        case (
            CreateKey()
            | SetAlias()
            | UpdateKeyDescription()
            | SetRotation()
            | RotateKeyOnDemand()
            | TagResource()
            | UntagResource()
        ):
            return False
        case _:
            assert_never(step)


def _policy_of(step: KeyStep) -> str | None:
    match step:
        case CreateKey() | PutKeyPolicy():
            return step.policy
        case (
            SetAlias()
            | SetState()
            | UpdateKeyDescription()
            | SetRotation()
            | RotateKeyOnDemand()
            | TagResource()
            | UntagResource()
        ):
            return None
        case _:
            assert_never(step)


class Part(Enum):
    """The parts of a key, by the operation that reads them."""

    METADATA = "DescribeKey"
    POLICY = "GetKeyPolicy"
    ROTATION = "GetKeyRotationStatus"
    MATERIAL = "ListKeyRotations"
    TAGS = "ListResourceTags"


def part_of(step: KeyStep) -> Part:
    """The part that a step writes."""
    match step:
        case CreateKey() | SetAlias() | SetState() | UpdateKeyDescription():
            return Part.METADATA
        case PutKeyPolicy():
            return Part.POLICY
        case SetRotation():
            return Part.ROTATION
        case RotateKeyOnDemand():
            return Part.MATERIAL
        case TagResource() | UntagResource():
            return Part.TAGS
        case _:
            assert_never(step)


def has_to_propagate(step: KeyStep) -> bool:
    """Whether KMS may refuse the next steps for some seconds: a new key or key state has to propagate first."""
    match step:
        case CreateKey() | SetState():
            return True
        case (
            SetAlias()
            | UpdateKeyDescription()
            | PutKeyPolicy()
            | SetRotation()
            | RotateKeyOnDemand()
            | TagResource()
            | UntagResource()
        ):
            return False
        case _:
            assert_never(step)


def alias_of(step: KeyStep) -> str | None:
    """The alias that a step sets; None if it sets none."""
    match step:
        case SetAlias():
            return step.alias
        case (
            CreateKey()
            | SetState()
            | UpdateKeyDescription()
            | PutKeyPolicy()
            | SetRotation()
            | RotateKeyOnDemand()
            | TagResource()
            | UntagResource()
        ):
            return None
        case _:
            assert_never(step)
