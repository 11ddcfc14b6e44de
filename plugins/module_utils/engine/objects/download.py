# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A local file that equals an object, between the plan, S3 and the disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from time import sleep

from ...aws.objects.ports import ObjectPort
from ...model.errors import Failure, FailureKind, OperationError, assert_never, invalid_input
from ...model.objects.desired_object import Overwrite
from ...model.objects.download_plan import Download, FilePlan, LocalFile, plan_download
from ...model.objects.object_id import ObjectId
from ...model.objects.object_state import ObjectState
from ...model.secret import CustomerKey
from ..transfer.atomic_file import NewFile, replacing
from ..transfer.content import Source
from ..transfer.ordered_map import ordered_map
from .comparison import CHUNK, ChecksumCalculator, StoredContent
from .head_object import find_object

# How often a range is continued whose connection broke, and how long to wait before: the SDK repeats requests, and not
# what happens to their bodies. What came of a chunk that is not whole is lost, so that they are smaller from then on.
_CONTINUED = 4
_PAUSE = 0.5
_SMALL_CHUNK = 64 * 1024


@dataclass
class DownloadResource:
    """The file at `path`. One HeadObject and a local digest where it equals the object already.

    `private` makes a new file readable by its owner alone, until somebody gives it another mode. `settle` is called
    with the path of the file before it takes its place. What is larger than `part_size` bytes comes in ranges of that
    size, `concurrency` at a time. `names_context` is an encryption context in the playbook, which is for S3 to apply.
    """

    target: ObjectId
    path: Path
    overwrite: Overwrite
    customer_key: CustomerKey | None
    s3: ObjectPort
    private: bool = False
    settle: Callable[[Path], None] | None = None
    part_size: int = 16 * CHUNK
    concurrency: int = 8
    names_context: bool = False
    object: ObjectState | None = None
    stored: StoredContent | None = None

    def plan(self) -> FilePlan:
        """Find out the object's encryption by itself, and compare the file with it."""
        found = find_object(self.s3, self.target, self.customer_key)
        if found.object is None:
            raise OperationError(
                Failure(
                    FailureKind.ABSENT,
                    f"There is no object {self.target.key!r} in the bucket {self.target.bucket}.",
                    "Check bucket, key and version_id.",
                    resource=f"{self.target.bucket}/{self.target.key}",
                )
            )
        # A key that is given but not wanted by the object has not opened it, and is not sent again.
        self.object, self.customer_key = found.object, found.decrypted_with
        self.stored = StoredContent(self.s3, self.target, self.customer_key, found.object)
        local = self._local()
        same = local is not None and self.overwrite is Overwrite.DIFFERENT and self._equals(local, self.stored)
        return plan_download(
            str(self.path), self.overwrite, found.object, local, same, names_context=self.names_context
        )

    def apply(self, step: Download) -> None:
        """Bring the object into a file, which appears once size and checksum are right."""
        match step:
            case Download():
                self._download(step)
            case _:
                assert_never(step)

    def _download(self, step: Download) -> None:
        stored = self.stored or StoredContent(self.s3, self.target, self.customer_key, step.object)
        try:
            with replacing(self.path, self.private, settle=self.settle) as file:
                self._fetch(file, stored)
        except OperationError as error:
            # A read changes nothing, whatever became of its answer, and the file appears whole or not at all.
            raise OperationError(replace(error.failure, may_have_been_applied=False)) from error
        except OSError as error:
            raise OperationError(
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
        """The file that is there, with its digest where that tells whether it equals the object."""
        try:
            return LocalFile(str(self.path), self.path.stat().st_size)
        except FileNotFoundError:
            return None

    def _equals(self, local: LocalFile, stored: StoredContent) -> bool:
        if local.size != stored.state.size:
            return False
        try:
            return stored.equals(Source(self.path))
        except OSError as error:
            raise invalid_input(
                f"dest {self.path} cannot be read: {error.strerror}.", "Check its permissions."
            ) from error

    def _fetch(self, file: NewFile, stored: StoredContent) -> None:
        """Write the object to the file, and raise OperationError where it is not what S3 said it would be.

        The digest follows the ranges in their order, while later ones are on their way.
        """
        way = stored.way()
        making = ChecksumCalculator(way) if way else None
        size = 0
        for chunk in self._arriving(file, stored.state):
            size += len(chunk)
            if making:
                making.update(chunk)
        if size != stored.state.size:
            raise _other(stored.state, f"{size} of {stored.state.size} bytes")
        if way is None or making is None or making.value() == way.checksum.value:
            return
        if not way.conclusive:
            stored.refute(way)
            if stored.tells(file) is not False:
                return
        raise _other(stored.state, "another checksum")

    def _arriving(self, file: NewFile, state: ObjectState) -> Iterator[bytes]:
        size = state.size or 0
        if size <= self.part_size:
            with file.writer() as write:
                place = 0
                for chunk in self._read(state, (0, size)):
                    write(place, chunk)
                    place += len(chunk)
                    yield chunk
            return
        file.reserve(size)
        spans = [(start, min(start + self.part_size, size)) for start in range(0, size, self.part_size)]

        def fetch(span: tuple[int, int], goes_on: Callable[[], bool]) -> tuple[int, int]:
            with file.writer() as write:
                place = span[0]
                for chunk in self._read(state, span):
                    write(place, chunk)
                    place += len(chunk)
                    if not goes_on():
                        return span
            if place != span[1]:
                raise _other(state, f"{place - span[0]} of {span[1] - span[0]} bytes from {span[0]} on")
            return span

        for start, end in ordered_map(spans, fetch, self.concurrency):
            for place in range(start, end, CHUNK):
                yield file.read(place, min(CHUNK, end - place))

    def _read(self, state: ObjectState, span: tuple[int, int]) -> Iterator[bytes]:
        """The bytes of a range; where the connection breaks in the middle, the rest of it is asked for again."""
        place, end = span
        for attempt in range(_CONTINUED + 1):
            # The SDK checks the checksum of a whole object by itself, so it is not asked for as a range.
            rest = None if (place, end) == (0, state.size) else (place, end)
            size = _SMALL_CHUNK if attempt else CHUNK
            # Where there is no answer at all, the SDK has asked again by itself, and OperationError goes through from
            # here.
            chunks = self.s3.get_object(self.target, self.customer_key, state.etag, size, rest)
            try:
                for chunk in chunks:
                    place += len(chunk)
                    yield chunk
                return
            except OperationError as error:
                broke = error.failure.kind is FailureKind.UNREACHABLE
                if broke and place == end:
                    return  # all of it is there, and the checksum of the whole is yet to be compared
                if not broke or attempt == _CONTINUED:
                    raise
            sleep(_PAUSE * 2**attempt)


def _other(state: ObjectState, what: str) -> OperationError:
    return OperationError(
        Failure(
            FailureKind.CONFLICT,
            f"What came of {state.bucket}/{state.key} is not what S3 has stored ({what}).",
            "Run the task again.",
            resource=f"{state.bucket}/{state.key}",
        )
    )
