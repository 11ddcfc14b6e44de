# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

"""The modules bucket_default_encryption and bucket_default_encryption_info."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ...aws.buckets.bucket_list import BucketList
from ...aws.buckets.s3_buckets import S3Buckets
from ...aws.keys.kms import Kms
from ...aws.session import SDK_VERSION
from ...engine.buckets.bucket_default import BucketDefaultResource
from ...engine.buckets.selection import select_buckets
from ...engine.clock import SYSTEM_CLOCK, Clock
from ...engine.fleet.circuit_breaker import RegionCircuitBreaker
from ...engine.fleet.worker_pool import map_unordered
from ...engine.keys.key_resolver import KeyResolver
from ...engine.reconcile import reconcile
from ...model.buckets.bucket_default import BucketDefault, DesiredBucketDefault
from ...model.buckets.compliance import KMS_KEY_CONTROL, findings
from ...model.buckets.selection import Bucket, Selection
from ...model.errors import Failure, FailureKind, OperationError, invalid_input
from ...model.finding import Finding
from ...model.keys.key_ref import KeyRef
from ...model.kinds.registry import BUCKET_DEFAULT_KINDS, find_kind, kinds_with_option, require_options_taken
from ...model.outcome import Outcome
from ...model.tags import freeze_tags
from ..arguments import ArgumentSpec, bucket_encryption_arguments, require_no_empty_text, workers
from ..failure import error_details
from ..progress import Progress
from ..result import Result
from ..run import SMALL_CALLS, ModuleContext, internal_error, run_module
from .fleet_report import FleetReport
from .serialize import bucket_default_to_dict

Done = tuple[Bucket, Outcome[BucketDefault]]


def main(clock: Clock = SYSTEM_CLOCK) -> None:
    """Run bucket_default_encryption."""
    run_module(
        {
            **_selection_arguments(),
            **bucket_encryption_arguments(),
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "minimum": {"type": "bool", "default": False},
            "on_error": {"type": "str", "choices": ["continue", "stop"], "default": "continue"},
            "results": {"type": "str", "choices": ["changed", "all", "none"], "default": "changed"},
        },
        _hold,
        clock=clock,
        timeouts=SMALL_CALLS,
        **_ONE_SELECTION,
    )


def main_info(clock: Clock = SYSTEM_CLOCK) -> None:
    """Run bucket_default_encryption_info."""
    run_module(
        {**_selection_arguments(), "expected": _expected_argument()},
        _look,
        clock=clock,
        timeouts=SMALL_CALLS,
        **_ONE_SELECTION,
    )


_ONE_SELECTION: dict[str, Any] = {
    "mutually_exclusive": [("buckets", "select")],
    "required_one_of": [("buckets", "select")],
}


def _selection_arguments() -> ArgumentSpec:
    patterns = {"type": "list", "elements": "str"}
    return {
        "buckets": {"type": "list", "elements": "str", "aliases": ["bucket", "name"]},
        "select": {
            "type": "dict",
            "options": {
                "names": {**patterns, "default": ["*"]},
                "exclude": {**patterns, "default": []},
                "regions": {**patterns, "default": []},
                "tags": {"type": "dict", "default": {}},
            },
        },
        "concurrency": {"type": "int", "default": 32},
        "progress": {"type": "bool", "default": True},
    }


def _expected_argument() -> dict[str, Any]:
    return {
        "type": "dict",
        "options": {**bucket_encryption_arguments(), "minimum": {"type": "bool", "default": False}},
    }


@dataclass
class _Buckets:
    """The buckets of a task, as they come in: those named, each once, or those that the selection matches."""

    task: ModuleContext
    matched: int = 0
    complete: bool = False
    failure: Failure | None = None
    warnings: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[Bucket]:
        try:
            for bucket in self._named_or_selected():
                self.matched += 1
                yield bucket
            self.complete = True
        except OperationError as error:  # what was done to buckets before is still told
            self.failure = error.failure

    def _named_or_selected(self) -> Iterator[Bucket]:
        names, chosen = self.task.params["buckets"], self.task.params["select"]
        if names is None and chosen is None:
            raise invalid_input("No buckets are named.", "Give buckets, or select.")
        if names is not None:
            return (Bucket(name) for name in dict.fromkeys(_checked(names)))
        selection = Selection(
            names=tuple(chosen["names"]),
            exclude=tuple(chosen["exclude"]),
            regions=tuple(dict.fromkeys(chosen["regions"])),
            tags=freeze_tags(chosen["tags"]),
        )
        self._require_known(selection.regions)
        return select_buckets(selection, BucketList(self.task.clients))

    def _require_known(self, regions: tuple[str, ...]) -> None:
        """Raise OperationError for a region that AWS does not have. What regions another store has is not known: a
        warning."""
        unknown = self.task.clients.unknown_regions(regions)
        if not unknown:
            return
        told = f"select.regions: the SDK's data of AWS partitions does not know {', '.join(unknown)}"
        if not self.task.clients.custom_endpoint("s3"):
            raise invalid_input(
                f"{told} (boto3 {SDK_VERSION}).",
                "Check the name. For a region that is newer than that, install a newer boto3 on the host that runs the "
                "task.",
            )
        self.warnings.append(f"{told}. That is right only where the store has a region of that name.")


def _checked(names: list[str]) -> list[str]:
    """The names; raises OperationError for one that is no bucket's."""
    for name in names:
        if not name or any(character in name for character in "/?# ") or name.startswith("arn:"):
            raise invalid_input(
                f"{name!r} is not the name of a bucket.", "Give plain names, such as amzn-s3-demo-bucket."
            )
    return names


