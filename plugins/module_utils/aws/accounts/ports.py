# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The API calls about the account of the credentials, as the engine uses them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Protocol

from ...model.caller import Caller

if TYPE_CHECKING:
    from ...model.accounts.organization import OrganizationAccount, OrganizationalUnit
    from ...model.iam.iam_role import IamRole, SimulatedAction
    from ...model.tags import Tags


class CallerIdentityPort(Protocol):
    """The identity of the credentials."""

    def get_caller_identity(self) -> Caller:
        """The account and the principal of the credentials. The call needs no permission."""


class RolePort(Protocol):
    """The roles of the account of the credentials."""

    def get_role(self, name: str) -> IamRole:
        """GetRole. `name` is without a path. Raises OperationError of the kind ABSENT if there is no such role."""

    def simulate_principal_policy(
        self, role_arn: str, actions: tuple[str, ...], resources: tuple[str, ...], context: Mapping[str, str]
    ) -> tuple[SimulatedAction, ...]:
        """SimulatePrincipalPolicy, all pages: what the role's policies say about each action on each resource.

        `context` has the values of condition keys. The simulator does not read the policies of buckets and keys.
        """


class OrganizationPort(Protocol):
    """The organization of the account of the credentials. Each method raises OperationError if the call fails."""

    def list_accounts(self) -> Iterator[OrganizationAccount]:
        """ListAccounts, all pages: also accounts that are closed."""

    def list_accounts_for_parent(self, parent_id: str) -> Iterator[OrganizationAccount]:
        """ListAccountsForParent, all pages: the accounts that are directly in a root or unit."""

    def list_roots(self) -> tuple[OrganizationalUnit, ...]:
        """ListRoots."""

    def list_organizational_units_for_parent(self, parent_id: str) -> tuple[OrganizationalUnit, ...]:
        """ListOrganizationalUnitsForParent, all pages. Raises OperationError of the kind ABSENT for no such parent."""

    def list_tags_for_resource(self, resource_id: str) -> Tags:
        """ListTagsForResource, all pages. Raises OperationError of the kind ABSENT for an unknown resource."""
