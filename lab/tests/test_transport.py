# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""How requests are sent, for policies and for encrypted objects: by the setting of the lab, or by a real TLS port."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import SSLError
from client_calls import BODY, FIRST_KEY, raises_client_error, read_object, sse_c, sse_kms

from sealed_lab import RemoteLab, RunningLab, Transport, aws_client

ROOT = "arn:aws:iam::000000000000:root"


def require_tls(s3: Any, bucket: str, version: str) -> None:
    """Deny http, and TLS below a version."""
    resources = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    common = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": resources}
    statements = [
        {**common, "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        {**common, "Condition": {"NumericLessThan": {"s3:TlsVersion": version}}},
    ]
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": statements}))


@pytest.mark.enforcement
@pytest.mark.parametrize(
    ("transport", "allowed"),
    [(Transport(), True), (Transport("https", "1.2"), True), (Transport("https", "1.1"), False), ("http", False)],
)
def test_policies_decide_by_the_transport(lab: RunningLab, s3: Any, bucket: str, transport: Any, allowed: bool) -> None:
    require_tls(s3, bucket, "1.2")
    lab.transport = Transport("http") if transport == "http" else transport
    if allowed:
        s3.put_object(Bucket=bucket, Key="k", Body=BODY)
        return
    with raises_client_error("AccessDenied", 403) as messages:
        s3.put_object(Bucket=bucket, Key="k", Body=BODY)
    assert messages[0].endswith("with an explicit deny in a resource-based policy")


@pytest.mark.enforcement
def test_a_condition_on_the_version_alone_permits_http(lab: RunningLab, s3: Any, bucket: str) -> None:
    """A request over http has no TLS version, so a comparison with it is not met."""
    old = {"NumericLessThan": {"s3:TlsVersion": "1.2"}}
    where = {"Resource": f"arn:aws:s3:::{bucket}/*", "Condition": old}
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", **where}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Statement": statement}))
    lab.transport = Transport("http")
    s3.put_object(Bucket=bucket, Key="k", Body=BODY)


@pytest.mark.enforcement
def test_key_policies_decide_by_the_transport(lab: RunningLab, kms: Any, s3: Any, bucket: str) -> None:
    """S3 itself always calls KMS over TLS."""
    allow = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}
    insecure = {"Bool": {"aws:SecureTransport": "false"}}
    deny = {**allow, "Effect": "Deny", "Action": "kms:Encrypt", "Condition": insecure}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow, deny]})
    arn = kms.create_key(Policy=policy)["KeyMetadata"]["Arn"]
    lab.enforcing = True
    kms.encrypt(KeyId=arn, Plaintext=BODY)
    lab.transport = Transport("http")
    with raises_client_error("AccessDeniedException"):
        kms.encrypt(KeyId=arn, Plaintext=BODY)
    kms.generate_data_key(KeyId=arn, KeySpec="AES_256")


