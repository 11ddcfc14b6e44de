# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Why S3 refuses UpdateObjectEncryption, by its documented messages, with advice.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_UpdateObjectEncryption.html
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ...model.errors import Failure, FailureKind, Reason


@dataclass(frozen=True, slots=True)
class ErrorPattern:
    """A documented message, recognised by a substring that no other message has."""

    substring: str
    kind: FailureKind
    advice: str
    reason: Reason | None = None


_COPY = "Set change_method: auto, or copy."
_SAME_ACCOUNT = (
    "Name a KMS key of the account that owns the bucket, or set change_method: auto or copy, as a copy takes a key of "
    "another account."
)

ERROR_PATTERNS = (
    ErrorPattern("unencrypted source objects", FailureKind.INVALID, _COPY),
    ErrorPattern("source objects with the encryption type", FailureKind.INVALID, _COPY),
    ErrorPattern("updating the encryption type to", FailureKind.INVALID, _COPY),
    ErrorPattern(
        "require AWS Signature Version 4",
        FailureKind.INVALID,
        "Leave signature_version out of aws_config, or set s3v4.",
    ),
    ErrorPattern("require a valid new encryption type", FailureKind.INVALID, _COPY),
    ErrorPattern("specify a KMS key ARN", FailureKind.INVALID, "Name the key in kms_key, or set change_method: copy."),
    ErrorPattern("correctly formatted KMS key ARN", FailureKind.INVALID, "Check the ARN of kms_key."),
    ErrorPattern("BucketKeyEnabled value", FailureKind.INVALID, "Set bucket_key_enabled to true or false."),
    ErrorPattern(
        "owned by the same account as the bucket",
        FailureKind.FORBIDDEN,
        _SAME_ACCOUNT,
        Reason.KEY_OF_ANOTHER_ACCOUNT,
    ),
    ErrorPattern(
        "isn't part of an organization",
        FailureKind.FORBIDDEN,
        f"Have the bucket's account join the organization of the KMS key. Or: {_SAME_ACCOUNT}",
        Reason.KEY_OF_ANOTHER_ACCOUNT,
    ),
    ErrorPattern(
        "from the same organization",
        FailureKind.FORBIDDEN,
        f"Name a KMS key of the bucket's organization. Or: {_SAME_ACCOUNT}",
        Reason.KEY_OF_ANOTHER_ACCOUNT,
    ),
    # HeadObject does not report a lock to every caller, so a plan may not know about it.
    ErrorPattern(
        "Object Lock",
        FailureKind.FORBIDDEN,
        "The object is under Object Lock: set change_method: copy, which makes a new version.",
        Reason.OBJECT_LOCKED,
    ),
)


_PERMISSIONS = (
    "Allow s3:PutObject, s3:UpdateObjectEncryption, and kms:Encrypt, kms:Decrypt, kms:GenerateDataKey and "
    "kms:ReEncrypt* on the keys"
)


def explain_update_error(failure: Failure) -> Failure:
    """A failure of UpdateObjectEncryption, with the kind, reason and advice that its message stands for."""
    pattern = find_pattern(failure)
    if pattern:
        return replace(failure, kind=pattern.kind, advice=pattern.advice, reason=pattern.reason)
    return (
        failure.with_alternative(_PERMISSIONS, "set change_method: copy")
        if failure.kind is FailureKind.FORBIDDEN
        else failure
    )


def find_pattern(failure: Failure) -> ErrorPattern | None:
    """The documented message of a failure of UpdateObjectEncryption; None for any other message.

    A denial by a policy quotes the object's ARN, which can contain any words.
    """
    if failure.code not in ("InvalidRequest", "AccessDenied") or "not authorized to perform" in failure.message:
        return None
    message = (
        failure.message.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").replace("amazon web services", "aws")
    )
    return next((pattern for pattern in ERROR_PATTERNS if pattern.substring.lower() in message), None)
