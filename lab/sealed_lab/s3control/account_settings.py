# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The account's own public access block."""

from __future__ import annotations

from ..call import Call, Handler, Output
from ..errors import ServiceError


def own_account(call: Call, action: str, resource: str = "*") -> None:
    """The account id of the request is the caller's, and the caller may do ``s3:action``."""
    if call.get("AccountId") != call.account:
        raise ServiceError("AccessDenied", "Access Denied", 403)
    call.lab.authorizer.require(call.caller, f"s3:{action}", resource, call.account)


def put_public_access_block(call: Call) -> Output:
    """Set all four; what is not given is false."""
    own_account(call, "PutAccountPublicAccessBlock")
    names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    given = call["PublicAccessBlockConfiguration"]
    call.lab.world.control.public_access[call.account] = {name: bool(given.get(name, False)) for name in names}
    return {}


def get_public_access_block(call: Call) -> Output:
    """The block, or NoSuchPublicAccessBlockConfiguration."""
    own_account(call, "GetAccountPublicAccessBlock")
    found = call.lab.world.control.public_access.get(call.account)
    if found is None:
        raise ServiceError(
            "NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found", 404
        )
    return {"PublicAccessBlockConfiguration": found}


def delete_public_access_block(call: Call) -> Output:
    """Remove it."""
    own_account(call, "PutAccountPublicAccessBlock")
    call.lab.world.control.public_access.pop(call.account, None)
    return {}


OPERATIONS: dict[str, Handler] = {
    "PutPublicAccessBlock": put_public_access_block,
    "GetPublicAccessBlock": get_public_access_block,
    "DeletePublicAccessBlock": delete_public_access_block,
}
