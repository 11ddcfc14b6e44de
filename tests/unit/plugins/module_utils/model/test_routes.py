# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Which way another encryption takes onto an object that exists."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.encryption import DesiredEncryption, ObjectEncryption
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.registry import DSSE_KMS, SSE_C, SSE_KMS, SSE_S3
from ansible_collections.sealed.s3.plugins.module_utils.model.routes import (
    Change,
    ChangeMethod,
    InPlace,
    copies_in_parts,
    goes_in_place,
    obstacle,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.secret import CustomerKey

ONE, TWO = (f"arn:aws:kms:eu-west-1:111122223333:key/{name}" for name in ("one", "two"))
AES, KMS = ObjectEncryption("SSE-S3"), ObjectEncryption("SSE-KMS", ONE, True)
TO_TWO = DesiredEncryption(SSE_KMS, TWO, True)
CHANGE = Change(AES, TO_TWO)

LEGAL = [
    pytest.param(CHANGE, id="SSE-S3 to SSE-KMS"),
    pytest.param(Change(KMS, TO_TWO), id="another key"),
    pytest.param(Change(KMS, DesiredEncryption(SSE_KMS, ONE, False)), id="the bucket key alone"),
    pytest.param(Change(AES, DesiredEncryption(SSE_KMS, TWO)), id="bucket key not named"),
]
OBSTACLES = [
    pytest.param(replace(CHANGE, before=ObjectEncryption("DSSE-KMS", ONE)), "under DSSE-KMS", id="from DSSE-KMS"),
    pytest.param(replace(CHANGE, before=ObjectEncryption("SSE-C")), "under SSE-C", id="from SSE-C"),
    pytest.param(replace(CHANGE, before=ObjectEncryption("NONE")), "under NONE", id="from nobody's"),
    pytest.param(replace(CHANGE, before=ObjectEncryption("aws:fsx")), "under aws:fsx", id="from what is not known"),
    pytest.param(Change(KMS, DesiredEncryption(SSE_S3)), "not SSE-S3", id="back to SSE-S3"),
    pytest.param(Change(KMS, DesiredEncryption(DSSE_KMS, ONE)), "not DSSE-KMS", id="to DSSE-KMS"),
    pytest.param(
        Change(KMS, DesiredEncryption(SSE_C, customer_key=CustomerKey(b"k" * 32))), "not SSE-C", id="to SSE-C"
    ),
    pytest.param(Change(AES, DesiredEncryption(SSE_KMS)), "named KMS key", id="no key"),
    pytest.param(Change(AES, DesiredEncryption(SSE_KMS, "alias/a")), "named KMS key", id="no ARN of a key"),
    pytest.param(
        replace(CHANGE, after=replace(TO_TWO, encryption_context=(("a", "b"),))), "encryption context", id="context"
    ),
    pytest.param(replace(CHANGE, other_properties=True), "other properties", id="properties too"),
    pytest.param(replace(CHANGE, locked=True), "Object Lock", id="locked"),
]


@pytest.mark.parametrize("change", LEGAL)
def test_what_goes_in_place(change: Change) -> None:
    """At AWS by itself, at other stores on request, and never where it is not wanted or not known."""
    assert obstacle(change) == ""
    ways = {(method, at) for method in ChangeMethod for at in InPlace if goes_in_place(change, method, at)}
    assert ways == {
        (ChangeMethod.AUTO, InPlace.OFFERED),
        (ChangeMethod.UPDATE, InPlace.OFFERED),
        (ChangeMethod.UPDATE, InPlace.ON_REQUEST),
    }


@pytest.mark.parametrize(("change", "told"), OBSTACLES)
def test_what_does_not(change: Change, told: str) -> None:
    """By no method and at no store."""
    assert told in obstacle(change)
    assert not any(goes_in_place(change, method, at) for method in ChangeMethod for at in InPlace)


OWNER, STRANGER = "111122223333", "444455556666"


@pytest.mark.parametrize(
    ("owner", "method", "goes"),
    [
        (OWNER, ChangeMethod.AUTO, True),
        (None, ChangeMethod.AUTO, True),  # S3 refuses it if need be
        (STRANGER, ChangeMethod.AUTO, False),
        (STRANGER, ChangeMethod.UPDATE, True),  # AWS Support may have approved it
        (STRANGER, ChangeMethod.COPY, False),
    ],
)
def test_a_key_of_another_account(owner: str | None, method: ChangeMethod, goes: bool) -> None:
    """S3 takes it in a copy. In place it is tried where it is asked for, or where nobody knows whose the bucket is."""
    change = replace(CHANGE, bucket_owner=owner)
    assert obstacle(change) == ""
    assert change.key_is_foreign is (owner == STRANGER)
    assert goes_in_place(change, method, InPlace.OFFERED) is goes


@pytest.mark.parametrize(("size", "in_parts"), [(0, False), (5 * 1024**3, False), (5 * 1024**3 + 1, True)])
def test_what_is_copied_in_parts(size: int, in_parts: bool) -> None:
    """The limit itself is within the limit of CopyObject."""
    assert copies_in_parts(size, 5 * 1024**3) is in_parts
