# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""What became of a fleet of buckets, as one answer: counted, grouped, and listed as far as the task asks."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from ...model.buckets.bucket_default import BucketDefault
from ...model.buckets.selection import Bucket
from ...model.diff import difference
from ...model.errors import Failure
from ...model.outcome import Outcome
from ..failure import error_details
from ..progress import Progress
from ..result import Result
from .serialize import bucket_default_to_dict

Change = tuple[BucketDefault, BucketDefault]


@dataclass
class FleetReport:
    """Takes outcomes in any order. Of each bucket it keeps no more than its name, unless it is to be listed."""

    keep_unchanged: bool = False
    keep_changed: bool = True
    began: float = field(default_factory=time.monotonic)
    counts: Counter[str] = field(default_factory=Counter)
    listed: dict[int, Result] = field(default_factory=dict)
    failures: dict[int, tuple[str, Failure]] = field(default_factory=dict)
    changes: dict[Change, dict[int, str]] = field(default_factory=lambda: defaultdict(dict))
    warnings: Counter[str] = field(default_factory=Counter)
    wrote: bool = False

    def add(self, position: int, bucket: Bucket, outcome: Outcome[BucketDefault]) -> None:
        """Take one bucket's outcome into account; `bucket` has the region that it turned out to be in."""
        self.wrote |= outcome.changed
        self.warnings.update(outcome.warnings)
        if outcome.failure:
            self.counts["failed"] += 1
            self.failures[position] = (bucket.name, outcome.failure)
        else:
            self.counts["changed" if outcome.changed else "unchanged"] += 1
        if outcome.changed and outcome.before and outcome.planned:
            self.changes[outcome.before, outcome.planned][position] = bucket.name
        if outcome.failure or (self.keep_changed if outcome.changed else self.keep_unchanged):
            self.listed[position] = {
                "name": bucket.name,
                "region": bucket.region or None,
                "changed": outcome.changed,
                "before": bucket_default_to_dict(outcome.before),
                "after": bucket_default_to_dict(outcome.after),
                "error": error_details(outcome.failure) if outcome.failure else None,
            }

    def tell(self, progress: Progress, matched: int, complete: bool) -> None:
        """Say how far it has come, of as many as match so far, or (`complete`) in all."""
        progress.update(
            done=sum(self.counts.values()),
            total=matched,
            complete=complete,
            changed=self.counts["changed"],
            failed=self.counts["failed"],
        )

    def answer(self, matched: int, api_calls: int) -> Result:
        """The module's answer, its lists in the order in which the buckets were named or listed."""
        counts = {name: self.counts[name] for name in ("changed", "unchanged", "failed")}
        answer: Result = {
            "changed": self.wrote,
            "buckets": [self.listed[position] for position in sorted(self.listed)],
            "failed_buckets": [self.failures[position][0] for position in sorted(self.failures)],
            "summary": {
                "matched": matched,
                **counts,
                "skipped": matched - sum(counts.values()),
                "api_calls": api_calls,
                "seconds": round(time.monotonic() - self.began, 3),
            },
            "diff": self._diff(),
            "warnings": [f"{_count(number)}: {warning}." for warning, number in sorted(self.warnings.items())],
        }
        if self.failures:
            answer |= {"failed": True, "msg": self._message(matched)}
        return answer

    def _diff(self) -> dict[str, Any]:
        """One changed bucket's before and after; of several, equal changes together, and the names after them."""
        groups = sorted(self.changes.items(), key=lambda group: (-len(group[1]), min(group[1])))
        if not groups:
            return {"before": {}, "after": {}}
        if sum(len(names) for _change, names in groups) == 1:
            (((before, after), names),) = groups
            return difference(bucket_default_to_dict(before), bucket_default_to_dict(after), next(iter(names.values())))
        return {"prepared": "".join(_tell_group(change, names) for change, names in groups)}

    def _message(self, matched: int) -> str:
        """Every failed bucket with its cause, equal causes together."""
        causes: dict[tuple[str, str, str], list[tuple[str, Failure]]] = defaultdict(list)
        for _position, (bucket, failure) in sorted(self.failures.items()):
            causes[failure.kind.value, failure.code, failure.advice].append((bucket, failure))
        told = [_tell_cause(group) for group in causes.values()]
        return f"{len(self.failures)} of {matched} buckets failed. {' '.join(told)}"


def _tell_cause(group: list[tuple[str, Failure]]) -> str:
    told = group[0][1].sentence()
    names = [bucket for bucket, _failure in group]
    if len(names) == 1:
        return told if names[0] in told else f"{names[0]}: {told}"
    return f"{', '.join(names)}; of the first: {told}"


def _tell_group(change: Change, names: dict[int, str]) -> str:
    before, after = (_tell_rule(rule) for rule in change)
    listed = "".join(f"    {names[position]}\n" for position in sorted(names))
    return f"{_count(len(names))}:\n  - {before}\n  + {after}\n{listed}"


def _tell_rule(rule: BucketDefault) -> str:
    key = f", key {rule.kms_key}" if rule.kms_key else ""
    blocked = f", blocked: {', '.join(rule.blocked) or 'none'}" if rule.blocked is not None else ""
    return f"{rule.encryption or 'none'}{key}, bucket key {'on' if rule.bucket_key_enabled else 'off'}{blocked}"


def _count(number: int) -> str:
    return "1 bucket" if number == 1 else f"{number:,} buckets"
