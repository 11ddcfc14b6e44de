# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Data keys, and how an own key encrypts and decrypts them.

Source: https://github.com/awslabs/aws-encryption-sdk-specification/tree/master/s3-encryption/materials
"""

from __future__ import annotations

import os

from ..model.envelope import Envelope, Format, KeyWrap
from ..model.errors import Failure, FailureKind, OperationError, assert_never
from ..model.secret import CustomerKey, Secret
from .cryptography_package import NotAuthentic, ecb_decrypt, gcm_open, gcm_seal, unwrap_key

DATA_KEY_BYTES = 32
_NONCE_BYTES = 12
_BLOCK = 16

# What AES-GCM authenticates beside the data key: the content cipher. So a data key of one format is refused in another.
_BOUND_V3 = b"115"
_BOUND_V2 = b"AES/GCM/NoPadding"


def new_data_key() -> Secret:
    """A data key for one object."""
    return Secret(os.urandom(DATA_KEY_BYTES))


def wrap_data_key(data_key: Secret, key: CustomerKey) -> bytes:
    """The data key, encrypted with an own key for an envelope of V3: nonce, ciphertext, tag."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + gcm_seal(key.reveal(), nonce, data_key.reveal(), _BOUND_V3)


def unwrap_data_key(envelope: Envelope, key: CustomerKey) -> Secret:
    """The data key of an envelope for an own key. Raises OperationError if this key does not decrypt it."""
    wrapped = envelope.encrypted_data_key
    try:
        match envelope.wrap:
            case KeyWrap.AES_GCM:
                bound = _BOUND_V3 if envelope.format is Format.V3 else _BOUND_V2
                nonce, ciphertext = wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:]
                data_key = gcm_open(key.reveal(), nonce, ciphertext, bound)
            case KeyWrap.AES_KEY_WRAP:
                data_key = unwrap_key(key.reveal(), wrapped)
            case KeyWrap.AES_ECB:
                data_key = _without_padding(ecb_decrypt(key.reveal(), wrapped))
            case KeyWrap.RSA:
                raise rsa_refusal()
            case KeyWrap.KMS | KeyWrap.KMS_CONTEXT:
                raise _held_by_kms()
            case _:
                assert_never(envelope.wrap)
    except NotAuthentic:
        raise _not_decrypted() from None
    if len(data_key) != DATA_KEY_BYTES:
        raise _not_decrypted()
    return Secret(data_key)


def rsa_refusal() -> OperationError:
    """The exception for an object whose data key is encrypted with an RSA key."""
    return OperationError(
        Failure(
            FailureKind.UNSUPPORTED,
            "The data key of the object is encrypted with an RSA key, and sealed.s3 does not read RSA.",
            "Read the object with an S3 Encryption Client that has the RSA key, and write it again with a KMS key or "
            "an own key.",
        )
    )


def _without_padding(padded: bytes) -> bytes:
    """The data key. The padding of 32 bytes is a whole block."""
    if padded[DATA_KEY_BYTES:] != bytes([_BLOCK]) * _BLOCK:
        raise NotAuthentic
    return padded[:DATA_KEY_BYTES]


def _not_decrypted() -> OperationError:
    return OperationError(
        Failure(
            FailureKind.WRONG_KEY,
            "The customer key does not decrypt the data key of the object: it is another key, or the envelope of the "
            "object was altered.",
            "Name the key that the object was written with, or previous_customer_key after a rotation. If the key is "
            "right, write the object again from its source, and check who may write to the bucket.",
        )
    )


def _held_by_kms() -> OperationError:
    return OperationError(
        Failure(
            FailureKind.WRONG_KEY,
            "The data key of the object is encrypted with a KMS key, and the task names a customer key.",
            "Name the encryption of the object, or no encryption, to read it.",
        )
    )
