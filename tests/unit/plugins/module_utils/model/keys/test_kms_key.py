# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Plans for a KMS key: creation, changes and their order, and what is kept."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.desired_key import (
    DesiredKey,
    DesiredPolicy,
    KeyReading,
    PolicyScope,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_origin import DesiredOrigin
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_rotation import KeyMaterial, Rotation
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_state import UNFINISHED_TAG, KeyState
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_steps import (
    CreateKey,
    KeyStep,
    PutKeyPolicy,
    RotateKeyOnDemand,
    SetAlias,
    SetRotation,
    SetState,
    TagResource,
    UntagResource,
    UpdateKeyDescription,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.kms_key import plan_kms_key

SCOPE = PolicyScope("aws", "eu-west-1", "111122223333")
ARN = "arn:aws:kms:eu-west-1:111122223333:key/one"
ADMIN = "arn:aws:iam::111122223333:role/admin"
POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": "111122223333"},
                "Action": "kms:*",
                "Resource": "*",
            }
        ],
    }
)
KEY = KeyState(
    "one",
    ARN,
    description="photos",
    aliases=("alias/photos",),
    policy=POLICY,
    rotation=Rotation(True, 365),
    tags=(("aws:made-by", "stack"), ("team", "a")),
    creation_date="2026-11-01T00:00:00+00:00",
)
DESIRE = DesiredKey(alias="alias/photos")


def reading(key: KeyState | None, alias_holder: str | None = None) -> KeyReading:
    return KeyReading(key, SCOPE, alias_holder)


UNCHANGED = [
    pytest.param(DESIRE, KEY, id="nothing named but the alias"),
    pytest.param(DesiredKey(key_id="one"), KEY, id="nothing named but the id"),
    pytest.param(DesiredKey(key_id="one", alias="alias/photos"), KEY, id="id and its own alias"),
    pytest.param(DESIRE, replace(KEY, aliases=("alias/z", "alias/photos")), id="one of its aliases"),
    pytest.param(replace(DESIRE, description="photos"), KEY, id="description"),
    pytest.param(replace(DESIRE, enabled=True), KEY, id="enabled"),
    pytest.param(replace(DESIRE, enabled=False), replace(KEY, state="Disabled"), id="disabled"),
    pytest.param(DESIRE, replace(KEY, state="Disabled"), id="disabled, and not named"),
    pytest.param(replace(DESIRE, rotation_enabled=True), KEY, id="rotation"),
    pytest.param(
        replace(DESIRE, rotation_enabled=True), replace(KEY, rotation=Rotation(True, 90)), id="rotation, period omitted"
    ),
    pytest.param(
        replace(DESIRE, rotation_enabled=True),
        replace(KEY, rotation=Rotation(True)),
        id="rotation, period not reported",
    ),
    pytest.param(
        replace(DESIRE, rotation_enabled=True, rotation_period_in_days=90),
        replace(KEY, rotation=Rotation(True, 90)),
        id="rotation and period",
    ),
    pytest.param(replace(DESIRE, rotation_enabled=False), replace(KEY, rotation=Rotation(False)), id="no rotation"),
    pytest.param(replace(DESIRE, tags=(("team", "a"),)), KEY, id="tags, those of AWS not named"),
    pytest.param(replace(DESIRE, tags=(), purge_tags=False), KEY, id="no tags, none purged"),
    pytest.param(replace(DESIRE, policy=DesiredPolicy(users=())), KEY, id="no users, and none there"),
]


@pytest.mark.parametrize(("desired", "actual"), UNCHANGED)
def test_a_key_in_the_desired_state_has_no_steps(desired: DesiredKey, actual: KeyState) -> None:
    """No call, and the key is reported unchanged."""
    plan = plan_kms_key(desired, reading(actual))
    assert plan.steps == ()
    assert plan.after == actual


