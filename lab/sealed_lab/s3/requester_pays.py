# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Buckets whose requesters pay: requests of other accounts must say that they pay, and the response confirms it.

Anonymous requests are refused. The account that owns the bucket needs no header.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/RequesterPaysBuckets.html
"""

from __future__ import annotations

from ..call import Call
from ..policy_language import PrincipalKind
from .state import Bucket

_HEADER = "x-amz-request-payer"
_PAYER = "requester"


def pays(call: Call, bucket: Bucket) -> bool:
    """Return whether the caller, and not the owner of the bucket, pays for the request."""
    if call.account == bucket.account or call.caller.principal.kind is PrincipalKind.SERVICE:
        return False
    return bool((bucket.documents.get("requestPayment") or {}).get("Payer") == "Requester")


def agrees_to_pay(call: Call) -> bool:
    """Return whether the request has the header, or in a presigned URL the parameter. No anonymous request can pay."""
    query = {name.lower(): value for name, value in call.request.query_pairs()}
    return not call.caller.anonymous and _PAYER in (call.request.header(_HEADER), query.get(_HEADER))


def confirm_charge(call: Call) -> None:
    """Add the header of the response to the operations that have it."""
    shape = call.operation.model.output_shape
    if shape is not None and "RequestCharged" in shape.members:
        call.extra_headers["x-amz-request-charged"] = _PAYER
