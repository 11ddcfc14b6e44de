# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The laws of the design for each of the three resources, as property tests.

1. A plan's resulting state satisfies the desired state, and a plan from it has no steps.
2. Applying the steps to a faithful backend gives the plan's resulting state. A check run reports the same as the run.
3. A check run writes nothing.
4. What the task does not name does not change.
5. No secret is in the outcome of a run.
6. A fleet's result does not depend on the number of workers, or on the order.
"""

from __future__ import annotations

import base64
import itertools
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

import pytest
from hypothesis import Phase, event, find, given, settings
from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.engine.buckets.bucket_default import (
    BucketContext,
    BucketDefaultResource,
)
from ansible_collections.sealed.s3.plugins.module_utils.engine.buckets.bucket_settings import BucketSettings
from ansible_collections.sealed.s3.plugins.module_utils.engine.fleet.fleet import FleetStatus, run_fleet
from ansible_collections.sealed.s3.plugins.module_utils.engine.keys.key_resolver import KeyResolver
from ansible_collections.sealed.s3.plugins.module_utils.engine.keys.kms_key import CallerIdentity, KmsKeyResource
from ansible_collections.sealed.s3.plugins.module_utils.engine.keys.waiters import Waiter
from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.encrypted_object import EncryptedObjectResource
from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.kms_keys import KmsKeys
from ansible_collections.sealed.s3.plugins.module_utils.engine.reconcile import Resource, reconcile
from ansible_collections.sealed.s3.plugins.module_utils.engine.transfer.content import Source
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.bucket_default import (
    BucketDefault,
    DesiredBucketDefault,
    plan_bucket_default,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.iam.policy_document import same_policy, statements
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.desired_key import (
    DesiredKey,
    KeyReading,
    PolicyScope,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_ref import KeyRef
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_rotation import Rotation
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_state import UNFINISHED_TAG, KeyState
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.kms_key import plan_kms_key
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.policy_statements import OWNED_SIDS
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.encryption import ObjectEncryption
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.registry import (
    BUCKET_DEFAULT,
    DSSE_KMS,
    SSE_C,
    SSE_KMS,
    SSE_S3,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.change_method import ChangeMethod, InPlaceSupport
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.desired_object import (
    DesiredObject,
    ObjectReading,
    Overwrite,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.encrypted_object import plan_encrypted_object
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.large_objects import Limits
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_state import (
    Grants,
    ObjectState,
    Properties,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_steps import PutObject
from ansible_collections.sealed.s3.plugins.module_utils.model.outcome import Outcome
from ansible_collections.sealed.s3.plugins.module_utils.model.secret import CustomerKey
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils import strategies as draw
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_aws import (
    REGION,
    CallRecorder,
    FakeKms,
    FakeS3,
    key_arn,
)
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_client_side import client_side_ports
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_clock import FakeClock

MANY = settings(max_examples=max(200, settings().max_examples))


@dataclass
class Runs:
    """The outcomes of a check run, of the real run, and of the run after it, over one backend."""

    check: Outcome[Any, Any]
    real: Outcome[Any, Any]
    again: Outcome[Any, Any]


def run_thrice(make: Callable[[], Resource[Any, Any, Any]], *backends: CallRecorder) -> Runs:
    """Run a check run, a real run and a second real run. Law 3: only the real run may write. A plan is repeatable."""

    def writes() -> list[str]:
        """The writes so far. The parts of an upload count as one."""
        made = (write for backend in backends for write in backend.writes)
        return [write for write, _repeated in itertools.groupby(made)]

    resource = make()
    check = reconcile(resource, check_mode=True)
    assert reconcile(resource, check_mode=True) == check
    assert writes() == []
    real = reconcile(make(), check_mode=False)
    done = writes()
    assert list(real.actions) == done[: len(real.actions)]
    again = reconcile(make(), check_mode=False)
    if real.failure is None and not again.changed:
        assert writes() == done
    return Runs(check, real, again)


def assert_check_run_equals_real_run(runs: Runs) -> None:
    """Law 2: same failure, same changed, same actions, same diff."""
    check, real = runs.check, runs.real
    assert check.failure == real.failure
    assert (check.changed, check.actions, check.warnings) == (real.changed, real.actions, real.warnings)
    assert (check.before, check.planned) == (real.before, real.planned)


# Buckets


def assert_bucket_satisfies(desired: DesiredBucketDefault, rule: BucketDefault, before: BucketDefault) -> None:
    """Law 1, as the documentation of the module states it."""
    if desired.absent:
        assert rule == before or rule.encryption == "SSE-S3"
        assert rule.encryption in (None, "SSE-S3")
        return
    if desired.blocked is not None:
        blocked = set(rule.blocked or ())
        assert blocked >= set(desired.blocked) if desired.minimum else blocked == set(desired.blocked)
    if desired.minimum:
        assert rule.strength >= max(before.strength, (desired.kind.strength or 0) if desired.kind else 0)
        if desired.kind and desired.kms_key_arn and rule.encryption == desired.kind.name:
            assert rule.kms_key_arn == desired.kms_key_arn
        return
    if desired.kind:
        assert rule.encryption == desired.kind.name
    if desired.kms_key_arn:
        assert rule.kms_key_arn == desired.kms_key_arn
    if desired.bucket_key_enabled is not None and rule.encryption != "DSSE-KMS":
        assert rule.bucket_key_enabled == desired.bucket_key_enabled


def assert_bucket_keeps(desired: DesiredBucketDefault, before: BucketDefault, after: BucketDefault) -> None:
    """Law 4: what is not named is unchanged, except what the documentation says about a change of algorithm."""
    assert after.foreign == before.foreign
    if desired.blocked is None:
        assert after.blocked == before.blocked
    if desired.absent or after.encryption is None:
        return
    if desired.kind is None:
        assert after.encryption == before.encryption or (before.encryption, after.encryption) == (None, "SSE-S3")
    if desired.kms_key_arn is None and after.encryption != "SSE-S3":
        assert (after.kms_key, after.kms_key_arn) == (before.kms_key, before.kms_key_arn)
    moves = after.encryption == "SSE-KMS" != before.encryption
    if desired.bucket_key_enabled is None and not moves:
        assert after.bucket_key_enabled == before.bucket_key_enabled


@MANY
@given(draw.DESIRED_BUCKETS, draw.RULES)
def test_a_plan_for_a_bucket_satisfies_the_desired_state(desired: DesiredBucketDefault, actual: BucketDefault) -> None:
    """Laws 1 and 4, in the model alone."""
    try:
        plan = plan_bucket_default(desired, actual)
    except OperationError as error:
        if error.failure.kind is FailureKind.UNSUPPORTED:
            assert actual.encryption in ("aws:fsx", "aws:backup")  # noqa: PT017
        else:
            assert error.failure.kind is FailureKind.INVALID  # noqa: PT017
            assert desired.kms_key_arn  # noqa: PT017
        event("refused")
        return
    event(f"{len(plan.steps)} steps")
    assert plan.before == actual
    assert plan.after is not None
    assert_bucket_satisfies(desired, plan.after, actual)
    assert_bucket_keeps(desired, actual, plan.after)
    again = plan_bucket_default(desired, plan.after)
    assert (again.steps, again.after) == ((), plan.after)


def two_keys() -> FakeKms:
    kms = FakeKms()
    kms.add_key(KeyState("one", key_arn("one"), aliases=("alias/one",)))
    kms.add_key(KeyState("two", key_arn("two"), aliases=("alias/two",)))
    return kms


@MANY
@given(draw.DESIRED_BUCKETS, draw.KEY_TEXTS, draw.RULES, draw.RULE_TEXTS)
def test_a_run_for_a_bucket_does_what_its_check_run_reports(
    desired: DesiredBucketDefault, key: str | None, rule: BucketDefault, rule_key: str | None
) -> None:
    """Laws 2, 3 and 4, through the engine and S3."""
    desired = replace(desired, kms_key_arn=None)
    if rule.encryption in ("SSE-KMS", "DSSE-KMS"):
        rule = replace(rule, kms_key=rule_key)
    rule = replace(rule, kms_key_arn=None)
    s3, kms = FakeS3(), two_keys()
    s3.add_bucket("bucket", rule)

    def make() -> BucketDefaultResource:
        reference = KeyRef.parse(key) if key and not desired.absent else None
        return BucketDefaultResource("bucket", desired, reference, s3, KeyResolver(kms))

    runs = run_thrice(make, s3, kms)
    assert_check_run_equals_real_run(runs)
    if runs.real.failure:
        event("refused")
        assert s3.rules["bucket"] == rule
        return
    event(f"changed: {runs.real.changed}")
    assert runs.real.after == runs.real.planned
    assert runs.real.after is not None
    assert s3.rules["bucket"] == replace(runs.real.after, kms_key_arn=None) or not runs.real.changed
    assert (runs.again.changed, runs.again.after) == (False, runs.again.before)
    assert_bucket_keeps(replace(desired, kms_key_arn=key), rule, s3.rules["bucket"])


# Objects


def assert_object_satisfies(desired: DesiredObject, after: ObjectState | None, content: bytes | None) -> None:
    """Law 1, independent of the code."""
    if desired.absent:
        assert after is None
        return
    assert after is not None
    if content is not None:
        assert after.size == len(content)
    if desired.encryption.kind is not BUCKET_DEFAULT:
        expected, found = desired.encryption, after.encryption
        assert found.type == expected.kind.name
        assert expected.kms_key_arn in (None, found.kms_key_arn)
        assert expected.bucket_key_enabled in (None, bool(found.bucket_key_enabled))
        assert found.customer_key_md5 == (expected.customer_key.md5 if expected.customer_key else None)
    for field in fields(Properties):
        named = getattr(desired.properties, field.name)
        assert named is None or getattr(after.properties, field.name) == named
    if desired.tags is not None:
        assert set(after.tags or ()) >= set(desired.tags)
        if desired.purge_tags:
            assert after.tags == desired.tags


def assert_object_keeps(desired: DesiredObject, before: ObjectState, after: ObjectState, uploaded: bool) -> None:
    """Law 4: what is not named does not change.

    An upload without `encryption` gets the bucket's default, and so does an object without encryption, because every
    write encrypts.
    """
    for field in fields(Properties):
        if getattr(desired.properties, field.name) is None:
            assert getattr(after.properties, field.name) == getattr(before.properties, field.name), field.name
    assert after.lock == (None if uploaded else before.lock)
    if desired.tags is None:
        assert after.tags == before.tags
    elif not desired.purge_tags:
        assert {name for name, _value in after.tags or ()} >= {name for name, _value in before.tags or ()}
    if desired.encryption.kind is BUCKET_DEFAULT and not uploaded and before.encryption.type != "NONE":
        assert with_bucket_key(after.encryption) == with_bucket_key(before.encryption)
    if desired.encryption.kind.name == before.encryption.type:
        if desired.encryption.kms_key_arn is None:
            assert after.encryption.kms_key_arn == before.encryption.kms_key_arn
        if desired.encryption.bucket_key_enabled is None:
            assert bool(after.encryption.bucket_key_enabled) == bool(before.encryption.bucket_key_enabled)


def with_bucket_key(encryption: ObjectEncryption) -> ObjectEncryption:
    """A bucket key that is not reported is disabled."""
    return replace(encryption, bucket_key_enabled=bool(encryption.bucket_key_enabled))


@MANY
@given(
    draw.DESIRED_OBJECTS,
    st.none() | st.sampled_from(draw.CONTENTS),
    draw.objects_or_none(),
    st.sampled_from(InPlaceSupport),
)
def test_a_plan_for_an_object_satisfies_the_desired_state(
    desired: DesiredObject, content: bytes | None, found: tuple[ObjectState, bytes] | None, in_place: InPlaceSupport
) -> None:
    """Laws 1 and 4, in the model alone."""
    if content is not None:
        desired = replace(desired, content=draw.content_of(content))
    actual, data = found or (None, None)
    decrypted_with = next((key for key in draw.KEYS if actual and key.md5 == actual.encryption.customer_key_md5), None)
    try:
        plan = plan_encrypted_object(desired, ObjectReading(actual, content == data, decrypted_with, in_place))
    except OperationError as error:
        only_in_place = desired.change_method is ChangeMethod.UPDATE
        kinds = (FailureKind.ABSENT, FailureKind.INVALID, FailureKind.UNSUPPORTED)
        assert error.failure.kind in kinds  # noqa: PT017
        assert (actual is None and content is None) or (actual and only_in_place)  # noqa: PT017
        event("refused")
        return
    event(" ".join(plan.operations) or "nothing")
    if actual is not None and not desired.absent and desired.overwrite is Overwrite.NEVER:
        assert (plan.steps, plan.after) == ((), actual)
        return
    assert_object_satisfies(desired, plan.after, content)
    if actual is not None and plan.after is not None:
        uploaded = any(isinstance(step, PutObject) for step in plan.steps)
        assert_object_keeps(desired, actual, plan.after, uploaded)
    if desired.overwrite is Overwrite.DIFFERENT or plan.after is None:
        again = plan_encrypted_object(
            desired, ObjectReading(plan.after, True, desired.encryption.customer_key or decrypted_with, in_place)
        )
        assert (again.steps, again.after) == ((), plan.after)


def comparable(planned: ObjectState | None, real: ObjectState | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Both states as dicts, without the values that a plan cannot predict because S3 chooses them at the write."""
    if planned is None or real is None:
        return {"object": planned}, {"object": real}
    chosen = {"version_id", "etag", "last_modified", "envelope", "encryption", "properties"}
    if planned.etag is None:  # after a write, S3 chooses the checksums
        chosen |= {"checksums"}
    expected = {field.name: getattr(planned, field.name) for field in fields(planned) if field.name not in chosen}
    actual = {name: getattr(real, name) for name in expected}
    for field in fields(Properties):
        value = getattr(planned.properties, field.name)
        found = getattr(real.properties, field.name)
        # S3 chooses the content type of a new object without one.
        if not (field.name == "content_type" and value is None):
            expected[field.name], actual[field.name] = value or None, found or None
    for field in fields(ObjectEncryption):
        value = getattr(planned.encryption, field.name)
        if value is not None:
            expected[field.name] = value
            actual[field.name] = type(value)(getattr(real.encryption, field.name))
    return expected, actual


