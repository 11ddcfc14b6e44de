# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""s3_encrypted_sync with src: what is written under each kind of encryption, what fails, and what it costs."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.aws.objects.object_list import ObjectList
from ansible_collections.sealed.s3.plugins.module_utils.engine.objects.sync.push import Push
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.listed_object import ListedObject

from . import scale
from .conftest import ACCOUNT, Task
from .encryption_client import EncryptionClient
from .kind_rows import ALIASES, CUSTOMER_KEYS, ROWS, KindRow
from .sync_pushing import LISTS, Pusher, changed_keys, text_of

FILES = {"css/a.css": "a {}", "empty": "", "index.html": "<html>"}
EVERY_ROW = list(itertools.chain.from_iterable(ROWS.values()))
MAIN_ROWS = [row for rows in ROWS.values() for row in rows if row is rows[0] or row.title == "CSE-KMS in a file"]
CASES = [
    pytest.param(place, row, id=f"{row.title}, {place}")
    for place in ("at AWS", "elsewhere")
    for row in (EVERY_ROW if scale.IS_SOAK else MAIN_ROWS if place == "at AWS" else MAIN_ROWS[1:5:3])
]


@pytest.fixture
def pusher(task: Task, open_bucket: str, tmp_path: Path, calls: Callable[[], list[str]]) -> Pusher:
    """A directory with three files."""
    made = Pusher(task, open_bucket, tmp_path / "site", calls)
    made.write(FILES)
    return made


@pytest.fixture
def arns(kms: Any) -> dict[str, str]:
    """The KMS keys of the rows."""
    made = {alias: kms.create_key()["KeyMetadata"]["Arn"] for alias in ALIASES.values()}
    for alias, arn in made.items():
        kms.create_alias(AliasName=alias, TargetKeyId=arn)
    return made


@pytest.mark.parametrize(("place", "row"), CASES)
def test_each_kind(  # noqa: PLR0913
    place: str, row: KindRow, pusher: Pusher, s3: Any, kms: Any, arns: dict[str, str], request: pytest.FixtureRequest
) -> None:
    """A check run reports what the real run does, a second run changes nothing, and other clients read the objects."""
    if place == "at AWS":
        request.getfixturevalue("at_aws")
    row = replace(row, key_arn=arns.get(row.kms_key, ""))
    client = EncryptionClient(s3, kms)
    pusher.options = row.written

    def require_calls(**expected: int) -> None:
        """At AWS, no other calls than these and those that are made once. Elsewhere, writes are read back, too."""
        once = ("DescribeKey", "GetBucketEncryption", "GetBucketOwnershipControls")
        assert all(pusher.calls.get(name, 0) <= 1 for name in once)
        if place == "at AWS":
            made = {name: number for name, number in pusher.calls.items() if name not in once}
            assert made == {name: number for name, number in {**LISTS, **expected}.items() if number}

    by_kms = row.client_side and bool(row.kms_key)
    new = pusher.both()
    assert changed_keys(new) == [f"site/{path}" for path in FILES]
    require_calls(PutObject=6 if row.in_file else 3, GenerateDataKey=3 if by_kms else 0)
    for path, text in FILES.items():
        assert row.read(client, pusher.bucket, f"site/{path}") == (text.encode(), {})

    again = pusher.both()
    assert (again["changed"], again["summary"]["unchanged"]) == (False, 3)
    files = 3 if row.in_file else 0
    require_calls(HeadObject=3, Decrypt=3 if by_kms else 0, GetObject=files)

    pusher.write({"index.html": "<html><p>"})
    changed = pusher.both()
    assert changed_keys(changed) == ["site/index.html"]
    assert changed["summary"]["bytes"] == len("<html><p>")
    assert row.read(client, pusher.bucket, "site/index.html")[0] == b"<html><p>"

    (pusher.root / "empty").unlink()
    deleted = pusher.both(delete=True)
    assert (changed_keys(deleted), deleted["summary"]["deleted"]) == (["site/empty"], 1)
    assert deleted["summary"]["matched"] == 3
    left = {"site/css/a.css", "site/index.html"}
    assert set(pusher.keys(s3)) == left | ({f"{key}.instruction" for key in left} if row.in_file else set())
    assert not pusher.both(delete=True)["changed"]
    if row.customer_key:
        assert row.customer_key not in text_of(new) + text_of(changed) + text_of(deleted)


