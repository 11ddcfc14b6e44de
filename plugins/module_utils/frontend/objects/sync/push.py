# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""s3_encrypted_sync with src: the files of a directory become objects."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from ....aws.accounts.sts import Sts
from ....aws.buckets.s3_buckets import S3Buckets
from ....aws.keys.kms import Kms
from ....aws.objects.multipart import Multipart
from ....aws.objects.object_list import ObjectList
from ....aws.objects.s3_objects import S3Objects
from ....engine.buckets.bucket_settings import BucketSettings
from ....engine.fleet.fleet import FleetStatus, run_fleet
from ....engine.keys.key_resolver import KeyResolver
from ....engine.objects.encrypted_object import EncryptedObjectResource
from ....engine.objects.object_context import ObjectContext
from ....engine.objects.object_writer import write_key_file
from ....engine.objects.sync.local_files import LocalList
from ....engine.objects.sync.push import Push, PushRules
from ....engine.objects.sync.push_items import Deletion, FailedItem, PushItem, PushItems
from ....engine.objects.sync.pushed_object import ObjectOutcome
from ....engine.once_per_key import OncePerKey
from ....engine.reconcile import Resource, reconcile
from ....model.envelope import EnvelopePlace
from ....model.errors import FailureKind, OperationError
from ....model.objects.change_method import ChangeMethod
from ....model.objects.desired_object import DesiredObject
from ....model.objects.large_objects import Limits
from ....model.objects.listed_object import ListedUpload
from ....model.objects.object_state import ObjectState
from ....model.objects.object_steps import COPY_LIMIT, ObjectStep, WriteCustomerKeyFile
from ....model.objects.sync.sync_state import ABSENT, PRESENT, SyncState
from ....model.outcome import Outcome
from ....model.secret import CustomerKey
from ....model.tags import validate_tags
from ...result import Result
from ...run import ModuleContext
from ..client_side import client_side_ports, parse_kms_keys
from ..customer_keys import customer_key, new_customer_key
from ..desired_encryption import parse_encryption
from ..object_properties import DEFAULT_CONTENT_TYPE, parse_properties
from .options import PART_CONCURRENCY, SyncOptions, parse_options
from .report import SyncReport
from .serialize import describe_change
from .source_directory import list_source


def push(task: ModuleContext) -> Result:
    """Upload the files of a directory to the objects of a prefix."""
    options = parse_options(task.params)
    generated = new_customer_key(task.params)
    template = _template(task, options, generated[0] if generated else None)
    report, run = SyncReport(task), _push(task, options, template, _key_writer(generated))
    local = run.require_source(list_source(task.params, options.selection))
    mimetypes.init()  # not safe for threads
    unfinished = _unfinished_uploads(run, report)
    status = _run(options, run, local, report, key_is_new=generated is not None)
    if options.delete and not local.is_complete:
        report.warn("No object was deleted, because not all that src has could be read.")
    return report.result(_without_left(run, report, status), unfinished)


def _template(task: ModuleContext, options: SyncOptions, new_key: CustomerKey | None) -> EncryptedObjectResource:
    """The resource of an object without a name. `new_key` is a customer key that was made for this run.

    What all objects share is in it, so that a setting of the bucket and a KMS key are read once in a run.
    """
    params, clients = task.params, task.clients
    key = new_key or customer_key(params, task.module.warn)
    writes = params["conditional_writes"]
    return EncryptedObjectResource(
        desired=_desired(params, key),
        kms_keys=parse_kms_keys(params),
        previous_key=customer_key(params, task.module.warn, "previous_"),
        source=None,
        s3=S3Objects(clients, conditional_writes=writes),
        multipart=Multipart(clients, conditional_writes=writes),
        buckets=BucketSettings(S3Buckets(clients), options.expected_bucket_owner, serves_many=True),
        keys=KeyResolver(Kms(clients), Sts(clients)),
        client_side=client_side_ports(clients, params),
        clock=task.clock,
        limits=Limits(options.part_size, COPY_LIMIT),
        concurrency=PART_CONCURRENCY,
        expected_bucket_owner=options.expected_bucket_owner,
        key_is_new=new_key is not None,
    )


def _key_writer(generated: tuple[CustomerKey, Path] | None) -> Callable[[], None]:
    """What writes the customer key that was made for this run to its file, once."""
    if generated is None:
        return lambda: None
    key, path = generated
    step = WriteCustomerKeyFile(str(path), key)
    once: OncePerKey[str, None] = OncePerKey(lambda _path: write_key_file(step))
    return lambda: once.get(step.path)


