# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""AWS's host names of the services that the lab plays, in the regions of the commercial partition.

Source: https://docs.aws.amazon.com/general/latest/gr/rande.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

# The name of a service in its host names -> the service of the lab.
_SERVICES = {
    "s3": "s3",
    "s3-control": "s3control",
    "kms": "kms",
    "sts": "sts",
    "iam": "iam",
    "tagging": "resourcegroupstaggingapi",
    "cloudtrail": "cloudtrail",
}
# Services with a host name for all regions.
_GLOBAL = ("s3", "sts", "iam")
_ACCELERATE = "s3-accelerate"
# What a host name can have before the service: a bucket of S3, an account of S3 Control.
_PREFIX = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")


@dataclass(frozen=True, slots=True)
class HostName:
    """A host name of AWS: its service, the name without bucket and account, and the bucket, "" for none."""

    service: str
    endpoint: str
    bucket: str


@lru_cache(maxsize=1)
def _partition() -> dict[str, Any]:
    from botocore.loaders import Loader

    partitions: list[dict[str, Any]] = Loader().load_data("partitions")["partitions"]
    return next(each for each in partitions if each["id"] == "aws")


@lru_cache(maxsize=4096)
def parse_host_name(name: str) -> HostName | None:
    """Return what a host name of AWS is for; None for all other names."""
    outputs = _partition()["outputs"]
    for domain in (outputs["dnsSuffix"], outputs["dualStackDnsSuffix"]):
        head = name.removesuffix(f".{domain}")
        if head != name:
            return _parse_labels(head.split("."), domain)
    return None


def _parse_labels(labels: list[str], domain: str) -> HostName | None:
    """The labels are [prefix,] service [, dualstack] [, region]."""
    rest = list(labels)
    in_region = rest[-1] in _partition()["regions"]
    if in_region:
        rest.pop()
    if len(rest) > 1 and rest[-1] == "dualstack" and rest[-2].startswith("s3"):
        rest.pop()
    if not rest:
        return None
    kind = rest.pop()
    endpoint = ".".join([*labels[len(rest) :], domain])
    name = kind.removesuffix("-fips")
    if name == _ACCELERATE and not in_region:
        name = "s3"
    elif name not in _SERVICES or not (in_region or name in _GLOBAL):
        return None
    if len(rest) > 1 or not all(_PREFIX.fullmatch(each) for each in rest):
        return None
    if rest and name not in ("s3", "s3-control"):
        return None
    return HostName(_SERVICES[name], endpoint, rest[0] if rest and name == "s3" else "")
