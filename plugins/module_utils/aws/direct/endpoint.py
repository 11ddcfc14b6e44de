# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Where the plain requests of a client for S3 go: path-style addresses at one endpoint, by the SDK's own rules."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

# The names of general purpose buckets, whose characters need no encoding. Names with these ends are those of access
# points, directory buckets and other resources, which have endpoints of their own.
# Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_OTHER_RESOURCE = re.compile(r".*(?:-s3alias|--[a-z0-9]+-s3|\.mrap)")


class S3Endpoint(NamedTuple):
    """The URL before the bucket's name, and the region that requests are signed for."""

    url: str
    region: str


def is_general_purpose(bucket: object) -> bool:
    """Whether a bucket's name is that of a general purpose bucket."""
    return isinstance(bucket, str) and bool(_BUCKET.fullmatch(bucket)) and not _OTHER_RESOURCE.fullmatch(bucket)


def path_style_endpoint(client: Any) -> str:
    """The URL for path-style requests, by the SDK's rules for the client's region and its variants (FIPS, dual stack).

    The SDK always addresses a bucket name with dots in path style, and presigning makes no call.
    """
    return _presign(client, "any.bucket").partition("/any.bucket?")[0]


def find_endpoint(client: Any, is_custom: Callable[[], bool]) -> S3Endpoint | None:
    """The endpoint for path-style requests; None if the settings of the client ask for other requests.

    AWS accepts path style in every region. A custom endpoint gets it only if the SDK itself uses it there.
    """
    config = client.meta.config
    style = (config.s3 or {}).get("addressing_style")
    if config.signature_version != "s3v4" or config.auth_scheme_preference or style == "virtual":
        return None
    if (config.s3 or {}).get("use_accelerate_endpoint"):
        return None
    url, presigned = path_style_endpoint(client), _presign(client, "any-bucket")
    if not presigned.startswith(f"{url}/any-bucket?") and is_custom():
        return None
    scope = parse_qs(urlsplit(presigned).query).get("X-Amz-Credential", [""])[0].split("/")
    return S3Endpoint(url, scope[2]) if len(scope) == 5 and scope[3] == "s3" else None


def _presign(client: Any, bucket: str) -> str:
    url: str = client.generate_presigned_url("get_bucket_encryption", Params={"Bucket": bucket})
    return url
