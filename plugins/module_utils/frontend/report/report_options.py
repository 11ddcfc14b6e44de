# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The options of a report: their types, their defaults, and what is refused before anything is read."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ...model.errors import invalid_input
from ..file_mode import require_mode, wanted_mode

TITLE = "S3 encryption report"
# Account ids and ARNs are in a report.
MODE = "0600"
# YAML reads 0600 without quotes as this number in octal, and 600 as another one, which is never what is meant.
_MAX_UNQUOTED_MODE = 0o777
# Ansible would write these as texts of Python.
_NO_TEXT = (dict, list, tuple, set, bytes, type(None))


class Format(Enum):
    """What a report is written as. The values are those of the option."""

    HTML = "html"
    JSON = "json"
    CSV = "csv"
    JUNIT = "junit"
    SARIF = "sarif"


# How the name of a file ends. GitHub's documentation names the last one, too.
# Source: https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning
_EXTENSIONS = {
    ".sarif.json": Format.SARIF,
    ".html": Format.HTML,
    ".htm": Format.HTML,
    ".json": Format.JSON,
    ".csv": Format.CSV,
    ".xml": Format.JUNIT,
    ".sarif": Format.SARIF,
}


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """The options of a task. The names of files are as the task has them.

    `mode` returns the mode for a file with this status.
    """

    results: tuple[Mapping[str, Any], ...]
    results_files: tuple[str, ...]
    compare_to: str | None
    dest: str
    format: Format
    title: str
    mode: Callable[[os.stat_result], int]


def report_arguments() -> dict[str, dict[str, Any]]:
    """The argument spec."""
    return {
        "results": {"type": "list", "elements": "dict"},
        "results_files": {"type": "list", "elements": "path"},
        "compare_to": {"type": "path"},
        "dest": {"type": "path", "required": True},
        "format": {"type": "str", "choices": [each.value for each in Format]},
        "title": {"type": "str", "default": TITLE},
        "mode": {"type": "raw", "default": MODE},
    }


def parse_report_options(arguments: Mapping[str, Any]) -> ReportOptions:
    """The options of a task as its action gets them. Raises OperationError for what is not valid."""
    named = {name: value for name, value in arguments.items() if value is not None}
    results = _results(named.pop("results", None))
    validated = _validated(named)
    results_files = None if "results_files" not in named else tuple(map(_plain, validated["results_files"]))
    if results_files == ():
        raise invalid_input("results_files is empty, so there is nothing to report.", "Name a file.")
    if results is None and results_files is None:
        raise invalid_input(
            "The task has neither results nor results_files.",
            "Set results to what _info modules returned, or results_files to what a task with results_file wrote.",
        )
    for name in results_files or ():
        _require_file_name("results_files", name)
    compare_to = _plain(validated["compare_to"]) if "compare_to" in named else None
    if compare_to is not None:
        _require_file_name("compare_to", compare_to)
    dest, title = _plain(validated["dest"]), _plain(validated["title"])
    _require_file_name("dest", dest)
    if not title.strip() or not title.isprintable():
        raise invalid_input("title is empty, or has characters that cannot be printed.", "Give one line of text.")
    return ReportOptions(
        results or (),
        results_files or (),
        compare_to,
        dest,
        Format(validated["format"]) if "format" in named else _format_of(dest),
        title,
        _mode(validated["mode"]),
    )


def _plain(text: str) -> str:
    """The text without what ansible-core 2.19 and newer note about its origin."""
    return "".join(iter(text))


def _validated(named: Mapping[str, Any]) -> dict[str, Any]:
    """The options but `results`, which may be large and would be copied, with their types and defaults."""
    spec = report_arguments()
    unknown = sorted(str(name) for name in named if name not in spec)
    if unknown:
        raise invalid_input(f"encryption_report has no option {unknown[0]}.", f"It has {', '.join(sorted(spec))}.")
    for name, about in spec.items():
        value = named.get(name)
        is_text = about["type"] in ("str", "path")
        if is_text and value is not None and isinstance(value, _NO_TEXT):
            raise invalid_input(f"{name} is not a text.", "Give it as a text.")
        if name == "results_files" and any(isinstance(each, _NO_TEXT) for each in _entries(value)):
            raise invalid_input("results_files is not a list of texts.", "Give the names of files.")
    if "dest" not in named:
        raise invalid_input("dest is missing.", "Name the file of the report.")
    del spec["results"]
    checked = ArgumentSpecValidator(spec).validate(dict(named))
    if checked.error_messages:
        raise invalid_input(f"{'. '.join(checked.error_messages)}.", "Check the options of the task.")
    parameters: dict[str, Any] = checked.validated_parameters
    return parameters


def _entries(value: object) -> Iterable[object]:
    return value if isinstance(value, (list, tuple)) else ()


def _results(value: object) -> tuple[Mapping[str, Any], ...] | None:
    """The results. One result is a list of one. None: not named."""
    if value is None:
        return None
    if isinstance(value, Mapping):
        return (value,)
    if not isinstance(value, (list, tuple)):
        raise invalid_input(
            f"results is {_kind(value)}, and not a list of results.",
            "Give what tasks of _info modules registered, such as [found, keys].",
        )
    if not value:
        raise invalid_input("results is empty, so there is nothing to report.", "Give at least one result.")
    for number, each in enumerate(value):
        if not isinstance(each, Mapping):
            raise invalid_input(
                f"results[{number}] is {_kind(each)}, and not a result.",
                "Give what tasks of _info modules registered, such as [found, keys].",
            )
    return tuple(value)


def _kind(value: object) -> str:
    """What a value is, in words of YAML."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, str):
        return "a text"
    if isinstance(value, (int, float)):
        return "a number"
    return "a list" if isinstance(value, (list, tuple)) else "no value that a module returns"


def _require_file_name(option: str, name: str) -> None:
    if not name.strip():
        raise invalid_input(f"{option} is empty, which often is an undefined variable.", "Name a file.")
    if not name.isprintable():
        raise invalid_input(f"{option} is not the name of a file.", "Check its characters.")
    if name.endswith("/"):
        raise invalid_input(f"{option} {name} is the name of a directory.", "Name a file.")


def _format_of(dest: str) -> Format:
    """The format by the name of the file."""
    for extension, found in _EXTENSIONS.items():
        if dest.lower().endswith(extension):
            return found
    raise invalid_input(
        f"The format of the report does not follow from the name of dest, {dest}.",
        f"Set format, or let the name end with {', '.join(_EXTENSIONS)}.",
    )


def _mode(mode: object) -> Callable[[os.stat_result], int]:
    if isinstance(mode, bool) or not isinstance(mode, (str, int)):
        raise invalid_input("mode is not a mode of a file.", "Write it as a text, such as '0600' or 'u=rw,g=r'.")
    if isinstance(mode, int) and mode > _MAX_UNQUOTED_MODE:
        raise invalid_input(
            f"mode: {mode} is a number in decimal, which is {mode:#o} in octal.", f"Write it in quotes: '0{mode}'."
        )
    require_mode("mode", mode)
    wanted = wanted_mode(_plain(mode) if isinstance(mode, str) else mode)
    if wanted is None:
        raise AssertionError("a mode that is named")
    return wanted
