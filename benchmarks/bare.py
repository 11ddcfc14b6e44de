# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The baseline: boto3 in threads makes the calls, but compares and reports nothing.

bare.py PROCESSES THREADS COUNT [KMS_KEY [examine]]

One GetBucketEncryption per bucket; with a key, one PutBucketEncryption too; with `examine`, one GetBucketPolicy and one
GetBucketAcl before it.

The names of the buckets are known, so it does not list them. Each process has its own share of them, and the threads.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections import deque
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config
from names import bucket_names


def main(processes: int, threads: int, count: int, kms_key: str | None, *, examine: bool) -> None:
    """Make the calls, in so many processes. They are forked after the imports, which they share."""
    names = bucket_names(count)
    children = []
    for number in range(1, processes):
        child = os.fork()
        if not child:
            make_calls(threads, names[number::processes], kms_key, examine=examine)
            os._exit(0)
        children.append(child)
    make_calls(threads, names[::processes], kms_key, examine=examine)
    if any(os.waitpid(child, 0)[1] for child in children):
        raise SystemExit("a process failed")


def make_calls(threads: int, names: list[str], kms_key: str | None, *, examine: bool) -> None:
    """Make the calls for these buckets."""
    s3 = boto3.client("s3", config=Config(max_pool_connections=threads))
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": kms_key}
    rule = {
        "ApplyServerSideEncryptionByDefault": default,
        "BucketKeyEnabled": True,
        "BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]},
    }

    def work(bucket: str) -> None:
        s3.get_bucket_encryption(Bucket=bucket)
        if examine:
            with contextlib.suppress(s3.exceptions.ClientError):  # no bucket has a policy
                s3.get_bucket_policy(Bucket=bucket)
            s3.get_bucket_acl(Bucket=bucket)
        if kms_key:
            s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})

    with ThreadPoolExecutor(threads) as pool:
        deque(pool.map(work, names), maxlen=0)


if __name__ == "__main__":
    key = sys.argv[4] if len(sys.argv) > 4 else None
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), key, examine=sys.argv[5:] == ["examine"])
