# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Content of any size, in chunks of any size, in both directions, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from random import Random

import pytest
from cryptography.hazmat.primitives.ciphers import modes
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.envelope import content_cipher
from ansible_collections.sealed.s3.plugins.module_utils.envelope.content_cipher import (
    ContentCipher,
    new_message_id,
)
from ansible_collections.sealed.s3.plugins.module_utils.envelope.cryptography_package import derive
from ansible_collections.sealed.s3.plugins.module_utils.model import envelope as model_envelope
from ansible_collections.sealed.s3.plugins.module_utils.model.envelope import (
    LARGEST_PLAINTEXT,
    Envelope,
    Format,
    KeyWrap,
    ciphertext_size,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind
from ansible_collections.sealed.s3.plugins.module_utils.model.secret import Secret
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.envelope.stored_objects import (
    CONTENT,
    DATA_KEY,
    MESSAGE_ID,
    OBJECTS,
    OTHER_KEY,
    base64_text,
    digest,
    encrypted,
    parse,
    read,
    refusal,
    v1_cbc_object,
    v3_object,
)

GCM = (Format.V3, Format.V2, Format.V1)
CIPHERS = {format_: ContentCipher.open(parse(make()), DATA_KEY) for format_, make in OBJECTS.items()}
# Around a block, around the 64 KiB and 1 MiB that are read and sent at a time, and around twice that.
BOUNDARIES = (0, 16, 32, 1 << 16, 1 << 20, 2 << 20)
SIZES = st.builds(lambda near, by: max(near + by, 0), st.sampled_from(BOUNDARIES), st.integers(-17, 17))
CHUNKS = st.lists(st.sampled_from([1, 15, 16, 17, 31, 4096, 1 << 16, 1 << 20]), max_size=8)
LARGE = Random(14).randbytes((2 << 20) + 64)


def cut(data: bytes, chunks: list[int]) -> Iterator[bytes]:
    """The data in chunks of these sizes, and its rest. Empty chunks may be between them."""
    start = 0
    for size in chunks:
        yield data[start : start + size]
        start += size
    yield data[start:]


@pytest.mark.parametrize("format_", OBJECTS)
@given(size=SIZES, into=CHUNKS, out_of=CHUNKS)
def test_round_trip(format_: Format, size: int, into: list[int], out_of: list[int]) -> None:
    """The chunks make no difference, and the size is as the model computes it."""
    cipher, content = CIPHERS[format_], LARGE[:size]
    ciphertext = b"".join(cipher.encrypt(cut(content, into)))
    assert len(ciphertext) == cipher.ciphertext_size(size) == ciphertext_size(format_, size)
    assert b"".join(cipher.decrypt(cut(ciphertext, out_of))) == content
    if size < 100:
        assert ciphertext == OBJECTS[format_](content).body


@pytest.mark.parametrize("format_", GCM)
@given(size=SIZES, offset=SIZES)
def test_a_piece_is_encrypted_as_in_the_stream(format_: Format, size: int, offset: int) -> None:
    """At any offset, also inside a block."""
    ciphertext = b"".join(CIPHERS[format_].encrypt([LARGE]))
    piece = LARGE[offset : offset + size]
    assert CIPHERS[format_].encrypt_at(piece, offset) == ciphertext[offset : offset + len(piece)]


@pytest.mark.parametrize("format_", GCM)
def test_a_piece_at_every_small_offset(format_: Format) -> None:
    ciphertext = b"".join(CIPHERS[format_].encrypt([LARGE[:99]]))
    for offset in range(100):
        assert CIPHERS[format_].encrypt_at(LARGE[offset:99], offset) == ciphertext[offset:99]


def test_the_last_piece_of_the_largest_content() -> None:
    """The counter of the blocks has 32 bits, and this is its last value."""
    cipher = CIPHERS[Format.V3]
    last = cipher.encrypt_at(bytes(32), LARGEST_PLAINTEXT - 32)
    assert cipher.encrypt_at(bytes(16), LARGEST_PLAINTEXT - 16) == last[16:]
    assert cipher.encrypt_at(b"", LARGEST_PLAINTEXT) == b""
    assert refusal(lambda: cipher.encrypt_at(bytes(17), LARGEST_PLAINTEXT - 16)).kind is FailureKind.INVALID


def test_cbc_is_not_encrypted_in_pieces() -> None:
    """Its ciphertext depends on all that comes before."""
    assert refusal(lambda: CIPHERS[Format.V1_CBC].encrypt_at(b"a", 0)).kind is FailureKind.UNSUPPORTED


@pytest.mark.parametrize("format_", GCM)
def test_every_flipped_bit_of_the_body_is_refused(format_: Format) -> None:
    """Of the ciphertext and of the tag."""
    body = OBJECTS[format_]().body
    for bit in range(len(body) * 8):
        flipped = bytearray(body)
        flipped[bit // 8] ^= 1 << bit % 8
        failure = refusal(partial(b"".join, CIPHERS[format_].decrypt([bytes(flipped)])))
        assert failure.kind is FailureKind.NOT_AUTHENTIC


BODY = v3_object(bytes(range(256))).body
ALTERED = {
    "truncated by a byte": BODY[:-1],
    "truncated by a block": BODY[:-16],
    "truncated to the tag": BODY[-16:],
    "truncated to less than a tag": BODY[:15],
    "empty": b"",
    "without its first byte": BODY[1:],
    "extended": BODY + b"\0",
    "extended by itself": BODY + BODY,
    "reordered blocks": BODY[16:32] + BODY[:16] + BODY[32:],
    "reordered halves": BODY[128:256] + BODY[:128] + BODY[256:],
    "a repeated block": BODY[:16] + BODY[:16] + BODY[32:],
    "the tag first": BODY[-16:] + BODY[:-16],
}


@pytest.mark.parametrize("name", ALTERED)
@pytest.mark.parametrize("chunk", [1, 7, 16, 400])
def test_an_altered_body_is_refused(name: str, chunk: int) -> None:
    """In chunks of any size."""
    body = ALTERED[name]
    chunks = [body[start : start + chunk] for start in range(0, len(body), chunk)]
    failure = refusal(lambda: list(CIPHERS[Format.V3].decrypt(chunks)))
    assert failure.kind is FailureKind.NOT_AUTHENTIC
    assert failure.advice == "Write the object again from its source, and check who may write to the bucket."


def test_the_tag_is_no_part_of_the_plaintext() -> None:
    """All of the plaintext comes before the tag is refused, and nothing more."""
    seen: list[bytes] = []
    failure = refusal(lambda: seen.extend(CIPHERS[Format.V3].decrypt([BODY[:-1], b"\0" if BODY[-1] else b"\1"])))
    assert b"".join(seen) == bytes(range(256))
    assert "authentication tag" in failure.message


def test_cbc_is_not_authenticated() -> None:
    """That is why it has a setting of its own: a flipped bit of the vector is a flipped bit of the content."""
    stored = v1_cbc_object(b"pay 100")
    vector = bytearray(digest("iv", 16))
    vector[4] ^= ord("1") ^ ord("9")
    assert read(stored.with_field("x-amz-iv", base64_text(bytes(vector)))) == b"pay 900"


@pytest.mark.parametrize("body", [b"", bytes(15), bytes(16), bytes(17), v1_cbc_object(bytes(32)).body[:-16]])
def test_a_body_that_does_not_end_as_cbc_is_refused(body: bytes) -> None:
    """Too short, not in whole blocks, or without padding."""
    failure = refusal(lambda: list(CIPHERS[Format.V1_CBC].decrypt([body])))
    assert failure.kind is FailureKind.NOT_AUTHENTIC


@pytest.mark.parametrize("padding", [0, 17, 255])
def test_a_padding_that_cannot_be_is_refused(padding: int) -> None:
    """Of no byte, or of more than a block."""
    block = bytes([padding]) * 16
    body = encrypted(modes.CBC(digest("iv", 16)), DATA_KEY.reveal(), block + block)
    failure = refusal(lambda: list(CIPHERS[Format.V1_CBC].decrypt([body])))
    assert failure.kind is FailureKind.NOT_AUTHENTIC


@pytest.mark.parametrize("length", [32, 0, 16, 33])
def test_an_envelope_commits_to_its_data_key(length: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another data key is refused before a content key is derived from it."""
    envelope = parse(v3_object())
    derived: list[bytes] = []

    def recording(key: bytes, salt: bytes, info: bytes, length: int) -> bytes:
        derived.append(info)
        return derive(key, salt, info, length)

    monkeypatch.setattr(f"{content_cipher.__name__}.derive", recording)
    failure = refusal(lambda: ContentCipher.open(envelope, Secret(digest("another data key", length))))
    assert failure.kind is FailureKind.NOT_AUTHENTIC
    assert derived == ([b"\0\x73COMMITKEY"] if length == 32 else [])


def test_the_commitment_is_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """By hmac.compare_digest, with all bytes of both."""
    envelope = parse(v3_object())
    compared: list[tuple[bytes, bytes]] = []

    def comparing(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return False

    monkeypatch.setattr(f"{content_cipher.__name__}.hmac.compare_digest", comparing)
    failure = refusal(lambda: ContentCipher.open(envelope, DATA_KEY))
    assert failure.message.startswith("The data key was decrypted, but the object does not commit to it")
    assert [(len(one), one == other) for one, other in compared] == [(28, True)]


def test_an_envelope_without_a_commitment_is_refused() -> None:
    envelope = Envelope(Format.V3, KeyWrap.AES_GCM, bytes(60), MESSAGE_ID)
    assert refusal(lambda: ContentCipher.open(envelope, DATA_KEY)).kind is FailureKind.NOT_AUTHENTIC


def test_a_message_id_of_zeros_is_read_and_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """encryption.md, Cipher Initialization: it is valid, but shows that it was not generated."""
    cipher, commitment = ContentCipher.create(DATA_KEY, bytes(28))
    envelope = Envelope(Format.V3, KeyWrap.AES_GCM, bytes(60), bytes(28), commitment)
    opened = ContentCipher.open(envelope, DATA_KEY)
    assert b"".join(opened.decrypt(cipher.encrypt([b"content"]))) == b"content"
    monkeypatch.setattr(f"{content_cipher.__name__}.os.urandom", bytes)
    assert refusal(new_message_id).kind is FailureKind.FAILED


@pytest.mark.parametrize("format_", GCM)
def test_content_above_the_limit_is_refused(format_: Format, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also if it grows while it is encrypted, and when an object claims to be longer."""
    for module in (content_cipher, model_envelope):
        monkeypatch.setattr(module, "LARGEST_PLAINTEXT", 100)
    cipher = CIPHERS[format_]
    ciphertext = list(cipher.encrypt([bytes(60), bytes(40)]))
    assert b"".join(cipher.decrypt(ciphertext)) == bytes(100)
    assert refusal(lambda: list(cipher.encrypt([bytes(60), bytes(41)]))).kind is FailureKind.INVALID
    failure = refusal(lambda: list(cipher.decrypt([*ciphertext, b"a"])))
    assert failure.kind is FailureKind.NOT_AUTHENTIC
    assert failure.message == "The object is longer than one message of AES-GCM can be."


@pytest.mark.parametrize("format_", OBJECTS)
def test_objects_of_every_format_are_read(format_: Format) -> None:
    """With their own key only."""
    stored = OBJECTS[format_]()
    assert read(stored) == CONTENT
    failure = refusal(lambda: read(stored, OTHER_KEY))
    assert failure.kind is FailureKind.WRONG_KEY
    assert "another key, or the envelope of the object was altered" in failure.message
