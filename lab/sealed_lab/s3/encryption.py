# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Which encryption a new object gets, and how its object key is wrapped and unwrapped.

The object key is random. SSE-S3 wraps it under the lab's own key, SSE-KMS and DSSE-KMS under the KMS key with the
object's (or, with an S3 Bucket Key, the bucket's) encryption context, SSE-C under the customer's key.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ..call import Call
from ..cloudtrail.events import record_use_by_s3
from ..errors import ServiceError
from ..kms import ciphertext, crypto
from ..kms.access import USABLE as KEY_USABLE
from ..kms.access import check_state, condition_context, refusal
from ..kms.keys import Key
from .customer_keys import CustomerKey, read_customer_key
from .state import Bucket, Scheme, SealedKey

_S3_KEY = os.urandom(32)
# The algorithms under S3's own keys, and those under keys of KMS: all that general purpose buckets take.
S3_ALGORITHMS = ("AES256",)
_KMS_ALGORITHMS = ("aws:kms", "aws:kms:dsse")


def is_supported(algorithm: str) -> bool:
    """Whether a general purpose bucket takes it. Amazon FSx and AWS Backup have some for storage of their own."""
    return algorithm in (*S3_ALGORITHMS, *_KMS_ALGORITHMS)


@lru_cache(maxsize=65536)
def scheme(algorithm: str, key_arn: str = "", bucket_key: bool = False, customer_key_md5: str = "") -> Scheme:
    """The one ``Scheme`` of these values."""
    return Scheme(algorithm, key_arn, bucket_key, customer_key_md5)


def _invalid(message: str, name: str = "", value: str = "") -> ServiceError:
    fields = {"ArgumentName": name, "ArgumentValue": value} if name else {}
    return ServiceError("InvalidArgument", message, 400, fields=fields)


# ---------------------------------------------------------------- what a write asks for


def check_headers(params: Mapping[str, Any]) -> None:
    """Combinations of encryption parameters that S3 refuses whatever the bucket's default is."""
    algorithm = params.get("ServerSideEncryption")
    key_id = params.get("SSEKMSKeyId")
    customer = any(params.get(f"SSECustomer{name}") is not None for name in ("Algorithm", "Key", "KeyMD5"))
    if customer and algorithm is not None:
        raise _invalid(
            "Server Side Encryption with Customer provided key is incompatible with the encryption method specified",
            "x-amz-server-side-encryption", str(algorithm),
        )  # fmt: skip
    if algorithm is not None and not is_supported(algorithm):
        raise _invalid(
            "The encryption method specified is not supported", "x-amz-server-side-encryption", str(algorithm)
        )
    if key_id is not None and algorithm not in _KMS_ALGORITHMS:
        raise _invalid(
            "Server Side Encryption with AWS KMS managed key requires HTTP header "
            "x-amz-server-side-encryption : aws:kms",
            "x-amz-server-side-encryption", str(algorithm or "null"),
        )  # fmt: skip
    if params.get("SSEKMSEncryptionContext") is not None and algorithm not in _KMS_ALGORITHMS:
        raise _invalid(
            "Server Side Encryption with AWS KMS managed key requires HTTP header "
            "x-amz-server-side-encryption : aws:kms",
            "x-amz-server-side-encryption", str(algorithm or "null"),
        )  # fmt: skip


def given_context(params: Mapping[str, Any]) -> tuple[dict[str, str], str]:
    """The encryption context of a request: base64 of a JSON object of strings."""
    text = params.get("SSEKMSEncryptionContext")
    if text is None:
        return {}, ""
    wrong = _invalid(
        "The header 'x-amz-server-side-encryption-context' shall be Base64-encoded UTF-8 string holding JSON which "
        "represents a string-string map",
        "x-amz-server-side-encryption-context", text,
    )  # fmt: skip
    try:
        context = json.loads(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError) as exc:
        raise wrong from exc
    if not isinstance(context, dict) or not all(isinstance(value, str) for value in context.values()):
        raise wrong
    if "aws:s3:arn" in context:
        raise _invalid("The encryption context must not contain the reserved key aws:s3:arn")
    return context, text


