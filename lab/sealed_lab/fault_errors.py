# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The errors of the services that faults cause."""

from __future__ import annotations

from .authentication import translate_error
from .errors import ServiceError
from .identity.directory import expired_token


def service_error_for(kind: str, service: str) -> ServiceError | None:
    """Return the error of a service for a kind of fault, or None if the kind has no error."""
    s3 = service in ("s3", "s3control")
    if kind == "throttle":
        if s3:
            return ServiceError("SlowDown", "Please reduce your request rate.", 503)
        if service in ("sts", "iam"):
            return ServiceError("Throttling", "Rate exceeded", 400)
        if service == "organizations":
            message = "You have sent too many requests in too short a period of time."
            return ServiceError("TooManyRequestsException", message, 400)
        return ServiceError("ThrottlingException", "Rate exceeded", 400)
    if kind == "internal_error":
        if s3:
            return ServiceError("InternalError", "We encountered an internal error. Please try again.", 500)
        if service == "kms":
            return ServiceError(
                "KMSInternalException", "The request was rejected because an internal exception occurred.", 500
            )
        if service == "organizations":
            message = "AWS Organizations can't complete your request because of an internal service error."
            return ServiceError("ServiceException", message, 500)
        return ServiceError("InternalFailure", "The request processing has failed because of an unknown error.", 500)
    if kind == "expired_credentials":
        return translate_error(service, expired_token())
    return None
