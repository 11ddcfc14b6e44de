# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A KMS key made for S3: state, desire, and the plan between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import ClassVar, Union

from .errors import Failure, FailureKind, Refused, assert_never
from .key_immutable import Immutable, require_as_made
from .key_origin import DesiredOrigin, first_state, missing_material, require_rotatable
from .key_policy import DesiredPolicy, PolicyScope, merge_policy
from .key_ref import KmsKey
from .key_rotation import DEFAULT_ROTATION_PERIOD, KeyMaterial, Rotation, is_too_old, require_replaceable
from .operations import AliasOperation, KeyStateOperation, Operations, RotationOperation
from .plan import Plan
from .policy_document import names_only, parse_policy, statements, unique_ids
from .tags import Tags, merge_tags

# A new key carries this tag, with the alias as its value, until the alias exists. A run that is cut off between the two
# calls leaves a key that the next run finds by it, instead of making (and paying for) a second one.
UNFINISHED_TAG = "sealed.s3:unfinished"

# The states between which EnableKey and DisableKey switch; and those that KMS leaves by itself, and refuses changes in.
# Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
_SWITCHED = ("Enabled", "Disabled")
_IN_TRANSIT = ("Creating", "Updating")


@dataclass(frozen=True, slots=True)
class KeyState:
    """One key as KMS tells it. None: not read, or (in a plan) not known before KMS has made the key."""

    key_id: str | None = None
    arn: str | None = None
    state: str = "Enabled"
    description: str = ""
    aliases: tuple[str, ...] = ()
    policy: str | None = None
    rotation: Rotation | None = None
    tags: Tags | None = None
    spec: str = "SYMMETRIC_DEFAULT"
    usage: str = "ENCRYPT_DECRYPT"
    origin: str = "AWS_KMS"
    manager: str = "CUSTOMER"
    multi_region: bool = False
    creation_date: str | None = None
    deletion_date: str | None = None
    replica_regions: tuple[str, ...] = ()
    custom_key_store_id: str | None = None
    xks_key_id: str | None = None
    material: KeyMaterial | None = None
    # Of a multi-Region key: where its primary is; its replicas, as far as they were looked at; and of a replica among
    # those, its own region.
    primary_region: str | None = None
    replicas: tuple[KeyState, ...] | None = None
    region: str = ""
    # The days that a key waits for before it is deleted: of a primary key, from when its replicas are gone. KMS tells
    # them for such a primary key only, so of another they are known to the run that schedules the deletion.
    pending_window_in_days: int | None = None

    @property
    def is_pending_deletion(self) -> bool:
        """Whether the key is on its way out: nobody can use it, and everything but to cancel that is refused."""
        return self.state in ("PendingDeletion", "PendingReplicaDeletion")

    @property
    def is_replica(self) -> bool:
        """Whether this is a replica of a multi-Region key, and its primary elsewhere."""
        return self.primary_region is not None and self.arn_in(self.primary_region) != self.arn

    def arn_in(self, region: str) -> str:
        """The ARN of the related multi-Region key in another region, which has the same id."""
        parts = (self.arn or "").split(":")
        return ":".join([*parts[:3], region, *parts[4:]])

    @property
    def rotates(self) -> bool:
        """Whether KMS can rotate the key by itself: symmetric keys of its own making only.

        Source: https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
        """
        return self.origin == "AWS_KMS" and self.spec == "SYMMETRIC_DEFAULT"


@dataclass(frozen=True, slots=True)
class KeyReading:
    """What a plan starts from: the key, if there is one, the id of another key that the alias stands for, and the time
    of the reading, which is needed where the age of the key's material was read."""

    key: KeyState | None
    scope: PolicyScope
    alias_holder: str | None = None
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DesiredKey:
    """What a playbook asks for. None: not named, so kept."""

    alias: str | None = None
    key_id: str | None = None
    description: str | None = None
    enabled: bool | None = None
    policy: DesiredPolicy = DesiredPolicy()
    rotation_enabled: bool | None = None
    rotation_period_in_days: int | None = None
    tags: Tags | None = None
    purge_tags: bool = True
    made_with: DesiredOrigin = DesiredOrigin()
    # Whether rotation is asked for by name: a key that KMS cannot rotate is then refused, and not left alone.
    rotation_named: bool = False
    rotate_if_older_than_days: int | None = None
    replica_regions: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class CreateKey:
    """Make the key whole: with its policy and tags from its first moment."""

    description: str
    policy: str | None
    tags: Tags
    made_with: DesiredOrigin = DesiredOrigin()
    operations: ClassVar[Operations] = ("CreateKey",)


