# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The replication status of new objects. The lab replicates nothing: a status remains PENDING.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-status.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .state import Bucket, ObjectVersion


def replication_status(bucket: Bucket, version: ObjectVersion) -> str:
    """Return the status of a new version: ``PENDING`` if a rule would replicate it, else ""."""
    rules = bucket.documents.get("replication", {}).get("Rules", ())
    return "PENDING" if any(_applies(rule, version) for rule in rules) else ""


def _applies(rule: Mapping[str, Any], version: ObjectVersion) -> bool:
    """Return whether a rule replicates an object. One under a KMS key needs a rule that selects such objects."""
    condition = rule.get("Filter", {})
    every = condition.get("And", {})
    tags = [*([condition["Tag"]] if "Tag" in condition else []), *every.get("Tags", ())]
    prefix = rule.get("Prefix", condition.get("Prefix", every.get("Prefix", "")))
    own_tags = dict(version.tags)
    selected = rule.get("SourceSelectionCriteria", {}).get("SseKmsEncryptedObjects", {}).get("Status") == "Enabled"
    return (
        rule["Status"] == "Enabled"
        and version.key.startswith(prefix)
        and all(own_tags.get(tag["Key"]) == tag["Value"] for tag in tags)
        and version.scheme is not None
        and (selected or not version.scheme.key_arn)
    )
