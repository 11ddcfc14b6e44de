# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Every single bit of every field of an envelope: a flipped one is refused, or has no effect by the specification."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.envelope.parsing import parse_envelope
from ansible_collections.sealed.s3.plugins.module_utils.model.envelope import (
    Envelope,
    EnvelopePlace,
    Format,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind, OperationError
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.envelope.stored_objects import (
    CONTENT,
    OBJECTS,
    StoredObject,
    base64_text,
    parse,
    read,
    v3_object,
)

# What refuses a flipped bit of a field, for an own key: its form (the parser), the tag of the encrypted data key (the
# key), the commitment, or the tag of the content. "nothing": the description beside an own key is for people, and the
# specification has nothing that authenticates it; the content is the same.
FIELDS = {
    Format.V3: {
        "x-amz-c": {"form"},
        "x-amz-d": {"form", "commitment"},
        "x-amz-i": {"form", "commitment"},
        "x-amz-3": {"form", "key"},
        "x-amz-w": {"form", "key"},  # 02 and 22 differ in one bit: an RSA key
        "x-amz-m": {"form", "nothing"},
    },
    Format.V2: {
        "x-amz-key-v2": {"form", "key"},
        "x-amz-iv": {"form", "content"},
        "x-amz-cek-alg": {"form"},
        "x-amz-wrap-alg": {"form"},
        "x-amz-tag-len": {"form"},
        "x-amz-matdesc": {"form", "nothing"},
    },
    Format.V1: {
        "x-amz-key-v2": {"form", "key"},
        "x-amz-iv": {"form", "content"},
        "x-amz-cek-alg": {"form"},
        "x-amz-wrap-alg": {"form"},
        "x-amz-tag-len": {"form"},
        "x-amz-matdesc": {"form"},
    },
}


def flipped_texts(text: str) -> Iterator[str]:
    """The text with each bit of its bytes flipped. What is then not UTF-8 is what a header can still have."""
    for bit in range(len(text) * 8):
        value = bytearray(text.encode("ascii"))
        value[bit // 8] ^= 1 << bit % 8
        yield value.decode("iso-8859-1")


def refused_by(stored: StoredObject) -> str:
    """Who refuses the object; nothing, if it is read as before."""
    try:
        assert read(stored) == CONTENT
    except OperationError as error:
        return PARTS[next(start for start in PARTS if error.failure.message.startswith(start))]
    return "nothing"


PARTS = {
    "The envelope of client-side encryption is refused: ": "form",
    "The customer key does not decrypt the data key": "key",
    "The data key of the object is encrypted with an RSA key": "key",
    "The data key was decrypted, but the object does not commit to it": "commitment",
    "The content of the object is not what was encrypted": "content",
}


@pytest.mark.parametrize(("format_", "name"), [(format_, name) for format_ in FIELDS for name in FIELDS[format_]])
def test_every_flipped_bit_of_a_field(format_: Format, name: str) -> None:
    """The table is complete: it has every field, and everything that refuses a bit of it."""
    stored = OBJECTS[format_]()
    assert FIELDS[format_].keys() == stored.metadata.keys()
    refusals = {refused_by(stored.with_field(name, value)) for value in flipped_texts(stored.metadata[name])}
    assert refusals == FIELDS[format_][name]


def test_every_flipped_bit_of_an_instruction_file() -> None:
    """Only the description beside an own key is without effect, and a name that is then unrelated."""
    stored = v3_object(place=EnvelopePlace.INSTRUCTION_FILE)
    assert stored.file is not None
    unchanged: set[Envelope] = set()
    for value in flipped_texts(stored.file.decode()):
        changed = replace(stored, file=value.encode("iso-8859-1"))
        if refused_by(changed) == "nothing":
            unchanged.add(replace(parse(changed), description=()))
    assert unchanged == {replace(parse(stored), description=())}


def test_every_flipped_bit_of_a_context() -> None:
    """It is refused by its form, or is another context, which KMS refuses, or is the same text by the rules of JSON."""
    metadata = {
        **v3_object().without_field("x-amz-m").metadata,
        "x-amz-w": "12",
        "x-amz-3": base64_text(b"encrypted by KMS"),
        "x-amz-t": '{"aws:x-amz-cek-alg":"115","team":"\\u00e9"}',
    }
    original = parse(StoredObject(metadata, b""))
    same, kinds = [], set()
    for value in flipped_texts(metadata["x-amz-t"]):
        try:
            envelope = parse_envelope(tuple({**metadata, "x-amz-t": value}.items()), None)
        except OperationError as error:
            kinds.add(error.failure.kind)
        else:
            if envelope == original:
                same.append(value)
    assert kinds == {FailureKind.NOT_AUTHENTIC}
    assert same == ['{"aws:x-amz-cek-alg":"115","team":"\\u00E9"}']


@pytest.mark.parametrize("format_", FIELDS)
def test_every_field_is_needed(format_: Format) -> None:
    """But for the description of V3, which is empty if it is absent."""
    stored = OBJECTS[format_]()
    optional = [name for name in stored.metadata if refused_by(stored.without_field(name)) == "nothing"]
    assert optional == (["x-amz-m"] if format_ is Format.V3 else [])
