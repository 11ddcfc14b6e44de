# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""One object, between the plan and S3: what it costs, what is read, and what is verified."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.aws.objects.ports import Body
from ansible_collections.sealed.s3.plugins.module_utils.engine.buckets.bucket_settings import BucketSettings
from ansible_collections.sealed.s3.plugins.module_utils.engine.keys.key_resolver import KeyResolver
from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.encrypted_object import EncryptedObjectResource
from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.kms_keys import KmsKeys
from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.object_context import ObjectContext
from ansible_collections.sealed.s3.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.sealed.s3.plugins.module_utils.engine.transfer.content import Source
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.bucket_default import BucketDefault
from ansible_collections.sealed.s3.plugins.module_utils.model.envelope import KeyWrap
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import (
    Failure,
    FailureKind,
    OperationError,
    Reason,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_ref import KeyRef
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_state import KeyState
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.encryption import (
    DesiredEncryption,
    ObjectEncryption,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.kind import Kind, Side
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.registry import DSSE_KMS, SSE_C, SSE_KMS, SSE_S3
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.change_method import ChangeMethod, InPlaceSupport
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.desired_object import (
    DesiredObject,
    ObjectReading,
    Overwrite,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.large_objects import Limits
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_state import (
    Checksum,
    Deleted,
    Grant,
    ObjectId,
    ObjectLock,
    ObjectState,
    Properties,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_steps import (
    CopyObject,
    InParts,
    PutObject,
    UpdateObjectEncryption,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.parts import split_into_parts
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.write_answer import WriteAnswer
from ansible_collections.sealed.s3.plugins.module_utils.model.secret import CustomerKey
from ansible_collections.sealed.s3.plugins.module_utils.model.tags import Tags
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_aws import REGION, FakeKms, FakeS3, key_arn
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_client_side import client_side_ports
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_clock import FakeClock

KEY, OTHER_KEY = CustomerKey(b"k" * 32), CustomerKey(b"o" * 32)
UNDER_KEY = ObjectEncryption("SSE-C", customer_key_md5=KEY.md5)
DESIRE = DesiredObject("bucket", "key")
TAGS = (("team", "a"),)


def s3_with(encryption: ObjectEncryption | None = None, content: bytes = b"content", **more: object) -> FakeS3:
    """A store with a bucket, and an object in it where an encryption is named."""
    s3 = FakeS3()
    s3.add_bucket("bucket", BucketDefault("SSE-S3"))
    if encryption:
        state = ObjectState(
            "bucket", "key", 0, encryption, Properties("text/plain", metadata=(), storage_class="STANDARD")
        )
        s3.add_object(replace(state, **{"etag": '"e"', "tags": (), **more}), content)  # type: ignore[arg-type]
    return s3


def resource(
    s3: FakeS3, desired: DesiredObject, content: bytes | None = None, key: str | None = None, **more: object
) -> EncryptedObjectResource:
    kms = FakeKms()
    kms.add_key(KeyState("one", key_arn("one"), aliases=("alias/one",)))
    options: dict[str, object] = {"previous_key": None, **more}
    return EncryptedObjectResource(
        desired,
        KmsKeys(KeyRef.parse(key) if key else None),
        source=None if content is None else Source(data=content),
        s3=s3,
        multipart=s3,
        buckets=BucketSettings(s3),
        keys=KeyResolver(kms),
        client_side=client_side_ports(),
        clock=FakeClock(),
        **options,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("content", [b"content", b"new"], ids=["the same content", "different content"])
def test_overwrite_always_keeps_the_tags_that_are_not_named(content: bytes) -> None:
    """PutObject would drop them."""
    s3 = s3_with(ObjectEncryption("SSE-S3"), tags=TAGS, tag_count=1)
    outcome = reconcile(resource(s3, replace(DESIRE, overwrite=Overwrite.ALWAYS), content), check_mode=False)
    assert (outcome.failure, outcome.actions) == (None, ("PutObject",))
    assert s3.objects["bucket", "key"].tags == TAGS


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_copy_under_a_customer_key_that_the_bucket_now_blocks_is_refused(check_mode: bool) -> None:
    """The object is already under this key, and the copy would keep it. S3 returns AccessDenied without a reason."""
    s3 = s3_with(UNDER_KEY)
    s3.rules["bucket"] = BucketDefault("SSE-S3", blocked=("SSE-C",))
    desired = replace(DESIRE, properties=Properties(cache_control="no-cache"))
    outcome = reconcile(resource(s3, desired, previous_key=KEY), check_mode=check_mode)
    assert outcome.failure is not None
    assert (outcome.failure.kind, outcome.changed, s3.writes) == (FailureKind.BLOCKED, False, [])


def test_without_permission_to_read_blocked_types_the_write_decides() -> None:
    """A missing permission to read it is no reason to refuse."""
    s3 = s3_with()
    s3.failures["GetBucketEncryption"] = Failure(FailureKind.FORBIDDEN, "no")
    desired = replace(DESIRE, encryption=DesiredEncryption(SSE_C, customer_key=KEY))
    assert reconcile(resource(s3, desired, b"new"), check_mode=False).failure is None


@pytest.mark.parametrize("can_read", [True, False])
def test_a_forbidden_write_under_a_customer_key_may_be_a_blocked_one(can_read: bool) -> None:
    """If the blocked types could be read, this kind is not among them."""
    s3 = s3_with()
    s3.failures["PutObject"] = Failure(FailureKind.FORBIDDEN, "Access Denied.", "Ask.")
    if not can_read:
        s3.failures["GetBucketEncryption"] = Failure(FailureKind.FORBIDDEN, "no")
    desired = replace(DESIRE, encryption=DesiredEncryption(SSE_C, customer_key=KEY))
    outcome = reconcile(resource(s3, desired, b"new"), check_mode=False)
    assert outcome.failure is not None
    assert ("blocked_encryption_types: []" in outcome.failure.advice) is not can_read
    assert outcome.failure.advice.startswith("Ask.")


def test_a_new_customer_key_is_written_to_its_file_before_it_is_used(tmp_path: Path) -> None:
    """After a killed run, a key without an object may exist, but never an object without its key."""
    s3, path = s3_with(), tmp_path / "key"
    s3.failures["PutObject"] = Failure(FailureKind.UNREACHABLE, "cut off")
    desired = replace(DESIRE, encryption=DesiredEncryption(SSE_C, customer_key=KEY))
    outcome = reconcile(resource(s3, desired, b"new", new_key_file=path), check_mode=False)
    assert outcome.failure is not None
    assert (outcome.actions, outcome.changed) == (("WriteCustomerKeyFile",), True)
    assert CustomerKey.from_file(path.read_bytes()) == KEY
    assert oct(path.stat().st_mode)[-3:] == "600"


def test_a_check_run_writes_no_key_file(tmp_path: Path) -> None:
    """It reports the step."""
    desired = replace(DESIRE, encryption=DesiredEncryption(SSE_C, customer_key=KEY))
    outcome = reconcile(resource(s3_with(), desired, b"new", new_key_file=tmp_path / "key"), check_mode=True)
    assert outcome.actions == ("WriteCustomerKeyFile", "PutObject")
    assert list(tmp_path.iterdir()) == []


class IgnoresEncryption(FakeS3):
    """A store that accepts every encryption, and applies its own."""

    def _encrypted(self, bucket: str, encryption: DesiredEncryption) -> ObjectEncryption:
        return ObjectEncryption("SSE-S3")


@pytest.mark.parametrize("kind", [SSE_KMS, DSSE_KMS], ids=lambda kind: kind.name)
def test_a_store_that_does_not_apply_the_encryption_is_detected(kind: object) -> None:
    """The object is read back: a false claim of encryption is worse than a failure."""
    s3 = IgnoresEncryption()
    s3.add_bucket("bucket")
    desired = replace(DESIRE, encryption=DesiredEncryption(kind))  # type: ignore[arg-type]
    outcome = reconcile(resource(s3, desired, b"new"), check_mode=False)
    assert outcome.failure is not None
    assert (outcome.failure.kind, outcome.changed) == (FailureKind.UNVERIFIED, True)
    assert "is reported as SSE-S3" in outcome.failure.message


class DoesNotCountTags(FakeS3):
    """A store that does not report the number of tags."""

    def head_object(self, target: ObjectId, customer_key: CustomerKey | None) -> ObjectState:
        return replace(super().head_object(target, customer_key), tag_count=self.reported)

    reported: int | None = 0


def test_tags_are_read_if_their_number_is_zero() -> None:
    """A store may report no number. Tags are written once."""
    s3 = DoesNotCountTags()
    s3.add_bucket("bucket", BucketDefault("SSE-S3"))
    desired = replace(DESIRE, tags=TAGS)
    assert reconcile(resource(s3, desired, b"content"), check_mode=False).actions == ("PutObject",)
    assert reconcile(resource(s3, desired, b"content"), check_mode=False).changed is False


@pytest.mark.parametrize("tags", [(), TAGS], ids=["none", "some"])
def test_tags_are_removed_if_their_number_is_not_reported(tags: Tags) -> None:
    """The current tags are read, and a second run changes nothing."""
    s3 = DoesNotCountTags()
    s3.reported = None
    s3.add_bucket("bucket", BucketDefault("SSE-S3"))
    reconcile(resource(s3, replace(DESIRE, tags=tags), b"content"), check_mode=False)
    desired = replace(DESIRE, tags=())
    first = reconcile(resource(s3, desired, b"content"), check_mode=False)
    assert first.actions == (("PutObjectTagging",) if tags else ())
    assert s3.objects["bucket", "key"].tags == ()
    assert not reconcile(resource(s3, desired, b"content"), check_mode=False).changed


class IgnoresBucketKey(FakeS3):
    """A store that accepts a bucket key and does not report it."""

    def _encrypted(self, bucket: str, encryption: DesiredEncryption) -> ObjectEncryption:
        return ObjectEncryption("SSE-KMS", key_arn("one"), False)


def test_the_message_has_the_difference() -> None:
    """Also for two encryptions of the same type."""
    s3 = IgnoresBucketKey()
    s3.add_bucket("bucket")
    desired = replace(DESIRE, encryption=DesiredEncryption(SSE_KMS, bucket_key_enabled=True))
    outcome = reconcile(resource(s3, desired, b"new", key="alias/one"), check_mode=False)
    assert outcome.failure is not None
    with_key = f"SSE-KMS with the key {key_arn('one')}"
    assert f"written as {with_key} with a bucket key, but is reported as {with_key}." in outcome.failure.message


@pytest.mark.parametrize("opener", [None, KEY, OTHER_KEY], ids=["no key", "its key", "a wrong key"])
def test_a_deletion_needs_no_customer_key(opener: CustomerKey | None) -> None:
    """It needs to know only that the object exists."""
    s3 = s3_with(UNDER_KEY)
    outcome = reconcile(resource(s3, replace(DESIRE, absent=True), previous_key=opener), check_mode=False)
    assert (outcome.failure, outcome.actions, s3.objects) == (None, ("DeleteObject",), {})


IN_PLACE = replace(DESIRE, encryption=DesiredEncryption(SSE_KMS), change_method=ChangeMethod.UPDATE)


@pytest.mark.parametrize("bucket_key", [False, True])
def test_an_update_in_place_uses_the_bucket_key_setting_of_the_bucket(bucket_key: bool) -> None:
    """As any other write that does not name it. All else of the object stays."""
    s3 = s3_with(ObjectEncryption("SSE-S3"))
    s3.rules["bucket"] = BucketDefault("SSE-KMS", bucket_key_enabled=bucket_key)
    before = s3.objects["bucket", "key"]
    outcome = reconcile(resource(s3, IN_PLACE, key="alias/one"), check_mode=False)
    assert (outcome.failure, outcome.actions) == (None, ("UpdateObjectEncryption",))
    assert s3.objects["bucket", "key"] == replace(
        before, encryption=ObjectEncryption("SSE-KMS", key_arn("one"), bucket_key)
    )


def test_a_store_that_overwrites_the_object_is_detected() -> None:
    """The store treated the request as an upload: that is a failure, and a change."""
    s3 = s3_with(ObjectEncryption("SSE-S3"))
    s3.custom_endpoint, s3.knows_update = True, False
    outcome = reconcile(resource(s3, IN_PLACE, key="alias/one"), check_mode=False)
    assert outcome.failure is not None
    assert (outcome.failure.kind, outcome.changed) == (FailureKind.UNVERIFIED, True)
    assert "etag and size and last_modified changed" in outcome.failure.message


def test_a_store_that_overwrites_the_object_is_detected_before_the_next_step() -> None:
    """The check is directly after the request, and nothing is written after it."""
    s3 = s3_with(ObjectEncryption("SSE-S3"))
    s3.custom_endpoint, s3.knows_update = True, False
    s3.failures["PutObjectTagging"] = FORBIDDEN
    outcome = reconcile(resource(s3, replace(IN_PLACE, tags=(("a", "b"),)), key="alias/one"), check_mode=False)
    assert outcome.failure is not None
    assert (outcome.failure.kind, outcome.actions) == (FailureKind.UNVERIFIED, ("UpdateObjectEncryption",))
    assert (outcome.changed, s3.writes) == (True, ["UpdateObjectEncryption"])


def test_an_sdk_without_update_object_encryption() -> None:
    """change_method: update fails; auto copies."""
    s3 = s3_with(ObjectEncryption("SSE-S3"))
    s3.in_place = InPlaceSupport.UNAVAILABLE
    outcome = reconcile(resource(s3, IN_PLACE, key="alias/one"), check_mode=False)
    assert outcome.failure is not None
    assert (outcome.failure.kind, s3.writes) == (FailureKind.UNSUPPORTED, [])
    auto = replace(IN_PLACE, change_method=ChangeMethod.AUTO)
    assert reconcile(resource(s3, auto, key="alias/one"), check_mode=False).actions == ("CopyObject",)


TO_KMS = replace(DESIRE, encryption=DesiredEncryption(SSE_KMS))
WRITES = [pytest.param(TO_KMS, None, id="copy"), pytest.param(DESIRE, b"new", id="upload")]
FORBIDDEN = Failure(FailureKind.FORBIDDEN, "no")


@pytest.mark.parametrize(("desired", "content"), WRITES)
def test_a_store_without_acls(desired: DesiredObject, content: bytes | None) -> None:
    """No warning, because nothing can be lost."""
    s3 = s3_with(ObjectEncryption("SSE-S3"))
    s3.failures["GetObjectAcl"] = Failure(FailureKind.UNSUPPORTED, "what?")
    outcome = reconcile(resource(s3, desired, content), check_mode=False)
    assert (outcome.failure, outcome.warnings) == (None, ())


UNREADABLE = [
    Failure(FailureKind.FAILED, "500"),
    Failure(FailureKind.INVALID, "400"),
    Failure(FailureKind.ABSENT, "404"),
    Failure(FailureKind.UNREACHABLE, "a page"),
    Failure(FailureKind.FORBIDDEN, "403"),
]


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize("failure", UNREADABLE, ids=lambda failure: failure.kind.value)
@pytest.mark.parametrize(("desired", "content"), WRITES)
def test_an_acl_that_a_store_does_not_report(
    desired: DesiredObject, content: bytes | None, failure: Failure, check_mode: bool
) -> None:
    """A warning, and no reason to stop. At AWS, only a missing permission is none."""
    s3 = s3_with(ObjectEncryption("SSE-S3"))
    s3.failures["GetObjectAcl"] = failure
    at_aws = reconcile(resource(s3, desired, content), check_mode=True)
    assert (at_aws.failure is None) == (failure.kind is FailureKind.FORBIDDEN)
    s3.custom_endpoint = True
    outcome = reconcile(resource(s3, desired, content), check_mode=check_mode)
    assert outcome.failure is None
    assert outcome.changed
    assert any("The ACL of bucket/key cannot be read" in warning for warning in outcome.warnings)


def test_a_grantee_without_a_name_at_a_store_and_at_aws() -> None:
    """A store that reports no ids has no grants that could be written; at AWS, a grant would be lost."""
    s3 = s3_with(ObjectEncryption("SSE-S3"))
    s3.grants = (Grant("FULL_CONTROL", "", ""), Grant("READ", "", "someone"))
    outcome = reconcile(resource(s3, TO_KMS), check_mode=False)
    assert outcome.failure is not None
    assert (outcome.failure.kind, s3.writes) == (FailureKind.INVALID, [])
    s3.custom_endpoint = True
    outcome = reconcile(resource(s3, TO_KMS), check_mode=False)
    assert (outcome.failure, outcome.actions) == (None, ("CopyObject",))
    assert any("READ to someone, which no write can set" in warning for warning in outcome.warnings)


def test_a_grant_that_no_write_can_set_is_refused_at_a_store_too() -> None:
    """Its grantees have ids, so the grants are real."""
    s3 = s3_with(ObjectEncryption("SSE-S3"))
    s3.custom_endpoint, s3.grants = True, (Grant("WRITE", "id", "someone"),)
    outcome = reconcile(resource(s3, TO_KMS), check_mode=False)
    assert outcome.failure is not None
    assert (outcome.failure.kind, s3.writes) == (FailureKind.INVALID, [])


NO_TAGS = Failure(FailureKind.UNSUPPORTED, "That is the object.")


def test_a_store_without_tags() -> None:
    """It needs no tags that are empty, and tags on an object there are refused: the request would overwrite it."""
    for content in (None, b"content", b"new"):
        s3 = s3_with(ObjectEncryption("SSE-S3"), tag_count=None)
        s3.failures["GetObjectTagging"] = NO_TAGS
        outcome = reconcile(resource(s3, replace(DESIRE, tags=()), content), check_mode=False)
        assert (outcome.failure, outcome.changed) == (None, content == b"new")
    for same in (None, b"content"):
        s3 = s3_with(ObjectEncryption("SSE-S3"))
        s3.failures["GetObjectTagging"] = NO_TAGS
        outcome = reconcile(resource(s3, replace(DESIRE, tags=TAGS), same), check_mode=False)
        assert outcome.failure is not None
        assert (outcome.failure.kind, s3.writes) == (FailureKind.UNSUPPORTED, [])
        assert "the store at this endpoint has no tags" in outcome.failure.message


@pytest.mark.parametrize("failure", [NO_TAGS, *UNREADABLE], ids=lambda failure: failure.kind.value)
def test_an_upload_that_names_all_tags_does_not_need_those_of_before(failure: Failure) -> None:
    """Only the diff shows them. An upload that keeps tags needs them."""
    s3 = s3_with(ObjectEncryption("SSE-S3"), tag_count=None)
    s3.failures["GetObjectTagging"] = failure
    keeps = reconcile(resource(s3, replace(DESIRE, tags=TAGS, purge_tags=False), b"new"), check_mode=False)
    assert keeps.failure is not None
    assert s3.writes == []
    outcome = reconcile(resource(s3, replace(DESIRE, tags=TAGS), b"new"), check_mode=False)
    assert (outcome.failure, outcome.actions) == (None, ("PutObject",))
    assert s3.objects["bucket", "key"].tags == TAGS


NAMES_AES256 = (
    "The request names the encryption AES256. If the policy allows only other values, which "
    "bucket_encryption_policy_info reports, name an allowed one, or omit encryption so that the bucket's default "
    "applies."
)


@pytest.mark.parametrize(
    ("reason", "advice"),
    [
        (Reason.DENIED_BY_BUCKET_POLICY, "The bucket's policy denies it: if it demands an encryption header, name"),
        (None, "Ask. If a policy of the bucket or of the organization demands an encryption header, name encryption"),
        (Reason.DENIED, "Ask. If a policy of the bucket or of the organization demands an encryption header, name"),
        (Reason.NOT_ALLOWED, "Ask."),
        (Reason.KEY_DENIED, "Ask."),
    ],
)
def test_an_upload_that_names_no_encryption_may_be_denied_for_that(reason: Reason | None, advice: str) -> None:
    """Unless no policy allows it at all, or the upload names one, which the bucket's policy can deny."""
    s3 = s3_with()
    s3.failures["PutObject"] = Failure(FailureKind.FORBIDDEN, "Access Denied.", "Ask.", reason=reason)
    outcome = reconcile(resource(s3, DESIRE, b"new"), check_mode=False)
    assert outcome.failure is not None
    assert outcome.failure.advice.startswith(advice)
    named = replace(DESIRE, encryption=DesiredEncryption(SSE_S3))
    outcome = reconcile(resource(s3, named, b"new"), check_mode=False)
    assert outcome.failure is not None
    by_bucket = reason is Reason.DENIED_BY_BUCKET_POLICY
    assert outcome.failure.advice == (f"Ask. {NAMES_AES256}" if by_bucket else "Ask.")


@pytest.mark.parametrize("reason", [Reason.NOT_ALLOWED, Reason.DENIED_BY_SETTING, Reason.KEY_DENIED])
def test_an_encryption_header_is_not_advised_where_it_cannot_help(reason: Reason) -> None:
    """Without any permission, or without that of the key, no header helps. Nor does it against a setting."""
    s3 = s3_with()
    s3.failures["PutObject"] = Failure(FailureKind.FORBIDDEN, "Access Denied.", "Ask.", reason=reason)
    outcome = reconcile(resource(s3, DESIRE, b"new"), check_mode=False)
    assert outcome.failure is not None
    assert outcome.failure.advice == "Ask."


@pytest.mark.parametrize(
    ("reason", "may_be_blocked"),
    [
        (None, True),
        (Reason.UNEXPLAINED_DENIAL, True),
        (Reason.NOT_ALLOWED, False),
        (Reason.DENIED, False),
        (Reason.DENIED_BY_SETTING, False),
        (Reason.KEY_DENIED, False),
        (Reason.DENIED_BY_BUCKET_POLICY, False),
    ],
)
def test_a_denied_write_may_be_of_a_blocked_kind(reason: Reason | None, may_be_blocked: bool) -> None:
    """Where S3 names a policy or a setting, that is the cause. To callers of other accounts it names none."""
    s3 = s3_with()
    s3.failures["GetBucketEncryption"] = Failure(FailureKind.FORBIDDEN, "No.")
    s3.failures["PutObject"] = Failure(FailureKind.FORBIDDEN, "Access Denied.", "Ask.", reason=reason)
    desired = replace(DESIRE, encryption=DesiredEncryption(SSE_C, customer_key=KEY))
    outcome = reconcile(resource(s3, desired, b"new"), check_mode=False)
    assert outcome.failure is not None
    assert ("Or the bucket blocks SSE-C" in outcome.failure.advice) is may_be_blocked


@pytest.mark.parametrize("conditional", [True, False])
def test_the_condition_of_a_refused_write_is_named(conditional: bool) -> None:
    """If the write had one: at other stores, a copy has none on its destination."""
    for state, desired, content, words in (
        (None, DESIRE, b"new", "the condition If-None-Match: *. "),
        (ObjectEncryption("SSE-S3"), DESIRE, b"new", 'the condition If-Match: "e". '),
        (ObjectEncryption("SSE-S3"), TO_KMS, None, ""),
    ):
        s3 = s3_with(state)
        s3.custom_endpoint, s3.conditional_writes = True, conditional
        for operation in ("PutObject", "CopyObject"):
            s3.failures[operation] = Failure(FailureKind.UNSUPPORTED, "No.", "What?")
        outcome = reconcile(resource(s3, desired, content), check_mode=False)
        assert outcome.failure is not None
        has_words = "conditional_writes: false" in outcome.failure.advice
        assert has_words == (conditional and bool(words))
        assert words in outcome.failure.advice or not conditional


def test_a_file_that_changes_while_it_is_sent_without_a_checksum(tmp_path: Path) -> None:
    """S3 cannot refuse it then, so the object is not verified; with a checksum S3 decides."""

    class Growing(FakeS3):
        def put_object(self, target: ObjectId, step: PutObject, body: Body) -> WriteAnswer:
            answer = super().put_object(target, step, body)
            path.write_bytes(b"other")
            if not self.sends_checksums:
                self.bytes["bucket", "key"] = b"conther"
                self.objects["bucket", "key"] = replace(self.objects["bucket", "key"], checksums=())
            return answer

    path = tmp_path / "file"
    for sends_checksums, kind, changed in ((True, None, True), (False, FailureKind.UNVERIFIED, True)):
        path.write_bytes(b"content")
        s3 = Growing()
        s3.add_bucket("bucket", BucketDefault("SSE-S3"))
        s3.sends_checksums = sends_checksums
        outcome = reconcile(replace(resource(s3, DESIRE), source=Source(path)), check_mode=False)
        assert (outcome.failure.kind if outcome.failure else None, outcome.changed) == (kind, changed)


class PrefixesKeys(FakeS3):
    """A store that reports the names of its keys with a prefix, as MinIO does."""

    def head_object(self, target: ObjectId, customer_key: CustomerKey | None) -> ObjectState:
        state = super().head_object(target, customer_key)
        key = (state.encryption.kms_key_arn or "").removeprefix("arn:aws:kms:")
        return replace(state, encryption=replace(state.encryption, kms_key_arn=f"arn:aws:kms:{key}"))


@pytest.mark.parametrize("named", ["my-key", "arn:aws:kms:my-key"])
def test_a_key_of_a_store_without_a_key_service_is_compared_by_its_name(named: str) -> None:
    """After the upload, in the second run, and where the content changes."""
    s3, kms = PrefixesKeys(), FakeKms()
    s3.add_bucket("bucket", BucketDefault("SSE-S3"))
    s3.custom_endpoint = kms.at_store = True
    kms.lookups = {(named, REGION): Failure(FailureKind.UNSUPPORTED, "What?")}
    for content, changed in ((b"one", True), (b"one", False), (b"two", True)):
        kms_keys = KmsKeys(KeyRef.parse(named, of_store=True))
        made = replace(resource(s3, TO_KMS, content), kms_keys=kms_keys, keys=KeyResolver(kms))
        outcome = reconcile(made, check_mode=False)
        assert (outcome.failure, outcome.changed, len(outcome.warnings)) == (None, changed, int(changed))


LOCK = ObjectLock("COMPLIANCE", "2044-12-01T16:00:00+00:00")


class LosesLocks(FakeS3):
    """A store that accepts a lock with a copy, and does not store it."""

    def copy_object(self, target: ObjectId, step: CopyObject) -> None:
        super().copy_object(target, replace(step, lock=None))


def test_a_store_that_loses_the_lock_is_detected() -> None:
    """A missing lock is worse than a failure."""
    s3 = LosesLocks()
    s3.add_bucket("bucket")
    locked = ObjectState("bucket", "key", 0, ObjectEncryption("SSE-S3"), etag='"e"', tags=(), lock=LOCK)
    s3.add_object(locked, b"content")
    outcome = reconcile(resource(s3, TO_KMS), check_mode=False)
    assert outcome.failure is not None
    assert (outcome.failure.kind, outcome.changed) == (FailureKind.UNVERIFIED, True)


@pytest.mark.parametrize("check_mode", [False, True])
def test_annotations_that_may_not_be_read_are_a_warning(check_mode: bool) -> None:
    """If a copy would lose them, in check mode, too. CopyObject keeps them, so they are not read."""
    s3 = s3_with(ObjectEncryption("SSE-S3"))
    s3.has_object_annotations = None
    in_parts = reconcile(resource(s3, TO_KMS, limits=Limits(copy_limit=3)), check_mode=check_mode)
    assert any("a copy in parts keeps none" in warning for warning in in_parts.warnings), in_parts
    to_customer_key = replace(DESIRE, encryption=DesiredEncryption(SSE_C, customer_key=KEY))
    moved = reconcile(resource(s3, to_customer_key), check_mode=check_mode)
    assert any("s3:ListObjectAnnotations" in warning for warning in moved.warnings), moved
    assert reconcile(resource(s3_with(ObjectEncryption("SSE-S3")), TO_KMS), check_mode=True).warnings == ()


class LosingResponses(FakeS3):
    """A store whose response is lost after a successful write. The retry of the SDK finds the result."""

    lost = ""
    meanwhile: object = None

    def _lose_response(self, operation: str) -> None:
        if operation == self.lost:
            if callable(self.meanwhile):
                self.meanwhile()
            raise OperationError(
                Failure(
                    FailureKind.CONFLICT, "changed meanwhile", code="PreconditionFailed", may_have_been_applied=True
                )
            )

    def put_object(self, target: ObjectId, step: PutObject, body: Body) -> WriteAnswer:
        answer = super().put_object(target, step, body)
        self._lose_response("PutObject")
        return answer

    def copy_object(self, target: ObjectId, step: CopyObject) -> None:
        super().copy_object(target, step)
        self._lose_response("CopyObject")

    def update_object_encryption(self, target: ObjectId, step: UpdateObjectEncryption) -> None:
        super().update_object_encryption(target, step)
        self._lose_response("UpdateObjectEncryption")

    def put_object_tagging(self, target: ObjectId, tags: Tags) -> None:
        super().put_object_tagging(target, tags)
        self._lose_response("PutObjectTagging")

    def delete_object(self, target: ObjectId, if_match: str | None = None) -> Deleted:
        deleted = super().delete_object(target, if_match)
        self._lose_response("DeleteObject")
        return deleted


def s3_that_loses(operation: str, **more: object) -> LosingResponses:
    s3 = LosingResponses()
    s3.add_bucket("bucket", BucketDefault("SSE-S3"))
    state = ObjectState("bucket", "key", 0, ObjectEncryption("SSE-S3"), Properties("text/plain", metadata=()))
    state = replace(state, properties=replace(state.properties, storage_class="STANDARD"))
    s3.add_object(replace(state, **{"etag": '"e"', "tags": (), **more}), b"content")  # type: ignore[arg-type]
    s3.lost = operation
    return s3


LOST = [
    pytest.param("PutObject", DESIRE, b"new", None, id="upload"),
    pytest.param("PutObject", replace(DESIRE, key="new"), b"new", None, id="upload of a new object"),
    pytest.param("CopyObject", TO_KMS, None, None, id="copy"),
    pytest.param("CopyObject", TO_KMS, b"content", None, id="copy, content named"),
    pytest.param("UpdateObjectEncryption", IN_PLACE, None, "alias/one", id="in place"),
    pytest.param("PutObjectTagging", replace(DESIRE, tags=TAGS), None, None, id="tags"),
    pytest.param("DeleteObject", replace(DESIRE, absent=True), None, None, id="deletion"),
]


@pytest.mark.parametrize(("operation", "desired", "content", "key"), LOST)
def test_a_write_whose_response_is_lost_is_recognised(
    operation: str, desired: DesiredObject, content: bytes | None, key: str | None
) -> None:
    """The object is in the planned state, so it is not a conflict."""
    s3 = s3_that_loses(operation)
    outcome = reconcile(resource(s3, desired, content, key=key), check_mode=False)
    assert (outcome.failure, outcome.actions) == (None, (operation,))
    assert not reconcile(resource(s3, desired, content, key=key), check_mode=False).changed


@pytest.mark.parametrize("checksums", [(), (Checksum("CRC32", "AAAAAA==-2", full_object=False),)])
def test_a_copy_is_recognised_without_a_checksum_to_compare(checksums: tuple[Checksum, ...]) -> None:
    """By the content of the task, or else as an object in the desired state."""
    for content in (None, b"content"):
        s3 = s3_that_loses("CopyObject", checksums=checksums)
        s3.objects["bucket", "key"] = replace(s3.objects["bucket", "key"], checksums=checksums)
        assert reconcile(resource(s3, TO_KMS, content), check_mode=False).failure is None


OTHERS = [
    pytest.param("CopyObject", TO_KMS, None, {"properties": Properties("a/b")}, id="a copy with other properties"),
    pytest.param(
        "CopyObject", TO_KMS, None, {"encryption": ObjectEncryption("SSE-S3")}, id="a copy, encryption undone"
    ),
    pytest.param("CopyObject", TO_KMS, None, {"size": 8}, id="a copy of another size"),
    pytest.param(
        "CopyObject", TO_KMS, None, {"checksums": (Checksum("SHA256", "eHh4", True),)}, id="a copy of other content"
    ),
    pytest.param("PutObject", DESIRE, b"new", {"properties": Properties("a/b")}, id="an upload, other properties"),
    pytest.param("PutObject", DESIRE, b"new", {"checksums": ()}, id="an upload without a checksum to compare"),
]


@pytest.mark.parametrize(("operation", "desired", "content", "theirs"), OTHERS)
def test_a_concurrent_write_after_a_lost_response_is_a_conflict(
    operation: str, desired: DesiredObject, content: bytes | None, theirs: dict[str, object]
) -> None:
    """The object is not in the planned state, so it is a failure. Whether our write was applied before is unknown."""
    known = (Checksum("SHA256", base64.b64encode(hashlib.sha256(b"content").digest()).decode(), True),)
    s3 = s3_that_loses(operation, checksums=known)

    def overwrite() -> None:
        s3.objects["bucket", "key"] = replace(s3.objects["bucket", "key"], **theirs)  # type: ignore[arg-type]

    s3.meanwhile = overwrite
    outcome = reconcile(resource(s3, desired, content), check_mode=False)
    assert outcome.failure is not None
    assert (outcome.failure.kind, outcome.changed) == (FailureKind.CONFLICT, True)
    assert "may have been carried out" in outcome.failure.message


KMS_ONE = ObjectEncryption("SSE-KMS", key_arn("one"), False)
WARNING_CASES = [
    pytest.param(DESIRE, None, KMS_ONE, BucketDefault("SSE-S3"), "SSE-KMS to the bucket's default, SSE-S3", id="KMS"),
    pytest.param(
        DESIRE, None, ObjectEncryption("DSSE-KMS", key_arn("one")), BucketDefault("SSE-KMS", "alias/one"),
        "from DSSE-KMS to the bucket's default, SSE-KMS", id="DSSE-KMS, default SSE-KMS",
    ),
    pytest.param(DESIRE, None, UNDER_KEY, BucketDefault("SSE-KMS"), "with your own key", id="SSE-C, default"),
    pytest.param(DESIRE, None, KMS_ONE, BucketDefault("SSE-KMS"), "to the AWS managed key", id="key, default"),
    pytest.param(DESIRE, None, KMS_ONE, BucketDefault("SSE-KMS", "alias/one"), "", id="the default has a key"),
    pytest.param(DESIRE, None, ObjectEncryption("SSE-S3"), BucketDefault("SSE-S3"), "", id="SSE-S3 stays"),
    pytest.param(DESIRE, None, KMS_ONE, None, "cannot be read and may be weaker", id="the default may not be read"),
    pytest.param(
        replace(DESIRE, encryption=DesiredEncryption(SSE_S3)), None, KMS_ONE, BucketDefault("SSE-S3"),
        "from SSE-KMS to SSE-S3.", id="named",
    ),
    pytest.param(
        TO_KMS, "alias/aws/s3", KMS_ONE, BucketDefault("SSE-S3"), "to the AWS managed key", id="the managed key named"
    ),
    pytest.param(TO_KMS, None, KMS_ONE, BucketDefault("SSE-S3"), "", id="its key is kept"),
    pytest.param(
        replace(DESIRE, encryption=DesiredEncryption(DSSE_KMS)), None, KMS_ONE, BucketDefault("SSE-S3"),
        "to the AWS managed key", id="stronger, and under the managed key",
    ),
]  # fmt: skip


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize(("desired", "key", "before", "rule", "expected"), WARNING_CASES)
def test_an_upload_that_weakens_the_encryption_warns(
    desired: DesiredObject,
    key: str | None,
    before: ObjectEncryption,
    rule: BucketDefault | None,
    expected: str,
    check_mode: bool,
) -> None:
    """In check mode, too."""
    s3 = s3_with(before)
    if rule:
        s3.rules["bucket"] = rule
    else:
        s3.failures["GetBucketEncryption"] = FORBIDDEN
    outcome = reconcile(resource(s3, desired, b"new", key=key, previous_key=KEY), check_mode=check_mode)
    assert (outcome.failure, outcome.changed) == (None, True)
    assert any(expected in warning for warning in outcome.warnings) if expected else not outcome.warnings
    if rule:
        again = reconcile(resource(s3, desired, b"new", key=key, previous_key=KEY), check_mode=False)
        assert check_mode or (again.changed, again.warnings) == (False, ())


HERE = replace(
    SSE_S3,
    name="CSE",
    side=Side.CLIENT,
    wire="",
    strength=None,
    wraps=(KeyWrap.AES_GCM,),
    job_filter="",
    job_algorithm="",
)
PLAINTEXT = Source(data=b"content").describe()
UPLOAD = PutObject(Properties(), (), DesiredEncryption(HERE), PLAINTEXT, None)
FIELDS = (("x-amz-c", "115"),)


def encrypted_as(kind: Kind) -> PutObject:
    return replace(UPLOAD, content=replace(PLAINTEXT, encrypted_as=kind))


@pytest.mark.parametrize(
    ("step", "done"),
    [
        pytest.param(UPLOAD, False, id="plaintext"),
        pytest.param(replace(encrypted_as(HERE), envelope_fields=FIELDS), True, id="ciphertext"),
        pytest.param(encrypted_as(HERE), False, id="ciphertext without its envelope"),
        pytest.param(replace(UPLOAD, envelope_fields=FIELDS), False, id="plaintext with an envelope"),
        pytest.param(replace(encrypted_as(SSE_S3), envelope_fields=FIELDS), False, id="encrypted as something else"),
        pytest.param(
            replace(UPLOAD, in_parts=InParts(split_into_parts(7, 5), (), PLAINTEXT.checksum)),
            False,
            id="plaintext in parts",
        ),
        pytest.param(CopyObject(Properties(), False, DesiredEncryption(HERE), None, '"e"'), False, id="a copy"),
    ],
)
def test_what_this_side_is_to_encrypt_is_not_sent_before_it_has(step: PutObject | CopyObject, done: bool) -> None:
    """Whatever the plan is: the last check is before the first byte."""
    s3 = s3_with()
    try:
        resource(s3, DESIRE, b"content").apply(step, ObjectContext(DESIRE, ObjectReading(None)))
    except OperationError as error:
        assert error.failure.kind is FailureKind.UNSUPPORTED  # noqa: PT017
    assert s3.writes == (["PutObject"] if done else [])
