# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Which endpoints are AWS's own."""

from __future__ import annotations

import functools
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import botocore.session
import pytest

from ansible_collections.sealed.s3.plugins.module_utils.aws.endpoints import is_aws_endpoint
from ansible_collections.sealed.s3.plugins.module_utils.aws.session import Clients, Connection

VPCE = "vpce-0295a3caf8414c94a-dfm9tr04"


@functools.cache
def session() -> Any:
    """One session for all tests, because it caches the data of the SDK."""
    return botocore.session.Session()


def is_aws(service: str, url: str, region: str = "us-east-1") -> bool:
    """The answer for a client with this endpoint."""
    meta = SimpleNamespace(endpoint_url=url, region_name=region, service_model=session().get_service_model(service))
    own: bool = is_aws_endpoint(session(), SimpleNamespace(meta=meta))
    return own


OWN = [
    ("s3", "s3.us-east-1.amazonaws.com"),
    ("s3", "S3.us-east-1.amazonaws.com"),
    ("s3", "s3.us-east-1.amazonaws.com:443"),
    ("s3", "s3.eu-central-1.amazonaws.com"),  # another region than the client's
    ("s3", "s3.amazonaws.com"),  # the global endpoint
    ("s3", "s3-fips.us-east-2.amazonaws.com"),
    ("s3", "s3-fips.aws-global.amazonaws.com"),  # the endpoint of a client with FIPS in us-east-1
    ("s3", "s3.dualstack.eu-west-1.amazonaws.com"),
    ("s3", "s3-fips.dualstack.us-west-2.amazonaws.com"),
    ("s3", "s3-accelerate.amazonaws.com"),
    ("s3", "s3-accelerate.dualstack.amazonaws.com"),
    ("s3", "mine.s3-accelerate.amazonaws.com"),
    ("s3", "mine.s3.eu-west-1.amazonaws.com"),  # virtual-hosted
    ("s3", "mine--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com"),
    ("s3", "s3.cn-north-1.amazonaws.com.cn"),
    ("s3", "s3.us-gov-west-1.amazonaws.com"),
    ("s3", "s3.eusc-de-east-1.amazonaws.eu"),
    ("s3", "s3.us-iso-east-1.c2s.ic.gov"),
    ("s3", f"bucket.{VPCE}.s3.us-east-1.vpce.amazonaws.com"),
    ("s3", f"accesspoint.{VPCE}-us-east-1a.s3.us-east-1.vpce.amazonaws.com"),
    ("s3", f"bucket.{VPCE}.s3.cn-north-1.vpce.amazonaws.com.cn"),
    ("s3control", f"control.{VPCE}.s3.us-east-1.vpce.amazonaws.com"),
    ("s3control", "s3-control.us-east-1.amazonaws.com"),
    ("s3control", "123456789012.s3-control.us-east-1.amazonaws.com"),
    ("kms", "kms.us-east-1.amazonaws.com"),
    ("kms", "kms-fips.us-east-1.amazonaws.com"),
    ("kms", "kms.us-east-1.api.aws"),
    ("kms", "kms-fips.us-gov-west-1.api.aws"),
    ("kms", f"{VPCE}.kms.us-east-1.vpce.amazonaws.com"),
    ("kms", f"{VPCE}-us-east-1a.kms-fips.us-east-1.vpce.amazonaws.com"),
    ("cloudtrail", "cloudtrail.eu-west-1.amazonaws.com"),
    ("resourcegroupstaggingapi", "tagging.us-east-1.amazonaws.com"),
    ("sts", "sts.amazonaws.com"),
    ("iam", "iam.amazonaws.com"),
    ("iam", "iam.us-gov.amazonaws.com"),
]

FOREIGN = [
    # Servers of users in AWS's domains: load balancers, an instance, APIs, functions, distributions, websites.
    ("s3", "store-1234567890.us-east-1.elb.amazonaws.com"),
    ("s3", "store-1234567890abcdef.elb.us-east-1.amazonaws.com"),
    ("s3", "s3-1234567890.us-east-1.elb.amazonaws.com"),
    ("s3", "ec2-203-0-113-25.compute-1.amazonaws.com"),
    ("s3", "ec2-203-0-113-25.us-east-2.compute.amazonaws.com"),
    ("s3", "ip-10-0-0-1.ec2.internal"),
    ("s3", "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"),
    ("s3", "abcdefghij.lambda-url.us-east-1.on.aws"),
    ("s3", "d111111abcdef8.cloudfront.net"),
    ("s3", "mine.s3-website-us-east-1.amazonaws.com"),
    ("s3", "mine-123456789012.s3-object-lambda.us-east-1.amazonaws.com"),
    ("s3", "store.us-east-1.cs.amazonlightsail.com"),
    ("s3", f"{VPCE}.vpce-svc-0a1b2c3d4e5f67890.us-east-1.vpce.amazonaws.com"),
    # Another service, another partition's domain, and a region that does not exist.
    ("s3", "kms.us-east-1.amazonaws.com"),
    ("kms", "s3.us-east-1.amazonaws.com"),
    ("kms", f"{VPCE}.s3.us-east-1.vpce.amazonaws.com"),
    ("s3", "s3.us-east-1.amazonaws.com.cn"),
    ("s3", "s3.cn-north-1.amazonaws.com"),
    ("s3", "s3.us-east-99.amazonaws.com"),
    ("s3", f"bucket.{VPCE}.s3.us-east-99.vpce.amazonaws.com"),
    ("s3", "us-east-1.amazonaws.com"),
    ("s3", "amazonaws.com"),
    # Names that only look like AWS's.
    ("s3", "s3.us-east-1.amazonaws.com.store.example"),
    ("s3", "s3.us-east-1.amazonaws.com."),
    ("s3", "s3.us-east-1.evil-amazonaws.com"),
    ("s3", "a.mine.s3.us-east-1.amazonaws.com"),
    ("s3", f"evil.example.{VPCE}.s3.us-east-1.vpce.amazonaws.com"),
    ("s3", "user@store.example"),
    ("s3", "s3.us-east-1.amazonaws.com@store.example"),
    ("s3", "store.aws"),
    ("s3", "127.0.0.1"),
    ("s3", "[::1]"),
    # Another port is another server.
    ("s3", "s3.us-east-1.amazonaws.com:9000"),
    ("s3", "s3.us-east-1.amazonaws.com:99999"),
]


