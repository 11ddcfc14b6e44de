# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A file of a directory that is to equal an object: its state, and the plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Union

from ...kinds.kind import KeyHolder
from ...kinds.registry import find_kind
from ...operations import Operations
from ...plan import Plan
from ..archive import require_readable
from ..download_plan import AttributeChange, AttributeValues, Download, SetFileAttributes
from ..envelope_fields import INSTRUCTION_SUFFIX
from ..object_state import ObjectState
from .sync_state import ABSENT, PRESENT, SyncState


@dataclass(frozen=True, slots=True)
class DeleteFile:
    """Delete a file or a symbolic link that no object belongs to."""

    operations: ClassVar[Operations] = ("DeleteFile",)


PullStep = Union[Download, SetFileAttributes, DeleteFile]
PullPlan = Plan[SyncState, PullStep]


def plan_pull(source: ObjectState, *, exists: bool, is_same: bool, change: AttributeChange | None) -> PullPlan:
    """Download, set attributes, or keep the file. Raises OperationError for an object that is archived."""
    of_object = (("encryption", source.encryption.type or "unknown"), ("content", "that of the object"))
    if not exists:
        require_readable(source.bucket, source.key, source.archive, "downloaded")
        return Plan(ABSENT, (Download(source),), SyncState((*PRESENT.values, *of_object)))
    before = SyncState(
        (*(of_object if is_same else (("content", "another"),)), *_texts(change.before if change else ()))
    )
    after = SyncState((*of_object, *_texts(change.after if change else ())))
    if is_same:
        return Plan(before, (SetFileAttributes(),) if change else (), after)
    require_readable(source.bucket, source.key, source.archive, "downloaded")
    return Plan(before, (Download(source, changes_attributes=change is not None),), after)


def plan_deletion() -> PullPlan:
    """Delete the file."""
    return Plan(PRESENT, (DeleteFile(),), ABSENT)


def _texts(attributes: AttributeValues) -> tuple[tuple[str, str], ...]:
    return tuple((name, str(value)) for name, value in attributes)


def pull_warnings(source: ObjectState, *, names_context: bool, has_file: bool) -> tuple[str, ...]:
    """What a person has to know of objects like this one.

    `names_context` says that the task names an encryption context, and `has_file` that an instruction file of the
    object exists.
    """
    kind = find_kind(source.encryption.type)
    has_none = kind.key_holder not in (KeyHolder.UNKNOWN, KeyHolder.BUCKET_DEFAULT)
    warnings: list[str] = []
    if names_context and has_none and not kind.accepts("encryption_context"):
        warnings.append(f"encryption_context has no effect on an object under {kind.name}, which has none.")
    if has_file and not source.needs_file:
        warnings.append(
            f"The instruction file {source.name}{INSTRUCTION_SUFFIX} is not downloaded, and its object does not use it."
        )
    return tuple(warnings)
