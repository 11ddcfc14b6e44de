# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Turns whatever the SDK raises for a call into OperationError."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..model.errors import Failure, FailureKind, OperationError
from .error_codes import WRONG_REGION
from .sdk_errors import from_sdk_error
from .service_errors import from_client_error

try:
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError
except ImportError:  # the frontend reports a missing SDK before anything here is called
    pass


@contextmanager
def translate_errors(service: str, operation: str, resource: str) -> Iterator[None]:
    """Raise OperationError for every error of the SDK in the block, which makes one call of this operation.

    `service` is the prefix of its IAM actions, and `resource` is shown to the user as it is.
    """
    try:
        yield
    except ClientError as error:
        raise OperationError(from_client_error(error, service, operation, resource)) from error
    except BotoCoreError as error:
        raise OperationError(from_sdk_error(error, service, operation, resource)) from error
    except ResponseParserError as error:
        raise OperationError(unexpected_responder(f"{service}:{operation}", resource)) from error
    except (
        RecursionError
    ) as error:  # the SDK requests the bucket's region, is redirected, requests the region again, ...
        raise OperationError(_redirect_loop(f"{service}:{operation}", resource)) from error


def unexpected_responder(action: str, resource: str) -> Failure:
    """A response that is not the service's, such as a proxy's page or that of another server."""
    return Failure(
        FailureKind.UNREACHABLE,
        f"The response to {action} on {resource} did not come from the service.",
        "Check endpoint_url, and the proxy of the host that runs the task.",
        action,
        resource,
        code="NotFromAws",
        may_have_been_applied=True,
    )


def _redirect_loop(action: str, resource: str) -> Failure:
    """Redirects that do not name the bucket's region, as those of S3 do."""
    kind, advice = WRONG_REGION
    return Failure(kind, f"{action} on {resource} was redirected in a loop.", advice, action, resource, code="301")
