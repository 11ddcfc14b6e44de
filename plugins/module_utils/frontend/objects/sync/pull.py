# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The pull of s3_encrypted_sync: a prefix into a directory."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ....aws.accounts.sts import Sts
from ....aws.keys.kms import Kms
from ....aws.objects.object_list import ObjectList
from ....aws.objects.s3_objects import S3Objects
from ....engine.fleet.fleet import FleetStatus, run_fleet
from ....engine.keys.key_resolver import KeyResolver
from ....engine.objects.object_opening import ObjectOpening
from ....engine.objects.sync.object_source import LastKey, ObjectSource
from ....engine.objects.sync.pull import DeletedFileResource, PullContext, PullResource, Target
from ....engine.objects.sync.pull_list import PullItem, PullList, PullLister
from ....engine.reconcile import reconcile
from ....engine.transfer.directory import TargetDirectory
from ....model.errors import OperationError, Reason, invalid_input
from ....model.keys.key_ref import KeyRef
from ....model.kinds.encryption import DesiredEncryption
from ....model.kinds.registry import find_kind, require_accepted_options
from ....model.objects.object_state import ObjectId
from ....model.objects.parts import parse_part_size
from ....model.objects.sync.pull_plan import PulledFile
from ....model.objects.sync.selection import PathSelection, as_directory
from ....model.outcome import Outcome
from ....model.plan import NotThereYet
from ....model.tags import freeze_texts
from ...arguments import require_no_empty_text, workers
from ...fleet_report import FleetReport
from ...progress import Progress
from ...result import Result
from ...run import ModuleContext
from ..client_side import client_side_ports
from ..customer_keys import customer_key
from .file_permissions import parse_permissions
from .pull_report import PULLED, deletion_warning

# The number of objects that a result lists unless the task says what to list.
_MOST_LISTED = 100


@dataclass
class _Counts:
    """What a report counts beside a fleet's numbers."""

    deleted: int = 0
    bytes: int = 0


def pull(task: ModuleContext) -> Result:
    """Bring the files of the directory to the objects of the prefix."""
    began = task.clock.monotonic()
    params = task.params
    results = params["results"]
    report = FleetReport(
        PULLED,
        list_unchanged=results == "all",
        list_changed=results != "none",
        limit=_MOST_LISTED if results is None else None,
    )
    counts = _Counts()
    run = _Pull.of(task)
    try:
        status = _run(task, run, report, counts)
    finally:
        run.target.directory.close()
    result = report.result(status, api_calls=task.clients.calls.requests, seconds=task.clock.monotonic() - began)
    result["summary"] |= {"deleted": counts.deleted, "bytes": counts.bytes}
    return {**result, "unfinished_uploads": []}


@dataclass(frozen=True)
class _Pull:
    """What all objects of a run share."""

    task: ModuleContext
    target: Target
    named: DesiredEncryption
    kms_key: KeyRef | None
    s3: S3Objects
    keys: KeyResolver
    last_key: LastKey = field(default_factory=LastKey)

    @classmethod
    def of(cls, task: ModuleContext) -> _Pull:
        """Parse the options. Raises OperationError for those that are invalid."""
        params = task.params
        path = _destination(params)
        of_files, of_directories = parse_permissions(task)
        target = Target(
            TargetDirectory(path, of_directories.set_on),
            of_files,
            task.clock,
            parse_part_size(params["part_size"]),
            by_time=params["compare"] == "size_mtime",
        )
        kms_key = KeyRef.parse(params["kms_key"], of_store=True) if params["kms_key"] else None
        keys = KeyResolver(Kms(task.clients), Sts(task.clients))
        return cls(task, target, _named_encryption(task), kms_key, S3Objects(task.clients), keys)

    def read(self) -> PullList:
        """List both sides."""
        params = self.task.params
        return PullLister(
            params["bucket"],
            as_directory(params["prefix"]),
            params["expected_bucket_owner"],
            PathSelection(tuple(params["include"]), tuple(params["exclude"])),
            ObjectList(self.task.clients),
            client_side_ports(self.task.clients, params).files,
            self.target.directory,
            workers(params),
            params["delete"],
            params["delete_all"],
        ).read()

    def reconciler(self, found: PullList) -> Callable[[PullItem], Outcome[PulledFile, PullContext]]:
        """What brings one item to its desired state."""
        params, check_mode = self.task.params, self.task.check_mode
        client_side = replace(client_side_ports(self.task.clients, params), files=found.files)

        def work(item: PullItem) -> Outcome[PulledFile, PullContext]:
            if item.failure:
                return Outcome(failure=item.failure)
            if item.listed is None:
                return reconcile(DeletedFileResource(item.parts, self.target.directory), check_mode=check_mode)
            object_id = ObjectId(params["bucket"], item.key, None, params["expected_bucket_owner"])
            opening = ObjectOpening(object_id, self.named, self.kms_key, self.s3, self.keys, client_side)
            source = ObjectSource(
                item.listed, opening, self.s3, self.last_key, self.target.part_size, streams=not check_mode
            )
            has_file = item.key in found.files.known
            return reconcile(PullResource(source, item.parts, self.target, has_file), check_mode=check_mode)

        return work