CHANGES: list[tuple[str, DesiredKey, KeyState, tuple[KeyStep, ...], KeyState]] = [
    (
        "description",
        replace(DESIRE, description="pictures"),
        KEY,
        (UpdateKeyDescription("pictures"),),
        replace(KEY, description="pictures"),
    ),
    (
        "description emptied",
        replace(DESIRE, description=""),
        KEY,
        (UpdateKeyDescription(""),),
        replace(KEY, description=""),
    ),
    (
        "enable",
        replace(DESIRE, enabled=True),
        replace(KEY, state="Disabled"),
        (SetState("EnableKey"),),
        KEY,
    ),
    ("disable", replace(DESIRE, enabled=False), KEY, (SetState("DisableKey"),), replace(KEY, state="Disabled")),
    (
        "save from deletion",
        DESIRE,
        replace(KEY, state="PendingDeletion"),
        (SetState("CancelKeyDeletion"), SetState("EnableKey")),
        KEY,
    ),
    (
        "save from deletion with a date, and replicas",
        DESIRE,
        replace(KEY, state="PendingReplicaDeletion", deletion_date="2026-12-01", replica_regions=("us-east-1",)),
        (SetState("CancelKeyDeletion"), SetState("EnableKey")),
        replace(KEY, replica_regions=("us-east-1",)),
    ),
    (
        "save from deletion, disabled",
        replace(DESIRE, enabled=False),
        replace(KEY, state="PendingDeletion"),
        (SetState("CancelKeyDeletion"),),
        replace(KEY, state="Disabled"),
    ),
    (
        "another alias",
        DesiredKey(key_id="one", alias="alias/albums"),
        KEY,
        (SetAlias("alias/albums", "CreateAlias"),),
        replace(KEY, aliases=("alias/albums", "alias/photos")),
    ),
    (
        "rotation on",
        replace(DESIRE, rotation_enabled=True),
        replace(KEY, rotation=Rotation(False)),
        (SetRotation(None, "EnableKeyRotation"),),
        KEY,
    ),
    (
        "rotation on, with a period",
        replace(DESIRE, rotation_enabled=True, rotation_period_in_days=90),
        replace(KEY, rotation=Rotation(False)),
        (SetRotation(90, "EnableKeyRotation"),),
        replace(KEY, rotation=Rotation(True, 90)),
    ),
    (
        "another period",
        replace(DESIRE, rotation_enabled=True, rotation_period_in_days=2560),
        KEY,
        (SetRotation(2560, "EnableKeyRotation"),),
        replace(KEY, rotation=Rotation(True, 2560)),
    ),
    (
        "rotation off",
        replace(DESIRE, rotation_enabled=False),
        KEY,
        (SetRotation(None, "DisableKeyRotation"),),
        replace(KEY, rotation=Rotation(False)),
    ),
    (
        "tags purged",
        replace(DESIRE, tags=(("cost", "1"),)),
        KEY,
        (TagResource((("cost", "1"),)), UntagResource(("team",))),
        replace(KEY, tags=(("aws:made-by", "stack"), ("cost", "1"))),
    ),
    (
        "a tag changed",
        replace(DESIRE, tags=(("team", "b"),), purge_tags=False),
        KEY,
        (TagResource((("team", "b"),)),),
        replace(KEY, tags=(("aws:made-by", "stack"), ("team", "b"))),
    ),
    (
        "finish what was cut off",
        DESIRE,
        replace(KEY, aliases=(), tags=((UNFINISHED_TAG, "alias/photos"), ("team", "a"))),
        (SetAlias("alias/photos", "CreateAlias"), UntagResource((UNFINISHED_TAG,))),
        replace(KEY, tags=(("team", "a"),)),
    ),
    (
        "everything, enabled first and disabled last",
        DesiredKey("alias/photos", None, "x", False, DesiredPolicy(), False, None, ()),
        replace(KEY, tags=(("team", "a"),)),
        (
            UpdateKeyDescription("x"),
            SetRotation(None, "DisableKeyRotation"),
            UntagResource(("team",)),
            SetState("DisableKey"),
        ),
        replace(KEY, description="x", rotation=Rotation(False), tags=(), state="Disabled"),
    ),
    (
        "everything, on a disabled key",
        DesiredKey("alias/photos", None, "x", True, DesiredPolicy(), False, None, ()),
        replace(KEY, tags=(("team", "a"),), state="Disabled"),
        (
            SetState("EnableKey"),
            UpdateKeyDescription("x"),
            SetRotation(None, "DisableKeyRotation"),
            UntagResource(("team",)),
        ),
        replace(KEY, description="x", rotation=Rotation(False), tags=()),
    ),
]