@pytest.mark.usefixtures("at_aws")
def test_the_calls_for_many_objects(pusher: Pusher) -> None:
    """At most 1.1 calls for a new object, and one for an unchanged one, beside the lists."""
    pusher.write({f"many/{number}": str(number) for number in range(37)})
    pusher.options = {"encryption": "SSE-KMS", "storage_class": "STANDARD_IA", "metadata": {"a": "b"}}
    assert pusher.run()["summary"]["changed"] == 40
    assert pusher.calls == {**LISTS, "GetBucketEncryption": 1, "PutObject": 40}
    assert sum(pusher.calls.values()) <= 44
    assert pusher.run()["summary"]["unchanged"] == 40
    assert pusher.calls == {**LISTS, "HeadObject": 40}


@pytest.mark.usefixtures("at_aws")
def test_tags_cost_one_call_where_they_are_named(pusher: Pusher, s3: Any) -> None:
    """Only then. They are compared, and one that differs is written again."""
    pusher.options = {"tags": {"team": "blue"}}
    assert pusher.run()["summary"]["changed"] == 3
    assert pusher.calls == {**LISTS, "PutObject": 3}
    assert not pusher.run()["changed"]
    assert pusher.calls == {**LISTS, "HeadObject": 3, "GetObjectTagging": 3}
    tag = [{"Key": "team", "Value": "red"}]
    s3.put_object_tagging(Bucket=pusher.bucket, Key="site/empty", Tagging={"TagSet": tag})
    repaired = pusher.both()
    assert [(row["key"], row["actions"]) for row in repaired["objects"]] == [("site/empty", ["PutObjectTagging"])]
    assert repaired["diff"]["after"] == {"tags": "team=blue"}


def test_the_diff_groups_equal_changes(pusher: Pusher, key_arn: str) -> None:
    """Two objects that change alike are one group, and a single one shows its parts."""
    pusher.run()
    pusher.write({"index.html": "<p>"})
    result = pusher.both(encryption="SSE-KMS", kms_key=key_arn, bucket_key_enabled=True)
    by_key = f"SSE-KMS with key {key_arn}, bucket key on"
    assert result["diff"]["prepared"] == (
        f"2 objects:\n  - SSE-S3\n  + {by_key}\n    site/css/a.css\n    site/empty\n"
        f"1 object:\n  - SSE-S3, content: another\n  + {by_key}, content: that of the file\n    site/index.html\n"
    )


def test_properties_are_those_of_the_task_and_the_file(pusher: Pusher, s3: Any) -> None:
    """Content types are guessed for new objects, and kept. What the task names is for all of them."""
    pusher.run(cache_control="no-store", metadata={"Team": "blue"})
    found = {key: s3.head_object(Bucket=pusher.bucket, Key=key) for key in pusher.keys(s3)}
    assert {key: head["ContentType"] for key, head in found.items()} == {
        "site/css/a.css": "text/css",
        "site/empty": "binary/octet-stream",
        "site/index.html": "text/html",
    }
    assert {(head["CacheControl"], head["Metadata"]["team"]) for head in found.values()} == {("no-store", "blue")}
    changed = pusher.both(content_type="text/plain")
    assert {tuple(row["actions"]) for row in changed["objects"]} == {("CopyObject",)}
    assert s3.head_object(Bucket=pusher.bucket, Key="site/empty")["CacheControl"] == "no-store"
    assert not pusher.run()["changed"]


def test_any_name_of_a_file_is_a_key(pusher: Pusher, s3: Any) -> None:
    """Also those that URLs and XML cannot contain as they are."""
    names = ["a b+c%20.txt", "ann\u00e9e/\U0001f600", "line\nbreak", "tab\t&<>\"'", "\x01", "K", "K-x", "K.x", "~", "%"]
    pusher.write({name: name for name in names})
    assert pusher.run()["summary"]["changed"] == 3 + len(names)
    for name in names:
        assert s3.get_object(Bucket=pusher.bucket, Key=f"site/{name}")["Body"].read().decode() == name
    assert not pusher.run(delete=True)["changed"]


def test_include_and_exclude_select_what_is_compared(pusher: Pusher, s3: Any) -> None:
    """Only that is uploaded, and counted."""
    result = pusher.run(include=["*.css", "*.html"], exclude=["index.*"])
    assert (changed_keys(result), result["summary"]["matched"]) == (["site/css/a.css"], 1)
    assert pusher.keys(s3) == ["site/css/a.css"]


