# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The Object Lock configuration of a bucket: whether it has Object Lock, and its default retention."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..call import Call, Handler, Output
from ..errors import ServiceError, invalid_argument
from ..protocol.xml_shapes import malformed_xml
from .access import get_authorized_bucket


def put_object_lock_configuration(call: Call) -> Output:
    """Set a default retention. Versioning must be enabled."""
    bucket = get_authorized_bucket(call, "PutBucketObjectLockConfiguration")
    document = call.get("ObjectLockConfiguration")
    if document is None:
        raise ServiceError("MissingRequestBodyError", "Request Body is empty", 400)
    _check_configuration(document)
    if bucket.versioning != "Enabled":
        raise ServiceError(
            "InvalidBucketState", "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration", 409
        )
    bucket.lock_enabled = True
    bucket.documents["object-lock"] = document
    return {}


def _check_configuration(document: Mapping[str, Any]) -> None:
    """Raise an error unless Object Lock is enabled, and a rule has a mode and one period of a day or more."""
    if document.get("ObjectLockEnabled") is None:
        raise malformed_xml()
    if "Rule" in document:
        retention = document["Rule"].get("DefaultRetention", {})
        if retention.get("Mode") is None or ("Days" in retention) == ("Years" in retention):
            raise malformed_xml()
        if retention.get("Days", retention.get("Years")) < 1:
            raise invalid_argument("Default retention period must be a positive integer value.")


def get_object_lock_configuration(call: Call) -> Output:
    """Return the default retention of a bucket with Object Lock."""
    bucket = get_authorized_bucket(call, "GetBucketObjectLockConfiguration")
    if not bucket.lock_enabled:
        raise ServiceError(
            "ObjectLockConfigurationNotFoundError", "Object Lock configuration does not exist for this bucket", 404,
            fields={"BucketName": bucket.name},
        )  # fmt: skip
    document = {"ObjectLockEnabled": "Enabled", **bucket.documents.get("object-lock", {})}
    return {"ObjectLockConfiguration": document}


OPERATIONS: dict[str, Handler] = {
    "PutObjectLockConfiguration": put_object_lock_configuration,
    "GetObjectLockConfiguration": get_object_lock_configuration,
}
