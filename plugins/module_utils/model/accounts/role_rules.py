# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What AWS accepts as an account, a role and the options of a role's session, checked before any call."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ..arn import Arn
from ..caller import Caller
from ..errors import invalid_input
from .account import ORGANIZATION_ROLE, SESSION_NAME, Account, AssumedRole

# Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
_SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
_EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII)
_SHORTEST_SESSION, _LONGEST_SESSION = 900, 43200
# A session that is opened by another session, in seconds.
# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining
_LONGEST_CHAINED_SESSION = 3600
# A path of up to 512 characters, and a name of up to 64.
# Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
_ROLE = re.compile(r"(?:[\x21-\x2e\x30-\x7e]+/)*[\w+=,.@-]{1,64}", re.ASCII)
_LONGEST_PATH = 512
_ACCOUNT_ID = re.compile(r"[0-9]{12}")


def require_account_id(place: str, account_id: str) -> None:
    """Raise OperationError unless the text is the ID of an account. `place` is the option, for the message."""
    if not _ACCOUNT_ID.fullmatch(account_id):
        raise invalid_input(
            f"{place}: {account_id!r} is not the ID of an account.",
            "It has 12 digits. Put it in quotes, because YAML reads some of them as other numbers.",
        )


def parse_role_arn(place: str, text: str) -> Arn:
    """The ARN of an IAM role; raises OperationError for anything else."""
    arn = Arn.try_parse(text)
    form = "A role has the ARN arn:aws:iam::ACCOUNT_ID:role/NAME, with the partition of its account instead of aws."
    if arn is not None and arn.service == "sts" and arn.resource_type == "assumed-role":
        raise invalid_input(f"{place}: {text!r} is the ARN of a session.", f"Name the role itself. {form}")
    if (
        arn is None
        or not arn.partition
        or (arn.service, arn.region, arn.resource_type) != ("iam", "", "role")
        or not _ACCOUNT_ID.fullmatch(arn.account)
        or not _is_role(arn.resource_id)
    ):
        raise invalid_input(f"{place}: {text!r} is not the ARN of an IAM role.", form)
    return arn


def require_role_name(place: str, name: str) -> None:
    """Raise OperationError unless the text is the name of a role, with its path if it has one (PATH/NAME)."""
    if name.startswith("arn:"):
        raise invalid_input(f"{place}: {name!r} is an ARN.", "Give the name of the role.")
    if not _is_role(name):
        raise invalid_input(
            f"{place}: {name!r} is not the name of a role.",
            "It has up to 64 letters, digits and characters of +=,.@-_ . A role with a path is named PATH/NAME.",
        )


def _is_role(text: str) -> bool:
    path = text.rpartition("/")[0]
    # IAM counts the slashes at both ends of the path.
    return _ROLE.fullmatch(text) is not None and len(path) + 2 <= _LONGEST_PATH


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """How the sessions of the roles are opened that lead to an account."""

    external_id: str | None = None
    session_name: str = SESSION_NAME
    duration_seconds: int | None = None

    def require_valid(self, place: str, roles: int = 1) -> None:
        """Raise OperationError for what STS refuses, for a chain of so many roles. `place` ends before the name of an
        option, as in `accounts[0].`."""
        if not _SESSION_NAME.fullmatch(self.session_name):
            raise invalid_input(
                f"{place}session_name: STS does not accept {self.session_name!r}.",
                "A session name has 2 to 64 letters of ASCII, digits and characters of +=,.@-_ .",
            )
        if self.external_id is not None and not _EXTERNAL_ID.fullmatch(self.external_id):
            raise invalid_input(
                f"{place}external_id: STS does not accept {self.external_id!r}.",
                "An external ID has 2 to 1224 letters of ASCII, digits and characters of +=,.@:/-_ . Leave it out if "
                "the trust policy of the role has no condition on sts:ExternalId.",
            )
        self._require_duration(place, roles)

    def _require_duration(self, place: str, roles: int) -> None:
        seconds = self.duration_seconds
        if seconds is None:
            return
        if not _SHORTEST_SESSION <= seconds <= _LONGEST_SESSION:
            raise invalid_input(
                f"{place}duration_seconds: {seconds} is out of bounds.",
                f"Give {_SHORTEST_SESSION} to {_LONGEST_SESSION}, and not more than the maximum session duration of "
                "the role.",
            )
        if roles > 1 and seconds > _LONGEST_CHAINED_SESSION:
            raise invalid_input(
                f"{place}duration_seconds: {seconds} is too long for a chain of {roles} roles.",
                f"AWS limits a session that another session opens to {_LONGEST_CHAINED_SESSION} seconds. The task "
                "renews its sessions itself, however long it takes.",
            )

    def assume(self, arn: Arn) -> AssumedRole:
        """A role whose session is opened with these options."""
        return AssumedRole(arn, self.external_id, self.session_name, self.duration_seconds)


@dataclass(frozen=True, slots=True)
class RoleInAccount:
    """A role that is named without an account, because each account has one of this name (PATH/NAME with a path)."""

    name: str = ORGANIZATION_ROLE
    session: SessionOptions = SessionOptions()

    def enter(self, account: Account, caller: Caller) -> Account:
        """The account, entered by its role of this name. The account of the caller is entered without a role."""
        if account.account_id == caller.account:
            return account.with_own_credentials()
        arn = Arn(caller.partition, "iam", "", account.account_id, f"role/{self.name}")
        return replace(account, roles=(self.session.assume(arn),))
