# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The interface of an encryption kind. All other code uses this interface, and names no kind.

A kind is one file in this folder and one line in `registry.py`. It is pure: it names parameters of the SDK, but calls
nothing.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from ..envelope import EnvelopePlace, Format, KeyWrap, Texts

if TYPE_CHECKING:
    from .encryption import DesiredEncryption

# The response of the SDK to one call.
Answer = Mapping[str, Any]


class KeyParameters(TypedDict, total=False):
    """The customer key in the parameters of the SDK."""

    SSECustomerAlgorithm: str
    SSECustomerKey: str | bytes
    SSECustomerKeyMD5: str


class WriteParameters(KeyParameters, total=False):
    """The parameters of a write that a kind can set. The task sets the others, such as the metadata.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
    """

    ServerSideEncryption: str
    SSEKMSKeyId: str
    SSEKMSEncryptionContext: str
    BucketKeyEnabled: bool


# The options of a kind. A new one also needs its argument in `frontend/arguments.py`, its text in
# `scripts/generate_doc_fragments.py`, and a field in DesiredEncryption.
Option = Literal[
    "bucket_key_enabled",
    "customer_key",
    "customer_key_file",
    "customer_key_generate",
    "encryption_context",
    "envelope",
    "kms_key",
    "server_side",
]


class KeyHolder(Enum):
    """Who holds the key, in the words of the documentation."""

    BUCKET_DEFAULT = "depends on the bucket's default"
    S3 = "S3"
    KMS = "AWS KMS"
    CALLER = "the caller"
    NONE = "none"
    UNKNOWN = "unknown"


class Side(Enum):
    """Where the content is encrypted."""

    SERVER = "by the store, after the upload"
    CLIENT = "by this collection, before the upload"


@dataclass(frozen=True, slots=True)
class ClientSide:
    """What the envelope of an object shows, which S3 does not report itself.

    `context` is the encryption context that a task can name; None under an own key. `plaintext_size` is None where the
    padding hides it, or (in a plan) before it is known. `server_side` is the encryption of the ciphertext by S3.
    """

    format: Format
    envelope: EnvelopePlace
    server_side: ObjectEncryption
    plaintext_size: int | None = None
    context: Texts | None = None


