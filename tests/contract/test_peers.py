# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Together with amazon.aws: a bucket that one collection has set is unchanged for the other."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from .playbooks import MODULES_IN_WORKER


def test_both_collections_agree_on_a_bucket(lab: Any, s3: Any, key_arn: str, tmp_path: Path) -> None:
    """s3_bucket with equivalent options changes nothing after our module, and the reverse."""
    theirs = {"encryption": "aws:kms", "encryption_key_id": key_arn, "bucket_key_enabled": True}
    ours = {"encryption": "SSE-KMS", "kms_key": key_arn, "bucket_key_enabled": True}
    tasks: list[dict[str, Any]] = []
    for name, order in (("example-ours-first", ("ours", "theirs")), ("example-theirs-first", ("theirs", "ours"))):
        s3.create_bucket(Bucket=name)
        for position, whose in enumerate(order):
            module = (
                {"sealed.s3.bucket_default_encryption": {"buckets": [name], **ours}}
                if whose == "ours"
                else {"amazon.aws.s3_bucket": {"name": name, **theirs}}
            )
            tasks.append({"name": f"{name}: {whose}", **module, "register": "done"})
            expected = "done is changed" if position == 0 else "done is not changed"
            tasks.append({"name": "Compare", "ansible.builtin.assert": {"that": expected, "quiet": True}})
    play = {"hosts": "localhost", "gather_facts": False, "tasks": tasks}
    (tmp_path / "peers.yml").write_text(yaml.safe_dump([play], sort_keys=False))
    done = subprocess.run(
        [*MODULES_IN_WORKER, str(tmp_path / "peers.yml"), "-e", f"ansible_python_interpreter={sys.executable}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
