# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors
"""Keys from creation to deletion, their description and last use."""

from __future__ import annotations

import secrets
import uuid
from typing import Any

from ..call import Call, Handler, Output
from ..errors import ServiceError
from ..identity.permission import require_permission
from .access import NOT_DELETED, get_authorized_key, get_region_state, require_customer_managed
from .default_policies import default_policy
from .key_tags import tag_mapping
from .keys import (
    DAY,
    DISABLED,
    ENABLED,
    PENDING_DELETION,
    PENDING_IMPORT,
    PENDING_REPLICA_DELETION,
    Key,
    MultiRegion,
    first_material,
)
from .metadata import describe, usages_of
from .pagination import paginate
from .policies import read_policy


def _unsupported(message: str) -> ServiceError:
    return ServiceError("UnsupportedOperationException", message, 400)


def _invalid(message: str) -> ServiceError:
    return ServiceError("ValidationException", message, 400)


def create_key(call: Call) -> Output:
    """Create a key. Without a policy it gets the default one."""
    require_permission(
        call,
        "kms:CreateKey",
        context={
            "kms:keyspec": [call.get("KeySpec", "SYMMETRIC_DEFAULT")],
            "kms:keyusage": [call.get("KeyUsage", "ENCRYPT_DECRYPT")],
            "kms:keyorigin": [call.get("Origin", "AWS_KMS")],
            "kms:multiregion": ["true" if call.get("MultiRegion") else "false"],
            **{f"aws:requesttag/{tag['TagKey'].lower()}": [tag["TagValue"]] for tag in call.get("Tags", [])},
        },
    )
    if call.get("Tags"):
        require_permission(call, "kms:TagResource")
    spec = call.get("KeySpec") or call.get("CustomerMasterKeySpec") or "SYMMETRIC_DEFAULT"
    if "KeySpec" in call.params and "CustomerMasterKeySpec" in call.params:
        raise _invalid("You cannot specify KeySpec and CustomerMasterKeySpec in the same request.")
    usages = usages_of(spec)
    usage = call.get("KeyUsage")
    if usage is None:
        if spec != "SYMMETRIC_DEFAULT":
            raise _invalid("You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.")
        usage = usages[0]
    if usage not in usages:
        raise _invalid(f"KeyUsage {usage} is not compatible with KeySpec {spec}")
    origin = call.get("Origin", "AWS_KMS")
    store = _store_for(call, origin, spec)
    policy_text = call.get("Policy") or default_policy(call.account, call.partition)
    policy = read_policy(call, policy_text, call.account)
    now = call.now()
    multi_region_requested = bool(call.get("MultiRegion"))
    if multi_region_requested and store:
        raise _unsupported("Multi-Region keys are not supported in custom key stores.")
    key_id = f"mrk-{secrets.token_hex(16)}" if multi_region_requested else str(uuid.uuid4())
    key = Key(
        key_id, call.account, call.region, now, policy, description=call.get("Description", ""),
        usage=usage, spec=spec, origin=origin, tags=tag_mapping(call.get("Tags", [])), rotation_anchor=now,
        store_id=store, xks_key_id=call.get("XksKeyId", ""),
    )  # fmt: skip
    if origin == "EXTERNAL":
        key.state = PENDING_IMPORT
    else:
        key.materials.append(first_material(spec, now))
    if multi_region_requested:
        key.multi_region = MultiRegion(key_id, call.region, [call.region], key.materials)
    get_region_state(call).keys[key_id] = key
    call.record.resource = key.arn
    call.keys.append(key.arn)
    return {"KeyMetadata": describe(key)}


def _store_for(call: Call, origin: str, spec: str) -> str:
    """Return the id of the custom key store of a new key, "" if it has none.

    Refuse the combinations that KMS refuses.
    """
    store_id = call.get("CustomKeyStoreId", "")
    custom = origin in ("AWS_CLOUDHSM", "EXTERNAL_KEY_STORE")
    if custom and not store_id:
        raise _invalid(f"CustomKeyStoreId is required when Origin is {origin}.")
    if store_id and not custom:
        raise _invalid("Origin must be AWS_CLOUDHSM or EXTERNAL_KEY_STORE when CustomKeyStoreId is given.")
    if bool(call.get("XksKeyId")) != (origin == "EXTERNAL_KEY_STORE"):
        raise _invalid("XksKeyId is required for, and only for, keys with the origin EXTERNAL_KEY_STORE.")
    if not store_id:
        return ""
    if spec != "SYMMETRIC_DEFAULT":
        raise _unsupported("Custom key stores support only symmetric encryption keys.")
    store = get_region_state(call).stores.get(store_id)
    if store is None:
        raise ServiceError("CustomKeyStoreNotFoundException", f"Custom key store {store_id} does not exist.", 400)
    required_kind = "AWS_CLOUDHSM" if origin == "AWS_CLOUDHSM" else "EXTERNAL_KEY_STORE"
    if store.kind != required_kind:
        raise _unsupported("The origin does not match the type of the custom key store.")
    if not store.connected:
        raise ServiceError("CustomKeyStoreInvalidStateException", f"Custom key store {store_id} is not connected.", 400)
    if call.get("XksKeyId") and any(
        key.xks_key_id == call["XksKeyId"] and key.store_id == store_id for key in get_region_state(call).keys.values()
    ):
        raise ServiceError("XksKeyAlreadyInUseException", "The external key is already in use.", 400)
    return str(store_id)


