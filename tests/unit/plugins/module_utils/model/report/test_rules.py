# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Every rule has its text, and every control that a finding names is in the table with its source."""

from __future__ import annotations

import re
from datetime import date

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.compliance import KMS_CONTROL, KMS_KEY_CONTROL
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.rule_findings import (
    HEADER_CONTROL,
    TLS_CONTROL,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.finding import Rule
from ansible_collections.sealed.s3.plugins.module_utils.model.keys.key_report import (
    DELETION_CONTROL,
    PUBLIC_CONTROL,
    ROTATION_CONTROL,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.report.controls import CHECKED, CONTROLS
from ansible_collections.sealed.s3.plugins.module_utils.model.report.rules import RULES, Severity

# The control of the findings of each rule, if it has one.
CONTROLS_OF_RULES = {
    Rule.DEFAULT_ENCRYPTION: KMS_CONTROL,
    Rule.DEFAULT_KEY: KMS_KEY_CONTROL,
    Rule.TLS: TLS_CONTROL,
    Rule.ENCRYPTION_HEADER: HEADER_CONTROL,
    Rule.KEY_DELETION: DELETION_CONTROL,
    Rule.KEY_ROTATION: ROTATION_CONTROL,
    Rule.KEY_PUBLIC: PUBLIC_CONTROL,
}


@pytest.mark.parametrize("rule", Rule)
def test_each_rule_has_its_text(rule: Rule) -> None:
    about = RULES[rule]
    assert not about.title.endswith(".")
    for sentence in (about.explanation, about.advice):
        assert re.fullmatch(r"[A-Z].*\.", sentence)
        assert "  " not in sentence
    assert about.help_uri.endswith(f"docs/rules.md#{rule.value}")
    assert re.fullmatch(r"[a-z0-9-]+", rule.value)


def test_the_rules_have_different_titles() -> None:
    assert len({about.title for about in RULES.values()}) == len(RULES) == len(Rule)


def test_each_control_of_a_finding_is_in_the_table() -> None:
    assert set(CONTROLS) == set(CONTROLS_OF_RULES.values())


@pytest.mark.parametrize(("rule", "control"), CONTROLS_OF_RULES.items())
def test_a_rule_is_as_severe_as_its_control(rule: Rule, control: str) -> None:
    assert CONTROLS[control].severity in (RULES[rule].severity, None)


@pytest.mark.parametrize("name", CONTROLS)
def test_a_control_has_its_source(name: str) -> None:
    control = CONTROLS[name]
    assert name.endswith(f" {control.id}")
    assert control.source.startswith("https://docs.aws.amazon.com/")
    frameworks = [framework for framework, _ids in control.requirements]
    assert len(set(frameworks)) == len(frameworks)
    for framework, ids in control.requirements:
        assert ids
        assert len(set(ids)) == len(ids)
        assert re.search(r"v\d+\.\d+(\.\d+)?$|Rev\. \d$", framework), "a number has a meaning only with a version"


def test_the_table_has_the_day_of_its_check() -> None:
    assert date(2026, 11, 27) <= CHECKED


def test_the_severities_are_in_their_order() -> None:
    assert [each.value for each in Severity] == ["CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL"]
