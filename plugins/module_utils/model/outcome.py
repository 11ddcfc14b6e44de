# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What became of one resource."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from .errors import Failure
from .operations import Operations

StateT = TypeVar("StateT")


@dataclass(frozen=True, slots=True)
class Outcome(Generic[StateT]):
    """The result of one run over one resource.

    `planned` is the plan's own after, equal in a check run and in the real one: what a diff shows. `after` is what was
    read back, or `planned` where nothing was written. `actions` are the operations carried out (in a check run: that
    would be), in AWS's names. `changed` says that something was (would be) written, also where `failure` is set.
    """

    before: StateT | None = None
    planned: StateT | None = None
    after: StateT | None = None
    actions: Operations = ()
    changed: bool = False
    failure: Failure | None = None
    warnings: tuple[str, ...] = ()
