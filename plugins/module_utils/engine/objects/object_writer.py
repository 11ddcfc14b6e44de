# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The calls of each step that changes an object."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...aws.objects.ports import MultipartPort
from ...model.errors import Failure, FailureKind, OperationError, assert_never, invalid_input
from ...model.objects.object_id import Deleted
from ...model.objects.object_steps import (
    CopyObject,
    DeleteObject,
    ObjectStep,
    PutObject,
    PutObjectTagging,
    UpdateObjectEncryption,
    WriteCustomerKeyFile,
    require_encrypted,
)
from ..transfer.atomic_file import write_atomically
from ..transfer.content import Source
from ..transfer.upload_body import UploadAborted, open_source
from .multipart import copy_in_parts, upload_in_parts
from .object_access import ObjectAccess


@dataclass(frozen=True)
class ObjectWriter:
    """Carries out the steps for one object, with at most `concurrency` parts at a time."""

    access: ObjectAccess
    multipart: MultipartPort
    source: Source | None
    concurrency: int

    def write(self, step: ObjectStep) -> Deleted | None:
        """Make the calls of one step, and return what a deletion deleted. Raises OperationError."""
        s3, target = self.access.s3, self.access.target
        match step:
            case PutObject():
                self._put(step)
            case CopyObject():
                self._copy(step)
            case UpdateObjectEncryption():
                s3.update_object_encryption(target, step)
            case PutObjectTagging():
                s3.put_object_tagging(target, step.tags)
            case DeleteObject():
                return s3.delete_object(target)
            case WriteCustomerKeyFile():
                _write_key_file(step)
            case _:
                assert_never(step)
        return None

    def _put(self, step: PutObject) -> None:
        require_encrypted(step.encryption, step.content, self.access.name)
        if self.source is None:
            raise AssertionError("a content is uploaded only where the task names one")
        target = self.access.target
        try:
            with open_source(self.source, step.content) as body:
                if step.in_parts:
                    upload_in_parts(self.multipart, target, step, step.in_parts, body, concurrency=self.concurrency)
                else:
                    self.access.s3.put_object(target, step, body.slice())
        except UploadAborted as aborted:
            raise OperationError(aborted.failure) from aborted

    def _copy(self, step: CopyObject) -> None:
        require_encrypted(step.encryption, None, self.access.name)
        target = self.access.target
        if step.in_parts:
            copy_in_parts(self.multipart, target, step, step.in_parts, concurrency=self.concurrency)
        else:
            self.access.s3.copy_object(target, step)


def _write_key_file(step: WriteCustomerKeyFile) -> None:
    content = (step.customer_key.base64.encode("ascii"), b"\n")
    try:
        write_atomically(Path(step.path), content, private=True, exclusive=True)
    except FileExistsError:
        message = f"customer_key_file {step.path} was created by another run meanwhile."
        raise OperationError(Failure(FailureKind.CONFLICT, message, "Run the task again, to use its key.")) from None
    except OSError as error:
        raise invalid_input(
            f"customer_key_file {step.path} cannot be written: {error.strerror or error}.",
            "Check the folder, its permissions and the free space.",
        ) from error
