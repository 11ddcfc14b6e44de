# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The encryption of one object: as a playbook asks for it, and as S3 reports it."""

from __future__ import annotations

from dataclasses import dataclass

from .kinds.kind import Kind
from .kinds.registry import BUCKET_DEFAULT, SSE_KMS
from .secret import CustomerKey


@dataclass(frozen=True, slots=True)
class ObjectEncryption:
    """What HeadObject reports. None: not reported, or (in a plan) not known before S3 has written the object."""

    type: str | None
    kms_key_arn: str | None = None
    bucket_key_enabled: bool | None = None
    customer_key_md5: str | None = None


@dataclass(frozen=True, slots=True)
class DesiredEncryption:
    """What a playbook asks for. None: not named, so kept as it is, or left to S3 for a new object.

    `kms_key_arn` is the resolved key. `encryption_context` is never reported by S3, so it is sent and not compared.
    """

    kind: Kind = BUCKET_DEFAULT
    kms_key_arn: str | None = None
    bucket_key_enabled: bool | None = None
    encryption_context: tuple[tuple[str, str], ...] = ()
    customer_key: CustomerKey | None = None

    def satisfied_by(self, actual: ObjectEncryption) -> bool:
        """Whether all that is named is as asked. Nothing is named by the bucket default."""
        if self.kind is BUCKET_DEFAULT:
            return True
        return (
            actual.type == self.kind.name
            and self.kms_key_arn in (None, actual.kms_key_arn)
            and self.bucket_key_enabled in (None, bool(actual.bucket_key_enabled))
            and (self.customer_key is None or actual.customer_key_md5 == self.customer_key.md5)
        )

    def after_writing(self, actual: ObjectEncryption | None) -> ObjectEncryption:
        """What S3 will report once the object is written with this; `actual` is what it reports now.

        S3 resets on every write what the write does not name, so keys that are kept are named by `to_keep`.
        """
        if self.kind is BUCKET_DEFAULT:
            return ObjectEncryption(None)
        kept = self.to_keep(actual)
        return ObjectEncryption(
            self.kind.name,
            kept.kms_key_arn,
            kept.bucket_key_enabled,
            self.customer_key.md5 if self.customer_key else None,
        )

    def to_keep(self, actual: ObjectEncryption | None) -> DesiredEncryption:
        """This, completed with what the object has now of the same kind: omitted means keep."""
        if actual is None or actual.type != self.kind.name:
            return self
        return DesiredEncryption(
            self.kind,
            self.kms_key_arn or actual.kms_key_arn,
            self._kept_bucket_key(actual),
            self.encryption_context,
            self.customer_key,
        )

    def _kept_bucket_key(self, actual: ObjectEncryption) -> bool | None:
        # S3 applies bucket keys under SSE-KMS only; HeadObject names the flag only where it is on.
        if self.kind is not SSE_KMS:
            return None
        return bool(actual.bucket_key_enabled) if self.bucket_key_enabled is None else self.bucket_key_enabled
