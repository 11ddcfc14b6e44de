# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""HeadObject: every response, with every given key, and the cause of a refusal."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.head_object import FoundObject, find_object
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind, OperationError, Reason
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.encryption import ObjectEncryption
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_id import ObjectId
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_state import ObjectState, Properties
from ansible_collections.sealed.s3.plugins.module_utils.model.secret import CustomerKey
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.backend import Store, operation_error

KEY, PREVIOUS, THIRD = (CustomerKey(letter * 32) for letter in (b"k", b"p", b"t"))
TARGET = ObjectId("bucket", "key")
PLAIN = ObjectState("bucket", "key", 0, ObjectEncryption("SSE-S3"))


def sealed(key: CustomerKey) -> ObjectState:
    return ObjectState("bucket", "key", 0, ObjectEncryption("SSE-C", customer_key_md5=key.md5))


def holding(state: ObjectState | None) -> Store:
    """A store with this object, which answers HEAD as S3 does."""
    store = Store()
    store.add_bucket("bucket")
    if state:
        store.add_object(state, b"")
    return store


FOUND = [
    pytest.param(PLAIN, None, None, None, 1, id="plain, no key"),
    pytest.param(PLAIN, KEY, None, None, 2, id="plain, a key that is not needed"),
    pytest.param(PLAIN, KEY, PREVIOUS, None, 3, id="plain, two keys that are not needed"),
    pytest.param(PLAIN, None, PREVIOUS, None, 1, id="plain, a previous key that is not needed"),
    pytest.param(PLAIN, KEY, KEY, None, 2, id="plain, the same key twice is tried once"),
    pytest.param(sealed(KEY), KEY, None, KEY, 1, id="sealed, its key"),
    pytest.param(sealed(KEY), KEY, PREVIOUS, KEY, 1, id="sealed, its key first"),
    pytest.param(sealed(PREVIOUS), KEY, PREVIOUS, PREVIOUS, 2, id="sealed, its key is the previous one"),
    pytest.param(sealed(PREVIOUS), None, PREVIOUS, PREVIOUS, 2, id="sealed, the previous key alone"),
]


@pytest.mark.parametrize(("state", "key", "previous", "opener", "reads"), FOUND)
def test_what_opens_an_object(
    state: ObjectState, key: CustomerKey | None, previous: CustomerKey | None, opener: CustomerKey | None, reads: int
) -> None:
    """The desired key, then the previous one, then none, and no more calls than needed."""
    store = holding(state)
    assert find_object(store, TARGET, key, previous) == FoundObject(state, opener)
    assert store.reads == ["HeadObject"] * reads


class Indifferent(Store):
    """A store that ignores a key that the object does not need."""

    def head_object(self, target: ObjectId, customer_key: CustomerKey | None) -> ObjectState:
        return super().head_object(target, None)


def test_a_key_that_was_not_wanted_has_opened_nothing() -> None:
    """Though the store answered as if it had: a copy that named it would be refused."""
    store = Indifferent()
    store.add_bucket("bucket")
    store.add_object(PLAIN, b"")
    assert find_object(store, TARGET, KEY) == FoundObject(PLAIN, None)


@pytest.mark.parametrize("key", [None, KEY], ids=["no key", "a key"])
def test_no_object_is_a_finding(key: CustomerKey | None) -> None:
    """HEAD says 404 for the object and for the bucket alike, so the body of GET decides."""
    store = holding(None)
    assert find_object(store, TARGET, key) == FoundObject(None)
    assert store.reads == ["HeadObject", "GetObject"]


def test_no_bucket_is_a_failure() -> None:
    """It is not the object that is missing."""
    with pytest.raises(OperationError, match="There is no bucket bucket"):
        find_object(Store(), TARGET, None)


WRONG = [
    pytest.param(sealed(KEY), None, None, "and the task has none", [], id="none given"),
    pytest.param(sealed(KEY), THIRD, None, "another customer key", [THIRD], id="a wrong one"),
    pytest.param(sealed(KEY), THIRD, PREVIOUS, "another customer key", [THIRD, PREVIOUS], id="two wrong ones"),
    pytest.param(sealed(KEY), None, PREVIOUS, "another customer key", [PREVIOUS], id="a wrong previous one"),
]


