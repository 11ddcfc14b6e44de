# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Run the matrix of tests/integration/stores against stores other than AWS.

stores.py [NAME…]            starts each store on free loopback ports, runs the matrix, and compares it with its table
stores.py --sample [NAME…]   the same with a sample of the matrix: each row and each kind, but not every pair of them
stores.py --date [NAME…]     the same, and writes today's date into the tables of the stores that are as expected
stores.py --update [NAME…]   the same, and writes the tables as they are now

A fault of the collection at any store, such as an "ok" that is not true, is a failure, and so is a difference from the
table tests/integration/stores/tables/NAME.yml. docs/stores.md is written from the tables (store_page.py).

Runs in the tools' environment.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path
from types import FrameType
from typing import Any

import lab
import yaml
from environments import IMPORT_TREE, ROOT, VENV, SetupError
from store_servers import STORES, WITHOUT_KMS

TABLES = ROOT / "tests" / "integration" / "stores" / "tables"
MATRIX = "ansible_collections.sealed.s3.tests.integration.stores"
HEADER = "".join(line for line in Path(__file__).read_text().splitlines(keepends=True)[:3])

Cells = dict[str, dict[str, dict[str, str]]]  # of a run: row, kind, and the name and the sentence of its outcome
Table = dict[str, dict[str, str]]  # of a file: row, kind, name of the outcome


def is_fault(outcome: str) -> bool:
    """Whether this outcome is a fault of the collection: tests/integration/stores/outcome.py has these in capitals."""
    return outcome.isupper()


def read_table(name: str) -> dict[str, Any]:
    """Return the file of a store: its date, and the outcome of each row for each kind."""
    path = TABLES / f"{name}.yml"
    found: dict[str, Any] = yaml.safe_load(path.read_text()) if path.exists() else {"rows": {}}
    return found


def write_table(name: str, rows: Table) -> None:
    """Write the file of a store."""
    lines = [
        f"---\n{HEADER}\n# Written by scripts/stores.py --update: what each row of the matrix comes to, by kind.\n\n"
    ]
    lines.append(f"date: {datetime.now(timezone.utc):%Y-%m-%d}\nrows:\n")
    for row, cells in rows.items():
        flow = yaml.safe_dump(cells, default_flow_style=True, sort_keys=False, allow_unicode=True, width=1000).strip()
        lines.append(f'  "{row}":\n' + "".join(f"    {each}\n" for each in _wrapped(flow)))
    TABLES.mkdir(exist_ok=True)
    (TABLES / f"{name}.yml").write_text("".join(lines))


def _wrapped(flow: str) -> list[str]:
    lines = [""]
    for part in flow.replace(", ", ",\n").split("\n"):
        if len(lines[-1]) + len(part) > 110:
            lines.append(" ")
        lines[-1] = f"{lines[-1]} {part}" if lines[-1].strip() else lines[-1] + part
    return lines


@contextlib.contextmanager
def client_kms(name: str) -> Iterator[dict[str, str]]:
    """Yield the options for the KMS of client-side encryption at a store that has none: a lab has the keys."""
    if name not in WITHOUT_KMS:
        yield {}
        return
    with lab.running() as found:
        yield {"kms_endpoint_url": found["AWS_ENDPOINT_URL"]}


def run_store(name: str, *, sample: bool) -> Cells:
    """Start a store, run the matrix against it, and stop it."""
    with tempfile.TemporaryDirectory(prefix="sealed-store-") as temporary:
        folder = Path(temporary)
        with STORES[name](folder) as connection, client_kms(name) as client_kms_options:
            file = folder / "connection.json"
            file.touch(0o600)
            file.write_text(json.dumps({**connection, "client_kms_options": client_kms_options}))
            inherited = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
            env = {
                **inherited,
                "PYTHONPATH": str(IMPORT_TREE),
                "NO_PROXY": "127.0.0.1,localhost",
                "AWS_EC2_METADATA_DISABLED": "true",
                "AWS_CONFIG_FILE": os.devnull,
                "AWS_MAX_ATTEMPTS": "2",  # some stores answer 500 to what they do not know, each time
            }
            python = VENV / "bin" / "python"
            command = [str(python), "-m", MATRIX, str(file), *(["--sample"] if sample else [])]
            completed = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if completed.returncode:
        raise SetupError(f"{completed.stderr}\nThe matrix did not run against {name}.")
    cells: Cells = json.loads(completed.stdout)
    return cells


def report(name: str, cells: Cells, *, update: bool, date: bool, sample: bool) -> bool:
    """Print the result of a store, and return whether it is that of its table, without a fault of the collection."""
    rows: Table = {row: {kind: cell["name"] for kind, cell in found.items()} for row, found in cells.items()}
    known = read_table(name)["rows"]
    good = True
    print(f"\n── {name} ──")
    for row, found in cells.items():
        for kind, cell in found.items():
            expected = known.get(row, {}).get(kind)
            if is_fault(cell["name"]) or cell["name"] != expected:
                good = good and not is_fault(cell["name"]) and update
                print(f"{row}, {kind}: {cell['name']}, in the table: {expected}. {cell['sentence']}")
    vanished = sorted((row, kind) for row, found in known.items() for kind in found if kind not in rows.get(row, {}))
    if vanished and not update and not sample:
        good = False
        print(f"in the table, and not in the matrix: {vanished}")
    if update or (date and good):
        write_table(name, rows)
    counted = Counter(outcome.partition(" (")[0] for found in rows.values() for outcome in found.values())
    numbers = ", ".join(f"{number} {outcome}" for outcome, number in counted.most_common() if outcome != "–")
    print(f"result: {name}: {numbers}")
    return good


def _interrupted(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)  # the context managers then stop the servers


def main(arguments: list[str]) -> int:
    """Run the command line."""
    update = "--update" in arguments
    date = "--date" in arguments
    sample = "--sample" in arguments
    if sample and (update or date):
        raise SetupError("--sample writes no table.")
    names = [each for each in arguments if not each.startswith("--")] or list(STORES)
    unknown = [name for name in names if name not in STORES]
    if unknown:
        raise SetupError(f"Unknown store: {', '.join(unknown)}. The stores are {', '.join(STORES)}.")
    signal.signal(signal.SIGTERM, _interrupted)
    with ThreadPoolExecutor(2) as pool:
        runs = pool.map(lambda name: run_store(name, sample=sample), names)
        good = [
            report(name, cells, update=update, date=date, sample=sample)
            for name, cells in zip(names, runs, strict=True)
        ]
    failed = [name for name, passed in zip(names, good, strict=True) if not passed]
    if failed:
        print(f"failed: {', '.join(failed)}")
    print(f"{len(names)} stores: {', '.join(names)}")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except SetupError as error:
        sys.exit(str(error))
