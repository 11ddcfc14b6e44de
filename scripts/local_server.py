# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Servers that run during a block: on a free loopback port, started, awaited and stopped."""

from __future__ import annotations

import contextlib
import http.client
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from environments import SetupError

STARTUP_TIMEOUT = 30.0  # seconds until a server must answer
STOP_TIMEOUT = 5.0  # seconds until a server that does not end is killed


def free_ports(number: int) -> list[int]:
    """Return ports of the loopback interface that are free at this moment."""
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(number)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


@contextlib.contextmanager
def running_server(
    command: Sequence[str | Path],
    port: int,
    health_path: str,
    log: Path,
    *,
    folder: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> Iterator[None]:
    """Run a server during the block, which begins when the server answers; raises SetupError if it does not.

    It is ready when a GET of `health_path` gets 200, or any response if that is empty. Its output is in `log`. `folder`
    is its working folder, and `env` its whole environment, if they are set.
    """
    with log.open("wb") as output:
        # In its own session, so that an interrupt from the terminal stops the caller first, which stops the server.
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + STARTUP_TIMEOUT
        while not _is_healthy(port, health_path):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SetupError(
                    f"{log.read_text(errors='replace')[-4000:]}\n{command[0]} did not start on port {port}."
                )
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        try:
            process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _is_healthy(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path or "/")
        return connection.getresponse().status == 200 or not path
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
