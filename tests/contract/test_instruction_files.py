# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Instruction files in the lab: conditions, encryption, refusals, and the versions that still need a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.aws.objects.instruction_files import InstructionFiles
from ansible_collections.sealed.s3.plugins.module_utils.aws.session import Clients, Connection
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind, OperationError, Reason
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.encryption import DesiredEncryption
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.registry import BUCKET_DEFAULT, SSE_KMS
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_state import ObjectId

from .conftest import ACCOUNT, REGION, Task
from .test_key_policies import People, people

__all__ = ["people"]

Kind = FailureKind
BODY = b'{"x-amz-3":"AAAA"}'
# S3 encodes such a key in the pages of a list.
KEY = "a b/ü&<c>"
DEFAULT = DesiredEncryption(BUCKET_DEFAULT)


def files(**options: Any) -> InstructionFiles:
    """The product's calls for instruction files, with the credentials of the environment."""
    return InstructionFiles(Clients(Connection(region=REGION)), **options)


def refusal(call: Callable[[], object]) -> Failure:
    """The failure of a call."""
    with pytest.raises(OperationError) as error:
        call()
    return error.value.failure


def test_a_file_is_created_replaced_and_deleted(s3: Any, bucket: str, key_arn: str, at_aws: None) -> None:
    """Only as it was read: each condition fails for what another client did meanwhile."""
    port, target = files(), ObjectId(bucket, KEY, "some-version", ACCOUNT)
    assert port.get_instruction_file(target) is None
    encryption = DesiredEncryption(SSE_KMS, key_arn, bucket_key_enabled=True)
    first = port.put_instruction_file(target, BODY, if_match=None, encryption=encryption)
    stored = s3.get_object(Bucket=bucket, Key=f"{KEY}.instruction", ChecksumMode="ENABLED")
    assert (stored["Body"].read(), stored["ETag"], stored["ContentType"]) == (BODY, first, "application/json")
    assert (stored["SSEKMSKeyId"], stored["BucketKeyEnabled"]) == (key_arn, True)
    assert stored["ChecksumSHA256"]
    assert stored["Metadata"] == {"x-amz-crypto-instr-file": ""}
    found = port.get_instruction_file(target)
    assert found
    assert (found.body, found.etag) == (BODY, first)

    def conflict(call: Callable[[], object]) -> None:
        failure = refusal(call)
        assert (failure.kind, failure.resource) == (Kind.CONFLICT, f"{bucket}/{KEY}.instruction")
        assert "run the task again" in failure.advice.lower()

    conflict(lambda: port.put_instruction_file(target, b"{}", if_match=None, encryption=DEFAULT))
    second = port.put_instruction_file(target, b"{}", if_match=first, encryption=DEFAULT)
    conflict(lambda: port.put_instruction_file(target, BODY, if_match=first, encryption=DEFAULT))
    conflict(lambda: port.delete_instruction_file(target, first))
    assert s3.get_object(Bucket=bucket, Key=f"{KEY}.instruction")["Body"].read() == b"{}"
    port.delete_instruction_file(target, second)
    assert port.get_instruction_file(target) is None
    port.delete_instruction_file(target, second)
    conflict(lambda: port.put_instruction_file(target, BODY, if_match=second, encryption=DEFAULT))
    port.delete_instruction_file(target)
    wrong_owner = target._replace(expected_bucket_owner="999999999999")
    for call in (
        lambda: port.get_instruction_file(wrong_owner),
        lambda: port.put_instruction_file(wrong_owner, BODY, if_match=None, encryption=DEFAULT),
        lambda: port.delete_instruction_file(wrong_owner),
    ):
        assert refusal(call).kind is Kind.FORBIDDEN
    assert port.has_other_versions(wrong_owner) is None


def test_without_conditional_writes_no_condition_is_sent(s3: Any, bucket: str) -> None:
    """The last write counts, as for objects."""
    port, target = files(conditional_writes=False), ObjectId(bucket, KEY)
    for body in (b"{}", BODY):
        port.put_instruction_file(target, body, if_match=None, encryption=DEFAULT)
    port.put_instruction_file(target, b"[]", if_match='"0"', encryption=DEFAULT)
    assert s3.get_object(Bucket=bucket, Key=f"{KEY}.instruction")["Body"].read() == b"[]"
    port.delete_instruction_file(target, '"0"')
    assert port.get_instruction_file(target) is None


