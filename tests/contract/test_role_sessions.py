# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Entering accounts by their roles, in a lab that enforces trust policies, session policies and expiry."""

from __future__ import annotations

import gc
import json
import logging
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.aws.accounts.role_sessions import RoleSessions
from ansible_collections.sealed.s3.plugins.module_utils.aws.accounts.sts import Sts
from ansible_collections.sealed.s3.plugins.module_utils.aws.buckets.bucket_list import BucketList
from ansible_collections.sealed.s3.plugins.module_utils.aws.buckets.s3_buckets import S3Buckets
from ansible_collections.sealed.s3.plugins.module_utils.aws.session import Clients, Connection
from ansible_collections.sealed.s3.plugins.module_utils.model.accounts.account import Account, AssumedRole
from ansible_collections.sealed.s3.plugins.module_utils.model.accounts.session_policy import session_actions
from ansible_collections.sealed.s3.plugins.module_utils.model.arn import Arn
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind, OperationError, Reason

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
        self.user = user = iam.create_user(UserName="zoe")["User"]["Arn"]
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
        self.permit(account, name, action)

    def permit(self, account: str, name: str, action: str) -> None:
        """Replace what a role may do."""
        iam = self.lab.client("iam", account=account)
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document(action))

    def trust(self, account: str, trusted: str) -> None:
        """Replace the trust policy of the role fleet of an account."""
        self.lab.client("iam", account=account).update_assume_role_policy(RoleName="fleet", PolicyDocument=trusted)

    def hub(self) -> Clients:
        """The clients of zoe."""
        options = {"aws_access_key_id": self.key["AccessKeyId"], "aws_secret_access_key": self.key["SecretAccessKey"]}
        once: dict[str, Any] = {"retries": {"total_max_attempts": 1}}  # so that no test waits
        return Clients(Connection(region=REGION, options=options, config=once))

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


def account(number: str, *roles: AssumedRole) -> Account:
    """An account, with its role unless others are named."""
    return Account(number, roles=roles or (role(number),))


def test_each_account_has_clients_of_its_own(world: World) -> None:
    hub = world.hub()
    sessions = world.sessions(hub)
    entered = [sessions.open(account(number)) for number in (MEMBER, OTHER_MEMBER)]
    for _twice in range(2):
        assert [names(clients) for clients in entered] == [[f"bucket-of-{MEMBER}"], [f"bucket-of-{OTHER_MEMBER}"]]
    assert (hub.calls.requests_of("sts"), hub.calls.requests_of("s3"), hub.calls.requests) == (2, 4, 6)
    callers = [Sts(clients).get_caller_identity() for clients in entered]
    assert [caller.account for caller in callers] == [MEMBER, OTHER_MEMBER]
    assert str(callers[0].arn) == f"arn:aws:sts::{MEMBER}:assumed-role/fleet/sealed.s3"
    assert hub.calls.requests_of("sts") == 2
    loaders = {id(clients._open_session().get_component("data_loader")) for clients in (hub, *entered)}
    assert len(loaders) == 1  # most of the memory of a session
    assert entered[0].in_region("eu-west-1").region == "eu-west-1"
    assert entered[0].in_region(REGION).get("s3") is entered[0].get("s3")


def test_the_first_part_of_chains_is_assumed_once(world: World) -> None:
    """Also by threads. What is on the way may only assume roles, and the last one what the module does."""
    hub, requests = world.hub(), []
    hub.get("sts").meta.events.register(
        "provide-client-params.sts.AssumeRole", lambda params, **_: requests.append(params)
    )
    sessions = world.sessions(hub)
    chains = [account(number, role(ACCOUNT, "hub"), role(number)) for number in (MEMBER, OTHER_MEMBER)]
    with ThreadPoolExecutor(2) as pool:
        entered = list(pool.map(sessions.open, chains))
    assert [names(clients) for clients in entered] == [[f"bucket-of-{MEMBER}"], [f"bucket-of-{OTHER_MEMBER}"]]
    assert hub.calls.requests_of("sts") == 3
    assert [json.loads(each["Policy"])["Statement"]["Action"] for each in requests] == [["sts:AssumeRole"]]
    sessions.close()

    failed = world.sessions(hub)
    world.lab.faults.add("throttle", operation="AssumeRole")
    assert refusal(lambda: failed.open(chains[0])).kind is FailureKind.THROTTLED
    assert hub.calls.requests_of("sts") == 4
    world.lab.client("iam", account=ACCOUNT).delete_role_policy(RoleName="hub", PolicyName="p")
    world.lab.client("iam", account=ACCOUNT).delete_role(RoleName="hub")
    failures = [refusal(lambda chain=chain: failed.open(chain)) for chain in chains]  # type: ignore[misc]
    assert [each.resource for each in failures] == [HUB_ROLE, HUB_ROLE]
    assert hub.calls.requests_of("sts") == 5


