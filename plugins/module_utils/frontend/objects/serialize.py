# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""States as a playbook sees them: one shape for a module, its diff and its _info twin."""

from __future__ import annotations

from ...model.objects.download_plan import LocalFile
from ...model.objects.encryption import ObjectEncryption
from ...model.objects.object_lock import ObjectLock
from ...model.objects.object_state import ObjectState, Unverifiable
from ..result import Result


def encryption_to_dict(encryption: ObjectEncryption) -> Result:
    """An object's encryption; null where S3 reports nothing, or (in check mode) decides only when it writes."""
    return {
        "type": encryption.type,
        "kms_key_arn": encryption.kms_key_arn,
        "bucket_key_enabled": encryption.bucket_key_enabled,
        "customer_key_md5": encryption.customer_key_md5,
    }


def object_to_dict(state: ObjectState | None) -> Result | None:
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
        "encryption": encryption_to_dict(state.encryption),
    }


# What S3 decides by itself when it writes, so that a plan cannot foretell it.
_DECIDED_BY_S3 = ("version_id", "etag", "last_modified")


def object_plan_to_dict(state: ObjectState | None) -> Result | None:
    """An object as a diff shows it: without what S3 decides by itself."""
    shown = object_to_dict(state)
    if shown and state:
        for name in _DECIDED_BY_S3:
            del shown[name]
        if state.encryption.type is None:
            shown["encryption"] = "the bucket's default"
    return shown


def add_version_to_diff(
    diff: Result, before: ObjectState | None, after: ObjectState | None, deletes: str | None
) -> None:
    """Add to a diff what becomes of the version that was read, unless it is changed or deleted itself.

    `deletes` is the version that the task names to be deleted.
    """
    if before is None or before.version_id is None or deletes or (after and after.version_id):
        return
    made = "a new version" if after else "a delete marker"
    diff["before"]["version_id"] = before.version_id
    diff["after"]["version_id"] = f"{made}, and {before.version_id} stays"


def add_write_to_diff(diff: Result, before: ObjectState | None, after: ObjectState | None) -> None:
    """Add to a diff that an object is written anew: LastModified, and what of the former one could not be looked at.

    S3 chooses the time, so that no plan knows it. A change in place, and one of tags, keep it.
    """
    if before is None or after is None or after.etag is not None or after.last_modified is not None:
        return
    diff["before"]["last_modified"] = before.last_modified
    diff["after"]["last_modified"] = "the time of the write"
    written = {Unverifiable.ACL: "private", Unverifiable.ANNOTATIONS: "none", Unverifiable.LOCK: _show_lock(after.lock)}
    for unseen in before.unseen:
        # What is seen of a lock is carried over, and stays out of a diff.
        known = _show_lock(before.lock) if unseen is Unverifiable.LOCK else None
        diff["before"][unseen.value] = {**known, "rest": "unknown"} if known else "unknown"
        diff["after"][unseen.value] = written[unseen]


def _show_lock(lock: ObjectLock | None) -> Result | None:
    if lock is None:
        return None
    return {
        "mode": lock.mode,
        "retain_until": lock.retain_until,
        "legal_hold": lock.legal_hold,
        "event_hold": lock.event_hold,
    }


def _show_checksum(state: ObjectState) -> Result | None:
    if not state.checksums:
        return None
    best = state.checksums[0]
    kind = "FULL_OBJECT" if best.full_object else "COMPOSITE"
    return {"algorithm": best.algorithm, "value": best.value or None, "type": kind}


def file_to_dict(file: LocalFile | None) -> Result | None:
    """A local file as a diff shows it."""
    if file is None:
        return None
    checksum = file.checksum
    return {
        "path": file.path,
        "size": file.size,
        "checksum": {"algorithm": checksum.algorithm, "value": checksum.value} if checksum else None,
        **dict(file.attributes),
    }
