# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""AWS Security Token Service."""

from __future__ import annotations

from ..call import Call, Handler, Output
from ..errors import ServiceError
from ..policy_language import PrincipalKind
from .assume_role import assume_role
from .credentials import credential_fields, issue_credential
from .records import Session

_ROOT_LIMIT = 3600
_USER_DEFAULT = 43200


def get_caller_identity(call: Call) -> Output:
    """Return the identity of the signer. It needs no permission."""
    principal = call.caller.principal
    user_id = principal.unique_id or principal.account
    return {"UserId": user_id, "Account": principal.account, "Arn": principal.arn}


def get_session_token(call: Call) -> Output:
    """Return temporary credentials of a user. Those of the root user end after one hour at most.

    They cannot call IAM, because the lab has no MFA.
    https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
    """
    if call.caller.temporary:
        raise ServiceError("AccessDenied", "Cannot call GetSessionToken with session credentials", 403)
    if call.caller.principal.kind is PrincipalKind.ROOT:
        duration = min(call.get("DurationSeconds", _ROOT_LIMIT), _ROOT_LIMIT)
    else:
        duration = call.get("DurationSeconds", _USER_DEFAULT)
    context = {"aws:tokenissuetime": [str(int(call.now()))]}
    credential = issue_credential(call, call.caller.principal, duration, Session(context=context, basic=True))
    return {"Credentials": credential_fields(credential)}


OPERATIONS: dict[str, Handler] = {
    "GetCallerIdentity": get_caller_identity,
    "AssumeRole": assume_role,
    "GetSessionToken": get_session_token,
}
