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

import contextlib
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FrameType
from typing import Any

import boto3
import environments
import yaml
from botocore.config import Config
from environments import IMPORT_TREE, ROOT, VENV, SetupError
from local_server import free_ports, running_server

from lab import CREDENTIALS

INTEGRATION = ROOT / "tests" / "integration"
TARGETS = INTEGRATION / "targets"
BACKENDS = INTEGRATION / "backends"
REGION = CREDENTIALS["AWS_REGION"]
# SeaweedFS has fixed identities. MiniStack accepts any access key; all that are not 12 digits belong to one account.
ACCESS_KEY, SECRET_KEY = "sealed-backend-key", "any-secret-of-the-backend"

Variables = dict[str, Any]


@contextlib.contextmanager
def _server(command: list[str | Path], env: Mapping[str, str], folder: Path, port: int, path: str) -> Iterator[None]:
    """Run a server during the block. Its working folder is also its home and its folder for temporary files."""
    folder.mkdir()
    own = {"PATH": os.defpath, "HOME": str(folder), "TMPDIR": str(folder), **env}
    with running_server(command, port, path, folder / "log", folder=folder, env=own):
        yield


def _read_description(name: str) -> dict[str, Any]:
    description: dict[str, Any] = yaml.safe_load((BACKENDS / f"{name}.yml").read_text())
    return description


def _venv(name: str) -> Path:
    return environments.isolated_venv(f"backends/{name}", *_read_description(name)["install"])


@contextlib.contextmanager
def ministack(folder: Path) -> Iterator[Variables]:
    """Run MiniStack, without the listeners that cannot be restricted to the loopback interface."""
    (port,) = free_ports(1)
    env = {
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
        "S3_DATA_DIR": str(folder / "ministack" / "s3"),
        "STATE_DIR": str(folder / "ministack" / "state"),
    }
    command: list[str | Path] = [_venv("ministack") / "bin" / "ministack"]
    with _server(command, env, folder / "ministack", port, "/_ministack/health"):
        endpoint = f"http://127.0.0.1:{port}"
        account, secret = CREDENTIALS["AWS_ACCESS_KEY_ID"], CREDENTIALS["AWS_SECRET_ACCESS_KEY"]
        aws = {"endpoint_url": endpoint, "access_key": account, "secret_key": secret, "region": REGION}
        yield {"aws": aws, "kms_options": {}}


@contextlib.contextmanager
def seaweedfs(folder: Path) -> Iterator[Variables]:
    """Run SeaweedFS, with a MiniStack for its keys."""
    with ministack(folder) as keys:
        kms = keys["aws"]["endpoint_url"]
        provider = {
            "type": "aws",
            "region": REGION,
            "endpoint": kms,
            "access_key": ACCESS_KEY,
            "secret_key": SECRET_KEY,
            "cache_enabled": False,
        }
        identity = {
            "name": "admin",
            "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
        settings = {
            "identities": [identity],
            "kms": {"default_provider": "keys", "providers": {"keys": provider}},
        }
        (folder / "s3.json").write_text(json.dumps(settings))
        (folder / "data").mkdir()
        names = [f"{part}.port{kind}" for part in ("master", "volume", "filer", "s3") for kind in ("", ".grpc")]
        ports = dict(zip(names, free_ports(len(names)), strict=True))
        command: list[str | Path] = [
            _venv("seaweedfs") / "bin" / "weed",
            *("server", "-filer", "-s3", f"-dir={folder / 'data'}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"),
            *(f"-{name}={port}" for name, port in ports.items()),
            *("-s3.port.iceberg=0", "-s3.port.lance=0", f"-s3.config={folder / 's3.json'}"),
            *("-volume.max=0", "-master.volumeSizeLimitMB=64"),
        ]
        # Without a key-encryption key, it answers every upload under SSE-S3 with InternalError.
        env = {"WEED_S3_SSE_KEK": secrets.token_hex(32)}
        try:
            with _server(command, env, folder / "seaweedfs", ports["s3.port"], "/status"):
                endpoint = f"http://127.0.0.1:{ports['s3.port']}"
                aws = {"endpoint_url": endpoint, "access_key": ACCESS_KEY, "secret_key": SECRET_KEY, "region": REGION}
                yield {"aws": aws, "kms_options": {"kms_endpoint_url": kms}}
        finally:
            for port in ports.values():  # it does not remove its sockets, and does not create them in TMPDIR
                for abandoned in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):
                    abandoned.unlink(missing_ok=True)


@contextlib.contextmanager
def aws(_folder: Path) -> Iterator[Variables]:
    """Use AWS itself: boto3 and Ansible find credentials and region in the environment."""
    if not os.environ.get("AWS_REGION"):
        raise SetupError("For AWS, set AWS_REGION and credentials in the environment.")
    yield {"aws": {"region": os.environ["AWS_REGION"]}, "kms_options": {}}


START = {"ministack": ministack, "seaweedfs": seaweedfs, "aws": aws}


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
    description = _read_description(name)
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
    print(f"{len(targets)} targets, {tasks} tasks; skipped: {', '.join(unsupported) or 'nothing'}")
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
