# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The encryption kinds: each is listed once, and its declarations are consistent."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.envelope import KeyWrap
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds import registry
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.encryption import DesiredEncryption
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.kind import KeyHolder, Kind, ObjectEncryption, Side
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.registry import (
    BLOCKABLE_KINDS,
    BUCKET_DEFAULT,
    BUCKET_DEFAULT_KINDS,
    CIPHERTEXT_KINDS,
    CSE_C,
    CSE_KMS,
    KINDS,
    OBJECT_KINDS,
    SSE_C,
    SSE_KMS,
    SSE_S3,
    find_kind,
    find_kind_by_wire,
    find_kind_by_wrap,
    recognise,
    require_accepted_options,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.secret import CustomerKey

FOLDER = Path(registry.__file__).parent
# The base classes, the placeholders for unknown encryption, and the registry itself.
NOT_KINDS = {"__init__", "kind", "encryption", "server_side", "client_side", "foreign", "registry"}


def test_every_file_of_a_kind_is_listed() -> None:
    """A kind that is not imported would not be sent to a target. Only its import has to be added."""
    imported = {
        node.module
        for node in ast.walk(ast.parse((FOLDER / "registry.py").read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.level == 1 and [each.name for each in node.names] == ["KIND"]
    }
    files = {path.stem for path in FOLDER.glob("*.py")} - NOT_KINDS
    assert imported == files
    assert len(KINDS) == len(files)


def test_names_are_unique() -> None:
    """A name finds its kind."""
    assert len({kind.name for kind in KINDS}) == len(KINDS)
    assert [find_kind(kind.name) for kind in KINDS] == list(KINDS)


def test_wire_values_are_unique() -> None:
    """A header value finds its kind. Kinds without a header value are not found by it."""
    wires = [kind.wire for kind in KINDS if kind.wire]
    assert sorted(wires) == sorted(set(wires))
    assert [find_kind_by_wire(wire).wire for wire in wires] == wires


def test_strengths_are_an_order() -> None:
    """No two kinds are equally strong, so that the option `minimum` can compare them."""
    strengths = [kind.strength for kind in KINDS if kind.strength is not None]
    assert len(strengths) == len(set(strengths))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_kind_describes_itself(kind: Kind) -> None:
    """The documentation is generated from these values."""
    assert kind.summary.endswith(".")
    assert kind.key_holder is not KeyHolder.UNKNOWN
    assert kind.encrypted_by
    assert kind.source.startswith("https://docs.aws.amazon.com/")


def test_the_choices_of_the_option_encryption() -> None:
    """In the documented order. Kinds that are only reported are not choices."""
    assert OBJECT_KINDS == ("SSE-S3", "SSE-KMS", "DSSE-KMS", "SSE-C", "CSE-KMS", "CSE-C")
    assert CIPHERTEXT_KINDS == ("SSE-S3", "SSE-KMS", "DSSE-KMS")
    assert BUCKET_DEFAULT_KINDS == ("SSE-S3", "SSE-KMS", "DSSE-KMS")
    assert BLOCKABLE_KINDS == ("SSE-C",)
    assert [find_kind(name).wire for name in OBJECT_KINDS] == ["AES256", "aws:kms", "aws:kms:dsse", "", "", ""]


OPTIONS = sorted(set().union(*(kind.options for kind in KINDS)))


@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_an_option_is_accepted_or_refused(kind: Kind, option: str) -> None:
    """A refusal names the option, and the kinds that accept it."""
    if option in kind.options:
        require_accepted_options(kind, frozenset({option}))
        return
    with pytest.raises(OperationError) as error:
        require_accepted_options(kind, frozenset({option}))
    failure = error.value.failure
    assert failure.kind is FailureKind.INVALID
    assert failure.message.startswith(f"{option} has no effect")
    takers = [taker.name for taker in KINDS if option in taker.options]
    assert failure.advice == f"Leave it out, or set encryption: {' or '.join(takers)}."


def test_the_messages_of_refusals() -> None:
    """The complete message."""
    with pytest.raises(OperationError) as of_kind:
        require_accepted_options(SSE_S3, frozenset({"kms_key"}))
    assert str(of_kind.value) == (
        "kms_key has no effect with encryption: SSE-S3. Leave it out, or set encryption: SSE-KMS or DSSE-KMS or "
        "CSE-KMS."
    )
    with pytest.raises(OperationError) as of_default:
        require_accepted_options(BUCKET_DEFAULT, frozenset({"customer_key"}))
    assert str(of_default.value) == (
        "customer_key has no effect without encryption. Leave it out, or set encryption: SSE-C or CSE-C."
    )


def test_every_option_may_be_omitted() -> None:
    """No kind requires one of these options."""
    for kind in (*KINDS, SSE_C, SSE_KMS):
        require_accepted_options(kind, frozenset())


ARN = "arn:aws:kms:eu-west-1:111122223333:key/one"
RESPONSES = [
    pytest.param({}, ObjectEncryption("NONE"), id="no header"),
    pytest.param({"ServerSideEncryption": "AES256"}, ObjectEncryption("SSE-S3"), id="SSE-S3"),
    pytest.param(
        {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": ARN}, ObjectEncryption("SSE-KMS", ARN, False), id="SSE-KMS"
    ),
    pytest.param(
        {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": ARN, "BucketKeyEnabled": True},
        ObjectEncryption("SSE-KMS", ARN, True),
        id="SSE-KMS with a bucket key",
    ),
    pytest.param(
        {"ServerSideEncryption": "aws:kms:dsse", "SSEKMSKeyId": ARN, "BucketKeyEnabled": True},
        ObjectEncryption("DSSE-KMS", ARN),
        id="DSSE-KMS has no bucket key, whatever is said",
    ),
    pytest.param(
        {"SSECustomerAlgorithm": "AES256", "SSECustomerKeyMD5": "md5"},
        ObjectEncryption("SSE-C", customer_key_md5="md5"),
        id="SSE-C",
    ),
    pytest.param(
        {"SSECustomerAlgorithm": "AES256", "SSECustomerKeyMD5": "md5", "ServerSideEncryption": "AES256"},
        ObjectEncryption("SSE-C", customer_key_md5="md5"),
        id="SSE-C in a store that also says how it wraps it",
    ),
    # SeaweedFS returns the MD5 twice. Two different values are not merged.
    pytest.param(
        {"SSECustomerAlgorithm": "AES256", "SSECustomerKeyMD5": "md5, md5"},
        ObjectEncryption("SSE-C", customer_key_md5="md5"),
        id="SSE-C, the MD5 twice",
    ),
    pytest.param(
        {"SSECustomerAlgorithm": "AES256", "SSECustomerKeyMD5": "md5, other"},
        ObjectEncryption("SSE-C", customer_key_md5="md5, other"),
        id="SSE-C, two MD5s",
    ),
    pytest.param({"SSECustomerAlgorithm": "AES256"}, ObjectEncryption("SSE-C"), id="SSE-C without its MD5"),
    pytest.param({"ServerSideEncryption": "aws:fsx"}, ObjectEncryption("aws:fsx"), id="an algorithm of a service"),
]


@pytest.mark.parametrize(("response", "encryption"), RESPONSES)
def test_a_response_is_recognised_by_one_kind(response: dict[str, object], encryption: ObjectEncryption) -> None:
    """Exactly one kind recognises it, or none."""
    assert recognise(response) == encryption
    recognising = [kind.name for kind in KINDS if kind.recognise(response)]
    assert recognising == [kind.name for kind in KINDS if kind.name == encryption.type]


def test_an_algorithm_of_another_service_declares_no_abilities() -> None:
    """It is kept, and cannot be chosen."""
    kind = find_kind("aws:fsx")
    assert kind is find_kind_by_wire("aws:fsx")
    assert (kind.name, kind.wire, kind.strength, kind.options) == ("aws:fsx", "aws:fsx", None, ())
    assert not any((kind.choosable, kind.updates_from, kind.updates_to, kind.etag_is_md5, kind.key_outside_s3))


HERE = {"side": Side.CLIENT, "wire": "", "strength": None}
CONTRADICTIONS = [
    pytest.param(SSE_S3, {"side": Side.CLIENT}, "wire and strength", id="encrypted here, and by a header"),
    pytest.param(SSE_S3, {**HERE, "strength": 0}, "strength", id="encrypted here, and a bucket's default"),
    pytest.param(SSE_S3, {**HERE, "key_in_requests": True}, "key_in_requests", id="a key of this side for S3 to see"),
    pytest.param(SSE_S3, {**HERE, "blockable": True}, "blockable", id="blocked by S3, which cannot see it"),
    pytest.param(SSE_S3, {**HERE, "has_managed_key": True}, "has_managed_key", id="encrypted here with a key of S3's"),
    pytest.param(SSE_S3, {"updates_to": True}, "update_parameters", id="a change in place that says nothing"),
    pytest.param(SSE_C, {"strength": 5}, "wire", id="a bucket's default that no rule can name"),
    pytest.param(CSE_C, {"wraps": ()}, "wraps", id="encrypted here, and no envelope shows it"),
    pytest.param(SSE_C, {"wraps": (KeyWrap.RSA,)}, "wraps", id="encrypted by S3, and an envelope shows it"),
]


@pytest.mark.parametrize(("kind", "claims", "named"), CONTRADICTIONS)
def test_a_contradictory_kind_cannot_be_defined(kind: Kind, claims: dict[str, Any], named: str) -> None:
    """The definition fails, and not the first real run after a successful check run."""
    with pytest.raises(TypeError, match=named):
        replace(kind, **claims)


def test_an_envelope_finds_its_kind() -> None:
    """Each way to encrypt a data key belongs to one kind. No option names an RSA key."""
    of_wraps = {
        **dict.fromkeys((KeyWrap.KMS_CONTEXT, KeyWrap.KMS), CSE_KMS),
        **dict.fromkeys((KeyWrap.AES_GCM, KeyWrap.AES_KEY_WRAP, KeyWrap.AES_ECB), CSE_C),
        KeyWrap.RSA: None,
    }
    assert {wrap: find_kind_by_wrap(wrap) for wrap in KeyWrap} == of_wraps
    assert [kind for kind in KINDS if kind.is_client_side] == [CSE_KMS, CSE_C]


@pytest.mark.parametrize("kind", [CSE_KMS, CSE_C], ids=lambda kind: kind.name)
@pytest.mark.parametrize("server_side", [SSE_S3, SSE_KMS, None], ids=lambda kind: kind.name if kind else "omitted")
def test_s3_gets_neither_key_nor_context_of_client_side_encryption(kind: Kind, server_side: Kind | None) -> None:
    """It gets the parameters for the encryption of the ciphertext only."""
    desired = DesiredEncryption(
        kind,
        ARN if kind is CSE_KMS else None,
        encryption_context=(("a", "1"),),
        customer_key=None if kind is CSE_KMS else CustomerKey(b"k" * 32),
        server_side=DesiredEncryption(server_side) if server_side else None,
    )
    expected = {"ServerSideEncryption": server_side.wire} if server_side else {}
    assert kind.write_parameters(desired) == expected


def test_only_sse_c_sends_a_customer_key_to_s3() -> None:
    """No request of another kind contains it."""
    key = CustomerKey(b"k" * 32)
    assert [kind.name for kind in KINDS if kind.key_in_requests] == ["SSE-C"]
    for kind in KINDS:
        desired = DesiredEncryption(kind, customer_key=key)
        assert desired.request_key == (key if kind.name == "SSE-C" else None)
        sent = kind.write_parameters(desired).values()
        assert (key.reveal() in sent) == (kind.name == "SSE-C")
