# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Fixtures that run modules as Ansible does, in this process, against a new lab for each test."""

from __future__ import annotations

import contextlib
import functools
import gc
import importlib
import io
import json
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any, Protocol

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.testing import patch_module_args
from botocore.client import BaseClient, ClientCreator

from . import sdk_caches

ACCOUNT = "123456789012"
REGION = "us-east-1"

Result = dict[str, Any]


# The entry point of each module. The file of a module contains only its documentation and this call.
FRONTEND = "ansible_collections.sealed.s3.plugins.module_utils.frontend"
ENTRIES = {
    "bucket_default_encryption": ("buckets.bucket_default_encryption", "main"),
    "bucket_default_encryption_info": ("buckets.bucket_default_encryption", "main_info"),
    "bucket_encryption_policy": ("buckets.bucket_encryption_policy", "main"),
    "bucket_encryption_policy_info": ("buckets.bucket_encryption_policy_info", "main"),
    "bucket_reencryption": ("objects.reencryption.bucket_reencryption", "main"),
    "bucket_reencryption_info": ("objects.reencryption.bucket_reencryption_info", "main"),
    "kms_key_for_s3": ("keys.kms_key_for_s3", "main"),
    "kms_key_for_s3_info": ("keys.kms_key_for_s3_info", "main"),
    "s3_encrypted_object": ("objects.s3_encrypted_object", "main"),
    "s3_encrypted_object_download": ("objects.s3_encrypted_object_download", "main"),
    "s3_encrypted_object_info": ("objects.s3_encrypted_object_info", "main"),
    "s3_encrypted_sync": ("objects.sync.s3_encrypted_sync", "main"),
}


class TestClock:
    """The clock of the modules in tests: no wait takes time. `slept` has the seconds of each wait.

    `on_sleep` is called with the seconds, for example to advance the clock of the lab.
    """

    __test__ = False

    def __init__(self) -> None:
        self.slept: list[float] = []
        self.offset = timedelta()
        self.on_sleep: Callable[[float], object] = lambda seconds: None

    def now(self) -> datetime:
        """The current time plus all waits."""
        return datetime.now(timezone.utc) + self.offset

    def monotonic(self) -> float:
        """Seconds plus all waits."""
        return time.monotonic() + self.offset.total_seconds()

    def sleep(self, seconds: float) -> None:
        """Record the wait, and advance this clock."""
        self.slept.append(seconds)
        self.offset += timedelta(seconds=seconds)
        self.on_sleep(seconds)


class LabClock(TestClock):
    """The clock of the lab. A wait advances it, so that the lab completes pending operations."""

    __test__ = False

    def __init__(self, lab: Any) -> None:
        super().__init__()
        self._lab = lab
        self.on_sleep = lambda seconds: lab.clock.advance(seconds=seconds)

    def now(self) -> datetime:
        """The time of the lab."""
        return datetime.fromtimestamp(self._lab.clock.now(), timezone.utc)


class Task(Protocol):
    """Runs one task with the test's clock, and returns its result.

    `timeouts` replace those that the module's entry point has by default.
    """

    def __call__(self, module: str, *, check: Any = False, timeouts: Any = None, **options: Any) -> Result:
        """Run this module."""


@pytest.fixture(autouse=True, scope="session")
def sdk_computes_once() -> Iterator[None]:
    """Each session and each client of the SDK parses and searches megabytes, and each test creates several."""
    with pytest.MonkeyPatch.context() as patch:
        sdk_caches.install(patch.setattr)
        yield


def _untraced(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, without the tracer of a coverage run, which costs time for each call of the SDK."""

    @functools.wraps(function)
    def call(*arguments: Any, **named: Any) -> Any:
        tracer = sys.gettrace()
        sys.settrace(None)
        try:
            return function(*arguments, **named)
        finally:
            sys.settrace(tracer)

    return call


@pytest.fixture(autouse=True, scope="session")
def sdk_is_not_traced() -> Iterator[None]:
    """Measure the coverage of the collection only. What the SDK calls back is covered by the unit tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ClientCreator, "create_client", _untraced(ClientCreator.create_client))
        client: Any = BaseClient
        patch.setattr(client, "_make_api_call", _untraced(client._make_api_call))
        yield


