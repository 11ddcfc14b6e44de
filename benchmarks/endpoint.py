# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A fast emulator of S3 that answers from memory, for measurements of clients.

endpoint.py [--port 0] [--ca-file FILE] [--packages FOLDER]    listens on 127.0.0.1 and prints its URL

It stands in the place of AWS with the lab's proxy and certificates, whose authority it writes to the file.

It checks nothing: no signatures, names or documents. It stores the documents of PutBucketEncryption and
PutBucketPolicy, lists buckets and objects in pages, reports their encryption, notes the key of each object that is
copied onto itself or changed in place, and answers the other requests of the measured tools as S3 does for a bucket
without any configuration. It answers unknown requests with 501 and counts them,
so that a new version of a tool cannot change the figures unnoticed.

POST /_bench/reset     reset to {"buckets": 1000, "objects": 0, "delay_ms": 20, "regions": ["us-east-1"],
                       "kms_key": null}; with a kms_key all buckets use that key and a bucket key, without one they use
                       SSE-S3. Each bucket has the objects; every hundredth of them uses SSE-S3 in any case, or
                       all do with "object_key": null, or all use the KMS key "object_key"
GET  /_bench/counts    the requests since the reset, by operation
GET  /_bench/written   the number of buckets that were written since the reset
GET  /_bench/keys      the number of objects that were changed since the reset, by their new KMS key
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import contextlib
import importlib
import json
import signal
import socket
import sys
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs

from names import ACCOUNT, bucket_names, object_name
from sealed_lab.authority import Authority
from sealed_lab.tunnel import FirstBytes

_DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
_OWNER = "<Owner><ID>6f0c2b1e</ID></Owner>"

# The responses of S3 for a bucket without any configuration: query, and operation, status and body of GET.
_UNSET: dict[str, tuple[str, int, str]] = {
    "accelerate": ("GetBucketAccelerateConfiguration", 200, f"<AccelerateConfiguration {_NAMESPACE}/>"),
    "acl": (
        "GetBucketAcl",
        200,
        f"<AccessControlPolicy {_NAMESPACE}>{_OWNER}<AccessControlList/></AccessControlPolicy>",
    ),
    "inventory": ("ListBucketInventoryConfigurations", 200, f"<ListInventoryConfigurationsResult {_NAMESPACE}/>"),
    "lifecycle": ("GetBucketLifecycleConfiguration", 404, "NoSuchLifecycleConfiguration"),
    "location": ("GetBucketLocation", 200, f"<LocationConstraint {_NAMESPACE}/>"),
    "logging": ("GetBucketLogging", 200, f"<BucketLoggingStatus {_NAMESPACE}/>"),
    "notification": ("GetBucketNotificationConfiguration", 200, f"<NotificationConfiguration {_NAMESPACE}/>"),
    "object-lock": ("GetObjectLockConfiguration", 404, "ObjectLockConfigurationNotFoundError"),
    "ownershipControls": (
        "GetBucketOwnershipControls",
        200,
        f"<OwnershipControls {_NAMESPACE}><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule>"
        "</OwnershipControls>",
    ),
    "policy": ("GetBucketPolicy", 404, "NoSuchBucketPolicy"),
    "publicAccessBlock": (
        "GetPublicAccessBlock",
        200,
        f"<PublicAccessBlockConfiguration {_NAMESPACE}><BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true"
        "</IgnorePublicAcls><BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true"
        "</RestrictPublicBuckets></PublicAccessBlockConfiguration>",
    ),
    "replication": ("GetBucketReplication", 404, "ReplicationConfigurationNotFoundError"),
    "requestPayment": (
        "GetBucketRequestPayment",
        200,
        f"<RequestPaymentConfiguration {_NAMESPACE}><Payer>BucketOwner</Payer></RequestPaymentConfiguration>",
    ),
    "tagging": ("GetBucketTagging", 404, "NoSuchTagSet"),
    "versioning": ("GetBucketVersioning", 200, f"<VersioningConfiguration {_NAMESPACE}/>"),
    "website": ("GetBucketWebsite", 404, "NoSuchWebsiteConfiguration"),
}

_REASONS = {200: "OK", 204: "No Content", 404: "Not Found", 501: "Not Implemented"}


def _respond(status: int, body: bytes = b"", content_type: str = "application/xml", region: str = "") -> bytes:
    head = (
        f"HTTP/1.1 {status} {_REASONS[status]}\r\nServer: bench\r\nx-amz-request-id: BENCH0000000001\r\n"
        f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n"
    )
    if region:
        head += f"x-amz-bucket-region: {region}\r\n"
    return head.encode() + b"\r\n" + body


def _refuse(status: int, code: str) -> bytes:
    return _respond(status, _DECLARATION + f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode())