@dataclass(frozen=True, slots=True)
class SetAlias:
    """Give the key its alias: CreateAlias for a new one, UpdateAlias for one that stands for another key."""

    alias: str
    operation: AliasOperation

    @property
    def operations(self) -> Operations:
        """The one that is called."""
        return (self.operation,)


@dataclass(frozen=True, slots=True)
class SetState:
    """CancelKeyDeletion, EnableKey or DisableKey."""

    operation: KeyStateOperation

    @property
    def operations(self) -> Operations:
        """The one that is called."""
        return (self.operation,)


@dataclass(frozen=True, slots=True)
class UpdateKeyDescription:
    """Write the description."""

    description: str
    operations: ClassVar[Operations] = ("UpdateKeyDescription",)


@dataclass(frozen=True, slots=True)
class PutKeyPolicy:
    """Write the whole policy."""

    policy: str
    operations: ClassVar[Operations] = ("PutKeyPolicy",)


@dataclass(frozen=True, slots=True)
class SetRotation:
    """EnableKeyRotation, which also sets the period, or DisableKeyRotation.

    `keeps_period`: with the period that the key has by then, as KMS hides it while a deletion is pending.
    """

    period_in_days: int | None
    operation: RotationOperation
    keeps_period: bool = False

    @property
    def operations(self) -> Operations:
        """The one that is called."""
        return (self.operation,)


@dataclass(frozen=True, slots=True)
class RotateKeyOnDemand:
    """Have KMS make new key material at once, or take what was imported for it."""

    operations: ClassVar[Operations] = ("RotateKeyOnDemand",)


@dataclass(frozen=True, slots=True)
class TagResource:
    """Set these tags."""

    tags: Tags
    operations: ClassVar[Operations] = ("TagResource",)


@dataclass(frozen=True, slots=True)
class UntagResource:
    """Take these tags away."""

    keys: tuple[str, ...]
    operations: ClassVar[Operations] = ("UntagResource",)


KeyStep = Union[
    CreateKey,
    SetAlias,
    SetState,
    UpdateKeyDescription,
    PutKeyPolicy,
    SetRotation,
    RotateKeyOnDemand,
    TagResource,
    UntagResource,
]
KeyPlan = Plan[KeyState, KeyStep]


def plan_kms_key(desired: DesiredKey, reading: KeyReading) -> KeyPlan:
    """The calls that bring a key to what is asked, in an order that KMS takes: enable first, disable last.

    Raises Refused where the key is not there to be had, or is not ours to change.
    """
    before = reading.key
    if before is None:
        return _plan_creation(desired, reading.scope)
    if before.manager != "CUSTOMER":
        raise Refused(
            Failure(
                FailureKind.INVALID,
                f"The key {before.arn} is managed by AWS, which lets nobody change it.",
                "Name an alias or key of your own.",
            )
        )
    # S3 takes symmetric keys only, so nobody is granted the use of another for it.
    KmsKey(before.arn or "", spec=before.spec, usage=before.usage).require_usable_by_s3()
    require_as_made(before.arn or "", _immutable(desired.made_with, before))
    if desired.rotation_enabled and desired.rotation_named:
        require_rotatable(before.arn or "", before.spec, before.origin)
    _require_rotation_of_primary(desired, before)
    state = _state(desired, before)
    after = replace(
        before,
        state=state,
        description=before.description if desired.description is None else desired.description,
        aliases=before.aliases if desired.alias in (None, *before.aliases) else _with(before.aliases, desired.alias),
        policy=merge_policy(before.policy, desired.policy, reading.scope),
        rotation=_rotation(desired, before, state),
        tags=_tags(desired, before.tags),
        deletion_date=None,
        pending_window_in_days=None,
        material=_material(desired, before, state, reading.read_at),
    )
    steps = _steps(desired, before, after, alias_elsewhere=reading.alias_holder is not None)
    if steps and before.state in _IN_TRANSIT:
        KmsKey(before.arn or "", state=before.state).require_usable_by_s3()
    warnings = (
        *_warnings(desired, before, state, reading.read_at),
        *gone_principals(before.arn or "", before.policy, after.policy),
    )
    if reading.alias_holder:
        warnings += (alias_moves(desired.alias, reading.alias_holder, before.key_id),)
    return Plan(before, steps, after, warnings)