def _desired(params: dict[str, Any], key: CustomerKey | None) -> DesiredObject:
    """What all objects are to have. Each has a key of its own."""
    return DesiredObject(
        bucket=params["bucket"],
        key="",
        encryption=parse_encryption(params, key),
        properties=parse_properties(params),
        tags=None if params["tags"] is None else validate_tags(params["tags"]),
        purge_tags=params["purge_tags"],
        change_method=ChangeMethod(params["change_method"]),
    )


def _push(
    task: ModuleContext, options: SyncOptions, template: EncryptedObjectResource, before_write: Callable[[], None]
) -> Push:
    in_files = template.desired.encryption.envelope is EnvelopePlace.INSTRUCTION_FILE
    items = PushItems(options.prefix, options.selection, options.delete, in_files)
    rules = PushRules(items, options.delete_all, options.compare, DEFAULT_CONTENT_TYPE)

    def run(resource: Resource[ObjectState, ObjectStep, ObjectContext]) -> ObjectOutcome:
        return reconcile(resource, check_mode=task.check_mode)

    return Push(
        template, ObjectList(task.clients), rules, run=run, before_write=before_write, plans_new_bucket=task.check_mode
    )


# Failures that the list of objects reports, too.
_OF_ALL_CALLS = (FailureKind.ABSENT, FailureKind.CREDENTIALS, FailureKind.UNREACHABLE)


def _unfinished_uploads(run: Push, report: SyncReport) -> tuple[ListedUpload, ...]:
    """The uploads that are not finished. Without the permission to list them, the task warns."""
    try:
        return run.unfinished_uploads()
    except OperationError as error:
        failure = error.failure
    if failure.kind not in _OF_ALL_CALLS:
        report.warn(f"Unfinished uploads below the prefix are not reported. {failure.sentence()}")
    return ()


def _run(options: SyncOptions, run: Push, local: LocalList, report: SyncReport, *, key_is_new: bool) -> FleetStatus:
    def add(position: int, item: PushItem, outcome: ObjectOutcome) -> None:
        size = 0
        if not isinstance(item, (Deletion, FailedItem)) and _sends_content(outcome):
            size = item.file.size
        report.add(
            position,
            item.key,
            _described(outcome, key_is_new=key_is_new),
            size=size,
            is_deletion=isinstance(item, Deletion),
        )

    return run_fleet(
        run.items(local),
        run.work,
        concurrency=options.concurrency,
        on_outcome=add,
        on_progress=report.show_progress,
        stop_on_failure=options.stop_on_failure,
        is_vanished=run.is_left,
        abort=local.stop.set,
    )


def _described(outcome: ObjectOutcome, *, key_is_new: bool) -> Outcome[SyncState, Any]:
    """The outcome with both states in words."""
    warnings = (*outcome.warnings, *(outcome.context.warnings if outcome.context else ()))
    before: SyncState | None = None
    planned: SyncState | None = None
    if outcome.changed and outcome.planned:
        sends = _sends_content(outcome)
        before, planned = describe_change(outcome.before, outcome.planned, content_changes=sends, key_is_new=key_is_new)
    elif outcome.changed and outcome.before:
        before, planned = PRESENT, ABSENT
    return Outcome(
        before,
        planned,
        planned,
        outcome.actions,
        outcome.changed,
        outcome.failure,
        warnings,
        not_there_yet=outcome.not_there_yet,
    )


def _sends_content(outcome: ObjectOutcome) -> bool:
    """Whether the content of the file is sent. An object that is read to be encrypted again keeps its content."""
    sends = "PutObject" in outcome.actions or "UploadPart" in outcome.actions
    return sends and "GetObject" not in outcome.actions


def _without_left(run: Push, report: SyncReport, status: FleetStatus) -> FleetStatus:
    """The numbers without the instruction files that were left, which are no objects of their own."""
    for key in sorted(run.orphans)[:_MOST_ORPHANS]:
        report.warn(
            f"{key} is the instruction file of an object that does not exist. It is not deleted, because versions of "
            "that object may need it."
        )
    if len(run.orphans) > _MOST_ORPHANS:
        report.warn(f"{len(run.orphans) - _MOST_ORPHANS:,} more instruction files have no object.")
    return replace(status, matched=status.matched - status.vanished, vanished=0)


# The number of instruction files without an object that warnings name.
_MOST_ORPHANS = 5
