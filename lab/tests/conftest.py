# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Fixtures of the tests, and the conformance result at the end of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from sealed_lab import RunningLab
from sealed_lab.pytest_plugin import lab, lab_server

__all__ = ["lab", "lab_server"]  # so that they are found where the package is not installed

_KINDS = {
    "behaviour": "AWS's behaviour",
    "enforcement": "policy enforcement",
    "recorded": "answers that were recorded from AWS",
}
_counted: Counter[str] = Counter()
_passed: Counter[str] = Counter()


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers of the conformance cases."""
    config.addinivalue_line("markers", "behaviour: a documented behaviour of AWS")
    config.addinivalue_line("markers", "enforcement: a documented effect of a policy")
    config.addinivalue_line("markers", "recorded: answers that were recorded from AWS")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count the conformance cases."""
    if report.when != "call" and not report.failed:
        return
    for kind in _KINDS:
        if kind in report.keywords:
            cases = int(str(dict(report.user_properties).get("cases", 1)))
            _counted[kind] += cases
            _passed[kind] += cases * report.passed


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the conformance result."""
    for kind, title in _KINDS.items():
        if _counted[kind]:
            terminalreporter.write_line(f"conformance, {title}: {_passed[kind]} of {_counted[kind]}")


@pytest.fixture(scope="session")
def clients(lab_server: RunningLab) -> dict[str, Any]:
    """One client for each service, because creating a client takes longer than most tests."""
    return {name: lab_server.client(name) for name in ("s3", "s3control", "kms", "sts", "iam", "cloudtrail")}


@pytest.fixture
def s3(lab: RunningLab, clients: dict[str, Any]) -> Any:
    """A client for S3 in us-east-1, as the root user of the default account."""
    return clients["s3"]


@pytest.fixture
def s3control(lab: RunningLab, clients: dict[str, Any]) -> Any:
    """A client for S3 Control in us-east-1."""
    return clients["s3control"]


@pytest.fixture
def kms(lab: RunningLab, clients: dict[str, Any]) -> Any:
    """A client for KMS in us-east-1."""
    return clients["kms"]


@pytest.fixture
def sts(lab: RunningLab, clients: dict[str, Any]) -> Any:
    """A client for STS."""
    return clients["sts"]


@pytest.fixture
def iam(lab: RunningLab, clients: dict[str, Any]) -> Any:
    """A client for IAM."""
    return clients["iam"]


@pytest.fixture
def cloudtrail(lab: RunningLab, clients: dict[str, Any]) -> Any:
    """A client for CloudTrail in us-east-1."""
    return clients["cloudtrail"]


@pytest.fixture
def key(kms: Any) -> dict[str, Any]:
    """The metadata of a symmetric KMS key."""
    metadata: dict[str, Any] = kms.create_key()["KeyMetadata"]
    return metadata


@pytest.fixture
def new_bucket(s3: Any) -> Callable[..., str]:
    """Creates buckets: ``new_bucket()``, ``new_bucket(client, **options)``."""
    count = 0

    def create(client: Any = None, **options: Any) -> str:
        nonlocal count
        count += 1
        name = f"bucket-{count:03d}"
        (client or s3).create_bucket(Bucket=name, **options)
        return name

    return create


@pytest.fixture
def bucket(new_bucket: Callable[..., str]) -> str:
    """A new bucket."""
    return new_bucket()


@pytest.fixture
def sse_c_bucket(s3: Any, bucket: str) -> str:
    """A bucket that does not block SSE-C."""
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    s3.put_bucket_encryption(
        Bucket=bucket,
        ServerSideEncryptionConfiguration={"Rules": [{**rule, "BlockedEncryptionTypes": {"EncryptionType": ["NONE"]}}]},
    )
    return bucket