def _immutable(asked: DesiredOrigin, key: KeyState) -> tuple[Immutable, ...]:
    return (
        Immutable("multi_region", asked.multi_region, key.multi_region),
        Immutable("origin", asked.origin, key.origin),
        Immutable("custom_key_store_id", asked.custom_key_store_id, key.custom_key_store_id),
        Immutable("xks_key_id", asked.xks_key_id, key.xks_key_id),
    )


def _require_rotation_of_primary(desired: DesiredKey, key: KeyState) -> None:
    """Raise Refused where another rotation is asked of a replica, by name, than its primary has.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html
    """
    if not key.is_replica:
        return
    differs = (
        desired.rotation_named and key.rotation is not None and key.rotation != _asked_rotation(desired, key.rotation)
    )
    if differs or desired.rotate_if_older_than_days is not None:
        raise Refused(
            Failure(
                FailureKind.INVALID,
                f"The key {key.arn} is a replica, and its rotation is that of its primary key in {key.primary_region}.",
                f"Change the rotation with region: {key.primary_region}, or leave it out here.",
                resource=key.arn or "",
            )
        )


def _warnings(desired: DesiredKey, key: KeyState, state: str, now: datetime | None) -> tuple[str, ...]:
    warnings = [*missing_material(key.arn or "", key.state)]
    if state == "Disabled" and desired.enabled is None:
        # Also how a run is told that was cut off after CancelKeyDeletion, which leaves a key disabled.
        warnings.append(
            f"The key {key.arn} is disabled, and stays so: nobody can use it. Name enabled: true to enable it, or "
            "enabled: false if that is meant."
        )
    if _leaves_rotation(desired, key, state, now):
        warnings.append(
            f"The key {key.arn} is {state}, and KMS changes the rotation of enabled keys only, so rotation is left as "
            "it is until the key is enabled. KMS rotates no key that is not enabled."
        )
    return tuple(warnings)


def alias_moves(alias: str | None, holder: str, key_id: str | None) -> str:
    """The warning about an alias that is taken from another key."""
    return f"{alias} moves from the key {holder} to the key {key_id}: what names the alias uses this key from now on."


def gone_principals(arn: str, before: str | None, after: str | None) -> tuple[str, ...]:
    """The warnings about principals that AWS shows by their unique ids: those that stay so, and those that go."""
    shown = unique_ids(parse_policy(before)) if before else ()
    left = set(unique_ids(parse_policy(after))) if after else set()
    stay, go = [name for name in shown if name in left], [name for name in shown if name not in left]
    warnings = []
    if stay:
        warnings.append(
            f"The policy of {arn} shows {', '.join(stay)} where a user or role was deleted. One of the same name "
            "that was made since has no access: take its ARN out of the task for one run, and put it in again."
        )
    if go:
        warnings.append(
            f"The policy of {arn} is written without {', '.join(go)}, which AWS shows for a deleted user or role, and "
            f"KMS does not take.{_emptied(before or '', go)} Where the task still names one of them by its ARN, the "
            "next run adds that: take out those that do not exist."
        )
    return tuple(warnings)


def _emptied(before: str, gone: Sequence[str]) -> str:
    """What to say of the statements that name nobody but deleted principals."""
    names = [
        str(each.get("Sid") or "one without a Sid")
        for each in statements(parse_policy(before))
        if names_only(each, gone)
    ]
    if not names:
        return ""
    return f" With them goes what named nobody else: {', '.join(names)}."


def written_policy(plan: KeyPlan) -> str | None:
    """The policy that a plan writes; None where it writes none."""
    return next((policy for policy in map(_policy_of, plan.steps) if policy), None)


def _policy_of(step: KeyStep) -> str | None:
    match step:
        case CreateKey() | PutKeyPolicy():
            return step.policy
        case (
            SetAlias()
            | SetState()
            | UpdateKeyDescription()
            | SetRotation()
            | RotateKeyOnDemand()
            | TagResource()
            | UntagResource()
        ):
            return None
        case _:
            assert_never(step)


