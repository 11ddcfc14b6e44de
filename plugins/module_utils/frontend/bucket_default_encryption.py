# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The modules bucket_default_encryption and bucket_default_encryption_info."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ..aws.kms import Kms
from ..aws.s3 import S3
from ..engine.bucket_default import BucketDefaultResource
from ..engine.fleet import each
from ..engine.keys import KeyResolver
from ..engine.reconcile import reconcile
from ..model.bucket_default import BucketDefault, DesiredBucketDefault
from ..model.diff import difference
from ..model.errors import Failure, invalid
from ..model.key_ref import KeyRef
from ..model.kinds.registry import BY_NAME, require_options_taken
from ..model.outcome import Outcome
from .arguments import ArgumentSpec, bucket_encryption_arguments, workers
from .present import Shown, show_bucket_default
from .run import Answer, Run, error_details, run

# More names than these are counted, not listed, in a failure's message; failed_buckets has them all.
_NAMES_IN_MESSAGE = 20


def main() -> None:
    """Run bucket_default_encryption."""
    run(
        {
            **_selection_arguments(),
            **bucket_encryption_arguments(),
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "minimum": {"type": "bool", "default": False},
            "on_error": {"type": "str", "choices": ["continue", "stop"], "default": "continue"},
            "results": {"type": "str", "choices": ["changed", "all", "none"], "default": "changed"},
        },
        _hold,
    )


def main_info() -> None:
    """Run bucket_default_encryption_info."""
    run(_selection_arguments(), _look)


def _selection_arguments() -> ArgumentSpec:
    return {
        "buckets": {"type": "list", "elements": "str", "required": True, "aliases": ["bucket", "name"]},
        "concurrency": {"type": "int", "default": 32},
    }


@dataclass
class _Tally:
    """What became of the fleet, with only what the answer lists kept."""

    keep_unchanged: bool
    keep_changed: bool
    began: float = field(default_factory=time.monotonic)
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("changed", "unchanged", "failed"), 0))
    listed: dict[int, Shown] = field(default_factory=dict)
    before: dict[int, tuple[str, Shown | None, Shown | None]] = field(default_factory=dict)
    failures: dict[int, tuple[str, Failure]] = field(default_factory=dict)
    wrote: bool = False

    def add(self, position: int, bucket: str, region: str, outcome: Outcome[BucketDefault]) -> None:
        """Count one bucket's outcome."""
        self.wrote |= outcome.changed
        if outcome.failure:
            self.counts["failed"] += 1
            self.failures[position] = (bucket, outcome.failure)
        else:
            self.counts["changed" if outcome.changed else "unchanged"] += 1
        shown_before, shown_after = show_bucket_default(outcome.before), show_bucket_default(outcome.after)
        if outcome.changed and outcome.planned:
            self.before[position] = (bucket, shown_before, show_bucket_default(outcome.planned))
        if outcome.failure or (self.keep_changed if outcome.changed else self.keep_unchanged):
            self.listed[position] = {
                "name": bucket,
                "region": region or None,
                "changed": outcome.changed,
                "before": shown_before,
                "after": shown_after,
                "error": error_details(outcome.failure) if outcome.failure else None,
            }

    def answer(self, matched: int, api_calls: int) -> Answer:
        """The module's answer, in the order in which the buckets were named."""
        done = sum(self.counts.values())
        answer: Answer = {
            "changed": self.wrote,
            "buckets": [self.listed[position] for position in sorted(self.listed)],
            "failed_buckets": [self.failures[position][0] for position in sorted(self.failures)],
            "summary": {
                "matched": matched,
                **self.counts,
                "skipped": matched - done,
                "api_calls": api_calls,
                "seconds": round(time.monotonic() - self.began, 3),
            },
        }
        if self.failures:
            answer |= {"failed": True, "msg": self._message(matched)}
        return answer

    def diff(self) -> dict[str, Any]:
        """Before and after of every changed bucket."""
        ordered = [self.before[position] for position in sorted(self.before)]
        return difference(
            {bucket: before for bucket, before, _after in ordered},
            {bucket: after for bucket, _before, after in ordered},
        )

    def _message(self, matched: int) -> str:
        """Every failed bucket with its cause, equal causes together."""
        causes: dict[tuple[str, str, str], list[tuple[str, Failure]]] = defaultdict(list)
        for _position, (bucket, failure) in sorted(self.failures.items()):
            causes[failure.kind.value, failure.code, failure.advice].append((bucket, failure))
        told = [_tell_cause(group) for group in causes.values()]
        return f"{len(self.failures)} of {matched} buckets failed. {' '.join(told)}"


