# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Together with other S3 clients, for each kind of encryption that they have: they read what we wrote, and the reverse.

`make soak clients` installs them, and names their folder in S3_CLIENTS.
"""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from ansible_collections.sealed.s3.tests.contract.conftest import ACCOUNT, REGION, Task

MIB = 1024 * 1024
KEY = "32 bytes of a customer's own key"
SECRET = "the-lab-accepts-any-key"
KEY_NAME = "année 2026/a + b.bin"
OPTIONS: dict[str, dict[str, Any]] = {
    "default": {},
    "SSE-S3": {"encryption": "SSE-S3"},
    "SSE-KMS": {"encryption": "SSE-KMS", "kms_key": "alias/app"},
    "SSE-C": {"encryption": "SSE-C", "customer_key": KEY},
}
# MinIO's SDK has no command line.
MINIO = """
import sys
from minio import Minio
from minio.sse import SseS3
verb, host, user, secret, region, bucket, key, path, kind = sys.argv[1:]
client = Minio(host, user, secret, secure=False, region=region)
if verb == "get":
    client.fget_object(bucket, key, path)
else:
    client.fput_object(bucket, key, path, sse=SseS3() if kind == "SSE-S3" else None, part_size=5 * 1024 * 1024)
"""


@dataclass(frozen=True)
class Place:
    """What a client needs to know for one transfer."""

    url: str
    bucket: str
    kind: str
    key_arn: str
    path: Path

    @property
    def address(self) -> str:
        """The object, as a URL."""
        return f"s3://{self.bucket}/{KEY_NAME}"


def rclone(verb: str, place: Place) -> tuple[list[str], dict[str, str]]:
    """The command and the environment of rclone."""
    settings = {
        "TYPE": "s3",
        "PROVIDER": "Other",
        "ENDPOINT": place.url,
        "REGION": REGION,
        "ACCESS_KEY_ID": ACCOUNT,
        "SECRET_ACCESS_KEY": SECRET,
        "UPLOAD_CUTOFF": "6Mi",
        "CHUNK_SIZE": "5Mi",
        "NO_CHECK_BUCKET": "true",
    }
    settings |= {
        "default": {},
        "SSE-S3": {"SERVER_SIDE_ENCRYPTION": "AES256"},
        "SSE-KMS": {"SERVER_SIDE_ENCRYPTION": "aws:kms", "SSE_KMS_KEY_ID": place.key_arn},
        "SSE-C": {
            "SSE_CUSTOMER_ALGORITHM": "AES256",
            "SSE_CUSTOMER_KEY_BASE64": base64.b64encode(KEY.encode()).decode(),
        },
    }[place.kind]
    theirs = f"lab:{place.bucket}/{KEY_NAME}"
    files = [str(place.path), theirs] if verb == "put" else [theirs, str(place.path)]
    return ["rclone", "copyto", *files], {f"RCLONE_CONFIG_LAB_{name}": value for name, value in settings.items()}


def s5cmd(verb: str, place: Place) -> tuple[list[str], dict[str, str]]:
    """The command of s5cmd. It has no SSE-C."""
    kind = {"default": [], "SSE-S3": ["--sse", "AES256"], "SSE-KMS": ["--sse", "aws:kms", "--sse-kms-key-id"]}[
        place.kind
    ]
    encryption = [*kind, *([place.key_arn] if place.kind == "SSE-KMS" else [])]
    files = ["--part-size", "5", *encryption, str(place.path), place.address]
    return [
        "s5cmd",
        "--endpoint-url",
        place.url,
        "cp",
        *(files if verb == "put" else [place.address, str(place.path)]),
    ], {}


def s3cmd(verb: str, place: Place) -> tuple[list[str], dict[str, str]]:
    """The command of s3cmd. It has no SSE-C."""
    host = urlsplit(place.url).netloc
    common = ["s3cmd", "--config", os.devnull, "--no-ssl", f"--host={host}", f"--host-bucket={host}"]
    common += [f"--access_key={ACCOUNT}", f"--secret_key={SECRET}", f"--region={REGION}"]
    encryption = {
        "default": [],
        "SSE-S3": ["--server-side-encryption"],
        "SSE-KMS": [f"--server-side-encryption-kms-id={place.key_arn}"],
    }[place.kind]
    if verb == "get":
        return [*common, "get", place.address, str(place.path)], {}
    return [*common, "--multipart-chunk-size-mb=5", *encryption, "put", str(place.path), place.address], {}


def minio(verb: str, place: Place) -> tuple[list[str], dict[str, str]]:
    """A program that uses MinIO's SDK. It encrypts with SSE-KMS and SSE-C over TLS only."""
    host = urlsplit(place.url).netloc
    where = [place.bucket, KEY_NAME, str(place.path)]
    return ["python", "-c", MINIO, verb, host, ACCOUNT, SECRET, REGION, *where, place.kind], {}


