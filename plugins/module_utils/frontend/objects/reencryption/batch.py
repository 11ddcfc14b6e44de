# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""bucket_reencryption with engine: batch_operations, where jobs of S3 Batch Operations change the objects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from ....aws.accounts.sts import Sts
from ....aws.batch_jobs.batch_jobs import BatchJobs
from ....aws.buckets.s3_buckets import S3Buckets
from ....aws.objects.multipart import Multipart
from ....engine.batch_jobs.completion_report import read_failed_tasks
from ....engine.batch_jobs.job_examination import JobExamination, spooled
from ....engine.batch_jobs.job_following import JobFollowing
from ....engine.batch_jobs.job_search import FoundJobs, find_jobs
from ....engine.batch_jobs.job_start import JobStart, StartedJob
from ....engine.batch_jobs.manifest_spool import ManifestRows, ManifestSpool
from ....engine.batch_jobs.manifest_upload import ManifestUpload
from ....engine.fleet.fleet import run_fleet
from ....engine.objects.head_object import missing_bucket
from ....engine.objects.reencryption.bounded_list import BoundedList, RunLimits, Visit
from ....engine.objects.reencryption.examination import ANOTHER_ACCOUNT, Examined
from ....engine.objects.reencryption.pace import Pace
from ....engine.objects.reencryption.reencryption import MOST_NEW_VERSIONS, NewVersions, Reencrypted
from ....model.arn import Arn
from ....model.batch_jobs.job_parts import JobPart, generated_parts, parts_of, require_job_can_write
from ....model.batch_jobs.job_request import (
    CopyObjects,
    GeneratedManifest,
    JobRequest,
    Manifest,
    ReportLocation,
)
from ....model.batch_jobs.job_state import JobState, JobStatus
from ....model.batch_jobs.role_policy import require_role_of_account
from ....model.batch_jobs.wish import JobWish
from ....model.errors import Failure, FailureKind, OperationError, invalid_input
from ....model.objects.change_method import ChangeMethod, InPlaceSupport
from ....model.objects.object_state import ObjectId
from ....model.objects.reencryption.decision import OnLocked, ReencryptionRules
from ....model.plan import NotThereYet
from ...progress import Progress
from ...result import Result
from ...run import ModuleContext
from .batch_options import BatchOptions
from .batch_report import BatchReport, progress_of
from .batch_role import check_job_role
from .here import Access, examination_of, is_owner, list_selected, missing_in_check_run, read_rules, tell_of_replication
from .options import ReencryptionOptions, Versions
from .report import ReencryptionReport, is_fatal
from .report_file import ReportFile
from .rules import ResolvedRules

# The KMS keys of the objects of a job that the check of the role looks at.
_MOST_KEYS = 100


def run_batch(task: ModuleContext, options: ReencryptionOptions) -> Result:
    """Let jobs change the objects; in check mode, say which jobs there would be."""
    batch = options.batch
    if batch is None:
        raise AssertionError("parse_options sets it for this engine")
    task.clients.set_pace(Pace(task.clock, options.max_rate))
    access = Access.of(task, options)
    with ExitStack() as stack:
        file = ReportFile(options.report_file, stack, is_check=task.check_mode)
        report = ReencryptionReport(task, file)
        try:
            # The region of the bucket is known by the answer to any request for it.
            selection = options.select.selection
            next(access.lists.list_objects(options.bucket, selection.prefix, options.expected_bucket_owner, 1), None)
        except OperationError as error:
            report.miss(missing_in_check_run(task, options.bucket, error))
            return report.result()
        resolved = read_rules(task, options, access, report)
        run = _BatchRun.of(task, options, batch, access, resolved, report, file, stack)
        try:
            result = run.run()
        except OperationError as error:
            if report.is_empty:
                raise
            result = run.refused(error.failure)  # what was listed is told all the same
        return file.complete(result)


class _Seen(NamedTuple):
    """The key that the next run goes on after, and the number of objects that were listed."""

    resume: str | None = None
    listed: int = 0


@dataclass(frozen=True)
class _Planned:
    """A job that is to be created: what it does, its objects if they are listed, and the KMS keys that they have."""

    part: JobPart
    rows: ManifestRows | None = None
    source_keys: tuple[str, ...] = ()
    unmodified_since: datetime | None = None

    @property
    def names_versions(self) -> bool:
        """Whether the manifest names versions. S3 decides for one that it generates."""
        return self.rows is None or self.rows.names_versions


