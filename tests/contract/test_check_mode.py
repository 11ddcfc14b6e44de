# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The first check run of an environment in which nothing exists yet, and the placeholder of a key that it returns."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import ACCOUNT, REGION, Result, Task
from .playbooks import MODULES_IN_WORKER, QUIET, coverage_environment

PLACEHOLDER = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/known-after-the-real-run"

# The tasks of a new environment, and what a first check run needs of each that does not exist yet.
PLAY: dict[str, tuple[str, dict[str, Any], list[str]]] = {
    "made": ("sealed.s3.kms_key_for_s3", {"alias": "orders", "description": "Orders"}, []),
    "bucket": ("amazon.aws.s3_bucket", {"name": "orders-raw"}, []),
    "default": (
        "sealed.s3.bucket_default_encryption",
        {"buckets": ["orders-raw"], "encryption": "SSE-KMS", "kms_key": "{{ made.kms_key.arn }}"},
        ["orders-raw", PLACEHOLDER],
    ),
    "object": (
        "sealed.s3.s3_encrypted_object",
        {"bucket": "orders-raw", "key": "a", "content": "one", "encryption": "SSE-KMS", "kms_key": "alias/orders"},
        ["orders-raw", "alias/orders"],
    ),
    "file": (
        "sealed.s3.s3_encrypted_object_download",
        {"bucket": "orders-raw", "key": "{{ object.object.key }}", "dest": "{{ folder }}/a.txt"},
        ["orders-raw"],
    ),
}
# All results, by the names that the tasks register.
PRINT = "{{ dict(names | zip(names | map('extract', vars))) | to_nice_json }}"


