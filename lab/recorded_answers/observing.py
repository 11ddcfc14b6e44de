# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Observe the requests of a test, and their answers. It runs in the environment of the tests of another project."""

from __future__ import annotations

import copy
import io
import json
import os
import time
import types
import urllib.request
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

import botocore.client
import botocore.response
import botocore.session
import requests
from botocore import UNSIGNED
from botocore.exceptions import ClientError
from botocore.validate import ParamValidationDecorator
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from .caller import Caller
from .presigning import is_presigned, signed_parts, take_signature
from .references import References
from .request import Request
from .responses import http_parts, without_metadata
from .values import encode
from .wrapping import ObservedKey

# The options of a client that change what it sends, with what botocore's own default is.
_CLIENT_OPTIONS = {
    "request_checksum_calculation": ("when_supported", None),
    "response_checksum_validation": ("when_supported", None),
}


@dataclass
class Observation:
    """What one test sent, in order."""

    requests: list[Request] = field(default_factory=list)
    references: References = field(default_factory=References)
    is_teardown: bool = False
    slept: float = 0

    @property
    def has_presigned(self) -> bool:
        """Whether the test has a presigned URL or form."""
        return any(is_presigned(each.shown) for each in self.requests)

    def start(self, shown: dict[str, Any]) -> Request:
        """Add a request, with its parameters as the test gave them."""
        request = Request(encode(self.references.in_request(shown), datetime.now(timezone.utc)))
        if self.slept:
            request.shown["after"] = self.slept
            self.slept = 0
        if not self.is_teardown:
            self.requests.append(request)
        return request

    def finish(self, request: Request, answer: Any, content: bytes | None = None) -> None:
        """Keep the answer of a request, and the content of its stream."""
        request.answer = answer
        fixed = {name: value for name, value in answer.items() if content is None or name != "Body"}
        request.kept = copy.deepcopy(fixed) | ({} if content is None else {"Body": content})
        if not self.is_teardown:
            self.references.add_answer(len(self.requests) - 1, without_metadata(answer))

    def find(self, value: Any) -> tuple[int, list[Any] | None] | None:
        """Return the number of the request whose answer is, or contains, this very object, and its path there.

        The path is None for a value of another type that a test made of the last answer to an HTTP request.
        """
        for index in range(len(self.requests) - 1, -1, -1):
            path = _path(self.requests[index].answer, value)
            if path is not None:
                return index, path
        last = len(self.requests) - 1
        return (last, None) if self.requests and "http" in self.requests[last].shown else None


def _path(answer: Any, part: Any) -> list[Any] | None:
    """Return where in an answer this very object is, or None if it is not there. Numbers and words are no objects."""
    if answer is part and isinstance(part, (dict, list)):
        return []
    items = answer.items() if isinstance(answer, dict) else enumerate(answer) if isinstance(answer, list) else ()
    for name, each in items:
        path = _path(each, part)
        if path is not None:
            return [name, *path]
    return None


