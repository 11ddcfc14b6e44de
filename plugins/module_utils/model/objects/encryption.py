# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The encryption of one object: as a playbook asks for it, and as S3 reports it."""

from __future__ import annotations

from dataclasses import dataclass

from ..kinds.kind import Kind, ObjectEncryption
from ..kinds.registry import OMITTED
from ..secret import CustomerKey

__all__ = ["DesiredEncryption", "ObjectEncryption"]


@dataclass(frozen=True, slots=True)
class DesiredEncryption:
    """What a playbook asks for. None: not named, so kept as it is, or left to S3 for a new object.

    `kms_key_arn` is the resolved key. `encryption_context` is never reported by S3, so it is sent and not compared.
    """

    kind: Kind = OMITTED
    kms_key_arn: str | None = None
    bucket_key_enabled: bool | None = None
    encryption_context: tuple[tuple[str, str], ...] = ()
    customer_key: CustomerKey | None = None

    @property
    def request_key(self) -> CustomerKey | None:
        """The customer key that goes with requests; None where it is not for S3 to have."""
        return self.customer_key if self.kind.key_in_requests else None

    def is_satisfied_by(self, actual: ObjectEncryption) -> bool:
        """Whether all that is named is as asked. Nothing is named where the encryption is omitted."""
        return self.kind.is_satisfied(self, actual)

    def expected_after_write(self, actual: ObjectEncryption | None) -> ObjectEncryption:
        """What S3 will report once the object is written with this; `actual` is what it reports now.

        S3 resets on every write what the write does not name, so keys that are kept are named by `with_current_values`.
        """
        return self.kind.expected_after_write(self.with_current_values(actual))

    def with_current_values(self, actual: ObjectEncryption | None) -> DesiredEncryption:
        """This, completed with what the object has now of the same kind: omitted means keep."""
        return self if actual is None or actual.type != self.kind.name else self.kind.keep(self, actual)
