# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""V3, field by field, against the text of the specification.

Each test says what the specification requires, and where. Nothing here uses our own reader: another client reads by the
same text. No other client that writes V3 with an own key runs on the platforms of these tests.
Source: https://github.com/awslabs/aws-encryption-sdk-specification/tree/master/s3-encryption
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import replace

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ansible_collections.sealed.s3.plugins.module_utils.envelope.content_cipher import (
    ContentCipher,
    new_message_id,
)
from ansible_collections.sealed.s3.plugins.module_utils.envelope.key_wrap import (
    new_data_key,
    wrap_data_key,
)
from ansible_collections.sealed.s3.plugins.module_utils.envelope.serializing import (
    bound_context,
    serialize_envelope,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.envelope import (
    Envelope,
    EnvelopePlace,
    Format,
    KeyWrap,
)
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.envelope.stored_objects import (
    CONTENT,
    DATA_KEY,
    MESSAGE_ID,
    OWN_KEY,
    v3_object,
)

FIELDS = v3_object().metadata
EXTRACTED = hmac.digest(MESSAGE_ID, DATA_KEY.reveal(), "sha512")
KMS = Envelope(
    Format.V3, KeyWrap.KMS_CONTEXT, b"by KMS", MESSAGE_ID, bytes(28), bound_context((("team", "a"), ("app", "b")))
)


def expanded(info: bytes, length: int) -> bytes:
    """One block of the expand step of HKDF, which has 64 bytes with SHA-512. Source: RFC 5869, 2.3."""
    return hmac.digest(EXTRACTED, info + b"\1", "sha512")[:length]


def test_names_of_the_fields() -> None:
    """content-metadata.md, Content Metadata MapKeys: c, 3, w, d and i are required; m is for own keys, t for KMS.

    The prefix x-amz-meta- is added by S3.
    """
    assert sorted(FIELDS) == ["x-amz-3", "x-amz-c", "x-amz-d", "x-amz-i", "x-amz-m", "x-amz-w"]
    by_kms = dict(serialize_envelope(KMS)[0])
    assert sorted(by_kms) == [
        "x-amz-3",
        "x-amz-c",
        "x-amz-d",
        "x-amz-i",
        "x-amz-t",
        "x-amz-w",
    ]


def test_content_cipher() -> None:
    """content-metadata.md, x-amz-c: 115, the integer of the id of ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY, 0x0073."""
    assert FIELDS["x-amz-c"] == "115" == str(0x0073)


def test_key_wrap() -> None:
    """content-metadata.md, x-amz-w: 02 is AES/GCM, and 12 is kms+context."""
    assert FIELDS["x-amz-w"] == "02"
    assert dict(serialize_envelope(KMS)[0])["x-amz-w"] == "12"


def test_message_id() -> None:
    """content-metadata.md, x-amz-i: base64. key-derivation.md: it has the length of the algorithm suite, 28 bytes."""
    assert base64.b64decode(FIELDS["x-amz-i"], validate=True) == MESSAGE_ID
    made = {new_message_id() for _number in range(20)}
    assert {len(message_id) for message_id in made} == {28}
    assert len(made) == 20


def test_commitment() -> None:
    """content-metadata.md, x-amz-d: base64. key-derivation.md: HKDF with SHA-512, salt the message id, info the id of
    the suite and COMMITKEY, 28 bytes."""
    assert base64.b64decode(FIELDS["x-amz-d"], validate=True) == expanded(b"\0\x73COMMITKEY", 28)


def test_encrypted_data_key() -> None:
    """content-metadata.md, x-amz-3: base64 of the encrypted data key, by AES/GCM under 02.

    Its layout is not in the specification. The clients for Java (AesKeyring.java) and Ruby (default_cipher_provider.rb)
    agree: a nonce of 12 bytes, the ciphertext, and its tag; the associated data is the content cipher as in x-amz-c.
    """
    encrypted = base64.b64decode(FIELDS["x-amz-3"], validate=True)
    assert len(encrypted) == 12 + 32 + 16
    assert AESGCM(OWN_KEY.reveal()).decrypt(encrypted[:12], encrypted[12:], b"115") == DATA_KEY.reveal()
    nonces = {wrap_data_key(DATA_KEY, OWN_KEY)[:12] for _number in range(20)}
    assert len(nonces) == 20


def test_description() -> None:
    """content-metadata.md, x-amz-m: a JSON object of texts. If it is absent, it is empty."""
    assert json.loads(FIELDS["x-amz-m"]) == {"version": "1"}
    cipher = Envelope(Format.V3, KeyWrap.AES_GCM, bytes(60), MESSAGE_ID, bytes(28))
    assert "x-amz-m" not in dict(serialize_envelope(cipher)[0])


def test_context() -> None:
    """content-metadata.md, x-amz-t: a JSON object of texts, and all that KMS needs.

    The entry aws:x-amz-cek-alg is not in the specification; all clients add it, with the content cipher.
    """
    text = dict(serialize_envelope(KMS)[0])["x-amz-t"]
    assert json.loads(text) == {"aws:x-amz-cek-alg": "115", "app": "b", "team": "a"}
    assert text.isascii()


def test_a_context_is_written_in_ascii() -> None:
    """content-metadata.md, US-ASCII Preferred String. Nothing in it looks like an encoded word, which S3 decodes."""
    context = (("name", "é =?UTF-8?Q?x?="),)
    text = dict(serialize_envelope(replace(KMS, context=context))[0])["x-amz-t"]
    assert text.isascii()
    assert "=?" not in text
    assert json.loads(text) == dict(context)


def test_content() -> None:
    """key-derivation.md: HKDF with info the id of the suite and DERIVEKEY, 32 bytes; the IV is 12 bytes of 0x01, and
    the associated data the id of the suite. encryption.md: the tag is appended."""
    expected = AESGCM(expanded(b"\0\x73DERIVEKEY", 32)).encrypt(b"\1" * 12, CONTENT, b"\0\x73")
    assert v3_object().body == expected
    assert len(expected) == len(CONTENT) + 16


def test_data_key() -> None:
    """key-derivation.md: its length is that of the suite, 256 bits."""
    made = [new_data_key() for _number in range(20)]
    assert {len(key.reveal()) for key in made} == {32}
    assert len({hashlib.sha256(key.reveal()).digest() for key in made}) == 20


def test_instruction_file() -> None:
    """metadata-strategy.md, V3 Instruction Files: c, d and i are in the metadata only; 3, w, m and t in the file. The
    file contains one JSON text and nothing else."""
    stored = v3_object(place=EnvelopePlace.INSTRUCTION_FILE)
    assert stored.file is not None
    assert sorted(stored.metadata) == ["x-amz-c", "x-amz-d", "x-amz-i"]
    assert sorted(json.loads(stored.file)) == ["x-amz-3", "x-amz-m", "x-amz-w"]
    _metadata, file = serialize_envelope(replace(KMS, place=EnvelopePlace.INSTRUCTION_FILE))
    assert file is not None
    assert json.loads(file) == {
        "x-amz-3": base64.b64encode(b"by KMS").decode(),
        "x-amz-t": '{"app":"b","aws:x-amz-cek-alg":"115","team":"a"}',
        "x-amz-w": "12",
    }


def test_the_same_envelope_gives_the_same_content() -> None:
    """So the content can be compared without a download: it is encrypted again, under its own data key."""
    cipher, commitment = ContentCipher.create(DATA_KEY, MESSAGE_ID)
    again, same = ContentCipher.create(DATA_KEY, MESSAGE_ID)
    assert commitment == same
    assert b"".join(cipher.encrypt([CONTENT])) == b"".join(again.encrypt([CONTENT]))
