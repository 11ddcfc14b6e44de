# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The file of a report is whole or as before, has its mode from the beginning, and is written only if it differs."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.frontend.report.report_file import (
    Content,
    ReportFile,
    Written,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import OperationError

PARTS = ["one\n", "", "zwei: ä\n"]
TEXT = "".join(PARTS)
SIZE = len(TEXT.encode())


def write(
    path: Path, parts: list[str] = PARTS, *, mode: int = 0o600, is_check: bool = False, most_shown: int = 100
) -> Written:
    """Write a file. Whatever happens, no other file is left beside it."""
    file = ReportFile(path, path.name)
    beside = {each.name for each in path.parent.iterdir()} if path.parent.exists() else set()
    try:
        file.require_writable(is_check=is_check)
        return file.write(parts, lambda _status: mode, is_check=is_check, most_shown=most_shown)
    finally:
        now = {each.name for each in path.parent.iterdir()} if path.parent.exists() else set()
        assert now <= beside | {path.name}


def mode_of(path: Path) -> int:
    return path.lstat().st_mode & 0o7777


@pytest.mark.parametrize("is_check", [True, False])
@pytest.mark.parametrize(
    ("before", "mode_before", "mode", "is_new_content", "is_changed"),
    [
        (None, None, 0o600, True, True),
        (TEXT, 0o600, 0o600, False, False),
        (TEXT, 0o644, 0o600, False, True),
        (TEXT, 0o600, 0o644, False, True),
        (TEXT + "more", 0o600, 0o600, True, True),
        (TEXT[:-1], 0o600, 0o600, True, True),
        ("", 0o644, 0o640, True, True),
    ],
)
def test_what_changes(
    before: str | None,
    mode_before: int | None,
    mode: int,
    is_new_content: bool,
    is_changed: bool,
    is_check: bool,
    tmp_path: Path,
) -> None:
    """A check run says the same, and changes nothing. A mode is repaired without writing the content again."""
    path = tmp_path / "report"
    if before is not None and mode_before is not None:
        path.write_text(before)
        path.chmod(mode_before)
    number = path.stat().st_ino if before is not None else None
    written = write(path, mode=mode, is_check=is_check)
    assert (written.is_new_content, written.is_changed) == (is_new_content, is_changed)
    assert (written.mode_before, written.mode) == (mode_before, mode)
    assert written.after == Content(SIZE, TEXT)
    assert written.before == (None if before is None else Content(len(before.encode()), before))
    if is_check:
        assert path.exists() == (before is not None)
        assert before is None or (path.read_text(), mode_of(path)) == (before, mode_before)
        return
    assert (path.read_text(), mode_of(path)) == (TEXT, mode)
    assert (path.stat().st_ino == number) == (not is_new_content)
    assert not write(path, mode=mode).is_changed


def test_what_a_diff_shows(tmp_path: Path) -> None:
    """No content of a file that is larger than the limit."""
    path = tmp_path / "report"
    path.write_text("before")
    assert write(path, is_check=True, most_shown=SIZE).after == Content(SIZE, TEXT)
    assert write(path, is_check=True, most_shown=SIZE - 1).after == Content(SIZE, None)
    assert write(path, is_check=True, most_shown=5).before == Content(6, None)


@pytest.mark.parametrize("target", ["there", "absent"])
def test_a_symbolic_link_is_replaced_itself(target: str, tmp_path: Path) -> None:
    """What it leads to stays as it was, also if that has the same content."""
    (tmp_path / "there").write_text(TEXT)
    link = tmp_path / "report"
    link.symlink_to(target)
    assert write(link, is_check=True).is_changed
    assert link.is_symlink()
    assert write(link).is_changed
    assert not link.is_symlink()
    assert (link.read_text(), mode_of(link)) == (TEXT, 0o600)
    assert mode_of(tmp_path / "there") != 0o600


