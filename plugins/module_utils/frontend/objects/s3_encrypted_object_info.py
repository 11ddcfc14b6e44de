# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The module s3_encrypted_object_info."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ...aws.objects.instruction_files import InstructionFiles
from ...aws.objects.s3_objects import S3Objects
from ...engine.clock import SYSTEM_CLOCK, Clock
from ...engine.fleet.worker_pool import map_unordered
from ...engine.objects.client_side.envelope_reading import with_envelope
from ...engine.objects.head_object import find_object
from ...engine.objects.store_proof import require_customer_key_needed
from ...model.envelope import EnvelopePlace
from ...model.errors import FailureKind, OperationError, invalid_input
from ...model.kinds.encryption import ObjectEncryption
from ...model.kinds.registry import CUSTOMER_KEY
from ...model.objects.envelope_fields import INSTRUCTION_SUFFIX
from ...model.objects.object_state import ObjectId, ObjectState
from ...model.objects.write_answer import lacks_kms_key
from ...model.secret import CustomerKey
from ...model.tags import Tags
from ..arguments import CUSTOMER_KEY_EXCLUSIVE, customer_key_arguments, object_arguments, require_object, workers
from ..progress import Progress
from ..result import Result, error_of_row
from ..run import ModuleContext, run_module
from .customer_keys import customer_key
from .serialize import object_to_dict

# How many objects a warning names.
_NAMED = 3


def main(clock: Clock = SYSTEM_CLOCK) -> None:
    """Run s3_encrypted_object_info."""
    run_module(
        {
            **object_arguments(key_required=False),
            "prefix": {"type": "str"},
            "max_keys": {"type": "int", "default": 1000, "no_log": False},
            "concurrency": {"type": "int", "default": 8},
            **customer_key_arguments(),
        },
        _gather_info,
        clock=clock,
        mutually_exclusive=[("key", "prefix"), ("prefix", "version_id"), *CUSTOMER_KEY_EXCLUSIVE],
        required_one_of=[("key", "prefix")],
    )


def _gather_info(task: ModuleContext) -> Result:
    params = task.params
    require_object(params)
    s3, key = S3Objects(task.clients), customer_key(params, task.module.warn)
    files = InstructionFiles(task.clients)
    if params["key"] is not None:
        found = _find(s3, files, _target(params, params["key"]), key)
        one = [single] if (single := object_to_dict(found)) else []
        return {"changed": False, "objects": one, "warnings": _about_keys(one)}
    if params["max_keys"] < 1:
        raise invalid_input(f"max_keys: {params['max_keys']} would list nothing.", "Give 1 or more.")
    keys, truncated = s3.list_objects(
        params["bucket"], params["prefix"], params["expected_bucket_owner"], params["max_keys"]
    )
    listed_keys = frozenset(keys)
    shown: dict[int, dict[str, Any]] = {}

    def work(name: str) -> dict[str, Any] | None:
        try:
            has_file = f"{name}{INSTRUCTION_SUFFIX}" in listed_keys
            return object_to_dict(_find(s3, files, _target(params, name), key, has_file=has_file))
        except OperationError as error:
            encryption = {"type": CUSTOMER_KEY.name} if error.failure.kind is FailureKind.WRONG_KEY else None
            return {
                "bucket": params["bucket"],
                "key": name,
                "encryption": encryption,
                "error": error_of_row(error.failure),
            }

    results = map_unordered(keys, work, concurrency=workers(params))
    for position, _name, result in Progress(task.clock, "objects").track(results, len(keys)):
        if result:  # None: deleted since it was listed
            shown[position] = result
    listed = [shown[position] for position in sorted(shown)]
    about_limit = [_about_limit(params, len(keys))] if truncated else []
    warnings = [*about_limit, *_about_keys(listed), *_about_files(listed, params["prefix"])]
    return {"changed": False, "objects": listed, "truncated": truncated, "warnings": warnings}


def _about_limit(params: dict[str, Any], number: int) -> str:
    """A warning that the list is not complete: a check of it would say nothing about the rest."""
    return (
        f"Only the first {number} objects of the bucket {params['bucket']} with the prefix {params['prefix']!r} were "
        "read. There are more, which are not in the result. Set max_keys to a larger number."
    )


def _about_keys(listed: list[dict[str, Any]]) -> list[str]:
    """A warning about objects that the store reports under a KMS key without the key, which AWS never does."""
    names = [
        each["key"]
        for each in listed
        if "error" not in each
        and lacks_kms_key(ObjectEncryption(each["encryption"]["type"], each["encryption"]["kms_key_arn"]))
    ]
    if not names:
        return []
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return [
        f"The store reports {', '.join(names[:_NAMED])}{more} as encrypted under a KMS key without naming the key. It "
        "may have no KMS, and these objects may be unencrypted or unreadable."
    ]


def _about_files(listed: list[dict[str, Any]], prefix: str) -> list[str]:
    """Warnings about instruction files that the object with their name does not need, or that have none.

    The name of an object comes before that of its file, so an incomplete list lacks files, and no objects.
    """
    objects = {each["key"]: each.get("encryption") or {} for each in listed}
    readable = {each["key"] for each in listed if "error" not in each}
    files = [key for key in objects if key.endswith(INSTRUCTION_SUFFIX) and key != INSTRUCTION_SUFFIX]
    owners = {key: key.removesuffix(INSTRUCTION_SUFFIX) for key in files}
    orphans = [key for key, owner in owners.items() if owner not in objects and owner.startswith(prefix)]
    unneeded = [key for key, owner in owners.items() if owner in readable and not _needs_file(objects[owner])]
    return [
        *_about(orphans, "Objects with the name of an instruction file, whose object does not exist"),
        *_about(unneeded, "Instruction files that the current version of their object does not need"),
    ]


def _needs_file(encryption: dict[str, Any]) -> bool:
    return encryption.get("envelope") == EnvelopePlace.INSTRUCTION_FILE.value


def _about(names: list[str], what: str) -> list[str]:
    if not names:
        return []
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return [f"{what}: {', '.join(names[:_NAMED])}{more}."]


def _find(
    s3: S3Objects, files: InstructionFiles, target: ObjectId, key: CustomerKey | None, *, has_file: bool = False
) -> ObjectState | None:
    """The object, with what its envelope shows. `has_file` says that there is an object with the name of its file."""
    answer = find_object(s3, target, None, key)
    answer.require_protected()
    found = answer.object
    if found is None:
        return None
    if key and s3.custom_endpoint:
        require_customer_key_needed(s3, target, found)
    found = with_envelope(files, target, found, reads_file=has_file)
    return replace(found, tags=_tags(s3, target, found))


def _tags(s3: S3Objects, target: ObjectId, found: ObjectState) -> Tags | None:
    """The tags, read unless there are none. None: the store does not report their number, and they cannot be read."""
    if found.tag_count == 0:
        return ()
    try:
        return s3.get_object_tagging(target)
    except OperationError as error:
        if found.tag_count:
            raise
        return () if error.failure.kind is FailureKind.UNSUPPORTED else None


def _target(params: dict[str, Any], key: str) -> ObjectId:
    return ObjectId(params["bucket"], key, params["version_id"], params["expected_bucket_owner"])