class KeyPlan:
    """The encryption of one new object, decided and authorised before its bytes are read."""

    def __init__(self, chosen: Scheme, object_key: bytes, sealed: SealedKey) -> None:
        self.scheme = chosen
        self.object_key = object_key
        self.sealed = sealed


def plan_write(call: Call, bucket: Bucket, key: str, *, params: Mapping[str, Any] | None = None) -> KeyPlan:
    """Choose by the request's headers, else by the bucket's default; make and wrap an object key."""
    wanted = call.params if params is None else params
    check_headers(wanted)
    customer = read_customer_key(wanted)
    if customer is not None:
        if "SSE-C" in bucket.encryption.blocked:
            raise ServiceError("AccessDenied", blocked_message(call, bucket, key), 403)
        return seal_customer(customer)
    algorithm = wanted.get("ServerSideEncryption")
    bucket_key = wanted.get("BucketKeyEnabled")
    key_id = wanted.get("SSEKMSKeyId")
    default = bucket.encryption
    if algorithm is None:
        algorithm, key_id = default.algorithm, default.key_id or None
        if bucket_key is None:
            bucket_key = default.bucket_key
    elif bucket_key is None:
        bucket_key = default.bucket_key if algorithm == "aws:kms" and default.algorithm == "aws:kms" else False
    if algorithm in S3_ALGORITHMS:
        object_key = os.urandom(32)
        return KeyPlan(scheme(algorithm), object_key, SealedKey(_wrap(_S3_KEY, object_key)))
    if "AWSAccessKeyId=" in call.request.raw_query:
        raise _invalid(
            "Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4.",
            "Authorization", "null",
        )  # fmt: skip
    context, text = given_context(wanted)
    shared = bool(bucket_key) and algorithm == "aws:kms"
    return seal_kms(call, bucket, key, str(algorithm), key_id, shared, context, text)


def blocked_message(call: Call, bucket: Bucket, key: str) -> str:
    """What S3 says where the bucket blocks SSE-C."""
    return "Access Denied"


def seal_customer(customer: CustomerKey) -> KeyPlan:
    """An object key under the customer's key."""
    object_key = os.urandom(32)
    return KeyPlan(scheme("", customer_key_md5=customer.md5), object_key, SealedKey(_wrap(customer.key, object_key)))


def seal_kms(
    call: Call, bucket: Bucket, key: str, algorithm: str, key_id: str | None, shared: bool,
    context: Mapping[str, str], text: str,
) -> KeyPlan:  # fmt: skip
    """An object key under a KMS key; the caller needs kms:GenerateDataKey."""
    kms_key = find_key(call, bucket, key_id)
    full = {**context, "aws:s3:arn": bucket.arn if shared else bucket.object_arn(key)}
    use_key(call, bucket, kms_key, "GenerateDataKey", full)
    object_key = os.urandom(32)
    sealed = SealedKey(crypto.seal_under(kms_key, object_key, full), tuple(sorted(full.items())), text)
    return KeyPlan(scheme(algorithm, kms_key.arn, shared), object_key, sealed)


# ---------------------------------------------------------------- KMS as S3 uses it


def _as_s3(error: ServiceError) -> ServiceError:
    """KMS's error as S3 passes it on."""
    if error.code in ("AccessDeniedException", "AccessDenied"):
        return ServiceError("AccessDenied", error.message, 403)
    return ServiceError(f"KMS.{error.code}", error.message, 400)


def find_key(call: Call, bucket: Bucket, key_id: str | None) -> Key:
    """The key by the requester's account in the bucket's region; none named is ``alias/aws/s3``."""
    service = call.lab.world.kms
    if not key_id:
        return service.managed(service.realm(call.account or bucket.account, bucket.region), "s3", call.now())
    try:
        return service.find(call.account or bucket.account, bucket.region, key_id, call.now())
    except ServiceError as error:
        raise _as_s3(error) from error


