# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Measure a change of the encryption of all objects of a bucket, beside other tools. See benchmarks/README.md.

make bench OF=reencryption                                      1,000 and 10,000 objects
make bench OF=reencryption FULL=1                               also 100,000 objects, and also the lab
make bench OF=reencryption ARGS="--ours --sizes 1000"           only our module and bare boto3
make bench OF=reencryption ARGS="--servers lab --sizes 1000"    the lab in AWS's place
"""

from __future__ import annotations

import argparse
import base64
import collections
import dataclasses
import hashlib
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))

import environments
from bench import prepare_programs
from contestants import Programs
from measure import Sample, extrapolate, median, run
from names import bucket_names
from servers import LabServer, Server, signed

HERE = Path(__file__).parent
FOLDER = environments.CACHE / "bench" / "reencryption"
RESULTS = environments.CACHE / "bench" / "reencryption.json"
MODULE = "ansible_collections.sealed.s3.plugins.modules.bucket_reencryption"
(BUCKET,) = bucket_names(1)
THREADS = 16
NOTHING, CHANGE = "as asked", "to change"
OURS, CHECK, BARE = "our module alone", "our module in check mode", f"bare boto3, {THREADS} threads"
COPY, CLI, CUSTODIAN = "our module, method: copy", "aws s3 cp --recursive", "Cloud Custodian, encrypt-keys"
# The slow tools are measured with at most so many objects, and extrapolated.
MOST = {CLI: 2000, CUSTODIAN: 500}
# The largest number of calls for an object and of milliseconds of processor time for a call.
CALLS, MILLISECONDS = {NOTHING: 1.01, CHANGE: 2.01}, 0.4


class ObjectEndpoint(Server):
    """The fast endpoint."""

    label = "fast, 0 ms"

    def __init__(self, programs: Programs) -> None:
        (packages,) = programs.own.parent.glob("lib/python*/site-packages")
        super().__init__([programs.tools / "python", HERE / "endpoint.py", "--packages", packages])

    def prepare_with(self, count: int, kms_key: str | None) -> None:
        """Provide this many objects."""
        settings = {"buckets": 1, "objects": count, "kms_key": self.kms_key, "object_key": kms_key}
        self._request("POST", "/_bench/reset", json.dumps(settings))

    def fill(self, count: int, kms_key: str) -> None:
        """Provide this many objects under a KMS key."""
        self.prepare_with(count, kms_key)

    def keys(self) -> dict[str, int]:
        """The number of objects that were changed, by their new KMS key."""
        changed: dict[str, int] = json.loads(self._request("GET", "/_bench/keys"))
        return changed

    def counts(self) -> dict[str, int]:
        """The counts of the endpoint."""
        counted: dict[str, int] = json.loads(self._request("GET", "/_bench/counts"))
        return counted


class ObjectLab(LabServer):
    """The lab in AWS's place."""

    label = "lab"
    _keys: tuple[str, ...] | list[str] = ()

    def set_up(self) -> None:
        """Create two keys."""
        super().set_up()
        self.other_key = self.kms_key
        super().set_up()

    def fill(self, count: int, kms_key: str) -> None:
        """Make a bucket with objects that are all like one that is uploaded under this key."""
        self._clear()
        self.prepare(1, compliant=False)
        headers = {
            "x-amz-server-side-encryption": "aws:kms",
            "x-amz-server-side-encryption-aws-kms-key-id": kms_key,
            "x-amz-server-side-encryption-bucket-key-enabled": "true",
        }
        self._request("PUT", f"/{BUCKET}/like", "x" * 13, signed(**headers))
        series = {"bucket": BUCKET, "key": "like", "count": count - 1, "prefix": "data/"}
        if count > 1:
            self._request("POST", "/_lab/objects", json.dumps(series), {"Content-Type": "application/json"})
        self._keys = ["like", *(f"data/{number:07}" for number in range(count - 1))] if count else []
        if not count:
            self._request("DELETE", f"/{BUCKET}/like", headers=signed())
        self._request("DELETE", "/_lab/calls")

    def _clear(self) -> None:
        for start in range(0, len(self._keys), 1000):
            keys = "".join(f"<Object><Key>{key}</Key></Object>" for key in self._keys[start : start + 1000])
            body = f"<Delete><Quiet>true</Quiet>{keys}</Delete>"
            checksum = base64.b64encode(hashlib.md5(body.encode()).digest()).decode()
            self._request("POST", f"/{BUCKET}?delete", body, signed(**{"Content-MD5": checksum}))

    def keys(self) -> dict[str, int]:
        """Nothing is known of the keys: the result of a tool has to do."""
        return {}


