# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""GetFederationToken: a session with a name of its own, and with what its user and its session policies allow.

https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
"""

from __future__ import annotations

from ..call import Call, Output
from ..policy_language import Policy, PolicyKind, Principal, PrincipalKind
from .credentials import ROOT_LIMIT, USER_DEFAULT, credential_fields, issue_credential, require_long_term
from .records import Session
from .session_policies import packed_policy_size, read_session_policies

# Without a session policy, a federated user may do only what policies of resources allow it.
_NOTHING = Policy(PolicyKind.IDENTITY, "2012-10-17", "", ())


def get_federation_token(call: Call) -> Output:
    """Return temporary credentials of a federated user. They can call neither IAM nor STS."""
    require_long_term(call)
    name = call["Name"]
    arn = f"arn:{call.partition}:sts::{call.account}:federated-user/{name}"
    call.lab.authorizer.require(call.caller, "sts:GetFederationToken", arn, call.account)
    issuer = call.caller.principal
    if issuer.kind is PrincipalKind.ROOT:
        duration = min(call.get("DurationSeconds", ROOT_LIMIT), ROOT_LIMIT)
    else:
        duration = call.get("DurationSeconds", USER_DEFAULT)
    account = call.lab.state.directory.account(call.account, call.partition)
    policies = read_session_policies(call, account) or (_NOTHING,)
    user_id = f"{call.account}:{name}"
    context = {"aws:tokenissuetime": [str(int(call.now()))], "aws:userid": [user_id]}
    session = Session(policies=policies, context=context, basic=True, issuer=issuer)
    principal = Principal(arn, call.account, PrincipalKind.FEDERATED)
    size = packed_policy_size(call) or 0
    credential = issue_credential(call, principal, duration, session)
    return {
        "Credentials": credential_fields(credential),
        "FederatedUser": {"FederatedUserId": user_id, "Arn": arn},
        "PackedPolicySize": size,
    }
