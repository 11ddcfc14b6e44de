# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""AWS's partitions: their regions and domains, from botocore's data.

Accounts, credentials, ARNs and bucket names of one partition mean nothing in another one.

https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

DEFAULT_PARTITION = "aws"
# The regions that are older than 2014: S3 accepts Signature Version 2 there, and their websites have another name.
# Sources: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html,
# https://docs.aws.amazon.com/general/latest/gr/s3.html#s3_website_region_endpoints
FIRST_REGIONS = frozenset(
    {
        *("us-east-1", "us-west-1", "us-west-2", "us-gov-west-1", "eu-west-1", "sa-east-1"),
        *("ap-northeast-1", "ap-southeast-1", "ap-southeast-2"),
    }
)
# The regions of ``aws`` that every account has: those launched before March 20, 2019. Each later one has to be enabled,
# and can be disabled again. Source: https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
DEFAULT_REGIONS = FIRST_REGIONS - {"us-gov-west-1"} | frozenset(
    {
        *("us-east-2", "ca-central-1", "eu-central-1", "eu-west-2", "eu-west-3", "eu-north-1"),
        *("ap-south-1", "ap-northeast-2", "ap-northeast-3"),
    }
)


@dataclass(frozen=True, slots=True)
class Partition:
    """One partition.

    ``global_region`` is the region of most of its global services. ``pattern`` is the form of its region names, for
    regions that are newer than botocore.
    """

    name: str
    domain: str
    dual_stack_domain: str
    global_region: str
    regions: frozenset[str]
    pattern: re.Pattern[str]


@lru_cache(maxsize=1)
def partitions() -> tuple[Partition, ...]:
    """Return all partitions."""
    from botocore.loaders import Loader

    return tuple(
        Partition(
            each["id"],
            each["outputs"]["dnsSuffix"],
            each["outputs"]["dualStackDnsSuffix"],
            each["outputs"]["implicitGlobalRegion"],
            frozenset(each["regions"]),
            re.compile(each["regionRegex"]),
        )
        for each in Loader().load_data("partitions")["partitions"]
    )


@lru_cache(maxsize=1024)
def _find(region: str) -> Partition:
    """Return the partition of a region. An unknown region is in the partition ``aws``."""
    known = [each for each in partitions() if region in each.regions]
    by_form = [each for each in partitions() if each.pattern.search(region)]
    return (known or by_form or [each for each in partitions() if each.name == DEFAULT_PARTITION])[0]


def partition_of(region: str) -> str:
    """Return the name of the partition of a region, such as ``aws-cn``."""
    return _find(region).name


def domain_of(region: str) -> str:
    """Return the domain of AWS's host names in a region, such as ``amazonaws.com.cn``."""
    return _find(region).domain


def global_region_of(region: str) -> str:
    """Return the region of most global services in the partition of a region, such as ``cn-northwest-1``."""
    return _find(region).global_region


def is_opt_in(region: str) -> bool:
    """Return whether accounts have to enable a region. The other partitions have no such regions."""
    return region not in DEFAULT_REGIONS and partition_of(region) == DEFAULT_PARTITION


def is_partition(name: str) -> bool:
    """Return whether AWS has a partition of this name."""
    return any(each.name == name for each in partitions())
