# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Reading a key after its change, until KMS shows what was written: its reads are eventually consistent.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/accessing-kms.html#programming-eventual-consistency
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from ...model.errors import Failure, FailureKind, OperationError
from ...model.iam.policy_document import same_policy
from ...model.keys.concurrent_changes import Reported, Written, foreign_change, overwritten
from ...model.keys.desired_key import DesiredKey, KeyReading, PolicyScope
from ...model.keys.key_steps import KeyStep, Part, alias_of, part_of
from ...model.keys.kms_key import plan_kms_key
from .key_reading import read_material
from .waiters import CONSISTENCY_DELAYS, Waiter

if TYPE_CHECKING:
    from ...aws.keys.ports import KmsPort
    from ...model.keys.key_state import KeyState
    from ...model.operations import Operations
    from ..clock import Clock

PartT = TypeVar("PartT")


def wait_until_visible(
    written: Written, steps: tuple[KeyStep, ...], desired: DesiredKey, kms: KmsPort, waiter: Waiter
) -> None:
    """Return when consecutive reads show the key as these steps have written it.

    Raises OperationError if they do not after a minute, or as soon as they show that another client has overwritten it.
    """
    check = _VisibilityCheck(written, steps, desired, kms, waiter.clock)
    found = waiter.wait_until_consistent(check.compare, lambda each: not each.pending, lambda each: bool(each.foreign))
    arn = written.after.arn or ""
    if found.pending and found.foreign:
        raise OperationError(overwritten(arn, found.foreign))
    if found.pending:
        raise OperationError(
            Failure(
                FailureKind.UNVERIFIED,
                f"The key {arn} was changed, but after {sum(CONSISTENCY_DELAYS):.0f} seconds KMS still reports "
                f"its state before {', '.join(found.pending)}.",
                "Run the task again in some minutes. If the failure remains, another client changes the key back, or "
                "this store does not keep the change.",
                resource=arn,
            )
        )


@dataclass(frozen=True, slots=True)
class _Comparison:
    """The operations whose effect KMS does not report, and what another client has written in their place."""

    pending: Operations = ()
    foreign: tuple[str, ...] = ()


@dataclass(frozen=True)
class _VisibilityCheck:
    """Compares the parts of a key that were written with what KMS reports.

    A part is as written if a plan for it has no more steps.
    """

    states: Written
    steps: tuple[KeyStep, ...]
    desired: DesiredKey
    kms: KmsPort
    clock: Clock

    @property
    def written(self) -> KeyState:
        """The key as the steps have written it."""
        return self.states.after

    def compare(self) -> _Comparison:
        """Read the parts that were written, and compare them."""
        try:
            reported = self._read()
        except OperationError as error:
            if error.failure.kind is FailureKind.ABSENT:
                return _Comparison(_operations(self.steps))
            return _Comparison()  # it is not readable, and the writes have succeeded
        reading = KeyReading(reported.key, PolicyScope.of_key(self.written.arn or ""), read_at=self.clock.now())
        try:
            planned = plan_kms_key(self.desired, reading).steps
        except OperationError:
            return _Comparison(_operations(self.steps))
        pending = tuple(step for step in planned if not self._is_policy_written(step, reported.key))
        foreign = (foreign_change(step, self.states, reported) for step in pending)
        # Several steps can write one part, such as the tags.
        return _Comparison(_operations(pending), tuple(dict.fromkeys(each for each in foreign if each)))

    def _is_policy_written(self, step: KeyStep, reported: KeyState) -> bool:
        """Whether the step writes the policy, and KMS reports the policy that this run has written.

        The next run may write it again: with ARNs in place of ids of deleted principals.
        """
        if part_of(step) is not Part.POLICY or not (reported.policy and self.written.policy):
            return False
        return same_policy(reported.policy, self.written.policy)

    def _read(self) -> Reported:
        kms, written, key_id = self.kms, self.written, self.written.key_id or ""
        parts = {part_of(step) for step in self.steps}

        def read(part: Part, call: Callable[[], PartT], otherwise: PartT) -> PartT:
            """A part that was written, if the caller may read it."""
            if part not in parts:
                return otherwise
            try:
                return call()
            except OperationError as error:
                if error.failure.kind is not FailureKind.FORBIDDEN:
                    raise
                return otherwise

        reported = read(Part.METADATA, self._read_metadata, Reported(written))
        key = replace(
            reported.key,
            policy=read(Part.POLICY, lambda: kms.get_key_policy(key_id), written.policy),
            rotation=read(Part.ROTATION, lambda: kms.get_key_rotation_status(key_id), written.rotation),
            tags=read(Part.TAGS, lambda: kms.list_resource_tags(key_id), written.tags),
            material=read(
                Part.MATERIAL,
                lambda: read_material(replace(written, rotation=None), self.desired, kms, self.clock.now()),
                written.material,
            ),
        )
        return replace(reported, key=key)

    def _read_metadata(self) -> Reported:
        """DescribeKey; by the alias if a step has set it, which also shows the key that the alias refers to."""
        written = self.written
        alias = next(filter(None, map(alias_of, self.steps)), None)
        reported = self.kms.get_key(alias or written.key_id or "")
        if reported.key_id == written.key_id:
            return Reported(replace(reported, aliases=written.aliases), written.key_id)
        others = tuple(name for name in written.aliases if name != alias)
        return Reported(replace(written, aliases=others), reported.key_id)


def _operations(steps: tuple[KeyStep, ...]) -> Operations:
    return tuple(operation for step in steps for operation in step.operations)
