# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What a refusal of AssumeRole means: STS answers most of them with the same sentence.

Sources: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
and https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_roles.html
"""

from __future__ import annotations

import re
from dataclasses import replace

from ...model.accounts.account import AssumedRole
from ...model.arn import Arn
from ...model.errors import Failure, FailureKind

_PRINCIPAL = re.compile(r"User: (?P<arn>arn:\S+) is not authorized")
_ROOT = "may not be assumed by root"
_ROLE_MAXIMUM = "MaxSessionDuration"
_CHAIN_MAXIMUM = "role chaining"


def explain_assume_role(failure: Failure, role: AssumedRole) -> Failure:
    """The failure of AssumeRole, with the advice for what it is or may be."""
    if failure.kind is FailureKind.FORBIDDEN:
        return failure if failure.layer else failure.with_advice(_of_denial(failure.message, role))
    if failure.code == "RegionDisabledException":
        advice = (
            f"STS is not active in the region of the task for the account {role.account_id}: set region to one that is "
            "enabled there, or have its administrator activate STS in this region."
        )
        return replace(failure, kind=FailureKind.INVALID, advice=advice)
    if failure.code == "ValidationError":
        return replace(failure, kind=FailureKind.INVALID, advice=_of_validation(failure.message))
    return failure


def _of_denial(message: str, role: AssumedRole) -> str:
    if _ROOT in message:
        return "Use the credentials of a user or of a role: AWS does not let a root user assume a role."
    principal = _principal(message)
    external_id = (
        "with the external id that the task sends"
        if role.external_id is not None
        else "without a condition on sts:ExternalId, since the task sets no external_id"
    )
    return (
        "STS does not report the cause. The role has to exist, in an account that is not closed; its trust policy "
        f"has to allow sts:AssumeRole to {principal}, {external_id}; and a policy of these credentials has to allow "
        "sts:AssumeRole on the role."
    )


def _principal(message: str) -> str:
    """Whom a trust policy has to allow. For the session of a role, that is the role, whose ARN has a path that the ARN
    of the session leaves out.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
    """
    found = _PRINCIPAL.search(message)
    arn = found and Arn.try_parse(found["arn"])
    if not arn:
        return "the principal of these credentials"
    if (arn.service, arn.resource_type) != ("sts", "assumed-role"):
        return str(arn)
    return f"the role {arn.resource_id.partition('/')[0]} of the account {arn.account}"


def _of_validation(message: str) -> str:
    if _CHAIN_MAXIMUM in message:
        return (
            "Set duration_seconds to at most 3600, or leave it out: the session of a role that another role's session "
            "opens lasts at most one hour."
        )
    if _ROLE_MAXIMUM in message:
        return "Lower duration_seconds, or leave it out, or have the role's maximum session duration raised."
    return "Check role_arn, external_id, session_name and duration_seconds."
