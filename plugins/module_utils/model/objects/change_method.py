# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""How another encryption gets onto an object that exists: in place, or by a copy onto itself.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_UpdateObjectEncryption.html
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ..arn import Arn
from ..kinds.registry import KINDS, find_kind
from .encryption import DesiredEncryption, ObjectEncryption


class ChangeMethod(str, Enum):
    """What a playbook asks for."""

    AUTO = "auto"
    UPDATE = "update"
    COPY = "copy"


class InPlaceSupport(Enum):
    """Whether UpdateObjectEncryption can be called.

    It is `PUT /key?encryption`: a store that does not know it takes the request for a PutObject, and overwrites the
    object with it. So it is called by itself at AWS only.
    """

    SUPPORTED = "by AWS"
    OPT_IN = "by a store that may know it"
    UNKNOWN = "the installed SDK does not know it"


@dataclass(frozen=True, slots=True)
class Change:
    """Another encryption for an object: from this to that, and what else there is to know of the object.

    `after` is completed with what is kept. `bucket_owner` is the account that owns the bucket, where it is known.
    """

    before: ObjectEncryption
    after: DesiredEncryption
    other_properties: bool = False
    locked: bool = False
    bucket_owner: str | None = None

    @property
    def key_is_foreign(self) -> bool:
        """Whether the KMS key is known to be of another account than the bucket.

        S3 then refuses UpdateObjectEncryption, unless AWS Support has approved it, and takes a copy.
        """
        key = Arn.try_parse(self.after.kms_key_arn or "")
        if key is None or key.resource_type != "key":
            return False
        return self.bucket_owner not in (None, key.account)


def can_update_in_place(change: Change, method: ChangeMethod, in_place: InPlaceSupport) -> bool:
    """Whether to change it in place, which moves no data; else by a copy."""
    if method is ChangeMethod.COPY or in_place_blocker(change):
        return False
    if method is ChangeMethod.AUTO and change.key_is_foreign:
        return False
    if in_place is InPlaceSupport.OPT_IN:
        return method is ChangeMethod.UPDATE
    return in_place is InPlaceSupport.SUPPORTED


def in_place_blocker(change: Change) -> str:
    """What of the change UpdateObjectEncryption cannot do, in words; empty where it can do all of it."""
    before, after = change.before, change.after
    if not find_kind(before.type).updates_from:
        sources = " and ".join(kind.name for kind in KINDS if kind.updates_from)
        return f"S3 does that for objects under {sources} only, and this one is under {before.type}"
    if not after.kind.updates_to:
        targets = " or ".join(kind.name for kind in KINDS if kind.updates_to)
        return f"S3 does that towards {targets} only, not {after.kind.name}"
    # The request takes a full ARN, and no id or alias. Without a key, S3 would have to choose one.
    key = Arn.try_parse(after.kms_key_arn or "")
    if key is None or key.resource_type != "key":
        return "S3 does that with a named KMS key only"
    if after.encryption_context:
        return "the request takes no encryption context"
    if change.other_properties:
        return "other properties are asked for too, which takes a copy"
    if change.locked:
        return "S3 refuses that for an object under Object Lock"
    return ""


def copies_in_parts(size: int, limit: int) -> bool:
    """Whether a copy onto itself goes by a multipart upload, whose parts S3 copies: above what CopyObject takes.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/copy-object.html
    """
    return size > limit
