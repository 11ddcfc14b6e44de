# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The kinds of policies: what their service calls them, how large they can be, and when they are public.

Sources: https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/add-bucket-policy.html
and https://docs.aws.amazon.com/config/latest/developerguide/kms-key-policy-no-public-access.html
"""

from __future__ import annotations

from dataclasses import dataclass

# Condition keys about the caller or the source that each kind has, in lower case.
_CALLER_KEYS = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceowner",
        "aws:sourceip",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
    }
)


@dataclass(frozen=True, slots=True)
class PolicyKind:
    """One kind of policy. `name` and `service` are for sentences.

    `max_bytes` is the limit of its service, and `if_too_large` the advice for a larger one. `condition_example` is a
    condition that such a policy can have. `caller_keys` are the condition keys, in lower case, on which a condition
    with fixed values restricts the callers. In a value of one of `account_keys` only the account has to be fixed.
    """

    name: str
    service: str
    max_bytes: int
    if_too_large: str
    condition_example: str
    caller_keys: frozenset[str]
    account_keys: frozenset[str] = frozenset()


# kms:ViaService and the encryption context are not among the keys: every account has buckets in S3.
KEY_POLICY = PolicyKind(
    "key policy",
    "KMS",
    32 * 1024,
    "Name fewer principals, such as an account in place of its users, or allow the use by grants.",
    '{"StringEquals": {"kms:CallerAccount": "111122223333"}}',
    _CALLER_KEYS | {"kms:calleraccount", "aws:sourceorgid", "aws:sourceorgpaths"},
)

# Source of the keys: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
# #access-control-block-public-access-policy-status
BUCKET_POLICY = PolicyKind(
    "bucket policy",
    "S3",
    20 * 1024,
    "Shorten the statements of others in it, or exempt fewer principals: one pattern can stand for many ARNs.",
    '{"Bool": {"aws:SecureTransport": "false"}}',
    _CALLER_KEYS | {"aws:principalservicename", "s3:dataaccesspointaccount", "s3:dataaccesspointarn"},
    frozenset({"s3:dataaccesspointarn"}),
)

# Source of the limit: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
TRUST_POLICY = PolicyKind(
    "trust policy",
    "IAM",
    2 * 1024,
    "Name fewer principals.",
    '{"StringEquals": {"aws:SourceAccount": "111122223333"}}',
    _CALLER_KEYS,
)
