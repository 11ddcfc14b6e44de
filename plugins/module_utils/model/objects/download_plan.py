# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A local file that is to equal an object: state, desire, and the plan between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..errors import Failure, FailureKind, OperationError
from ..kinds.kind import KeyHolder
from ..kinds.registry import find_kind
from ..operations import Operations
from ..plan import Plan
from .archive import require_readable
from .desired_object import Overwrite
from .object_state import Checksum, ObjectState


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file on the target, or the one to be: its size and a checksum in S3's notation (None: not computed)."""

    path: str
    size: int | None
    checksum: Checksum | None = None


@dataclass(frozen=True, slots=True)
class Download:
    """Read the object, and put it whole where the file is to be."""

    object: ObjectState
    operations: ClassVar[Operations] = ("GetObject",)


FilePlan = Plan[LocalFile, Download]


def plan_download(
    path: str,
    overwrite: Overwrite,
    source: ObjectState,
    local: LocalFile | None,
    same_content: bool,
    *,
    names_context: bool = False,
) -> FilePlan:
    """Download or leave alone. `names_context` is an encryption context in the playbook.

    Raises OperationError for an object whose plaintext S3 does not have, or does not give out.
    """
    if source.envelope:
        raise OperationError(
            Failure(
                FailureKind.UNSUPPORTED,
                f"The object {source.key!r} in the bucket {source.bucket} is encrypted on the client side "
                f"({source.envelope}), so S3 would give its ciphertext.",
                "Download it with the client that wrote it.",
                resource=f"{source.bucket}/{source.key}",
            )
        )
    warnings = _no_context(source) if names_context else ()
    kept = overwrite is Overwrite.NEVER or (overwrite is Overwrite.DIFFERENT and same_content)
    if local and kept:
        return Plan(local, (), local, warnings)
    require_readable(source.bucket, source.key, source.archive, "downloaded")
    checksum = next((found for found in source.checksums if found.full_object), None)
    return Plan(local, (Download(source),), LocalFile(path, source.size, checksum), warnings)


def _no_context(source: ObjectState) -> tuple[str, ...]:
    """A warning where the object's encryption has no context. Where it has one, S3 applies it, and tells it nowhere."""
    kind = find_kind(source.encryption.type)
    not_known = kind.key_holder in (KeyHolder.UNKNOWN, KeyHolder.BUCKET_DEFAULT)
    if not_known or kind.takes("encryption_context"):
        return ()
    where = f"the object {source.key!r} in the bucket {source.bucket}"
    return (f"encryption_context has no effect: {where} is under {kind.name}, which has none.",)
