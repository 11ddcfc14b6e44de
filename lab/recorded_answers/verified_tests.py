# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""pytest plugin that runs tests which others ran against AWS. A passing test is one row: its requests and outcomes.

Such a test has no recorded answers: what AWS answers is in its assertions. So the whole test agrees or does not. The
table keeps, for each request of a test that agrees, the status and the error code.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Generator
from typing import Any

import pytest

from .cases import shown_request
from .observing import Observation, Observer, start_with_an_empty_lab
from .responses import status_of

_observer = Observer()
_observer.install()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Leave out how the tests of moto empty their buckets at the end."""
    package = sys.modules.get("tests.test_s3")
    if package is not None:
        empty = package.empty_bucket

        def emptied(*arguments: Any) -> None:
            _observer.now.is_teardown = True
            empty(*arguments)

        setattr(package, "empty_bucket", emptied)  # noqa: B010


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Start each test with an empty lab."""
    start_with_an_empty_lab()
    _observer.now = Observation()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Generator[None, Any, Any]:
    """Write the result of a test, also if its fixtures failed."""
    report: Any = yield
    if report.when == "call" or (report.when == "setup" and not report.passed):
        if not report.skipped:
            _write(item.nodeid, "" if report.passed else repr(call.excinfo.value if call.excinfo else "")[:1000])
        _observer.now.is_teardown = True
    return report


def _write(test: str, difference: str) -> None:
    requests = _observer.now.requests
    answer: dict[str, Any] = {"name": "assertions"}
    if difference:
        answer["difference"] = difference
    else:
        answer["expected"] = [_outcome(each.answer, each.code) for each in requests]
    case = {"test": test, "requests": [shown_request(each) for each in requests], "answers": [answer]}
    with open(os.environ["RECORDED_OUT"], "a") as out:
        out.write(json.dumps(case) + "\n")


def _outcome(answer: Any, code: str | None) -> list[Any]:
    if not isinstance(answer, dict):
        return [None, code]
    return [status_of(answer), code]
