# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""How the encryption of an existing object changes: in place, or by a copy onto itself.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_UpdateObjectEncryption.html
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ..arn import Arn
from ..kinds.encryption import DesiredEncryption, ObjectEncryption
from ..kinds.registry import KINDS, find_kind


class ChangeMethod(str, Enum):
    """The option change_method."""

    AUTO = "auto"
    UPDATE = "update"
    COPY = "copy"


class InPlaceSupport(Enum):
    """Whether UpdateObjectEncryption can be called.

    It is `PUT /key?encryption`. A store that does not know this request treats it as a PutObject and overwrites the
    object with it. So at other endpoints than AWS's it is called only if the task requests it.
    """

    SUPPORTED = "the endpoint is AWS"
    OPT_IN = "another store, which may know the request"
    UNAVAILABLE = "the installed SDK does not know the request"


@dataclass(frozen=True, slots=True)
class Change:
    """A change of the encryption of an object, and what decides how it can be made.

    `after` includes the values that are kept. `bucket_owner` is the account that owns the bucket, if it is known.
    """

    before: ObjectEncryption
    after: DesiredEncryption
    other_properties: bool = False
    locked: bool = False
    bucket_owner: str | None = None

    @property
    def key_is_foreign(self) -> bool:
        """Whether the KMS key is known to belong to another account than the bucket.

        S3 then refuses UpdateObjectEncryption, unless AWS Support has approved it, but accepts a copy.
        """
        key = Arn.try_parse(self.after.kms_key_arn or "")
        if key is None or key.resource_type != "key":
            return False
        return self.bucket_owner not in (None, key.account)


def can_update_in_place(change: Change, method: ChangeMethod, in_place: InPlaceSupport) -> bool:
    """Whether to change the encryption in place, which moves no data. Otherwise the object is copied."""
    if method is ChangeMethod.COPY or in_place_blocker(change):
        return False
    if method is ChangeMethod.AUTO and change.key_is_foreign:
        return False
    if in_place is InPlaceSupport.OPT_IN:
        return method is ChangeMethod.UPDATE
    return in_place is InPlaceSupport.SUPPORTED


def in_place_blocker(change: Change) -> str:
    """Why UpdateObjectEncryption cannot make this change; empty if it can."""
    before, after = change.before, change.after
    if not find_kind(before.type).updates_from:
        sources = " and ".join(kind.name for kind in KINDS if kind.updates_from)
        return f"S3 supports that only for objects under {sources}, and this one is under {before.type}"
    if not after.kind.updates_to:
        targets = " or ".join(kind.name for kind in KINDS if kind.updates_to)
        return f"S3 supports that only for a change to {targets}, and not to {after.kind.name}"
    # The request accepts only a full ARN, no id or alias. Without a key, S3 would have to choose one.
    key = Arn.try_parse(after.kms_key_arn or "")
    if key is None or key.resource_type != "key":
        return "S3 supports that only with a named KMS key"
    if after.encryption_context:
        return "the request accepts no encryption context"
    if change.other_properties:
        return "other properties change, too, which needs a copy"
    if change.locked:
        return "S3 refuses that for an object under Object Lock"
    return ""
