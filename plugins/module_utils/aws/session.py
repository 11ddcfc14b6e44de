# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""One SDK session for a run, one client per service and region, one layer of retries."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from ..model.errors import invalid_input
from .errors import translate_errors

try:
    import boto3
    import botocore.session
    from botocore.config import Config
    from botocore.credentials import Credentials

    SDK_VERSION: str = botocore.__version__
except ImportError:  # the frontend says what is missing before anything here is called
    SDK_VERSION = ""

# Older ones drop blocked encryption types from what S3 answers, so that a write would unblock SSE-C, and the number of
# an object's tags, so that an upload would lose them.
OLDEST_SDK = "1.41.0"

COLLECTION = "sealed.s3/0.1.0"

# These log requests at DEBUG with all their headers, the customer key of SSE-C among them.
_REQUEST_LOGGERS = ("botocore.endpoint", "botocore.auth", "botocore.hooks", "botocore.parsers", "botocore.regions")


def sdk_is_recent() -> bool:
    """Whether there is an SDK, and it knows all that is needed."""
    return _numbers(SDK_VERSION) >= _numbers(OLDEST_SDK)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:3] if part.isdecimal())


@dataclass(frozen=True, slots=True)
class Connection:
    """How to reach AWS, in the vocabulary of amazon.aws. `options` are boto3's own (keys, token, verify)."""

    region: str | None = None
    endpoint_url: str | None = None
    kms_endpoint_url: str | None = None
    cloudtrail_endpoint_url: str | None = None
    profile: str | None = None
    options: dict[str, Any] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)
    user_agent: str = ""
    workers: int = 1
    connect_timeout: float = 10
    read_timeout: float = 60


class CallLog:
    """Counts the requests that leave, retries among them, and knows which operations there were."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.requests = 0
        self.operations: set[str] = set()

    def record(self, event_name: str, **_context: Any) -> None:
        """Note one request; `event_name` is the SDK's `before-send.SERVICE.OPERATION`."""
        _event, service, operation = event_name.split(".", 2)
        with self._lock:
            self.requests += 1
            self.operations.add(f"{service}:{operation}")


