# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What S3 reports after a write, compared with the plan: a store may accept a request and not apply it."""

from __future__ import annotations

from ...model.errors import Failure, FailureKind, OperationError
from ...model.kinds.encryption import DesiredEncryption, ObjectEncryption
from ...model.objects.object_state import ObjectState


def require_as_planned(planned: ObjectState, found: ObjectState, desired: DesiredEncryption) -> None:
    """Raise OperationError where the store did not apply the encryption, or did not lock a copy."""
    name = f"{planned.bucket}/{planned.key}"
    if planned.encryption.type and not desired.is_satisfied_by(found.encryption):
        raise OperationError(
            Failure(
                FailureKind.UNVERIFIED,
                f"{name} was written as {_in_words(planned.encryption)}, but is reported as "
                f"{_in_words(found.encryption)}.",
                "The store at this endpoint does not apply this encryption; the object is not protected by it.",
                resource=name,
            )
        )
    if planned.lock and found.lock is None:
        raise OperationError(
            Failure(
                FailureKind.UNVERIFIED,
                f"The copy of {name} should have the lock of the object ({planned.lock.describe()}), but is reported "
                "without a lock.",
                "The store at this endpoint does not lock a copy: lock the object again.",
                resource=name,
            )
        )


def require_unmoved(planned: ObjectState, found: ObjectState) -> None:
    """Raise OperationError where a change in place changed more than the encryption.

    S3 keeps ETag, size and LastModified. A store that does not know the request overwrites the object with it.
    """
    names = [name for name in ("etag", "size", "last_modified") if getattr(planned, name) != getattr(found, name)]
    if not names:
        return
    version = f" Its previous content is in the version {planned.version_id}." if planned.version_id else ""
    raise OperationError(
        Failure(
            FailureKind.UNVERIFIED,
            f"UpdateObjectEncryption changed more than the encryption of {planned.bucket}/{planned.key}: "
            f"{' and '.join(names)} changed. The store treated the request as an upload and overwrote the object with "
            f"it, or another client wrote the object at the same moment.{version}",
            "Check the object, restore it if it was overwritten, and do not use change_method: update at this "
            "endpoint.",
            resource=f"{planned.bucket}/{planned.key}",
        )
    )


def _in_words(encryption: ObjectEncryption) -> str:
    """An encryption with everything in which two of the same type can differ."""
    parts = [
        str(encryption.type),
        f"with the key {encryption.kms_key_arn}" if encryption.kms_key_arn else "",
        "with a bucket key" if encryption.bucket_key_enabled else "",
        f"with the customer key whose MD5 is {encryption.customer_key_md5}" if encryption.customer_key_md5 else "",
    ]
    return " ".join(filter(None, parts))
