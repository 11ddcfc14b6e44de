# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The desired state of a KMS key and of its policy, and the current state that a plan compares it with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ..arn import Arn
from .key_origin import DesiredOrigin

if TYPE_CHECKING:
    from ..tags import Tags
    from .key_state import KeyState


@dataclass(frozen=True, slots=True)
class PolicyScope:
    """The partition, region, account and id of a key, which the ARNs and conditions of its policy need.

    The id is empty for a key that does not exist yet.
    """

    partition: str
    region: str
    account: str
    key_id: str = ""

    @classmethod
    def of_key(cls, key_arn: str) -> PolicyScope:
        """The scope of the key with this ARN; raises OperationError if a store returns something else as ARN."""
        arn = Arn.parse(key_arn)
        return cls(arn.partition, arn.region, arn.account, arn.resource_id)

    @property
    def root(self) -> str:
        """The principal of the account. A statement for it delegates to the IAM policies of the account."""
        return f"arn:{self.partition}:iam::{self.account}:root"

    @property
    def s3_endpoint(self) -> str:
        """The value of kms:ViaService for S3 in this region.

        Source: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
        """
        suffix = _DNS_SUFFIXES.get(self.partition, "amazonaws.com")
        return f"s3.{self.region}.{suffix}"


_DNS_SUFFIXES = {
    "aws-cn": "amazonaws.com.cn",
    "aws-iso": "c2s.ic.gov",
    "aws-iso-b": "sc2s.sgov.gov",
    "aws-iso-e": "cloud.adc-e.uk",
    "aws-iso-f": "csp.hci.ic.gov",
    "aws-eusc": "amazonaws.eu",
}


@dataclass(frozen=True, slots=True)
class DesiredPolicy:
    """The principals that get permissions. None: not named, so the current statement is kept.

    `administrators` and `users` are ARNs, or names without an account (`role/platform`) for the account of the key.
    `buckets` restricts users and other accounts. `whole` is the JSON of a policy that replaces the built statements.
    `purge` removes every statement that this collection does not own. `never_account`: the statement that puts the
    account in charge of the key is never added. `bypass_lockout_check`: the policy may lock out the caller.
    """

    administrators: tuple[str, ...] | None = None
    users: tuple[str, ...] | None = None
    through_s3_only: bool = True
    services: tuple[str, ...] | None = None
    allowed_accounts: tuple[str, ...] | None = None
    buckets: tuple[str, ...] | None = None
    whole: str | None = None
    purge: bool = False
    never_account: bool = False
    bypass_lockout_check: bool = False

    @property
    def names_nothing(self) -> bool:
        """Whether the task names nothing of the policy, so that it stays unchanged."""
        named = (self.administrators, self.users, self.services, self.allowed_accounts, self.whole)
        return all(part is None for part in named)


@dataclass(frozen=True, slots=True)
class KeyReading:
    """The current state: the key, or None if it does not exist, and the id of another key that has the alias.

    `read_at` is the time of the reading. It is needed if the age of the key's material was read.
    """

    key: KeyState | None
    scope: PolicyScope
    alias_holder: str | None = None
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DesiredKey:
    """The desired state of a key. None: not named in the task, so the current value is kept."""

    alias: str | None = None
    key_id: str | None = None
    description: str | None = None
    enabled: bool | None = None
    policy: DesiredPolicy = DesiredPolicy()
    rotation_enabled: bool | None = None
    rotation_period_in_days: int | None = None
    tags: Tags | None = None
    purge_tags: bool = True
    creation_options: DesiredOrigin = DesiredOrigin()
    # Whether the task names rotation. A key that KMS cannot rotate is then refused; otherwise its rotation is ignored.
    rotation_named: bool = False
    rotate_if_older_than_days: int | None = None
    replica_regions: tuple[str, ...] | None = None
