# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""s3_encrypted_sync with src and delete: what is deleted, and when nothing is."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.aws.objects.object_list import ObjectList
from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.sync.local_files import LocalList
from ansible_collections.sealed.s3.plugins.module_utils.frontend.objects.sync import push as frontend
from ansible_collections.sealed.s3.plugins.module_utils.frontend.objects.sync.source_directory import list_source
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind, OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.listed_object import ListedObject

from .conftest import Task
from .kind_rows import CUSTOMER_KEYS
from .sync_pushing import LISTS, Pusher, changed_keys

# What the bucket has below the prefix and beside it, without the file a.txt.
OBJECTS = ("site/b.txt", "site/c/d.txt", "site-old/b.txt", "siteb.txt", "b.txt")
PLACES = pytest.mark.parametrize("place", ["at AWS", "elsewhere"])
OWN_KEY = CUSTOMER_KEYS["first"]
IN_FILE: dict[str, Any] = {"encryption": "CSE-C", "customer_key": OWN_KEY, "envelope": "instruction_file"}


@pytest.fixture
def pusher(task: Task, open_bucket: str, tmp_path: Path, s3: Any, calls: Callable[[], list[str]]) -> Pusher:
    """A directory with one file, and a bucket with other objects."""
    made = Pusher(task, open_bucket, tmp_path / "site", calls)
    made.write({"a.txt": "a"})
    for key in OBJECTS:
        s3.put_object(Bucket=open_bucket, Key=key, Body=b"text")
    return made


def go_to(place: str, request: pytest.FixtureRequest) -> None:
    """The lab in the place of AWS, or as another store."""
    if place == "at AWS":
        request.getfixturevalue("at_aws")


@PLACES
def test_only_what_is_selected_below_the_prefix_is_deleted(
    place: str, pusher: Pusher, s3: Any, request: pytest.FixtureRequest
) -> None:
    """Not what is excluded, not what has a similar name, and no marker of a folder."""
    go_to(place, request)
    for key in ("site/", "site/c/", "site/keep/e.txt"):
        s3.put_object(Bucket=pusher.bucket, Key=key, Body=b"")
    result = pusher.both(delete=True, exclude=["keep/*"])
    assert changed_keys(result) == ["site/a.txt", "site/b.txt", "site/c/d.txt"]
    assert {tuple(row["actions"]) for row in result["objects"][1:]} == {("DeleteObject",)}
    assert result["summary"]["deleted"] == 2
    assert pusher.keys(s3) == [
        "b.txt",
        "site-old/b.txt",
        "site/",
        "site/a.txt",
        "site/c/",
        "site/keep/e.txt",
        "siteb.txt",
    ]
    if place == "at AWS":
        assert pusher.calls == {**LISTS, "PutObject": 1, "DeleteObject": 2}
    assert "2 objects:\n  - state: present\n  + state: absent\n" in result["diff"]["prepared"]


@PLACES
def test_versions_stay(place: str, pusher: Pusher, s3: Any, request: pytest.FixtureRequest) -> None:
    """In a bucket with versioning, a deletion adds a delete marker."""
    go_to(place, request)
    s3.put_bucket_versioning(Bucket=pusher.bucket, VersioningConfiguration={"Status": "Enabled"})
    pusher.both(delete=True)
    versions = s3.list_object_versions(Bucket=pusher.bucket, Prefix="site/")
    assert {found["Key"] for found in versions["Versions"]} == {"site/a.txt", "site/b.txt", "site/c/d.txt"}
    assert {found["Key"] for found in versions["DeleteMarkers"]} == {"site/b.txt", "site/c/d.txt"}
    assert not pusher.run(delete=True)["changed"]


def test_objects_under_a_customer_key_are_deleted_without_it(pusher: Pusher, s3: Any) -> None:
    """As S3 does."""
    key = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": CUSTOMER_KEYS["second"]}
    s3.put_object(Bucket=pusher.bucket, Key="site/b.txt", Body=b"text", **key)
    assert pusher.both(delete=True)["summary"]["deleted"] == 2


