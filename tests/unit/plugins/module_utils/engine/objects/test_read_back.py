# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""After the steps: what an answer of AWS proves is not read, and what nothing proves is not told as right."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.aws.objects.ports import Body
from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.store_proof import require_content
from ansible_collections.sealed.s3.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.sealed.s3.plugins.module_utils.engine.transfer.content import Source
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.bucket_default import BucketDefault
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import (
    Failure,
    FailureKind,
    OperationError,
    Reason,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.encryption import (
    DesiredEncryption,
    ObjectEncryption,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.registry import DSSE_KMS, SSE_C, SSE_KMS, SSE_S3
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.change_method import ChangeMethod, InPlaceSupport
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.desired_object import DesiredObject
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.large_objects import Limits
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_state import (
    Checksum,
    ObjectId,
    ObjectLock,
    ObjectState,
    Properties,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_steps import CopyObject, PutObject
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.write_answer import WriteAnswer
from ansible_collections.sealed.s3.plugins.module_utils.model.secret import CustomerKey
from ansible_collections.sealed.s3.plugins.module_utils.model.tags import Tags
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.engine.objects.test_encrypted_object import (
    DESIRE,
    KEY,
    resource,
    s3_with,
)
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_aws import ACCOUNT, FakeS3, key_arn

OTHER_ACCOUNT = "999988887777"
PART_SIZE = 5 * 1024 * 1024
LARGE = b"x" * (PART_SIZE + 1)
IN_PARTS = Limits(PART_SIZE)


class ChangedAnswers(FakeS3):
    """S3 whose answers to PutObject have other fields, as those of an older SDK."""

    def __init__(self, **fields: object) -> None:
        super().__init__()
        self.add_bucket("bucket", BucketDefault("SSE-S3"))
        self._fields = fields

    def put_object(self, target: ObjectId, step: PutObject, body: Body) -> WriteAnswer:
        return replace(super().put_object(target, step, body), **self._fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "encryption",
    [
        DesiredEncryption(),
        DesiredEncryption(SSE_S3),
        DesiredEncryption(SSE_KMS, bucket_key_enabled=True),
        DesiredEncryption(SSE_KMS, key_arn("one")),
        DesiredEncryption(DSSE_KMS),
        DesiredEncryption(SSE_C, customer_key=KEY),
    ],
    ids=lambda encryption: encryption.kind.name,
)
def test_an_answer_that_proves_the_upload_is_not_read_back(encryption: DesiredEncryption) -> None:
    """The state has what the answer reports, and no LastModified, which a check run does not know either."""
    s3 = s3_with()
    key = "one" if encryption.kms_key_arn else None
    task = resource(s3, replace(DESIRE, encryption=encryption), b"new", key)
    checked = reconcile(task, check_mode=True)
    s3.reads.clear()
    done = reconcile(task, check_mode=False)
    assert s3.reads.count("HeadObject") == 1
    assert (done.failure, done.actions, s3.writes) == (None, ("PutObject",), ["PutObject"])
    assert checked.after is not None
    assert done.after is not None
    stored = s3.objects["bucket", "key"]
    assert (done.after.etag, done.after.encryption, done.after.checksums) == (
        stored.etag,
        stored.encryption,
        stored.checksums,
    )
    assert (checked.after.last_modified, done.after.last_modified) == (None, None)
    assert replace(done.after, etag=None, encryption=checked.after.encryption) == checked.after


UNPROVEN: dict[str, dict[str, object]] = {
    "no ETag": {"etag": None},
    "no checksum": {"checksums": ()},
    "another checksum": {"checksums": (Checksum("SHA256", "other", full_object=True),)},
    "no encryption": {"encryption": ObjectEncryption("NONE")},
    "another key": {"encryption": ObjectEncryption("SSE-KMS", key_arn("two"), False)},
    "no key": {"encryption": ObjectEncryption("SSE-KMS", None, False)},
}


@pytest.mark.parametrize("fields", UNPROVEN.values(), ids=UNPROVEN)
def test_an_answer_that_proves_less_is_followed_by_a_read(fields: dict[str, object]) -> None:
    """Such as the answer of an older SDK. The read then proves the rest."""
    s3 = ChangedAnswers(**fields)
    desired = replace(DESIRE, encryption=DesiredEncryption(SSE_KMS))
    outcome = reconcile(resource(s3, desired, b"new", "one"), check_mode=False)
    assert (outcome.failure, s3.reads[-1]) == (None, "HeadObject")
    assert outcome.after is not None
    assert outcome.after.last_modified is not None


def test_an_upload_over_a_locked_object_is_read_back() -> None:
    """Its bucket may lock every new version, which no answer reports."""
    s3 = s3_with(ObjectEncryption("SSE-S3"), lock=ObjectLock("GOVERNANCE", "2030-01-01"), version_id="v0")
    reconcile(resource(s3, DESIRE, b"new"), check_mode=False)
    assert s3.reads[-1] == "HeadObject"


@pytest.mark.parametrize("kind", [SSE_KMS, SSE_C], ids=["SSE-KMS", "SSE-C"])
def test_the_answer_of_an_upload_in_parts_proves_all_but_a_customer_key(kind: object) -> None:
    """CompleteMultipartUpload reports no customer key."""
    s3 = s3_with()
    key = KEY if kind is SSE_C else None
    encryption = DesiredEncryption(SSE_C if key else SSE_KMS, customer_key=key)
    outcome = reconcile(resource(s3, replace(DESIRE, encryption=encryption), LARGE, limits=IN_PARTS), check_mode=False)
    assert outcome.failure is None
    assert s3.reads.count("HeadObject") == (2 if key else 1)


class OvertakenTags(FakeS3):
    """Another client replaces the tags right after each PutObjectTagging."""

    def put_object_tagging(self, target: ObjectId, tags: Tags) -> None:
        super().put_object_tagging(target, tags)
        super().put_object_tagging(target, (("other", "b"),))


@pytest.mark.parametrize("custom_endpoint", [False, True])
@pytest.mark.parametrize("purge", [False, True])
def test_merged_tags_that_another_run_overwrote_are_reported(custom_endpoint: bool, purge: bool) -> None:
    """S3 has no condition for tags. At AWS, tags that replace all others are not read: the last writer wins."""
    s3 = OvertakenTags()
    s3.add_bucket("bucket", BucketDefault("SSE-S3"))
    s3.custom_endpoint = custom_endpoint
    state = s3_with(ObjectEncryption("SSE-S3")).objects["bucket", "key"]
    s3.add_object(state, b"content")
    desired = replace(DESIRE, tags=(("mine", "a"),), purge_tags=purge)
    outcome = reconcile(resource(s3, desired), check_mode=False)
    if purge and not custom_endpoint:
        assert (outcome.failure, s3.reads) == (None, ["HeadObject", "GetObjectTagging"])
        return
    assert outcome.failure is not None
    assert outcome.failure.kind is (FailureKind.UNVERIFIED if custom_endpoint else FailureKind.CONFLICT)
    assert ("mine" in outcome.failure.message, outcome.changed) == (True, True)


def test_tags_of_another_run_that_were_kept_are_no_conflict() -> None:
    """A run that adds a tag between the write and the read keeps this run's tags."""
    s3 = s3_with(ObjectEncryption("SSE-S3"), tags=(("before", "x"),), tag_count=1)
    outcome = reconcile(resource(s3, replace(DESIRE, tags=(("mine", "a"),), purge_tags=False)), check_mode=False)
    assert outcome.failure is None
    assert outcome.after is not None
    assert outcome.after.tags == (("before", "x"), ("mine", "a"))
    assert s3.reads == ["HeadObject", "GetObjectTagging", "GetObjectTagging"]


class UnreadableAfterwards(FakeS3):
    """S3 for a caller without kms:Decrypt: an object under a KMS key can be written, and not read."""

    def head_object(self, target: ObjectId, customer_key: CustomerKey | None) -> ObjectState:
        state = super().head_object(target, customer_key)
        if state.encryption.type == "SSE-KMS":
            raise OperationError(Failure(FailureKind.FORBIDDEN, "403", code="403", reason=Reason.UNEXPLAINED_DENIAL))
        return state

    def get_first_byte(self, target: ObjectId, customer_key: CustomerKey | None) -> None:
        super().get_first_byte(target, customer_key)
        raise OperationError(Failure(FailureKind.FORBIDDEN, "kms:Decrypt is forbidden.", action="kms:Decrypt"))


def test_a_refused_read_back_names_its_cause_and_that_the_object_was_written() -> None:
    """A HEAD that is refused says nothing, so another read finds the cause."""
    s3 = UnreadableAfterwards()
    s3.add_bucket("bucket", BucketDefault("SSE-S3"))
    s3.custom_endpoint = True
    desired = replace(DESIRE, encryption=DesiredEncryption(SSE_KMS))
    outcome = reconcile(resource(s3, desired, b"new", "one"), check_mode=False)
    assert outcome.failure is not None
    assert (outcome.failure.kind, outcome.failure.action, outcome.changed) == (
        FailureKind.FORBIDDEN,
        "kms:Decrypt",
        True,
    )
    assert outcome.failure.message == "bucket/key was written, but cannot be read back: kms:Decrypt is forbidden."


def test_an_object_that_is_lost_after_its_write_is_unverified() -> None:
    """Some stores answer 200 and keep nothing."""

    class Forgetful(FakeS3):
        def put_object(self, target: ObjectId, step: PutObject, body: Body) -> WriteAnswer:
            answer = super().put_object(target, step, body)
            del self.objects[target.bucket, target.key]
            return answer

    s3 = Forgetful()
    s3.add_bucket("bucket", BucketDefault("SSE-S3"))
    s3.custom_endpoint = True
    outcome = reconcile(resource(s3, DESIRE, b"new"), check_mode=False)
    assert outcome.failure is not None
    assert (outcome.failure.kind, outcome.changed) == (FailureKind.UNVERIFIED, True)


@pytest.mark.parametrize("desired_kind", [SSE_KMS, SSE_S3], ids=["SSE-KMS", "SSE-S3"])
def test_a_kms_encryption_without_its_key_satisfies_nobody(desired_kind: object) -> None:
    """AWS always reports the key. The object can still be changed to another encryption."""
    s3 = s3_with(ObjectEncryption("SSE-KMS", None, False))
    kind = SSE_KMS if desired_kind is SSE_KMS else SSE_S3
    outcome = reconcile(resource(s3, replace(DESIRE, encryption=DesiredEncryption(kind))), check_mode=False)
    if kind is SSE_S3:
        assert (outcome.failure, outcome.actions) == (None, ("CopyObject",))
        return
    assert outcome.failure is not None
    assert (outcome.failure.kind, outcome.changed, s3.writes) == (FailureKind.UNVERIFIED, False, [])


@pytest.mark.parametrize("method", [ChangeMethod.COPY, ChangeMethod.UPDATE])
@pytest.mark.parametrize("size", [0, 1, 9 * 1024 * 1024])
def test_another_store_proves_that_a_changed_object_can_be_read(method: ChangeMethod, size: int) -> None:
    """Its bytes are compared with those before, of a large object the first ones. AWS need not prove that."""

    class Breaking(FakeS3):
        broken = False

        def get_object(  # type: ignore[no-untyped-def]
            self, target, customer_key, if_match, chunk_size, span=None
        ):
            chunks = super().get_object(target, customer_key, if_match, chunk_size, span)
            changed = bool(self.writes) and self.broken
            return (bytes([chunk[0] ^ 1]) + chunk[1:] if changed else chunk for chunk in chunks)

    for broken in (False, True):
        s3 = Breaking()
        s3.add_bucket("bucket", BucketDefault("SSE-S3"))
        s3.custom_endpoint, s3.broken, s3.in_place = True, broken, InPlaceSupport.OPT_IN
        s3.add_object(s3_with(ObjectEncryption("SSE-S3")).objects["bucket", "key"], b"x" * size)
        encryption = DesiredEncryption(SSE_KMS, bucket_key_enabled=False)
        desired = replace(DESIRE, encryption=encryption, change_method=method)
        outcome = reconcile(resource(s3, desired, key="one"), check_mode=False)
        if broken and size:
            assert outcome.failure is not None
            assert (outcome.failure.kind, outcome.changed) == (FailureKind.UNVERIFIED, True)
        else:
            assert outcome.failure is None
        assert s3.reads.count("GetObject") == 2


@pytest.mark.parametrize("stored", [b"content", b"damaged"])
@pytest.mark.parametrize("large", [False, True])
def test_a_store_without_checksums_proves_the_content_by_its_bytes(stored: bytes, large: bool) -> None:
    """Of a large object the first ones. An ETag is no proof under a KMS key."""
    factor = 2_000_000 if large else 1
    s3 = s3_with(ObjectEncryption("SSE-KMS", key_arn("one"), False), stored * factor, checksums=())
    source = Source(data=b"content" * factor)
    access = resource(s3, DESIRE).access
    found = s3.objects["bucket", "key"]
    if stored == b"content":
        require_content(access, source.describe(), source, None, found)
    else:
        with pytest.raises(OperationError) as error:
            require_content(access, source.describe(), source, None, found)
        assert error.value.failure.kind is FailureKind.UNVERIFIED
    assert s3.reads == ["GetObject"]


@pytest.mark.parametrize("outcome", ["completed", "failed", "lost"])
def test_an_upload_that_a_lost_answer_left_is_reported_and_not_aborted(outcome: str) -> None:
    """Nothing proves that an upload in S3's list is this run's."""
    s3 = s3_with()
    s3.creates_uploads_twice = outcome != "lost"
    if outcome == "failed":
        s3.failures["UploadPart"] = Failure(FailureKind.FORBIDDEN, "no")
    if outcome == "lost":
        s3.uploads["upload-0"] = None  # type: ignore[assignment]
        s3.failures["CreateMultipartUpload"] = Failure(FailureKind.UNREACHABLE, "lost.", may_have_been_applied=True)
    done = reconcile(resource(s3, DESIRE, LARGE, limits=IN_PARTS), check_mode=False)
    (left,) = list(s3.uploads)
    if outcome == "completed":
        assert (done.failure, done.changed) == (None, True)
        assert done.context is not None
        (told,) = done.context.warnings
    else:
        assert done.failure is not None
        assert done.changed is False
        told = done.failure.message
    assert f"{left} (begun 2026-11-01T00:00:00+00:00)" in told


def test_an_upload_whose_answer_arrives_at_once_looks_for_no_other() -> None:
    """ListMultipartUploads is called only if CreateMultipartUpload was sent more than once."""
    s3 = s3_with()
    reconcile(resource(s3, DESIRE, LARGE, limits=IN_PARTS), check_mode=False)
    assert "ListMultipartUploads" not in s3.reads


CRC = Checksum("CRC32", "cGfSsw==", full_object=True)


class CopiesOtherContent(FakeS3):
    """A store whose copy has these other fields than its source."""

    def __init__(self, **fields: object) -> None:
        super().__init__()
        self.add_bucket("bucket", BucketDefault("SSE-S3"))
        self.custom_endpoint = True
        self._fields = fields

    def copy_object(self, target: ObjectId, step: CopyObject) -> None:
        """Copy, and change the copy."""
        super().copy_object(target, step)
        place = (target.bucket, target.key)
        self.objects[place] = replace(self.objects[place], **self._fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fields", "is_same"),
    [
        ({"size": 0}, False),
        ({"checksums": (replace(CRC, value="AAAAAA=="),)}, False),
        ({"checksums": ()}, True),
        ({"checksums": (Checksum("SHA256", "other", full_object=True),)}, True),
        ({}, True),
    ],
    ids=["another size", "another checksum", "no checksum", "another algorithm", "the same"],
)
def test_a_copy_has_the_content_of_its_source(fields: dict[str, object], is_same: bool) -> None:
    """Also if only a property changes, and no bytes are read."""
    s3 = CopiesOtherContent(**fields)
    properties = Properties("text/plain", metadata=(), storage_class="STANDARD")
    state = ObjectState("bucket", "key", 3, ObjectEncryption("SSE-S3"), properties, etag='"e"', checksums=(CRC,))
    s3.add_object(state, b"old")
    desired = replace(DESIRE, properties=Properties(content_type="text/css"))
    outcome = reconcile(resource(s3, desired), check_mode=False)
    assert (outcome.failure is None, outcome.changed) == (is_same, True)
    if outcome.failure:
        assert outcome.failure.kind is FailureKind.UNVERIFIED


LOCK = ObjectLock("GOVERNANCE", "2044-12-01T16:00:00+00:00", legal_hold=True)


@pytest.mark.parametrize(
    ("found", "kept"),
    [
        (LOCK, True),
        (replace(LOCK, retain_until="2044-12-01T17:00:00+01:00"), True),
        (replace(LOCK, retain_until="2045-12-01T16:00:00+00:00"), True),
        (replace(LOCK, retain_until="2044-11-01T16:00:00+00:00"), False),
        (replace(LOCK, mode="COMPLIANCE"), False),
        (replace(LOCK, legal_hold=False), False),
        (ObjectLock(legal_hold=True), False),
    ],
)
def test_a_lock_is_kept_if_all_of_it_is(found: ObjectLock, kept: bool) -> None:
    """A default retention of the bucket may only make it longer."""
    assert found.is_at_least(LOCK) is kept
    assert LOCK.is_at_least(ObjectLock())


THEIR_KEY = f"arn:aws:kms:eu-west-1:{OTHER_ACCOUNT}:key/theirs"
MANAGED_KEY_ROWS = [
    # encryption, expected owner, key of the bucket's default, named key, whether it warns
    pytest.param(SSE_KMS, None, THEIR_KEY, None, True, id="default of another account"),
    pytest.param(DSSE_KMS, None, THEIR_KEY, None, True, id="DSSE-KMS"),
    pytest.param(SSE_KMS, OTHER_ACCOUNT, None, None, True, id="owner"),
    pytest.param(SSE_KMS, OTHER_ACCOUNT, None, "alias/aws/s3", True, id="named alias"),
    pytest.param(SSE_KMS, ACCOUNT, THEIR_KEY, None, False, id="own bucket"),
    pytest.param(SSE_KMS, None, key_arn("one"), None, False, id="own default"),
    pytest.param(SSE_KMS, None, None, None, False, id="S3's default"),
    pytest.param(SSE_KMS, OTHER_ACCOUNT, None, "one", False, id="named key"),
    pytest.param(SSE_S3, OTHER_ACCOUNT, THEIR_KEY, None, False, id="SSE-S3"),
]


@pytest.mark.parametrize(("kind", "owner", "default_key", "key", "warns"), MANAGED_KEY_ROWS)
@pytest.mark.parametrize("check_mode", [True, False])
def test_the_managed_key_of_another_account_than_the_bucket_is_warned_about(
    kind: object, owner: str | None, default_key: str | None, key: str | None, warns: bool, check_mode: bool
) -> None:
    """The owner of the bucket can never read the object. The task is done as requested."""
    s3 = s3_with()
    s3.rules["bucket"] = BucketDefault("SSE-KMS" if default_key else "SSE-S3", default_key)
    encryption = DesiredEncryption(next(each for each in (SSE_KMS, DSSE_KMS, SSE_S3) if each is kind))
    desired = DesiredObject("bucket", "key", encryption=encryption)
    outcome = reconcile(resource(s3, desired, b"new", key, expected_bucket_owner=owner), check_mode=check_mode)
    assert (outcome.failure, outcome.changed) == (None, True)
    assert any("AWS managed key of the account" in warning for warning in outcome.warnings) is warns


def test_a_copy_to_the_managed_key_in_the_bucket_of_another_account_is_warned_about() -> None:
    """As an upload is, if the task names the owner."""
    s3 = s3_with(ObjectEncryption("SSE-S3"))
    desired = replace(DESIRE, encryption=DesiredEncryption(SSE_KMS))
    (warning,) = reconcile(resource(s3, desired, expected_bucket_owner=OTHER_ACCOUNT), check_mode=True).warnings
    assert f"belongs to the account {OTHER_ACCOUNT}" in warning


def test_a_copy_whose_tags_are_removed() -> None:
    """The tags of the source are not expected then. The tags that the task names are read."""
    s3 = s3_with(ObjectEncryption("SSE-S3"))
    s3.custom_endpoint = True
    state = replace(s3.objects["bucket", "key"], tags=(("a", "b"),), tag_count=1)
    s3.add_object(state, b"content")
    desired = replace(DESIRE, properties=Properties(content_type="text/css"), tags=())
    outcome = reconcile(resource(s3, desired), check_mode=False)
    assert (outcome.failure, outcome.actions) == (None, ("CopyObject", "PutObjectTagging"))
