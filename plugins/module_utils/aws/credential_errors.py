# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Errors of the SDK's credential providers as failures, with the next step for the provider that failed.

The providers raise exceptions of any class: of the SDK, of a service such as STS, and of Python. Which provider it was
is in the traceback.
"""

from __future__ import annotations

from traceback import walk_tb
from typing import Any, NoReturn

from ..model.errors import Failure, FailureKind
from .sdk_errors import NO_CREDENTIALS, not_called, one_line

try:
    from botocore import credentials, tokens
    from botocore.exceptions import ClientError, CredentialRetrievalError, HTTPClientError
    from botocore.exceptions import ConnectionError as SdkConnectionError
except ImportError:  # the frontend reports a missing SDK before anything here is called
    pass

_MFA = (
    "The profile needs a code of an MFA device, which a task cannot enter. Get temporary credentials with that code "
    "first, with aws sts assume-role or get-session-token, and set access_key, secret_key and session_token."
)
_SSO = "Run aws sso login for that profile, as the user and on the host that run the task, and run the task again."
_ROLE = (
    "Check role_arn and source_profile of the profile, and that the trust policy of the role permits the source "
    "credentials sts:AssumeRole."
)

# The next step, by the names that the SDK has for its providers.
# Source: https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
_ADVICE = {
    "sso": _SSO,
    "login": "Run aws login for that profile, as the user and on the host that run the task, and run the task again.",
    "assume-role": _ROLE,
    "assume-role-with-web-identity": "Check AWS_WEB_IDENTITY_TOKEN_FILE, which must be a file that the user who runs "
    "the task can read, and AWS_ROLE_ARN, whose trust policy must permit sts:AssumeRoleWithWebIdentity.",
    "custom-process": "Run the credential_process of the profile as the user who runs the task, and correct it.",
    "container-role": "Check AWS_CONTAINER_CREDENTIALS_FULL_URI or AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, and the "
    "authorization token, in the environment of the task.",
    "iam-role": "Check that the instance has an instance profile, and that its metadata service can be reached.",
    "env": "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY both, or neither.",
    "shared-credentials-file": "Check that profile in the credentials file of the user who runs the task.",
    "config-file": "Check that profile in the configuration file of the user who runs the task.",
}


def refuse_mfa_prompt(_prompt: str) -> NoReturn:
    """Instead of the prompt of the SDK, which waits for a terminal that a task does not have."""
    raise CredentialRetrievalError(provider="assume-role", error_msg=_NEEDS_MFA)


_NEEDS_MFA = "the profile has mfa_serial"


def from_credential_error(error: BaseException, service: str, operation: str, resource: str) -> Failure | None:
    """The failure of a provider; None if no provider raised the error, or if the provider got no response."""
    provider = _provider(error)
    if provider is None or isinstance(error, (SdkConnectionError, HTTPClientError)):
        return None
    code = error.response.get("Error", {}).get("Code", "") if isinstance(error, ClientError) else ""
    advice = _MFA if _NEEDS_MFA in str(error) else _ADVICE.get(provider, NO_CREDENTIALS)
    action = f"{service}:{operation}"
    return Failure(
        FailureKind.CREDENTIALS,
        f"{not_called(service, operation, resource)}, because the SDK got no credentials from its provider "
        f"{provider or 'chain'}: {_describe(error)}",
        advice,
        action,
        resource,
        code=code or type(error).__name__,
    )


def is_of_credential_provider(error: BaseException) -> bool:
    """Whether the SDK raised the exception while it got credentials."""
    return _provider(error) is not None


def _describe(error: BaseException) -> str:
    # The messages of Python name a class or a file, so the class belongs to them.
    is_of_sdk = type(error).__module__.startswith("botocore")
    return one_line(error) if is_of_sdk else f"{type(error).__name__}: {one_line(error)}"


def _provider(error: BaseException) -> str | None:
    """The name of the innermost provider that the exception came through; empty if it has none, None: no provider."""
    found: str | None = None
    for frame, _line in walk_tb(error.__traceback__):
        if frame.f_globals is vars(credentials) or frame.f_globals is vars(tokens):
            source: Any = frame.f_locals.get("self")
            name = getattr(source, "METHOD", None) or getattr(source, "method", None)
            found = name if isinstance(name, str) else found or ""
    return found
