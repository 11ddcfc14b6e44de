# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Envelopes that are read: every format and place, as different clients write them."""

from __future__ import annotations

import json
from dataclasses import replace
from email.header import Header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.envelope.parsing import (
    needs_instruction_file,
    parse_envelope,
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
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.envelope.stored_objects import (
    CONTENT,
    MESSAGE_ID,
    OBJECTS,
    StoredObject,
    base64_text,
    in_file,
    parse,
    read,
    refusal,
    v1_cbc_object,
    v1_object,
    v2_object,
    v3_object,
)

IN_FILE = {
    "V3": v3_object(place=EnvelopePlace.INSTRUCTION_FILE),
    "V2": in_file(v2_object()),
    "V2 by Ruby, with a number": in_file(v2_object(), **{"x-amz-tag-len": 128}),
    "V2 with a hint": in_file(v2_object(), **{"x-amz-unencrypted-content-length": 15}),
    "V2 with an unrelated name": in_file(v2_object(), **{"other": "text"}),
    "V1": in_file(v1_object()),
    "V1 with CBC": in_file(v1_cbc_object()),
}
KMS_KEY = base64_text(b"encrypted by KMS")
V2_KMS = {**v2_object().metadata, "x-amz-key-v2": KMS_KEY, "x-amz-matdesc": '{"aws:x-amz-cek-alg":"AES/GCM/NoPadding"}'}


def with_wrap(wrap: str, metadata: dict[str, str] = V2_KMS, **values: str) -> StoredObject:
    return StoredObject({**metadata, "x-amz-wrap-alg": wrap, **values}, b"")


CBC = {"x-amz-cek-alg": "AES/CBC/PKCS5Padding", "x-amz-iv": base64_text(bytes(16)), "x-amz-matdesc": "{}"}
BOUND_TO_CBC = {**CBC, "x-amz-matdesc": '{"aws:x-amz-cek-alg":"AES/CBC/PKCS5Padding"}'}
WITHOUT_TAG = {name: value for name, value in V2_KMS.items() if name != "x-amz-tag-len"}
V3_KMS = {
    "x-amz-c": "115",
    "x-amz-d": base64_text(bytes(28)),
    "x-amz-i": base64_text(bytes(28)),
    "x-amz-3": KMS_KEY,
    "x-amz-w": "12",
    "x-amz-t": '{"aws:x-amz-cek-alg": "115"}',
}
RSA_V1 = {**v1_cbc_object().metadata, "x-amz-key": base64_text(bytes(256))}
# Which format it is: V1 is AES-GCM with a data key that does not authenticate that.
FORMATS = [
    (v3_object(), Format.V3, KeyWrap.AES_GCM),
    (StoredObject(V3_KMS, b""), Format.V3, KeyWrap.KMS_CONTEXT),
    (StoredObject({**V3_KMS, "x-amz-w": "22", "x-amz-t": ""}, b""), Format.V3, KeyWrap.RSA),
    (v2_object(), Format.V2, KeyWrap.AES_GCM),
    (with_wrap("kms+context"), Format.V2, KeyWrap.KMS_CONTEXT),
    (with_wrap("RSA-OAEP-SHA1"), Format.V2, KeyWrap.RSA),
    (v1_object(), Format.V1, KeyWrap.AES_KEY_WRAP),
    (with_wrap("kms", V2_KMS, **{"x-amz-matdesc": '{"kms_cmk_id":"key"}'}), Format.V1, KeyWrap.KMS),
    (with_wrap("RSA/ECB/OAEPWithSHA-256AndMGF1Padding"), Format.V1, KeyWrap.RSA),
    (v1_cbc_object(), Format.V1_CBC, KeyWrap.AES_ECB),
    (StoredObject(RSA_V1, b""), Format.V1_CBC, KeyWrap.RSA),
    (with_wrap("kms", WITHOUT_TAG, **CBC), Format.V1_CBC, KeyWrap.KMS),
    (with_wrap("kms", V2_KMS, **CBC, **{"x-amz-tag-len": "0"}), Format.V1_CBC, KeyWrap.KMS),
    (with_wrap("kms+context", WITHOUT_TAG, **BOUND_TO_CBC), Format.V1_CBC, KeyWrap.KMS_CONTEXT),
]


@pytest.mark.parametrize(("stored", "format_", "wrap"), FORMATS)
def test_the_format(stored: StoredObject, format_: Format, wrap: KeyWrap) -> None:
    """Of each way to encrypt a data key that the specification names."""
    envelope = parse(stored)
    assert (envelope.format, envelope.wrap, envelope.place) == (format_, wrap, EnvelopePlace.METADATA)


@pytest.mark.parametrize("name", IN_FILE)
def test_an_envelope_in_an_instruction_file(name: str) -> None:
    """Every format, with all that clients add."""
    stored = IN_FILE[name]
    assert parse(stored).place is EnvelopePlace.INSTRUCTION_FILE
    assert read(stored) == CONTENT


@pytest.mark.parametrize("format_", OBJECTS)
def test_a_complete_envelope_in_the_metadata_counts(format_: Format) -> None:
    """The instruction file is not even read then."""
    stored = OBJECTS[format_]()
    for file in (None, b"not JSON", in_file(v2_object()).file):
        assert parse(replace(stored, file=file)).place is EnvelopePlace.METADATA
    assert not needs_instruction_file(tuple(stored.metadata.items()))


def test_which_objects_need_an_instruction_file() -> None:
    """V3 shows it. Of the older formats, those that have a hint in their metadata do."""
    hint = ("x-amz-unencrypted-content-length", "15")
    assert needs_instruction_file(tuple(IN_FILE["V3"].metadata.items()))
    assert needs_instruction_file((*IN_FILE["V3"].metadata.items(), ("X-Amz-T", "")))
    assert needs_instruction_file((hint,))
    assert not needs_instruction_file(())
    assert not needs_instruction_file((("x-amz-c", "115"),))
    assert not needs_instruction_file((hint, ("x-amz-iv", "")))


def test_no_envelope() -> None:
    """No field, or only hints and the empty fields that the client for Go writes, and no instruction file."""
    assert parse_envelope((), None) is None
    assert parse_envelope((("x-amz-unencrypted-content-length", "15"), ("x-amz-m", "")), None) is None


@pytest.mark.parametrize("format_", OBJECTS)
def test_hints_have_no_effect(format_: Format) -> None:
    """Nothing authenticates them. Names are recognised in upper and lower case."""
    stored = OBJECTS[format_]()
    hints = {
        "x-amz-unencrypted-content-length": "99999",
        "x-amz-unencrypted-content-md5": "wrong",
        "x-amz-crypto-instr-file": "",
    }
    upper = {name.upper(): value for name, value in stored.metadata.items()}
    assert parse(replace(stored, metadata={**hints, **upper})) == parse(stored)


def test_the_client_for_go_writes_the_unused_field_empty() -> None:
    """Empty means absent, also in an instruction file."""
    stored = v3_object()
    assert parse(stored.with_field("x-amz-t", "")) == parse(stored)
    go = {**V3_KMS, "x-amz-m": "", "x-amz-unencrypted-content-length": "15"}
    assert parse(StoredObject(go, b"")) == parse(StoredObject(V3_KMS, b""))
    file = IN_FILE["V3"].file
    assert file is not None
    empty = json.dumps({**json.loads(file), "x-amz-t": ""}).encode()
    assert parse(replace(IN_FILE["V3"], file=empty)) == parse(IN_FILE["V3"])
    assert parse(in_file(v2_object(), **{"x-amz-m": "", "x-amz-t": ""})) == parse(IN_FILE["V2"])


def test_the_client_for_ruby_writes_an_empty_description() -> None:
    assert parse(v3_object().with_field("x-amz-m", "{}")).description == ()
    assert parse(StoredObject({**V3_KMS, "x-amz-m": "{}"}, b"")) == parse(StoredObject(V3_KMS, b""))


TEXT = '{"aws:x-amz-cek-alg":"115","näme":"wört — ü"}'
TWICE = TEXT.encode().decode("iso-8859-1")
ENCODED = {
    "escaped": json.dumps(json.loads(TEXT)),
    "once, in base64": "=?UTF-8?B?" + base64_text(TEXT.encode()) + "?=",
    "once, quoted": "=?UTF-8?Q?" + "".join(f"={byte:02X}" for byte in TEXT.encode()) + "?=",
    "once, in several words": Header(TEXT, "utf-8", maxlinelen=40).encode(linesep="").replace("\n", ""),
    "twice, in base64": "=?UTF-8?B?" + base64_text(TWICE.encode()) + "?=",
    "twice, quoted": "=?UTF-8?Q?" + "".join(f"={byte:02X}" for byte in TWICE.encode()) + "?=",
    "as the bytes of the header": TWICE,
    "as text": TEXT,
}


@pytest.mark.parametrize("name", ENCODED)
def test_a_context_that_is_not_ascii(name: str) -> None:
    """As S3 and HTTP give it back. In an instruction file nothing is encoded but by JSON."""
    envelope = parse(StoredObject({**V3_KMS, "x-amz-t": ENCODED[name]}, b""))
    assert envelope.context == (("aws:x-amz-cek-alg", "115"), ("näme", "wört — ü"))
    assert envelope.named_context == (("näme", "wört — ü"),)


def test_the_context_of_an_instruction_file_is_not_decoded() -> None:
    """It never was in a header, so =?UTF-8?Q?=C3=A9?= is itself there."""
    file = {
        "x-amz-3": KMS_KEY,
        "x-amz-w": "12",
        "x-amz-t": '{"aws:x-amz-cek-alg":"115","word":"=?UTF-8?Q?=C3=A9?=","bytes":"Ã©"}',
    }
    envelope = parse(StoredObject(IN_FILE["V3"].metadata, b"", json.dumps(file).encode()))
    assert envelope.named_context == (("bytes", "Ã©"), ("word", "=?UTF-8?Q?=C3=A9?="))


TEXTS = st.dictionaries(st.text(max_size=9), st.text(max_size=20), max_size=4)


@given(place=st.sampled_from(EnvelopePlace), texts=TEXTS, by_kms=st.booleans(), key=st.binary(min_size=1, max_size=300))
def test_what_is_written_is_read(place: EnvelopePlace, texts: dict[str, str], by_kms: bool, key: bytes) -> None:
    """Also texts that are not ASCII, or look like encoded words."""
    named = tuple(sorted((f"{name}=?utf-8?q?=C3=A9?=", value) for name, value in texts.items()))
    wrap, wrapped = (KeyWrap.KMS_CONTEXT, key) if by_kms else (KeyWrap.AES_GCM, bytes(60))
    context, description = (bound_context(named), ()) if by_kms else ((), named)
    envelope = Envelope(Format.V3, wrap, wrapped, MESSAGE_ID, bytes(28), context, description, place)
    metadata, file = serialize_envelope(envelope)
    assert all(value.isascii() for _name, value in metadata)
    assert needs_instruction_file(metadata) == (file is not None) == (place is EnvelopePlace.INSTRUCTION_FILE)
    assert parse_envelope(metadata, file) == envelope


@pytest.mark.parametrize("format_", [Format.V2, Format.V1, Format.V1_CBC])
def test_only_v3_is_written(format_: Format) -> None:
    envelope = parse(OBJECTS[format_]())
    assert refusal(lambda: serialize_envelope(envelope)).kind is FailureKind.UNSUPPORTED
    rsa = replace(parse(v3_object()), wrap=KeyWrap.RSA)
    assert refusal(lambda: serialize_envelope(rsa)).kind is FailureKind.UNSUPPORTED
