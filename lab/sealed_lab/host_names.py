# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""AWS's host names of the services that the lab plays, in all regions of all partitions.

Sources: https://docs.aws.amazon.com/general/latest/gr/rande.html,
https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/using-govcloud-endpoints.html,
https://docs.amazonaws.cn/en_us/aws/latest/userguide/endpoints-Beijing.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from .partitions import FIRST_REGIONS, domain_of, global_region_of, partition_of, partitions

# The name of a service in its regional host names -> the service of the lab.
_SERVICES = {
    "s3": "s3",
    "s3-control": "s3control",
    "kms": "kms",
    "sts": "sts",
    "tagging": "resourcegroupstaggingapi",
    "cloudtrail": "cloudtrail",
    "organizations": "organizations",
}
# Services with a host name only in the region of the global services of a partition.
_IN_GLOBAL_REGIONS = {"organizations"}
# Host names without a region -> service, and the region that requests to them are signed for. In the partitions that
# are not here, the host name of IAM has the region of the global services.
_GLOBAL = {
    "sts.amazonaws.com": ("sts", "us-east-1"),
    "iam.amazonaws.com": ("iam", "us-east-1"),
    "iam-fips.amazonaws.com": ("iam", "us-east-1"),
    "iam.global.api.aws": ("iam", "us-east-1"),
    "iam-fips.global.api.aws": ("iam", "us-east-1"),
    "iam.us-gov.amazonaws.com": ("iam", "us-gov-west-1"),
    "iam.us-gov.api.aws": ("iam", "us-gov-west-1"),
    "iam.cn-north-1.amazonaws.com.cn": ("iam", "cn-north-1"),
    "iam.global.api.amazonwebservices.com.cn": ("iam", "cn-north-1"),
}
_ACCELERATE = "s3-accelerate"
# What a host name can have before the service: a bucket of S3, an account of S3 Control.
_PREFIX = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
# Interface endpoints: the id with a suffix, and with the zone for the names of one zone; the kinds that S3 puts before.
# Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html
_INTERFACE = re.compile(r"(vpce-[0-9a-z]+)(?:-[0-9a-z]+)*")
_S3_INTERFACES = {"bucket": "s3", "control": "s3-control"}


@dataclass(frozen=True, slots=True)
class HostName:
    """A host name of AWS.

    ``endpoint`` is the name without bucket and account. ``bucket`` is "" for none. ``region`` is that for which
    requests are signed, "" for the names that S3 has for all regions of the partition ``aws``. ``interface`` is the
    id of a VPC interface endpoint, "" for the public names.
    """

    service: str
    endpoint: str
    bucket: str = ""
    region: str = ""
    interface: str = ""


@lru_cache(maxsize=4096)
def parse_host_name(name: str) -> HostName | None:
    """Return what a host name of AWS is for; None for all other names."""
    found = _global_names().get(name)
    if found is not None:
        return HostName(found[0], name, region=found[1])
    for domain, regions in _domains().items():
        head = name.removesuffix(f".{domain}")
        if head != name:
            return _parse_labels(head.split("."), domain, regions)
    return None


def parse_plain_host_name(name: str) -> HostName | None:
    """Return what a host name of S3 is for without TLS, where the names of buckets can have dots; None for others."""
    labels = name.split(".")
    for count in range(len(labels)):
        found = parse_host_name(".".join(labels[count:]))
        if found is not None and found.service == "s3" and not found.bucket:
            return replace(found, bucket=".".join(labels[:count]))
    return None


def website_host(bucket: str, region: str) -> str:
    """Return the host name of the website of a bucket: with a dash before the first regions, else with a dot.

    Source: https://docs.aws.amazon.com/general/latest/gr/s3.html#s3_website_region_endpoints
    """
    separator = "-" if region in FIRST_REGIONS else "."
    return f"{bucket}.s3-website{separator}{region}.{domain_of(region)}"


@lru_cache(maxsize=1024)
def parse_website_host(name: str) -> HostName | None:
    """Return the bucket and the region of the host name of a website, None for all other names."""
    bucket, _, rest = name.partition(".s3-website")
    for domain, regions in _domains().items():
        region = rest[1:].removesuffix(f".{domain}")
        if bucket and region in regions and website_host(bucket, region) == name:
            return HostName("s3", name.removeprefix(f"{bucket}."), bucket, region)
    return None


@lru_cache(maxsize=1)
def _global_names() -> dict[str, tuple[str, str]]:
    """The host names of global services, with the service and the region that requests are signed for."""
    listed = {partition_of(region) for _, region in _GLOBAL.values()}
    others = [each for each in partitions() if each.name not in listed]
    return {**_GLOBAL, **{f"iam.{each.global_region}.{each.domain}": ("iam", each.global_region) for each in others}}


@lru_cache(maxsize=1)
def _domains() -> dict[str, frozenset[str]]:
    """The domains of AWS, with their regions. Partitions can share a domain. The longest domains come first."""
    found: dict[str, frozenset[str]] = {}
    for each in partitions():
        for domain in (each.domain, each.dual_stack_domain, f"vpce.{each.domain}"):
            found[domain] = found.get(domain, frozenset()) | each.regions
    return dict(sorted(found.items(), key=lambda item: -len(item[0])))


def _parse_labels(labels: list[str], domain: str, regions: frozenset[str]) -> HostName | None:
    """The labels are [prefix,] [interface,] service [, dualstack] [, region]."""
    rest = list(labels)
    region = rest.pop() if rest[-1] in regions else ""
    if len(rest) > 1 and rest[-1] == "dualstack" and rest[-2].startswith("s3"):
        rest.pop()
    if not rest:
        return None
    label = rest.pop()
    name = _accepted_service(label, region, domain)
    interface = ""
    if domain.startswith("vpce."):
        name, interface = _interface_service(name, rest)
    if name is None:
        return None
    if len(rest) > 1 or not all(_PREFIX.fullmatch(each) for each in rest):
        return None
    if rest and name not in ("s3", "s3-control"):
        return None
    endpoint = ".".join([*labels[len(rest) :], domain])
    return HostName(_SERVICES[name], endpoint, rest[0] if rest and name == "s3" else "", region, interface)


def _accepted_service(label: str, region: str, domain: str) -> str | None:
    """Return the service of a label, None if it has no such host name in the region ("" for none)."""
    name = label.removesuffix("-fips")
    if not region:
        return "s3" if domain == "amazonaws.com" and name in ("s3", _ACCELERATE) else None
    if name not in _SERVICES or (name in _IN_GLOBAL_REGIONS and region != global_region_of(region)):
        return None
    # The regions of China have no FIPS endpoints: https://aws.amazon.com/compliance/fips/
    return None if name != label and partition_of(region) == "aws-cn" else name


def _interface_service(name: str | None, rest: list[str]) -> tuple[str | None, str]:
    """Return the service of an interface endpoint and its id. Their labels are removed from ``rest``.

    A bucket or an account before them stays.
    """
    found = _INTERFACE.fullmatch(rest.pop()) if name is not None and rest else None
    if found is None:
        return None, ""
    if name in ("s3", "s3-control"):
        name = _S3_INTERFACES.get(rest.pop()) if name == "s3" and rest else None
    return name, found[1]
