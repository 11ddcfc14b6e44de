# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Conditional requests (User Guide, "Conditional requests"): for reads, writes and copy sources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import ServiceError
from .state import ObjectVersion


def _matches(condition: str, etag: str) -> bool:
    return condition.strip() == "*" or etag in [piece.strip().strip('"') for piece in condition.split(",")]


def _precondition_failed(condition: str) -> ServiceError:
    return ServiceError(
        "PreconditionFailed",
        "At least one of the pre-conditions you specified did not hold",
        412,
        fields={"Condition": condition},
    )


def check_read(params: Mapping[str, Any], version: ObjectVersion, now: float) -> None:
    """Raise 304 or 412 by the precedence of RFC 9110, which S3 follows. It ignores a date in the future too."""
    match, none_match = params.get("IfMatch"), params.get("IfNoneMatch")
    since, unmodified = params.get("IfModifiedSince"), params.get("IfUnmodifiedSince")
    modified = int(version.modified)
    if match is not None:
        if not _matches(match, version.etag):
            raise _precondition_failed("If-Match")
    elif unmodified is not None and modified > unmodified:
        raise _precondition_failed("If-Unmodified-Since")
    headers = {"ETag": f'"{version.etag}"'}
    if none_match is not None:
        if _matches(none_match, version.etag):
            raise ServiceError("NotModified", "Not Modified", 304, headers=headers)
    elif since is not None and modified <= since <= now:
        raise ServiceError("NotModified", "Not Modified", 304, headers=headers)


def check_copy_source(params: Mapping[str, Any], version: ObjectVersion) -> None:
    """Check the ``x-amz-copy-source-if-*`` conditions. Every failure is 412."""
    match, none_match = params.get("CopySourceIfMatch"), params.get("CopySourceIfNoneMatch")
    since, unmodified = params.get("CopySourceIfModifiedSince"), params.get("CopySourceIfUnmodifiedSince")
    modified = int(version.modified)
    if match is not None:
        if not _matches(match, version.etag):
            raise _precondition_failed("x-amz-copy-source-If-Match")
    elif unmodified is not None and modified > unmodified:
        raise _precondition_failed("x-amz-copy-source-If-Unmodified-Since")
    if none_match is not None:
        if _matches(none_match, version.etag):
            raise _precondition_failed("x-amz-copy-source-If-None-Match")
    elif since is not None and modified <= since:
        raise _precondition_failed("x-amz-copy-source-If-Modified-Since")


def check_write(params: Mapping[str, Any], latest: ObjectVersion | None) -> None:
    """Check ``If-None-Match: *`` and ``If-Match: <etag>`` against the current object.

    A delete marker counts as no object.
    """
    none_match, match = params.get("IfNoneMatch"), params.get("IfMatch")
    present = latest is not None and not latest.is_marker
    if none_match is not None:
        if none_match.strip() != "*":
            raise ServiceError(
                "NotImplemented", "A header you provided implies functionality that is not implemented", 501,
                fields={"Header": "If-None-Match"},
            )  # fmt: skip
        if present:
            raise _precondition_failed("If-None-Match")
    if match is not None:
        if not present or latest is None:
            raise ServiceError("NoSuchKey", "The specified key does not exist.", 404)
        if not _matches(match, latest.etag):
            raise _precondition_failed("If-Match")
