# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What a task that reads an object requires of its encryption, so that no other object is accepted in its place."""

from __future__ import annotations

from ..arn import same_kms_key
from ..errors import Failure, FailureKind, OperationError
from ..kinds.encryption import DesiredEncryption
from .object_state import ObjectState


def require_kind(named: DesiredEncryption, found: ObjectState) -> None:
    """Raise OperationError unless the object is of the named kind. Without a name, every kind is accepted."""
    if named.kind.defers_to_bucket or named.kind.name == found.encryption.type:
        return
    raise _not_as_named(
        found,
        f"is under {found.encryption.type}, and the task accepts only encryption: {named.kind.name}",
        "encryption",
    )


def require_kms_key(named: DesiredEncryption, found: ObjectState) -> None:
    """Raise OperationError unless the object is under the named KMS key: the reported one, or that of its envelope."""
    key = found.encryption.kms_key_arn
    if named.kms_key_arn is None or same_kms_key(named.kms_key_arn, key):
        return
    where = f"the KMS key {key}" if key else "no KMS key"
    raise _not_as_named(found, f"is under {where}, and the task accepts only {named.kms_key_arn}", "kms_key")


def _not_as_named(found: ObjectState, what: str, option: str) -> OperationError:
    return OperationError(
        Failure(
            FailureKind.NON_COMPLIANT,
            f"The object {found.key!r} in the bucket {found.bucket} {what}.",
            f"Check who wrote it. Name another {option}, or none, to read it as it is.",
            resource=found.name,
        )
    )
