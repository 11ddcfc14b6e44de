# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The checks of this collection: what each runs, and the runner.

check.py [NAME…]    runs these checks or groups (default: all), several at a time, and says how it went
check.py --list     tells what there is

Environment: V=1 shows all output as it comes, one check at a time; JOBS=n runs n at a time (default: one for each
core); ARGS is passed on to pytest or ansible-test; CORE=2.21 takes another ansible-core for ansible-test, and AWS=floor
or AWS=newest another amazon.aws.

To add a check: write a function with the @check decorator below; `make help`, `make NAME` and `make test` then know it.
"""

from __future__ import annotations

import os
import re
import secrets
import shlex
import signal
import subprocess
import sys
import tarfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import workshop
from workshop import CACHE, IMPORT_TREE, LAB, ROOT, VENV, WorkshopError

import lab

CORE = os.environ.get("CORE") or workshop.DEFAULT_CORE
ARGS = shlex.split(os.environ.get("ARGS", ""))
VERBOSE = os.environ.get("V", "") not in ("", "0")
JOBS = 1 if VERBOSE else int(os.environ.get("JOBS") or max(2, os.cpu_count() or 2))

TALLY = re.compile(r"(\d+) (passed|failed|errors?|skipped|xfailed|xpassed)\b")
# what pip says while ansible-test installs: in the log, but not in the report of a failure
CHATTER = re.compile(
    r"\s*(Collecting|Downloading|Using cached|Installing|Successfully installed|Processing|Looking in|━|Obtaining"
    r"|Requirement already satisfied|WARNING: Location|WARNING: Using locale)|^Running sanity test"
)
SHOWN = 300  # lines of a failure; CI, where nobody can open the log, shows all
CLOSING = re.compile(r"^=*\s?((?:\d+ [a-z]+(?:, )?)+) in [\d.]+s.*$", re.MULTILINE)


class Red(Exception):
    """The check found something."""


class Skipped(Exception):
    """There is nothing here yet for the check to look at."""


@dataclass
class Run:
    """One run of one check: its commands, what they printed, and its figure for the table."""

    name: str
    output: list[str] = field(default_factory=list)
    figure: str = ""
    tests: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    state: str = "ok"

    def __call__(self, *argv: str | Path, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> str:
        """Run a command of the environment of tools; a status other than 0 makes the check red."""
        command = [str(a) for a in argv]
        tool = VENV / "bin" / command[0]
        self.say(f"$ {shlex.join(command)}")
        printed: list[str] = []
        base = {"PATH": workshop.real_path(VENV), "ANSIBLE_COLLECTIONS_PATH": str(IMPORT_TREE), "NO_COLOR": "1"}
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
        with _living(process):
            assert process.stdout
            for line in process.stdout:
                printed.append(line.rstrip("\n"))
                self.say(line.rstrip("\n"))
            status = process.wait()
        if status:
            raise Red(f"{shlex.join(command)}: exit status {status}")
        return "\n".join(printed)

    def say(self, text: str) -> None:
        """Keep a line for the log; show it at once if all output is wanted."""
        self.output.append(text)
        if VERBOSE:
            print(text, flush=True)

    def count(self) -> None:
        """Read the closing lines of pytest out of the log."""
        for closing in CLOSING.finditer("\n".join(self.output)):
            for number, what in TALLY.findall(closing[1]):
                self.tests[what.replace("errors", "error")] += int(number)
        self.figure = self.figure or ", ".join(f"{n} {what}" for what, n in self.tests.items())

    def pytest(self, *argv: str | Path, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> None:
        """Run pytest; no tests at all is red, too."""
        tree = {"PYTHONPATH": os.pathsep.join([str(IMPORT_TREE), str(LAB)])}
        tree["HYPOTHESIS_STORAGE_DIRECTORY"] = str(CACHE / "hypothesis")
        try:
            self("pytest", "-o", f"cache_dir={CACHE / 'pytest'}", *argv, *ARGS, cwd=cwd, env={**tree, **(env or {})})
        finally:
            self.count()


@dataclass(frozen=True)
class Check:
    """What `make NAME` runs."""

    name: str
    group: str
    about: str
    on: str | None
    run: Callable[[Run], None]
    always: bool


CHECKS: dict[str, Check] = {}


Body = Callable[[Run], None]


def check(group: str, on: str | None = None, *, always: bool = True) -> Callable[[Body], Body]:
    """Make a check of a function; `on` is the path without which there is nothing to check yet."""

    def register(function: Body) -> Body:
        name = function.__name__.replace("_", "-")
        CHECKS[name] = Check(name, group, (function.__doc__ or "").strip(), on, function, always)
        return function

    return register


# What is for the repository only: folders, and files at the top.
NOT_SHIPPED = ("lab/", "scripts/", "benchmarks/", "demo/", ".ci/", "Makefile", "galaxy.yml")


# The checks, the slow ones first: so all cores are busy to the end


def _ansible_test(run: Run, aws: str, command: str, *arguments: str, config: str | None = None) -> None:
    """Run ansible-test in a tree of its own."""
    which = os.environ.get("AWS") or aws
    venv = workshop.core_venv(CORE)
    place = f"{run.name}-{CORE}"
    with workshop.locked(f"tree-{place}"):
        tree = workshop.copy_tree(place, which, leave_out=("lab/", "scripts/", ".ci/", "benchmarks/"))
        if config is not None:
            (tree / "tests" / "integration" / "integration_config.yml").write_text(config)
        env = {
            "HOME": str(workshop.ansible_test_home(place)),
            "PATH": workshop.real_path(venv),
            "ANSIBLE_COLLECTIONS_PATH": "",
        }
        run(venv / "bin" / "ansible-test", command, "--venv", "--color", "no", *arguments, *ARGS, cwd=tree, env=env)


@check("quick", on="tests/contract")
def contract(run: Run) -> None:
    """the modules and the engine against a lab, in pytest, without Ansible around them"""
    run.pytest("tests/contract", env={"AWS_CLI": str(workshop.aws_cli())})


@check("ansible-test")
def sanity(run: Run) -> None:
    """ansible-test sanity, on every Python that is here (CORE=2.21, AWS=floor for others)"""
    _ansible_test(run, "newest", "sanity")
    names = set(re.findall(r'Running sanity test "([a-z0-9-]+)"', "\n".join(run.output)))
    if not names:
        raise Red("ansible-test ran no test.")
    run.figure = f"{len(names)} sanity tests, ansible-core {CORE}"


@check("demo", on="demo/run")
def walk(run: Run) -> None:
    """the demo, against a lab of its own"""
    run(ROOT / "scripts" / "with-lab", ROOT / "demo" / "run")


@check("ansible-test", on="tests/integration/targets")
def integration(run: Run) -> None:
    """ansible-test integration: playbooks against the lab, with the oldest amazon.aws that is supported"""
    with lab.running() as env:
        options = {
            "endpoint_url": env["AWS_ENDPOINT_URL"],
            "access_key": env["AWS_ACCESS_KEY_ID"],
            "secret_key": env["AWS_SECRET_ACCESS_KEY"],
            "region": env["AWS_REGION"],
        }
        lines = "aws:\n" + "".join(f'  {k}: "{v}"\n' for k, v in options.items())
        lines += f"kms_elsewhere: {{}}\nlacks: {{}}\nresource_prefix: sealed-{secrets.token_hex(4)}\n"
        _ansible_test(run, "floor", "integration", "--python", workshop.python_of(CORE), config=lines)
    log = "\n".join(run.output)
    targets = set(re.findall(r"^Running (\S+) integration test role", log, re.MULTILINE))
    if not targets:
        raise Red("ansible-test ran no target.")
    tasks = sum(int(n) for n in re.findall(r"^testhost\s+: ok=(\d+)", log, re.MULTILINE))
    run.figure = f"{len(targets)} targets, {tasks} tasks"


def _store(run: Run, name: str) -> None:
    """Run the integration targets against a store that is not ours; arguments are names of targets."""
    printed = run("python", ROOT / "scripts" / "stores.py", name, *ARGS)
    run.figure = printed.splitlines()[-1]


@check("stores", on="tests/integration/stores/ministack.yml")
def ministack(run: Run) -> None:
    """the same playbooks against MiniStack, another stand-in for AWS"""
    _store(run, "ministack")


@check("stores", on="tests/integration/stores/seaweedfs.yml")
def seaweedfs(run: Run) -> None:
    """the same playbooks against SeaweedFS, a store that encrypts on disk, with its keys in MiniStack"""
    _store(run, "seaweedfs")


@check("aws", always=False)
def integration_aws(run: Run) -> None:
    """the same playbooks against AWS itself: with credentials, AWS_REGION and PREFIX=…; makes keys, which cost money"""
    _store(run, "aws")


@check("ansible-test", on="tests/unit")
def units(run: Run) -> None:
    """ansible-test units: the pure rooms, the laws, the import table"""
    try:
        _ansible_test(run, "newest", "units", "--python", workshop.python_of(CORE))
    finally:
        run.count()
    if not run.tests:
        raise Red("ansible-test ran no test.")


@check("lab", on="lab/tests")
def conformance(run: Run) -> None:
    """the lab's own tests: how far it behaves as AWS does"""
    # by its own name, whether the lab's conftest asks for the plugin or not
    run.pytest("-p", "no:sealed_lab", "-p", "sealed_lab.pytest_plugin", "tests", cwd=LAB)
    figures = re.findall(r"^conformance, (.+)$", "\n".join(run.output), re.MULTILINE)
    run.figure = "; ".join([run.figure, *figures])


