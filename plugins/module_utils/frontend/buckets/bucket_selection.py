# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The options that choose a task's buckets: by name, or by a selection."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ...aws.buckets.bucket_list import BucketList
from ...engine.buckets.selection import select_buckets
from ...model.buckets.bucket_name import require_bucket_name
from ...model.buckets.selection import ANY_NAME, Bucket, Selection
from ...model.errors import invalid_input
from ...model.tags import freeze_texts
from ..region_names import require_regions

if TYPE_CHECKING:
    from ..arguments import ArgumentSpec
    from ..run import ModuleContext

_ALL_BUCKETS = 'Name at least one of names, regions and tags in it. For all buckets, write names: ["*"].'

SELECTION_CONSTRAINTS: dict[str, Any] = {
    "mutually_exclusive": [("buckets", "select")],
    "required_one_of": [("buckets", "select")],
}


def selection_arguments() -> ArgumentSpec:
    """The options that choose the buckets.

    Nothing has a default, so that all buckets of an account are only selected in so many words.
    """
    patterns = {"type": "list", "elements": "str"}
    return {
        "buckets": {"type": "list", "elements": "str", "aliases": ["bucket", "name"]},
        "select": {
            "type": "dict",
            "options": {
                "names": patterns,
                "exclude": patterns,
                "regions": patterns,
                "tags": {"type": "dict"},
            },
        },
    }


def chosen_buckets(task: ModuleContext, warn: Callable[[str], None]) -> Iterator[Bucket]:
    """The buckets of a task: the named ones, each once, or those that match the selection.

    Lists the buckets while it is iterated. Raises OperationError for bad names or regions, and for a list that cannot
    be read. `warn` gets the warnings about the selection.
    """
    choice = parse_choice(task, warn)
    if isinstance(choice, Selection):
        yield from select_buckets(choice, BucketList(task.clients))
    else:
        yield from (Bucket(name) for name in choice)


def parse_choice(task: ModuleContext, warn: Callable[[str], None]) -> Selection | tuple[str, ...]:
    """The selection of a task, or the names of its buckets, each once; raises OperationError for bad ones.

    `warn` gets the warnings about the selection.
    """
    names, select = task.params["buckets"], task.params["select"]
    if names is not None:
        for name in names:
            require_bucket_name(name, "buckets")
        return tuple(dict.fromkeys(names))
    if select is None:
        raise invalid_input("No buckets are named.", "Give buckets, or select.")
    selection = _parse_selection(select)
    require_regions(task.clients, "select.regions", selection.regions, warn)
    return selection


def _parse_selection(select: Mapping[str, Any]) -> Selection:
    """The selection; raises OperationError for one that names nothing, which often is an undefined variable."""
    names, regions, tags = select["names"], select["regions"] or [], select["tags"] or {}
    if names is not None and not any(names):
        raise invalid_input("select.names is empty, so no bucket matches.", _ALL_BUCKETS)
    if names is None and not regions and not tags:
        raise invalid_input("select names no criterion, so it would select all buckets of the account.", _ALL_BUCKETS)
    return Selection(
        names=ANY_NAME if names is None else tuple(names),
        exclude=tuple(select["exclude"] or ()),
        regions=tuple(dict.fromkeys(regions)),
        tags=freeze_texts("select.tags", tags),
    )
