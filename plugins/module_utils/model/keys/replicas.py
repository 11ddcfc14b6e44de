# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The replicas of a multi-Region key. Each replica has a policy, tags, an alias and a state of its own.

KMS synchronises the other properties with the primary key, such as key material and rotation.
Source: https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Union

from ..errors import Failure, FailureKind, OperationError, invalid_input
from ..plan import Plan
from ..tags import RESERVED_PREFIX, Tags
from .desired_key import DesiredKey, PolicyScope
from .key_origin import first_state
from .key_policy import deleted_principal_warnings, merge_policy, writable
from .key_state import UNFINISHED_TAG, KeyState
from .key_steps import KeyPlan, KeyStep, PutKeyPolicy, SetAlias, SetState, prevents_replication

if TYPE_CHECKING:
    from ..operations import Operations


@dataclass(frozen=True, slots=True)
class ReplicateKey:
    """Create a replica with its policy and tags. `bypass_lockout_check`: KMS does not check for a lockout."""

    region: str
    description: str
    policy: str | None
    tags: Tags
    bypass_lockout_check: bool = False
    operations: ClassVar[Operations] = ("ReplicateKey",)


@dataclass(frozen=True, slots=True)
class InRegion:
    """A step for the replica in a region, in a group of its own: a failure in another region does not affect it."""

    region: str
    step: Union[KeyStep, ReplicateKey]

    @property
    def operations(self) -> Operations:
        """The operations of the step."""
        return self.step.operations

    @property
    def group(self) -> str:
        """The region of the replica."""
        return self.region


ReplicatedStep = Union[KeyStep, InRegion]
ReplicatedPlan = Plan[KeyState, ReplicatedStep]
ReplicaPlan = Plan[KeyState, Union[KeyStep, ReplicateKey]]


def as_replica(desired: DesiredKey, key_id: str | None) -> DesiredKey:
    """The desired state of a replica: that of its primary key, without the properties that only a primary key has."""
    return DesiredKey(
        alias=desired.alias,
        key_id=key_id,
        description=desired.description,
        enabled=desired.enabled,
        policy=desired.policy,
        tags=desired.tags,
        purge_tags=desired.purge_tags,
    )


def require_primary(key: KeyState) -> None:
    """Raise OperationError if the task names replicas for a key that is a replica itself."""
    if not key.is_replica:
        return
    raise invalid_input(
        f"The key {key.arn} is a replica, and KMS replicates its primary key in {key.primary_region} only.",
        f"Set replica_regions with region: {key.primary_region}. With this region, a task manages the policy, "
        "tags, alias, description and state of this replica only.",
        resource=key.arn or "",
    )


def can_replicate(primary: KeyPlan) -> bool:
    """Whether the key can be replicated in this run; raises OperationError if the desired state never allows it.

    KMS replicates enabled keys only. Importing key material enables a key, so a later run can replicate it.
    Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
    """
    before, after = primary.before, primary.after
    if after is None:
        return False
    first = before.state if before else first_state(after.origin)
    if "Enabled" in (first, after.state):
        return True
    if after.state == "PendingImport":
        return False
    raise OperationError(
        Failure(
            FailureKind.KEY_UNUSABLE,
            f"The key {after.arn} is {after.state}, and KMS replicates enabled keys only.",
            "Set enabled: true, at least for the run that creates the replicas.",
            resource=after.arn or "",
        )
    )


def deferred_warning(regions: Sequence[str]) -> str:
    """The warning about replicas that wait for the key material of the primary key."""
    return (
        f"The replicas in {', '.join(sorted(regions))} are created by the first run after the key material is "
        "imported, because KMS replicates enabled keys only."
    )


