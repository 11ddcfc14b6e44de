# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The endpoint of S3 Control, beside that of S3.

The SDK's rules make the account id a part of every host name, such as `123456789012.localhost`, and no setting of the
SDK prevents that. The account id is in a header, too, and an endpoint that is not AWS's own has one host name.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from .endpoints import is_aws_endpoint

# What the host names of the interface endpoints for S3 begin with, and the one for S3 Control.
# Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html
_S3_INTERFACES = ("bucket.vpce-", "accesspoint.vpce-")
_CONTROL_INTERFACE = "control.vpce-"


def control_endpoint(session: Any, endpoint: str | None, region: str) -> str | None:
    """The endpoint of S3 Control for the endpoint of a task; None for that of AWS in the region.

    An endpoint of S3 at AWS does not serve S3 Control. A custom endpoint serves both.
    """
    if endpoint is None:
        return None
    host = urlsplit(endpoint).netloc
    for interface in _S3_INTERFACES:
        if host.startswith(interface):
            return endpoint.replace(interface, _CONTROL_INTERFACE, 1)
    if host.startswith(_CONTROL_INTERFACE):
        return endpoint
    meta = SimpleNamespace(endpoint_url=endpoint, region_name=region, service_model=session.get_service_model("s3"))
    return None if is_aws_endpoint(session, SimpleNamespace(meta=meta)) else endpoint


def keep_host_of_endpoint(client: Any) -> None:
    """Send the requests of a client for S3 Control to the host of its endpoint, and sign them for that host."""
    endpoint = urlsplit(client.meta.endpoint_url)

    def use_host(request: Any, **_event: Any) -> None:
        request.url = urlsplit(request.url)._replace(scheme=endpoint.scheme, netloc=endpoint.netloc).geturl()

    client.meta.events.register("before-sign.s3-control", use_host)
