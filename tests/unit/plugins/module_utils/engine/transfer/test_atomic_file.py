# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A file is written completely, or not at all."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.engine.transfer import atomic_file
from ansible_collections.sealed.s3.plugins.module_utils.engine.transfer.atomic_file import write_atomically

# The folder with ansible_collections, for a process that imports the collection.
IMPORT_ROOT = Path(atomic_file.__file__).parents[7]


@pytest.fixture(params=["unnamed", "named"])
def _temporary_file(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run each test with an unnamed temporary file, and with a named one as on systems without unnamed files."""
    if request.param == "named":
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)


@pytest.fixture
def _umask() -> Iterator[None]:
    before = os.umask(0o027)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def interrupted_chunks() -> Iterator[bytes]:
    yield b"half of it"
    raise ConnectionError("cut off")


@pytest.mark.usefixtures("_temporary_file")
class TestWriteAtomically:
    def test_a_new_file_has_all_chunks_in_order(self, tmp_path: Path) -> None:
        """No other file is in the folder."""
        write_atomically(tmp_path / "file", [b"one ", b"", b"two"])
        assert (tmp_path / "file").read_bytes() == b"one two"
        assert os.listdir(tmp_path) == ["file"]

    def test_an_existing_file_is_replaced(self, tmp_path: Path) -> None:
        """The new content replaces the old, also if it is shorter."""
        (tmp_path / "file").write_bytes(b"a long content of before")
        write_atomically(tmp_path / "file", [b"new"])
        assert (tmp_path / "file").read_bytes() == b"new"
        assert os.listdir(tmp_path) == ["file"]

    def test_no_chunks_make_an_empty_file(self, tmp_path: Path) -> None:
        """An empty object is a file, too."""
        write_atomically(tmp_path / "file", [])
        assert (tmp_path / "file").read_bytes() == b""

    @pytest.mark.parametrize("old", [None, b"old"], ids=["no file before", "a file before"])
    def test_an_exception_in_the_middle_changes_nothing(self, tmp_path: Path, old: bytes | None) -> None:
        """The exception of the chunks is raised, and the folder does not change."""
        path = tmp_path / "file"
        if old is not None:
            path.write_bytes(old)
        with pytest.raises(ConnectionError, match="cut off"):
            write_atomically(path, interrupted_chunks())
        assert ([] if old is None else ["file"]) == os.listdir(tmp_path)
        assert old == (path.read_bytes() if path.exists() else None)

    @pytest.mark.usefixtures("_umask")
    def test_the_umask_applies_to_a_new_file(self, tmp_path: Path) -> None:
        """As for the file of any program."""
        write_atomically(tmp_path / "file", [b"x"])
        assert oct(0o640) == oct(mode(tmp_path / "file"))

    @pytest.mark.usefixtures("_umask")
    def test_only_its_owner_can_read_a_new_private_file(self, tmp_path: Path) -> None:
        """Other users can never read a key file."""
        write_atomically(tmp_path / "file", [b"x"], private=True)
        assert oct(0o600) == oct(mode(tmp_path / "file"))

    @pytest.mark.parametrize("kept", [0o600, 0o664, 0o755], ids=oct)
    def test_an_existing_file_keeps_its_mode(self, tmp_path: Path, kept: int) -> None:
        """No mode is named, so it is kept."""
        path = tmp_path / "file"
        path.write_bytes(b"old")
        path.chmod(kept)
        write_atomically(path, [b"new"])
        assert oct(kept) == oct(mode(path))

    def test_a_symbolic_link_is_kept(self, tmp_path: Path) -> None:
        """The target of the link is replaced, not the link."""
        (tmp_path / "target").write_bytes(b"old")
        (tmp_path / "link").symlink_to("target")
        write_atomically(tmp_path / "link", [b"new"])
        assert (tmp_path / "link").is_symlink()
        assert (tmp_path / "target").read_bytes() == b"new"

    def test_the_longest_possible_name_is_accepted(self, tmp_path: Path) -> None:
        """255 bytes: the name of the temporary file does not depend on it."""
        name = "n" * 255
        write_atomically(tmp_path / name, [b"x"])
        assert os.listdir(tmp_path) == [name]

    def test_a_missing_folder_is_an_error(self, tmp_path: Path) -> None:
        """Folders are not created silently."""
        with pytest.raises(FileNotFoundError):
            write_atomically(tmp_path / "missing" / "file", [b"x"])


CHILD = """
import sys, time
from pathlib import Path
from ansible_collections.sealed.s3.plugins.module_utils.engine.transfer.atomic_file import write_atomically

def chunks():
    yield b"half of it" * 10000
    print("half", flush=True)
    time.sleep(60)

write_atomically(Path(sys.argv[1]), chunks())
"""


def has_unnamed_files(folder: Path) -> bool:
    """Whether the file system supports unnamed files, as nearly all on Linux do."""
    try:
        os.close(os.open(folder, os.O_TMPFILE | os.O_RDWR, 0o600))
    except (AttributeError, OSError):
        return False
    return True


@pytest.mark.parametrize("old", [None, b"old"], ids=["no file before", "a file before"])
def test_a_killed_process_leaves_no_file(tmp_path: Path, old: bytes | None) -> None:
    """After SIGKILL during a download, the old file is unchanged, and no partial file exists."""
    path = tmp_path / "file"
    if old is not None:
        path.write_bytes(old)
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, path], stdout=subprocess.PIPE, env={"PYTHONPATH": str(IMPORT_ROOT)}
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"half\n"
        child.kill()
    assert old == (path.read_bytes() if path.exists() else None)
    if has_unnamed_files(tmp_path):
        assert ([] if old is None else ["file"]) == os.listdir(tmp_path)