@dataclasses.dataclass(frozen=True)
class Tool:
    """A measured tool, with the calls that it makes for each object that is as asked and for each that is changed.

    `most` is the largest number of objects that it is measured with.
    """

    name: str
    command: list[str | Path]
    calls: dict[str, tuple[str, ...]]
    most: int | None = None


READ, UPDATE, COPIED = ("HeadObject",), ("HeadObject", "UpdateObjectEncryption"), ("HeadObject", "CopyObject")


class Bench:
    """Runs the tools at one server, each on a bucket of its own content."""

    def __init__(self, server: ObjectEndpoint | ObjectLab, programs: Programs) -> None:
        self._server = server
        self._programs = programs
        self._environment = {
            **server.environment(),
            "AWS_REGION": "us-east-1",
            "ANSIBLE_COLLECTIONS_PATH": str(environments.IMPORT_TREE),
        }

    def tools(self) -> Iterator[Tool]:
        """All tools. The jobs of a tool are those that it has calls for."""
        key, python = self._server.kms_key, self._programs.tools / "python"
        yield Tool(OURS, self._module(), {NOTHING: READ, CHANGE: UPDATE})
        yield Tool(CHECK, self._module(_ansible_check_mode=True), {CHANGE: READ})
        yield Tool(COPY, self._module(method="copy"), {CHANGE: COPIED})
        bare: list[str | Path] = [python, HERE / "bare_reencryption.py", str(THREADS), BUCKET, key]
        yield Tool(BARE, bare, {NOTHING: READ, CHANGE: UPDATE})
        address = f"s3://{BUCKET}/"
        options = ("--only-show-errors", "--sse", "aws:kms", "--sse-kms-key-id", key)
        cli: list[str | Path] = [environments.aws_cli(), "s3", "cp", "--recursive", *options, address, address]
        yield Tool(CLI, cli, {CHANGE: ("CopyObject",)}, MOST[CLI])
        yield Tool(CUSTODIAN, self._custodian(), {NOTHING: READ, CHANGE: COPIED}, MOST[CUSTODIAN])

    def _module(self, **options: object) -> list[str | Path]:
        wish = {"encryption": "SSE-KMS", "kms_key": self._server.kms_key, "bucket_key_enabled": True}
        task = {"bucket": BUCKET, "concurrency": THREADS, **wish, **options}
        arguments = FOLDER / f"arguments-{'-'.join(options)}.json"
        arguments.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": task}))
        return [self._programs.tools / "python", "-m", MODULE, arguments]

    def _custodian(self) -> list[str | Path]:
        policy = {
            "name": "encrypt-keys",
            "resource": "aws.s3",
            "query": [{"augment-keys": "none"}],
            "filters": [{"Name": BUCKET}],
            "actions": [{"type": "encrypt-keys", "crypto": "aws:kms", "key-id": self._server.kms_key}],
        }
        policies = FOLDER / "custodian.yml"
        policies.write_text(json.dumps({"policies": [policy]}))
        options = ["--region", "us-east-1", "--cache-period", "0", "--output-dir", str(FOLDER / "custodian")]
        return [self._programs.own / "custodian", "run", *options, policies]

    def measure(self, tool: Tool, size: int, job: str) -> Sample:
        """One run, or for a slow tool the line through a run without objects and one with fewer."""
        if tool.most is None or size <= tool.most:
            return self._run(tool, size, job)
        return extrapolate(self._run(tool, 0, job), self._run(tool, tool.most, job), tool.most, size)

    def _run(self, tool: Tool, size: int, job: str) -> Sample:
        """One run, which has to make the expected calls for each object."""
        print(f"{self._server.label}, {size:,} objects {job}: {tool.name}", file=sys.stderr, flush=True)
        server = self._server
        server.fill(size, server.kms_key if job == NOTHING else server.other_key)
        log = FOLDER / "output.log"
        sample = run(tool.command, self._environment, log)
        calls = collections.Counter(server.counts())
        of_objects = {name: calls[name] for name in {*READ, *UPDATE, *COPIED}}
        if of_objects != {name: size if name in tool.calls[job] else 0 for name in of_objects}:
            raise SystemExit(f"{tool.name} did not make the expected calls: {dict(calls)}, see {log}")
        unknown = [name for name in calls if name.startswith("unknown")]
        changed = server.keys()
        if unknown or (changed and changed != {server.kms_key: size}):
            raise SystemExit(f"{tool.name}: {unknown or changed}, see {log}")
        if tool.name in (OURS, CHECK, COPY):
            summary = json.loads(log.read_text())["summary"]
            if summary["as_asked" if job == NOTHING else "done"] != size or summary["failed"]:
                raise SystemExit(f"{tool.name} reports {summary}")
        return dataclasses.replace(sample, calls={name: float(number) for name, number in calls.items()})


