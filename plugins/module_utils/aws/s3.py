# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""S3, one method per API call, between the model's values and the SDK's dictionaries.

Source of every shape: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from typing import Any

from ..model.acl import Grants
from ..model.bucket_default import BucketDefault
from ..model.encrypted_object import CopyObject, ObjectState, PutObject, UpdateObjectEncryption
from ..model.errors import Failure, FailureKind, Refused
from ..model.kinds.registry import CUSTOMER_KEY, NOTHING_BLOCKED, find_kind, find_kind_by_wire
from ..model.routes import InPlace
from ..model.secret import CustomerKey
from ..model.tags import Tags, freeze_tags
from .encryption_reader import EncryptionReader
from .errors import not_from_aws, refusals
from .object_shapes import (
    expand_checksum,
    expand_encryption,
    expand_grants,
    expand_lock,
    expand_properties,
    expand_source_key,
    expand_tags,
    flatten_grants,
    flatten_object,
    flatten_retention,
)
from .object_shapes import expand_customer_key as _customer_key
from .object_shapes import expand_target as _address
from .object_shapes import name_of as _named
from .ports import Body, Deleted, ObjectId, PartSize
from .session import Clients
from .update_encryption_errors import explain_update_error

# The rule's fields that the model knows. Others are kept as they are.
_KNOWN_RULE_FIELDS = {"ApplyServerSideEncryptionByDefault", "BucketKeyEnabled", "BlockedEncryptionTypes"}


