# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What becomes of one object when a bucket is encrypted again: it stays, is changed by one of three routes, or skipped.

It is decided by what HeadObject says of the object. The plan of `s3_encrypted_object` then makes the change.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from ...errors import assert_never
from ...kinds.encryption import DesiredEncryption, ObjectEncryption
from ...kinds.registry import find_kind
from ..archive import ARCHIVE_CLASSES
from ..change_method import Change, ChangeMethod, InPlaceSupport, can_update_in_place
from ..listed_object import ListedObject
from ..object_state import DEFAULT_STORAGE_CLASS, ObjectState
from ..object_steps import COPY_LIMIT
from .selection import ObjectSelection


class OnLocked(str, Enum):
    """What becomes of an object under Object Lock that is not as asked."""

    SKIP = "skip"
    FAIL = "fail"


class Route(str, Enum):
    """How an object gets the encryption that is asked for.

    The values are keys in results. They are no names of methods of a dictionary, which Jinja would take them for.
    """

    AS_ASKED = "as_asked"
    UPDATE = "in_place"
    COPY = "copied"
    PARTS = "copied_in_parts"


class SkipReason(str, Enum):
    """Why an object that is not as asked stays as it is."""

    NO_CUSTOMER_KEY = "customer_key"
    LOCKED = "locked"
    ARCHIVED = "archived"
    NONCURRENT = "noncurrent"
    NOT_IN_PLACE = "not_in_place"
    NEW_VERSIONS = "new_versions"
    # A copy in a bucket whose versioning is suspended would delete the noncurrent version `null`.
    NULL_VERSION = "null_version"
    # What a copy by a job would lose, or cannot make.
    TOO_LARGE = "too_large"
    ACL = "acl"
    WEBSITE_REDIRECT = "website_redirect"
    STORAGE_CLASS = "storage_class"


@dataclass(frozen=True, slots=True)
class Decision:
    """The route of an object, or why it is skipped. With neither, it has not the encryption that the task selects.

    `makes_version` says that the route leaves the current version as a noncurrent one, with the encryption it has.
    """

    route: Route | None = None
    skipped: SkipReason | None = None
    makes_version: bool = False


@dataclass(frozen=True, slots=True)
class ReencryptionRules:
    """What all selected objects are to have, and how they get it.

    `desired` is what an object has to have to be as asked, and `written` what an object gets that is changed, with its
    bucket key named. `key_is_aws_managed` says that the key of both is that of AWS for S3. `bucket_owner` is the
    account of the bucket, if it is known.
    """

    desired: DesiredEncryption
    written: DesiredEncryption
    selection: ObjectSelection = ObjectSelection()
    method: ChangeMethod = ChangeMethod.AUTO
    minimum: bool = False
    on_locked: OnLocked = OnLocked.SKIP
    key_is_aws_managed: bool = False
    in_place: InPlaceSupport = InPlaceSupport.SUPPORTED
    bucket_owner: str | None = None
    copy_limit: int = COPY_LIMIT


NOT_SELECTED = Decision()


def decide(rules: ReencryptionRules, listed: ListedObject, found: ObjectState) -> Decision:
    """What becomes of an object.

    A noncurrent version and an archived object change in place or not at all: a copy would make the version the
    current one, and an archived object cannot be read. A locked object is never copied, so that no version without its
    lock stands in its place.
    """
    actual = found.encryption.server_side
    if not rules.selection.selects_encryption(actual):
        return NOT_SELECTED
    if is_as_asked(rules, actual):
        return Decision(Route.AS_ASKED)
    if found.lock is not None:
        return Decision(skipped=SkipReason.LOCKED)
    if can_change_in_place(rules, found):
        return Decision(Route.UPDATE)
    if listed.is_noncurrent:
        return Decision(skipped=SkipReason.NONCURRENT)
    if found.archive or _storage_class(found) in ARCHIVE_CLASSES:
        return Decision(skipped=SkipReason.ARCHIVED)
    if rules.method is ChangeMethod.UPDATE:
        return Decision(skipped=SkipReason.NOT_IN_PLACE)
    route = Route.PARTS if (found.size or 0) > rules.copy_limit else Route.COPY
    return Decision(route, makes_version=found.version_id is not None or found.is_null_version)


def is_as_asked(rules: ReencryptionRules, actual: ObjectEncryption) -> bool:
    """Whether an object stays as it is: it has what is asked for or, with `minimum`, what is as strong or stronger."""
    if rules.desired.is_satisfied_by(actual):
        return True
    return rules.minimum and _exceeds(rules, actual)


def _exceeds(rules: ReencryptionRules, actual: ObjectEncryption) -> bool:
    """Whether the encryption is stronger. A customer managed key is not weaker than the AWS managed one."""
    if rules.key_is_aws_managed:
        return replace(rules.desired, kms_key_arn=None).is_satisfied_by(actual) or _is_stronger(rules, actual)
    return _is_stronger(rules, actual)


def _is_stronger(rules: ReencryptionRules, actual: ObjectEncryption) -> bool:
    return rules.desired.kind.weakens(find_kind(actual.type))


def can_change_in_place(rules: ReencryptionRules, found: ObjectState) -> bool:
    """Whether UpdateObjectEncryption can make the change, and the method of the task allows it.

    An archived object and a noncurrent version have no other way, so that `copy` alone rules it out for them.
    """
    actual = found.encryption.server_side
    written = rules.written.with_current_values(actual)
    change = Change(actual, written, False, found.lock is not None, rules.bucket_owner)
    return can_update_in_place(change, rules.method, rules.in_place)


def _storage_class(found: ObjectState) -> str:
    return found.properties.storage_class or DEFAULT_STORAGE_CLASS


def changes(decision: Decision) -> bool:
    """Whether the object is written."""
    match decision.route:
        case Route.UPDATE | Route.COPY | Route.PARTS:
            return True
        case Route.AS_ASKED | None:
            return False
        case _:
            assert_never(decision.route)
