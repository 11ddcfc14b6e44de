# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""encryption_report, from the options of its action to the result. The module itself only refuses to run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ...engine.report.report_store import ReportStore
from ...model.errors import OperationError, assert_never, invalid_input
from ...model.report.report import Report
from ...model.report.result_reading import read_results
from ..payload import end_of_imports
from ..result import Result, failure_result
from .csv_report import csv_report
from .json_report import json_report, read_json_report
from .junit_report import junit_report
from .report_file import ReportFile, Written
from .report_options import Format, ReportOptions, parse_report_options, report_arguments
from .report_summary import comparison_of, is_compliant, summary_of, written_time
from .results_reading import read_results_file
from .sarif_report import sarif_report

# Writes a page about a report.
Page = Callable[[Report], Iterator[str]]

# The number of bytes that a diff shows, where Ansible is configured to show any number.
_NO_LIMIT = 1 << 62


@dataclass(frozen=True)
class ReportTask:
    """What the action knows of its task.

    `path` is the path of a file that the task names. `readable` is a path of its decrypted content; it gets the option
    and the name for its errors, too. `page` writes the page for people. `most_shown` is the number of bytes of a file
    that a diff shows, 0 for any; None: no diff.
    """

    path: Callable[[str], Path]
    readable: Callable[[Path, str], AbstractContextManager[Path]]
    page: Page
    is_check: bool
    most_shown: int | None


def main(*_arguments: object) -> None:
    """Refuse to run: where Ansible runs this module, it has not found the action."""
    end_of_imports()
    module = AnsibleModule(argument_spec=report_arguments(), supports_check_mode=True)
    refused = invalid_input(
        "encryption_report runs on the controller, by an action plugin, and this module runs without it.",
        "Run it in a task of Ansible by its full name, sealed.s3.encryption_report.",
    )
    module.fail_json(**failure_result(refused.failure))


def write_report(arguments: Mapping[str, Any], task: ReportTask) -> Result:
    """Write the report, and return the result of the task. Raises OperationError.

    Options and files are checked before anything is read.
    """
    options = parse_report_options(arguments)
    file = ReportFile(task.path(options.dest), options.dest)
    has_folder = file.require_writable(is_check=task.is_check)
    inputs = _Inputs.of(options, task, file)
    with ReportStore(options.title) as report:
        inputs.read_into(report)
        most_shown = _NO_LIMIT if task.most_shown == 0 else task.most_shown or 0
        parts = _parts(options.format, report, task.page)
        written = file.write(parts, options.mode, is_check=task.is_check, most_shown=most_shown)
        result = _result(report, written)
    result |= {"dest": str(file.path), "format": options.format.value}
    if not has_folder:
        missing = f"The directory {file.path.parent} of dest does not exist yet."
        result["warnings"].append(f"{missing} The real run fails unless an earlier task creates it.")
    if task.most_shown is not None:
        result["diff"] = _diff(written, str(file.path), most_shown)
    return result


def _parts(report_format: Format, report: Report, page: Page) -> Iterator[str]:
    match report_format:
        case Format.HTML:
            return page(report)
        case Format.JSON:
            return json_report(report)
        case Format.CSV:
            return csv_report(report)
        case Format.JUNIT:
            return junit_report(report)
        case Format.SARIF:
            return sarif_report(report)
        case _:
            assert_never(report_format)


def _result(report: Report, written: Written) -> Result:
    totals = report.totals()
    warnings = []
    if not any(number for _kind, _status, number in totals.resources):
        warnings.append("The results have no bucket, key or object, so the report is empty, and not compliant.")
    return {
        "changed": written.is_changed,
        "mode": f"{written.mode:04o}",
        "title": report.title,
        "time": written_time(report.time),
        "compliant": is_compliant(totals),
        "summary": summary_of(totals),
        "comparison": comparison_of(report.comparison()),
        "warnings": warnings,
    }


def _diff(written: Written, path: str, most_shown: int) -> list[Result]:
    """The contents, or that they are too large to show, and the modes, where they differ, as Ansible prints them."""
    headers: Result = {"before_header": path, "after_header": path}
    diffs: list[Result] = []
    if written.is_new_content:
        if written.before is not None and written.before.text is None:
            diffs.append(headers | {"dst_larger": most_shown})
        elif written.after.text is None:
            diffs.append(headers | {"src_larger": most_shown})
        else:
            before = written.before.text if written.before else ""
            diffs.append(headers | {"before": before, "after": written.after.text})
    if written.mode_before not in (None, written.mode):
        modes = {"before": {"mode": f"{written.mode_before:04o}"}, "after": {"mode": f"{written.mode:04o}"}}
        diffs.append(headers | modes)
    return diffs


@dataclass(frozen=True)
class _Input:
    """A file of the controller that the report is made of. `name` is what the task calls it."""

    option: str
    name: str
    path: Path

    def require_readable(self, dest: Path, advice: str) -> None:
        """Raise OperationError if there is no such file, or if the report would replace it."""
        try:
            if not self.path.exists():
                raise invalid_input(f"{self} does not exist on the controller.", advice)
            if not self.path.is_file():
                what = "a directory" if self.path.is_dir() else "not a regular file"
                raise invalid_input(f"{self} is {what} on the controller.", "Name a file.")
            if self.path == dest or (dest.exists() and os.path.samefile(self.path, dest)):
                raise invalid_input(
                    f"{self} is also dest, so the report would replace what it is made of.", "Write it to another file."
                )
        except OSError as error:
            raise self.unreadable(error) from error

    def unreadable(self, error: OSError) -> OperationError:
        """The refusal of the operating system, with the option."""
        reason = error.strerror or error
        return invalid_input(f"{self} cannot be read on the controller: {reason}.", "Check its name and permissions.")

    def __str__(self) -> str:
        return f"{self.option} {self.name}"


@dataclass(frozen=True)
class _Inputs:
    """What the report is made of, in the order of the task."""

    results: tuple[Mapping[str, Any], ...]
    results_files: tuple[_Input, ...]
    compare_to: _Input | None
    task: ReportTask

    @classmethod
    def of(cls, options: ReportOptions, task: ReportTask, dest: ReportFile) -> _Inputs:
        """The results and files of a task. Raises OperationError for a file that cannot be read."""
        files = tuple(_Input("results_files", name, task.path(name)) for name in options.results_files)
        for each in files:
            each.require_readable(dest.path, "Name a file that a task with the option results_file wrote.")
        earlier = None
        if options.compare_to is not None:
            earlier = _Input("compare_to", options.compare_to, task.path(options.compare_to))
            advice = "The first report has nothing to be compared with: write it with format: json, and leave this out."
            earlier.require_readable(dest.path, advice)
        return cls(options.results, files, earlier, task)

    def read_into(self, report: ReportStore) -> None:
        """Add all rows to a report, and compare it. Raises OperationError for what no `_info` module returned."""
        for found in read_results(self.results) if self.results else ():
            report.add(found)
        for each in self.results_files:
            with self.task.readable(each.path, str(each)) as path:
                for found in read_results_file(path, str(each)):
                    report.add(found)
        if self.compare_to is not None:
            with self.task.readable(self.compare_to.path, str(self.compare_to)) as path:
                report.compare(read_json_report(path, str(self.compare_to)))