# The files whose tests repeat what others do, at each moment, in each combination, or at random: under a tracer, they
# take a third more processor time, and the lines that they run are those of the others.
REPEATING = (
    *("account_scale", "bucket_policy_effects", "bucket_policy_laws", "bucket_policy_races", "client_side_races"),
    *("client_side_secrets", "client_side_tampering", "fuzz", "kinds", "object_histories", "permissions"),
    *("policy_matrix", "reencryption_matrix", "reencryption_scale"),
)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Measure the coverage of the tests that do not repeat others."""
    tracer, of_threads = sys.gettrace(), threading.gettrace()
    if tracer is None or item.path.stem.removeprefix("test_") not in REPEATING:
        return (yield)
    sys.settrace(None)
    threading.settrace(None)
    try:
        return (yield)
    finally:
        threading.settrace(of_threads)
        sys.settrace(tracer)


@pytest.fixture(autouse=True, scope="session")
def garbage_is_collected_less_often() -> Iterator[None]:
    """The models of the SDK are many objects that live as long as the tests, and each collection visits them."""
    before = gc.get_threshold()
    gc.set_threshold(50_000, 20, 50)
    yield
    gc.set_threshold(*before)


@pytest.fixture(autouse=True)
def environment(lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Configure boto3 for the lab, and for no real account."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "the-lab-accepts-any-key",
        "AWS_REGION": REGION,
        "AWS_ENDPOINT_URL": lab.url,
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)


@pytest.fixture
def at_aws(lab: Any, environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lab in the place of AWS: no endpoint is set, and AWS's host names lead to the lab, over TLS."""
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    for name, value in lab.aws_environment().items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def clock() -> TestClock:
    """The clock of the modules."""
    return TestClock()


@pytest.fixture
def task(monkeypatch: pytest.MonkeyPatch, clock: TestClock) -> Task:
    """Runs a module of the collection. The result has its warnings as plain text."""
    warned: list[str] = []
    monkeypatch.setattr(AnsibleModule, "warn", lambda module, warning: warned.append(warning))

    def run(module: str, *, check: bool = False, timeouts: tuple[float, float] | None = None, **options: Any) -> Result:
        warned.clear()
        entry_options = {"timeouts": timeouts} if timeouts else {}
        place, function = ENTRIES[module]
        main = getattr(importlib.import_module(f"{FRONTEND}.{place}"), function)
        written = io.StringIO()
        arguments = {**options, "_ansible_check_mode": check, "_ansible_diff": True}
        with (
            patch_module_args(arguments),
            contextlib.redirect_stdout(written),
            contextlib.suppress(SystemExit),
        ):
            main(clock, **entry_options)
        result: Result = json.loads(written.getvalue())
        json.dumps(result.pop("invocation", None), ensure_ascii=False).encode()  # Ansible accepts only UTF-8
        if warned:
            result["warnings"] = list(warned)
        return result

    return run


@pytest.fixture(scope="session")
def client_of_service(lab_server: Any) -> Callable[[str], Any]:
    """Returns the SDK's client of a service, the same one for all tests. It has no state of a test."""
    return functools.cache(lambda service: lab_server.client(service, region=REGION, account=ACCOUNT))


@pytest.fixture
def s3(lab: Any, client_of_service: Callable[[str], Any]) -> Any:
    """An S3 client of the SDK, to prepare and to check."""
    return client_of_service("s3")


@pytest.fixture
def kms(lab: Any, client_of_service: Callable[[str], Any]) -> Any:
    """A KMS client of the SDK, to prepare and to check."""
    return client_of_service("kms")


@pytest.fixture
def bucket(s3: Any) -> str:
    """A new bucket, with S3's defaults."""
    s3.create_bucket(Bucket="example-bucket")
    return "example-bucket"


@pytest.fixture
def open_bucket(s3: Any, bucket: str) -> str:
    """A bucket that does not block SSE-C."""
    rule = {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
        "BlockedEncryptionTypes": {"EncryptionType": ["NONE"]},
    }
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
    return bucket


@pytest.fixture
def key_arn(kms: Any) -> str:
    """A KMS key with the alias alias/app."""
    arn: str = kms.create_key()["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName="alias/app", TargetKeyId=arn)
    return arn


@pytest.fixture
def calls(lab: Any) -> Callable[[], list[str]]:
    """A function that returns the operations since its last call."""
    lab.calls.clear()

    def since() -> list[str]:
        operations = list(lab.calls.operations())
        lab.calls.clear()
        return operations

    return since
