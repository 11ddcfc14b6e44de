# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The fixed limits of KMS, each at its edge; and keys with as many tags as KMS accepts."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.desired_key import (
    DesiredKey,
    DesiredPolicy,
    KeyReading,
    PolicyScope,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_limits import (
    require_description,
    require_number_of_tags,
    require_policy_size,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_state import UNFINISHED_TAG, KeyState
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_steps import (
    CreateKey,
    TagResource,
    UntagResource,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.kms_key import plan_kms_key
from ansible_collections.sealed.s3.plugins.module_utils.model.tags import Tags, freeze_tags

SCOPE = PolicyScope("aws", "eu-west-1", "111122223333")
ROOT = "arn:aws:iam::111122223333:root"


def numbered(number: int, prefix: str = "tag") -> Tags:
    return freeze_tags({f"{prefix}{each:03}": "x" for each in range(number)})


def sized_policy(size: int) -> str:
    """A policy whose compact text has this many bytes."""
    statement = {"Sid": "", "Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    statement["Sid"] = "x" * (size - len(json.dumps(policy, separators=(",", ":"))))
    return json.dumps(policy)


EDGES: list[tuple[Callable[[], object], Callable[[], object], str]] = [
    (lambda: require_description("x" * 8192), lambda: require_description("x" * 8193), "8193 characters"),
    (lambda: require_number_of_tags(numbered(50)), lambda: require_number_of_tags(numbered(51)), "51 tags"),
    (
        lambda: require_number_of_tags(freeze_tags({**dict(numbered(50)), "aws:a": "b"})),
        lambda: require_number_of_tags(freeze_tags({**dict(numbered(51)), "aws:a": "b"})),
        "51 tags",
    ),
    (
        lambda: require_policy_size(sized_policy(32_768)),
        lambda: require_policy_size(sized_policy(32_769)),
        "32769 bytes, and KMS accepts 32768",
    ),
]


@pytest.mark.parametrize(("accepted", "refused", "message"), EDGES, ids=[message for _a, _r, message in EDGES])
def test_a_limit_is_checked_at_its_edge(
    accepted: Callable[[], object], refused: Callable[[], object], message: str
) -> None:
    """The last value that KMS accepts, and the first one that it refuses."""
    accepted()
    with pytest.raises(OperationError, match=message) as error:
        refused()
    assert error.value.failure.kind is FailureKind.INVALID


def test_a_policy_without_its_spaces_means_the_same() -> None:
    """A policy is written as it is, unless only its spaces make it too long."""
    small, large = sized_policy(1000), sized_policy(32_768)
    assert require_policy_size(small) == small
    assert len(require_policy_size(large)) == 32_768
    assert json.loads(require_policy_size(large)) == json.loads(large)


KEY = KeyState("one", "arn:aws:kms:eu-west-1:111122223333:key/one", aliases=("alias/one",))


@pytest.mark.parametrize(("present", "accepted"), [(47, True), (48, False)])
def test_tags_that_the_task_keeps_count(present: int, accepted: bool) -> None:
    """With purge_tags: false, the tags of others have their place, and AWS's own tags need none."""
    desired = DesiredKey("alias/one", tags=numbered(3, "mine"), purge_tags=False)
    tags = freeze_tags({**dict(numbered(present)), "aws:cloudformation:stack-name": "x"})
    if accepted:
        assert plan_kms_key(desired, KeyReading(replace(KEY, tags=tags), SCOPE)).steps
    else:
        with pytest.raises(OperationError, match="The key would have 51 tags, and KMS accepts 50"):
            plan_kms_key(desired, KeyReading(replace(KEY, tags=tags), SCOPE))


def tags_after_each_step(start: Tags, desired: DesiredKey, before: KeyState | None) -> list[dict[str, str]]:
    """The tags of the key after each step of the plan."""
    tags, states = dict(start), []
    for step in plan_kms_key(desired, KeyReading(before, SCOPE)).steps:
        match step:
            case CreateKey() | TagResource():
                tags |= dict(step.tags)
            case UntagResource():
                tags = {name: value for name, value in tags.items() if name not in step.keys}
            case _:
                continue
        states.append(dict(tags))
    return states


@pytest.mark.parametrize("number", [0, 1, 48, 49, 50])
def test_a_new_key_can_have_as_many_tags_as_kms_accepts(number: int) -> None:
    """The mark of an unfinished key is never one too many, and is removed in the end."""
    states = tags_after_each_step((), DesiredKey("alias/one", tags=numbered(number)), None)
    assert all(len(tags) <= 50 for tags in states)
    assert states[0][UNFINISHED_TAG] == "alias/one"
    assert states[-1] == dict(numbered(number))


def test_an_unfinished_key_with_the_most_tags_is_completed() -> None:
    """The mark is removed before the last tag is set."""
    before = freeze_tags({**dict(numbered(49)), UNFINISHED_TAG: "alias/one"})
    desired = DesiredKey("alias/one", tags=numbered(50))
    states = tags_after_each_step(before, desired, replace(KEY, aliases=(), tags=before))
    assert [len(tags) for tags in states] == [49, 50]


def test_all_tags_of_a_key_can_be_replaced() -> None:
    """Old tags are removed before new ones are set, if there is no room for both; otherwise after that."""
    for number, lengths in ((50, [0, 50]), (25, [50, 25])):
        before = replace(KEY, tags=numbered(number, "old"))
        states = tags_after_each_step(before.tags or (), DesiredKey("alias/one", tags=numbered(number)), before)
        assert [len(tags) for tags in states] == lengths


def test_a_merged_policy_that_is_too_long_is_refused() -> None:
    """With the statements of others."""
    desired = DesiredKey("alias/one", policy=DesiredPolicy(users=(f"{ROOT[:-4]}role/app",)))
    with pytest.raises(OperationError, match="The key policy would have"):
        plan_kms_key(desired, KeyReading(replace(KEY, policy=sized_policy(32_700)), SCOPE))
