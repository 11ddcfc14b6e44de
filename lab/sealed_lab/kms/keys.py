# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Records of KMS: keys with their material and grants, aliases and custom key stores."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field

from ..identity.policy_principals import StoredPrincipals
from ..partitions import partition_of
from ..policy_language import Principal, PrincipalKind
from .key_pairs import KeyPair
from .key_policy import KeyPolicy

DAY = 86400.0
ENABLED, DISABLED = "Enabled", "Disabled"
PENDING_DELETION, PENDING_IMPORT = "PendingDeletion", "PendingImport"
PENDING_REPLICA_DELETION, UNAVAILABLE = "PendingReplicaDeletion", "Unavailable"
CREATING = "Creating"


@dataclass(slots=True)
class Material:
    """One version of key material: bytes, or the key pair of an asymmetric key."""

    material_id: str
    data: bytes
    created: float
    rotation: str = ""  # how it became current: "", AUTOMATIC or ON_DEMAND
    imported: bool = False
    description: str = ""
    expires: float = 0.0
    present: bool = True
    pending: bool = False
    pair: KeyPair | None = None

    def delete(self) -> None:
        """Delete the bytes of imported material. Its id remains."""
        self.present, self.data, self.pair = False, b"", None


def new_material(now: float, rotation: str = "") -> Material:
    """Return new random material of a symmetric encryption key."""
    return Material(secrets.token_hex(32), os.urandom(32), now, rotation)


def secret_size(spec: str) -> int:
    """Return the number of bytes of a symmetric or HMAC key, 0 for an asymmetric key."""
    if spec.startswith("HMAC_"):
        return int(spec.removeprefix("HMAC_")) // 8
    return 32 if spec == "SYMMETRIC_DEFAULT" else 0


def first_material(spec: str, now: float) -> Material:
    """Return the material of a new key."""
    size = secret_size(spec)
    pair = None if size else KeyPair(spec, of_kms_key=True)
    return Material(secrets.token_hex(32), os.urandom(size), now, pair=pair)


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
    principals: StoredPrincipals = field(default_factory=StoredPrincipals)

    def includes(self, name: str, principal: Principal) -> bool:
        """Return whether a principal of the grant is this one, its role or its account.

        A user or role that was created after the grant is another one, also with the same ARN.
        """
        unique_id = self.principals.ids.get(name)
        if unique_id is not None:
            return unique_id == principal.entity_id
        names = {principal.arn, principal.role_arn, principal.root_arn}
        return name in (names | ({principal.account} if principal.kind is PrincipalKind.ROOT else set())) - {""}


@dataclass(slots=True)
class MultiRegion:
    """What all related multi-Region keys share."""

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
    policy: KeyPolicy
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
    import_pair: KeyPair | None = None
    import_token: bytes = b""
    import_valid_to: float = 0.0
    import_algorithm: str = ""

    @property
    def arn(self) -> str:
        """The key ARN."""
        return f"arn:{partition_of(self.region)}:kms:{self.region}:{self.account}:key/{self.key_id}"

    def set_tags(self, tags: dict[str, str], now: float) -> None:
        """Replace the tags. The previous ones are kept for the index of the tagging API, which lags."""
        self.tag_history.append((now, self.tags))
        self.tags = tags

    def tags_at(self, time: float) -> dict[str, str]:
        """Return the tags that the key had at this time."""
        if time < self.created:
            return {}
        return next((previous_tags for changed_at, previous_tags in self.tag_history if changed_at > time), self.tags)

    @property
    def symmetric(self) -> bool:
        """Whether it is a symmetric encryption key. S3 accepts no other keys."""
        return self.spec == "SYMMETRIC_DEFAULT"

    @property
    def asymmetric(self) -> bool:
        """Whether it has a private and a public key."""
        return not secret_size(self.spec)

    @property
    def current(self) -> Material | None:
        """The material that the key uses, or None. Imported material may be deleted: see ``present``."""
        effective = [each for each in self.materials if not each.pending]
        return effective[-1] if effective else None

    @property
    def complete(self) -> bool:
        """Whether the key has all of its material. Material that waits for a rotation is not needed yet."""
        return self.current is not None and all(each.present or each.pending for each in self.materials)

    def pair(self) -> KeyPair:
        """Return the key pair of an asymmetric key that is enabled."""
        assert self.current is not None
        assert self.current.pair is not None
        return self.current.pair

    def secret(self) -> bytes:
        """Return the bytes of a symmetric or HMAC key that is enabled."""
        assert self.current is not None
        return self.current.data

    @property
    def is_replica(self) -> bool:
        """Whether it is a replica of a multi-Region key."""
        return self.multi_region is not None and self.multi_region.primary != self.region

    @property
    def pending(self) -> Material | None:
        """The imported material that waits for a rotation on demand."""
        return next((each for each in self.materials if each.pending), None)

    def delete_material(self, material: Material) -> None:
        """Delete imported material. The key keeps its id, except of material that was not in use yet."""
        material.delete()
        if material.pending:
            self.materials.remove(material)

    def start_rotation(self, now: float, done: float) -> None:
        """Start a rotation on demand. KMS completes it some time after its response."""
        self.on_demand_started, self.on_demand_due = now, done

    def _finish_rotation(self) -> None:
        waiting_material = self.pending
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
        """Apply the changes that were due before ``now``.

        Replicas become usable, rotations complete, material rotates automatically, and imported material expires.
        """
        if self.state == CREATING and now >= self.available_at:
            self.state = PENDING_IMPORT if self.origin == "EXTERNAL" else ENABLED
        if self.on_demand_started and now >= self.on_demand_due:
            self._finish_rotation()
        for material in list(self.materials):
            if material.expires and now >= material.expires and material.present:
                self.delete_material(material)
        if self.origin == "EXTERNAL" and self.state == ENABLED and not self.complete:
            self.state = PENDING_IMPORT
        if self.state == ENABLED:
            for _ in range(1000):
                rotation_time = self.next_rotation()
                if not rotation_time or rotation_time > now:
                    break
                self.materials.append(new_material(rotation_time, "AUTOMATIC"))
                self.rotation_anchor = rotation_time

    def next_rotation(self) -> float:
        """The time of the next automatic rotation, 0 if there is none."""
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
