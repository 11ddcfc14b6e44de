# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The files of a directory in one archive, as the controller sends them to another host.

The archive is a tar file without compression, so that the module reads each file in its place and unpacks nothing. It
is read by this collection only, which wrote it for the same task.
"""

from __future__ import annotations

import json
import os
import tarfile
from threading import Event
from typing import Any, BinaryIO

from ....model.errors import Failure, FailureKind, OperationError
from ....model.objects.sync.selection import PathSelection
from ...transfer.content import FILE_CHUNK, Source
from ...transfer.listed_file import ListedFile, source_changed
from ...transfer.upload_body import OpenedSource, open_at_offsets
from .local_files import FailedEntry, LocalFile, LocalList, sorted_list

# Members whose names begin with this are files of the directory. The last member is the report.
_FILES = "files/"
_REPORT = "report.json"
_NANOSECONDS = 10**9
_TEXTS = ("message", "advice", "resource", "code")


class ArchiveWriter:
    """Writes an archive to a stream."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._failed: list[FailedEntry] = []

    def add(self, file: LocalFile) -> None:
        """Add a file. One that cannot be read, or changes meanwhile, becomes a failed entry.

        Raises OSError if the archive cannot be written.
        """
        try:
            with open_at_offsets(file.source) as opened:
                self._add_content(file, opened)
        except OperationError as error:
            self.fail(FailedEntry(file.path, error.failure))

    def fail(self, entry: FailedEntry) -> None:
        """Add an entry that cannot be sent."""
        self._failed.append(entry)

    def finish(self, is_complete: bool) -> None:
        """Write the report, which names the failed entries, and end the archive."""
        failed = [{"path": entry.path, **_failure_to_dict(entry.failure)} for entry in self._failed]
        report = json.dumps({"failed": failed, "is_complete": is_complete}).encode()
        self._write_header(_REPORT, len(report))
        self._stream.write(report)
        self._pad(len(report))
        self._stream.write(bytes(2 * tarfile.BLOCKSIZE))

    def _add_content(self, file: LocalFile, opened: OpenedSource) -> None:
        before = opened.fingerprint()
        # LastModified of an object has whole seconds. It is not older than the file if it is not older than this.
        self._write_header(_FILES + file.path, before.size, -(-file.mtime_ns // _NANOSECONDS))
        position = 0
        while position < before.size and (data := opened.read_at(min(FILE_CHUNK, before.size - position), position)):
            self._stream.write(data)
            position += len(data)
        for start in range(position, before.size, FILE_CHUNK):
            self._stream.write(bytes(min(FILE_CHUNK, before.size - start)))
        self._pad(before.size)
        if position < before.size or opened.fingerprint() != before:
            raise OperationError(source_changed(opened.name))

    def _write_header(self, name: str, size: int, mtime: int = 0) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mtime, member.mode = size, mtime, 0o600
        self._stream.write(member.tobuf(tarfile.PAX_FORMAT, "utf-8", "strict"))

    def _pad(self, size: int) -> None:
        self._stream.write(bytes(-size % tarfile.BLOCKSIZE))


def list_archive(archive: int, selection: PathSelection, name: str, stop: Event | None = None) -> LocalList:
    """List the selected files of an open archive, and its failed entries.

    The descriptor has to stay open for as long as the files are used. `name` is the name of the directory in messages.
    Raises OperationError if the archive is not complete, and OSError if it cannot be read.
    """
    files: list[LocalFile] = []
    report: dict[str, Any] | None = None
    stop = stop or Event()
    try:
        with os.fdopen(os.dup(archive), "rb") as stream, tarfile.open(fileobj=stream, mode="r:") as members:
            for member in members:
                if member.name.startswith(_FILES):
                    files.append(_file_of(archive, member, name, stop))
                elif member.name == _REPORT and (content := members.extractfile(member)):
                    report = json.loads(content.read())
    except (tarfile.TarError, ValueError):
        report = None
    if report is None:
        raise OperationError(_damaged(name))
    failed = [FailedEntry(entry["path"], _failure_of(entry)) for entry in report["failed"]]
    left_out = {entry.path for entry in failed}
    return sorted_list(
        [file for file in files if file.path not in left_out and selection.matches(file.path)],
        failed,
        report["is_complete"],
        stop,
    )


def _file_of(archive: int, member: tarfile.TarInfo, name: str, stop: Event) -> LocalFile:
    path = member.name[len(_FILES) :]
    listed = ListedFile.of_archive(archive, f"{name}/{path}", stop, member.offset_data, member.size)
    return LocalFile(path, member.size, int(member.mtime) * _NANOSECONDS, Source(listed=listed))


def _failure_to_dict(failure: Failure) -> dict[str, str]:
    return {"kind": failure.kind.value, **{name: getattr(failure, name) for name in _TEXTS}}


def _failure_of(entry: dict[str, str]) -> Failure:
    return Failure(
        FailureKind(entry["kind"]),
        entry["message"],
        entry["advice"],
        resource=entry["resource"],
        code=entry["code"],
    )


def _damaged(name: str) -> Failure:
    return Failure(
        FailureKind.FAILED,
        f"The archive with the files of src {name} did not arrive whole on the host that runs the task.",
        "Run the task again. If it fails again, check the free space of that host.",
    )