class Part(Enum):
    """The parts of a key that KMS tells in calls of their own."""

    METADATA = "DescribeKey"
    POLICY = "GetKeyPolicy"
    ROTATION = "GetKeyRotationStatus"
    MATERIAL = "ListKeyRotations"
    TAGS = "ListResourceTags"


def part_of(step: KeyStep) -> Part:
    """The part that a step writes."""
    match step:
        case CreateKey() | SetAlias() | SetState() | UpdateKeyDescription():
            return Part.METADATA
        case PutKeyPolicy():
            return Part.POLICY
        case SetRotation():
            return Part.ROTATION
        case RotateKeyOnDemand():
            return Part.MATERIAL
        case TagResource() | UntagResource():
            return Part.TAGS
        case _:
            assert_never(step)


def has_to_propagate(step: KeyStep) -> bool:
    """Whether KMS may refuse the next steps for some seconds, as a new key or key state has to propagate first."""
    match step:
        case CreateKey() | SetState():
            return True
        case (
            SetAlias()
            | UpdateKeyDescription()
            | PutKeyPolicy()
            | SetRotation()
            | RotateKeyOnDemand()
            | TagResource()
            | UntagResource()
        ):
            return False
        case _:
            assert_never(step)


def alias_of(step: KeyStep) -> str | None:
    """The alias that a step sets; None where it sets none."""
    match step:
        case SetAlias():
            return step.alias
        case (
            CreateKey()
            | SetState()
            | UpdateKeyDescription()
            | PutKeyPolicy()
            | SetRotation()
            | RotateKeyOnDemand()
            | TagResource()
            | UntagResource()
        ):
            return None
        case _:
            assert_never(step)


def _plan_creation(desired: DesiredKey, scope: PolicyScope) -> KeyPlan:
    if desired.alias is None or desired.key_id is not None:
        raise Refused(
            Failure(
                FailureKind.ABSENT,
                f"There is no KMS key {desired.key_id} in {scope.region}.",
                "Leave key_id out and name the alias of the key to be made: KMS chooses the ids of new keys itself.",
                resource=desired.key_id or "",
            )
        )
    tags = desired.tags or ()
    policy = merge_policy(None, desired.policy, scope)
    # The key as CreateKey leaves it: unfinished until it has its alias.
    asked = desired.made_with
    made = KeyState(
        description=desired.description or "",
        policy=policy,
        tags=merge_tags(((UNFINISHED_TAG, desired.alias),), tags, purge=False),
        origin=asked.origin or "AWS_KMS",
        custom_key_store_id=asked.custom_key_store_id,
        xks_key_id=asked.xks_key_id,
        multi_region=bool(asked.multi_region),
    )
    made = replace(made, state=first_state(made.origin), rotation=Rotation(False) if made.rotates else None)
    # A key without key material is neither enabled nor disabled: KMS enables it with its material.
    state = _state(desired, made) if made.state == "Enabled" else made.state
    after = replace(
        made,
        state=state,
        aliases=(desired.alias,),
        rotation=_rotation(desired, made, state),
        tags=tags,
    )
    create = CreateKey(made.description, policy, made.tags or (), asked)
    steps = (create, *_steps(desired, made, after, alias_elsewhere=False))
    return Plan(None, steps, after, missing_material(desired.alias, after.state))


def _steps(desired: DesiredKey, before: KeyState, after: KeyState, alias_elsewhere: bool) -> tuple[KeyStep, ...]:
    steps: list[KeyStep] = []
    if before.is_pending_deletion:
        steps.append(SetState("CancelKeyDeletion"))
    if before.state != "Enabled" and after.state == "Enabled":
        steps.append(SetState("EnableKey"))
    if before.aliases != after.aliases and desired.alias:
        steps.append(SetAlias(desired.alias, "UpdateAlias" if alias_elsewhere else "CreateAlias"))
    if before.description != after.description:
        steps.append(UpdateKeyDescription(after.description))
    if before.policy != after.policy and after.policy is not None:
        steps.append(PutKeyPolicy(after.policy))
    if after.rotation and before.rotation != after.rotation:
        operation: RotationOperation = "EnableKeyRotation" if after.rotation.enabled else "DisableKeyRotation"
        keeps = before.is_pending_deletion and after.rotation == Rotation(True)
        steps.append(SetRotation(desired.rotation_period_in_days, operation, keeps))
    if before.material != after.material:
        steps.append(RotateKeyOnDemand())
    steps += _tag_steps(dict(before.tags or ()), dict(after.tags or ()))
    if before.state == "Enabled" and after.state == "Disabled":
        steps.append(SetState("DisableKey"))
    return tuple(steps)


