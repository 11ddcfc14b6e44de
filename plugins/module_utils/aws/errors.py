# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Turns whatever the SDK raises for a call into OperationError."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from traceback import walk_tb

from ..model.errors import Failure, OperationError
from .credential_errors import from_credential_error
from .error_codes import WRONG_REGION
from .response_check import UnexpectedResponseError
from .sdk_errors import from_sdk_error
from .service_errors import from_client_error, from_unexpected_response

try:
    from botocore import parsers
    from botocore.exceptions import BotoCoreError, ClientError
except ImportError:  # the frontend reports a missing SDK before anything here is called
    pass


# The operations that change nothing. Any other may have been carried out although its response was lost.
_READS = ("Connect", "Decrypt", "Describe", "Encrypt", "GenerateDataKey", "Get", "Head", "List", "Lookup", "Simulate")


@contextmanager
def translate_errors(service: str, operation: str, resource: str) -> Iterator[None]:
    """Raise OperationError for every error of the SDK in the block, which makes one call of this operation.

    `service` is the prefix of its IAM actions, and `resource` is shown to the user as it is.
    """
    try:
        yield
    except OperationError:
        raise
    except Exception as error:
        failure = _translate(error, service, operation, resource)
        if failure is None:
            raise
        if operation.startswith(_READS):
            failure = replace(failure, may_have_been_applied=False)
        raise OperationError(failure) from error


def _translate(error: Exception, service: str, operation: str, resource: str) -> Failure | None:
    """The failure for an exception; None for one that the SDK did not raise."""
    failure = from_credential_error(error, service, operation, resource)
    if failure is not None:
        return failure
    if isinstance(error, ClientError):
        return from_client_error(error, service, operation, resource)
    if isinstance(error, BotoCoreError):
        return from_sdk_error(error, service, operation, resource)
    if isinstance(error, UnexpectedResponseError):
        return from_unexpected_response(error, service, operation, resource)
    # The SDK requests the bucket's region, is redirected, requests it again, ..., or there is no bucket to ask for.
    if isinstance(error, RecursionError) or _is_of_redirect(error):
        return _redirect_loop(f"{service}:{operation}", resource)
    if _is_of_parser(error):
        unreadable = UnexpectedResponseError("an answer that the SDK cannot read", is_of_store=False)
        return from_unexpected_response(unreadable, service, operation, resource)
    return None


def _is_of_parser(error: BaseException) -> bool:
    """Whether the SDK's parser raised the exception. For a value of the wrong type, it can be of any class."""
    return any(frame.f_globals is vars(parsers) for frame, _line in walk_tb(error.__traceback__))


def _is_of_redirect(error: BaseException) -> bool:
    """Whether the exception is from the SDK's search for a bucket's region after a redirect."""
    return any(frame.f_code.co_name == "redirect_from_error" for frame, _line in walk_tb(error.__traceback__))


def _redirect_loop(action: str, resource: str) -> Failure:
    """Redirects that do not name the bucket's region, as those of S3 do."""
    kind, advice = WRONG_REGION
    return Failure(
        kind, f"{action} on {resource} was redirected (301) to no known region.", advice, action, resource, code="301"
    )
