# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Access points as resources: create, read, list, delete. Requests through access points are not supported."""

from __future__ import annotations

import re
import secrets
import string
from typing import Any

from ..call import Call, Handler, Output
from ..errors import ServiceError, invalid_request
from ..page_tokens import decode_token, encode_token
from ..partitions import domain_of
from ..s3.public_access import SETTINGS
from .account_settings import require_own_account
from .state import AccessPoint

_URI = re.compile(r"[a-z0-9.-]{3,50}")
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_RESERVED = re.compile(r"xn--.*|.*-s3alias")
_ENDPOINTS = {
    "ipv4": "s3-accesspoint",
    "fips": "s3-accesspoint-fips",
    "fips_dualstack": "s3-accesspoint-fips.dualstack",
    "dualstack": "s3-accesspoint.dualstack",
}


def _check_name(name: str) -> None:
    """Check a name. Recorded from AWS: localstack, test_access_point_name_validation, 2024-05-30."""
    if not _URI.fullmatch(name):
        raise ServiceError(
            "InvalidURI", "Couldn't parse the specified URI.", 400, fields={"URI": f"accesspoint/{name}"}
        )
    if not _NAME.fullmatch(name) or _RESERVED.fullmatch(name):
        raise invalid_request("Your Amazon S3 AccessPoint name is invalid")


def _arn(call: Call, name: str) -> str:
    return f"arn:{call.partition}:s3:{call.region}:{call.account}:accesspoint/{name}"


def _find(call: Call, action: str) -> AccessPoint:
    """Return the access point that the request names, if the caller may do ``s3:action`` on it."""
    arn = _arn(call, call["Name"])
    require_own_account(call, action, arn)
    found = call.lab.state.control.access_points.get(arn)
    if found is None:
        raise ServiceError(
            "NoSuchAccessPoint", "The specified accesspoint does not exist", 404,
            fields={"AccessPointName": call["Name"]},
        )  # fmt: skip
    return found


def create_access_point(call: Call) -> Output:
    """Create an access point for a bucket. Without a configuration it blocks public access."""
    name = call["Name"]
    arn = _arn(call, name)
    require_own_account(call, "CreateAccessPoint", arn)
    _check_name(name)
    bucket = call.lab.state.s3.bucket(call.partition, call["Bucket"])
    owner = call.get("BucketAccountId", call.account)
    if bucket is None or bucket.account != owner or bucket.region != call.region:
        raise invalid_request("Amazon S3 AccessPoint can only be created for existing bucket")
    points = call.lab.state.control.access_points
    if arn in points:
        raise ServiceError(
            "AccessPointAlreadyOwnedByYou",
            "Your previous request to create the named accesspoint succeeded and you already own it.",
            409,
        )
    requested = call.get("PublicAccessBlockConfiguration")
    block = {each: requested is None or bool(requested.get(each, False)) for each in SETTINGS}
    random = "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(34))
    points[arn] = AccessPoint(
        name, arn, bucket.arn, bucket.account, call.now(), f"{name[:20].rstrip('-')}-{random}-s3alias", block,
        call.get("VpcConfiguration", {}).get("VpcId", ""),
        {tag["Key"]: tag["Value"] for tag in call.get("Tags", ())},
    )  # fmt: skip
    return {"AccessPointArn": arn, "Alias": points[arn].alias}


def _fields(point: AccessPoint) -> dict[str, Any]:
    """Return what the list and the description have in common."""
    vpc = {"VpcConfiguration": {"VpcId": point.vpc}} if point.vpc else {}
    return {
        "Name": point.name,
        "NetworkOrigin": "VPC" if point.vpc else "Internet",
        **vpc,
        "Bucket": point.bucket_arn.rpartition(":")[2],
        "AccessPointArn": point.arn,
        "Alias": point.alias,
        "BucketAccountId": point.bucket_account,
    }


def get_access_point(call: Call) -> Output:
    """Return an access point with its endpoints."""
    point = _find(call, "GetAccessPoint")
    endpoints = {name: f"{host}.{call.region}.{domain_of(call.region)}" for name, host in _ENDPOINTS.items()}
    return {
        **_fields(point),
        "PublicAccessBlockConfiguration": point.block,
        "CreationDate": point.created,
        "Endpoints": endpoints,
    }


def list_access_points(call: Call) -> Output:
    """List the access points of the region by name, in pages, of one bucket if requested."""
    require_own_account(call, "ListAccessPoints")
    start = _last_of_previous_page(call.get("NextToken"))
    prefix, bucket = _arn(call, ""), call.get("Bucket")
    points = [
        point
        for arn, point in sorted(call.lab.state.control.access_points.items())
        if arn.startswith(prefix) and point.name > start and point.bucket_arn.endswith(f":{bucket}" if bucket else "")
    ]
    page = points[: call.get("MaxResults", 1000)]
    output: Output = {"AccessPointList": [_fields(point) for point in page]}
    if page and len(page) < len(points):
        output["NextToken"] = encode_token(page[-1].name)
    return output


def _last_of_previous_page(token: str | None) -> str:
    if not token:
        return ""
    try:
        return decode_token(token)
    except ValueError as exc:
        raise invalid_request("The provided NextToken is not valid") from exc


def delete_access_point(call: Call) -> Output:
    """Delete an access point."""
    del call.lab.state.control.access_points[_find(call, "DeleteAccessPoint").arn]
    call.status = 204
    return {}


OPERATIONS: dict[str, Handler] = {
    "CreateAccessPoint": create_access_point,
    "GetAccessPoint": get_access_point,
    "ListAccessPoints": list_access_points,
    "DeleteAccessPoint": delete_access_point,
}
