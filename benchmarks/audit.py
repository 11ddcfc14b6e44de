# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Measure the audit of a bucket with 100 to 100,000 objects, beside bare boto3. See benchmarks/README.md.

make bench OF=audit                                      100 to 10,000 objects, some minutes
make bench OF=audit FULL=1                               also 100,000 objects
make bench OF=audit ARGS="--sizes 100 --repetitions 1"   smaller
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))

import environments
from measure import Sample, median, run
from names import bucket_names
from servers import Server

HERE = Path(__file__).parent
FOLDER = environments.CACHE / "bench" / "audit"
RESULTS = environments.CACHE / "bench" / "audit.json"
MODULE = "ansible_collections.sealed.s3.plugins.modules.s3_encrypted_object_info"
(BUCKET,) = bucket_names(1)
THREADS = 16
OURS, THEIRS = "our module alone", f"bare boto3, {THREADS} threads"


class ObjectEndpoint(Server):
    """The fast endpoint with one bucket. An object of a hundred is not under the KMS key."""

    label = "fast, 0 ms"

    def __init__(self, python: Path) -> None:
        super().__init__([python, HERE / "endpoint.py"])

    def prepare_with(self, count: int, kms_key: str | None) -> None:
        """Provide this many objects."""
        settings = {"buckets": 1, "objects": count, "kms_key": kms_key}
        self._request("POST", "/_bench/reset", json.dumps(settings))

    def counts(self) -> dict[str, int]:
        """The counts of the endpoint."""
        counted: dict[str, int] = json.loads(self._request("GET", "/_bench/counts"))
        return counted


def measure(server: ObjectEndpoint, python: Path, name: str, size: int) -> Sample:
    """One run of one of both, which has to make the expected calls and to find the expected objects."""
    print(f"{size:,} objects: {name}", file=sys.stderr)
    server.prepare(size, compliant=True)
    log = FOLDER / "output.log"
    expected = {"encryption": "SSE-KMS", "kms_key": server.kms_key}
    options = {"bucket": BUCKET, "prefix": "", "expected": expected, "concurrency": THREADS}
    arguments = FOLDER / "arguments.json"
    arguments.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": options}))
    ours: list[str | Path] = [python, "-m", MODULE, arguments]
    theirs: list[str | Path] = [python, HERE / "bare_audit.py", str(THREADS), BUCKET]
    environment = {
        **server.environment(),
        "AWS_REGION": "us-east-1",
        "ANSIBLE_COLLECTIONS_PATH": str(environments.IMPORT_TREE),
    }
    sample = run(ours if name == OURS else theirs, environment, log)
    calls = server.counts()
    pages = max(1, -(-size // 1000))
    if calls != {"ListObjectsV2": pages, "HeadObject": size}:
        raise SystemExit(f"{name} did not make the expected calls: {calls}, see {log}")
    if name == OURS:
        result = json.loads(log.read_text())
        found = (result["summary"]["compliant"], result["summary"]["non_compliant"], len(result["objects"]))
        deviating = -(-size // 100)
        if found != (size - deviating, deviating, min(100, deviating)):
            raise SystemExit(f"{name} found {found}, see {log}")
    return dataclasses.replace(sample, calls={key: float(value) for key, value in calls.items()})


def table(document: dict[str, Any]) -> str:
    """One row for each size. The time for a further object is that since the smallest bucket, which has the start."""
    head = ["objects", "what runs", "wall seconds", "processor seconds", "ms for each further object", "peak MiB"]
    rows = [head, ["---:", "---", "---:", "---:", "---:", "---:"]]
    first: dict[str, tuple[int, Sample]] = {}
    for row in document["rows"]:
        sample = Sample(**row["result"])
        size, smallest = first.setdefault(row["name"], (row["objects"], sample))
        further = row["objects"] - size
        per_object = f"{1000 * (sample.cpu - smallest.cpu) / further:.2f}" if further else ""
        figures = [f"{sample.wall:.1f}", f"{sample.cpu:.2f}", per_object, f"{sample.peak_mib:.0f}"]
        rows.append([f"{row['objects']:,}", row["name"], *figures])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def main(arguments: list[str]) -> None:
    """Measure, print the table, and store the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="also 100,000 objects")
    parser.add_argument("--sizes", type=lambda text: [int(size) for size in text.split(",")])
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--ours", action="store_true", help="without bare boto3")
    given = parser.parse_args(arguments)
    sizes = given.sizes or [100, 1000, 10_000, *([100_000] if given.full else [])]
    # Exit by an exception, so that the context managers stop the server.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    environments.prepare()
    python = environments.VENV / "bin" / "python"
    FOLDER.mkdir(parents=True, exist_ok=True)
    names = [OURS] if given.ours else [OURS, THEIRS]
    document: dict[str, Any] = {
        "when": time.strftime("%Y-%m-%d %H:%M"),
        "load before": " ".join(f"{load:.1f}" for load in os.getloadavg()),
        "rows": [],
    }
    with environments.locked("bench-run"), ObjectEndpoint(python) as server:
        for size in sizes:
            samples: dict[str, list[Sample]] = {name: [] for name in names}
            for _repetition in range(given.repetitions):
                for name, runs in samples.items():
                    runs.append(measure(server, python, name, size))
            for name, runs in samples.items():
                document["rows"].append(
                    {"objects": size, "name": name, "result": dataclasses.asdict(median(runs)), "runs": len(runs)}
                )
            RESULTS.write_text(json.dumps(document, indent=1))
    print(table(document))
    print(f"All figures: {RESULTS}")


if __name__ == "__main__":
    main(sys.argv[1:])
