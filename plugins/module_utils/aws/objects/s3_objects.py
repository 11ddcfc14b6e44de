# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Objects of S3, one method for each API call, between the model's values and the SDK's dictionaries.

Source of every shape: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

from ...model.errors import FailureKind, OperationError
from ...model.kinds.registry import CUSTOMER_KEY
from ...model.objects.acl import Grants
from ...model.objects.change_method import InPlaceSupport
from ...model.objects.object_id import Deleted, ObjectId
from ...model.objects.object_state import ObjectState
from ...model.objects.object_steps import CopyObject, PutObject, UpdateObjectEncryption
from ...model.objects.parts import PartSize
from ...model.secret import CustomerKey
from ...model.tags import Tags, freeze_tags
from ..buckets.s3_buckets import signed_region
from ..errors import translate_errors
from ..session import Clients
from .expand import (
    expand_checksum,
    expand_encryption,
    expand_grants,
    expand_lock,
    expand_properties,
    expand_source_key,
    expand_tags,
)
from .expand import expand_customer_key as _customer_key
from .expand import expand_target as _address
from .expand import name_of as _named
from .flatten import flatten_grants, flatten_object
from .ports import Body
from .update_encryption_errors import explain_update_error


class S3Objects:
    """The objects of a run's session. The SDK follows S3's redirects to the bucket's region."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._regions: dict[str, str] = {}

    @property
    def custom_endpoint(self) -> bool:
        """Whether the endpoint is not one of AWS."""
        return self._clients.custom_endpoint("s3")

    def bucket_region(self, bucket: str) -> str:
        """The region that a look at an object of the bucket was signed for at last, after any redirect."""
        return self._regions.get(bucket) or self._clients.region

    def head_object(self, target: ObjectId, customer_key: CustomerKey | None) -> ObjectState:
        """HeadObject with the checksums."""
        with translate_errors("s3", "HeadObject", _named(target)):
            client = self._clients.get("s3")
            try:
                answer = client.head_object(**_address(target), **_customer_key(customer_key), ChecksumMode="ENABLED")
            except client.exceptions.ClientError as error:
                self._regions[target.bucket] = signed_region(error.response)
                raise
        self._regions[target.bucket] = signed_region(answer)
        return flatten_object(target, answer)

    def get_first_byte(self, target: ObjectId, customer_key: CustomerKey | None) -> None:
        """GetObject of the first byte. An empty object has none, which is no refusal either."""
        try:
            with translate_errors("s3", "GetObject", _named(target)):
                answer = self._clients.get("s3").get_object(
                    **_address(target), **_customer_key(customer_key), Range="bytes=0-0"
                )
                answer["Body"].close()
        except OperationError as error:
            if error.failure.code != "InvalidRange":
                raise

    def head_part(
        self, target: ObjectId, customer_key: CustomerKey | None, if_match: str | None, number: int
    ) -> PartSize:
        """HeadObject of a part."""
        with translate_errors("s3", "HeadObject", _named(target)):
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
        with translate_errors("s3", "GetObjectAttributes", _named(target)):
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
        with translate_errors("s3", "GetObject", _named(target)):
            answer = self._clients.get("s3").get_object(
                **_address(target), **_customer_key(customer_key), **_condition(if_match), **chosen
            )
        return _chunks(answer["Body"], chunk_size, _named(target))

    def get_object_tagging(self, target: ObjectId) -> Tags:
        """GetObjectTagging."""
        with translate_errors("s3", "GetObjectTagging", _named(target)):
            answer = self._clients.get("s3").get_object_tagging(**_address(target))
        return freeze_tags({tag["Key"]: tag["Value"] for tag in answer["TagSet"]})

    def current_version(self, target: ObjectId) -> str | None:
        """GetObjectTagging, which answers with the version, and takes no customer key."""
        with translate_errors("s3", "GetObjectTagging", _named(target)):
            version: str | None = self._clients.get("s3").get_object_tagging(**_address(target)).get("VersionId")
        return version

    def list_objects(self, bucket: str, prefix: str, owner: str | None, limit: int) -> tuple[list[str], bool]:
        """ListObjectsV2, page by page until there are enough."""
        keys: list[str] = []
        with translate_errors("s3", "ListObjectsV2", f"{bucket}/{prefix}"):
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
    def in_place(self) -> InPlaceSupport:
        """Whether the SDK knows UpdateObjectEncryption (since January 2026), and the store is AWS's own."""
        if not hasattr(self._clients.get("s3"), "update_object_encryption"):
            return InPlaceSupport.UNKNOWN
        return InPlaceSupport.OPT_IN if self.custom_endpoint else InPlaceSupport.SUPPORTED

    def get_object_acl(self, target: ObjectId) -> Grants:
        """GetObjectAcl."""
        with translate_errors("s3", "GetObjectAcl", _named(target)):
            return flatten_grants(self._clients.get("s3").get_object_acl(**_address(target)))

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
            with translate_errors("s3", "ListObjectAnnotations", _named(target)):
                answer = client.list_object_annotations(**_address(target), MaxAnnotationResults=1)
        except OperationError as error:
            if error.failure.kind not in (FailureKind.FORBIDDEN, FailureKind.UNSUPPORTED):
                raise
            return None
        return bool(answer.get("Annotations"))

    def can_read_retention(self, target: ObjectId) -> bool:
        """GetObjectRetention."""
        return self._may_see_lock("GetObjectRetention", self._clients.get("s3").get_object_retention, target)

    def can_read_legal_hold(self, target: ObjectId) -> bool:
        """GetObjectLegalHold."""
        return self._may_see_lock("GetObjectLegalHold", self._clients.get("s3").get_object_legal_hold, target)

    @staticmethod
    def _may_see_lock(operation: str, call: Callable[..., object], target: ObjectId) -> bool:
        try:
            with translate_errors("s3", operation, _named(target)):
                call(**_address(target))
        except OperationError as error:
            if error.failure.kind is FailureKind.FORBIDDEN:
                return False
            # That there is none is an answer, too.
            if error.failure.code not in ("NoSuchObjectLockConfiguration", "InvalidRequest"):
                raise
        return True

    def update_object_encryption(self, target: ObjectId, step: UpdateObjectEncryption) -> None:
        """UpdateObjectEncryption."""
        try:
            with translate_errors("s3", "UpdateObjectEncryption", _named(target)):
                self._clients.get("s3").update_object_encryption(
                    **_address(target._replace(version_id=step.version_id)),
                    ObjectEncryption=step.encryption.kind.update_parameters(step.encryption),
                )
        except OperationError as error:
            raise OperationError(explain_update_error(error.failure)) from error

    def put_object(self, target: ObjectId, step: PutObject, body: Body) -> None:
        """PutObject, refused by S3 when the object changed since it was read, or the bytes on their way."""
        condition = {"IfMatch": step.if_match} if step.if_match else {"IfNoneMatch": "*"}
        with translate_errors("s3", "PutObject", _named(target)):
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
        except OperationError as error:
            failure = error.failure
            if step.replace_properties or failure.code != "InvalidRequest" or "to itself" not in failure.message:
                raise
            self._copy_object(target, step, True)

    def _copy_object(self, target: ObjectId, step: CopyObject, replace_properties: bool) -> None:
        parameters = expand_copy(step)
        if not replace_properties:
            # The directive COPY keeps all but these two, which every copy has to name.
            kept = expand_properties(replace(step.properties, storage_class=None, website_redirect_location=None))
            parameters = {name: value for name, value in parameters.items() if name not in kept}
        with translate_errors("s3", "CopyObject", _named(target)):
            self._clients.get("s3").copy_object(
                **_address(target._replace(version_id=None)),
                **parameters,
                **expand_source_key(step.source_key),
                **_source_owner(target),
                CopySource={"Bucket": target.bucket, "Key": target.key},
                CopySourceIfMatch=step.if_match,
                **self._destination_condition(step.if_match),
                MetadataDirective="REPLACE" if replace_properties else "COPY",
                TaggingDirective="COPY",
            )

    def _destination_condition(self, etag: str) -> dict[str, str]:
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
        with translate_errors("s3", "PutObjectTagging", _named(target)):
            self._clients.get("s3").put_object_tagging(
                **_address(target), Tagging={"TagSet": [{"Key": key, "Value": value} for key, value in tags]}
            )

    def delete_object(self, target: ObjectId) -> Deleted:
        """DeleteObject."""
        with translate_errors("s3", "DeleteObject", _named(target)):
            answer = self._clients.get("s3").delete_object(**_address(target))
        return Deleted(answer.get("VersionId"), bool(answer.get("DeleteMarker")))


def expand_copy(step: CopyObject) -> dict[str, Any]:
    """All that a copy is to be, but its tags: the parameters that CopyObject and CreateMultipartUpload share."""
    return {
        **expand_properties(step.properties),
        **expand_encryption(step.encryption),
        **expand_lock(step.lock),
        **expand_grants(step.grants),
    }


def _chunks(body: Any, size: int, resource: str) -> Iterator[bytes]:
    with translate_errors("s3", "GetObject", resource), closing(body):
        yield from body.iter_chunks(size)


def _condition(if_match: str | None) -> dict[str, str]:
    return {"IfMatch": if_match} if if_match else {}


def _source_owner(target: ObjectId) -> dict[str, str]:
    owner = target.expected_bucket_owner
    return {"ExpectedSourceBucketOwner": owner} if owner else {}
