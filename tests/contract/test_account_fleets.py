# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""One task for the buckets of many accounts, in a lab that enforces trust policies and session policies."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.frontend.fleet_report import FleetReport

from .conftest import ACCOUNT, REGION, LabClock, Result, Task

PROD, TEST, AUDIT = "222222222222", "333333333333", "444444444444"
REGIONS = {"a": REGION, "b": "eu-west-1", "c": "me-south-1"}  # by the first letter of a bucket; the last one is opt-in
EVERY = {"names": ["*"]}
BLOCK: dict[str, Any] = {"select": EVERY, "blocked_encryption_types": []}
BASELINE, REPORT = "bucket_default_encryption", "bucket_default_encryption_info"


def document(action: str | list[str]) -> str:
    """A policy that allows these actions."""
    return json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": action, "Resource": "*"}})


def trust(principal: str, **condition: Any) -> str:
    """A trust policy."""
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": {**statement, "Condition": condition}})


def entry(account: str, name: str = "", **more: Any) -> dict[str, Any]:
    """An account of a task."""
    return {"role_arn": f"arn:aws:iam::{account}:role/fleet", **({"name": name} if name else {}), **more}


class World:
    """The user zoe of the hub, and the accounts prod and test with the role fleet, which trusts her.

    Each account has a bucket a-ACCOUNT, b-ACCOUNT and c-ACCOUNT in its region, and the alias alias/app there.
    """

    def __init__(self, lab: Any) -> None:
        self.lab = lab
        iam = lab.client("iam", account=ACCOUNT)
        self.zoe: str = iam.create_user(UserName="zoe")["User"]["Arn"]
        iam.put_user_policy(UserName="zoe", PolicyName="p", PolicyDocument=document("sts:AssumeRole"))
        key = iam.create_access_key(UserName="zoe")["AccessKey"]
        self.hub = {"access_key": key["AccessKeyId"], "secret_key": key["SecretAccessKey"]}
        iam = lab.client("iam", account=PROD)
        iam.create_role(RoleName="fleet", AssumeRolePolicyDocument=trust(self.zoe))
        iam.put_role_policy(RoleName="fleet", PolicyName="p", PolicyDocument=document(["s3:*", "kms:*", "tag:*"]))
        for letter, region in REGIONS.items():
            kms = lab.client("kms", region=region, account=PROD)
            kms.create_alias(AliasName="alias/app", TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])
            place = {} if region == REGION else {"CreateBucketConfiguration": {"LocationConstraint": region}}
            lab.client("s3", region=region, account=PROD).create_bucket(Bucket=f"{letter}-{PROD}", **place)
        lab.add_accounts(PROD, [TEST])
        lab.enforcing = True
        lab.calls.clear()

    @property
    def two(self) -> dict[str, Any]:
        """The options of a task for two accounts."""
        return {**self.hub, "accounts": [entry(PROD, "prod"), entry(TEST)]}

    def rules(self, account: str) -> dict[str, str]:
        """The encryption of each bucket of an account."""
        found = {}
        for letter, region in REGIONS.items():
            name = f"{letter}-{account}"
            s3 = self.lab.client("s3", region=region, account=account)
            rule = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"][0]
            found[name] = rule["ApplyServerSideEncryptionByDefault"].get("KMSMasterKeyID", "")
        return found

    def key(self, account: str, region: str) -> str:
        """The ARN of alias/app."""
        kms = self.lab.client("kms", region=region, account=account)
        arn: str = kms.describe_key(KeyId="alias/app")["KeyMetadata"]["Arn"]
        return arn


@pytest.fixture
def world(lab: Any) -> World:
    """The initial state."""
    return World(lab)


def names(result: Result, account: str = "") -> list[str]:
    """The buckets in a result, of one account or of all."""
    return [row["name"] for row in result["buckets"] if account in ("", row["account_id"])]