@pytest.mark.parametrize(("state", "key", "previous", "expected", "named"), WRONG)
def test_a_missing_or_wrong_key_is_told_as_such(
    state: ObjectState,
    key: CustomerKey | None,
    previous: CustomerKey | None,
    expected: str,
    named: list[CustomerKey],
) -> None:
    """With the MD5 of what was given, and what to give; never with a key."""
    with pytest.raises(OperationError) as error:
        find_object(holding(state), TARGET, key, previous)
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
class Answers(Store):
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
        """The cause, or none."""
        self.read("GetObject")
        if self.probe:
            raise OperationError(self.probe)


DENIED = Failure(FailureKind.FORBIDDEN, "kms:Decrypt is refused by the key policy.", code="AccessDenied")


@pytest.mark.parametrize("key", [None, KEY], ids=["no key", "a key"])
def test_a_forbidden_look_tells_what_get_says(key: CustomerKey | None) -> None:
    """403 to everything: HEAD cannot say why, and GET can."""
    store = Answers({"": "403", KEY.md5: "403"}, DENIED)
    with pytest.raises(OperationError) as error:
        find_object(store, TARGET, key)
    assert error.value.failure == DENIED


def test_a_forbidden_look_that_get_allows_names_what_head_needs() -> None:
    """HEAD reads checksums, which needs the KMS key, even if GET of the first byte is allowed."""
    with pytest.raises(OperationError) as error:
        find_object(Answers({"": "403"}), TARGET, None)
    failure = error.value.failure
    assert (failure.kind, failure.action, failure.resource) == (FailureKind.FORBIDDEN, "s3:GetObject", "bucket/key")


@pytest.mark.parametrize(
    "heads", [{KEY.md5: "400", "": "403"}, {KEY.md5: "403", "": "403"}], ids=["not needed, then forbidden", "forbidden"]
)
def test_a_missing_permission_is_not_told_as_a_wrong_key(heads: dict[str, str]) -> None:
    """Only a 400 without a key says that the object is under SSE-C."""
    with pytest.raises(OperationError) as error:
        find_object(Answers(heads, DENIED), TARGET, KEY)
    assert error.value.failure == DENIED


@pytest.mark.parametrize("code", ["301", "503", "405", "SlowDown"])
def test_any_other_answer_comes_through_at_once(code: str) -> None:
    """There are no further calls, as they would fail as well."""
    store = Answers({KEY.md5: code})
    with pytest.raises(OperationError) as error:
        find_object(store, TARGET, KEY, PREVIOUS)
    assert error.value.failure.code == code
    assert store.reads == ["HeadObject"]


@pytest.mark.parametrize("reason", [Reason.OBJECT_NOT_FOUND, Reason.VERSION_NOT_FOUND, Reason.UNEXPLAINED_ABSENCE])
def test_an_object_that_is_not_there_by_any_name(reason: Reason) -> None:
    """Also where the store says no more than HEAD."""
    absent = Failure(FailureKind.ABSENT, "no", reason=reason)
    assert find_object(Answers({"": "404"}, absent), TARGET, None) == FoundObject(None)


def test_an_object_that_may_not_be_looked_for_is_a_failure() -> None:
    """404 to HEAD and 403 to GET is no proof that there is none."""
    with pytest.raises(OperationError) as error:
        find_object(Answers({"": "404"}, DENIED), TARGET, None)
    assert error.value.failure == DENIED


def test_an_envelope_is_seen() -> None:
    """By the object's metadata, as S3 knows nothing of client-side encryption."""
    state = ObjectState("bucket", "key", 0, ObjectEncryption("SSE-S3"), Properties(metadata=(("x-amz-3", "wrapped"),)))
    found = find_object(holding(state), TARGET, None).object
    assert found is not None
    assert found.envelope == "S3 Encryption Client V3"