class Observer:
    """Observes all clients of botocore and all requests of the package ``requests``, one test at a time."""

    def __init__(self) -> None:
        self.now = Observation()
        self._call: Any = vars(botocore.client.BaseClient)["_make_api_call"]
        self._send: Any = requests.Session.send
        self._create: Any = botocore.session.Session.create_client

    def install(self) -> None:
        """Observe from here on."""
        observer = self

        def call(client: Any, operation: str, parameters: Any) -> Any:
            return observer._observe_call(client, operation, parameters)

        def send(session: Any, prepared: Any, **options: Any) -> Any:
            return observer._observe_http(session, prepared, options)

        def create(session: Any, *arguments: Any, **options: Any) -> Any:
            # verify=True is botocore's own bundle of certificates; the lab's authority is in AWS_CA_BUNDLE
            if options.get("verify") is True:
                options["verify"] = None
            client = observer._create(session, *arguments, **options)
            # An SDK that is not told so presigns with another version than it signs.
            client.requested_signature = getattr(options.get("config"), "signature_version", None)
            if client.meta.service_model.service_name == "s3":
                for name, observed in (("generate_presigned_url", presign), ("generate_presigned_post", presign_post)):
                    original = getattr(type(client), name)
                    setattr(client, f"_unobserved_{name}", types.MethodType(original, client))
                    setattr(client, name, types.MethodType(observed, client))
            return client

        def presign(client: Any, *arguments: Any, **options: Any) -> Any:
            return observer._observe_presigned("presigned_url", client, arguments, options)

        def presign_post(client: Any, *arguments: Any, **options: Any) -> Any:
            return observer._observe_presigned("presigned_post", client, arguments, options)

        wait = time.sleep

        def sleep(seconds: float) -> None:
            # The age of a signature is real: the SDK signs with the clock of the machine.
            (wait if observer.now.has_presigned else move_clock)(seconds)
            observer.now.slept += seconds

        load_key = serialization.load_der_public_key

        def load(data: bytes, *arguments: Any, **options: Any) -> Any:
            key = load_key(data, *arguments, **options)
            if not isinstance(key, RSAPublicKey):
                return key
            return ObservedKey(key, data, lambda text, source: observer.now.references.add_wrapped(text, source))

        for owner, name, function in (
            (time, "sleep", sleep),
            (serialization, "load_der_public_key", load),
            (botocore.client.BaseClient, "_make_api_call", call),
            (requests.Session, "send", send),
            (botocore.session.Session, "create_client", create),
        ):
            setattr(owner, name, function)

    def _observe_call(self, client: Any, operation: str, parameters: Any) -> Any:
        shown = {"call": f"{client.meta.service_model.service_name}.{operation}", **_client_options(client)}
        request = self.now.start({**shown, "with": dict(parameters)})
        try:
            answer = self._call(client, operation, parameters)
        except ClientError as error:
            request.code = str(error.response.get("Error", {}).get("Code"))
            self.now.finish(request, error.response)
            raise
        except Exception as error:
            request.shown["stopped_by"] = type(error).__name__
            raise
        content = None
        if isinstance(answer.get("Body"), botocore.response.StreamingBody):
            content = answer["Body"].read()
            answer["Body"] = botocore.response.StreamingBody(io.BytesIO(content), len(content))
        self.now.finish(request, answer, content)
        return answer

    def _observe_presigned(self, what: str, client: Any, arguments: tuple[Any, ...], options: Any) -> Any:
        request = self.now.start({what: list(arguments), **_client_options(client), "with": options})
        answer = getattr(client, f"_unobserved_generate_{what}")(*arguments, **options)
        self.now.finish(request, signed_parts(answer))
        return answer

    def _observe_http(self, session: Any, prepared: Any, options: Any) -> Any:
        headers = {name: value for name, value in prepared.headers.items() if name.lower() not in _HTTP_DEFAULTS}
        shown = {"http": prepared.method, "url": prepared.url, "headers": headers, **take_signature(headers)}
        if prepared.body:
            shown["body"] = prepared.body
        request = self.now.start(shown)
        response = self._send(session, prepared, **options)
        self.now.finish(request, http_parts(response.status_code, dict(response.headers), response.content))
        return response


def start_with_an_empty_lab() -> None:
    """Empty the lab, which is at LAB_URL."""
    _control("reset", {})


def move_clock(seconds: float) -> None:
    """Move the clock of the lab, in the place of waiting."""
    _control("clock", {"seconds": seconds})


def _control(path: str, body: dict[str, Any]) -> None:
    """Send a request to the lab itself, past the proxy that the clients use."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    url = f"{os.environ['LAB_URL']}/_lab/{path}"
    direct.open(urllib.request.Request(url, json.dumps(body).encode(), method="POST")).close()


_HTTP_DEFAULTS = frozenset({"user-agent", "accept-encoding", "accept", "connection", "content-length"})


def _client_options(client: Any) -> dict[str, Any]:
    """Return what makes a client other than the usual one: of us-east-1, as the root user of the default account."""
    config = client.meta.config
    shown: dict[str, Any] = {}
    if client.meta.region_name != "us-east-1":
        shown["region"] = client.meta.region_name
    credentials = client._request_signer._credentials
    if config.signature_version is UNSIGNED or credentials is None:
        shown["caller"] = None
    elif not isinstance(credentials, Caller) and credentials.access_key != "test":
        shown["caller"] = [credentials.access_key, credentials.secret_key, credentials.token]
    signature = getattr(client, "requested_signature", None)
    if signature is not None and signature is not UNSIGNED:
        shown.setdefault("config", {})["signature_version"] = signature
    for name, usual in _CLIENT_OPTIONS.items():
        value = getattr(config, name, None)
        if value not in usual:
            shown.setdefault("config", {})[name] = value
    if not isinstance(client._serializer, ParamValidationDecorator):
        shown.setdefault("config", {})["parameter_validation"] = False
    return shown
