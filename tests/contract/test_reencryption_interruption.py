# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""bucket_reencryption, killed at any moment and gone on with: nothing is lost, and nothing is written or told twice.

`make soak reencryption` does it a hundred times.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from .conftest import Result, Task
from .reencryption_rules import OF_A_COPY
from .reencryption_world import (
    DSSE_KMS,
    FIRST,
    OF_ENCRYPTION,
    PLAIN,
    RICH,
    SECOND,
    SSE_KMS,
    SSE_S3,
    Protection,
    Source,
    Variant,
    World,
)
from .scale import IS_SOAK, SEED, number
from .test_interruption import HANG_SECONDS, start, wait_for_the_delayed_call

MODULE = "bucket_reencryption"
BUCKET = "example-killed"
AS_ASKED = Source("", Protection("SSE-KMS", SECOND, bucket_key=True))
# Seconds that each call takes, and the time after the first call in which a run is killed: that of the whole run.
DELAY, LONGEST = 0.02, 0.7
TO_KMS = {"bucket": BUCKET, "encryption": "SSE-KMS", "kms_key": SECOND, "bucket_key_enabled": True, "concurrency": 3}
# In place with two copies, the same for all versions, and all by copies.
TASKS: list[dict[str, Any]] = [TO_KMS, {**TO_KMS, "versions": "all"}, {**TO_KMS, "method": "copy"}]
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
WRITES = ("UpdateObjectEncryption", "CopyObject")


@dataclass(frozen=True)
class Whole:
    """How an undisturbed run ends."""

    done: int
    state: Counter[tuple[Any, ...]]
    told: list[tuple[str, str]]


class Killed:
    """The world of these tests, which is filled once, and how each task ends there."""

    def __init__(self, lab: Any, s3: Any, kms: Any) -> None:
        lab.reset()
        self.lab, self.world = lab, fill(World(lab, s3, kms))
        self._saved = lab.save()
        self._wholes: dict[int, Whole] = {}

    def restore(self) -> None:
        """As it was filled."""
        self.lab.restore(self._saved)
        self.lab.calls.clear()

    def whole(self, index: int, task: Task, folder: Path) -> Whole:
        """The end of an undisturbed run of this task."""
        if index not in self._wholes:
            self.restore()
            report = folder / "whole"
            done = require_ok(task(MODULE, **TASKS[index], report_file=str(report)))["summary"]["done"]
            self._wholes[index] = Whole(done, state(self.world), told_of(report.read_text()))
        return self._wholes[index]


@pytest.fixture(scope="session")
def killed(lab_server: Any, client_of_service: Callable[[str], Any]) -> Killed:
    """The world of the random kills."""
    return Killed(lab_server, client_of_service("s3"), client_of_service("kms"))


def fill(world: World) -> World:
    """A bucket that keeps versions, with objects that change in place, by a copy, not at all, and never."""
    world.new_bucket(BUCKET, versioning="Enabled")
    for index in range(16):
        source = (SSE_S3, SSE_KMS, AS_ASKED, SSE_S3)[index % 4]
        world.place(BUCKET, source, RICH if index % 5 == 0 else PLAIN, key=f"{index:02}")
    for index in (3, 9):
        world.place(BUCKET, DSSE_KMS, PLAIN, key=f"{index:02} by a copy")
        world.place(BUCKET, SSE_S3, Variant("", hidden_by="version"), key=f"{index:02} with a noncurrent version")
    world.place(BUCKET, Source("", Protection("SSE-C", "x" * 32)), PLAIN, key="05 without its key")
    world.see_all()
    return world


def require_ok(result: Result) -> Result:
    """The result of a task that succeeds."""
    assert not result.get("failed"), result["msg"]
    return result


def require_nothing_lost(world: World) -> None:
    """Each version has all that it had, under its former encryption or the new one; and so has its copy."""
    current = {key: version for (key, version), is_latest in world.versions(BUCKET).items() if is_latest}
    for placed in world.placed:
        found = {placed.version_id} if placed.noncurrent else {placed.version_id, current[placed.key]}
        for version in found:
            seen = world.observe(BUCKET, placed.key, version, placed.source)
            free = {*OF_ENCRYPTION} if version == placed.version_id else {*OF_ENCRYPTION, *OF_A_COPY}
            assert {name: value for name, value in seen.items() if name not in free} == {
                name: value for name, value in placed.seen.items() if name not in free
            }, placed.name


def state(world: World) -> Counter[tuple[Any, ...]]:
    """How many versions have which encryption, by key."""
    found: Counter[tuple[Any, ...]] = Counter()
    sources = {placed.key: placed.source for placed in world.placed}
    for key, version in world.versions(BUCKET):
        seen = world.observe(BUCKET, key, version, sources[key])
        encryption = tuple(seen.get(name) for name in OF_ENCRYPTION)
        found[key, encryption] += 1
    return found