def _hold(task: ModuleContext) -> Result:
    desired, kms_key = _parse(task.params)
    report = FleetReport(keep_unchanged=task.params["results"] == "all", keep_changed=task.params["results"] != "none")
    stop = task.params["on_error"] == "stop"
    make, keys = _resources(task, desired, kms_key)

    def work(bucket: Bucket) -> Done:
        resource = make(bucket)
        if bucket.failure:
            return bucket, Outcome(failure=bucket.failure)
        try:
            outcome = reconcile(resource, check_mode=task.check_mode)
        except Exception as error:  # a defect of ours costs one bucket, too
            outcome = Outcome(failure=Failure(FailureKind.FAILED, internal_error(error)))
        return Bucket(bucket.name, resource.region), outcome

    buckets, coming = _begin(task)
    progress = Progress()
    for position, _bucket, (found, outcome) in map_unordered(
        coming,
        work,
        concurrency=workers(task.params),
        stop_after=lambda done: stop and done[1].failure is not None,
        lane_of=lambda bucket: bucket.region,
    ):
        report.add(position, found, outcome)
        report.tell(progress, buckets.matched, buckets.complete)
    return _answer(task, buckets, coming, report, keys)


def _look(task: ModuleContext) -> Result:
    expected = task.params["expected"]
    if expected is not None and not any(expected.get(name) is not None for name in bucket_encryption_arguments()):
        raise invalid_input(
            "expected names nothing to hold the buckets against.",
            "Name at least one of encryption, kms_key, bucket_key_enabled and blocked_encryption_types in it, or leave "
            "it out to look only.",
        )
    desired, kms_key = _parse({**expected, "state": "present"}) if expected else (DesiredBucketDefault(), None)
    report = FleetReport(keep_unchanged=True)
    make, keys = _resources(task, desired, kms_key)

    def work(bucket: Bucket) -> tuple[Bucket, Outcome[BucketDefault], tuple[Finding, ...]]:
        resource = make(bucket)
        found: tuple[Finding, ...] = ()
        if bucket.failure:
            return bucket, Outcome(failure=bucket.failure), found
        try:
            plan = resource.compare()
            outcome = Outcome(before=plan.before, planned=plan.after)
            found = findings(plan.before, plan.after) if plan.before and plan.after else ()
        except OperationError as error:
            if resource.actual and error.failure.kind is FailureKind.INVALID:
                # What is expected means nothing for this bucket, such as a key for SSE-S3: that is what it lacks.
                outcome, found = Outcome(before=resource.actual), (Finding(error.failure.message, KMS_KEY_CONTROL),)
            else:
                outcome = Outcome(failure=error.failure)
        except Exception as error:  # a defect of ours costs one bucket, too
            outcome = Outcome(failure=Failure(FailureKind.FAILED, internal_error(error)))
        return Bucket(bucket.name, resource.region), outcome, found

    buckets, coming = _begin(task)
    progress = Progress()
    shown: dict[int, Result] = {}
    for position, _bucket, (bucket, outcome, found) in map_unordered(
        coming, work, concurrency=workers(task.params), lane_of=lambda bucket: bucket.region
    ):
        report.add(position, bucket, outcome)
        report.tell(progress, buckets.matched, buckets.complete)
        shown[position] = _as_found(bucket, outcome, found if expected is not None else None)
    answer = _answer(task, buckets, coming, report, keys)
    answer["buckets"] = [shown[position] for position in sorted(shown)]
    for moot in ("changed", "unchanged", "skipped"):
        del answer["summary"][moot]
    del answer["diff"]
    if expected is not None:
        answer["compliant"] = all(bucket["compliant"] for bucket in answer["buckets"])
    return answer