def test_a_session_may_do_only_what_the_module_does(world: World) -> None:
    """The role may do all."""
    clients = world.sessions(module="bucket_encryption_policy").open(account(MEMBER))
    bucket = f"bucket-of-{MEMBER}"
    failure = refusal(lambda: S3Buckets(clients).delete_bucket_encryption(bucket, REGION))
    assert (failure.kind, failure.layer) == (FailureKind.FORBIDDEN, "session")
    assert failure.action == "s3:PutEncryptionConfiguration"


def test_a_bucket_of_another_account_is_not_touched(world: World) -> None:
    """Even if its owner lets the session in."""
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": f"arn:aws:s3:::bucket-of-{OTHER_MEMBER}",
    }
    world.lab.client("s3", account=OTHER_MEMBER).delete_public_access_block(Bucket=f"bucket-of-{OTHER_MEMBER}")
    world.lab.client("s3", account=OTHER_MEMBER).put_bucket_policy(
        Bucket=f"bucket-of-{OTHER_MEMBER}", Policy=json.dumps({"Version": "2012-10-17", "Statement": statement})
    )
    sessions = world.sessions()
    of_account, of_role = sessions.open(account(MEMBER)), sessions.enter((role(MEMBER),))
    assert S3Buckets(of_role).get_bucket_encryption(f"bucket-of-{OTHER_MEMBER}")
    failure = refusal(lambda: S3Buckets(of_account).get_bucket_encryption(f"bucket-of-{OTHER_MEMBER}"))
    assert failure.kind is FailureKind.FORBIDDEN


def test_the_account_of_the_task_itself(world: World) -> None:
    """It is entered with the task's own credentials, and another one is not."""
    hub = world.hub()
    sessions = world.sessions(hub)
    assert sessions.enter(()) is hub
    world.lab.client("s3", account=ACCOUNT).create_bucket(Bucket="bucket-of-hub")
    world.lab.client("iam", account=ACCOUNT).put_user_policy(
        UserName="zoe", PolicyName="p", PolicyDocument=document("*")
    )
    assert names(sessions.open(Account(ACCOUNT))) == ["bucket-of-hub"]
    failure = refusal(lambda: sessions.open(Account(MEMBER)))
    assert f"are of the account {ACCOUNT}, not of {MEMBER}" in failure.message
    assert hub.calls.requests_of("sts") == 1


def test_a_role_that_leads_to_another_account(world: World, calls: Callable[[], list[str]]) -> None:
    calls()
    failure = refusal(lambda: world.sessions().open(account(OTHER_MEMBER, role(MEMBER))))
    assert failure.kind is FailureKind.INVALID
    assert failure.message == f"The role {role(MEMBER).arn} leads to the account {MEMBER}, not to {OTHER_MEMBER}."
    assert calls() == ["AssumeRole"]


@dataclass(frozen=True)
class Refusal:
    """A role that is not assumed: what is asked for, and what the failure says."""

    asked: AssumedRole
    says: tuple[str, ...]
    kind: FailureKind = FailureKind.FORBIDDEN
    trust: str = ""
    chained: bool = False


