# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Stand-in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ..finding import Rule


class Severity(Enum):
    """Stand-in."""

    CRITICAL = "CRITICAL"
    HIGH = "HIGH"
    MEDIUM = "MEDIUM"
    LOW = "LOW"
    INFORMATIONAL = "INFORMATIONAL"


@dataclass(frozen=True, slots=True)
class RuleText:
    """Stand-in."""

    title: str
    severity: Severity
    explanation: str
    module: str | None
    advice: str
    repeats: bool
    help_uri: str


RULES = {
    rule: RuleText(
        rule.value,
        list(Severity)[number % 5],
        "It is so.",
        None,
        "Change it.",
        rule in (Rule.POLICY_STATEMENT, Rule.KEY_STATEMENT, Rule.KEY_PRINCIPALS),
        "",
    )
    for number, rule in enumerate(Rule)
}
