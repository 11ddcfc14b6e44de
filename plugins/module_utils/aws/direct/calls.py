# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Calls of S3 that take a third of the time of the SDK's client, with the SDK's own parts.

For every call, a client resolves the endpoint by a set of rules, opens a connection for the bucket's host name, and
sends the request through several layers. Here a plain call takes the same steps with the same public parts of the SDK
(the events with their handlers, serializer, checksum, signer, parser), but with an endpoint that was resolved once, in
path style, and over a leaner transport. What the SDK does at length for each of many objects is done here: signing the
same request for another object, and reading headers and lists. All that is not plain is left to the client, with the
result of the request if one was sent: errors, redirects, retries, other resources than general purpose buckets, large
bodies.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from .connection import Response
from .endpoint import S3Endpoint, find_endpoint, is_general_purpose
from .first_attempt import FirstAttempt
from .request import Request, RequestBuilder
from .response import ResponseReader
from .transport import CannotConnect, Transport, find_address

try:
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.utils import get_environ_proxies
except ImportError:  # the frontend reports a missing SDK before anything here is called
    pass

_OPERATIONS = frozenset(
    {
        "CopyObject",
        "DeleteBucketEncryption",
        "DeleteBucketPolicy",
        "DeleteObject",
        "GetBucketAcl",
        "GetBucketEncryption",
        "GetBucketPolicy",
        "GetBucketReplication",
        "GetBucketVersioning",
        "GetBucketWebsite",
        "GetObject",
        "GetObjectAcl",
        "GetObjectTagging",
        "HeadObject",
        "ListObjectVersions",
        "ListObjectsV2",
        "PutBucketEncryption",
        "PutBucketPolicy",
        "PutObject",
        "PutObjectTagging",
        "UpdateObjectEncryption",
    }
)
# Statuses of a request that was signed for another region than the bucket's.
_WRONG_REGION = (301, 307, 400)
_REGION_NAME = re.compile(r"[a-z0-9-]{1,63}")

_Call = Callable[[str, Mapping[str, Any]], Any]


class DirectCalls:
    """A base of the SDK's client class: its calls go the direct way if there is one."""

    direct: DirectSender | None = None

    def _make_api_call(self, operation_name: str, api_params: Mapping[str, Any]) -> Any:
        by_client: _Call = super()._make_api_call  # type: ignore[misc]
        if self.direct is None:
            return by_client(operation_name, api_params)
        return self.direct.call(operation_name, api_params, by_client)

    def call_after_redirect(self, operation_name: str, api_params: Mapping[str, Any]) -> Any:
        """Make a call that a client of another region was redirected with."""
        by_client: _Call = super()._make_api_call  # type: ignore[misc]
        if self.direct is None:
            return by_client(operation_name, api_params)
        return self.direct.call(operation_name, api_params, by_client, redirected=True)


def add_direct_calls(**event: Any) -> None:
    """Handle the event `creating-client-class.s3` of a session of the SDK."""
    event["base_classes"].insert(0, DirectCalls)


class Route(NamedTuple):
    """How requests reach S3 in a region: its endpoint, the value of their header Host, and the connections."""

    endpoint: S3Endpoint
    authority: str
    transport: Transport


class RunCalls(Protocol):
    """The log of all requests of a run."""

    def record(self, event_name: str) -> None:
        """Record a request."""


class RunPace(Protocol):
    """The rate of all requests of a run."""

    def wait(self) -> None:
        """Wait until the next request may be sent."""


class RunClients(Protocol):
    """All clients of a run, and what they share."""

    @property
    def calls(self) -> RunCalls:
        """The log of their requests."""

    @property
    def pace(self) -> RunPace | None:
        """What the requests to S3 wait for; None if they do not wait."""

    @property
    def verify(self) -> bool | str:
        """How TLS certificates are verified: a boolean, or the path of a CA bundle."""

    def route(self, region: str, find: Callable[[], Route | None]) -> Route | None:
        """How requests reach S3 in a region, found once."""

    def credentials(self) -> Any:
        """The current credentials; None if there are none."""

    def get(self, service: str, region: str, retries: bool) -> Any:
        """The client of a service in a region."""

    def custom_endpoint(self, service: str) -> bool:
        """Whether the endpoint of a service is not AWS's own."""


class _Way(NamedTuple):
    region: str
    builder: RequestBuilder
    transport: Transport
    reader: ResponseReader


