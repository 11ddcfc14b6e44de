# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Looking at KMS keys: one, or all customer managed keys of the region at once. What is refused is told, key by key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from ...aws.keys.ports import KeyReportPort
from ...model.errors import Failure, FailureKind, OperationError
from ...model.keys.key_report import Extras, KeyReport, LastUsed, some_names
from ...model.keys.key_state import KeyState
from ...model.keys.key_usage import LastUse
from ..fleet.worker_pool import map_unordered
from .cloudtrail_usage import KeyUsageReader
from .key_references import BucketsByKey

PartT = TypeVar("PartT")

# Names under which AWS, and nobody else, keeps its managed keys.
# Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html
_AWS_ALIASES = "alias/aws/"


@dataclass
class KeyInspector:
    """Finds out about keys what is asked for. `warnings` are what a person should know of the answer.

    `usage` tells who used a key; None: that is not asked for.
    """

    kms: KeyReportPort
    users: BucketsByKey
    extras: Extras
    usage: KeyUsageReader | None = None
    warnings: list[str] = field(default_factory=list)

    def one(self, name: str) -> KeyReport | None:
        """The key of an id or alias; None: there is none. Raises OperationError where it may not be described at
        all."""
        try:
            key = self.kms.get_key(name)
        except OperationError as error:
            if error.failure.kind is FailureKind.ABSENT:
                return None
            raise
        failures: list[Failure] = []
        aliases = _unless_refused(failures, lambda: self.kms.list_aliases(key.key_id or ""))
        report = self._look(key, aliases, failures)
        (used,) = self._with_buckets([report])
        self._warn([used])
        return used

    def every(self, concurrency: int) -> list[KeyReport]:
        """All customer managed keys of the region, in the order of KMS. Raises OperationError where they cannot be
        listed.

        A key that may not be described is among them, with the failure, unless its alias says that it is AWS's.
        """
        key_ids = self.kms.list_keys()
        unlisted: list[Failure] = []
        aliases = _unless_refused(unlisted, self.kms.list_region_aliases)

        def look(key_id: str) -> KeyReport | None:
            own = None if aliases is None else aliases.get(key_id, ())
            failures = list(unlisted)
            try:
                key = self.kms.get_key(key_id)
            except OperationError as error:
                if error.failure.kind is FailureKind.ABSENT or any(_is_of_aws(alias) for alias in own or ()):
                    return None
                return KeyReport(key_id, aliases=own, failures=(error.failure, *failures))
            return self._look(key, own, failures) if key.manager == "CUSTOMER" else None

        looked_at = sorted(map_unordered(key_ids, look, concurrency=concurrency), key=lambda done: done[0])
        reports = self._with_buckets([report for _position, _key_id, report in looked_at if report])
        self._warn(reports)
        return reports

    def _look(self, key: KeyState, aliases: tuple[str, ...] | None, failures: list[Failure]) -> KeyReport:
        """The parts of one key that are asked for, each by a call of its own."""
        key_id, extras, kms = key.key_id or "", self.extras, self.kms
        whole = replace(
            key,
            aliases=aliases or (),
            policy=_unless_refused(failures, lambda: kms.get_key_policy(key_id)),
            tags=_unless_refused(failures, lambda: kms.list_resource_tags(key_id)),
            rotation=_unless_refused(failures, lambda: kms.get_key_rotation_status(key_id)) if key.rotates else None,
        )
        return KeyReport(
            key_id,
            whole,
            aliases,
            grants=_unless_refused(failures, lambda: kms.count_grants(key_id)) if extras.grants else None,
            last_used=_unless_refused(failures, lambda: _last_used(kms.get_key_last_usage(key_id)))
            if extras.last_used
            else None,
            rotations=_unless_refused(failures, lambda: kms.list_key_rotations(key_id))
            if extras.rotations and _has_rotations(key)
            else None,
            usage=self.usage.of(key.arn or "") if self.usage else None,
            failures=tuple(failures),
        )

    def _with_buckets(self, reports: list[KeyReport]) -> list[KeyReport]:
        """With the buckets whose default encryption names each key, where that is asked for."""
        if not self.extras.used_by or not reports:
            return reports
        try:
            by_key, unseen = self.users.by_key(self.kms.region)
        except OperationError as error:
            self.warnings.append(f"used_by is not told: {error.failure.sentence()}")
            return reports
        if unseen:
            self.warnings.append(
                f"The default encryption of {some_names(unseen)} could not be read, so used_by may lack "
                f"{'it' if len(unseen) == 1 else 'them'}."
            )
        return [replace(report, used_by=by_key.get(report.key_id, ())) for report in reports]

    def _warn(self, reports: list[KeyReport]) -> None:
        """One sentence, however many keys: each has its own failures."""
        # What the store or the SDK does not know is no news to who looks after the keys.
        partial = [report for report in reports if any(f.kind is not FailureKind.UNSUPPORTED for f in report.failures)]
        if partial:
            first = next(f for f in partial[0].failures if f.kind is not FailureKind.UNSUPPORTED).sentence()
            whole = f"{len(partial)} of {len(reports)} KMS keys" if len(reports) > 1 else "the KMS key"
            self.warnings.append(f"Not all of {whole} could be read. {first}")
        unknown = [report.usage.failure for report in reports if report.usage and report.usage.failure]
        if unknown:
            self.warnings.append(f"Not all use of KMS keys is told. {unknown[0].sentence()}")


def _unless_refused(failures: list[Failure], read: Callable[[], PartT]) -> PartT | None:
    """What is read; or None, with the failure noted."""
    try:
        return read()
    except OperationError as error:
        failures.append(error.failure)
        return None


def _last_used(told: LastUse) -> LastUsed:
    at = told.last_used.isoformat() if told.last_used else None
    return LastUsed(at, told.operation, told.tracked_since.isoformat())


def _has_rotations(key: KeyState) -> bool:
    """Whether KMS keeps a record of rotations: of symmetric keys, also of those whose material was imported.

    Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyRotations.html
    """
    return key.spec == "SYMMETRIC_DEFAULT" and key.origin in ("AWS_KMS", "EXTERNAL")


def _is_of_aws(alias: str) -> bool:
    return alias.startswith(_AWS_ALIASES)
