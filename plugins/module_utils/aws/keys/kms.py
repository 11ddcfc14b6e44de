# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""KMS and the tagging API, one method per API call.

Source of every shape: https://docs.aws.amazon.com/kms/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...model.arn import Arn
from ...model.errors import Failure, FailureKind, OperationError, assert_never
from ...model.keys.key_rotation import Generation, PastRotation, Rotation
from ...model.keys.last_usage import LastUsage
from ...model.tags import Tags, freeze_tags
from ..errors import translate_errors
from .key_lookup import KeyLookup
from .key_shapes import expand_bypass, expand_creation, expand_tags, flatten_key, flatten_rotation

if TYPE_CHECKING:
    from ...model.keys.key_state import KeyState
    from ...model.keys.key_steps import CreateKey, PutKeyPolicy
    from ...model.keys.replicas import ReplicateKey
    from ...model.operations import AliasOperation, KeyStateOperation, RotationOperation
    from ..session import Clients


class Kms(KeyLookup):
    """The KMS of a run's session, in the region of the task or in another one."""

    def __init__(self, clients: Clients, region: str | None = None) -> None:
        super().__init__(clients)
        self._region = region

    @property
    def region(self) -> str:
        """The region of this KMS."""
        return self._region or self._clients.region

    def in_region(self, region: str) -> Kms:
        """The same account's KMS in another region."""
        return Kms(self._clients, region)

    def get_key(self, key: str) -> KeyState:
        """DescribeKey in this region."""
        return self.describe_key(key, self.region)

    def list_aliases(self, key_id: str) -> tuple[str, ...]:
        """ListAliases for one key. The cost does not depend on the number of aliases in the account."""
        with translate_errors("kms", "ListAliases", key_id):
            pages = self._kms.get_paginator("list_aliases").paginate(KeyId=key_id)
            return tuple(sorted(alias["AliasName"] for page in pages for alias in page["Aliases"]))

    def list_region_aliases(self) -> dict[str, tuple[str, ...]]:
        """ListAliases for all keys of the region. Aliases that AWS reserves for keys not created yet have no key."""
        found: dict[str, list[str]] = {}
        with translate_errors("kms", "ListAliases", self.region):
            for page in self._kms.get_paginator("list_aliases").paginate(PaginationConfig={"PageSize": 100}):
                for alias in page["Aliases"]:
                    found.setdefault(alias.get("TargetKeyId", ""), []).append(alias["AliasName"])
        return {key_id: tuple(sorted(names)) for key_id, names in found.items() if key_id}

    def keys_with_alias(self, most: int) -> frozenset[str] | None:
        """ListAliases for all keys of the region, until there are more than `most` aliases: then the answer is None."""
        found: set[str] = set()
        read = 0
        with translate_errors("kms", "ListAliases", self.region):
            for page in self._kms.get_paginator("list_aliases").paginate(PaginationConfig={"PageSize": 100}):
                read += len(page["Aliases"])
                if read > most:
                    return None
                found |= {alias["TargetKeyId"] for alias in page["Aliases"] if "TargetKeyId" in alias}
        return frozenset(found)

    def count_grants(self, key_id: str) -> int:
        """ListGrants, all pages."""
        with translate_errors("kms", "ListGrants", key_id):
            pages = self._kms.get_paginator("list_grants").paginate(KeyId=key_id, PaginationConfig={"PageSize": 100})
            return sum(len(page["Grants"]) for page in pages)

    def list_key_rotations(self, key_id: str) -> tuple[PastRotation, ...]:
        """ListKeyRotations, all pages."""
        with translate_errors("kms", "ListKeyRotations", key_id):
            pages = self._kms.get_paginator("list_key_rotations").paginate(KeyId=key_id)
            return tuple(
                PastRotation(rotation["RotationDate"].isoformat(), rotation["RotationType"])
                for page in pages
                for rotation in page["Rotations"]
            )

    def list_key_material(self, key_id: str, *, imported: bool) -> tuple[Generation, ...]:
        """ListKeyRotations, all pages; of imported material also the pending one, which needs a newer SDK."""
        self._require_known("list_key_rotations", "ListKeyRotations", key_id)
        everything = {"IncludeKeyMaterial": "ALL_KEY_MATERIAL"} if imported else {}
        with translate_errors("kms", "ListKeyRotations", key_id):
            pages = self._kms.get_paginator("list_key_rotations").paginate(KeyId=key_id, **everything)
            return tuple(
                Generation(
                    entry.get("RotationDate"),
                    entry.get("RotationType") == "ON_DEMAND",
                    entry.get("KeyMaterialState") == "PENDING_ROTATION",
                )
                for page in pages
                for entry in page["Rotations"]
            )

    def rotate_key_on_demand(self, key_id: str) -> None:
        """RotateKeyOnDemand without retries: KMS allows 25 of them in the life of a key."""
        self._require_known("rotate_key_on_demand", "RotateKeyOnDemand", key_id)
        with translate_errors("kms", "RotateKeyOnDemand", key_id):
            self._clients.get("kms", retries=False).rotate_key_on_demand(KeyId=key_id)

    def list_keys(self) -> list[str]:
        """ListKeys, all pages."""
        with translate_errors("kms", "ListKeys", self.region):
            pages = self._kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 1000})
            return [key["KeyId"] for page in pages for key in page["Keys"]]

    def get_key_policy(self, key_id: str) -> str:
        """GetKeyPolicy. The only policy of a key has the name `default`."""
        with translate_errors("kms", "GetKeyPolicy", key_id):
            policy: str = self._kms.get_key_policy(KeyId=key_id, PolicyName="default")["Policy"]
            return policy

    def get_key_rotation_status(self, key_id: str) -> Rotation:
        """GetKeyRotationStatus."""
        with translate_errors("kms", "GetKeyRotationStatus", key_id):
            answer = self._kms.get_key_rotation_status(KeyId=key_id)
        return flatten_rotation(answer)

    def list_resource_tags(self, key_id: str) -> Tags:
        """ListResourceTags, all pages."""
        with translate_errors("kms", "ListResourceTags", key_id):
            pages = self._kms.get_paginator("list_resource_tags").paginate(KeyId=key_id)
            return freeze_tags({tag["TagKey"]: tag["TagValue"] for page in pages for tag in page["Tags"]})

    def find_keys_by_tag(self, name: str, value: str) -> tuple[str, ...]:
        """GetResources of the tagging API."""
        with translate_errors("tag", "GetResources", f"KMS keys with the tag {name}"):
            # A page may be empty without being the last one: the service filters after it has cut the pages.
            pages = self._clients.get("resourcegroupstaggingapi", self._region).get_paginator("get_resources")
            found = [
                Arn.parse(resource["ResourceARN"]).resource_id
                for page in pages.paginate(
                    TagFilters=[{"Key": name, "Values": [value]}], ResourceTypeFilters=["kms:key"]
                )
                for resource in page["ResourceTagMappingList"]
            ]
        return tuple(sorted(found))

    def create_key(self, step: CreateKey) -> KeyState:
        """CreateKey without retries: KMS has no idempotency token, and every key costs money."""
        with translate_errors("kms", "CreateKey", self.region):
            answer = self._clients.get("kms", self._region, retries=False).create_key(**expand_creation(step))
        return flatten_key(answer["KeyMetadata"])

    def replicate_key(self, key_id: str, step: ReplicateKey) -> KeyState:
        """ReplicateKey, in the region of the primary key. KMS makes at most one replica per region."""
        policy = {"Policy": step.policy} if step.policy else {}
        with translate_errors("kms", "ReplicateKey", key_id):
            answer = self._kms.replicate_key(
                KeyId=key_id,
                ReplicaRegion=step.region,
                Description=step.description,
                Tags=expand_tags(step.tags),
                **policy,
                **expand_bypass(step.bypass_lockout_check),
            )
        return flatten_key(answer["ReplicaKeyMetadata"])

    def set_alias(self, operation: AliasOperation, alias: str, key_id: str) -> None:
        """CreateAlias or UpdateAlias."""
        with translate_errors("kms", operation, alias):
            match operation:
                case "CreateAlias":
                    self._kms.create_alias(AliasName=alias, TargetKeyId=key_id)
                case "UpdateAlias":
                    self._kms.update_alias(AliasName=alias, TargetKeyId=key_id)
                case _:
                    assert_never(operation)

    def set_state(self, operation: KeyStateOperation, key_id: str) -> None:
        """EnableKey, DisableKey or CancelKeyDeletion."""
        with translate_errors("kms", operation, key_id):
            match operation:
                case "EnableKey":
                    self._kms.enable_key(KeyId=key_id)
                case "DisableKey":
                    self._kms.disable_key(KeyId=key_id)
                case "CancelKeyDeletion":
                    self._kms.cancel_key_deletion(KeyId=key_id)
                case _:
                    assert_never(operation)

    def get_key_last_usage(self, key_id: str) -> LastUsage:
        """GetKeyLastUsage, which the SDK has since 2026."""
        self._require_known("get_key_last_usage", "GetKeyLastUsage", key_id)
        with translate_errors("kms", "GetKeyLastUsage", key_id):
            answer = self._kms.get_key_last_usage(KeyId=key_id)
        used = answer.get("KeyLastUsage", {})
        return LastUsage(
            used.get("Timestamp"), answer["TrackingStartDate"], answer["KeyCreationDate"], used.get("Operation")
        )

    def schedule_key_deletion(self, key_id: str, region: str, window_in_days: int) -> str | None:
        """ScheduleKeyDeletion."""
        with translate_errors("kms", "ScheduleKeyDeletion", f"{key_id} in {region}"):
            answer = self._clients.get("kms", region).schedule_key_deletion(
                KeyId=key_id, PendingWindowInDays=window_in_days
            )
        date = answer.get("DeletionDate")
        return date.isoformat() if date else None

    def update_key_description(self, key_id: str, description: str) -> None:
        """UpdateKeyDescription."""
        with translate_errors("kms", "UpdateKeyDescription", key_id):
            self._kms.update_key_description(KeyId=key_id, Description=description)

    def put_key_policy(self, key_id: str, step: PutKeyPolicy) -> None:
        """PutKeyPolicy, with KMS's own check against locking the caller out, unless the task bypasses it."""
        bypass = expand_bypass(step.bypass_lockout_check)
        with translate_errors("kms", "PutKeyPolicy", key_id):
            self._kms.put_key_policy(KeyId=key_id, PolicyName="default", Policy=step.policy, **bypass)

    def set_rotation(self, operation: RotationOperation, key_id: str, period_in_days: int | None) -> None:
        """EnableKeyRotation or DisableKeyRotation."""
        period = {"RotationPeriodInDays": period_in_days} if period_in_days else {}
        with translate_errors("kms", operation, key_id):
            match operation:
                case "EnableKeyRotation":
                    self._kms.enable_key_rotation(KeyId=key_id, **period)
                case "DisableKeyRotation":
                    self._kms.disable_key_rotation(KeyId=key_id)
                case _:
                    assert_never(operation)

    def tag_resource(self, key_id: str, tags: Tags) -> None:
        """TagResource."""
        with translate_errors("kms", "TagResource", key_id):
            self._kms.tag_resource(KeyId=key_id, Tags=expand_tags(tags))

    def untag_resource(self, key_id: str, keys: tuple[str, ...]) -> None:
        """UntagResource."""
        with translate_errors("kms", "UntagResource", key_id):
            self._kms.untag_resource(KeyId=key_id, TagKeys=list(keys))

    @property
    def _kms(self) -> Any:
        return self._clients.get("kms", self._region)

    def _require_known(self, method: str, operation: str, key_id: str) -> None:
        """Raise OperationError if the SDK is too old for the operation."""
        if not hasattr(self._kms, method):
            raise OperationError(
                Failure(
                    FailureKind.UNSUPPORTED,
                    f"The installed boto3 is too old for kms:{operation}.",
                    "Install a newer one on the host that runs the task.",
                    f"kms:{operation}",
                    key_id,
                )
            )
