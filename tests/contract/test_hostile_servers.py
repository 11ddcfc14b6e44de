# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Servers that answer nonsense: no task is ok, and each failure is reported by its cause."""

from __future__ import annotations

import gzip
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import Task
from .scale import number

ONCE = {"retries": {"total_max_attempts": 1}}
S3 = "x-amz-request-id: 4442587FB7D0A2F9\r\n"
KMS = "x-amzn-requestid: 4442587F-B7D0-A2F9\r\n"
ETAG = 'ETag: "5d41402abc4b2a76b9719d911017c592"\r\n'
XML = "Content-Type: application/xml\r\n"
PAGE = b"<!DOCTYPE html><html><head><title>Log in</title></head><body>Please log in.</body></html>"
LISTING = b'<?xml version="1.0"?><ListBucketResult><Name>b</Name><IsTruncated>false</IsTruncated></ListBucketResult>'
ERROR = b'<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>No.</Message></Error>'


def answer(status: str, headers: str = "", body: bytes = b"", length: int | None = None) -> bytes:
    """A response with the right length of its body, or with another one."""
    size = len(body) if length is None else length
    return f"HTTP/1.1 {status}\r\n{headers}Content-Length: {size}\r\nConnection: close\r\n\r\n".encode() + body


def chunked(*chunks: bytes) -> bytes:
    """A response in chunks, as they are."""
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + b"".join(chunks)


