# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""bucket_reencryption with engine: here, where this process changes the objects."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

from ....aws.accounts.sts import Sts
from ....aws.buckets.s3_buckets import S3Buckets
from ....aws.keys.kms import Kms
from ....aws.objects.instruction_files import InstructionFiles
from ....aws.objects.multipart import Multipart
from ....aws.objects.object_list import ObjectList
from ....aws.objects.s3_objects import S3Objects
from ....engine.buckets.bucket_settings import BucketSettings
from ....engine.fleet.fleet import run_fleet
from ....engine.keys.key_resolver import KeyResolver
from ....engine.objects.encrypted_object import EncryptedObjectResource
from ....engine.objects.head_object import FoundObject, find_object, missing_bucket
from ....engine.objects.object_context import ObjectContext
from ....engine.objects.object_inspector import ObjectInspector
from ....engine.objects.reencryption.bounded_list import BoundedList, RunLimits, Visit
from ....engine.objects.reencryption.examination import Examination, Examined
from ....engine.objects.reencryption.pace import Pace
from ....engine.objects.reencryption.reencryption import Reencrypted, Reencryption
from ....engine.once_per_key import OncePerKey
from ....engine.reconcile import Resource, reconcile
from ....model.errors import FailureKind, OperationError
from ....model.objects.desired_object import DesiredObject
from ....model.objects.large_objects import Limits
from ....model.objects.listed_object import ListedObject
from ....model.objects.object_state import ObjectId, ObjectState
from ....model.objects.object_steps import ObjectStep
from ....model.objects.parts import DEFAULT_PART
from ....model.objects.reencryption.decision import Route
from ....model.outcome import Outcome
from ....model.plan import NotThereYet
from ....model.secret import CustomerKey
from ...result import Result
from ...run import ModuleContext
from ..client_side import client_side_ports
from ..customer_keys import customer_key
from .options import ReencryptionOptions, Versions
from .report import ReencryptionReport, is_fatal
from .report_file import ReportFile
from .rules import ResolvedRules, RulesReader
from .select import require_known_classes

# Of a large object, so many parts are copied at the same time.
_PART_CONCURRENCY = 4


@dataclass(frozen=True)
class Access:
    """What is called for the objects of a run, and the settings that all of them share.

    `s3` reads objects without their checksums, which would cost a call of KMS for each object, and `writing` with them.
    """

    s3: S3Objects
    writing: S3Objects
    lists: ObjectList
    buckets: BucketSettings
    keys: KeyResolver

    @classmethod
    def of(cls, task: ModuleContext, options: ReencryptionOptions) -> Access:
        """What a task calls. A store other than AWS has to prove a copy by its checksum, so that it is read.

        Raises OperationError for a storage class that does not exist.
        """
        clients = task.clients
        s3 = S3Objects(clients, wants_checksums=False)
        require_known_classes(options.select.selection, at_aws=not s3.custom_endpoint)
        writing = S3Objects(clients)
        return cls(
            writing if s3.custom_endpoint else s3,
            writing,
            ObjectList(clients),
            BucketSettings(S3Buckets(clients), options.expected_bucket_owner, serves_many=True),
            KeyResolver(Kms(clients), Sts(clients)),
        )


def list_selected(access: Access, options: ReencryptionOptions) -> Iterator[ListedObject]:
    """The objects, or all their versions, that begin with the prefix and follow `start_after`."""
    name, prefix, owner = options.bucket, options.select.selection.prefix, options.expected_bucket_owner
    if options.versions is Versions.ALL:
        return access.lists.list_versions(name, prefix, owner, options.start_after)
    return access.lists.list_objects(name, prefix, owner, start_after=options.start_after)


def with_first(listed: Iterator[ListedObject]) -> Iterator[ListedObject]:
    """The same objects, of which the first page was requested: from then on the region of the bucket is known.

    Raises OperationError, if that page cannot be read.
    """
    first = next(listed, None)

    def everything() -> Iterator[ListedObject]:
        if first is not None:
            yield first
            yield from listed

    return everything()


def examination_of(
    task: ModuleContext, options: ReencryptionOptions, access: Access, resolved: ResolvedRules, key: CustomerKey | None
) -> Examination:
    """What reads and decides each object."""
    owners: OncePerKey[str, bool] = OncePerKey(lambda account: is_owner(access, options, account))
    return Examination(
        ObjectInspector(access.s3, InstructionFiles(task.clients), key, reads_tags=False),
        access.buckets,
        resolved.rules,
        options.bucket,
        options.expected_bucket_owner,
        key is not None,
        owners.get,
    )


def is_owner(access: Access, options: ReencryptionOptions, account: str) -> bool:
    """Whether an account owns the bucket, by a list that S3 refuses for any other account.

    It is the list of the run but for the owner, so that nothing else can be the cause.
    """
    try:
        next(access.lists.list_objects(options.bucket, options.select.selection.prefix, account, 1), None)
    except OperationError as error:
        if error.failure.kind is not FailureKind.FORBIDDEN:
            raise
        return False
    return True


