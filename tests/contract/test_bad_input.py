# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Bad input: a failure with advice, before any write."""

from __future__ import annotations

import http.server
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import ACCOUNT, Task

Options = dict[str, Any]
NO_KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"


# A directory with files: that of these tests.
FOLDER = str(Path(__file__).parent)


def assert_failed(result: dict[str, Any], kind: str, *words: str) -> None:
    """The task failed with this kind and these words, without a change and without a traceback."""
    assert result.get("failed"), result
    assert not result.get("changed")
    error = result.get("error") or next(bucket["error"] for bucket in result["buckets"] if bucket["error"])
    assert error["kind"] == kind, result["msg"]
    for word in words:
        assert word in result["msg"], result["msg"]
    assert "Traceback" not in str(result)
    assert result["msg"].endswith("."), result["msg"]


@pytest.fixture(autouse=True)
def nothing_is_written(lab: Any, bucket: str, request: pytest.FixtureRequest) -> Any:
    """Check after every test of this file that the task made no write call."""
    yield
    writes = [call.operation for call in lab.calls.writes() if "sealed.s3" in call.user_agent]
    assert writes == []


def test_unknown_bucket(task: Task) -> None:
    """Every module reports that the bucket does not exist."""
    for module, options in (
        ("bucket_default_encryption", {"buckets": ["example-nowhere"], "encryption": "SSE-S3"}),
        ("s3_encrypted_object", {"bucket": "example-nowhere", "key": "a", "content": "x"}),
        ("s3_encrypted_object_info", {"bucket": "example-nowhere", "key": "a"}),
        ("s3_encrypted_object_download", {"bucket": "example-nowhere", "key": "a", "dest": "/tmp/never"}),
        ("bucket_reencryption", {"bucket": "example-nowhere"}),
        ("bucket_reencryption_info", {"bucket": "example-nowhere"}),
        ("bucket_reencryption_info", {"bucket": "example-nowhere", "sample": 5, "versions": "all"}),
        ("bucket_reencryption_info", {"bucket": "example-nowhere", "jobs": True}),
        ("s3_encrypted_sync", {"bucket": "example-nowhere", "src": FOLDER}),
        ("s3_encrypted_sync", {"bucket": "example-nowhere", "dest": "/tmp/never"}),
    ):
        assert_failed(
            task(module, **options),
            "absent",
            "example-nowhere",
            "does not exist" if module.startswith(("s3", "bucket_reencryption")) else "no bucket",
        )


