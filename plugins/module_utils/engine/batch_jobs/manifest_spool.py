# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The manifests of the jobs of a run, written to temporary files while the objects are read.

The files have no name, and the memory does not depend on the number of objects.
"""

from __future__ import annotations

import gzip
import hashlib
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import IO, NamedTuple
from urllib.parse import quote

from ...model.batch_jobs.job_request import ManifestFormat

# The version id of an object that was written while versioning was off or suspended. S3 takes this word in a manifest,
# and no empty text.
# Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/inventory-configure-bops.html
NULL_VERSION = "null"
# How many objects may wait for an earlier one, so that the order of the list stays.
_MOST_WAITING = 10_000
_CHUNK = 1024 * 1024


class ManifestRows:
    """The rows of one manifest, without their last column: whether any of them needs it is known at the end."""

    def __init__(self, stack: ExitStack, bucket: str) -> None:
        self._bucket = bucket
        self._file: IO[bytes] = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 (the stack closes it)
        self._stack = stack
        self._names_versions = False
        self.number = 0
        self.newest: datetime | None = None

    def add(self, key: str, version_id: str | None, last_modified: datetime | None) -> None:
        """Add an object. Its key is encoded, so that no row needs quotes."""
        self._names_versions |= version_id is not None
        self._file.write(f"{quote(key, safe='/')},{version_id or NULL_VERSION}\n".encode("ascii"))
        self.number += 1
        if last_modified is not None and (self.newest is None or last_modified > self.newest):
            self.newest = last_modified

    @property
    def names_versions(self) -> bool:
        """Whether the manifest has a column for versions: for all of its objects, or for none."""
        return self._names_versions

    def finish(self, form: ManifestFormat) -> FinishedManifest:
        """The manifest in the form that it is uploaded in."""
        written: IO[bytes] = self._stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
        digest = hashlib.sha256(form.value.encode())
        # Without a time in its header, the same rows make the same bytes.
        zipped = gzip.GzipFile(fileobj=written, mode="wb", mtime=0) if form is ManifestFormat.INVENTORY else None
        target: IO[bytes] | gzip.GzipFile = zipped or written
        self._file.seek(0)
        pieces: list[bytes] = []
        size = 0
        for line in self._file:
            row = self._row(line, quoted=zipped is not None)
            digest.update(row)
            pieces.append(row)
            size += len(row)
            if size >= _CHUNK:
                target.write(b"".join(pieces))
                pieces, size = [], 0
        target.write(b"".join(pieces))
        if zipped:
            zipped.close()
        written.flush()
        return FinishedManifest(written, digest.hexdigest(), self.number, form, self._names_versions)

    def _row(self, line: bytes, *, quoted: bool) -> bytes:
        key, _comma, version = line.rstrip(b"\n").partition(b",")
        columns = [self._bucket.encode("ascii"), key, *([version] if self._names_versions else [])]
        return b",".join(b'"%b"' % each if quoted else each for each in columns) + b"\n"


@dataclass(frozen=True, slots=True)
class FinishedManifest:
    """The content of a manifest in an open file without a name, and a digest of its rows."""

    file: IO[bytes]
    digest: str
    number: int
    format: ManifestFormat
    names_versions: bool


class SpooledObject(NamedTuple):
    """An object of a job: the name of the job's part, the key, and the version if the job names it."""

    part: str
    key: str
    version_id: str | None
    last_modified: datetime | None


class ManifestSpool:
    """Collects the objects of all jobs of a run, in the order of the list.

    The objects are read in any order. So two runs at once write the same manifest.
    """

    def __init__(self, stack: ExitStack, bucket: str) -> None:
        self._stack = stack
        self._bucket = bucket
        self._waiting: dict[int, SpooledObject | None] = {}
        self._next = 0
        self.parts: dict[str, ManifestRows] = {}

    def add(self, position: int, found: SpooledObject | None) -> None:
        """Add the object at a position of the list; None: no job changes it. Each position is added once."""
        self._waiting[position] = found
        while self._next in self._waiting:
            self._write(self._waiting.pop(self._next))
            self._next += 1
        if len(self._waiting) > _MOST_WAITING:
            self.finish()

    def finish(self) -> None:
        """Write what waits for an earlier object."""
        for position in sorted(self._waiting):
            self._write(self._waiting.pop(position))
            self._next = position + 1

    def _write(self, found: SpooledObject | None) -> None:
        if found is None:
            return
        if found.part not in self.parts:
            self.parts[found.part] = ManifestRows(self._stack, self._bucket)
        self.parts[found.part].add(found.key, found.version_id, found.last_modified)
