# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The module s3_encrypted_object."""

from __future__ import annotations

import base64
import mimetypes
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...aws.accounts.sts import Sts
from ...aws.buckets.s3_buckets import S3Buckets
from ...aws.keys.key_lookup import KeyLookup
from ...aws.objects.multipart import Multipart
from ...aws.objects.s3_objects import S3Objects
from ...engine.buckets.bucket_settings import BucketSettings
from ...engine.clock import SYSTEM_CLOCK, Clock
from ...engine.keys.key_resolver import KeyResolver
from ...engine.objects.encrypted_object import EncryptedObjectResource
from ...engine.reconcile import reconcile
from ...engine.transfer.content import Source
from ...model.diff import difference
from ...model.errors import invalid_input
from ...model.objects.change_method import ChangeMethod
from ...model.objects.desired_object import DesiredObject, Overwrite
from ...model.objects.large_objects import Limits
from ...model.objects.object_steps import COPY_LIMIT
from ...model.objects.parts import parse_part_size
from ...model.secret import CustomerKey
from ...model.tags import validate_tags
from ..arguments import (
    CUSTOMER_KEY_EXCLUSIVE,
    copy_source_arguments,
    legacy_arguments,
    object_arguments,
    object_encryption_arguments,
    require_no_empty_text,
    require_object,
    workers,
)
from ..result import Result, outcome_result
from ..run import ModuleContext, run_module
from .client_side import client_side_ports, parse_kms_keys
from .copy_source import copy_source_key, parse_copy_source
from .customer_keys import customer_key, new_customer_key, require_regular_file
from .desired_encryption import parse_encryption
from .object_properties import DEFAULT_CONTENT_TYPE, PROPERTIES, parse_properties
from .serialize import add_content_to_diff, add_version_to_diff, add_write_to_diff, object_plan_to_dict, object_to_dict
from .source_display_name import pop_source_path


def main(clock: Clock = SYSTEM_CLOCK) -> None:
    """Run s3_encrypted_object."""
    run_module(
        {
            **object_arguments(key_required=True),
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "src": {"type": "path"},
            "remote_src": {"type": "bool", "default": False},
            "content": {"type": "str", "no_log": True},
            "content_base64": {"type": "str", "no_log": True},
            **copy_source_arguments(),
            **object_encryption_arguments(),
            **legacy_arguments(),
            **{name: {"type": "str"} for name in PROPERTIES},
            "metadata": {"type": "dict"},
            "tags": {"type": "dict", "aliases": ["resource_tags"]},
            "purge_tags": {"type": "bool", "default": True},
            "overwrite": {"type": "str", "choices": [choice.value for choice in Overwrite], "default": "different"},
            "change_method": {"type": "str", "choices": [choice.value for choice in ChangeMethod], "default": "auto"},
            "content_diff": {"type": "bool", "default": False},
            "conditional_writes": {"type": "bool", "default": True},
            "part_size": {"type": "str", "default": "16MiB"},
            "concurrency": {"type": "int", "default": 8},
        },
        _ensure,
        name="s3_encrypted_object",
        clock=clock,
        mutually_exclusive=[
            ("src", "content", "content_base64", "copy_src"),
            *CUSTOMER_KEY_EXCLUSIVE,
            ("previous_customer_key", "previous_customer_key_file"),
        ],
    )


def _ensure(task: ModuleContext) -> Result:
    params = task.params
    path = pop_source_path(params)
    generated = new_customer_key(params)
    key = generated[0] if generated else customer_key(params, task.module.warn)
    resource = EncryptedObjectResource(
        desired=_parse(params, key),
        kms_keys=parse_kms_keys(params),
        previous_key=customer_key(params, task.module.warn, "previous_"),
        source=None if params["state"] == "absent" else _source(params, path),
        s3=S3Objects(task.clients, conditional_writes=params["conditional_writes"]),
        multipart=Multipart(task.clients, conditional_writes=params["conditional_writes"]),
        buckets=BucketSettings(S3Buckets(task.clients), params["expected_bucket_owner"]),
        client_side=client_side_ports(task.clients, params),
        clock=task.clock,
        limits=Limits(parse_part_size(params["part_size"]), COPY_LIMIT),
        concurrency=workers(params),
        keys=KeyResolver(KeyLookup(task.clients), Sts(task.clients)),
        expected_bucket_owner=params["expected_bucket_owner"],
        new_key_file=generated[1] if generated else None,
        shows_content=params["content_diff"] and bool(task.module._diff),
        copied_from=parse_copy_source(params),
        copied_from_key=copy_source_key(params, task.module.warn),
    )
    outcome = reconcile(resource, check_mode=task.check_mode)
    planned, shown = object_plan_to_dict(outcome.planned), object_to_dict(outcome.after)
    if generated and planned and isinstance(planned["encryption"], dict):
        planned["encryption"]["customer_key_md5"] = "of the key that customer_key_generate makes"
    if generated and shown and task.check_mode:
        shown["encryption"]["customer_key_md5"] = None
    diff = difference(object_plan_to_dict(outcome.before), planned, f"s3://{params['bucket']}/{params['key']}")
    if outcome.changed:
        add_version_to_diff(diff, outcome.before, outcome.planned, params["version_id"])
        add_write_to_diff(diff, outcome.before, outcome.planned)
    if outcome.context and outcome.context.content_diff:
        add_content_to_diff(diff, outcome.context.content_diff)
    if outcome.context:
        outcome = replace(outcome, warnings=(*outcome.warnings, *outcome.context.warnings))
    deleted = outcome.context.deleted if outcome.context else None
    return outcome_result(outcome, diff, object=shown, **({"deleted": deleted._asdict()} if deleted else {}))


def _parse(params: dict[str, Any], key: CustomerKey | None) -> DesiredObject:
    """The desired state; raises OperationError for options that contradict each other."""
    require_object(params)
    require_no_empty_text(params, ("src", "kms_key"))
    absent = params["state"] == "absent"
    if params["version_id"] and not absent:
        raise invalid_input(
            "version_id has no effect with state: present.", "A write always creates a new current version."
        )
    if absent and params["encryption"]:
        raise invalid_input("encryption has no effect with state: absent.", "Omit it.")
    return DesiredObject(
        bucket=params["bucket"],
        key=params["key"],
        absent=absent,
        encryption=parse_encryption(params, key),
        properties=parse_properties(params),
        new_content_type=mimetypes.guess_type(params["src"] or params["key"])[0] or DEFAULT_CONTENT_TYPE,
        tags=None if params["tags"] is None else validate_tags(params["tags"]),
        purge_tags=params["purge_tags"],
        overwrite=Overwrite(params["overwrite"]),
        change_method=ChangeMethod(params["change_method"]),
        version_id=params["version_id"],
    )


def _source(params: dict[str, Any], src: str | None) -> Source | None:
    """The content of the task; raises OperationError for a file that cannot be read."""
    if params["content"] is not None:
        return Source(data=params["content"].encode())
    if params["content_base64"] is not None:
        try:
            return Source(data=base64.b64decode("".join(params["content_base64"].split()), validate=True))
        except ValueError as error:
            raise invalid_input(f"content_base64 is not base64: {error}.") from None
    if src is None:
        return None
    path = Path(src)
    require_regular_file(path, "src")
    return Source(path)
