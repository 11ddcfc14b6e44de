# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""One KMS key, between the plan and KMS: how it is found, and what is read of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import TypeVar

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.engine.keys.key_writing import KeyContext
from ansible_collections.sealed.s3.plugins.module_utils.engine.keys.kms_key import CallerIdentity, KmsKeyResource
from ansible_collections.sealed.s3.plugins.module_utils.engine.keys.unfinished_key import MOST_WITHOUT_ALIAS
from ansible_collections.sealed.s3.plugins.module_utils.engine.keys.waiters import (
    LOST_RESPONSE_DELAYS,
    PROPAGATION_DELAYS,
    UNKNOWN_PRINCIPAL_DELAYS,
    Waiter,
)
from ansible_collections.sealed.s3.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind, OperationError, Reason
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.desired_key import DesiredKey, DesiredPolicy
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_rotation import Generation, Rotation
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_state import UNFINISHED_TAG, KeyState
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_steps import PutKeyPolicy
from ansible_collections.sealed.s3.plugins.module_utils.model.outcome import Outcome
from ansible_collections.sealed.s3.plugins.module_utils.model.tags import Tags
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_aws import (
    DEFAULT_POLICY,
    ROOT,
    FakeKms,
    key_arn,
)
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_clock import FakeClock

KEY = KeyState(
    "one", key_arn("one"), aliases=("alias/one",), policy=DEFAULT_POLICY, rotation=Rotation(False), tags=(("a", "1"),)
)
UNFINISHED = replace(KEY, aliases=(), tags=((UNFINISHED_TAG, "alias/one"),))
AnswerT = TypeVar("AnswerT")
DENIED = Failure(FailureKind.FORBIDDEN, "no", code="AccessDeniedException")


def key_resource(desired: DesiredKey, kms: FakeKms, clock: FakeClock | None = None) -> KmsKeyResource:
    """The resource, with a clock that does not wait."""
    return KmsKeyResource(desired, kms, CallerIdentity(kms), Waiter(clock or FakeClock()))


def kms_with(*keys: KeyState) -> FakeKms:
    kms = FakeKms()
    for key in keys:
        kms.add_key(key)
    return kms


READS = [
    pytest.param(
        DesiredKey("alias/one"), ["DescribeKey", "ListAliases", "ListResourceTags"], id="nothing but the alias"
    ),
    pytest.param(
        DesiredKey("alias/one", policy=DesiredPolicy(users=())),
        ["DescribeKey", "ListAliases", "GetKeyPolicy", "ListResourceTags"],
        id="users",
    ),
    pytest.param(
        DesiredKey("alias/one", rotation_enabled=False),
        ["DescribeKey", "ListAliases", "GetKeyRotationStatus", "ListResourceTags"],
        id="rotation",
    ),
    pytest.param(
        DesiredKey("alias/one", tags=(("a", "1"),)), ["DescribeKey", "ListAliases", "ListResourceTags"], id="tags"
    ),
    pytest.param(
        DesiredKey("alias/one", None, "", True, DesiredPolicy(()), False, None, (("a", "1"),)),
        ["DescribeKey", "ListAliases", "GetKeyPolicy", "GetKeyRotationStatus", "ListResourceTags"],
        id="everything: five",
    ),
    pytest.param(DesiredKey(key_id="one"), ["DescribeKey", "ListAliases", "ListResourceTags"], id="by its id"),
    pytest.param(
        DesiredKey(key_id=key_arn("one")), ["DescribeKey", "ListAliases", "ListResourceTags"], id="by its ARN"
    ),
]


@pytest.mark.parametrize(("desired", "reads"), READS)
def test_only_compared_parts_of_an_unchanged_key_are_read(desired: DesiredKey, reads: list[str]) -> None:
    """At most five reads, and no write."""
    kms = kms_with(KEY)
    outcome = reconcile(key_resource(desired, kms), check_mode=False)
    assert (outcome.failure, outcome.changed) == (None, False)
    assert (kms.reads, kms.writes) == (reads, [])


