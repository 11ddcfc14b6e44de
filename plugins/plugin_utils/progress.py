# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""An action that runs its module and shows the progress while the module works."""

from __future__ import annotations

import copy
import json
import os
import shlex
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from ansible import constants
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.sealed.s3.plugins.module_utils.frontend.progress import FILE_VARIABLE, RECORD_LENGTH
from ansible_collections.sealed.s3.plugins.plugin_utils.target import is_the_controller

display = Display()

Variables = dict[str, Any]

# Seconds until the first line, and between lines. A person's terminal has one live line that is overwritten; elsewhere
# (CI, AWX) plain lines are printed, and few of them. Short tasks print nothing.
LIVE_AFTER, LIVE_EVERY = 2.0, 0.5
PLAIN_AFTER, PLAIN_EVERY = 5.0, 30.0

# The callbacks of standard output that write text for a person. Others, such as json and awx_display, write for a
# program.
_CALLBACKS_FOR_PEOPLE = {"debug", "default", "dense", "minimal", "oneline", "unixy", "yaml"}
# Set by programs that run Ansible in a pseudo terminal and keep its output: ansible-runner (also for AWX), CI systems.
# Source: https://github.com/ansible/ansible-runner/blob/devel/src/ansible_runner/config/_base.py
_VARIABLES_OF_PROGRAMS = ("AWX_ISOLATED_DATA_DIR", "RUNNER_OMIT_EVENTS", "CI")

_CLEAR = "\r\x1b[K"


class ProgressAction(ActionBase):  # type: ignore[misc]
    """Runs the module of the same name. Shows nothing with `progress: false` in the task, or for a task with async."""

    TRANSFERS_FILES = False
    _supports_async = True

    def run(self, tmp: str | None = None, task_vars: Variables | None = None) -> dict[str, Any]:
        """Run the module and show its progress."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        if self._task.async_val or not is_shown(self._task.args) or not self._may_take_long(self._task.args):
            return {**result, **self._execute_module(task_vars=task_vars, wrap_async=self._task.async_val)}
        return {**result, **run_with_progress(self, self._task.args, task_vars)}

    def _may_take_long(self, arguments: Variables) -> bool:
        """Whether the task works on many things, so that its progress is worth a file on the target."""
        return True


def is_shown(arguments: Variables) -> bool:
    """Whether the task wants to see its progress."""
    return bool(boolean(arguments.get("progress", True), strict=False))


def run_with_progress(action: ActionBase, arguments: Variables, task_vars: Variables | None) -> dict[str, Any]:
    """Run the module of an action with these options, and show its progress meanwhile."""
    shell = action._connection._shell
    if not shell.tmpdir:
        action._make_tmp_path()
    path = shell.join_path(shell.tmpdir, "progress")
    if action._connection.become:
        # The become user may not be allowed to create files in this directory, and this process may not be allowed
        # to read that user's files. Only these two users can enter the directory, so the file may be open to all.
        action._low_level_execute_command(f"umask 0 && : > {shlex.quote(path)}", sudoable=False)
    action._task.environment = [*(action._task.environment or []), {FILE_VARIABLE: path}]
    is_only_host = len((task_vars or {}).get("ansible_play_hosts", ())) <= 1
    host = "" if is_only_host else f"[{(task_vars or {}).get('inventory_hostname')}] "
    with _Follower(_reader(action._connection, path), host, live=is_only_host and is_for_a_person()):
        result: dict[str, Any] = action._execute_module(module_args=arguments, task_vars=task_vars)
    return result


def _reader(connection: Any, path: str) -> Callable[[], bytes]:
    """A function that reads the module's file: directly on the controller, else through a second connection."""
    if is_the_controller(connection):
        return lambda: _read(path)
    second = copy.copy(connection)
    command = f"cat {shlex.quote(path)}"
    return lambda: bytes(second.exec_command(command, in_data=None, sudoable=False)[1])


class _Follower:
    """Prints the progress that `read` returns, in a thread, while the `with` block runs."""

    def __init__(self, read: Callable[[], bytes], host: str, live: bool) -> None:
        self._read = read
        self._host = host
        self._live = live
        self._shown = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def __enter__(self) -> _Follower:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stop.set()
        self._thread.join()
        if self._shown and self._live:
            _print(_CLEAR, newline=False)

    def _follow(self) -> None:
        after, every = (LIVE_AFTER, LIVE_EVERY) if self._live else (PLAIN_AFTER, PLAIN_EVERY)
        pause = after
        while not self._stop.wait(pause):
            pause = LIVE_EVERY  # until the module has written its first record
            with suppress(Exception):  # progress is optional: its errors must not fail the task
                self._show(json.loads(self._read()[:RECORD_LENGTH]))
                pause = every

    def _show(self, counts: dict[str, Any]) -> None:
        line = self._host + format_progress(counts)
        self._shown = True
        if self._live:
            _print(f"{_CLEAR}{line[: display.columns]}", newline=False)
        else:
            _print(line)


def format_progress(counts: dict[str, Any]) -> str:
    """The progress in one line: how many are done, with which results, the rate, and the estimated remaining time."""
    done, total, rate, complete = counts["done"], counts["total"], counts["rate"], counts["complete"]
    known = f" of {total:,}{'' if complete else ' or more'}" if complete or total > done else ""
    results = f": {counts['counts']}" if counts["counts"] else ""
    speed = f", {rate:,.0f}/s" if rate else ""
    remaining = f", {_duration((total - done) / rate)} left" if rate and complete else ""
    return f"{done:,}{known} {counts['unit']}{results}{speed}{remaining}"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def _print(text: str, newline: bool = True) -> None:
    # On standard output the lines would corrupt the output of the JSON callback.
    display.display(text, stderr=True, newline=newline)


def is_for_a_person() -> bool:
    """Whether the output goes to a terminal that a person reads, so that a line can be overwritten."""
    callback = str(constants.DEFAULT_STDOUT_CALLBACK).rpartition(".")[2]
    return (
        _stderr_is_terminal()
        and callback in _CALLBACKS_FOR_PEOPLE
        and os.environ.get("TERM") not in (None, "", "dumb")
        and not any(os.environ.get(name) for name in _VARIABLES_OF_PROGRAMS)
    )


def _stderr_is_terminal() -> bool:
    """Whether standard error is a terminal: that of the parent process, which prints for the workers."""
    if os.isatty(2):
        return True
    try:
        return os.readlink(f"/proc/{os.getppid()}/fd/2").startswith(("/dev/pts/", "/dev/tty"))
    except OSError:
        return False


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read(RECORD_LENGTH)
