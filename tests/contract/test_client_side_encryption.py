# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Client-side encryption: objects under CSE-KMS and CSE-C, at AWS and at other endpoints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .conftest import Task

OWN_KEY = "12345678901234567890123456789012"
OTHER_KEY = "abcdefghabcdefghabcdefghabcdefgh"
FILE = "instruction_file"

KINDS: dict[str, dict[str, Any]] = {
    "CSE-KMS": {"encryption": "CSE-KMS", "kms_key": "alias/app"},
    "CSE-KMS with context": {
        "encryption": "CSE-KMS",
        "kms_key": "alias/app",
        "encryption_context": {"app": "billing"},
    },
    "CSE-C": {"encryption": "CSE-C", "customer_key": OWN_KEY},
}


@pytest.fixture(params=["at AWS", "elsewhere"])
def place(request: pytest.FixtureRequest) -> str:
    """Whether the lab is in the place of AWS."""
    if request.param == "at AWS":
        request.getfixturevalue("at_aws")
    return str(request.param)


@pytest.fixture
def key_arn(kms: Any) -> str:
    """A KMS key with the alias of the tests."""
    arn = str(kms.create_key()["KeyMetadata"]["Arn"])
    kms.create_alias(AliasName="alias/app", TargetKeyId=arn)
    return arn


def both(task: Task, module: str = "s3_encrypted_object", **options: Any) -> dict[str, Any]:
    """The result of a real run that succeeds, after a check run with the same result."""
    check = task(module, check=True, **options)
    real = task(module, **options)
    assert not real.get("failed"), real["msg"]
    for name in ("changed", "diff", "actions", "warnings"):
        assert check.get(name) == real.get(name), name
    return real


def keys_of(options: dict[str, Any]) -> dict[str, Any]:
    """The options that a read of the object needs, too."""
    return {name: value for name, value in options.items() if name == "customer_key"}


@pytest.mark.usefixtures("place", "key_arn")
@pytest.mark.parametrize("envelope", ["metadata", FILE])
@pytest.mark.parametrize("kind", KINDS)
def test_create_change_read_and_delete(
    task: Task, bucket: str, kind: str, envelope: str, s3: Any, tmp_path: Path
) -> None:
    """Each step is foreseen by check mode, and a second run changes nothing."""
    options = KINDS[kind]
    where = {"bucket": bucket, "key": "a/b"}

    def step(**more: Any) -> dict[str, Any]:
        done = both(task, **where, **more)
        again = both(task, **where, **more)
        assert (again["changed"], again["diff"]["before"], again["diff"]["after"]) == (False, {}, {})
        return done

    made = step(content="one", metadata={"Owner": "ann"}, tags={"team": "blue"}, envelope=envelope, **options)
    assert made["actions"] == (["PutInstructionFile", "PutObject"] if envelope == FILE else ["PutObject"])
    stored = s3.get_object(Bucket=bucket, Key="a/b")
    assert len(stored["Body"].read()) == len("one") + 16
    assert ("x-amz-3" in stored["Metadata"]) is (envelope == "metadata")
    found = made["object"]
    assert (found["metadata"], found["tags"], found["size"]) == ({"owner": "ann"}, {"team": "blue"}, 19)
    encryption = found["encryption"]
    assert encryption["type"] == options["encryption"]
    assert (encryption["format"], encryption["envelope"], encryption["plaintext_size"]) == ("v3", envelope, 3)
    assert encryption["server_side"]["type"] == "SSE-S3"

    replaced = step(content="two and more", envelope=envelope, **options)
    assert replaced["actions"] == ["PutObject"]
    assert replaced["object"]["metadata"] == {"owner": "ann"}
    (reported,) = task("s3_encrypted_object_info", **where)["objects"]
    for name in ("format", "envelope", "plaintext_size", "type", "encryption_context", "server_side"):
        assert reported["encryption"][name] == replaced["object"]["encryption"][name]

    dest = tmp_path / "dest"
    for changed in (True, False):
        got = both(task, "s3_encrypted_object_download", **where, dest=str(dest), **keys_of(options))
        assert (got["changed"], dest.read_text()) == (changed, "two and more")

    renamed = step(metadata={}, cache_control="no-store", **options)
    assert (renamed["actions"], renamed["object"]["metadata"]) == (["CopyObject"], {})
    moved = step(server_side={"encryption": "SSE-KMS", "kms_key": "alias/app"}, **options)
    assert moved["object"]["encryption"]["server_side"]["type"] == "SSE-KMS"
    both(task, "s3_encrypted_object_download", **where, dest=str(tmp_path / "again"), **keys_of(options))
    assert (tmp_path / "again").read_text() == "two and more"

    gone = both(task, **where, state="absent")
    assert gone["actions"] == (["DeleteObject", "DeleteInstructionFile"] if envelope == FILE else ["DeleteObject"])
    assert s3.list_objects_v2(Bucket=bucket).get("KeyCount") == 0