def test_an_alias_stands_for_the_key_of_each_account_and_region(task: Task, world: World) -> None:
    """A check run shows what the real run does. A second run changes nothing."""
    options = {**world.two, "select": EVERY, "encryption": "SSE-KMS", "kms_key": "alias/app"}
    check = task(BASELINE, check=True, **options)
    assert not any(world.rules(PROD).values())
    done = task(BASELINE, **options)
    for part in ("changed", "buckets", "diff", "accounts", "failed_accounts", "failed_buckets"):
        assert check[part] == done[part], part
    for account in (PROD, TEST):
        expected = {f"{letter}-{account}": world.key(account, region) for letter, region in REGIONS.items()}
        assert world.rules(account) == expected
        assert {row["name"]: row["after"]["kms_key"] for row in done["buckets"] if row["name"] in expected} == expected
    assert [(row["account_id"], row["account_name"], row["name"]) for row in done["buckets"]] == [
        *((PROD, "prod", f"{letter}-{PROD}") for letter in REGIONS),
        *((TEST, None, f"{letter}-{TEST}") for letter in REGIONS),
    ]
    assert list(done["buckets"][0])[:3] == ["account_id", "account_name", "name"]
    numbers = {"matched": 3, "changed": 3, "unchanged": 0, "failed": 0, "skipped": 0, "error": None}
    assert done["accounts"] == [
        {"account_id": PROD, "account_name": "prod", **numbers},
        {"account_id": TEST, "account_name": None, **numbers},
    ]
    numbers_of_all = {"matched": 6, "changed": 6, "accounts": 2, "failed_accounts": 0, "sts_calls": 2}
    assert {**done["summary"], **numbers_of_all} == done["summary"]
    again = task(BASELINE, **options)
    assert (again["changed"], again["buckets"], again["accounts"]) == (False, [], [])


@pytest.mark.parametrize(
    ("module", "options", "line"),
    [
        (BASELINE, {"encryption": "SSE-KMS", "kms_key": "alias/app"}, "SSE-KMS, key alias/app, bucket key on"),
        ("bucket_encryption_policy", {"allow_kms_keys": ["alias/app"]}, "KMS keys: alias/app"),
    ],
)
def test_equal_changes_are_grouped_by_account(
    task: Task, world: World, module: str, options: dict[str, Any], line: str
) -> None:
    """A diff names the accounts once. What an alias stands for in each of them is in the rows."""
    diff = task(module, check=True, **world.two, select=EVERY, **options)["diff"]["prepared"]
    buckets = {account: "".join(f"      {letter}-{account}\n" for letter in REGIONS) for account in (PROD, TEST)}
    assert diff.startswith("6 buckets:\n")
    assert f"\n  + {line}" in diff
    assert diff.endswith(f"\n    {PROD} (prod)\n{buckets[PROD]}    {TEST}\n{buckets[TEST]}")


@pytest.mark.usefixtures("at_aws")
def test_twenty_accounts(task: Task, world: World, lab: Any) -> None:
    """One call for a bucket, one for the list of an account, and one to enter it."""
    others = [f"5000000000{number:02}" for number in range(18)]
    lab.add_accounts(PROD, others)
    accounts = [entry(account) for account in (PROD, TEST, *others)]
    options = {**world.hub, "accounts": accounts, "select": EVERY}
    lab.calls.clear()
    report = task(REPORT, **options, expected={"encryption": "SSE-S3"})
    assert Counter(lab.calls.operations()) == {"AssumeRole": 20, "ListBuckets": 20, "GetBucketEncryption": 60}
    summary = report["summary"]
    assert (report["compliant"], summary["matched"], summary["api_calls"], summary["sts_calls"]) == (True, 60, 100, 20)
    assert [row["account_id"] for row in report["accounts"]] == [PROD, TEST, *others]
    assert {(row["matched"], row["compliant"], row["non_compliant"]) for row in report["accounts"]} == {(3, 3, 0)}
    lab.calls.clear()
    done = task(BASELINE, **options, blocked_encryption_types=[])
    assert Counter(lab.calls.operations())["PutBucketEncryption"] == done["summary"]["changed"] == 60
    assert done["summary"]["api_calls"] == 160


