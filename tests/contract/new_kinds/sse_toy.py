# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A kind as a contributor would add it: S3 encrypts, with an algorithm that the test adds to the lab."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

# Relative, as in the other kinds: a test copies this file into their folder, and imports them without the collection.
from .kind import Answer, KeyHolder, Kind, ObjectEncryption, Side, WriteParameters

if TYPE_CHECKING:
    from .encryption import DesiredEncryption


@dataclass(frozen=True, eq=False, kw_only=True)
class SseToyKind(Kind):
    """Implements the required methods only."""

    def write_parameters(self, desired: DesiredEncryption) -> WriteParameters:
        """Only the header."""
        return {"ServerSideEncryption": self.wire}

    def recognise(self, answer: Answer) -> ObjectEncryption | None:
        """By the header."""
        return ObjectEncryption(self.name) if answer.get("ServerSideEncryption") == self.wire else None

    def is_satisfied(self, desired: DesiredEncryption, actual: ObjectEncryption) -> bool:
        """There are no parameters to compare."""
        return actual.type == self.name

    def keep(self, desired: DesiredEncryption, actual: ObjectEncryption) -> DesiredEncryption:
        """There are no parameters to keep."""
        return desired

    def expected_after_write(self, desired: DesiredEncryption) -> ObjectEncryption:
        """The type alone."""
        return ObjectEncryption(self.name)


KIND = SseToyKind(
    name="SSE-TOY",
    key_holder=KeyHolder.S3,
    side=Side.SERVER,
    encrypted_by="S3, for a test",
    summary="S3 encrypts with a toy.",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html",
    wire="aws:fsx",
    strength=4,
    choosable=True,
    has_annotations=True,
)
