# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The accounts, and the principals of access keys.

* An access key of 12 digits is the root user of that account. Its secret is ``test`` where signatures are checked.
* Such a key with a partition in front, as ``aws-cn:222222222222``, is the root user of an account of that partition.
  It declares the account. Every other account is of the partition ``aws``.
* ``test`` is the root user of the account 000000000000.
* A key that IAM or STS of the lab created is that user or session.
* Any other key is the root user of 000000000000 while enforcement is off, and unknown while it is on.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..errors import ServiceError
from ..partitions import DEFAULT_PARTITION, is_partition
from ..policy_language import ALLOW_EVERYTHING, Policy, PolicyKind, Principal, PrincipalKind, parse_policy
from .organizations import OrganizationsState
from .records import Account, Caller, Credential, Role, User

DEFAULT_ACCOUNT = "000000000000"
_ROOT_KEY = re.compile(r"(?:(aws[a-z-]*):)?(\d{12})")
_AWS_MANAGED = {
    "AdministratorAccess": '{"Effect": "Allow", "Action": "*", "Resource": "*"}',
    "AmazonS3FullAccess": ('{"Effect": "Allow", "Action": ["s3:*", "s3-object-lambda:*"], "Resource": "*"}'),
    "AmazonS3ReadOnlyAccess": (
        '{"Effect": "Allow", "Action": ["s3:Get*", "s3:List*", "s3:Describe*"], "Resource": "*"}'
    ),
    "IAMFullAccess": '{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}',
    "ReadOnlyAccess": (
        '{"Effect": "Allow", "Action": ["s3:Get*", "s3:List*", "kms:Describe*", "kms:Get*", "kms:List*", "iam:Get*",'
        ' "iam:List*", "tag:Get*"], "Resource": "*"}'
    ),
}
# The AWS managed policies of every partition by name.
AWS_MANAGED = {
    name: parse_policy(f'{{"Version": "2012-10-17", "Statement": {statement}}}', PolicyKind.IDENTITY)
    for name, statement in _AWS_MANAGED.items()
}


def root_user(account: str, partition: str = DEFAULT_PARTITION) -> Principal:
    """Return the root user of an account."""
    return Principal(f"arn:{partition}:iam::{account}:root", account, PrincipalKind.ROOT)


def aws_managed_policy(arn: str, partition: str) -> Policy | None:
    """Return the AWS managed policy of an ARN, None if the partition has none of that ARN."""
    name = arn.removeprefix(f"arn:{partition}:iam::aws:policy/")
    return AWS_MANAGED.get(name) if name != arn else None


