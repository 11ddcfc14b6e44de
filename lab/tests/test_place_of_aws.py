# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The lab under AWS's own host names: TLS, virtual-hosted addresses, and no way out of the machine."""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ProxyConnectionError, SSLError
from client_calls import BODY, MIB, read_object

from sealed_lab import FaultKind, RunningLab
from sealed_lab.host_names import HostName, parse_host_name


@pytest.fixture
def aws(lab: RunningLab, monkeypatch: pytest.MonkeyPatch) -> RunningLab:
    """The lab in the place of AWS, with enforced signatures."""
    for name, value in lab.aws_environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    lab.enforcing = True
    return lab


def client(service: str, region: str = "us-east-1", secret: str = "test", **config: Any) -> Any:
    """A client of the SDK that knows nothing of the lab."""
    create: Any = boto3.client
    return create(
        service,
        region,
        aws_access_key_id="123456789012",
        aws_secret_access_key=secret,
        config=Config(retries={"max_attempts": 0}, **config),
    )


@pytest.mark.parametrize("style", ["virtual", "path"])
def test_addresses_of_s3(aws: RunningLab, style: str) -> None:
    """With the bucket in the host name, or in the path, and with all that a key can have."""
    s3 = client("s3", "eu-west-1", s3={"addressing_style": style})
    s3.create_bucket(Bucket="mine", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    for key in ("plain", "a b+c", "é/ü//x", "_lab/health", "/leading"):
        s3.put_object(Bucket="mine", Key=key, Body=BODY)
        assert read_object(s3, "mine", key) == BODY
    assert len(s3.list_objects_v2(Bucket="mine")["Contents"]) == 5
    s3.upload_fileobj(io.BytesIO(b"y" * 9 * MIB), "mine", "big")
    assert s3.head_object(Bucket="mine", Key="big")["ContentLength"] == 9 * MIB
    link = s3.generate_presigned_url("get_object", Params={"Bucket": "mine", "Key": "a b+c"})
    assert urlsplit(link).hostname == ("mine." if style == "virtual" else "") + "s3.eu-west-1.amazonaws.com"
    trust = ssl.create_default_context(cafile=aws.ca_file)
    with urllib.request.urlopen(link, context=trust, timeout=20) as response:
        assert response.read() == BODY
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        client("s3", "eu-west-1", "wrong", s3={"addressing_style": style}).list_objects_v2(Bucket="mine")


def test_every_service(aws: RunningLab) -> None:
    """Each under its own names, with variants."""
    client("kms").create_key()
    assert client("kms", use_fips_endpoint=True, use_dualstack_endpoint=True).list_keys()["Keys"]
    assert client("sts").get_caller_identity()["Account"] == "123456789012"
    assert client("sts", "eu-west-1").get_caller_identity()["Account"] == "123456789012"
    assert client("iam").list_users()["Users"] == []
    assert client("resourcegroupstaggingapi").get_resources()["ResourceTagMappingList"] == []
    assert client("cloudtrail").lookup_events()["Events"]
    assert client("s3control").list_jobs(AccountId="123456789012")["Jobs"] == []
    s3 = client("s3", use_dualstack_endpoint=True)
    s3.create_bucket(Bucket="dotted.name")
    assert [each["Name"] for each in s3.list_buckets()["Buckets"]] == ["dotted.name"]


def test_a_bucket_of_another_region(aws: RunningLab) -> None:
    """The SDK follows the redirect to the host name of the other region."""
    there = {"LocationConstraint": "eu-west-1"}
    client("s3", "eu-west-1").create_bucket(Bucket="mine", CreateBucketConfiguration=there)
    client("s3").put_object(Bucket="mine", Key="a", Body=b"x")
    assert client("s3", "eu-west-1").head_object(Bucket="mine", Key="a")["ContentLength"] == 1


@pytest.mark.parametrize("fault", ["reset_after", "lost_answer", "cut_answer", "reset_before"])
def test_dropped_connections(aws: RunningLab, fault: FaultKind) -> None:
    """Faults of connections do the same in a tunnel. urllib3 reports some as failures of the proxy."""
    s3 = client("s3")
    s3.create_bucket(Bucket="mine")
    s3.put_object(Bucket="mine", Key="a", Body=b"x" * MIB)
    aws.faults.add(fault, operation="GetObject")
    with pytest.raises(Exception, match=r"(?i)proxy|incomplete|broken|read"):
        s3.get_object(Bucket="mine", Key="a")["Body"].read()
    assert len(s3.get_object(Bucket="mine", Key="a")["Body"].read()) == MIB


def test_a_client_that_does_not_trust_the_authority(aws: RunningLab, monkeypatch: pytest.MonkeyPatch) -> None:
    """No request is answered without TLS that the client verifies. The lab goes on."""
    monkeypatch.delenv("AWS_CA_BUNDLE")
    with pytest.raises(SSLError):
        client("sts").get_caller_identity()
    monkeypatch.setenv("AWS_CA_BUNDLE", str(aws.ca_file))
    assert client("sts").get_caller_identity()


@pytest.mark.parametrize(
    "target",
    [
        "store.example:443",
        "dynamodb.us-east-1.amazonaws.com:443",
        "s3.us-east-1.amazonaws.com:80",
        "s3.us-east-99.amazonaws.com:443",
        "s3.cn-north-1.amazonaws.com.cn:443",
        "lb-1.us-east-1.elb.amazonaws.com:443",
        "127.0.0.1:443",
        "[::1]:443",
        "",
    ],
)
def test_no_tunnel_leaves_the_machine(lab: RunningLab, monkeypatch: pytest.MonkeyPatch, target: str) -> None:
    """Another host is refused with a status. The lab opens no connection and resolves no name."""
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: pytest.fail("a name was resolved"))
    with socket.socket() as connection:
        connection.connect(("127.0.0.1", int(lab.url.rpartition(":")[2])))
        connection.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 403 The lab plays no service at")


