# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The integration targets against a store other than the lab.

stores.py NAME [TARGET…]    starts the store on free loopback ports, runs its targets in plain ansible-playbook, looks
                            for what they left behind, and stops the store

NAME is a file of tests/integration/stores: what to install, which targets to run, and what the store lacks, with the
reason. `aws` starts nothing: it takes the credentials and the region of the environment, and wants PREFIX=… there.

Runs in the environment of tools.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FrameType
from typing import Any

import boto3
import workshop
import yaml
from botocore.config import Config
from workshop import IMPORT_TREE, ROOT, VENV, WorkshopError

from lab import CREDENTIALS, PATIENCE

INTEGRATION = ROOT / "tests" / "integration"
TARGETS = INTEGRATION / "targets"
STORES = INTEGRATION / "stores"
REGION = CREDENTIALS["AWS_REGION"]
# SeaweedFS has fixed identities. MiniStack takes any; it is one account for all that are not twelve digits.
KEY_ID, SECRET = "sealed-store-key", "any-secret-of-the-store"

Variables = dict[str, Any]


def free_ports(number: int) -> list[int]:
    """Return ports of the loopback interface that nobody listens on at this moment."""
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(number)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


@contextlib.contextmanager
def _server(command: list[str | Path], env: Mapping[str, str], folder: Path, port: int, path: str) -> Iterator[None]:
    """Run a server in a folder of its own until the block ends; its home and its temporary files are there, too."""
    folder.mkdir()
    own = {"PATH": os.defpath, "HOME": str(folder), "TMPDIR": str(folder), **env}
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=own,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + PATIENCE
        while not _answers(port, path):
            if process.poll() is not None or time.monotonic() > deadline:
                raise WorkshopError(f"{log.read_text(errors='replace')[-4000:]}\n{command[0]} did not come up.")
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        try:
            process.wait(3)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _described(name: str) -> dict[str, Any]:
    described: dict[str, Any] = yaml.safe_load((STORES / f"{name}.yml").read_text())
    return described


def _venv(name: str) -> Path:
    return workshop.own_venv(f"stores/{name}", *_described(name)["install"])


@contextlib.contextmanager
def ministack(folder: Path) -> Iterator[Variables]:
    """MiniStack, without its listeners that do not keep to the loopback interface."""
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
        yield {"aws": aws, "kms_elsewhere": {}}


@contextlib.contextmanager
def seaweedfs(folder: Path) -> Iterator[Variables]:
    """SeaweedFS, with a MiniStack for its keys."""
    with ministack(folder) as keys:
        kms = keys["aws"]["endpoint_url"]
        provider = {
            "type": "aws",
            "region": REGION,
            "endpoint": kms,
            "access_key": KEY_ID,
            "secret_key": SECRET,
            "cache_enabled": False,
        }
        identity = {
            "name": "admin",
            "credentials": [{"accessKey": KEY_ID, "secretKey": SECRET}],
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
        # without a key of its own, it answers every upload under SSE-S3 with InternalError
        env = {"WEED_S3_SSE_KEK": secrets.token_hex(32)}
        try:
            with _server(command, env, folder / "seaweedfs", ports["s3.port"], "/status"):
                endpoint = f"http://127.0.0.1:{ports['s3.port']}"
                aws = {"endpoint_url": endpoint, "access_key": KEY_ID, "secret_key": SECRET, "region": REGION}
                yield {"aws": aws, "kms_elsewhere": {"kms_endpoint_url": kms}}
        finally:
            for port in ports.values():  # it leaves its sockets, and not where TMPDIR says
                for left in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):
                    left.unlink(missing_ok=True)


@contextlib.contextmanager
def aws(_folder: Path) -> Iterator[Variables]:
    """AWS itself: boto3 and Ansible find credentials and region by themselves."""
    if not os.environ.get("AWS_REGION"):
        raise WorkshopError("Against AWS, AWS_REGION and credentials have to be in the environment.")
    yield {"aws": {"region": os.environ["AWS_REGION"]}, "kms_elsewhere": {}}


KNOWN = {"ministack": ministack, "seaweedfs": seaweedfs, "aws": aws}


def _prefix(name: str) -> str:
    """A namespace of this run alone."""
    given = os.environ.get("PREFIX", "" if name == "aws" else f"sealed-s3-{name}")
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,30}", given):
        raise WorkshopError("PREFIX=… begins the name of all that is made: at most 31 of a-z, 0-9 and -.")
    return f"{given}-{secrets.token_hex(4)}"


