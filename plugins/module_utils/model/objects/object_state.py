# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""One version of an object, as S3 reports it."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import Enum

from ..tags import Tags
from .archive import Archive
from .encryption import ObjectEncryption
from .object_lock import ObjectLock

DEFAULT_STORAGE_CLASS = "STANDARD"


@dataclass(frozen=True, slots=True)
class Checksum:
    """A checksum that S3 stores: the base64 of the digest, over the full object or composed of those of its parts.

    The value is empty in a plan where S3 is yet to compute it.
    """

    algorithm: str
    value: str
    full_object: bool


class Unverifiable(str, Enum):
    """What an object may have, and a write may lose, where the task may not look."""

    ACL = "acl"
    ANNOTATIONS = "annotations"
    LOCK = "object_lock"


@dataclass(frozen=True, slots=True)
class Properties:
    """What an object carries beside its content. None: not set, or in a desire: not named, so kept.

    `expires` and `website_redirect_location` are never named; they are here to be kept, as every write resets them.
    """

    content_type: str | None = None
    cache_control: str | None = None
    content_disposition: str | None = None
    content_encoding: str | None = None
    content_language: str | None = None
    expires: str | None = None
    website_redirect_location: str | None = None
    metadata: tuple[tuple[str, str], ...] | None = None
    storage_class: str | None = None

    def merged_with(self, kept: Properties) -> Properties:
        """These, with what they do not name taken from `kept`."""
        own = {field.name: getattr(self, field.name) for field in fields(self)}
        return replace(kept, **{name: value for name, value in own.items() if value is not None})


@dataclass(frozen=True, slots=True)
class ObjectState:
    """One version of an object as HeadObject tells it. None: not reported, or (in a plan) not known before the write.

    `tags` are None where they were not read; `tag_count` says how many there are, and is None where a
    store does not tell. `envelope` names the format of the
    client-side encryption that the metadata shows, and is empty where there is none. `archive` is where the content
    lies that has to be restored before it can be read. `unseen` is what a write may lose, and nobody could look at.
    """

    bucket: str
    key: str
    size: int | None
    encryption: ObjectEncryption
    properties: Properties = Properties()
    version_id: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    checksums: tuple[Checksum, ...] = ()
    tags: Tags | None = None
    tag_count: int | None = 0
    lock: ObjectLock | None = None
    envelope: str = ""
    archive: Archive | None = None
    unseen: tuple[Unverifiable, ...] = ()
