# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The options of s3_encrypted_sync, and what both directions take from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ....model.buckets.bucket_name import require_bucket_name
from ....model.errors import invalid_input
from ....model.objects.change_method import ChangeMethod
from ....model.objects.limits import require_object_key
from ....model.objects.parts import parse_part_size
from ....model.objects.sync.comparison import Compare
from ....model.objects.sync.selection import PathSelection, as_directory
from ...arguments import (
    CUSTOMER_KEY_EXCLUSIVE,
    ArgumentSpec,
    legacy_arguments,
    object_encryption_arguments,
    request_payer_arguments,
    require_no_empty_text,
    workers,
)
from ...written import read_written_params
from ..object_properties import PROPERTIES

# Of a large object, so many parts are transferred at the same time.
PART_CONCURRENCY = 4

# What describes objects that are written, and so has no meaning for a download.
_PUSH_OPTIONS: ArgumentSpec = {
    "remote_src": {"type": "bool", "default": False},
    "change_method": {"type": "str", "choices": [choice.value for choice in ChangeMethod], "default": "auto"},
    "conditional_writes": {"type": "bool", "default": True},
    **{name: {"type": "str"} for name in PROPERTIES},
    "metadata": {"type": "dict"},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}
# The encryption options that say how an object is written. The others can name what an object has to have, too.
_ENCRYPTION_OF_WRITES = (
    "bucket_key_enabled",
    "customer_key_generate",
    "previous_customer_key",
    "previous_customer_key_file",
    "envelope",
    "server_side",
)
# What describes files that are written.
_PULL_OPTIONS: ArgumentSpec = {
    "mode": {"type": "raw"},
    "directory_mode": {"type": "raw"},
    "owner": {"type": "str"},
    "group": {"type": "str"},
}

CONSTRAINTS: dict[str, Any] = {
    "required_one_of": [("src", "dest")],
    "mutually_exclusive": [
        ("src", "dest"),
        *CUSTOMER_KEY_EXCLUSIVE,
        ("previous_customer_key", "previous_customer_key_file"),
    ],
}


def sync_arguments() -> ArgumentSpec:
    """All options of the module."""
    return {
        "bucket": {"type": "str", "required": True, "aliases": ["bucket_name"]},
        "prefix": {"type": "str", "default": ""},
        "src": {"type": "path"},
        "dest": {"type": "path"},
        "include": {"type": "list", "elements": "str", "default": ["*"]},
        "exclude": {"type": "list", "elements": "str", "default": []},
        "delete": {"type": "bool", "default": False},
        "delete_all": {"type": "bool", "default": False},
        "compare": {"type": "str", "choices": [choice.value for choice in Compare], "default": "checksum"},
        **_PUSH_OPTIONS,
        **_PULL_OPTIONS,
        **object_encryption_arguments(),
        **legacy_arguments(),
        "part_size": {"type": "str", "default": "16MiB"},
        "concurrency": {"type": "int", "default": 32},
        "on_error": {"type": "str", "choices": ["continue", "stop"], "default": "continue"},
        "results": {"type": "str", "choices": ["changed", "all", "none"]},
        "progress": {"type": "bool", "default": True},
        "expected_bucket_owner": {"type": "str"},
        **request_payer_arguments(),
    }


@dataclass(frozen=True)
class SyncOptions:
    """What both directions take from the options.

    `prefix` is what all keys begin with, and `concurrency` the number of objects at a time.
    """

    bucket: str
    prefix: str
    selection: PathSelection
    delete: bool
    delete_all: bool
    compare: Compare
    part_size: int
    concurrency: int
    stop_on_failure: bool
    expected_bucket_owner: str | None


def parse_options(params: dict[str, Any]) -> SyncOptions:
    """The options of both directions. Raises OperationError for those that contradict each other."""
    require_no_empty_text(params, ("bucket", "src", "dest", "kms_key", "expected_bucket_owner"))
    require_bucket_name(params["bucket"], access_points=True)
    prefix = as_directory(params["prefix"])
    require_object_key(prefix, "prefix")
    _require_of_direction(params)
    if not params["include"]:
        raise invalid_input("include is empty, so it selects nothing.", 'Leave it out, or write ["*"] for all files.')
    for option in ("include", "exclude"):
        if "" in params[option]:
            raise invalid_input(f"{option} has an empty pattern, which matches nothing.", "Leave it out.")
    if params["delete_all"] and not params["delete"]:
        raise invalid_input("delete_all has no effect without delete: true.", "Set both, or omit delete_all.")
    return SyncOptions(
        bucket=params["bucket"],
        prefix=prefix,
        selection=PathSelection(tuple(params["include"]), tuple(params["exclude"])),
        delete=params["delete"],
        delete_all=params["delete_all"],
        compare=Compare(params["compare"]),
        part_size=parse_part_size(params["part_size"]),
        concurrency=workers(params),
        stop_on_failure=params["on_error"] == "stop",
        expected_bucket_owner=params["expected_bucket_owner"],
    )


def _require_of_direction(params: Mapping[str, Any]) -> None:
    """Raise OperationError for an option that the task writes, and that belongs to the other direction."""
    is_push = params["src"] is not None
    spec = sync_arguments()
    foreign = tuple(_PULL_OPTIONS) if is_push else (*_PUSH_OPTIONS, *_ENCRYPTION_OF_WRITES)
    written = read_written_params()
    names = [name for name in foreign if _is_written(written, name, spec)]
    if names:
        own, other = ("src", "dest") if is_push else ("dest", "src")
        raise invalid_input(f"{', '.join(names)} cannot be combined with {own}.", f"Omit it, or use {other}.")


def _is_written(written: Mapping[str, Any], name: str, spec: ArgumentSpec) -> bool:
    return any(written.get(each) is not None for each in (name, *_aliases(name, spec)))


def _aliases(name: str, spec: ArgumentSpec) -> Iterator[str]:
    yield from spec[name].get("aliases", ())
