# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""An envelope of V3 as the metadata of its object, and the body of its instruction file.

Source: https://github.com/awslabs/aws-encryption-sdk-specification/blob/master/s3-encryption/data-format/metadata-strategy.md
"""

from __future__ import annotations

import base64
import json

from ..model.envelope import CONTENT_CIPHER_NAME, Envelope, EnvelopePlace, Format, KeyWrap, Texts
from ..model.errors import Failure, FailureKind, OperationError, assert_never
from ..model.objects import envelope_fields as names
from ..model.objects.encoded_words import Metadata

CONTENT_CIPHER_V3 = "115"
KEY_WRAPS_V3 = {"02": KeyWrap.AES_GCM, "12": KeyWrap.KMS_CONTEXT, "22": KeyWrap.RSA}
_CODES: dict[KeyWrap, str] = {wrap: code for code, wrap in KEY_WRAPS_V3.items() if wrap is not KeyWrap.RSA}


def bound_context(named: Texts) -> Texts:
    """The encryption context of a V3 envelope: what the task names, and the content cipher, which the clients add."""
    return tuple(sorted(((CONTENT_CIPHER_NAME, CONTENT_CIPHER_V3), *named)))


def serialize_envelope(envelope: Envelope) -> tuple[Metadata, bytes | None]:
    """The fields for the metadata of the object, and the body of the instruction file if the envelope has one.

    The fields of the content are always in the metadata, and those of the data key are in one of the two places.
    """
    content, key = _content_fields(envelope), _key_fields(envelope)
    match envelope.place:
        case EnvelopePlace.METADATA:
            return tuple(sorted((*content, *key))), None
        case EnvelopePlace.INSTRUCTION_FILE:
            return tuple(sorted(content)), _json(key).encode()
        case _:
            assert_never(envelope.place)


def _content_fields(envelope: Envelope) -> Metadata:
    if envelope.format is not Format.V3 or envelope.commitment is None or envelope.wrap not in _CODES:
        raise OperationError(
            Failure(
                FailureKind.UNSUPPORTED,
                "sealed.s3 writes only version 3 of client-side encryption, with a KMS key or an own key.",
                "Write the object again from its source.",
            )
        )
    return (
        (names.CONTENT_CIPHER, CONTENT_CIPHER_V3),
        (names.COMMITMENT, _base64(envelope.commitment)),
        (names.MESSAGE_ID, _base64(envelope.message_id)),
    )


def _key_fields(envelope: Envelope) -> Metadata:
    fields = [
        (names.ENCRYPTED_DATA_KEY_V3, _base64(envelope.encrypted_data_key)),
        (names.KEY_WRAP, _CODES[envelope.wrap]),
    ]
    if envelope.context:
        fields.append((names.CONTEXT, _json(envelope.context)))
    if envelope.description:
        fields.append((names.DESCRIPTION, _json(envelope.description)))
    return tuple(fields)


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def _json(texts: Texts) -> str:
    """One object of strings, in ASCII. S3 would decode a text that looks like an encoded word, so that is escaped."""
    return json.dumps(dict(texts), separators=(",", ":")).replace("=?", "=\\u003f")
