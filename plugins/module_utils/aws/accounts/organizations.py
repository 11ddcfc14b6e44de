# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""AWS Organizations, one method per API call.

Organizations is a global service: the SDK finds its endpoint by the partition of the task's region. With
`endpoint_url`, it is called there, as all services are.
Source: https://docs.aws.amazon.com/organizations/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ...model.accounts.organization import OrganizationAccount, OrganizationalUnit, is_unit_id
from ...model.arn import Arn
from ...model.errors import Failure, FailureKind, OperationError
from ...model.tags import Tags, freeze_tags
from ..errors import translate_errors

if TYPE_CHECKING:
    from ..session import Clients

_ORGANIZATION = "the organization"
# The answer to both causes has the same code, and words that name neither.
_NOT_AN_ADMINISTRATOR = (
    "Organizations answers this call only to its management account and to the delegated administrators of its "
    "services. Run the task with credentials of one of these accounts that have this permission, or name the accounts "
    "in the option accounts."
)


class Organizations:
    """The organization of a run's session."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def list_accounts(self) -> Iterator[OrganizationAccount]:
        """ListAccounts, all pages of 20 accounts: also those that are closed."""
        for page in self._pages("ListAccounts", "list_accounts", _ORGANIZATION):
            yield from map(flatten_account, page.get("Accounts", ()))

    def list_accounts_for_parent(self, parent_id: str) -> Iterator[OrganizationAccount]:
        """ListAccountsForParent, all pages."""
        for page in self._pages("ListAccountsForParent", "list_accounts_for_parent", parent_id, ParentId=parent_id):
            yield from map(flatten_account, page.get("Accounts", ()))

    def list_roots(self) -> tuple[OrganizationalUnit, ...]:
        """ListRoots."""
        pages = self._pages("ListRoots", "list_roots", _ORGANIZATION)
        return tuple(OrganizationalUnit(root["Id"]) for page in pages for root in page.get("Roots", ()))

    def list_organizational_units_for_parent(self, parent_id: str) -> tuple[OrganizationalUnit, ...]:
        """ListOrganizationalUnitsForParent, all pages."""
        pages = self._pages(
            "ListOrganizationalUnitsForParent", "list_organizational_units_for_parent", parent_id, ParentId=parent_id
        )
        return tuple(
            OrganizationalUnit(unit["Id"], unit.get("Name", ""))
            for page in pages
            for unit in page.get("OrganizationalUnits", ())
        )

    def list_tags_for_resource(self, resource_id: str) -> Tags:
        """ListTagsForResource, all pages."""
        pages = self._pages("ListTagsForResource", "list_tags_for_resource", resource_id, ResourceId=resource_id)
        return freeze_tags({tag["Key"]: tag["Value"] for page in pages for tag in page.get("Tags", ())})

    def _pages(self, operation: str, method: str, resource: str, **request: str) -> Iterator[Mapping[str, Any]]:
        with _translate_errors(operation, resource):
            yield from self._clients.get("organizations").get_paginator(method).paginate(**request)


@contextmanager
def _translate_errors(operation: str, resource: str) -> Iterator[None]:
    """As for other services. A denial that names no policy is most often that of another account."""
    try:
        with translate_errors("organizations", operation, resource):
            yield
    except OperationError as error:
        raise OperationError(_explain(error.failure)) from error


def _explain(failure: Failure) -> Failure:
    if failure.kind is FailureKind.FORBIDDEN and not failure.layer:
        return failure.with_advice(_NOT_AN_ADMINISTRATOR)
    return failure


def flatten_account(found: Mapping[str, Any]) -> OrganizationAccount:
    """An Account of a response. Its ARN has the management account, and a path is o-ORGANIZATION/r-ROOT/ou-UNIT/...

    AWS replaces Status by State, which has more values. Only ACTIVE accounts can be used.
    Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_account_state.html
    """
    account_id: str = found["Id"]
    arn = Arn.try_parse(found.get("Arn", ""))
    state = found.get("State") or found.get("Status") or "ACTIVE"
    paths = found.get("Paths")
    return OrganizationAccount(
        account_id,
        found.get("Name", ""),
        found.get("Email", ""),
        is_active=state == "ACTIVE",
        is_management=arn is not None and arn.account == account_id,
        unit_ids=tuple(part for path in paths for part in path.split("/") if is_unit_id(part)) if paths else None,
    )
