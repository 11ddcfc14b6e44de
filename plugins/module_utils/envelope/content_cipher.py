# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The cipher of the content of one object: streams of bytes in, streams of bytes out, in bounded memory.

Sources: https://github.com/awslabs/aws-encryption-sdk-specification/blob/master/s3-encryption/key-derivation.md,
.../encryption.md and .../decryption.md
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..model.envelope import LARGEST_PLAINTEXT, TAG_BYTES, Envelope, Format, ciphertext_size, require_encryptable
from ..model.errors import Failure, FailureKind, OperationError, assert_never
from ..model.secret import Secret
from .cryptography_package import (
    GcmDecryptor,
    NotAuthentic,
    cbc_decryptor,
    cbc_encryptor,
    ctr_encryptor,
    derive,
    gcm_encryptor,
    require_cryptography,
)
from .key_wrap import DATA_KEY_BYTES

MESSAGE_ID_BYTES = 28
COMMITMENT_BYTES = 28
_BLOCK = 16
# The id of the algorithm suite, 115, as two bytes. V3 authenticates it beside the content.
_SUITE = b"\x00\x73"
# The data key of V3 encrypts one message only, so its nonce is fixed.
_NONCE_V3 = b"\x01" * 12
# The key stream of GCM begins with this value of the block counter; the block before it encrypts the tag.
# Source: https://csrc.nist.gov/pubs/sp/800/38/d/final
_FIRST_COUNTER = 2


def new_message_id() -> bytes:
    """The message id for one encryption. Each encryption of an object needs a new one.

    All zeros are valid, but show that the source of random numbers does not work.
    """
    message_id = os.urandom(MESSAGE_ID_BYTES)
    if not any(message_id):
        raise OperationError(
            Failure(FailureKind.FAILED, "The operating system returned zeros for random bytes.", "Check the host.")
        )
    return message_id


