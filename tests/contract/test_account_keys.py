# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""One key in each account and region, in a lab that enforces policies: made, changed, reported and deleted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.frontend.result_rows import FILE_VARIABLE

from .account_world import MEMBER_ROLE, MEMBERS, REGION, AccountWorld, make_account_world
from .conftest import LabClock, Result, Task, TestClock

REGIONS = [REGION, "eu-west-1"]
ALIAS = "alias/s3-data"
DENIED = {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}
ALLOWED = {"Effect": "Allow", "Action": "*", "Resource": "*"}
EVERYTHING = {"Version": "2012-10-17", "Statement": [ALLOWED]}


@pytest.fixture
def clock(lab: Any) -> TestClock:
    """The clock of the lab, which a wait moves."""
    return LabClock(lab)


@pytest.fixture
def world(lab: Any, monkeypatch: pytest.MonkeyPatch) -> AccountWorld:
    """The accounts; the task runs as the role of the hub."""
    made, environment = make_account_world(lab)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    for account in MEMBERS:
        iam = made.client("iam", account)
        trust = json.dumps(made.document("trust_policy"))
        iam.create_role(RoleName="app", Path="/teams/", AssumeRolePolicyDocument=trust)
        made.permit(account, MEMBER_ROLE, EVERYTHING)
    lab.calls.clear()
    return made


