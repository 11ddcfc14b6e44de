# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Finding a KMS key: by its id, by its alias, or by the tag of an interrupted run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...aws.keys.ports import KmsPort
from ...model.errors import FailureKind, OperationError
from ...model.keys.desired_key import DesiredKey
from ...model.keys.key_state import UNFINISHED_TAG, KeyState
from .waiters import INDEX_DELAYS, Delays, Waiter


def find_key(desired: DesiredKey, kms: KmsPort, waiter: Waiter) -> KeyState | None:
    """The key with the desired id or alias; or the key of an earlier run that was interrupted before CreateAlias."""
    try:
        return kms.get_key(desired.key_id or desired.alias or "")
    except OperationError as error:
        if error.failure.kind is not FailureKind.ABSENT:
            raise
    if desired.key_id or not desired.alias:
        return None
    return find_unfinished(desired.alias, kms, waiter, INDEX_DELAYS)


def find_unfinished(alias: str, kms: KmsPort, waiter: Waiter, delays: Delays = ()) -> KeyState | None:
    """The key that was created for this alias and does not have it yet.

    The tagging API finds it. Its index is late, so the search is repeated after these delays while it finds nothing.
    Where the tagging API is not available, the tags of all keys are read. A key that was scheduled for deletion
    meanwhile is ignored.
    """
    try:
        return waiter.wait_for_result(lambda: _first_live(_indexed(alias, kms), kms), delays)
    except OperationError:
        # A key whose tags the caller may not read was not created by this caller.
        return _first_live((key_id for key_id in kms.list_keys() if _is_tagged(key_id, alias, kms)), kms)


def alias_holder(alias: str, kms: KmsPort) -> str | None:
    """The id of the key that an alias refers to in the region of `kms`; None if the alias does not exist."""
    try:
        return kms.get_key(alias).key_id
    except OperationError as error:
        if error.failure.kind is FailureKind.ABSENT:
            return None
        raise


def _indexed(alias: str, kms: KmsPort) -> Iterator[str]:
    """The keys with the tag, by the tagging API. Its index may still have keys without the tag, so each is checked."""
    found = kms.find_keys_by_tag(UNFINISHED_TAG, alias)
    return (key_id for key_id in found if _is_tagged(key_id, alias, kms, if_forbidden=True))


def _is_tagged(key_id: str, alias: str, kms: KmsPort, *, if_forbidden: bool = False) -> bool:
    """Whether the key has the tag; `if_forbidden` if the caller may not read its tags."""
    try:
        return (UNFINISHED_TAG, alias) in kms.list_resource_tags(key_id)
    except OperationError as error:
        return if_forbidden and error.failure.kind is FailureKind.FORBIDDEN


def _first_live(key_ids: Iterable[str], kms: KmsPort) -> KeyState | None:
    """The first of the keys that is not scheduled for deletion."""
    keys = (kms.get_key(key_id) for key_id in key_ids)
    return next((key for key in keys if not key.is_pending_deletion), None)
