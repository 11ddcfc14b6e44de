# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The policy language of AWS: parse and validate documents, evaluate requests, explain denials.

Usage::

    policy = parse_policy(text, PolicyKind.KEY)
    decision = evaluate(Request(principal, "kms:Decrypt", key_arn, account, context), identity_policies, policy)
    if not decision.allowed:
        message = explain(decision, request)

The package is pure: it uses no clock, no storage and no network.
"""

from __future__ import annotations

from .conditions import Condition, SetOperator
from .document import Policy, Statement, parse_document, parse_policy
from .evaluation import (
    ALLOW_EVERYTHING,
    Decision,
    Reason,
    Request,
    evaluate,
    explain,
    limit_to_session,
    would_lock_out,
)
from .kinds import PolicyError, PolicyKind
from .normal_form import bucket_policy_form, key_policy_form, replace_principals
from .partition_check import check_partition
from .patterns import wildcard_match
from .principals import Match, Principal, PrincipalElement, PrincipalKind
from .public_access import is_public

__all__ = [
    "ALLOW_EVERYTHING",
    "Condition",
    "Decision",
    "Match",
    "Policy",
    "PolicyError",
    "PolicyKind",
    "Principal",
    "PrincipalElement",
    "PrincipalKind",
    "Reason",
    "Request",
    "SetOperator",
    "Statement",
    "bucket_policy_form",
    "check_partition",
    "evaluate",
    "explain",
    "is_public",
    "key_policy_form",
    "limit_to_session",
    "parse_document",
    "parse_policy",
    "replace_principals",
    "wildcard_match",
    "would_lock_out",
]
