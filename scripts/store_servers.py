# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Start the stores that the tests run against, on free loopback ports, each during a block.

A store yields the variables that the tests need: `aws` has the connection options of the modules, and `kms_options` the
endpoint of the store's KMS, if that is another one. What to install is in tests/integration/backends/NAME.yml.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import environments
import yaml
from environments import ROOT, SetupError
from lab import CREDENTIALS
from local_server import free_ports, running_server

BACKENDS = ROOT / "tests" / "integration" / "backends"
REGION = CREDENTIALS["AWS_REGION"]
# Most stores have fixed identities. MiniStack accepts any access key; all that are not 12 digits belong to one account.
ACCESS_KEY, SECRET_KEY = "sealed-backend-key", "any-secret-of-the-backend"

Variables = dict[str, Any]


def read_description(name: str) -> dict[str, Any]:
    """Return what the file of a backend says: what to install, and what the playbooks run and skip."""
    description: dict[str, Any] = yaml.safe_load((BACKENDS / f"{name}.yml").read_text())
    return description


def _venv(name: str) -> Path:
    return environments.isolated_venv(f"backends/{name}", *read_description(name)["install"])


def _connection(port: int) -> dict[str, str]:
    endpoint = f"http://127.0.0.1:{port}"
    return {"endpoint_url": endpoint, "access_key": ACCESS_KEY, "secret_key": SECRET_KEY, "region": REGION}


@contextlib.contextmanager
def _server(command: list[str | Path], env: Mapping[str, str], folder: Path, port: int, path: str) -> Iterator[None]:
    """Run a server during the block. Its working folder is also its home and its folder for temporary files."""
    folder.mkdir()
    own = {"PATH": os.defpath, "HOME": str(folder), "TMPDIR": str(folder), **env}
    with running_server(command, port, path, folder / "log", folder=folder, env=own):
        yield


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
def _seaweedfs(folder: Path, kms_endpoint: str | None) -> Iterator[dict[str, str]]:
    """Run SeaweedFS, and yield how to connect to it."""
    identity = {
        "name": "admin",
        "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    settings: dict[str, Any] = {"identities": [identity]}
    if kms_endpoint:
        provider = {
            "type": "aws",
            "region": REGION,
            "endpoint": kms_endpoint,
            "access_key": ACCESS_KEY,
            "secret_key": SECRET_KEY,
            "cache_enabled": False,
        }
        settings["kms"] = {"default_provider": "keys", "providers": {"keys": provider}}
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
            yield _connection(ports["s3.port"])
    finally:
        for port in ports.values():  # it does not remove its sockets, and does not create them in TMPDIR
            for abandoned in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):
                abandoned.unlink(missing_ok=True)


@contextlib.contextmanager
def seaweedfs(folder: Path) -> Iterator[Variables]:
    """Run SeaweedFS, with a MiniStack for its keys."""
    with ministack(folder) as keys:
        kms = keys["aws"]["endpoint_url"]
        with _seaweedfs(folder, kms) as connection:
            yield {"aws": connection, "kms_options": {"kms_endpoint_url": kms}}


@contextlib.contextmanager
def seaweedfs_without_kms(folder: Path) -> Iterator[Variables]:
    """Run SeaweedFS without a KMS."""
    with _seaweedfs(folder, None) as connection:
        yield {"aws": connection, "kms_options": {}}


@contextlib.contextmanager
def moto(folder: Path) -> Iterator[Variables]:
    """Run the server of moto."""
    (port,) = free_ports(1)
    command: list[str | Path] = [_venv("moto") / "bin" / "moto_server", "-H", "127.0.0.1", "-p", str(port)]
    with _server(command, {}, folder / "moto", port, "/moto-api/"):
        yield {"aws": _connection(port), "kms_options": {}}


@contextlib.contextmanager
def minio(folder: Path) -> Iterator[Variables]:
    """Run MinIO's S3 layer over a JuiceFS volume in local files. The volume is formatted first."""
    port, metrics = free_ports(2)
    juicefs = _venv("minio") / "bin" / "juicefs"
    volume = f"sqlite3://{folder / 'volume.db'}"
    data = f"{folder / 'data'}/"
    home = {"HOME": str(folder), "PATH": os.defpath}
    environments.call(juicefs, "format", "--storage", "file", "--bucket", data, volume, "store", env=home)
    command: list[str | Path] = [
        *(juicefs, "gateway", "--multi-buckets", "--keep-etag", "--object-tag", "--object-meta"),
        *("--no-usage-report", "--cache-dir", "memory", "--metrics", f"127.0.0.1:{metrics}"),
        *(volume, f"127.0.0.1:{port}"),
    ]
    env = {"MINIO_ROOT_USER": ACCESS_KEY, "MINIO_ROOT_PASSWORD": SECRET_KEY}
    with _server(command, env, folder / "minio", port, "/minio/health/live"):
        yield {"aws": _connection(port), "kms_options": {}}


@contextlib.contextmanager
def rclone(folder: Path) -> Iterator[Variables]:
    """Run `rclone serve s3` over a local folder."""
    (port,) = free_ports(1)
    (folder / "data").mkdir()
    command: list[str | Path] = [
        *(_venv("rclone") / "bin" / "rclone", "serve", "s3", folder / "data"),
        *("--addr", f"127.0.0.1:{port}", "--auth-key", f"{ACCESS_KEY},{SECRET_KEY}", "--vfs-cache-mode", "full"),
    ]
    with _server(command, {}, folder / "rclone", port, ""):
        yield {"aws": _connection(port), "kms_options": {}}


@contextlib.contextmanager
def aws(_folder: Path) -> Iterator[Variables]:
    """Use AWS itself: boto3 and Ansible find credentials and region in the environment."""
    if not os.environ.get("AWS_REGION"):
        raise SetupError("For AWS, set AWS_REGION and credentials in the environment.")
    yield {"aws": {"region": os.environ["AWS_REGION"]}, "kms_options": {}}


# The stores of `make soak stores`, by name.
STORES: dict[str, Callable[[Path], contextlib.AbstractContextManager[Variables]]] = {
    "seaweedfs": seaweedfs,
    "seaweedfs_without_kms": seaweedfs_without_kms,
    "minio": minio,
    "rclone": rclone,
    "moto": moto,
    "ministack": ministack,
}
WITHOUT_KMS = ("seaweedfs_without_kms", "minio", "rclone")