@MANY
@given(
    draw.DESIRED_OBJECTS,
    draw.KEY_TEXTS,
    st.none() | st.sampled_from(draw.CONTENTS),
    draw.objects_or_none(),
    st.sampled_from([None, *draw.KEYS]),
    draw.RULES,
    st.sampled_from(InPlaceSupport),
    st.sampled_from([(), draw.PUBLIC]),
    st.sampled_from([Limits(), Limits(2, 2), Limits(3, 100)]),
)
def test_a_run_for_an_object_does_what_its_check_run_reports(
    desired: DesiredObject,
    kms_key: str | None,
    content: bytes | None,
    found: tuple[ObjectState, bytes] | None,
    previous_key: CustomerKey | None,
    rule: BucketDefault,
    in_place: InPlaceSupport,
    grants: Grants,
    limits: Limits,
) -> None:
    """Laws 2 to 5, through the engine and S3."""
    takes_key = desired.encryption.kind in (SSE_KMS, DSSE_KMS)
    desired = replace(desired, encryption=replace(desired.encryption, kms_key_arn=None))
    s3, kms = FakeS3(), two_keys()
    s3.add_bucket("bucket", replace(rule, kms_key=rule.kms_key_arn))
    s3.in_place = in_place
    s3.grants = grants if found else ()
    if found:
        s3.add_object(*found)
    before = s3.objects.get(("bucket", "key"))

    def make() -> EncryptedObjectResource:
        return EncryptedObjectResource(
            desired,
            KmsKeys(KeyRef.parse(kms_key) if kms_key and takes_key else None),
            previous_key,
            None if content is None else Source(data=content),
            s3,
            s3,
            BucketSettings(s3),
            KeyResolver(kms),
            client_side_ports(),
            FakeClock(),
            limits,
            concurrency=2,
        )

    runs = run_thrice(make, s3, kms)
    assert_check_run_equals_real_run(runs)
    assert [text for text in key_texts() for outcome in (runs.check, runs.real) if text in repr(outcome)] == []
    after = s3.objects.get(("bucket", "key"))
    assert s3.uploads == {}
    if runs.real.failure:
        event(f"refused: {runs.real.failure.kind.value}")
        assert after == before
        return
    event(" ".join(runs.real.actions) or "nothing")
    # A deletion reads only what it needs of the object.
    if not desired.absent:
        planned, read = comparable(runs.real.planned, runs.real.after)
        assert planned == read
        planned, stored = comparable(runs.real.planned, replace(after, tags=planned["tags"]) if after else None)
        assert planned == stored
    if desired.overwrite is not Overwrite.ALWAYS or content is None:
        assert (runs.again.changed, runs.again.failure) == (False, None)
    assert (after is None) == desired.absent
    assert before is None or after is None or s3.grants == grants
    if before and after and runs.real.changed:
        named = replace(desired.encryption, kms_key_arn=kms_key) if takes_key else desired.encryption
        assert_object_keeps(
            replace(desired, encryption=named),
            before,
            after,
            not {"PutObject", "UploadPart"}.isdisjoint(runs.real.actions),
        )
    if after and desired.overwrite is not Overwrite.NEVER:
        if content is not None:
            assert s3.bytes["bucket", "key"] == content
        elif found:
            assert s3.bytes["bucket", "key"] == found[1]


