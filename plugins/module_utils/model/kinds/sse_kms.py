# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""SSE-KMS: AWS KMS holds the key, under a key policy and with an audit trail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .kind import KeyHolder, Side
from .server_side import ServerSideKind

if TYPE_CHECKING:
    from .encryption import DesiredEncryption


@dataclass(frozen=True, eq=False, kw_only=True)
class SseKmsKind(ServerSideKind):
    """The only kind with bucket keys, and the only target of UpdateObjectEncryption."""

    def update_parameters(self, desired: DesiredEncryption) -> dict[str, Any]:
        """The full key ARN and the bucket key, which this request does not get from the bucket's default.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_UpdateObjectEncryption.html
        """
        bucket_key = bool(desired.bucket_key_enabled)
        return {"SSEKMS": {"KMSKeyArn": desired.kms_key_arn or "", "BucketKeyEnabled": bucket_key}}

    def bucket_key_of_rule(self, named: bool | None, kept: bool, *, moves: bool) -> bool:
        """Enabled for a bucket that changes to this kind, as otherwise S3 calls KMS for every object."""
        return (moves or kept) if named is None else named


KIND = SseKmsKind(
    name="SSE-KMS",
    key_holder=KeyHolder.KMS,
    side=Side.SERVER,
    encrypted_by="S3",
    summary="S3 encrypts with data keys of a KMS key, by default of the AWS managed key C(alias/aws/s3).",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html",
    options=("kms_key", "bucket_key_enabled", "encryption_context"),
    wire="aws:kms",
    strength=2,
    choosable=True,
    has_managed_key=True,
    has_annotations=True,
    updates_from=True,
    updates_to=True,
    job_filter="SSEKMS",
    job_algorithm="KMS",
)