def break_world(world: World) -> list[dict[str, Any]]:
    """Make accounts that cannot be entered or listed, or in part; returns the entries of a task for all."""
    lab, numbers = world.lab, [f"60000000000{number}" for number in range(6)]
    lab.add_accounts(PROD, numbers)
    asks, untrusted, closed, unlisted, disabled, wrong = numbers

    def iam(account: str) -> Any:
        return lab.client("iam", account=account)

    condition = {"StringEquals": {"sts:ExternalId": "theirs"}}
    iam(asks).update_assume_role_policy(RoleName="fleet", PolicyDocument=trust(world.zoe, **condition))
    iam(untrusted).update_assume_role_policy(RoleName="fleet", PolicyDocument=trust(f"arn:aws:iam::{PROD}:root"))
    lab.set_account_state(closed, "SUSPENDED")
    iam(unlisted).put_role_policy(RoleName="fleet", PolicyName="p", PolicyDocument=document("kms:*"))
    lab.set_region(disabled, REGIONS["c"], enabled=False)
    return [
        entry(PROD, "prod"),
        entry(asks, "asks", external_id="another"),
        entry(untrusted),
        entry(closed),
        entry(unlisted),
        entry(disabled, "part"),
        entry(wrong) | {"role_arn": f"arn:aws:iam::{wrong}:role/nobody"},
        entry(TEST),
    ]


def test_an_account_that_fails_costs_itself(task: Task, world: World, lab: Any) -> None:
    """The others are done, the result names each, and a report is not compliant because of them."""
    accounts = break_world(world)
    asks, untrusted, closed, unlisted, disabled, wrong = (f"60000000000{number}" for number in range(6))
    lab.calls.clear()
    done = task(BASELINE, **world.hub, accounts=accounts, **BLOCK)
    assert done["failed"]
    assert done["failed_accounts"] == [asks, untrusted, closed, unlisted, wrong]
    assert done["failed_buckets"] == [f"c-{disabled}"]
    assert names(done) == [f"{n}-{a}" for a in (PROD, disabled, TEST) for n in "abc"]
    errors = {row["account_id"]: row["error"] for row in done["accounts"]}
    assert {account for account, error in errors.items() if error} == set(done["failed_accounts"])
    assert "external" in errors[asks]["message"]
    assert (errors[unlisted]["action"], errors[unlisted]["kind"]) == ("s3:ListAllMyBuckets", "forbidden")
    assert done["msg"].startswith("5 of 8 accounts could not be entered or listed. ")
    assert f"{asks} (asks): " in done["msg"]
    error = done["buckets"][5]["error"]
    assert error["kind"] == "credentials"
    assert f"{REGIONS['c']} may not be enabled" in error["message"]
    assert (done["summary"]["accounts"], done["summary"]["failed_accounts"]) == (8, 5)
    assert (done["summary"]["changed"], done["summary"]["failed"]) == (8, 1)
    report = task(REPORT, **world.hub, accounts=accounts, select=EVERY, expected={"blocked_encryption_types": []})
    assert (report["failed"], report["compliant"]) == (True, False)
    assert report["failed_accounts"] == done["failed_accounts"]
    assert [row["compliant"] for row in report["accounts"]] == [3, 0, 0, 0, 0, 2, 0, 3]


def test_a_stop_ends_the_run_for_all(task: Task, world: World) -> None:
    """No account is entered after the one that failed."""
    accounts = [entry(PROD) | {"role_arn": f"arn:aws:iam::{PROD}:role/nobody"}, entry(TEST)]
    done = task(BASELINE, **world.hub, accounts=accounts, concurrency=1, on_error="stop", **BLOCK)
    assert (done["failed"], done["changed"], done["failed_accounts"]) == (True, False, [PROD])
    assert done["msg"].endswith("The run was stopped: 1 of 2 accounts were not entered or not listed.")
    assert not done["buckets"]


