# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The statements of a bucket policy that this collection owns: written, and recognised in any form.

Each denies what its rule does not allow, and nothing else. A header that is not sent has no condition key, and a
negated operator is met without the key. So an upload that relies on the bucket's default encryption is only let pass
where `Null` asks for the header, too.
Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html
and https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from ...iam.policy_document import Statement, normal_statement
from ...kinds.registry import KMS_WIRES

SID_PREFIX = "SealedS3"

_ALGORITHM = "s3:x-amz-server-side-encryption"
_KMS_KEY = "s3:x-amz-server-side-encryption-aws-kms-key-id"
_CUSTOMER_KEY = "s3:x-amz-server-side-encryption-customer-algorithm"
_TLS = "aws:SecureTransport"
_TLS_VERSION = "s3:TlsVersion"
_PRINCIPAL = "aws:PrincipalArn"
_ACCOUNT = "aws:PrincipalAccount"
_SERVICE = "aws:PrincipalServiceName"

_VERSION = re.compile(r"\d+(\.\d+)?")

Conditions = dict[str, dict[str, Any]]


class Denial(Enum):
    """What a statement denies."""

    PLAIN_HTTP = "requests without TLS"
    OLD_TLS = "requests with an older version of TLS"
    OTHER_ENCRYPTION = "uploads that name another encryption"
    CUSTOMER_KEYS = "uploads with a customer key"
    OTHER_KMS_KEY = "uploads that name another KMS key"
    NO_KMS_KEY = "uploads that name an encryption with a KMS key, and no key"
    IN_PLACE = "changes in place to another KMS key"
    NO_HEADER = "uploads that name no encryption"


@dataclass(frozen=True, slots=True)
class Exemptions:
    """Who is exempt from a statement: ARNs of users and roles, and ids of accounts; and service principals."""

    principals: tuple[str, ...] = ()
    services: tuple[str, ...] = ()

    def is_within(self, other: Exemptions) -> bool:
        """Whether the others exempt all of these, too."""
        return {*self.principals} <= {*other.principals} and {*self.services} <= {*other.services}


NOBODY = Exemptions()


@dataclass(frozen=True, slots=True)
class Guard:
    """One statement by its meaning. `values` are what it allows: a version of TLS, words of the header, or keys."""

    denial: Denial
    values: tuple[str, ...] = ()
    exempt: Exemptions = NOBODY

    def denies_all_of(self, other: Guard) -> bool:
        """Whether this statement denies everything that the other one denies."""
        if self.denial is not other.denial or not self.exempt.is_within(other.exempt):
            return False
        if self.denial is Denial.OLD_TLS:
            return float(self.values[0]) >= float(other.values[0])
        return set(self.values) <= set(other.values)


