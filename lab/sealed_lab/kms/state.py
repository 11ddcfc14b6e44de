# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""The state of KMS: every key, alias and custom key store by account and region."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..errors import ServiceError
from ..identity.policy_principals import StoredPrincipals
from ..partitions import partition_of
from ..policy_language import PolicyKind, parse_policy
from .default_policies import aws_managed_key_policy
from .key_policy import KeyPolicy
from .keys import PENDING_DELETION, PENDING_REPLICA_DELETION, Alias, CustomStore, Key, new_material

_KEY_ID = re.compile(r"mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(slots=True)
class RegionState:
    """The keys, aliases and custom key stores of one account in one region."""

    account: str
    region: str
    keys: dict[str, Key] = field(default_factory=dict)
    aliases: dict[str, Alias] = field(default_factory=dict)
    stores: dict[str, CustomStore] = field(default_factory=dict)

    def alias_arn(self, name: str) -> str:
        """Return the ARN of an alias of this account and region."""
        return f"arn:{partition_of(self.region)}:kms:{self.region}:{self.account}:{name}"


def key_not_found(arn: str) -> ServiceError:
    """Return the error of KMS for a key that does not exist."""
    return ServiceError("NotFoundException", f"Key '{arn}' does not exist", 400)


class KmsState:
    """The keys of all accounts and regions."""

    def __init__(self) -> None:
        self.region_states: dict[tuple[str, str], RegionState] = {}
        self.rotation_seconds = 0.0
        self.index_seconds = 0.0

    def region_state(self, account: str, region: str) -> RegionState:
        """Return the state of an account in a region. It is created empty at its first use."""
        found = self.region_states.get((account, region))
        if found is None:
            found = self.region_states[(account, region)] = RegionState(account, region)
        return found

    def all_keys(self) -> Iterator[Key]:
        """Yield every key of the lab."""
        for region_state in self.region_states.values():
            yield from region_state.keys.values()

    def related_keys(self, key: Key) -> list[Key]:
        """Return the multi-Region keys in the other regions that belong to a key."""
        regions = key.multi_region.regions if key.multi_region is not None else []
        found = (self.region_state(key.account, region).keys.get(key.key_id) for region in regions)
        return [each for each in found if each is not None and each is not key]

    def find(self, account: str, region: str, key_id: str, now: float, *, aliases: bool = True) -> Key:
        """Return a key by id, key ARN, alias name or alias ARN.

        Ids and names without an ARN belong to the caller's account and region. Raise NotFoundException or
        InvalidArnException.
        """
        owner = account
        name = key_id
        if key_id.startswith("arn:"):
            pieces = key_id.split(":", 5)
            if len(pieces) != 6 or pieces[2] != "kms":
                raise ServiceError("InvalidArnException", f"Invalid arn {key_id}", 400)
            if pieces[1] != partition_of(region):
                raise ServiceError("NotFoundException", f"Invalid arn {pieces[1]}", 400)
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
        arn = f"arn:{partition_of(region_state.region)}:kms:{region_state.region}:{region_state.account}:key/{name}"
        if key is None:
            raise key_not_found(arn)
        if key.deletion_date and now >= key.deletion_date:
            self.delete_key(region_state, key)
            raise key_not_found(arn)
        key.apply_elapsed_time(now)
        return key

    def delete_key(self, region_state: RegionState, key: Key) -> None:
        """Delete a key with its material and aliases, at the end of its waiting period."""
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
        """Delete the keys whose waiting period is over, and update the other ones."""
        for key in list(region_state.keys.values()):
            if key.deletion_date and now >= key.deletion_date:
                self.delete_key(region_state, key)
            else:
                key.apply_elapsed_time(now)

    def aws_managed_key(self, region_state: RegionState, service: str, now: float) -> Key:
        """Return the AWS managed key ``alias/aws/<service>``. It is created at its first use."""
        name = f"alias/aws/{service}"
        alias = region_state.aliases.get(name)
        if alias is not None:
            return self._find_live_key(region_state, alias.target, now)
        text = aws_managed_key_policy(region_state.account, region_state.region, service)
        policy = KeyPolicy(text, parse_policy(text, PolicyKind.KEY), StoredPrincipals())
        key = Key(
            str(uuid.uuid4()), region_state.account, region_state.region, now, policy,
            description="Default key that protects my S3 objects when no other key is defined", manager="AWS",
            rotation_anchor=now, materials=[new_material(now)],
        )  # fmt: skip
        region_state.keys[key.key_id] = key
        region_state.aliases[name] = Alias(name, key.key_id, now, now)
        return key


def _is_key_id(name: str) -> bool:
    return _KEY_ID.fullmatch(name) is not None