def crowded(kms: FakeKms) -> FakeKms:
    """The same account with so many other keys without an alias that their tags are not read one after the other."""
    for number in range(MOST_WITHOUT_ALIAS + 1):
        kms.add_key(replace(KEY, key_id=f"other-{number}", arn=key_arn(f"other-{number}"), aliases=()))
    return kms


def found_by(how: str, kms: FakeKms) -> None:
    """Prepare the account so that a run searches the unfinished key in this way."""
    if how != "the lists of KMS":
        crowded(kms)
    if how == "the tags of all keys":
        kms.failures["GetResources"] = DENIED


SEARCHES = ["the lists of KMS", "the tagging API", "the tags of all keys"]


@pytest.mark.parametrize("how", SEARCHES)
def test_the_key_of_an_interrupted_run_is_completed(how: str) -> None:
    """It is found by its tag, also if the tagging API is forbidden. No second key is created."""
    kms = kms_with(UNFINISHED, replace(KEY, key_id="two", arn=key_arn("two"), aliases=("alias/two",)))
    found_by(how, kms)
    outcome = reconcile(key_resource(DesiredKey("alias/one"), kms), check_mode=False)
    assert (outcome.failure, outcome.actions) == (None, ("CreateAlias", "UntagResource"))
    assert kms.aliases == {"alias/one": "one", "alias/two": "two"}
    assert kms.keys["one"].tags == ()


class HidesTagsOfFirstKey(FakeKms):
    """KMS that refuses to list the tags of the first key."""

    def list_resource_tags(self, key_id: str) -> Tags:
        """Refused for one key."""
        if key_id == "first":
            raise OperationError(DENIED)
        return super().list_resource_tags(key_id)


def test_a_key_whose_tags_may_not_be_read_does_not_end_the_search() -> None:
    """The search skips it, and finds the unfinished key."""
    kms = HidesTagsOfFirstKey()
    kms.failures["GetResources"] = DENIED  # the lists of KMS cannot show that there is no unfinished key
    kms.add_key(replace(KEY, key_id="first", arn=key_arn("first"), aliases=()))
    kms.add_key(UNFINISHED)
    outcome = reconcile(key_resource(DesiredKey("alias/one"), kms), check_mode=False)
    assert (outcome.failure, kms.aliases) == (None, {"alias/one": "one"})


def test_an_unfinished_key_for_another_alias_is_ignored() -> None:
    """Another task may be creating that key."""
    kms = kms_with(replace(UNFINISHED, tags=((UNFINISHED_TAG, "alias/other"),)))
    outcome = reconcile(key_resource(DesiredKey("alias/one"), kms), check_mode=False)
    assert outcome.actions[0] == "CreateKey"
    assert len(kms.keys) == 2


def test_a_key_that_cannot_be_described_is_not_created_again() -> None:
    """A key is created only if it is known not to exist."""
    kms = kms_with(KEY)
    kms.failures["DescribeKey"] = DENIED
    outcome = reconcile(key_resource(DesiredKey("alias/one"), kms), check_mode=False)
    assert (outcome.failure, kms.writes) == (DENIED, [])


@pytest.mark.parametrize("alias", [None, "alias/two"])
def test_an_unknown_key_id_is_refused(alias: str | None) -> None:
    """KMS chooses ids, so a key cannot be created with one. An alias in the task does not change that."""
    kms = kms_with(KEY)
    outcome = reconcile(key_resource(DesiredKey(alias, "none"), kms), check_mode=False)
    assert outcome.failure is not None
    assert (outcome.failure.kind, outcome.failure.resource, kms.writes) == (FailureKind.ABSENT, "none", [])


@pytest.mark.parametrize(
    ("alias", "action"), [("alias/new", "CreateAlias"), ("alias/two", "UpdateAlias"), ("alias/one", None)]
)
def test_the_alias_of_a_key_that_is_named_by_its_id(alias: str, action: str | None) -> None:
    """A new alias is created, the alias of another key is moved, its own alias is kept."""
    kms = kms_with(KEY, replace(KEY, key_id="two", arn=key_arn("two"), aliases=("alias/two",)))
    outcome = reconcile(key_resource(DesiredKey(alias, "one"), kms), check_mode=False)
    assert (outcome.failure, outcome.actions) == (None, (action,) if action else ())
    assert kms.aliases[alias] == "one"


