# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Session policies: an inline document, and ARNs of managed policies. A session may do what its role and they allow.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
"""

from __future__ import annotations

from ..call import Call
from ..errors import ServiceError
from ..policy_language import Policy
from .access import read_policy
from .records import Account

_MOST_ARNS = 10
_MOST_CHARACTERS = 2048


def read_session_policies(call: Call, account: Account) -> tuple[Policy, ...]:
    """Return the session policies of a request. The managed ones are of the account of the role, or AWS's own."""
    arns = [each["arn"] for each in call.get("PolicyArns") or []]
    if len(arns) > _MOST_ARNS:
        raise ServiceError("ValidationError", f"You can provide up to {_MOST_ARNS} managed policy ARNs.", 400)
    found = [] if call.get("Policy") is None else [read_policy(call, call["Policy"])]
    for arn in arns:
        policy = call.lab.state.directory.managed_policy(account, arn)
        if policy is None:
            raise ServiceError("MalformedPolicyDocument", f"Policy {arn} does not exist or is not attachable.", 400)
        found.append(policy)
    return tuple(found)


def packed_policy_size(call: Call) -> int | None:
    """Return how much of the space for policies and tags a request takes, in percent; None if it has none of these.

    The packed format of AWS is not documented. The lab takes the number of characters. Raise PackedPolicyTooLarge for
    more than the limit. https://repost.aws/knowledge-center/iam-role-aws-sts-error
    """
    texts = [call.get("Policy") or "", *(each["arn"] for each in call.get("PolicyArns") or [])]
    texts += [each["Key"] + each["Value"] for each in call.get("Tags") or []]
    size = sum(map(len, texts))
    share = -(-size * 100 // _MOST_CHARACTERS)
    if share > 100:
        message = f"Packed size of session tags consumes {share}% of allotted space."
        if call.get("Policy") or call.get("PolicyArns"):
            message = f"Packed policy consumes {share}% of allotted space, please use smaller policy."
        raise ServiceError("PackedPolicyTooLarge", message, 400)
    return share if size else None
