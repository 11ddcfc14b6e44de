# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Keys held by S3: the floor that every new object has had since January 2023."""

from __future__ import annotations

from .kind import Kind

KIND = Kind(
    name="SSE-S3",
    wire="AES256",
    options=frozenset(),
    strength=1,
    key_held_by="S3",
    encrypted_by="S3",
    summary="S3 encrypts with keys that it holds itself.",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingServerSideEncryption.html",
)
