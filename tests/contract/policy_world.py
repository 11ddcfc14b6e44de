# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""A lab that enforces policies, with a bucket, its writers, and the policies that the module writes for it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from sealed_lab import RunningLab, Transport
from sealed_lab.policy_language import PolicyKind, Principal, Request, evaluate, parse_policy

from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.desired_policy import DesiredPolicy
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.plan import PutBucketPolicy, plan_policy
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.policy_state import read_policy_state

from . import policy_refusals as documented
from .conftest import ACCOUNT
from .signed_requests import Requester, sse_c_headers

BUCKET = "guarded"
ARN = f"arn:aws:s3:::{BUCKET}"
OTHER_ACCOUNT = "210987654321"
SERVICE = "logging.s3.amazonaws.com"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/ops/backup"
CUSTOMER_KEY = b"k" * 32
SSE = "x-amz-server-side-encryption"
KEY_ID = f"{SSE}-aws-kms-key-id"
_LISTS = ("allow_encryption", "exempt_principals", "exempt_services")

# What other writers of the bucket need, as in real policies. Our statements are merged into it.
_FOREIGN = [
    {
        "Sid": "Partner",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:root"},
        "Action": "s3:*",
        "Resource": [ARN, f"{ARN}/*"],
    },
    {
        "Sid": "Logs",
        "Effect": "Allow",
        "Principal": {"Service": [SERVICE, "delivery.logs.amazonaws.com"]},
        "Action": "s3:PutObject",
        "Resource": f"{ARN}/*",
    },
]


@dataclass(frozen=True)
class World:
    """A lab with a bucket under SSE-KMS with KEY, and its writers."""

    lab: RunningLab
    s3: Any
    keys: Mapping[str, str]
    writer: Requester
    credentials: Mapping[str, Mapping[str, str]]
    post: Any

    def apply(self, **options: Any) -> str:
        """Merge the statements of these options into the policy of the bucket; the document."""
        document = build_policy(self.keys, **options)
        self.s3.put_bucket_policy(Bucket=BUCKET, Policy=document)
        return document


def build_policy(keys: Mapping[str, str], **options: Any) -> str:
    """The policy that the module writes for these options, into a policy of others."""
    named: dict[str, Any] = {name: tuple(value) if name in _LISTS else value for name, value in options.items()}
    if "allow_kms_keys" in options:
        named["allow_kms_keys"] = tuple(keys[key] for key in options["allow_kms_keys"])
        named["allows_aws_managed_key"] = "alias/aws/s3" in options["allow_kms_keys"]
    foreign = json.dumps({"Version": "2012-10-17", "Statement": _FOREIGN})
    plan = plan_policy(DesiredPolicy(**named), read_policy_state(foreign, ARN), ARN)
    (step,) = plan.steps
    assert isinstance(step, PutBucketPolicy)
    return step.document


def _user(lab: RunningLab, account: str, name: str) -> dict[str, str]:
    """A user who may do everything; its credentials."""
    iam = lab.client("iam", account=account)
    iam.create_user(UserName=name)
    policy = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
    iam.put_user_policy(UserName=name, PolicyName="all", PolicyDocument=json.dumps(policy))
    credentials: dict[str, str] = iam.create_access_key(UserName=name)["AccessKey"]
    return credentials


def _role_session(lab: RunningLab) -> dict[str, str]:
    """A session of ROLE."""
    iam = lab.client("iam", account=ACCOUNT)
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
    path, _, name = ROLE.partition(":role")[2].rpartition("/")
    iam.create_role(RoleName=name, Path=f"{path}/", AssumeRolePolicyDocument=json.dumps({"Statement": trust}))
    iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=json.dumps({"Statement": everything}))
    sts = lab.client("sts", credentials=_user(lab, ACCOUNT, "operator"))
    credentials: dict[str, str] = sts.assume_role(RoleArn=ROLE, RoleSessionName="night")["Credentials"]
    return credentials


def _keys(lab: RunningLab) -> dict[str, str]:
    """KEY and another key, and the AWS managed key, by their ARNs."""
    kms = lab.client("kms", account=ACCOUNT)
    accounts = {"AWS": [f"arn:aws:iam::{account}:root" for account in (ACCOUNT, OTHER_ACCOUNT)]}
    policy = {"Statement": {"Effect": "Allow", "Principal": accounts, "Action": "kms:*", "Resource": "*"}}
    arns = {name: kms.create_key(Policy=json.dumps(policy))["KeyMetadata"]["Arn"] for name in ("KEY", "another")}
    kms.create_alias(AliasName="alias/app", TargetKeyId=arns["KEY"])
    return {**arns, "alias/aws/s3": kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]["Arn"]}


