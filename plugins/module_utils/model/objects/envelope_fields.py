# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The names of the fields of an envelope, which are metadata of the object or members of its instruction file.

They are those of the Amazon S3 Encryption Client.
Source: https://github.com/awslabs/aws-encryption-sdk-specification/blob/master/s3-encryption/data-format/content-metadata.md
"""

from __future__ import annotations

from .envelope import Texts

# Version 3, with key commitment. The first three are always metadata of the object.
CONTENT_CIPHER = "x-amz-c"
COMMITMENT = "x-amz-d"
MESSAGE_ID = "x-amz-i"
ENCRYPTED_DATA_KEY_V3 = "x-amz-3"
WRAP_ALGORITHM_V3 = "x-amz-w"
ENCRYPTION_CONTEXT_V3 = "x-amz-t"
DESCRIPTION_V3 = "x-amz-m"
OBJECT_FIELDS_V3 = (CONTENT_CIPHER, COMMITMENT, MESSAGE_ID)
KEY_FIELDS_V3 = (ENCRYPTED_DATA_KEY_V3, WRAP_ALGORITHM_V3, ENCRYPTION_CONTEXT_V3, DESCRIPTION_V3)

# Versions 2 and 1.
ENCRYPTED_DATA_KEY_V2 = "x-amz-key-v2"
ENCRYPTED_DATA_KEY_V1 = "x-amz-key"
INITIALISATION_VECTOR = "x-amz-iv"
CONTENT_CIPHER_V2 = "x-amz-cek-alg"
WRAP_ALGORITHM_V2 = "x-amz-wrap-alg"
DESCRIPTION_V2 = "x-amz-matdesc"
TAG_LENGTH = "x-amz-tag-len"

# Hints of some clients, which nothing authenticates: they are never relied on.
HINTS = ("x-amz-unencrypted-content-length", "x-amz-unencrypted-content-md5", "x-amz-crypto-instr-file")

ENVELOPE_FIELDS = frozenset(
    {
        *OBJECT_FIELDS_V3,
        *KEY_FIELDS_V3,
        ENCRYPTED_DATA_KEY_V2,
        ENCRYPTED_DATA_KEY_V1,
        INITIALISATION_VECTOR,
        CONTENT_CIPHER_V2,
        WRAP_ALGORITHM_V2,
        DESCRIPTION_V2,
        TAG_LENGTH,
        *HINTS,
    }
)

# An instruction file has the key of its object with this at the end.
INSTRUCTION_SUFFIX = ".instruction"


def split_metadata(metadata: Texts) -> tuple[Texts, Texts]:
    """The metadata of the user, and the fields of an envelope."""
    fields = tuple((name.lower(), value) for name, value in metadata if name.lower() in ENVELOPE_FIELDS)
    return tuple((name, value) for name, value in metadata if name.lower() not in ENVELOPE_FIELDS), fields


def lacks_data_key(fields: Texts) -> bool:
    """Whether the fields are those of version 3 whose encrypted data key is in an instruction file."""
    names = {name for name, _value in fields}
    keys = {ENCRYPTED_DATA_KEY_V3, ENCRYPTED_DATA_KEY_V2, ENCRYPTED_DATA_KEY_V1}
    return names.issuperset(OBJECT_FIELDS_V3) and not names & keys