def _tag_steps(before: dict[str, str], after: dict[str, str]) -> list[KeyStep]:
    steps: list[KeyStep] = []
    changed = tuple(item for item in sorted(after.items()) if before.get(item[0]) != item[1])
    gone = tuple(sorted(before.keys() - after.keys()))
    if changed:
        steps.append(TagResource(changed))
    if gone:
        steps.append(UntagResource(gone))
    return steps


def _state(desired: DesiredKey, before: KeyState) -> str:
    """The state to reach. A key whose deletion is cancelled comes back disabled, and is wanted, so it is enabled."""
    if before.state not in _SWITCHED and not before.is_pending_deletion:
        # Neither EnableKey nor DisableKey helps a key without key material, key store or replica: nobody can use it.
        if desired.enabled:
            KmsKey(before.arn or "", state=before.state).require_usable_by_s3()
        return before.state
    if desired.enabled is False:
        return "Disabled"
    wanted = desired.enabled or before.is_pending_deletion
    return "Enabled" if wanted else before.state


def _rotation(desired: DesiredKey, before: KeyState, state: str) -> Rotation | None:
    """Rotation as it is to be; None where it is neither read nor written.

    While a deletion is pending it reads as off, and what it was comes back with the key: so it is written then.
    Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html
    """
    if desired.rotation_enabled is None or not before.rotates or not _can_rotate(before, state):
        return before.rotation
    if before.is_replica:
        return before.rotation
    if before.is_pending_deletion:
        return Rotation(desired.rotation_enabled, desired.rotation_period_in_days)
    return before.rotation and _asked_rotation(desired, before.rotation)


def _asked_rotation(desired: DesiredKey, before: Rotation) -> Rotation:
    if not desired.rotation_enabled:
        return Rotation(False)
    if before.enabled and desired.rotation_period_in_days is None:
        return before
    return Rotation(True, desired.rotation_period_in_days or DEFAULT_ROTATION_PERIOD)


def _can_rotate(before: KeyState, state: str) -> bool:
    """Whether the key is enabled for a moment at least; KMS changes the rotation of no other, and rotates no other."""
    return "Enabled" in (before.state, state)


def _leaves_rotation(desired: DesiredKey, before: KeyState, state: str, now: datetime | None) -> bool:
    """Whether rotation is asked otherwise, or may be, than it is left for a key that is not enabled."""
    if _can_rotate(before, state):
        return False
    if _asks_new_material(desired, before, now):
        return True
    if desired.rotation_enabled is None or not before.rotates:
        return False
    if before.is_replica:
        return False
    if before.is_pending_deletion:
        return True
    return before.rotation is not None and before.rotation != _asked_rotation(desired, before.rotation)


def _asks_new_material(desired: DesiredKey, before: KeyState, now: datetime | None) -> bool:
    days = desired.rotate_if_older_than_days
    return bool(days and before.material and now and is_too_old(before.material, days, now))


def _material(desired: DesiredKey, before: KeyState, state: str, now: datetime | None) -> KeyMaterial | None:
    """The key material as it is to be. KMS makes it after its answer, and so tells no date by then."""
    material, days = before.material, desired.rotate_if_older_than_days
    if material is None or days is None or not _asks_new_material(desired, before, now):
        return material
    if not _can_rotate(before, state):
        return material
    require_replaceable(before.arn or "", before.origin, material, days)
    return KeyMaterial(None, (material.on_demand or 0) + 1, changes=True)


def _tags(desired: DesiredKey, before: Tags | None) -> Tags | None:
    if before is None:
        return None
    finished = tuple(tag for tag in before if tag[0] != UNFINISHED_TAG)
    return merge_tags(finished, desired.tags, desired.purge_tags)


def _with(aliases: tuple[str, ...], alias: str | None) -> tuple[str, ...]:
    return tuple(sorted({*aliases, alias or ""} - {""}))
