# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Errors of KMS that mean something else for a data key than for the management of a key.

Sources: https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html#API_Decrypt_Errors
and https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
"""

from __future__ import annotations

from dataclasses import replace

from ...model.errors import Failure, FailureKind, Reason

# The layers whose statements can have a condition on kms:ViaService, and the layer of a message that names none.
_LAYERS_OF_KEY_USE = ("", "identity-based", "resource-based")

_VIA_S3 = (
    "Client-side encryption calls KMS itself, not through S3, so a statement with the condition kms:ViaService does "
    "not allow it. For a key of kms_key_for_s3, set through_s3_only: false there."
)


def explain_data_key_error(failure: Failure) -> Failure:
    """The failure with what it means for a data key. Any other failure is returned as it is."""
    if failure.kind is FailureKind.FORBIDDEN and failure.layer in _LAYERS_OF_KEY_USE:
        return failure.with_more_advice(_VIA_S3)
    if failure.code == "InvalidCiphertextException":
        return replace(
            failure,
            message="KMS cannot decrypt the data key (InvalidCiphertextException): the encryption context is not the "
            "one that it was encrypted with, or the encrypted data key was altered.",
            advice="Check encryption_context, and who can write to the bucket. A client may have changed the envelope, "
            "or copied it from another object: then restore an earlier version of the object and of its instruction "
            "file, or write the content again.",
        )
    if failure.code == "IncorrectKeyException":
        return replace(
            failure,
            message=f"The data key is not encrypted under the KMS key {failure.resource} (IncorrectKeyException).",
            advice="Set kms_key to the key that the object was written with. If that is this key, the envelope was "
            "altered: restore an earlier version of the object and of its instruction file.",
            reason=Reason.NOT_UNDER_THIS_KMS_KEY,
        )
    if failure.code == "KMSInvalidStateException":
        return failure.with_advice(
            "Bring the key into the state Enabled. If it is scheduled for deletion, cancel that "
            "(kms:CancelKeyDeletion) and enable the key: after the deletion, the objects under its data keys cannot be "
            "read again."
        )
    if failure.code == "NotFoundException":
        return replace(
            failure,
            kind=FailureKind.KEY_UNUSABLE,
            advice="Name a KMS key that exists in that region. If the key was deleted, nothing can decrypt its data "
            "keys, and the objects under them cannot be read again.",
        )
    return failure
