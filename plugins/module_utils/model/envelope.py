# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The envelope of client-side encryption: what an object's reader needs beside the key, as a value.

Its formats are those of the Amazon S3 Encryption Client. Their fields are read and written in the package `envelope`.
Source: https://github.com/awslabs/aws-encryption-sdk-specification/tree/master/s3-encryption
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from .errors import assert_never, invalid_input

# Names and texts, such as those of an encryption context or of metadata, ordered by their names.
Texts = tuple[tuple[str, str], ...]

TAG_BYTES = 16
_CBC_BLOCK = 16
# One message of AES-GCM has at most 2^32 - 2 blocks of 16 bytes.
# Source: https://csrc.nist.gov/pubs/sp/800/38/d/final
LARGEST_PLAINTEXT = 2**36 - 32


class Format(str, Enum):
    """The formats, by the values of `encryption.format`. V3 is the only one that is written, and that commits to its
    key. CBC is not authenticated."""

    V3 = "v3"
    V2 = "v2"
    V1 = "v1"
    V1_CBC = "v1_cbc"


class EnvelopePlace(str, Enum):
    """Where the encrypted data key is: in the metadata of the object, or in an object of its own beside it."""

    METADATA = "metadata"
    INSTRUCTION_FILE = "instruction_file"


class KeyWrap(Enum):
    """How the data key is encrypted."""

    KMS_CONTEXT = "by KMS, with an encryption context"
    KMS = "by KMS, as version 1 did"
    AES_GCM = "with an own key by AES-GCM"
    AES_KEY_WRAP = "with an own key by AES Key Wrap"
    AES_ECB = "with an own key by AES in single blocks"
    RSA = "with an RSA key"


@dataclass(frozen=True, slots=True)
class Envelope:
    """One envelope, complete.

    `message_id` has the 28 bytes of V3, or the initialisation vector of an older format. `commitment` is set in V3
    only. `context` is all of the encryption context that KMS needs, with the entry that the client adds to it;
    `description` is the material description beside an own key, which nothing authenticates.
    """

    format: Format
    wrap: KeyWrap
    encrypted_data_key: bytes
    message_id: bytes
    commitment: bytes | None = None
    context: Texts = ()
    description: Texts = ()
    place: EnvelopePlace = EnvelopePlace.METADATA

    @property
    def named_context(self) -> Texts:
        """The encryption context without the entries of the client itself, as a task names it."""
        added = _ADDED_IN_V1 if self.wrap is KeyWrap.KMS else _ADDED
        return tuple((name, value) for name, value in self.context if name not in added)


# The entries that the clients add to an encryption context: the content cipher; in version 1 also the key itself.
CONTENT_CIPHER_NAME = "aws:x-amz-cek-alg"
_ADDED = (CONTENT_CIPHER_NAME,)
_ADDED_IN_V1 = (CONTENT_CIPHER_NAME, "kms_cmk_id")


def require_encryptable(size: int) -> None:
    """Raise OperationError for a plaintext that is larger than one message of AES-GCM."""
    if size > LARGEST_PLAINTEXT:
        raise invalid_input(
            f"The content has {size} bytes, and client-side encryption is possible up to {LARGEST_PLAINTEXT} bytes "
            "(64 GiB less 32 bytes).",
            "Split the content into several objects, or choose server-side encryption.",
        )


def ciphertext_size(file_format: Format, plaintext: int) -> int:
    """The bytes of the ciphertext, with its tag or its padding."""
    match file_format:
        case Format.V3 | Format.V2 | Format.V1:
            return plaintext + TAG_BYTES
        case Format.V1_CBC:
            return (plaintext // _CBC_BLOCK + 1) * _CBC_BLOCK
        case _:
            assert_never(file_format)


def plaintext_size(file_format: Format, ciphertext: int | None) -> int | None:
    """The bytes of the plaintext. None: the padding of CBC hides them, or the ciphertext is too short to be one."""
    match file_format:
        case Format.V3 | Format.V2 | Format.V1:
            return None if ciphertext is None or ciphertext < TAG_BYTES else ciphertext - TAG_BYTES
        case Format.V1_CBC:
            return None
        case _:
            assert_never(file_format)


def least_plaintext_size(file_format: Format, ciphertext: int) -> int:
    """The bytes that the plaintext has at least. In CBC, up to one block of the ciphertext is padding."""
    known = plaintext_size(file_format, ciphertext)
    return max(0, ciphertext - _CBC_BLOCK) if known is None else known
