# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Measure client-side encryption of one large object, beside SSE-KMS and another client. See benchmarks/README.md.

make bench OF=client_side                                      1 GiB, five times each
make bench OF=client_side ARGS="--size 256 --repetitions 1"    smaller
make bench OF=client_side ARGS="--only CSE-KMS --part-size 16MiB"
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import filecmp
import json
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))

import environments
import lab
from environments import S3_ENCRYPTION_CLIENT
from measure import Sample, median
from objects import BUCKET, Command, Objects
from servers import LabServer

HERE = Path(__file__).parent
RESULTS = environments.CACHE / "bench" / "client_side.json"
OWN_KEY = "32 bytes of a customer's own key"
BASE = "SSE-KMS"
UPLOAD, DOWNLOAD, UNCHANGED, UNCHANGED_SMALL, PASS = (
    "upload",
    "download",
    "nothing to do",
    "nothing to do, one byte",
    "one SHA-256 pass",
)
# Reads as much at a time as our module does.
_SHA256 = (
    "import hashlib, sys\ndigest = hashlib.sha256()\nwith open(sys.argv[1], 'rb') as file:\n"
    " while chunk := file.read(1 << 18): digest.update(chunk)\nprint(digest.hexdigest())"
)


@dataclass(frozen=True)
class Tool:
    """The commands of one tool, by job. Both write and read the same file."""

    name: str
    commands: dict[str, Command]


class Bench:
    """Runs the tools in turn, each job in its own process."""

    def __init__(self, server: LabServer, folder: Path, size: int, part_size: str | None) -> None:
        account, secret = lab.CREDENTIALS["AWS_ACCESS_KEY_ID"], lab.CREDENTIALS["AWS_SECRET_ACCESS_KEY"]
        aws = {"endpoint_url": server.url, "region": "us-east-1", "access_key": account, "secret_key": secret}
        self._server = server
        self._objects = Objects(aws, folder, size, server.environment())
        self._parts = {"part_size": part_size} if part_size else {}
        self._small = folder / "small"
        self._small.write_bytes(b"1")
        self._dest = folder / "dest"

    def tools(self) -> Iterator[Tool]:
        """Ours with each kind, and the other client with each of its ways."""
        kinds: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
            BASE: ({"kms_key": self._server.kms_key}, {}),
            "CSE-KMS": ({"kms_key": self._server.kms_key}, {}),
            "CSE-C": ({"customer_key": OWN_KEY}, {"customer_key": OWN_KEY}),
        }
        for kind, (options, read) in kinds.items():
            yield self._ours(kind, {"encryption": kind, **options}, read)
        yield self._theirs("S3 Encryption Client", "put", "get")
        yield self._theirs("S3 Encryption Client, in parts, tag verified last", "put_in_parts", "get_delayed")

    def run(self, tool: Tool) -> dict[str, Sample]:
        """All jobs of a tool, for objects that do not exist yet."""
        for found in self._objects.s3.list_objects_v2(Bucket=BUCKET).get("Contents", ()):
            self._objects.s3.delete_object(Bucket=BUCKET, Key=found["Key"])
        samples = {job: self._run(command) for job, command in tool.commands.items()}
        if not filecmp.cmp(self._objects.source, self._dest, shallow=False):
            raise SystemExit(f"{tool.name} did not download the same content")
        self._dest.unlink()  # a file with the content of the object would not be downloaded again
        return samples

    def sha256(self) -> Sample:
        """One pass over the file, in a process of its own."""
        return self._objects.measure([self._objects.python, "-c", _SHA256, self._objects.source])

    def _run(self, command: Command) -> Sample:
        self._server.prepare(0, compliant=False)
        sample = self._objects.measure(command)
        calls = self._server.records()
        moved = sum(call["bytes_in"] + call["bytes_out"] for call in calls if call["service"] == "s3")
        counted: dict[str, float] = dict(Counter(call["operation"] for call in calls))
        return dataclasses.replace(sample, calls={**counted, "bytes": moved})

    def _ours(self, kind: str, write: dict[str, Any], read: dict[str, Any]) -> Tool:
        name, module = "s3_encrypted_object", self._objects.module
        up = {"bucket": BUCKET, "key": "large", "src": str(self._objects.source), **self._parts, **write}
        down = {"bucket": BUCKET, "key": "large", "dest": str(self._dest), **self._parts, **read}
        small = {**up, "key": "small", "src": str(self._small)}
        upload, upload_small = module(name, up), module(name, small)
        return Tool(
            kind,
            {
                UPLOAD: upload,
                UNCHANGED: upload,
                DOWNLOAD: module("s3_encrypted_object_download", down),
                "upload, one byte": upload_small,
                UNCHANGED_SMALL: upload_small,
            },
        )

    def _theirs(self, name: str, put: str, get: str) -> Tool:
        python = environments.isolated_venv("s3-encryption-client", S3_ENCRYPTION_CLIENT) / "bin" / "python"

        def command(verb: str, file: Path) -> Command:
            return [python, HERE / "encryption_client.py", verb, BUCKET, "large", file, self._server.kms_key]

        return Tool(name, {UPLOAD: command(put, self._objects.source), DOWNLOAD: command(get, self._dest)})


