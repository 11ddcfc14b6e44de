# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The module s3_encrypted_object_download."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..aws.ports import ObjectId
from ..aws.s3 import S3
from ..engine.download import DownloadResource
from ..engine.reconcile import reconcile
from ..model.diff import difference
from ..model.encrypted_object import Overwrite
from ..model.errors import invalid
from ..model.parts import parse_part_size
from .arguments import CUSTOMER_KEY_EXCLUSIVE, customer_key_arguments, require_no_empty_text, workers
from .customer_keys import customer_key
from .failure import failure_answer
from .file_attributes import FileAttributes, require_file_attributes
from .present import show_file, show_object
from .run import Answer, Run, run
from .s3_encrypted_object import object_arguments


def main() -> None:
    """Run s3_encrypted_object_download."""
    run(
        {
            **object_arguments({"required": True}),
            "dest": {"type": "path", "required": True},
            **customer_key_arguments(),
            "encryption_context": {"type": "dict"},
            "overwrite": {"type": "str", "choices": [choice.value for choice in Overwrite], "default": "different"},
            "part_size": {"type": "str", "default": "16MiB"},
            "concurrency": {"type": "int", "default": 8},
        },
        _download,
        mutually_exclusive=CUSTOMER_KEY_EXCLUSIVE,
        add_file_common_args=True,
    )


def _download(task: Run) -> Answer:
    params = task.params
    path = _destination(params)
    require_file_attributes(task)
    attributes = FileAttributes(task, path)
    resource = DownloadResource(
        target=ObjectId(params["bucket"], params["key"], params["version_id"], params["expected_bucket_owner"]),
        path=path,
        overwrite=Overwrite(params["overwrite"]),
        customer_key=customer_key(params),
        private=params["mode"] is not None,
        settle=attributes.settle,
        part_size=parse_part_size(params["part_size"]),
        concurrency=workers(params),
        names_context=bool(params["encryption_context"]),
        s3=S3(task.clients),
    )
    outcome = reconcile(resource, check_mode=task.check_mode)
    diff = difference(show_file(outcome.before), show_file(outcome.planned))
    answer: Answer = {
        "changed": outcome.changed,
        "dest": str(path),
        "object": show_object(resource.object),
        "actions": list(outcome.actions),
        "diff": diff,
        "warnings": list(outcome.warnings),
    }
    if outcome.failure:
        return {**answer, **failure_answer(outcome.failure)}
    if path.exists() and not attributes.settled:
        answer["changed"] = attributes.hold() or outcome.changed
    if outcome.before:  # a new file's attributes are part of its making
        for side in ("before", "after"):
            diff[side] |= {name: value for name, value in attributes.change.get(side, {}).items() if name != "path"}
    return answer


def _destination(params: dict[str, Any]) -> Path:
    """The file to make: `dest`, or in the directory `dest` one with the last part of the key as its name."""
    require_no_empty_text(params, ("bucket", "key", "dest", "version_id", "expected_bucket_owner"))
    try:
        return _file_of(Path(params["dest"]), params["key"], is_folder=params["dest"].endswith("/"))
    except (OSError, RuntimeError) as error:  # a name that is too long, links in a circle
        raise invalid(f"dest {params['dest']} is no path of a file: {error}.", "Name another.") from error


def _file_of(path: Path, key: str, is_folder: bool) -> Path:
    if path.is_dir() or is_folder:
        name = key.rpartition("/")[2]
        if not name:
            raise invalid(f"The key {key!r} gives no file name.", "Name the file itself in dest.")
        path = path / name
    if not path.parent.is_dir():
        raise invalid(f"The folder {path.parent} of dest does not exist.", "Make it first.")
    if path.resolve().exists() and not path.is_file():
        kind = "a directory" if path.is_dir() else "not a regular file"
        raise invalid(f"dest {path} is {kind}.", "Name a file.")
    return path
