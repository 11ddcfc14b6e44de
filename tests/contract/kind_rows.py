# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The rows of each encryption kind: the options of a task, and how other clients write and read such an object.

The tests of this folder and those of `tests/integration/stores` share them. A kind of the registry without a row fails
in both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from .encryption_client import EncryptionClient, Unreadable

CUSTOMER_KEYS = {name: name[0] * 32 for name in ("first", "second", "wrong")}
ALIASES = {"first": "alias/app", "second": "alias/other"}
# The values of HeadObject, by the name that the modules report.
REPORTED = {"AES256": "SSE-S3", "aws:kms": "SSE-KMS", "aws:kms:dsse": "DSSE-KMS"}
WIRE = {name: wire for wire, name in REPORTED.items()}


@dataclass(frozen=True)
class KindRow:
    """One kind under one key. `options` are those of a task that writes the object, `connection` belongs to all tasks.

    `reported` is what the modules report: None for whatever the store does by default.
    """

    title: str
    options: dict[str, Any]
    reported: str | None
    kms_key: str = ""
    key_arn: str = ""  # that of the KMS key, once it exists
    customer_key: str = ""
    context: dict[str, str] = field(default_factory=dict)
    in_file: bool = False
    client_side: bool = False
    connection: dict[str, Any] = field(default_factory=dict)

    @property
    def written(self) -> dict[str, Any]:
        """The options with which a task writes such an object."""
        return {**self.options, **self.connection}

    @property
    def read_options(self) -> dict[str, Any]:
        """The options with which a task reads such an object: only a customer key has to be named."""
        return {**({"customer_key": self.customer_key} if self.customer_key else {}), **self.connection}

    @property
    def previous(self) -> dict[str, Any]:
        """The option with which a task changes such an object to another customer key or kind."""
        return {"previous_customer_key": self.customer_key} if self.customer_key else {}

    def parameters(self) -> dict[str, Any]:
        """The parameters of the SDK for a write."""
        if self.client_side or self.reported is None:
            return {}
        if self.customer_key:
            return with_key(self.customer_key)
        named = {"SSEKMSKeyId": self.key_arn} if self.key_arn else {}
        return {"ServerSideEncryption": WIRE[self.reported], **named}

    def reading(self) -> dict[str, Any]:
        """The parameters with which S3 gives out what it stores."""
        return with_key(self.customer_key) if self.customer_key and not self.client_side else {}

    def write(self, client: EncryptionClient, bucket: str, key: str, content: bytes, **properties: Any) -> None:
        """Write such an object without our code."""
        if not self.client_side:
            client.s3.put_object(Bucket=bucket, Key=key, Body=content, **self.parameters(), **properties)
            return
        metadata = properties.pop("Metadata", {})
        by_key = {"customer_key": self.customer_key.encode()} if self.customer_key else {"kms_key": self.key_arn}
        where = {"context": self.context, "in_file": self.in_file, "metadata": metadata}
        client.write(bucket, key, content, **by_key, **where, **properties)

    def read(self, client: EncryptionClient, bucket: str, key: str) -> tuple[bytes, dict[str, str]]:
        """The content of such an object and its user metadata, read without our code."""
        if not self.client_side:
            found = client.s3.get_object(Bucket=bucket, Key=key, **self.reading())
            return found["Body"].read(), found["Metadata"]
        opened = client.read(bucket, key, customer_key=self.customer_key.encode() or None)
        if (opened.in_file, opened.context) != (self.in_file, self.context):
            raise Unreadable(f"The context is {opened.context}, and the envelope in a file: {opened.in_file}.")
        return opened.content, opened.metadata


def with_key(key: str) -> dict[str, Any]:
    """The SDK's parameters for a customer key. The SDK adds the key's MD5."""
    return {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": key}


def reported_kind(head: dict[str, Any]) -> str:
    """The server-side kind that HeadObject reports, by its name in the modules."""
    if head.get("SSECustomerAlgorithm"):
        return "SSE-C"
    value: str | None = head.get("ServerSideEncryption")
    return REPORTED.get(value, value) if value else "NONE"


def by_kms(kind: str, which: str = "first", title: str = "", **more: Any) -> KindRow:
    """A row of a kind with a KMS key."""
    alias = ALIASES[which]
    options = {"encryption": kind, "kms_key": alias, **more}
    return KindRow(
        title or kind,
        options,
        kind,
        kms_key=alias,
        context=more.get("encryption_context", {}),
        in_file="envelope" in more,
        client_side=kind.startswith("CSE-"),
    )


def by_customer_key(kind: str, which: str = "first", title: str = "", **more: Any) -> KindRow:
    """A row of a kind with a customer key."""
    key = CUSTOMER_KEYS[which]
    options = {"encryption": kind, "customer_key": key, **more}
    return KindRow(
        title or kind,
        options,
        kind,
        customer_key=key,
        in_file="envelope" in more,
        client_side=kind.startswith("CSE-"),
    )


FILE = {"envelope": "instruction_file"}

# Of each kind, the first row stands for it where there is no time for all of them.
ROWS: dict[str, tuple[KindRow, ...]] = {
    "SSE-S3": (KindRow("SSE-S3", {"encryption": "SSE-S3"}, "SSE-S3"),),
    "SSE-KMS": (by_kms("SSE-KMS", bucket_key_enabled=True), by_kms("SSE-KMS", "second", "SSE-KMS, another key")),
    "DSSE-KMS": (by_kms("DSSE-KMS"), by_kms("DSSE-KMS", "second", "DSSE-KMS, another key")),
    "SSE-C": (by_customer_key("SSE-C"), by_customer_key("SSE-C", "second", "SSE-C, another key")),
    "CSE-KMS": (
        by_kms("CSE-KMS"),
        by_kms("CSE-KMS", "second", "CSE-KMS, another key"),
        by_kms("CSE-KMS", "first", "CSE-KMS with a context", encryption_context={"app": "billing", "b c": "<d>"}),
        by_kms("CSE-KMS", "first", "CSE-KMS in a file", **FILE),
        by_kms("CSE-KMS", "second", "CSE-KMS in a file, another key", **FILE),
    ),
    "CSE-C": (
        by_customer_key("CSE-C"),
        by_customer_key("CSE-C", "second", "CSE-C, another key"),
        by_customer_key("CSE-C", "first", "CSE-C in a file", **FILE),
        by_customer_key("CSE-C", "second", "CSE-C in a file, another key", **FILE),
    ),
}


def kinds_without_row(choosable: Iterable[str], rows: Iterable[KindRow]) -> list[str]:
    """The kinds of the registry that a task can choose, and that no row has."""
    covered = {row.options.get("encryption") for row in rows}
    return [name for name in choosable if name not in covered]
