# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Measure one small task of each module, beside amazon.aws's module for the same job. See benchmarks/README.md.

make bench OF=start                                     15 runs of each task
make bench OF=start ARGS="--repetitions 5 --only key"   fewer, of the tasks with this text in their name
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))

import environments
from keys import OPTIONS, KeyLab
from keys import OURS as OUR_KEY
from keys import THEIRS as THEIR_KEY
from measure import Sample, median, run
from servers import signed

RESULTS = environments.CACHE / "bench" / "start.json"
BUCKET, OBJECT, ALIAS, NEW_ALIAS = "bench-000000", "object", "alias/bench-0", "alias/new"
CONTENT = "a small object\n"
AIM = 1.05  # at most this much of the processor time of amazon.aws
Options = dict[str, Any]


@dataclass(frozen=True)
class Task:
    """A job, the module of each collection for it with its options, and what is prepared before each run."""

    job: str
    ours: tuple[str, Options]
    theirs: tuple[str, Options]
    before: Callable[[], None]


class StartLab(KeyLab):
    """The lab with one bucket, one object and one key with an alias."""

    def set_up(self) -> None:
        """Create the bucket, the object and the key."""
        super().prepare(1, compliant=True)
        self.kms_key = self._kms("DescribeKey", {"KeyId": ALIAS})["KeyMetadata"]["Arn"]
        self._request("PUT", f"/{BUCKET}", headers=signed())

    def set_bucket(self, *, compliant: bool) -> None:
        """Set the default encryption of the bucket, or remove it."""
        self.set_rule(BUCKET, compliant=compliant)

    def set_object(self, *, present: bool) -> None:
        """Upload the object under the key, or delete it."""
        if not present:
            self._request("DELETE", f"/{BUCKET}/{OBJECT}", headers=signed())
            return
        encryption = {
            "x-amz-server-side-encryption": "aws:kms",
            "x-amz-server-side-encryption-aws-kms-key-id": self.kms_key,
        }
        self._request("PUT", f"/{BUCKET}/{OBJECT}", CONTENT, signed(**encryption))

    def rename_new_key(self) -> None:
        """Give the key that the last run has created another alias, so that the next run creates one again."""
        aliases = {each["AliasName"]: each.get("TargetKeyId") for each in self._kms("ListAliases", {})["Aliases"]}
        if NEW_ALIAS in aliases:
            self._kms("CreateAlias", {"AliasName": f"alias/old-{len(aliases)}", "TargetKeyId": aliases[NEW_ALIAS]})
            self._kms("DeleteAlias", {"AliasName": NEW_ALIAS})

    def reset_calls(self) -> None:
        """Reset the counts."""
        self._request("DELETE", "/_lab/calls")


def tasks(server: StartLab, folder: Path) -> Iterator[Task]:
    """The measured tasks."""
    key, source, dest = server.kms_key, folder / "source", folder / "dest"
    source.write_text(CONTENT)
    bucket = (
        ("sealed.s3.bucket_default_encryption", _rule(BUCKET, key)),
        ("amazon.aws.s3_bucket", _their_rule(BUCKET, key)),
    )
    yield Task("bucket, nothing to do", *bucket, lambda: server.set_bucket(compliant=True))
    yield Task("bucket, a change", *bucket, lambda: server.set_bucket(compliant=False))
    yield Task(
        "bucket, information",
        ("sealed.s3.bucket_default_encryption_info", {"bucket": BUCKET}),
        ("amazon.aws.s3_bucket_info", {"name": BUCKET, "bucket_facts": {"bucket_encryption": True}}),
        lambda: server.set_bucket(compliant=True),
    )
    ours, theirs = {"bucket": BUCKET, "key": OBJECT}, {"bucket": BUCKET, "object": OBJECT}
    their_kind = {"encrypt": True, "encryption_mode": "aws:kms", "encryption_kms_key_id": key}
    upload = (
        ("sealed.s3.s3_encrypted_object", {**ours, "src": str(source), "encryption": "SSE-KMS", "kms_key": key}),
        ("amazon.aws.s3_object", {**theirs, "src": str(source), "mode": "put", **their_kind}),
    )
    yield Task("upload, nothing to do", *upload, lambda: server.set_object(present=True))
    yield Task("upload, new", *upload, lambda: server.set_object(present=False))
    download = (
        ("sealed.s3.s3_encrypted_object_download", {**ours, "dest": str(dest)}),
        ("amazon.aws.s3_object", {**theirs, "dest": str(dest), "mode": "get"}),
    )

    def download_new() -> None:
        server.set_object(present=True)
        dest.unlink(missing_ok=True)

    def download_again() -> None:
        server.set_object(present=True)
        dest.write_text(CONTENT)

    yield Task("download, nothing to do", *download, download_again)
    yield Task("download, new", *download, download_new)
    yield Task(
        "object, information",
        ("sealed.s3.s3_encrypted_object_info", ours),
        ("amazon.aws.s3_object_info", {"bucket_name": BUCKET, "object_name": OBJECT}),
        lambda: server.set_object(present=True),
    )
    for job, alias in (("key, nothing to do", ALIAS), ("key, new", NEW_ALIAS)):
        yield Task(
            job,
            (OUR_KEY, {**OPTIONS[OUR_KEY], "alias": alias}),
            (THEIR_KEY, {**OPTIONS[THEIR_KEY], "alias": alias}),
            server.rename_new_key,
        )
    yield Task(
        "key, information",
        # Without what amazon.aws does not report: the last use, and the buckets that name the key.
        ("sealed.s3.kms_key_for_s3_info", {"alias": ALIAS, "include_last_used": False, "include_used_by": False}),
        ("amazon.aws.kms_key_info", {"alias": ALIAS}),
        server.rename_new_key,
    )


