# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The rules of a replication configuration. The lab replicates nothing.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-requirements.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import ServiceError, invalid_request
from ...partitions import partition_of
from ...protocol.xml_shapes import malformed_xml
from ..state import Bucket, S3State
from .lifecycle import generate_id


def check_replication(bucket: Bucket, state: S3State, configuration: Mapping[str, Any]) -> dict[str, Any]:
    """Return the configuration with an id for each rule. Both buckets of a rule must have versioning enabled."""
    rules = configuration["Rules"]
    if not rules:
        raise malformed_xml()
    if bucket.versioning != "Enabled":
        raise invalid_request("Versioning must be 'Enabled' on the bucket to apply a replication configuration")
    for rule in rules:
        _check_rule(rule)
        _check_encryption(rule)
        destination = state.bucket(partition_of(bucket.region), rule["Destination"]["Bucket"].rpartition(":")[2])
        if destination is None or destination.versioning != "Enabled":
            raise invalid_request("Destination bucket must have versioning enabled.")
    return {**configuration, "Rules": [rule if rule.get("ID") else {**rule, "ID": generate_id()} for rule in rules]}


def _check_rule(rule: Mapping[str, Any]) -> None:
    """A rule with a filter has the second version of the schema, which requires a priority and what is to be deleted.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html
    """
    if "Filter" in rule:
        if "Prefix" in rule or len(rule["Filter"]) > 1:
            raise malformed_xml()
        for name in ("Priority", "DeleteMarkerReplication"):
            if name not in rule:
                raise _schema_error(f"{name} must be specified for")
    elif "DeleteMarkerReplication" in rule:
        raise _schema_error("DeleteMarkerReplication cannot be used for")


def _check_encryption(rule: Mapping[str, Any]) -> None:
    """A rule that selects objects under KMS keys names the key of the replicas, and no other rule does.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Destination.html
    """
    selected = rule.get("SourceSelectionCriteria", {}).get("SseKmsEncryptedObjects")
    encryption = rule["Destination"].get("EncryptionConfiguration")
    if encryption is not None and selected is None:
        raise invalid_request("SseKmsEncryptedObjects must be specified if EncryptionConfiguration is present.")
    if encryption is None and selected is not None and selected["Status"] == "Enabled":
        raise invalid_request("EncryptionConfiguration must be specified if SseKmsEncryptedObjects is enabled.")


def _schema_error(problem: str) -> ServiceError:
    return invalid_request(
        f"{problem} this version of Cross Region Replication configuration schema. Please refer to S3 Developer Guide "
        "for more information."
    )
