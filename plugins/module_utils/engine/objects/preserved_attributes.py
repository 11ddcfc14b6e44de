# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Carrying over what S3 resets with every write: the ACL, and Object Lock. What cannot be seen is told."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from ...aws.objects.ports import ObjectPort
from ...model.errors import Failure, FailureKind, OperationError
from ...model.kinds.registry import find_kind
from ...model.objects.acl import Grants
from ...model.objects.object_id import ObjectId
from ...model.objects.object_state import ObjectState, Unverifiable
from ...model.objects.object_steps import CopyObject, ObjectPlan, ObjectStep, as_copy, as_write


class Told(NamedTuple):
    """A warning, and what it is that could not be looked at; None: it was, and changes."""

    unseen: Unverifiable | None
    warning: str


def preserve_acl_and_lock(s3: ObjectPort, target: ObjectId, plan: ObjectPlan) -> ObjectPlan:
    """The plan, with the object's ACL in each write that would reset it, and with what may be lost in its warnings.

    Raises OperationError where a grant cannot be written again.
    """
    before = plan.before
    if before is None:
        return plan
    steps: list[ObjectStep] = []
    told: list[Told] = []
    for step in plan.steps:
        write, copy = as_write(step), as_copy(step)
        if write:
            grants, unseen = _grants(s3, target)
            told += unseen
            steps.append(replace(write, grants=grants))
        else:
            steps.append(step)
        if copy:
            told += (*_annotation_warnings(s3, target, copy, before), *_lock_warnings(s3, target, before))
    before = replace(before, unseen=tuple(each.unseen for each in told if each.unseen))
    return replace(plan, before=before, steps=tuple(steps), warnings=(*plan.warnings, *(each.warning for each in told)))


def explain_missing_permissions(failure: Failure, step: ObjectStep) -> Failure:
    """Where a write that carries an ACL or a lock is forbidden, name the permissions that it takes for that."""
    needed = _needed(step)
    if failure.kind is not FailureKind.FORBIDDEN or not needed:
        return failure
    return failure.with_more_advice(f"To carry over what the object has, it needs {needed}, too.")


def _needed(step: ObjectStep) -> str:
    write, copy = as_write(step), as_copy(step)
    if write is None:
        return ""
    lock = copy.lock if copy else None
    needed = [
        "s3:PutObjectAcl (and a bucket that does not block public ACLs, where one is public)" if write.grants else "",
        "s3:PutObjectRetention" if lock and (lock.mode or lock.event_hold) else "",
        "s3:PutObjectLegalHold" if lock and lock.legal_hold else "",
    ]
    return " and ".join(filter(None, needed))


def _grants(s3: ObjectPort, target: ObjectId) -> tuple[Grants, tuple[Told, ...]]:
    """The ACL to write again, and what is not known of it. Every write makes the ACL private that names none.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
    """
    resource = f"{target.bucket}/{target.key}"
    try:
        grants = s3.get_object_acl(target)
    except OperationError as error:
        if error.failure.kind is FailureKind.UNSUPPORTED:  # a store without ACLs
            return (), ()
        if error.failure.kind is not FailureKind.FORBIDDEN:
            raise
        if _acls_are_disabled(s3, target):
            return (), ()
        warning = (
            f"The ACL of {resource} cannot be read: grants in it, if any, are lost with the write. Allow "
            "s3:GetObjectAcl, or s3:GetBucketOwnershipControls to be told that the bucket has no ACLs."
        )
        return (), (Told(Unverifiable.ACL, warning),)
    lost = [grant.told() for grant in grants if not grant.can_be_written]
    if lost:
        raise OperationError(
            Failure(
                FailureKind.INVALID,
                f"The ACL of {resource} grants {' and '.join(lost)}, which no write can carry over.",
                "Give access by a bucket policy and take that grant away first.",
                resource=resource,
            )
        )
    return grants, ()


def _annotation_warnings(s3: ObjectPort, target: ObjectId, step: CopyObject, before: ObjectState) -> tuple[Told, ...]:
    """S3 carries annotations over with CopyObject, but not in parts; and objects of some kinds can have none.

    Raises OperationError where there are some; warns where there is no telling.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectAnnotation.html
    """
    kind = step.encryption.kind
    moves = kind.loses_annotations(find_kind(before.encryption.type))
    in_parts = step.in_parts is not None
    has_some = s3.has_annotations(target) if moves or in_parts else False
    resource = f"{target.bucket}/{target.key}"
    reason = "a copy in parts carries none" if in_parts else f"an object under {kind.name} can have none"
    if has_some is None:
        warning = (
            f"Whether {resource} has annotations cannot be seen, and {reason}: what is there is not carried over to "
            "the copy. Allow s3:ListObjectAnnotations, and install a boto3 that knows it, to have that refused."
        )
        return (Told(Unverifiable.ANNOTATIONS, warning),)
    if has_some:
        raise OperationError(
            Failure(
                FailureKind.INVALID,
                f"{resource} has annotations, and {reason}.",
                "Take them away first (s3:DeleteObjectAnnotation), or choose another encryption.",
                resource=resource,
            )
        )
    return ()


def _acls_are_disabled(s3: ObjectPort, target: ObjectId) -> bool:
    try:
        return s3.acls_are_disabled(target.bucket, target.expected_bucket_owner)
    except OperationError:
        return False


def _lock_warnings(s3: ObjectPort, target: ObjectId, before: ObjectState) -> tuple[Told, ...]:
    """What of a lock is not carried over as it is not seen, and what lock a copy gets that its source has not.

    HeadObject keeps quiet about a lock towards those who may not see it, and about none alike. Object Lock is for
    buckets with versions only.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
    """
    retained, held = bool(before.lock and before.lock.mode), bool(before.lock and before.lock.legal_hold)
    if before.version_id is None or (retained and held):
        return ()
    default = "" if retained else _default_retention(s3, target)
    if default is None:
        return ()
    unseen = [
        "" if retained or s3.can_read_retention(target) else "s3:GetObjectRetention",
        "" if held or s3.can_read_legal_hold(target) else "s3:GetObjectLegalHold",
    ]
    missing = " and ".join(filter(None, unseen))
    told = []
    if missing:
        warning = (
            f"Whether {target.bucket}/{target.key} is locked cannot be seen in full without {missing}: what is not "
            f"seen is not carried over to the copy. The version {before.version_id} keeps what it has."
        )
        told.append(Told(Unverifiable.LOCK, warning))
    if default:
        warning = (
            f"The copy of {target.bucket}/{target.key} gets the default retention of the bucket, {default}, as every "
            "new version does."
        )
        told.append(Told(None, warning))
    return tuple(told)


def _default_retention(s3: ObjectPort, target: ObjectId) -> str | None:
    """In words, and empty where there is none or it may not be read; None: there are no locks."""
    try:
        return s3.default_retention(target.bucket, target.expected_bucket_owner)
    except OperationError as error:
        kind = error.failure.kind
        # Stores without Object Lock say so in many ways.
        if kind not in (FailureKind.FORBIDDEN, FailureKind.UNSUPPORTED, FailureKind.ABSENT, FailureKind.INVALID):
            raise
    return "" if kind is FailureKind.FORBIDDEN else None
