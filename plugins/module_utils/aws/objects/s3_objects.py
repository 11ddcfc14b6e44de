# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Objects of S3, one method for each API call, with values of the model instead of the SDK's dictionaries.

Source of every shape: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...model.errors import FailureKind, OperationError
from ...model.kinds.registry import CUSTOMER_KEY
from ...model.objects.change_method import InPlaceSupport
from ...model.objects.object_state import Deleted, Grants, ObjectId, ObjectState
from ...model.objects.parts import PartSize
from ...model.tags import Tags, freeze_tags
from ..buckets.s3_buckets import signed_region
from ..errors import translate_errors
from .checksum_settings import reads_checksums, sends_checksums
from .expand import (
    expand_checksum,
    expand_condition,
    expand_customer_key,
    expand_deletion_condition,
    expand_properties,
    expand_source,
    expand_tags,
    expand_target,
    expand_write,
    name_of,
)
from .flatten import flatten_grants, flatten_object, flatten_write
from .ports import ObjectStream
from .returned_object import require_range, require_version
from .store_limits import StoreLimits
from .update_encryption_errors import explain_update_error

if TYPE_CHECKING:
    from ...model.objects.object_steps import CopyObject, PutObject, UpdateObjectEncryption
    from ...model.objects.write_answer import WriteAnswer
    from ...model.secret import CustomerKey
    from ..session import Clients
    from .ports import Body


