# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Which metadata belongs to an envelope. The names themselves are in the model."""

from __future__ import annotations

from collections.abc import Mapping

from ..model.objects.encoded_words import Metadata
from ..model.objects.envelope_fields import (
    CONTENT_CIPHER,
    ENCRYPTED_DATA_KEY_V1,
    ENCRYPTED_DATA_KEY_V2,
    ENCRYPTED_DATA_KEY_V3,
    ENVELOPE_FIELDS,
    INSTRUCTION_SUFFIX,
    split_metadata,
)

__all__ = ["INSTRUCTION_SUFFIX", "envelope_format", "has_envelope_field", "is_envelope_field", "split_metadata"]


def is_envelope_field(name: str) -> bool:
    """Whether the name of metadata belongs to an envelope. S3 does not distinguish upper and lower case in it."""
    return name.lower() in ENVELOPE_FIELDS


def has_envelope_field(metadata: Metadata) -> bool:
    """Whether the metadata has any field of an envelope, also a hint."""
    return any(is_envelope_field(name) for name, _value in metadata)


def envelope_format(metadata: Mapping[str, str]) -> str:
    """The format of the S3 Encryption Client that an object's user metadata shows; empty if there is none.

    If the envelope is in an instruction file, the metadata has only the content fields of version 3, or nothing.
    """
    names = {name.lower() for name in metadata}
    if names & {CONTENT_CIPHER, ENCRYPTED_DATA_KEY_V3}:
        return "S3 Encryption Client V3"
    if ENCRYPTED_DATA_KEY_V2 in names:
        return "S3 Encryption Client V2"
    if ENCRYPTED_DATA_KEY_V1 in names:
        return "S3 Encryption Client V1"
    return ""
