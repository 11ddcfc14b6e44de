# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The lab under AWS's own host names: TLS, virtual-hosted addresses, and no way out of the machine."""

from __future__ import annotations

import http.client
import io
import json
import re
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from itertools import product
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import ClientError, EndpointProviderError, ProxyConnectionError, SSLError
from botocore.loaders import Loader
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


def client(
    service: str,
    region: str = "us-east-1",
    secret: str = "test",
    *,
    key: str = "123456789012",
    endpoint_url: str | None = None,
    **config: Any,
) -> Any:
    """A client of the SDK that knows nothing of the lab."""
    create: Any = boto3.client
    return create(
        service,
        region,
        endpoint_url=endpoint_url,
        aws_access_key_id=key,
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


@pytest.mark.behaviour
def test_signatures_for_another_region(aws: RunningLab) -> None:
    """A host name with the bucket and without a region leads to the region of the bucket. A path does not."""
    there = {"LocationConstraint": "eu-west-1"}
    client("s3", "eu-west-1").create_bucket(Bucket="mine", CreateBucketConfiguration=there)
    credentials = Credentials("123456789012", "test")
    trust = ssl.create_default_context(cafile=aws.ca_file)
    for host, path, region, answer in (
        ("mine.s3.amazonaws.com", "/", "us-east-1", "400 <Region>eu-west-1</Region>"),
        ("mine.s3.amazonaws.com", "/", "eu-west-1", "200 <Name>mine</Name>"),
        ("mine.s3.us-east-1.amazonaws.com", "/", "us-east-1", "301 <Code>PermanentRedirect</Code>"),
        ("s3.amazonaws.com", "/mine", "us-east-1", "301 <Endpoint>mine.s3.eu-west-1.amazonaws.com</Endpoint>"),
        ("s3.amazonaws.com", "/mine", "eu-west-1", "400 <Region>us-east-1</Region>"),
        ("s3.eu-west-1.amazonaws.com", "/mine", "aws-global", "400 <Region>eu-west-1</Region>"),
    ):
        request = AWSRequest("GET", f"https://{host}{path}", {"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"})
        S3SigV4Auth(credentials, "s3", region).add_auth(request)
        connection = http.client.HTTPSConnection("127.0.0.1", int(aws.url.rpartition(":")[2]), context=trust)
        connection.set_tunnel(host, 443)
        connection.request("GET", path, headers=dict(request.headers.items()))
        response = connection.getresponse()
        status, _, element = answer.partition(" ")
        assert (response.status, element in response.read().decode()) == (int(status), True), host
        assert (response.headers["x-amz-bucket-region"] or "eu-west-1") == "eu-west-1"
        connection.close()


@pytest.mark.behaviour
def test_s3_over_http(aws: RunningLab) -> None:
    """Also for a bucket with dots in its name, which has no certificate."""
    s3 = client("s3")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": aws.url}))
    for bucket in ("mine", "dotted.name"):
        s3.create_bucket(Bucket=bucket)
        s3.put_object(Bucket=bucket, Key="_lab/health", Body=BODY)
        address = f"http://{bucket}.s3.amazonaws.com"
        request = AWSRequest("GET", f"{address}/_lab/health")
        S3SigV4QueryAuth(Credentials("123456789012", "test"), "s3", "us-east-1").add_auth(request)
        with opener.open(str(request.url), timeout=20) as response:
            assert response.read() == BODY
        with pytest.raises(urllib.error.HTTPError, match="403"):
            opener.open(f"{address}/_lab/health", timeout=20)


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
        "s3-fips.cn-north-1.amazonaws.com.cn:443",
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


VPCE = "vpce-0295a3caf8414c94a-dfm9tr04"


@pytest.mark.parametrize(
    ("name", "service", "labels_before", "bucket", "region"),
    [
        ("s3.amazonaws.com", "s3", 0, "", ""),
        ("mine.s3.amazonaws.com", "s3", 1, "mine", ""),
        ("mine.s3.dualstack.eu-west-1.amazonaws.com", "s3", 1, "mine", "eu-west-1"),
        ("s3-fips.us-east-1.amazonaws.com", "s3", 0, "", "us-east-1"),
        ("mine.s3-accelerate.amazonaws.com", "s3", 1, "mine", ""),
        ("mine.s3.us-gov-east-1.amazonaws.com", "s3", 1, "mine", "us-gov-east-1"),
        ("mine.s3.cn-north-1.amazonaws.com.cn", "s3", 1, "mine", "cn-north-1"),
        ("1234.s3-control.us-east-1.amazonaws.com", "s3control", 1, "", "us-east-1"),
        ("kms.us-east-1.api.aws", "kms", 0, "", "us-east-1"),
        ("kms.cn-northwest-1.api.amazonwebservices.com.cn", "kms", 0, "", "cn-northwest-1"),
        ("sts.amazonaws.com", "sts", 0, "", "us-east-1"),
        ("iam.us-gov.amazonaws.com", "iam", 0, "", "us-gov-west-1"),
        ("iam.us-iso-east-1.c2s.ic.gov", "iam", 0, "", "us-iso-east-1"),
        ("organizations.eusc-de-east-1.amazonaws.eu", "organizations", 0, "", "eusc-de-east-1"),
        (f"mine.bucket.{VPCE}.s3.us-east-1.vpce.amazonaws.com", "s3", 1, "mine", "us-east-1"),
        (f"bucket.{VPCE}-us-east-1a.s3.us-east-1.vpce.amazonaws.com", "s3", 0, "", "us-east-1"),
        (f"1234.control.{VPCE}.s3.cn-north-1.vpce.amazonaws.com.cn", "s3control", 1, "", "cn-north-1"),
        (f"{VPCE}.kms-fips.us-gov-west-1.vpce.amazonaws.com", "kms", 0, "", "us-gov-west-1"),
    ],
)
def test_host_names(name: str, service: str, labels_before: int, bucket: str, region: str) -> None:
    """The parts of AWS's host names. A bucket or an account is before the endpoint."""
    endpoint = name.split(".", labels_before)[-1]
    interface = "vpce-0295a3caf8414c94a" if VPCE in name else ""
    assert parse_host_name(name) == HostName(service, endpoint, bucket, region, interface)


REGIONS = ("us-east-1", "eu-west-1", "us-gov-east-1", "cn-north-1", "cn-northwest-1")
# The rules of the SDK give FIPS names for China, but AWS has none there.
NOT_AT_AWS = re.compile(r".*-fips\..*\.cn")


def sdk_names(service: str, region: str) -> Iterator[tuple[str, str]]:
    """The host names that the SDK's rules give in a region, with the region that it signs for."""
    loader = Loader()
    rules: Any = EndpointProvider(
        loader.load_service_model(service, "endpoint-rule-set-1"), loader.load_data("partitions")
    )
    account = {"AccountId": "1234", "RequiresAccountId": True} if service == "s3control" else {}
    for fips, dual_stack in product((False, True), repeat=2):
        with suppress(EndpointProviderError):
            found = rules.resolve_endpoint(Region=region, UseFIPS=fips, UseDualStack=dual_stack, **account)
            schemes = found.properties.get("authSchemes", [{}])
            yield urlsplit(found.url).hostname or "", schemes[0].get("signingRegion", region)


@pytest.mark.parametrize("service", ["s3", "s3control", "kms", "sts", "iam", "cloudtrail", "organizations"])
def test_every_name_that_the_sdk_has(service: str) -> None:
    """Each host name of the SDK's rules is known, with the region that the SDK signs for."""
    for region in REGIONS:
        for name, signed in sdk_names(service, region):
            found = parse_host_name(name)
            if NOT_AT_AWS.fullmatch(name):
                assert found is None
            else:
                assert found is not None, name
                assert found.service == service
                assert found.region in (signed, "")


@pytest.mark.parametrize(
    "name",
    [
        "", "amazonaws.com", "us-east-1.amazonaws.com", "kms.amazonaws.com", "mine.kms.us-east-1.amazonaws.com",
        "a.mine.s3.us-east-1.amazonaws.com", "kms.dualstack.us-east-1.amazonaws.com", "-.s3.us-east-1.amazonaws.com",
        "s3-accelerate.us-east-1.amazonaws.com", "s3.us-east-1.amazonaws.com.store.example", "mine..s3.amazonaws.com",
        "s3.cn-north-1.amazonaws.com", "s3.amazonaws.com.cn", "iam.eu-west-1.amazonaws.com",
        "organizations.eu-west-1.amazonaws.com", f"{VPCE}.s3.us-east-1.vpce.amazonaws.com",
        f"{VPCE}.vpce-svc-0a1b2c3d4e5f67890.us-east-1.vpce.amazonaws.com", "kms.us-east-1.vpce.amazonaws.com",
        f"accesspoint.{VPCE}.s3.us-east-1.vpce.amazonaws.com", f"bucket.{VPCE}.kms.us-east-1.vpce.amazonaws.com",
    ],
)  # fmt: skip
def test_other_names(name: str) -> None:
    """The lab answers for none of these."""
    assert parse_host_name(name) is None


@pytest.mark.parametrize(("partition", "region"), [("aws-us-gov", "us-gov-east-1"), ("aws-cn", "cn-northwest-1")])
def test_services_of_another_partition(aws: RunningLab, partition: str, region: str) -> None:
    """Regional and global services, each signed for the region of the SDK's rules."""
    key = f"{partition}:123456789012"
    s3 = client("s3", region, key=key)
    s3.create_bucket(Bucket="mine", CreateBucketConfiguration={"LocationConstraint": region})
    s3.put_object(Bucket="mine", Key="a", Body=BODY, ServerSideEncryption="aws:kms")
    assert read_object(s3, "mine", "a") == BODY
    assert client("kms", region, key=key).list_keys()["Keys"]
    assert client("sts", region, key=key).get_caller_identity()["Arn"] == f"arn:{partition}:iam::123456789012:root"
    assert client("iam", region, key=key).list_users()["Users"] == []
    organization = client("organizations", region, key=key).create_organization()["Organization"]
    assert organization["Arn"].startswith(f"arn:{partition}:organizations::123456789012:")
    assert client("s3control", region, key=key).list_jobs(AccountId="123456789012")["Jobs"] == []
    interface = f"https://bucket.{VPCE}.{urlsplit(s3.meta.endpoint_url).hostname}".replace(
        ".amazonaws", ".vpce.amazonaws"
    )
    private = client("s3", region, key=key, endpoint_url=interface)
    assert read_object(private, "mine", "a") == BODY


@pytest.mark.enforcement
def test_an_interface_endpoint_in_policies(aws: RunningLab) -> None:
    """It is a condition key of requests that were sent through it, in the policies of buckets and of keys."""
    deny = {"Effect": "Deny", "Principal": "*", "Resource": "*"}
    outside = {"Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-0295a3caf8414c94a"}}}
    public, private = client("s3"), client("s3", endpoint_url=f"https://bucket.{VPCE}.s3.us-east-1.vpce.amazonaws.com")
    public.create_bucket(Bucket="mine")
    statement = {**deny, **outside, "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::mine"}
    public.put_bucket_policy(Bucket="mine", Policy=json.dumps({"Version": "2012-10-17", "Statement": statement}))
    assert private.list_objects_v2(Bucket="mine")["KeyCount"] == 0
    root = {"AWS": "arn:aws:iam::123456789012:root"}
    allow = {"Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"}
    statements = [allow, {**deny, **outside, "Action": "kms:DescribeKey"}]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    kms = client("kms", endpoint_url=f"https://{VPCE}.kms.us-east-1.vpce.amazonaws.com")
    key = kms.create_key(Policy=policy)["KeyMetadata"]["KeyId"]
    assert kms.describe_key(KeyId=key)
    with pytest.raises(ClientError, match="explicit deny"):
        public.list_objects_v2(Bucket="mine")
    with pytest.raises(ClientError, match="explicit deny"):
        client("kms").describe_key(KeyId=key)


@pytest.mark.parametrize(
    ("service", "region", "signed", "code"),
    [
        ("iam", "cn-north-1", "cn-northwest-1", "SignatureDoesNotMatch"),
        ("kms", "us-gov-east-1", "us-gov-west-1", "InvalidSignatureException"),
        ("s3", "us-gov-east-1", "us-gov-west-1", "AuthorizationHeaderMalformed"),
    ],
)
def test_a_signature_for_another_region(aws: RunningLab, service: str, region: str, signed: str, code: str) -> None:
    """The signature must be for the region of the host name."""
    calls = {"iam": "list_users", "kms": "list_keys", "s3": "list_buckets"}
    caller = client(service, region, key=f"{'aws-cn' if region.startswith('cn') else 'aws-us-gov'}:123456789012")
    getattr(caller, calls[service])()
    sign = {"region": signed}
    caller.meta.events.register(
        "before-sign", lambda request, **_: request.context.setdefault("signing", {}).update(sign)
    )
    with pytest.raises(ClientError) as caught:
        getattr(caller, calls[service])()
    assert caught.value.response["Error"]["Code"] == code
