# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""One object, between the plan and S3: what it costs, what is read, and what is verified."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.aws.ports import ObjectId
from ansible_collections.sealed.s3.plugins.module_utils.engine.content import Source
from ansible_collections.sealed.s3.plugins.module_utils.engine.encrypted_object import EncryptedObjectResource
from ansible_collections.sealed.s3.plugins.module_utils.engine.keys import KeyResolver
from ansible_collections.sealed.s3.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.sealed.s3.plugins.module_utils.model.bucket_default import BucketDefault
from ansible_collections.sealed.s3.plugins.module_utils.model.encrypted_object import (
    DesiredObject,
    ObjectState,
    Overwrite,
    Properties,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.encryption import DesiredEncryption, ObjectEncryption
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind
from ansible_collections.sealed.s3.plugins.module_utils.model.key_ref import KeyRef
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.registry import DSSE_KMS, SSE_C, SSE_KMS, SSE_S3
from ansible_collections.sealed.s3.plugins.module_utils.model.kms_key import KeyState
from ansible_collections.sealed.s3.plugins.module_utils.model.routes import ChangeMethod, InPlace
from ansible_collections.sealed.s3.plugins.module_utils.model.secret import CustomerKey
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.backend import Store, Vault, key_arn

KEY, OTHER_KEY = CustomerKey(b"k" * 32), CustomerKey(b"o" * 32)
SEALED = ObjectEncryption("SSE-C", customer_key_md5=KEY.md5)
DESIRE = DesiredObject("bucket", "key")
TAGS = (("team", "a"),)


def store_with(encryption: ObjectEncryption | None = None, content: bytes = b"content", **more: object) -> Store:
    """A store with a bucket, and an object in it where an encryption is named."""
    store = Store()
    store.add_bucket("bucket", BucketDefault("SSE-S3"))
    if encryption:
        state = ObjectState(
            "bucket", "key", 0, encryption, Properties("text/plain", metadata=(), storage_class="STANDARD")
        )
        store.add_object(replace(state, **{"etag": '"e"', "tags": (), **more}), content)  # type: ignore[arg-type]
    return store


def resource(
    store: Store, desired: DesiredObject, content: bytes | None = None, key: str | None = None, **more: object
) -> EncryptedObjectResource:
    vault = Vault()
    vault.add_key(KeyState("one", key_arn("one"), aliases=("alias/one",)))
    options: dict[str, object] = {"previous_key": None, **more}
    return EncryptedObjectResource(
        desired,
        KeyRef.parse(key) if key else None,
        source=None if content is None else Source(data=content),
        s3=store,
        keys=KeyResolver(vault),
        **options,  # type: ignore[arg-type]
    )


def test_an_unchanged_object_costs_one_look() -> None:
    """Its checksum tells that the content is the same."""
    store = store_with()
    desired = replace(DESIRE, encryption=DesiredEncryption(SSE_S3))
    assert reconcile(resource(store, desired, b"content"), check_mode=False).actions == ("PutObject",)
    store.reads.clear()
    assert reconcile(resource(store, desired, b"content"), check_mode=False).changed is False
    assert store.reads == ["HeadObject"]


@pytest.mark.parametrize(
    ("overwrite", "content"),
    [(Overwrite.DIFFERENT, b"new"), (Overwrite.ALWAYS, b"content"), (Overwrite.ALWAYS, b"new")],
    ids=["different content", "always, the same content", "always, different content"],
)
def test_an_upload_keeps_the_tags_that_are_not_named(overwrite: Overwrite, content: bytes) -> None:
    """PutObject would drop them."""
    store = store_with(ObjectEncryption("SSE-S3"), tags=TAGS, tag_count=1)
    outcome = reconcile(resource(store, replace(DESIRE, overwrite=overwrite), content), check_mode=False)
    assert (outcome.failure, outcome.actions) == (None, ("PutObject",))
    assert store.objects["bucket", "key"].tags == TAGS


KEPT = [
    pytest.param(replace(DESIRE, properties=Properties(cache_control="no-cache")), ("CopyObject",), id="a property"),
    pytest.param(replace(DESIRE, tags=TAGS), ("PutObjectTagging",), id="tags"),
]


@pytest.mark.parametrize(("desired", "actions"), KEPT)
def test_an_object_under_a_customer_key_stays_under_it(desired: DesiredObject, actions: tuple[str, ...]) -> None:
    """The key of before opens it, writes it again, and looks back at it; `encryption` is not named, so it is kept."""
    store = store_with(SEALED)
    outcome = reconcile(resource(store, desired, previous_key=KEY), check_mode=False)
    assert (outcome.failure, outcome.actions) == (None, actions)
    assert store.objects["bucket", "key"].encryption == SEALED


def test_an_object_moves_from_one_customer_key_to_another() -> None:
    """And the next run finds it there, with either key at hand."""
    store = store_with(SEALED)
    desired = replace(DESIRE, encryption=DesiredEncryption(SSE_C, customer_key=OTHER_KEY))
    outcome = reconcile(resource(store, desired, previous_key=KEY), check_mode=False)
    assert (outcome.failure, outcome.actions) == (None, ("CopyObject",))
    assert store.objects["bucket", "key"].encryption.customer_key_md5 == OTHER_KEY.md5
    assert not reconcile(resource(store, desired, previous_key=KEY), check_mode=False).changed
    assert not reconcile(resource(store, desired), check_mode=False).changed


BLOCKED = [
    pytest.param(
        replace(DESIRE, encryption=DesiredEncryption(SSE_C, customer_key=KEY)), None, b"new", id="a new object"
    ),
    pytest.param(
        replace(DESIRE, properties=Properties(cache_control="no-cache")), SEALED, None, id="one that is kept under it"
    ),
]


@pytest.mark.parametrize(("desired", "encryption", "content"), BLOCKED)
@pytest.mark.parametrize("check_mode", [True, False])
def test_a_bucket_that_blocks_customer_keys_is_told_before_the_write(
    desired: DesiredObject, encryption: ObjectEncryption | None, content: bytes | None, check_mode: bool
) -> None:
    """S3 says AccessDenied, and not why."""
    store = store_with(encryption)
    store.rules["bucket"] = BucketDefault("SSE-S3", blocked=("SSE-C",))
    outcome = reconcile(resource(store, desired, content, previous_key=KEY), check_mode=check_mode)
    assert outcome.failure is not None
    assert (outcome.failure.kind, outcome.changed, store.writes) == (FailureKind.BLOCKED, False, [])


def test_whoever_may_not_ask_what_is_blocked_learns_it_from_the_write() -> None:
    """The permission to ask is no reason to refuse."""
    store = store_with()
    store.failures["GetBucketEncryption"] = Failure(FailureKind.FORBIDDEN, "no")
    desired = replace(DESIRE, encryption=DesiredEncryption(SSE_C, customer_key=KEY))
    assert reconcile(resource(store, desired, b"new"), check_mode=False).failure is None


def test_a_new_customer_key_is_in_its_file_before_anything_is_encrypted_with_it(tmp_path: Path) -> None:
    """A killed run may leave a key without an object, but never an object without its key."""
    store, path = store_with(), tmp_path / "key"
    store.failures["PutObject"] = Failure(FailureKind.UNREACHABLE, "cut off")
    desired = replace(DESIRE, encryption=DesiredEncryption(SSE_C, customer_key=KEY))
    outcome = reconcile(resource(store, desired, b"new", new_key_file=path), check_mode=False)
    assert outcome.failure is not None
    assert (outcome.actions, outcome.changed) == (("WriteCustomerKeyFile",), True)
    assert CustomerKey.from_file(path.read_bytes()) == KEY
    assert oct(path.stat().st_mode)[-3:] == "600"


def test_a_check_run_writes_no_key_file(tmp_path: Path) -> None:
    """It tells that it would."""
    desired = replace(DESIRE, encryption=DesiredEncryption(SSE_C, customer_key=KEY))
    outcome = reconcile(resource(store_with(), desired, b"new", new_key_file=tmp_path / "key"), check_mode=True)
    assert outcome.actions == ("WriteCustomerKeyFile", "PutObject")
    assert list(tmp_path.iterdir()) == []


class Careless(Store):
    """A store that takes every encryption, and applies its own."""

    def _encrypted(self, bucket: str, encryption: DesiredEncryption) -> ObjectEncryption:
        return ObjectEncryption("SSE-S3")


@pytest.mark.parametrize("kind", [SSE_KMS, DSSE_KMS], ids=lambda kind: kind.name)
def test_a_store_that_does_not_apply_the_encryption_is_found_out(kind: object) -> None:
    """What was written is looked at again: a claim of encryption that is not there is worse than a failure."""
    store = Careless()
    store.add_bucket("bucket")
    desired = replace(DESIRE, encryption=DesiredEncryption(kind))  # type: ignore[arg-type]
    outcome = reconcile(resource(store, desired, b"new"), check_mode=False)
    assert outcome.failure is not None
    assert (outcome.failure.kind, outcome.changed) == (FailureKind.UNVERIFIED, True)
    assert "is reported as SSE-S3" in outcome.failure.message


class Quiet(Store):
    """A store that does not tell how many tags an object has."""

    def head_object(self, target: ObjectId, customer_key: CustomerKey | None) -> ObjectState:
        return replace(super().head_object(target, customer_key), tag_count=0)


def test_tags_are_found_where_nobody_tells_of_them() -> None:
    """They are written once."""
    store = Quiet()
    store.add_bucket("bucket", BucketDefault("SSE-S3"))
    desired = replace(DESIRE, tags=TAGS)
    assert reconcile(resource(store, desired, b"content"), check_mode=False).actions == ("PutObject",)
    assert reconcile(resource(store, desired, b"content"), check_mode=False).changed is False


class Forgetful(Store):
    """A store that takes a bucket key and does not tell of it."""

    def _encrypted(self, bucket: str, encryption: DesiredEncryption) -> ObjectEncryption:
        return ObjectEncryption("SSE-KMS", key_arn("one"), False)


def test_what_differs_is_in_the_sentence() -> None:
    """Two encryptions of the same type are told apart."""
    store = Forgetful()
    store.add_bucket("bucket")
    desired = replace(DESIRE, encryption=DesiredEncryption(SSE_KMS, bucket_key_enabled=True))
    outcome = reconcile(resource(store, desired, b"new", key="alias/one"), check_mode=False)
    assert outcome.failure is not None
    with_key = f"SSE-KMS with the key {key_arn('one')}"
    assert f"written as {with_key} with a bucket key, but is reported as {with_key}." in outcome.failure.message


@pytest.mark.parametrize("opener", [None, KEY, OTHER_KEY], ids=["no key", "its key", "a wrong key"])
def test_a_removal_needs_no_key(opener: CustomerKey | None) -> None:
    """That there is an object is enough."""
    store = store_with(SEALED)
    outcome = reconcile(resource(store, replace(DESIRE, absent=True), previous_key=opener), check_mode=False)
    assert (outcome.failure, outcome.actions, store.objects) == (None, ("DeleteObject",), {})


def test_an_object_that_somebody_else_changes_is_not_overwritten() -> None:
    """Between the look and the write: the write is refused, and nothing was changed."""
    store = store_with(ObjectEncryption("SSE-S3"))
    upload = resource(store, replace(DESIRE, encryption=DesiredEncryption(SSE_S3)), b"new")
    (step,) = upload.plan().steps
    store.objects["bucket", "key"] = replace(store.objects["bucket", "key"], etag='"another"')
    with pytest.raises(Exception, match="changed meanwhile"):
        upload.apply(step)
    assert store.bytes["bucket", "key"] == b"content"


IN_PLACE = replace(DESIRE, encryption=DesiredEncryption(SSE_KMS), change_method=ChangeMethod.UPDATE)


@pytest.mark.parametrize("bucket_key", [False, True])
def test_in_place_the_bucket_key_is_that_of_the_bucket(bucket_key: bool) -> None:
    """As with any other write that does not name it; all else of the object stays."""
    store = store_with(ObjectEncryption("SSE-S3"))
    store.rules["bucket"] = BucketDefault("SSE-KMS", bucket_key_enabled=bucket_key)
    before = store.objects["bucket", "key"]
    outcome = reconcile(resource(store, IN_PLACE, key="alias/one"), check_mode=False)
    assert (outcome.failure, outcome.actions) == (None, ("UpdateObjectEncryption",))
    assert store.objects["bucket", "key"] == replace(
        before, encryption=ObjectEncryption("SSE-KMS", key_arn("one"), bucket_key)
    )


def test_a_store_that_overwrites_instead_is_told() -> None:
    """The request was taken for an upload: loudly, and as a change."""
    store = store_with(ObjectEncryption("SSE-S3"))
    store.knows_update = False
    outcome = reconcile(resource(store, IN_PLACE, key="alias/one"), check_mode=False)
    assert outcome.failure is not None
    assert (outcome.failure.kind, outcome.changed) == (FailureKind.UNVERIFIED, True)
    assert "etag and size and last_modified changed" in outcome.failure.message


def test_an_sdk_that_does_not_know_the_request() -> None:
    """Asked for, it is a failure; otherwise there is the copy."""
    store = store_with(ObjectEncryption("SSE-S3"))
    store.in_place = InPlace.UNKNOWN
    outcome = reconcile(resource(store, IN_PLACE, key="alias/one"), check_mode=False)
    assert outcome.failure is not None
    assert (outcome.failure.kind, store.writes) == (FailureKind.UNSUPPORTED, [])
    auto = replace(IN_PLACE, change_method=ChangeMethod.AUTO)
    assert reconcile(resource(store, auto, key="alias/one"), check_mode=False).actions == ("CopyObject",)


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_copy_that_would_lose_grants_is_refused(check_mode: bool) -> None:
    """They are named."""
    store = store_with(ObjectEncryption("SSE-S3"))
    store.grants = ("READ to http://acs.amazonaws.com/groups/global/AllUsers",)
    desired = replace(DESIRE, encryption=DesiredEncryption(SSE_KMS))
    outcome = reconcile(resource(store, desired), check_mode=check_mode)
    assert outcome.failure is not None
    assert "grants READ to http://acs" in outcome.failure.message
    assert store.writes == []