@pytest.fixture
def rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that the action plugin makes for the rows of a module."""
    path = tmp_path / "rows"
    path.touch()
    monkeypatch.setenv(FILE_VARIABLE, str(path))
    return path


def written_to(path: Path) -> list[dict[str, Any]]:
    """The rows of a file, in the order in which the action plugin writes them."""
    *lines, end = path.read_text().splitlines()
    numbered = [(int(position), json.loads(row)) for position, row in (line.split(" ", 1) for line in lines)]
    assert end == f"end {len(numbered)}"
    return [row for _position, row in sorted(numbered, key=lambda each: each[0])]


def members(world: AccountWorld, *names: str, **options: Any) -> list[dict[str, Any]]:
    return [
        {"account_id": world.ids[name], "name": name, "role_name": MEMBER_ROLE, **options} for name in names or MEMBERS
    ]


def names(world: AccountWorld, result: Result) -> list[tuple[str, str]]:
    """The account and region of each row."""
    by_id = {account_id: name for name, account_id in world.ids.items()}
    assert all(row["account_name"] == by_id[row["account_id"]] for row in result["kms_keys"])
    return [(row["account_name"], row["region"]) for row in result["kms_keys"]]


def without_names_of_kms(row: dict[str, Any]) -> dict[str, Any]:
    """The row without what KMS chooses."""
    return {name: value for name, value in row.items() if name not in ("key_id", "arn", "creation_date")}


def test_one_key_in_each_account_and_region(world: AccountWorld, lab: Any, task: Task, rows: Path) -> None:
    """Its policy names the roles of its account. The check run predicts all of it, and a second run only reads."""
    first, second = members(world, "staging", regions=["eu-west-1"]), members(world, "production")
    options: dict[str, Any] = {
        "accounts": [*first, *second],
        "regions": [*REGIONS, REGION],
        "alias": "s3-data",
        "administrators": [f"role/{MEMBER_ROLE}"],
        "users": ["role/teams/app", "root"],
        "results_file": "rows.jsonl",
    }
    predicted = task("kms_key_for_s3", check=True, **options)
    assert lab.writes() == []
    made = task("kms_key_for_s3", **options)
    assert not made.get("failed"), made
    places = [("staging", "eu-west-1"), *(("production", region) for region in REGIONS)]
    assert names(world, made) == names(world, predicted) == places
    assert (predicted["changed"], predicted["diff"]) == (made["changed"], made["diff"])
    assert list(map(without_names_of_kms, predicted["kms_keys"])) == list(map(without_names_of_kms, made["kms_keys"]))
    for row in made["kms_keys"]:
        account, region = row["account_id"], row["region"]
        assert (row["changed"], row["error"], row["alias"]) == (True, None, ALIAS)
        assert row["actions"] == ["CreateKey", "CreateAlias", "EnableKeyRotation", "UntagResource"]
        assert row["arn"] == f"arn:aws:kms:{region}:{account}:key/{row['key_id']}"
        by_sid = {each["Sid"]: each for each in row["policy"]["Statement"]}
        arns = [f"arn:aws:iam::{account}:{name}" for name in ("role/teams/app", "root")]
        assert by_sid["S3KeyUsers"]["Principal"]["AWS"] == arns
        assert by_sid["S3KeyUsers"]["Condition"]["StringEquals"] == {
            "kms:CallerAccount": account,
            "kms:ViaService": f"s3.{region}.amazonaws.com",
        }
        assert world.client("kms", row["account_name"], region).describe_key(KeyId=ALIAS)
    assert made["accounts"] == [
        {**account, "matched": number, "changed": number, "unchanged": 0, "failed": 0, "skipped": 0, "error": None}
        for account, number in (
            ({"account_id": world.ids["staging"], "account_name": "staging"}, 1),
            ({"account_id": world.ids["production"], "account_name": "production"}, 2),
        )
    ]
    text = made["diff"]["prepared"]
    assert text.startswith("3 keys:\n  - the key does not exist yet\n")
    assert '+ policy.Statement.S3KeyUsers.Condition.StringEquals.kms:ViaService: "s3.<region>.amazonaws.com"' in text
    assert text.endswith(
        f"    {world.ids['staging']} (staging): eu-west-1\n"
        f"    {world.ids['production']} (production): {', '.join(REGIONS)}\n"
    )

    lab.calls.clear()
    rows.write_text("")
    again = task("kms_key_for_s3", **options)
    assert (again["changed"], again["diff"], again["failed_accounts"]) == (False, {"before": {}, "after": {}}, [])
    # Who the hub is, one role for each account; then five reads of each key.
    assert (again["summary"]["sts_calls"], again["summary"]["api_calls"]) == (3, 3 + 3 * 5)
    assert len(lab.calls) == 18
    assert (again["summary"]["accounts"], again["summary"]["unchanged"]) == (2, 3)
    assert written_to(rows) == again["kms_keys"]

    changed = task("kms_key_for_s3", check=True, **{**options, "regions": [REGION], "users": ["role/teams/app"]})
    assert [row["actions"] for row in changed["kms_keys"]] == [["PutKeyPolicy"], ["PutKeyPolicy"]]


def test_what_fails_costs_itself(world: AccountWorld, lab: Any, task: Task) -> None:
    """An account that refuses the hub, a region that is not enabled in an account, and a key that cannot be made."""
    world.trust("staging", {**EVERYTHING, "Statement": [DENIED]})
    lab.set_region(world.ids["production"], "me-south-1", enabled=False)
    no_alias = {**ALLOWED, "Effect": "Deny", "Action": "kms:CreateAlias", "Resource": "arn:aws:kms:eu-west-1:*:*"}
    world.permit("production", MEMBER_ROLE, {**EVERYTHING, "Statement": [ALLOWED, no_alias]})
    regions = [REGION, "eu-west-1", "me-south-1"]
    options: dict[str, Any] = {"accounts": members(world), "regions": regions, "alias": ALIAS}
    result = task("kms_key_for_s3", **options)
    assert (result["failed"], result["changed"]) == (True, True)
    assert names(world, result) == [("production", region) for region in regions]
    made, half, disabled = result["kms_keys"]
    assert (made["changed"], made["error"]) == (True, None)
    assert (half["changed"], half["actions"], half["error"]["kind"]) == (True, ["CreateKey"], "forbidden")
    assert (disabled["changed"], disabled["actions"], disabled["error"]["kind"]) == (False, [], "credentials")
    assert disabled["key_id"] is half["key_id"] is None
    assert "me-south-1 may not be enabled" in disabled["error"]["message"]
    assert result["failed_accounts"] == [world.ids["staging"]]
    assert [row["account_name"] for row in result["accounts"]] == ["production", "staging"]
    assert result["accounts"][1]["error"]["action"] == "sts:AssumeRole"
    for words in ("1 of 2 accounts could not be entered", "2 of 3 keys failed", "me-south-1"):
        assert words in result["msg"]

    world.permit("production", MEMBER_ROLE, EVERYTHING)
    world.trust("staging", world.document("trust_policy"))
    options["regions"] = regions[:2]
    done = task("kms_key_for_s3", **options)
    assert not done.get("failed"), done
    actions = [row["actions"][:1] for row in done["kms_keys"]]
    assert actions == [[], ["CreateAlias"], ["CreateKey"], ["CreateKey"]]
    assert not task("kms_key_for_s3", **options)["changed"]


def test_deletion(world: AccountWorld, task: Task) -> None:
    """Each key is checked for use in its account. A replica that is a key of the task is deleted once."""
    first = {"accounts": members(world), "alias": ALIAS, "replica_regions": ["eu-west-1"]}
    made = task("kms_key_for_s3", **first)
    assert [row["replica_regions"] for row in made["kms_keys"]] == [["eu-west-1"], ["eu-west-1"]]
    world.make_bucket("staging", "in-use", "eu-west-1")
    rule = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": ALIAS}
    world.client("s3", "staging", "eu-west-1").put_bucket_encryption(
        Bucket="in-use",
        ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": rule}]},
    )
    options: dict[str, Any] = {"accounts": members(world), "alias": ALIAS, "regions": REGIONS, "state": "absent"}
    result = task("kms_key_for_s3", **options)
    deleted, refused = result["kms_keys"][:2], result["kms_keys"][2:]
    assert result["failed"]
    assert sorted(operation for row in deleted for operation in row["actions"]) == ["ScheduleKeyDeletion"] * 2
    assert [row["state"] for row in task("kms_key_for_s3", **options)["kms_keys"][:2]] == [
        "PendingReplicaDeletion",
        "PendingDeletion",
    ]
    assert [(row["account_name"], row["error"]["kind"], row["changed"]) for row in refused] == [
        ("staging", "in_use", False)
    ] * 2
    assert "in-use" in result["msg"]
    assert result["msg"].count("in use") <= 2


BAD_OPTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "the id of a key": ({"key_id": "1234abcd-12ab-34cd-56ef-1234567890ab"}, "key of one account"),
    "no regions": ({"regions": []}, "regions is empty"),
    "a key store": ({"origin": "AWS_CLOUDHSM", "custom_key_store_id": "cks-1"}, "one account and region"),
    "replicas of several keys": ({"regions": REGIONS, "replica_regions": ["eu-west-3"]}, "us-east-1, eu-west-1"),
    "replicas of several keys of an account": (
        {"accounts": [{"account_id": "111122223333", "regions": REGIONS}], "replica_regions": ["eu-west-3"]},
        "a key of its own in each",
    ),
    "a replica beside its primary key": (
        {"accounts": [{"account_id": "111122223333", "regions": ["eu-west-1"]}], "replica_regions": ["eu-west-1"]},
        "eu-west-1",
    ),
    "the name of no role": ({"users": ["role/te*m"]}, "wildcard"),
    "a waiting period": ({"state": "absent", "deletion_window_in_days": 3}, "deletion_window_in_days"),
    "no account": ({"accounts": []}, "accounts is empty"),
    "regions of one account": ({"accounts": None, "regions": REGIONS}, "no effect without accounts"),
    "a role without an account": ({"accounts": None, "users": ["role/app"]}, "arn:aws:iam::111122223333:role/app"),
    "too many at a time": ({"concurrency": 257}, "concurrency"),
}


def test_bad_options(lab: Any, task: Task) -> None:
    """Each is refused before any call."""
    for options, words in BAD_OPTIONS.values():
        given = {"alias": ALIAS, "accounts": [{"account_id": "111122223333"}], **options}
        if given.get("key_id"):
            del given["alias"]
        result = task("kms_key_for_s3", **{name: value for name, value in given.items() if value is not None})
        assert result["failed"]
        assert words in result["msg"], (options, result["msg"])
    for options in ({"key_id": "a"}, {"regions": []}):
        result = task("kms_key_for_s3_info", accounts=[{"account_id": "111122223333"}], **options)
        assert result["failed"], options
    assert "regions has no effect" in task("kms_key_for_s3_info", regions=REGIONS)["msg"]
    assert len(lab.calls) == 0


def test_reports(world: AccountWorld, lab: Any, task: Task, rows: Path) -> None:
    """The keys of each account and region; a region whose keys cannot be listed costs itself."""
    for account in MEMBERS:
        for region in REGIONS:
            kms = world.client("kms", account, region)
            key = kms.create_key()["KeyMetadata"]["KeyId"]
            kms.create_alias(AliasName=ALIAS, TargetKeyId=key)
    world.client("kms", "staging").create_key()
    world.make_bucket("staging", "example")
    rule = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": ALIAS}
    world.client("s3", "staging").put_bucket_encryption(
        Bucket="example", ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": rule}]}
    )
    lab.calls.clear()
    options: dict[str, Any] = {"accounts": members(world), "regions": REGIONS}
    found = task("kms_key_for_s3_info", alias="s3-data", **options)
    assert not found.get("failed"), found
    assert names(world, found) == [(account, region) for account in MEMBERS for region in REGIONS]
    assert [row["used_by"] for row in found["kms_keys"]] == [[], [], ["example"], []]
    assert found["summary"]["api_calls"] == len(lab.calls)
    lab.set_region(world.ids["production"], "me-south-1", enabled=False)
    options["accounts"] = [*members(world, "production", regions=[REGION, "me-south-1"]), *members(world, "staging")]
    every = task("kms_key_for_s3_info", results_file="rows.jsonl", **options)
    assert every["failed"]
    assert "1 of 4 regions failed" in every["msg"]
    assert names(world, every) == [("production", REGION), *[("staging", REGION)] * 2, ("staging", "eu-west-1")]
    (failed,) = every["failed_regions"]
    assert (failed["account_name"], failed["region"], failed["error"]["kind"]) == (
        "production",
        "me-south-1",
        "credentials",
    )
    first, *rest = every["kms_keys"]
    assert written_to(rows) == [first, failed, *rest]
    assert {name: every["summary"][name] for name in ("matched", "failed", "keys", "accounts", "sts_calls")} == {
        "matched": 4,
        "failed": 1,
        "keys": 4,
        "accounts": 2,
        "sts_calls": 3,
    }
    assert every["accounts"] == [
        {"account_id": world.ids[name], "account_name": name, "matched": 2, "failed": failed, "error": None}
        for name, failed in zip(MEMBERS, (1, 0), strict=True)
    ]
