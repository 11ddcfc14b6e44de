# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A kind as somebody would add it: this side encrypts, with a key of the caller's, and marks the object's metadata."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .kind import Answer, KeyHolder, Kind, ObjectEncryption, Side, WriteParameters

if TYPE_CHECKING:
    from ..objects.encryption import DesiredEncryption


@dataclass(frozen=True, eq=False, kw_only=True)
class CseToyKind(Kind):
    """Nothing but what a kind has to say."""

    def write_parameters(self, desired: DesiredEncryption) -> WriteParameters:
        """The ciphertext gets the bucket's default."""
        return {}

    def recognise(self, answer: Answer) -> ObjectEncryption | None:
        """By its mark."""
        return ObjectEncryption(self.name) if "toy" in answer.get("Metadata", {}) else None

    def is_satisfied(self, desired: DesiredEncryption, actual: ObjectEncryption) -> bool:
        """There is nothing to differ in."""
        return actual.type == self.name

    def keep(self, desired: DesiredEncryption, actual: ObjectEncryption) -> DesiredEncryption:
        """There is nothing to keep."""
        return desired

    def expected_after_write(self, desired: DesiredEncryption) -> ObjectEncryption:
        """The type alone."""
        return ObjectEncryption(self.name)


KIND = CseToyKind(
    name="CSE-TOY",
    key_holder=KeyHolder.CALLER,
    side=Side.CLIENT,
    encrypted_by="this collection, for a test",
    summary="This side encrypts with a toy.",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingClientSideEncryption.html",
    options=("customer_key", "customer_key_file"),
    choosable=True,
    has_annotations=True,
)
