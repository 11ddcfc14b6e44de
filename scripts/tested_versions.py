# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The versions that ansible-test ran with, and docs/tested_versions.md, which lists them.

tested_versions.py             write the page from tests/soak/tested_versions.json and results.json
tested_versions.py --check     check that the page is what would be written
tested_versions.py --collect   first add to the JSON file what the sessions ansible-test-* have noted in this checkout

The sessions call `start` and `finish`, in the tree of ansible-test. This file imports the standard library only,
because noxfile.py imports it.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, TypedDict

ROOT = Path(__file__).resolve().parent.parent
NOTES = ROOT / ".cache" / "tested-versions"
RESULTS = ROOT / "tests" / "soak" / "tested_versions.json"
PARTS = ROOT / "tests" / "soak" / "results.json"
PAGE = ROOT / "docs" / "tested_versions.md"
COMMANDS = ("sanity", "units", "integration")
# ansible-test makes an environment for each Python of a command, and keeps it until the next run.
ENVIRONMENTS = Path("tests", "output", ".tmp", "delegation")
PACKAGES = ("ansible-core", "boto3", "botocore", "cryptography")

BEFORE_TABLE = """# Tested versions

`make soak matrix` runs ansible-test with each supported release line of ansible-core, and writes this table. The
playbooks (integration) run against a simulation of AWS that is compared with recorded answers of AWS, not against AWS
itself. They use the oldest amazon.aws that is tested, the other commands the newest. The
[policies](policies.md#supported-versions) say which versions are supported, and [stores.md](stores.md) at which other
stores the modules were run.

"""


AFTER_TABLE = """
## The oldest versions

`make soak oldest` runs the [demo](../demo/walk.yml), which uses every kind of encryption, with the oldest versions that
are supported on the host that runs the tasks.

"""


class Result(TypedDict):
    """The result of a command of ansible-test, and the versions that it ran with."""

    state: str
    date: str
    commit: str
    versions: dict[str, list[str]]


Results = dict[str, dict[str, Result]]


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def tested_commit() -> str:
    """Return the commit that was tested, and whether there were changes besides the results."""
    own = [f":!{path.relative_to(ROOT)}" for path in (RESULTS, PAGE, PARTS)]
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", ".", *own)
    return _git("rev-parse", "--short=12", "HEAD") + (" with changes" if changed else "")


def _note(command: str, core: str, state: str, versions: dict[str, list[str]]) -> None:
    NOTES.mkdir(parents=True, exist_ok=True)
    today = f"{datetime.now(timezone.utc):%Y-%m-%d}"
    result = Result(state=state, date=today, commit=tested_commit(), versions=versions)
    (NOTES / f"{command}-{core}.json").write_text(json.dumps(result))


def start(command: str, core: str) -> None:
    """Note that a command of ansible-test starts. Unless `finish` follows, it has failed."""
    _note(command, core, "failed", {"ansible-core": [core]})


def finish(command: str, core: str, environment: Path) -> None:
    """Note that a command has passed, and the versions that it ran with. The working directory is the tree.

    `environment` is that of the session, where ansible-core is. The tests run in environments of ansible-test.
    """
    manifest = Path("..", "..", "amazon", "aws", "MANIFEST.json")
    versions = {
        "ansible-core": _installed([environment]).get("ansible-core", [core]),
        **_installed(list(ENVIRONMENTS.glob("*"))),
        "amazon.aws": [json.loads(manifest.read_text())["collection_info"]["version"]],
    }
    _note(command, core, "passed", versions)


def _installed(environments: list[Path]) -> dict[str, list[str]]:
    """Return the versions of Python and of packages in virtual environments."""
    found: dict[str, set[str]] = {}
    for settings in (each / "pyvenv.cfg" for each in environments if (each / "pyvenv.cfg").exists()):
        environment = settings.parent
        python = re.search(r"^version(?:_info)?\s*=\s*(\d+\.\d+\.\d+)", settings.read_text(), re.MULTILINE)
        found.setdefault("Python", set()).update([python[1]] if python else [])
        for package in PACKAGES:
            pattern = f"lib/python*/site-packages/{package.replace('-', '_')}-*.dist-info"
            names = [path.name.removesuffix(".dist-info") for path in environment.glob(pattern)]
            found.setdefault(package, set()).update(name.rpartition("-")[2] for name in names)
    return {name: sorted(versions, key=_numbers) for name, versions in found.items() if versions}


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]


def collect(results: Results) -> Results:
    """Return the results, with those of the sessions that have run in this checkout."""
    merged = {core: dict(commands) for core, commands in results.items()}
    for path in NOTES.glob("*.json"):
        command, _, core = path.stem.partition("-")
        merged.setdefault(core, {})[command] = json.loads(path.read_text())
    return {core: merged[core] for core in sorted(merged, key=_numbers)}


def _cell(commands: dict[str, Result], package: str) -> str:
    """Return the versions of a package in all commands."""
    versions = {version for result in commands.values() for version in result["versions"].get(package, [])}
    return ", ".join(sorted(versions, key=_numbers)) or "–"


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def _matrix(results: Results) -> str:
    """Return the table of ansible-core."""
    packages = ("Python", "boto3", "amazon.aws")
    header = ["ansible-core", *packages, *COMMANDS, "date", "commit"]
    rows = [header, ["---"] * len(header)]
    for commands in results.values():
        states = [commands[command]["state"] if command in commands else "–" for command in COMMANDS]
        dates = sorted({result["date"] for result in commands.values()})
        commits = sorted({f"`{result['commit']}`" for result in commands.values()})
        versions = [_cell(commands, package) for package in ("ansible-core", *packages)]
        rows.append([*versions, *states, ", ".join(dates), ", ".join(commits)])
    return "".join(map(_row, rows))


def render(results: Results, parts: dict[str, dict[str, str]]) -> str:
    """Return the page. `parts` are the results of the parts of `make soak`."""
    oldest = parts.get("oldest")
    cells = [oldest["figures"], oldest["state"], oldest["date"], f"`{oldest['commit']}`"] if oldest else ["–"] * 4
    header = ["versions and tasks", "state", "date", "commit"]
    return BEFORE_TABLE + _matrix(results) + AFTER_TABLE + "".join(map(_row, [header, ["---"] * 4, cells]))


def _load(path: Path) -> Any:
    return json.loads(path.read_text()) if path.exists() else {}


def main(arguments: list[str]) -> None:
    """Run the command line."""
    results: Results = _load(RESULTS)
    if "--collect" in arguments:
        results = collect(results)
        RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    page = render(results, _load(PARTS))
    if "--check" not in arguments:
        PAGE.write_text(page)
    elif not PAGE.exists() or PAGE.read_text() != page:
        sys.exit(f"{PAGE.relative_to(ROOT)} is not up to date. Run scripts/tested_versions.py.")


if __name__ == "__main__":
    main(sys.argv[1:])