def _play(target: str, folder: Path, env: Mapping[str, str]) -> tuple[bool, str]:
    """Run one target in plain ansible-playbook, and return whether it is green, and what it printed."""
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
        "roles": [target],
    }
    playbook = folder / f"{target}.yml"
    playbook.write_text(yaml.safe_dump([play]))
    command = [str(VENV / "bin" / "ansible-playbook"), "-e", f"@{folder / 'variables.json'}", str(playbook)]
    done = subprocess.run(
        command, cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace"
    )
    return done.returncode == 0, done.stdout + done.stderr


def _environment(name: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if name == "aws" or not k.startswith("AWS_")}
    return {
        **kept,
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


def _left_behind(variables: Variables, prefix: str) -> list[str]:
    """What there still is with the prefix of this run, which is removed: nothing, if the targets clean up."""
    options = variables["aws"]
    keys = {"region_name": options["region"]}
    if "access_key" in options:
        keys |= {"aws_access_key_id": options["access_key"], "aws_secret_access_key": options["secret_key"]}
    endpoint = options.get("endpoint_url")
    s3 = boto3.client(
        "s3", endpoint_url=endpoint, config=Config(s3={"addressing_style": "path" if endpoint else "auto"}), **keys
    )
    kms = boto3.client("kms", endpoint_url=variables["kms_elsewhere"].get("kms_endpoint_url", endpoint), **keys)
    left = []
    for bucket in [b["Name"] for b in s3.list_buckets()["Buckets"]]:
        if bucket.startswith(f"{prefix}-"):
            left.append(f"the bucket {bucket}")
            for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
                for found in page.get("Contents", []):
                    s3.delete_object(Bucket=bucket, Key=found["Key"])
            s3.delete_bucket(Bucket=bucket)
    for page in kms.get_paginator("list_aliases").paginate():
        for alias in page["Aliases"]:
            if not alias["AliasName"].startswith(f"alias/{prefix}-"):
                continue
            if kms.describe_key(KeyId=alias["TargetKeyId"])["KeyMetadata"]["KeyState"] != "PendingDeletion":
                left.append(f"the key of {alias['AliasName']}")
                kms.delete_alias(AliasName=alias["AliasName"])
                kms.schedule_key_deletion(KeyId=alias["TargetKeyId"], PendingWindowInDays=7)
    return left


def _unknown_lacks(lacks: Mapping[str, str], targets: list[str]) -> list[str]:
    """Names that no target knows: nothing would be left out for them, and nobody would notice."""
    text = "".join(path.read_text() for target in targets for path in sorted((TARGETS / target).rglob("*.yml")))
    return [name for name in lacks if name not in text]


def run(name: str, chosen: list[str]) -> int:
    """Run the targets against one store, and tell what was left out and why."""
    described = _described(name)
    targets = chosen or described["targets"]
    lacks: dict[str, str] = described["lacks"]
    unknown = _unknown_lacks(lacks, described["targets"])
    if unknown:
        raise WorkshopError(f"No target of {name} knows what it is to leave out for {', '.join(unknown)}.")
    for what, reason in lacks.items():
        print(f"left out: {what}: {reason}", flush=True)
    prefix = _prefix(name)
    tasks, red = 0, []
    with tempfile.TemporaryDirectory(prefix="sealed-store-") as temporary:
        folder = Path(temporary)
        with KNOWN[name](folder) as variables:
            given = {**variables, "lacks": lacks, "resource_prefix": prefix}
            (folder / "variables.json").touch(0o600)
            (folder / "variables.json").write_text(json.dumps(given))
            env = _environment(name)
            with ThreadPoolExecutor(2) as pool:
                plays = pool.map(lambda target: _play(target, folder, env), targets)
                for target, (green, printed) in zip(targets, plays, strict=True):
                    print(f"\n── {target} ──\n{printed}", flush=True)
                    tasks += sum(int(number) for number in re.findall(r"^localhost +: ok=(\d+)", printed, re.MULTILINE))
                    red += [] if green else [target]
            left = _left_behind(variables, prefix)
    if left:
        print(f"left behind, and removed now: {', '.join(left)}")
    if red:
        print(f"failed: {', '.join(red)}")
    print(f"{len(targets)} targets, {tasks} tasks; left out: {', '.join(lacks) or 'nothing'}")
    return 1 if red or left else 0


def _interrupted(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)  # so that the servers are stopped


def main(arguments: list[str]) -> int:
    """Do what the command line asks."""
    if not arguments or arguments[0] not in KNOWN:
        print(__doc__)
        return 2
    signal.signal(signal.SIGTERM, _interrupted)
    return run(arguments[0], arguments[1:])


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except WorkshopError as error:
        sys.exit(str(error))