def key_texts() -> Iterator[str]:
    """All formats in which a text could contain one of the keys."""
    for key in draw.KEYS:
        raw = key.reveal()
        yield from (repr(raw)[2:-1], raw.hex(), base64.b64encode(raw).decode(), raw.hex().upper())


# KMS keys

SCOPE = PolicyScope("aws", REGION, "111122223333")


def assert_key_satisfies(desired: DesiredKey, key: KeyState, before: KeyState | None) -> None:
    """Law 1, independent of the code. The rotation of a key that stays disabled cannot be changed, so it is not."""
    assert desired.alias is None or desired.alias in key.aliases
    assert desired.description in (None, key.description)
    if desired.enabled is not None:
        assert key.state == ("Enabled" if desired.enabled else "Disabled")
    assert key.state != "PendingDeletion"
    changeable = before is None or "Enabled" in (before.state, key.state)
    if desired.rotation_enabled is not None and key.rotation is not None and changeable:
        assert key.rotation.enabled == desired.rotation_enabled
        assert desired.rotation_period_in_days in (None, key.rotation.period_in_days)
    if desired.tags is not None and key.tags is not None:
        assert set(key.tags) >= set(desired.tags)
        others = {name for name, _value in key.tags} - {name for name, _value in desired.tags}
        assert not desired.purge_tags or all(name.startswith("aws:") for name in others)
    if key.policy is not None:
        by_sid = {statement.get("Sid"): statement for statement in statements(json.loads(key.policy))}
        for named, sid in (
            (desired.policy.administrators, "S3KeyAdministrators"),
            (desired.policy.users, "S3KeyUsers"),
        ):
            if named is not None:
                assert (sid in by_sid) == bool(named)
                listed = by_sid[sid]["Principal"]["AWS"] if named else []
                assert set([listed] if isinstance(listed, str) else listed) == set(named)


