# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Keeping what S3 resets with every write: the ACL and Object Lock. Warnings name what cannot be read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from ...model.errors import Failure, FailureKind, OperationError, Reason, invalid_input
from ...model.kinds.registry import find_kind
from ...model.objects.object_state import Grants, ObjectState, Unverifiable
from ...model.objects.object_steps import CopyObject, ObjectPlan, ObjectStep, as_copy, as_upload, as_write, source_of
from .object_access import ObjectAccess

if TYPE_CHECKING:
    from ...aws.objects.ports import ObjectPort
    from ...model.objects.object_state import ObjectId
    from ..buckets.bucket_settings import BucketSettings


class Notice(NamedTuple):
    """A warning, and the attribute that cannot be read. None: it can, and the write changes it."""

    unverifiable: Unverifiable | None
    warning: str


def preserve_acl_and_lock(access: ObjectAccess, plan: ObjectPlan) -> ObjectPlan:
    """The plan, with the object's ACL in each write that would reset it, and with warnings about what may be lost.

    Raises OperationError for a grant that no write can set.
    """
    before = plan.before
    if before is None or not plan.steps:
        return plan
    steps: list[ObjectStep] = []
    notices: list[Notice] = []
    for step in plan.steps:
        write, copy, upload = as_write(step), as_copy(step), as_upload(step)
        if write:
            grants, about_grants = _grants(access)
            notices += about_grants
            steps.append(replace(write, grants=grants))
        else:
            steps.append(step)
        if (copy or (upload and upload.rewrites)) and source_of(step) is None:
            notices += (*_about_annotations(access, copy, before), *_about_lock(access, before))
    before = replace(before, unverifiable=tuple(notice.unverifiable for notice in notices if notice.unverifiable))
    warnings = (*plan.warnings, *(notice.warning for notice in notices))
    return replace(plan, before=before, steps=tuple(steps), warnings=warnings)


def explain_missing_permissions(failure: Failure, step: ObjectStep) -> Failure:
    """Add to a forbidden write the permissions that it needs to set an ACL or a lock."""
    needed = _needed_permissions(step)
    if failure.kind is not FailureKind.FORBIDDEN or failure.reason is Reason.DENIED_BY_SETTING or not needed:
        return failure
    return failure.with_more_advice(f"To keep the ACL and the lock of the object, the task also needs {needed}.")


def _needed_permissions(step: ObjectStep) -> str:
    write = as_write(step)
    if write is None:
        return ""
    lock = write.lock
    needed = [
        "s3:PutObjectAcl (and a bucket that does not block public ACLs, where one is public)" if write.grants else "",
        "s3:PutObjectRetention" if lock and (lock.mode or lock.event_hold) else "",
        "s3:PutObjectLegalHold" if lock and lock.legal_hold else "",
    ]
    return " and ".join(filter(None, needed))


def _grants(access: ObjectAccess) -> tuple[Grants, tuple[Notice, ...]]:
    """The grants to set again, and a notice if they cannot be read. A write that names no grants makes the ACL private.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
    """
    if access.buckets.serves_many and not access.s3.custom_endpoint and _acls_are_disabled(access):
        return (), ()
    try:
        grants = access.s3.get_object_acl(access.target)
    except OperationError as error:
        return (), _about_unreadable_acl(access, error)
    lost = [grant.describe() for grant in grants if not grant.can_be_written]
    if lost and access.s3.custom_endpoint and not all(grant.kind for grant in grants):
        warning = (
            f"The ACL of {access.name}, as the store reports it, grants {' and '.join(lost)}, which no write can set. "
            "Its grants, if any, are lost with the write."
        )
        return (), (Notice(Unverifiable.ACL, warning),)
    if lost:
        raise invalid_input(
            f"The ACL of {access.name} grants {' and '.join(lost)}, which no write can set.",
            "Grant access by a bucket policy, and remove that grant first.",
            resource=access.name,
        )
    return grants, ()


def _about_unreadable_acl(access: ObjectAccess, error: OperationError) -> tuple[Notice, ...]:
    """A notice that the ACL is lost with the write, unless there is none. At AWS, only a missing permission is one."""
    failure = error.failure
    if failure.kind is FailureKind.UNSUPPORTED:  # a store without ACLs
        return ()
    lost = f"The ACL of {access.name} cannot be read: grants in it, if any, are lost with the write."
    if failure.kind is FailureKind.FORBIDDEN:
        if _acls_are_disabled(access):
            return ()
        allow = "s3:GetObjectAcl, or s3:GetBucketOwnershipControls, which shows whether the bucket has ACLs at all"
        return (Notice(Unverifiable.ACL, f"{lost} Allow {allow}."),)
    if not access.s3.custom_endpoint:
        raise error
    return (Notice(Unverifiable.ACL, f"{lost} The answer of the store: {failure.message}"),)


