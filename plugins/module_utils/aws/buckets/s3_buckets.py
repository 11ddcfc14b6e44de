# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The buckets of S3: default encryption, ownership and Object Lock, one method for each API call."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ...model.buckets.bucket_default import BucketDefault
from ...model.errors import Failure, FailureKind, OperationError
from ...model.kinds.registry import NOTHING_BLOCKED, find_kind, find_kind_by_wire
from ..errors import translate_errors
from ..session import Clients

# The fields of a rule that the model has. Other fields are written back as they were read.
_KNOWN_RULE_FIELDS = {"ApplyServerSideEncryptionByDefault", "BucketKeyEnabled", "BlockedEncryptionTypes"}


class S3Buckets:
    """The buckets that a session can reach. The SDK's redirects find the region of a bucket."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    @property
    def custom_endpoint(self) -> bool:
        """Whether the endpoint is not AWS's own."""
        return self._clients.custom_endpoint("s3")

    def get_bucket_encryption(
        self, bucket: str, expected_bucket_owner: str | None = None, region: str | None = None
    ) -> tuple[BucketDefault, str]:
        """GetBucketEncryption. A store without default encryption returns an error; that is a rule with None."""
        with translate_errors("s3", "GetBucketEncryption", bucket):
            client = self._clients.get("s3", region)
            try:
                response = client.get_bucket_encryption(Bucket=bucket, **expand_owner(expected_bucket_owner))
            except client.exceptions.ClientError as error:
                if error.response["Error"].get("Code") != "ServerSideEncryptionConfigurationNotFoundError":
                    raise
                return BucketDefault(None), signed_region(error.response)
        return flatten_rule(response["ServerSideEncryptionConfiguration"], bucket), signed_region(response)

    def put_bucket_encryption(self, bucket: str, rule: BucketDefault, region: str) -> None:
        """PutBucketEncryption."""
        with translate_errors("s3", "PutBucketEncryption", bucket):
            self._clients.get("s3", region).put_bucket_encryption(
                Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [expand_rule(rule)]}
            )

    def delete_bucket_encryption(self, bucket: str, region: str) -> None:
        """DeleteBucketEncryption."""
        with translate_errors("s3", "DeleteBucketEncryption", bucket):
            self._clients.get("s3", region).delete_bucket_encryption(Bucket=bucket)

    def acls_are_disabled(self, bucket: str, expected_bucket_owner: str | None) -> bool:
        """GetBucketOwnershipControls. Older buckets have no controls, and use ACLs."""
        try:
            with translate_errors("s3", "GetBucketOwnershipControls", bucket):
                response = self._clients.get("s3").get_bucket_ownership_controls(
                    Bucket=bucket, **expand_owner(expected_bucket_owner)
                )
        except OperationError as error:
            if error.failure.code != "OwnershipControlsNotFoundError":
                raise
            return False
        rules = response["OwnershipControls"]["Rules"]
        return any(rule.get("ObjectOwnership") == "BucketOwnerEnforced" for rule in rules)

    def default_retention(self, bucket: str, expected_bucket_owner: str | None) -> str | None:
        """GetObjectLockConfiguration: the default retention in words, empty without one; None: no Object Lock."""
        try:
            with translate_errors("s3", "GetObjectLockConfiguration", bucket):
                client = self._clients.get("s3")
                try:
                    response = client.get_object_lock_configuration(
                        Bucket=bucket, **expand_owner(expected_bucket_owner)
                    )
                except client.exceptions.ClientError as error:
                    self._clients.bucket_regions[bucket] = signed_region(error.response)
                    raise
            self._clients.bucket_regions[bucket] = signed_region(response)
        except OperationError as error:
            if error.failure.code != "ObjectLockConfigurationNotFoundError":
                raise
            return None
        return flatten_retention(response)

    def keeps_versions(self, bucket: str, expected_bucket_owner: str | None) -> bool:
        """GetBucketVersioning. A bucket that never had versioning has no status."""
        with translate_errors("s3", "GetBucketVersioning", bucket):
            response = self._clients.get("s3").get_bucket_versioning(
                Bucket=bucket, **expand_owner(expected_bucket_owner)
            )
        return bool(response.get("Status") == "Enabled")

    def replicates(self, bucket: str, expected_bucket_owner: str | None) -> bool:
        """GetBucketReplication. A bucket without rules has no configuration, which S3 reports as an error."""
        try:
            with translate_errors("s3", "GetBucketReplication", bucket):
                response = self._clients.get("s3").get_bucket_replication(
                    Bucket=bucket, **expand_owner(expected_bucket_owner)
                )
        except OperationError as error:
            if error.failure.code != "ReplicationConfigurationNotFoundError":
                raise
            return False
        rules = response.get("ReplicationConfiguration", {}).get("Rules", ())
        return any(rule.get("Status") == "Enabled" for rule in rules)


