# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A connection to this host that need not look like one. It notes what is sent, and where secrets lie."""

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
short_description: this host, taken for another
description:
  - Runs commands on this host as the connection local does. The environment says how it is to look.
  - C(ELSEWHERE_TRANSPORT) is the name of the transport, V(local) for one that is not elsewhere at all.
  - C(ELSEWHERE_HIDES) is a folder of the controller, which the target does not have.
  - C(ELSEWHERE_LOG) is a file to note in, C(ELSEWHERE_WATCHES) are the folders where C(ELSEWHERE_SECRET) may lie.
options:
  become_success_timeout:
    description: How many seconds to wait for the other user's shell.
    type: int
    default: 10
  become_strip_preamble:
    description: Whether to leave out what is printed before that.
    type: bool
    default: true
extends_documentation_fragment:
  - connection_pipelining
"""

_ENVIRONMENT = os.environ.get


class Connection(LocalConnection):  # type: ignore[misc]
    """The connection local, but for its name and its notes."""

    transport = _ENVIRONMENT("ELSEWHERE_TRANSPORT", "elsewhere")
    _inside = 0
    _lock = threading.Lock()

    def put_file(self, in_path: str, out_path: str) -> None:
        """Send a file, and note where it went and with which mode."""
        super().put_file(in_path, out_path)
        self._note(sent=os.path.basename(out_path), mode=_mode(Path(out_path)))

    def exec_command(self, cmd: str, in_data: bytes | None = None, sudoable: bool = True) -> tuple[int, bytes, bytes]:
        """Run a command without the controller's files, and note which files have the secret while it runs."""
        if not sudoable and " cat " in f" {cmd}":
            self._note(read=cmd)
        if sudoable:
            for path, mode in _secrets():
                self._note(secret=str(path), mode=mode)
        with self._without_the_controllers_files():
            result: tuple[int, bytes, bytes] = super().exec_command(cmd, in_data=in_data, sudoable=sudoable)
        return result

    @contextmanager
    def _without_the_controllers_files(self) -> Iterator[None]:
        folder = _ENVIRONMENT("ELSEWHERE_HIDES")
        if not folder:
            yield
            return
        with self._lock:
            type(self)._inside += 1
            if type(self)._inside == 1:
                shutil.move(folder, f"{folder}.hidden")
        try:
            yield
        finally:
            with self._lock:
                type(self)._inside -= 1
                if not type(self)._inside:
                    shutil.move(f"{folder}.hidden", folder)

    def _note(self, **what: Any) -> None:
        log = _ENVIRONMENT("ELSEWHERE_LOG")
        if log:
            with open(log, "a", encoding="utf-8") as file:
                file.write(json.dumps(what) + "\n")


def _secrets() -> Iterator[tuple[Path, str]]:
    secret = _ENVIRONMENT("ELSEWHERE_SECRET", "").encode()
    for folder in filter(None, _ENVIRONMENT("ELSEWHERE_WATCHES", "").split(":")):
        for path in Path(folder).rglob("*"):
            if secret and path.is_file() and secret in path.read_bytes():
                yield path, _mode(path)


def _mode(path: Path) -> str:
    return oct(stat.S_IMODE(path.stat().st_mode))