def test_a_new_key_is_reported_with_the_values_that_kms_chose() -> None:
    """Its id, ARN and date."""
    kms = kms_with()
    outcome = reconcile(key_resource(DesiredKey("alias/one"), kms), check_mode=False)
    assert outcome.after is not None
    assert (outcome.after.key_id, outcome.after.arn) == ("made-1", key_arn("made-1"))
    assert outcome.after.creation_date is not None
    assert outcome.planned is not None
    assert outcome.planned.key_id is None


@pytest.mark.parametrize("keys", [(), (KEY,), (UNFINISHED,)], ids=["new", "existing", "unfinished"])
def test_a_plan_does_not_change_its_resource(keys: tuple[KeyState, ...]) -> None:
    """Two plans are equal, and the identity is requested once."""
    kms = kms_with(*keys)
    resource = key_resource(DesiredKey("alias/one", policy=DesiredPolicy((ROOT,)), description="x"), kms)
    assert resource.plan() == resource.plan()
    assert kms.reads.count("GetCallerIdentity") == 1


DISABLED = [
    pytest.param(DesiredKey("alias/one", rotation_enabled=True), 2, id="disabled, and so kept"),
    pytest.param(DesiredKey("alias/one", enabled=False, rotation_enabled=True), 1, id="disabled, as desired"),
    pytest.param(DesiredKey("alias/one", enabled=False, rotation_enabled=False), 0, id="with the desired rotation"),
]


@pytest.mark.parametrize(("desired", "warnings"), DISABLED)
def test_the_rotation_of_a_disabled_key_is_kept_with_a_warning(desired: DesiredKey, warnings: int) -> None:
    """KMS changes it only for enabled keys, and rotates no others."""
    kms = kms_with(replace(KEY, state="Disabled"))
    outcome = reconcile(key_resource(desired, kms), check_mode=False)
    assert (outcome.failure, outcome.changed, kms.writes) == (None, False, [])
    assert len(outcome.warnings) == warnings
    assert kms.keys["one"].rotation == Rotation(False)


@pytest.mark.parametrize("rotation", [Rotation(False), Rotation(True, 365), Rotation(True, 100)], ids=repr)
@pytest.mark.parametrize("enabled", [True, False], ids=["desired on", "desired off"])
def test_a_restored_key_has_the_desired_rotation(rotation: Rotation, enabled: bool) -> None:
    """KMS does not report the rotation during the deletion; it returns with the key, and keeps its period."""
    kms = kms_with(replace(KEY, state="PendingDeletion", rotation=rotation))
    desired = DesiredKey("alias/one", rotation_enabled=enabled)
    predicted = reconcile(key_resource(desired, kms), check_mode=True)
    outcome = reconcile(key_resource(desired, kms), check_mode=False)
    assert (outcome.failure, outcome.actions, outcome.planned) == (None, predicted.actions, predicted.planned)
    kept = rotation.period_in_days or 365
    assert outcome.after is not None
    assert kms.keys["one"].rotation == outcome.after.rotation == Rotation(enabled, kept if enabled else None)
    assert not reconcile(key_resource(desired, kms), check_mode=False).changed


def test_a_restored_key_that_cannot_be_enabled() -> None:
    """The next run cannot know that this one cancelled the deletion, so both runs say what to do."""
    kms = kms_with(replace(KEY, state="PendingDeletion"))
    kms.failures["EnableKey"] = DENIED
    outcome = reconcile(key_resource(DesiredKey("alias/one"), kms), check_mode=False)
    assert outcome.failure is not None
    assert outcome.actions == ("CancelKeyDeletion",)
    assert "set enabled: true" in outcome.failure.advice
    again = reconcile(key_resource(DesiredKey("alias/one"), kms), check_mode=False)
    assert "Set enabled: true" in again.warnings[0]
    kms.failures.clear()
    assert reconcile(key_resource(DesiredKey("alias/one", enabled=True), kms), check_mode=False).changed
    assert kms.keys["one"].state == "Enabled"