def _run(task: ModuleContext, run: _Pull, report: FleetReport[PulledFile], counts: _Counts) -> FleetStatus:
    try:
        found = run.read()
    except OperationError as error:
        bucket = task.params["bucket"]
        if error.failure.reason is Reason.BUCKET_NOT_FOUND and task.check_mode:
            missing = NotThereYet(bucket, f"The bucket {bucket}", error.failure)
            report.add(0, bucket, "", Outcome(not_there_yet=(missing,)))
            return FleetStatus(is_complete=True)
        return FleetStatus(listing_failure=error.failure)
    for warning in (*found.warnings, *deletion_warning(found.deletions, check_mode=task.check_mode)):
        report.warn(warning)

    def add(position: int, item: PullItem, outcome: Outcome[PulledFile, PullContext]) -> None:
        report.add(position, item.key, "", outcome)
        if item.listed is None:
            counts.deleted += outcome.changed
        elif "GetObject" in outcome.actions:
            counts.bytes += item.listed.size

    def is_vanished(item: PullItem, outcome: Outcome[PulledFile, PullContext]) -> bool:
        failure = None if outcome.changed else outcome.failure
        vanished = item.listed is not None and failure is not None and failure.reason is Reason.OBJECT_NOT_FOUND
        if vanished:
            report.vanish(item.key)
        return vanished

    progress = Progress(task.clock, PULLED.plural)
    return run_fleet(
        found.items,
        run.reconciler(found),
        concurrency=workers(task.params),
        on_outcome=add,
        on_progress=lambda status: progress.update(
            status.done, status.matched, is_complete=status.is_complete, counts=_words(status)
        ),
        stop_on_failure=task.params["on_error"] == "stop",
        is_vanished=is_vanished,
    )


def _words(status: FleetStatus) -> str:
    return f"{status.changed:,} changed, {status.failed:,} failed"


def _named_encryption(task: ModuleContext) -> DesiredEncryption:
    """The encryption that all objects have to have. Raises OperationError for options that contradict it."""
    params = task.params
    require_no_empty_text(params, ("kms_key",))
    kind, key = find_kind(params["encryption"]), customer_key(params, task.module.warn)
    if not kind.defers_to_bucket:
        names = ("kms_key", "encryption_context", "customer_key", "customer_key_file")
        require_accepted_options(kind, (name for name in names if params[name]))
    context = freeze_texts("encryption_context", params["encryption_context"] or {})
    return DesiredEncryption(kind, encryption_context=context, customer_key=key)


def _destination(params: dict[str, Any]) -> Path:
    """The directory. Raises OperationError unless it, or at least its parent, is a directory."""
    require_no_empty_text(params, ("dest",))
    path = Path(os.path.abspath(params["dest"]))
    try:
        if path.exists() and not path.is_dir():
            raise invalid_input(f"dest {path} is not a directory.", "Name a directory.")
        if not path.exists() and not path.parent.is_dir():
            raise invalid_input(f"The folder {path.parent} of dest does not exist.", "Create it first.")
        if path.is_symlink() and not path.exists():
            raise invalid_input(f"dest {path} is a symbolic link to nothing.", "Remove it, or create its target.")
    except (OSError, RuntimeError) as error:  # a name that is too long, links in a circle
        raise invalid_input(f"dest {path} is not a valid path: {error}.", "Name another.") from error
    return path