def _as_found(bucket: Bucket, outcome: Outcome[BucketDefault], found: tuple[Finding, ...] | None) -> Result:
    rule = bucket_default_to_dict(outcome.before or BucketDefault(None)) or {}
    if outcome.before is None:
        rule = dict.fromkeys(rule)
    shown = {"name": bucket.name, "region": bucket.region or None, **rule}
    if found is not None:
        shown["compliant"] = outcome.failure is None and not found
        shown["findings"] = [{"message": finding.message, "control": finding.control} for finding in found]
    return {**shown, "error": error_details(outcome.failure) if outcome.failure else None}


def _resources(
    task: ModuleContext, desired: DesiredBucketDefault, kms_key: KeyRef | None
) -> tuple[Callable[[Bucket], BucketDefaultResource], KeyResolver]:
    s3, keys, regions = S3Buckets(task.clients), KeyResolver(Kms(task.clients)), RegionCircuitBreaker()

    def make(bucket: Bucket) -> BucketDefaultResource:
        return BucketDefaultResource(bucket.name, desired, kms_key, s3, keys, regions, bucket.region)

    return make, keys


def _begin(task: ModuleContext) -> tuple[_Buckets, Iterator[Bucket]]:
    buckets = _Buckets(task)
    return buckets, iter(buckets)


def _answer(
    task: ModuleContext, buckets: _Buckets, coming: Iterator[Bucket], report: FleetReport, keys: KeyResolver
) -> Result:
    for _unseen in coming:  # a run that stops at an error says how many it left alone
        pass
    answer = report.answer(buckets.matched, task.clients.calls.requests)
    answer["warnings"] += [*buckets.warnings, *keys.warnings]
    if buckets.failure:
        told = f"{buckets.failure.sentence()} {answer.get('msg', '')}".strip()
        return {**answer, "failed": True, "msg": told, "error": error_details(buckets.failure)}
    if not buckets.matched:
        answer["warnings"].append("No bucket matches: nothing was looked at.")
    return answer


def _parse(params: dict[str, Any]) -> tuple[DesiredBucketDefault, KeyRef | None]:
    """What the options ask for; raises OperationError where they contradict each other."""
    require_no_empty_text(params, ("kms_key",))
    named = {name for name in bucket_encryption_arguments() if params[name] is not None}
    if params["state"] == "absent":
        if named or params["minimum"]:
            extra = ", ".join(sorted({*named, *({"minimum"} if params["minimum"] else set())}))
            raise invalid_input(
                f"state: absent gives S3's own default back, so {extra} has no effect.", "Leave it out."
            )
        return DesiredBucketDefault(absent=True), None
    kind = find_kind(params["encryption"]) if params["encryption"] else None
    if kind:
        options = named & {"kms_key"} | ({"bucket_key_enabled"} if params["bucket_key_enabled"] else set())
        require_options_taken(kind, options)
    if not named:
        raise invalid_input(
            "Nothing is asked of the buckets.",
            "Name at least one of encryption, kms_key, bucket_key_enabled and blocked_encryption_types, "
            "or look with bucket_default_encryption_info.",
        )
    if params["minimum"] and kind is None and params["kms_key"]:
        kinds = " or ".join(kinds_with_option("kms_key", BUCKET_DEFAULT_KINDS))
        raise invalid_input("minimum needs encryption: a key alone is no floor.", f"Set encryption: {kinds} too.")
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
