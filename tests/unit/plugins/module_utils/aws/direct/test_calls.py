# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A direct call sends the same request as the SDK's client, and has the same result for every response."""

from __future__ import annotations

import io
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from functools import cache
from typing import Any, cast

import pytest
from botocore import exceptions as sdk
from botocore.awsrequest import AWSResponse
from botocore.httpsession import URLLib3Session

from ansible_collections.sealed.s3.plugins.module_utils.aws.direct.connection import Headers, Response
from ansible_collections.sealed.s3.plugins.module_utils.aws.direct.transport import CannotConnect, Transport
from ansible_collections.sealed.s3.plugins.module_utils.aws.session import Clients, Connection

from ..test_response_check import ETAG, LISTING, OK_RULE, PAGE, RULE, STORE, Body

BUCKET = {"Bucket": "a-bucket"}
OBJECT = {**BUCKET, "Key": "a"}
OWNER = {"ExpectedBucketOwner": "123456789012"}
SSE_C = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "0123456789abcdef0123456789abcdef"}
KMS = {"SSEKMS": {"KMSKeyArn": "arn:aws:kms:us-east-1:123456789012:key/a", "BucketKeyEnabled": False}}
CHECKSUM = {"ChecksumCRC32": "AAAAAA=="}
CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "read a rule": ("GetBucketEncryption", BUCKET),
    "read a rule of an owner": ("GetBucketEncryption", {**BUCKET, **OWNER}),
    "write a rule": ("PutBucketEncryption", {**BUCKET, **OWNER, "ServerSideEncryptionConfiguration": RULE}),
    "delete a rule": ("DeleteBucketEncryption", BUCKET),
    "read a policy": ("GetBucketPolicy", BUCKET),
    "write a policy": ("PutBucketPolicy", {**BUCKET, "Policy": '{"Id": "ä", "Statement": []}'}),
    "delete a policy": ("DeleteBucketPolicy", BUCKET),
    "read a website": ("GetBucketWebsite", BUCKET),
    "head": ("HeadObject", {**OBJECT, **OWNER, "ChecksumMode": "ENABLED", "VersionId": "a b+/="}),
    "head with a key": ("HeadObject", {**OBJECT, **SSE_C}),
    "head a part": ("HeadObject", {**OBJECT, "PartNumber": 2, "IfMatch": '"etag"'}),
    "head an odd key": ("HeadObject", {**BUCKET, "Key": "a//b/../ä ~+%?#&=;\u2028/"}),
    "put": ("PutObject", {**OBJECT, **CHECKSUM, "Body": b"text", "Metadata": {"a": "b"}, "Tagging": "a=b%20c"}),
    "put nothing": ("PutObject", {**OBJECT, **CHECKSUM, "Body": b"", "IfNoneMatch": "*"}),
    "put a stream": ("PutObject", {**OBJECT, **CHECKSUM, "Body": io.BytesIO(b"a" * 2048), "ContentLength": 2048}),
    "put with a key": ("PutObject", {**OBJECT, **CHECKSUM, **SSE_C, "Body": b"text", "CacheControl": "no-cache"}),
    "put with a KMS key": (
        "PutObject",
        {**OBJECT, **CHECKSUM, "Body": b"x", "ServerSideEncryption": "aws:kms", "SSEKMSEncryptionContext": "e30="},
    ),
    "list": ("ListObjectsV2", {**BUCKET, "Prefix": "ä/", "MaxKeys": 7, "ContinuationToken": "a+b/="}),
    "delete": ("DeleteObject", {**OBJECT, "VersionId": "null"}),
    "get": ("GetObject", {**OBJECT, "IfMatch": '"etag"', "Range": "bytes=0-9"}),
    "get with a key": ("GetObject", {**OBJECT, **SSE_C, "ChecksumMode": "ENABLED"}),
    "list versions": (
        "ListObjectVersions",
        {**BUCKET, **OWNER, "Prefix": "ä/", "EncodingType": "url", "KeyMarker": "ä/%2B b", "VersionIdMarker": "a+b/="},
    ),
    "copy": (
        "CopyObject",
        {
            **OBJECT,
            "CopySource": {"Bucket": "a-bucket", "Key": "ä b/+?%", "VersionId": "a b+/="},
            "CopySourceIfMatch": '"etag"',
            "IfMatch": '"etag"',
            "ServerSideEncryption": "aws:kms",
            "SSEKMSKeyId": "arn:aws:kms:us-east-1:123456789012:key/a",
            "BucketKeyEnabled": True,
            "MetadataDirective": "COPY",
            "TaggingDirective": "COPY",
            "GrantRead": 'id="a", uri="http://acs.amazonaws.com/groups/global/AllUsers"',
        },
    ),
    "copy with keys": (
        "CopyObject",
        {
            **OBJECT,
            **SSE_C,
            **{f"CopySource{name}": value for name, value in SSE_C.items()},
            "CopySource": "a-bucket/a",
            "Metadata": {"a": "b"},
            "MetadataDirective": "REPLACE",
            "ObjectLockRetainUntilDate": datetime(2030, 1, 2, tzinfo=timezone.utc),
        },
    ),
    "update": ("UpdateObjectEncryption", {**OBJECT, **OWNER, "VersionId": "a b+/=", "ObjectEncryption": KMS}),
    "read an ACL": ("GetObjectAcl", {**OBJECT, "VersionId": "null"}),
    "read versioning": ("GetBucketVersioning", BUCKET),
    "read replication": ("GetBucketReplication", BUCKET),
    "read tags": ("GetObjectTagging", OBJECT),
    "write tags": ("PutObjectTagging", {**OBJECT, "Tagging": {"TagSet": [{"Key": "ä<", "Value": "&"}]}}),
}
# What differs in each request, and what the transports add.
_OF_A_REQUEST = {"amz-sdk-invocation-id", "amz-sdk-request", "authorization", "x-amz-date", "user-agent"}
_OF_A_TRANSPORT = {"accept-encoding", "expect", "host"}

