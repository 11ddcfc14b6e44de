# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Run sessions of noxfile.py, several at a time, and print a table of their results.

run_sessions.py [NAME…]    run these sessions (default: all that `nox` runs)

Environment: JOBS=n runs n at a time (default: one for each core). V=1 prints all output, one session after the other.
ARGS is passed on to the sessions. All output is in .cache/logs/NAME.log.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import environments
from environments import CACHE, SetupError, nox_command

ARGS = shlex.split(os.environ.get("ARGS", ""))
LOGS = CACHE / "logs"
JOBS = int(os.environ.get("JOBS") or max(2, os.cpu_count() or 2))
SEED = os.environ.get("SEED") or "20261126"  # of the random input of the tests: tests/contract/scale.py
TEST_COUNT = re.compile(r"(\d+) (passed|failed|errors?|skipped)\b")
PYTEST_SUMMARY = re.compile(r"^=*\s?(?:\d+ [a-z]+(?:, )?)+ in [\d.]+s", re.MULTILINE)
MARK = "result: "
# The sessions that take longest begin first, so that all cores are busy until the end.
LONGEST = ("contract", "ansible-test-sanity-2.19", "ansible-test-integration-2.19")

_running: set[subprocess.Popen[str]] = set()
interrupted = threading.Event()


@dataclass
class Run:
    """One run of a session."""

    name: str
    passed: bool = False
    output: list[str] = field(default_factory=list)
    seconds: float = 0.0
    processor_seconds: float = 0.0

    def tests(self) -> Counter[str]:
        """Numbers of tests by outcome. A session without tests counts as one, and so does one that failed without."""
        counts: Counter[str] = Counter()
        for number, outcome in TEST_COUNT.findall("\n".join(filter(PYTEST_SUMMARY.match, self.output))):
            counts["failed" if outcome.startswith("error") else outcome] += int(number)
        alone = "passed" if self.passed else "failed"
        return counts if counts[alone] else counts + Counter({alone: 1})

    def result(self) -> str:
        """The result: the numbers of tests, and the lines that the session printed for this."""
        counted = [line.strip("= ") for line in self.output if PYTEST_SUMMARY.match(line)]
        return "; ".join([*counted, *(line[len(MARK) :] for line in self.output if line.startswith(MARK))])


def default_sessions() -> list[str]:
    """Return the sessions that nox runs if none is named, the longest first."""
    listed = environments.call(*nox_command("--list", "--json"))
    # `lint` only triggers others, which are in the list themselves.
    names = [each["session"] for each in json.loads(listed[listed.index("[") :]) if each["session"] != "lint"]
    return sorted(names, key=lambda name: LONGEST.index(name) if name in LONGEST else len(LONGEST))


def run_session(name: str, live: bool) -> Run:
    """Run one session, and write its log. An interrupt ends it."""
    run = Run(name)
    start = time.monotonic()
    command = nox_command("--session", name, "--reuse-venv=yes", "--", *ARGS)
    env = {**os.environ, "SEALED_SEED": SEED, "CI": "true", "NO_COLOR": "1"}  # CI: formatters only check
    process = subprocess.Popen(
        command, env=env, text=True, errors="replace", start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    _running.add(process)
    assert process.stdout
    for line in process.stdout:
        run.output.append(line.rstrip("\n"))
        if live:
            print(line, end="", flush=True)
    _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    _running.discard(process)
    run.passed = process.returncode == 0 and not interrupted.is_set()  # nox may call what it interrupts successful
    run.seconds, run.processor_seconds = time.monotonic() - start, usage.ru_utime + usage.ru_stime
    LOGS.mkdir(parents=True, exist_ok=True)
    (LOGS / f"{name}.log").write_text("\n".join(run.output) + "\n")
    if not interrupted.is_set():
        shown = [] if run.passed or live else [f"── {name} ──", *run.output[-500:]]
        times = f"{run.seconds:>5.0f} s{run.processor_seconds:>6.0f} s of processor time"
        print("\n".join([*shown, f"{'ok  ' if run.passed else 'FAIL'}  {name:<30}{times}  {run.result()}"]), flush=True)
    return run


def _interrupt(_number: int, _frame: object) -> None:
    """End all sessions: the first time so that they clean up, after that at once."""
    number = signal.SIGKILL if interrupted.is_set() else signal.SIGINT
    interrupted.set()
    for process in list(_running):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)


def run_sessions(names: Sequence[str]) -> list[Run]:
    """Run the sessions, JOBS of them at a time, and return their runs. `coverage` needs the others, so it is last."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    live = len(names) == 1 or os.environ.get("V", "0") != "0"

    def unless_interrupted(name: str) -> list[Run]:
        return [] if interrupted.is_set() else [run_session(name, live)]

    with ThreadPoolExecutor(1 if live else JOBS) as pool:
        runs = sum(pool.map(unless_interrupted, (name for name in names if name != "coverage")), list[Run]())
    return runs + (unless_interrupted("coverage") if "coverage" in names else [])


def _additions() -> float:
    """A measure of this machine, so that the processor time of two machines can be compared."""
    start, number = time.process_time(), 0
    while number < 10_000_000:
        number += 1
    return time.process_time() - start


def summary(runs: list[Run], seconds: float) -> int:
    """Print the totals, and return the exit status."""
    spent = os.times()
    minutes = (spent.user + spent.system + spent.children_user + spent.children_system) / 60
    totals = sum((run.tests() for run in runs), Counter[str]())
    failed = [run.name for run in runs if not run.passed]
    print("\n" + "".join(f"{name}: see .cache/logs/{name}.log\n" for name in failed), end="")
    print(f"{len(runs)} session(s) in {seconds:.0f} s, {minutes:.1f} minutes of processor time, seed {SEED}")
    print(f"Ten million additions take {_additions():.2f} s of processor time here.")
    print(f"{totals['passed']} passed, {totals['failed']} failed, {totals['skipped']} skipped")
    return 128 + signal.SIGINT if interrupted.is_set() else 1 if totals["failed"] else 0


if __name__ == "__main__":
    try:
        begin = time.monotonic()
        environments.prepare()
        sys.exit(summary(run_sessions(sys.argv[1:] or default_sessions()), time.monotonic() - begin))
    except (SetupError, KeyboardInterrupt) as problem:
        sys.exit(str(problem) or "Interrupted.")
