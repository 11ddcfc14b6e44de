# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The identity of the caller, requested once in a run that opens many objects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...once_per_key import OncePerKey

if TYPE_CHECKING:
    from ....aws.accounts.ports import CallerIdentityPort
    from ....model.caller import Caller


@dataclass(frozen=True)
class SharedIdentity:
    """The identity, or the failure, of the first request. Safe for threads."""

    requested: OncePerKey[str, Caller]

    @classmethod
    def of(cls, identity: CallerIdentityPort) -> SharedIdentity:
        """The identity that this port requests."""
        return cls(OncePerKey(lambda _key: identity.get_caller_identity()))

    def get_caller_identity(self) -> Caller:
        """The account and principal of the credentials. Raises OperationError."""
        return self.requested.get("")
