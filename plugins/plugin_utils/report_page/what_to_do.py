# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The part of the page that says what to do: the findings by rule, and the tasks that mend them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from markupsafe import Markup

from ansible_collections.sealed.s3.plugins.module_utils.model.finding import Rule
from ansible_collections.sealed.s3.plugins.module_utils.model.report.controls import CHECKED, CONTROLS, Control
from ansible_collections.sealed.s3.plugins.module_utils.model.report.mending import mending_task
from ansible_collections.sealed.s3.plugins.module_utils.model.report.observation import Resource
from ansible_collections.sealed.s3.plugins.module_utils.model.report.report import FindingGroup, Report
from ansible_collections.sealed.s3.plugins.module_utils.model.report.rules import RULES
from ansible_collections.sealed.s3.plugins.plugin_utils.report_page.shown_text import counted, day, number, shown_lines

# The groups of one rule that are shown, those of most findings.
_MOST_GROUPS = 10


@dataclass(frozen=True, slots=True)
class GroupText:
    """The findings that one task mends. `names` are resources with their accounts, if there are several accounts."""

    messages: tuple[tuple[str, str], ...]
    other_messages: str
    names: tuple[tuple[str, str], ...]
    more_names: str
    task_title: str
    task: Markup


@dataclass(frozen=True, slots=True)
class ControlText:
    """A control of AWS that the findings fail, and what requires it."""

    id: str
    title: str
    source: str
    requirements: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class RuleSection:
    """All findings of one rule."""

    id: str
    title: str
    severity: str
    severity_class: str
    count: str
    explanation: str
    groups: tuple[GroupText, ...]
    more_groups: str
    advice: str
    controls: tuple[ControlText, ...]
    help_uri: str
    is_open: bool = False


def controls_note() -> str:
    """How old the table of controls is."""
    return f"The requirements of the controls are those that AWS documented on {day(CHECKED)}."


def what_to_do(report: Report) -> Iterator[RuleSection]:
    """The rules with findings, in the order of their first groups: the most severe first."""
    shown: dict[Rule, list[FindingGroup]] = {}
    more: dict[Rule, int] = {}
    findings: dict[Rule, int] = {}
    for group in report.groups():
        of_rule = shown.setdefault(group.rule, [])
        findings[group.rule] = findings.get(group.rule, 0) + group.findings
        if len(of_rule) < _MOST_GROUPS:
            of_rule.append(group)
        else:
            more[group.rule] = more.get(group.rule, 0) + 1
    has_opened = False
    for rule, groups in shown.items():
        section = _section(rule, groups, findings[rule], more.get(rule, 0))
        # One task is open, so that a reader sees what the others are.
        is_open = bool(section.groups[0].task) and not has_opened
        has_opened = has_opened or is_open
        yield replace(section, is_open=is_open)


def _section(rule: Rule, groups: list[FindingGroup], findings: int, more: int) -> RuleSection:
    text = RULES[rule]
    count = counted(findings, "finding", "findings")
    if len(groups) == 1 and not more:
        (group,) = groups
        count += f" · {counted(group.resources, 'resource', 'resources')}"
        count += f" · {counted(group.accounts, 'account', 'accounts')}" if group.accounts else ""
    controls = dict.fromkeys(group.control for group in groups if group.control in CONTROLS)
    return RuleSection(
        rule.value,
        text.title,
        text.severity.value.capitalize(),
        text.severity.value.lower(),
        count,
        text.explanation,
        tuple(map(_group, groups)),
        f"{counted(more, 'group', 'groups')} more, with other options." if more else "",
        text.advice,
        tuple(_control(name, CONTROLS[name]) for name in controls if name),
        text.help_uri,
    )


def _group(group: FindingGroup) -> GroupText:
    left = group.resources - len(group.names)
    return GroupText(
        tuple((number(times), message) for message, times in group.messages),
        number(group.other_messages) if group.other_messages else "",
        tuple(dict.fromkeys((each.name, _account_of(each) if group.accounts > 1 else "") for each in group.names)),
        f" and {number(left)} more" if left > 0 else "",
        f"The task that mends {'it' if group.findings == 1 else 'them'}",
        Markup.escape(shown_lines(mending_task(group))),
    )


def _account_of(resource: Resource) -> str:
    return resource.account_name or resource.account_id


def _control(name: str, control: Control) -> ControlText:
    rule = (("AWS Config rule", control.config_rule),) if control.config_rule else ()
    requirements = tuple((framework, ", ".join(ids)) for framework, ids in control.requirements)
    return ControlText(name, control.title, control.source, (*requirements, *rule))
