# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Exceptions of the SDK as failures: every class that it has, and every way to get credentials."""

from __future__ import annotations

import inspect
import socket
import socketserver
import threading
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore import exceptions as sdk

from ansible_collections.sealed.s3.plugins.module_utils.aws.errors import translate_errors
from ansible_collections.sealed.s3.plugins.module_utils.aws.session import Clients, Connection
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind, OperationError

Kind = FailureKind

EXPECTED = {
    Kind.CREDENTIALS: "CredentialRetrievalError InfiniteLoopConfigError InvalidIMDSEndpointError "
    "InvalidIMDSEndpointModeError LoginAuthorizationCodeError LoginError LoginInsufficientPermissions "
    "LoginRefreshRequired LoginTokenLoadError MetadataRetrievalError NoAuthTokenError NoCredentialsError "
    "PartialCredentialsError ProfileNotFound RefreshWithMFAUnsupportedError SSOError SSOTokenLoadError "
    "TokenRetrievalError UnauthorizedSSOTokenError UnknownCredentialError UnknownTokenProviderError",
    Kind.UNREACHABLE: "ConnectTimeoutError ConnectionClosedError ConnectionError EndpointConnectionError "
    "HTTPClientError IncompleteReadError ProxyConnectionError ReadTimeoutError ResponseStreamingError SSLError",
    Kind.INVALID: "AliasConflictParameterError BaseEndpointResolverError ConfigNotFound ConfigParseError "
    "EndpointProviderError EndpointResolutionError EndpointVariantError InvalidChecksumConfigError InvalidConfigError "
    "InvalidDNSNameError InvalidDefaultsMode InvalidEndpointConfigurationError "
    "InvalidEndpointDiscoveryConfigurationError InvalidHostLabelError InvalidMaxRetryAttemptsError "
    "InvalidProxiesConfigError InvalidRegionError InvalidRetryConfigurationError InvalidRetryModeError "
    "InvalidS3AddressingStyleError InvalidS3UsEast1RegionalEndpointConfigError InvalidSTSRegionalEndpointsConfigError "
    "MissingParametersError NoRegionError ParamValidationError RangeError ServiceNotInRegionError UnknownEndpointError "
    "UnknownEndpointResolutionBuiltInName UnknownFIPSEndpointError UnknownKeyError UnknownParameterError "
    "UnknownRegionError UnknownSignatureVersionError UnsupportedOutpostResourceError "
    "UnsupportedS3AccesspointConfigurationError UnsupportedS3ArnError UnsupportedS3ConfigurationError "
    "UnsupportedS3ControlArnError UnsupportedS3ControlConfigurationError UnsupportedSignatureVersionError "
    "ValidationError",
    Kind.UNSUPPORTED: "ApiVersionNotFoundError DataNotFoundError MissingDependencyException UnknownClientMethodError "
    "UnknownServiceError UnsupportedServiceProtocolsError",
    Kind.THROTTLED: "CapacityNotAvailableError",
    # These can only be bugs of the SDK or of this collection, or say nothing about their cause.
    Kind.FAILED: "AwsChunkedWrapperError BotoCoreError ChecksumError FlexibleChecksumError InvalidExpressionError "
    "MD5UnavailableError OperationNotPageableError PaginationError StubAssertionError StubResponseError "
    "UnStubbedResponseError UnknownServiceStyle UnseekableStreamError WaiterConfigError WaiterError",
}
KIND_OF = {name: kind for kind, names in EXPECTED.items() for name in names.split()}
CLASSES = {
    name: each
    for name, each in inspect.getmembers(sdk, inspect.isclass)
    if issubclass(each, sdk.BotoCoreError) and each.__module__ == sdk.__name__
}


def make(each: type[sdk.BotoCoreError]) -> sdk.BotoCoreError:
    """An exception of the class, with some text for every field of its message."""
    fields: dict[str, str] = defaultdict(lambda: "something")
    error = each.__new__(each)
    Exception.__init__(error, each.fmt.format_map(fields))
    error.kwargs = fields
    return error


def failure_of(error: Exception, operation: str = "PutObject") -> Failure:
    """The failure that the exception becomes."""
    with pytest.raises(OperationError) as raised, translate_errors("s3", operation, "a-bucket/a"):
        raise error
    return raised.value.failure


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_every_exception_has_a_kind(name: str) -> None:
    """Chosen on purpose. A class that only a newer SDK has is `failed`, with the SDK's message."""
    failure = failure_of(make(CLASSES[name]))
    assert failure.kind is KIND_OF.get(name, Kind.FAILED)
    assert failure.message.endswith(".")
    assert failure.advice or failure.kind is Kind.FAILED
    assert "a-bucket/a" in failure.message


