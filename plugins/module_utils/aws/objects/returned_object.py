# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Whether a store returned the requested version and range of an object.

AWS always does. Some stores ignore `versionId`, `Range` or `If-Match`, and no checksum covers a range.
Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...model.errors import Failure, FailureKind, OperationError


def require_range(answer: Mapping[str, Any], resource: str, if_match: str | None, span: tuple[int, int] | None) -> None:
    """Raise OperationError, and close the body, if a response is of another range or of another content."""
    found = _content_range(answer)
    if span is not None and found != (span[0], span[1] - 1):
        answer["Body"].close()
        returned = f"bytes {found[0]} to {found[1]}" if found else "no range"
        raise OperationError(
            Failure(
                FailureKind.UNSUPPORTED,
                f"s3:GetObject on {resource} was requested for the bytes {span[0]} to {span[1] - 1}, and the store "
                f"returned {returned}.",
                "The store does not support ranges, which large objects need. A download needs none if part_size is at "
                "least the size of the object.",
                "s3:GetObject",
                resource,
            )
        )
    if if_match is not None and _bare(answer["ETag"]) != _bare(if_match):
        answer["Body"].close()
        raise OperationError(
            Failure(
                FailureKind.CONFLICT,
                f"{resource} changed while it was read, and the store ignores the condition If-Match.",
                "Run the task again.",
                "s3:GetObject",
                resource,
            )
        )


def require_version(answer: Mapping[str, Any], resource: str, requested: str | None) -> None:
    """Raise OperationError if a response is of another version. The version `null` may have no header."""
    found = answer.get("VersionId") or "null"
    if requested in (None, found):
        return
    raise OperationError(
        Failure(
            FailureKind.UNSUPPORTED,
            f"s3:HeadObject on {resource} was requested for the version {requested}, and the store returned "
            f"{'no version' if found == 'null' else f'the version {found}'}.",
            "The store does not support version_id. Without it, the current version is taken.",
            "s3:HeadObject",
            resource,
        )
    )


def _content_range(answer: Mapping[str, Any]) -> tuple[int, int] | None:
    """The first and the last byte of a range; None if the response is not of a range."""
    unit, _blank, bounds = str(answer.get("ContentRange", "")).strip().partition(" ")
    first, dash, last = bounds.partition("/")[0].strip().partition("-")
    if unit != "bytes" or not dash or not (first.isascii() and last.isascii()):
        return None
    return (int(first), int(last)) if first.isdecimal() and last.isdecimal() else None


def _bare(etag: str) -> str:
    """An ETag without quotes, and without the mark of a proxy that compresses."""
    return etag.removeprefix("W/").strip('"')