def _encryption(kms_key: str | None) -> bytes:
    algorithm = "aws:kms" if kms_key else "AES256"
    key = f"<KMSMasterKeyID>{kms_key}</KMSMasterKeyID>" if kms_key else ""
    return (
        _DECLARATION
        + (
            f"<ServerSideEncryptionConfiguration {_NAMESPACE}><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>"
            f"{algorithm}</SSEAlgorithm>{key}</ApplyServerSideEncryptionByDefault><BucketKeyEnabled>"
            f"{'true' if kms_key else 'false'}</BucketKeyEnabled><BlockedEncryptionTypes><EncryptionType>SSE-C"
            "</EncryptionType></BlockedEncryptionTypes></Rule></ServerSideEncryptionConfiguration>"
        ).encode()
    )


def _head(kms_key: str | None) -> bytes:
    """The response of HeadObject: the headers alone."""
    encryption = "AES256"
    if kms_key:
        encryption = (
            f"aws:kms\r\nx-amz-server-side-encryption-aws-kms-key-id: {kms_key}\r\n"
            "x-amz-server-side-encryption-bucket-key-enabled: true"
        )
    return (
        "HTTP/1.1 200 OK\r\nServer: bench\r\nx-amz-request-id: BENCH0000000001\r\nContent-Type: text/plain\r\n"
        'Content-Length: 13\r\nETag: "00000000000000000000000000000000"\r\nAccept-Ranges: bytes\r\n'
        "Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
        f"x-amz-server-side-encryption: {encryption}\r\n\r\n"
    ).encode()


