# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""An organization of AWS Organizations: its accounts, its organizational units, and a selection of accounts by them.

Sources: https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html
and https://docs.aws.amazon.com/organizations/latest/APIReference/API_OrganizationalUnit.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

from ..tags import Tags
from .account import Account

# The ID of a root or of an organizational unit.
_UNIT_ID = re.compile(r"r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}")


def is_unit_id(text: str) -> bool:
    """Whether a text is the ID of a root or of an organizational unit, and not a path of names."""
    return _UNIT_ID.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class OrganizationAccount:
    """An account as Organizations lists it.

    `is_active` is false for an account that is closed, suspended or not yet usable. `unit_ids` are the root and the
    organizational units that it is in, from the top; None if the SDK or the service does not report them.
    """

    account_id: str
    name: str
    email: str = ""
    is_active: bool = True
    is_management: bool = False
    unit_ids: tuple[str, ...] | None = None

    def matches(self, patterns: tuple[str, ...]) -> bool:
        """Whether the id or the name matches one of these shell patterns."""
        return Account(self.account_id, self.name).matches(patterns)


@dataclass(frozen=True, slots=True)
class OrganizationalUnit:
    """An organizational unit, or a root (whose name is not part of any path)."""

    unit_id: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class OrganizationSelection:
    """The accounts in one of `units` or below it (empty: in any), with all of `tags`, and none of `exclude`.

    A unit is an ID, or a path of names from below the root, such as `Workloads/Prod`, in which each name may be a shell
    pattern. `exclude` are shell patterns of ids and names.
    """

    units: tuple[str, ...] = ()
    tags: Tags = ()
    exclude: tuple[str, ...] = ()

    @property
    def paths(self) -> tuple[tuple[str, ...], ...]:
        """The units that are named by a path, as the names of each path."""
        return tuple(tuple(unit.strip("/").split("/")) for unit in self.units if not is_unit_id(unit))

    @property
    def unit_ids(self) -> tuple[str, ...]:
        """The units that are named by their ID."""
        return tuple(filter(is_unit_id, self.units))


def matches_name(unit: OrganizationalUnit, pattern: str) -> bool:
    """Whether the name of a unit matches a shell pattern. AWS distinguishes names by upper and lower case."""
    return fnmatchcase(unit.name, pattern)