@check("papers")
def docs(run: Run) -> None:
    """antsibull-docs: every module's documentation, and every reference in it"""
    with workshop.locked("tree-docs"):
        tree = workshop.copy_tree("docs", "newest", leave_out=("lab/",))
        run(
            *("antsibull-docs", "lint-collection-docs", "--plugin-docs"),
            *("--validate-collection-refs", "all", "--skip-rstcheck", tree),
            env={"ANSIBLE_COLLECTIONS_PATH": str(tree.parents[2])},
        )


@check("quick", on="tests/unit", always=False)
def pytest(run: Run) -> None:
    """tests/unit in plain pytest: the quick loop while you write (`make test` runs them by ansible-test)"""
    run.pytest("tests/unit")


@check("types", on="lab/sealed_lab")
def lab_types(run: Run) -> None:
    """mypy on the lab and its tests, strictly"""
    run.figure = run("mypy", "--cache-dir", CACHE / "mypy-lab", "sealed_lab", "tests", cwd=LAB).splitlines()[-1]


@check("types")
def types(run: Run) -> None:
    """mypy on the collection and on these scripts"""
    collection = IMPORT_TREE / "ansible_collections" / "sealed" / "s3" / "plugins"
    env = {"MYPYPATH": str(IMPORT_TREE)}
    config = ("--config-file", ROOT / ".mypy.ini", "--cache-dir", CACHE / "mypy")
    found = run("mypy", *config, "--explicit-package-bases", collection, env=env).splitlines()[-1]
    run("mypy", *config, *sorted((ROOT / "scripts").glob("*.py")), env={"MYPYPATH": str(ROOT / "scripts")})
    run.figure = found


