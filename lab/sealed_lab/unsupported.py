# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Parameters that the service models have but the lab does not support. They are answered with 501.

``IGNORED`` are the parameters that have no visible effect in the lab. ``known_parameters.json`` has all parameters of
the botocore with which the lab was tested. Those that a newer botocore adds are refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from .errors import not_implemented

_EVENT_HOLD = ("ObjectLockEventHold", "ObjectLockEventHoldDurationDays", "ObjectLockEventHoldDurationYears")

UNSUPPORTED: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("s3", "CreateBucket"): ("BucketNamespace",),
    ("s3", "PutBucketVersioning"): ("MFA",),
    ("s3", "PutObjectLockConfiguration"): ("Token",),
    ("s3", "PutBucketReplication"): ("Token",),
    ("s3", "PutObject"): _EVENT_HOLD,
    ("s3", "CopyObject"): _EVENT_HOLD,
    ("s3", "CreateMultipartUpload"): _EVENT_HOLD,
    ("s3", "AbortMultipartUpload"): ("IfMatchInitiatedTime",),
    ("s3", "DeleteObject"): ("MFA",),
    ("s3", "DeleteObjects"): ("MFA",),
    ("s3control", "CreateAccessPoint"): ("Scope",),
    ("s3control", "ListAccessPoints"): ("DataSourceId", "DataSourceType"),
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
    ("sts", "GetFederationToken"): ("Tags", "MinimumSessionTokenSize"),
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
        "RequestPayer",  # read from the header or the parameter of the request
        "GrantTokens",  # grants are effective immediately
        "OptionalObjectAttributes",  # RestoreStatus: the lab restores nothing
        "ConfirmRemoveSelfBucketAccess",
        "ContentMD5",  # verified with the body
        "IamUserAccessToBilling",  # the lab has no billing
        "Notes",  # of an invitation: the lab sends no emails
    }
)


@cache
def _known_parameters() -> dict[tuple[str, str], frozenset[str]]:
    services = json.loads(Path(__file__).with_name("known_parameters.json").read_text())["services"]
    return {(service, name): frozenset(services[service][name]) for service in services for name in services[service]}


def refuse_unsupported(service: str, operation: str, params: Mapping[str, Any]) -> None:
    """Raise the 501 error for a parameter that the lab would otherwise ignore."""
    unsupported = [name for name in UNSUPPORTED.get((service, operation), ()) if params.get(name)]
    unknown = params.keys() - _known_parameters().get((service, operation), frozenset())
    refused = [*unsupported, *sorted(unknown)]
    if refused:
        raise not_implemented(f"the parameter {refused[0]} of {operation}")
