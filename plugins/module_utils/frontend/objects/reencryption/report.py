# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The result of a run for the objects of a bucket: counts by the encryption that they had, in bounded memory."""

from __future__ import annotations

from bisect import insort
from collections import Counter
from dataclasses import dataclass, field

from ....engine.fleet.fleet import FleetStatus
from ....engine.objects.reencryption.examination import Examined
from ....engine.objects.reencryption.reencryption import MOST_NEW_VERSIONS, Reencrypted
from ....model.errors import Failure, FailureKind
from ....model.kinds.encryption import ObjectEncryption
from ....model.kinds.registry import find_kind
from ....model.objects.reencryption.decision import Route, SkipReason
from ....model.plan import NotThereYet
from ...progress import Progress
from ...result import Result, error_details, error_of_row
from ...run import ModuleContext
from ..encryption_counts import MOST_ENCRYPTIONS, EncryptionGroup
from ..failure_causes import FailureCauses
from ..object_warnings import ObjectWarnings
from .estimate import RequestTally, estimate_to_dict
from .options import Versions
from .report_file import ReportFile

# The number of failed objects that a result lists, and of keys that a warning names.
_MOST_LISTED, _MOST_KEYS = 100, 5


# What a result calls the encryptions beyond those that are counted apart.
_OTHERS = "others"


@dataclass(slots=True)
class GroupCount:
    """The objects that had the same encryption: their number and bytes, what became of them, and what they have now."""

    objects: int = 0
    stored_bytes: int = 0
    routes: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    failed: int = 0


