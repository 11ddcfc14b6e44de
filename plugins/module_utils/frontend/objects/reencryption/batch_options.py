# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The option `batch`: what jobs of S3 Batch Operations need besides the objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ....model.arn import Arn
from ....model.batch_jobs.role_policy import parse_role_arn
from ....model.batch_jobs.wish import MOST_WORDS
from ....model.buckets.bucket_name import require_bucket_name
from ....model.errors import invalid_input
from ....model.keys.key_ref import KeyRef
from ....model.objects.limits import require_object_key
from ...arguments import ArgumentSpec

# Sources: https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_CreateJob.html
# and https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_S3ManifestOutputLocation.html
_MOST_PRIORITY = 2**31 - 1
_MOST_PREFIX = 512


def batch_arguments() -> ArgumentSpec:
    """The option `batch`."""
    bucket = {"type": "str", "aliases": ["bucket_name"]}
    prefix = {"type": "str", "default": ""}
    manifest: ArgumentSpec = {
        "bucket": {**bucket, "required": True},
        "prefix": prefix,
        "kms_key": {"type": "str", "no_log": False},
        "generated": {"type": "bool", "default": False},
    }
    options: ArgumentSpec = {
        "role_arn": {"type": "str", "required": True},
        "manifest": {"type": "dict", "required": True, "options": manifest},
        "report": {"type": "dict", "options": {"bucket": bucket, "prefix": prefix}},
        "priority": {"type": "int", "default": 10},
        "confirmation_required": {"type": "bool", "default": False},
        "wait": {"type": "bool", "default": True},
        "description": {"type": "str"},
    }
    return {"batch": {"type": "dict", "options": options}}


@dataclass(frozen=True, slots=True)
class BatchLocation:
    """A prefix of a bucket, without a slash at its end; empty: the top of the bucket."""

    bucket: str
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """How jobs are made. `kms_key` is that of the manifest; `is_generated` says that S3 makes it."""

    role: Arn
    manifest: BatchLocation
    report: BatchLocation
    kms_key: KeyRef | None = None
    is_generated: bool = False
    priority: int = 10
    confirmation_required: bool = False
    wait: bool = True
    description: str = ""


def parse_batch(params: Mapping[str, Any]) -> BatchOptions:
    """The option `batch` of a task with engine: batch_operations. Raises OperationError."""
    options: Mapping[str, Any] | None = params["batch"]
    if options is None:
        raise invalid_input(
            "batch is missing: engine: batch_operations needs a role, and a place for manifests.",
            "Set batch with role_arn and manifest.bucket.",
        )
    require_bucket_name(params["bucket"])  # a job takes no access point
    given: Mapping[str, Any] = options["manifest"]
    manifest = _location("batch.manifest", given, None)
    report = _location("batch.report", options["report"] or {}, manifest.bucket)
    _require_outside(params, "batch.manifest", manifest, f"{params['bucket']}-")
    _require_outside(params, "batch.report", report, "job-")
    without_effect = [name for name in ("max_objects", "start_after") if params[name] is not None]
    if given["generated"] and without_effect:
        raise invalid_input(
            f"{' and '.join(without_effect)} cannot be combined with batch.manifest.generated: S3 lists all objects.",
            "Leave it out, or use select to narrow what S3 lists.",
        )
    priority: int = options["priority"]
    if not 0 <= priority <= _MOST_PRIORITY:
        raise invalid_input(f"batch.priority: {priority} is out of bounds.", f"Give 0 to {_MOST_PRIORITY}.")
    description: str = options["description"] or ""
    if len(description) > MOST_WORDS:
        raise invalid_input(
            f"batch.description has {len(description)} characters.",
            f"Give at most {MOST_WORDS}: S3 takes 256, and the mark by which the job is found again needs some.",
        )
    kms_key = given["kms_key"]
    if kms_key == "":
        raise invalid_input("batch.manifest.kms_key is empty.", "Give it a value, or leave it out.")
    return BatchOptions(
        role=parse_role_arn(options["role_arn"], "batch.role_arn"),
        manifest=manifest,
        report=report,
        kms_key=KeyRef.parse(kms_key) if kms_key else None,
        is_generated=given["generated"],
        priority=priority,
        confirmation_required=options["confirmation_required"],
        wait=options["wait"],
        description=description,
    )


def _location(option: str, given: Mapping[str, Any], default: str | None) -> BatchLocation:
    """The place that a task names, with this bucket as the default."""
    bucket = default if given.get("bucket") is None else given["bucket"]
    require_bucket_name(bucket or "", f"{option}.bucket")
    prefix = (given.get("prefix") or "").rstrip("/")
    require_object_key(prefix, f"{option}.prefix")
    if prefix.startswith("/") or len(prefix) > _MOST_PREFIX:
        raise invalid_input(
            f"{option}.prefix begins with a slash, or has more than {_MOST_PREFIX} characters.", "Use another prefix."
        )
    return BatchLocation(bucket or "", prefix)


def _require_outside(params: Mapping[str, Any], option: str, location: BatchLocation, name: str) -> None:
    """Raise OperationError for files among the objects of the task: each run would find new objects there.

    `name` is what the names of the files begin with, below the prefix.
    """
    selected = (params["select"] or {}).get("prefix") or ""
    begin = f"{location.prefix}/{name}" if location.prefix else name
    if location.bucket == params["bucket"] and (begin.startswith(selected) or selected.startswith(begin)):
        raise invalid_input(
            f"{option} is among the objects that the task selects, so that each run would leave more of them.",
            "Name another bucket, or a prefix outside of select.prefix.",
        )
