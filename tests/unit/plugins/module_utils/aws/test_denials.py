# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The access denied messages of AWS's documentation, and of S3 and KMS: the type of policy, and fitting advice."""

from __future__ import annotations

import pytest

from ansible_collections.sealed.s3.plugins.module_utils.aws.denials import parse_denial
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import Failure, FailureKind, Reason

PUT, KEY = "s3:PutObject", "kms:GenerateDataKey"
S3 = f'User: arn:aws:iam::111122223333:user/ann is not authorized to perform: {PUT} on resource: "arn:aws:s3:::logs/a" '
KMS = (
    f"User: arn:aws:sts::111122223333:assumed-role/app/session is not authorized to perform: {KEY} on resource: "
    "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab "
)
STS = "User: arn:aws:iam::111122223333:user/ann is not authorized to perform: sts:AssumeRole "
SNS = (
    "User: arn:aws:sts::111122223333:assumed-role/app/session is not authorized to perform: SNS:Publish on resource: "
    "arn:aws:sns:us-east-1:444455556666:topic "
)
ORGANIZATION = "ask the administrator of the organization"
SCP_ARN = "arn:aws:organizations::999999999999:policy/o-example/service_control_policy/p-example"
BOUNDARY_ARN = "arn:aws:iam::111122223333:policy/boundary"
DENIALS = [
    # Implicit
    (S3 + f"because no identity-based policy allows the {PUT} action", PUT, "identity-based", "Ask for that"),
    (
        S3 + f"because no resource-based policy allows the {PUT} action",
        PUT,
        "resource-based",
        "The bucket's policy does",
    ),
    (
        KMS + f"because no resource-based policy allows the {KEY} action",
        KEY,
        "resource-based",
        "The key policy does not",
    ),
    (KMS + f"because no identity-based policy allows the {KEY} action", KEY, "identity-based", "Ask for that"),
    (KMS + f"because no session policy allows the {KEY} action", KEY, "session", "get credentials whose session"),
    (S3 + f"because no service control policy allows the {PUT} action", PUT, "service control", ORGANIZATION),
    (S3 + f"because no resource control policy allows the {PUT} action", PUT, "resource control", ORGANIZATION),
    (S3 + f"because no permissions boundary allows the {PUT} action", PUT, "permissions boundary", ORGANIZATION),
    (
        S3 + f"because no VPC endpoint policy allows the {PUT} action",
        PUT,
        "VPC endpoint",
        "of the VPC endpoint does not",
    ),
    (
        STS + "because no role trust policy allows the sts:AssumeRole action",
        "sts:AssumeRole",
        "role trust",
        "The trust policy of the role does not allow it",
    ),
    # Explicit
    (S3 + "with an explicit deny in an identity-based policy", PUT, "identity-based", "no other permission helps"),
    (S3 + "with an explicit deny in a resource-based policy", PUT, "resource-based", "The bucket's policy denies it"),
    (KMS + "with an explicit deny in a resource-based policy", KEY, "resource-based", "The key policy denies it"),
    (S3 + "with an explicit deny in a service control policy", PUT, "service control", ORGANIZATION),
    (S3 + "with an explicit deny in a resource control policy", PUT, "resource control", ORGANIZATION),
    (S3 + "with an explicit deny in a permissions boundary", PUT, "permissions boundary", ORGANIZATION),
    (S3 + "with an explicit deny in a session policy", PUT, "session", "session policy of these credentials denies"),
    (S3 + "with an explicit deny in a sessions policy", PUT, "session", "session policy of these credentials denies"),
    (S3 + "with an explicit deny in a VPC endpoint policy", PUT, "VPC endpoint", "the administrator of the network"),
    (
        STS + "with an explicit deny in the role trust policy",
        "sts:AssumeRole",
        "role trust",
        "The trust policy of the role",
    ),
    (
        SNS + "with an explicit deny in a VPC endpoint policy transitively through a service control policy",
        "SNS:Publish",
        "service control",
        ORGANIZATION,
    ),
    (
        SNS + "with an explicit deny in a resource-based policy",
        "SNS:Publish",
        "resource-based",
        "The policy of the resource",
    ),
    # With the ARN of the policy, and with what an SDK or a service adds
    (S3 + f"with an explicit deny in a service control policy: {SCP_ARN}", PUT, "service control", ORGANIZATION),
    (
        S3 + f"with an explicit deny in a permissions boundary: {BOUNDARY_ARN}.",
        PUT,
        "permissions boundary",
        ORGANIZATION,
    ),
    (
        S3 + "with an explicit deny in an identity-based policy: arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3",
        PUT,
        "identity-based",
        "A policy of these credentials denies it",
    ),
    (
        KMS + "with an explicit deny in a resource control policy (Service: Kms, Status Code: 400)",
        KEY,
        "resource control",
        ORGANIZATION,
    ),
    # Settings, and messages without a type
    (
        S3 + "because public ACLs are prevented by the BlockPublicAcls setting in S3 Block Public Access.",
        PUT,
        "S3 Block Public Access",
        "the setting BlockPublicAcls",
    ),
    (
        S3 + "because this bucket has blocked upload requests that specify Server Side Encryption with Customer "
        "provided keys (SSE-C). Please specify a different server-side encryption type",
        PUT,
        "blocked encryption type",
        "blocked_encryption_types: []",
    ),
    (
        KMS.replace("resource: ", "this resource ")
        + "because the resource does not exist in this Region, no resource-based policies allow access, or a "
        "resource-based policy explicitly denies access",
        KEY,
        "",
        "check the ID and the region of the key",
    ),
    (
        "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are "
        "not allowed to access.",
        PUT,
        "",
        "check the ID and the region of the key",
    ),
    ("Access Denied", PUT, "", ""),
    ("User: arn:aws:iam::111122223333:user/ann is not authorized to perform: s3:GetWidget", "s3:GetWidget", "", ""),
    ("", PUT, "", ""),
]