@check("lint")
def ruff(run: Run) -> None:
    """ruff: format and rules (`make format` repairs what it can)"""
    run("ruff", "format", "--check", "--diff", "--cache-dir", CACHE / "ruff", ".")
    run("ruff", "check", "--cache-dir", CACHE / "ruff", ".")


@check("lint")
def yamllint(run: Run) -> None:
    """yamllint on every YAML file"""
    run("yamllint", "--strict", *(n for n in workshop.tracked() if n.endswith((".yml", ".yaml", ".yamllint"))))


@check("lint")
def ansible_lint(run: Run) -> None:
    """ansible-lint on examples, playbooks, roles and integration targets"""
    folders = [f for f in ("examples", "playbooks", "roles", "demo") if (ROOT / f).is_dir()]
    if not folders:
        raise Skipped("no examples/, playbooks/ or roles/ yet")
    run("ansible-lint", "--offline", "--strict", *folders)


@check("lint")
def house(run: Run) -> None:
    """rules of this repository: action group, links between documents, no stray files"""
    run("python", ROOT / "scripts" / "house_rules.py")


@check("papers")
def licences(run: Run) -> None:
    """reuse: every file says its licence"""
    run("reuse", "lint", "--lines")


@check("papers")
def changelog(run: Run) -> None:
    """antsibull-changelog: fragments are well formed"""
    run("antsibull-changelog", "lint")


