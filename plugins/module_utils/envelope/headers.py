# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The header names of client-side encryption, and the format that they show.

The names are those of the Amazon S3 Encryption Client, stored as user metadata.
Source: https://docs.aws.amazon.com/amazon-s3-encryption-client/latest/developerguide/concepts.html
"""

from __future__ import annotations

from collections.abc import Mapping

# Version 3, with key commitment.
CONTENT_CIPHER = "x-amz-c"
ENCRYPTED_DATA_KEY_V3 = "x-amz-3"
# Versions 2 and 1.
ENCRYPTED_DATA_KEY_V2 = "x-amz-key-v2"
ENCRYPTED_DATA_KEY_V1 = "x-amz-key"


def envelope_format(metadata: Mapping[str, str]) -> str:
    """The format of the S3 Encryption Client that an object's user metadata shows; empty if there is none.

    If the envelope is in an instruction file, the metadata has only the content cipher of version 3, or nothing.
    """
    names = {name.lower() for name in metadata}
    if names & {CONTENT_CIPHER, ENCRYPTED_DATA_KEY_V3}:
        return "S3 Encryption Client V3"
    if ENCRYPTED_DATA_KEY_V2 in names:
        return "S3 Encryption Client V2"
    if ENCRYPTED_DATA_KEY_V1 in names:
        return "S3 Encryption Client V1"
    return ""
