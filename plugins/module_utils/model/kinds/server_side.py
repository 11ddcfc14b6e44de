# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The common part of the kinds that S3 applies and reports in headers."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..arn import same_kms_key
from .kind import Answer, Kind, ObjectEncryption, WriteParameters

if TYPE_CHECKING:
    from .encryption import DesiredEncryption


@dataclass(frozen=True, eq=False, kw_only=True)
class ServerSideKind(Kind):
    """A kind that the header x-amz-server-side-encryption names.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
    """

    def write_parameters(self, desired: DesiredEncryption) -> WriteParameters:
        """The header, with key, bucket key and encryption context if they are named."""
        parameters: WriteParameters = {"ServerSideEncryption": self.wire, **bucket_key_parameters(desired)}
        if desired.kms_key_arn:
            parameters["SSEKMSKeyId"] = desired.kms_key_arn
        if desired.encryption_context:
            context = json.dumps(dict(desired.encryption_context)).encode()
            parameters["SSEKMSEncryptionContext"] = base64.b64encode(context).decode("ascii")
        return parameters

    def recognise(self, answer: Answer) -> ObjectEncryption | None:
        """By the header. S3 reports the bucket key only if it is enabled."""
        if answer.get("SSECustomerAlgorithm") or answer.get("ServerSideEncryption") != self.wire:
            return None
        bucket_key = bool(answer.get("BucketKeyEnabled")) if self.accepts("bucket_key_enabled") else None
        return ObjectEncryption(self.name, answer.get("SSEKMSKeyId"), bucket_key)

    def is_satisfied(self, desired: DesiredEncryption, actual: ObjectEncryption) -> bool:
        """Compare type, key and bucket key. S3 does not report the encryption context, so it is not compared."""
        return (
            actual.type == self.name
            and (desired.kms_key_arn is None or same_kms_key(desired.kms_key_arn, actual.kms_key_arn))
            and desired.bucket_key_enabled in (None, bool(actual.bucket_key_enabled))
            and (desired.customer_key is None or actual.customer_key_md5 == desired.customer_key.md5)
        )

    def keep(self, desired: DesiredEncryption, actual: ObjectEncryption) -> DesiredEncryption:
        """Keep key and bucket key: every write resets what it does not name."""
        bucket_key = (
            bool(actual.bucket_key_enabled) if desired.bucket_key_enabled is None else desired.bucket_key_enabled
        )
        named = desired.kms_key_arn
        return replace(
            desired,
            kms_key_arn=actual.kms_key_arn if named is None or same_kms_key(named, actual.kms_key_arn) else named,
            bucket_key_enabled=bucket_key if self.accepts("bucket_key_enabled") else None,
        )

    def expected_after_write(self, desired: DesiredEncryption) -> ObjectEncryption:
        """The named values. S3 chooses the others, and reports them after the write."""
        md5 = desired.customer_key.md5 if desired.customer_key else None
        return ObjectEncryption(self.name, desired.kms_key_arn, desired.bucket_key_enabled, md5)


def bucket_key_parameters(desired: DesiredEncryption) -> WriteParameters:
    """The parameter for the bucket key, if it is named. It overrides the bucket's default even without a kind."""
    return {} if desired.bucket_key_enabled is None else {"BucketKeyEnabled": desired.bucket_key_enabled}
