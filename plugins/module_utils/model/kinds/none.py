# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""No encryption: objects that were last written before January 2023. Only reported, never chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .kind import Answer, KeyHolder, ObjectEncryption, Side, WriteParameters
from .server_side import ServerSideKind

if TYPE_CHECKING:
    from .encryption import DesiredEncryption


@dataclass(frozen=True, eq=False, kw_only=True)
class UnencryptedKind(ServerSideKind):
    """The kind of an object for which S3 reports no encryption header."""

    def write_parameters(self, desired: DesiredEncryption) -> WriteParameters:
        """No header. S3 encrypts every new object, so this cannot be requested any more."""
        return {}

    def recognise(self, answer: Answer) -> ObjectEncryption | None:
        """By the absence of all headers."""
        if answer.get("SSECustomerAlgorithm") or answer.get("ServerSideEncryption"):
            return None
        return ObjectEncryption(self.name)


KIND = UnencryptedKind(
    name="NONE",
    key_holder=KeyHolder.NONE,
    side=Side.SERVER,
    encrypted_by="none",
    summary="The object was written before S3 encrypted all new objects (January 2023), or the store does not encrypt.",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html",
    strength=0,
    etag_is_md5=True,
    has_annotations=True,
    job_filter="NOTSSE",
)
