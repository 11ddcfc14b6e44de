# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The name of a bucket as a task writes it. Checked before a call, because the SDK only cites a regular expression."""

from __future__ import annotations

import re

from ..arn import Arn
from ..errors import OperationError, invalid_input

# What the SDK accepts as a name. It is wider than the rules for new buckets: old buckets in us-east-1 may have
# uppercase letters and underscores, and other stores have rules of their own.
# Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_NAME = re.compile(r"[a-zA-Z0-9._-]{1,255}")
_FORBIDDEN = re.compile(r"[^a-zA-Z0-9._-]")
_LONGEST = 255
_RULE = "A name has 3 to 63 lowercase letters, digits, hyphens and dots, such as amzn-s3-demo-bucket."

# The suffixes of aliases, which S3 reserves.
# Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-naming.html
_ALIASES = {
    "-s3alias": "an access point",
    "--ol-s3": "an Object Lambda access point",
    ".mrap": "a Multi-Region Access Point",
}
_ACCESS_POINT_TYPES = ("accesspoint", "outpost")
# The host of a URL of S3 with the bucket in it: BUCKET.s3.REGION.SUFFIX.
_HOST = re.compile(r"(?P<bucket>.+?)\.s3[.-].+")


def require_bucket_name(text: str, option: str = "bucket", *, access_points: bool = False) -> None:
    """Raise OperationError for a text that is not the name of a bucket, with what to write instead.

    With `access_points`, the ARN and the alias of an access point are accepted, which S3 takes for calls on objects.
    """
    if not text:
        raise invalid_input(f"{option} is empty.", "Give the name of a bucket.")
    if text.startswith("arn:"):
        _require_access_point_arn(text, option, accepted=access_points)
        return
    if "://" in text:
        raise _error(option, text, "is a URL, not the name of a bucket", _bucket_in_url(text))
    name, slash, key = text.partition("/")
    if slash:
        raise _error(option, text, "is a path, not the name of a bucket", name, key)
    kind = next((kind for suffix, kind in _ALIASES.items() if text.endswith(suffix)), "")
    if kind and not access_points:
        raise _error(option, text, f"is the alias of {kind}, not the name of a bucket")
    if _NAME.fullmatch(text):
        return
    found = _FORBIDDEN.search(text)
    reason = f"it contains {found.group()!r}" if found else f"it is longer than {_LONGEST} characters"
    raise invalid_input(f"{option}: {_shown(text)} is not the name of a bucket, because {reason}.", _RULE)


def _require_access_point_arn(text: str, option: str, *, accepted: bool) -> None:
    arn = Arn.try_parse(text)
    if arn is None:
        raise _error(option, text, "is neither the name of a bucket nor an ARN")
    if arn.service == "s3" and not arn.region and not arn.account:
        name, _slash, key = arn.resource.partition("/")
        raise _error(option, text, f"is the ARN of {'an object' if key else 'a bucket'}, not its name", name, key)
    is_access_point = re.split("[/:]", arn.resource)[0] in _ACCESS_POINT_TYPES
    if not is_access_point:
        raise _error(option, text, "is the ARN of another resource, not the name of a bucket")
    if not accepted:
        raise _error(option, text, "is the ARN of an access point, not the name of a bucket")


def _bucket_in_url(text: str) -> str:
    """The name of the bucket in an s3:// or https:// URL; empty if it is not known."""
    scheme, _colon, address = text.partition("://")
    host, _slash, path = address.partition("/")
    if scheme == "s3":
        return host
    in_host = _HOST.fullmatch(host)
    return in_host["bucket"] if in_host else path.partition("/")[0]


def _error(option: str, text: str, what: str, name: str = "", key: str = "") -> OperationError:
    known = bool(_NAME.fullmatch(name))
    advice = f"Write {name}." if known else "Write the name of the bucket alone, such as amzn-s3-demo-bucket."
    if known and key:
        advice = f"Write {name} here; {_shown(key)} is the key of an object."
    return invalid_input(f"{option}: {_shown(text)} {what}.", advice)


def _shown(text: str) -> str:
    return repr(text if len(text) <= 100 else f"{text[:100]}…")
