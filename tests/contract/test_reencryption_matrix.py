# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""bucket_reencryption: every source to every target, judged without our code, in three buckets with all that objects
can have: versions, locks, archive classes, tags, ACLs, metadata, checksums and client-side envelopes.

`make soak reencryption` writes for every wish. `make test` writes for a few, and predicts the others in a check run.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from . import scale
from .conftest import Result, Task
from .reencryption_rules import AS_ASKED, COPY, UPDATE, Verdict, Wish, judge, may_change, reported
from .reencryption_world import (
    BUCKETS,
    CUSTOMER_KEY,
    FIRST,
    OF_ENCRYPTION,
    PLAIN_BUCKET,
    SECOND,
    SSE_S3,
    VERSIONED,
    Placed,
    Protection,
    World,
    built,
    without_lost_keys,
    world,
)

__all__ = ["built", "world"]  # fixtures

MODULE = "bucket_reencryption"
OF_BUCKET = Wish(None, default=Protection("SSE-KMS", SECOND, bucket_key=True))
WRITTEN = [
    Wish("SSE-KMS", SECOND, customer_key=CUSTOMER_KEY),
    Wish("SSE-S3"),
]
PREDICTED = [
    Wish("SSE-KMS", SECOND, method="update", bucket_key=False),
    Wish("SSE-KMS", bucket_key=True),
    Wish("SSE-KMS", "alias/aws/s3", minimum=True, customer_key=CUSTOMER_KEY),
    Wish("DSSE-KMS", FIRST, minimum=True),
    OF_BUCKET,
    Wish(None, method="copy", versions="current", default=Protection("DSSE-KMS", SECOND)),
]
OTHERS = [
    Wish("SSE-KMS", SECOND),
    Wish("SSE-KMS", SECOND, minimum=True),
    Wish("SSE-S3", customer_key=CUSTOMER_KEY),
    Wish("DSSE-KMS", SECOND, versions="current"),
    Wish("SSE-KMS", SECOND, bucket_key=True, method="copy", customer_key=CUSTOMER_KEY),
    Wish(None, method="update", default=Protection("SSE-KMS")),
    Wish("DSSE-KMS", method="update"),
    Wish(None, default=Protection("DSSE-KMS", SECOND)),
    Wish("SSE-KMS", SECOND, bucket_key=True),
    Wish("SSE-KMS", SECOND, bucket_key=False, customer_key=CUSTOMER_KEY),
    Wish("SSE-KMS", SECOND, method="update"),
    Wish("SSE-KMS", SECOND, method="copy", versions="current"),
    Wish("SSE-KMS"),
    Wish("SSE-KMS", bucket_key=True, method="update"),
    Wish("SSE-KMS", "alias/aws/s3"),
    Wish("SSE-S3", method="update"),
    Wish("SSE-S3", method="copy", versions="current"),
    Wish("SSE-S3", minimum=True, customer_key=CUSTOMER_KEY),
    Wish("DSSE-KMS"),
    Wish("DSSE-KMS", FIRST, customer_key=CUSTOMER_KEY),
    Wish("DSSE-KMS", SECOND, method="update"),
    Wish(None, method="copy", default=Protection("SSE-KMS", SECOND)),
    Wish(None, versions="current", customer_key=CUSTOMER_KEY),
]

# What a check run promises, and the real run has to keep.
PROMISED = (
    *("seen", "done", "as_asked", "skipped", "failed", "new_versions", "bytes_copied"),
    *("by_encryption", "by_route", "skipped_by_reason"),
)


def title(wish: Wish) -> str:
    """The id of a case."""
    return wish.title


