# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The line of progress, and for whom it is: a person at a terminal, or a program."""

from __future__ import annotations

from typing import Any

import pytest
from ansible import constants

from ansible_collections.sealed.s3.plugins.plugin_utils import progress

COUNTS = {"done": 300, "total": 1200, "complete": True, "unit": "buckets", "counts": "7 changed, 0 failed", "rate": 10}


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "300 of 1,200 buckets: 7 changed, 0 failed, 10/s, 1 min 30 s left"),
        ({"complete": False}, "300 of 1,200 or more buckets: 7 changed, 0 failed, 10/s"),
        ({"complete": False, "total": 300, "counts": ""}, "300 buckets, 10/s"),
        ({"rate": 0.0, "counts": "", "unit": "keys"}, "300 of 1,200 keys"),
        ({"rate": 60.0, "counts": ""}, "300 of 1,200 buckets, 60/s, 15 s left"),
    ],
)
def test_the_line(changes: dict[str, Any], line: str) -> None:
    """What is not known is left out."""
    assert progress.format_progress({**COUNTS, **changes}) == line


@pytest.mark.parametrize(
    ("terminal", "callback", "environment", "live"),
    [
        (True, "default", {}, True),
        (True, "ansible.builtin.default", {}, True),
        (True, "community.general.yaml", {}, True),
        (False, "default", {}, False),
        # ansible-runner, also for AWX: a pseudo terminal, whose output becomes events.
        (True, "awx_display", {}, False),
        (True, "default", {"AWX_ISOLATED_DATA_DIR": "/runner/artifacts/1"}, False),
        (True, "default", {"RUNNER_OMIT_EVENTS": "False"}, False),
        (True, "ansible.posix.json", {}, False),
        (True, "default", {"CI": "true"}, False),
        (True, "default", {"TERM": "dumb"}, False),
    ],
)
def test_a_line_is_overwritten_only_for_a_person(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, callback: str, environment: dict[str, str], live: bool
) -> None:
    """Programs that run Ansible in a pseudo terminal keep every byte."""
    for name in ("AWX_ISOLATED_DATA_DIR", "RUNNER_OMIT_EVENTS", "CI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(progress, "_stderr_is_terminal", lambda: terminal)
    monkeypatch.setattr(constants, "DEFAULT_STDOUT_CALLBACK", callback)
    assert progress.is_for_a_person() is live


def test_plain_lines_are_few() -> None:
    """A program keeps each of them, as an event or a line of a log."""
    assert progress.PLAIN_AFTER >= 5
    assert progress.PLAIN_EVERY >= 30