def test_most_exceptions_of_this_sdk_are_in_the_table() -> None:
    """So the parametrized test is not about nothing."""
    assert len(CLASSES.keys() & KIND_OF.keys()) > 80


@pytest.mark.parametrize("operation", ["HeadObject", "GetBucketEncryption", "ListKeys", "DescribeKey", "LookupEvents"])
def test_a_read_that_failed_was_not_carried_out(operation: str) -> None:
    """Only a write may have been applied although its response was lost."""
    lost = make(sdk.ReadTimeoutError)
    assert not failure_of(lost, operation).may_have_been_applied
    assert failure_of(lost, "PutObject").may_have_been_applied


@pytest.fixture
def profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A function that writes the profile `app` into a configuration file, and makes its clients."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))

    def write(text: str) -> Clients:
        (tmp_path / "config").write_text(text)
        return Clients(Connection(region="us-east-1", endpoint_url=nowhere(), profile="app" if "app" in text else None))

    return write


def nowhere() -> str:
    """A URL at which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def refusal(clients: Clients) -> Failure:
    """The failure of a call, of making its client or of signing it."""

    def call() -> None:
        client = clients.get("sts")  # of all models in use, that of STS is read fastest
        with translate_errors("sts", "GetCallerIdentity", "these credentials"):
            client.get_caller_identity()

    with pytest.raises(OperationError) as raised:
        call()
    return raised.value.failure


SSO = "sso_start_url = https://example.awsapps.com/start\nsso_region = us-east-1\n"
ACCOUNT = "sso_account_id = 123456789012\nsso_role_name = admin\n"
KEYS = "[profile keys]\naws_access_key_id = any\naws_secret_access_key = any\n"
ROLE = "role_arn = arn:aws:iam::123456789012:role/app\n"


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        pytest.param(f"[profile app]\n{SSO}{ACCOUNT}", "aws sso login", id="SSO without login"),
        pytest.param(
            f"[profile app]\nsso_session = one\n{ACCOUNT}[sso-session one]\n{SSO}", "aws sso login", id="an SSO session"
        ),
        pytest.param(f"[profile app]\nsso_session = one\n{ACCOUNT}", "aws sso login", id="no SSO session"),
        pytest.param(f"[profile app]\n{SSO}", "access_key", id="an SSO profile without a role, which the SDK ignores"),
        pytest.param(
            f"[profile app]\n{ROLE}source_profile = keys\nmfa_serial = arn:aws:iam::123456789012:mfa/me\n{KEYS}",
            "get-session-token",
            id="a role with MFA",
        ),
        pytest.param(f"[profile app]\n{ROLE}source_profile = missing\n", "source_profile", id="no source profile"),
        pytest.param(f"[profile app]\n{ROLE}", "source_profile", id="a role without a source"),
        pytest.param(f"[profile app]\n{ROLE}credential_source = Nowhere\n", "role_arn", id="an unknown source"),
        pytest.param(
            f"[profile app]\n{ROLE}source_profile = b\n[profile b]\n{ROLE}source_profile = app\n",
            "role_arn",
            id="a loop",
        ),
        pytest.param(
            f"[profile app]\n{ROLE}web_identity_token_file = /nowhere/token\n",
            "AWS_WEB_IDENTITY_TOKEN_FILE",
            id="no token",
        ),
        pytest.param("[profile app]\ncredential_process = /nowhere/tool\n", "credential_process", id="no process"),
        pytest.param("[profile app]\ncredential_process = false\n", "credential_process", id="a process that fails"),
        pytest.param("[profile app]\ncredential_process = echo no JSON\n", "credential_process", id="not JSON"),
        pytest.param("[profile app]\ncredential_process = echo {}\n", "credential_process", id="another JSON"),
        pytest.param("[profile app]\ncredential_process = echo '\"\n", "credential_process", id="not a command"),
        pytest.param("[profile app]\naws_access_key_id = any\n", "configuration file", id="half a key"),
        pytest.param("[profile other]\nregion = us-east-1\n[profile app2]\n", "access_key", id="no such profile"),
        pytest.param("[profile app]\nlogin_session = arn:aws:iam::123456789012:user/me\n", "aws login", id="no login"),
        pytest.param("[profile app]\nregion = us-east-1\n", "access_key", id="a profile without credentials"),
    ],
)  # fmt: skip
def test_a_provider_without_credentials(profile: Any, text: str, advice: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The failure names the next step for that provider. Nothing waits for a terminal."""
    monkeypatch.setattr("getpass.getpass", None)
    failure = refusal(profile(text))
    assert failure.kind is Kind.CREDENTIALS, failure
    assert advice in failure.advice, failure
    assert failure.message.endswith(".")
    assert not failure.may_have_been_applied


