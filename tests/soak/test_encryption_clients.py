# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Together with the Amazon S3 Encryption Client for Python: it reads what we encrypted, and the reverse.

`make soak clients` installs it, and names the Python of its environment in S3_ENCRYPTION_CLIENT.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
from pathlib import Path
from typing import Any, Protocol

import pytest

from ansible_collections.sealed.s3.tests.contract.conftest import ACCOUNT, REGION, Result, Task

MIB = 1024 * 1024
KEY = "32 bytes of a customer's own key"
KEY_NAME = "année 2026/a + b.bin"
CONTEXT = {"team": "payroll", "purpose": "backup 2026/11"}
PROGRAM = Path(__file__).with_name("s3_encryption_program.py")

each_context = pytest.mark.parametrize("context", [{}, CONTEXT], ids=["no context", "a context"])
each_format = pytest.mark.parametrize("written", ["v3", "v2"])
each_place = pytest.mark.parametrize("envelope", ["metadata", "instruction_file"])
# In parts: three of 5 MiB, and one of 7 bytes, which is smaller than a block of the cipher.
each_size = pytest.mark.parametrize("size", [0, 5, 15 * MIB + 7], ids=["empty", "small", "in parts"])
# The tag in two parts, and alone in the last one.
TAG_IN_PARTS = {"the tag in two parts": 15 * MIB - 7, "the tag in a part": 15 * MIB}


class Client(Protocol):
    """Runs the other client, and returns its answer: empty, or with the error of a refusal."""

    def __call__(self, verb: str, path: Path, **arguments: Any) -> dict[str, str]:
        """Run one operation of the client."""