def test_a_file_that_cannot_be_read_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its content counts as another one."""
    path = tmp_path / "report"
    path.write_text(TEXT)
    opened = os.open

    def refuse(name: str, flags: int, *arguments: int, dir_fd: int | None = None) -> int:
        if name == "report":
            raise PermissionError(errno.EACCES, "Permission denied")
        return opened(name, flags, *arguments, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", refuse)
    assert write(path).is_new_content
    assert path.read_text() == TEXT


def test_the_mode_of_the_file_of_another_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only its owner may set it, so the file is replaced."""
    path = tmp_path / "report"
    path.write_text(TEXT)
    path.chmod(0o644)
    number, change = path.stat().st_ino, os.fchmod

    def refuse(descriptor: int, mode: int) -> None:
        if os.fstat(descriptor).st_ino == number:
            raise PermissionError(errno.EPERM, "Operation not permitted")
        change(descriptor, mode)

    monkeypatch.setattr(os, "fchmod", refuse)
    assert write(path).is_changed
    assert (path.read_text(), mode_of(path), path.stat().st_ino == number) == (TEXT, 0o600, False)


@pytest.mark.parametrize("has_unnamed_files", [True, False])
def test_an_error_while_it_is_written(has_unnamed_files: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The earlier file stays. Until then no other user can read what was written, whatever the mode will be."""
    if not has_unnamed_files:
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    path = tmp_path / "report"
    path.write_text("before")

    def parts() -> Iterator[str]:
        yield "secret"
        modes = {each.stat().st_mode & 0o777 for each in tmp_path.iterdir() if each != path}
        assert modes == (set() if has_unnamed_files else {0o600})
        raise OSError(errno.ENOSPC, "No space left on device")

    file = ReportFile(path, "my report")
    with pytest.raises(OperationError, match="dest my report cannot be written on the controller: No space left on"):
        file.write(parts(), lambda _status: 0o644, is_check=False, most_shown=0)
    assert [each.name for each in tmp_path.iterdir()] == ["report"]
    assert path.read_text() == "before"


def test_a_directory_that_vanishes(tmp_path: Path) -> None:
    """A real run never says that it wrote a file."""
    file = ReportFile(tmp_path / "gone" / "report", "gone/report")
    with pytest.raises(OperationError, match="dest gone/report cannot be written on the controller: No such file"):
        file.write(PARTS, lambda _status: 0o600, is_check=False, most_shown=0)


@pytest.mark.parametrize("is_check", [True, False])
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("folder", "dest folder is a directory on the controller. Name a file."),
        ("to-folder", "dest to-folder is a directory on the controller."),
        ("pipe", "dest pipe is not a regular file on the controller."),
        ("file/report", "/file of dest does not exist on the controller. Create it first."),
        ("x" * 300, "cannot be written on the controller: File name too long."),
        ("absent/report", "/absent of dest does not exist on the controller. Create it first."),
    ],
)
def test_what_cannot_be_written(name: str, message: str, is_check: bool, tmp_path: Path) -> None:
    """It is refused before anything is read. In a check run, an earlier task may create a directory that is missing."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "to-folder").symlink_to("folder")
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "pipe")
    file = ReportFile(tmp_path / name, name)
    if is_check and name.startswith("absent"):
        assert not file.require_writable(is_check=True)
        written = file.write(PARTS, lambda _status: 0o600, is_check=True, most_shown=0)
        assert (written.is_changed, written.before, written.mode_before) == (True, None, None)
        return
    with pytest.raises(OperationError) as raised:
        file.require_writable(is_check=is_check)
    assert message in raised.value.failure.sentence()


@pytest.mark.parametrize("is_check", [True, False])
def test_a_directory_in_which_nothing_can_be_created(
    is_check: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also for a user whom no permission stops."""

    def refuse(**_arguments: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    monkeypatch.setattr(os, "access", lambda *_arguments: False)
    with pytest.raises(OperationError, match="dest report cannot be written on the controller: (Read-only|Permission)"):
        ReportFile(tmp_path / "report", "report").require_writable(is_check=is_check)
