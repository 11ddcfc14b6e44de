# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""bucket_reencryption: which objects a run takes, where it ends and goes on, and what it never harms."""

from __future__ import annotations

import json
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.aws.objects.object_list import ObjectList
from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.head_object import FoundObject
from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.reencryption import reencryption
from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.reencryption.examination import (
    Examination,
    Examined,
)
from ansible_collections.sealed.s3.plugins.module_utils.frontend.objects.reencryption import rules
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.encryption import ObjectEncryption
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.listed_object import ListedObject
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_state import ObjectState
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.reencryption.decision import (
    Decision,
    ReencryptionRules,
    Route,
    SkipReason,
)

from .conftest import LabClock, Result, Task, TestClock
from .reencryption_world import (
    CUSTOMER_KEY,
    DSSE_KMS,
    FIRST,
    HEADERS,
    LARGE,
    LOST_KEY,
    OF_ENCRYPTION,
    PLAIN,
    SECOND,
    SSE_C,
    SSE_KMS,
    SSE_S3,
    Protection,
    Source,
    Variant,
    World,
    until,
)

MODULE = "bucket_reencryption"
BUCKET = "example-runs"
TO_KMS = {"bucket": BUCKET, "encryption": "SSE-KMS", "kms_key": SECOND, "bucket_key_enabled": True, "concurrency": 4}
TO_DSSE = {"bucket": BUCKET, "encryption": "DSSE-KMS", "kms_key": SECOND, "concurrency": 4}
MIB = 1024**2


@pytest.fixture
def clock(lab: Any) -> LabClock:
    """The clock of the lab."""
    return LabClock(lab)


@pytest.fixture
def small(lab: Any, s3: Any, kms: Any, at_aws: None) -> World:
    """A lab in the place of AWS, with two KMS keys."""
    return World(lab, s3, kms)


def require_ok(result: Result) -> Result:
    """The result of a task that succeeds."""
    assert not result.get("failed"), result["msg"]
    return result


def written_keys(lab: Any) -> Counter[str]:
    """How often each object was written since the log was cleared."""
    return Counter(call.resource.removeprefix(f"arn:aws:s3:::{BUCKET}/") for call in lab.writes())


def types(s3: Any, **secret: Any) -> Counter[str]:
    """The objects of the bucket by the encryption that S3 reports."""
    listed = s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
    heads = (s3.head_object(Bucket=BUCKET, Key=each["Key"], **secret) for each in listed)
    return Counter(head["ServerSideEncryption"] for head in heads)


# Which objects


def fill_for_selection(world: World) -> None:
    """Objects of three days, in folders, of several sizes, classes and encryptions."""
    world.new_bucket(BUCKET)
    days: list[list[tuple[str, Source, Variant]]] = [
        [
            ("old/a.txt", SSE_S3, Variant("", content=b"")),
            ("old/b.log", SSE_KMS, Variant("", content=b"x" * 99)),
            ("old/c.txt", DSSE_KMS, Variant("", content=b"x" * 100)),
            ("old/d.txt", SSE_C, PLAIN),
        ],
        [
            ("mid/a.txt", SSE_S3, Variant("", {"StorageClass": "STANDARD_IA"}, content=b"x" * 101)),
            ("mid/b.txt", Source("", Protection("SSE-KMS", "alias/aws/s3")), Variant("", content=b"x" * 2048)),
            ("mid/é.txt", SSE_S3, Variant("", {"StorageClass": "GLACIER"}, content=b"x" * 1024)),
        ],
        [
            ("new/a.txt", SSE_S3, Variant("", content=b"x" * 1025)),
            ("new/b.txt", SSE_KMS, Variant("", {"StorageClass": "INTELLIGENT_TIERING"}, content=b"x")),
            ("new.txt", Source("", Protection("SSE-KMS", FIRST, bucket_key=True)), PLAIN),
        ],
    ]
    for number, objects in enumerate(days):
        for key, source, variant in objects:
            world.place(BUCKET, source, variant, key=key)
        if number < len(days) - 1:
            world.lab.clock.advance(days=10)


