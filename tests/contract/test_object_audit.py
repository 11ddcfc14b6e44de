# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""s3_encrypted_object_info over a whole bucket: counts, findings, a bounded answer, and its API calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.aws.objects import object_list
from ansible_collections.sealed.s3.plugins.module_utils.aws.objects.object_list import ObjectList
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.listed_object import ListedObject

from .conftest import ACCOUNT, Result, Task
from .encryption_client import seal, seal_v2

pytestmark = pytest.mark.usefixtures("at_aws")

INFO = "s3_encrypted_object_info"
OWN, OTHER = "a" * 32, "b" * 32
SSE_C = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": OWN}
SSE_S3 = {"encryption": "SSE-S3"}
SSE_KMS = {"encryption": "SSE-KMS"}
Calls = Callable[[], list[str]]


def multiply(lab: Any, bucket: str, key: str, names: list[str]) -> None:
    """Copy an object inside the state of the lab: a request for each would take seconds."""
    objects = lab._lab.state.s3.buckets[bucket].objects
    for name in names:
        objects.add(replace(objects.latest(key), key=name))


def keys_of(result: Result) -> list[str]:
    """The keys of the listed objects."""
    return [row["key"] for row in result["objects"]]


def messages_of(row: Result) -> list[str]:
    """The sentences of the findings about an object, or about a group of them."""
    return [finding["message"] for finding in row["findings"]]


def counted(result: Result) -> list[tuple[Any, ...]]:
    """Type, bucket key, number and bytes of each encryption."""
    return [
        (row["type"], row["bucket_key_enabled"], row["objects"], row["bytes"])
        for row in result["summary"]["by_encryption"]
    ]


def numbers(result: Result, *names: str) -> list[Any]:
    """These numbers of the summary."""
    return [result["summary"][name] for name in names]


@pytest.fixture
def mixed(s3: Any, open_bucket: str, key_arn: str) -> str:
    """A bucket with one object of each kind that S3 reports, a directory marker, and an object in another key."""
    kms = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key_arn}
    objects: dict[str, dict[str, Any]] = {
        "a-sse-s3": {},
        "b-sse-kms": kms,
        "c-bucket-key": {**kms, "BucketKeyEnabled": True},
        "d-managed": {"ServerSideEncryption": "aws:kms"},
        "e-dsse-kms": {**kms, "ServerSideEncryption": "aws:kms:dsse"},
        "f-sse-c": SSE_C,
    }
    for key, options in objects.items():
        s3.put_object(Bucket=open_bucket, Key=key, Body=b"four", **options)
    s3.put_object(Bucket=open_bucket, Key="g-folder/")
    return open_bucket


def test_many_objects_are_counted_and_few_are_listed(
    task: Task, s3: Any, lab: Any, mixed: str, key_arn: str, calls: Calls
) -> None:
    """One request for each object and each page of the list, and one to resolve the alias. The answer is bounded."""
    multiply(lab, mixed, "b-sse-kms", [f"good/{number:04}" for number in range(950)])
    multiply(lab, mixed, "a-sse-s3", [f"bad/{number:04}" for number in range(150)])
    calls()
    expected = {**SSE_KMS, "kms_key": "alias/app"}
    found = task(INFO, bucket=mixed, prefix="", expected=expected, concurrency=4)
    assert not found.get("failed"), found
    assert Counter(calls()) == {
        "ListObjectsV2": 2,
        # Nothing but the object under SSE-C costs more: without its key, only GetObject says what it needs.
        "HeadObject": 1107 + 1,
        "HeadBucket": 1,
        "GetObject": 1,
        "DescribeKey": 1,
    }
    assert counted(found) == [
        ("SSE-KMS", False, 951, 951 * 4),
        ("SSE-S3", None, 152, 151 * 4),
        ("SSE-KMS", True, 1, 4),
        ("SSE-KMS", False, 1, 4),
        ("DSSE-KMS", None, 1, 4),
        ("SSE-C", None, 1, 4),
    ]
    assert [row["compliant"] for row in found["summary"]["by_encryption"]] == [True, False, True, False, False, False]
    assert numbers(found, "matched", "bytes", "failed", "skipped") == [1107, 1106 * 4, 0, 0]
    assert numbers(found, "compliant", "non_compliant", "not_listed", "api_calls") == [952, 155, 55, 1113]
    assert not found["compliant"]
    assert keys_of(found) == ["a-sse-s3", *(f"bad/{number:04}" for number in range(99))]
    assert messages_of(found["objects"][0]) == [
        "The object is encrypted with SSE-S3, not with SSE-KMS with the key alias/app."
    ]


