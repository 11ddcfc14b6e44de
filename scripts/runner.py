# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The runner of the checks: the registry, the commands of one check, parallel runs, and the table of results.

The checks themselves are in check.py, which also describes the environment variables.
"""

from __future__ import annotations

import contextlib
import os
import re
import runpy
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import environments
from environments import CACHE, IMPORT_TREE, LAB, ROOT, VENV, SetupError

ARGS = shlex.split(os.environ.get("ARGS", ""))
VERBOSE = os.environ.get("V", "") not in ("", "0")
JOBS = 1 if VERBOSE else int(os.environ.get("JOBS") or max(2, os.cpu_count() or 2))

PYTEST_SUMMARY = re.compile(r"^=*\s?((?:\d+ [a-z]+(?:, )?)+) in [\d.]+s.*$", re.MULTILINE)
PYTEST_COUNT = re.compile(r"(\d+) (passed|failed|errors?|skipped|xfailed|xpassed)\b")
# Progress messages of pip while ansible-test installs: they are in the log, but not in the report of a failure.
PIP_PROGRESS = re.compile(
    r"\s*(Collecting|Downloading|Using cached|Installing|Successfully installed|Processing|Looking in|━|Obtaining"
    r"|Requirement already satisfied|WARNING: Location|WARNING: Using locale)|^Running sanity test"
)
# The seed of the random input of the tests: tests/contract/scale.py, or SEALED_SEED.
SEED: int = runpy.run_path(str(ROOT / "tests" / "contract" / "scale.py"))["SEED"]
MAX_FAILURE_LINES = 300  # of a failed check; CI prints all lines, because its log files cannot be opened
COVERAGE_DATA = CACHE / "coverage"
# Settings for the processes that the tests start with COVERAGE_PROCESS_START: ansible-playbook runs action plugins in
# forked processes, which end with os._exit.
PROCESS_COVERAGE = f"""[run]
branch = true
source = {ROOT / "plugins"}
data_file = {COVERAGE_DATA / "processes.data"}
parallel = true
patch =
    _exit
    fork
