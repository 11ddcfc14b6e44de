# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The encryption of new objects, and how their object keys are wrapped and unwrapped.

The object key is random. SSE-S3 wraps it with a key of the lab. SSE-KMS and DSSE-KMS wrap it with the KMS key and the
encryption context of the object, or of the bucket with an S3 Bucket Key. SSE-C wraps it with the customer's key.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ..call import Call
from ..errors import ServiceError, invalid_argument, invalid_request
from ..kms import ciphertext, crypto
from .access import access_denied
from .customer_keys import CustomerKey, read_customer_key, wrong_customer_key
from .key_use import authorize_key_use, resolve_kms_key, to_s3_error
from .state import Bucket, DefaultEncryption, Scheme, WrappedKey

_S3_KEY = os.urandom(32)
# Algorithms with S3's own keys and with KMS keys. General purpose buckets support no others.
S3_ALGORITHMS = ("AES256",)
_KMS_ALGORITHMS = ("aws:kms", "aws:kms:dsse")


def is_supported(algorithm: str) -> bool:
    """Return whether a general purpose bucket supports the algorithm. Others belong to Amazon FSx and AWS Backup."""
    return algorithm in (*S3_ALGORITHMS, *_KMS_ALGORITHMS)


@lru_cache(maxsize=65536)
def intern_scheme(algorithm: str, key_arn: str = "", bucket_key: bool = False, customer_key_md5: str = "") -> Scheme:
    """Return the shared ``Scheme`` of these values."""
    return Scheme(algorithm, key_arn, bucket_key, customer_key_md5)


# ---------------------------------------------------------------- encryption of a write


def _check_parameters(params: Mapping[str, Any]) -> None:
    """Raise InvalidArgument for combinations of encryption parameters that S3 refuses in every bucket."""
    algorithm = params.get("ServerSideEncryption")
    key_id = params.get("SSEKMSKeyId")
    customer = any(params.get(f"SSECustomer{name}") is not None for name in ("Algorithm", "Key", "KeyMD5"))
    if customer and algorithm is not None:
        raise invalid_argument(
            "Server Side Encryption with Customer provided key is incompatible with the encryption method specified",
            "x-amz-server-side-encryption", str(algorithm),
        )  # fmt: skip
    if algorithm is not None and not is_supported(algorithm):
        raise invalid_argument(
            "The encryption method specified is not supported", "x-amz-server-side-encryption", str(algorithm)
        )
    if key_id is not None and algorithm not in _KMS_ALGORITHMS:
        raise invalid_argument(
            "Server Side Encryption with AWS KMS managed key requires HTTP header "
            "x-amz-server-side-encryption : aws:kms",
            "x-amz-server-side-encryption", str(algorithm or "null"),
        )  # fmt: skip
    if params.get("SSEKMSEncryptionContext") is not None and algorithm not in _KMS_ALGORITHMS:
        raise invalid_argument(
            "Server Side Encryption with AWS KMS managed key requires HTTP header "
            "x-amz-server-side-encryption : aws:kms",
            "x-amz-server-side-encryption", str(algorithm or "null"),
        )  # fmt: skip


def parse_encryption_context(params: Mapping[str, Any]) -> tuple[dict[str, str], str]:
    """Return the encryption context of a request and its original text: base64 of a JSON object of strings."""
    text = params.get("SSEKMSEncryptionContext")
    if text is None:
        return {}, ""
    invalid_context = invalid_argument(
        "The header 'x-amz-server-side-encryption-context' shall be Base64-encoded UTF-8 string holding JSON which "
        "represents a string-string map",
        "x-amz-server-side-encryption-context", text,
    )  # fmt: skip
    try:
        context = json.loads(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError) as exc:
        raise invalid_context from exc
    if not isinstance(context, dict) or not all(isinstance(value, str) for value in context.values()):
        raise invalid_context
    if "aws:s3:arn" in context:
        raise invalid_argument("The encryption context must not contain the reserved key aws:s3:arn")
    return context, text


def _sse_c_blocked(call: Call, bucket: Bucket, key: str) -> ServiceError:
    """Return the error in the words of https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html."""
    return access_denied(
        f'User: {call.caller.arn} is not authorized to perform: s3:PutObject on resource: "{bucket.object_arn(key)}" '
        "because this bucket has blocked upload requests that specify Server Side Encryption with Customer provided "
        "keys (SSE-C). Please specify a different server-side encryption type"
    )


class KeyPlan:
    """The encryption of a new object. It is chosen and authorized before the bytes are read."""

    def __init__(self, scheme: Scheme, object_key: bytes, wrapped_key: WrappedKey) -> None:
        self.scheme = scheme
        self.object_key = object_key
        self.wrapped_key = wrapped_key


@dataclass(frozen=True, slots=True)
class EncryptionChoice:
    """The encryption of a write with keys that AWS holds: the algorithm, the KMS key, and whether with a bucket key."""

    algorithm: str
    key_id: str | None
    bucket_key: bool


def _choose_encryption(params: Mapping[str, Any], default: DefaultEncryption) -> EncryptionChoice:
    """Return the encryption that the headers of a request select, else the bucket's default."""
    algorithm = params.get("ServerSideEncryption")
    bucket_key = params.get("BucketKeyEnabled")
    if algorithm is None:
        algorithm, key_id = default.algorithm, default.key_id or None
        inherited = default.bucket_key
    else:
        key_id = params.get("SSEKMSKeyId")
        inherited = default.bucket_key and default.algorithm == "aws:kms"
    wanted = inherited if bucket_key is None else bool(bucket_key)
    return EncryptionChoice(str(algorithm), key_id, wanted and algorithm == "aws:kms")


