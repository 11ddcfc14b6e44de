# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The method of a change: none, in place, by a copy, or by an upload."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.encryption import (
    DesiredEncryption,
    ObjectEncryption,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.registry import DSSE_KMS, SSE_C, SSE_KMS, SSE_S3
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.change_method import (
    Change,
    ChangeMethod,
    InPlaceSupport,
    can_update_in_place,
    in_place_blocker,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.desired_object import (
    Content,
    DesiredObject,
    ObjectReading,
    Overwrite,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.encrypted_object import plan_encrypted_object
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_state import (
    Checksum,
    ObjectLock,
    ObjectState,
    Properties,
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
    pytest.param(replace(CHANGE, before=ObjectEncryption("NONE")), "under NONE", id="from no encryption"),
    pytest.param(replace(CHANGE, before=ObjectEncryption("aws:fsx")), "under aws:fsx", id="from what is not known"),
    pytest.param(Change(KMS, DesiredEncryption(SSE_S3)), "not to SSE-S3", id="back to SSE-S3"),
    pytest.param(Change(KMS, DesiredEncryption(DSSE_KMS, ONE)), "not to DSSE-KMS", id="to DSSE-KMS"),
    pytest.param(
        Change(KMS, DesiredEncryption(SSE_C, customer_key=CustomerKey(b"k" * 32))), "not to SSE-C", id="to SSE-C"
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
def test_when_a_change_is_made_in_place(change: Change) -> None:
    """At AWS by default, at other stores on request, and never if the task or the SDK excludes it."""
    assert in_place_blocker(change) == ""
    ways = {(method, at) for method in ChangeMethod for at in InPlaceSupport if can_update_in_place(change, method, at)}
    assert ways == {
        (ChangeMethod.AUTO, InPlaceSupport.SUPPORTED),
        (ChangeMethod.UPDATE, InPlaceSupport.SUPPORTED),
        (ChangeMethod.UPDATE, InPlaceSupport.OPT_IN),
    }


@pytest.mark.parametrize(("change", "expected"), OBSTACLES)
def test_changes_that_cannot_be_made_in_place(change: Change, expected: str) -> None:
    """With any change_method and at any store."""
    assert expected in in_place_blocker(change)
    assert not any(can_update_in_place(change, method, at) for method in ChangeMethod for at in InPlaceSupport)


OWNER, STRANGER = "111122223333", "444455556666"


@pytest.mark.parametrize(
    ("owner", "method", "goes"),
    [
        (OWNER, ChangeMethod.AUTO, True),
        (None, ChangeMethod.AUTO, True),  # S3 may refuse it
        (STRANGER, ChangeMethod.AUTO, False),
        (STRANGER, ChangeMethod.UPDATE, True),  # AWS Support may have approved it
        (STRANGER, ChangeMethod.COPY, False),
    ],
)
def test_a_key_of_another_account(owner: str | None, method: ChangeMethod, goes: bool) -> None:
    """S3 accepts it in a copy. In place it is tried if the task requests it, or if the bucket owner is unknown."""
    change = replace(CHANGE, bucket_owner=owner)
    assert in_place_blocker(change) == ""
    assert change.key_is_foreign is (owner == STRANGER)
    assert can_update_in_place(change, method, InPlaceSupport.SUPPORTED) is goes


# The four methods, as a plan uses them at AWS. The object is under SSE-S3, and its content is one byte.

CONTENT = Content(1, Checksum("SHA256", "eA==", full_object=True))
THERE = ObjectReading(
    ObjectState("b", "k", 1, AES, etag='"e"', last_modified="2026-11-01T00:00:00+00:00", tags=()),
    same_content=True,
    in_place=InPlaceSupport.SUPPORTED,
)
OTHER = replace(THERE, same_content=False)
GONE = replace(OTHER, object=None)
LOCKED = replace(THERE, object=replace(THERE.object, lock=ObjectLock(legal_hold=True)))  # type: ignore[type-var]
OF_OTHERS = replace(THERE, bucket_owner=STRANGER)
AT_A_STORE = replace(THERE, in_place=InPlaceSupport.OPT_IN)

NAMED = DesiredObject("b", "k")
SAME = replace(NAMED, content=CONTENT)
TO_KMS = replace(SAME, encryption=TO_TWO)
TO_DSSE = replace(SAME, encryption=DesiredEncryption(DSSE_KMS, TWO))
TO_HEADER = replace(SAME, properties=Properties(cache_control="no-cache"))
ALWAYS, NEVER = Overwrite.ALWAYS, Overwrite.NEVER
BY_COPY, BY_UPDATE = ChangeMethod.COPY, ChangeMethod.UPDATE

NOTHING: tuple[str, ...] = ()
IN_PLACE, COPY, UPLOAD, TAG = ("UpdateObjectEncryption",), ("CopyObject",), ("PutObject",), ("PutObjectTagging",)

ROUTES = [
    pytest.param(NAMED, THERE, NOTHING, id="nothing named"),
    pytest.param(SAME, THERE, NOTHING, id="the same content"),
    pytest.param(replace(SAME, encryption=DesiredEncryption(SSE_S3)), THERE, NOTHING, id="encrypted as desired"),
    pytest.param(replace(TO_KMS, overwrite=NEVER), OTHER, NOTHING, id="never, whatever differs"),
    pytest.param(replace(NAMED, tags=()), THERE, NOTHING, id="tags as they are"),
    pytest.param(replace(NAMED, tags=(("a", "b"),)), THERE, TAG, id="tags alone"),
    pytest.param(TO_KMS, THERE, IN_PLACE, id="another encryption, at AWS"),
    pytest.param(replace(TO_KMS, tags=(("a", "b"),)), THERE, IN_PLACE + TAG, id="and tags"),
    pytest.param(replace(TO_KMS, change_method=BY_UPDATE), AT_A_STORE, IN_PLACE, id="another encryption, on request"),
    pytest.param(TO_KMS, AT_A_STORE, COPY, id="another encryption, at another store"),
    pytest.param(TO_KMS, OF_OTHERS, COPY, id="a key of another account"),
    pytest.param(TO_KMS, LOCKED, COPY, id="another encryption, locked"),
    pytest.param(TO_DSSE, THERE, COPY, id="an encryption that S3 does not give in place"),
    pytest.param(replace(TO_KMS, change_method=BY_COPY), THERE, COPY, id="a copy on request"),
    pytest.param(TO_HEADER, THERE, COPY, id="a property"),
    pytest.param(replace(TO_HEADER, encryption=TO_TWO), THERE, COPY, id="a property and another encryption"),
    pytest.param(SAME, GONE, UPLOAD, id="no object"),
    pytest.param(replace(SAME, overwrite=NEVER), GONE, UPLOAD, id="no object, never"),
    pytest.param(SAME, OTHER, UPLOAD, id="other content"),
    pytest.param(TO_KMS, OTHER, UPLOAD, id="other content and another encryption"),
    pytest.param(replace(SAME, tags=(("a", "b"),)), OTHER, UPLOAD, id="other content and tags"),
    pytest.param(SAME, replace(LOCKED, same_content=False), UPLOAD, id="other content, locked"),
    pytest.param(replace(SAME, overwrite=ALWAYS), THERE, UPLOAD, id="always"),
    pytest.param(replace(TO_KMS, overwrite=ALWAYS), THERE, UPLOAD, id="always, and another encryption"),
    pytest.param(replace(NAMED, overwrite=ALWAYS), THERE, NOTHING, id="always, without a content"),
]


@pytest.mark.parametrize(("desired", "reading", "operations"), ROUTES)
def test_the_cheapest_method_is_used(
    desired: DesiredObject, reading: ObjectReading, operations: tuple[str, ...]
) -> None:
    """In this order: no step, only tags, in place, a copy, an upload."""
    plan = plan_encrypted_object(desired, reading)
    assert plan.operations == operations
