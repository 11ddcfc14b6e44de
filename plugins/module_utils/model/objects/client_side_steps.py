# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Which steps encrypt a data key, concern the instruction file, or would send what is not encrypted."""

from __future__ import annotations

from ..envelope import EnvelopePlace
from ..errors import Failure, FailureKind, OperationError, assert_never
from ..kinds.kind import Kind
from .object_steps import (
    CopyObject,
    DeleteInstructionFile,
    DeleteObject,
    ObjectStep,
    ObjectWrite,
    PutInstructionFile,
    PutObject,
    PutObjectTagging,
    UpdateObjectEncryption,
    WriteCustomerKeyFile,
)


def wraps_data_key(step: ObjectStep) -> bool:
    """Whether the step encrypts a data key with the key of the task."""
    match step:
        case PutInstructionFile():
            return not step.is_copy and (step.rewrap is None or step.rewrap.encryption is not None)
        case PutObject():
            return step.sealing is not None and step.sealing.place is EnvelopePlace.METADATA
        case CopyObject():
            return step.rewrap is not None and step.rewrap.encryption is not None
        case (
            UpdateObjectEncryption()
            | PutObjectTagging()
            | DeleteObject()
            | WriteCustomerKeyFile()
            | DeleteInstructionFile()
        ):
            return False
        case _:
            assert_never(step)


def as_file_write(step: ObjectStep) -> PutInstructionFile | None:
    """The step, if it writes the instruction file; otherwise None."""
    match step:
        case PutInstructionFile():
            return step
        case (
            PutObject()
            | CopyObject()
            | UpdateObjectEncryption()
            | PutObjectTagging()
            | DeleteObject()
            | WriteCustomerKeyFile()
            | DeleteInstructionFile()
        ):
            return None
        case _:
            assert_never(step)


def as_file_deletion(step: ObjectStep) -> DeleteInstructionFile | None:
    """The step, if it deletes the instruction file; otherwise None."""
    match step:
        case DeleteInstructionFile():
            return step
        case (
            PutObject()
            | CopyObject()
            | UpdateObjectEncryption()
            | PutObjectTagging()
            | DeleteObject()
            | WriteCustomerKeyFile()
            | PutInstructionFile()
        ):
            return None
        case _:
            assert_never(step)


def require_encrypted(step: ObjectWrite, resource: str) -> None:
    """Raise OperationError if S3 would store plaintext although the kind encrypts on the client side."""
    kind = step.encryption.kind
    match step:
        case PutObject():
            is_encrypted = step.content.encrypted_as is kind and bool(step.envelope_fields)
        case CopyObject():  # its encryption is that by S3
            is_encrypted = False
        case _:
            assert_never(step)
    if kind.is_client_side and not is_encrypted:
        raise not_encrypted(kind, resource)


def not_encrypted(kind: Kind, resource: str) -> OperationError:
    """The exception for content that should be encrypted on the client side, and is not."""
    return OperationError(
        Failure(
            FailureKind.UNSUPPORTED,
            f"encryption: {kind.name} encrypts before the upload, and the content is not encrypted yet. Nothing was "
            "sent.",
            "Choose an encryption that the store applies, or encrypt with another client.",
            resource=resource,
        )
    )
