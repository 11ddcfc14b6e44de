# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""One large object with boto3's own transfers: bare_transfer.py put|get BUCKET KEY FILE."""

from __future__ import annotations

import sys

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config


def main(verb: str, bucket: str, key: str, file: str) -> None:
    """Transfer the object, with the settings of boto3 but for the path style that other stores need."""
    s3 = boto3.client("s3", config=Config(s3={"addressing_style": "path"}))
    config = TransferConfig(preferred_transfer_client="classic")
    if verb == "put":
        s3.upload_file(file, bucket, key, Config=config)
    else:
        s3.download_file(bucket, key, file, Config=config)


if __name__ == "__main__":
    main(*sys.argv[1:])
