# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""ETags that are random at AWS: those of objects under SSE-KMS, DSSE-KMS and SSE-C.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html (ETag)
"""

from __future__ import annotations

import re
from typing import Any

_ETAG = re.compile(r'"?[0-9a-f]{32}(-\d+)?"?')


def with_any_random_etag(answer: Any, *, has_customer_key: bool) -> Any:
    """Return an answer with a placeholder for the digits of each random ETag; the number of parts stays.

    ``has_customer_key``: the test has requests under SSE-C. Not every answer about their objects says so.
    """
    is_random = isinstance(answer, dict) and (
        str(answer.get("ServerSideEncryption", "")).startswith("aws:kms") or has_customer_key
    )
    return _replaced(answer) if is_random else answer


def _replaced(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _form(each) if name == "ETag" else _replaced(each) for name, each in value.items()}
    return [_replaced(each) for each in value] if isinstance(value, list) else value


def _form(etag: Any) -> Any:
    if isinstance(etag, str) and _ETAG.fullmatch(etag):
        return re.sub("[0-9a-f]{32}", "<etag>", etag)
    return etag