@pytest.mark.parametrize(("desired", "actual", "steps", "after"), [c[1:] for c in CHANGES], ids=[c[0] for c in CHANGES])
def test_changes_in_the_order_that_kms_accepts(
    desired: DesiredKey, actual: KeyState, steps: tuple[KeyStep, ...], after: KeyState
) -> None:
    """Named values are changed, all others are kept, and a second run has no steps."""
    plan = plan_kms_key(desired, reading(actual))
    assert plan.steps == steps
    assert plan.after == after
    assert plan_kms_key(desired, reading(after)).steps == ()


def test_the_whole_policy_is_written() -> None:
    """With the statements that are kept."""
    plan = plan_kms_key(replace(DESIRE, policy=DesiredPolicy((ADMIN,))), reading(KEY))
    (step,) = plan.steps
    assert isinstance(step, PutKeyPolicy)
    assert plan.after is not None
    assert plan.after.policy == step.policy
    assert json.loads(POLICY)["Statement"][0] in json.loads(step.policy)["Statement"]


def test_an_alias_of_another_key_is_moved() -> None:
    """CreateAlias would be refused."""
    plan = plan_kms_key(DesiredKey(key_id="one", alias="alias/albums"), reading(KEY, alias_holder="two"))
    assert plan.steps == (SetAlias("alias/albums", "UpdateAlias"),)
    assert "moves from the key two to the key one" in plan.warnings[0]


def test_what_was_not_read_is_not_changed() -> None:
    """A part that the task does not name is not read, and stays unknown in the plan."""
    unread = replace(KEY, policy=None, rotation=None, tags=None)
    plan = plan_kms_key(replace(DESIRE, description="x"), reading(unread))
    assert plan.steps == (UpdateKeyDescription("x"),)
    assert plan.after == replace(unread, description="x")


def test_create_key_sets_policy_and_tags() -> None:
    """A tag has the alias until the alias is created."""
    desired = DesiredKey(
        "alias/photos",
        description="photos",
        policy=DesiredPolicy((ADMIN,)),
        rotation_enabled=True,
        rotation_period_in_days=180,
        tags=(("team", "a"),),
    )
    plan = plan_kms_key(desired, reading(None))
    create, *rest = plan.steps
    assert isinstance(create, CreateKey)
    assert (create.description, create.tags) == ("photos", ((UNFINISHED_TAG, "alias/photos"), ("team", "a")))
    assert create.policy is not None
    assert rest == [
        SetAlias("alias/photos", "CreateAlias"),
        SetRotation(180, "EnableKeyRotation"),
        UntagResource((UNFINISHED_TAG,)),
    ]
    assert plan.before is None
    assert plan.after == KeyState(
        description="photos",
        aliases=("alias/photos",),
        policy=create.policy,
        rotation=Rotation(True, 180),
        tags=(("team", "a"),),
    )


def test_a_new_key_with_only_an_alias() -> None:
    """KMS gives it its default policy."""
    plan = plan_kms_key(DESIRE, reading(None))
    assert plan.steps == (
        CreateKey("", None, ((UNFINISHED_TAG, "alias/photos"),)),
        SetAlias("alias/photos", "CreateAlias"),
        UntagResource((UNFINISHED_TAG,)),
    )


def test_a_new_disabled_key_is_disabled_last() -> None:
    """KMS does not change the rotation of a disabled key."""
    plan = plan_kms_key(replace(DESIRE, enabled=False, rotation_enabled=True), reading(None))
    assert list(plan.operations) == [
        "CreateKey",
        "CreateAlias",
        "EnableKeyRotation",
        "UntagResource",
        "DisableKey",
    ]


def test_a_key_with_an_unknown_id_cannot_be_created() -> None:
    """KMS chooses the ids."""
    with pytest.raises(OperationError) as error:
        plan_kms_key(DesiredKey(key_id="one"), reading(None))
    assert (error.value.failure.kind, error.value.failure.resource) == (FailureKind.ABSENT, "one")
    assert "eu-west-1" in error.value.failure.message


