# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The options of a bucket policy as desired rules, and what an entry of `overrides` changes in them."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.frontend.buckets.desired_policies import (
    PolicyTarget,
    merge_policy_override,
    parse_rules,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.desired_policy import DesiredPolicy
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.exempt_names import parse_exempt_principal
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.rules import RULES
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_ref import KeyRef

NOTHING: dict[str, Any] = {**dict.fromkeys((*RULES, "remove_rules")), "minimum": False, "state": "present"}
TASK: dict[str, Any] = {
    **NOTHING,
    "minimum_tls_version": "1.2",
    "require_tls": True,
    "allow_encryption": ["SSE-KMS"],
    "exempt_services": ["logging.s3.amazonaws.com"],
    "remove_rules": ["deny_customer_keys", "require_encryption_header"],
}


@pytest.mark.parametrize(
    ("options", "target"),
    [
        pytest.param({"require_tls": False}, PolicyTarget(DesiredPolicy(require_tls=False)), id="false"),
        pytest.param({"state": "absent"}, PolicyTarget(DesiredPolicy(absent=True)), id="absent"),
        pytest.param(
            {"allow_encryption": ["aws:kms:dsse", "SSE-C", "AES256", "SSE-S3"]},
            PolicyTarget(DesiredPolicy(allow_encryption=("SSE-S3", "DSSE-KMS", "SSE-C"))),
            id="words of AWS, in the order of the kinds",
        ),
        pytest.param(
            {"allow_kms_keys": ["alias/b", "alias/a", "alias/b"]},
            PolicyTarget(DesiredPolicy(), (KeyRef.parse("alias/b"), KeyRef.parse("alias/a"))),
            id="keys are resolved later",
        ),
        pytest.param(
            {
                "exempt_principals": ["arn:aws:iam::111122223333:root", "111122223333", "arn:aws:iam::*:role/a?"],
                "minimum": True,
            },
            PolicyTarget(
                DesiredPolicy(exempt_principals=("111122223333", "arn:aws:iam::*:role/a?"), minimum=True),
            ),
            id="a root user is its account",
        ),
        pytest.param(
            {"remove_rules": ["exempt_services", "require_tls"], "deny_customer_keys": True},
            PolicyTarget(
                DesiredPolicy(deny_customer_keys=True, removed=frozenset({"exempt_services", "require_tls"})),
            ),
            id="removed",
        ),
    ],
)
def test_options_become_rules(options: dict[str, Any], target: PolicyTarget) -> None:
    """What is not named stays None, so that the policy keeps it."""
    assert parse_rules({**NOTHING, **options}) == target


@pytest.mark.parametrize(
    ("entry", "changed"),
    [
        pytest.param({"minimum_tls_version": "1.3"}, {"minimum_tls_version": "1.3"}, id="another version"),
        pytest.param(
            {"require_tls": False}, {"require_tls": False, "minimum_tls_version": None}, id="no TLS, and no version"
        ),
        pytest.param({"require_tls": None}, {"require_tls": None, "minimum_tls_version": None}, id="the bucket's TLS"),
        pytest.param({"require_tls": True}, {}, id="TLS with the version of the task"),
        pytest.param(
            {"require_tls": None, "minimum_tls_version": "1.3"},
            {"require_tls": None, "minimum_tls_version": "1.3"},
            id="a version alone",
        ),
        pytest.param(
            {"remove_rules": ["allow_encryption"]},
            {"allow_encryption": None, "remove_rules": ["allow_encryption"]},
            id="a rule of the task is taken away",
        ),
        pytest.param(
            {"remove_rules": ["require_tls"]},
            {"require_tls": None, "minimum_tls_version": None, "remove_rules": ["require_tls"]},
            id="TLS is taken away with its version",
        ),
        pytest.param(
            {"deny_customer_keys": True},
            {"deny_customer_keys": True, "remove_rules": ["require_encryption_header"]},
            id="a rule that the task takes away",
        ),
        pytest.param(
            {"deny_customer_keys": None, "require_encryption_header": None},
            {"remove_rules": None},
            id="the rules of the bucket that the task takes away",
        ),
        pytest.param({"remove_rules": None}, {"remove_rules": None}, id="no rule is taken away"),
        pytest.param({"minimum": None, "state": None}, {}, id="a bucket has no minimum and no state of its own"),
    ],
)
def test_an_entry_replaces_what_it_says_about_a_rule(entry: dict[str, Any], changed: dict[str, Any]) -> None:
    """All other options are those of the task."""
    assert merge_policy_override(TASK, entry) == {**TASK, **changed}


def test_an_entry_with_absent_uses_no_option_of_the_task() -> None:
    """A contradiction within the entry is kept, to be refused."""
    absent = {**dict.fromkeys(TASK), "state": "absent"}
    assert merge_policy_override(TASK, {"state": "absent"}) == absent
    assert merge_policy_override(TASK, {"state": "absent", "require_tls": True}) == {**absent, "require_tls": True}


@pytest.mark.parametrize(
    ("name", "parsed"),
    [
        ("111122223333", "111122223333"),
        ("arn:aws:iam::111122223333:root", "111122223333"),
        ("arn:aws-us-gov:iam::111122223333:root", "111122223333"),
        ("arn:aws:iam::111122223333:role/service/deep/app", None),
        ("arn:aws:iam::111122223333:user/a.b+c=d,e@f-g_h", None),
        ("arn:aws-cn:iam::*:role/app-*", None),
        ("arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_Admin_?", None),
    ],
)
def test_names_of_exempt_principals(name: str, parsed: str | None) -> None:
    """A user or role is its ARN, and an account its id."""
    assert parse_exempt_principal(name) == (parsed or name)
