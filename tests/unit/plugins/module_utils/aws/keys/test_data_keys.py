# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Data keys of a KMS that does not answer as AWS, and its errors as failures."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("boto3")

from botocore.exceptions import ClientError

from ansible_collections.sealed.s3.plugins.module_utils.aws.keys.data_keys import DataKeys
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind, OperationError, Reason
from ansible_collections.sealed.s3.plugins.module_utils.model.secret import Secret
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_aws import REGION, key_arn

Kind = FailureKind
KEY = key_arn("one")
PLAINTEXT = b"0123456789abcdef0123456789ABCDEF"
ANSWER = {"KeyId": KEY, "Plaintext": PLAINTEXT, "CiphertextBlob": b"encrypted"}
OPERATIONS: dict[str, Callable[[DataKeys], object]] = {
    "GenerateDataKey": lambda port: port.generate_data_key(KEY, (("a", "b"),), REGION),
    "Encrypt": lambda port: port.encrypt_data_key(Secret(PLAINTEXT), KEY, (), REGION),
    "Decrypt": lambda port: port.decrypt_data_key(b"encrypted", KEY, (("a", "b"),), REGION),
}
for_each_operation = pytest.mark.parametrize("operation", OPERATIONS)


class KmsClients:
    """Clients of a KMS that gives one answer, or one error."""

    def __init__(self, answer: dict[str, Any] | ClientError) -> None:
        self.answer = answer
        self.requests: list[tuple[Any, ...]] = []

    def get(self, service: str, region: str) -> KmsClients:
        self.requests.append((service, region))
        return self

    def _answer(self, **parameters: Any) -> dict[str, Any]:
        self.requests.append((parameters,))
        if isinstance(self.answer, ClientError):
            raise self.answer
        return self.answer

    generate_data_key = encrypt = decrypt = _answer


def refusal(operation: str, answer: dict[str, Any] | ClientError) -> Failure:
    """The failure of an operation that gets this answer."""
    with pytest.raises(OperationError) as error:
        OPERATIONS[operation](DataKeys(KmsClients(answer)))  # type: ignore[arg-type]
    failure = error.value.failure
    assert (failure.action, failure.resource) == (f"kms:{operation}", KEY)
    assert not any(form in repr(failure) for form in (PLAINTEXT.decode(), PLAINTEXT.hex()))
    assert base64.b64encode(PLAINTEXT).decode() not in json.dumps(failure.sentence())
    return failure


def test_the_requests() -> None:
    """The region of the key, the whole context, and the key also for Decrypt, if it is known."""
    clients = KmsClients(ANSWER)
    port = DataKeys(clients)  # type: ignore[arg-type]
    for call in OPERATIONS.values():
        call(port)
    port.decrypt_data_key(b"encrypted", None, (), REGION)
    context = {"EncryptionContext": {"a": "b"}}
    assert clients.requests[::2] == [("kms", REGION)] * 4
    assert clients.requests[1::2] == [
        ({"KeyId": KEY, "KeySpec": "AES_256", **context},),
        ({"KeyId": KEY, "Plaintext": PLAINTEXT},),
        ({"KeyId": KEY, "CiphertextBlob": b"encrypted", **context},),
        ({"CiphertextBlob": b"encrypted"},),
    ]


@for_each_operation
@pytest.mark.parametrize("used", [key_arn("other"), "one", "arn:aws:kms:one", f"{KEY[:-7]}alias/one"])
def test_another_key_than_the_requested_one(operation: str, used: str) -> None:
    """AWS uses the requested key, and returns its ARN. A data key under any other key is not used."""
    failure = refusal(operation, {**ANSWER, "KeyId": used})
    assert failure.kind is Kind.UNSUPPORTED
    assert used in failure.message
    assert "kms_endpoint_url" in failure.advice