Answer = tuple[int, Mapping[str, str], bytes]
Sent = tuple[str, str, dict[str, str], bytes]


class Wire:
    """What both transports send, and what they get."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.result: Answer | Exception = (200, STORE, b"")
        self.sent: list[Sent] = []
        self.direct = 0
        monkeypatch.setattr(URLLib3Session, "send", lambda _session, request: self._by_client(request))
        monkeypatch.setattr(Transport, "send", lambda _transport, *sent, **_: self._directly(*sent))
        monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _seconds: None)

    def _by_client(self, request: Any) -> AWSResponse:
        body = request.body.read() if hasattr(request.body, "read") else request.body or b""
        target = request.url.partition("store.example")[2]
        self._record(request.method, target, request.headers.items(), body)
        if isinstance(self.result, Exception):
            raise self.result
        status, headers, content = self.result
        return AWSResponse(request.url, status, cast(Any, headers), Body(content))

    def _directly(self, method: str, content: bytes) -> Response:
        self.direct += 1
        head, _end, body = content.partition(b"\r\n\r\n")
        first, *lines = head.split(b"\r\n")
        pairs = [line.split(b": ", 1) for line in lines]
        self._record(method, first.split(b" ")[1].decode(), [(name.decode(), value) for name, value in pairs], body)
        if isinstance(self.result, Exception):
            raise self.result
        status, headers, received = self.result
        return Response(status, Headers({name.lower(): value for name, value in headers.items()}), received)

    def _record(self, method: str, target: str, headers: Any, body: bytes) -> None:
        named = {name.lower(): value if isinstance(value, bytes) else value.encode() for name, value in headers}
        ignored = _OF_A_REQUEST | _OF_A_TRANSPORT
        kept = {name: value.decode() for name, value in named.items() if name not in ignored}
        self.sent.append((method, target, kept, body))


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    """No request leaves this process."""
    return Wire(monkeypatch)


def clients_of(url: str | None = "https://store.example", **options: Any) -> Clients:
    """The clients of a run."""
    keys = {"aws_access_key_id": "any", "aws_secret_access_key": "any", "aws_session_token": "token"}
    return Clients(Connection(region="us-east-1", endpoint_url=url, options=keys, **options))


@cache
def shared(direct: bool) -> Clients:
    """The clients of a run, for tests that do not redirect: to build clients takes most of the time here."""
    assert direct in (True, False)
    return clients_of()


def call(clients: Clients, operation: str, parameters: Mapping[str, Any], *, direct: bool) -> Any:
    """The outcome of a call: its response, or the exception with the parsed error, if it has one."""
    client = clients.get("s3")
    if not direct:
        client.direct = None
    method = {name: method for method, name in client.meta.method_to_api_mapping.items()}[operation]
    try:
        response: Any = getattr(client, method)(**parameters)
        if "Body" in response:
            response["Body"] = response["Body"].read()
        outcome = response
    except Exception as error:
        response = getattr(error, "response", None) or {}
        outcome = type(error).__name__, str(error).replace(" (reached max retries: 0)", ""), response
    # The SDK sets it in every response of a client with one attempt, and nothing reads it.
    response.get("ResponseMetadata", {}).pop("MaxAttemptsReached", None)
    return outcome


@pytest.mark.parametrize("row", CALLS)
def test_the_request_is_that_of_the_client(wire: Wire, row: str) -> None:
    """Its target, headers and body. A stream is where it was, and the caller's parameters are not changed."""
    operation, parameters = CALLS[row]
    wire.result = (200, {**STORE, **ETAG}, b"")
    for direct in (True, False):
        call(shared(direct), operation, parameters, direct=direct)
        if isinstance(parameters.get("Body"), io.BytesIO):
            parameters["Body"].seek(0)
    if wire.direct > 1 or len(wire.sent) > 2:  # without the expected document, the client decides on the response
        wire.sent[1:-1] = []
    assert wire.direct == 1
    assert wire.sent[0] == wire.sent[-1]
    assert wire.sent[0][2]["x-amz-security-token"] == "token"
    assert parameters.get("SSECustomerKey", SSE_C["SSECustomerKey"]) == SSE_C["SSECustomerKey"]


