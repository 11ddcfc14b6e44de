# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Measure a directory of small files, beside other tools that upload one. See benchmarks/README.md.

make bench OF=small_files                                     200 and 2,000 files of 2 KiB, three times each
make bench OF=small_files ARGS="--sizes 200 --kinds SSE-KMS"
make bench OF=small_files ARGS="--only alone --repetitions 1"  only our module and bare boto3
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import itertools
import json
import os
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))

import environments
import lab
from measure import Sample, extrapolate, median
from objects import BUCKET, Command, Objects
from servers import LabServer

HERE = Path(__file__).parent
RESULTS = environments.CACHE / "bench" / "small_files.json"
FILE_SIZE = 2048
OWN_KEY = "32 bytes of a customer's own key"
NEW, AGAIN, ONE = "new", "again", "one changed"
JOBS = (NEW, AGAIN, ONE)
BARE = "bare boto3, 16 threads"
# Tasks in a loop are measured with so many files, and extrapolated.
LOOP = 20


@dataclass(frozen=True)
class Work:
    """What a tool is to do: upload these files to this prefix, under this encryption."""

    folder: Path
    prefix: str
    kind: str
    key: str
    job: str
    changed: str

    @property
    def names(self) -> list[str]:
        """The names of the files."""
        return sorted(path.name for path in self.folder.iterdir())


@dataclass(frozen=True)
class Tool:
    """A tool with its command. `kinds` are those that it supports. A loop does not run with all files."""

    name: str
    prefix: str
    kinds: tuple[str, ...]
    command: Callable[[Work], Command]
    is_loop: bool = False


