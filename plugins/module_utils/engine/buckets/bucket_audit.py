# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Compare one bucket's default encryption with the expected one, without writing."""

from __future__ import annotations

from dataclasses import dataclass

from ...model.buckets.bucket_default import BucketDefault
from ...model.buckets.compliance import findings
from ...model.errors import OperationError
from ...model.finding import Finding
from ...model.outcome import Outcome
from .bucket_default import BucketDefaultResource


@dataclass(frozen=True, slots=True)
class BucketAudit:
    """What a bucket lacks, and its region (empty if unknown)."""

    region: str
    findings: tuple[Finding, ...] = ()


def audit_bucket(resource: BucketDefaultResource) -> Outcome[BucketDefault, BucketAudit]:
    """The current rule as `before`, and the findings in the context. Writes nothing."""
    try:
        rule, region = resource.read()
    except OperationError as error:
        return Outcome(failure=error.failure, context=BucketAudit(resource.region))
    try:
        desired, actual = resource.resolve(rule, region)
    except OperationError as error:
        return Outcome(before=rule, failure=error.failure, context=BucketAudit(region))
    key_name = resource.kms_key.text if resource.kms_key else ""
    return Outcome(before=actual, planned=actual, context=BucketAudit(region, findings(desired, actual, key_name)))
