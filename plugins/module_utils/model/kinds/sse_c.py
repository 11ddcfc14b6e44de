# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""SSE-C: the caller sends the key with every request. New buckets block it by default since April 2026."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .kind import Answer, KeyHolder, KeyParameters, ObjectEncryption, Side, WriteParameters
from .server_side import ServerSideKind, bucket_key_parameters

if TYPE_CHECKING:
    from ..secret import CustomerKey
    from .encryption import DesiredEncryption

_ALGORITHM = "AES256"


@dataclass(frozen=True, eq=False, kw_only=True)
class CustomerKeyKind(ServerSideKind):
    """The only kind whose key every request contains. S3 does not store the key."""

    def write_parameters(self, desired: DesiredEncryption) -> WriteParameters:
        """The key, and the bucket key if it is named."""
        return {**self.key_parameters(desired.customer_key), **bucket_key_parameters(desired)}

    def key_parameters(self, key: CustomerKey | None) -> KeyParameters:
        """The key for every request for the object's bytes. The SDK computes base64 and MD5 from raw bytes."""
        return {"SSECustomerAlgorithm": _ALGORITHM, "SSECustomerKey": key.reveal()} if key else {}

    def encoded_key_parameters(self, key: CustomerKey | None) -> KeyParameters:
        """The key for GetObjectAttributes, the only operation for which the SDK does not encode it."""
        if key is None:
            return {}
        return {"SSECustomerAlgorithm": _ALGORITHM, "SSECustomerKey": key.base64, "SSECustomerKeyMD5": key.md5}

    def recognise(self, answer: Answer) -> ObjectEncryption | None:
        """By its own header, which comes with the MD5 of the key."""
        if not answer.get("SSECustomerAlgorithm"):
            return None
        return ObjectEncryption(self.name, customer_key_md5=_dedupe_header(answer.get("SSECustomerKeyMD5")))


def _dedupe_header(header: str | None) -> str | None:
    """The value of a header that some stores (SeaweedFS 4) send twice, which is then read as 'a, a'."""
    values = set((header or "").split(", "))
    return values.pop() if len(values) == 1 and header else header


KIND = CustomerKeyKind(
    name="SSE-C",
    key_holder=KeyHolder.CALLER,
    side=Side.SERVER,
    encrypted_by="S3",
    summary="S3 encrypts with a key that the caller sends with every request. S3 does not store the key.",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html",
    options=("customer_key", "customer_key_file", "customer_key_generate"),
    choosable=True,
    key_in_requests=True,
    blockable=True,
    job_filter="SSEC",
)
