# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Errors of the SDK itself as failures: no credentials, no route, no trust, or a request that it refused to send."""

from __future__ import annotations

from ..model.errors import Failure, FailureKind

try:
    from botocore import exceptions as sdk
    from botocore.exceptions import BotoCoreError
except ImportError:  # the frontend reports a missing SDK before anything here is called
    pass

Kind = FailureKind

_TOO_OLD = "Install a newer boto3 on the host that runs the task."
_CHECK_CONFIGURATION = "Check aws_config, and the AWS configuration and environment of the host that runs the task."
_CHECK_ROUTE = "Check endpoint_url, the region's name, and the route and proxy of the host that runs the task."
NO_CREDENTIALS = (
    "Set access_key and secret_key, or profile, or give the host that runs the task credentials of its own."
)

# The exceptions of the SDK by name, because older SDKs do not have all of them. The first entry that an exception is an
# instance of applies. An exception that is in no entry is a failure of the kind `failed`, with the SDK's own message.
# Source: https://github.com/boto/botocore/blob/develop/botocore/exceptions.py
_KINDS: tuple[tuple[tuple[str, ...], FailureKind, str], ...] = (
    (
        (
            "CredentialRetrievalError",
            "InfiniteLoopConfigError",
            "InvalidIMDSEndpointError",
            "InvalidIMDSEndpointModeError",
            "LoginError",
            "MetadataRetrievalError",
            "NoAuthTokenError",
            "NoCredentialsError",
            "PartialCredentialsError",
            "ProfileNotFound",
            "RefreshWithMFAUnsupportedError",
            "SSOError",
            "TokenRetrievalError",
            "UnknownCredentialError",
            "UnknownTokenProviderError",
        ),
        Kind.CREDENTIALS,
        NO_CREDENTIALS,
    ),
    (
        ("NoRegionError",),
        Kind.INVALID,
        "Set region, or AWS_REGION in the environment of the host that runs the task.",
    ),
    (("SSLError",), Kind.UNREACHABLE, "Name the authority that signed the endpoint's certificate in aws_ca_bundle."),
    (
        ("ProxyConnectionError",),
        Kind.UNREACHABLE,
        "Check the address of the proxy, its user and password, and that it permits the endpoint: it is set in "
        "HTTPS_PROXY, HTTP_PROXY or aws_config. For an endpoint that needs no proxy, set NO_PROXY.",
    ),
    (("ConnectionError", "HTTPClientError", "IncompleteReadError"), Kind.UNREACHABLE, _CHECK_ROUTE),
    (
        (
            "BaseEndpointResolverError",
            "EndpointProviderError",
            "InvalidEndpointConfigurationError",
            "InvalidRegionError",
            "ServiceNotInRegionError",
            "UnknownRegionError",
        ),
        Kind.INVALID,
        "Check endpoint_url and region.",
    ),
    (
        ("ParamValidationError", "ValidationError", "MissingParametersError"),
        Kind.INVALID,
        "Check the options of the task.",
    ),
    (
        (
            "InvalidDNSNameError",
            "InvalidHostLabelError",
            "UnsupportedOutpostResourceError",
            "UnsupportedS3AccesspointConfigurationError",
            "UnsupportedS3ArnError",
            "UnsupportedS3ConfigurationError",
            "UnsupportedS3ControlArnError",
            "UnsupportedS3ControlConfigurationError",
        ),
        Kind.INVALID,
        "Check the bucket's name, and the s3 options in aws_config.",
    ),
    (
        (
            "ConfigNotFound",
            "ConfigParseError",
            "InvalidChecksumConfigError",
            "InvalidConfigError",
            "InvalidDefaultsMode",
            "InvalidEndpointDiscoveryConfigurationError",
            "InvalidProxiesConfigError",
            "InvalidRetryConfigurationError",
            "InvalidS3AddressingStyleError",
            "InvalidS3UsEast1RegionalEndpointConfigError",
            "InvalidSTSRegionalEndpointsConfigError",
            "UnknownSignatureVersionError",
            "UnsupportedSignatureVersionError",
        ),
        Kind.INVALID,
        _CHECK_CONFIGURATION,
    ),
    (
        ("MissingDependencyException",),
        Kind.UNSUPPORTED,
        "Install botocore[crt] on the host that runs the task.",
    ),
    (
        (
            "ApiVersionNotFoundError",
            "DataNotFoundError",
            "UnknownClientMethodError",
            "UnsupportedServiceProtocolsError",
        ),
        Kind.UNSUPPORTED,
        _TOO_OLD,
    ),
    (("CapacityNotAvailableError",), Kind.THROTTLED, "Lower concurrency, or run the task again later."),
)


# What urllib3 reports for a proxy that is down, does not answer, or refuses to connect to the endpoint.
_NOT_CONNECTED = ("Failed to establish a new connection", "connect timeout", "Tunnel connection failed")


def from_sdk_error(error: BotoCoreError, service: str, operation: str, resource: str) -> Failure:
    """An error of the SDK, which got no response or sent no request."""
    action = f"{service}:{operation}"
    if isinstance(error, sdk.ParamValidationError) and "Unknown parameter" in str(error):
        message = f"{action} on {resource} needs an option that the installed boto3 is too old for: {one_line(error)}"
        return Failure(Kind.UNSUPPORTED, message, _TOO_OLD, action, resource)
    kind, advice = _kind(error)
    may_have_been_applied = kind is Kind.UNREACHABLE and not _was_never_sent(error)
    outcome = (
        f"{action} on {resource} got no response" if may_have_been_applied else not_called(service, operation, resource)
    )
    return Failure(
        kind,
        f"{outcome}: {_describe(error)}",
        advice,
        action,
        resource,
        code=type(error).__name__,
        may_have_been_applied=may_have_been_applied,
    )


def not_called(service: str, operation: str, resource: str) -> str:
    """The begin of a message: no request was sent. Connect is no operation: the client itself cannot be made."""
    if operation == "Connect":
        return f"No client for {service}{f' at {resource}' if resource else ''} can be made"
    return f"{service}:{operation} on {resource} could not be called"


def _kind(error: BotoCoreError) -> tuple[FailureKind, str]:
    for names, kind, advice in _KINDS:
        if _is_any(error, names):
            return kind, advice
    return Kind.FAILED, ""


def _is_any(error: Exception, names: tuple[str, ...]) -> bool:
    return not {each.__name__ for each in type(error).__mro__}.isdisjoint(names)


def _was_never_sent(error: BotoCoreError) -> bool:
    """Whether there was no connection for the request.

    If a connection through a proxy breaks after the request, the SDK reports that as a failure to connect to the proxy.
    """
    if isinstance(error, sdk.ProxyConnectionError):
        return any(words in str(_proxy_failure(error)) for words in _NOT_CONNECTED)
    return isinstance(error, (sdk.ConnectTimeoutError, sdk.EndpointConnectionError, sdk.SSLError))


def _proxy_failure(error: BotoCoreError) -> object:
    """What happened to the connection, which the SDK's own message omits."""
    return getattr(error.kwargs.get("error"), "original_error", None)


def _describe(error: BotoCoreError) -> str:
    if not isinstance(error, sdk.ProxyConnectionError):
        return one_line(error)
    if _was_never_sent(error):
        return f"{one_line(error)} {_proxy_failure(error)}.".strip()
    return f"The connection through the proxy {error.kwargs.get('proxy_url')} broke: {_proxy_failure(error)}."


def one_line(error: BaseException) -> str:
    """The message of an exception as one sentence."""
    return " ".join(str(error).split()).rstrip(".") + "."
