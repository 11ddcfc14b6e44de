# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Many objects that are added at once, and the pages in which they are listed."""

from __future__ import annotations

import tracemalloc
from typing import Any
from urllib.parse import unquote_plus

import pytest
from client_calls import BODY, FIRST_KEY, read_object, sse_c, sse_kms

from sealed_lab import RemoteLab, RunningLab
from sealed_lab.lab import Lab
from sealed_lab.s3.object_series import add_series
from sealed_lab.s3.object_table import ObjectTable
from sealed_lab.s3.state import Bucket, ObjectVersion, Scheme, WrappedKey


def listed_keys(s3: Any, bucket: str, **options: Any) -> list[str]:
    """All keys of a bucket, page by page, each page from the last key of the one before."""
    keys: list[str] = []
    while True:
        page = s3.list_objects_v2(Bucket=bucket, **{"StartAfter": keys[-1] if keys else "", **options})
        keys += [each["Key"] for each in page.get("Contents", [])]
        if not page["IsTruncated"]:
            return keys
        if "StartAfter" in options:
            options["StartAfter"] = keys[-1]


def listed_versions(s3: Any, bucket: str, page_size: int) -> list[tuple[str, str, bool]]:
    """Key, version id and whether it is the latest, of all versions and delete markers, page by page."""
    found: list[tuple[str, str, bool]] = []
    markers: dict[str, str] = {}
    while True:
        page = s3.list_object_versions(Bucket=bucket, MaxKeys=page_size, EncodingType="url", **markers)
        entries = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        assert len(entries) <= page_size
        found += [(unquote_plus(each["Key"]), each["VersionId"], each["IsLatest"]) for each in entries]
        if not page["IsTruncated"]:
            return found
        markers = {"KeyMarker": unquote_plus(page["NextKeyMarker"]), "VersionIdMarker": page["NextVersionIdMarker"]}