KIND_TO_KIND = {
    "SSE-S3": {"encryption": "SSE-S3"},
    "SSE-KMS": {"encryption": "SSE-KMS", "kms_key": "alias/app"},
    "SSE-C": {"encryption": "SSE-C", "customer_key": OTHER_KEY},
    **KINDS,
    "CSE-C in a file": {"encryption": "CSE-C", "customer_key": OWN_KEY, "envelope": FILE},
    "CSE-C other": {"encryption": "CSE-C", "customer_key": OTHER_KEY},
    "CSE-KMS in a file": {"encryption": "CSE-KMS", "kms_key": "alias/app", "envelope": FILE},
}


@pytest.mark.usefixtures("place", "key_arn")
@pytest.mark.parametrize("target", KIND_TO_KIND)
@pytest.mark.parametrize("source", KIND_TO_KIND)
def test_kind_to_kind(task: Task, open_bucket: str, source: str, target: str, tmp_path: Path) -> None:
    """The content stays, whatever the kinds are."""
    where = {"bucket": open_bucket, "key": "a"}
    before, after = KIND_TO_KIND[source], KIND_TO_KIND[target]
    both(task, **where, content="the content", metadata={"owner": "ann"}, tags={"team": "blue"}, **before)
    previous = {"previous_customer_key": before["customer_key"]} if "customer_key" in before else {}
    done = both(task, **where, **after, **previous)
    assert not both(task, **where, **after)["changed"], json.dumps(done)
    assert done["object"]["encryption"]["type"] == after["encryption"]
    assert done["object"]["metadata"] == {"owner": "ann"}
    (found,) = task("s3_encrypted_object_info", **where, **keys_of(after))["objects"]
    assert found["tags"] == {"team": "blue"}
    dest = tmp_path / "dest"
    both(task, "s3_encrypted_object_download", **where, dest=str(dest), **keys_of(after))
    assert dest.read_text() == "the content"


def test_a_hint_without_an_envelope_is_refused(task: Task, bucket: str, s3: Any, tmp_path: Path) -> None:
    """The client for Ruby leaves only the size of the plaintext beside an instruction file, which may be lost."""
    s3.put_object(Bucket=bucket, Key="a", Body=b"ciphertext", Metadata={"x-amz-unencrypted-content-length": "3"})
    dest = tmp_path / "dest"
    refused = task("s3_encrypted_object_download", bucket=bucket, key="a", dest=str(dest))
    assert (refused["error"]["kind"], dest.exists()) == ("not_authentic", False)
    assert "neither it nor an instruction file has an encrypted data key" in refused["msg"]
    (listed,) = task("s3_encrypted_object_info", bucket=bucket, prefix="")["objects"]
    assert listed["error"]["kind"] == "not_authentic"
    assert both(task, bucket=bucket, key="a", content="new", overwrite="always")["object"]["size"] == 3
