# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A refused customer key. S3 answers with AccessDenied, as for a missing permission, and only the message differs.

A HEAD has no message, so its 403 can be either.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html
"""

from __future__ import annotations

import re
from dataclasses import replace

from ..model.errors import Failure, FailureKind, Reason

_WRONG_KEY = re.compile(r"customer provided keys? must provide the correct secret key", re.IGNORECASE)


def explain_wrong_key(failure: Failure, text: str) -> Failure:
    """The failure as a wrong customer key, if the message of S3 reports one. `text` is that message."""
    if failure.kind is not FailureKind.FORBIDDEN or not _WRONG_KEY.search(text):
        return failure
    return replace(
        failure,
        kind=FailureKind.WRONG_KEY,
        message=f"The customer key of the request is not the key of {failure.resource} ({failure.code}).",
        advice="Set the key that the object was written with. If the task has read the object with its key before, "
        "another client has written the object meanwhile: run the task again.",
        reason=Reason.CUSTOMER_KEY_REQUIRED,
    )