disable_warnings = no-data-collected
"""


class CheckFailed(Exception):
    """The check found a fault."""


class CheckSkipped(Exception):
    """The check has nothing to check in this checkout."""


@dataclass
class CheckRun:
    """One run of one check: its commands, their output, and its result for the table."""

    name: str
    measure_coverage: bool = False
    output: list[str] = field(default_factory=list)
    result: str = ""
    tests: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    state: str = "passed"
    in_summary: bool = False  # whether the totals at the end repeat the result

    def __call__(self, *argv: str | Path, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> str:
        """Run a command, from the tools' environment if it is there, and return its output.

        Raises CheckFailed if its exit status is not 0.
        """
        command = [str(a) for a in argv]
        tool = VENV / "bin" / command[0]
        self.log(f"$ {shlex.join(command)}")
        printed: list[str] = []
        base = {
            "PATH": environments.search_path(VENV),
            "ANSIBLE_COLLECTIONS_PATH": str(IMPORT_TREE),
            "NO_COLOR": "1",
        }
        process = subprocess.Popen(
            [str(tool) if tool.exists() else command[0], *command[1:]],
            cwd=cwd,
            env={**os.environ, **base, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        with tracked_process(process):
            assert process.stdout
            for line in process.stdout:
                printed.append(line.rstrip("\n"))
                self.log(line.rstrip("\n"))
            status = process.wait()
        if status:
            raise CheckFailed(f"{shlex.join(command)}: exit status {status}")
        return "\n".join(printed)

    def log(self, text: str) -> None:
        """Add a line to the log, and print it at once if V=1."""
        self.output.append(text)
        if VERBOSE:
            print(text, flush=True)

    def count_tests(self) -> None:
        """Read the numbers of tests from pytest's summary lines in the log."""
        for summary in PYTEST_SUMMARY.finditer("\n".join(self.output)):
            for number, outcome in PYTEST_COUNT.findall(summary[1]):
                self.tests[outcome.replace("errors", "error")] += int(number)
        self.result = self.result or ", ".join(f"{number} {outcome}" for outcome, number in self.tests.items())

    def pytest(self, *argv: str | Path, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> None:
        """Run pytest, under coverage if this run measures it. A run without any test fails, too."""
        own = {
            "PYTHONPATH": os.pathsep.join([str(IMPORT_TREE), str(LAB)]),
            "HYPOTHESIS_STORAGE_DIRECTORY": str(CACHE / "hypothesis"),
        }
        command: list[str | Path] = ["pytest"]
        if self.measure_coverage:
            data = COVERAGE_DATA / f"{self.name}.data"
            command = ["coverage", "run", f"--data-file={data}", VENV / "bin" / "pytest"]
            own["PROCESS_COVERAGE"] = str(COVERAGE_DATA / "processes.ini")
        try:
            self(*command, "-o", f"cache_dir={CACHE / 'pytest'}", *argv, *ARGS, cwd=cwd, env={**own, **(env or {})})
        finally:
            self.count_tests()


# The registry of checks


@dataclass(frozen=True)
class Check:
    """A check, which `make NAME` runs."""

    name: str
    group: str
    summary: str
    requires: str | None
    function: Callable[[CheckRun], None]
    default: bool
    measures_coverage: bool


CHECKS: dict[str, Check] = {}

CheckFunction = Callable[[CheckRun], None]


def check(
    group: str, *, requires: str | None = None, default: bool = True, measures_coverage: bool = False
) -> Callable[[CheckFunction], CheckFunction]:
    """Register a function as a check; its name and its docstring are those of the check.

    The check is skipped if the path `requires` does not exist. `make test` runs it if `default`.
    """

    def register(function: CheckFunction) -> CheckFunction:
        name = function.__name__.replace("_", "-")
        summary = (function.__doc__ or "").strip()
        CHECKS[name] = Check(name, group, summary, requires, function, default, measures_coverage)
        return function

    return register


def select_checks(names: list[str]) -> list[Check]:
    """Return the checks with these names or in these groups; without names, the checks of `make test`."""
    groups = {c.group for c in CHECKS.values()}
    unknown = [name for name in names if name not in CHECKS and name not in groups]
    if unknown:
        raise SetupError(f"Unknown check: {', '.join(unknown)}. The checks are {', '.join(CHECKS)}.")
    return [c for c in CHECKS.values() if (c.default if not names else c.name in names or c.group in names)]


# Processes and interrupts


_processes: set[subprocess.Popen[str]] = set()
_stopping = threading.Event()


@contextlib.contextmanager
def tracked_process(process: subprocess.Popen[str]) -> Iterator[None]:
    """Register a process while it runs, so that an interrupt ends it together with its children."""
    _processes.add(process)
    if _stopping.is_set():
        _signal_group(process, signal.SIGTERM)
    try:
        yield
    finally:
        _processes.discard(process)


def _signal_group(process: subprocess.Popen[str], number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """End all processes: the first time with SIGTERM, after that with SIGKILL."""
    first = not _stopping.is_set()
    _stopping.set()
    for process in list(_processes):
        _signal_group(process, signal.SIGTERM if first else signal.SIGKILL)


# Output


def _colour(text: str, code: int) -> str:
    return f"\033[{code}m{text}\033[0m" if sys.stdout.isatty() and "NO_COLOR" not in os.environ else text


LABELS = {
    "passed": _colour("ok  ", 32),
    "failed": _colour("FAIL", 31),
    "skipped": _colour("skip", 33),
    "interrupted": _colour("cut ", 33),
}
CLEAR_LINE = "\r\033[K" if sys.stdout.isatty() else ""
_print_lock = threading.Lock()
_started: dict[str, float] = {}


def print_result(run: CheckRun) -> None:
    """Print the line of a finished check, and the output of a failed one."""
    with _print_lock:
        if run.state == "failed" and not VERBOSE:
            lines = [line for line in run.output if not PIP_PROGRESS.match(line)]
            if len(lines) > MAX_FAILURE_LINES and "CI" not in os.environ:
                lines[:-MAX_FAILURE_LINES] = [
                    f"({len(lines) - MAX_FAILURE_LINES} lines more in .cache/logs/{run.name}.log)"
                ]
            print("\n".join([CLEAR_LINE, _colour(f"── {run.name} ──", 31), *lines, ""]))
        print(f"{CLEAR_LINE}{LABELS[run.state]}  {run.name:<17}{run.seconds:>6.1f} s  {run.result}", flush=True)


def print_progress() -> None:
    """Show the running checks in one line, which the next output replaces."""
    with _print_lock:
        if CLEAR_LINE and not VERBOSE:
            now = time.monotonic()
            running = ", ".join(f"{name} {now - start:.0f} s" for name, start in list(_started.items()))
            print(f"{CLEAR_LINE}      {running}", end="", flush=True)


# Runs


def run_check(it: Check, measure_coverage: bool) -> CheckRun:
    """Run one check, write its log and print its result."""
    run = CheckRun(it.name, measure_coverage and it.measures_coverage)
    if _stopping.is_set():
        run.state = "interrupted"
        return run
    _started[it.name] = time.monotonic()
    try:
        if it.requires and not (ROOT / it.requires).exists():
            raise CheckSkipped(f"{it.requires} does not exist yet")
        it.function(run)
    except CheckSkipped as reason:
        run.state, run.result = "skipped", str(reason)
    except (CheckFailed, SetupError, OSError) as error:
        run.state = "interrupted" if _stopping.is_set() else "failed"
        run.log(str(error))
    run.seconds = time.monotonic() - _started.pop(it.name)
    log = CACHE / "logs" / f"{run.name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("\n".join(run.output) + "\n")
    print_result(run)
    return run


def run_checks(checks: list[Check], *, measure_coverage: bool = False) -> list[CheckRun]:
    """Run the checks, JOBS of them at a time, and return their runs in the same order."""
    if measure_coverage:
        COVERAGE_DATA.mkdir(parents=True, exist_ok=True)
        for old in COVERAGE_DATA.glob("*.data*"):
            old.unlink()
        (COVERAGE_DATA / "processes.ini").write_text(PROCESS_COVERAGE)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    with ThreadPoolExecutor(JOBS) as pool:
        futures = [pool.submit(run_check, each, measure_coverage) for each in checks]
        while wait(futures, 1).not_done:
            print_progress()
    return [future.result() for future in futures]


def print_summary(runs: list[CheckRun], seconds: float, seed: int = SEED) -> int:
    """Print the totals of all runs, and return the exit status."""
    failed_runs = [run for run in runs if run.state == "failed"]
    print()
    if any(run.state == "interrupted" for run in runs):
        print(f"interrupted after {seconds:.0f} s")
        return 128 + signal.SIGINT
    for run in runs:
        if run.tests:
            for summary in PYTEST_SUMMARY.finditer("\n".join(run.output)):
                print(f"{run.name}: {summary[0].strip('= ')}")
        if run.in_summary:
            print(f"{run.name}: {run.result}")
    for run in failed_runs:
        print(f"{run.name}: {LABELS['failed']}: see .cache/logs/{run.name}.log")
    # A suite counts its tests. Any other check counts as one, and so does a suite that failed without a failed test.
    passed = sum(run.tests["passed"] or 1 for run in runs if run.state == "passed")
    passed += sum(run.tests["passed"] for run in failed_runs)
    failed = sum((run.tests["failed"] + run.tests["error"]) or 1 for run in failed_runs)
    skipped = [run.name for run in runs if run.state == "skipped"]
    skipped_tests = sum(run.tests["skipped"] for run in runs)
    print(
        f"{len(runs)} checks in {seconds:.0f} s, {_processor_minutes():.1f} minutes of processor time, seed {seed}"
        + (f"; skipped: {', '.join(skipped)}" if skipped else "")
    )
    print(f"{passed} passed, {failed} failed, {len(skipped) + skipped_tests} skipped")
    return 1 if failed_runs else 0


def _processor_minutes() -> float:
    """Processor time of this process and of all ended child processes: independent of the number of cores."""
    spent = os.times()
    return (spent.user + spent.system + spent.children_user + spent.children_system) / 60