OLD, MID = {"old/a.txt", "old/b.log", "old/c.txt"}, {"mid/a.txt", "mid/b.txt", "mid/é.txt"}
NEW = {"new/a.txt", "new/b.txt", "new.txt"}
EVERY = OLD | MID | NEW
OF_FIRST = {"old/b.log", "new/b.txt", "new.txt"}
SELECTIONS: list[tuple[dict[str, Any], set[str]]] = [
    ({}, EVERY),
    ({"prefix": "old/"}, OLD),
    ({"prefix": "mid/", "suffix": "é.txt"}, {"mid/é.txt"}),
    ({"older_than": "15d"}, OLD),
    ({"older_than": "1w", "newer_than": "360h"}, MID),
    ({"larger_than": "1KiB"}, {"mid/b.txt", "new/a.txt"}),
    ({"larger_than": "99", "smaller_than": "101"}, {"old/c.txt"}),
    ({"storage_classes": ["STANDARD_IA", "INTELLIGENT_TIERING"]}, {"mid/a.txt", "new/b.txt"}),
    ({"storage_classes": ["STANDARD"], "prefix": "mid/"}, {"mid/b.txt"}),
    ({"encryption": ["SSE-S3"]}, {"old/a.txt", "mid/a.txt", "mid/é.txt", "new/a.txt"}),
    ({"encryption": ["aws:kms:dsse"]}, {"old/c.txt"}),
    ({"encryption": [FIRST]}, OF_FIRST | {"old/c.txt"}),
    ({"encryption": [{"encryption": "SSE-KMS", "kms_key": FIRST}]}, OF_FIRST),
    ({"encryption": [{"kms_key": "alias/aws/s3"}, "DSSE-KMS"]}, {"mid/b.txt", "old/c.txt"}),
    ({"encryption": ["SSE-C"]}, set()),  # without its key
]


def test_select(task: Task, small: World, lab: Any, tmp_path: Path) -> None:
    """Each option, and the options together. What is not selected is neither written nor counted."""
    fill_for_selection(small)
    saved = lab.save()
    for select, expected in SELECTIONS:
        lab.restore(saved)
        lab.calls.clear()
        done = require_ok(task(MODULE, **TO_KMS, select=select))
        assert set(written_keys(lab)) == expected, select
        summary = done["summary"]
        skipped = int(select in ({}, {"encryption": ["SSE-C"]}, {"prefix": "old/"}, {"older_than": "15d"}))
        assert (summary["done"], summary["seen"]) == (len(expected), len(expected) + skipped), select
        assert summary["skipped_by_reason"] == ({"customer_key": 1} if skipped else {}), select


def test_a_date_selects_from_its_midnight(task: Task, small: World, lab: Any) -> None:
    """In UTC, as S3 reports times."""
    fill_for_selection(small)
    listed = small.s3.list_objects_v2(Bucket=BUCKET, Prefix="mid/")["Contents"]
    day = listed[0]["LastModified"].date().isoformat()
    found = task(MODULE, check=True, **TO_KMS, select={"newer_than": day, "older_than": f"{day}T23:59:59+00:00"})
    assert require_ok(found)["summary"]["done"] == len(MID)


# Where a run ends


def fill(world: World, number: int = 11, *, versions: int = 1, **more: Any) -> None:
    """Objects under SSE-S3, every third as asked, with so many versions each."""
    world.new_bucket(BUCKET, versioning="Enabled" if versions > 1 else "", **more)
    for index in range(number):
        for _version in range(versions):
            protection = Protection("SSE-KMS", SECOND, bucket_key=True) if index % 3 == 2 else Protection("SSE-S3")
            world.place(BUCKET, Source("", protection), PLAIN, key=f"{index:03}")


class CallClock(TestClock):
    """A clock in which each call of the lab takes a second."""

    __test__ = False

    def __init__(self, lab: Any) -> None:
        super().__init__()
        self._lab = lab

    def monotonic(self) -> float:
        """The number of calls."""
        return float(len(self._lab.calls))


def run_in_pieces(task: Task, **options: Any) -> list[Result]:
    """Run until there is nothing to go on with."""
    results: list[Result] = []
    start: dict[str, Any] = {}
    while True:
        results.append(require_ok(task(MODULE, **options, **start)))
        if results[-1]["resume"] is None:
            return results
        assert results[-1]["resume"] > start.get("start_after", ""), "it does not get further"
        start = {"start_after": results[-1]["resume"]}