ERROR = "<?xml version='1.0'?><Error><Code>{}</Code><Message>No.</Message><Region>eu-west-1</Region></Error>"
MANY = {
    "x-amz-id-2": "host",
    "x-amz-server-side-encryption": "aws:kms",
    "x-amz-server-side-encryption-bucket-key-enabled": "true",
    "x-amz-delete-marker": "false",
    "x-amz-mp-parts-count": "2",
    "x-amz-meta-a": "b",
    "x-amz-meta-": "c",
    "Content-Length": "0",
    "Expires": "Thu, 26 Nov 2026 19:00:00 GMT",
    "x-amz-object-lock-retain-until-date": "2026-11-26T19:00:00.000Z",
    "x-amz-unknown": "d",
}
# S3 sends white space while a copy lasts, and may then report an error.
LATE = f"<?xml version='1.0'?>\n  \n {ERROR.partition('?>')[2]}"
COPY = (
    b"<?xml version='1.0'?>  \n<CopyObjectResult><LastModified>2026-11-26T19:00:00.000Z</LastModified>"
    b"<ETag>&quot;a&quot;</ETag></CopyObjectResult>"
)
VERSIONS = (
    b"<?xml version='1.0'?><ListVersionsResult><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>"
    b"<KeyMarker>a%2Bb</KeyMarker><NextKeyMarker>%C3%A4+b</NextKeyMarker><NextVersionIdMarker>v</NextVersionIdMarker>"
    b"<Version><Key>%C3%A4+b</Key><VersionId>v</VersionId><IsLatest>false</IsLatest><Size>3</Size>"
    b"<LastModified>2026-11-26T19:00:00.000Z</LastModified></Version>"
    b"<DeleteMarker><Key>c</Key><VersionId>w</VersionId></DeleteMarker></ListVersionsResult>"
)
ROW = (
    "<Contents><Key>{}</Key><LastModified>2026-11-26T19:00:00.000Z</LastModified><ETag>&quot;a&quot;</ETag>"
    "<Size>{}</Size><StorageClass/>{}</Contents>"
)
SUMS = "<ChecksumAlgorithm>CRC32</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType>"
SUMS = f"<ChecksumAlgorithm>SHA256</ChecksumAlgorithm>{SUMS}"
ROWS = {
    "plain": ROW.format("a+%C3%A4&amp;&#13;", "3", "") + ROW.format("b", "5368709120", ""),
    "more": ROW.format("a", "3", f"<Owner><ID>1</ID></Owner>{SUMS}") + ROW.format("b", "4", f"{SUMS}<Owner/>"),
    "restored": ROW.format("a", "3", "<RestoreStatus><IsRestoreInProgress>true</IsRestoreInProgress></RestoreStatus>"),
    "twice": ROW.format("a", "3", "<Key>b</Key>"),
    "broken": ROW.format("a", "three", ""),
}
LIST = (
    "<?xml version='1.0' encoding='UTF-8'?>\n<ListBucketResult{}><Name>a-bucket</Name><Prefix></Prefix>"
    "<EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>{}<NextContinuationToken>a+b/=</NextContinuationToken><KeyCount>2"
    "</KeyCount><CommonPrefixes><Prefix>c/</Prefix></CommonPrefixes></ListBucketResult>"
)
NAMESPACE = ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
PAGES = {name: LIST.format(NAMESPACE, rows).encode() for name, rows in ROWS.items()}
PAGES["bare"] = LIST.format("", ROWS["plain"]).encode()
REGION = {**STORE, "x-amz-bucket-region": "us-east-1"}
ANSWERS: dict[str, Answer] = {
    "ok": (200, {**STORE, **ETAG, "x-amz-meta-a": "b", "Last-Modified": "Thu, 26 Nov 2026 19:00:00 GMT"}, b""),
    "many headers": (200, {**STORE, **ETAG, **MANY}, b""),
    "a broken time": (
        200,
        {**STORE, **ETAG, "Expires": "never", "Last-Modified": "Thu, 26 Foo 2026 19:00:00 GMT"},
        b"",
    ),
    "an expiry that is no time": (200, {**STORE, **ETAG, "Expires": "never"}, b""),
    "a number that is none": (200, {**STORE, **ETAG, "x-amz-mp-parts-count": "two"}, b""),
    "of a service like S3": (200, {**STORE, **ETAG, "x-amzn-requestid": "a"}, b""),
    "a rule": (200, {**STORE, **ETAG}, OK_RULE),
    "a list": (200, STORE, LISTING),
    "a page": (200, STORE, PAGES["plain"]),
    "a page with owners and checksums": (200, STORE, PAGES["more"]),
    "a page with a restored object": (200, STORE, PAGES["restored"]),
    "a page without a namespace": (200, STORE, PAGES["bare"]),
    "a page with two keys of an object": (200, STORE, PAGES["twice"]),
    "a page with a size that is no number": (200, STORE, PAGES["broken"]),
    "half a page": (200, STORE, PAGES["plain"][:-30]),
    "a list of versions": (200, STORE, VERSIONS),
    "a copy": (200, {**STORE, "x-amz-version-id": "v"}, COPY),
    "a late error of a copy": (200, STORE, LATE.format("InternalError").encode()),
    "a late refusal of a copy": (200, STORE, LATE.format("AccessDenied").encode()),
    "a late throttle of a copy": (200, STORE, LATE.format("SlowDown").encode()),
    "half a copy": (200, STORE, COPY[:60]),
    "white space": (200, STORE, b"  \n "),
    "a policy": (200, {**STORE, "Content-Type": "application/json"}, b'{"Version":"2012-10-17","Statement":[]}'),
    "no content": (204, STORE, b""),
    "without an ETag": (200, STORE, b""),
    "of another server": (200, {}, b""),
    "a page of a proxy": (200, {}, PAGE),
    "an error with status 200": (200, STORE, ERROR.format("InternalError").encode()),
    "the status 300": (300, STORE, b""),
    "not modified": (304, STORE, b""),
    "a redirect": (301, STORE, ERROR.format("PermanentRedirect").encode()),
    "a redirect to itself": (301, REGION, ERROR.format("PermanentRedirect").encode()),
    "a redirect to nonsense": (301, {**STORE, "x-amz-bucket-region": "evil.example/?"}, b""),
    "a malformed authorization": (400, STORE, ERROR.format("AuthorizationHeaderMalformed").encode()),
    "a bare 400": (400, STORE, b""),
    "expired": (400, STORE, ERROR.format("ExpiredToken").encode()),
    "denied": (403, STORE, ERROR.format("AccessDenied").encode()),
    "a bare 403": (403, STORE, b""),
    "clock skew": (403, STORE, ERROR.format("RequestTimeTooSkewed").encode()),
    "absent": (404, STORE, ERROR.format("NoSuchBucket").encode()),
    "no policy": (404, STORE, ERROR.format("NoSuchBucketPolicy").encode()),
    "no rule": (404, STORE, ERROR.format("ServerSideEncryptionConfigurationNotFoundError").encode()),
    "a bare 404": (404, STORE, b""),
    "a page with 404": (404, {}, PAGE),
    "conflict": (409, STORE, ERROR.format("OperationAborted").encode()),
    "a failed condition": (412, STORE, ERROR.format("PreconditionFailed").encode()),
    "a request timeout": (400, STORE, ERROR.format("RequestTimeout").encode()),
    "internal": (500, STORE, ERROR.format("InternalError").encode()),
    "slow down": (503, STORE, ERROR.format("SlowDown").encode()),
    "a page with 502": (502, {}, PAGE),
}
EXCEPTIONS: dict[str, Exception] = {
    "a read timeout": sdk.ReadTimeoutError(endpoint_url="https://store.example", error="x"),
    "a connect timeout": sdk.ConnectTimeoutError(endpoint_url="https://store.example", error="x"),
    "a closed connection": sdk.ConnectionClosedError(endpoint_url="https://store.example", error="x"),
}
RESULTS: dict[str, Answer | Exception] = {**ANSWERS, **EXCEPTIONS}
OUTCOMES = (
    "read a rule",
    "write a rule",
    "read a policy",
    "head",
    "put a stream",
    "list",
    "list versions",
    "copy",
    "update",
    "read an ACL",
    "delete",
    "get",
    "read tags",
)
CONFIGS: dict[str, dict[str, Any]] = {
    "own retries": {},
    "no retries": {"retries": {"total_max_attempts": 1}},
    "retries of the SDK": {"retries": {"mode": "standard", "total_max_attempts": 3}},
}