def test_a_failure_is_a_row(pusher: Pusher, lab: Any, s3: Any) -> None:
    """The others are uploaded, the task fails, and a second run completes it."""
    lab.faults.add("deny", operation="s3:PutObject", resource="*/site/empty", times=None)
    result = pusher.run()
    assert (result["failed"], result["changed"], result["failed_objects"]) == (True, True, ["site/empty"])
    assert result["msg"].startswith("1 of 3 objects failed. ")
    (failed,) = (row for row in result["objects"] if row["error"])
    assert (failed["changed"], failed["actions"], failed["error"]["kind"]) == (False, [], "forbidden")
    assert pusher.keys(s3) == ["site/css/a.css", "site/index.html"]
    lab.faults.clear()
    assert changed_keys(pusher.run(include=[key.removeprefix("site/") for key in result["failed_objects"]])) == [
        "site/empty"
    ]


def test_the_message_names_a_cause_once(pusher: Pusher, lab: Any) -> None:
    """With the first of the objects that have it."""
    pusher.write({f"{number}.txt": "x" for number in range(8)})
    lab.faults.add("deny", operation="s3:PutObject", times=None)
    message = pusher.run()["msg"]
    assert message.count("with an explicit deny") == 1
    assert "The same cause for 10 more: site/1.txt, site/2.txt, site/3.txt, " in message


def test_a_run_can_stop_at_a_failure(pusher: Pusher, lab: Any) -> None:
    """Nothing is started after it, and nothing is deleted."""
    pusher.run(prefix="site/old")
    lab.faults.add("deny", operation="s3:PutObject", times=None)
    result = pusher.run(on_error="stop", concurrency=1, delete=True)
    assert (result["summary"]["failed"], result["summary"]["skipped"], result["summary"]["deleted"]) == (1, 5, 0)
    assert "DeleteObject" not in pusher.calls


def test_a_file_that_changes_meanwhile_is_not_sent(pusher: Pusher, monkeypatch: pytest.MonkeyPatch, s3: Any) -> None:
    """Its row fails, because the object would be neither the old file nor the new one."""
    work = Push.work

    def change_and_work(push: Push, item: Any) -> Any:
        if item.key.endswith("index.html"):
            pusher.write({"index.html": "<html><body>"})
        return work(push, item)

    monkeypatch.setattr(Push, "work", change_and_work)
    result = pusher.run()
    assert result["failed_objects"] == ["site/index.html"]
    assert "changed" in result["msg"]
    assert pusher.keys(s3) == ["site/css/a.css", "site/empty"]