def encryption_kinds(key: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The parameters of each kind of encryption."""
    return {
        "sse-s3": {},
        "sse-kms": sse_kms(key["Arn"]),
        "sse-kms-bucket-key": sse_kms(key["Arn"], BucketKeyEnabled=True),
        "sse-kms-context": sse_kms(key["Arn"], SSEKMSEncryptionContext="eyJhIjoiYiJ9"),
        "dsse-kms": {"ServerSideEncryption": "aws:kms:dsse", "SSEKMSKeyId": key["Arn"]},
        "sse-c": sse_c(FIRST_KEY),
    }


@pytest.mark.parametrize("kind", encryption_kinds({"Arn": ""}))
def test_objects_are_like_the_first_one(
    lab: RunningLab, s3: Any, kms: Any, sse_c_bucket: str, key: dict[str, Any], kind: str
) -> None:
    options = encryption_kinds(key)[kind]
    s3.put_object(Bucket=sse_c_bucket, Key="like", Body=BODY, Metadata={"a": "b"}, Tagging="c=d", **options)
    kms.create_key()
    assert lab.add_objects(sse_c_bucket, "like", 3, prefix="data/", suffix=".txt", start=8, digits=2) == 3
    expected = ["data/08.txt", "data/09.txt", "data/10.txt", "like"]
    assert [each["Key"] for each in s3.list_objects_v2(Bucket=sse_c_bucket)["Contents"]] == expected
    reading = sse_c(FIRST_KEY) if kind == "sse-c" else {}
    names = ("ServerSideEncryption", "SSEKMSKeyId", "BucketKeyEnabled", "ETag", "Metadata", "ContentLength", "TagCount")
    like = s3.head_object(Bucket=sse_c_bucket, Key="like", **reading)
    for name in expected:
        head = s3.head_object(Bucket=sse_c_bucket, Key=name, **reading)
        assert {each: head.get(each) for each in names} == {each: like.get(each) for each in names}
        assert read_object(s3, sse_c_bucket, name, **reading) == BODY


def test_objects_of_a_series_change_one_by_one(lab: RunningLab, s3: Any, bucket: str, key: dict[str, Any]) -> None:
    s3.put_object(Bucket=bucket, Key="like", Body=BODY)
    lab.add_objects(bucket, "like", 10)
    target = {"SSEKMS": {"KMSKeyArn": key["Arn"], "BucketKeyEnabled": True}}
    s3.update_object_encryption(Bucket=bucket, Key="0000003", ObjectEncryption=target)
    s3.copy_object(Bucket=bucket, Key="0000004", CopySource=f"{bucket}/0000004", **sse_kms(key["Arn"]))
    s3.delete_object(Bucket=bucket, Key="0000005")
    s3.put_object(Bucket=bucket, Key="0000006", Body=b"other")
    s3.put_object_tagging(Bucket=bucket, Key="0000007", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    found = s3.list_objects_v2(Bucket=bucket, Prefix="00")["Contents"]
    assert [(each["Key"], each["Size"]) for each in found] == [
        (f"{number:07d}", 5 if number == 6 else len(BODY)) for number in range(10) if number != 5
    ]
    for number in (0, 3, 4, 7, 9):
        name = f"{number:07d}"
        kind = s3.head_object(Bucket=bucket, Key=name)["ServerSideEncryption"]
        assert kind == ("aws:kms" if number in (3, 4) else "AES256")
        assert read_object(s3, bucket, name) == BODY
    assert s3.get_object_tagging(Bucket=bucket, Key="0000007")["TagSet"]
    assert not s3.get_object_tagging(Bucket=bucket, Key="0000008")["TagSet"]


def test_series_between_each_other(lab: RunningLab, s3: Any, bucket: str, key: dict[str, Any]) -> None:
    s3.put_object(Bucket=bucket, Key="like/a", Body=BODY)
    s3.put_object(Bucket=bucket, Key="like/b", Body=BODY, **sse_kms(key["Arn"]))
    lab.add_objects(bucket, "like/a", 4, step=2)
    lab.add_objects(bucket, "like/b", 4, start=1, step=2)
    assert listed_keys(s3, bucket, Prefix="0") == [f"{number:07d}" for number in range(8)]
    kinds = [s3.head_object(Bucket=bucket, Key=f"{number:07d}")["ServerSideEncryption"] for number in range(4)]
    assert kinds == ["AES256", "aws:kms"] * 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bucket": "absent"}, "bucket 'absent' does not exist"),
        ({"key": "absent"}, "object 'absent' does not exist"),
        ({"count": 0}, "at least 1"),
        ({"prefix": "ta", "start": 10, "digits": 0, "count": 1}, "object 'ta10' exists already"),
        ({"versions": 2}, "with versioning"),
        ({"prefix": "é" * 512}, "1024 bytes"),
    ],
)
def test_objects_that_cannot_be_added(
    lab: RunningLab, s3: Any, bucket: str, options: dict[str, Any], message: str
) -> None:
    s3.put_object(Bucket=bucket, Key="like", Body=BODY)
    s3.put_object(Bucket=bucket, Key="ta10", Body=BODY)
    with pytest.raises(ValueError, match=message):
        lab.add_objects(**{"bucket": bucket, "key": "like", "count": 2, **options})
    assert listed_keys(s3, bucket) == ["like", "ta10"]


def test_objects_are_added_over_http(lab: RunningLab, s3: Any, bucket: str) -> None:
    remote = RemoteLab(lab.url)
    s3.put_object(Bucket=bucket, Key="like", Body=BODY)
    assert remote.add_objects(bucket, "like", 5, prefix="ä/") == 5
    assert listed_keys(s3, bucket, Prefix="ä/") == [f"ä/{number:07d}" for number in range(5)]
    with pytest.raises(ValueError, match="exists already"):
        remote.add_objects(bucket, "like", 1, prefix="ä/")


@pytest.mark.parametrize("page_size", [1, 2, 3, 4, 5, 7, 1000])
def test_versions_across_the_borders_of_pages(lab: RunningLab, s3: Any, bucket: str, page_size: int) -> None:
    s3.put_object(Bucket=bucket, Key="00 is null", Body=b"x")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for name in ("00 is null", "like", "like"):
        s3.put_object(Bucket=bucket, Key=name, Body=b"x")
    lab.add_objects(bucket, "like", 3, prefix="+ä&/", digits=1, versions=3)
    s3.delete_object(Bucket=bucket, Key="+ä&/1")
    found = listed_versions(s3, bucket, page_size)
    expected = {"+ä&/0": 3, "+ä&/1": 4, "+ä&/2": 3, "00 is null": 2, "like": 2}
    assert len(found) == len(set(found)) == sum(expected.values())
    assert sorted(each[0] for each in found) == sorted(key for key, count in expected.items() for _ in range(count))
    assert sorted(each[0] for each in found if each[2]) == sorted(expected)
    assert [version_id for key, version_id, latest in found if key == "00 is null" and not latest] == ["null"]
    for key, version_id, _ in found:
        if key == "+ä&/2":
            assert s3.head_object(Bucket=bucket, Key=key, VersionId=version_id)["VersionId"] == version_id


def test_pages_from_a_key(lab: RunningLab, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="like", Body=BODY)
    lab.add_objects(bucket, "like", 2_500, prefix="a b/")
    names = [f"a b/{number:07d}" for number in range(2_500)]
    assert listed_keys(s3, bucket) == [*names, "like"]
    assert listed_keys(s3, bucket, StartAfter=names[998]) == [*names[999:], "like"]
    page = s3.list_objects_v2(Bucket=bucket, StartAfter="a b/1", EncodingType="url")
    assert (page["StartAfter"], [each["Key"] for each in page["Contents"]]) == ("a+b/1", ["like"])
    page = s3.list_objects_v2(Bucket=bucket, MaxKeys=2, StartAfter=names[5], EncodingType="url")
    assert [unquote_plus(each["Key"]) for each in page["Contents"]] == names[6:8]


@pytest.mark.behaviour
def test_encoded_keys(s3: Any, bucket: str) -> None:
    """Measured at AWS on 2026-09-14: https://github.com/brekkylab/backlot/issues/178."""
    names = {
        "a b.txt": "a+b.txt",
        "a+b.txt": "a%2Bb.txt",
        "100%.csv": "100%25.csv",
        "한글/x.txt": "%ED%95%9C%EA%B8%80/x.txt",
        "run books/x.txt": "run+books/x.txt",
    }
    for name in names:
        s3.put_object(Bucket=bucket, Key=name, Body=b"")
    for list_page in (s3.list_objects_v2, s3.list_objects):
        found = list_page(Bucket=bucket, EncodingType="url")["Contents"]
        assert [each["Key"] for each in found] == [names[each] for each in sorted(names)]
        page = list_page(Bucket=bucket, EncodingType="url", Delimiter="/")
        assert [each["Prefix"] for each in page["CommonPrefixes"]] == ["run+books/", "%ED%95%9C%EA%B8%80/"]
    assert [each["Key"] for each in s3.list_objects_v2(Bucket=bucket)["Contents"]] == sorted(names)


def test_a_table_keeps_its_order() -> None:
    """Whatever the number of changes between two readings."""
    table: ObjectTable[ObjectVersion] = ObjectTable()
    expected: set[str] = set()
    for round_number in range(12):
        changes = (round_number % 4) * 25
        for number in range(changes):
            key = f"{(number * 7919 + round_number) % 997:03d}"
            found = table.latest(key)
            if found is None:
                table.add(ObjectVersion(key, "null", 0.0))
                expected.add(key)
            else:
                table.remove(found)
                expected.discard(key)
        assert table.keys() == sorted(expected)


def test_memory_of_many_objects() -> None:
    """A million objects need 150 MiB."""
    lab = Lab()
    bucket = Bucket("many", "000000000000", "us-east-1", 0.0)
    lab.state.s3.add_bucket(bucket)
    bucket.objects.add(ObjectVersion("like", "null", 0.0, scheme=Scheme("AES256"), wrapped_key=WrappedKey(b"")))
    tracemalloc.start()
    try:
        add_series(lab, "many", "like", 20_000, {"prefix": "some/usual/prefix/"})
        bucket.objects.keys()
        used = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert used / 20_000 < 180
