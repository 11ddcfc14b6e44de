# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A local file that is to equal an object: its state, and the plan."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Union

from ..errors import assert_never
from ..kinds.kind import KeyHolder
from ..kinds.registry import find_kind
from ..plan import Plan
from .archive import require_readable
from .desired_object import Overwrite

if TYPE_CHECKING:
    from ..operations import Operations
    from .object_state import Checksum, ObjectState

# Attributes of a file by Ansible's names, such as mode, owner and group. Only those that differ.
AttributeValues = tuple[tuple[str, Union[str, int, tuple[str, ...], None]], ...]


@dataclass(frozen=True, slots=True)
class AttributeChange:
    """What the task changes of the attributes of an existing file: those that differ, before and after."""

    before: AttributeValues
    after: AttributeValues


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file on the target, current or planned: its size, and a checksum as S3 writes it (None: not computed)."""

    path: str
    size: int | None
    checksum: Checksum | None = None
    attributes: AttributeValues = ()


@dataclass(frozen=True, slots=True)
class Download:
    """Read the object, and replace the file in one step, with the attributes that the task names.

    `changes_attributes` says that those of the existing file differ. Those of a new file are part of its creation.
    """

    object: ObjectState
    changes_attributes: bool = False

    @property
    def operations(self) -> Operations:
        """GetObject, and SetFileAttributes if the file had other attributes."""
        return ("GetObject", "SetFileAttributes") if self.changes_attributes else ("GetObject",)


@dataclass(frozen=True, slots=True)
class SetFileAttributes:
    """Set the attributes that the task names on a file whose content stays."""

    operations: ClassVar[Operations] = ("SetFileAttributes",)


DownloadStep = Union[Download, SetFileAttributes]
FilePlan = Plan[LocalFile, DownloadStep]


def plan_download(
    path: str,
    overwrite: Overwrite,
    source: ObjectState,
    local: LocalFile | None,
    same_content: bool,
    *,
    names_context: bool = False,
) -> FilePlan:
    """Download, or keep the file. `names_context` says that the task names an encryption context.

    Raises OperationError for an object that is archived.
    """
    warnings = unused_context(source) if names_context else ()
    is_kept = overwrite is Overwrite.NEVER or (overwrite is Overwrite.DIFFERENT and same_content)
    if local and is_kept:
        return Plan(local, (), local, warnings)
    require_readable(source.bucket, source.key, source.archive, "downloaded")
    found = source.encryption.client_side
    if found:  # the checksum is that of the ciphertext
        return Plan(local, (Download(source),), LocalFile(path, found.plaintext_size), warnings)
    checksum = next((found for found in source.checksums if found.full_object), None)
    return Plan(local, (Download(source),), LocalFile(path, source.size, checksum), warnings)


def add_attributes(plan: FilePlan, change: AttributeChange) -> FilePlan:
    """The plan for an existing file, with the attributes that it changes beside the content."""
    if plan.before is None or plan.after is None:
        return plan
    return replace(
        plan,
        before=replace(plan.before, attributes=change.before),
        steps=tuple(_with_attributes(step) for step in plan.steps) or (SetFileAttributes(),),
        after=replace(plan.after, attributes=change.after),
    )


def _with_attributes(step: DownloadStep) -> DownloadStep:
    match step:
        case Download():
            return replace(step, changes_attributes=True)
        case SetFileAttributes():
            return step
        case _:
            assert_never(step)


def unused_context(source: ObjectState) -> tuple[str, ...]:
    """A warning if the object's encryption has no context. If it has one, S3 applies it, but does not report it."""
    kind = find_kind(source.encryption.type)
    is_unknown = kind.key_holder in (KeyHolder.UNKNOWN, KeyHolder.BUCKET_DEFAULT)
    if is_unknown or kind.accepts("encryption_context"):
        return ()
    where = f"the object {source.key!r} in the bucket {source.bucket}"
    return (f"encryption_context has no effect: {where} is under {kind.name}, which has none.",)
