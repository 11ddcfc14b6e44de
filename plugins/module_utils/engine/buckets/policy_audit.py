# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Compare one bucket's policy with the expected rules, without writing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model.buckets.policy.compliance import compares_own_default, findings
from ...model.errors import OperationError
from ...model.outcome import Outcome
from .bucket_audit import BucketAudit

if TYPE_CHECKING:
    from ...model.buckets.policy.policy_state import PolicyState
    from ...model.finding import Finding
    from .bucket_policy import BucketPolicyResource


def audit_policy(resource: BucketPolicyResource) -> Outcome[PolicyState, BucketAudit]:
    """The current policy as `before`, and the findings in the context. Writes nothing.

    The default encryption of the bucket is read only if the expected rules are about it. What cannot be read is a
    failure, because the bucket is then not known to comply.
    """
    try:
        state, region = resource.read()
    except OperationError as error:
        return Outcome(failure=error.failure, context=BucketAudit(resource.region))
    try:
        found = _findings(resource, state, region)
    except OperationError as error:
        return Outcome(before=state, failure=error.failure, context=BucketAudit(region))
    return Outcome(before=state, planned=state, context=BucketAudit(region, found))


def _findings(resource: BucketPolicyResource, state: PolicyState, region: str) -> tuple[Finding, ...]:
    desired, missing = resource.resolve(state, region)
    if missing:  # a report is about what exists
        raise OperationError(missing[0].failure)
    default = None
    if compares_own_default(desired):
        with_key = desired.allow_kms_keys is not None
        default = resource.effects.own_default(resource.bucket, region, with_key=with_key)
    key_names = tuple(key.text for key in resource.kms_keys or ())
    return findings(desired, state, resource.s3.bucket_arn(resource.bucket, region), default, key_names)
