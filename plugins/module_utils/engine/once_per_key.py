# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A cache for calls that are made at most once per run for each key, by any number of threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from ..model.errors import Failure, OperationError

KeyT = TypeVar("KeyT", bound=Hashable)
ResultT = TypeVar("ResultT")


@dataclass
class _Slot(Generic[ResultT]):
    """The result for one key: in a tuple once it was read, as it may be None."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    result: tuple[ResultT] | Failure | None = None


class OncePerKey(Generic[KeyT, ResultT]):
    """Calls `read` for each key that is requested, and keeps the result or the failure. Safe for threads.

    A thread that requests a key which another thread is reading waits for that result. Other keys do not wait.
    """

    def __init__(self, read: Callable[[KeyT], ResultT]) -> None:
        self._read = read
        self._lock = threading.Lock()
        self._slots: dict[KeyT, _Slot[ResultT]] = {}

    def get(self, key: KeyT) -> ResultT:
        """The result for a key. If `read` raised OperationError for it, raises the same failure each time."""
        with self._lock:
            slot = self._slots.setdefault(key, _Slot())
        with slot.lock:
            if slot.result is None:
                slot.result = self._read_once(key)
        if isinstance(slot.result, Failure):
            raise OperationError(slot.result)
        return slot.result[0]

    def _read_once(self, key: KeyT) -> tuple[ResultT] | Failure:
        try:
            return (self._read(key),)
        except OperationError as error:
            return error.failure