@pytest.mark.parametrize(
    ("variables", "advice"),
    [
        pytest.param({"AWS_ACCESS_KEY_ID": "any"}, "AWS_SECRET_ACCESS_KEY", id="half a key"),
        pytest.param(
            {"AWS_WEB_IDENTITY_TOKEN_FILE": "/nowhere/token", "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/app"},
            "AWS_WEB_IDENTITY_TOKEN_FILE",
            id="no token",
        ),
        pytest.param({"AWS_WEB_IDENTITY_TOKEN_FILE": __file__}, "AWS_ROLE_ARN", id="a token without a role"),
        pytest.param(
            {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:9/creds"},
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            id="no container",
        ),
        pytest.param(
            {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://example.com/creds"},
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            id="a container elsewhere",
        ),
        pytest.param(
            {
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:9/creds",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/nowhere/token",
            },
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            id="no token of a container",
        ),
    ],
)
def test_an_environment_without_credentials(
    profile: Any, variables: dict[str, str], advice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The providers that the environment configures."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("botocore.utils.ContainerMetadataFetcher.RETRY_ATTEMPTS", 1)
    failure = refusal(profile(""))
    assert failure.kind is Kind.CREDENTIALS, failure
    assert advice in failure.advice, failure


class _Refusing(socketserver.BaseRequestHandler):
    """Answers every request with an error of STS, or as a proxy that refuses."""

    status = "403 Forbidden"
    body = (
        "<ErrorResponse><Error><Code>AccessDenied</Code><Message>User: arn:aws:iam::123456789012:user/me is not "
        "authorized to perform: sts:AssumeRole</Message></Error></ErrorResponse>"
    )

    def handle(self) -> None:
        """Read the head of the request, and answer."""
        self.request.recv(65536)
        head = f"HTTP/1.1 {self.status}\r\nContent-Length: {len(self.body)}\r\nConnection: close\r\n\r\n"
        self.request.sendall((head + self.body).encode())


class _Proxy(_Refusing):
    status = "407 Proxy Authentication Required"
    body = ""


@pytest.fixture(params=[_Refusing])
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a server with that handler."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), request.param) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{listening.server_address[1]}"
        listening.shutdown()


def test_a_role_that_may_not_be_assumed(profile: Any, server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """STS's own message is in the failure, and the call that needed the credentials."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", server)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.delenv("AWS_REGION", raising=False)
    failure = refusal(profile(f"[profile app]\n{ROLE}source_profile = keys\n{KEYS}"))
    assert (failure.kind, failure.code) == (Kind.CREDENTIALS, "AccessDenied")
    assert "sts:AssumeRole" in failure.message
    assert "trust policy" in failure.advice


@pytest.mark.parametrize("server", [_Proxy, _Refusing], indirect=True, ids=["407", "403"])
def test_a_proxy_that_refuses(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It refuses CONNECT: no request arrived anywhere."""
    monkeypatch.setenv("HTTPS_PROXY", server)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    failure = refusal(_with_keys("https://store.example"))
    assert failure.kind is Kind.UNREACHABLE, failure
    assert "HTTPS_PROXY" in failure.advice
    assert not failure.may_have_been_applied


def test_a_proxy_that_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing listens at its address."""
    monkeypatch.setenv("HTTPS_PROXY", nowhere())
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    failure = refusal(_with_keys("https://store.example"))
    assert failure.kind is Kind.UNREACHABLE, failure
    assert "HTTPS_PROXY" in failure.advice


def _with_keys(url: str) -> Clients:
    options = {"aws_access_key_id": "any", "aws_secret_access_key": "any"}
    once = {"retries": {"total_max_attempts": 1}}
    return Clients(Connection(region="us-east-1", endpoint_url=url, options=options, config=once))