def test_a_key_that_aws_manages_is_refused() -> None:
    """Before any write, also if nothing differs."""
    with pytest.raises(OperationError, match="managed by AWS"):
        plan_kms_key(DesiredKey(alias="alias/aws/s3"), reading(replace(KEY, manager="AWS")))


@pytest.mark.parametrize(
    ("spec", "usage"),
    [("RSA_2048", "ENCRYPT_DECRYPT"), ("ECC_NIST_P256", "SIGN_VERIFY"), ("HMAC_256", "GENERATE_VERIFY_MAC")],
)
def test_a_key_that_s3_cannot_use_is_refused(spec: str, usage: str) -> None:
    """Refused for every desired state."""
    key = replace(KEY, spec=spec, usage=usage)
    with pytest.raises(
        OperationError, match=f"{spec} and the usage {usage}, and objects are encrypted with symmetric keys only"
    ) as error:
        plan_kms_key(replace(DESIRE, policy=DesiredPolicy(users=(ADMIN,))), reading(key))
    assert (error.value.failure.kind, error.value.failure.resource) == (FailureKind.KEY_UNUSABLE, ARN)


IN_A_STORE = DesiredOrigin("AWS_CLOUDHSM", "cks-1")
EXTERNAL = DesiredOrigin("EXTERNAL_KEY_STORE", "cks-1", "hsm.1")
IMMUTABLE_CASES = [
    pytest.param(DesiredOrigin(multi_region=True), DesiredOrigin(), "multi_region: false", id="one region"),
    pytest.param(DesiredOrigin(multi_region=False), DesiredOrigin(multi_region=True), "multi_region: true", id="many"),
    pytest.param(DesiredOrigin("EXTERNAL"), DesiredOrigin(), "origin: AWS_KMS", id="imported desired"),
    pytest.param(DesiredOrigin(), IN_A_STORE, "", id="nothing named"),
    pytest.param(IN_A_STORE, DesiredOrigin(), "origin: AWS_KMS and custom_key_store_id: none", id="no store"),
    pytest.param(
        replace(IN_A_STORE, custom_key_store_id="cks-2"), IN_A_STORE, "custom_key_store_id: cks-1", id="store"
    ),
    pytest.param(replace(EXTERNAL, xks_key_id="hsm.2"), EXTERNAL, "xks_key_id: hsm.1", id="external key"),
]


@pytest.mark.parametrize(("desired", "made", "current"), IMMUTABLE_CASES)
def test_immutable_properties_cannot_be_changed(desired: DesiredOrigin, made: DesiredOrigin, current: str) -> None:
    """Refused with the current value and advice, before any write; an equal or omitted value is accepted."""
    key = created_with(KEY, made)
    if current:
        with pytest.raises(OperationError) as error:
            plan_kms_key(replace(DESIRE, description="x", creation_options=desired), reading(key))
        failure = error.value.failure
        assert (failure.kind, failure.resource) == (FailureKind.INVALID, ARN)
        assert f"created with {current}" in failure.message
        assert "new alias" in failure.advice
    for same in (made, DesiredOrigin()):
        assert plan_kms_key(replace(DESIRE, creation_options=same), reading(key)).steps == ()


def created_with(key: KeyState, made: DesiredOrigin) -> KeyState:
    """The key, if it was created with these options."""
    return replace(
        key,
        origin=made.origin or "AWS_KMS",
        custom_key_store_id=made.custom_key_store_id,
        xks_key_id=made.xks_key_id,
        multi_region=bool(made.multi_region),
    )


