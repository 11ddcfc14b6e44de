# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""One SDK session for a run, one client per service and region, one layer of retries."""

from __future__ import annotations

import copy
import logging
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ..model.errors import invalid_input
from .credential_errors import is_of_credential_provider, refuse_mfa_prompt
from .direct.timestamps import parse_time
from .endpoints import is_aws_endpoint
from .errors import translate_errors
from .response_check import register_response_checks
from .retries import RequestPace, register_pace, register_retries
from .sdk_session import open_session

if TYPE_CHECKING:
    from ..model.caller import Caller
    from .direct.calls import Route

try:
    import botocore
    from botocore.config import Config
    from botocore.credentials import CredentialProvider, CredentialResolver, Credentials
    from botocore.exceptions import UnknownRegionError
    from botocore.utils import is_s3_accelerate_url

    SDK_VERSION: str = botocore.__version__
except ImportError:  # the frontend reports a missing SDK before anything here is called
    CredentialProvider = object  # type: ignore[assignment,misc]
    SDK_VERSION = ""

# Older versions drop two fields from the responses of S3: the blocked encryption types, so that a write would unblock
# SSE-C, and the number of an object's tags, so that an upload would lose the tags.
OLDEST_SDK = "1.41.0"

COLLECTION = "sealed.s3/0.2.0"

# At DEBUG these loggers log the headers and the bodies of requests and responses, with customer keys and data keys.
_REQUEST_LOGGERS = ("botocore.endpoint", "botocore.auth", "botocore.hooks", "botocore.parsers", "botocore.regions")


class _DropDebug(logging.Filter):
    """Drops the records of level DEBUG. A level can be set again, for example by `boto3.set_stream_logger`."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno > logging.DEBUG


_DROP_DEBUG = _DropDebug()


def sdk_is_recent() -> bool:
    """Whether an SDK is installed, and recent enough."""
    return _numbers(SDK_VERSION) >= _numbers(OLDEST_SDK)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:3] if part.isdecimal())


@dataclass(frozen=True, slots=True)
class Connection:
    """How to connect to AWS, in the terms of amazon.aws. Options and config may have secrets, so its repr omits them.

    `options` are those of boto3's clients (keys, token, verify), `config` those of the SDK's Config. The timeouts are
    in seconds. `workers` is the number of threads that share a client. `request_payer` is "requester" if the caller
    pays for requests to a bucket with Requester Pays.
    """

    region: str | None = None
    endpoint_url: str | None = None
    kms_endpoint_url: str | None = None
    cloudtrail_endpoint_url: str | None = None
    profile: str | None = None
    options: dict[str, Any] = field(default_factory=dict, repr=False)
    config: dict[str, Any] = field(default_factory=dict, repr=False)
    user_agent: str = ""
    workers: int = 1
    connect_timeout: float = 10
    read_timeout: float = 60
    request_payer: str | None = None


# The options of a connection that are credentials.
_CREDENTIAL_OPTIONS = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")


class CallLog:
    """Counts all requests, including retries, and records their operations. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of_services: Counter[str] = Counter()
        self.operations: set[str] = set()

    @property
    def requests(self) -> int:
        """The number of all requests."""
        with self._lock:
            return self._of_services.total()

    def requests_of(self, service: str) -> int:
        """The number of requests to a service, by the SDK's name for it, such as "sts"."""
        with self._lock:
            return self._of_services[service]

    def record(self, event_name: str, **_context: Any) -> None:
        """Record one request; `event_name` is the SDK's `before-send.SERVICE.OPERATION`."""
        _event, service, operation = event_name.split(".", 2)
        with self._lock:
            self._of_services[service] += 1
            self.operations.add(f"{service}:{operation}")


class _GivenCredentials(CredentialProvider):
    """The credentials of a session that are not those of its configuration, as a provider of the SDK."""

    METHOD = "sealed.s3"

    def __init__(self, credentials: Credentials | None) -> None:
        super().__init__()
        self._credentials = credentials

    def load(self) -> Credentials | None:
        """Return them; they refresh themselves."""
        return self._credentials


