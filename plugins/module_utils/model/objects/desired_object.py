# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The desired state of an object, and the current state that a plan starts from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ..kinds.encryption import DesiredEncryption
from ..kinds.kind import Kind
from ..secret import CustomerKey
from ..tags import Tags
from .change_method import ChangeMethod, InPlaceSupport
from .copy_source import CopySource
from .downgrade_warnings import ImplicitDefaults
from .object_state import Checksum, ObjectState, Properties
from .sealing import FoundFile, OpenedKey


class Overwrite(str, Enum):
    """When the content of an existing object is uploaded again."""

    DIFFERENT = "different"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Content:
    """The desired content: its size in bytes, and the checksum of the whole that S3 stores with it.

    `encrypted_as` is the client-side kind that has encrypted it, so that size and checksum are those of the ciphertext.
    None: it is the plaintext.
    """

    size: int
    checksum: Checksum
    encrypted_as: Kind | None = None


@dataclass(frozen=True, slots=True)
class DesiredObject:
    """The desired state of an object. None: not named in the task, so the current value is kept.

    `new_content_type` is the content type of a new object if `properties` name none. `copied_from` is the object whose
    content is the desired one.
    """

    bucket: str
    key: str
    absent: bool = False
    content: Content | None = None
    encryption: DesiredEncryption = DesiredEncryption()
    properties: Properties = Properties()
    new_content_type: str | None = None
    tags: Tags | None = None
    purge_tags: bool = True
    overwrite: Overwrite = Overwrite.DIFFERENT
    change_method: ChangeMethod = ChangeMethod.AUTO
    version_id: str | None = None
    copied_from: CopySource | None = None


@dataclass(frozen=True, slots=True)
class ObjectReading:
    """What a plan starts from.

    `object` is the current state, None if it does not exist, and `same_content` says whether it has the desired
    content. `decrypted_with` is the customer key that reads it, `in_place` whether the store can encrypt in place,
    `implicit_defaults` what S3 chooses for a write, and `bucket_owner` the account of the bucket, if it is known.
    `opened` is the data key of an object under client-side encryption, if it was needed, and `found_file` the
    instruction file, where the task names that place for the envelope.
    """

    object: ObjectState | None
    same_content: bool = False
    decrypted_with: CustomerKey | None = None
    in_place: InPlaceSupport = InPlaceSupport.OPT_IN
    implicit_defaults: ImplicitDefaults = ImplicitDefaults()
    bucket_owner: str | None = None
    opened: OpenedKey | None = None
    found_file: FoundFile | None = None
