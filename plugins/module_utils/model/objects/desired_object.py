# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What a playbook asks of an object, and what a plan starts from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ..kinds.kind import Kind
from ..secret import CustomerKey
from ..tags import Tags
from .change_method import ChangeMethod, InPlaceSupport
from .downgrade_warnings import ImplicitDefaults
from .encryption import DesiredEncryption
from .object_state import Checksum, ObjectState, Properties


class Overwrite(str, Enum):
    """When the content of an object that exists already is uploaded again."""

    DIFFERENT = "different"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Content:
    """The content to have: its size in bytes, and the checksum over all of it that S3 is to store with it.

    `encrypted_as` is the client-side kind under which it has been encrypted, so that both describe the ciphertext.
    None: it is the plaintext.
    """

    size: int
    checksum: Checksum
    encrypted_as: Kind | None = None


@dataclass(frozen=True, slots=True)
class DesiredObject:
    """What a playbook asks for. None: not named, so kept.

    `new_content_type` is what a new object gets where `properties` name none.
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


@dataclass(frozen=True, slots=True)
class ObjectReading:
    """What a plan starts from: the object, if there is one, whether its content is the desired one, the customer key
    that opened it, whether the store can encrypt in place, what a write would leave to S3, and whose the bucket is,
    where that is known."""

    object: ObjectState | None
    same_content: bool = False
    decrypted_with: CustomerKey | None = None
    in_place: InPlaceSupport = InPlaceSupport.OPT_IN
    implicit_defaults: ImplicitDefaults = ImplicitDefaults()
    bucket_owner: str | None = None
