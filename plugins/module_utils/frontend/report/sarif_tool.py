# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What a SARIF file says of the tool: its rules, and the controls of AWS that they belong to, as a taxonomy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...model.finding import Rule
from ...model.report.controls import CHECKED, CONTROLS
from ...model.report.report import Report
from ...model.report.rules import RULES, RuleText, Severity
from .collection import HOMEPAGE, NAME, VERSION
from .sarif_text import message_markdown, message_text

NOT_READ = "not-read"
NOT_COMPLIANT = "not-compliant"
TAXONOMY = "AWS controls"

_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFORMATIONAL: "note",
}
# A number in the middle of the range that GitHub shows by the same word. It has none for INFORMATIONAL.
# Source: https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support
_SCORES = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "2.0"}


class SarifTool:
    """The rules and controls that the findings of a report have, each with its place in the file."""

    def __init__(self, report: Report) -> None:
        # Some hundred at most: a pass over the findings, of which it keeps these pairs only.
        self._pairs = {(finding.rule, finding.control) for finding in report.findings()}
        rules = {rule for rule, _control in self._pairs}
        self._rules = [rule for rule in Rule if rule in rules]
        self._controls = sorted({control for _rule, control in self._pairs if control})

    def rule(self, rule: Rule) -> Mapping[str, Any]:
        """The members of a result that name its rule."""
        return {"ruleId": rule.value, "ruleIndex": self._rules.index(rule), "level": _LEVELS[RULES[rule].severity]}

    def not_read(self) -> Mapping[str, Any]:
        """The same for what could not be read."""
        return {"ruleId": NOT_READ, "ruleIndex": len(self._rules), "level": "error"}

    def not_compliant(self) -> Mapping[str, Any]:
        """The same for what is not as expected, of which the result has no finding."""
        return {"ruleId": NOT_COMPLIANT, "ruleIndex": len(self._rules) + 1, "level": "error"}

    def control(self, name: str) -> Mapping[str, Any]:
        """A reference to a control."""
        return {"id": message_text(name), "index": self._controls.index(name), "toolComponent": _IN_TAXONOMY}

    def driver(self) -> Mapping[str, Any]:
        """The `driver` of the run."""
        driver: dict[str, Any] = {
            "name": NAME,
            "semanticVersion": VERSION,
            "informationUri": HOMEPAGE,
            "rules": [*map(self._rule, self._rules), _NOT_READ, _NOT_COMPLIANT],
            "notifications": [{"id": NOT_READ, "shortDescription": _NOT_READ["shortDescription"]}],
        }
        if self._controls:
            driver["supportedTaxonomies"] = [_IN_TAXONOMY]
        return driver

    def taxonomies(self) -> Sequence[Mapping[str, Any]]:
        """The `taxonomies` of the run."""
        if not self._controls:
            return []
        return [
            {
                "name": TAXONOMY,
                "organization": "Amazon Web Services",
                "shortDescription": {"text": "Controls of AWS Security Hub, AWS Config and Amazon Macie."},
                "releaseDateUtc": str(CHECKED),
                "taxa": list(map(_taxon, self._controls)),
            }
        ]

    def _rule(self, rule: Rule) -> Mapping[str, Any]:
        text = RULES[rule]
        controls = sorted(control for each, control in self._pairs if each is rule and control)
        tags = ["security", "encryption", "aws", "kms" if rule.value.startswith("kms") else "s3"]
        properties = {"tags": tags, "precision": "very-high"}
        if text.severity in _SCORES:
            properties["security-severity"] = _SCORES[text.severity]
        described = _descriptor(rule.value, text.title, text.explanation, _LEVELS[text.severity])
        described = {**described, "help": _help(text), "properties": properties}
        if text.help_uri:
            described["helpUri"] = text.help_uri
        if controls:
            described["relationships"] = [{"target": self.control(each), "kinds": ["relevant"]} for each in controls]
        return described


def requirements(control: str | None) -> Mapping[str, Sequence[str]]:
    """The ids of the requirements of other frameworks that a control covers, by framework."""
    known = CONTROLS.get(control) if control else None
    return {framework: list(ids) for framework, ids in known.requirements} if known else {}


def _taxon(name: str) -> Mapping[str, Any]:
    taxon: dict[str, Any] = {"id": message_text(name)}
    if control := CONTROLS.get(name):
        taxon["shortDescription"] = {"text": message_text(control.title)}
        taxon["helpUri"] = control.source
        taxon["properties"] = {"requirements": requirements(name)}
    return taxon


def _help(text: RuleText) -> Mapping[str, str]:
    by_module = f" The module {text.module} mends it." if text.module else ""
    in_code = f" The module `{text.module}` mends it." if text.module else ""
    return {
        "text": message_text(f"{text.explanation}\n\n{text.advice}{by_module}"),
        "markdown": f"{message_markdown(text.explanation)}\n\n{message_markdown(text.advice)}{in_code}",
    }


def _descriptor(name: str, title: str, explanation: str, level: str) -> dict[str, Any]:
    return {
        "id": name,
        "name": "".join(word.capitalize() for word in name.split("-")),
        "shortDescription": {"text": message_text(title)},
        "fullDescription": {"text": message_text(explanation)},
        "defaultConfiguration": {"level": level},
    }


def _own_rule(name: str, title: str, explanation: str) -> Mapping[str, Any]:
    """A rule that is not about encryption but about the report."""
    properties = {"tags": ["aws"], "precision": "very-high", "problem.severity": "error"}
    described = _descriptor(name, title, explanation, "error")
    return {**described, "help": {"text": explanation, "markdown": explanation}, "properties": properties}


_IN_TAXONOMY = {"name": TAXONOMY, "index": 0}
_NOT_READ = _own_rule(
    NOT_READ,
    "A resource could not be read",
    "The resource, or a part of it, could not be read, so nothing is known about its encryption. The message says why.",
)
_NOT_COMPLIANT = _own_rule(
    NOT_COMPLIANT,
    "A resource is not as expected",
    "The result says that the resource is not compliant, and has no finding that says what differs.",
)