def _tell_cause(group: list[tuple[str, Failure]]) -> str:
    names = [bucket for bucket, _failure in group]
    first = group[0][1]
    if len(group) == 1:
        told = first.sentence()
        return told if names[0] in told else f"{names[0]}: {told}"
    listed = ", ".join(names[:_NAMES_IN_MESSAGE])
    more = f" and {len(names) - _NAMES_IN_MESSAGE} more" if len(names) > _NAMES_IN_MESSAGE else ""
    return f"{listed}{more}, of which the first: {first.sentence()}"


def _hold(task: Run) -> Answer:
    desired, kms_key = _parse(task.params)
    buckets = _buckets(task.params)
    tally = _Tally(task.params["results"] == "all", task.params["results"] != "none")
    s3, keys = S3(task.clients), KeyResolver(Kms(task.clients))

    def work(bucket: str) -> tuple[str, Outcome[BucketDefault]]:
        resource = BucketDefaultResource(bucket, desired, kms_key, s3, keys)
        outcome = reconcile(resource, check_mode=task.check_mode)
        return resource.region, outcome

    stop = task.params["on_error"] == "stop"
    for position, bucket, (region, outcome) in each(
        buckets,
        work,
        concurrency=workers(task.params),
        stop_after=lambda result: stop and result[1].failure is not None,
    ):
        tally.add(position, bucket, region, outcome)
    return {
        **tally.answer(len(buckets), task.clients.calls.requests),
        "diff": tally.diff(),
        "warnings": keys.warnings,
    }


def _look(task: Run) -> Answer:
    buckets = _buckets(task.params)
    tally = _Tally(keep_unchanged=True, keep_changed=True)
    s3, keys = S3(task.clients), KeyResolver(Kms(task.clients))

    def work(bucket: str) -> tuple[str, Outcome[BucketDefault]]:
        # With nothing asked for, a plan is the look alone.
        resource = BucketDefaultResource(bucket, DesiredBucketDefault(), None, s3, keys)
        outcome = reconcile(resource, check_mode=True)
        return resource.region, outcome

    for position, bucket, (region, outcome) in each(buckets, work, concurrency=workers(task.params)):
        tally.add(position, bucket, region, outcome)
    answer = tally.answer(len(buckets), task.clients.calls.requests)
    answer["buckets"] = [_as_found(bucket) for bucket in answer["buckets"]]
    for count in ("changed", "unchanged", "skipped"):
        del answer["summary"][count]
    return answer


def _as_found(listed: Shown) -> Shown:
    found = listed["after"] or dict.fromkeys(
        ("encryption", "kms_key", "bucket_key_enabled", "blocked_encryption_types")
    )
    return {"name": listed["name"], "region": listed["region"], **found, "error": listed["error"]}


def _parse(params: dict[str, Any]) -> tuple[DesiredBucketDefault, KeyRef | None]:
    """What the options ask for; raises Refused where they contradict each other."""
    named = {name for name in bucket_encryption_arguments() if params[name] is not None}
    if params["state"] == "absent":
        if named or params["minimum"]:
            extra = ", ".join(sorted({*named, *({"minimum"} if params["minimum"] else set())}))
            raise invalid(f"state: absent gives S3's own default back, so {extra} has no effect.", "Leave it out.")
        return DesiredBucketDefault(absent=True), None
    kind = BY_NAME[params["encryption"]] if params["encryption"] else None
    if kind:
        options = named & {"kms_key"} | ({"bucket_key_enabled"} if params["bucket_key_enabled"] else set())
        require_options_taken(kind, frozenset(options))
    if not named:
        raise invalid(
            "Nothing is asked of the buckets.",
            "Name at least one of encryption, kms_key, bucket_key_enabled and blocked_encryption_types, "
            "or look with bucket_default_encryption_info.",
        )
    if params["minimum"] and kind is None and params["kms_key"]:
        raise invalid("minimum needs encryption: a key alone is no floor.", "Set encryption: SSE-KMS or DSSE-KMS too.")
    blocked = params["blocked_encryption_types"]
    return (
        DesiredBucketDefault(
            kind=kind,
            bucket_key_enabled=params["bucket_key_enabled"],
            blocked=None if blocked is None else tuple(sorted(set(blocked))),
            minimum=params["minimum"],
        ),
        KeyRef.parse(params["kms_key"]) if params["kms_key"] else None,
    )


def _buckets(params: dict[str, Any]) -> list[str]:
    """The named buckets, each once, in their order; raises Refused for what is no bucket's name."""
    return list(dict.fromkeys(_checked(params["buckets"])))


def _checked(names: list[str]) -> Iterator[str]:
    for name in names:
        if not name or any(character in name for character in "/?# ") or name.startswith("arn:"):
            raise invalid(f"{name!r} is not the name of a bucket.", "Give plain names, such as amzn-s3-demo-bucket.")
        yield name
