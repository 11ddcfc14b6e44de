# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""KMS keys as records, and where they are kept: per account and region."""

from __future__ import annotations

import os
import secrets
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..errors import ServiceError
from ..policy_language import Policy, PolicyKind, parse_policy

DAY = 86400.0
ENABLED, DISABLED = "Enabled", "Disabled"
PENDING_DELETION, PENDING_IMPORT = "PendingDeletion", "PendingImport"
PENDING_REPLICA_DELETION, UNAVAILABLE = "PendingReplicaDeletion", "Unavailable"
CREATING = "Creating"


@dataclass(slots=True)
class Material:
    """One generation of key material."""

    material_id: str
    data: bytes
    created: float
    rotation: str = ""  # "", AUTOMATIC or ON_DEMAND: how it became current
    imported: bool = False
    description: str = ""
    expires: float = 0.0
    present: bool = True
    pending: bool = False


def new_material(now: float, rotation: str = "") -> Material:
    """Fresh random material."""
    return Material(secrets.token_hex(32), os.urandom(32), now, rotation)


@dataclass(slots=True)
class Grant:
    """A grant on one key."""

    grant_id: str
    token: str
    key_arn: str
    created: float
    issuer: str
    operations: tuple[str, ...]
    grantee: str = ""
    retiring: str = ""
    grantee_service: str = ""
    retiring_service: str = ""
    name: str = ""
    constraints: dict[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class MultiRegion:
    """The set that related multi-Region keys share."""

    key_id: str
    primary: str
    regions: list[str]
    materials: list[Material]


@dataclass(slots=True)
class Usage:
    """The last cryptographic use of a key."""

    operation: str
    time: float
    request_id: str


@dataclass(slots=True)
class Key:
    """A KMS key."""

    key_id: str
    account: str
    region: str
    created: float
    policy_text: str
    policy: Policy
    description: str = ""
    usage: str = "ENCRYPT_DECRYPT"
    spec: str = "SYMMETRIC_DEFAULT"
    origin: str = "AWS_KMS"
    manager: str = "CUSTOMER"
    state: str = ENABLED
    tags: dict[str, str] = field(default_factory=dict)
    tag_history: list[tuple[float, dict[str, str]]] = field(default_factory=list)
    materials: list[Material] = field(default_factory=list)
    grants: dict[str, Grant] = field(default_factory=dict)
    multi_region: MultiRegion | None = None
    deletion_date: float = 0.0
    deletion_window: int = 0
    available_at: float = 0.0
    rotation_enabled: bool = False
    rotation_period: int = 365
    rotation_anchor: float = 0.0
    on_demand_started: float = 0.0
    on_demand_due: float = 0.0
    store_id: str = ""
    xks_key_id: str = ""
    usage_record: Usage | None = None
    import_key: bytes = b""
    import_token: bytes = b""
    import_valid_to: float = 0.0
    import_algorithm: str = ""

    @property
    def arn(self) -> str:
        """The key ARN."""
        return f"arn:aws:kms:{self.region}:{self.account}:key/{self.key_id}"

    def set_tags(self, tags: dict[str, str], now: float) -> None:
        """Other tags from now on; those until now are kept for an index that lags."""
        self.tag_history.append((now, self.tags))
        self.tags = tags

    def tags_at(self, time: float) -> dict[str, str]:
        """The tags that the key had then."""
        if time < self.created:
            return {}
        return next((previous_tags for changed_at, previous_tags in self.tag_history if changed_at > time), self.tags)

    @property
    def symmetric(self) -> bool:
        """Whether it is a symmetric encryption key, the only kind S3 takes."""
        return self.spec == "SYMMETRIC_DEFAULT"

    @property
    def current(self) -> Material | None:
        """The material that encrypts."""
        usable = [each for each in self.materials if each.present and not each.pending]
        return usable[-1] if usable else None

    @property
    def is_replica(self) -> bool:
        """Whether it is a replica of a multi-Region key."""
        return self.multi_region is not None and self.multi_region.primary != self.region

    def start_rotation(self, now: float, done: float) -> None:
        """A rotation on demand, which KMS carries out some moments after its answer."""
        self.on_demand_started, self.on_demand_due = now, done

    def _finish_rotation(self) -> None:
        waiting_material = next((each for each in self.materials if each.pending and each.present), None)
        if waiting_material is None:
            self.materials.append(new_material(self.on_demand_due, "ON_DEMAND"))
        else:
            self.materials.remove(waiting_material)
            waiting_material.pending, waiting_material.rotation, waiting_material.created = (
                False,
                "ON_DEMAND",
                self.on_demand_due,
            )
            self.materials.append(waiting_material)
        self.on_demand_started = self.on_demand_due = 0.0

    def apply_elapsed_time(self, now: float) -> None:
        """Let time do what it does: replicas get made, material rotates, and imported material expires."""
        if self.state == CREATING and now >= self.available_at:
            self.state = PENDING_IMPORT if self.origin == "EXTERNAL" else ENABLED
        if self.on_demand_started and now >= self.on_demand_due:
            self._finish_rotation()
        for material in self.materials:
            if material.expires and now >= material.expires and material.present:
                material.present = False
                material.data = b""
        if self.origin == "EXTERNAL" and self.state == ENABLED and any(not each.present for each in self.materials):
            self.state = PENDING_IMPORT
        if self.state == ENABLED:
            for _ in range(1000):
                rotation_time = self.next_rotation()
                if not rotation_time or rotation_time > now:
                    break
                self.materials.append(new_material(rotation_time, "AUTOMATIC"))
                self.rotation_anchor = rotation_time

    def next_rotation(self) -> float:
        """When the next automatic rotation is due; 0 for never."""
        if not self.rotation_enabled:
            if self.manager == "AWS":
                return self.rotation_anchor + 365 * DAY
            return 0.0
        return self.rotation_anchor + self.rotation_period * DAY


@dataclass(slots=True)
class Alias:
    """An alias in one account and region."""

    name: str
    target: str
    created: float
    updated: float


@dataclass(slots=True)
class CustomStore:
    """A CloudHSM or external key store."""

    store_id: str
    name: str
    kind: str
    created: float
    connected: bool = False
    cluster_id: str = ""
    trust_anchor: str = ""
    proxy: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class RegionState:
    """One account's keys in one region."""

    account: str
    region: str
    keys: dict[str, Key] = field(default_factory=dict)
    aliases: dict[str, Alias] = field(default_factory=dict)
    stores: dict[str, CustomStore] = field(default_factory=dict)

    def alias_arn(self, name: str) -> str:
        """The ARN of an alias of this realm."""
        return f"arn:aws:kms:{self.region}:{self.account}:{name}"


def default_policy(account: str) -> str:
    """The policy of a key that is created without one (KMS Developer Guide, "Default key policy")."""
    return (
        '{\n  "Version" : "2012-10-17",\n  "Id" : "key-default-1",\n  "Statement" : [ {\n'
        '    "Sid" : "Enable IAM User Permissions",\n    "Effect" : "Allow",\n    "Principal" : {\n'
        f'      "AWS" : "arn:aws:iam::{account}:root"\n    }},\n    "Action" : "kms:*",\n'
        '    "Resource" : "*"\n  } ]\n}'
    )


def aws_managed_key_policy(account: str, region: str, service: str) -> str:
    """The policy of an AWS managed key: everybody of the account, through that service only."""
    return (
        '{\n  "Version" : "2012-10-17",\n  "Id" : "auto-' + service + '-2",\n  "Statement" : [ {\n'
        f'    "Sid" : "Allow access through S3 for all principals in the account that are authorized to use S3",\n'
        '    "Effect" : "Allow",\n    "Principal" : {\n      "AWS" : "*"\n    },\n'
        '    "Action" : [ "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", '
        '"kms:DescribeKey" ],\n'
        '    "Resource" : "*",\n    "Condition" : {\n      "StringEquals" : {\n'
        f'        "kms:CallerAccount" : "{account}",\n        "kms:ViaService" : "{service}.{region}.amazonaws.com"\n'
        "      }\n    }\n  }, {\n"
        '    "Sid" : "Allow direct access to key metadata to the account",\n    "Effect" : "Allow",\n'
        f'    "Principal" : {{\n      "AWS" : "arn:aws:iam::{account}:root"\n    }},\n'
        '    "Action" : [ "kms:Describe*", "kms:Get*", "kms:List*" ],\n    "Resource" : "*"\n  } ]\n}'
    )


def key_not_found(arn: str) -> ServiceError:
    """KMS's answer for a key that is not there."""
    return ServiceError("NotFoundException", f"Key '{arn}' does not exist", 400)


class KmsState:
    """Every realm."""

    def __init__(self) -> None:
        self.region_states: dict[tuple[str, str], RegionState] = {}
        self.rotation_seconds = 0.0
        self.index_seconds = 0.0

    def region_state(self, account: str, region: str) -> RegionState:
        """The keys of an account in a region."""
        found = self.region_states.get((account, region))
        if found is None:
            found = self.region_states[(account, region)] = RegionState(account, region)
        return found

    def all_keys(self) -> Iterator[Key]:
        """Every key of the lab."""
        for region_state in self.region_states.values():
            yield from region_state.keys.values()

    def find(self, account: str, region: str, key_id: str, now: float, *, aliases: bool = True) -> Key:
        """A key by id, key ARN, alias name or alias ARN as the caller's account and region see it."""
        owner = account
        name = key_id
        if key_id.startswith("arn:"):
            pieces = key_id.split(":", 5)
            if len(pieces) != 6 or pieces[2] != "kms":
                raise ServiceError("InvalidArnException", f"Invalid arn {key_id}", 400)
            if pieces[3] != region:
                raise ServiceError("NotFoundException", f"Invalid arn {pieces[3]}", 400)
            owner, name = pieces[4], pieces[5]
            if name.startswith("key/"):
                name = name[4:]
            elif not name.startswith("alias/"):
                raise ServiceError("InvalidArnException", f"Invalid arn {key_id}", 400)
        region_state = self.region_state(owner, region)
        if name.startswith("alias/"):
            if not aliases:
                raise ServiceError("NotFoundException", f"Invalid keyId '{key_id}'", 400)
            return self._find_by_alias(region_state, name, now)
        if not _is_key_id(name):
            raise ServiceError("NotFoundException", f"Invalid keyId '{name}'", 400)
        return self._find_live_key(region_state, name, now)

    def _find_by_alias(self, region_state: RegionState, name: str, now: float) -> Key:
        alias = region_state.aliases.get(name)
        if alias is None and name == "alias/aws/s3":
            return self.aws_managed_key(region_state, "s3", now)
        if alias is None:
            raise ServiceError("NotFoundException", f"Alias {region_state.alias_arn(name)} is not found.", 400)
        return self._find_live_key(region_state, alias.target, now)

    def _find_live_key(self, region_state: RegionState, name: str, now: float) -> Key:
        key = region_state.keys.get(name)
        arn = f"arn:aws:kms:{region_state.region}:{region_state.account}:key/{name}"
        if key is None:
            raise key_not_found(arn)
        if key.deletion_date and now >= key.deletion_date:
            self.delete_key(region_state, key)
            raise key_not_found(arn)
        key.apply_elapsed_time(now)
        return key

    def delete_key(self, region_state: RegionState, key: Key) -> None:
        """The end of a waiting period: the key, its material and its aliases are gone."""
        region_state.keys.pop(key.key_id, None)
        for name in [each.name for each in region_state.aliases.values() if each.target == key.key_id]:
            del region_state.aliases[name]
        related = key.multi_region
        if related is not None and key.region in related.regions:
            related.regions.remove(key.region)
            primary = self.region_state(key.account, related.primary).keys.get(key.key_id)
            if primary is not None and primary.state == PENDING_REPLICA_DELETION and len(related.regions) == 1:
                primary.state = PENDING_DELETION

    def delete_expired_keys(self, region_state: RegionState, now: float) -> None:
        """Forget every key of a realm whose waiting period is over."""
        for key in list(region_state.keys.values()):
            if key.deletion_date and now >= key.deletion_date:
                self.delete_key(region_state, key)
            else:
                key.apply_elapsed_time(now)

    def aws_managed_key(self, region_state: RegionState, service: str, now: float) -> Key:
        """The AWS managed key ``alias/aws/<service>``, made when first used."""
        name = f"alias/aws/{service}"
        alias = region_state.aliases.get(name)
        if alias is not None:
            return self._find_live_key(region_state, alias.target, now)
        text = aws_managed_key_policy(region_state.account, region_state.region, service)
        key = Key(
            str(uuid.uuid4()), region_state.account, region_state.region, now, text, parse_policy(text, PolicyKind.KEY),
            description="Default key that protects my S3 objects when no other key is defined", manager="AWS",
            rotation_anchor=now, materials=[new_material(now)],
        )  # fmt: skip
        region_state.keys[key.key_id] = key
        region_state.aliases[name] = Alias(name, key.key_id, now, now)
        return key


def _is_key_id(name: str) -> bool:
    if name.startswith("mrk-"):
        return len(name) == 36
    try:
        uuid.UUID(name)
    except ValueError:
        return False
    return True
