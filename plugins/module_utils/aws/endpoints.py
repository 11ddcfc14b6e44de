# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Which endpoints are AWS's own, by the SDK's endpoint rules and its data of partitions.

A domain proves nothing. Users run their own servers in AWS's domains too: load balancers, instances, APIs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any
from urllib.parse import urlsplit

try:
    from botocore.endpoint_provider import EndpointProvider
    from botocore.exceptions import EndpointProviderError
except ImportError:  # the frontend reports a missing SDK before anything here is called
    pass

# The variants of an endpoint, as parameters of the SDK's rules. The rules of a service have some of them.
_VARIANTS = ("UseGlobalEndpoint", "UseFIPS", "UseDualStack", "Accelerate")

# What the host name of an interface endpoint of S3 begins with; the name in the console begins with the id.
# Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html
_S3_INTERFACES = ("bucket", "accesspoint", "control", "")
_INTERFACE_ID = re.compile(r"vpce-[0-9a-z-]+")


def is_aws_endpoint(session: Any, client: Any) -> bool:
    """Whether the endpoint of a client is AWS's own: https on its port, and a host name of the client's service.

    It is a host name that the SDK's rules give for the service in a region, or that of an interface endpoint. A region
    is one that the SDK's data has, or that of the client if its name has the form of a region: AWS may have regions
    that are newer than the SDK. `session` is a session of botocore.
    """
    host = _https_host(client.meta.endpoint_url)
    if not host:
        return False
    # A client for S3 with FIPS in us-east-1 has this pseudo-region in its endpoint. Its requests have the region.
    host = host.replace(".aws-global.", f".{client.meta.region_name}.")
    service, loader = client.meta.service_model, session.get_component("data_loader")
    partitions = loader.load_data("partitions")
    regions = dict(_regions(partitions["partitions"], host, client.meta.region_name))
    if any(_is_interface(service.endpoint_prefix, host, region, suffix) for region, suffix in regions.items()):
        return True
    if not regions:
        return False
    rules = EndpointProvider(loader.load_service_model(service.service_name, "endpoint-rule-set-1"), partitions)
    return any(host == given for region in regions for given in _hosts(rules, host, region))


def _https_host(url: str) -> str | None:
    """The host of a URL with TLS and its own port, in lower case."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        return None
    return parts.hostname if parts.scheme == "https" and port in (None, 443) else None


def _regions(partitions: list[dict[str, Any]], host: str, own: str) -> Iterator[tuple[str, str]]:
    """The regions that a host name can be for, with the domain of their partition.

    Host names without a region are those of a whole partition or of all its regions, as `s3.amazonaws.com`. The SDK has
    pseudo-regions for these, as `aws-global`.
    """
    labels = host.split(".")
    for partition in partitions:
        domain, other = partition["outputs"]["dnsSuffix"], partition["outputs"]["dualStackDnsSuffix"]
        if not host.endswith((f".{domain}", f".{other}")):
            continue
        known = {*partition["regions"], *([own] if re.match(partition["regionRegex"], own) else [])}
        named = [region for region in labels if region in known]
        general = [region for region in sorted(known) if region == own or region.endswith("-global")]
        for region in named or general:
            yield region, domain


def _hosts(rules: EndpointProvider, host: str, region: str) -> Iterator[str]:
    """The host names of a service in a region, with all variants, as the SDK's rules give them.

    Bucket and account can be part of a host name, so the first label of the name in question stands for these. Some
    endpoints, such as that of transfer acceleration, are given only with a bucket.
    """
    parameters = rules.ruleset.parameters
    label = host.partition(".")[0]
    names: list[dict[str, Any]] = [{}]
    if "AccountId" in parameters:
        names.append({"AccountId": label, "RequiresAccountId": True})
    elif "Bucket" in parameters:
        names.append({"Bucket": label})
    variants = [each for each in _VARIANTS if each in parameters]
    for count in range(len(variants) + 1):
        for chosen in combinations(variants, count):
            for name in names:
                for given in _host(rules, {"Region": region, **{each: each in chosen for each in variants}, **name}):
                    yield given
                    yield given.removeprefix(f"{label}.")


def _host(rules: EndpointProvider, parameters: Mapping[str, Any]) -> Iterator[str]:
    """The host name that the rules give, none for parameters that exclude each other."""
    try:
        url = rules.resolve_endpoint(**parameters).url
    except EndpointProviderError:
        return
    yield urlsplit(url).hostname or ""


def _is_interface(prefix: str, host: str, region: str, domain: str) -> bool:
    """Whether a host name is that of a VPC interface endpoint of the service, for a region or one of its zones.

    The endpoints of services that users publish have an id in place of the service's name.
    Source: https://docs.aws.amazon.com/kms/latest/developerguide/kms-vpc-endpoint.html
    """
    service = "s3" if prefix.startswith("s3") else prefix
    for name in (service, f"{service}-fips"):
        head = host.removesuffix(f".{name}.{region}.vpce.{domain}")
        if head != host:
            kind, _dot, interface = head.rpartition(".")
            kinds = _S3_INTERFACES if service == "s3" else ("",)
            return kind in kinds and bool(_INTERFACE_ID.fullmatch(interface))
    return False