def test_an_audit_needs_no_key_and_reads_no_tags(task: Task, s3: Any, lab: Any, mixed: str, calls: Calls) -> None:
    """HeadObject calls KMS only for checksums. A check run is the same."""
    s3.put_object(Bucket=mixed, Key="tagged", Tagging="a=b", ServerSideEncryption="aws:kms")
    lab.faults.add("deny", operation="kms:Decrypt", times=None)
    calls()
    found = task(INFO, bucket=mixed, prefix="tagged", expected=SSE_S3)
    assert calls() == ["ListObjectsV2", "HeadObject"]
    assert (keys_of(found), found.get("failed")) == (["tagged"], None)
    assert (found["objects"][0]["tags"], found["objects"][0]["checksum"]) == (None, None)
    check = task(INFO, check=True, bucket=mixed, prefix="tagged", expected=SSE_S3)
    assert check["objects"] == found["objects"]
    assert {**check["summary"], "seconds": 0} == {**found["summary"], "seconds": 0}
    listed = task(INFO, bucket=mixed, prefix="tagged")
    assert listed["objects"][0]["error"]["kind"] == "forbidden"


def test_what_to_list(task: Task, mixed: str) -> None:
    """All, those with findings, or none; without `expected`, all or none."""
    where = {"bucket": mixed, "prefix": ""}
    everything = ["a-sse-s3", "b-sse-kms", "c-bucket-key", "d-managed", "e-dsse-kms", "f-sse-c", "g-folder/"]
    wrong = ["b-sse-kms", "c-bucket-key", "d-managed", "e-dsse-kms", "f-sse-c"]
    for options, keys in (
        ({}, everything),
        ({"results": "all"}, everything),
        ({"results": "none"}, []),
        ({"expected": SSE_S3}, wrong),
        ({"expected": SSE_S3, "results": "findings"}, wrong),
        ({"expected": SSE_S3, "results": "none"}, []),
        ({"expected": SSE_S3, "results": "all"}, everything),
    ):
        found = task(INFO, **where, **options)
        assert (keys_of(found), numbers(found, "matched", "not_listed")) == (keys, [7, 0]), options
        assert ("compliant" in found) is ("expected" in options)
    all_of_them = task(INFO, **where, expected=SSE_S3, results="all")["objects"]
    assert [row["compliant"] for row in all_of_them] == [key not in wrong for key in everything]
    assert [row["key"] for row in all_of_them if row.get("error")] == ["f-sse-c"]


def test_a_limit_on_the_rows_comes_only_without_results(task: Task, lab: Any, mixed: str) -> None:
    """What the task names is listed whole."""
    multiply(lab, mixed, "a-sse-s3", [f"bad/{number}" for number in range(110)])
    where = {"bucket": mixed, "prefix": "bad/", "expected": SSE_KMS}
    for options, shown in (({}, 100), ({"results": "findings"}, 110), ({"results": "all"}, 110)):
        found = task(INFO, **where, **options)
        assert (len(found["objects"]), *numbers(found, "not_listed")) == (shown, 110 - shown)


