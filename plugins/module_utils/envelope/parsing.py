# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""An envelope from the metadata of its object, and from its instruction file.

Everything that is not as the specification says is refused, because an envelope is not authenticated as a whole: who
may write to the bucket can mix fields of several versions, so that a reader decrypts something else.
Source: https://github.com/awslabs/aws-encryption-sdk-specification/blob/master/s3-encryption/data-format/content-metadata.md
"""

from __future__ import annotations

import base64

from ..model.envelope import CONTENT_CIPHER_NAME, Envelope, EnvelopePlace, Format, KeyWrap, Texts
from ..model.errors import OperationError
from ..model.objects import envelope_fields as names
from ..model.objects.encoded_words import Metadata
from .field_values import MAY_BE_EMPTY, Fields, read_instruction_file, refused
from .serializing import CONTENT_CIPHER_V3, KEY_WRAPS_V3

_GCM = "AES/GCM/NoPadding"
_CBC = "AES/CBC/PKCS5Padding"
_TAG_BITS = "128"
_OAEP_SHA1 = "RSA-OAEP-SHA1"
_KEY_WRAPS_V2 = {
    "AES/GCM": KeyWrap.AES_GCM,
    "AESWrap": KeyWrap.AES_KEY_WRAP,
    "kms+context": KeyWrap.KMS_CONTEXT,
    "kms": KeyWrap.KMS,
    "RSA/ECB/OAEPWithSHA-256AndMGF1Padding": KeyWrap.RSA,
    _OAEP_SHA1: KeyWrap.RSA,
}
# The ways to encrypt a data key that also authenticate that the content cipher is AES-GCM. Version 1 did not have them.
_BIND_GCM = ("AES/GCM", _OAEP_SHA1)
_BIND_CIPHER = (*_BIND_GCM, "kms+context")
# The only length of an encrypted data key of 32 bytes. That of KMS and of RSA depends on the key.
_KEY_LENGTHS = {KeyWrap.AES_GCM: 60, KeyWrap.AES_KEY_WRAP: 40, KeyWrap.AES_ECB: 48}
# Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html
_LONGEST_KEY = 6144
_COMMITMENT_BYTES = _MESSAGE_ID_BYTES = 28
_GCM_NONCE_BYTES, _CBC_VECTOR_BYTES = 12, 16

# The fields in the metadata of an object that does not exist.
_NO_OBJECT = Fields(
    {
        names.CONTENT_CIPHER: CONTENT_CIPHER_V3,
        names.COMMITMENT: base64.b64encode(bytes(_COMMITMENT_BYTES)).decode("ascii"),
        names.MESSAGE_ID: base64.b64encode(bytes(_MESSAGE_ID_BYTES)).decode("ascii"),
    },
    EnvelopePlace.METADATA,
)


def needs_instruction_file(fields: Metadata) -> bool:
    """Whether the metadata shows that the encrypted data key is in an instruction file.

    That is so for V3, and for an older object that has only hints about its plaintext in its metadata. Other objects of
    V1 and V2 with an instruction file show nothing. An instruction file itself has none.
    """
    present = _by_name(fields)
    only_hints = bool(present) and present.keys() <= {names.PLAINTEXT_SIZE, names.PLAINTEXT_MD5}
    return only_hints or names.has_key_elsewhere(tuple(present.items()))


def parse_envelope(fields: Metadata, file: bytes | None) -> Envelope | None:
    """The envelope of an object with these fields in its metadata, and with this instruction file, if any.

    A complete envelope in the metadata counts, and the file is not read then. None: there is no envelope. Raises
    OperationError for an envelope that is not as the specification says.
    """
    values = {name: value for name, value in _by_name(fields).items() if name not in names.HINTS}
    metadata = Fields(values, EnvelopePlace.METADATA)
    if not metadata.values:
        return None if file is None else _parse_before_v3(_only_before_v3(read_instruction_file(file)))
    _require_one_version(metadata)
    if not metadata.named(names.FIELDS_V3):
        return _parse_before_v3(metadata)
    if metadata.named((names.ENCRYPTED_DATA_KEY_V3,)) or metadata.missing(names.CONTENT_FIELDS_V3):
        return _parse_v3(metadata, metadata)
    return _parse_v3(metadata, _file_of_v3(metadata, file))


def parse_instruction_file(file: bytes) -> Envelope:
    """What an instruction file says of the data key, for an object that is still to be written.

    Message id and commitment of V3 are in the metadata of an object: here they are zeros, and prove nothing.
    """
    fields = read_instruction_file(file)
    if not fields.named(names.FIELDS_V3):
        return _parse_before_v3(_only_before_v3(fields))
    return _parse_v3(_NO_OBJECT, _file_of_v3(_NO_OBJECT, file))


def missing_file(fields: Metadata) -> OperationError:
    """The exception for an object that has only hints, and no instruction file: its content may be a ciphertext."""
    present = ", ".join(_by_name(fields))
    return refused(
        f"the metadata of the object has {present}, which belongs to client-side encryption, and neither it nor an "
        "instruction file has an encrypted data key",
        f"Restore the object with the suffix {names.INSTRUCTION_SUFFIX}, or write the object again from its source.",
    )


def _by_name(fields: Metadata) -> dict[str, str]:
    lowered = {name.lower(): value for name, value in fields}
    return {name: value for name, value in lowered.items() if value or name not in MAY_BE_EMPTY}


def _require_one_version(fields: Fields) -> None:
    before, v3 = fields.named(names.FIELDS_BEFORE_V3), fields.named(names.FIELDS_V3)
    if before and v3:
        raise refused(f"{fields.where} has fields of version 3 ({v3}) and of version 1 or 2 ({before})")
    v1, v2 = fields.named((names.ENCRYPTED_DATA_KEY_V1,)), fields.named(names.ONLY_V2)
    if v1 and v2:
        raise refused(f"{fields.where} has fields of version 1 ({v1}) and of version 2 ({v2})")


def _only_before_v3(file: Fields) -> Fields:
    """The fields of an instruction file for an object that has no field of an envelope in its metadata."""
    v3 = file.named(names.FIELDS_V3)
    if v3:
        raise refused(
            f"the instruction file has fields of version 3 ({v3}), and the metadata of the object has none of "
            f"{', '.join(names.CONTENT_FIELDS_V3)}"
        )
    _require_one_version(file)
    return file


def _file_of_v3(metadata: Fields, file: bytes | None) -> Fields:
    """The fields of the instruction file for a V3 object."""
    misplaced = metadata.named(names.KEY_FIELDS_V3)
    if misplaced:
        raise refused(f"the metadata of the object has {misplaced}, but no {names.ENCRYPTED_DATA_KEY_V3}")
    if file is None:
        raise refused(
            f"the metadata of the object has no {names.ENCRYPTED_DATA_KEY_V3}, and the instruction file does not exist",
            f"Restore the object with the suffix {names.INSTRUCTION_SUFFIX}, such as from an earlier version of it.",
        )
    fields = read_instruction_file(file)
    of_object = fields.named(names.CONTENT_FIELDS_V3)
    if of_object:
        raise refused(f"the instruction file has {of_object}, which belongs to the metadata of the object only")
    older = fields.named(names.FIELDS_BEFORE_V3)
    if older:
        raise refused(f"the object is of version 3, and its instruction file has fields of version 1 or 2 ({older})")
    return fields


def _parse_v3(content: Fields, key: Fields) -> Envelope:
    """The content fields are in the metadata, and those of the data key in the same or the other place."""
    content.require(names.CONTENT_FIELDS_V3)
    key.require((names.ENCRYPTED_DATA_KEY_V3, names.KEY_WRAP))
    content.choose(names.CONTENT_CIPHER, {CONTENT_CIPHER_V3: None})
    wrap = key.choose(names.KEY_WRAP, KEY_WRAPS_V3)
    context, description = _context_and_description(key, wrap is KeyWrap.KMS_CONTEXT)
    return Envelope(
        Format.V3,
        wrap,
        _encrypted_data_key(key, names.ENCRYPTED_DATA_KEY_V3, wrap),
        content.decoded(names.MESSAGE_ID, _MESSAGE_ID_BYTES),
        content.decoded(names.COMMITMENT, _COMMITMENT_BYTES),
        context,
        description,
        key.place,
    )


def _context_and_description(key: Fields, by_kms: bool) -> tuple[Texts, Texts]:
    """Of V3, where each has a field of its own, and only one of them is used."""
    context, description = key.texts(names.CONTEXT), key.texts(names.DESCRIPTION)
    if context and description:
        raise refused(f"{key.where} has both {names.CONTEXT} and {names.DESCRIPTION}")
    if by_kms and description:
        raise refused(f"{names.DESCRIPTION} describes an own key, and the data key is encrypted by KMS")
    if context and not by_kms:
        raise refused(f"{names.CONTEXT} is for KMS, and the data key is not encrypted by KMS")
    if by_kms:
        _require_bound(names.CONTEXT, dict(context), CONTENT_CIPHER_V3)
    return context, description


def _parse_before_v3(fields: Fields) -> Envelope:
    if fields.named((names.ENCRYPTED_DATA_KEY_V1,)):
        return _parse_v1(fields)
    if fields.named((names.ENCRYPTED_DATA_KEY_V2,)):
        return _parse_v2(fields)
    raise refused(
        f"{fields.where} has none of {names.ENCRYPTED_DATA_KEY_V1}, {names.ENCRYPTED_DATA_KEY_V2} and "
        f"{names.ENCRYPTED_DATA_KEY_V3}"
    )


def _parse_v1(fields: Fields) -> Envelope:
    """V1 names no algorithm: its content cipher is AES-CBC, and an own key encrypted the data key in single blocks.

    An encrypted data key that is longer than that of an AES key is one of an RSA key, as the client for Java decides.
    """
    fields.require((names.INITIALISATION_VECTOR, names.DESCRIPTION_OR_CONTEXT))
    encrypted = fields.decoded(names.ENCRYPTED_DATA_KEY_V1, None)
    wrap = KeyWrap.RSA if len(encrypted) > _KEY_LENGTHS[KeyWrap.AES_ECB] else KeyWrap.AES_ECB
    return Envelope(
        Format.V1_CBC,
        wrap,
        _encrypted_data_key(fields, names.ENCRYPTED_DATA_KEY_V1, wrap),
        fields.decoded(names.INITIALISATION_VECTOR, _CBC_VECTOR_BYTES),
        description=fields.texts(names.DESCRIPTION_OR_CONTEXT),
        place=fields.place,
    )


def _parse_v2(fields: Fields) -> Envelope:
    fields.require(
        (
            names.INITIALISATION_VECTOR,
            names.DESCRIPTION_OR_CONTEXT,
            names.KEY_WRAP_V2,
            names.CONTENT_CIPHER_V2,
        )
    )
    wrap = fields.choose(names.KEY_WRAP_V2, _KEY_WRAPS_V2)
    used, cipher = fields.values[names.KEY_WRAP_V2], fields.values[names.CONTENT_CIPHER_V2]
    is_gcm = fields.choose(names.CONTENT_CIPHER_V2, {_GCM: True, _CBC: False})
    if not is_gcm and used in _BIND_GCM:
        raise refused(f"{names.KEY_WRAP_V2} is {used}, which is used with {_GCM} only, and not with {_CBC}")
    _require_tag_length(fields, is_gcm)
    texts = fields.texts(names.DESCRIPTION_OR_CONTEXT)
    by_kms = wrap in (KeyWrap.KMS, KeyWrap.KMS_CONTEXT)
    if wrap is KeyWrap.KMS_CONTEXT:
        _require_bound(names.DESCRIPTION_OR_CONTEXT, dict(texts), cipher)
    if wrap is KeyWrap.KMS and CONTENT_CIPHER_NAME in dict(texts):
        raise refused(
            f"{names.KEY_WRAP_V2} is {used}, and the encryption context has {CONTENT_CIPHER_NAME}, which belongs to "
            "kms+context: an object of version 2 is presented as one of version 1"
        )
    return Envelope(
        _format_of_v2(is_gcm, used),
        wrap,
        _encrypted_data_key(fields, names.ENCRYPTED_DATA_KEY_V2, wrap),
        fields.decoded(names.INITIALISATION_VECTOR, _GCM_NONCE_BYTES if is_gcm else _CBC_VECTOR_BYTES),
        context=texts if by_kms else (),
        description=() if by_kms else texts,
        place=fields.place,
    )


def _format_of_v2(is_gcm: bool, used: str) -> Format:
    """The format of content under x-amz-key-v2, where clients of version 1 also wrote AES-GCM.

    What they encrypted a data key with does not authenticate the content cipher, so it needs a setting of its own.
    """
    if not is_gcm:
        return Format.V1_CBC
    return Format.V2 if used in _BIND_CIPHER else Format.V1


def _require_tag_length(fields: Fields, is_gcm: bool) -> None:
    """AES-GCM needs x-amz-tag-len, and AES-CBC has none, or 0 as version 1 for Go wrote it."""
    name = names.TAG_LENGTH
    if is_gcm:
        fields.require((name,))
    allowed = (_TAG_BITS,) if is_gcm else ("0",)
    value = fields.values.get(name, allowed[0])
    if value not in allowed:
        raise refused(f"{name} is {value[:20]!r} instead of {allowed[0]}")


def _require_bound(name: str, context: dict[str, str], cipher: str) -> None:
    """The context has the content cipher, so that KMS authenticates it."""
    value = context.get(CONTENT_CIPHER_NAME)
    if value is None:
        raise refused(f"the encryption context in {name} has no {CONTENT_CIPHER_NAME}")
    if value != cipher:
        raise refused(f"the encryption context in {name} has {CONTENT_CIPHER_NAME} {value[:40]!r} instead of {cipher}")


def _encrypted_data_key(fields: Fields, name: str, wrap: KeyWrap) -> bytes:
    value = fields.decoded(name, _KEY_LENGTHS.get(wrap))
    if not 0 < len(value) <= _LONGEST_KEY:
        raise _no_data_key(name, len(value))
    return value


def _no_data_key(name: str, length: int) -> OperationError:
    return refused(f"{name} has {length} bytes, and no encrypted data key is empty or longer than {_LONGEST_KEY}")
