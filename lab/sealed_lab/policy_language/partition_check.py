# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The ARNs of a policy must be of the partition in which it is stored.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from __future__ import annotations

from collections.abc import Iterator

from .document import Policy
from .kinds import PolicyError, PolicyKind, policy_error


def check_partition(policy: Policy, partition: str) -> None:
    """Raise PolicyError, in the words of the service that stores the policy, for an ARN of another partition.

    Patterns such as ``arn:*:s3:::b`` are of every partition. A key policy can name any resource, because its
    statements apply to no other key.
    """
    for name in policy.named_principals():
        if _is_foreign(name, partition):
            raise _invalid_principal(policy.kind, name)
    if policy.kind is PolicyKind.KEY:
        return
    for resource in _resources(policy):
        if _is_foreign(resource, partition):
            raise _invalid_resource(policy.kind, resource)


def _resources(policy: Policy) -> Iterator[str]:
    for statement in policy.statements:
        yield from statement.resources or ()


def _is_foreign(arn: str, partition: str) -> bool:
    pieces = arn.split(":", 2)
    return len(pieces) == 3 and pieces[0] == "arn" and not set("*?$") & set(pieces[1]) and pieces[1] != partition


def _invalid_principal(kind: PolicyKind, name: str) -> PolicyError:
    if kind is PolicyKind.KEY:
        return policy_error(kind, "Policy contains a statement with one or more invalid principals.")
    if kind is PolicyKind.RESOURCE:
        return policy_error(kind, "Invalid principal in policy")
    return policy_error(kind, f'Invalid principal in policy: "AWS":"{name}"')


def _invalid_resource(kind: PolicyKind, resource: str) -> PolicyError:
    if kind is PolicyKind.RESOURCE:
        return policy_error(kind, "Policy has invalid resource")
    return policy_error(kind, f'Partition "{resource.split(":")[1]}" is not valid for resource "{resource}".')
