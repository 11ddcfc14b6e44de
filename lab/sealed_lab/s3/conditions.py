# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Conditional requests (User Guide, "Conditional requests"): for reads, writes and copy sources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ..call import Call
from ..errors import ServiceError
from .state import Bucket, KeyWatch, ObjectVersion


def _matches(condition: str, etag: str) -> bool:
    return condition.strip() == "*" or etag in [piece.strip().strip('"') for piece in condition.split(",")]


def precondition_failed(condition: str) -> ServiceError:
    """Return the error for a condition that is false."""
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
            raise precondition_failed("If-Match")
    elif unmodified is not None and modified > unmodified:
        raise precondition_failed("If-Unmodified-Since")
    headers = {"ETag": f'"{version.etag}"'}
    if none_match is not None:
        if _matches(none_match, version.etag):
            raise ServiceError("NotModified", "Not Modified", 304, headers=headers)
    elif since is not None and modified <= since <= now:
        raise ServiceError("NotModified", "Not Modified", 304, headers=headers)


def check_copy_source(params: Mapping[str, Any], version: ObjectVersion, now: float) -> None:
    """Check the ``x-amz-copy-source-if-*`` conditions. Every failure is 412. A date in the future is ignored."""
    match, none_match = params.get("CopySourceIfMatch"), params.get("CopySourceIfNoneMatch")
    since, unmodified = params.get("CopySourceIfModifiedSince"), params.get("CopySourceIfUnmodifiedSince")
    modified = int(version.modified)
    if match is not None:
        if not _matches(match, version.etag):
            raise precondition_failed("x-amz-copy-source-If-Match")
    elif unmodified is not None and modified > unmodified:
        raise precondition_failed("x-amz-copy-source-If-Unmodified-Since")
    if none_match is not None:
        if _matches(none_match, version.etag):
            raise precondition_failed("x-amz-copy-source-If-None-Match")
    elif since is not None and modified <= since <= now:
        raise precondition_failed("x-amz-copy-source-If-Modified-Since")


def unsupported_condition(header: str, additional: str = "") -> ServiceError:
    """Return the error for a condition that the operation does not support."""
    fields = {"Header": header}
    if additional:
        fields["additionalMessage"] = additional
    return ServiceError(
        "NotImplemented", "A header you provided implies functionality that is not implemented", 501, fields=fields
    )


def _check_write_headers(none_match: str | None, match: str | None) -> None:
    """Refuse conditions that S3 does not support for writes: ``If-None-Match`` takes only ``*``, ``If-Match`` an ETag.

    S3 refuses them before it examines the current object.
    """
    if none_match is not None and match is not None:
        raise unsupported_condition(
            "If-Match,If-None-Match", "Multiple conditional request headers present in the request"
        )
    for header, supported in (
        ("If-None-Match", none_match is None or none_match.strip() == "*"),
        ("If-Match", match is None or match.strip() != "*"),
    ):
        if not supported:
            raise unsupported_condition(header, f"We don't accept the provided value of {header} header for this API")


@contextmanager
def watch_key(bucket: Bucket, key: str) -> Iterator[KeyWatch]:
    """Watch a key while a request writes it."""
    watch = bucket.watch(key)
    try:
        yield watch
    finally:
        bucket.end_watch(key, watch)


def check_write(call: Call, bucket: Bucket, key: str, watch: KeyWatch | None = None) -> None:
    """Check ``If-None-Match: *`` and ``If-Match: <etag>`` against the current object.

    A delete marker counts as no object. A conditional write whose condition is true fails nevertheless if anybody
    wrote or deleted the key since it began, even if the ETag is the same: ``watch`` knows that.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html (409 Conflict)
    """
    none_match, match = call.get("IfNoneMatch"), call.get("IfMatch")
    _check_write_headers(none_match, match)
    latest = bucket.objects.latest(key)
    present = latest is not None and not latest.is_marker
    if none_match is not None and present:
        raise precondition_failed("If-None-Match")
    if match is not None:
        if latest is None or not present:
            raise ServiceError("NoSuchKey", "The specified key does not exist.", 404, fields={"Key": key})
        if not _matches(match, latest.etag):
            raise precondition_failed("If-Match")
    if watch is not None and watch.changed and (none_match is not None or match is not None):
        raise ServiceError(
            "ConditionalRequestConflict",
            "The conditional request cannot succeed due to a conflicting operation against this resource.",
            409,
            fields={"Condition": "If-Match" if match is not None else "If-None-Match", "Key": key},
        )