@pytest.mark.parametrize("used", ["one", "arn:aws:kms:one"])
def test_a_key_that_is_not_known(used: str) -> None:
    """Without a requested key, the caller decides by the account in the ARN, so there has to be one."""
    with pytest.raises(OperationError, match="is not the ARN of a key"):
        DataKeys(KmsClients({**ANSWER, "KeyId": used})).decrypt_data_key(b"x", None, (), REGION)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_a_data_key_of_another_size(size: int) -> None:
    """KMS makes a new one. A client has written an old one into the envelope."""
    answer = {**ANSWER, "Plaintext": PLAINTEXT[:1] * size}
    failure = refusal("GenerateDataKey", answer)
    assert (failure.kind, f"a data key of {8 * size} bits" in failure.message) == (Kind.UNSUPPORTED, True)
    failure = refusal("Decrypt", answer)
    assert (failure.kind, f"holds {size} bytes" in failure.message) == (Kind.NOT_AUTHENTIC, True)


DENIED = "User: arn:aws:iam::111122223333:user/ann is not authorized to perform: kms:{} on resource: " + KEY
VIA_S3 = "through_s3_only: false"
NOT_KNOWN = "The ciphertext refers to a customer master key that does not exist, …"
ERRORS = [
    pytest.param("DisabledException", "", Kind.KEY_UNUSABLE, "Enable the KMS key", id="disabled"),
    pytest.param("KMSInvalidStateException", "", Kind.KEY_UNUSABLE, "kms:CancelKeyDeletion", id="pending deletion"),
    pytest.param("NotFoundException", "", Kind.KEY_UNUSABLE, "nothing can decrypt its data keys", id="deleted"),
    pytest.param("InvalidKeyUsageException", "", Kind.KEY_UNUSABLE, "symmetric", id="another usage"),
    pytest.param("KeyUnavailableException", "", Kind.THROTTLED, "again later", id="unavailable"),
    pytest.param("DependencyTimeoutException", "", Kind.THROTTLED, "again later", id="timeout"),
    pytest.param("ThrottlingException", "Rate exceeded", Kind.THROTTLED, "again later", id="rate"),
    pytest.param("KMSInternalException", "", Kind.FAILED, "again later", id="internal"),
    pytest.param("InvalidCiphertextException", "", Kind.NOT_AUTHENTIC, "encryption_context", id="not authentic"),
    pytest.param("IncorrectKeyException", "", Kind.WRONG_KEY, "kms_key", id="another key"),
    pytest.param("AccessDeniedException", NOT_KNOWN, Kind.FORBIDDEN, VIA_S3, id="unknown to this account"),
    *(
        pytest.param("AccessDeniedException", f"{DENIED} {why}", Kind.FORBIDDEN, words, id=why)
        for why, words in (
            ("because no identity-based policy allows the action", VIA_S3),
            ("because no resource-based policy allows the action", VIA_S3),
            ("with an explicit deny in a resource-based policy", VIA_S3),
            ("with an explicit deny in a service control policy", "administrator of the organization"),
        )
    ),
]


@for_each_operation
@pytest.mark.parametrize(("code", "message", "kind", "words"), ERRORS)
def test_an_error_of_kms(operation: str, code: str, message: str, kind: FailureKind, words: str) -> None:
    """Its kind, and what to do next. None of these operations changes anything, also after retries."""
    response: Any = {
        "Error": {"Code": code, "Message": message.format(operation)},
        "ResponseMetadata": {"HTTPStatusCode": 500 if kind is Kind.FAILED else 400, "RetryAttempts": 2},
    }
    failure = refusal(operation, ClientError(response, operation))
    assert (failure.kind, failure.code, failure.may_have_been_applied) == (kind, code, False)
    assert words in failure.advice
    assert (VIA_S3 in failure.advice) == (words == VIA_S3)
    assert (failure.reason is Reason.NOT_UNDER_THIS_KMS_KEY) == (kind is Kind.WRONG_KEY)
    assert code in failure.message
