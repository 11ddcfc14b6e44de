# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The calls of KMS that S3 makes with the permissions of its caller."""

from __future__ import annotations

from collections.abc import Mapping

from ..call import Call
from ..cloudtrail.events import record_s3_key_use
from ..errors import ServiceError
from ..kms.access import USABLE, KeyUse, check_state, denial_message
from ..kms.keys import Key
from ..kms.usage import record_key_use, require_symmetric
from ..partitions import domain_of
from .secure_connection import insecure_connection
from .state import Bucket


def to_s3_error(error: ServiceError) -> ServiceError:
    """Return an error of KMS as S3 reports it."""
    if error.code in ("AccessDeniedException", "AccessDenied"):
        return ServiceError("AccessDenied", error.message, 403)
    return ServiceError(f"KMS.{error.code}", error.message, 400)


def resolve_kms_key(call: Call, bucket: Bucket, key_id: str | None) -> Key:
    """Return the KMS key by the caller's account and the region of the bucket. The default is ``alias/aws/s3``."""
    kms = call.lab.state.kms
    if not key_id:
        return kms.aws_managed_key(kms.region_state(call.account or bucket.account, bucket.region), "s3", call.now())
    try:
        return kms.find(call.account or bucket.account, bucket.region, key_id, call.now())
    except ServiceError as error:
        raise to_s3_error(error) from error


def authorize_key_use(call: Call, bucket: Bucket, key: Key, action: str, context: Mapping[str, str]) -> None:
    """Check a call of KMS that S3 makes with the caller's permissions.

    The order of the checks is permission, key usage, key state.
    """
    if not call.transport.secure:
        raise insecure_connection("AWS KMS managed keys")
    message = key_use_denial(call, bucket, key, action, context)
    record_s3_key_use(call, action, key.arn, context, message)
    if message is not None:
        raise ServiceError("AccessDenied", message, 403)
    try:
        require_symmetric(key, action)
        check_state(key, USABLE)
    except ServiceError as error:
        raise to_s3_error(error) from error
    record_key_use(call, key, action)


def key_use_denial(call: Call, bucket: Bucket, key: Key, action: str, context: Mapping[str, str]) -> str | None:
    """Return why the caller may not use the key, or None."""
    via = f"s3.{bucket.region}.{domain_of(bucket.region)}"
    return denial_message(call, key, KeyUse(action, context, via))
