# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A file of the controller that does not outlive its task, also if a signal ends the process."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from types import FrameType
from typing import Any

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def removed_at_the_end(path: str) -> Iterator[None]:
    """Remove the file at the end of the block, if it still exists then.

    At a signal, Ansible ends its workers at once, so that nothing after the block runs: the file is removed before.
    """
    with ExitStack() as stack:
        stack.callback(_remove, path)
        if threading.current_thread() is threading.main_thread():  # elsewhere, Python sets no handlers
            for number in _SIGNALS:
                stack.callback(signal.signal, number, _remove_at_signal(path, number))
        yield


def _remove_at_signal(path: str, number: int) -> Any:
    """Set a handler that removes the file, and then calls the current one. Returns the current one."""
    current = signal.getsignal(number) or signal.SIG_DFL

    def remove(signal_number: int, frame: FrameType | None) -> None:
        _remove(path)
        signal.signal(signal_number, current)
        os.kill(os.getpid(), signal_number)

    signal.signal(number, remove)
    return current


def _remove(path: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(path)
