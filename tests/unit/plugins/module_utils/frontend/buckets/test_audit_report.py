# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The report about buckets that were inspected."""

from __future__ import annotations

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.engine.buckets.bucket_audit import BucketAudit
from ansible_collections.sealed.s3.plugins.module_utils.engine.fleet.fleet import FleetStatus
from ansible_collections.sealed.s3.plugins.module_utils.frontend.buckets.audit_report import AuditReport
from ansible_collections.sealed.s3.plugins.module_utils.frontend.buckets.serialize import BUCKETS
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.bucket_default import BucketDefault
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.selection import Bucket
from ansible_collections.sealed.s3.plugins.module_utils.model.finding import Finding, Rule
from ansible_collections.sealed.s3.plugins.module_utils.model.outcome import Outcome


@pytest.mark.parametrize(("has_expectation", "counts"), [(True, "1 comply, 2 failed"), (False, "2 failed")])
def test_the_progress_says_how_many_buckets_comply(has_expectation: bool, counts: str) -> None:
    """A module that changes nothing has no number of changes."""
    report = AuditReport(BUCKETS, BucketDefault(None), has_expectation=has_expectation)
    outcome: Outcome[BucketDefault, BucketAudit] = Outcome(before=BucketDefault("SSE-S3"))
    report.add(0, Bucket("one"), outcome, BucketAudit("eu-west-1"))
    report.add(
        1,
        Bucket("two"),
        outcome,
        BucketAudit("eu-west-1", (Finding("SSE-C is not blocked.", Rule.BLOCKED_ENCRYPTION_TYPES),)),
    )
    assert report.counts(FleetStatus(4, failed=2)) == counts
