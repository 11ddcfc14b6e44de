# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Requests that S3 accepts over https only: with a customer's key, and for objects under a KMS key.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
"""

from __future__ import annotations

from ..call import Call
from ..errors import ServiceError, invalid_request


def insecure_connection(keys: str) -> ServiceError:
    """Return the error for a request over http that needs keys of this kind."""
    return invalid_request(
        f"Requests specifying Server Side Encryption with {keys} must be made over a secure connection."
    )


def require_secure_connection(call: Call) -> None:
    """Refuse a request over http that has a customer's key."""
    if call.transport.secure:
        return
    if any(name.startswith(("SSECustomer", "CopySourceSSECustomer")) for name in call.params):
        raise insecure_connection("Customer provided keys")