class Clients:
    """The SDK's clients for one set of credentials, built once per service and region. Safe for threads."""

    def __init__(self, connection: Connection) -> None:
        self.calls = CallLog()
        # The region that the last request for a bucket was signed for, after any redirect.
        self.bucket_regions: dict[str, str] = {}
        self._connection = connection
        # Whose the credentials are, if that is known without a call.
        self.caller: Caller | None = None
        # What the requests to S3 wait for; None if they do not wait.
        self.pace: RequestPace | None = None
        self._lock = threading.Lock()
        self._clients: dict[tuple[str, str, bool], Any] = {}
        self._custom_endpoints: dict[str, bool] = {}
        self._routes_lock = threading.Lock()
        self._routes: dict[str, Route | None] = {}
        self._session: Any = None
        self._user_agent = ""
        self._credentials: Credentials | None = None
        self._provider: _GivenCredentials | None = None
        self._loader: Any = None
        self._owner: str | None = None

    def with_credentials(
        self, credentials: Credentials | None, owner: str | None = None, caller: Caller | None = None
    ) -> Clients:
        """Clients with other credentials, and all else as these. They are to be closed.

        `credentials` are of the SDK, and may refresh themselves. Shared are the log of calls, connections, and what the
        SDK reads of its own data, which takes most of the memory of a session. With `owner`, the ID of an account, each
        call for a bucket is for a bucket of this account only. `caller` is whose the credentials are, if that is known.
        """
        with self._lock:
            self._open_session()
        other = copy.copy(self)
        other._connection = replace(self._connection, options=_without_credentials(self._connection.options))
        other.bucket_regions, other._clients, other._lock = {}, {}, threading.Lock()
        other._session, other._credentials = None, credentials
        other._provider, other._owner = _GivenCredentials(credentials), owner
        other.caller = caller
        return other

    def in_region(self, region: str) -> Clients:
        """The same clients, for a task whose region is this one."""
        with self._lock:
            self._open_session()
        other = copy.copy(self)
        other._connection = replace(self._connection, region=region)
        return other

    def close(self) -> None:
        """Close the clients, and forget them. Only for clients that no thread uses any more.

        Connections that the clients of other accounts can use, too, stay open.
        """
        with self._lock:
            clients = list(self._clients.values())
            self._clients.clear()
        for client in clients:
            client.close()

    @property
    def region(self) -> str:
        """The region of the task; raises OperationError if none is set."""
        region = self._connection.region
        if not region:
            raise invalid_input(
                "No region is set.", "Set region, or AWS_REGION in the environment of the host that runs the task."
            )
        return region

    def get(self, service: str, region: str | None = None, retries: bool = True) -> Any:
        """The client of a service in a region (that of the task by default).

        With `retries=False` the client sends each request once, for a call that must not be repeated.
        """
        key = (service, region or self.region, retries)
        with self._lock:
            if key not in self._clients:
                self._clients[key] = self._build(*key)
            return self._clients[key]

    def set_pace(self, pace: RequestPace) -> None:
        """Have all requests to S3 from now on wait for this pace. For a run whose calls are all of the same work."""
        with self._lock:
            self.pace = pace
            for (service, _region, _retries), client in self._clients.items():
                if service == "s3":
                    register_pace(client, pace)

    @property
    def verify(self) -> bool | str:
        """How TLS certificates are verified: a boolean, or the path of a CA bundle."""
        verify: bool | str | None = self._connection.options.get("verify", True)
        if verify is None:  # no option says so: AWS_CA_BUNDLE, or the setting ca_bundle of the profile
            self._open_session()
            verify = self._session.get_config_variable("ca_bundle") or True
        return verify

    def credentials(self) -> Any:
        """The current credentials of the session, refreshed if they are about to expire; None if there are none."""
        credentials = self.own_credentials()
        return credentials.get_frozen_credentials() if credentials else None

    def own_credentials(self) -> Credentials | None:
        """The credentials as the SDK has them, which may refresh themselves; None if there are none."""
        options = self._connection.options
        with self._lock:
            if self._credentials is None:
                if options.get("aws_access_key_id"):
                    self._credentials = Credentials(
                        options["aws_access_key_id"], options["aws_secret_access_key"], options.get("aws_session_token")
                    )
                else:
                    self._credentials = self._open_session().get_credentials()
            return self._credentials

    @property
    def request_payer(self) -> str | None:
        """Who pays for requests to a bucket with Requester Pays: "requester", or None for a request that says nothing.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ObjectsinRequesterPaysBuckets.html
        """
        return self._connection.request_payer

    @property
    def has_custom_retries(self) -> bool:
        """Whether the task itself sets the retries, in aws_config."""
        return "retries" in self._connection.config

    def unknown_regions(self, names: Sequence[str]) -> tuple[str, ...]:
        """The regions among these in which S3 does not exist, by the SDK's data of partitions. Makes no call."""
        with translate_errors("s3", "Connect", ", ".join(names)):
            session = self._open_session()
            known = {
                region
                for partition in session.get_available_partitions()
                for region in session.get_available_regions("s3", partition)
            }
        return tuple(name for name in names if name not in known)

    def partition(self, region: str) -> str:
        """The partition of a region (empty: that of the task), such as aws-cn. Makes no call.

        A region that the SDK does not know is one of another store, which has the ARNs of the partition aws.
        """
        with translate_errors("s3", "Connect", region):
            try:
                return str(self._open_session().get_partition_for_region(region or self.region))
            except UnknownRegionError:
                return "aws"

    @property
    def has_cloudtrail_endpoint(self) -> bool:
        """Whether the task sets an endpoint for CloudTrail."""
        return bool(self._connection.cloudtrail_endpoint_url)

    def custom_endpoint(self, service: str) -> bool:
        """Whether the endpoint is not AWS's own, by an option, the environment or a configuration file.

        Without a check of certificates, no server is known to be AWS's.
        """
        if service not in self._custom_endpoints:
            client = self.get(service)
            self._custom_endpoints[service] = self.verify is False or not is_aws_endpoint(self._session, client)
        return self._custom_endpoints[service]

    def route(self, region: str, find: Callable[[], Route | None]) -> Route | None:
        """How requests reach S3 in a region, found once for all clients of a run: it does not depend on credentials."""
        with self._routes_lock:
            if region not in self._routes:
                self._routes[region] = find()
            return self._routes[region]

    def _build(self, service: str, region: str, retries: bool) -> Any:
        connection = self._connection
        endpoint = self._endpoint(service)
        with translate_errors(service, "Connect", endpoint or region):
            session = self._open_session()
            if service == "s3control":
                from .control_endpoint import control_endpoint  # for this service only: other tasks start without it

                endpoint = control_endpoint(session, endpoint, region)
            try:
                client = session.create_client(
                    service,
                    region_name=region,
                    endpoint_url=endpoint,
                    config=self._config(service, retries),
                    **connection.options,
                )
            except (ValueError, TypeError) as error:  # the SDK raises these for an endpoint that is not a URL
                if is_of_credential_provider(error):
                    raise
                raise invalid_input(
                    f"No client for {service} can be made: {error}.", "Check endpoint_url and region."
                ) from error
        client.meta.events.register(f"before-send.{service}", self.calls.record)
        register_response_checks(client)
        if retries and not self.has_custom_retries:
            register_retries(client)
        if service == "s3control" and not is_aws_endpoint(session, client):
            from .control_endpoint import keep_host_of_endpoint

            keep_host_of_endpoint(client)
        if service == "s3":
            client.meta.events.register("after-call.s3", _record_signed_region)
            client.meta.events.register("before-call.s3.HeadBucket", _disable_region_redirect)
            if self.request_payer:
                client.meta.events.register("provide-client-params.s3", self._add_request_payer)
            if self._owner:
                client.meta.events.register("provide-client-params.s3", self._add_owner)
            from .direct.calls import DirectSender  # for this service only: tasks for keys start faster without it

            client.direct = DirectSender(client, self, retries)
            if self.pace:
                register_pace(client, self.pace)
        return client

    def _add_request_payer(self, params: dict[str, Any], model: Any, **_event: Any) -> None:
        """Add the parameter RequestPayer to every operation that has it."""
        if model.input_shape is not None and "RequestPayer" in model.input_shape.members:
            params["RequestPayer"] = self.request_payer

    def _add_owner(self, params: dict[str, Any], model: Any, **_event: Any) -> None:
        """Add the parameter ExpectedBucketOwner to every operation that has it."""
        if model.input_shape is not None and "ExpectedBucketOwner" in model.input_shape.members:
            params.setdefault("ExpectedBucketOwner", self._owner)

    def _endpoint(self, service: str) -> str | None:
        """The endpoint that the task sets for a service; None for that of AWS."""
        connection = self._connection
        if service == "cloudtrail":  # endpoint_url may be that of a store, which has no CloudTrail
            return connection.cloudtrail_endpoint_url
        return (service == "kms" and connection.kms_endpoint_url) or connection.endpoint_url

    def _open_session(self) -> Any:
        if self._session is None:
            for name in _REQUEST_LOGGERS:
                logging.getLogger(name).setLevel(logging.INFO)
                logging.getLogger(name).addFilter(_DROP_DEBUG)
            core = open_session(self._connection.profile, self._connection.region, self._loader)
            self._loader = core.get_component("data_loader")
            core.register("creating-client-class.s3", _add_direct_calls)
            core.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=parse_time)
            if self._provider:
                core.register_component("credential_provider", CredentialResolver([self._provider]))
            elif not self._connection.options.get("aws_access_key_id"):
                roles = core.get_component("credential_provider").get_provider("assume-role")
                roles._prompter = refuse_mfa_prompt  # the SDK has no public way to set it
            # Composed once: without a user agent in its Config, the SDK composes one twice for every call.
            extra = filter(None, (COLLECTION, self._connection.user_agent))
            self._user_agent = " ".join((core.user_agent(), *extra))
            self._session = core
        return self._session

    def _config(self, service: str, retries: bool) -> Config:
        own: dict[str, Any] = {
            # S3 accepts requests for SSE-KMS with Signature Version 4 only, so a configuration file must not change it.
            "signature_version": "s3v4" if service in ("s3", "s3control") else "v4",
            "retries": {"mode": "standard", "total_max_attempts": 1},  # retries.py has the only ones
            "connect_timeout": self._connection.connect_timeout,
            "read_timeout": self._connection.read_timeout,
            "max_pool_connections": max(10, self._connection.workers),
            "user_agent": self._user_agent,
        }
        config = dict(self._connection.config)
        if self._connection.endpoint_url and not is_s3_accelerate_url(self._connection.endpoint_url):
            # Few stores other than AWS have a host name for each bucket. Transfer acceleration has no other names.
            own["s3"] = {"addressing_style": "path", **config.pop("s3", {})}
        if not retries:
            config.pop("retries", None)
        try:
            return Config(**{**own, **config})
        except TypeError as error:
            raise invalid_input(
                f"The SDK does not accept aws_config: {error}.", "Check the names of its options."
            ) from error


def _without_credentials(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name not in _CREDENTIAL_OPTIONS}


def _add_direct_calls(**event: Any) -> None:
    """Let a client for S3 send its plain requests without the SDK's client."""
    from .direct.calls import add_direct_calls

    add_direct_calls(**event)


def _disable_region_redirect(context: dict[str, Any], **_event: Any) -> None:
    """Stop the SDK from following a redirect of its own request for a bucket's region.

    S3 names the region in the headers of any response. A server that redirects all requests names none, and the SDK
    would send the request for the region again without end.
    """
    context.setdefault("s3_redirect", {})["redirected"] = True


def _record_signed_region(parsed: dict[str, Any], context: dict[str, Any], **_event: Any) -> None:
    """Add the region that a request was signed for to its response: after a redirect, it is the bucket's region."""
    parsed.setdefault("ResponseMetadata", {})["SignedRegion"] = context.get("signing", {}).get("region")
