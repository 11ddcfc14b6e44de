# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Content ciphers for the tests: AES-GCM and AES-CBC, written without the code under test."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.padding import PKCS7

from ansible_collections.sealed.s3.plugins.module_utils.model.envelope import Format
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind, OperationError

_KEY = bytes(range(32))
_NONCE = b"\x01" * 12
_IV = b"\x02" * 16


def not_authentic() -> OperationError:
    return OperationError(Failure(FailureKind.NOT_AUTHENTIC, "The tag does not match."))


@dataclass(frozen=True)
class Gcm:
    """AES-GCM, in one call for a whole content."""

    format: Format = Format.V3

    def ciphertext_size(self, plaintext: int) -> int:
        """With the tag."""
        return plaintext + 16

    def encrypt(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Chunk by chunk, then the tag."""
        encryptor = Cipher(algorithms.AES(_KEY), modes.GCM(_NONCE)).encryptor()
        for chunk in chunks:
            yield encryptor.update(chunk)
        yield encryptor.finalize() + encryptor.tag

    def decrypt(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Bytes whose authenticity only the end shows."""
        decryptor = Cipher(algorithms.AES(_KEY), modes.GCM(_NONCE)).decryptor()
        held = b""
        for chunk in chunks:
            held += chunk
            piece, held = held[:-16], held[-16:]
            yield decryptor.update(piece)
        try:
            decryptor.finalize_with_tag(held)
        except (InvalidTag, ValueError):
            raise not_authentic() from None

    def encrypt_at(self, plaintext: bytes, offset: int) -> bytes:
        """The key stream of GCM is that of CTR from counter 2 on."""
        counter = (2 + offset // 16).to_bytes(4, "big")
        encryptor = Cipher(algorithms.AES(_KEY), modes.CTR(_NONCE + counter)).encryptor()
        encryptor.update(bytes(offset % 16))
        return encryptor.update(plaintext)


@dataclass(frozen=True)
class Cbc:
    """AES-CBC, which is not authenticated."""

    format: Format = Format.V1_CBC

    def ciphertext_size(self, plaintext: int) -> int:
        """With the padding."""
        return plaintext // 16 * 16 + 16

    def encrypt(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """All at once."""
        padder = PKCS7(128).padder()
        padded = padder.update(b"".join(chunks)) + padder.finalize()
        yield Cipher(algorithms.AES(_KEY), modes.CBC(_IV)).encryptor().update(padded)

    def decrypt(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Bytes whose padding only the end shows."""
        decryptor = Cipher(algorithms.AES(_KEY), modes.CBC(_IV)).decryptor()
        unpadder = PKCS7(128).unpadder()
        for chunk in chunks:
            yield unpadder.update(decryptor.update(chunk))
        try:
            yield unpadder.update(decryptor.finalize()) + unpadder.finalize()
        except ValueError:
            raise not_authentic() from None

    def encrypt_at(self, plaintext: bytes, offset: int) -> bytes:
        """CBC depends on all that comes before."""
        raise AssertionError("CBC is never encrypted in pieces")


def sealed(plaintext: bytes) -> bytes:
    """The whole ciphertext with its tag."""
    return AESGCM(_KEY).encrypt(_NONCE, plaintext, None)
