# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Together with the AWS CLI, for each kind of encryption: it reads what our modules wrote, and the reverse."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from . import policy_refusals as documented
from .conftest import REGION, Task
from .policy_world import BUCKET, apply_rule, guarded_keys
from .scale import IS_SOAK

__all__ = ["apply_rule", "guarded_keys"]  # the fixtures `apply` and `keys`

MIB = 1024 * 1024
OWN_KEY = "12345678901234567890123456789012"
OWN_KEY_MD5 = "dnF5x6K/8ZZRzpfSlMMM+w=="
OTHER_KEY = "abcdefghabcdefghabcdefghabcdefgh"

Aws = Callable[..., dict[str, Any]]

# Each kind: the options of our module, of `aws s3api put-object` and of `aws s3 cp`, and the kind that is reported.
CUSTOMER = ("--sse-customer-algorithm", "AES256", "--sse-customer-key", OWN_KEY)
KINDS: dict[str, tuple[dict[str, Any], tuple[str, ...], tuple[str, ...], str]] = {
    "bucket default": ({}, (), (), "SSE-S3"),
    "SSE-S3": ({"encryption": "SSE-S3"}, ("--server-side-encryption", "AES256"), ("--sse", "AES256"), "SSE-S3"),
    "SSE-KMS": (
        {"encryption": "SSE-KMS", "kms_key": "alias/app", "bucket_key_enabled": True},
        ("--server-side-encryption", "aws:kms", "--ssekms-key-id", "{arn}", "--bucket-key-enabled"),
        ("--sse", "aws:kms", "--sse-kms-key-id", "{arn}"),
        "SSE-KMS",
    ),
    "DSSE-KMS": (
        {"encryption": "DSSE-KMS", "kms_key": "alias/app"},
        ("--server-side-encryption", "aws:kms:dsse", "--ssekms-key-id", "{arn}"),
        (),  # `aws s3 cp` has no option for it: the test sets the bucket's default
        "DSSE-KMS",
    ),
    "SSE-C": (
        {"encryption": "SSE-C", "customer_key": OWN_KEY},
        CUSTOMER,
        ("--sse-c", "AES256", "--sse-c-key", OWN_KEY),
        "SSE-C",
    ),
}