@dataclass(frozen=True, slots=True, repr=False)
class ContentCipher:
    """The content cipher of one object, with its content key."""

    format: Format
    _key: Secret
    _nonce: bytes
    _associated: bytes

    def __repr__(self) -> str:
        return f"{type(self).__name__}(hidden)"

    @classmethod
    def create(cls, data_key: Secret, message_id: bytes) -> tuple[ContentCipher, bytes]:
        """The cipher of V3 for new content, and the commitment to the data key."""
        _require_length(data_key)
        return cls._v3(data_key, message_id), _commitment(data_key, message_id)

    @classmethod
    def open(cls, envelope: Envelope, data_key: Secret) -> ContentCipher:
        """The cipher of an existing object.

        V3: raises OperationError, before the content key is derived, if the envelope does not commit to this data key.
        """
        require_cryptography()
        _require_length(data_key)
        match envelope.format:
            case Format.V3:
                expected = _commitment(data_key, envelope.message_id)
                if not hmac.compare_digest(expected, envelope.commitment or b""):
                    raise _not_committed()
                return cls._v3(data_key, envelope.message_id)
            case Format.V2 | Format.V1 | Format.V1_CBC:
                return cls(envelope.format, data_key, envelope.message_id, b"")
            case _:
                assert_never(envelope.format)

    @classmethod
    def _v3(cls, data_key: Secret, message_id: bytes) -> ContentCipher:
        key = derive(data_key.reveal(), message_id, _SUITE + b"DERIVEKEY", DATA_KEY_BYTES)
        return cls(Format.V3, Secret(key), _NONCE_V3, _SUITE)

    def ciphertext_size(self, plaintext: int) -> int:
        """The bytes of the ciphertext, with its tag or its padding."""
        return ciphertext_size(self.format, plaintext)

    def encrypt(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The ciphertext of a plaintext in chunks, and then its tag or its padding."""
        match self.format:
            case Format.V3 | Format.V2 | Format.V1:
                return self._encrypt_gcm(chunks)
            case Format.V1_CBC:
                return self._encrypt_cbc(chunks)
            case _:
                assert_never(self.format)

    def decrypt(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The plaintext of a ciphertext in chunks.

        Only its end shows that it is authentic: raises OperationError there if the tag is wrong, or the ciphertext is
        too short to have one. With CBC, nothing shows that it is authentic; a wrong padding raises OperationError.
        """
        match self.format:
            case Format.V3 | Format.V2 | Format.V1:
                return self._decrypt_gcm(chunks)
            case Format.V1_CBC:
                return self._decrypt_cbc(chunks)
            case _:
                assert_never(self.format)

    def encrypt_at(self, plaintext: bytes, offset: int) -> bytes:
        """The ciphertext of a piece of the plaintext that begins at the offset, without the tag.

        Raises OperationError for CBC, whose ciphertext depends on all that comes before.
        """
        match self.format:
            case Format.V3 | Format.V2 | Format.V1:
                require_encryptable(offset + len(plaintext))
                if not plaintext:
                    return b""  # at the very end there is no counter for a next block
                first, within = divmod(offset, _BLOCK)
                counter = (_FIRST_COUNTER + first).to_bytes(4, "big")
                encryptor = ctr_encryptor(self._key.reveal(), self._nonce + counter)
                encryptor.update(bytes(within))
                return encryptor.update(plaintext)
            case Format.V1_CBC:
                raise _not_in_pieces()
            case _:
                assert_never(self.format)

    def _encrypt_gcm(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        encryptor = gcm_encryptor(self._key.reveal(), self._nonce, self._associated)
        size = 0
        for chunk in chunks:
            size += len(chunk)
            if size > LARGEST_PLAINTEXT:
                require_encryptable(size)
            yield encryptor.update(chunk)
        encryptor.finalize()
        yield encryptor.tag

    def _decrypt_gcm(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        decryptor = GcmDecryptor(self._key.reveal(), self._nonce, self._associated)
        end = _End(LARGEST_PLAINTEXT + TAG_BYTES)
        for piece in end.without(chunks):
            yield decryptor.update(piece)
        try:
            decryptor.verify(end.held)
        except NotAuthentic:
            raise _not_authentic() from None

    def _encrypt_cbc(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        encryptor = cbc_encryptor(self._key.reveal(), self._nonce)
        size = 0
        for chunk in chunks:
            size += len(chunk)
            yield encryptor.update(chunk)
        padding = _BLOCK - size % _BLOCK
        yield encryptor.update(bytes([padding]) * padding) + encryptor.finalize()

    def _decrypt_cbc(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        decryptor = cbc_decryptor(self._key.reveal(), self._nonce)
        end = _End(None)
        for piece in end.without(chunks):
            yield decryptor.update(piece)
        if end.size % _BLOCK:
            raise _not_padded()
        block = decryptor.update(end.held) + decryptor.finalize()
        padding = block[-1]
        if block[-padding:] != bytes([padding]) * padding:  # 0 and more than 16 are never equal
            raise _not_padded()
        yield block[:-padding]


class _End:
    """Holds back the last 16 bytes of a stream: the tag, or the block with the padding."""

    __slots__ = ("_largest", "held", "size")

    def __init__(self, largest: int | None) -> None:
        self._largest = largest
        self.held = b""
        self.size = 0

    def without(self, chunks: Iterable[bytes]) -> Iterator[bytes | memoryview]:
        """All but the end of the stream, in whole chunks where it can, so that none is copied."""
        for chunk in chunks:
            self.size += len(chunk)
            if self._largest is not None and self.size > self._largest:
                raise _too_long()
            if len(chunk) >= TAG_BYTES:
                if self.held:
                    yield self.held
                self.held = chunk
            else:
                surplus = max(len(self.held) + len(chunk) - TAG_BYTES, 0)
                if surplus:
                    yield memoryview(self.held)[:surplus]
                self.held = self.held[surplus:] + chunk
        if self.size < TAG_BYTES:
            raise _too_short(self.size)
        if len(self.held) > TAG_BYTES:
            yield memoryview(self.held)[:-TAG_BYTES]
            self.held = self.held[-TAG_BYTES:]


def _commitment(data_key: Secret, message_id: bytes) -> bytes:
    return derive(data_key.reveal(), message_id, _SUITE + b"COMMITKEY", COMMITMENT_BYTES)


def _require_length(data_key: Secret) -> None:
    length = len(data_key.reveal())
    if length != DATA_KEY_BYTES:
        raise _refused(f"The data key of the object has {length} bytes instead of {DATA_KEY_BYTES}.")


def _not_committed() -> OperationError:
    return _refused(
        "The data key was decrypted, but the object does not commit to it: x-amz-d, x-amz-i or the encrypted data key "
        "was altered."
    )


def _not_authentic() -> OperationError:
    return _refused("The content of the object is not what was encrypted: its authentication tag does not match.")


def _too_short(size: int) -> OperationError:
    return _refused(f"The object has {size} bytes, which is too short for content that was encrypted by a client.")


def _too_long() -> OperationError:
    return _refused("The object is longer than one message of AES-GCM can be.")


def _not_padded() -> OperationError:
    return _refused(
        "The content of the object does not end as content that was encrypted with AES-CBC ends: it was altered, or "
        "the key is not the object's."
    )


def _refused(message: str) -> OperationError:
    return OperationError(
        Failure(
            FailureKind.NOT_AUTHENTIC,
            message,
            "Write the object again from its source, and check who may write to the bucket.",
        )
    )


def _not_in_pieces() -> OperationError:
    return OperationError(
        Failure(
            FailureKind.UNSUPPORTED,
            "Content in the format v1_cbc cannot be encrypted in pieces.",
            "Write the object in the current format.",
        )
    )