def _about_annotations(access: ObjectAccess, copy: CopyObject | None, before: ObjectState) -> tuple[Notice, ...]:
    """A notice if the object may have annotations that the copy loses. Raises OperationError if it has some.

    CopyObject copies annotations, a multipart copy and an upload do not, and objects of some encryption kinds cannot
    have any. None as the copy is an upload of the content that was read.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectAnnotation.html
    """
    if copy is None:
        loses, reason = True, "an object that is written again keeps none"
    elif copy.in_parts:
        loses, reason = True, "a copy in parts keeps none"
    else:
        kind = copy.encryption.kind
        loses = kind.loses_annotations(find_kind(before.encryption.server_side.type))
        reason = f"an object under {kind.name} can have none"
    has_some = access.s3.has_annotations(access.target) if loses else False
    if has_some is None:
        warning = (
            f"The annotations of {access.name} cannot be read, and {reason}: if there are any, the copy loses them. To "
            "make the task fail instead, allow s3:ListObjectAnnotations and install a boto3 that supports it."
        )
        return (Notice(Unverifiable.ANNOTATIONS, warning),)
    if has_some:
        raise invalid_input(
            f"{access.name} has annotations, and {reason}.",
            "Delete them first (s3:DeleteObjectAnnotation), or choose another encryption.",
            resource=access.name,
        )
    return ()


def _acls_are_disabled(access: ObjectAccess) -> bool:
    try:
        return access.buckets.acls_are_disabled(access.target.bucket)
    except OperationError:
        return False


def _about_lock(access: ObjectAccess, before: ObjectState) -> tuple[Notice, ...]:
    """Notices about a lock that may exist and cannot be read, and about a retention that only the copy gets.

    HeadObject omits lock headers both when there is no lock and when the caller may not read it. Only buckets with
    versioning have Object Lock.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
    """
    has_retention, has_hold = bool(before.lock and before.lock.mode), bool(before.lock and before.lock.legal_hold)
    if before.version_id is None or (has_retention and has_hold):
        return ()
    default = "" if has_retention else _default_retention(access.buckets, access.target.bucket)
    if default is None:
        return ()
    missing = " and ".join(
        _missing_permissions(access.s3, access.target, has_retention=has_retention, has_hold=has_hold)
    )
    notices = []
    if missing:
        warning = (
            f"The lock of {access.name} cannot be read completely without {missing}: the copy loses what cannot be "
            f"read. The version {before.version_id} keeps its lock."
        )
        notices.append(Notice(Unverifiable.LOCK, warning))
    if default:
        warning = (
            f"The copy of {access.name} gets the default retention of the bucket, {default}, as every new version does."
        )
        notices.append(Notice(None, warning))
    return tuple(notices)


def missing_lock_permissions(s3: ObjectPort, buckets: BucketSettings, target: ObjectId) -> tuple[str, ...]:
    """The permissions without which HeadObject hides the lock of an object, for which it reports none.

    Empty if nothing is hidden, also because no object of the bucket can have a lock. Raises OperationError.
    """
    if _default_retention(buckets, target.bucket) is None:
        return ()
    return _missing_permissions(s3, target, has_retention=False, has_hold=False)


def _missing_permissions(s3: ObjectPort, target: ObjectId, *, has_retention: bool, has_hold: bool) -> tuple[str, ...]:
    needed = [
        "" if has_retention or s3.can_read_retention(target) else "s3:GetObjectRetention",
        "" if has_hold or s3.can_read_legal_hold(target) else "s3:GetObjectLegalHold",
    ]
    return tuple(filter(None, needed))


def _default_retention(buckets: BucketSettings, bucket: str) -> str | None:
    """In words; empty if there is none or it cannot be read. None: objects of this bucket cannot be locked."""
    try:
        return buckets.default_retention(bucket)
    except OperationError as error:
        kind = error.failure.kind
        # Stores without Object Lock report that with various errors.
        if kind not in (FailureKind.FORBIDDEN, FailureKind.UNSUPPORTED, FailureKind.ABSENT, FailureKind.INVALID):
            raise
    return "" if kind is FailureKind.FORBIDDEN else None
