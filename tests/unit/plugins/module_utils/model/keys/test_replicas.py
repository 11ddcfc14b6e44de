# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Plans for replicas: the properties of a new one, the order of steps, and keys that KMS does not replicate."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.desired_key import (
    DesiredKey,
    DesiredPolicy,
    PolicyScope,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_policy import merge_policy
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_state import UNFINISHED_TAG, KeyState
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_steps import (
    KeyPlan,
    SetAlias,
    SetState,
    UpdateKeyDescription,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.replicas import (
    InRegion,
    ReplicaPlan,
    ReplicateKey,
    can_replicate,
    plan_replica,
    require_primary,
    with_replicas,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.plan import Plan

HOME = PolicyScope("aws", "us-east-1", "111122223333")
THERE = "eu-west-1"
ROLE = "arn:aws:iam::111122223333:role/app"
ARN = "arn:aws:kms:us-east-1:111122223333:key/mrk-1"
KEY = KeyState("mrk-1", ARN, aliases=("alias/one",), description="x", multi_region=True, primary_region="us-east-1")
DESIRE = DesiredKey("alias/one")


def test_a_new_replica_gets_the_properties_of_the_key() -> None:
    """Its description, tags and policy. The policy is for the region of the replica."""
    tags = (("a", "b"), ("aws:stack", "s"), (UNFINISHED_TAG, "alias/one"))
    policy = merge_policy(None, DesiredPolicy(users=(ROLE,)), HOME)
    plan = plan_replica(DESIRE, replace(KEY, tags=tags), policy, HOME, THERE, alias_elsewhere=False)
    expected = merge_policy(None, DesiredPolicy(users=(ROLE,)), replace(HOME, region=THERE))
    assert plan.steps == (ReplicateKey(THERE, "x", expected, (("a", "b"),)), SetAlias("alias/one", "CreateAlias"))
    assert plan.after is not None
    assert (plan.after.policy, plan.after.state, plan.after.aliases) == (expected, "Enabled", ("alias/one",))


def test_a_new_replica_gets_no_ids_of_deleted_principals() -> None:
    """KMS reports them in the policy of the key, and refuses them in a new policy."""
    theirs = (merge_policy(None, DesiredPolicy(users=(ROLE,)), HOME) or "").replace(ROLE, "AROADBQP57FF2AEXAMPLE")
    for policy in (DesiredPolicy(), DesiredPolicy(users=(ROLE,))):
        plan = plan_replica(replace(DESIRE, policy=policy), KEY, theirs, HOME, THERE, alias_elsewhere=False)
        assert plan.after is not None
        assert "AROA" not in (plan.after.policy or "")
        assert "the replica in eu-west-1 is written without AROADBQP57FF2AEXAMPLE" in plan.warnings[0]


def test_a_named_policy_is_built_for_the_region() -> None:
    """In addition to the other statements of the key's policy."""
    theirs = merge_policy(None, DesiredPolicy(services=("logging.s3.amazonaws.com",)), HOME)
    desired = replace(DESIRE, policy=DesiredPolicy(users=(ROLE,)))
    plan = plan_replica(desired, KEY, theirs, HOME, THERE, alias_elsewhere=False)
    assert plan.after is not None
    policy = plan.after.policy or ""
    assert "s3.eu-west-1.amazonaws.com" in policy
    assert "logging.s3.amazonaws.com" in policy
    assert "us-east-1" not in policy


@pytest.mark.parametrize(
    ("desired", "elsewhere", "operations"),
    [
        pytest.param(DesiredKey(key_id="mrk-1"), False, ["ReplicateKey"], id="no alias"),
        pytest.param(DESIRE, True, ["ReplicateKey", "UpdateAlias"], id="an alias to move"),
        pytest.param(
            replace(DESIRE, enabled=False), False, ["ReplicateKey", "CreateAlias", "DisableKey"], id="disabled"
        ),
    ],
)
def test_the_further_steps_of_a_replica(desired: DesiredKey, elsewhere: bool, operations: list[str]) -> None:
    """One call for each."""
    plan = plan_replica(desired, KEY, None, HOME, THERE, alias_elsewhere=elsewhere)
    assert list(plan.operations) == operations


def test_the_order_of_steps() -> None:
    """Replicas are restored first, then the key and its replicas are changed; the key is disabled last."""
    after = replace(KEY, description="y")
    primary: KeyPlan = Plan(KEY, (UpdateKeyDescription("y"), SetState("DisableKey")), after)
    there = KeyState("mrk-1", region=THERE)
    back: ReplicaPlan = Plan(there, (SetState("CancelKeyDeletion"),), there)
    new = plan_replica(DESIRE, KEY, None, HOME, "eu-west-2", alias_elsewhere=False)
    failure = Failure(FailureKind.FORBIDDEN, "no")
    plan = with_replicas(primary, [("eu-west-2", new)], [(THERE, back)], [failure], ["warning"])
    assert plan.steps == (
        InRegion(THERE, SetState("CancelKeyDeletion")),
        UpdateKeyDescription("y"),
        *(InRegion("eu-west-2", step) for step in new.steps),
        SetState("DisableKey"),
    )
    assert (plan.failures, plan.warnings) == ((failure,), ("warning",))
    assert plan.before is not None
    assert plan.after is not None
    assert (plan.before.replicas, plan.before.replica_regions) == ((there,), (THERE,))
    assert plan.after.replica_regions == (THERE, "eu-west-2")


STATES = [
    pytest.param("Enabled", "Enabled", True, id="enabled"),
    pytest.param("Enabled", "Disabled", True, id="disabled at last"),
    pytest.param("Disabled", "Enabled", True, id="enabled first"),
    pytest.param("PendingDeletion", "Enabled", True, id="brought back"),
    pytest.param("PendingImport", "PendingImport", False, id="without material"),
]


@pytest.mark.parametrize(("before", "after", "takes"), STATES)
def test_kms_replicates_enabled_keys_only(before: str, after: str, takes: bool) -> None:
    """The key has to be enabled at least for a moment."""
    assert can_replicate(Plan(replace(KEY, state=before), (), replace(KEY, state=after))) == takes


def test_a_disabled_key_cannot_be_replicated() -> None:
    """Refused before any write."""
    disabled = replace(KEY, state="Disabled")
    with pytest.raises(OperationError, match="replicates enabled keys only"):
        can_replicate(Plan(disabled, (), disabled))


def test_a_replica_has_no_replicas() -> None:
    """The message names the region of the primary key; a primary or single-Region key is not a replica."""
    require_primary(KEY)
    require_primary(replace(KEY, multi_region=False, primary_region=None))
    with pytest.raises(OperationError, match="region: us-east-1"):
        require_primary(replace(KEY, arn=KEY.arn_in(THERE)))
