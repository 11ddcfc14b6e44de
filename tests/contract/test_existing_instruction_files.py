# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Instruction files that are there before their object, such as after a killed run, or not there any more."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .conftest import Result, Task

pytestmark = pytest.mark.usefixtures("at_aws")

OWN_KEY = "12345678901234567890123456789012"
OTHER_KEY = "abcdefghabcdefghabcdefghabcdefgh"
UNDER_OWN_KEY: dict[str, Any] = {
    "key": "a",
    "encryption": "CSE-C",
    "customer_key": OWN_KEY,
    "envelope": "instruction_file",
}


@pytest.fixture
def orphan(task: Task, bucket: str, s3: Any) -> bytes:
    """An instruction file without its object; its content."""
    task("s3_encrypted_object", bucket=bucket, content="one", **UNDER_OWN_KEY)
    s3.delete_object(Bucket=bucket, Key="a")
    return file_of(s3, bucket)


def file_of(s3: Any, bucket: str) -> bytes:
    body: bytes = s3.get_object(Bucket=bucket, Key="a.instruction")["Body"].read()
    return body


def data_key_of(file: bytes, key: str) -> bytes:
    """The data key in an instruction file of V3, decrypted with an own key."""
    wrapped = base64.b64decode(json.loads(file)["x-amz-3"])
    return AESGCM(key.encode()).decrypt(wrapped[:12], wrapped[12:], b"115")


def written(task: Task, bucket: str, **options: Any) -> Result:
    """The result of a real run, after a check run that foresaw it. A second one changes nothing."""
    check = task("s3_encrypted_object", check=True, bucket=bucket, content="two", **options)
    real = task("s3_encrypted_object", bucket=bucket, content="two", **options)
    assert not real.get("failed"), real["msg"]
    assert (check["actions"], check.get("warnings")) == (real["actions"], real.get("warnings"))
    assert not task("s3_encrypted_object", bucket=bucket, content="two", **options)["changed"]
    return real


def test_its_data_key_is_used(task: Task, bucket: str, s3: Any, orphan: bytes) -> None:
    """Versions that need the file stay readable. It is written again, so that no other client deletes it meanwhile."""
    assert written(task, bucket, **UNDER_OWN_KEY)["actions"] == ["PutInstructionFile", "PutObject"]
    assert data_key_of(file_of(s3, bucket), OWN_KEY) == data_key_of(orphan, OWN_KEY)


def test_its_data_key_is_encrypted_again_under_a_new_key(task: Task, bucket: str, s3: Any, orphan: bytes) -> None:
    """The file keeps its data key, and the former key does not decrypt it any more."""
    rotated = {**UNDER_OWN_KEY, "customer_key": OTHER_KEY, "previous_customer_key": OWN_KEY}
    assert written(task, bucket, **rotated)["actions"] == ["PutInstructionFile", "PutObject"]
    assert data_key_of(file_of(s3, bucket), OTHER_KEY) == data_key_of(orphan, OWN_KEY)
    with pytest.raises(InvalidTag):
        data_key_of(file_of(s3, bucket), OWN_KEY)


def test_a_file_that_the_key_does_not_open_stays(task: Task, bucket: str, s3: Any, orphan: bytes) -> None:
    """The envelope of the new object is in its metadata, with a warning."""
    result = written(task, bucket, **{**UNDER_OWN_KEY, "customer_key": OTHER_KEY})
    assert result["actions"] == ["PutObject"]
    assert "the envelope of the object was altered. Delete that file" in result["warnings"][0]
    assert result["object"]["encryption"]["envelope"] == "metadata"
    assert file_of(s3, bucket) == orphan


def test_a_hint_without_an_envelope_is_refused(task: Task, bucket: str, s3: Any, tmp_path: Path) -> None:
    """The client for Ruby leaves only the size of the plaintext beside an instruction file, which may be lost."""
    s3.put_object(Bucket=bucket, Key="a", Body=b"ciphertext", Metadata={"x-amz-unencrypted-content-length": "3"})
    dest = tmp_path / "dest"
    refused = task("s3_encrypted_object_download", bucket=bucket, key="a", dest=str(dest))
    assert (refused["error"]["kind"], dest.exists()) == ("not_authentic", False)
    assert "neither it nor an instruction file has an encrypted data key" in refused["msg"]
    (listed,) = task("s3_encrypted_object_info", bucket=bucket, prefix="")["objects"]
    assert listed["error"]["kind"] == "not_authentic"
    replaced = task("s3_encrypted_object", bucket=bucket, key="a", content="new", overwrite="always")
    assert replaced["object"]["size"] == 3