class Tools:
    """The commands of all tools."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    def all(self) -> Iterator[Tool]:
        """Ours, the other collections, the other programs, and the baseline."""
        both = ("SSE-KMS", "SSE-C")
        yield Tool(BARE, "bare", both, self._bare)
        yield Tool("our module alone", "alone", both, lambda work: self._module(work))
        yield Tool("our task", "task", both, lambda work: self._objects.play({_SYNC: self._sync(work)}))
        yield Tool("our module for one object, in a loop", "ours", both, self._our_loop, is_loop=True)
        yield Tool("amazon.aws.s3_object in a loop", "theirs", ("SSE-KMS",), self._amazon_aws, is_loop=True)
        yield Tool("community.aws.s3_sync", "s3_sync", ("SSE-KMS",), self._s3_sync)
        yield Tool("aws s3 sync", "cli", both, self._cli)
        yield Tool("s5cmd sync", "s5cmd", ("SSE-KMS",), self._s5cmd)

    def _bare(self, work: Work) -> Command:
        verb, changed = ("put", []) if work.job == NEW else ("head", [work.changed] if work.job == ONE else [])
        program = HERE / "bare_objects.py"
        return [self._objects.python, program, verb, "16", BUCKET, work.folder, work.kind, work.key, *changed]

    def _encryption(self, work: Work) -> dict[str, str]:
        return {"encryption": work.kind, "kms_key" if work.kind == "SSE-KMS" else "customer_key": work.key}

    def _sync(self, work: Work) -> dict[str, str]:
        return {"bucket": BUCKET, "prefix": work.prefix, "src": str(work.folder), **self._encryption(work)}

    def _module(self, work: Work) -> Command:
        return self._objects.module("s3_encrypted_sync", self._sync(work))

    def _loop(self, work: Work, module: str, options: dict[str, str]) -> Command:
        return self._objects.play({module: options, "loop": work.names, "loop_control": {"label": ""}})

    def _our_loop(self, work: Work) -> Command:
        options = {
            "bucket": BUCKET,
            "key": f"{work.prefix}/{{{{ item }}}}",
            "src": f"{work.folder}/{{{{ item }}}}",
            **self._encryption(work),
        }
        return self._loop(work, "sealed.s3.s3_encrypted_object", options)

    def _amazon_aws(self, work: Work) -> Command:
        options = {
            "bucket": BUCKET,
            "object": f"{work.prefix}/{{{{ item }}}}",
            "src": f"{work.folder}/{{{{ item }}}}",
            "mode": "put",
            "encryption_mode": "aws:kms",
            "encryption_kms_key_id": work.key,
        }
        return self._loop(work, "amazon.aws.s3_object", options)

    def _s3_sync(self, work: Work) -> Command:
        options = {"bucket": BUCKET, "key_prefix": work.prefix, "file_root": str(work.folder)}
        return self._objects.play({"community.aws.s3_sync": {**options, "file_change_strategy": "checksum"}})

    def _cli(self, work: Work) -> Command:
        sse = ["--sse", "aws:kms", "--sse-kms-key-id", work.key]
        if work.kind == "SSE-C":
            sse = ["--sse-c", "AES256", "--sse-c-key", work.key]
        address = f"s3://{BUCKET}/{work.prefix}"
        return [environments.aws_cli(), "s3", "sync", "--only-show-errors", *sse, work.folder, address]

    def _s5cmd(self, work: Work) -> Command:
        sse = ["--sse", "aws:kms", "--sse-kms-key-id", work.key]
        return [environments.s5cmd(), "--numworkers", "16", "sync", *sse, f"{work.folder}/", f"s3://{BUCKET}/s5cmd/"]


_SYNC = "sealed.s3.s3_encrypted_sync"


class Bench:
    """Runs the tools in turn, each job in its own process."""

    def __init__(self, server: LabServer, folder: Path) -> None:
        account, secret = lab.CREDENTIALS["AWS_ACCESS_KEY_ID"], lab.CREDENTIALS["AWS_SECRET_ACCESS_KEY"]
        aws = {"endpoint_url": server.url, "region": "us-east-1", "access_key": account, "secret_key": secret}
        collections = os.pathsep.join(map(str, (environments.IMPORT_TREE, environments.community_aws())))
        self._server = server
        self._folder = folder
        self._objects = Objects(aws, folder, 0, server.environment(), collections)
        # New buckets block SSE-C.
        default = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
        rule: Any = {**default, "BlockedEncryptionTypes": {"EncryptionType": ["NONE"]}}
        self._objects.s3.put_bucket_encryption(Bucket=BUCKET, ServerSideEncryptionConfiguration={"Rules": [rule]})
        self.tools = list(Tools(self._objects).all())

    def run(self, tool: Tool, kind: str, size: int) -> dict[str, Sample]:
        """All jobs of a tool, for files that are not there yet. A loop runs with none and with some of them."""
        if not tool.is_loop:
            return self._run(tool, kind, size)
        empty, measured = self._run(tool, kind, 0), self._run(tool, kind, LOOP)
        return {job: extrapolate(empty[job], measured[job], LOOP, size) for job in JOBS}

    def sees_encryption(self, tool: Tool, kind: str) -> bool:
        """Whether the tool restores the encryption of an object that another client wrote with the same content."""
        work = self._work(tool, kind, 3, AGAIN)
        self._clear()
        self._objects.measure(tool.command(dataclasses.replace(work, job=NEW)))
        key = f"{tool.prefix}/{work.changed}"
        self._objects.s3.put_object(Bucket=BUCKET, Key=key, Body=(work.folder / work.changed).read_bytes())
        with contextlib.suppress(SystemExit):  # a tool may fail then, which is no silence either
            self._objects.measure(tool.command(work))
            with contextlib.suppress(self._objects.s3.exceptions.ClientError):
                return bool(self._objects.s3.head_object(Bucket=BUCKET, Key=key).get("SSEKMSKeyId"))
        return True

    def _run(self, tool: Tool, kind: str, size: int) -> dict[str, Sample]:
        self._clear()
        samples = {}
        for job in JOBS:
            work = self._work(tool, kind, size, job)
            self._server.prepare(0, compliant=False)
            sample = self._objects.measure(tool.command(work))
            calls: dict[str, float] = dict(Counter(call["operation"] for call in self._server.records()))
            samples[job] = dataclasses.replace(sample, calls=calls)
        return samples

    def _work(self, tool: Tool, kind: str, size: int, job: str) -> Work:
        """The files. Before the job with one change, one of them gets another content of the same size."""
        folder = self._folder / f"files-{size}"
        if job in (NEW, AGAIN) and not folder.exists():
            folder.mkdir()
            for number in range(size):
                (folder / f"file-{number:05}.conf").write_bytes(os.urandom(FILE_SIZE))
        changed = f"file-{size // 2:05}.conf"
        if job == ONE and size:
            (folder / changed).write_bytes(os.urandom(FILE_SIZE))
        key = self._server.kms_key if kind == "SSE-KMS" else OWN_KEY
        return Work(folder, tool.prefix, kind, key, job, changed)

    def _clear(self) -> None:
        for page in self._objects.s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET):
            for found in page.get("Contents", ()):
                self._objects.s3.delete_object(Bucket=BUCKET, Key=found["Key"])


def measure(bench: Bench, tools: list[Tool], kind: str, size: int, repetitions: int) -> dict[str, dict[str, Sample]]:
    """The median of each job of each tool, which run in turn. A loop is so slow that one run shows it."""
    runs: dict[str, list[dict[str, Sample]]] = {tool.name: [] for tool in tools}
    for repetition in range(repetitions):
        for tool in tools:
            if not (tool.is_loop and repetition):
                runs[tool.name].append(bench.run(tool, kind, size))
    return {name: {job: median([run[job] for run in found]) for job in JOBS} for name, found in runs.items()}


def table(size: int, kind: str, job: str, results: dict[str, dict[str, Sample]], sees: dict[str, bool]) -> str:
    """The figures of one job in Markdown."""
    head = [f"{size:,} files, {kind}, {job}", "processor seconds", "of bare boto3", "wall", "MiB", "S3 and KMS calls"]
    rows = [[*head, "sees the encryption"], ["---", *["---:"] * 5, "---"]]
    base = results[BARE][job].cpu
    for name, samples in results.items():
        sample = samples[job]
        mark = "~" if sample.extrapolated else ""
        figures = [f"{mark}{sample.cpu:.2f}", f"{mark}{sample.cpu / base:.2f}", f"{mark}{sample.wall:.2f}"]
        shown = "yes" if sees.get(name) else "no"
        rows.append([name, *figures, f"{sample.peak_mib:.0f}", f"{mark}{sample.requests:,.0f}", shown])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


@contextlib.contextmanager
def _bench() -> Iterator[Bench]:
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=RESULTS.parent, prefix="small-files-") as folder,
        LabServer(environments.VENV / "bin" / "python") as server,
    ):
        yield Bench(server, Path(folder))


def main(arguments: list[str]) -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="*", default=[200, 2000])
    parser.add_argument("--kinds", nargs="*", default=["SSE-KMS", "SSE-C"])
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--only", nargs="*", help="prefixes of tools (see Tools.all), beside bare boto3")
    given = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    environments.prepare()
    document: dict[str, object] = {}
    with environments.locked("bench-run"), _bench() as bench:
        tools = [tool for tool in bench.tools if given.only is None or tool.prefix in ("bare", *given.only)]
        sees = {tool.name: tool.name != BARE and bench.sees_encryption(tool, tool.kinds[0]) for tool in tools}
        for kind, size in itertools.product(given.kinds, given.sizes):
            results = measure(bench, [tool for tool in tools if kind in tool.kinds], kind, size, given.repetitions)
            document[f"{kind} {size}"] = {
                name: {job: dataclasses.asdict(sample) for job, sample in jobs.items()}
                for name, jobs in results.items()
            }
            RESULTS.write_text(json.dumps(document, indent=1))
            for job in JOBS:
                print(f"\n{table(size, kind, job, results, sees)}", flush=True)
    print(f"\nAll figures: {RESULTS}")


if __name__ == "__main__":
    main(sys.argv[1:])
