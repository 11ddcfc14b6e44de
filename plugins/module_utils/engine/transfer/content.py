# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The local content for an object: bytes in memory or a file, with its size and checksum."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from ...model.errors import invalid_input
from ...model.objects.desired_object import Content
from ...model.objects.object_state import Checksum
from .digests import DIGESTS, WHOLE_OF_PARTS, Digest
from .listed_file import ListedFile, ListedFileReader, open_listed

if TYPE_CHECKING:
    from .atomic_file import NewFile

CHUNK = 1024 * 1024
# What is read from a file at a time, to be hashed or encrypted while it is in the processor's cache.
FILE_CHUNK = 256 * 1024


class Readable(Protocol):
    """Anything with bytes to read."""

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes."""


@dataclass(frozen=True)
class Source:
    """The source of the content: a file, a temporary file without a name, a file of a directory, or bytes.

    `option` is the task's option that names the file.
    """

    path: Path | None = None
    data: bytes = field(default=b"", repr=False)
    option: str = "src"
    temporary: NewFile | None = None
    listed: ListedFile | None = None

    @property
    def name(self) -> str:
        """The source in messages."""
        if self.listed is not None:
            return f"{self.option} {self.listed.name}"
        return "The content" if self.path is None else f"{self.option} {self.path}"

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """A readable stream of the content, from its first byte."""
        with ExitStack() as stack:
            yield self._opened(stack)

    def _opened(self, stack: ExitStack) -> BinaryIO:
        if self.temporary is not None:
            return stack.enter_context(self.temporary.open())
        if self.listed is not None:
            descriptor = stack.enter_context(open_listed(self.listed, self.name))
            return stack.enter_context(io.BufferedReader(ListedFileReader(self.listed, descriptor)))
        if self.path is None:
            return io.BytesIO(self.data)
        try:
            return stack.enter_context(self.path.open("rb"))
        except OSError as error:
            raise invalid_input(f"{self.option} {self.path} cannot be read: {error.strerror}.") from error

    def size(self) -> int:
        """The current size in bytes."""
        if self.temporary is not None:
            return self.temporary.size()
        if self.listed is not None:
            return self.listed.size  # opening it shows whether that is still true
        with self.open() as stream:
            return stream.seek(0, io.SEEK_END)

    def describe(self, part_size: int | None = None) -> Content:
        """The size and the checksum of the content: SHA-256 if it is uploaded in one part, and otherwise a CRC."""
        in_parts = part_size is not None and self.size() > part_size
        algorithm = WHOLE_OF_PARTS if in_parts else "SHA256"
        with self.open() as stream:
            digest, size = _digest(read_chunks(stream), DIGESTS[algorithm]())
        return Content(size, Checksum(algorithm, digest, full_object=True))


def digest_of_stream(stream: Readable, algorithm: str) -> Checksum:
    """The checksum of the remaining bytes of a stream."""
    value, _size = _digest(read_chunks(stream), DIGESTS[algorithm]())
    return Checksum(algorithm, value, full_object=True)


def read_chunks(stream: Readable) -> Iterator[bytes]:
    """The remaining bytes of a stream, in chunks."""
    while chunk := stream.read(FILE_CHUNK):
        yield chunk


def _digest(chunks: Iterable[bytes], digest: Digest) -> tuple[str, int]:
    size = 0
    for chunk in chunks:
        digest.update(chunk)
        size += len(chunk)
    return base64.b64encode(digest.digest()).decode("ascii"), size