def missing_in_check_run(task: ModuleContext, bucket: str, error: OperationError) -> tuple[NotThereYet, ...]:
    """The bucket, if it does not exist in a check run: an earlier task may create it. Raises any other error."""
    missing = missing_bucket(ObjectId(bucket, ""), error.failure)
    if not task.check_mode or not missing:
        raise error
    return missing


def read_rules(
    task: ModuleContext, options: ReencryptionOptions, access: Access, report: ReencryptionReport
) -> ResolvedRules:
    """The rules, once the region of the bucket is known. Raises OperationError; a check run goes on without the key."""
    resolved = RulesReader(options, access.s3, access.buckets, access.keys).read()
    if resolved.not_there_yet and not task.check_mode:
        raise OperationError(resolved.not_there_yet[0].failure)
    report.miss(resolved.not_there_yet)
    report.tally.written = resolved.rules.written
    return resolved


def reencrypt_here(task: ModuleContext, options: ReencryptionOptions) -> Result:
    """Change the objects one by one, in this process; in check mode, say what would become of each."""
    task.clients.set_pace(Pace(task.clock, options.max_rate))
    access = Access.of(task, options)
    key = customer_key(task.params, task.module.warn)
    with ExitStack() as stack:
        file = ReportFile(options.report_file, stack, is_check=task.check_mode)
        report = ReencryptionReport(task, file)
        try:
            listed = with_first(list_selected(access, options))
        except OperationError as error:
            report.miss(missing_in_check_run(task, options.bucket, error))
            return report.result()
        resolved = read_rules(task, options, access, report)
        examination = examination_of(task, options, access, resolved, key)
        result = _Run(task, options, access, examination, resolved, report, key).run(listed)
        return file.complete(result)


@dataclass(frozen=True)
class _Run:
    task: ModuleContext
    options: ReencryptionOptions
    access: Access
    examination: Examination
    resolved: ResolvedRules
    report: ReencryptionReport
    customer_key: CustomerKey | None

    def run(self, listed: Iterator[ListedObject]) -> Result:
        """Work on all objects of the list, up to the limits of the task."""
        options, report = self.options, self.report
        visits = BoundedList(listed, options.select.selection, self._limits(), options.start_after)
        work = Reencryption(self.examination, self._template(), self._reconcile, self._with_checksums).work

        def add(_position: int, visit: Visit, outcome: Reencrypted) -> None:
            failure = outcome.failure
            if failure is None or not (options.stop_on_failure or is_fatal(failure)):
                visits.finish(visit)
            else:
                visits.stop()
            report.add(visit.position, outcome.context or Examined(visit.listed), outcome)

        status = run_fleet(
            visits,
            lambda visit: work(visit.listed),
            concurrency=options.concurrency,
            on_outcome=add,
            on_progress=report.show_progress,
            stop_on_failure=options.stop_on_failure,
            lookahead=options.concurrency,
        )
        tell_of_replication(self.access, options.bucket, report)
        return report.result(status.listing_failure or status.fatal, visits.resume, visits.listed)

    def _limits(self) -> RunLimits:
        options, clock = self.options, self.task.clock
        if options.max_seconds is None:
            return RunLimits(options.max_objects)
        end = clock.monotonic() + options.max_seconds
        return RunLimits(options.max_objects, lambda: clock.monotonic() >= end)

    def _reconcile(
        self, resource: Resource[ObjectState, ObjectStep, ObjectContext]
    ) -> Outcome[ObjectState, ObjectContext]:
        return reconcile(resource, check_mode=self.task.check_mode)

    def _with_checksums(self, listed: ListedObject) -> FoundObject:
        target = self.examination.target(listed)
        found = find_object(self.access.writing, target, None, self.customer_key)
        found.require_protected()
        return found

    def _template(self) -> EncryptedObjectResource:
        """The resource of an object without a key. What all objects share is in it."""
        task, options, access = self.task, self.options, self.access
        return EncryptedObjectResource(
            desired=DesiredObject(options.bucket, "", encryption=self.resolved.rules.written),
            kms_keys=self.resolved.kms_keys,
            previous_key=None,
            source=None,
            s3=access.s3,
            multipart=Multipart(task.clients),
            buckets=access.buckets,
            keys=access.keys,
            client_side=client_side_ports(task.clients, {"legacy_formats": []}),
            clock=task.clock,
            limits=Limits(DEFAULT_PART, self.resolved.rules.copy_limit),
            concurrency=_PART_CONCURRENCY,
            expected_bucket_owner=options.expected_bucket_owner,
        )


def tell_of_replication(access: Access, bucket: str, report: ReencryptionReport) -> None:
    """A warning that a change in place replicates nothing, if the bucket has a rule for replication.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/update-sse-encryption.html
    """
    if not report.routes[Route.UPDATE.value] or access.s3.custom_endpoint:
        return
    told = "A change in place replicates nothing: run the task for the destination buckets, too."
    try:
        if access.buckets.replicates(bucket):
            report.warn(f"Objects of the bucket {bucket} are replicated. {told}")
    except OperationError as error:
        report.warn(
            f"Whether objects of the bucket {bucket} are replicated is not known: {error.failure.message} If they "
            f"are: {told}"
        )
