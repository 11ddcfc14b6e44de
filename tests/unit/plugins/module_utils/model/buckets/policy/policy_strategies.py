# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Random bucket policies in the forms that accounts have, and random tasks for them."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.desired_policy import DesiredPolicy
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.plan import PolicyPlan, plan_policy
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.policy_state import read_policy_state

Statement = dict[str, Any]

NAME = "amzn-s3-demo-bucket"
BUCKET = f"arn:aws:s3:::{NAME}"
OBJECTS = f"{BUCKET}/*"
ACCOUNT, OTHER_ACCOUNT = "111122223333", "444455556666"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/backup"
KEYS = tuple(f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/{name}" for name in ("one", "two", "three"))
DELETED = "AROAEXAMPLEDELETED123"
SERVICES = ("logging.s3.amazonaws.com", "inventory.s3.amazonaws.com")
PRINCIPALS = (ROLE, OTHER_ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/*")
KINDS = ("SSE-S3", "SSE-KMS", "DSSE-KMS", "SSE-C")
SSE = "s3:x-amz-server-side-encryption"
KEY = f"{SSE}-aws-kms-key-id"
CUSTOMER = f"{SSE}-customer-algorithm"

_CANONICAL_USER = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"
_ORIGIN_ACCESS = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1EXAMPLE"
_NOBODY: dict[str, Any] = {}
_NO_HEADER = {SSE: "true", CUSTOMER: "true"}


def _deny(action: Any, resource: Any, **condition: Any) -> Statement:
    conditions = {"Condition": condition} if condition else {}
    return {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": resource, **conditions}


def _allow(principal: Any, action: Any = "s3:GetObject", resource: Any = OBJECTS, **condition: Any) -> Statement:
    conditions = {"Condition": condition} if condition else {}
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource, **conditions}


# What statements about encryption mean in public policies, then those about other things.
GUARDS: tuple[Statement, ...] = (
    _deny("s3:*", [BUCKET, OBJECTS], Bool={"aws:SecureTransport": "false"}),
    _deny("s3:*", OBJECTS, Bool={"aws:SecureTransport": "false"}),
    _deny("s3:*", [BUCKET, OBJECTS], NumericLessThan={"s3:TlsVersion": "1.2"}),
    _deny("s3:*", [BUCKET, OBJECTS], NumericLessThan={"s3:TlsVersion": "1.3"}),
    _deny("s3:PutObject", OBJECTS, StringNotEquals={SSE: "aws:kms"}),
    _deny("s3:PutObject", OBJECTS, StringNotEquals={SSE: ["AES256", "aws:kms"]}),
    _deny("s3:PutObject", OBJECTS, Null={SSE: "true"}),
    _deny("s3:PutObject", OBJECTS, Null={SSE: "false"}, StringNotEquals={SSE: ["aws:kms", "aws:kms:dsse"]}),
    _deny("s3:PutObject", OBJECTS, Null={CUSTOMER: "false"}),
    _deny("s3:PutObject", OBJECTS, Null=_NO_HEADER),
    _deny("s3:PutObject", OBJECTS, StringNotEquals={KEY: KEYS[0]}),
    _deny("s3:PutObject", OBJECTS, Null={KEY: "false"}, StringNotEquals={KEY: [KEYS[0], KEYS[1]]}),
    _deny("s3:UpdateObjectEncryption", OBJECTS),
    # With exemptions.
    _deny("s3:*", [BUCKET, OBJECTS], Bool={"aws:SecureTransport": "false"}, ArnNotLike={"aws:PrincipalArn": ROLE}),
    _deny("s3:PutObject", OBJECTS, Null={CUSTOMER: "false"}, ArnNotLike={"aws:PrincipalArn": ROLE}),
    _deny("s3:PutObject", OBJECTS, Null={CUSTOMER: "false"}, StringNotEquals={"aws:PrincipalAccount": OTHER_ACCOUNT}),
    _deny("s3:PutObject", OBJECTS, Null=_NO_HEADER, StringNotEquals={"aws:PrincipalServiceName": SERVICES[0]}),
)
# What somebody may have made of a statement of this collection.
CHANGED: tuple[Statement, ...] = (
    _deny("s3:*", [BUCKET, OBJECTS]),
    _deny("s3:PutObject", OBJECTS),
    _deny("s3:*", [BUCKET, OBJECTS], NumericLessThan={"s3:TlsVersion": "1.4"}),
    _deny("s3:*", [BUCKET, OBJECTS], NumericLessThan={"s3:TlsVersion": "1.4"}, ArnNotLike={"aws:PrincipalArn": ROLE}),
    _deny("s3:PutObject", OBJECTS, Null={SSE: "false"}, StringNotEquals={SSE: "AES256"}),
    _deny("s3:PutObject", OBJECTS, Null={KEY: "false"}, StringNotEquals={KEY: KEYS[2]}),
    _deny("s3:UpdateObjectEncryption", OBJECTS, StringNotEquals={KEY: KEYS[2]}),
    _deny("s3:PutObject", [OBJECTS, f"{BUCKET}/b/*"], Null={CUSTOMER: "false"}),
)
OTHERS: tuple[Statement, ...] = (
    _allow({"AWS": ACCOUNT}),
    _allow({"AWS": [ROLE, f"arn:aws:iam::{OTHER_ACCOUNT}:root"]}, ["s3:PutObject", "s3:GetObject"]),
    _allow({"Service": "logging.s3.amazonaws.com"}, "s3:PutObject", StringEquals={"aws:SourceAccount": ACCOUNT}),
    _allow({"CanonicalUser": _CANONICAL_USER}),
    _allow({"Federated": "cognito-identity.amazonaws.com"}),
    _allow({"AWS": _ORIGIN_ACCESS}),
    _allow("*", "s3:GetObject", f"{BUCKET}/public/*"),
    _allow({"AWS": "*"}, ["s3:ListBucket"], BUCKET, StringLike={"s3:prefix": ["public/*", ""]}),
    _deny("s3:DeleteBucket", BUCKET),
    {"Effect": "Deny", "NotPrincipal": {"AWS": ACCOUNT}, "Action": "s3:DeleteObject", "Resource": OBJECTS},
    {"Effect": "Deny", "Principal": "*", "NotAction": ["s3:GetObject", "s3:PutObject"], "Resource": OBJECTS},
    {"Effect": "Deny", "Principal": {"AWS": ROLE}, "Action": "s3:Get*", "NotResource": f"{BUCKET}/public/*"},
)
OF_DELETED: tuple[Statement, ...] = (_allow({"AWS": DELETED}), _allow({"AWS": [DELETED, ACCOUNT]}, "s3:PutObject"))
_SIDS: tuple[str | None, ...] = (None, None, None, "", "Stmt1", "Stmt1", "AllowSSLRequestsOnly", "only TLS - *", "2")


def in_another_form(statement: Statement, sid: str | None, chance: random.Random) -> Statement:
    """The same statement, with the Sid, in one of the forms that people write and S3 keeps."""
    found = {**statement} if sid is None else {"Sid": sid, **statement}
    for name in ("Action", "NotAction", "Resource", "NotResource"):
        if name in found:
            found[name] = _list_or_not(found[name], chance)
    if found.get("Principal") in ("*", {"AWS": "*"}):
        found["Principal"] = chance.choice(["*", {"AWS": "*"}, {"AWS": ["*"]}])
    if "Condition" in found:
        found["Condition"] = {
            operator: {_in_another_case(key, chance): _value(values, chance) for key, values in keys.items()}
            for operator, keys in found["Condition"].items()
        }
    elements = list(found.items())
    chance.shuffle(elements)
    return dict(elements)


def _list_or_not(value: Any, chance: random.Random) -> Any:
    if isinstance(value, str):
        return chance.choice([value, [value]])
    shuffled = list(value)
    chance.shuffle(shuffled)
    return shuffled


def _in_another_case(key: str, chance: random.Random) -> str:
    return chance.choice([key, key, key.lower()])


def _value(value: Any, chance: random.Random) -> Any:
    if value in ("true", "false"):
        return chance.choice([value, value == "true", [value]])
    return _list_or_not(value, chance)


@st.composite
def foreign_policies(draw: st.DrawFn, with_deleted: bool = False) -> str | None:
    """The JSON of a policy without a statement of this collection; None: no policy.

    With `with_deleted`, it has a statement that names a deleted principal.
    """
    chance = draw(st.randoms(use_true_random=False))
    chosen = draw(st.lists(st.tuples(st.sampled_from((*GUARDS, *OTHERS)), st.sampled_from(_SIDS)), max_size=5))
    if with_deleted:
        place = draw(st.integers(0, len(chosen)))
        chosen[place:place] = [(draw(st.sampled_from(OF_DELETED)), draw(st.sampled_from(_SIDS)))]
    if not chosen:
        return None
    found: Any = [in_another_form(statement, sid, chance) for statement, sid in chosen]
    if len(found) == 1 and draw(st.booleans()):
        (found,) = found
    version = draw(st.sampled_from(({"Version": "2012-10-17"}, {"Version": "2008-10-17"}, _NOBODY)))
    identifier = draw(st.sampled_from((_NOBODY, {"Id": "Policy1415115909152"}, {"Id": ""})))
    return json.dumps({**version, **identifier, "Statement": found})


def _some(values: Sequence[str]) -> st.SearchStrategy[tuple[str, ...] | None]:
    """None, or some of these texts in any order."""
    return st.none() | st.permutations(values).flatmap(
        lambda shuffled: st.integers(1, len(values)).map(lambda number: tuple(shuffled[:number]))
    )


def _is_valid(desired: DesiredPolicy) -> bool:
    """Whether the options do not contradict each other."""
    rules = [name for name in _RULES if getattr(desired, name) is not None]
    kinds = desired.allow_encryption or ()
    return (
        (bool(rules) or bool(desired.removed))
        and not desired.removed & set(rules)
        and not (desired.removes("require_tls") and desired.minimum_tls_version)
        and not (desired.deny_customer_keys and "SSE-C" in kinds)
        and not (desired.deny_customer_keys is False and kinds and "SSE-C" not in kinds)
        and not (desired.minimum and (desired.removed or any(desired.removes(name) for name in rules)))
    )


_RULES = (
    *("require_tls", "minimum_tls_version", "allow_encryption", "allow_kms_keys", "deny_customer_keys"),
    *("require_encryption_header", "exempt_principals", "exempt_services"),
)
_BOOLEANS = st.sampled_from([None, None, True, False])


@st.composite
def tasks(draw: st.DrawFn, minimum: bool | None = None) -> DesiredPolicy:
    """A task that names some rules, or takes some away. With `minimum`, a floor or none."""
    is_floor = draw(st.booleans()) if minimum is None else minimum
    removed = [] if is_floor else draw(st.lists(st.sampled_from(_RULES), max_size=2, unique=True))
    found = DesiredPolicy(
        require_tls=draw(_BOOLEANS),
        minimum_tls_version=draw(st.sampled_from([None, None, "1.2", "1.3"])),
        allow_encryption=draw(_some(KINDS)),
        allow_kms_keys=draw(_some(KEYS)),
        deny_customer_keys=draw(_BOOLEANS),
        require_encryption_header=draw(_BOOLEANS),
        exempt_principals=draw(_some(PRINCIPALS)),
        exempt_services=draw(_some(SERVICES)),
        removed=frozenset(removed),
        minimum=is_floor,
    )
    # Repaired, and not filtered: most random tasks contradict themselves.
    unnamed: dict[str, Any] = dict.fromkeys(found.removed)
    if is_floor:
        unnamed |= {name: None for name in _RULES if getattr(found, name) is False}
    found = replace(found, **unnamed)
    if found.removes("require_tls"):
        found = replace(found, minimum_tls_version=None)
    if found.allow_encryption is not None and found.deny_customer_keys is not None:
        found = replace(found, deny_customer_keys="SSE-C" not in found.allow_encryption)
    if is_floor and found.deny_customer_keys is False:
        found = replace(found, deny_customer_keys=None)
    if not _is_valid(found):
        found = replace(found, require_tls=True, removed=frozenset())
    assert _is_valid(found)
    return found


@st.composite
def policies(draw: st.DrawFn) -> str | None:
    """The JSON of a policy with statements of others, and with those that some earlier tasks wrote among them.

    Somebody may have changed their order, or one statement of this collection.
    """
    document = draw(foreign_policies())
    for desired in draw(st.lists(tasks(minimum=False), max_size=2)):
        document = planned(desired, document)
    if document is None or not draw(st.booleans()):
        return document
    found: list[Statement] = list(draw(st.permutations(listed(document))))
    ours = [number for number, each in enumerate(found) if is_owned(each)]
    is_changed: bool = draw(st.booleans())
    if ours and is_changed:
        number = draw(st.sampled_from(ours))
        other = draw(st.sampled_from((*GUARDS, *CHANGED)))
        found[number] = {**other, "Sid": found[number]["Sid"]}
    return json.dumps({**json.loads(document), "Statement": found})


def plan(desired: DesiredPolicy, document: str | None) -> PolicyPlan:
    return plan_policy(desired, read_policy_state(document, BUCKET), BUCKET)


def planned(desired: DesiredPolicy, document: str | None) -> str | None:
    """The JSON of the policy after the run; None: no policy."""
    after = plan(desired, document).after
    assert after is not None
    return after.document


def listed(document: str | None) -> list[Statement]:
    """The statements of a policy."""
    found = json.loads(document)["Statement"] if document else []
    return [found] if isinstance(found, dict) else found


def is_owned(statement: Statement) -> bool:
    """Whether a statement is one of this collection, by its Sid."""
    return str(statement.get("Sid", "")).startswith("SealedS3")
