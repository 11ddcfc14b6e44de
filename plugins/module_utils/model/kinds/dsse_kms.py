# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""DSSE-KMS: two independent layers of encryption with keys in AWS KMS. S3 bucket keys do not apply."""

from __future__ import annotations

from dataclasses import dataclass

from .kind import KeyHolder, Side
from .server_side import ServerSideKind


@dataclass(frozen=True, eq=False, kw_only=True)
class DsseKmsKind(ServerSideKind):
    """A kind for which S3 accepts the flag for bucket keys, but does not apply it."""

    def bucket_key_of_rule(self, named: bool | None, kept: bool, *, moves: bool) -> bool:
        """The current value: it is neither set nor compared."""
        return kept


KIND = DsseKmsKind(
    name="DSSE-KMS",
    key_holder=KeyHolder.KMS,
    side=Side.SERVER,
    encrypted_by="S3, in two layers",
    summary="S3 encrypts in two layers with data keys of a KMS key. S3 bucket keys do not apply.",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingDSSEncryption.html",
    options=("kms_key", "encryption_context"),
    wire="aws:kms:dsse",
    strength=3,
    choosable=True,
    has_managed_key=True,
    has_annotations=True,
    job_filter="DSSEKMS",
)
