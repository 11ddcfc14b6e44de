# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Random bucket policies and tasks, judged by the policy engine of the lab: which requests are denied before and after.

The lab parses each policy as PutBucketPolicy does, and returns it in the form of S3.
"""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sealed_lab.policy_language import Match, Policy, PolicyKind, Principal, bucket_policy_form, is_public, parse_policy

from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.desired_policy import DesiredPolicy
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.policy_state import read_policy_state
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import OperationError
from ansible_collections.sealed.s3.plugins.module_utils.model.iam.policy_document import same_policy
from ansible_collections.sealed.s3.plugins.module_utils.model.iam.policy_kind import BUCKET_POLICY
from ansible_collections.sealed.s3.plugins.module_utils.model.iam.public_access import public_statements
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.model.buckets.policy.policy_strategies import (
    ACCOUNT,
    BUCKET,
    CUSTOMER,
    KEY,
    KEYS,
    NAME,
    OTHER_ACCOUNT,
    ROLE,
    SERVICES,
    SSE,
    foreign_policies,
    listed,
    plan,
    planned,
    policies,
    tasks,
)

from .scale import IS_SOAK, number

MANAGED_KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/aws-s3"
WIRES = {"SSE-S3": "AES256", "SSE-KMS": "aws:kms", "DSSE-KMS": "aws:kms:dsse"}
ABSENT = DesiredPolicy(absent=True)


@dataclass(frozen=True)
class Request:
    """A request, with what the policies are about. `tls` is None for plain HTTP."""

    action: str
    who: str
    tls: str | None = "1.3"
    sse: str | None = None
    key: str | None = None
    customer: bool = False

    def principal(self) -> Principal:
        """Who sends it."""
        if self.who == "anonymous":
            return Principal.anonymous()
        return Principal.from_arn(self.who) if self.who.startswith("arn:") else Principal.service(self.who)

    def context(self) -> dict[str, list[str]]:
        """Its condition keys, in lower case. S3 has no key for a header that was not sent."""
        principal = self.principal()
        headers = {
            SSE: self.sse,
            KEY: self.key,
            CUSTOMER: "AES256" if self.customer else None,
            "s3:tlsversion": self.tls,
        }
        return {
            **principal.context(),
            "aws:securetransport": ["true" if self.tls else "false"],
            **{name.lower(): [value] for name, value in headers.items() if value is not None},
        }


USER = f"arn:aws:iam::{ACCOUNT}:user/ann"
CALLERS = (
    f"arn:aws:sts::{ACCOUNT}:assumed-role/backup/one",
    f"arn:aws:sts::{ACCOUNT}:assumed-role/app/one",
    USER,
    f"arn:aws:iam::{ACCOUNT}:root",
    f"arn:aws:iam::{OTHER_ACCOUNT}:user/bob",
    SERVICES[0],
    "delivery.logs.amazonaws.com",
    "anonymous",
)
_HEADERS = (
    (None, None, False),
    ("AES256", None, False),
    *((wire, key, False) for wire in ("aws:kms", "aws:kms:dsse") for key in (None, *KEYS[:2], "one", MANAGED_KEY)),
    (None, None, True),
)


def _requests() -> Iterator[Request]:
    for who, (sse, key, customer) in itertools.product(CALLERS, _HEADERS):
        yield Request("s3:PutObject", who, "1.3", sse, key, customer)
    for who, key in itertools.product(CALLERS, (None, *KEYS, MANAGED_KEY)):
        yield Request("s3:UpdateObjectEncryption", who, "1.2", "aws:kms", key)
    for who, tls, action in itertools.product(
        (USER, SERVICES[0], "anonymous"),
        (None, "1.0", "1.1", "1.2", "1.3"),
        ("s3:GetObject", "s3:ListBucket", "s3:PutObject"),
    ):
        yield Request(action, who, tls)


REQUESTS = tuple(_requests())


def parsed(document: str | None) -> Policy | None:
    """The policy, validated as PutBucketPolicy does."""
    return parse_policy(document, PolicyKind.RESOURCE, bucket=NAME) if document else None


def denied(document: str | None) -> set[Request]:
    """The requests that a statement of the policy denies."""
    policy = parsed(document)
    statements = [each for each in policy.statements if not each.allow] if policy else []
    return {
        request
        for request in REQUESTS
        if any(
            each.match(request.principal(), request.action, resource(request), request.context()) is not Match.NONE
            for each in statements
        )
    }


def resource(request: Request) -> str:
    return BUCKET if request.action == "s3:ListBucket" else f"{BUCKET}/a"


def is_exempt(desired: DesiredPolicy, request: Request) -> bool:
    """Whether a task exempts the caller from the rules on encryption."""
    names = {
        ROLE: request.who.endswith("assumed-role/backup/one"),
        OTHER_ACCOUNT: f":{OTHER_ACCOUNT}:" in request.who,
        f"arn:aws:iam::{ACCOUNT}:user/*": request.who == USER,
    }
    return any(names[each] for each in desired.exempt_principals or ()) or request.who in (
        desired.exempt_services or ()
    )


def should_be_denied(desired: DesiredPolicy, request: Request) -> bool:
    """What the documentation of the module says, without a policy."""
    version = desired.minimum_tls_version
    if request.tls is None and (desired.require_tls or version):
        return True
    if version and float(request.tls or version) < float(version):
        return True
    if is_exempt(desired, request):
        return False
    keys, kinds = desired.allow_kms_keys, desired.allow_encryption
    if request.action == "s3:UpdateObjectEncryption":
        return keys is not None and request.key not in keys
    if request.action != "s3:PutObject":
        return False
    if request.customer and (desired.deny_customer_keys or (kinds is not None and "SSE-C" not in kinds)):
        return True
    if kinds is not None and request.sse and request.sse not in {WIRES.get(kind) for kind in kinds}:
        return True
    if keys is not None and request.sse in ("aws:kms", "aws:kms:dsse"):
        return request.key not in keys and not (request.key is None and desired.allows_aws_managed_key)
    return bool(desired.require_encryption_header and request.sse is None and not request.customer)


def with_managed_key(desired: DesiredPolicy) -> DesiredPolicy:
    """The same task, with S3's own key among the keys."""
    return replace(desired, allow_kms_keys=(*(desired.allow_kms_keys or ()), MANAGED_KEY), allows_aws_managed_key=True)