Client = Callable[[str, Place], "tuple[list[str], dict[str, str]]"]
CASES = [
    (client, kind)
    for client, kinds in (
        (rclone, tuple(OPTIONS)),
        (s5cmd, ("default", "SSE-S3", "SSE-KMS")),
        (s3cmd, ("default", "SSE-S3", "SSE-KMS")),
        (minio, ("default", "SSE-S3")),
    )
    for kind in kinds
]
each_client = pytest.mark.parametrize(
    ("client", "kind"), CASES, ids=[f"{client.__name__} {kind}" for client, kind in CASES]
)
each_size = pytest.mark.parametrize("size", [5, 11 * MIB], ids=["small", "in parts"])


def run(client: Client, verb: str, place: Place) -> None:
    """Run a client."""
    folder = os.environ.get("S3_CLIENTS")
    if not folder:
        pytest.fail("S3_CLIENTS does not name the folder of the clients. `make soak clients` installs them and does.")
    (program, *arguments), settings = client(verb, place)
    env = {**os.environ, "AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": SECRET, **settings}
    command = [str(Path(folder) / program), *arguments]
    done = subprocess.run(command, env=env, cwd=place.path.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@each_client
@each_size
def test_the_client_reads_what_we_wrote(
    task: Task, open_bucket: str, key_arn: str, lab: Any, tmp_path: Path, client: Client, kind: str, size: int
) -> None:
    """The same bytes, of an object of one request and of one in parts."""
    (tmp_path / "ours").write_bytes(content := os.urandom(size))
    options = {"bucket": open_bucket, "key": KEY_NAME, "src": str(tmp_path / "ours"), "part_size": "5MiB"}
    assert task("s3_encrypted_object", **options, **OPTIONS[kind])["changed"]
    run(client, "get", Place(lab.url, open_bucket, kind, key_arn, tmp_path / "theirs"))
    assert (tmp_path / "theirs").read_bytes() == content


@each_client
@each_size
def test_we_read_what_the_client_wrote(
    task: Task, open_bucket: str, key_arn: str, lab: Any, tmp_path: Path, client: Client, kind: str, size: int
) -> None:
    """Its encryption is reported; the same content is no change, other content is one; the download is the same."""
    (tmp_path / "theirs").write_bytes(content := os.urandom(size))
    run(client, "put", Place(lab.url, open_bucket, kind, key_arn, tmp_path / "theirs"))
    where = {"bucket": open_bucket, "key": KEY_NAME}
    reading = {name: value for name, value in OPTIONS[kind].items() if name == "customer_key"}
    (shown,) = task("s3_encrypted_object_info", **where, **reading)["objects"]
    assert (shown["size"], shown["encryption"]["type"]) == (size, "SSE-S3" if kind == "default" else kind)
    same = task("s3_encrypted_object", **where, src=str(tmp_path / "theirs"), **OPTIONS[kind])
    assert (same.get("msg"), same["changed"]) == (None, False)
    got = task("s3_encrypted_object_download", **where, dest=str(tmp_path / "ours"), **reading)
    assert (got.get("msg"), (tmp_path / "ours").read_bytes() == content) == (None, True)
    (tmp_path / "theirs").write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    other = task("s3_encrypted_object", check=True, **where, src=str(tmp_path / "theirs"), **OPTIONS[kind])
    assert other["changed"]