class S3Objects:
    """The objects of a run's session. The SDK follows S3's redirects to the bucket's region.

    Without `conditional_writes`, a write has no condition on the object that it replaces. Without `wants_checksums`,
    HeadObject requests no checksums, for which S3 would have to call KMS.
    """

    def __init__(self, clients: Clients, *, conditional_writes: bool = True, wants_checksums: bool = True) -> None:
        self._clients = clients
        self._wants_checksums = wants_checksums
        self._conditional_writes = conditional_writes
        self._limits = StoreLimits(clients)

    @property
    def custom_endpoint(self) -> bool:
        """Whether the endpoint is not one of AWS."""
        return self._clients.custom_endpoint("s3")

    @property
    def sends_checksums(self) -> bool:
        """Whether uploads have a checksum, by the settings of the SDK."""
        return sends_checksums(self._clients)

    @property
    def reads_checksums(self) -> bool:
        """Whether HeadObject requests the checksums, by the settings of the SDK."""
        return self._wants_checksums and reads_checksums(self._clients)

    @property
    def conditional_writes(self) -> bool:
        """Whether writes have a condition on the object that they replace."""
        return self._conditional_writes

    def bucket_region(self, bucket: str) -> str:
        """The region that the last request for the bucket was signed for, after any redirect."""
        return self._clients.bucket_regions.get(bucket) or self._clients.region

    def head_object(self, target: ObjectId, customer_key: CustomerKey | None) -> ObjectState:
        """HeadObject, with the checksums unless the settings of the SDK leave them out."""
        with translate_errors("s3", "HeadObject", name_of(target)):
            client = self._clients.get("s3")
            try:
                answer = client.head_object(
                    **expand_target(target),
                    **expand_customer_key(customer_key),
                    **({"ChecksumMode": "ENABLED"} if self.reads_checksums else {}),
                )
            except client.exceptions.ClientError as error:
                self._clients.bucket_regions[target.bucket] = signed_region(error.response)
                raise
        self._clients.bucket_regions[target.bucket] = signed_region(answer)
        require_version(answer, name_of(target), target.version_id)
        return flatten_object(target, answer)

    def get_first_byte(self, target: ObjectId, customer_key: CustomerKey | None) -> None:
        """GetObject of the first byte. For an empty object S3 returns InvalidRange, which is not a refusal."""
        try:
            with translate_errors("s3", "GetObject", name_of(target)):
                answer = self._clients.get("s3").get_object(
                    **expand_target(target), **expand_customer_key(customer_key), Range="bytes=0-0"
                )
                answer["Body"].close()
        except OperationError as error:
            if error.failure.code != "InvalidRange":
                raise

    def head_part(
        self, target: ObjectId, customer_key: CustomerKey | None, if_match: str | None, number: int
    ) -> PartSize:
        """HeadObject of a part."""
        with translate_errors("s3", "HeadObject", name_of(target)):
            answer = self._clients.get("s3").head_object(
                **expand_target(target), **expand_customer_key(customer_key), **_condition(if_match), PartNumber=number
            )
        return PartSize(answer["ContentLength"], answer.get("PartsCount"))

    def list_part_sizes(
        self, target: ObjectId, customer_key: CustomerKey | None, if_match: str | None
    ) -> tuple[int, ...]:
        """GetObjectAttributes, one page per thousand parts. It accepts no condition, so the ETag is compared here."""
        sizes: list[int] = []
        marker: dict[str, int] = {}
        with (
            self._limits.calling("GetObjectAttributes"),
            translate_errors("s3", "GetObjectAttributes", name_of(target)),
        ):
            while True:
                answer = self._clients.get("s3").get_object_attributes(
                    **expand_target(target),
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
        """GetObject, unless the object has changed since it was read."""
        chosen = {"Range": f"bytes={span[0]}-{span[1] - 1}"} if span else {}
        with translate_errors("s3", "GetObject", name_of(target)):
            answer = self._clients.get("s3").get_object(
                **expand_target(target), **expand_customer_key(customer_key), **_condition(if_match), **chosen
            )
        require_range(answer, name_of(target), if_match, span)
        return _chunks(answer["Body"], chunk_size, name_of(target))

    def open_object(self, target: ObjectId, customer_key: CustomerKey | None, chunk_size: int) -> ObjectStream:
        """GetObject, with the checksums unless the settings of the SDK leave them out."""
        with translate_errors("s3", "GetObject", name_of(target)):
            answer = self._clients.get("s3").get_object(
                **expand_target(target),
                **expand_customer_key(customer_key),
                **({"ChecksumMode": "ENABLED"} if self.reads_checksums else {}),
            )
        return _stream(target, answer, chunk_size)

    def get_object_tagging(self, target: ObjectId) -> Tags:
        """GetObjectTagging."""
        with self._limits.calling("GetObjectTagging"), translate_errors("s3", "GetObjectTagging", name_of(target)):
            answer = self._clients.get("s3").get_object_tagging(**expand_target(target))
        return freeze_tags({tag["Key"]: tag["Value"] for tag in answer["TagSet"]})

    def current_version(self, target: ObjectId) -> str | None:
        """GetObjectTagging, which reports the version and needs no customer key."""
        with translate_errors("s3", "GetObjectTagging", name_of(target)):
            version: str | None = self._clients.get("s3").get_object_tagging(**expand_target(target)).get("VersionId")
        return version

    @property
    def in_place(self) -> InPlaceSupport:
        """Whether the SDK has UpdateObjectEncryption (since January 2026), and the endpoint is AWS."""
        if not hasattr(self._clients.get("s3"), "update_object_encryption"):
            return InPlaceSupport.UNAVAILABLE
        return InPlaceSupport.OPT_IN if self.custom_endpoint else InPlaceSupport.SUPPORTED

    def get_object_acl(self, target: ObjectId) -> Grants:
        """GetObjectAcl."""
        with self._limits.calling("GetObjectAcl"), translate_errors("s3", "GetObjectAcl", name_of(target)):
            return flatten_grants(self._clients.get("s3").get_object_acl(**expand_target(target)))

    def has_annotations(self, target: ObjectId) -> bool | None:
        """ListObjectAnnotations, which SDKs have since 2026.

        It is `GET /key?annotation`. A store that does not know it returns the object itself, so it is called only at
        AWS.
        """
        if self.custom_endpoint:
            return False
        client = self._clients.get("s3")
        if not hasattr(client, "list_object_annotations"):
            return None
        try:
            with translate_errors("s3", "ListObjectAnnotations", name_of(target)):
                answer = client.list_object_annotations(**expand_target(target), MaxAnnotationResults=1)
        except OperationError as error:
            if error.failure.kind not in (FailureKind.FORBIDDEN, FailureKind.UNSUPPORTED):
                raise
            return None
        return bool(answer.get("Annotations"))

    def can_read_retention(self, target: ObjectId) -> bool:
        """GetObjectRetention."""
        return self._can_read_lock("GetObjectRetention", self._clients.get("s3").get_object_retention, target)

    def can_read_legal_hold(self, target: ObjectId) -> bool:
        """GetObjectLegalHold."""
        return self._can_read_lock("GetObjectLegalHold", self._clients.get("s3").get_object_legal_hold, target)

    @staticmethod
    def _can_read_lock(operation: str, call: Callable[..., object], target: ObjectId) -> bool:
        try:
            with translate_errors("s3", operation, name_of(target)):
                call(**expand_target(target))
        except OperationError as error:
            if error.failure.kind is FailureKind.FORBIDDEN:
                return False
            # S3 reports with these codes that there is no lock, so the caller may read it.
            if error.failure.code not in ("NoSuchObjectLockConfiguration", "InvalidRequest"):
                raise
        return True

    def update_object_encryption(self, target: ObjectId, step: UpdateObjectEncryption) -> None:
        """UpdateObjectEncryption."""
        try:
            with translate_errors("s3", "UpdateObjectEncryption", name_of(target)):
                self._clients.get("s3").update_object_encryption(
                    **expand_target(target._replace(version_id=step.version_id)),
                    ObjectEncryption=step.encryption.kind.update_parameters(step.encryption),
                )
        except OperationError as error:
            raise OperationError(explain_update_error(error.failure)) from error

    def put_object(self, target: ObjectId, step: PutObject, body: Body) -> WriteAnswer:
        """PutObject. S3 refuses it if the object has changed since it was read, or if the checksum does not match."""
        with translate_errors("s3", "PutObject", name_of(target)):
            answer = self._clients.get("s3").put_object(
                **expand_target(target),
                **expand_write(step),
                **(expand_condition(step) if self._conditional_writes else {}),
                **({"Tagging": expand_tags(step.tags)} if step.tags else {}),
                Body=body,
                ContentLength=step.content.size,
                **(expand_checksum(step.content.checksum) if self.sends_checksums else {}),
            )
        return flatten_write(answer)

    def copy_object(self, target: ObjectId, step: CopyObject) -> None:
        """CopyObject, by default of the object onto itself. S3 refuses it if the source has changed since it was read.

        SeaweedFS 4 refuses a copy that changes only the encryption, as one that changes nothing. It accepts the same
        copy with all properties named.
        """
        try:
            self._copy_object(target, step, step.replace_properties)
        except OperationError as error:
            failure = error.failure
            if step.replace_properties or failure.code != "InvalidRequest" or "to itself" not in failure.message:
                raise
            self._copy_object(target, step, True)

    def _copy_object(self, target: ObjectId, step: CopyObject, replace_properties: bool) -> None:
        parameters = expand_write(step)
        if not replace_properties:
            # With the directive COPY, S3 keeps all properties but these two, which every copy has to name.
            kept = expand_properties(replace(step.properties, storage_class=None, website_redirect_location=None))
            parameters = {name: value for name, value in parameters.items() if name not in (*kept, "Metadata")}
        with translate_errors("s3", "CopyObject", name_of(target)):
            self._clients.get("s3").copy_object(
                **expand_target(target._replace(version_id=None)),
                **parameters,
                **expand_source(target, step),
                **self._destination_condition(step),
                MetadataDirective="REPLACE" if replace_properties else "COPY",
                TaggingDirective="REPLACE" if step.source else "COPY",
                **({"Tagging": expand_tags(step.tags)} if step.source and step.tags else {}),
            )

    def _destination_condition(self, step: CopyObject) -> dict[str, str]:
        """The condition on the object that a copy replaces. S3 checks the condition on the source only at the start.

        Older SDKs do not have it, and other stores may not.
        Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
        """
        if self.custom_endpoint or not self._conditional_writes:
            return {}
        known = self._clients.get("s3").meta.service_model.operation_model("CopyObject").input_shape.members
        return {name: value for name, value in expand_condition(step).items() if name in known}

    def put_object_tagging(self, target: ObjectId, tags: Tags) -> None:
        """PutObjectTagging."""
        with translate_errors("s3", "PutObjectTagging", name_of(target)):
            self._clients.get("s3").put_object_tagging(
                **expand_target(target), Tagging={"TagSet": [{"Key": key, "Value": value} for key, value in tags]}
            )

    def delete_object(self, target: ObjectId, if_match: str | None = None) -> Deleted:
        """DeleteObject, at AWS with If-Match."""
        condition = expand_deletion_condition(self._clients, if_match) if self._conditional_writes else {}
        with translate_errors("s3", "DeleteObject", name_of(target)):
            answer = self._clients.get("s3").delete_object(**expand_target(target), **condition)
        return Deleted(answer.get("VersionId"), bool(answer.get("DeleteMarker")))


def _stream(target: ObjectId, answer: dict[str, Any], chunk_size: int) -> ObjectStream:
    body = answer["Body"]
    return ObjectStream(flatten_object(target, answer), _chunks(body, chunk_size, name_of(target)), body.close)


def _chunks(body: Any, size: int, resource: str) -> Iterator[bytes]:
    with translate_errors("s3", "GetObject", resource), closing(body):
        yield from body.iter_chunks(size)


def _condition(if_match: str | None) -> dict[str, str]:
    return {"IfMatch": if_match} if if_match else {}
