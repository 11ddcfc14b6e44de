# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Reading a key after its change, until KMS tells what was written: its reads are eventually consistent.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/accessing-kms.html#programming-eventual-consistency
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from ...aws.keys.ports import KmsPort
from ...model.errors import Failure, FailureKind, OperationError
from ...model.iam.policy_document import same_policy
from ...model.keys.desired_key import DesiredKey, KeyReading
from ...model.keys.key_policy import PolicyScope
from ...model.keys.key_rotation import KeyMaterial
from ...model.keys.key_state import KeyState
from ...model.keys.key_steps import KeyStep, Part, alias_of, part_of
from ...model.keys.kms_key import plan_kms_key
from ...model.operations import Operations
from .waiters import WAITS, until_agreed

PartT = TypeVar("PartT")


@dataclass(frozen=True)
class KeyReadBack:
    """The parts of a key that a run has written, read again. A part agrees when the plan for it has no more steps."""

    desired: DesiredKey
    kms: KmsPort
    clock: Callable[[], datetime]
    read_material: Callable[[KeyState], KeyMaterial | None]

    def await_known(self, written: KeyState, steps: tuple[KeyStep, ...]) -> None:
        """Return when several reads in a row tell the key as it was written; raises OperationError after a minute."""
        left = until_agreed(lambda: self._left(written, steps), lambda left: left == ())
        if left:
            raise OperationError(
                Failure(
                    FailureKind.UNVERIFIED,
                    f"The key {written.arn} was changed, but for {sum(WAITS):.0f} seconds KMS goes on telling what it "
                    f"was before {', '.join(left)}.",
                    "Run the task again in some minutes. A store that still tells it then does not keep the change.",
                    resource=written.arn or "",
                )
            )

    def _left(self, written: KeyState, steps: tuple[KeyStep, ...]) -> Operations:
        """The operations whose effect is not to be seen."""
        try:
            seen = self._read(written, steps)
        except OperationError as error:
            if error.failure.kind is FailureKind.ABSENT:
                return _operations(steps)
            return ()  # it cannot be read, and was written
        reading = KeyReading(seen, PolicyScope.of_key(written.arn or ""), read_at=self.clock())
        try:
            left = plan_kms_key(self.desired, reading).steps
        except OperationError:
            return _operations(steps)
        return _operations(tuple(step for step in left if not _is_told(step, seen, written)))

    def _read(self, written: KeyState, steps: tuple[KeyStep, ...]) -> KeyState:
        kms, key_id = self.kms, written.key_id or ""

        parts = {part_of(step) for step in steps}

        def read(part: Part, look: Callable[[], PartT], otherwise: PartT) -> PartT:
            """A part that was written, as far as these credentials may read it."""
            if part not in parts:
                return otherwise
            try:
                return look()
            except OperationError as error:
                if error.failure.kind is not FailureKind.FORBIDDEN:
                    raise
                return otherwise

        seen = read(Part.METADATA, lambda: self._metadata(written, steps), written)
        return replace(
            seen,
            policy=read(Part.POLICY, lambda: kms.get_key_policy(key_id), written.policy),
            rotation=read(Part.ROTATION, lambda: kms.get_key_rotation_status(key_id), written.rotation),
            tags=read(Part.TAGS, lambda: kms.list_resource_tags(key_id), written.tags),
            material=read(Part.MATERIAL, lambda: self.read_material(replace(written, rotation=None)), written.material),
        )

    def _metadata(self, written: KeyState, steps: tuple[KeyStep, ...]) -> KeyState:
        """What DescribeKey tells, by the alias where that was set: so it is also known which key it stands for."""
        alias = next(filter(None, map(alias_of, steps)), None)
        seen = self.kms.get_key(alias or written.key_id or "")
        aliases = written.aliases
        if seen.key_id != written.key_id:
            seen, aliases = written, tuple(name for name in aliases if name != alias)
        return replace(seen, aliases=aliases)


def _operations(steps: tuple[KeyStep, ...]) -> Operations:
    return tuple(operation for step in steps for operation in step.operations)


def _is_told(step: KeyStep, seen: KeyState, written: KeyState) -> bool:
    """Whether KMS tells the policy that was written. The next run may have more to write: ARNs for ids that went."""
    told = part_of(step) is Part.POLICY and seen.policy and written.policy
    return bool(told) and same_policy(seen.policy or "", written.policy or "")
