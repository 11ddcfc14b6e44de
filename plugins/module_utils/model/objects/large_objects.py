# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Writes that are too large for one request, planned as multipart uploads and multipart copies."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..errors import assert_never
from .object_state import Checksum, ObjectState
from .object_steps import (
    COPY_LIMIT,
    CopyObject,
    DeleteInstructionFile,
    DeleteObject,
    InParts,
    ObjectPlan,
    ObjectStep,
    PutInstructionFile,
    PutObject,
    PutObjectTagging,
    UpdateObjectEncryption,
    WriteCustomerKeyFile,
    as_copy,
    source_of,
)
from .parts import COPIED_PART, DEFAULT_PART, split_into_parts

# The checksums of a whole object that S3 can compute from those of its parts.
# Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
FULL_OBJECT_ALGORITHMS = ("CRC64NVME", "CRC32C", "CRC32")


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes above which a write is split: content above one part, and a copy above what CopyObject accepts.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/copy-object.html
    """

    part_size: int = DEFAULT_PART
    copy_limit: int = COPY_LIMIT


def to_multipart(plan: ObjectPlan, limits: Limits, algorithm: str) -> ObjectPlan:
    """The same plan, with writes that are too large for one request split into parts.

    `algorithm` is the checksum of the whole for a copy that has none to keep. A plan that copies needs the current
    tags. Raises OperationError for a content that is larger than S3 accepts.
    """
    steps: list[ObjectStep] = []
    after = plan.after
    tags_are_copied = False
    for step in plan.steps:
        match step:
            case PutObject() if step.content.size > limits.part_size:
                parts = split_into_parts(step.content.size, limits.part_size)
                steps.append(replace(step, in_parts=InParts(parts, step.tags, step.content.checksum)))
            case CopyObject() if after and _too_large(_copied_state(step, plan), limits):
                copy = _copy(_copied_state(step, plan), after, limits, algorithm)
                steps.append(replace(step, in_parts=copy))
                after = replace(after, checksums=(copy.checksum,))
                tags_are_copied = True
            case PutObjectTagging() if tags_are_copied:
                pass
            case (
                PutObject()
                | CopyObject()
                | UpdateObjectEncryption()
                | PutObjectTagging()
                | DeleteObject()
                | WriteCustomerKeyFile()
                | PutInstructionFile()
                | DeleteInstructionFile()
            ):
                steps.append(step)
            case _:
                assert_never(step)
    return replace(plan, steps=tuple(steps), after=after)


def needs_multipart_copy(plan: ObjectPlan, limits: Limits) -> bool:
    """Whether the plan copies the object onto itself and has to split that. Such a copy has to name the tags."""
    copies = any(as_copy(step) and source_of(step) is None for step in plan.steps)
    return copies and _too_large(plan.before, limits)


def _copied_state(step: CopyObject, plan: ObjectPlan) -> ObjectState | None:
    return step.source.state if step.source else plan.before


def _too_large(copied: ObjectState | None, limits: Limits) -> bool:
    return copied is not None and (copied.size or 0) > limits.copy_limit


def _copy(copied: ObjectState | None, after: ObjectState, limits: Limits, algorithm: str) -> InParts:
    """The parts, which S3 copies by itself. The checksum is kept if S3 can compute it from parts.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/CopyingObjectsMPUapi.html
    """
    size, checksums = (copied.size or 0, copied.checksums) if copied else (0, ())
    parts = split_into_parts(size, min(COPIED_PART, limits.copy_limit))
    kept = next((found for found in checksums if found.full_object and found.algorithm in FULL_OBJECT_ALGORITHMS), None)
    return InParts(parts, after.tags or (), kept or Checksum(algorithm, "", full_object=True))
