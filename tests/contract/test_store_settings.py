# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Stores that refuse the checksums of the SDK or conditional writes, and the settings and options for them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import Result, Task
from .header_refusing_store import HeaderRefusingStore

CHECKSUMS = r"x-amz-checksum-.*|x-amz-sdk-checksum-.*|x-amz-trailer|x-amz-mp-object-size"
CONDITIONS = r"if-match|if-none-match"
WHEN_REQUIRED = {"request_checksum_calculation": "when_required", "response_checksum_validation": "when_required"}
MIB = 1024**2

StoreFactory = Callable[..., HeaderRefusingStore]


@pytest.fixture
def store(lab: Any, bucket: str, key_arn: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[StoreFactory]:
    """Makes a store that refuses headers, and sends the requests of the modules to it."""
    running = []

    def make(refused: str, **options: Any) -> HeaderRefusingStore:
        made = HeaderRefusingStore(lab.url, refused, **options)
        running.append(made.running())
        monkeypatch.setenv("AWS_ENDPOINT_URL", running[-1].__enter__())
        return made

    yield make
    for context in running:
        context.__exit__(None, None, None)


def by_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """The variables of the SDK."""
    for name, value in WHEN_REQUIRED.items():
        monkeypatch.setenv(f"AWS_{name.upper()}", value)
    return {}


def by_profile(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """A profile of the configuration file."""
    settings = "\n".join(f"{name} = {value}" for name, value in WHEN_REQUIRED.items())
    (tmp_path / "config").write_text(f"[profile plain]\n{settings}\n")
    (tmp_path / "credentials").write_text("[plain]\naws_access_key_id = 123456789012\naws_secret_access_key = test\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    return {"profile": "plain"}


class Steps:
    """Runs tasks for one object: in check mode, for real, and once more, which changes nothing."""

    def __init__(self, task: Task, **common: Any) -> None:
        self._task = task
        self._common = common

    def __call__(self, **options: Any) -> Result:
        named = {"bucket": "example-bucket", "key": "a", **self._common, **options}
        check = self._task("s3_encrypted_object", check=True, **named)
        done = self._task("s3_encrypted_object", **named)
        assert "msg" not in done, done["msg"]
        assert (check["changed"], check["diff"]) == (done["changed"], done["diff"])
        again = self._task("s3_encrypted_object", **named)
        assert ("msg" in again, again["changed"]) == (False, False), again
        return done


@pytest.mark.parametrize("settings", [by_environment, by_profile], ids=lambda settings: settings.__name__)
def test_the_settings_of_the_sdk_are_obeyed(
    task: Task,
    store: StoreFactory,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    settings: Callable[[pytest.MonkeyPatch, Path], dict[str, Any]],
) -> None:
    """Of the environment and of a profile, as those of aws_config."""
    refusing = store(CHECKSUMS)
    options = {"bucket": "example-bucket", "key": "a", "content": "one", **settings(monkeypatch, tmp_path)}
    assert [task("s3_encrypted_object", **options)["changed"] for _time in range(2)] == [True, False]
    assert not any("checksum" in name for _method, names in refusing.sent for name in names)


def test_no_checksums_are_sent_or_requested_where_they_are_not_required(
    task: Task, store: StoreFactory, s3: Any, tmp_path: Path
) -> None:
    """Every module works with a store that refuses them, and compares contents by reading."""
    refusing = store(CHECKSUMS)
    common: dict[str, Any] = {"aws_config": WHEN_REQUIRED}
    step = Steps(task, **common)
    where = {"bucket": "example-bucket", **common}
    assert step(content="one")["object"]["checksum"] is None
    assert step(content="two", cache_control="no-cache")["actions"] == ["PutObject"]
    assert step(encryption="SSE-KMS", kms_key="alias/app")["actions"] == ["CopyObject"]
    assert step(content="two", encryption="SSE-KMS", kms_key="alias/app")["changed"] is False
    assert step(content="ten", encryption="SSE-KMS", kms_key="alias/app")["actions"] == ["PutObject"]
    assert s3.get_object(Bucket="example-bucket", Key="a")["Body"].read() == b"ten"
    parts = {"key": "b", "content": "x" * (5 * MIB + 1), "part_size": "5MiB"}
    assert "CompleteMultipartUpload" in step(**parts)["actions"]
    (found,) = task("s3_encrypted_object_info", key="a", **where)["objects"]
    listed = task("s3_encrypted_object_info", prefix="a", **where)["objects"]
    assert [found["checksum"], [each["key"] for each in listed]] == [None, ["a"]]
    for changed in (True, False):
        assert task("s3_encrypted_object_download", key="a", dest=str(tmp_path / "a"), **where)["changed"] is changed
    assert (tmp_path / "a").read_bytes() == b"ten"
    assert task("s3_encrypted_object", key="a", state="absent", **where)["actions"] == ["DeleteObject"]
    assert not any("checksum" in name for _method, names in refusing.sent for name in names)


def test_a_store_that_refuses_checksums_is_named_with_the_settings(task: Task, store: StoreFactory, s3: Any) -> None:
    """And not a missing permission, or a customer key."""
    s3.put_object(Bucket="example-bucket", Key="a", Body=b"x")
    store(CHECKSUMS)
    where = {"bucket": "example-bucket", "key": "a"}
    for module, options in (
        ("s3_encrypted_object_info", {}),
        ("s3_encrypted_object_download", {"dest": "/tmp/never"}),
        ("s3_encrypted_object", {"content": "y"}),
        ("s3_encrypted_object", {"state": "absent"}),
    ):
        result = task(module, **where, **options)
        assert result["error"]["kind"] == "unsupported", result["msg"]
        assert "Unsupported header 'x-amz-checksum-mode'" in result["msg"]
        assert "AWS_RESPONSE_CHECKSUM_VALIDATION" in result["msg"]


def test_a_status_400_for_head_alone_is_named_as_such(task: Task, store: StoreFactory, s3: Any) -> None:
    """It is no missing permission: GetObject works."""
    s3.put_object(Bucket="example-bucket", Key="a", Body=b"x")
    store(CHECKSUMS, methods=("HEAD",))
    result = task("s3_encrypted_object_info", bucket="example-bucket", key="a")
    assert result["error"]["kind"] == "unsupported"
    assert result["msg"].startswith("s3:HeadObject on example-bucket/a was refused (400), and s3:GetObject works.")
    assert "AWS_RESPONSE_CHECKSUM_VALIDATION" in result["msg"]
    store("user-agent", methods=("HEAD",))  # which every request has
    result = task("s3_encrypted_object_info", bucket="example-bucket", key="a", aws_config=WHEN_REQUIRED)
    assert result["msg"].endswith("s3:GetObject works. Check whether the store supports HeadObject.")


NOT_IMPLEMENTED = "A header you provided implies functionality that is not implemented."
REFUSALS: list[dict[str, Any]] = [
    {"status": 501, "code": "NotImplemented", "message": NOT_IMPLEMENTED, "element": "Header"},
    {"status": 501, "code": "NotImplemented", "message": NOT_IMPLEMENTED},
    {"status": 400},
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=["501 with the header", "501", "400"])
def test_a_store_without_conditional_writes(task: Task, store: StoreFactory, s3: Any, refusal: dict[str, Any]) -> None:
    """The message has the condition and the option, with which no write has one."""
    refusing = store(CONDITIONS, methods=("PUT", "POST"), **refusal)
    where = {"bucket": "example-bucket", "key": "a"}
    refused = task("s3_encrypted_object", **where, content="one")
    assert refused["error"]["kind"] == "unsupported"
    assert not refused["changed"]
    for words in ("the condition If-None-Match: *", "conditional_writes: false"):
        assert words in refused["msg"]
    if refusal is not REFUSALS[0]:
        return
    refusing.sent.clear()
    step = Steps(task, conditional_writes=False)
    assert step(content="one")["actions"] == ["PutObject"]
    assert step(content="two")["actions"] == ["PutObject"]
    assert step(encryption="SSE-KMS", kms_key="alias/app")["actions"] == ["CopyObject"]
    assert step(content="x" * (5 * MIB + 1), part_size="5MiB")["changed"]
    writes = [names for method, names in refusing.sent if method in ("PUT", "POST")]
    assert len(writes) > 3
    assert not any({"if-match", "if-none-match"} & names for names in writes)
    etag = s3.head_object(Bucket="example-bucket", Key="a")["ETag"]
    refused = task("s3_encrypted_object", **where, content="three")
    assert f"the condition If-Match: {etag}" in refused["msg"]


def test_a_policy_that_demands_an_encryption_header(
    task: Task, lab: Any, bucket: str, s3: Any, monkeypatch: pytest.MonkeyPatch, key_arn: str
) -> None:
    """The error names the bucket's policy and the options, and these options are the remedy."""
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
        "Condition": {"Null": {"s3:x-amz-server-side-encryption": "true"}},
    }
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    lab.enforcing = True
    where = {"bucket": bucket, "key": "a", "content": "x"}
    refused = task("s3_encrypted_object", **where)
    assert (refused["error"]["kind"], refused["error"]["layer"]) == ("forbidden", "resource-based")
    assert refused["msg"].endswith(
        "The bucket's policy denies it: if it demands an encryption header, name encryption and kms_key."
    )
    assert task("s3_encrypted_object", **where, encryption="SSE-KMS", kms_key="alias/app")["changed"]


def test_a_store_without_a_key_service(task: Task, store: StoreFactory, s3: Any, key_arn: str) -> None:
    """A key is taken as it is written, with a warning, and compared with what the store reports."""
    store("x-amz-target", status=405, code="MethodNotAllowed", message="no {}")
    key = key_arn.partition("/")[2]
    encryption = {"encryption": "SSE-KMS", "kms_key": key}
    step = Steps(task)
    for options in ({"content": "one"}, {"key": "a", "content": "two"}):
        done = step(**options, **encryption)
        assert done["object"]["encryption"]["kms_key_arn"] == key_arn
        assert any(f"The KMS key {key} could not be checked" in warning for warning in done["warnings"])
    step(key="b", content="three")
    assert step(key="b", **encryption)["actions"] == ["CopyObject"]
    default = {"buckets": ["example-bucket"], **encryption}
    done = task("bucket_default_encryption", **default)
    assert (done["changed"], len(done["warnings"])) == (True, 1)
    assert not task("bucket_default_encryption", **default)["changed"]
    found = task("bucket_default_encryption_info", buckets=["example-bucket"], expected=encryption)
    assert found["compliant"]
    refused = task(
        "s3_encrypted_object", bucket="example-bucket", key="c", content="x", encryption="SSE-KMS", kms_key="alias/app"
    )
    assert refused["error"]["kind"] == "unsupported"
    assert "set kms_endpoint_url" in refused["msg"]
    assert "name the key as the store does" in refused["msg"]


def test_a_name_of_a_key_in_a_store_is_refused_where_keys_have_a_service(task: Task, bucket: str) -> None:
    """There it names no key."""
    options = {"encryption": "SSE-KMS", "kms_key": "arn:aws:kms:my-minio-key"}
    result = task("s3_encrypted_object", bucket=bucket, key="a", content="x", **options)
    assert result["failed"]
    assert "my-minio-key" in result["msg"]


def test_a_store_that_answers_the_object_for_its_tags_and_its_acl(task: Task, store: StoreFactory, s3: Any) -> None:
    """It has none of them. Tags for an existing object are refused: the request would replace its content."""
    store("none", ignored=("tagging", "acl"))
    step = Steps(task)
    for options in (
        {"content": "one"},
        {"content": "two"},
        {"content": "three", "tags": {}},
        {"encryption": "SSE-KMS"},
    ):
        done = step(**options)
        assert (done["changed"], done.get("warnings")) == (True, None)
    where = {"bucket": "example-bucket", "key": "a"}
    (found,) = task("s3_encrypted_object_info", **where)["objects"]
    assert found["size"] == len("three")
    tags: dict[str, Any] = {"tags": {"a": "b"}}
    for options in (tags, {**tags, "purge_tags": False, "content": "four"}):
        refused = task("s3_encrypted_object", **where, **options)
        assert (refused["error"]["kind"], refused["changed"]) == ("unsupported", False)
        assert "the store at this endpoint has no tags" in refused["msg"]
    assert s3.get_object(Bucket="example-bucket", Key="a")["Body"].read() == b"three"