# The Sids of this collection, in the order in which new statements are added.
REQUIRE_TLS = "SealedS3RequireTls"
MINIMUM_TLS_VERSION = "SealedS3MinimumTlsVersion"
ALLOW_ENCRYPTION = "SealedS3AllowEncryption"
ALLOW_ENCRYPTION_CUSTOMER_KEYS = "SealedS3AllowEncryptionCustomerKeys"
DENY_CUSTOMER_KEYS = "SealedS3DenyCustomerKeys"
ALLOW_KMS_KEYS = "SealedS3AllowKmsKeys"
KMS_KEY_REQUIRED = "SealedS3AllowKmsKeysKeyRequired"
KMS_KEYS_IN_PLACE = "SealedS3AllowKmsKeysInPlace"
REQUIRE_HEADER = "SealedS3RequireEncryptionHeader"
DENIALS: Mapping[str, Denial] = {
    REQUIRE_TLS: Denial.PLAIN_HTTP,
    MINIMUM_TLS_VERSION: Denial.OLD_TLS,
    ALLOW_ENCRYPTION: Denial.OTHER_ENCRYPTION,
    ALLOW_ENCRYPTION_CUSTOMER_KEYS: Denial.CUSTOMER_KEYS,
    DENY_CUSTOMER_KEYS: Denial.CUSTOMER_KEYS,
    ALLOW_KMS_KEYS: Denial.OTHER_KMS_KEY,
    KMS_KEY_REQUIRED: Denial.NO_KMS_KEY,
    KMS_KEYS_IN_PLACE: Denial.IN_PLACE,
    REQUIRE_HEADER: Denial.NO_HEADER,
}
SIDS_OF_RULES: Mapping[str, tuple[str, ...]] = {
    "require_tls": (REQUIRE_TLS, MINIMUM_TLS_VERSION),  # a version without TLS would let plain HTTP pass
    "minimum_tls_version": (MINIMUM_TLS_VERSION,),
    "allow_encryption": (ALLOW_ENCRYPTION, ALLOW_ENCRYPTION_CUSTOMER_KEYS),
    "allow_kms_keys": (ALLOW_KMS_KEYS, KMS_KEY_REQUIRED, KMS_KEYS_IN_PLACE),
    "deny_customer_keys": (DENY_CUSTOMER_KEYS,),
    "require_encryption_header": (REQUIRE_HEADER,),
}
# Exemptions are for these only: no principal may use plain HTTP.
TLS_SIDS = (REQUIRE_TLS, MINIMUM_TLS_VERSION)

# The operator and the condition key that hold the values of a statement.
_VALUES = {
    Denial.OLD_TLS: ("NumericLessThan", _TLS_VERSION),
    Denial.OTHER_ENCRYPTION: ("StringNotEquals", _ALGORITHM),
    Denial.OTHER_KMS_KEY: ("StringNotEquals", _KMS_KEY),
    Denial.IN_PLACE: ("StringNotEquals", _KMS_KEY),
}
# The other conditions. AWS's rules look for the text "false", and not for the boolean.
_CONDITIONS: Mapping[Denial, Conditions] = {
    Denial.PLAIN_HTTP: {"Bool": {_TLS: "false"}},
    Denial.OLD_TLS: {},  # without TLS the key is absent, and the operator not met
    Denial.OTHER_ENCRYPTION: {"Null": {_ALGORITHM: "false"}},
    Denial.CUSTOMER_KEYS: {"Null": {_CUSTOMER_KEY: "false"}},
    Denial.OTHER_KMS_KEY: {"Null": {_KMS_KEY: "false"}},
    # Such an upload gets S3's AWS managed key, whatever the key of the bucket's default is.
    # Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html (SSEKMSKeyId)
    Denial.NO_KMS_KEY: {"StringEquals": {_ALGORITHM: list(KMS_WIRES)}, "Null": {_KMS_KEY: "true"}},
    # Such a request always names the new key, by its ARN. Without `Null`, a request whose key is not known is denied.
    # Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
    Denial.IN_PLACE: {},
    Denial.NO_HEADER: {"Null": {_ALGORITHM: "true", _CUSTOMER_KEY: "true"}},
}


def _lower(condition: tuple[str, str]) -> tuple[str, str]:
    """The operator and key of a condition as they are in the normal form."""
    operator, key = condition
    return operator, key.lower()


# Who is exempt.
_BY_PRINCIPAL, _BY_ACCOUNT, _BY_SERVICE = (
    _lower(condition)
    for condition in (("ArnNotLike", _PRINCIPAL), ("StringNotEquals", _ACCOUNT), ("StringNotEquals", _SERVICE))
)


def _denials_by_conditions() -> dict[frozenset[tuple[str, str]], list[Denial]]:
    """What a statement may deny, by the operators and keys of its conditions, so that few forms have to be compared."""
    found: dict[frozenset[tuple[str, str]], list[Denial]] = {}
    for denial in Denial:
        fixed = {_lower((operator, key)) for operator, keys in _CONDITIONS[denial].items() for key in keys}
        found.setdefault(frozenset(fixed), []).append(denial)
        if denial in _VALUES:
            found.setdefault(frozenset({*fixed, _lower(_VALUES[denial])}), []).append(denial)
    return found


