# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A file of a directory that is to equal an object: its state, and the plan."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import ClassVar, Union

from ...kinds.kind import KeyHolder
from ...kinds.registry import find_kind
from ...operations import Operations
from ...plan import Plan
from ..archive import require_readable
from ..download_plan import AttributeChange, AttributeValues, Download, SetFileAttributes
from ..object_state import ObjectState


class FileContent(str, Enum):
    """The content of a file, compared with its object."""

    OF_OBJECT = "that of the object"
    OTHER = "another one"
    NONE = "none: the file does not exist"


@dataclass(frozen=True, slots=True)
class PulledFile:
    """A file, current or planned, with nothing that only this file has: so files that change alike compare equal.

    `encryption` is the kind that the object is under, whose content the file has.
    """

    content: FileContent
    encryption: str | None = None
    attributes: AttributeValues = ()


@dataclass(frozen=True, slots=True)
class DeleteFile:
    """Delete a file or a symbolic link that no object belongs to."""

    operations: ClassVar[Operations] = ("DeleteFile",)


PullStep = Union[Download, SetFileAttributes, DeleteFile]
PullPlan = Plan[PulledFile, PullStep]


def plan_pull(source: ObjectState, *, exists: bool, is_same: bool, change: AttributeChange | None) -> PullPlan:
    """Download, set attributes, or keep the file. Raises OperationError for an object that is archived."""
    of_object = PulledFile(FileContent.OF_OBJECT, source.encryption.type)
    if not exists:
        require_readable(source.bucket, source.key, source.archive, "downloaded")
        return Plan(None, (Download(source),), of_object)
    before = PulledFile(
        FileContent.OF_OBJECT if is_same else FileContent.OTHER,
        source.encryption.type if is_same else None,
        change.before if change else (),
    )
    after = PulledFile(FileContent.OF_OBJECT, source.encryption.type, change.after if change else ())
    if is_same:
        return Plan(before, (SetFileAttributes(),) if change else (), after)
    require_readable(source.bucket, source.key, source.archive, "downloaded")
    return Plan(before, (Download(source, changes_attributes=change is not None),), after)


def plan_deletion() -> PullPlan:
    """Delete the file."""
    return Plan(PulledFile(FileContent.OTHER), (DeleteFile(),), PulledFile(FileContent.NONE))


def pull_warnings(source: ObjectState, *, names_context: bool, has_file: bool) -> tuple[str, ...]:
    """What a person has to know of objects like this one.

    `names_context` says that the task names an encryption context, and `has_file` that an instruction file of the
    object exists.
    """
    kind = find_kind(source.encryption.type)
    has_none = kind.key_holder not in (KeyHolder.UNKNOWN, KeyHolder.BUCKET_DEFAULT)
    warnings: list[str] = []
    if names_context and has_none and not kind.accepts("encryption_context"):
        warnings.append(f"encryption_context has no effect, because {kind.name} has none")
    if has_file and not source.needs_file:
        warnings.append("an instruction file of the same name exists, which the object does not use")
    return tuple(warnings)
