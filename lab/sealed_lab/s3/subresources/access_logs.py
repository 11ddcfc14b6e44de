# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The rules of access logging: the bucket that receives the logs, and its grants.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import ServiceError
from ...partitions import partition_of
from ...protocol.xml_shapes import malformed_xml
from ..acl_permissions import object_ownership
from ..state import Bucket, S3State

# The API Reference has three permissions. S3 accepts all of an ACL, as recorded.
_PERMISSIONS = ("FULL_CONTROL", "READ", "READ_ACP", "WRITE", "WRITE_ACP")


def check_logging(bucket: Bucket, state: S3State, status: Mapping[str, Any]) -> dict[str, Any]:
    """Return the status. Raise an error if the target cannot receive the logs of this bucket."""
    enabled = status.get("LoggingEnabled")
    if enabled is None:
        return {}
    grants = enabled.get("TargetGrants", ())
    if any(grant.get("Permission") not in _PERMISSIONS for grant in grants):
        raise malformed_xml()
    target = state.bucket(partition_of(bucket.region), enabled["TargetBucket"])
    if target is None:
        raise _refused_target(enabled["TargetBucket"], "The target bucket for logging does not exist")
    if target.account != bucket.account:
        raise _refused_target(
            target.name, "The owner for the bucket to be logged and the target bucket must be the same."
        )
    if target.region != bucket.region:
        raise _other_region(bucket, target)
    if grants and object_ownership(target) == "BucketOwnerEnforced":
        raise ServiceError(
            "AccessControlListNotSupported", "Target grants not allowed for bucket owner enforced buckets", 400
        )
    return dict(status)


def _refused_target(name: str, message: str) -> ServiceError:
    return ServiceError("InvalidTargetBucketForLogging", message, 400, fields={"TargetBucket": name})


def _other_region(bucket: Bucket, target: Bucket) -> ServiceError:
    """Return the error, with the region of the bucket unless it is us-east-1. The code is spelled as S3 spells it."""
    fields = {"TargetBucketLocation": target.region}
    if bucket.region != "us-east-1":
        fields = {"SourceBucketLocation": bucket.region, **fields}
    return ServiceError(
        "CrossLocationLoggingProhibitted", "Cross S3 location logging not allowed. ", 403, fields=fields
    )