_DENIALS_BY_CONDITIONS = _denials_by_conditions()


def is_owned(statement: Statement) -> bool:
    """Whether a statement belongs to this collection."""
    return str(statement.get("Sid") or "").startswith(SID_PREFIX)


def build_statement(guard: Guard, sid: str, bucket_arn: str) -> Statement:
    """The statement in the form that this collection writes, and that AWS's own rules recognise."""
    of_requests = guard.denial in (Denial.PLAIN_HTTP, Denial.OLD_TLS)
    conditions = _conditions(guard)
    return {
        "Sid": sid,
        "Effect": "Deny",
        "Principal": "*",
        "Action": _action(guard.denial),
        "Resource": [bucket_arn, f"{bucket_arn}/*"] if of_requests else f"{bucket_arn}/*",
        **({"Condition": conditions} if conditions else {}),
    }


def _action(denial: Denial) -> str:
    if denial in (Denial.PLAIN_HTTP, Denial.OLD_TLS):
        return "s3:*"
    # s3:PutObject* would deny requests for ACLs and tags, too, which have no such headers.
    return "s3:UpdateObjectEncryption" if denial is Denial.IN_PLACE else "s3:PutObject"


def _conditions(guard: Guard) -> Conditions:
    found: Conditions = {operator: dict(keys) for operator, keys in _CONDITIONS[guard.denial].items()}
    if guard.denial in _VALUES and guard.values:
        operator, key = _VALUES[guard.denial]
        found.setdefault(operator, {})[key] = _one_or_many(guard.values)
    arns = [each for each in guard.exempt.principals if not each.isdecimal()]
    accounts = [each for each in guard.exempt.principals if each.isdecimal()]
    # A principal without the key, such as an anonymous one, meets the negated operator: it is not exempt.
    for operator, key, values in (
        ("ArnNotLike", _PRINCIPAL, arns),
        ("StringNotEquals", _ACCOUNT, accounts),
        ("StringNotEquals", _SERVICE, guard.exempt.services),
    ):
        if values:
            found.setdefault(operator, {})[key] = sorted(values)
    return found


def _one_or_many(values: tuple[str, ...]) -> str | list[str]:
    return values[0] if len(values) == 1 else list(values)


def read_guard(statement: Statement, bucket_arn: str) -> Guard | None:
    """The meaning of a statement in any form; None if it has another meaning than the statements of this collection."""
    meant = meaning(statement)
    if meant.get("Effect") != "Deny":
        return None
    found = {(operator, key): tuple(sorted(values)) for operator, key, values in meant.get("Condition", ())}
    exempt = Exemptions(
        tuple(sorted((*found.get(_BY_PRINCIPAL, ()), *found.get(_BY_ACCOUNT, ())))), found.get(_BY_SERVICE, ())
    )
    denials = _DENIALS_BY_CONDITIONS.get(frozenset(found.keys() - {_BY_PRINCIPAL, _BY_ACCOUNT, _BY_SERVICE}), ())
    for denial in denials:
        guard = Guard(denial, found.get(_lower(_VALUES[denial]), ()) if denial in _VALUES else (), exempt)
        if denial is Denial.OLD_TLS and not _is_one_version(guard.values):
            continue
        if denial in (Denial.PLAIN_HTTP, Denial.OLD_TLS) and exempt != NOBODY:
            continue  # the rules about TLS are for everybody
        if meaning(build_statement(guard, "", bucket_arn)) == meant:
            return guard
    return None


def _is_one_version(values: tuple[str, ...]) -> bool:
    return len(values) == 1 and _VERSION.fullmatch(values[0]) is not None


def meaning(statement: Statement) -> dict[str, Any]:
    """The normal form of a statement without its Sid. Equal forms have the same meaning."""
    normal = normal_statement(statement)
    normal.pop("Sid", None)
    return normal