def assert_key_keeps(desired: DesiredKey, before: KeyState, after: KeyState, *, planned: bool) -> None:
    """Law 4: what is not named does not change, except that the deletion of a desired key is cancelled."""
    assert set(after.aliases) == {*before.aliases, *([desired.alias] if desired.alias else [])}
    assert desired.description is not None or after.description == before.description
    if desired.enabled is None:
        assert after.state == ("Enabled" if before.state == "PendingDeletion" else before.state)
    # A plan cannot know the period, because KMS does not report it while a deletion is pending.
    hidden = Rotation(True) if planned and before.state == "PendingDeletion" else before.rotation
    if desired.rotation_enabled is None or "Enabled" not in (before.state, after.state):
        assert after.rotation == before.rotation
    elif desired.rotation_enabled and desired.rotation_period_in_days is None:
        enabled = before.rotation is not None and before.rotation.enabled
        assert not enabled or after.rotation in (before.rotation, hidden)
    named = dict(desired.tags or ())
    for name, value in before.tags or ():
        if name.startswith("aws:") or (name != UNFINISHED_TAG and (desired.tags is None or not desired.purge_tags)):
            assert dict(after.tags or ())[name] == named.get(name, value)
    if desired.policy.names_nothing:
        assert after.policy == before.policy
    else:
        assert before.policy is not None
        assert after.policy is not None
        owned = OWNED_SIDS
        for statement in statements(json.loads(before.policy)):
            text = json.dumps({"Statement": statement})
            assert statement.get("Sid") in owned or any(
                same_policy(text, json.dumps({"Statement": kept})) for kept in statements(json.loads(after.policy))
            )


