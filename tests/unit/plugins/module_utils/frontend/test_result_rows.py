# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What a module writes for `results_file`, row by row, and what it says if that is not possible."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.engine.fleet.fleet import FleetStatus
from ansible_collections.sealed.s3.plugins.module_utils.frontend.fleet_report import FleetReport, FleetWords
from ansible_collections.sealed.s3.plugins.module_utils.frontend.result_rows import FILE_VARIABLE, ResultRows
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.outcome import Outcome

WORDS: FleetWords[str] = FleetWords("bucket", "buckets", lambda state: {"state": state}, str)
OUTCOMES: dict[int, Outcome[str, None]] = {
    4: Outcome(before="a", after="a", planned="a"),
    2: Outcome(before="a", after="b", planned="b", changed=True),
    0: Outcome(failure=Failure(FailureKind.FORBIDDEN, "No.")),
    3: Outcome(before="a", after="b", planned="b", changed=True),
}


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that the action plugin has created."""
    path = tmp_path / "rows"
    path.touch(mode=0o622)
    monkeypatch.setenv(FILE_VARIABLE, str(path))
    return path


def rows() -> ResultRows:
    """What takes the rows. Nothing is hidden in them."""
    return ResultRows(lambda row: row)


def test_each_row_is_written_at_once(file: Path) -> None:
    """So that a killed module leaves it. The last line has the number of rows."""
    written = rows()
    written.add(7, {"name": "é", "rule": {"key": None}})
    assert file.read_bytes() == b'7 {"name": "\\u00e9", "rule": {"key": null}}\n'
    written.add(3, {"name": "a"})
    assert written.complete({"changed": True}) == {"changed": True}
    assert file.read_bytes().splitlines()[1:] == [b'3 {"name": "a"}', b"end 2"]


@pytest.mark.parametrize(
    ("options", "listed"),
    [
        ({}, [0, 2, 3]),
        ({"list_unchanged": True}, [0, 2, 3, 4]),
        ({"list_changed": False}, [0]),
        ({"limit": 1}, [0]),
    ],
    ids=["changed", "all", "none", "limited"],
)
def test_the_report_gives_all_rows(file: Path, options: dict[str, Any], listed: list[int]) -> None:
    """Also those that it does not list, and the same rows as in its list."""
    report = FleetReport(WORDS, rows=rows(), **options)
    for position, outcome in OUTCOMES.items():
        report.add(position, f"bucket-{position}", "us-east-1", outcome)
    found = dict(line.split(" ", 1) for line in file.read_text().splitlines())
    assert [int(position) for position in found] == [4, 2, 0, 3]
    lines = report.result(FleetStatus(matched=4, is_complete=True), api_calls=0, seconds=0)["buckets"]
    assert [row["name"] for row in lines] == [f"bucket-{position}" for position in listed]
    expected = rows()
    file.write_bytes(b"")
    for position, row in zip(listed, lines, strict=True):
        expected.add(position, row)
    assert dict(line.split(" ", 1) for line in file.read_text().splitlines()).items() <= found.items()


def test_values_are_hidden(file: Path) -> None:
    """By what the module hides in its result."""
    ResultRows(lambda row: {**row, "token": "hidden"}).add(0, {"token": "secret"})
    assert file.read_bytes() == b'0 {"token": "hidden"}\n'


@pytest.mark.parametrize("variable", [None, ""])
def test_a_module_without_its_action_plugin(variable: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows would be lost, so nothing else is done."""
    monkeypatch.delenv(FILE_VARIABLE, raising=False)
    if variable is not None:
        monkeypatch.setenv(FILE_VARIABLE, variable)
    with pytest.raises(OperationError, match="by an action plugin, and this module runs without it"):
        rows()


def test_a_file_that_cannot_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not created: the action plugin reads the file that it has created."""
    monkeypatch.setenv(FILE_VARIABLE, str(tmp_path / "rows"))
    with pytest.raises(OperationError, match=r"on the target, to \S+: No such file or directory"):
        rows()


@pytest.mark.parametrize(
    ("result", "begin"),
    [({}, "The rows of"), ({"failed": True, "msg": "No.", "error": {"kind": "forbidden"}}, "No. The rows of")],
    ids=["that was ok", "that failed"],
)
@pytest.mark.skipif(not stat.S_ISCHR(Path("/dev/full").stat().st_mode), reason="the system has no /dev/full")
def test_a_full_disk(monkeypatch: pytest.MonkeyPatch, result: dict[str, Any], begin: str) -> None:
    """The run goes on, and its result fails. The first cause stays the first."""
    monkeypatch.setenv(FILE_VARIABLE, "/dev/full")
    written = rows()
    for position in range(3):
        written.add(position, {"name": "a"})
    failed = written.complete({"changed": True, **result})
    assert (failed["failed"], failed["changed"]) == (True, True)
    assert failed["msg"].startswith(begin)
    assert "No space left on device. What the task did is done" in failed["msg"]
    assert failed["error"]["kind"] == result.get("error", {"kind": "invalid"})["kind"]