def test_findings_fail_a_task_only_on_request(task: Task, mixed: str) -> None:
    """The result is the same but for the failure, which names the findings of most objects first."""
    where = {"bucket": mixed, "prefix": "", "expected": {**SSE_KMS, "minimum": True}}
    found = task(INFO, **where)
    failed = task(INFO, **where, fail_on_findings=True)
    assert (found.get("failed"), failed["failed"], failed["error"]["kind"]) == (None, True, "non_compliant")
    assert failed["objects"] == found["objects"]
    assert failed["msg"] == (
        "3 of 7 objects do not comply: The object is encrypted with SSE-S3, not with SSE-KMS (a-sse-s3, g-folder/). "
        "The object is encrypted with SSE-C, not with SSE-KMS (f-sse-c). The findings of each are in objects, "
        "and those of all in summary.by_encryption."
    )
    one = task(INFO, bucket=mixed, key="b-sse-kms", expected=where["expected"], fail_on_findings=True)
    assert (one.get("failed"), one["compliant"], one["objects"][0]["findings"]) == (None, True, [])
    one = task(INFO, bucket=mixed, key="a-sse-s3", expected=where["expected"], fail_on_findings=True)
    assert (one["failed"], one["compliant"], messages_of(one["objects"][0])) == (
        True,
        False,
        ["The object is encrypted with SSE-S3, not with SSE-KMS."],
    )
    absent = task(INFO, bucket=mixed, key="none", expected=SSE_S3)
    assert (absent["compliant"], absent["warnings"]) == (False, ["The object does not exist: nothing was checked."])


def test_objects_under_a_customer_key_cost_one_request_each(
    task: Task, s3: Any, lab: Any, open_bucket: str, calls: Calls
) -> None:
    """After the first ones, which say what they need. Without the key, and with another one, they count as SSE-C."""
    s3.put_object(Bucket=open_bucket, Key="a", Body=b"four", **SSE_C)
    multiply(lab, open_bucket, "a", [f"b{number}" for number in range(4)])
    options = {"bucket": open_bucket, "prefix": "", "expected": {"encryption": "SSE-C"}, "concurrency": 1}
    refused = ["HeadObject", "HeadBucket", "HeadObject", "GetObject"]
    calls()
    for key, requests in (
        ({"customer_key": OWN}, [*refused, *["HeadObject"] * 5]),
        ({}, [*refused * 2, *["GetObject"] * 3]),
        ({"customer_key": OTHER}, [*refused, "HeadObject"] * 5),
    ):
        found = task(INFO, **options, **key)
        made = calls()
        assert (made[0], made[1:]) == ("ListObjectsV2", requests), key
        assert (counted(found), found["compliant"], found.get("failed")) == ([("SSE-C", None, 5, 20)], True, None)


def test_an_object_that_does_not_need_the_key_any_more_costs_three_requests_more(
    task: Task, s3: Any, open_bucket: str, calls: Calls
) -> None:
    """Once: AWS refuses a key that an object does not need."""
    s3.put_object(Bucket=open_bucket, Key="a", Body=b"four", **SSE_C)
    s3.put_object(Bucket=open_bucket, Key="b")
    s3.put_object(Bucket=open_bucket, Key="c")
    calls()
    options = {"bucket": open_bucket, "prefix": "", "results": "none", "concurrency": 1, "customer_key": OWN}
    assert counted(task(INFO, **options)) == [("SSE-S3", None, 2, 0), ("SSE-C", None, 1, 4)]
    made = ["HeadObject", "HeadBucket", "HeadObject", "GetObject", "HeadObject"]
    made += ["HeadObject", "HeadBucket", "HeadObject", "HeadObject"]
    assert calls() == ["ListObjectsV2", *made, "HeadObject"]


def test_the_customer_key_that_opened_one_object_changes_nothing_about_others(
    task: Task, s3: Any, mixed: str, calls: Calls
) -> None:
    """Whatever was read before an object: it is read right, and S3 gets the key first only after it needed it."""
    order = ["SSE-C", "SSE-S3", "SSE-C", "SSE-C", "other", "SSE-S3", "other", "SSE-C"]
    for number, kind in enumerate(order):
        key = {"SSE-C": SSE_C, "other": {**SSE_C, "SSECustomerKey": OTHER}, "SSE-S3": {}}[kind]
        s3.put_object(Bucket=mixed, Key=f"order/{number}", Body=b"four", **key)
    where = {"bucket": mixed, "prefix": "order/", "results": "all", "concurrency": 1}
    found = task(INFO, **where, customer_key=OWN)
    assert [row["encryption"]["type"] for row in found["objects"]] == [kind.replace("other", "SSE-C") for kind in order]
    assert [number for number, row in enumerate(found["objects"]) if row.get("error")] == [4, 6]
    unread = task(INFO, **where)
    assert counted(unread) == counted(found)
    assert [bool(row.get("error")) for row in unread["objects"]] == [kind != "SSE-S3" for kind in order]


