# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The public access block of the account."""

from __future__ import annotations

from ..call import Call, Handler, Output
from ..errors import ServiceError
from ..identity.authorization import Context
from ..s3.public_access import complete_block


def require_own_account(call: Call, action: str, resource: str = "*", context: Context | None = None) -> None:
    """Raise AccessDenied unless the account id of the request is the caller's and the caller may do ``s3:action``."""
    if call.get("AccountId") != call.account:
        raise ServiceError("AccessDenied", "Access Denied", 403)
    call.lab.authorizer.require(call.caller, f"s3:{action}", resource, call.account, context)


def put_public_access_block(call: Call) -> Output:
    """Replace all four settings. A setting that the request omits is false."""
    require_own_account(call, "PutAccountPublicAccessBlock")
    call.lab.state.control.public_access[call.account] = complete_block(call["PublicAccessBlockConfiguration"])
    return {}


def get_public_access_block(call: Call) -> Output:
    """Return the block. Raise NoSuchPublicAccessBlockConfiguration if there is none."""
    require_own_account(call, "GetAccountPublicAccessBlock")
    block = call.lab.state.control.public_access.get(call.account)
    if block is None:
        raise ServiceError(
            "NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found", 404,
            fields={"AccountId": call.account},
        )  # fmt: skip
    return {"PublicAccessBlockConfiguration": block}


def delete_public_access_block(call: Call) -> Output:
    """Delete the block."""
    require_own_account(call, "PutAccountPublicAccessBlock")
    call.lab.state.control.public_access.pop(call.account, None)
    call.status = 204
    return {}


OPERATIONS: dict[str, Handler] = {
    "PutPublicAccessBlock": put_public_access_block,
    "GetPublicAccessBlock": get_public_access_block,
    "DeletePublicAccessBlock": delete_public_access_block,
}
