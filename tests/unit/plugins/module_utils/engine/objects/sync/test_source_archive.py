# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""An archive has the same files and failed entries as the directory, and each file is read in its place."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.sync.local_files import (
    LocalList,
    failed_entry,
    list_directory,
)
from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.sync.source_archive import (
    ArchiveWriter,
    list_archive,
)
from ansible_collections.sealed.s3.plugins.module_utils.engine.transfer.content import FILE_CHUNK
from ansible_collections.sealed.s3.plugins.module_utils.engine.transfer.upload_body import open_source
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.sync.selection import PathSelection

ALL = PathSelection()
LARGE = os.urandom(2 * FILE_CHUNK + 5)
CONTENTS = {"a": b"", "b" * 200: b"long name", "folder/large": LARGE, "é ü\n": b"odd", "z": b"z" * 512}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A directory with files of several sizes, and what cannot be sent."""
    folder = tmp_path / "site"
    (folder / "folder").mkdir(parents=True)
    for name, content in CONTENTS.items():
        (folder / name).write_bytes(content)
    (folder / "out").symlink_to("/")
    os.mkfifo(folder / "pipe")
    return folder


def write_archive(found: LocalList, path: Path) -> None:
    with path.open("wb") as stream:
        writer = ArchiveWriter(stream)
        for entry in found.failed:
            writer.fail(entry)
        for file in found.files:
            writer.add(file)
        writer.finish(found.is_complete)


def opened(path: Path) -> int:
    """An open archive. The few of this file are closed with the process."""
    return os.open(path, os.O_RDONLY)


def contents(found: LocalList) -> dict[str, bytes]:
    """What an upload reads, through both ways to read a source."""
    read = {}
    for file in found.files:
        measured = file.source.describe()
        with open_source(file.source, measured) as body, file.source.open() as stream:
            read[file.path] = stream.read()
            assert body.slice().readall() == read[file.path]
            assert (measured.size, file.size) == (len(read[file.path]),) * 2
    return read


def test_the_archive_says_the_same_as_the_directory(directory: Path, tmp_path: Path) -> None:
    """The same files with the same contents, and the same failed entries, word for word."""
    found = list_directory(directory, ALL, "site")
    write_archive(found, tmp_path / "archive")
    sent = list_archive(opened(tmp_path / "archive"), ALL, "site")
    assert contents(sent) == contents(found)
    assert contents(sent)["folder/large"] == LARGE
    assert sent.failed == found.failed
    assert len(sent.failed) == 2
    assert sent.is_complete
    names = [file.source.name for file in sent.files]
    assert names == [file.source.name for file in found.files]
    selected = list_archive(opened(tmp_path / "archive"), PathSelection(include=("folder/*",)), "site")
    assert [file.path for file in selected.files] == ["folder/large"]


@pytest.mark.parametrize("nanoseconds", [0, 1, 999_999_999])
def test_a_time_is_not_older_than_that_of_the_file(directory: Path, tmp_path: Path, nanoseconds: int) -> None:
    """So the comparison with the whole seconds of LastModified has the same result."""
    time = 1_700_000_000 * 10**9 + nanoseconds
    os.utime(directory / "z", ns=(time, time))
    found = list_directory(directory, ALL, "site")
    write_archive(found, tmp_path / "archive")
    file = next(file for file in list_archive(opened(tmp_path / "archive"), ALL, "site").files if file.path == "z")
    assert file.mtime_ns == (1_700_000_000 + (nanoseconds > 0)) * 10**9


def test_a_file_that_changes_before_it_is_archived_is_a_failed_entry(directory: Path, tmp_path: Path) -> None:
    """And the list is still that of all other files."""
    found = list_directory(directory, ALL, "site")
    (directory / "z").write_bytes(b"longer" * 1000)
    write_archive(found, tmp_path / "archive")
    sent = list_archive(opened(tmp_path / "archive"), ALL, "site")
    assert "z" not in contents(sent)
    assert len(sent.files) == len(found.files) - 1
    (entry,) = (entry for entry in sent.failed if entry.path == "z")
    assert entry.failure.code == "SourceChanged"


def test_an_incomplete_list_stays_incomplete(directory: Path, tmp_path: Path) -> None:
    """So nothing is deleted because of what the controller could not read."""
    found = list_directory(directory, ALL, "site")
    write_archive(LocalList(found.files, found.failed, is_complete=False), tmp_path / "archive")
    assert not list_archive(opened(tmp_path / "archive"), ALL, "site").is_complete


@pytest.mark.parametrize("size", [0, 100, 512, 4000, -2000])
def test_an_archive_that_did_not_arrive_whole_is_refused(directory: Path, tmp_path: Path, size: int) -> None:
    """The missing files would look as if they had been deleted."""
    write_archive(list_directory(directory, ALL, "site"), tmp_path / "archive")
    data = (tmp_path / "archive").read_bytes()
    (tmp_path / "archive").write_bytes(data[:size])
    with pytest.raises(OperationError) as error:
        list_archive(opened(tmp_path / "archive"), ALL, "site")
    assert "did not arrive whole" in error.value.failure.message


def test_an_archive_that_changes_while_it_is_used_is_noticed(directory: Path, tmp_path: Path) -> None:
    """As a file of a directory is."""
    write_archive(list_directory(directory, ALL, "site"), tmp_path / "archive")
    sent = list_archive(opened(tmp_path / "archive"), ALL, "site")
    with (tmp_path / "archive").open("ab") as stream:
        stream.write(b"more")
    with pytest.raises(OperationError) as error:
        sent.files[0].source.describe()
    assert error.value.failure.code == "SourceChanged"


def test_entries_of_another_list_replace_those_of_the_same_paths(directory: Path, tmp_path: Path) -> None:
    """Such as files that Ansible Vault has decrypted, or could not decrypt."""
    found = list_directory(directory, ALL, "site")
    decrypted = tmp_path / "decrypted"
    decrypted.mkdir()
    (decrypted / "z").write_bytes(b"plaintext")
    other = list_directory(decrypted, ALL, "site")
    other = LocalList(other.files, (failed_entry("site", "a", "cannot be decrypted"),))
    both = found.replaced_by(other)
    assert contents(both)["z"] == b"plaintext"
    assert [entry.path for entry in both.failed] == ["a", "out", "pipe"]
    assert [file.path for file in both.files] == sorted(file.path for file in found.files if file.path != "a")


def test_an_archive_is_written_to_a_stream_that_cannot_seek() -> None:
    """Such as a pipe."""
    stream = io.BytesIO()
    ArchiveWriter(stream).finish(is_complete=True)
    assert len(stream.getvalue()) % 512 == 0
