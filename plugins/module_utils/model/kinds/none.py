# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Objects older than January 2023 that nobody has written since. Reported only."""

from __future__ import annotations

from .kind import Kind

KIND = Kind(
    name="NONE",
    wire="",
    options=frozenset(),
    strength=0,
    key_held_by="nobody",
    encrypted_by="nobody",
    summary="The object is older than S3's default encryption of January 2023, or the store encrypts nothing.",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html",
    choosable=False,
)
