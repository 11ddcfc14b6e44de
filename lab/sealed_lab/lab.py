# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The lab without a network: state, clock, faults and call log."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

from .call_log import CallLog
from .clock import Clock
from .cloudtrail.history import EventHistory
from .faults import Fault, FaultTable
from .identity.authorization import Authorizer
from .identity.directory import Directory
from .identity.records import ACCOUNT_STATES, Account
from .kms.state import KmsState
from .partitions import DEFAULT_PARTITION, is_opt_in
from .s3.state import S3State
from .s3control.state import ControlState
from .storage import BlobStore
from .transport import Transport


@dataclass(slots=True)
class State:
    """Everything that AWS stores."""

    directory: Directory = field(default_factory=Directory)
    kms: KmsState = field(default_factory=KmsState)
    s3: S3State = field(default_factory=S3State)
    control: ControlState = field(default_factory=ControlState)
    history: EventHistory = field(default_factory=EventHistory)


@dataclass(frozen=True, slots=True)
class SavedState:
    """A state to go back to, and how far the clock was ahead of the real time."""

    state: State
    clock_offset: float


class Lab:
    """A stand-in for AWS with all accounts and all regions."""

    def __init__(self, *, enforcing: bool = False, blocks_sse_c: bool = True) -> None:
        self.clock = Clock()
        self.calls = CallLog()
        self.faults = FaultTable(self.clock)
        self.store = BlobStore()
        self.state = State()
        self.transport = Transport()
        self._snapshots: dict[int, State] = {}
        self._default_enforcing = enforcing
        self._default_blocks_sse_c = blocks_sse_c
        self.blocks_sse_c = blocks_sse_c
        self.authorizer = Authorizer(self.state.directory, self.faults, enforcing)

    @property
    def enforcing(self) -> bool:
        """Whether signatures, identity policies and key policies are enforced."""
        return self.authorizer.enforcing

    @enforcing.setter
    def enforcing(self, value: bool) -> None:
        self.authorizer.enforcing = value

    def reset(self) -> None:
        """Start with an empty state: no buckets, keys, users, faults or calls, and real time."""
        self.swap_state(State())
        self.clock.reset()
        self.calls.clear()
        self.faults.clear()
        self._snapshots.clear()
        self.transport = Transport()
        self.enforcing = self._default_enforcing
        self.blocks_sse_c = self._default_blocks_sse_c

    def swap_state(self, state: State) -> State:
        """Replace the current state, and return the previous one."""
        previous = self.state
        self.state = state
        self.authorizer.directory = state.directory
        return previous

    def save(self) -> SavedState:
        """Return a copy of all that AWS stores, and the clock."""
        return SavedState(copy.deepcopy(self.state), self.clock.offset)

    def restore(self, saved: SavedState) -> None:
        """Go back to a saved state. Faults, calls and settings stay as they are."""
        self.swap_state(copy.deepcopy(saved.state))
        self.clock.offset = saved.clock_offset

    def set_region(self, account: str, region: str, *, enabled: bool) -> None:
        """Enable or disable an opt-in region in an account. Raise ``ValueError`` for another region."""
        if not is_opt_in(region):
            raise ValueError(f"the region {region!r} is enabled in every account, or does not exist")
        disabled = self._account(account).disabled_regions
        if enabled:
            disabled.discard(region)
        else:
            disabled.add(region)

    def set_account_state(self, account: str, state: str) -> None:
        """Set the state of an account. Raise ``ValueError`` unless it is one of ``ACCOUNT_STATES``."""
        if state not in ACCOUNT_STATES:
            raise ValueError(f"the state of an account is one of {ACCOUNT_STATES}, not {state!r}")
        self._account(account).state = state

    def _account(self, number: str) -> Account:
        if len(number) != 12 or not number.isdecimal():
            raise ValueError(f"an account has 12 digits, not {number!r}")
        known = self.state.directory.accounts.get(number)
        return known or self.state.directory.account(number, DEFAULT_PARTITION)

    def add_fault(self, fault: Fault) -> Fault:
        """Activate a rule. A rule of the kind ``stale_read`` takes a snapshot of the state now."""
        self.faults.add(fault)
        if fault.kind == "stale_read":
            self._snapshots[fault.number] = copy.deepcopy(self.state)
        return fault

    def snapshot_for(self, fault: Fault) -> State | None:
        """Return the snapshot from which a stale read is served."""
        return self._snapshots.get(fault.number)

    def close(self) -> None:
        """Delete the files of the lab."""
        self.store.close()

    def status(self) -> dict[str, Any]:
        """Return the body of the health response."""
        return {
            "status": "ok",
            "time": self.clock.now(),
            "enforcing": self.enforcing,
            "buckets": len(self.state.s3.buckets),
            "calls": len(self.calls),
        }
