# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The module s3_encrypted_object_download."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...aws.accounts.sts import Sts
from ...aws.keys.key_lookup import KeyLookup
from ...aws.objects.s3_objects import S3Objects
from ...engine.clock import SYSTEM_CLOCK, Clock
from ...engine.keys.key_resolver import KeyResolver
from ...engine.objects.download import DownloadResource
from ...engine.reconcile import reconcile
from ...model.diff import difference
from ...model.errors import invalid_input
from ...model.keys.key_ref import KeyRef
from ...model.objects.desired_object import Overwrite
from ...model.objects.object_state import ObjectId
from ...model.objects.parts import parse_part_size
from ..arguments import (
    CUSTOMER_KEY_EXCLUSIVE,
    customer_key_arguments,
    kind_arguments,
    legacy_arguments,
    object_arguments,
    require_no_empty_text,
    require_object,
    workers,
)
from ..result import Result, outcome_result
from ..run import ModuleContext, run_module
from .client_side import client_side_ports
from .customer_keys import customer_key
from .file_attributes import FileAttributes, require_file_attributes
from .named_encryption import named_encryption
from .serialize import file_to_dict, object_to_dict


def main(clock: Clock = SYSTEM_CLOCK) -> None:
    """Run s3_encrypted_object_download."""
    run_module(
        {
            **object_arguments(key_required=True),
            "dest": {"type": "path", "required": True},
            **customer_key_arguments(),
            **kind_arguments(),
            **legacy_arguments(),
            "overwrite": {"type": "str", "choices": [choice.value for choice in Overwrite], "default": "different"},
            "part_size": {"type": "str", "default": "16MiB"},
            "concurrency": {"type": "int", "default": 8},
        },
        _download,
        name="s3_encrypted_object_download",
        clock=clock,
        mutually_exclusive=CUSTOMER_KEY_EXCLUSIVE,
        add_file_common_args=True,
    )


def _download(task: ModuleContext) -> Result:
    params = task.params
    path = _destination(params)
    require_file_attributes(task)
    resource = DownloadResource(
        target=ObjectId(params["bucket"], params["key"], params["version_id"], params["expected_bucket_owner"]),
        path=path,
        overwrite=Overwrite(params["overwrite"]),
        named=named_encryption(params, customer_key(params, task.module.warn)),
        kms_key=KeyRef.parse(params["kms_key"], of_store=True) if params["kms_key"] else None,
        private=params["mode"] is not None,
        part_size=parse_part_size(params["part_size"]),
        concurrency=workers(params),
        s3=S3Objects(task.clients),
        keys=KeyResolver(KeyLookup(task.clients), Sts(task.clients)),
        client_side=client_side_ports(task.clients, params),
        attributes=FileAttributes(task, path),
        clock=task.clock,
    )
    outcome = reconcile(resource, check_mode=task.check_mode)
    diff = difference(file_to_dict(outcome.before), file_to_dict(outcome.planned))
    source = object_to_dict(outcome.context.object) if outcome.context else None
    return outcome_result(outcome, diff, dest=str(path), object=source)


def _destination(params: dict[str, Any]) -> Path:
    """The path of the file: `dest`, or in the directory `dest` a file named like the last part of the key."""
    require_object(params)
    require_no_empty_text(params, ("dest",))
    try:
        return _path_in(Path(params["dest"]), params["key"], is_folder=params["dest"].endswith("/"))
    except (OSError, RuntimeError) as error:  # a name that is too long, links in a circle
        raise invalid_input(f"dest {params['dest']} is not a valid path: {error}.", "Name another.") from error


def _path_in(path: Path, key: str, is_folder: bool) -> Path:
    if path.is_dir() or is_folder:
        name = key.rpartition("/")[2]
        if not name:
            raise invalid_input(f"The key {key!r} ends without a file name.", "Name the file itself in dest.")
        path = path / name
    folder = path.resolve().parent
    if not folder.is_dir():
        raise invalid_input(f"The folder {folder} of dest does not exist.", "Create it first.")
    if path.resolve().exists() and not path.is_file():
        kind = "a directory" if path.is_dir() else "not a regular file"
        raise invalid_input(f"dest {path} is {kind}.", "Name a file.")
    return path
