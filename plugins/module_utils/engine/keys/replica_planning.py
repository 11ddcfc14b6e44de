# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors


"""Planning the replicas of a KMS key, each compared with the state that the key has after the run."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Union

from ...model.errors import Failure, OperationError
from ...model.keys.desired_key import DesiredKey
from ...model.keys.key_state import KeyState
from ...model.keys.key_steps import KeyPlan, KeyStep, SetAlias
from ...model.keys.kms_key import alias_moves
from ...model.keys.replicas import (
    ReplicateKey,
    alias_conflict,
    as_replica,
    in_region,
    plan_replica,
)
from ...model.plan import PreparedPlan
from .key_reading import alias_holder
from .key_writing import KeyContext

if TYPE_CHECKING:
    from .kms_key import KmsKeyResource


@dataclass(frozen=True, slots=True)
class ReplicaContext:
    """The desired state of one replica, and what its plan found and its steps made."""

    desired: DesiredKey
    context: KeyContext


PreparedReplica = PreparedPlan[KeyState, Union[KeyStep, ReplicateKey], ReplicaContext]


@dataclass(frozen=True)
class ReplicaPlanner:
    """Plans the replicas of one key, as the plan for the key leaves it."""

    resource: KmsKeyResource
    plan: KeyPlan
    context: KeyContext

    def plan_new(self, region: str, policy: str | None) -> PreparedReplica:
        """A replica that does not exist yet, unless the alias shows that it does."""
        desired, home, key_id = self.resource.desired, self.context.scope, self._key_id
        if self.plan.after is None:
            raise AssertionError("a key is planned before its replicas")
        holder = alias_holder(desired.alias, self.resource.kms.in_region(region)) if desired.alias else None
        if holder and holder == key_id:
            return self.plan_existing(region)
        if holder and desired.key_id is None:
            raise alias_conflict(desired.alias or "", region, holder, key_id)
        context = KeyContext(replace(home, region=region), alias_holder=holder)
        create = partial(plan_replica, desired, self.plan.after, policy, home, region, holder is not None)
        plan = create()
        written = plan.after.policy if plan.after else None
        if written and self.resource.find_lockout(written, context.scope, policy):
            plan = create(locks_out=True)
        if holder:
            plan = replace(plan, warnings=(*plan.warnings, f"{region}: {alias_moves(desired.alias, holder, key_id)}"))
        return PreparedPlan(plan, ReplicaContext(as_replica(desired, key_id), context))

    def plan_existing(self, region: str) -> PreparedReplica:
        """A replica that exists: compared like its primary key."""
        desired, key_id = self.resource.desired, self._key_id
        prepared = self._plan_as(region, as_replica(desired, key_id))
        if SetAlias(desired.alias or "", "UpdateAlias") in prepared.plan.steps and desired.key_id is None:
            holder = prepared.context.context.alias_holder
            raise alias_conflict(desired.alias or "", region, holder or "", key_id)
        return prepared

    def plan_restored(self, region: str) -> PreparedReplica:
        """A replica that the task does not name, and that is scheduled for deletion like its primary key."""
        return self._plan_as(region, DesiredKey(key_id=self._key_id, enabled=self.resource.desired.enabled))

    def primary_policy(self) -> str | None:
        """The policy of the key after the run, also if the task does not name it; None for KMS's default policy."""
        planned = self.plan.after.policy if self.plan.after else None
        if planned or self.context.key is None:
            return planned
        return self.resource.kms.get_key_policy(self.context.key_id)

    @property
    def _key_id(self) -> str | None:
        return self.context.key.key_id if self.context.key else None

    def _plan_as(self, region: str, desired: DesiredKey) -> PreparedReplica:
        resource = self.resource.in_region(region, desired)
        key_id = self._key_id or ""
        key = self.resource.waiter.wait_until_replicated(lambda: resource.kms.get_key(key_id))
        prepared = resource.plan_for(replace(key, region=region))
        return PreparedPlan(prepared.plan, ReplicaContext(desired, prepared.context))


def plan_each(
    regions: Iterable[str], plan_one: Callable[[str], PreparedReplica]
) -> tuple[list[tuple[str, PreparedReplica]], list[Failure]]:
    """The plans by region, and the failures of the regions that could not be planned."""
    prepared: list[tuple[str, PreparedReplica]] = []
    failures: list[Failure] = []
    for region in regions:
        try:
            prepared.append((region, plan_one(region)))
        except OperationError as error:
            failures.append(in_region(error.failure, region))
    return prepared, failures