def few(usual: int) -> settings:
    """The same examples in every `make test`, and many new ones in `make soak`."""
    return settings(
        max_examples=number(usual, 1_500), derandomize=not IS_SOAK, deadline=None, database=None, print_blob=True
    )


@few(40)
@given(foreign_policies(), tasks(minimum=False) | tasks(minimum=False).map(with_managed_key))
def test_a_policy_denies_what_the_options_say_and_what_it_denied(document: str | None, desired: DesiredPolicy) -> None:
    """No request more and none less. S3 accepts it, too."""
    expected = {request for request in REQUESTS if should_be_denied(desired, request)}
    assert denied(planned(desired, document)) == expected | denied(document)


@few(40)
@given(policies(), tasks(minimum=True) | tasks(minimum=True).map(with_managed_key))
def test_a_minimum_never_allows_what_was_denied(document: str | None, desired: DesiredPolicy) -> None:
    """And it denies all that the options say, but for the callers that it exempts."""
    with contextlib.suppress(OperationError):
        found = denied(planned(desired, document))
        assert denied(document) <= found
        strict = replace(desired, exempt_principals=None, exempt_services=None)
        kept = {each for each in REQUESTS if should_be_denied(strict, each) and each.who in (USER, "anonymous")}
        if desired.exempt_principals is None and not read_policy_state(document, BUCKET).rules.exempt_principals:
            assert kept <= found


@few(40)
@given(policies())
def test_the_rules_that_are_reported_are_true(document: str | None) -> None:
    """Each request that they say is denied is denied, but for the exempt that they name.

    Changes in place are not among the rules that are reported.
    """
    state = read_policy_state(document, BUCKET)
    if state.deviating:
        return
    rules = asdict(state.rules)
    as_task = DesiredPolicy(**rules, allows_aws_managed_key="SealedS3AllowKmsKeysKeyRequired" not in (document or ""))
    requests = [each for each in REQUESTS if each.action != "s3:UpdateObjectEncryption"]
    if not as_task.require_tls:  # a version alone does not stop plain HTTP
        requests = [each for each in requests if each.tls]
    assert {each for each in requests if should_be_denied(as_task, each)} <= denied(document)


@few(40)
@given(policies(), tasks() | st.just(ABSENT))
def test_what_s3_returns_is_what_was_planned(document: str | None, desired: DesiredPolicy) -> None:
    """Also after S3 has rewritten it, twice: with the same rules, statements and meaning, and nothing to change."""
    stored = as_s3_returns(document)
    try:
        found = plan(desired, stored)
    except OperationError:
        with pytest.raises(OperationError):
            plan(desired, document)
        return
    assert found.after is not None
    returned = as_s3_returns(found.after.document)
    read = read_policy_state(returned, BUCKET)
    assert read == found.after
    assert plan(desired, returned).steps == ()
    assert as_s3_returns(returned) == returned
    if returned and found.after.document:
        assert same_policy(returned, found.after.document, BUCKET_POLICY)
    assert plan(desired, document).after == found.after
    assert bool(plan(desired, document).steps) == bool(found.steps)


@few(60)
@given(foreign_policies())
def test_the_public_statements_are_those_of_s3(document: str | None) -> None:
    """By the lab's reading of AWS's documentation. Only the lab takes identity providers into account."""
    policy = parsed(document)
    if policy is not None and document is not None and "Federated" not in document:
        assert bool(public_statements(document, BUCKET_POLICY)) == is_public(policy)


def as_s3_returns(document: str | None) -> str | None:
    """The policy as GetBucketPolicy returns it, with an empty Sid where S3 is reported to add one."""
    if not document:
        return None
    parsed(document)
    form = bucket_policy_form(json.loads(document), "aws")
    return json.dumps({**form, "Statement": [{"Sid": "", **each} for each in listed(json.dumps(form))]})
