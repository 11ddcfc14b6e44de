# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Files of rows: one row after the other, and an error with the file and the line for everything else."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.frontend.report import results_reading
from ansible_collections.sealed.s3.plugins.module_utils.frontend.report.results_reading import read_results_file
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import FailureKind, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.report.observation import InspectedAt, Observation

ROW = json.dumps({"account_id": "111122223333", "account_name": "é", "error": None}).encode()
AT = 1_795_771_800


def test_rows_of_a_file(tmp_path: Path) -> None:
    """After its time, which is that of its last change in whole seconds. An empty line at its end is no row."""
    path = tmp_path / "rows"
    path.write_bytes(ROW + b"\r\n" + ROW + b"\n\n")
    os.utime(path, (AT, AT + 0.75))
    time, *rows = read_results_file(path, "rows")
    assert time == InspectedAt(datetime.fromtimestamp(AT, timezone.utc))
    assert [type(row) for row in rows] == [Observation, Observation]


def test_a_file_without_rows(tmp_path: Path) -> None:
    """That of a task that found nothing."""
    path = tmp_path / "rows"
    path.touch()
    assert len(list(read_results_file(path, "rows"))) == 1


LINES = [
    b"no JSON",
    b"\xff\xfe{}",
    b"[" * 200_000,
    b'{"a": ' * 200_000,
    b'{"account_id": ' + b"1" * 10_000 + b"}",
    b'{"a": NaN}',
    b'{"a": -Infinity}',
    b'{"a": 1, "a": 2}',
    ROW[:-1],
    ROW + ROW,
    b"\x00",
]


@pytest.mark.parametrize("line", LINES, ids=range(len(LINES)))
def test_a_line_that_is_not_json(tmp_path: Path, line: bytes) -> None:
    """Also what Python's own parser accepts, and what exhausts it."""
    path = tmp_path / "rows"
    path.write_bytes(ROW + b"\n" + line + b"\n")
    with pytest.raises(
        OperationError, match=r"^audit.jsonl, line 2: this is not a row of JSON\. Name a file"
    ) as raised:
        list(read_results_file(path, "audit.jsonl"))
    assert raised.value.failure.kind is FailureKind.INVALID


@pytest.mark.parametrize("line", [b"[]", b"1", b'"x"', b"null", b"{}", b'{"schema": 1}'])
def test_a_line_that_is_no_row(tmp_path: Path, line: bytes) -> None:
    """With the file and the line."""
    path = tmp_path / "rows"
    path.write_bytes(line + b"\n")
    with pytest.raises(OperationError, match=r"^audit.jsonl, line 1, is "):
        list(read_results_file(path, "audit.jsonl"))


def test_a_line_without_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory does not hold it."""
    monkeypatch.setattr(results_reading, "LONGEST_LINE", 100)
    path = tmp_path / "rows"
    path.write_bytes(b"x" * 101)
    with pytest.raises(OperationError, match="audit.jsonl has a line of more than 100 bytes"):
        list(read_results_file(path, "audit.jsonl"))


def _nothing(path: Path) -> None:
    pass


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _circle(path: Path) -> None:
    path.symlink_to(path)


@pytest.mark.parametrize(
    ("make", "cause"),
    [
        (_nothing, "No such file or directory"),
        (Path.mkdir, "it is not a regular file"),
        (_pipe, "it is not a regular file"),
        (_circle, "Too many levels of symbolic links"),
    ],
)
def test_what_is_no_file(tmp_path: Path, make: Callable[[Path], None], cause: str) -> None:
    """A pipe is not waited for."""
    make(tmp_path / "rows")
    with pytest.raises(OperationError, match=f"audit.jsonl cannot be read on the controller: {cause}"):
        list(read_results_file(tmp_path / "rows", "audit.jsonl"))


def test_a_name_with_a_nul(tmp_path: Path) -> None:
    """The system has no such names."""
    with pytest.raises(OperationError, match="its name has a NUL"):
        list(read_results_file(tmp_path / "a\0b", "audit.jsonl"))
