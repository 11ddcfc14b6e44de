# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Envelopes that are not as the specification says: each is refused with its own sentence."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.envelope.parsing import parse_envelope
from ansible_collections.sealed.s3.plugins.module_utils.model.envelope import EnvelopePlace, Format
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind, OperationError
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.envelope.stored_objects import (
    base64_text,
    in_file,
    refusal,
    v1_cbc_object,
    v1_object,
    v2_object,
    v3_object,
)

V3 = v3_object().metadata
KMS_KEY = base64_text(b"encrypted by KMS")
V3_KMS = {
    **V3,
    "x-amz-w": "12",
    "x-amz-t": '{"aws:x-amz-cek-alg":"115"}',
    "x-amz-m": "",
    "x-amz-3": KMS_KEY,
}
V2 = v2_object().metadata
V2_KMS = {
    **V2,
    "x-amz-wrap-alg": "kms+context",
    "x-amz-key-v2": KMS_KEY,
    "x-amz-matdesc": '{"aws:x-amz-cek-alg":"AES/GCM/NoPadding"}',
}
V1 = v1_object().metadata
CBC = v1_cbc_object().metadata
CBC_KMS = {
    **CBC,
    "x-amz-key-v2": KMS_KEY,
    "x-amz-wrap-alg": "kms",
    "x-amz-cek-alg": "AES/CBC/PKCS5Padding",
    "x-amz-matdesc": '{"kms_cmk_id":"key"}',
}
del CBC_KMS["x-amz-key"]

OF_OBJECT = v3_object(place=EnvelopePlace.INSTRUCTION_FILE)
V3_OBJECT, V3_FILE = OF_OBJECT.metadata, json.loads(OF_OBJECT.file or b"")


