# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What an encryption kind is. Everything else asks the kind, and knows none of them by name.

A kind is one file beside this one and one line in `registry.py`. It is pure: it names parameters of the SDK, and calls
nothing.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal, TypedDict

if TYPE_CHECKING:
    from ..objects.encryption import DesiredEncryption

# What the SDK answers to one call.
Answer = Mapping[str, Any]


class KeyParameters(TypedDict, total=False):
    """The customer key in the parameters of the SDK."""

    SSECustomerAlgorithm: str
    SSECustomerKey: str | bytes
    SSECustomerKeyMD5: str


class WriteParameters(KeyParameters, total=False):
    """All that a kind may say in a write. The rest of its parameters, such as the metadata, is the task's.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
    """

    ServerSideEncryption: str
    SSEKMSKeyId: str
    SSEKMSEncryptionContext: str
    BucketKeyEnabled: bool


# The options of a playbook that say more of an encryption than its kind. A new one also needs its argument in
# `frontend/arguments.py`, its text in `scripts/generate_doc_fragments.py`, and its place in DesiredEncryption.
Option = Literal[
    "bucket_key_enabled",
    "customer_key",
    "customer_key_file",
    "customer_key_generate",
    "encryption_context",
    "kms_key",
]


class KeyHolder(Enum):
    """Who holds the key, in the words of the documentation."""

    BUCKET_DEFAULT = "depends on the bucket's default"
    S3 = "S3"
    KMS = "AWS KMS"
    CALLER = "the caller"
    NOBODY = "none"
    UNKNOWN = "unknown"


class Side(Enum):
    """Where the content is encrypted."""

    SERVER = "by the store, after the upload"
    CLIENT = "by this collection, before the upload"


@dataclass(frozen=True, slots=True)
class ObjectEncryption:
    """What HeadObject reports. None: not reported, or (in a plan) not known before S3 has written the object."""

    type: str | None
    kms_key_arn: str | None = None
    bucket_key_enabled: bool | None = None
    customer_key_md5: str | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Kind(ABC):
    """One scheme of encryption.

    What it is: `name` is the playbook's word, `options` are the encryption options that it takes, and the texts are
    for the documentation. `wire` is the value of the header x-amz-server-side-encryption, and of SSEAlgorithm in a
    bucket's rule (empty: it has none). `strength` orders the kinds that a bucket may have as its default, for a floor
    that never weakens (None: it cannot be a bucket's default).

    What it can: each flag is false for a kind that does not say otherwise, so that a new kind is used for nothing that
    it did not claim. Raises TypeError for a kind that contradicts itself.
    """

    name: str
    key_holder: KeyHolder
    side: Side
    encrypted_by: str
    summary: str
    source: str
    options: tuple[Option, ...] = ()
    wire: str = ""
    strength: int | None = None
    # Whether a playbook may ask for it; otherwise it is only reported.
    choosable: bool = False
    # Whether no header is sent, so that S3 applies the bucket's default.
    defers_to_bucket: bool = False
    # Whether S3 encrypts with its AWS managed key where no KMS key is named.
    has_managed_key: bool = False
    # Whether every request for the object's bytes carries the customer key.
    key_in_requests: bool = False
    # Whether BlockedEncryptionTypes of a bucket can name it.
    blockable: bool = False
    # Whether the ETag of an object is the MD5 of its content, or of those of its parts.
    etag_is_md5: bool = False
    # Whether an object can have annotations.
    has_annotations: bool = False
    # Whether UpdateObjectEncryption takes an object away from it; and whether it brings one to it.
    updates_from: bool = False
    updates_to: bool = False

    def __post_init__(self) -> None:
        """What could only fail when somebody uses it fails here, by its name."""
        server_side = ("wire", "strength", "key_in_requests", "updates_to", "blockable", "has_managed_key")
        if self.is_client_side:
            claims = [
                each.name
                for each in fields(Kind)
                if each.name in server_side and getattr(self, each.name) != each.default
            ]
            _require(not claims, f"{self.name} is client-side encryption, so {' and '.join(claims)} cannot be of it")
        if self.choosable and self.strength is not None:
            _require(bool(self.wire), f"{self.name} has a strength, so it needs a wire: a bucket's rule names it")
        if self.updates_to:
            own = type(self).update_parameters is not Kind.update_parameters
            _require(own, f"{self.name} has updates_to, so it needs update_parameters")

    @abstractmethod
    def write_parameters(self, desired: DesiredEncryption) -> WriteParameters:
        """What PutObject, CopyObject and CreateMultipartUpload are told of the encryption."""

    @abstractmethod
    def recognise(self, answer: Answer) -> ObjectEncryption | None:
        """The encryption in the answer to HeadObject, if it is of this kind; otherwise None."""

    @abstractmethod
    def is_satisfied(self, desired: DesiredEncryption, actual: ObjectEncryption) -> bool:
        """Whether all that is named is as it is to be. `desired` is of this kind, `actual` of any."""

    @abstractmethod
    def keep(self, desired: DesiredEncryption, actual: ObjectEncryption) -> DesiredEncryption:
        """The desire, completed with what the object has now of the same kind: omitted means keep."""

    @abstractmethod
    def expected_after_write(self, desired: DesiredEncryption) -> ObjectEncryption:
        """What S3 reports once the object is written with this desire, which is completed with what is kept."""

    def update_parameters(self, desired: DesiredEncryption) -> dict[str, Any]:
        """The ObjectEncryption of UpdateObjectEncryption, for kinds with `updates_to`."""
        raise AssertionError(f"{self.name} is no target of UpdateObjectEncryption")

    def bucket_key_of_rule(self, named: bool | None, kept: bool, *, moves: bool) -> bool:
        """BucketKeyEnabled of a bucket's rule: as named, else as it is. `moves`: the bucket had another kind before."""
        return kept if named is None else named

    def takes(self, option: Option) -> bool:
        """Whether an encryption option has a meaning for it."""
        return option in self.options

    @property
    def is_client_side(self) -> bool:
        """Whether what is uploaded has to be ciphertext already."""
        return self.side is Side.CLIENT

    @property
    def key_outside_s3(self) -> bool:
        """Whether somebody else than S3 holds the key, so that S3's own default would protect less."""
        return self.key_holder in (KeyHolder.KMS, KeyHolder.CALLER)

    def weakens(self, before: Kind) -> bool:
        """Whether a change from that kind to this one protects less.

        A customer key has no place in the order: it is neither stronger nor weaker, but somebody else's to hold.
        """
        if before.is_client_side:
            return not self.is_client_side
        return self.strength is not None and self.strength < (before.strength or 0)

    def loses_annotations(self, before: Kind) -> bool:
        """Whether a change from that kind to this one leaves an object's annotations behind."""
        return before.has_annotations and not self.has_annotations


def _require(condition: bool, otherwise: str) -> None:
    if not condition:
        raise TypeError(otherwise)
