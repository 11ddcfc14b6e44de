# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The result of a sync: bounded, with equal warnings and equal changes together."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.engine.fleet.fleet import FleetStatus
from ansible_collections.sealed.s3.plugins.module_utils.frontend.objects.sync.report import SyncReport
from ansible_collections.sealed.s3.plugins.module_utils.frontend.objects.sync.serialize import (
    describe_change,
    describe_encryption,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.envelope import EnvelopePlace, Format
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.encryption import ObjectEncryption
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.kind import ClientSide
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.listed_object import ListedUpload
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_state import ObjectState, Properties
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.sync.sync_state import (
    ABSENT,
    PRESENT,
    SyncState,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.outcome import Outcome
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_clock import FakeClock

NEW = SyncState((("encryption", "SSE-S3"),))


def report_of(*, check: bool = False, results: str | None = None, dest: str | None = None) -> SyncReport:
    """An empty report of a task."""
    task: Any = SimpleNamespace(
        params={"results": results, "bucket": "b", "dest": dest},
        clock=FakeClock(),
        clients=SimpleNamespace(calls=SimpleNamespace(requests=7)),
        check_mode=check,
    )
    return SyncReport(task)


def written(*warnings: str) -> Outcome[SyncState, None]:
    """A new object."""
    return Outcome(None, NEW, NEW, ("PutObject",), True, warnings=warnings)


def status_of(number: int) -> FleetStatus:
    """All changed."""
    return FleetStatus(number, True, changed=number)


def test_a_row_has_what_was_done() -> None:
    """And nothing of the states, which many objects have in common."""
    report = report_of()
    report.add(0, "p/a", written(), size=5)
    failure = Failure(FailureKind.FORBIDDEN, "No.", "Ask.")
    report.add(1, "p/b", Outcome(failure=failure), size=9)
    result = report.result(FleetStatus(2, True, changed=1, failed=1))
    assert result["objects"][0] == {"key": "p/a", "changed": True, "actions": ["PutObject"], "error": None}
    assert result["objects"][1]["error"]["message"] == "No. Ask."
    assert (result["failed_objects"], result["summary"]["bytes"]) == (["p/b"], 5)
    assert result["diff"] == {
        "before": {},
        "after": {"encryption": "SSE-S3"},
        "before_header": "p/a",
        "after_header": "p/a",
    }


def test_equal_warnings_are_one() -> None:
    """With the names of the first objects. A warning that names no object is shown once."""
    report = report_of()
    for number in range(9):
        report.add(number, f"p/{number}", written(f"b/p/{number} loses its ACL.", "The key was not checked."))
    report.add(9, "q", written("'q' is odd."))
    warnings = report.result(status_of(10))["warnings"]
    assert "b/p/0 loses its ACL. The same for 8 objects: p/1, p/2, p/3, p/4, p/5 and 3 more." in warnings
    assert warnings.count("The key was not checked.") == 1
    assert "'q' is odd." in warnings


def test_two_equal_warnings() -> None:
    """The other object is named."""
    report = report_of()
    for number in range(2):
        report.add(number, f"p/{number}", written(f"b/p/{number} loses its ACL."))
    assert report.result(status_of(2))["warnings"] == ["b/p/0 loses its ACL. The same for 1 object: p/1."]


def test_many_different_warnings_are_counted() -> None:
    """Ten are shown."""
    report = report_of()
    for number in range(12):
        report.add(number, f"p/{number}", written(f"Warning {number}."))
    warnings = report.result(status_of(12))["warnings"]
    assert (len(warnings), warnings[-1]) == (11, "2 more warnings about 2 objects.")


@pytest.mark.parametrize(
    ("check", "dest", "number", "expected"),
    [
        (True, None, 11, ["11 objects would be deleted."]),
        (True, "/d", 11, ["11 files would be deleted."]),
        (True, None, 10, []),
        (False, None, 11, []),
    ],
)
def test_many_deletions(check: bool, dest: str | None, number: int, expected: list[str]) -> None:
    """Only a check run warns of them."""
    report = report_of(check=check, dest=dest)
    for position in range(number):
        report.add(position, f"p/{position}", Outcome(PRESENT, ABSENT, None, ("DeleteObject",), True), is_deletion=True)
    result = report.result(status_of(number))
    assert (result["warnings"], result["summary"]["deleted"]) == (expected, number)
    assert f"{number} objects:\n  - state: present\n  + state: absent\n" in result["diff"]["prepared"]


def test_unfinished_uploads_are_bounded() -> None:
    """A warning has their number."""
    uploads = [ListedUpload(f"p/{number}", f"id-{number}", "2026-11-01T00:00:00+00:00") for number in range(150)]
    result = report_of().result(FleetStatus(0, True), uploads)
    assert len(result["unfinished_uploads"]) == 100
    assert result["unfinished_uploads"][0] == {
        "key": "p/0",
        "upload_id": "id-0",
        "initiated": "2026-11-01T00:00:00+00:00",
    }
    assert result["warnings"][0].startswith("150 uploads in parts below the prefix")


def test_the_words_for_an_encryption() -> None:
    """All that can differ between two objects is in them."""
    own = ClientSide(Format.V3, EnvelopePlace.INSTRUCTION_FILE, ObjectEncryption("SSE-S3"), 5, (("app", "x"),))
    words = [
        describe_encryption(ObjectEncryption(None)),
        describe_encryption(ObjectEncryption("SSE-KMS", "arn", True)),
        describe_encryption(ObjectEncryption("SSE-C", customer_key_md5="md5")),
        describe_encryption(ObjectEncryption("SSE-C", customer_key_md5="md5"), key_is_new=True),
        describe_encryption(ObjectEncryption("CSE-KMS", "arn", client_side=own)),
    ]
    assert words == [
        "the bucket's default",
        "SSE-KMS with key arn, bucket key on",
        "SSE-C with the key of MD5 md5",
        "SSE-C with the key that is created",
        "CSE-KMS with key arn, format v3, envelope in instruction file, context app=x, over SSE-S3",
    ]


def test_only_what_changes_is_described() -> None:
    """Of a new object the encryption alone, because the rest is that of its file."""
    before = ObjectState("b", "p/a", 1, ObjectEncryption("SSE-S3"), Properties("text/plain"), etag='"e"')
    after = ObjectState("b", "p/a", 2, ObjectEncryption("SSE-S3"), Properties("text/css"), tags=(("a", "b"),))
    old, new = describe_change(before, after, content_changes=True)
    assert old
    assert dict(old.values) == {
        "encryption": "SSE-S3",
        "content": "another",
        "content_type": "text/plain",
        "tags": "none",
    }
    assert dict(new.values) == {
        "encryption": "SSE-S3",
        "content": "that of the file",
        "content_type": "text/css",
        "tags": "a=b",
    }
    assert describe_change(None, after, content_changes=True) == (None, NEW)
