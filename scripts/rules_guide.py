# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The rules and the controls of docs/rules.md, as reports have them. generate_doc_fragments.py writes them.

The model imports only the standard library, so it can be imported from its folder, without Ansible.
"""

from __future__ import annotations

import importlib
import sys
import textwrap
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "plugins" / "module_utils"))
_rules = importlib.import_module("model.report.rules")
_controls = importlib.import_module("model.report.controls")

_WIDTH = 130


def render_rules() -> str:
    """Each rule under a heading that is its ID, so that a report can link to it."""
    return "\n\n".join(
        "\n\n".join(
            (
                f"### {rule.value}",
                f"{about.title}. Severity: {about.severity.value}.",
                _paragraph(about.explanation),
                _paragraph(f"{about.advice} {_mended_by(about.module)}"),
            )
        )
        for rule, about in _rules.RULES.items()
    )


def render_controls() -> str:
    """The table of controls, with the day on which it was compared with its sources."""
    rows = [
        "| Control | Title | Severity | Config rule | Requirements |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, control in _controls.CONTROLS.items():
        requirements = "; ".join(f"{framework}: {', '.join(ids)}" for framework, ids in control.requirements)
        severity = control.severity.value if control.severity else "-"
        rule = f"`{control.config_rule}`" if control.config_rule else "-"
        rows.append(f"| [{name}]({control.source}) | {control.title} | {severity} | {rule} | {requirements or '-'} |")
    return "\n".join((f"Compared with the pages of AWS on {_controls.CHECKED.isoformat()}.", "", *rows))


def _mended_by(module: str | None) -> str:
    return f"`{module.rpartition('.')[2]}` does it." if module else "No option of a module does it."


def _paragraph(text: str) -> str:
    return textwrap.fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False)
