# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""A refusal as a value: what every operation raises and every protocol knows how to write down."""

from __future__ import annotations

from collections.abc import Mapping


class ServiceError(Exception):
    """An error answer in AWS's terms.

    ``fields`` are further elements of the error body (S3's ``<Region>``, ``<BucketName>`` …),
    ``headers`` go on the response.
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
    """The connection is to be cut without an answer (a fault on request): by a reset, or by closing it quietly."""

    def __init__(self, *, abrupt: bool = True) -> None:
        super().__init__("the connection is cut on request")
        self.abrupt = abrupt


def not_implemented(what: str) -> ServiceError:
    """What the lab does not know it refuses with 501, so that it is never taken for something else."""
    return ServiceError("NotImplemented", f"The lab does not implement this: {what}", 501)
