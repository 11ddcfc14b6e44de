# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""s3_encrypted_sync with dest: the objects of a prefix become the files of a directory."""

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
from ....model.objects.sync.comparison import Compare
from ....model.objects.sync.sync_state import SyncState
from ....model.outcome import Outcome
from ....model.plan import NotThereYet
from ....model.tags import freeze_texts
from ...result import Result
from ...run import ModuleContext
from ..client_side import client_side_ports
from ..customer_keys import customer_key
from .file_permissions import parse_permissions
from .key_files import require_keys_outside
from .options import PART_CONCURRENCY, SyncOptions, parse_options
from .report import SyncReport

PullOutcome = Outcome[SyncState, PullContext]


def pull(task: ModuleContext) -> Result:
    """Bring the files of the directory to the objects of the prefix."""
    options = parse_options(task.params)
    report, run = SyncReport(task), _Pull.of(task, options)
    try:
        return report.result(_run(run, report))
    finally:
        run.target.directory.close()


@dataclass(frozen=True)
class _Pull:
    """What all objects of a run share."""

    task: ModuleContext
    options: SyncOptions
    target: Target
    named: DesiredEncryption
    kms_key: KeyRef | None
    s3: S3Objects
    keys: KeyResolver
    last_key: LastKey = field(default_factory=LastKey)

    @classmethod
    def of(cls, task: ModuleContext, options: SyncOptions) -> _Pull:
        """Parse what only a pull has. Raises OperationError for options that are invalid."""
        params = task.params
        of_files, of_directories = parse_permissions(task)
        dest = _destination(params["dest"])
        require_keys_outside(params, "dest", str(dest), options.selection)
        target = Target(
            TargetDirectory(dest, of_directories.set_on),
            of_files,
            task.clock,
            options.part_size,
            PART_CONCURRENCY,
            by_time=options.compare is Compare.SIZE_MTIME,
        )
        kms_key = KeyRef.parse(params["kms_key"], of_store=True) if params["kms_key"] else None
        keys = KeyResolver(Kms(task.clients), Sts(task.clients))
        return cls(task, options, target, _named_encryption(task), kms_key, S3Objects(task.clients), keys)

    def read(self) -> PullList:
        """List both sides. Raises OperationError if one of them is not complete."""
        options, clients = self.options, self.task.clients
        return PullLister(
            options.bucket,
            options.prefix,
            options.expected_bucket_owner,
            options.selection,
            ObjectList(clients),
            client_side_ports(clients, self.task.params).files,
            self.target.directory,
            options.concurrency,
            options.delete,
            options.delete_all,
        ).read()

    def worker(self, found: PullList) -> Callable[[PullItem], PullOutcome]:
        """What brings one item to its desired state."""
        check_mode, options = self.task.check_mode, self.options
        client_side = replace(client_side_ports(self.task.clients, self.task.params), files=found.files)

        def work(item: PullItem) -> PullOutcome:
            if item.failure:
                return Outcome(failure=item.failure)
            if item.listed is None:
                return reconcile(DeletedFileResource(item.parts, self.target.directory), check_mode=check_mode)
            object_id = ObjectId(options.bucket, item.key, None, options.expected_bucket_owner)
            opening = ObjectOpening(object_id, self.named, self.kms_key, self.s3, self.keys, client_side)
            source = ObjectSource(
                item.listed, opening, self.s3, self.last_key, options.part_size, streams=not check_mode
            )
            resource = PullResource(source, item.parts, self.target, item.key in found.files.known)
            return reconcile(resource, check_mode=check_mode)

        return work


def _run(run: _Pull, report: SyncReport) -> FleetStatus:
    try:
        found = run.read()
    except OperationError as error:
        bucket = run.options.bucket
        if error.failure.reason is not Reason.BUCKET_NOT_FOUND or not run.task.check_mode:
            return FleetStatus(listing_failure=error.failure)
        report.miss(NotThereYet(bucket, f"The bucket {bucket}", error.failure))
        return FleetStatus(is_complete=True)
    for warning in found.warnings:
        report.warn(warning)

    def add(position: int, item: PullItem, outcome: PullOutcome) -> None:
        size = item.listed.size if item.listed and "GetObject" in outcome.actions else 0
        report.add(position, item.key, outcome, size=size, is_deletion=item.listed is None)

    def is_vanished(item: PullItem, outcome: PullOutcome) -> bool:
        failure = None if outcome.changed or item.listed is None else outcome.failure
        vanished = failure is not None and failure.reason is Reason.OBJECT_NOT_FOUND
        if vanished:
            report.vanish(item.key)
        return vanished

    return run_fleet(
        found.items,
        run.worker(found),
        concurrency=run.options.concurrency,
        on_outcome=add,
        on_progress=report.show_progress,
        stop_on_failure=run.options.stop_on_failure,
        is_vanished=is_vanished,
        abort=run.target.stop.set,
    )


def _named_encryption(task: ModuleContext) -> DesiredEncryption:
    """The encryption that all objects have to have. Raises OperationError for options that contradict it."""
    params = task.params
    kind, key = find_kind(params["encryption"]), customer_key(params, task.module.warn)
    if not kind.defers_to_bucket:
        names = ("kms_key", "encryption_context", "customer_key", "customer_key_file")
        require_accepted_options(kind, (name for name in names if params[name]))
    context = freeze_texts("encryption_context", params["encryption_context"] or {})
    return DesiredEncryption(kind, encryption_context=context, customer_key=key)


def _destination(dest: Any) -> Path:
    """The directory. Raises OperationError unless it, or at least its parent, is a directory."""
    path = Path(os.path.abspath(dest))
    try:
        if path.exists() and not path.is_dir():
            raise invalid_input(f"dest {path} is not a directory.", "Name a directory.")
        if path.is_symlink() and not path.exists():
            raise invalid_input(f"dest {path} is a symbolic link to nothing.", "Remove it, or create its target.")
        if not path.parent.is_dir():
            raise invalid_input(f"The folder {path.parent} of dest does not exist.", "Create it first.")
    except (OSError, RuntimeError) as error:  # a name that is too long, links in a circle
        raise invalid_input(f"dest {path} is not a valid path: {error}.", "Name another.") from error
    return path
