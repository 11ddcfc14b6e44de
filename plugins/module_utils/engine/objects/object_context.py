# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What the run for one object hands on, from the plan to the steps, the read-back and the result."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ...model.objects.desired_object import DesiredObject, ObjectReading
from ...model.objects.object_state import Deleted, ObjectState
from ...model.objects.object_steps import ObjectStep
from ...model.objects.write_answer import WriteAnswer
from .client_side.sealing import SealedEnvelope
from .content_diff import ContentDiff
from .object_writer import StepAnswer


@dataclass(frozen=True)
class ObjectContext:
    """What the plan of an object read, and what its steps returned.

    `desired` is completed with the KMS key's ARN and with size and checksum of the content. `done` are the steps that
    were carried out. `sample` is the digest of bytes before an encryption is changed, and `updated` the state after a
    change in place. `sealed` is the envelope that the steps made for new content. `deleted` is what a deletion deleted,
    `written` the answer of an upload, and `warnings` are about what the steps left behind. `content_diff` has the texts
    of an upload, if the task shows them.
    """

    desired: DesiredObject
    reading: ObjectReading
    before: ObjectState | None = None
    planned: ObjectState | None = None
    done: tuple[ObjectStep, ...] = ()
    sample: str | None = None
    updated: ObjectState | None = None
    sealed: SealedEnvelope | None = None
    deleted: Deleted | None = None
    written: WriteAnswer | None = None
    warnings: tuple[str, ...] = ()
    content_diff: ContentDiff | None = None

    def after(self, step: ObjectStep, answer: StepAnswer) -> ObjectContext:
        """The context after a step that was carried out."""
        return replace(
            self,
            done=(*self.done, answer.sent or step),
            sample=answer.sample or self.sample,
            sealed=answer.sealed or self.sealed,
            deleted=answer.deleted or self.deleted,
            written=answer.written or self.written,
            warnings=(*self.warnings, *answer.warnings),
        )