@dataclass(frozen=True, slots=True)
class ObjectEncryption:
    """What HeadObject reports, and for client-side encryption what the envelope shows.

    None: not reported, or (in a plan) not known before S3 has written the object. The key of client-side encryption is
    known only once it has opened the envelope.
    """

    type: str | None
    kms_key_arn: str | None = None
    bucket_key_enabled: bool | None = None
    customer_key_md5: str | None = None
    client_side: ClientSide | None = None

    @property
    def server_side(self) -> ObjectEncryption:
        """The encryption that S3 applies: this one, or that of the ciphertext."""
        return self.client_side.server_side if self.client_side else self

    def with_server_side(self, reported: ObjectEncryption) -> ObjectEncryption:
        """The same, with the encryption that S3 reports."""
        return (
            replace(self, client_side=replace(self.client_side, server_side=reported)) if self.client_side else reported
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class Kind(ABC):
    """One encryption kind.

    `name` is the value of the option, `options` are the encryption options that the kind accepts, and the texts are for
    the documentation. `wire` is the value of the header x-amz-server-side-encryption, and of SSEAlgorithm in the rule
    of a bucket (empty: none). `strength` orders the kinds that can be the default of a bucket, so that a minimum never
    weakens it (None: it cannot be a default).

    All flags default to false, so that a new kind is used only for what it declares. Raises TypeError for declarations
    that contradict each other.
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
    # Whether a task can choose it; otherwise it is only reported.
    choosable: bool = False
    # Whether no header is sent, so that S3 applies the bucket's default.
    defers_to_bucket: bool = False
    # Whether S3 encrypts with the AWS managed key if no KMS key is named.
    has_managed_key: bool = False
    # Whether every request for the object's bytes contains the customer key.
    key_in_requests: bool = False
    # Whether BlockedEncryptionTypes of a bucket can name it.
    blockable: bool = False
    # Whether the ETag of an object is the MD5 of its content, or of those of its parts.
    etag_is_md5: bool = False
    # Whether an object can have annotations.
    has_annotations: bool = False
    # Whether UpdateObjectEncryption accepts objects under this kind, and whether it can change objects to this kind.
    updates_from: bool = False
    updates_to: bool = False
    # The name of the filter of S3 Batch Operations for objects under this kind, and the algorithm with which its copies
    # write objects of this kind (empty: there is none).
    job_filter: str = ""
    job_algorithm: str = ""
    # How the data key can be encrypted, for a client-side kind. The first is the one that is written. No two kinds can
    # have the same.
    wraps: tuple[KeyWrap, ...] = ()

    def __post_init__(self) -> None:
        """Check the declarations when the kind is defined, and not when it is used."""
        server_side = (
            *("wire", "strength", "key_in_requests", "updates_to", "blockable", "has_managed_key"),
            *("job_filter", "job_algorithm"),
        )
        if self.is_client_side:
            declared = [
                field.name
                for field in fields(Kind)
                if field.name in server_side and getattr(self, field.name) != field.default
            ]
            _require(not declared, f"{self.name} is client-side encryption, so it cannot have {' and '.join(declared)}")
            _require(bool(self.wraps), f"{self.name} is client-side encryption, so it needs wraps, which show it")
        else:
            _require(not self.wraps, f"{self.name} has wraps, so it needs to be client-side encryption")
        if self.choosable and self.strength is not None:
            _require(bool(self.wire), f"{self.name} has a strength, so it needs a wire: a bucket's rule names it")
        if self.updates_to:
            is_overridden = type(self).update_parameters is not Kind.update_parameters
            _require(is_overridden, f"{self.name} has updates_to, so it needs update_parameters")

    @abstractmethod
    def write_parameters(self, desired: DesiredEncryption) -> WriteParameters:
        """The encryption parameters of PutObject, CopyObject and CreateMultipartUpload."""

    @abstractmethod
    def recognise(self, answer: Answer) -> ObjectEncryption | None:
        """The encryption in a HeadObject response, if it is of this kind; otherwise None.

        It is not called for client-side kinds, which the envelope shows.
        """

    @abstractmethod
    def is_satisfied(self, desired: DesiredEncryption, actual: ObjectEncryption) -> bool:
        """Whether `actual`, which can be of any kind, has all values that `desired`, which is of this kind, names."""

    @abstractmethod
    def keep(self, desired: DesiredEncryption, actual: ObjectEncryption) -> DesiredEncryption:
        """The desired encryption, with current values of the same kind for what is not named: omitted means keep."""

    @abstractmethod
    def expected_after_write(self, desired: DesiredEncryption) -> ObjectEncryption:
        """What S3 reports after a write with `desired`, which includes the values that are kept."""

    def update_parameters(self, desired: DesiredEncryption) -> dict[str, Any]:
        """The parameter ObjectEncryption of UpdateObjectEncryption, for kinds with `updates_to`."""
        raise AssertionError(f"{self.name} is no target of UpdateObjectEncryption")

    def bucket_key_of_rule(self, named: bool | None, kept: bool, *, moves: bool) -> bool:
        """BucketKeyEnabled for the rule of a bucket. `kept` is the current value; `moves`: the kind changes."""
        return kept if named is None else named

    def accepts(self, option: Option) -> bool:
        """Whether the kind accepts an encryption option."""
        return option in self.options

    @property
    def is_client_side(self) -> bool:
        """Whether the content has to be encrypted before the upload."""
        return self.side is Side.CLIENT

    @property
    def key_outside_s3(self) -> bool:
        """Whether S3 does not hold the key itself, so that encryption with S3's keys would protect less."""
        return self.key_holder in (KeyHolder.KMS, KeyHolder.CALLER)

    def weakens(self, before: Kind) -> bool:
        """Whether a change from the kind `before` to this one protects less.

        A customer key has no place in this order: it is neither stronger nor weaker, but the caller holds it.
        """
        if before.is_client_side:
            return not self.is_client_side
        return self.strength is not None and self.strength < (before.strength or 0)

    def loses_annotations(self, before: Kind) -> bool:
        """Whether a change from the kind `before` to this one loses the annotations of an object."""
        return before.has_annotations and not self.has_annotations


def _require(condition: bool, otherwise: str) -> None:
    if not condition:
        raise TypeError(otherwise)
