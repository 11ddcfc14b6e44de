# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Key policies for S3: the statements that this collection owns, known by their Sid, merged among foreign ones.

Sources: https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
and https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html#require-sse-kms
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..arn import Arn
from ..errors import invalid_input
from ..iam.policy_document import (
    Statement,
    dump_policy,
    names_only,
    normal_statement,
    parse_policy,
    same_policy,
    settled,
    statements,
    unique_ids,
    without_principals,
)

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

# All of administration and nothing of cryptography. CreateGrant is left out on purpose: a grant is a way to Decrypt.
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

# S3 calls GenerateDataKey to write and Decrypt to read (and for multipart uploads), as the user and not as itself;
# Encrypt and ReEncrypt serve UpdateObjectEncryption.
USE = ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*")

# What services need that deliver into a bucket by themselves: server access logs, inventories, trails.
# Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
SERVICE_USE = ("kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey*")

# S3 sends the ARN of the object, or with a bucket key that of the bucket, as the encryption context of every call.
# Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html
_CONTEXT = "kms:EncryptionContext:aws:s3:arn"


@dataclass(frozen=True, slots=True)
class PolicyScope:
    """The partition, region and account of a key, which the ARNs and conditions of its policy need."""

    partition: str
    region: str
    account: str

    @classmethod
    def of_key(cls, key_arn: str) -> PolicyScope:
        """The scope of the key with this ARN; raises OperationError where a store gives it another kind of name."""
        arn = Arn.parse(key_arn)
        return cls(arn.partition, arn.region, arn.account)

    @property
    def root(self) -> str:
        """The principal that stands for the account, and lets its IAM policies count."""
        return f"arn:{self.partition}:iam::{self.account}:root"

    @property
    def s3_endpoint(self) -> str:
        """The value of kms:ViaService for S3 in this region.

        Source: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
        """
        suffix = _DNS_SUFFIXES.get(self.partition, "amazonaws.com")
        return f"s3.{self.region}.{suffix}"


_DNS_SUFFIXES = {
    "aws-cn": "amazonaws.com.cn",
    "aws-iso": "c2s.ic.gov",
    "aws-iso-b": "sc2s.sgov.gov",
    "aws-iso-e": "cloud.adc-e.uk",
    "aws-iso-f": "csp.hci.ic.gov",
    "aws-eusc": "amazonaws.eu",
}


@dataclass(frozen=True, slots=True)
class DesiredPolicy:
    """Who may do what. None: not named, so its statement stays as it is.

    `buckets` restricts users and other accounts. `whole` is the JSON of a policy to have instead of a built one.
    `purge` lets go of every statement that is not owned.
    """

    administrators: tuple[str, ...] | None = None
    users: tuple[str, ...] | None = None
    through_s3_only: bool = True
    services: tuple[str, ...] | None = None
    allowed_accounts: tuple[str, ...] | None = None
    buckets: tuple[str, ...] | None = None
    whole: str | None = None
    purge: bool = False

    @property
    def names_nothing(self) -> bool:
        """Whether the policy is left as it is."""
        named = (self.administrators, self.users, self.services, self.allowed_accounts, self.whole)
        return all(part is None for part in named)


def merge_policy(current: str | None, desired: DesiredPolicy, scope: PolicyScope) -> str | None:
    """The JSON of the current policy with the named statements as asked, and every other statement kept.

    None for `current` is a key that does not exist yet. The same text comes back where the two mean the same, and None
    where nothing is named for a new key, which then gets KMS's default policy. What differs is to be written, and so
    comes without the unique ids that AWS shows for deleted principals, unless the task names them itself.
    """
    if desired.names_nothing:
        return current
    _require_partition(desired, scope)
    policy = parse_policy(current) if current else {"Version": "2012-10-17", "Statement": []}
    found = statements(policy)
    if desired.whole is not None:
        asked = parse_policy(desired.whole)
        merged = {**asked, "Statement": [settled(statement, found) for statement in statements(asked)]}
    else:
        merged = {**policy, "Statement": _merge(found, desired, scope)}
    if current and same_policy(current, dump_policy(merged)):
        return current
    return writable(dump_policy(merged), desired)


def writable(policy: str, desired: DesiredPolicy) -> str:
    """A policy as it can be written: without the unique ids of deleted principals, unless the task names them itself.

    KMS refuses an id that does not exist any more, whichever statement names it. Raises OperationError where the
    buckets that
    an owned statement is for would go with it, as the statement would come back for all.
    """
    document = parse_policy(policy)
    asked = unique_ids(parse_policy(desired.whole)) if desired.whole is not None else ()
    gone = set(unique_ids(document)) - set(asked)
    if desired.whole is None and desired.buckets is None:
        _require_buckets_kept(statements(document), gone)
    return dump_policy(without_principals(document, gone)) if gone else policy


def _require_buckets_kept(found: list[Statement], gone: set[str]) -> None:
    for statement in found:
        conditions = normal_statement(statement).get("Condition", ())
        limited = any(key == _CONTEXT.lower() for _operator, key, _values in conditions)
        if statement.get("Sid") in (USERS_SID, ACCOUNTS_SID) and limited and names_only(statement, gone):
            raise invalid_input(
                f"The statement {statement['Sid']} of the key policy is for some buckets only, and names nobody but "
                f"{', '.join(sorted(gone))}, which AWS shows for deleted principals and KMS does not take. The buckets "
                "would be lost with it.",
                "Name buckets, or take those who were deleted out of users and allowed_accounts.",
            )