@MANY
@given(draw.desired_keys(), draw.kms_keys_or_none(), st.booleans())
def test_a_plan_for_a_key_satisfies_the_desired_state(
    desired: DesiredKey, actual: KeyState | None, other_has_alias: bool
) -> None:
    """Laws 1 and 4, in the model alone."""
    try:
        plan = plan_kms_key(desired, KeyReading(actual, SCOPE, "two" if other_has_alias else None))
    except OperationError as error:
        assert error.failure.kind in (FailureKind.ABSENT, FailureKind.KEY_UNUSABLE)  # noqa: PT017
        event("refused")
        return
    event(f"{len(plan.steps)} steps")
    assert plan.after is not None
    assert_key_satisfies(desired, plan.after, actual)
    if actual is not None:
        assert_key_keeps(desired, actual, plan.after, planned=True)
    again = plan_kms_key(desired, KeyReading(plan.after, SCOPE))
    assert (again.steps, again.after) == ((), plan.after)


def key_resource(desired: DesiredKey, kms: FakeKms) -> KmsKeyResource:
    return KmsKeyResource(desired, kms, CallerIdentity(kms), Waiter(FakeClock(kms.now)))


def kms_with(actual: KeyState | None) -> FakeKms:
    kms = FakeKms()
    kms.add_key(KeyState("two", key_arn("two"), aliases=("alias/two",), policy="{}", rotation=None, tags=()))
    if actual:
        kms.add_key(actual)
    return kms


