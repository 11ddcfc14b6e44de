# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Resolution of key references: one request per reference and region, for any number of threads."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.engine.keys.key_resolver import KeyResolver
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import (
    Failure,
    FailureKind,
    OperationError,
    Reason,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_ref import KeyRef
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_state import KeyState
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_aws import REGION, FakeKms, key_arn

ONE = key_arn("one")
MRK = "mrk-1234abcd12ab34cd56ef1234567890ab"
USABLE = KeyState("one", ONE)
FORBIDDEN = Failure(FailureKind.FORBIDDEN, "not you", action="kms:DescribeKey", code="AccessDeniedException")
ABSENT = Failure(FailureKind.ABSENT, "The key does not exist.", action="kms:DescribeKey", code="NotFoundException")


def kms_with(**lookups: KeyState | Failure) -> FakeKms:
    """KMS that knows these references in the region of the task."""
    kms = FakeKms()
    kms.lookups = {(text.replace("__", "/"), REGION): found for text, found in lookups.items()}
    return kms


def test_an_alias_is_resolved_once_for_all_buckets_of_a_region() -> None:
    """One call for both the ARN and the state."""
    kms = kms_with(alias__app=USABLE)
    keys = KeyResolver(kms)
    for _bucket in range(5):
        assert keys.arn(KeyRef.parse("alias/app"), REGION) == ONE
        assert keys.require_usable(KeyRef.parse("alias/app"), REGION) == ()
    assert kms.described == [("alias/app", REGION)]


def test_an_alias_is_another_key_in_another_region() -> None:
    """One task serves a fleet in many regions."""
    kms = kms_with(alias__app=USABLE)
    other = key_arn("other", "us-east-1")
    kms.lookups["alias/app", "us-east-1"] = KeyState("other", other)
    keys = KeyResolver(kms)
    assert [keys.arn(KeyRef.parse("alias/app"), region) for region in (REGION, "us-east-1")] == [ONE, other]
    assert kms.described == [("alias/app", REGION), ("alias/app", "us-east-1")]


def test_a_key_arn_is_not_resolved() -> None:
    """A comparison needs no call; a write needs one."""
    kms = FakeKms()
    kms.lookups = {(ONE, REGION): USABLE}
    keys = KeyResolver(kms)
    assert keys.arn(KeyRef.parse(ONE), REGION) == ONE
    assert kms.described == []
    keys.require_usable(KeyRef.parse(ONE), REGION)
    assert kms.described == [(ONE, REGION)]


def test_a_multi_region_key_is_its_replica_in_the_region_of_the_bucket() -> None:
    """Resolved and described there by the ARN of the replica."""
    here, there = key_arn(MRK), key_arn(MRK, "us-east-1")
    kms = FakeKms()
    kms.lookups = {(there, "us-east-1"): KeyState(MRK, there)}
    keys = KeyResolver(kms)
    assert keys.arn(KeyRef.parse(here), "us-east-1") == there
    keys.require_usable(KeyRef.parse(here), "us-east-1")
    assert kms.described == [(there, "us-east-1")]


def test_an_arn_of_another_region_is_refused_without_a_call() -> None:
    """S3 would accept it, and fail at the first upload."""
    kms = FakeKms()
    for resolve in (KeyResolver(kms).arn, KeyResolver(kms).require_usable):
        with pytest.raises(OperationError) as error:
            resolve(KeyRef.parse(ONE), "us-east-1")
        assert error.value.failure.kind is FailureKind.KEY_UNUSABLE
    assert kms.described == []


@pytest.mark.parametrize(
    ("found", "kind", "message"),
    [
        pytest.param(ABSENT, FailureKind.KEY_UNUSABLE, "There is no KMS key alias/app in eu-west-1", id="absent"),
        pytest.param(FORBIDDEN, FailureKind.FORBIDDEN, "not you", id="an alias that may not be described"),
        pytest.param(
            Failure(FailureKind.THROTTLED, "slowly"), FailureKind.THROTTLED, "slowly", id="anything else that fails"
        ),
    ],
)
def test_a_failure_is_cached_for_the_run(found: Failure, kind: FailureKind, message: str) -> None:
    """Ten thousand buckets cause one request for a key that does not exist."""
    kms = kms_with(alias__app=found)
    keys = KeyResolver(kms)
    for resolve in (keys.arn, keys.require_usable, keys.arn):
        with pytest.raises(OperationError) as error:
            resolve(KeyRef.parse("alias/app"), REGION)
        assert error.value.failure.kind is kind
        assert message in error.value.failure.message
    assert kms.described == [("alias/app", REGION)]


def test_an_arn_of_a_key_that_cannot_be_described_is_used_with_a_warning() -> None:
    """Typical for a key of another account: S3 may use it, and the caller may not describe it."""
    kms = FakeKms()
    kms.lookups = {(ONE, REGION): FORBIDDEN}
    keys = KeyResolver(kms)
    (warning,) = keys.require_usable(KeyRef.parse(ONE), REGION)
    assert keys.require_usable(KeyRef.parse(ONE), REGION) == (warning,)
    assert kms.described == [(ONE, REGION)]
    assert ONE in warning
    assert "kms:DescribeKey" in warning


def test_a_key_that_s3_cannot_use_is_refused() -> None:
    """One request; each call raises the reason."""
    kms = kms_with(alias__app=KeyState("one", ONE, "Disabled"))
    keys = KeyResolver(kms)
    for _bucket in range(2):
        with pytest.raises(OperationError, match="is disabled"):
            keys.require_usable(KeyRef.parse("alias/app"), REGION)
    assert keys.arn(KeyRef.parse("alias/app"), REGION) == ONE
    assert len(kms.described) == 1


def test_a_key_that_this_process_cannot_use() -> None:
    """S3 uses the keys that AWS manages, and their policies allow no direct call."""
    kms = kms_with(alias__aws__s3=KeyState("one", ONE, manager="AWS"), alias__app=USABLE)
    keys = KeyResolver(kms)
    managed = KeyRef.parse("alias/aws/s3")
    assert keys.require_usable(managed, REGION) == ()
    with pytest.raises(OperationError, match="is managed by AWS") as error:
        keys.require_usable(managed, REGION, direct=True)
    assert "through_s3_only: false" in error.value.failure.advice
    assert keys.require_usable(KeyRef.parse("alias/app"), REGION, direct=True) == ()


class SlowKms(FakeKms):
    """KMS that responds when the test allows it."""

    def __init__(self) -> None:
        super().__init__()
        self.requested = threading.Event()
        self.go_on = threading.Event()

    def describe_key(self, key: str, region: str) -> KeyState:
        """Respond late."""
        self.requested.set()
        assert self.go_on.wait(30)
        return super().describe_key(key, region)


@pytest.mark.parametrize("found", [USABLE, ABSENT], ids=["existing", "absent"])
def test_concurrent_threads_share_one_request(found: KeyState | Failure) -> None:
    """All of them wait for the response to the first one."""
    kms = SlowKms()
    kms.lookups = {("alias/app", REGION): found}
    keys = KeyResolver(kms)

    def resolve(_number: int) -> str:
        try:
            return keys.arn(KeyRef.parse("alias/app"), REGION)
        except OperationError as error:
            return error.failure.kind.value

    with ThreadPoolExecutor(8) as pool:
        results = [pool.submit(resolve, number) for number in range(32)]
        assert kms.requested.wait(30)
        kms.go_on.set()
        assert {result.result() for result in results} == {ONE if found is USABLE else "key_unusable"}
    assert len(kms.described) == 1


def test_a_slow_key_does_not_delay_another() -> None:
    """Each reference and region waits only for its own request."""
    kms = SlowKms()
    other = key_arn("other", "us-east-1")
    kms.lookups = {("alias/app", REGION): USABLE}
    keys = KeyResolver(kms)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(keys.arn, KeyRef.parse("alias/app"), REGION)
        assert kms.requested.wait(30)
        assert keys.arn(KeyRef.parse(other), "us-east-1") == other
        assert not slow.done()
        kms.go_on.set()
        assert slow.result() == ONE


NO_KMS = Failure(FailureKind.UNSUPPORTED, "405", "Set kms_endpoint_url.", action="kms:DescribeKey")
BARE_403 = Failure(FailureKind.FORBIDDEN, "403", reason=Reason.UNEXPLAINED_DENIAL)


@pytest.mark.parametrize("failure", [NO_KMS, BARE_403], ids=lambda failure: failure.message)
@pytest.mark.parametrize("text", ["my-minio-key", "arn:aws:kms:my-minio-key", ONE])
def test_a_store_without_a_key_service_gets_the_key_as_it_is_written(text: str, failure: Failure) -> None:
    """With a warning. Where keys have a service of their own, the failure is one."""
    reference = KeyRef.parse(text, of_store=True)
    kms = FakeKms()
    kms.lookups, kms.at_store = {(text, REGION): failure}, True
    keys = KeyResolver(kms)
    assert keys.arn(reference, REGION) == text
    (warning,) = keys.require_usable(reference, REGION)
    assert f"The KMS key {text} could not be checked, as there is no KMS at this endpoint" in warning
    with pytest.raises(OperationError, match="needs a key service: set kms_endpoint_url"):
        keys.require_usable(reference, REGION, direct=True)
    kms.at_store = False
    with pytest.raises(OperationError):
        KeyResolver(kms).require_usable(KeyRef.parse("my-minio-key"), REGION)


def test_a_store_without_a_key_service_has_no_aliases() -> None:
    """The failure says how to name the key."""
    kms = FakeKms()
    kms.lookups, kms.at_store = {("alias/app", REGION): NO_KMS}, True
    with pytest.raises(OperationError) as error:
        KeyResolver(kms).arn(KeyRef.parse("alias/app"), REGION)
    assert error.value.failure.kind is FailureKind.UNSUPPORTED
    assert "kms_endpoint_url. Or name the key as the store does" in error.value.failure.advice


@pytest.mark.parametrize("failure", [FORBIDDEN, ABSENT], ids=lambda failure: failure.kind.value)
def test_a_store_with_a_key_service_decides(failure: Failure) -> None:
    """Its answer is one about the key."""
    kms = FakeKms()
    kms.lookups, kms.at_store = {("one", REGION): failure}, True
    with pytest.raises(OperationError):
        KeyResolver(kms).arn(KeyRef.parse("one"), REGION)


def test_the_name_of_a_key_in_a_store_is_refused_at_aws() -> None:
    """Without a call."""
    kms = FakeKms()
    with pytest.raises(OperationError) as error:
        KeyResolver(kms).arn(KeyRef.parse("arn:aws:kms:my-minio-key", of_store=True), REGION)
    assert (error.value.failure.kind, kms.described) == (FailureKind.INVALID, [])
