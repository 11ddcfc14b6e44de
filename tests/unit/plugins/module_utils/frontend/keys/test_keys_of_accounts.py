# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What the result says about keys of many accounts: equal changes and equal warnings once, in the order of the task."""

from __future__ import annotations

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.frontend.keys.account_regions import (
    RegionWarnings,
    named_regions,
)
from ansible_collections.sealed.s3.plugins.module_utils.frontend.keys.key_run import KeyRun
from ansible_collections.sealed.s3.plugins.module_utils.frontend.keys.keys_diff import KeysDiff
from ansible_collections.sealed.s3.plugins.module_utils.frontend.result import Result
from ansible_collections.sealed.s3.plugins.module_utils.model.accounts.account import Account
from ansible_collections.sealed.s3.plugins.module_utils.model.outcome import Outcome

FIRST, SECOND = Account("111122223333", "production"), Account("444455556666")
REGION, OTHER = "us-east-1", "eu-west-1"


def run(before: Result | None, after: Result) -> KeyRun:
    return KeyRun(Outcome(changed=True), None, before, after)


def described(account: Account, region: str, description: str = "new") -> KeyRun:
    """A key whose description and users change."""
    context = {"Sid": "Users", "Principal": f"arn:aws:iam::{account.account_id}:role/app", "Via": f"s3.{region}"}
    return run(
        {"description": "", "policy": {"Statement": []}},
        {"description": description, "policy": {"Statement": [context]}},
    )


def test_nothing_changed() -> None:
    assert KeysDiff().result() == {"before": {}, "after": {}}


def test_one_key_is_shown_as_it_is() -> None:
    diff = KeysDiff()
    diff.add(7, SECOND, OTHER, run({"description": "old", "enabled": True}, {"description": "new", "enabled": True}))
    name = "the key in eu-west-1 of account 444455556666"
    assert diff.result() == {
        "before": {"description": "old"},
        "after": {"description": "new"},
        "before_header": name,
        "after_header": name,
    }


def test_equal_changes_are_shown_once() -> None:
    """Whatever the order in which they arrive. A change of one key has its own names."""
    diff = KeysDiff()
    diff.add(5, SECOND, OTHER, described(SECOND, OTHER, "another"))
    diff.add(4, SECOND, REGION, described(SECOND, REGION))
    diff.add(1, FIRST, OTHER, described(FIRST, OTHER))
    diff.add(0, FIRST, REGION, described(FIRST, REGION))
    assert diff.result() == {
        "prepared": """\
3 keys:
  - description: ""
  + description: "new"
  + policy.Statement.Users.Principal: "arn:aws:iam::<account_id>:role/app"
  + policy.Statement.Users.Via: "s3.<region>"
    111122223333 (production): us-east-1, eu-west-1
    444455556666: us-east-1
1 key:
  - description: ""
  + description: "another"
  + policy.Statement.Users.Principal: "arn:aws:iam::444455556666:role/app"
  + policy.Statement.Users.Via: "s3.eu-west-1"
    444455556666: eu-west-1
"""
    }


def test_many_changes_stay_readable() -> None:
    """As many as a person reads, of most keys first."""
    diff = KeysDiff()
    accounts = [Account(f"{number:012d}") for number in range(250)]
    for position, account in enumerate(accounts):
        diff.add(position, account, REGION, described(account, REGION, "same" if position < 100 else str(position)))
    text = diff.result()["prepared"]
    assert text.startswith("100 keys:\n")
    assert "    and 99 more accounts\n" in text
    assert text.count("1 key:\n") == 99
    assert text.endswith("51 keys with 51 other changes\n")


def test_warnings_that_differ_in_names_are_one() -> None:
    warnings = RegionWarnings()
    key_id = "1234abcd-12ab-34cd-56ef-1234567890ab"
    key = f"arn:aws:kms:{OTHER}:{SECOND.account_id}:key/{key_id}"
    warnings.add(4, SECOND, OTHER, f"The key {key} is disabled.", key, key_id)
    warnings.add(2, FIRST, OTHER, "The key of 111122223333 is old.")
    key = f"arn:aws:kms:{REGION}:{FIRST.account_id}:key/a"
    warnings.add(0, FIRST, REGION, f"The key {key} is disabled.", key, None)
    assert warnings.sentences() == [
        f"111122223333 (production) in us-east-1: The key {key} is disabled. The same for 1 more: "
        "444455556666 in eu-west-1.",
        "111122223333 (production) in eu-west-1: The key of 111122223333 is old.",
    ]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"accounts": [{}, {"regions": None}], "organization": None}, (("us-east-1", "eu-west-1"),)),
        (
            {"accounts": [{"regions": ["eu-west-3", "eu-west-3"]}, {"regions": []}], "organization": None},
            (("eu-west-3",), ("us-east-1", "eu-west-1")),
        ),
        ({"accounts": None, "organization": {"units": ["Prod"]}}, (("us-east-1", "eu-west-1"),)),
        ({"accounts": None, "organization": {"regions": ["eu-west-3"]}}, (("eu-west-3",),)),
    ],
)
def test_the_regions_of_an_account_are_its_own_or_those_of_the_task(
    params: Result, expected: tuple[tuple[str, ...], ...]
) -> None:
    assert named_regions(params, (REGION, OTHER)) == expected
