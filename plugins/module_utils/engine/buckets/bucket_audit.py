# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Compare one bucket's default encryption with the expected one, without writing."""

from __future__ import annotations

from dataclasses import dataclass

from ...model.buckets.bucket_default import BucketDefault
from ...model.buckets.compliance import KMS_KEY_CONTROL, findings
from ...model.errors import FailureKind
from ...model.finding import Finding
from ...model.outcome import Outcome
from ..reconcile import reconcile
from .bucket_default import BucketDefaultResource


@dataclass(frozen=True, slots=True)
class BucketAudit:
    """What a bucket lacks, and its region (empty if unknown)."""

    region: str
    findings: tuple[Finding, ...] = ()


def audit_bucket(resource: BucketDefaultResource) -> Outcome[BucketDefault, BucketAudit]:
    """The current rule as `before`, and the findings in the context. Writes nothing."""
    outcome = reconcile(resource, check_mode=True)
    context, failure = outcome.context, outcome.failure
    region = context.region if context else resource.region
    if outcome.not_there_yet:  # a report is about what exists
        return Outcome(failure=outcome.not_there_yet[0].failure, context=BucketAudit(region))
    if failure and failure.kind is FailureKind.INVALID and context and context.rule:
        # An expectation that cannot apply to this bucket, such as a KMS key for an algorithm without one, is not a
        # failure of the audit: it is what the bucket lacks.
        return Outcome(before=context.rule, context=BucketAudit(region, (Finding(failure.message, KMS_KEY_CONTROL),)))
    if failure or not outcome.before or not outcome.planned:
        return Outcome(failure=failure, context=BucketAudit(region))
    found = findings(outcome.before, outcome.planned)
    return Outcome(before=outcome.before, planned=outcome.planned, context=BucketAudit(region, found))
