# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The baseline for an audit of objects: boto3 in threads lists, reads each object, and counts the encryptions.

bare_audit.py THREADS BUCKET
"""

from __future__ import annotations

import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config


def main(threads: int, bucket: str) -> None:
    """Make the calls, one page of the list after the other, so that memory has a bound."""
    s3 = boto3.client("s3", config=Config(max_pool_connections=threads))

    def encryption(key: str) -> str:
        answer = s3.head_object(Bucket=bucket, Key=key)
        return f"{answer.get('ServerSideEncryption')} {answer.get('SSEKMSKeyId')}"

    counts: Counter[str] = Counter()
    with ThreadPoolExecutor(threads) as pool:
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            counts.update(pool.map(encryption, [found["Key"] for found in page.get("Contents", ())]))
    print(dict(counts))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