def told_of(report: str) -> list[tuple[str, str]]:
    """The skipped objects of a run, but for versions that copies have left behind."""
    rows = [json.loads(line) for line in report.splitlines()]
    return sorted((row["key"], row["reason"]) for row in rows if not row["key"].endswith("by a copy"))


def kill_at_random(lab: Any, seed: int, **options: Any) -> str:
    """Start a run whose calls take a moment, and end it at any of them, or between them: what it printed."""
    lab.faults.add("delay", operation="s3:*", seconds=DELAY, times=None)
    process = start(MODULE, **options)
    wait_for_the_delayed_call(lab)
    time.sleep(random.Random(seed).uniform(0, LONGEST))
    process.send_signal(signal.SIGTERM if seed % 5 == 0 else signal.SIGKILL)
    printed, _errors = process.communicate(timeout=300)
    lab.faults.clear()
    time.sleep(5 * DELAY)  # until the lab has answered the calls of the killed process
    return printed or ""


@pytest.mark.parametrize("seed", range(SEED, SEED + number(5, 100)))
def test_a_run_killed_at_a_random_moment_is_gone_on_with(
    task: Task, killed: Killed, lab: Any, at_aws: None, tmp_path: Path, seed: int
) -> None:
    """The end is that of an undisturbed run, each object was written once, and the next runs tell only of the rest."""
    whole = killed.whole(seed % len(TASKS), task, tmp_path)
    killed.restore()
    report = tmp_path / "report"
    options = {**TASKS[seed % len(TASKS)], "report_file": str(report)}
    printed = kill_at_random(lab, seed, **options)
    require_nothing_lost(killed.world)
    before = number_of_writes(lab)
    rest: list[Result] = []
    start_after: dict[str, Any] = {}
    while not rest or rest[-1]["resume"]:
        pieces = {"max_objects": 9} if seed % 2 else {}
        rest.append(require_ok(task(MODULE, **options, **pieces, **start_after)))
        start_after = {"start_after": rest[-1]["resume"]}
    # A run that was about to end has told its result.
    told = json.loads(printed)["summary"]["done"] if printed.startswith("{") and "summary" in printed else None
    assert told in (None, before)
    assert before + sum(result["summary"]["done"] for result in rest) == number_of_writes(lab) == whole.done
    require_nothing_lost(killed.world)
    assert state(killed.world) == whole.state
    again = require_ok(task(MODULE, **options))
    assert (again["changed"], again["summary"]["done"]) == (False, 0)
    assert told_of(report.read_text()) == whole.told


def number_of_writes(lab: Any) -> int:
    """How many writes the lab has carried out."""
    return sum(1 for call in lab.writes() if call.operation in WRITES and not call.error)


def start_with_small_copies(options: dict[str, Any]) -> subprocess.Popen[str]:
    """Start the module in a process that copies 5 MiB in one request, and no more."""
    utils = "ansible_collections.sealed.s3.plugins.module_utils"
    code = (
        "import json, sys; from ansible.module_utils.testing import patch_module_args\n"
        f"from {utils}.model.objects import object_steps; object_steps.COPY_LIMIT = 5 * 1024**2\n"
        f"from ansible_collections.sealed.s3.plugins.modules import {MODULE} as module\n"
        "with patch_module_args(json.loads(sys.argv[1])): module.main()"
    )
    command = [sys.executable, "-c", code, json.dumps(options)]
    return subprocess.Popen(command, env=os.environ, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("number", SIGNALS if IS_SOAK else SIGNALS[:1], ids=lambda each: each.name)
def test_a_run_that_is_ended_leaves_no_upload(
    task: Task, lab: Any, s3: Any, kms: Any, at_aws: None, number: int, tmp_path: Path
) -> None:
    """A copy in parts is completed or aborted, and the next run does the rest. No part of a report stays."""
    world = World(lab, s3, kms)
    world.new_bucket(BUCKET)
    world.place(BUCKET, Source("", Protection("DSSE-KMS", FIRST)), Variant("", content=b"x" * (6 * 1024**2)), key="a")
    lab.faults.add("delay", operation="UploadPartCopy", seconds=1.0, times=None)
    process = start_with_small_copies({**TO_KMS, "report_file": str(tmp_path / "report")})
    wait_for_the_delayed_call(lab)
    process.send_signal(number)
    assert process.wait(HANG_SECONDS) != 0
    assert s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", []) == []
    is_left = s3.head_object(Bucket=BUCKET, Key="a")["ServerSideEncryption"] == "aws:kms:dsse"
    assert list(tmp_path.iterdir()) == []
    lab.faults.clear()
    assert require_ok(task(MODULE, **TO_KMS))["summary"]["done"] == is_left
