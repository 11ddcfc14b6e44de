# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Principals that can never exist, each with what to write instead; and those that can."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.model.iam.principals import impossible_principal

IMPOSSIBLE = [
    ("AWS", 123456789012, "'123456789012'"),
    ("AWS", 12345678901, "'012345678901'"),
    ("AWS", True, "in quotes"),
    ("AWS", None, "in quotes"),
    ("AWS", 1.5, "in quotes"),
    ("AWS", ["a"], "in quotes"),
    ("AWS", "", "account id of 12 digits"),
    ("AWS", "app", "Write an ARN"),
    ("AWS", "12345678901", "12 digits"),
    ("AWS", "1234567890123", "12 digits"),
    ("AWS", "arn:aws:iam::111122223333:group/developers", "Name the users of the group"),
    ("AWS", "arn:aws:iam::111122223333:policy/admin", "users or roles that have the policy"),
    ("AWS", "arn:aws:iam::aws:policy/AdministratorAccess", "account id"),
    ("AWS", "arn:aws:iam::111122223333:instance-profile/web", "role of the instance profile"),
    ("AWS", "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com", "Federated"),
    ("AWS", "arn:aws:iam::111122223333:mfa/me", "Name a role or user"),
    ("AWS", "arn:aws:iam::111122223333:role/*", "aws:PrincipalArn"),
    ("AWS", "arn:aws:iam::*:root", "aws:PrincipalArn"),
    ("AWS", "arn:aws:iam::11112222333:role/app", "lost zeros"),
    ("AWS", "arn:aws:iam:::role/app", "Correct the account id"),
    ("AWS", "arn:aws:iam::111122223333:role/", "ARN such as"),
    ("AWS", "arn:aws:iam::111122223333:role", "ARN such as"),
    ("AWS", "arn:aws:iam::111122223333:assumed-role/app/me", "sts"),
    ("AWS", "arn:aws:sts::111122223333:role/app", "iam"),
    ("AWS", "arn:aws:s3:::bucket", "ARN such as"),
    ("AWS", "arn:aws:kms:us-east-1:111122223333:key/one", "ARN such as"),
    ("AWS", "arn:aws:iam::111122223333", "Write an ARN"),
    ("CanonicalUser", "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be", "Name the account"),
    ("Service", "s3", "s3.amazonaws.com"),
    ("Service", "Logging S3", "loggings3.amazonaws.com"),
    ("Service", "*", "Name each service"),
    ("Service", "*.amazonaws.com", "Name each service"),
    ("Service", "logging.s3.amazonaw.com", ".amazonaws.com"),
    ("Service", "arn:aws:iam::111122223333:role/app", "of the type AWS"),
    ("Service", 1, "cloudtrail.amazonaws.com"),
    ("Federated", "", "Name the provider"),
    ("User", "me", "AWS, Service and Federated"),
    ("aws", "*", "AWS, Service and Federated"),
]
POSSIBLE = [
    ("AWS", "*"),
    ("AWS", "111122223333"),
    ("AWS", "012345678901"),
    ("AWS", "arn:aws:iam::111122223333:root"),
    ("AWS", "arn:aws-us-gov:iam::111122223333:user/teams/zoe"),
    ("AWS", "arn:aws-cn:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef"),
    ("AWS", "arn:aws:sts::111122223333:assumed-role/app/session"),
    ("AWS", "arn:aws:sts::111122223333:federated-user/zoe"),
    ("AWS", "AROADBQP57FF2AEXAMPLE"),
    ("AWS", "AIDADBQP57FF2AEXAMPLE"),
    ("Service", "logging.s3.amazonaws.com"),
    ("Service", "logs.eu-west-1.amazonaws.com"),
    ("Service", "ec2.amazonaws.com.cn"),
    ("Service", "edgelambda.amazonaws.com"),
    ("Service", "alexa-appkit.amazon.com"),
    ("Federated", "cognito-identity.amazonaws.com"),
    ("Federated", "arn:aws:iam::111122223333:saml-provider/corp"),
]


@pytest.mark.parametrize(
    ("kind", "name", "advice"), IMPOSSIBLE, ids=[f"{kind} {name}" for kind, name, _a in IMPOSSIBLE]
)
def test_a_name_that_can_never_exist_is_found(kind: str, name: Any, advice: str) -> None:
    """With what to write instead."""
    found = impossible_principal(kind, name)
    assert found is not None
    assert advice in found.advice
    assert found.reason


@pytest.mark.parametrize(("kind", "name"), POSSIBLE)
def test_a_name_that_can_exist_is_accepted(kind: str, name: str) -> None:
    """Whether it exists is for KMS to say."""
    assert impossible_principal(kind, name) is None
