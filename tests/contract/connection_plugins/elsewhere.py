# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A connection to this host that simulates a remote host. It logs the files that it sends, and files with secrets."""

from __future__ import annotations

import json
import os
import shutil
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ansible.plugins.connection.local import Connection as LocalConnection

DOCUMENTATION = r"""
name: elsewhere
author: The sealed.s3 authors
short_description: this host as if it were a remote host
description:
  - Runs commands on this host like the connection V(local). Environment variables configure it.
  - C(ELSEWHERE_TRANSPORT) is the name of the transport; V(local) simulates the controller itself.
  - C(ELSEWHERE_HIDES) is a folder that exists on the controller only.
  - C(ELSEWHERE_LOG) is a log file. C(ELSEWHERE_WATCHES) are the folders to search for
    C(ELSEWHERE_SECRET).
options:
  become_success_timeout:
    description: The seconds to wait for the shell of the other user.
    type: int
    default: 10
  become_strip_preamble:
    description: Whether to remove the output before that.
    type: bool
    default: true
extends_documentation_fragment:
  - connection_pipelining
"""

_ENVIRONMENT = os.environ.get

# Only ansible-playbook measures its coverage (see coverage_environment in playbooks.py), but not the modules.
os.environ.pop("COVERAGE_PROCESS_START", None)


class Connection(LocalConnection):  # type: ignore[misc]
    """The connection local, with another name and a log."""

    transport = _ENVIRONMENT("ELSEWHERE_TRANSPORT", "elsewhere")
    _running_commands = 0
    _lock = threading.Lock()

    def put_file(self, in_path: str, out_path: str) -> None:
        """Send a file, and log its name and its mode."""
        super().put_file(in_path, out_path)
        self._write_log(sent=os.path.basename(out_path), mode=_mode(Path(out_path)))

    def exec_command(self, cmd: str, in_data: bytes | None = None, sudoable: bool = True) -> tuple[int, bytes, bytes]:
        """Run a command without the controller's files, and log the files that contain the secret meanwhile."""
        if not sudoable and " cat " in f" {cmd}":
            self._write_log(read=cmd)
        if sudoable:
            for path, mode in _files_with_secret():
                self._write_log(secret=str(path), mode=mode)
        with self._hide_controller_files():
            result: tuple[int, bytes, bytes] = super().exec_command(cmd, in_data=in_data, sudoable=sudoable)
        return result

    @contextmanager
    def _hide_controller_files(self) -> Iterator[None]:
        folder = _ENVIRONMENT("ELSEWHERE_HIDES")
        if not folder:
            yield
            return
        with self._lock:
            type(self)._running_commands += 1
            if type(self)._running_commands == 1:
                shutil.move(folder, f"{folder}.hidden")
        try:
            yield
        finally:
            with self._lock:
                type(self)._running_commands -= 1
                if not type(self)._running_commands:
                    shutil.move(f"{folder}.hidden", folder)

    def _write_log(self, **entry: Any) -> None:
        log = _ENVIRONMENT("ELSEWHERE_LOG")
        if log:
            with open(log, "a", encoding="utf-8") as file:
                file.write(json.dumps(entry) + "\n")


def _files_with_secret() -> Iterator[tuple[Path, str]]:
    secret = _ENVIRONMENT("ELSEWHERE_SECRET", "").encode()
    for folder in filter(None, _ENVIRONMENT("ELSEWHERE_WATCHES", "").split(":")):
        for path in Path(folder).rglob("*"):
            if secret and path.is_file() and secret in path.read_bytes():
                yield path, _mode(path)


def _mode(path: Path) -> str:
    return oct(stat.S_IMODE(path.stat().st_mode))
