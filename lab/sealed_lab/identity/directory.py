# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The accounts, and the principals of access keys.

* An access key of 12 digits is the root user of that account. Its secret is ``test`` where signatures are checked.
* ``test`` is the root user of the account 000000000000.
* A key that IAM or STS of the lab created is that user or session.
* Any other key is the root user of 000000000000 while enforcement is off, and unknown while it is on.
"""

from __future__ import annotations

import re

from ..errors import ServiceError
from ..policy_language import Policy, PolicyKind, Principal, PrincipalKind, parse_policy
from .records import Account, Caller, Credential, Role, User

DEFAULT_ACCOUNT = "000000000000"
_ACCOUNT_ID = re.compile(r"\d{12}")
_AWS_MANAGED = {
    "arn:aws:iam::aws:policy/AdministratorAccess": '{"Effect": "Allow", "Action": "*", "Resource": "*"}',
    "arn:aws:iam::aws:policy/AmazonS3FullAccess": (
        '{"Effect": "Allow", "Action": ["s3:*", "s3-object-lambda:*"], "Resource": "*"}'
    ),
    "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess": (
        '{"Effect": "Allow", "Action": ["s3:Get*", "s3:List*", "s3:Describe*"], "Resource": "*"}'
    ),
    "arn:aws:iam::aws:policy/IAMFullAccess": '{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}',
    "arn:aws:iam::aws:policy/ReadOnlyAccess": (
        '{"Effect": "Allow", "Action": ["s3:Get*", "s3:List*", "kms:Describe*", "kms:Get*", "kms:List*", "iam:Get*",'
        ' "iam:List*", "tag:Get*"], "Resource": "*"}'
    ),
}
AWS_MANAGED = {
    arn: parse_policy(f'{{"Version": "2012-10-17", "Statement": {statement}}}', PolicyKind.IDENTITY)
    for arn, statement in _AWS_MANAGED.items()
}


def root_user(account: str) -> Principal:
    """Return the root user of an account."""
    return Principal(f"arn:aws:iam::{account}:root", account, PrincipalKind.ROOT)


class Directory:
    """All accounts and all credentials."""

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.credentials: dict[str, Credential] = {}

    def account(self, number: str) -> Account:
        """Return an account. It is created empty at its first use."""
        result = self.accounts.get(number)
        if result is None:
            result = self.accounts[number] = Account(number)
        return result

    def resolve(self, access_key: str, token: str, now: float, *, strict: bool) -> Caller:
        """Return the caller of an access key. Raise S3's error for a key that is unknown, inactive or expired."""
        credential = self.credentials.get(access_key)
        if credential is not None:
            if not credential.active:
                raise _unknown_key(access_key)
            if credential.token and token != credential.token:
                raise ServiceError("InvalidToken", "The provided token is malformed or otherwise invalid.", 400)
            if credential.expires and now >= credential.expires:
                raise ServiceError("ExpiredToken", "The provided token has expired.", 400)
            return Caller(credential.principal, access_key, credential.secret, credential.session_policies)
        if _ACCOUNT_ID.fullmatch(access_key):
            return Caller(root_user(access_key), access_key, "test")
        if access_key == "test" or not strict:
            return Caller(root_user(DEFAULT_ACCOUNT), access_key, "test" if access_key == "test" else None)
        raise _unknown_key(access_key)

    def identity_policies(self, principal: Principal) -> list[Policy]:
        """Return the identity-based policies of a user, or of the role of a session."""
        account = self.account(principal.account)
        holder: User | Role | None = None
        if principal.kind is PrincipalKind.USER:
            holder = account.users.get(principal.arn.rpartition("/")[2])
        elif principal.kind is PrincipalKind.ROLE_SESSION:
            holder = account.roles.get(principal.role_arn.rpartition("/")[2])
        if holder is None:
            return []
        policies = [each.parsed for each in holder.inline.values()]
        for arn in holder.attached:
            if arn in AWS_MANAGED:
                policies.append(AWS_MANAGED[arn])
            else:
                managed = account.policies.get(arn)
                if managed is not None:
                    policies.append(managed.versions[managed.default].parsed)
        return policies


def _unknown_key(access_key: str) -> ServiceError:
    return ServiceError(
        "InvalidAccessKeyId",
        "The AWS Access Key Id you provided does not exist in our records.",
        403,
        fields={"AWSAccessKeyId": access_key},
    )
