# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The options that choose a task's buckets: by name, or by a selection."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ...aws.buckets.bucket_list import BucketList
from ...aws.session import SDK_VERSION, Clients
from ...engine.buckets.selection import select_buckets
from ...model.buckets.bucket_name import require_bucket_name
from ...model.buckets.selection import Bucket, Selection
from ...model.errors import invalid_input
from ...model.tags import freeze_tags
from ..arguments import ArgumentSpec
from ..run import ModuleContext

SELECTION_CONSTRAINTS: dict[str, Any] = {
    "mutually_exclusive": [("buckets", "select")],
    "required_one_of": [("buckets", "select")],
}


def selection_arguments() -> ArgumentSpec:
    """The options that choose the buckets."""
    patterns = {"type": "list", "elements": "str"}
    return {
        "buckets": {"type": "list", "elements": "str", "aliases": ["bucket", "name"]},
        "select": {
            "type": "dict",
            "options": {
                "names": {**patterns, "default": ["*"]},
                "exclude": {**patterns, "default": []},
                "regions": {**patterns, "default": []},
                "tags": {"type": "dict", "default": {}},
            },
        },
    }


def chosen_buckets(task: ModuleContext, warn: Callable[[str], None]) -> Iterator[Bucket]:
    """The buckets of a task: the named ones, each once, or those that match the selection.

    Lists the buckets while it is iterated. Raises OperationError for bad names or regions, and for a list that cannot
    be read. `warn` gets the warnings about the selection.
    """
    names, select = task.params["buckets"], task.params["select"]
    if names is not None:
        for name in names:
            require_bucket_name(name, "buckets")
        yield from (Bucket(name) for name in dict.fromkeys(names))
        return
    if select is None:
        raise invalid_input("No buckets are named.", "Give buckets, or select.")
    selection = Selection(
        names=tuple(select["names"]),
        exclude=tuple(select["exclude"]),
        regions=tuple(dict.fromkeys(select["regions"])),
        tags=freeze_tags(select["tags"]),
    )
    _check_regions(task.clients, selection.regions, warn)
    yield from select_buckets(selection, BucketList(task.clients))


def _check_regions(clients: Clients, regions: tuple[str, ...], warn: Callable[[str], None]) -> None:
    """Raise OperationError for a region that AWS does not have. The regions of another store are not known: warn."""
    unknown = clients.unknown_regions(regions)
    if not unknown:
        return
    sentence = f"select.regions: the SDK's data of AWS partitions does not know {', '.join(unknown)}"
    if not clients.custom_endpoint("s3"):
        raise invalid_input(
            f"{sentence} (boto3 {SDK_VERSION}).",
            "Check the name. For a region that is newer than this boto3, install a newer one on the host that runs the "
            "task.",
        )
    warn(f"{sentence}. This is right only if the store has a region of that name.")
