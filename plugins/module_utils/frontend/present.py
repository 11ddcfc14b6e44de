# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""States as a playbook sees them: one shape for a module, its diff and its _info twin."""

from __future__ import annotations

import json
from typing import Any

from ..model.bucket_default import BucketDefault
from ..model.encrypted_object import ObjectState, Unseen
from ..model.encryption import ObjectEncryption
from ..model.kms_key import KeyState
from ..model.local_file import LocalFile
from ..model.object_lock import ObjectLock

Shown = dict[str, Any]


def show_bucket_default(rule: BucketDefault | None) -> Shown | None:
    """A bucket's rule, in the names of the module's options."""
    if rule is None:
        return None
    return {
        "encryption": rule.encryption,
        "kms_key": rule.kms_key,
        "bucket_key_enabled": rule.bucket_key_enabled,
        "blocked_encryption_types": None if rule.blocked is None else list(rule.blocked),
    }


def show_encryption(encryption: ObjectEncryption) -> Shown:
    """An object's encryption; null where S3 reports nothing, or (in check mode) decides only when it writes."""
    return {
        "type": encryption.type,
        "kms_key_arn": encryption.kms_key_arn,
        "bucket_key_enabled": encryption.bucket_key_enabled,
        "customer_key_md5": encryption.customer_key_md5,
    }


def show_object(state: ObjectState | None) -> Shown | None:
    """An object with its properties and encryption."""
    if state is None:
        return None
    properties = state.properties
    return {
        "bucket": state.bucket,
        "key": state.key,
        "version_id": state.version_id,
        "size": state.size,
        "etag": state.etag,
        "last_modified": state.last_modified,
        "content_type": properties.content_type,
        "cache_control": properties.cache_control,
        "content_disposition": properties.content_disposition,
        "content_encoding": properties.content_encoding,
        "content_language": properties.content_language,
        "metadata": dict(properties.metadata or ()),
        "tags": None if state.tags is None else dict(state.tags),
        "storage_class": properties.storage_class,
        "checksum": _show_checksum(state),
        "object_lock": _show_lock(state.lock),
        "encryption": show_encryption(state.encryption),
    }


# What S3 decides by itself when it writes, so that a plan cannot foretell it.
_DECIDED_BY_S3 = ("version_id", "etag", "last_modified")


def show_object_plan(state: ObjectState | None) -> Shown | None:
    """An object as a diff shows it: without what S3 decides by itself."""
    shown = show_object(state)
    if shown and state:
        for name in _DECIDED_BY_S3:
            del shown[name]
        if state.encryption.type is None:
            shown["encryption"] = "the bucket's default"
    return shown


def tell_versions(diff: Shown, before: ObjectState | None, after: ObjectState | None, deletes: str | None) -> None:
    """Add to a diff what becomes of the version that was read, unless it is changed or deleted itself.

    `deletes` is the version that the task names to be deleted.
    """
    if before is None or before.version_id is None or deletes or (after and after.version_id):
        return
    made = "a new version" if after else "a delete marker"
    diff["before"]["version_id"] = before.version_id
    diff["after"]["version_id"] = f"{made}, and {before.version_id} stays"


def tell_write(diff: Shown, before: ObjectState | None, after: ObjectState | None) -> None:
    """Add to a diff that an object is written anew: LastModified, and what of the former one could not be looked at.

    S3 chooses the time, so that no plan knows it. A change in place, and one of tags, keep it.
    """
    if before is None or after is None or after.etag is not None or after.last_modified is not None:
        return
    diff["before"]["last_modified"] = before.last_modified
    diff["after"]["last_modified"] = "the time of the write"
    written = {Unseen.ACL: "private", Unseen.ANNOTATIONS: "none", Unseen.LOCK: _show_lock(after.lock)}
    for unseen in before.unseen:
        # What is seen of a lock is carried over, and stays out of a diff.
        known = _show_lock(before.lock) if unseen is Unseen.LOCK else None
        diff["before"][unseen.value] = {**known, "rest": "unknown"} if known else "unknown"
        diff["after"][unseen.value] = written[unseen]


