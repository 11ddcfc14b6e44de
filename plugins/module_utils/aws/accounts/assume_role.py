# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""AssumeRole of STS: the session of a role.

Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from ...model.accounts.account import AssumedRole
from ...model.arn import Arn
from ...model.errors import OperationError
from ..errors import translate_errors
from ..session import Clients
from .assume_role_errors import explain_assume_role

# How long a session is valid if the request does not say it.
DEFAULT_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class RoleSession:
    """A session of a role: whose it is, its credentials, and when they expire. Its repr omits the credentials."""

    principal: Arn
    expires: datetime
    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    token: str = field(repr=False)


def assume_role(clients: Clients, role: AssumedRole, policy: str) -> RoleSession:
    """AssumeRole. The session may do what both the role and `policy`, its session policy, allow."""
    request: dict[str, object] = {"RoleArn": str(role.arn), "RoleSessionName": role.session_name, "Policy": policy}
    if role.external_id is not None:
        request["ExternalId"] = role.external_id
    if role.duration_seconds is not None:
        request["DurationSeconds"] = role.duration_seconds
    try:
        with translate_errors("sts", "AssumeRole", str(role.arn)):
            answer = clients.get("sts").assume_role(**request)
    except OperationError as error:
        raise OperationError(explain_assume_role(error.failure, role)) from error
    found = answer["Credentials"]
    return RoleSession(
        Arn.parse(answer["AssumedRoleUser"]["Arn"]),
        found["Expiration"],
        found["AccessKeyId"],
        found["SecretAccessKey"],
        found["SessionToken"],
    )
