# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The baseline for a change of all objects: boto3 in threads lists, reads each object, and changes it in place.

bare_reencryption.py THREADS BUCKET KMS_KEY

An object under this key is not changed.
"""

from __future__ import annotations

import sys
from collections import deque
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config


def main(threads: int, bucket: str, kms_key: str) -> None:
    """Make the calls, one page of the list after the other, so that memory has a bound."""
    s3 = boto3.client("s3", config=Config(max_pool_connections=threads))
    encryption = {"SSEKMS": {"KMSKeyArn": kms_key, "BucketKeyEnabled": True}}

    def change(key: str) -> None:
        answer = s3.head_object(Bucket=bucket, Key=key)
        if answer.get("SSEKMSKeyId") != kms_key:
            s3.update_object_encryption(Bucket=bucket, Key=key, ObjectEncryption=encryption)

    with ThreadPoolExecutor(threads) as pool:
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            deque(pool.map(change, [found["Key"] for found in page.get("Contents", ())]), maxlen=0)


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
