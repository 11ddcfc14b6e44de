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
from .cloudtrail.events import History
from .faults import Fault, FaultTable
from .identity.authorization import Authorizer
from .identity.directory import Directory
from .kms.keys import KeyService
from .s3.state import S3State
from .s3control.state import ControlState
from .storage import Store


@dataclass(slots=True)
class World:
    """Everything that AWS would remember."""

    directory: Directory = field(default_factory=Directory)
    kms: KeyService = field(default_factory=KeyService)
    s3: S3State = field(default_factory=S3State)
    control: ControlState = field(default_factory=ControlState)
    history: History = field(default_factory=History)


class Lab:
    """One stand-in for AWS: all accounts, all regions."""

    def __init__(self, *, enforcing: bool = False) -> None:
        self.clock = Clock()
        self.calls = CallLog()
        self.faults = FaultTable()
        self.store = Store()
        self.world = World()
        self._snapshots: dict[int, World] = {}
        self._default_enforcing = enforcing
        self.authorizer = Authorizer(self.world.directory, self.faults, enforcing)

    @property
    def enforcing(self) -> bool:
        """Whether signatures, identity policies and key policies are enforced."""
        return self.authorizer.enforcing

    @enforcing.setter
    def enforcing(self, value: bool) -> None:
        self.authorizer.enforcing = value

    def reset(self) -> None:
        """A new world: no buckets, keys, users, faults or calls, and real time."""
        self.enter(World())
        self.clock.reset()
        self.calls.clear()
        self.faults.clear()
        self._snapshots.clear()
        self.enforcing = self._default_enforcing

    def enter(self, world: World) -> World:
        """Make another world the current one; returns the one that was."""
        before = self.world
        self.world = world
        self.authorizer.directory = world.directory
        return before

    def add_fault(self, fault: Fault) -> Fault:
        """Put a rule in force. A stale read answers from the world as it was at this moment."""
        self.faults.add(fault)
        if fault.kind == "stale_read":
            self._snapshots[fault.number] = copy.deepcopy(self.world)
        return fault

    def snapshot_of(self, fault: Fault) -> World | None:
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
            "buckets": len(self.world.s3.buckets),
            "calls": len(self.calls),
        }
