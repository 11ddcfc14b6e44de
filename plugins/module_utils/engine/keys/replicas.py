# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A KMS key with its replicas, between the plan and the KMS of each region."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from ...model.errors import Failure, FailureKind, OperationError
from ...model.iam.policy_document import new_principals
from ...model.keys.desired_key import DesiredKey
from ...model.keys.key_lockout import require_manageable
from ...model.keys.key_state import KeyState
from ...model.keys.key_steps import KeyPlan, KeyStep, SetAlias
from ...model.keys.key_warnings import alias_moves
from ...model.keys.replicas import (
    InRegion,
    ReplicaPlan,
    ReplicatedPlan,
    ReplicatedStep,
    ReplicateKey,
    alias_conflict,
    as_replica,
    deferred_warning,
    in_region,
    plan_replica,
    require_primary,
    takes_replicas,
    with_replicas,
)
from ...model.plan import Plan
from .kms_key import KmsKeyResource, alias_holder
from .waiters import until_known, until_settled, until_taken


@dataclass
class ReplicatedKeyResource:
    """A key, and those of its replicas that the task names. Without any it costs what the key alone does."""

    primary: KmsKeyResource
    there: dict[str, KmsKeyResource] = field(default_factory=dict)

    def plan(self) -> ReplicatedPlan:
        """Read and compare the key, and then each replica. A region that fails is told, and leaves the others alone."""
        primary = self.primary.plan()
        key, wanted = self.primary.key, self.primary.desired.replica_regions or ()
        if key and wanted:
            require_primary(key)
        # Deleting a key takes all its replicas, so bringing it back does too.
        gone = set(key.replica_regions) - set(wanted) if key and key.is_pending_deletion else set()
        if not wanted and not gone:
            return Plan(primary.before, primary.steps, primary.after, primary.warnings)
        failures: list[Failure] = []
        revived = self._plan_each(sorted(gone), self._plan_revival, failures)
        new = [region for region in wanted if key is None or region not in key.replica_regions]
        warnings: tuple[str, ...] = ()
        if new and not takes_replicas(primary):
            wanted, warnings = tuple(set(wanted) - set(new)), (deferred_warning(new),)
        policy = self._policy(primary) if new else None

        def plan_one(region: str) -> ReplicaPlan:
            return self._plan_new(region, primary, policy) if region in new else self._plan_there(region)

        replicas = self._plan_each(sorted(wanted), plan_one, failures)
        return with_replicas(primary, replicas, revived, failures, warnings)

    def apply(self, step: ReplicatedStep) -> None:
        """Make the one call of a step: in the region of the task, or for the replica of another one."""
        match step:
            case InRegion():
                try:
                    self._apply_there(self.there[step.region], step.step)
                except OperationError as error:
                    raise OperationError(in_region(error.failure, step.region)) from error
            case _:
                self.primary.apply(step)

    def _apply_there(self, there: KmsKeyResource, step: KeyStep | ReplicateKey) -> None:
        match step:
            case ReplicateKey():
                there.key = self._replicate(step)
            case _:
                there.key = self._settled(there)
                there.apply(step)

    def read_back(self, planned: KeyState | None) -> KeyState | None:
        """The planned key and replicas with what KMS chose for them."""
        after = self.primary.read_back(planned)
        if after is None or after.replicas is None:
            return after
        return replace(after, replicas=tuple(self._made(replica, after) for replica in after.replicas))

    def _made(self, planned: KeyState, primary: KeyState) -> KeyState:
        there = self.there[planned.region]
        try:
            there.key = self._settled(there)
            made = there.read_back(planned) or planned
        except OperationError as error:
            raise OperationError(in_region(error.failure, planned.region)) from error
        return replace(made, arn=primary.arn_in(planned.region), deletion_date=None)

    def _plan_each(
        self, regions: Iterable[str], plan_one: Callable[[str], ReplicaPlan], failures: list[Failure]
    ) -> list[tuple[str, ReplicaPlan]]:
        plans = []
        for region in regions:
            try:
                plans.append((region, plan_one(region)))
            except OperationError as error:
                failures.append(in_region(error.failure, region))
        return plans

    def _plan_new(self, region: str, primary: KeyPlan, policy: str | None) -> ReplicaPlan:
        """A replica that is not there yet, unless the alias tells that it is."""
        desired, key, home = self.primary.desired, self.primary.key, self.primary.scope
        if primary.after is None or home is None:
            raise AssertionError("a key that is to have replicas is planned before them")
        kms = self.primary.kms.in_region(region)
        key_id = key.key_id if key else None
        holder = alias_holder(desired.alias, kms) if desired.alias else None
        if holder and holder == key_id:
            return self._plan_there(region)
        if holder and desired.key_id is None:
            raise alias_conflict(desired.alias or "", region, holder, key_id)
        plan = plan_replica(desired, primary.after, policy, home, region, alias_elsewhere=holder is not None)
        if holder:
            plan = replace(plan, warnings=(*plan.warnings, f"{region}: {alias_moves(desired.alias, holder, key_id)}"))
        written = plan.after.policy if plan.after else None
        if written:
            require_manageable(written, replace(home, region=region), self.primary.who().arn)
        self.there[region] = KmsKeyResource(as_replica(desired, key_id), kms)
        return plan

    def _plan_there(self, region: str) -> ReplicaPlan:
        """A replica that is there: compared like its primary."""
        desired = self.primary.desired
        plan = self._plan_as(region, as_replica(desired, self._key_id))
        if SetAlias(desired.alias or "", "UpdateAlias") in plan.steps and desired.key_id is None:
            raise alias_conflict(desired.alias or "", region, self.there[region].alias_holder or "", self._key_id)
        return plan

    def _plan_revival(self, region: str) -> ReplicaPlan:
        """A replica that the task does not name, and that is on its way out with its primary."""
        return self._plan_as(region, DesiredKey(key_id=self._key_id, enabled=self.primary.desired.enabled))

    def _plan_as(self, region: str, desired: DesiredKey) -> ReplicaPlan:
        kms, key_id = self.primary.kms.in_region(region), self._key_id
        key = replace(until_settled(lambda: kms.get_key(key_id)), region=region)
        there = self.there[region] = KmsKeyResource(desired, kms, key=key, caller=self.primary.caller)
        plan = there.plan()
        self.primary.caller = there.caller
        return Plan(plan.before, plan.steps, plan.after, plan.warnings)

    @property
    def _key_id(self) -> str:
        return (self.primary.key.key_id if self.primary.key else None) or ""

    def _policy(self, primary: KeyPlan) -> str | None:
        """The key's policy as it will be, also where the task does not name it; None for KMS's default."""
        planned = primary.after.policy if primary.after else None
        if planned or self.primary.key is None:
            return planned
        return self.primary.kms.get_key_policy(self._key_id)

    def _replicate(self, step: ReplicateKey) -> KeyState:
        """The replica that KMS is making; also one that there is already, as an earlier answer was lost."""
        names = new_principals(None, step.policy, self.primary.account) if step.policy else ()
        key_id = self._key_id
        try:
            return until_taken(lambda: until_known(names, lambda: self.primary.kms.replicate_key(key_id, step)))
        except OperationError as error:
            if not error.failure.may_have_been_applied and error.failure.kind is not FailureKind.CONFLICT:
                raise
            return KeyState(key_id, state="Creating")

    def _settled(self, there: KmsKeyResource) -> KeyState:
        """The replica once KMS has made it, which it answers before."""
        key_id, kms = self._key_id, there.kms
        if there.key and there.key.state != "Creating":
            return there.key
        return until_settled(lambda: kms.get_key(key_id))
