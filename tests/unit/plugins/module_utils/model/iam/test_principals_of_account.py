# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Principals without an account: the ARN that each stands for, and the names that none can have."""

from __future__ import annotations

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.errors import OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.iam.principals import impossible_aws_principal
from ansible_collections.sealed.s3.plugins.module_utils.model.iam.principals_of_account import (
    in_account,
    is_without_account,
    require_possible_name,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.desired_key import DesiredPolicy, PolicyScope
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.policy_statements import build_statements

ACCOUNT = "111122223333"
IMPOSSIBLE = [
    ("role/", "ARN such as"),
    ("user/", "ARN such as"),
    ("role/*", "aws:PrincipalArn"),
    ("role/te*ms/platform", "aws:PrincipalArn"),
    ("role//platform", "role/NAME"),
    ("role/teams/", "role/NAME"),
    ("role/plat form", "role/NAME"),
    ("role/plattform-ü", "role/NAME"),
    ("role/platform\n", "role/NAME"),
    (f"user/{'a' * 65}", "role/NAME"),
    (f"role/{'a' * 511}/platform", "role/NAME"),
]


@pytest.mark.parametrize(
    "name",
    [
        "root",
        "role/platform",
        "user/zoe",
        "user/zoe@example.com",
        "role/teams/blue/platform",
        "role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_0123456789abcdef",
        f"role/{'a' * 510}/{'b' * 64}",
    ],
)
@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_a_name_is_that_of_each_account(name: str, partition: str) -> None:
    """The ARN is one that a principal can have."""
    assert is_without_account(name)
    require_possible_name("users", name)
    arn = in_account(name, partition, ACCOUNT)
    assert arn == f"arn:{partition}:iam::{ACCOUNT}:{name}"
    assert impossible_aws_principal(arn) is None


@pytest.mark.parametrize(("name", "advice"), IMPOSSIBLE)
def test_names_that_no_principal_has(name: str, advice: str) -> None:
    assert is_without_account(name)
    with pytest.raises(OperationError) as raised:
        require_possible_name("users", name)
    assert raised.value.failure.message.startswith("users: ")
    assert advice in raised.value.failure.advice


@pytest.mark.parametrize("name", ["arn:aws:iam::444455556666:role/app", "platform", "group/a", "assumed-role/a/b", ""])
def test_other_names_stay_as_they_are(name: str) -> None:
    assert not is_without_account(name)
    assert in_account(name, "aws", ACCOUNT) == name


def test_the_statements_of_a_key_name_the_principals_of_its_account() -> None:
    """Each once, also if the task names one of them by its ARN too; and the calls have to come from their accounts."""
    theirs = "arn:aws-cn:iam::444455556666:role/audit"
    own = f"arn:aws-cn:iam::{ACCOUNT}:role/platform"
    desired = DesiredPolicy(administrators=("user/zoe",), users=("role/platform", own, theirs))
    built = build_statements(desired, PolicyScope("aws-cn", "cn-north-1", ACCOUNT), [])
    named = {sid: statement["Principal"]["AWS"] for sid, statement in built.items() if statement}
    assert named == {
        "S3KeyAdministrators": [f"arn:aws-cn:iam::{ACCOUNT}:user/zoe"],
        "S3KeyUsers": [own, theirs],
        "S3KeyDescribe": [own, theirs],
    }
    users = built["S3KeyUsers"]
    assert users is not None
    assert users["Condition"]["StringEquals"]["kms:CallerAccount"] == [ACCOUNT, "444455556666"]
