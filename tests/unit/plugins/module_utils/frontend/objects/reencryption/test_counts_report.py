# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Counts of any number of objects in bounded memory."""

from __future__ import annotations

from ansible_collections.sealed.s3.plugins.module_utils.engine.fleet.fleet import FleetStatus
from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.reencryption.encryption_reader import ReadObject
from ansible_collections.sealed.s3.plugins.module_utils.frontend.objects.reencryption.counts_report import CountsReport
from ansible_collections.sealed.s3.plugins.module_utils.frontend.objects.reencryption.object_counts import MOST_GROUPS
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.encryption import ObjectEncryption
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.listed_object import ListedObject
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_state import ObjectState
from ansible_collections.sealed.s3.plugins.module_utils.model.outcome import Outcome

GIB = 1024**3


def test_a_key_for_each_object_is_counted_in_bounded_memory() -> None:
    """The first 1,000 encryptions are counted apart, and 100 are listed; the others only by number and size."""
    report = CountsReport("bucket")
    listed = (ListedObject(f"{number:05}", 2, "", "") for number in range(2_000))
    for position, each in enumerate(report.listed.count(listed)):
        state = ObjectState("bucket", each.key, 2, ObjectEncryption("SSE-KMS", f"arn:{position}", False))
        report.add(position, each, Outcome(context=ReadObject(each, state)))
    assert len(report.read.groups) == MOST_GROUPS
    summary = report.result(FleetStatus(2_000, True, unchanged=2_000), None, locks_are_known=True)["summary"]
    assert len(summary["by_encryption"]) == 100
    assert summary["other_encryptions"] == {"objects": 1_900, "stored_bytes": 3_800}
    assert (summary["read"], summary["stored_bytes"]) == (2_000, 4_000)


def test_what_is_too_large_for_one_copy_is_counted_from_the_list() -> None:
    report = CountsReport("bucket")
    sizes = (5 * GIB, 5 * GIB + 1)
    listed = [ListedObject(str(size), size, "", "", "GLACIER", is_noncurrent=True) for size in sizes]
    assert list(report.listed.count(listed)) == listed
    (row,) = report.result(FleetStatus(2, True), None, locks_are_known=True)["summary"]["by_storage_class"]
    assert (row["over_5_gib"], row["noncurrent"], row["storage_class"]) == (1, 2, "GLACIER")
