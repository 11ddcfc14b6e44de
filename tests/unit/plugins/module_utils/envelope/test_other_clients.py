# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The codec reads what other S3 Encryption Clients wrote."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from ansible_collections.sealed.s3.plugins.module_utils.envelope.content_cipher import ContentCipher
from ansible_collections.sealed.s3.plugins.module_utils.envelope.key_wrap import unwrap_data_key
from ansible_collections.sealed.s3.plugins.module_utils.envelope.parsing import parse_envelope
from ansible_collections.sealed.s3.plugins.module_utils.model.envelope import (
    Envelope,
    Format,
    KeyWrap,
    plaintext_size,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.envelope_fields import split_metadata
from ansible_collections.sealed.s3.plugins.module_utils.model.secret import CustomerKey, Secret
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.envelope.other_clients import Fixture, written_by

OBJECTS = [*written_by("ruby"), *written_by("python")]
OTHER_KEY = CustomerKey(bytes(32))
WRAPS = {
    ("v3", "kms"): KeyWrap.KMS_CONTEXT,
    ("v2", "kms"): KeyWrap.KMS_CONTEXT,
    ("v2", "aes"): KeyWrap.AES_GCM,
    ("v2", "rsa"): KeyWrap.RSA,
    ("v1_cbc", "kms"): KeyWrap.KMS,
    ("v1_cbc", "aes"): KeyWrap.AES_ECB,
    ("v1_cbc", "rsa"): KeyWrap.RSA,
}

each_object = pytest.mark.parametrize("written", OBJECTS, ids=str)
each_of = {
    name: pytest.mark.parametrize("written", [one for one in OBJECTS if one.key_name.endswith(name)], ids=str)
    for name in ("kms", "aes", "rsa")
}


def envelope_of(written: Fixture) -> Envelope:
    """The envelope, parsed as a module does."""
    _user, fields = split_metadata(tuple(written.metadata.items()))
    envelope = parse_envelope(fields, written.instruction_file)
    assert envelope is not None
    return envelope


def decrypted(written: Fixture, data_key: Secret, *, body: bytes | None = None, chunk: int = 7) -> bytes:
    """The plaintext, read in small chunks."""
    body = written.body if body is None else body
    chunks = [body[start : start + chunk] for start in range(0, len(body), chunk)]
    return b"".join(ContentCipher.open(envelope_of(written), data_key).decrypt(chunks))


def rsa_data_key(written: Fixture) -> Secret:
    """The data key by the RSA key, which the codec does not use. Version 2 puts the length and the cipher beside it."""
    private = serialization.load_pem_private_key(written.key, None)
    assert isinstance(private, rsa.RSAPrivateKey)
    wrapped = envelope_of(written).encrypted_data_key
    if written.format == "v1_cbc":
        return Secret(private.decrypt(wrapped, padding.PKCS1v15()))
    mask = padding.MGF1(hashes.SHA1())
    opened = private.decrypt(wrapped, padding.OAEP(mask, hashes.SHA1(), None))
    assert (opened[0], opened[33:]) == (32, b"AES/GCM/NoPadding")
    return Secret(opened[1:33])


def test_the_objects_cover_every_kind_of_key_in_both_places() -> None:
    """The file of the fixtures is complete."""
    found = {(one.format, one.key_name, one.place) for one in OBJECTS}
    assert found >= {(*kind, place) for kind in WRAPS for place in ("metadata", "instruction_file") if kind[0] != "v3"}
    assert ("v3", "kms", "metadata") in found


@each_object
def test_the_envelope_is_recognised(written: Fixture) -> None:
    """Format, kind of key, place and size are found without a key, and the user's metadata is separate."""
    envelope = envelope_of(written)
    assert (envelope.format.value, envelope.place.value) == (written.format, written.place)
    assert envelope.wrap is WRAPS[written.format, written.key_name.rpartition("_")[2]]
    assert dict(split_metadata(tuple(written.metadata.items()))[0]) == written.user_metadata
    size = None if envelope.format is Format.V1_CBC else len(written.plaintext)
    assert plaintext_size(envelope.format, len(written.body)) == size


@each_of["kms"]
def test_an_object_under_a_kms_key_is_read(written: Fixture) -> None:
    """The encryption context is that of the writer, and the data key that KMS returned decrypts the content."""
    assert dict(envelope_of(written).named_context) == written.context
    assert decrypted(written, Secret(written.key)) == written.plaintext


@each_of["aes"]
def test_an_object_under_an_own_key_is_read(written: Fixture) -> None:
    """With its key. A key that is not of 256 bits is no customer key; another key is refused."""
    envelope = envelope_of(written)
    if written.key_name == "short_aes":
        with pytest.raises(OperationError, match="exactly 256 bits"):
            CustomerKey(written.key)
    else:
        assert decrypted(written, unwrap_data_key(envelope, CustomerKey(written.key))) == written.plaintext
    with pytest.raises(OperationError) as refused:
        unwrap_data_key(envelope, OTHER_KEY)
    assert refused.value.failure.kind is FailureKind.WRONG_KEY


@each_of["rsa"]
def test_an_object_under_an_rsa_key_is_refused(written: Fixture) -> None:
    """With a sentence, although its content is as that of the others."""
    with pytest.raises(OperationError, match="sealed.s3 does not read RSA") as refused:
        unwrap_data_key(envelope_of(written), OTHER_KEY)
    assert refused.value.failure.kind is FailureKind.UNSUPPORTED
    assert decrypted(written, rsa_data_key(written)) == written.plaintext


@pytest.mark.parametrize(
    "written", [one for one in OBJECTS if one.format != "v1_cbc" and one.key_name == "kms"], ids=str
)
def test_a_changed_byte_is_refused(written: Fixture) -> None:
    """The first, a middle and the last byte of what is stored."""
    for index in (0, len(written.body) // 2, len(written.body) - 1):
        body = bytearray(written.body)
        body[index] ^= 1
        with pytest.raises(OperationError) as refused:
            decrypted(written, Secret(written.key), body=bytes(body))
        assert refused.value.failure.kind is FailureKind.NOT_AUTHENTIC
