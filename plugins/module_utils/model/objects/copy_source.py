# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Another object whose content is copied, and whether the stored bytes of two objects are known to be the same."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..envelope import Texts
from ..kinds.registry import find_kind
from ..secret import CustomerKey
from .envelope_fields import CONTENT_FIELDS_V3
from .object_state import Checksum, ObjectId, ObjectState, Properties
from .sealing import OpenedKey


@dataclass(frozen=True, slots=True)
class CopySource:
    """The source of a copy, as it was read.

    `state` has its tags, if the copy takes them. `decrypted_with` is the customer key that S3 reads it with, and
    `opened` its data key under client-side encryption, if it was needed.
    """

    id: ObjectId
    state: ObjectState
    decrypted_with: CustomerKey | None = None
    opened: OpenedKey | None = None

    @property
    def is_read(self) -> bool:
        """Whether it exists. In a check run it may be in a bucket that an earlier task makes."""
        return self.state.etag is not None

    @property
    def properties(self) -> Properties:
        """The properties that a new copy takes, as S3 does: all but the storage class and the website redirect.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
        """
        return replace(self.state.properties, storage_class=None, website_redirect_location=None)


def is_same_encryption(source: ObjectState, target: ObjectState) -> bool:
    """Whether the same stored bytes would be the same content: both have no envelope, or one for the same message.

    In V3, the message id and the commitment, which are always in the metadata, identify the content and its data key.
    Older envelopes are the same only as a whole.
    """
    return content_fields(source.envelope_fields) == content_fields(target.envelope_fields)


def content_fields(fields: Texts) -> Texts:
    """The fields that identify an encrypted content: of V3 those about the content, otherwise all of them."""
    of_v3 = tuple(sorted((name, value) for name, value in fields if name in CONTENT_FIELDS_V3))
    return of_v3 if len(of_v3) == len(CONTENT_FIELDS_V3) else tuple(sorted(fields))


def compare_stored(source: ObjectState, target: ObjectState) -> bool | None:
    """Whether two objects have the same stored bytes, by size, checksums and ETags. None: these do not decide.

    The same composite checksums or ETags prove the same bytes. Different ones prove nothing, as the parts may differ.
    """
    if source.size != target.size:
        return False
    of_target = {(checksum.algorithm, checksum.full_object): checksum.value for checksum in _digests(target)}
    is_same: bool | None = None
    for checksum in _digests(source):
        value = of_target.get((checksum.algorithm, checksum.full_object))
        if not value or not checksum.value:
            continue
        if checksum.full_object:
            return value == checksum.value
        if value == checksum.value:
            is_same = True
    return is_same


def _digests(state: ObjectState) -> tuple[Checksum, ...]:
    """The checksums, and the ETag where it is an MD5."""
    etag = (state.etag or "").strip('"')
    if not etag or not find_kind(state.encryption.server_side.type).etag_is_md5:
        return state.checksums
    return (*state.checksums, Checksum("MD5", etag, full_object="-" not in etag))
