# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Clients against the rules of bucket_encryption_policy: our modules, amazon.aws, and boto3's managed transfers.

Each sends what the table of clients in policy_refusals.py says, so it passes or is refused as the first table says.
test_aws_cli.py has the AWS CLI.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.amazon.aws.plugins.modules import s3_object as their_object
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from . import policy_refusals as documented
from .conftest import Result, Task
from .policy_world import BUCKET, apply_rule, build_policy, guarded_keys

__all__ = ["apply_rule", "guarded_keys"]  # the fixtures `apply` and `keys`

MIB = 1 << 20
CUSTOMER_KEY = "k" * 32
UPLOADS = documented.read_table(documented.UPLOADS)
OTHER_REQUESTS = documented.read_table(documented.OTHER_REQUESTS)
CLIENTS = documented.read_clients()
OURS = CLIENTS["sealed.s3.s3_encrypted_object and s3_encrypted_sync"]


def as_options(text: str) -> dict[str, Any]:
    """The options of a cell of the table."""
    found: dict[str, Any] = {}
    for name, value in re.findall(r"`(\w+): ([^`]+)`", text):
        found[name] = CUSTOMER_KEY if name == "customer_key" else {"true": True, "false": False}.get(value, value)
    return found


def is_denied(result: Result) -> bool:
    """Whether a task of ours failed by the bucket's policy, with an error that says it. Fails for any other error."""
    if not result.get("failed"):
        return False
    error = result["error"]
    assert (error["kind"], error["layer"], error["action"]) == ("forbidden", "resource-based", "s3:PutObject"), result
    assert "The bucket's policy denies it" in result["msg"]
    return True


def named_in(message: str, row: str) -> bool:
    """Whether an error names what the request named, and the options to change."""
    if row == "nothing":
        return "if it demands an encryption header, name " in message
    if row.startswith("a customer key"):
        return "The request names a customer key. " in message and "or omit encryption so" in message
    algorithm = row.partition("`")[2].partition("`")[0]
    key = " and no KMS key, so S3 uses its AWS managed key" if row.endswith("no key") else " with the KMS key arn:"
    named = algorithm + ("" if algorithm == "AES256" else key)
    return f"The request names the encryption {named}" in message and "the bucket's default applies" in message


# ---------------------------------------------------------------- our modules


@pytest.mark.parametrize("rule", [*documented.UPLOAD_RULES, *documented.TLS_RULES])
def test_the_module_writes_the_policies_of_these_tests(task: Task, s3: Any, keys: Mapping[str, str], rule: str) -> None:
    """The tests build their policies without the module. It finds the keys by their aliases."""
    options = {**documented.UPLOAD_RULES, **documented.TLS_RULES}[rule]
    named = {
        name: ["alias/app" if key == "KEY" else key for key in value] if name == "allow_kms_keys" else value
        for name, value in options.items()
    }
    result = task("bucket_encryption_policy", buckets=[BUCKET], **named)
    assert result["changed"], result
    written = json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])
    s3.put_bucket_policy(Bucket=BUCKET, Policy=build_policy(keys, **options))
    expected = json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])
    assert written["Statement"] == [each for each in expected["Statement"] if each["Sid"].startswith("SealedS3")]


@pytest.mark.parametrize("rule", documented.UPLOAD_RULES)
def test_our_objects(task: Task, apply: Callable[[str], None], rule: str) -> None:
    """Every kind. The alias of a key is no obstacle, because the module sends the key ARN."""
    apply(rule)
    for number, (text, row) in enumerate(OURS.items()):
        result = task("s3_encrypted_object", bucket=BUCKET, key=str(number), content="text", **as_options(text))
        assert is_denied(result) is UPLOADS[row][rule], (text, result)
        assert result.get("changed") is not is_denied(result)
        assert not is_denied(result) or named_in(result["msg"], row), result["msg"]


def test_the_ciphertext_of_client_side_encryption(task: Task, apply: Callable[[str], None]) -> None:
    """Its own encryption by S3 is an upload like others, and server_side is the option that names it."""
    apply("SSE-S3 allowed")
    where = {"bucket": BUCKET, "key": "sealed", "content": "text", "encryption": "CSE-C", "customer_key": CUSTOMER_KEY}
    result = task("s3_encrypted_object", **where, server_side={"encryption": "SSE-KMS", "kms_key": "alias/app"})
    assert is_denied(result)
    assert "The request names the encryption aws:kms with the KMS key arn:" in result["msg"]
    assert result["msg"].endswith("name an allowed one, or omit server_side so that the bucket's default applies.")
    assert task("s3_encrypted_object", **where)["changed"]


