# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Data keys of client-side encryption, from KMS. These operations change nothing in KMS.

Source of every shape: https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ...model.arn import Arn
from ...model.errors import Failure, FailureKind, OperationError
from ...model.keys.data_key import DATA_KEY_BYTES, LARGEST_WRAPPED_KEY, EncryptionContext, WrappedDataKey
from ...model.secret import Secret
from ..errors import translate_errors
from .data_key_errors import explain_data_key_error

if TYPE_CHECKING:
    from ..session import Clients


class DataKeys:
    """The data keys of a run's session. `region` is the region of the KMS key."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def generate_data_key(self, key_arn: str, context: EncryptionContext, region: str) -> WrappedDataKey:
        """GenerateDataKey: a new data key."""
        with _explained("GenerateDataKey", key_arn):
            answer = self._clients.get("kms", region).generate_data_key(
                KeyId=key_arn, KeySpec="AES_256", **_expand_context(context)
            )
        used = _key_of(answer, "GenerateDataKey", key_arn)
        if len(answer["Plaintext"]) != DATA_KEY_BYTES:
            raise _unexpected("GenerateDataKey", key_arn, f"a data key of {8 * len(answer['Plaintext'])} bits")
        return WrappedDataKey(Secret(answer["Plaintext"]), answer["CiphertextBlob"], used)

    def encrypt_data_key(
        self, data_key: Secret, key_arn: str, context: EncryptionContext, region: str
    ) -> WrappedDataKey:
        """Encrypt: the same data key, encrypted anew."""
        with _explained("Encrypt", key_arn):
            answer = self._clients.get("kms", region).encrypt(
                KeyId=key_arn, Plaintext=data_key.reveal(), **_expand_context(context)
            )
        return WrappedDataKey(data_key, answer["CiphertextBlob"], _key_of(answer, "Encrypt", key_arn))

    def decrypt_data_key(
        self, wrapped: bytes, key_arn: str | None, context: EncryptionContext, region: str
    ) -> WrappedDataKey:
        """Decrypt. With `key_arn`, KMS uses that key only, so a data key under any other key is refused.

        Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html
        """
        resource = key_arn or f"a data key in {region}"
        if not 0 < len(wrapped) <= LARGEST_WRAPPED_KEY:
            raise _not_of_kms(resource, len(wrapped))
        with _explained("Decrypt", resource):
            answer = self._clients.get("kms", region).decrypt(
                CiphertextBlob=wrapped, **({"KeyId": key_arn} if key_arn else {}), **_expand_context(context)
            )
        used = _key_of(answer, "Decrypt", key_arn or "")
        if len(answer["Plaintext"]) != DATA_KEY_BYTES:
            raise _no_data_key(used, len(answer["Plaintext"]))
        return WrappedDataKey(Secret(answer["Plaintext"]), wrapped, used)


@contextmanager
def _explained(operation: str, resource: str) -> Iterator[None]:
    try:
        with translate_errors("kms", operation, resource):
            yield
    except OperationError as error:
        raise OperationError(explain_data_key_error(error.failure)) from error


def _expand_context(context: EncryptionContext) -> dict[str, dict[str, str]]:
    return {"EncryptionContext": dict(context)} if context else {}


def _key_of(answer: Mapping[str, Any], operation: str, requested: str) -> str:
    """The ARN of the KMS key that was used. With a KMS other than AWS's, it may be another than the requested one."""
    used = str(answer["KeyId"])
    arn = Arn.try_parse(used)
    if arn is None or arn.service != "kms" or arn.resource_type != "key":
        raise _unexpected(operation, requested or used, f"the key {used!r}, which is not the ARN of a key")
    if requested and used != requested:
        raise _unexpected(operation, requested, f"the key {used}")
    return used


def _unexpected(operation: str, resource: str, found: str) -> OperationError:
    return OperationError(
        Failure(
            FailureKind.UNSUPPORTED,
            f"The KMS at this endpoint answered kms:{operation} on {resource} with {found}.",
            "Client-side encryption needs a KMS that answers as AWS KMS: check kms_endpoint_url.",
            f"kms:{operation}",
            resource,
        )
    )


def _not_of_kms(resource: str, size: int) -> OperationError:
    return OperationError(
        Failure(
            FailureKind.NOT_AUTHENTIC,
            f"The encrypted data key has {size} bytes, so KMS has not encrypted it: those of KMS have 1 to "
            f"{LARGEST_WRAPPED_KEY}. No request was sent.",
            "The envelope is damaged or was altered: restore an earlier version of the object and of its instruction "
            "file, or write the content again.",
            "kms:Decrypt",
            resource,
        )
    )


def _no_data_key(key_arn: str, size: int) -> OperationError:
    return OperationError(
        Failure(
            FailureKind.NOT_AUTHENTIC,
            f"The envelope holds {size} bytes that are encrypted under the KMS key {key_arn}, and a data key has "
            f"{DATA_KEY_BYTES}.",
            "It was not written by a client for S3: restore an earlier version of the object and of its instruction "
            "file, or write the content again.",
            "kms:Decrypt",
            key_arn,
        )
    )
