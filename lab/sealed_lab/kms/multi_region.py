# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Multi-Region keys. Replicas share id and material. Each has its own policy, tags and state."""

from __future__ import annotations

from ..call import Call, Handler, Output
from ..errors import ServiceError
from ..identity.permission import require_permission
from ..partitions import partition_of
from .access import USABLE, check_state, get_authorized_key
from .default_policies import default_policy
from .key_tags import tag_mapping
from .keys import CREATING, Key
from .metadata import describe
from .policies import read_policy, shown_policy

# Seconds until a replica is usable. AWS takes longer.
REPLICATION_SECONDS = 0.2


def _require_multi_region_primary(key: Key) -> None:
    if key.multi_region is None or key.is_replica:
        raise ServiceError("UnsupportedOperationException", f"{key.arn} is not a multi-region primary key.", 400)


def replicate_key(call: Call) -> Output:
    """Create a replica in another region.

    The caller must be allowed to create keys there. Its state is Creating at first.
    """
    key = get_authorized_key(call)
    _require_multi_region_primary(key)
    check_state(key, USABLE)
    related = key.multi_region
    assert related is not None
    region = call["ReplicaRegion"]
    if partition_of(region) != call.partition:
        raise ServiceError("ValidationException", f"The Region {region} is not in the partition of {key.arn}.", 400)
    if region in related.regions:
        raise ServiceError("AlreadyExistsException", f"A related multi-Region key already exists in {region}.", 400)
    _authorize_creation(call)
    text = call.get("Policy") or default_policy(key.account, call.partition)
    policy = read_policy(call, text, key.account)
    replica = Key(
        key.key_id, key.account, region, call.now(), policy, description=call.get("Description", ""),
        usage=key.usage, spec=key.spec, origin=key.origin, tags=tag_mapping(call.get("Tags", [])),
        rotation_anchor=call.now(), materials=[] if key.origin == "EXTERNAL" else related.materials,
        multi_region=related, state=CREATING, available_at=call.now() + REPLICATION_SECONDS,
    )  # fmt: skip
    related.regions.append(region)
    call.lab.state.kms.region_state(key.account, region).keys[key.key_id] = replica
    response: Output = {"ReplicaKeyMetadata": describe(replica), "ReplicaPolicy": shown_policy(call, replica)}
    if replica.tags:
        response["ReplicaTags"] = [{"TagKey": name, "TagValue": value} for name, value in replica.tags.items()]
    return response


def _authorize_creation(call: Call) -> None:
    """Check the permissions that the API reference requires in the replica's region.

    These are kms:CreateKey, and kms:TagResource if the request has tags.
    """
    for action in ("kms:CreateKey", *(["kms:TagResource"] if call.get("Tags") else [])):
        require_permission(call, action)


def update_primary_region(call: Call) -> Output:
    """Make a replica the primary key."""
    key = get_authorized_key(call)
    _require_multi_region_primary(key)
    check_state(key, USABLE)
    related = key.multi_region
    assert related is not None
    region = call["PrimaryRegion"]
    if region not in related.regions:
        raise ServiceError("NotFoundException", f"There is no replica of {key.arn} in {region}.", 400)
    related.primary = region
    return {}


OPERATIONS: dict[str, Handler] = {"ReplicateKey": replicate_key, "UpdatePrimaryRegion": update_primary_region}
