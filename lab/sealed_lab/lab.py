# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The lab itself: state, time, faults and the log, without any network."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

from .call_log import CallLog
from .clock import Clock
from .cloudtrail.events import EventHistory
from .faults import Fault, FaultTable
from .identity.authorization import Authorizer
from .identity.directory import Directory
from .kms.state import KmsState
from .s3.state import S3State
from .s3control.state import ControlState
from .storage import BlobStore


@dataclass(slots=True)
class State:
    """Everything that AWS would remember."""

    directory: Directory = field(default_factory=Directory)
    kms: KmsState = field(default_factory=KmsState)
    s3: S3State = field(default_factory=S3State)
    control: ControlState = field(default_factory=ControlState)
    history: EventHistory = field(default_factory=EventHistory)


class Lab:
    """One stand-in for AWS: all accounts, all regions."""

    def __init__(self, *, enforcing: bool = False) -> None:
        self.clock = Clock()
        self.calls = CallLog()
        self.faults = FaultTable()
        self.store = BlobStore()
        self.state = State()
        self._snapshots: dict[int, State] = {}
        self._default_enforcing = enforcing
        self.authorizer = Authorizer(self.state.directory, self.faults, enforcing)

    @property
    def enforcing(self) -> bool:
        """Whether signatures, identity policies and key policies are enforced."""
        return self.authorizer.enforcing

    @enforcing.setter
    def enforcing(self, value: bool) -> None:
        self.authorizer.enforcing = value

    def reset(self) -> None:
        """A new world: no buckets, keys, users, faults or calls, and real time."""
        self.swap_state(State())
        self.clock.reset()
        self.calls.clear()
        self.faults.clear()
        self._snapshots.clear()
        self.enforcing = self._default_enforcing

    def swap_state(self, state: State) -> State:
        """Make another world the current one; returns the one that was."""
        previous = self.state
        self.state = state
        self.authorizer.directory = state.directory
        return previous

    def add_fault(self, fault: Fault) -> Fault:
        """Put a rule in force. A stale read answers from the world as it was at this moment."""
        self.faults.add(fault)
        if fault.kind == "stale_read":
            self._snapshots[fault.number] = copy.deepcopy(self.state)
        return fault

    def snapshot_for(self, fault: Fault) -> State | None:
        """The world that a stale read sees."""
        return self._snapshots.get(fault.number)

    def close(self) -> None:
        """Remove what lies on disk."""
        self.store.close()

    def status(self) -> dict[str, Any]:
        """A summary for the health answer."""
        return {
            "status": "ok",
            "time": self.clock.now(),
            "enforcing": self.enforcing,
            "buckets": len(self.state.s3.buckets),
            "calls": len(self.calls),
        }