def test_credentials_of_the_hub_end_the_run(task: Task, world: World, lab: Any) -> None:
    """Each account would have the same failure, which is said once."""
    hub = {**world.hub, "secret_key": "another"}
    done = task(BASELINE, **hub, accounts=[entry(PROD), entry(TEST)], concurrency=1, **BLOCK)
    assert (done["failed"], done["error"]["kind"]) == (True, "credentials")
    assert lab.calls.operations().count("AssumeRole") == 1
    assert "could not be entered" not in done["msg"]


@pytest.mark.parametrize("check", [True, False])
def test_named_buckets(task: Task, world: World, check: bool) -> None:
    """Each is worked on by the account that lists it. One that none lists is one failed row, also in an account whose
    regions leave it out; in a check run, an earlier task may create it."""
    accounts = [entry(PROD, "prod", regions=[REGION]), entry(TEST)]
    options = {**world.hub, "accounts": accounts, "blocked_encryption_types": []}
    done = task(BASELINE, check=check, **options, buckets=["no-such", f"a-{TEST}", f"b-{PROD}", f"a-{PROD}"])
    assert names(done) == [f"a-{PROD}", f"b-{PROD}", f"a-{TEST}", "no-such"]
    elsewhere, missing = done["buckets"][1], done["buckets"][3]
    assert "is in eu-west-1, and the task works in us-east-1 there" in elsewhere["error"]["message"]
    assert "accounts[0]" in elsewhere["error"]["message"]
    assert (missing["account_id"], missing["account_name"], missing["region"]) == (None, None, None)
    assert done["summary"]["matched"] == 4
    if check:
        assert (done["failed_buckets"], done["not_there_yet"]) == ([f"b-{PROD}"], ["no-such"])
        assert missing["error"] is None
        assert done["warnings"][-1:] == [
            "In the accounts of the task, the bucket no-such does not exist yet. The real run fails unless an earlier "
            "task creates it."
        ]
    else:
        assert (done["failed_buckets"], done["not_there_yet"]) == ([f"b-{PROD}", "no-such"], [])
        assert missing["error"]["message"].startswith("No account of the task lists the bucket no-such.")
        assert (missing["error"]["kind"], done["summary"]["changed"]) == ("absent", 2)
    report = task(REPORT, check=check, **world.hub, accounts=[entry(PROD)], buckets=["no-such"])
    assert report["failed_buckets"] == ["no-such"]


def test_a_bucket_may_be_in_an_account_that_cannot_be_listed(task: Task, world: World) -> None:
    """Then nobody knows whether it exists, also in a check run."""
    accounts = [entry(PROD), entry(TEST, "test") | {"role_arn": f"arn:aws:iam::{TEST}:role/nobody"}]
    done = task(BASELINE, check=True, **world.hub, accounts=accounts, buckets=["x"], encryption="SSE-S3")
    assert f"It may be in 1 account that could not: {TEST} (test)." in done["buckets"][0]["error"]["message"]
    assert (done["not_there_yet"], done["failed_accounts"]) == ([], [TEST])
    report = task(REPORT, **world.hub, accounts=accounts, select=EVERY, expected={"encryption": "SSE-S3"})
    assert ({row["compliant"] for row in report["buckets"]}, report["compliant"]) == ({True}, False)


def test_regions_of_an_account_limit_a_selection(task: Task, world: World, lab: Any) -> None:
    """Together with those of the selection."""
    accounts = [entry(PROD, regions=[REGION, "eu-west-1"]), entry(TEST, regions=["me-south-1"])]
    options = {**world.hub, "accounts": accounts}
    report = task(REPORT, **options, select=EVERY)
    assert names(report) == [f"a-{PROD}", f"b-{PROD}", f"c-{TEST}"]
    assert names(task(REPORT, **options, select={"regions": ["eu-west-1"]})) == [f"b-{PROD}"]


