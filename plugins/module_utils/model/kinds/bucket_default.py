# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""No encryption header at all: S3 applies the bucket's default encryption to the new object."""

from __future__ import annotations

from .kind import Kind

KIND = Kind(
    name="bucket default",
    wire="",
    options=frozenset(),
    strength=None,
    key_held_by="whatever the bucket's default says",
    encrypted_by="S3",
    summary="No header is sent, and the bucket's default encryption applies.",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-encryption.html",
    choosable=False,
)
