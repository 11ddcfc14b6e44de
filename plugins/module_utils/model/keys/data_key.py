# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A data key of client-side encryption, as KMS returns it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..secret import Secret

# GenerateDataKey with the key spec AES_256.
DATA_KEY_BYTES = 32
# Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html
LARGEST_WRAPPED_KEY = 6144

# Names and values, ordered by the names.
EncryptionContext = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class WrappedDataKey:
    """A data key, the same encrypted by KMS, and the ARN of the KMS key in the response of KMS."""

    data_key: Secret
    wrapped: bytes
    key_arn: str
