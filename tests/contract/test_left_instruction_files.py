# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Instruction files that no object needs, or that only earlier versions of an object need."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Task
from .encryption_client import EncryptionClient, seal, seal_v2

pytestmark = pytest.mark.usefixtures("at_aws")

OWN, OTHER = "a" * 32, "b" * 32
FILE = {"envelope": "instruction_file"}
CSE_C = {"encryption": "CSE-C", "customer_key": OWN}
CSE_C_OTHER = {"encryption": "CSE-C", "customer_key": OTHER}
ABSENT = {"state": "absent"}


def files_in(s3: Any, bucket: str) -> list[str]:
    """The keys of all current objects that are named like an instruction file."""
    listed = s3.list_objects_v2(Bucket=bucket).get("Contents", [])
    return [each["Key"] for each in listed if each["Key"].endswith(".instruction")]


def test_a_listing_reports_the_files_that_no_object_needs(task: Task, s3: Any, bucket: str) -> None:
    """Not those that an object needs, and a file that belongs to no object is never refused."""
    for key in ("needed", "orphan", "plain", "moved"):
        seal(b"x", OWN.encode(), in_file=True).put(s3, bucket, key)
    seal_v2(b"x", OWN.encode(), in_file=True).put(s3, bucket, "needed by V2")
    s3.delete_object(Bucket=bucket, Key="orphan")
    s3.put_object(Bucket=bucket, Key="plain", Body=b"plain")
    seal(b"x", OWN.encode()).put(s3, bucket, "moved")
    s3.put_object(Bucket=bucket, Key="moved.instruction", Body=b"no JSON")
    listed = task("s3_encrypted_object_info", bucket=bucket, prefix="")
    assert listed["warnings"] == [
        "Objects with the name of an instruction file, whose object does not exist: orphan.instruction.",
        "Instruction files that the current version of their object does not need: moved.instruction, "
        "plain.instruction.",
    ]
    assert not [each for each in listed["objects"] if "error" in each]


def test_a_file_beside_a_complete_envelope_is_never_read(
    task: Task, s3: Any, lab: Any, bucket: str, tmp_path: Any
) -> None:
    """By a download, a comparison, a change and a deletion, even if it is no instruction file. It stays."""
    where = {"bucket": bucket, "key": "a"}
    seal(b"content", OWN.encode()).put(s3, bucket, "a")
    s3.put_object(Bucket=bucket, Key="a.instruction", Body=b"no JSON")
    lab.calls.clear()
    assert task("s3_encrypted_object_download", **where, dest=str(tmp_path / "a"), **CSE_C)["changed"]
    assert not task("s3_encrypted_object", **where, content="content", **CSE_C)["changed"]
    assert task("s3_encrypted_object", **where, previous_customer_key=OWN, **CSE_C_OTHER)["changed"]
    assert task("s3_encrypted_object", **where, content="new", **CSE_C_OTHER)["changed"]
    assert task("s3_encrypted_object", **where, **ABSENT)["actions"] == ["DeleteObject"]
    assert lab.calls.select(resource=lambda resource: resource.endswith(".instruction")) == []
    assert files_in(s3, bucket) == ["a.instruction"]


FILES = {
    "under another key": (seal(b"", OTHER.encode(), in_file=True).file, "does not decrypt the data key"),
    "of version 2": (seal_v2(b"", OWN.encode(), in_file=True).file, "it has the older format v2"),
    "no JSON": (b"{", "JSON"),
    "with a commitment": (b'{"x-amz-3": "AAAA", "x-amz-w": "02", "x-amz-d": "AAAA"}', "belongs to the metadata"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_cannot_be_kept_moves_the_envelope(task: Task, s3: Any, kms: Any, bucket: str, name: str) -> None:
    """The object goes to the metadata with a warning. The next run leaves it there, with the same warning."""
    body, words = FILES[name]
    s3.put_object(Bucket=bucket, Key="a.instruction", Body=body)
    options = {"bucket": bucket, "key": "a", "content": "one", **CSE_C, **FILE}
    foreseen = task("s3_encrypted_object", check=True, **options)
    done = task("s3_encrypted_object", **options)
    again = task("s3_encrypted_object", **options)
    assert (foreseen["changed"], done["changed"], again["changed"]) == (True, True, False)
    assert foreseen["warnings"] == done["warnings"] == again["warnings"]
    assert words in done["warnings"][0]
    assert again["object"]["encryption"]["envelope"] == "metadata"
    assert s3.get_object(Bucket=bucket, Key="a.instruction")["Body"].read() == body
    assert EncryptionClient(s3, kms, (OWN.encode(),)).content(bucket, "a") == b"one"


def test_a_deletion_keeps_the_file_that_versions_need(task: Task, s3: Any, kms: Any, bucket: str) -> None:
    """Also the deletion of one version, and a move to the metadata: each version that is left can be read."""
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    where, client = {"bucket": bucket, "key": "a"}, EncryptionClient(s3, kms, (OWN.encode(),))
    first = task("s3_encrypted_object", **where, content="one", **CSE_C, **FILE)["object"]["version_id"]
    second = task("s3_encrypted_object", **where, content="two", **CSE_C, **FILE)["object"]["version_id"]
    moved = task("s3_encrypted_object", **where, envelope="metadata", **CSE_C)
    assert "The instruction file of 'a' stays" in moved["warnings"][0]
    assert task("s3_encrypted_object", **where, version_id=second, **ABSENT)["actions"] == ["DeleteObject"]
    assert task("s3_encrypted_object", **where, **ABSENT)["actions"] == ["DeleteObject"]
    assert files_in(s3, bucket) == ["a.instruction"]
    assert client.content(bucket, "a", VersionId=first) == b"one"
    assert sorted(client.contents(bucket, "a").values()) == [b"one", b"two"]
    made = task("s3_encrypted_object", **where, content="three", **CSE_C, **FILE)
    assert made["actions"] == ["PutInstructionFile", "PutObject"]
    assert sorted(client.contents(bucket, "a").values()) == [b"one", b"three", b"two"]


@pytest.mark.parametrize("denied", ["s3:ListBucketVersions", "s3:GetObject"])
def test_a_file_stays_where_its_use_cannot_be_read(task: Task, s3: Any, lab: Any, bucket: str, denied: str) -> None:
    """The object is deleted, and a warning names the file and the permission. Check mode says the same."""
    options = {"bucket": bucket, "key": "a"}
    task("s3_encrypted_object", **options, content="one", **CSE_C, **FILE)
    resource = f"arn:aws:s3:::{bucket}/a.instruction" if denied == "s3:GetObject" else "*"
    lab.faults.add("deny", operation=denied, resource=resource, times=None)
    foreseen = task("s3_encrypted_object", check=True, **options, **ABSENT)
    done = task("s3_encrypted_object", **options, **ABSENT)
    assert (done.get("failed"), done["changed"], done["actions"]) == (None, True, ["DeleteObject"]), done
    assert foreseen["warnings"] == done["warnings"]
    assert f"The instruction file {bucket}/a.instruction stays" in done["warnings"][0]
    assert denied in done["warnings"][0]
    assert files_in(s3, bucket) == ["a.instruction"]
