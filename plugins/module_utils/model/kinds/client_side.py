# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The common part of the kinds that encrypt before the upload. S3 reports none of them: their envelope shows them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..arn import same_kms_key
from ..envelope import EnvelopePlace, Format
from .kind import Answer, ClientSide, Kind, ObjectEncryption, WriteParameters

if TYPE_CHECKING:
    from .encryption import DesiredEncryption


@dataclass(frozen=True, eq=False, kw_only=True)
class ClientSideKind(Kind):
    """A kind of the Amazon S3 Encryption Client.

    Source: https://docs.aws.amazon.com/amazon-s3-encryption-client/latest/developerguide/concepts.html
    """

    def write_parameters(self, desired: DesiredEncryption) -> WriteParameters:
        """Those of the server-side encryption of the ciphertext. S3 gets neither the key nor the context."""
        return desired.of_server_side.kind.write_parameters(desired.of_server_side)

    def recognise(self, answer: Answer) -> ObjectEncryption | None:
        """Never: S3 reports the encryption of the ciphertext. The envelope shows this kind."""
        return None

    def is_satisfied(self, desired: DesiredEncryption, actual: ObjectEncryption) -> bool:
        """Compare the type, and what is named of key, context, place of the envelope and server-side encryption."""
        found = actual.client_side
        return (
            found is not None
            and self.is_wrapped_as(desired, actual)
            and desired.of_server_side.is_satisfied_by(found.server_side)
        )

    def is_wrapped_as(self, desired: DesiredEncryption, actual: ObjectEncryption) -> bool:
        """Whether type, key, context and place of the envelope are as desired."""
        found = actual.client_side
        return (
            found is not None
            and actual.type == self.name
            and (desired.kms_key_arn is None or same_kms_key(desired.kms_key_arn, actual.kms_key_arn))
            and (desired.customer_key is None or actual.customer_key_md5 == desired.customer_key.md5)
            and (not desired.encryption_context or desired.encryption_context == found.context)
            and desired.envelope in (None, found.envelope)
        )

    def keep(self, desired: DesiredEncryption, actual: ObjectEncryption) -> DesiredEncryption:
        """Keep the KMS key and the context. The plan keeps the place of the envelope, for the same content only."""
        found = actual.client_side
        named = desired.kms_key_arn
        return replace(
            desired,
            kms_key_arn=actual.kms_key_arn if named is None or same_kms_key(named, actual.kms_key_arn) else named,
            encryption_context=desired.encryption_context or (found.context if found else None) or (),
            server_side=desired.of_server_side.with_current_values(found.server_side if found else None),
        )

    def expected_after_write(self, desired: DesiredEncryption) -> ObjectEncryption:
        """The named values, in the format that is written."""
        server_side = desired.of_server_side
        md5 = desired.customer_key.md5 if desired.customer_key else None
        return ObjectEncryption(
            self.name,
            desired.kms_key_arn,
            customer_key_md5=md5,
            client_side=ClientSide(
                Format.V3,
                desired.envelope or EnvelopePlace.METADATA,
                server_side.kind.expected_after_write(server_side),
                context=desired.encryption_context if self.accepts("encryption_context") else None,
            ),
        )