def test_our_objects_in_parts(task: Task, apply: Callable[[str], None], tmp_path: Path) -> None:
    """The parts and the completion pass if the upload did. A refused upload leaves nothing."""
    (tmp_path / "large").write_bytes(b"a" * (6 * MIB))
    where = {"bucket": BUCKET, "key": "large", "src": str(tmp_path / "large"), "part_size": "5MiB"}
    apply("header required")
    assert named_in(task("s3_encrypted_object", **where)["msg"], "nothing")
    done = task("s3_encrypted_object", **where, encryption="SSE-KMS", kms_key="alias/app")
    assert done["actions"] == ["CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"]


@pytest.mark.parametrize("rule", documented.UPLOAD_RULES)
@pytest.mark.parametrize("method", ["update", "copy"])
def test_our_changes_of_keys(
    task: Task, s3: Any, keys: Mapping[str, str], apply: Callable[[str], None], rule: str, method: str
) -> None:
    """In place and by a copy."""
    for name in ("KEY", "another"):
        s3.delete_bucket_policy(Bucket=BUCKET)
        s3.put_object(Bucket=BUCKET, Key=name, Body=b"text", ServerSideEncryption="AES256")
        apply(rule)
        by_key = {"encryption": "SSE-KMS", "kms_key": keys[name]}
        result = task("s3_encrypted_object", bucket=BUCKET, key=name, change_method=method, **by_key)
        target = "KEY" if name == "KEY" else "another key"
        row = (
            OTHER_REQUESTS[f"UpdateObjectEncryption, to {target}"]
            if method == "update"
            else UPLOADS[f"`aws:kms`, and {target} by its key ARN"]
        )
        assert bool(result.get("failed")) is row[rule], result
        if not result.get("failed"):
            assert result["object"]["encryption"]["kms_key_arn"] == keys[name]
            continue
        assert result["error"]["layer"] == "resource-based"
        assert f"The request names the encryption aws:kms with the KMS key {keys[name]}." in result["msg"]
        assert ("name an allowed kms_key" if method == "update" else "name an allowed one") in result["msg"]


def test_our_directories(task: Task, apply: Callable[[str], None], tmp_path: Path) -> None:
    """Each file fails with the error of an object, and none is written."""
    for name in ("a", "b"):
        (tmp_path / name).write_text(name)
    where = {"bucket": BUCKET, "src": f"{tmp_path}/", "remote_src": True}
    apply("KEY allowed")
    for number, (text, row) in enumerate(OURS.items()):
        result = task("s3_encrypted_sync", **where, prefix=f"{number}/", **as_options(text))
        refused = UPLOADS[row]["KEY allowed"]
        assert bool(result.get("failed")) is refused, (text, result)
        assert len(result["failed_objects"]) == (2 if refused else 0)
        for failed in result["objects"] if refused else ():
            assert named_in(failed["error"]["message"], row), failed


# ---------------------------------------------------------------- others


def run_theirs(**options: Any) -> Result:
    """Run amazon.aws.s3_object in this process."""
    written = io.StringIO()
    with patch_module_args(options), contextlib.redirect_stdout(written), contextlib.suppress(SystemExit):
        their_object.main()
    result: Result = json.loads(written.getvalue())
    return result


@pytest.mark.parametrize("rule", documented.UPLOAD_RULES)
def test_the_objects_of_amazon_aws(apply: Callable[[str], None], rule: str) -> None:
    """Its default names AES256, which a rule for KMS keys alone does not concern, and others refuse."""
    apply(rule)
    for number, (text, row) in enumerate(CLIENTS["amazon.aws.s3_object"].items()):
        result = run_theirs(bucket=BUCKET, object=str(number), mode="put", content="text", **as_options(text))
        refused = bool(result.get("failed"))
        assert refused is UPLOADS[row][rule], (text, result)
        assert not refused or "AccessDenied" in result["msg"]


@pytest.mark.parametrize("rule", documented.UPLOAD_RULES)
def test_managed_transfers_of_boto3(s3: Any, apply: Callable[[str], None], rule: str) -> None:
    """Small and in parts, and a copy."""
    s3.put_object(Bucket=BUCKET, Key="source", Body=b"text")
    apply(rule)
    parts = TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB, max_concurrency=1)
    source = {"Bucket": BUCKET, "Key": "source"}
    for text, row in CLIENTS["boto3's upload_file and copy"].items():
        named = dict(re.findall(r'(\w+)="([^"]+)"', text))
        content = io.BytesIO(b"a" * 6 * MIB)
        transfers = (
            partial(s3.upload_fileobj, io.BytesIO(b"text"), BUCKET, "a", ExtraArgs=named),
            partial(s3.upload_fileobj, content, BUCKET, "a", ExtraArgs=named, Config=parts),
            partial(s3.copy, source, BUCKET, "copy", ExtraArgs=named),
        )
        for transfer in transfers:
            assert _is_refused(transfer) is UPLOADS[row][rule], text


def _is_refused(transfer: Callable[[], Any]) -> bool:
    """Whether the policy refuses the transfer. Raises ClientError for any other error."""
    try:
        transfer()
    except ClientError as error:
        if "explicit deny in a resource-based policy" not in str(error):
            raise
        return True
    return False
