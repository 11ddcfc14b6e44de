# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Run a command, and measure its wall time, processor time, memory and API calls."""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

RUN_TIMEOUT = 1800.0  # seconds until a run is killed


@dataclass(frozen=True)
class Sample:
    """The figures of one run. `calls` are counted by operation. `extrapolated` is the number of measured buckets."""

    wall: float
    cpu: float
    peak_mib: float
    calls: dict[str, float]
    extrapolated: int | None = None

    @property
    def requests(self) -> float:
        """The number of all calls."""
        return sum(self.calls.values())


def run(command: Sequence[str | Path], environment: Mapping[str, str], log: Path) -> Sample:
    """Run a command until it ends, and write its output to a file.

    Processor time is that of the command and of all its descendants. Peak memory is that of the largest of these
    processes. The kernel reports both for child processes that were waited for.
    """
    with log.open("wb") as output:
        start_time = time.perf_counter()
        process = subprocess.Popen(
            list(command),
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        timer = threading.Timer(RUN_TIMEOUT, os.killpg, (process.pid, signal.SIGKILL))
        timer.start()
        try:
            _pid, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            raise
        finally:
            timer.cancel()
        wall = time.perf_counter() - start_time
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}: exit status {process.returncode}, see {log}")
    return Sample(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, {})


def median(samples: Sequence[Sample]) -> Sample:
    """The median of each figure. The calls are those of the last run, because they do not vary."""
    return Sample(
        statistics.median(sample.wall for sample in samples),
        statistics.median(sample.cpu for sample in samples),
        statistics.median(sample.peak_mib for sample in samples),
        samples[-1].calls,
        samples[-1].extrapolated,
    )


def extrapolate(start: Sample, sample: Sample, measured: int, size: int) -> Sample:
    """Extrapolate to `size` buckets, on the line through a run without buckets and a run with `measured` buckets."""
    factor = size / measured

    def line(at_none: float, at_measured: float) -> float:
        return at_none + (at_measured - at_none) * factor

    return Sample(
        line(start.wall, sample.wall),
        line(start.cpu, sample.cpu),
        sample.peak_mib,  # how memory grows is not known
        {name: line(start.calls.get(name, 0), count) for name, count in sample.calls.items()},
        measured,
    )
