# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""No encryption header: S3 applies the bucket's default encryption to the new object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .kind import Answer, KeyHolder, Kind, ObjectEncryption, Side, WriteParameters
from .server_side import bucket_key_parameters

if TYPE_CHECKING:
    from .encryption import DesiredEncryption


@dataclass(frozen=True, eq=False, kw_only=True)
class BucketDefaultKind(Kind):
    """The kind of a write that names no encryption. It is never reported for an object."""

    def write_parameters(self, desired: DesiredEncryption) -> WriteParameters:
        """No encryption header; the bucket key if it is named."""
        return bucket_key_parameters(desired)

    def recognise(self, answer: Answer) -> ObjectEncryption | None:
        """Never: S3 reports the encryption that the default gave the object."""
        return None

    def is_satisfied(self, desired: DesiredEncryption, actual: ObjectEncryption) -> bool:
        """Always true, as nothing is named."""
        return True

    def keep(self, desired: DesiredEncryption, actual: ObjectEncryption) -> DesiredEncryption:
        """The same: there is nothing to keep."""
        return desired

    def expected_after_write(self, desired: DesiredEncryption) -> ObjectEncryption:
        """Unknown before S3 has written the object."""
        return ObjectEncryption(None)


KIND = BucketDefaultKind(
    name="bucket default",
    key_holder=KeyHolder.BUCKET_DEFAULT,
    side=Side.SERVER,
    encrypted_by="S3",
    summary="No encryption header is sent, so the bucket's default encryption applies.",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-encryption.html",
    defers_to_bucket=True,
    has_annotations=True,
)
