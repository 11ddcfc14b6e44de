# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The laws of the merge, for random policies of others and random tasks."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import Phase, example, find, given, settings
from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.desired_policy import DesiredPolicy
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.policy_state import (
    PolicyState,
    read_policy_state,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.buckets.policy.statements import meaning
from ansible_collections.sealed.s3.plugins.module_utils.model.errors import OperationError
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.model.buckets.policy.policy_strategies import (
    BUCKET,
    DELETED,
    KEYS,
    OTHER_ACCOUNT,
    ROLE,
    foreign_policies,
    is_owned,
    listed,
    plan,
    planned,
    policies,
    tasks,
)

ABSENT = DesiredPolicy(absent=True)
# The Sids of each option, as the documentation has them.
SIDS = {
    "require_tls": {"SealedS3RequireTls"},
    "minimum_tls_version": {"SealedS3MinimumTlsVersion"},
    "allow_encryption": {"SealedS3AllowEncryption", "SealedS3AllowEncryptionCustomerKeys"},
    "allow_kms_keys": {"SealedS3AllowKmsKeys", "SealedS3AllowKmsKeysKeyRequired", "SealedS3AllowKmsKeysInPlace"},
    "deny_customer_keys": {"SealedS3DenyCustomerKeys"},
    "require_encryption_header": {"SealedS3RequireEncryptionHeader"},
}
TLS_SIDS = SIDS["require_tls"] | SIDS["minimum_tls_version"]


def elements(document: str | None) -> dict[str, Any]:
    """All of a policy but its statements."""
    return {name: value for name, value in json.loads(document or "{}").items() if name != "Statement"}


def after(desired: DesiredPolicy, document: str | None) -> PolicyState:
    found = plan(desired, document).after
    assert found is not None
    return found


@given(policies(), tasks() | st.just(ABSENT))
def test_statements_of_others_survive_in_their_order(document: str | None, desired: DesiredPolicy) -> None:
    """Unchanged, with the Version and the Id of the policy. A Version is neither added nor raised."""
    with contextlib.suppress(OperationError):
        found = planned(desired, document)
        kept = [each for each in listed(document) if not is_owned(each)]
        assert [each for each in listed(found) if not is_owned(each)] == kept
        if document and found:
            assert elements(found) == elements(document)


@given(policies(), tasks() | st.just(ABSENT))
def test_apply_twice_is_once(document: str | None, desired: DesiredPolicy) -> None:
    """And a plan without a step leaves the state as it is."""
    with contextlib.suppress(OperationError):
        found = planned(desired, document)
        again = plan(desired, found)
        assert again.steps == ()
        assert again.after == again.before
        assert planned(desired, found) == found
        assert after(desired, document).deviating == () or not _names_all(desired)


def _names_all(desired: DesiredPolicy) -> bool:
    return all(getattr(desired, option) is not None for option in SIDS)


@given(foreign_policies(), tasks())
def test_no_statement_is_added_that_others_have(document: str | None, desired: DesiredPolicy) -> None:
    """In any form, and under any Sid."""
    foreign = [meaning(each) for each in listed(document)]
    for each in listed(planned(desired, document)):
        assert not is_owned(each) or meaning(each) not in foreign


@given(foreign_policies(), st.lists(tasks(), min_size=1, max_size=3))
def test_absent_gives_back_what_was(document: str | None, history: list[DesiredPolicy]) -> None:
    """The same statements; no policy where there was none."""
    found = document
    for desired in history:
        with contextlib.suppress(OperationError):
            found = planned(desired, found)
    found = planned(ABSENT, found)
    assert listed(found) == listed(document)
    assert elements(found) == elements(document)
    assert (found is None) == (document is None)


@given(policies(), tasks(), st.randoms(use_true_random=False))
def test_the_order_of_options_does_not_matter(document: str | None, desired: DesiredPolicy, chance: Any) -> None:
    """Of the kinds, keys and exemptions that a task lists."""
    lists = ("allow_encryption", "allow_kms_keys", "exempt_principals", "exempt_services")
    changes: dict[str, Any] = {}
    for name in lists:
        values = list(getattr(desired, name) or ())
        chance.shuffle(values)
        changes[name] = tuple(values) or None
    shuffled = replace(desired, **changes)
    try:
        expected = planned(desired, document)
    except OperationError:
        with pytest.raises(OperationError):
            planned(shuffled, document)
        return
    assert planned(shuffled, document) == expected


@given(policies(), tasks(), st.randoms(use_true_random=False))
def test_the_order_of_statements_does_not_matter(document: str | None, desired: DesiredPolicy, chance: Any) -> None:
    """The rules and the statements after the run are the same."""
    if document is None:
        return
    shuffled = listed(document)
    chance.shuffle(shuffled)
    other = json.dumps({**json.loads(document), "Statement": shuffled})
    try:
        expected = after(desired, document)
    except OperationError:
        with pytest.raises(OperationError):
            after(desired, other)
        return
    found = after(desired, other)
    assert sorted(map(_text, listed(found.document))) == sorted(map(_text, listed(expected.document)))


def _text(statement: dict[str, Any]) -> str:
    return json.dumps(statement, sort_keys=True)


@given(policies(), tasks())
@example(None, DesiredPolicy(allow_encryption=("SSE-KMS",), deny_customer_keys=True, require_tls=True))
def test_nothing_that_was_not_named_changes(document: str | None, desired: DesiredPolicy) -> None:
    """The statement of a rule that the task does not name stays as it is, but for exemptions that the task names."""
    named = {option for option in SIDS if getattr(desired, option) is not None or option in desired.removed}
    if "minimum_tls_version" in named or "require_tls" in named:
        named |= {"require_tls", "minimum_tls_version"}  # a pair
    others = {sid for option, sids in SIDS.items() if option not in named for sid in sids}
    if (
        desired.exempt_principals
        or desired.exempt_services
        or desired.removed & {"exempt_principals", "exempt_services"}
    ):
        others &= TLS_SIDS
    with contextlib.suppress(OperationError):
        before = {each["Sid"]: each for each in listed(document) if is_owned(each)}
        found = {each["Sid"]: each for each in listed(planned(desired, document)) if is_owned(each)}
        assert {sid: before.get(sid) for sid in others} == {sid: found.get(sid) for sid in others}


@given(policies(), tasks(minimum=False))
def test_the_policy_after_has_the_desired_rules(document: str | None, desired: DesiredPolicy) -> None:
    """As the options state them. What is taken away is not among the statements of this collection.

    Only a statement of this collection that somebody changed can be a reason for a refusal.
    """
    try:
        found = after(desired, document)
    except OperationError:
        assert read_policy_state(document, BUCKET).deviating
        return
    rules = found.rules
    owned = {each["Sid"] for each in listed(found.document) if is_owned(each)}
    if desired.require_tls or desired.minimum_tls_version:
        assert rules.require_tls
    if desired.minimum_tls_version:
        assert rules.minimum_tls_version is not None
        assert float(rules.minimum_tls_version) >= float(desired.minimum_tls_version)
    if desired.deny_customer_keys:
        assert rules.deny_customer_keys
    if desired.require_encryption_header:
        assert rules.require_encryption_header
    for option in ("allow_encryption", "allow_kms_keys"):
        wanted = getattr(desired, option)
        if wanted is not None:
            # A statement of others can allow less.
            assert set(getattr(rules, option)) <= set(wanted)
            assert set(getattr(rules, option)) == set(wanted) or found.guards.foreign
    for option, sids in SIDS.items():
        if desired.removes(option):
            assert not owned & sids
    for option in ("exempt_principals", "exempt_services"):
        wanted = getattr(desired, option)
        if wanted is not None and owned - TLS_SIDS:
            assert getattr(rules, option) == tuple(sorted(wanted))
        if option in desired.removed and owned - TLS_SIDS:
            assert getattr(rules, option) == ()


@given(foreign_policies(with_deleted=True), tasks() | st.just(ABSENT))
def test_no_deleted_principal_is_written(document: str | None, desired: DesiredPolicy) -> None:
    """Everything else of the statements survives; one that names no other principal is left out."""
    found = plan(desired, document)
    assert found.after is not None
    written = found.after.document
    if not found.steps:
        assert written == document
        return
    assert DELETED not in (written or "")
    kept = [each for each in listed(document) if each.get("Principal") != {"AWS": DELETED}]
    left = [each for each in listed(written) if not is_owned(each)]
    assert [(each.get("Sid"), each.get("Action")) for each in left] == [
        (each.get("Sid"), each.get("Action")) for each in kept
    ]


QUICK = settings(max_examples=3_000, phases=(Phase.generate,), derandomize=True, database=None)


@pytest.mark.parametrize(
    ("strategy", "condition"),
    [
        (policies(), lambda found: len([each for each in listed(found) if is_owned(each)]) > 2),
        (policies(), lambda found: any(is_owned(each) for each in listed(found)[:-1])),
        (policies(), lambda found: read_policy_state(found, BUCKET).deviating),
        (tasks(), lambda task: task.minimum and task.allow_kms_keys == KEYS[:1]),
        (tasks(), lambda task: {ROLE, OTHER_ACCOUNT} <= {*(task.exempt_principals or ())}),
        (foreign_policies(with_deleted=True), lambda found: DELETED in (found or "")),
    ],
)
def test_the_random_policies_and_tasks_have_what_the_laws_are_about(strategy: Any, condition: Any) -> None:
    """Otherwise the laws above would prove nothing."""
    find(strategy, condition, settings=QUICK)
