# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""CSE-KMS: this collection encrypts before the upload, with a data key of AWS KMS."""

from __future__ import annotations

from ..envelope import KeyWrap
from .client_side import ClientSideKind
from .kind import KeyHolder, Side

KIND = ClientSideKind(
    name="CSE-KMS",
    key_holder=KeyHolder.KMS,
    side=Side.CLIENT,
    encrypted_by="this collection, before the upload",
    summary="This collection encrypts before the upload, with a data key of the KMS key in O(kms_key).",
    source="https://docs.aws.amazon.com/amazon-s3-encryption-client/latest/developerguide/concepts.html",
    options=("kms_key", "encryption_context", "envelope", "server_side"),
    choosable=True,
    has_annotations=True,
    wraps=(KeyWrap.KMS_CONTEXT, KeyWrap.KMS),
)
