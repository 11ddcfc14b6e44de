# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The size of a policy. It is part of the plan, so a check run finds a policy that is too large, too.

KMS counts the bytes of the text. S3 counts those of a normalized document, and refuses more than 20480 with
MalformedPolicy (Normalized policy document exceeds the maximum allowed size). Its normalized form is not documented, so
the smallest text of the policy is counted.
Sources: https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/add-bucket-policy.html
and https://github.com/MIT-LCP/physionet-build/issues/2094
"""

from __future__ import annotations

import json

from ..errors import invalid_input
from .policy_kind import PolicyKind


def fit_policy(policy: str, kind: PolicyKind) -> str:
    """The policy (JSON), without its spaces if it is too large with them.

    Raises OperationError, with the size in bytes, if it is too large for its service without them, too.
    """
    if len(policy.encode()) <= kind.max_bytes:
        return policy
    text = json.dumps(json.loads(policy), separators=(",", ":"), ensure_ascii=False)
    size = len(text.encode())
    if size > kind.max_bytes:
        raise invalid_input(
            f"The {kind.name} would have {size} bytes, and {kind.service} accepts {kind.max_bytes}.", kind.if_too_large
        )
    return text
