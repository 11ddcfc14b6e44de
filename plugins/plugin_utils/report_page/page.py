# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A report as one HTML file for people, with nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from ansible_collections.sealed.s3.plugins.module_utils.model.report.observation import ResourceKind
from ansible_collections.sealed.s3.plugins.module_utils.model.report.report import Report
from ansible_collections.sealed.s3.plugins.plugin_utils.report_page import summary
from ansible_collections.sealed.s3.plugins.plugin_utils.report_page.shown_text import shown
from ansible_collections.sealed.s3.plugins.plugin_utils.report_page.tables import MOST_ROWS, Tables
from ansible_collections.sealed.s3.plugins.plugin_utils.report_page.what_to_do import controls_note, what_to_do

_FOLDER = Path(__file__).parent
# Parts of the template that are joined to one string, so that a file is not written in small pieces.
_JOINED_PARTS = 500

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_ABOUT = "Made by the action encryption_report of the Ansible collection sealed.s3."


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the page, for the links at its head."""

    anchor: str
    text: str


def page(report: Report) -> Iterator[str]:
    """The page. It depends on the report only, and reads it while it is written, at most 20,000 rows of each kind.

    All text of the report is escaped, and characters that cannot be seen are shown as escapes. The policy of the page
    allows its own style and its own script and nothing else, so that it sends no request.
    """
    style, script = _source("page.css"), _source("page.js")
    tables = Tables(report)
    totals = report.totals()
    todo = list(what_to_do(report))
    comparison = summary.difference(report)
    shown_parts = (
        (comparison is not None, "difference", "Difference"),
        (bool(todo), "what-to-do", "What to do"),
        (tables.unread.is_shown, "not-read", "Could not be read"),
        (tables.accounts.is_shown, "accounts", "Accounts"),
        (tables.buckets.is_shown, "buckets", "Buckets"),
        (tables.keys.is_shown, "keys", "Keys"),
        (tables.objects.is_shown, "objects", "Objects"),
        (tables.counts.is_shown, "counts", "Objects by encryption"),
    )
    stream = (
        _environment()
        .get_template("page.html.j2")
        .stream(
            title=report.title or "Encryption report",
            policy=_policy(style, script),
            style=Markup(style),
            script=Markup(script),
            facts=list(summary.facts(report, _regions(report))),
            parts=[Part(anchor, text) for is_shown, anchor, text in shown_parts if is_shown],
            verdict=summary.verdict(totals),
            cards=list(summary.cards(totals)),
            bars=list(summary.bars(totals)),
            comparison=comparison,
            todo=todo,
            controls_note=controls_note() if any(rule.controls for rule in todo) else "",
            unread=tables.unread,
            facets=tables.facets.all(),
            accounts=tables.accounts,
            buckets=tables.buckets,
            keys=tables.keys,
            objects=tables.objects,
            counts=tables.counts,
            about=_ABOUT,
            data=tables.data,
        )
    )
    stream.enable_buffering(_JOINED_PARTS)
    yield from stream


def _environment() -> Environment:
    template = (_FOLDER / "page.html.j2").read_text(encoding="utf-8")
    return Environment(
        loader=DictLoader({"page.html.j2": template}),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalized,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _finalized(value: object) -> object:
    """What is printed of an expression. Jinja escapes it after that."""
    return shown(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _source(name: str) -> str:
    """The style or the script as the page has it, without comments and indentation."""
    text = _COMMENT.sub("", (_FOLDER / name).read_text(encoding="utf-8"))
    return "".join(f"{line.strip()}\n" for line in text.splitlines() if line.strip())


def _policy(style: str, script: str) -> str:
    """Allow this style and this script.

    Source: https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Content-Security-Policy
    """
    style_hash, script_hash = (
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (style, script)
    )
    return (
        f"default-src 'none'; style-src 'sha256-{style_hash}'; script-src 'sha256-{script_hash}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _regions(report: Report) -> tuple[str, ...] | None:
    """The regions of the buckets and the keys; None if they are more than a table shows."""
    if sum(value for _kind, _status, value in report.totals().resources) > MOST_ROWS:
        return None
    kinds = (ResourceKind.BUCKET, ResourceKind.KMS_KEY)
    found = {row.resource.region for kind in kinds for row in report.rows(kind)}
    return tuple(sorted(found - {""}))
