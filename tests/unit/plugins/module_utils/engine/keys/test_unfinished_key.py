# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The search for the key of an interrupted run: without a wait where the account shows that none is needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.engine.keys.unfinished_key import (
    MOST_ALIASES,
    MOST_KEYS,
    MOST_WITHOUT_ALIAS,
)
from ansible_collections.sealed.s3.plugins.module_utils.engine.keys.waiters import INDEX_DELAYS
from ansible_collections.sealed.s3.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.desired_key import DesiredKey
from ansible_collections.sealed.s3.plugins.module_utils.model.tags import Tags
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_aws import FakeKms, key_arn
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_clock import FakeClock

from .test_kms_key import DENIED, KEY, UNFINISHED, key_resource, kms_with

CREATED = "CreateKey"
LISTS = ["ListKeys"] * 3 + ["ListAliases"]


def with_keys(number: int, *, aliases: int = 0) -> FakeKms:
    """An account with keys, each of them with a number of aliases."""
    kms = FakeKms()
    for each in range(number):
        names = tuple(f"alias/{each}-{name}" for name in range(aliases))
        kms.add_key(replace(KEY, key_id=f"k{each}", arn=key_arn(f"k{each}"), aliases=names))
    return kms


def test_a_dozen_new_keys_wait_for_nothing() -> None:
    """Each key of an earlier task has its alias, so the lists show that no run was interrupted."""
    kms, clock = kms_with(), FakeClock()
    for number in range(12):
        kms.reads.clear()
        outcome = reconcile(key_resource(DesiredKey(f"alias/{number}"), kms, clock), check_mode=False)
        assert outcome.actions[0] == CREATED
        assert kms.reads[:5] == ["DescribeKey", *LISTS]
        assert "GetResources" not in kms.reads
    assert (clock.slept, len(kms.keys)) == ([], 12)


def test_a_check_run_searches_in_the_same_way() -> None:
    """It finds the same key."""
    kms, clock = kms_with(UNFINISHED), FakeClock()
    outcome = reconcile(key_resource(DesiredKey("alias/one"), kms, clock), check_mode=True)
    assert (outcome.actions, clock.slept, kms.writes) == (("CreateAlias", "UntagResource"), [], [])


@pytest.mark.parametrize("age", [0, 1, 2])
def test_a_key_that_one_part_of_kms_does_not_list_yet(age: int) -> None:
    """Lists that disagree are read again after a wait, until they agree."""

    class LateList(FakeKms):
        """KMS whose first answers do not have the newest key."""

        requests = 0

        def list_keys(self) -> list[str]:
            """Without the newest key at first."""
            self.requests += 1
            return [each for each in super().list_keys() if each != "one" or self.requests > age]

    kms, clock = LateList(), FakeClock()
    kms.add_key(UNFINISHED)
    outcome = reconcile(key_resource(DesiredKey("alias/one"), kms, clock), check_mode=False)
    assert (outcome.actions[0], len(kms.keys)) == ("CreateAlias", 1)
    assert clock.slept == ([0.25] if age else [])


def deny_list_keys(kms: FakeKms) -> None:
    kms.failures["ListKeys"] = DENIED


def deny_tags_of_another_key(kms: FakeKms) -> None:
    """A key without an alias whose tags may not be read may be the unfinished one."""
    kms.add_key(replace(KEY, key_id="secret", arn=key_arn("secret"), aliases=()))
    read = kms.list_resource_tags

    def list_resource_tags(key_id: str) -> Tags:
        if key_id == "secret":
            raise OperationError(DENIED)
        return read(key_id)

    kms.list_resource_tags = list_resource_tags  # type: ignore[method-assign]


def add_many_keys(kms: FakeKms) -> None:
    for number in range(MOST_KEYS):
        kms.add_key(replace(KEY, key_id=f"k{number}", arn=key_arn(f"k{number}"), aliases=(f"alias/{number}",)))


def add_many_aliases(kms: FakeKms) -> None:
    names = tuple(f"alias/many-{number}" for number in range(MOST_ALIASES + 1))
    kms.add_key(replace(KEY, key_id="many", arn=key_arn("many"), aliases=names))


def add_many_without_alias(kms: FakeKms) -> None:
    for number in range(MOST_WITHOUT_ALIAS):
        kms.add_key(replace(KEY, key_id=f"k{number}", arn=key_arn(f"k{number}"), aliases=()))


UNKNOWN = [deny_list_keys, deny_tags_of_another_key, add_many_keys, add_many_aliases, add_many_without_alias]


@pytest.mark.parametrize("prepare", UNKNOWN, ids=lambda prepare: prepare.__name__)
def test_the_index_is_searched_where_the_lists_prove_nothing(prepare: Callable[[FakeKms], None]) -> None:
    """With its waits, and a key that appears there late is found: a second key is never created."""

    class LateIndex(FakeKms):
        """A tagging API that knows the newest key at the third request."""

        requests = 0

        def find_keys_by_tag(self, name: str, value: str) -> tuple[str, ...]:
            """Nothing at first."""
            self.requests += 1
            found = super().find_keys_by_tag(name, value)
            return found if self.requests > len(INDEX_DELAYS) else ()

    kms, clock = LateIndex(), FakeClock()
    prepare(kms)
    kms.add_key(replace(UNFINISHED, key_id="zzz", arn=key_arn("zzz")))
    if prepare is deny_tags_of_another_key:  # sorted before it, so that its tags are read first
        assert sorted(kms.keys)[0] == "secret"
    outcome = reconcile(key_resource(DesiredKey("alias/one"), kms, clock), check_mode=False)
    assert (outcome.failure, outcome.actions[0]) == (None, "CreateAlias")
    assert (kms.aliases["alias/one"], tuple(clock.slept)) == ("zzz", INDEX_DELAYS)


def test_up_to_the_limits_the_lists_are_enough() -> None:
    """The numbers themselves are allowed."""
    for kms in (with_keys(MOST_KEYS, aliases=1), with_keys(20, aliases=MOST_ALIASES // 20), with_keys(20)):
        clock = FakeClock()
        assert reconcile(key_resource(DesiredKey("alias/one"), kms, clock), check_mode=False).actions[0] == CREATED
        assert (clock.slept, "GetResources" in kms.reads) == ([], False)


def test_an_unfinished_key_that_another_task_has_named_is_not_completed() -> None:
    """A key with an alias is in use under that name, so the search does not return it."""
    kms, clock = kms_with(replace(UNFINISHED, aliases=("alias/other",))), FakeClock()
    outcome = reconcile(key_resource(DesiredKey("alias/one"), kms, clock), check_mode=False)
    assert (outcome.actions[0], kms.aliases["alias/other"], clock.slept) == (CREATED, "one", [])
