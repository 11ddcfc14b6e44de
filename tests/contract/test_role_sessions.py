# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Entering accounts by their roles, in a lab that enforces trust policies, session policies and expiry."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.aws.accounts.role_sessions import RoleSessions
from ansible_collections.sealed.s3.plugins.module_utils.aws.buckets.bucket_list import BucketList
from ansible_collections.sealed.s3.plugins.module_utils.aws.session import Clients, Connection
from ansible_collections.sealed.s3.plugins.module_utils.model.accounts.account import Account, AssumedRole
from ansible_collections.sealed.s3.plugins.module_utils.model.accounts.session_policy import session_actions
from ansible_collections.sealed.s3.plugins.module_utils.model.arn import Arn
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, OperationError

from .conftest import ACCOUNT, REGION

MEMBER, OTHER_MEMBER = "222222222222", "333333333333"
HUB_ROLE = f"arn:aws:iam::{ACCOUNT}:role/hub"


def role(account: str, name: str = "fleet", **more: Any) -> AssumedRole:
    """A role to assume."""
    return AssumedRole(Arn.parse(f"arn:aws:iam::{account}:role/{name}"), **more)


class World:
    """The user zoe and the role hub in one account, and the role fleet in two others, which trust both."""

    def __init__(self, lab: Any) -> None:
        self.lab = lab
        iam = lab.client("iam", account=ACCOUNT)
        user = iam.create_user(UserName="zoe")["User"]["Arn"]
        iam.put_user_policy(UserName="zoe", PolicyName="p", PolicyDocument=document("sts:AssumeRole"))
        self.key: dict[str, str] = iam.create_access_key(UserName="zoe")["AccessKey"]
        self.create_role(ACCOUNT, "hub", "sts:AssumeRole", trust(user))
        for account in (MEMBER, OTHER_MEMBER):
            self.create_role(account, "fleet", "*", trust([user, HUB_ROLE]))
            lab.client("s3", account=account).create_bucket(Bucket=f"bucket-of-{account}")
        lab.enforcing = True

    def create_role(self, account: str, name: str, action: str, trusted: str, **options: Any) -> None:
        """Create a role that may do this."""
        iam = self.lab.client("iam", account=account)
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusted, **options)
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document(action))

    def hub(self) -> Clients:
        """The clients of zoe."""
        options = {"aws_access_key_id": self.key["AccessKeyId"], "aws_secret_access_key": self.key["SecretAccessKey"]}
        return Clients(Connection(region=REGION, options=options))

    def now(self) -> datetime:
        """The time of the lab."""
        return datetime.fromtimestamp(self.lab.clock.now(), timezone.utc)

    def sessions(self, hub: Clients | None = None, module: str = "bucket_default_encryption") -> RoleSessions:
        """The sessions of a run."""
        return RoleSessions(hub or self.hub(), session_actions(module), self.now)


def document(action: str) -> str:
    """A policy that allows an action."""
    return json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": action, "Resource": "*"}})


def trust(principals: str | list[str], **condition: Any) -> str:
    """A trust policy."""
    statement = {"Effect": "Allow", "Principal": {"AWS": principals}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": {**statement, "Condition": condition}})


@pytest.fixture
def world(lab: Any) -> World:
    """The initial state."""
    return World(lab)


def names(clients: Clients) -> list[str]:
    """The buckets that ListBuckets has."""
    return [bucket.name for bucket in BucketList(clients).list_buckets("", REGION)]


def refusal(open_account: Callable[[], object]) -> Failure:
    """The failure of a call."""
    with pytest.raises(OperationError) as caught:
        open_account()
    return caught.value.failure


def test_each_account_has_clients_of_its_own(world: World, calls: Callable[[], list[str]]) -> None:
    hub = world.hub()
    sessions = world.sessions(hub)
    entered = [sessions.open(Account(account, roles=(role(account),))) for account in (MEMBER, OTHER_MEMBER)]
    assert [names(clients) for clients in entered] == [[f"bucket-of-{MEMBER}"], [f"bucket-of-{OTHER_MEMBER}"]]
    assert [names(clients) for clients in entered] == [[f"bucket-of-{MEMBER}"], [f"bucket-of-{OTHER_MEMBER}"]]
    assert hub.calls.requests_of("sts") == 2
    assert hub.calls.requests_of("s3") == 4
    assert hub.calls.requests == 6