def flatten_rule(configuration: Mapping[str, Any], bucket: str) -> BucketDefault:
    """The rule in a response of GetBucketEncryption; raises OperationError if there are several."""
    rules = configuration.get("Rules") or []
    if not rules:
        return BucketDefault(None)
    if len(rules) > 1:
        raise OperationError(
            Failure(
                FailureKind.UNSUPPORTED,
                f"The bucket {bucket} has {len(rules)} rules of default encryption, where S3 has one.",
                "Remove all but one with the tool of the store that made them.",
                resource=bucket,
            )
        )
    (rule,) = rules
    default = rule.get("ApplyServerSideEncryptionByDefault", {})
    wire = default.get("SSEAlgorithm")
    reported = rule.get("BlockedEncryptionTypes", {}).get("EncryptionType")
    foreign = {name: value for name, value in rule.items() if name not in _KNOWN_RULE_FIELDS}
    return BucketDefault(
        encryption=find_kind_by_wire(wire).name if wire else None,
        kms_key=default.get("KMSMasterKeyID"),
        bucket_key_enabled=bool(rule.get("BucketKeyEnabled")),
        blocked=None if reported is None else tuple(sorted(set(reported) - {NOTHING_BLOCKED})),
        foreign=json.dumps(foreign, sort_keys=True) if foreign else "",
    )


def expand_rule(rule: BucketDefault) -> dict[str, Any]:
    """The rule for a request of PutBucketEncryption, with every known field."""
    expanded: dict[str, Any] = json.loads(rule.foreign) if rule.foreign else {}
    if rule.encryption:
        default = {"SSEAlgorithm": find_kind(rule.encryption).wire}
        if rule.kms_key:
            default["KMSMasterKeyID"] = rule.kms_key
        expanded["ApplyServerSideEncryptionByDefault"] = default
    expanded["BucketKeyEnabled"] = rule.bucket_key_enabled
    if rule.blocked is not None:
        expanded["BlockedEncryptionTypes"] = {"EncryptionType": list(rule.blocked) or [NOTHING_BLOCKED]}
    return expanded


def flatten_retention(response: Mapping[str, Any]) -> str | None:
    """The default retention in words, such as `COMPLIANCE for 1 day`; empty without one; None: no Object Lock."""
    configuration = response.get("ObjectLockConfiguration")
    if configuration is None:
        return None
    rule = configuration.get("Rule", {}).get("DefaultRetention", {})
    if not rule.get("Mode"):
        return ""
    unit = "Years" if rule.get("Years") else "Days"
    number = rule.get(unit)
    return f"{rule['Mode']} for {number} {unit.lower() if number != 1 else unit.lower()[:-1]}"


def expand_owner(account: str | None) -> dict[str, str]:
    """The parameter with the account that has to own the bucket; none without an account."""
    return {"ExpectedBucketOwner": account} if account else {}


def signed_region(response: Mapping[str, Any]) -> str:
    """The region that a request was signed for: after a redirect, it is the bucket's region."""
    return str(response.get("ResponseMetadata", {}).get("SignedRegion") or "")
