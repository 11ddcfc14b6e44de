# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The encryption of one object: the desired one, and the one that S3 reports."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..envelope import EnvelopePlace
from ..secret import CustomerKey
from .kind import Kind, ObjectEncryption
from .registry import OMITTED

__all__ = ["DesiredEncryption", "ObjectEncryption"]


@dataclass(frozen=True, slots=True)
class DesiredEncryption:
    """The desired encryption. None: not named in the task, so the current value is kept, and S3 chooses it for a new
    object.

    `kms_key_arn` is the resolved key. The `encryption_context` of a server-side kind is sent but not compared, as S3
    never reports it. `envelope` and `server_side`, the encryption of the ciphertext, are for client-side kinds only.
    """

    kind: Kind = OMITTED
    kms_key_arn: str | None = None
    bucket_key_enabled: bool | None = None
    encryption_context: tuple[tuple[str, str], ...] = ()
    customer_key: CustomerKey | None = None
    envelope: EnvelopePlace | None = None
    server_side: DesiredEncryption | None = None

    @property
    def of_server_side(self) -> DesiredEncryption:
        """The encryption by S3: this one, or that of the ciphertext, which is the bucket's default if not named."""
        return (self.server_side or DesiredEncryption()) if self.kind.is_client_side else self

    def with_server_side_key(self, kms_key_arn: str) -> DesiredEncryption:
        """The same, with the KMS key that S3 encrypts with."""
        server_side = replace(self.of_server_side, kms_key_arn=kms_key_arn)
        return replace(self, server_side=server_side) if self.kind.is_client_side else server_side

    @property
    def request_key(self) -> CustomerKey | None:
        """The customer key that is sent to S3; None if S3 must not get it."""
        return self.customer_key if self.kind.key_in_requests else None

    def is_satisfied_by(self, actual: ObjectEncryption) -> bool:
        """Whether the current encryption has all desired values. An omitted encryption names none."""
        return self.kind.is_satisfied(self, actual)

    def expected_after_write(self, actual: ObjectEncryption | None) -> ObjectEncryption:
        """What S3 will report after a write with this encryption; `actual` is what it reports now.

        Every write resets what it does not name, so `with_current_values` names the key that is kept.
        """
        return self.kind.expected_after_write(self.with_current_values(actual))

    def with_current_values(self, actual: ObjectEncryption | None) -> DesiredEncryption:
        """The same, with current values of the same kind for what is not named, because omitted means keep."""
        return self if actual is None or actual.type != self.kind.name else self.kind.keep(self, actual)