class ReencryptionReport:
    """Collects the outcomes of a run in any order."""

    def __init__(self, task: ModuleContext, report_file: ReportFile) -> None:
        self._bucket: str = task.params["bucket"]
        self._task = task
        self._file = report_file
        self._began = task.clock.monotonic()
        self._progress = Progress(task.clock, "objects")
        self._groups: dict[EncryptionGroup, GroupCount] = {}
        self._others = GroupCount()
        self._after: Counter[str] = Counter()
        self._warnings = ObjectWarnings(self._bucket)
        self._run_warnings: list[str] = []
        self._failures = FailureCauses()
        self.tally = RequestTally()
        self._listed: list[tuple[int, Result]] = []
        self._not_there_yet: tuple[NotThereYet, ...] = ()
        self._wrote = False
        self._copied_bytes = self._new_versions = self._read = self._vanished = self._unknown = 0
        # The KMS keys of what stays under another encryption than asked for; and those that objects of a bucket with
        # versions had before they changed in place, as other versions may be under them.
        self._remaining_keys: set[str] = set()
        self._previous_keys: set[str] = set()

    def add(self, position: int, examined: Examined, outcome: Reencrypted) -> None:
        """Add the outcome of one object."""
        self._wrote |= outcome.changed
        self._read += 1
        listed, decision = examined.listed, examined.decision
        self.tally.add(examined, decision.route if decision and outcome.failure is None else None)
        if outcome.failure is None and decision is None:
            self._vanished += 1
            return
        if decision is not None and decision.route is None and decision.skipped is None and outcome.failure is None:
            self._read -= 1
            return
        if outcome.failure is None or outcome.failure.may_have_been_applied:
            for warning in outcome.warnings:
                version = outcome.before.version_id if outcome.before else None
                self._warnings.add(position, listed.key, warning, version)
        group = self._group(examined.encryption)
        group.objects += 1
        group.stored_bytes += listed.size
        if outcome.failure:
            self._fail(position, examined, outcome.failure, group)
        elif decision and decision.skipped:
            self._skip(position, examined, decision.skipped, group)
        elif decision and decision.route:
            self._count_route(examined, decision.route, outcome, group)
        if outcome.not_there_yet:
            self._not_there_yet = outcome.not_there_yet

    def _group(self, encryption: ObjectEncryption | None) -> GroupCount:
        if encryption is None:
            key = EncryptionGroup(None, None, None)
        else:
            key = EncryptionGroup(encryption.type, encryption.kms_key_arn, encryption.bucket_key_enabled)
        if key not in self._groups and len(self._groups) >= MOST_ENCRYPTIONS:
            return self._others
        return self._groups.setdefault(key, GroupCount())

    def _count_route(self, examined: Examined, route: Route, outcome: Reencrypted, group: GroupCount) -> None:
        group.routes[route.value] += 1
        if route in (Route.COPY, Route.PARTS):
            self._copied_bytes += examined.listed.size
            if examined.decision and examined.decision.makes_version:
                self._new_versions += 1
                _add_key(self._remaining_keys, examined.encryption)
        elif route is Route.UPDATE and examined.has_version:
            _add_key(self._previous_keys, examined.encryption)
        after = outcome.after.encryption.server_side if outcome.after else examined.encryption
        self._count_after(after)

    def _count_after(self, encryption: ObjectEncryption | None) -> None:
        words = _in_words(encryption)
        self._after[words if words in self._after or len(self._after) < MOST_ENCRYPTIONS else _OTHERS] += 1

    def _skip(self, position: int, examined: Examined, reason: SkipReason, group: GroupCount) -> None:
        group.skipped[reason.value] += 1
        self._count_after(examined.encryption)
        _add_key(self._remaining_keys, examined.encryption)
        self._list(position, {**_name(examined), "reason": reason.value, "error": None}, is_failed=False)

    def _fail(self, position: int, examined: Examined, failure: Failure, group: GroupCount) -> None:
        group.failed += 1
        self._count_after(examined.encryption)
        _add_key(self._remaining_keys, examined.encryption)
        self._failures.add(position, self._bucket, examined.listed.key, failure)
        self._list(position, {**_name(examined), "reason": "failed", "error": error_of_row(failure)}, is_failed=True)

    def _list(self, position: int, row: Result, *, is_failed: bool) -> None:
        self._file.add(row)
        if is_failed:
            insort(self._listed, (position, row), key=lambda entry: entry[0])
            del self._listed[_MOST_LISTED:]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known of any object yet."""
        return not self._read

    def warn(self, sentence: str) -> None:
        """Add a warning about the run as a whole."""
        self._run_warnings.append(sentence)

    def miss(self, missing: tuple[NotThereYet, ...]) -> None:
        """Add what the run needs, and what does not exist yet."""
        self._not_there_yet = missing

    @property
    def routes(self) -> Counter[str]:
        """The number of objects by their route."""
        total: Counter[str] = Counter()
        for group in self._all_groups():
            total.update(group.routes)
        return total

    @property
    def _skipped(self) -> Counter[str]:
        total: Counter[str] = Counter()
        for group in self._all_groups():
            total.update(group.skipped)
        return total

    def _all_groups(self) -> tuple[GroupCount, ...]:
        return (*self._groups.values(), self._others)

    def show_progress(self, status: FleetStatus) -> None:
        """Show how far the run is."""
        counts = f"{status.changed:,} changed, {status.failed:,} failed"
        self._progress.update(status.done, status.matched, is_complete=status.is_complete, counts=counts)

    def result(self, end: Failure | None = None, resume: str | None = None, listed: int = 0) -> Result:
        """The result of the module. `end` is a failure that ended the run, and `resume` the key to go on after.

        `listed` is the number of objects that were listed, also of those that the task does not select.
        """
        routes, skipped = self.routes, self._skipped
        done = routes[Route.UPDATE.value] + routes[Route.COPY.value] + routes[Route.PARTS.value]
        seconds = self._task.clock.monotonic() - self._began
        result: Result = {
            "changed": self._wrote,
            "summary": {
                "seen": self._read,
                "done": done,
                "as_asked": routes[Route.AS_ASKED.value],
                "skipped": sum(skipped.values()),
                "failed": self._failures.number,
                "vanished": self._vanished,
                "new_versions": self._new_versions,
                "bytes_copied": self._copied_bytes,
                "by_encryption": self._rows(),
                "by_route": {route.value: routes[route.value] for route in Route if route is not Route.AS_ASKED},
                "skipped_by_reason": dict(sorted(skipped.items())),
                "api_calls": self._task.clients.calls.requests,
                "seconds": round(seconds, 3),
            },
            "estimate": estimate_to_dict(
                self.tally.counts(listed), at_aws=not self._task.clients.custom_endpoint("s3")
            ),
            "jobs": [],
            "failed_objects": [row for _position, row in self._listed],
            "resume": resume,
            "not_there_yet": list(dict.fromkeys(each.name for each in self._not_there_yet)),
            "diff": self._diff(),
            "warnings": [
                *self._run_warnings,
                *self._warnings.sentences(),
                *self._about_keys(),
                *dict.fromkeys(each.warning for each in self._not_there_yet),
            ],
        }
        return result | self._failure(end, skipped)

    def _failure(self, end: Failure | None, skipped: Counter[str]) -> Result:
        messages = []
        if self._failures.number:
            messages += [f"{self._failures.number:,} of {self._read:,} objects failed.", *self._failures.sentences()]
        left = skipped[SkipReason.NEW_VERSIONS.value]
        if left:
            messages.append(
                f"{left:,} objects are left as they are, because the bucket keeps versions, and more than "
                f"{MOST_NEW_VERSIONS:,} copies would each leave a noncurrent version that is stored and billed. Set "
                "method: copy if that is meant."
            )
        if end:
            messages = [end.sentence(), "The run ended early.", *messages]
        if not messages:
            return {}
        failed: Result = {"failed": True, "msg": " ".join(messages)}
        return failed | ({"error": error_details(end)} if end else {})

    def _rows(self) -> list[Result]:
        groups = sorted(self._groups.items(), key=lambda item: (-item[1].objects, str(item[0])))
        rows: list[Result] = [
            {"encryption": key.type, "kms_key_arn": key.kms_key_arn, "bucket_key_enabled": key.bucket_key_enabled}
            | _counts(count)
            for key, count in groups
        ]
        if self._others.objects:
            rows.append(
                {"encryption": _OTHERS, "kms_key_arn": None, "bucket_key_enabled": None} | _counts(self._others)
            )
        return rows

    def _diff(self) -> Result:
        """The number of objects under each encryption, before and after."""
        before = Counter({_in_words_of_group(key): count.objects for key, count in self._groups.items()})
        if self._others.objects:
            before[_OTHERS] = self._others.objects
        if not self._wrote_or_would():
            return {"before": {}, "after": {}}
        return {"before": dict(sorted(before.items())), "after": dict(sorted(self._after.items()))}

    def _wrote_or_would(self) -> bool:
        return any(number for route, number in self.routes.items() if route != Route.AS_ASKED.value)

    def _about_keys(self) -> list[str]:
        """Warnings about KMS keys that must stay, as what is encrypted under them could not be read without them."""
        remaining, previous = sorted(self._remaining_keys), sorted(self._previous_keys - self._remaining_keys)
        found = []
        if remaining:
            found.append(
                "Keep these KMS keys, because objects or noncurrent versions stay under them: "
                f"{_first_keys(remaining)}."
            )
        if previous and self._task.params["versions"] != Versions.ALL.value:
            found.append(
                "Keep these KMS keys, because the bucket keeps versions, and noncurrent ones were not read, which may "
                f"be under them: {_first_keys(previous)}. To change those, too, set versions: all."
            )
        return found


def _first_keys(keys: list[str]) -> str:
    more = f" and {len(keys) - _MOST_KEYS:,} more" if len(keys) > _MOST_KEYS else ""
    return f"{', '.join(keys[:_MOST_KEYS])}{more}"


def _add_key(keys: set[str], encryption: ObjectEncryption | None) -> None:
    if encryption and encryption.kms_key_arn and len(keys) < MOST_ENCRYPTIONS:
        keys.add(encryption.kms_key_arn)


def _counts(count: GroupCount) -> Result:
    return {
        "objects": count.objects,
        "stored_bytes": count.stored_bytes,
        "routes": {route.value: count.routes[route.value] for route in Route},
        "skipped": dict(sorted(count.skipped.items())),
        "failed": count.failed,
    }


def _name(examined: Examined) -> Result:
    listed = examined.listed
    return {"key": listed.key, "version_id": listed.version_id if listed.is_noncurrent else None}


def _in_words(encryption: ObjectEncryption | None) -> str:
    if encryption is None:
        return "unknown"
    return _in_words_of_group(EncryptionGroup(encryption.type, encryption.kms_key_arn, encryption.bucket_key_enabled))


def _in_words_of_group(group: EncryptionGroup) -> str:
    if group.type is None:
        return "unknown"
    key = f" {group.kms_key_arn}" if group.kms_key_arn else ""
    has_bucket_key = find_kind(group.type).accepts("bucket_key_enabled") and group.bucket_key_enabled
    return f"{group.type}{key}{' with a bucket key' if has_bucket_key else ''}"


def is_fatal(failure: Failure) -> bool:
    """Whether every further object would fail in the same way."""
    return failure.kind is FailureKind.CREDENTIALS
