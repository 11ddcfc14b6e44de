# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Configurations that are one document: put, get and delete, in one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ...call import Call, Handler, Output
from ...errors import ServiceError, invalid_request
from ...protocol.models import service_model
from ...protocol.xml_shapes import malformed_xml
from ..access import get_authorized_bucket
from ..public_access import complete_block
from ..state import Bucket
from .access_logs import check_logging
from .cors import check_cors
from .lifecycle import check_lifecycle, check_minimum_size
from .notifications import check_notifications
from .replication import check_replication
from .website import check_website

_MINIMUM = "TransitionDefaultMinimumObjectSize"


def _store(_call: Call, _bucket: Bucket, document: Any) -> Any:
    return document


@dataclass(frozen=True, slots=True)
class Configuration:
    """A subresource that contains one document. ``check`` returns the document that S3 stores."""

    name: str
    put: str
    get: str
    delete: str
    member: str
    put_action: str
    get_action: str
    missing: tuple[str, str] | None
    default: Any = None
    check: Callable[[Call, Bucket, Any], Any] = _store


def _lifecycle(call: Call, bucket: Bucket, document: Any) -> Any:
    minimum = check_minimum_size(call.get(_MINIMUM))
    checked = check_lifecycle(document)
    bucket.documents["lifecycle-minimum"] = minimum
    return checked


def _public_access(_call: Call, _bucket: Bucket, document: Any) -> Any:
    return complete_block(document)


def _cors(_call: Call, _bucket: Bucket, document: Any) -> Any:
    return check_cors(document)


def _website(_call: Call, _bucket: Bucket, document: Any) -> Any:
    return check_website(document)


def _logging(call: Call, bucket: Bucket, document: Any) -> Any:
    return check_logging(bucket, call.lab.state.s3, document)


def _replication(call: Call, bucket: Bucket, document: Any) -> Any:
    return check_replication(bucket, call.lab.state.s3, document)


def _notifications(call: Call, _bucket: Bucket, document: Any) -> Any:
    events = service_model("s3").model.shape_for("Event").enum
    return check_notifications(document, events, skip_destinations=bool(call.get("SkipDestinationValidation")))


def _acceleration(_call: Call, bucket: Bucket, document: Any) -> Any:
    """Check the name first: S3 reports it even if the status is not valid either."""
    if "." in bucket.name:
        raise invalid_request("S3 Transfer Acceleration is not supported for buckets with periods (.) in their names")
    if document.get("Status") not in ("Enabled", "Suspended"):
        raise malformed_xml()
    return document


_TABLE = [
    Configuration(
        "publicAccessBlock", "PutPublicAccessBlock", "GetPublicAccessBlock", "DeletePublicAccessBlock",
        "PublicAccessBlockConfiguration", "PutBucketPublicAccessBlock", "GetBucketPublicAccessBlock",
        ("NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found"),
        check=_public_access,
    ),
    Configuration(
        "ownershipControls", "PutBucketOwnershipControls", "GetBucketOwnershipControls",
        "DeleteBucketOwnershipControls", "OwnershipControls", "PutBucketOwnershipControls",
        "GetBucketOwnershipControls",
        ("OwnershipControlsNotFoundError", "The bucket ownership controls were not found"),
    ),
    Configuration(
        "cors", "PutBucketCors", "GetBucketCors", "DeleteBucketCors", "CORSConfiguration", "PutBucketCORS",
        "GetBucketCORS", ("NoSuchCORSConfiguration", "The CORS configuration does not exist"), check=_cors,
    ),
    Configuration(
        "lifecycle", "PutBucketLifecycleConfiguration", "GetBucketLifecycleConfiguration", "DeleteBucketLifecycle",
        "LifecycleConfiguration", "PutLifecycleConfiguration", "GetLifecycleConfiguration",
        ("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"), check=_lifecycle,
    ),
    Configuration(
        "replication", "PutBucketReplication", "GetBucketReplication", "DeleteBucketReplication",
        "ReplicationConfiguration", "PutReplicationConfiguration", "GetReplicationConfiguration",
        ("ReplicationConfigurationNotFoundError", "The replication configuration was not found"), check=_replication,
    ),
    Configuration(
        "website", "PutBucketWebsite", "GetBucketWebsite", "DeleteBucketWebsite", "WebsiteConfiguration",
        "PutBucketWebsite", "GetBucketWebsite",
        ("NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration"), check=_website,
    ),
    Configuration(
        "logging", "PutBucketLogging", "GetBucketLogging", "", "BucketLoggingStatus", "PutBucketLogging",
        "GetBucketLogging", None, {}, _logging,
    ),
    Configuration(
        "requestPayment", "PutBucketRequestPayment", "GetBucketRequestPayment", "", "RequestPaymentConfiguration",
        "PutBucketRequestPayment", "GetBucketRequestPayment", None, {"Payer": "BucketOwner"},
    ),
    Configuration(
        "accelerate", "PutBucketAccelerateConfiguration", "GetBucketAccelerateConfiguration", "",
        "AccelerateConfiguration", "PutAccelerateConfiguration", "GetAccelerateConfiguration", None, {}, _acceleration,
    ),
    Configuration(
        "notification", "PutBucketNotificationConfiguration", "GetBucketNotificationConfiguration", "",
        "NotificationConfiguration", "PutBucketNotification", "GetBucketNotification", None, {}, _notifications,
    ),
]  # fmt: skip


def _put(configuration: Configuration) -> Handler:
    def put(call: Call) -> Output:
        bucket = get_authorized_bucket(call, configuration.put_action)
        document = configuration.check(call, bucket, call[configuration.member])
        bucket.documents[configuration.name] = document
        if configuration.name == "lifecycle":
            return {_MINIMUM: bucket.documents["lifecycle-minimum"]}
        return {}

    return put


def _get(configuration: Configuration) -> Handler:
    def get(call: Call) -> Output:
        bucket = get_authorized_bucket(call, configuration.get_action)
        document = bucket.documents.get(configuration.name)
        if document is None:
            if configuration.missing is not None:
                raise ServiceError(*configuration.missing, 404, fields={"BucketName": bucket.name})
            document = configuration.default
        if configuration.name == "lifecycle":
            document = {**document, _MINIMUM: bucket.documents["lifecycle-minimum"]}
        shape = call.operation.model.output_shape
        if configuration.member in shape.members:
            return {configuration.member: document}
        return dict(document)

    return get


def _delete(configuration: Configuration) -> Handler:
    def delete(call: Call) -> Output:
        bucket = get_authorized_bucket(call, configuration.put_action)
        bucket.documents.pop(configuration.name, None)
        return {}

    return delete


OPERATIONS: dict[str, Handler] = {}
for _configuration in _TABLE:
    OPERATIONS[_configuration.put] = _put(_configuration)
    OPERATIONS[_configuration.get] = _get(_configuration)
    if _configuration.delete:
        OPERATIONS[_configuration.delete] = _delete(_configuration)
