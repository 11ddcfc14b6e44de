# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The result of one run for one resource."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic

from .plan import ContextT, NotThereYet, StateT

if TYPE_CHECKING:
    from .errors import Failure
    from .operations import Operations


@dataclass(frozen=True, slots=True)
class Outcome(Generic[StateT, ContextT]):
    """The result of one run for one resource, with everything that a module returns about it.

    `planned` is the state after the plan, which is the same in a check run and in the real run; a diff shows it.
    `after` is the state that was read back, or `planned` if nothing was written. `actions` are the AWS operations that
    were (in a check run: would be) carried out. `changed` is true if anything was (would be) written, also if `failure`
    is set. `context` is what the plan read and its steps returned; None if there is no plan. `not_there_yet` is set in
    a check run only, and names what the real run needs and what does not exist yet.
    """

    before: StateT | None = None
    planned: StateT | None = None
    after: StateT | None = None
    actions: Operations = ()
    changed: bool = False
    failure: Failure | None = None
    warnings: tuple[str, ...] = ()
    context: ContextT | None = None
    not_there_yet: tuple[NotThereYet, ...] = ()