@pytest.mark.parametrize("how", SEARCHES)
def test_an_unfinished_key_that_was_scheduled_for_deletion_is_ignored(how: str) -> None:
    """Another caller has deleted it, so a new key is created."""
    kms = kms_with(replace(UNFINISHED, state="PendingDeletion"))
    found_by(how, kms)
    outcome = reconcile(key_resource(DesiredKey("alias/one"), kms), check_mode=False)
    assert (outcome.failure, outcome.actions[0]) == (None, "CreateKey")
    assert kms.keys["one"].state == "PendingDeletion"
    assert kms.aliases == {"alias/one": "made-1"}


class StaleIndex(FakeKms):
    """A tagging API whose index still has tags that were removed."""

    def find_keys_by_tag(self, name: str, value: str) -> tuple[str, ...]:
        """All keys, and a deleted one."""
        super().find_keys_by_tag(name, value)
        return ("deleted", *self.keys)


def test_a_key_without_the_tag_is_ignored() -> None:
    """The results of the index are checked."""
    kms = crowded(StaleIndex())
    kms.add_key(replace(KEY, aliases=()))
    outcome = reconcile(key_resource(DesiredKey("alias/one"), kms), check_mode=False)
    assert (outcome.failure, outcome.actions[0], kms.aliases) == (None, "CreateKey", {"alias/one": "made-1"})


class LateIndex(FakeKms):
    """A tagging API whose index does not know the newest key at once."""

    requests = 0

    def find_keys_by_tag(self, name: str, value: str) -> tuple[str, ...]:
        """Only the oldest key, at the first request."""
        self.requests += 1
        found = super().find_keys_by_tag(name, value)
        return found[:1] if self.requests == 1 else found


def test_a_deleted_key_does_not_hide_an_unfinished_one() -> None:
    """The search is repeated until the index returns a live key."""
    kms = LateIndex()
    kms.failures["ListKeys"] = DENIED
    kms.add_key(replace(UNFINISHED, state="PendingDeletion"))
    kms.add_key(replace(UNFINISHED, key_id="two", arn=(UNFINISHED.arn or "").replace("one", "two")))
    outcome = reconcile(key_resource(DesiredKey("alias/one"), kms), check_mode=False)
    assert (outcome.failure, outcome.actions[0], kms.aliases) == (None, "CreateAlias", {"alias/one": "two"})


class DoesNotKnowNewRoles(FakeKms):
    """KMS that does not know a new role for a while."""

    unknown = 0

    def put_key_policy(self, key_id: str, step: PutKeyPolicy) -> None:
        """Refused as KMS does."""
        if self.unknown:
            self.unknown -= 1
            message = "Policy contains a statement with one or more invalid principals."
            raise OperationError(Failure(FailureKind.INVALID, message, reason=Reason.UNKNOWN_PRINCIPAL))
        super().put_key_policy(key_id, step)


@pytest.mark.parametrize(("times", "done"), [(0, True), (2, True), (6, True), (7, False)])
def test_a_new_role_is_waited_for(times: int, done: bool) -> None:
    """For a minute; then the error names it."""
    clock, kms = FakeClock(), DoesNotKnowNewRoles()
    kms.add_key(KEY)
    kms.unknown = times
    role = "arn:aws:iam::111122223333:role/new"
    outcome = reconcile(
        key_resource(DesiredKey("alias/one", policy=DesiredPolicy(users=(role,))), kms, clock), check_mode=False
    )
    assert (outcome.failure is None, clock.slept) == (done, [*UNKNOWN_PRINCIPAL_DELAYS][:times])
    if outcome.failure:
        assert role in outcome.failure.message


def test_all_principals_that_kms_may_not_know_are_named() -> None:
    """Also a mistyped service or account, and not only the ARN."""
    kms = DoesNotKnowNewRoles()
    kms.add_key(KEY)
    kms.unknown = 100
    new = ("arn:aws:iam::111122223333:role/new", "444455556666", "loging.s3.amazonaws.com")
    policy = DesiredPolicy(users=new[:1], allowed_accounts=new[1:2], services=new[2:])
    outcome = reconcile(key_resource(DesiredKey("alias/one", policy=policy), kms), check_mode=False)
    assert outcome.failure is not None
    assert ", ".join(sorted(new)) in outcome.failure.message


