# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Two independent layers of encryption with keys held by AWS KMS. S3 bucket keys do not apply."""

from __future__ import annotations

from .kind import Kind

KIND = Kind(
    name="DSSE-KMS",
    wire="aws:kms:dsse",
    options=frozenset({"kms_key", "encryption_context"}),
    strength=3,
    key_held_by="AWS KMS",
    encrypted_by="S3, in two layers",
    summary="S3 encrypts twice with data keys of a KMS key. S3 bucket keys do not apply.",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingDSSEncryption.html",
)