def require_fitting_calls(results: dict[str, dict[str, Sample]]) -> None:
    """Stop if a kind made other calls than it needs: one more than SSE-KMS, and no bytes if there is nothing to do.

    The tag makes the object 16 bytes longer, which is one more part if the content fills its last part.
    """
    base = _calls(results[BASE][UPLOAD])
    for kind, upload, unchanged in (
        ("CSE-KMS", {"GenerateDataKey": 1}, {"HeadObject": 1, "Decrypt": 1}),
        ("CSE-C", {"DescribeKey": -1}, {"HeadObject": 1}),
    ):
        if kind not in results:
            continue
        more = Counter(_calls(results[kind][UPLOAD]))
        more.subtract(base)
        found = results[kind][UNCHANGED]
        if more.pop("UploadPart", 0) not in (0, 1) or {name: count for name, count in more.items() if count} != upload:
            raise SystemExit(f"{kind}, upload: {_describe(results[kind][UPLOAD])}")
        if _calls(found) != unchanged or found.calls["bytes"]:
            raise SystemExit(f"{kind}, nothing to do: {_describe(found)}")


def _calls(sample: Sample) -> dict[str, float]:
    return {name: count for name, count in sample.calls.items() if name != "bytes"}


def table(job: str, results: dict[str, dict[str, Sample]]) -> str:
    """The figures of one job in Markdown."""
    head = [job, "wall seconds", "processor seconds", f"of {BASE}", "peak MiB", "API calls"]
    rows = [head, ["---", "---:", "---:", "---:", "---:", "---:"]]
    base = results[BASE][job].cpu
    for name, samples in results.items():
        if job in samples:
            sample = samples[job]
            calls = sum(_calls(sample).values())
            figures = [sample.wall, sample.cpu, sample.cpu / base]
            rows.append([name, *(f"{figure:.2f}" for figure in figures), f"{sample.peak_mib:.0f}", f"{calls:.0f}"])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def summary(results: dict[str, dict[str, Sample]], passes: Sample) -> str:
    """The cost of an object to which nothing has to be done, beside a SHA-256 of it."""
    lines = [f"{PASS}: {passes.cpu:.2f} processor seconds, {passes.wall:.2f} wall"]
    for name, samples in results.items():
        if UNCHANGED in samples:
            content = samples[UNCHANGED].cpu - samples[UNCHANGED_SMALL].cpu
            lines.append(
                f"nothing to do, {name}: {content:.2f} processor seconds more than for one byte = "
                f"{content / passes.cpu:.2f} of the pass; {_describe(samples[UNCHANGED])}"
            )
    lines += [f"upload, {name}: {_describe(samples[UPLOAD])}" for name, samples in results.items()]
    return "\n".join(lines)


def _describe(sample: Sample) -> str:
    calls = ", ".join(f"{count:.0f} {name}" for name, count in sorted(_calls(sample).items()))
    return f"{calls}; {sample.calls['bytes']:,.0f} bytes of bodies"


def measure(bench: Bench, repetitions: int, only: list[str]) -> tuple[dict[str, dict[str, Sample]], Sample]:
    """The median of each job of each tool, and of the pass. Stores all samples."""
    tools = [tool for tool in bench.tools() if not only or tool.name in (BASE, *only)]
    samples: dict[str, dict[str, list[Sample]]] = {tool.name: {job: [] for job in tool.commands} for tool in tools}
    passes: list[Sample] = []
    for _repetition in range(repetitions):
        passes.append(bench.sha256())
        for tool in tools:
            for job, sample in bench.run(tool).items():
                samples[tool.name][job].append(sample)
        document = {
            name: {job: [dataclasses.asdict(sample) for sample in found] for job, found in jobs.items()}
            for name, jobs in {**samples, PASS: {PASS: passes}}.items()
        }
        RESULTS.write_text(json.dumps(document, indent=1))
    results = {name: {job: median(found) for job, found in jobs.items()} for name, jobs in samples.items()}
    return results, median(passes)


@contextlib.contextmanager
def _bench(size: int, part_size: str | None) -> Iterator[Bench]:
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=RESULTS.parent, prefix="client-side-") as folder,
        LabServer(environments.VENV / "bin" / "python") as server,
    ):
        yield Bench(server, Path(folder), size, part_size)


def main(arguments: list[str]) -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=1024, help="of the object, in MiB")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--part-size", help="of our modules, instead of their default")
    parser.add_argument("--only", nargs="*", default=[], help=f"names of tools, beside {BASE}")
    given = parser.parse_args(arguments)
    # Exit by an exception, so that the context managers stop the lab.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    environments.prepare()
    with environments.locked("bench-run"), _bench(given.size, given.part_size) as bench:
        results, passes = measure(bench, given.repetitions, given.only)
    for job in (UPLOAD, DOWNLOAD, UNCHANGED):
        print(f"\n{table(job, results)}", flush=True)
    print(f"\n{summary(results, passes)}\nAll figures: {RESULTS}")
    require_fitting_calls(results)


if __name__ == "__main__":
    main(sys.argv[1:])
