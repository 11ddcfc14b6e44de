# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A killed run does not leave a partial file, and the next run completes its changes."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from .conftest import Task
from .scale import SEED, number

# A process that was told to end, and has not ended after this time, hangs. No fast machine is needed to be below it.
HANG_SECONDS = 300


def start(module: str, **options: Any) -> subprocess.Popen[str]:
    """Start a module in a separate process, as Ansible does."""
    code = (
        "import json, sys; from ansible.module_utils.testing import patch_module_args;"
        f"from ansible_collections.sealed.s3.plugins.modules import {module} as module\n"
        "with patch_module_args(json.loads(sys.argv[1])): module.main()"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code, json.dumps(options)], env=os.environ, stdout=subprocess.PIPE, text=True
    )


def wait_for_the_delayed_call(lab: Any) -> None:
    """Wait until the lab has received the call that it delays."""
    for _attempt in range(1600):
        if lab.faults.hits():
            return
        time.sleep(0.025)
    raise AssertionError("the call was not made")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_killed_download_leaves_no_partial_file(
    task: Task, bucket: str, s3: Any, lab: Any, tmp_path: Path, number: int
) -> None:
    """Neither the file nor a temporary file exists. The next run downloads it."""
    content = os.urandom(6 * 1024 * 1024)
    s3.put_object(Bucket=bucket, Key="a", Body=content)
    lab.faults.add("delay", operation="GetObject", seconds=2 * HANG_SECONDS)
    options = {"bucket": bucket, "key": "a", "dest": str(tmp_path / "a")}
    process = start("s3_encrypted_object_download", **options)
    wait_for_the_delayed_call(lab)
    process.send_signal(number)
    assert process.wait(HANG_SECONDS) != 0
    assert list(tmp_path.iterdir()) == []
    lab.faults.clear()
    assert task("s3_encrypted_object_download", **options)["changed"]
    assert (tmp_path / "a").read_bytes() == content


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_killed_fleet_is_finished_by_the_next_run(task: Task, s3: Any, lab: Any, number: int) -> None:
    """Each bucket is changed by one write. A second run changes the rest, and a third nothing."""
    names = [f"example-{index}" for index in range(12)]
    for name in names:
        s3.create_bucket(Bucket=name)
    lab.faults.add("delay", operation="PutBucketEncryption", seconds=0.3, times=None)
    lab.calls.clear()
    options = {"buckets": names, "encryption": "SSE-KMS", "concurrency": 1}
    process = start("bucket_default_encryption", **options)
    wait_for_the_delayed_call(lab)
    process.send_signal(number)
    assert process.wait(HANG_SECONDS) != 0
    lab.faults.clear()
    rest = task("bucket_default_encryption", **options)
    assert rest["changed"]
    assert not rest.get("failed")
    assert not task("bucket_default_encryption", **options)["changed"]


def test_a_killed_key_is_finished_by_the_next_run(task: Task, kms: Any, lab: Any) -> None:
    """Killed between CreateKey and CreateAlias: the next run gives the same key its alias, and removes its mark."""
    lab.faults.add("delay", operation="CreateAlias", seconds=60)
    lab.calls.clear()
    process = start("kms_key_for_s3", alias="app", tags={"a": "b"})
    wait_for_the_delayed_call(lab)
    process.kill()
    process.wait(HANG_SECONDS)
    lab.faults.clear()
    (created,) = kms.list_keys()["Keys"]
    assert kms.list_aliases(KeyId=created["KeyId"])["Aliases"] == []
    done = task("kms_key_for_s3", alias="app", tags={"a": "b"})
    assert (done.get("failed", False), done["actions"]) == (
        False,
        ["CreateAlias", "EnableKeyRotation", "UntagResource"],
    )
    assert done["kms_key"]["key_id"] == created["KeyId"]
    assert kms.list_resource_tags(KeyId=created["KeyId"])["Tags"] == [{"TagKey": "a", "TagValue": "b"}]
    assert not task("kms_key_for_s3", alias="app", tags={"a": "b"})["changed"]
    assert len(kms.list_keys()["Keys"]) == 1


@pytest.mark.parametrize("seed", range(SEED, SEED + number(3, 60)))
def test_a_fleet_killed_at_a_random_moment_is_consistent(task: Task, s3: Any, lab: Any, seed: int) -> None:
    """Each bucket has its old rule or the new one, and the next run changes the rest."""
    names = [f"example-{index}" for index in range(24)]
    for name in names:
        s3.create_bucket(Bucket=name)
    lab.faults.add("delay", operation="*BucketEncryption", seconds=0.03, times=None)
    options = {"buckets": names, "encryption": "SSE-KMS", "concurrency": 2}
    process = start("bucket_default_encryption", **options)
    wait_for_the_delayed_call(lab)
    time.sleep(random.Random(seed).uniform(0, 0.8))
    process.kill()
    process.wait(HANG_SECONDS)
    lab.faults.clear()
    for name in names:
        (rule,) = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
        assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] in ("AES256", "aws:kms")
        assert rule["BlockedEncryptionTypes"] == {"EncryptionType": ["SSE-C"]}
    assert not task("bucket_default_encryption", **options).get("failed")
    assert not task("bucket_default_encryption", **options)["changed"]
