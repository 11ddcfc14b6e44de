# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""No path below the directory leads through a symbolic link, at any moment."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.engine.transfer import atomic_file, letter_case
from ansible_collections.sealed.s3.plugins.module_utils.engine.transfer.atomic_file import replacing_in
from ansible_collections.sealed.s3.plugins.module_utils.engine.transfer.directory import TargetDirectory
from ansible_collections.sealed.s3.plugins.module_utils.engine.transfer.file_permissions import FilePermissions
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import OperationError

NOTHING = FilePermissions()


@pytest.fixture(params=["unnamed", "named", "without hard links"])
def _temporary_file(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test with an unnamed temporary file, with a named one, and on a file system such as FAT."""
    if request.param == "unnamed":
        return
    monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    if request.param == "without hard links":

        def refuse(*_names: object, **_more: object) -> None:
            raise OSError(errno.EPERM, os.strerror(errno.EPERM))

        monkeypatch.setattr(os, "link", refuse)


@pytest.fixture
def dest(tmp_path: Path) -> Path:
    """A directory with one below it."""
    (tmp_path / "dest/sub").mkdir(parents=True)
    return tmp_path / "dest"


@pytest.fixture
def directory(dest: Path) -> Iterator[TargetDirectory]:
    """The same directory, opened by its descriptor."""
    opened = TargetDirectory(dest, NOTHING.set_on)
    yield opened
    opened.close()


def write(
    directory: TargetDirectory,
    path: str,
    data: bytes = b"new",
    *,
    exclusive: bool = True,
    permissions: FilePermissions = NOTHING,
    meanwhile: Callable[[], object] = lambda: None,
) -> None:
    """Write a file as a pull does. `meanwhile` runs while the content arrives."""
    *folders, name = path.split("/")
    with (
        directory.nearest(tuple(folders)) as near,
        replacing_in(
            near,
            name,
            permissions.prepare,
            exclusive=exclusive,
            destination=lambda: directory.created(tuple(folders)),
        ) as file,
    ):
        with file.writer() as put:
            put(0, data)
        meanwhile()


def names(root: Path) -> list[str]:
    """All paths below a directory."""
    return sorted(str(path.relative_to(root)) for path in root.rglob("*"))


@pytest.mark.usefixtures("_temporary_file")
class TestWriting:
    def test_directories_are_made_for_a_complete_file(self, directory: TargetDirectory, dest: Path) -> None:
        """With their modes, whatever the umask is. No temporary file stays."""
        before = os.umask(0)
        try:
            write(directory, "sub/a/b/c")
        finally:
            os.umask(before)
        assert names(dest) == ["sub", "sub/a", "sub/a/b", "sub/a/b/c"]
        assert (dest / "sub/a/b/c").read_bytes() == b"new"
        modes = [stat.S_IMODE((dest / path).stat().st_mode) for path in ("sub/a", "sub/a/b", "sub/a/b/c")]
        assert modes == [0o700, 0o700, 0o600]

    def test_a_failure_leaves_nothing(self, directory: TargetDirectory, dest: Path) -> None:
        """No file, no temporary file, and no directory for it."""

        def fail() -> None:
            raise ConnectionError("cut off")

        with pytest.raises(ConnectionError):
            write(directory, "sub/a/b", meanwhile=fail)
        assert names(dest) == ["sub"]

    def test_the_directory_itself_is_made(self, dest: Path, tmp_path: Path) -> None:
        """With its first file. Its parent is not."""
        assert dest.exists()
        made = TargetDirectory(tmp_path / "new", NOTHING.set_on)
        with made.folder(("a",)) as folder:
            assert folder is None
        assert names(tmp_path) == ["dest", "dest/sub"]
        write(made, "a/b")
        assert (tmp_path / "new/a/b").read_bytes() == b"new"
        made.close()
        missing = TargetDirectory(tmp_path / "no/parent", NOTHING.set_on)
        with pytest.raises(FileNotFoundError):
            write(missing, "a")

    @pytest.mark.parametrize("path", ["link/a", "sub/link/a", "file/a"])
    def test_no_link_is_followed(self, directory: TargetDirectory, dest: Path, tmp_path: Path, path: str) -> None:
        """Neither one out of the directory, nor one to a directory inside; and a file is no directory."""
        (tmp_path / "outside").mkdir()
        (dest / "link").symlink_to(tmp_path / "outside")
        (dest / "sub/link").symlink_to("..")
        (dest / "file").write_bytes(b"x")
        before = names(tmp_path)
        with pytest.raises(OperationError, match="is a (symbolic link|file), and the object needs a directory"):
            write(directory, path)
        assert names(tmp_path) == before

    @pytest.mark.parametrize("planted", ["in place of a directory", "in place of a new directory", "of the file"])
    def test_a_link_that_appears_meanwhile_is_not_followed(
        self, directory: TargetDirectory, dest: Path, tmp_path: Path, planted: str
    ) -> None:
        """The content was on its way already."""
        (tmp_path / "outside/new").mkdir(parents=True)
        (tmp_path / "outside/victim").write_bytes(b"before")

        def plant() -> None:
            if planted == "in place of a directory":
                (dest / "sub").rename(dest / "moved")
                (dest / "sub").symlink_to(tmp_path / "outside")
            elif planted == "in place of a new directory":
                (dest / "sub/new").symlink_to(tmp_path / "outside")
            else:
                (dest / "sub/new").mkdir()
                (dest / "sub/new/victim").symlink_to(tmp_path / "outside/victim")

        with pytest.raises((OperationError, FileExistsError)):
            write(directory, "sub/new/victim", meanwhile=plant)
        assert names(tmp_path / "outside") == ["new", "victim"]
        assert (tmp_path / "outside/victim").read_bytes() == b"before"

    def test_a_file_is_replaced_only_if_that_was_planned(self, directory: TargetDirectory, dest: Path) -> None:
        """Otherwise another process has written it meanwhile."""
        (dest / "a").write_bytes(b"old")
        with pytest.raises(FileExistsError):
            write(directory, "a")
        assert ((dest / "a").read_bytes(), names(dest)) == (b"old", ["a", "sub"])
        write(directory, "a", exclusive=False)
        assert ((dest / "a").read_bytes(), names(dest)) == (b"new", ["a", "sub"])

    def test_a_new_directory_that_cannot_get_its_owner_goes_again(self, dest: Path) -> None:
        """So that no later run takes it for one that was there."""

        def refuse(_descriptor: int) -> None:
            raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

        refusing = TargetDirectory(dest, refuse)
        with pytest.raises(PermissionError):
            write(refusing, "a/b")
        refusing.close()
        assert names(dest) == ["sub"]


class TestDeleting:
    def test_files_and_links_are_deleted(self, directory: TargetDirectory, dest: Path, tmp_path: Path) -> None:
        """Never what a link leads to, and nothing else."""
        (tmp_path / "victim").write_bytes(b"x")
        (dest / "sub/a").write_bytes(b"x")
        (dest / "sub/link").symlink_to(tmp_path / "victim")
        os.mkfifo(dest / "pipe")
        assert directory.remove(("sub", "a"))
        assert directory.remove(("sub", "link"))
        assert not directory.remove(("sub", "missing"))
        assert not directory.remove(("missing", "a"))
        for path in ("sub", "pipe"):
            with pytest.raises(OperationError):
                directory.remove((path,))
        assert names(dest) == ["pipe", "sub"]
        assert (tmp_path / "victim").exists()

    def test_no_link_is_followed(self, directory: TargetDirectory, dest: Path, tmp_path: Path) -> None:
        """To delete a file in another directory."""
        (tmp_path / "outside").mkdir()
        (tmp_path / "outside/a").write_bytes(b"x")
        (dest / "link").symlink_to(tmp_path / "outside")
        with pytest.raises(OperationError, match="is a symbolic link"):
            directory.remove(("link", "a"))
        assert names(tmp_path / "outside") == ["a"]

    def test_the_list_has_files_and_links(self, directory: TargetDirectory, dest: Path, tmp_path: Path) -> None:
        """It goes through no link, and has no directory and no special file."""
        (tmp_path / "outside").mkdir()
        (tmp_path / "outside/a").write_bytes(b"x")
        (dest / "link").symlink_to(tmp_path / "outside")
        (dest / "sub/a").write_bytes(b"x")
        (dest / "sub/\udcff").write_bytes(b"x")
        os.mkfifo(dest / "pipe")
        assert sorted(directory.files()) == ["link", "sub/a", "sub/\udcff"]
        assert sorted(directory.files(lambda path: path != "sub")) == ["link"]

    def test_a_deep_tree_is_listed(self, directory: TargetDirectory, dest: Path) -> None:
        """Deeper than the functions of Python can call each other."""
        current = os.open(dest, os.O_RDONLY)
        for _number in range(1010):
            os.mkdir("d", dir_fd=current)
            following = os.open("d", os.O_RDONLY, dir_fd=current)
            os.close(current)
            current = following
        os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=current))
        os.close(current)
        assert list(directory.files()) == ["/".join([*["d"] * 1010, "file"])]
        for _number in range(1009):  # pytest removes no tree of this depth
            (dest / "d/d").rename(dest / "e")
            (dest / "d").rmdir()
            (dest / "e").rename(dest / "d")


class TestCase:
    def test_this_file_system_distinguishes_cases(self, directory: TargetDirectory, dest: Path) -> None:
        """As those of Linux do: by the name of a file, and by that of the directory."""
        assert not directory.ignores_case()
        (dest / "sub").rmdir()
        assert not directory.ignores_case()
        assert not TargetDirectory(dest / "missing", NOTHING.set_on).ignores_case()

    def test_a_file_system_that_does_not(
        self, directory: TargetDirectory, dest: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The other case of a name is the same file."""

        def status_in(folder: int, name: str) -> Any:
            return atomic_file.status_in(folder, name) or atomic_file.status_in(folder, name.swapcase())

        monkeypatch.setattr(letter_case, "status_in", status_in)
        assert directory.ignores_case()
        (dest / "sub").rmdir()
        assert directory.ignores_case()


class TestPermissions:
    def test_only_what_differs_is_reported(self, dest: Path) -> None:
        """Before and after, as Ansible writes them."""
        path = dest / "a"
        path.write_bytes(b"x")
        path.chmod(0o640)
        status = path.stat()
        assert FilePermissions().difference(status) is None
        assert FilePermissions(lambda _status: 0o640, status.st_uid, status.st_gid).difference(status) is None
        change = FilePermissions(lambda _status: 0o4755, "later", status.st_gid).difference(status)
        assert change is not None
        assert change.before == (("mode", "0640"), ("owner", status.st_uid))
        assert change.after == (("mode", "4755"), ("owner", "later"))

    @pytest.mark.parametrize("kept", [0o644, 0o4755])
    def test_a_replaced_file_keeps_its_mode(self, directory: TargetDirectory, dest: Path, kept: int) -> None:
        """Unless the task names one, which may depend on it."""
        path = dest / "a"
        path.write_bytes(b"x")
        path.chmod(kept)
        write(directory, "a", exclusive=False)
        assert stat.S_IMODE(path.stat().st_mode) == kept
        with_group = FilePermissions(lambda status: stat.S_IMODE(status.st_mode) | 0o020)
        write(directory, "a", exclusive=False, permissions=with_group)
        assert stat.S_IMODE(path.stat().st_mode) == kept | 0o020
        write(directory, "new", permissions=with_group)
        assert stat.S_IMODE((dest / "new").stat().st_mode) == 0o620
