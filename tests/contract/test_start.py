# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What the start of a module costs, as Ansible sends it: most of a small task's time, so it must not grow unnoticed.

These are counts, which do not depend on the machine. `make bench OF=start` measures the time, beside amazon.aws.
"""

from __future__ import annotations

import collections
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
COLLECTIONS = next(Path(path) for path in sys.path if (Path(path) / "ansible_collections" / "sealed").is_dir())
OWN = "ansible_collections.sealed.s3.plugins.module_utils."
# The files that are imported after `payload.compile_once`.
COMPILED_ONCE = re.compile(
    r"/ansible_collections/sealed/s3/plugins/module_utils/(?!frontend/payload\.py).*(?<!__init__)\.py$"
)
CONTENT = "a small object\n"


@dataclass(frozen=True)
class Run:
    """What a run imported, compiled, opened and listed, and its result."""

    result: dict[str, Any]
    report: dict[str, Any]

    @property
    def own(self) -> set[str]:
        """Our own modules that were imported, such as `model.errors`, without packages."""
        names = {name.removeprefix(OWN) for name in self.report["imported"] if name.startswith(OWN)}
        return {name for name in names if not any(other.startswith(f"{name}.") for other in names)}

    @property
    def services(self) -> set[str]:
        """The services of AWS whose model was loaded, so that a client could be created."""
        found = (re.search(r"botocore/data/([^/]+)/[^/]+/service-2", path) for path in self.report["opened"])
        return {match[1] for match in found if match}


@dataclass(frozen=True)
class Case:
    """A small task, and what its start may cost: files of ours, and services. `unused` begins the names of other files.

    The limits are the numbers of files when they were written, and a few more. If a change needs more of them, check
    whether a plain task needs them, too. If it does not, import them where they are used: in a function, or for type
    checking only.
    """

    module: str
    options: dict[str, Any]
    changed: bool
    most_files: int
    services: set[str]
    unused: tuple[str, ...]


CASES = {
    "bucket": Case(
        "bucket_default_encryption",
        {"bucket": "example-bucket", "encryption": "SSE-KMS", "kms_key": "KEY"},
        changed=False,
        most_files=93,
        services={"s3"},
        unused=("aws.keys.kms", "aws.objects.", "engine.objects.", "engine.transfer.", "envelope.", "model.iam."),
    ),
    "policy": Case(
        "bucket_encryption_policy",
        {"bucket": "example-bucket", "remove_rules": ["require_tls"]},
        changed=False,
        most_files=109,
        services={"s3"},
        unused=("aws.keys.kms", "aws.objects.", "engine.objects.", "engine.transfer.", "envelope."),
    ),
    "count": Case(
        "bucket_reencryption_info",
        {"bucket": "example-bucket"},
        changed=False,
        most_files=118,
        services={"s3"},
        unused=("aws.batch_jobs.", "aws.keys.kms", "engine.batch_jobs.", "engine.transfer.", "envelope.", "model.iam."),
    ),
    "upload": Case(
        "s3_encrypted_object",
        {"bucket": "example-bucket", "key": "a", "content": CONTENT, "encryption": "SSE-KMS", "kms_key": "KEY"},
        changed=False,
        most_files=166,
        services={"s3"},
        unused=("aws.keys.kms", "engine.fleet.fleet", "engine.keys.kms_key", "model.iam.", "model.keys.key_steps"),
    ),
    "reencryption": Case(
        "bucket_reencryption",
        {"bucket": "example-bucket"},
        changed=False,
        most_files=191,
        services={"s3"},
        unused=("engine.batch_jobs.", "aws.batch_jobs.", "aws.accounts.iam", "engine.keys.kms_key", "model.iam."),
    ),
    "key": Case(
        "kms_key_for_s3",
        {"alias": "new"},
        changed=True,
        most_files=93,
        services={"kms", "sts"},
        unused=(
            "aws.buckets.",
            "aws.direct.calls",
            "aws.objects.",
            "engine.keys.key_deletion",
            "engine.objects.",
            "envelope.",
        ),
    ),
}


def run_payload(case: Case, folder: Path, key: str) -> Run:
    """Build the file that Ansible sends, and run it."""
    options = {name: key if value == "KEY" else value for name, value in case.options.items()}
    payload, tasks, report = folder / f"{case.module}.py", folder / "tasks.json", folder / "report.json"
    tasks.write_text(json.dumps([{"file": str(payload), "module": f"sealed.s3.{case.module}", "options": options}]))
    own = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    settings = {"ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), "ANSIBLE_HOME": str(folder)}
    build = [sys.executable, str(HERE / "payloads.py"), str(tasks)]
    subprocess.run(build, env={**own, **settings, "ANSIBLE_LOCAL_TEMP": str(folder)}, check=True)
    run = [sys.executable, str(HERE / "observed_run.py"), str(report), str(payload)]
    done = subprocess.run(run, env=own, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return Run(json.loads(done.stdout.strip().splitlines()[-1]), json.loads(report.read_text()))


@pytest.mark.usefixtures("at_aws")
@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_a_start_costs_what_the_task_needs(case: Case, tmp_path: Path, s3: Any, bucket: str, key_arn: str) -> None:
    """The task's own files, each compiled once; the clients that it calls; nothing of cryptography or of transfers."""
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key_arn}}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
    under_key = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key_arn}
    s3.put_object(Bucket=bucket, Key="a", Body=CONTENT, ContentType="application/octet-stream", **under_key)

    run = run_payload(case, tmp_path, key_arn)

    assert run.result["changed"] == case.changed, run.result
    assert len(run.own) <= case.most_files, sorted(run.own)
    assert [name for name in run.own if name.startswith(case.unused)] == []
    assert run.services == case.services
    compiled = collections.Counter(path for path in run.report["compiled"] if COMPILED_ONCE.search(path))
    assert len(compiled) == len(run.own) - 1
    assert {path: count for path, count in compiled.items() if count > 1} == {}
    imported = set(run.report["imported"])
    assert imported & {"boto3.s3.inject", "boto3.s3.transfer", "concurrent.futures.process"} == set()
    assert [name for name in imported if name.split(".")[0] == "cryptography"] == []
    # The SDK lists the folders of all services, which are hundreds, unless it is told which one it needs.
    assert len([path for path in run.report["listed"] if "botocore/data/" in path]) <= 8
    assert run.report["frozen"] > 10_000
    assert run.report["collects"]
