# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What is right for each object of a bucket that is encrypted again: from the rules of AWS, and not from our code.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/API/API_UpdateObjectEncryption.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/update-sse-encryption.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from .reencryption_world import MANAGED, Placed, Protection

AS_ASKED, UPDATE, COPY = "as_asked", "in_place", "copied"
STRENGTH = {"SSE-S3": 1, "SSE-KMS": 2, "DSSE-KMS": 3}


@dataclass(frozen=True)
class Wish:
    """What a task asks for. `default` is that of the bucket, which counts where `encryption` is None."""

    encryption: str | None
    key: str = ""
    bucket_key: bool | None = None
    method: str = "auto"
    minimum: bool = False
    versions: str = "all"
    customer_key: str = ""
    default: Protection = Protection("SSE-S3")

    @property
    def title(self) -> str:
        """The id of a case."""
        words = [self.encryption or f"default {self.default.kind}", self.key, self.method]
        words += ["minimum"] if self.minimum else []
        words += [] if self.bucket_key is None else [f"bucket key {self.bucket_key}".lower()]
        words += [] if self.versions == "all" else [self.versions]
        words += ["with customer key"] if self.customer_key else []
        return ", ".join(filter(None, words))

    @property
    def options(self) -> dict[str, Any]:
        """The options of the module."""
        named = {
            "encryption": self.encryption,
            "kms_key": self.key or None,
            "bucket_key_enabled": self.bucket_key,
            "customer_key": self.customer_key or None,
        }
        chosen = {"method": self.method, "minimum": self.minimum, "versions": self.versions}
        return {**{name: value for name, value in named.items() if value is not None}, **chosen}

    @property
    def kind(self) -> str:
        """The kind that the objects are to have."""
        return self.encryption or self.default.kind

    @property
    def named_key(self) -> str:
        """The KMS key that the objects are to have; empty: any key is as asked."""
        if self.encryption is None and self.kind != "SSE-S3":
            return self.default.key or MANAGED
        return self.key

    @property
    def written_bucket_key(self) -> bool:
        """The bucket key of an object that is changed: as asked, or that of the bucket's default, or on."""
        if self.bucket_key is not None:
            return self.bucket_key
        return self.default.bucket_key if self.default.kind == "SSE-KMS" else True


@dataclass(frozen=True)
class Verdict:
    """What is right for one object: a route, or that it is skipped for one of these reasons.

    `after` is its encryption at the end.
    """

    after: Protection
    route: str = ""
    reasons: frozenset[str] = frozenset()


def judge(wish: Wish, placed: Placed) -> Verdict | None:
    """What is right for an object. None: the task does not look at it."""
    if placed.noncurrent and wish.versions == "current":
        return None
    before = placed.protection
    if before.kind == "SSE-C" and before.key != wish.customer_key:  # nothing of it can be read
        return Verdict(before, reasons=frozenset({"customer_key"}))
    if is_as_asked(wish, before):
        return Verdict(before, AS_ASKED)
    after = Protection(wish.kind, wish.named_key or MANAGED)
    if wish.kind == before.kind and not wish.named_key:
        after = replace(after, key=before.key)
    if wish.kind == "SSE-S3":
        after = Protection("SSE-S3")
    if wish.kind == "SSE-KMS":
        after = replace(after, bucket_key=wish.written_bucket_key)
    # S3 changes it in place from SSE-S3 or SSE-KMS to SSE-KMS with a named key, and refuses that for a locked object.
    is_named = bool(wish.named_key) or wish.kind == before.kind
    possible = before.kind in ("SSE-S3", "SSE-KMS") and wish.kind == "SSE-KMS" and is_named
    if possible and wish.method != "copy" and not placed.variant.locked:
        return Verdict(after, UPDATE)
    reasons = {
        "locked": placed.variant.locked,
        "archived": placed.variant.archived,
        "noncurrent": placed.noncurrent,
        "not_in_place": wish.method == "update",
    }
    found = frozenset(name for name, holds in reasons.items() if holds)
    return Verdict(before, reasons=found) if found else Verdict(after, COPY)


def is_as_asked(wish: Wish, found: Protection) -> bool:
    """Whether the object has what the task names; with `minimum`, also what is stronger."""
    # SSE-C has no place in this order: who gives the customer key wants to be rid of it.
    if wish.minimum and STRENGTH.get(found.kind, 0) > STRENGTH[wish.kind]:
        return True
    if found.kind != wish.kind:
        return False
    if wish.minimum and wish.named_key == MANAGED and wish.bucket_key in (None, found.bucket_key):
        return True  # a key of one's own is not weaker than the AWS managed one
    same_key = wish.named_key in ("", found.key)
    same_bucket_key = wish.kind != "SSE-KMS" or wish.bucket_key in (None, found.bucket_key)
    return same_key and same_bucket_key


# What a write resets by itself; what an in-place change leaves alone is all but the encryption.
OF_A_COPY = {"LastModified", "VersionId", "ETag", "Restore"}


def may_change(placed: Placed, route: str) -> set[str]:
    """The fields of an object that its route may change, besides those of the encryption."""
    if route != COPY:
        return set()
    # A copy is written in one piece, so it has a checksum of the whole; and an expired retention is no lock.
    of_parts = {"ChecksumType", *(name for name in placed.seen if name.startswith("Checksum"))}
    lock = {name for name in placed.seen if name.startswith("ObjectLock")} if not placed.variant.locked else set()
    return OF_A_COPY | (of_parts if placed.variant.in_one_part else set()) | lock


def reported(protection: Protection, arns: Mapping[str, str]) -> dict[str, Any]:
    """The fields of HeadObject for an encryption. The ARN of the AWS managed key is whatever S3 reports."""
    if protection.kind == "SSE-S3":
        return {"ServerSideEncryption": "AES256"}
    if protection.kind == "SSE-C":
        return {"SSECustomerAlgorithm": "AES256"}
    wire = {"SSE-KMS": "aws:kms", "DSSE-KMS": "aws:kms:dsse"}[protection.kind]
    fields: dict[str, Any] = {"ServerSideEncryption": wire, "SSEKMSKeyId": arns[protection.key]}
    return {**fields, "BucketKeyEnabled": True} if protection.bucket_key else fields
