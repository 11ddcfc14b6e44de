# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""`results_file` has all rows of a task, as the result would list them, on the controller, whatever happens."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .account_world import MANAGEMENT, MEMBER_ROLE, make_account_world
from .conftest import Result, Task
from .playbooks import ELSEWHERE, HERE, Site, another_user

ROWS_FILE = "SEALED_S3_ROWS_FILE"
NAMES = [f"fleet-{number}" for number in range(6)]
# The first bucket is as the tasks want it, and the last one does not exist.
NAMED = [NAMES[0], *reversed(NAMES[1:]), "fleet-absent"]
DEFAULT = {"encryption": "SSE-KMS"}
RULES = {"require_tls": True}
TOKEN = "a-token-in-a-policy"


@pytest.fixture
def fleet(s3: Any) -> list[str]:
    """Buckets, of which the first one needs no change by any task."""
    for name in NAMES:
        s3.create_bucket(Bucket=name)
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    s3.put_bucket_encryption(Bucket=NAMES[0], ServerSideEncryptionConfiguration={"Rules": [rule]})
    statement = {
        "Sid": TOKEN,
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::fleet-0", "arn:aws:s3:::fleet-0/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    s3.put_bucket_policy(Bucket=NAMES[0], Policy=json.dumps(policy))
    return NAMED


@pytest.fixture
def streamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[Result]]:
    """A function that returns the rows that a module has written since its last call, by their positions."""
    path = tmp_path / "rows"
    path.touch()
    monkeypatch.setenv(ROWS_FILE, str(path))

    def read() -> list[Result]:
        *lines, end = path.read_text().splitlines()
        path.write_text("")
        assert end == f"end {len(lines)}"
        return [json.loads(row) for _position, row in sorted(_parts(line) for line in lines)]

    return read


def _parts(line: str) -> tuple[int, str]:
    position, row = line.split(" ", 1)
    return int(position), row


MODULES: list[tuple[str, dict[str, Any]]] = [
    ("bucket_default_encryption", DEFAULT),
    ("bucket_encryption_policy", RULES),
    ("bucket_default_encryption_info", {}),
    ("bucket_default_encryption_info", {"expected": DEFAULT}),
    ("bucket_encryption_policy_info", {"expected": RULES}),
    ("bucket_encryption_policy_info", {"include_policy": False}),
]


@pytest.mark.parametrize(("module", "options"), MODULES)
def test_the_rows_are_those_of_the_result(
    module: str, options: dict[str, Any], fleet: list[str], task: Task, streamed: Callable[[], list[Result]]
) -> None:
    """All of them, in the same order, also where the result lists fewer; predicted in check mode."""
    is_info = module.endswith("_info")
    wanted = {"buckets": fleet, **options, "results_file": "x"}
    rows: list[Result] = []
    for check in (True, False):
        listed = task(module, check=check, **wanted, **({} if is_info else {"results": "all"}))["buckets"]
        rows = streamed()
        assert [row["name"] for row in rows] == fleet
        assert rows == listed
    assert rows[-1]["error"]["kind"] == "absent"
    if is_info:
        return
    assert [row["changed"] for row in rows] == [False, *[True] * 5, False]
    again = task(module, **wanted, results="none")
    assert [row["name"] for row in again["buckets"]] == ["fleet-absent"]
    assert [(row["name"], row["changed"]) for row in streamed()] == [(name, False) for name in fleet]


def test_the_row_of_a_key(task: Task, streamed: Callable[[], list[Result]], key_arn: str) -> None:
    """Also where the result has the key only, and where the key cannot be brought to the desired state."""
    for check in (True, False):
        made = task("kms_key_for_s3", check=check, alias="alias/new", results_file="x")
        (row,) = streamed()
        assert (row["region"], row["changed"], row["error"]) == ("us-east-1", True, None)
        assert row["actions"] == made["actions"]
        assert made["kms_key"].items() <= row.items()
    refused = task("kms_key_for_s3", key_id="00000000-0000-0000-0000-000000000000", results_file="x")
    (row,) = streamed()
    assert (row["changed"], row["key_id"], row["error"]["message"]) == (False, None, refused["msg"])
    found = task("kms_key_for_s3_info", results_file="x")["kms_keys"]
    assert {key["alias"] for key in found} == {"alias/app", "alias/new"}
    assert streamed() == found


