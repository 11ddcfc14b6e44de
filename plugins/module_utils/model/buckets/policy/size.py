# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The size of a bucket policy.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/BucketRestrictions.html
"""

from __future__ import annotations

from ...errors import invalid_input

_MOST_BYTES = 20 * 1024


def require_size(document: str) -> str:
    """The policy (JSON) itself. Raises OperationError if it is larger than S3 accepts."""
    size = len(document.encode())
    if size > _MOST_BYTES:
        raise invalid_input(
            f"The bucket policy would have {size:,} bytes, and S3 accepts {_MOST_BYTES:,}.",
            "Shorten the statements of others in it, or exempt fewer principals: one pattern can stand for many ARNs.",
        )
    return document
