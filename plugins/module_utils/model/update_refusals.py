# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Why S3 refuses UpdateObjectEncryption, from its documented messages, and what to do then.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_UpdateObjectEncryption.html
"""

from __future__ import annotations

from dataclasses import dataclass

from .errors import Failure, FailureKind


@dataclass(frozen=True, slots=True)
class UpdateRefusal:
    """A documented message, by words that no other has. `of_account`: for the key's account, which a copy may cross."""

    words: str
    kind: FailureKind
    advice: str
    of_account: bool = False


_COPY = "Set change_method: auto, or copy."
_SAME_ACCOUNT = (
    "Name a KMS key of the account that owns the bucket, or set change_method: auto or copy, as a copy takes a key of "
    "another account."
)

UPDATE_REFUSALS = (
    UpdateRefusal("unencrypted source objects", FailureKind.INVALID, _COPY),
    UpdateRefusal("source objects with the encryption type", FailureKind.INVALID, _COPY),
    UpdateRefusal("updating the encryption type to", FailureKind.INVALID, _COPY),
    UpdateRefusal(
        "require AWS Signature Version 4",
        FailureKind.INVALID,
        "Leave signature_version out of aws_config, or set s3v4.",
    ),
    UpdateRefusal("require a valid new encryption type", FailureKind.INVALID, _COPY),
    UpdateRefusal("specify a KMS key ARN", FailureKind.INVALID, "Name the key in kms_key, or set change_method: copy."),
    UpdateRefusal("correctly formatted KMS key ARN", FailureKind.INVALID, "Check the ARN of kms_key."),
    UpdateRefusal("BucketKeyEnabled value", FailureKind.INVALID, "Set bucket_key_enabled to true or false."),
    UpdateRefusal("owned by the same account as the bucket", FailureKind.FORBIDDEN, _SAME_ACCOUNT, of_account=True),
    UpdateRefusal(
        "isn't part of an organization",
        FailureKind.FORBIDDEN,
        f"Have the bucket's account join the organization of the KMS key. Or: {_SAME_ACCOUNT}",
        of_account=True,
    ),
    UpdateRefusal(
        "from the same organization",
        FailureKind.FORBIDDEN,
        f"Name a KMS key of the bucket's organization. Or: {_SAME_ACCOUNT}",
        of_account=True,
    ),
    # HeadObject does not tell of a lock to everybody, so that a plan may not know.
    UpdateRefusal(
        "Object Lock",
        FailureKind.FORBIDDEN,
        "The object is under Object Lock: set change_method: copy, which makes a new version.",
    ),
)


def update_refusal(failure: Failure) -> UpdateRefusal | None:
    """The documented message in a failure of UpdateObjectEncryption; None: it is another one, such as a denial by a
    policy, whose message quotes the object's ARN and so may have any words."""
    if failure.code not in ("InvalidRequest", "AccessDenied") or "not authorized to perform" in failure.message:
        return None
    said = failure.message.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").replace("amazon web services", "aws")
    return next((known for known in UPDATE_REFUSALS if known.words.lower() in said), None)
