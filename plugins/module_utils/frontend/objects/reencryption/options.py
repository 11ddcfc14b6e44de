# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The options of bucket_reencryption."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

from ....model.buckets.bucket_name import require_bucket_name
from ....model.errors import invalid_input
from ....model.keys.key_ref import KeyRef
from ....model.kinds.kind import Kind
from ....model.kinds.registry import BUCKET_DEFAULT_KINDS, find_kind, require_accepted_options
from ....model.objects.change_method import ChangeMethod
from ....model.objects.limits import require_object_key
from ....model.objects.reencryption.decision import OnLocked
from ...arguments import (
    ArgumentSpec,
    bucket_encryption_arguments,
    customer_key_arguments,
    request_payer_arguments,
    require_no_empty_text,
    workers,
)
from .batch_options import BatchOptions, batch_arguments, parse_batch
from .select import SelectOptions, parse_select, selection_arguments

_ENCRYPTION = ("encryption", "kms_key", "bucket_key_enabled")


class Engine(str, Enum):
    """What changes the objects: this process, or S3 Batch Operations."""

    HERE = "here"
    BATCH_OPERATIONS = "batch_operations"


class Versions(str, Enum):
    """Which versions of the objects are selected."""

    CURRENT = "current"
    ALL = "all"


def reencryption_arguments() -> ArgumentSpec:
    """All options of the module."""
    encryption = bucket_encryption_arguments()
    return {
        "bucket": {"type": "str", "required": True, "aliases": ["bucket_name"]},
        "expected_bucket_owner": {"type": "str"},
        **request_payer_arguments(),
        **{name: encryption[name] for name in _ENCRYPTION},
        **selection_arguments(by_encryption=True),
        "versions": {"type": "str", "choices": [each.value for each in Versions], "default": Versions.CURRENT.value},
        "method": {"type": "str", "choices": [each.value for each in ChangeMethod], "default": ChangeMethod.AUTO.value},
        "engine": {"type": "str", "choices": [each.value for each in Engine], "default": Engine.HERE.value},
        "on_locked": {"type": "str", "choices": [each.value for each in OnLocked], "default": OnLocked.SKIP.value},
        "minimum": {"type": "bool", "default": False},
        **customer_key_arguments(),
        "max_objects": {"type": "int"},
        "max_seconds": {"type": "int"},
        "max_rate": {"type": "int"},
        "start_after": {"type": "str"},
        "report_file": {"type": "path"},
        "concurrency": {"type": "int", "default": 32},
        "on_error": {"type": "str", "choices": ["continue", "stop"], "default": "continue"},
        "progress": {"type": "bool", "default": True},
        **batch_arguments(),
    }


@dataclass(frozen=True)
class ReencryptionOptions:
    """What a task asks for. `kind` is None where all three encryption options are omitted: the bucket's default."""

    bucket: str
    expected_bucket_owner: str | None
    kind: Kind | None
    kms_key: KeyRef | None
    bucket_key_enabled: bool | None
    select: SelectOptions
    versions: Versions
    method: ChangeMethod
    engine: Engine
    on_locked: OnLocked
    minimum: bool
    max_objects: int | None
    max_seconds: int | None
    max_rate: int | None
    start_after: str
    report_file: Path | None
    concurrency: int
    stop_on_failure: bool
    batch: BatchOptions | None = None


def parse_options(params: dict[str, Any], now: datetime) -> ReencryptionOptions:
    """The options of a task, all of them checked. `now` is the current time in UTC. Raises OperationError."""
    require_no_empty_text(params, ("bucket", "kms_key", "expected_bucket_owner", "report_file", "start_after"))
    require_bucket_name(params["bucket"], access_points=True)
    kind = _kind(params)
    for name in ("max_objects", "max_seconds", "max_rate"):
        if params[name] is not None and params[name] < 1:
            raise invalid_input(f"{name}: {params[name]} would do nothing.", "Give 1 or more, or leave it out.")
    select = parse_select(params["select"], now)
    return ReencryptionOptions(
        bucket=params["bucket"],
        expected_bucket_owner=params["expected_bucket_owner"],
        kind=kind,
        kms_key=KeyRef.parse(params["kms_key"], of_store=True) if params["kms_key"] else None,
        bucket_key_enabled=params["bucket_key_enabled"],
        select=select,
        versions=Versions(params["versions"]),
        method=ChangeMethod(params["method"]),
        engine=Engine(params["engine"]),
        on_locked=OnLocked(params["on_locked"]),
        minimum=params["minimum"],
        max_objects=params["max_objects"],
        max_seconds=params["max_seconds"],
        max_rate=params["max_rate"],
        start_after=_start_after(params, select.selection.prefix),
        report_file=Path(params["report_file"]) if params["report_file"] else None,
        concurrency=workers(params),
        stop_on_failure=params["on_error"] == "stop",
        batch=_batch(params),
    )


def _start_after(params: Mapping[str, Any], prefix: str) -> str:
    """The key to go on after. Raises OperationError for one that leaves nothing of the prefix."""
    start_after: str = params["start_after"] or ""
    require_object_key(start_after, "start_after")
    # S3 lists keys in the order of their bytes.
    if not start_after.startswith(prefix) and start_after.encode() > prefix.encode():
        raise invalid_input(
            f"start_after comes after all keys that begin with select.prefix, {prefix!r}, so together they select "
            "nothing.",
            "Give the resume of a run with the same select.prefix, or leave start_after out.",
        )
    return start_after


def _batch(params: Mapping[str, Any]) -> BatchOptions | None:
    """The option `batch`, for its engine only."""
    if Engine(params["engine"]) is Engine.BATCH_OPERATIONS:
        for name in ("customer_key", "customer_key_file"):
            if params[name] is not None:
                raise invalid_input(
                    f"{name} has no effect with engine: batch_operations: no job has the customer key of an object.",
                    "Leave it out, or set engine: here.",
                )
        return parse_batch(params)
    if params["batch"] is not None:
        raise invalid_input("batch has no effect with engine: here.", "Leave it out, or set engine: batch_operations.")
    return None


def _kind(params: Mapping[str, Any]) -> Kind | None:
    """The kind that the task names. Raises OperationError for a key or a bucket key without one that has it."""
    named = [name for name in ("kms_key", "bucket_key_enabled") if params[name] is not None]
    if params["encryption"] is None:
        if named:
            raise invalid_input(
                f"{' and '.join(named)} without encryption says nothing about the kind.",
                f"Set encryption to {' or '.join(_kinds_with_key())}, or leave all out for the bucket's default.",
            )
        return None
    kind = find_kind(params["encryption"])
    # A bucket key that is off is true for every kind.
    require_accepted_options(kind, [name for name in named if params[name]], BUCKET_DEFAULT_KINDS)
    return kind


def _kinds_with_key() -> tuple[str, ...]:
    return tuple(name for name in BUCKET_DEFAULT_KINDS if find_kind(name).accepts("kms_key"))