def test_the_sdk_reports_a_refused_host(aws: RunningLab) -> None:
    """As a failure of the proxy."""
    with pytest.raises(ProxyConnectionError):
        client("dynamodb").list_tables()


def test_a_proxy_for_https_only(lab: RunningLab) -> None:
    """A plain request for another server is refused, and not answered in its name."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": lab.url}))
    with pytest.raises(urllib.error.HTTPError, match="403"):
        opener.open("http://store.example/", timeout=20)


def test_a_tunnel_has_no_control_requests(aws: RunningLab) -> None:
    """A bucket can have objects of such names. A host name that is not AWS's is refused."""
    port = int(aws.url.rpartition(":")[2])
    connection = http.client.HTTPSConnection(
        "127.0.0.1", port, timeout=20, context=ssl.create_default_context(cafile=aws.ca_file)
    )
    connection.set_tunnel("s3.us-east-1.amazonaws.com", 443)
    connection.request("GET", "/_lab/health")
    assert connection.getresponse().read().startswith(b"<?xml")
    connection.request("GET", "/", headers={"Host": "store.example"})
    assert connection.getresponse().status == 400
    connection.close()


@pytest.mark.parametrize(
    ("name", "service", "endpoint", "bucket"),
    [
        ("s3.amazonaws.com", "s3", "s3.amazonaws.com", ""),
        ("mine.s3.amazonaws.com", "s3", "s3.amazonaws.com", "mine"),
        ("mine.s3.dualstack.eu-west-1.amazonaws.com", "s3", "s3.dualstack.eu-west-1.amazonaws.com", "mine"),
        ("s3-fips.us-east-1.amazonaws.com", "s3", "s3-fips.us-east-1.amazonaws.com", ""),
        ("mine.s3-accelerate.amazonaws.com", "s3", "s3-accelerate.amazonaws.com", "mine"),
        ("1234.s3-control.us-east-1.amazonaws.com", "s3control", "s3-control.us-east-1.amazonaws.com", ""),
        ("kms.us-east-1.api.aws", "kms", "kms.us-east-1.api.aws", ""),
    ],
)
def test_host_names(name: str, service: str, endpoint: str, bucket: str) -> None:
    """The parts of AWS's host names."""
    assert parse_host_name(name) == HostName(service, endpoint, bucket)


@pytest.mark.parametrize(
    "name",
    [
        "", "amazonaws.com", "us-east-1.amazonaws.com", "kms.amazonaws.com", "mine.kms.us-east-1.amazonaws.com",
        "a.mine.s3.us-east-1.amazonaws.com", "kms.dualstack.us-east-1.amazonaws.com", "-.s3.us-east-1.amazonaws.com",
        "s3-accelerate.us-east-1.amazonaws.com", "s3.us-east-1.amazonaws.com.store.example", "mine..s3.amazonaws.com",
    ],
)  # fmt: skip
def test_other_names(name: str) -> None:
    """The lab answers for none of these."""
    assert parse_host_name(name) is None