def test_a_bucket_of_another_region_is_found_there(task: Task, lab: Any) -> None:
    """S3 reports the region of a bucket, so a wrong one is not a failure. Keys are resolved in the bucket's region."""
    west = lab.client("s3", region="eu-west-1", account=ACCOUNT)
    west.create_bucket(Bucket="example-west", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    lab.calls.clear()
    result = task("bucket_default_encryption_info", buckets=["example-west"])
    assert result["buckets"][0]["region"] == "eu-west-1"
    assert_failed(
        task("bucket_default_encryption", buckets=["example-west"], encryption="SSE-KMS", kms_key=NO_KEY),
        "key_unusable",
        "is in us-east-1, but the bucket is in eu-west-1",
    )
    assert_failed(
        task("bucket_default_encryption", buckets=["example-west"], encryption="SSE-KMS", kms_key="alias/app"),
        "key_unusable",
        "There is no KMS key alias/app in eu-west-1",
    )
    assert_failed(
        task("s3_encrypted_object", bucket="example-west", key="a", content="x", encryption="SSE-KMS", kms_key=NO_KEY),
        "key_unusable",
        "is in us-east-1, but the bucket is in eu-west-1",
    )


@pytest.fixture(params=["missing", "disabled", "pending deletion", "asymmetric"])
def bad_key(request: pytest.FixtureRequest, kms: Any) -> tuple[str, str]:
    """A KMS key that S3 cannot encrypt with, and words of the message about it."""
    if request.param == "missing":
        return NO_KEY, "There is no KMS key"
    if request.param == "asymmetric":
        made = kms.create_key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")
        return made["KeyMetadata"]["Arn"], "symmetric keys only"
    arn: str = kms.create_key()["KeyMetadata"]["Arn"]
    if request.param == "disabled":
        kms.disable_key(KeyId=arn)
        return arn, "is disabled"
    kms.schedule_key_deletion(KeyId=arn, PendingWindowInDays=7)
    return arn, "is scheduled for deletion"


def test_unusable_kms_key(task: Task, bucket: str, bad_key: tuple[str, str]) -> None:
    """A key that S3 cannot use is refused before it is written, also in a check run."""
    arn, word = bad_key
    options = {"encryption": "SSE-KMS", "kms_key": arn}
    for check in (False, True):
        of_rule = task("bucket_default_encryption", check=check, buckets=[bucket], **options)
        assert_failed(of_rule, "key_unusable", word)
        of_object = task("s3_encrypted_object", check=check, bucket=bucket, key="a", content="x", **options)
        assert_failed(of_object, "key_unusable", word)


OBJECTS: list[tuple[str, Options, list[str]]] = [
    (
        "s3_encrypted_object",
        {"content": "x", "encryption": "SSE-C", "customer_key": "short"},
        ["customer_key is 5 characters long", "256 bits"],
    ),
    (
        "s3_encrypted_object",
        {"content": "x", "encryption": "SSE-S3", "kms_key": "alias/app"},
        ["kms_key has no effect with encryption: SSE-S3", "SSE-KMS"],
    ),
    ("s3_encrypted_object", {"src": ""}, ["src is empty"]),
    ("s3_encrypted_object", {"src": "/dev/zero"}, ["not a regular file"]),
    ("s3_encrypted_object", {"content": "x", "encryption": "SSE-KMS", "kms_key": ""}, ["kms_key is empty"]),
    ("s3_encrypted_object", {"state": "absent", "version_id": ""}, ["version_id is empty"]),
    ("s3_encrypted_object", {"content": "x", "metadata": {"A": "1", "a": "2"}}, ["named twice"]),
    ("s3_encrypted_object", {"content": "x", "metadata": {"a": "one\ntwo"}}, ["metadata.a has characters"]),
    ("s3_encrypted_object", {"content_base64": "éé=="}, ["not base64"]),
    ("s3_encrypted_object", {"src": "/nowhere/file"}, ["/nowhere/file does not exist"]),
    ("s3_encrypted_object", {"content": "x", "tags": {"aws:x": "y"}}, ["aws:x cannot be written"]),
    *(
        (module, {**options, "bucket": name}, ["Write logs."])
        for module, options in (
            ("s3_encrypted_object", {"content": "x"}),
            ("s3_encrypted_object_info", {}),
            ("s3_encrypted_object_download", {"dest": "/tmp/never"}),
        )
        for name in ("arn:aws:s3:::logs", "s3://logs")
    ),
    (
        "s3_encrypted_object",
        {"content": "x", "encryption": "SSE-KMS", "kms_key": "aws/s3"},
        ["For an alias, write alias/aws/s3."],
    ),
    ("s3_encrypted_object", {"src": "/tmp"}, ["/tmp is a directory"]),
    ("s3_encrypted_object", {"content_base64": "%"}, ["not base64"]),
    ("s3_encrypted_object", {"content": "x", "encryption": "SSE-C"}, ["encryption: SSE-C needs a key"]),
    (
        "s3_encrypted_object",
        {"content": "x", "encryption": "SSE-C", "customer_key_file": "/nowhere/key"},
        ["/nowhere/key cannot be read", "customer_key_generate"],
    ),
    (
        "s3_encrypted_object_download",
        {"dest": "/tmp/never", "encryption_context": {"a": "\ud800"}},
        ["encryption_context has half of a surrogate pair"],
    ),
    ("s3_encrypted_object_download", {"dest": "/nowhere/dest"}, ["/nowhere", "does not exist"]),
]


CSE_C: Options = {"content": "x", "encryption": "CSE-C", "customer_key": "1" * 32}
CSE_KMS: Options = {"content": "x", "encryption": "CSE-KMS", "kms_key": "alias/app"}
CLIENT_SIDE: list[tuple[Options, list[str]]] = [
    *(
        ({**options, "metadata": {name: "a"}}, [f"metadata: '{name.lower()}' belongs to client-side encryption"])
        for options in ({}, CSE_C)
        for name in ("x-amz-3", "X-Amz-Key-V2", "x-amz-unencrypted-content-length")
    ),
    *(
        ({**CSE_KMS, "encryption_context": {name: "a"}}, [f"{name!r} is reserved for AWS"])
        for name in ("aws:x-amz-cek-alg", "AWS:app")
    ),
    ({**CSE_KMS, "encryption_context": {"a": "é"}}, ["not ASCII"]),
    ({**CSE_KMS, "encryption_context": {"é": "a"}}, ["not ASCII"]),
    *(
        ({"content": "x", **encryption, **option}, [f"{name} has no effect", "set encryption: CSE-KMS or CSE-C"])
        for encryption in ({}, {"encryption": "SSE-S3"}, {"encryption": "SSE-KMS"})
        for name, option in (
            ("server_side", {"server_side": {"encryption": "SSE-KMS"}}),
            ("envelope", {"envelope": "metadata"}),
        )
    ),
    ({"state": "absent", "envelope": "metadata"}, ["envelope has no effect"]),
    ({**CSE_C, "server_side": {"encryption": "SSE-S3", "kms_key": "alias/app"}}, ["kms_key has no effect"]),
    ({**CSE_C, "server_side": {"encryption": "SSE-S3", "bucket_key_enabled": True}}, ["bucket_key_enabled has no"]),
    ({**CSE_C, "server_side": {"encryption": "SSE-KMS", "kms_key": ""}}, ["server_side.kms_key is empty"]),
    ({**CSE_C, "kms_key": "alias/app"}, ["kms_key has no effect with encryption: CSE-C"]),
    ({**CSE_C, "encryption_context": {"a": "b"}}, ["encryption_context has no effect with encryption: CSE-C"]),
    ({**CSE_C, "bucket_key_enabled": True}, ["bucket_key_enabled has no effect with encryption: CSE-C"]),
    ({**CSE_KMS, "customer_key": "1" * 32}, ["customer_key has no effect with encryption: CSE-KMS"]),
    ({**CSE_C, "customer_key": None}, ["encryption: CSE-C needs a key"]),
    ({**CSE_C, "customer_key": "short"}, ["customer_key is 5 characters long"]),
]


def test_bad_options_of_client_side_encryption(task: Task, bucket: str, lab: Any) -> None:
    """Contradictions, and what other clients cannot read, are reported before any call, in both modes."""
    lab.calls.clear()
    for options, words in CLIENT_SIDE:
        for check in (True, False):
            result = task("s3_encrypted_object", check=check, bucket=bucket, key="a", **options)
            assert_failed(result, "invalid", *words)
    assert lab.calls.operations() == []


def test_kinds_that_an_option_does_not_have(task: Task, bucket: str, lab: Any) -> None:
    """SSE-C under client-side encryption, a client-side kind for the ciphertext, and one as the default of a bucket."""
    lab.calls.clear()
    for kind in ("SSE-C", "CSE-KMS", "CSE-C"):
        refused = task("s3_encrypted_object", bucket=bucket, key="a", **{**CSE_C, "server_side": {"encryption": kind}})
        assert f"got: {kind} found in server_side" in refused["msg"]
    for kind in ("CSE-KMS", "CSE-C"):
        refused = task("bucket_default_encryption", buckets=[bucket], encryption=kind)
        assert f"got: {kind}" in refused["msg"]
    assert lab.calls.operations() == []


def test_a_content_of_64_gib_is_not_read(task: Task, bucket: str, tmp_path: Path, key_arn: str, lab: Any) -> None:
    """AES-GCM encrypts less than that in one message, so neither is anything sent, nor a data key made."""
    large = tmp_path / "large"
    large.touch()
    os.truncate(large, 2**36 - 31)
    for options in (CSE_C, CSE_KMS):
        for check in (True, False):
            named = {name: value for name, value in options.items() if name != "content"} | {"src": str(large)}
            refused = task("s3_encrypted_object", check=check, bucket=bucket, key="a", **named)
            assert_failed(refused, "invalid", "The content has 68719476705 bytes", "up to 68719476704 bytes")
    assert not {"GenerateDataKey", "CreateMultipartUpload"} & set(lab.calls.operations())


def test_a_kms_key_that_client_side_encryption_cannot_use(task: Task, bucket: str, bad_key: tuple[str, str]) -> None:
    """It is refused in both modes, before any write."""
    arn, word = bad_key
    for check in (True, False):
        options = {**CSE_KMS, "kms_key": arn}
        assert_failed(task("s3_encrypted_object", check=check, bucket=bucket, key="a", **options), "key_unusable", word)


def test_kms_keys_of_client_side_encryption(task: Task, bucket: str, lab: Any, kms: Any) -> None:
    """None, and one of another region."""
    for check in (True, False):
        none = task("s3_encrypted_object", check=check, bucket=bucket, key="a", **{**CSE_KMS, "kms_key": None})
        assert_failed(none, "invalid", "encryption: CSE-KMS needs a KMS key", "Name it in kms_key")
        west = NO_KEY.replace("us-east-1", "eu-west-1")
        there = task("s3_encrypted_object", check=check, bucket=bucket, key="a", **{**CSE_KMS, "kms_key": west})
        assert_failed(there, "key_unusable", "is in eu-west-1, but the bucket is in us-east-1")


def test_bad_options_of_objects(task: Task, bucket: str, lab: Any) -> None:
    """Contradictions and missing files are reported before any call."""
    lab.calls.clear()
    for module, options, words in OBJECTS:
        assert_failed(task(module, **{"bucket": bucket, "key": "a", **options}), "invalid", *words)
    assert lab.calls.operations() == []


BUCKETS: list[tuple[Options, list[str]]] = [
    ({"encryption": "SSE-S3", "kms_key": "alias/app"}, ["kms_key has no effect"]),
    ({"state": "absent", "encryption": "SSE-S3"}, ["encryption has no effect"]),
    ({}, ["has no option to set"]),
    ({"buckets": ["s3://x"], "encryption": "SSE-S3"}, ["not the name of a bucket. Write x."]),
    ({"encryption": "SSE-S3", "concurrency": 0}, ["concurrency: 0 is out of bounds"]),
]


def test_bad_options_of_buckets(task: Task, bucket: str, lab: Any) -> None:
    """Contradictions are reported before any call."""
    lab.calls.clear()
    for options, words in BUCKETS:
        assert_failed(task("bucket_default_encryption", **{"buckets": [bucket], **options}), "invalid", *words)
    assert lab.calls.operations() == []


KEYS: list[tuple[Options, list[str]]] = [
    ({"alias": "a", "tags": {"AWS:x": "y"}}, ["tags: AWS:x cannot be written"]),
    ({"alias": "alias/aws/mine"}, ["is not a valid alias"]),
    ({"alias": "a", "users": ["bob"]}, ["users: 'bob' is not the ARN"]),
    ({"alias": "a", "rotation_period_in_days": 10}, ["90 to 2560"]),
    ({"alias": "a", "rotate_if_older_than_days": 0}, ["is not a number of days"]),
    ({"alias": "a", "rotation_enabled": False, "rotation_period_in_days": 100}, ["has no effect"]),
    ({"alias": "a", "custom_key_store_id": "cks-1"}, ["has no effect"]),
    ({"alias": "a", "replica_regions": ["us-east-1"]}, ["is the region of the task"]),
    ({"alias": "a", "replica_regions": ["Ireland"]}, ["is not a region"]),
    ({"alias": "a", "replica_regions": ["eu-west-1"], "multi_region": False}, ["replica_regions has no effect"]),
    (
        {"alias": "a", "replica_regions": ["eu-west-1"], "origin": "AWS_CLOUDHSM", "custom_key_store_id": "cks-1"},
        ["does not support multi-Region keys"],
    ),
    ({"alias": "a", "xks_key_id": ""}, ["xks_key_id is empty"]),
    ({"alias": "a", "origin": "EXTERNAL", "rotation_enabled": True}, ["does not rotate"]),
    ({"alias": "a", "origin": "EXTERNAL", "rotation_period_in_days": 100}, ["does not rotate"]),
]


def test_bad_options_of_keys(task: Task, lab: Any) -> None:
    """What KMS would refuse is reported before any call. All origins are in the unit tests of the model."""
    lab.calls.clear()
    for options, words in KEYS:
        assert_failed(task("kms_key_for_s3", **options), "invalid", *words)
    assert lab.calls.operations() == []


CONCURRENT: list[tuple[str, Options]] = [
    ("bucket_default_encryption", {"buckets": ["example-bucket"], "encryption": "SSE-S3"}),
    ("bucket_default_encryption_info", {"select": {"names": ["*"]}}),
    ("bucket_encryption_policy", {"buckets": ["example-bucket"], "require_tls": True}),
    ("bucket_encryption_policy_info", {"buckets": ["example-bucket"]}),
    ("bucket_reencryption", {"bucket": "example-bucket"}),
    ("bucket_reencryption_info", {"bucket": "example-bucket"}),
    ("s3_encrypted_object", {"bucket": "example-bucket", "key": "a", "content": "x"}),
    ("s3_encrypted_object_info", {"bucket": "example-bucket", "prefix": ""}),
    ("s3_encrypted_object_info", {"bucket": "example-bucket", "key": "a"}),
    ("s3_encrypted_object_download", {"bucket": "example-bucket", "key": "a", "dest": "/tmp/never"}),
    ("s3_encrypted_sync", {"bucket": "example-bucket", "src": FOLDER}),
    ("s3_encrypted_sync", {"bucket": "example-bucket", "dest": "/tmp/never"}),
]


@pytest.mark.parametrize("concurrency", [0, 257, 30_000_000])
def test_concurrency_out_of_bounds(task: Task, lab: Any, concurrency: int) -> None:
    """Refused at once, before the SDK allocates a pool of so many connections."""
    lab.calls.clear()
    for module, options in CONCURRENT:
        result = task(module, concurrency=concurrency, **options)
        assert_failed(result, "invalid", f"concurrency: {concurrency} is out of bounds. Give 1 to 256.")
    assert lab.calls.operations() == []


EVERY_MODULE: list[tuple[str, Options]] = [
    ("bucket_default_encryption", {"buckets": ["example-bucket"], "encryption": "SSE-S3"}),
    ("bucket_default_encryption_info", {"buckets": ["example-bucket"]}),
    ("bucket_encryption_policy", {"buckets": ["example-bucket"], "require_tls": True}),
    ("bucket_encryption_policy_info", {"buckets": ["example-bucket"]}),
    ("bucket_reencryption", {"bucket": "example-bucket"}),
    ("bucket_reencryption_info", {"bucket": "example-bucket"}),
    ("s3_encrypted_object", {"bucket": "example-bucket", "key": "a", "content": "x"}),
    ("s3_encrypted_object_info", {"bucket": "example-bucket", "key": "a"}),
    ("s3_encrypted_object_download", {"bucket": "example-bucket", "key": "a", "dest": "/tmp/never"}),
    ("s3_encrypted_sync", {"bucket": "example-bucket", "src": FOLDER}),
    ("s3_encrypted_sync", {"bucket": "example-bucket", "dest": "/tmp/never"}),
    ("kms_key_for_s3", {"alias": "alias/new"}),
    ("kms_key_for_s3_info", {"alias": "alias/new"}),
]


def test_no_credentials(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without credentials, the message says how to set them."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    for module, options in EVERY_MODULE:
        assert_failed(task(module, **options), "credentials", "access_key")


def test_no_region(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a region, the message says how to set it."""
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    for module, options in EVERY_MODULE:
        assert_failed(task(module, **options), "invalid", "region")


def test_no_route(task: Task) -> None:
    """If nothing listens at the endpoint, the message names it."""
    once = {"retries": {"total_max_attempts": 1}}
    for module, options in EVERY_MODULE:
        result = task(module, endpoint_url="http://127.0.0.1:9", aws_config=once, **options)
        assert_failed(result, "unreachable", "127.0.0.1:9", "endpoint_url")


@pytest.fixture
def redirecting() -> Iterator[tuple[str, list[str]]]:
    """A server that redirects every request to https, and the requests that it got."""
    requests: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def _redirect(self) -> None:
            requests.append(self.command)
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(301)
            self.send_header("Location", f"https://store.example{self.path}")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_HEAD = do_PUT = do_POST = _redirect

        def log_message(self, *_arguments: object) -> None:
            """Log nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", requests
    server.shutdown()
    server.server_close()


def test_an_endpoint_that_redirects(task: Task, redirecting: tuple[str, list[str]]) -> None:
    """Such as from http to https: it is reported, without a loop of requests."""
    url, requests = redirecting
    for module, options in EVERY_MODULE:
        requests.clear()
        assert_failed(task(module, endpoint_url=url, **options), "invalid", "(301)", "from http to https")
        assert len(requests) <= 4


SURROGATE = "a\ud800b"


WITH_SURROGATES: list[tuple[str, Options, str]] = [
    ("s3_encrypted_object", {"bucket": "example-bucket", "key": SURROGATE, "content": "x"}, "key"),
    ("s3_encrypted_object", {"bucket": "example-bucket", "key": "a", "content": SURROGATE}, "content"),
    ("s3_encrypted_object", {"bucket": "example-bucket", "key": "a", "tags": {"team": SURROGATE}}, "tags"),
    ("s3_encrypted_object", {"bucket": "example-bucket", "key": "a", "metadata": {SURROGATE: "x"}}, "metadata"),
    (
        "s3_encrypted_object",
        {"bucket": "example-bucket", "key": "a", "encryption": "SSE-C", "customer_key": SURROGATE},
        "customer_key",
    ),
    ("s3_encrypted_object_info", {"bucket": "example-bucket", "prefix": SURROGATE}, "prefix"),
    ("s3_encrypted_object_download", {"bucket": "example-bucket", "key": SURROGATE, "dest": "/tmp/never"}, "key"),
    ("bucket_default_encryption", {"buckets": ["a", SURROGATE], "encryption": "SSE-S3"}, "buckets"),
    ("bucket_default_encryption_info", {"select": {"names": [SURROGATE]}}, "select"),
    ("kms_key_for_s3", {"alias": "app", "description": SURROGATE}, "description"),
    ("kms_key_for_s3_info", {"alias": SURROGATE}, "alias"),
    ("kms_key_for_s3_info", {"alias": "app", "secret_key": SURROGATE, "access_key": "a"}, "secret_key"),
]


def test_a_lone_surrogate(task: Task, lab: Any) -> None:
    """YAML turns the escape of half a surrogate pair into a text that no service accepts."""
    lab.calls.clear()
    for module, options, option in WITH_SURROGATES:
        result = task(module, **options)
        assert_failed(result, "invalid", f"{option} has half of a surrogate pair", "U+D800")
        json.dumps(result, ensure_ascii=False).encode()  # a strict controller accepts only UTF-8
    assert lab.calls.operations() == []


def test_a_file_name_that_is_not_text(task: Task, bucket: str, tmp_path: Path, s3: Any) -> None:
    """File names are bytes. Python represents undecodable ones as lone surrogates, which are accepted here."""
    name = os.fsencode(tmp_path) + b"/\xe4.txt"
    Path(os.fsdecode(name)).write_text("x")
    result = task("s3_encrypted_object", check=True, bucket=bucket, key="a", src=os.fsdecode(name))
    assert result["changed"], result
    missing = task("s3_encrypted_object", bucket=bucket, key="a", src=os.fsdecode(name + b"x"))
    assert "\\udce4.txtx does not exist" in missing["msg"]
    json.dumps([result, missing], ensure_ascii=False).encode()


@pytest.mark.parametrize("endpoint", ["nonsense", "http://", "ftp://127.0.0.1/"])
def test_an_invalid_endpoint(task: Task, endpoint: str) -> None:
    """An endpoint that is not a URL is reported without a traceback."""
    result = task("bucket_default_encryption_info", buckets=["example-bucket"], endpoint_url=endpoint)
    assert result["failed"]
    assert "endpoint_url" in result["msg"]


def test_options_that_the_sdk_does_not_know(task: Task) -> None:
    """A wrong name in aws_config is reported without a traceback."""
    result = task("bucket_default_encryption_info", buckets=["example-bucket"], aws_config={"wrong_name": 1})
    assert_failed(result, "invalid", "aws_config")


def test_an_unknown_profile(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    """A profile that is not configured is reported without a traceback."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert_failed(task("kms_key_for_s3_info", alias="alias/a", profile="missing"), "credentials", "missing")
    select = {"regions": ["eu-west-1"]}
    assert_failed(task("bucket_default_encryption_info", select=select, profile="missing"), "credentials", "missing")


def test_a_destination_that_cannot_be_written(task: Task, bucket: str, s3: Any, tmp_path: Path) -> None:
    """A file in place of a directory is reported, and no other file remains."""
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    (tmp_path / "file").write_text("a file")
    result = task("s3_encrypted_object_download", bucket=bucket, key="a", dest=str(tmp_path / "file" / "a"))
    assert_failed(result, "invalid", "file")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_destination_that_is_not_a_regular_file(task: Task, bucket: str, s3: Any, tmp_path: Path) -> None:
    """A device or a pipe is not replaced with a file."""
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    os.mkfifo(tmp_path / "pipe")
    for dest in ("/dev/null", str(tmp_path / "pipe")):
        assert_failed(
            task("s3_encrypted_object_download", bucket=bucket, key="a", dest=dest), "invalid", "not a regular file"
        )
    assert Path("/dev/null").is_char_device()
