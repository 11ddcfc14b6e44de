# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A local file that equals an object, between the plan, S3 and the disk."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ..aws.ports import ObjectId, ObjectPort
from ..model.encrypted_object import ObjectState, Overwrite
from ..model.errors import Failure, FailureKind, Refused
from ..model.local_file import Download, FilePlan, LocalFile, plan_download
from ..model.secret import CustomerKey
from .atomic_file import write_atomically
from .content import CHUNK, Source, comparable_checksum, digest_of_file
from .digests import DIGESTS
from .object_reading import find_object


@dataclass
class DownloadResource:
    """The file at `path`. One HeadObject and a local digest where it equals the object already.

    `private` makes a new file readable by its owner alone, until somebody gives it another mode.
    """

    target: ObjectId
    path: Path
    overwrite: Overwrite
    customer_key: CustomerKey | None
    s3: ObjectPort
    private: bool = False
    object: ObjectState | None = None

    def plan(self) -> FilePlan:
        """Find out the object's encryption by itself, and compare the file with it."""
        found = find_object(self.s3, self.target, self.customer_key)
        if found.object is None:
            raise Refused(
                Failure(
                    FailureKind.ABSENT,
                    f"There is no object {self.target.key!r} in the bucket {self.target.bucket}.",
                    "Check bucket, key and version_id.",
                    resource=f"{self.target.bucket}/{self.target.key}",
                )
            )
        # A key that is given but not wanted by the object has not opened it, and is not sent again.
        self.object, self.customer_key = found.object, found.opened_with
        local = self._local()
        same = local is not None and self.overwrite is Overwrite.DIFFERENT and self._equals(local, found.object)
        return plan_download(str(self.path), self.overwrite, found.object, local, same)

    def apply(self, step: Download) -> None:
        """Stream the object to the file, which appears once size and checksum are right."""
        try:
            write_atomically(self.path, self._verified(step.object), self.private)
        except OSError as error:
            raise Refused(
                Failure(
                    FailureKind.FAILED,
                    f"{self.path} cannot be written: {error.strerror or error}.",
                    "Check the folder, its permissions and the space left.",
                    resource=str(self.path),
                )
            ) from error

    def read_back(self, planned: LocalFile | None) -> LocalFile | None:
        """The file is what was verified on its way to the disk."""
        return planned

    def _local(self) -> LocalFile | None:
        """The file that is there, with its digest where that can tell whether it equals the object."""
        if not self.path.exists():
            return None
        size = self.path.stat().st_size
        checksum = comparable_checksum(self.object) if self.object and self.object.size == size else None
        if checksum is None or self.overwrite is not Overwrite.DIFFERENT:
            return LocalFile(str(self.path), size)
        return LocalFile(str(self.path), size, replace(checksum, value=digest_of_file(self.path, checksum.algorithm)))

    def _equals(self, local: LocalFile, actual: ObjectState) -> bool:
        """Told by size and checksum; at last, where S3 stores none that can be computed here, by the bytes."""
        if local.checksum or local.size != actual.size:
            return local.checksum is not None and local.checksum == comparable_checksum(actual)
        source = Source(self.path)
        return source.matches(source.describe(), actual, lambda: self._bytes(actual))

    def _bytes(self, actual: ObjectState) -> Iterator[bytes]:
        return self.s3.get_object(self.target, self.customer_key, actual.etag, CHUNK)

    def _verified(self, actual: ObjectState) -> Iterator[bytes]:
        """The object's bytes; raises Refused at their end where they are not what S3 said they would be."""
        checksum = comparable_checksum(actual)
        digest = DIGESTS[checksum.algorithm]() if checksum else None
        size = 0
        for chunk in self._bytes(actual):
            size += len(chunk)
            if digest:
                digest.update(chunk)
            yield chunk
        wrong_digest = digest and checksum and base64.b64encode(digest.digest()).decode("ascii") != checksum.value
        if size != actual.size or wrong_digest:
            raise Refused(
                Failure(
                    FailureKind.CONFLICT,
                    f"What came of {actual.bucket}/{actual.key} is not what S3 has stored "
                    f"({size} of {actual.size} bytes{', another checksum' if wrong_digest else ''}).",
                    "Run the task again.",
                    resource=f"{actual.bucket}/{actual.key}",
                )
            )
