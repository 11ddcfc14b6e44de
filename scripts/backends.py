# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Run the integration targets against a backend other than the lab.

backends.py NAME [TARGET…]    starts the backend on free loopback ports, runs its targets in plain ansible-playbook,
                              removes what they did not clean up, which is a failure, and stops the backend

NAME is a file of tests/integration/backends, which lists what to install, the targets to run, and the features that the
backend does not support, each with the reason. `aws` starts nothing: it uses the credentials and the region of the
environment, and requires PREFIX=… there.

Runs in the tools' environment.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FrameType

import boto3
import store_servers
import yaml
from botocore.config import Config
from environments import IMPORT_TREE, ROOT, VENV, SetupError
from store_servers import Variables, read_description

TARGETS = ROOT / "tests" / "integration" / "targets"
START = {"ministack": store_servers.ministack, "seaweedfs": store_servers.seaweedfs, "aws": store_servers.aws}


def _prefix(name: str) -> str:
    """A prefix for the names of all resources of this run."""
    given = os.environ.get("PREFIX", "" if name == "aws" else f"sealed-s3-{name}")
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,30}", given):
        raise SetupError("PREFIX=… is required: the prefix of all names, with at most 31 characters of a-z, 0-9 and -.")
    return f"{given}-{secrets.token_hex(4)}"


def _play(target: str, folder: Path, env: Mapping[str, str]) -> tuple[bool, str]:
    """Run one target in plain ansible-playbook, and return whether it passed, and its output."""
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
        "roles": [target],
    }
    playbook = folder / f"{target}.yml"
    playbook.write_text(yaml.safe_dump([play]))
    command = [str(VENV / "bin" / "ansible-playbook"), "-e", f"@{folder / 'variables.json'}", str(playbook)]
    completed = subprocess.run(
        command, cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace"
    )
    return completed.returncode == 0, completed.stdout + completed.stderr


def _environment(name: str) -> dict[str, str]:
    inherited = {k: v for k, v in os.environ.items() if name == "aws" or not k.startswith("AWS_")}
    return {
        **inherited,
        "PATH": os.pathsep.join([str(VENV / "bin"), os.environ.get("PATH", os.defpath)]),
        "NO_PROXY": ",".join(filter(None, [os.environ.get("NO_PROXY"), "127.0.0.1,localhost"])),
        **({} if name == "aws" else {"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.devnull}),
        "ANSIBLE_COLLECTIONS_PATH": str(IMPORT_TREE),
        "ANSIBLE_ROLES_PATH": str(TARGETS),
        "ANSIBLE_PIPELINING": "1",
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
    }


def _remove_leftovers(variables: Variables, prefix: str) -> list[str]:
    """Remove all resources with the prefix of this run, and return their names: none, if the targets clean up."""
    options = variables["aws"]
    keys = {"region_name": options["region"]}
    if "access_key" in options:
        keys |= {"aws_access_key_id": options["access_key"], "aws_secret_access_key": options["secret_key"]}
    endpoint = options.get("endpoint_url")
    s3 = boto3.client(
        "s3", endpoint_url=endpoint, config=Config(s3={"addressing_style": "path" if endpoint else "auto"}), **keys
    )
    kms = boto3.client("kms", endpoint_url=variables["kms_options"].get("kms_endpoint_url", endpoint), **keys)
    leftovers = []
    for bucket in [b["Name"] for b in s3.list_buckets()["Buckets"]]:
        if bucket.startswith(f"{prefix}-"):
            leftovers.append(f"the bucket {bucket}")
            for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
                for found in page.get("Contents", []):
                    s3.delete_object(Bucket=bucket, Key=found["Key"])
            s3.delete_bucket(Bucket=bucket)
    for page in kms.get_paginator("list_aliases").paginate():
        for alias in page["Aliases"]:
            if not alias["AliasName"].startswith(f"alias/{prefix}-"):
                continue
            if kms.describe_key(KeyId=alias["TargetKeyId"])["KeyMetadata"]["KeyState"] != "PendingDeletion":
                leftovers.append(f"the key of {alias['AliasName']}")
                kms.delete_alias(AliasName=alias["AliasName"])
                kms.schedule_key_deletion(KeyId=alias["TargetKeyId"], PendingWindowInDays=7)
    return leftovers


def _unused_names(unsupported: Mapping[str, str], targets: list[str]) -> list[str]:
    """The names of features that no target mentions, so that nothing is skipped for them."""
    text = "".join(path.read_text() for target in targets for path in sorted((TARGETS / target).rglob("*.yml")))
    return [name for name in unsupported if name not in text]


def run(name: str, selected: list[str]) -> int:
    """Run the targets against one backend, and print what was skipped and why. Returns the exit status."""
    description = read_description(name)
    targets = selected or description["targets"]
    unsupported: dict[str, str] = description["unsupported"]
    unused = _unused_names(unsupported, description["targets"])
    if unused:
        raise SetupError(f"No target of {name} skips anything for {', '.join(unused)}.")
    for feature, reason in unsupported.items():
        print(f"skipped: {feature}: {reason}", flush=True)
    prefix = _prefix(name)
    tasks, failed = 0, []
    with tempfile.TemporaryDirectory(prefix="sealed-backend-") as temporary:
        folder = Path(temporary)
        with START[name](folder) as connection:
            variables = {**connection, "unsupported": unsupported, "resource_prefix": prefix}
            (folder / "variables.json").touch(0o600)
            (folder / "variables.json").write_text(json.dumps(variables))
            env = _environment(name)
            with ThreadPoolExecutor(2) as pool:
                plays = pool.map(lambda target: _play(target, folder, env), targets)
                for target, (passed, printed) in zip(targets, plays, strict=True):
                    print(f"\n── {target} ──\n{printed}", flush=True)
                    tasks += sum(int(number) for number in re.findall(r"^localhost +: ok=(\d+)", printed, re.MULTILINE))
                    failed += [] if passed else [target]
            leftovers = _remove_leftovers(connection, prefix)
    if leftovers:
        print(f"not cleaned up by the targets, and removed now: {', '.join(leftovers)}")
    if failed:
        print(f"failed: {', '.join(failed)}")
    print(f"result: {len(targets)} targets, {tasks} tasks; skipped: {', '.join(unsupported) or 'nothing'}")
    return 1 if failed or leftovers else 0


def _interrupted(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)  # the context managers then stop the servers


def main(arguments: list[str]) -> int:
    """Run the command line."""
    if not arguments or arguments[0] not in START:
        print(__doc__)
        return 2
    signal.signal(signal.SIGTERM, _interrupted)
    return run(arguments[0], arguments[1:])


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except SetupError as error:
        sys.exit(str(error))