def test_the_rows_of_accounts(
    lab: Any, task: Task, streamed: Callable[[], list[Result]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the order of the accounts, with the account of each row. One that cannot be entered has its error."""
    world, environment = make_account_world(lab)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    for account, names in (("production", ("a-bucket", "b-bucket")), ("staging", ("c-bucket",))):
        for name in names:
            world.make_bucket(account, name)
        kms = world.client("kms", account)
        kms.create_alias(AliasName="alias/app", TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])
    roles = {"role_name": MEMBER_ROLE}
    absent = {"account_id": MANAGEMENT, **roles}
    members = [{"account_id": world.ids[name], "name": name, **roles} for name in ("staging", "production")]
    wanted = {"accounts": [members[0], absent, members[1]], "results_file": "x"}
    select = {"select": {"names": ["?-bucket"]}}
    expected = [("staging", "c-bucket"), ("production", "a-bucket"), ("production", "b-bucket")]
    for module, options in (
        ("bucket_default_encryption_info", select),
        ("bucket_default_encryption", {**select, **DEFAULT, "results": "all"}),
    ):
        result = task(module, **wanted, **options)
        rows = streamed()
        assert result["failed_accounts"] == [MANAGEMENT]
        (refused,) = (row for row in result["accounts"] if row["error"])
        assert rows.pop(1)["error"] == refused["error"]
        assert [(row["account_name"], row["name"]) for row in rows] == expected
        assert rows == result["buckets"]
    for module in ("kms_key_for_s3", "kms_key_for_s3_info"):
        result = task(module, **wanted, alias="alias/app")
        rows = streamed()
        assert rows.pop(1).keys() == {"account_id", "account_name", "error"}
        assert [row["account_name"] for row in rows] == ["staging", "production"]
        assert rows == result["kms_keys"]


def test_what_the_module_hides_in_its_result(
    fleet: list[str], task: Task, streamed: Callable[[], list[Result]]
) -> None:
    """A value of a secret option is not in the file either, such as the token of a session."""
    options = {"access_key": "123456789012", "secret_key": "another-secret", "session_token": TOKEN}
    result = task("bucket_encryption_policy_info", buckets=fleet[:1], results_file="x", **options)
    (row,) = streamed()
    assert row["policy"]["Statement"][0]["Sid"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
    assert [row] == result["buckets"]


def test_whole_policies_of_many_buckets(
    fleet: list[str], task: Task, streamed: Callable[[], list[Result]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The result leaves them out, so that it stays small."""
    place = "ansible_collections.sealed.s3.plugins.module_utils.frontend.buckets.bucket_encryption_policy_info"
    monkeypatch.setattr(f"{place}.MOST_LISTED", 5)
    result = task("bucket_encryption_policy_info", buckets=fleet, results_file="x")
    assert ["policy" in row for row in result["buckets"]] == [False] * 7
    assert [row["policy"] is not None for row in streamed()] == [True, *[False] * 6]


def test_a_module_without_its_action_plugin(fleet: list[str], task: Task, calls: Callable[[], list[str]]) -> None:
    """It would write the file nowhere, so it does nothing."""
    failed = task("bucket_default_encryption", buckets=fleet, **DEFAULT, results_file="x")
    assert failed["msg"].startswith("results_file is written on the controller by an action plugin")
    assert calls() == []


def change(path: str, **options: Any) -> dict[str, Any]:
    """A task that writes the file."""
    wanted = {"buckets": NAMED, **DEFAULT, "results_file": path, **options}
    return {"sealed.s3.bucket_default_encryption": wanted}


def read(path: Path) -> list[Result]:
    """The rows of a file, which only its owner can read."""
    assert path.stat().st_mode & 0o777 == 0o600
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_the_file_of_a_playbook(fleet: list[str], tmp_path: Path, calls: Callable[[], list[str]]) -> None:
    """Beside the playbook, and of a task that fails. A second run replaces it.

    What cannot be written is refused before the first call.
    """
    site = Site(tmp_path, HERE)
    missing, background, done, again = site.play(
        change("absent/fleet.jsonl"),
        {**change("fleet.jsonl"), "async": 60, "poll": 1},
        change(str(tmp_path / "first.jsonl"), progress=False),
        change("fleet.jsonl", results="none"),
    )
    assert (missing["error"]["kind"], background["error"]["kind"]) == ("invalid", "invalid")
    assert missing["msg"].startswith(f"The directory {tmp_path}/absent of results_file does not exist")
    assert background["msg"].startswith("results_file cannot be combined with async")
    for result, name, changed in ((done, "first", 5), (again, "fleet", 0)):
        assert result["failed_buckets"] == ["fleet-absent"]
        rows = read(tmp_path / f"{name}.jsonl")
        assert [row["name"] for row in rows] == fleet
        assert sum(row["changed"] for row in rows) == changed == result["summary"]["changed"]
        assert [row for row in rows if row["changed"] or row["error"]] == result["buckets"]
    assert calls().count("PutBucketEncryption") == 5
    assert list(site.remote.glob("*")) == []


def test_the_file_of_a_target_elsewhere(fleet: list[str], tmp_path: Path) -> None:
    """It is brought to the controller, also in check mode, and replaces an earlier one. No copy is left."""
    site = Site(tmp_path, ELSEWHERE)
    (tmp_path / "fleet.jsonl").write_text("of yesterday")
    (tmp_path / "fleet.jsonl").chmod(0o644)
    (predicted,) = site.play({**change("fleet.jsonl"), "check_mode": True})
    rows = read(tmp_path / "fleet.jsonl")
    assert [row["name"] for row in rows] == fleet
    assert [row for row in rows if row["changed"]] == predicted["buckets"]
    assert [path for folder in (site.remote, site.local) for path in folder.rglob("*")] == []


def test_the_file_of_another_user(fleet: list[str], tmp_path: Path) -> None:
    """The module writes its rows as a user who can only write to their file."""
    keywords, variables = another_user()
    site = Site(tmp_path, ELSEWHERE)
    site.variables.update(variables)
    (result,) = site.play(change("fleet.jsonl"), **keywords)
    assert result["failed_buckets"] == ["fleet-absent"], result
    assert [row["name"] for row in read(tmp_path / "fleet.jsonl")] == fleet


KILL = """
import os, signal
write, rows = os.write, 0
def write_three_rows(descriptor, data):
    global rows
    rows += data[1:3] == b" {"
    if rows > 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return write(descriptor, data)
os.write = write_three_rows
"""


def test_a_module_that_is_killed(fleet: list[str], tmp_path: Path) -> None:
    """The file has the rows that were finished, and the next run has all."""
    site = Site(tmp_path, HERE)
    folder = tmp_path / "python"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(KILL)
    path = os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH", "")]))
    killed = {**change("fleet.jsonl"), "environment": {"PYTHONPATH": path}}
    (failed,) = site.play(killed)
    assert failed["msg"].endswith("results_file fleet.jsonl has the rows that were finished before (3).")
    rows = read(tmp_path / "fleet.jsonl")
    assert len(rows) == 3
    assert {row["name"] for row in rows} < set(fleet)
