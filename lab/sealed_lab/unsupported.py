# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Parameters that the service models have but the lab does not support. They are answered with 501.

``IGNORED`` are the parameters that have no visible effect in the lab.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .errors import not_implemented

_GRANTS = ("GrantFullControl", "GrantRead", "GrantReadACP", "GrantWrite", "GrantWriteACP")
_EVENT_HOLD = ("ObjectLockEventHold", "ObjectLockEventHoldDurationDays", "ObjectLockEventHoldDurationYears")

UNSUPPORTED: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("s3", "CreateBucket"): (*_GRANTS, "BucketNamespace"),
    ("s3", "PutBucketVersioning"): ("MFA",),
    ("s3", "PutObjectLockConfiguration"): ("Token",),
    ("s3", "PutBucketReplication"): ("Token",),
    ("s3", "PutObject"): _EVENT_HOLD,
    ("s3", "PostObject"): _EVENT_HOLD,
    ("s3", "CopyObject"): _EVENT_HOLD,
    ("s3", "CreateMultipartUpload"): _EVENT_HOLD,
    ("s3", "AbortMultipartUpload"): ("IfMatchInitiatedTime",),
    ("s3", "DeleteObject"): ("MFA",),
    ("s3", "DeleteObjects"): ("MFA",),
    ("kms", "ListKeys"): ("ResourceOwners",),
    ("kms", "Decrypt"): ("DryRunModifiers",),
    ("kms", "ReEncrypt"): ("DryRunModifiers",),
    ("sts", "AssumeRole"): (
        "SerialNumber",
        "TokenCode",
        "ProvidedContexts",
        "MinimumSessionTokenSize",
    ),
    ("sts", "GetSessionToken"): ("SerialNumber", "TokenCode", "MinimumSessionTokenSize"),
    ("iam", "CreateUser"): ("PermissionsBoundary",),
    ("iam", "CreateRole"): ("PermissionsBoundary",),
    ("iam", "ListPolicies"): ("OnlyAttached", "PolicyUsageFilter"),
    ("iam", "SimulateCustomPolicy"): (
        "PermissionsBoundaryPolicyInputList",
        "OrderedOrganizationPolicyInputList",
        "ResourceHandlingOption",
    ),
    ("iam", "SimulatePrincipalPolicy"): (
        "PermissionsBoundaryPolicyInputList",
        "PolicyExclusionList",
        "ResourceHandlingOption",
    ),
    ("cloudtrail", "LookupEvents"): ("EventCategory",),
    ("resourcegroupstaggingapi", "GetResources"): (
        "TagsPerPage",
        "IncludeComplianceDetails",
        "ExcludeCompliantResources",
    ),
}

IGNORED = frozenset(
    {
        "RequestPayer",  # the lab has no billing
        "GrantTokens",  # grants are effective immediately
        "OptionalObjectAttributes",  # RestoreStatus: the lab restores nothing
        "ConfirmRemoveSelfBucketAccess",
        "SkipDestinationValidation",
        "ContentMD5",  # verified with the body
        "IamUserAccessToBilling",  # the lab has no billing
        "Notes",  # of an invitation: the lab sends no emails
    }
)


def refuse_unsupported(service: str, operation: str, params: Mapping[str, Any]) -> None:
    """Raise the 501 error for a parameter that the lab would otherwise ignore."""
    for name in UNSUPPORTED.get((service, operation), ()):
        if params.get(name):
            raise not_implemented(f"the parameter {name} of {operation}")
