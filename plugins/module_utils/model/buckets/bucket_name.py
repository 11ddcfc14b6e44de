# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The names of buckets, as options of a task."""

from __future__ import annotations

import re

from ..arn import Arn
from ..errors import invalid_input

# The names that buckets of today may have, those of old buckets, and what the SDK accepts for any store.
# Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_NAME = re.compile(r"[a-zA-Z0-9._-]{1,255}\Z")
_URL = re.compile(r"(?:s3[an]?|https?)://", re.IGNORECASE)
_EXAMPLE = "Give a plain name, such as amzn-s3-demo-bucket."


def require_bucket_name(text: str, *, access_points: bool = False) -> None:
    """Raise OperationError for a text that is not the name of a bucket, with the name to write instead.

    With `access_points`, the ARN of an access point is accepted: requests for objects take it instead of a bucket.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-access-points.html
    """
    if _NAME.match(text):
        return
    arn = Arn.try_parse(text)
    if access_points and arn and arn.account:
        return
    raise invalid_input(f"{text!r} is not the name of a bucket.", _advice(text, arn))


def _advice(text: str, arn: Arn | None) -> str:
    if arn and arn.account:
        return "This module accepts no access point: give the name of the bucket behind it."
    if not arn and not _URL.match(text) and "/" not in text:
        return _EXAMPLE
    bucket, _slash, key = (arn.resource if arn else _URL.sub("", text)).partition("/")
    if not _NAME.match(bucket) or text.lower().startswith("http"):
        return _EXAMPLE
    return f"Write bucket: {bucket}, and key: {key} in an object module." if key else f"Write {bucket}."