@pytest.mark.parametrize(
    ("options", "versions", "pieces"),
    [
        ({"max_objects": 4}, 1, 3),
        ({"max_objects": 8, "concurrency": 16}, 1, 2),
        ({"max_objects": 10, "versions": "all"}, 3, 3),  # four keys each, as a run does not end within one
        ({"max_objects": 1, "select": {"suffix": "0"}}, 1, 2),
        ({"max_objects": 11}, 1, 1),
    ],
)
def test_pieces_end_with_the_same_state_as_one_run(
    task: Task, small: World, lab: Any, tmp_path: Path, options: dict[str, Any], versions: int, pieces: int
) -> None:
    """No object is written twice, seen twice, or left out."""
    fill(small, versions=versions)
    saved = lab.save()
    whole = require_ok(task(MODULE, **{**TO_KMS, **options, "max_objects": None}))
    after = (types(small.s3), len(small.versions(BUCKET)))
    lab.restore(saved)
    lab.calls.clear()
    results = run_in_pieces(task, **{**TO_KMS, **options})
    assert len(results) == pieces
    assert max(written_keys(lab).values()) == versions
    assert (types(small.s3), len(small.versions(BUCKET))) == after
    for name in ("seen", "done", "as_asked", "skipped", "failed"):
        assert sum(result["summary"][name] for result in results) == whole["summary"][name]
    assert not task(MODULE, **{**TO_KMS, **options, "max_objects": None})["changed"]