def test_objects_that_cannot_be_read_fail_the_audit(task: Task, lab: Any, mixed: str) -> None:
    """They are counted, and a bounded number is named. The others are still reported."""
    multiply(lab, mixed, "a-sse-s3", [f"secret/{number:03}" for number in range(120)])
    lab.faults.add("deny", operation="s3:GetObject", resource="*/secret/*", times=None)
    found = task(INFO, bucket=mixed, prefix="", expected=SSE_S3)
    assert (found["failed"], found["compliant"]) == (True, False)
    assert found["msg"].startswith("120 of 127 objects failed. s3:GetObject on example-bucket/secret/000 is forbidden")
    assert found["msg"].endswith(
        "The same cause for 119 more: secret/001, secret/002, secret/003, secret/004 and 115 more."
    )
    assert numbers(found, "failed", "compliant", "non_compliant", "not_listed") == [120, 2, 5, 25]
    assert keys_of(found) == [f"secret/{number:03}" for number in range(100)]
    row = found["objects"][0]
    assert (row["encryption"], row["compliant"], row["findings"]) == (None, False, [])
    assert row["error"]["kind"] == "forbidden"
    # Without an expectation, the counts are all that was wanted.
    only_counted = task(INFO, bucket=mixed, prefix="", results="none")
    assert (only_counted.get("failed"), *numbers(only_counted, "failed", "not_listed")) == (None, 120, 20)


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists with two keys in each page."""
    monkeypatch.setattr(object_list, "_PAGE", 2)


@pytest.mark.usefixtures("pages")
@pytest.mark.parametrize("options", [{}, {"expected": SSE_S3}, {"results": "none"}])
def test_a_list_that_fails_is_a_failure(task: Task, lab: Any, mixed: str, options: dict[str, Any]) -> None:
    """What was listed before is reported."""
    lab.faults.add("deny", operation="s3:ListBucket", after=2, times=None)
    found = task(INFO, bucket=mixed, prefix="", **options)
    assert (found["failed"], found["error"]["kind"]) == (True, "forbidden")
    assert "The run ended early, with 4 of 4 objects read and an incomplete list." in found["msg"]
    assert sum(row["objects"] for row in found["summary"]["by_encryption"]) == 4
    assert found.get("compliant", False) is False


class CuttingClients:
    """The clients of a run at a store that says that there are more objects, and not where."""

    def __init__(self, clients: Any) -> None:
        self._clients = clients
        self.bucket_regions = clients.bucket_regions

    def get(self, service: str) -> CuttingClients:
        """Itself, in place of the client."""
        return self

    def list_objects_v2(self, **parameters: Any) -> dict[str, Any]:
        """A page without its token."""
        page: dict[str, Any] = self._clients.get("s3").list_objects_v2(**parameters)
        return {name: value for name, value in page.items() if name != "NextContinuationToken"}


@pytest.mark.usefixtures("pages")
def test_a_list_that_ends_early_is_a_failure(task: Task, mixed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was listed before is reported."""
    begin: Any = ObjectList.__init__
    monkeypatch.setattr(ObjectList, "__init__", lambda objects, clients: begin(objects, CuttingClients(clients)))
    found = task(INFO, bucket=mixed, prefix="", expected=SSE_S3)
    assert (found["failed"], found["error"]["kind"], found["compliant"]) == (True, "unverified", False)
    assert numbers(found, "matched") == [2]