class Judge:
    """Runs one wish on all buckets, and compares what becomes of each object with what is right."""

    def __init__(self, task: Task, world: World, wish: Wish, folder: Path) -> None:
        self.task, self.world, self.wish, self.report = task, world, wish, folder / "report.jsonl"
        found = ((placed, judge(wish, placed)) for placed in world.placed)
        self.verdicts = [(placed, verdict) for placed, verdict in found if verdict]
        for bucket in BUCKETS:
            world.default_to(bucket, wish.default)

    def run(self, bucket: str, *, check: bool = False) -> Result:
        """The result for one bucket, which succeeds. What it did not change is in the report file."""
        self.report.unlink(missing_ok=True)
        result = self.task(
            MODULE, check=check, bucket=bucket, concurrency=4, report_file=str(self.report), **self.wish.options
        )
        assert not result.get("failed"), result["msg"]
        return result

    def of(self, bucket: str) -> list[tuple[Placed, Verdict]]:
        """What is right for each object of a bucket that the task looks at."""
        return [(placed, verdict) for placed, verdict in self.verdicts if placed.bucket == bucket]

    def require_told(self, bucket: str, result: Result) -> None:
        """The numbers of the result are right, for each encryption that objects have now, and each skipped object."""
        verdicts = self.of(bucket)
        summary = result["summary"]
        routes = Counter(verdict.route for _placed, verdict in verdicts if verdict.route)
        copied = [placed for placed, verdict in verdicts if verdict.route == COPY]
        expected = {
            "seen": len(verdicts),
            "done": routes[UPDATE] + routes[COPY],
            "as_asked": routes[AS_ASKED],
            "skipped": sum(1 for _placed, verdict in verdicts if verdict.reasons),
            "failed": 0,
            "vanished": 0,
            "new_versions": len(copied) if bucket == VERSIONED else summary["new_versions"],
            "bytes_copied": sum(placed.seen["ContentLength"] for placed in copied),
        }
        assert {name: summary[name] for name in expected} == expected
        # As with every module, a check run tells of a change that a real run would make.
        assert result["changed"] is bool(expected["done"])
        told = {row: (objects, found) for row, objects, found in map(self._row, summary["by_encryption"])}
        assert told == self._rows(verdicts)
        # Some objects have several reasons, of which one is told.
        certain = Counter(min(verdict.reasons) for _placed, verdict in verdicts if len(verdict.reasons) == 1)
        assert certain <= Counter(summary["skipped_by_reason"])
        assert sum(summary["skipped_by_reason"].values()) == expected["skipped"]

    def require_reported(self, bucket: str, result: Result) -> None:
        """The report file has each skipped object, with a reason that is true."""
        skipped = self._skipped()
        assert Counter(skipped.values()) == Counter(result["summary"]["skipped_by_reason"])
        for placed, verdict in self.of(bucket):
            reason = skipped.pop((placed.key, placed.version_id if placed.noncurrent else None), None)
            assert (reason in verdict.reasons) if verdict.reasons else reason is None, (placed.name, reason, verdict)
        assert not skipped

    def _skipped(self) -> dict[tuple[str, str | None], str]:
        """The skipped objects of the last run, by key and version id, with their reasons."""
        entries = [json.loads(line) for line in self.report.read_text().splitlines()]
        by_version = {(each["key"], each["version_id"]): each["reason"] for each in entries}
        assert len(by_version) == len(entries), "an object is told twice"
        return by_version

    def _row(self, row: dict[str, Any]) -> tuple[tuple[Any, ...], int, Counter[str]]:
        name = (row["encryption"], row["kms_key_arn"], bool(row["bucket_key_enabled"]))
        skipped = Counter({"skipped": sum(row["skipped"].values())})
        return name, row["objects"], +(Counter(row["routes"]) + skipped)

    def _rows(self, verdicts: list[tuple[Placed, Verdict]]) -> dict[tuple[Any, ...], tuple[int, Counter[str]]]:
        rows: dict[tuple[Any, ...], tuple[int, Counter[str]]] = {}
        for placed, verdict in verdicts:
            before = placed.protection
            name = (before.kind, self.world.arns.get(before.key), before.bucket_key)
            number, found = rows.get(name, (0, Counter()))
            rows[name] = (number + 1, found + Counter([verdict.route or "skipped"]))
        return rows

    def require_written(self, bucket: str) -> None:
        """Each changed object was written by one request, and nothing else was."""
        written = Counter((call.operation, call.resource) for call in self.world.lab.writes())
        operations = {UPDATE: "UpdateObjectEncryption", COPY: "CopyObject"}
        expected = Counter(
            (operations[verdict.route], f"arn:aws:s3:::{bucket}/{placed.key}")
            for placed, verdict in self.of(bucket)
            if verdict.route in operations
        )
        assert written == expected

    def require_state(self) -> None:
        """Each object has the right encryption, and all else that it had before.

        What was not written is looked at in the soak only: the requests have shown it already.
        """
        current = {
            (bucket, key): version
            for bucket in BUCKETS
            for (key, version), is_latest in self.world.versions(bucket).items()
            if is_latest
        }
        for placed in self.world.placed:
            verdict = judge(self.wish, placed) or Verdict(placed.protection)
            version = placed.version_id
            if verdict.route not in (UPDATE, COPY) and not scale.IS_SOAK:
                continue
            if verdict.route == COPY:
                version = current[placed.bucket, placed.key] if version else None
                self._require_left_behind(placed)
            self._compare(placed, verdict, version)

    def _require_left_behind(self, placed: Placed) -> None:
        """The former version of an object that was copied is as it was."""
        if placed.version_id not in (None, "null"):
            seen = self.world.observe(placed.bucket, placed.key, placed.version_id, placed.source)
            assert seen == placed.seen, placed.name

    def _compare(self, placed: Placed, verdict: Verdict, version: str | None) -> None:
        source = placed.source if verdict.after == placed.protection else SSE_S3
        seen = self.world.observe(placed.bucket, placed.key, version, source)
        free = {*OF_ENCRYPTION, *may_change(placed, verdict.route)}
        assert _without(seen, free) == _without(placed.seen, free), placed.name
        encryption = {name: seen[name] for name in OF_ENCRYPTION if name in seen and name != "SSECustomerKeyMD5"}
        assert encryption == reported(verdict.after, self.world.arns), placed.name


