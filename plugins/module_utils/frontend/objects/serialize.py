# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""States as a playbook gets them: the same shape in a module, its diff and its _info module."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model.objects.object_state import ObjectLock, ObjectState, Unverifiable

if TYPE_CHECKING:
    from ...engine.objects.content_diff import ContentDiff
    from ...model.kinds.encryption import ObjectEncryption
    from ...model.kinds.kind import ClientSide
    from ...model.objects.download_plan import LocalFile
    from ..result import Result


def encryption_to_dict(encryption: ObjectEncryption) -> Result:
    """The encryption of an object; null if S3 reports nothing, or (in check mode) decides only when it writes."""
    return {
        "type": encryption.type,
        "kms_key_arn": encryption.kms_key_arn,
        "bucket_key_enabled": encryption.bucket_key_enabled,
        "customer_key_md5": encryption.customer_key_md5,
        **(_client_side_to_dict(encryption.client_side) if encryption.client_side else {}),
    }


def _client_side_to_dict(client_side: ClientSide) -> Result:
    return {
        "format": client_side.format.value,
        "envelope": client_side.envelope.value,
        "plaintext_size": client_side.plaintext_size,
        "encryption_context": None if client_side.context is None else dict(client_side.context),
        "server_side": encryption_to_dict(client_side.server_side),
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
        "checksum": _checksum_to_dict(state),
        "object_lock": _lock_to_dict(state.lock),
        "encryption": encryption_to_dict(state.encryption),
    }


# What S3 sets when it writes, so that a plan does not know it.
_SET_BY_S3 = ("version_id", "etag", "last_modified")


def object_plan_to_dict(state: ObjectState | None) -> Result | None:
    """An object for a diff: without what S3 sets when it writes."""
    shown = object_to_dict(state)
    if shown and state:
        for name in _SET_BY_S3:
            del shown[name]
        shown["encryption"] = _encryption_of_plan(state.encryption, shown["encryption"])
    return shown


def _encryption_of_plan(encryption: ObjectEncryption, shown: Result) -> Result | str:
    """The encryption for a diff. What the bucket's default gives an object is not known before S3 has written it."""
    if encryption.type is None:
        return "the bucket's default"
    return {**shown, "server_side": "the bucket's default"} if encryption.server_side.type is None else shown


def add_version_to_diff(
    diff: Result, before: ObjectState | None, after: ObjectState | None, deletes: str | None
) -> None:
    """Add to a diff that the version that was read stays, unless it is changed or deleted itself.

    `deletes` is the version that the task deletes.
    """
    if before is None or before.version_id is None or deletes or (after and after.version_id):
        return
    created = "a new version" if after else "a delete marker"
    diff["before"]["version_id"] = before.version_id
    diff["after"]["version_id"] = f"{created}, and {before.version_id} stays"


def add_write_to_diff(diff: Result, before: ObjectState | None, after: ObjectState | None) -> None:
    """Add to a diff that an object is written again: LastModified, and attributes that could not be read.

    S3 sets LastModified, so a plan does not know it. A change in place or of tags keeps it.
    """
    if before is None or after is None or after.etag is not None or after.last_modified is not None:
        return
    diff["before"]["last_modified"] = before.last_modified
    diff["after"]["last_modified"] = "the time of the write"
    written = {
        Unverifiable.ACL: "private",
        Unverifiable.ANNOTATIONS: "none",
        Unverifiable.LOCK: _lock_to_dict(after.lock),
    }
    for attribute in before.unverifiable:
        # The part of a lock that can be read is kept, and is not in the diff.
        known = _lock_to_dict(before.lock) if attribute is Unverifiable.LOCK else None
        diff["before"][attribute.value] = {**known, "rest": "unknown"} if known else "unknown"
        diff["after"][attribute.value] = written[attribute]


def add_content_to_diff(diff: Result, content: ContentDiff) -> None:
    """Add the lines of both texts to a diff, or why they are not shown. The last line is empty after a line end."""
    if content.not_shown:
        diff["after"]["content"] = f"not shown: {content.not_shown}"
        return
    if content.before == content.after:
        return
    if content.before is not None:
        diff["before"]["content"] = content.before.split("\n")
    diff["after"]["content"] = content.after.split("\n")


def _lock_to_dict(lock: ObjectLock | None) -> Result | None:
    if lock is None:
        return None
    return {
        "mode": lock.mode,
        "retain_until": lock.retain_until,
        "legal_hold": lock.legal_hold,
        "event_hold": lock.event_hold,
    }


def _checksum_to_dict(state: ObjectState) -> Result | None:
    if not state.checksums:
        return None
    best = state.checksums[0]
    kind = "FULL_OBJECT" if best.full_object else "COMPOSITE"
    return {"algorithm": best.algorithm, "value": best.value or None, "type": kind}


def file_to_dict(file: LocalFile | None) -> Result | None:
    """A local file for a diff."""
    if file is None:
        return None
    checksum = file.checksum
    return {
        "path": file.path,
        "size": file.size,
        "checksum": {"algorithm": checksum.algorithm, "value": checksum.value} if checksum else None,
        **dict(file.attributes),
    }