def test_a_run_ends_when_its_time_is_over(
    task: Task, small: World, lab: Any, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It finishes what it has begun, and the next one goes on; the last one finds nothing to do."""
    fill(small)
    monkeypatch.setattr(clock, "monotonic", CallClock(lab).monotonic)
    lab.calls.clear()
    results = run_in_pieces(task, **{**TO_KMS, "concurrency": 1}, max_seconds=4)
    assert 3 <= len(results) <= 8
    assert set(written_keys(lab).values()) == {1}
    assert types(small.s3) == {"aws:kms": 11}


def test_a_check_run_ends_at_the_same_place(task: Task, small: World) -> None:
    """And names the same key to go on with."""
    fill(small)
    check, done = (task(MODULE, check=check, **TO_KMS, max_objects=7) for check in (True, False))
    assert (check["resume"], check["summary"]["done"]) == (done["resume"], done["summary"]["done"]) == ("006", 5)


# What is told, and what is not harmed


def test_locked_objects_fail_as_asked(task: Task, small: World, tmp_path: Path) -> None:
    """With on_locked: fail they fail, in check mode, too; others are changed, and a locked one that is as asked is."""
    small.new_bucket(BUCKET, versioning="Enabled", with_locks=True)
    held = Variant("held", {"ObjectLockLegalHoldStatus": "ON"}, locked=True)
    governed = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": until(30)}
    small.place(BUCKET, SSE_S3, PLAIN, key="a")
    small.place(BUCKET, SSE_S3, held, key="held")
    small.place(BUCKET, DSSE_KMS, Variant("", governed, locked=True), key="retained")
    small.place(BUCKET, Source("", Protection("SSE-KMS", SECOND, bucket_key=True)), held, key="right")
    for check in (True, False):
        failed = task(MODULE, check=check, **TO_KMS, on_locked="fail")
        assert (failed["failed"], failed["changed"]) == (True, True)
        assert [entry["key"] for entry in failed["failed_objects"]] == ["held", "retained"]
        assert "Object Lock" in failed["msg"]
        summary = failed["summary"]
        assert (summary["done"], summary["failed"], summary["as_asked"], summary["skipped"]) == (1, 2, 1, 0)
    again = require_ok(task(MODULE, **TO_KMS))
    assert (again["changed"], again["summary"]["skipped_by_reason"]) == (False, {"locked": 2})


def test_an_unreadable_lock_is_not_left_behind(task: Task, small: World, lab: Any, tmp_path: Path) -> None:
    """HeadObject does not show a lock to a caller who may not read it: nothing under one is copied unseen."""
    small.new_bucket(BUCKET, versioning="Enabled", with_locks=True)
    held = Variant("held", {"ObjectLockLegalHoldStatus": "ON"}, locked=True)
    small.place(BUCKET, SSE_S3, held, key="held")
    before = small.versions(BUCKET)
    for permission in ("s3:GetObjectRetention", "s3:GetObjectLegalHold"):
        lab.faults.add("deny", operation=permission, times=None)
    in_place = require_ok(task(MODULE, **TO_KMS))
    assert in_place["summary"]["skipped_by_reason"] == {"locked": 1}
    copied = task(MODULE, **TO_DSSE)
    assert small.versions(BUCKET) == before, copied.get("warnings")


def test_more_copies_than_meant_are_not_made(
    task: Task, small: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In a bucket with versions, so many only with method: copy. A check run says the same."""
    monkeypatch.setattr(reencryption, "MOST_NEW_VERSIONS", 3)
    small.new_bucket(BUCKET, versioning="Enabled")
    for key in "abcde":
        small.place(BUCKET, SSE_S3, PLAIN, key=key)
    told = []
    for check in (True, False):
        result = task(MODULE, check=check, **TO_DSSE)
        assert result["failed"], result
        assert "method: copy" in result["msg"]
        summary = result["summary"]
        told.append((summary["done"], summary["new_versions"], summary["skipped_by_reason"]))
    assert told == [(3, 3, {"new_versions": 2})] * 2
    assert len(small.versions(BUCKET)) == 8
    rest = require_ok(task(MODULE, **TO_DSSE, method="copy"))
    assert (rest["summary"]["done"], types(small.s3)) == (2, {"aws:kms:dsse": 5})


def test_copies_of_objects_from_before_versioning_leave_versions(
    task: Task, small: World, s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their version id is `null`, and a copy does not replace it once versioning is enabled."""
    small.new_bucket(BUCKET)
    for key in "abc":
        small.place(BUCKET, SSE_KMS, PLAIN, key=key)
    to_s3 = {"bucket": BUCKET, "encryption": "SSE-S3", "concurrency": 1}
    assert task(MODULE, check=True, **to_s3)["summary"]["new_versions"] == 0
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    planned = require_ok(task(MODULE, check=True, **to_s3))
    assert planned["summary"]["new_versions"] == 3
    assert any(small.arns[FIRST] in each for each in planned["warnings"])
    monkeypatch.setattr(reencryption, "MOST_NEW_VERSIONS", 2)
    for check in (True, False):
        result = task(MODULE, check=check, **to_s3)
        assert (result["summary"]["new_versions"], result["summary"]["skipped_by_reason"]) == (2, {"new_versions": 1})
    assert len(s3.list_object_versions(Bucket=BUCKET)["Versions"]) == 5
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Suspended"})
    rest = require_ok(task(MODULE, **to_s3))
    assert (rest["summary"]["done"], rest["summary"]["new_versions"]) == (1, 0)
    assert len(s3.list_object_versions(Bucket=BUCKET)["Versions"]) == 5


def test_noncurrent_versions_from_before_versioning(task: Task, small: World, s3: Any) -> None:
    """Their version id is `null`, and it is they that change, and not the current version or its delete marker."""
    small.new_bucket(BUCKET)
    for key in "abc":
        small.place(BUCKET, SSE_S3, PLAIN, key=key)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    small.place(BUCKET, Source("", Protection("SSE-KMS", SECOND, bucket_key=True)), PLAIN, key="a")
    small.place(BUCKET, SSE_KMS, PLAIN, key="b")
    s3.delete_object(Bucket=BUCKET, Key="c")
    for check in (True, False):
        summary = require_ok(task(MODULE, check=check, **TO_KMS, versions="all"))["summary"]
        assert (summary["done"], summary["as_asked"], summary["vanished"]) == (4, 1, 0)
    heads = [s3.head_object(Bucket=BUCKET, Key=key, VersionId="null") for key in "abc"]
    assert [head.get("SSEKMSKeyId") for head in heads] == [small.arns[SECOND]] * 3
    assert not require_ok(task(MODULE, **TO_KMS, versions="all"))["changed"]


def test_an_object_under_another_customer_key_costs_only_itself(task: Task, small: World) -> None:
    """The task has a key, which is not that of this object: it fails, and the others are changed."""
    small.new_bucket(BUCKET)
    small.place(BUCKET, SSE_C, PLAIN, key="ours")
    small.place(BUCKET, Source("", Protection("SSE-C", LOST_KEY)), PLAIN, key="theirs")
    small.place(BUCKET, SSE_S3, PLAIN, key="z")
    result = task(MODULE, **TO_KMS, customer_key=CUSTOMER_KEY)
    assert result["failed"]
    assert [(each["key"], each["error"]["kind"]) for each in result["failed_objects"]] == [("theirs", "wrong_key")]
    assert (result["summary"]["done"], result["summary"]["failed"]) == (2, 1)
    assert CUSTOMER_KEY not in json.dumps(result)
    without = require_ok(task(MODULE, **TO_KMS))
    assert (without["changed"], without["summary"]["skipped_by_reason"]) == (False, {"customer_key": 1})


def test_a_copy_never_deletes_a_noncurrent_version(task: Task, small: World, tmp_path: Path) -> None:
    """While versioning is suspended, a copy gets the version id null, and replaces the version that has it.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/AddingObjectstoVersionSuspendedBuckets.html
    """
    small.new_bucket(BUCKET)
    small.s3.put_object(Bucket=BUCKET, Key="a", Body=b"the older content")  # its version id is null
    for status in ("Enabled", "Suspended"):
        small.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": status})
        if status == "Enabled":
            small.s3.put_object(Bucket=BUCKET, Key="a", Body=b"the newer content")
    before = set(small.versions(BUCKET))
    report = tmp_path / "report"
    task(MODULE, **TO_DSSE, report_file=str(report))
    assert before <= set(small.versions(BUCKET)), report.read_text()
    assert small.s3.get_object(Bucket=BUCKET, Key="a", VersionId="null")["Body"].read() == b"the older content"


def test_archive_tiers_change_in_place_or_not_at_all(task: Task, small: World, lab: Any) -> None:
    """S3 Intelligent-Tiering archives what is not read, in the same storage class; nothing is restored for a copy."""
    small.new_bucket(BUCKET)
    tiers = {"Id": "a", "Status": "Enabled", "Tierings": [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}]}
    small.s3.put_bucket_intelligent_tiering_configuration(Bucket=BUCKET, Id="a", IntelligentTieringConfiguration=tiers)
    for key, size in (("archived", 128 * 1024), ("small", 100)):
        small.place(BUCKET, SSE_S3, Variant("", {"StorageClass": "INTELLIGENT_TIERING"}, content=b"x" * size), key=key)
    lab.clock.advance(days=90)
    copied = require_ok(task(MODULE, **TO_DSSE))
    assert (copied["summary"]["done"], copied["summary"]["skipped_by_reason"]) == (1, {"archived": 1})
    assert require_ok(task(MODULE, **TO_KMS, select={"encryption": ["SSE-S3"]}))["summary"]["done"] == 1
    head = small.s3.head_object(Bucket=BUCKET, Key="archived")
    assert (head["ServerSideEncryption"], head["ArchiveStatus"]) == ("aws:kms", "ARCHIVE_ACCESS")


def test_a_copy_gets_the_default_retention_of_its_bucket(task: Task, small: World) -> None:
    """As every new version does. A warning says so, in check mode, too."""
    small.new_bucket(BUCKET, versioning="Enabled", with_locks=True)
    small.place(BUCKET, SSE_S3, PLAIN, key="a")
    rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}
    configuration = {"ObjectLockEnabled": "Enabled", "Rule": rule}
    small.s3.put_object_lock_configuration(Bucket=BUCKET, ObjectLockConfiguration=configuration)
    for check in (True, False):
        done = require_ok(task(MODULE, check=check, **TO_DSSE))
        assert any("default retention" in warning for warning in done["warnings"]), done["warnings"]
    assert small.s3.head_object(Bucket=BUCKET, Key="a")["ObjectLockMode"] == "GOVERNANCE"


LARGE_OBJECT = Variant("large", {**HEADERS, "ChecksumAlgorithm": "CRC64NVME"}, content=LARGE)


@pytest.fixture
def small_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits CopyObject to 6 MiB."""
    monkeypatch.setattr(rules, "ReencryptionRules", partial(ReencryptionRules, copy_limit=6 * MIB))


def test_large_objects_are_copied_in_parts(
    task: Task, small: World, lab: Any, small_copies: None, request: pytest.FixtureRequest
) -> None:
    """They keep all that they have. In place, their size makes no difference."""
    small.new_bucket(BUCKET)
    sources = {"a": SSE_S3, "b": SSE_C, "c": Source("", Protection("DSSE-KMS", SECOND))}
    for key, source in sources.items():
        small.place(BUCKET, source, LARGE_OBJECT, key=key)
    small.see_all()
    before = {placed.key: placed.seen for placed in small.placed}
    options = {**TO_DSSE, "customer_key": CUSTOMER_KEY}
    predicted = require_ok(task(MODULE, check=True, **options))
    lab.calls.clear()
    done = require_ok(task(MODULE, **options))
    made = Counter(call.operation for call in lab.writes())
    assert made == {"CreateMultipartUpload": 2, "UploadPartCopy": 4, "CompleteMultipartUpload": 2}
    assert done["summary"]["by_route"] == predicted["summary"]["by_route"]
    assert done["summary"]["by_route"]["copied_in_parts"] == 2
    assert done["summary"]["bytes_copied"] == predicted["summary"]["bytes_copied"] == 2 * len(LARGE)
    free = {*OF_ENCRYPTION, "LastModified", "ETag"}
    for key in sources:
        after = small.observe(BUCKET, key, None, SSE_S3)
        was = {name: value for name, value in before[key].items() if name not in free}
        assert {name: value for name, value in after.items() if name not in free} == was, key
    assert types(small.s3) == {"aws:kms:dsse": 3}
    assert not task(MODULE, **options)["changed"]


def examined_as(listed: ListedObject) -> Examined:
    """What becomes of an object of a long list: most are as asked, and some are skipped, or fail."""
    index = int(listed.key)
    if index % 5 == 0:
        return Examined(listed, failure=Failure(FailureKind.FORBIDDEN, f"{listed.key} is forbidden."))
    found = FoundObject(ObjectState(BUCKET, listed.key, 1, ObjectEncryption("SSE-KMS", f"key {index % 90}", True)))
    skipped = Decision(skipped=SkipReason.LOCKED)
    return Examined(listed, found, skipped if index % 5 == 1 else Decision(Route.AS_ASKED))


def test_memory_does_not_grow_with_the_number_of_objects(
    task: Task, small: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whatever becomes of them: what is told of each goes to the report file."""
    fill(small, 1)
    number = 0

    def list_many(lists: ObjectList, *_where: Any, **_more: Any) -> Iterator[ListedObject]:
        return (ListedObject(f"{index:06}", 1, '"e"', "2026-01-31T10:00:00+00:00") for index in range(number))

    monkeypatch.setattr(ObjectList, "list_objects", list_many)
    monkeypatch.setattr(Examination, "examine", lambda examination, listed: examined_as(listed))
    peaks = []
    for number in (500, 500, 1500):
        tracemalloc.start()
        try:
            result = task(MODULE, **TO_KMS, report_file=str(tmp_path / "report"))
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
        assert result["summary"]["seen"] == number
        assert result["summary"]["failed"] == number // 5
        assert len(result["failed_objects"]) == min(number // 5, 100)
        assert len((tmp_path / "report").read_text().splitlines()) == number * 2 // 5
    assert peaks[2] < peaks[1] + 150_000, peaks


def test_an_empty_bucket_and_a_missing_one(task: Task, small: World) -> None:
    """Nothing to do is ok; a bucket that does not exist is a failure, and in check mode what is not there yet."""
    small.new_bucket(BUCKET)
    for check in (True, False):
        empty = require_ok(task(MODULE, check=check, **TO_KMS))
        assert (empty["changed"], empty["summary"]["seen"], empty["resume"]) == (False, 0, None)
    missing = {**TO_KMS, "bucket": "example-missing"}
    assert task(MODULE, **missing)["failed"]
    assert require_ok(task(MODULE, check=True, **missing))["not_there_yet"]


def test_a_misspelt_storage_class_is_no_empty_selection(task: Task, small: World) -> None:
    """It would select nothing, and the run would be green."""
    fill(small, 1)
    assert task(MODULE, check=True, **TO_KMS, select={"storage_classes": ["STANDART_IA"]}).get("failed")
