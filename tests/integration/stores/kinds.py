# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The kinds of encryption that the matrix tests: those of `tests/contract/kind_rows.py`, for one store."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.registry import OBJECT_KINDS
from ansible_collections.sealed.s3.tests.contract.encryption_client import Unreadable
from ansible_collections.sealed.s3.tests.contract.kind_rows import (
    ALIASES,
    CUSTOMER_KEYS,
    FILE,
    ROWS,
    KindRow,
    by_customer_key,
    by_kms,
    kinds_without_row,
    reported_kind,
)

from .store import Store

BUCKET = "sealed-stores"
ALIAS = ALIASES["first"]
WRONG_KEY = CUSTOMER_KEYS["wrong"]
REFUSED = (ClientError, BotoCoreError, Unreadable)


def kinds(store: Store, key_arn: str) -> list[KindRow]:
    """A column for each kind of the registry.

    A store without a KMS has SSE-KMS twice: without a key, and with the name of one. There, CSE-KMS has another KMS.
    """
    rows = {name: rows[0] for name, rows in ROWS.items()}
    rows["SSE-KMS"] = by_kms("SSE-KMS")
    if key_arn:
        of_store = [replace(row, key_arn=key_arn) if row.kms_key else row for row in rows.values()]
    else:
        of_store = [each for name, row in rows.items() for each in _without_kms(store, name, row)]
    missing = kinds_without_row(OBJECT_KINDS, of_store)
    if missing:
        raise AssertionError(f"the matrix has no column for {', '.join(missing)}")
    return [KindRow("default", {}, None), *of_store]


def _without_kms(store: Store, name: str, row: KindRow) -> list[KindRow]:
    if not row.kms_key:
        return [row]
    if row.client_side:
        return [replace(row, key_arn=store.client_key_arn, connection=store.client_kms_options)]
    plain = KindRow(name, {"encryption": name}, name)
    named: dict[str, Any] = {"kms_key": "key-of-the-store"}
    by_name = KindRow(f"{name} by name", {**plain.options, **named}, name, **named, key_arn="key-of-the-store")
    return [plain, by_name] if name == "SSE-KMS" else [plain]


def with_other_key(kind: KindRow) -> KindRow | None:
    """The same kind under another customer key, to which an object can change."""
    if not kind.customer_key:
        return None
    return by_customer_key(
        str(kind.reported), "second", f"{kind.title} with another key", **(FILE if kind.in_file else {})
    )


def in_file(kind: KindRow) -> KindRow:
    """The same client-side kind, with its envelope in an instruction file."""
    return replace(kind, options={**kind.options, **FILE}, in_file=True)


def put(store: Store, kind: KindRow, key: str, content: bytes, **properties: Any) -> bool:
    """Write an object without our code, and return whether the store then has it under this kind."""
    try:
        kind.write(store.client, BUCKET, key, content, **properties)
        found, _metadata = kind.read(store.client, BUCKET, key)
        head = store.s3.head_object(Bucket=BUCKET, Key=key, **kind.reading())
    except REFUSED:
        return False
    reported = kind.reported if kind.client_side else reported_kind(head)
    return found == content and kind.reported in (None, reported)
