# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The object that a task names in copy_src, and its customer key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from ...model.errors import OperationError, invalid_input
from ...model.objects.object_state import ObjectId
from ...model.secret import CustomerKey
from ..arguments import require_object
from .customer_keys import customer_key

ValueT = TypeVar("ValueT")


def parse_copy_source(params: dict[str, Any]) -> ObjectId | None:
    """The source of a copy; None if the task names none, or deletes the object.

    Raises OperationError for a source that cannot be an object, and for the object itself.
    """
    named = params["copy_src"]
    if named is None or params["state"] == "absent":
        return None
    _checked(lambda: require_object(named))
    source = ObjectId(named["bucket"], named["key"], named["version_id"], named["expected_bucket_owner"])
    if source[:2] == (params["bucket"], params["key"]) and source.version_id is None:
        raise invalid_input(
            f"copy_src is {source.name}, the object itself.",
            "Leave copy_src out to change the object, or name a version_id in it to restore an earlier version.",
        )
    return source


def copy_source_key(params: dict[str, Any], warn: Callable[[str], object]) -> CustomerKey | None:
    """The customer key of the source. Raises OperationError as `customer_key` does."""
    named = params["copy_src"]
    if named is None or params["state"] == "absent":
        return None
    return _checked(lambda: customer_key(named, warn))


def _checked(read: Callable[[], ValueT]) -> ValueT:
    """What is read of the suboptions. Raises OperationError with copy_src in its message."""
    try:
        return read()
    except OperationError as error:
        raise OperationError(replace(error.failure, message=f"copy_src: {error.failure.message}")) from error
