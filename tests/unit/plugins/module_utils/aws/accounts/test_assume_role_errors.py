# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What the refusals of AssumeRole mean, for those that the lab does not answer."""

from __future__ import annotations

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.aws.accounts.assume_role_errors import explain_assume_role
from ansible_collections.sealed.s3.plugins.module_utils.aws.service_errors import from_client_error
from ansible_collections.sealed.s3.plugins.module_utils.model.accounts.account import AssumedRole
from ansible_collections.sealed.s3.plugins.module_utils.model.arn import Arn
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind

botocore_exceptions = pytest.importorskip("botocore.exceptions")

ROLE = "arn:aws:iam::222222222222:role/fleet"
DENIED = f"User: arn:aws:iam::111111111111:user/zoe is not authorized to perform: sts:AssumeRole on resource: {ROLE}"


def explained(code: str, message: str, status: int = 403) -> Failure:
    """The failure of an answer of STS."""
    response = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    error = botocore_exceptions.ClientError(response, "AssumeRole")
    return explain_assume_role(from_client_error(error, "sts", "AssumeRole", ROLE), AssumedRole(Arn.parse(ROLE)))


@pytest.mark.parametrize(
    ("code", "message", "kind", "advice"),
    [
        ("AccessDenied", DENIED, FailureKind.FORBIDDEN, "STS does not report the cause."),
        ("AccessDenied", DENIED, FailureKind.FORBIDDEN, "sts:AssumeRole to arn:aws:iam::111111111111:user/zoe, "),
        (
            "AccessDenied",
            DENIED.replace("iam::111111111111:user/zoe", "sts::111111111111:assumed-role/hub/pipeline"),
            FailureKind.FORBIDDEN,
            "sts:AssumeRole to the role hub of the account 111111111111, ",
        ),
        ("AccessDenied", "Denied.", FailureKind.FORBIDDEN, "sts:AssumeRole to the principal of these credentials"),
        (
            "AccessDenied",
            f"{DENIED} with an explicit deny in a service control policy",
            FailureKind.FORBIDDEN,
            "A service control policy of the organization denies it",
        ),
        (
            "AccessDenied",
            f"{DENIED} because no identity-based policy allows the sts:AssumeRole action",
            FailureKind.FORBIDDEN,
            "Ask for that permission",
        ),
        (
            "AccessDenied",
            "Roles may not be assumed by root accounts.",
            FailureKind.FORBIDDEN,
            "AWS does not let a root user assume a role",
        ),
        (
            "RegionDisabledException",
            "STS is not activated in this region for account:222222222222.",
            FailureKind.INVALID,
            "set region to one that is enabled there",
        ),
        (
            "ValidationError",
            "1 validation error detected: Value at 'externalId' failed to satisfy constraint",
            FailureKind.INVALID,
            "Check role_arn, external_id, session_name and duration_seconds.",
        ),
        ("ExpiredToken", "The security token included in the request is expired", FailureKind.CREDENTIALS, "Get new"),
        ("Throttling", "Rate exceeded", FailureKind.THROTTLED, "Run the task again later"),
    ],
)
def test_the_advice(code: str, message: str, kind: FailureKind, advice: str) -> None:
    """It names what to change, and where."""
    failure = explained(code, message)
    assert failure.kind is kind
    assert advice in failure.advice
