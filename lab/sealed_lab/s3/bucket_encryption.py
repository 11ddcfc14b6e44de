# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The default encryption of a bucket, and the encryption types that it blocks."""

from __future__ import annotations

from typing import Any

from ..call import Call, Handler, Output
from ..errors import invalid_argument
from ..protocol.xml_shapes import malformed_xml
from .access import get_authorized_bucket
from .encryption import is_supported
from .state import DefaultEncryption


def put_bucket_encryption(call: Call) -> Output:
    """Replace the whole rule. A rule without BlockedEncryptionTypes blocks nothing afterwards.

    S3 does not check whether the KMS key exists: a wrong key makes the next upload fail.
    """
    bucket = get_authorized_bucket(call, "PutEncryptionConfiguration")
    rules = call["ServerSideEncryptionConfiguration"]["Rules"]
    if len(rules) != 1:
        raise malformed_xml()
    rule = rules[0]
    default = rule.get("ApplyServerSideEncryptionByDefault")
    blocked = rule.get("BlockedEncryptionTypes")
    if default is None and blocked is None and "BucketKeyEnabled" not in rule:
        raise malformed_xml()
    algorithm = default["SSEAlgorithm"] if default else "AES256"
    key_id = (default or {}).get("KMSMasterKeyID", "")
    if not is_supported(algorithm):
        raise invalid_argument(f"{algorithm} is not supported for general purpose buckets")
    if key_id and algorithm == "AES256":
        raise invalid_argument(
            "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse",
            "ApplyServerSideEncryptionByDefault",
        )
    types = tuple((blocked or {}).get("EncryptionType", ()))
    if blocked is not None and (not types or ("NONE" in types and len(types) > 1)):
        raise invalid_argument("NONE cannot be combined with other blocked encryption types")
    bucket.encryption = DefaultEncryption(algorithm, key_id, bool(rule.get("BucketKeyEnabled", False)), types)
    bucket.encryption_was_put = True
    return {}


def get_bucket_encryption(call: Call) -> Output:
    """Return the rule. Every bucket has one since January 2023."""
    bucket = get_authorized_bucket(call, "GetEncryptionConfiguration")
    current = bucket.encryption
    default: dict[str, Any] = {"SSEAlgorithm": current.algorithm}
    if current.key_id:
        default["KMSMasterKeyID"] = current.key_id
    rule: dict[str, Any] = {
        "ApplyServerSideEncryptionByDefault": default,
        "BucketKeyEnabled": current.bucket_key,
    }
    if current.blocked:
        rule["BlockedEncryptionTypes"] = {"EncryptionType": list(current.blocked)}
    return {"ServerSideEncryptionConfiguration": {"Rules": [rule]}}


def delete_bucket_encryption(call: Call) -> Output:
    """Reset the rule to that of a new bucket."""
    bucket = get_authorized_bucket(call, "PutEncryptionConfiguration")
    bucket.encryption = encryption_of_new_bucket(call)
    return {}


def encryption_of_new_bucket(call: Call) -> DefaultEncryption:
    """Return SSE-S3. Since April 2026 SSE-C is blocked; the lab can also be as before (S3 User Guide)."""
    return DefaultEncryption(blocked=("SSE-C",) if call.lab.blocks_sse_c else ())


OPERATIONS: dict[str, Handler] = {
    "PutBucketEncryption": put_bucket_encryption,
    "GetBucketEncryption": get_bucket_encryption,
    "DeleteBucketEncryption": delete_bucket_encryption,
}
