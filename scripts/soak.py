# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The long tests, by parts: what is too much for `make test`. A part is a session of noxfile.py named soak-PART.

soak.py            list the parts
soak.py PART…      run these parts, and write their results into tests/soak/results.json; `all` runs all of them

Environment: SEED=n repeats a run with random input (default: a new seed). UPDATE=1 writes the tables of the stores.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import sys
import time
from datetime import datetime, timezone
from typing import Any

import environments
from environments import CORES, ROOT, SetupError, call, nox_command

os.environ.setdefault("SEED", str(secrets.randbelow(2**31)))  # before run_sessions reads it
os.environ["SEALED_SOAK"] = "1"  # tests/contract/scale.py

from run_sessions import Run, interrupted, run_sessions, summary
from tested_versions import tested_commit

RESULTS = ROOT / "tests" / "soak" / "results.json"
# Every supported ansible-core, with all Pythons that are installed.
MATRIX = [f"ansible-test-{command}-{core}" for core in CORES for command in ("sanity", "units", "integration")]


def parts() -> dict[str, str]:
    """Return the parts, and what each does."""
    found = dict(re.findall(r"^. soak-(\w+) -> (.+)$", call(*nox_command("--list")), re.MULTILINE))
    return {**found, "matrix": "Run ansible-test sanity, units and integration with every supported ansible-core."}


def _write(name: str, runs: list[Run], commit: str) -> None:
    """Write the result of a part; the other parts keep theirs."""
    figures = [
        run.result() if len(runs) == 1 else f"{run.name}: {run.result() or ('passed' if run.passed else 'failed')}"
        for run in runs
    ]
    known: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    known[name] = {
        "state": "passed" if all(run.passed for run in runs) else "failed",
        "date": f"{datetime.now(timezone.utc):%Y-%m-%d}",
        "commit": commit,
        "seed": int(os.environ["SEED"]),
        "seconds": round(sum(run.seconds for run in runs)),
        "figures": "; ".join(figures),
    }
    RESULTS.write_text(json.dumps(dict(sorted(known.items())), indent=2, ensure_ascii=False) + "\n")


def main(names: list[str]) -> int:
    """Run the command line."""
    known = parts()
    if not names:
        print("make soak PART…, of these parts, or all:")
        print("\n".join(f"  {name:<12}{text}" for name, text in known.items()))
        return 0
    unknown = [name for name in names if name not in (*known, "all")]
    if unknown:
        raise SetupError(f"Unknown part: {', '.join(unknown)}. The parts are {', '.join(known)}.")
    start = time.monotonic()
    environments.prepare()
    commit = tested_commit()
    print(f"{datetime.now(timezone.utc):%Y-%m-%d}, commit {commit}, seed {os.environ['SEED']}", flush=True)
    done: list[Run] = []
    for name in known if "all" in names else names:
        runs = run_sessions(MATRIX if name == "matrix" else [f"soak-{name}"])
        if interrupted.is_set():
            break
        _write(name, runs, commit)
        if name in ("matrix", "oldest"):
            collect = ["--collect"] if name == "matrix" else []
            call(sys.executable, ROOT / "scripts" / "tested_versions.py", *collect)
        done += runs
    return summary(done, time.monotonic() - start)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except SetupError as problem:
        sys.exit(str(problem))