@check("papers", on="scripts/generate_doc_fragments.py")
def generated(run: Run) -> None:
    """documentation that is written from the encryption kinds is what the kinds say"""
    run("python", ROOT / "scripts" / "generate_doc_fragments.py", "--check")


@check("papers")
def build(run: Run) -> None:
    """ansible-galaxy: build the tarball, look into it, install it beside the oldest amazon.aws"""
    with workshop.locked("tree-build"):
        tree = workshop.copy_tree("build", "floor")
        output = CACHE / "dist"
        for old in output.glob("*.tar.gz"):
            old.unlink()
        run("ansible-galaxy", "collection", "build", "--force", "--output-path", output, cwd=tree)
        (tarball,) = output.glob("sealed-s3-*.tar.gz")
        with tarfile.open(tarball) as archive:
            packed = {member.name.removeprefix("./") for member in archive.getmembers() if member.isfile()}
        shipped = {name for name in workshop.tracked() if not name.startswith(NOT_SHIPPED)}
        expected = {*shipped, "MANIFEST.json", "FILES.json"}
        if packed != expected:
            stray, missing = sorted(packed - expected), sorted(expected - packed)
            raise Red(f"In the tarball, but not to be shipped: {stray}. Not in it: {missing}.")
        installed = CACHE / "trees" / "installed"
        aws = workshop.amazon_aws("floor") / "ansible_collections" / "amazon" / "aws"
        offline = ("--offline", "--force", "-p", installed)
        run("ansible-galaxy", "collection", "install", aws, tarball, *offline)
        listed = run("ansible-doc", "-l", "sealed.s3", env={"ANSIBLE_COLLECTIONS_PATH": str(installed)})
        modules = {f"sealed.s3.{p.stem}" for p in (ROOT / "plugins" / "modules").glob("[!_]*.py")}
        absent = sorted(m for m in modules if m not in listed)
        if absent:
            raise Red(f"ansible-doc does not find {absent} in the installed collection.")
    run.figure = f"{tarball.relative_to(ROOT)}, {tarball.stat().st_size // 1024} KiB, {len(modules)} modules"


@check("format", always=False)
def format(run: Run) -> None:
    """format the Python files, and repair what ruff can"""
    run("ruff", "check", "--fix-only", "--cache-dir", CACHE / "ruff", ".")
    run("ruff", "format", "--cache-dir", CACHE / "ruff", ".")


# The runner


_processes: set[subprocess.Popen[str]] = set()
_stopping = threading.Event()


