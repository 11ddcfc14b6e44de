# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A KMS key with its replicas, each in the KMS of its region."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ...model.errors import FailureKind, OperationError
from ...model.iam.policy_principals import new_principals
from ...model.keys.key_state import KeyState
from ...model.keys.replicas import (
    InRegion,
    ReplicaPlan,
    ReplicatedStep,
    ReplicateKey,
    can_replicate,
    deferred_warning,
    in_region,
    require_primary,
    with_replicas,
)
from ...model.plan import Applied, PreparedPlan
from .key_reading import find_named_key
from .replica_planning import PreparedReplica, ReplicaContext, ReplicaPlanner, plan_each
from .waiters import REPLICATION_DELAYS

if TYPE_CHECKING:
    from ...model.keys.key_steps import KeyStep
    from .key_writing import KeyContext
    from .kms_key import KmsKeyResource


@dataclass(frozen=True, slots=True)
class ReplicatedKeyContext:
    """The context of the key, and that of each replica by region."""

    primary: KeyContext
    replicas: Mapping[str, ReplicaContext] = field(default_factory=dict)


PreparedReplicatedKey = PreparedPlan[KeyState, ReplicatedStep, ReplicatedKeyContext]


@dataclass(frozen=True)
class ReplicatedKeyResource:
    """A key and the replicas that the task names. If the task names none, it makes the calls of the key alone."""

    primary: KmsKeyResource

    def plan(self) -> PreparedReplicatedKey:
        """Read and compare the key, and then each replica. A failure in one region does not affect the others."""
        prepared = self.primary.plan()
        primary, key = prepared.plan, prepared.context.key
        desired = self.primary.desired.replica_regions or ()
        if key and desired:
            require_primary(key)
        # Deleting a key schedules all its replicas, so cancelling its deletion restores them too.
        unnamed = set(key.replica_regions) - set(desired) if key and key.is_pending_deletion else set()
        if not desired and not unnamed:
            return PreparedPlan(primary, ReplicatedKeyContext(prepared.context))
        planner = ReplicaPlanner(self.primary, primary, prepared.context)
        restored, failures = plan_each(sorted(unnamed), planner.plan_restored)
        new = [region for region in desired if key is None or region not in key.replica_regions]
        warnings: tuple[str, ...] = ()
        if new and not can_replicate(primary):
            desired, warnings = tuple(set(desired) - set(new)), (deferred_warning(new),)
        policy = planner.primary_policy() if new else None

        def plan_one(region: str) -> PreparedReplica:
            return planner.plan_new(region, policy) if region in new else planner.plan_existing(region)

        replicas, more_failures = plan_each(sorted(desired), plan_one)
        plan = with_replicas(primary, _plans(replicas), _plans(restored), (*failures, *more_failures), warnings)
        contexts = {region: replica.context for region, replica in (*restored, *replicas)}
        return PreparedPlan(plan, ReplicatedKeyContext(prepared.context, contexts))

    def apply(self, step: ReplicatedStep, context: ReplicatedKeyContext) -> Applied[ReplicatedKeyContext]:
        """Make the one call of a step: in the region of the task, or for the replica in another region."""
        match step:
            case InRegion():
                try:
                    replica = self._apply_in_region(step.region, step.step, context)
                except OperationError as error:
                    raise OperationError(in_region(error.failure, step.region)) from error
                return Applied(replace(context, replicas={**context.replicas, step.region: replica}))
            case _:
                return Applied(replace(context, primary=self.primary.apply(step, context.primary).context))

    def _apply_in_region(
        self, region: str, step: KeyStep | ReplicateKey, context: ReplicatedKeyContext
    ) -> ReplicaContext:
        replica = context.replicas[region]
        match step:
            case ReplicateKey():
                created = self._replicate(step, context.primary)
                return replace(replica, context=replace(replica.context, key=created))
            case _:
                replicated = self._wait_until_replicated(region, context)
                applied = self.primary.in_region(region, replica.desired).apply(step, replicated)
                return replace(replica, context=applied.context)

    def read_back(self, planned: KeyState | None, context: ReplicatedKeyContext) -> KeyState | None:
        """The planned key and replicas with the values that KMS chose for them."""
        after = self.primary.read_back(planned, context.primary)
        if after is None or after.replicas is None:
            return after
        return replace(after, replicas=tuple(self._read_back_replica(each, after, context) for each in after.replicas))

    def _read_back_replica(self, planned: KeyState, primary: KeyState, context: ReplicatedKeyContext) -> KeyState:
        region = planned.region
        resource = self.primary.in_region(region, context.replicas[region].desired)
        try:
            after = resource.read_back(planned, self._wait_until_replicated(region, context)) or planned
        except OperationError as error:
            raise OperationError(in_region(error.failure, region)) from error
        return replace(after, arn=primary.arn_in(region), deletion_date=None)

    def _replicate(self, step: ReplicateKey, primary: KeyContext) -> KeyState:
        """The replica that KMS is making; also if it exists already, as an earlier response was lost."""
        names = new_principals(None, step.policy, primary.scope.account)
        waiter, kms, key_id = self.primary.waiter, self.primary.kms, primary.key_id
        try:
            return waiter.retry_while_propagating(
                lambda: waiter.retry_unknown_principals(names, lambda: kms.replicate_key(key_id, step))
            )
        except OperationError as error:
            if error.failure.kind is FailureKind.CONFLICT:
                return KeyState(key_id, state="Creating")
            if not error.failure.may_have_been_applied or not self._replica_exists(key_id, step.region):
                raise
            return KeyState(key_id, state="Creating")

    def _replica_exists(self, key_id: str, region: str) -> bool:
        """Whether KMS shows the replica within a minute. A read that fails proves nothing."""
        kms = self.primary.kms.in_region(region)
        try:
            found = self.primary.waiter.wait_for_result(lambda: find_named_key(key_id, kms), REPLICATION_DELAYS)
        except OperationError:
            return False
        return found is not None

    def _wait_until_replicated(self, region: str, context: ReplicatedKeyContext) -> KeyContext:
        """The context of a replica once KMS has made it, which is later than the response of ReplicateKey."""
        replica, key_id = context.replicas[region].context, context.primary.key_id
        if replica.key and replica.key.state != "Creating":
            return replica
        kms = self.primary.kms.in_region(region)
        return replace(replica, key=self.primary.waiter.wait_until_replicated(lambda: kms.get_key(key_id)))


def _plans(prepared: Iterable[tuple[str, PreparedReplica]]) -> list[tuple[str, ReplicaPlan]]:
    return [(region, replica.plan) for region, replica in prepared]
