# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""SSE-S3: S3 holds the key. The default for every new object since January 2023."""

from __future__ import annotations

from .kind import KeyHolder, Side
from .server_side import ServerSideKind

KIND = ServerSideKind(
    name="SSE-S3",
    key_holder=KeyHolder.S3,
    side=Side.SERVER,
    encrypted_by="S3",
    summary="S3 encrypts with keys that S3 manages.",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingServerSideEncryption.html",
    wire="AES256",
    strength=1,
    choosable=True,
    etag_is_md5=True,
    has_annotations=True,
    updates_from=True,
    job_filter="SSES3",
    job_algorithm="AES256",
)
