# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Plans for an object: no step, an upload, a copy onto itself, only its tags, or a refusal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.envelope import (
    Envelope,
    EnvelopePlace,
    Format,
    KeyWrap,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.encryption import (
    DesiredEncryption,
    ObjectEncryption,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.kind import ClientSide
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.registry import (
    CSE_C,
    DSSE_KMS,
    SSE_C,
    SSE_KMS,
    SSE_S3,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.change_method import ChangeMethod, InPlaceSupport
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
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_steps import (
    CopyObject,
    DeleteObject,
    PutObject,
    PutObjectTagging,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.secret import CustomerKey

ONE = "arn:aws:kms:eu-west-1:111122223333:key/one"
TWO = "arn:aws:kms:eu-west-1:111122223333:key/two"
KEY = CustomerKey(b"k" * 32)
OTHER_KEY = CustomerKey(b"o" * 32)
CONTENT = Content(5, Checksum("SHA256", "bmV3", full_object=True))

PROPERTIES = Properties(
    content_type="text/plain",
    cache_control="no-cache",
    content_disposition="inline",
    content_encoding="gzip",
    content_language="de",
    expires="Thu, 01 Dec 2044 16:00:00 GMT",
    website_redirect_location="/there",
    metadata=(("a", "1"),),
    storage_class="STANDARD_IA",
)
AES = ObjectEncryption("SSE-S3")
KMS = ObjectEncryption("SSE-KMS", ONE, True)
SEALED = ObjectEncryption("SSE-C", customer_key_md5=KEY.md5)
UNENCRYPTED = ObjectEncryption("NONE")

OBJECT = ObjectState(
    "b",
    "k",
    3,
    AES,
    PROPERTIES,
    etag='"etag"',
    last_modified="2026-11-01T00:00:00+00:00",
    checksums=(Checksum("SHA256", "b2xk", full_object=True),),
    tags=(("t", "1"),),
    tag_count=1,
)
CLIENT_OBJECT = replace(
    OBJECT,
    encryption=ObjectEncryption(
        "CSE-C", customer_key_md5=KEY.md5, client_side=ClientSide(Format.V3, EnvelopePlace.METADATA, AES)
    ),
    envelope_fields=(("x-amz-c", "115"),),
    envelope=Envelope(Format.V3, KeyWrap.AES_GCM, bytes(60), bytes(28), bytes(28)),
)
DESIRE = DesiredObject("b", "k")
LOCK = ObjectLock("COMPLIANCE", "2044-12-01T16:00:00+00:00", legal_hold=True)


def encrypted(encryption: ObjectEncryption, **changes: object) -> ObjectState:
    return replace(OBJECT, encryption=encryption, **changes)  # type: ignore[arg-type]


def wants(kind: DesiredEncryption, **changes: object) -> DesiredObject:
    return replace(DESIRE, encryption=kind, **changes)  # type: ignore[arg-type]


S3_KEYS = DesiredEncryption(SSE_S3)
KMS_KEYS = DesiredEncryption(SSE_KMS)
OWN_KEY = DesiredEncryption(SSE_C, customer_key=KEY)
CLIENT_KEY = DesiredEncryption(CSE_C, customer_key=KEY)

NOTHING = [
    pytest.param(DESIRE, OBJECT, id="nothing named"),
    pytest.param(replace(DESIRE, content=CONTENT), OBJECT, id="the same content"),
    pytest.param(wants(S3_KEYS), OBJECT, id="SSE-S3, unchanged"),
    pytest.param(wants(KMS_KEYS), encrypted(KMS), id="SSE-KMS, key omitted"),
    pytest.param(wants(DesiredEncryption(SSE_KMS, ONE, True)), encrypted(KMS), id="SSE-KMS with key and bucket key"),
    pytest.param(
        wants(DesiredEncryption(SSE_KMS, bucket_key_enabled=False)),
        encrypted(ObjectEncryption("SSE-KMS", ONE, None)),
        id="bucket key off, and not reported",
    ),
    pytest.param(
        wants(DesiredEncryption(SSE_KMS, encryption_context=(("a", "b"),))), encrypted(KMS), id="context not compared"
    ),
    pytest.param(wants(OWN_KEY), encrypted(SEALED), id="SSE-C with its key"),
    pytest.param(DESIRE, encrypted(UNENCRYPTED), id="not encrypted, nothing desired"),
    pytest.param(replace(DESIRE, properties=Properties(content_type="text/plain")), OBJECT, id="an unchanged property"),
    pytest.param(replace(DESIRE, properties=PROPERTIES), OBJECT, id="all properties as they are"),
    pytest.param(replace(DESIRE, tags=(("t", "1"),)), OBJECT, id="tags as they are"),
    pytest.param(replace(DESIRE, tags=(), purge_tags=False), OBJECT, id="no tags named, none purged"),
    pytest.param(replace(DESIRE, new_content_type="application/pdf"), OBJECT, id="a content type for new objects only"),
    pytest.param(wants(S3_KEYS), encrypted(AES, lock=LOCK), id="a locked object in the desired state"),
    pytest.param(wants(CLIENT_KEY), CLIENT_OBJECT, id="CSE-C with its key"),
    pytest.param(DESIRE, CLIENT_OBJECT, id="client-side encryption, nothing named"),
    pytest.param(
        wants(KMS_KEYS, content=CONTENT, tags=(), overwrite=Overwrite.NEVER, properties=Properties("x/y")),
        OBJECT,
        id="overwrite: never, anything desired",
    ),
]


@pytest.mark.parametrize(("desired", "actual"), NOTHING)
def test_an_object_in_the_desired_state_has_no_steps(desired: DesiredObject, actual: ObjectState) -> None:
    """No write, and the resulting state is the current one."""
    plan = plan_encrypted_object(desired, ObjectReading(actual, same_content=True, decrypted_with=KEY))
    assert plan.steps == ()
    assert plan.after == actual


COPIES = [
    pytest.param(wants(KMS_KEYS), AES, KMS_KEYS, ObjectEncryption("SSE-KMS"), id="SSE-S3 to SSE-KMS"),
    pytest.param(
        wants(DesiredEncryption(SSE_KMS, TWO)),
        KMS,
        DesiredEncryption(SSE_KMS, TWO, True),
        ObjectEncryption("SSE-KMS", TWO, True),
        id="another key, bucket key kept",
    ),
    pytest.param(
        wants(DesiredEncryption(SSE_KMS, bucket_key_enabled=False)),
        KMS,
        DesiredEncryption(SSE_KMS, ONE, False),
        ObjectEncryption("SSE-KMS", ONE, False),
        id="bucket key off, key kept",
    ),
    pytest.param(
        wants(DesiredEncryption(DSSE_KMS)),
        KMS,
        DesiredEncryption(DSSE_KMS),
        ObjectEncryption("DSSE-KMS"),
        id="SSE-KMS to DSSE-KMS, no key named",
    ),
    pytest.param(wants(S3_KEYS), UNENCRYPTED, S3_KEYS, AES, id="not encrypted to SSE-S3"),
    pytest.param(wants(S3_KEYS), ObjectEncryption("aws:fsx"), S3_KEYS, AES, id="aws:fsx to SSE-S3"),
    pytest.param(wants(OWN_KEY), AES, OWN_KEY, SEALED, id="SSE-S3 to SSE-C"),
]


@pytest.mark.parametrize(("desired", "actual", "sent", "after"), COPIES)
def test_another_encryption_is_a_copy_that_keeps_all_else(
    desired: DesiredObject, actual: ObjectEncryption, sent: DesiredEncryption, after: ObjectEncryption
) -> None:
    """The object is copied onto itself, unless it has changed since. Content, properties and tags stay."""
    before = encrypted(actual)
    plan = plan_encrypted_object(desired, ObjectReading(before))
    assert plan.steps == (CopyObject(PROPERTIES, False, sent, None, '"etag"'),)
    assert plan.after == encrypted(after, etag=None, last_modified=None)


@pytest.mark.parametrize("in_place", InPlaceSupport)
def test_a_copy_of_a_locked_object_names_the_lock(in_place: InPlaceSupport) -> None:
    """S3 would refuse an update in place, and a copy that does not name the lock would lose it."""
    before = encrypted(AES, lock=LOCK, version_id="v1")
    plan = plan_encrypted_object(wants(DesiredEncryption(SSE_KMS, ONE)), ObjectReading(before, in_place=in_place))
    (step,) = plan.steps
    assert isinstance(step, CopyObject)
    assert step.lock == LOCK
    assert plan.after is not None
    assert plan.after.lock == LOCK


def test_new_content_for_a_locked_object_warns_that_the_new_version_is_not_locked() -> None:
    """The new version has the default retention of the bucket."""
    plan = plan_encrypted_object(
        replace(DESIRE, content=CONTENT), ObjectReading(replace(OBJECT, lock=LOCK, version_id="v1"))
    )
    assert plan.operations == ("PutObject",)
    assert plan.after is not None
    assert plan.after.lock is None
    (warning,) = plan.warnings
    assert "stays on the version v1" in warning


def test_a_delete_marker_hides_a_locked_version() -> None:
    """Object Lock does not prevent that."""
    plan = plan_encrypted_object(replace(DESIRE, absent=True), ObjectReading(replace(OBJECT, lock=LOCK)))
    assert plan.steps == (DeleteObject(None),)


def test_a_copy_uses_the_current_and_the_desired_customer_key() -> None:
    """The key that decrypted the object is the source key of the copy, and the desired key is the destination key."""
    reading = ObjectReading(encrypted(SEALED), decrypted_with=KEY)
    desired = DesiredEncryption(SSE_C, customer_key=OTHER_KEY)
    plan = plan_encrypted_object(wants(desired), reading)
    (step,) = plan.steps
    assert isinstance(step, CopyObject)
    assert (step.source_key, step.encryption.customer_key) == (KEY, OTHER_KEY)
    assert plan.after is not None
    assert plan.after.encryption == ObjectEncryption("SSE-C", customer_key_md5=OTHER_KEY.md5)


PROPERTY_CHANGES = [
    pytest.param(Properties(content_type="a/b"), replace(PROPERTIES, content_type="a/b"), id="content type"),
    pytest.param(Properties(cache_control=""), replace(PROPERTIES, cache_control=None), id="an empty value removes it"),
    pytest.param(Properties(metadata=()), replace(PROPERTIES, metadata=()), id="no metadata"),
    pytest.param(Properties(metadata=(("b", "2"),)), replace(PROPERTIES, metadata=(("b", "2"),)), id="other metadata"),
    pytest.param(Properties(storage_class="GLACIER_IR"), replace(PROPERTIES, storage_class="GLACIER_IR"), id="class"),
]
AS_THEY_ARE = [
    pytest.param(AES, S3_KEYS, id="SSE-S3"),
    pytest.param(KMS, DesiredEncryption(SSE_KMS, ONE, True), id="SSE-KMS"),
    pytest.param(
        ObjectEncryption("SSE-KMS", ONE, None), DesiredEncryption(SSE_KMS, ONE, False), id="SSE-KMS, no bucket key"
    ),
    pytest.param(ObjectEncryption("DSSE-KMS", ONE), DesiredEncryption(DSSE_KMS, ONE), id="DSSE-KMS"),
    pytest.param(SEALED, OWN_KEY, id="SSE-C"),
]


@pytest.mark.parametrize(("named", "after"), PROPERTY_CHANGES)
@pytest.mark.parametrize(("encryption", "sent"), AS_THEY_ARE)
def test_other_properties_are_a_copy_that_keeps_the_encryption(
    named: Properties, after: Properties, encryption: ObjectEncryption, sent: DesiredEncryption
) -> None:
    """A copy resets what it does not name, so it names everything."""
    before, decrypted_with = encrypted(encryption), sent.customer_key
    plan = plan_encrypted_object(
        replace(DESIRE, properties=named), ObjectReading(before, decrypted_with=decrypted_with)
    )
    assert plan.steps == (CopyObject(after, True, sent, decrypted_with, '"etag"'),)
    assert plan.after is not None
    assert plan.after.properties == after
    assert (plan.after.encryption.type, plan.after.encryption.kms_key_arn) == (encryption.type, encryption.kms_key_arn)
    assert bool(plan.after.encryption.bucket_key_enabled) == bool(encryption.bucket_key_enabled)
    assert plan.after.encryption.customer_key_md5 == encryption.customer_key_md5
    assert plan.after.tags == before.tags


TAG_CHANGES = [
    pytest.param((("t", "2"),), True, (("t", "2"),), id="another value"),
    pytest.param((), True, (), id="none"),
    pytest.param((("u", "1"),), False, (("t", "1"), ("u", "1")), id="one more"),
]


@pytest.mark.parametrize(("named", "purge", "after"), TAG_CHANGES)
def test_other_tags_are_written_without_a_copy(
    named: tuple[tuple[str, str], ...], purge: bool, after: tuple[tuple[str, str], ...]
) -> None:
    """No content is transferred, and the version stays the same."""
    desired = replace(DESIRE, tags=named, purge_tags=purge)
    for state in (OBJECT, replace(OBJECT, lock=LOCK), CLIENT_OBJECT):
        plan = plan_encrypted_object(desired, ObjectReading(state))
        assert plan.steps == (PutObjectTagging(after),)
        assert plan.after == replace(state, tags=after, tag_count=len(after))


def test_an_encryption_and_tags_are_a_copy_and_a_tagging() -> None:
    """In this order, because the copy creates the object that gets the tags."""
    plan = plan_encrypted_object(wants(KMS_KEYS, tags=()), ObjectReading(OBJECT))
    assert plan.operations == ("CopyObject", "PutObjectTagging")


def test_a_new_object_is_one_upload() -> None:
    """With its properties, tags and encryption, and only if the object still does not exist."""
    desired = wants(
        KMS_KEYS,
        content=CONTENT,
        properties=Properties(cache_control="no-cache"),
        new_content_type="text/html",
        tags=(("t", "1"),),
    )
    plan = plan_encrypted_object(desired, ObjectReading(None))
    properties = Properties(content_type="text/html", cache_control="no-cache")
    assert plan.steps == (PutObject(properties, (("t", "1"),), KMS_KEYS, CONTENT, None),)
    assert plan.before is None
    assert plan.after == ObjectState(
        "b",
        "k",
        5,
        ObjectEncryption("SSE-KMS"),
        replace(properties, storage_class="STANDARD"),
        checksums=(Checksum("SHA256", "bmV3", full_object=True),),
        tags=(("t", "1"),),
        tag_count=1,
    )


def test_a_new_object_without_an_encryption_gets_the_default_of_its_bucket() -> None:
    """No header is sent, and a plan does not know what S3 will report."""
    plan = plan_encrypted_object(replace(DESIRE, content=CONTENT), ObjectReading(None))
    (step,) = plan.steps
    assert isinstance(step, PutObject)
    assert (step.encryption.kind.wire, step.encryption.kms_key_arn) == ("", None)
    assert plan.after is not None
    assert plan.after.encryption == ObjectEncryption(None)


UPLOADS = [
    pytest.param(wants(S3_KEYS, content=CONTENT), False, id="other content"),
    pytest.param(wants(S3_KEYS, content=CONTENT, overwrite=Overwrite.ALWAYS), True, id="overwrite: always"),
    pytest.param(wants(S3_KEYS, content=CONTENT, new_content_type="x/y"), False, id="the old content type is kept"),
]


@pytest.mark.parametrize(("desired", "same"), UPLOADS)
def test_an_upload_over_an_object_keeps_what_is_not_named(desired: DesiredObject, same: bool) -> None:
    """Every property and tag, and only if the object has not changed since."""
    plan = plan_encrypted_object(desired, ObjectReading(OBJECT, same))
    assert plan.steps == (PutObject(PROPERTIES, (("t", "1"),), S3_KEYS, CONTENT, '"etag"'),)
    assert plan.after is not None
    assert (plan.after.properties, plan.after.tags, plan.after.size) == (PROPERTIES, OBJECT.tags, 5)


def test_an_upload_under_the_same_kind_keeps_its_key() -> None:
    """An omitted option keeps its value, also the key of an object that is uploaded again."""
    plan = plan_encrypted_object(wants(KMS_KEYS, content=CONTENT), ObjectReading(encrypted(KMS)))
    (step,) = plan.steps
    assert isinstance(step, PutObject)
    assert step.encryption == DesiredEncryption(SSE_KMS, ONE, True)
    assert plan.after is not None
    assert plan.after.encryption == KMS


def test_absent_deletes() -> None:
    """The object, or the named version. Its customer key is not needed."""
    absent = replace(DESIRE, absent=True)
    assert plan_encrypted_object(absent, ObjectReading(OBJECT)).steps == (DeleteObject(None),)
    named = replace(absent, version_id="v1")
    plan = plan_encrypted_object(named, ObjectReading(CLIENT_OBJECT))
    assert (plan.steps, plan.after) == ((DeleteObject("v1"),), None)


def test_a_missing_object_is_not_deleted() -> None:
    """A second delete marker is not created."""
    plan = plan_encrypted_object(replace(DESIRE, absent=True), ObjectReading(None))
    assert (plan.before, plan.steps, plan.after) == (None, (), None)


REFUSED = [
    pytest.param(
        DESIRE, None, FailureKind.ABSENT, "There is no object 'k' in the bucket b", id="no object, no content"
    ),
    pytest.param(
        replace(DESIRE, absent=True, version_id="v1"),
        encrypted(AES, lock=LOCK),
        FailureKind.INVALID,
        "under Object Lock (COMPLIANCE until 2044-12-01T16:00:00+00:00 and a legal hold)",
        id="a locked version to be deleted",
    ),
    pytest.param(
        wants(DesiredEncryption(SSE_KMS, ONE), change_method=ChangeMethod.UPDATE),
        encrypted(AES, lock=LOCK),
        FailureKind.INVALID,
        "S3 refuses that for an object under Object Lock",
        id="in place: locked",
    ),
    pytest.param(
        wants(KMS_KEYS, change_method=ChangeMethod.UPDATE),
        CLIENT_OBJECT,
        FailureKind.INVALID,
        "client-side encryption",
        id="in place: from client-side encryption",
    ),
    pytest.param(
        wants(CLIENT_KEY, change_method=ChangeMethod.UPDATE),
        OBJECT,
        FailureKind.INVALID,
        "client-side encryption",
        id="in place: to client-side encryption",
    ),
]


@pytest.mark.parametrize(("desired", "actual", "kind", "expected"), REFUSED)
def test_an_impossible_change_is_refused(
    desired: DesiredObject, actual: ObjectState | None, kind: FailureKind, expected: str
) -> None:
    """With the reason, and with advice."""
    with pytest.raises(OperationError) as error:
        plan_encrypted_object(desired, ObjectReading(actual))
    assert error.value.failure.kind is kind
    assert expected in error.value.failure.message
    assert error.value.failure.advice


def test_a_change_of_encryption_in_a_versioned_bucket_warns() -> None:
    """The old version keeps its encryption, which a user may not expect."""
    versioned = replace(OBJECT, version_id="v1")
    (warning,) = plan_encrypted_object(wants(KMS_KEYS), ObjectReading(versioned)).warnings
    assert "v1" in warning
    assert "SSE-S3" in warning


@pytest.mark.parametrize(
    ("desired", "actual"),
    [
        pytest.param(wants(KMS_KEYS), OBJECT, id="no versions"),
        pytest.param(wants(S3_KEYS), replace(OBJECT, version_id="v1"), id="no change"),
        pytest.param(replace(DESIRE, tags=()), replace(OBJECT, version_id="v1"), id="tags alone"),
    ],
)
def test_no_warning_without_reason(desired: DesiredObject, actual: ObjectState) -> None:
    """Users ignore a warning that is always shown."""
    assert plan_encrypted_object(desired, ObjectReading(actual)).warnings == ()
