# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The header names of client-side encryption, written once, and what they tell of an object.

The names are those of the Amazon S3 Encryption Client, stored as user metadata.
Source: https://docs.aws.amazon.com/amazon-s3-encryption-client/latest/developerguide/concepts.html
"""

from __future__ import annotations

from collections.abc import Mapping

# V3, key committing.
CONTENT_CIPHER = "x-amz-c"
ENCRYPTED_DATA_KEY_V3 = "x-amz-3"
# V2 and V1.
ENCRYPTED_DATA_KEY_V2 = "x-amz-key-v2"
ENCRYPTED_DATA_KEY_V1 = "x-amz-key"


def envelope_format(metadata: Mapping[str, str]) -> str:
    """The version of the S3 Encryption Client's format that an object's user metadata shows; empty for none.

    An object whose envelope lies in an instruction file shows V3's content cipher, or nothing at all.
    """
    names = {name.lower() for name in metadata}
    if names & {CONTENT_CIPHER, ENCRYPTED_DATA_KEY_V3}:
        return "S3 Encryption Client V3"
    if ENCRYPTED_DATA_KEY_V2 in names:
        return "S3 Encryption Client V2"
    if ENCRYPTED_DATA_KEY_V1 in names:
        return "S3 Encryption Client V1"
    return ""
