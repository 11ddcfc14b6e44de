# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The default encryption of buckets: every option, values that are kept, selections, and failures in a fleet."""

from __future__ import annotations

import contextlib
import inspect
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.aws.buckets.bucket_list import BucketList
from ansible_collections.sealed.s3.plugins.module_utils.frontend.buckets.bucket_default_encryption import (
    main,
    main_info,
)
from ansible_collections.sealed.s3.plugins.module_utils.frontend.run import METADATA_TIMEOUTS
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.selection import Bucket

from .conftest import ACCOUNT, Task


def rule_of(s3: Any, bucket: str) -> dict[str, Any]:
    """The one rule of a bucket."""
    (rule,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    found: dict[str, Any] = rule
    return found


def step(task: Task, bucket: str, **options: Any) -> dict[str, Any]:
    """Run one task: its check run reports the same, and a second run changes nothing."""
    predicted = task("bucket_default_encryption", check=True, buckets=[bucket], **options)
    done = task("bucket_default_encryption", buckets=[bucket], **options)
    assert not done.get("failed"), done
    assert (predicted["changed"], predicted["diff"], predicted["buckets"]) == (
        done["changed"],
        done["diff"],
        done["buckets"],
    )
    assert not task("bucket_default_encryption", buckets=[bucket], **options)["changed"]
    return done


def test_an_omitted_option_keeps_its_value(task: Task, s3: Any, bucket: str, key_arn: str, kms: Any) -> None:
    """Each option changes one value, and nothing else."""
    step(task, bucket, encryption="SSE-KMS", kms_key="alias/app", bucket_key_enabled=False)
    assert rule_of(s3, bucket) == {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key_arn},
        "BucketKeyEnabled": False,
        "BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]},
    }
    step(task, bucket, bucket_key_enabled=True)
    assert rule_of(s3, bucket)["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == key_arn
    step(task, bucket, blocked_encryption_types=[])
    assert rule_of(s3, bucket)["BlockedEncryptionTypes"] == {"EncryptionType": ["NONE"]}
    other = kms.create_key()["KeyMetadata"]["Arn"]
    step(task, bucket, kms_key=other)
    assert rule_of(s3, bucket) == {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": other},
        "BucketKeyEnabled": True,
        "BlockedEncryptionTypes": {"EncryptionType": ["NONE"]},
    }
    step(task, bucket, blocked_encryption_types=["SSE-C"])
    assert rule_of(s3, bucket)["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == other
    step(task, bucket, state="absent")
    assert rule_of(s3, bucket) == {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
        "BucketKeyEnabled": False,
        "BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]},
    }


@pytest.mark.parametrize("form", ["id", "arn", "alias", "alias arn"])
def test_every_form_of_a_key_is_the_same_key(task: Task, bucket: str, key_arn: str, form: str, s3: Any) -> None:
    """The same key is no change, in whatever form the rule and the task name it."""
    prefix, _slash, key_id = key_arn.partition("key/")
    forms = {"id": key_id, "arn": key_arn, "alias": "alias/app", "alias arn": f"{prefix}alias/app"}
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": forms[form]}
    s3.put_bucket_encryption(
        Bucket=bucket,
        ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": default}]},
    )
    for named in forms.values():
        assert not task("bucket_default_encryption", buckets=[bucket], kms_key=named)["changed"], named


def test_no_key_is_the_aws_managed_key(task: Task, bucket: str) -> None:
    """SSE-KMS without a key means alias/aws/s3."""
    step(task, bucket, encryption="SSE-KMS")
    assert not task("bucket_default_encryption", buckets=[bucket], kms_key="alias/aws/s3")["changed"]


def test_minimum_changes_only_weaker_buckets(task: Task, s3: Any, bucket: str, key_arn: str) -> None:
    """A bucket that is as strong, or stronger, stays the same."""
    step(task, bucket, encryption="SSE-KMS", minimum=True)
    assert rule_of(s3, bucket)["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    step(task, bucket, encryption="DSSE-KMS", kms_key=key_arn)
    assert not task("bucket_default_encryption", buckets=[bucket], encryption="SSE-KMS", minimum=True)["changed"]
    assert not task("bucket_default_encryption", buckets=[bucket], encryption="SSE-S3", minimum=True)["changed"]


def test_one_bad_bucket_never_hides_the_others(task: Task, s3: Any, lab: Any) -> None:
    """The other buckets are changed, the bad ones are reported with their cause, and the task fails."""
    names = [f"example-{number}" for number in range(6)]
    for name in names:
        s3.create_bucket(Bucket=name)
    theirs = lab.client("s3", region="us-east-1", account="222222222222")
    theirs.create_bucket(Bucket="example-theirs")
    wanted = [*names[:3], "example-missing", "example-theirs", *names[3:], names[0]]
    result = task("bucket_default_encryption", buckets=wanted, encryption="SSE-KMS")
    assert (result["failed"], result["changed"]) == (True, True)
    assert result["failed_buckets"] == ["example-missing", "example-theirs"]
    assert [shown["name"] for shown in result["buckets"]] == list(dict.fromkeys(wanted))
    kinds = {shown["name"]: shown["error"]["kind"] for shown in result["buckets"] if shown["error"]}
    assert kinds == {"example-missing": "absent", "example-theirs": "forbidden"}
    assert all(name in result["msg"] for name in result["failed_buckets"])
    counts = result["summary"]
    assert (counts["matched"], counts["changed"], counts["unchanged"], counts["failed"]) == (8, 6, 0, 2)


def test_on_error_stop_skips_the_remaining_buckets(task: Task, s3: Any) -> None:
    """With stop, buckets that were not started are counted as skipped."""
    names = [f"example-{number}" for number in range(20)]
    for name in names:
        s3.create_bucket(Bucket=name)
    result = task(
        "bucket_default_encryption",
        buckets=["example-missing", *names],
        encryption="SSE-KMS",
        on_error="stop",
        concurrency=1,
    )
    assert result["failed_buckets"] == ["example-missing"]
    assert result["summary"]["skipped"] >= 18


def test_the_option_results_selects_buckets(task: Task, bucket: str) -> None:
    """The option says which buckets the result lists."""
    options = {"buckets": [bucket], "encryption": "SSE-S3"}
    assert task("bucket_default_encryption", **options)["buckets"] == []
    (shown,) = task("bucket_default_encryption", results="all", **options)["buckets"]
    assert (shown["name"], shown["region"], shown["changed"]) == (bucket, "us-east-1", False)
    assert shown["before"] == shown["after"]
    assert task("bucket_default_encryption", buckets=[bucket], encryption="SSE-KMS", results="none")["buckets"] == []


def test_info_reports_the_rule(task: Task, bucket: str, key_arn: str) -> None:
    """The info module reports the rule in the names of the module's options."""
    step(task, bucket, encryption="SSE-KMS", kms_key=key_arn)
    (shown,) = task("bucket_default_encryption_info", buckets=[bucket])["buckets"]
    assert shown == {
        "name": bucket,
        "region": "us-east-1",
        "encryption": "SSE-KMS",
        "kms_key": key_arn,
        "bucket_key_enabled": True,
        "blocked_encryption_types": ["SSE-C"],
        "error": None,
    }


def test_a_key_that_cannot_be_described(task: Task, s3: Any, bucket: str, key_arn: str, lab: Any) -> None:
    """Without kms:DescribeKey, the full ARN of a key is used with one warning, and an alias is refused."""
    lab.faults.add("deny", operation="kms:DescribeKey", times=None)
    s3.create_bucket(Bucket="example-second")
    buckets = [bucket, "example-second"]
    result = task("bucket_default_encryption", buckets=buckets, encryption="SSE-KMS", kms_key=key_arn)
    assert (result["changed"], result["summary"]["changed"]) == (True, 2)
    (warning,) = result["warnings"]
    assert warning.startswith(f"The KMS key {key_arn} could not be checked, as kms:DescribeKey on it is forbidden.")
    error = task("bucket_default_encryption", buckets=[bucket], encryption="SSE-KMS", kms_key="alias/app")
    assert error["failed"]
    assert "kms:DescribeKey" in error["msg"]
    assert "name the key by its full ARN" in error["msg"]


def test_forbidden_is_not_unencrypted(task: Task, bucket: str, lab: Any) -> None:
    """A read that is forbidden fails, and the message names the missing permission."""
    lab.faults.add("deny", operation="s3:GetEncryptionConfiguration", times=None)
    for module, options in (
        ("bucket_default_encryption_info", {}),
        ("bucket_default_encryption", {"encryption": "SSE-S3"}),
    ):
        result = task(module, buckets=[bucket], **options)
        assert result["failed"]
        assert "s3:GetEncryptionConfiguration" in result["msg"]


def test_directory_buckets_are_recognised(task: Task, lab: Any) -> None:
    """A directory bucket is refused without a call to the wrong endpoint."""
    lab.calls.clear()
    result = task("bucket_default_encryption", buckets=["fast--use1-az4--x-s3"], encryption="SSE-S3")
    assert result["failed"]
    assert "directory bucket" in result["msg"]
    assert list(lab.calls.operations()) == []


def test_the_account_is_that_of_the_credentials(s3: Any, bucket: str, key_arn: str) -> None:
    """The lab's keys and buckets are in the account that these tests expect."""
    assert key_arn.split(":")[4] == ACCOUNT


@pytest.fixture
def fleet(lab: Any) -> list[str]:
    """Nine buckets in two regions, four of them with a tag, and another one without the prefix."""
    made = []
    for region, numbers in (("us-east-1", range(5)), ("eu-west-1", range(5, 9))):
        client = lab.client("s3", region=region, account=ACCOUNT)
        placed = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        for number in numbers:
            name = f"fleet-{number}"
            client.create_bucket(Bucket=name, **placed)
            if number % 2:
                tags = {"TagSet": [{"Key": "stage", "Value": "production"}]}
                client.put_bucket_tagging(Bucket=name, Tagging=tags)
            made.append(name)
    lab.client("s3", region="us-east-1", account=ACCOUNT).create_bucket(Bucket="other")
    lab.calls.clear()
    return made


def names_of(result: dict[str, Any]) -> list[str]:
    """The names of the buckets in a result."""
    return [shown["name"] for shown in result["buckets"]]


@pytest.mark.parametrize(
    ("select", "selected"),
    [
        pytest.param({"names": ["*"]}, [*range(9), "other"], id="all"),
        pytest.param({"names": ["*"], "regions": [], "tags": {}}, [*range(9), "other"], id="all, in so many words"),
        pytest.param({"names": ["fleet-*"]}, range(9), id="a pattern"),
        pytest.param({"names": ["fleet-*"], "exclude": ["*-[3-9]"]}, range(3), id="exclusions"),
        pytest.param({"regions": ["eu-west-1"]}, range(5, 9), id="a region"),
        pytest.param({"names": ["fleet-*"], "regions": ["eu-west-1", "us-east-1"]}, range(9), id="two regions"),
        pytest.param({"tags": {"stage": "production"}}, [1, 3, 5, 7], id="tags"),
        pytest.param({"tags": {"stage": "production", "more": "x"}}, [], id="all tags have to match"),
    ],
)
def test_buckets_are_selected(task: Task, fleet: list[str], select: dict[str, Any], selected: Any) -> None:
    """By patterns, exclusions, regions and tags. Every bucket has its region."""
    result = task("bucket_default_encryption_info", select=select)
    assert not result.get("failed"), result
    assert names_of(result) == [f"fleet-{name}" if isinstance(name, int) else name for name in selected]
    assert {shown["region"] for shown in result["buckets"]} <= {"us-east-1", "eu-west-1"}
    assert bool(result.get("warnings")) is (not selected)


@pytest.mark.usefixtures("at_aws")
def test_the_calls_of_a_selection(task: Task, fleet: list[str], calls: Any, key_arn: str, lab: Any) -> None:
    """One list of buckets; for each region one lookup of tags and one of the key; one read for each bucket.

    Each bucket that moves to a KMS key costs two more, which show whether logs are delivered to it.
    """
    other = lab.client("kms", region="eu-west-1", account=ACCOUNT)
    other.create_alias(AliasName="alias/app", TargetKeyId=other.create_key()["KeyMetadata"]["KeyId"])
    calls()
    select = {"names": ["fleet-*"], "tags": {"stage": "production"}}
    options = {"select": select, "encryption": "SSE-KMS", "kms_key": "alias/app"}
    changed = task("bucket_default_encryption", **options)
    made = calls()
    assert {name: made.count(name) for name in set(made)} == {
        "ListBuckets": 1,
        "GetResources": 2,
        "DescribeKey": 2,
        "GetBucketEncryption": 4,
        "GetBucketPolicy": 4,
        "GetBucketAcl": 4,
        "PutBucketEncryption": 4,
    }
    assert {shown["after"]["kms_key"].split(":")[3] for shown in changed["buckets"]} == {"us-east-1", "eu-west-1"}
    assert not task("bucket_default_encryption", **options)["changed"]


@pytest.mark.usefixtures("at_aws")
@pytest.mark.parametrize(
    ("style", "error"),
    [
        pytest.param({}, "PermanentRedirect", id="path"),
        pytest.param({"s3": {"addressing_style": "virtual"}}, "AuthorizationHeaderMalformed", id="virtual"),
    ],
)
def test_a_bucket_of_another_region_at_aws(task: Task, lab: Any, style: dict[str, Any], error: str) -> None:
    """A host name with the bucket and without a region is answered with 400, not with a redirect."""
    west = lab.client("s3", region="eu-west-1", account=ACCOUNT)
    west.create_bucket(Bucket="example-west", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    lab.calls.clear()
    options = {"buckets": ["example-west"], "encryption": "SSE-S3", "blocked_encryption_types": []}
    changed = task("bucket_default_encryption", **options, aws_config=style)
    assert (changed["changed"], changed["buckets"][0]["region"]) == (True, "eu-west-1")
    upload = {"bucket": "example-west", "key": "a", "content": "x", "aws_config": style}
    assert task("s3_encrypted_object", **upload)["changed"]
    assert not task("s3_encrypted_object", **upload)["changed"]
    assert error in {call.error for call in lab.calls}


def test_tags_without_the_tagging_api(task: Task, fleet: list[str], lab: Any) -> None:
    """If the tagging API is forbidden, the tags of each bucket are read."""
    lab.faults.add("deny", operation="tag:GetResources", times=None)
    result = task("bucket_default_encryption_info", select={"tags": {"stage": "production"}})
    assert names_of(result) == [f"fleet-{number}" for number in (1, 3, 5, 7)]


def test_a_list_that_is_forbidden(task: Task, fleet: list[str], lab: Any) -> None:
    """Without s3:ListAllMyBuckets a selection fails, and names the permission. Named buckets do not need it."""
    lab.faults.add("deny", operation="s3:ListAllMyBuckets", times=None)
    result = task("bucket_default_encryption_info", select={"names": ["*"]})
    assert result["failed"]
    assert "s3:ListAllMyBuckets" in result["msg"]
    assert not task("bucket_default_encryption_info", buckets=fleet[:1]).get("failed")


def test_a_region_without_the_key_costs_its_buckets_only(task: Task, fleet: list[str], key_arn: str, lab: Any) -> None:
    """The alias exists in one of two regions: the buckets in the other region fail before a write."""
    lab.calls.clear()
    result = task("bucket_default_encryption", select={"names": ["fleet-*"]}, encryption="SSE-KMS", kms_key="alias/app")
    assert result["failed_buckets"] == [f"fleet-{number}" for number in range(5, 9)]
    assert result["summary"]["changed"] == 5
    assert result["msg"].count("There is no KMS key alias/app in eu-west-1") == 1
    written = {call.region for call in lab.calls.select(operation="PutBucketEncryption")}
    assert written == {"us-east-1"}


def test_a_multi_region_key(task: Task, fleet: list[str], lab: Any) -> None:
    """Its ARN means the replica in the region of each bucket."""
    kms = lab.client("kms", region="us-east-1", account=ACCOUNT)
    primary = kms.create_key(MultiRegion=True)["KeyMetadata"]
    kms.replicate_key(KeyId=primary["KeyId"], ReplicaRegion="eu-west-1")
    lab.clock.advance(seconds=1)  # KMS creates a replica asynchronously
    options = {"select": {"names": ["fleet-*"]}, "encryption": "SSE-KMS", "kms_key": primary["Arn"]}
    result = task("bucket_default_encryption", **options)
    assert not result.get("failed"), result
    assert {(shown["region"], shown["after"]["kms_key"].split(":")[3]) for shown in result["buckets"]} == {
        ("us-east-1", "us-east-1"),
        ("eu-west-1", "eu-west-1"),
    }
    assert not task("bucket_default_encryption", **options)["changed"]


def test_a_diff_groups_equal_changes(task: Task, fleet: list[str], s3: Any) -> None:
    """Each group has the change, then the names; the largest group is first."""
    task("bucket_default_encryption", buckets=["fleet-3"], encryption="SSE-KMS", bucket_key_enabled=False)
    options = {"buckets": [f"fleet-{number}" for number in range(5)], "encryption": "DSSE-KMS"}
    predicted = task("bucket_default_encryption", check=True, **options)["diff"]
    assert predicted["prepared"].splitlines() == [
        "4 buckets:",
        "  - SSE-S3, bucket key off, blocked: SSE-C",
        "  + DSSE-KMS, bucket key off, blocked: SSE-C",
        "    fleet-0",
        "    fleet-1",
        "    fleet-2",
        "    fleet-4",
        "1 bucket:",
        "  - SSE-KMS, bucket key off, blocked: SSE-C",
        "  + DSSE-KMS, bucket key off, blocked: SSE-C",
        "    fleet-3",
    ]
    assert task("bucket_default_encryption", **options)["diff"] == predicted


def test_a_change_that_weakens_is_counted(task: Task, fleet: list[str], key_arn: str) -> None:
    """The change is made; the warning has the number of buckets. A minimum gives no such warning."""
    task("bucket_default_encryption", buckets=fleet[:3], encryption="SSE-KMS", kms_key=key_arn)
    minimum = task("bucket_default_encryption", buckets=fleet, encryption="SSE-S3", minimum=True)
    assert (minimum["changed"], minimum.get("warnings")) == (False, None)
    weaker = task("bucket_default_encryption", buckets=fleet, encryption="SSE-S3", blocked_encryption_types=[])
    assert weaker["warnings"] == [
        "9 buckets: SSE-C is no longer blocked.",
        "3 buckets: the default encryption gets weaker, from SSE-KMS to SSE-S3.",
    ]


def test_expected_values_are_compared(task: Task, fleet: list[str], key_arn: str) -> None:
    """Each bucket is compared with the named values; a stronger bucket meets a minimum."""
    task("bucket_default_encryption", buckets=["fleet-0"], encryption="SSE-KMS", kms_key=key_arn)
    task("bucket_default_encryption", buckets=["fleet-1"], encryption="DSSE-KMS")
    audit = task(
        "bucket_default_encryption_info",
        buckets=fleet[:3],
        expected={"encryption": "SSE-KMS", "kms_key": "alias/app"},
    )
    assert not audit["compliant"]
    assert [shown["compliant"] for shown in audit["buckets"]] == [True, False, False]
    assert audit["buckets"][2]["findings"] == [
        {
            "message": "New objects get SSE-S3 by default, not SSE-KMS with the key alias/app.",
            "control": "Security Hub S3.17",
            "rule": "bucket-default-encryption",
            "options": {"encryption": "SSE-KMS", "kms_key": "alias/app"},
        }
    ]
    minimum = task(
        "bucket_default_encryption_info", buckets=fleet[:2], expected={"encryption": "SSE-KMS", "minimum": True}
    )
    assert minimum["compliant"]


def test_throttled_calls_are_retried(task: Task, fleet: list[str], lab: Any) -> None:
    """The retries of the SDK handle it."""
    lab.faults.add("throttle", operation="*BucketEncryption", probability=0.3, times=None, seed=7)
    result = task("bucket_default_encryption", select={"names": ["fleet-*"]}, encryption="SSE-KMS")
    assert not result.get("failed"), result
    assert result["summary"]["changed"] == 9


def test_a_silent_region_costs_its_own_buckets_only(task: Task, fleet: list[str], lab: Any) -> None:
    """After three calls without a response its other buckets are not tried; all other regions are done."""
    eu = lab.client("s3", region="eu-west-1", account=ACCOUNT)
    for number in range(9, 19):
        eu.create_bucket(Bucket=f"fleet-{number}", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    for number in (*range(5, 9), *range(9, 19)):
        lab.faults.add("delay", operation="GetBucketEncryption", resource=f"*fleet-{number}", seconds=3, times=None)
    result = task(
        "bucket_default_encryption",
        select={"names": ["fleet-*"]},
        encryption="SSE-KMS",
        concurrency=4,
        aws_config={"read_timeout": 0.3, "retries": {"total_max_attempts": 1}},
    )
    assert result["summary"]["changed"] == 5
    assert len(result["failed_buckets"]) == 14
    assert "Not tried" in result["msg"]
    tried = {call.resource for call in lab.calls.select(operation="GetBucketEncryption", region="eu-west-1")}
    assert len(tried) < 10


@pytest.mark.parametrize("operation", ["GetBucketEncryption", "PutBucketEncryption"])
def test_a_bucket_that_does_not_exist(task: Task, fleet: list[str], lab: Any, operation: str) -> None:
    """Only that bucket fails, such as one that was deleted after it was listed."""
    lab.faults.add("delay", operation=operation, seconds=0.2, times=None)
    result = task("bucket_default_encryption", buckets=[*fleet[:3], "fleet-deleted"], encryption="SSE-KMS")
    assert result["failed_buckets"] == ["fleet-deleted"]
    assert result["summary"]["changed"] == 3


@pytest.mark.parametrize("place", ["environment", "at_aws"])
@pytest.mark.parametrize("operation", ["GetBucketEncryption", "PutBucketEncryption"])
def test_a_lost_response_costs_one_bucket(
    task: Task, fleet: list[str], lab: Any, request: pytest.FixtureRequest, operation: str, place: str
) -> None:
    """The other buckets are changed and reported."""
    request.getfixturevalue(place)
    lab.faults.add("lost_answer", operation=operation, resource="*fleet-1", times=None)
    once = {"retries": {"total_max_attempts": 1}}
    result = task("bucket_default_encryption", buckets=fleet[:4], encryption="SSE-KMS", aws_config=once)
    assert (result["failed"], result["changed"], result["failed_buckets"]) == (True, True, ["fleet-1"])
    assert result["summary"]["changed"] == 3


def test_a_bucket_whose_tags_are_forbidden_costs_itself(task: Task, fleet: list[str], lab: Any) -> None:
    """The bucket is reported as failed, and the selection goes on."""
    lab.faults.add("deny", operation="tag:GetResources", times=None)
    lab.faults.add("deny", operation="s3:GetBucketTagging", resource="*fleet-3", times=None)
    options = {"select": {"tags": {"stage": "production"}}, "encryption": "SSE-KMS"}
    result = task("bucket_default_encryption", **options)
    assert result["failed_buckets"] == ["fleet-3"]
    assert result["summary"]["changed"] == 3


def test_an_expected_key_is_a_finding_for_a_bucket_without_kms(task: Task, bucket: str, key_arn: str) -> None:
    """A bucket with SSE-S3 does not have the key, which is a finding and not a failure."""
    result = task("bucket_default_encryption_info", buckets=[bucket], expected={"kms_key": key_arn})
    assert not result.get("failed"), result
    assert not result["compliant"]
    (finding,) = result["buckets"][0]["findings"]
    assert finding["control"] == "Config s3-default-encryption-kms (kmsKeyArns)"


class SilentServer:
    """A server that accepts connections and requests, and never responds."""

    def __init__(self) -> None:
        self.connections = 0
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._accepted: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """Its URL."""
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                self._accepted.append(self._socket.accept()[0])
                self.connections += 1

    def close(self) -> None:
        """Close all connections."""
        for each in (self._socket, *self._accepted):
            each.close()


@pytest.fixture
def silence() -> Iterator[SilentServer]:
    """A server that never responds."""
    server = SilentServer()
    yield server
    server.close()


@pytest.mark.parametrize(
    ("config", "attempts"),
    [
        pytest.param({}, 2, id="default"),
        pytest.param({"retries": {"total_max_attempts": 3}}, 3, id="the task's own attempts"),
    ],
)
def test_an_endpoint_that_is_silent(task: Task, silence: SilentServer, config: dict[str, Any], attempts: int) -> None:
    """It gets two requests for each bucket, not six. A task can set the timeout and the retries."""
    began = time.monotonic()
    result = task(
        "bucket_default_encryption_info",
        buckets=[f"example-{number}" for number in range(2)],
        endpoint_url=silence.url,
        concurrency=1,
        aws_config={"read_timeout": 0.2, **config},
    )
    assert time.monotonic() - began < 20
    assert [bucket["error"]["code"] for bucket in result["buckets"]] == ["ReadTimeoutError"] * 2
    assert silence.connections == 2 * attempts
    assert result["summary"]["api_calls"] == 2 * attempts
    assert "Read timeout" in result["msg"]


@pytest.mark.parametrize("entry", [main, main_info])
def test_the_timeouts_are_short_for_modules_that_move_no_data(entry: Callable[..., None]) -> None:
    """Many buckets may wait for one endpoint."""
    assert inspect.signature(entry).parameters["timeouts"].default == METADATA_TIMEOUTS == (5, 10)


def test_the_timeouts_of_a_module_apply_without_those_of_the_task(task: Task, silence: SilentServer) -> None:
    """The endpoint gets two connections, as in the test above, and each ends after the module's timeout."""
    began = time.monotonic()
    options: dict[str, Any] = {"buckets": ["a-bucket"], "endpoint_url": silence.url}
    result = task("bucket_default_encryption", encryption="SSE-S3", timeouts=(0.2, 0.2), **options)
    assert result["failed"]
    assert time.monotonic() - began < 5
    assert silence.connections == 2


def test_a_region_that_aws_does_not_have(
    task: Task, fleet: list[str], monkeypatch: pytest.MonkeyPatch, lab: Any
) -> None:
    """At AWS it is refused before any call. Another store may have any region, so there it is a warning."""
    options: dict[str, Any] = {"select": {"regions": ["eu-west-1", "eu-wset-1"]}}
    warned = task("bucket_default_encryption_info", **options)
    assert not warned.get("failed")
    assert any("eu-wset-1" in warning and "eu-west-1" not in warning for warning in warned["warnings"])
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # no request reaches AWS
    lab.calls.clear()
    for module, more in (
        ("bucket_default_encryption", {"encryption": "SSE-S3"}),
        ("bucket_default_encryption_info", {}),
    ):
        result = task(module, **options, **more)
        assert result["failed"]
        assert result["error"]["kind"] == "invalid"
        assert "does not know eu-wset-1 (boto3 1." in result["msg"]
        assert result["summary"]["api_calls"] == 0


@pytest.mark.parametrize("expected", [{}, {"minimum": True}])
def test_an_empty_expectation(task: Task, bucket: str, lab: Any, expected: dict[str, Any]) -> None:
    """It is refused, because every bucket would be compliant."""
    lab.calls.clear()
    result = task("bucket_default_encryption_info", buckets=[bucket], expected=expected)
    assert result["error"]["kind"] == "invalid"
    assert result["msg"].startswith("expected names nothing to compare the buckets with. Name at least one of")
    assert lab.calls.operations() == []


@pytest.mark.parametrize(
    ("select", "message"),
    [
        ({}, "select names no criterion, so it would select all buckets of the account."),
        ({"names": None, "regions": None, "tags": None}, "select names no criterion"),
        ({"regions": [], "tags": {}}, "select names no criterion"),
        ({"exclude": ["other"]}, "select names no criterion"),
        ({"names": []}, "select.names is empty, so no bucket matches."),
        ({"names": [""], "regions": ["us-east-1"]}, "select.names is empty, so no bucket matches."),
    ],
)
def test_an_empty_selection(task: Task, fleet: list[str], lab: Any, select: dict[str, Any], message: str) -> None:
    """It is refused, because it often is an undefined variable. All buckets are selected in so many words."""
    for module, options in (
        ("bucket_default_encryption", {"encryption": "SSE-S3"}),
        ("bucket_default_encryption_info", {}),
    ):
        result = task(module, select=select, **options)
        assert result["error"]["kind"] == "invalid"
        assert result["msg"].startswith(message)
        assert result["msg"].endswith('For all buckets, write names: ["*"].')
    assert lab.calls.operations() == []


def test_a_tag_without_a_value(task: Task, fleet: list[str], lab: Any) -> None:
    """Null is not the text None."""
    result = task("bucket_default_encryption_info", select={"tags": {"stage": None}})
    assert (
        result["msg"] == "select.tags: 'stage' has no value. Give it a text (\"\" for an empty one), or leave it out."
    )
    assert lab.calls.operations() == []


def test_an_empty_list_of_buckets(task: Task, lab: Any) -> None:
    """Nothing is done, with a warning: so a task can run again for the failed buckets of another."""
    result = task("bucket_default_encryption", buckets=[], encryption="SSE-S3")
    assert (result["changed"], result["warnings"]) == (False, ["No bucket matches: nothing was checked."])
    assert lab.calls.operations() == []


def test_a_bucket_that_is_deleted_while_the_task_runs(
    task: Task, fleet: list[str], s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With `select` it is skipped, counted and reported. A bucket that the task names is a failure."""
    list_buckets = BucketList.list_buckets

    def list_and_delete(port: BucketList, prefix: str, region: str | None) -> Iterator[Bucket]:
        listed = list(list_buckets(port, prefix, region))
        s3.delete_bucket(Bucket="fleet-2")
        return iter(listed)

    monkeypatch.setattr(BucketList, "list_buckets", list_and_delete)
    for module, options in (
        ("bucket_default_encryption", {"encryption": "SSE-S3"}),
        ("bucket_default_encryption_info", {"expected": {"encryption": "SSE-S3"}, "fail_on_findings": True}),
    ):
        result = task(module, select={"names": ["fleet-*"]}, **options)
        assert not result.get("failed"), result
        assert result["warnings"] == ["Skipped, because deleted since the list was read: 1 bucket (fleet-2)."]
        counts = result["summary"]
        assert (counts["matched"], counts["skipped"], counts["failed"]) == (9, 1, 0)
        s3.create_bucket(Bucket="fleet-2")
    named = task("bucket_default_encryption", buckets=["fleet-gone"], encryption="SSE-S3")
    assert named["failed_buckets"] == ["fleet-gone"]


@pytest.mark.parametrize(
    ("operation", "encryption"), [("GetBucketEncryption", "SSE-S3"), ("PutBucketEncryption", "SSE-KMS")]
)
def test_expired_credentials_end_a_fleet(
    task: Task, fleet: list[str], lab: Any, operation: str, encryption: str
) -> None:
    """The other buckets are not asked for, and the message says how many are done."""
    lab.faults.add("expired_credentials", operation=operation, after=3, times=None)
    result = task("bucket_default_encryption", buckets=fleet, encryption=encryption, concurrency=1)
    assert result["error"]["kind"] == "credentials"
    assert "The run ended early, with 3 of 9 buckets done." in result["msg"]
    assert (result["summary"]["skipped"], len(result["failed_buckets"])) == (5, 1)
    assert len(lab.calls.select(operation=operation)) <= 5


def test_refusals_to_read_and_to_write_are_different_causes(task: Task, fleet: list[str], lab: Any) -> None:
    """Each is reported with its own permission. A change that is refused has no warning about its effect."""
    lab.faults.add("deny", operation="s3:GetEncryptionConfiguration", resource="*fleet-[01]", times=None)
    lab.faults.add("deny", operation="s3:PutEncryptionConfiguration", resource="*fleet-[234]", times=None)
    result = task("bucket_default_encryption", buckets=fleet, encryption="SSE-KMS", blocked_encryption_types=[])
    assert result["failed_buckets"] == [f"fleet-{number}" for number in range(5)]
    assert result["warnings"] == ["4 buckets: SSE-C is no longer blocked."]
    assert result["msg"].count("s3:GetEncryptionConfiguration on fleet-0") == 1
    assert result["msg"].count("s3:PutEncryptionConfiguration on fleet-2") == 1
    assert "The same cause for 2 more: fleet-3, fleet-4." in result["msg"]
    assert "The same cause for 1 more: fleet-1." in result["msg"]
