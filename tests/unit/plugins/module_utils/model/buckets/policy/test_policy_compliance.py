# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The findings about a bucket policy: one for each rule that it does not have, in plain words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.bucket_default import BucketDefault
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.compliance import KMS_CONTROL, KMS_KEY_CONTROL
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.compliance import (
    compares_own_default,
    findings,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.desired_policy import DesiredPolicy
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.plan import PutBucketPolicy, plan_policy
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.policy_state import read_policy_state
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.rule_findings import (
    HEADER_CONTROL,
    TLS_CONTROL,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.rules import RULES
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import OperationError

BUCKET = "arn:aws:s3:::amzn-s3-demo-bucket"
ONE = "arn:aws:kms:eu-west-1:111122223333:key/one"
TWO = "arn:aws:kms:eu-west-1:111122223333:key/two"
ROLE = "arn:aws:iam::111122223333:role/backup"
ACCOUNT = "444455556666"
SERVICE = "logging.s3.amazonaws.com"
SSE = "s3:x-amz-server-side-encryption"

Desired = DesiredPolicy
Json = dict[str, Any]
FORM = ", the form in which uploads have to name a key."


def deny(sid: str, condition: Json, action: str = "s3:PutObject", **changes: Any) -> Json:
    resource = [BUCKET, f"{BUCKET}/*"] if action == "s3:*" else f"{BUCKET}/*"
    return {
        **({"Sid": sid} if sid else {}),
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": resource,
        "Condition": condition,
        **changes,
    }


NO_TLS = {"Bool": {"aws:SecureTransport": "false"}}
TLS = deny("DenyHttp", NO_TLS, "s3:*")
HALF_TLS = deny("DenyHttpObjects", NO_TLS, "s3:*", Resource=f"{BUCKET}/*")
HTTP_FOR_SOME = deny("DenyHttp", {**NO_TLS, "ArnNotLike": {"aws:PrincipalArn": [ROLE]}}, "s3:*")
TRAP = deny("", {"StringNotEquals": {SSE: "aws:kms"}})
CHANGED = deny("SealedS3RequireTls", {"BoolIfExists": {"aws:SecureTransport": "false"}}, "s3:*")
READERS = {"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "s3:GetObject", "Resource": f"{BUCKET}/*"}


def document(*found: Json) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(found)})


def written(*desired: DesiredPolicy, before: str | None = None) -> str | None:
    """The policy after the tasks with these desired rules."""
    for each in desired:
        for step in plan_policy(each, read_policy_state(before, BUCKET), BUCKET).steps:
            before = step.document if isinstance(step, PutBucketPolicy) else None
    return before


def found_in(
    desired: DesiredPolicy, before: str | None, default: BucketDefault | None = None
) -> list[tuple[str, str | None]]:
    state = read_policy_state(before, BUCKET)
    return [(each.message, each.control) for each in findings(desired, state, BUCKET, default)]


ALL = Desired(
    require_tls=True,
    minimum_tls_version="1.2",
    allow_encryption=("SSE-KMS", "DSSE-KMS"),
    allow_kms_keys=(ONE,),
    deny_customer_keys=True,
    require_encryption_header=True,
    exempt_principals=(ROLE,),
)

TABLE = [
    pytest.param(ALL, written(ALL), [], id="as expected"),
    pytest.param(Desired(require_tls=True), document(READERS, TLS), [], id="a statement of others"),
    pytest.param(
        ALL,
        None,
        [
            ("The bucket policy does not deny requests without TLS.", TLS_CONTROL),
            ("The bucket policy does not deny versions of TLS below 1.2.", None),
            (
                "The bucket policy does not deny uploads that name another encryption than SSE-KMS, DSSE-KMS.",
                None,
            ),
            (f"The bucket policy does not deny uploads that name another KMS key than {ONE}{FORM}", None),
            ("The bucket policy does not deny uploads with a customer key.", None),
            ("The bucket policy does not deny uploads that name no encryption.", HEADER_CONTROL),
        ],
        id="no policy",
    ),
    pytest.param(
        Desired(minimum_tls_version="1.2"),
        document(deny("Old", {"NumericLessThan": {"s3:TlsVersion": "1.2"}}, "s3:*")),
        [("The bucket policy does not deny requests without TLS.", TLS_CONTROL)],
        id="a version alone does not stop HTTP",
    ),
    pytest.param(
        Desired(require_tls=True),
        document(HALF_TLS),
        [
            (
                "The bucket policy is not known to deny requests without TLS: the statement DenyHttpObjects has "
                "another form.",
                None,
            )
        ],
        id="TLS for objects only",
    ),
    pytest.param(
        Desired(require_tls=True),
        document(CHANGED, HALF_TLS),
        [
            (
                "The bucket policy is not known to deny requests without TLS: the statements SealedS3RequireTls, "
                "DenyHttpObjects have another form.",
                None,
            )
        ],
        id="a statement of ours that somebody changed",
    ),
    pytest.param(
        Desired(allow_encryption=("SSE-KMS",)),
        document(READERS, TRAP),
        [
            (
                "The bucket policy is not known to deny uploads that name another encryption than SSE-KMS: the "
                "statement number 2 has another form.",
                None,
            ),
        ],
        id="the statement that also denies uploads without a header",
    ),
    pytest.param(
        Desired(minimum_tls_version="1.2"),
        written(Desired(minimum_tls_version="1.3")),
        [("The bucket policy denies versions of TLS below 1.3, not versions of TLS below 1.2.", None)],
        id="another version",
    ),
    pytest.param(
        Desired(minimum_tls_version="1.2", minimum=True),
        written(Desired(minimum_tls_version="1.3")),
        [],
        id="more than the minimum version",
    ),
    pytest.param(
        Desired(allow_encryption=("SSE-KMS",)),
        written(Desired(allow_encryption=("SSE-S3", "SSE-KMS"))),
        [("allow_encryption of the bucket policy is SSE-S3, SSE-KMS; expected: SSE-KMS.", None)],
        id="another list of kinds",
    ),
    pytest.param(
        Desired(allow_encryption=("SSE-KMS", "DSSE-KMS"), minimum=True),
        written(Desired(allow_encryption=("SSE-S3", "SSE-KMS"))),
        [("allow_encryption of the bucket policy is SSE-S3, SSE-KMS; expected at most: SSE-KMS, DSSE-KMS.", None)],
        id="more kinds than the minimum",
    ),
    pytest.param(
        Desired(allow_encryption=("SSE-KMS", "DSSE-KMS"), minimum=True),
        written(Desired(allow_encryption=("SSE-KMS",))),
        [],
        id="fewer kinds than the minimum",
    ),
    pytest.param(
        Desired(require_tls=True, allow_encryption=("SSE-KMS",), minimum=True),
        written(Desired(allow_encryption=("SSE-S3",))),
        [
            ("The bucket policy does not deny requests without TLS.", TLS_CONTROL),
            (
                "allow_encryption: the policy allows SSE-S3, and the minimum SSE-KMS. An upload could name nothing "
                "that both allow.",
                None,
            ),
        ],
        id="a minimum that cannot be",
    ),
    pytest.param(
        Desired(allow_kms_keys=(ONE,)),
        written(Desired(allow_kms_keys=("alias/app",))),
        [(f"allow_kms_keys of the bucket policy is alias/app; expected: {ONE}{FORM}", None)],
        id="a key by another name",
    ),
    pytest.param(
        Desired(allow_kms_keys=(ONE,), allows_aws_managed_key=False),
        written(Desired(allow_kms_keys=(ONE,), allows_aws_managed_key=True)),
        [
            (
                "The bucket policy has no statement SealedS3AllowKmsKeysKeyRequired, which denies uploads that name an "
                "encryption with a KMS key, and no key.",
                None,
            )
        ],
        id="the AWS managed key passes",
    ),
    pytest.param(
        Desired(deny_customer_keys=True),
        written(Desired(allow_encryption=("SSE-KMS",))),
        [
            (
                "The bucket policy has no statement SealedS3DenyCustomerKeys, which denies uploads with a customer "
                "key.",
                None,
            )
        ],
        id="customer keys are denied by the list of kinds",
    ),
    pytest.param(
        Desired(require_tls=True),
        document(HTTP_FOR_SOME),
        [
            (
                "The bucket policy is not known to deny requests without TLS: the statement DenyHttp has another form.",
                None,
            )
        ],
        id="TLS for some principals only",
    ),
    pytest.param(
        Desired(exempt_principals=(ROLE, ACCOUNT)),
        written(ALL),
        [(f"exempt_principals of the bucket policy is {ROLE}; expected: {ACCOUNT}, {ROLE}.", None)],
        id="other exemptions",
    ),
    pytest.param(
        Desired(exempt_services=(SERVICE,)),
        written(ALL),
        [(f"exempt_services of the bucket policy is empty; expected: {SERVICE}.", None)],
        id="missing exemptions",
    ),
    pytest.param(
        Desired(exempt_principals=(ACCOUNT,), minimum=True),
        written(ALL),
        [(f"exempt_principals of the bucket policy is {ROLE}; expected at most: {ACCOUNT}.", None)],
        id="more exemptions than the minimum",
    ),
    pytest.param(Desired(exempt_services=(SERVICE,)), document(TLS), [], id="exemptions without a rule"),
    pytest.param(
        Desired(require_tls=False, removed=frozenset({"allow_encryption"})),
        written(ALL),
        [
            ("The bucket policy denies requests without TLS.", None),
            ("The bucket policy denies versions of TLS below 1.2.", None),
            ("The bucket policy denies uploads that name another encryption than SSE-KMS, DSSE-KMS.", None),
        ],
        id="rules that should not be there",
    ),
    pytest.param(Desired(require_tls=False), document(TLS), [], id="a statement of others stays"),
    pytest.param(
        Desired(absent=True),
        document(READERS, CHANGED, deny("SealedS3Other", NO_TLS)),
        [
            ("The statement SealedS3RequireTls of the bucket policy has another form than expected.", None),
            ("The bucket policy has the statement SealedS3Other.", None),
        ],
        id="no statement of ours",
    ),
]


@pytest.mark.parametrize(("desired", "before", "expected"), TABLE)
def test_findings(desired: DesiredPolicy, before: str | None, expected: list[tuple[str, str | None]]) -> None:
    assert found_in(desired, before) == expected


@pytest.mark.parametrize(
    ("sid", "message"),
    [
        ("DenyOld", "is not known to deny versions of TLS below 1.2: the statement DenyOld has another form."),
        ("SealedS3MinimumTlsVersion", "so it is not known whether it is stricter than the minimum."),
    ],
)
def test_a_statement_about_tls_with_exemptions_is_not_the_rule(sid: str, message: str) -> None:
    """The rules about TLS are for everybody, so it does not satisfy a minimum either."""
    condition = {"NumericLessThan": {"s3:TlsVersion": "1.3"}, "ArnNotLike": {"aws:PrincipalArn": [ROLE]}}
    policy = document(TLS, deny(sid, condition, "s3:*"))
    assert read_policy_state(policy, BUCKET).rules.minimum_tls_version is None
    ((found, control),) = found_in(Desired(minimum_tls_version="1.2", minimum=True), policy)
    assert (found.endswith(message), control) == (True, None)


KMS_ONE = BucketDefault("SSE-KMS", "alias/one", ONE)

OWN_DEFAULTS = [
    pytest.param(Desired(allow_encryption=("SSE-KMS",)), BucketDefault("SSE-KMS"), [], id="a kind of the list"),
    pytest.param(
        Desired(allow_encryption=("SSE-KMS", "DSSE-KMS")),
        BucketDefault("SSE-S3"),
        [("New objects get SSE-S3 by default, and allow_encryption has only SSE-KMS, DSSE-KMS.", KMS_CONTROL)],
        id="no KMS",
    ),
    pytest.param(
        Desired(allow_encryption=("SSE-S3",)),
        KMS_ONE,
        [("New objects get SSE-KMS by default, and allow_encryption has only SSE-S3.", None)],
        id="another kind",
    ),
    pytest.param(
        Desired(allow_encryption=("SSE-KMS",)),
        BucketDefault(None),
        [("New objects get nothing by default, and allow_encryption has only SSE-KMS.", KMS_CONTROL)],
        id="a store without a default",
    ),
    pytest.param(Desired(allow_kms_keys=(ONE,)), KMS_ONE, [], id="a key of the list by another name"),
    pytest.param(Desired(allow_kms_keys=(ONE,)), BucketDefault("SSE-S3"), [], id="no key"),
    pytest.param(
        Desired(allow_kms_keys=(TWO,)),
        KMS_ONE,
        [(f"The default key is alias/one, and allow_kms_keys has only {TWO}.", KMS_KEY_CONTROL)],
        id="another key",
    ),
    pytest.param(
        Desired(allow_kms_keys=(ONE,)),
        BucketDefault("DSSE-KMS"),
        [(f"The default key is the AWS managed key, and allow_kms_keys has only {ONE}.", KMS_KEY_CONTROL)],
        id="the key of AWS",
    ),
    pytest.param(
        Desired(allow_kms_keys=(ONE, TWO), allows_aws_managed_key=True),
        BucketDefault("SSE-KMS"),
        [],
        id="the key of AWS in the list",
    ),
    pytest.param(Desired(require_tls=True), BucketDefault("SSE-S3"), [], id="no rule about kinds"),
]


@pytest.mark.parametrize(("desired", "default", "expected"), OWN_DEFAULTS)
def test_the_default_of_the_bucket_has_to_be_in_the_list(
    desired: DesiredPolicy, default: BucketDefault, expected: list[tuple[str, str | None]]
) -> None:
    assert found_in(desired, written(desired), default) == expected
    assert compares_own_default(desired) or not expected


def test_a_minimum_compares_the_default_with_what_the_policy_will_allow() -> None:
    floor = Desired(allow_encryption=("SSE-S3", "SSE-KMS"), minimum=True)
    stricter = written(Desired(allow_encryption=("SSE-KMS",)))
    assert found_in(floor, stricter, BucketDefault("SSE-KMS")) == []
    assert len(found_in(floor, stricter, BucketDefault("SSE-S3"))) == 1


def drawn(absent: st.SearchStrategy[bool]) -> st.SearchStrategy[DesiredPolicy]:
    """Desired rules, as the options of a task can name them."""

    def clean(desired: DesiredPolicy, is_absent: bool) -> DesiredPolicy:
        if is_absent:
            return Desired(absent=True)
        named = {rule for rule in RULES if getattr(desired, rule) is not None}
        removed = frozenset() if desired.minimum else desired.removed - named
        if "require_tls" in removed:
            removed |= {"minimum_tls_version"}
        tls = True if desired.minimum_tls_version else desired.require_tls
        return DesiredPolicy(
            **{
                **{rule: getattr(desired, rule) for rule in RULES if rule not in removed},
                "require_tls": (tls or None) if desired.minimum else tls,
                "deny_customer_keys": desired.deny_customer_keys or None,
                "allows_aws_managed_key": desired.allows_aws_managed_key,
                "minimum": desired.minimum,
                "removed": removed - {"require_tls"} if tls else removed,
            }
        )

    flag = st.sampled_from([None, True])
    lists = st.sampled_from
    return st.builds(
        clean,
        st.builds(
            DesiredPolicy,
            st.sampled_from([None, True, False]),
            st.sampled_from([None, "1.2", "1.3"]),
            lists([None, ("SSE-KMS",), ("SSE-S3", "SSE-KMS"), ("SSE-KMS", "SSE-C"), ("DSSE-KMS",)]),
            lists([None, (ONE,), (ONE, TWO)]),
            st.booleans(),
            flag,
            flag,
            lists([None, (ROLE,), (ACCOUNT, ROLE)]),
            lists([None, (SERVICE,)]),
            st.frozensets(st.sampled_from(RULES), max_size=3),
            minimum=st.booleans(),
        ),
        absent,
    )


FOREIGN = st.lists(st.sampled_from([READERS, TLS, HALF_TLS, HTTP_FOR_SOME, TRAP]), max_size=2)
CHANGES = st.sampled_from([None, {"Action": "s3:PutObject*"}, {"Condition": NO_TLS}, {"Effect": "Allow"}])


@st.composite
def policies(draw: st.DrawFn) -> str | None:
    """A policy that a task wrote into one of others, and of which somebody changed or removed some statements."""
    foreign = draw(FOREIGN)
    before = document(*foreign) if foreign else None
    try:
        before = written(draw(drawn(st.just(False))), before=before)
    except OperationError:  # the policy cannot have these rules
        pass
    found = []
    for statement in json.loads(before)["Statement"] if before else ():
        change = draw(CHANGES) if draw(st.booleans()) else None
        if draw(st.integers(0, 3)):
            found.append({**statement, **(change or {})})
    return document(*found) if found else None


@given(drawn(st.sampled_from([False, False, False, True])), policies())
def test_there_are_findings_exactly_where_the_policy_has_to_change(desired: DesiredPolicy, before: str | None) -> None:
    state = read_policy_state(before, BUCKET)
    try:
        has_steps = bool(plan_policy(desired, state, BUCKET).steps)
    except OperationError:
        has_steps = True
    found = findings(desired, state, BUCKET)
    assert bool(found) == has_steps
    assert len(set(found)) == len(found)
    for each in found:
        assert each.message.endswith(".")
        assert not {"None", "()", "  "} & set(each.message.split(" ")), each.message


@given(drawn(st.just(False)), drawn(st.just(False)), policies())
def test_a_task_leaves_no_finding(first: DesiredPolicy, desired: DesiredPolicy, before: str | None) -> None:
    try:
        after = written(first, desired, before=before)
    except OperationError:  # the policy cannot have these rules
        return
    assert found_in(desired, after) == []