def table(rows: list[dict[str, Any]]) -> str:
    """One row for each tool, size and job. The time for a call is that since the smallest bucket, without the start."""
    head = ["objects", "job", "what runs", "objects a second and core", "calls an object", "ms a call, with the start"]
    lines = [[*head, "ms for each further call", "wall seconds", "peak MiB"]]
    lines.append(["---:", "---", "---", *["---:"] * 6])
    smallest: dict[tuple[str, str], Sample] = {}
    for row in rows:
        sample, size = Sample(**row["result"]), row["objects"]
        first = smallest.setdefault((row["name"], row["job"]), sample)
        further = sample.requests - first.requests
        mark = "~" if sample.extrapolated else ""
        figures = [
            f"{mark}{size / sample.cpu:,.0f}",
            f"{mark}{sample.requests / size:.4f}",
            f"{mark}{1000 * sample.cpu / sample.requests:.3f}",
            f"{mark}{1000 * (sample.cpu - first.cpu) / further:.3f}" if further else "",
            f"{mark}{sample.wall:.1f}",
            f"{sample.peak_mib:.0f}",
        ]
        lines.append([f"{size:,}", row["job"], row["name"], *figures])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def missed(rows: list[dict[str, Any]]) -> list[str]:
    """The aims that our module does not reach with 1,000 objects or more."""
    found = []
    for row in rows:
        sample, size = Sample(**row["result"]), row["objects"]
        if row["name"] != OURS or size < 1000:
            continue
        if sample.requests > CALLS[row["job"]] * size:
            found.append(f"{size:,} objects {row['job']}: {sample.requests / size:.4f} calls an object")
        if size >= 10_000 and 1000 * sample.cpu > MILLISECONDS * sample.requests:
            found.append(f"{size:,} objects {row['job']}: {1000 * sample.cpu / sample.requests:.3f} ms a call")
    return found


def main(arguments: list[str]) -> None:
    """Measure, print the tables, and store the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="also 100,000 objects, and the lab")
    parser.add_argument("--servers", type=lambda text: text.split(","), help="such as fast,lab")
    parser.add_argument("--sizes", type=lambda text: [int(size) for size in text.split(",")])
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--only", nargs="*", help="the beginnings of the names of tools")
    parser.add_argument("--ours", action="store_true", help="only our module, and bare boto3")
    given = parser.parse_args(arguments)
    sizes = given.sizes or [1000, 10_000, *([100_000] if given.full else [])]
    servers = given.servers or ["fast", *(["lab"] if given.full else [])]
    only = tuple(given.only or (["our", "bare"] if given.ours else [""]))
    # Exit by an exception, so that the context managers stop the server.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    programs = prepare_programs()
    FOLDER.mkdir(parents=True, exist_ok=True)
    document: dict[str, Any] = {
        "when": time.strftime("%Y-%m-%d %H:%M"),
        "load before": " ".join(f"{load:.1f}" for load in os.getloadavg()),
        "servers": {},
    }
    with environments.locked("bench-run"):
        for name in servers:
            with ObjectLab(programs.tools / "python") if name == "lab" else ObjectEndpoint(programs) as server:
                rows = document["servers"][server.label] = []
                for row in _measure_all(Bench(server, programs), sizes, given.repetitions, only):
                    rows.append(row)
                    RESULTS.write_text(json.dumps(document, indent=1))
            print(f"\n{server.label}:\n\n{table(rows)}\n", flush=True)
            print("\n".join(f"Not reached: {sentence}" for sentence in missed(rows)) or "All aims are reached.")
    print(f"All figures: {RESULTS}")


def _measure_all(bench: Bench, sizes: list[int], repetitions: int, only: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """The median of the runs of each tool, which run in turn. A slow tool runs once."""
    tools = [tool for tool in bench.tools() if tool.name.startswith(only)]
    for size in sizes:
        for job in (NOTHING, CHANGE):
            samples: dict[str, list[Sample]] = collections.defaultdict(list)
            for repetition in range(repetitions):
                for tool in tools:
                    if job in tool.calls and not (tool.most and repetition):
                        samples[tool.name].append(bench.measure(tool, size, job))
            for name, runs in samples.items():
                result = dataclasses.asdict(median(runs))
                yield {"objects": size, "job": job, "name": name, "result": result, "runs": len(runs)}


if __name__ == "__main__":
    main(sys.argv[1:])