def test_what_is_no_instruction_file_is_not_read(s3: Any, open_bucket: str) -> None:
    """A file of more than 64 KiB, and one that only a customer key opens."""
    target, where = ObjectId(open_bucket, "a"), {"Bucket": open_bucket, "Key": "a.instruction"}
    s3.put_object(**where, Body=b" " * 65536)
    found = files().get_instruction_file(target)
    assert found
    assert len(found.body) == 65536
    s3.put_object(**where, Body=b" " * 65537)
    failure = refusal(lambda: files().get_instruction_file(target))
    assert (failure.kind, failure.resource) == (Kind.NOT_AUTHENTIC, f"{open_bucket}/a.instruction")
    assert "more than 65536 bytes" in failure.message
    s3.put_object(**where, Body=BODY, SSECustomerAlgorithm="AES256", SSECustomerKey=b"k" * 32)
    failure = refusal(lambda: files().get_instruction_file(target))
    assert (failure.kind, failure.reason) == (Kind.WRONG_KEY, Reason.CUSTOMER_KEY_REQUIRED)
    assert "a.instruction is encrypted with SSE-C, so it cannot be read" in failure.message
    failure = refusal(lambda: files().get_instruction_file(ObjectId("example-nowhere", "a")))
    assert (failure.kind, failure.reason) == (Kind.ABSENT, Reason.BUCKET_NOT_FOUND)


@pytest.mark.parametrize("key", ["\x01", "a\x1bb", "a\ufffe"])
def test_a_file_whose_key_xml_cannot_represent(task: Task, bucket: str, s3: Any, key: str) -> None:
    """S3 repeats the key in its answer that the file does not exist, and the SDK cannot parse that."""
    options = {"bucket": bucket, "key": key, "encryption": "CSE-C", "customer_key": "1" * 32}
    for content in ({"content": "x"}, {"envelope": "instruction_file"}, {"envelope": "metadata"}):
        done = task("s3_encrypted_object", **options, **content)
        assert done["changed"], done.get("msg")


def test_versions_of_the_object_itself_count(s3: Any, bucket: str, calls: Callable[[], list[str]]) -> None:
    """Not those of longer keys, not the named version, and no delete markers."""
    port, target = files(), ObjectId(bucket, KEY)
    for suffix in ("", ".instruction", "0", "/"):
        s3.put_object(Bucket=bucket, Key=KEY + suffix)
    assert port.has_other_versions(target) is True
    assert port.has_other_versions(target._replace(version_id="null")) is False
    s3.delete_object(Bucket=bucket, Key=KEY)
    assert port.has_other_versions(target) is False
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket=bucket, Key=KEY)["VersionId"]
    second = s3.put_object(Bucket=bucket, Key=KEY)["VersionId"]
    s3.delete_object(Bucket=bucket, Key=KEY)
    assert port.has_other_versions(target) is True
    s3.delete_object(Bucket=bucket, Key=KEY, VersionId=first)
    assert port.has_other_versions(target._replace(version_id=second)) is False
    assert port.has_other_versions(target._replace(version_id=first)) is True
    calls()
    s3.delete_object(Bucket=bucket, Key=KEY, VersionId=second)
    assert port.has_other_versions(target) is False
    assert calls() == ["DeleteObject", "ListObjectVersions"]


def test_each_refusal_names_the_permission(people: People, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the file. Versions that may not be listed are unknown."""
    people.add("reader")
    for name, value in people.credentials("reader").items():
        monkeypatch.setenv(name, value)
    port, target = files(), ObjectId(bucket, "a")
    for action, call in {
        "s3:GetObject": lambda: port.get_instruction_file(target),
        "s3:PutObject": lambda: port.put_instruction_file(target, BODY, if_match=None, encryption=DEFAULT),
        "s3:DeleteObject": lambda: port.delete_instruction_file(target),
    }.items():
        failure = refusal(call)
        assert (failure.kind, failure.action) == (Kind.FORBIDDEN, action)
        assert f"{action} on {bucket}/a.instruction is forbidden" in failure.message
    assert port.has_other_versions(target) is None