@MANY
@given(draw.desired_keys(), draw.kms_keys_or_none())
def test_a_run_for_a_key_does_what_its_check_run_reports(desired: DesiredKey, actual: KeyState | None) -> None:
    """Laws 2, 3 and 4, through the engine and KMS."""
    kms = kms_with(actual)
    resource = key_resource(desired, kms)
    runs = run_thrice(lambda: resource, kms)
    assert_check_run_equals_real_run(runs)
    if runs.real.failure:
        event(f"refused: {runs.real.failure.kind.value}")
        assert kms.writes == []
        return
    event(" ".join(runs.real.actions) or "nothing")
    assert (runs.again.changed, runs.again.failure) == (False, None)
    planned, reported = runs.real.planned, runs.real.after
    assert planned is not None
    assert reported is not None
    rotation = reported.rotation if planned.rotation == Rotation(True) else planned.rotation
    assert replace(reported, key_id=None, arn=None, creation_date=None) == replace(
        planned, key_id=None, arn=None, creation_date=None, rotation=rotation
    )
    assert reported.key_id is not None
    stored = kms.stored_key(reported.key_id)
    for field in fields(reported):
        if field.name not in ("policy", "material") and getattr(reported, field.name) is not None:
            assert getattr(stored, field.name) == getattr(reported, field.name), field.name
    assert reported.policy is None or same_policy(reported.policy, stored.policy or "")
    # The key is a month old: if the limit is a week, the three runs rotate it once, and otherwise never.
    old = actual is not None and desired.rotate_if_older_than_days == 7 and "Enabled" in (actual.state, reported.state)
    assert kms.writes.count("RotateKeyOnDemand") == old
    assert_key_satisfies(desired, stored, actual)
    if actual:
        assert_key_keeps(desired, actual, stored, planned=False)


class Killed(Exception):
    """The process is killed."""


class KilledKms(FakeKms):
    """KMS of a process that is killed before the write with the number `killed_before`."""

    killed_before = -1

    def write(self, operation: str) -> None:
        """Record the write, or end the run."""
        if len(self.writes) == self.killed_before:
            raise Killed
        super().write(operation)


@MANY
@given(draw.desired_keys(), draw.kms_keys_or_none(), st.integers(0, 6))
def test_a_killed_run_is_completed_by_the_next(desired: DesiredKey, actual: KeyState | None, writes: int) -> None:
    """For every moment of the interruption, the result is the same key, and never a second one."""
    undisturbed, interrupted = kms_with(actual), KilledKms()
    interrupted.keys, interrupted.aliases = dict(undisturbed.keys), dict(undisturbed.aliases)
    if reconcile(key_resource(desired, undisturbed), check_mode=False).failure:
        return
    interrupted.killed_before = writes
    try:
        reconcile(key_resource(desired, interrupted), check_mode=False)
    except Killed:
        event(f"killed before write {writes}")
    interrupted.killed_before = -1
    finished = reconcile(key_resource(desired, interrupted), check_mode=False)
    assert finished.failure is None
    if actual and actual.state == "PendingDeletion" and interrupted.writes[:2] != ["CancelKeyDeletion", "EnableKey"]:
        # After CancelKeyDeletion the key is disabled, and cannot be distinguished from a key that a user disabled.
        # It stays disabled, with a warning unless the task names `enabled`.
        assert desired.enabled is not None or any(
            "is disabled and stays disabled" in warning for warning in finished.warnings
        )
        return
    assert interrupted.aliases == undisturbed.aliases
    assert interrupted.keys.keys() == undisturbed.keys.keys()
    for key_id, key in undisturbed.keys.items():
        found = interrupted.keys[key_id]
        assert replace(found, policy=None) == replace(key, policy=None)
        assert same_policy_or_none(found.policy, key.policy)


