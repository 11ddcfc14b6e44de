# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The kinds of encryption that the matrix tests, and how the SDK writes and reads an object under each of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .store import Store

BUCKET = "sealed-stores"
KEYS = {name: name[0] * 32 for name in ("first", "second", "wrong")}  # customer keys
ALIAS = "alias/sealed-stores"

# The values of HeadObject, by the name that the modules report.
_REPORTED = {"AES256": "SSE-S3", "aws:kms": "SSE-KMS", "aws:kms:dsse": "DSSE-KMS"}


@dataclass(frozen=True)
class Kind:
    """A kind of encryption with its options in a task, and its parameters in the SDK."""

    title: str
    options: dict[str, Any]
    parameters: dict[str, Any]
    reported: str | None = None  # None: whatever the store does by default
    key_arn: str = ""
    customer_key: str = ""

    def reading(self) -> dict[str, Any]:
        """The parameters with which the SDK reads such an object."""
        return with_key(self.customer_key) if self.customer_key else {}

    def reading_options(self) -> dict[str, Any]:
        """The options with which a module reads such an object."""
        return {"customer_key": self.customer_key} if self.customer_key else {}


def with_key(key: str) -> dict[str, Any]:
    """The SDK's parameters for a customer key. The SDK adds the key's MD5."""
    return {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": key}


def kinds(key_arn: str) -> list[Kind]:
    """All kinds. A store without a KMS has SSE-KMS twice: without a key, and with the name of one."""
    algorithm = "ServerSideEncryption"
    customer = [
        Kind(title, {"encryption": "SSE-C", "customer_key": key}, with_key(key), "SSE-C", customer_key=key)
        for title, key in (("SSE-C", KEYS["first"]), ("SSE-C with another key", KEYS["second"]))
    ]
    plain = [Kind("default", {}, {}), Kind("SSE-S3", {"encryption": "SSE-S3"}, {algorithm: "AES256"}, "SSE-S3")]
    if not key_arn:
        by_name = {"encryption": "SSE-KMS", "kms_key": "key-of-the-store"}
        named = {algorithm: "aws:kms", "SSEKMSKeyId": "key-of-the-store"}
        return [
            *plain,
            Kind("SSE-KMS", {"encryption": "SSE-KMS"}, {algorithm: "aws:kms"}, "SSE-KMS"),
            Kind("SSE-KMS by name", by_name, named, "SSE-KMS", "key-of-the-store"),
            Kind("DSSE-KMS", {"encryption": "DSSE-KMS"}, {algorithm: "aws:kms:dsse"}, "DSSE-KMS"),
            *customer,
        ]
    by_kms = [
        Kind(
            title,
            {"encryption": title, "kms_key": ALIAS},
            {algorithm: value, "SSEKMSKeyId": key_arn},
            title,
            key_arn,
        )
        for title, value in (("SSE-KMS", "aws:kms"), ("DSSE-KMS", "aws:kms:dsse"))
    ]
    return [*plain, *by_kms, *customer]


def reported_kind(head: dict[str, Any]) -> str:
    """The kind that HeadObject reports, by its name in the modules."""
    if head.get("SSECustomerAlgorithm"):
        return "SSE-C"
    value: str | None = head.get("ServerSideEncryption")
    return _REPORTED.get(value, value) if value else "NONE"


def put(store: Store, kind: Kind, key: str, content: bytes, **properties: Any) -> bool:
    """Write an object with the SDK, and return whether the store then has it under this kind."""
    try:
        store.s3.put_object(Bucket=BUCKET, Key=key, Body=content, **kind.parameters, **properties)
        head = store.s3.head_object(Bucket=BUCKET, Key=key, **kind.reading())
        body = store.s3.get_object(Bucket=BUCKET, Key=key, **kind.reading())["Body"].read()
    except store.s3.exceptions.ClientError:
        return False
    return body == content and kind.reported in (None, reported_kind(head))