@pytest.mark.parametrize(
    ("made", "state", "message"),
    [
        pytest.param(DesiredOrigin(), "Enabled", "", id="by KMS"),
        pytest.param(DesiredOrigin(multi_region=True), "Enabled", "", id="multi-Region"),
        pytest.param(DesiredOrigin("EXTERNAL"), "PendingImport", "kms:ImportKeyMaterial", id="imported"),
        pytest.param(IN_A_STORE, "Enabled", "", id="CloudHSM"),
        pytest.param(EXTERNAL, "Enabled", "", id="external key store"),
    ],
)
def test_a_key_is_created_as_desired(made: DesiredOrigin, state: str, message: str) -> None:
    """The default rotation is ignored for keys that KMS does not rotate; missing key material is a warning."""
    desired = replace(DESIRE, creation_options=made, enabled=True, rotation_enabled=True)
    plan = plan_kms_key(desired, reading(None))
    assert plan.after is not None
    assert plan.after == created_with(plan.after, made)
    assert plan.after.state == state
    rotates = made.origin is None
    assert plan.after.rotation == (Rotation(True, 365) if rotates else None)
    assert [step.operation for step in plan.steps if isinstance(step, SetRotation)] == ["EnableKeyRotation"] * rotates
    assert [message in warning for warning in plan.warnings] == [True] * bool(message)
    assert isinstance(plan.steps[0], CreateKey)
    assert plan.steps[0].creation_options == made
    again = plan_kms_key(replace(desired, enabled=None), reading(replace(plan.after, arn=ARN)))
    assert (again.steps, len(again.warnings)) == ((), bool(message))


def test_rotation_is_refused_for_keys_that_kms_does_not_rotate() -> None:
    """If the task names it; the default is ignored without a warning."""
    key = replace(KEY, origin="EXTERNAL", rotation=None)
    desired = replace(DESIRE, rotation_enabled=True)
    assert plan_kms_key(desired, reading(key)).warnings == ()
    assert plan_kms_key(replace(desired, rotation_enabled=False, rotation_named=True), reading(key)).steps == ()
    with pytest.raises(OperationError, match="origin EXTERNAL") as error:
        plan_kms_key(replace(desired, rotation_named=True), reading(key))
    assert error.value.failure.kind is FailureKind.INVALID


STATES = [
    pytest.param("PendingImport", "waits for its key material", id="imported material missing"),
    pytest.param("Unavailable", "its key store cannot be reached", id="key store not reachable"),
    pytest.param("Creating", "a replica that KMS is still creating", id="being made"),
    pytest.param("Updating", "whose primary region KMS is still changing", id="being updated"),
]


@pytest.mark.parametrize(("state", "message"), STATES)
def test_states_in_which_enable_key_has_no_effect(state: str, message: str) -> None:
    """enabled: true is refused with advice. enabled: false needs no call, because the key cannot be used."""
    key = replace(KEY, state=state)
    with pytest.raises(OperationError, match=message) as error:
        plan_kms_key(replace(DESIRE, enabled=True), reading(key))
    assert error.value.failure.kind is FailureKind.KEY_UNUSABLE
    for enabled in (False, None):
        plan = plan_kms_key(replace(DESIRE, enabled=enabled), reading(key))
        assert (plan.steps, plan.after) == ((), key)


@pytest.mark.parametrize(("state", "message"), STATES)
def test_other_changes_in_those_states(state: str, message: str) -> None:
    """A key without material or without a connected key store can be managed. A key that KMS is updating cannot."""
    key, desired = replace(KEY, state=state), replace(DESIRE, description="x")
    if state in ("Creating", "Updating"):
        with pytest.raises(OperationError, match=message):
            plan_kms_key(desired, reading(key))
    else:
        assert plan_kms_key(desired, reading(key)).steps == (UpdateKeyDescription("x"),)


def test_a_disabled_key_causes_a_warning() -> None:
    """An interrupted run may have cancelled its deletion. No warning if the task names `enabled`."""
    key = replace(KEY, state="Disabled")
    assert "is disabled and stays disabled" in plan_kms_key(DESIRE, reading(key)).warnings[0]
    for enabled in (True, False):
        assert plan_kms_key(replace(DESIRE, enabled=enabled), reading(key)).warnings == ()


def test_the_rotation_period_of_a_restored_key_is_kept() -> None:
    """KMS does not report it, so the step reads it later. A named period is written."""
    key = replace(KEY, state="PendingDeletion", rotation=None)
    plan = plan_kms_key(replace(DESIRE, rotation_enabled=True), reading(key))
    assert plan.steps[2:] == (SetRotation(None, "EnableKeyRotation", keeps_period=True),)
    assert plan.after == replace(KEY, rotation=Rotation(True))
    plan = plan_kms_key(replace(DESIRE, rotation_enabled=True, rotation_period_in_days=100), reading(key))
    assert plan.steps[2:] == (SetRotation(100, "EnableKeyRotation"),)
    plan = plan_kms_key(replace(DESIRE, rotation_enabled=False), reading(key))
    assert plan.steps[2:] == (SetRotation(None, "DisableKeyRotation"),)