@pytest.fixture
def client(lab: Any, bucket: str, key_arn: str) -> Client:
    """The other client, with the key alias/app."""
    python = os.environ.get("S3_ENCRYPTION_CLIENT")
    if not python:
        pytest.fail("S3_ENCRYPTION_CLIENT does not name the Python of the client. `make soak clients` does.")

    def run(verb: str, path: Path, **arguments: Any) -> dict[str, str]:
        key = {} if "customer_key" in arguments else {"kms_key": key_arn}
        where = {"url": lab.url, "region": REGION, "bucket": bucket, "key": KEY_NAME, "path": str(path), **key}
        command = [python, str(PROGRAM), json.dumps({"verb": verb, **where, **arguments})]
        env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        env |= {"AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "the-lab-accepts-any-key"}
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        answer: dict[str, str] = json.loads(done.stdout)
        return answer

    return run


@pytest.fixture
def other_key(kms: Any) -> str:
    """A second KMS key."""
    arn: str = kms.create_key()["KeyMetadata"]["Arn"]
    return arn


def content_file(tmp_path: Path, size: int) -> Path:
    """A file with random content."""
    path = tmp_path / "content"
    path.write_bytes(os.urandom(size))
    return path


def write(task: Task, bucket: str, path: Path, **options: Any) -> Result:
    """Encrypt a file with our module. Part sizes are as small as S3 allows."""
    where = {"bucket": bucket, "key": KEY_NAME, "src": str(path), "part_size": "5MiB"}
    return task("s3_encrypted_object", **where, **options)


def download(task: Task, bucket: str, path: Path, **options: Any) -> Result:
    """Decrypt the object into a file with our module."""
    return task("s3_encrypted_object_download", bucket=bucket, key=KEY_NAME, dest=str(path), **options)


def kms_options(context: dict[str, str]) -> dict[str, Any]:
    """The options of CSE-KMS."""
    return {"encryption": "CSE-KMS", "kms_key": "alias/app", **({"encryption_context": context} if context else {})}


def stored_as(s3: Any, bucket: str) -> tuple[int, str]:
    """The number of parts, or 0 for one request; and the place of the encrypted data key."""
    head = s3.head_object(Bucket=bucket, Key=KEY_NAME)
    parts = head["ETag"].strip('"').partition("-")[2]
    in_metadata = {"x-amz-3", "x-amz-key-v2"} & set(head["Metadata"])
    if not in_metadata:
        s3.head_object(Bucket=bucket, Key=f"{KEY_NAME}.instruction")
    return int(parts or 0), "metadata" if in_metadata else "instruction_file"


def change_byte(s3: Any, bucket: str, index: int) -> None:
    """Write the object again with one changed bit, and with the same metadata."""
    stored = s3.get_object(Bucket=bucket, Key=KEY_NAME)
    body = bytearray(stored["Body"].read())
    body[index] ^= 1
    s3.put_object(Bucket=bucket, Key=KEY_NAME, Body=bytes(body), Metadata=stored["Metadata"])


@each_format
@each_context
@each_size
def test_we_read_what_the_client_encrypted(
    task: Task, s3: Any, bucket: str, client: Client, tmp_path: Path, written: str, context: dict[str, str], size: int
) -> None:
    """The info module reports it without a key, the download is the same, and the same content is no change."""
    path = content_file(tmp_path, size)
    parts = {"part_size": 5 * MIB} if size > 5 * MIB else {}
    assert client("put", path, format=written, context=context, **parts) == {}
    assert stored_as(s3, bucket) == (4 if parts else 0, "metadata")
    (shown,) = task("s3_encrypted_object_info", bucket=bucket, key=KEY_NAME)["objects"]
    encryption = {name: shown["encryption"][name] for name in ("type", "format", "envelope", "plaintext_size")}
    assert list(encryption.values()) == ["CSE-KMS", written, "metadata", size]
    assert (shown["size"], shown["metadata"]) == (size + 16, {})
    got = download(task, bucket, tmp_path / "ours", **({"encryption_context": context} if context else {}))
    assert (got.get("msg"), (tmp_path / "ours").read_bytes() == path.read_bytes()) == (None, True)
    same = write(task, bucket, path, **kms_options(context))
    assert (same.get("msg"), same["changed"]) == (None, False)


@each_place
@each_context
@each_size
def test_the_client_reads_what_we_encrypted(
    task: Task, s3: Any, bucket: str, client: Client, tmp_path: Path, envelope: str, context: dict[str, str], size: int
) -> None:
    """In both places of the envelope."""
    path = content_file(tmp_path, size)
    wrote = write(task, bucket, path, envelope=envelope, metadata={"owner": "finance"}, **kms_options(context))
    assert (wrote.get("msg"), wrote["changed"]) == (None, True)
    assert stored_as(s3, bucket) == (4 if size > 5 * MIB else 0, envelope)
    assert client("get", tmp_path / "theirs", context=context) == {}
    assert (tmp_path / "theirs").read_bytes() == path.read_bytes()


@pytest.mark.parametrize("size", TAG_IN_PARTS.values(), ids=TAG_IN_PARTS)
def test_both_read_a_tag_at_the_boundary_of_parts(
    task: Task, s3: Any, bucket: str, client: Client, tmp_path: Path, size: int
) -> None:
    """What we wrote is read by the client, and what it wrote by us."""
    path = content_file(tmp_path, size)
    assert write(task, bucket, path, **kms_options({}))["changed"]
    assert stored_as(s3, bucket)[0] == 4
    assert client("get", tmp_path / "theirs") == {}
    assert (tmp_path / "theirs").read_bytes() == path.read_bytes()
    assert client("put", path, part_size=5 * MIB) == {}
    got = download(task, bucket, tmp_path / "ours")
    assert (got.get("msg"), (tmp_path / "ours").read_bytes() == path.read_bytes()) == (None, True)
    same = write(task, bucket, path, **kms_options({}))
    assert (same.get("msg"), same["changed"]) == (None, False)


@each_place
@pytest.mark.parametrize("size", [5, 15 * MIB + 7], ids=["small", "in parts"])
def test_the_client_reads_what_we_encrypted_with_an_own_key(
    task: Task, s3: Any, bucket: str, client: Client, tmp_path: Path, envelope: str, size: int
) -> None:
    """It has no own keys, but it reads the envelope and the content once it is given one. Another key is refused."""
    path = content_file(tmp_path, size)
    wrote = write(task, bucket, path, envelope=envelope, encryption="CSE-C", customer_key=KEY)
    assert (wrote.get("msg"), wrote["changed"]) == (None, True)
    assert stored_as(s3, bucket) == (4 if size > 5 * MIB else 0, envelope)
    key = base64.b64encode(KEY.encode()).decode()
    assert client("get", tmp_path / "theirs", customer_key=key) == {}
    assert (tmp_path / "theirs").read_bytes() == path.read_bytes()
    other = base64.b64encode(bytes(32)).decode()
    assert "does not decrypt" in client("get", tmp_path / "refused", customer_key=other)["error"]


@each_format
def test_another_context_is_refused_by_both(
    task: Task, bucket: str, client: Client, tmp_path: Path, written: str
) -> None:
    """A context that is not that of the object, and ours before any call of KMS."""
    path = content_file(tmp_path, 5)
    assert client("put", path, format=written, context=CONTEXT) == {}
    assert "context" in client("get", tmp_path / "theirs", format=written, context={"team": "sales"})["error"]
    got = download(task, bucket, tmp_path / "ours", encryption_context={"team": "sales"})
    assert got["failed"]
    assert "encryption_context" in got["msg"]
    assert not (tmp_path / "ours").exists()


@each_place
def test_our_context_is_refused_by_the_client_too(
    task: Task, bucket: str, client: Client, tmp_path: Path, envelope: str
) -> None:
    """Without the context of the object, and with another one."""
    write(task, bucket, content_file(tmp_path, 5), envelope=envelope, **kms_options(CONTEXT))
    for context in ({}, {**CONTEXT, "team": "sales"}):
        assert "context" in client("get", tmp_path / "theirs", context=context)["error"]


@each_format
def test_another_kms_key_is_refused_by_both(
    task: Task, bucket: str, client: Client, other_key: str, tmp_path: Path, written: str
) -> None:
    """Decrypt names the key of the caller, and not only what the object names."""
    assert client("put", content_file(tmp_path, 5), format=written) == {}
    assert "IncorrectKey" in client("get", tmp_path / "theirs", format=written, kms_key=other_key)["error"]
    got = download(task, bucket, tmp_path / "ours", encryption="CSE-KMS", kms_key=other_key)
    assert got["failed"]
    assert other_key in got["msg"]
    assert not (tmp_path / "ours").exists()


@each_format
@pytest.mark.parametrize("index", [0, 50, -1], ids=["first", "middle", "tag"])
def test_a_changed_byte_is_refused_by_both(
    task: Task, s3: Any, bucket: str, client: Client, tmp_path: Path, written: str, index: int
) -> None:
    """Neither leaves a file."""
    assert client("put", content_file(tmp_path, 100), format=written) == {}
    change_byte(s3, bucket, index)
    assert "Failed to decrypt" in client("get", tmp_path / "theirs", format=written)["error"]
    got = download(task, bucket, tmp_path / "ours")
    assert got["failed"]
    assert "authentication tag" in got["msg"]
    assert not list(tmp_path.glob("*ours*"))
    assert not (tmp_path / "theirs").exists()


@each_place
def test_a_changed_byte_of_ours_is_refused_by_the_client(
    task: Task, s3: Any, bucket: str, client: Client, tmp_path: Path, envelope: str
) -> None:
    """What we wrote is authenticated by the client, too."""
    write(task, bucket, content_file(tmp_path, 100), envelope=envelope, **kms_options({}))
    change_byte(s3, bucket, 50)
    assert "Failed to decrypt" in client("get", tmp_path / "theirs")["error"]


CHANGES: dict[str, dict[str, Any]] = {
    "no metadata of the user": {"metadata": {}},
    "metadata and a content type": {"metadata": {"owner": "finance"}, "content_type": "text/plain"},
    "tags": {"tags": {"team": "payroll"}},
    "the server side": {"server_side": {"encryption": "SSE-KMS", "kms_key": "alias/app"}},
    "the storage class": {"storage_class": "STANDARD_IA"},
    "to an instruction file": {"envelope": "instruction_file"},
    "to an instruction file, and metadata": {"envelope": "instruction_file", "metadata": {"owner": "finance"}},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@each_format
def test_the_client_reads_its_object_after_our_change(
    task: Task, bucket: str, client: Client, tmp_path: Path, written: str, change: dict[str, Any]
) -> None:
    """A change of something else than the content keeps the object readable, and a second run changes nothing.

    An envelope is no metadata of the user, so an empty `metadata` does not remove it.
    """
    path = content_file(tmp_path, 100)
    assert client("put", path, format=written, context=CONTEXT) == {}
    for changed in (change != {"metadata": {}}, False):
        result = task("s3_encrypted_object", bucket=bucket, key=KEY_NAME, **kms_options(CONTEXT), **change)
        assert (result.get("msg"), result["changed"]) == (None, changed)
    assert client("get", tmp_path / "theirs", format=written, context=CONTEXT) == {}
    assert (tmp_path / "theirs").read_bytes() == path.read_bytes()


@each_place
@each_format
def test_the_client_reads_its_object_under_another_kms_key(
    task: Task, bucket: str, client: Client, other_key: str, tmp_path: Path, written: str, envelope: str
) -> None:
    """Its content is kept or encrypted again, and the former key does not decrypt the data key any more."""
    path = content_file(tmp_path, 100)
    assert client("put", path, format=written, context=CONTEXT) == {}
    options = {**kms_options(CONTEXT), "kms_key": other_key, "envelope": envelope}
    for changed in (True, False):
        result = task("s3_encrypted_object", bucket=bucket, key=KEY_NAME, **options)
        assert (result.get("msg"), result["changed"]) == (None, changed)
    assert "IncorrectKey" in client("get", tmp_path / "refused", format="v2", context=CONTEXT)["error"]
    assert client("get", tmp_path / "theirs", format="v2", context=CONTEXT, kms_key=other_key) == {}
    assert (tmp_path / "theirs").read_bytes() == path.read_bytes()


@each_place
def test_the_client_reads_our_object_under_a_rotated_own_key(
    task: Task, lab: Any, bucket: str, client: Client, tmp_path: Path, envelope: str
) -> None:
    """In an instruction file, the object itself is not written again."""
    path = content_file(tmp_path, 100)
    write(task, bucket, path, envelope=envelope, encryption="CSE-C", customer_key=KEY)
    new = KEY[::-1]
    lab.calls.clear()
    keys = {"encryption": "CSE-C", "customer_key": new, "previous_customer_key": KEY}
    result = task("s3_encrypted_object", bucket=bucket, key=KEY_NAME, **keys)
    assert (result.get("msg"), result["changed"]) == (None, True)
    (write_call,) = lab.writes()
    assert write_call.resource.endswith(".instruction") == (envelope == "instruction_file")
    for key, readable in ((new, True), (KEY, False)):
        answer = client("get", tmp_path / "theirs", customer_key=base64.b64encode(key.encode()).decode())
        assert (answer == {}) == readable
    assert (tmp_path / "theirs").read_bytes() == path.read_bytes()
