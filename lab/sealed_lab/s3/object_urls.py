# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The URL of an object, as responses to multipart uploads and to forms of browsers have it."""

from __future__ import annotations

from urllib.parse import quote

from ..call import Call
from ..partitions import domain_of
from .state import Bucket


def object_url(call: Call, bucket: Bucket, key: str) -> str:
    """Return the URL under AWS's host names, or under the address of the lab if the request was sent to it.

    A bucket with a dot in its name has no certificate of its own, so that it is in the path.
    """
    if not call.request.service:
        return f"{'https' if call.request.transport else 'http'}://{call.request.header('host')}/{bucket.name}/{quote(key)}"
    region = "" if bucket.region == "us-east-1" else f".{bucket.region}"
    endpoint = f"s3{region}.{domain_of(bucket.region)}"
    if "." in bucket.name:
        return f"https://{endpoint}/{bucket.name}/{quote(key)}"
    return f"https://{bucket.name}.{endpoint}/{quote(key)}"
