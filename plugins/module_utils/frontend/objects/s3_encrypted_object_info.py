# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The module s3_encrypted_object_info."""

from __future__ import annotations

from typing import Any

from ...aws.objects.instruction_files import InstructionFiles
from ...aws.objects.s3_objects import S3Objects
from ...engine.clock import SYSTEM_CLOCK, Clock
from ...engine.objects.object_inspector import ObjectInspector
from ...model.errors import invalid_input
from ...model.objects.object_state import ObjectId, ObjectState
from ...model.objects.write_answer import about_missing_kms_key, lacks_kms_key
from ..arguments import (
    CUSTOMER_KEY_EXCLUSIVE,
    customer_key_arguments,
    expected_object_arguments,
    object_arguments,
    require_no_placeholder,
    require_object,
)
from ..result import Result, with_time
from ..run import ModuleContext, run_module
from .customer_keys import customer_key
from .serialize import object_to_dict

# Which objects a result lists.
_RESULTS = ("all", "findings", "none")


def main(clock: Clock = SYSTEM_CLOCK) -> None:
    """Run s3_encrypted_object_info."""
    run_module(
        {
            **object_arguments(key_required=False),
            "prefix": {"type": "str"},
            "max_keys": {"type": "int", "no_log": False},
            "concurrency": {"type": "int", "default": 8},
            **expected_object_arguments(),
            "fail_on_findings": {"type": "bool", "default": False},
            "results": {"type": "str", "choices": list(_RESULTS)},
            **customer_key_arguments(),
        },
        lambda task: with_time({"bucket": task.params["bucket"], **_gather_info(task)}, task.clock.now()),
        name="s3_encrypted_object_info",
        clock=clock,
        mutually_exclusive=[
            ("key", "prefix"),
            ("prefix", "version_id"),
            ("key", "results"),
            *CUSTOMER_KEY_EXCLUSIVE,
        ],
        required_one_of=[("key", "prefix")],
    )


def _gather_info(task: ModuleContext) -> Result:
    require_object(task.params)
    require_no_placeholder(task.params)
    _require_expected(task.params)
    if task.params["key"] is not None:
        return _inspect_key(task)
    from .object_audit import inspect_prefix  # for many objects only: other tasks start faster without it

    return inspect_prefix(task)


def _require_expected(params: dict[str, Any]) -> None:
    """Raise OperationError for an option that has no effect without `expected`."""
    if params["expected"] is not None:
        return
    if params["fail_on_findings"]:
        raise invalid_input(
            "fail_on_findings has no effect without expected, because then there are no findings.",
            "Name in expected what the objects should have.",
        )
    if params["results"] == "findings":
        raise invalid_input(
            "results: findings has no effect without expected, because then there are no findings.",
            "Name in expected what the objects should have, or set results: all or none.",
        )


def _inspect_key(task: ModuleContext) -> Result:
    params = task.params
    s3 = S3Objects(task.clients)
    inspector = ObjectInspector(s3, InstructionFiles(task.clients), customer_key(params, task.module.warn))
    target = ObjectId(params["bucket"], params["key"], params["version_id"], params["expected_bucket_owner"])
    if params["expected"] is not None:
        from .object_audit import audit_object

        return audit_object(task, s3, lambda: inspector.inspect(target))
    found = inspector.inspect(target)
    objects = [object_to_dict(found)] if found else []
    return {"changed": False, "objects": objects, "warnings": _warnings(found)}


def _warnings(found: ObjectState | None) -> list[str]:
    return [about_missing_kms_key(found.key)] if found and lacks_kms_key(found.encryption) else []
