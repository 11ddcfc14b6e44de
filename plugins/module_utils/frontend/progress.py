# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""How far a long task has come, written to a file for whoever follows it."""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress

# The action plugin names the file to the module in this variable of its environment.
FILE_VARIABLE = "SEALED_S3_PROGRESS_FILE"

# One record of fixed length, written over again and again.
RECORD_LENGTH = 128
_INTERVAL = 0.25  # seconds


class Progress:
    """Writes counts to the file that the environment names, at most four times a second; to nowhere without one.

    A file that cannot be written is no reason to fail: the work goes on without being followed.
    """

    def __init__(self) -> None:
        self._descriptor: int | None = None
        self._due = 0.0
        path = os.environ.get(FILE_VARIABLE)
        if path:
            with suppress(OSError):
                self._descriptor = os.open(path, os.O_CREAT | os.O_WRONLY, 0o644)

    def update(self, **counts: int) -> None:
        """Tell the counts, if it is time to."""
        if self._descriptor is None or time.monotonic() < self._due:
            return
        self._due = time.monotonic() + _INTERVAL
        with suppress(OSError):
            os.pwrite(self._descriptor, json.dumps(counts).ljust(RECORD_LENGTH).encode("ascii"), 0)