class S3:
    """The S3 of a run's session. Calls go to the bucket's region, which the SDK's redirects find."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._regions: dict[str, str] = {}
        self._reader = EncryptionReader(clients)

    @property
    def custom_endpoint(self) -> bool:
        """Whether this is another store than AWS's own."""
        return self._clients.custom_endpoint("s3")

    def get_bucket_encryption(
        self, bucket: str, expected_bucket_owner: str | None = None, region: str | None = None
    ) -> tuple[BucketDefault, str]:
        """GetBucketEncryption. Stores without default encryption say so in an error, which here is a rule of None."""
        owner = {"ExpectedBucketOwner": expected_bucket_owner} if expected_bucket_owner else {}
        with refusals("s3", "GetBucketEncryption", bucket):
            client = self._clients.get("s3", region)
            try:
                answer = self._reader.read(bucket, region or self._clients.region, expected_bucket_owner)
                if answer is None:
                    answer = client.get_bucket_encryption(Bucket=bucket, **owner)
            except client.exceptions.ClientError as error:
                if error.response["Error"].get("Code") != "ServerSideEncryptionConfigurationNotFoundError":
                    raise
                return BucketDefault(None), _region(error.response)
        if "ServerSideEncryptionConfiguration" not in answer:
            raise Refused(not_from_aws("s3:GetBucketEncryption", bucket))
        return flatten_rule(answer["ServerSideEncryptionConfiguration"], bucket), _region(answer)

    def put_bucket_encryption(self, bucket: str, rule: BucketDefault, region: str) -> None:
        """PutBucketEncryption."""
        with refusals("s3", "PutBucketEncryption", bucket):
            self._clients.get("s3", region).put_bucket_encryption(
                Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [expand_rule(rule)]}
            )

    def delete_bucket_encryption(self, bucket: str, region: str) -> None:
        """DeleteBucketEncryption."""
        with refusals("s3", "DeleteBucketEncryption", bucket):
            self._clients.get("s3", region).delete_bucket_encryption(Bucket=bucket)

    def bucket_region(self, bucket: str) -> str:
        """The region that a look at an object of the bucket was signed for at last, after any redirect."""
        return self._regions.get(bucket) or self._clients.region

    def head_object(self, target: ObjectId, customer_key: CustomerKey | None) -> ObjectState:
        """HeadObject with the checksums."""
        with refusals("s3", "HeadObject", _named(target)):
            client = self._clients.get("s3")
            try:
                answer = client.head_object(**_address(target), **_customer_key(customer_key), ChecksumMode="ENABLED")
            except client.exceptions.ClientError as error:
                self._regions[target.bucket] = _region(error.response)
                raise
        self._regions[target.bucket] = _region(answer)
        return flatten_object(target, answer)

    def probe_object(self, target: ObjectId, customer_key: CustomerKey | None) -> None:
        """GetObject of the first byte. An empty object has none, which is no refusal either."""
        try:
            with refusals("s3", "GetObject", _named(target)):
                answer = self._clients.get("s3").get_object(
                    **_address(target), **_customer_key(customer_key), Range="bytes=0-0"
                )
                answer["Body"].close()
        except Refused as refused:
            if refused.failure.code != "InvalidRange":
                raise

    def head_part(
        self, target: ObjectId, customer_key: CustomerKey | None, if_match: str | None, number: int
    ) -> PartSize:
        """HeadObject of a part."""
        with refusals("s3", "HeadObject", _named(target)):
            answer = self._clients.get("s3").head_object(
                **_address(target), **_customer_key(customer_key), **_condition(if_match), PartNumber=number
            )
        return PartSize(answer["ContentLength"], answer.get("PartsCount"))

    def list_part_sizes(
        self, target: ObjectId, customer_key: CustomerKey | None, if_match: str | None
    ) -> tuple[int, ...]:
        """GetObjectAttributes, a page for each thousand parts. It takes no condition, so the ETag is compared here."""
        sizes: list[int] = []
        marker: dict[str, int] = {}
        with refusals("s3", "GetObjectAttributes", _named(target)):
            while True:
                answer = self._clients.get("s3").get_object_attributes(
                    **_address(target),
                    **CUSTOMER_KEY.encoded_key_parameters(customer_key),
                    **marker,
                    ObjectAttributes=["ETag", "ObjectParts"],
                )
                parts = answer.get("ObjectParts", {})
                sizes += [part["Size"] for part in parts.get("Parts", ())]
                if answer.get("ETag", "").strip('"') != (if_match or "").strip('"'):
                    return ()
                if not parts.get("IsTruncated") or not parts.get("NextPartNumberMarker"):
                    return tuple(sizes)
                marker = {"PartNumberMarker": parts["NextPartNumberMarker"]}

    def get_object(
        self,
        target: ObjectId,
        customer_key: CustomerKey | None,
        if_match: str | None,
        chunk_size: int,
        span: tuple[int, int] | None = None,
    ) -> Iterator[bytes]:
        """GetObject, if the object is still the one that was looked at."""
        chosen = {"Range": f"bytes={span[0]}-{span[1] - 1}"} if span else {}
        with refusals("s3", "GetObject", _named(target)):
            answer = self._clients.get("s3").get_object(
                **_address(target), **_customer_key(customer_key), **_condition(if_match), **chosen
            )
        return _chunks(answer["Body"], chunk_size, _named(target))

    def get_object_tagging(self, target: ObjectId) -> Tags:
        """GetObjectTagging."""
        with refusals("s3", "GetObjectTagging", _named(target)):
            answer = self._clients.get("s3").get_object_tagging(**_address(target))
        return freeze_tags({tag["Key"]: tag["Value"] for tag in answer["TagSet"]})

    def current_version(self, target: ObjectId) -> str | None:
        """GetObjectTagging, which answers with the version, and takes no customer key."""
        with refusals("s3", "GetObjectTagging", _named(target)):
            version: str | None = self._clients.get("s3").get_object_tagging(**_address(target)).get("VersionId")
        return version

    def list_objects(self, bucket: str, prefix: str, owner: str | None, limit: int) -> tuple[list[str], bool]:
        """ListObjectsV2, page by page until there are enough."""
        keys: list[str] = []
        with refusals("s3", "ListObjectsV2", f"{bucket}/{prefix}"):
            pages = self._clients.get("s3").get_paginator("list_objects_v2")
            for page in pages.paginate(
                Bucket=bucket,
                Prefix=prefix,
                PaginationConfig={"PageSize": min(limit, 1000)},
                **({"ExpectedBucketOwner": owner} if owner else {}),
            ):
                keys += [found["Key"] for found in page.get("Contents", ())]
                if len(keys) >= limit:
                    return keys[:limit], len(keys) > limit or bool(page.get("IsTruncated"))
        return keys, False

    @property
    def in_place(self) -> InPlace:
        """Whether the SDK knows UpdateObjectEncryption (since January 2026), and the store is AWS's own."""
        if not hasattr(self._clients.get("s3"), "update_object_encryption"):
            return InPlace.UNKNOWN
        return InPlace.ON_REQUEST if self.custom_endpoint else InPlace.OFFERED

    def get_object_acl(self, target: ObjectId) -> Grants:
        """GetObjectAcl."""
        with refusals("s3", "GetObjectAcl", _named(target)):
            return flatten_grants(self._clients.get("s3").get_object_acl(**_address(target)))

    def acls_are_disabled(self, bucket: str, expected_bucket_owner: str | None) -> bool:
        """GetBucketOwnershipControls. Older buckets have none, and their ACLs count."""
        try:
            with refusals("s3", "GetBucketOwnershipControls", bucket):
                answer = self._clients.get("s3").get_bucket_ownership_controls(
                    Bucket=bucket, **_owner(expected_bucket_owner)
                )
        except Refused as refused:
            if refused.failure.code != "OwnershipControlsNotFoundError":
                raise
            return False
        rules = answer["OwnershipControls"]["Rules"]
        return any(rule.get("ObjectOwnership") == "BucketOwnerEnforced" for rule in rules)

    def default_retention(self, bucket: str, expected_bucket_owner: str | None) -> str | None:
        """GetObjectLockConfiguration."""
        try:
            with refusals("s3", "GetObjectLockConfiguration", bucket):
                answer = self._clients.get("s3").get_object_lock_configuration(
                    Bucket=bucket, **_owner(expected_bucket_owner)
                )
        except Refused as refused:
            if refused.failure.code != "ObjectLockConfigurationNotFoundError":
                raise
            return None
        return flatten_retention(answer)

    def has_annotations(self, target: ObjectId) -> bool | None:
        """ListObjectAnnotations, known to SDKs since 2026.

        It is `GET /key?annotation`, and a store that does not know it answers with the object itself. So it is asked of
        AWS only.
        """
        if self.custom_endpoint:
            return False
        client = self._clients.get("s3")
        if not hasattr(client, "list_object_annotations"):
            return None
        try:
            with refusals("s3", "ListObjectAnnotations", _named(target)):
                answer = client.list_object_annotations(**_address(target), MaxAnnotationResults=1)
        except Refused as refused:
            if refused.failure.kind not in (FailureKind.FORBIDDEN, FailureKind.UNSUPPORTED):
                raise
            return None
        return bool(answer.get("Annotations"))

    def may_see_retention(self, target: ObjectId) -> bool:
        """GetObjectRetention."""
        return self._may_see_lock("GetObjectRetention", self._clients.get("s3").get_object_retention, target)

    def may_see_legal_hold(self, target: ObjectId) -> bool:
        """GetObjectLegalHold."""
        return self._may_see_lock("GetObjectLegalHold", self._clients.get("s3").get_object_legal_hold, target)

    @staticmethod
    def _may_see_lock(operation: str, call: Callable[..., object], target: ObjectId) -> bool:
        try:
            with refusals("s3", operation, _named(target)):
                call(**_address(target))
        except Refused as refused:
            if refused.failure.kind is FailureKind.FORBIDDEN:
                return False
            # That there is none is an answer, too.
            if refused.failure.code not in ("NoSuchObjectLockConfiguration", "InvalidRequest"):
                raise
        return True

    def update_object_encryption(self, target: ObjectId, step: UpdateObjectEncryption) -> None:
        """UpdateObjectEncryption."""
        try:
            with refusals("s3", "UpdateObjectEncryption", _named(target)):
                self._clients.get("s3").update_object_encryption(
                    **_address(target._replace(version_id=step.version_id)),
                    ObjectEncryption=step.encryption.kind.update_parameters(step.encryption),
                )
        except Refused as refused:
            raise Refused(explain_update_error(refused.failure)) from refused

    def put_object(self, target: ObjectId, step: PutObject, body: Body) -> None:
        """PutObject, refused by S3 when the object changed since it was read, or the bytes on their way."""
        condition = {"IfMatch": step.if_match} if step.if_match else {"IfNoneMatch": "*"}
        with refusals("s3", "PutObject", _named(target)):
            self._clients.get("s3").put_object(
                **_address(target),
                **expand_properties(step.properties),
                **expand_encryption(step.encryption),
                **expand_grants(step.grants),
                **condition,
                **({"Tagging": expand_tags(step.tags)} if step.tags else {}),
                Body=body,
                ContentLength=step.content.size,
                **expand_checksum(step.content.checksum),
            )

    def copy_object(self, target: ObjectId, step: CopyObject) -> None:
        """CopyObject of the object onto itself, refused by S3 when it changed since it was read.

        SeaweedFS 4 does not take another encryption for a change, and refuses such a copy as one that changes nothing.
        With all properties named it takes the same copy.
        """
        try:
            self._copy_object(target, step, step.replace_properties)
        except Refused as refused:
            failure = refused.failure
            if step.replace_properties or failure.code != "InvalidRequest" or "to itself" not in failure.message:
                raise
            self._copy_object(target, step, True)

    def _copy_object(self, target: ObjectId, step: CopyObject, replace_properties: bool) -> None:
        parameters = expand_copy(step)
        if not replace_properties:
            # The directive COPY keeps all but these two, which every copy has to name.
            kept = expand_properties(replace(step.properties, storage_class=None, website_redirect_location=None))
            parameters = {name: value for name, value in parameters.items() if name not in kept}
        with refusals("s3", "CopyObject", _named(target)):
            self._clients.get("s3").copy_object(
                **_address(target._replace(version_id=None)),
                **parameters,
                **expand_source_key(step.source_key),
                **_source_owner(target),
                CopySource={"Bucket": target.bucket, "Key": target.key},
                CopySourceIfMatch=step.if_match,
                **self._still_there(step.if_match),
                MetadataDirective="REPLACE" if replace_properties else "COPY",
                TaggingDirective="COPY",
            )

    def _still_there(self, etag: str) -> dict[str, str]:
        """The condition on what a copy replaces. That on its source holds when the copy begins, and a large one lasts.

        Older SDKs do not know it, nor does every store.
        Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
        """
        if self.custom_endpoint:
            return {}
        known = self._clients.get("s3").meta.service_model.operation_model("CopyObject").input_shape.members
        return {"IfMatch": etag} if "IfMatch" in known else {}

    def put_object_tagging(self, target: ObjectId, tags: Tags) -> None:
        """PutObjectTagging."""
        with refusals("s3", "PutObjectTagging", _named(target)):
            self._clients.get("s3").put_object_tagging(
                **_address(target), Tagging={"TagSet": [{"Key": key, "Value": value} for key, value in tags]}
            )

    def delete_object(self, target: ObjectId) -> Deleted:
        """DeleteObject."""
        with refusals("s3", "DeleteObject", _named(target)):
            answer = self._clients.get("s3").delete_object(**_address(target))
        return Deleted(answer.get("VersionId"), bool(answer.get("DeleteMarker")))


