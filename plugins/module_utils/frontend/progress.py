# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The progress of a long task, written to a file that the action plugin reads."""

from __future__ import annotations

import json
import os
from contextlib import suppress

from ..engine.clock import Clock
from ..engine.fleet.fleet import FleetStatus

# The action plugin passes the path of the file to the module in this environment variable.
FILE_VARIABLE = "SEALED_S3_PROGRESS_FILE"

# The file has one record of fixed length, which is overwritten each time.
RECORD_LENGTH = 128
_INTERVAL = 0.25  # seconds between writes


class Progress:
    """Writes counts to the file that the environment names, at most four times a second; without one, does nothing.

    A file that cannot be written is ignored: the task continues without progress.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._descriptor: int | None = None
        self._next_write = 0.0
        path = os.environ.get(FILE_VARIABLE)
        if path:
            with suppress(OSError):
                self._descriptor = os.open(path, os.O_CREAT | os.O_WRONLY, 0o644)

    def update(self, status: FleetStatus) -> None:
        """Write the numbers of a fleet, unless the last write was less than the interval ago."""
        if self._descriptor is None or self._clock.monotonic() < self._next_write:
            return
        self._next_write = self._clock.monotonic() + _INTERVAL
        counts = {
            "done": status.done,
            "total": status.matched,
            "complete": status.is_complete,
            "changed": status.changed,
            "failed": status.failed,
        }
        with suppress(OSError):
            os.pwrite(self._descriptor, json.dumps(counts).ljust(RECORD_LENGTH).encode("ascii"), 0)
