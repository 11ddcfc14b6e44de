# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A store in front of the lab that refuses some request headers, as stores other than AWS do."""

from __future__ import annotations

import http.client
import http.server
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

_ERROR = "<?xml version='1.0'?><Error><Code>{code}</Code><Message>{message}</Message>{element}</Error>"
_NOT_FORWARDED = {"connection", "transfer-encoding", "content-length", "host", "expect"}


@dataclass
class HeaderRefusingStore:
    """Passes requests on to the lab, unless a request of `methods` has a header that matches `refused`.

    It takes a request with a subresource of `ignored`, such as `?tagging`, for one of the object itself. In `message`,
    `{}` is the name of the header. `sent` has the names of the headers of each request that is not one
    of the tests' own.
    """

    lab_url: str
    refused: str
    methods: tuple[str, ...] = ("GET", "HEAD", "PUT", "POST", "DELETE")
    status: int = 400
    code: str = "InvalidArgument"
    message: str = "Unsupported header '{}' received for this API call."
    element: str = ""
    ignored: tuple[str, ...] = ()
    sent: list[tuple[str, set[str]]] = field(default_factory=list)

    def refusal(self, method: str, names: set[str]) -> bytes | None:
        """The body of the error, if a header is refused."""
        found = next((name for name in sorted(names) if re.fullmatch(self.refused, name)), None)
        if found is None or method not in self.methods:
            return None
        element = f"<Header>{found}</Header>" if self.element else ""
        return _ERROR.format(code=self.code, message=self.message.format(found), element=element).encode()

    @contextmanager
    def running(self) -> Iterator[str]:
        """Run the store, and return its URL."""
        store = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                names = {name.lower() for name in self.headers}
                store.sent.append((self.command, names))
                refusal = store.refusal(self.command, names)
                if refusal is not None:
                    self._send(store.status, [("Content-Type", "application/xml")], refusal)
                    return
                connection = http.client.HTTPConnection(urlsplit(store.lab_url).netloc)
                headers = {name: value for name, value in self.headers.items() if name.lower() not in _NOT_FORWARDED}
                path, _mark, query = self.path.partition("?")
                is_ignored = query.partition("=")[0] in store.ignored
                connection.request(self.command, path if is_ignored else self.path, body, headers)
                response = connection.getresponse()
                content = response.read()
                self._send(response.status, response.getheaders(), content, response.getheader("Content-Length"))
                connection.close()

            def _send(
                self, status: int, headers: list[tuple[str, str]], body: bytes, length: str | None = None
            ) -> None:
                self.send_response_only(status)
                for name, value in headers:
                    if name.lower() not in _NOT_FORWARDED:
                        self.send_header(name, value)
                is_head = self.command == "HEAD"
                self.send_header("Content-Length", (is_head and length) or str(0 if is_head else len(body)))
                self.end_headers()
                if not is_head:
                    self.wfile.write(body)

            do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _answer

            def log_message(self, *_arguments: Any) -> None:
                """Log nothing."""

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
