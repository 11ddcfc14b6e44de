# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Identify the service and the operation of an HTTP request, and parse its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .errors import not_implemented
from .partitions import partition_of
from .protocol import json_rpc, query
from .protocol.control_routing import ControlRouter
from .protocol.models import Operation, service_model
from .protocol.routing import s3_router, split_path
from .protocol.wire import WireRequest

_TARGETS = {
    "TrentService": "kms",
    "ResourceGroupsTaggingAPI_20170126": "resourcegroupstaggingapi",
    "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101": "cloudtrail",
    "AWSOrganizationsV20161128": "organizations",
}
# The parameters that name the resource of a call, in order of preference. S3 has its own rule.
_RESOURCE_PARAMETERS = (
    "KeyId", "AliasName", "DestinationKeyId", "JobId", "RoleArn", "UserName", "RoleName", "PolicyArn",
    "CustomKeyStoreId", "ResourceArn", "AccountId", "ResourceId", "ParentId", "ChildId",
)  # fmt: skip


def identify_service(request: WireRequest) -> str:
    """Return the service that a request addresses. S3 is the default."""
    if request.service:
        return request.service
    target = request.header("x-amz-target")
    if target:
        return _TARGETS.get(target.rpartition(".")[0], "kms")
    if request.raw_path.startswith("/v20180820/") and "x-amz-account-id" in request.headers:
        return "s3control"
    if request.header("content-type").startswith("application/x-www-form-urlencoded") and request.method == "POST":
        scope = request.header("authorization").partition("Credential=")[2].split(",")[0].split("/")
        if len(scope) >= 5 and scope[3] in ("sts", "iam"):
            return scope[3]
    return "s3"


class RestParser:
    """Parses requests of S3 and S3 Control: everything but the body."""

    def __init__(self) -> None:
        self._s3 = s3_router()
        self._control: ControlRouter | None = None

    def find(self, service: str, request: WireRequest) -> tuple[Operation, dict[str, str]]:
        """Return the operation and the parameters in its path; raise ``ServiceError`` if there is none."""
        pairs = request.query_pairs()
        if service == "s3control":
            if self._control is None:
                self._control = ControlRouter(service_model("s3control"))
            operation, labels = self._control.find(request.method, request.raw_path, pairs)
            return operation, {operation.labels[name]: value for name, value in labels.items()}
        target = split_path(request.raw_path)
        operation = self._s3.find(request.method, target, pairs, request.headers)
        found = {}
        if "Bucket" in operation.labels:
            found["Bucket"] = target.bucket
        if "Key" in operation.labels and target.key:
            found["Key"] = target.key
        return operation, found


def parse_rpc(service: str, request: WireRequest, document: bytes) -> tuple[Operation, dict[str, Any]]:
    """Return the operation and the parameters of a request to a service with the query or the JSON protocol."""
    operations = service_model(service).operations
    if service in ("sts", "iam"):
        fields = query.form_fields(document)
        operation = operations.get(fields.get("Action", ""))
        if operation is None:
            raise not_implemented(f"the action {fields.get('Action', '')!r} of {service}")
        return operation, query.parse_request(operation, fields)
    target = request.header("x-amz-target")
    prefix, _, name = target.rpartition(".")
    operation = operations.get(name)
    if operation is None or prefix not in _TARGETS:
        raise not_implemented(f"the target {target!r}")
    return operation, json_rpc.parse_request(operation, document)


def resource_of(service: str, params: Mapping[str, Any], region: str) -> str:
    """Return the resource of a call for the call log and for fault rules.

    It is an ARN for S3, and what the caller wrote for the other services.
    """
    if service == "s3":
        bucket = params.get("Bucket", "")
        key = params.get("Key")
        if not bucket:
            return "*"
        arn = f"arn:{partition_of(region)}:s3:::{bucket}"
        return f"{arn}/{key}" if key else arn
    for name in _RESOURCE_PARAMETERS:
        if params.get(name):
            return str(params[name])
    return "*"
