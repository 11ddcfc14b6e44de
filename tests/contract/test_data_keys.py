# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Data keys of client-side encryption, in the lab: contexts, keys, refusals, and secrets in logs."""

from __future__ import annotations

import base64
import io
import json
import logging
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.aws.keys.data_keys import DataKeys
from ansible_collections.sealed.s3.plugins.module_utils.aws.session import Clients, Connection
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind, OperationError, Reason
from ansible_collections.sealed.s3.plugins.module_utils.model.secret import Secret

from .conftest import REGION, Task
from .test_key_policies import People, people

__all__ = ["people"]

Kind = FailureKind
CONTEXT = (("aws:x-amz-cek-alg", "115"), ("team", "data"))


@pytest.fixture
def data_keys() -> DataKeys:
    """The product's calls for data keys, with the credentials of the environment."""
    return DataKeys(Clients(Connection(region=REGION)))


def refusal(call: Callable[[], object]) -> Failure:
    """The failure of a call."""
    with pytest.raises(OperationError) as error:
        call()
    assert not error.value.failure.may_have_been_applied
    return error.value.failure


def test_a_data_key_is_bound_to_its_context_and_its_key(data_keys: DataKeys, kms: Any, key_arn: str) -> None:
    """It is decrypted with the same context only, and by the key that is named."""
    made = data_keys.generate_data_key(key_arn, CONTEXT, REGION)
    assert (len(made.data_key.reveal()), made.key_arn) == (32, key_arn)
    assert "hidden" in repr(made)
    for named in (key_arn, None):
        assert data_keys.decrypt_data_key(made.wrapped, named, CONTEXT, REGION) == made
        for context in (CONTEXT[:1], (*CONTEXT, ("z", "")), (CONTEXT[0], ("team", "Data")), ()):
            failure = refusal(partial(data_keys.decrypt_data_key, made.wrapped, named, context, REGION))
            assert failure.kind is Kind.NOT_AUTHENTIC
            assert "encryption context" in failure.message
            assert "altered" in failure.message
            assert "encryption_context" in failure.advice
    other = kms.create_key()["KeyMetadata"]["Arn"]
    failure = refusal(lambda: data_keys.decrypt_data_key(made.wrapped, other, CONTEXT, REGION))
    assert (failure.kind, failure.reason) == (Kind.WRONG_KEY, Reason.NOT_UNDER_THIS_KMS_KEY)
    assert other in failure.message
    assert "kms_key" in failure.advice
    moved = data_keys.encrypt_data_key(made.data_key, other, CONTEXT[:1], REGION)
    assert (moved.data_key, moved.key_arn) == (made.data_key, other)
    assert data_keys.decrypt_data_key(moved.wrapped, other, CONTEXT[:1], REGION) == moved
    without = data_keys.generate_data_key(key_arn, (), REGION)
    assert data_keys.decrypt_data_key(without.wrapped, key_arn, (), REGION) == without


def test_an_altered_data_key_is_refused(data_keys: DataKeys, kms: Any, key_arn: str, calls: Any) -> None:
    """Whichever bit was changed. What KMS never made is not sent, and what is no data key is not used."""
    made = data_keys.generate_data_key(key_arn, CONTEXT, REGION)
    for position in range(len(made.wrapped)):
        changed = bytearray(made.wrapped)
        changed[position] ^= 1 << position % 8
        for named in (key_arn, None) if position % 8 == 0 else (key_arn,):
            failure = refusal(partial(data_keys.decrypt_data_key, bytes(changed), named, CONTEXT, REGION))
            assert failure.kind in (Kind.NOT_AUTHENTIC, Kind.WRONG_KEY, Kind.FORBIDDEN), position
    calls()
    for wrapped in (b"", b"x" * 6145):
        failure = refusal(partial(data_keys.decrypt_data_key, wrapped, None, CONTEXT, REGION))
        assert failure.kind is Kind.NOT_AUTHENTIC
        assert f"has {len(wrapped)} bytes" in failure.message
    assert calls() == []
    short = kms.encrypt(KeyId=key_arn, Plaintext=b"x" * 31, EncryptionContext=dict(CONTEXT))["CiphertextBlob"]
    failure = refusal(lambda: data_keys.decrypt_data_key(short, key_arn, CONTEXT, REGION))
    assert (failure.kind, failure.resource) == (Kind.NOT_AUTHENTIC, key_arn)
    assert "31 bytes" in failure.message


