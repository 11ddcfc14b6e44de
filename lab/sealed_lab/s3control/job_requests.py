# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Check the request of a batch job, as CreateJob does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..errors import invalid_request, not_implemented

_EXECUTED = ("S3PutObjectCopy", "S3UpdateObjectEncryption")
_NAMES_A_RESOURCE = ("Arn", "Bucket", "Resource", "KeyId")
_NAME_FILTERS = ("MatchAnyPrefix", "MatchAnySuffix", "MatchAnySubstring")


def check_request(request: dict[str, Any]) -> None:
    """Raise an error for a job that Batch Operations does not create."""
    _check_operation(request["Operation"])
    _check_report(request["Report"])
    if bool(request.get("Manifest")) == bool(request.get("ManifestGenerator")):
        raise invalid_request("Exactly one of Manifest and ManifestGenerator is required.")
    if request.get("Manifest"):
        _check_manifest(request["Manifest"])
    else:
        _check_generator(request["ManifestGenerator"].get("S3JobManifestGenerator"))


def _check_operation(operation: dict[str, Any]) -> None:
    if len(operation) != 1:
        raise invalid_request("Exactly one operation is required.")
    name, parameters = next(iter(operation.items()))
    if name not in _EXECUTED:
        raise not_implemented(f"the batch operation {name}")
    if name == "S3UpdateObjectEncryption":
        if not parameters.get("ObjectEncryption", {}).get("SSEKMS"):
            raise invalid_request("S3UpdateObjectEncryption.ObjectEncryption.SSEKMS is required.")
        return
    if not parameters.get("TargetResource"):
        raise invalid_request("S3PutObjectCopy.TargetResource is required.")
    if parameters.get("AccessControlGrants"):
        raise not_implemented("S3PutObjectCopy.AccessControlGrants")
    if parameters.get("SSEAwsKmsKeyId") and parameters.get("NewObjectMetadata", {}).get("SSEAlgorithm") == "AES256":
        raise invalid_request("SSEAwsKmsKeyId cannot be combined with the SSE algorithm AES256.")


def _check_report(report: dict[str, Any]) -> None:
    if report["Enabled"]:
        for field in ("Bucket", "Format", "ReportScope"):
            if not report.get(field):
                raise invalid_request(f"Report.{field} is required when the report is enabled.")


def _check_manifest(manifest: dict[str, Any]) -> None:
    if manifest["Spec"]["Format"] == "S3BatchOperations_CSV_20180820":
        fields = manifest["Spec"].get("Fields") or []
        if "Bucket" not in fields or "Key" not in fields:
            raise invalid_request("The manifest's fields must name Bucket and Key.")


def _check_generator(generator: dict[str, Any] | None) -> None:
    """Check a manifest generator. These filters are lists of exactly one item.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_JobManifestGeneratorFilter.html
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_KeyNameConstraint.html
    """
    if generator is None:
        raise invalid_request("S3JobManifestGenerator is required.")
    if generator.get("EnableManifestOutput") and not generator.get("ManifestOutputLocation"):
        raise invalid_request("ManifestOutputLocation is required when EnableManifestOutput is true.")
    filters = generator.get("Filter", {})
    names = filters.get("KeyNameConstraint", {})
    lists = {"MatchAnyObjectEncryption": filters.get("MatchAnyObjectEncryption")}
    lists.update({name: names.get(name) for name in _NAME_FILTERS})
    for name, values in lists.items():
        if values is not None and len(values) != 1:
            raise invalid_request(f"{name} must have exactly one item, and it has {len(values)}.")


def check_partition(request: Any, partition: str) -> None:
    """Raise InvalidRequest for an ARN of another partition, in the parameters that name a resource."""
    for arn in _arns(request, ""):
        if arn.split(":")[1] != partition:
            raise invalid_request(f"The ARN {arn} is not of the partition {partition}.")


def _arns(value: Any, name: str) -> Iterator[str]:
    if isinstance(value, dict):
        for member, item in value.items():
            yield from _arns(item, member)
    elif isinstance(value, str) and value.startswith("arn:") and name.endswith(_NAMES_A_RESOURCE):
        yield value
