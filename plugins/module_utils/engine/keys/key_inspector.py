# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""Descriptions of KMS keys: of one, or of all customer managed keys of a region. Refusals are reported key by key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from ...model.errors import Failure, FailureKind, OperationError
from ...model.keys.key_report import Extras, KeyReport
from ...model.keys.key_usage import list_names
from ..fleet.worker_pool import map_unordered
from .key_reading import find_named_key

if TYPE_CHECKING:
    from ...aws.keys.ports import KeyReportPort
    from ...model.keys.key_state import KeyState
    from .cloudtrail_usage import KeyUsageReader
    from .key_references import KeyReferenceReader

PartT = TypeVar("PartT")

# Only AWS creates aliases with this prefix, for the keys that it manages.
# Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html
_AWS_ALIASES = "alias/aws/"


@dataclass(frozen=True, slots=True)
class KeyInspection:
    """Reports about keys, and warnings about what could not be read."""

    reports: tuple[KeyReport, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class KeyInspector:
    """Reads keys, and the `extras` that are requested. `usage` reads the events of CloudTrail; None: not requested."""

    kms: KeyReportPort
    references: KeyReferenceReader
    extras: Extras
    usage: KeyUsageReader | None = None

    def describe(self, name: str) -> KeyInspection:
        """The key with this id or alias; no report if it does not exist.

        Raises OperationError if the caller may not describe it.
        """
        key = find_named_key(name, self.kms)
        if key is None:
            return KeyInspection(())
        key_id = key.key_id or ""
        return self._complete([self._inspect(key, _try_read(lambda: self.kms.list_aliases(key_id)))])

    def describe_all(
        self, concurrency: int, on_progress: Callable[[int, int], None] = lambda done, total: None
    ) -> KeyInspection:
        """All customer managed keys of the region, in the order of KMS. Raises OperationError if they cannot be listed.

        A key that the caller may not describe is included, with the failure, unless its alias shows that AWS manages
        it. `on_progress` gets the number of keys that were read, and of all keys.
        """
        key_ids = self.kms.list_keys()
        aliases = _try_read(self.kms.list_region_aliases)

        def inspect(key_id: str) -> KeyReport | None:
            own = aliases if isinstance(aliases, Failure) else aliases.get(key_id, ())
            try:
                key = self.kms.get_key(key_id)
            except OperationError as error:
                names = _known(own)
                if error.failure.kind is FailureKind.ABSENT or any(_is_of_aws(alias) for alias in names or ()):
                    return None
                return KeyReport(key_id, aliases=names, failures=(error.failure, *_failures(own)))
            return self._inspect(key, own) if key.manager == "CUSTOMER" else None

        results: dict[int, KeyReport] = {}
        read = map_unordered(key_ids, inspect, concurrency=concurrency)
        for done, (position, _key_id, report) in enumerate(read, start=1):
            on_progress(done, len(key_ids))
            if report:
                results[position] = report
        return self._complete([results[position] for position in sorted(results)])

    def _inspect(self, key: KeyState, aliases: tuple[str, ...] | Failure) -> KeyReport:
        """The requested parts of one key, each read by a call of its own."""
        key_id, extras, kms = key.key_id or "", self.extras, self.kms
        policy = _try_read(lambda: kms.get_key_policy(key_id))
        tags = _try_read(lambda: kms.list_resource_tags(key_id))
        rotation = _try_read(lambda: kms.get_key_rotation_status(key_id)) if key.rotates else None
        grants = _try_read(lambda: kms.count_grants(key_id)) if extras.grants else None
        last_usage = _try_read(lambda: kms.get_key_last_usage(key_id)) if extras.last_usage else None
        has_history = extras.rotations and _has_rotations(key)
        rotations = _try_read(lambda: kms.list_key_rotations(key_id)) if has_history else None
        return KeyReport(
            key_id,
            replace(
                key,
                aliases=_known(aliases) or (),
                policy=_known(policy),
                tags=_known(tags),
                rotation=_known(rotation),
            ),
            _known(aliases),
            grants=_known(grants),
            last_usage=_known(last_usage),
            rotations=_known(rotations),
            usage=self.usage.read(key.arn or "") if self.usage else None,
            failures=_failures(aliases, policy, tags, rotation, grants, last_usage, rotations),
        )

    def _complete(self, reports: Sequence[KeyReport]) -> KeyInspection:
        """The reports with the buckets that reference each key, if that is requested, and all warnings."""
        unread = _warnings(reports)
        if not self.extras.references or not reports:
            return KeyInspection(tuple(reports), unread)
        try:
            found = self.references.group_by_key(self.kms.region)
        except OperationError as error:
            return KeyInspection(tuple(reports), (f"used_by is not available: {error.failure.sentence()}", *unread))
        warnings: tuple[str, ...] = ()
        if found.unreadable:
            warnings = (
                f"The default encryption of {list_names(found.unreadable)} could not be read "
                "(s3:GetEncryptionConfiguration), so used_by may lack "
                f"{'it' if len(found.unreadable) == 1 else 'them'}.",
            )
        with_references = tuple(replace(each, references=found.buckets.get(each.key_id, ())) for each in reports)
        return KeyInspection(with_references, (*warnings, *unread))


def _warnings(reports: Sequence[KeyReport]) -> tuple[str, ...]:
    """One sentence for any number of keys: the report of each key has its own failures."""
    warnings = []
    # An operation that the store or the SDK does not support is not worth a warning.
    relevant = [[each for each in report.failures if each.kind is not FailureKind.UNSUPPORTED] for report in reports]
    refused = [failures[0] for failures in relevant if failures]
    if refused:
        keys = f"{len(refused)} of {len(reports)} KMS keys" if len(reports) > 1 else "the KMS key"
        warnings.append(f"Not all of {keys} could be read. {refused[0].sentence()}")
    incomplete = [report.usage.failure for report in reports if report.usage and report.usage.failure]
    if incomplete:
        warnings.append(f"The reported use of KMS keys is not complete. {incomplete[0].sentence()}")
    return tuple(warnings)


def _try_read(read: Callable[[], PartT]) -> PartT | Failure:
    try:
        return read()
    except OperationError as error:
        return error.failure


def _known(part: PartT | Failure | None) -> PartT | None:
    """A part that was read; None if it was not requested or is not readable."""
    return None if isinstance(part, Failure) else part


def _failures(*parts: object) -> tuple[Failure, ...]:
    return tuple(part for part in parts if isinstance(part, Failure))


def _has_rotations(key: KeyState) -> bool:
    """Whether KMS records rotations: of symmetric keys, also of those with imported material.

    Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyRotations.html
    """
    return key.spec == "SYMMETRIC_DEFAULT" and key.origin in ("AWS_KMS", "EXTERNAL")


def _is_of_aws(alias: str) -> bool:
    return alias.startswith(_AWS_ALIASES)
