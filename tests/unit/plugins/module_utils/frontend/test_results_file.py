# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The file of the controller with all rows: sorted, private, and replaced in one step."""

from __future__ import annotations

import errno
import io
import os
import random
import tempfile
import tracemalloc
from pathlib import Path

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.frontend.results_file import ResultsFile, WrittenRows
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import OperationError

# More than 100 accounts, each with many positions.
FAR = 200 << 32


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "fleet.jsonl"


def write(path: Path, lines: bytes) -> WrittenRows:
    """Write the rows of these lines."""
    return ResultsFile(path, path.name).write(io.BytesIO(lines))


@pytest.mark.parametrize(
    ("lines", "written", "number", "is_complete"),
    [
        pytest.param(b"end 0\n", b"", 0, True, id="no row"),
        pytest.param(b"", b"", 0, False, id="a module that did not begin"),
        pytest.param(b'2 {"a": 1}\n0 {}\n1 {"b c": 2}\nend 3\n', b'{}\n{"b c": 2}\n{"a": 1}\n', 3, True, id="sorted"),
        pytest.param(b"%d {}\n0 []\nend 2\n" % FAR, b"[]\n{}\n", 2, True, id="far positions"),
        pytest.param(b'1 {}\n0 {"a"', b"{}\n", 1, False, id="killed within a row"),
        pytest.param(b"1 {}\n0 []\n", b"[]\n{}\n", 2, False, id="killed after a row"),
        pytest.param(b"1 {}\nen", b"{}\n", 1, False, id="killed at the end"),
        pytest.param(b"1 {}\nend 1", b"{}\n", 1, False, id="killed within the last line"),
    ],
)
def test_the_rows(path: Path, lines: bytes, written: bytes, number: int, is_complete: bool) -> None:
    """In the order of their positions. A row that is not whole is left out."""
    assert write(path, lines) == WrittenRows(number, is_complete)
    assert path.read_bytes() == written


@pytest.mark.parametrize("lines", [b"0 {}\nend 2\n", b"x {}\n", b"\n", b"%d {}\n" % (1 << 63)])
def test_lines_that_no_module_writes(path: Path, lines: bytes) -> None:
    """The earlier file stays."""
    path.write_text("before")
    with pytest.raises((ValueError, OverflowError)):
        write(path, lines)
    assert path.read_text() == "before"
    assert os.listdir(path.parent) == [path.name]


@pytest.mark.parametrize("umask", [0o022, 0o777, 0])
@pytest.mark.parametrize("before", [None, 0o644, 0o400])
def test_only_the_owner_can_read_the_file(path: Path, before: int | None, umask: int) -> None:
    """Also where it replaces one that others can read."""
    if before is not None:
        path.write_text("before")
        path.chmod(before)
    own = os.umask(umask)
    try:
        write(path, b"0 {}\nend 1\n")
    finally:
        os.umask(own)
    assert path.stat().st_mode & 0o7777 == 0o600
    assert os.listdir(path.parent) == [path.name]


def test_a_symbolic_link_is_replaced(path: Path, tmp_path: Path) -> None:
    """Who has put it there does not choose the file that is replaced."""
    other = tmp_path / "other"
    other.write_text("before")
    path.symlink_to(other)
    ResultsFile(path, path.name).require_writable()
    write(path, b"0 {}\nend 1\n")
    assert (path.is_symlink(), path.read_text(), other.read_text()) == (False, "{}\n", "before")


def test_an_error_leaves_the_earlier_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as a disk that is full."""
    path.write_text("before")

    def refuse(*_arguments: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "pwrite", refuse)
    with pytest.raises(OSError, match="No space left"):
        write(path, b"0 {}\nend 1\n")
    assert path.read_text() == "before"
    assert os.listdir(path.parent) == [path.name]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing/fleet.jsonl", "The directory {}/missing of results_file does not exist on the controller. Create it"),
        ("file/fleet.jsonl", "cannot be written on the controller: Not a directory."),
        ("folder", "is a directory on the controller. Name a file."),
        ("pipe", "is not a regular file on the controller. Name a file."),
        ("link", "is not a regular file on the controller. Name a file."),
        ("x" * 256, "cannot be written on the controller: File name too long. Check its name"),
        ("loop/fleet.jsonl", "cannot be written on the controller: Too many levels of symbolic links."),
    ],
)
def test_what_cannot_be_written_is_refused(tmp_path: Path, name: str, message: str) -> None:
    """Before the module runs."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/null")
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(OperationError) as refused:
        ResultsFile(tmp_path / name, name).require_writable()
    assert message.format(tmp_path) in refused.value.failure.sentence()


def test_a_folder_that_refuses_new_files(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests run as root, whom no mode stops."""

    def refuse(**_options: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    with pytest.raises(OperationError, match="Permission denied. Check its name, the permissions of"):
        ResultsFile(path, path.name).require_writable()


def test_nothing_is_left_of_the_check(path: Path) -> None:
    """An existing file is not touched."""
    file = ResultsFile(path, path.name)
    file.require_writable()
    assert os.listdir(path.parent) == []
    path.write_text("before")
    path.chmod(0o400)
    file.require_writable()
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("before", 0o400)


def test_memory_holds_no_rows(path: Path, tmp_path: Path) -> None:
    """20 MB of rows in any order, in less than a megabyte."""
    positions = list(range(5_000))
    random.Random(19).shuffle(positions)
    source = tmp_path / "rows"
    with source.open("wb") as lines:
        for position in positions:
            lines.write(b'%d {"number": %d, "policy": "%s"}\n' % (position, position, b"x" * 4_000))
        lines.write(b"end 5000\n")
    tracemalloc.start()
    try:
        with source.open("rb") as lines:
            ResultsFile(path, path.name).write(lines)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000
    with path.open("rb") as written:
        numbers = [int(line.partition(b",")[0].rpartition(b" ")[2]) for line in written]
    assert numbers == sorted(positions)
