# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The accounts of an organization: created, listed, moved and closed."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from typing import Any

from ..call import Call, Handler, Output
from ..identity.organizations import AccountRequest, Member, Organization, random_name
from ..identity.records import NamedPolicy, Role, unique_id
from ..policy_language import PolicyKind, parse_policy
from .access import (
    check_parent,
    constraint_violation,
    find_member,
    organizations_error,
    paginate,
    read_tags,
    require_administrator,
    require_management,
)

_ROLE = "OrganizationAccountAccessRole"


def create_account(call: Call) -> Output:
    """Start to create an account. The response has no account id yet: DescribeCreateAccountStatus returns it.

    An email address that another account of the lab has makes the request fail afterwards.
    """
    found, tags = require_management(call), read_tags(call.get("Tags"))
    request = AccountRequest(f"car-{random_name(32)}", call["AccountName"], call.now())
    found.requests[request.request_id] = request
    everywhere = call.lab.state.directory.organizations.organizations.values()
    if any(each.email == call["Email"] for one in everywhere for each in one.members.values()):
        request.failure = "EMAIL_ALREADY_EXISTS"
    else:
        request.account = _new_account(call, found, tags)
    return {"CreateAccountStatus": {**_request_fields(request), "State": "IN_PROGRESS"}}


def _new_account(call: Call, found: Organization, tags: dict[str, str]) -> str:
    directory = call.lab.state.directory
    number = next(
        each for each in iter(lambda: f"{secrets.randbelow(9 * 10**11) + 10**11}", "") if each not in directory.accounts
    )
    account = directory.account(number, call.partition)
    role = _access_role(call, found, call.get("RoleName", _ROLE), number)
    account.roles[role.name] = role
    found.members[number] = Member(number, call["AccountName"], call["Email"], found.root, call.now(), tags=tags)
    return number


def _access_role(call: Call, found: Organization, name: str, number: str) -> Role:
    """Return the role that gives the management account access to a new account.

    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_access.html
    """
    root = f"arn:{call.partition}:iam::{found.management}:root"
    trust = _document(PolicyKind.TRUST, Effect="Allow", Principal={"AWS": root}, Action="sts:AssumeRole")
    role = Role(name, "/", f"arn:{call.partition}:iam::{number}:role/{name}", unique_id("AROA"), call.now(), trust)
    administrator = _document(PolicyKind.IDENTITY, Effect="Allow", Action="*", Resource="*")
    role.inline["AdministratorAccess"] = administrator
    return role


def _document(kind: PolicyKind, **statement: Any) -> NamedPolicy:
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return NamedPolicy("AdministratorAccess", text, parse_policy(text, kind))


def _request_fields(request: AccountRequest) -> dict[str, Any]:
    return {"Id": request.request_id, "AccountName": request.name, "RequestedTimestamp": request.requested}


def _result_fields(request: AccountRequest) -> dict[str, Any]:
    fields = {**_request_fields(request), "CompletedTimestamp": request.requested}
    if request.failure:
        return {**fields, "State": "FAILED", "FailureReason": request.failure}
    return {**fields, "State": "SUCCEEDED", "AccountId": request.account}


def describe_create_account_status(call: Call) -> Output:
    """Return the result of CreateAccount."""
    request = require_administrator(call).requests.get(call["CreateAccountRequestId"])
    if request is None:
        raise organizations_error(
            "CreateAccountStatusNotFoundException", "You specified a create account request that doesn't exist."
        )
    return {"CreateAccountStatus": _result_fields(request)}


def list_create_account_status(call: Call) -> Output:
    """List the results of CreateAccount."""
    requests = [_result_fields(each) for each in require_administrator(call).requests.values()]
    states = call.get("States")
    return paginate(call, [each for each in requests if not states or each["State"] in states], "CreateAccountStatuses")


def account_fields(call: Call, found: Organization, member: Member) -> dict[str, Any]:
    """Return an account as the API shows it. Status, which is older than State, has three values."""
    state = member.state(call.now(), call.lab.state.directory.account(member.number, found.partition).state)
    status = state if state in ("ACTIVE", "PENDING_CLOSURE") else "SUSPENDED"
    return {
        "Id": member.number,
        "Arn": found.arn("account", member.number),
        "Email": member.email,
        "Name": member.name,
        "Status": status,
        "State": state,
        "Paths": [f"{found.path(member.parent)}{member.number}/"],
        "JoinedMethod": member.method,
        "JoinedTimestamp": member.joined,
    }


def describe_account(call: Call) -> Output:
    """Return one account."""
    found = require_administrator(call)
    return {"Account": account_fields(call, found, find_member(call, found))}


def list_accounts(call: Call) -> Output:
    """List all accounts, also those that are closed."""
    found = require_administrator(call)
    return _account_page(call, found, found.live_members(call.now()))


def list_accounts_for_parent(call: Call) -> Output:
    """List the accounts that are directly in a root or unit."""
    found, parent = require_administrator(call), call["ParentId"]
    check_parent(found, parent)
    return _account_page(call, found, (each for each in found.live_members(call.now()) if each.parent == parent))


def _account_page(call: Call, found: Organization, members: Iterable[Member]) -> Output:
    return paginate(call, [account_fields(call, found, each) for each in members], "Accounts")


def move_account(call: Call) -> Output:
    """Move an account to another root or unit."""
    found = require_management(call)
    member = find_member(call, found)
    source, destination = call["SourceParentId"], call["DestinationParentId"]
    check_parent(found, source, "SourceParentNotFoundException")
    check_parent(found, destination, "DestinationParentNotFoundException")
    if member.parent == destination:
        raise organizations_error(
            "DuplicateAccountException", "That account is already present in the specified destination."
        )
    if member.parent != source:
        raise organizations_error("SourceParentNotFoundException", "You specified parent that doesn't exist.")
    member.parent = destination
    return {}


def close_account(call: Call) -> Output:
    """Close an account. It is PENDING_CLOSURE for a minute, and CLOSED for 90 days after that."""
    found = require_management(call)
    member = find_member(call, found)
    if member.number == found.management:
        raise constraint_violation("CANNOT_CLOSE_MANAGEMENT_ACCOUNT", "You attempted to close the management account.")
    if member.closed:
        raise organizations_error("AccountAlreadyClosedException", "The provided account is already closed.")
    member.closed = call.now()
    return {}


def remove_account(call: Call) -> Output:
    """Remove an account from the organization. It stays an account."""
    found = require_management(call)
    member = find_member(call, found)
    if member.number == found.management:
        raise organizations_error(
            "MasterCannotLeaveOrganizationException",
            "You can't remove a management account from an organization.",
        )
    if member.delegations:
        raise constraint_violation(
            "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG",
            "You attempted to remove an account that is registered as a delegated administrator.",
        )
    del found.members[member.number]
    return {}


OPERATIONS: dict[str, Handler] = {
    "CreateAccount": create_account,
    "DescribeCreateAccountStatus": describe_create_account_status,
    "ListCreateAccountStatus": list_create_account_status,
    "DescribeAccount": describe_account,
    "ListAccounts": list_accounts,
    "ListAccountsForParent": list_accounts_for_parent,
    "MoveAccount": move_account,
    "CloseAccount": close_account,
    "RemoveAccountFromOrganization": remove_account,
}