def test_an_empty_source_is_refused(pusher: Pusher, s3: Any) -> None:
    """Unless the task says that it means that."""
    (pusher.root / "a.txt").unlink()
    for options in ({}, {"check": True}):
        result = pusher.run(delete=True, **options)
        assert (result["failed"], result["error"]["kind"]) == (True, "invalid")
        assert "delete_all: true" in result["msg"]
    assert set(pusher.calls) <= set(LISTS)
    assert set(OBJECTS) <= set(pusher.keys(s3))
    assert pusher.both(delete=True, delete_all=True)["summary"]["deleted"] == 2
    assert pusher.keys(s3) == ["b.txt", "site-old/b.txt", "siteb.txt"]


def test_a_selection_that_selects_no_file_is_refused(pusher: Pusher) -> None:
    """A mistake in include must not delete anything."""
    assert "delete_all: true" in pusher.run(delete=True, include=["b*"])["msg"]


def test_a_source_that_does_not_exist_is_refused(pusher: Pusher, s3: Any) -> None:
    """Also with delete_all."""
    result = pusher.run(src=str(pusher.root / "none"), delete=True, delete_all=True)
    assert "cannot be read as a directory" in result["msg"]
    assert set(OBJECTS) <= set(pusher.keys(s3))


def test_an_incomplete_list_of_files_deletes_nothing(pusher: Pusher, s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory that cannot be read may have the files of these objects. The others are uploaded."""

    def incomplete(*arguments: Any) -> LocalList:
        return replace(list_source(*arguments), is_complete=False)

    monkeypatch.setattr(frontend, "list_source", incomplete)
    result = pusher.run(delete=True)
    assert (changed_keys(result), result["summary"]["deleted"]) == (["site/a.txt"], 0)
    assert any("No object was deleted" in warning for warning in result["warnings"])
    assert set(OBJECTS) <= set(pusher.keys(s3))


@pytest.mark.parametrize("ends", ["fails", "early"])
def test_an_incomplete_list_of_objects_deletes_nothing(
    pusher: Pusher, s3: Any, lab: Any, monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    """Neither where a page fails, nor where the store says that there is more, and not where."""
    list_objects = ObjectList.list_objects

    def small_pages(lists: ObjectList, *arguments: Any) -> Iterator[ListedObject]:
        bucket, prefix, owner = arguments
        yield from list_objects(lists, bucket, prefix, owner, 1)

    def ends_early(lists: ObjectList, *arguments: Any) -> Iterator[ListedObject]:
        yield next(list_objects(lists, *arguments))
        raise OperationError(Failure(FailureKind.UNVERIFIED, "ListObjectsV2 ended before the end of the list."))

    monkeypatch.setattr(ObjectList, "list_objects", small_pages if ends == "fails" else ends_early)
    if ends == "fails":
        lab.faults.add("deny", operation="s3:ListBucket", after=1, times=None)
    result = pusher.run(delete=True)
    assert (result["failed"], result["summary"]["deleted"]) == (True, 0)
    assert "ListObjectsV2" in result["msg"] or "s3:ListBucket" in result["msg"]
    lab.faults.clear()
    assert set(OBJECTS) <= set(pusher.keys(s3))


@PLACES
def test_an_object_that_was_written_again_stays(
    place: str, pusher: Pusher, s3: Any, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """It is not the one that was listed."""
    go_to(place, request)
    list_objects = ObjectList.list_objects

    def older(lists: ObjectList, *arguments: Any) -> Iterator[ListedObject]:
        for found in list_objects(lists, *arguments):
            yield found._replace(etag='"older"') if found.key == "site/b.txt" else found

    monkeypatch.setattr(ObjectList, "list_objects", older)
    result = pusher.run(delete=True)
    assert (result["failed_objects"], result["summary"]["deleted"]) == (["site/b.txt"], 1)
    assert "it has been written again since it was listed" in result["msg"]
    assert "site/b.txt" in pusher.keys(s3)


@pytest.mark.usefixtures("at_aws")
def test_an_object_that_is_gone_by_then_is_no_failure(pusher: Pusher, s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another client has deleted it."""
    list_objects = ObjectList.list_objects

    def listed(lists: ObjectList, *arguments: Any) -> Iterator[ListedObject]:
        yield from list_objects(lists, *arguments)
        s3.delete_object(Bucket=pusher.bucket, Key="site/b.txt")

    monkeypatch.setattr(ObjectList, "list_objects", listed)
    result = pusher.run(delete=True)
    assert (result.get("failed"), result["summary"]["deleted"]) == (None, 2)


def test_a_key_whose_file_failed_is_not_deleted(pusher: Pusher, s3: Any) -> None:
    """It has a file, which cannot be sent."""
    (pusher.root / "b.txt").symlink_to("/etc/hosts")
    result = pusher.run(delete=True)
    assert (result["failed_objects"], result["summary"]["deleted"]) == (["site/b.txt"], 1)
    assert "site/b.txt" in pusher.keys(s3)


@pytest.mark.parametrize("leads_to", ["outside", "site/real", "site/none"])
def test_objects_below_a_link_are_not_deleted(pusher: Pusher, s3: Any, leads_to: str) -> None:
    """A directory that was replaced by a symbolic link, which is not followed, may still have the files."""
    (pusher.root.parent / "outside").mkdir()
    (pusher.root / "real").mkdir()
    (pusher.root / "c").symlink_to(pusher.root.parent / leads_to)
    result = pusher.run(delete=True)
    assert (result["failed_objects"], result["summary"]["deleted"]) == (["site/c"], 1)
    assert "site/c/d.txt" in pusher.keys(s3)
    if leads_to != "site/none":
        assert 'with the patterns "c" and "c/*"' in result["msg"]
    assert not pusher.run(delete=True, exclude=["c", "c/*"]).get("failed")
    assert "site/c/d.txt" in pusher.keys(s3)


def test_a_source_of_which_nothing_can_be_sent_deletes_nothing(pusher: Pusher, s3: Any) -> None:
    """A lone pipe is no reason to delete all objects. With delete_all, it is."""
    (pusher.root / "a.txt").unlink()
    os.mkfifo(pusher.root / "pipe")
    result = pusher.run(delete=True)
    assert (result["failed_objects"], result["summary"]["deleted"]) == (["site/pipe"], 0)
    assert any("No object was deleted" in warning for warning in result["warnings"])
    assert set(OBJECTS) <= set(pusher.keys(s3))
    assert pusher.run(delete=True, delete_all=True)["summary"]["deleted"] == 2


def test_many_deletions_warn_in_a_check_run(pusher: Pusher, s3: Any) -> None:
    """With their number. A few do not."""
    assert pusher.run(check=True, delete=True).get("warnings") is None
    for number in range(10):
        s3.put_object(Bucket=pusher.bucket, Key=f"site/old/{number}", Body=b"")
    assert "12 objects would be deleted." in pusher.run(check=True, delete=True)["warnings"]


@PLACES
def test_instruction_files_belong_to_their_objects(
    place: str, pusher: Pusher, s3: Any, request: pytest.FixtureRequest
) -> None:
    """Those of objects that stay are kept, and are no objects of their own. The others are deleted with theirs."""
    go_to(place, request)
    pusher.write({"b.txt": "b", "a-x.txt": "between"})
    pusher.options = {**IN_FILE, "delete": True}
    pusher.both()
    assert not pusher.both()["changed"]
    (pusher.root / "b.txt").unlink()
    deleted = pusher.both()
    assert [(row["key"], row["actions"]) for row in deleted["objects"]] == [
        ("site/b.txt", ["DeleteObject", "DeleteInstructionFile"])
    ]
    assert (deleted["summary"]["matched"], deleted["summary"]["skipped"]) == (3, 0)
    left = [key for key in pusher.keys(s3) if key.startswith("site/")]
    assert left == ["site/a-x.txt", "site/a-x.txt.instruction", "site/a.txt", "site/a.txt.instruction"]


def test_an_instruction_file_without_its_object_stays(pusher: Pusher, s3: Any) -> None:
    """With a warning. An object that only has such a name is deleted."""
    pusher.run(**IN_FILE, delete=True)
    s3.delete_object(Bucket=pusher.bucket, Key="site/a.txt")
    s3.put_object(Bucket=pusher.bucket, Key="site/plain.instruction", Body=b"text")
    (pusher.root / "a.txt").rename(pusher.root / "z.txt")
    result = pusher.both(delete=True)
    assert changed_keys(result) == ["site/z.txt", "site/plain.instruction"]
    assert any("site/a.txt.instruction is the instruction file of" in warning for warning in result["warnings"])
    assert [key for key in pusher.keys(s3) if key.startswith("site/")] == ["site/a.txt.instruction", "site/z.txt"]


def test_a_file_with_the_key_of_an_instruction_file_of_the_task(pusher: Pusher, s3: Any) -> None:
    """It would destroy the data key, so it fails, and the object is uploaded."""
    pusher.write({"a.txt.instruction": "mine"})
    result = pusher.run(**IN_FILE)
    assert result["failed_objects"] == ["site/a.txt.instruction"]
    assert "instruction file which this task writes" in result["msg"]
    body = s3.get_object(Bucket=pusher.bucket, Key="site/a.txt.instruction")["Body"].read()
    assert b"x-amz-3" in body
    (pusher.root / "a.txt.instruction").unlink()
    assert not pusher.run(**IN_FILE)["changed"]


def test_a_file_with_the_key_of_an_instruction_file_in_use(pusher: Pusher, s3: Any) -> None:
    """Without its data key, the object could not be read any more."""
    pusher.run(**IN_FILE)
    found = s3.get_object(Bucket=pusher.bucket, Key="site/a.txt.instruction")["Body"].read()
    (pusher.root / "a.txt").rename(pusher.root / "a.txt.instruction")
    result = pusher.run()
    assert result["failed_objects"] == ["site/a.txt.instruction"]
    assert "is the instruction file of example-bucket/site/a.txt" in result["msg"]
    assert s3.get_object(Bucket=pusher.bucket, Key="site/a.txt.instruction")["Body"].read() == found


def test_an_instruction_file_in_use_that_has_no_mark(pusher: Pusher, s3: Any) -> None:
    """Its object shows that it needs it. An ordinary object with such a name beside an ordinary object is deleted."""
    pusher.run(**IN_FILE)
    found = s3.get_object(Bucket=pusher.bucket, Key="site/a.txt.instruction")["Body"].read()
    s3.put_object(Bucket=pusher.bucket, Key="site/a.txt.instruction", Body=found)
    s3.put_object(Bucket=pusher.bucket, Key="site/b.txt.instruction", Body=b"text")
    pusher.write({"b.txt": "b", "c/d.txt": "d"})
    assert changed_keys(pusher.both(delete=True, include=["*.instruction", "a*"], **IN_FILE)) == [
        "site/b.txt.instruction"
    ]


@PLACES
def test_an_instruction_file_that_may_not_be_deleted(
    place: str, pusher: Pusher, s3: Any, lab: Any, request: pytest.FixtureRequest
) -> None:
    """The object is deleted, and its row fails with the cause. The file then has no object, and stays."""
    go_to(place, request)
    pusher.write({"b.txt": "b"})
    pusher.run(**IN_FILE)
    (pusher.root / "b.txt").unlink()
    lab.faults.add("deny", operation="s3:DeleteObject", resource="*/site/b.txt.instruction", times=None)
    result = pusher.run(**IN_FILE, delete=True, include=["a.txt", "b.txt*"])
    assert (result["failed_objects"], result["changed"]) == (["site/b.txt"], True)
    assert "written again" not in result["msg"]
    assert "site/b.txt" not in pusher.keys(s3)
    lab.faults.clear()
    assert "site/b.txt.instruction is the instruction file of" in str(pusher.run(**IN_FILE, delete=True)["warnings"])