class _living:
    """Know a process while it runs, so that an interrupt can end it with all its children."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def __enter__(self) -> None:
        _processes.add(self.process)
        if _stopping.is_set():
            _end(self.process, signal.SIGTERM)

    def __exit__(self, *_: object) -> None:
        _processes.discard(self.process)


def _end(process: subprocess.Popen[str], number: int) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        pass


def _stop(_number: int, _frame: FrameType | None) -> None:
    first = not _stopping.is_set()
    _stopping.set()
    for process in list(_processes):
        _end(process, signal.SIGTERM if first else signal.SIGKILL)


def _paint(text: str, colour: int) -> str:
    return f"\033[{colour}m{text}\033[0m" if sys.stdout.isatty() and "NO_COLOR" not in os.environ else text


WORDS = {"ok": _paint("ok  ", 32), "red": _paint("FAIL", 31), "skip": _paint("skip", 33), "cut": _paint("cut ", 33)}
CLEAR = "\r\033[K" if sys.stdout.isatty() else ""
_printing = threading.Lock()
_started: dict[str, float] = {}


def _report(run: Run) -> None:
    with _printing:
        if run.state == "red" and not VERBOSE:
            lines = [line for line in run.output if not CHATTER.match(line)]
            if len(lines) > SHOWN and "CI" not in os.environ:
                lines[:-SHOWN] = [f"({len(lines) - SHOWN} lines more in .cache/logs/{run.name}.log)"]
            print("\n".join([CLEAR, _paint(f"── {run.name} ──", 31), *lines, ""]))
        print(f"{CLEAR}{WORDS[run.state]}  {run.name:<16}{run.seconds:>6.1f} s  {run.figure}", flush=True)


def _tell_what_runs() -> None:
    """Keep one line up to date for who watches."""
    with _printing:
        if CLEAR and not VERBOSE:
            now = time.monotonic()
            print(
                CLEAR + "      " + ", ".join(f"{n} {now - t:.0f} s" for n, t in list(_started.items())),
                end="",
                flush=True,
            )


def _perform(it: Check) -> Run:
    run = Run(it.name)
    if _stopping.is_set():
        run.state = "cut"
        return run
    _started[it.name] = time.monotonic()
    try:
        if it.on and not (ROOT / it.on).exists():
            raise Skipped(f"there is no {it.on} yet")
        it.run(run)
    except Skipped as reason:
        run.state, run.figure = "skip", str(reason)
    except (Red, WorkshopError, OSError) as error:
        run.state = "cut" if _stopping.is_set() else "red"
        run.say(str(error))
    run.seconds = time.monotonic() - _started.pop(it.name)
    log = CACHE / "logs" / f"{run.name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("\n".join(run.output) + "\n")
    _report(run)
    return run


def _summary(runs: list[Run], seconds: float) -> int:
    red = [r for r in runs if r.state == "red"]
    print()
    if any(r.state == "cut" for r in runs):
        print(f"interrupted after {seconds:.0f} s")
        return 128 + signal.SIGINT
    for run in runs:
        closing = [m[0] for m in CLOSING.finditer("\n".join(run.output))]
        for line in closing if run.tests else []:
            print(f"{run.name}: {line.strip('= ')}")
    for run in red:
        print(f"{run.name}: {WORDS['red']}: see {(CACHE / 'logs' / run.name).relative_to(ROOT)}.log")
    # a suite counts its tests; any other check counts as one, as does a suite that broke without a failed test
    passed = sum(r.tests["passed"] or 1 for r in runs if r.state == "ok")
    passed += sum(r.tests["passed"] for r in red)
    failed = sum((r.tests["failed"] + r.tests["error"]) or 1 for r in red)
    skipped = [r.name for r in runs if r.state == "skip"]
    print(
        f"{len(runs)} checks in {seconds:.0f} s, {_processor_minutes():.1f} minutes of processor time"
        + (f"; skipped: {', '.join(skipped)}" if skipped else "")
    )
    print(f"{passed} passed, {failed} failed")
    return 1 if red else 0


def _processor_minutes() -> float:
    """Of this process and all that it has started and that has ended: what the checks cost, on however many cores."""
    spent = os.times()
    return (spent.user + spent.system + spent.children_user + spent.children_system) / 60


def _chosen(names: list[str]) -> list[Check]:
    groups = {c.group for c in CHECKS.values()}
    unknown = [n for n in names if n not in CHECKS and n not in groups]
    if unknown:
        raise WorkshopError(f"There is no check {', '.join(unknown)}; there are {', '.join(CHECKS)}.")
    return [c for c in CHECKS.values() if (c.always if not names else c.name in names or c.group in names)]


def main(arguments: list[str]) -> int:
    """Do what the command line asks."""
    if arguments == ["--names"]:
        print(" ".join(CHECKS))
        return 0
    if arguments == ["--list"]:
        for each in CHECKS.values():
            print(f"  {each.name:<16}{each.about}")
        return 0
    chosen = _chosen(arguments)
    start = time.monotonic()
    workshop.prepare()
    print(f"tools ready  {time.monotonic() - start:>8.1f} s", flush=True)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    with ThreadPoolExecutor(JOBS) as pool:
        futures = [pool.submit(_perform, each) for each in chosen]
        while wait(futures, 1).not_done:
            _tell_what_runs()
    return _summary([f.result() for f in futures], time.monotonic() - start)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except WorkshopError as problem:
        sys.exit(str(problem))