@pytest.mark.parametrize("config", CONFIGS)
def test_the_outcome_is_that_of_the_client(wire: Wire, config: str) -> None:
    """For any response and any failure: result or exception, the number of requests, and the count of calls."""
    pair = {direct: clients_of(config=CONFIGS[config]) for direct in (True, False)}
    for row in OUTCOMES:
        for name, result in RESULTS.items():
            wire.result = result
            bucket = f"{row}-{name}".replace(" ", "-").lower()  # a client remembers the redirects of a bucket
            outcomes = [count_outcome(wire, pair[direct], row, bucket, direct) for direct in (True, False)]
            assert outcomes[0] == outcomes[1], (row, name)


def count_outcome(wire: Wire, clients: Clients, row: str, bucket: str, direct: bool) -> tuple[Any, int, int]:
    """The outcome of a call, the number of its requests, and the count of calls."""
    operation, parameters = CALLS[row]
    if "Body" in parameters:
        parameters["Body"].seek(0)
    before, wire.direct = clients.calls.requests, 0
    wire.sent.clear()
    outcome = call(clients, operation, {**parameters, "Bucket": bucket}, direct=direct)
    assert wire.direct == direct
    return outcome, len(wire.sent), clients.calls.requests - before


def test_a_region_that_only_a_body_names(wire: Wire) -> None:
    """The client finds it, and the next call goes there."""
    wire.result = ANSWERS["a malformed authorization"]
    clients = clients_of()
    for _number in range(2):
        wire.sent.clear()
        response = call(clients, "GetBucketEncryption", BUCKET, direct=True)[2]
        assert response["ResponseMetadata"]["SignedRegion"] == "eu-west-1"
    assert len(wire.sent) == 1