def _show_lock(lock: ObjectLock | None) -> Shown | None:
    if lock is None:
        return None
    return {
        "mode": lock.mode,
        "retain_until": lock.retain_until,
        "legal_hold": lock.legal_hold,
        "event_hold": lock.event_hold,
    }


def _show_checksum(state: ObjectState) -> Shown | None:
    if not state.checksums:
        return None
    best = state.checksums[0]
    kind = "FULL_OBJECT" if best.full_object else "COMPOSITE"
    return {"algorithm": best.algorithm, "value": best.value or None, "type": kind}


def show_file(file: LocalFile | None) -> Shown | None:
    """A local file as a diff shows it."""
    if file is None:
        return None
    checksum = file.checksum
    return {
        "path": file.path,
        "size": file.size,
        "checksum": {"algorithm": checksum.algorithm, "value": checksum.value} if checksum else None,
    }


def show_key(key: KeyState | None, alias: str | None, region: str, last_used: str | None = None) -> Shown | None:
    """A KMS key; null for what the task did not ask to look at, and (in check mode) for what KMS is yet to choose."""
    if key is None:
        return None
    rotation = key.rotation
    return {
        "key_id": key.key_id,
        "arn": key.arn,
        "alias": alias or next(iter(key.aliases), None),
        "aliases": list(key.aliases),
        "region": region,
        "state": key.state,
        "description": key.description,
        "policy": json.loads(key.policy) if key.policy else None,
        "rotation": {"enabled": rotation.enabled, "period_in_days": rotation.period_in_days} if rotation else None,
        "tags": None if key.tags is None else dict(key.tags),
        "key_spec": key.spec,
        "key_usage": key.usage,
        "origin": key.origin,
        "manager": key.manager,
        "multi_region": key.multi_region,
        "creation_date": key.creation_date,
        "deletion_date": key.deletion_date,
        "pending_deletion_window_in_days": key.pending_window_in_days,
        "last_used": last_used,
        "primary_region": key.primary_region,
        "replica_regions": list(key.replica_regions),
        "replicas": _show_replicas(key),
        "custom_key_store_id": key.custom_key_store_id,
        "xks_key_id": key.xks_key_id,
    }


def _show_replicas(key: KeyState) -> list[Shown]:
    looked_at = {replica.region: replica for replica in key.replicas or ()}
    return [_show_replica(key, region, looked_at.get(region)) for region in key.replica_regions]


def _show_replica(primary: KeyState, region: str, key: KeyState | None) -> Shown:
    """A replica; all but region and ARN are null where the task did not ask to look at it."""
    arn = primary.arn_in(region) if primary.arn else None
    if key is None:
        names = ("state", "description", "aliases", "policy", "tags", "creation_date", "deletion_date")
        return {"region": region, "arn": arn, **dict.fromkeys(names)}
    return {
        "region": region,
        "arn": arn,
        "state": key.state,
        "description": key.description,
        "aliases": list(key.aliases) or None,
        "policy": json.loads(key.policy) if key.policy else None,
        "tags": None if key.tags is None else dict(key.tags),
        "creation_date": key.creation_date,
        "deletion_date": key.deletion_date,
    }


_DECIDED_BY_KMS = ("key_id", "arn", "creation_date", "deletion_date", "last_used")


def show_key_plan(key: KeyState | None, alias: str | None, region: str) -> Shown | None:
    """A KMS key as a diff shows it: without what KMS chooses by itself. Its policy is the preview."""
    shown = show_key(key, alias, region)
    if shown and key:
        for name in _DECIDED_BY_KMS:
            del shown[name]
        if key.material:
            # KMS makes new material after its answer, and chooses its date by itself.
            since = key.material.since
            shown["key_material"] = {
                "since": since.isoformat() if since else None,
                "on_demand_rotations": key.material.on_demand,
            }
        # By region, so that a diff shows what changes of each.
        shown["replicas"] = {
            replica["region"]: {name: value for name, value in replica.items() if name not in _DECIDED_BY_KMS}
            for replica in shown["replicas"]
        }
    return shown
