# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The laws of what becomes of an object when a bucket is encrypted again, as property tests.

1. What is as asked does not change, and what changes is as asked afterwards.
2. Noncurrent versions, archived objects and locked objects are never copied, and locked ones not changed at all.
3. The method of the task is kept to.
4. The route is the one that the plan of `s3_encrypted_object` takes.
5. With `minimum`, no object gets weaker; and no bucket key is switched off that the task does not name.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.encryption import (
    DesiredEncryption,
    ObjectEncryption,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.kinds.registry import (
    DSSE_KMS,
    SSE_KMS,
    SSE_S3,
    find_kind,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.archive import ARCHIVE_CLASSES, Archive
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.change_method import ChangeMethod, InPlaceSupport
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.desired_object import DesiredObject, ObjectReading
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.encrypted_object import plan_encrypted_object
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.large_objects import Limits, to_multipart
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.listed_object import ListedObject
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_state import ObjectState
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.object_steps import as_copy, as_update
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.reencryption.decision import (
    Decision,
    ReencryptionRules,
    Route,
    SkipReason,
    decide,
)
from ansible_collections.sealed.s3.plugins.module_utils.model.objects.reencryption.selection import (
    ObjectSelection,
    SelectedEncryption,
)
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.fake_aws import AWS_MANAGED, key_arn
from ansible_collections.sealed.s3.tests.unit.plugins.module_utils.strategies import ENCRYPTIONS, ONE, TWO, objects

OWNER = ONE.split(":")[4]
FOREIGN_KEY = key_arn("three").replace(OWNER, "444455556666")
COPIES = (Route.COPY, Route.PARTS)


@dataclass(frozen=True)
class Case:
    """One object of a list, and the rules of a task."""

    rules: ReencryptionRules
    listed: ListedObject
    found: ObjectState

    def decide(self) -> Decision:
        """What becomes of the object."""
        return decide(self.rules, self.listed, self.found)

    @property
    def actual(self) -> ObjectEncryption:
        """The encryption by S3."""
        return self.found.encryption.server_side

    @property
    def desired(self) -> DesiredObject:
        """The same change as a task of `s3_encrypted_object`."""
        return DesiredObject("bucket", "key", encryption=self.rules.written, change_method=self.rules.method)

    def reading(self, found: ObjectState) -> ObjectReading:
        """What its plan starts from."""
        return ObjectReading(found, same_content=True, in_place=self.rules.in_place, bucket_owner=OWNER)


KMS_TARGETS = st.builds(
    DesiredEncryption,
    st.just(SSE_KMS),
    st.sampled_from([ONE, TWO, AWS_MANAGED, FOREIGN_KEY, None]),
    st.sampled_from([None, False, True]),
)
TARGETS = st.one_of(
    KMS_TARGETS,
    st.just(DesiredEncryption(SSE_S3)),
    st.builds(DesiredEncryption, st.just(DSSE_KMS), st.sampled_from([ONE, AWS_MANAGED, None])),
)
SELECTIONS = st.just(ObjectSelection()) | st.builds(
    ObjectSelection,
    encryption=st.lists(
        st.builds(
            SelectedEncryption, st.sampled_from([None, "SSE-S3", "SSE-KMS", "SSE-C"]), st.sampled_from([None, ONE])
        ),
        min_size=1,
        max_size=2,
    ).map(tuple),
)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A possible object, current or not, archived, locked or neither, and a possible task."""
    desired, bucket_key = draw(TARGETS), draw(st.booleans())
    written = desired
    if desired.kind is SSE_KMS and desired.bucket_key_enabled is None:
        written = replace(desired, bucket_key_enabled=bucket_key)
    rules = ReencryptionRules(
        desired,
        written,
        draw(SELECTIONS),
        draw(st.sampled_from(ChangeMethod)),
        draw(st.booleans()),
        in_place=draw(st.sampled_from([*InPlaceSupport, InPlaceSupport.SUPPORTED])),
        bucket_owner=draw(st.sampled_from([OWNER, OWNER, None])),
        copy_limit=draw(st.sampled_from([10, 10**9])),
    )
    found, _data = draw(objects())
    place = draw(st.sampled_from(["", "", *ARCHIVE_CLASSES, "restored", "tier"]))
    if place in ARCHIVE_CLASSES:
        found = replace(found, archive=Archive(place))
    elif place == "tier":
        found = replace(found, archive=Archive("DEEP_ARCHIVE_ACCESS", tier=True))
    of_class = {"tier": "INTELLIGENT_TIERING", "restored": "GLACIER", "": found.properties.storage_class}
    properties = replace(found.properties, storage_class=of_class.get(place, place))
    version_id = draw(st.sampled_from([None, "null", "v1"]))
    found = replace(found, properties=properties, version_id=version_id)
    noncurrent = version_id is not None and draw(st.booleans())
    listed = ListedObject(
        "key", found.size or 0, found.etag or "", "", properties.storage_class, version_id, noncurrent
    )
    return Case(rules, listed, found)


def is_archived(case: Case) -> bool:
    """Whether a copy cannot read it, or would read a copy that S3 restored for a while."""
    return case.found.archive is not None or case.found.properties.storage_class in ARCHIVE_CLASSES


@given(cases())
def test_an_object_is_left_changed_or_skipped(case: Case) -> None:
    """Exactly one of them, and neither only for an object that is not selected."""
    decision = case.decide()
    is_selected = case.rules.selection.selects_encryption(case.actual)
    assert ((decision.route is None) != (decision.skipped is None)) is is_selected
    assert is_selected or decision == Decision()


@given(cases())
def test_what_is_as_asked_stays(case: Case) -> None:
    """It has no other route, also if it is locked, archived or noncurrent; and all else is no such object."""
    decision = case.decide()
    if decision == Decision():
        return
    if case.rules.desired.is_satisfied_by(case.actual):
        assert decision == Decision(Route.AS_ASKED)
    elif not case.rules.minimum:
        assert decision.route is not Route.AS_ASKED


@given(cases())
def test_what_a_copy_would_harm_is_not_copied(case: Case) -> None:
    """A noncurrent version would become the current one, and a lock would be left behind."""
    decision = case.decide()
    if case.listed.is_noncurrent or is_archived(case) or case.found.lock:
        assert decision.route not in COPIES
    if case.found.lock:
        assert decision.route in (None, Route.AS_ASKED)
    assert not decision.makes_version or (decision.route in COPIES and case.found.version_id is not None)
    reasons = {
        SkipReason.LOCKED: case.found.lock is not None,
        SkipReason.ARCHIVED: is_archived(case),
        SkipReason.NONCURRENT: case.listed.is_noncurrent,
        SkipReason.NOT_IN_PLACE: case.rules.method is ChangeMethod.UPDATE,
    }
    assert decision.skipped is None or reasons[decision.skipped]


@given(cases())
def test_the_method_of_the_task_is_kept_to(case: Case) -> None:
    """`update` copies nothing, and `copy` changes nothing in place, which S3 can only do to SSE-KMS."""
    route = case.decide().route
    if case.rules.method is ChangeMethod.UPDATE:
        assert route not in COPIES
    if route is not Route.UPDATE:
        return
    assert case.rules.method is not ChangeMethod.COPY
    assert case.rules.in_place is not InPlaceSupport.UNAVAILABLE
    assert case.rules.in_place is InPlaceSupport.SUPPORTED or case.rules.method is ChangeMethod.UPDATE
    assert case.actual.type in ("SSE-S3", "SSE-KMS")
    assert (case.rules.written.kind, bool(case.rules.written.kms_key_arn)) == (SSE_KMS, True)


@given(cases())
def test_the_route_is_that_of_the_plan(case: Case) -> None:
    """The same change by `s3_encrypted_object` takes it, and its result is as asked."""
    rules = replace(case.rules, bucket_owner=OWNER)
    case = replace(case, rules=rules)
    route = case.decide().route
    if route in (None, Route.AS_ASKED):
        return
    plan = plan_encrypted_object(case.desired, case.reading(case.found))
    plan = to_multipart(plan, Limits(copy_limit=rules.copy_limit), "CRC64NVME")
    (step,) = plan.steps
    copy, update = as_copy(step), as_update(step)
    planned = Route.UPDATE if update else Route.PARTS if copy and copy.in_parts else Route.COPY
    assert route is planned
    assert plan.after is not None
    assert decide(replace(rules, selection=ObjectSelection()), case.listed, plan.after) == Decision(Route.AS_ASKED)


@given(cases())
def test_a_minimum_makes_nothing_weaker(case: Case) -> None:
    """A change to a weaker kind is made only without `minimum`."""
    decision = case.decide()
    if case.rules.minimum and decision.route not in (None, Route.AS_ASKED):
        assert not case.rules.written.kind.weakens(find_kind(case.actual.type))
        assert case.actual.type != "SSE-C"


@given(cases(), ENCRYPTIONS)
def test_a_bucket_key_is_not_switched_off_by_omission(case: Case, before: ObjectEncryption) -> None:
    """An object that is under the key that the task names stays as it is, with its bucket key or without one."""
    found = replace(case.found, encryption=before)
    decision = decide(case.rules, case.listed, found)
    names_bucket_key = case.rules.desired.bucket_key_enabled is not None
    same_key = case.rules.desired.kms_key_arn in (None, before.kms_key_arn)
    if decision.route and not names_bucket_key and same_key and before.type == case.rules.desired.kind.name:
        assert decision == Decision(Route.AS_ASKED)