class Store:
    """The buckets, and the counts of requests."""

    def __init__(self) -> None:
        self.delay = 0.0
        self.counts: collections.Counter[str] = collections.Counter()
        self._regions: list[str] = []
        self._names: list[str] = []
        self._default = b""
        self._objects = 0
        self._heads: tuple[bytes, bytes] = (b"", b"")
        self._written: dict[bytes, bytes] = {}
        # The KMS key of each object that was copied onto itself or changed in place, and the answer for each key.
        self._changed: dict[bytes, bytes] = {}
        self._head_of: dict[bytes, bytes] = {}
        self._policies: dict[bytes, bytes] = {}
        self._unset = {
            query: (operation, _respond(status, _DECLARATION + body.encode()) if status == 200 else _refuse(404, body))
            for query, (operation, status, body) in _UNSET.items()
        }
        self.reset({})

    def reset(self, settings: dict[str, Any]) -> None:
        """Replace all buckets with these, and reset the counts."""
        self.delay = settings.get("delay_ms", 0) / 1000
        self._regions = settings.get("regions") or ["us-east-1"]
        self._names = bucket_names(settings.get("buckets", 0))
        self._default = _respond(200, _encryption(settings.get("kms_key")))
        self._objects = settings.get("objects", 0)
        head = _head(settings.get("kms_key"))
        self._heads = (_head(None), head)
        if "object_key" in settings:
            self._heads = (_head(settings["object_key"]),) * 2
        self._changed.clear()
        self._written.clear()
        self._policies.clear()
        self.counts.clear()

    def control(self, method: str, what: str, body: bytes) -> bytes:
        """Answer a request of the benchmark itself."""
        answer: Any = {}
        if (method, what) == ("POST", "reset"):
            self.reset(json.loads(body or b"{}"))
        elif what == "counts":
            answer = dict(self.counts)
        elif what == "written":
            answer = len(self._written)
        elif what == "keys":
            answer = {key.decode(): number for key, number in collections.Counter(self._changed.values()).items()}
        return _respond(200, json.dumps(answer).encode(), "application/json")

    def answer(self, method: str, path: bytes, query: bytes, head: bytes, body: bytes) -> bytes:
        """Answer one request of a client, and count it."""
        if path == b"/":
            return self._answer_root(method, query.decode(), head, body)
        bucket, _slash, key = path[1:].partition(b"/")
        if query[:10] == b"encryption" and not key:
            return self._answer_encryption(method, bucket, body)
        name = query.decode().partition("&")[0].rstrip("=")
        if name == "policy" and (method != "GET" or bucket in self._policies):
            return self._answer_policy(method, bucket, body)
        if method == "GET" and name in self._unset:
            operation, answer = self._unset[name]
            self.counts[operation] += 1
            return answer
        if method == "GET" and name == "list-type=2":
            self.counts["ListObjectsV2"] += 1
            return self._list_objects({name: values[0] for name, values in parse_qs(query.decode()).items()})
        if method == "GET" and not key and name in ("encoding-type=url", "marker", "max-keys"):
            self.counts["ListObjects"] += 1
            return self._list_objects({name: values[0] for name, values in parse_qs(query.decode()).items()})
        if method == "HEAD" and key:
            self.counts["HeadObject"] += 1
            changed = self._changed.get(key)
            return self._heads[not key.endswith(b"00")] if changed is None else self._head_of[changed]
        if method == "PUT" and key and name == "encryption":
            self.counts["UpdateObjectEncryption"] += 1
            self._change(key, body.partition(b"<KMSKeyArn>")[2].partition(b"<")[0])
            return _respond(200)
        if method == "PUT" and key and b"x-amz-copy-source" in head.lower():
            self.counts["CopyObject"] += 1
            self._change(key, _header(head, b"x-amz-server-side-encryption-aws-kms-key-id"))
            return _respond(200, _COPIED)
        if method == "GET" and key and name == "tagging":
            self.counts["GetObjectTagging"] += 1
            return _respond(200, _DECLARATION + f"<Tagging {_NAMESPACE}><TagSet/></Tagging>".encode())
        if method == "HEAD":
            self.counts["HeadBucket"] += 1
            return _respond(200, region=self._regions[0])
        self.counts[f"unknown: {method} {name or 'a bucket'}"] += 1
        return _refuse(501, "NotImplemented")

    def _change(self, key: bytes, kms_key: bytes) -> None:
        self._changed[key] = kms_key
        if kms_key not in self._head_of:
            self._head_of[kms_key] = _head(kms_key.decode())

    def _answer_encryption(self, method: str, bucket: bytes, body: bytes) -> bytes:
        if method == "GET":
            self.counts["GetBucketEncryption"] += 1
            written = self._written.get(bucket)
            return self._default if written is None else _respond(200, written)
        if method == "PUT":
            self.counts["PutBucketEncryption"] += 1
            self._written[bucket] = body
            return _respond(200)
        self.counts["DeleteBucketEncryption"] += 1
        self._written.pop(bucket, None)
        return _respond(204)

    def _answer_policy(self, method: str, bucket: bytes, body: bytes) -> bytes:
        self.counts[f"{method.capitalize()}BucketPolicy"] += 1
        if method == "GET":
            return _respond(200, self._policies[bucket], "application/json")
        if method == "PUT":
            self._policies[bucket] = body
        else:
            self._policies.pop(bucket, None)
        return _respond(204)

    def _answer_root(self, method: str, query: str, head: bytes, body: bytes) -> bytes:
        if method == "GET":
            self.counts["ListBuckets"] += 1
            return self._list_buckets({name: values[0] for name, values in parse_qs(query).items()})
        target = _header(head, b"x-amz-target")
        if target == b"TrentService.DescribeKey":
            self.counts["DescribeKey"] += 1
            return _respond(200, _describe_key(json.loads(body)["KeyId"]), "application/x-amz-json-1.1")
        if target == b"TrentService.ListAliases":
            self.counts["ListAliases"] += 1
            return _respond(200, b'{"Aliases":[],"Truncated":false}', "application/x-amz-json-1.1")
        action = parse_qs(body.decode(errors="replace")).get("Action", [""])[0]
        if action == "GetCallerIdentity":
            self.counts[action] += 1
            return _respond(200, _CALLER)
        self.counts[f"unknown: {(target or action.encode()).decode() or 'POST /'}"] += 1
        return _refuse(501, "NotImplemented")

    def _list_objects(self, query: dict[str, str]) -> bytes:
        """One page. The token is the number of the next page's first object, and a marker the last key before it."""
        start = int(query.get("continuation-token", 0))
        if "marker" in query:
            start = int(query["marker"].rpartition("/")[2]) + 1
        end = min(start + int(query.get("max-keys", 1000)), self._objects)
        contents = "".join(
            f"<Contents><Key>{object_name(number)}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>"
            f"<ETag>&quot;{number:032x}&quot;</ETag><Size>13</Size><StorageClass>STANDARD</StorageClass></Contents>"
            for number in range(start, end)
        )
        more = end < self._objects
        token = f"<NextContinuationToken>{end}</NextContinuationToken>" if more else ""
        page = (
            f"<ListBucketResult {_NAMESPACE}><Name>bench</Name><Prefix></Prefix><KeyCount>{end - start}</KeyCount>"
            f"<MaxKeys>1000</MaxKeys><EncodingType>url</EncodingType><IsTruncated>{'true' if more else 'false'}"
            f"</IsTruncated>{token}{contents}</ListBucketResult>"
        )
        return _respond(200, _DECLARATION + page.encode())

    def _list_buckets(self, query: dict[str, str]) -> bytes:
        """One page. The token is the index of the next page's first bucket."""
        listed = [
            (name, self._regions[place % len(self._regions)])
            for place, name in enumerate(self._names)
            if name.startswith(query.get("prefix", ""))
        ]
        if "bucket-region" in query:
            listed = [(name, region) for name, region in listed if region == query["bucket-region"]]
        start = int(query.get("continuation-token", 0))
        end = start + int(query.get("max-buckets", 10_000))
        buckets = "".join(
            f"<Bucket><BucketArn>arn:aws:s3:::{name}</BucketArn><BucketRegion>{region}</BucketRegion>"
            f"<CreationDate>2026-01-01T00:00:00.000Z</CreationDate><Name>{name}</Name></Bucket>"
            for name, region in listed[start:end]
        )
        token = f"<ContinuationToken>{end}</ContinuationToken>" if end < len(listed) else ""
        page = f"<ListAllMyBucketsResult {_NAMESPACE}>{_OWNER}<Buckets>{buckets}</Buckets>{token}"
        return _respond(200, _DECLARATION + f"{page}</ListAllMyBucketsResult>".encode())