def _rule(bucket: str, key: str) -> Options:
    return {"bucket": bucket, "encryption": "SSE-KMS", "kms_key": key, "bucket_key_enabled": True}


def _their_rule(bucket: str, key: str) -> Options:
    rule = {"encryption": "aws:kms", "encryption_key_id": key, "bucket_key_enabled": True}
    return {"name": bucket, "state": "present", **rule}


class Bench:
    """Runs each module as Ansible sends it, in a process of its own, with Ansible's part of that process only."""

    def __init__(self, server: StartLab, folder: Path) -> None:
        self._server, self._folder = server, folder
        self._python = environments.VENV / "bin" / "python"
        # Cached bytecode of the packages is written by the first run, and not again.
        self._environment = {**server.environment(), "AWS_REGION": "us-east-1", "TMPDIR": str(folder)}

    def build(self, measured: list[Task]) -> None:
        """Write the files of all tasks."""
        files = [
            {"file": str(self._file(task, ours=ours)), "module": module, "options": options}
            for task in measured
            for ours, (module, options) in ((True, task.ours), (False, task.theirs))
        ]
        listed = self._folder / "tasks.json"
        listed.write_text(json.dumps(files))
        variables = {"ANSIBLE_COLLECTIONS_PATH": str(environments.IMPORT_TREE), "ANSIBLE_HOME": str(self._folder)}
        program = Path(__file__).parent.parent / "tests" / "contract" / "payloads.py"
        environments.call(self._python, program, listed, env={**variables, "ANSIBLE_LOCAL_TEMP": str(self._folder)})

    def run(self, task: Task, *, ours: bool) -> Sample:
        """One run of a task by one of the modules."""
        task.before()
        self._server.reset_calls()
        log = self._folder / "output.log"
        sample = run([self._python, self._file(task, ours=ours)], self._environment, log)
        calls: dict[str, float] = dict(self._server.counts())
        changed = json.loads(log.read_text().strip().splitlines()[-1]).get("changed", False)
        # amazon.aws transfers an object under SSE-KMS every time: its ETag is not an MD5.
        expected = task.job.endswith(("new", "change")) or (not ours and task.job.startswith(("upload", "download")))
        if changed != expected or not calls:
            raise SystemExit(f"{task.job}: not the measured job: {log.read_text()[:2000]}")
        return dataclasses.replace(sample, calls=calls)

    def _file(self, task: Task, *, ours: bool) -> Path:
        return self._folder / f"{task.job.replace(', ', '_').replace(' ', '_')}-{'ours' if ours else 'theirs'}.py"


def table(results: dict[str, dict[str, Sample]]) -> str:
    """The figures in Markdown."""
    head = ["one task", "amazon.aws", "ours", "ours / amazon.aws", "wall seconds", "API calls"]
    rows = [head, ["---", "---:", "---:", "---:", "---:", "---:"]]
    for job, found in results.items():
        ours, theirs = found["ours"], found["theirs"]
        wall, calls = f"{theirs.wall:.2f} : {ours.wall:.2f}", f"{theirs.requests:.0f} : {ours.requests:.0f}"
        rows.append([job, f"{theirs.cpu:.3f}", f"{ours.cpu:.3f}", f"{ours.cpu / theirs.cpu:.2f}", wall, calls])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def measure(bench: Bench, measured: list[Task], repetitions: int) -> dict[str, dict[str, Sample]]:
    """The median of each task of each module. They run in turn. Stores all samples."""
    samples: dict[str, dict[str, list[Sample]]] = {task.job: {"ours": [], "theirs": []} for task in measured}
    for repetition in range(repetitions + 1):
        for task in measured:
            for name in ("theirs", "ours") if repetition % 2 else ("ours", "theirs"):
                sample = bench.run(task, ours=name == "ours")
                if repetition:  # the first run fills caches of files
                    samples[task.job][name].append(sample)
        print(f"{repetition} of {repetitions}, load {os.getloadavg()[0]:.1f}", file=sys.stderr, flush=True)
    document = {
        job: {name: [dataclasses.asdict(one) for one in found] for name, found in both.items()}
        for job, both in samples.items()
    }
    RESULTS.write_text(json.dumps(document, indent=1))
    return {job: {name: median(found) for name, found in both.items()} for job, both in samples.items()}


def main(arguments: list[str]) -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=15)
    parser.add_argument("--only", default="", help="a text in the names of the tasks")
    given = parser.parse_args(arguments)
    # Exit by an exception, so that the context managers stop the lab.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    environments.prepare()
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    with (
        environments.locked("bench-run"),
        tempfile.TemporaryDirectory(dir=RESULTS.parent, prefix="start-") as folder,
        StartLab(environments.VENV / "bin" / "python") as server,
    ):
        measured = [task for task in tasks(server, Path(folder)) if given.only in task.job]
        bench = Bench(server, Path(folder))
        bench.build(measured)
        results = measure(bench, measured, given.repetitions)
    print(f"\n{table(results)}\n\nProcessor seconds; then amazon.aws : ours. All figures: {RESULTS}")
    over = [job for job, both in results.items() if both["ours"].cpu > AIM * both["theirs"].cpu]
    if over:
        print(f"Over {AIM} of amazon.aws: {', '.join(over)}")


if __name__ == "__main__":
    main(sys.argv[1:])
