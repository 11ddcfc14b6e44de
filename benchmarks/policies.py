# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Measure the policies of 100 to 1,000 buckets, beside bare boto3. See benchmarks/README.md.

make bench OF=policies                                      100 and 1,000 buckets, about a minute
make bench OF=policies FULL=1                               also 10,000 buckets
make bench OF=policies ARGS="--sizes 100 --repetitions 1"   smaller
"""

from __future__ import annotations

import argparse
import collections
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
from servers import Server

HERE = Path(__file__).parent
FOLDER = environments.CACHE / "bench" / "policies"
RESULTS = environments.CACHE / "bench" / "policies.json"
MODULE = "ansible_collections.sealed.s3.plugins.modules.bucket_encryption_policy"
THREADS = 16
OURS, THEIRS = "our module alone", f"bare boto3, {THREADS} threads"
CHANGE, NOTHING = "all to change", "nothing to do"
RULES = {"minimum_tls_version": "1.2", "allow_encryption": ["SSE-KMS", "DSSE-KMS"]}
READS = ("GetBucketWebsite", "GetBucketEncryption", "PutBucketPolicy")


class BucketEndpoint(Server):
    """The fast endpoint. Its buckets use SSE-KMS, and have no policy at first."""

    label = "fast, 0 ms"

    def __init__(self, python: Path) -> None:
        super().__init__([python, HERE / "endpoint.py"])

    def prepare_with(self, count: int, kms_key: str | None) -> None:
        """Provide this many buckets."""
        settings = {"buckets": count, "kms_key": kms_key}
        self._request("POST", "/_bench/reset", json.dumps(settings))

    def counts(self) -> dict[str, int]:
        """The counts of the endpoint."""
        counted: dict[str, int] = json.loads(self._request("GET", "/_bench/counts"))
        return counted


class Bench:
    """Runs both tools at one endpoint, each first on buckets without a policy, then on the same buckets again."""

    def __init__(self, server: BucketEndpoint, python: Path) -> None:
        self._server = server
        self._python = python
        self._environment = {
            **server.environment(),
            "AWS_REGION": "us-east-1",
            "ANSIBLE_COLLECTIONS_PATH": str(environments.IMPORT_TREE),
        }

    def measure(self, name: str, size: int) -> dict[str, Sample]:
        """One run for each job."""
        print(f"{size:,} buckets: {name}", file=sys.stderr)
        self._server.prepare(size, compliant=True)
        return {job: self._run(name, size, job) for job in (CHANGE, NOTHING)}

    def _run(self, name: str, size: int, job: str) -> Sample:
        before = collections.Counter(self._server.counts())
        log = FOLDER / "output.log"
        sample = run(self._ours() if name == OURS else self._theirs(size, job), self._environment, log)
        calls = collections.Counter(self._server.counts()) - before
        expected = {"GetBucketPolicy": size}
        if job == CHANGE:
            expected = {"GetBucketPolicy": 2 * size, **dict.fromkeys(READS, size)}
        if name == OURS:
            expected["ListBuckets"] = max(1, -(-size // 1000))
            changed = json.loads(log.read_text())["summary"]["changed"]
            if changed != (size if job == CHANGE else 0):
                raise SystemExit(f"{name} changed {changed}, see {log}")
        if calls != expected:
            raise SystemExit(f"{name} did not make the expected calls: {dict(calls)}, see {log}")
        return dataclasses.replace(sample, calls={key: float(value) for key, value in calls.items()})

    def _ours(self) -> list[str | Path]:
        options = {"select": {"names": ["bench-*"]}, **RULES, "concurrency": THREADS}
        arguments = FOLDER / "arguments.json"
        arguments.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": options}))
        return [self._python, "-m", MODULE, arguments]

    def _theirs(self, size: int, job: str) -> list[str | Path]:
        statement = {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": ["arn:aws:s3:::BUCKET", "arn:aws:s3:::BUCKET/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        more = [policy] if job == CHANGE else []
        return [self._python, HERE / "bare_policies.py", str(THREADS), str(size), *more]


def table(document: dict[str, Any]) -> str:
    """One row for each size and job."""
    head = ["buckets", "job", "what runs", "wall seconds", "processor seconds", "API calls", "peak MiB"]
    rows = [head, ["---:", "---", "---", "---:", "---:", "---:", "---:"]]
    for row in document["rows"]:
        sample = Sample(**row["result"])
        figures = [f"{sample.wall:.1f}", f"{sample.cpu:.2f}", f"{sample.requests:,.0f}", f"{sample.peak_mib:.0f}"]
        rows.append([f"{row['buckets']:,}", row["job"], row["name"], *figures])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def main(arguments: list[str]) -> None:
    """Measure, print the table, and store the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="also 10,000 buckets")
    parser.add_argument("--sizes", type=lambda text: [int(size) for size in text.split(",")])
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--ours", action="store_true", help="without bare boto3")
    given = parser.parse_args(arguments)
    sizes = given.sizes or [100, 1000, *([10_000] if given.full else [])]
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
    with environments.locked("bench-run"), BucketEndpoint(python) as server:
        bench = Bench(server, python)
        for size in sizes:
            runs = {name: [bench.measure(name, size) for _repetition in range(given.repetitions)] for name in names}
            for job in (NOTHING, CHANGE):
                for name, samples in runs.items():
                    result = dataclasses.asdict(median([sample[job] for sample in samples]))
                    document["rows"].append({"buckets": size, "job": job, "name": name, "result": result})
            RESULTS.write_text(json.dumps(document, indent=1))
    print(table(document))
    print(f"All figures: {RESULTS}")


if __name__ == "__main__":
    main(sys.argv[1:])
