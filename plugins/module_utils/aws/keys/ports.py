# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The API calls for KMS keys, as the engine uses them: one method for each, in values of the model."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from ...model.keys.key_report import PastRotation
from ...model.keys.key_rotation import Generation, Rotation
from ...model.keys.key_state import KeyState
from ...model.keys.key_steps import CreateKey
from ...model.keys.key_usage import LastUsage, UsageEvent
from ...model.keys.replicas import ReplicateKey
from ...model.operations import AliasOperation, KeyStateOperation, RotationOperation
from ...model.tags import Tags


class KeyLookupPort(Protocol):
    """What a key reference stands for."""

    def describe_key(self, key: str, region: str) -> KeyState:
        """The key of an id, ARN, alias or alias ARN, as one region's KMS knows it."""


class KmsPort(KeyLookupPort, Protocol):
    """Keys themselves, in the region of the task."""

    @property
    def region(self) -> str:
        """The region of the task."""

    def get_key(self, key: str) -> KeyState:
        """DescribeKey, in full."""

    def list_aliases(self, key_id: str) -> tuple[str, ...]:
        """The aliases of this key only."""

    def list_keys(self) -> list[str]:
        """The ids of all keys."""

    def get_key_policy(self, key_id: str) -> str:
        """The JSON of the key's policy."""

    def get_key_rotation_status(self, key_id: str) -> Rotation:
        """Automatic rotation."""

    def list_key_material(self, key_id: str, *, imported: bool) -> tuple[Generation, ...]:
        """The generations of key material; of imported material also the one that waits."""

    def rotate_key_on_demand(self, key_id: str) -> None:
        """Have new key material made, or the imported one that waits taken; sent once only."""

    def list_resource_tags(self, key_id: str) -> Tags:
        """All tags of the key."""

    def find_keys_by_tag(self, name: str, value: str) -> tuple[str, ...]:
        """The ids of the keys with this tag, in one call whatever the account holds."""

    def create_key(self, step: CreateKey) -> KeyState:
        """Make a key; sent once only, as a repeated request would make another."""

    def in_region(self, region: str) -> KmsPort:
        """The same account's KMS in another region."""

    def replicate_key(self, key_id: str, step: ReplicateKey) -> KeyState:
        """Make a replica of a primary key of this region; the replica, which is being made yet."""

    def set_alias(self, operation: AliasOperation, alias: str, key_id: str) -> None:
        """CreateAlias or UpdateAlias."""

    def set_state(self, operation: KeyStateOperation, key_id: str) -> None:
        """EnableKey, DisableKey or CancelKeyDeletion."""

    def get_key_last_usage(self, key_id: str) -> LastUsage:
        """The key's last cryptographic use; OperationError as UNSUPPORTED where SDK or service do not know the
        operation."""

    def schedule_key_deletion(self, key_id: str, region: str, window_in_days: int) -> str | None:
        """Let the key go after so many days; the date, which KMS does not know yet for a key with replicas."""

    def update_key_description(self, key_id: str, description: str) -> None:
        """Write the description."""

    def put_key_policy(self, key_id: str, policy: str) -> None:
        """Replace the whole policy."""

    def set_rotation(self, operation: RotationOperation, key_id: str, period_in_days: int | None) -> None:
        """EnableKeyRotation or DisableKeyRotation."""

    def tag_resource(self, key_id: str, tags: Tags) -> None:
        """Set these tags."""

    def untag_resource(self, key_id: str, keys: tuple[str, ...]) -> None:
        """Take these tags away."""


class KeyReportPort(KmsPort, Protocol):
    """What there is to know of keys, beside what a plan compares."""

    def list_region_aliases(self) -> dict[str, tuple[str, ...]]:
        """All aliases of the region, by the id of their key."""

    def count_grants(self, key_id: str) -> int:
        """How many grants the key has, page by page: AWS services make thousands on some keys."""

    def list_key_rotations(self, key_id: str) -> tuple[PastRotation, ...]:
        """The rotations that are done."""


class KeyUsagePort(Protocol):
    """What was done with a key, and by whom."""

    def lookup_events(
        self, key_arn: str, start: datetime | None, token: str | None
    ) -> tuple[list[UsageEvent], str | None]:
        """One page of a key's events since `start`, the latest first, and the token of the next page, if there is one.

        Raises OperationError as UNSUPPORTED where there is no CloudTrail that is known to have seen the key.
        """
