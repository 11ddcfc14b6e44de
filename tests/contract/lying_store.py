# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A store that accepts requests and does not carry them out: a proxy on the loopback interface before the lab.

Each lie was seen in a store that speaks the S3 API.
"""

from __future__ import annotations

import contextlib
import http.client
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

CUSTOMER_KEY = "x-amz-server-side-encryption-customer-"
_OF_A_CONNECTION = ("connection", "keep-alive", "transfer-encoding", "date", "server")


@dataclass(frozen=True)
class Sent:
    """A request: its method, its path with the query, its headers in lower case and its body."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Lie:
    """What a store does otherwise. Names of headers are shell patterns in lower case.

    `drops` are headers of requests that the store does not know, `changes` those that it takes for other values, and
    `hides` those that its answers lack. `replaces` are headers of its answers to HEAD with other values. `ignores` are
    requests that it only answers with 200, in the form `METHOD` or `METHOD ?QUERY`. `echoes_customer_keys`: it stores
    the plaintext, and returns the headers of SSE-C with it. `accepts_any_customer_key`: it does the same, but refuses
    requests without a key. `breaks` is what a copy breaks: the `bytes`, so that others are read, or the `reads`, which
    fail from then on. `loses` and `damages` are shell patterns of paths: of uploads that are not carried out, and of
    what is read with other bytes. `watch` gets each request before it is carried out.
    """

    drops: tuple[str, ...] = ()
    changes: Mapping[str, str] = field(default_factory=dict)
    hides: tuple[str, ...] = ()
    replaces: Mapping[str, str] = field(default_factory=dict)
    ignores: tuple[str, ...] = ()
    echoes_customer_keys: bool = False
    accepts_any_customer_key: bool = False
    breaks: str = ""
    loses: str = ""
    damages: str = ""
    watch: Callable[[Sent], None] | None = None

    @property
    def stores_plaintext(self) -> bool:
        """Whether a customer key encrypts nothing."""
        return self.echoes_customer_keys or self.accepts_any_customer_key


@dataclass
class _Memory:
    """What the store knows of each path: the MD5 of the customer key that it echoes, and whether a copy broke it."""

    key_md5: dict[str, str] = field(default_factory=dict)
    copied: set[str] = field(default_factory=set)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, upstream: str, lie: Lie) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream = urlsplit(upstream).netloc
        self.lie = lie
        self.memory = _Memory()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:  # pylint: disable=redefined-builtin
        """No log."""

    def _handle(self) -> None:
        size = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(size)
        if len(body) < size:  # the client ended the request, and no other server has to wait for the rest
            self.close_connection = True
            return
        path, _mark, query = self.path.partition("?")
        lie, memory = self.server.lie, self.server.memory
        wanted = {self.command, f"{self.command} ?{query.partition('=')[0]}"} if query else {self.command}
        if wanted & set(lie.ignores):
            self._answer(200, {}, b"")
            return
        sent = {name.lower(): value for name, value in self.headers.items()}
        if lie.watch:
            lie.watch(Sent(self.command, self.path, sent, body))
        if self.command == "PUT" and fnmatchcase(path, lie.loses):
            self._answer(200, {"etag": '"5d41402abc4b2a76b9719d911017c592"'}, b"")
            return
        is_copy = "x-amz-copy-source" in sent
        if self.command == "GET" and lie.breaks == "reads" and path in memory.copied:
            self._answer(500, {"content-type": "application/xml"}, b"<Error><Code>KMS.Failure</Code></Error>")
            return
        key_md5 = sent.get(f"{CUSTOMER_KEY}key-md5", "")
        if lie.accepts_any_customer_key and path in memory.key_md5 and not key_md5 and self.command in ("GET", "HEAD"):
            self._answer(400, {"content-type": "application/xml"}, b"<Error><Code>InvalidRequest</Code></Error>")
            return
        try:
            status, answered, content = self._forward(sent, body)
        except (http.client.HTTPException, OSError):  # a fault of the lab: the client gets no answer either
            self.close_connection = True
            return
        if self.command == "PUT" and status == 200:
            memory.key_md5.pop(path, None)
            if lie.stores_plaintext and key_md5:
                memory.key_md5[path] = key_md5
            (memory.copied.add if is_copy else memory.copied.discard)(path)
        if path in memory.key_md5:
            md5 = key_md5 if lie.accepts_any_customer_key else memory.key_md5[path]
            answered |= {f"{CUSTOMER_KEY}algorithm": "AES256", f"{CUSTOMER_KEY}key-md5": md5}
        is_broken = lie.breaks == "bytes" and path in memory.copied
        if self.command == "GET" and (is_broken or (status == 200 and fnmatchcase(path, lie.damages))):
            content = bytes(byte ^ 1 for byte in content)
            answered = {name: value for name, value in answered.items() if "checksum" not in name}
        self._answer(status, answered, content)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _handle

    def _forward(self, sent: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        lie = self.server.lie
        dropped = (
            *lie.drops,
            *([f"*{CUSTOMER_KEY.removeprefix('x-amz-')}*"] if lie.stores_plaintext else []),
            "expect",
        )
        connection = http.client.HTTPConnection(self.server.upstream, timeout=30)
        with contextlib.closing(connection):
            headers = {name: value for name, value in sent.items() if not _matches(name, dropped)}
            headers |= {name: value for name, value in lie.changes.items() if name in headers}
            connection.request(self.command, self.path, body or None, headers)
            answer = connection.getresponse()
            answered = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, answered, answer.read()

    def _answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
        lie = self.server.lie
        self.send_response(status)
        if self.command == "HEAD":
            headers |= {name: value for name, value in lie.replaces.items() if name in headers}
        for name, value in headers.items():
            if not _matches(name, (*lie.hides, *_OF_A_CONNECTION)) and name != "content-length":
                self.send_header(name, value)
        length = headers.get("content-length", "0") if self.command == "HEAD" else str(len(content))
        if status != 204:
            self.send_header("Content-Length", length)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


@contextlib.contextmanager
def lying_store(upstream: str, lie: Lie) -> Iterator[str]:
    """The URL of a store that lies, with the objects of the one at `upstream`."""
    with _Server(upstream, lie) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