@pytest.mark.parametrize(("service", "host"), OWN, ids=str)
def test_the_sdk_has_rules_for_the_host(service: str, host: str) -> None:
    """AWS's own endpoint, if it is used with TLS."""
    assert is_aws(service, f"https://{host}")
    assert not is_aws(service, f"http://{host}")


@pytest.mark.parametrize(("service", "host"), FOREIGN, ids=str)
def test_a_domain_proves_nothing(service: str, host: str) -> None:
    """A server that is not the service's own."""
    assert not is_aws(service, f"https://{host}")


def test_a_region_that_is_newer_than_the_sdk() -> None:
    """The region of the task counts if AWS could have a region of that name."""
    assert is_aws("s3", "https://s3.us-east-99.amazonaws.com", "us-east-99")
    assert not is_aws("s3", "https://s3.elb.amazonaws.com", "elb")


OPTIONS = {"aws_access_key_id": "AKIAEXAMPLE", "aws_secret_access_key": "secret"}
KMS = "https://kms.eu-west-1.amazonaws.com"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment that names no endpoint."""
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_KMS", "AWS_PROFILE", "AWS_USE_FIPS_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    return monkeypatch


@pytest.mark.parametrize(
    ("url", "verify", "custom"),
    [
        (None, True, False),
        (None, "/etc/ssl/authority.pem", False),
        (None, False, True),
        (KMS, True, False),
        (KMS, False, True),
        ("https://store.example", True, True),
        ("http://kms.eu-west-1.amazonaws.com", True, True),
    ],
)
def test_an_option(environment: pytest.MonkeyPatch, url: str | None, verify: bool | str, custom: bool) -> None:
    """Without a check of certificates, any server can have AWS's name."""
    clients = Clients(Connection("us-east-1", url, options={**OPTIONS, "verify": verify}))
    assert clients.custom_endpoint("kms") is custom
    assert clients.custom_endpoint("kms") is custom


@pytest.mark.parametrize("variable", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_KMS"])
@pytest.mark.parametrize(("url", "custom"), [(KMS, False), ("https://kms-1.eu-west-1.elb.amazonaws.com", True)])
def test_the_environment(environment: pytest.MonkeyPatch, variable: str, url: str, custom: bool) -> None:
    """The SDK takes endpoints from there too."""
    environment.setenv(variable, url)
    assert Clients(Connection("us-east-1", options=OPTIONS)).custom_endpoint("kms") is custom


@pytest.mark.parametrize(("url", "custom"), [(KMS, False), ("https://store.example", True)])
def test_a_configuration_file(environment: pytest.MonkeyPatch, tmp_path: Path, url: str, custom: bool) -> None:
    """The SDK takes endpoints from there too."""
    config = tmp_path / "config"
    config.write_text(f"[default]\nendpoint_url = {url}\n")
    environment.setenv("AWS_CONFIG_FILE", str(config))
    assert Clients(Connection("us-east-1", options=OPTIONS)).custom_endpoint("kms") is custom


def test_transfer_acceleration_has_no_path_style(environment: pytest.MonkeyPatch) -> None:
    """Its only host names are those of buckets. All other endpoints that a task sets get path-style requests."""
    for url, address in {
        "https://s3-accelerate.amazonaws.com": "https://mine.s3-accelerate.amazonaws.com/key",
        "https://s3.us-east-1.amazonaws.com": "https://s3.us-east-1.amazonaws.com/mine/key",
        "https://store.example": "https://store.example/mine/key",
    }.items():
        client = Clients(Connection("us-east-1", url, options=OPTIONS)).get("s3")
        signed: str = client.generate_presigned_url("get_object", Params={"Bucket": "mine", "Key": "key"})
        assert signed.partition("?")[0] == address
