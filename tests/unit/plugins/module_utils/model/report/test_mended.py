# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The options of a finding mend it: after a task with them alone, the finding is gone."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.frontend.buckets.desired_defaults import parse_targets
from ansible_collections.sealed.s3.plugins.module_utils.frontend.buckets.desired_policies import parse_rules
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.bucket_default import (
    SERVICE_OWNED,
    BucketDefault,
    DesiredBucketDefault,
    plan_bucket_default,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.compliance import findings as default_findings
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.compliance import (
    findings as policy_findings,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.desired_policy import DesiredPolicy
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.policy_state import read_policy_state
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.rules import RULES as POLICY_RULES
from ansible_collections.sealed.s3.plugins.module_utils.model.finding import Finding, Rule
from ansible_collections.sealed.s3.plugins.module_utils.model.report.rules import RULES
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.model.buckets import test_compliance
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.model.buckets.policy import test_policy_compliance

DEFAULTS = [pytest.param(*case.values[:2], id=case.id) for case in test_compliance.TABLE]
POLICIES = [pytest.param(*case.values[:2], id=case.id) for case in test_policy_compliance.TABLE]
NOTHING: dict[str, Any] = {"state": "present", "minimum": False, "overrides": None}


def options_of(finding: Finding) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in finding.options}


def require_few(found: tuple[Finding, ...]) -> None:
    """A rule without `repeats` has one finding about a bucket."""
    for rule, number in Counter(each.rule for each in found).items():
        assert number == 1 or RULES[rule].repeats, rule


@pytest.mark.parametrize(("desired", "actual"), DEFAULTS)
def test_the_options_mend_a_default(desired: DesiredBucketDefault, actual: BucketDefault) -> None:
    found = default_findings(desired, actual, "alias/app")
    require_few(found)
    for finding in found:
        if actual.encryption in SERVICE_OWNED:
            assert finding.options == ()
            continue
        names = ("encryption", "kms_key", "bucket_key_enabled", "blocked_encryption_types")
        target = parse_targets({**dict.fromkeys(names), **NOTHING, **options_of(finding)}, {}).default
        key = desired.kms_key_arn if target.kms_key else None
        after = plan_bucket_default(replace(target.desired, kms_key_arn=key), actual).after
        assert after
        assert finding not in default_findings(desired, after, "alias/app")
        if finding.rule is not Rule.BLOCKED_ENCRYPTION_TYPES:
            assert (after.blocked or ()) == (actual.blocked or ())


@pytest.mark.parametrize(("desired", "before"), POLICIES)
def test_the_options_mend_a_policy(desired: DesiredPolicy, before: str | None) -> None:
    bucket = test_policy_compliance.BUCKET
    found = policy_findings(desired, read_policy_state(before, bucket), bucket)
    require_few(found)
    for finding in found:
        if finding.rule is Rule.POLICY_CONFLICT:
            assert finding.options == ()
            continue
        params = {**dict.fromkeys((*POLICY_RULES, "remove_rules")), **NOTHING, **options_of(finding)}
        target = parse_rules(params)
        keys = None if target.kms_keys is None else tuple(key.text for key in target.kms_keys)
        is_managed = bool(keys) and desired.allows_aws_managed_key
        task = replace(target.desired, allow_kms_keys=keys, allows_aws_managed_key=is_managed)
        after = test_policy_compliance.written(task, before=before)
        messages = [each.message for each in policy_findings(desired, read_policy_state(after, bucket), bucket)]
        assert finding.message not in messages