def _require_partition(desired: DesiredPolicy, scope: PolicyScope) -> None:
    """Raise OperationError for principals of another partition, which KMS would take for some that do not exist yet.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
    """
    for principal in (*(desired.administrators or ()), *(desired.users or ())):
        arn = Arn.try_parse(principal)
        if arn and arn.partition != scope.partition:
            raise invalid_input(
                f"{arn} is of the partition {arn.partition}, and the key in {scope.region} is of {scope.partition}: "
                "nobody has access across partitions.",
                f"Name principals that begin with arn:{scope.partition}:.",
            )


def _merge(found: list[Statement], desired: DesiredPolicy, scope: PolicyScope) -> list[Statement]:
    built = _build(desired, scope, found)
    replaced = {*built, ACCOUNT_SID}
    kept = [
        statement
        for statement in found
        if statement.get("Sid") not in replaced and (not desired.purge or statement.get("Sid") in OWNED_SIDS)
    ]
    account = [] if any(_keeps_account_in_charge(statement, scope) for statement in kept) else [_account(scope)]
    return [*account, *kept, *(settled(statement, found) for statement in built.values() if statement)]


def _build(desired: DesiredPolicy, scope: PolicyScope, found: list[Statement]) -> dict[str, Statement | None]:
    """The owned statements of what is named, by Sid; None for one that is to go, as it names nobody."""
    built: dict[str, Statement | None] = {}
    if desired.administrators is not None:
        built[ADMINISTRATORS_SID] = _allow(ADMINISTRATORS_SID, desired.administrators, ADMINISTRATION)
    if desired.users is not None:
        use = _allow(USERS_SID, desired.users, USE)
        built[USERS_SID] = _restrict(use, desired, scope, found)
        # A user resolves an alias by calling KMS directly, which kms:ViaService would refuse.
        built[DESCRIBE_SID] = _allow(DESCRIBE_SID, desired.users, ("kms:DescribeKey",))
    if desired.allowed_accounts is not None:
        roots = [f"arn:{scope.partition}:iam::{account}:root" for account in desired.allowed_accounts]
        built[ACCOUNTS_SID] = _restrict(_allow(ACCOUNTS_SID, roots, USE), desired, scope, found)
        built[ACCOUNTS_DESCRIBE_SID] = _allow(ACCOUNTS_DESCRIBE_SID, roots, ("kms:DescribeKey",))
    if desired.services is not None:
        built[SERVICES_SID] = _services(desired.services, scope)
    return built


def _restrict(
    use: Statement | None, desired: DesiredPolicy, scope: PolicyScope, found: list[Statement]
) -> Statement | None:
    """A statement of use with its conditions: through S3 only, from the principals' own accounts, for these buckets."""
    if use is None:
        return None
    condition: dict[str, Any] = {}
    if desired.through_s3_only:
        accounts = sorted({_account_of(arn) for arn in use["Principal"]["AWS"]})
        callers = accounts[0] if len(accounts) == 1 else accounts
        condition["StringEquals"] = {"kms:CallerAccount": callers, "kms:ViaService": scope.s3_endpoint}
        for operator, arns in _contexts(desired, scope, _counterpart(use["Sid"], found)):
            condition.setdefault(operator, {})[_CONTEXT] = arns
    return {**use, "Condition": condition} if condition else use


def _counterpart(sid: str, found: list[Statement]) -> Statement:
    """The statement whose buckets one of use keeps: itself, or where it is new that of the others who use the key."""
    by_sid = {statement.get("Sid"): statement for statement in reversed(found)}
    other = ACCOUNTS_SID if sid == USERS_SID else USERS_SID
    return by_sid.get(sid) or by_sid.get(other) or {}


def _contexts(desired: DesiredPolicy, scope: PolicyScope, current: Statement) -> list[tuple[str, list[str]]]:
    """The encryption contexts to allow, by operator: of the named buckets, with and without bucket keys; or those
    there are, whatever operator somebody chose for them, so that nothing is allowed that was not."""
    if desired.buckets is not None:
        names = sorted(set(desired.buckets))
        arns = [arn for name in names for arn in (f"arn:{scope.partition}:s3:::{name}", _objects(scope, name))]
        return [("ArnLike", arns)] if arns else []
    return [
        (operator, sorted(values))
        for operator, key, values in normal_statement(current).get("Condition", ())
        if key == _CONTEXT.lower()
    ]


def _objects(scope: PolicyScope, bucket: str) -> str:
    return f"arn:{scope.partition}:s3:::{bucket}/*"


def _services(services: Iterable[str], scope: PolicyScope) -> Statement | None:
    """Use by AWS services, for resources of this account only: else anybody could have them use the key (confused
    deputy).

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


def _account(scope: PolicyScope) -> Statement:
    """Administration through the account's IAM policies, so that the key can never become unmanageable."""
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


def _keeps_account_in_charge(statement: Statement, scope: PolicyScope) -> bool:
    normal = normal_statement(statement)
    actions = set(normal.get("Action", ()))
    return (
        normal.get("Effect") == "Allow"
        and not normal.get("Condition")
        and ("AWS", scope.account) in normal.get("Principal", ())
        and bool(actions & {"*", "kms:*", "kms:put*", "kms:putkeypolicy"})
    )


def _account_of(principal: str) -> str:
    """The account of an ARN; an account id stands for itself."""
    arn = Arn.try_parse(principal)
    return arn.account if arn else principal
