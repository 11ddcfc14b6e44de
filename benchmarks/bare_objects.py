# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The baseline for small files: boto3 in threads makes the calls, but compares and reports nothing.

bare_objects.py put|head THREADS BUCKET FOLDER KIND KEY [NAME ...]

One PutObject or one HeadObject for each file of the folder; with names, a PutObject for these files as well. KIND and
KEY are SSE-KMS and the ARN of a KMS key, or SSE-C and 32 characters.
"""

from __future__ import annotations

import sys
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
from botocore.config import Config


def main(verb: str, threads: int, bucket: str, folder: Path, kind: str, key: str, changed: list[str]) -> None:
    """Make the calls."""
    s3 = boto3.client("s3", config=Config(max_pool_connections=threads))
    own = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": key} if kind == "SSE-C" else {}
    write = own or {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}

    def put(name: str) -> None:
        s3.put_object(Bucket=bucket, Key=f"bare/{name}", Body=(folder / name).read_bytes(), **write)

    def head(name: str) -> None:
        s3.head_object(Bucket=bucket, Key=f"bare/{name}", ChecksumMode="ENABLED", **own)

    names = sorted(path.name for path in folder.iterdir())
    with ThreadPoolExecutor(threads) as pool:
        deque(pool.map(put if verb == "put" else head, names), maxlen=0)
        deque(pool.map(put, changed), maxlen=0)


if __name__ == "__main__":
    _program, called, count, *rest = sys.argv
    main(called, int(count), rest[0], Path(rest[1]), rest[2], rest[3], rest[4:])
