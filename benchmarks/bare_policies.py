# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The baseline for a fleet of policies: boto3 in threads makes the calls, and compares and merges nothing.

bare_policies.py THREADS COUNT [POLICY]    one GetBucketPolicy for each bucket; with a policy, the calls of a change

The names of the buckets are known, so it does not list them. In the policy, BUCKET stands for the name.
"""

from __future__ import annotations

import sys
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import boto3
from botocore.config import Config
from names import bucket_names


def main(threads: int, count: int, policy: str) -> None:
    """Make the calls of all buckets."""
    s3 = boto3.client("s3", config=Config(max_pool_connections=threads))

    def work(bucket: str) -> None:
        with suppress(s3.exceptions.ClientError):  # there is no policy yet
            s3.get_bucket_policy(Bucket=bucket)
        if not policy:
            return
        with suppress(s3.exceptions.ClientError):  # there is no website
            s3.get_bucket_website(Bucket=bucket)
        s3.get_bucket_encryption(Bucket=bucket)
        s3.put_bucket_policy(Bucket=bucket, Policy=policy.replace("BUCKET", bucket))
        s3.get_bucket_policy(Bucket=bucket)

    with ThreadPoolExecutor(threads) as pool:
        deque(pool.map(work, bucket_names(count)), maxlen=0)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else "")
