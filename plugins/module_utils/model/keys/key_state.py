# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The state of one KMS key, as KMS reports it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..arn import Arn
from ..errors import Failure, FailureKind, OperationError

if TYPE_CHECKING:
    from ..tags import Tags
    from .key_rotation import KeyMaterial, Rotation

# A new key has this tag, with the alias as its value, until the alias exists. If a run is interrupted between the two
# calls, the next run finds the key by this tag, and does not create (and pay for) a second one.
UNFINISHED_TAG = "sealed.s3:unfinished"


@dataclass(frozen=True, slots=True)
class KeyState:
    """One key as KMS reports it. None: not read, or (in a plan) not known before KMS has created the key."""

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
    # Of a multi-Region key: the region of its primary key, and those of its replicas that were read. `region` is set
    # for these replicas only.
    primary_region: str | None = None
    replicas: tuple[KeyState, ...] | None = None
    region: str = ""
    # Days between the request for deletion and the deletion. For a primary key they start when its last replica is
    # deleted. KMS reports them for such a primary key only; for other keys only the run that schedules the deletion
    # knows them.
    pending_window_in_days: int | None = None

    @property
    def is_pending_deletion(self) -> bool:
        """Whether the key is scheduled for deletion. KMS then refuses every use and every change but a cancellation."""
        return self.state in ("PendingDeletion", "PendingReplicaDeletion")

    @property
    def is_aws_managed(self) -> bool:
        """Whether an AWS service has made the key, and AWS manages it. The only one that S3 can use is its own."""
        return self.manager == "AWS"

    @property
    def is_replica(self) -> bool:
        """Whether this is a replica of a multi-Region key, so that its primary key is in another region."""
        return self.primary_region is not None and self.arn_in(self.primary_region) != self.arn

    def arn_in(self, region: str) -> str:
        """The ARN of the related multi-Region key in another region, which has the same id."""
        arn = Arn.try_parse(self.arn or "")
        return str(arn.with_region(region)) if arn else ""

    @property
    def rotates(self) -> bool:
        """Whether KMS can rotate the key automatically: symmetric keys whose material KMS has generated.

        What a store does not report is taken for that.
        Source: https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
        """
        return self.origin in ("", "AWS_KMS") and self.spec in ("", "SYMMETRIC_DEFAULT")

    def require_usable(self, *, direct: bool = False) -> None:
        """Raise OperationError, with advice, unless objects can be encrypted with this key: an enabled symmetric key.

        With `direct`, this process calls KMS itself, as client-side encryption does. The policies of the keys that AWS
        manages allow only its services to use them.
        Source: https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-key
        """
        self.require_symmetric()
        if direct and self.is_aws_managed:
            raise self._unusable(
                "is managed by AWS, and its policy allows its use through a service of AWS only",
                "Client-side encryption calls KMS itself: name a customer managed key, for example one that "
                "kms_key_for_s3 has created with through_s3_only: false.",
            )
        self.require_enabled()

    def require_symmetric(self) -> None:
        """Raise OperationError, with advice, unless this is a symmetric encryption key. S3 accepts no other keys, and
        KMS generates data keys for no other keys.

        A store that does not report the spec or the usage of its keys has symmetric keys only.
        Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
        and https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html
        """
        spec, usage = self.spec or "SYMMETRIC_DEFAULT", self.usage or "ENCRYPT_DECRYPT"
        if (spec, usage) != ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"):
            raise self._unusable(
                f"has the spec {spec} and the usage {usage}, and objects are encrypted with symmetric keys only",
                "Name a key with the spec SYMMETRIC_DEFAULT and the usage ENCRYPT_DECRYPT.",
            )

    def require_enabled(self) -> None:
        """Raise OperationError, with advice for the state of the key, unless the key is enabled."""
        if self.state and self.state != "Enabled":
            reason, advice = _STATES.get(
                self.state, (f"is in the state {self.state}", "Wait until it is Enabled, or name another key.")
            )
            raise self._unusable(reason, advice)

    def _unusable(self, reason: str, advice: str) -> OperationError:
        arn = self.arn or ""
        return OperationError(Failure(FailureKind.KEY_UNUSABLE, f"The KMS key {arn} {reason}.", advice, resource=arn))


# Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
_STATES = {
    "Disabled": (
        "is disabled",
        "Enable it (kms:EnableKey, or kms_key_for_s3 with enabled: true), or name another key.",
    ),
    "PendingDeletion": (
        "is scheduled for deletion",
        "Cancel the deletion (kms:CancelKeyDeletion) and enable it, or name another key.",
    ),
    "PendingReplicaDeletion": (
        "is scheduled for deletion as soon as its replicas are deleted",
        "Cancel the deletion (kms:CancelKeyDeletion) and enable it, or name another key.",
    ),
    "PendingImport": ("waits for its key material", "Import the key material, or name another key."),
    "Unavailable": ("is unavailable: its key store cannot be reached", "Reconnect its key store, or name another key."),
    "Creating": ("is a replica that KMS is still creating", "Run the task again in a minute."),
    "Updating": (
        "is a multi-Region key whose primary region KMS is still changing",
        "Run the task again in a minute.",
    ),
}
