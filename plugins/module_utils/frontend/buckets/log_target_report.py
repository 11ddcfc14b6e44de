# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What a task reports about buckets that logs of AWS services are delivered to."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from ..fleet_report import count_others
from .serialize import BUCKETS

if TYPE_CHECKING:
    from ...engine.buckets.bucket_default import BucketContext
    from ...model.buckets.bucket_default import BucketDefault
    from ...model.outcome import Outcome

# The number of warnings, and of buckets in each, that a person reads. The result has the names of all buckets.
_SHOWN_WARNINGS, _SHOWN_BUCKETS = 10, 5


class _Cause(NamedTuple):
    """What a warning is about: the same for each of its buckets."""

    subject: str
    stops: bool
    is_skipped: bool

    def sentence(self, buckets: str) -> str:
        if self.is_skipped:
            return f"{self.subject}. Not changed because of log_targets: {buckets}."
        if self.stops:
            return f"{self.subject}. They may stop for {buckets}."
        return f"{self.subject}. This concerns {buckets}."


class _Bucket(NamedTuple):
    """A bucket with all that shows one finding."""

    name: str
    evidence: tuple[str, ...]

    def format(self) -> str:
        return f"{self.name} ({'; '.join(self.evidence)})" if self.evidence else self.name


@dataclass
class LogTargetReport:
    """Collects the findings about logs, in any order of the buckets."""

    _found: dict[_Cause, dict[int, _Bucket]] = field(default_factory=lambda: defaultdict(dict), init=False)
    _names: dict[int, str] = field(default_factory=dict, init=False)

    def add(self, position: int, bucket: str, outcome: Outcome[BucketDefault, BucketContext]) -> None:
        """Add the findings for one bucket. A change that was refused has none, as its logs go on."""
        context = outcome.context
        if context is None or (outcome.failure and not outcome.failure.may_have_been_applied):
            return
        for finding in context.logs:
            buckets = self._found[_Cause(finding.subject, finding.stops, context.is_skipped)]
            evidence = buckets[position].evidence if position in buckets else ()
            buckets[position] = _Bucket(bucket, (*evidence, finding.evidence) if finding.evidence else evidence)
            if finding.stops:
                self._names[position] = bucket

    @property
    def buckets(self) -> list[str]:
        """The buckets with logs that cannot be delivered under a KMS key, in the order of the task."""
        return [name for _position, name in sorted(self._names.items())]

    def warnings(self) -> list[str]:
        """One warning for each cause with its first buckets; the cause of most buckets first."""
        causes = sorted(self._found.items(), key=lambda item: (-len(item[1]), item[0]))
        shown = [cause.sentence(_list(buckets)) for cause, buckets in causes[:_SHOWN_WARNINGS]]
        return [*shown, *count_others(len(causes) - len(shown), "warning about logs", "warnings about logs")]


def _list(buckets: dict[int, _Bucket]) -> str:
    found = [bucket.format() for _position, bucket in sorted(buckets.items())]
    more = len(found) - _SHOWN_BUCKETS
    rest = f" and {more:,} more" if more > 0 else ""
    return f"{BUCKETS.count(len(found))}: {', '.join(found[:_SHOWN_BUCKETS])}{rest}"