def _without(seen: Mapping[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in seen.items() if name not in names}


@pytest.mark.parametrize("wish", [*WRITTEN, *([*PREDICTED, *OTHERS] if scale.IS_SOAK else [])], ids=title)
def test_every_source_to_every_target(
    task: Task, world: World, lab: Any, at_aws: None, tmp_path: Path, wish: Wish
) -> None:
    """A check run promises what the real run does, each object keeps what it has, and a second run changes nothing."""
    without_lost_keys(world, wish.customer_key)
    judged = Judge(task, world, wish, tmp_path)
    for bucket in BUCKETS:
        lab.calls.clear()
        predicted = judged.run(bucket, check=True)
        assert lab.writes() == []
        judged.require_told(bucket, predicted)
        lab.calls.clear()
        done = judged.run(bucket)
        judged.require_written(bucket)
        judged.require_told(bucket, done)
        judged.require_reported(bucket, done)
        assert {name: predicted["summary"][name] for name in PROMISED} == {
            name: done["summary"][name] for name in PROMISED
        }
        for name in ("diff", "warnings"):
            assert predicted.get(name) == done.get(name)
        assert done["resume"] is None
    judged.require_state()
    for bucket in BUCKETS:
        lab.calls.clear()
        again = judged.run(bucket)
        assert (again["changed"], lab.writes(), again["summary"]["done"]) == (False, [], 0)
        # S3 refuses HeadObject with or without a customer key and gives no reason, so that is asked for.
        seen, unreadable = again["summary"]["seen"], again["summary"]["skipped_by_reason"].get("customer_key", 0)
        allowed = (1.6 if wish.customer_key else 1.01) * seen + 2 * unreadable + 6
        assert len(lab.calls) <= allowed, Counter(lab.calls.operations())


def test_every_prediction(task: Task, world: World, lab: Any, at_aws: None, tmp_path: Path) -> None:
    """The check runs of all wishes, on the same objects: nothing is written."""
    for wish in sorted(PREDICTED, key=lambda wish: wish.customer_key):
        without_lost_keys(world, wish.customer_key)
        judged = Judge(task, world, wish, tmp_path)
        for bucket in (PLAIN_BUCKET, VERSIONED):
            lab.calls.clear()
            judged.require_told(bucket, judged.run(bucket, check=True))
            assert lab.writes() == []