def same_policy_or_none(one: str | None, other: str | None) -> bool:
    return one == other or same_policy(one or "", other or "")


# Fleets


@st.composite
def fleets(drawn: st.DrawFn) -> dict[str, BucketDefault | None]:
    """Buckets by name with their rules; None: the bucket does not exist."""
    rules = drawn(st.lists(st.none() | draw.RULES, min_size=1, max_size=12))
    return {f"bucket-{number}": rule for number, rule in enumerate(rules)}


BucketOutcome = Outcome[BucketDefault, BucketContext]


def run_buckets(
    fleet: dict[str, BucketDefault | None],
    desired: DesiredBucketDefault,
    key: str | None,
    order: list[str],
    concurrency: int,
) -> tuple[FleetStatus, dict[str, BucketOutcome], dict[str, BucketDefault], set[tuple[str, str]]]:
    """The numbers, the outcomes, the rules after the run, and the KMS keys that were described."""
    s3, kms = FakeS3(), two_keys()
    denied = Failure(FailureKind.FORBIDDEN, "no", code="AccessDeniedException")
    for number, (name, rule) in enumerate(fleet.items()):
        if rule is not None:
            region = (REGION, "us-east-1")[number % 2]
            s3.add_bucket(name, replace(rule, kms_key=rule.kms_key_arn, kms_key_arn=None), region)
    kms.lookups = {(key_arn("two"), REGION): denied}
    keys = KeyResolver(kms)
    outcomes: dict[str, BucketOutcome] = {}

    def work(name: str) -> BucketOutcome:
        reference = KeyRef.parse(key) if key and not desired.absent else None
        return reconcile(BucketDefaultResource(name, desired, reference, s3, keys), check_mode=False)

    def collect(position: int, name: str, outcome: BucketOutcome) -> None:
        assert order[position] == name
        outcomes[name] = outcome

    status = run_fleet(order, work, concurrency=concurrency, on_outcome=collect)
    assert len(kms.described) == len(set(kms.described))
    return status, outcomes, s3.rules, set(kms.described)


@settings(max_examples=40)
@given(fleets(), draw.DESIRED_BUCKETS, draw.KEY_TEXTS, st.integers(1, 9), st.randoms(use_true_random=False))
def test_a_fleet_does_not_depend_on_workers_or_order(
    fleet: dict[str, BucketDefault | None],
    desired: DesiredBucketDefault,
    key: str | None,
    concurrency: int,
    chance: random.Random,
) -> None:
    """Law 6: the same numbers, outcomes with their warnings, and rules; each KMS key is described once."""
    desired = replace(desired, kms_key_arn=None)
    names = list(fleet)
    alone = run_buckets(fleet, desired, key, names, 1)
    shuffled = chance.sample(names, len(names))
    assert run_buckets(fleet, desired, key, shuffled, concurrency) == alone
    _status, outcomes, _rules, _keys = alone
    assert set(outcomes) == set(fleet)
    for name, rule in fleet.items():
        failure = outcomes[name].failure
        if rule is None:
            assert failure is not None
            assert failure.resource == name


@pytest.mark.parametrize("kind", [SSE_C, SSE_KMS, DSSE_KMS, SSE_S3], ids=lambda kind: kind.name)
def test_the_strategies_draw_every_kind(kind: Any) -> None:
    """A law would prove nothing about states that are never drawn. `find` raises NoSuchExample for those."""
    quickly = settings(phases=[Phase.generate], max_examples=1000)
    find(draw.DESIRED_OBJECTS, lambda desired: desired.encryption.kind is kind, settings=quickly)
    find(draw.objects(), lambda found: found[0].encryption.type == kind.name, settings=quickly)