def check_play(folder: Path) -> dict[str, Result]:
    """Run the play in check mode, and return the results of its tasks."""
    results = folder / "results.json"
    tasks = [{name: options, "register": register} for register, (name, options, _missing) in PLAY.items()]
    written = {"ansible.builtin.copy": {"content": PRINT, "dest": str(results)}, "check_mode": False, "diff": False}
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "vars": {"names": list(PLAY), "folder": str(folder)},
        "tasks": [*tasks, written],
    }
    playbook = folder / "play.yml"
    playbook.write_text(yaml.safe_dump([play], sort_keys=False))
    done = subprocess.run(
        [*MODULES_IN_WORKER, str(playbook), "--check", "--diff"],
        env={**os.environ, **QUIET, **coverage_environment()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Result] = yaml.safe_load(results.read_text())
    return found


def test_a_whole_play_is_foreseen_before_anything_exists(tmp_path: Path, task: Task, s3: Any, kms: Any) -> None:
    """The check run is green, writes nothing, and reports what the real run then does."""
    foreseen = check_play(tmp_path)
    assert (s3.list_buckets()["Buckets"], kms.list_keys()["Keys"]) == ([], [])
    for name, (_module, _options, missing) in PLAY.items():
        assert foreseen[name].get("not_there_yet", []) == missing
        warnings = [text for text in foreseen[name].get("warnings", ()) if "does not exist yet" in text]
        assert len(warnings) == len(missing), foreseen[name]
    assert foreseen["default"]["buckets"][0]["after"]["kms_key"] == PLACEHOLDER
    assert foreseen["default"]["diff"]["after"]["kms_key"] == PLACEHOLDER
    assert foreseen["object"]["object"]["encryption"]["kms_key_arn"] == PLACEHOLDER

    s3.create_bucket(Bucket="orders-raw")
    arn = ""
    for name, (module, options, _missing) in PLAY.items():
        if not module.startswith("sealed.s3."):
            continue
        given = {"kms_key": arn} if name == "default" else {"key": "a", "dest": f"{tmp_path}/a.txt"}
        given = {option: value for option, value in given.items() if option in options}
        real = task(module.rpartition(".")[2], **{**options, **given})
        assert real["not_there_yet"] == []
        assert (foreseen[name]["changed"], foreseen[name].get("actions")) == (real["changed"], real.get("actions"))
        arn = real["kms_key"]["arn"] if name == "made" else arn
    assert (tmp_path / "a.txt").read_text() == "one"


def test_the_objects_of_a_bucket_that_does_not_exist_yet(task: Task) -> None:
    """A check run finds none, and a real run fails."""
    options = {"bucket": "example-later", "encryption": "SSE-KMS", "kms_key": "alias/later"}
    planned = task("bucket_reencryption", check=True, **options)
    assert (planned.get("failed"), planned["changed"], planned["summary"]["seen"]) == (None, False, 0)
    assert planned["not_there_yet"] == ["example-later"]
    assert task("bucket_reencryption", **options)["failed"]


# The module, and its options beside the key.
USES_OF_A_KEY = [
    pytest.param("bucket_default_encryption", {"buckets": ["example-bucket"], "encryption": "SSE-KMS"}, id="bucket"),
    pytest.param("bucket_encryption_policy", {"buckets": ["example-bucket"]}, id="policy"),
    pytest.param(
        "s3_encrypted_object",
        {"bucket": "example-bucket", "key": "a", "content": "a", "encryption": "SSE-KMS"},
        id="object",
    ),
]


@pytest.mark.parametrize("form", ["arn", "key_id"])
@pytest.mark.parametrize(("module", "options"), USES_OF_A_KEY)
def test_a_placeholder_is_accepted_in_check_mode_only(
    task: Task, bucket: str, calls: Callable[[], list[str]], module: str, options: dict[str, Any], form: str
) -> None:
    """A real run refuses it before any call."""
    key = task("kms_key_for_s3", check=True, alias="orders")["kms_key"][form]
    assert key in (PLACEHOLDER, "known-after-the-real-run")
    named = {"allow_kms_keys": [key]} if module == "bucket_encryption_policy" else {"kms_key": key}
    predicted = task(module, check=True, **named, **options)
    assert not predicted.get("failed"), predicted
    assert (predicted["changed"], predicted["not_there_yet"]) == (True, [key])
    calls()
    refused = task(module, **named, **options)
    assert (refused["failed"], refused["error"]["kind"], calls()) == (True, "invalid", [])
    assert "the registered result of a check run" in refused["msg"]


def test_a_task_changes_the_key_of_an_earlier_task(task: Task, calls: Callable[[], list[str]]) -> None:
    """The placeholder is accepted as key_id, too, and planned as a new key."""
    role = f"arn:aws:iam::{ACCOUNT}:role/app"
    calls()
    planned = task("kms_key_for_s3", check=True, key_id=PLACEHOLDER, alias="more", tags={"a": "b"}, users=[role])
    assert planned["not_there_yet"] == [PLACEHOLDER]
    assert planned["kms_key"]["arn"] == PLACEHOLDER
    assert set(planned["actions"]) == {"PutKeyPolicy", "EnableKeyRotation", "TagResource", "CreateAlias"}
    assert calls() == ["GetCallerIdentity"]
    refused = task("kms_key_for_s3", key_id=PLACEHOLDER, alias="more")
    assert (refused["failed"], calls()) == (True, [])


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(
    ("module", "options"),
    [
        ("kms_key_for_s3_info", {"key_id": PLACEHOLDER}),
        ("bucket_default_encryption_info", {"buckets": ["example-bucket"], "expected": {"kms_key": PLACEHOLDER}}),
        (
            "bucket_encryption_policy_info",
            {"buckets": ["example-bucket"], "expected": {"allow_kms_keys": [PLACEHOLDER]}},
        ),
    ],
)
def test_a_report_about_a_placeholder_fails(
    task: Task, bucket: str, module: str, options: dict[str, Any], check: bool
) -> None:
    """It is about what exists."""
    result = task(module, check=check, **options)
    assert result["failed"]
    assert "is a placeholder, not a key" in result["msg"]


def test_the_replicas_of_a_new_key_have_placeholders(task: Task, s3: Any) -> None:
    """Their ARNs differ by region, as those of the key will."""
    s3.create_bucket(Bucket="replica-bucket", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    key = task("kms_key_for_s3", check=True, alias="orders", replica_regions=["us-west-2"])["kms_key"]
    multi_region = PLACEHOLDER.replace("key/", "key/mrk-")
    assert key["arn"] == multi_region
    assert [replica["arn"] for replica in key["replicas"]] == [multi_region.replace(REGION, "us-west-2")]
    planned = task(
        "bucket_default_encryption", check=True, buckets=["replica-bucket"], encryption="SSE-KMS", kms_key=key["arn"]
    )
    assert planned["buckets"][0]["after"]["kms_key"] == multi_region.replace(REGION, "us-west-2")