@dataclass(frozen=True)
class _BatchRun:
    task: ModuleContext
    options: ReencryptionOptions
    batch: BatchOptions
    access: Access
    resolved: ResolvedRules
    report: ReencryptionReport
    jobs_report: BatchReport
    jobs: BatchJobs
    stack: ExitStack
    region: str
    partition: str
    manifest_key_arn: str | None
    source_keys: dict[str, set[str]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        task: ModuleContext,
        options: ReencryptionOptions,
        batch: BatchOptions,
        access: Access,
        resolved: ResolvedRules,
        report: ReencryptionReport,
        file: ReportFile,
        stack: ExitStack,
    ) -> _BatchRun:
        """A run. Raises OperationError for what S3 Batch Operations cannot do."""
        clients = task.clients
        region = access.s3.bucket_region(options.bucket)
        partition = clients.partition(region)
        require_job_can_write(resolved.rules.written.kind)
        account = Sts(clients).get_caller_identity().account
        require_role_of_account(batch.role, account, partition, "batch.role_arn")
        key_arn = access.keys.arn(batch.kms_key, region) if batch.kms_key else None
        # At the endpoint of a store with S3 Batch Operations, the request in place is its own.
        rules = replace(resolved.rules, in_place=InPlaceSupport.SUPPORTED)
        key = Arn.try_parse(rules.written.kms_key_arn or "")
        if batch.is_generated and key and rules.bucket_owner is None and not is_owner(access, options, key.account):
            rules = replace(rules, bucket_owner=ANOTHER_ACCOUNT)
        return cls(
            task,
            options,
            batch,
            access,
            replace(resolved, rules=rules),
            report,
            BatchReport(options.bucket, file, skips_locked=options.on_locked is OnLocked.SKIP),
            BatchJobs(clients, account, region),
            stack,
            region,
            partition,
            key_arn,
        )

    @property
    def _rules(self) -> ReencryptionRules:
        return self.resolved.rules

    def run(self) -> Result:
        """Go on with the jobs that there are, or make new ones for the objects that are not as asked."""
        parts = generated_parts(self._rules) if self.batch.is_generated else parts_of(self._rules)
        if self.batch.is_generated:
            self._require_versions_are_meant()
        wishes = {part.name: JobWish.of(self.options.bucket, self._terms(), part.name) for part in parts}
        found = find_jobs(self.jobs, wishes)
        unfinished = [each.unfinished.id for each in found.values() if each.unfinished]
        if unfinished:
            return self._go_on(unfinished)
        if self.batch.is_generated:
            planned = [_Planned(part, source_keys=_keys_of_filter(part)) for part in parts]
            return self._make(planned, wishes, found, _Seen())
        return self._list(parts, wishes, found)

    def _terms(self) -> Mapping[str, object]:
        """What a task asks for, in words that stay the same in later runs: a duration is one, and not a time."""
        options, rules = self.options, self._rules
        selected: dict[str, Any] = self.task.params["select"] or {}
        return {
            "encryption": rules.desired.kind.name,
            "kms_key": rules.desired.kms_key_arn,
            "bucket_key_enabled": rules.written.bucket_key_enabled,
            "select": {name: value for name, value in selected.items() if value not in (None, "")},
            "versions": options.versions.value,
            "method": options.method.value,
            "minimum": options.minimum,
            "on_locked": options.on_locked.value,
            "start_after": options.start_after,
            "max_objects": options.max_objects,
            "generated": self.batch.is_generated,
        }

    def _require_versions_are_meant(self) -> None:
        """Raise OperationError for a generated manifest of a bucket with versions, unless all versions are meant.

        S3 does not document that such a manifest leaves noncurrent versions out. A copy of one would become the current
        version.
        """
        options = self.options
        if not self.access.buckets.keeps_versions(options.bucket):
            return
        if options.versions is not Versions.ALL:
            raise invalid_input(
                f"The bucket {options.bucket} keeps versions, and a generated manifest may name all of them.",
                "Set versions: all if that is meant, or leave out batch.manifest.generated.",
            )
        if any(isinstance(part.operation, CopyObjects) for part in generated_parts(self._rules)):
            raise invalid_input(
                f"The bucket {options.bucket} keeps versions, and a generated manifest may name all of them. A copy of "
                "a noncurrent version would become the current one.",
                "Leave out batch.manifest.generated.",
            )

    # ------------------------------------------------------------ jobs that there are

    def _go_on(self, unfinished: Sequence[str]) -> Result:
        """Follow the jobs of an earlier run, or of another run at the same time."""
        states = [state for state in map(self.jobs.describe_job, unfinished) if state]
        if self.task.check_mode:
            for state in states:
                self.jobs_report.add_job(state, is_new=False)
            return self._complete(changed=any(map(self._goes_further, states)), seen=_Seen())
        self.jobs_report.warnings.append(
            "The task has gone on with jobs of an earlier run, and has not listed the objects. Run it again to see "
            "whether any are left."
        )
        return self._follow([StartedJob(state, is_new=False) for state in states], seen=_Seen())

    def _goes_further(self, state: JobState) -> bool:
        """Whether a real run would confirm an unfinished job, or see more of its objects changed."""
        if state.status is JobStatus.SUSPENDED:
            return not self.batch.confirmation_required
        return self.batch.wait

    def _follow(self, started: Sequence[StartedJob], seen: _Seen, planned: Sequence[_Planned] = ()) -> Result:
        """Follow jobs, and read their reports. `planned` are new ones, in the same order."""
        before = {each.state.id: each for each in started}
        task, batch = self.task, self.batch
        more = f" and {len(started) - 1} more" if len(started) > 1 else ""
        first_id = started[0].state.id if started else ""
        progress = Progress(task.clock, f"objects done by job {first_id}{more}")

        def show(jobs: Sequence[JobState]) -> None:
            done, total, is_known, words = progress_of(jobs)
            progress.update(done, total, is_complete=is_known, counts=words)

        seconds = self.options.max_seconds
        until = None if seconds is None else task.clock.monotonic() + seconds
        following = JobFollowing(self.jobs, task.clock, not batch.confirmation_required, show, until)
        try:
            followed = following.follow([each.state for each in started], waits=batch.wait)
        except OperationError:
            self._add_started(started)
            raise
        changed = False
        for each, state in zip(planned, followed.jobs, strict=False):
            if each.rows is None and state.status.is_prepared:
                self.report.tally.add_generated(each.part.operation, state.tasks.total)
        for state in followed.jobs:
            first = before[state.id]
            done_before = 0 if first.is_new else first.state.tasks.succeeded
            goes_on = not state.status.has_ended and (first.is_new or state.id in followed.confirmed)
            changed |= goes_on or state.tasks.succeeded > done_before
            self.jobs_report.add_job(state, is_new=first.is_new)
            if state.status.has_ended and state.tasks.failed:
                self._read_report(state)
        return self._complete(changed=changed, seen=seen)

    def _add_started(self, started: Iterable[StartedJob]) -> None:
        for each in started:
            self.jobs_report.add_job(each.state, is_new=each.is_new)

    def _read_report(self, state: JobState) -> None:
        """Add what the report of a job says of its failed tasks."""
        number = 0
        try:
            for number, each in enumerate(read_failed_tasks(self.access.s3, state), start=1):
                failure = self.jobs.explain_task(state, self.options.bucket, each)
                self.jobs_report.add_failed_task(number, each, failure)
        except OperationError as error:
            left = state.tasks.failed - number
            if left > 0:
                self.jobs_report.add_untold(left, state, f"Its report cannot be read: {error.failure.message}")
            return
        if number < state.tasks.failed:
            self.jobs_report.add_untold(state.tasks.failed - number, state, "Its report does not name them.")

    def refused(self, failure: Failure) -> Result:
        """The result of a run that has ended with a failure: what was listed, and the jobs that were created before."""
        result = self.report.result(failure)
        return self.jobs_report.complete(result, changed=self.jobs_report.has_new_jobs, is_check=False)

    def _complete(self, *, changed: bool, seen: _Seen) -> Result:
        result = self.report.result(None, seen.resume, seen.listed)
        return self.jobs_report.complete(result, changed=changed, is_check=self.task.check_mode)

    # ------------------------------------------------------------ new jobs

    def _list(self, parts: Sequence[JobPart], wishes: Mapping[str, JobWish], found: Mapping[str, FoundJobs]) -> Result:
        """List and read the objects, and make a job for each group of those that are not as asked."""
        options, access = self.options, self.access
        # S3 answers in whole seconds, without the rest.
        began = (self.jobs.answered_at or self.task.clock.now()) + timedelta(seconds=1)
        visits = BoundedList(
            list_selected(access, options),
            options.select.selection,
            RunLimits(options.max_objects),
            options.start_after,
        )
        limit = None if options.method is ChangeMethod.COPY else MOST_NEW_VERSIONS
        examination = examination_of(self.task, options, access, self.resolved, None)
        work = JobExamination(examination, access.s3, NewVersions(limit)).work
        spool = ManifestSpool(self.stack, options.bucket)

        def add(_position: int, visit: Visit, outcome: Reencrypted) -> None:
            examined, failure = outcome.context or Examined(visit.listed), outcome.failure
            if failure is None or not (options.stop_on_failure or is_fatal(failure)):
                visits.finish(visit)
            else:
                visits.stop()
            found_object = None if failure else spooled(examined)
            spool.add(visit.position, found_object)
            if found_object and examined.encryption and examined.encryption.kms_key_arn:
                self._add_key(found_object.part, examined.encryption.kms_key_arn)
            self.report.add(visit.position, examined, outcome)

        status = run_fleet(
            visits,
            lambda visit: work(visit.listed),
            concurrency=options.concurrency,
            on_outcome=add,
            on_progress=self.report.show_progress,
            stop_on_failure=options.stop_on_failure,
            lookahead=options.concurrency,
        )
        spool.finish()
        end = status.listing_failure or status.fatal
        if end or (options.stop_on_failure and status.failed):
            # A job for a part of the objects would look like one for all.
            result = self.report.result(end or _stopped(options.bucket), visits.resume, visits.listed)
            return self.jobs_report.complete(result, changed=False, is_check=False)
        planned = [
            _Planned(
                part,
                spool.parts[part.name],
                tuple(sorted(self.source_keys.get(part.name, ()))),
                self._unmodified_since(spool.parts[part.name], began),
            )
            for part in parts
            if part.name in spool.parts
        ]
        tell_of_replication(access, options.bucket, self.report)
        return self._make(planned, wishes, found, _Seen(visits.resume, visits.listed))

    def _unmodified_since(self, rows: ManifestRows, began: datetime) -> datetime:
        """The time after which no object of a job was written that the task knows.

        It is that of the newest of them, by the time of S3, so that two runs at once make the same request. An object
        that was written while the others were listed may be newer, and another one older than it and newer than what
        was read of it. So it is not after the begin of the list.
        """
        return min(rows.newest, began) if rows.newest else began

    def _add_key(self, part: str, key_arn: str) -> None:
        keys = self.source_keys.setdefault(part, set())
        if len(keys) < _MOST_KEYS:
            keys.add(key_arn)

    def _make(
        self,
        planned: Sequence[_Planned],
        wishes: Mapping[str, JobWish],
        found: Mapping[str, FoundJobs],
        seen: _Seen,
    ) -> Result:
        """Create the jobs, and follow them. Without objects, there is nothing to create."""
        if not planned:
            return self._complete(changed=False, seen=seen)
        self._require_ready(planned)
        tally = self.report.tally
        tally.jobs = len(planned)
        tally.generated_jobs = tally.unknown_jobs = sum(each.rows is None for each in planned)
        tally.job_objects = sum(each.rows.number for each in planned if each.rows)
        files = 2 if self.manifest_key_arn else 1
        tally.manifest_files = sum(files for each in planned if each.rows)
        if self.task.check_mode:
            for each in planned:
                self.jobs_report.add_plan(each.part, each.rows.number if each.rows else None)
            if self.batch.is_generated:
                self.jobs_report.warnings.append(
                    "The number of objects is not known before S3 has prepared a job. With "
                    "batch.confirmation_required, a job waits for you when it is prepared."
                )
            return self._complete(changed=True, seen=seen)
        start = JobStart(self.jobs, self.task.clock)
        started: list[StartedJob] = []
        try:
            for each in planned:
                name = each.part.name
                started.append(start.start(wishes[name], found[name].last_ended, self._request(each, wishes[name])))
        except OperationError as error:
            if not started:
                raise
            self._add_started(started)
            names = " and ".join(each.state.id for each in started)
            advice = f"What was created before goes on: {names}. Run the task again to follow it."
            raise OperationError(error.failure.with_more_advice(advice)) from error
        return self._follow(started, seen, planned)

    def _require_ready(self, planned: Sequence[_Planned]) -> None:
        """Raise OperationError unless the jobs can do what they are made for, as far as that can be known before."""
        key = self.resolved.kms_keys.of_s3
        if key and not self.resolved.not_there_yet:
            self.jobs_report.warnings += self.access.keys.require_usable(key, self.region)
        missing = [*self._require_place("batch.report.bucket", self.batch.report.bucket, takes_retention=False)]
        if self.batch.manifest.bucket != self.batch.report.bucket:
            missing += self._require_place("batch.manifest.bucket", self.batch.manifest.bucket, takes_retention=True)
        check = check_job_role(
            self.task.clients,
            self.options,
            self.batch,
            [(each.part, each.names_versions, each.source_keys) for each in planned],
            partition=self.partition,
            manifest_key_arn=self.manifest_key_arn,
        )
        self.jobs_report.warnings += check.warnings
        if self.task.check_mode and check.not_there_yet:
            missing.append(check.not_there_yet)
        elif check.failure:
            raise OperationError(check.failure)
        if missing:
            self.report.miss((*self.resolved.not_there_yet, *missing))

    def _require_place(self, option: str, bucket: str, *, takes_retention: bool) -> tuple[NotThereYet, ...]:
        """Raise OperationError for a bucket that cannot have the files of jobs.

        One that does not exist is returned in a check run, as an earlier task may create it. The files have to be in
        the region of the job.
        Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-create-job.html
        """
        retention = None
        try:
            retention = S3Buckets(self.task.clients).default_retention(bucket, None)
        except OperationError as error:  # without the permission, the job itself shows it
            missing = missing_bucket(ObjectId(bucket, ""), error.failure)
            if missing and self.task.check_mode:
                return missing
            if missing:
                raise
        region = self.access.s3.bucket_region(bucket)
        if region != self.region:
            raise invalid_input(
                f"{option}: the bucket {bucket} is in {region}, and that of the objects is in {self.region}. The files "
                "of a job have to be in the region of its objects.",
                f"Name a bucket in {self.region}.",
            )
        if retention and not takes_retention:
            raise invalid_input(
                f"New objects in the bucket {bucket} get a retention ({retention}), and S3 writes no report of a job "
                "to such a bucket.",
                "Name another bucket in batch.report.bucket.",
            )
        return ()

    def _request(self, planned: _Planned, wish: JobWish) -> JobRequest:
        batch, part = self.batch, planned.part
        operation = part.operation
        if isinstance(operation, CopyObjects):
            operation = replace(operation, unmodified_since=planned.unmodified_since)
        return JobRequest(
            operation=operation,
            target_bucket=self.options.bucket,
            manifest=self._manifest(planned),
            report=ReportLocation(batch.report.bucket, batch.report.prefix),
            role_arn=str(batch.role),
            token="",
            description=wish.describe(batch.description),
            tags=wish.tags,
            priority=batch.priority,
            confirmation_required=batch.confirmation_required,
        )

    def _manifest(self, planned: _Planned) -> Manifest:
        place = self.batch.manifest
        if planned.rows is None:
            if planned.part.filter is None:
                raise AssertionError("a part without rows has a filter")
            return GeneratedManifest(
                self.options.bucket,
                planned.part.filter,
                place.bucket,
                place.prefix,
                self.manifest_key_arn,
                self.options.expected_bucket_owner,
            )
        upload = ManifestUpload(
            self.access.writing,
            Multipart(self.task.clients),
            place.bucket,
            str(Arn(self.partition, "s3", "", "", place.bucket)),
            place.prefix,
            self.manifest_key_arn,
        )
        return upload.write(planned.rows.finish(upload.format), self.options.bucket)


def _keys_of_filter(part: JobPart) -> tuple[str, ...]:
    key = part.filter.kms_key_arn if part.filter else None
    return (key,) if key else ()


def _stopped(bucket: str) -> Failure:
    return Failure(
        FailureKind.FAILED,
        f"Not all objects of the bucket {bucket} can be read, so that no job was created.",
        "Correct the cause, or set on_error: continue for a job without these objects.",
        resource=bucket,
    )