def test_a_key_that_cannot_be_used(data_keys: DataKeys, kms: Any, key_arn: str) -> None:
    """Disabled, pending deletion, of another usage, or not there: each with its own advice, for each operation."""
    made = data_keys.generate_data_key(key_arn, CONTEXT, REGION)
    operations: dict[str, Callable[[str], object]] = {
        "GenerateDataKey": lambda key: data_keys.generate_data_key(key, CONTEXT, REGION),
        "Encrypt": lambda key: data_keys.encrypt_data_key(made.data_key, key, CONTEXT, REGION),
        "Decrypt": lambda key: data_keys.decrypt_data_key(made.wrapped, key, CONTEXT, REGION),
    }

    def refused(key: str, words: str, without: str = "") -> None:
        for operation, call in operations.items():
            if operation != without:
                failure = refusal(partial(call, key))
                assert failure.kind is Kind.KEY_UNUSABLE, operation
                assert words in failure.advice
                assert failure.action == f"kms:{operation}"

    kms.disable_key(KeyId=key_arn)
    refused(key_arn, "Enable the KMS key")
    kms.schedule_key_deletion(KeyId=key_arn, PendingWindowInDays=7)
    refused(key_arn, "kms:CancelKeyDeletion")
    refused(key_arn.replace(key_arn[-12:], "0" * 12), "If the key was deleted, nothing can decrypt")
    signing = kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["Arn"]
    refused(signing, "symmetric", without="Decrypt")


def test_a_key_for_s3_only_is_refused_with_the_option_to_set(
    task: Task, lab: Any, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The users' statement of kms_key_for_s3 has a condition on kms:ViaService. through_s3_only: false is enough."""
    key = {"alias": "alias/data", "users": [people.add("writer")]}
    arn = task("kms_key_for_s3", **key)["kms_key"]["arn"]
    with monkeypatch.context() as as_writer:
        for name, value in people.credentials("writer").items():
            as_writer.setenv(name, value)
        writer = DataKeys(Clients(Connection(region=REGION)))
        lab.enforcing = False
        made = writer.generate_data_key(arn, CONTEXT, REGION)
        lab.enforcing = True
        operations: dict[str, Callable[[], object]] = {
            "GenerateDataKey": lambda: writer.generate_data_key(arn, CONTEXT, REGION),
            "Encrypt": lambda: writer.encrypt_data_key(made.data_key, arn, CONTEXT, REGION),
            "Decrypt": lambda: writer.decrypt_data_key(made.wrapped, arn, CONTEXT, REGION),
        }
        for operation, call in operations.items():
            failure = refusal(call)
            assert failure.kind is Kind.FORBIDDEN
            assert f"kms:{operation} on {arn} is forbidden" in failure.message
            assert "through_s3_only: false" in failure.advice
    assert task("kms_key_for_s3", **key, through_s3_only=False)["changed"]
    for call in operations.values():
        call()


@pytest.fixture
def everything_logged() -> Iterator[io.StringIO]:
    """Everything that any logger writes at level DEBUG, also if the level is set after a client was made."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.removeHandler(handler)
    root.setLevel(before)


def forms(key: bytes) -> list[str]:
    """The formats in which output could contain a data key."""
    return [repr(key)[2:-1], key.hex(), base64.b64encode(key).decode().rstrip("="), key.decode("latin-1")]


def test_no_log_contains_a_data_key(
    data_keys: DataKeys, key_arn: str, lab: Any, everything_logged: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not of a request, a response, an error or its traceback, at DEBUG, with the level of each logger set again."""
    made = data_keys.generate_data_key(key_arn, CONTEXT, REGION)
    levels = {name: logging.getLogger(name).level for name in list(logging.root.manager.loggerDict)}
    for name in levels:
        logging.getLogger(name).setLevel(logging.DEBUG)
    try:
        other = data_keys.generate_data_key(key_arn, CONTEXT, REGION)
        data_keys.encrypt_data_key(made.data_key, key_arn, CONTEXT, REGION)
        data_keys.decrypt_data_key(made.wrapped, None, CONTEXT, REGION)
        without_context = partial(data_keys.decrypt_data_key, made.wrapped, None, (), REGION)
        for call in (without_context, partial(data_keys.encrypt_data_key, made.data_key, f"{key_arn}0", (), REGION)):
            with pytest.raises(OperationError) as error:
                call()
            everything_logged.write("".join(traceback.format_exception(error.value)))
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
    output = everything_logged.getvalue()
    assert "botocore" in str(levels)
    assert "kms" in output
    assert "InvalidCiphertextException" in output
    for secret in (made.data_key, other.data_key):
        assert not [form for form in forms(secret.reveal()) if form in output]
        assert "hidden" in repr(secret)
    with pytest.raises(TypeError):
        json.dumps(made.data_key)
    assert replace(made, data_key=Secret(b"x")) != made
