# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The options of a report: what they mean, and what is refused."""

from __future__ import annotations

import os
import stat
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.frontend.report.report_options import (
    Format,
    parse_report_options,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import OperationError

FOUND: dict[str, Any] = {"buckets": [], "summary": {"matched": 0}}
OTHER: dict[str, Any] = {"kms_keys": []}
LEAST: dict[str, Any] = {"results": [FOUND], "dest": "report.html"}


def parse(**options: Any) -> Any:
    """The options of a task."""
    return parse_report_options({**LEAST, **options})


def test_the_defaults() -> None:
    """Null is the same as omitted."""
    for options in ({}, dict.fromkeys(("results_files", "compare_to", "format", "title", "mode"))):
        parsed = parse(**options)
        assert (parsed.results, parsed.results_files, parsed.compare_to) == ((FOUND,), (), None)
        assert (parsed.dest, parsed.format, parsed.title) == ("report.html", Format.HTML, "S3 encryption report")
        assert parsed.mode(os.stat_result((stat.S_IFREG | 0o644, *[0] * 9))) == 0o600


@pytest.mark.parametrize("results", [FOUND, [FOUND], (FOUND,)])
def test_one_result_is_a_list_of_one(results: Any) -> None:
    """As it is written by hand, or comes out of a filter."""
    assert parse(results=results).results == (FOUND,)


@pytest.mark.parametrize(
    ("options", "files"),
    [
        ({"results_files": ["a.jsonl", "$PLACE/b.jsonl"]}, ("a.jsonl", "/there/b.jsonl")),
        ({"results_files": "a.jsonl"}, ("a.jsonl",)),
        ({"results_files": ["*.jsonl"]}, ("*.jsonl",)),
    ],
)
def test_the_files_of_results(options: dict[str, Any], files: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """They are paths as in other modules, and no patterns."""
    monkeypatch.setenv("PLACE", "/there")
    assert parse(results=None, **options).results_files == files


@pytest.mark.parametrize(
    ("dest", "named", "expected"),
    [
        ("a/report.html", None, Format.HTML),
        ("a/report.HTM", None, Format.HTML),
        ("report.json", None, Format.JSON),
        ("report.csv", None, Format.CSV),
        ("report.xml", None, Format.JUNIT),
        ("report.sarif", None, Format.SARIF),
        ("report.sarif.json", None, Format.SARIF),
        ("report.json", "sarif", Format.SARIF),
        ("report", "junit", Format.JUNIT),
    ],
)
def test_the_format(dest: str, named: str | None, expected: Format) -> None:
    """It follows from the name of the file, unless the task names it."""
    assert parse(dest=dest, format=named).format is expected


@pytest.mark.parametrize(
    ("mode", "current", "expected"),
    [
        ("0644", 0o600, 0o644),
        ("640", 0o600, 0o640),
        (0o640, 0o600, 0o640),
        ("u=rw,g=r,o=", 0o777, 0o640),
        ("g+r", 0o600, 0o640),
    ],
)
def test_the_mode(mode: Any, current: int, expected: int) -> None:
    """As in ansible.builtin.copy. YAML reads 0640 without quotes as an octal number."""
    assert parse(mode=mode).mode(os.stat_result((stat.S_IFREG | current, *[0] * 9))) == expected


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"results": []}, "results is empty, so there is nothing to report."),
        ({"results": None}, "The task has neither results nor results_files."),
        ({"results": "found"}, "results is a text, and not a list of results."),
        ({"results": 1}, "results is a number, and not a list of results."),
        ({"results": [FOUND, None]}, "results[1] is null, and not a result."),
        ({"results": [FOUND, [FOUND]]}, "results[1] is a list, and not a result."),
        ({"results": [True]}, "results[0] is a boolean, and not a result."),
        ({"results": [{1}]}, "results[0] is no value that a module returns, and not a result."),
        ({"results_files": []}, "results_files is empty, so there is nothing to report."),
        ({"results_files": [""]}, "results_files is empty, which often is an undefined variable."),
        ({"results_files": ["a\0b"]}, "results_files is not the name of a file."),
        ({"results_files": [["a"]]}, "results_files is not a list of texts."),
        ({"results_files": ["a", None]}, "results_files is not a list of texts."),
        ({"results_files": {"a": 1}}, "results_files"),
        ({"compare_to": ""}, "compare_to is empty, which often is an undefined variable."),
        ({"compare_to": ["a.json"]}, "compare_to is not a text."),
        ({"dest": None}, "dest is missing."),
        ({"dest": ""}, "dest is empty, which often is an undefined variable."),
        ({"dest": "a\nb.html"}, "dest is not the name of a file."),
        ({"dest": "\ud800.html"}, "dest is not the name of a file."),
        ({"dest": "reports/"}, "dest reports/ is the name of a directory."),
        ({"dest": {"a": 1}}, "dest is not a text."),
        ({"dest": "report.pdf"}, "The format of the report does not follow from the name of dest, report.pdf."),
        ({"format": "pdf"}, "format must be one of: html, json, csv, junit, sarif, got: pdf"),
        ({"format": "HTML"}, "format must be one of"),
        ({"title": " "}, "title is empty, or has characters that cannot be printed."),
        ({"title": "a\nb"}, "title is empty, or has characters"),
        ({"title": ["a"]}, "title is not a text."),
        ({"mode": 600}, "mode: 600 is a number in decimal, which is 0o1130 in octal. Write it in quotes: '0600'."),
        ({"mode": -1}, "mode: -1 is not a valid file mode."),
        ({"mode": True}, "mode is not a mode of a file."),
        ({"mode": ["0600"]}, "mode is not a mode of a file."),
        ({"mode": "0900"}, "mode: '0900' is not a valid file mode."),
        ({"mode": ""}, "mode: '' is not a valid file mode."),
        ({"destination": "a"}, "encryption_report has no option destination. It has compare_to, dest, format, mode,"),
    ],
)
def test_what_is_refused(options: dict[str, Any], message: str) -> None:
    """In a sentence with the option, and as an invalid input."""
    with pytest.raises(OperationError) as raised:
        parse(**options)
    assert message in raised.value.failure.sentence()
    assert raised.value.failure.kind.value == "invalid"
