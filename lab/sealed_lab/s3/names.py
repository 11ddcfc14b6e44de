# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Names and ids of S3: bucket names, canonical user ids, version ids."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import os
import re
from functools import lru_cache

from ..errors import ServiceError

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_RESERVED_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
_RESERVED_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")


def check_bucket_name(name: str) -> None:
    """Raise InvalidBucketName by the rules of the User Guide for general purpose buckets."""
    valid = _BUCKET.fullmatch(name) is not None and ".." not in name
    valid = valid and not name.startswith(_RESERVED_PREFIXES) and not name.endswith(_RESERVED_SUFFIXES)
    if valid:
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return
    raise ServiceError("InvalidBucketName", "The specified bucket is not valid.", 400, fields={"BucketName": name})


# https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html (anonymous requests own what they create)
_ANONYMOUS = "65a011a29cdf8ec533ec3d1ccaae921c"


@lru_cache(maxsize=1024)
def canonical_id(account: str) -> str:
    """Return the canonical user id of an account: 64 hexadecimal digits, and those of anonymous requests for none."""
    return _ANONYMOUS if not account else hashlib.sha256(f"canonical user of {account}".encode()).hexdigest()


_VERSION_ID = re.compile(r"[A-Za-z0-9._]{32}")


def _version_id_check(start: str) -> str:
    """Return the last characters of a version id, which are computed from the others."""
    return hashlib.sha256(f"version id {start}".encode()).hexdigest()[:6]


def new_version_id(sequence: int, rest: bytes = b"") -> str:
    """Return a version id in S3's format. It contains the number of the version, and 15 bytes that are random."""
    start = base64.urlsafe_b64encode(sequence.to_bytes(6, "big") + (rest or os.urandom(15))).decode("ascii")
    start = start.replace("-", ".")[:26]
    return start + _version_id_check(start)


def is_version_id(text: str) -> bool:
    """Return whether S3 can have issued this version id.

    S3 refuses a string of 32 characters that it never issued, and reports an id of a deleted version as missing.
    """
    return _VERSION_ID.fullmatch(text) is not None and _version_id_check(text[:26]) == text[26:]


def version_sequence(version_id: str) -> int:
    """Return the number of the version, which is known from its id even after it was deleted."""
    return int.from_bytes(base64.urlsafe_b64decode(version_id[:8].replace(".", "-")), "big")


def new_upload_id(sequence: int) -> str:
    """Return a random upload id. The ids of later uploads are greater."""
    return f"{sequence:012x}" + base64.urlsafe_b64encode(os.urandom(48)).decode("ascii")