@pytest.fixture
def unlisted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that was read before another client wrote index.html."""
    listed = ObjectList.list_objects

    def without_index(lists: ObjectList, *arguments: Any) -> Iterator[ListedObject]:
        return (found for found in listed(lists, *arguments) if not found.key.endswith("index.html"))

    monkeypatch.setattr(ObjectList, "list_objects", without_index)


@pytest.mark.usefixtures("at_aws", "unlisted")
@pytest.mark.parametrize(("content", "changes"), [("<html>", False), ("another", True)])
def test_an_object_that_was_not_listed_is_read(pusher: Pusher, s3: Any, content: str, changes: bool) -> None:
    """The condition of the upload shows that it is there. Then it is planned again, once."""
    s3.put_object(Bucket=pusher.bucket, Key="site/index.html", Body=content, CacheControl="own")
    result = pusher.run()
    assert ("site/index.html" in changed_keys(result), result["summary"]["failed"]) == (changes, 0)
    assert pusher.calls["HeadObject"] == 1
    found = s3.get_object(Bucket=pusher.bucket, Key="site/index.html")
    assert (found["Body"].read(), found["CacheControl"]) == (b"<html>", "own")


def test_sizes_and_times_can_stand_for_the_content(pusher: Pusher, s3: Any, key_arn: str) -> None:
    """A file is then read only if it is newer than its object, and the encryption is compared all the same."""
    pusher.options = {"compare": "size_mtime"}
    pusher.both()
    path = pusher.root / "index.html"
    status = path.stat()
    path.write_text("<HTML>")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns - 10**9))
    assert not pusher.both()["changed"]
    os.utime(path, (status.st_atime, status.st_mtime + 3600))
    assert changed_keys(pusher.both()) == ["site/index.html"]
    # Its time is in the future, and its content is that of the object.
    assert not pusher.both()["changed"]
    encrypted = pusher.both(encryption="SSE-KMS", kms_key=key_arn)
    assert {tuple(row["actions"]) for row in encrypted["objects"]} == {("CopyObject",)}
    sealed = pusher.both(encryption="CSE-C", customer_key=CUSTOMER_KEYS["first"])
    assert sealed["summary"]["changed"] == 3
    assert not pusher.both(encryption="CSE-C", customer_key=CUSTOMER_KEYS["first"])["changed"]


def test_a_new_customer_key_is_written_once(pusher: Pusher, tmp_path: Path) -> None:
    """Before the first object, and not in a check run. The next run uses it."""
    path = tmp_path / "own.key"
    pusher.options = {"encryption": "SSE-C", "customer_key_file": str(path), "customer_key_generate": True}
    check = pusher.run(check=True)
    assert (check["changed"], path.exists()) == (True, False)
    assert pusher.run()["diff"] == check["diff"]
    assert path.stat().st_mode & 0o777 == 0o600
    assert "the key that is created" in str(check["diff"])
    assert not pusher.run()["changed"]
    pusher.write({"empty": "no more"})
    assert pusher.both()["diff"]["after"] == {"content": "that of the file"}


@pytest.mark.parametrize("generate", [True, False])
def test_a_customer_key_is_not_uploaded(pusher: Pusher, s3: Any, generate: bool) -> None:
    """Its file may be inside the directory, if it is excluded."""
    file = pusher.root / "my.key"
    if not generate:
        file.write_text("0123456789abcdef0123456789abcdef")
        file.chmod(0o600)
    options: dict[str, Any] = {"encryption": "SSE-C", "customer_key_file": str(file), "customer_key_generate": generate}
    assert "customer_key_file is inside src" in pusher.run(**options)["msg"]
    assert pusher.calls == {}
    pusher.run(**options, exclude=["*.key"])
    assert pusher.keys(s3)
    assert "site/my.key" not in pusher.keys(s3)


def test_a_key_that_cannot_be_kept_encrypts_nothing(pusher: Pusher, s3: Any) -> None:
    """Each object fails, and none is written."""
    pusher.options = {"encryption": "SSE-C", "customer_key_file": "/proc/own.key", "customer_key_generate": True}
    result = pusher.run()
    assert (result["failed"], result["changed"], len(result["failed_objects"])) == (True, False, 3)
    assert "customer_key_file /proc/own.key cannot be written" in result["msg"]
    assert pusher.keys(s3) == []


def test_unfinished_uploads_are_reported(pusher: Pusher, s3: Any, lab: Any) -> None:
    """Those below the prefix, which are older than the task. None is aborted."""
    mine = s3.create_multipart_upload(Bucket=pusher.bucket, Key="site/video.mp4")["UploadId"]
    s3.create_multipart_upload(Bucket=pusher.bucket, Key="other/video.mp4")
    result = pusher.run()
    (upload,) = result["unfinished_uploads"]
    assert (upload["key"], upload["upload_id"]) == ("site/video.mp4", mine)
    assert any("1 upload in parts below the prefix" in warning for warning in result["warnings"])
    assert len(s3.list_multipart_uploads(Bucket=pusher.bucket)["Uploads"]) == 2
    lab.faults.add("deny", operation="s3:ListBucketMultipartUploads", times=None)
    denied = pusher.run()
    assert (denied["unfinished_uploads"], denied.get("failed")) == ([], None)
    assert any("Unfinished uploads below the prefix are not reported." in warning for warning in denied["warnings"])


def test_a_bucket_that_does_not_exist_yet(pusher: Pusher) -> None:
    """A check run plans all files as new. The real run fails."""
    pusher.bucket = "example-new"
    check = pusher.run(check=True, delete=True)
    assert (len(changed_keys(check)), check["not_there_yet"]) == (3, ["example-new"])
    assert any("The bucket example-new does not exist yet." in warning for warning in check["warnings"])
    real = pusher.run(delete=True)
    assert (real["failed"], real["changed"], real["error"]["code"]) == (True, False, "NoSuchBucket")


def test_a_key_that_does_not_exist_yet(pusher: Pusher) -> None:
    """As for a single object."""
    pusher.options = {"encryption": "SSE-KMS", "kms_key": "alias/new"}
    check = pusher.run(check=True)
    assert (len(changed_keys(check)), check["not_there_yet"]) == (3, ["alias/new"])
    real = pusher.run()
    assert (real["failed"], real["changed"]) == (True, False)
    assert real["failed_objects"] == [f"site/{path}" for path in FILES]


@pytest.mark.usefixtures("at_aws")
def test_the_result_is_bounded(pusher: Pusher) -> None:
    """Of many changes, 100 are listed, and all are counted."""
    pusher.write({f"many/{number:03}": "" for number in range(100)})
    result = pusher.run()
    assert (len(result["objects"]), result["summary"]["changed"], result["summary"]["not_listed"]) == (100, 103, 3)
    assert "and 3 more" in result["diff"]["prepared"]
    assert pusher.run(results="all")["summary"]["not_listed"] == 0
    assert pusher.run(results="none")["objects"] == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"src": None}, "src, dest"),
        ({"dest": "/d"}, "src|dest"),
        ({"src": None, "dest": "/d", "tags": {}}, "tags cannot be combined with dest"),
        ({"src": None, "dest": "/d", "resource_tags": {}}, "tags cannot be combined with dest"),
        ({"src": None, "dest": "/d", "purge_tags": True}, "purge_tags cannot be combined with dest"),
        ({"mode": "0644"}, "mode cannot be combined with src"),
        ({"include": []}, "include is empty"),
        ({"exclude": [""]}, "exclude has an empty pattern"),
        ({"delete_all": True}, "delete_all has no effect without delete"),
        ({"src": ""}, "src is empty"),
        ({"bucket": "Bad_Name"}, "Bad_Name"),
        ({"prefix": "p" * 1024}, "prefix has 1025 bytes"),
        ({"concurrency": 0}, "concurrency: 0 is out of bounds"),
        ({"encryption": "SSE-S3", "kms_key": "alias/app"}, "kms_key"),
        ({"encryption": "SSE-C"}, "needs a key"),
        ({"part_size": "1"}, "part_size"),
        ({"src": "/does/not/exist"}, "src /does/not/exist cannot be read as a directory"),
    ],
)
def test_wrong_options_are_refused_before_any_call(pusher: Pusher, options: dict[str, Any], words: str) -> None:
    """With a message that names the option."""
    chosen = {"bucket": pusher.bucket, "prefix": "site", "src": str(pusher.root), **options}
    pusher.options = {}
    pusher.calls = {}
    result = pusher.task("s3_encrypted_sync", **{name: value for name, value in chosen.items() if value is not None})
    assert result["failed"]
    assert any(part in result["msg"] for part in words.split("|")), result["msg"]


@pytest.mark.usefixtures("at_aws")
def test_a_bucket_of_another_region(pusher: Pusher, lab: Any) -> None:
    """S3 says once where it is, and a key is resolved there."""
    clients = [lab.client(service, region="eu-west-1", account=ACCOUNT) for service in ("s3", "kms")]
    west, kms = clients
    pusher.bucket = "example-west"
    west.create_bucket(Bucket=pusher.bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName="alias/west", TargetKeyId=arn)
    pusher.options = {"encryption": "SSE-KMS", "kms_key": "alias/west"}
    result = pusher.run()
    assert result["summary"]["changed"] == 3, result["msg"]
    assert pusher.calls["PutObject"] == 3
    assert {west.head_object(Bucket=pusher.bucket, Key=f"site/{path}")["SSEKMSKeyId"] for path in FILES} == {arn}
    assert pusher.run()["summary"]["unchanged"] == 3
    assert (pusher.calls["HeadObject"], sum(pusher.calls.values())) == (3, 8)


def test_a_large_file_is_sent_in_parts(pusher: Pusher, s3: Any) -> None:
    """As for a single object. Then HeadObject alone shows that it is equal."""
    (pusher.root / "large.bin").write_bytes(bytes(6 << 20))
    result = pusher.both(part_size="5MiB", include=["large.bin"])
    assert result["objects"][0]["actions"] == ["CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"]
    assert result["summary"]["bytes"] == 6 << 20
    assert s3.head_object(Bucket=pusher.bucket, Key="site/large.bin")["ContentLength"] == 6 << 20
    assert not pusher.run(part_size="5MiB", include=["large.bin"])["changed"]
    assert pusher.calls == {**LISTS, "HeadObject": 1}
