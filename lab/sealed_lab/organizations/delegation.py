# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Trusted services, and member accounts that administer one of them."""

from __future__ import annotations

import re

from ..call import Call, Handler, Output
from .access import (
    constraint_violation,
    find_member,
    invalid_input,
    organizations_error,
    paginate,
    require_administrator,
    require_management,
)
from .accounts import account_fields

_SERVICE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com")


def enable_service(call: Call) -> Output:
    """Trust a service in all accounts of the organization."""
    require_management(call).services.setdefault(_service(call), call.now())
    return {}


def _service(call: Call) -> str:
    """Return the service of the request. The lab knows services by the form of their names."""
    name: str = call["ServicePrincipal"]
    if not _SERVICE.fullmatch(name):
        raise invalid_input("UNRECOGNIZED_SERVICE_PRINCIPAL", "You specified an unrecognized service principal.")
    return name


def disable_service(call: Call) -> Output:
    """Trust a service no longer."""
    require_management(call).services.pop(_service(call), None)
    return {}


def list_services(call: Call) -> Output:
    """List the trusted services."""
    services = require_administrator(call).services
    entries = [{"ServicePrincipal": name, "DateEnabled": services[name]} for name in sorted(services)]
    return paginate(call, entries, "EnabledServicePrincipals")


def register_administrator(call: Call) -> Output:
    """Register a member account as the administrator of a trusted service. It may list accounts and units then."""
    found, service = require_management(call), _service(call)
    member = find_member(call, found)
    if member.number == found.management:
        raise constraint_violation(
            "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR",
            "You cannot register master account/yourself as delegated administrator for your organization.",
        )
    if member.closed:
        raise constraint_violation(
            "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR",
            "You cannot register a suspended account as a delegated administrator.",
        )
    if service not in found.services:
        raise constraint_violation(
            "SERVICE_ACCESS_NOT_ENABLED",
            "You attempted to register a delegated administrator before you enabled service access. "
            "Call the EnableAWSServiceAccess API first.",
        )
    if service in member.delegations:
        raise organizations_error(
            "AccountAlreadyRegisteredException",
            "The provided account is already a delegated administrator for your organization.",
        )
    member.delegations[service] = call.now()
    return {}


def deregister_administrator(call: Call) -> Output:
    """Take the administration of a service from a member account."""
    member = find_member(call, require_management(call))
    if member.delegations.pop(_service(call), None) is None:
        raise _not_registered()
    return {}


def list_administrators(call: Call) -> Output:
    """List the delegated administrators, of one service or of all."""
    found, service = require_administrator(call), call.get("ServicePrincipal")
    entries = []
    for member in found.live_members(call.now()):
        if service in member.delegations or (service is None and member.delegations):
            fields = {name: value for name, value in account_fields(call, found, member).items() if name != "Paths"}
            entries.append({**fields, "DelegationEnabledDate": min(member.delegations.values())})
    return paginate(call, entries, "DelegatedAdministrators")


def list_services_of_account(call: Call) -> Output:
    """List the services that a member account administers."""
    delegations = find_member(call, require_administrator(call)).delegations
    if not delegations:
        raise _not_registered()
    entries = [{"ServicePrincipal": name, "DelegationEnabledDate": delegations[name]} for name in sorted(delegations)]
    return paginate(call, entries, "DelegatedServices")


def _not_registered() -> Exception:
    return organizations_error(
        "AccountNotRegisteredException",
        "The provided account is not a registered delegated administrator for your organization.",
    )


OPERATIONS: dict[str, Handler] = {
    "EnableAWSServiceAccess": enable_service,
    "DisableAWSServiceAccess": disable_service,
    "ListAWSServiceAccessForOrganization": list_services,
    "RegisterDelegatedAdministrator": register_administrator,
    "DeregisterDelegatedAdministrator": deregister_administrator,
    "ListDelegatedAdministrators": list_administrators,
    "ListDelegatedServicesForAccount": list_services_of_account,
}