def plan_replica(
    desired: DesiredKey,
    primary: KeyState,
    policy: str | None,
    home: PolicyScope,
    region: str,
    alias_elsewhere: bool,
    locks_out: bool = False,
) -> ReplicaPlan:
    """The steps that create a replica of a key. `primary` is the planned key, `policy` its policy, `home` its scope.

    A policy that `locks_out` the caller is written last. The replica has KMS's default policy until then.
    """
    scope = replace(home, region=region)
    merged = merge_policy(_rewrite_region(policy, home, scope), desired.policy, scope)
    created = KeyState(
        state=first_state(primary.origin),
        description=primary.description,
        policy=writable(merged, desired.policy) if merged else None,
        tags=tuple(tag for tag in primary.tags or () if _is_own(tag[0])),
        origin=primary.origin,
        multi_region=True,
        region=region,
    )
    disabled = desired.enabled is False and created.state == "Enabled"
    after = replace(
        created,
        state="Disabled" if disabled else created.state,
        aliases=(desired.alias,) if desired.alias else (),
    )
    bypass = created.policy is not None and desired.policy.bypass_lockout_check
    first = ReplicateKey(region, created.description, created.policy, created.tags or (), bypass)
    steps: list[KeyStep | ReplicateKey] = [first]
    if desired.alias:
        steps.append(SetAlias(desired.alias, "UpdateAlias" if alias_elsewhere else "CreateAlias"))
    if disabled:
        steps.append(SetState("DisableKey"))
    if locks_out and created.policy:
        steps[0] = replace(first, policy=None, bypass_lockout_check=False)
        steps.append(PutKeyPolicy(created.policy, bypass, locks_out=True))
    return Plan(
        None, tuple(steps), after, deleted_principal_warnings(f"the replica in {region}", merged, created.policy)
    )


def _rewrite_region(policy: str | None, home: PolicyScope, scope: PolicyScope) -> str | None:
    """The policy of the primary key for another region: it allows use through S3 in that region."""
    return policy.replace(f'"{home.s3_endpoint}"', f'"{scope.s3_endpoint}"') if policy else None


def _is_own(tag: str) -> bool:
    return tag != UNFINISHED_TAG and not tag.startswith(RESERVED_PREFIX)


def alias_conflict(alias: str, region: str, holder: str, key_id: str | None) -> OperationError:
    """The error for an alias that refers to another key in the region of a replica."""
    return OperationError(
        Failure(
            FailureKind.CONFLICT,
            f"{alias} refers to the key {holder} in {region}, and not to a replica of {key_id or 'the new key'}.",
            "Give that key another alias, or omit the region. To move the alias, set key_id to the key.",
            resource=alias,
        )
    )


def in_region(failure: Failure, region: str) -> Failure:
    """A failure of one replica, with its region in the message."""
    return replace(failure, message=f"The replica in {region}: {failure.message}")


def with_replicas(
    primary: KeyPlan,
    replicas: Sequence[tuple[str, ReplicaPlan]],
    restored: Sequence[tuple[str, ReplicaPlan]] = (),
    failures: Sequence[Failure] = (),
    warnings: Sequence[str] = (),
) -> ReplicatedPlan:
    """One plan for a key and its replicas.

    Replicas whose deletion is cancelled (`restored`) come first. If the run is interrupted, the key is then still
    scheduled for deletion, and the next run continues. DisableKey comes last, as KMS replicates enabled keys only.
    """
    last = tuple(step for step in primary.steps if prevents_replication(step))
    steps = [step for step in primary.steps if step not in last]
    return Plan(
        _with_replica_states(primary.before, (plan.before for _region, plan in (*restored, *replicas))),
        (*_steps_by_region(restored), *steps, *_steps_by_region(replicas), *last),
        _with_replica_states(primary.after, (plan.after for _region, plan in (*restored, *replicas))),
        (*primary.warnings, *(each for _region, plan in (*restored, *replicas) for each in plan.warnings), *warnings),
        tuple(failures),
        primary.not_there_yet,
    )


def _steps_by_region(plans: Iterable[tuple[str, ReplicaPlan]]) -> tuple[InRegion, ...]:
    return tuple(InRegion(region, step) for region, plan in plans for step in plan.steps)


def _with_replica_states(key: KeyState | None, replicas: Iterable[KeyState | None]) -> KeyState | None:
    """The key with the states of its replicas, as far as they are known."""
    if key is None:
        return None
    known = tuple(sorted((each for each in replicas if each), key=lambda each: each.region))
    regions = {*key.replica_regions, *(each.region for each in known)}
    return replace(key, replicas=known, replica_regions=tuple(sorted(regions)))
