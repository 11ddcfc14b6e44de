# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The jobs of one wish: one for each group of objects that one request can change."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..errors import invalid_input
from ..kinds.kind import Kind, ObjectEncryption
from ..kinds.registry import find_kind
from ..objects.change_method import Change, ChangeMethod, in_place_blocker
from ..objects.object_state import DEFAULT_STORAGE_CLASS, ObjectState
from ..objects.reencryption.decision import Decision, ReencryptionRules, Route, SkipReason
from ..objects.reencryption.selection import SelectedEncryption
from .job_request import CopyObjects, JobOperation, ManifestFilter, UpdateEncryption

# The storage classes that a copy of S3 Batch Operations can write, and whose objects it can read.
# Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_S3CopyObjectOperation.html
COPY_CLASSES = ("STANDARD", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR")


@dataclass(frozen=True, slots=True)
class JobPart:
    """What one job of a wish does. `name` tells it from the others. `filter` is for a generated manifest."""

    name: str
    operation: JobOperation
    filter: ManifestFilter | None = None


_UPDATE = "update"


def require_job_can_write(kind: Kind) -> None:
    """Raise OperationError for a target that no operation of S3 Batch Operations can write."""
    if not kind.updates_to and not kind.job_algorithm:
        raise invalid_input(
            f"S3 Batch Operations cannot encrypt objects under {kind.name}.",
            "Use engine: here, or another encryption.",
        )


def parts_of(rules: ReencryptionRules) -> tuple[JobPart, ...]:
    """All jobs that a wish may need, if the task lists the objects: one in place, and one copy for each storage
    class."""
    written = rules.written
    parts = []
    if written.kind.updates_to and rules.method is not ChangeMethod.COPY:
        parts.append(JobPart(_UPDATE, UpdateEncryption(written)))
    if written.kind.job_algorithm and rules.method is not ChangeMethod.UPDATE:
        parts += [JobPart(f"copy {each}", CopyObjects(written, each)) for each in COPY_CLASSES]
    return tuple(parts)


def part_name(decision: Decision, found: ObjectState) -> str:
    """The name of the part that changes an object."""
    return _UPDATE if decision.route is Route.UPDATE else f"copy {_storage_class(found)}"


def decide_for_job(decision: Decision, found: ObjectState) -> Decision:
    """The decision about an object, without the copies that a job cannot make or that would lose something.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-copy-object.html
    """
    if decision.route not in (Route.COPY, Route.PARTS):
        return decision
    if decision.route is Route.PARTS:
        return Decision(skipped=SkipReason.TOO_LARGE)
    if find_kind(found.encryption.server_side.type).key_in_requests:
        return Decision(skipped=SkipReason.NO_CUSTOMER_KEY)
    if found.properties.website_redirect_location:
        return Decision(skipped=SkipReason.WEBSITE_REDIRECT)
    if _storage_class(found) not in COPY_CLASSES:
        return Decision(skipped=SkipReason.STORAGE_CLASS)
    return decision


def _storage_class(found: ObjectState) -> str:
    return found.properties.storage_class or DEFAULT_STORAGE_CLASS


def generated_parts(rules: ReencryptionRules) -> tuple[JobPart, ...]:
    """The jobs of a wish whose manifests S3 generates: one for each encryption, and each storage class of a copy.

    Raises OperationError for what a filter cannot say: it includes one encryption, and excludes nothing.
    """
    if not rules.selection.encryption:
        raise invalid_input(
            "select.encryption is missing: a generated manifest needs to know which objects to include.",
            "Name the kinds and KMS keys that are to be changed, or leave out batch.manifest.generated.",
        )
    return tuple(part for entry in rules.selection.encryption for part in _parts_of_entry(rules, entry))


def _parts_of_entry(rules: ReencryptionRules, entry: SelectedEncryption) -> list[JobPart]:
    if entry.type is None:
        raise invalid_input(
            f"select.encryption names the KMS key {entry.kms_key_arn} without a kind of encryption, and the filter of "
            "a generated manifest needs both.",
            "Write it as a dict with encryption and kms_key.",
        )
    kind = find_kind(entry.type)
    _require_source(rules, entry, kind)
    names = f"{kind.name} {entry.kms_key_arn or ''}".strip()
    chosen = _filter(rules, entry, kind)
    before = ObjectEncryption(kind.name, entry.kms_key_arn)
    change = Change(before, rules.written, bucket_owner=rules.bucket_owner)
    blocker = "the task asks for a copy" if rules.method is ChangeMethod.COPY else in_place_blocker(change)
    if not blocker and (rules.method is ChangeMethod.UPDATE or not change.key_is_foreign):
        return [JobPart(f"{_UPDATE} {names}", UpdateEncryption(rules.written), chosen)]
    if rules.method is ChangeMethod.UPDATE:
        raise invalid_input(
            f"select.encryption: objects under {names} cannot be changed in place: {blocker}.", "Set method: auto."
        )
    classes = _copy_classes(rules, names)
    # A job copies at most 5 GB of an object. What the filter leaves out is not told by the job.
    limit = rules.copy_limit + 1
    smaller = limit if chosen.smaller_than is None else min(limit, chosen.smaller_than)
    return [
        JobPart(
            f"copy {names} {each}",
            CopyObjects(rules.written, each),
            replace(chosen, storage_classes=(each,), smaller_than=smaller),
        )
        for each in classes
    ]


def _require_source(rules: ReencryptionRules, entry: SelectedEncryption, kind: Kind) -> None:
    """Raise OperationError for a source that no job can change, or that includes what is as asked."""
    desired = rules.desired
    if not kind.job_filter:
        raise invalid_input(f"select.encryption: {kind.name} is no encryption that a generated manifest can select.")
    if kind.key_in_requests:
        raise invalid_input(
            f"select.encryption: S3 Batch Operations cannot read objects under {kind.name}.",
            "Leave it out, and use engine: here with the customer key for these objects.",
        )
    is_strong_enough = desired.kind.weakens(kind) or (rules.key_is_aws_managed and kind.name == desired.kind.name)
    if rules.minimum and is_strong_enough:
        raise invalid_input(
            f"select.encryption: objects under {kind.name} are as asked with minimum: true.", "Leave it out."
        )
    if kind.name != desired.kind.name:
        return
    if not kind.accepts("kms_key") or desired.kms_key_arn is None:
        raise invalid_input(f"select.encryption: objects under {kind.name} are as asked.", "Leave it out.")
    if entry.kms_key_arn is None:
        raise invalid_input(
            f"select.encryption: {kind.name} without a KMS key includes the objects that have the key already, and a "
            "job would write these, too, as a filter cannot exclude.",
            "Name each KMS key that is to be replaced, or leave out batch.manifest.generated.",
        )


def _filter(rules: ReencryptionRules, entry: SelectedEncryption, kind: Kind) -> ManifestFilter:
    selection = rules.selection
    # Under the key that is asked for, only the bucket key can differ.
    is_same = kind.name == rules.desired.kind.name and entry.kms_key_arn == rules.written.kms_key_arn
    return ManifestFilter(
        kind.name,
        entry.kms_key_arn,
        (not rules.written.bucket_key_enabled) if is_same else None,
        selection.prefix,
        selection.suffix,
        selection.newer_than,
        selection.older_than,
        selection.larger_than,
        selection.smaller_than,
        selection.storage_classes,
    )


def _copy_classes(rules: ReencryptionRules, names: str) -> tuple[str, ...]:
    """The storage classes of copies, which have to be named: a job writes all its objects to one."""
    require_copies(rules.written.kind, names)
    classes = rules.selection.storage_classes
    if not classes:
        raise invalid_input(
            f"select.storage_classes is missing: objects under {names} have to be copied, and a job copies all its "
            "objects to one storage class.",
            "Name the storage classes of the objects: there will be one job for each.",
        )
    foreign = [each for each in classes if each not in COPY_CLASSES]
    if foreign:
        raise invalid_input(
            f"select.storage_classes: S3 Batch Operations cannot copy objects of {', '.join(foreign)}.",
            f"Name some of {', '.join(COPY_CLASSES)}.",
        )
    return classes


def require_copies(kind: Kind, names: str) -> None:
    """Raise OperationError if no job can copy objects to this kind."""
    if not kind.job_algorithm:
        raise invalid_input(f"S3 Batch Operations cannot copy objects under {names} to {kind.name}.")