def test_a_key_that_was_not_made_is_not_found() -> None:
    """The search is repeated, as the tagging API may be late; then the original failure is reported."""
    clock, kms = FakeClock(), kms_with()
    kms.failures["CreateKey"] = Failure(FailureKind.UNREACHABLE, "no response", may_have_been_applied=True)
    outcome = reconcile(key_resource(DesiredKey("alias/one"), kms, clock), check_mode=False)
    assert outcome.failure is not None
    assert (outcome.failure.message.startswith("no response"), outcome.actions) == (True, ())
    kms.failures.clear()
    assert (clock.slept, kms.reads.count("GetResources")) == ([*LOST_RESPONSE_DELAYS], 4)
    kms.failures["CreateAlias"] = Failure(FailureKind.UNREACHABLE, "no response", may_have_been_applied=True)
    outcome = reconcile(key_resource(DesiredKey("alias/one"), kms), check_mode=False)
    assert outcome.failure is not None
    assert (outcome.failure.message.startswith("no response"), outcome.actions) == (True, ("CreateKey",))


NOW = datetime(2026, 11, 23, tzinfo=timezone.utc)
MADE = replace(KEY, creation_date="2026-01-01T00:00:00+00:00", rotation=Rotation(True, 365))
QUARTERLY = DesiredKey("alias/one", rotation_enabled=True, rotate_if_older_than_days=90)


def rotated(kms: FakeKms, desired: DesiredKey = QUARTERLY, check_mode: bool = False) -> Outcome[KeyState, KeyContext]:
    """One run, now."""
    kms.now = NOW
    return reconcile(key_resource(desired, kms, FakeClock(NOW)), check_mode=check_mode)


@pytest.mark.parametrize(("minutes", "waits"), [(19, True), (21, False)])
def test_no_rotation_on_demand_shortly_before_an_automatic_one(minutes: int, waits: bool) -> None:
    """KMS would refuse it within 20 minutes of the automatic one."""
    due = NOW + timedelta(minutes=minutes)
    kms = kms_with(replace(MADE, rotation=Rotation(True, 365, due)))
    assert rotated(kms).changed is not waits


HISTORY_CASES = [
    pytest.param(QUARTERLY, MADE, True, id="old"),
    pytest.param(
        QUARTERLY, replace(MADE, creation_date="2026-09-01T00:00:00+00:00"), False, id="younger than the limit"
    ),
    pytest.param(replace(QUARTERLY, rotate_if_older_than_days=None), MADE, False, id="not named"),
]


@pytest.mark.parametrize(("desired", "key", "reads_history"), HISTORY_CASES)
def test_the_history_of_a_key_is_read_if_needed(desired: DesiredKey, key: KeyState, reads_history: bool) -> None:
    """Only if the task names a limit, and the key itself is older."""
    kms = kms_with(key)
    kms.generations["one"] = (Generation(NOW - timedelta(days=10)),)
    assert not rotated(kms, desired).changed
    reads = ["DescribeKey", "ListAliases", "GetKeyRotationStatus", "ListResourceTags"]
    assert kms.reads == [*reads, "ListKeyRotations"] if reads_history else reads


@pytest.mark.parametrize("started", [True, False])
def test_a_lost_response_of_a_rotation(started: bool) -> None:
    """A rotation that has started is found; otherwise the original failure is reported."""

    class LosesResponses(FakeKms):
        """KMS whose response is lost."""

        def rotate_key_on_demand(self, key_id: str) -> None:
            """Start the rotation or not, and lose the response."""
            if started:
                super().rotate_key_on_demand(key_id)
            raise OperationError(Failure(FailureKind.UNREACHABLE, "no response", may_have_been_applied=True))

    kms = LosesResponses()
    kms.rotations_in_progress = True
    kms.add_key(MADE)
    assert (rotated(kms).failure is None) == started


