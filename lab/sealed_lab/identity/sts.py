# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""AWS Security Token Service."""

from __future__ import annotations

from ..call import Call, Handler, Output
from ..policy_language import PrincipalKind
from .assume_role import assume_role
from .credentials import ROOT_LIMIT, USER_DEFAULT, credential_fields, issue_credential, require_long_term
from .federation import get_federation_token
from .records import Session


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
    require_long_term(call)
    if call.caller.principal.kind is PrincipalKind.ROOT:
        duration = min(call.get("DurationSeconds", ROOT_LIMIT), ROOT_LIMIT)
    else:
        duration = call.get("DurationSeconds", USER_DEFAULT)
    context = {"aws:tokenissuetime": [str(int(call.now()))]}
    credential = issue_credential(call, call.caller.principal, duration, Session(context=context, basic=True))
    return {"Credentials": credential_fields(credential)}


OPERATIONS: dict[str, Handler] = {
    "GetCallerIdentity": get_caller_identity,
    "AssumeRole": assume_role,
    "GetSessionToken": get_session_token,
    "GetFederationToken": get_federation_token,
}
