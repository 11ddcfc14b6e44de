# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The list of a directory: what is a file, what is a failed entry, and that nothing outside is ever read."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.sync.local_files import (
    LocalList,
    list_directory,
)
from ansible_collections.sealed.s3.plugins.module_utils.engine.transfer.upload_aborted import UploadAborted
from ansible_collections.sealed.s3.plugins.module_utils.engine.transfer.upload_body import open_source
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.sync.selection import PathSelection

ALL = PathSelection()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The directory, beside a secret that must not be read."""
    (tmp_path / "secret").write_text("secret")
    directory = tmp_path / "site"
    directory.mkdir()
    return directory


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def contents(found: LocalList) -> dict[str, str]:
    """The content of every file by its path, as an upload reads it."""
    read = {}
    for file in found.files:
        with open_source(file.source, file.source.describe()) as body:
            read[file.path] = body.slice().readall().decode()
    return read


def reasons(found: LocalList) -> dict[str, str]:
    return {entry.path: entry.failure.message for entry in found.failed}


def test_files_are_sorted_by_the_bytes_of_their_paths(root: Path) -> None:
    """With `/` between the parts, also where a name begins with that of a directory. Empty directories are nothing."""
    for path in ("b/c", "b-c", "b.c", "\U0001f600", "\uffee", "é/ü", "a"):
        write(root / path, path)
    (root / "empty").mkdir()
    found = list_directory(root, ALL)
    expected = sorted(("b/c", "b-c", "b.c", "\U0001f600", "\uffee", "é/ü", "a"), key=str.encode)
    assert [file.path for file in found.files] == expected
    assert contents(found) == {path: path for path in expected}
    status = (root / "b/c").stat()
    file = next(file for file in found.files if file.path == "b/c")
    assert (file.size, file.mtime_ns) == (status.st_size, status.st_mtime_ns)
    assert (found.failed, found.is_complete) == ((), True)


def test_a_link_to_a_file_of_the_directory_is_that_file_and_no_other_link_is_followed(root: Path) -> None:
    """The directory itself may be a link."""
    write(root / "folder" / "file", "content")
    for name, target in (
        ("inside", "folder/file"),
        ("absolute", str(root / "folder" / "file")),
        ("chain", "inside"),
        ("outside", "../secret"),
        ("beside", f"{root}-2/secret"),
        ("directory", "folder"),
        ("dangling", "absent"),
        ("circle", "circle"),
    ):
        (root / name).symlink_to(target)
    write(root.with_name("site-2") / "secret", "secret")
    link = root.with_name("link")
    link.symlink_to(root)
    for directory in (root, link):
        found = list_directory(directory, ALL, "the site")
        assert contents(found) == dict.fromkeys(("absolute", "chain", "folder/file", "inside"), "content")
        assert reasons(found) == {
            "beside": "src the site/beside is a symbolic link that leads out of the directory.",
            "circle": "src the site/circle is a symbolic link to a special file.",
            "dangling": "src the site/dangling is a symbolic link to a file that cannot be read: "
            "No such file or directory.",
            "directory": "src the site/directory is a symbolic link to a directory.",
            "outside": "src the site/outside is a symbolic link that leads out of the directory.",
        }
        assert found.is_complete


def test_special_files_and_odd_names_fail_with_the_pattern_that_excludes_them(root: Path) -> None:
    """A pattern that is taken from the advice selects exactly that entry."""
    os.mkfifo(root / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(root / "socket [1]"))
    os.mkdir(os.fsencode(root) + b"/b\xff")
    for name in (b"a\xff*", b"b\xff/c", b"d"):
        with open(os.fsencode(root) + b"/" + name, "wb") as file:
            file.write(b"x")
    found = list_directory(root, ALL, "site")
    assert contents(found) == {"d": "x"}
    assert reasons(found) == {
        "a\\xff*": "src site/a\\xff* has a name that is not UTF-8, as a key has to be.",
        "b\\xff/c": "src site/b\\xff/c has a name that is not UTF-8, as a key has to be.",
        "pipe": "src site/pipe is a special file, such as a pipe or a device.",
        "socket [1]": "src site/socket [1] is a special file, such as a pipe or a device.",
    }
    patterns = [entry.failure.advice.split('"')[1] for entry in found.failed]
    assert patterns == ["a\\xff[*]", "b\\xff/c", "pipe", "socket [[]1]"]
    remaining = list_directory(root, PathSelection(exclude=tuple(patterns)), "site")
    assert (contents(remaining), remaining.failed, remaining.is_complete) == ({"d": "x"}, (), True)


def refuse_to_open(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Refuse to open these, as the permissions of a file do for every user but root, who runs some tests."""
    original = os.open

    def opened(path: str, flags: int, *arguments: int, dir_fd: int | None = None) -> int:
        if path in names:
            raise PermissionError(13, "Permission denied", path)
        return original(path, flags, *arguments, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", opened)


def test_an_unreadable_directory_makes_the_list_incomplete(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unreadable file does not: its path is known. What is excluded does not fail."""
    for path in ("closed/a", "file", "open/a"):
        write(root / path, "x")
    refuse_to_open(monkeypatch, "closed", "file")
    found = list_directory(root, ALL, "site")
    assert [file.path for file in found.files] == ["open/a"]
    assert reasons(found) == {
        "closed": "src site/closed is a directory that cannot be read: Permission denied.",
        "file": "src site/file cannot be read: Permission denied.",
    }
    assert found.failed[0].failure.advice.endswith('with the pattern "closed/*".')
    assert not found.is_complete
    for selection in (PathSelection(exclude=("closed/*", "file")), PathSelection(include=("open/*",))):
        remaining = list_directory(root, selection, "site")
        assert ([file.path for file in remaining.files], remaining.failed) == (["open/a"], ())
        assert remaining.is_complete


def test_a_path_longer_than_any_key_is_one_failed_entry(root: Path) -> None:
    """However deep it is, so that the number of open directories is bounded."""
    directory = os.open(root, os.O_RDONLY)
    for _level in range(40):
        os.mkdir("d" * 50, dir_fd=directory)
        below = os.open("d" * 50, os.O_RDONLY, dir_fd=directory)
        os.close(directory)
        directory = below
    os.close(directory)
    found = list_directory(root, ALL, "site")
    (entry,) = found.failed
    assert len(entry.path) == 51 * 21 - 1
    assert "longer than a key of 1024 bytes" in entry.failure.message
    assert found.is_complete


@pytest.mark.parametrize("what", ["absent", "file"])
def test_what_is_not_a_directory_is_refused(root: Path, what: str) -> None:
    """A `src` that does not exist is not an empty one."""
    write(root / "file", "x")
    with pytest.raises(OperationError) as error:
        list_directory(root / what, ALL, "site")
    assert error.value.failure.message.startswith("src site cannot be read as a directory: ")


def test_a_file_replaced_by_a_link_is_not_read(root: Path) -> None:
    """Neither where the file itself was replaced after it was listed, nor its directory, nor by a pipe."""
    secret = root.parent / "secret"
    for name in ("replaced", "by_pipe", "removed", "written"):
        write(root / name, "secret")
    write(root / "folder" / "secret", "secret")
    found = list_directory(root, ALL, "site")
    for name in ("replaced", "by_pipe", "removed"):
        (root / name).unlink()
    (root / "replaced").symlink_to(secret)
    os.mkfifo(root / "by_pipe")
    write(root / "written", "SECRET")
    (root / "folder").rename(root.parent / "moved")
    (root / "folder").symlink_to(root.parent)
    assert len(found.files) == 5
    for file in found.files:
        with pytest.raises(OperationError) as error:
            file.source.describe()
        assert error.value.failure.code == "SourceChanged"
        assert error.value.failure.message.startswith(f"src site/{file.path} changed")


def test_an_interrupted_run_reads_no_more(root: Path) -> None:
    """All files of a list end together, also before the last request of an upload in parts."""
    for name in ("a", "b"):
        write(root / name, "content")
    found = list_directory(root, ALL)
    first, second = found.files
    with open_source(first.source, first.source.describe()) as body:
        found.stop.set()
        for use in (body.slice().readall, body.require_unchanged, second.source.describe):
            with pytest.raises(UploadAborted) as error:
                use()
            assert error.value.failure.code == "Stopped"
