# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Two runs for one object at the same moment: nothing becomes unreadable, and who loses has to run again."""

from __future__ import annotations

import random
from typing import Any

import pytest

from .conftest import Task
from .encryption_client import EncryptionClient
from .interleaved_runs import orders, run_interleaved
from .scale import IS_SOAK, SEED

KEY = "a"
OWN, OTHER, THIRD = (letter * 32 for letter in "abc")
FILE = {"envelope": "instruction_file"}
CSE_C = {"encryption": "CSE-C", "customer_key": OWN}
CSE_KMS = {"encryption": "CSE-KMS", "kms_key": "alias/app"}
TO_OTHER = {"encryption": "CSE-C", "customer_key": OTHER, "previous_customer_key": OWN}
TO_THIRD = {"encryption": "CSE-C", "customer_key": THIRD, "previous_customer_key": OWN}
TO_SSE_S3 = {"encryption": "SSE-S3", "previous_customer_key": OWN}
IN_FILE = {**CSE_C, **FILE}
DELETION = {"state": "absent"}

# What exists before: the options of its task, or only its instruction file ("orphan"); and the two tasks.
RACES: dict[str, tuple[dict[str, Any] | None, dict[str, Any], dict[str, Any]]] = {
    "two creators": (None, {**IN_FILE, "content": "one"}, {**IN_FILE, "content": "two"}),
    "two creators under a KMS key": (None, {**CSE_KMS, **FILE, "content": "1"}, {**CSE_KMS, **FILE, "content": "2"}),
    "two creators under two keys": (
        None,
        {**IN_FILE, "content": "one"},
        {"encryption": "CSE-C", "customer_key": OTHER, **FILE, "content": "two"},
    ),
    "creation and deletion": (IN_FILE, {**IN_FILE, "content": "one"}, DELETION),
    "two deletions": (IN_FILE, DELETION, DELETION),
    "two rotations": (IN_FILE, TO_OTHER, TO_THIRD),
    "rotation and the same rotation": (IN_FILE, TO_OTHER, TO_OTHER),
    "rotation and new content": (IN_FILE, TO_OTHER, {**IN_FILE, "content": "two"}),
    "rotation and new content with it": (IN_FILE, TO_OTHER, {**TO_THIRD, **FILE, "content": "two"}),
    "rotation and deletion": (IN_FILE, TO_OTHER, DELETION),
    "move to the file and new content": (CSE_C, IN_FILE, {**IN_FILE, "content": "two"}),
    "move to the file, twice": (CSE_C, IN_FILE, {**TO_OTHER, **FILE}),
    "move to the metadata and rotation": (IN_FILE, {**CSE_C, "envelope": "metadata"}, TO_OTHER),
    "to SSE-S3 and new content": (IN_FILE, TO_SSE_S3, {**IN_FILE, "content": "two"}),
    "to SSE-S3 and rotation": (IN_FILE, TO_SSE_S3, TO_OTHER),
    "from SSE-S3 and new content": ({"encryption": "SSE-S3"}, IN_FILE, {**IN_FILE, "content": "two"}),
}
# The failures of a run that starts after the other one: the object has another key then, or does not exist.
OF_THE_WINNER = ("wrong_key", "absent")
# In `make test`: where each run stands when the other one writes.
USUAL = {
    "two creators": ("ABABAB", "ABBBAA"),
    "creation and deletion": ("BBABAA", "BBAAAB"),
    "two rotations": ("ABABAB",),
    "rotation and new content": ("ABABAB",),
    "to SSE-S3 and new content": ("AABBBA",),
}


def cases() -> list[Any]:
    """A race, an order, and whether the bucket keeps versions."""
    chance = random.Random(SEED)
    return [
        pytest.param(name, order, versioned, id=f"{name}-{order}-{'versions' if versioned else ''}")
        for name in RACES
        for order in (orders() if IS_SOAK else USUAL.get(name, ()))
        for versioned in ((False, True) if IS_SOAK else (chance.random() < 0.3,))
    ]


@pytest.mark.usefixtures("at_aws", "key_arn")
@pytest.mark.parametrize(("name", "order", "versioned"), cases())
def test_nothing_becomes_unreadable(
    task: Task, s3: Any, kms: Any, bucket: str, name: str, order: str, versioned: bool
) -> None:
    """Every version that exists can be read, also by an independent client. A second run of the loser succeeds."""
    existing, first, second = RACES[name]
    client = EncryptionClient(s3, kms, tuple(key.encode() for key in (OWN, OTHER, THIRD)))
    where = {"bucket": bucket, "key": KEY}
    if versioned:
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    if existing:
        task("s3_encrypted_object", **where, content="zero", **existing)
    before = client.contents(bucket, KEY)
    results = run_interleaved(order, {**where, **first}, {**where, **second})
    now = client.contents(bucket, KEY)
    assert set(now.values()) <= {b"zero", b"one", b"two", b"1", b"2"}
    if versioned:
        assert before.items() <= now.items()
    losers = [result for result in results if result.get("failed")]
    assert len(losers) < 2, [result["msg"] for result in losers]
    for loser in losers:
        assert loser["error"]["kind"] in ("conflict", *OF_THE_WINNER), loser["msg"]
        assert loser["error"]["kind"] != "conflict" or "again" in loser["msg"], loser["msg"]
    for result, options in zip(results, (first, second), strict=True):
        if result.get("failed") and result["error"]["kind"] == "conflict":
            again = task("s3_encrypted_object", **where, **options)
            assert not again.get("failed") or again["error"]["kind"] in OF_THE_WINNER, again["msg"]
            client.contents(bucket, KEY)
