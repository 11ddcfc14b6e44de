# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The kinds of policies, and the error of each service for an invalid document."""

from __future__ import annotations

from enum import Enum


class PolicyKind(Enum):
    """What a policy is attached to. It decides which elements are required and which are not allowed.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
    """

    IDENTITY = "identity-based policy"
    RESOURCE = "bucket policy"
    KEY = "key policy"
    TRUST = "trust policy"

    @property
    def error_code(self) -> str:
        """The error code of IAM, S3 or KMS for an invalid document of this kind."""
        if self is PolicyKind.RESOURCE:
            return "MalformedPolicy"
        if self is PolicyKind.KEY:
            return "MalformedPolicyDocumentException"
        return "MalformedPolicyDocument"

    @property
    def requires_allow(self) -> bool:
        """Whether an Allow in this policy is required for everyone, even for the account that owns the resource.

        This is true of key policies and role trust policies, but of no other resource-based policy.
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
        https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
        """
        return self in (PolicyKind.KEY, PolicyKind.TRUST)


class PolicyError(ValueError):
    """AWS refuses to store the policy document."""

    def __init__(self, error_code: str, message: str) -> None:
        super().__init__(message)
        self.error_code = error_code
        self.message = message


def policy_error(kind: PolicyKind, message: str) -> PolicyError:
    """Return the error for an invalid document of this kind."""
    return PolicyError(kind.error_code, message)
