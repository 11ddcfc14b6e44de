# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A run that ends between any two writes leaves no object less readable than before, and the next run completes it.

After the chosen write, the lab drops every other write of the run. For the store that is the same as a process that was
killed there, and the moment is exact. Some runs are processes that really are killed.
"""

from __future__ import annotations

import random
import signal
from dataclasses import dataclass, field
from typing import Any

import pytest

from .conftest import Task
from .encryption_client import EncryptionClient
from .scale import IS_SOAK, SEED, number
from .test_interruption import HANG_SECONDS, start, wait_for_the_delayed_call

KEY = "a/b"
OWN, OTHER = "12345678901234567890123456789012", "abcdefghabcdefghabcdefghabcdefgh"
OLD, NEW = "the old content", "new content"
MIB = 1024 * 1024
ONCE = {"retries": {"total_max_attempts": 1}}

FILE = {"envelope": "instruction_file"}
METADATA = {"envelope": "metadata"}
CSE_C = {"encryption": "CSE-C", "customer_key": OWN}
CSE_C_OTHER = {"encryption": "CSE-C", "customer_key": OTHER}
ROTATED = {**CSE_C_OTHER, "previous_customer_key": OWN}
CSE_KMS = {"encryption": "CSE-KMS", "kms_key": "alias/app"}
CSE_KMS_OTHER = {"encryption": "CSE-KMS", "kms_key": "alias/other", "encryption_context": {"app": "billing"}}
SSE_S3 = {"encryption": "SSE-S3"}
ABSENT = {"state": "absent"}
TO_SSE_S3 = {**SSE_S3, "previous_customer_key": OWN}


@dataclass(frozen=True)
class Change:
    """The options of a task that made the object, if there is one, and of the one that is interrupted.

    `writes` is the number of its writes.
    """

    before: dict[str, Any] | None
    options: dict[str, Any]
    writes: int
    megabytes: int = field(default=0, kw_only=True)

    @property
    def writes_with_versions(self) -> int:
        """The writes where versions of the object may need its instruction file, so that it is not deleted."""
        deletes_file = self.before and "envelope" in self.before and self.options in (ABSENT, TO_SSE_S3)
        return self.writes - 1 if deletes_file else self.writes


CHANGES: dict[str, Change] = {
    "a new object with a file, own key": Change(None, {**CSE_C, **FILE, "content": NEW}, 2),
    "a new object with a file, KMS": Change(None, {**CSE_KMS, **FILE, "content": NEW}, 2),
    "a new object without a file": Change(None, {**CSE_KMS, "content": NEW}, 1),
    "new content, the file stays": Change({**CSE_C, **FILE}, {**CSE_C, **FILE, "content": NEW}, 1),
    "new content and a new key, the file stays": Change({**CSE_C, **FILE}, {**ROTATED, **FILE, "content": NEW}, 2),
    "new content, file to metadata": Change({**CSE_KMS, **FILE}, {**CSE_KMS, "content": NEW}, 1),
    "new content, metadata to file": Change(CSE_C, {**CSE_C, **FILE, "content": NEW}, 2),
    "new content, plaintext to file": Change(SSE_S3, {**CSE_KMS, **FILE, "content": NEW}, 2),
    "a new key in the file": Change({**CSE_C, **FILE}, ROTATED, 1),
    "a new key in the metadata": Change(CSE_C, ROTATED, 1),
    "another KMS key in the file": Change({**CSE_KMS, **FILE}, CSE_KMS_OTHER, 1),
    "from metadata to file": Change(CSE_KMS, {**CSE_KMS, **FILE}, 2),
    "from file to metadata": Change({**CSE_C, **FILE}, {**CSE_C, **METADATA}, 1),
    "from metadata to file, and a new key": Change(CSE_C, {**ROTATED, **FILE}, 2),
    "from file to metadata, and a new key": Change({**CSE_C, **FILE}, {**ROTATED, **METADATA}, 1),
    "own key to KMS in the file": Change(
        {**CSE_C, **FILE}, {**CSE_KMS, "previous_customer_key": OWN, "metadata": {"a": "b"}}, 2
    ),
    "KMS to own key, metadata to file": Change(CSE_KMS, {**CSE_C_OTHER, **FILE}, 2),
    "file to SSE-S3": Change({**CSE_C, **FILE}, TO_SSE_S3, 2),
    "SSE-S3 to file": Change(SSE_S3, {**CSE_C, **FILE}, 2),
    "deletion": Change({**CSE_C, **FILE}, ABSENT, 2),
    "in parts, a new object with a file": Change(None, {**CSE_KMS, **FILE, "content": NEW}, 5, megabytes=6),
    "in parts, new content and a new key": Change(
        {**CSE_C, **FILE}, {**ROTATED, **FILE, "content": NEW}, 5, megabytes=6
    ),
    "in parts, from metadata to file": Change(CSE_C, {**CSE_C, **FILE}, 2, megabytes=6),
}
# What `make test` tries, beside one more at random. `make soak kills` tries all, at every write.
USUAL = (
    "a new object with a file, own key",
    "new content and a new key, the file stays",
    "from metadata to file",
    "file to SSE-S3",
    "deletion",
)


def cases() -> list[Any]:
    """A change, after how many writes it ends, and whether the bucket keeps versions."""
    return [
        pytest.param(name, writes, versioned, id=f"{name}-{writes}-{'versions' if versioned else ''}")
        for name, change in CHANGES.items()
        for versioned in (False, True)
        for writes in range(change.writes_with_versions if versioned else change.writes)
        if IS_SOAK or (name in USUAL and writes == 1)
    ]


@pytest.fixture
def client(s3: Any, kms: Any, key_arn: str) -> EncryptionClient:
    """An independent client, with all keys of the tests."""
    kms.create_alias(AliasName="alias/other", TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])
    return EncryptionClient(s3, kms, (OWN.encode(), OTHER.encode()))


def text(content: str, change: Change) -> str:
    """A content of the size of the change."""
    return content + "x" * (change.megabytes * MIB)


def named(change: Change, options: dict[str, Any], bucket: str) -> dict[str, Any]:
    """The options of a task."""
    content = {"content": text(options["content"], change)} if "content" in options else {}
    return {**options, **content, "bucket": bucket, "key": KEY, "part_size": "5MiB", "concurrency": 1}


def prepare(task: Task, s3: Any, bucket: str, change: Change, *, versioned: bool) -> None:
    """The bucket and the object before the change."""
    if versioned:
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    if change.before is not None:
        made = task("s3_encrypted_object", **named(change, {**change.before, "content": OLD}, bucket))
        assert made["changed"], made


def require_readable(
    client: EncryptionClient, bucket: str, before: dict[str, bytes], change: Change, *, versioned: bool
) -> None:
    """All versions can be read, and those of before have their content."""
    now = client.contents(bucket, KEY)
    known = {text(OLD, change).encode(), text(NEW, change).encode()}
    assert set(now.values()) <= known
    if versioned:
        assert before.items() <= now.items()
    elif before and change.options != ABSENT:
        assert len(now) == 1


def require_completed(task: Task, client: EncryptionClient, bucket: str, change: Change) -> None:
    """The next run reaches the desired state, and the one after it changes nothing."""
    options = named(change, change.options, bucket)
    done = task("s3_encrypted_object", **options)
    assert not done.get("failed"), done["msg"]
    again = task("s3_encrypted_object", **options)
    assert (again.get("failed"), again["changed"]) == (None, False), again
    if change.options == ABSENT:
        assert again["object"] is None
        return
    encryption = again["object"]["encryption"]
    assert encryption["type"] == change.options["encryption"]
    if "envelope" in change.options:
        assert encryption["envelope"] == change.options["envelope"], again.get("warnings")
    assert client.content(bucket, KEY) == text(change.options.get("content", OLD), change).encode()


@pytest.mark.usefixtures("at_aws")
@pytest.mark.parametrize(("name", "writes", "versioned"), cases())
def test_no_write_leaves_less_that_is_readable(
    task: Task, s3: Any, bucket: str, lab: Any, client: EncryptionClient, name: str, writes: int, versioned: bool
) -> None:
    """After this many writes, all that was readable is readable, and the next run completes the change."""
    change = CHANGES[name]
    prepare(task, s3, bucket, change, versioned=versioned)
    before = client.contents(bucket, KEY)
    lab.calls.clear()
    lab.faults.add("reset_before", operation="s3:*", access="write", after=writes, times=None)
    broken = task("s3_encrypted_object", aws_config=ONCE, **named(change, change.options, bucket))
    lab.faults.clear()
    assert broken.get("failed"), broken
    assert len(lab.calls.select(access="write", service="s3", error="")) >= writes
    require_readable(client, bucket, before, change, versioned=versioned)
    require_completed(task, client, bucket, change)
    require_readable(client, bucket, before, change, versioned=versioned)


def killed() -> list[Any]:
    """The changes whose process is killed: two of them, or all in `make soak kills`, in a random order."""
    every = [(name, versioned) for name in CHANGES for versioned in (False, True)]
    chosen = random.Random(SEED).sample(every, number(1, len(every)))
    return [pytest.param(name, versioned, id=f"{name}-{'versions' if versioned else ''}") for name, versioned in chosen]


@pytest.mark.parametrize(("name", "versioned"), killed())
def test_a_killed_process_leaves_all_readable(
    task: Task, s3: Any, bucket: str, lab: Any, client: EncryptionClient, name: str, versioned: bool
) -> None:
    """Killed while its last write, or another one, is under way, at another endpoint than AWS."""
    change = CHANGES[name]
    prepare(task, s3, bucket, change, versioned=versioned)
    before = client.contents(bucket, KEY)
    writes = random.Random(f"{SEED} {name}").randrange(change.writes_with_versions if versioned else change.writes)
    lab.faults.add("delay", operation="s3:*", access="write", after=writes, seconds=60)
    process = start("s3_encrypted_object", **named(change, change.options, bucket))
    wait_for_the_delayed_call(lab)
    process.send_signal(signal.SIGKILL)
    process.wait(HANG_SECONDS)
    lab.faults.clear()
    require_readable(client, bucket, before, change, versioned=versioned)
    require_completed(task, client, bucket, change)
    require_readable(client, bucket, before, change, versioned=versioned)