@pytest.mark.parametrize(("text", "action", "layer", "advice"), DENIALS, ids=[str(n) for n in range(len(DENIALS))])
def test_a_message_of_aws(text: str, action: str, layer: str, advice: str) -> None:
    """The action, the type of policy, and what to do next."""
    denial = parse_denial(text, PUT)
    assert (denial.action, denial.layer) == (action, layer)
    assert advice in denial.advice
    assert bool(denial.advice) == bool(advice)
    if layer in ("service control", "resource control") or "explicit deny" in text:
        assert "Ask for that permission" not in denial.advice


@pytest.mark.parametrize(("text", "_action", "layer", "_advice"), DENIALS, ids=[str(n) for n in range(len(DENIALS))])
def test_the_reason_of_a_denial(text: str, _action: str, layer: str, _advice: str) -> None:
    """The rest of the code decides by it, for example whether a header of the request may be the cause."""
    reason = parse_denial(text, PUT).reason
    if not layer:
        assert reason is None
    elif "because no" in text:
        assert reason is Reason.NOT_ALLOWED
    elif layer in ("S3 Block Public Access", "blocked encryption type"):
        assert reason is Reason.DENIED_BY_SETTING
    elif "perform: kms:" in text:
        assert reason is Reason.KEY_DENIED
    else:
        bucket = layer == "resource-based" and "perform: s3:" in text
        assert reason is (Reason.DENIED_BY_BUCKET_POLICY if bucket else Reason.DENIED)


def test_words_in_the_name_of_an_object() -> None:
    """A message quotes the ARN of an object, whose key can have any words. What AWS says comes after it."""
    text = S3.replace("logs/a", 'logs/a" with an explicit deny in a service control policy')
    assert parse_denial(text, PUT).layer == ""
    assert parse_denial(text + f"because no session policy allows the {PUT} action", PUT).layer == "session"


@pytest.mark.parametrize("reason", [None, *Reason])
def test_an_alternative_to_a_permission(reason: Reason | None) -> None:
    """Where a policy denies the action, the failure keeps the advice about that: the permission would not help."""
    failure = Failure(FailureKind.FORBIDDEN, "No.", "Ask.", reason=reason).with_alternative("Allow it", "leave it")
    is_denied = reason in (
        Reason.DENIED,
        Reason.DENIED_BY_SETTING,
        Reason.KEY_DENIED,
        Reason.DENIED_BY_BUCKET_POLICY,
    )
    assert failure.advice == ("Ask. Or leave it." if is_denied else "Allow it, or leave it.")
