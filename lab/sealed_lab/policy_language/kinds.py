# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The kinds of policy, and how each service refuses a document that it does not accept."""

from __future__ import annotations

from enum import Enum


class PolicyKind(Enum):
    """Where a policy is attached, which decides the elements that it must and must not have.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
    """

    IDENTITY = "identity-based policy"
    RESOURCE = "bucket policy"
    KEY = "key policy"
    TRUST = "trust policy"

    @property
    def error_code(self) -> str:
        """The error code with which IAM, S3 or KMS refuses a malformed document of this kind."""
        if self is PolicyKind.RESOURCE:
            return "MalformedPolicy"
        if self is PolicyKind.KEY:
            return "MalformedPolicyDocumentException"
        return "MalformedPolicyDocument"

    @property
    def requires_allow(self) -> bool:
        """Whether nobody, not even the account that owns the resource, passes without an Allow in this policy.

        True of key policies and role trust policies, unlike any other resource-based policy.
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
        https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
        """
        return self in (PolicyKind.KEY, PolicyKind.TRUST)


class PolicyError(ValueError):
    """A policy document that AWS refuses to store."""

    def __init__(self, error_code: str, message: str) -> None:
        super().__init__(message)
        self.error_code = error_code
        self.message = message


def policy_error(kind: PolicyKind, message: str) -> PolicyError:
    """The error for a malformed document of this kind."""
    return PolicyError(kind.error_code, message)
