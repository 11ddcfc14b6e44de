# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A sync that is killed at any moment leaves whole files and objects, old or new, and the next run does the rest."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from .conftest import Result, Task
from .scale import SEED, number
from .test_interruption import HANG_SECONDS, start, wait_for_the_delayed_call

SYNC = "s3_encrypted_sync"
MIB = 1024 * 1024
OWN_KEY = "12345678901234567890123456789012"
KINDS: list[dict[str, Any]] = [
    {"encryption": "SSE-KMS", "kms_key": "alias/app"},
    {"encryption": "CSE-C", "customer_key": OWN_KEY},
    {"encryption": "SSE-C", "customer_key": OWN_KEY},
    {"encryption": "CSE-KMS", "kms_key": "alias/app"},
]
# Seconds that each call takes, and the time after the first call in which a run is killed: that of the whole run.
DELAY, LONGEST = 0.03, 1.0

Files = dict[str, bytes]
SMALL = [f"folder {index % 2}/{index}" for index in range(9)]
OLD: Files = {
    **{path: f"old {path}".encode() for path in SMALL},
    "large": b"o" * (6 * MIB),
    "deleted": b"",
    "kept": b"k",
}
NEW: Files = {
    **{path: f"new {path}".encode() * 20 for path in SMALL},
    **{"large": b"n" * (11 * MIB), "new": b"", "new large": b"l" * (6 * MIB), "kept": b"k"},
}


@pytest.fixture
def key(kms: Any) -> None:
    """The KMS key of the kinds that need one."""
    kms.create_alias(AliasName="alias/app", TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])


def write(folder: Path, files: Files) -> Path:
    """Make the directory contain exactly these files."""
    for path in read(folder):
        (folder / path).unlink()
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def read(folder: Path) -> Files:
    """All files below the directory, whatever their names are."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def require_old_or_new(found: Files) -> None:
    """Nothing is partial, lost, or has another name."""
    for path in {*OLD, *NEW, *found}:
        possible = {OLD.get(path), NEW.get(path)}
        assert found.get(path) in possible, path


def kill_at_random(lab: Any, seed: int, **options: Any) -> None:
    """Run a sync in a process whose calls take a moment, and kill it at any of them, or between them."""
    lab.faults.add("delay", operation="s3:*", seconds=DELAY, times=None)
    process = start(SYNC, **options)
    wait_for_the_delayed_call(lab)
    time.sleep(random.Random(seed).uniform(0, LONGEST))
    process.kill()
    process.wait(HANG_SECONDS)
    lab.faults.clear()
    time.sleep(5 * DELAY)  # until the lab has answered the calls of the killed process


def require_ok(result: Result) -> Result:
    assert not result.get("failed"), result
    return result


@pytest.mark.parametrize("seed", range(SEED, SEED + number(5, 100)))
def test_a_sync_killed_at_a_random_moment_is_finished_by_the_next_run(
    task: Task, open_bucket: str, key: None, s3: Any, lab: Any, tmp_path: Path, seed: int
) -> None:
    """Pushes and pulls, under each kind. Every upload in parts that is left is reported, and none is aborted."""
    common = {"bucket": open_bucket, "prefix": "site", "part_size": "5MiB", "concurrency": 3, **KINDS[seed // 2 % 4]}
    local = write(tmp_path / "local", OLD if seed % 2 else NEW)
    push = {**common, "src": str(local), "delete": True}
    pull = {**common, "dest": str(local), "delete": True}
    require_ok(task(SYNC, **push))
    write(local, NEW if seed % 2 else OLD)
    killed = push if seed % 2 else pull
    kill_at_random(lab, seed, **killed)
    seen = tmp_path / "seen"
    require_ok(task(SYNC, **{**pull, "dest": str(seen)}))  # refuses what is damaged, or under another encryption
    require_old_or_new(read(seen))
    require_old_or_new(read(local))
    uploads = s3.list_multipart_uploads(Bucket=open_bucket).get("Uploads", [])
    finished = require_ok(task(SYNC, **killed))
    repeated = require_ok(task(SYNC, **killed))
    assert (repeated["changed"], repeated["objects"]) == (False, [])
    assert read(local) == NEW
    require_ok(task(SYNC, **{**pull, "dest": str(seen)}))
    assert read(seen) == NEW
    expected = [(upload["Key"], upload["UploadId"]) for upload in uploads]
    for result in (finished, repeated) if seed % 2 else ():
        assert [(upload["key"], upload["upload_id"]) for upload in result["unfinished_uploads"]] == expected
    assert s3.list_multipart_uploads(Bucket=open_bucket).get("Uploads", []) == uploads


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=lambda each: each.name)
def test_a_push_that_is_ended_aborts_its_uploads(
    task: Task, bucket: str, s3: Any, lab: Any, tmp_path: Path, number: int
) -> None:
    """Those in parts that are under way. The next run has nothing to report, and uploads the files."""
    local = write(tmp_path / "local", {"a": b"a" * (6 * MIB), "b": b"b" * (6 * MIB), "c": b"c"})
    options = {"bucket": bucket, "src": str(local), "part_size": "5MiB"}
    lab.faults.add("delay", operation="UploadPart", seconds=0.5, times=None)
    process = start(SYNC, **options)
    wait_for_the_delayed_call(lab)
    process.send_signal(number)
    assert process.wait(HANG_SECONDS) != 0
    assert s3.list_multipart_uploads(Bucket=bucket).get("Uploads", []) == []
    lab.faults.clear()
    finished = require_ok(task(SYNC, **options))
    assert finished["unfinished_uploads"] == []
    assert sorted(entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]) == ["a", "b", "c"]


def test_a_pull_that_is_ended_leaves_no_partial_file(
    task: Task, bucket: str, s3: Any, lab: Any, tmp_path: Path
) -> None:
    """Neither under its name nor under another one."""
    for name in ("a", "b", "c"):
        s3.put_object(Bucket=bucket, Key=name, Body=name.encode() * MIB)
    options = {"bucket": bucket, "dest": str(tmp_path / "local")}
    lab.faults.add("delay", operation="GetObject", seconds=0.5, times=None)
    process = start(SYNC, **options)
    wait_for_the_delayed_call(lab)
    process.send_signal(signal.SIGTERM)
    assert process.wait(HANG_SECONDS) != 0
    left = read(tmp_path / "local") if (tmp_path / "local").exists() else {}
    assert all(content == path.encode() * MIB for path, content in left.items())
    lab.faults.clear()
    require_ok(task(SYNC, **options))
    assert sorted(read(tmp_path / "local")) == ["a", "b", "c"]
