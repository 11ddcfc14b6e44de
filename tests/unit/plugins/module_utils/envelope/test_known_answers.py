# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Published known answers of everything that is computed."""

from __future__ import annotations

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.envelope import cryptography_package as package
from ansible_collections.sealed.s3.plugins.module_utils.envelope.content_cipher import ContentCipher
from ansible_collections.sealed.s3.plugins.module_utils.model.envelope import Envelope, Format, KeyWrap
from ansible_collections.sealed.s3.plugins.module_utils.model.secret import Secret

# Data key, message id, content key, commitment.
# Source: https://github.com/aws/amazon-s3-encryption-client-go/blob/main/v4/internal/key_derivation_test.go
DERIVATIONS = [
    (
        "80d90dc4cc7e77d8a6332efa44eba56230a7fe7b89af37d1e501ab2e07c0a163",
        "b8ea76bed24c7b85382a148cb9dcd1cfdfb765f55ded4dfa6e0c4c79",
        "6dd14f546cc006e639126e83f5d4d1b118576bb5df97f38c6fb3a1db87bbc338",
        "f89818bc0a346d3a3426b68e9509b6b2ae5fe1f904aa329fb73625db",
    ),
    (
        "501afb8227d22e75e68010414b8abdaf3064c081e8e922dafef4992036394d60",
        "61a00b4981a5aacfd136c55cb726e32d2a547dc7600a7d4675c69127",
        "e14786a714748d1d2c3a4a6816dec56ddf1881bbeabb4f39420ffb9f63700b2f",
        "5c1e73e47f6fe3a70d6d094283aceaa76d2975feb829212d88f0afc1",
    ),
]

# Key, plaintext, associated data, nonce, ciphertext, tag.
# Source: https://github.com/aws/aws-sdk-ruby/blob/version-3/gems/aws-sdk-s3/spec/fixtures/encryption/aes_gcm_kat.json
TEXT = "167b5c226177733a782d616d7a2d63656b2d616c675c223a205c224145532f47434d2f4e6f50616464696e675c227d"
GCM = [
    (
        "da2fdb0ced551aeb723d8ac1a267cef3",
        "",
        TEXT,
        "a5f5160b7b0b025757accdaa",
        "",
        "7ad0758c4fa9b8660aa0687b3e7bd517",
    ),
    (
        "4194935cf4524df93d62fedbc818d8ac",
        TEXT,
        TEXT,
        "0c5a8f5af7f6064c0130ee64",
        "3f4cc9a7451717e5e939d294a1362b32c274d06411188dad76aee3ee4da46483ea4c1af38b9b74d7ad2fd8e310cf82",
        "ad563fd10e1efa3f26753f46e09db3a0",
    ),
    (
        "ad03ee2fd6048db7158cec55d3d760bc",
        TEXT,
        "",
        "1b813a16ddcb7f08d26e2541",
        "add161be957ae9ec3cee6600c77ff81d64a80242a510a9d5ad872096c79073b61e8237faa7d63a3301ea58ec11332c",
        "01944370ec28601adc989de05a794aeb",
    ),
    (
        "20142e898cd2fd980fbf34de6bc85c14da7d57bd28f4aa5cf1728ab64e843142",
        "",
        TEXT,
        "fb7b4a824e82daa6c8bc1251",
        "",
        "81c0e42bb195e262cb3b3a74a0dae1c8",
    ),
    (
        "d211f278a44eab666b1021f4b4f60ba6b74464fa9cb7b134934d7891e1479169",
        TEXT,
        TEXT,
        "6b5cd3705a733c1ad943d58a",
        "4c25abd66d3a1bcce794acaaf4cefdf6d2552f4a82c50a98cb15b4812ff557abe564a9ceff15f32dcf5a5aa7894888",
        "03ede71ec952e65ae7b4b85cfec7d304",
    ),
    (
        "cfe8bfe61b89af53d2bece744d27b78c9e4d74d028ce88ed10a422285b1201c9",
        TEXT,
        "",
        "5f08efbfb7bf5ba365d9eb1d",
        "0a7e82f1e5c76c69679671eeaee455936f2c4fccd9ddf1faa27075e2040644938920c5d16c69e4d93375487b9a80d4",
        "04347d0c5b0e0de89e033d04d0493dca",
    ),
]

# Source: https://nvlpubs.nist.gov/nistpubs/Legacy/SP/nistspecialpublication800-38a.pdf, F.2.5
CBC_KEY = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"
CBC_VECTOR = "000102030405060708090a0b0c0d0e0f"
CBC_PLAINTEXT = (
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
)
CBC_CIPHERTEXT = (
    "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"
    "39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b"
)


@pytest.mark.parametrize(("data_key", "message_id", "content_key", "commitment"), DERIVATIONS)
def test_derivation(data_key: str, message_id: str, content_key: str, commitment: str) -> None:
    """The published content key gives the same ciphertext, and an envelope with the published commitment is opened."""
    cipher, computed = ContentCipher.create(Secret(bytes.fromhex(data_key)), bytes.fromhex(message_id))
    assert computed.hex() == commitment
    expected = package.gcm_seal(bytes.fromhex(content_key), b"\1" * 12, b"content", b"\0\x73")
    assert b"".join(cipher.encrypt([b"content"])) == expected
    envelope = Envelope(Format.V3, KeyWrap.AES_GCM, b"", bytes.fromhex(message_id), bytes.fromhex(commitment))
    assert b"".join(ContentCipher.open(envelope, Secret(bytes.fromhex(data_key))).decrypt([expected])) == b"content"


@pytest.mark.parametrize(("key", "plaintext", "associated", "nonce", "ciphertext", "tag"), GCM)
def test_aes_gcm(key: str, plaintext: str, associated: str, nonce: str, ciphertext: str, tag: str) -> None:
    """In one piece, and as a stream in both directions."""
    arguments = bytes.fromhex(key), bytes.fromhex(nonce)
    text, data, sealed = bytes.fromhex(plaintext), bytes.fromhex(associated), bytes.fromhex(ciphertext + tag)
    assert package.gcm_seal(*arguments, text, data) == sealed
    assert package.gcm_open(*arguments, sealed, data) == text
    encryptor = package.gcm_encryptor(*arguments, data)
    assert encryptor.update(text) + encryptor.finalize() + encryptor.tag == sealed
    decryptor = package.GcmDecryptor(*arguments, data)
    assert decryptor.update(sealed[:-16]) == text
    decryptor.verify(sealed[-16:])


def test_aes_cbc() -> None:
    """Whole blocks, and then a block of padding."""
    envelope = Envelope(Format.V1_CBC, KeyWrap.AES_ECB, b"", bytes.fromhex(CBC_VECTOR))
    cipher = ContentCipher.open(envelope, Secret(bytes.fromhex(CBC_KEY)))
    ciphertext = b"".join(cipher.encrypt([bytes.fromhex(CBC_PLAINTEXT)]))
    assert ciphertext[:-16].hex() == CBC_CIPHERTEXT
    assert b"".join(cipher.decrypt([ciphertext])).hex() == CBC_PLAINTEXT


def test_aes_key_wrap() -> None:
    """Source: https://www.rfc-editor.org/rfc/rfc3394, 4.6."""
    wrapped = "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21"
    expected = "00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f"
    assert package.unwrap_key(bytes(range(32)), bytes.fromhex(wrapped)).hex() == expected
