# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What is too large for one request goes in parts: a plan with the same outcome, by multipart upload or copy."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any, Union

from .encrypted_object import (
    COPY_LIMIT,
    Checksum,
    CopyObject,
    ObjectPlan,
    ObjectState,
    ObjectStep,
    PutObject,
    PutObjectTagging,
)
from .parts import COPIED_PART, DEFAULT_PART, Parts, cut
from .routes import copies_in_parts
from .tags import Tags

# The checksums that S3 can compute of a whole object from those of its parts.
# Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
COMBINED = ("CRC64NVME", "CRC32C", "CRC32")


@dataclass(frozen=True, slots=True)
class Limits:
    """Above how many bytes something goes in parts: content above one part, and a copy above what S3 copies at once."""

    part_size: int = DEFAULT_PART
    copy_limit: int = COPY_LIMIT


@dataclass(frozen=True, slots=True)
class UploadInParts(PutObject):
    """PutObject for content that is larger than one part."""

    parts: Parts = field(kw_only=True)
    operation: str = "CompleteMultipartUpload"
    operations: tuple[str, ...] = ("CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload")

    @property
    def checksum(self) -> Checksum:
        """What S3 is to find for the whole object."""
        return self.content.checksum


@dataclass(frozen=True, slots=True)
class CopyInParts(CopyObject):
    """CopyObject for an object that is too large for it. A new upload takes nothing over, so all is named here.

    The value of `checksum` is empty where S3 has none of the whole object yet.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/CopyingObjectsMPUapi.html
    """

    parts: Parts = field(kw_only=True)
    tags: Tags = field(kw_only=True)
    checksum: Checksum = field(kw_only=True)
    operation: str = "CompleteMultipartUpload"
    operations: tuple[str, ...] = ("CreateMultipartUpload", "UploadPartCopy", "CompleteMultipartUpload")


StepInParts = Union[UploadInParts, CopyInParts]


def in_parts(plan: ObjectPlan, limits: Limits, algorithm: str) -> ObjectPlan:
    """The same plan with what is too large for one request in parts; `algorithm` is the checksum to make of them.

    Where it copies, the tags of before have to be read. Raises Refused for content that S3 takes in no way.
    """
    steps: list[ObjectStep] = []
    after = plan.after
    for step in plan.steps:
        if isinstance(step, PutObject) and step.content.size > limits.part_size:
            parts = cut(step.content.size, limits.part_size)
            steps.append(UploadInParts(**_shared(step), parts=parts))
        elif isinstance(step, CopyObject) and plan.before and after and _too_large(plan.before, limits):
            copy = _copy(step, plan.before, after, limits, algorithm)
            steps.append(copy)
            after = replace(after, checksums=(copy.checksum,))
        elif isinstance(step, PutObjectTagging) and any(isinstance(earlier, CopyInParts) for earlier in steps):
            continue  # the copy brings them
        else:
            steps.append(step)
    return replace(plan, steps=tuple(steps), after=after)


def copies_too_much(plan: ObjectPlan, limits: Limits) -> bool:
    """Whether the plan has a copy that is to go in parts, so that the tags have to be known."""
    copies = any(isinstance(step, CopyObject) for step in plan.steps)
    return copies and plan.before is not None and _too_large(plan.before, limits)


def _too_large(before: ObjectState, limits: Limits) -> bool:
    return copies_in_parts(before.size or 0, limits.copy_limit)


def _copy(step: CopyObject, before: ObjectState, after: ObjectState, limits: Limits, algorithm: str) -> CopyInParts:
    parts = cut(before.size or 0, min(COPIED_PART, limits.copy_limit))
    kept = next((found for found in before.checksums if found.full_object and found.algorithm in COMBINED), None)
    checksum = kept or Checksum(algorithm, "", full_object=True)
    return CopyInParts(**_shared(step), parts=parts, tags=after.tags or (), checksum=checksum)


def _shared(step: ObjectStep) -> dict[str, Any]:
    return {each.name: getattr(step, each.name) for each in fields(step) if each.name != "operation"}