def plan_write(call: Call, bucket: Bucket, key: str) -> KeyPlan:
    """Choose the encryption, and generate and wrap an object key.

    The headers of the request decide, else the bucket's default.
    """
    params = call.params
    _check_parameters(params)
    customer = read_customer_key(params)
    if customer is not None:
        if "SSE-C" in bucket.encryption.blocked:
            raise _sse_c_blocked(call, bucket, key)
        return _wrap_with_customer_key(customer)
    choice = _choose_encryption(params, bucket.encryption)
    if choice.algorithm in S3_ALGORITHMS:
        object_key = os.urandom(32)
        return KeyPlan(intern_scheme(choice.algorithm), object_key, WrappedKey(_wrap(_S3_KEY, object_key)))
    if "AWSAccessKeyId=" in call.request.raw_query:
        raise invalid_argument(
            "Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4.",
            "Authorization", "null",
        )  # fmt: skip
    return _wrap_with_kms_key(call, bucket, key, choice)


def _wrap_with_customer_key(customer: CustomerKey) -> KeyPlan:
    """Generate an object key, and wrap it with the customer's key."""
    object_key = os.urandom(32)
    return KeyPlan(
        intern_scheme("", customer_key_md5=customer.md5), object_key, WrappedKey(_wrap(customer.key, object_key))
    )


def _wrap_with_kms_key(call: Call, bucket: Bucket, key: str, choice: EncryptionChoice) -> KeyPlan:
    """Generate an object key, and wrap it with a KMS key. The caller needs kms:GenerateDataKey."""
    context, text = parse_encryption_context(call.params)
    kms_key = resolve_kms_key(call, bucket, choice.key_id)
    full_context = {**context, "aws:s3:arn": bucket.arn if choice.bucket_key else bucket.object_arn(key)}
    authorize_key_use(call, bucket, kms_key, "GenerateDataKey", full_context)
    object_key = os.urandom(32)
    wrapped_key = WrappedKey(
        crypto.encrypt_with(kms_key, object_key, full_context), tuple(sorted(full_context.items())), text
    )
    return KeyPlan(intern_scheme(choice.algorithm, kms_key.arn, choice.bucket_key), object_key, wrapped_key)


# ---------------------------------------------------------------- reading


def unwrap_object_key(
    call: Call, bucket: Bucket, scheme: Scheme, wrapped_key: WrappedKey, customer: CustomerKey | None
) -> bytes:
    """Return the object key for a read.

    Raise the errors of S3 for a customer key that is wrong, missing or not needed.
    """
    if not scheme.algorithm:
        return _unwrap_with_customer_key(wrapped_key, customer)
    _refuse_customer_key(customer)
    if scheme.algorithm in S3_ALGORITHMS:
        return _unwrap(_S3_KEY, wrapped_key.wrapped)
    return _unwrap_with_kms(call, bucket, scheme, wrapped_key)


def check_customer_key(scheme: Scheme, wrapped_key: WrappedKey, customer: CustomerKey | None) -> None:
    """Check the key of a read without object bytes (HeadObject, GetObjectAttributes): only SSE-C needs a key."""
    if not scheme.algorithm:
        _unwrap_with_customer_key(wrapped_key, customer)
    else:
        _refuse_customer_key(customer)


def _unwrap_with_customer_key(wrapped_key: WrappedKey, customer: CustomerKey | None) -> bytes:
    if customer is None:
        raise invalid_request(
            "The object was stored using a form of Server Side Encryption. "
            "The correct parameters must be provided to retrieve the object."
        )
    try:
        return _unwrap(customer.key, wrapped_key.wrapped)
    except InvalidTag as exc:
        raise wrong_customer_key() from exc


def _refuse_customer_key(customer: CustomerKey | None) -> None:
    if customer is not None:
        raise invalid_request("The encryption parameters are not applicable to this object.")


def _unwrap_with_kms(call: Call, bucket: Bucket, scheme: Scheme, wrapped_key: WrappedKey) -> bytes:
    """Return the object key of an object with SSE-KMS or DSSE-KMS. The caller needs kms:Decrypt."""
    context = dict(wrapped_key.context)
    account = scheme.key_arn.split(":")[4]
    try:
        key = call.lab.state.kms.find(account, bucket.region, scheme.key_arn, call.now())
    except ServiceError as error:
        raise to_s3_error(error) from error
    authorize_key_use(call, bucket, key, "Decrypt", context)
    try:
        return crypto.decrypt_with(key, ciphertext.parse(wrapped_key.wrapped), context)
    except ServiceError as error:
        raise to_s3_error(error) from error


def _wrap(key: bytes, object_key: bytes) -> bytes:
    nonce = os.urandom(12)
    return nonce + AESGCM(key).encrypt(nonce, object_key, b"sealed-lab object key")


def _unwrap(key: bytes, wrapped: bytes) -> bytes:
    return AESGCM(key).decrypt(wrapped[:12], wrapped[12:], b"sealed-lab object key")


def encryption_fields(scheme: Scheme) -> dict[str, Any]:
    """Return the encryption fields of a response."""
    if not scheme.algorithm:
        return {"SSECustomerAlgorithm": "AES256", "SSECustomerKeyMD5": scheme.customer_key_md5}
    fields: dict[str, Any] = {"ServerSideEncryption": scheme.algorithm}
    if scheme.key_arn:
        fields["SSEKMSKeyId"] = scheme.key_arn
    if scheme.bucket_key:
        fields["BucketKeyEnabled"] = True
    return fields
