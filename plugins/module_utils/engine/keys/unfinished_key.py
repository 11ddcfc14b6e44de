# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Finding the key that an interrupted run has created for an alias: it has a tag with the alias, and no alias yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ...model.errors import FailureKind, OperationError
from ...model.keys.key_state import UNFINISHED_TAG, KeyState
from .waiters import INDEX_DELAYS, Delays, Waiter

if TYPE_CHECKING:
    from ...aws.keys.ports import KmsPort

# Up to so many keys and aliases of a region they are listed, and of so many keys without an alias the tags are read:
# at most 3 ListKeys, 10 ListAliases and 20 ListResourceTags. In a larger account the index of tags is searched.
MOST_KEYS = 1000
MOST_ALIASES = 1000
MOST_WITHOUT_ALIAS = 20


def find_before_creation(alias: str, kms: KmsPort, waiter: Waiter) -> KeyState | None:
    """The unfinished key of an alias that does not exist; None if a new key is to be created for it.

    KMS's own lists show the keys without an alias, and their tags are read. That needs no wait: consecutive lists have
    to agree. Only if the account is too large, or does not allow these reads, the tagging API searches the key. Its
    index is late, so that the search takes some seconds.
    """
    listed = _without_alias(kms, waiter)
    if listed is not None:
        try:
            return _first_live((each for each in listed if _has_tag(each, alias, kms)), kms)
        except OperationError:  # tags that may not be read, or a key that one part of KMS does not know yet
            pass
    return find_unfinished(alias, kms, waiter, INDEX_DELAYS)


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


def _without_alias(kms: KmsPort, waiter: Waiter) -> list[str] | None:
    """The keys of the region without an alias; None if they are too many, or may not be listed."""
    try:
        keys = waiter.read_consistent(lambda: frozenset(kms.list_keys()))
        named = kms.keys_with_alias(MOST_ALIASES) if len(keys) <= MOST_KEYS else None
    except OperationError:
        return None
    without = sorted(keys - named) if named is not None else None
    return without if without is not None and len(without) <= MOST_WITHOUT_ALIAS else None


def _indexed(alias: str, kms: KmsPort) -> Iterator[str]:
    """The keys with the tag, by the tagging API. Its index may still have keys without the tag, so each is checked."""
    found = kms.find_keys_by_tag(UNFINISHED_TAG, alias)
    return (key_id for key_id in found if _is_tagged(key_id, alias, kms, if_forbidden=True))


def _is_tagged(key_id: str, alias: str, kms: KmsPort, *, if_forbidden: bool = False) -> bool:
    """Whether the key has the tag; `if_forbidden` if the caller may not read its tags."""
    try:
        return _has_tag(key_id, alias, kms)
    except OperationError as error:
        return if_forbidden and error.failure.kind is FailureKind.FORBIDDEN


def _has_tag(key_id: str, alias: str, kms: KmsPort) -> bool:
    return (UNFINISHED_TAG, alias) in kms.list_resource_tags(key_id)


def _first_live(key_ids: Iterable[str], kms: KmsPort) -> KeyState | None:
    """The first of the keys that is not scheduled for deletion."""
    keys = (kms.get_key(key_id) for key_id in key_ids)
    return next((key for key in keys if not key.is_pending_deletion), None)