# A name, the response to every request, and the kinds that a failure may have.
ANSWERS: dict[str, tuple[bytes, str]] = {
    "a login page for everything": (answer("200 OK", "", PAGE), "unreachable"),
    "a page of a store": (answer("200 OK", S3, PAGE), "unsupported unreachable"),
    "an empty answer": (answer("200 OK"), "unreachable"),
    "an empty answer of a store": (answer("200 OK", S3), "unsupported"),
    "no content": (b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", "unreachable"),
    "partial content": (answer("206 Partial Content", "", b"x"), "unreachable"),
    "a text": (answer("200 OK", "", b"It works"), "unreachable"),
    # As a bucket policy, which is JSON, it is malformed.
    "JSON for XML": (answer("200 OK", "", b'{"ok": true}'), "unreachable unsupported invalid"),
    "a list in JSON": (answer("200 OK", "", b"[]"), "unreachable"),
    "null": (answer("200 OK", "", b"null"), "unreachable"),
    "a number in JSON": (answer("200 OK", "", b"7"), "unreachable"),
    "a listing for everything": (answer("200 OK", S3 + XML, LISTING), "unsupported"),
    "a listing without its end": (answer("200 OK", S3 + XML, LISTING[:60]), "unsupported unreachable failed"),
    "XML of no operation": (answer("200 OK", XML, b"<rss><channel/></rss>"), "unsupported unreachable"),
    "XML that is not well-formed": (answer("200 OK", XML, b"<a><b></a>"), "unsupported unreachable failed"),
    "many entities": (
        answer("200 OK", XML, b'<!DOCTYPE a [<!ENTITY b "' + b"c" * 999 + b'">]><a>' + b"&b;" * 99 + b"</a>"),
        "unsupported unreachable failed",
    ),
    "bytes that are not UTF-8": (answer("200 OK", "", b"\xff\xfe\x00\x01"), "unreachable"),
    "an error with status 200": (answer("200 OK", S3 + XML, ERROR), "forbidden unsupported"),
    "gzip that was not requested": (
        answer("200 OK", "Content-Encoding: gzip\r\n", gzip.compress(PAGE)),
        "unreachable",
    ),
    "gzip that is none": (answer("200 OK", "Content-Encoding: gzip\r\n", b"no gzip"), "unreachable"),
    "a short body": (answer("200 OK", "", LISTING[:20], 4096), "unreachable"),
    "a length that is no number": (
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\nConnection: close\r\n\r\n",
        "unreachable",
    ),
    "a negative length": (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\nConnection: close\r\n\r\n", "unreachable"),
    "two lengths": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\nConnection: close\r\n\r\nxx",
        "unreachable unsupported",
    ),
    "chunks of nonsense": (chunked(b"zz\r\nnonsense"), "unreachable"),
    "chunks without an end": (chunked(b"4\r\n<a/>\r\n"), "unreachable unsupported"),
    "a header of a megabyte": (answer("200 OK", "X-A: " + "a" * 1_000_000 + "\r\n"), "unreachable"),
    "a thousand headers": (answer("200 OK", "X-A: a\r\n" * 1000), "unreachable"),
    "no HTTP": (b"SSH-2.0-OpenSSH_9.6\r\n", "unreachable"),
    "an old HTTP": (b"HTTP/0.9 200 OK\r\n\r\n<html></html>", "unreachable"),
    "a closed connection": (b"", "unreachable"),
    "half a status line": (b"HTTP/1.1 2", "unreachable"),
    "a status that is no number": (b"HTTP/1.1 OK\r\n\r\n", "unreachable"),
    "the status 299": (answer("299 Odd", "", PAGE), "unreachable"),
    "the status 300": (answer("300 Multiple Choices", "", PAGE), "unreachable failed unsupported"),
    "the status 304": (answer("304 Not Modified"), "failed unsupported unreachable"),
    "a redirect to itself": (answer("307 Temporary Redirect", "Location: /\r\n"), "invalid"),
    "a redirect to https": (answer("301 Moved", "Location: https://store.example/\r\n"), "invalid"),
    "a page with status 404": (answer("404 Not Found", "", PAGE), "unreachable unsupported"),
    "an empty 404": (answer("404 Not Found"), "unreachable unsupported"),
    "a page with status 403": (answer("403 Forbidden", "", PAGE), "forbidden"),
    "a page with status 400": (answer("400 Bad Request", "", PAGE), "failed unsupported"),
    "a page with status 401": (answer("401 Unauthorized", "", PAGE), "credentials"),
    "a page with status 405": (answer("405 Method Not Allowed", "", PAGE), "unsupported"),
    "a page with status 500": (answer("500 Oops", "", PAGE), "failed"),
    "a page with status 502": (answer("502 Bad Gateway", "", PAGE), "unreachable"),
    "a page with status 503": (answer("503 Unavailable", "", PAGE), "throttled"),
    "JSON with status 500": (answer("500 Oops", "", b"[]"), "failed unreachable"),
    "the status 999": (answer("999 Odd", "", PAGE), "failed unreachable"),
}
BUCKET = "example-bucket"
TASKS: dict[str, tuple[str, dict[str, Any]]] = {
    "rule": ("bucket_default_encryption", {"buckets": [BUCKET], "encryption": "SSE-S3"}),
    "rules": ("bucket_default_encryption_info", {"buckets": [BUCKET]}),
    "policies": ("bucket_encryption_policy_info", {"buckets": [BUCKET]}),
    "all buckets": ("bucket_default_encryption_info", {"select": {"names": ["*"]}}),
    "policy": ("bucket_encryption_policy", {"buckets": [BUCKET], "require_tls": True}),
    "upload": ("s3_encrypted_object", {"bucket": BUCKET, "key": "a", "content": "x"}),
    "delete": ("s3_encrypted_object", {"bucket": BUCKET, "key": "a", "state": "absent"}),
    "object": ("s3_encrypted_object_info", {"bucket": BUCKET, "key": "a"}),
    "objects": ("s3_encrypted_object_info", {"bucket": BUCKET, "prefix": "a"}),
    "count": ("bucket_reencryption_info", {"bucket": BUCKET, "versions": "all"}),
    "download": ("s3_encrypted_object_download", {"bucket": BUCKET, "key": "a"}),
    "key": ("kms_key_for_s3", {"alias": "app"}),
    "key report": ("kms_key_for_s3_info", {"alias": "app"}),
}


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    response = b""


class _Canned(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        """Read the head of a request and what follows at once, and answer the same as always."""
        received = b""
        while b"\r\n\r\n" not in received:
            more = self.request.recv(65536)
            if not more:
                return
            received += more
        assert isinstance(self.server, _Server)
        self.request.sendall(self.server.response)


@pytest.fixture(scope="module")
def server() -> Iterator[_Server]:
    """A server that sends its `response` to every request."""
    with _Server(("127.0.0.1", 0), _Canned) as listening:
        threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield listening
        listening.shutdown()


def test_the_table_is_long_enough() -> None:
    """At least 38 kinds of nonsense."""
    assert len(ANSWERS) >= 38


@pytest.mark.parametrize("name", ANSWERS)
def test_nonsense_is_never_ok(task: Task, server: _Server, tmp_path: Path, name: str) -> None:
    """Every module fails, with a kind that fits, and has changed nothing and written no file.

    In `make test` each answer meets three tasks, in turn.
    """
    server.response, kinds = ANSWERS[name]
    url = f"http://127.0.0.1:{server.server_address[1]}"
    dest = tmp_path / "file"
    first = list(ANSWERS).index(name)
    for described, (module, options) in [*TASKS.items(), *TASKS.items()][first % len(TASKS) :][: number(3, len(TASKS))]:
        if (name, described) == ("a listing for everything", "objects"):
            continue  # it is the answer to that request
        more = {"dest": str(dest)} if described == "download" else {}
        result = task(module, endpoint_url=url, aws_config=ONCE, **options, **more)
        assert result.get("failed"), (described, result)
        assert not result.get("changed"), (described, result)
        error = result.get("error") or next(each["error"] for each in result["buckets"] if each["error"])
        allowed = {*kinds.split(), "unsupported"} if described.startswith("key") else {*kinds.split()}
        assert error["kind"] in allowed, (described, result["msg"])
        assert "does not handle" not in result["msg"], (described, result["msg"])
        assert "carried out all the same" not in result["msg"], (described, result["msg"])
        assert "<" not in result["msg"], (described, result["msg"])
        assert list(tmp_path.iterdir()) == [], described


def test_expired_credentials_end_a_fleet(task: Task, server: _Server) -> None:
    """The message says how far the run came."""
    body = b"<?xml version='1.0'?><Error><Code>ExpiredToken</Code><Message>The token has expired.</Message></Error>"
    server.response = answer("400 Bad Request", S3 + XML, body)
    url = f"http://127.0.0.1:{server.server_address[1]}"
    names = [f"example-{number}" for number in range(300)]
    result = task("bucket_default_encryption_info", endpoint_url=url, aws_config=ONCE, buckets=names, concurrency=4)
    assert result["failed"]
    assert result["summary"]["failed"] <= 4
    assert "The run ended early, with 0 of 300 buckets done" in result["msg"]
