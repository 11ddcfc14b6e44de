# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""One KMS key, as KMS reports it."""

from __future__ import annotations

from dataclasses import dataclass

from ..arn import Arn
from ..tags import Tags
from .key_rotation import KeyMaterial, Rotation

# A new key carries this tag, with the alias as its value, until the alias exists. A run that is cut off between the two
# calls leaves a key that the next run finds by it, instead of making (and paying for) a second one.
UNFINISHED_TAG = "sealed.s3:unfinished"


@dataclass(frozen=True, slots=True)
class KeyState:
    """One key as KMS tells it. None: not read, or (in a plan) not known before KMS has made the key."""

    key_id: str | None = None
    arn: str | None = None
    state: str = "Enabled"
    description: str = ""
    aliases: tuple[str, ...] = ()
    policy: str | None = None
    rotation: Rotation | None = None
    tags: Tags | None = None
    spec: str = "SYMMETRIC_DEFAULT"
    usage: str = "ENCRYPT_DECRYPT"
    origin: str = "AWS_KMS"
    manager: str = "CUSTOMER"
    multi_region: bool = False
    creation_date: str | None = None
    deletion_date: str | None = None
    replica_regions: tuple[str, ...] = ()
    custom_key_store_id: str | None = None
    xks_key_id: str | None = None
    material: KeyMaterial | None = None
    # Of a multi-Region key: where its primary is; its replicas, as far as they were looked at; and of a replica among
    # those, its own region.
    primary_region: str | None = None
    replicas: tuple[KeyState, ...] | None = None
    region: str = ""
    # The days that a key waits for before it is deleted: of a primary key, from when its replicas are gone. KMS tells
    # them for such a primary key only, so of another they are known to the run that schedules the deletion.
    pending_window_in_days: int | None = None

    @property
    def is_pending_deletion(self) -> bool:
        """Whether the key is on its way out: nobody can use it, and everything but to cancel that is refused."""
        return self.state in ("PendingDeletion", "PendingReplicaDeletion")

    @property
    def is_replica(self) -> bool:
        """Whether this is a replica of a multi-Region key, and its primary elsewhere."""
        return self.primary_region is not None and self.arn_in(self.primary_region) != self.arn

    def arn_in(self, region: str) -> str:
        """The ARN of the related multi-Region key in another region, which has the same id."""
        arn = Arn.try_parse(self.arn or "")
        return str(arn.with_region(region)) if arn else ""

    @property
    def rotates(self) -> bool:
        """Whether KMS can rotate the key by itself: symmetric keys of its own making only.

        Source: https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
        """
        return self.origin == "AWS_KMS" and self.spec == "SYMMETRIC_DEFAULT"