def test_an_object_that_is_deleted_meanwhile_is_skipped(
    task: Task, mixed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is no failure, and an instruction file beside it has no object."""
    list_objects = ObjectList.list_objects

    def with_deleted(objects: ObjectList, *parameters: Any) -> Iterator[ListedObject]:
        yield from list_objects(objects, *parameters)
        yield ListedObject("h-deleted", 4, "", "")

    monkeypatch.setattr(ObjectList, "list_objects", with_deleted)
    found = task(INFO, bucket=mixed, prefix="", expected={**SSE_KMS, "minimum": True})
    assert (found.get("failed"), *numbers(found, "matched", "skipped", "failed")) == (None, 8, 1, 0)
    only = task(INFO, bucket=mixed, prefix="a", expected=SSE_S3)
    assert (only["compliant"], only["summary"]["skipped"]) == (True, 1)


def test_credentials_that_expire_end_the_audit(task: Task, lab: Any, mixed: str) -> None:
    """No further object is read, and all are counted."""
    lab.faults.add("expired_credentials", operation="*", after=4, times=None)
    found = task(INFO, bucket=mixed, prefix="", expected=SSE_S3, concurrency=1)
    assert (found["failed"], found["error"]["kind"]) == (True, "credentials")
    assert numbers(found, "matched", "failed", "skipped") == [7, 1, 3]


def test_an_instruction_file_belongs_to_its_object(task: Task, s3: Any, bucket: str, calls: Calls, pages: None) -> None:
    """It is no object of its own, also with other keys between the two. Files that nothing needs are objects."""
    for key in ("needed", "plain", "orphan"):
        seal(b"x", OWN.encode(), in_file=True).put(s3, bucket, key)
    seal_v2(b"x", OWN.encode(), in_file=True).put(s3, bucket, "v2")
    s3.put_object(Bucket=bucket, Key="plain", Body=b"plain")
    s3.delete_object(Bucket=bucket, Key="orphan")
    for key in ("needed-1", "needed-2", "needed-3", "needed.a", "needed/b"):
        s3.put_object(Bucket=bucket, Key=key)
    calls()
    found = task(INFO, bucket=bucket, prefix="", expected={**SSE_S3, "minimum": True}, results="all")
    assert found["compliant"], found
    assert keys_of(found) == [
        "needed", "needed-1", "needed-2", "needed-3", "needed.a", "needed/b",
        "orphan.instruction", "plain", "plain.instruction", "v2",
    ]  # fmt: skip
    assert numbers(found, "matched", "instruction_files", "skipped") == [10, 2, 0]
    assert counted(found) == [("SSE-S3", None, 8, found["summary"]["by_encryption"][0]["bytes"]), *counted(found)[1:]]
    assert [(row["type"], row["objects"]) for row in found["summary"]["by_encryption"]] == [("SSE-S3", 8), ("CSE-C", 2)]
    assert found["warnings"] == [
        "Objects with the name of an instruction file, whose object does not exist: orphan.instruction.",
        "Instruction files that the current version of their object does not need: plain.instruction.",
    ]
    made = Counter(calls())
    # The three objects that have a file: two use it, and one has no envelope that would say so.
    assert made == {"ListObjectsV2": 6, "HeadObject": 10, "GetObject": 3}
    listed = task(INFO, bucket=bucket, prefix="")
    assert [key for key in keys_of(listed) if key not in keys_of(found)] == ["needed.instruction", "v2.instruction"]


def test_a_file_under_a_customer_key_does_not_hide_the_kind_of_its_object(
    task: Task, s3: Any, open_bucket: str
) -> None:
    """The object is not under SSE-C: its encryption is not known, and that is a failure."""
    sealed = seal(b"x", OWN.encode(), in_file=True)
    sealed.put(s3, open_bucket, "a")
    s3.put_object(Bucket=open_bucket, Key="a.instruction", Body=sealed.file, **SSE_C)
    found = task(INFO, bucket=open_bucket, prefix="", expected={"encryption": "SSE-C"})
    assert (found["failed"], *numbers(found, "failed", "compliant")) == (True, 1, 1)
    assert (keys_of(found), found["objects"][0]["encryption"]) == (["a"], None)


def test_the_managed_key_of_s3_can_be_expected(task: Task, mixed: str) -> None:
    """By its alias. As a minimum, a customer managed key is not weaker."""
    managed = {**SSE_KMS, "kms_key": "alias/aws/s3"}
    where = {"bucket": mixed, "results": "all"}
    found = task(INFO, **where, prefix="d-managed", expected=managed)
    assert (found["compliant"], keys_of(found)) == (True, ["d-managed"])
    found = task(INFO, **where, prefix="b-sse-kms", expected=managed)
    assert [message.split(", ")[1] for message in messages_of(found["objects"][0])] == ["not alias/aws/s3."]
    assert task(INFO, **where, prefix="b-sse-kms", expected={**managed, "minimum": True})["compliant"]


def test_an_alias_that_does_not_exist_ends_the_task(task: Task, mixed: str) -> None:
    """Also in check mode: an audit cannot compare with a key that a later run makes."""
    for check in (False, True):
        found = task(INFO, check=check, bucket=mixed, prefix="", expected={"kms_key": "alias/none"})
        assert (found["failed"], found["error"]["kind"]) == (True, "key_unusable")


def test_an_alias_is_that_of_the_region_of_the_bucket(task: Task, lab: Any, kms: Any, key_arn: str) -> None:
    """The task runs in another region."""
    there = lab.client("kms", region="eu-west-1", account=ACCOUNT)
    arn = there.create_key()["KeyMetadata"]["Arn"]
    there.create_alias(AliasName="alias/app", TargetKeyId=arn)
    s3 = lab.client("s3", region="eu-west-1", account=ACCOUNT)
    s3.create_bucket(Bucket="example-eu", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="example-eu", Key="a", ServerSideEncryption="aws:kms", SSEKMSKeyId=arn)
    found = task(INFO, bucket="example-eu", prefix="", expected={"kms_key": "alias/app"}, fail_on_findings=True)
    assert (found.get("failed"), found["compliant"]) == (None, True), found


def test_a_list_that_is_cut_proves_nothing_about_the_rest(task: Task, mixed: str) -> None:
    """The task warns, and does not say that all objects comply."""
    found = task(INFO, bucket=mixed, prefix="", max_keys=1, expected=SSE_S3)
    assert (found["truncated"], found["compliant"], *numbers(found, "matched", "compliant")) == (True, False, 1, 1)
    assert found["warnings"][0].startswith("Only the first 1 objects of the bucket example-bucket")
    found = task(INFO, bucket=mixed, prefix="", max_keys=7, results="none")
    assert (found["truncated"], "warnings" in found, *numbers(found, "matched")) == (False, False, 7)


def test_nothing_to_check_is_a_warning(task: Task, bucket: str) -> None:
    """An empty bucket; a bucket that does not exist is a failure."""
    found = task(INFO, bucket=bucket, prefix="", expected=SSE_S3)
    assert (found["compliant"], found["warnings"]) == (True, ["No object matches: nothing was checked."])
    assert numbers(found, "matched", "by_encryption") == [0, []]
    absent = task(INFO, bucket="example-nowhere", prefix="", expected=SSE_S3)
    assert (absent["failed"], absent["error"]["kind"], absent["compliant"]) == (True, "absent", False)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"expected": {}}, "expected names nothing to compare"),
        ({"expected": {"minimum": True}}, "expected names nothing to compare"),
        ({"expected": {"kms_key": ""}}, "kms_key is empty"),
        ({"expected": {"kms_key": "no key!"}}, "does not name a KMS key"),
        ({"expected": {**SSE_S3, "kms_key": "alias/app"}}, "kms_key"),
        ({"expected": {"encryption": "DSSE-KMS", "bucket_key_enabled": True}}, "bucket_key_enabled"),
        ({"expected": {"encryption": "CSE-KMS", "kms_key": "alias/app"}}, "cannot be compared under CSE-KMS"),
        ({"expected": {"encryption": "SSE-C", "minimum": True}}, "expected.minimum needs an encryption"),
        ({"expected": {"kms_key": "alias/app", "minimum": True}}, "expected.minimum needs an encryption"),
        ({"fail_on_findings": True}, "fail_on_findings has no effect without expected"),
        ({"results": "findings"}, "results: findings has no effect without expected"),
        ({"expected": SSE_S3, "max_keys": 0}, "max_keys: 0 would list nothing"),
        ({"expected": SSE_S3, "concurrency": 0}, "concurrency: 0 is out of bounds"),
    ],
)
def test_wrong_options_are_refused_before_any_call(
    task: Task, bucket: str, calls: Calls, options: dict[str, Any], words: str
) -> None:
    """With a sentence that names the option."""
    calls()
    for check in (False, True):
        found = task(INFO, check=check, bucket=bucket, prefix="", **options)
        assert (found["failed"], found["error"]["kind"]) == (True, "invalid")
        assert words in found["msg"]
    assert calls() == []
