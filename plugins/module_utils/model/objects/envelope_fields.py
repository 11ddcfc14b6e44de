# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The names of the fields of an envelope, and how they are separated from the user's metadata.

The names are those of the Amazon S3 Encryption Client, stored as user metadata or in an instruction file.
Source: https://github.com/awslabs/aws-encryption-sdk-specification/blob/master/s3-encryption/data-format/content-metadata.md
"""

from __future__ import annotations

from .encoded_words import Metadata

# Version 3. The first three are always in the metadata of the object, the others in the instruction file if there is
# one.
CONTENT_CIPHER = "x-amz-c"
COMMITMENT = "x-amz-d"
MESSAGE_ID = "x-amz-i"
ENCRYPTED_DATA_KEY_V3 = "x-amz-3"
KEY_WRAP = "x-amz-w"
DESCRIPTION = "x-amz-m"
CONTEXT = "x-amz-t"
# Version 2, whose content cipher may also be that of version 1.
ENCRYPTED_DATA_KEY_V2 = "x-amz-key-v2"
CONTENT_CIPHER_V2 = "x-amz-cek-alg"
KEY_WRAP_V2 = "x-amz-wrap-alg"
TAG_LENGTH = "x-amz-tag-len"
# Version 1.
ENCRYPTED_DATA_KEY_V1 = "x-amz-key"
# Versions 1 and 2.
INITIALISATION_VECTOR = "x-amz-iv"
DESCRIPTION_OR_CONTEXT = "x-amz-matdesc"
# Hints that nothing authenticates. They are never used.
PLAINTEXT_SIZE = "x-amz-unencrypted-content-length"
PLAINTEXT_MD5 = "x-amz-unencrypted-content-md5"
# The mark that older clients put on an instruction file.
IS_INSTRUCTION_FILE = "x-amz-crypto-instr-file"

CONTENT_FIELDS_V3 = (CONTENT_CIPHER, COMMITMENT, MESSAGE_ID)
KEY_FIELDS_V3 = (ENCRYPTED_DATA_KEY_V3, KEY_WRAP, DESCRIPTION, CONTEXT)
FIELDS_V3 = (*CONTENT_FIELDS_V3, *KEY_FIELDS_V3)
ONLY_V2 = (ENCRYPTED_DATA_KEY_V2, CONTENT_CIPHER_V2, KEY_WRAP_V2, TAG_LENGTH)
FIELDS_BEFORE_V3 = (ENCRYPTED_DATA_KEY_V1, *ONLY_V2, INITIALISATION_VECTOR, DESCRIPTION_OR_CONTEXT)
HINTS = (PLAINTEXT_SIZE, PLAINTEXT_MD5, IS_INSTRUCTION_FILE)

_ENVELOPE_FIELDS = frozenset((*FIELDS_V3, *FIELDS_BEFORE_V3, *HINTS))

# What is appended to the key of an object for the key of its instruction file.
# Source: https://github.com/awslabs/aws-encryption-sdk-specification/blob/master/s3-encryption/data-format/metadata-strategy.md
INSTRUCTION_SUFFIX = ".instruction"


def is_envelope_field(name: str) -> bool:
    """Whether the name of metadata belongs to an envelope. S3 does not distinguish upper and lower case in it."""
    return name.lower() in _ENVELOPE_FIELDS


def split_metadata(metadata: Metadata) -> tuple[Metadata, Metadata]:
    """The user's metadata, and the fields of the envelope, whose names some stores return in upper case."""
    user = tuple((name, value) for name, value in metadata if not is_envelope_field(name))
    return user, tuple((name.lower(), value) for name, value in metadata if is_envelope_field(name))


def has_key_elsewhere(fields: Metadata) -> bool:
    """Whether these are fields of V3 whose encrypted data key is in an instruction file."""
    names = {name.lower() for name, _value in fields}
    return names.issuperset(CONTENT_FIELDS_V3) and ENCRYPTED_DATA_KEY_V3 not in names