@pytest.mark.enforcement
@pytest.mark.parametrize(
    ("condition", "allowed"),
    [
        ({"BoolIfExists": {"aws:SecureTransport": "false"}}, True),
        ({"NotIpAddress": {"aws:SourceIp": "127.0.0.0/8"}}, True),
        ({"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}, False),
        ({"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}}, True),
        ({"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, False),
        ({"NumericLessThan": {"aws:EpochTime": "1577836800"}}, True),
        ({"StringLike": {"aws:UserAgent": "*Boto3*"}}, False),
        ({"Bool": {"aws:ViaAWSService": "true"}}, True),
        ({"Null": {"aws:Referer": "false"}}, True),
    ],
)
def test_conditions_of_every_service(lab: RunningLab, iam: Any, condition: dict[str, Any], allowed: bool) -> None:
    """Of S3, S3 Control and IAM alike. A Deny with the condition applies, or does not."""
    iam.create_user(UserName="u")
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    policy = {
        "Version": "2012-10-17",
        "Statement": [everything, {**everything, "Effect": "Deny", "Condition": condition}],
    }
    iam.put_user_policy(UserName="u", PolicyName="p", PolicyDocument=json.dumps(policy))
    lab.enforcing = True
    credentials = iam.create_access_key(UserName="u")["AccessKey"]
    for service, operation, parameters in (
        ("s3", "list_buckets", {}),
        ("s3control", "list_jobs", {"AccountId": "000000000000"}),
        ("iam", "list_users", {}),
    ):
        call = getattr(lab.client(service, credentials=credentials), operation)
        if allowed:
            call(**parameters)
        else:
            with raises_client_error("AccessDenied", 403):
                call(**parameters)


@pytest.mark.enforcement
def test_s3_calls_kms_as_a_service(lab: RunningLab, kms: Any, s3: Any, bucket: str) -> None:
    """Its call has no source address of the client."""
    allow = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}
    deny = {**allow, "Effect": "Deny"}
    direct: dict[str, Any] = {"Bool": {"aws:ViaAWSService": "false"}}
    from_here = {"IpAddress": {"aws:SourceIp": "127.0.0.1"}}
    only_via = {**deny, "Action": "kms:GenerateDataKey", "Condition": direct}
    not_from_here = {**deny, "Action": "kms:Decrypt", "Condition": from_here}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow, only_via, not_from_here]})
    arn = kms.create_key(Policy=policy)["KeyMetadata"]["Arn"]
    lab.enforcing = True
    s3.put_object(Bucket=bucket, Key="k", Body=BODY, **sse_kms(arn))
    assert read_object(s3, bucket, "k") == BODY
    with raises_client_error("AccessDeniedException", 400):
        kms.generate_data_key(KeyId=arn, KeySpec="AES_256")
    with raises_client_error("AccessDeniedException", 400):
        kms.decrypt(CiphertextBlob=kms.encrypt(KeyId=arn, Plaintext=b"x")["CiphertextBlob"])


@pytest.mark.behaviour
def test_customer_keys_and_kms_keys_need_https(lab: RunningLab, s3: Any, sse_c_bucket: str, key: Any) -> None:
    s3.put_object(Bucket=sse_c_bucket, Key="k", Body=BODY, **sse_kms(key["Arn"]))
    lab.transport = Transport("http")
    with raises_client_error("InvalidRequest", 400) as messages:
        s3.put_object(Bucket=sse_c_bucket, Key="c", Body=BODY, **sse_c(FIRST_KEY))
    assert "Customer provided keys must be made over a secure connection" in messages[0]
    for call in (s3.get_object, lambda **where: s3.put_object(**where, Body=BODY, ServerSideEncryption="aws:kms")):
        with raises_client_error("InvalidRequest", 400) as messages:
            call(Bucket=sse_c_bucket, Key="k")
        assert "AWS KMS managed keys must be made over a secure connection" in messages[0]
    s3.put_object(Bucket=sse_c_bucket, Key="plain", Body=BODY)


def test_the_setting_over_http(lab: RunningLab) -> None:
    remote = RemoteLab(lab.url)
    assert remote.transport == Transport("https", "1.3")
    remote.transport = Transport("http")
    assert lab.transport == Transport("http")
    lab.reset()
    assert remote.transport == Transport()
    with pytest.raises(urllib.error.HTTPError, match="400"):
        urllib.request.urlopen(urllib.request.Request(f"{lab.url}/_lab/transport", b'{"scheme": "ftp"}', method="PUT"))


@pytest.mark.parametrize("fields", [("https", "1.4"), ("http", "1.2"), ("ftp",)])
def test_values_that_are_no_transport(fields: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="no transport"):
        Transport(*fields)


@pytest.fixture(scope="module")
def tls_lab() -> Iterator[RunningLab]:
    """A lab with a TLS port, whose plain port counts as http."""
    with RunningLab(tls=True) as running:
        running.transport = Transport("http")
        yield running


def test_the_tls_port(tls_lab: RunningLab) -> None:
    """The same lab, with a certificate of its authority. The version is that of the connection."""
    s3 = tls_lab.client("s3", tls=True)
    s3.create_bucket(Bucket="mine")
    s3.put_object(Bucket="mine", Key="k", Body=BODY, ServerSideEncryption="aws:kms")
    assert tls_lab.client("s3control", tls=True).list_jobs(AccountId="000000000000")["Jobs"] == []
    require_tls(s3, "mine", "1.3")
    assert read_object(s3, "mine", "k") == BODY
    with raises_client_error("AccessDenied", 403):
        tls_lab.client("s3").list_objects_v2(Bucket="mine")
    link = s3.generate_presigned_url("get_object", Params={"Bucket": "mine", "Key": "k"})
    old = ssl.create_default_context(cafile=tls_lab.ca_file)
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(link, context=old, timeout=20)
    with urllib.request.urlopen(f"{tls_lab.tls_url}/_lab/transport", context=old, timeout=20) as response:
        assert json.load(response) == {"scheme": "http", "tls_version": ""}


def test_the_certificate_is_verified(tls_lab: RunningLab, lab: RunningLab) -> None:
    with pytest.raises(SSLError):
        aws_client(tls_lab.tls_url, "s3").list_buckets()
    with pytest.raises(ValueError, match="without a TLS port"):
        lab.client("s3", tls=True)
