# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The measured tools: each with the command that a user would run, for the same buckets and the same settings.

The settings are SSE-KMS with one key, and a bucket key.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from names import bucket_names

HERE = Path(__file__).parent


# What the buckets need: nothing, the key in place of another one, or the key in place of SSE-S3.
NOTHING, CHANGE, MOVE = "nothing to do", "all to change", "all to move to KMS"


@dataclass(frozen=True)
class Job:
    """The task for a tool: the number of buckets, and what they need."""

    buckets: int
    name: str
    kms_key: str
    folder: Path

    def write(self, name: str, document: object) -> Path:
        """Write an input file of the tool as JSON, which is also YAML."""
        path = self.folder / name
        path.write_text(json.dumps(document))
        return path


@dataclass(frozen=True)
class Contestant:
    """One tool. `command` writes the tool's input files, and returns its command line."""

    name: str
    command: Callable[[Job], list[str | Path]]


@dataclass(frozen=True)
class Programs:
    """The folders of the programs: those of the checks (`tools`), and the benchmarks' own."""

    tools: Path
    own: Path

    def bare(self, threads: int, processes: int = 1) -> Contestant:
        """boto3 in threads that only make the calls; each of the processes has so many threads."""

        def command(job: Job) -> list[str | Path]:
            key = [] if job.name == NOTHING else [job.kms_key]
            examine = ["examine"] if job.name == MOVE else []
            counts = [str(each) for each in (processes, threads, job.buckets)]
            return [self.tools / "python", HERE / "bare.py", *counts, *key, *examine]

        return Contestant(f"bare boto3, {processes} process(es) of {threads} threads", command)

    def module(self) -> Contestant:
        """Our module's process, without Ansible's."""

        def command(job: Job) -> list[str | Path]:
            arguments = job.write("arguments.json", {"ANSIBLE_MODULE_ARGS": _our_options(job)})
            module = "ansible_collections.sealed.s3.plugins.modules.bucket_default_encryption"
            return [self.tools / "python", "-m", module, arguments]

        return Contestant("our module alone", command)

    def playbook(self) -> Contestant:
        """Our module in a playbook of one task."""

        def command(job: Job) -> list[str | Path]:
            return self._playbook(job, "ours.yml", {"sealed.s3.bucket_default_encryption": _our_options(job)})

        return Contestant("ansible-playbook", command)

    def amazon_aws(self) -> Contestant:
        """The bucket module of amazon.aws in a loop, which is the way to use it for many buckets."""
        options = {"name": "{{ item }}", "state": "present", "encryption": "aws:kms", "bucket_key_enabled": True}

        def command(job: Job) -> list[str | Path]:
            task = {
                "amazon.aws.s3_bucket": {**options, "encryption_key_id": job.kms_key},
                "loop": bucket_names(job.buckets),
            }
            return self._playbook(job, "loop.yml", task)

        return Contestant("amazon.aws loop", command)

    def custodian(self) -> Contestant:
        """Cloud Custodian: its filter, and its action for the buckets that do not comply."""

        def command(job: Job) -> list[str | Path]:
            encryption = {"crypto": "aws:kms", "key": job.kms_key}
            policy = {
                "name": "buckets-under-kms",
                "resource": "aws.s3",
                # Only the calls that the filter needs. Without this it makes ten more calls for each bucket.
                "query": [{"augment-keys": "none"}],
                "filters": [{"not": [{"type": "bucket-encryption", **encryption}]}],
                "actions": [{"type": "set-bucket-encryption", **encryption, "bucket-key": True}],
            }
            policies = job.write("custodian.yml", {"policies": [policy]})
            options = ["--region", "us-east-1", "--cache-period", "0", "--output-dir", str(job.folder / "custodian")]
            return [self.own / "custodian", "run", *options, policies]

        return Contestant("Cloud Custodian", command)

    def _playbook(self, job: Job, name: str, task: Mapping[str, object]) -> list[str | Path]:
        play = {"hosts": "localhost", "gather_facts": False, "tasks": [task]}
        return [self.tools / "ansible-playbook", job.write(name, [play])]


def _our_options(job: Job) -> dict[str, object]:
    return {
        "select": {"names": ["bench-*"]},
        "encryption": "SSE-KMS",
        "kms_key": job.kms_key,
        "bucket_key_enabled": True,
    }
