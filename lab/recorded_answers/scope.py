# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Which recorded answers are in scope: the rule that the README states."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

# Requests to these services are compared. What a test sends to other services of the lab (IAM, STS) prepares them.
SERVICES = frozenset({"s3", "s3control", "kms"})
_PREPARING = frozenset({"iam", "sts"})

# Tests with these operations are not compared. The lab has no S3 Select, which AWS closed to new customers. It has
# access points, but recorded answers name those that the account had besides, in the order of random names.
OPERATIONS = frozenset(
    {
        "s3.SelectObjectContent",
        "s3control.CreateAccessPoint",
        "s3control.DeleteAccessPoint",
        "s3control.GetAccessPoint",
        "s3control.ListAccessPoints",
    }
)


def outside(requests: Iterable[dict[str, Any]]) -> str | None:
    """Return why the answers to the requests of a test are out of scope, or None if they are in scope."""
    for request in requests:
        service = request.get("call", "s3.").split(".")[0]
        if service not in SERVICES | _PREPARING:
            return "a test that needs another service"
        if request.get("call") in OPERATIONS:
            return "an operation out of scope"
    return None
