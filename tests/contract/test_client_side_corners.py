# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Client-side encryption meets server-side encryption, policies, stores without conditions, and older formats."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import Result, Task
from .encryption_client import EncryptionClient, seal_v2, seal_v2_by_kms
from .sdk_calls import before_requests

pytestmark = pytest.mark.usefixtures("at_aws", "key_arn")

OWN_KEY, OTHER_KEY = "12345678901234567890123456789012", "abcdefghabcdefghabcdefghabcdefgh"
CSE_C = {"encryption": "CSE-C", "customer_key": OWN_KEY}
ROTATED = {"encryption": "CSE-C", "customer_key": OTHER_KEY, "previous_customer_key": OWN_KEY}
IN_FILE = {**CSE_C, "envelope": "instruction_file"}
OVER_KMS = {"server_side": {"encryption": "SSE-KMS", "kms_key": "alias/app"}}


def ensure(task: Task, bucket: str, **options: Any) -> Result:
    """The result of a real run that succeeds, after a check run that foresaw it."""
    check = task("s3_encrypted_object", check=True, bucket=bucket, key="a", **options)
    real = task("s3_encrypted_object", bucket=bucket, key="a", **options)
    assert not real.get("failed"), real["msg"]
    for name in ("changed", "diff", "actions", "warnings"):
        assert check.get(name) == real.get(name), name
    return real


def deny_uploads(s3: Any, lab: Any, bucket: str, condition: dict[str, Any]) -> None:
    """A bucket policy that denies PutObject under a condition, and a lab that evaluates it."""
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    policy = {"Version": "2012-10-17", "Statement": [{**statement, "Condition": condition}]}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    lab.enforcing = True


@pytest.mark.parametrize("named", [{}, OVER_KMS], ids=["omitted", "named"])
def test_a_rotated_instruction_file_keeps_its_server_side_encryption(
    task: Task, bucket: str, s3: Any, named: dict[str, Any]
) -> None:
    """Whether the task names server_side or not. A write without it would reset it to the bucket's default."""
    ensure(task, bucket, content="one", **IN_FILE, **OVER_KMS)
    assert s3.head_object(Bucket=bucket, Key="a.instruction")["ServerSideEncryption"] == "aws:kms"
    ensure(task, bucket, **ROTATED, **named)
    assert s3.head_object(Bucket=bucket, Key="a.instruction")["ServerSideEncryption"] == "aws:kms"


def test_a_rotation_follows_a_policy_that_demands_a_header(
    task: Task, bucket: str, s3: Any, lab: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The instruction file is an upload too."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    deny_uploads(s3, lab, bucket, {"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}})
    ensure(task, bucket, content="one", **IN_FILE, **OVER_KMS)
    ensure(task, bucket, **ROTATED, **OVER_KMS)