@pytest.mark.parametrize("row", ["read a rule", "write a rule", "head"])
def test_a_server_that_always_redirects(wire: Wire, row: str) -> None:
    """A call is redirected once, as a call of the client is."""
    operation, parameters = CALLS[row]
    wire.result = (307, {**STORE, "x-amz-bucket-region": "eu-west-1"}, b"")
    for direct in (True, False):
        clients = clients_of()
        wire.sent.clear()
        name, _text, response = call(clients, operation, parameters, direct=direct)
        assert (name, response["Error"]["Code"], response["ResponseMetadata"]["SignedRegion"]) == (
            "ClientError",
            "307",
            "eu-west-1",
        )
        assert len(wire.sent) == clients.calls.requests == 2


def test_a_redirect_is_followed_once_for_each_bucket(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    """The later calls for the bucket go to its region at once, reads and writes alike."""
    clients = clients_of(None)
    regions: list[str] = []

    def answer(_transport: Transport, _method: str, content: bytes, **_options: Any) -> Response:
        region = content.split(b"/s3/aws4_request")[0].rsplit(b"/", 1)[1].decode()
        regions.append(region)
        host = content.split(b"Host: ")[1].split(b"\r\n")[0].decode()
        assert host == ("s3.amazonaws.com" if region == "us-east-1" else f"s3.{region}.amazonaws.com")
        body = b"" if content.startswith(b"PUT") else OK_RULE
        status = 301 if region == "us-east-1" and b"/a-bucket" in content else 200
        return Response(status, Headers({"x-amz-request-id": "a", "x-amz-bucket-region": "eu-west-1"}), body)

    monkeypatch.setattr(Transport, "send", answer)
    s3 = clients.get("s3")
    for _number in range(2):
        read = s3.get_bucket_encryption(Bucket="a-bucket")
        assert read["ResponseMetadata"]["SignedRegion"] == "eu-west-1"
        s3.put_bucket_encryption(Bucket="a-bucket", ServerSideEncryptionConfiguration=RULE)
    s3.get_bucket_encryption(Bucket="other")
    assert regions == ["us-east-1", "eu-west-1", "eu-west-1", "eu-west-1", "eu-west-1", "us-east-1"]
    assert clients.calls.requests == len(regions)


@pytest.mark.parametrize(
    ("parameters", "options"),
    [
        pytest.param({"Bucket": "arn:aws:s3:us-east-1:123456789012:accesspoint/a"}, {}, id="access point"),
        pytest.param({"Bucket": "a-s3alias"}, {}, id="alias of an access point"),
        pytest.param({"Bucket": "a--use1-az4--x-s3"}, {}, id="directory bucket"),
        pytest.param({"Bucket": "Upper_Case"}, {}, id="old name"),
        pytest.param(BUCKET, {"config": {"s3": {"addressing_style": "virtual"}}}, id="virtual hosts"),
        pytest.param(BUCKET, {"config": {"s3": {"use_accelerate_endpoint": True}}, "url": None}, id="acceleration"),
        pytest.param(BUCKET, {"config": {"signature_version": "s3"}}, id="another signature"),
        pytest.param(BUCKET, {"config": {"proxies": {"https": "https://proxy.example:1"}}}, id="proxy with TLS"),
        pytest.param({**BUCKET, "Body": io.BytesIO(b"x" * 1_048_577), "ContentLength": 1_048_577}, {}, id="large body"),
        pytest.param({**BUCKET, "Body": b"x", "ChecksumCRC32": None}, {}, id="checksum after the body"),
    ],
)
def test_what_is_left_to_the_client(wire: Wire, parameters: dict[str, Any], options: dict[str, Any]) -> None:
    """Other resources than general purpose buckets, settings that ask for other requests, and large bodies."""
    wire.result = (200, {**STORE, **ETAG}, b"")
    named = {name: value for name, value in {"Key": "a", "Body": b"x", **CHECKSUM, **parameters}.items() if value}
    call(clients_of(**options), "PutObject", named, direct=True)
    assert wire.direct == 0


@pytest.mark.parametrize(
    ("action", "parameters"),
    [
        ("PutObject", {**OBJECT, "Metadata": {"a": "ä"}, "Body": b"x"}),
        ("PutObject", {**OBJECT, **CHECKSUM, "CacheControl": "a\r\nx-evil: b", "Body": b"x"}),
        ("HeadObject", {**OBJECT, "VersionId": 3}),
        ("HeadObject", {**BUCKET, "Key": ""}),
    ],
)
def test_a_call_that_is_refused_before_it_is_sent(wire: Wire, action: str, parameters: dict[str, Any]) -> None:
    """With the words of the client. Nothing is sent that has a line too many."""
    outcomes = [call(shared(direct), action, parameters, direct=direct) for direct in (True, False)]
    assert outcomes[0] == outcomes[1]
    assert wire.direct == 0


def test_a_body_that_cannot_be_read(wire: Wire) -> None:
    """Its error is that of a call of the client."""

    class Broken(io.BytesIO):
        def read(self, _size: int | None = -1, /) -> bytes:
            raise OSError("the disk is broken")

    outcomes = [
        call(shared(direct), "PutObject", {**OBJECT, **CHECKSUM, "Body": Broken(b"x")}, direct=direct)
        for direct in (True, False)
    ]
    assert outcomes[0] == outcomes[1]
    assert wire.direct == 0


@pytest.mark.parametrize("result", [CannotConnect(), Response(503, Headers(), b"")])
def test_a_body_is_sent_whole_by_the_client(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, result: Response | Exception
) -> None:
    """Also after the direct call has read it."""

    def send(_transport: Transport, _method: str, _content: bytes, **_options: Any) -> Response:
        if isinstance(result, Exception):
            raise result
        return result

    monkeypatch.setattr(Transport, "send", send)
    wire.result = (200, {**STORE, **ETAG}, b"")
    parameters = {**OBJECT, **CHECKSUM, "Body": io.BytesIO(b"abc"), "ContentLength": 3}
    assert call(shared(True), "PutObject", parameters, direct=True)["ETag"] == ETAG["ETag"]
    assert [body for _method, _target, _headers, body in wire.sent] == [b"abc"]


def test_a_handler_of_the_client_sees_direct_calls(wire: Wire) -> None:
    """A parameter that is added to every call of the client is in the direct request."""
    clients = clients_of()

    def add(params: dict[str, Any], **_event: Any) -> None:
        params["RequestPayer"] = "requester"

    clients.get("s3").meta.events.register("provide-client-params.s3.HeadObject", add)
    call(clients, "HeadObject", OBJECT, direct=True)
    assert wire.direct == 1
    assert wire.sent[0][2]["x-amz-request-payer"] == "requester"


def test_without_credentials_the_client_reports_it(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is sent."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    clients = Clients(Connection(region="us-east-1", endpoint_url="https://store.example"))
    assert call(clients, "HeadObject", OBJECT, direct=True)[0] == "NoCredentialsError"
    assert wire.sent == []


def test_the_callers_of_a_client_run_in_threads(wire: Wire) -> None:
    """The result of a request is given to the call that sent it."""
    wire.result = (503, STORE, b"")
    clients = clients_of(config={"retries": {"total_max_attempts": 1}})

    def one(number: int) -> Any:
        return call(clients, "HeadObject", {**BUCKET, "Key": f"k{number}"}, direct=True)

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(one, range(64)))
    assert {outcome[0] for outcome in outcomes} == {"ClientError"}
    assert len(wire.sent) == wire.direct == clients.calls.requests == 64