_COPIED = _DECLARATION + (
    b"<CopyObjectResult><LastModified>2026-01-01T00:00:00.000Z</LastModified>"
    b"<ETag>&quot;00000000000000000000000000000000&quot;</ETag></CopyObjectResult>"
)
_CALLER = (
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
    f"<Arn>arn:aws:iam::{ACCOUNT}:root</Arn><UserId>{ACCOUNT}</UserId><Account>{ACCOUNT}</Account>"
    "</GetCallerIdentityResult></GetCallerIdentityResponse>"
).encode()


def _describe_key(reference: str) -> bytes:
    arn = reference if reference.startswith("arn:") else f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{reference}"
    metadata = {
        "AWSAccountId": ACCOUNT,
        "Arn": arn,
        "Enabled": True,
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "KeyId": arn.rpartition("/")[2],
        "KeyManager": "CUSTOMER",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "KeyState": "Enabled",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "MultiRegion": False,
        "Origin": "AWS_KMS",
    }
    return json.dumps({"KeyMetadata": metadata}).encode()


def _header(head: bytes, name: bytes) -> bytes:
    _before, found, rest = head.lower().partition(b"\r\n" + name + b":")
    # Return the value in its original case, which matters for header values.
    return head[len(head) - len(rest) :].partition(b"\r\n")[0].strip() if found else b""


class Protocol(asyncio.Protocol):
    """The part of HTTP/1.1 that the SDK uses: persistent connections, and bodies with a Content-Length."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._loop = asyncio.get_running_loop()
        self._buffer = b""
        self._continued = False
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Disable Nagle's algorithm, because responses are small."""
        self._transport = cast(asyncio.Transport, transport)
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def data_received(self, data: bytes) -> None:
        """Answer every complete request."""
        self._buffer += data
        while True:
            head, found, rest = self._buffer.partition(b"\r\n\r\n")
            if not found:
                return
            method, target, _version = head.partition(b"\r\n")[0].split(b" ", 2)
            length = 0 if method in (b"GET", b"HEAD") else int(_header(head, b"content-length") or 0)
            if len(rest) < length:
                if not self._continued and b"100-continue" in head:
                    self._continued = True
                    self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                return
            self._continued = False
            self._buffer = rest[length:]
            self._handle(method.decode(), target, head, rest[:length])

    def _handle(self, method: str, target: bytes, head: bytes, body: bytes) -> None:
        path, _mark, query = target.partition(b"?")
        bucket, virtual, _rest = _header(head, b"host").partition(b".s3.")
        if virtual:
            path = b"/" + bucket + path
        store = self._store
        if path.startswith(b"/_bench/"):
            self._send(store.control(method, path[len(b"/_bench/") :].decode(), body))
        elif store.delay:
            answer = store.answer(method, path, query, head, body)
            self._loop.call_later(store.delay, self._send, answer)
        else:
            self._send(store.answer(method, path, query, head, body))

    def _send(self, answer: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(answer)


async def _serve(port: int, ca_file: Path | None) -> None:
    store = Store()
    authority = Authority()
    if ca_file:
        ca_file.write_bytes(authority.certificate)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: FirstBytes(lambda: Protocol(store), lambda: authority), "127.0.0.1", port, backlog=1024
    )
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stopped.set)
    await stopped.wait()
    server.close()
    authority.close()


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0, help="0 selects a free port; the URL is printed")
    parser.add_argument("--ca-file", type=Path, help="where to write the certificate of its authority")
    parser.add_argument("--packages", help="a folder of packages that has uvloop")
    given = parser.parse_args()
    if given.packages:
        sys.path.append(given.packages)
    try:
        loop = importlib.import_module("uvloop")
    except ImportError:  # the standard library's loop needs about twice the processor time for each request
        loop = asyncio
    loop.run(_serve(given.port, given.ca_file))


if __name__ == "__main__":
    main()
