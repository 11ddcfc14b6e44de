# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Key policies for S3: the statements that this collection owns, known by their Sid, merged among foreign ones.

Sources: https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
and https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html#require-sse-kms
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .errors import invalid

Statement = dict[str, Any]

ACCOUNT_SID = "S3KeyAccount"
ADMINISTRATORS_SID = "S3KeyAdministrators"
USERS_SID = "S3KeyUsers"
DESCRIBE_SID = "S3KeyDescribe"

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


@dataclass(frozen=True, slots=True)
class PolicyScope:
    """Where a key lives: what its policy's ARNs and conditions are made of."""

    partition: str
    region: str
    account: str

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
    """Who may do what. None: not named, so its statement stays as it is."""

    administrators: tuple[str, ...] | None = None
    users: tuple[str, ...] | None = None
    through_s3_only: bool = True

    @property
    def names_nothing(self) -> bool:
        """Whether the policy is left as it is."""
        return self.administrators is None and self.users is None


def parse_policy(text: str) -> dict[str, Any]:
    """The policy document of a JSON text; raises Refused where it is none."""
    try:
        policy = json.loads(text)
    except ValueError:
        policy = None
    if not isinstance(policy, dict) or "Statement" not in policy:
        raise invalid("The key policy is not a JSON policy document.", "It needs Version and Statement.")
    return policy


def dump_policy(policy: Mapping[str, Any]) -> str:
    """The JSON text of a policy document, the same for the same document."""
    return json.dumps(policy, sort_keys=True)


def merge_policy(current: str | None, desired: DesiredPolicy, scope: PolicyScope) -> str | None:
    """The JSON of the current policy with the named statements as asked, and every other statement kept.

    None for `current` is a key that does not exist yet. The same text comes back where the two mean the same, and None
    where nothing is named for a new key, which then gets KMS's default policy.
    """
    if desired.names_nothing:
        return current
    policy = parse_policy(current) if current else {"Version": "2012-10-17", "Statement": []}
    built = _build(desired, scope)
    replaced = {*built, ACCOUNT_SID}
    kept = [statement for statement in statements(policy) if statement.get("Sid") not in replaced]
    account = [] if any(_keeps_account_in_charge(statement, scope) for statement in kept) else [_account(scope)]
    merged = {**policy, "Statement": [*account, *kept, *(statement for statement in built.values() if statement)]}
    if current and same_policy(current, dump_policy(merged)):
        return current
    return dump_policy(merged)


def _build(desired: DesiredPolicy, scope: PolicyScope) -> dict[str, Statement | None]:
    """The owned statements of what is named, by Sid; None for one that is to go, as it names nobody."""
    built: dict[str, Statement | None] = {}
    if desired.administrators is not None:
        built[ADMINISTRATORS_SID] = _allow(ADMINISTRATORS_SID, desired.administrators, ADMINISTRATION)
    if desired.users is not None:
        use = _allow(USERS_SID, desired.users, USE)
        if use and desired.through_s3_only:
            use["Condition"] = {
                "StringEquals": {"kms:CallerAccount": scope.account, "kms:ViaService": scope.s3_endpoint}
            }
        built[USERS_SID] = use
        # A user resolves an alias by calling KMS directly, which kms:ViaService would refuse.
        built[DESCRIBE_SID] = _allow(DESCRIBE_SID, desired.users, ("kms:DescribeKey",))
    return built


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
    normal = _normal_statement(statement)
    actions = set(normal.get("Action", ()))
    return (
        normal.get("Effect") == "Allow"
        and not normal.get("Condition")
        and ("AWS", scope.account) in normal.get("Principal", ())
        and bool(actions & {"*", "kms:*", "kms:put*", "kms:putkeypolicy"})
    )


def statements(policy: Mapping[str, Any]) -> list[Statement]:
    """The statements of a policy, also where it holds a single one without a list."""
    found = policy.get("Statement", [])
    return [found] if isinstance(found, dict) else list(found)


def same_policy(left: str, right: str) -> bool:
    """Whether two policies mean the same, however AWS or a person has written them.

    Order, repetition, single values or lists, the letter case of actions and condition keys, root ARN or account id,
    and empty Sids make no difference.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
    """
    return _normal_policy(left) == _normal_policy(right)


def _normal_policy(text: str) -> frozenset[str]:
    return frozenset(
        json.dumps({name: _listed(value) for name, value in _normal_statement(statement).items()}, sort_keys=True)
        for statement in statements(parse_policy(text))
    )


def _normal_statement(statement: Mapping[str, Any]) -> dict[str, Any]:
    normal: dict[str, Any] = {}
    for name, value in statement.items():
        if name in ("Principal", "NotPrincipal"):
            normal[name] = _normal_principal(value)
        elif name in ("Action", "NotAction"):
            normal[name] = frozenset(action.lower() for action in _texts(value))
        elif name in ("Resource", "NotResource"):
            normal[name] = frozenset(_texts(value))
        elif name == "Condition":
            normal[name] = frozenset(
                (operator, key.lower(), frozenset(_texts(values)))
                for operator, keys in value.items()
                for key, values in keys.items()
            )
        elif value:
            normal[name] = value
    return normal


def _normal_principal(value: Any) -> frozenset[tuple[str, str]]:
    by_type = {"AWS": value} if isinstance(value, str) else value
    return frozenset((kind, _account_of_root(name)) for kind, names in by_type.items() for name in _texts(names))


def _account_of_root(principal: str) -> str:
    parts = principal.split(":")
    return parts[4] if len(parts) == 6 and parts[2] == "iam" and parts[5] == "root" else principal


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [str(item).lower() if isinstance(item, bool) else str(item) for item in values]


def _listed(value: Any) -> Any:
    if isinstance(value, (frozenset, tuple)):
        listed = [_listed(item) for item in value]
        return sorted(listed, key=json.dumps) if isinstance(value, frozenset) else listed
    return value
