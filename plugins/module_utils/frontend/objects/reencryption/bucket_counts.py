# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Counting the objects of a bucket by their encryption: all of them, or a sample."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from random import Random, SystemRandom

from ....aws.buckets.s3_buckets import S3Buckets
from ....aws.objects.instruction_files import InstructionFiles
from ....aws.objects.object_list import ObjectList
from ....aws.objects.s3_objects import S3Objects
from ....engine.buckets.bucket_settings import BucketSettings
from ....engine.fleet.fleet import run_fleet
from ....engine.objects.object_inspector import ObjectInspector
from ....engine.objects.preserved_attributes import missing_lock_permissions
from ....engine.objects.reencryption.encryption_reader import EncryptionReader, Reading
from ....engine.objects.reencryption.pace import Pace
from ....engine.objects.reencryption.sampling import draw_sample
from ....model.errors import OperationError
from ....model.objects.listed_object import ListedObject
from ....model.objects.reencryption.selection import ObjectSelection
from ...arguments import workers
from ...progress import Progress
from ...result import Result
from ...run import ModuleContext
from ..customer_keys import customer_key
from .counts_report import CountsReport, Sample
from .options import Versions
from .select import require_known_classes

# A seed that a person can write into the next task.
_SEEDS = 10**9


def count_objects(task: ModuleContext, selection: ObjectSelection) -> Result:
    """List the objects that are selected, read them or a sample of them, and count them."""
    params = task.params
    task.clients.set_pace(Pace(task.clock, None))
    s3 = S3Objects(task.clients, wants_checksums=False)
    require_known_classes(selection, at_aws=not s3.custom_endpoint)
    key = customer_key(params, task.module.warn)
    inspector = ObjectInspector(s3, InstructionFiles(task.clients), key, reads_tags=False)
    reader = EncryptionReader(inspector, params["bucket"], params["expected_bucket_owner"])
    report = CountsReport(params["bucket"])
    listed: Iterable[ListedObject] = report.listed.count(_selected(task, selection))
    sample = None
    if params["sample"] is not None:
        seed = params["sample_seed"]
        seed = SystemRandom().randrange(_SEEDS) if seed is None else seed
        listing = Progress(task.clock, "objects listed")
        listed = draw_sample(listing.track(listed), params["sample"], Random(seed).random)
        sample = Sample(params["sample"], len(listed), seed)
    progress = Progress(task.clock, "objects")
    status = run_fleet(
        listed,
        reader.read,
        concurrency=workers(params),
        on_outcome=report.add,
        on_progress=lambda status: progress.update(
            status.done, status.matched, is_complete=status.is_complete, counts=report.counts()
        ),
        is_vanished=_is_vanished,
    )
    warnings = [] if status.fatal else _about_locks(task, s3, report, reader)
    return {**report.result(status, sample, locks_are_known=not warnings), "warnings": warnings}


def _selected(task: ModuleContext, selection: ObjectSelection) -> Iterator[ListedObject]:
    params = task.params
    objects = ObjectList(task.clients)
    where = params["bucket"], selection.prefix, params["expected_bucket_owner"]
    is_all = params["versions"] == Versions.ALL.value
    listed = objects.list_versions(*where) if is_all else objects.list_objects(*where)
    return filter(selection.selects, listed)


def _is_vanished(_listed: ListedObject, reading: Reading) -> bool:
    return reading.context is None and reading.failure is None


def _about_locks(task: ModuleContext, s3: S3Objects, report: CountsReport, reader: EncryptionReader) -> list[str]:
    """A warning if locks are not counted because the caller may not read them."""
    listed = report.unlocked_version
    if listed is None:
        return []
    buckets = BucketSettings(S3Buckets(task.clients), task.params["expected_bucket_owner"])
    try:
        missing = missing_lock_permissions(s3, buckets, reader.target(listed))
    except OperationError as error:
        return [f"The number of locked objects is not known: {error.failure.sentence()}"]
    if not missing:
        return []
    return [
        f"The number of locked objects is not known: S3 shows locks only to a caller with {' and '.join(missing)}. "
        f"Allow {'it' if len(missing) == 1 else 'them'}, or expect that objects are skipped as locked."
    ]