@pytest.fixture(scope="module", name="world")
def new_world() -> Iterator[World]:
    """One lab for all tests of this file."""
    with RunningLab(tls=True) as lab:
        s3 = lab.client("s3", account=ACCOUNT)
        keys = _keys(lab)
        s3.create_bucket(Bucket=BUCKET, ObjectOwnership="ObjectWriter")
        default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": keys["KEY"]}
        rule = {"ApplyServerSideEncryptionByDefault": default, "BlockedEncryptionTypes": {"EncryptionType": ["NONE"]}}
        s3.put_bucket_encryption(Bucket=BUCKET, ServerSideEncryptionConfiguration={"Rules": [rule]})
        s3.put_object(Bucket=BUCKET, Key="source", Body=b"content")
        credentials = {
            "another user of the bucket's account": _user(lab, ACCOUNT, "writer"),
            "a session of ROLE": _role_session(lab),
            "a user of ACCOUNT": _user(lab, OTHER_ACCOUNT, "partner"),
            "the root user of the bucket's account": {"AccessKeyId": ACCOUNT, "SecretAccessKey": "test"},
        }
        lab.enforcing = True
        user = credentials["another user of the bucket's account"]
        with Requester(lab.url, user) as writer:
            yield World(lab, s3, keys, writer, credentials, lab.client("s3", credentials=user))


def encryption_headers(row: str, keys: Mapping[str, str]) -> dict[str, str]:
    """The headers of a row of the table of uploads."""
    if row == "nothing":
        return {}
    if row.startswith("a customer key"):
        return sse_c_headers(CUSTOMER_KEY)
    algorithm, _, key = row.removeprefix("`").partition("`")
    arn = keys["KEY"]
    forms = {
        "": None,
        ", and no key": None,
        ", and KEY by its key ARN": arn,
        ", and KEY by its key ID": arn.rpartition("/")[2],
        ", and KEY by its alias name": "alias/app",
        ", and KEY by its alias ARN": f"{arn.partition(':key/')[0]}:alias/app",
        ", and aws/s3 by its key ARN": keys["alias/aws/s3"],
        ", and another key by its key ARN": keys["another"],
    }
    named = forms[key]
    return {SSE: algorithm, **({KEY_ID: named} if named else {})}


_NEWEST_TLS = Transport()


def is_denied(
    document: str,
    principal: Principal,
    headers: Mapping[str, str],
    action: str = "s3:PutObject",
    transport: Transport = _NEWEST_TLS,
) -> bool:
    """Whether the policy denies a request explicitly, by the policy engine of the lab: no client acts as a service."""
    sent = {f"s3:{name.lower()}": [value] for name, value in headers.items() if "customer-key" not in name}
    context = {**transport.conditions(), **transport.s3_conditions(), **sent}
    request = Request(principal, action, f"{ARN}/log", ACCOUNT, context)
    return "explicit" in evaluate(request, [], parse_policy(document, PolicyKind.RESOURCE)).reason.value


# ---------------------------------------------------------------- in the lab of a single test


@pytest.fixture(name="keys")
def guarded_keys(s3: Any, kms: Any, key_arn: str) -> Mapping[str, str]:
    """The bucket, which does not block SSE-C, with KEY as its default; and the ARNs of the keys."""
    s3.create_bucket(Bucket=BUCKET)
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key_arn}
    rule = {"ApplyServerSideEncryptionByDefault": default, "BlockedEncryptionTypes": {"EncryptionType": ["NONE"]}}
    s3.put_bucket_encryption(Bucket=BUCKET, ServerSideEncryptionConfiguration={"Rules": [rule]})
    return {
        "KEY": key_arn,
        "another": kms.create_key()["KeyMetadata"]["Arn"],
        "alias/aws/s3": kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]["Arn"],
    }


@pytest.fixture(name="apply")
def apply_rule(s3: Any, keys: Mapping[str, str]) -> Callable[[str], None]:
    """A function that puts the policy of a rule."""

    def put(rule: str) -> None:
        s3.put_bucket_policy(Bucket=BUCKET, Policy=build_policy(keys, **documented.UPLOAD_RULES[rule]))

    return put
