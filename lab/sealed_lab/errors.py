# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The errors that operations raise and that every protocol can serialize."""

from __future__ import annotations

from collections.abc import Mapping


class ServiceError(Exception):
    """An error response of AWS.

    ``fields`` are more elements of the error body (``<Region>``, ``<BucketName>`` of S3). ``headers`` are headers of
    the response.
    """

    def __init__(
        self,
        code: str,
        message: str,
        status: int = 400,
        *,
        fields: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.fields: Mapping[str, str] = fields or {}
        self.headers: Mapping[str, str] = headers or {}


class ConnectionDropped(Exception):
    """A fault drops the connection without a response: by a reset if ``abrupt``, else by a normal close."""

    def __init__(self, *, abrupt: bool = True) -> None:
        super().__init__("the connection is cut on request")
        self.abrupt = abrupt


def not_implemented(what: str) -> ServiceError:
    """Return the 501 error for a request that the lab does not know. It never treats it as another operation."""
    return ServiceError("NotImplemented", f"The lab does not implement this: {what}", 501)


def invalid_argument(message: str, name: str = "", value: str | None = None) -> ServiceError:
    """Return the InvalidArgument error of S3. Most have the name of a header, parameter or element, and its value."""
    fields = {"ArgumentName": name} if name else {}
    if value is not None:
        fields["ArgumentValue"] = value
    return ServiceError("InvalidArgument", message, 400, fields=fields)


def invalid_request(message: str) -> ServiceError:
    """Return the InvalidRequest error of S3."""
    return ServiceError("InvalidRequest", message, 400)
