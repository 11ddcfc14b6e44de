# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Errors of the SDK itself as failures: no credentials, no route, no trust, or a request that it refused to send."""

from __future__ import annotations

from ..model.errors import Failure, FailureKind

try:
    from botocore import exceptions as sdk
    from botocore.exceptions import BotoCoreError
    from urllib3.exceptions import ConnectTimeoutError
except ImportError:  # the frontend reports a missing SDK before anything here is called
    pass

Kind = FailureKind


def from_sdk_error(error: BotoCoreError, service: str, operation: str, resource: str) -> Failure:
    """An error of the SDK, which got no response or sent no request."""
    action = f"{service}:{operation}"
    if isinstance(error, sdk.ParamValidationError) and "Unknown parameter" in str(error):
        message = f"{action} on {resource} needs an option that the installed boto3 is too old for: {_one_line(error)}"
        return Failure(
            Kind.UNSUPPORTED, message, "Install a newer boto3 on the host that runs the task.", action, resource
        )
    for types, kind, advice in _sdk_errors():
        if isinstance(error, types):
            may_have_been_applied = kind is Kind.UNREACHABLE and not _was_never_sent(error)
            outcome = "got no response" if may_have_been_applied else "could not be called"
            message = f"{action} on {resource} {outcome}: {_describe(error)}"
            return Failure(
                kind,
                message,
                advice,
                action,
                resource,
                code=type(error).__name__,
                may_have_been_applied=may_have_been_applied,
            )
    message = f"{action} on {resource} failed: {_one_line(error)}"
    return Failure(Kind.FAILED, message, "", action, resource, code=type(error).__name__)


def _sdk_errors() -> tuple[tuple[tuple[type[Exception], ...], FailureKind, str], ...]:
    credentials = (
        sdk.NoCredentialsError,
        sdk.PartialCredentialsError,
        sdk.CredentialRetrievalError,
        sdk.ProfileNotFound,
        sdk.TokenRetrievalError,
        sdk.NoAuthTokenError,
    )
    return (
        (
            credentials,
            Kind.CREDENTIALS,
            "Set access_key and secret_key, or profile, or give the host that runs the task credentials of its own.",
        ),
        (
            (sdk.NoRegionError,),
            Kind.INVALID,
            "Set region, or AWS_REGION in the environment of the host that runs the task.",
        ),
        (
            (sdk.SSLError,),
            Kind.UNREACHABLE,
            "Name the authority that signed the endpoint's certificate in aws_ca_bundle.",
        ),
        (
            (
                sdk.ConnectTimeoutError,
                sdk.ReadTimeoutError,
                sdk.EndpointConnectionError,
                sdk.ProxyConnectionError,
                sdk.HTTPClientError,
                sdk.IncompleteReadError,
            ),
            Kind.UNREACHABLE,
            "Check endpoint_url, the region's name, and the route and proxy of the host that runs the task.",
        ),
        (
            (sdk.InvalidEndpointConfigurationError, sdk.UnknownEndpointError, sdk.EndpointProviderError),
            Kind.INVALID,
            "Check endpoint_url and region.",
        ),
        ((sdk.ParamValidationError,), Kind.INVALID, "Check the options of the task."),
    )


def _was_never_sent(error: BotoCoreError) -> bool:
    """Whether there was no connection for the request.

    If a connection through a proxy breaks after the request, the SDK reports that as a failure to connect to the proxy.
    """
    if isinstance(error, sdk.ProxyConnectionError):
        cause = _proxy_failure(error)
        return isinstance(cause, ConnectTimeoutError) or "Tunnel connection failed" in str(cause)
    return isinstance(error, (sdk.ConnectTimeoutError, sdk.EndpointConnectionError, sdk.SSLError))


def _proxy_failure(error: BotoCoreError) -> object:
    """What happened to the connection, which the SDK's own message omits."""
    return getattr(error.kwargs.get("error"), "original_error", None)


def _describe(error: BotoCoreError) -> str:
    if not isinstance(error, sdk.ProxyConnectionError):
        return _one_line(error)
    if _was_never_sent(error):
        return f"{_one_line(error)} {_proxy_failure(error)}".strip()
    return f"The connection through the proxy {error.kwargs.get('proxy_url')} broke: {_proxy_failure(error)}"


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".") + "."