class Clients:
    """The SDK's clients, built once per service and region. Build them on the main thread: use them on any."""

    def __init__(self, connection: Connection) -> None:
        self.calls = CallLog()
        self._connection = connection
        self._lock = threading.Lock()
        self._clients: dict[tuple[str, str, bool], Any] = {}
        self._session: Any = None
        self._user_agent = ""
        self._credentials: Any = None

    @property
    def region(self) -> str:
        """The region of the task; raises OperationError where none is set."""
        region = self._connection.region
        if not region:
            raise invalid_input(
                "No region is set.", "Set region, or AWS_REGION in the environment of the host that runs the task."
            )
        return region

    def get(self, service: str, region: str | None = None, retries: bool = True) -> Any:
        """The client of a service in a region (that of the task by default).

        `retries=False` gives a client that sends every request once only, for a call that must not happen twice.
        """
        key = (service, region or self.region, retries)
        with self._lock:
            if key not in self._clients:
                self._clients[key] = self._build(*key)
            return self._clients[key]

    @property
    def verify(self) -> Any:
        """How certificates are checked: a boolean, or the path of a CA bundle."""
        return self._connection.options.get("verify", True)

    def credentials(self) -> Any:
        """The session's credentials as they are now, renewed where they are about to expire; None: there are none."""
        options = self._connection.options
        with self._lock:
            if self._credentials is None:
                if options.get("aws_access_key_id"):
                    self._credentials = Credentials(
                        options["aws_access_key_id"], options["aws_secret_access_key"], options.get("aws_session_token")
                    )
                else:
                    self._credentials = self._open_session().get_credentials()
        return self._credentials.get_frozen_credentials() if self._credentials else None

    @property
    def has_custom_retries(self) -> bool:
        """Whether the task says itself how often to retry."""
        return "retries" in self._connection.config

    def unknown_regions(self, names: Iterable[str]) -> tuple[str, ...]:
        """Those of these regions that the SDK's data of partitions does not have for S3. No call is made."""
        session = self._open_session()
        known = {
            region
            for partition in session.get_available_partitions()
            for region in session.get_available_regions("s3", partition)
        }
        return tuple(name for name in names if name not in known)

    def has_service_endpoint(self, service: str) -> bool:
        """Whether the task names an endpoint for this service alone."""
        return bool(self._own_endpoints().get(service))

    def custom_endpoint(self, service: str) -> bool:
        """Whether the service is not AWS's own, be it by option, environment or configuration file."""
        host = urlsplit(self.get(service).meta.endpoint_url).hostname or ""
        return not host.endswith((".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu", ".aws"))

    def _build(self, service: str, region: str, retries: bool) -> Any:
        connection = self._connection
        endpoint = self._own_endpoints().get(service) or connection.endpoint_url
        if service == "cloudtrail":  # a store's endpoint is not CloudTrail's, and is not sent requests for it
            endpoint = connection.cloudtrail_endpoint_url
        with translate_errors(service, "Connect", endpoint or region):
            session = self._open_session()
            try:
                client = session.client(
                    service,
                    region_name=region,
                    endpoint_url=endpoint,
                    config=self._config(service, retries),
                    **connection.options,
                )
            except (ValueError, TypeError) as error:  # what the SDK raises for an endpoint that is no URL
                raise invalid_input(
                    f"No client for {service} can be made: {error}.", "Check endpoint_url and region."
                ) from error
        client.meta.events.register(f"before-send.{service}", self.calls.record)
        if service == "s3":
            client.meta.events.register("after-call.s3", _note_region)
            client.meta.events.register("before-call.s3.HeadBucket", _disable_region_redirect)
        return client

    def _own_endpoints(self) -> dict[str, str | None]:
        connection = self._connection
        return {"kms": connection.kms_endpoint_url, "cloudtrail": connection.cloudtrail_endpoint_url}

    def _open_session(self) -> Any:
        if self._session is None:
            for name in _REQUEST_LOGGERS:
                logging.getLogger(name).setLevel(logging.INFO)
            core = botocore.session.Session(profile=self._connection.profile)
            self._session = boto3.session.Session(botocore_session=core)
            # A text that is given is sent as it is; otherwise the SDK composes one twice for every call.
            extra = filter(None, (COLLECTION, self._connection.user_agent))
            self._user_agent = " ".join((core.user_agent(), *extra))
        return self._session

    def _config(self, service: str, retries: bool) -> Config:
        own: dict[str, Any] = {
            # S3 takes requests for SSE-KMS in Signature Version 4 only, whatever a configuration file prefers.
            "signature_version": "s3v4" if service == "s3" else "v4",
            # The only layer of retries: throttling, 5xx and broken connections, with jittered back-off.
            "retries": {"mode": "standard", "total_max_attempts": 6 if retries else 1},
            "connect_timeout": self._connection.connect_timeout,
            "read_timeout": self._connection.read_timeout,
            "max_pool_connections": max(10, self._connection.workers),
            "user_agent": self._user_agent,
        }
        asked = dict(self._connection.config)
        if self._connection.endpoint_url:
            # Few stores but AWS answer to a host name per bucket.
            own["s3"] = {"addressing_style": "path", **asked.pop("s3", {})}
        if not retries:
            asked.pop("retries", None)
        try:
            return Config(**{**own, **asked})
        except TypeError as error:
            raise invalid_input(
                f"aws_config is not taken by the SDK: {error}.", "Check the names of its options."
            ) from error


def _disable_region_redirect(context: dict[str, Any], **_event: Any) -> None:
    """Let the SDK's own question, which region a bucket is in, not be redirected to the same question, without end.

    S3 names the region in the headers of any answer. A server that redirects all requests names none.
    """
    context.setdefault("s3_redirect", {})["redirected"] = True


def _note_region(parsed: dict[str, Any], context: dict[str, Any], **_event: Any) -> None:
    """Keep the region that a request was signed for: after a redirect, it is the bucket's own."""
    parsed.setdefault("ResponseMetadata", {})["SignedRegion"] = context.get("signing", {}).get("region")
