# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Data keys and own keys: what decrypts a data key, what does not, and where no secret may be."""

from __future__ import annotations

import copy
import pickle
import traceback
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.envelope.content_cipher import ContentCipher
from ansible_collections.sealed.s3.plugins.module_utils.envelope.key_wrap import (
    new_data_key,
    rsa_refusal,
    unwrap_data_key,
    wrap_data_key,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.envelope import (
    Envelope,
    Format,
    KeyWrap,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.secret import Secret
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.envelope.stored_objects import (
    CONTENT,
    DATA_KEY,
    MESSAGE_ID,
    OBJECTS,
    OTHER_KEY,
    OWN_KEY,
    base64_text,
    parse,
    read,
    refusal,
    v1_cbc_object,
    v2_object,
    v3_object,
)

BY_OWN_KEY = {format_: parse(make()) for format_, make in OBJECTS.items()}


@pytest.mark.parametrize("format_", OBJECTS)
def test_an_own_key_decrypts_the_data_key(format_: Format) -> None:
    assert unwrap_data_key(BY_OWN_KEY[format_], OWN_KEY) == DATA_KEY


@pytest.mark.parametrize("format_", OBJECTS)
def test_another_key_and_an_altered_data_key_have_the_same_sentence(format_: Format) -> None:
    """Cryptography cannot tell them apart, so both causes are named."""
    envelope = BY_OWN_KEY[format_]
    failures = {refusal(lambda: unwrap_data_key(envelope, OTHER_KEY))}
    for position in (0, 11, 12, len(envelope.encrypted_data_key) - 1):
        altered = bytearray(envelope.encrypted_data_key)
        altered[position] ^= 1
        changed = replace(envelope, encrypted_data_key=bytes(altered))
        # single blocks authenticate nothing: only the block of padding shows that something is wrong
        if format_ is not Format.V1_CBC or position >= 32:
            failures.add(refusal(partial(unwrap_data_key, changed, OWN_KEY)))
    (failure,) = failures
    assert failure.kind is FailureKind.WRONG_KEY
    assert failure.message == (
        "The customer key does not decrypt the data key of the object: it is another key, or the envelope of the "
        "object was altered."
    )
    assert "previous_customer_key" in failure.advice


def test_a_data_key_is_bound_to_its_format() -> None:
    """An encrypted data key of V2 is refused in V3, and the reverse, although the key is right."""
    v2, v3 = BY_OWN_KEY[Format.V2], BY_OWN_KEY[Format.V3]
    moved = replace(v3, encrypted_data_key=v2.encrypted_data_key)
    assert refusal(lambda: unwrap_data_key(moved, OWN_KEY)).kind is FailureKind.WRONG_KEY
    moved = replace(v2, encrypted_data_key=v3.encrypted_data_key)
    assert refusal(lambda: unwrap_data_key(moved, OWN_KEY)).kind is FailureKind.WRONG_KEY


def test_a_data_key_of_another_length_is_refused() -> None:
    """The content ciphers of all formats have keys of 256 bits."""
    short = wrap_data_key(Secret(bytes(16)), OWN_KEY)
    envelope = replace(BY_OWN_KEY[Format.V3], encrypted_data_key=short)
    assert refusal(lambda: unwrap_data_key(envelope, OWN_KEY)).kind is FailureKind.WRONG_KEY


def test_an_object_is_rotated_by_its_data_key_alone() -> None:
    """The same data key under a new own key opens the same content. The message id and the commitment stay."""
    stored = v3_object()
    rotated = wrap_data_key(unwrap_data_key(parse(stored), OWN_KEY), OTHER_KEY)
    assert len(rotated) == 60
    changed = stored.with_field("x-amz-3", base64_text(rotated))
    assert read(changed, OTHER_KEY) == CONTENT
    assert refusal(lambda: read(changed)).kind is FailureKind.WRONG_KEY


@pytest.mark.parametrize("wrap", [KeyWrap.KMS, KeyWrap.KMS_CONTEXT])
def test_a_data_key_of_kms_is_not_one_of_an_own_key(wrap: KeyWrap) -> None:
    envelope = replace(BY_OWN_KEY[Format.V3], wrap=wrap)
    failure = refusal(lambda: unwrap_data_key(envelope, OWN_KEY))
    assert failure.kind is FailureKind.WRONG_KEY
    assert failure.message.startswith("The data key of the object is encrypted with a KMS key")


def test_rsa_is_refused_with_a_sentence() -> None:
    """It is recognised, and no option names such a key."""
    envelope = replace(BY_OWN_KEY[Format.V2], wrap=KeyWrap.RSA)
    failure = refusal(lambda: unwrap_data_key(envelope, OWN_KEY))
    assert failure == rsa_refusal().failure
    assert failure.kind is FailureKind.UNSUPPORTED


def is_free_of_secrets(text: str) -> bool:
    """Neither raw, in hexadecimal, in base64, nor as the repr of bytes."""
    content_key = ContentCipher.create(DATA_KEY, MESSAGE_ID)[0]._key
    secrets = [key.reveal() for key in (DATA_KEY, OWN_KEY, OTHER_KEY, content_key)]
    forms = [form for key in secrets for form in (key.hex(), base64_text(key)[:-2], repr(key)[2:-1], str(key))]
    return not any(form in text for form in forms)


def test_a_cipher_shows_no_key() -> None:
    cipher, _commitment = ContentCipher.create(DATA_KEY, MESSAGE_ID)
    older = ContentCipher.open(BY_OWN_KEY[Format.V2], DATA_KEY)
    for hidden in (cipher, older):
        for text in (repr(hidden), str(hidden), f"{hidden}", f"{hidden!r}", repr([hidden])):
            assert "ContentCipher(hidden)" in text
        for action in (pickle.dumps, copy.deepcopy):
            with pytest.raises(TypeError, match="a secret is not serialised"):
                action(hidden)
    assert not hasattr(cipher, "__dict__")
    assert repr(new_data_key()) == "Secret(hidden)"


ACTIONS: dict[str, Callable[[], object]] = {
    "another own key": lambda: read(v3_object(), OTHER_KEY),
    "another own key for V2": lambda: read(v2_object(), OTHER_KEY),
    "another own key for CBC": lambda: read(v1_cbc_object(), OTHER_KEY),
    "another data key": lambda: ContentCipher.open(BY_OWN_KEY[Format.V3], Secret(OTHER_KEY.reveal())),
    "a short data key": lambda: ContentCipher.create(Secret(DATA_KEY.reveal()[:16]), MESSAGE_ID),
    "altered content": lambda: read(replace(v3_object(), body=bytes(40))),
    "altered padding": lambda: read(replace(v1_cbc_object(), body=bytes(32))),
    "RSA": lambda: unwrap_data_key(replace(BY_OWN_KEY[Format.V2], wrap=KeyWrap.RSA), OWN_KEY),
}


@pytest.mark.parametrize("name", ACTIONS)
def test_an_exception_shows_no_key(name: str) -> None:
    """Neither does what it was raised from, and no exception of another package escapes."""
    with pytest.raises(OperationError) as raised:
        ACTIONS[name]()
    error: BaseException | None = raised.value
    assert is_free_of_secrets("".join(traceback.format_exception(raised.value)))
    while error is not None:
        assert is_free_of_secrets(repr(error.args) + repr(error) + repr(getattr(error, "failure", "")))
        error = error.__cause__ or error.__context__


def test_an_envelope_shows_no_key() -> None:
    envelope: Envelope = BY_OWN_KEY[Format.V3]
    assert is_free_of_secrets(repr(envelope))
    assert not is_free_of_secrets(repr(DATA_KEY.reveal())), "the test can fail"
    assert not is_free_of_secrets(OWN_KEY.base64), "the test can fail"
