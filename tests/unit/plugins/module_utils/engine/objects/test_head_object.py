# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""HeadObject: every response, with every given key, and the cause of a refusal."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.head_object import FoundObject, find_object
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind, OperationError, Reason
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.encryption import ObjectEncryption
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_state import (
    ObjectId,
    ObjectState,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.secret import CustomerKey
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_aws import FakeS3, operation_error

KEY, PREVIOUS, THIRD = (CustomerKey(letter * 32) for letter in (b"k", b"p", b"t"))
TARGET = ObjectId("bucket", "key")
PLAIN = ObjectState("bucket", "key", 0, ObjectEncryption("SSE-S3"))


def under_key(key: CustomerKey) -> ObjectState:
    return ObjectState("bucket", "key", 0, ObjectEncryption("SSE-C", customer_key_md5=key.md5))


def s3_with(state: ObjectState | None) -> FakeS3:
    """S3 with this object."""
    s3 = FakeS3()
    s3.add_bucket("bucket")
    if state:
        s3.add_object(state, b"")
    return s3


class RecordsKeys(FakeS3):
    """S3 with an object. It records the customer key of each HeadObject."""

    def __init__(self, state: ObjectState) -> None:
        super().__init__()
        self.keys: list[CustomerKey | None] = []
        self.add_bucket("bucket")
        self.add_object(state, b"")

    def head_object(self, target: ObjectId, customer_key: CustomerKey | None) -> ObjectState:
        """HeadObject."""
        self.keys.append(customer_key)
        return super().head_object(target, customer_key)


FOUND = [
    pytest.param(PLAIN, None, None, None, 1, id="plain, no key"),
    pytest.param(PLAIN, KEY, None, None, 2, id="plain, an unnecessary key"),
    pytest.param(PLAIN, KEY, PREVIOUS, None, 2, id="plain, two unnecessary keys"),
    pytest.param(PLAIN, None, PREVIOUS, None, 1, id="plain, an unnecessary previous key"),
    pytest.param(PLAIN, KEY, KEY, None, 2, id="plain, the same key twice is tried once"),
    pytest.param(under_key(KEY), KEY, None, KEY, 1, id="under a key, its key"),
    pytest.param(under_key(KEY), KEY, PREVIOUS, KEY, 1, id="under a key, its key first"),
    pytest.param(under_key(PREVIOUS), KEY, PREVIOUS, PREVIOUS, 3, id="under a key, its key is the previous one"),
    pytest.param(under_key(PREVIOUS), None, PREVIOUS, PREVIOUS, 2, id="under a key, the previous key alone"),
]


@pytest.mark.parametrize(("state", "key", "previous", "decrypted_with", "reads"), FOUND)
def test_which_key_decrypts_an_object(
    state: ObjectState,
    key: CustomerKey | None,
    previous: CustomerKey | None,
    decrypted_with: CustomerKey | None,
    reads: int,
) -> None:
    """The desired key, then none, then the previous one, and no more calls than needed.

    The previous key may be one of client-side encryption, so S3 gets it only for an object that needs a key.
    """
    s3 = RecordsKeys(state)
    assert find_object(s3, TARGET, key, previous) == FoundObject(state, decrypted_with)
    order = [key, None, *([previous] if previous and previous != key else [])]
    assert s3.keys == (order if key else order[1:])[:reads]


class IgnoresKeys(FakeS3):
    """A store that ignores a key that the object does not need."""

    def head_object(self, target: ObjectId, customer_key: CustomerKey | None) -> ObjectState:
        return super().head_object(target, None)


def test_an_unnecessary_key_is_not_reported_as_the_key_of_the_object() -> None:
    """The store accepted it, but a copy that names it would be refused."""
    s3 = IgnoresKeys()
    s3.add_bucket("bucket")
    s3.add_object(PLAIN, b"")
    assert find_object(s3, TARGET, KEY) == FoundObject(PLAIN, None)


WRONG = [
    pytest.param(under_key(KEY), None, None, "and the task has none", [], id="none given"),
    pytest.param(under_key(KEY), THIRD, None, "another customer key", [THIRD], id="a wrong one"),
    pytest.param(under_key(KEY), THIRD, PREVIOUS, "another customer key", [THIRD, PREVIOUS], id="two wrong ones"),
    pytest.param(under_key(KEY), None, PREVIOUS, "another customer key", [PREVIOUS], id="a wrong previous one"),
]


@pytest.mark.parametrize(("state", "key", "previous", "expected", "named"), WRONG)
def test_a_missing_or_wrong_key_is_reported(
    state: ObjectState,
    key: CustomerKey | None,
    previous: CustomerKey | None,
    expected: str,
    named: list[CustomerKey],
) -> None:
    """The message has the MD5 of the given keys and the option to use, but never a key."""
    with pytest.raises(OperationError) as error:
        find_object(s3_with(state), TARGET, key, previous)
    failure = error.value.failure
    assert (failure.kind, failure.resource) == (FailureKind.WRONG_KEY, "bucket/key")
    assert expected in failure.message
    assert [key.md5 for key in (KEY, PREVIOUS, THIRD) if key.md5 in failure.message] == [
        key.md5 for key in (KEY, PREVIOUS, THIRD) if key in named
    ]
    assert "the key that the object was written with" in failure.advice
    assert "previous_customer_key" in failure.advice
    assert [key for key in (KEY, PREVIOUS, THIRD) if key.base64 in failure.sentence()] == []


REASONS = {
    "400": Reason.UNEXPLAINED_BAD_REQUEST,
    "403": Reason.UNEXPLAINED_DENIAL,
    "404": Reason.UNEXPLAINED_ABSENCE,
    "405": Reason.DELETE_MARKER,
}


@dataclass
class FixedResponses(FakeS3):
    """HEAD and GET with fixed responses, by the MD5 of the key."""

    head: dict[str, str] = field(default_factory=dict)
    probe: Failure | None = None

    def __post_init__(self) -> None:
        super().__init__()

    def head_object(self, target: ObjectId, customer_key: CustomerKey | None) -> ObjectState:
        """A bare status."""
        self.read("HeadObject")
        status = self.head[customer_key.md5 if customer_key else ""]
        raise operation_error(FailureKind.FAILED, "bare", status, reason=REASONS.get(status))

    def get_first_byte(self, target: ObjectId, customer_key: CustomerKey | None) -> None:
        """The cause, if there is one."""
        self.read("GetObject")
        if self.probe:
            raise OperationError(self.probe)


DENIED = Failure(FailureKind.FORBIDDEN, "kms:Decrypt is refused by the key policy.", code="AccessDenied")


def test_a_forbidden_head_names_the_permission_if_get_is_allowed() -> None:
    """HEAD reads checksums, which needs the KMS key, even if GET of the first byte is allowed."""
    with pytest.raises(OperationError) as error:
        find_object(FixedResponses({"": "403"}), TARGET, None)
    failure = error.value.failure
    assert (failure.kind, failure.action, failure.resource) == (FailureKind.FORBIDDEN, "s3:GetObject", "bucket/key")


@pytest.mark.parametrize(
    "heads", [{KEY.md5: "400", "": "403"}, {KEY.md5: "403", "": "403"}], ids=["not needed, then forbidden", "forbidden"]
)
def test_a_missing_permission_is_not_reported_as_a_wrong_key(heads: dict[str, str]) -> None:
    """Only a 400 without a key means that the object is under SSE-C."""
    with pytest.raises(OperationError) as error:
        find_object(FixedResponses(heads, DENIED), TARGET, KEY)
    assert error.value.failure == DENIED


def test_a_store_that_refuses_head_itself_gets_no_previous_key() -> None:
    """It answers 400 to HEAD, and GET works without a key. So the key may be one of client-side encryption."""
    s3 = FixedResponses({"": "400"})  # a HEAD with another key has no response here
    with pytest.raises(OperationError) as error:
        find_object(s3, TARGET, None, PREVIOUS)
    assert error.value.failure.kind is FailureKind.UNSUPPORTED
    assert s3.reads.count("HeadObject") == 1


@pytest.mark.parametrize("code", ["301", "503", "405", "SlowDown"])
def test_any_other_failure_is_raised_at_once(code: str) -> None:
    """Further calls would fail, too."""
    s3 = FixedResponses({KEY.md5: code})
    with pytest.raises(OperationError) as error:
        find_object(s3, TARGET, KEY, PREVIOUS)
    assert error.value.failure.code == code
    assert s3.reads == ["HeadObject"]


@pytest.mark.parametrize("reason", [Reason.OBJECT_NOT_FOUND, Reason.VERSION_NOT_FOUND, Reason.UNEXPLAINED_ABSENCE])
def test_every_reason_of_a_missing_object(reason: Reason) -> None:
    """Also if GET of the store reports no more than HEAD."""
    absent = Failure(FailureKind.ABSENT, "no", reason=reason)
    assert find_object(FixedResponses({"": "404"}, absent), TARGET, None) == FoundObject(None)