def test_a_selection_by_tags_in_a_region_that_is_not_enabled(task: Task, world: World, lab: Any) -> None:
    """The tags of its buckets cannot be read, so these fail. The rest of the account is selected."""
    for account in (PROD, TEST):
        for letter, region in REGIONS.items():
            tags = {"TagSet": [{"Key": "env", "Value": "prod" if letter != "b" else "test"}]}
            lab.client("s3", region=region, account=account).put_bucket_tagging(
                Bucket=f"{letter}-{account}", Tagging=tags
            )
    lab.set_region(TEST, REGIONS["c"], enabled=False)
    report = task(REPORT, **world.two, select={"tags": {"env": "prod"}})
    assert names(report) == [f"a-{PROD}", f"c-{PROD}", f"a-{TEST}", f"c-{TEST}"]
    assert (report["failed_buckets"], report["failed_accounts"]) == ([f"c-{TEST}"], [])
    assert "me-south-1 may not be enabled" in report["buckets"][3]["error"]["message"]
    alone = task(REPORT, **world.two, select={"regions": ["me-south-1"]})
    assert (names(alone), alone["failed_accounts"]) == ([f"c-{PROD}"], [TEST])
    assert "The account was entered, so me-south-1 may not be enabled in it" in alone["msg"]


def test_overrides_for_accounts(task: Task, world: World) -> None:
    """By id or name, alone or with names of buckets. An entry that applies to no bucket is a warning."""
    overrides = [
        {"accounts": ["prod*"], "names": ["a-*"], "encryption": "DSSE-KMS", "kms_key": "alias/app"},
        {"accounts": [TEST], "encryption": None},
        {"accounts": ["staging"], "encryption": "SSE-S3"},
        {"accounts": ["test"], "names": ["z"], "encryption": "SSE-S3"},
    ]
    options = {**world.two, "select": EVERY}
    wanted = {"encryption": "SSE-KMS", "kms_key": "alias/app", "overrides": overrides}
    done = task(BASELINE, **options, **wanted, results="all")
    assert [row["after"]["encryption"] for row in done["buckets"]] == [
        "DSSE-KMS",
        "SSE-KMS",
        "SSE-KMS",
        *3 * ["SSE-S3"],
    ]
    assert done["warnings"] == [
        "overrides[2] (accounts: staging) applies to no bucket of the task.",
        "overrides[3] (accounts: test; names: z) applies to no bucket of the task.",
    ]
    assert task(REPORT, **options, expected=wanted)["compliant"]


WRONG = [
    ({}, {"overrides": [{"accounts": ["prod"], "encryption": "SSE-S3"}]}, "overrides[0] is for some accounts, and the"),
    ({}, {"overrides": [{"encryption": "SSE-S3"}]}, "one of the following is required: names, accounts"),
    ({"accounts": [entry(PROD)]}, {"overrides": [{"accounts": [], "encryption": "SSE-S3"}]}, "accounts is empty"),
    ({"accounts": [entry(PROD)]}, {"overrides": [{"names": None, "encryption": "SSE-S3"}]}, "names is null"),
    ({"accounts": []}, {}, "accounts is empty"),
    ({"accounts": [entry(PROD)], "select": {}}, {}, "select names no criterion"),
    ({"accounts": [entry(PROD)], "organization": {"role_name": "fleet"}}, {}, "mutually exclusive"),
]


@pytest.mark.parametrize(("options", "wanted", "words"), WRONG)
@pytest.mark.parametrize("module", [BASELINE, REPORT])
def test_wrong_options_are_refused_before_any_call(
    task: Task, lab: Any, options: dict[str, Any], wanted: dict[str, Any], words: str, module: str
) -> None:
    """Also in what a report expects."""
    lab.calls.clear()
    wanted = {"encryption": "SSE-S3", **wanted}
    done = task(module, **{"select": EVERY, **options}, **({"expected": wanted} if module == REPORT else wanted))
    assert words in done["msg"]
    assert done["failed"]
    assert not lab.calls.operations()


