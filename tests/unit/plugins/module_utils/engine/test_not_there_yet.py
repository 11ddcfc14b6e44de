# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Buckets and keys that an earlier task of the play may create: a check run plans on, and a real run fails as ever."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.engine.buckets.bucket_audit import audit_bucket
from ansible_collections.sealed.s3.plugins.module_utils.engine.buckets.bucket_default import BucketDefaultResource
from ansible_collections.sealed.s3.plugins.module_utils.engine.buckets.bucket_settings import BucketSettings
from ansible_collections.sealed.s3.plugins.module_utils.engine.clock import SYSTEM_CLOCK
from ansible_collections.sealed.s3.plugins.module_utils.engine.keys.key_resolver import KeyResolver
from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.download import DownloadResource
from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.encrypted_object import EncryptedObjectResource
from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.kms_keys import KmsKeys
from ansible_collections.sealed.s3.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.sealed.s3.plugins.module_utils.engine.transfer.content import Source
from ansible_collections.sealed.s3.plugins.module_utils.model.arn import Arn
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.bucket_default import (
    BucketDefault,
    DesiredBucketDefault,
    NewBucket,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.caller import Caller
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_ref import PLACEHOLDER_ID, KeyRef
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.encryption import (
    DesiredEncryption,
    ObjectEncryption,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.registry import SSE_C, SSE_KMS, SSE_S3
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.change_method import InPlaceSupport
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.desired_object import DesiredObject, Overwrite
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_state import ObjectId, ObjectState
from ansible_collections.sealed.s3.plugins.module_utils.model.outcome import Outcome
from ansible_collections.sealed.s3.plugins.module_utils.model.secret import CustomerKey
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.engine.objects.test_download import Attributes
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_aws import REGION, FakeKms, FakeS3, key_arn
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_client_side import client_side_ports

ACCOUNT = "111122223333"
PLACEHOLDER = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{PLACEHOLDER_ID}"
NEW_BUCKET = NewBucket(REGION)
KMS = DesiredEncryption(SSE_KMS)


class Identity:
    """STS."""

    calls = 0

    def get_caller_identity(self) -> Caller:
        """A role of the account."""
        self.calls += 1
        return Caller(ACCOUNT, Arn.parse(f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/run"))


def names(outcome: Outcome[Any, Any]) -> list[str]:
    """What does not exist yet."""
    return [each.name for each in outcome.not_there_yet]


def bucket_with(
    s3: FakeS3, desired: DesiredBucketDefault, key: str | None = None, new: NewBucket | None = NEW_BUCKET
) -> BucketDefaultResource:
    reference = KeyRef.parse(key) if key else None
    return BucketDefaultResource("bucket", desired, reference, s3, KeyResolver(FakeKms(), Identity()), new_bucket=new)


def object_with(
    s3: FakeS3, desired: DesiredObject, content: bytes | None = b"new", key: str | None = None
) -> EncryptedObjectResource:
    return EncryptedObjectResource(
        desired,
        KmsKeys(KeyRef.parse(key) if key else None),
        previous_key=None,
        source=None if content is None else Source(data=content),
        s3=s3,
        multipart=s3,
        buckets=BucketSettings(s3),
        keys=KeyResolver(FakeKms(), Identity()),
        client_side=client_side_ports(),
        clock=SYSTEM_CLOCK,
    )


def download_to(path: Path, s3: FakeS3, version: str | None = None, overwrite: str = "different") -> DownloadResource:
    target = ObjectId("bucket", "key", version)
    return DownloadResource(
        target,
        path,
        Overwrite(overwrite),
        DesiredEncryption(),
        None,
        s3,
        KeyResolver(FakeKms(), Identity()),
        client_side_ports(),
        Attributes(),
        SYSTEM_CLOCK,
    )


# desired, the key, the planned rule, and whether it changes that of a new bucket
NEW_BUCKETS = [
    pytest.param(DesiredBucketDefault(SSE_S3), None, BucketDefault("SSE-S3", blocked=("SSE-C",)), False, id="default"),
    pytest.param(
        DesiredBucketDefault(blocked=()), None, BucketDefault("SSE-S3", blocked=()), True, id="SSE-C is unblocked"
    ),
    pytest.param(
        DesiredBucketDefault(SSE_KMS),
        "alias/new",
        BucketDefault("SSE-KMS", PLACEHOLDER, PLACEHOLDER, True, ("SSE-C",)),
        True,
        id="a new key",
    ),
    pytest.param(
        DesiredBucketDefault(absent=True), None, BucketDefault("SSE-S3", blocked=("SSE-C",)), False, id="absent"
    ),
]


@pytest.mark.parametrize(("desired", "key", "planned", "changed"), NEW_BUCKETS)
def test_a_bucket_that_does_not_exist_is_planned_as_a_new_one(
    desired: DesiredBucketDefault, key: str | None, planned: BucketDefault, changed: bool
) -> None:
    """With AWS's defaults. Before, nothing exists."""
    bucket = bucket_with(FakeS3(), desired, key)
    outcome = reconcile(bucket, check_mode=True)
    assert (outcome.failure, outcome.before, outcome.planned, outcome.changed) == (None, None, planned, changed)
    assert names(outcome) == ["bucket", *([key] if key else [])]
    real = reconcile(bucket, check_mode=False)
    assert real.failure
    assert (real.failure.code, real.changed, names(real)) == ("NoSuchBucket", False, [])


def test_a_bucket_that_the_account_lists_is_a_failure_in_check_mode_too() -> None:
    """It existed when it was listed, so no task of the play has to create it."""
    outcome = reconcile(bucket_with(FakeS3(), DesiredBucketDefault(SSE_KMS), new=None), check_mode=True)
    assert outcome.failure
    assert outcome.failure.code == "NoSuchBucket"


def test_an_audit_reports_what_exists() -> None:
    """No bucket and no key is foreseen."""
    s3 = FakeS3()
    s3.add_bucket("bucket", BucketDefault("SSE-KMS"))
    for key in ("alias/new", PLACEHOLDER):
        outcome = audit_bucket(bucket_with(s3, DesiredBucketDefault(SSE_KMS), key))
        assert outcome.failure
        assert key in outcome.failure.message


@pytest.mark.parametrize("reference", ["alias/new", PLACEHOLDER, PLACEHOLDER_ID])
def test_an_existing_bucket_gets_a_key_that_does_not_exist_yet(reference: str) -> None:
    """The plan shows the placeholder as the key."""
    s3 = FakeS3()
    s3.add_bucket("bucket", BucketDefault("SSE-KMS", key_arn("old")))
    bucket = bucket_with(s3, DesiredBucketDefault(SSE_KMS), reference)
    outcome = reconcile(bucket, check_mode=True)
    assert (outcome.failure, outcome.changed, names(outcome)) == (None, True, [reference])
    assert outcome.planned == BucketDefault("SSE-KMS", PLACEHOLDER, PLACEHOLDER)
    real = reconcile(bucket, check_mode=False)
    assert real.failure
    assert (reference in real.failure.message, s3.writes) == (True, [])


@pytest.mark.parametrize("reference", [key_arn("gone"), "1234abcd-12ab-34cd-56ef-1234567890ab", "alias/aws/lambda"])
@pytest.mark.parametrize("check_mode", [True, False])
def test_no_task_creates_a_key_with_a_given_id(reference: str, check_mode: bool) -> None:
    """Nor an alias that AWS reserves for itself."""
    s3 = FakeS3()
    s3.add_bucket("bucket", BucketDefault("SSE-S3"))
    failure = reconcile(bucket_with(s3, DesiredBucketDefault(SSE_KMS), reference), check_mode=check_mode).failure
    assert failure
    assert failure.kind is FailureKind.KEY_UNUSABLE


def test_an_object_in_a_bucket_that_does_not_exist_is_planned_as_a_new_one() -> None:
    """The region is that of the task."""
    thing = object_with(FakeS3(), DesiredObject("bucket", "key", encryption=KMS), key="alias/new")
    outcome = reconcile(thing, check_mode=True)
    assert (outcome.failure, outcome.before, outcome.actions) == (None, None, ("PutObject",))
    assert names(outcome) == ["bucket", "alias/new"]
    assert outcome.planned
    assert outcome.planned.encryption == ObjectEncryption("SSE-KMS", PLACEHOLDER)
    real = reconcile(thing, check_mode=False)
    assert real.failure
    assert (real.failure.code, real.changed) == ("NoSuchBucket", False)


def test_an_object_is_changed_in_place_to_a_key_that_does_not_exist_yet() -> None:
    """As in the real run, where the alias stands for an ARN."""
    s3 = FakeS3()
    s3.in_place = InPlaceSupport.SUPPORTED
    s3.add_bucket("bucket", BucketDefault("SSE-S3"))
    s3.add_object(ObjectState("bucket", "key", 0, ObjectEncryption("SSE-S3"), etag='"e"', tags=()), b"new")
    outcome = reconcile(
        object_with(s3, DesiredObject("bucket", "key", encryption=KMS), key="alias/new"), check_mode=True
    )
    assert (outcome.failure, outcome.actions) == (None, ("UpdateObjectEncryption",))
    assert names(outcome) == ["alias/new"]


def test_a_new_bucket_may_block_customer_keys() -> None:
    """A check run cannot know what an earlier task unblocks."""
    encryption = DesiredEncryption(SSE_C, customer_key=CustomerKey(b"k" * 32))
    outcome = reconcile(object_with(FakeS3(), DesiredObject("bucket", "key", encryption=encryption)), check_mode=True)
    assert outcome.failure is None
    assert any("may block uploads under SSE-C" in warning for warning in outcome.warnings)


def test_an_object_of_a_bucket_that_does_not_exist_is_absent() -> None:
    """Nothing is to be done."""
    thing = object_with(FakeS3(), DesiredObject("bucket", "key", absent=True), None)
    outcome = reconcile(thing, check_mode=True)
    assert (outcome.failure, outcome.changed, names(outcome)) == (None, False, ["bucket"])
    assert reconcile(thing, check_mode=False).failure


REFUSED = [
    pytest.param(
        DesiredObject("bucket", "key", absent=True, version_id="v1"), None, "There is no bucket", id="version"
    ),
    pytest.param(DesiredObject("bucket", "key"), None, "There is no object", id="no content"),
]


@pytest.mark.parametrize(("desired", "content", "message"), REFUSED)
def test_what_no_other_task_creates_is_a_failure_in_check_mode(
    desired: DesiredObject, content: bytes | None, message: str
) -> None:
    """A version with that id, or an object in a new bucket. The real run fails because of the bucket."""
    thing = object_with(FakeS3(), desired, content)
    for check_mode, expected in ((True, message), (False, "There is no bucket")):
        failure = reconcile(thing, check_mode=check_mode).failure
        assert failure
        assert expected in failure.message


def test_a_bucket_that_refuses_access_is_a_failure() -> None:
    """It exists."""
    s3 = FakeS3()
    s3.failures["HeadObject"] = Failure(FailureKind.FORBIDDEN, "no", code="AccessDenied")
    failure = reconcile(object_with(s3, DesiredObject("bucket", "key")), check_mode=True).failure
    assert failure
    assert failure.kind is FailureKind.FORBIDDEN


@pytest.mark.parametrize(
    ("content", "overwrite", "changed"),
    [(None, "different", True), (b"old", "different", True), (b"old", "never", False), (None, "never", True)],
)
def test_a_download_from_a_bucket_that_does_not_exist_yet(
    tmp_path: Path, content: bytes | None, overwrite: str, changed: bool
) -> None:
    """The content is not known, so a file that may be replaced is reported as changed."""
    path = tmp_path / "file"
    if content is not None:
        path.write_bytes(content)
    outcome = reconcile(download_to(path, FakeS3(), overwrite=overwrite), check_mode=True)
    assert (outcome.failure, outcome.changed, names(outcome)) == (None, changed, ["bucket"])
    assert (outcome.context and outcome.context.object.key) == "key"
    real = reconcile(download_to(path, FakeS3(), overwrite=overwrite), check_mode=False)
    assert real.failure
    assert real.failure.code == "NoSuchBucket"
    assert reconcile(download_to(path, FakeS3(), "v1"), check_mode=True).failure


def test_the_account_is_requested_for_a_placeholder_only() -> None:
    """An alias ARN names its account. A store without STS gets the alias itself as placeholder."""
    identity = Identity()
    keys = KeyResolver(FakeKms(), identity)
    arn = f"arn:aws:kms:{REGION}:444455556666:alias/new"
    assert keys.resolve(KeyRef.parse(arn), REGION).arn == PLACEHOLDER.replace(ACCOUNT, "444455556666")
    assert identity.calls == 0
    assert keys.resolve(KeyRef.parse(f"mrk-{PLACEHOLDER_ID}"), "us-east-1").arn == (
        f"arn:aws:kms:us-east-1:{ACCOUNT}:key/mrk-{PLACEHOLDER_ID}"
    )
    assert identity.calls == 1
    assert KeyResolver(FakeKms()).resolve(KeyRef.parse("alias/new"), REGION).arn == "alias/new"


def test_the_placeholder_of_a_multi_region_key_serves_every_region() -> None:
    """As its ARN will. That of another key is refused outside its region, in check mode as in the real run."""
    keys = KeyResolver(FakeKms())
    multi_region = PLACEHOLDER.replace(PLACEHOLDER_ID, f"mrk-{PLACEHOLDER_ID}")
    resolved = keys.resolve(KeyRef.parse(multi_region), "us-east-1")
    assert resolved.arn == multi_region.replace(REGION, "us-east-1")
    with pytest.raises(Exception, match="need a key of the bucket's own region"):
        keys.resolve(KeyRef.parse(PLACEHOLDER), "us-east-1")


def test_a_failure_beside_the_missing_bucket_is_reported_by_the_check_run() -> None:
    """The real run ends at the bucket."""
    thing = object_with(FakeS3(), DesiredObject("bucket", "key", encryption=KMS), key=key_arn("one", "us-east-1"))
    check, real = (reconcile(thing, check_mode=check_mode).failure for check_mode in (True, False))
    assert check
    assert real
    assert (check.kind, real.code) == (FailureKind.KEY_UNUSABLE, "NoSuchBucket")
