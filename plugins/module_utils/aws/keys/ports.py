# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The API calls for KMS keys, as the engine uses them: one method for each, in values of the model."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ...model.keys.data_key import EncryptionContext, WrappedDataKey
    from ...model.keys.key_rotation import Generation, PastRotation, Rotation
    from ...model.keys.key_state import KeyState
    from ...model.keys.key_steps import CreateKey, PutKeyPolicy
    from ...model.keys.key_usage import UsageEvent
    from ...model.keys.last_usage import LastUsage
    from ...model.keys.replicas import ReplicateKey
    from ...model.operations import AliasOperation, KeyStateOperation, RotationOperation
    from ...model.secret import Secret
    from ...model.tags import Tags


class KeyLookupPort(Protocol):
    """The key that a reference names."""

    @property
    def at_store(self) -> bool:
        """Whether KMS is called at the endpoint of a store other than AWS, which may have no key service."""

    def describe_key(self, key: str, region: str) -> KeyState:
        """DescribeKey in a region. `key` is an id, ARN, alias or alias ARN."""


class KeyPolicyPort(Protocol):
    """The policies of keys in any region."""

    def get_key_policy(self, key: str, region: str) -> str:
        """The JSON of the policy of a key, which is named by its id or ARN."""


class KmsPort(KeyLookupPort, Protocol):
    """Keys in one region."""

    @property
    def region(self) -> str:
        """The region of this KMS."""

    def get_key(self, key: str) -> KeyState:
        """DescribeKey in this region."""

    def list_aliases(self, key_id: str) -> tuple[str, ...]:
        """The aliases of this key."""

    def list_keys(self) -> list[str]:
        """The ids of all keys."""

    def keys_with_alias(self, most: int) -> frozenset[str] | None:
        """The ids of all keys of the region that have an alias; None if the region has more than `most` aliases."""

    def get_key_policy(self, key_id: str) -> str:
        """The JSON of the key's policy."""

    def get_key_rotation_status(self, key_id: str) -> Rotation:
        """Automatic rotation."""

    def list_key_material(self, key_id: str, *, imported: bool) -> tuple[Generation, ...]:
        """The generations of key material; of imported material also the pending one."""

    def rotate_key_on_demand(self, key_id: str) -> None:
        """Replace the key material by new material, or by the pending imported one. Sent without retries."""

    def list_resource_tags(self, key_id: str) -> Tags:
        """All tags of the key."""

    def find_keys_by_tag(self, name: str, value: str) -> tuple[str, ...]:
        """The ids of the keys with this tag. The cost does not depend on the number of keys in the account."""

    def create_key(self, step: CreateKey) -> KeyState:
        """Create a key. Sent without retries, as a repeated request would create another key."""

    def in_region(self, region: str) -> KmsPort:
        """The same account's KMS in another region."""

    def replicate_key(self, key_id: str, step: ReplicateKey) -> KeyState:
        """Replicate a primary key of this region. Returns the replica, which KMS is still creating."""

    def set_alias(self, operation: AliasOperation, alias: str, key_id: str) -> None:
        """CreateAlias or UpdateAlias."""

    def set_state(self, operation: KeyStateOperation, key_id: str) -> None:
        """EnableKey, DisableKey or CancelKeyDeletion."""

    def get_key_last_usage(self, key_id: str) -> LastUsage:
        """The last cryptographic use of the key.

        Raises OperationError of the kind UNSUPPORTED if the SDK or the service does not have the operation.
        """

    def schedule_key_deletion(self, key_id: str, region: str, window_in_days: int) -> str | None:
        """Schedule the deletion in a region. Returns its date; None for a primary key that still has replicas."""

    def update_key_description(self, key_id: str, description: str) -> None:
        """Write the description."""

    def put_key_policy(self, key_id: str, step: PutKeyPolicy) -> None:
        """Replace the whole policy."""

    def set_rotation(self, operation: RotationOperation, key_id: str, period_in_days: int | None) -> None:
        """EnableKeyRotation or DisableKeyRotation."""

    def tag_resource(self, key_id: str, tags: Tags) -> None:
        """Set these tags."""

    def untag_resource(self, key_id: str, keys: tuple[str, ...]) -> None:
        """Remove these tags."""


class KeyReportPort(KmsPort, Protocol):
    """Properties of keys that a plan does not compare."""

    def list_region_aliases(self) -> dict[str, tuple[str, ...]]:
        """The aliases of the region by the id of their key."""

    def count_grants(self, key_id: str) -> int:
        """The number of grants of the key. AWS services create thousands on some keys."""

    def list_key_rotations(self, key_id: str) -> tuple[PastRotation, ...]:
        """The completed rotations."""


class KeyUsagePort(Protocol):
    """Operations on a key, and the principals that called them."""

    def lookup_events(
        self, key_arn: str, start: datetime | None, token: str | None
    ) -> tuple[list[UsageEvent], str | None]:
        """One page of the events of a key since `start`, the latest first, and the token of the next page or None.

        Raises OperationError of the kind UNSUPPORTED if no CloudTrail is known to record the events of the key.
        """


class DataKeyPort(Protocol):
    """Data keys of client-side encryption. KMS binds the whole encryption context to each of them.

    Every method raises OperationError of the kind NOT_AUTHENTIC if the data key does not fit its context or was
    altered, and with the reason NOT_UNDER_THIS_KMS_KEY if it is encrypted under another key than the requested one.
    """

    def generate_data_key(self, key_arn: str, context: EncryptionContext, region: str) -> WrappedDataKey:
        """A new data key of 256 bits, under a key of this region."""

    def encrypt_data_key(
        self, data_key: Secret, key_arn: str, context: EncryptionContext, region: str
    ) -> WrappedDataKey:
        """The same data key, encrypted anew under this key and with this context."""

    def decrypt_data_key(
        self, wrapped: bytes, key_arn: str | None, context: EncryptionContext, region: str
    ) -> WrappedDataKey:
        """The data key. None: KMS finds the key itself, and the caller checks whose key `key_arn` of the result is."""