def without(fields: dict[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in fields.items() if name not in names}


@dataclass(frozen=True)
class Case:
    """The fields of the metadata, the instruction file, and what the sentence says."""

    fault: str
    metadata: dict[str, str]
    file: bytes | None = None


def with_file(fault: str, file: object, metadata: dict[str, str] | None = None) -> Case:
    metadata = V3_OBJECT if metadata is None else metadata
    return Case(fault, metadata, file if isinstance(file, bytes) else json.dumps(file).encode())


METADATA, FILE = "the metadata of the object has", "the instruction file has"

MIXED = [
    Case(
        f"{METADATA} fields of version 3 (x-amz-3) and of version 1 or 2 (x-amz-key-v2)",
        {"x-amz-3": "", "x-amz-key-v2": ""},
    ),
    Case(
        f"{METADATA} fields of version 3 (x-amz-3) and of version 1 or 2 (x-amz-key)", {"x-amz-3": "", "x-amz-key": ""}
    ),
    Case(
        f"{METADATA} fields of version 1 (x-amz-key) and of version 2 (x-amz-key-v2, x-amz-cek-alg, x-amz-wrap-alg, "
        "x-amz-tag-len)",
        {**V2, "x-amz-key": CBC["x-amz-key"]},
    ),
    Case(
        f"{METADATA} fields of version 1 (x-amz-key) and of version 2 (x-amz-wrap-alg)",
        {**CBC, "x-amz-wrap-alg": "AESWrap"},
    ),
    Case(
        f"{METADATA} fields of version 1 (x-amz-key) and of version 2 (x-amz-cek-alg)",
        {**CBC, "x-amz-cek-alg": "AES/GCM/NoPadding"},
    ),
    Case(
        f"{METADATA} fields of version 3 (x-amz-c, x-amz-w) and of version 1 or 2 (x-amz-key-v2, x-amz-cek-alg, "
        "x-amz-wrap-alg, x-amz-tag-len, x-amz-iv, x-amz-matdesc)",
        {**V2, "x-amz-c": "115", "x-amz-w": "02"},
    ),
    *(Case(f"fields of version 3 ({name}) and of version 1 or 2", {**V2, name: V3[name]}) for name in V3),
    *(
        Case(
            f"of version 3 (x-amz-c, x-amz-d, x-amz-i, x-amz-3, x-amz-w, x-amz-m) and of version 1 or 2 ({name})",
            {**V3, name: V2[name]},
        )
        for name in V2
    ),
    Case("of version 3 (x-amz-c, x-amz-d, x-amz-i) and of version 1 or 2 (x-amz-iv)", {**V3_OBJECT, "x-amz-iv": ""}),
    Case("an object of version 2 is presented as one of version 1", {**V2_KMS, "x-amz-wrap-alg": "kms"}),
]

MISSING = [
    *(Case(f"{METADATA} no {name}", without(V3, name)) for name in V3 if name not in ("x-amz-3", "x-amz-m")),
    Case(f"{METADATA} no x-amz-d, x-amz-i, x-amz-3, x-amz-w".replace(", x-amz-3, x-amz-w", ""), {"x-amz-c": "115"}),
    *(Case(f"{METADATA} no {name}", without(V2, name)) for name in V2 if name != "x-amz-key-v2"),
    *(Case(f"{METADATA} no {name}", without(CBC, name)) for name in CBC if name != "x-amz-key"),
    Case(f"{METADATA} none of x-amz-key, x-amz-key-v2 and x-amz-3", without(V2, "x-amz-key-v2")),
    Case(f"{METADATA} none of x-amz-key, x-amz-key-v2 and x-amz-3", without(CBC, "x-amz-key")),
    Case(f"{METADATA} x-amz-w, x-amz-m, but no x-amz-3", without(V3, "x-amz-3")),
]

TOO_LONG = base64_text(bytes(6145))

VALUES = [
    Case("x-amz-c is '116', and not 115", {**V3, "x-amz-c": "116"}),
    Case("x-amz-c is '0115', and not 115", {**V3, "x-amz-c": "0115"}),
    *(
        Case(f"x-amz-w is '{code}', and not 02 or 12 or 22", {**V3, "x-amz-w": code})
        for code in ("01", "11", "21", "2", "", "AES/GCM")
    ),
    Case(
        "x-amz-cek-alg is 'AES/CTR/NoPadding', and not AES/GCM/NoPadding or AES/CBC/PKCS5Padding",
        {**V2, "x-amz-cek-alg": "AES/CTR/NoPadding"},
    ),
    Case("x-amz-cek-alg is '115', and not", {**V2, "x-amz-cek-alg": "115"}),
    Case(
        "x-amz-wrap-alg is 'none', and not AES/GCM or AESWrap or kms+context or kms", {**V2, "x-amz-wrap-alg": "none"}
    ),
    Case(
        "x-amz-wrap-alg is AES/GCM, which is used with AES/GCM/NoPadding only, and not with AES/CBC/PKCS5Padding",
        {**without(V2, "x-amz-tag-len"), "x-amz-cek-alg": "AES/CBC/PKCS5Padding"},
    ),
    Case(
        "x-amz-wrap-alg is RSA-OAEP-SHA1, which is used with AES/GCM/NoPadding only",
        {**V2, "x-amz-cek-alg": "AES/CBC/PKCS5Padding", "x-amz-wrap-alg": "RSA-OAEP-SHA1"},
    ),
    *(Case(f"x-amz-tag-len is '{bits}' instead of 128", {**V2, "x-amz-tag-len": bits}) for bits in ("96", "", "0128")),
    Case("x-amz-tag-len is '128' instead of 0", {**CBC_KMS, "x-amz-tag-len": "128"}),
    *(
        Case(f"{name} is not base64", {**V3, name: value})
        for name in ("x-amz-3", "x-amz-d", "x-amz-i")
        for value in ("a", "é" * 4, V3[name] + "\n", " " + V3[name], V3[name][:-1], V3[name].replace("=", "") + "_")
    ),
    # the same bytes, but bits that base64 does not use are set
    Case("x-amz-d is not base64", {**V3, "x-amz-d": base64_text(bytes(28)).replace("A==", "B==")}),
    Case("x-amz-d has 27 bytes instead of 28", {**V3, "x-amz-d": base64_text(bytes(27))}),
    Case("x-amz-i has 12 bytes instead of 28", {**V3, "x-amz-i": base64_text(bytes(12))}),
    Case("x-amz-3 has 48 bytes instead of 60", {**V3, "x-amz-3": base64_text(bytes(48))}),
    Case("x-amz-3 has 0 bytes instead of 60", {**V3, "x-amz-3": ""}),
    Case("x-amz-3 has 0 bytes, and no encrypted data key is empty", {**V3_KMS, "x-amz-3": ""}),
    Case(
        "x-amz-3 has 6145 bytes, and no encrypted data key is empty or longer",
        {**V3_KMS, "x-amz-3": TOO_LONG},
    ),
    Case("x-amz-key-v2 has 59 bytes instead of 60", {**V2, "x-amz-key-v2": base64_text(bytes(59))}),
    Case("x-amz-key-v2 has 60 bytes instead of 40", {**V2, "x-amz-wrap-alg": "AESWrap"}),
    Case("x-amz-key has 32 bytes instead of 48", {**CBC, "x-amz-key": base64_text(bytes(32))}),
    Case("x-amz-iv has 16 bytes instead of 12", {**V2, "x-amz-iv": base64_text(bytes(16))}),
    Case("x-amz-iv has 12 bytes instead of 16", {**CBC, "x-amz-iv": base64_text(bytes(12))}),
]

TEXTS = [
    *(
        Case("x-amz-m is not a JSON object of texts", {**V3, "x-amz-m": value})
        for value in ("[]", "null", "1", '"a"', "{", "{}{}", "{'a': 'b'}", "[" * 5000)
    ),
    Case("x-amz-m has a value for 'a' that is not a text", {**V3, "x-amz-m": '{"a": 1}'}),
    Case("x-amz-m has a value for 'a' that is not a text", {**V3, "x-amz-m": '{"a": {}}'}),
    Case("x-amz-m has a value for 'a' that is not a text", {**V3, "x-amz-m": '{"a": null}'}),
    Case("x-amz-m has a value for 'a' that is not a text", {**V3, "x-amz-m": '{"a": "\\ud800"}'}),
    Case("x-amz-m has 'a' twice", {**V3, "x-amz-m": '{"a": "1", "a": "2"}'}),
    Case("x-amz-matdesc is not a JSON object of texts", {**V2, "x-amz-matdesc": "description"}),
    Case("the encryption context in x-amz-t has no aws:x-amz-cek-alg", {**V3_KMS, "x-amz-t": "{}"}),
    Case("the encryption context in x-amz-t has no aws:x-amz-cek-alg", {**V3_KMS, "x-amz-t": ""}),
    Case("the encryption context in x-amz-t has no aws:x-amz-cek-alg", without(V3_KMS, "x-amz-t")),
    Case(
        "the encryption context in x-amz-t has aws:x-amz-cek-alg 'AES/GCM/NoPadding' instead of 115",
        {**V3_KMS, "x-amz-t": V2_KMS["x-amz-matdesc"]},
    ),
    Case("the encryption context in x-amz-matdesc has no aws:x-amz-cek-alg", {**V2_KMS, "x-amz-matdesc": "{}"}),
    Case(
        "in x-amz-matdesc has aws:x-amz-cek-alg 'AES/GCM/NoPadding' instead of AES/CBC/PKCS5Padding",
        {**without(V2_KMS, "x-amz-tag-len"), "x-amz-cek-alg": "AES/CBC/PKCS5Padding"},
    ),
    # The key wrap of version 1 does not bind the content cipher, so it would decrypt with that of an attacker's choice.
    *(
        Case(
            "x-amz-wrap-alg is kms, and the encryption context has aws:x-amz-cek-alg, which belongs to kms+context",
            {**without(V2_KMS, *omitted), "x-amz-wrap-alg": "kms", **cipher},
        )
        for omitted, cipher in (
            ((), {}),
            (("x-amz-tag-len",), {"x-amz-cek-alg": "AES/CBC/PKCS5Padding", "x-amz-iv": base64_text(bytes(16))}),
        )
    ),
    Case(f"{METADATA} both x-amz-t and x-amz-m", {**V3_KMS, "x-amz-m": '{"a":"b"}'}),
    Case(
        "x-amz-m describes an own key, and the data key is encrypted by KMS",
        {**V3_KMS, "x-amz-m": '{"a":"b"}', "x-amz-t": ""},
    ),
    Case(
        "x-amz-t is for KMS, and the data key is not encrypted by KMS",
        {**V3, "x-amz-m": "", "x-amz-t": V3_KMS["x-amz-t"]},
    ),
]

FILES = [
    Case("the metadata of the object has no x-amz-3, and the instruction file does not exist", V3_OBJECT),
    *(
        with_file("the instruction file is not a JSON object of texts", body)
        for body in (b"", b"\xff", b"text", b"[]", b'"a"', json.dumps(V3_FILE).encode("utf-16"), b"\xef\xbb\xbf{}")
    ),
    with_file("the instruction file has a value for 'x-amz-3' that is not a text", {**V3_FILE, "x-amz-3": 5}),
    with_file("the instruction file has a value for 'other' that is not a text", {**V3_FILE, "other": True}),
    with_file("the instruction file has a value for 'x-amz-tag-len' that is not a text", {"x-amz-tag-len": True}, {}),
    with_file("the instruction file has 'x-amz-w' twice", b'{"x-amz-w": "02", "x-amz-w": "12"}'),
    *(
        with_file(f"{FILE} {name}, which belongs to the metadata of the object only", {**V3_FILE, name: V3[name]})
        for name in V3_OBJECT
    ),
    with_file(
        "the object is of version 3, and its instruction file has fields of version 1 or 2 (x-amz-key-v2)",
        {**V3_FILE, "x-amz-key-v2": V2["x-amz-key-v2"]},
    ),
    with_file("the object is of version 3, and its instruction file has fields of version 1 or 2 (x-amz-key-v2,", V2),
    with_file(f"{FILE} no x-amz-3, x-amz-w", {}),
    with_file(f"{FILE} no x-amz-w", without(V3_FILE, "x-amz-w")),
    with_file(f"{FILE} no x-amz-3", without(V3_FILE, "x-amz-3")),
    *(
        with_file(f"{METADATA} {name}, but no x-amz-3", V3_FILE, {**V3_OBJECT, name: V3[name]})
        for name in ("x-amz-w", "x-amz-m")
    ),
    with_file(
        f"{FILE} fields of version 3 (x-amz-3, x-amz-w, x-amz-m), and the metadata of the object has none of x-amz-c, "
        "x-amz-d, x-amz-i",
        V3_FILE,
        {},
    ),
    with_file(f"{FILE} fields of version 3 (x-amz-c, x-amz-d, x-amz-i, x-amz-3, x-amz-w, x-amz-m)", V3, {}),
    with_file(f"{FILE} fields of version 3 (x-amz-w), and", {**V2, "x-amz-w": "02"}, {}),
    with_file(f"{FILE} fields of version 1 (x-amz-key) and of version 2 (x-amz-key-v2,", {**V2, "x-amz-key": ""}, {}),
    with_file(f"{FILE} none of x-amz-key, x-amz-key-v2 and x-amz-3", {}, {}),
    with_file(f"{FILE} none of x-amz-key, x-amz-key-v2 and x-amz-3", {"name": "of another program"}, {}),
    with_file(
        "x-amz-tag-len is '96' instead of 128",
        json.loads(in_file(v2_object(), **{"x-amz-tag-len": 96}).file or b""),
        {},
    ),
]


@pytest.mark.parametrize("case", [*MIXED, *MISSING, *VALUES, *TEXTS, *FILES], ids=lambda case: case.fault[:70])
def test_a_fault_has_its_own_sentence(case: Case) -> None:
    """It says what is wrong, what that means, and what to do."""
    failure = refusal(lambda: parse_envelope(tuple(case.metadata.items()), case.file))
    assert failure.kind is FailureKind.NOT_AUTHENTIC
    start = "The envelope of client-side encryption is refused: "
    end = ". It was altered, or was written by something that is not an S3 Encryption Client."
    assert failure.message.startswith(start)
    assert failure.message.endswith(end)
    assert case.fault in failure.message[len(start) : -len(end)]
    assert len(failure.message) < 500
    is_lost = "does not exist" in case.fault
    assert failure.advice.startswith("Restore" if is_lost else "Write the object again from its source")


VALID = {name: value for stored in (CBC, V2, V1, V2_KMS, V3_KMS, V3) for name, value in stored.items()}
VALUES_OF_FIELDS = (
    st.sampled_from(sorted(set(VALID.values()))) | st.text(max_size=9) | st.sampled_from(["", "{}", "[]"])
)
SOME_FIELDS = st.dictionaries(st.sampled_from([*VALID, "x-amz-unencrypted-content-length", "other"]), VALUES_OF_FIELDS)
SOME_FILES = st.none() | st.binary(max_size=20) | SOME_FIELDS.map(lambda fields: json.dumps(fields).encode())


@given(base=st.sampled_from([{}, CBC, V2, V2_KMS, V3, V3_KMS, V3_OBJECT]), changes=SOME_FIELDS, file=SOME_FILES)
@settings(max_examples=300)
def test_any_envelope_is_read_or_refused(base: dict[str, str], changes: dict[str, str], file: bytes | None) -> None:
    """Nothing else is raised, and what is read is complete."""
    try:
        envelope = parse_envelope(tuple({**base, **changes}.items()), file)
    except OperationError as error:
        kind = error.failure.kind
    else:
        kind = FailureKind.NOT_AUTHENTIC
        if envelope is not None:
            assert envelope.encrypted_data_key
            assert len(envelope.message_id) in (12, 16, 28)
            assert (envelope.commitment is not None) == (envelope.format is Format.V3)
    assert kind is FailureKind.NOT_AUTHENTIC
