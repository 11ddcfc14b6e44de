# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A key that the caller sends with every request. Buckets block it unless told otherwise since April 2026."""

from __future__ import annotations

from .kind import Kind

KIND = Kind(
    name="SSE-C",
    wire="",
    options=frozenset({"customer_key", "customer_key_file", "customer_key_generate"}),
    strength=None,
    key_held_by="the caller",
    encrypted_by="S3",
    summary="S3 encrypts with a key that the caller sends with every request, and forgets it.",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html",
)
