# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""An object, and one version of it as S3 reports it, with its properties, ACL and lock."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import NamedTuple

from ..envelope import Envelope, EnvelopePlace, Texts
from ..kinds.encryption import ObjectEncryption
from ..tags import Tags
from .archive import Archive
from .encoded_words import in_reported_words
from .envelope_fields import has_key_elsewhere


class ObjectId(NamedTuple):
    """An object, or one version of it, and the account that has to own its bucket."""

    bucket: str
    key: str
    version_id: str | None = None
    expected_bucket_owner: str | None = None

    @property
    def name(self) -> str:
        """The object in a message: bucket/key."""
        return f"{self.bucket}/{self.key}"


class Deleted(NamedTuple):
    """The version that a deletion deleted or created (None: no versioning), and whether it is a delete marker."""

    version_id: str | None = None
    delete_marker: bool = False


@dataclass(frozen=True, slots=True)
class ObjectLock:
    """The lock of one version, as far as it is in force. Object Lock protects a version against deletion.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html

    `mode` (GOVERNANCE or COMPLIANCE) and `retain_until` (ISO 8601) are set together. An event hold protects the version
    until it is released, and for the given days or years after that.
    """

    mode: str | None = None
    retain_until: str | None = None
    legal_hold: bool = False
    event_hold: bool = False
    event_hold_days: int | None = None
    event_hold_years: int | None = None

    def is_at_least(self, other: ObjectLock) -> bool:
        """Whether this lock has the mode and the holds of the other one, and the same end or a later one."""
        times = [datetime.fromisoformat(each.retain_until) if each.retain_until else None for each in (self, other)]
        ends_no_earlier = times[1] is None or (times[0] is not None and times[0] > times[1] - timedelta(seconds=1))
        return (
            other.mode in (None, self.mode)
            and ends_no_earlier
            and (self.legal_hold or not other.legal_hold)
            and (self.event_hold or not other.event_hold)
        )

    def describe(self) -> str:
        """The lock in words."""
        parts = [
            f"{self.mode} until {self.retain_until}" if self.mode else "",
            "a legal hold" if self.legal_hold else "",
            "an event hold" if self.event_hold else "",
        ]
        return " and ".join(filter(None, parts))


# What a write can grant. WRITE has no meaning for an object, and no write accepts it.
GRANTABLE = ("FULL_CONTROL", "READ", "READ_ACP", "WRITE_ACP")


@dataclass(frozen=True, slots=True)
class Grant:
    """One permission of one grantee in the access control list (ACL) of an object, which every write resets.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html

    `kind` says what identifies the grantee: `id`, `uri` or `emailAddress`. It is empty if S3 reports none of them.
    """

    permission: str
    kind: str
    grantee: str

    @property
    def can_be_written(self) -> bool:
        """Whether PutObject, CopyObject and CreateMultipartUpload accept it."""
        return self.permission in GRANTABLE and bool(self.kind) and '"' not in self.grantee

    def describe(self) -> str:
        """The grant in words."""
        return f"{self.permission} to {self.grantee or 'an unnamed grantee'}"


# All grants of an object, including that of its owner; empty if the ACL is private.
Grants = tuple[Grant, ...]

DEFAULT_STORAGE_CLASS = "STANDARD"


@dataclass(frozen=True, slots=True)
class Checksum:
    """A checksum that S3 stores, in base64: of the full object, or a composite of the checksums of its parts.

    The value is empty in a plan if S3 computes it only when it writes the object.
    """

    algorithm: str
    value: str
    full_object: bool


class Unverifiable(str, Enum):
    """Attributes that an object may have and a write may lose, and that the task has no permission to read."""

    ACL = "acl"
    ANNOTATIONS = "annotations"
    LOCK = "object_lock"


@dataclass(frozen=True, slots=True)
class Properties:
    """The headers and metadata of an object. None: not set; in a desired state: not named, so kept.

    In a desired state, an empty text or tuple removes the property.
    No option sets `expires` and `website_redirect_location`. They are read to be kept, as every write resets them.
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
        """These properties, with those of `kept` for what they do not name, and its words for the same metadata."""
        if self == _NOTHING_NAMED:
            return kept
        own = {field.name: getattr(self, field.name) for field in fields(self)}
        # S3 reports no header without a value.
        named = {name: None if value == "" else value for name, value in own.items() if value is not None}
        if self.metadata:
            named["metadata"] = in_reported_words(self.metadata, kept.metadata or ())
        return replace(kept, **named)


_NOTHING_NAMED = Properties()


class InstructionFile(NamedTuple):
    """The object with the encrypted data key of another object: its content, its ETag, and its encryption by S3."""

    body: bytes
    etag: str
    encryption: ObjectEncryption = ObjectEncryption(None)


@dataclass(frozen=True, slots=True)
class ObjectState:
    """One version of an object as HeadObject reports it. None: not reported, or (in a plan) unknown before the write.

    `tags` is None if they were not read. `tag_count` is their number, and None if the store does not report it.
    `envelope_fields` are the fields of client-side encryption in its metadata, which `properties` have not, and
    `envelope` is the envelope that they make, with the `instruction_file` if one was read. `archive` is where the
    content is archived. `unverifiable` are the attributes that a write may lose and that cannot be read.
    `is_null_version` says that S3 reports the version id `null`, and `version_id` is None: the object was written
    while the versioning of its bucket was not enabled, but is or was enabled at another time.
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
    envelope_fields: Texts = ()
    envelope: Envelope | None = None
    instruction_file: InstructionFile | None = None
    archive: Archive | None = None
    unverifiable: tuple[Unverifiable, ...] = ()
    is_null_version: bool = field(default=False, compare=False)

    @property
    def name(self) -> str:
        """The object in a message: bucket/key."""
        return f"{self.bucket}/{self.key}"

    @property
    def needs_file(self) -> bool:
        """Whether its data key is in an instruction file."""
        if self.envelope is None:
            return has_key_elsewhere(self.envelope_fields)
        return self.envelope.place is EnvelopePlace.INSTRUCTION_FILE
