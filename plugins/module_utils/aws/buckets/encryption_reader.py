# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""GetBucketEncryption for whole fleets, at less than half of what a client's call costs.

A client resolves the endpoint anew for every bucket name, and opens a connection for every bucket's host name. Here the
SDK's own signer, HTTP session and parser are used without that: path-style requests over one pool of kept connections
for each region. Whatever is no plain answer is left to the client, with its redirects, retries and errors.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from ..session import Clients

try:
    from botocore.auth import S3SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.exceptions import (
        ClientError,
        ConnectTimeoutError,
        EndpointConnectionError,
        HTTPClientError,
        ReadTimeoutError,
    )
    from botocore.httpsession import URLLib3Session
    from botocore.parsers import ResponseParserError, create_parser
    from botocore.utils import get_environ_proxies
except ImportError:  # the frontend says what is missing before anything here is called
    pass

_OPERATION = "GetBucketEncryption"
# Answers that a repetition would not change.
_FINAL = (403, 404)
_ELSEWHERE = (301, 307, 400)
# How often an endpoint that says nothing is asked, unless the task's aws_config says it. As often as the SDK repeats
# what failed at once would be too long for a fleet to wait.
_ATTEMPTS_IN_SILENCE = 2


def path_style_endpoint(client: Any) -> str:
    """The URL that takes path-style requests, by the SDK's own rules for the client's region and its variants (FIPS,
    dual stack). A bucket's name with dots is always addressed in path style, and presigning makes no call."""
    probe = "any.bucket"
    url: str = client.generate_presigned_url("get_bucket_encryption", Params={"Bucket": probe})
    return url.partition(f"/{probe}?")[0]


@dataclass(frozen=True)
class _Endpoint:
    """What reading in one region takes."""

    url: str
    user_agent: str
    http: Any
    shape: Any


class EncryptionReader:
    """Reads the default encryption of buckets, from any thread."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._lock = threading.Lock()
        self._endpoints: dict[str, _Endpoint] = {}
        self._parser: Any = None

    def read(self, bucket: str, region: str, expected_bucket_owner: str | None) -> Mapping[str, Any] | None:
        """The parsed answer, with the region that gave it in ResponseMetadata; None: leave it to the client.

        Raises ClientError for an answer that is final, and a timeout of the SDK where none came.
        """
        answer = self._ask_again(bucket, region, expected_bucket_owner)
        if answer is None:
            return None
        told = answer["ResponseMetadata"]["HTTPHeaders"].get("x-amz-bucket-region")
        if answer["ResponseMetadata"]["HTTPStatusCode"] in _ELSEWHERE and told and told != region:
            region = told
            answer = self._ask_again(bucket, region, expected_bucket_owner)
            if answer is None:
                return None
        answer["ResponseMetadata"]["SignedRegion"] = region
        status = answer["ResponseMetadata"]["HTTPStatusCode"]
        if status in _FINAL:
            raise ClientError(cast(Any, answer), _OPERATION)
        return answer if status == 200 else None

    def _ask_again(self, bucket: str, region: str, expected_bucket_owner: str | None) -> dict[str, Any] | None:
        left = _ATTEMPTS_IN_SILENCE
        while True:
            left -= 1
            try:
                return self._ask(bucket, region, expected_bucket_owner)
            except (ConnectTimeoutError, ReadTimeoutError):
                if self._clients.has_custom_retries:
                    return None
                if not left:
                    raise

    def _ask(self, bucket: str, region: str, expected_bucket_owner: str | None) -> dict[str, Any] | None:
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
            answer = endpoint.http.send(request.prepare())
        except (ConnectTimeoutError, ReadTimeoutError):
            raise
        except (EndpointConnectionError, HTTPClientError):
            return None
        try:
            parsed: dict[str, Any] = self._parser.parse(
                {"status_code": answer.status_code, "headers": answer.headers, "body": answer.content}, endpoint.shape
            )
        except ResponseParserError:
            return None
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
            verify=self._clients.verify,
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
            service.operation_model(_OPERATION).output_shape,
        )