def flatten_rule(configuration: Mapping[str, Any], bucket: str) -> BucketDefault:
    """The rule of GetBucketEncryption's answer; no rule at all is none."""
    rules = configuration.get("Rules") or []
    if not rules:
        return BucketDefault(None)
    if len(rules) > 1:
        raise Refused(
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
    """The rule as PutBucketEncryption takes it, with every known field named."""
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


def expand_copy(step: CopyObject) -> dict[str, Any]:
    """All that a copy is to be, but its tags: the parameters that CopyObject and CreateMultipartUpload share."""
    return {
        **expand_properties(step.properties),
        **expand_encryption(step.encryption),
        **expand_lock(step.lock),
        **expand_grants(step.grants),
    }


def _chunks(body: Any, size: int, resource: str) -> Iterator[bytes]:
    with refusals("s3", "GetObject", resource), closing(body):
        yield from body.iter_chunks(size)


def _condition(if_match: str | None) -> dict[str, str]:
    return {"IfMatch": if_match} if if_match else {}


def _owner(account: str | None) -> dict[str, str]:
    return {"ExpectedBucketOwner": account} if account else {}


def _source_owner(target: ObjectId) -> dict[str, str]:
    owner = target.expected_bucket_owner
    return {"ExpectedSourceBucketOwner": owner} if owner else {}


def _region(answer: Mapping[str, Any]) -> str:
    return str(answer.get("ResponseMetadata", {}).get("SignedRegion") or "")