class StaleReads(FakeKms):
    """KMS whose DescribeKey returns the state before the first write for some time."""

    def __init__(self, stale: int) -> None:
        super().__init__()
        self.stale = stale
        self.before: tuple[dict[str, KeyState], dict[str, str]] | None = None

    def write(self, operation: str) -> None:
        """Keep the state before the write."""
        super().write(operation)
        self.before = self.before or (dict(self.keys), dict(self.aliases))

    def get_key(self, key: str) -> KeyState:
        """The state before the write."""
        if self.before is None or self.stale == 0:
            return super().get_key(key)
        self.stale -= 1
        now = self.keys, self.aliases
        self.keys, self.aliases = self.before
        try:
            return super().get_key(key)
        finally:
            self.keys, self.aliases = now


CHANGES = [
    pytest.param(DesiredKey("alias/one", enabled=False), id="state"),
    pytest.param(DesiredKey("alias/new", "one"), id="alias"),
]


@pytest.fixture
def clock() -> FakeClock:
    """The clock of a test, with the waits so far."""
    return FakeClock()


@pytest.mark.parametrize("stale", [0, 1, 4])
@pytest.mark.parametrize("desired", CHANGES)
def test_a_change_is_read_until_consecutive_reads_show_it(desired: DesiredKey, stale: int, clock: FakeClock) -> None:
    """Only the part that was written, with three consecutive reads after the stale ones."""
    kms = StaleReads(stale)
    kms.add_key(KEY)
    planned = [*reads_of_a_check_run(desired, KEY)]
    outcome = reconcile(key_resource(desired, kms, clock), check_mode=False)
    assert (outcome.failure, outcome.changed) == (None, True)
    assert kms.reads == [*planned, *(["DescribeKey"] * (stale + 3))]
    assert clock.slept == [0.25, 0.5, 1, 2][:stale]


def reads_of_a_check_run(desired: DesiredKey, key: KeyState) -> list[str]:
    """The reads of a check run."""
    kms = kms_with(key)
    reconcile(key_resource(desired, kms), check_mode=True)
    return kms.reads


def test_a_new_key_is_read_by_its_alias(clock: FakeClock) -> None:
    """So that the next task finds it there."""
    kms = StaleReads(2)
    outcome = reconcile(key_resource(DesiredKey("alias/one"), kms, clock), check_mode=False)
    assert (outcome.failure, clock.slept) == (None, [0.25, 0.5])


def test_a_part_that_cannot_be_read_is_assumed_as_written(clock: FakeClock) -> None:
    """For example a policy that the caller may not read."""

    class RefusesToReadPolicy(FakeKms):
        """KMS that allows the policy to be written, and not to be read afterwards."""

        def put_key_policy(self, key_id: str, step: PutKeyPolicy) -> None:
            """Written."""
            super().put_key_policy(key_id, step)
            self.failures["GetKeyPolicy"] = DENIED

    kms = RefusesToReadPolicy()
    kms.add_key(KEY)
    desired = DesiredKey("alias/one", policy=DesiredPolicy((ROOT,)))
    outcome = reconcile(key_resource(desired, kms, clock), check_mode=False)
    assert (outcome.failure, outcome.changed, clock.slept) == (None, True, [])


@pytest.mark.parametrize(("times", "done"), [(2, True), (4, False)])
def test_a_new_key_that_kms_does_not_know_yet(times: int, done: bool, clock: FakeClock) -> None:
    """The writes after CreateKey are sent again."""

    class DoesNotKnowNewKey(FakeKms):
        """KMS of which a part does not know the new key."""

        remaining = times

        def set_rotation(self, operation: str, key_id: str, period_in_days: int | None) -> None:
            """The key does not exist at first."""
            if self.remaining:
                self.remaining -= 1
                raise OperationError(Failure(FailureKind.ABSENT, "The key does not exist.", code="NotFoundException"))
            super().set_rotation(operation, key_id, period_in_days)

    outcome = reconcile(
        key_resource(DesiredKey("alias/one", rotation_enabled=True), DoesNotKnowNewKey(), clock), check_mode=False
    )
    assert (outcome.failure is None) == done
    assert clock.slept == [*PROPAGATION_DELAYS[:times]]
