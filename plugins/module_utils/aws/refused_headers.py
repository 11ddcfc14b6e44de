# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Headers that some stores refuse, and S3 knows: those of checksums and of conditional writes.

Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-dataintegrity.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..model.errors import WITHOUT_CHECKSUMS, Failure, FailureKind

# The statuses of such a refusal, and the words about a header in its message or in the element Header.
_STATUSES = (400, 501)
_REFUSED = re.compile(r"unsupported|not supported|not implemented|unrecognized|unknown|not allowed", re.IGNORECASE)
_CHECKSUM = re.compile(r"x-amz-(?:sdk-)?checksum|x-amz-trailer", re.IGNORECASE)
_CONDITION = re.compile(r"\bif-(?:none-)?match\b", re.IGNORECASE)


def explain_refused_header(failure: Failure, text: str, response: Mapping[str, Any]) -> Failure:
    """The failure as unsupported, with advice, if it refuses such a header. `text` is the message of the response."""
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    words = f"{text} {response.get('Error', {}).get('Header', '')}"
    if status not in _STATUSES or not _REFUSED.search(words):
        return failure
    if _CHECKSUM.search(words):
        return replace(failure, kind=FailureKind.UNSUPPORTED, advice=WITHOUT_CHECKSUMS, reason=None)
    if _CONDITION.search(words):
        return replace(
            failure, kind=FailureKind.UNSUPPORTED, advice="The store does not support that condition.", reason=None
        )
    return failure