@pytest.mark.parametrize(
    ("fault", "kind"), [("expired_credentials", "credentials"), ("deny", "forbidden")], ids=["session", "permission"]
)
def test_an_account_that_vanishes_in_mid_run(task: Task, world: World, lab: Any, fault: str, kind: str) -> None:
    """Its buckets fail, without a call for each; those of the other account are done. A later run finishes it."""
    s3 = lab.client("s3", account=PROD)
    for number in range(40):
        s3.create_bucket(Bucket=f"m-{number:02}-{PROD}")
    operation = "PutBucketEncryption" if kind == "credentials" else "s3:PutEncryptionConfiguration"
    lab.faults.add(fault, operation=operation, resource="arn:aws:s3:::m-*", after=4, times=None)
    lab.calls.clear()
    done = task(BASELINE, **world.two, **BLOCK, concurrency=2)
    lab.faults.clear()
    assert not done["failed_accounts"]
    failed = [row for row in done["buckets"] if row["error"]]
    assert {row["account_id"] for row in failed} == {PROD}
    assert {row["error"]["kind"] for row in failed} == {kind}
    assert 36 <= len(failed) <= 38
    assert len([row for row in done["buckets"] if row["account_id"] == TEST]) == 3
    if kind == "credentials":
        assert lab.calls.operations().count("PutBucketEncryption") < 15
        assert (
            f"Not tried: the credentials of the account {PROD} (prod) were refused." in failed[-1]["error"]["message"]
        )
    again = task(BASELINE, **world.two, **BLOCK)
    assert (again["summary"]["changed"], again["summary"]["unchanged"]) == (len(failed), 46 - len(failed))


class TestSessions:
    """Sessions that end before the run does."""

    @pytest.fixture
    def clock(self, lab: Any) -> LabClock:
        """The sessions of the run end by the clock of the lab."""
        return LabClock(lab)

    def test_a_run_may_take_longer_than_its_sessions(
        self, task: Task, world: World, lab: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """They are renewed."""
        add = FleetReport.add

        def add_later(*arguments: Any, **options: Any) -> None:
            lab.clock.advance(seconds=400)
            add(*arguments, **options)

        monkeypatch.setattr(FleetReport, "add", add_later)
        accounts = [entry(PROD, duration_seconds=900), entry(TEST, duration_seconds=900)]
        done = task(BASELINE, **world.hub, accounts=accounts, **BLOCK, concurrency=1)
        assert (done["summary"]["changed"], done.get("failed", False)) == (6, False)
        assert 2 < done["summary"]["sts_calls"] <= 6


def test_a_killed_run_is_finished_by_the_next(task: Task, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal ends it between two buckets. What is done stays done."""
    add, added = FleetReport.add, []

    def add_some(*arguments: Any, **options: Any) -> None:
        added.append(arguments)
        if len(added) == 3:
            raise SystemExit(143)
        add(*arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(FleetReport, "add", add_some)
        with pytest.raises(json.JSONDecodeError):  # it writes no result
            task(BASELINE, **world.two, **BLOCK, concurrency=1)
    done = task(BASELINE, **world.two, **BLOCK)
    assert 0 < done["summary"]["unchanged"] <= 4
    assert done["summary"]["changed"] + done["summary"]["unchanged"] == 6
    assert not task(BASELINE, **world.two, **BLOCK)["changed"]


def test_policies_of_buckets(task: Task, world: World) -> None:
    """The keys of each account and region, and the same report."""
    rules = {"require_tls": True, "allow_kms_keys": ["alias/app"]}
    options = {**world.two, "select": EVERY}
    check = task("bucket_encryption_policy", check=True, **options, **rules)
    done = task("bucket_encryption_policy", **options, **rules)
    assert check["buckets"] == done["buckets"]
    assert [row["after"]["allow_kms_keys"] for row in done["buckets"]] == [
        [world.key(account, region)] for account in (PROD, TEST) for region in REGIONS.values()
    ]
    report = task("bucket_encryption_policy_info", **options, expected=rules)
    assert (report["compliant"], report["summary"]["sts_calls"]) == (True, 2)
    assert [row["compliant"] for row in report["accounts"]] == [3, 3]
