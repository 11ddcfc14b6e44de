# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Keys held by AWS KMS, under key policies and with an audit trail."""

from __future__ import annotations

from .kind import Kind

KIND = Kind(
    name="SSE-KMS",
    wire="aws:kms",
    options=frozenset({"kms_key", "bucket_key_enabled", "encryption_context"}),
    strength=2,
    key_held_by="AWS KMS",
    encrypted_by="S3",
    summary="S3 encrypts with data keys of a KMS key; without O(kms_key), of the AWS managed key C(alias/aws/s3).",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html",
)