ZOE = f"arn:aws:iam::{ACCOUNT}:user/zoe"
REFUSALS = {
    "no such role": Refusal(role(MEMBER, "other"), ("The role has to exist", f"sts:AssumeRole to {ZOE}, without")),
    "trusts others": Refusal(role(MEMBER), ("trust policy", ZOE), trust=trust(HUB_ROLE)),
    "asks for an external id": Refusal(
        role(MEMBER),
        (f"to {ZOE}, without a condition on sts:ExternalId, since the task sets no external_id",),
        trust=trust(ZOE, StringEquals={"sts:ExternalId": "right"}),
    ),
    "another external id": Refusal(
        role(MEMBER, external_id="wrong"),
        (f"to {ZOE}, with the external id that the task sends",),
        trust=trust(ZOE, StringEquals={"sts:ExternalId": "right"}),
    ),
    "longer than the role allows": Refusal(
        role(MEMBER, duration_seconds=7200),
        ("exceeds the MaxSessionDuration", "Lower duration_seconds, or leave it out"),
        FailureKind.INVALID,
    ),
    "longer than a chain allows": Refusal(
        role(MEMBER, duration_seconds=7200),
        ("1 hour session limit", "at most 3600"),
        FailureKind.INVALID,
        chained=True,
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_role_that_is_refused(world: World, name: str) -> None:
    """The failure names the role and the caller, and what the trust policy may lack."""
    case = REFUSALS[name]
    if case.trust:
        world.trust(MEMBER, case.trust)
    way = (role(ACCOUNT, "hub"),) if case.chained else ()
    failure = refusal(lambda: world.sessions().open(account(MEMBER, *way, case.asked)))
    assert (failure.kind, failure.reason) == (case.kind, None)
    assert failure.resource == str(case.asked.arn)
    assert failure.action == "sts:AssumeRole"
    assert [words for words in case.says if words not in failure.sentence()] == [], failure.sentence()
    assert "wrong" not in failure.sentence()


def test_an_external_id_that_is_right(world: World) -> None:
    """Each role of a chain gets it, also one that does not ask for it."""
    world.trust(MEMBER, trust(HUB_ROLE, StringEquals={"sts:ExternalId": "right"}))
    chain = (role(ACCOUNT, "hub", external_id="right"), role(MEMBER, external_id="right"))
    assert names(world.sessions().open(account(MEMBER, *chain))) == [f"bucket-of-{MEMBER}"]


def test_the_credentials_of_the_task_are_refused(world: World) -> None:
    """That is not a failure of one account."""
    world.key["SecretAccessKey"] = "x" * 40
    failure = refusal(lambda: world.sessions().open(account(MEMBER)))
    assert (failure.kind, failure.reason) == (FailureKind.CREDENTIALS, Reason.OWN_CREDENTIALS)


def test_sessions_are_renewed_in_mid_run(world: World) -> None:
    """The shortest one, too, is not renewed at each call, and none is used until it has expired."""
    hub = world.hub()
    chain = (role(ACCOUNT, "hub", duration_seconds=900), role(MEMBER, duration_seconds=900))
    clients = world.sessions(hub).open(account(MEMBER, *chain))
    counts = []
    for seconds in (0, 590, 20, 580, 20, 10_000):
        world.lab.clock.advance(seconds=seconds)
        assert [names(clients) for _twice in range(2)] == [[f"bucket-of-{MEMBER}"]] * 2
        counts.append(hub.calls.requests_of("sts"))
    assert counts == [2, 2, 4, 4, 6, 8]


def test_a_role_that_is_lost_in_mid_run(world: World) -> None:
    """Each later call fails, and says why, mostly without asking for the role again."""
    hub = world.hub()
    clients = world.sessions(hub).open(account(MEMBER))
    assert names(clients)
    world.trust(MEMBER, trust(HUB_ROLE))
    world.lab.clock.advance(seconds=2800)
    assert names(clients)  # the session is still valid
    world.lab.clock.advance(seconds=800)
    for _twice in range(2):
        failure = refusal(lambda: names(clients))
        assert failure.action == "sts:AssumeRole"
        assert "trust policy" in failure.advice
        failure = refusal(lambda: S3Buckets(clients).get_bucket_encryption(f"bucket-of-{MEMBER}"))
        assert failure.action == "sts:AssumeRole"
    assert hub.calls.requests_of("sts") == 3
    world.trust(MEMBER, trust(world.user))
    world.lab.clock.advance(seconds=61)
    assert names(clients)


def test_no_log_has_credentials(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """At the most detailed level, with a renewal and a failure."""
    caplog.set_level(logging.DEBUG)
    clients = world.sessions().open(account(MEMBER, role(ACCOUNT, "hub"), role(MEMBER, external_id="shared-secret")))
    used = []
    for _each in range(2):
        names(clients)
        used += [clients.own_credentials().get_frozen_credentials()]  # type: ignore[union-attr]
        world.lab.clock.advance(seconds=3000)
    assert used[0].access_key != used[1].access_key
    world.trust(MEMBER, trust(world.user))
    world.lab.clock.advance(seconds=4000)
    refusal(lambda: names(clients))
    shown = caplog.text + repr(clients) + repr(clients.own_credentials())
    assert "Refreshing temporary credentials failed" in shown
    secrets = [str(text) for each in used for text in (each.access_key, each.secret_key, each.token)]
    assert [text for text in (*secrets, world.key["SecretAccessKey"]) if text in shown] == []


def test_clients_are_closed(world: World) -> None:
    """With what they hold of the SDK, after a cycle of the garbage collector. Their connections serve others."""
    hub = world.hub()
    sessions = world.sessions(hub)
    transports = set()
    gone = []
    for number in (MEMBER, OTHER_MEMBER):
        clients = sessions.open(account(number))
        S3Buckets(clients).get_bucket_encryption(f"bucket-of-{number}", region=REGION)
        client = clients.get("s3", REGION)
        transports.add(id(client.direct._way.transport))
        gone.append(weakref.ref(client))
        clients.close()
        del client, clients
    gc.collect()
    assert [each() for each in gone] == [None, None]
    assert len(transports) == 1
