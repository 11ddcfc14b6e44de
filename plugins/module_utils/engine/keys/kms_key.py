# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""One KMS key: found, compared, changed, and read back."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...model.keys.concurrent_changes import Written
from ...model.keys.desired_key import DesiredKey, KeyReading, PolicyScope
from ...model.keys.key_lockout import find_lockout, lockout_error, lockout_warning
from ...model.keys.key_ref import KeyRef, placeholder_arn, unresolved_placeholder
from ...model.keys.key_rotation import KeyMaterial, Rotation
from ...model.keys.key_state import KeyState
from ...model.keys.key_steps import KeyStep, with_policy_last, written_policy
from ...model.keys.kms_key import plan_kms_key
from ...model.plan import Applied, NotThereYet, PreparedPlan
from .key_consistency import wait_until_visible
from .key_reading import find_key, read_other_holder, read_parts
from .key_writing import KeyContext, KeyWriter

if TYPE_CHECKING:
    from ...aws.accounts.ports import CallerIdentityPort
    from ...aws.keys.ports import KmsPort
    from ...model.caller import Caller
    from .waiters import Waiter


class CallerIdentity:
    """Requests the identity when it is needed for the first time, and keeps it for the run. Safe for threads."""

    def __init__(self, sts: CallerIdentityPort) -> None:
        self._sts = sts
        self._lock = threading.Lock()
        self._caller: Caller | None = None

    def get(self) -> Caller:
        """The account and principal of the credentials; raises OperationError if the request fails."""
        with self._lock:
            if self._caller is None:
                self._caller = self._sts.get_caller_identity()
            return self._caller


PreparedKeyPlan = PreparedPlan[KeyState, KeyStep, KeyContext]


@dataclass(frozen=True)
class KmsKeyResource:
    """A key with the desired alias or id.

    A key that is as desired costs at most five reads: only the parts that the task names are read. The history of a
    key that is older than `rotate_if_older_than_days` is a sixth. After a change, the parts that were written are read
    until several consecutive reads show the change.
    """

    desired: DesiredKey
    kms: KmsPort
    identity: CallerIdentity
    waiter: Waiter

    def in_region(self, region: str, desired: DesiredKey) -> KmsKeyResource:
        """The resource of a replica in another region."""
        return replace(self, desired=desired, kms=self.kms.in_region(region))

    def plan(self) -> PreparedKeyPlan:
        """Find the key, read the parts that the task names, and compare."""
        reference = KeyRef.parse(self.desired.key_id) if self.desired.key_id else None
        if reference and reference.is_placeholder:
            return self._plan_placeholder(reference)
        return self.plan_for(find_key(self.desired, self.kms, self.waiter))

    def plan_for(self, found: KeyState | None) -> PreparedKeyPlan:
        """Compare a key that was described before; None for a key that does not exist."""
        now, desired = self.waiter.clock.now(), self.desired
        if found is None:
            caller = self.identity.get()
            context = KeyContext(PolicyScope(caller.partition, self.kms.region, caller.account))
        else:
            key = read_parts(found, desired, self.kms, now)
            context = KeyContext(PolicyScope.of_key(key.arn or ""), key, read_other_holder(key, desired, self.kms))
        plan = plan_kms_key(desired, KeyReading(context.key, context.scope, context.alias_holder, now))
        policy = written_policy(plan)
        current = context.key.policy if context.key else None
        lockout = self.find_lockout(policy, context.scope, current) if policy else None
        if lockout:
            arn = (context.key and context.key.arn) or desired.alias or ""
            warnings = (*plan.warnings, lockout_warning(lockout, arn))
            plan = replace(plan, steps=with_policy_last(plan.steps), warnings=warnings)
        return PreparedPlan(plan, context)

    def _plan_placeholder(self, reference: KeyRef) -> PreparedKeyPlan:
        """The plan for a key that an earlier task may create, as if it existed with KMS's defaults."""
        caller, now = self.identity.get(), self.waiter.clock.now()
        scope = PolicyScope(caller.partition, self.kms.region, caller.account)
        is_multi_region = reference.is_multi_region
        key = KeyState(
            key_id=reference.resource,
            arn=placeholder_arn(caller.partition, self.kms.region, caller.account, multi_region=is_multi_region),
            rotation=Rotation(False),
            tags=(),
            multi_region=is_multi_region,
            material=KeyMaterial(now) if self.desired.rotate_if_older_than_days else None,
        )
        missing = NotThereYet(reference.text, f"The key {reference.text}", unresolved_placeholder(reference.text))
        plan = plan_kms_key(self.desired, KeyReading(key, scope, None, now))
        return PreparedPlan(replace(plan, before=None, not_there_yet=(missing,)), KeyContext(scope, key))

    def find_lockout(self, policy: str, scope: PolicyScope, current: str | None) -> str | None:
        """Why this policy, in place of the current one, locks out the caller; None if it does not.

        Raises OperationError for a lockout that the task does not accept.
        """
        lockout = find_lockout(policy, scope, self.identity.get().arn, current)
        if lockout and not self.desired.policy.bypass_lockout_check:
            raise lockout_error(lockout, scope)
        return lockout

    def apply(self, step: KeyStep, context: KeyContext) -> Applied[KeyContext]:
        """Make the one call of a step, on the key that was found or created."""
        return Applied(KeyWriter(self.desired, self.kms, self.waiter).apply(step, context))

    def read_back(self, planned: KeyState | None, context: KeyContext) -> KeyState | None:
        """The planned key with the values that KMS chose, once consecutive reads show what was written."""
        if planned is None or context.key is None:
            return planned
        created = context.key
        written = replace(
            planned,
            key_id=created.key_id,
            arn=created.arn,
            creation_date=created.creation_date,
            rotation=context.rotation or planned.rotation,
        )
        states = Written(created, written, context.alias_holder)
        wait_until_visible(states, context.done, self.desired, self.kms, self.waiter)
        return written