def test_an_upload_that_a_policy_denies_names_the_option(
    task: Task, bucket: str, s3: Any, lab: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The header belongs to server_side, and not to encryption."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    deny_uploads(s3, lab, bucket, {"Null": {"s3:x-amz-server-side-encryption": "true"}})
    denied = task("s3_encrypted_object", bucket=bucket, key="a", content="one", **CSE_C)
    assert denied["error"]["kind"] == "forbidden"
    assert "name server_side." in denied["msg"]


@pytest.mark.parametrize("changed", [{"content": "two"}, {"server_side": {"encryption": "SSE-S3"}}], ids=str)
def test_a_ciphertext_that_s3_protects_less_is_a_warning(task: Task, bucket: str, changed: dict[str, Any]) -> None:
    """By the bucket's default, or as named. The client-side encryption stays the same."""
    ensure(task, bucket, content="one", **CSE_C, **OVER_KMS)
    done = ensure(task, bucket, **CSE_C, **changed)
    assert done["object"]["encryption"]["server_side"]["type"] == "SSE-S3"
    assert "The server-side encryption of 'a' becomes weaker" in done["warnings"][0]


def test_sse_c_below_client_side_encryption_is_refused(task: Task, open_bucket: str, s3: Any) -> None:
    """The task can name one customer key only, so it does not report the object as compliant."""
    sse_c = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": OTHER_KEY}
    seal_v2(b"secret", OWN_KEY.encode()).put(s3, open_bucket, "a", **sse_c)
    refused = task("s3_encrypted_object", bucket=open_bucket, key="a", **CSE_C, previous_customer_key=OTHER_KEY)
    assert (refused["error"]["kind"], refused["changed"]) == ("unsupported", False)


def test_without_conditions_an_existing_file_keeps_its_data_key(task: Task, bucket: str, s3: Any, kms: Any) -> None:
    """An older version of the object needs it."""
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    ensure(task, bucket, content="one", **IN_FILE)
    ensure(task, bucket, state="absent")
    ensure(task, bucket, content="two", conditional_writes=False, **IN_FILE)
    contents = EncryptionClient(s3, kms, (OWN_KEY.encode(),)).contents(bucket, "a")
    assert sorted(contents.values()) == [b"one", b"two"]


@pytest.fixture
def before_put(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """A function that runs an action once, directly before the object is put."""

    def install(action: Callable[[], object]) -> None:
        done = list[bool]()

        def run_once(method: str, url: str, _headers: dict[str, str], _body: Callable[[], bytes]) -> None:
            if not done and method == "PUT" and url.split("?")[0].endswith("/a"):
                done.append(True)
                action()

        before_requests(monkeypatch, run_once)

    return install


def test_without_conditions_two_creators_leave_a_readable_object(
    task: Task, bucket: str, s3: Any, kms: Any, before_put: Callable[[Callable[[], object]], None]
) -> None:
    """The second one uses the data key in the file of the first one, which no condition protects."""
    options = {"bucket": bucket, "key": "a", "conditional_writes": False, **IN_FILE}
    other: list[Result] = []
    before_put(lambda: other.append(task("s3_encrypted_object", content="two", **options)))
    task("s3_encrypted_object", content="one", **options)
    assert not other[0].get("failed"), other[0]["msg"]
    client = EncryptionClient(s3, kms, (OWN_KEY.encode(),))
    assert client.content(bucket, "a") in (b"one", b"two")


def test_an_object_of_version_2_in_a_file_is_not_called_server_side(
    task: Task, bucket: str, s3: Any, tmp_path: Path
) -> None:
    """Its metadata shows nothing. A task that names another kind refuses the ciphertext, or changes it with its key."""
    seal_v2(b"secret", OWN_KEY.encode(), in_file=True).put(s3, bucket, "a")
    where = {"bucket": bucket, "key": "a", "encryption": "SSE-S3"}
    refused = task("s3_encrypted_object_download", **where, dest=str(tmp_path / "dest"))
    assert (refused["error"]["kind"], (tmp_path / "dest").exists()) == ("non_compliant", False)
    done = task("s3_encrypted_object", **where, previous_customer_key=OWN_KEY)
    assert done["changed"], done
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"secret"


def test_a_check_run_for_a_new_bucket_succeeds(task: Task) -> None:
    """An earlier task of the play makes the bucket, so there is no instruction file either."""
    planned = task("s3_encrypted_object", check=True, bucket="new-bucket", key="a", content="one", **IN_FILE)
    assert not planned.get("failed"), planned["msg"]
    assert planned["actions"] == ["PutInstructionFile", "PutObject"]


def test_the_description_of_a_key_stays_with_it(task: Task, bucket: str, s3: Any) -> None:
    """Other clients find their key by it. Only the place of the envelope changes."""
    ensure(task, bucket, content="one", **CSE_C)
    found = s3.get_object(Bucket=bucket, Key="a")
    fields = {**found["Metadata"], "x-amz-m": '{"key":"2026"}'}
    s3.put_object(Bucket=bucket, Key="a", Body=found["Body"].read(), Metadata=fields)
    ensure(task, bucket, **IN_FILE)
    file = json.loads(s3.get_object(Bucket=bucket, Key="a.instruction")["Body"].read())
    assert json.loads(file["x-amz-m"]) == {"key": "2026"}


def test_a_key_in_another_region_decrypts(task: Task, bucket: str, s3: Any, lab: Any, tmp_path: Path) -> None:
    """Only S3 itself needs a key of the bucket's region."""
    far = lab.client("kms", region="eu-west-1", account="123456789012")
    arn = far.create_key()["KeyMetadata"]["Arn"]
    seal_v2_by_kms(b"secret", far, arn).put(s3, bucket, "a")
    options = {"bucket": bucket, "key": "a", "dest": str(tmp_path / "dest"), "kms_key": arn}
    read = task("s3_encrypted_object_download", **options, legacy_formats=["v2"])
    assert not read.get("failed"), read["msg"]
    assert (tmp_path / "dest").read_bytes() == b"secret"


def test_overwrite_always_keeps_the_kms_key(task: Task, bucket: str, key_arn: str) -> None:
    """A task that names no KMS key takes the one that opens the envelope."""
    ensure(task, bucket, content="one", encryption="CSE-KMS", kms_key="alias/app")
    done = ensure(task, bucket, content="two", encryption="CSE-KMS", overwrite="always")
    assert done["object"]["encryption"]["kms_key_arn"] == key_arn


def test_a_previous_key_needs_no_permission_for_instruction_files(
    task: Task, bucket: str, s3: Any, lab: Any, tmp_path: Path
) -> None:
    """It may be left in the task after a rotation of SSE-C. The object shows no client-side encryption."""
    s3.put_object(Bucket=bucket, Key="a", Body=b"plain")
    lab.faults.add("deny", operation="s3:GetObject", resource=f"arn:aws:s3:::{bucket}/a.instruction", times=None)
    done = ensure(task, bucket, encryption="SSE-S3", previous_customer_key=OWN_KEY)
    assert (done["changed"], done["object"]["encryption"]["type"]) == (False, "SSE-S3")
    options = {"bucket": bucket, "key": "a", "dest": str(tmp_path / "dest"), "customer_key": OWN_KEY}
    assert task("s3_encrypted_object_download", **options)["changed"]
    refused = task("s3_encrypted_object", bucket=bucket, key="a", **CSE_C)
    assert refused["error"]["kind"] == "forbidden"
