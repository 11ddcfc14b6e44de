# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What a run for one key works with, and what it did. A task has one such run for each account and region."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...aws.keys.kms import Kms
from ...engine.keys.waiters import Waiter

if TYPE_CHECKING:
    from ...aws.session import Clients
    from ...engine.clock import Clock
    from ...engine.keys.kms_key import CallerIdentity
    from ...model.keys.key_state import KeyState
    from ...model.outcome import Outcome
    from ..result import Result


@dataclass(frozen=True)
class KeyPlace:
    """One region of one account: `clients` have its credentials, and its region as theirs."""

    clients: Clients
    identity: CallerIdentity
    clock: Clock
    check_mode: bool

    @property
    def region(self) -> str:
        """The region of the key; raises OperationError if the task has none."""
        return self.clients.region

    @property
    def kms(self) -> Kms:
        """The KMS of this place."""
        return Kms(self.clients)

    @property
    def waiter(self) -> Waiter:
        """The waits of the run."""
        return Waiter(self.clock)


@dataclass(frozen=True)
class KeyRun:
    """What a run did with one key. `key` is as the module returns it, and `before` and `after` are for the diff."""

    outcome: Outcome[KeyState, Any]
    key: Result | None
    before: Result | None
    after: Result | None
