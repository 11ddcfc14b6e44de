# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What the package `cryptography` computes, and the sentence for a host that does not have it.

All of it is in `cryptography` since version 3.4. Each function imports what it uses, so tasks that do not encrypt start
faster, and run on a host that does not have the package.
"""

from __future__ import annotations

from typing import Protocol

from ..model.errors import Failure, FailureKind, OperationError


class Updating(Protocol):
    """A cipher that is given its input in pieces."""

    def update(self, data: bytes | memoryview) -> bytes:
        """The output for the next piece."""

    def finalize(self) -> bytes:
        """The end of the output."""


class Tagging(Updating, Protocol):
    """A cipher that computes a tag while it encrypts."""

    @property
    def tag(self) -> bytes:
        """The tag, after `finalize`."""


class NotAuthentic(Exception):
    """The tag or the padding is not that of this key and this ciphertext. It says no more, and carries no bytes."""


def require_cryptography() -> None:
    """Raise OperationError if the package is not installed."""
    try:
        from cryptography.hazmat.primitives.ciphers import Cipher  # noqa: F401 (the attempt is the check)
    except ImportError:
        raise OperationError(
            Failure(
                FailureKind.UNSUPPORTED,
                "Client-side encryption needs the Python package cryptography, which is not installed for the Python "
                "that runs the task.",
                "Install python3-cryptography, or cryptography 3.4 or newer with pip, on the host that runs the task.",
            )
        ) from None


def gcm_encryptor(key: bytes, nonce: bytes, associated: bytes) -> Tagging:
    """AES-GCM for a message in pieces."""
    require_cryptography()
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    encryptor = Cipher(algorithms.AES(key), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(associated)
    return encryptor


class GcmDecryptor:
    """AES-GCM for a ciphertext in pieces, whose tag comes last."""

    __slots__ = ("_decryptor",)

    def __init__(self, key: bytes, nonce: bytes, associated: bytes) -> None:
        require_cryptography()
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        self._decryptor = Cipher(algorithms.AES(key), modes.GCM(nonce)).decryptor()
        self._decryptor.authenticate_additional_data(associated)

    def update(self, data: bytes | memoryview) -> bytes:
        """The plaintext of the next piece, which is not yet authenticated."""
        return self._decryptor.update(data)

    def verify(self, tag: bytes) -> None:
        """Raise NotAuthentic if this is not the tag of all pieces."""
        from cryptography.exceptions import InvalidTag

        try:
            self._decryptor.finalize_with_tag(tag)
        except InvalidTag:
            raise NotAuthentic from None


def ctr_encryptor(key: bytes, first_block: bytes) -> Updating:
    """AES in counter mode, which GCM uses, from any block."""
    require_cryptography()
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    return Cipher(algorithms.AES(key), modes.CTR(first_block)).encryptor()


def cbc_encryptor(key: bytes, vector: bytes) -> Updating:
    """AES-CBC without padding."""
    require_cryptography()
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    return Cipher(algorithms.AES(key), modes.CBC(vector)).encryptor()


def cbc_decryptor(key: bytes, vector: bytes) -> Updating:
    """AES-CBC without padding."""
    require_cryptography()
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    return Cipher(algorithms.AES(key), modes.CBC(vector)).decryptor()


def derive(data_key: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    """HKDF with SHA-512."""
    require_cryptography()
    from cryptography.hazmat.primitives.hashes import SHA512
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(algorithm=SHA512(), length=length, salt=salt, info=info).derive(data_key)


def gcm_seal(key: bytes, nonce: bytes, plaintext: bytes, associated: bytes) -> bytes:
    """The ciphertext with its tag."""
    require_cryptography()
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key).encrypt(nonce, plaintext, associated)


def gcm_open(key: bytes, nonce: bytes, ciphertext: bytes, associated: bytes) -> bytes:
    """The plaintext. Raises NotAuthentic."""
    require_cryptography()
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(key).decrypt(nonce, ciphertext, associated)
    except InvalidTag:
        raise NotAuthentic from None


def unwrap_key(key: bytes, wrapped: bytes) -> bytes:
    """AES Key Wrap of RFC 3394. Raises NotAuthentic."""
    require_cryptography()
    from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap

    try:
        return aes_key_unwrap(key, wrapped)
    except InvalidUnwrap:
        raise NotAuthentic from None


def ecb_decrypt(key: bytes, blocks: bytes) -> bytes:
    """AES of single blocks, without padding."""
    require_cryptography()
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    decryptor = Cipher(algorithms.AES(key), modes.ECB()).decryptor()  # as version 1 wrapped its data keys
    return decryptor.update(blocks) + decryptor.finalize()
