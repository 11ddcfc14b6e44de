# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""CSE-C: this collection encrypts before the upload, with a key of the caller that never reaches S3."""

from __future__ import annotations

from ..envelope import KeyWrap
from .client_side import ClientSideKind
from .kind import KeyHolder, Side

KIND = ClientSideKind(
    name="CSE-C",
    key_holder=KeyHolder.CALLER,
    side=Side.CLIENT,
    encrypted_by="this collection, before the upload",
    summary="This collection encrypts before the upload, under a key of the caller, which S3 never gets.",
    source="https://docs.aws.amazon.com/amazon-s3-encryption-client/latest/developerguide/concepts.html",
    options=("customer_key", "customer_key_file", "customer_key_generate", "envelope", "server_side"),
    choosable=True,
    has_annotations=True,
    wraps=(KeyWrap.AES_GCM, KeyWrap.AES_KEY_WRAP, KeyWrap.AES_ECB),
)
