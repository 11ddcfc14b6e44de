# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""GetBucketEncryption for large fleets, in less than half of the time of a client's call.

A client resolves the endpoint again for every bucket name, and opens a connection for every bucket's host name. This
reader uses the SDK's own signer, HTTP session and parser without that: it sends path-style requests over one pool of
open connections for each region. For any response that is not a plain success or a final error, it leaves the call to
the client, with its redirects, retries and errors.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from ..response_check import check_members, check_response
from ..session import Clients

try:
    from botocore.auth import S3SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.exceptions import (
        ClientError,
        ConnectTimeoutError,
        EndpointConnectionError,
        HTTPClientError,
        ProxyConnectionError,
        ReadTimeoutError,
    )
    from botocore.httpsession import URLLib3Session
    from botocore.parsers import ResponseParserError, create_parser
    from botocore.utils import get_environ_proxies
except ImportError:  # the frontend reports a missing SDK before anything here is called
    pass

_OPERATION = "GetBucketEncryption"
# Statuses that a retry would not change.
_FINAL = (403, 404)
# Statuses of a request that was signed for another region than the bucket's.
_WRONG_REGION = (301, 307, 400)
# The number of requests to an endpoint that does not respond, unless the task's aws_config sets its own retries. The
# number that the SDK has for all retries would make a fleet wait too long.
_MAX_TIMEOUTS = 2


def path_style_endpoint(client: Any) -> str:
    """The URL for path-style requests, by the SDK's rules for the client's region and its variants (FIPS, dual stack).

    The SDK always addresses a bucket name with dots in path style, and presigning makes no call.
    """
    probe = "any.bucket"
    url: str = client.generate_presigned_url("get_bucket_encryption", Params={"Bucket": probe})
    return url.partition(f"/{probe}?")[0]


@dataclass(frozen=True)
class _Endpoint:
    """What requests to one region need."""

    url: str
    user_agent: str
    http: URLLib3Session
    operation: Any


class EncryptionReader:
    """Reads the default encryption of buckets. Safe for threads."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._lock = threading.Lock()
        self._endpoints: dict[str, _Endpoint] = {}
        self._parser: Any = None

    def read(self, bucket: str, region: str, expected_bucket_owner: str | None) -> Mapping[str, Any] | None:
        """The parsed response, with its region in ResponseMetadata; None if the client must make the call.

        Raises ClientError for a final error response, and the SDK's timeout error if there was no response.
        """
        response = self._request_with_retries(bucket, region, expected_bucket_owner)
        if response is None:
            return None
        bucket_region = response["ResponseMetadata"]["HTTPHeaders"].get("x-amz-bucket-region")
        status = response["ResponseMetadata"]["HTTPStatusCode"]
        if status in _WRONG_REGION and bucket_region and bucket_region != region:
            region = bucket_region
            response = self._request_with_retries(bucket, region, expected_bucket_owner)
            if response is None:
                return None
        response["ResponseMetadata"]["SignedRegion"] = region
        status = response["ResponseMetadata"]["HTTPStatusCode"]
        if status in _FINAL:
            raise ClientError(cast(Any, response), _OPERATION)
        return response if status == 200 else None

    def _request_with_retries(
        self, bucket: str, region: str, expected_bucket_owner: str | None
    ) -> dict[str, Any] | None:
        remaining = _MAX_TIMEOUTS
        while True:
            remaining -= 1
            try:
                return self._request(bucket, region, expected_bucket_owner)
            except (ConnectTimeoutError, ReadTimeoutError):
                if self._clients.has_custom_retries:
                    return None
                if not remaining:
                    raise

    def _request(self, bucket: str, region: str, expected_bucket_owner: str | None) -> dict[str, Any] | None:
        credentials = self._clients.credentials()
        if credentials is None:
            return None
        endpoint = self._endpoint(region)
        headers = {"User-Agent": endpoint.user_agent}
        if expected_bucket_owner:
            headers["x-amz-expected-bucket-owner"] = expected_bucket_owner
        request = AWSRequest(method="GET", url=f"{endpoint.url}/{bucket}?encryption", headers=headers)
        S3SigV4Auth(credentials, "s3", region).add_auth(request)
        self._clients.calls.record(f"before-send.s3.{_OPERATION}")
        try:
            response = endpoint.http.send(request.prepare())
        except (ConnectTimeoutError, ReadTimeoutError):
            raise
        except (EndpointConnectionError, ProxyConnectionError, HTTPClientError):
            return None
        received = {"status_code": response.status_code, "headers": response.headers, "body": response.content}
        check_response(endpoint.operation, received)
        try:
            parsed: dict[str, Any] = self._parser.parse(received, endpoint.operation.output_shape)
        except ResponseParserError:
            return None
        if received["status_code"] == 200:
            check_members(endpoint.operation, parsed, response.headers)
        return parsed

    def _endpoint(self, region: str) -> _Endpoint:
        with self._lock:
            if region not in self._endpoints:
                self._endpoints[region] = self._connect(region)
            return self._endpoints[region]

    def _connect(self, region: str) -> _Endpoint:
        client = self._clients.get("s3", region)
        config = client.meta.config
        url = path_style_endpoint(client)
        service = client.meta.service_model
        self._parser = self._parser or create_parser(service.protocol)
        http = URLLib3Session(
            verify=cast(Any, self._clients.verify),
            proxies=config.proxies if config.proxies is not None else get_environ_proxies(url),
            timeout=cast(Any, (config.connect_timeout, config.read_timeout)),
            max_pool_connections=config.max_pool_connections,
            client_cert=config.client_cert,
            socket_options=cast(Any, [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)]),
            proxies_config=config.proxies_config,
        )
        return _Endpoint(
            url,
            config.user_agent,
            http,
            service.operation_model(_OPERATION),
        )
