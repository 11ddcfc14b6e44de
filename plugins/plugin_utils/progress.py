# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""An action that runs its module and, while that works, says how far it has come."""

from __future__ import annotations

import copy
import json
import os
import shlex
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.sealed.s3.plugins.module_utils.frontend.progress import FILE_VARIABLE, RECORD_LENGTH
from ansible_collections.sealed.s3.plugins.plugin_utils.target import is_the_controller

display = Display()

# Seconds until the first line, and between lines: on a terminal one that is written over, elsewhere (CI, AWX) plain
# lines. Short tasks print nothing.
LIVE_AFTER, LIVE_EVERY = 2.0, 0.5
PLAIN_AFTER, PLAIN_EVERY = 5.0, 15.0

_CLEAR = "\r\x1b[K"


class ProgressAction(ActionBase):  # type: ignore[misc]
    """Runs the module of the same name. `progress: false` in the task, or a task in the background, shows nothing."""

    TRANSFERS_FILES = False
    _supports_async = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the module, and follow it."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        if self._task.async_val or not boolean(self._task.args.get("progress", True), strict=False):
            return {**result, **self._execute_module(task_vars=task_vars, wrap_async=self._task.async_val)}
        shell = self._connection._shell
        if not shell.tmpdir:
            self._make_tmp_path()
        path = shell.join_path(shell.tmpdir, "progress")
        if self._connection.become:
            # Another user may not make files in the folder, or makes what cannot be read here. Only the two are let in.
            self._low_level_execute_command(f"umask 0 && : > {shlex.quote(path)}", sudoable=False)
        self._task.environment = [*(self._task.environment or []), {FILE_VARIABLE: path}]
        alone = len((task_vars or {}).get("ansible_play_hosts", ())) <= 1
        host = "" if alone else f"[{(task_vars or {}).get('inventory_hostname')}] "
        with _Follower(self._reader(path), host, live=alone and _on_a_terminal()):
            return {**result, **self._execute_module(task_vars=task_vars)}

    def _reader(self, path: str) -> Callable[[], bytes]:
        """How to read the module's file: as it is for a local connection, through a second one otherwise."""
        if is_the_controller(self._connection):
            return lambda: _read(path)
        second = copy.copy(self._connection)
        command = f"cat {shlex.quote(path)}"
        return lambda: second.exec_command(command, in_data=None, sudoable=False)[1]


class _Follower:
    """Prints what a reader reads, from a thread of its own, for as long as the block lasts."""

    def __init__(self, read: Callable[[], bytes], host: str, live: bool) -> None:
        self._read = read
        self._host = host
        self._live = live
        self._shown = False
        self._began = time.monotonic()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def __enter__(self) -> _Follower:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._over.set()
        self._thread.join()
        if self._shown and self._live:
            _print(_CLEAR, newline=False)

    def _follow(self) -> None:
        after, every = (LIVE_AFTER, LIVE_EVERY) if self._live else (PLAIN_AFTER, PLAIN_EVERY)
        pause = after
        while not self._over.wait(pause):
            pause = LIVE_EVERY  # until the module has something to tell
            with suppress(Exception):  # to be followed is a comfort: whatever goes wrong with it stays here
                self._show(json.loads(self._read()[:RECORD_LENGTH]))
                pause = every

    def _show(self, counts: dict[str, int]) -> None:
        line = self._host + tell(counts, time.monotonic() - self._began)
        self._shown = True
        if self._live:
            _print(f"{_CLEAR}{line[: display.columns]}", newline=False)
        else:
            _print(line)


def tell(counts: dict[str, int], seconds: float) -> str:
    """One line for a person: how many are done, changed and failed, how fast, and how long the rest may take."""
    done, total = counts["done"], counts["total"]
    rate = done / seconds if seconds else 0.0
    complete = counts["complete"]
    rest = f", {_duration((total - done) / rate)} left" if rate and complete and done < total else ""
    known = f"{total:,}" if complete else f"{total:,} or more"
    return (
        f"{done:,} of {known} buckets: {counts['changed']:,} changed, {counts['failed']:,} failed, {rate:,.0f}/s{rest}"
    )


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def _print(text: str, newline: bool = True) -> None:
    # On standard output the lines would break the JSON callback.
    display.display(text, stderr=True, newline=newline)


def _on_a_terminal() -> bool:
    """Whether standard error is a terminal: that of the process that prints, as a worker has none of its own."""
    if os.isatty(2):
        return True
    try:
        return os.readlink(f"/proc/{os.getppid()}/fd/2").startswith(("/dev/pts/", "/dev/tty"))
    except OSError:
        return False


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read(RECORD_LENGTH)
