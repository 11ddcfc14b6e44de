# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors


"""The statements of a key policy that this collection owns, known by their Sid.

Sources: https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
and https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html#require-sse-kms
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..arn import Arn
from ..iam.policy_document import Statement, normal_statement
from ..iam.principals_of_account import in_account

if TYPE_CHECKING:
    from .desired_key import DesiredPolicy, PolicyScope

ACCOUNT_SID = "S3KeyAccount"
ADMINISTRATORS_SID = "S3KeyAdministrators"
USERS_SID = "S3KeyUsers"
DESCRIBE_SID = "S3KeyDescribe"
ACCOUNTS_SID = "S3KeyOtherAccounts"
ACCOUNTS_DESCRIBE_SID = "S3KeyOtherAccountsDescribe"
SERVICES_SID = "S3KeyServices"
OWNED_SIDS = (
    ACCOUNT_SID,
    ADMINISTRATORS_SID,
    USERS_SID,
    DESCRIBE_SID,
    ACCOUNTS_SID,
    ACCOUNTS_DESCRIBE_SID,
    SERVICES_SID,
)

# All permissions to administer a key, and none to use it. kms:CreateGrant is missing on purpose: a grant can allow
# kms:Decrypt.
ADMINISTRATION = (
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DeleteImportedKeyMaterial",
    "kms:Describe*",
    "kms:Disable*",
    "kms:Enable*",
    "kms:Get*",
    "kms:ImportKeyMaterial",
    "kms:List*",
    "kms:PutKeyPolicy",
    "kms:ReplicateKey",
    "kms:RevokeGrant",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
    "kms:UpdatePrimaryRegion",
)

# S3 calls GenerateDataKey to write, and Decrypt to read and for multipart uploads, with the permissions of the user.
# UpdateObjectEncryption needs Encrypt and ReEncrypt.
USE = ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*")

# Permissions of services that write to a bucket themselves, such as server access logs, inventories and trails.
# Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
SERVICE_USE = ("kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey*")

# The encryption context of S3's calls is the ARN of the object or, with a bucket key, the ARN of the bucket.
# Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html
BUCKET_CONTEXT = "kms:EncryptionContext:aws:s3:arn"


def build_statements(desired: DesiredPolicy, scope: PolicyScope, found: list[Statement]) -> dict[str, Statement | None]:
    """The owned statements for what the task names, by Sid; None for a statement to remove, as it has no principals."""
    built: dict[str, Statement | None] = {}
    if desired.administrators is not None:
        administrators = _in_account(desired.administrators, scope)
        built[ADMINISTRATORS_SID] = _allow(ADMINISTRATORS_SID, administrators, ADMINISTRATION)
    if desired.users is not None:
        users = _in_account(desired.users, scope)
        use = _allow(USERS_SID, users, USE)
        built[USERS_SID] = _restrict(use, desired, scope, found)
        # Users resolve aliases by a direct call to KMS, which a condition on kms:ViaService would deny.
        built[DESCRIBE_SID] = _allow(DESCRIBE_SID, users, ("kms:DescribeKey",))
    if desired.allowed_accounts is not None:
        roots = [f"arn:{scope.partition}:iam::{account}:root" for account in desired.allowed_accounts]
        built[ACCOUNTS_SID] = _restrict(_allow(ACCOUNTS_SID, roots, USE), desired, scope, found)
        built[ACCOUNTS_DESCRIBE_SID] = _allow(ACCOUNTS_DESCRIBE_SID, roots, ("kms:DescribeKey",))
    if desired.services is not None:
        built[SERVICES_SID] = _services(desired.services, scope)
    return built


def _in_account(principals: Iterable[str], scope: PolicyScope) -> list[str]:
    """The ARNs of principals. Those without an account are those of the account of the key."""
    return [in_account(name, scope.partition, scope.account) for name in principals]


def _restrict(
    use: Statement | None, desired: DesiredPolicy, scope: PolicyScope, found: list[Statement]
) -> Statement | None:
    """A statement of use with its conditions: through S3 only, from the principals' accounts, for these buckets."""
    if use is None:
        return None
    condition: dict[str, Any] = {}
    if desired.through_s3_only:
        accounts = sorted({_account_of(arn) for arn in use["Principal"]["AWS"]})
        callers = accounts[0] if len(accounts) == 1 else accounts
        condition["StringEquals"] = {"kms:CallerAccount": callers, "kms:ViaService": scope.s3_endpoint}
        for operator, arns in _contexts(desired, scope, _counterpart(use["Sid"], found)):
            condition.setdefault(operator, {})[BUCKET_CONTEXT] = arns
    return {**use, "Condition": condition} if condition else use


def _counterpart(sid: str, found: list[Statement]) -> Statement:
    """The statement whose buckets a statement of use keeps: the current one; for a new one, the other one of use."""
    by_sid = {statement.get("Sid"): statement for statement in reversed(found)}
    other = ACCOUNTS_SID if sid == USERS_SID else USERS_SID
    return by_sid.get(sid) or by_sid.get(other) or {}


def _contexts(desired: DesiredPolicy, scope: PolicyScope, current: Statement) -> list[tuple[str, list[str]]]:
    """The encryption contexts to allow, by operator.

    These are those of the named buckets, with and without bucket keys. If the task names no buckets, the current ones
    are kept with any operator, so that nothing more is allowed than before.
    """
    if desired.buckets is not None:
        names = sorted(set(desired.buckets))
        arns = [arn for name in names for arn in (f"arn:{scope.partition}:s3:::{name}", _objects(scope, name))]
        return [("ArnLike", arns)] if arns else []
    return [
        (operator, sorted(values))
        for operator, key, values in normal_statement(current).get("Condition", ())
        if key == BUCKET_CONTEXT.lower()
    ]


def _objects(scope: PolicyScope, bucket: str) -> str:
    return f"arn:{scope.partition}:s3:::{bucket}/*"


def _services(services: Iterable[str], scope: PolicyScope) -> Statement | None:
    """The statement for AWS services, for resources of this account only.

    Without that condition any account could make them use the key (confused deputy).

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    """
    names = sorted(set(services))
    if not names:
        return None
    return {
        "Sid": SERVICES_SID,
        "Effect": "Allow",
        "Principal": {"Service": names},
        "Action": list(SERVICE_USE),
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:SourceAccount": scope.account}},
    }


def account_statement(scope: PolicyScope) -> Statement:
    """Administration through the IAM policies of the account, so that the key can always be managed."""
    return {
        "Sid": ACCOUNT_SID,
        "Effect": "Allow",
        "Principal": {"AWS": scope.root},
        "Action": list(ADMINISTRATION),
        "Resource": "*",
    }


def _allow(sid: str, principals: Iterable[str], actions: Iterable[str]) -> Statement | None:
    arns = sorted(set(principals))
    if not arns:
        return None
    return {"Sid": sid, "Effect": "Allow", "Principal": {"AWS": arns}, "Action": list(actions), "Resource": "*"}


def _account_of(principal: str) -> str:
    """The account of a principal, which is an ARN or an account id."""
    arn = Arn.try_parse(principal)
    return arn.account if arn else principal