NOW = datetime(2026, 11, 23, tzinfo=timezone.utc)
OLD = KeyMaterial(NOW - timedelta(days=100, seconds=1), on_demand=2)
MONTHLY = replace(DESIRE, rotate_if_older_than_days=100)


def aged(material: KeyMaterial | None, **changes: object) -> KeyReading:
    """A key with this key material."""
    return KeyReading(replace(KEY, material=material, **changes), SCOPE, read_at=NOW)  # type: ignore[arg-type]


def test_old_key_material_is_rotated() -> None:
    """Once. KMS generates the new material and sets its date."""
    plan = plan_kms_key(MONTHLY, aged(OLD))
    assert plan.steps == (RotateKeyOnDemand(),)
    assert plan.after == replace(KEY, material=KeyMaterial(None, 3, changes=True))
    assert plan_kms_key(MONTHLY, KeyReading(plan.after, SCOPE, read_at=NOW)).steps == ()


@pytest.mark.parametrize(
    ("desired", "material"),
    [
        pytest.param(MONTHLY, replace(OLD, since=NOW - timedelta(days=100)), id="to the second as old as allowed"),
        pytest.param(MONTHLY, replace(OLD, changes=True), id="under way"),
        pytest.param(MONTHLY, None, id="not read"),
        pytest.param(DESIRE, OLD, id="not named"),
        pytest.param(MONTHLY, KeyMaterial(NOW, 25), id="young, at the limit of rotations"),
    ],
)
def test_key_material_that_is_kept(desired: DesiredKey, material: KeyMaterial | None) -> None:
    """No step."""
    plan = plan_kms_key(desired, aged(material))
    assert (plan.steps, plan.warnings) == ((), ())


@pytest.mark.parametrize(
    ("material", "origin", "message", "advised"),
    [
        pytest.param(replace(OLD, on_demand=25), "AWS_KMS", "25 times", "rotation_period_in_days", id="at the limit"),
        pytest.param(OLD, "EXTERNAL", "no new material is pending", "Import new key material", id="nothing imported"),
        pytest.param(OLD, "AWS_CLOUDHSM", "key store", "new alias", id="CloudHSM"),
        pytest.param(OLD, "EXTERNAL_KEY_STORE", "key store", "new alias", id="external key store"),
    ],
)
def test_key_material_that_cannot_be_replaced(material: KeyMaterial, origin: str, message: str, advised: str) -> None:
    """Refused before any write, with the date and what to do."""
    with pytest.raises(OperationError, match=message) as error:
        plan_kms_key(replace(MONTHLY, description="x"), aged(material, origin=origin))
    assert "2026-08-14" in error.value.failure.message
    assert advised in error.value.failure.advice


def test_pending_imported_material_is_used_by_a_rotation() -> None:
    """KMS replaces imported material by the pending imported material."""
    plan = plan_kms_key(MONTHLY, aged(replace(OLD, has_successor=True), origin="EXTERNAL"))
    assert plan.steps == (RotateKeyOnDemand(),)


def test_rotation_on_demand_of_keys_that_are_not_enabled() -> None:
    """After EnableKey and before DisableKey; a key that stays disabled is not rotated, with a warning."""
    disabled, old = replace(MONTHLY, enabled=False), aged(OLD)
    assert list(plan_kms_key(disabled, old).operations) == [
        "RotateKeyOnDemand",
        "DisableKey",
    ]
    enabled = plan_kms_key(replace(MONTHLY, enabled=True), aged(OLD, state="Disabled"))
    assert enabled.operations == ("EnableKey", "RotateKeyOnDemand")
    unchanged = plan_kms_key(disabled, aged(OLD, state="Disabled"))
    assert (unchanged.steps, unchanged.after) == ((), unchanged.before)
    assert "its rotation is not changed" in unchanged.warnings[0]