def use_key(call: Call, bucket: Bucket, key: Key, action: str, context: Mapping[str, str]) -> None:
    """One KMS call that S3 makes with the requester's permissions: authorisation, usage and state, in this order."""
    via = f"s3.{bucket.region}.amazonaws.com"
    message = refusal(call.lab, call.caller, key, action, context=context, via=via)
    record_use_by_s3(call, action, key.arn, context, message)
    if message is not None:
        raise ServiceError("AccessDenied", message, 403)
    try:
        crypto.require_symmetric(key, action)
        check_state(key, KEY_USABLE)
    except ServiceError as error:
        raise _as_s3(error) from error
    crypto.note_use(call, key, action)


def may_use(call: Call, bucket: Bucket, key: Key, action: str, context: Mapping[str, str]) -> str | None:
    """Why the caller could not use the key, or None."""
    return refusal(call.lab, call.caller, key, action, context=context, via=f"s3.{bucket.region}.amazonaws.com")


# ---------------------------------------------------------------- reading


def open_key(
    call: Call, bucket: Bucket, chosen: Scheme, sealed: SealedKey, customer: CustomerKey | None, *, copy: bool = False
) -> bytes:
    """The object key for a read, with every refusal that S3 has for a wrong, missing or needless customer key."""
    if not chosen.algorithm:
        if customer is None:
            raise ServiceError(
                "InvalidRequest",
                "The object was stored using a form of Server Side Encryption. "
                "The correct parameters must be provided to retrieve the object.",
                400,
            )
        try:
            return _unwrap(customer.key, sealed.box)
        except InvalidTag as exc:
            raise ServiceError("AccessDenied", "Access Denied", 403) from exc
    if customer is not None:
        raise ServiceError(
            "InvalidRequest",
            "The encryption parameters are not applicable to this object.",
            400,
        )
    if chosen.algorithm in S3_ALGORITHMS:
        return _unwrap(_S3_KEY, sealed.box)
    return open_kms(call, bucket, chosen, sealed)


def open_kms(call: Call, bucket: Bucket, chosen: Scheme, sealed: SealedKey) -> bytes:
    """The object key of an SSE-KMS or DSSE-KMS object; the caller needs kms:Decrypt."""
    context = dict(sealed.context)
    account = chosen.key_arn.split(":")[4]
    try:
        key = call.lab.world.kms.find(account, bucket.region, chosen.key_arn, call.now())
    except ServiceError as error:
        raise _as_s3(error) from error
    use_key(call, bucket, key, "Decrypt", context)
    try:
        return crypto.open_under(key, ciphertext.parse(sealed.box), context)
    except ServiceError as error:
        raise _as_s3(error) from error


def check_customer_key(chosen: Scheme, sealed: SealedKey, customer: CustomerKey | None) -> None:
    """The rules of a read without the bytes (HeadObject, GetObjectAttributes): only SSE-C needs its key."""
    if not chosen.algorithm:
        if customer is None:
            raise ServiceError(
                "InvalidRequest",
                "The object was stored using a form of Server Side Encryption. "
                "The correct parameters must be provided to retrieve the object.",
                400,
            )
        try:
            _unwrap(customer.key, sealed.box)
        except InvalidTag as exc:
            raise ServiceError("AccessDenied", "Access Denied", 403) from exc
    elif customer is not None:
        raise ServiceError("InvalidRequest", "The encryption parameters are not applicable to this object.", 400)


def _wrap(key: bytes, object_key: bytes) -> bytes:
    nonce = os.urandom(12)
    return nonce + AESGCM(key).encrypt(nonce, object_key, b"sealed-lab object key")


def _unwrap(key: bytes, box: bytes) -> bytes:
    return AESGCM(key).decrypt(box[:12], box[12:], b"sealed-lab object key")


def shown(chosen: Scheme) -> dict[str, Any]:
    """The encryption fields of an answer."""
    if not chosen.algorithm:
        return {"SSECustomerAlgorithm": "AES256", "SSECustomerKeyMD5": chosen.customer_key_md5}
    found: dict[str, Any] = {"ServerSideEncryption": chosen.algorithm}
    if chosen.key_arn:
        found["SSEKMSKeyId"] = chosen.key_arn
    if chosen.bucket_key:
        found["BucketKeyEnabled"] = True
    return found


__all__ = ["KeyPlan", "check_customer_key", "condition_context", "find_key", "open_key", "plan_write", "shown"]