def run_cli(folder: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the AWS CLI in a folder."""
    program = os.environ.get("AWS_CLI")
    if not program:
        pytest.fail("AWS_CLI does not name the AWS CLI's program. `make contract` installs it and does.")
    command = [program, "--region", REGION, "--output", "json", *(str(argument) for argument in arguments)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def aws(tmp_path: Path) -> Aws:
    """Run the AWS CLI, and return the JSON that it prints."""

    def run(*arguments: str | Path) -> dict[str, Any]:
        done = run_cli(tmp_path, *arguments)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.startswith("{") else {}

    return run


@pytest.fixture(params=list(KINDS))
def kind(request: pytest.FixtureRequest, key_arn: str) -> Any:
    """The options of one kind of encryption, for our module and for the CLI."""
    ours, put, copy, reported = KINDS[request.param]
    return ours, [text.format(arn=key_arn) for text in put], [text.format(arn=key_arn) for text in copy], reported


def key_of(options: dict[str, Any]) -> dict[str, Any]:
    """The option that is also needed to read."""
    return {name: value for name, value in options.items() if name == "customer_key"}


def test_the_cli_reads_what_we_wrote(task: Task, open_bucket: str, aws: Aws, kind: Any, tmp_path: Path) -> None:
    """The same bytes, the same encryption, and the same MD5 of a customer key."""
    options, _put, _copy, _reported = kind
    key = "année 2026/100% + more.txt"
    made = task("s3_encrypted_object", bucket=open_bucket, key=key, content="text", **options)["object"]
    open_source = CUSTOMER if "customer_key" in options else ()
    got = aws("s3api", "get-object", "--bucket", open_bucket, "--key", key, *open_source, tmp_path / "got")
    assert (tmp_path / "got").read_text() == "text"
    sent = {"SSE-S3": "AES256", "SSE-KMS": "aws:kms", "DSSE-KMS": "aws:kms:dsse", "SSE-C": None}
    encryption = made["encryption"]
    assert got.get("ServerSideEncryption") == sent[encryption["type"]]
    assert got.get("SSEKMSKeyId") == encryption["kms_key_arn"]
    assert bool(got.get("BucketKeyEnabled")) is bool(encryption["bucket_key_enabled"])
    assert got.get("SSECustomerKeyMD5") == encryption["customer_key_md5"]
    if "customer_key" in options:
        assert encryption["customer_key_md5"] == OWN_KEY_MD5


def test_the_cli_reads_what_we_wrote_in_parts(
    task: Task, open_bucket: str, aws: Aws, kind: Any, tmp_path: Path
) -> None:
    """Three parts, with `get-object` and `cp`, which verify the checksum of the object; and a single part."""
    options, _put, _copy, reported = kind
    content = os.urandom(11 * MIB)
    (tmp_path / "large").write_bytes(content)
    where = {"bucket": open_bucket, "key": "large.bin"}
    done = task("s3_encrypted_object", **where, src=str(tmp_path / "large"), part_size="5MiB", **options)
    assert done["actions"] == ["CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"], done
    assert done["object"]["encryption"]["type"] == reported
    open_source = CUSTOMER if "customer_key" in options else ()
    named = ("--bucket", open_bucket, "--key", "large.bin", *open_source)
    got = aws("s3api", "get-object", *named, "--checksum-mode", "ENABLED", tmp_path / "got")
    assert (tmp_path / "got").read_bytes() == content
    assert (got["ETag"], got["ChecksumType"]) == (done["object"]["etag"], "FULL_OBJECT")
    assert got[f"Checksum{done['object']['checksum']['algorithm']}"] == done["object"]["checksum"]["value"]
    part = aws("s3api", "get-object", *named, "--part-number", "2", tmp_path / "part")
    assert (part["PartsCount"], (tmp_path / "part").read_bytes()) == (3, content[5 * MIB : 10 * MIB])
    secret = ("--sse-c", "AES256", "--sse-c-key", OWN_KEY) if open_source else ()
    aws("s3", "cp", f"s3://{open_bucket}/large.bin", tmp_path / "copied", *secret)
    assert (tmp_path / "copied").read_bytes() == content


def test_we_read_what_the_cli_wrote(
    task: Task, open_bucket: str, aws: Aws, kind: Any, tmp_path: Path, lab: Any
) -> None:
    """Its encryption is reported; its content is compared without a write, and downloaded."""
    options, put, _copy, reported = kind
    (tmp_path / "body").write_text("text")
    where = {"bucket": open_bucket, "key": "theirs/ä b"}
    aws("s3api", "put-object", "--bucket", open_bucket, "--key", where["key"], "--body", tmp_path / "body", *put)
    shown = task("s3_encrypted_object_info", **where, **key_of(options))["objects"][0]
    assert (shown["size"], shown["encryption"]["type"]) == (4, reported)
    lab.calls.clear()
    same = task("s3_encrypted_object", **where, content="text", **options)
    assert (same["changed"], lab.writes(), same["object"]) == (False, [], shown)
    got = task("s3_encrypted_object_download", **where, dest=str(tmp_path / "got"), **key_of(options))
    assert (got["changed"], (tmp_path / "got").read_text()) == (True, "text")
    other = task("s3_encrypted_object", **where, content="texT", **options)
    assert other["actions"] == ["PutObject"]


def test_we_read_what_the_cli_wrote_in_parts(
    task: Task, open_bucket: str, aws: Aws, kind: Any, tmp_path: Path, lab: Any, key_arn: str
) -> None:
    """`aws s3 cp` uploads parts of 8 MiB: the same file is no change, one different byte is a change."""
    options, _put, copy, reported = kind
    content = bytearray(os.urandom(MIB) * 16 + b"end")
    (tmp_path / "large").write_bytes(content)
    if reported == "DSSE-KMS":
        task("bucket_default_encryption", bucket=open_bucket, encryption=reported, kms_key=key_arn)
    where = {"bucket": open_bucket, "key": "large.bin"}
    aws("s3", "cp", tmp_path / "large", f"s3://{open_bucket}/large.bin", *copy)
    shown = task("s3_encrypted_object_info", **where, **key_of(options))["objects"][0]
    assert shown["encryption"]["type"] == reported
    assert shown["etag"].strip('"').endswith("-3")
    lab.calls.clear()
    named = {name: value for name, value in options.items() if name != "bucket_key_enabled"}
    same = task("s3_encrypted_object", **where, src=str(tmp_path / "large"), **named)
    assert (same.get("failed"), same["changed"], lab.writes()) == (None, False, [])
    got = task("s3_encrypted_object_download", **where, dest=str(tmp_path / "got"), **key_of(options))
    assert (got["changed"], (tmp_path / "got").read_bytes() == content) == (True, True)
    content[9 * MIB] ^= 1
    (tmp_path / "large").write_bytes(content)
    assert task("s3_encrypted_object", check=True, **where, src=str(tmp_path / "large"), **named)["changed"]


def test_the_cli_reads_what_we_moved_to_another_key(
    task: Task, open_bucket: str, aws: Aws, tmp_path: Path, key_arn: str
) -> None:
    """From the CLI's customer key to another one, then to SSE-KMS."""
    (tmp_path / "body").write_text("text")
    aws("s3api", "put-object", "--bucket", open_bucket, "--key", "a", "--body", tmp_path / "body", *CUSTOMER)
    where = {"bucket": open_bucket, "key": "a"}
    other = {"encryption": "SSE-C", "customer_key": OTHER_KEY}
    assert task("s3_encrypted_object", **where, **other, previous_customer_key=OWN_KEY)["changed"]
    open_source = ("--sse-customer-algorithm", "AES256", "--sse-customer-key", OTHER_KEY)
    aws("s3api", "get-object", "--bucket", open_bucket, "--key", "a", *open_source, tmp_path / "got")
    assert (tmp_path / "got").read_text() == "text"
    moved = {"encryption": "SSE-KMS", "kms_key": key_arn, "previous_customer_key": OTHER_KEY}
    assert task("s3_encrypted_object", **where, **moved)["changed"]
    aws("s3", "cp", f"s3://{open_bucket}/a", tmp_path / "again")
    assert (tmp_path / "again").read_text() == "text"


COPIES = documented.read_clients()["aws s3 cp"]


@pytest.mark.parametrize("rule", documented.UPLOAD_RULES if IS_SOAK else ["KEY allowed"])
@pytest.mark.parametrize("options", COPIES if IS_SOAK else ["none", "`--sse aws:kms`, `--sse-kms-key-id alias/app`"])
def test_the_cli_against_a_rule_of_the_bucket_policy(
    apply: Callable[[str], None], rule: str, options: str, tmp_path: Path
) -> None:
    """It passes or is refused as the table of what it sends says, also in parts."""
    apply(rule)
    (tmp_path / "large").write_bytes(os.urandom(8 * MIB + 1))
    named = [word for option in re.findall(r"`([^`]+)`", options) for word in option.split()]
    done = run_cli(tmp_path, "s3", "cp", tmp_path / "large", f"s3://{BUCKET}/large", *named)
    refused = documented.read_table(documented.UPLOADS)[COPIES[options]][rule]
    assert (done.returncode != 0) is refused, done.stderr
    assert not refused or "explicit deny in a resource-based policy" in done.stderr