class DirectSender:
    """The direct calls of one client. Safe for threads."""

    def __init__(self, client: Any, clients: RunClients, retries: bool) -> None:
        self._client = client
        self._clients = clients
        self._retries = retries
        self._events = client.meta.events
        self._first_attempt = FirstAttempt(client, self._wait)
        self._lock = threading.Lock()
        self._is_open = False
        self._way: _Way | None = None
        self._other_regions: dict[str, str] = {}

    def call(self, name: str, parameters: Mapping[str, Any], by_client: _Call, *, redirected: bool = False) -> Any:
        """Make the call, by the client if it is not plain. Raises what a call of the client raises."""
        if name not in _OPERATIONS or not is_general_purpose(parameters.get("Bucket")):
            return by_client(name, parameters)
        region = None if redirected else self._other_regions.get(parameters["Bucket"])
        if region:
            return self._clients.get("s3", region, self._retries).call_after_redirect(name, parameters)
        way = self._open()
        if way:
            self._wait()  # before the request is signed, because it may be long
        request = way and self._build(way, name, parameters)
        if not way or not request:
            return by_client(name, parameters)
        try:
            response: Response | Exception = way.transport.send(
                request.method, request.content, streams=request.model.has_streaming_output
            )
        except CannotConnect:
            return by_client(name, parameters)
        except BotoCoreError as error:
            response = error
        if isinstance(response, Response):
            parsed = way.reader.read(request, response)
            if parsed is not None:
                self._clients.calls.record(f"before-send.s3.{name}")
                if response.status < 300:
                    return parsed
                raise self._client.exceptions.from_code(parsed["Error"].get("Code"))(parsed, name)
            region = None if redirected else _region_of_bucket(response, way.region)
            if region:
                self._clients.calls.record(f"before-send.s3.{name}")
                self._other_regions[parameters["Bucket"]] = region
                return self._clients.get("s3", region, self._retries).call_after_redirect(name, parameters)
        return self._call_by_client(response, lambda: by_client(name, parameters), parameters["Bucket"], redirected)

    def _call_by_client(
        self, result: Response | Exception, by_client: Callable[[], Any], bucket: str, redirected: bool
    ) -> Any:
        """The client's call, with this result of its first attempt. It may find out the bucket's region."""
        outcome: Any = None
        try:
            outcome = self._first_attempt.call(result, by_client, redirected=redirected)
        except ClientError as error:
            outcome = error.response
            raise
        finally:
            region = outcome and outcome["ResponseMetadata"].get("SignedRegion")
            if region and self._way and region != self._way.region:
                self._other_regions[bucket] = region
        return outcome

    def _wait(self) -> None:
        if self._clients.pace:
            self._clients.pace.wait()

    def _open(self) -> _Way | None:
        with self._lock:
            if not self._is_open:
                try:
                    self._way = self._find_way()
                except Exception:  # the client reports such settings, with its own words, for the call itself
                    self._way = None
                self._is_open = True
            return self._way

    def _find_way(self) -> _Way | None:
        route = self._clients.route(self._client.meta.region_name, self._find_route)
        if route is None:
            return None
        return _Way(
            route.endpoint.region,
            RequestBuilder(self._client, route.endpoint, route.authority),
            route.transport,
            ResponseReader(self._client),
        )

    def _find_route(self) -> Route | None:
        config = self._client.meta.config
        endpoint = find_endpoint(self._client, lambda: self._clients.custom_endpoint("s3"))
        if endpoint is None:
            return None
        proxies = config.proxies if config.proxies is not None else get_environ_proxies(endpoint.url)
        address = find_address(endpoint.url, proxies, bool(config.proxies_config))
        if address is None:
            return None
        return Route(endpoint, address.authority, Transport(address, self._clients.verify, config))

    def _build(self, way: _Way, name: str, parameters: Mapping[str, Any]) -> Request | None:
        credentials = self._clients.credentials()
        try:
            return credentials and way.builder.build(name, parameters, credentials)
        except Exception:  # nothing was sent, and the client raises the same for the call
            return None


def _region_of_bucket(response: Response, signed_for: str) -> str | None:
    """The region that a response names as the bucket's, if the request was signed for another one."""
    region = response.headers.get("x-amz-bucket-region")
    if response.status not in _WRONG_REGION or not region or region == signed_for:
        return None
    return str(region) if _REGION_NAME.fullmatch(region) else None
