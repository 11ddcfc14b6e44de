# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The judge: what a store really has, by the SDK alone."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any

from awscrt.checksums import crc64nvme
from botocore.exceptions import ClientError

from ansible_collections.sealed.s3.tests.contract.encryption_client import Unreadable
from ansible_collections.sealed.s3.tests.contract.kind_rows import KindRow, reported_kind, with_key

from .kinds import BUCKET, REFUSED, WRONG_KEY
from .outcome import Result
from .store import Store


def _read(store: Store, key: str, **parameters: Any) -> bytes:
    body: bytes = store.s3.get_object(Bucket=BUCKET, Key=key, **parameters)["Body"].read()
    return body


def is_open(store: Store, key: str) -> bool:
    """Whether the store gives out an object without a customer key."""
    try:
        _read(store, key)
    except REFUSED:
        return False
    return True


def _readable_otherwise(store: Store, key: str, kind: KindRow) -> str | None:
    """Why an object under SSE-C is not protected by its key."""
    for words, parameters in (("without a key", {}), ("with another key", with_key(WRONG_KEY))):
        try:
            _read(store, key, **parameters)
        except REFUSED:
            continue
        return f"The object under {kind.title} can be read {words}."
    return None


@dataclass(frozen=True)
class Expected:
    """What an object has to be after a task said so, and what its result has to report."""

    store: Store
    key: str
    kind: KindRow
    content: bytes
    properties: dict[str, Any] = field(default_factory=dict)
    tags: dict[str, str] | None = None
    names_encryption: bool = True  # whether the task named the encryption, and so claims it

    def __call__(self, result: Result) -> str | None:
        """Why that is not so, or None."""
        try:
            return self._encryption(result) or self._content() or self._checksum() or self._properties() or self._tags()
        except REFUSED as error:
            return f"The object cannot be read: {error}."

    def _encryption(self, result: Result) -> str | None:
        head = self.store.s3.head_object(Bucket=BUCKET, Key=self.key, **self.kind.reading())
        found = reported_kind(head)
        claimed = result["object"]["encryption"]
        if self.kind.client_side:
            return self._envelope(claimed, found)
        if claimed["type"] != found:
            return f"The result says {claimed['type']}, and HeadObject {found}."
        if self.kind.reported not in (None, found):
            return f"HeadObject reports {found}."
        key = head.get("SSEKMSKeyId", "")
        if self.names_encryption and self.kind.key_arn and self.kind.key_arn.rpartition("/")[2] not in key:
            return f"HeadObject reports the key {key or 'of nothing'}."
        if self.names_encryption and found in ("SSE-KMS", "DSSE-KMS") and not key:
            return f"HeadObject reports {found} without a key."
        return _readable_otherwise(self.store, self.key, self.kind) if self.kind.customer_key else None

    def _envelope(self, claimed: dict[str, Any], server_side: str) -> str | None:
        """What is wrong with the envelope, or with what the result says of it."""
        place = "instruction_file" if self.kind.in_file else "metadata"
        expected = (self.kind.reported, place, "v3", len(self.content), server_side)
        names = ("type", "envelope", "format", "plaintext_size")
        reported = (*(claimed.get(name) for name in names), claimed.get("server_side", {}).get("type"))
        if reported != expected:
            return f"The result says {reported}, and not {expected}."
        if _read(self.store, self.key) == self.content:
            return "The store has the plaintext."
        if not self.kind.customer_key:
            return None
        try:
            self.store.client.read(BUCKET, self.key, customer_key=WRONG_KEY.encode())
        except Unreadable:
            return None
        return f"The object under {self.kind.title} can be read with another key."

    def _content(self) -> str | None:
        found, _metadata = self.kind.read(self.store.client, BUCKET, self.key)
        return None if found == self.content else f"The object has {len(found)} other bytes."

    def _checksum(self) -> str | None:
        """A checksum of the whole object that the store reports has to be that of what it stores."""
        parameters = {"ChecksumMode": "ENABLED", **self.kind.reading()}
        head = self.store.s3.head_object(Bucket=BUCKET, Key=self.key, **parameters)
        reported = head.get("ChecksumCRC64NVME")
        if reported is None or head.get("ChecksumType") == "COMPOSITE":
            return None
        stored = _read(self.store, self.key, **self.kind.reading())
        computed = base64.b64encode(crc64nvme(stored).to_bytes(8, "big")).decode()
        if reported == computed:
            return None
        return f"The store reports the CRC64NVME {reported}, and that of the content is {computed}."

    def _properties(self) -> str | None:
        head = self.store.s3.head_object(Bucket=BUCKET, Key=self.key, **self.kind.reading())
        _content, metadata = self.kind.read(self.store.client, BUCKET, self.key)
        head["Metadata"] = {name.lower(): value for name, value in metadata.items()}  # some stores change the case
        wrong = [name for name, value in self.properties.items() if head.get(name) != value]
        return f"HeadObject reports {', '.join(f'{name} {head.get(name)!r}' for name in wrong)}." if wrong else None

    def _tags(self) -> str | None:
        if self.tags is None:
            return None
        found = self.store.s3.get_object_tagging(Bucket=BUCKET, Key=self.key)["TagSet"]
        tags = {tag["Key"]: tag["Value"] for tag in found}
        return None if tags == self.tags else f"The tags are {tags}."


def is_absent(store: Store, key: str) -> bool:
    """Whether a list of the bucket does not have the key, and a GET gets 404."""
    listed = store.s3.list_objects_v2(Bucket=BUCKET, Prefix=key).get("Contents", [])
    try:
        _read(store, key)
    except ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"] == 404 and not [
            e for e in listed if e["Key"] == key
        ]
    return False


def rule(store: Store, bucket: str) -> dict[str, Any] | None:
    """The default encryption of a bucket, as GetBucketEncryption reports it; None if it reports that there is none.

    It is empty if the store answers something else.
    """
    try:
        answer = store.s3.get_bucket_encryption(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ServerSideEncryptionConfigurationNotFoundError":
            return None
        raise
    rules = answer.get("ServerSideEncryptionConfiguration", {}).get("Rules", [])
    return dict(rules[0]) if rules else {}