def describe_key(call: Call) -> Output:
    """Return the metadata. Aliases are accepted, and keys of other accounts if their key policy allows it."""
    key = get_authorized_key(call, aliases=True, cross_account=True)
    return {"KeyMetadata": describe(key)}


def list_keys(call: Call) -> Output:
    """List the keys of the account in the region."""
    require_permission(call, "kms:ListKeys")
    region_state = get_region_state(call)
    call.lab.state.kms.delete_expired_keys(region_state, call.now())
    fields, page = paginate(call, sorted(region_state.keys.values(), key=lambda key: key.key_id), "keys")
    return {**fields, "Keys": [{"KeyId": key.key_id, "KeyArn": key.arn} for key in page]}


def enable_key(call: Call) -> Output:
    """Allow cryptographic use again."""
    key = get_authorized_key(call, states=frozenset({ENABLED, DISABLED}))
    require_customer_managed(key, "EnableKey")
    key.state = ENABLED
    return {}


def disable_key(call: Call) -> Output:
    """Refuse cryptographic use until the key is enabled."""
    key = get_authorized_key(call, states=frozenset({ENABLED, DISABLED}))
    require_customer_managed(key, "DisableKey")
    key.state = DISABLED
    return {}


def schedule_key_deletion(call: Call) -> Output:
    """Schedule the deletion in 7 to 30 days.

    For a multi-Region primary the period starts after its replicas are deleted.
    """
    key = get_authorized_key(call, states=NOT_DELETED)
    require_customer_managed(key, "ScheduleKeyDeletion")
    window = call.get("PendingWindowInDays", 30)
    if not 7 <= window <= 30:
        raise _invalid(
            f"1 validation error detected: Value '{window}' at 'pendingWindowInDays' failed to satisfy constraint: "
            f"Member must have value {'greater than or equal to 7' if window < 7 else 'less than or equal to 30'}"
        )
    key.deletion_window = window
    result: dict[str, Any] = {"KeyId": key.arn, "PendingWindowInDays": window}
    related = key.multi_region
    if related is not None and not key.is_replica and len(related.regions) > 1:
        key.state = PENDING_REPLICA_DELETION
        return {**result, "KeyState": key.state}
    key.state = PENDING_DELETION
    key.deletion_date = call.now() + window * DAY
    return {**result, "KeyState": key.state, "DeletionDate": key.deletion_date}


def cancel_key_deletion(call: Call) -> Output:
    """Cancel the deletion. The key is disabled afterwards."""
    key = get_authorized_key(call)
    if key.state not in (PENDING_DELETION, PENDING_REPLICA_DELETION):
        raise ServiceError("KMSInvalidStateException", f"{key.arn} is not pending deletion.", 400)
    key.state = DISABLED
    key.deletion_date, key.deletion_window = 0.0, 0
    return {"KeyId": key.arn}


def update_key_description(call: Call) -> Output:
    """Replace the description."""
    key = get_authorized_key(call, states=NOT_DELETED)
    require_customer_managed(key, "UpdateKeyDescription")
    key.description = call["Description"]
    return {}


def get_key_last_usage(call: Call) -> Output:
    """Return the time and the operation of the last cryptographic use."""
    key = get_authorized_key(call)
    result: dict[str, Any] = {
        "KeyId": key.arn, "TrackingStartDate": key.created, "KeyCreationDate": key.created,
    }  # fmt: skip
    if key.usage_record is not None:
        result["KeyLastUsage"] = {
            "Operation": key.usage_record.operation,
            "Timestamp": key.usage_record.time,
            "KmsRequestId": key.usage_record.request_id,
            "CloudTrailEventId": key.usage_record.request_id,
        }
    return result


OPERATIONS: dict[str, Handler] = {
    "CreateKey": create_key,
    "DescribeKey": describe_key,
    "ListKeys": list_keys,
    "EnableKey": enable_key,
    "DisableKey": disable_key,
    "ScheduleKeyDeletion": schedule_key_deletion,
    "CancelKeyDeletion": cancel_key_deletion,
    "UpdateKeyDescription": update_key_description,
    "GetKeyLastUsage": get_key_last_usage,
}