class Directory:
    """All accounts and all credentials."""

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.credentials: dict[str, Credential] = {}
        self.organizations = OrganizationsState()

    def account(self, number: str, partition: str) -> Account:
        """Return an account. It is created empty, and in this partition, at its first use."""
        result = self.accounts.get(number)
        if result is None:
            result = self.accounts[number] = Account(number, partition)
        return result

    def is_usable(self, number: str) -> bool:
        """Return whether an account is neither closed nor suspended. Its roles can be assumed only then."""
        account = self.accounts.get(number)
        return (account is None or account.state == "ACTIVE") and not self.organizations.is_closed(number)

    def check_access(self, caller: Caller, region: str) -> None:
        """Raise S3's error for a user or session of an account that cannot be used, or that has disabled the region.

        The users and sessions of an account do not exist in such a region.
        https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
        """
        account = self.accounts.get(caller.account)
        if account is not None and region in account.disabled_regions:
            raise invalid_token() if caller.temporary else unknown_key(caller.access_key)
        if caller.principal.kind is not PrincipalKind.ROOT and not self.is_usable(caller.account):
            raise ServiceError(
                "AccountProblem",
                "There is a problem with your AWS account that prevents the operation from completing successfully. "
                "Contact AWS Support for further assistance.",
                403,
            )

    def resolve(self, access_key: str, token: str, now: float, *, strict: bool) -> Caller:
        """Return the caller of an access key. Raise S3's error for a key that is unknown, inactive or expired."""
        credential = self.credentials.get(access_key)
        if credential is not None:
            if not credential.active:
                raise unknown_key(access_key)
            if credential.token and token != credential.token:
                raise invalid_token()
            if credential.expires and now >= credential.expires:
                raise expired_token()
            temporary = bool(credential.token)
            return Caller(credential.principal, access_key, credential.secret, credential.session, temporary)
        root_key = _ROOT_KEY.fullmatch(access_key)
        if root_key is not None:
            return Caller(self._root_user(access_key, root_key[2], root_key[1]), access_key, "test")
        if access_key == "test" or not strict:
            secret = "test" if access_key == "test" else None
            return Caller(self._root_user(access_key, DEFAULT_ACCOUNT, None), access_key, secret)
        raise unknown_key(access_key)

    def _root_user(self, access_key: str, number: str, partition: str | None) -> Principal:
        """Return the root user of an account. Raise S3's error if the account is of another partition than the key."""
        if partition is not None and not is_partition(partition):
            raise unknown_key(access_key)
        account = self.accounts.get(number) if partition is None else self.account(number, partition)
        own = account.partition if account is not None else DEFAULT_PARTITION
        if partition not in (None, own):
            raise unknown_key(access_key)
        return root_user(number, own)

    def identity_policies(self, principal: Principal) -> list[Policy]:
        """Return the identity-based policies of a user, or of the role of a session."""
        if principal.kind is PrincipalKind.ROOT:
            return [ALLOW_EVERYTHING]
        holder = self._holder(principal)
        if holder is None:
            return []
        account = self.account(principal.account, principal.partition)
        policies = [each.parsed for each in holder.inline.values()]
        for arn in holder.attached:
            policy = self.managed_policy(account, arn)
            if policy is not None:
                policies.append(policy)
        return policies

    def _holder(self, principal: Principal) -> User | Role | None:
        """Return the user, or the role of a session; None for other principals and for deleted ones.

        A user or role of the same name that was created later is another one: it has another unique id.
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
        """
        account = self.accounts.get(principal.account)
        if account is not None and principal.kind is PrincipalKind.USER:
            user = account.users.get(principal.arn.rpartition("/")[2])
            return user if user is not None and principal.entity_id in ("", user.user_id) else None
        if account is not None and principal.kind is PrincipalKind.ROLE_SESSION:
            role = account.roles.get(principal.role_arn.rpartition("/")[2])
            return role if role is not None and principal.entity_id in ("", role.role_id) else None
        return None

    def request_context(self, caller: Caller, resource_account: str) -> dict[str, Sequence[str]]:
        """Return the condition keys that follow from a caller, its request, tags and session, and from organizations.

        A tag of a session replaces that of the role.
        """
        holder = self._holder(caller.principal)
        tags = holder.tags if holder is not None else {}
        found: dict[str, Sequence[str]] = dict(caller.request_conditions())
        found.update({f"aws:principaltag/{name.lower()}": [tags[name]] for name in tags})
        found.update(caller.session.context)
        found.update(self.organizations.context("principal", caller.account))
        found.update(self.organizations.context("resource", resource_account))
        return found

    def managed_policy(self, account: Account, arn: str) -> Policy | None:
        """Return a managed policy of the account or of AWS, None if it does not exist."""
        managed = account.policies.get(arn)
        if managed is not None:
            return managed.versions[managed.default].parsed
        return aws_managed_policy(arn, account.partition)


def expired_token() -> ServiceError:
    """Return S3's error for temporary credentials that have expired."""
    return ServiceError("ExpiredToken", "The provided token has expired.", 400)


def invalid_token() -> ServiceError:
    """Return S3's error for a session token that does not belong to the access key, or is unknown in the region."""
    return ServiceError("InvalidToken", "The provided token is malformed or otherwise invalid.", 400)


def unknown_key(access_key: str) -> ServiceError:
    """Return S3's error for an access key that does not exist in the partition."""
    return ServiceError(
        "InvalidAccessKeyId",
        "The AWS Access Key Id you provided does not exist in our records.",
        403,
        fields={"AWSAccessKeyId": access_key},
    )
